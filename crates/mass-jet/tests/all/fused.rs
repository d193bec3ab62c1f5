//! The fused jet against the composed one, its specification: values and every gradient.

use burn::tensor::{Tensor, TensorData};
use mass_jet::{
    Activation, DeviceKind, InputFeatures, Jet, Precision, ScalarNet, ScalarNetConfig, has_kernels,
    scalar_jet, scalar_jet_composed,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().try_into_vec_as::<f64>().unwrap()
}

type Compute = fn(&ScalarNet, Tensor<3>) -> Result<Jet, mass_jet::Error>;

/// Inputs of a case, in f64.
#[derive(Debug, Clone)]
struct Case {
    config: ScalarNetConfig,
    members: usize,
    batch: usize,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let sizes = (1usize..4, 1usize..5, 1usize..24, 1usize..5, 1usize..140);
    (sizes, 0usize..3, any::<bool>(), 0u64..1000).prop_map(
        |((dof, hidden_layers, width, members, batch), activation, plain, seed)| Case {
            config: ScalarNetConfig {
                dof,
                hidden_layers,
                width,
                activation: Activation::ALL[activation],
                input: if plain {
                    InputFeatures::Plain
                } else {
                    InputFeatures::Augmented
                },
            },
            members,
            batch,
            seed,
        },
    )
}

/// S, its gradient and Hessian, and the gradient of a smooth scalar of them by every parameter (the
/// output bias too) and by what the states are made of, with Burn's own operations before and after.
fn outputs(case: &Case, compute: Compute, precision: Precision) -> Vec<Vec<f64>> {
    let device = DeviceKind::Flex.open().unwrap();
    assert!(has_kernels(&device) && has_kernels(&device.clone().autodiff()));
    let mut streams: Vec<_> = (0..case.members as u64)
        .map(|member| ChaCha8Rng::seed_from_u64(case.seed + member))
        .collect();
    let net = case
        .config
        .init(&mut streams, &device, Precision::F64)
        .unwrap();
    let (members, batch, n) = (case.members, case.batch, 2 * case.config.dof);
    let mut stream = ChaCha8Rng::seed_from_u64(case.seed + 5000);
    let states: Vec<f64> = (0..members * batch * n)
        .map(|_| stream.random_range(-1.5..1.5))
        .collect();
    let options = (&device, precision.dtype());
    let mut leaves: Vec<Tensor<3>> = net
        .tensors()
        .into_iter()
        .map(|tensor| tensor.mul_scalar(1.5))
        .chain([Tensor::from_data(
            TensorData::new(states, [members, batch, n]),
            (&device, Precision::F64.dtype()),
        )])
        .map(|tensor| {
            let data = TensorData::new(host(tensor.clone()), tensor.dims());
            Tensor::from_inner(Tensor::from_data(data, options)).require_grad()
        })
        .collect();
    let states = leaves.pop().unwrap();
    // Operations before: a module's parameters are leaves, but states may come out of others.
    let net = ScalarNet::from_tensors(case.config.clone(), leaves.clone()).unwrap();
    let jet = compute(&net, states.clone().mul_scalar(1.1)).unwrap();
    // And after: a sum of sines, so that no cotangent is like another.
    let weighted = |tensor: Tensor<2>| {
        let [rows, columns] = tensor.dims();
        let phases: Vec<f64> = (0..rows * columns)
            .map(|i| (0.7 * i as f64).sin())
            .collect();
        let phases = Tensor::<2>::from_data(
            TensorData::new(phases, [rows, columns]),
            (&tensor.device(), precision.dtype()),
        );
        (tensor + phases).sin().sum()
    };
    let scalar = weighted(jet.value())
        + weighted(jet.gradient().reshape([members, batch * n]))
        + weighted(jet.hessian().reshape([members, batch * n * n]));
    let gradients = scalar.backward();
    let mut found = vec![host(jet.value()), host(jet.gradient()), host(jet.hessian())];
    let row = net.parameters.val().grad(&gradients);
    let parts = ScalarNet::parts(&case.config, row.expect("every parameter has a part")).unwrap();
    found.extend(parts.into_iter().map(host));
    for leaf in [net.output_bias.val(), states] {
        found.push(host(leaf.grad(&gradients).expect("every input has a part")));
    }
    found
}

/// The largest difference of two lists of tensors, each relative to the tensor's largest entry, or to a tenth
/// of the largest of all: in a network of width 1 a gradient is one sum over the batch, which may cancel to a
/// small part of what was added up.
fn distance(found: &[Vec<f64>], expected: &[Vec<f64>]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = expected
        .iter()
        .flatten()
        .fold(0.0_f64, |m, v| m.max(v.abs()));
    let of = |(found, expected): (&Vec<f64>, &Vec<f64>)| {
        let floor = 1e-2_f64.max(0.1 * largest);
        let scale = expected.iter().fold(floor, |m, v| m.max(v.abs()));
        let worst = found
            .iter()
            .zip(expected)
            .fold(0.0_f64, |m, (f, e)| m.max((f - e).abs()));
        worst / scale
    };
    found.iter().zip(expected).map(of).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fused_is_composed(case in cases()) {
        let exact = outputs(&case, scalar_jet_composed, Precision::F64);
        let fused = outputs(&case, scalar_jet, Precision::F64);
        prop_assert!(distance(&fused, &exact) < 1e-12, "{:e}", distance(&fused, &exact));
        // In f32 a sum of parts that cancel loses digits in either form: no more than a few times what
        // the composed form loses.
        let single = distance(&outputs(&case, scalar_jet, Precision::F32), &exact);
        let composed = distance(&outputs(&case, scalar_jet_composed, Precision::F32), &exact);
        prop_assert!(single < 1e-5 + 4.0 * composed, "{single:e}, composed {composed:e}");
    }
}

#[test]
fn the_released_network_at_its_batch() {
    for dof in [1, 2, 6] {
        let case = Case {
            config: ScalarNetConfig::new(dof),
            members: 2,
            batch: 512,
            seed: 7,
        };
        let exact = outputs(&case, scalar_jet_composed, Precision::F64);
        let fused = outputs(&case, scalar_jet, Precision::F64);
        assert!(distance(&fused, &exact) < 1e-12);
        let single = outputs(&case, scalar_jet, Precision::F32);
        assert!(distance(&single, &exact) < 1e-5);
    }
}

/// A network whose number differs gives NaN for its own jets alone.
#[test]
fn a_network_that_is_not_finite_leaves_the_others_alone() {
    let device = DeviceKind::Flex.open().unwrap();
    let mut streams: Vec<_> = (0..3).map(ChaCha8Rng::seed_from_u64).collect();
    let config = ScalarNetConfig::new(1);
    let net = config.init(&mut streams, &device, Precision::F32).unwrap();
    let states = Tensor::<3>::from_data(
        TensorData::new(vec![0.3_f32; 3 * 20 * 2], [3, 20, 2]),
        &device,
    );
    let sound = host(scalar_jet(&net, states.clone()).unwrap().hessian());
    let mut tensors = net.tensors();
    let broken = tensors[2].clone().narrow(0, 1, 1).mul_scalar(f32::NAN);
    tensors[2] = tensors[2]
        .clone()
        .slice_assign([1..2, 0..20, 0..20], broken);
    let net = ScalarNet::from_tensors(config, tensors).unwrap();
    let found = host(scalar_jet(&net, states).unwrap().hessian());
    let third = found.len() / 3;
    assert!(found[third..2 * third].iter().all(|v| v.is_nan()));
    assert_eq!(found[..third], sound[..third]);
    assert_eq!(found[2 * third..], sound[2 * third..]);
}

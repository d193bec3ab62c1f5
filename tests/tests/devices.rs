//! One suite on every compiled device: the same numbers as flex, to f32 rounding (f64 where the
//! device has it).
//!
//! The reference is composed of Burn's own operations in f64, so that kernels are compared with something
//! that is not theirs where flex alone is compiled, as by default. CI runs the suite with
//! `--features ndarray,wgpu`, wgpu on Mesa's software Vulkan.

use burn::tensor::{Device, Tensor, TensorData};
use mass_core::{MassModel, Recipe, SystemShape, Trainer, TrainingSystem};
use mass_jet::{
    Activation, DeviceKind, InputFeatures, Precision, ScalarNet, ScalarNetConfig, scalar_jet,
    scalar_jet_composed,
};
use mass_systems::{Purpose, lookup, sample, stream};
use mass_terms::{Derivatives, term_sum_composed};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Devices and precisions that this build can compute in.
fn compiled() -> Vec<(DeviceKind, Precision)> {
    DeviceKind::compiled()
        .into_iter()
        .flat_map(|kind| [(kind, Precision::F32), (kind, Precision::F64)])
        .filter(|(kind, precision)| kind.supports(*precision))
        .collect()
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// ‖found − expected‖ / ‖expected‖ over a list of tensors' values.
fn distance(found: &[Vec<f64>], expected: &[Vec<f64>]) -> f64 {
    let (mut difference, mut norm) = (0.0, 0.0);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len());
        for (f, e) in found.iter().zip(expected) {
            difference += (f - e).powi(2);
            norm += e.powi(2);
        }
    }
    (difference / norm).sqrt()
}

/// How the two operations are computed.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// As the device has them, by kernels or not.
    OfDevice,
    /// Composed of Burn's operations.
    Composed,
}

/// Compares `compute` on every device with Burn's own operations in f64.
fn agree(
    what: &str,
    tolerance_f32: f64,
    compute: impl Fn(Form, &Device, Precision) -> Vec<Vec<f64>>,
) {
    let flex = DeviceKind::Flex.open().unwrap();
    let reference = compute(Form::Composed, &flex, Precision::F64);
    for (kind, precision) in compiled() {
        let device = kind.open().unwrap_or_else(|error| panic!("{error}"));
        let found = compute(Form::OfDevice, &device, precision);
        let distance = distance(&found, &reference);
        let tolerance = if precision == Precision::F64 {
            1e-12
        } else {
            tolerance_f32
        };
        println!("{what} on {kind} in {precision:?}: relative distance {distance:.1e}");
        assert!(
            distance <= tolerance,
            "{what} on {kind} in {precision:?}: {distance:e} > {tolerance:e}"
        );
    }
}

/// Value, gradient, Hessian, and the gradient of a scalar of them in every parameter.
fn jet_and_reverse(
    form: Form,
    config: &ScalarNetConfig,
    device: &Device,
    precision: Precision,
) -> Vec<Vec<f64>> {
    let device = device.clone().autodiff();
    let mut streams = [0, 1, 2].map(ChaCha8Rng::seed_from_u64);
    let net = config.init(&mut streams, &device, precision).unwrap();
    let n = 2 * config.dof;
    let values: Vec<f64> = (0..3 * 33 * n)
        .map(|i| (0.37 * i as f64).sin() * 1.2)
        .collect();
    let states = Tensor::<3>::from_data(
        TensorData::new(values, [3, 33, n]),
        (&device, precision.dtype()),
    );
    let jet = match form {
        Form::OfDevice => scalar_jet(&net, states),
        Form::Composed => scalar_jet_composed(&net, states),
    }
    .unwrap();
    let scalar =
        jet.value().square().sum() + jet.gradient().square().sum() + jet.hessian().square().sum();
    let gradients = scalar.backward();
    let mut outputs = vec![host(jet.value()), host(jet.gradient()), host(jet.hessian())];
    let row = net.parameters.val().grad(&gradients).unwrap();
    let parts = ScalarNet::parts(config, row).unwrap();
    outputs.extend(parts.into_iter().map(host));
    outputs.push(host(net.output_bias.val().grad(&gradients).unwrap()));
    outputs
}

#[test]
fn derivatives_of_the_network() {
    for dof in [1, 2, 3] {
        for activation in Activation::ALL {
            let config = ScalarNetConfig {
                dof,
                hidden_layers: 3,
                width: 12,
                activation,
                input: InputFeatures::Augmented,
            };
            agree(
                &format!("jet, d = {dof}, {activation}"),
                1e-5,
                |form, device, precision| jet_and_reverse(form, &config, device, precision),
            );
        }
    }
}

/// Predictions, Σ|a| and their gradient in every parameter, on one system.
fn prediction_and_reverse(
    form: Form,
    id: &str,
    device: &Device,
    precision: Precision,
) -> Vec<Vec<f64>> {
    let mut recipe = Recipe::reference();
    recipe.precision = precision;
    let system = lookup(id).unwrap();
    let shape = SystemShape {
        id: id.to_string(),
        dof: system.dof(),
    };
    let device = device.clone().autodiff();
    let seeds = [0, 1];
    let model = MassModel::init(&recipe, std::slice::from_ref(&shape), &seeds, &device).unwrap();
    // A shift far from every pole: near one, f32 says little.
    let mut tensors = model.tensors();
    let shift = tensors.len() - 2;
    tensors[shift] = tensors[shift].zeros_like().add_scalar(2.0);
    let tensors = tensors
        .into_iter()
        .map(|tensor| Tensor::from_inner(tensor.inner()).require_grad());
    let model = MassModel::from_tensors(&recipe, &[shape], tensors.collect()).unwrap();
    let n = 2 * system.dof();
    let mut values = Vec::new();
    for seed in seeds {
        let data = sample(
            system.as_ref(),
            64,
            &mut stream(seed, Purpose::TrainData, id),
        )
        .unwrap();
        values.extend(data.iter().flat_map(|state| [state.x, state.y].concat()));
    }
    let states = Tensor::<3>::from_data(
        TensorData::new(values, [2, 64, n]),
        (&device, precision.dtype()),
    );
    let output = match form {
        Form::OfDevice => model.output(0, states).unwrap().sum,
        Form::Composed => {
            let net = model.nets[0].mlp().expect("the reference recipe's network");
            let jet = scalar_jet_composed(net, states.clone()).unwrap();
            let derivatives = Derivatives::from_jet(&states, &jet).unwrap();
            let (terms, w) = (model.terms(), model.final_weights());
            term_sum_composed(&terms.library, &terms.mask, &derivatives, model.shift(0), w).unwrap()
        }
    };
    let scalar = output.prediction.clone().square().sum() + output.activation_l1.clone().sum();
    let mut gradients = scalar.backward();
    let mut outputs = vec![host(output.prediction), host(output.activation_l1)];
    // Of every parameter but the output bias, which has none.
    let of_parameters = model.gradients(&mut gradients).into_iter();
    outputs.extend(of_parameters.map(|(_, gradient)| host(gradient)));
    outputs
}

#[test]
fn predictions_of_a_scientist() {
    for id in ["pendulum", "double_pendulum"] {
        agree(
            &format!("prediction, {id}"),
            1e-4,
            |form, device, precision| prediction_and_reverse(form, id, device, precision),
        );
    }
}

#[test]
fn twenty_training_steps() {
    let train = |device: DeviceKind, precision: Precision| -> Vec<Vec<f64>> {
        let mut recipe = Recipe::reference().with_steps(10);
        recipe.precision = precision;
        recipe.data.train_states = 400;
        recipe.data.test_states = 50;
        recipe.data.batch = 128;
        recipe.evaluation.every = 20;
        let systems = vec![TrainingSystem::named("classical").unwrap()];
        let outcome = Trainer::new(recipe, systems, [0, 1])
            .device(device)
            .run()
            .unwrap();
        outcome
            .raw
            .tensors()
            .into_iter()
            .chain(outcome.average.tensors())
            .map(host)
            .collect()
    };
    let reference = train(DeviceKind::Flex, Precision::F64);
    // A training has one form, the device's: flex in f64 is the reference, and not compared with itself.
    let others = compiled().into_iter();
    for (kind, precision) in others.filter(|one| *one != (DeviceKind::Flex, Precision::F64)) {
        let distance = distance(&train(kind, precision), &reference);
        println!("20 steps on {kind} in {precision:?}: relative distance {distance:.1e}");
        assert!(distance < 1e-4, "{kind} in {precision:?}: {distance:e}");
    }
}

#[test]
fn wgpu_refuses_f64() {
    let mut recipe = Recipe::reference();
    recipe.precision = Precision::F64;
    let systems = vec![TrainingSystem::named("classical").unwrap()];
    let error = Trainer::new(recipe, systems, [0])
        .device(DeviceKind::Wgpu)
        .run()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "device wgpu cannot compute in f64: use f32 there, or the flex device for f64"
    );
}

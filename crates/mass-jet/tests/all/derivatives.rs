//! The jet against independent routes, in f64: the same network in hyper-dual numbers
//! (`num-dual`), and central finite differences of every output and every parameter.

use burn::tensor::{Device, Tensor, TensorData};
use mass_jet::{
    Activation, DeviceKind, Error, InputFeatures, Jet, Precision, ScalarNet, ScalarNetConfig,
    scalar_jet,
};
use num_dual::{DualNum, HyperDual64};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn device() -> Device {
    DeviceKind::Flex.open().unwrap()
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().try_into_vec_as::<f64>().unwrap()
}

/// A network with weights large enough that its Hessian is not nearly zero.
fn net(config: &ScalarNetConfig, members: u64, device: &Device) -> ScalarNet {
    let mut streams: Vec<_> = (0..members).map(ChaCha8Rng::seed_from_u64).collect();
    let net = config.init(&mut streams, device, Precision::F64).unwrap();
    let scaled = net
        .tensors()
        .into_iter()
        .map(|tensor| tensor.mul_scalar(1.5))
        .collect();
    ScalarNet::from_tensors(config.clone(), scaled).unwrap()
}

fn states(members: usize, batch: usize, n: usize, seed: u64) -> Vec<f64> {
    let mut stream = ChaCha8Rng::seed_from_u64(1000 + seed);
    (0..members * batch * n)
        .map(|_| stream.random_range(-1.5..1.5))
        .collect()
}

fn tensor(values: &[f64], shape: [usize; 3], device: &Device) -> Tensor<3> {
    let data = TensorData::new(values.to_vec(), shape);
    Tensor::from_data(data, (device, Precision::F64.dtype()))
}

/// Normal distribution function in dual numbers, from its value and derivatives at the real part:
/// num-dual has no erf. Φ(u + ε) = Φ + φ ε − u φ ε²/2, exact for second-order numbers.
fn distribution(u: HyperDual64) -> HyperDual64 {
    let density = (-0.5 * u.re * u.re).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let value = 0.5 * libm_erfc(-u.re / std::f64::consts::SQRT_2);
    let eps = u - u.re;
    eps * density - eps * eps * (0.5 * u.re * density) + value
}

/// erfc by its continued fraction and series (Abramowitz & Stegun 7.1.5 and 7.1.14), to 1e-15.
fn libm_erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - libm_erfc(-x);
    }
    if x < 2.5 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        return 1.0 - 2.0 / std::f64::consts::PI.sqrt() * sum;
    }
    let mut tail = 0.0;
    for k in (1..200).rev() {
        tail = f64::from(k) / 2.0 / (x + tail);
    }
    (-x * x).exp() / std::f64::consts::PI.sqrt() / (x + tail)
}

/// The network of one member in hyper-dual numbers, written out from the definition.
fn dual_network(
    config: &ScalarNetConfig,
    parameters: &[Vec<f64>],
    state: &[HyperDual64],
) -> HyperDual64 {
    let d = config.dof;
    let mut signal = state.to_vec();
    if config.input == InputFeatures::Augmented {
        signal.extend(state.iter().map(|s| s * s));
        signal.extend((0..d).map(|k| state[k] * state[d + k]));
    }
    let shapes = config.layer_shapes();
    for (layer, [out, fan_in]) in shapes.iter().enumerate() {
        let (weight, bias) = (&parameters[2 * layer], &parameters[2 * layer + 1]);
        let last = layer + 1 == shapes.len();
        signal = (0..*out)
            .map(|row| {
                let mut u = HyperDual64::from_re(bias[row]);
                for column in 0..*fan_in {
                    u += signal[column] * weight[row * fan_in + column];
                }
                match config.activation {
                    _ if last => u,
                    Activation::Gelu => u * distribution(u),
                    Activation::Tanh => u.tanh(),
                    Activation::Softplus => u.exp().ln_1p(),
                }
            })
            .collect();
    }
    signal[0]
}

fn configs() -> Vec<ScalarNetConfig> {
    let mut configs = Vec::new();
    for dof in [1, 2, 3] {
        for activation in Activation::ALL {
            for input in [InputFeatures::Augmented, InputFeatures::Plain] {
                configs.push(ScalarNetConfig {
                    dof,
                    hidden_layers: 3,
                    width: 7,
                    activation,
                    input,
                });
            }
        }
    }
    configs.push(ScalarNetConfig::new(1));
    configs.push(ScalarNetConfig {
        hidden_layers: 1,
        ..ScalarNetConfig::new(2)
    });
    configs
}

#[test]
fn jet_is_the_networks_in_hyper_dual_numbers() {
    let device = device();
    for config in configs() {
        let (members, batch, n) = (2, 3, 2 * config.dof);
        let net = net(&config, members as u64, &device);
        let values = states(members, batch, n, 0);
        let jet = scalar_jet(&net, tensor(&values, [members, batch, n], &device)).unwrap();
        let (s, gradient, hessian) = (host(jet.value()), host(jet.gradient()), host(jet.hessian()));
        for (cell, state) in values.chunks(n).enumerate() {
            let member = cell / batch;
            let parameters: Vec<Vec<f64>> = net
                .tensors()
                .into_iter()
                .map(|tensor| host(tensor.narrow(0, member, 1)))
                .collect();
            for a in 0..n {
                for b in 0..n {
                    let mut dual: Vec<_> = state.iter().map(|s| HyperDual64::from_re(*s)).collect();
                    dual[a].eps1 = 1.0;
                    dual[b].eps2 = 1.0;
                    let exact = dual_network(&config, &parameters, &dual);
                    let close = |found: f64, exact: f64, what: &str| {
                        let error = (found - exact).abs() / (1.0 + exact.abs());
                        assert!(error < 1e-12, "{config:?} {what}: {found} against {exact}");
                    };
                    close(s[cell], exact.re, "value");
                    close(gradient[cell * n + a], exact.eps1, "gradient");
                    close(hessian[(cell * n + a) * n + b], exact.eps1eps2, "hessian");
                }
            }
        }
    }
}

/// A smooth scalar of every output, weighted so that no cancellation hides an error.
fn scalar(jet: Jet) -> Tensor<1> {
    let weighted = |values: Tensor<2>, phase: f64| {
        let count = values.dims()[0] * values.dims()[1];
        let weights: Vec<f64> = (0..count).map(|i| (0.7 * i as f64 + phase).sin()).collect();
        let weights = Tensor::<2>::from_data(
            TensorData::new(weights, values.dims()),
            (&values.device(), Precision::F64.dtype()),
        );
        (values.clone() * weights + values.square().mul_scalar(0.3)).sum()
    };
    let [members, batch] = jet.value().dims();
    let n = jet.gradient().dims()[2];
    weighted(jet.value(), 0.1)
        + weighted(jet.gradient().reshape([members, batch * n]), 0.4)
        + weighted(jet.hessian().reshape([members, batch * n * n]), 0.9)
}

#[test]
fn reverse_pass_is_the_finite_difference_of_every_parameter_and_state() {
    let plain = device();
    let tracked = plain.clone().autodiff();
    for config in configs() {
        let (members, batch, n) = (2, 2, 2 * config.dof);
        let net = net(&config, members as u64, &plain);
        let values = states(members, batch, n, 1);
        let shape = [members, batch, n];
        // The inputs of the scalar: parameters, then states.
        let mut inputs: Vec<Tensor<3>> = net.tensors();
        inputs.push(tensor(&values, shape, &plain));
        let evaluate = |inputs: &[Tensor<3>]| {
            let (states, parameters) = inputs.split_last().unwrap();
            let net = ScalarNet::from_tensors(config.clone(), parameters.to_vec()).unwrap();
            (scalar(scalar_jet(&net, states.clone()).unwrap()), net)
        };
        let leaves: Vec<Tensor<3>> = inputs
            .iter()
            .map(|tensor| Tensor::from_inner(tensor.clone()).require_grad())
            .collect();
        assert!(leaves[0].device().is_autodiff() && tracked.is_autodiff());
        let (value, net) = evaluate(&leaves);
        let gradients = value.backward();
        let row = net.parameters.val().grad(&gradients).unwrap();
        let mut found = ScalarNet::parts(&config, row).unwrap();
        found.push(net.output_bias.val().grad(&gradients).unwrap());
        found.push(leaves.last().unwrap().grad(&gradients).unwrap());

        for (index, gradient) in found.into_iter().enumerate() {
            let gradient = host(gradient);
            let base = host(inputs[index].clone());
            let scale = gradient.iter().fold(0.0f64, |max, g| max.max(g.abs()));
            for entry in 0..base.len() {
                let shifted = |by: f64| {
                    let mut values = base.clone();
                    values[entry] += by;
                    let mut inputs = inputs.clone();
                    inputs[index] = tensor(&values, inputs[index].dims(), &plain);
                    host(evaluate(&inputs).0)[0]
                };
                // Fourth-order central difference.
                let h = 1e-3;
                let slope = (8.0 * (shifted(h) - shifted(-h))
                    - (shifted(2.0 * h) - shifted(-2.0 * h)))
                    / (12.0 * h);
                let error =
                    (gradient[entry] - slope).abs() / (gradient[entry].abs() + 1e-3 * scale + 1e-6);
                assert!(
                    error < 1e-6,
                    "{config:?} input {index}[{entry}]: {} against {slope}",
                    gradient[entry]
                );
            }
        }
    }
}

#[test]
fn shapes_that_do_not_fit_say_what_would() {
    let device = device();
    let net = net(&ScalarNetConfig::new(1), 2, &device);
    let error = scalar_jet(&net, tensor(&[0.0; 9], [1, 3, 3], &device)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "states has shape [1, 3, 3], but [2, B, 2] with B at least 1 is needed"
    );
    let single = Tensor::<3>::zeros([2, 3, 2], &device);
    assert_eq!(
        scalar_jet(&net, single).unwrap_err().to_string(),
        "states are F32, but the network is F64: give both the same precision"
    );
    let config = ScalarNetConfig {
        width: 0,
        ..ScalarNetConfig::new(1)
    };
    let error = config
        .init(&mut [ChaCha8Rng::seed_from_u64(0)], &device, Precision::F32)
        .unwrap_err();
    assert!(
        matches!(error, Error::Config { key: "width", .. }),
        "{error}"
    );
    let mut tensors = net.tensors();
    tensors.swap(0, 1);
    let error = ScalarNet::from_tensors(ScalarNetConfig::new(1), tensors)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("layer.0.weight has shape [2, 20, 1], but [2, 20, 5]"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A member's jet is the same bits alone and in an ensemble, in f32.
    #[test]
    fn a_member_does_not_depend_on_the_others(
        dof in 1usize..4,
        hidden_layers in 1usize..5,
        width in 1usize..24,
        batch in 1usize..70,
        members in 2usize..6,
        seed in 0u64..1000,
    ) {
        let device = device();
        let config = ScalarNetConfig { hidden_layers, width, ..ScalarNetConfig::new(dof) };
        let streams = |from: u64, to: u64| -> Vec<_> {
            (from..to).map(|member| ChaCha8Rng::seed_from_u64(seed + member)).collect()
        };
        let mut all = streams(0, members as u64);
        let together = config.init(&mut all, &device, Precision::F32).unwrap();
        let last = members as u64 - 1;
        let mut one = streams(last, last + 1);
        let alone = config.init(&mut one, &device, Precision::F32).unwrap();

        let values = states(members, batch, 2 * dof, seed);
        let shape = [members, batch, 2 * dof];
        let states = Tensor::<3>::from_data(TensorData::new(values, shape), &device);
        let own = states.clone().narrow(0, members - 1, 1);
        let together = scalar_jet(&together, states).unwrap();
        let alone = scalar_jet(&alone, own).unwrap();
        let member = |tensor: Tensor<4>| host(tensor.narrow(0, members - 1, 1));
        prop_assert_eq!(member(together.hessian()), host(alone.hessian()));
    }
}

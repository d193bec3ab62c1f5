//! Fits a scalar whose Hessian, not whose value, is known: S_yy = 1 and S_xx = −cos x, the
//! pendulum's Lagrangian up to what its second derivatives cannot see.
//!
//! `cargo run --example curvature`

use std::process::ExitCode;

use burn::{
    optim::{AdamWConfig, Optimizer},
    tensor::Tensor,
};
use mass_jet::{DeviceKind, Error, Precision, ScalarNet, ScalarNetConfig, scalar_jet};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn main() -> ExitCode {
    let outcome = run();
    if let Err(error) = &outcome {
        eprintln!("error: {error}");
    }
    ExitCode::from(u8::from(outcome.is_err()))
}

fn run() -> Result<(), Error> {
    let device = DeviceKind::Flex.open()?.autodiff();
    let config = ScalarNetConfig::new(1);
    let mut stream = ChaCha8Rng::seed_from_u64(0);
    let net = config.init(std::slice::from_mut(&mut stream), &device, Precision::F32)?;
    let (mut parameters, bias) = (net.parameters.val(), net.output_bias.val());
    let adamw = AdamWConfig::new()
        .with_epsilon(1e-8)
        .with_weight_decay(0.0)
        .build();
    let mut moments = None;

    for step in 0..=500 {
        let net = ScalarNet::from_row(config.clone(), parameters.clone(), bias.clone())?;
        let values: Vec<f32> = (0..256).map(|_| stream.random_range(-3.0..3.0)).collect();
        let states = Tensor::<1>::from_floats(values.as_slice(), &device).reshape([1, 128, 2]);
        let hessian = scalar_jet(&net, states.clone())?
            .hessian()
            .reshape([128, 4]);
        let x: Tensor<2> = states.narrow(2, 0, 1).reshape([128, 1]);
        let zero = x.zeros_like();
        let wanted = Tensor::cat(vec![-x.cos(), zero.clone(), zero.clone(), zero + 1.0], 1);
        let loss = (hessian - wanted).square().mean();
        if step % 100 == 0 {
            println!(
                "step {step:3}: mean squared error of the Hessian {:.2e}",
                loss.clone().into_scalar::<f32>()
            );
        }
        let mut gradients = loss.backward();
        // The output bias has no influence on any derivative of S, hence no gradient.
        let row = net.parameters.val();
        let gradient = row.grad_remove(&mut gradients).expect("a leaf of the loss");
        let (updated, next) = adamw.step(3e-3, row.inner(), gradient, moments.take());
        (parameters, moments) = (Tensor::from_inner(updated), next);
    }
    Ok(())
}

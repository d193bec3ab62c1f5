//! How well the classical Runge–Kutta method keeps the energy of each system of Table 1 and of the
//! paper's higher-dimensional runs, at the paper's step of 0.05.
//!
//! `cargo run --example energy_drift`

use std::process::ExitCode;

use mass_systems::{Error, lookup, rk4};

fn main() -> ExitCode {
    let outcome = run();
    if let Err(error) = &outcome {
        eprintln!("error: {error}");
    }
    ExitCode::from(u8::from(outcome.is_err()))
}

fn run() -> Result<(), Error> {
    println!("{:<20} {:>7} {:>12}", "system", "steps", "drift");
    for (id, x0, y0, steps) in [
        ("classical", vec![1.0], vec![0.0], 100),
        ("pendulum", vec![1.0], vec![0.0], 100),
        ("kepler", vec![1.0], vec![1.0], 20),
        ("relativistic", vec![0.8], vec![0.0], 100),
        ("alpha", vec![0.8], vec![0.0], 100),
        ("beta", vec![0.8], vec![0.0], 100),
        ("double_pendulum", vec![1.0, 0.5], vec![0.0, 0.0], 100),
    ] {
        report(id, &x0, &y0, steps)?;
    }
    for id in ["spherical_pendulum", "two_body", "three_body"] {
        if let Some((x0, y0)) = lookup(id)?.paper_run().and_then(|run| run.start) {
            report(id, &x0, &y0, 100)?;
        }
    }
    Ok(())
}

fn report(id: &str, x0: &[f64], y0: &[f64], steps: usize) -> Result<(), Error> {
    let system = lookup(id)?;
    let path = rk4(
        |x, y, out| system.acceleration(x, y, out),
        x0,
        y0,
        0.05,
        steps,
    )?
    .complete()?;
    let drift = path.energy_drift(&*system).unwrap_or_default();
    let largest = drift.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    println!("{id:<20} {steps:>7} {largest:>12.2e}");
    Ok(())
}

//! Trains one scientist on the harmonic oscillator for a few hundred steps and prints its error.
//!
//! `cargo run --example train`

use std::process::ExitCode;

use mass_core::{Error, ProgressLine, Recipe, Trainer, TrainingSystem};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Error> {
    let systems = vec![TrainingSystem::named("classical")?];
    let steps = std::env::args()
        .nth(1)
        .and_then(|steps| steps.parse().ok())
        .unwrap_or(400);
    let scientists = std::env::args()
        .nth(2)
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    let outcome = Trainer::new(
        Recipe::reference().with_steps(steps),
        systems,
        0..scientists,
    )
    .observe(ProgressLine::new("classical"))
    .run()?;
    for row in outcome
        .metrics
        .rows
        .iter()
        .filter(|row| row.step == outcome.completed)
    {
        println!("seed {}: test RMSE {:.2e}", row.seed, row.average.rmse());
    }
    Ok(())
}

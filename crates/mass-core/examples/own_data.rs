//! Trains four scientists on your own data: a CSV or Parquet file with columns x, y = ẋ and ẏ (`ydot`).
//!
//! `cargo run --example own_data -- states.csv [STEPS]`

use std::process::ExitCode;

use anyhow::{Context, Result};
use mass_core::{ProgressLine, Recipe, Trainer, TrainingSystem, systems::Dataset};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // The message alone, whatever the environment asks of backtraces.
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: own_data FILE.csv [STEPS]";
    let path = arguments.next().context(usage)?;
    let steps = arguments.next().map_or(Ok(2000), |steps| steps.parse());

    let data = Dataset::read(&path)?;
    // Four fifths to train on, the rest to test on, drawn by the stream of seed 0.
    let measured = TrainingSystem::measured("my data", &data, 0.8, 0)?;
    let mut recipe = Recipe::reference().with_steps(steps.context(usage)?);
    recipe.data.batch = recipe.data.batch.min(data.len() / 2);

    let outcome = Trainer::new(recipe, vec![measured], 0..4)
        .observe(ProgressLine::new("my data"))
        .run()?;
    for row in outcome
        .metrics
        .rows
        .iter()
        .filter(|row| row.step == outcome.completed)
    {
        println!(
            "scientist {}: test RMSE {:.1e}",
            row.seed,
            row.average.rmse()
        );
    }
    Ok(())
}

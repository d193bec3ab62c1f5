//! Trains 32 scientists on your own states, in CSV or Parquet with columns x, y = ẋ and ẏ (`ydot`),
//! and says which theories they found: `cargo run --example own_theory -- states.csv [STEPS [DIR]]`.
//! The training is kept in DIR (`runs/own_theory`) and goes on from there; other data need another.
//! On one system alone scientists agree by the choice of one factor, so that its families are coarse
//! (see `Agreement`).
use std::process::ExitCode;

use anyhow::{Context, Result};
use mass_core::{ProgressLine, Recipe, Trainer, TrainingSystem};
use mass_interp::{Agreements, Counting, Families, Scientist, Verdict};
use mass_systems::Dataset;
use mass_terms::Notation::Unicode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // The message alone, whatever the environment asks of backtraces.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: own_theory FILE [STEPS [DIR]]";
    let data = Dataset::read(arguments.next().context(usage)?)?;
    let steps = arguments.next().map_or(Ok(10_000), |steps| steps.parse());
    let folder = arguments.next().unwrap_or("runs/own_theory".into());
    // Half of the states to train on, the others to test on.
    let systems = || TrainingSystem::measured("my data", &data, 0.5, 0).map(|one| vec![one]);
    let seeds: Vec<u64> = (0..32).collect();
    let mut recipe = Recipe::reference().with_steps(steps.context(usage)?);
    recipe.data.batch = recipe.data.batch.min(data.len() / 2);
    let trainer = Trainer::new(recipe.clone(), systems()?, seeds.clone()).directory(folder);
    let outcome = trainer.observe(ProgressLine::new("my data")).run()?;

    let all = Scientist::all_of(&outcome.average, &seeds, recipe, systems()?.into())?;
    let agreement = Agreements::between(&all, 512, 0)?.together;
    for family in Families::of(&agreement, 0.9)?.families {
        let (one, count) = (&all[family.medoid], family.members.len());
        let reading = one.read(0, &one.evaluation_states(0, 512, 0)?)?.finite()?;
        let (seed, rmse) = (one.seed(), reading.rmse());
        let merged = reading
            .activations()
            .grouped(&one.grouping(Counting::Merged))?;
        let (terms, names) = (merged.significant(0.95)?.indices, merged.names(Unicode));
        let largest: Vec<_> = terms.iter().take(5).map(|term| &*names[*term]).collect();
        println!("{count} of 32 like seed {seed}, which has a test RMSE of {rmse:.1e}:");
        println!("  {}", Verdict::of(&[reading])?);
        println!("  {} terms, first {}", terms.len(), largest.join(", "));
    }
    Ok(())
}

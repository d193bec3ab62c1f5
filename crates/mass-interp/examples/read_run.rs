//! Reads a run and prints what its first scientist has learned: significant terms by name, clusters of
//! correlated activations, and how its trajectory compares with the truth.
//!
//! `cargo run --example read_run -- RUN-DIRECTORY`; without a directory a scientist is
//! trained on the harmonic oscillator for 300 steps.

use std::process::ExitCode;

use anyhow::Result;
use mass_core::{ErrorKind, Recipe, Run, Trainer, TrainingSystem, WeightsKind};
use mass_interp::{
    CorrelationMap, Counting, Distance, EVALUATION_STATES, History, RolloutPlan, Scientist,
};
use mass_jet::DeviceKind;
use mass_terms::Notation;

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
    let folder = tempfile::tempdir()?;
    let run = match std::env::args().nth(1) {
        Some(path) => Run::open(path)?,
        None => {
            let systems = vec![TrainingSystem::named("classical")?];
            let trainer = Trainer::new(Recipe::reference().with_steps(300), systems, [0]);
            trainer.directory(folder.path()).run()?;
            Run::open(folder.path())?
        }
    };
    let seed = run.record().seeds[0];
    let scientist = Scientist::load(&run, seed, WeightsKind::Average, &DeviceKind::Flex.open()?)?;

    let by = scientist.weight_significance(Counting::Listed);
    let history = History::of(&run.metrics()?, seed, &by)?;
    println!(
        "seed {seed}: test RMSE {:.2e}",
        history.final_error(ErrorKind::Rmse)
    );
    let merged = scientist.weight_significance(Counting::Merged);
    println!(
        "{} significant weights, {} with equal functions merged",
        by.of(&scientist.weights())?.count(),
        merged.of(&scientist.weights())?.count()
    );

    for (place, system) in scientist.systems().iter().enumerate() {
        let id = system.shape().id;
        let states = scientist.evaluation_states(place, EVALUATION_STATES, 0)?;
        let activations = scientist.activations(place, &states)?.finite()?;
        let map = CorrelationMap::of(&activations, 0.99, Distance::Absolute)?;
        let names = activations.names(Notation::Unicode);
        let clusters = map.clustering.cut(0.1);
        println!(
            "\n{id}: b = {:.1e}, significant terms by cluster:",
            scientist.shift(place)?
        );
        let places: Vec<usize> = map.clustering.leaf_order();
        for i in places {
            let term = map.significant.indices[i];
            let share = 100.0 * map.significant.sizes[i] / map.significant.total;
            println!("  {:>2}  {:<22} {share:5.1} %", clusters[i], names[term]);
        }
        if let Some(known) = system.system() {
            let state = states.state(0);
            let plan = RolloutPlan::new(state.x, state.y, 0.05, 200);
            match scientist.rollout(place, &plan) {
                Ok(rollout) => println!(
                    "  {} steps from x = {:.2?}, y = {:.2?}: max |x − x_true| {:.2e}, {:?}",
                    rollout.learned.len() - 1,
                    state.x,
                    state.y,
                    rollout.max_position_error(),
                    rollout.learned.end()
                ),
                Err(error) => println!("  no true trajectory of {}: {error}", known.id()),
            }
        }
    }
    Ok(())
}

//! `cargo xtask bench`: whole training steps beside PyTorch and JAX, and cost against size.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use mass_benches::{
    operations::scaling,
    peers::{self, case, device, worker},
};
use mass_core::Recipe;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// One training step of the recipe `reference` three ways, interleaved, after a check that all
    /// three compute the same loss and gradient: PyTorch, JAX, and ours; on one core and on all.
    Peers(peers::Arguments),
    /// Cost of the two fused operations against E, d, B, H and L, and against the core's peak.
    Scaling(scaling::Arguments),
    /// One training step on a GPU, by the composed operations, beside JAX on the same.
    Device(device::Arguments),
    /// Write weights, states and batches of a recipe for `benches/peers`.
    Case {
        /// A recipe's name or file.
        recipe: String,
        /// Systems, comma-separated.
        systems: String,
        /// The file to write, `.safetensors`.
        path: PathBuf,
    },
    /// Our side of `peers`: trains when told to on the standard input.
    #[command(hide = true)]
    Worker(worker::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.task {
        Task::Peers(arguments) => peers::run(arguments),
        Task::Scaling(arguments) => scaling::run(arguments),
        Task::Device(arguments) => device::run(arguments),
        Task::Worker(arguments) => worker::run(arguments),
        Task::Case {
            recipe,
            systems,
            path,
        } => {
            let recipe = Recipe::load(recipe)?;
            let systems: Vec<String> = systems.split(',').map(str::to_string).collect();
            let contents = case::Contents {
                steps: recipe.schedule.phase_steps(),
                recipe: &recipe,
                systems: &systems,
                seeds: None,
            };
            case::write(&contents, path)
        }
    }
}

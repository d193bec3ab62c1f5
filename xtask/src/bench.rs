//! `cargo xtask bench`: whole training steps beside PyTorch and JAX, and cost against size.

use anyhow::Result;
use clap::Subcommand;
use mass_benches::{
    operations::scaling,
    peers::{self, case, device, worker},
};

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
    Case(case::Arguments),
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
        Task::Case(arguments) => case::run(arguments),
    }
}

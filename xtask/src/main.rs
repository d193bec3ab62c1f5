//! The workspace's own tasks: `cargo xtask reproduce fig3`, `cargo xtask ci`.

mod bench;
mod ci;
mod fidelity;
mod reproduce;
mod training;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

// Burn's flex device allocates for every operation; glibc's malloc would return large buffers to
// the kernel each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tasks of the MASS workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Train what a figure or table of Fu et al. 2025, or of Wu & Tegmark 2018 (`physicist-...`), needs, then
    /// write its data, draw it, and set the paper's numbers beside ours.
    Reproduce(reproduce::Arguments),
    /// Write the tables of docs/fidelity.md from what `reproduce` made.
    Fidelity(fidelity::Arguments),
    /// Measure speed: whole training steps beside PyTorch and JAX, cost against size.
    Bench(bench::Arguments),
    /// Everything that gates a change, cheapest first; what CI runs.
    Ci(ci::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Reproduce(arguments) => reproduce::run(&arguments),
        Task::Fidelity(arguments) => fidelity::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Ci(arguments) => ci::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if training::was_interrupted(&error) => {
            eprintln!("{error}");
            ExitCode::from(130) // as a shell reports Ctrl-C
        }
        Err(error) => {
            eprintln!("error: {}", mass_suggest::with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

//! `mass`: from measurements of something that moved to its law; AI scientists by the thousand.

mod course;
mod export;
mod flow;
mod learn;
mod learned;
mod moments;
mod origin;
mod page;
mod percent;
mod population;
mod predict;
mod reach;
mod reading;
mod recipe;
mod report;
mod scientists;
mod stretch;
mod summaries;
mod sweep;
mod systems;
mod together;
mod units;
mod versioned;
mod worlds;
mod write;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use mass_core::Error;

// Burn's flex device allocates for every operation; glibc's malloc would return large buffers to
// the kernel each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXIT_CODES: &str = "\
Exit codes: 0 all went well (of `learn` and `worlds`: a law was found); 1 a file, or what is in it, does not do (the message says \
what, where, and what would); 2 the command line makes no sense; 3 `learn` or `worlds` found no law, or one that is known roughly only, and printed what it did find; \
130 stopped by Ctrl-C, what was done is kept.";

/// `learn` or `worlds` found no law, or one that is known roughly only.
const NO_LAW: u8 = 3;

/// From measurements of something that moved to its law of motion.
#[derive(Parser)]
#[command(name = "mass", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Find the law of measured motions: a formula, a Lagrangian, friction, what is conserved.
    Learn(Box<learn::Arguments>),
    /// Cut a trajectory into regimes: the law of each, with exact constants, and the borders between them.
    Worlds(worlds::Arguments),
    /// Print again what `learn` found, and write its page, `report.html`, anew.
    Report(report::Arguments),
    /// Follow the motion that `learn` found from a state, as CSV.
    Predict(predict::Arguments),
    /// Print the law that `learn` found as text, LaTeX, Rust or NumPy.
    Export(export::Arguments),
    /// Train many scientists in parts, each a run directory, or this machine's share of them.
    Sweep(sweep::Arguments),
    /// Put complete runs of different seeds together into one.
    Merge(sweep::MergeArguments),
    /// Say what became of many scientists: who fails, who revives, who is always correct, and what sets them apart.
    Population(population::Arguments),
    /// Print a recipe as TOML, to change and give to `--recipe FILE.toml`.
    Recipe(recipe::Arguments),
    /// The systems whose laws are built in.
    Systems(systems::Arguments),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let found = |law: anyhow::Result<bool>| law.map(|found| if found { 0 } else { NO_LAW });
    let outcome = match Cli::parse().task {
        Task::Learn(arguments) => match found(learn::run(&arguments)) {
            Ok(code) => return ExitCode::from(code),
            Err(error) => Err(error),
        },
        Task::Worlds(arguments) => match found(worlds::run(&arguments)) {
            Ok(code) => return ExitCode::from(code),
            Err(error) => Err(error),
        },
        Task::Report(arguments) => report::run(&arguments),
        Task::Predict(arguments) => predict::run(&arguments),
        Task::Export(arguments) => export::run(&arguments),
        Task::Sweep(arguments) => sweep::run(&arguments),
        Task::Merge(arguments) => sweep::merge(&arguments),
        Task::Population(arguments) => population::run(&arguments),
        Task::Recipe(arguments) => recipe::run(&arguments),
        Task::Systems(arguments) => systems::run(&arguments),
        Task::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "mass", &mut std::io::stdout());
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if matches!(error.downcast_ref(), Some(Error::Interrupted(_))) => {
            eprintln!("{error}");
            ExitCode::from(130) // as a shell reports Ctrl-C
        }
        Err(error) => {
            eprintln!("error: {}", mass_suggest::with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

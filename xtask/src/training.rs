//! Trainings that figures share: trained once, kept in a run directory, gone on with if stopped.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use anyhow::{Context, Result};
use mass_core::{ProgressLine, Recipe, Run, Trainer, TrainingSystem};
use mass_jet::DeviceKind;

/// A training to have.
pub(crate) struct Request {
    pub(crate) recipe: Recipe,
    pub(crate) systems: Vec<String>,
    pub(crate) seeds: Vec<u64>,
    pub(crate) device: DeviceKind,
    /// Folder of all outputs; trainings lie in its `training/`.
    pub(crate) out: PathBuf,
}

/// Ctrl-C was pressed; what was done is kept.
#[derive(Debug)]
pub(crate) struct Interrupted {
    completed: u64,
    total: u64,
    directory: PathBuf,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "stopped after step {} of {}; a checkpoint is in {}: run the same command again to go on",
            self.completed,
            self.total,
            self.directory.display()
        )
    }
}

impl std::error::Error for Interrupted {}

/// The run of a request: the finished one if it is there, else trained now.
pub(crate) fn obtain(request: &Request) -> Result<Run> {
    let directory = request.out.join("training").join(name(request));
    let label = format!("{} · {}", request.systems.join(", "), request.recipe.name);
    if Run::exists(&directory) {
        let run = Run::open(&directory)?;
        if run.is_complete()? && run.record().recipe == request.recipe {
            // Opened, but not trusted: a damaged checkpoint is an error now, not a wrong figure.
            run.model(mass_core::WeightsKind::Average, &request.device.open()?)?;
            eprintln!("{label}: trained already, in {}", directory.display());
            report_diverged(&run)?;
            return Ok(run);
        }
        if let Some(completed) = run.completed()? {
            eprintln!(
                "{label}: going on from step {completed}, in {}",
                directory.display()
            );
        }
    }
    let systems = request
        .systems
        .iter()
        .map(|id| Ok(TrainingSystem::Known(mass_systems::lookup(id)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut trainer = Trainer::new(
        request.recipe.clone(),
        systems,
        request.seeds.iter().copied(),
    )
    .device(request.device)
    .directory(&directory)
    .stop_on(stop_flag()?)
    .observe(ProgressLine::new(label.clone()));
    if let Some(revision) = git_revision() {
        trainer = trainer.revision(revision);
    }
    let start = Instant::now();
    let outcome = trainer.run()?;
    if outcome.interrupted {
        let (completed, total) = (outcome.completed, outcome.total);
        return Err(Interrupted {
            completed,
            total,
            directory,
        }
        .into());
    }
    eprintln!(
        "{label}: {} steps of {} scientist(s) in {:.0} s, in {}",
        outcome.total,
        request.seeds.len(),
        start.elapsed().as_secs_f64(),
        directory.display()
    );
    let run = Run::open(&directory)?;
    report_diverged(&run)?;
    Ok(run)
}

/// Says which scientists diverged, if any did.
fn report_diverged(run: &Run) -> Result<()> {
    let total = run.record().total_steps();
    let metrics = run.metrics()?;
    let mut last_seed = None;
    for row in metrics.rows.iter().filter(|row| row.step == total) {
        if let Some(step) = row.diverged
            && last_seed != Some(row.seed)
        {
            eprintln!(
                "seed {} diverged at step {step} and was frozen there",
                row.seed
            );
            last_seed = Some(row.seed);
        }
    }
    Ok(())
}

/// A folder name that says what is in it.
fn name(request: &Request) -> String {
    let seeds = match request.seeds.as_slice() {
        [seed] => format!("seed{seed}"),
        [first, .., last] => format!("seeds{first}-{last}"),
        [] => "no-seeds".to_string(),
    };
    let steps = request.recipe.schedule.phase_steps();
    let systems = request.systems.join("+");
    format!(
        "{}-{systems}-{seeds}-{steps}steps-{}",
        request.recipe.name, request.device
    )
}

/// Set by Ctrl-C or a termination signal; the second one ends the program at once.
fn stop_flag() -> Result<Arc<AtomicBool>> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(flag) = FLAG.get() {
        return Ok(flag.clone());
    }
    let flag = Arc::new(AtomicBool::new(false));
    let handler = flag.clone();
    ctrlc::set_handler(move || {
        if handler.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("\nstopping after a checkpoint; once more to stop at once");
    })
    .context("cannot listen to Ctrl-C")?;
    Ok(FLAG.get_or_init(|| flag).clone())
}

/// The revision of this checkout, with `-dirty` if it has changes; `None` outside git.
fn git_revision() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("git")
        .args([
            "describe",
            "--always",
            "--dirty",
            "--abbrev=40",
            "--exclude",
            "*",
        ])
        .current_dir(root)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}

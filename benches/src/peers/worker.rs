//! Our side of a comparison: a training that goes on when told to (`contender.rs` has the protocol).

use std::{
    io::{self, BufRead, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use anyhow::Result;
use mass_core::{Event, Observer, Recipe, Trainer};

use super::case;

/// Steps trained before the first measurement.
const WARM_UP: u64 = 40;

/// Options of the worker.
#[derive(clap::Args)]
pub struct Arguments {
    /// Scientists.
    #[arg(long)]
    seeds: u64,
    /// Threads.
    #[arg(long)]
    threads: usize,
    /// Scientists per block; as the trainer chooses without.
    #[arg(long)]
    block: Option<usize>,
    /// The system.
    #[arg(long, default_value = "classical")]
    system: String,
    /// Device.
    #[arg(long, default_value = "flex")]
    device: String,
}

/// The recipe `reference` without tests on the way, and with a decay that does not end.
pub(crate) fn recipe() -> Recipe {
    let mut recipe = Recipe::reference();
    recipe.schedule.warmup_steps = 100;
    recipe.schedule.decay_steps = 1_000_000;
    recipe.evaluation.every = 10_000_000;
    recipe
}

/// Trains as told on the standard input, until `quit`.
///
/// # Errors
///
/// Those of the training.
pub fn run(arguments: &Arguments) -> Result<()> {
    let mut recipe = recipe();
    recipe.data.test_states = 512; // tested once, after the first step
    let (systems, _) = case::systems(std::slice::from_ref(&arguments.system))?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut trainer = Trainer::new(recipe, systems, 0..arguments.seeds)
        .device(arguments.device.parse()?)
        .threads(arguments.threads)
        .stop_on(stop.clone())
        .observe(Commands {
            stop,
            seen: 0,
            until: WARM_UP,
            since: None,
        });
    if let Some(block) = arguments.block {
        trainer = trainer.block_size(block);
    }
    trainer.run()?;
    Ok(())
}

/// Lets the trainer go on for as many steps as asked for.
struct Commands {
    stop: Arc<AtomicBool>,
    seen: u64,
    until: u64,
    /// When the command came, after which step, and how many steps it asked for.
    since: Option<(Instant, u64, u64)>,
}

impl Commands {
    /// Answers the last command and waits for the next; false when there is none.
    fn next(&mut self) -> Result<bool, io::Error> {
        let mut out = io::stdout().lock();
        match self.since.take() {
            None => writeln!(out, "ready {{}}")?,
            Some((since, from, steps)) => {
                // The trainer looks up every twenty steps, so it may have gone a little too far.
                let each = since.elapsed().as_secs_f64() / (self.seen - from) as f64;
                writeln!(out, "{}", each * steps as f64)?;
            }
        }
        out.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        let Some(steps) = line.trim().strip_prefix("steps ") else {
            return Ok(false);
        };
        let Ok(steps) = steps.parse::<u64>() else {
            return Ok(false);
        };
        self.until = self.seen + steps;
        self.since = Some((Instant::now(), self.seen, steps));
        Ok(true)
    }
}

impl Observer for Commands {
    fn on_event(&mut self, event: &Event) {
        let Event::Advanced { completed, .. } = event else {
            return;
        };
        self.seen = *completed;
        if self.seen < self.until {
            return;
        }
        // A driver that went away ends the training, as `quit` does.
        if !self.next().unwrap_or(false) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

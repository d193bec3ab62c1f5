//! What a training tells the outside while it runs.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use mass_systems::{QuantileRule, quantile};

use crate::metrics::MetricsRow;

/// Something that happened in a training.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The training begins, or goes on from a checkpoint.
    Started {
        /// Number of scientists.
        scientists: usize,
        /// Steps already done.
        completed: u64,
        /// Steps in all.
        total: u64,
        /// Systems seen in each phase up to there: what a step costs goes with them.
        seen: Vec<usize>,
    },
    /// Every scientist has come to this step.
    Advanced {
        /// Steps done.
        completed: u64,
        /// Training losses of the last step, one per scientist.
        losses: Vec<f64>,
    },
    /// Every scientist was tested on every system it has seen.
    Evaluated {
        /// Steps done.
        completed: u64,
        /// One row per scientist and system.
        rows: Vec<MetricsRow>,
    },
    /// A scientist's loss or gradient was not finite; it keeps the parameters from before.
    Diverged {
        /// The scientist.
        seed: u64,
        /// The step at which it happened.
        step: u64,
    },
    /// A checkpoint was written.
    Checkpointed {
        /// The file.
        path: PathBuf,
    },
    /// A part of a sweep begins; the events of its training follow.
    PartStarted {
        /// Its run directory.
        path: PathBuf,
        /// Scientists of the whole sweep, or of the shard of it that is trained here.
        scientists: usize,
        /// How many of them are done.
        done: usize,
        /// Steps times systems times scientists done, in all parts, begun or not.
        work_done: u64,
        /// The same to be done in all, with what is done.
        work: u64,
    },
    /// All parts of a sweep are done, or it was asked to stop.
    SweepEnded {
        /// Scientists of the whole sweep, or of the shard of it that is trained here.
        scientists: usize,
        /// How many of them are done.
        done: usize,
        /// Whether it was asked to stop.
        interrupted: bool,
    },
    /// All steps are done, or the training was asked to stop.
    Ended {
        /// Steps done.
        completed: u64,
        /// Whether steps are left.
        interrupted: bool,
    },
}

/// Listens to a training.
pub trait Observer: Send {
    /// Called for each event, in order, from the thread that called the trainer.
    fn on_event(&mut self, event: &Event);
}

/// All of them, one after the other.
impl Observer for Vec<Box<dyn Observer>> {
    fn on_event(&mut self, event: &Event) {
        for observer in self {
            observer.on_event(event);
        }
    }
}

/// One observer for several trainings.
impl<O: Observer> Observer for Arc<Mutex<O>> {
    fn on_event(&mut self, event: &Event) {
        let mut observer = self.lock().unwrap_or_else(PoisonError::into_inner);
        observer.on_event(event);
    }
}

/// A progress bar on the terminal (standard error); silent where there is none.
///
/// It counts steps times systems times scientists, which is what they cost, so that the time left is
/// right although later phases are slower. Of a sweep it shows all scientists.
///
/// # Example
///
/// ```
/// use mass_core::{Event, Observer, ProgressLine};
///
/// let mut progress = ProgressLine::new("classical");
/// let (completed, total, seen) = (0, 100, vec![1]);
/// progress.on_event(&Event::Started { scientists: 1, completed, total, seen });
/// progress.on_event(&Event::Ended { completed: 100, interrupted: false });
/// ```
pub struct ProgressLine {
    label: String,
    bar: ProgressBar,
    work: Work,
    /// Scientists in training now.
    scientists: usize,
    /// Scientists of the sweep, and how many of them are done.
    sweep: Option<(usize, usize)>,
    /// Work done at the start of this part of a sweep, and in all.
    work_of_sweep: (u64, u64),
    /// Work done outside this training.
    before: u64,
    is_begun: bool,
    diverged: usize,
    test: String,
}

/// What is to be done, in steps times systems.
pub(crate) struct Work {
    /// Steps of a phase.
    phase: u64,
    /// Systems seen in each phase.
    seen: Vec<usize>,
}

impl Work {
    pub(crate) fn of(total: u64, seen: &[usize]) -> Self {
        Self {
            phase: total / seen.len().max(1) as u64,
            seen: seen.to_vec(),
        }
    }

    /// Done after this many steps.
    pub(crate) fn done(&self, completed: u64) -> u64 {
        let phases = self.seen.iter().enumerate();
        phases
            .map(|(phase, systems)| {
                let before = phase as u64 * self.phase;
                completed.saturating_sub(before).min(self.phase) * *systems as u64
            })
            .sum()
    }

    /// Phase, counted from 1, of the last of this many steps.
    fn phase_of(&self, completed: u64) -> u64 {
        completed.div_ceil(self.phase.max(1)).max(1)
    }
}

impl ProgressLine {
    /// A bar with a label, e.g. the system's name.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            bar: ProgressBar::hidden(),
            work: Work::of(0, &[]),
            scientists: 0,
            sweep: None,
            work_of_sweep: (0, 0),
            before: 0,
            is_begun: false,
            diverged: 0,
            test: String::new(),
        }
    }

    /// Goes to this step of the training that is on.
    fn set_position(&self, completed: u64) {
        let now = self.scientists as u64 * self.work.done(completed);
        self.bar.set_position(self.before + now);
    }

    /// A bar for so much work.
    fn begin(&mut self, length: u64) {
        self.bar = ProgressBar::new(length);
        let style = ProgressStyle::with_template("{prefix} {bar:30} {percent}% eta {eta}  {msg}");
        self.bar
            .set_style(style.expect("the template is a constant"));
    }

    fn show(&self, completed: u64, loss: Option<f64>) {
        let mut message = format!("step {completed}");
        if self.work.seen.len() > 1 {
            let (phase, phases) = (self.work.phase_of(completed), self.work.seen.len());
            message.push_str(&format!(", phase {phase} of {phases}"));
        }
        if let Some(loss) = loss {
            message.push_str(&format!("  loss {loss:.2e}"));
        }
        message.push_str(&self.test);
        if self.diverged > 0 {
            message.push_str(&format!("  {} diverged", self.diverged));
        }
        self.bar.set_message(message);
    }
}

impl Observer for ProgressLine {
    fn on_event(&mut self, event: &Event) {
        match event {
            Event::Started {
                scientists,
                completed,
                total,
                seen,
            } => {
                self.work = Work::of(*total, seen);
                self.scientists = *scientists;
                let (all, done) = self.sweep.unwrap_or((*scientists, 0));
                let [now, alone] =
                    [*completed, *total].map(|at| *scientists as u64 * self.work.done(at));
                // Steps behind any part count from the start: the time left goes by what is
                // done from now on.
                let (work_done, length) = match self.sweep {
                    Some(_) => self.work_of_sweep,
                    None => (now, alone),
                };
                self.before = work_done.saturating_sub(now);
                let first = !self.is_begun || self.sweep.is_none();
                if first {
                    self.begin(length);
                    self.is_begun = true;
                }
                let plural = if all == 1 { "scientist" } else { "scientists" };
                let of_sweep = match self.sweep {
                    Some(_) if all > *scientists => format!(", {done} done"),
                    _ => String::new(),
                };
                self.bar
                    .set_prefix(format!("{} ({all} {plural}{of_sweep})", self.label));
                self.set_position(*completed);
                if first {
                    self.bar.reset_eta();
                    self.bar.enable_steady_tick(Duration::from_millis(500));
                }
            }
            Event::Advanced { completed, losses } => {
                self.set_position(*completed);
                self.show(*completed, median(losses));
            }
            Event::Evaluated { rows, .. } => {
                let errors: Vec<f64> = rows.iter().map(|row| row.average.rmse()).collect();
                if let Some(error) = median(&errors) {
                    self.test = format!("  test RMSE {error:.2e}");
                }
            }
            Event::Diverged { .. } => self.diverged += 1,
            Event::PartStarted {
                scientists,
                done,
                work_done,
                work,
                ..
            } => {
                self.sweep = Some((*scientists, *done));
                self.work_of_sweep = (*work_done, *work);
            }
            Event::Ended { .. } if self.sweep.is_some() => {}
            Event::Ended { .. } | Event::SweepEnded { .. } => self.bar.finish_and_clear(),
            Event::Checkpointed { .. } => {}
        }
    }
}

/// The median of the finite values, if any.
fn median(values: &[f64]) -> Option<f64> {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let finite: Vec<f64> = finite.collect();
    (!finite.is_empty()).then(|| quantile(&finite, 0.5, QuantileRule::Nearest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_behind_a_part_are_there_from_the_start() {
        // Three parts of two scientists, two phases of 10 steps on one and two systems, so 60 each:
        // the first is done, of the second half a phase, of the third the first phase.
        let mut progress = ProgressLine::new("");
        let start = |progress: &mut ProgressLine, done, work_done, completed| {
            progress.on_event(&Event::PartStarted {
                path: PathBuf::new(),
                scientists: 6,
                done,
                work_done,
                work: 180,
            });
            progress.on_event(&Event::Started {
                scientists: 2,
                completed,
                total: 20,
                seen: vec![1, 2],
            });
            let bar = &progress.bar;
            (bar.position(), bar.length().unwrap())
        };
        let advance = |progress: &mut ProgressLine, completed| {
            let losses = Vec::new();
            progress.on_event(&Event::Advanced { completed, losses });
            progress.bar.position()
        };
        assert_eq!(start(&mut progress, 2, 60 + 10 + 20, 5), (90, 180));
        assert_eq!(advance(&mut progress, 15), 90 + 10 + 20);
        assert_eq!(advance(&mut progress, 20), 140);
        // No leap where the next one goes on.
        assert_eq!(start(&mut progress, 4, 140, 10), (140, 180));
        assert_eq!(advance(&mut progress, 20), 180);
    }

    #[test]
    fn a_step_counts_once_per_system() {
        let continued = Work::of(30, &[1, 2, 3]);
        let done = [0, 5, 10, 15, 20, 30].map(|completed| continued.done(completed));
        assert_eq!(done, [0, 5, 10, 20, 30, 60]);
        let phases = [0, 10, 11, 30].map(|completed| continued.phase_of(completed));
        assert_eq!(phases, [1, 1, 2, 3]);
        assert_eq!(Work::of(10, &[6]).done(7), 42);
    }
}

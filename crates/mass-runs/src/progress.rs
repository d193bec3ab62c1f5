//! A progress bar on the terminal.

#[cfg(test)]
use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use mass_systems::{QuantileRule, quantile};

use crate::{Event, Observer, observer::Work};

/// A progress bar on the terminal (standard error); silent where there is none.
///
/// It counts steps times tasks times scientists, which is what they cost, so that the time left is
/// right although later phases are slower. Of a sweep it shows all scientists.
///
/// # Example
///
/// ```
/// use mass_runs::{Event, Observer, ProgressLine};
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

impl ProgressLine {
    /// A bar with a label, e.g. the task's name.
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
            Event::Finishing { completed } => {
                let message = format!("step {completed}, quasi-Newton steps on all states");
                self.bar.set_message(message);
            }
            Event::Tested { tests, .. } => {
                let errors: Vec<f64> = tests.iter().map(|test| test.error).collect();
                if let Some(error) = median(&errors) {
                    self.test = format!("  test error {error:.2e}");
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

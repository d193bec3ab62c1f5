//! What a training tells the outside while it runs.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// The error of one scientist on one task.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Test {
    /// The scientist's seed.
    pub seed: u64,
    /// The task, a system or a world.
    pub task: String,
    /// Its error, of the kind that scientists are judged by.
    pub error: f64,
}

impl Test {
    /// The error of a scientist on a task.
    pub fn new(seed: u64, task: impl Into<String>, error: f64) -> Self {
        Self {
            seed,
            task: task.into(),
            error,
        }
    }
}

/// Something that happened in a training.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The training begins, or goes on from a checkpoint.
    Started {
        /// Number of scientists, the members of the ensemble.
        scientists: usize,
        /// Steps already done.
        completed: u64,
        /// Steps in all.
        total: u64,
        /// Tasks worked on in each phase up to there: what a step costs goes with them.
        seen: Vec<usize>,
    },
    /// Every scientist has come to this step.
    Advanced {
        /// Steps done.
        completed: u64,
        /// Training losses of the last step, one per scientist.
        losses: Vec<f64>,
    },
    /// Every scientist was tested on every task it has seen.
    Tested {
        /// Steps done.
        completed: u64,
        /// One per scientist and task.
        tests: Vec<Test>,
    },
    /// A scientist's loss or gradient was not finite; it keeps the parameters from before.
    Diverged {
        /// The scientist.
        seed: u64,
        /// The step at which it happened.
        step: u64,
    },
    /// What comes after the last step of a phase begins, and no step is done while it lasts.
    Finishing {
        /// Steps done.
        completed: u64,
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
        /// Steps times tasks times scientists done, in all parts, begun or not.
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

/// What is to be done, in steps times tasks.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// Steps of a phase.
    phase: u64,
    /// Tasks seen in each phase.
    pub(crate) seen: Vec<usize>,
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
            .map(|(phase, tasks)| {
                let before = phase as u64 * self.phase;
                completed.saturating_sub(before).min(self.phase) * *tasks as u64
            })
            .sum()
    }

    /// Phase, counted from 1, of the last of this many steps.
    #[cfg(feature = "progress")]
    pub(crate) fn phase_of(&self, completed: u64) -> u64 {
        completed.div_ceil(self.phase.max(1)).max(1)
    }
}

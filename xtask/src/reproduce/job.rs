//! What a figure is to be made of.

use std::path::PathBuf;

use mass_core::Recipe;
use mass_figures::Planned;

use crate::training::Request;

/// What one target is to be made of.
pub(super) struct Job {
    /// The command that makes it again, without the folder.
    pub(super) command: String,
    /// Folder for trainings and figures.
    pub(super) out: PathBuf,
    /// One a training.
    pub(super) requests: Vec<Request>,
    /// The scientist asked for, if one was.
    pub(super) seed: Option<u64>,
}

impl Job {
    /// The request of a target that needs one training.
    pub(super) fn request(&self) -> &Request {
        &self.requests[0]
    }

    /// What would stand in the folder; `None` of what needs no training.
    pub(super) fn planned(&self) -> Option<Planned<'_>> {
        let recipe = &self.requests.first()?.recipe;
        Some(Planned {
            recipe: &recipe.name,
            scientists: self.requests.iter().map(|one| one.seeds.len()).max()?,
            phase_steps: recipe.schedule.phase_steps(),
        })
    }
}

/// Steps of a phase in the paper, those of warm-up among them.
const PAPER_STEPS: usize = 10_100;

/// Steps a phase of a recipe by its name; of one that is not ours, the paper's.
pub(crate) fn steps_of(recipe: &str) -> usize {
    Recipe::named(recipe).map_or(PAPER_STEPS, |recipe| recipe.schedule.phase_steps())
}

/// A job of a target that needs no training.
#[cfg(test)]
pub(super) fn nothing() -> Job {
    Job {
        command: String::new(),
        out: PathBuf::new(),
        requests: Vec::new(),
        seed: None,
    }
}

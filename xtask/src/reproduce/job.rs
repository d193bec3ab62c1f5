//! What a figure is to be made of.

use std::path::PathBuf;

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

//! Trainings that figures share, in a [`Store`]; Ctrl-C, the checkout's revision, and devices.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use mass_core::{
    Error, ProgressLine, Run, Store,
    mass_runs::{git_revision, stop_flag},
};
use mass_interp::Summary;

/// A training to have, and the folder of all outputs.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) training: mass_core::Request,
    /// Trainings lie in its `training/`.
    pub(crate) out: PathBuf,
    /// What is kept of it, and where, if that is to stand for the training.
    pub(crate) summary: Option<Arc<(Summary, PathBuf)>>,
}

impl Deref for Request {
    type Target = mass_core::Request;

    fn deref(&self) -> &Self::Target {
        &self.training
    }
}

/// Ctrl-C was pressed; what was done is kept.
pub(crate) fn was_interrupted(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Interrupted(_)))
}

/// A run with the scientists of a request, trained now as far as they are not ([`Store::obtain`]).
pub(crate) fn obtain(request: &Request) -> Result<Run> {
    let store = Store::at(&request.out)
        .stop_on(stop_flag()?)
        .revision(git_revision(Path::new(env!("CARGO_MANIFEST_DIR"))))
        .observe(|label| ProgressLine::new(label))
        .tell(|sentence| eprintln!("{sentence}"));
    Ok(store.obtain(&request.training)?)
}

//! Trainings that figures share, in a [`Store`]; Ctrl-C, the checkout's revision, and devices.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};
use mass_core::{Error, ProgressLine, Run, Store};
use mass_jet::DeviceKind;

/// Refuses a device that this program has not, before any work.
pub(crate) fn check_device(device: DeviceKind) -> Result<()> {
    match device.open() {
        Ok(_) => Ok(()),
        // What is missing otherwise is a driver, of which the error speaks itself.
        Err(error @ mass_jet::Error::DeviceNotCompiled { .. }) => Err(error).with_context(|| {
            format!(
                "run it as: cargo run --release -p xtask --features {device} -- … --device {device}"
            )
        }),
        Err(error) => Err(error.into()),
    }
}

/// A training to have, and the folder of all outputs.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) training: mass_core::Request,
    /// Trainings lie in its `training/`.
    pub(crate) out: PathBuf,
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
        .revision(git_revision())
        .observe(|label| ProgressLine::new(label))
        .tell(|sentence| eprintln!("{sentence}"));
    Ok(store.obtain(&request.training)?)
}

/// Set by Ctrl-C or a termination signal; the second one ends the program at once.
pub(crate) fn stop_flag() -> Result<Arc<AtomicBool>> {
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

/// The revision of this checkout when it is first asked for, with `-dirty` if it has changes; `None`
/// outside git. `cargo xtask` builds what is checked out; a program that was copied or built before is
/// of another revision than this says.
pub(crate) fn git_revision() -> Option<String> {
    static REVISION: OnceLock<Option<String>> = OnceLock::new();
    REVISION.get_or_init(describe).clone()
}

fn describe() -> Option<String> {
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

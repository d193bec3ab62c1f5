//! Ctrl-C, and the revision that a program was built from.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::Error;

/// A flag that Ctrl-C or a termination signal sets, for a training to stop after a checkpoint; the second
/// one ends the program at once, with exit code 130.
///
/// # Errors
///
/// [`Error::Request`] if the program listens to Ctrl-C in another way already.
pub fn stop_flag() -> Result<Arc<AtomicBool>, Error> {
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
    .map_err(|error| Error::Request(format!("cannot listen to Ctrl-C: {error}")))?;
    Ok(FLAG.get_or_init(|| flag).clone())
}

/// The revision of a git checkout when it is first asked for, with `-dirty` if it has changes; `None`
/// outside git. A program that was copied or built before may be of another revision than this says.
pub fn git_revision(checkout: &Path) -> Option<String> {
    static REVISION: OnceLock<Option<String>> = OnceLock::new();
    REVISION.get_or_init(|| describe(checkout)).clone()
}

fn describe(checkout: &Path) -> Option<String> {
    let describe = [
        "describe",
        "--always",
        "--dirty",
        "--abbrev=40",
        "--exclude",
        "*",
    ];
    let output = Command::new("git")
        .args(describe)
        .current_dir(checkout)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}

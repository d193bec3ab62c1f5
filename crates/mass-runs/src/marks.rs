//! How one tells what is in a directory.

use std::path::Path;

/// Whether there is a run in this directory.
pub fn is_run(path: &Path) -> bool {
    path.join("run.toml").exists()
}

/// Whether there is a sweep in this directory.
pub fn is_sweep(path: &Path) -> bool {
    path.join("sweep.toml").exists()
}

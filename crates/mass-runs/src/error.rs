//! What can go wrong, and what would be right.

use std::path::{Path, PathBuf};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {path}: {cause}")]
    File {
        /// `read`, `write`, `create`, `remove` or `lock`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said. It is in the message, so it is not the error's source too:
        /// whoever prints the chain of sources would print it twice.
        cause: std::io::Error,
    },
    /// A checkpoint is not usable.
    #[error("checkpoint {path} is not usable: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// A later version of the program wrote the record of a run or sweep.
    #[error(
        "{path} was written by a later version: its format is {format}, this program reads up to {newest}; update the program"
    )]
    Newer {
        /// `run.toml` or `sweep.toml`.
        path: PathBuf,
        /// The format of the record.
        format: i64,
        /// The newest that this program knows.
        newest: i64,
    },
    /// A run directory is not usable.
    #[error("run directory {path} is not usable: {reason}")]
    RunDirectory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// A sweep's directory is not usable.
    #[error("sweep {path} is not usable: {reason}")]
    SweepDirectory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// The request makes no sense as a whole.
    #[error("{0}")]
    Request(String),
    /// A file could not be written whole.
    #[error(transparent)]
    Write(#[from] mass_systems::Error),
}

impl Error {
    /// Of a file or folder.
    pub fn file(action: &'static str, path: impl AsRef<Path>, cause: std::io::Error) -> Self {
        Self::File {
            action,
            path: path.as_ref().into(),
            cause,
        }
    }

    /// Of a run directory.
    pub fn run_directory(path: impl AsRef<Path>, reason: impl Into<String>) -> Self {
        Self::RunDirectory {
            path: path.as_ref().into(),
            reason: reason.into(),
        }
    }

    /// Of a checkpoint.
    pub fn checkpoint(path: impl AsRef<Path>, reason: impl Into<String>) -> Self {
        Self::Checkpoint {
            path: path.as_ref().into(),
            reason: reason.into(),
        }
    }

    /// Whether what was asked for makes no sense, whatever is on disk.
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Request(_))
    }

    /// Whether a later version of the program wrote what was to be read.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. })
    }

    /// Whether a directory holds something else than what was to be kept or read there.
    pub fn is_directory(&self) -> bool {
        matches!(
            self,
            Self::RunDirectory { .. } | Self::SweepDirectory { .. } | Self::Newer { .. }
        )
    }

    /// Whether a checkpoint is damaged, or is not of its run.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Checkpoint { .. })
    }
}

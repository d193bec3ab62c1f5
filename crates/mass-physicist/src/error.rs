//! What can go wrong, and what would be right.

use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request makes no sense as a whole.
    #[error("{0}")]
    Request(String),
    /// The data cannot be used.
    #[error("{0}")]
    Data(String),
    /// The data can be used, but no law holds in them.
    #[error("{0}")]
    NoLaw(String),
    /// There are too few windows to find a law in.
    #[error(
        "{windows} windows are too few to find a law of {constants} constants for each coordinate: give at least {least}"
    )]
    TooFew {
        /// Windows given.
        windows: usize,
        /// Constants of a law for each coordinate.
        constants: usize,
        /// What would be enough.
        least: usize,
    },
    /// No world of a type fulfils what is asked of worlds.
    #[error(
        "no world of type {kind}, id {id}, seed {seed} was found in {tries} draws in which each open quadrant holds its share of the time and no speed exceeds {speed}: give another id or seed, or shorter trajectories"
    )]
    NoWorld {
        /// The type.
        kind: u32,
        /// The id.
        id: u32,
        /// The seed.
        seed: u64,
        /// Draws tried.
        tries: usize,
        /// The greatest speed allowed.
        speed: f64,
    },
    /// A file does not hold what it should.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// From reading measurements.
    #[error(transparent)]
    Measurements(#[from] mass_data::Error),
    /// From writing a file.
    #[error(transparent)]
    Systems(#[from] mass_systems::Error),
}

impl Error {
    /// Whether what was asked for makes no sense, rather than the data or a file.
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Request(_) | Self::NoWorld { .. })
    }
}

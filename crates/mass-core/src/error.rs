//! What can go wrong, and what would be right.

use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A recipe's name is not known.
    #[error("unknown recipe {found:?}{hint} (known: {known})")]
    UnknownRecipe {
        /// The name that was given.
        found: String,
        /// `; did you mean "..."?` or nothing.
        hint: String,
        /// The names that exist, comma-separated.
        known: String,
    },
    /// A recipe's text is not a recipe.
    #[error("{origin}: {message}")]
    RecipeSyntax {
        /// The file, or `recipe`.
        origin: String,
        /// Line, column, key and what was expected there.
        message: String,
    },
    /// A value is out of range.
    #[error("{key} = {found} is out of range: {expected}")]
    RecipeValue {
        /// The key, with its table.
        key: String,
        /// The value that was given.
        found: String,
        /// The values that would be right.
        expected: &'static str,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// `read`, `write`, `create`, `remove` or `lock`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A checkpoint is not usable.
    #[error("checkpoint {path} is not usable: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what would be right.
        reason: String,
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
    /// From the system zoo or a data file.
    #[error(transparent)]
    Systems(#[from] mass_systems::Error),
    /// From the network or the device.
    #[error(transparent)]
    Jet(#[from] mass_jet::Error),
    /// From the term algebra.
    #[error(transparent)]
    Terms(#[from] mass_terms::Error),
}

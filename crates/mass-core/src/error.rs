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
    /// The terms of a recipe do not fit together.
    #[error("terms.{key}: {reason}")]
    RecipeTerms {
        /// `library` or `mask`.
        key: &'static str,
        /// What is wrong with it, with the term.
        reason: String,
    },
    /// A recipe has the name of one of this crate's, but is another.
    #[error(
        "a changed recipe keeps the name {name:?} ({difference}): give it a name of its own, as name = \"{name} changed\""
    )]
    RecipeName {
        /// The name.
        name: String,
        /// The keys in which it differs: `there` is this crate's recipe, `here` the one given.
        difference: String,
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

impl Error {
    /// Whether what was asked for makes no sense, so that asking again in the same way is no use.
    pub fn is_request(&self) -> bool {
        matches!(
            self,
            Error::UnknownRecipe { .. }
                | Error::RecipeSyntax { .. }
                | Error::RecipeValue { .. }
                | Error::RecipeTerms { .. }
                | Error::RecipeName { .. }
                | Error::Request(_)
        )
    }

    /// Whether a file that was kept cannot be used: damaged, or of another run than its folder's.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Error::Checkpoint { .. })
    }
}

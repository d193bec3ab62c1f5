//! What can go wrong, and what would be right.

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
    #[error("{key}: {reason}")]
    RecipeTerms {
        /// `terms.library`, `terms.mask` or `theory`.
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
    /// The request makes no sense as a whole.
    #[error("{0}")]
    Request(String),
    /// It was asked to stop; what was done is kept.
    #[error("{0}: run the same again to go on")]
    Interrupted(String),
    /// From what keeps runs: a file, a run directory, a checkpoint, a sweep.
    #[error(transparent)]
    Runs(#[from] mass_runs::Error),
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
        match self {
            Error::UnknownRecipe { .. }
            | Error::RecipeSyntax { .. }
            | Error::RecipeValue { .. }
            | Error::RecipeTerms { .. }
            | Error::RecipeName { .. }
            | Error::Request(_) => true,
            Error::Runs(error) => error.is_request(),
            _ => false,
        }
    }

    /// Whether a file that was kept cannot be used: damaged, or of another run than its folder's.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Error::Runs(error) if error.is_corrupt())
    }

    /// Whether a later version of the program wrote what was to be read.
    pub fn is_newer(&self) -> bool {
        matches!(self, Error::Runs(error) if error.is_newer())
    }

    /// Whether a directory holds something else than what was to be kept or read there.
    pub fn is_directory(&self) -> bool {
        matches!(self, Error::Runs(error) if error.is_directory())
    }
}

//! What can go wrong, and what would be right.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request makes no sense as a whole.
    #[error("{0}")]
    Request(String),
    /// The data do not fit the library.
    #[error("the data are of {data} degrees of freedom, but the library is of {library}")]
    Dof {
        /// Of the data.
        data: usize,
        /// Of the library.
        library: usize,
    },
    /// There are too few states to find a law in.
    #[error(
        "{states} states are too few for a library of {functions} functions: give at least {least}, or a smaller library"
    )]
    TooFew {
        /// States given.
        states: usize,
        /// Functions of the library.
        functions: usize,
        /// What would be enough.
        least: usize,
    },
    /// A function has no value at a state.
    #[error(
        "{function} is not finite at state {state} (counted from 0): leave it out of the library, or the state out of the data"
    )]
    NotFinite {
        /// The function.
        function: String,
        /// The state.
        state: usize,
    },
    /// From a law's data or motion.
    #[error(transparent)]
    Systems(#[from] mass_systems::Error),
}

impl Error {
    /// Whether what was asked for makes no sense, rather than the data.
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Request(_) | Self::Dof { .. })
    }
}

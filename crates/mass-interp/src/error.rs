//! What can go wrong, and what would be right.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A fraction of a total is out of range.
    #[error("the fraction is {found}; it must be above 0 and at most 1, as 0.99 is")]
    Fraction {
        /// The fraction that was given.
        found: f64,
    },
    /// A size is negative or not finite.
    #[error(
        "size {index} is {found}; every size must be finite and not negative (of activations, leave out the states at poles with `ActivationMatrix::finite`)"
    )]
    Size {
        /// Its place in the list.
        index: usize,
        /// Its value.
        found: f64,
    },
    /// Nothing is significant among zeros.
    #[error("all {count} sizes are zero, so that none of them is significant")]
    NoTotal {
        /// How many sizes there are.
        count: usize,
    },
    /// A list has another length than the call needs.
    #[error("{what} has length {found}; it must be {expected}")]
    Length {
        /// Which list.
        what: String,
        /// Its length.
        found: usize,
        /// The length that would be right, in words.
        expected: String,
    },
    /// An index is beyond the end.
    #[error("there is no {what} {found}: there are {count}, counted from 0")]
    Index {
        /// What is counted.
        what: &'static str,
        /// The index that was given.
        found: usize,
        /// How many there are.
        count: usize,
    },
    /// A number that must be finite is not.
    #[error("{what} is {found}; it must be finite")]
    NotFinite {
        /// Which number.
        what: String,
        /// Its value.
        found: f64,
    },
    /// A run has no such scientist.
    #[error("there is no scientist of seed {seed} here (known: {known})")]
    UnknownSeed {
        /// The seed asked for.
        seed: u64,
        /// The seeds that there are, comma-separated; the first few if they are many.
        known: String,
    },
    /// A scientist has not learned this system.
    #[error("the scientist has not learned system {system:?} (known: {known})")]
    UnknownSystem {
        /// The system asked for.
        system: String,
        /// The systems that it has learned, comma-separated.
        known: String,
    },
    /// The request makes no sense as a whole.
    #[error("{0}")]
    Request(String),
    /// From the model or a run directory.
    #[error(transparent)]
    Core(#[from] mass_core::Error),
    /// From a network.
    #[error(transparent)]
    Jet(#[from] mass_jet::Error),
    /// From a system, its states or its trajectories.
    #[error(transparent)]
    Systems(#[from] mass_systems::Error),
    /// From the term algebra.
    #[error(transparent)]
    Terms(#[from] mass_terms::Error),
}

impl From<mass_core::mass_runs::Error> for Error {
    fn from(error: mass_core::mass_runs::Error) -> Self {
        Self::Core(error.into())
    }
}

impl Error {
    /// Whether what was asked for makes no sense, so that asking again in the same way is no use.
    pub fn is_request(&self) -> bool {
        match self {
            Error::Fraction { .. }
            | Error::Length { .. }
            | Error::Index { .. }
            | Error::UnknownSeed { .. }
            | Error::UnknownSystem { .. }
            | Error::Request(_) => true,
            Error::Core(error) => error.is_request(),
            Error::Systems(error) => error.is_request(),
            _ => false,
        }
    }

    /// Whether a file that was kept cannot be used: damaged, or of another run than its folder's.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Error::Core(error) if error.is_corrupt())
    }

    /// Whether numbers of a scientist say nothing, all zero or not finite, as of one that has diverged:
    /// no mistake of the caller, who may go on with the others.
    pub fn is_without_numbers(&self) -> bool {
        matches!(
            self,
            Error::Size { .. } | Error::NoTotal { .. } | Error::NotFinite { .. }
        )
    }
}

/// Refuses a list of the wrong length.
pub(crate) fn check_length(what: &str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Length {
        what: what.to_string(),
        found,
        expected: expected.to_string(),
    })
}

/// What is said of an empty list.
pub(crate) fn none(what: impl Into<String>) -> Error {
    Error::Length {
        what: what.into(),
        found: 0,
        expected: "at least 1".to_string(),
    }
}

/// Refuses an index beyond the end.
pub(crate) fn check_index(what: &'static str, found: usize, count: usize) -> Result<(), Error> {
    if found < count {
        return Ok(());
    }
    Err(Error::Index { what, found, count })
}

/// The seeds, comma-separated; the first eight if they are many.
pub(crate) fn known_seeds(seeds: &[u64]) -> String {
    let first: Vec<String> = seeds.iter().take(8).map(u64::to_string).collect();
    let more = if seeds.len() > 8 { ", and more" } else { "" };
    format!("{}{more}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn each_kind_is_one_kind() {
        let request = Error::Request("no".into());
        assert!(request.is_request() && !request.is_without_numbers() && !request.is_corrupt());
        let zeros = Error::NoTotal { count: 3 };
        assert!(zeros.is_without_numbers() && !zeros.is_request());
        let unknown: Error = mass_systems::lookup("pendulm").unwrap_err().into();
        assert!(unknown.is_request());
        let core: Error = mass_core::Error::Request("no".into()).into();
        assert!(core.is_request() && !core.is_corrupt());
        // An error of another crate is that error: nothing is printed twice.
        assert_eq!(core.to_string(), "no");
        assert!(core.source().is_none());
    }

    #[test]
    fn lists_and_indices_are_checked_to_their_ends() {
        assert!(check_index("term", 2, 3).is_ok() && check_index("term", 3, 3).is_err());
        assert!(check_length("it", 3, 3).is_ok() && check_length("it", 2, 3).is_err());
        assert_eq!(known_seeds(&[1, 2]), "1, 2");
        let eight: Vec<u64> = (0..8).collect();
        assert_eq!(known_seeds(&eight), "0, 1, 2, 3, 4, 5, 6, 7");
        let nine: Vec<u64> = (0..9).collect();
        assert_eq!(known_seeds(&nine), "0, 1, 2, 3, 4, 5, 6, 7, and more");
    }
}

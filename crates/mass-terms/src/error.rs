//! What can go wrong, and what would be right.

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text is not the name of a term.
    #[error("cannot read term {text:?}: at column {column}, {token:?} {problem}")]
    Parse {
        /// The whole text.
        text: String,
        /// Column of the offending token, in characters from 1.
        column: usize,
        /// The offending token; empty at the end of the text.
        token: String,
        /// What is wrong with it, with the nearest known symbol where there is one.
        problem: String,
    },
    /// A name cannot be given to a symbol of one's own.
    #[error("{name:?} cannot name a symbol: {problem}")]
    Name {
        /// The name that was given.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A list of terms makes no library.
    #[error("these terms make no library: {problem}")]
    Library {
        /// What is wrong with the list.
        problem: String,
    },
    /// A term is not in the library.
    #[error("{term:?} is not among the {len} terms of the library{hint}")]
    UnknownTerm {
        /// The term asked for.
        term: String,
        /// Number of terms in the library.
        len: usize,
        /// `; did you mean "..."?`
        hint: String,
    },
    /// Two things that belong together have different numbers of terms.
    #[error("{what} has {found} terms, but {expected} are needed")]
    TermCount {
        /// What has the wrong number.
        what: &'static str,
        /// How many it has.
        found: usize,
        /// How many it must have.
        expected: usize,
    },
    /// A tensor or a list has another shape than the call needs.
    #[error("{what} has shape {found:?}, but {expected} is needed")]
    Shape {
        /// Which one.
        what: String,
        /// The shape that was given.
        found: Vec<usize>,
        /// The shape that would be right, in words.
        expected: String,
    },
    /// Tensors of different precision meet.
    #[error("{what} is {found}, but the state is {expected}: cast one of them")]
    Precision {
        /// Which tensor.
        what: String,
        /// Its precision.
        found: String,
        /// The precision of x.
        expected: String,
    },
    /// A term needs a symbol of the user's own that was given no value.
    #[error("the library needs a value for {symbol}, and none was given (given: {given})")]
    MissingSymbol {
        /// The symbol, as "vector p" or "matrix M".
        symbol: String,
        /// The symbols of one's own that were given, comma-separated.
        given: String,
    },
    /// The device failed to hand over numbers.
    #[error("could not read {what} from the device: {reason}")]
    Device {
        /// Which tensor.
        what: String,
        /// What the backend said.
        reason: String,
    },
}

impl Error {
    /// Whether another request would do: a name, a list or a shape that was given is not to be had.
    pub fn is_request(&self) -> bool {
        !self.is_device()
    }

    /// Whether the device failed.
    pub fn is_device(&self) -> bool {
        matches!(self, Error::Device { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_from_a_device() {
        let unknown = crate::Term::parse("Sq").unwrap_err();
        assert!(unknown.is_request() && !unknown.is_device());
        let device = Error::Device {
            what: "S".to_string(),
            reason: "it is gone".to_string(),
        };
        assert!(device.is_device() && !device.is_request());
    }
}

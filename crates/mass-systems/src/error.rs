//! What can go wrong in this crate, each message saying where and what would be right.

use std::path::PathBuf;

use mass_suggest::hint;

/// An error of this crate; its message says what was wrong, where, and what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No system has this id.
    #[error("unknown system \"{given}\"{} (known: {known})", hint(.suggestion.as_deref()))]
    UnknownSystem {
        /// The id asked for.
        given: String,
        /// The nearest known id, if one is near.
        suggestion: Option<String>,
        /// All known ids, separated by commas.
        known: String,
    },

    /// An id has parameters that cannot be read: the wrong number of them, or no numbers.
    #[error("cannot read the system id \"{given}\": {reason}; write {expected}")]
    BadSystemId {
        /// The id asked for.
        given: String,
        /// What is wrong with it.
        reason: String,
        /// The right form, with an example.
        expected: String,
    },

    /// Parameters with which the system's law is not defined.
    #[error("{system} has no law: {reason}")]
    BadParameter {
        /// The system's id with its parameters.
        system: String,
        /// What is wrong with them and what would be right.
        reason: String,
    },

    /// A range or a domain that holds no states, or is not finite.
    #[error("bad domain: {reason}")]
    BadDomain {
        /// What is wrong and what would be right.
        reason: String,
    },

    /// A slice or table has the wrong size.
    #[error("{what} has length {found}; it must be {expected}{hint}")]
    Shape {
        /// The name of the slice or table.
        what: String,
        /// How many values it should have.
        expected: usize,
        /// How many it has.
        found: usize,
        /// Why, with a leading comma.
        hint: String,
    },

    /// A number that must be finite is not.
    #[error("row {row} of {id}: {column} is {value}; every value must be finite")]
    NotFinite {
        /// The dataset's id.
        id: String,
        /// The row, counted from 0.
        row: usize,
        /// The column, as it is named in a file.
        column: String,
        /// The value found.
        value: f64,
    },

    /// A dataset or a list without anything in it, or a request for one.
    #[error("{what} is empty; at least one is needed")]
    Empty {
        /// What it is.
        what: String,
    },

    /// A request for data that cannot be met.
    #[error("{reason}")]
    BadRequest {
        /// What was asked for and what is possible.
        reason: String,
    },

    /// The Lagrangian does not determine the acceleration at this state.
    #[error(
        "the Lagrangian gives no acceleration at x = {x:?}, y = {y:?}: S_yy is singular or a derivative is not finite there; keep such states out of the domain or name them in `in_singular_set`"
    )]
    SingularState {
        /// Positions `[d]`.
        x: Vec<f64>,
        /// Velocities `[d]`.
        y: Vec<f64>,
    },

    /// No regular state of a domain was found.
    #[error(
        "{tries} draws from the domain of {system} in a row lie in its singular set, too close together, or have no finite acceleration; choose a domain away from the singular set"
    )]
    NoRegularState {
        /// The system's id.
        system: String,
        /// How many states were drawn.
        tries: usize,
    },

    /// A time, a step or a tolerance that integration cannot use.
    #[error("{what} is {value}; {expected}")]
    BadStep {
        /// Which one.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },

    /// A rollout met a state or an acceleration that is not finite.
    #[error(
        "the trajectory ended at step {step}, t = {time}: the next state is not finite; take a smaller step, start farther from the singular set, or read the states up to there"
    )]
    NonFiniteTrajectory {
        /// The step that could not be taken, counted from 1.
        step: usize,
        /// The time of the last finite state.
        time: f64,
    },

    /// The adaptive solver gave up.
    #[error("the reference solver stopped: {message}")]
    Solver {
        /// The solver's own words.
        message: String,
    },

    /// A file could not be opened, read or written.
    #[error("cannot {action} {}: {cause}", .path.display())]
    File {
        /// "read" or "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's reason. It is in the message, so it is no source of the error: a program
        /// that prints the chain would say it twice.
        cause: std::io::Error,
    },

    /// A file whose name does not say what it is.
    #[error("cannot tell what {} is from its name; name it .csv or .parquet", .path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },

    /// A Parquet file, and the feature `parquet` of this crate was not compiled in.
    #[error("{} is a Parquet file, which this build does not read or write: build mass-systems with its feature `parquet`, or use .csv", .path.display())]
    NoParquet {
        /// The file.
        path: PathBuf,
    },

    /// A column that must be there is not, or is there twice, or with another index.
    #[error("{}: {problem}; found the columns: {found}; needed are x, y, ydot for one degree of freedom, or x0, x1, .., y0, y1, .., ydot0, ydot1, .. for more", .path.display())]
    BadColumns {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// The columns found.
        found: String,
    },

    /// A column of a Parquet file does not hold floating-point numbers.
    #[error("{}: column \"{column}\" holds {found}; it must hold 32- or 64-bit floating-point numbers", .path.display())]
    BadColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The type found.
        found: String,
    },

    /// A value of a file is not a finite number.
    #[error("{}: {place}, column \"{column}\": {found}; every value must be a finite number, such as 0.25 or -1e-3", .path.display())]
    BadValue {
        /// The file.
        path: PathBuf,
        /// "line 3" (of a text file, from 1) or "row 2" (of a table, from 0).
        place: String,
        /// The column.
        column: String,
        /// What was found there.
        found: String,
    },

    /// A file that is not of its format at all.
    #[error("{}: {problem}", .path.display())]
    BadFormat {
        /// The file.
        path: PathBuf,
        /// What is wrong and what would be right.
        problem: String,
    },

    /// A file with columns but no rows.
    #[error("{}: there are no rows; at least one state is needed", .path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    /// Whether another request would do: what was asked for by name, number or shape is not to be had.
    pub fn is_request(&self) -> bool {
        matches!(
            self,
            Error::UnknownSystem { .. }
                | Error::BadSystemId { .. }
                | Error::BadParameter { .. }
                | Error::BadDomain { .. }
                | Error::Shape { .. }
                | Error::Empty { .. }
                | Error::BadRequest { .. }
                | Error::BadStep { .. }
                | Error::UnknownFormat { .. }
                | Error::NoParquet { .. }
        )
    }

    /// Whether data are at fault, of a file or of a list: the message says which value.
    pub fn is_data(&self) -> bool {
        matches!(
            self,
            Error::NotFinite { .. }
                | Error::BadColumns { .. }
                | Error::BadColumnType { .. }
                | Error::BadValue { .. }
                | Error::BadFormat { .. }
                | Error::NoRows { .. }
        )
    }

    /// Whether the operating system refused to read or write a file.
    pub fn is_file(&self) -> bool {
        matches!(self, Error::File { .. })
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn each_kind_is_one_kind() {
        let kinds = |error: Error| [error.is_request(), error.is_data(), error.is_file()];
        let path = PathBuf::from("f.csv");
        assert_eq!(
            kinds(crate::lookup("nothing").unwrap_err()),
            [true, false, false]
        );
        assert_eq!(
            kinds(Error::NoRows { path: path.clone() }),
            [false, true, false]
        );
        let cause = std::io::ErrorKind::NotFound.into();
        let action = "read";
        let file = Error::File {
            action,
            path,
            cause,
        };
        assert_eq!(file.to_string(), "cannot read f.csv: entity not found");
        assert!(
            file.source().is_none(),
            "its cause is in the message already"
        );
        assert_eq!(kinds(file), [false, false, true]);
    }
}

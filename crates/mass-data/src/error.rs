//! What can go wrong, each message saying what, where, and what would be right.

use std::path::PathBuf;

/// An error of this crate; its message says what was wrong, where, and what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened or read.
    #[error("cannot read {}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's reason, which is in the message and so no source of the error.
        cause: std::io::Error,
    },

    /// A Parquet file, and the feature `parquet` of this crate was not compiled in.
    #[error("{} is a Parquet file, which this build does not read: build mass-data with its feature `parquet`, or save it as CSV", .path.display())]
    NoParquet {
        /// The file.
        path: PathBuf,
    },

    /// A file that is not of its format at all.
    #[error("{}: {problem}", .path.display())]
    BadFormat {
        /// The file.
        path: PathBuf,
        /// What is wrong and what would be right.
        problem: String,
    },

    /// A row of more or fewer cells than there are columns.
    #[error("{}: line {line} has {found} cells where there are {expected} columns (separated by {delimiter}); complete the line, leave it out, or say which delimiter is right", .path.display())]
    BadRow {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// Cells of that line.
        found: usize,
        /// Columns of the file.
        expected: usize,
        /// What cells were taken to be separated by.
        delimiter: &'static str,
    },

    /// A cell that is not a finite number.
    #[error("{}: {place}, column {column}: {found}; {remedy}", .path.display())]
    BadValue {
        /// The file.
        path: PathBuf,
        /// "line 3" (of text, from 1) or "row 2" (of a table, from 0).
        place: String,
        /// The column, by its name in quotes or its number from 1.
        column: String,
        /// What was found there.
        found: String,
        /// What would be right.
        remedy: &'static str,
    },

    /// A file without rows of numbers.
    #[error("{}: there are no rows of numbers; at least one is needed", .path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
    },

    /// The columns of a file are not those of a motion, or it is not clear which is which.
    #[error("{}: {problem}; found the columns {found}", .path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the mapping that would be right.
        problem: String,
        /// The columns found.
        found: String,
    },

    /// A mapping of columns that cannot be read.
    #[error(
        "cannot read the columns \"{given}\": {problem}; write for example x=theta,y=omega,t=time,trajectory=trial, or x=3,4 by number"
    )]
    BadMapping {
        /// What was given.
        given: String,
        /// What is wrong with it.
        problem: String,
    },

    /// Units of columns that cannot be read.
    #[error(
        "cannot read the units \"{given}\": {problem}; write for example t=s,x=deg, or 2=s,3-4=rad by number"
    )]
    BadUnits {
        /// What was given.
        given: String,
        /// What is wrong with it.
        problem: String,
    },

    /// Times that do not increase.
    #[error("{}: {place}: {problem}", .path.display())]
    BadTime {
        /// The file.
        path: PathBuf,
        /// The line or row.
        place: String,
        /// What is wrong and what would be right.
        problem: String,
    },

    /// A request that cannot be met.
    #[error("{reason}")]
    BadRequest {
        /// What was asked for and what is possible.
        reason: String,
    },

    /// Fewer rows than a method needs.
    #[error("{what} has {found} rows; at least {least} are needed")]
    TooFew {
        /// Which data, for which method.
        what: String,
        /// Rows there are.
        found: usize,
        /// Rows that would do.
        least: usize,
    },

    /// From the dataset that rows are turned into.
    #[error(transparent)]
    Systems(#[from] mass_systems::Error),
}

impl Error {
    /// Whether another request would do: what was asked for by name, number or shape is not to be had.
    pub fn is_request(&self) -> bool {
        match self {
            Self::BadMapping { .. }
            | Self::BadUnits { .. }
            | Self::BadRequest { .. }
            | Self::NoParquet { .. } => true,
            Self::Systems(error) => error.is_request(),
            _ => false,
        }
    }

    /// Whether data are at fault: the message says which.
    pub fn is_data(&self) -> bool {
        match self {
            Self::Systems(error) => error.is_data(),
            Self::File { .. } => false,
            _ => !self.is_request(),
        }
    }

    /// Whether the operating system refused to read a file.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }
}

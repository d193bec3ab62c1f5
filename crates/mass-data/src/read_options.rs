//! How files are to be read.

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tabulator.
    Tab,
    /// Any number of blanks and tabulators.
    Blanks,
}

impl Delimiter {
    /// Its name as messages say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
            Self::Blanks => "blanks",
        }
    }
}

/// What to do with a row in which a value that is needed is missing: blank, NA, NaN, or the line ends early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// Refuse the file, naming the cell.
    #[default]
    Refuse,
    /// Leave the row out, and say how many were.
    DropRow,
}

/// How a file is to be read; what is not said is found by looking at the file.
///
/// # Example
/// ```
/// use mass_data::{Missing, ReadOptions};
///
/// let options = ReadOptions { missing: Missing::DropRow, ..ReadOptions::default() };
/// assert_eq!(options.delimiter, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// What separates the cells of a text file.
    pub delimiter: Option<Delimiter>,
    /// Whether numbers of a text file have a decimal comma.
    pub decimal_comma: Option<bool>,
    /// Whether the first line of a text file names the columns.
    pub header: Option<bool>,
    /// Missing values.
    pub missing: Missing,
}

//! Data from files and into files.

use crate::csv_file;
use crate::dataset::Dataset;
use crate::error::Error;
#[cfg(feature = "parquet")]
use crate::parquet_file;
use std::path::Path;

/// Data files, CSV or Parquet.
///
/// The columns are `x`, `y`, `ydot` for one degree of freedom, and `x0`, `x1`, .., `y0`, `y1`, ..,
/// `ydot0`, `ydot1`, .. for more, in any order; other columns are left alone. In CSV the first line names
/// them, and lines that begin with # are comments. In Parquet they hold 32- or 64-bit floating-point
/// numbers and no nulls. Every value must be finite. Files are written whole or not at all.
impl Dataset {
    /// Reads a file, CSV or Parquet by the ending of its name; the id is that name without it.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`] for another ending, [`Error::NoParquet`] without the feature `parquet`, and
    /// those of [`Dataset::read_csv`] and `read_parquet`.
    ///
    /// # Example
    /// ```
    /// use mass_systems::Dataset;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("spring.csv");
    /// std::fs::write(&path, "x,y,ydot\n0.5,0,-0.5\n1,0,-1\n")?;
    /// let data = Dataset::read(&path)?;
    /// assert_eq!((data.id(), data.len(), data.dof()), ("spring", 2, 1));
    /// data.write(folder.path().join("copy.csv"))?;
    /// assert_eq!(Dataset::read(folder.path().join("copy.csv"))?.x(), data.x());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        match format(path)? {
            Format::Csv => Self::read_csv(path),
            #[cfg(feature = "parquet")]
            Format::Parquet => Self::read_parquet(path),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Err(Error::NoParquet { path: path.into() }),
        }
    }

    /// Writes a file, CSV or Parquet by the ending of its name.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`] for another ending, [`Error::NoParquet`] without the feature `parquet`,
    /// [`Error::File`] if it cannot be written; what was
    /// there before then stays.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        match format(path)? {
            Format::Csv => self.write_csv(path),
            #[cfg(feature = "parquet")]
            Format::Parquet => self.write_parquet(path),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Err(Error::NoParquet { path: path.into() }),
        }
    }

    /// Reads a CSV file; the id is its name without the ending.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::BadColumns`] if a column is missing or doubled,
    /// [`Error::BadValue`] with line and column if a value is not a finite number, [`Error::BadFormat`] if a
    /// line has too many or too few values, [`Error::NoRows`] if there are none.
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Self, Error> {
        csv_file::read(path.as_ref(), id(path.as_ref()))
    }

    /// Writes a CSV file, every number with as many digits as give it back exactly.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be written; what was there before then stays.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        csv_file::write(self, path.as_ref())
    }

    /// Reads a Parquet file; the id is its name without the ending.
    ///
    /// # Errors
    /// As [`Dataset::read_csv`], rows counted from 0 instead of lines; and [`Error::BadColumnType`] if a
    /// column holds anything but floating-point numbers, [`Error::BadFormat`] if it is not a Parquet file.
    #[cfg(feature = "parquet")]
    pub fn read_parquet(path: impl AsRef<Path>) -> Result<Self, Error> {
        parquet_file::read(path.as_ref(), id(path.as_ref()))
    }

    /// Writes a Parquet file, 64-bit numbers compressed by Snappy.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be written; what was there before then stays.
    #[cfg(feature = "parquet")]
    pub fn write_parquet(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        parquet_file::write(self, path.as_ref())
    }
}

enum Format {
    Csv,
    Parquet,
}

fn format(path: &Path) -> Result<Format, Error> {
    let ending = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("parquet") => Ok(Format::Parquet),
        _ => Err(Error::UnknownFormat { path: path.into() }),
    }
}

fn id(path: &Path) -> String {
    path.file_stem()
        .map_or_else(|| "data".into(), |stem| stem.to_string_lossy().into_owned())
}

#[cfg(all(test, not(feature = "parquet")))]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_parquet_says_so() {
        let error = Dataset::read("states.parquet").unwrap_err().to_string();
        assert_eq!(
            error,
            "states.parquet is a Parquet file, which this build does not read or write: build mass-systems \
             with its feature `parquet`, or use .csv"
        );
    }
}

//! A file of measurements whose columns are known and not yet read.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use crate::{
    column::Column,
    error::Error,
    layout::{ColumnMap, UnitMap},
    numpy,
    read_options::ReadOptions,
    table::Table,
    text,
};

#[cfg(feature = "parquet")]
use crate::parquet_file;

/// A file of columns, of which only those asked for are read: text (CSV in any dialect), NumPy `.npy` or
/// `.npz`, or Parquet. What a file is, its first bytes say, not its name.
///
/// # Example
/// ```
/// use mass_data::{ReadOptions, TableFile};
///
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// # let path = folder.path().join("pendulum.csv");
/// std::fs::write(&path, "t (s);theta (deg)\n0,0;1,5\n0,1;1,4\n").expect("written");
/// let file = TableFile::open(&path, &ReadOptions::default())?;
/// assert_eq!(file.columns()[1].unit(), Some("deg"));
/// assert_eq!(file.read(&[1])?.columns()[0], [1.5, 1.4]);
/// # Ok::<(), mass_data::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TableFile {
    path: PathBuf,
    options: ReadOptions,
    head: Head,
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
enum Head {
    Text(text::Head),
    Numpy(numpy::Head),
    #[cfg(feature = "parquet")]
    Parquet(Vec<Column>),
}

/// What files begin with that are no tables, and what to do with them.
const OTHERS: [(&[u8], &str); 6] = [
    (b"\x1f\x8b", "this is compressed by gzip; unpack it first"),
    (
        b"\x89HDF",
        "this is an HDF5 file; save the arrays by numpy.savez",
    ),
    (
        b"MATLAB",
        "this is a MATLAB file; save the columns by writematrix as CSV",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "this is an Excel workbook; save the sheet as CSV",
    ),
    (b"{", "this is JSON; save the columns as CSV"),
    (b"<", "this is XML or HTML; save the columns as CSV"),
];

impl TableFile {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::BadFormat`] if it is no table, [`Error::NoRows`] if it has
    /// no rows of numbers, [`Error::NoParquet`] of a Parquet file without the feature.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        let mut first = Vec::new();
        let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut first));
        read.map_err(|cause| Error::File {
            path: path.into(),
            cause,
        })?;
        let refuse = |problem: &str| Error::BadFormat {
            path: path.into(),
            problem: problem.into(),
        };
        if let Some((_, problem)) = OTHERS.iter().find(|(magic, _)| first.starts_with(magic)) {
            return Err(refuse(problem));
        }
        let head = if first.starts_with(b"\x93NUMPY") {
            Head::Numpy(numpy::npy_head(path)?)
        } else if first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06") {
            let zipped = numpy::npz_head(path);
            let named = path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("npz"));
            match zipped {
                Err(Error::BadFormat { .. }) if !named => {
                    return Err(refuse(
                        "this is a zip archive, such as an Excel workbook, without NumPy arrays; save the table as CSV",
                    ));
                }
                zipped => Head::Numpy(zipped?),
            }
        } else if first.starts_with(b"PAR1") {
            #[cfg(feature = "parquet")]
            {
                Head::Parquet(parquet_file::head(path)?)
            }
            #[cfg(not(feature = "parquet"))]
            return Err(Error::NoParquet { path: path.into() });
        } else {
            Head::Text(text::head(path, reader(path)?, options)?)
        };
        let columns = match &head {
            Head::Text(head) => head.columns().to_vec(),
            Head::Numpy(head) => head.columns().to_vec(),
            #[cfg(feature = "parquet")]
            Head::Parquet(columns) => columns.clone(),
        };
        Ok(Self {
            path: path.into(),
            options: *options,
            head,
            columns,
        })
    }

    /// The same file, with units that a person says of its columns.
    pub(crate) fn with_units(mut self, units: &UnitMap, map: &ColumnMap) -> Result<Self, Error> {
        self.columns = units.said_of(&self.path, &self.columns, map)?;
        Ok(self)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Reads columns by their places, counted from 0, in the order given.
    ///
    /// # Errors
    /// [`Error::BadValue`] and [`Error::BadRow`] name what is wrong and its line, [`Error::BadRequest`] a column
    /// that is not there.
    pub fn read(&self, wanted: &[usize]) -> Result<Table, Error> {
        self.read_labelled(wanted, None)
    }

    /// The same with a column of labels, which need not be numbers, such as the trial that a row is of.
    ///
    /// # Errors
    /// As [`TableFile::read`].
    pub fn read_labelled(&self, wanted: &[usize], label: Option<usize>) -> Result<Table, Error> {
        self.read_timed(wanted, label, None)
    }

    /// The same where times of a column may be those of a clock, which are read as seconds.
    pub(crate) fn read_timed(
        &self,
        wanted: &[usize],
        label: Option<usize>,
        time: Option<usize>,
    ) -> Result<Table, Error> {
        let count = self.columns().len();
        if let Some(place) = wanted.iter().chain(&label).find(|place| **place >= count) {
            return Err(Error::BadRequest {
                reason: format!(
                    "{} has no column {place}, counted from 0; it has {count}",
                    self.path.display()
                ),
            });
        }
        let (path, missing) = (&self.path, self.options.missing);
        match &self.head {
            Head::Text(head) => text::rows(path, reader(path)?, head, wanted, label, time, missing),
            Head::Numpy(head) => numpy::rows(path, head, wanted, label, missing),
            #[cfg(feature = "parquet")]
            Head::Parquet(columns) => parquet_file::rows(path, columns, wanted, label, missing),
        }
    }
}

fn reader(path: &Path) -> Result<BufReader<File>, Error> {
    let file = File::open(path).map_err(|cause| Error::File {
        path: path.into(),
        cause,
    })?;
    Ok(BufReader::with_capacity(1 << 16, file))
}

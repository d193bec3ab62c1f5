//! Files of columns: Parquet.

use std::{fs::File, path::Path};

use arrow::{
    array::AsArray,
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use crate::{
    column::Column,
    error::Error,
    read_options::Missing,
    table::{DROP, Labels, Table},
};

fn bad(path: &Path, what: impl std::fmt::Display) -> Error {
    Error::BadFormat {
        path: path.into(),
        problem: format!("this cannot be read as a Parquet file: {what}"),
    }
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, Error> {
    let file = File::open(path).map_err(|cause| Error::File {
        path: path.into(),
        cause,
    })?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| bad(path, e))
}

/// What a reading gives, or an error where the reader panics: parquet 60 does so on some damaged pages, as when a page
/// says that its values are in a dictionary that is not there.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    caught.unwrap_or_else(|_| {
        Err(Error::BadFormat {
            path: path.into(),
            problem: "this Parquet file is damaged; write it again".into(),
        })
    })
}

/// The columns of a file.
pub(crate) fn head(path: &Path) -> Result<Vec<Column>, Error> {
    guarded(path, || columns(path))
}

fn columns(path: &Path) -> Result<Vec<Column>, Error> {
    let schema = open(path)?.schema().clone();
    Ok(schema
        .fields()
        .iter()
        .map(|field| Column::of(field.name()))
        .collect())
}

/// Reads the wanted columns, and one of labels.
pub(crate) fn rows(
    path: &Path,
    names: &[Column],
    wanted: &[usize],
    label: Option<usize>,
    missing: Missing,
) -> Result<Table, Error> {
    guarded(path, || table(path, names, wanted, label, missing))
}

fn table(
    path: &Path,
    names: &[Column],
    wanted: &[usize],
    label: Option<usize>,
    missing: Missing,
) -> Result<Table, Error> {
    let builder = open(path)?;
    let schema = builder.schema().clone();
    for &place in wanted {
        let field = schema.field(place);
        if !field.data_type().is_numeric() {
            return Err(Error::BadValue {
                path: path.into(),
                place: "all rows".into(),
                column: names[place].shown(place),
                found: format!("values are of type {}", field.data_type()),
                remedy: "they must be numbers; save times as seconds",
            });
        }
    }
    let places: Vec<usize> = wanted.iter().copied().chain(label).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
    let mut kept = places.clone();
    kept.sort_unstable();
    kept.dedup();
    let reader = builder
        .with_projection(mask)
        .build()
        .map_err(|e| bad(path, e))?;
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); wanted.len()];
    let mut labels = label.map(|_| Labels::default());
    let mut rows = 0;
    for batch in reader {
        let batch = batch.map_err(|e| bad(path, e))?;
        let column = |place: &usize, to: &DataType| {
            let at = kept.binary_search(place).unwrap_or_default();
            cast(batch.column(at), to).map_err(|e| bad(path, e))
        };
        for (values, place) in columns.iter_mut().zip(wanted) {
            let found = column(place, &DataType::Float64)?;
            let found = found.as_primitive::<Float64Type>();
            values.extend(found.iter().map(|value| value.unwrap_or(f64::NAN)));
        }
        if let (Some(labels), Some(place)) = (&mut labels, &label) {
            let found = column(place, &DataType::Utf8)?;
            for (row, value) in found.as_string::<i32>().iter().enumerate() {
                labels.push(value.ok_or_else(|| Error::BadValue {
                    path: path.into(),
                    place: format!("row {}", rows + row),
                    column: names[*place].shown(*place),
                    found: "the label is missing".into(),
                    remedy: DROP,
                })?);
            }
        }
        rows += batch.num_rows();
    }
    if rows == 0 {
        return Err(Error::NoRows { path: path.into() });
    }
    let shown: Vec<String> = wanted.iter().map(|&i| names[i].shown(i)).collect();
    Table::of_columns(path, columns, labels, &shown, missing)
}

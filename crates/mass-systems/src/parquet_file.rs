//! Data files of columns: Parquet.

use crate::atomic;
use crate::columns;
use crate::dataset::Dataset;
use crate::error::Error;
use arrow::array::{Array, ArrayRef, Float32Array, Float64Array, RecordBatch};
use arrow::datatypes::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Reads the data of a Parquet file, from columns of 32- or 64-bit floating-point numbers.
pub(crate) fn read(path: &Path, id: String) -> Result<Dataset, Error> {
    let unreadable = |cause| Error::File {
        action: "read",
        path: path.into(),
        cause,
    };
    let not_parquet = |what: String| Error::BadFormat {
        path: path.into(),
        problem: format!("this cannot be read as a Parquet file: {what}"),
    };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| not_parquet(e.to_string()))?;

    let schema = builder.schema().clone();
    let found: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    let layout = columns::find(path, &found)?;
    for &place in &layout.places {
        let field = schema.field(place);
        if !matches!(field.data_type(), DataType::Float32 | DataType::Float64) {
            return Err(Error::BadColumnType {
                path: path.into(),
                column: field.name().clone(),
                found: format!("values of type {}", field.data_type()),
            });
        }
    }

    let mask = ProjectionMask::roots(builder.parquet_schema(), layout.places.iter().copied());
    let reader = builder
        .with_projection(mask)
        .build()
        .map_err(|e| not_parquet(e.to_string()))?;
    let (dof, names) = (layout.dof, columns::names(layout.dof));
    let mut by_column: Vec<Vec<f64>> = vec![Vec::new(); 3 * dof];
    for batch in reader {
        let batch = batch.map_err(|e| not_parquet(e.to_string()))?;
        for (values, name) in by_column.iter_mut().zip(&names) {
            let column = batch
                .column_by_name(name)
                .ok_or_else(|| not_parquet(format!("column \"{name}\" is not in every part")))?;
            append(column, values).map_err(|(row, found)| Error::BadValue {
                path: path.into(),
                place: format!("row {row}"),
                column: name.clone(),
                found,
            })?;
        }
    }
    let rows = by_column[0].len();
    if rows == 0 {
        return Err(Error::NoRows { path: path.into() });
    }
    let table = |kind: usize| {
        let columns = &by_column[kind * dof..(kind + 1) * dof];
        (0..rows)
            .flat_map(|row| columns.iter().map(move |column| column[row]))
            .collect()
    };
    Dataset::new(id, dof, table(0), table(1), table(2))
}

/// Appends a column's numbers, or tells the row and what is there instead of a finite number.
fn append(column: &ArrayRef, values: &mut Vec<f64>) -> Result<(), (usize, String)> {
    let any = column.as_any();
    for i in 0..column.len() {
        let row = values.len();
        if column.is_null(i) {
            return Err((row, "nothing (null) is there".into()));
        }
        let value = if let Some(numbers) = any.downcast_ref::<Float64Array>() {
            numbers.value(i)
        } else if let Some(numbers) = any.downcast_ref::<Float32Array>() {
            f64::from(numbers.value(i))
        } else {
            return Err((row, format!("a value of type {}", column.data_type())));
        };
        if !value.is_finite() {
            return Err((row, format!("{value} is not finite")));
        }
        values.push(value);
    }
    Ok(())
}

/// Writes the data as Parquet, 64-bit numbers compressed by Snappy.
pub(crate) fn write(data: &Dataset, path: &Path) -> Result<(), Error> {
    let dof = data.dof();
    let tables = [data.x(), data.y(), data.acceleration()];
    let arrays = tables.iter().flat_map(|table| {
        (0..dof).map(move |i| {
            let column = table.iter().skip(i).step_by(dof).copied();
            Arc::new(Float64Array::from_iter_values(column)) as ArrayRef
        })
    });
    atomic::write_whole(path, |file| {
        let batch = RecordBatch::try_from_iter(columns::names(dof).into_iter().zip(arrays))
            .map_err(io::Error::other)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(())
    })
}

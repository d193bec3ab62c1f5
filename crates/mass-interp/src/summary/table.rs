//! Summaries as Parquet files.

use std::{fs::File, io, path::Path};

use arrow::datatypes::FieldRef;
use mass_core::{RunRecord, mass_runs, write_bytes};
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::Compression,
    file::{metadata::KeyValue, properties::WriterProperties},
};
use serde_arrow::schema::{SchemaLike, TracingOptions};

use super::Finding;
use crate::error::Error;

/// The key of the file's metadata that holds the run's record, as `run.toml` would.
const RECORD: &str = "run.toml";
/// The key that holds the format of the rows, and the newest that this program knows.
const FORMAT: (&str, u32) = ("mass.summary", 1);

/// Writes the rows, and the record of the training that they are of, whole or not at all.
pub(super) fn write(path: &Path, record: &RunRecord, rows: &[Finding]) -> Result<(), Error> {
    let failed = |cause: Box<dyn std::error::Error + Send + Sync>| {
        mass_runs::Error::file("write", path, io::Error::other(cause))
    };
    let record = mass_runs::Record::table(record);
    let record = toml::to_string(&record).map_err(|error| failed(error.into()))?;
    let fields = fields().map_err(|error| failed(error.into()))?;
    let batch = serde_arrow::to_record_batch(&fields, &rows);
    let batch = batch.map_err(|error| failed(error.into()))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(vec![
            KeyValue::new(RECORD.to_string(), record),
            KeyValue::new(FORMAT.0.to_string(), FORMAT.1.to_string()),
        ]))
        .build();
    let mut bytes = Vec::new();
    let written = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties));
    written
        .and_then(|mut writer| {
            writer.write(&batch)?;
            writer.close()
        })
        .map_err(|error| failed(error.into()))?;
    Ok(write_bytes(path, &bytes)?)
}

/// Reads them back.
pub(super) fn read(path: &Path) -> Result<(RunRecord, Vec<Finding>), Error> {
    let failed = |cause: Box<dyn std::error::Error + Send + Sync>| {
        Error::from(mass_runs::Error::file(
            "read",
            path,
            io::Error::other(cause),
        ))
    };
    let file = File::open(path).map_err(|cause| mass_runs::Error::file("read", path, cause))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file);
    let builder = builder.map_err(|error| failed(error.into()))?;
    let metadata = builder.metadata().file_metadata().key_value_metadata();
    let value = |key: &str| {
        let found = metadata.and_then(|all| all.iter().find(|one| one.key == key));
        found.and_then(|one| one.value.clone())
    };
    let format = value(FORMAT.0).and_then(|format| format.parse::<u32>().ok());
    let (Some(format), Some(record)) = (format, value(RECORD)) else {
        return Err(failed(
            "it does not say of which training it is, as the summaries of `mass sweep --summary` do".into(),
        ));
    };
    if format > FORMAT.1 {
        return Err(failed(
            format!(
                "a later version wrote it: its format is {format}, this program reads up to {}; update the program",
                FORMAT.1
            )
            .into(),
        ));
    }
    let record = &record;
    let record: RunRecord = toml::from_str(record).map_err(|error| failed(error.into()))?;
    let mut rows = Vec::new();
    for batch in builder.build().map_err(|error| failed(error.into()))? {
        let batch = batch.map_err(|error| failed(error.into()))?;
        let some: Vec<Finding> =
            serde_arrow::from_record_batch(&batch).map_err(|error| failed(error.into()))?;
        rows.extend(some);
    }
    Ok((record, rows))
}

/// The columns, those of a struct under its name.
fn fields() -> Result<Vec<FieldRef>, serde_arrow::Error> {
    let options = TracingOptions::default()
        .enums_without_data_as_strings(true)
        .strings_as_large_utf8(false)
        .sequence_as_large_list(false);
    Vec::<FieldRef>::from_type::<Finding>(options)
}

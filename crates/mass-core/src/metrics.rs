//! What a training measured, as Parquet tables.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Float32Array, Float64Array, ListArray, RecordBatch, StringArray,
        UInt64Array,
    },
    datatypes::{DataType, Field, Float32Type, Float64Type, Schema, UInt64Type},
};
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::Compression,
    file::properties::WriterProperties,
};

use mass_runs::{Error, write_bytes};

use crate::evaluation::TestError;

/// One scientist tested on one system after one step.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsRow {
    /// Steps done.
    pub step: u64,
    /// Phase, counted from 1.
    pub phase: u64,
    /// The scientist.
    pub seed: u64,
    /// The system.
    pub system: String,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// The whole objective on the last step's batch.
    pub train_loss: f64,
    /// The error on the last step's batch of this system, of the objective's kind.
    pub train_error: f64,
    /// The shift b_j.
    pub shift: f64,
    /// Error of the weights on the test states.
    pub raw: TestError,
    /// Error of the averaged weights on the test states: the one a scientist is judged by.
    pub average: TestError,
    /// Step at which the scientist diverged, if it did.
    pub diverged: Option<u64>,
}

/// The shared layer of one scientist after one step.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightsRow {
    /// Steps done.
    pub step: u64,
    /// The scientist.
    pub seed: u64,
    /// w, `[T]`, masked terms among them.
    pub weights: Vec<f32>,
}

/// What was measured: the rows of `metrics-NN.parquet` and `weights-NN.parquet`, one pair of files
/// per phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    /// One row per evaluation, scientist and system.
    pub rows: Vec<MetricsRow>,
    /// One row per evaluation and scientist.
    pub weights: Vec<WeightsRow>,
}

impl Metrics {
    /// Appends the rows of another.
    pub(crate) fn extend(&mut self, other: Metrics) {
        self.rows.extend(other.rows);
        self.weights.extend(other.weights);
    }

    /// Writes both tables, each whole or not at all.
    pub(crate) fn write(&self, metrics: &Path, weights: &Path) -> Result<(), Error> {
        write_table(metrics, self.metrics_table())?;
        write_table(weights, self.weights_table())
    }

    /// Reads of both tables the rows whose step is to be kept; the others never become rows.
    pub(crate) fn read(
        metrics: &Path,
        weights: &Path,
        keep: impl Fn(u64) -> bool,
    ) -> Result<Self, Error> {
        let mut read = Self::default();
        for batch in read_table(metrics)? {
            read.add_metrics(metrics, &batch?, &keep)?;
        }
        for batch in read_table(weights)? {
            read.add_weights(weights, &batch?, &keep)?;
        }
        Ok(read)
    }

    fn metrics_table(&self) -> Vec<(&'static str, ArrayRef)> {
        let rows = &self.rows;
        let count = |of: fn(&MetricsRow) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(of)))
        };
        let number = |of: fn(&MetricsRow) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(rows.iter().map(of)))
        };
        let systems = StringArray::from_iter_values(rows.iter().map(|row| &row.system));
        let diverged: UInt64Array = rows.iter().map(|row| row.diverged).collect();
        vec![
            ("step", count(|row| row.step)),
            ("phase", count(|row| row.phase)),
            ("seed", count(|row| row.seed)),
            ("system", Arc::new(systems)),
            ("learning_rate", number(|row| row.learning_rate)),
            ("train_loss", number(|row| row.train_loss)),
            ("train_error", number(|row| row.train_error)),
            ("b", number(|row| row.shift)),
            ("mse", number(|row| row.raw.mse)),
            ("rmse", number(|row| row.raw.rmse())),
            ("pole_share", number(|row| row.raw.pole_share)),
            ("ema_mse", number(|row| row.average.mse)),
            ("ema_rmse", number(|row| row.average.rmse())),
            ("ema_pole_share", number(|row| row.average.pole_share)),
            ("diverged_at", Arc::new(diverged)),
        ]
    }

    fn weights_table(&self) -> Vec<(&'static str, ArrayRef)> {
        let rows = &self.weights;
        let lists = rows
            .iter()
            .map(|row| Some(row.weights.iter().copied().map(Some)));
        vec![
            (
                "step",
                Arc::new(UInt64Array::from_iter_values(
                    rows.iter().map(|row| row.step),
                )),
            ),
            (
                "seed",
                Arc::new(UInt64Array::from_iter_values(
                    rows.iter().map(|row| row.seed),
                )),
            ),
            (
                "w",
                Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(lists)),
            ),
        ]
    }

    fn add_metrics(
        &mut self,
        path: &Path,
        batch: &RecordBatch,
        keep: impl Fn(u64) -> bool,
    ) -> Result<(), Error> {
        let count = |name| column(path, batch, name, &DataType::UInt64);
        let number = |name| column(path, batch, name, &DataType::Float64);
        let (step, phase, seed) = (count("step")?, count("phase")?, count("seed")?);
        let diverged = count("diverged_at")?;
        let system = column(path, batch, "system", &DataType::Utf8)?;
        let numbers = [
            "learning_rate",
            "train_loss",
            "train_error",
            "b",
            "mse",
            "pole_share",
            "ema_mse",
            "ema_pole_share",
        ]
        .map(number);
        let mut columns = Vec::new();
        for column in numbers {
            columns.push(column?);
        }
        for row in 0..batch.num_rows() {
            let count = |array: &ArrayRef| array.as_primitive::<UInt64Type>().value(row);
            if !keep(count(&step)) {
                continue;
            }
            let number = |index: usize| columns[index].as_primitive::<Float64Type>().value(row);
            self.rows.push(MetricsRow {
                step: count(&step),
                phase: count(&phase),
                seed: count(&seed),
                system: system.as_string::<i32>().value(row).to_string(),
                learning_rate: number(0),
                train_loss: number(1),
                train_error: number(2),
                shift: number(3),
                raw: TestError {
                    mse: number(4),
                    pole_share: number(5),
                },
                average: TestError {
                    mse: number(6),
                    pole_share: number(7),
                },
                diverged: diverged.is_valid(row).then(|| count(&diverged)),
            });
        }
        Ok(())
    }

    fn add_weights(
        &mut self,
        path: &Path,
        batch: &RecordBatch,
        keep: impl Fn(u64) -> bool,
    ) -> Result<(), Error> {
        let step = column(path, batch, "step", &DataType::UInt64)?;
        let seed = column(path, batch, "seed", &DataType::UInt64)?;
        let item = Field::new_list_field(DataType::Float32, true);
        let lists = column(path, batch, "w", &DataType::List(Arc::new(item)))?;
        for row in 0..batch.num_rows() {
            let count = |array: &ArrayRef| array.as_primitive::<UInt64Type>().value(row);
            if !keep(count(&step)) {
                continue;
            }
            let values = lists.as_list::<i32>().value(row);
            let values: &Float32Array = values.as_primitive();
            self.weights.push(WeightsRow {
                step: count(&step),
                seed: count(&seed),
                weights: values.values().to_vec(),
            });
        }
        Ok(())
    }
}

fn write_table(path: &Path, columns: Vec<(&'static str, ArrayRef)>) -> Result<(), Error> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), *name == "diverged_at"))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let table = RecordBatch::try_new(schema.clone(), arrays);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut bytes = Vec::new();
    table
        .map_err(parquet::errors::ParquetError::from)
        .and_then(|table| {
            let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties))?;
            writer.write(&table)?;
            writer.close()
        })
        .map_err(|error| Error::file("write", path, std::io::Error::other(error)))?;
    write_bytes(path, &bytes)
}

/// The batches of a table, read one by one.
fn read_table(path: &Path) -> Result<impl Iterator<Item = Result<RecordBatch, Error>>, Error> {
    let named = path.to_path_buf();
    let fail = move |cause| Error::file("read", &named, cause);
    let file = File::open(path).map_err(&fail)?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.build())
        .map_err(|error| fail(std::io::Error::other(error)))?;
    Ok(reader.map(move |batch| batch.map_err(|error| fail(std::io::Error::other(error)))))
}

fn column(
    path: &Path,
    batch: &RecordBatch,
    name: &str,
    kind: &DataType,
) -> Result<ArrayRef, Error> {
    let found = batch
        .column_by_name(name)
        .filter(|array| array.data_type() == kind);
    found.cloned().ok_or_else(|| {
        let reason = format!("it has no column {name:?} of type {kind}");
        Error::file("read", path, std::io::Error::other(reason))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_read_back_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let error = TestError {
            mse: 0.25,
            pole_share: 0.5,
        };
        let row = |step, diverged| MetricsRow {
            step,
            phase: 1,
            seed: 7,
            system: "kepler".to_string(),
            learning_rate: 1e-3,
            train_loss: 2.0,
            train_error: f64::INFINITY,
            shift: -0.1,
            raw: error,
            average: TestError {
                mse: f64::INFINITY,
                pole_share: 1.0,
            },
            diverged,
        };
        let metrics = Metrics {
            rows: vec![row(100, None), row(200, Some(150))],
            weights: vec![WeightsRow {
                step: 100,
                seed: 7,
                weights: vec![0.0, -1.5, 3.0],
            }],
        };
        let paths = ["metrics.parquet", "weights.parquet"].map(|name| folder.path().join(name));
        metrics.write(&paths[0], &paths[1]).unwrap();
        let read = |keep: fn(u64) -> bool| Metrics::read(&paths[0], &paths[1], keep).unwrap();
        assert_eq!(read(|_| true), metrics);
        assert_eq!(read(|step| step <= 100).rows, [row(100, None)]);
        assert_eq!(read(|step| step > 100).weights, []);
    }

    #[test]
    fn a_file_that_is_not_parquet_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.parquet");
        std::fs::write(&path, "not parquet").unwrap();
        let error = Metrics::read(&path, &path, |_| true)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("cannot read") && error.contains("metrics.parquet"),
            "{error}"
        );
    }
}

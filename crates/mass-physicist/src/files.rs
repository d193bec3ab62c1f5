//! Observations as files: CSV, or Parquet, by the name's ending.

use std::path::Path;

use mass_data::{ReadOptions, TableFile};
use mass_systems::write_whole;

use crate::{error::Error, observations::Observations};

/// Names of D coordinates.
fn coordinates(dimension: usize) -> Vec<String> {
    match dimension {
        1 => vec!["x".into()],
        2 => vec!["x".into(), "y".into()],
        3 => vec!["x".into(), "y".into(), "z".into()],
        _ => (0..dimension).map(|d| format!("x{d}")).collect(),
    }
}

impl Observations {
    /// Writes the positions: columns `trajectory`, `t`, the coordinates (x, y and z, or x0, x1, …) and, where the
    /// truth is known, `law`. Parquet if the name ends in `.parquet`, otherwise CSV with as many digits as give
    /// every number back exactly.
    ///
    /// # Errors
    /// If the file cannot be written, or is to be Parquet without the feature.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut names = vec!["trajectory".to_string(), "t".into()];
        names.extend(coordinates(self.dimension()));
        if self.labels().is_some() {
            names.push("law".into());
        }
        let mut columns = vec![Vec::new(); names.len()];
        for (motion, positions) in self.trajectories().iter().enumerate() {
            for (row, position) in positions.chunks_exact(self.dimension()).enumerate() {
                let label = self.labels().map(|labels| f64::from(labels[motion][row]));
                let time = row as f64 * self.step();
                let values = [motion as f64, time].into_iter();
                let values = values.chain(position.iter().copied()).chain(label);
                columns
                    .iter_mut()
                    .zip(values)
                    .for_each(|(column, v)| column.push(v));
            }
        }
        if is_parquet(path) {
            return write_parquet(path, &names, columns);
        }
        let whole = |name: &str| name == "trajectory" || name == "law";
        write_whole(path, |file| {
            let mut writer = csv::Writer::from_writer(file);
            writer.write_record(&names)?;
            for row in 0..columns[0].len() {
                let cells = columns.iter().zip(&names).map(|(column, name)| {
                    if whole(name) {
                        format!("{}", column[row])
                    } else {
                        format!("{:?}", column[row])
                    }
                });
                writer.write_record(cells)?;
            }
            writer.flush()
        })?;
        Ok(())
    }

    /// Reads what [`Observations::save`] wrote.
    ///
    /// A person's own file, whose columns are called otherwise, is read by [`mass_data::Measurements`] and
    /// [`Observations::from_measurements`].
    ///
    /// # Errors
    /// If the file cannot be read, a column is missing or steps are not equal, naming the row.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = TableFile::open(path, &ReadOptions::default())?;
        let place = |name: &str| file.columns().iter().position(|c| c.name() == name);
        let refuse = |problem: String| Error::File {
            path: path.into(),
            problem,
        };
        let missing = |name: &str| {
            refuse(format!(
                "there is no column \"{name}\"; a file of observations has trajectory, t, coordinates (x, y, z, or x0, x1, …) and perhaps law"
            ))
        };
        let dimension = (1..=64)
            .rev()
            .find(|d| coordinates(*d).iter().all(|name| place(name).is_some()))
            .ok_or_else(|| missing("x"))?;
        let mut wanted = Vec::new();
        for name in ["trajectory".to_string(), "t".into()]
            .into_iter()
            .chain(coordinates(dimension))
        {
            wanted.push(place(&name).ok_or_else(|| missing(&name))?);
        }
        wanted.extend(place("law"));
        let table = file.read(&wanted)?;
        let columns = table.columns();
        let rows = columns[0].len();
        let mut trajectories: Vec<Vec<f64>> = Vec::new();
        let mut labels: Vec<Vec<u32>> = Vec::new();
        let mut starts: Vec<usize> = Vec::new();
        for row in 0..rows {
            if row == 0 || columns[0][row] != columns[0][row - 1] {
                trajectories.push(Vec::new());
                labels.push(Vec::new());
                starts.push(row);
            }
            if let (Some(positions), Some(of)) = (trajectories.last_mut(), labels.last_mut()) {
                positions.extend(columns[2..2 + dimension].iter().map(|column| column[row]));
                if let Some(law) = columns.get(2 + dimension) {
                    let value = law[row];
                    if value < 0.0 || value.fract() != 0.0 || value > f64::from(u32::MAX) {
                        return Err(refuse(format!(
                            "{}: law {value} is no whole number from 0 on",
                            table.place(row)
                        )));
                    }
                    of.push(value as u32);
                }
            }
        }
        let time = &columns[1];
        starts.push(rows);
        let longest = starts.windows(2).max_by_key(|pair| pair[1] - pair[0]);
        let step = match longest {
            Some(&[from, to]) if to > from + 1 => {
                (time[to - 1] - time[from]) / (to - from - 1) as f64
            }
            _ => return Err(refuse("no trajectory has two rows".into())),
        };
        for pair in starts.windows(2) {
            for row in pair[0] + 1..pair[1] {
                let gap = time[row] - time[row - 1];
                if gap.is_nan() || (gap / step - 1.0).abs() > 1e-3 {
                    return Err(refuse(format!(
                        "{}: {gap} after the row before, where others are {step} apart: positions at equal steps are needed",
                        table.place(row)
                    )));
                }
            }
        }
        let observations = Self::new(dimension, tidy(step), trajectories)?;
        if columns.len() > 2 + dimension {
            return observations.with_labels(labels);
        }
        Ok(observations)
    }
}

/// A step that was written as a difference of times, without the last digits' rounding.
fn tidy(step: f64) -> f64 {
    let text = format!("{step:.12e}");
    text.parse().unwrap_or(step)
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}

#[cfg(feature = "parquet")]
fn write_parquet(path: &Path, names: &[String], columns: Vec<Vec<f64>>) -> Result<(), Error> {
    use arrow::array::{ArrayRef, Float64Array, RecordBatch};
    use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};
    use std::{io, sync::Arc};

    write_whole(path, |file| {
        let arrays = columns
            .into_iter()
            .map(|column| Arc::new(Float64Array::from(column)) as ArrayRef);
        let batch =
            RecordBatch::try_from_iter(names.iter().zip(arrays)).map_err(io::Error::other)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(())
    })?;
    Ok(())
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(path: &Path, _: &[String], _: Vec<Vec<f64>>) -> Result<(), Error> {
    Err(Error::File {
        path: path.into(),
        problem: "this build cannot write Parquet: build with the feature `parquet`, or write CSV"
            .into(),
    })
}

//! Data files of text: CSV.

use crate::atomic;
use crate::columns;
use crate::dataset::Dataset;
use crate::error::Error;
use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};
use std::fs::File;
use std::path::Path;

/// Reads the data of a CSV file; lines that begin with # are left out.
pub(crate) fn read(path: &Path, id: String) -> Result<Dataset, Error> {
    let file = File::open(path).map_err(|cause| Error::File {
        action: "read",
        path: path.into(),
        cause,
    })?;
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .comment(Some(b'#'))
        .flexible(false)
        .from_reader(file);
    let found: Vec<String> = reader
        .headers()
        .map_err(|e| describe(path, e))?
        .iter()
        .map(String::from)
        .collect();
    let layout = columns::find(path, &found)?;
    let (dof, names) = (layout.dof, columns::names(layout.dof));
    let mut tables: [Vec<f64>; 3] = Default::default();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|e| describe(path, e))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        for (column, (&place, name)) in layout.places.iter().zip(&names).enumerate() {
            let text = &record[place];
            let value = number(text).map_err(|found| Error::BadValue {
                path: path.into(),
                place: format!("line {line}"),
                column: name.clone(),
                found,
            })?;
            tables[column / dof].push(value);
        }
    }
    let [x, y, acceleration] = tables;
    if x.is_empty() {
        return Err(Error::NoRows { path: path.into() });
    }
    Dataset::new(id, dof, x, y, acceleration)
}

/// Writes the data as CSV, with as many digits as give every number back exactly.
pub(crate) fn write(data: &Dataset, path: &Path) -> Result<(), Error> {
    atomic::write_whole(path, |file| {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(columns::names(data.dof()))?;
        for state in data.iter() {
            let values = state.x.iter().chain(state.y).chain(state.acceleration);
            writer.write_record(values.map(|v| format!("{v:?}")))?;
        }
        writer.flush()
    })
}

/// A finite number, or what is there instead.
fn number(text: &str) -> Result<f64, String> {
    if text.is_empty() {
        return Err("nothing is there".into());
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("\"{text}\" is not finite")),
        Err(_) => Err(format!("\"{text}\" is not a number")),
    }
}

/// What is wrong with the text as CSV.
fn describe(path: &Path, error: csv::Error) -> Error {
    let problem = match error.kind() {
        ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => format!(
            "line {}: there are {len} values where the first line names {expected_len} columns",
            pos.as_ref().map_or(0, csv::Position::line)
        ),
        ErrorKind::Utf8 { pos, .. } => format!(
            "line {}: this is not text in UTF-8; is it a CSV file?",
            pos.as_ref().map_or(0, csv::Position::line)
        ),
        _ => match error.into_kind() {
            ErrorKind::Io(cause) => {
                return Error::File {
                    action: "read",
                    path: path.into(),
                    cause,
                };
            }
            other => format!("this cannot be read as CSV: {other:?}"),
        },
    };
    Error::BadFormat {
        path: path.into(),
        problem,
    }
}

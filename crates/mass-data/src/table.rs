//! Columns of numbers, with where each row came from.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use crate::{error::Error, number::Clock, read_options::Missing};

/// What would be right where a value is not finite.
pub(crate) const FINITE: &str = "every value must be a finite number, such as 0.25 or -1e-3";
/// What would be right where a value is missing.
pub(crate) const DROP: &str = "fill it in, or ask for rows with missing values to be left out";

/// Columns of N numbers each, and for each row where in its file it stood.
///
/// Of a file of N rows only the columns asked for are held: 8 bytes for each number, 4 more a row for labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    path: PathBuf,
    columns: Vec<Vec<f64>>,
    labels: Option<Labels>,
    places: Places,
    dropped: usize,
    clock: Option<ClockTimes>,
}

/// Times of a clock: each is given since the first.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ClockTimes {
    first: Clock,
    last: f64,
    /// Midnights since the first, of a clock without a date.
    days: f64,
}

/// What a column of labels says, such as which trial a row is of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Labels {
    known: HashMap<String, u32>,
    /// Those that occur, in order of their first row.
    names: Vec<String>,
    /// Of each row, which.
    of: Vec<u32>,
}

impl Labels {
    pub(crate) fn push(&mut self, label: &str) {
        let index = match self.known.get(label) {
            Some(index) => *index,
            None => {
                let index = self.names.len() as u32;
                self.known.insert(label.into(), index);
                self.names.push(label.into());
                index
            }
        };
        self.of.push(index);
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn of(&self) -> &[u32] {
        &self.of
    }
}

/// Where rows stand: runs of neighbours, for most files a single one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Places {
    word: &'static str,
    /// The first row of a run and its line.
    runs: Vec<(usize, u64)>,
}

impl Places {
    /// Lines of text, counted from 1.
    pub(crate) fn lines() -> Self {
        Self {
            word: "line",
            runs: Vec::new(),
        }
    }

    /// Rows of an array, counted from 0.
    pub(crate) fn rows() -> Self {
        Self {
            word: "row",
            runs: Vec::new(),
        }
    }

    fn push(&mut self, row: usize, line: u64) {
        match self.runs.last() {
            Some((first, at)) if at + (row - first) as u64 == line => {}
            _ => self.runs.push((row, line)),
        }
    }

    /// The line, or the row of an array.
    fn number(&self, row: usize) -> u64 {
        let run = self.runs.partition_point(|(first, _)| *first <= row);
        match run.checked_sub(1).map(|run| self.runs[run]) {
            Some((first, line)) => line + (row - first) as u64,
            None => row as u64,
        }
    }

    /// "line 12" or "row 3".
    pub(crate) fn of(&self, row: usize) -> String {
        format!("{} {}", self.word, self.number(row))
    }
}

impl Table {
    /// One without rows, of so many columns.
    pub(crate) fn empty(path: &Path, columns: usize, labelled: bool, places: Places) -> Self {
        Self {
            path: path.into(),
            columns: vec![Vec::new(); columns],
            labels: labelled.then(Labels::default),
            places,
            dropped: 0,
            clock: None,
        }
    }

    /// Seconds since the first time of a clock. One without a date that goes back by more than half a day has passed
    /// midnight.
    pub(crate) fn push_clock(&mut self, clock: Clock) -> f64 {
        const DAY: f64 = 86_400.0;
        let times = self.clock.get_or_insert(ClockTimes {
            first: clock,
            last: clock.seconds,
            days: 0.0,
        });
        if clock.day.is_none() && clock.seconds < times.last - DAY / 2.0 {
            times.days += 1.0;
        }
        times.last = clock.seconds;
        let days = match clock.day.zip(times.first.day) {
            Some((day, first)) => (day - first) as f64,
            None => times.days,
        };
        clock.seconds - times.first.seconds + days * DAY
    }

    /// Whether times were those of a clock.
    pub(crate) fn is_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// Of columns of an array or a Parquet file, each `[N]`, in which NaN is a missing value; `shown` names them
    /// in messages. Labels come with each row, where there are any.
    pub(crate) fn of_columns(
        path: &Path,
        mut columns: Vec<Vec<f64>>,
        mut labels: Option<Labels>,
        shown: &[String],
        missing: Missing,
    ) -> Result<Self, Error> {
        let rows = columns.first().map_or(0, Vec::len);
        let rows = rows.max(labels.as_ref().map_or(0, |labels| labels.of.len()));
        let mut places = Places::rows();
        let mut lost: Option<Vec<bool>> = None;
        for (column, shown) in columns.iter().zip(shown) {
            let Some(first) = column.iter().position(|value| !value.is_finite()) else {
                continue;
            };
            let refuse = |row: usize, found: String, remedy| Error::BadValue {
                path: path.into(),
                place: format!("row {row}"),
                column: shown.clone(),
                found,
                remedy,
            };
            if let Some(row) = column.iter().position(|value| value.is_infinite()) {
                return Err(refuse(
                    row,
                    format!("{} is not finite", column[row]),
                    FINITE,
                ));
            }
            if missing == Missing::Refuse {
                return Err(refuse(
                    first,
                    "the value is missing (NaN or null)".into(),
                    DROP,
                ));
            }
            let lost = lost.get_or_insert_with(|| vec![false; rows]);
            for (lost, value) in lost.iter_mut().zip(column) {
                *lost |= value.is_nan();
            }
        }
        let mut dropped = 0;
        if let Some(lost) = lost {
            let keep = |values: &mut Vec<f64>| {
                let mut lost = lost.iter();
                values.retain(|_| lost.next() == Some(&false));
            };
            columns.iter_mut().for_each(keep);
            if let Some(labels) = &mut labels {
                let mut lost = lost.iter();
                labels.of.retain(|_| lost.next() == Some(&false));
            }
            let kept = lost.iter().enumerate().filter(|(_, lost)| !**lost);
            for (at, (row, _)) in kept.enumerate() {
                places.push(at, row as u64);
            }
            dropped = lost.iter().filter(|lost| **lost).count();
        }
        Ok(Self {
            path: path.into(),
            columns,
            labels,
            places,
            dropped,
            clock: None,
        })
    }

    /// Adds a row that stands at this line.
    pub(crate) fn push(&mut self, line: u64, values: &[f64], label: &str) {
        self.places.push(self.len(), line);
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(*value);
        }
        if let Some(labels) = &mut self.labels {
            labels.push(label);
        }
        if self.columns.is_empty() && self.labels.is_none() {
            self.dropped += 1; // No row can be held without a column.
        }
    }

    pub(crate) fn drop_row(&mut self) {
        self.dropped += 1;
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of rows, N.
    pub fn len(&self) -> usize {
        match (&self.labels, self.columns.first()) {
            (_, Some(column)) => column.len(),
            (Some(labels), None) => labels.of.len(),
            (None, None) => 0,
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns in the order in which they were asked for, each `[N]`.
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// Takes a column away, so that it need not be held twice.
    pub(crate) fn take(&mut self, column: usize) -> Vec<f64> {
        std::mem::take(&mut self.columns[column])
    }

    /// Labels of the rows `[N]`, where a column of labels was asked for.
    pub fn labels(&self) -> Option<Vec<&str>> {
        let labels = self.labels.as_ref()?;
        let of = labels.of.iter();
        Some(of.map(|of| labels.names[*of as usize].as_str()).collect())
    }

    pub(crate) fn take_labels(&mut self) -> Option<Labels> {
        self.labels.take()
    }

    /// Where a row stands in its file: "line 12", counted from 1, of a text; "row 3", counted from 0, of an array.
    pub fn place(&self, row: usize) -> String {
        self.places.of(row)
    }

    /// What places are called, "line" or "row".
    pub(crate) fn place_word(&self) -> &'static str {
        self.places.word
    }

    /// The number in [`Table::place`].
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.places.number(row)
    }

    /// How many rows were left out because a value is missing.
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_runs() {
        let mut places = Places::lines();
        for (row, line) in [2, 3, 4, 8, 9, 20].into_iter().enumerate() {
            places.push(row, line);
        }
        assert_eq!(places.runs, [(0, 2), (3, 8), (5, 20)]);
        let of: Vec<String> = (0..6).map(|row| places.of(row)).collect();
        assert_eq!(
            of,
            ["line 2", "line 3", "line 4", "line 8", "line 9", "line 20"]
        );
    }
}

//! What decides a run, and what its directory therefore has to say.

use std::{fmt::Debug, path::Path};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Checkpoint, Error, State, difference::difference};

/// Everything that decides a run of an ensemble, as written to its `run.toml`: a run can be repeated
/// from it alone.
///
/// The members of an ensemble are numbered; a member's number, its seed, decides all that is random in
/// it, so that a run of some members is a part of a run of all. Training goes in phases of any length.
pub trait Record: Clone + Debug + Serialize + DeserializeOwned {
    /// What a checkpoint says besides its tensors.
    type State: State;
    /// The newest format of records that this program knows, which is the one it writes. A record's own
    /// is its key `format`; one without it is of format 1.
    const FORMAT: u32;

    /// Keys of the record that decide nothing: versions and revisions of the program. The format is
    /// none of them, it never decides.
    const NOT_DECIDING: &'static [&'static str];

    /// Tables that are kept for each phase, name and extension: `NAME-NN.EXTENSION` for phase NN.
    const TABLES: &'static [(&'static str, &'static str)];

    /// The format of this record.
    fn format(&self) -> u32;

    /// The seeds of the members, in the order of a checkpoint's tensors.
    fn seeds(&self) -> &[u64];

    /// Sets them.
    fn set_seeds(&mut self, seeds: Vec<u64>);

    /// Phases of the whole run.
    fn phases(&self) -> usize;

    /// Steps done at the end of `phase`, counted from 1; 0 at that of phase 0.
    fn phase_end(&self, phase: usize) -> u64;

    /// The phase, counted from 1, of the last of `completed` steps; 1 before the first.
    fn phase_of(&self, completed: u64) -> usize {
        (1..=self.phases())
            .find(|phase| completed <= self.phase_end(*phase))
            .unwrap_or(self.phases())
            .max(1)
    }

    /// Phases that are done after `completed` steps.
    fn phases_done(&self, completed: u64) -> usize {
        (1..=self.phases())
            .take_while(|phase| self.phase_end(*phase) <= completed)
            .count()
    }

    /// How many tasks are worked on in `phase`, counted from 1: what a step costs goes with them.
    fn seen(&self, phase: usize) -> usize;

    /// Revisions of the programs that trained, separated by commas, if they are known.
    fn revision(&self) -> Option<&str>;

    /// Sets them.
    fn set_revision(&mut self, revision: String);

    /// Whether the members started from a checkpoint rather than from their seeds; it is then that of
    /// step 0, which the directory has.
    fn starts_from_checkpoint(&self) -> bool {
        false
    }

    /// Notes which checkpoint the members started from, where runs are merged.
    fn set_start(&mut self, _checkpoint: &Checkpoint<Self::State>) {}

    /// Files besides tables and checkpoints that the directory has.
    fn attachments(&self) -> Vec<String> {
        Vec::new()
    }

    /// Refuses a record that was read but cannot be.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Refuses a checkpoint's state that cannot be of this run.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    fn check_state(&self, _state: &Self::State) -> Result<(), String> {
        Ok(())
    }

    /// The hash of what decides the numbers of a run, which its checkpoints carry: [`plan_hash`], unless
    /// an older format had another rule.
    fn plan_hash(&self) -> String {
        plan_hash(self)
    }

    /// The record as it is compared with another's before their runs are merged: what an older format says
    /// otherwise, as this one says it.
    fn comparable(&self) -> Self {
        self.clone()
    }

    /// In what runs differ that are to be merged, if in anything but their seeds.
    fn difference_to_merge(&self, other: &Self) -> Option<String> {
        difference(&common(&self.comparable()), &common(&other.comparable()))
    }

    /// The record as a table, as it is written.
    fn table(&self) -> toml::Table {
        toml::Table::try_from(self).expect("a record holds only plain data")
    }

    /// The single revisions, the first one first.
    fn revisions(&self) -> Vec<&str> {
        let all = self.revision().into_iter();
        all.flat_map(|all| all.split(", ")).collect()
    }

    /// Adds the revisions of another record; whether there was a new one.
    fn add_revisions(&mut self, other: &Self) -> bool {
        let mut all = self.revisions();
        let before = all.len();
        for revision in other.revisions() {
            if !all.contains(&revision) {
                all.push(revision);
            }
        }
        let (new, joined) = (all.len() > before, all.join(", "));
        if new {
            self.set_revision(joined);
        }
        new
    }

    /// Steps of the whole run.
    fn total_steps(&self) -> u64 {
        self.phase_end(self.phases())
    }
}

/// [`canonical_hash`] of a record without its format, and without the keys that decide nothing.
pub fn plan_hash<R: Record>(record: &R) -> String {
    canonical_hash(&deciding(record))
}

/// The record as a table, without its format and the keys that decide nothing.
pub(crate) fn deciding<R: Record>(record: &R) -> toml::Table {
    let mut table = record.table();
    for key in R::NOT_DECIDING.iter().chain(&["format"]) {
        table.remove(*key);
    }
    table
}

/// What runs that are merged have to have in common.
fn common<R: Record>(record: &R) -> toml::Table {
    let mut table = record.table();
    for key in ["format", "revision", "seeds"] {
        table.remove(key);
    }
    if record.starts_from_checkpoint() {
        table.insert("start".into(), "a checkpoint".into());
    }
    table
}

/// BLAKE3 of a table as JSON with sorted keys and nothing between: the same whatever the order in which
/// its keys were written, or the library that wrote it.
///
/// # Example
///
/// ```
/// let table = |text: &str| text.parse::<toml::Table>().unwrap();
/// let hash = |text| mass_runs::canonical_hash(&table(text));
/// assert_eq!(hash("a = 1\nb = { d = 2, c = [3.0, 4] }"), hash("b = { c = [3.0, 4], d = 2 }\na = 1"));
/// assert_ne!(hash("a = 1"), hash("a = 1.0"));
/// ```
pub fn canonical_hash(table: &toml::Table) -> String {
    let value = serde_json::to_value(table).expect("a table is plain data");
    let mut text = String::new();
    write_sorted(&value, &mut text);
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            // Not left to the map: a feature of serde_json keeps the order of insertion.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (place, (key, value)) in entries.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write_sorted(value, text);
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_sorted(value, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

/// Takes the format out of a record's table.
///
/// # Errors
///
/// [`Error::Newer`] if this program does not know it yet; what is wrong with it if it is no format.
pub(crate) fn take_format(
    file: &Path,
    table: &mut toml::Table,
    newest: u32,
) -> Result<Result<(), String>, Error> {
    let newest = i64::from(newest);
    match table
        .remove("format")
        .map_or(Some(1), |one| one.as_integer())
    {
        Some(format) if format > newest => Err(Error::Newer {
            path: file.into(),
            format,
            newest,
        }),
        Some(1..) => Ok(Ok(())),
        _ => Ok(Err(format!(
            "its format is to be a number from 1 to {newest}"
        ))),
    }
}

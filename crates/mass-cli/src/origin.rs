//! Where a result came from: the command, the files, and what their columns are called.

use std::{fs::File, io, path::PathBuf};

use anyhow::{Context, Result};
use mass_data::{Layout, MeasurementOptions, Measurements, TableFile, Time};
use serde::{Deserialize, Serialize};

/// What it takes to make a result again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The command, a word each.
    pub(crate) command: Vec<String>,
    /// The files that were read.
    pub(crate) files: Vec<SourceFile>,
    /// What splits were drawn by.
    pub(crate) seed: u64,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceFile {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub(crate) blake3: String,
}

/// A position, as the file names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) name: String,
    /// Its unit, where the file says it.
    pub(crate) unit: Option<String>,
    pub(crate) angle: bool,
    /// Whether the file has it in degrees.
    pub(crate) degrees: bool,
    /// Whether it is an angle that turned over: phase portraits show it within one turn.
    #[serde(default)]
    pub(crate) turned: bool,
}

/// BLAKE3 of bytes, in hexadecimal.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

impl Origin {
    /// Of the command that runs and the files that it read.
    pub(crate) fn of(files: &[PathBuf], seed: u64) -> Result<Self> {
        let read = |path: &PathBuf| {
            let mut hasher = blake3::Hasher::new();
            let bytes = File::open(path).and_then(|mut file| io::copy(&mut file, &mut hasher));
            let bytes = bytes.with_context(|| format!("{} cannot be read", path.display()))?;
            Ok(SourceFile {
                name: path.display().to_string(),
                bytes,
                blake3: hasher.finalize().to_hex().to_string(),
            })
        };
        let words = std::env::args_os().skip(1);
        let words = words.map(|word| word.to_string_lossy().into_owned());
        Ok(Self {
            command: std::iter::once("mass".to_string()).chain(words).collect(),
            files: files.iter().map(read).collect::<Result<_>>()?,
            seed,
        })
    }

    /// The command as a shell takes it.
    pub(crate) fn shell(&self) -> String {
        let plain = |c: char| c.is_alphanumeric() || "-_./,=:+@%".contains(c);
        let words =
            self.command
                .iter()
                .map(|word| match !word.is_empty() && word.chars().all(plain) {
                    true => word.clone(),
                    false => format!("'{}'", word.replace('\'', r"'\''")),
                });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The unit of time and the positions of some measurements, by the first of their files; `degrees` says that all
/// angles are in degrees.
pub(crate) fn labels(
    measured: &Measurements,
    files: &[PathBuf],
    options: &MeasurementOptions,
    degrees: bool,
) -> Result<(Option<String>, Vec<Position>)> {
    let path = files.first().context("no file was given")?;
    let file = TableFile::open(path, &options.read)?;
    let layout = Layout::find(path, file.columns(), &options.columns)?;
    let time = match layout.time() {
        Time::Column(place) => file.columns()[place].unit().map(str::to_string),
        _ => None,
    };
    let names = measured.columns().iter().enumerate();
    let positions = names.map(|(k, name)| {
        let column = layout
            .positions()
            .get(k)
            .map(|place| &file.columns()[*place]);
        let angle = measured.angles().contains(&k);
        Position {
            name: name.trim_matches('"').to_string(),
            unit: column.and_then(|column| column.unit()).map(str::to_string),
            angle,
            degrees: angle && (degrees || column.is_some_and(|column| column.is_degrees())),
            turned: false,
        }
    });
    Ok((time, positions.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_written_as_a_shell_takes_it() {
        let words = [
            "mass",
            "learn",
            "my file.csv",
            "--columns",
            "t=Zeit",
            "it's",
        ];
        let origin = Origin {
            command: words.map(String::from).to_vec(),
            ..Origin::default()
        };
        assert_eq!(
            origin.shell(),
            r"mass learn 'my file.csv' --columns t=Zeit 'it'\''s'"
        );
    }

    #[test]
    fn fingerprints_are_those_of_blake3() {
        // The published hash of nothing.
        assert_eq!(
            fingerprint(b""),
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
        );
    }
}

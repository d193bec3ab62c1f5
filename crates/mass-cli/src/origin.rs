//! Where a result came from: the command, the files, and what their columns are called.

use std::{fs::File, io, path::PathBuf};

use anyhow::{Context, Result};
use mass_data::Measurements;
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

/// The positions of some measurements, as their file names them.
pub(crate) fn positions(measured: &Measurements) -> Vec<Position> {
    let units = measured.units();
    let names = measured.columns().iter().enumerate();
    let each = names.map(|(k, name)| Position {
        name: name.trim_matches('"').to_string(),
        unit: units.positions.get(k).cloned().flatten(),
        angle: measured.angles().contains(&k),
        degrees: units.degrees.contains(&k),
        turned: false,
    });
    each.collect()
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

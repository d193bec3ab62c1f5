//! What several systems have in common, as it is kept: `together.json`, and a folder of each system beside it.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mass_sparse::Measured;
use mass_systems::write_whole;
use serde::{Deserialize, Serialize};

use crate::{
    course,
    learned::{self, Learned, Tried},
    versioned,
};

/// The format of the file. A newer one is refused.
const FORMAT: u32 = 1;

/// What was found of systems that are a file each.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Together {
    format: u32,
    /// Version of the program.
    version: String,
    /// The verdict on all of them, a sentence a line.
    pub(crate) verdict: String,
    /// Whether one theory is that of all of them.
    pub(crate) one_theory: bool,
    /// The law, a line each, with letters for what differs between those that share it; nothing where none do.
    pub(crate) formula: Vec<String>,
    /// Its numbers.
    pub(crate) coefficients: Vec<Shared>,
    /// What was noticed beside, a sentence each.
    pub(crate) notes: Vec<String>,
    /// What to do next.
    pub(crate) next: Vec<String>,
    pub(crate) systems: Vec<One>,
}

/// A number of the law, in each system.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Shared {
    /// What it is the coefficient of, `cos x`, `dry friction on x`.
    pub(crate) of: String,
    /// Empty of a pure number, `null` where a unit of the data is not known.
    pub(crate) unit: Option<String>,
    /// Whether it is fixed by choice.
    pub(crate) by_choice: bool,
    /// In each system that shares the law, in their order.
    pub(crate) values: Vec<Value>,
    /// Σ ((value − mean)/error)², of as many degrees of freedom as there are values, less one; `null` where errors are
    /// not known.
    pub(crate) chi_square: Option<f64>,
    /// The mean by the inverse squares of the errors, where all are equal within these.
    pub(crate) common: Option<Value>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Value {
    pub(crate) value: f64,
    /// 0 where it is fixed by choice, `null` where it is not known.
    pub(crate) standard_error: Option<f64>,
    /// Whether it is told from nothing in this system.
    pub(crate) needed: bool,
}

/// A system.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct One {
    /// The name of its file, and of its folder.
    pub(crate) name: String,
    /// Whether it shares the law.
    pub(crate) shares: bool,
    /// The best law that was found of it alone.
    pub(crate) alone: Option<Tried>,
    /// What was found of it; with the law of all in it, if it shares that.
    pub(crate) found: Learned,
}

impl Value {
    /// `28.0000 ± 0.0010`, `(0?)` behind it where it is not told from nothing.
    pub(crate) fn words(&self) -> String {
        let chosen = match self.standard_error {
            Some(0.0) => " (by choice)",
            _ => "",
        };
        let doubt = if self.needed { "" } else { " (0?)" };
        let number = Measured::new(self.value, self.standard_error);
        format!("{number}{chosen}{doubt}")
    }
}

impl Shared {
    /// The value in all systems, or that they differ and how much.
    pub(crate) fn in_all(&self) -> String {
        match (self.common, self.chi_square) {
            (Some(_), _) if self.by_choice => "the same".to_string(),
            (Some(common), _) => common.words(),
            (None, Some(chi_square)) => {
                format!(
                    "different (χ² = {chi_square:.0} of {})",
                    self.values.len() - 1
                )
            }
            (None, None) => "not known".to_string(),
        }
    }
}

/// The file in this folder, or this file, if what is kept there was found of several systems.
pub(crate) fn file(path: &Path) -> Option<PathBuf> {
    let inside = path.join(learned::TOGETHER);
    match path.is_dir() {
        true => inside.exists().then_some(inside),
        false => {
            let name = path.file_name()?;
            (name == learned::TOGETHER).then(|| path.to_path_buf())
        }
    }
}

impl Together {
    /// Of these systems, with nothing said yet.
    pub(crate) fn new(systems: Vec<One>) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_string(),
            verdict: String::new(),
            one_theory: false,
            formula: Vec::new(),
            coefficients: Vec::new(),
            notes: Vec::new(),
            next: Vec::new(),
            systems,
        }
    }

    /// Version of the program that found it.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The systems that share the law.
    pub(crate) fn sharing(&self) -> impl Iterator<Item = &One> {
        self.systems.iter().filter(|one| one.shares)
    }

    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Writes the file into a folder, and what was found of each system into a folder of its own there.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        for one in &self.systems {
            one.found.write(&folder.join(&one.name))?;
        }
        let text = self.json()?;
        write_whole(&folder.join(learned::TOGETHER), |file| {
            file.write_all(text.as_bytes())
        })?;
        // What another run found of one system is none of this.
        for name in [learned::FILE, course::FILE] {
            let old = folder.join(name);
            match fs::remove_file(&old) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error)
                        .with_context(|| format!("{} cannot be removed", old.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads what [`Together::write`] wrote.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        versioned::read(&text, file, learned::TOGETHER, FORMAT)
    }
}

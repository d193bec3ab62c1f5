//! The folder of a figure or table, and what stands in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mass_core::{Recipe, create_dir, write_bytes};
use mass_figures::{Claim, Made, Picture, Trained, VERDICTS, for_terminal, terminal};
use serde::{Serialize, de::DeserializeOwned};

use super::job::Job;

/// Steps of a phase in the paper, those of warm-up among them.
const PAPER_STEPS: usize = 10_100;

/// The folder of a figure or table, and the names of its files.
pub(super) struct Output {
    name: &'static str,
    folder: PathBuf,
    command: String,
    chosen: Option<String>,
}

impl Output {
    pub(super) fn new(job: &Job, name: &'static str, chosen: Option<String>) -> Result<Self> {
        let folder = job.out.join(name);
        create_dir(&folder)?;
        Ok(Self {
            name,
            folder,
            command: job.command.clone(),
            chosen,
        })
    }

    fn path(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", self.name))
    }

    /// Writes `NAME.json` and reads it back: what is drawn is what was written.
    pub(super) fn data<T: Serialize + DeserializeOwned>(&self, data: &T) -> Result<T> {
        let path = self.path("json");
        write_json(&path, data)?;
        read_json(&path)
    }

    pub(super) fn picture(&self, picture: &Picture) -> Result<()> {
        write_bytes(&self.path("svg"), picture.svg.as_bytes())?;
        Ok(write_bytes(&self.path("png"), &picture.png)?)
    }

    /// Writes `NAME.md` and prints it.
    pub(super) fn table(&self, text: &str) -> Result<()> {
        write_bytes(&self.path("md"), text.as_bytes())?;
        println!("\n{}", for_terminal(text));
        Ok(())
    }

    /// Writes `made.json` and `comparison.json`, prints the claims, and says where everything is.
    pub(super) fn claims(&self, trainings: Vec<Trained>, claims: &[Claim]) -> Result<()> {
        let made = Made {
            command: self.command.clone(),
            trainings,
            chosen: self.chosen.clone(),
        };
        write_json(&self.folder.join("made.json"), &made)?;
        let mut text = serde_json::to_string_pretty(claims)?;
        text.push('\n');
        write_bytes(&self.folder.join("comparison.json"), text.as_bytes())?;
        println!("\n{}: {}\n", self.name, made.words(steps_of));
        println!("{}\n{VERDICTS}\n", for_terminal(&terminal(claims)));
        if made
            .trainings
            .iter()
            .any(|one| one.phase_steps < steps_of(&one.recipe))
        {
            println!(
                "trained for fewer steps a phase than the recipe's own: what does not hold here may hold after more\n"
            );
        }
        println!("claims and files in {}\n", self.folder.display());
        Ok(())
    }
}

/// Steps a phase of a recipe by its name; of one that is not ours, the paper's.
pub(crate) fn steps_of(recipe: &str) -> usize {
    Recipe::named(recipe).map_or(PAPER_STEPS, |recipe| recipe.schedule.phase_steps())
}

fn write_json<T: Serialize>(path: &Path, data: &T) -> Result<()> {
    let mut text = serde_json::to_string(data)?;
    text.push('\n');
    Ok(write_bytes(path, text.as_bytes())?)
}

/// A JSON file of one of the outputs.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let written =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&written).with_context(|| format!("{} does not read", path.display()))
}

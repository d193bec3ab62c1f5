//! The folder of a figure or table, and what stands in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mass_core::{Recipe, Run, create_dir, write_bytes};
use mass_figures::{Claim, Picture, VERDICTS, for_terminal, terminal};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::job::Job;
use crate::training::Request;

/// Steps of a phase in the paper, those of warm-up among them.
const PAPER_STEPS: usize = 10_100;

/// The folder of a figure or table, and the names of its files.
pub(super) struct Output {
    name: &'static str,
    folder: PathBuf,
    command: String,
    chosen: Option<String>,
}

/// How a figure or table was made: `made.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Made {
    /// The command that makes it, without the folder.
    pub(crate) command: String,
    /// The trainings that it was made from; none for what needs none.
    pub(crate) trainings: Vec<Trained>,
    /// How what is shown of them was chosen, if not all is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chosen: Option<String>,
}

/// A training that a figure was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trained {
    /// Name of the recipe.
    pub(crate) recipe: String,
    /// The systems that the figure needs, in the order in which they join.
    pub(crate) systems: Vec<String>,
    /// The scientists that the figure is about.
    pub(crate) seeds: Vec<u64>,
    /// Steps of a phase, those of warm-up among them.
    pub(crate) phase_steps: usize,
    /// The device.
    pub(crate) device: String,
    /// Git revision of the program that trained, if it knew one.
    pub(crate) revision: Option<String>,
    /// Folder of the run, from the folder of all outputs.
    pub(crate) run: PathBuf,
}

impl Trained {
    /// A run as a request uses it.
    pub(super) fn of(run: &Run, request: &Request) -> Self {
        let record = run.record();
        let path = run.path().strip_prefix(&request.out);
        Self {
            recipe: record.recipe.name.clone(),
            systems: request.systems.clone(),
            seeds: request.seeds.clone(),
            phase_steps: record.recipe.schedule.phase_steps(),
            device: record.device.to_string(),
            revision: record.revision.clone(),
            run: path.unwrap_or(run.path()).to_path_buf(),
        }
    }
}

impl Made {
    /// Recipes, scientists, device and choice in a few words.
    pub(crate) fn words(&self) -> String {
        let Some(first) = self.trainings.first() else {
            return "no training".to_string();
        };
        let one_of = |of: &dyn Fn(&Trained) -> String| {
            let mut all: Vec<String> = self.trainings.iter().map(of).collect();
            all.dedup();
            all.join("; ")
        };
        let recipes = one_of(&|training| format!("recipe `{}`", training.recipe));
        let seeds = one_of(&|training| seeds_in_words(&training.seeds));
        let mut words = format!("{recipes}, {seeds}");
        if first.phase_steps != steps_of(&first.recipe) {
            words.push_str(&format!(", {} steps a phase", first.phase_steps));
        }
        if first.device != "flex" {
            words.push_str(&format!(", {}", first.device));
        }
        if let Some(chosen) = &self.chosen {
            words.push_str(&format!("; shown: {chosen}"));
        }
        words
    }

    /// The revisions of the programs that trained, shortened.
    pub(crate) fn revisions(&self) -> Vec<String> {
        let short = |revision: &str| match revision.split_once('-') {
            Some((hash, dirty)) => format!("{}-{dirty}", &hash[..hash.len().min(9)]),
            None => revision[..revision.len().min(9)].to_string(),
        };
        let known = self
            .trainings
            .iter()
            .filter_map(|one| one.revision.as_ref())
            .flat_map(|revision| revision.split(", ")); // of a merged run, several
        let mut revisions: Vec<String> = known.map(short).collect();
        revisions.sort();
        revisions.dedup();
        revisions
    }
}

/// `seed 3`, `20 scientists, seeds 0 to 19`, `3 scientists, seeds 1, 5, 9`.
fn seeds_in_words(seeds: &[u64]) -> String {
    let run = seeds.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    match seeds {
        [] => "no scientist".to_string(),
        [seed] => format!("seed {seed}"),
        [first, .., last] if run => {
            format!("{} scientists, seeds {first} to {last}", seeds.len())
        }
        _ => {
            let all: Vec<String> = seeds.iter().map(u64::to_string).collect();
            format!("{} scientists, seeds {}", seeds.len(), all.join(", "))
        }
    }
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
        println!("\n{}: {}\n", self.name, made.words());
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
fn steps_of(recipe: &str) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn trained(seeds: Vec<u64>) -> Trained {
        Trained {
            recipe: "reference".into(),
            systems: vec!["classical".into()],
            seeds,
            phase_steps: 10_100,
            device: "flex".into(),
            revision: Some("0123456789abcdef-dirty".into()),
            run: "training/x".into(),
        }
    }

    #[test]
    fn how_it_was_made_in_words() {
        let mut made = Made {
            chosen: None,
            command: "cargo xtask reproduce fig9".into(),
            trainings: vec![trained((0..20).collect()), trained((0..20).collect())],
        };
        assert_eq!(
            made.words(),
            "recipe `reference`, 20 scientists, seeds 0 to 19"
        );
        assert_eq!(made.revisions(), ["012345678-dirty"]);
        let merged = "abcdefghijkl, 0123456789-dirty".to_string();
        made.trainings[0].revision = Some(merged);
        assert_eq!(made.revisions(), ["012345678-dirty", "abcdefghi"]);
        made.trainings = vec![trained(vec![7])];
        made.trainings[0].phase_steps = 120;
        assert_eq!(
            made.words(),
            "recipe `reference`, seed 7, 120 steps a phase"
        );
        made.chosen = Some("the lowest".into());
        assert!(made.words().ends_with("a phase; shown: the lowest"));
        made.trainings.clear();
        assert_eq!(made.words(), "no training");
        assert_eq!(seeds_in_words(&[1, 5]), "2 scientists, seeds 1, 5");
    }
}

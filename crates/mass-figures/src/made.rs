//! How a figure or table was made.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How a figure or table was made: what stands beside it in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The command that makes it, without the folder.
    pub command: String,
    /// The trainings that it was made from; none for what needs none.
    pub trainings: Vec<Trained>,
    /// How what is shown of them was chosen, if not all is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
}

/// A training that a figure was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trained {
    /// Name of the recipe.
    pub recipe: String,
    /// The systems that the figure needs, in the order in which they join.
    pub systems: Vec<String>,
    /// The scientists that the figure is about.
    pub seeds: Vec<u64>,
    /// Steps of a phase, those of warm-up among them.
    pub phase_steps: usize,
    /// The device.
    pub device: String,
    /// Git revision of the program that trained, if it knew one.
    pub revision: Option<String>,
    /// Folder of the run, from the folder of all outputs.
    pub run: PathBuf,
}

/// The usual steps of a phase of a recipe, by its name.
pub type UsualSteps = fn(&str) -> usize;

/// What is to be made in place of what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned<'a> {
    /// Name of the recipe.
    pub recipe: &'a str,
    /// Scientists of the largest training.
    pub scientists: usize,
    /// Steps of a phase.
    pub phase_steps: usize,
}

impl Made {
    /// Recipes, scientists, device and choice in a few words. Steps of a phase are said where they are not
    /// the usual ones of the recipe, which `usual_steps` gives by its name.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_figures::{Made, Trained};
    ///
    /// let made = Made {
    ///     command: "cargo xtask reproduce fig9".into(),
    ///     trainings: vec![Trained {
    ///         recipe: "reference".into(),
    ///         systems: vec!["classical".into()],
    ///         seeds: (0..20).collect(),
    ///         phase_steps: 120,
    ///         device: "flex".into(),
    ///         revision: None,
    ///         run: "training/x".into(),
    ///     }],
    ///     chosen: None,
    /// };
    /// let words = made.words(|_| 10_100);
    /// assert_eq!(words, "recipe `reference`, 20 scientists, seeds 0 to 19, 120 steps a phase");
    /// ```
    pub fn words(&self, usual_steps: impl Fn(&str) -> usize) -> String {
        let Some(first) = self.trainings.first() else {
            return "no training".to_string();
        };
        let one_of = |of: &dyn Fn(&Trained) -> String| {
            let mut all: Vec<String> = Vec::new();
            for one in self.trainings.iter().map(of) {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
            all.join("; ")
        };
        let recipes = one_of(&|training| format!("recipe `{}`", training.recipe));
        let seeds = one_of(&|training| seeds_in_words(&training.seeds));
        let mut words = format!("{recipes}, {seeds}");
        if first.phase_steps != usual_steps(&first.recipe) {
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

    /// Was a training shorter than is usual for its recipe?
    pub fn is_short(&self, usual_steps: impl Fn(&str) -> usize) -> bool {
        let mut trainings = self.trainings.iter();
        trainings.any(|one| one.phase_steps < usual_steps(&one.recipe))
    }

    /// Why it should not be replaced by what is planned, if it should not: that would be of another recipe, of
    /// fewer scientists, or of fewer steps. A smaller ensemble takes minutes and a larger one may have taken a
    /// day, and what quotes a folder does not know that it was replaced.
    pub fn outweighs(&self, planned: &Planned<'_>) -> Option<String> {
        let there = self.trainings.iter().map(|one| one.seeds.len()).max()?;
        let first = self.trainings.first()?;
        let (recipe, steps) = (planned.recipe, planned.phase_steps);
        if first.recipe != recipe {
            Some(format!("this would be of recipe `{recipe}`"))
        } else if there > planned.scientists {
            Some(format!("this would be of {}", planned.scientists))
        } else if first.phase_steps > steps {
            Some(format!(
                "this would be of {steps} steps a phase, not {}",
                first.phase_steps
            ))
        } else {
            None
        }
    }

    /// The revisions of the programs that trained, shortened.
    pub fn revisions(&self) -> Vec<String> {
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
            made.words(|_| 10_100),
            "recipe `reference`, 20 scientists, seeds 0 to 19"
        );
        assert_eq!(made.revisions(), ["012345678-dirty"]);
        let merged = "abcdefghijkl, 0123456789-dirty".to_string();
        made.trainings[0].revision = Some(merged);
        assert_eq!(made.revisions(), ["012345678-dirty", "abcdefghi"]);
        made.trainings = vec![trained(vec![7])];
        made.trainings[0].phase_steps = 120;
        assert_eq!(
            made.words(|_| 10_100),
            "recipe `reference`, seed 7, 120 steps a phase"
        );
        made.chosen = Some("the lowest".into());
        assert!(
            made.words(|_| 10_100)
                .ends_with("a phase; shown: the lowest")
        );
        made.trainings.clear();
        assert_eq!(made.words(|_| 10_100), "no training");
        assert_eq!(seeds_in_words(&[1, 5]), "2 scientists, seeds 1, 5");
    }

    #[test]
    fn less_does_not_replace_more() {
        let planned = Planned {
            recipe: "reference",
            scientists: 20,
            phase_steps: 10_100,
        };
        let made = |recipe: &str, seeds: u64, phase_steps: usize| Made {
            command: "make".into(),
            trainings: vec![Trained {
                recipe: recipe.into(),
                phase_steps,
                ..trained((0..seeds).collect())
            }],
            chosen: None,
        };
        let refused = |made: Made| made.outweighs(&planned);
        assert_eq!(refused(made("reference", 20, 10_100)), None, "as many");
        assert_eq!(refused(made("reference", 3, 10_100)), None, "more now");
        assert_eq!(refused(made("reference", 20, 120)), None, "more steps now");
        let said = |made: Made| refused(made).unwrap();
        assert!(said(made("reference", 21, 10_100)).contains("of 20"));
        assert!(said(made("paper", 20, 10_100)).contains("`reference`"));
        assert!(said(made("reference", 20, 10_101)).contains("steps a phase"));
        let nothing = Made {
            trainings: Vec::new(),
            ..made("reference", 0, 0)
        };
        assert_eq!(refused(nothing), None, "what needs no training");
        assert!(made("reference", 1, 120).is_short(|_| 121));
        assert!(!made("reference", 1, 120).is_short(|_| 120));
    }
}

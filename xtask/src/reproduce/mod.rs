//! `cargo xtask reproduce`: data first, then drawing from the data alone, then the claims.
//!
//! A figure or table is one file with a [`figure::Figure`], and its line in [`list::FIGURES`].

mod agreement;
mod by_systems;
mod by_term;
mod fig10;
mod fig11;
mod fig12;
mod fig13;
mod fig14;
mod fig15;
mod fig16;
mod fig17;
mod fig18;
mod fig19;
mod fig3;
mod fig4;
mod fig5;
mod fig6;
mod fig7;
mod fig8;
mod fig9;
mod figure;
mod gallery;
pub(crate) mod job;
mod list;
mod motion;
mod physicist;
mod population;
mod prelude;
mod replace;
mod spread;
mod table1;
mod table2;
mod table2d;
mod table3;
mod theories;

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result, bail};
use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use mass_core::{Recipe, create_dir};
use mass_interp::Summary;
use mass_jet::DeviceKind;

use crate::training::{Request, obtain};
use figure::{Entry, Needs};
use job::Job;
pub(crate) use list::FIGURES;

/// Scientists by default: six phases of twenty take a quarter of an hour on two cores.
const MANY: u64 = 20;
/// Scientists of more dimensions by default.
const SOME: u64 = 8;
/// Scientists of each theory by default.
const FEW: u64 = 4;
/// `--full`, as many as the paper has: Figures 8, 9 and 13 to 15.
const FULL_SINGLE: u64 = 50;
/// `--full`: Figure 10, and what is made from the same scientists.
const FULL_CONTINUED: u64 = 1000;

/// What takes too long to be one of `all`.
const BY_NAME_ALONE: &str = "physicist-table2";

/// What can be made of summaries.
const FROM_SUMMARIES: [&str; 4] = ["fig6", "fig10", "fig11", "table2"];

/// What can be asked for.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// A figure or table.
    Figure(&'static Entry),
    /// The page of all that was made.
    Gallery,
    /// All of these.
    All,
}

impl Target {
    /// Its name on the command line and as a folder.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Figure(figure) => figure.name,
            Self::Gallery => "gallery",
            Self::All => "all",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Figure(figure) => figure.about,
            Self::Gallery => {
                "A page of all that is made: each picture with its numbers beside the paper's"
            }
            Self::All => "All of these but physicist-table2",
        }
    }

    fn needs(self) -> Needs {
        match self {
            Self::Figure(figure) => figure.needs,
            Self::Gallery | Self::All => Needs::Nothing,
        }
    }

    /// All but `all` itself, in the order of the gallery.
    pub(crate) fn each() -> impl Iterator<Item = Self> {
        FIGURES.iter().map(Self::Figure).chain([Self::Gallery])
    }

    /// Of the command line.
    fn parser() -> impl TypedValueParser<Value = Self> {
        let all = || Self::each().chain([Self::All]);
        let values = all().map(|target| PossibleValue::new(target.name()).help(target.about()));
        PossibleValuesParser::new(values).map(move |name| {
            let mut all = all();
            let found = all.find(|target| target.name() == name);
            found.expect("clap lets no other name through")
        })
    }
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// The figure or table of Fu et al. 2025; `physicist-...` of Wu & Tegmark 2018.
    #[arg(value_parser = Target::parser())]
    what: Target,
    /// The scientist of a figure about one: the seed of its initialisation and of its data
    /// [default: 0; for `fig7` the always correct one with the least error].
    #[arg(long)]
    seed: Option<u64>,
    /// The number of scientists of a figure about many: seeds 0 to SEEDS − 1 [default: 20; 8 of `fig12`,
    /// `table2d` and `fig17` to `fig19`, 4 of `theories`].
    #[arg(long, value_parser = clap::value_parser!(u64).range(2..=100_000))]
    seeds: Option<u64>,
    /// As many scientists as the paper has: 1000 who meet six systems, 50 on one system. Hours.
    /// `fig12`, `fig17` to `fig19` and `theories`, of which the paper has one or none, stay as they are.
    #[arg(long, conflicts_with = "seeds")]
    full: bool,
    /// `reference` (the released code), `paper` (as printed), `modern` or `general` (ours), or a TOML file; `table3` is about
    /// `paper`, `fig12`, `fig17` to `fig19`, `table2d` and `theories` about `general`, everything else about `reference`, unless said
    /// otherwise.
    #[arg(long)]
    recipe: Option<String>,
    /// Steps of cosine decay a phase, instead of the recipe's (10,000; 100,000 of `general`). Its warm-up comes on top, as many
    /// steps at most; so many at most, too, are between two tests.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    steps: Option<u64>,
    /// flex, ndarray, wgpu or cuda; each but flex needs `--features` of that name.
    #[arg(long, default_value_t = DeviceKind::Flex)]
    device: DeviceKind,
    /// Folder for trainings and figures.
    #[arg(long, default_value = "runs")]
    out: PathBuf,
    /// Make it from the summaries in this folder, which `mass sweep --summary` keeps, instead of training:
    /// of all scientists in them, unless --seeds says how many. fig6 (its counts), fig10, fig11, table2.
    #[arg(long, value_name = "FOLDER", conflicts_with = "full")]
    summaries: Option<PathBuf>,
    /// Replace what the folder holds, though it was made from more scientists or by another recipe.
    #[arg(long)]
    replace: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // Before any training, so that a bad flag costs no time.
    arguments.check()?;
    let summary = arguments.summary()?;
    let kept = summary.as_deref().map(|(all, _)| &all.record().recipe);
    let recipe = arguments.recipe()?.or(kept.cloned());
    arguments.device.open()?;
    let jobs = match arguments.what {
        Target::All => Target::each()
            .filter(|one| one.name() != BY_NAME_ALONE)
            .collect(),
        one => vec![one],
    };
    let jobs = jobs.into_iter().map(|target| {
        (
            target,
            arguments.job(target, recipe.as_ref(), summary.as_ref()),
        )
    });
    let jobs: Vec<(Target, Job)> = jobs.collect();
    if let (Some(summary), Some((_, job))) = (summary.as_deref(), jobs.first()) {
        let (all, folder) = summary;
        let (recipe, systems) = (&job.request().recipe, &job.request().systems);
        let checked = all.check_of(recipe, systems);
        checked.with_context(|| folder.display().to_string())?;
    }
    if !arguments.replace {
        let named = jobs.iter().map(|(target, job)| (target.name(), job));
        replace::check(named)?;
    }
    create_dir(&arguments.out)?;
    // The largest training first: smaller ones are parts of it.
    let systems =
        |(_, job): &&(Target, Job)| job.requests.first().map_or(0, |one| one.systems.len());
    if let (Target::All, Some((_, largest))) = (arguments.what, jobs.iter().max_by_key(systems)) {
        obtain(largest.request())?;
    }
    for (target, job) in &jobs {
        match target {
            Target::Figure(figure) => (figure.make)(job)?,
            Target::Gallery => gallery::write(&job.out)?,
            Target::All => bail!("`all` stands for the others"),
        }
    }
    Ok(())
}

impl Arguments {
    /// Flags that a target has no use for are mistakes.
    fn check(&self) -> Result<()> {
        let (name, needs) = (self.what.name(), self.what.needs());
        if matches!(self.what, Target::All) {
            return Ok(());
        }
        if !needs.many() && (self.seeds.is_some() || self.full) {
            let about = match needs {
                Needs::One => "is about one scientist, --seed N",
                _ => "needs no training",
            };
            bail!("--seeds and --full are for figures about many scientists; {name} {about}");
        }
        if self.seed.is_some() && !needs.one() {
            let about = match needs.many() {
                true => "is about many, --seeds N",
                false => "needs no training",
            };
            bail!("--seed is for figures about one scientist; {name} {about}");
        }
        Ok(())
    }

    /// The summaries to make it from, if they are asked for.
    fn summary(&self) -> Result<Option<Arc<(Summary, PathBuf)>>> {
        let Some(folder) = &self.summaries else {
            return Ok(None);
        };
        let name = self.what.name();
        if !FROM_SUMMARIES.contains(&name) {
            let those = FROM_SUMMARIES.join(", ");
            bail!("summaries do not hold what {name} shows; what can be made of them is {those}");
        }
        let all = Summary::read_folder(folder)?;
        Ok(Some(Arc::new((all, folder.clone()))))
    }

    /// The recipe asked for, with the steps asked for; `None` where the target decides.
    fn recipe(&self) -> Result<Option<Recipe>> {
        let Some(name) = &self.recipe else {
            return Ok(None);
        };
        Ok(Some(self.with_steps(Recipe::load(name)?)))
    }

    fn with_steps(&self, recipe: Recipe) -> Recipe {
        match self.steps {
            Some(steps) => recipe.with_steps(steps as usize),
            None => recipe,
        }
    }

    fn job(
        &self,
        target: Target,
        recipe: Option<&Recipe>,
        summary: Option<&Arc<(Summary, PathBuf)>>,
    ) -> Job {
        let default = match target {
            Target::Figure(figure) => figure.recipe,
            Target::Gallery | Target::All => Recipe::reference,
        };
        let recipe = recipe
            .cloned()
            .unwrap_or_else(|| self.with_steps(default()));
        let request = |systems: Vec<String>, seeds: Vec<u64>| Request {
            training: mass_core::Request {
                recipe: recipe.clone(),
                systems,
                seeds,
                device: self.device,
            },
            out: self.out.clone(),
            summary: summary.cloned(),
        };
        let many = |full| match (self.seeds, self.full, summary) {
            (Some(seeds), ..) => (0..seeds).collect(),
            (None, _, Some(summary)) => summary.0.seeds().to_vec(),
            (None, true, _) => (0..full).collect(),
            (None, false, _) => (0..MANY).collect(),
        };
        let requests = match target.needs() {
            Needs::Nothing => Vec::new(),
            Needs::One => vec![request(
                vec!["classical".to_string()],
                vec![self.seed.unwrap_or(0)],
            )],
            Needs::Single(systems) => systems
                .iter()
                .map(|system| request(vec![system.to_string()], many(FULL_SINGLE)))
                .collect(),
            Needs::Motion(system) => {
                let seeds = (0..self.seeds.unwrap_or(SOME)).collect();
                vec![request(vec![system.to_string()], seeds)]
            }
            Needs::Theories(systems) => {
                let seeds: Vec<u64> = (0..self.seeds.unwrap_or(FEW)).collect();
                let of = |system: &&str| {
                    theories::recipes(&recipe).map(|recipe| {
                        let mut one = request(vec![system.to_string()], seeds.clone());
                        one.training.recipe = recipe;
                        one
                    })
                };
                systems.iter().flat_map(of).collect()
            }
            Needs::Continued(count) | Needs::OneOfContinued(count) => {
                let systems = mass_systems::table1();
                let ids = systems.iter().take(count).map(|system| system.id());
                vec![request(ids.collect(), many(FULL_CONTINUED))]
            }
        };
        Job {
            command: self.command(target),
            out: self.out.clone(),
            requests,
            seed: self.seed,
        }
    }

    /// The command that makes this target again, with the flags that it heeds.
    fn command(&self, target: Target) -> String {
        let mut command = format!("cargo xtask reproduce {}", target.name());
        let mut flag = |text: String| {
            command.push(' ');
            command.push_str(&text);
        };
        let needs = target.needs();
        if needs == Needs::Nothing {
            return command;
        }
        if let (Some(seed), true) = (self.seed, needs.one()) {
            flag(format!("--seed {seed}"));
        }
        if needs.many() {
            if let Some(seeds) = self.seeds {
                flag(format!("--seeds {seeds}"));
            } else if self.full {
                flag("--full".to_string());
            }
        }
        if let Some(recipe) = &self.recipe {
            flag(format!("--recipe {recipe}"));
        }
        if let Some(steps) = self.steps {
            flag(format!("--steps {steps}"));
        }
        if let Some(folder) = &self.summaries {
            flag(format!("--summaries {}", folder.display()));
        }
        if self.device != DeviceKind::Flex {
            flag(format!("--device {}", self.device));
        }
        command
    }
}

/// Whether the one claim holds whose quantity contains these words.
#[cfg(test)]
fn holds(rows: &[mass_figures::Claim], of: &str) -> Option<bool> {
    let mut rows = rows.iter().filter(|row| row.quantity.contains(of));
    let row = rows.next().unwrap_or_else(|| panic!("no row of {of}"));
    assert!(rows.next().is_none(), "{of}");
    row.holds
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn arguments(line: &str) -> Arguments {
        Line::parse_from(["reproduce"].into_iter().chain(line.split(' '))).arguments
    }

    fn target(name: &str) -> Target {
        Target::each().find(|target| target.name() == name).unwrap()
    }

    #[test]
    fn commands_hold_the_flags_that_a_target_heeds() {
        let all = arguments("all --seed 7 --seeds 50 --steps 20");
        let command = |name| all.command(target(name));
        assert_eq!(
            command("fig3"),
            "cargo xtask reproduce fig3 --seed 7 --steps 20"
        );
        assert_eq!(
            command("fig9"),
            "cargo xtask reproduce fig9 --seeds 50 --steps 20"
        );
        assert_eq!(
            command("fig7"),
            "cargo xtask reproduce fig7 --seed 7 --seeds 50 --steps 20"
        );
        assert_eq!(command("table1"), "cargo xtask reproduce table1");
        let full = arguments("table2 --full --recipe paper");
        assert_eq!(
            full.command(target("table2")),
            "cargo xtask reproduce table2 --full --recipe paper"
        );
    }

    #[test]
    fn sizes_are_those_asked_for() {
        let seeds = |line: &str, target| {
            let job = arguments(line).job(target, None, None);
            (
                job.requests.len(),
                job.request().systems.len(),
                job.request().seeds.len(),
            )
        };
        assert_eq!(seeds("all", target("fig10")), (1, 6, 20));
        assert_eq!(seeds("all", target("fig7")), (1, 4, 20));
        assert_eq!(seeds("all --full", target("fig10")), (1, 6, 1000));
        assert_eq!(seeds("all --full", target("fig9")), (4, 1, 50));
        assert_eq!(seeds("all --seeds 3", target("fig15")), (2, 1, 3));
        assert_eq!(seeds("all --seeds 3", target("fig3")), (1, 1, 1));
    }

    #[test]
    fn flags_without_use_are_refused() {
        let refused = |line: &str| arguments(line).check().unwrap_err().to_string();
        assert!(refused("fig3 --seeds 5").contains("fig3 is about one scientist, --seed N"));
        assert!(refused("fig10 --seed 5").contains("fig10 is about many, --seeds N"));
        assert!(refused("table1 --full").contains("needs no training"));
        assert!(arguments("fig7 --seed 52 --seeds 9").check().is_ok());
        assert!(arguments("all --seed 1 --seeds 9").check().is_ok());
    }
}

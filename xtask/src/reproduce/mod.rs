//! `cargo xtask reproduce`: data first, then drawing from the data alone, then the comparison.

mod agreement;
mod by_term;
mod fig10;
mod fig11;
mod fig16;
mod fig3;
mod fig4;
mod fig5;
mod fig6;
mod fig7;
mod fig8;
mod fig9;
pub(crate) mod gallery;
pub(crate) mod output;
mod population;
mod quadratic;
mod spread;
mod statistics;
mod table1;
mod table2;
mod table3;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use mass_core::{Recipe, create_dir};
use mass_jet::DeviceKind;

use crate::training::{Request, check_device, obtain};
use output::Output;

/// The figures and tables that can be made.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// Training on the harmonic oscillator, and the learned motion.
    Fig3,
    /// The learned scalar S beside x² + y².
    Fig4,
    /// Weights and activations by term; correlations of the significant ones.
    Fig5,
    /// Scientists over four phases: which survive, fail, revive.
    Fig6,
    /// Correlation maps of one scientist, phase by system.
    Fig7,
    /// Which terms many scientists use, system by system.
    Fig8,
    /// Correlations of first principal components between scientists.
    Fig9,
    /// Correct scientists and significant terms against the number of systems.
    Fig10,
    /// Hamiltonian or Lagrangian, against the number of systems.
    Fig11,
    /// Mean activations of many scientists on the harmonic oscillator.
    Fig13,
    /// The same, and how their first component is distributed.
    Fig14,
    /// The same on the relativistic oscillator and on the pendulum.
    Fig15,
    /// Contours of S: three systems by three scientists.
    Fig16,
    /// The systems, each checked against its Lagrangian.
    Table1,
    /// The constrained fit to the two terms of Euler–Lagrange.
    Table2,
    /// The hyperparameters, and a training by them.
    Table3,
    /// Not in the paper: how far scientists agree, and their families.
    Agreement,
    /// Not in the paper: the spread of Figure 3's numbers over many seeds.
    Spread,
    /// A page of all that is made: each picture with its numbers beside the paper's.
    Gallery,
    /// All of these.
    All,
}

/// What a target is made from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Nothing that is trained.
    Nothing,
    /// One scientist on the harmonic oscillator.
    One,
    /// Many scientists, on each of these systems alone.
    Single(&'static [&'static str]),
    /// Many scientists who meet this many systems of Table 1, one after the other.
    Continued(usize),
}

/// Scientists by default: six phases of twenty take a quarter of an hour on two cores.
const MANY: u64 = 20;
/// `--full`, as many as the paper has: Figures 8, 9 and 13 to 15.
const FULL_SINGLE: u64 = 50;
/// `--full`: Figure 10, and what is made from the same scientists.
const FULL_CONTINUED: u64 = 1000;

/// The systems of Figures 8 and 9.
const FOUR: &[&str] = &["classical", "pendulum", "kepler", "relativistic"];

impl Target {
    fn needs(self) -> Needs {
        match self {
            Self::Fig3 | Self::Fig4 | Self::Fig5 | Self::Table3 => Needs::One,
            Self::Fig8 | Self::Fig9 => Needs::Single(FOUR),
            Self::Fig13 | Self::Fig14 | Self::Spread => Needs::Single(&["classical"]),
            Self::Fig15 => Needs::Single(&["relativistic", "pendulum"]),
            Self::Fig16 => Needs::Single(&["classical", "pendulum", "kepler"]),
            Self::Fig6 | Self::Fig7 => Needs::Continued(4),
            Self::Fig10 | Self::Fig11 | Self::Table2 | Self::Agreement => Needs::Continued(6),
            Self::Table1 | Self::Gallery | Self::All => Needs::Nothing,
        }
    }

    /// Its name on the command line and as a folder.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or(String::new(), |value| value.get_name().to_string())
    }

    /// All but `all` itself, in the order of the gallery.
    pub(crate) fn each() -> impl Iterator<Item = Self> {
        let all = Self::value_variants().iter().copied();
        all.filter(|target| *target != Self::All)
    }
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// The figure or table of Fu et al. 2025.
    #[arg(value_enum)]
    what: Target,
    /// The scientist of a figure about one: the seed of its initialisation and of its data
    /// [default: 0; for `fig7` the always correct one with the least error].
    #[arg(long)]
    seed: Option<u64>,
    /// The number of scientists of a figure about many: seeds 0 to SEEDS − 1 [default: 20].
    #[arg(long, value_parser = clap::value_parser!(u64).range(2..=100_000))]
    seeds: Option<u64>,
    /// As many scientists as the paper has: 1000 who meet six systems, 50 on one system. Hours.
    #[arg(long, conflicts_with = "seeds")]
    full: bool,
    /// `reference` (the released code), `paper` (as printed), `modern` (ours), or a TOML file; `table3` is about
    /// `paper`, everything else about `reference`, unless said otherwise.
    #[arg(long)]
    recipe: Option<String>,
    /// Steps of cosine decay a phase, instead of the recipe's 10,000; up to 100 of warm-up come on
    /// top.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    steps: Option<u64>,
    /// flex, ndarray, wgpu or cuda; each but flex needs `--features` of that name.
    #[arg(long, default_value_t = DeviceKind::Flex)]
    device: DeviceKind,
    /// Folder for trainings and figures.
    #[arg(long, default_value = "runs")]
    out: PathBuf,
}

/// What one target is to be made of.
struct Job {
    /// The command that makes it again, without the folder.
    command: String,
    /// Folder for trainings and figures.
    out: PathBuf,
    /// One a training.
    requests: Vec<Request>,
    /// The scientist asked for, if one was.
    seed: Option<u64>,
}

impl Job {
    /// The request of a target that needs one training.
    fn request(&self) -> &Request {
        &self.requests[0]
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // Before any training, so that a bad flag costs no time.
    arguments.check()?;
    let recipe = arguments.recipe()?;
    check_device(arguments.device)?;
    create_dir(&arguments.out)?;
    if arguments.what != Target::All {
        return make(
            arguments.what,
            &arguments.job(arguments.what, recipe.as_ref()),
        );
    }
    // The largest training first: smaller ones are parts of it.
    obtain(arguments.job(Target::Fig10, recipe.as_ref()).request())?;
    for target in Target::each() {
        make(target, &arguments.job(target, recipe.as_ref()))?;
    }
    Ok(())
}

fn make(target: Target, job: &Job) -> Result<()> {
    match target {
        Target::Fig3 => fig3::reproduce(job),
        Target::Fig4 => fig4::reproduce(job),
        Target::Fig5 => fig5::reproduce(job),
        Target::Fig6 => fig6::reproduce(job),
        Target::Fig7 => fig7::reproduce(job),
        Target::Fig8 => fig8::reproduce(job),
        Target::Fig9 => fig9::reproduce(job),
        Target::Fig10 => fig10::reproduce(job),
        Target::Fig11 => fig11::reproduce(job),
        Target::Fig13 => by_term::fig13(job),
        Target::Fig14 => by_term::fig14(job),
        Target::Fig15 => by_term::fig15(job),
        Target::Fig16 => fig16::reproduce(job),
        Target::Table1 => table1::reproduce(job),
        Target::Table2 => table2::reproduce(job),
        Target::Table3 => table3::reproduce(job),
        Target::Agreement => agreement::reproduce(job),
        Target::Spread => spread::reproduce(job),
        Target::Gallery => gallery::write(&job.out),
        Target::All => bail!("`all` stands for the others"),
    }
}

impl Arguments {
    /// Flags that a target has no use for are mistakes.
    fn check(&self) -> Result<()> {
        let (name, needs) = (self.what.name(), self.what.needs());
        let many = matches!(needs, Needs::Single(_) | Needs::Continued(_));
        if self.what == Target::All {
            return Ok(());
        }
        if !many && (self.seeds.is_some() || self.full) {
            let about = match needs {
                Needs::One => "is about one scientist, --seed N",
                _ => "needs no training",
            };
            bail!("--seeds and --full are for figures about many scientists; {name} {about}");
        }
        if self.seed.is_some() && needs != Needs::One && self.what != Target::Fig7 {
            let about = match many {
                true => "is about many, --seeds N",
                false => "needs no training",
            };
            bail!("--seed is for figures about one scientist; {name} {about}");
        }
        Ok(())
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

    fn job(&self, target: Target, recipe: Option<&Recipe>) -> Job {
        let default = match target {
            Target::Table3 => Recipe::paper,
            _ => Recipe::reference,
        };
        let recipe = recipe
            .cloned()
            .unwrap_or_else(|| self.with_steps(default()));
        let request = |systems: Vec<String>, seeds: Vec<u64>| Request {
            recipe: recipe.clone(),
            systems,
            seeds,
            device: self.device,
            out: self.out.clone(),
        };
        let many = |full| match (self.seeds, self.full) {
            (Some(seeds), _) => (0..seeds).collect(),
            (None, true) => (0..full).collect(),
            (None, false) => (0..MANY).collect(),
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
            Needs::Continued(count) => {
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
        if let (Some(seed), true) = (self.seed, needs == Needs::One || target == Target::Fig7) {
            flag(format!("--seed {seed}"));
        }
        if needs != Needs::One {
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
        if self.device != DeviceKind::Flex {
            flag(format!("--device {}", self.device));
        }
        command
    }
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

    #[test]
    fn commands_hold_the_flags_that_a_target_heeds() {
        let all = arguments("all --seed 7 --seeds 50 --steps 20");
        let command = |target| all.command(target);
        assert_eq!(
            command(Target::Fig3),
            "cargo xtask reproduce fig3 --seed 7 --steps 20"
        );
        assert_eq!(
            command(Target::Fig9),
            "cargo xtask reproduce fig9 --seeds 50 --steps 20"
        );
        assert_eq!(
            command(Target::Fig7),
            "cargo xtask reproduce fig7 --seed 7 --seeds 50 --steps 20"
        );
        assert_eq!(command(Target::Table1), "cargo xtask reproduce table1");
        let full = arguments("table2 --full --recipe paper");
        assert_eq!(
            full.command(Target::Table2),
            "cargo xtask reproduce table2 --full --recipe paper"
        );
    }

    #[test]
    fn sizes_are_those_asked_for() {
        let seeds = |line: &str, target| {
            let job = arguments(line).job(target, None);
            (
                job.requests.len(),
                job.request().systems.len(),
                job.request().seeds.len(),
            )
        };
        assert_eq!(seeds("all", Target::Fig10), (1, 6, 20));
        assert_eq!(seeds("all", Target::Fig7), (1, 4, 20));
        assert_eq!(seeds("all --full", Target::Fig10), (1, 6, 1000));
        assert_eq!(seeds("all --full", Target::Fig9), (4, 1, 50));
        assert_eq!(seeds("all --seeds 3", Target::Fig15), (2, 1, 3));
        assert_eq!(seeds("all --seeds 3", Target::Fig3), (1, 1, 1));
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

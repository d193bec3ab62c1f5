//! `cargo xtask reproduce`: data first, then drawing from the data alone, then the comparison.

mod fig3;
mod fig4;
mod fig5;
mod spread;
mod table1;
mod table3;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use mass_core::{Recipe, Run, WeightsKind, create_dir, write_bytes};
use mass_interp::Scientist;
use mass_jet::DeviceKind;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    comparison::{self, Comparison},
    draw::{self, Picture},
    training::{Request, obtain},
};

/// The figures and tables that can be made.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Training on the harmonic oscillator, and the learned motion.
    Fig3,
    /// The learned scalar S beside x² + y².
    Fig4,
    /// Weights and activations by term; correlations of the significant ones.
    Fig5,
    /// The systems, each checked against its Lagrangian.
    Table1,
    /// The hyperparameters, and a training by them.
    Table3,
    /// Not in the paper: the spread of Figure 3's numbers over many seeds.
    Spread,
    /// All of the paper's that can be made.
    All,
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// The figure or table of Fu et al. 2025.
    #[arg(value_enum)]
    what: Target,
    /// The scientist: the seed of its initialisation and of its data.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// For `spread` alone: the number of scientists, seeds 0 to SEEDS − 1 [default: 20].
    #[arg(long, value_parser = clap::value_parser!(u64).range(2..=100_000))]
    seeds: Option<u64>,
    /// `reference` (the released code), `paper` (as printed), or a TOML file; `table3` is about
    /// `paper`, everything else about `reference`, unless said otherwise.
    #[arg(long)]
    recipe: Option<String>,
    /// Steps of cosine decay, instead of the recipe's 10,000; the 100 of warm-up come on top.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    steps: Option<u64>,
    /// flex, ndarray, wgpu or cuda; each but flex needs `--features` of that name.
    #[arg(long, default_value_t = DeviceKind::Flex)]
    device: DeviceKind,
    /// Folder for trainings and figures.
    #[arg(long, default_value = "runs")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // Before any training, so that a bad flag costs no time.
    if arguments.seeds.is_some() && arguments.what != Target::Spread {
        bail!("--seeds is for `spread` alone: the other figures are of one scientist, --seed N");
    }
    let recipe = arguments.recipe()?;
    arguments.device.open()?;
    create_dir(&arguments.out)?;
    let targets = match arguments.what {
        Target::All => {
            vec![
                Target::Fig3,
                Target::Fig4,
                Target::Fig5,
                Target::Table1,
                Target::Table3,
            ]
        }
        one => vec![one],
    };
    for target in targets {
        let training = |default: Recipe| Request {
            recipe: recipe.clone().unwrap_or(default),
            systems: vec!["classical".to_string()],
            seeds: vec![arguments.seed],
            device: arguments.device,
            out: arguments.out.clone(),
        };
        let steps = |recipe: Recipe| arguments.with_steps(recipe);
        match target {
            Target::Fig3 => fig3::reproduce(&training(steps(Recipe::reference())))?,
            Target::Fig4 => fig4::reproduce(&training(steps(Recipe::reference())))?,
            Target::Fig5 => fig5::reproduce(&training(steps(Recipe::reference())))?,
            Target::Table1 => table1::reproduce(&arguments.out)?,
            Target::Table3 => table3::reproduce(&training(steps(Recipe::paper())))?,
            Target::Spread => {
                let mut request = training(steps(Recipe::reference()));
                request.seeds = (0..arguments.seeds.unwrap_or(20)).collect();
                spread::reproduce(&request)?;
            }
            Target::All => bail!("`all` stands for the others"),
        }
    }
    Ok(())
}

impl Arguments {
    /// The recipe asked for, with the steps asked for; `None` where the target decides.
    fn recipe(&self) -> Result<Option<Recipe>> {
        let Some(name) = &self.recipe else {
            return Ok(None);
        };
        let recipe = if name.ends_with(".toml") || name.contains(std::path::MAIN_SEPARATOR) {
            Recipe::from_file(Path::new(name))?
        } else {
            Recipe::named(name)?
        };
        Ok(Some(self.with_steps(recipe)))
    }

    fn with_steps(&self, recipe: Recipe) -> Recipe {
        match self.steps {
            Some(steps) => recipe.with_steps(steps as usize),
            None => recipe,
        }
    }
}

/// The scientist of a one-seed request, with averaged weights, trained if need be.
fn scientist(request: &Request) -> Result<(Run, Scientist)> {
    let run = obtain(request)?;
    let device = request.device.open()?;
    let scientist = Scientist::load(&run, request.seeds[0], WeightsKind::Average, &device)?;
    Ok((run, scientist))
}

/// The folder of a figure or table, and the names of its files.
struct Output {
    name: &'static str,
    folder: PathBuf,
}

impl Output {
    fn new(out: &Path, name: &'static str) -> Result<Self> {
        let folder = out.join(name);
        create_dir(&folder)?;
        Ok(Self { name, folder })
    }

    fn path(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", self.name))
    }

    /// Writes `NAME.json` and reads it back: what is drawn is what was written.
    fn data<T: Serialize + DeserializeOwned>(&self, data: &T) -> Result<T> {
        let path = self.path("json");
        let mut text = serde_json::to_string(data)?;
        text.push('\n');
        write_bytes(&path, text.as_bytes())?;
        let written = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&written).with_context(|| format!("{} does not read", path.display()))
    }

    fn picture(&self, picture: &Picture) -> Result<()> {
        write_bytes(&self.path("svg"), picture.svg.as_bytes())?;
        Ok(write_bytes(&self.path("png"), &picture.png)?)
    }

    /// Writes `comparison.json`, prints the comparison, and says where everything is.
    fn comparison(&self, comparisons: &[Comparison]) -> Result<()> {
        comparison::write(&self.folder.join("comparison.json"), comparisons)?;
        let (headers, rows) = comparison::table(comparisons);
        println!("\n{}\n", self.name);
        // Only in a file is a bar to be escaped.
        println!(
            "{}",
            draw::table::markdown(&headers, &rows).replace("\\|", "|")
        );
        println!("claims and files in {}\n", self.folder.display());
        Ok(())
    }
}

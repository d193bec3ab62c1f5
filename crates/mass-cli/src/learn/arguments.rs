//! The command line of `mass learn`, and what of it decides how files are read and divided.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use mass_data::{
    Differentiation, MeasurementOptions, Measurements, Note, Outliers, Part, Split, SplitBy,
    SplitOptions, Trajectory,
};
use mass_sparse::FunctionLibrary;

use crate::{reading::Reading, scientists::Told};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass learn pendulum.csv                          # columns t and theta are found by their names
  mass learn a.csv b.csv --out pendulum.mass       # two trials; what is found is kept in a folder
  mass learn short.csv middle.csv long.csv --each-file-a-system   # three pendulums: one law, a length of each its own
  mass learn lab.csv --columns t=Zeit,x=Winkel --degrees
  mass learn trials.txt --columns trajectory=1,t=2,x=3-4 --units t=s,x=rad --angles 1,2   # a file without a header
  mass learn odd.csv --scientists 8 --out odd.mass  # networks too, for what is no short formula
  mass learn trials.csv --judge-on 7               # trial 7 is not learned from
  mass learn run.csv --columns t=t,x=q,tau=torque --json | jq .verdict

Files: CSV as people have it, Parquet, .npy and .npz. Columns: t, trajectory, positions x, velocities y,
accelerations ydot, inputs tau. Only positions and times are needed.

Exit codes: 0 a law was found; 1 a file does not do; 2 the command line makes no sense; 3 no law was found, or one that
is known roughly only, and what was found is printed.")]
pub(crate) struct Arguments {
    /// Measurements of one system: a file with a column that says the trajectory, or a file each. Of several systems,
    /// a file each, with --each-file-a-system.
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Each file is a system of its own: what law have all of them in common, and which of its numbers differ?
    #[arg(long, conflicts_with_all = ["judge_on", "scientists", "theories", "steps"])]
    pub(super) each_file_a_system: bool,
    /// Keep rows that are far from what their neighbours say, instead of leaving them out as gross errors.
    #[arg(long)]
    pub(super) keep_outliers: bool,
    /// Keep rows at the start and the end of a trajectory in which nothing moves, instead of leaving them out.
    #[arg(long)]
    pub(super) keep_rests: bool,
    /// How derivatives are estimated where they were not measured.
    #[arg(long, value_enum, default_value_t = Method::Auto)]
    pub(super) derivatives: Method,
    /// What is held out to judge on.
    #[arg(long, value_enum, default_value_t = By::Auto)]
    pub(super) split: By,
    /// Which trajectories, or where the blocks lie.
    #[arg(long, default_value_t = 0)]
    pub(super) seed: u64,
    /// The share of the rows that is held out to judge on.
    #[arg(long, default_value_t = 0.2, value_name = "SHARE")]
    pub(super) hold_out: f64,
    /// Rows between a block that is held out and those learned from, of no use to either, for a smoother reaches
    /// over them; ten unless given, or half a block of a short recording.
    #[arg(long, value_name = "ROWS")]
    pub(super) rows_between: Option<usize>,
    /// A step in time longer than so many median steps divides a trajectory.
    #[arg(long, default_value_t = 10.0, value_name = "STEPS")]
    pub(super) gap: f64,
    /// What a law may be a sum of: sines and cosines of angles and powers of other positions (usual; squares and products of angles too), powers of all
    /// (polynomial), sines and cosines of all (trigonometric), or both of all (both).
    #[arg(long, value_enum, default_value_t = Functions::Usual)]
    pub(super) functions: Functions,
    /// Judge on these trajectories, by what the column says or by the file's name, and learn from all others.
    #[arg(long, value_delimiter = ',', conflicts_with_all = ["split", "seed"])]
    pub(super) judge_on: Vec<String>,
    /// Networks of each kind to train, which take minutes; none unless given, but four where no short formula explains
    /// the motion. With --out they are kept, and the same command with --force goes on with them after Ctrl-C.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=1000))]
    pub(super) scientists: Option<u64>,
    /// What networks are told of the law.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["free", "lagrangian", "plain"])]
    pub(super) theories: Vec<Told>,
    /// Steps of each network's training.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(super) steps: u64,
    /// A folder for what is found, for `report`, `predict` and `export`, with a page to look at, `report.html`.
    #[arg(long)]
    pub(super) out: Option<PathBuf>,
    /// Put what is found in the place of what another run left in the folder of --out.
    #[arg(long, requires = "out")]
    pub(super) force: bool,
    /// For programs: everything that was found, as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Method {
    Auto,
    FiniteDifferences,
    SavitzkyGolay,
    Kalman,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum By {
    Auto,
    Trajectories,
    Blocks,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(super) enum Functions {
    Usual,
    Polynomial,
    Trigonometric,
    Both,
}

impl Functions {
    /// A library of these functions: `make` takes d and the positions that are angles.
    pub(super) fn library(
        self,
        make: impl Fn(usize, &[usize]) -> Result<FunctionLibrary, mass_sparse::Error>,
        measured: &Measurements,
    ) -> Result<FunctionLibrary, mass_sparse::Error> {
        let (d, angles) = (measured.dof(), measured.angles());
        let all: Vec<usize> = (0..d).collect();
        match self {
            Self::Usual => make(d, angles),
            Self::Polynomial => make(d, &[]),
            Self::Trigonometric => make(d, &all),
            Self::Both => make(d, &[])?.and(make(d, &all)?),
        }
    }
}

impl Arguments {
    pub(super) fn options(&self) -> Result<MeasurementOptions> {
        Ok(MeasurementOptions {
            gap: self.gap,
            outliers: match self.keep_outliers {
                true => Outliers::Keep,
                false => Outliers::LeaveOut,
            },
            trim_rests: !self.keep_rests,
            ..self.reading.options()?
        })
    }

    pub(super) fn read(&self, files: &[PathBuf]) -> Result<Measurements> {
        self.reading.read(files, self.options()?)
    }

    pub(super) fn method(&self) -> (Differentiation, &'static str) {
        match self.derivatives {
            Method::Auto | Method::Kalman => (Differentiation::Auto, "a Kalman smoother"),
            Method::FiniteDifferences => (
                Differentiation::FiniteDifferences { points: 5 },
                "finite differences",
            ),
            Method::SavitzkyGolay => (
                Differentiation::SavitzkyGolay {
                    window: None,
                    degree: 4,
                },
                "Savitzky–Golay",
            ),
        }
    }
}

/// The trajectories of these names are held out, with all their pieces between gaps.
pub(super) fn judged_on(measured: &Measurements, names: &[String]) -> Result<Split> {
    let all = measured.trajectories();
    let is = |group: usize, name: &String| {
        let of_group = all.iter().filter(|one| one.group() == group);
        let mut parts = of_group.flat_map(|one| one.name().split(", "));
        parts.any(|part| {
            part == name
                || Path::new(part)
                    .file_stem()
                    .is_some_and(|stem| stem == &**name)
        })
    };
    for name in names {
        if !all.iter().any(|one| is(one.group(), name)) {
            bail!(
                "no trajectory is called {name}; there are {}",
                called(all.iter()).join(", ")
            );
        }
    }
    let mut split = measured.split(&SplitOptions::default())?;
    let parts = all.iter().enumerate().map(|(trajectory, one)| Part {
        trajectory,
        rows: 0..one.len(),
    });
    let held = |part: &Part| {
        names
            .iter()
            .any(|name| is(all[part.trajectory].group(), name))
    };
    (split.test, split.train) = parts.partition(held);
    if split.train.is_empty() {
        bail!("--judge-on holds out all trajectories: nothing is left to learn from");
    }
    split.by = SplitBy::Trajectories;
    Ok(split)
}

/// What tells these trajectories from others, as `--judge-on` takes it: their file, or what a column calls them there.
fn called<'a>(trajectories: impl Iterator<Item = &'a Trajectory>) -> Vec<&'a str> {
    let names = trajectories.map(|one| {
        let parts = one.name().split(", ");
        let own = parts.filter(|part| !part.starts_with("piece ")).last();
        own.unwrap_or(one.name())
    });
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().collect()
}

/// The trajectories that are held out.
pub(super) fn names_of(measured: &Measurements, split: &Split) -> Vec<String> {
    let all = measured.trajectories();
    let held = split
        .test
        .iter()
        .filter_map(|part| all.get(part.trajectory));
    called(held).into_iter().map(str::to_string).collect()
}

/// A note, with the flag that makes it another where there is one.
pub(super) fn told(note: &Note) -> String {
    match note {
        Note::Outliers { left_out: true, .. } => {
            format!("{note}. Look at them; --keep-outliers keeps them")
        }
        Note::Outliers {
            left_out: false, ..
        } => format!("{note}. Without --keep-outliers they are left out"),
        Note::Rests { .. } => format!("{note}; --keep-rests keeps them"),
        Note::LooksLikeDegrees { .. } => format!("{note}; for all angles, --degrees"),
        note => note.to_string(),
    }
}

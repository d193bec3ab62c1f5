//! `mass learn`: from files to a law.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use mass_core::{Error, mass_runs::stop_flag};
use mass_data::{
    ColumnMap, Degrees, Differentiation, Estimates, MeasurementOptions, Measurements, Missing,
    Note, Outliers, Part, ReadOptions, Rows, Split, SplitBy, SplitOptions,
};
use mass_sparse::{
    ConservedSearch, Factor, Forcing, Friction, FrictionKind, FrictionModel, FrictionTerm,
    FunctionLibrary, LagrangianLaw, MotionData, Recording, SparseLagrangian, SparseLaw,
    SparseRegression, Verdict,
};
use mass_systems::{QuantileRule, Solver, Stepper, quantile};

use crate::{
    course::{APART, Course, Law, Sources},
    learned::{Learned, Tried},
    origin::{Origin, labels},
    page,
    percent::percent,
    report::words,
    scientists::{self, Ensemble, Laboratory, Told},
    units::Units,
    write::print,
};

/// A theory whose error is at most so many times that of the best is as good.
const AS_GOOD: f64 = 1.5;
/// A Lagrangian that misses more says nothing of energy.
const HALF: f64 = 0.5;
/// A law that misses more of ẏ's deviation than the first explains it roughly, than the second hardly.
const ROUGH: f64 = 0.15;
const POOR: f64 = 0.6;
/// An error of so many times that of the accelerations is not explained by it, nor is one above this share.
const MUCH: f64 = 2.0;
const LEAST_SHARE: f64 = 1e-3;
/// An error of so many times another is the same.
const SAME: f64 = 1.1;
/// A coefficient of so many standard errors is there, if what it makes is this share of the accelerations.
const SIGNIFICANT: f64 = 4.0;
const WORTH: f64 = 3e-3;
/// Networks of each kind where they are called for and nobody says how many.
const SCIENTISTS: u64 = 4;
/// What no Lagrangian explains of a law, as a share of its rate, from which on it has none; below the first it has one.
const HAS_ONE: f64 = 0.05;
const HAS_NONE: f64 = 0.2;

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass learn pendulum.csv                          # columns t and theta are found by their names
  mass learn a.csv b.csv --out pendulum.mass       # two trials; what is found is kept in a folder
  mass learn lab.csv --columns t=Zeit,x=Winkel --degrees
  mass learn trials.txt --columns trajectory=1,t=2,x=3-4,y=5-6,ydot=7-8 --angles 1,2
  mass learn odd.csv --scientists 8 --out odd.mass  # networks too, for what is no short formula
  mass learn trials.csv --judge-on 7               # trial 7 is not learned from
  mass learn run.csv --columns t=t,x=q,tau=torque --json | jq .verdict

Files: CSV as people have it, Parquet, .npy and .npz. Columns: t, trajectory, positions x, velocities y,
accelerations ydot, inputs tau. Only positions and times are needed.

Exit codes: 0 a law was found; 1 a file does not do; 2 the command line makes no sense; 3 no law was found, and what
was found instead is printed.")]
pub(crate) struct Arguments {
    /// Measurements of one system: a file with a column that says the trajectory, or a file each.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Which column is what, by name or by number from 1; found by usual names where it is not said.
    #[arg(long)]
    columns: Option<ColumnMap>,
    /// Which positions are angles, by number from 1; `none` for none. Found by names and units unless said.
    #[arg(long, value_delimiter = ',')]
    angles: Vec<String>,
    /// All angles are in degrees.
    #[arg(long)]
    degrees: bool,
    /// Leave rows with missing values out, instead of refusing the file.
    #[arg(long)]
    drop_missing: bool,
    /// Time that goes back begins another trajectory, instead of being refused.
    #[arg(long)]
    restarts: bool,
    /// Keep rows that are far from what their neighbours say, instead of leaving them out as gross errors.
    #[arg(long)]
    keep_outliers: bool,
    /// How derivatives are estimated where they were not measured.
    #[arg(long, value_enum, default_value_t = Method::Auto)]
    derivatives: Method,
    /// What is held out to judge on.
    #[arg(long, value_enum, default_value_t = By::Auto)]
    split: By,
    /// Which trajectories, or where the blocks lie.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The share of the rows that is held out to judge on.
    #[arg(long, default_value_t = 0.2, value_name = "SHARE")]
    hold_out: f64,
    /// Rows between a block that is held out and those learned from, of no use to either, for a smoother reaches
    /// over them; ten unless given, or half a block of a short recording.
    #[arg(long, value_name = "ROWS")]
    rows_between: Option<usize>,
    /// A step in time longer than so many median steps divides a trajectory.
    #[arg(long, default_value_t = 10.0, value_name = "STEPS")]
    gap: f64,
    /// What a law may be a sum of: sines and cosines of angles and powers of other positions (usual), powers of all
    /// (polynomial), sines and cosines of all (trigonometric), or both of all (both).
    #[arg(long, value_enum, default_value_t = Functions::Usual)]
    functions: Functions,
    /// Judge on these trajectories, by what the column says or by the file's name, and learn from all others.
    #[arg(long, value_delimiter = ',', conflicts_with_all = ["split", "seed"])]
    judge_on: Vec<String>,
    /// Networks of each kind to train, which take minutes; none unless given, but four where no short formula explains
    /// the motion. With --out they are kept, and the same command with --force goes on with them after Ctrl-C.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=1000))]
    scientists: Option<u64>,
    /// What networks are told of the law.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["free", "lagrangian", "plain"])]
    theories: Vec<Told>,
    /// Steps of each network's training.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    steps: u64,
    /// A folder for what is found, for `report`, `predict` and `export`, with a page to look at, `report.html`.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Put what is found in the place of what another run left in the folder of --out.
    #[arg(long, requires = "out")]
    force: bool,
    /// For programs: everything that was found, as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    Auto,
    FiniteDifferences,
    SavitzkyGolay,
    Kalman,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Auto,
    Trajectories,
    Blocks,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Functions {
    Usual,
    Polynomial,
    Trigonometric,
    Both,
}

impl Functions {
    /// A library of these functions: `make` takes d and the positions that are angles.
    fn library(
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

/// Learns and prints; whether a law was found.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(folder) = arguments.out.as_ref().filter(|_| !arguments.force) {
        Learned::is_free(folder)?; // before the work
    }
    let learned = learn(arguments)?;
    if let Some(folder) = &arguments.out {
        learned.write(folder)?;
    }
    let text = match arguments.json {
        true => learned.json()? + "\n",
        false => words(&learned),
    };
    print(&text)?;
    if let Some(folder) = &arguments.out {
        let page = page::write(&learned, folder, None)?;
        eprintln!(
            "kept in {0}: mass report {0}; the page: {1}",
            folder.display(),
            page.display()
        );
    }
    if let Some(words) = learned.stopped {
        return Err(Error::Interrupted(words).into());
    }
    let error = |best: usize| error_of(&learned.theories, best);
    Ok(learned.best.is_some_and(|best| error(best) <= POOR))
}

impl Arguments {
    fn options(&self) -> Result<MeasurementOptions> {
        let mut angles = None;
        if !self.angles.is_empty() {
            let all = self.angles.iter().filter(|one| *one != "none");
            let each = all.map(|text| {
                let number = text.trim().parse::<usize>().ok().filter(|n| *n > 0);
                number.map(|n| n - 1).with_context(|| {
                    format!(
                        "--angles {text}: positions are counted from 1, as in --angles 1,2; or none"
                    )
                })
            });
            angles = Some(each.collect::<Result<Vec<_>>>()?);
        }
        let missing = match self.drop_missing {
            true => Missing::DropRow,
            false => Missing::Refuse,
        };
        Ok(MeasurementOptions {
            read: ReadOptions {
                missing,
                ..ReadOptions::default()
            },
            columns: self.columns.clone().unwrap_or_default(),
            angles,
            degrees: Degrees::Labelled,
            restarts: self.restarts,
            gap: self.gap,
            outliers: match self.keep_outliers {
                true => Outliers::Keep,
                false => Outliers::LeaveOut,
            },
        })
    }

    fn read(&self) -> Result<Measurements> {
        let mut options = self.options()?;
        let found = Measurements::read(&self.files, &options).map_err(with_flag)?;
        if !self.degrees {
            return Ok(found);
        }
        // Only now it is known which positions there are.
        let angles = match &options.angles {
            Some(given) => given.clone(),
            None if found.angles().is_empty() => (0..found.dof()).collect(),
            None => found.angles().to_vec(),
        };
        options.angles = Some(angles.clone());
        options.degrees = Degrees::Positions(angles);
        Measurements::read(&self.files, &options).map_err(with_flag)
    }

    fn method(&self) -> (Differentiation, &'static str) {
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
fn judged_on(measured: &Measurements, names: &[String]) -> Result<Split> {
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
            let known: Vec<&str> = all.iter().map(|one| one.name()).collect();
            bail!(
                "no trajectory is called {name}; there are {}",
                known.join("; ")
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

/// An error, with the flag that helps.
fn with_flag(error: mass_data::Error) -> anyhow::Error {
    let flag = match &error {
        mass_data::Error::Columns { .. } => Some(
            "--columns says which is which, as in --columns t=Zeit,x=Winkel or, by number, --columns t=1,x=2",
        ),
        mass_data::Error::BadTime { .. } => Some(
            "--columns trajectory=NAME names the column, --restarts begins a trajectory where time goes back",
        ),
        mass_data::Error::BadValue { remedy, .. } if remedy.contains("missing values") => {
            Some("--drop-missing leaves them out")
        }
        _ => None,
    };
    match flag {
        Some(flag) => anyhow::anyhow!("{error}; {flag}"),
        None => error.into(),
    }
}

/// A note, with the flag that makes it another where there is one.
fn told(note: &Note) -> String {
    match note {
        Note::Outliers { left_out: true, .. } => {
            format!("{note}. Look at them; --keep-outliers keeps them")
        }
        Note::Outliers {
            left_out: false, ..
        } => format!("{note}. Without --keep-outliers they are left out"),
        note => note.to_string(),
    }
}

/// What is said while one waits; nothing where nobody looks.
fn tell(words: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("{words} …");
    }
}

fn learn(arguments: &Arguments) -> Result<Learned> {
    let files = arguments
        .files
        .iter()
        .map(|file| file.display().to_string());
    let mut learned = Learned::new(files.collect());
    tell("reading");
    let measured = arguments.read()?;
    // With velocities that are none every law is wrong.
    let wrong = measured
        .notes()
        .iter()
        .find(|note| matches!(note, Note::RateDisagrees { difference, .. } if *difference > HALF));
    if let Some(note) = wrong {
        bail!("{note}; on the command line, --columns x=A,y=none, or x=A,B for two positions");
    }
    let (method, method_name) = arguments.method();
    tell("estimating derivatives");
    let estimates = measured.differentiate(&method)?;
    let by = match arguments.split {
        By::Auto => SplitBy::Auto,
        By::Trajectories => SplitBy::Trajectories,
        By::Blocks => SplitBy::Blocks,
    };
    let options = SplitOptions {
        by,
        seed: arguments.seed,
        fraction: arguments.hold_out,
        gap: arguments.rows_between,
    };
    let split = match arguments.judge_on.as_slice() {
        [] => measured.split(&options)?,
        names => judged_on(&measured, names)?,
    };
    let train = estimates.rows(&measured, "measured", &split.train, false)?;
    let test = estimates.rows(&measured, "measured", &split.test, false)?;
    let names = measured.columns().iter();
    learned.positions = names
        .map(|name| name.trim_matches('"').to_string())
        .collect();
    learned.inputs = measured.forcings();
    let units = measured.units();
    learned.units = Units {
        time: units.time.clone(),
        positions: units.positions.clone(),
        degrees: units.degrees.clone(),
    };
    let notes = measured.notes().iter().chain(estimates.notes());
    let (warnings, notes): (Vec<_>, Vec<_>) = notes.partition(|note| note.is_warning());
    learned.warnings = warnings.iter().map(|note| told(note)).collect();
    learned.notes = notes.iter().map(ToString::to_string).collect();
    learned.rows = [train.data.len(), test.data.len()];
    learned.split = match split.by {
        _ if !timed(&measured) => "other rows".to_string(),
        SplitBy::Trajectories => "other trajectories".to_string(),
        _ => "other blocks of time".to_string(),
    };
    let given = measured
        .trajectories()
        .iter()
        .all(|one| one.acceleration().is_some());
    learned.accelerations = match given {
        true => "measured".to_string(),
        false => method_name.to_string(),
    };
    learned.acceleration_error = uncertainty(&test);

    let found = Found {
        measured: &measured,
        estimates: &estimates,
        held_out: &split.test,
        functions: arguments.functions,
        noise: match learned.acceleration_error {
            noise if noise.is_finite() => noise,
            _ => 0.0,
        },

        learn: motion(&measured, &train)?,
        judge: motion(&measured, &test)?,
        train: &train,
        test: &test,
    };
    tell("sparse regression of ẏ");
    let (tried, sparse) = found.sparse(learned.acceleration_error);
    learned.theories.push(tried);
    tell("looking for a Lagrangian");
    let (tried, conservative) = found.lagrangian(FrictionModel::None, "Lagrangian");
    learned.theories.push(tried);
    let (tried, damped) = found.lagrangian(FrictionModel::Diagonal, "Lagrangian with friction");
    learned.theories.push(tried);
    learned.sparse = sparse;
    // With friction where it is told from none.
    let rubs = damped
        .as_ref()
        .is_some_and(|law| !law.friction().is_empty());
    let (mut lagrangian, mut place) = match rubs {
        true => (damped, 2),
        false => (conservative, 1),
    };
    let missed = error_of(&learned.theories, place);
    let unexplained = missed > MUCH * learned.acceleration_error.max(LEAST_SHARE);
    if unexplained || found.rubs_otherwise(lagrangian.as_ref()) {
        tell("looking for dry and quadratic friction");
        let name = "Lagrangian with dry or quadratic friction";
        let (mut tried, other) = found.lagrangian(FrictionModel::AnyKind, name);
        match other.filter(|other| found.is_better(other, lagrangian.as_ref())) {
            Some(other) => (lagrangian, place) = (Some(other), learned.theories.len()),
            None => tried.formula = vec!["no better than without".to_string()],
        }
        learned.theories.push(tried);
    }
    let moves = timed(&measured);
    if let Some(law) = lagrangian.clone().filter(|law| law.inputs() == 0 && moves) {
        tell("refining it by the motion");
        let (tried, refined) = found.refined(&law, &split.train);
        let before = error_of(&learned.theories, place);
        if tried
            .error
            .is_some_and(|error| error <= (AS_GOOD * before).max(1e-4))
        {
            (lagrangian, place) = (refined.or(lagrangian), learned.theories.len());
        }
        learned.theories.push(tried);
    }
    // Where accelerations are not known, no law is, whatever was found.
    let known = learned.acceleration_error <= 1.0 || learned.acceleration_error.is_nan();
    learned.best = best(&learned.theories, place, learned.acceleration_error).filter(|_| known);
    let explains = error_of(&learned.theories, place) <= HALF;
    let verdict = lagrangian
        .as_ref()
        .filter(|_| explains)
        .map(|law| law.verdict().clone());
    // What is driven or damped keeps nothing.
    let rubs = matches!(verdict, Some(Verdict::Dissipative { .. }));
    if moves && !rubs && learned.inputs == 0 && learned.best.is_some() {
        tell("looking for what is conserved");
        let sure = error_of(&learned.theories, place) < ROUGH;
        learned.conserved = found.conserved(lagrangian.as_ref().filter(|_| sure));
    }
    // A law with friction has no verdict that says so.
    if let Some(law) = &lagrangian
        && explains
        && !matches!(law.verdict(), Verdict::NotTold { .. })
        && measured.dof() > 1
        && let Some(doubt) = law.doubt(&found.learn)
    {
        learned.warnings.push(doubt);
    }
    learned.lagrangian = lagrangian;
    let formula = learned
        .best
        .map_or(f64::INFINITY, |best| error_of(&learned.theories, best));
    let trained = match known {
        true => found.networks(arguments, formula, &mut learned)?,
        false => Vec::new(),
    };
    if let Some(place) = better_network(&learned.theories, formula, found.roughly()) {
        learned.best = Some(place);
    }
    if arguments.out.is_some() {
        tell("following it for the pictures");
        learned.course = Some(found.course(arguments, &learned, &split, &trained)?);
    }
    if !known {
        let d = train.data.dof();
        let mean = (0..d).map(|k| moments(train.data.acceleration(), k, d).0);
        let mean: Vec<String> = mean.map(|mean| format!("{mean:.4}")).collect();
        learned.verdict = sentences(&format!(
            "no law can be told: the accelerations are known to {} of their deviation only, as of a constant or of noise; their mean is {}",
            percent(learned.acceleration_error),
            mean.join(", ")
        ));
        learned.next =
            vec!["measure at shorter steps, with less noise, or where forces change".to_string()];
        return Ok(learned);
    }
    learned.coefficients = learned.numbers();
    conclude(&mut learned, verdict.as_ref());
    Ok(learned)
}

/// The median standard error of ẏ by its deviation.
fn uncertainty(rows: &Rows) -> f64 {
    let errors: Vec<f64> = rows.weight.iter().map(|weight| weight.powf(-0.5)).collect();
    let median = quantile(&errors, 0.5, QuantileRule::Nearest);
    let known = rows.weight.iter().any(|weight| *weight != 1.0);
    match known {
        true => median / rows.data.acceleration_deviation() * (rows.data.dof() as f64).sqrt(),
        false => f64::NAN,
    }
}

/// What the theories are tried on.
struct Found<'a> {
    measured: &'a Measurements,
    estimates: &'a Estimates,
    held_out: &'a [Part],
    train: &'a Rows,
    test: &'a Rows,
    functions: Functions,
    /// How well accelerations are known, as a share of their deviation; 0 where that is not known.
    noise: f64,
    /// The same rows, as the search for a Lagrangian takes them.
    learn: MotionData,
    judge: MotionData,
}

/// Whether rows follow each other in time; states in any order belong to no trajectory and are not followed.
fn timed(measured: &Measurements) -> bool {
    let mut notes = measured.notes().iter();
    !notes.any(|note| matches!(note, Note::Untimed { .. }))
}

/// Rows with their trajectories, weights and inputs.
fn motion(measured: &Measurements, rows: &Rows) -> Result<MotionData> {
    let d = rows.data.dof();
    let mut data = MotionData::new(rows.data.clone());
    if timed(measured) {
        data = data.with_trajectories(rows.trajectory.clone())?;
    }
    if rows.weight.iter().any(|weight| *weight != 1.0) {
        // One weight a row: the mean variance of its accelerations, each in its own unit.
        let scale = (0..d).map(|k| moments(rows.data.acceleration(), k, d).1);
        let scale: Vec<f64> = scale.collect();
        let weights = rows.weight.chunks_exact(d).map(|weights| {
            let each = weights.iter().zip(&scale);
            let variance: f64 = each
                .map(|(w, scale)| 1.0 / (w * scale.max(f64::MIN_POSITIVE)))
                .sum();
            let weight = d as f64 / variance;
            if weight.is_finite() && weight > 0.0 {
                weight
            } else {
                1.0
            }
        });
        data = data.with_weights(weights.collect())?;
    }
    if let Some(forcing) = &rows.forcing {
        data = data.with_forcing(Forcing::new(measured.forcings(), forcing.clone())?)?;
    }
    Ok(data)
}

impl Found<'_> {
    /// ẏ as a short sum; with dry and quadratic friction too where one without leaves more than the accelerations'
    /// own error.
    fn sparse(&self, noise: f64) -> (Tried, Option<SparseLaw>) {
        let begun = Instant::now();
        let fit = || -> Result<(SparseLaw, f64)> {
            if self.measured.forcings() > 0 {
                bail!("there are inputs, which a sum of functions of the state does not know");
            }
            let d = self.measured.dof();
            let make = FunctionLibrary::mechanical;
            let library = self.functions.library(make, self.measured)?;
            // The functions are chosen on the last fifth of each trajectory's rows.
            let (learn, choose) = ends(&self.train.trajectory);
            let (learn, choose) = (
                self.train.data.select(&learn)?,
                self.train.data.select(&choose)?,
            );
            let mut law = SparseRegression::new(library.clone()).fit(&learn, &choose)?;
            if law.relative_error() > MUCH * noise.max(LEAST_SHARE) {
                let library = library.and(FunctionLibrary::friction(d)?)?;
                let other = SparseRegression::new(library).fit(&learn, &choose);
                if let Ok(other) = other
                    && other.relative_error() < 0.8 * law.relative_error()
                {
                    law = other;
                }
            }
            let error = law.rmse_on(&self.test.data)? / self.test.data.acceleration_deviation();
            Ok((law, error))
        };
        let name = "short sum for ẏ";
        match fit() {
            Ok((law, error)) => {
                let followed = self.followed(|x, y, out| law.acceleration(x, y, out));
                let tried = tried(
                    name,
                    begun.elapsed(),
                    error,
                    followed,
                    law.size(),
                    law.formula(),
                );
                (tried, Some(law))
            }
            Err(error) => (failed(name, begun.elapsed(), &error), None),
        }
    }

    /// What a Lagrangian may be a sum of.
    fn library(&self) -> Result<FunctionLibrary, mass_sparse::Error> {
        let make = FunctionLibrary::lagrangian;
        self.functions.library(make, self.measured)
    }

    /// A Lagrangian that is a short sum.
    fn lagrangian(&self, friction: FrictionModel, name: &str) -> (Tried, Option<LagrangianLaw>) {
        let of = |library: Result<FunctionLibrary, mass_sparse::Error>| {
            self.tried(name, friction != FrictionModel::None, || {
                let search = SparseLagrangian::new(library?).friction(friction);
                Ok(search.fit(&self.learn)?)
            })
        };
        let (d, angles) = (self.measured.dof(), self.measured.angles());
        // Of several degrees of freedom, first what is in textbooks: a search among few functions does not lose its
        // way, and is fast.
        if d == 1 || self.functions != Functions::Usual {
            return of(self.library());
        }
        let (few, law) = of(FunctionLibrary::textbook(d, angles));
        let error = |tried: &Tried| tried.error.unwrap_or(f64::INFINITY);
        if error(&few) <= MUCH * self.noise.max(LEAST_SHARE) {
            return (few, law);
        }
        let (all, other) = of(self.library());
        let seconds = few.seconds + all.seconds;
        let (mut tried, law) = match error(&few) <= SAME * error(&all) {
            true => (few, law),
            false => (all, other),
        };
        tried.seconds = seconds;
        (tried, law)
    }

    /// Whether dry or quadratic friction, added to a law, is told from none and worth anything.
    fn rubs_otherwise(&self, law: Option<&LagrangianLaw>) -> bool {
        let Some(law) = law else { return false };
        let added = || -> Result<Vec<Friction>> {
            let library = self.library()?;
            Ok(SparseLagrangian::new(library).friction_beside(law, &self.learn)?)
        };
        let added = added().unwrap_or_default();
        added.iter().any(|one| {
            one.kind != FrictionKind::Linear
                && one.value.abs() > SIGNIFICANT * one.standard_error
                && self.share(law, one) > WORTH
        })
    }

    /// What a friction makes of the accelerations of its own degree of freedom, as a share of their deviation, about.
    fn share(&self, law: &LagrangianLaw, one: &Friction) -> f64 {
        let d = self.train.data.dof();
        let (mean, variance) = moments(self.train.data.y(), one.on, d);
        let speed = (mean * mean + variance).sqrt();
        let force = one.value.abs()
            * match one.kind {
                FrictionKind::Dry => 1.0,
                FrictionKind::Quadratic => speed * speed,
                _ => speed,
            };
        let mass = law
            .terms()
            .iter()
            .find(|term| term.function.factors() == [Factor::Velocity(one.on, 2)]);
        let mass = mass.map_or(1.0, |term| 2.0 * term.coefficient.value.abs());
        force / mass / moments(self.train.data.acceleration(), one.on, d).1.sqrt()
    }

    /// Whether a law with dry or quadratic friction explains what was held out better than another, by more than
    /// chance: by the squares of the errors of blocks of rows; and whether such a friction is told from none.
    fn is_better(&self, law: &LagrangianLaw, other: Option<&LagrangianLaw>) -> bool {
        // One that is told is enough: what smoothing across a sudden force adds, the motion takes away again.
        let told = |term: &FrictionTerm| {
            let c = term.coefficient;
            term.kind != FrictionKind::Linear && c.value.abs() > SIGNIFICANT * c.standard_error
        };
        if !law.friction().iter().any(told) {
            return false;
        }
        let Some(other) = other else { return true };
        const BLOCKS: usize = 20;
        let data = &self.test.data;
        let d = data.dof();
        let scale: Vec<f64> = (0..d)
            .map(|k| moments(data.acceleration(), k, d).1)
            .collect();
        let square = |law: &LagrangianLaw, row: usize| {
            let (state, mut out) = (data.state(row), vec![0.0; d]);
            let tau = self.test.forcing.as_ref();
            let m = law.inputs();
            let tau = tau.map_or(&[][..], |tau| &tau[row * m..(row + 1) * m]);
            law.forced_acceleration(state.x, state.y, tau, &mut out);
            let each = (0..d).map(|k| (out[k] - state.acceleration[k]).powi(2) / scale[k]);
            each.sum::<f64>()
        };
        let length = data.len().div_ceil(BLOCKS);
        let rows: Vec<usize> = (0..data.len()).collect();
        let gains: Vec<f64> = rows
            .chunks(length)
            .map(|rows| {
                let gain = rows
                    .iter()
                    .map(|row| square(other, *row) - square(law, *row));
                gain.sum::<f64>()
            })
            .collect();
        // Where all that differs is in one block, as where a fall begins, blocks say nothing of chance, but half does.
        let before: f64 = rows.iter().map(|row| square(other, *row)).sum();
        let (mean, variance) = moments(&gains, 0, 1);
        gains.iter().sum::<f64>() > 0.5 * before
            || mean > 2.0 * (variance / gains.len() as f64).sqrt()
    }

    /// The same Lagrangian, its coefficients those of the motion that comes nearest to the measured positions:
    /// no derivative is estimated.
    fn refined(&self, law: &LagrangianLaw, parts: &[Part]) -> (Tried, Option<LagrangianLaw>) {
        self.tried("Lagrangian, refined by the motion", false, || {
            let d = self.measured.dof();
            let (mut numbers, mut t, mut x) = (Vec::new(), Vec::new(), Vec::new());
            for (number, part) in parts.iter().enumerate() {
                let measured = &self.measured.trajectories()[part.trajectory];
                numbers.extend(part.rows.clone().map(|_| number));
                t.extend_from_slice(&measured.t()[part.rows.clone()]);
                x.extend_from_slice(&measured.q()[part.rows.start * d..part.rows.end * d]);
            }
            Ok(law.refined(&Recording::new(d, numbers, t, x)?)?)
        })
    }

    /// A Lagrangian and how it fares; one that was looked for with friction says if none is needed.
    fn tried(
        &self,
        name: &str,
        with_friction: bool,
        fit: impl FnOnce() -> Result<LagrangianLaw>,
    ) -> (Tried, Option<LagrangianLaw>) {
        let begun = Instant::now();
        let judged = || -> Result<(LagrangianLaw, f64)> {
            let law = fit()?;
            if !sensible(&law) {
                bail!(
                    "its coefficients grow without end, for no mass shows in these motions: start them otherwise, in another mode or one position alone"
                );
            }
            let errors = law.relative_errors_on(&self.judge)?;
            let squares: f64 = errors.iter().map(|error| error * error).sum();
            Ok((law, (squares / errors.len() as f64).sqrt()))
        };
        let (law, error) = match judged() {
            Ok(found) => found,
            Err(error) => return (failed(name, begun.elapsed(), &error), None),
        };
        let followed = match law.inputs() {
            0 => self.followed(|x, y, out| law.acceleration(x, y, out)),
            _ => None,
        };
        let size = law.terms().len() + law.friction().len() + law.gains().len();
        let mut formula = vec![law.formula()];
        let rounded = law.rounded().formula();
        if with_friction && law.friction().is_empty() {
            formula = vec!["none is needed: as without".to_string()];
        } else if rounded != formula[0] {
            formula.push(format!("within the errors, {rounded}"));
        }
        let tried = tried(name, begun.elapsed(), error, followed, size, formula);
        (tried, Some(law))
    }

    /// The error from which on a law is a rough one: of noisy accelerations much is missed by the law itself.
    fn roughly(&self) -> f64 {
        ROUGH.max(MUCH * self.noise)
    }

    /// Trains the networks that are asked for, or that are called for by the error of the best formula, each with its
    /// place among the theories.
    fn networks(
        &self,
        arguments: &Arguments,
        formula: f64,
        learned: &mut Learned,
    ) -> Result<Vec<(usize, Ensemble)>> {
        let count = match arguments.scientists {
            Some(count) => count,
            None if formula > self.roughly() => SCIENTISTS,
            None => 0,
        };
        if count == 0 {
            return Ok(Vec::new());
        }
        if learned.inputs > 0 {
            let note = "networks were not trained: they know nothing of inputs";
            learned.notes.push(note.to_string());
            return Ok(Vec::new());
        }
        let so_far = learned.theories.iter().filter(|one| one.error.is_some());
        let so_far =
            so_far.min_by(|a, b| a.error.unwrap_or(0.0).total_cmp(&b.error.unwrap_or(0.0)));
        if let (Some(best), true) = (so_far, std::io::stderr().is_terminal()) {
            eprintln!(
                "so far: {}, which misses {}: {}\nCtrl-C ends the training of networks and says what stands",
                best.name,
                percent(best.error.unwrap_or(f64::NAN)),
                best.formula.join("; ")
            );
        }
        let folder = arguments.out.as_deref().map(scientists::folder);
        let laboratory = Laboratory {
            count: count as usize,
            steps: arguments.steps as usize,
            folder: folder.as_deref(),
            train: &self.train.data,
            test: &self.test.data,
            angles: self.measured.angles(),
            stop: stop_flag()?,
        };
        let mut trained = Vec::new();
        for told in &arguments.theories {
            tell(&format!("training {count} {}", told.name()));
            let begun = Instant::now();
            match laboratory.train(*told, |law| self.followed(law)) {
                Ok(ensemble) => {
                    trained.push((learned.theories.len(), ensemble));
                    let tried = trained.last().map(|(_, one)| one.tried.clone());
                    learned.theories.extend(tried);
                }
                Err(error) if matches!(error.downcast_ref(), Some(Error::Interrupted(_))) => {
                    learned.stopped = Some(match &arguments.out {
                        Some(_) => format!("{error}; the same command with --force goes on"),
                        None => format!("{error}; with --out FOLDER it would be kept"),
                    });
                    break;
                }
                Err(error) => learned
                    .theories
                    .push(failed(told.name(), begun.elapsed(), &error)),
            }
        }
        Ok(trained)
    }

    /// What the pictures are drawn from: the data, and the law that is announced, followed.
    fn course<'s>(
        &self,
        arguments: &Arguments,
        learned: &Learned,
        split: &Split,
        trained: &'s [(usize, Ensemble)],
    ) -> Result<Course> {
        let options = arguments.options()?;
        let (time_unit, positions) =
            labels(self.measured, &arguments.files, &options, arguments.degrees)?;
        let sum = learned.sparse.as_ref().filter(|_| learned.is_sum());
        let network = trained
            .iter()
            .find(|(place, _)| learned.best == Some(*place));
        let law = learned.best.and_then(|place| match (network, sum) {
            (Some((_, ensemble)), _) => Some(ensemble.law(place)),
            (None, Some(law)) => Some(Law::sum(place, law)),
            (None, None) => Some(Law::lagrangian(place, learned.lagrangian.as_ref()?)),
        });
        Ok(Course::gather(Sources {
            origin: Origin::of(&arguments.files, arguments.seed)?,
            time_unit,
            positions,
            measured: self.measured,
            estimates: self.estimates,
            split,
            test: self.test,
            laws: law.into_iter().filter(|_| timed(self.measured)).collect(),
        }))
    }

    /// What the motion keeps: the energy of its Lagrangian, and what else is found.
    fn conserved(&self, law: Option<&LagrangianLaw>) -> Vec<(String, f64)> {
        let d = self.measured.dof();
        let mut kept = Vec::new();
        if let Some(law) = law {
            kept.push((law.energy_formula(), self.drift(|x, y| law.energy(x, y))));
            if d == 1 {
                return kept; // all else that is kept is a function of it
            }
        }
        let search = || -> Result<Vec<(String, f64)>> {
            let library = self.library()?;
            let found = ConservedSearch::new(library).find(&self.learn)?;
            let new = found.iter().filter(|one| {
                // The energy again, in another unit.
                law.is_none_or(|law| {
                    self.correlation(|x, y| law.energy(x, y), |x, y| one.value(x, y)) < 0.9999
                })
            });
            Ok(new
                .map(|one| (one.formula(), self.drift(|x, y| one.value(x, y))))
                .collect())
        };
        // That none is found is an answer, and that none can be looked for is one too.
        kept.extend(search().unwrap_or_default());
        kept
    }

    /// √E(Q − its mean on the trajectory)² / √E Q² over the trajectories held out.
    fn drift(&self, quantity: impl Fn(&[f64], &[f64]) -> f64) -> f64 {
        let states = self.test.data.iter();
        let values: Vec<f64> = states.map(|state| quantity(state.x, state.y)).collect();
        let mut from = 0;
        let (mut within, mut count) = (0.0, 0.0);
        for part in self.test.trajectory.chunk_by(|a, b| a == b) {
            let some = &values[from..from + part.len()];
            within += moments(some, 0, 1).1 * some.len() as f64;
            count += some.len() as f64;
            from += part.len();
        }
        let size = values.iter().map(|v| v * v).sum::<f64>() / count;
        (within / count / size).sqrt()
    }

    /// |correlation| of two quantities at the rows that were learned from.
    fn correlation(
        &self,
        a: impl Fn(&[f64], &[f64]) -> f64,
        b: impl Fn(&[f64], &[f64]) -> f64,
    ) -> f64 {
        let states = self.train.data.iter();
        let pairs: Vec<(f64, f64)> = states.map(|s| (a(s.x, s.y), b(s.x, s.y))).collect();
        let count = pairs.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
        let (ma, mb) = (mean(|p| p.0), mean(|p| p.1));
        let sum = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
        let (aa, bb) = (sum(&|p| (p.0 - ma).powi(2)), sum(&|p| (p.1 - mb).powi(2)));
        (sum(&|p| (p.0 - ma) * (p.1 - mb)) / (aa * bb).sqrt()).abs()
    }

    /// The median over the parts held out of the time until a position is a tenth of its deviation off, and
    /// of their whole time.
    fn followed(&self, law: impl Fn(&[f64], &[f64], &mut [f64])) -> Option<[f64; 2]> {
        if !timed(self.measured) {
            return None;
        }
        let d = self.measured.dof();
        let deviation = (0..d).map(|k| moments(self.test.data.x(), k, d).1.sqrt());
        let deviation: Vec<f64> = deviation.collect();
        let (mut times, mut wholes) = (Vec::new(), Vec::new());
        for part in self.held_out {
            let t = self.measured.trajectories().get(part.trajectory)?.t();
            let estimate = self.estimates.trajectories().get(part.trajectory)?;
            let at = |of: &[f64], row: usize| of[row * d..(row + 1) * d].to_vec();
            let mut rows = part.rows.clone().skip_while(|row| !estimate.reliable[*row]);
            let Some(first) = rows.next() else { continue };
            let (mut x, mut y) = (at(&estimate.position, first), at(&estimate.velocity, first));
            let mut stepper = Stepper::new(Solver::Dop853 { tolerance: 1e-8 }, 1, d);
            let (mut last, mut until) = (first, t[first]);
            for row in first + 1..part.rows.end {
                let step = |x: &[f64], y: &[f64], out: &mut [f64]| {
                    law(x, y, out);
                    Ok::<(), std::convert::Infallible>(())
                };
                let Ok(()) = stepper.step(step, &mut x, &mut y, t[row] - t[last]);
                last = row;
                let truth = at(&estimate.position, row);
                let near = (0..d).all(|k| (x[k] - truth[k]).abs() <= APART * deviation[k]);
                if !near {
                    break;
                }
                until = t[row];
            }
            times.push(until - t[first]);
            wholes.push(t[part.rows.end - 1] - t[first]);
        }
        let middle = |values: &[f64]| quantile(values, 0.5, QuantileRule::Nearest);
        (!times.is_empty()).then(|| [middle(&times), middle(&wholes)])
    }
}

/// Whether no coefficient is beyond what any units give.
fn sensible(law: &LagrangianLaw) -> bool {
    let terms = law.terms().iter().map(|term| term.coefficient.value);
    let friction = law.friction().iter().map(|term| term.coefficient.value);
    terms.chain(friction).all(|value| value.abs() < 1e40)
}

/// Rows but the last fifth of each trajectory, and these.
fn ends(trajectory: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let (mut learn, mut choose) = (Vec::new(), Vec::new());
    let mut from = 0;
    for part in trajectory.chunk_by(|a, b| a == b) {
        let held = from + part.len() - part.len() / 5;
        learn.extend(from..held);
        choose.extend(held..from + part.len());
        from += part.len();
    }
    (learn, choose)
}

/// Mean and variance of every d-th value from the k-th.
fn moments(values: &[f64], k: usize, d: usize) -> (f64, f64) {
    let of = || values.iter().skip(k).step_by(d);
    let count = of().count() as f64;
    let mean = of().sum::<f64>() / count;
    let squares: f64 = of().map(|v| (v - mean).powi(2)).sum();
    (mean, squares / count)
}

fn tried(
    name: &str,
    time: Duration,
    error: f64,
    followed: Option<[f64; 2]>,
    size: usize,
    formula: Vec<String>,
) -> Tried {
    Tried {
        name: name.to_string(),
        error: error.is_finite().then_some(error),
        followed,
        size: Some(size),
        seconds: time.as_secs_f64(),
        formula,
        failed: None,
        network: None,
    }
}

fn failed(name: &str, time: Duration, error: &anyhow::Error) -> Tried {
    Tried {
        name: name.to_string(),
        error: None,
        followed: None,
        size: None,
        seconds: time.as_secs_f64(),
        formula: Vec::new(),
        failed: Some(mass_suggest::with_causes(&**error)),
        network: None,
    }
}

/// The Lagrangian at this place, or the sum if that is better by more than the accelerations are known, or as
/// good with fewer numbers.
fn best(theories: &[Tried], lagrangian: usize, noise: f64) -> Option<usize> {
    let (sum, law) = (error_of(theories, 0), error_of(theories, lagrangian));
    if !sum.is_finite() && !law.is_finite() {
        return None;
    }
    let noise = if noise.is_finite() { noise } else { 0.0 };
    let as_good = law <= (AS_GOOD * sum.max(noise)).max(1e-4);
    let size = |place: usize| theories[place].size.unwrap_or(usize::MAX);
    // A Lagrangian has a number more than a sum that says as much, its gauge.
    let short = size(lagrangian) <= size(0).saturating_add(2) || sum > (AS_GOOD * law).max(1e-4);
    Some(if as_good && short { lagrangian } else { 0 })
}

/// The best networks, where the best formula explains the motion roughly at most and they miss half as much.
fn better_network(theories: &[Tried], formula: f64, roughly: f64) -> Option<usize> {
    let networks = (0..theories.len()).filter(|place| theories[*place].network.is_some());
    let error = |place: &usize| error_of(theories, *place);
    let best = networks.min_by(|a, b| error(a).total_cmp(&error(b)))?;
    (formula > roughly && error(&best) < 0.5 * formula).then_some(best)
}

/// The error of a theory; of one that could not be tried it is infinite.
fn error_of(theories: &[Tried], place: usize) -> f64 {
    theories[place].error.unwrap_or(f64::INFINITY)
}

/// Sentences, a line each, of what semicolons divide.
fn sentences(words: &str) -> String {
    let each = words.split("; ").map(|part| {
        let mut letters = part.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        format!("{}{}.", first.collect::<String>(), letters.as_str())
    });
    each.collect::<Vec<_>>().join("\n")
}

/// What networks found, in words.
fn of_network(learned: &Learned, missed: f64) -> String {
    let Some((best, network)) = learned
        .best
        .and_then(|place| Some((learned.theories.get(place)?, learned.network()?)))
    else {
        return String::new();
    };
    let mut words = format!(
        "no short formula explains the accelerations; {} do, but for {} of their deviation (median of {})",
        best.name,
        percent(missed),
        network.errors.len()
    );
    words += &match network.no_lagrangian {
        Some(missed) if missed < HAS_ONE => format!(
            "; their law is that of a Lagrangian, which explains all but {} of its rate",
            percent(missed)
        ),
        Some(missed) if missed > HAS_NONE => format!(
            "; their law is that of no Lagrangian: {} of its rate is left, as by friction or what drives it",
            percent(missed)
        ),
        Some(missed) => format!(
            "; whether their law is that of a Lagrangian is open: {} of its rate is left",
            percent(missed)
        ),
        None => String::new(),
    };
    words
}

/// The verdict in words, and what to do next.
fn conclude(learned: &mut Learned, verdict: Option<&Verdict>) {
    let error = |place: usize| error_of(&learned.theories, place);
    let least = (0..learned.theories.len())
        .map(error)
        .fold(f64::INFINITY, f64::min);
    let lagrangian = match learned.best {
        Some(place) if place > 0 => error(place),
        _ => (1..learned.theories.len())
            .map(error)
            .fold(f64::INFINITY, f64::min),
    };
    let chosen = learned.best.map_or(least, error);
    // Of noisy accelerations much is missed by the law itself.
    let noise = Some(learned.acceleration_error).filter(|noise| noise.is_finite());
    let noise = noise.unwrap_or(0.0);
    let (mut words, mut next) = (Vec::new(), Vec::new());
    let units = &learned.units;
    if !least.is_finite() {
        words.push("no law was found: none could be tried".to_string());
    } else if chosen > POOR {
        words.push(format!(
            "no law was found: the best misses {} of the accelerations' deviation on what was held out",
            percent(chosen)
        ));
    } else {
        if chosen > ROUGH.max(MUCH * noise) {
            words.push("the law is known roughly only".to_string());
        }
        // What was found of a formula says nothing where networks know better.
        let verdict = verdict.filter(|_| learned.network().is_none());
        words.extend(verdict.map(|verdict| {
            let law = learned.lagrangian.as_ref();
            let behind = |unit: Option<String>| match unit {
                Some(unit) if !unit.is_empty() => format!(" {unit}"),
                _ => String::new(),
            };
            let of = |one: &Friction| behind(law.and_then(|law| units.of_friction(law, one)));
            verdict.text(of, &behind(law.and_then(|law| units.of_power(law))))
        }));
        words.push(match learned.best != Some(0) {
            _ if learned.network().is_some() => of_network(learned, chosen),
            true => format!(
                "a Lagrangian explains the accelerations but for {} of their deviation",
                percent(lagrangian)
            ),
            false => format!(
                "no Lagrangian of these functions explains the accelerations ({} of their deviation is missed), but a short sum misses {} alone",
                percent(lagrangian),
                percent(chosen)
            ),
        });
    }
    let best = learned.best.and_then(|best| learned.theories.get(best));
    if let Some([time, of]) = best
        .and_then(|best| best.followed)
        .filter(|_| least <= POOR)
    {
        words.push(format!(
            "the motions held out are followed for {time:.3} of {of:.3}{}",
            match &units.time {
                Some(unit) => format!(" {unit}"),
                None => ", in the unit of time of the data".to_string(),
            }
        ));
    }
    let rough = ROUGH.max(MUCH * noise);
    let noise = learned.acceleration_error;
    if learned
        .warnings
        .iter()
        .any(|warning| warning.contains("degrees"))
    {
        next.push("if angles are in degrees, say so: --degrees".to_string());
    }
    if least > rough {
        next.push("check that these positions are all that moves, that angles are told from lengths (--angles), and units of degrees (--degrees)".to_string());
        if !learned.theories.iter().any(|one| one.network.is_some()) {
            next.push("a law that is no short sum is for networks: --scientists 4".to_string());
        }
    } else if learned.network().is_none() && noise.is_finite() && least > 3.0 * noise.max(1e-3) {
        next.push(format!(
            "the error is {:.0} times that of the accelerations themselves: something acts that the formula does not have",
            least / noise.max(1e-3)
        ));
    }
    if learned.rows[0] < 200 {
        next.push(format!(
            "{} rows are few: measure longer, or from other starts; until then --rows-between 0 and --hold-out 0.1 leave more to learn from",
            learned.rows[0]
        ));
    }
    if noise > 0.2 {
        next.push(
            "accelerations are known badly: measure at shorter steps, with less noise, or where forces change".to_string(),
        );
    }
    learned.verdict = sentences(&words.join("; "));
    learned.next = next;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theory(error: f64, size: usize) -> Tried {
        tried("one", Duration::ZERO, error, None, size, Vec::new())
    }

    #[test]
    fn a_lagrangian_that_is_as_good_is_best_and_a_better_sum_is_not_passed_over() {
        let of = |sum: f64, law: f64| [theory(sum, 2), theory(law, 3)];
        assert_eq!(best(&of(0.010, 0.012), 1, 0.0), Some(1));
        assert_eq!(best(&of(0.010, 0.100), 1, 0.0), Some(0));
        assert_eq!(
            best(&of(0.010, 0.100), 1, 0.08),
            Some(1),
            "within what is known"
        );
        assert_eq!(best(&[theory(0.01, 1), theory(0.01, 9)], 1, 0.0), Some(0));
        assert_eq!(best(&of(f64::NAN, f64::NAN), 1, 0.0), None);
        assert_eq!(best(&of(f64::NAN, 0.3), 1, 0.0), Some(1));
    }

    #[test]
    fn the_last_fifth_of_each_trajectory_chooses() {
        let (learn, choose) = ends(&[0, 0, 0, 0, 0, 7, 7, 7, 7, 7]);
        assert_eq!((learn.len(), choose), (8, vec![4, 9]));
    }
}

//! `mass worlds`: a trajectory cut into regimes, each with its law and where it holds.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use mass_data::{MeasurementOptions, Measurements, Note, Outliers, Trajectory};
use mass_physicist::{
    BorderTree, Discovery, DivideAndConquer, Error, Fraction, Modern, Observations, TransitionKind,
    Transitions, Windows, fraction_value,
};
use mass_systems::{QuantileRule, quantile, write_whole};
use serde::Serialize;

use crate::{percent::percent, reading::Reading, report::lists, units::behind, write::print};

/// Steps need to be equal to this share, or to what the times' digits say, up to the second share.
const EVEN: f64 = 1e-3;
const ROUNDED: f64 = 0.1;
/// Laws that fewer steps obey explain nothing.
const LEAST_EXPLAINED: f64 = 0.5;
/// More steps without a law than this are worth a word of advice.
const MANY: f64 = 0.05;
/// A law on fewer steps than so many times its constants is a guess.
const STEPS_A_CONSTANT: usize = 6;
/// Steps in all with which regimes can be told apart.
const ADVISED: usize = 400;
/// Noise of a second difference above this share of it hides laws that are alike.
const LOUD: f64 = 0.5;
/// Noise below this share of the greatest position is rounding.
const ROUNDING: f64 = 1e-12;
/// Places where no law holds that are named.
const SHOWN: usize = 5;

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass worlds ball.csv                             # columns t, x and y are found by their names
  mass worlds ball.csv --labels regimes.csv        # each row with the regime it lies in
  mass worlds a.csv b.csv --columns t=Zeit,x=links,rechts
  mass worlds video.csv --noise 0.002 --json | jq .regimes

A regime is a part of space, between borders across the coordinates, in which one law holds: every force that is linear
in position and velocity (weight, springs, friction, magnetic fields) gives one. Rows are needed at equal times; rows
that are missing cut a trajectory. For a law that is the same everywhere, or no such law, there is `mass learn`.

Exit codes: 0 laws were found; 1 a file does not do; 2 the command line makes no sense; 3 no law was found.")]
pub(crate) struct Arguments {
    /// Positions of what moved: a file with a column that says the trajectory, or a file each.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// The standard deviation of the noise of a position, in its unit, where it is known; else it is estimated.
    #[arg(long, value_name = "SIGMA", value_parser = noise)]
    noise: Option<f64>,
    /// A file for the rows with the regime that each lies in, as CSV; one that is there is replaced. Its columns: the
    /// trajectory, t, the positions, the number of the regime, and whether the row obeys that one's law (`yes`, `no`, or
    /// nothing at the ends, where no acceleration is known).
    #[arg(long, value_name = "FILE.csv")]
    labels: Option<PathBuf>,
    /// For programs: everything that was found, as JSON.
    #[arg(long)]
    json: bool,
}

fn noise(text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().ok();
    value
        .filter(|value| *value >= 0.0 && value.is_finite())
        .ok_or_else(|| "a standard deviation is a number of 0 or more".into())
}

/// Everything that was found.
#[derive(Serialize)]
struct Found {
    files: Vec<String>,
    /// The first sentence for a person.
    verdict: String,
    trajectories: usize,
    rows: usize,
    /// Time between two rows.
    step: f64,
    time_unit: Option<String>,
    positions: Vec<Position>,
    /// Standard deviation of one coordinate; none if no law was found.
    noise: Option<f64>,
    /// Whether that is no more than rounding; if not, integers and fractions are the simplest that the data allow.
    exact: bool,
    regimes: Vec<Regime>,
    /// Each border, from the most important on.
    borders: Vec<Border>,
    unexplained: Unexplained,
    /// Laws of small domains, as of bounces off walls.
    minor_laws: Vec<String>,
    warnings: Vec<String>,
    notes: Vec<String>,
    next: Vec<String>,
}

#[derive(Serialize)]
struct Position {
    name: String,
    unit: Option<String>,
}

#[derive(Serialize)]
struct Regime {
    /// Counted from 1; the same as in the file of --labels.
    number: usize,
    /// Rows that lie in it.
    rows: usize,
    /// Steps into a row from there, with two rows before it, and how many of them obey the law.
    steps: usize,
    obeyed: usize,
    /// Where it holds, in words.
    place: String,
    /// Boxes, for each position from and up to; null where there is no border.
    boxes: Vec<Vec<[Option<f64>; 2]>>,
    /// A line for each position, with exact constants where the data fix them.
    difference_equation: Vec<String>,
    /// In the units of the file; none if there is no such motion.
    differential_equation: Option<Vec<String>>,
    /// `[d][2 d + 1]`: what the oldest positions, the latest ones and 1 are multiplied by.
    constants: Vec<Vec<Constant>>,
    /// Of a prediction, root mean square for each coordinate.
    error: f64,
}

#[derive(Serialize)]
struct Constant {
    value: f64,
    /// As an integer or a fraction, where it is one.
    exact: Option<String>,
}

#[derive(Serialize)]
struct Border {
    position: String,
    value: f64,
    exact: String,
    /// From where to where the data do not tell it from its neighbours.
    between: Option<[f64; 2]>,
    /// Where motions pass over it, from the laws on both sides.
    passages: Option<Passages>,
}

#[derive(Serialize)]
struct Passages {
    mean: f64,
    standard_error: f64,
    count: usize,
}

#[derive(Serialize)]
struct Unexplained {
    steps: usize,
    of: usize,
    /// Those that pass over a border, as the laws on both sides say: followed from both, they meet there.
    over_a_border: usize,
    /// Those at a bounce, where the laws on both sides meet with another velocity of the same size.
    at_a_bounce: usize,
    /// The first of each run, at most a few.
    first: Vec<Place>,
    /// How many runs there are.
    runs: usize,
}

#[derive(Serialize)]
struct Place {
    trajectory: String,
    t: f64,
}

/// Rows of a trajectory without a gap.
struct Piece {
    trajectory: usize,
    first: usize,
}

/// Finds regimes and prints them; whether a law was found.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(labels) = &arguments.labels {
        let same = |file: &PathBuf| {
            file == labels
                || matches!((file.canonicalize(), labels.canonicalize()), (Ok(a), Ok(b)) if a == b)
        };
        if arguments.files.iter().any(same) {
            bail!(
                "--labels {} would replace a file that is read; give another name",
                labels.display()
            );
        }
    }
    let (measured, mut notes) = read(arguments)?;
    let all = measured.trajectories();
    let d = measured.dof();
    if let Some(one) = all.iter().find(|one| !one.is_timed()) {
        bail!(
            "{} has no times, and rows in any order have no steps; if its rows follow each other at equal times, say the time between them: --columns dt=0.05",
            one.name()
        );
    }
    let step = even_step(all)?;
    let (pieces, positions, gaps) = cut(all, step);
    if gaps > 0 {
        let times = if gaps == 1 { "once" } else { "often" };
        notes.push((
            false,
            format!("rows are missing {times} ({gaps} in all); the trajectory is cut there"),
        ));
    }
    let seen = Observations::new(d, step, positions)?;
    let least = 2 * d + 4;
    let too_few = |steps: usize| {
        format!(
            "{} rows are too few: a law needs {least} rows at least that have two rows before them, and here {steps} have; to tell regimes apart some hundreds are needed",
            measured.rows()
        )
    };
    let windows = match seen.windows(2) {
        Ok(windows) if windows.len() >= least => windows,
        Ok(windows) => bail!(too_few(windows.len())),
        Err(_) => bail!(too_few(0)),
    };
    let learner = Modern {
        noise: arguments.noise,
        ..Modern::default()
    };
    let discovery = match learner.discover(&windows) {
        Ok(found) => Some(found),
        Err(Error::NoLaw(reason)) => {
            notes.push((false, reason));
            None
        }
        Err(error) => return Err(error.into()),
    };
    let names: Vec<String> = measured
        .columns()
        .iter()
        .map(|name| name.trim_matches('"').to_string())
        .collect();
    let context = Looked {
        measured: &measured,
        names: &names,
        pieces: &pieces,
        windows: &windows,
        step,
    };
    let discovery = discovery.filter(|of| match context.beyond_noise(of) {
        Ok(()) => true,
        Err(reason) => {
            notes.push((true, reason));
            false
        }
    });
    let mut found = context.found(discovery.as_ref())?;
    found.files = arguments
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    for (warning, note) in notes {
        let list = if warning {
            &mut found.warnings
        } else {
            &mut found.notes
        };
        list.push(note);
    }
    let good = discovery.filter(|of| 1.0 - of.unexplained >= LEAST_EXPLAINED);
    let text = match arguments.json {
        true => serde_json::to_string_pretty(&found).context("what was found as JSON")? + "\n",
        false => words(&found),
    };
    match (&arguments.labels, &good) {
        (Some(path), Some(discovery)) => context.write_labels(path, discovery)?,
        (Some(path), None) => eprintln!("{} is not written: no law was found", path.display()),
        _ => {}
    }
    print(&text)?;
    Ok(good.is_some())
}

/// The files, with what a person should know of them and whether it is a warning.
fn read(arguments: &Arguments) -> Result<(Measurements, Vec<(bool, String)>)> {
    let reading = &arguments.reading;
    let options = MeasurementOptions {
        gap: f64::INFINITY,       // gaps are cut here, at each row that is missing
        outliers: Outliers::Keep, // a bounce is no error
        ..reading.options()?
    };
    let measured = reading.read(&arguments.files, options)?;
    // What concerns derivatives and fits concerns no regime.
    let said = |note: &&Note| {
        !matches!(
            note,
            Note::Outliers { .. }
                | Note::RateDisagrees { .. }
                | Note::ConstantAcceleration { .. }
                | Note::NoisyAcceleration { .. }
                | Note::FewRows { .. }
        )
    };
    let notes = measured.notes().iter().filter(said);
    let notes = notes.map(|note| (note.is_warning(), note.to_string()));
    let notes = notes.collect();
    Ok((measured, notes))
}

/// Digits of the times: the unit in which they are written; 0 if they are not rounded.
fn resolution(all: &[Trajectory]) -> f64 {
    let mut unit = 1.0;
    for _ in 0..9 {
        let whole = |t: &f64| (t / unit - (t / unit).round()).abs() < 1e-6;
        if all.iter().all(|one| one.t().iter().all(whole)) {
            return unit;
        }
        unit /= 10.0;
    }
    0.0
}

/// The time between two rows, where it is the same throughout or a whole number of them where rows are missing.
fn even_step(all: &[Trajectory]) -> Result<f64> {
    let gaps = all.iter().flat_map(|one| one.t().windows(2));
    let gaps: Vec<f64> = gaps.map(|pair| pair[1] - pair[0]).collect();
    if gaps.is_empty() {
        bail!("no trajectory has two rows; a law needs some hundreds");
    }
    let usual = quantile(&gaps, 0.5, QuantileRule::Nearest);
    // Of all, for rounded times say the step best over many rows.
    let many: f64 = gaps.iter().map(|gap| (gap / usual).round().max(1.0)).sum();
    let step = gaps.iter().sum::<f64>() / many;
    let allowed = (EVEN * step).max(resolution(all).min(ROUNDED * step));
    for one in all {
        for pair in one.t().windows(2) {
            let gap = pair[1] - pair[0];
            let whole = (gap / step).round().max(1.0);
            if (gap - whole * step).abs() > allowed * 1.0001 {
                bail!(
                    "times of {} are not evenly spaced: from t = {} to {} it is {gap:.6}, where rows are usually {usual:.6} apart. Rows are needed at equal times: give the rows as they were recorded, or, if the recording itself is uneven, interpolate the positions to equal times first. `mass learn` takes uneven times",
                    one.name(),
                    pair[0],
                    pair[1]
                );
            }
        }
    }
    Ok(step)
}

/// The trajectories cut where rows are missing, the positions of each piece, and how many cuts there are.
fn cut(all: &[Trajectory], step: f64) -> (Vec<Piece>, Vec<Vec<f64>>, usize) {
    let (mut pieces, mut positions) = (Vec::new(), Vec::new());
    for (trajectory, one) in all.iter().enumerate() {
        let d = one.dof();
        let mut first = 0;
        for row in 1..=one.len() {
            if row == one.len() || one.t()[row] - one.t()[row - 1] > 1.5 * step {
                pieces.push(Piece { trajectory, first });
                positions.push(one.q()[first * d..row * d].to_vec());
                first = row;
            }
        }
    }
    let cuts = pieces.len() - all.len();
    (pieces, positions, cuts)
}

/// What was measured, for what is said of it.
struct Looked<'a> {
    measured: &'a Measurements,
    names: &'a [String],
    pieces: &'a [Piece],
    windows: &'a Windows,
    step: f64,
}

impl Looked<'_> {
    /// The trajectory and the row where a window ends.
    fn place(&self, window: usize) -> (usize, usize) {
        let (piece, row) = self.windows.place(window);
        let piece = &self.pieces[piece];
        (piece.trajectory, piece.first + row)
    }

    fn found(&self, discovery: Option<&Discovery<BorderTree>>) -> Result<Found> {
        let measured = self.measured;
        let units = measured.units();
        let positions = self.names.iter().enumerate().map(|(k, name)| Position {
            name: name.clone(),
            unit: units.positions.get(k).cloned().flatten(),
        });
        let transitions = discovery
            .map(|of| of.transitions(self.windows))
            .transpose()?;
        let mut found = Found {
            files: Vec::new(),
            verdict: String::new(),
            trajectories: measured.trajectories().len(),
            rows: measured.rows(),
            step: self.step,
            time_unit: units.time.clone(),
            positions: positions.collect(),
            noise: discovery.map(|of| of.noise),
            exact: discovery.is_none_or(|of| of.noise < ROUNDING * self.size()),
            regimes: Vec::new(),
            borders: Vec::new(),
            unexplained: self.unexplained(discovery, transitions.as_ref()),
            minor_laws: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
            next: Vec::new(),
        };
        if let Some(discovery) = discovery {
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            for number in 0..discovery.theories.len() {
                found
                    .regimes
                    .push(self.regime(discovery, number, &names, &found.positions)?);
            }
            let borders = discovery.domains.placed_borders().into_iter();
            found.borders = borders
                .map(|border| {
                    let crossings = transitions.as_ref().zip(border.between);
                    let crossings = crossings
                        .and_then(|(of, [low, high])| of.crossings(border.axis, low, high));
                    Border {
                        position: self.names[border.axis].clone(),
                        value: fraction_value(border.at),
                        exact: border.at.to_string(),
                        between: border.between,
                        passages: crossings.map(|of| Passages {
                            mean: of.mean,
                            standard_error: of.standard_error,
                            count: of.count,
                        }),
                    }
                })
                .collect();
            for law in &discovery.minor {
                let law = mass_physicist::SymbolicLaw::real(law);
                found.minor_laws.push(law.text(&names)?.replace('\n', "; "));
            }
        }
        found.verdict = verdict(&found);
        found.next = self.next(&found);
        Ok(found)
    }

    fn regime(
        &self,
        discovery: &Discovery<BorderTree>,
        number: usize,
        names: &[&str],
        positions: &[Position],
    ) -> Result<Regime> {
        let theory = &discovery.theories[number];
        let tree = &discovery.domains;
        let d = names.len();
        let all = self.measured.trajectories().iter();
        let rows = all.flat_map(|one| one.q().chunks_exact(d));
        let windows = 0..self.windows.len();
        let boxes = tree.regions().into_iter();
        let boxes: Vec<_> = boxes
            .filter(|(of, _)| *of == number)
            .map(|(_, sides)| sides)
            .collect();
        let places: Vec<String> = boxes.iter().map(|one| inside(one, positions)).collect();
        let law = &theory.symbolic;
        let width = 2 * d + 1;
        let lines = |text: String| text.lines().map(String::from).collect::<Vec<_>>();
        Ok(Regime {
            number: number + 1,
            rows: rows.filter(|row| tree.at(row) == number).count(),
            steps: windows
                .filter(|w| tree.at(self.windows.position(*w)) == number)
                .count(),
            obeyed: theory.support,
            place: places.join(", or "),
            boxes: boxes
                .iter()
                .map(|sides| {
                    sides
                        .iter()
                        .map(|ends| ends.map(|at| at.map(fraction_value)))
                })
                .map(Iterator::collect)
                .collect(),
            difference_equation: lines(law.text(names)?),
            differential_equation: law.differential_text(names, self.step)?.map(lines),
            constants: (0..d)
                .map(|k| {
                    let row = k * width..(k + 1) * width;
                    row.map(|at| Constant {
                        value: law.value(at),
                        exact: law.exact(at).map(|exact| exact.to_string()),
                    })
                    .collect()
                })
                .collect(),
            error: theory.scatter,
        })
    }

    /// Steps that obey no law.
    fn unexplained(
        &self,
        discovery: Option<&Discovery<BorderTree>>,
        transitions: Option<&Transitions>,
    ) -> Unexplained {
        let n = self.windows.len();
        let straddle = |kind| transitions.map_or(0, |of| of.explained(kind).len());
        let mut found = Unexplained {
            steps: 0,
            of: n,
            over_a_border: straddle(TransitionKind::Passage),
            at_a_bounce: straddle(TransitionKind::Bounce),
            first: Vec::new(),
            runs: 0,
        };
        for w in 0..n {
            let obeys = |w: usize| discovery.is_some_and(|of| of.explained_by[w].is_some());
            if obeys(w) {
                continue;
            }
            found.steps += 1;
            if w == 0 || obeys(w - 1) || !self.windows.continues(w - 1) {
                found.runs += 1;
                if found.first.len() < SHOWN {
                    let (trajectory, row) = self.place(w);
                    let one = &self.measured.trajectories()[trajectory];
                    found.first.push(Place {
                        trajectory: one.name().to_string(),
                        t: one.t()[row],
                    });
                }
            }
        }
        found
    }

    /// Whether the laws tell more of a step than that positions stay where they are; else why they are none: a law
    /// may "explain" every step within a noise that is larger than the steps.
    fn beyond_noise(&self, discovery: &Discovery<BorderTree>) -> std::result::Result<(), String> {
        let d = self.windows.dimension();
        // As they are printed: simplified within a noise that is too large, a law loses what it knew.
        let printed: Vec<_> = discovery
            .theories
            .iter()
            .map(|one| one.symbolic.recurrence())
            .collect();
        let mut predicted = vec![0.0; d];
        let (mut left, mut moved, mut count) = (0.0, 0.0, 0_usize);
        for w in 0..self.windows.len() {
            let Some(theory) = discovery.explained_by[w] else {
                continue;
            };
            let (inputs, output) = (self.windows.inputs(w), self.windows.output(w));
            printed[theory].predict(inputs, &mut predicted);
            for k in 0..d {
                left += (output[k] - predicted[k]).powi(2);
                moved += (output[k] - inputs[d + k]).powi(2);
                count += 1;
            }
        }
        let [left, moved] = [left, moved].map(|sum| (sum / count.max(1) as f64).sqrt());
        // As much as that is told by saying that nothing moves.
        if count == 0 || left < moved {
            return Ok(());
        }
        Err(format!(
            "no law can be told from the noise: the best that was found misses a position by {left:.1e} a step, where it moves by {moved:.1e}; `mass learn` smooths the positions first"
        ))
    }

    /// The greatest position, either way.
    fn size(&self) -> f64 {
        let all = (0..self.windows.len()).flat_map(|w| self.windows.output(w));
        all.fold(0.0, |most, x| most.max(x.abs()))
    }

    /// Root mean square of what positions depart from a straight line within two steps.
    fn bend(&self) -> f64 {
        let d = self.windows.dimension();
        let mut squares = 0.0;
        for w in 0..self.windows.len() {
            let (inputs, output) = (self.windows.inputs(w), self.windows.output(w));
            for k in 0..d {
                let second = output[k] - 2.0 * inputs[d + k] + inputs[k];
                squares += second * second;
            }
        }
        (squares / (self.windows.len() * d) as f64).sqrt()
    }

    /// What to do next.
    fn next(&self, found: &Found) -> Vec<String> {
        let mut next = Vec::new();
        let learn = "`mass learn` on the same files";
        let few = found.unexplained.of < ADVISED;
        let loud = found
            .noise
            .is_some_and(|noise| noise * 6.0_f64.sqrt() > LOUD * self.bend());
        if few {
            next.push(format!(
                "{} rows are few for several regimes: with some {ADVISED} or more, laws and borders are surer",
                found.rows
            ));
        }
        if loud {
            next.push(
                "the noise is as large as what positions bend by within two steps: measure with less noise, or keep every second row or fewer, so that a step is longer".into(),
            );
        }
        let share = found.unexplained.steps as f64 / found.unexplained.of as f64;
        match found.regimes.len() {
            0 => next.push(format!(
                "forces may not be linear in position and velocity, or not depend on the place alone; {learn} tries other formulas, sines and squares among them"
            )),
            _ if 1.0 - share < LEAST_EXPLAINED => next.push(format!(
                "what is printed explains too little to be believed; {learn} tries laws that are not linear"
            )),
            1 => next.push(format!(
                "one law holds wherever the motion came; {learn} says more of it: friction, a Lagrangian, what is conserved, errors of the constants"
            )),
            many => {
                if share > MANY {
                    next.push(format!(
                        "many steps obey no law: look at where they are (--labels FILE.csv); if they are not bounces and passages, a force there is not linear in position and velocity, and {learn} may find it from those rows"
                    ));
                }
                if many > 4 {
                    next.push(format!(
                        "{many} regimes are many: if the motion has no real borders, they are pieces of one law that is not linear, which {learn} may find"
                    ));
                }
            }
        }
        let constants = 2 * self.names.len() + 1;
        for regime in &found.regimes {
            if regime.obeyed < STEPS_A_CONSTANT * constants {
                next.push(format!(
                    "regime {} rests on {} steps alone: measure more of it",
                    regime.number, regime.obeyed
                ));
            }
        }
        next
    }

    /// Writes each row with its regime.
    fn write_labels(&self, path: &Path, discovery: &Discovery<BorderTree>) -> Result<()> {
        let all = self.measured.trajectories();
        let mut obeys: Vec<Vec<&str>> = all.iter().map(|one| vec![""; one.len()]).collect();
        for w in 0..self.windows.len() {
            let (trajectory, row) = self.place(w);
            obeys[trajectory][row] = match discovery.explained_by[w] {
                Some(_) => "yes",
                None => "no",
            };
        }
        write_whole(path, |file| {
            let mut writer = csv::Writer::from_writer(file);
            let header = ["trajectory", "t"].into_iter();
            let names = self.names.iter().map(String::as_str);
            writer.write_record(header.chain(names).chain(["regime", "obeys"]))?;
            for (one, obeys) in all.iter().zip(&obeys) {
                let rows = one.t().iter().zip(one.q().chunks_exact(one.dof()));
                for ((t, row), obeys) in rows.zip(obeys) {
                    let mut record = vec![one.name().to_string(), t.to_string()];
                    record.extend(row.iter().map(ToString::to_string));
                    record.push((discovery.domains.at(row) + 1).to_string());
                    record.push((*obeys).to_string());
                    writer.write_record(&record)?;
                }
            }
            writer.flush()?;
            writer
                .into_inner()
                .map_err(|error| io::Error::other(error.to_string()))?
                .flush()
        })?;
        Ok(())
    }
}

/// Where a box is, in words.
fn inside(sides: &[[Option<Fraction>; 2]], positions: &[Position]) -> String {
    let each = sides.iter().zip(positions).filter_map(|(ends, position)| {
        let name = &position.name;
        let unit = |at: Fraction| match &position.unit {
            Some(unit) => format!("{at} {unit}"),
            None => at.to_string(),
        };
        match ends {
            [None, None] => None,
            [Some(from), None] => Some(format!("{name} ≥ {}", unit(*from))),
            [None, Some(to)] => Some(format!("{name} < {}", unit(*to))),
            [Some(from), Some(to)] => Some(format!("{from} ≤ {name} < {}", unit(*to))),
        }
    });
    let each: Vec<String> = each.collect();
    match each.is_empty() {
        true => "everywhere".into(),
        false => each.join(" and "),
    }
}

fn verdict(found: &Found) -> String {
    let Unexplained { steps, of, .. } = found.unexplained;
    let share = (of - steps) as f64 / of as f64;
    let obey = format!("{} of the steps obey", percent(share));
    match found.regimes.len() {
        0 => "No law was found.".into(),
        many if share < LEAST_EXPLAINED => format!(
            "No law was found that explains the motion: of {many} that hold for a while, {obey} one."
        ),
        1 => format!("One law everywhere, no border: {obey} it."),
        many => {
            format!("{many} regimes, each with a law of its own: {obey} the law of where they are.")
        }
    }
}

/// The report as text.
fn words(found: &Found) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    let time = behind(found.time_unit.as_ref());
    let unit = match found
        .positions
        .iter()
        .map(|one| &one.unit)
        .collect::<Vec<_>>()
    {
        units if units.windows(2).all(|pair| pair[0] == pair[1]) => units[0].clone(),
        _ => None,
    };
    let unit = behind(unit);
    line(&format!("# {}", found.files.join(", ")));
    line("");
    line(&format!("**{}**", found.verdict));
    let of = match found.trajectories {
        1 => "1 trajectory".to_string(),
        many => format!("{many} trajectories"),
    };
    let noise = match found.noise {
        Some(noise) if noise > 0.0 => format!(" Noise of a position: {noise:.1e}{unit}."),
        _ => String::new(),
    };
    line(&format!(
        "{} rows of {of}, {}{time} apart.{noise}",
        found.rows,
        short(found.step)
    ));
    line("");
    for warning in &found.warnings {
        line(&format!("Beware: {warning}."));
        line("");
    }
    for regime in &found.regimes {
        line(&format!("## Regime {}: {}", regime.number, regime.place));
        line("");
        line(&format!(
            "{} rows. Of {} steps from there {} obey this law, with an error of {:.1e}{unit} (root mean square):",
            regime.rows, regime.steps, regime.obeyed, regime.error
        ));
        line("");
        for law in &regime.difference_equation {
            line(&format!("    {law}"));
        }
        line("");
        match &regime.differential_equation {
            Some(laws) => {
                let units = match (&found.time_unit, unit.is_empty()) {
                    (Some(time), false) => format!(", in{unit} and {time}"),
                    (Some(time), true) => {
                        format!(", in {time} and the units of the positions")
                    }
                    (None, _) => ", in the units of the file".to_string(),
                };
                line(&format!("which is, in continuous time{units}:"));
                line("");
                for law in laws {
                    line(&format!("    {law}"));
                }
            }
            None => line("which is no motion in continuous time."),
        }
        line("");
    }
    for border in &found.borders {
        let own = found
            .positions
            .iter()
            .find(|one| one.name == border.position);
        let own = behind(own.and_then(|one| one.unit.as_ref()));
        let between = border.between.map_or(String::new(), |[low, high]| {
            format!(", rows say between {low:.4}{own} and {high:.4}{own}")
        });
        let passages = border.passages.as_ref().map_or(String::new(), |of| {
            format!(
                ", {} passages {:.6} ± {:.1e}{own}",
                of.count, of.mean, of.standard_error
            )
        });
        line(&format!(
            "Border {} = {}{own}{between}{passages}.",
            border.position, border.exact
        ));
        line("");
    }
    if !found.regimes.is_empty() {
        let numbers = if found.exact {
            "Integers and fractions are exact, other numbers as the data say."
        } else {
            "Integers and fractions are the simplest numbers that the data allow: with this noise, others near them may be the true ones. Noise alone makes an error of a step of √6, 2.4, times that of a position."
        };
        line(&format!(
            "x[t−1] and x[t−2] are positions one and two steps before. {numbers}"
        ));
        line("");
    }
    if found.noise.is_some() {
        let Unexplained {
            steps,
            of,
            over_a_border,
            at_a_bounce,
            first,
            runs,
        } = &found.unexplained;
        if *steps == 0 {
            line("Every step is explained.");
        } else {
            let share = percent(*steps as f64 / *of as f64);
            let many = found.trajectories > 1;
            let places = first.iter().map(|place| match many {
                true => format!("{} {}", place.trajectory, short(place.t)),
                false => short(place.t),
            });
            let more = match runs - first.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let mut passing = match over_a_border {
                0 => String::new(),
                some => format!(" {some} of them pass over a border."),
            };
            if *at_a_bounce > 0 {
                let _ = write!(passing, " {at_a_bounce} of them bounce.");
            }
            line(&format!(
                "Not explained: {steps} of {of} steps ({share}).{passing} At t = {}{more}.",
                places.collect::<Vec<_>>().join(", ")
            ));
        }
        if !found.minor_laws.is_empty() {
            line(&format!(
                "{} more hold for too few steps, or too short a while, to be a regime's, as laws of bounces do (--json lists them).",
                found.minor_laws.len()
            ));
        }
    }
    text + &lists(&found.notes, &found.next)
}

/// A number without the digits that rounding put behind it.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.9e}").parse().unwrap_or(value);
    rounded.to_string()
}

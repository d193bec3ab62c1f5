//! The measurements of one system: read, differentiated and divided into what is learned from and what is judged on.

use std::path::PathBuf;

use anyhow::{Result, bail};
use mass_data::{Estimates, Measurements, Note, Rows, Split, SplitBy, SplitOptions};
use mass_sparse::Centre;

use super::{
    arguments::{Arguments, By, judged_on, names_of, told},
    found::{Found, motion, tell, timed, uncertainty},
    limits::HALF,
};
use crate::{
    learned::Learned,
    percent::percent,
    reach::Reach,
    units::{Units, behind},
};

/// What is held out where whole trajectories are.
pub(super) const OTHER_TRAJECTORIES: &str = "other trajectories";

/// The point from which positions are to be counted, if it is another than that of the file: lengths of one unit whose
/// accelerations all point to one place, as 1/r has to be of the distance from there; or where lengths rest.
fn centre(measured: &Measurements, rows: &Rows) -> Option<(Centre, bool)> {
    if measured.forcings() > 0 {
        return None;
    }
    let units = &measured.units().positions;
    let alike = units.windows(2).all(|two| two[0] == two[1]) && measured.angles().is_empty();
    let point = alike.then(|| Centre::of(&rows.data)).flatten();
    if let Some(point) = point {
        return Some((point, measured.dof() == 1));
    }
    let all = 0..measured.dof();
    let lengths: Vec<usize> = all.filter(|k| !measured.angles().contains(k)).collect();
    Some((Centre::of_rest(&rows.data, &lengths)?, true))
}

/// What is said of it, whether it is a rest or the point to which forces point.
fn words(centre: &Centre, is_rest: bool, learned: &Learned) -> String {
    let each = centre.place.iter().zip(&centre.standard_error).enumerate();
    let each = each.filter(|(_, (_, error))| !is_rest || **error > 0.0);
    let each = each.map(|(k, (place, error))| {
        let digits = (1.0 - error.abs().max(1e-9).log10().floor()).clamp(0.0, 9.0) as usize;
        let unit = learned.units.positions.get(k).cloned().flatten();
        let unit = behind(unit);
        let name = &learned.positions[k];
        match is_rest {
            // Its errors are too small (docs/own-data.md), and it is a place to count from: digits say enough.
            true => {
                let digits = digits.saturating_sub(1);
                (name, format!("{name} = {place:.digits$}{unit}"))
            }
            false => (
                name,
                format!("{name} = {place:.digits$} ± {error:.0e}{unit}"),
            ),
        }
    });
    let (names, each): (Vec<&String>, Vec<String>) = each.unzip();
    let (each, verb, what) = match names.as_slice() {
        [_] => (each.join(", "), "is", "it"),
        _ => (each.join(", "), "are", "them"),
    };
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    let names = names.join(" and ");
    match is_rest {
        true => format!(
            "it swings about {each}, and never comes to zero: {names} {verb} counted from there in all formulas and pictures, for powers of {what} are alike elsewhere"
        ),
        false => format!(
            "all forces point to one place, {each}, but for a torque of {} of what they could make: positions are counted from there in all formulas and pictures",
            percent(centre.torque)
        ),
    }
}

/// Measurements of one system, ready to learn from.
pub(super) struct Prepared {
    pub(super) measured: Measurements,
    pub(super) estimates: Estimates,
    pub(super) split: Split,
    pub(super) train: Rows,
    pub(super) test: Rows,
    /// Whether accelerations were measured.
    pub(super) given: bool,
}

impl Prepared {
    /// Of these files, with all that is known before a law is looked for.
    pub(super) fn of(arguments: &Arguments, files: &[PathBuf]) -> Result<(Self, Learned)> {
        let names = files.iter().map(|file| file.display().to_string());
        let mut learned = Learned::new(names.collect());
        tell("reading");
        let mut measured = arguments.read(files)?;
        // What takes minutes is not begun before this is said.
        for note in measured.notes() {
            if matches!(note, Note::LooksLikeDegrees { .. }) {
                learned.may_be_degrees = true;
                eprintln!("warning: {}", told(note));
            }
        }
        // With velocities or accelerations that are none every law is wrong.
        for note in measured.notes() {
            match note {
                Note::RateDisagrees { difference, .. } if *difference > HALF => bail!(
                    "{note}; on the command line, --columns x=A,y=none, or x=A,B for two positions"
                ),
                Note::AccelerationDisagrees { difference, .. } if *difference > HALF => {
                    bail!("{note}")
                }
                _ => {}
            }
        }
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
        let (method, method_name) = arguments.method();
        tell("estimating derivatives");
        let mut estimates = measured.differentiate(&method)?;
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
        let mut train = estimates.rows(&measured, "measured", &split.train, false)?;
        if let Some((centre, is_rest)) = centre(&measured, &train) {
            learned.origin = centre.place.clone();
            learned.notes.push(words(&centre, is_rest, &learned));
            measured = measured.counted_from(&centre.place)?;
            estimates = measured.differentiate(&method)?;
            train = estimates.rows(&measured, "measured", &split.train, false)?;
        }
        let test = estimates.rows(&measured, "measured", &split.test, false)?;
        let notes = measured.notes().iter().chain(estimates.notes());
        let (warnings, notes): (Vec<_>, Vec<_>) = notes.partition(|note| note.is_warning());
        learned.warnings = warnings.iter().map(|note| told(note)).collect();
        let mut all: Vec<String> = notes.iter().map(|note| told(note)).collect();
        all.append(&mut learned.notes);
        learned.notes = all;
        let states = train.data.iter().chain(test.data.iter());
        let states = states.map(|state| (state.x, state.y));
        // Positions of rows too whose velocity is not known well.
        let all = measured.trajectories().iter().zip(estimates.trajectories());
        let all = all.flat_map(|(one, of)| {
            let rows = one.q().chunks(measured.dof()).zip(of.reliable.iter());
            rows.filter(|(_, reliable)| !**reliable)
                .map(|(x, _)| (x, &[][..]))
        });
        let states = states.chain(all);
        learned.reach = Some(Reach::of(measured.dof(), states, measured.angles()));
        learned.rows = [train.data.len(), test.data.len()];
        learned.split = match split.by {
            _ if !timed(&measured) => "other rows".to_string(),
            SplitBy::Trajectories => {
                learned.held_out = names_of(&measured, &split);
                OTHER_TRAJECTORIES.to_string()
            }
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
        let prepared = Self {
            measured,
            estimates,
            split,
            train,
            test,
            given,
        };
        Ok((prepared, learned))
    }

    /// What the theories are tried on.
    pub(super) fn found(&self, arguments: &Arguments, learned: &Learned) -> Result<Found<'_>> {
        Ok(Found {
            measured: &self.measured,
            estimates: &self.estimates,
            learned_from: &self.split.train,
            held_out: &self.split.test,
            functions: arguments.functions,
            noise: match learned.acceleration_error {
                noise if noise.is_finite() => noise,
                _ => 0.0,
            },
            learn: motion(&self.measured, &self.train)?,
            judge: motion(&self.measured, &self.test)?,
            train: &self.train,
            test: &self.test,
        })
    }

    /// A position that never changes, of which nothing can be learned.
    pub(super) fn still(&self) -> Option<&Note> {
        let mut all = self.measured.notes().iter();
        all.find(|note| matches!(note, Note::Constant { .. }))
    }
}

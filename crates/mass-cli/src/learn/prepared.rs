//! The measurements of one system: read, differentiated and divided into what is learned from and what is judged on.

use std::path::PathBuf;

use anyhow::{Result, bail};
use mass_data::{Estimates, Measurements, Note, Rows, Split, SplitBy, SplitOptions};

use super::{
    arguments::{Arguments, By, judged_on, told},
    found::{Found, motion, tell, timed, uncertainty},
    limits::HALF,
};
use crate::{learned::Learned, reach::Reach, units::Units};

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
        let measured = arguments.read(files)?;
        // With velocities that are none every law is wrong.
        let wrong = measured.notes().iter().find(
            |note| matches!(note, Note::RateDisagrees { difference, .. } if *difference > HALF),
        );
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
        let states = train.data.iter().chain(test.data.iter());
        let states = states.map(|state| (state.x, state.y));
        learned.reach = Some(Reach::of(measured.dof(), states, measured.angles()));
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

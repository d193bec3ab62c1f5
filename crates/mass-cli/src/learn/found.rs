//! What the theories are tried on, and how each fares.

use std::{io::IsTerminal, time::Instant};

use anyhow::{Result, bail};
use mass_core::{Error, mass_runs::stop_flag};
use mass_data::{Estimates, Measurements, Note, Part, Rows, Split};
use mass_sparse::{
    ConservedSearch, Factor, Forcing, Friction, FrictionKind, FrictionModel, FrictionTerm,
    FunctionLibrary, LagrangianLaw, MotionData, Recording, SparseLagrangian, SparseLaw,
    SparseRegression,
};
use mass_systems::{QuantileRule, quantile};

use super::{
    arguments::{Arguments, Functions},
    limits::{
        self, KEPT, LEAST_FOR_NETWORKS, LEAST_SHARE, LONG, MUCH, SAME, SCIENTISTS, SHORT,
        SIGNIFICANT, WORTH,
    },
    tried::{error_of, failed, tried},
};
use crate::{
    course::{Course, Law, Sources},
    learned::{Learned, Tried},
    moments::{deviations, moments},
    origin::{Origin, positions},
    percent::percent,
    scientists::{self, Ensemble, Laboratory},
    stretch::{Acceleration, Stretch},
};

/// What is said while one waits; nothing where nobody looks.
pub(super) fn tell(words: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("{words} …");
    }
}

/// The median standard error of ẏ by its deviation.
pub(super) fn uncertainty(rows: &Rows) -> f64 {
    let errors: Vec<f64> = rows.weight.iter().map(|weight| weight.powf(-0.5)).collect();
    let median = quantile(&errors, 0.5, QuantileRule::Nearest);
    let known = rows.weight.iter().any(|weight| *weight != 1.0);
    match known {
        true => median / rows.data.acceleration_deviation() * (rows.data.dof() as f64).sqrt(),
        false => f64::NAN,
    }
}

/// What the theories are tried on.
pub(super) struct Found<'a> {
    pub(super) measured: &'a Measurements,
    pub(super) estimates: &'a Estimates,
    pub(super) learned_from: &'a [Part],
    pub(super) held_out: &'a [Part],
    pub(super) train: &'a Rows,
    pub(super) test: &'a Rows,
    pub(super) functions: Functions,
    /// How well accelerations are known, as a share of their deviation; 0 where that is not known.
    pub(super) noise: f64,
    /// The same rows, as the search for a Lagrangian takes them.
    pub(super) learn: MotionData,
    pub(super) judge: MotionData,
}

/// Whether rows follow each other in time; states in any order belong to no trajectory and are not followed.
pub(super) fn timed(measured: &Measurements) -> bool {
    let mut notes = measured.notes().iter();
    !notes.any(|note| matches!(note, Note::Untimed { .. }))
}

/// Rows with their trajectories, weights and inputs.
pub(super) fn motion(measured: &Measurements, rows: &Rows) -> Result<MotionData> {
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

/// Whether a law has dry or quadratic friction that is told from none. One is enough: what smoothing across a sudden force
/// adds, the motion takes away again.
fn rubs_other_than_linearly(law: &LagrangianLaw) -> bool {
    let told = |term: &FrictionTerm| {
        let c = term.coefficient;
        term.kind != FrictionKind::Linear && c.value.abs() > SIGNIFICANT * c.standard_error
    };
    law.friction().iter().any(told)
}

impl Found<'_> {
    /// ẏ as a short sum; with dry and quadratic friction too where one without leaves more than the accelerations'
    /// own error.
    pub(super) fn sparse(&self, noise: f64) -> (Tried, Option<SparseLaw>) {
        let begun = Instant::now();
        let fit = || -> Result<SparseLaw> {
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
            Ok(law)
        };
        self.judged("short sum for ẏ", begun, fit())
    }

    /// A sum for ẏ, judged on what was held out.
    pub(super) fn judged(
        &self,
        name: &str,
        begun: Instant,
        law: Result<SparseLaw>,
    ) -> (Tried, Option<SparseLaw>) {
        let judge = |law: SparseLaw| Ok((law.rmse_on(&self.test.data)?, law));
        match law.and_then(judge) {
            Ok((error, law)) => {
                let error = error / self.test.data.acceleration_deviation();
                let followed = self.followed(&|x, y, _, out| law.acceleration(x, y, out));
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
    pub(super) fn library(&self) -> Result<FunctionLibrary, mass_sparse::Error> {
        let make = FunctionLibrary::lagrangian;
        self.with_springs(self.functions.library(make, self.measured)?)
    }

    /// What is in textbooks of it.
    pub(super) fn textbook(&self) -> Result<FunctionLibrary, mass_sparse::Error> {
        let (d, angles) = (self.measured.dof(), self.measured.angles());
        self.with_springs(FunctionLibrary::textbook(d, angles)?)
    }

    /// With springs between angles, unless somebody said which functions there are.
    fn with_springs(
        &self,
        library: FunctionLibrary,
    ) -> Result<FunctionLibrary, mass_sparse::Error> {
        let (d, angles) = (self.measured.dof(), self.measured.angles());
        match self.functions == Functions::Usual && !angles.is_empty() {
            true => library.and(FunctionLibrary::springs_of_angles(d, angles)?),
            false => Ok(library),
        }
    }

    /// A Lagrangian that is a short sum.
    pub(super) fn lagrangian(
        &self,
        friction: FrictionModel,
        name: &str,
    ) -> (Tried, Option<LagrangianLaw>) {
        let of = |library: Result<FunctionLibrary, mass_sparse::Error>| {
            self.tried(name, friction != FrictionModel::None, || {
                let search = SparseLagrangian::new(library?).friction(friction);
                Ok(search.fit(&self.learn)?)
            })
        };
        let d = self.measured.dof();
        // Of several degrees of freedom, first what is in textbooks: a search among few functions does not lose its
        // way, and is fast. With friction of any kind too: a formula of more functions can hide one.
        let hides = friction == FrictionModel::AnyKind;
        if (d == 1 && !hides) || self.functions != Functions::Usual {
            return of(self.library());
        }
        let (few, law) = of(self.textbook());
        let error = |tried: &Tried| tried.error.unwrap_or(f64::INFINITY);
        if !self.is_unexplained(error(&few)) {
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

    /// The best Lagrangian, without friction or with, and its place among the theories, to which all are added.
    pub(super) fn lagrangians(&self, theories: &mut Vec<Tried>) -> (Option<LagrangianLaw>, usize) {
        let first = theories.len();
        let (tried, conservative) = self.lagrangian(FrictionModel::None, "Lagrangian");
        theories.push(tried);
        let (tried, damped) = self.lagrangian(FrictionModel::Diagonal, "Lagrangian with friction");
        theories.push(tried);
        // With friction where it is told from none.
        let rubs = damped
            .as_ref()
            .is_some_and(|law| !law.friction().is_empty());
        // Friction that drives is no friction where a law without any says as much: it is what a force that turns the
        // velocity, as of a magnetic field, looks like beside another kinetic energy.
        let drives = |law: &LagrangianLaw| {
            law.friction()
                .iter()
                .any(|one| one.coefficient.value < -SIGNIFICANT * one.coefficient.standard_error)
        };
        let as_good = error_of(theories, first) <= SAME * error_of(theories, first + 1);
        let rubs = rubs && !(as_good && damped.as_ref().is_some_and(drives));
        let (mut lagrangian, mut place) = match rubs {
            true => (damped, first + 1),
            false => (conservative, first),
        };
        let missed = error_of(theories, place);
        let long = |law: &LagrangianLaw| law.dof() == 1 && law.terms().len() > LONG;
        if self.is_unexplained(missed)
            || lagrangian.as_ref().is_some_and(long)
            || self.rubs_otherwise(lagrangian.as_ref())
        {
            tell("looking for dry and quadratic friction");
            let name = "Lagrangian with dry or quadratic friction";
            let (mut tried, other) = self.lagrangian(FrictionModel::AnyKind, name);
            match other {
                Some(other) if self.is_better(&other, lagrangian.as_ref()) => {
                    (lagrangian, place) = (Some(other), theories.len());
                }
                _ => tried.formula = vec!["no better than without".to_string()],
            }
            theories.push(tried);
        }
        (lagrangian, place)
    }

    /// Whether an error is more than that of the accelerations themselves.
    pub(super) fn is_unexplained(&self, error: f64) -> bool {
        error > MUCH * self.noise.max(LEAST_SHARE)
    }

    /// Whether dry or quadratic friction, added to a law, is told from none and worth anything.
    pub(super) fn rubs_otherwise(&self, law: Option<&LagrangianLaw>) -> bool {
        let Some(law) = law else { return false };
        let added = || -> Result<Vec<Friction>> {
            let library = self.library()?;
            Ok(SparseLagrangian::new(library).friction_beside(
                law,
                &self.learn,
                &FrictionKind::ALL,
            )?)
        };
        let added = added().unwrap_or_default();
        added.iter().any(|one| {
            one.kind != FrictionKind::Linear
                && one.value.abs() > SIGNIFICANT * one.standard_error
                && self.share(law, one) > WORTH
        })
    }

    /// The friction of the degrees of freedom of which a law that rubs has none, when it is added, with its errors.
    pub(super) fn friction_elsewhere(&self, law: Option<&LagrangianLaw>) -> Vec<Friction> {
        let Some(law) = law else { return Vec::new() };
        let rubs = |i: usize| {
            law.friction()
                .iter()
                .any(|term| term.on == i || term.by == i)
        };
        if law.friction().is_empty() || (0..law.dof()).all(rubs) {
            return Vec::new();
        }
        let added = || -> Result<Vec<Friction>> {
            let search = SparseLagrangian::new(self.library()?);
            Ok(search.friction_beside(law, &self.learn, &[FrictionKind::Linear])?)
        };
        let mut added = added().unwrap_or_default();
        added.retain(|one| !rubs(one.on) && one.standard_error.is_finite());
        added
    }

    /// What a friction makes of the accelerations of its own degree of freedom, as a share of their deviation, about.
    pub(super) fn share(&self, law: &LagrangianLaw, one: &Friction) -> f64 {
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
    /// chance: by the squares of the errors of blocks of rows, with those that were learned from where it has no more
    /// numbers; and whether such a friction is told from none.
    pub(super) fn is_better(&self, law: &LagrangianLaw, other: Option<&LagrangianLaw>) -> bool {
        if !rubs_other_than_linearly(law) {
            return false;
        }
        let Some(other) = other else { return true };
        const BLOCKS: usize = 20;
        let squares = |law: &LagrangianLaw, rows: &Rows| -> Vec<f64> {
            let data = &rows.data;
            let (d, m) = (data.dof(), law.inputs());
            let scale: Vec<f64> = (0..d)
                .map(|k| moments(data.acceleration(), k, d).1)
                .collect();
            let mut out = vec![0.0; d];
            let each = (0..data.len()).map(|row| {
                let state = data.state(row);
                let tau = rows.forcing.as_ref();
                let tau = tau.map_or(&[][..], |tau| &tau[row * m..(row + 1) * m]);
                law.forced_acceleration(state.x, state.y, tau, &mut out);
                let each = (0..d).map(|k| (out[k] - state.acceleration[k]).powi(2) / scale[k]);
                each.sum::<f64>()
            });
            each.collect()
        };
        let gains = |before: &[f64], rows: &Rows| -> Vec<f64> {
            let after = squares(law, rows);
            let length = before.len().div_ceil(BLOCKS).max(1);
            let blocks = before.chunks(length).zip(after.chunks(length));
            let gain = |(before, after): (&[f64], &[f64])| {
                before.iter().sum::<f64>() - after.iter().sum::<f64>()
            };
            blocks.map(gain).collect()
        };
        let surely = |gains: &[f64]| {
            let (mean, variance) = moments(gains, 0, 1);
            mean > 2.0 * (variance / gains.len() as f64).sqrt()
        };
        let size = |law: &LagrangianLaw| law.terms().len() + law.friction().len();
        let missed = squares(other, self.test);
        let held_out = gains(&missed, self.test);
        let (before, gain) = (missed.iter().sum::<f64>(), held_out.iter().sum::<f64>());
        // A shorter one that is as good is better.
        if size(law) < size(other) && before - gain <= SAME * SAME * before {
            return true;
        }
        // Of two with as many numbers none is nearer for its length alone, so that what they were found from counts as well.
        if size(law) <= size(other) && gain >= 0.0 {
            let mut all = gains(&squares(other, self.train), self.train);
            all.extend(&held_out);
            if surely(&all) {
                return true;
            }
        }
        // Where all that differs is in one block, as where a fall begins, blocks say nothing of chance, but half does.
        gain > 0.5 * before || surely(&held_out)
    }

    /// The same Lagrangian, its coefficients those of the motion that comes nearest to the measured positions:
    /// no derivative is estimated.
    pub(super) fn refined(
        &self,
        law: &LagrangianLaw,
        parts: &[Part],
    ) -> (Tried, Option<LagrangianLaw>) {
        self.tried("Lagrangian, refined by the motion", false, || {
            Ok(law.refined(&self.recording(parts)?)?)
        })
    }

    /// The positions of some parts, as they were measured.
    pub(super) fn recording(&self, parts: &[Part]) -> Result<Recording> {
        let d = self.measured.dof();
        let (mut numbers, mut t, mut x) = (Vec::new(), Vec::new(), Vec::new());
        for (number, part) in parts.iter().enumerate() {
            let measured = &self.measured.trajectories()[part.trajectory];
            numbers.extend(part.rows.clone().map(|_| number));
            t.extend_from_slice(&measured.t()[part.rows.clone()]);
            x.extend_from_slice(&measured.q()[part.rows.start * d..part.rows.end * d]);
        }
        Ok(Recording::new(d, numbers, t, x)?)
    }

    /// A Lagrangian and how it fares; one that was looked for with friction says if none is needed.
    pub(super) fn tried(
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
        let followed = self.followed(&|x, y, tau, out| law.forced_acceleration(x, y, tau, out));
        let size = law.terms().len() + law.friction().len() + law.gains().len();
        let mut formula = vec![law.formula()];
        let rounded = law.rounded().formula();
        if with_friction && law.friction().is_empty() {
            formula = vec!["the accelerations alone show none: as without".to_string()];
        } else if rounded != formula[0] {
            formula.push(format!("within the errors, {rounded}"));
        }
        let tried = tried(name, begun.elapsed(), error, followed, size, formula);
        (tried, Some(law))
    }

    /// The error from which on a law is a rough one.
    pub(super) fn roughly(&self) -> f64 {
        limits::roughly(self.noise)
    }

    /// Trains the networks that are asked for, or that are called for by the error of the best formula, each with its
    /// place among the theories.
    pub(super) fn networks(
        &self,
        arguments: &Arguments,
        formula: f64,
        learned: &mut Learned,
    ) -> Result<Vec<(usize, Ensemble)>> {
        let rows = self.train.data.len();
        let count = match arguments.scientists {
            Some(count) => count,
            None if formula > self.roughly() && rows < LEAST_FOR_NETWORKS => {
                learned.notes.push(format!(
                    "no short formula explains the motion, and networks were not trained, for {rows} rows are few for them; --scientists 4 trains them all the same"
                ));
                0
            }
            None if formula > self.roughly() && learned.may_be_degrees => {
                learned.notes.push(
                    "no short formula explains the motion, and networks were not trained, for angles may be in degrees; --degrees says so, --scientists 4 trains them all the same".to_string(),
                );
                0
            }
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
        if let Some(best) = so_far {
            eprintln!(
                "so far: {}, which misses {}: {}\nnow {count} networks of each kind are trained, {} steps each, which takes minutes (--scientists 0: none); Ctrl-C ends \
                 that and says what stands",
                best.name,
                percent(best.error.unwrap_or(f64::NAN)),
                best.formula.join("; "),
                arguments.steps
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
    pub(super) fn course(
        &self,
        arguments: &Arguments,
        learned: &Learned,
        split: &Split,
        trained: &[(usize, Ensemble)],
    ) -> Result<Course> {
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
            time_unit: self.measured.units().time.clone(),
            positions: positions(self.measured),
            measured: self.measured,
            estimates: self.estimates,
            split,
            test: self.test,
            laws: law.into_iter().filter(|_| timed(self.measured)).collect(),
        }))
    }

    /// What the motion keeps: the energy of its Lagrangian, and what else is found.
    pub(super) fn conserved(&self, law: Option<&LagrangianLaw>) -> Vec<(String, f64)> {
        let d = self.measured.dof();
        let mut kept = Vec::new();
        if let Some(law) = law {
            // An energy has a zero of choice: beside what moves, and not beside its own size.
            let still = vec![0.0; d];
            let kinetic = |x: &[f64], y: &[f64]| law.energy(x, y) - law.energy(x, &still);
            let energy = |x: &[f64], y: &[f64]| law.energy(x, y);
            kept.push((law.energy_formula(), self.drift_beside(energy, kinetic)));
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
            // What varies more than the energy does, by its noise, is not kept.
            let most = kept.iter().map(|(_, drift): &(String, f64)| 2.0 * drift);
            let most = most.fold(KEPT, f64::max);
            let new = new.map(|one| (one.formula(), self.drift(|x, y| one.value(x, y))));
            Ok(new.filter(|(_, drift)| *drift <= most).collect())
        };
        // That none is found is an answer, and that none can be looked for is one too.
        kept.extend(search().unwrap_or_default());
        kept
    }

    /// √E(Q − its mean on the trajectory)² / √E Q² over the trajectories held out.
    pub(super) fn drift(&self, quantity: impl Fn(&[f64], &[f64]) -> f64) -> f64 {
        self.drift_beside(&quantity, &quantity)
    }

    /// The same by √E S² of another quantity.
    fn drift_beside(
        &self,
        quantity: impl Fn(&[f64], &[f64]) -> f64,
        size: impl Fn(&[f64], &[f64]) -> f64,
    ) -> f64 {
        let states = || self.test.data.iter();
        let values: Vec<f64> = states().map(|one| quantity(one.x, one.y)).collect();
        let mut from = 0;
        let (mut within, mut count) = (0.0, 0.0);
        for part in self.test.trajectory.chunk_by(|a, b| a == b) {
            let some = &values[from..from + part.len()];
            within += moments(some, 0, 1).1 * some.len() as f64;
            count += some.len() as f64;
            from += part.len();
        }
        let squares = states().map(|one| size(one.x, one.y).powi(2));
        let size = squares.sum::<f64>() / count;
        (within / count / size).sqrt()
    }

    /// |correlation| of two quantities at the rows that were learned from.
    pub(super) fn correlation(
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
    pub(super) fn followed(&self, law: &Acceleration<'_>) -> Option<[f64; 2]> {
        if !timed(self.measured) {
            return None;
        }
        let deviation = deviations(self.test.data.x(), self.measured.dof());
        let stretches = self.held_out.iter().filter_map(|part| {
            let stretch = Stretch::new(self.measured, self.estimates, part, &deviation)?;
            (stretch.whole() > 0.0).then_some(stretch)
        });
        // What is short beside the others is soon followed.
        let mut stretches: Vec<Stretch> = stretches.collect();
        let longest = stretches.iter().map(Stretch::whole).fold(0.0, f64::max);
        stretches.retain(|one| one.whole() >= SHORT * longest);
        let followed = stretches.iter();
        let followed = followed.map(|one| [one.followed(law), one.whole()]);
        let mut followed: Vec<[f64; 2]> = followed.collect();
        // The stretch of median share, of two the worse one.
        followed.sort_by(|a, b| (a[0] / a[1]).total_cmp(&(b[0] / b[1])));
        followed.get(followed.len().saturating_sub(1) / 2).copied()
    }
}

/// Whether no coefficient is beyond what any units give.
pub(super) fn sensible(law: &LagrangianLaw) -> bool {
    let terms = law.terms().iter().map(|term| term.coefficient.value);
    let friction = law.friction().iter().map(|term| term.coefficient.value);
    terms.chain(friction).all(|value| value.abs() < 1e40)
}

/// Rows but the last fifth of each trajectory, and these.
pub(super) fn ends(trajectory: &[usize]) -> (Vec<usize>, Vec<usize>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fifth_of_each_trajectory_chooses() {
        let (learn, choose) = ends(&[0, 0, 0, 0, 0, 7, 7, 7, 7, 7]);
        assert_eq!((learn.len(), choose), (8, vec![4, 9]));
    }
}

//! Networks, for what is no short sum: scientists that are told nothing, Lagrangian and Hamiltonian networks,
//! and networks for ẏ without any scalar.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use anyhow::{Context, Result};
use clap::ValueEnum;
use mass_core::{
    DeviceKind, Error, FinishRecipe, ProgressLine, Recipe, Run, TheoryRecipe, Trainer,
    TrainingSystem, Units, WeightsKind,
};
use mass_interp::{Agreements, Families, HelmholtzPlan, LearnedLaw, Scientist};
use mass_systems::{Dataset, QuantileRule, quantile, wrap_angle};

use crate::{
    course,
    learned::{Network, Tried},
    stretch::Acceleration,
};

/// Scientists whose scores with each other's scalars are above this are of one family.
pub(crate) const AGREE: f64 = 0.9;
/// No error is said to be larger: such a law has a pole among the states.
const POLE: f64 = 1e6;
/// States that scientists are read at.
const STATES: usize = 512;

/// What a network is told of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Told {
    /// Nothing: it learns a scalar and the law from 172 terms of its derivatives.
    Free,
    /// Euler–Lagrange's equation: its scalar is a Lagrangian.
    Lagrangian,
    /// ẏ = −S_x: its scalar is a potential, for velocities that are momenta.
    Hamiltonian,
    /// That there is no scalar: the network gives ẏ.
    Plain,
}

impl Told {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Told::Free => "free scientists",
            Told::Lagrangian => "Lagrangian networks",
            Told::Hamiltonian => "Hamiltonian networks",
            Told::Plain => "plain networks",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Told::Free => "free",
            Told::Lagrangian => "lagrangian",
            Told::Hamiltonian => "hamiltonian",
            Told::Plain => "plain",
        }
    }

    fn recipe(self, steps: usize) -> Recipe {
        let general = Recipe::general().with_steps(steps);
        let mut recipe = match self {
            Told::Free => general,
            Told::Lagrangian => general.told(TheoryRecipe::Lagrangian, "lagrangian"),
            Told::Hamiltonian => general.told(TheoryRecipe::Hamiltonian, "hamiltonian"),
            Told::Plain => general.plain(),
        };
        recipe.name = format!("learn-{}", self.word());
        recipe.data.units = Units::Scaled;
        // A free scientist puts poles between few rows if nothing but its error on them counts.
        recipe.finish = (self != Told::Free).then(|| FinishRecipe::new(FINISH));
        recipe
    }
}

/// How many are trained, on what, and where they are kept.
pub(crate) struct Laboratory<'a> {
    /// Scientists of each kind.
    pub(crate) count: usize,
    pub(crate) steps: usize,
    /// Where trainings are kept and go on from.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) train: &'a Dataset,
    pub(crate) test: &'a Dataset,
    /// Which positions are angles.
    pub(crate) angles: &'a [usize],
    pub(crate) stop: Arc<AtomicBool>,
}

/// An ensemble that was trained: its row in the table of theories, its laws, and which of them is the median.
pub(crate) struct Ensemble {
    pub(crate) tried: Tried,
    pub(crate) laws: Vec<LearnedLaw>,
    pub(crate) middle: usize,
}

impl Ensemble {
    /// The median law, with the others beside it, for the pictures.
    pub(crate) fn law(&self, place: usize) -> course::Law<'_> {
        let others = self.laws.iter().enumerate();
        let others = others.filter(|(one, _)| *one != self.middle);
        let others = others.map(|(_, law)| acceleration(law));
        course::Law::new(
            place,
            acceleration(&self.laws[self.middle]),
            others.collect(),
        )
    }
}

/// A law as the pictures follow it; where it is not known, NaN.
fn acceleration(law: &LearnedLaw) -> Box<Acceleration<'_>> {
    Box::new(|x, y, _, out| {
        if law.acceleration(x, y, out).is_err() {
            out.fill(f64::NAN);
        }
    })
}

impl Laboratory<'_> {
    /// Trains one kind. `followed` follows a law along what was held out.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if it was asked to stop; what was trained is kept where there is a folder.
    pub(crate) fn train(
        &self,
        told: Told,
        followed: impl Fn(&Acceleration<'_>) -> Option<[f64; 2]>,
    ) -> Result<Ensemble> {
        let begun = Instant::now();
        let mut recipe = told.recipe(self.steps);
        recipe.data.batch = recipe.data.batch.min(self.train.len());
        let (train, test) = (self.wrapped(self.train)?, self.wrapped(self.test)?);
        let systems = || {
            let one = TrainingSystem::measured_apart("measured", train.clone(), test.clone());
            vec![one]
        };
        let seeds: Vec<u64> = (0..self.count as u64).collect();
        let mut trainer = Trainer::new(recipe.clone(), systems(), seeds.iter().copied())
            .stop_on(self.stop.clone());
        if let Some(folder) = self.folder {
            trainer = trainer.directory(folder.join(told.word()));
        }
        if std::io::stderr().is_terminal() {
            trainer = trainer.observe(ProgressLine::new(told.name()));
        }
        let outcome = trainer.run()?;
        if outcome.interrupted {
            let (done, all) = (outcome.completed, outcome.total);
            let words = format!("stopped at step {done} of {all} of the {}", told.name());
            return Err(Error::Interrupted(words).into());
        }
        let scientists = Scientist::all_of(&outcome.average, &seeds, recipe, systems().into())?;
        let laws = scientists.iter().map(|one| {
            let law = one.law(0)?.with_angles(self.angles)?;
            Ok((self.error(&law)?, law))
        });
        let laws = laws.collect::<Result<Vec<_>>>()?;
        let errors: Vec<f64> = laws.iter().map(|(error, _)| *error).collect();
        let median = quantile(&errors, 0.5, QuantileRule::Nearest);
        let middle = errors
            .iter()
            .position(|error| *error == median)
            .unwrap_or(0);
        let law = &laws[middle].1;
        let followed = followed(&*acceleration(law));
        let parameters = outcome.average.tensors().into_iter();
        let size: usize = parameters.map(|one| one.dims()[1] * one.dims()[2]).sum();
        let (families, agreement) = match told {
            Told::Plain => (Vec::new(), None),
            _ => families(&scientists),
        };
        // In the units of the training, as its errors are.
        let held_out = scientists[middle].systems()[0].measurements();
        let deviation = held_out
            .context("they were measured")?
            .1
            .acceleration_deviation();
        let rows = outcome.metrics.rows.iter();
        let rows = rows.filter(|row| row.seed == seeds[middle]);
        let curve = rows.map(|row| (row.step as f64, row.average.rmse() / deviation));
        let network = Network {
            kind: told.word().to_string(),
            angles: self.angles.to_vec(),
            middle,
            curve: curve.collect(),
            families,
            agreement,
            no_lagrangian: no_lagrangian(&scientists[middle]),
            errors,
        };
        let tried = Tried {
            name: told.name().to_string(),
            error: median.is_finite().then_some(median),
            followed,
            size: Some(size),
            seconds: begun.elapsed().as_secs_f64(),
            formula: vec![network.words()],
            failed: None,
            network: Some(network),
        };
        Ok(Ensemble {
            tried,
            laws: laws.into_iter().map(|(_, law)| law).collect(),
            middle,
        })
    }

    /// The same with angles in [−π, π), for a network knows nothing of 2π.
    fn wrapped(&self, data: &Dataset) -> Result<Arc<Dataset>> {
        let d = data.dof();
        let mut x = data.x().to_vec();
        for state in x.chunks_mut(d) {
            for angle in self.angles {
                state[*angle] = wrap_angle(state[*angle]);
            }
        }
        let (y, acceleration) = (data.y().to_vec(), data.acceleration().to_vec());
        Ok(Dataset::new(data.id(), d, x, y, acceleration)?.into())
    }

    /// √(mean of the squared error of ẏ / mean of its squared deviation) on what was held out, as a mean over
    /// positions, so that no unit of one outweighs the others.
    fn error(&self, law: &LearnedLaw) -> Result<f64> {
        let d = self.test.dof();
        let found = law.accelerations(self.test.x(), self.test.y())?;
        let truth = self.test.acceleration();
        let of = |k: usize| {
            let column = |values: &[f64]| -> Vec<f64> {
                values.iter().skip(k).step_by(d).copied().collect()
            };
            let (found, truth) = (column(&found), column(truth));
            let mean = truth.iter().sum::<f64>() / truth.len() as f64;
            let square = |pairs: &mut dyn Iterator<Item = f64>| pairs.map(|v| v * v).sum::<f64>();
            let missed = square(&mut found.iter().zip(&truth).map(|(a, b)| a - b));
            missed / square(&mut truth.iter().map(|b| b - mean))
        };
        let error = ((0..d).map(of).sum::<f64>() / d as f64).sqrt();
        // At a pole it is any number, or none.
        Ok(if error.is_finite() {
            error.min(POLE)
        } else {
            POLE
        })
    }
}

/// Sizes of the families and the mean agreement; nothing where the scientists cannot be compared.
fn families(scientists: &[Scientist]) -> (Vec<usize>, Option<f64>) {
    if scientists.len() < 2 {
        return (Vec::new(), None);
    }
    let found = || -> Result<_> {
        let agreement = Agreements::between(scientists, STATES, 0)?.together;
        let families = Families::of(&agreement, AGREE)?.families;
        let sizes = families.iter().map(|family| family.members.len());
        Ok((sizes.collect(), agreement.overall()))
    };
    match found() {
        Ok((sizes, overall)) => (sizes, Some(overall).filter(|value| value.is_finite())),
        Err(_) => (Vec::new(), None),
    }
}

/// What no Lagrangian explains of the law of a scientist; nothing where it cannot be judged.
fn no_lagrangian(one: &Scientist) -> Option<f64> {
    let states = one.evaluation_states(0, 2 * STATES, 0).ok()?;
    let missed = match states.dof() {
        1 => {
            let found = one.helmholtz(0, &states, &HelmholtzPlan::default());
            found.ok()?.relative_friction()
        }
        _ => one.multiplier(0, &states).ok()?.missed(),
    };
    missed.is_finite().then_some(missed)
}

/// Quasi-Newton iterations at the end.
const FINISH: usize = 300;

/// The laws of the networks that `learn --out` kept, with which is the median.
pub(crate) fn kept(folder: &Path, network: &Network) -> Result<(Vec<LearnedLaw>, usize)> {
    let path = self::folder(folder).join(&network.kind);
    let lost = || {
        format!(
            "the networks are kept in {}, which cannot be read; learn again with --out",
            path.display()
        )
    };
    let run = Run::open(&path).with_context(lost)?;
    let device = DeviceKind::Flex.open()?;
    let all = Scientist::load_all(&run, WeightsKind::Average, &device).with_context(lost)?;
    let laws = all
        .iter()
        .map(|one| Ok(one.law(0)?.with_angles(&network.angles)?));
    Ok((laws.collect::<Result<_>>()?, network.middle))
}

/// Where the trainings of a result are kept.
pub(crate) fn folder(out: &Path) -> PathBuf {
    out.join("scientists")
}

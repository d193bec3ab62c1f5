//! What is asked of each scientist at the end of one phase.

use std::sync::Arc;

use mass_systems::{AnyLagrangian, Dataset, Domain, System};
use rayon::prelude::*;

use crate::{
    error::{Error, check_index, none},
    readout::EVALUATION_STATES,
    scientist::Scientist,
    theory::{HelmholtzPlan, Judgement, SignVerdicts},
};

/// States at which the friction of a law is judged, four times as many as others.
const HELMHOLTZ_STATES: usize = 4 * EVALUATION_STATES;

/// What was found of each of E scientists at the end of a phase, who have seen K systems by then: what
/// [`PhaseTheories`](super::PhaseTheories) sums up.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PhaseJudgements {
    /// Of each system seen, in the order in which they joined, `[K][E]`; the friction of the law is
    /// judged of the last alone.
    pub by_system: Vec<Vec<Judgement>>,
    /// What the signs say of the last, `[E]`; `None` of a scientist that cannot be read.
    pub signs: Vec<Option<SignVerdicts>>,
}

impl PhaseJudgements {
    /// Puts together what was found before.
    pub fn new(by_system: Vec<Vec<Judgement>>, signs: Vec<Option<SignVerdicts>>) -> Self {
        Self { by_system, signs }
    }

    /// Asks scientists of one training; `states` are those at which they are read, of each system seen in
    /// the order in which they joined ([`evaluation_batches`]), and as many again, drawn by `seed`, decide
    /// the friction of their laws for the last ([`Helmholtz`](crate::Helmholtz)).
    ///
    /// # Errors
    ///
    /// [`Error::Length`] without scientists or systems; [`Error::Index`] for more systems than there
    /// are, [`Error::Request`] for one whose law is not known; else as [`Scientist::read_all`]. A
    /// scientist that cannot be read is no error.
    pub fn of(scientists: &[Scientist], states: &[Arc<Dataset>], seed: u64) -> Result<Self, Error> {
        let first = scientists
            .first()
            .ok_or_else(|| none("the list of scientists"))?;
        let (newest, seen) = states
            .split_last()
            .ok_or_else(|| none("the list of systems' states"))?;
        let judge = |place: usize, states: &Arc<Dataset>| -> Result<_, Error> {
            let (law, domain) = exact(first, place)?;
            let readings = Scientist::read_all(scientists, place, states)?;
            let judged = readings
                .par_iter()
                .map(|one| Judgement::of(one, law, &domain))
                .collect::<Vec<_>>();
            Ok((readings, judged))
        };
        let mut by_system = Vec::with_capacity(states.len());
        for (place, states) in seen.iter().enumerate() {
            by_system.push(judge(place, states)?.1);
        }
        let place = seen.len();
        let (readings, judged) = judge(place, newest)?;

        let (law, _) = exact(first, place)?;
        let signs = scientists.par_iter().zip(&readings);
        let signs = signs.map(|(one, reading)| SignVerdicts::of(reading, law, one.seed()));
        let signs = signs.collect::<Vec<_>>();
        let many = first.evaluation_states(place, HELMHOLTZ_STATES, seed)?;
        let friction = |one: &Scientist| {
            let found = one.helmholtz(place, &many, &HelmholtzPlan::default());
            found.map_or(f64::NAN, |found| found.relative_friction())
        };
        let judged = scientists.par_iter().zip(&judged);
        let judged = judged.map(|(one, judged)| match judged.read {
            true => judged.with_friction(friction(one)),
            false => *judged,
        });
        by_system.push(judged.collect());
        Ok(Self { by_system, signs })
    }
}

/// The states at which scientists of one training are read on each of the first `seen` systems: 512 of each,
/// drawn by `seed` ([`Scientist::evaluation_states`]).
///
/// # Errors
///
/// [`Error::Length`] without scientists, [`Error::Index`] for more systems than there are; else as
/// [`Scientist::evaluation_states`].
pub fn evaluation_batches(
    scientists: &[Scientist],
    seen: usize,
    seed: u64,
) -> Result<Vec<Arc<Dataset>>, Error> {
    let first = scientists
        .first()
        .ok_or_else(|| none("the list of scientists"))?;
    let batch = |place: usize| {
        let states = first.evaluation_states(place, EVALUATION_STATES, seed)?;
        Ok(Arc::new(states))
    };
    (0..seen).map(batch).collect()
}

/// The exact law of a system of the training, and the domain of its states, in the training's units.
fn exact(scientist: &Scientist, place: usize) -> Result<(&dyn AnyLagrangian, Domain), Error> {
    check_index("system", place, scientist.systems().len())?;
    let system = &scientist.systems()[place];
    let law = system.lagrangian().zip(system.system().map(System::domain));
    law.ok_or_else(|| {
        Error::Request(format!(
            "{} has no Lagrangian here: there is no exact theory to compare with",
            system.id()
        ))
    })
}

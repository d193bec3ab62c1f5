//! Which theories a population holds at the end of one phase.

use std::sync::Arc;

use mass_systems::{AnyLagrangian, Dataset, Domain, System};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{SignCensus, TheoryCensus};
use crate::{
    error::{Error, check_index, check_length, none},
    scientist::Scientist,
    statistics::{Estimate, mean_and_deviation},
    theory::{HelmholtzPlan, Judgement, SignVerdicts},
};

/// What a population of scientists says at the end of a phase, of the system that joined last, and how near
/// it is to the exact L of each system seen (Fu et al. 2025, Figure 11; K systems seen).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PhaseTheories {
    /// Of all scientists, about the system that joined last.
    pub all: TheoryCensus,
    /// The same of those that are correct at the phase's end alone.
    pub correct: TheoryCensus,
    /// What the signs say of it, in the order of [`EnergyReading::FOUR`](crate::EnergyReading::FOUR).
    pub signs: [SignCensus; 4],
    /// How near all are to the exact L of each system seen, in the order in which they joined, `[K]`.
    pub by_system: Vec<LagrangianFits>,
}

/// How near scientists are to the exact L of a system: means, less and plus the standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagrangianFits {
    /// R² of S ≈ a L + c.
    pub scalar_lagrangian: Estimate,
    /// R² of fitting activations to those of the exact L.
    pub fit_lagrangian: Estimate,
}

impl LagrangianFits {
    /// Sums up what was found of each scientist.
    pub fn of(judged: &[Judgement]) -> Self {
        let values = |of: fn(&Judgement) -> f64| -> Vec<f64> { judged.iter().map(of).collect() };
        Self {
            scalar_lagrangian: mean_and_deviation(&values(|one| one.scalar_lagrangian)),
            fit_lagrangian: mean_and_deviation(&values(|one| one.fit_lagrangian)),
        }
    }
}

impl PhaseTheories {
    /// Asks scientists of one training; `correct` says of each whether it is, `states` are those at which
    /// they are read, of each system seen in the order in which they joined, and `many` more of the last,
    /// at which the friction of their laws is judged ([`Helmholtz`](crate::Helmholtz)).
    ///
    /// # Errors
    ///
    /// [`Error::Length`] without scientists or systems, or if `correct` is not of each scientist;
    /// [`Error::Index`] for more systems than there are, [`Error::Request`] for one whose law is not
    /// known; else as [`Scientist::read_all`]. A scientist that cannot be read is no error.
    pub fn of(
        scientists: &[Scientist],
        correct: &[bool],
        states: &[Arc<Dataset>],
        many: &Dataset,
    ) -> Result<Self, Error> {
        check_length("the list of correct ones", correct.len(), scientists.len())?;
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
            by_system.push(LagrangianFits::of(&judge(place, states)?.1));
        }
        let place = seen.len();
        let (readings, judged) = judge(place, newest)?;
        by_system.push(LagrangianFits::of(&judged));

        let (law, _) = exact(first, place)?;
        let verdicts = scientists.par_iter().zip(&readings);
        let verdicts = verdicts.map(|(one, reading)| SignVerdicts::of(reading, law, one.seed()));
        let signs = SignCensus::of(&verdicts.collect::<Vec<_>>());
        let friction = |one: &Scientist| {
            let found = one.helmholtz(place, many, &HelmholtzPlan::default());
            found.map_or(f64::NAN, |found| found.relative_friction())
        };
        let judged = scientists.par_iter().zip(&judged);
        let judged: Vec<Judgement> = judged
            .map(|(one, judged)| match judged.read {
                true => judged.with_friction(friction(one)),
                false => *judged,
            })
            .collect();
        let right = judged.iter().zip(correct).filter(|(_, right)| **right);
        let right: Vec<Judgement> = right.map(|(judged, _)| *judged).collect();
        Ok(Self {
            all: TheoryCensus::of(&judged),
            correct: TheoryCensus::of(&right),
            signs,
            by_system,
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_those_that_could_be_read() {
        let judged = |scalar_lagrangian, fit_lagrangian| Judgement {
            scalar_lagrangian,
            fit_lagrangian,
            ..Judgement::NOTHING
        };
        let all = [judged(0.5, 0.1), judged(f64::NAN, 0.3), judged(0.7, 0.2)];
        let found = LagrangianFits::of(&all);
        assert!((found.scalar_lagrangian.value - 0.6).abs() < 1e-12);
        assert!((found.fit_lagrangian.value - 0.2).abs() < 1e-12);
        assert!((found.fit_lagrangian.high - 0.3).abs() < 1e-12, "s = 0.1");
    }
}

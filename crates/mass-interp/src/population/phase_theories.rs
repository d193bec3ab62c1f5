//! Which theories a population holds at the end of one phase.

use serde::{Deserialize, Serialize};

use super::{PhaseJudgements, SignCensus, TheoryCensus};
use crate::{
    error::{Error, check_length, none},
    statistics::{Estimate, mean_and_deviation},
    theory::Judgement,
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
    /// Sums up what was found of E scientists; `correct` says of each whether it is.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] without a system, or if `correct` is not of each scientist.
    pub fn of(found: &PhaseJudgements, correct: &[bool]) -> Result<Self, Error> {
        let newest = found.by_system.last();
        let newest = newest.ok_or_else(|| none("the list of systems judged"))?;
        check_length("the list of correct ones", correct.len(), newest.len())?;
        let right = newest.iter().zip(correct).filter(|(_, right)| **right);
        let right: Vec<Judgement> = right.map(|(judged, _)| *judged).collect();
        let by_system = found.by_system.iter();
        Ok(Self {
            all: TheoryCensus::of(newest),
            correct: TheoryCensus::of(&right),
            signs: SignCensus::of(&found.signs),
            by_system: by_system.map(|judged| LagrangianFits::of(judged)).collect(),
        })
    }
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

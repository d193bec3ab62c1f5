//! What is kept of one scientist, at the end of one phase, about one system.

use mass_core::{MetricsRow, TestError};
use serde::{Deserialize, Serialize};

use crate::theory::{Judgement, SignVerdicts, Theory, TwoTermFits};

/// What is kept of one scientist at the end of one phase about one system that it has seen by then: a row of
/// a [`Summary`](super::Summary).
///
/// Where a field is of scientist and phase alone, it is the same in the rows of all systems. NaN where
/// nothing can be said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The scientist.
    pub seed: u64,
    /// Phase, counted from 1.
    pub phase: u64,
    /// The system.
    pub system: String,
    /// BLAKE3 of the averaged parameters at the phase's end, in the order of
    /// [`MassModel::names`](mass_core::MassModel::names): equal for equal bits.
    pub parameters: String,
    /// Test MSE of the averaged weights on the system; infinite where a prediction is not finite.
    pub mse: f64,
    /// Share of test states with ‖ŷ̇ − ẏ‖ above 1.
    pub pole_share: f64,
    /// Step at which the scientist diverged, if it had by the phase's end.
    pub diverged_at: Option<u64>,
    /// Terms that make 95 % of Σ E|a| on the system.
    pub terms: f64,
    /// The same with equal functions merged.
    pub terms_merged: f64,
    /// Terms that make 95 % of Σ|w|: of scientist and phase.
    pub weights: f64,
    /// Shares of the variance of its activations that the first three principal components explain; none
    /// where they cannot be had.
    pub explained: Vec<f64>,
    /// What is found of it by the exact law of the system; the friction for the newest system alone.
    pub judgement: Judgement,
    /// What the signs of c₁ and c₂ say of the newest system.
    pub signs: Option<Signs>,
    /// Table 2's fits, of the newest system and in the last phase of all, where the scientist is correct.
    pub two_terms: Option<TwoTermFits>,
}

impl Finding {
    /// As a run's table of what was measured has it, as far as it is kept.
    pub(super) fn measured(&self, step: u64) -> MetricsRow {
        let test = TestError {
            mse: self.mse,
            pole_share: self.pole_share,
        };
        MetricsRow {
            step,
            phase: self.phase,
            seed: self.seed,
            system: self.system.clone(),
            learning_rate: f64::NAN,
            train_loss: f64::NAN,
            train_error: f64::NAN,
            shift: f64::NAN,
            raw: TestError {
                mse: f64::NAN,
                pole_share: f64::NAN,
            },
            average: test,
            diverged: self.diverged_at,
        }
    }
}

/// [`SignVerdicts`] as lists, in the order of [`EnergyReading::FOUR`](crate::EnergyReading::FOUR).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs {
    /// Of S as it is.
    pub theories: Vec<Option<Theory>>,
    /// Of S with a constant added.
    pub with_constant: Vec<Option<Theory>>,
}

impl From<SignVerdicts> for Signs {
    fn from(found: SignVerdicts) -> Self {
        Self {
            theories: found.theories.to_vec(),
            with_constant: found.with_constant.to_vec(),
        }
    }
}

impl Signs {
    /// Back again; `None` unless there are four of each.
    pub(super) fn verdicts(&self) -> Option<SignVerdicts> {
        let theories = self.theories.as_slice().try_into().ok()?;
        let with_constant = self.with_constant.as_slice().try_into().ok()?;
        Some(SignVerdicts::new(theories, with_constant))
    }
}

//! Which textbook theory a scientist's scalar belongs to, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{exchange::exchange_with_theory, formulation::Theory};
use crate::{error::Error, readout::Reading};

/// Whether Euler–Lagrange or Hamilton's equation computes the true motion with a scientist's own S.
///
/// For data without a known law: no T, V, L or H is needed, which [`EnergyFit`](crate::EnergyFit) and
/// [`TheoryFit`](crate::TheoryFit) ask for. The law's place is taken by the states' true ẏ, the
/// scientist's shared layer by that of a theory (Fu et al. 2025, Eq. 1 and 2), and the score is that of
/// [`exchange`](crate::exchange()): 1 if the theory computes ẏ with a·S, 0 if no better than a constant
/// law. Euler–Lagrange has no factor to choose, −S_x the one a, the unit of S.
///
/// Euler–Lagrange is asked first. −S_x computes the motion from S = −L too where L = ½y² − V(x), so
/// that a scientist with such an S passes both; the other way round, Euler–Lagrange scores 0 with
/// S = ½y² + V(x), for it computes −ẏ.
///
/// A scientist that fails both may predict as well: its layer makes the motion out of other terms of
/// its S. That is the common case among trained scientists.
///
/// # Example
///
/// ```
/// use mass_interp::{Reading, Theory, Verdict, evaluation_states};
/// use mass_systems::{System, systems::Pendulum};
///
/// let states = evaluation_states(&Pendulum, 256, 0)?;
/// let law = Pendulum.lagrangian().unwrap();
/// let verdict = Verdict::of(&[Reading::exact_hamiltonian(law, Default::default(), &states)?])?;
/// assert_eq!(verdict.theory(), Some(Theory::Hamiltonian));
/// assert_eq!(
///     verdict.to_string(),
///     "Hamiltonian: −S_x gives 1.00 of the motion, Euler–Lagrange 0.00"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Score of ẏ = S_yy⁻¹(S_x − S_xy y).
    pub lagrangian: f64,
    /// Score of ẏ = −S_x.
    pub hamiltonian: f64,
}

impl Verdict {
    /// The verdict where nothing can be said, as of a scientist whose library lacks the theories' terms.
    pub const NONE: Self = Self {
        lagrangian: f64::NAN,
        hamiltonian: f64::NAN,
    };

    /// The score from which on a scalar is that of a theory.
    pub const LEAST: f64 = 0.9;

    /// Judges one scientist by its readings of one or more systems, with one factor for all.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] without readings; [`Error::Request`] if they have different libraries or a
    /// true ẏ is the same at all states; an error of [`mass_terms`] if the library lacks S_x,
    /// S_yy⁻¹S_x or S_yy⁻¹S_xy y.
    pub fn of(readings: &[Reading]) -> Result<Self, Error> {
        Self::of_readings(&readings.iter().collect::<Vec<_>>())
    }

    /// The same of readings that stand in several lists.
    ///
    /// # Errors
    ///
    /// As [`Verdict::of`].
    pub fn of_readings(readings: &[&Reading]) -> Result<Self, Error> {
        let score = |theory| Ok::<_, Error>(exchange_with_theory(theory, readings)?.score);
        Ok(Self {
            lagrangian: score(Theory::Lagrangian)?,
            hamiltonian: score(Theory::Hamiltonian)?,
        })
    }

    /// The theory of the scalar, `None` if it is neither's.
    pub fn theory(&self) -> Option<Theory> {
        if self.lagrangian >= Self::LEAST {
            Some(Theory::Lagrangian)
        } else if self.hamiltonian >= Self::LEAST {
            Some(Theory::Hamiltonian)
        } else {
            None
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (l, h) = (self.lagrangian, self.hamiltonian);
        match self.theory() {
            Some(Theory::Lagrangian) => write!(
                f,
                "Lagrangian: Euler–Lagrange gives {l:.2} of the motion, −S_x {h:.2}"
            ),
            Some(Theory::Hamiltonian) => write!(
                f,
                "Hamiltonian: −S_x gives {h:.2} of the motion, Euler–Lagrange {l:.2}"
            ),
            None => write!(
                f,
                "neither Lagrangian nor Hamiltonian: Euler–Lagrange gives {l:.2} of the motion, −S_x {h:.2}, where {:.1} would do",
                Self::LEAST
            ),
        }
    }
}

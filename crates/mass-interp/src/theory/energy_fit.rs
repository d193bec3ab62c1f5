//! Hamiltonian or Lagrangian by the signs of T and V.

use mass_systems::{AnyLagrangian, Quantity};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{
    exact::no_energies,
    formulation::{PotentialReading, Theory},
};
use crate::{
    error::{Error, check_length},
    least_squares::{LeastSquares, r2},
    readout::Reading,
};

/// Singular values of T and V, each scaled to variance 1, below this share of the largest make them
/// one function.
const COLLINEAR: f64 = 1e-6;

/// A part that moves S by less than this share of S's own standard deviation has no sign: it is what
/// rounding to f32 leaves.
const NO_PART: f64 = 1e-6;

/// S ≈ c₁T + c₂V + c₀ by least squares over states (Fu et al. 2025, Section V.4.1, Figure 11a).
///
/// The constant is not in the paper's formula; no law depends on it, and without it the constant of
/// T (1 for a relativistic particle at rest) would decide signs.
///
/// # Example
///
/// ```
/// use mass_interp::{EnergyFit, Theory};
///
/// let t = [0.0, 0.5, 2.0, 0.5];
/// let v = [2.0, 0.5, 0.0, 0.1];
/// let s: Vec<f64> = t.iter().zip(&v).map(|(t, v)| 3.0 * t - 3.0 * v + 7.0).collect();
/// let fit = EnergyFit::from_values(&s, &t, &v)?;
/// assert!((fit.kinetic - 3.0).abs() < 1e-12 && (fit.potential + 3.0).abs() < 1e-12);
/// assert!((fit.r2 - 1.0).abs() < 1e-12);
/// assert_eq!(fit.theory(), Some(Theory::Lagrangian));
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EnergyFit {
    /// c₁.
    pub kinetic: f64,
    /// c₂.
    pub potential: f64,
    /// c₀.
    pub constant: f64,
    /// Share of the variance of S that is explained; NaN for a constant S.
    pub r2: f64,
    /// The share of S's standard deviation that the smaller of c₁T and c₂V has.
    pub weaker_part: f64,
    /// States left out because S, T or V is not finite there.
    pub left_out: usize,
}

impl EnergyFit {
    /// Fits the scalar of a reading to T and V of a law.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the law gives no T or no V, else as [`EnergyFit::from_values`].
    pub fn of(
        reading: &Reading,
        law: &dyn AnyLagrangian,
        potential: PotentialReading,
    ) -> Result<Self, Error> {
        let (mut t, mut v) = (Vec::new(), Vec::new());
        for state in reading.states().iter() {
            let both = law
                .at(Quantity::Kinetic, state.x, state.y)
                .zip(potential.at(law, state.x, state.y));
            let (kinetic, potential) = both.ok_or_else(|| no_energies(reading.states().id()))?;
            t.push(kinetic);
            v.push(potential);
        }
        Self::from_values(reading.scalar(), &t, &v)
    }

    /// The fit of values of S, T and V at the same states, `[B]` each.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if they are not of one length; [`Error::Request`] if fewer than four states
    /// are finite, or T and V are constant or a multiple of each other there, so that no fit can
    /// tell them apart.
    pub fn from_values(s: &[f64], t: &[f64], v: &[f64]) -> Result<Self, Error> {
        check_length("the list of T", t.len(), s.len())?;
        check_length("the list of V", v.len(), s.len())?;
        let kept: Vec<usize> = (0..s.len())
            .filter(|i| s[*i].is_finite() && t[*i].is_finite() && v[*i].is_finite())
            .collect();
        if kept.len() < 4 {
            return Err(Error::Request(format!(
                "S, T and V are finite at {} states; a fit of three coefficients needs at least 4",
                kept.len()
            )));
        }
        let [s_part, t_part, v_part] = [s, t, v].map(|list| Standard::of(list, &kept));
        let one_function = || {
            Error::Request(
                "T and V are constant, or a multiple of each other, at these states: no fit tells them apart"
                    .to_string(),
            )
        };
        if t_part.deviation == 0.0 || v_part.deviation == 0.0 {
            return Err(one_function());
        }
        let design = DMatrix::from_columns(&[t_part.values, v_part.values]);
        let fit = LeastSquares::new(design.clone(), COLLINEAR)?;
        if fit.rank() < 2 {
            return Err(one_function());
        }
        let c = fit.solve(&s_part.values);
        let r2 = if s_part.deviation > 0.0 {
            r2(&[(&(design * &c), &s_part.values)])
        } else {
            f64::NAN
        };
        let kinetic = c[0] * s_part.deviation / t_part.deviation;
        let potential = c[1] * s_part.deviation / v_part.deviation;
        Ok(Self {
            kinetic,
            potential,
            constant: s_part.mean - kinetic * t_part.mean - potential * v_part.mean,
            r2,
            weaker_part: c[0].abs().min(c[1].abs()),
            left_out: s.len() - kept.len(),
        })
    }

    /// Lagrangian if c₁ and c₂ are of opposite sign, Hamiltonian if of the same
    /// (Fu et al. 2025, Section V.4.1).
    ///
    /// `None` if that cannot be said: S is constant, or one of the two parts is nothing but rounding.
    /// How well T and V describe S at all is [`EnergyFit::r2`]'s to say, which the paper does not ask.
    pub fn theory(&self) -> Option<Theory> {
        if !(self.weaker_part > NO_PART && self.r2.is_finite()) {
            return None;
        }
        Some(if self.kinetic * self.potential < 0.0 {
            Theory::Lagrangian
        } else {
            Theory::Hamiltonian
        })
    }
}

/// A list at the states that are kept, less its mean and divided by its standard deviation.
struct Standard {
    mean: f64,
    deviation: f64,
    values: DVector<f64>,
}

impl Standard {
    fn of(list: &[f64], kept: &[usize]) -> Self {
        let mut values = DVector::from_iterator(kept.len(), kept.iter().map(|i| list[*i]));
        let size = values.amax();
        let mean = values.mean();
        values.add_scalar_mut(-mean);
        let mut deviation = values.norm() / (kept.len() as f64).sqrt();
        if deviation <= size * f64::EPSILON * kept.len() as f64 {
            deviation = 0.0; // rounding of a constant
            values.fill(0.0);
        } else {
            values /= deviation;
        }
        Self {
            mean,
            deviation,
            values,
        }
    }
}

//! Hamiltonian or Lagrangian by the signs of T and V.

use mass_systems::AnyLagrangian;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{
    exact::no_energies,
    formulation::{KineticReading, PotentialReading, Theory},
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

/// Whether the fit of S to T and V has a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Constant {
    /// S ≈ c₁T + c₂V + c₀: a constant added to S changes c₀ alone.
    #[default]
    Fitted,
    /// S ≈ c₁T + c₂V, as the paper prints it (Fu et al. 2025, Section V.4.1): a constant added to S
    /// changes c₁ and c₂, whose signs it may turn, though no law depends on it.
    Zero,
}

/// How S ≈ c₁T + c₂V of the paper is read; by default as [`EnergyFit`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyReading {
    /// T.
    pub kinetic: KineticReading,
    /// V.
    pub potential: PotentialReading,
    /// c₀.
    pub constant: Constant,
}

impl EnergyReading {
    /// The four readings of Figure 11a with the V of the law: T as Table 1 has it or as the paper writes
    /// L, each with a constant and without.
    pub const FOUR: [Self; 4] = [
        Self::with(KineticReading::Table, Constant::Fitted),
        Self::with(KineticReading::Table, Constant::Zero),
        Self::with(KineticReading::Lagrangian, Constant::Fitted),
        Self::with(KineticReading::Lagrangian, Constant::Zero),
    ];

    const fn with(kinetic: KineticReading, constant: Constant) -> Self {
        Self {
            kinetic,
            potential: PotentialReading::Law,
            constant,
        }
    }

    /// What T is on the relativistic systems of Table 1, and whether there is a constant: `T = γ, with c₀`.
    pub fn name(self) -> &'static str {
        match (self.kinetic, self.constant) {
            (KineticReading::Table, Constant::Fitted) => "T = γ, with c₀",
            (KineticReading::Table, Constant::Zero) => "T = γ, without c₀",
            (KineticReading::Lagrangian, Constant::Fitted) => "T = 1/γ, with c₀",
            (KineticReading::Lagrangian, Constant::Zero) => "T = 1/γ, without c₀",
        }
    }

    /// T and V at each state of a reading, `[B]` each.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the law gives no T or no V.
    pub(super) fn energies(
        self,
        reading: &Reading,
        law: &dyn AnyLagrangian,
    ) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let both = reading.states().iter().map(|state| {
            let t = self.kinetic.at(law, state.x, state.y);
            let both = t.zip(self.potential.at(law, state.x, state.y));
            both.ok_or_else(|| no_energies(reading.states().id()))
        });
        both.collect()
    }
}

impl From<PotentialReading> for EnergyReading {
    /// This V, T of Table 1 and a constant.
    fn from(potential: PotentialReading) -> Self {
        Self {
            potential,
            ..Self::default()
        }
    }
}

/// S ≈ c₁T + c₂V + c₀ by least squares over states (Fu et al. 2025, Section V.4.1, Figure 11a).
///
/// The constant is not in the paper's formula; no law depends on it, and without it the constant of S,
/// which no loss depends on, and that of T (1 for a relativistic particle at rest) would decide signs.
/// [`EnergyReading`] leaves it out where that is asked for.
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
    /// c₀; 0 of a fit without a constant.
    pub constant: f64,
    /// Share of the variance of S that is explained, below 0 where a fit without a constant does worse
    /// than the mean of S; NaN for a constant S.
    pub r2: f64,
    /// The share of S's standard deviation that the smaller of c₁T and c₂V has; of a fit without a
    /// constant, root mean squares instead of deviations.
    pub weaker_part: f64,
    /// States left out because S, T or V is not finite there.
    pub left_out: usize,
}

impl EnergyFit {
    /// Fits the scalar of a reading to T and V of a law, which are read like this; a
    /// [`PotentialReading`] stands for its V, T of Table 1 and a constant.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the law gives no T or no V, else as [`EnergyFit::from_values`].
    pub fn of(
        reading: &Reading,
        law: &dyn AnyLagrangian,
        how: impl Into<EnergyReading>,
    ) -> Result<Self, Error> {
        let how = how.into();
        let (t, v) = how.energies(reading, law)?;
        Self::fit(reading.scalar(), &t, &v, how.constant)
    }

    /// The fit of values of S, T and V at the same states, `[B]` each, with a constant.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if they are not of one length; [`Error::Request`] if fewer than four states
    /// are finite, or T and V are constant or a multiple of each other there, so that no fit can
    /// tell them apart.
    pub fn from_values(s: &[f64], t: &[f64], v: &[f64]) -> Result<Self, Error> {
        Self::fit(s, t, v, Constant::Fitted)
    }

    /// The same without a constant, S ≈ c₁T + c₂V, as the paper prints it ([`Constant::Zero`]).
    ///
    /// # Errors
    ///
    /// As [`EnergyFit::from_values`], but three finite states are enough, and T or V may be constant.
    pub fn without_constant(s: &[f64], t: &[f64], v: &[f64]) -> Result<Self, Error> {
        Self::fit(s, t, v, Constant::Zero)
    }

    pub(super) fn fit(s: &[f64], t: &[f64], v: &[f64], constant: Constant) -> Result<Self, Error> {
        check_length("the list of T", t.len(), s.len())?;
        check_length("the list of V", v.len(), s.len())?;
        let kept: Vec<usize> = (0..s.len())
            .filter(|i| s[*i].is_finite() && t[*i].is_finite() && v[*i].is_finite())
            .collect();
        let (coefficients, least, flat) = match constant {
            Constant::Fitted => ("three", 4, "constant"),
            Constant::Zero => ("two", 3, "zero"),
        };
        if kept.len() < least {
            return Err(Error::Request(format!(
                "S, T and V are finite at {} states; a fit of {coefficients} coefficients needs at least {least}",
                kept.len()
            )));
        }
        let [s_part, t_part, v_part] = [s, t, v].map(|list| Standard::of(list, &kept, constant));
        let one_function = || {
            Error::Request(format!(
                "T and V are {flat}, or a multiple of each other, at these states: no fit tells them apart"
            ))
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
        // Without a constant S is not centred here, and whether it varies is to be asked of it.
        let varies = Standard::of(s, &kept, Constant::Fitted).deviation > 0.0;
        let r2 = if varies {
            r2(&[(&(design * &c), &s_part.values)])
        } else {
            f64::NAN
        };
        let kinetic = c[0] * s_part.deviation / t_part.deviation;
        let potential = c[1] * s_part.deviation / v_part.deviation;
        Ok(Self {
            kinetic,
            potential,
            // Exactly 0 without one: the means are then not taken off.
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

/// A list at the states that are kept, less its mean and divided by its standard deviation; for a fit
/// without a constant, not less its mean and divided by its root mean square.
struct Standard {
    mean: f64,
    deviation: f64,
    values: DVector<f64>,
}

impl Standard {
    fn of(list: &[f64], kept: &[usize], constant: Constant) -> Self {
        let mut values = DVector::from_iterator(kept.len(), kept.iter().map(|i| list[*i]));
        let size = values.amax();
        let mean = match constant {
            Constant::Fitted => values.mean(),
            Constant::Zero => 0.0,
        };
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

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use mass_systems::{Quantity, ScalarDerivatives, lookup};
    use mass_terms::Library;

    use super::*;
    use crate::readout::evaluation_states;

    /// Orthogonal lists, so that without a constant c₁ = ΣST / ΣT² and c₂ = ΣSV / ΣV²: a constant k adds
    /// k ΣT / ΣT² = 0.6 k and k ΣV / ΣV² = 0.4 k.
    const T: [f64; 4] = [1.0, 2.0, 0.0, 0.0];
    const V: [f64; 4] = [0.0, 0.0, 1.0, 3.0];

    fn scalar(a: f64, b: f64, k: f64) -> Vec<f64> {
        let parts = T.iter().zip(&V);
        parts.map(|(t, v)| a * t + b * v + k).collect()
    }

    #[test]
    fn without_a_constant_that_of_s_decides_signs() {
        let [l, h] = [Theory::Lagrangian, Theory::Hamiltonian].map(Some);
        for (a, b, k, expected) in [
            (1.0, -1.0, 0.0, l),
            (1.0, -1.0, 2.0, l),  // 2.2 and -0.2
            (1.0, -1.0, 5.0, h),  // 4 and 1
            (1.0, -1.0, -5.0, h), // -2 and -3
            (1.0, 1.0, 0.0, h),
            (1.0, 1.0, -2.0, l), // -0.2 and 0.2
        ] {
            let s = scalar(a, b, k);
            let with = EnergyFit::from_values(&s, &T, &V).unwrap();
            assert_eq!(
                with.theory(),
                if a * b < 0.0 { l } else { h },
                "{a}, {b}, {k}"
            );
            for (found, expected) in [(with.kinetic, a), (with.potential, b), (with.constant, k)] {
                assert_abs_diff_eq!(found, expected, epsilon = 1e-12);
            }
            let without = EnergyFit::without_constant(&s, &T, &V).unwrap();
            assert_eq!(without.theory(), expected, "{a}, {b}, {k}: {without:?}");
            assert_abs_diff_eq!(without.kinetic, a + 0.6 * k, epsilon = 1e-12);
            assert_abs_diff_eq!(without.potential, b + 0.4 * k, epsilon = 1e-12);
            assert_eq!(without.constant, 0.0);
            assert_eq!((without.r2 - 1.0).abs() < 1e-12, k == 0.0, "{without:?}");
        }
    }

    #[test]
    fn what_a_fit_without_a_constant_cannot_say() {
        let without = |s: &[f64]| EnergyFit::without_constant(s, &T, &V);
        // Of a constant S there is nothing to explain.
        let flat = without(&[0.1; 4]).unwrap();
        assert!(flat.r2.is_nan() && flat.theory().is_none(), "{flat:?}");
        assert_eq!(without(&T).unwrap().theory(), None, "T alone has no V");
        assert!(without(&[100.0, 101.0, 102.0, 103.0]).unwrap().r2 < 0.0);
        // A constant T is a part like any other: S = 3 T - V.
        let (t, s) = ([1.0; 4], V.map(|v| 3.0 - v));
        let fit = EnergyFit::without_constant(&s, &t, &V).unwrap();
        assert_abs_diff_eq!(fit.kinetic, 3.0, epsilon = 1e-12);
        assert_eq!(fit.theory(), Some(Theory::Lagrangian));
        assert!(EnergyFit::from_values(&s, &t, &V).is_err());
        for (t, v) in [(T, T.map(|t| 2.0 * t)), ([0.0; 4], V)] {
            let error = EnergyFit::without_constant(&s, &t, &v).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("zero, or a multiple of each other"), "{text}");
        }
        assert!(EnergyFit::without_constant(&s[..3], &T[..3], &V[..3]).is_ok());
        let error = EnergyFit::without_constant(&s[..2], &T[..2], &V[..2]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("two coefficients needs at least 3"), "{text}");
    }

    /// The theory that each reading finds in a combination of T and V of Table 1, or in L.
    fn found(id: &str, which: Quantity, added: f64) -> [Option<Theory>; 4] {
        let system = lookup(id).unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 512, 0).unwrap();
        let library = Library::standard();
        let scalar = |x: &[f64], y: &[f64]| -> Option<ScalarDerivatives> {
            let mut s = law.derivatives(which, x, y)?;
            s.value += added;
            Some(s)
        };
        let none = vec![0.0; library.len()];
        let reading = Reading::of_scalar(&states, &library, &none, 0.0, scalar).unwrap();
        EnergyReading::FOUR.map(|how| EnergyFit::of(&reading, law, how).unwrap().theory())
    }

    #[test]
    fn only_one_reading_tells_the_exact_theories_of_all_six_systems() {
        let [l, h] = [Theory::Lagrangian, Theory::Hamiltonian].map(Some);
        for id in ["classical", "pendulum", "kepler"] {
            assert_eq!(found(id, Quantity::Lagrangian, 0.0), [l; 4], "{id}");
            assert_eq!(found(id, Quantity::Hamiltonian, 0.0), [h; 4], "{id}");
        }
        for id in ["relativistic", "alpha", "beta"] {
            // With 1/γ the signs mean the opposite, for −1/γ is the kinetic part of L; without a
            // constant the one of γ or 1/γ decides.
            assert_eq!(found(id, Quantity::Lagrangian, 0.0), [l, h, h, h], "{id}");
            assert_eq!(found(id, Quantity::Hamiltonian, 0.0), [h, h, l, h], "{id}");
        }
    }

    #[test]
    fn a_constant_turns_signs_by_the_sign_of_v() {
        // T, V ≥ 0 on systems 1 and 2: what a constant adds to c₁ and c₂ is of one sign. V < 0 on Kepler:
        // of opposite ones.
        let [l, h] = [Theory::Lagrangian, Theory::Hamiltonian].map(Some);
        for which in [Quantity::Lagrangian, Quantity::Hamiltonian] {
            for added in [-50.0, 50.0] {
                let exact = if which == Quantity::Lagrangian { l } else { h };
                for id in ["classical", "pendulum"] {
                    let [with, without, ..] = found(id, which, added);
                    assert_eq!((with, without), (exact, h), "{id}");
                }
                let [with, without, ..] = found("kepler", which, added);
                assert_eq!((with, without), (exact, l));
            }
        }
    }
}

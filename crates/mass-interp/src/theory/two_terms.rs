//! Every fit of a scientist's activations to two terms that Table 2 may mean, side by side.

use mass_systems::AnyLagrangian;
use serde::{Deserialize, Serialize};

use super::{
    distillation::{Distillation, DistilledFit},
    formulation::PotentialReading,
};
use crate::{error::Error, readout::Reading, statistics::nullable};

/// R² of one scientist's constrained fits to two terms (Fu et al. 2025, Eq. 7–10, Table 2), with
/// controls; NaN where a fit cannot be made.
///
/// The targets u = S_yy⁻¹S_x and v = −S_yy⁻¹S_xy y, or −S_x, are of the exact L and H of the system,
/// which is how Table 2 can be met, or of the scientist's own S, which is what the text says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TwoTermFits {
    /// u and v of the exact L.
    #[serde(with = "nullable::one")]
    pub exact_lagrangian: f64,
    /// What the prediction alone gives of that, û = c p and v̂ = (1 − c) p.
    #[serde(with = "nullable::one")]
    pub exact_prediction: f64,
    /// The share that the fit explains of what the prediction alone leaves; NaN where that is nothing
    /// but the scientist's error.
    #[serde(with = "nullable::one")]
    pub exact_beyond: f64,
    /// A control, another split of the same ẏ: u = −x, Hooke's force, and v the rest.
    #[serde(with = "nullable::one")]
    pub split: f64,
    /// As `exact_beyond`, of that control.
    #[serde(with = "nullable::one")]
    pub split_beyond: f64,
    /// The same as `exact_lagrangian` with v = +S_yy⁻¹S_xy y, as printed.
    #[serde(with = "nullable::one")]
    pub exact_lagrangian_printed: f64,
    /// −H_x of the exact H = T + V of Table 1, c = 1.
    #[serde(with = "nullable::one")]
    pub exact_hamiltonian: f64,
    /// u and v of the scientist's own S.
    #[serde(with = "nullable::one")]
    pub own_lagrangian: f64,
    /// The same with the printed sign.
    #[serde(with = "nullable::one")]
    pub own_lagrangian_printed: f64,
    /// The same with c and d chosen each for itself: are u and v in the span of the activations?
    #[serde(with = "nullable::one")]
    pub own_lagrangian_free: f64,
    /// −S_x of the scientist's own S, one factor for all activations.
    #[serde(with = "nullable::one")]
    pub own_hamiltonian_scaled: f64,
    /// The same with c free.
    #[serde(with = "nullable::one")]
    pub own_hamiltonian_free: f64,
    /// The activations of two random terms as targets.
    #[serde(with = "nullable::one")]
    pub random: f64,
    /// Those of the two largest terms.
    #[serde(with = "nullable::one")]
    pub largest: f64,
}

impl TwoTermFits {
    /// Where no fit can be made.
    pub const NONE: Self = Self {
        exact_lagrangian: f64::NAN,
        exact_prediction: f64::NAN,
        exact_beyond: f64::NAN,
        split: f64::NAN,
        split_beyond: f64::NAN,
        exact_lagrangian_printed: f64::NAN,
        exact_hamiltonian: f64::NAN,
        own_lagrangian: f64::NAN,
        own_lagrangian_printed: f64::NAN,
        own_lagrangian_free: f64::NAN,
        own_hamiltonian_scaled: f64::NAN,
        own_hamiltonian_free: f64::NAN,
        random: f64::NAN,
        largest: f64::NAN,
    };

    /// The fits of a reading, to the exact theories of this law among others; the two random terms
    /// are drawn by `seed`.
    pub fn of(reading: &Reading, law: &dyn AnyLagrangian, seed: u64) -> Self {
        let all = reading
            .regular()
            .and_then(|regular| Distillation::of(&regular));
        let Ok(all) = all else {
            return Self::NONE;
        };
        let r2 = |fit: Result<DistilledFit, Error>| fit.map_or(f64::NAN, |fit| fit.r2);
        let pair = |terms: Result<[usize; 2], Error>| r2(terms.and_then(|terms| all.pair(terms)));
        let lagrangian = all.exact_lagrangian(law);
        let beyond = |fit: &DistilledFit| [fit.r2_prediction, fit.beyond_prediction()];
        let [exact_prediction, exact_beyond] = lagrangian.as_ref().map_or([f64::NAN; 2], beyond);
        let split = all.split(|x, _| x.iter().map(|x| -x).collect());
        let control = |fit: &DistilledFit| [fit.r2, fit.beyond_prediction()];
        let [split, split_beyond] = split.as_ref().map_or([f64::NAN; 2], control);
        let exact = all.exact_hamiltonian(law, PotentialReading::Printed);
        let own = all.lagrangian();
        let own_hamiltonian = all.hamiltonian();
        let [own_hamiltonian_scaled, own_hamiltonian_free] =
            own_hamiltonian.map_or([f64::NAN; 2], |fit| [fit.scaled, fit.free]);
        Self {
            exact_lagrangian: r2(lagrangian),
            exact_prediction,
            exact_beyond,
            split,
            split_beyond,
            exact_lagrangian_printed: r2(all.exact_lagrangian_as_printed(law)),
            exact_hamiltonian: exact.map_or(f64::NAN, |fit| fit.fixed),
            own_lagrangian_free: own.as_ref().map_or(f64::NAN, |fit| fit.r2_free),
            own_lagrangian: r2(own),
            own_lagrangian_printed: r2(all.lagrangian_as_printed()),
            own_hamiltonian_scaled,
            own_hamiltonian_free,
            random: pair(all.random_pair(seed)),
            largest: pair(all.largest_pair()),
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use mass_systems::{ScalarDerivatives, lookup};
    use mass_terms::Library;

    use super::*;
    use crate::readout::evaluation_states;

    #[test]
    fn an_exact_lagrangian_of_alpha_is_found_out() {
        let system = lookup("alpha").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 512, 0).unwrap();
        let exact = Reading::exact_lagrangian(law, &states).unwrap();
        let fits = TwoTermFits::of(&exact, law, 0);
        for one in [
            fits.exact_lagrangian,
            fits.own_lagrangian,
            fits.own_lagrangian_free,
        ] {
            assert_abs_diff_eq!(one, 1.0, epsilon = 1e-9);
        }
        assert_abs_diff_eq!(fits.exact_prediction, 0.93, epsilon = 0.02);
        assert!(fits.exact_beyond > 0.999 && fits.split_beyond < 0.9);
        assert!(fits.split < 1.0 - 1e-6);
        assert!(fits.exact_lagrangian_printed < 0.9);
        assert_eq!(fits.own_lagrangian_printed, fits.exact_lagrangian_printed);
        assert_abs_diff_eq!(fits.exact_hamiltonian, 0.89, epsilon = 0.03);
        assert!(fits.own_hamiltonian_scaled <= fits.own_hamiltonian_free);
        // It has two terms, which are u and v with their signs.
        assert_abs_diff_eq!(fits.largest, 1.0, epsilon = 1e-9);
        assert_abs_diff_eq!(fits.random, 1.0, epsilon = 1e-9);
    }

    #[test]
    fn no_fit_depends_on_the_unit_of_the_scalar() {
        let system = lookup("alpha").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 512, 0).unwrap();
        let library = Library::standard();
        let fits = |unit: f64| {
            let mut weights = vec![0.0; library.len()];
            // Terms of degree 0, 1 and 2, with S_j → a S_j and w_i → w_i / a^k.
            for (term, weight, degree) in [
                ("Syy^-1 Sx", 1.0, 0),
                ("Sx", 0.3, 1),
                ("Sxx y", -0.2, 1),
                ("Sxx Syy x", 0.1, 2),
            ] {
                weights[library.find(term).unwrap()] = weight / unit.powi(degree);
            }
            let scalar = |x: &[f64], y: &[f64]| -> Option<ScalarDerivatives> {
                let mut s = law.derivatives(mass_systems::Quantity::Lagrangian, x, y)?;
                s.value *= unit;
                for list in [
                    &mut s.s_x,
                    &mut s.s_y,
                    &mut s.s_xx,
                    &mut s.s_yy,
                    &mut s.s_xy,
                ] {
                    list.iter_mut().for_each(|value| *value *= unit);
                }
                Some(s)
            };
            let reading = Reading::of_scalar(&states, &library, &weights, 0.0, scalar).unwrap();
            TwoTermFits::of(&reading, law, 5)
        };
        let (one, other) = (fits(1.0), fits(4.0));
        assert!(one.random.is_finite() && one.largest.is_finite());
        assert_abs_diff_eq!(one.random, other.random, epsilon = 1e-9);
        assert_abs_diff_eq!(one.largest, other.largest, epsilon = 1e-9);
        assert_abs_diff_eq!(one.own_lagrangian, other.own_lagrangian, epsilon = 1e-9);
    }

    #[test]
    fn where_nothing_can_be_fitted_there_is_nothing() {
        let system = lookup("alpha").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 64, 0).unwrap();
        let library = Library::standard();
        let none = Reading::of_scalar(&states, &library, &[1.0; 172], 0.0, |_, _| None).unwrap();
        let fits = TwoTermFits::of(&none, law, 0);
        assert!(fits.exact_lagrangian.is_nan() && fits.random.is_nan() && fits.largest.is_nan());
    }
}

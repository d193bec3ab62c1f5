//! Fits of many scientists' activations to two terms.

use std::sync::Arc;

use mass_systems::{AnyLagrangian, Dataset};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::Error, readout::EVALUATION_STATES, scientist::Scientist, statistics::nullable,
    theory::TwoTermFits,
};

/// Scientists read at a time: a thousand readings are more than a gigabyte.
const AT_ONCE: usize = 64;

/// The constrained fits to two terms of many scientists on one system at the end of one phase (Fu et al.
/// 2025, Eq. 7–10, Table 2): R² on held-out states, one a scientist, `[S]`.
///
/// The targets u = S_yy⁻¹S_x and v = −S_yy⁻¹S_xy y, or −S_x, are of the exact L and H of the system,
/// which is how Table 2 can be met, or of the scientist's own S, which is what the text says. NaN (`null`
/// in a file) where a fit cannot be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoTermCensus {
    /// Identifier of the system, `alpha`.
    pub system: String,
    /// Its place among the systems of the training, counted from 0.
    pub place: usize,
    /// Phase, counted from 1.
    pub phase: usize,
    /// The scientists, `[S]`.
    pub seeds: Vec<u64>,
    /// u and v of the exact L.
    #[serde(with = "nullable")]
    pub exact_lagrangian: Vec<f64>,
    /// What the prediction alone gives of that, û = c p and v̂ = (1 − c) p.
    #[serde(with = "nullable")]
    pub exact_prediction: Vec<f64>,
    /// The share that the fit explains of what the prediction alone leaves; NaN where that is
    /// nothing but the scientist's error.
    #[serde(with = "nullable")]
    pub exact_beyond: Vec<f64>,
    /// R² of the control, another split of the same ẏ: u = −x, Hooke's force, and v the rest.
    #[serde(with = "nullable")]
    pub split: Vec<f64>,
    /// As `exact_beyond`, of the control.
    #[serde(with = "nullable")]
    pub split_beyond: Vec<f64>,
    /// The same as `exact_lagrangian` with v = +S_yy⁻¹S_xy y, as printed.
    #[serde(with = "nullable")]
    pub exact_lagrangian_printed: Vec<f64>,
    /// −H_x of the exact H = T + V of Table 1, c = 1.
    #[serde(with = "nullable")]
    pub exact_hamiltonian: Vec<f64>,
    /// u and v of the scientist's own S.
    #[serde(with = "nullable")]
    pub own_lagrangian: Vec<f64>,
    /// The same with the printed sign.
    #[serde(with = "nullable")]
    pub own_lagrangian_printed: Vec<f64>,
    /// The same with c and d chosen each for itself: are u and v in the span of the activations?
    #[serde(with = "nullable")]
    pub own_lagrangian_free: Vec<f64>,
    /// −S_x of the scientist's own S, one factor for all activations.
    #[serde(with = "nullable")]
    pub own_hamiltonian_scaled: Vec<f64>,
    /// The same with c free.
    #[serde(with = "nullable")]
    pub own_hamiltonian_free: Vec<f64>,
    /// The activations of two random terms as targets.
    #[serde(with = "nullable")]
    pub random: Vec<f64>,
    /// Those of the two largest terms.
    #[serde(with = "nullable")]
    pub largest: Vec<f64>,
}

impl TwoTermCensus {
    /// States at which scientists are asked: one half is fitted, the other judged.
    pub const STATES: usize = 2 * EVALUATION_STATES;

    /// The fits of scientists at states of a system, one half of which is fitted and the other judged, to
    /// its exact theories among others; none without scientists. Each draws its random terms by its own
    /// seed.
    ///
    /// # Errors
    ///
    /// As [`Scientist::read_all`].
    pub fn of(
        scientists: &[Scientist],
        place: usize,
        phase: usize,
        states: &Arc<Dataset>,
        law: &dyn AnyLagrangian,
    ) -> Result<Self, Error> {
        let fits = two_term_fits(scientists, place, states, law)?;
        let seeds = scientists.iter().map(Scientist::seed).collect();
        Ok(Self::new(
            states.id().to_string(),
            place,
            phase,
            seeds,
            &fits,
        ))
    }

    /// Fits that were made; `seeds` are of the scientists, in the same order.
    pub fn new(
        system: String,
        place: usize,
        phase: usize,
        seeds: Vec<u64>,
        fits: &[TwoTermFits],
    ) -> Self {
        let of = |value: fn(&TwoTermFits) -> f64| fits.iter().map(value).collect();
        Self {
            system,
            place,
            phase,
            seeds,
            exact_lagrangian: of(|fits| fits.exact_lagrangian),
            exact_prediction: of(|fits| fits.exact_prediction),
            exact_beyond: of(|fits| fits.exact_beyond),
            split: of(|fits| fits.split),
            split_beyond: of(|fits| fits.split_beyond),
            exact_lagrangian_printed: of(|fits| fits.exact_lagrangian_printed),
            exact_hamiltonian: of(|fits| fits.exact_hamiltonian),
            own_lagrangian: of(|fits| fits.own_lagrangian),
            own_lagrangian_printed: of(|fits| fits.own_lagrangian_printed),
            own_lagrangian_free: of(|fits| fits.own_lagrangian_free),
            own_hamiltonian_scaled: of(|fits| fits.own_hamiltonian_scaled),
            own_hamiltonian_free: of(|fits| fits.own_hamiltonian_free),
            random: of(|fits| fits.random),
            largest: of(|fits| fits.largest),
        }
    }
}

/// The fits of each scientist at states of a system, in their order; each draws its random terms by its own
/// seed.
///
/// # Errors
///
/// As [`Scientist::read_all`].
pub fn two_term_fits(
    scientists: &[Scientist],
    place: usize,
    states: &Arc<Dataset>,
    law: &dyn AnyLagrangian,
) -> Result<Vec<TwoTermFits>, Error> {
    let mut fits = Vec::with_capacity(scientists.len());
    for some in scientists.chunks(AT_ONCE) {
        let readings = Scientist::read_all(some, place, states)?;
        let pairs = some.par_iter().zip(&readings);
        let pairs = pairs.map(|(one, reading)| TwoTermFits::of(reading, law, one.seed()));
        fits.extend(pairs.collect::<Vec<_>>());
    }
    Ok(fits)
}

#[cfg(test)]
mod tests {
    use mass_systems::lookup;

    use super::*;
    use crate::{Reading, evaluation_states};

    #[test]
    fn each_fit_is_in_its_list() {
        let system = lookup("alpha").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 256, 0).unwrap();
        let exact = Reading::exact_lagrangian(law, &states).unwrap();
        let fits = [TwoTermFits::of(&exact, law, 3), TwoTermFits::NONE];
        let found = TwoTermCensus::new("alpha".into(), 4, 6, vec![3, 5], &fits);
        let lists = [
            (&found.exact_lagrangian, fits[0].exact_lagrangian),
            (&found.exact_prediction, fits[0].exact_prediction),
            (&found.exact_beyond, fits[0].exact_beyond),
            (&found.split, fits[0].split),
            (&found.split_beyond, fits[0].split_beyond),
            (
                &found.exact_lagrangian_printed,
                fits[0].exact_lagrangian_printed,
            ),
            (&found.exact_hamiltonian, fits[0].exact_hamiltonian),
            (&found.own_lagrangian, fits[0].own_lagrangian),
            (
                &found.own_lagrangian_printed,
                fits[0].own_lagrangian_printed,
            ),
            (&found.own_lagrangian_free, fits[0].own_lagrangian_free),
            (
                &found.own_hamiltonian_scaled,
                fits[0].own_hamiltonian_scaled,
            ),
            (&found.own_hamiltonian_free, fits[0].own_hamiltonian_free),
            (&found.random, fits[0].random),
            (&found.largest, fits[0].largest),
        ];
        for (list, first) in lists {
            assert_eq!((list.len(), list[0]), (2, first));
            assert!(list[1].is_nan(), "it could not be read");
        }
    }

    #[test]
    fn nobody_has_no_fit() {
        let system = lookup("alpha").unwrap();
        let law = system.lagrangian().unwrap();
        let states = Arc::new(evaluation_states(&*system, 64, 0).unwrap());
        let found = TwoTermCensus::of(&[], 4, 5, &states, law).unwrap();
        assert_eq!((&*found.system, found.place, found.phase), ("alpha", 4, 5));
        assert!(found.seeds.is_empty() && found.largest.is_empty());
    }
}

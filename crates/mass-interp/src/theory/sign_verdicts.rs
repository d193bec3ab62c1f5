//! The signs of T and V in each reading of the paper's fit, and a control of them.

use std::f64::consts::TAU;

use mass_systems::{AnyLagrangian, Purpose, stream, uniform};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{
    energy_fit::{EnergyFit, EnergyReading},
    formulation::Theory,
};
use crate::readout::Reading;

/// What the signs of c₁ and c₂ say of one scientist in each reading of S ≈ c₁T + c₂V, in the order of
/// [`EnergyReading::FOUR`], and what they say when a constant is added to S (Fu et al. 2025,
/// Section V.4.1, Figure 11a).
///
/// Terms are made of derivatives of S, never of S itself: no motion and no loss depends on the constant
/// of S. A verdict that this constant changes is one on the fit, not on the scientist.
///
/// # Example
///
/// ```
/// use mass_interp::{Reading, SignVerdicts, Theory, evaluation_states};
/// use mass_systems::{System, systems::Pendulum};
///
/// let states = evaluation_states(&Pendulum, 256, 0)?;
/// let law = Pendulum.lagrangian().unwrap();
/// let reading = Reading::exact_lagrangian(law, &states)?;
/// let found = SignVerdicts::of(&reading, law, 0).unwrap();
/// assert_eq!(found.theories, [Some(Theory::Lagrangian); 4]);
/// assert!(!found.changed()[0]); // S ≈ c₁T + c₂V + c₀
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SignVerdicts {
    /// Of S as it is; `None` where nothing can be said ([`EnergyFit::theory`]).
    pub theories: [Option<Theory>; 4],
    /// Of S with a constant added.
    pub with_constant: [Option<Theory>; 4],
}

impl SignVerdicts {
    /// The verdicts on a reading; `None` of one with too many states on poles, or whose law gives no T
    /// or no V.
    ///
    /// The constant is drawn from a normal distribution with mean 0 and the standard deviation that S
    /// has over the states, from the stream of (`seed`, evaluation, the system): one of its own for each
    /// scientist, if `seed` is the scientist's.
    pub fn of(reading: &Reading, law: &dyn AnyLagrangian, seed: u64) -> Option<Self> {
        let key = format!("constant of S, {}", reading.states().id());
        let drawn = normal(&mut stream(seed, Purpose::Evaluation, &key));
        Self::with(reading, law, drawn)
    }

    /// The same with a constant of so many standard deviations of S.
    fn with(reading: &Reading, law: &dyn AnyLagrangian, deviations: f64) -> Option<Self> {
        let regular = reading.regular().ok()?;
        let s = regular.scalar();
        let count = s.len() as f64;
        let mean = s.iter().sum::<f64>() / count;
        let variance = s.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / count;
        let constant = deviations * variance.sqrt();
        let moved: Vec<f64> = s.iter().map(|s| s + constant).collect();
        let mut found = Self {
            theories: [None; 4],
            with_constant: [None; 4],
        };
        for (place, how) in EnergyReading::FOUR.into_iter().enumerate() {
            let (t, v) = how.energies(&regular, law).ok()?;
            let [own, with_constant] = [s, &moved].map(|s| {
                let fit = EnergyFit::fit(s, &t, &v, how.constant);
                fit.ok().and_then(|fit| fit.theory())
            });
            found.theories[place] = own;
            found.with_constant[place] = with_constant;
        }
        Some(found)
    }

    /// Verdicts found before: of S as it is, and with a constant added.
    pub fn new(theories: [Option<Theory>; 4], with_constant: [Option<Theory>; 4]) -> Self {
        Self {
            theories,
            with_constant,
        }
    }

    /// Whether the constant changes the verdict, in each reading.
    pub fn changed(&self) -> [bool; 4] {
        std::array::from_fn(|place| self.theories[place] != self.with_constant[place])
    }
}

/// A number of the standard normal distribution (Box & Muller 1958).
fn normal(rng: &mut impl Rng) -> f64 {
    let [u, v] = [(); 2].map(|()| uniform(rng, 0.0, 1.0));
    // 1 − u is above 0, as u is below 1.
    (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
}

#[cfg(test)]
mod tests {
    use mass_systems::lookup;

    use super::*;
    use crate::{
        readout::evaluation_states,
        theory::{Constant, Judgement},
    };

    const SIX: [&str; 6] = [
        "classical",
        "pendulum",
        "kepler",
        "relativistic",
        "alpha",
        "beta",
    ];

    #[test]
    fn a_constant_changes_verdicts_only_where_none_is_fitted() {
        let mut changed = [0; 4];
        for id in SIX {
            let system = lookup(id).unwrap();
            let law = system.lagrangian().unwrap();
            let states = evaluation_states(&*system, 256, 0).unwrap();
            let reading = Reading::exact_lagrangian(law, &states).unwrap();
            let found = SignVerdicts::with(&reading, law, 0.0).unwrap();
            assert_eq!(found.changed(), [false; 4], "{id}: nothing was added");
            let judged = Judgement::of(&reading, law, &system.domain());
            assert_eq!(found.theories[0], judged.theory, "{id}");
            for deviations in -10..=10 {
                let deviations = 0.5 * f64::from(deviations);
                let found = SignVerdicts::with(&reading, law, deviations).unwrap();
                for (place, is) in found.changed().into_iter().enumerate() {
                    changed[place] += usize::from(is);
                }
            }
        }
        for (how, changed) in EnergyReading::FOUR.into_iter().zip(changed) {
            match how.constant {
                Constant::Fitted => assert_eq!(changed, 0, "{how:?}"),
                Constant::Zero => assert!(changed > 20, "{how:?}: {changed}"),
            }
        }
    }

    #[test]
    fn a_seed_and_a_system_have_one_constant() {
        let draw = |seed, key| normal(&mut stream(seed, Purpose::Evaluation, key));
        assert_eq!(draw(3, "a"), draw(3, "a"));
        assert!(draw(3, "a") != draw(4, "a") && draw(3, "a") != draw(3, "b"));
        let many: Vec<f64> = (0..4000).map(|seed| draw(seed, "a")).collect();
        let mean = many.iter().sum::<f64>() / 4000.0;
        let square = many.iter().map(|z| z * z).sum::<f64>() / 4000.0;
        let beyond = many.iter().filter(|z| z.abs() > 1.96).count();
        // Five standard deviations of each.
        assert!(
            mean.abs() < 0.08 && (square - 1.0).abs() < 0.12,
            "{mean}, {square}"
        );
        assert!((131..=269).contains(&beyond), "{beyond}");
    }

    #[test]
    fn of_what_cannot_be_read_nothing_is_said() {
        let system = lookup("classical").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 64, 0).unwrap();
        let library = mass_terms::Library::standard();
        let none = Reading::of_scalar(&states, &library, &[1.0; 172], 0.0, |_, _| None).unwrap();
        assert_eq!(SignVerdicts::of(&none, law, 0), None);
    }
}

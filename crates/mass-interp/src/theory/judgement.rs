//! All that is asked of one scientist's theory of one system.

use mass_systems::{AnyLagrangian, Domain, Quantity};
use serde::{Deserialize, Serialize};

use super::{
    energy_fit::EnergyFit,
    formulation::{PotentialReading, Theory},
    theory_fit::TheoryFit,
    verdict::Verdict,
    without_fit::{theory_by_curvature, theory_by_side},
};
use crate::{
    readout::Reading,
    statistics::{nullable, squared_correlation},
};

/// What is found of one scientist on one system whose law is known (Fu et al. 2025, Section V.4.1,
/// Figure 11); NaN or `None` where nothing can be said.
///
/// # Example
///
/// ```
/// use mass_interp::{Judgement, Reading, Theory, evaluation_states};
/// use mass_systems::{System, systems::Pendulum};
///
/// let states = evaluation_states(&Pendulum, 256, 0)?;
/// let law = Pendulum.lagrangian().unwrap();
/// let reading = Reading::exact_lagrangian(law, &states)?;
/// let found = Judgement::of(&reading, law, &Pendulum.domain());
/// assert_eq!(found.theory, Some(Theory::Lagrangian));
/// assert!(found.scalar_lagrangian > 0.999_999);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Judgement {
    /// Whether it could be read at all ([`Reading::regular`]).
    pub read: bool,
    /// By the signs of the fit of S to T and V ([`EnergyFit`]).
    pub theory: Option<Theory>,
    /// The same with the V that Table 1 prints.
    pub theory_printed: Option<Theory>,
    /// The same on every side of the domain ([`theory_by_side`]).
    pub theory_by_side: Option<Theory>,
    /// By how S bends ([`theory_by_curvature`]).
    pub theory_by_curvature: Option<Theory>,
    /// c₁ of that fit of S ≈ c₁T + c₂V + c₀.
    #[serde(with = "nullable::one")]
    pub kinetic: f64,
    /// c₂ of it.
    #[serde(with = "nullable::one")]
    pub potential: f64,
    /// R² of it.
    #[serde(with = "nullable::one")]
    pub energy_r2: f64,
    /// R² of S ≈ a L + c.
    #[serde(with = "nullable::one")]
    pub scalar_lagrangian: f64,
    /// R² of S ≈ a H + c.
    #[serde(with = "nullable::one")]
    pub scalar_hamiltonian: f64,
    /// R² of the activations on those of the exact L ([`TheoryFit`]).
    #[serde(with = "nullable::one")]
    pub fit_lagrangian: f64,
    /// R² of the activations on those of the exact H.
    #[serde(with = "nullable::one")]
    pub fit_hamiltonian: f64,
    /// The same with the V that Table 1 prints.
    #[serde(with = "nullable::one")]
    pub fit_hamiltonian_printed: f64,
    /// Score of Euler–Lagrange with the learned S ([`Verdict`]).
    ///
    /// The theory works with the scientist's S, not the scientist with the theory's: −S_x computes the
    /// law with a = −1 from an exact L too, so that a scientist's score on L says nothing. What a
    /// theory does not see in S does not count; poles do not either.
    #[serde(with = "nullable::one")]
    pub score_lagrangian: f64,
    /// Score of −S_x with the learned S.
    #[serde(with = "nullable::one")]
    pub score_hamiltonian: f64,
    /// Friction that no Lagrangian explains, by the law's rate; NaN until
    /// [`Judgement::with_friction`] says it, for it takes other and more states.
    #[serde(with = "nullable::one")]
    pub friction: f64,
}

impl Judgement {
    /// What is said of a scientist that cannot be read.
    pub const NOTHING: Self = Self {
        read: false,
        theory: None,
        theory_printed: None,
        theory_by_side: None,
        theory_by_curvature: None,
        kinetic: f64::NAN,
        potential: f64::NAN,
        energy_r2: f64::NAN,
        scalar_lagrangian: f64::NAN,
        scalar_hamiltonian: f64::NAN,
        fit_lagrangian: f64::NAN,
        fit_hamiltonian: f64::NAN,
        fit_hamiltonian_printed: f64::NAN,
        score_lagrangian: f64::NAN,
        score_hamiltonian: f64::NAN,
        friction: f64::NAN,
    };

    /// Judges a reading by the exact law of its system, whose states fill this domain;
    /// [`Judgement::NOTHING`] of one with too many states on poles.
    pub fn of(reading: &Reading, law: &dyn AnyLagrangian, domain: &Domain) -> Self {
        let Ok(regular) = reading.regular() else {
            return Self::NOTHING;
        };
        let energy = EnergyFit::of(&regular, law, PotentialReading::Law).ok();
        let printed = EnergyFit::of(&regular, law, PotentialReading::Printed).ok();
        let fit = TheoryFit::of(&regular, law, PotentialReading::Law).ok();
        let fit_printed = TheoryFit::of(&regular, law, PotentialReading::Printed).ok();
        let [scalar_lagrangian, scalar_hamiltonian] = [Quantity::Lagrangian, Quantity::Hamiltonian]
            .map(|which| {
                let values = regular.states().iter();
                let values =
                    values.map(|state| law.at(which, state.x, state.y).unwrap_or(f64::NAN));
                squared_correlation(&values.collect::<Vec<_>>(), regular.scalar())
            });
        let verdict = Verdict::of(std::slice::from_ref(reading)).unwrap_or(Verdict::NONE);
        Self {
            read: true,
            theory: energy.and_then(|fit| fit.theory()),
            theory_printed: printed.and_then(|fit| fit.theory()),
            theory_by_side: theory_by_side(&regular, law, domain),
            theory_by_curvature: theory_by_curvature(&regular, law),
            kinetic: energy.map_or(f64::NAN, |fit| fit.kinetic),
            potential: energy.map_or(f64::NAN, |fit| fit.potential),
            energy_r2: energy.map_or(f64::NAN, |fit| fit.r2),
            scalar_lagrangian,
            scalar_hamiltonian,
            fit_lagrangian: fit.map_or(f64::NAN, |fit| fit.lagrangian),
            fit_hamiltonian: fit.map_or(f64::NAN, |fit| fit.hamiltonian),
            fit_hamiltonian_printed: fit_printed.map_or(f64::NAN, |fit| fit.hamiltonian),
            score_lagrangian: verdict.lagrangian,
            score_hamiltonian: verdict.hamiltonian,
            friction: f64::NAN,
        }
    }

    /// The same with this friction ([`Helmholtz::relative_friction`](crate::Helmholtz::relative_friction)).
    pub fn with_friction(self, friction: f64) -> Self {
        Self { friction, ..self }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use mass_systems::lookup;

    use super::*;
    use crate::readout::evaluation_states;

    #[test]
    fn the_two_theories_of_a_pendulum() {
        let system = lookup("pendulum").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 256, 0).unwrap();
        let (l, h) = (Some(Theory::Lagrangian), Some(Theory::Hamiltonian));
        let exact = Reading::exact_lagrangian(law, &states).unwrap();
        let found = Judgement::of(&exact, law, &system.domain());
        assert!(found.read);
        assert_eq!((found.theory, found.theory_printed), (l, l));
        assert_eq!((found.theory_by_side, found.theory_by_curvature), (l, l));
        for one in [
            found.energy_r2,
            found.scalar_lagrangian,
            found.fit_lagrangian,
            found.fit_hamiltonian,
            found.score_lagrangian,
            found.score_hamiltonian,
        ] {
            assert_abs_diff_eq!(one, 1.0, epsilon = 1e-6);
        }
        assert!(found.scalar_hamiltonian < 0.9 && found.friction.is_nan());
        assert_abs_diff_eq!(found.kinetic, 1.0, epsilon = 1e-9);
        assert_abs_diff_eq!(found.potential, -1.0, epsilon = 1e-9);
        assert_eq!(found.with_friction(0.5).friction, 0.5);

        let exact = Reading::exact_hamiltonian(law, PotentialReading::Law, &states).unwrap();
        let found = Judgement::of(&exact, law, &system.domain());
        assert_eq!((found.theory, found.theory_printed), (h, h));
        assert_eq!((found.theory_by_side, found.theory_by_curvature), (h, h));
        assert_abs_diff_eq!(found.scalar_hamiltonian, 1.0, epsilon = 1e-12);
        assert!(found.scalar_lagrangian < 0.9 && found.score_lagrangian < 0.1);
        assert_abs_diff_eq!(found.score_hamiltonian, 1.0, epsilon = 1e-12);
    }

    #[test]
    fn the_printed_potential_is_another_one_of_the_relativistic_oscillator_alone() {
        let system = lookup("relativistic").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 256, 0).unwrap();
        let exact = Reading::exact_lagrangian(law, &states).unwrap();
        let found = Judgement::of(&exact, law, &system.domain());
        assert!(found.fit_hamiltonian < 0.9);
        assert_abs_diff_eq!(found.fit_hamiltonian_printed, 1.0, epsilon = 1e-9);
    }

    #[test]
    fn of_what_cannot_be_read_nothing_is_said() {
        let system = lookup("classical").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 64, 0).unwrap();
        let library = mass_terms::Library::standard();
        let none = Reading::of_scalar(&states, &library, &[1.0; 172], 0.0, |_, _| None).unwrap();
        let found = Judgement::of(&none, law, &system.domain());
        assert!(!found.read && found.theory.is_none() && found.energy_r2.is_nan());
        assert!(found.score_lagrangian.is_nan() && found.score_hamiltonian.is_nan());
    }
}

//! The readings of exact theories, which are judged by the same code as learned ones.

use mass_systems::{AnyLagrangian, Dataset, Quantity, ScalarDerivatives};
use mass_terms::Library;

use super::formulation::{PotentialReading, Theory};
use crate::{error::Error, readout::Reading};

impl Reading {
    /// The exact Lagrangian theory of a law: S = L, b = 0, +1 on S_yy⁻¹S_x and −1 on S_yy⁻¹S_xy y.
    ///
    /// # Errors
    ///
    /// As [`Reading::of_scalar`].
    pub fn exact_lagrangian(law: &dyn AnyLagrangian, states: &Dataset) -> Result<Self, Error> {
        Self::exact(states, Theory::Lagrangian, |x, y| {
            law.derivatives(Quantity::Lagrangian, x, y)
        })
    }

    /// The Hamiltonian theory of a law: S = H = T + V, −1 on S_x.
    ///
    /// It predicts the law's ẏ only where −∂H/∂x does; for the relativistic oscillator that is with
    /// the printed V, for α and β with neither.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the law gives no T or no V, else as [`Reading::of_scalar`].
    pub fn exact_hamiltonian(
        law: &dyn AnyLagrangian,
        potential: PotentialReading,
        states: &Dataset,
    ) -> Result<Self, Error> {
        let first = states.state(0);
        if potential.hamiltonian(law, first.x, first.y).is_none() {
            return Err(no_energies(states.id()));
        }
        Self::exact(states, Theory::Hamiltonian, |x, y| {
            potential.hamiltonian(law, x, y)
        })
    }

    fn exact(
        states: &Dataset,
        theory: Theory,
        scalar: impl Fn(&[f64], &[f64]) -> Option<ScalarDerivatives>,
    ) -> Result<Self, Error> {
        let library = Library::standard();
        let weights = theory.weights(&library)?;
        Self::of_scalar(states, &library, &weights, 0.0, scalar)
    }
}

/// A law without T or V where both are needed.
pub(crate) fn no_energies(id: &str) -> Error {
    Error::Request(format!(
        "the law of {id} gives no kinetic and potential energy, which this needs: implement `kinetic` and `potential` of its `Lagrangian`"
    ))
}

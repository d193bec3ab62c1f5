//! The two formulations that a scalar may belong to.

use std::fmt;

use mass_systems::{AnyLagrangian, Quantity, ScalarDerivatives};
use mass_terms::Library;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A formulation of classical mechanics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theory {
    /// ẏ = S_yy⁻¹(S_x − S_xy y) with S = L (Fu et al. 2025, Eq. 2).
    Lagrangian,
    /// ẏ = −S_x with S = H = T + V, read as a function of position and velocity
    /// (Fu et al. 2025, Eq. 1).
    Hamiltonian,
}

impl Theory {
    /// The shared layer that makes this theory's motion out of its scalar, w `[T]`: +1 on S_yy⁻¹S_x
    /// and −1 on S_yy⁻¹S_xy y (Fu et al. 2025, Eq. 2), or −1 on S_x (Eq. 1).
    ///
    /// # Errors
    ///
    /// An error of [`mass_terms`] if the library lacks one of these terms.
    pub fn weights(self, library: &Library) -> Result<Vec<f64>, Error> {
        let layer: &[(&str, f64)] = match self {
            Theory::Lagrangian => &[("Syy^-1 Sx", 1.0), ("Syy^-1 Sxy y", -1.0)],
            Theory::Hamiltonian => &[("Sx", -1.0)],
        };
        let mut weights = vec![0.0; library.len()];
        for (term, weight) in layer {
            weights[library.find(term)?] = *weight;
        }
        Ok(weights)
    }
}

impl fmt::Display for Theory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Theory::Lagrangian => "Lagrangian",
            Theory::Hamiltonian => "Hamiltonian",
        })
    }
}

/// Which kinetic term of a system is meant.
///
/// They differ for the relativistic systems of Table 1 (relativistic, α, β). Its T is γ, but its caption
/// says that in the Lagrangian "the kinetic energy terms rather appears as γ⁻¹", and Section V.4 writes
/// L = √(1 − y²) − ½x² (Fu et al. 2025). 1/γ falls where γ rises, so that with it the signs of a fit
/// mean the opposite: the law's own L is −1/γ − V, of equal signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KineticReading {
    /// T of Table 1, γ for the relativistic systems ([`Quantity::Kinetic`]).
    #[default]
    Table,
    /// The kinetic term as the paper writes L, where that is another one
    /// ([`Quantity::LagrangianKinetic`]).
    Lagrangian,
}

impl KineticReading {
    /// The kinetic term at a state, if the law gives one.
    pub(crate) fn at(self, law: &dyn AnyLagrangian, x: &[f64], y: &[f64]) -> Option<f64> {
        let in_lagrangian = || law.at(Quantity::LagrangianKinetic, x, y);
        let table = || law.at(Quantity::Kinetic, x, y);
        match self {
            KineticReading::Table => table(),
            KineticReading::Lagrangian => in_lagrangian().or_else(table),
        }
    }
}

/// Which of a system's two potential energies is meant.
///
/// They differ for the relativistic oscillator alone. Its V as Table 1 prints it,
/// ½x²(1 − y²)^(3/2), is no potential of its Lagrangian, but it is the one by which Hamilton's
/// equation in (x, y), ẏ = −H_x, gives its law; V = ½x² is the one of its Lagrangian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PotentialReading {
    /// V of the Lagrangian that gives the law ([`Quantity::Potential`]).
    #[default]
    Law,
    /// V as Table 1 prints it, where that is another one ([`Quantity::PrintedPotential`]).
    Printed,
}

impl PotentialReading {
    /// V at a state, if the law gives one.
    pub(crate) fn at(self, law: &dyn AnyLagrangian, x: &[f64], y: &[f64]) -> Option<f64> {
        let printed = || law.at(Quantity::PrintedPotential, x, y);
        let potential = || law.at(Quantity::Potential, x, y);
        match self {
            PotentialReading::Law => potential(),
            PotentialReading::Printed => printed().or_else(potential),
        }
    }

    /// H = T + V with its derivatives at a state, if the law gives both.
    pub(crate) fn hamiltonian(
        self,
        law: &dyn AnyLagrangian,
        x: &[f64],
        y: &[f64],
    ) -> Option<ScalarDerivatives> {
        let sum = |which| {
            ScalarDerivatives::of(
                |x, y| Some(law.at_dual(Quantity::Kinetic, x, y)? + law.at_dual(which, x, y)?),
                x,
                y,
            )
        };
        match self {
            PotentialReading::Law => sum(Quantity::Potential),
            PotentialReading::Printed => {
                sum(Quantity::PrintedPotential).or_else(|| sum(Quantity::Potential))
            }
        }
    }
}

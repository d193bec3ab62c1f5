//! A relativistic particle in a Gaussian well, γ = 1/√(1 − y²).

use super::kinetic::{inverse_lorentz, lorentz};
use super::morse;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// A relativistic particle in a Gaussian well, γ = 1/√(1 − y²).
///
/// | | |
/// |---|---|
/// | law | ẏ = −x exp(−x²)(1 − y²)^(3/2) |
/// | Lagrangian | L = −1/γ + ½exp(−x²) |
/// | energies | T = γ, V = −½exp(−x²) |
/// | parameters | none; all constants are 1 |
/// | domain | x ∈ [−1, 1], y ∈ [−0.9, 0.9] |
/// | singular set | \|y\| ≥ 1, the speed of light |
/// | conserved | γ − ½exp(−x²) |
/// | source | released code, `systems.py` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelativisticMorse;

impl Lagrangian for RelativisticMorse {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        -inverse_lorentz(y[0]) - morse::potential(x[0])
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(lorentz(y[0]))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(morse::potential(x[0]))
    }
}

impl System for RelativisticMorse {
    fn id(&self) -> String {
        "relativistic_morse".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-1.0, 1.0), Range::between(-0.9, 0.9))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = morse::force(x[0]) * (1.0 - y[0] * y[0]).powf(1.5);
    }

    fn name(&self) -> String {
        "relativistic Gaussian well (\"Morse\")".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x exp(−x²)(1 − y²)^(3/2), L = −1/γ + ½exp(−x²)".into()
    }

    fn source(&self) -> &'static str {
        "released code, systems.py"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, _x: &[f64], y: &[f64]) -> bool {
        y[0].abs() >= 1.0
    }
}

//! A relativistic particle in a quartic well, γ = 1/√(1 − y²).

use super::kinetic::{inverse_lorentz, lorentz};
use super::quartic;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// A relativistic particle in a quartic well, γ = 1/√(1 − y²).
///
/// | | |
/// |---|---|
/// | law | ẏ = −x³(1 − y²)^(3/2) |
/// | Lagrangian | L = −1/γ − ¼x⁴ |
/// | energies | T = γ, V = ¼x⁴ |
/// | parameters | none; all constants are 1 |
/// | domain | x ∈ [−1, 1], y ∈ [−0.99, 0.99] |
/// | singular set | \|y\| ≥ 1, the speed of light |
/// | conserved | γ + ¼x⁴ |
/// | source | released code, `systems.py` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelativisticQuartic;

impl Lagrangian for RelativisticQuartic {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        -inverse_lorentz(y[0]) - quartic::potential(x[0])
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(lorentz(y[0]))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(quartic::potential(x[0]))
    }
}

impl System for RelativisticQuartic {
    fn id(&self) -> String {
        "relativistic_quartic".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-1.0, 1.0), Range::between(-0.99, 0.99))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = quartic::force(x[0]) * (1.0 - y[0] * y[0]).powf(1.5);
    }

    fn name(&self) -> String {
        "relativistic quartic well".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x³(1 − y²)^(3/2), L = −1/γ − ¼x⁴".into()
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

//! The relativistic harmonic oscillator, γ = 1/√(1 − y²).

use super::classical;
use super::kinetic::{inverse_lorentz, lorentz};
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// The relativistic harmonic oscillator, γ = 1/√(1 − y²).
///
/// | | |
/// |---|---|
/// | law | ẏ = −x(1 − y²)^(3/2) |
/// | Lagrangian | L = −1/γ − ½x² |
/// | energies | T = γ, V = ½x²; as printed, V = ½x²(1 − y²)^(3/2) |
/// | parameters | none; all constants are 1 |
/// | domain | x ∈ [−1, 1], y ∈ [−0.9, 0.9] |
/// | singular set | \|y\| ≥ 1, the speed of light |
/// | conserved | γ + ½x² |
/// | source | Fu et al. 2025, Table 1 (4); released code, `_relativistic` |
///
/// DIFFERENCE: Table 1 prints V = ½x²(1 − y²)^(3/2), but its law, which is the released code's, is that
/// of V = ½x²; the printed V is kept as [`Quantity::PrintedPotential`](crate::Quantity::PrintedPotential).
/// DIFFERENCE: the paper writes the Lagrangian with +1/γ; the law has the sign of −1/γ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relativistic;

impl Lagrangian for Relativistic {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        -inverse_lorentz(y[0]) - classical::potential(x[0])
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(lorentz(y[0]))
    }

    /// DIFFERENCE: the paper writes L with +1/γ; the law has the sign of −1/γ.
    fn lagrangian_kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(inverse_lorentz(y[0]))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(classical::potential(x[0]))
    }

    /// DIFFERENCE: Table 1 prints this potential, but its law is that of V = ½x² (released code, `_relativistic`).
    fn printed_potential<D: Number>(&self, x: &[D], y: &[D]) -> Option<D> {
        Some(x[0] * x[0] * 0.5 * inverse_lorentz(y[0]).powi(3))
    }
}

impl System for Relativistic {
    fn id(&self) -> String {
        "relativistic".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-1.0, 1.0), Range::between(-0.9, 0.9))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = classical::force(x[0]) * (1.0 - y[0] * y[0]).powf(1.5);
    }

    fn name(&self) -> String {
        "relativistic harmonic oscillator".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x(1 − y²)^(3/2), L = −1/γ − ½x²".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Table 1 (4); released code, _relativistic"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, _x: &[f64], y: &[f64]) -> bool {
        y[0].abs() >= 1.0
    }
}

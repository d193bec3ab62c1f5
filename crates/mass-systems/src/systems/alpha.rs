//! The synthetic system α, γ = 1/√(1 − y²).

use super::kinetic::{inverse_lorentz, lorentz};
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// The synthetic system α, γ = 1/√(1 − y²).
///
/// | | |
/// |---|---|
/// | law | ẏ = −x(1 − y²)/(1 + ½x²) |
/// | Lagrangian | L = −1/γ − ½x²/γ |
/// | energies | T = γ, V = ½x²/γ |
/// | parameters | none; all constants are 1 |
/// | domain | x ∈ [−1, 1], y ∈ [−0.9, 0.9] |
/// | singular set | \|y\| ≥ 1, the speed of light |
/// | conserved | γ(1 + ½x²), which is not T + V, for V depends on y |
/// | source | Fu et al. 2025, Table 1 (5) |
///
/// DIFFERENCE: the released code trains its fifth system on `_synthetic_sin`
/// ([`SyntheticSin`](super::SyntheticSin)), another law; this is the paper's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alpha;

impl Lagrangian for Alpha {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        -inverse_lorentz(y[0]) * (x[0] * x[0] * 0.5 + 1.0)
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(lorentz(y[0]))
    }

    /// DIFFERENCE: the paper writes L with +1/γ; the law has the sign of −1/γ.
    fn lagrangian_kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(inverse_lorentz(y[0]))
    }

    fn potential<D: Number>(&self, x: &[D], y: &[D]) -> Option<D> {
        Some(x[0] * x[0] * 0.5 * inverse_lorentz(y[0]))
    }
}

impl System for Alpha {
    fn id(&self) -> String {
        "alpha".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-1.0, 1.0), Range::between(-0.9, 0.9))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = -x[0] * (1.0 - y[0] * y[0]) / (1.0 + 0.5 * x[0] * x[0]);
    }

    fn name(&self) -> String {
        "synthetic system α".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x(1 − y²)/(1 + ½x²), L = −1/γ − ½x²/γ".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Table 1 (5)"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, _x: &[f64], y: &[f64]) -> bool {
        y[0].abs() >= 1.0
    }
}

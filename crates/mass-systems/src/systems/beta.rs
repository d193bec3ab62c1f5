//! The synthetic system β, γ = 1/√(1 − y²).

use super::kinetic::{inverse_lorentz, lorentz};
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// The synthetic system β, γ = 1/√(1 − y²).
///
/// | | |
/// |---|---|
/// | law | ẏ = −(x cos y + x y sin y)/(γ³ + ½x² cos y) |
/// | Lagrangian | L = −1/γ − ½x² cos y |
/// | energies | T = γ, V = ½x² cos y |
/// | parameters | none; all constants are 1 |
/// | domain | x ∈ [−1, 1], y ∈ [−0.9, 0.9] |
/// | singular set | \|y\| ≥ 1, the speed of light |
/// | conserved | γ + ½x²(cos y + y sin y), which is not T + V, for V depends on y |
/// | source | Fu et al. 2025, Table 1 (6) |
///
/// DIFFERENCE: the released code trains its sixth system on `_synthetic_sin2`
/// ([`SyntheticSin2`](super::SyntheticSin2)), another law; this is the paper's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beta;

impl Lagrangian for Beta {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        -inverse_lorentz(y[0]) - x[0] * x[0] * 0.5 * y[0].cos()
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(lorentz(y[0]))
    }

    /// DIFFERENCE: the paper writes L with +1/γ; the law has the sign of −1/γ.
    fn lagrangian_kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(inverse_lorentz(y[0]))
    }

    fn potential<D: Number>(&self, x: &[D], y: &[D]) -> Option<D> {
        Some(x[0] * x[0] * 0.5 * y[0].cos())
    }
}

impl System for Beta {
    fn id(&self) -> String {
        "beta".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-1.0, 1.0), Range::between(-0.9, 0.9))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let (x, y) = (x[0], y[0]);
        let (sin, cos) = y.sin_cos();
        let gamma = lorentz(y);
        out[0] = -(x * cos + x * y * sin) / (gamma.powi(3) + 0.5 * x * x * cos);
    }

    fn name(&self) -> String {
        "synthetic system β".into()
    }

    fn formula(&self) -> String {
        "ẏ = −(x cos y + x y sin y)/(γ³ + ½x² cos y), L = −1/γ − ½x² cos y".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Table 1 (6)"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, _x: &[f64], y: &[f64]) -> bool {
        y[0].abs() >= 1.0
    }
}

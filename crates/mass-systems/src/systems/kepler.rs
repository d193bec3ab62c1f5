//! A particle on a line, attracted by a unit mass at its origin.

use super::kinetic::newtonian;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// A particle on a line, attracted by a unit mass at its origin.
///
/// | | |
/// |---|---|
/// | law | ẏ = −x/\|x\|³ |
/// | Lagrangian | L = ½y² + 1/\|x\| |
/// | energies | T = ½y², V = −1/\|x\| |
/// | parameters | none; all constants are 1 |
/// | domain | \|x\| ∈ [0.5, 2], half of each sign; y ∈ [0, 1] |
/// | singular set | x = 0 |
/// | conserved | ½y² − 1/\|x\| |
/// | source | Fu et al. 2025, Table 1 (3); released code, `_kepler` |
///
/// DIFFERENCE: the released code puts all states with x > 0 first; here the signs alternate, so that
/// every part of a sample has half of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kepler;

/// V(x).
pub(super) fn potential<D: Number>(x: D) -> D {
    -x.abs().recip()
}

/// −dV/dx.
pub(super) fn force(x: f64) -> f64 {
    -x / x.abs().powi(3)
}

impl Lagrangian for Kepler {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        newtonian(y[0]) - potential(x[0])
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(newtonian(y[0]))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(potential(x[0]))
    }
}

impl System for Kepler {
    fn id(&self) -> String {
        "kepler".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::either_side(0.5, 2.0), Range::between(0.0, 1.0))
    }

    fn acceleration(&self, x: &[f64], _y: &[f64], out: &mut [f64]) {
        out[0] = force(x[0]);
    }

    fn name(&self) -> String {
        "Kepler problem on a line".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x/|x|³, L = ½y² + 1/|x|".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Table 1 (3); released code, _kepler"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, x: &[f64], _y: &[f64]) -> bool {
        x[0] == 0.0
    }
}

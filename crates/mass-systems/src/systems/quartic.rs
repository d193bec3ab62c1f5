//! A particle in a quartic well.

use super::kinetic::newtonian;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// A particle in a quartic well.
///
/// | | |
/// |---|---|
/// | law | ẏ = −x³ |
/// | Lagrangian | L = ½y² − ¼x⁴ |
/// | energies | T = ½y², V = ¼x⁴ |
/// | parameters | none; all constants are 1 |
/// | domain | x, y ∈ [−1, 1] |
/// | singular set | empty |
/// | conserved | ½y² + ¼x⁴ |
/// | source | released code, `systems.py` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quartic;

/// V(x).
pub(super) fn potential<D: Number>(x: D) -> D {
    x.powi(4) * 0.25
}

/// −dV/dx.
pub(super) fn force(x: f64) -> f64 {
    -x.powi(3)
}

impl Lagrangian for Quartic {
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

impl System for Quartic {
    fn id(&self) -> String {
        "quartic".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-1.0, 1.0), Range::between(-1.0, 1.0))
    }

    fn acceleration(&self, x: &[f64], _y: &[f64], out: &mut [f64]) {
        out[0] = force(x[0]);
    }

    fn name(&self) -> String {
        "quartic well".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x³, L = ½y² − ¼x⁴".into()
    }

    fn source(&self) -> &'static str {
        "released code, systems.py"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }
}

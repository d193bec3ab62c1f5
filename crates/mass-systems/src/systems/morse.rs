//! A particle in a Gaussian well (the released code calls it Morse).

use super::kinetic::newtonian;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// A particle in a Gaussian well (the released code calls it Morse).
///
/// | | |
/// |---|---|
/// | law | ẏ = −x exp(−x²) |
/// | Lagrangian | L = ½y² + ½exp(−x²) |
/// | energies | T = ½y², V = −½exp(−x²) |
/// | parameters | none; all constants are 1 |
/// | domain | x, y ∈ [−2, 2] |
/// | singular set | empty |
/// | conserved | ½y² − ½exp(−x²) |
/// | source | released code, `systems.py` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Morse;

/// V(x).
pub(super) fn potential<D: Number>(x: D) -> D {
    (-(x * x)).exp() * -0.5
}

/// −dV/dx.
pub(super) fn force(x: f64) -> f64 {
    -x * (-x * x).exp()
}

impl Lagrangian for Morse {
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

impl System for Morse {
    fn id(&self) -> String {
        "morse".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-2.0, 2.0), Range::between(-2.0, 2.0))
    }

    fn acceleration(&self, x: &[f64], _y: &[f64], out: &mut [f64]) {
        out[0] = force(x[0]);
    }

    fn name(&self) -> String {
        "Gaussian well (\"Morse\")".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x exp(−x²), L = ½y² + ½exp(−x²)".into()
    }

    fn source(&self) -> &'static str {
        "released code, systems.py"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }
}

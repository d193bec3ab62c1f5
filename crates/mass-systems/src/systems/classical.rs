//! The classical harmonic oscillator.

use super::kinetic::newtonian;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// The classical harmonic oscillator.
///
/// | | |
/// |---|---|
/// | law | ẏ = −x |
/// | Lagrangian | L = ½y² − ½x² |
/// | energies | T = ½y², V = ½x² |
/// | parameters | none; all constants are 1 |
/// | domain | x, y ∈ [−1, 1] |
/// | singular set | empty |
/// | conserved | ½y² + ½x² |
/// | source | Fu et al. 2025, Table 1 (1); released code, `_classical` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classical;

/// V(x).
pub(super) fn potential<D: Number>(x: D) -> D {
    x * x * 0.5
}

/// −dV/dx.
pub(super) fn force(x: f64) -> f64 {
    -x
}

impl Lagrangian for Classical {
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

impl System for Classical {
    fn id(&self) -> String {
        "classical".into()
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
        "classical harmonic oscillator".into()
    }

    fn formula(&self) -> String {
        "ẏ = −x, L = ½y² − ½x²".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Table 1 (1); released code, _classical"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }
}

//! The simple pendulum.

use super::kinetic::newtonian;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;
use std::f64::consts::PI;

/// The simple pendulum.
///
/// | | |
/// |---|---|
/// | law | ẏ = −sin x |
/// | Lagrangian | L = ½y² + cos x − 1 |
/// | energies | T = ½y², V = 1 − cos x |
/// | parameters | none; all constants are 1 |
/// | domain | x, y ∈ [−π, π] |
/// | singular set | empty |
/// | conserved | ½y² + 1 − cos x |
/// | source | Fu et al. 2025, Table 1 (2); released code, `_pendulum` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pendulum;

/// V(x).
pub(super) fn potential<D: Number>(x: D) -> D {
    -x.cos() + 1.0
}

/// −dV/dx.
pub(super) fn force(x: f64) -> f64 {
    -x.sin()
}

impl Lagrangian for Pendulum {
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

impl System for Pendulum {
    fn id(&self) -> String {
        "pendulum".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(-PI, PI), Range::between(-PI, PI))
    }

    fn acceleration(&self, x: &[f64], _y: &[f64], out: &mut [f64]) {
        out[0] = force(x[0]);
    }

    fn name(&self) -> String {
        "simple pendulum".into()
    }

    fn formula(&self) -> String {
        "ẏ = −sin x, L = ½y² + cos x − 1".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Table 1 (2); released code, _pendulum"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn angles(&self) -> &[usize] {
        &[0]
    }
}

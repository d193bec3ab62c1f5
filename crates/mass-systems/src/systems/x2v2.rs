//! A particle whose mass is the square of its position.

use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// A particle whose mass is the square of its position.
///
/// | | |
/// |---|---|
/// | law | ẏ = −y²/x |
/// | Lagrangian | L = x²y² |
/// | parameters | none; all constants are 1 |
/// | domain | \|x\| ∈ [0.5, 2], half of each sign; y ∈ [0, 1] |
/// | singular set | x = 0 |
/// | conserved | x²y² |
/// | source | released code, `systems.py` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct X2v2;

impl Lagrangian for X2v2 {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        x[0] * x[0] * y[0] * y[0]
    }
}

impl System for X2v2 {
    fn id(&self) -> String {
        "x2v2".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::either_side(0.5, 2.0), Range::between(0.0, 1.0))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = -y[0] * y[0] / x[0];
    }

    fn name(&self) -> String {
        "x²v² law".into()
    }

    fn formula(&self) -> String {
        "ẏ = −y²/x, L = x²y²".into()
    }

    fn source(&self) -> &'static str {
        "released code, systems.py"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, x: &[f64], _y: &[f64]) -> bool {
        x[0] == 0.0
    }
}

//! A synthetic law of sines.

use crate::domain::{Domain, Range};
use crate::system::System;

/// A synthetic law of sines.
///
/// | | |
/// |---|---|
/// | law | ẏ = −sin x cos y − y cos x cos y |
/// | parameters | none; all constants are 1 |
/// | domain | x, y ∈ [0.1, 1.1] |
/// | singular set | empty |
/// | conserved | none stated |
/// | source | released code, `_synthetic_sin` |
///
/// It has no Lagrangian here: it is given by its acceleration, and the scalar of the same name in the
/// released code is not the Lagrangian of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyntheticSin;

impl System for SyntheticSin {
    fn id(&self) -> String {
        "synthetic_sin".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(0.1, 1.1), Range::between(0.1, 1.1))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let (sin, cos) = x[0].sin_cos();
        out[0] = -(sin + y[0] * cos) * y[0].cos();
    }

    fn name(&self) -> String {
        "synthetic sine law".into()
    }

    fn formula(&self) -> String {
        "ẏ = −sin x cos y − y cos x cos y".into()
    }

    fn source(&self) -> &'static str {
        "released code, _synthetic_sin"
    }
}

//! A synthetic law of exponentials.

use crate::domain::{Domain, Range};
use crate::system::System;

/// A synthetic law of exponentials.
///
/// | | |
/// |---|---|
/// | law | ẏ = x exp(x²)(1 − 2y²)/(y(1 + exp(x²))) |
/// | parameters | none; all constants are 1 |
/// | domain | x, y ∈ [0.1, 1.1] |
/// | singular set | y = 0 |
/// | conserved | none stated |
/// | source | released code, `_synthetic_exp` |
///
/// It has no Lagrangian here: it is given by its acceleration, and the scalar of the same name in the
/// released code is not the Lagrangian of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyntheticExp;

impl System for SyntheticExp {
    fn id(&self) -> String {
        "synthetic_exp".into()
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(0.1, 1.1), Range::between(0.1, 1.1))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let exp = (x[0] * x[0]).exp();
        out[0] = x[0] * exp * (1.0 - 2.0 * y[0] * y[0]) / (y[0] * (1.0 + exp));
    }

    fn name(&self) -> String {
        "synthetic exponential law".into()
    }

    fn formula(&self) -> String {
        "ẏ = x exp(x²)(1 − 2y²)/(y(1 + exp(x²)))".into()
    }

    fn source(&self) -> &'static str {
        "released code, _synthetic_exp"
    }

    fn in_singular_set(&self, _x: &[f64], y: &[f64]) -> bool {
        y[0] == 0.0
    }
}

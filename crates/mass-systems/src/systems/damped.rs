//! The damped harmonic oscillator.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::system::System;

/// The damped harmonic oscillator.
///
/// | | |
/// |---|---|
/// | law | ẏ = −x − βy |
/// | parameters | β, the friction per mass and time; 1 in the released code |
/// | domain | x, y ∈ [0, 1] |
/// | singular set | empty |
/// | conserved | nothing: ½y² + ½x² falls at the rate βy² |
/// | source | released code, `systems.py` |
///
/// It has no Lagrangian here: one exists only with explicit time, exp(βt)(½y² − ½x²), and a scalar
/// S(x, y) of the state has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damped {
    beta: f64,
}

impl Default for Damped {
    /// β = 1.
    fn default() -> Self {
        Self { beta: 1.0 }
    }
}

impl Damped {
    /// The oscillator with friction β.
    ///
    /// # Errors
    /// [`Error::BadParameter`] if β is not finite.
    pub fn new(beta: f64) -> Result<Self, Error> {
        if !beta.is_finite() {
            return Err(Error::BadParameter {
                system: format!("damped({beta})"),
                reason: "β must be finite, as in damped(1)".into(),
            });
        }
        Ok(Self { beta })
    }

    /// The friction β.
    pub fn beta(&self) -> f64 {
        self.beta
    }
}

impl System for Damped {
    /// `damped` for β = 1, else `damped(β)`.
    fn id(&self) -> String {
        if self.beta == 1.0 {
            "damped".into()
        } else {
            format!("damped({})", self.beta)
        }
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(0.0, 1.0), Range::between(0.0, 1.0))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = -x[0] - self.beta * y[0];
    }

    fn name(&self) -> String {
        "damped harmonic oscillator".into()
    }

    fn formula(&self) -> String {
        format!("ẏ = −x − βy, β = {}", self.beta)
    }

    fn source(&self) -> &'static str {
        "released code, systems.py"
    }
}

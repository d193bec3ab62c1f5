//! The law of one power product.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// The law of one power product, `power1(a,b)`.
///
/// | | |
/// |---|---|
/// | law | ẏ = −(a/b) y²/x |
/// | Lagrangian | L = xᵃyᵇ |
/// | parameters | a and b, the exponents; b is neither 0 nor 1, for then S_yy = b(b − 1)xᵃyᵇ⁻² is zero everywhere |
/// | domain | x, y ∈ [0.1, 1.1] |
/// | singular set | x ≤ 0 or y ≤ 0, where a power with any exponent is not defined |
/// | conserved | (b − 1)xᵃyᵇ |
/// | source | released code, `systems.py` |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power1 {
    a: f64,
    b: f64,
}

impl Power1 {
    /// The law of L = xᵃyᵇ.
    ///
    /// # Errors
    /// [`Error::BadParameter`] if an exponent is not finite, or b is 0 or 1.
    ///
    /// # Example
    /// ```
    /// use mass_systems::{System, systems::Power1};
    ///
    /// let law = Power1::new(2.0, 4.0)?;
    /// let mut ydot = [0.0];
    /// law.acceleration(&[0.5], &[1.0], &mut ydot);
    /// assert_eq!(ydot, [-1.0]);
    /// assert!(Power1::new(2.0, 1.0).is_err());
    /// # Ok::<(), mass_systems::Error>(())
    /// ```
    pub fn new(a: f64, b: f64) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::BadParameter {
            system: format!("power1({a},{b})"),
            reason: reason.into(),
        };
        if !a.is_finite() || !b.is_finite() {
            return Err(refuse("both exponents must be finite, as in power1(2,3)"));
        }
        if b == 0.0 || b == 1.0 {
            return Err(refuse(
                "with b = 0 or 1, S_yy = b(b − 1)xᵃyᵇ⁻² is zero everywhere; take another b, as in power1(2,3)",
            ));
        }
        Ok(Self { a, b })
    }

    /// The exponents (a, b).
    pub fn exponents(&self) -> (f64, f64) {
        (self.a, self.b)
    }
}

impl Lagrangian for Power1 {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        x[0].powf(self.a) * y[0].powf(self.b)
    }
}

impl System for Power1 {
    fn id(&self) -> String {
        format!("power1({},{})", self.a, self.b)
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(0.1, 1.1), Range::between(0.1, 1.1))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = -self.a / self.b * y[0] * y[0] / x[0];
    }

    fn name(&self) -> String {
        "power product".into()
    }

    fn formula(&self) -> String {
        format!("ẏ = −(a/b) y²/x, L = xᵃyᵇ, a = {}, b = {}", self.a, self.b)
    }

    fn source(&self) -> &'static str {
        "released code, systems.py"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, x: &[f64], y: &[f64]) -> bool {
        x[0] <= 0.0 || y[0] <= 0.0
    }
}

//! The law of a sum of two power products.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::System;

/// The law of a sum of two power products, `power2(a1,a2,a3,a4)`.
///
/// | | |
/// |---|---|
/// | law | ẏ = −Σ p(q − 1)xᵖ⁻¹y^q / Σ q(q − 1)xᵖy^(q−2), summed over (p, q) = (a₁, a₂), (a₃, a₄) |
/// | Lagrangian | L = x^a₁ y^a₂ + x^a₃ y^a₄ |
/// | parameters | the four exponents; a₂ and a₄ are not both among 0 and 1, for then S_yy is zero everywhere |
/// | domain | x, y ∈ [0.1, 1.1] |
/// | singular set | x ≤ 0 or y ≤ 0, where a power with any exponent is not defined; and S_yy = 0, met only if just one of a₂, a₄ lies between 0 and 1 |
/// | conserved | (a₂ − 1)x^a₁ y^a₂ + (a₄ − 1)x^a₃ y^a₄ |
/// | source | released code, `systems.py` |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power2 {
    exponents: [f64; 4],
}

/// Below this fraction of its terms' sizes S_yy counts as zero: they have cancelled.
const CANCELLED: f64 = 1e-6;

impl Power2 {
    /// The law of L = x^a₁ y^a₂ + x^a₃ y^a₄.
    ///
    /// # Errors
    /// [`Error::BadParameter`] if an exponent is not finite, or a₂ and a₄ are both 0 or 1.
    pub fn new(a1: f64, a2: f64, a3: f64, a4: f64) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::BadParameter {
            system: format!("power2({a1},{a2},{a3},{a4})"),
            reason: reason.into(),
        };
        let exponents = [a1, a2, a3, a4];
        if exponents.iter().any(|a| !a.is_finite()) {
            return Err(refuse(
                "all exponents must be finite, as in power2(2,3,1,2)",
            ));
        }
        if [a2, a4].iter().all(|&a| a == 0.0 || a == 1.0) {
            return Err(refuse(
                "with a₂ and a₄ both 0 or 1, S_yy is zero everywhere; take another, as in power2(2,3,1,2)",
            ));
        }
        Ok(Self { exponents })
    }

    /// The exponents (a₁, a₂, a₃, a₄).
    pub fn exponents(&self) -> [f64; 4] {
        self.exponents
    }

    fn terms(&self) -> [(f64, f64); 2] {
        let [a1, a2, a3, a4] = self.exponents;
        [(a1, a2), (a3, a4)]
    }

    /// The terms q(q − 1)xᵖy^(q−2) of S_yy.
    fn mass_terms(&self, x: f64, y: f64) -> [f64; 2] {
        self.terms()
            .map(|(p, q)| q * (q - 1.0) * x.powf(p) * y.powf(q - 2.0))
    }
}

impl Lagrangian for Power2 {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let [first, second] = self.terms().map(|(p, q)| x[0].powf(p) * y[0].powf(q));
        first + second
    }
}

impl System for Power2 {
    fn id(&self) -> String {
        let [a1, a2, a3, a4] = self.exponents;
        format!("power2({a1},{a2},{a3},{a4})")
    }

    fn dof(&self) -> usize {
        1
    }

    fn domain(&self) -> Domain {
        Domain::line(Range::between(0.1, 1.1), Range::between(0.1, 1.1))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let (x, y) = (x[0], y[0]);
        // S_x − S_xy y = Σ p(1 − q) xᵖ⁻¹ y^q.
        let [f1, f2] = self
            .terms()
            .map(|(p, q)| p * (1.0 - q) * x.powf(p - 1.0) * y.powf(q));
        let [m1, m2] = self.mass_terms(x, y);
        out[0] = (f1 + f2) / (m1 + m2);
    }

    fn name(&self) -> String {
        "sum of two power products".into()
    }

    fn formula(&self) -> String {
        let [a1, a2, a3, a4] = self.exponents;
        format!(
            "S_yy ẏ = S_x − S_xy y, L = x^a₁ y^a₂ + x^a₃ y^a₄, a₁ = {a1}, a₂ = {a2}, a₃ = {a3}, a₄ = {a4}"
        )
    }

    fn source(&self) -> &'static str {
        "released code, systems.py"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, x: &[f64], y: &[f64]) -> bool {
        if x[0] <= 0.0 || y[0] <= 0.0 {
            return true;
        }
        let [m1, m2] = self.mass_terms(x[0], y[0]);
        (m1 + m2).abs() <= CANCELLED * (m1.abs() + m2.abs())
    }
}

//! A charge in a magnetic field.

use super::kinetic::newtonian;
use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Bounded, Conserved, System};

/// A charge in the plane, in a uniform magnetic field across it and held by a spring,
/// `charge_in_field` or `charge_in_field(B,k)`: x = (x₁, x₂); d = 2.
///
/// Its Lagrangian is linear in the velocity beside the kinetic energy, so that S_xy is not symmetric:
/// S_xy − S_xyᵀ = ±B. The field does no work, and no potential of x alone gives the law.
///
/// | | |
/// |---|---|
/// | law | ẍ₁ = Bẋ₂ − kx₁, ẍ₂ = −Bẋ₁ − kx₂ |
/// | Lagrangian | L = ½ẋ₁² + ½ẋ₂² + ½B(x₁ẋ₂ − x₂ẋ₁) − ½k(x₁² + x₂²) |
/// | energies | T = ½ẋ₁² + ½ẋ₂², V = ½k(x₁² + x₂²); L is not T − V |
/// | parameters | B, field times charge by mass; k, the constant of the spring; both 1 unless given |
/// | domain | x, ẋ ∈ [−1, 1] |
/// | singular set | empty |
/// | conserved | T + V, and the canonical angular momentum x₁ẋ₂ − x₂ẋ₁ + ½B(x₁² + x₂²) |
/// | source | ours; quantised, it is the Fock–Darwin system |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChargeInField {
    field: f64,
    spring: f64,
}

impl Default for ChargeInField {
    /// B = 1, k = 1.
    fn default() -> Self {
        Self {
            field: 1.0,
            spring: 1.0,
        }
    }
}

impl ChargeInField {
    /// A charge in the field B, held by a spring k; without one, k = 0, it circles anywhere.
    ///
    /// # Errors
    /// [`Error::BadParameter`] unless both are finite and k is not negative.
    pub fn new(field: f64, spring: f64) -> Result<Self, Error> {
        let made = Self { field, spring };
        if field.is_finite() && spring.is_finite() && spring >= 0.0 {
            return Ok(made);
        }
        Err(Error::BadParameter {
            system: made.id(),
            reason: "B and k must be finite and k not negative, as in charge_in_field(2,1)".into(),
        })
    }

    fn potential_energy<D: Number>(&self, x: &[D]) -> D {
        (x[0] * x[0] + x[1] * x[1]) * (0.5 * self.spring)
    }
}

fn kinetic<D: Number>(y: &[D]) -> D {
    newtonian(y[0]) + newtonian(y[1])
}

impl Lagrangian for ChargeInField {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        kinetic(y) + (x[0] * y[1] - x[1] * y[0]) * (0.5 * self.field) - self.potential_energy(x)
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(kinetic(y))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(self.potential_energy(x))
    }
}

impl System for ChargeInField {
    /// `charge_in_field` where both are 1, else `charge_in_field(B,k)`.
    fn id(&self) -> String {
        if *self == Self::default() {
            return "charge_in_field".into();
        }
        format!("charge_in_field({},{})", self.field, self.spring)
    }

    fn dof(&self) -> usize {
        2
    }

    fn domain(&self) -> Domain {
        Domain::box_of(2, Range::between(-1.0, 1.0), Range::between(-1.0, 1.0))
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        out[0] = self.field * y[1] - self.spring * x[0];
        out[1] = -self.field * y[0] - self.spring * x[1];
    }

    fn name(&self) -> String {
        "charge in a magnetic field".into()
    }

    fn formula(&self) -> String {
        "ẍ₁ = Bẋ₂ − kx₁, ẍ₂ = −Bẋ₁ − kx₂, L = ½|ẋ|² + ½B(x₁ẋ₂ − x₂ẋ₁) − ½k|x|²".into()
    }

    fn source(&self) -> &'static str {
        "ours"
    }

    /// With a spring: up to the energy at which it reaches the side of the domain in x or in ẋ.
    fn bounded(&self) -> Option<Bounded> {
        (self.spring > 0.0).then(|| Bounded {
            domain: self.domain(),
            max_energy: 0.5 * self.spring.min(1.0),
        })
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
        let turning = x[0] * y[1] - x[1] * y[0];
        vec![
            Conserved::new("energy", kinetic(y) + self.potential_energy(x)),
            Conserved::new(
                "canonical angular momentum",
                turning + 0.5 * self.field * (x[0] * x[0] + x[1] * x[1]),
            ),
        ]
    }
}

//! A pendulum on a cart.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Conserved, Motions, System};
use std::f64::consts::FRAC_PI_2;

/// A pendulum on a cart that rolls without friction, `cart_pendulum` or `cart_pendulum(M,m,l)`:
/// x = (s, θ), the place of the cart and the angle from the downward vertical; d = 2.
///
/// | | |
/// |---|---|
/// | law | s̈ = (m l θ̇² sin θ + m sin θ cos θ)/D, θ̈ = −((M + m) sin θ + m l θ̇² sin θ cos θ)/(l D), D = M + m sin²θ |
/// | Lagrangian | L = ½(M + m)ṡ² + m l ṡ θ̇ cos θ + ½m l²θ̇² + m l cos θ |
/// | energies | T = ½(M + m)ṡ² + m l ṡ θ̇ cos θ + ½m l²θ̇², V = −m l cos θ |
/// | parameters | M, the mass of the cart; m and l, mass and length of the pendulum; all 1 unless given; g is 1 |
/// | domain | s ∈ [−1, 1], θ ∈ [−π/2, π/2], ṡ ∈ [−1, 1], θ̇ ∈ [−1.5, 1.5] |
/// | singular set | empty, for D ≥ M |
/// | conserved | T + V, and the momentum along the track, (M + m)ṡ + m l θ̇ cos θ |
/// | source | ours; the system is that of the swing-up problem without its force |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CartPendulum {
    cart: f64,
    mass: f64,
    length: f64,
}

impl Default for CartPendulum {
    /// All masses and lengths 1.
    fn default() -> Self {
        Self {
            cart: 1.0,
            mass: 1.0,
            length: 1.0,
        }
    }
}

impl CartPendulum {
    /// A cart of mass `cart` with a pendulum of this mass and length.
    ///
    /// # Errors
    /// [`Error::BadParameter`] unless all three are finite and positive.
    pub fn new(cart: f64, mass: f64, length: f64) -> Result<Self, Error> {
        let made = Self { cart, mass, length };
        if [cart, mass, length]
            .iter()
            .all(|v| v.is_finite() && *v > 0.0)
        {
            return Ok(made);
        }
        Err(Error::BadParameter {
            system: made.id(),
            reason: "masses and length must be finite and positive, as in cart_pendulum(2,1,0.5)"
                .into(),
        })
    }

    fn kinetic_energy<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let swing = self.mass * self.length;
        y[0] * y[0] * (0.5 * (self.cart + self.mass))
            + y[0] * y[1] * x[1].cos() * swing
            + y[1] * y[1] * (0.5 * swing * self.length)
    }

    fn potential_energy<D: Number>(&self, x: &[D]) -> D {
        -x[1].cos() * (self.mass * self.length)
    }
}

impl Lagrangian for CartPendulum {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        self.kinetic_energy(x, y) - self.potential_energy(x)
    }

    fn kinetic<D: Number>(&self, x: &[D], y: &[D]) -> Option<D> {
        Some(self.kinetic_energy(x, y))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(self.potential_energy(x))
    }
}

impl System for CartPendulum {
    /// `cart_pendulum` where all is 1, else `cart_pendulum(M,m,l)`.
    fn id(&self) -> String {
        if *self == Self::default() {
            return "cart_pendulum".into();
        }
        format!("cart_pendulum({},{},{})", self.cart, self.mass, self.length)
    }

    fn dof(&self) -> usize {
        2
    }

    fn domain(&self) -> Domain {
        Domain::pair(
            [
                Range::between(-1.0, 1.0),
                Range::between(-FRAC_PI_2, FRAC_PI_2),
            ],
            [Range::between(-1.0, 1.0), Range::between(-1.5, 1.5)],
        )
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let (sin, cos) = x[1].sin_cos();
        let det = self.cart + self.mass * sin * sin;
        let pull = self.length * y[1] * y[1];
        out[0] = self.mass * sin * (pull + cos) / det;
        out[1] = -sin * (self.cart + self.mass + self.mass * pull * cos) / (self.length * det);
    }

    fn name(&self) -> String {
        "pendulum on a cart".into()
    }

    fn formula(&self) -> String {
        "S_yy ẏ = S_x − S_xy y, L = ½(M + m)ṡ² + m l ṡ θ̇ cos θ + ½m l²θ̇² + m l cos θ".into()
    }

    fn source(&self) -> &'static str {
        "ours"
    }

    /// From starts whose cart is slow: the cart is bound by nothing, so that an energy bounds no box.
    fn motions(&self) -> Option<Motions> {
        Some(Motions {
            starts: Domain::pair(
                [
                    Range::between(-0.5, 0.5),
                    Range::between(-FRAC_PI_2, FRAC_PI_2),
                ],
                [Range::between(-0.1, 0.1), Range::between(-1.0, 1.0)],
            ),
            duration: 5.0,
        })
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn angles(&self) -> &[usize] {
        &[1]
    }

    fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
        let momentum = (self.cart + self.mass) * y[0] + self.mass * self.length * y[1] * x[1].cos();
        vec![
            Conserved::new(
                "energy",
                self.kinetic_energy(x, y) + self.potential_energy(x),
            ),
            Conserved::new("momentum along the track", momentum),
        ]
    }
}

//! The Hénon–Heiles potential.

use super::kinetic::newtonian;
use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Bounded, System};

/// A star in the plane of a galaxy, after Hénon and Heiles: x = (x₁, x₂); d = 2.
///
/// | | |
/// |---|---|
/// | law | ẍ₁ = −x₁ − 2x₁x₂, ẍ₂ = −x₂ − x₁² + x₂² |
/// | Lagrangian | L = ½ẋ₁² + ½ẋ₂² − V |
/// | energies | T = ½ẋ₁² + ½ẋ₂², V = ½x₁² + ½x₂² + x₁²x₂ − ⅓x₂³ |
/// | parameters | none |
/// | domain | x₁ ∈ [−0.7, 0.7], x₂ ∈ [−0.5, 0.8], ẋ ∈ [−0.5, 0.5] |
/// | singular set | empty; above the energy 1/6 of its three saddles the motion may leave for ever |
/// | conserved | T + V |
/// | source | M. Hénon, C. Heiles, Astron. J. 69 (1964) 73 |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HenonHeiles;

fn potential<D: Number>(x: &[D]) -> D {
    (x[0] * x[0] + x[1] * x[1]) * 0.5 + x[0] * x[0] * x[1] - x[1].powi(3) / 3.0
}

fn kinetic<D: Number>(y: &[D]) -> D {
    newtonian(y[0]) + newtonian(y[1])
}

impl Lagrangian for HenonHeiles {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        kinetic(y) - potential(x)
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(kinetic(y))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(potential(x))
    }
}

impl System for HenonHeiles {
    fn id(&self) -> String {
        "henon_heiles".into()
    }

    fn dof(&self) -> usize {
        2
    }

    fn domain(&self) -> Domain {
        Domain::pair(
            [Range::between(-0.7, 0.7), Range::between(-0.5, 0.8)],
            [Range::between(-0.5, 0.5); 2],
        )
    }

    fn acceleration(&self, x: &[f64], _y: &[f64], out: &mut [f64]) {
        out[0] = -x[0] - 2.0 * x[0] * x[1];
        out[1] = -x[1] - x[0] * x[0] + x[1] * x[1];
    }

    fn name(&self) -> String {
        "Hénon–Heiles".into()
    }

    fn formula(&self) -> String {
        "ẍ₁ = −x₁ − 2x₁x₂, ẍ₂ = −x₂ − x₁² + x₂², L = ½|ẋ|² − ½|x|² − x₁²x₂ + ⅓x₂³".into()
    }

    fn source(&self) -> &'static str {
        "M. Hénon, C. Heiles, Astron. J. 69 (1964) 73"
    }

    /// Up to the energy 1/8, where most of the motion is chaotic; inside the saddles.
    fn bounded(&self) -> Option<Bounded> {
        Some(Bounded {
            domain: Domain::pair(
                [Range::between(-0.65, 0.65), Range::between(-0.45, 0.7)],
                [Range::between(-0.5, 0.5); 2],
            ),
            max_energy: 0.125,
        })
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }
}

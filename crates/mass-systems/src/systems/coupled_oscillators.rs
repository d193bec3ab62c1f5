//! Coupled oscillators.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Bounded, Conserved, System};

/// n unit masses in a row, each held by a unit spring and coupled to the next,
/// `coupled_oscillators(n,k)`: x = (x₁, .., xₙ), the displacements; d = n.
///
/// | | |
/// |---|---|
/// | law | ẍᵢ = −xᵢ + k(xᵢ₊₁ − xᵢ) − k(xᵢ − xᵢ₋₁), at the ends without the neighbour that is not there |
/// | Lagrangian | L = Σ ½ẋᵢ² − Σ ½xᵢ² − Σ ½k(xᵢ₊₁ − xᵢ)² |
/// | energies | T = Σ ½ẋᵢ², V = Σ ½xᵢ² + Σ ½k(xᵢ₊₁ − xᵢ)² |
/// | parameters | n, the number of masses; k, the constant of the springs between them |
/// | domain | x, ẋ ∈ [−1, 1] |
/// | singular set | empty |
/// | conserved | T + V; and, for it is linear, the energy of each normal mode |
/// | source | ours |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoupledOscillators {
    count: usize,
    coupling: f64,
}

impl CoupledOscillators {
    /// `n` oscillators with coupling `k`.
    ///
    /// # Errors
    /// [`Error::BadParameter`] unless there are 1 to 1000 of them, and k is finite and not negative.
    pub fn new(n: usize, k: f64) -> Result<Self, Error> {
        let bad = |reason: &str| {
            Err(Error::BadParameter {
                system: format!("coupled_oscillators({n},{k})"),
                reason: format!("{reason}, as in coupled_oscillators(2,0.5)"),
            })
        };
        if !(1..=1000).contains(&n) {
            return bad("there must be 1 to 1000 oscillators");
        }
        if !(k.is_finite() && k >= 0.0) {
            return bad("the coupling must be finite and not negative");
        }
        Ok(Self {
            count: n,
            coupling: k,
        })
    }

    /// The coupling k.
    pub fn coupling(&self) -> f64 {
        self.coupling
    }

    fn kinetic_energy<D: Number>(y: &[D]) -> D {
        y.iter().map(|&v| v * v).sum::<D>() * 0.5
    }

    fn potential_energy<D: Number>(&self, x: &[D]) -> D {
        let own: D = x.iter().map(|&v| v * v).sum();
        let between: D = x
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0]))
            .sum();
        own * 0.5 + between * (0.5 * self.coupling)
    }
}

impl Lagrangian for CoupledOscillators {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        Self::kinetic_energy(y) - self.potential_energy(x)
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(Self::kinetic_energy(y))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(self.potential_energy(x))
    }
}

impl System for CoupledOscillators {
    fn id(&self) -> String {
        format!("coupled_oscillators({},{})", self.count, self.coupling)
    }

    fn dof(&self) -> usize {
        self.count
    }

    fn domain(&self) -> Domain {
        Domain::box_of(
            self.count,
            Range::between(-1.0, 1.0),
            Range::between(-1.0, 1.0),
        )
    }

    fn acceleration(&self, x: &[f64], _y: &[f64], out: &mut [f64]) {
        let n = self.count;
        for i in 0..n {
            let up = if i + 1 < n { x[i + 1] - x[i] } else { 0.0 };
            let down = if i > 0 { x[i] - x[i - 1] } else { 0.0 };
            out[i] = -x[i] + self.coupling * (up - down);
        }
    }

    fn name(&self) -> String {
        format!("{} coupled oscillators", self.count)
    }

    fn formula(&self) -> String {
        format!(
            "ẍᵢ = −xᵢ + k(xᵢ₊₁ − 2xᵢ + xᵢ₋₁), L = Σ ½ẋᵢ² − Σ ½xᵢ² − Σ ½k(xᵢ₊₁ − xᵢ)², k = {}",
            self.coupling
        )
    }

    fn source(&self) -> &'static str {
        "ours"
    }

    /// Up to the energy ½, at which one alone reaches the domain's side.
    fn bounded(&self) -> Option<Bounded> {
        Some(Bounded {
            domain: self.domain(),
            max_energy: 0.5,
        })
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    /// The energy, and that of the mode in which all move alike.
    fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
        let alike = |values: &[f64]| values.iter().sum::<f64>();
        let (q, p) = (alike(x), alike(y));
        vec![
            Conserved::new("energy", Self::kinetic_energy(y) + self.potential_energy(x)),
            // Of unit frequency whatever k, for the springs between do not stretch.
            Conserved::new(
                "energy of the common mode",
                0.5 * (q * q + p * p) / self.count as f64,
            ),
        ]
    }
}

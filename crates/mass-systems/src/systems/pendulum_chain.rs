//! A chain of pendulums.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Bounded, System};
use nalgebra::{DMatrix, DVector};
use std::f64::consts::{FRAC_PI_2, PI};

/// Pendulums of a chain, at most.
const MOST: usize = 100;

/// The places of the angles of the longest chain.
static ANGLES: [usize; MOST] = {
    let mut places = [0; MOST];
    let mut i = 0;
    while i < MOST {
        places[i] = i;
        i += 1;
    }
    places
};

/// A chain of n pendulums, each hanging from the one before, `pendulum_chain(n)`: x = (θ₁, .., θₙ), all
/// angles from the downward vertical; d = n. Two are the [`DoublePendulum`](super::DoublePendulum).
///
/// | | |
/// |---|---|
/// | law | M ẏ = f, Mᵢⱼ = (n + 1 − max(i, j)) cos(θᵢ−θⱼ), fᵢ = −Σⱼ (n + 1 − max(i, j)) sin(θᵢ−θⱼ) θ̇ⱼ² − (n + 1 − i) sin θᵢ |
/// | Lagrangian | L = ½ ẋᵀM(x)ẋ + Σᵢ (n + 1 − i) cos θᵢ |
/// | energies | T = ½ ẋᵀM(x)ẋ, V = −Σᵢ (n + 1 − i) cos θᵢ |
/// | parameters | n, the number of pendulums; all masses, all lengths and g are 1 |
/// | domain | θ ∈ [−π/2, π/2], θ̇ ∈ [−1.5, 1.5] |
/// | singular set | empty, for M is positive definite |
/// | conserved | T + V |
/// | source | ours |
///
/// The i-th mass moves with Σ_{j ≤ i} θ̇ⱼ (cos θⱼ, sin θⱼ), and the i-th angle moves n + 1 − i masses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendulumChain {
    count: usize,
}

impl PendulumChain {
    /// A chain of `n` pendulums.
    ///
    /// # Errors
    /// [`Error::BadParameter`] unless there are 1 to 100 of them.
    pub fn new(n: usize) -> Result<Self, Error> {
        if (1..=MOST).contains(&n) {
            return Ok(Self { count: n });
        }
        Err(Error::BadParameter {
            system: format!("pendulum_chain({n})"),
            reason: "there must be 1 to 100 pendulums, as in pendulum_chain(3)".into(),
        })
    }

    /// The masses that angles i and j, counted from 0, both move.
    fn shared(&self, i: usize, j: usize) -> f64 {
        (self.count - i.max(j)) as f64
    }

    fn kinetic_energy<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let row = |i: usize| {
            let before = (0..i).map(|j| y[j] * (x[i] - x[j]).cos());
            y[i] * (y[i] * 0.5 + before.sum::<D>()) * self.shared(i, i)
        };
        (0..self.count).map(row).sum()
    }

    fn potential_energy<D: Number>(&self, x: &[D]) -> D {
        (0..self.count)
            .map(|i| -x[i].cos() * self.shared(i, i))
            .sum()
    }
}

impl Lagrangian for PendulumChain {
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

impl System for PendulumChain {
    fn id(&self) -> String {
        format!("pendulum_chain({})", self.count)
    }

    fn dof(&self) -> usize {
        self.count
    }

    fn domain(&self) -> Domain {
        Domain::box_of(
            self.count,
            Range::between(-FRAC_PI_2, FRAC_PI_2),
            Range::between(-1.5, 1.5),
        )
    }

    /// By Cholesky's factors of M; NaN where a coordinate is.
    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let n = self.count;
        let mass = DMatrix::from_fn(n, n, |i, j| self.shared(i, j) * (x[i] - x[j]).cos());
        let force = DVector::from_fn(n, |i, _| {
            let turning: f64 = (0..n)
                .map(|j| self.shared(i, j) * (x[i] - x[j]).sin() * y[j] * y[j])
                .sum();
            -turning - self.shared(i, i) * x[i].sin()
        });
        match mass.cholesky() {
            Some(factors) => out[..n].copy_from_slice(factors.solve(&force).as_slice()),
            None => out[..n].fill(f64::NAN),
        }
    }

    fn name(&self) -> String {
        format!("chain of {} pendulums", self.count)
    }

    fn formula(&self) -> String {
        "S_yy ẏ = S_x − S_xy y, L = ½ ẋᵀM(x)ẋ + Σᵢ (n + 1 − i) cos θᵢ, Mᵢⱼ = (n + 1 − max(i, j)) cos(θᵢ−θⱼ)".into()
    }

    fn source(&self) -> &'static str {
        "ours"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    /// The states that turn no pendulum over: up to 2 above the lowest energy, at which the last one
    /// hangs upside down.
    fn bounded(&self) -> Option<Bounded> {
        let n = self.count;
        let range = |i: usize| {
            let angle = (1.0 - 2.0 / self.shared(i, i)).max(-1.0).acos();
            Range::between(-angle.min(PI), angle.min(PI))
        };
        // θ̇ᵢ is the difference of two masses' velocities, of which ½ Σ v² ≤ 2.
        let speed = |i: usize| if i == 0 { 2.0 } else { 8.0_f64.sqrt() };
        let speeds = (0..n).map(speed).map(|v| Range::between(-v, v));
        Some(Bounded {
            domain: Domain::of_ranges((0..n).map(range).collect(), speeds.collect()),
            max_energy: 2.0 - (0..n).map(|i| self.shared(i, i)).sum::<f64>(),
        })
    }

    fn angles(&self) -> &[usize] {
        &ANGLES[..self.count]
    }
}

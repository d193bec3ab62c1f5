//! The double pendulum.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Bounded, PaperRun, System};
use std::f64::consts::{FRAC_PI_2, PI};

/// The double pendulum: x = (θ₁, θ₂), both angles from the downward vertical; d = 2.
///
/// | | |
/// |---|---|
/// | law | θ̈₁ = (M₂₂f₁ − M₁₂f₂)/D, θ̈₂ = (M₁₁f₂ − M₁₂f₁)/D, where D = M₁₁M₂₂ − M₁₂², c = cos(θ₁−θ₂), s = sin(θ₁−θ₂), M₁₁ = (m₁+m₂)l₁², M₂₂ = m₂l₂², M₁₂ = m₂l₁l₂ c, f₁ = −m₂l₁l₂ s θ̇₂² − (m₁+m₂)l₁ sin θ₁, f₂ = m₂l₁l₂ s θ̇₁² − m₂l₂ sin θ₂ |
/// | Lagrangian | L = T − V |
/// | energies | T = ½M₁₁θ̇₁² + ½M₂₂θ̇₂² + M₁₂θ̇₁θ̇₂, V = −(m₁+m₂)l₁ cos θ₁ − m₂l₂ cos θ₂ |
/// | parameters | m₁, m₂, l₁, l₂ (the masses, the upper one first, and the lengths), all 1 in the paper; g is 1 |
/// | domain | θ ∈ [−π/2, π/2], θ̇ ∈ [−1.5, 1.5] |
/// | singular set | empty, for D ≥ m₁m₂l₁²l₂² |
/// | conserved | T + V |
/// | source | Fu et al. 2025, Section V.5, Fig. 12 |
///
/// The paper gives neither the states it draws nor the first state of Fig. 12, only the step 0.05. The
/// domain is ours: swings of both arms below the horizontal, the regular part of the motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DoublePendulum {
    masses: [f64; 2],
    lengths: [f64; 2],
}

impl Default for DoublePendulum {
    /// That of the paper: both masses and both lengths are 1.
    fn default() -> Self {
        Self {
            masses: [1.0; 2],
            lengths: [1.0; 2],
        }
    }
}

impl DoublePendulum {
    /// The double pendulum of these masses and lengths, those of the upper arm first; g is 1.
    ///
    /// # Errors
    /// [`Error::BadParameter`] unless all four are finite and positive.
    pub fn new(masses: [f64; 2], lengths: [f64; 2]) -> Result<Self, Error> {
        let made = Self { masses, lengths };
        let right = |value: &f64| value.is_finite() && *value > 0.0;
        if masses.iter().chain(&lengths).all(right) {
            return Ok(made);
        }
        Err(Error::BadParameter {
            system: made.id(),
            reason:
                "masses and lengths must be finite and positive, as in double_pendulum(1,1,1,1)"
                    .into(),
        })
    }

    /// The masses, that of the upper arm first.
    pub fn masses(&self) -> [f64; 2] {
        self.masses
    }

    /// The lengths, that of the upper arm first.
    pub fn lengths(&self) -> [f64; 2] {
        self.lengths
    }

    /// M₁₁, M₂₂ and M₁₂/c of the mass matrix.
    fn inertia(&self) -> [f64; 3] {
        let ([m1, m2], [l1, l2]) = (self.masses, self.lengths);
        [(m1 + m2) * (l1 * l1), m2 * (l2 * l2), m2 * (l1 * l2)]
    }

    /// The weights of both angles: V = −w₁ cos θ₁ − w₂ cos θ₂.
    fn weights(&self) -> [f64; 2] {
        let ([m1, m2], [l1, l2]) = (self.masses, self.lengths);
        [(m1 + m2) * l1, m2 * l2]
    }

    fn kinetic_energy<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let [upper, lower, mixed] = self.inertia();
        y[0] * y[0] * (0.5 * upper)
            + y[1] * y[1] * (0.5 * lower)
            + y[0] * y[1] * (x[0] - x[1]).cos() * mixed
    }

    fn potential_energy<D: Number>(&self, x: &[D]) -> D {
        let [upper, lower] = self.weights();
        -x[0].cos() * upper - x[1].cos() * lower
    }
}

impl Lagrangian for DoublePendulum {
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

impl System for DoublePendulum {
    /// `double_pendulum` where all is 1, else `double_pendulum(m₁,m₂,l₁,l₂)`.
    fn id(&self) -> String {
        if *self == Self::default() {
            return "double_pendulum".into();
        }
        let ([m1, m2], [l1, l2]) = (self.masses, self.lengths);
        format!("double_pendulum({m1},{m2},{l1},{l2})")
    }

    fn dof(&self) -> usize {
        2
    }

    fn domain(&self) -> Domain {
        Domain::pair(
            [Range::between(-FRAC_PI_2, FRAC_PI_2); 2],
            [Range::between(-1.5, 1.5); 2],
        )
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let (s, c) = (x[0] - x[1]).sin_cos();
        let ([upper, lower, mixed], weights) = (self.inertia(), self.weights());
        let (s, c) = (mixed * s, mixed * c);
        let f1 = -s * y[1] * y[1] - weights[0] * x[0].sin();
        let f2 = s * y[0] * y[0] - weights[1] * x[1].sin();
        let det = upper * lower - c * c;
        out[0] = (lower * f1 - c * f2) / det;
        out[1] = (upper * f2 - c * f1) / det;
    }

    fn name(&self) -> String {
        "double pendulum".into()
    }

    fn formula(&self) -> String {
        "S_yy ẏ = S_x − S_xy y, L = θ̇₁² + ½θ̇₂² + θ̇₁θ̇₂ cos(θ₁−θ₂) + 2 cos θ₁ + cos θ₂".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Section V.5, Fig. 12"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    /// The states that turn neither arm over: up to the energy at which the first that can hangs
    /// upside down or, the upper one, sideways. 2 above the lowest, −3, where all is 1.
    fn bounded(&self) -> Option<Bounded> {
        let ([upper, lower], [m1, m2], [l1, l2]) = (self.weights(), self.masses, self.lengths);
        let max_energy = (-lower).min(lower - upper);
        let above = max_energy + upper + lower;
        // From T ≥ ½ (det M / M_jj) θ̇ᵢ² and det M ≥ m₁m₂l₁²l₂².
        let fastest = [
            (2.0 * above / m1).sqrt() / l1,
            (2.0 * above * (m1 + m2) / (m1 * m2)).sqrt() / l2,
        ];
        Some(Bounded {
            domain: Domain::pair(
                [
                    Range::between(-FRAC_PI_2, FRAC_PI_2),
                    Range::between(-PI, PI),
                ],
                fastest.map(|speed| Range::between(-speed, speed)),
            ),
            max_energy,
        })
    }

    fn angles(&self) -> &[usize] {
        &[0, 1]
    }

    fn paper_run(&self) -> Option<PaperRun> {
        // The paper's is that of unit masses and lengths.
        (*self == Self::default()).then_some(PaperRun {
            figure: "Fig. 12",
            start: None,
            dt: Some(0.05),
        })
    }
}

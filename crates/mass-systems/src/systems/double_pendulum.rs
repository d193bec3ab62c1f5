//! The double pendulum.

use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{PaperRun, System};
use std::f64::consts::FRAC_PI_2;

/// The double pendulum: x = (θ₁, θ₂), both angles from the downward vertical; d = 2.
///
/// | | |
/// |---|---|
/// | law | θ̈₁ = (f₁ − c f₂)/(2 − c²), θ̈₂ = (2f₂ − c f₁)/(2 − c²), where c = cos(θ₁−θ₂), s = sin(θ₁−θ₂), f₁ = −s θ̇₂² − 2 sin θ₁, f₂ = s θ̇₁² − sin θ₂ |
/// | Lagrangian | L = θ̇₁² + ½θ̇₂² + θ̇₁θ̇₂ cos(θ₁−θ₂) + 2 cos θ₁ + cos θ₂ |
/// | energies | T = θ̇₁² + ½θ̇₂² + θ̇₁θ̇₂ cos(θ₁−θ₂), V = −2 cos θ₁ − cos θ₂ |
/// | parameters | none; both masses, both lengths and g are 1 |
/// | domain | θ ∈ [−π/2, π/2], θ̇ ∈ [−1.5, 1.5] |
/// | singular set | empty, for 2 − c² ≥ 1 |
/// | conserved | T + V |
/// | source | Fu et al. 2025, Section V.5, Fig. 12 |
///
/// The paper gives neither the states it draws nor the first state of Fig. 12, only the step 0.05. The
/// domain is ours: swings of both arms below the horizontal, the regular part of the motion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoublePendulum;

impl Lagrangian for DoublePendulum {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        kinetic(x, y) - potential(x)
    }

    fn kinetic<D: Number>(&self, x: &[D], y: &[D]) -> Option<D> {
        Some(kinetic(x, y))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(potential(x))
    }
}

fn kinetic<D: Number>(x: &[D], y: &[D]) -> D {
    y[0] * y[0] + y[1] * y[1] * 0.5 + y[0] * y[1] * (x[0] - x[1]).cos()
}

fn potential<D: Number>(x: &[D]) -> D {
    -x[0].cos() * 2.0 - x[1].cos()
}

impl System for DoublePendulum {
    fn id(&self) -> String {
        "double_pendulum".into()
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
        let f1 = -s * y[1] * y[1] - 2.0 * x[0].sin();
        let f2 = s * y[0] * y[0] - x[1].sin();
        let det = 2.0 - c * c;
        out[0] = (f1 - c * f2) / det;
        out[1] = (2.0 * f2 - c * f1) / det;
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

    fn angles(&self) -> &[usize] {
        &[0, 1]
    }

    fn paper_run(&self) -> Option<PaperRun> {
        Some(PaperRun {
            figure: "Fig. 12",
            start: None,
            dt: Some(0.05),
        })
    }
}

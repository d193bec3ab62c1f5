//! The spherical pendulum.

use crate::domain::{Domain, Range};
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Conserved, Motions, PaperRun, System};
use std::f64::consts::PI;

/// The spherical pendulum: x = (θ, φ), θ from the downward vertical, φ about it; d = 2.
///
/// | | |
/// |---|---|
/// | law | θ̈ = sin θ cos θ φ̇² − sin θ, φ̈ = −2θ̇φ̇ cos θ/sin θ |
/// | Lagrangian | L = ½θ̇² + ½sin²θ φ̇² + cos θ |
/// | energies | T = ½θ̇² + ½sin²θ φ̇², V = −cos θ |
/// | parameters | none; mass, length and g are 1 |
/// | domain | θ ∈ [0.5, 1.5], φ ∈ [−π, π], θ̇ ∈ [−1, 1], φ̇ ∈ [−2, 2] |
/// | singular set | sin θ = 0, where φ means nothing |
/// | conserved | T + V, and sin²θ φ̇, the angular momentum about the vertical |
/// | source | Fu et al. 2025, Appendix D, Fig. 17 |
///
/// The paper gives a first state but not the states it draws. The domain is ours and holds the run of
/// Fig. 17, where θ goes between 0.74 and 1 and φ̇ between 1 and 1.57; φ grows without end, and the law
/// does not depend on it: [`wrap_angles`](crate::wrap_angles) brings it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SphericalPendulum;

impl Lagrangian for SphericalPendulum {
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
    let across = x[0].sin() * y[1];
    (y[0] * y[0] + across * across) * 0.5
}

fn potential<D: Number>(x: &[D]) -> D {
    -x[0].cos()
}

impl System for SphericalPendulum {
    fn id(&self) -> String {
        "spherical_pendulum".into()
    }

    fn dof(&self) -> usize {
        2
    }

    fn domain(&self) -> Domain {
        Domain::pair(
            [Range::between(0.5, 1.5), Range::between(-PI, PI)],
            [Range::between(-1.0, 1.0), Range::between(-2.0, 2.0)],
        )
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let (sin, cos) = x[0].sin_cos();
        out[0] = sin * cos * y[1] * y[1] - sin;
        out[1] = -2.0 * y[0] * y[1] * cos / sin;
    }

    fn name(&self) -> String {
        "spherical pendulum".into()
    }

    fn formula(&self) -> String {
        "θ̈ = sin θ cos θ φ̇² − sin θ, φ̈ = −2θ̇φ̇ cos θ/sin θ, L = ½θ̇² + ½sin²θ φ̇² + cos θ".into()
    }

    fn source(&self) -> &'static str {
        "Fu et al. 2025, Appendix D, Fig. 17"
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
        vec![
            Conserved::new("energy", kinetic(x, y) + potential(x)),
            Conserved::new(
                "angular momentum about the vertical",
                x[0].sin().powi(2) * y[1],
            ),
        ]
    }

    /// From starts about that of Fig. 17, which keep away from the vertical.
    fn motions(&self) -> Option<Motions> {
        Some(Motions {
            starts: Domain::pair(
                [Range::between(0.8, 1.2), Range::between(-PI, PI)],
                [Range::between(-0.3, 0.3), Range::between(0.7, 1.3)],
            ),
            duration: 10.0,
        })
    }

    fn in_singular_set(&self, x: &[f64], _y: &[f64]) -> bool {
        // sin(π) in floating point is 1.2e-16: an exact zero is met only at θ = 0.
        x[0].sin().abs() < 1e-12
    }

    /// φ; and not θ, whose range ends at the poles.
    fn angles(&self) -> &[usize] {
        &[1]
    }

    fn paper_run(&self) -> Option<PaperRun> {
        Some(PaperRun {
            figure: "Fig. 17",
            start: Some((vec![1.0, 0.1], vec![0.0, 1.0])),
            dt: None,
        })
    }
}

//! The forces of a world's regions: exact motion, and the law that positions obey.

use nalgebra::Matrix2;
use serde::{Deserialize, Serialize};

use crate::recurrence::Recurrence;

/// Position and velocity in the plane, (x, y, ẋ, ẏ).
pub type PlaneState = [f64; 4];

/// A force on a unit mass in the plane, linear in position and velocity, so that its motion is known exactly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Force {
    /// None: r̈ = 0.
    Free,
    /// A uniform field: r̈ = g.
    Gravity {
        /// g, length/time².
        g: [f64; 2],
    },
    /// A spring along a direction: r̈ = −k n (n·r + c).
    Harmonic {
        /// k > 0, 1/time².
        stiffness: f64,
        /// n, of length 1.
        direction: [f64; 2],
        /// c, a length.
        offset: f64,
    },
    /// Uniform electric and magnetic fields on a unit charge: ẍ = E_x + B ẏ, ÿ = E_y − B ẋ, B ≠ 0.
    Electromagnetic {
        /// E, length/time².
        electric: [f64; 2],
        /// B, 1/time.
        magnetic: f64,
    },
}

impl Force {
    /// The state after a time, exactly.
    pub fn advance(&self, state: &PlaneState, time: f64) -> PlaneState {
        let [x, y, vx, vy] = *state;
        let t = time;
        match *self {
            Self::Free => [x + vx * t, y + vy * t, vx, vy],
            Self::Gravity { g } => [
                x + (vx + 0.5 * g[0] * t) * t,
                y + (vy + 0.5 * g[1] * t) * t,
                vx + g[0] * t,
                vy + g[1] * t,
            ],
            Self::Harmonic {
                stiffness,
                direction: [nx, ny],
                offset,
            } => {
                let omega = stiffness.sqrt();
                let sin = (omega * t).sin();
                let elongation = nx * x + ny * y + offset;
                let speed = nx * vx + ny * vy;
                // 1 − cos by half angles, which keeps the digits of short times.
                let half = (0.5 * omega * t).sin();
                let change = sin / omega * speed - 2.0 * half * half * elongation - speed * t;
                let gain = -omega * sin * elongation - 2.0 * half * half * speed;
                [
                    x + vx * t + nx * change,
                    y + vy * t + ny * change,
                    vx + nx * gain,
                    vy + ny * gain,
                ]
            }
            Self::Electromagnetic { electric, magnetic } => {
                let b = magnetic;
                let drift = [electric[1] / b, -electric[0] / b];
                let (wx, wy) = (vx - drift[0], vy - drift[1]);
                let (sin, cos) = (b * t).sin_cos();
                let half = (0.5 * b * t).sin();
                let versine = 2.0 * half * half;
                [
                    x + drift[0] * t + (wx * sin + wy * versine) / b,
                    y + drift[1] * t + (wy * sin - wx * versine) / b,
                    drift[0] + wx * cos + wy * sin,
                    drift[1] - wx * sin + wy * cos,
                ]
            }
        }
    }

    /// Acceleration at a state.
    pub fn acceleration(&self, state: &PlaneState) -> [f64; 2] {
        let [x, y, vx, vy] = *state;
        match *self {
            Self::Free => [0.0, 0.0],
            Self::Gravity { g } => g,
            Self::Harmonic {
                stiffness,
                direction: [nx, ny],
                offset,
            } => {
                let pull = -stiffness * (nx * x + ny * y + offset);
                [nx * pull, ny * pull]
            }
            Self::Electromagnetic { electric, magnetic } => {
                [electric[0] + magnetic * vy, electric[1] - magnetic * vx]
            }
        }
    }

    /// The law of positions at equal steps, exact (specification of this crate's worlds; the differences of the
    /// motion are constant, a spring's or a rotation's).
    pub fn recurrence(&self, step: f64) -> Recurrence {
        // Written r_t = 2 r_{t−1} − r_{t−2} + P r_{t−1} + V (r_{t−1} − r_{t−2}) + b.
        let (mut p, mut v) = (Matrix2::<f64>::zeros(), Matrix2::<f64>::zeros());
        let mut b = [0.0; 2];
        match *self {
            Self::Free => {}
            Self::Gravity { g } => b = [g[0] * step * step, g[1] * step * step],
            Self::Harmonic {
                stiffness,
                direction: [nx, ny],
                offset,
            } => {
                let half = (0.5 * stiffness.sqrt() * step).sin();
                let kappa = 4.0 * half * half;
                p = Matrix2::new(nx * nx, nx * ny, nx * ny, ny * ny) * -kappa;
                b = [-kappa * offset * nx, -kappa * offset * ny];
            }
            Self::Electromagnetic { electric, magnetic } => {
                let (sin, half) = ((magnetic * step).sin(), (0.5 * magnetic * step).sin());
                let versine = 2.0 * half * half;
                // R − 1, R the rotation of velocities over a step.
                v = Matrix2::new(-versine, sin, -sin, -versine);
                let drift = [
                    electric[1] / magnetic * step,
                    -electric[0] / magnetic * step,
                ];
                b = [
                    versine * drift[0] - sin * drift[1],
                    sin * drift[0] + versine * drift[1],
                ];
            }
        }
        let mut constants = Vec::with_capacity(10);
        for (i, bias) in b.into_iter().enumerate() {
            for j in 0..2 {
                let one = f64::from(u8::from(i == j));
                constants.push(-one - v[(i, j)]);
            }
            for j in 0..2 {
                let one = f64::from(u8::from(i == j));
                constants.push(2.0 * one + p[(i, j)] + v[(i, j)]);
            }
            constants.push(bias);
        }
        Recurrence::new(2, 2, constants).unwrap_or_else(|_| Recurrence::inertia(2))
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Gravity { .. } => "gravity",
            Self::Harmonic { .. } => "harmonic",
            Self::Electromagnetic { .. } => "electromagnetic",
        }
    }
}

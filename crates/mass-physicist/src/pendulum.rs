//! The charged double pendulum in two fields: a chaotic world whose border is curved.

use std::convert::Infallible;

use mass_systems::{Dop853, Purpose, stream, uniform};
use serde::{Deserialize, Serialize};

use crate::{error::Error, observations::Observations};

/// A double pendulum of unit rods and masses whose lower bob is charged, in one uniform field where
/// cos θ₁ + cos θ₂ is greater than `border` and in another elsewhere; no other gravity. Angles from the downward
/// vertical.
///
/// The fields, the border 1.05, starts and Δt are reconstructed: the paper's data are lost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChargedPendulum {
    /// The field (E_x, E_y) below, where cos θ₁ + cos θ₂ > `border`.
    pub below: [f64; 2],
    /// The field above.
    pub above: [f64; 2],
    /// The border, 1.05: the lower bob's depth.
    pub border: f64,
    /// Time between two positions, 0.05.
    pub step: f64,
}

/// Of (θ₁, θ₂, θ̇₁, θ̇₂).
pub type PendulumState = [f64; 4];

/// Parts of a step between which the border is looked for.
const PARTS: usize = 16;
const TOLERANCE: f64 = 1e-12;
/// Of the less frequent domain.
const LEAST_SHARE: f64 = 0.15;
const TRIES: usize = 200;

impl ChargedPendulum {
    /// Fields (0, −g₁) below and (0, g₂) above.
    pub fn vertical(g1: f64, g2: f64) -> Self {
        Self {
            below: [0.0, -g1],
            above: [0.0, g2],
            border: 1.05,
            step: 0.05,
        }
    }

    /// The seven worlds of the suite.
    pub fn seven() -> [Self; 7] {
        let fields = [(8, 0), (9, 0), (10, 0), (7, 1), (7, 2), (8, 1), (8, 2)];
        fields.map(|(g1, g2)| Self::vertical(f64::from(g1), f64::from(g2)))
    }

    /// The domain of a pair of angles: 1 below, 2 above, as labels are.
    pub fn domain(&self, angles: &[f64]) -> u32 {
        if angles[0].cos() + angles[1].cos() > self.border {
            1
        } else {
            2
        }
    }

    /// The border as a closed curve about (0, 0), pairs (θ₁, θ₂): `points + 1` with θ₂ ≥ 0, then as many with θ₂ ≤ 0. None where
    /// there is no such curve, of a border that is not above 0 and at most 2.
    pub fn border_curve(&self, points: usize) -> Vec<(f64, f64)> {
        if !(self.border > 0.0 && self.border <= 2.0) {
            return Vec::new();
        }
        let most = (self.border - 1.0).acos();
        let upper: Vec<(f64, f64)> = (0..=points)
            .map(|k| {
                let x = most * (2.0 * k as f64 / points.max(1) as f64 - 1.0);
                (x, (self.border - x.cos()).clamp(-1.0, 1.0).acos())
            })
            .collect();
        let lower = upper.iter().rev().map(|(x, y)| (*x, -y));
        upper.iter().copied().chain(lower).collect()
    }

    /// Angular accelerations in the field of a domain.
    pub fn acceleration(&self, domain: u32, angles: &[f64], speeds: &[f64]) -> [f64; 2] {
        let [ex, ey] = if domain == 1 { self.below } else { self.above };
        let (a, b) = (angles[0], angles[1]);
        let (sin, cos) = (a - b).sin_cos();
        let first = ex * a.cos() + ey * a.sin() - speeds[1] * speeds[1] * sin;
        let second = ex * b.cos() + ey * b.sin() + speeds[0] * speeds[0] * sin;
        let determinant = 2.0 - cos * cos;
        [
            (first - cos * second) / determinant,
            (2.0 * second - cos * first) / determinant,
        ]
    }

    /// The energy in the field of a domain, which is kept within it.
    pub fn energy(&self, domain: u32, state: &PendulumState) -> f64 {
        let [ex, ey] = if domain == 1 { self.below } else { self.above };
        let [a, b, u, v] = *state;
        let kinetic = u * u + 0.5 * v * v + u * v * (a - b).cos();
        kinetic - ex * (a.sin() + b.sin()) + ey * (a.cos() + b.cos())
    }

    /// Moves a state on within the field of a domain.
    fn advance(&self, domain: u32, state: &PendulumState, time: f64) -> PendulumState {
        let (mut x, mut y) = ([state[0], state[1]], [state[2], state[3]]);
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            out.copy_from_slice(&self.acceleration(domain, x, y));
            Ok::<(), Infallible>(())
        };
        let Ok(()) = Dop853::new(1, 2, TOLERANCE).advance(law, &mut x, &mut y, time);
        [x[0], x[1], y[0], y[1]]
    }

    /// States `[rows, 4]` at equal steps, (θ₁, θ₂, θ̇₁, θ̇₂), angles not wrapped, and for each row whether the motion
    /// since the row before was within one domain (its number), or not (0).
    ///
    /// # Errors
    /// [`Error::Request`] if the start or the step is not a number of use.
    pub fn follow(
        &self,
        start: PendulumState,
        rows: usize,
    ) -> Result<(Vec<PendulumState>, Vec<u32>), Error> {
        let numbers = start.iter().chain(&self.below).chain(&self.above);
        let finite = numbers
            .chain([&self.border, &self.step])
            .all(|v| v.is_finite());
        if !finite || self.step <= 0.0 {
            return Err(Error::Request(
                "the pendulum's start, fields and border must be finite and its step positive"
                    .into(),
            ));
        }
        let mut state = start;
        let mut domain = self.domain(&state);
        let (mut states, mut labels) = (vec![state], vec![domain]);
        for _ in 1..rows {
            let mut label = domain;
            for _ in 0..PARTS {
                let mut left = self.step / PARTS as f64;
                // It may graze the border; more than a few passages a part are none of physics.
                for _ in 0..8 {
                    let next = self.advance(domain, &state, left);
                    if self.domain(&next) == domain {
                        state = next;
                        break;
                    }
                    let (mut low, mut high) = (0.0, left);
                    for _ in 0..50 {
                        let middle = 0.5 * (low + high);
                        let there = self.advance(domain, &state, middle);
                        if self.domain(&there) == domain {
                            low = middle;
                        } else {
                            high = middle;
                        }
                    }
                    state = self.advance(domain, &state, high);
                    domain = 3 - domain;
                    label = 0;
                    left -= high;
                }
            }
            states.push(state);
            labels.push(label);
        }
        Ok((states, labels))
    }

    /// A motion of angles alone (D = 2), `windows` windows of T = 2, labelled by domain, drawn by a seed: angles from
    /// [−1, 1], speeds normal of deviation 4, until the less frequent domain has 15 % of the time.
    ///
    /// # Errors
    /// [`Error::Data`] if no start gives that.
    pub fn observe(&self, windows: usize, seed: u64) -> Result<Observations, Error> {
        let (states, steps) = self.draw(windows + 2, seed)?;
        let mut labels = vec![0; steps.len()];
        for t in 2..steps.len() {
            if steps[t] == steps[t - 1] {
                labels[t] = steps[t];
            }
        }
        let angles = states.iter().flat_map(|s| [s[0], s[1]]).collect();
        let seen = Observations::new(2, self.step, vec![angles])?;
        seen.with_labels(vec![labels])
    }

    /// The same motion as whole states (θ₁, θ₂, θ̇₁, θ̇₂) (D = 4), `windows` windows of T = 1, each labelled by the domain
    /// that its step was in, or as a transition: the paper's other form of input.
    ///
    /// # Errors
    /// As [`ChargedPendulum::observe`].
    pub fn observe_states(&self, windows: usize, seed: u64) -> Result<Observations, Error> {
        let (states, mut labels) = self.draw(windows + 1, seed)?;
        labels[0] = 0;
        let seen = Observations::new(4, self.step, vec![states.concat()])?;
        seen.with_labels(vec![labels])
    }

    /// A motion from a start that is drawn, and the domain of each step.
    fn draw(&self, rows: usize, seed: u64) -> Result<(Vec<PendulumState>, Vec<u32>), Error> {
        for attempt in 0..TRIES {
            let key = format!("physicist-pendulum/{attempt}");
            let mut rng = stream(seed, Purpose::TrainData, &key);
            let mut start = [0.0; 4];
            for angle in &mut start[..2] {
                *angle = uniform(&mut rng, -1.0, 1.0);
            }
            let radius = 4.0 * (-2.0 * uniform(&mut rng, f64::MIN_POSITIVE, 1.0).ln()).sqrt();
            let (sin, cos) = uniform(&mut rng, 0.0, std::f64::consts::TAU).sin_cos();
            (start[2], start[3]) = (radius * cos, radius * sin);
            // A short look first: most poor starts are seen to be poor.
            let short = rows.min(402);
            for count in [short, rows] {
                let (states, steps) = self.follow(start, count)?;
                let below = states.iter().filter(|s| self.domain(&s[..2]) == 1).count() as f64;
                let share = below / count as f64;
                let least = if count == rows {
                    LEAST_SHARE
                } else {
                    0.6 * LEAST_SHARE
                };
                if share.min(1.0 - share) < least {
                    break;
                }
                if count == rows {
                    return Ok((states, steps));
                }
            }
        }
        Err(Error::Data(format!(
            "in {TRIES} starts the pendulum never spent 15 % of its time in the less frequent domain: give another seed, or fields less alike"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_is_a_closed_curve_of_its_own_height() {
        for border in [0.3, 1.0, 1.05, 2.0] {
            let world = ChargedPendulum {
                border,
                ..ChargedPendulum::vertical(8.0, 0.0)
            };
            let curve = world.border_curve(40);
            assert_eq!(curve.len(), 82);
            for (a, b) in &curve {
                assert!(
                    (a.cos() + b.cos() - border).abs() < 1e-12,
                    "{border}: {a} {b}"
                );
            }
            let (first, last) = (curve[0], curve[81]);
            assert!((first.0 - last.0).abs() + (first.1 - last.1).abs() < 1e-7);
        }
        let none = ChargedPendulum {
            border: -0.5,
            ..ChargedPendulum::vertical(8.0, 0.0)
        };
        assert!(none.border_curve(40).is_empty());
    }
}

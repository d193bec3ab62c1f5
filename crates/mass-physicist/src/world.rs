//! Worlds: an arena in quadrants, each with a force of its own or closed, and exact motion through them.

use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    force::{Force, PlaneState},
    observations::{Observations, TRANSITION},
    recurrence::Recurrence,
};

/// What a quadrant of the arena is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Region {
    /// A force acts, the world's of this number, counted from 0.
    Force(usize),
    /// Closed: its borders reflect.
    Rigid,
}

/// A square arena [−h, h]² with reflecting walls, cut into quadrants by the axes.
///
/// Positions and velocities are continuous where a ball passes from one quadrant into another; only the force
/// changes, so energy is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    half_width: f64,
    step: f64,
    forces: Vec<Force>,
    /// Lower left, lower right, upper left, upper right.
    regions: [Region; 4],
}

/// The path of a ball.
#[derive(Clone, Debug, PartialEq)]
pub struct BallPath {
    /// Positions `[rows, 2]`.
    pub positions: Vec<f64>,
    /// The quadrant of each row: lower left 0, lower right 1, upper left 2, upper right 3.
    pub quadrants: Vec<u8>,
}

/// Parts of a step in which at most one turning point of each coordinate lies.
const PARTS: usize = 4;

impl World {
    /// From its half width h, the time between two positions, its forces, and which of them acts where: lower
    /// left, lower right, upper left, upper right.
    ///
    /// # Errors
    /// [`Error::Request`] if a length or time is not positive, a force is not there or no quadrant is open.
    pub fn new(
        half_width: f64,
        step: f64,
        forces: Vec<Force>,
        regions: [Region; 4],
    ) -> Result<Self, Error> {
        if !(half_width > 0.0 && half_width.is_finite() && step > 0.0 && step.is_finite()) {
            return Err(Error::Request(format!(
                "a world needs a positive half width and a positive step; they are {half_width} and {step}"
            )));
        }
        if regions.iter().all(|region| *region == Region::Rigid) {
            return Err(Error::Request("a world needs an open quadrant".into()));
        }
        for region in regions {
            if let Region::Force(force) = region
                && force >= forces.len()
            {
                return Err(Error::Request(format!(
                    "force {force}, counted from 0, is not there: the world has {}",
                    forces.len()
                )));
            }
        }
        for force in &forces {
            let fine = match force {
                Force::Harmonic { stiffness, .. } => *stiffness > 0.0,
                Force::Electromagnetic { magnetic, .. } => *magnetic != 0.0,
                _ => true,
            };
            let constants = force.recurrence(step);
            if !fine || constants.constants().iter().any(|c| !c.is_finite()) {
                return Err(Error::Request(format!(
                    "{force:?} is no force of this crate: constants are finite, a stiffness positive, a magnetic field not 0"
                )));
            }
        }
        Ok(Self {
            half_width,
            step,
            forces,
            regions,
        })
    }

    /// h.
    pub fn half_width(&self) -> f64 {
        self.half_width
    }

    /// Time between two positions.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Its forces.
    pub fn forces(&self) -> &[Force] {
        &self.forces
    }

    /// Lower left, lower right, upper left, upper right.
    pub fn regions(&self) -> &[Region; 4] {
        &self.regions
    }

    /// The forces' exact laws.
    pub fn laws(&self) -> Vec<Recurrence> {
        let laws = self.forces.iter();
        laws.map(|force| force.recurrence(self.step)).collect()
    }

    /// The quadrant of a position.
    pub fn quadrant(&self, x: f64, y: f64) -> usize {
        usize::from(x >= 0.0) + 2 * usize::from(y >= 0.0)
    }

    fn force(&self, quadrant: usize) -> Option<&Force> {
        match self.regions[quadrant] {
            Region::Force(force) => Some(&self.forces[force]),
            Region::Rigid => None,
        }
    }

    /// Positions `[rows, 2]` at equal steps from a state, with the quadrant of each; exact but for rounding. None
    /// if a speed exceeds `greatest_speed`.
    ///
    /// # Errors
    /// [`Error::Request`] if the start is outside of the arena or in a closed quadrant.
    pub fn follow(
        &self,
        start: PlaneState,
        rows: usize,
        greatest_speed: f64,
    ) -> Result<Option<BallPath>, Error> {
        let [x, y, ..] = start;
        let mut quadrant = self.quadrant(x, y);
        let inside = x.abs() <= self.half_width && y.abs() <= self.half_width;
        if !inside || start.iter().any(|s| !s.is_finite()) || self.force(quadrant).is_none() {
            return Err(Error::Request(format!(
                "a ball cannot start at ({x}, {y}): that is outside of the arena or in a closed quadrant"
            )));
        }
        let mut state = start;
        let mut positions = Vec::with_capacity(2 * rows);
        let mut quadrants = Vec::with_capacity(rows);
        for row in 0..rows {
            if row > 0 {
                for _ in 0..PARTS {
                    self.part(&mut state, &mut quadrant);
                }
                if state[2].hypot(state[3]) > greatest_speed {
                    return Ok(None);
                }
            }
            positions.extend_from_slice(&state[..2]);
            quadrants.push(quadrant as u8);
        }
        Ok(Some(BallPath {
            positions,
            quadrants,
        }))
    }

    /// One part of a step, event by event.
    fn part(&self, state: &mut PlaneState, quadrant: &mut usize) {
        let mut left = self.step / PARTS as f64;
        // A ball in a corner may bounce a few times; more means that it rests there.
        for _ in 0..64 {
            let Some(force) = self.force(*quadrant) else {
                return;
            };
            let Some((time, axis, outer)) = self.first_event(force, state, *quadrant, left) else {
                *state = force.advance(state, left);
                return;
            };
            *state = force.advance(state, time);
            left -= time;
            let side = if *quadrant >> axis & 1 == 1 {
                1.0
            } else {
                -1.0
            };
            if outer {
                state[axis] = side * self.half_width;
                state[2 + axis] = -state[2 + axis];
            } else {
                state[axis] = 0.0;
                let other = *quadrant ^ (1 << axis);
                match self.regions[other] {
                    Region::Rigid => state[2 + axis] = -state[2 + axis],
                    Region::Force(_) => *quadrant = other,
                }
            }
        }
    }

    /// The first time at which the ball leaves its quadrant, the axis, and whether by the outer wall.
    fn first_event(
        &self,
        force: &Force,
        state: &PlaneState,
        quadrant: usize,
        time: f64,
    ) -> Option<(f64, usize, bool)> {
        let end = force.advance(state, time);
        let mut first: Option<(f64, usize, bool)> = None;
        for axis in 0..2 {
            let side = if quadrant >> axis & 1 == 1 { 1.0 } else { -1.0 };
            // Inside while 0 ≤ depth ≤ h.
            let depth = |state: &PlaneState| side * state[axis];
            let speed = |state: &PlaneState| side * state[2 + axis];
            // The coordinate is monotone on both sides of its only turning point.
            let mut ends = [time, time];
            if (speed(state) < 0.0) != (speed(&end) < 0.0) {
                let falling = speed(state) < 0.0;
                ends[0] = bisect(time, |t| (speed(&force.advance(state, t)) < 0.0) != falling);
            }
            for until in ends {
                let there = if until == time {
                    end
                } else {
                    force.advance(state, until)
                };
                let beyond = |s: &PlaneState| (depth(s) < 0.0, depth(s) > self.half_width);
                let (inner, outer) = beyond(&there);
                if inner || outer {
                    let at = bisect(until, |t| {
                        let (a, b) = beyond(&force.advance(state, t));
                        a || b
                    });
                    if first.is_none_or(|(t, ..)| at < t) {
                        first = Some((at, axis, outer));
                    }
                    break;
                }
            }
        }
        first
    }

    /// Follows a ball from each start and labels what was seen: each window by the force whose law it obeys, to
    /// 10⁻¹⁰, as number of the force + 1, or [`TRANSITION`]. None if a speed exceeds `greatest_speed`.
    ///
    /// # Errors
    /// As [`World::follow`].
    pub fn observe(
        &self,
        starts: &[PlaneState],
        rows: usize,
        greatest_speed: f64,
    ) -> Result<Option<Observations>, Error> {
        let laws = self.laws();
        let mut trajectories = Vec::with_capacity(starts.len());
        let mut labels = Vec::with_capacity(starts.len());
        for start in starts {
            let Some(BallPath {
                positions,
                quadrants,
            }) = self.follow(*start, rows, greatest_speed)?
            else {
                return Ok(None);
            };
            let mut of = vec![TRANSITION; rows];
            for t in 2..rows {
                let (inputs, output) = (&positions[2 * t - 4..2 * t], &positions[2 * t..2 * t + 2]);
                let mut predicted = [0.0; 2];
                let mut obeys = |law: usize| {
                    laws[law].predict(inputs, &mut predicted);
                    let errors = predicted.iter().zip(output).map(|(p, y)| (p - y).abs());
                    errors.fold(0.0, f64::max) < 1e-10
                };
                // The law of the place first: two laws may both predict a point by chance.
                let here = match self.regions[usize::from(quadrants[t - 1])] {
                    Region::Force(force) => Some(force),
                    Region::Rigid => None,
                };
                let found = here
                    .into_iter()
                    .chain(0..laws.len())
                    .find(|law| obeys(*law));
                of[t] = found.map_or(TRANSITION, |law| law as u32 + 1);
            }
            trajectories.push(positions);
            labels.push(of);
        }
        let observations = Observations::new(2, self.step, trajectories)?;
        Ok(Some(observations.with_labels(labels)?))
    }
}

/// The first time in (0, end] at which something holds that holds at the end and not at 0.
fn bisect(end: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, end);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

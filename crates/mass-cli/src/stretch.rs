//! A stretch of a motion that was held out, and laws that are followed along it.

use std::convert::Infallible;

use mass_data::{Estimate, Estimates, Measurements, Part, Trajectory};
use mass_systems::{Solver, Stepper};
use nalgebra::{DMatrix, DVector};

use crate::moments::moments;

/// Followed until a position is off by this share of its deviation.
pub(crate) const APART: f64 = 0.1;
/// The first state of a stretch is fitted to this share of it, at most.
const LEAD: f64 = 0.2;
/// Relative and absolute error of a step.
pub(crate) const FINE: f64 = 1e-8;
/// Steps of a fit, and the least by which one lowers the sum of squares to be worth another.
const STEPS: usize = 8;
const WORTH: f64 = 1e-4;

/// ẏ at (x, y, τ).
pub(crate) type Acceleration<'a> = dyn Fn(&[f64], &[f64], &[f64], &mut [f64]) + 'a;

/// Neighbouring rows of a motion, from the first whose estimates are reliable.
pub(crate) struct Stretch<'a> {
    pub(crate) one: &'a Trajectory,
    pub(crate) estimate: &'a Estimate,
    pub(crate) rows: Vec<usize>,
    /// The time of the first row.
    pub(crate) begin: f64,
    /// Deviations of the positions `[d]`, by which what is off is measured.
    deviation: &'a [f64],
    /// What a unit of them and of velocities is to a fit, `[2d]`: deviations, or what is least of a number.
    scale: Vec<f64>,
}

impl<'a> Stretch<'a> {
    /// None where no row's estimates are reliable.
    pub(crate) fn new(
        measured: &'a Measurements,
        estimates: &'a Estimates,
        part: &Part,
        deviation: &'a [f64],
    ) -> Option<Self> {
        let one = measured.trajectories().get(part.trajectory)?;
        let estimate = estimates.trajectories().get(part.trajectory)?;
        let first = part.rows.clone().find(|row| estimate.reliable[*row])?;
        let rows = first..part.rows.end;
        let d = one.dof();
        let velocities = &estimate.velocity[rows.start * d..rows.end * d];
        let velocities = (0..d).map(|k| moments(velocities, k, d).1.sqrt());
        let scale = deviation.iter().copied().chain(velocities);
        Some(Self {
            one,
            estimate,
            scale: scale.map(|unit| unit.max(f64::MIN_POSITIVE)).collect(),
            rows: rows.collect(),
            begin: one.t()[first],
            deviation,
        })
    }

    /// How long it is.
    pub(crate) fn whole(&self) -> f64 {
        self.time(self.rows.len() - 1)
    }

    /// The time since it began of one of its rows.
    pub(crate) fn time(&self, place: usize) -> f64 {
        self.one.t()[self.rows[place]] - self.begin
    }

    /// Position and velocity at a row.
    pub(crate) fn state(&self, row: usize) -> (&[f64], &[f64]) {
        let d = self.one.dof();
        let span = row * d..(row + 1) * d;
        (
            &self.estimate.position[span.clone()],
            &self.estimate.velocity[span],
        )
    }

    /// The inputs at a row, or their mean between it and the one before.
    pub(crate) fn inputs(&self, row: usize, before: Option<usize>) -> Vec<f64> {
        let m = self.one.forcings();
        let Some(all) = self.one.forcing() else {
            return Vec::new();
        };
        let other = before.unwrap_or(row);
        let value = |i: usize| 0.5 * (all[row * m + i] + all[other * m + i]);
        (0..m).map(value).collect()
    }

    /// Whether a position is less than a tenth of its deviation off, at one of its rows.
    pub(crate) fn is_near(&self, place: usize, x: &[f64]) -> bool {
        let (truth, _) = self.state(self.rows[place]);
        let each = x.iter().zip(truth).zip(self.deviation);
        each.into_iter()
            .all(|((x, truth), deviation)| (x - truth).abs() <= APART * deviation)
    }

    /// The states of a law's motion at these rows, the first the one it starts from, `[rows, 2d]`; fewer where it ends, or
    /// where it is at the end of the first state of which `goes_on(place, x)` is false.
    pub(crate) fn path(
        &self,
        law: &Acceleration<'_>,
        start: &[f64],
        rows: &[usize],
        tolerance: f64,
        goes_on: impl Fn(usize, &[f64]) -> bool,
    ) -> Vec<f64> {
        let d = self.one.dof();
        let (mut x, mut y) = (start[..d].to_vec(), start[d..].to_vec());
        let far = |x: &[f64]| x.iter().any(|v| !v.is_finite() || v.abs() > 1e100);
        let mut states = start.to_vec();
        let mut stepper = Stepper::new(Solver::Dop853 { tolerance }, 1, d);
        for (place, pair) in rows.windows(2).enumerate() {
            if !goes_on(place, &x) {
                break;
            }
            let tau = self.inputs(pair[1], Some(pair[0]));
            let step = |x: &[f64], y: &[f64], out: &mut [f64]| {
                law(x, y, &tau, out);
                Ok::<(), Infallible>(())
            };
            let time = self.one.t()[pair[1]] - self.one.t()[pair[0]];
            let Ok(()) = stepper.step(step, &mut x, &mut y, time);
            if far(&x) || far(&y) {
                break;
            }
            states.extend_from_slice(&x);
            states.extend_from_slice(&y);
        }
        states
    }

    /// How long a law follows it, from the start by which it does so best.
    pub(crate) fn followed(&self, law: &Acceleration<'_>) -> f64 {
        let d = self.one.dof();
        let start = self.start(law);
        let near = |place: usize, x: &[f64]| self.is_near(place, x);
        let states = self.path(law, &start, &self.rows, FINE, near);
        let states = states.chunks_exact(2 * d).enumerate();
        let until = states.take_while(|(place, state)| near(*place, &state[..d]));
        until.last().map_or(0.0, |(place, _)| self.time(place))
    }

    /// The state `[2d]` that it begins with, as the law has it: fitted to its first fifth by least squares, or to as much
    /// of that as the law stays near. What smoothing says of a single row is known worse, of its velocity above all, and
    /// an error of it grows with time whatever the law.
    pub(crate) fn start(&self, law: &Acceleration<'_>) -> Vec<f64> {
        let (x, y) = self.state(self.rows[0]);
        let mut start = [x, y].concat();
        let lead = LEAD * self.whole();
        let lead = (0..self.rows.len()).take_while(|place| self.time(*place) <= lead);
        let lead = lead.count();
        // Twice as many rows as there are numbers, and then twice as many each time.
        let mut count = 4 * start.len();
        while count < 2 * lead {
            let rows = &self.rows[..count.min(lead)];
            match self.fitted(law, &start, rows) {
                Some(better) => start = better,
                None => break,
            }
            count *= 2;
        }
        start
    }

    /// The start by which a law goes best through these rows, by the method of Levenberg and Marquardt; none where it
    /// does not stay near.
    fn fitted(&self, law: &Acceleration<'_>, start: &[f64], rows: &[usize]) -> Option<Vec<f64>> {
        let n = start.len();
        let scale = &self.scale;
        let mut start = start.to_vec();
        let mut off = self.off(law, &start, rows)?;
        let mut damping = 1e-6;
        for _ in 0..STEPS {
            let mut slopes = DMatrix::zeros(off.len(), n);
            for i in 0..n {
                let mut other = start.clone();
                let step = 1e-5 * scale[i];
                other[i] += step;
                let other = self.off(law, &other, rows)?;
                slopes.set_column(i, &((other - &off) * (scale[i] / step)));
            }
            let gradient = slopes.tr_mul(&off);
            let mut normal = slopes.tr_mul(&slopes);
            for i in 0..n {
                normal[(i, i)] += damping * normal[(i, i)].max(f64::MIN_POSITIVE);
            }
            let step = normal.cholesky()?.solve(&gradient);
            let other: Vec<f64> = (0..n).map(|i| start[i] - scale[i] * step[i]).collect();
            let before = off.norm_squared();
            match self.off(law, &other, rows) {
                Some(then) if then.norm_squared() < before => {
                    let after = then.norm_squared();
                    (start, off) = (other, then);
                    damping *= 0.1;
                    if before - after <= WORTH * before {
                        break;
                    }
                }
                _ => damping *= 100.0,
            }
        }
        let near = off.iter().all(|off| off.abs() <= APART);
        near.then_some(start)
    }

    /// By how many deviations the positions at these rows are off; none where the motion ends.
    fn off(&self, law: &Acceleration<'_>, start: &[f64], rows: &[usize]) -> Option<DVector<f64>> {
        let d = self.one.dof();
        let states = self.path(law, start, rows, FINE, |_, _| true);
        if states.len() < rows.len() * 2 * d {
            return None;
        }
        let velocities = self.one.velocity().is_some();
        let known = if velocities { 2 * d } else { d };
        let mut off = Vec::new();
        for (row, state) in rows.iter().zip(states.chunks_exact(2 * d)) {
            if self.estimate.reliable[*row] {
                let (x, y) = self.state(*row);
                let truth = x.iter().chain(y).zip(state).zip(&self.scale);
                off.extend(
                    truth
                        .take(known)
                        .map(|((truth, v), unit)| (v - truth) / unit),
                );
            }
        }
        (off.len() >= start.len()).then(|| DVector::from_vec(off))
    }
}

#[cfg(test)]
mod tests {
    use mass_data::Differentiation;
    use mass_systems::{follow, lookup};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Normal};

    use super::*;

    /// Ten units of time of a pendulum, measured every 0.02 with errors of 0.02.
    fn pendulum() -> (Measurements, Estimates) {
        let pendulum = lookup("pendulum").unwrap();
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| pendulum.acceleration(x, y, out);
        let solver = Solver::Dop853 { tolerance: 1e-12 };
        let path = follow(law, &[1.2], &[0.0], 0.02, 500, solver).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let noise = Normal::new(0.0, 0.02).unwrap();
        let x = path.x().iter().map(|x| x + noise.sample(&mut random));
        let one = Trajectory::new("one", 1, path.t().to_vec(), x.collect()).unwrap();
        let measured = Measurements::new(vec![one], &[0], 10.0).unwrap();
        let estimates = measured.differentiate(&Differentiation::Auto).unwrap();
        (measured, estimates)
    }

    fn law(g: f64) -> Box<Acceleration<'static>> {
        Box::new(move |x, _, _, out| out[0] = -g * x[0].sin())
    }

    #[test]
    fn the_right_law_starts_from_where_the_motion_was_and_is_followed_to_its_end() {
        let (measured, estimates) = pendulum();
        // From the truth by another solver: at t = 0 it was at rest at 1.2.
        let part = Part {
            trajectory: 0,
            rows: 0..500,
        };
        let stretch = Stretch::new(&measured, &estimates, &part, &[0.8]).unwrap();
        let first = stretch.rows[0];
        let there = stretch.begin;
        let truth = mass_systems::rk4(
            |x, _, out| out[0] = -x[0].sin(),
            &[1.2],
            &[0.0],
            there.max(1e-9) / 100.0,
            100,
        )
        .unwrap();
        let truth = [truth.x()[100], truth.y()[100]];
        let error = |state: &[f64]| [state[0] - truth[0], state[1] - truth[1]].map(f64::abs);
        let (x, y) = stretch.state(first);
        let [_, smoothed] = error(&[x[0], y[0]]);
        let [position, velocity] = error(&stretch.start(&*law(1.0)));
        // A hundred rows: 0.02 / √100 of a position, and √12 / 2 of that of a velocity, over two units of time, but
        // both at the end of the line: twice that.
        assert!(position < 3.0 * 0.004, "{position}");
        assert!(velocity < 3.0 * 0.007, "{velocity}");
        assert!(velocity < smoothed, "{velocity} {smoothed}");
        assert_eq!(stretch.followed(&*law(1.0)), stretch.whole());
    }

    #[test]
    fn a_wrong_law_is_left_soon() {
        let (measured, estimates) = pendulum();
        let part = Part {
            trajectory: 0,
            rows: 100..500,
        };
        let stretch = Stretch::new(&measured, &estimates, &part, &[0.8]).unwrap();
        let slow = stretch.followed(&*law(0.7));
        assert!(slow < 0.5 * stretch.whole(), "{slow}");
        // One that runs away, and one that is none.
        let away: Box<Acceleration> = Box::new(|x, y, _, out| out[0] = 1e3 * x[0] * y[0] * y[0]);
        assert!(stretch.followed(&*away) < 0.5);
        let none: Box<Acceleration> = Box::new(|_, _, _, out| out[0] = f64::NAN);
        assert_eq!(stretch.followed(&*none), 0.0);
        let (x, y) = stretch.state(stretch.rows[0]);
        assert_eq!(stretch.start(&*none), [x[0], y[0]]);
    }
}

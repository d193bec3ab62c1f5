//! The classical Runge–Kutta method.

use std::convert::Infallible;

use crate::error::Error;
use crate::trajectory::{End, Trajectory, check_start};

/// The classical Runge–Kutta method, of order 4, for ẋ = y, ẏ = f(x, y): one step at a time, of one
/// state or of many in one list.
///
/// [`rk4`] makes a trajectory with it.
///
/// # Example
/// ```
/// use std::convert::Infallible;
/// use mass_systems::Rk4;
///
/// // ẏ = −x from (1, 0) and from (0, 2), both at once: x = cos t and x = 2 sin t.
/// let (mut x, mut y) = ([1.0, 0.0], [0.0, 2.0]);
/// let mut method = Rk4::new(2);
/// for _ in 0..100 {
///     let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
///         out.iter_mut().zip(x).for_each(|(out, x)| *out = -x);
///         Ok::<(), Infallible>(())
///     };
///     method.step(law, &mut x, &mut y, 0.01)?;
/// }
/// assert!((x[0] - 1.0_f64.cos()).abs() < 1e-9);
/// assert!((x[1] - 2.0 * 1.0_f64.sin()).abs() < 1e-9);
/// # Ok::<(), Infallible>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rk4 {
    x_stage: Vec<f64>,
    y_stage: Vec<f64>,
    slope: Vec<f64>,
    x_sum: Vec<f64>,
    y_sum: Vec<f64>,
}

impl Rk4 {
    /// Working memory for positions of `size` numbers, as many as all states together have.
    pub fn new(size: usize) -> Self {
        let memory = || vec![0.0; size];
        Self {
            x_stage: memory(),
            y_stage: memory(),
            slope: memory(),
            x_sum: memory(),
            y_sum: memory(),
        }
    }

    /// Moves positions and velocities on by a time `dt`.
    ///
    /// `law(x, y, out)` writes ẏ; all three are of the length of the positions. Each coordinate's
    /// numbers depend on its own slopes alone, so a state moves as it would by itself, bit for bit, if
    /// the law gives it what it gives it by itself.
    ///
    /// # Errors
    /// Those of the law; then the states are as they were.
    ///
    /// # Panics
    /// If the positions or the velocities are not `size` numbers.
    pub fn step<E>(
        &mut self,
        mut law: impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), E>,
        x: &mut [f64],
        y: &mut [f64],
        dt: f64,
    ) -> Result<(), E> {
        let Self {
            x_stage,
            y_stage,
            slope: k,
            x_sum,
            y_sum,
        } = self;
        x_stage.copy_from_slice(x);
        y_stage.copy_from_slice(y);
        x_sum.fill(0.0);
        y_sum.fill(0.0);
        // Each stage's weight in the sum, and how far its slope carries to the next stage.
        for (weight, reach) in [(1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.0)] {
            law(x_stage, y_stage, k)?;
            for i in 0..x.len() {
                x_sum[i] += weight * y_stage[i];
                y_sum[i] += weight * k[i];
                x_stage[i] = x[i] + reach * dt * y_stage[i];
                y_stage[i] = y[i] + reach * dt * k[i];
            }
        }
        for i in 0..x.len() {
            x[i] += dt / 6.0 * x_sum[i];
            y[i] += dt / 6.0 * y_sum[i];
        }
        Ok(())
    }
}

/// `steps` steps of size `dt` of the classical Runge–Kutta method, of order 4, from the first state.
///
/// `acceleration(x, y, out)` writes ẏ `[d]`; it may be a system's or a learned one. The result has
/// `steps + 1` states at the times 0, dt, .., steps·dt. If a state or an acceleration is not finite the
/// trajectory ends with the last state that is, and says so in [`Trajectory::end`];
/// [`Trajectory::complete`] makes an error of it. A negative `dt` runs back in time.
///
/// # Errors
/// [`Error::BadStep`] if `dt` is zero or not finite, or the first state is not finite;
/// [`Error::Shape`] or [`Error::Empty`] if that is not a state.
///
/// # Example
/// ```
/// use mass_systems::{System, lookup, rk4};
///
/// let pendulum = lookup("pendulum")?;
/// let path = rk4(|x, y, out| pendulum.acceleration(x, y, out), &[1.0], &[0.0], 0.05, 200)?;
/// assert_eq!(path.len(), 201);
/// let drift = path.energy_drift(&*pendulum).unwrap();
/// assert!(drift.iter().all(|d| d.abs() < 1e-6));
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub fn rk4(
    mut acceleration: impl FnMut(&[f64], &[f64], &mut [f64]),
    x0: &[f64],
    y0: &[f64],
    dt: f64,
    steps: usize,
) -> Result<Trajectory, Error> {
    check_start(x0, y0)?;
    if !dt.is_finite() || dt == 0.0 {
        return Err(Error::BadStep {
            what: "the step dt",
            value: dt,
            expected: "it must be finite and not zero",
        });
    }
    let d = x0.len();
    let mut path = Trajectory::start(x0, y0, 0.0, steps + 1);
    let (mut x, mut y) = (x0.to_vec(), y0.to_vec());
    let mut method = Rk4::new(d);
    for step in 1..=steps {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            acceleration(x, y, out);
            Ok::<(), Infallible>(())
        };
        let Ok(()) = method.step(law, &mut x, &mut y, dt);
        if x.iter().chain(&y).any(|v| !v.is_finite()) {
            path.end = End::NotFinite {
                step,
                time: (step - 1) as f64 * dt,
            };
            break;
        }
        path.push(step as f64 * dt, &x, &y);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_that_blows_up_ends_the_trajectory_and_names_the_step() {
        // ẏ = y², y(0) = 1: y = 1/(1 − t) is infinite at t = 1.
        let path = rk4(|_, y, out| out[0] = y[0] * y[0], &[0.0], &[1.0], 0.25, 100).unwrap();
        let End::NotFinite { step, time } = path.end() else {
            panic!("it cannot be complete")
        };
        assert_eq!(path.len(), step);
        assert_eq!(time, path.t()[path.len() - 1]);
        assert!(path.x().iter().chain(path.y()).all(|v| v.is_finite()));
        let message = path.complete().unwrap_err().to_string();
        assert!(message.starts_with(&format!(
            "the trajectory ended at step {step}, t = {time}: the next state is not finite"
        )));
    }

    #[test]
    fn a_law_that_is_nan_at_once_leaves_the_first_state() {
        let path = rk4(|_, _, out| out[0] = f64::NAN, &[0.5], &[1.0], 0.1, 10).unwrap();
        assert_eq!(
            (path.len(), path.x(), path.y()),
            (1, &[0.5][..], &[1.0][..])
        );
        assert_eq!(path.end(), End::NotFinite { step: 1, time: 0.0 });
    }

    #[test]
    fn a_law_that_fails_leaves_the_states_as_they_were() {
        let (mut x, mut y) = ([1.0, 2.0], [3.0, 4.0]);
        let mut calls = 0;
        let law = |_: &[f64], _: &[f64], out: &mut [f64]| {
            out.fill(1.0);
            calls += 1;
            if calls == 3 { Err("no") } else { Ok(()) }
        };
        assert_eq!(Rk4::new(2).step(law, &mut x, &mut y, 0.1), Err("no"));
        assert_eq!((calls, x, y), (3, [1.0, 2.0], [3.0, 4.0]));
    }

    #[test]
    fn bad_starts_and_steps_are_refused() {
        let law = |_: &[f64], _: &[f64], out: &mut [f64]| out.fill(0.0);
        let message = |x: &[f64], y: &[f64], dt| rk4(law, x, y, dt, 1).unwrap_err().to_string();
        assert_eq!(
            message(&[], &[], 0.1),
            "the first position is empty; at least one is needed"
        );
        assert_eq!(
            message(&[0.0, 0.0], &[0.0], 0.1),
            "the first velocity has length 1; it must be 2, as that of the first position"
        );
        assert_eq!(
            message(&[f64::NAN], &[0.0], 0.1),
            "a value of the first state is NaN; all must be finite"
        );
        assert_eq!(
            message(&[0.0], &[0.0], 0.0),
            "the step dt is 0; it must be finite and not zero"
        );
    }
}

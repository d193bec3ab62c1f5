//! Ways to follow a motion.

use std::convert::Infallible;

use crate::dop853::Dop853;
use crate::error::Error;
use crate::rk4::Rk4;
use crate::trajectory::{End, Trajectory, check_start};

/// How a motion is followed from one time to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Solver {
    /// One step of the classical Runge–Kutta method, of order 4.
    Rk4,
    /// As many steps of the adaptive method of order 8 as it takes ([`Dop853`]): for long motions, with
    /// times as far apart as one likes.
    Dop853 {
        /// Relative and absolute error of a step.
        tolerance: f64,
    },
}

impl Solver {
    /// Checks the tolerance.
    ///
    /// # Errors
    /// [`Error::BadStep`] if it does not lie between 0 and 1.
    pub fn check(self) -> Result<(), Error> {
        match self {
            Self::Dop853 { tolerance } if !(tolerance > 0.0 && tolerance < 1.0) => {
                Err(Error::BadStep {
                    what: "the tolerance",
                    value: tolerance,
                    expected: "it must lie between 0 and 1, as 1e-10 does",
                })
            }
            _ => Ok(()),
        }
    }
}

/// A [`Solver`] at work on B states at once.
pub enum Stepper {
    /// With equal steps.
    Rk4(Rk4),
    /// With steps of each state's own.
    Dop853(Box<Dop853>),
}

impl Stepper {
    /// For B states of d positions each.
    pub fn new(solver: Solver, states: usize, dof: usize) -> Self {
        match solver {
            Solver::Rk4 => Self::Rk4(Rk4::new(states * dof)),
            Solver::Dop853 { tolerance } => {
                Self::Dop853(Box::new(Dop853::new(states, dof, tolerance)))
            }
        }
    }

    /// Moves positions and velocities `[B, d]` on by a time `dt`; `law(x, y, out)` writes ẏ `[B, d]`.
    ///
    /// # Errors
    /// Those of the law.
    ///
    /// # Panics
    /// If the positions or the velocities are not B · d numbers.
    pub fn step<E>(
        &mut self,
        law: impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), E>,
        x: &mut [f64],
        y: &mut [f64],
        dt: f64,
    ) -> Result<(), E> {
        match self {
            Self::Rk4(method) => method.step(law, x, y, dt),
            Self::Dop853(method) => method.advance(law, x, y, dt),
        }
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
    acceleration: impl FnMut(&[f64], &[f64], &mut [f64]),
    x0: &[f64],
    y0: &[f64],
    dt: f64,
    steps: usize,
) -> Result<Trajectory, Error> {
    follow(acceleration, x0, y0, dt, steps, Solver::Rk4)
}

/// [`rk4`] by any [`Solver`]: the states at the times 0, dt, .., steps·dt.
///
/// # Errors
/// As [`rk4`]; [`Error::BadStep`] for a tolerance that is none.
///
/// # Example
/// ```
/// use mass_systems::{Solver, follow};
///
/// let solver = Solver::Dop853 { tolerance: 1e-12 };
/// let path = follow(|x, _, out| out[0] = -x[0], &[1.0], &[0.0], 10.0, 10, solver)?;
/// assert!((path.x()[10] - 100.0_f64.cos()).abs() < 1e-10);
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub fn follow(
    mut acceleration: impl FnMut(&[f64], &[f64], &mut [f64]),
    x0: &[f64],
    y0: &[f64],
    dt: f64,
    steps: usize,
    solver: Solver,
) -> Result<Trajectory, Error> {
    check_start(x0, y0)?;
    if !dt.is_finite() || dt == 0.0 {
        return Err(Error::BadStep {
            what: "the step dt",
            value: dt,
            expected: "it must be finite and not zero",
        });
    }
    solver.check()?;
    let d = x0.len();
    let mut path = Trajectory::start(x0, y0, 0.0, steps + 1);
    let (mut x, mut y) = (x0.to_vec(), y0.to_vec());
    let mut stepper = Stepper::new(solver, 1, d);
    for step in 1..=steps {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            acceleration(x, y, out);
            Ok::<(), Infallible>(())
        };
        let Ok(()) = stepper.step(law, &mut x, &mut y, dt);
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

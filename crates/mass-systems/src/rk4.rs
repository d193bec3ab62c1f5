//! The classical Runge–Kutta method.

use crate::error::Error;
use crate::trajectory::{End, Trajectory, check_start};

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
    let (mut x_stage, mut y_stage) = (vec![0.0; d], vec![0.0; d]);
    let mut k = vec![0.0; d];
    let (mut x_sum, mut y_sum) = (vec![0.0; d], vec![0.0; d]);
    for step in 1..=steps {
        x_stage.copy_from_slice(&x);
        y_stage.copy_from_slice(&y);
        x_sum.fill(0.0);
        y_sum.fill(0.0);
        // Each stage's weight in the sum, and how far its slope carries to the next stage.
        for (weight, reach) in [(1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.0)] {
            acceleration(&x_stage, &y_stage, &mut k);
            for i in 0..d {
                x_sum[i] += weight * y_stage[i];
                y_sum[i] += weight * k[i];
                x_stage[i] = x[i] + reach * dt * y_stage[i];
                y_stage[i] = y[i] + reach * dt * k[i];
            }
        }
        for i in 0..d {
            x[i] += dt / 6.0 * x_sum[i];
            y[i] += dt / 6.0 * y_sum[i];
        }
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

//! The true trajectory, to within a tolerance.

use crate::error::Error;
use crate::solver::Solver;
use crate::system::System;
use crate::trajectory::{Trajectory, check_dof, check_start};
use differential_equations::error::Error as SolverError;
use differential_equations::prelude::{ExplicitRungeKutta, IVP, ODE};

/// Steps of the solver between two times before it gives up.
const MAX_STEPS: usize = 100_000;

/// The system's trajectory at these times, by an adaptive method of order 8 (DOP853, from the library
/// differential-equations), with `tolerance` as the relative and absolute error of a step.
///
/// The first time is that of the first state. The solver lands on every time: none is interpolated.
///
/// # Errors
/// [`Error::BadStep`] if the times are not finite and increasing or the tolerance is not positive;
/// [`Error::Shape`] or [`Error::Empty`] if the first state is not one of the system's;
/// [`Error::NonFiniteTrajectory`] or [`Error::Solver`] if the trajectory meets a singularity.
///
/// # Example
/// ```
/// use mass_systems::{lookup, reference_trajectory};
///
/// let path = reference_trajectory(&*lookup("classical")?, &[1.0], &[0.0], &[0.0, 1.0, 2.0], 1e-12)?;
/// assert!((path.x()[2] - 2.0_f64.cos()).abs() < 1e-10);
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub fn reference_trajectory(
    system: &(impl System + ?Sized),
    x0: &[f64],
    y0: &[f64],
    times: &[f64],
    tolerance: f64,
) -> Result<Trajectory, Error> {
    check_start(x0, y0)?;
    check_dof("the first state", x0.len(), system)?;
    Solver::Dop853 { tolerance }.check()?;
    let Some(&t0) = times.first() else {
        return Err(Error::Empty {
            what: "the list of times".into(),
        });
    };
    let increasing = |pair: &[f64]| pair[0] < pair[1];
    let bad = times.iter().find(|t| !t.is_finite());
    let bad = bad.or(times
        .windows(2)
        .find(|pair| !increasing(pair))
        .map(|pair| &pair[1]));
    if let Some(&value) = bad {
        return Err(Error::BadStep {
            what: "a time",
            value,
            expected: "times must be finite, each greater than the one before",
        });
    }

    let d = x0.len();
    let equation = FirstOrder { system };
    let mut path = Trajectory::start(x0, y0, t0, times.len());
    let mut state: Vec<f64> = x0.iter().chain(y0).copied().collect();
    for (step, pair) in times.windows(2).enumerate() {
        let not_finite = Error::NonFiniteTrajectory {
            step: step + 1,
            time: pair[0],
        };
        let mut slope = vec![0.0; 2 * d];
        equation.diff(pair[0], &state, &mut slope);
        if slope.iter().any(|v| !v.is_finite()) {
            return Err(not_finite);
        }
        let method = ExplicitRungeKutta::dop853()
            .rtol(tolerance)
            .atol(tolerance)
            .max_steps(MAX_STEPS);
        let solution = IVP::ode(&equation, pair[0], pair[1], state)
            .method(method)
            .solve()
            .map_err(|error| Error::Solver {
                message: describe(&error),
            })?;
        state = match solution.t.last().zip(solution.y.into_iter().last()) {
            Some((&t, state)) if (t - pair[1]).abs() <= 1e-9 * (1.0 + pair[1].abs()) => state,
            _ => {
                return Err(Error::Solver {
                    message: format!("it did not reach t = {}", pair[1]),
                });
            }
        };
        if state.iter().any(|v| !v.is_finite()) {
            return Err(not_finite);
        }
        path.push(pair[1], &state[..d], &state[d..]);
    }
    Ok(path)
}

/// A system as the solver wants it: one state (x, y) of first order.
struct FirstOrder<'a, S: ?Sized> {
    system: &'a S,
}

impl<S: System + ?Sized> ODE<f64, Vec<f64>> for FirstOrder<'_, S> {
    fn diff(&self, _t: f64, state: &Vec<f64>, slope: &mut Vec<f64>) {
        let (x, y) = state.split_at(state.len() / 2);
        let (dx, dy) = slope.split_at_mut(x.len());
        dx.copy_from_slice(y);
        self.system.acceleration(x, y, dy);
    }
}

/// What stopped the solver, in the words of this crate: its own speak of its options.
fn describe(error: &SolverError<f64, Vec<f64>>) -> String {
    match error {
        SolverError::MaxSteps { t, .. } => {
            format!("{MAX_STEPS} steps did not suffice at t = {t}; is a singularity near?")
        }
        SolverError::StepSize { t, .. } => {
            format!("its step shrank to nothing at t = {t}; a singularity is near")
        }
        SolverError::Stiffness { t, .. } => {
            format!("the equation is stiff at t = {t}; take a larger tolerance or a shorter time")
        }
        other => format!("{other:?}"),
    }
}

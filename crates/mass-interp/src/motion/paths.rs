//! Many trajectories at once.

use mass_systems::{End, Solver, Stepper, Trajectory};

use crate::error::{Error, check_length};

/// Trajectories from B first states over the same M times.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    dof: usize,
    count: usize,
    t: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    ends: Vec<End>,
}

impl Paths {
    /// Number of trajectories, B.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// Times, `[M]`.
    pub fn t(&self) -> &[f64] {
        &self.t
    }

    /// Position `[d]` of trajectory `path` at time `step`; NaN after its end.
    ///
    /// # Panics
    ///
    /// If there is no such trajectory or time.
    pub fn x(&self, step: usize, path: usize) -> &[f64] {
        &self.x[self.place(step, path)]
    }

    /// Velocity `[d]` of trajectory `path` at time `step`; NaN after its end.
    ///
    /// # Panics
    ///
    /// If there is no such trajectory or time.
    pub fn y(&self, step: usize, path: usize) -> &[f64] {
        &self.y[self.place(step, path)]
    }

    /// How each trajectory ended, `[B]`.
    pub fn ends(&self) -> &[End] {
        &self.ends
    }

    /// Trajectories at the same times, one behind the other; what one of them has not reached is NaN.
    pub(super) fn side_by_side(alone: &[Trajectory]) -> Result<Self, Error> {
        let longest = alone.iter().max_by_key(|path| path.len());
        let longest = longest.ok_or_else(|| Error::Length {
            what: "the list of trajectories".to_string(),
            found: 0,
            expected: "at least 1".to_string(),
        })?;
        let (dof, times) = (longest.dof(), longest.len());
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for step in 0..times {
            for path in alone {
                if step < path.len() {
                    let (_, at, velocity) = path.state(step);
                    x.extend_from_slice(at);
                    y.extend_from_slice(velocity);
                } else {
                    x.resize(x.len() + dof, f64::NAN);
                    y.resize(y.len() + dof, f64::NAN);
                }
            }
        }
        Ok(Self {
            dof,
            count: alone.len(),
            t: longest.t().to_vec(),
            x,
            y,
            ends: alone.iter().map(Trajectory::end).collect(),
        })
    }

    fn place(&self, step: usize, path: usize) -> std::ops::Range<usize> {
        assert!(path < self.count, "there is no trajectory {path}");
        let from = (step * self.count + path) * self.dof;
        from..from + self.dof
    }
}

/// Trajectories from B first states `[B, d]` at the times 0, dt, .., steps·dt, by a solver.
///
/// `law(x, y, out)` writes ẏ for all states, `[B, d]` each. The numbers are those of
/// [`mass_systems::follow`], bit for bit, if the law gives each state what it gives it alone. A
/// trajectory of which a state is not finite ends there, and the others go on.
///
/// # Errors
///
/// [`Error::Length`] if the starts are not B times d numbers each, [`Error::NotFinite`] for a first
/// state or a step that is not finite, [`Error::Request`] for a step of 0, a system's error for a
/// tolerance that is none, and errors of the law.
///
/// # Example
///
/// ```
/// use mass_interp::paths;
/// use mass_systems::Solver;
///
/// // ẏ = −x from (1, 0) and (0, 2): x = cos t and x = 2 sin t.
/// let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
///     out.iter_mut().zip(x).for_each(|(out, x)| *out = -x);
///     Ok(())
/// };
/// let paths = paths(law, 1, &[1.0, 0.0], &[0.0, 2.0], 0.01, 100, Solver::Rk4)?;
/// assert!((paths.x(100, 0)[0] - 1.0_f64.cos()).abs() < 1e-9);
/// assert!((paths.x(100, 1)[0] - 2.0 * 1.0_f64.sin()).abs() < 1e-9);
/// # Ok::<(), mass_interp::Error>(())
/// ```
pub fn paths(
    mut law: impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), Error>,
    dof: usize,
    x0: &[f64],
    y0: &[f64],
    dt: f64,
    steps: usize,
    solver: Solver,
) -> Result<Paths, Error> {
    solver.check()?;
    check_length("the list of first velocities", y0.len(), x0.len())?;
    if dof == 0 || x0.is_empty() || !x0.len().is_multiple_of(dof) {
        return Err(Error::Length {
            what: "the list of first positions".to_string(),
            found: x0.len(),
            expected: format!("B · {dof} with d and B at least 1"),
        });
    }
    let finite = |what: &str, value: &f64| {
        if value.is_finite() {
            return Ok(());
        }
        let (what, found) = (what.to_string(), *value);
        Err(Error::NotFinite { what, found })
    };
    for value in x0.iter().chain(y0) {
        finite("a value of the first states", value)?;
    }
    finite("the step dt", &dt)?;
    if dt == 0.0 {
        return Err(Error::Request(
            "the step dt is 0, so that no time passes".to_string(),
        ));
    }

    let count = x0.len() / dof;
    let (mut x, mut y) = (x0.to_vec(), y0.to_vec());
    let mut out = Paths {
        dof,
        count,
        t: vec![0.0],
        x: x.clone(),
        y: y.clone(),
        ends: vec![End::Complete; count],
    };
    let mut stepper = Stepper::new(solver, count, dof);
    for step in 1..=steps {
        stepper.step(&mut law, &mut x, &mut y, dt)?;
        for path in 0..count {
            let place = path * dof..(path + 1) * dof;
            let state = x[place.clone()].iter().chain(&y[place.clone()]);
            if state.copied().all(f64::is_finite) {
                continue;
            }
            x[place.clone()].fill(f64::NAN);
            y[place].fill(f64::NAN);
            if out.ends[path] == End::Complete {
                let time = (step - 1) as f64 * dt;
                out.ends[path] = End::NotFinite { step, time };
            }
        }
        out.t.push(step as f64 * dt);
        out.x.extend_from_slice(&x);
        out.y.extend_from_slice(&y);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use mass_systems::{lookup, rk4};

    use super::*;

    #[test]
    fn they_are_those_of_rk4_one_by_one() {
        let system = lookup("double_pendulum").unwrap();
        let starts = ([0.5, -0.3, 1.0, 2.0], [0.1, 0.0, -1.0, 0.4]);
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            for path in [0..2, 2..4] {
                system.acceleration(&x[path.clone()], &y[path.clone()], &mut out[path]);
            }
            Ok(())
        };
        let all = paths(law, 2, &starts.0, &starts.1, 0.05, 40, Solver::Rk4).unwrap();
        for (path, place) in [0..2, 2..4].into_iter().enumerate() {
            let law = |x: &[f64], y: &[f64], out: &mut [f64]| system.acceleration(x, y, out);
            let alone = rk4(law, &starts.0[place.clone()], &starts.1[place], 0.05, 40).unwrap();
            for step in 0..=40 {
                let (t, x, y) = alone.state(step);
                assert_eq!(
                    (all.t()[step], all.x(step, path), all.y(step, path)),
                    (t, x, y)
                );
            }
        }
    }

    #[test]
    fn one_that_blows_up_leaves_the_others_alone() {
        // ẏ = y²: y = 1/(1 − t) from y = 1 is infinite at t = 1; from y = −1 it falls to 0.
        let law = |_: &[f64], y: &[f64], out: &mut [f64]| {
            out.iter_mut().zip(y).for_each(|(out, y)| *out = y * y);
            Ok(())
        };
        let both = paths(law, 1, &[0.0, 0.0], &[1.0, -1.0], 0.25, 40, Solver::Rk4).unwrap();
        let alone = rk4(|_, y, out| out[0] = y[0] * y[0], &[0.0], &[1.0], 0.25, 40).unwrap();
        assert_eq!(both.ends(), [alone.end(), End::Complete]);
        assert!(both.y(alone.len() - 1, 0)[0].is_finite() && both.y(alone.len(), 0)[0].is_nan());
        assert!((both.y(40, 1)[0] + 1.0 / 11.0).abs() < 1e-3);
    }

    #[test]
    fn bad_starts_and_steps_are_refused() {
        let law = |_: &[f64], _: &[f64], out: &mut [f64]| {
            out.fill(0.0);
            Ok(())
        };
        assert!(paths(law, 2, &[0.0; 3], &[0.0; 3], 0.1, 1, Solver::Rk4).is_err());
        assert!(paths(law, 1, &[0.0; 2], &[0.0; 1], 0.1, 1, Solver::Rk4).is_err());
        assert!(paths(law, 1, &[f64::NAN], &[0.0], 0.1, 1, Solver::Rk4).is_err());
        assert!(paths(law, 1, &[0.0], &[0.0], 0.0, 1, Solver::Rk4).is_err());
        assert!(paths(law, 1, &[0.0], &[0.0], f64::INFINITY, 1, Solver::Rk4).is_err());
    }
}

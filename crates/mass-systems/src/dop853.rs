//! An adaptive method of order 8, of many states at once.

use differential_equations::tableau::ButcherTableau;

const STAGES: usize = 12;

/// Steps that are tried for a state between two times before it is given up.
const MAX_STEPS: usize = 10_000;

/// After so many it is judged whether, at the pace of the last so many, it would take more than that: one that is
/// stuck holds up all others.
const PACE: usize = 500;

/// A step after which it would be shorter than this share of the way is given up: the state is at a
/// singularity.
const LEAST_SHARE: f64 = 1e-12;

/// The step that an error of 1 allows is taken shorter by this, and it grows or shrinks by these at most
/// (Hairer, Nørsett & Wanner 1993).
const SAFETY: f64 = 0.9;
const SHRINK: f64 = 0.333;
const GROW: f64 = 6.0;

/// The Runge–Kutta method of Dormand and Prince of order 8 with errors of orders 5 and 3 (DOP853; Hairer,
/// Nørsett & Wanner 1993), for ẋ = y, ẏ = f(x, y): of many states in one list, each with steps of its own.
///
/// A law that is asked for many states at once, as a learned one, is asked twelve times a step for all of
/// them. [`Rk4`](crate::Rk4) is the same with equal steps; [`reference_trajectory`](crate::reference_trajectory)
/// is for the true law of one state. Coefficients are those of the library differential-equations.
///
/// # Example
/// ```
/// use std::convert::Infallible;
/// use mass_systems::Dop853;
///
/// // ẏ = −x from (1, 0) and from (0, 2): x = cos t and x = 2 sin t.
/// let (mut x, mut y) = ([1.0, 0.0], [0.0, 2.0]);
/// let mut method = Dop853::new(2, 1, 1e-12);
/// let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
///     out.iter_mut().zip(x).for_each(|(out, x)| *out = -x);
///     Ok::<(), Infallible>(())
/// };
/// method.advance(law, &mut x, &mut y, 100.0)?;
/// assert!((x[0] - 100.0_f64.cos()).abs() < 1e-10);
/// assert!((x[1] - 2.0 * 100.0_f64.sin()).abs() < 1e-10);
/// # Ok::<(), Infallible>(())
/// ```
pub struct Dop853 {
    dof: usize,
    tolerance: f64,
    /// The size of each state's next step; 0 before the first.
    step: Vec<f64>,
    tableau: ButcherTableau<f64, STAGES, 16>,
    /// Slopes ẋ and ẏ of each stage, `[12][B, d]`.
    velocity: Vec<Vec<f64>>,
    force: Vec<Vec<f64>>,
}

impl Dop853 {
    /// For B states of d positions each; `tolerance` is the relative and absolute error of a step.
    pub fn new(states: usize, dof: usize, tolerance: f64) -> Self {
        let memory = || vec![vec![0.0; states * dof]; STAGES];
        Self {
            dof,
            tolerance,
            step: vec![0.0; states],
            tableau: ButcherTableau::<f64, STAGES, 16>::dop853(),
            velocity: memory(),
            force: memory(),
        }
    }

    /// Moves positions and velocities `[B, d]` on by a time, which may be negative.
    ///
    /// `law(x, y, out)` writes ẏ `[B, d]`. A state that meets a singularity, or takes more than 10,000 steps,
    /// or would at the pace of the last 500, is NaN afterwards; the others go on. A state moves as it would by itself, bit for bit, if the law
    /// gives it what it gives it by itself.
    ///
    /// # Errors
    /// Those of the law; then the states are somewhere on their way.
    ///
    /// # Panics
    /// If the positions or the velocities are not B · d numbers.
    pub fn advance<E>(
        &mut self,
        mut law: impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), E>,
        x: &mut [f64],
        y: &mut [f64],
        time: f64,
    ) -> Result<(), E> {
        let (d, count) = (self.dof, self.step.len());
        assert!(
            x.len() == count * d && y.len() == count * d,
            "B · d numbers"
        );
        let mut gone = vec![0.0; count];
        let mut tried = vec![0; count];
        let mut paced = vec![0.0; count];
        let place = |state: usize| state * d..(state + 1) * d;
        let finite = |x: &[f64], y: &[f64], state: usize| {
            let all = x[place(state)].iter().chain(&y[place(state)]);
            all.copied().all(f64::is_finite)
        };
        let mut open: Vec<usize> = (0..count).filter(|state| finite(x, y, *state)).collect();
        let (mut x_stage, mut y_stage) = (x.to_vec(), y.to_vec());
        while !open.is_empty() && time != 0.0 {
            x_stage.copy_from_slice(x);
            y_stage.copy_from_slice(y);
            law(&x_stage, &y_stage, &mut self.force[0])?;
            self.velocity[0].copy_from_slice(y);
            let mut steps = vec![0.0; count];
            for &state in &open {
                if self.step[state] == 0.0 {
                    self.step[state] = self.first_step(x, y, place(state)).min(time.abs());
                }
                let left = time - gone[state];
                steps[state] = self.step[state].min(left.abs()).copysign(time);
            }
            for stage in 1..STAGES {
                let row = &self.tableau.a[stage];
                for &state in &open {
                    for at in place(state) {
                        let sum = |of: &[Vec<f64>]| -> f64 {
                            (0..stage)
                                .map(|earlier| row[earlier] * of[earlier][at])
                                .sum()
                        };
                        x_stage[at] = x[at] + steps[state] * sum(&self.velocity);
                        y_stage[at] = y[at] + steps[state] * sum(&self.force);
                    }
                }
                law(&x_stage, &y_stage, &mut self.force[stage])?;
                self.velocity[stage].copy_from_slice(&y_stage);
            }
            let mut still = Vec::with_capacity(open.len());
            for &state in &open {
                tried[state] += 1;
                let (new, error) = self.step_of(x, y, place(state), steps[state]);
                let factor = match error {
                    // The error of order 8 of a step goes with its seventh power (Hairer's code: 1/8).
                    error if error.is_finite() => (SAFETY * error.powf(-0.125)).clamp(SHRINK, GROW),
                    _ => SHRINK,
                };
                let whole = steps[state].abs() < self.step[state];
                if error <= 1.0 {
                    let (new_x, new_y) = new.split_at(d);
                    x[place(state)].copy_from_slice(new_x);
                    y[place(state)].copy_from_slice(new_y);
                    gone[state] += steps[state];
                    // One that was cut off at the end says little of the next.
                    let next = steps[state].abs() * factor;
                    self.step[state] = match whole {
                        true => self.step[state].max(next),
                        false => next,
                    };
                    if (time - gone[state]).abs() <= f64::EPSILON * time.abs() {
                        continue;
                    }
                } else {
                    self.step[state] = steps[state].abs() * factor;
                }
                let mut lost =
                    self.step[state] < LEAST_SHARE * time.abs() || tried[state] >= MAX_STEPS;
                if tried[state] % PACE == 0 {
                    let (way, left) = (gone[state] - paced[state], time - gone[state]);
                    lost |= way.abs() * ((MAX_STEPS / PACE) as f64) < left.abs();
                    paced[state] = gone[state];
                }
                if lost || !finite(x, y, state) {
                    x[place(state)].fill(f64::NAN);
                    y[place(state)].fill(f64::NAN);
                } else {
                    still.push(state);
                }
            }
            open = still;
        }
        Ok(())
    }

    /// A hundredth of the time in which a state would move by its own size.
    fn first_step(&self, x: &[f64], y: &[f64], place: std::ops::Range<usize>) -> f64 {
        let (mut size, mut speed) = (0.0, 0.0);
        for at in place {
            for (value, slope) in [(x[at], y[at]), (y[at], self.force[0][at])] {
                let scale = self.tolerance * (1.0 + value.abs());
                size += (value / scale).powi(2);
                speed += (slope / scale).powi(2);
            }
        }
        let step = 0.01 * (size / speed).sqrt();
        if step.is_finite() && step > 1e-6 {
            step
        } else {
            1e-6
        }
    }

    /// The state `[x, y]` after a step, and its error in units of the tolerance.
    fn step_of(
        &self,
        x: &[f64],
        y: &[f64],
        place: std::ops::Range<usize>,
        step: f64,
    ) -> (Vec<f64>, f64) {
        let b = &self.tableau.b;
        let third = self.tableau.bh.unwrap_or(*b);
        let fifth = self.tableau.er.unwrap_or([0.0; STAGES]);
        let count = 2 * place.len();
        let mut new = Vec::with_capacity(count);
        let (mut five, mut three) = (0.0, 0.0);
        for (old, slopes) in [(x, &self.velocity), (y, &self.force)] {
            for at in place.clone() {
                let sum = |weights: &[f64; STAGES]| -> f64 {
                    weights
                        .iter()
                        .zip(slopes)
                        .map(|(w, slope)| w * slope[at])
                        .sum()
                };
                let slope = sum(b);
                let value = old[at] + step * slope;
                let scale = self.tolerance * (1.0 + old[at].abs().max(value.abs()));
                five += (sum(&fifth) / scale).powi(2);
                three += ((slope - sum(&third)) / scale).powi(2);
                new.push(value);
            }
        }
        let both = five + 0.01 * three;
        let error = match both > 0.0 {
            true => step.abs() * five / (both * count as f64).sqrt(),
            false => both, // exactly right, or not finite
        };
        (new, error)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::{System, lookup, reference_trajectory};

    fn law(system: &dyn System) -> impl Fn(&[f64], &[f64], &mut [f64]) -> Result<(), Infallible> {
        let d = system.dof();
        move |x, y, out| {
            let states = x.chunks_exact(d).zip(y.chunks_exact(d));
            for ((x, y), out) in states.zip(out.chunks_exact_mut(d)) {
                system.acceleration(x, y, out);
            }
            Ok(())
        }
    }

    #[test]
    fn many_states_go_where_the_reference_goes() {
        let system = lookup("double_pendulum").unwrap();
        let (mut x, mut y) = ([0.5, 0.1, -1.0, 0.3], [0.0, 0.4, 0.2, -0.6]);
        let starts = (x, y);
        let mut method = Dop853::new(2, 2, 1e-11);
        for time in [3.0, 7.0] {
            method.advance(law(&*system), &mut x, &mut y, time).unwrap();
        }
        for state in 0..2 {
            let of = 2 * state..2 * state + 2;
            let path = reference_trajectory(
                &*system,
                &starts.0[of.clone()],
                &starts.1[of.clone()],
                &[0.0, 10.0],
                1e-12,
            )
            .unwrap();
            for (found, expected) in x[of].iter().zip(&path.x()[2..]) {
                assert!((found - expected).abs() < 1e-8, "{found} {expected}");
            }
        }
        // Alone, each goes the same way to the bit; and back in time to where it came from.
        let (mut alone_x, mut alone_y) = ([-1.0, 0.3], [0.2, -0.6]);
        let mut method = Dop853::new(1, 2, 1e-11);
        for time in [3.0, 7.0] {
            method
                .advance(law(&*system), &mut alone_x, &mut alone_y, time)
                .unwrap();
        }
        assert_eq!((&alone_x[..], &alone_y[..]), (&x[2..], &y[2..]));
        method
            .advance(law(&*system), &mut alone_x, &mut alone_y, -10.0)
            .unwrap();
        assert!((alone_x[0] + 1.0).abs() < 1e-7 && (alone_y[1] + 0.6).abs() < 1e-7);
    }

    #[test]
    fn a_tenth_of_the_tolerance_is_a_tenth_of_the_error() {
        let system = lookup("pendulum").unwrap();
        let error = |tolerance: f64| {
            let (mut x, mut y) = ([2.0], [0.5]);
            Dop853::new(1, 1, tolerance)
                .advance(law(&*system), &mut x, &mut y, 50.0)
                .unwrap();
            let path = reference_trajectory(&*system, &[2.0], &[0.5], &[0.0, 50.0], 1e-13);
            (x[0] - path.unwrap().x()[1]).abs()
        };
        let (coarse, fine) = (error(1e-6), error(1e-10));
        assert!(
            coarse < 1e-3 && fine < 1e-7 && fine < 1e-2 * coarse,
            "{coarse} {fine}"
        );
    }

    #[test]
    fn a_state_at_a_singularity_ends_and_the_other_goes_on() {
        // ẏ = y²: y = 1/(1/y₀ − t) is infinite at t = 1 for y₀ = 1.
        let law = |_: &[f64], y: &[f64], out: &mut [f64]| {
            out.iter_mut().zip(y).for_each(|(out, y)| *out = y * y);
            Ok::<(), Infallible>(())
        };
        let (mut x, mut y) = ([0.0, 0.0], [1.0, 0.25]);
        Dop853::new(2, 1, 1e-10)
            .advance(law, &mut x, &mut y, 2.0)
            .unwrap();
        assert!(x[0].is_nan() && y[0].is_nan());
        assert!((y[1] - 0.5).abs() < 1e-9, "{}", y[1]);
    }

    #[test]
    fn a_state_that_is_stuck_is_given_up_by_its_pace() {
        // The force turns within 1e-9 of any way: at such steps it would take 10⁹ of them.
        let mut asked = 0;
        let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
            asked += 1;
            let force = |x: &f64| if *x > 0.5 { 1e6 * (1e9 * x).sin() } else { 0.0 };
            out.iter_mut().zip(x).for_each(|(out, x)| *out = force(x));
            Ok::<(), Infallible>(())
        };
        let (mut x, mut y) = ([0.0, 0.0], [1.0, 0.1]);
        Dop853::new(2, 1, 1e-10)
            .advance(law, &mut x, &mut y, 2.0)
            .unwrap();
        assert!(x[0].is_nan() && asked < 12 * 1500, "{asked}");
        assert!((x[1] - 0.2).abs() < 1e-9, "{}", x[1]);
    }
}

//! States with accelerations, estimated from measurements.

use crate::{
    differentiation::{Chosen, Differentiation, Series},
    error::Error,
    measurements::{Measurements, constant_acceleration},
    note::Note,
    trajectory::Trajectory,
};

/// Position, velocity and acceleration of one trajectory with their standard errors, each `[T, d]`, row-major.
///
/// What was measured and is used as given has the noise about its own smooth course for an error, and 0 where
/// rows are not timed, for then nothing can be said.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// Positions.
    pub position: Vec<f64>,
    /// Velocities.
    pub velocity: Vec<f64>,
    /// Accelerations.
    pub acceleration: Vec<f64>,
    /// Standard errors of the positions.
    pub position_error: Vec<f64>,
    /// Standard errors of the velocities.
    pub velocity_error: Vec<f64>,
    /// Standard errors of the accelerations.
    pub acceleration_error: Vec<f64>,
    /// Whether a row's accelerations are as well known as most, `[T]`: none has an error of more than twice its
    /// median. Ends and rows beside gaps are often not.
    pub reliable: Vec<bool>,
}

/// The estimates of all trajectories, what was chosen for each position, and what a person should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimates {
    pub(crate) trajectories: Vec<Estimate>,
    chosen: Vec<Chosen>,
    notes: Vec<Note>,
}

impl Estimates {
    /// One for each of [`Measurements::trajectories`].
    pub fn trajectories(&self) -> &[Estimate] {
        &self.trajectories
    }

    /// What was chosen for the derivatives of each position, `[d]`.
    pub fn chosen(&self) -> &[Chosen] {
        &self.chosen
    }

    /// What a person should know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// A quantity of one coordinate in all trajectories.
type Columns = Vec<Vec<f64>>;

impl Measurements {
    /// Estimates velocities and accelerations: from positions, or from velocities where those were measured;
    /// measured accelerations are used as given, with the measured velocities if there are any. Smoothing is
    /// chosen for each coordinate over all trajectories together; one that is too short for the method is done by
    /// [`Differentiation::Auto`].
    ///
    /// # Errors
    /// [`Error::BadRequest`] of a method that makes no sense.
    ///
    /// # Example
    /// ```
    /// use mass_data::{Differentiation, Measurements, Trajectory};
    ///
    /// let t: Vec<f64> = (0..300).map(|i| f64::from(i) * 0.02).collect();
    /// let q: Vec<f64> = t.iter().flat_map(|t| [t.sin(), (2.0 * t).cos()]).collect();
    /// let measured = Measurements::new(vec![Trajectory::new("one", 2, t.clone(), q)?], &[], 10.0)?;
    /// let estimates = measured.differentiate(&Differentiation::Auto)?;
    /// let estimate = &estimates.trajectories()[0];
    /// assert!((estimate.acceleration[2 * 150 + 1] + 4.0 * (2.0 * t[150]).cos()).abs() < 1e-3);
    /// # Ok::<(), mass_data::Error>(())
    /// ```
    pub fn differentiate(&self, method: &Differentiation) -> Result<Estimates, Error> {
        let d = self.dof();
        let all = self.trajectories();
        let mut estimates: Vec<Estimate> = all.iter().map(empty).collect();
        let mut chosen = Vec::new();
        let mut notes = Vec::new();
        for (k, name) in self.columns().iter().enumerate() {
            let of = |values: &dyn Fn(&Trajectory) -> Option<&[f64]>| -> Option<Columns> {
                let column = |t| Some(values(t)?.iter().skip(k).step_by(d).copied().collect());
                all.iter().map(column).collect()
            };
            let q = of(&|t| Some(t.q())).unwrap_or_default();
            let (velocity, acceleration) =
                (of(&Trajectory::velocity), of(&Trajectory::acceleration));
            let mut put = |which: usize, series: &[(Vec<f64>, Vec<f64>)]| {
                for (estimate, (values, errors)) in estimates.iter_mut().zip(series) {
                    let (to, to_error) = match which {
                        0 => (&mut estimate.position, &mut estimate.position_error),
                        1 => (&mut estimate.velocity, &mut estimate.velocity_error),
                        _ => (&mut estimate.acceleration, &mut estimate.acceleration_error),
                    };
                    for (row, (value, error)) in values.iter().zip(errors).enumerate() {
                        to[row * d + k] = *value;
                        to_error[row * d + k] = *error;
                    }
                }
            };
            let (from, choice) = match (velocity, acceleration) {
                (velocity, Some(acceleration)) => {
                    let (smooth, choice) = self.series(method, &q)?;
                    match velocity {
                        Some(velocity) => {
                            put(0, &as_given(q, choice.noise));
                            put(
                                1,
                                &as_given(
                                    velocity.clone(),
                                    self.series(method, &velocity)?.1.noise,
                                ),
                            );
                        }
                        None => {
                            put(0, &derivative(&smooth, 0));
                            put(1, &derivative(&smooth, 1));
                        }
                    }
                    let (_, choice) = self.series(method, &acceleration)?;
                    put(2, &as_given(acceleration, choice.noise));
                    ("accelerations", choice)
                }
                (Some(velocity), None) => {
                    put(0, &derivative(&self.series(method, &q)?.0, 0));
                    let (smooth, choice) = self.series(method, &velocity)?;
                    put(1, &derivative(&smooth, 0));
                    put(2, &derivative(&smooth, 1));
                    ("velocities", choice)
                }
                (None, None) => {
                    let (smooth, choice) = self.series(method, &q)?;
                    (0..3).for_each(|which| put(which, &derivative(&smooth, which)));
                    ("positions", choice)
                }
            };
            chosen.push(choice);
            let of = |values: &dyn Fn(&Estimate) -> &[f64]| -> Vec<f64> {
                estimates
                    .iter()
                    .flat_map(|e| values(e).iter().skip(k).step_by(d).copied())
                    .collect()
            };
            let errors = of(&|e| &e.acceleration_error);
            let median = median(errors);
            let mut known = Vec::new();
            for estimate in &mut estimates {
                for row in 0..estimate.reliable.len() {
                    let good = estimate.acceleration_error[row * d + k] <= 2.0 * median;
                    estimate.reliable[row] &= good;
                    if good {
                        known.push(estimate.acceleration[row * d + k]);
                    }
                }
            }
            if from != "accelerations" {
                notes.push(Note::Derivatives {
                    column: name.clone(),
                    from,
                    noise: choice.noise,
                    acceleration_error: median,
                    units: self.units().of(k),
                });
                let constant = constant_acceleration(name, &known, median);
                let deviation = deviation(&known);
                if constant.is_none() && median > 0.5 * deviation && deviation > 0.0 {
                    notes.push(Note::NoisyAcceleration {
                        column: name.clone(),
                        error: median,
                        deviation,
                    });
                }
                notes.extend(constant);
            }
        }
        let of = self.rows();
        let rows = estimates
            .iter()
            .flat_map(|e| &e.reliable)
            .filter(|reliable| !**reliable)
            .count();
        if rows > 0 {
            notes.push(Note::Uncertain { rows, of });
        }
        Ok(Estimates {
            trajectories: estimates,
            chosen,
            notes,
        })
    }

    /// The derivatives of a quantity in all trajectories; zeros with errors 0 where rows are not timed.
    fn series(
        &self,
        method: &Differentiation,
        values: &[Vec<f64>],
    ) -> Result<(Vec<Series>, Chosen), Error> {
        let all = self.trajectories();
        let untimed = |rows: usize| Series {
            value: std::array::from_fn(|_| vec![0.0; rows]),
            error: std::array::from_fn(|_| vec![0.0; rows]),
        };
        let mut out: Vec<Series> = values.iter().map(|v| untimed(v.len())).collect();
        let mut chosen = Chosen {
            noise: 0.0,
            lambda: None,
            window: None,
        };
        let least = method.least_rows();
        let (whole, short): (Vec<usize>, Vec<usize>) = (0..all.len())
            .filter(|i| all[*i].is_timed() && all[*i].len() >= Differentiation::Auto.least_rows())
            .partition(|i| all[*i].len() >= least);
        for (indices, method) in [(short, &Differentiation::Auto), (whole, method)] {
            if indices.is_empty() {
                continue;
            }
            let given: Vec<(&[f64], &[f64])> = indices
                .iter()
                .map(|i| (all[*i].t(), values[*i].as_slice()))
                .collect();
            let (series, choice) = method.together(&given)?;
            indices
                .into_iter()
                .zip(series)
                .for_each(|(i, series)| out[i] = series);
            chosen = choice;
        }
        Ok((out, chosen))
    }
}

fn empty(trajectory: &Trajectory) -> Estimate {
    let zeros = || vec![0.0; trajectory.q().len()];
    Estimate {
        position: zeros(),
        velocity: zeros(),
        acceleration: zeros(),
        position_error: zeros(),
        velocity_error: zeros(),
        acceleration_error: zeros(),
        reliable: vec![true; trajectory.len()],
    }
}

fn derivative(series: &[Series], which: usize) -> Vec<(Vec<f64>, Vec<f64>)> {
    series
        .iter()
        .map(|s| (s.value[which].clone(), s.error[which].clone()))
        .collect()
}

fn as_given(values: Vec<Vec<f64>>, noise: f64) -> Vec<(Vec<f64>, Vec<f64>)> {
    let with = |values: Vec<f64>| {
        let errors = vec![noise; values.len()];
        (values, errors)
    };
    values.into_iter().map(with).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    match values.len() {
        0 => 0.0,
        n => *values.select_nth_unstable_by(n / 2, f64::total_cmp).1,
    }
}

fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

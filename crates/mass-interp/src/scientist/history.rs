//! How a scientist fared as it was trained.

use mass_core::{ErrorKind, Metrics, MetricsRow, Run};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, known_seeds},
    terms::WeightSignificance,
};

/// Loss, errors and number of significant weights of one scientist over its training
/// (Fu et al. 2025, Figures 3a and 6).
///
/// # Example
///
/// ```
/// use mass_core::{ErrorKind, Recipe, Trainer, TrainingSystem};
/// use mass_interp::{Grouping, History, WeightSignificance};
///
/// let recipe = Recipe::reference().with_steps(4);
/// let (library, mask) = recipe.terms()?;
/// let systems = vec![TrainingSystem::named("classical")?];
/// let outcome = Trainer::new(recipe, systems, [0]).run()?;
///
/// let by = WeightSignificance::new(mask, Grouping::listed(library.len()));
/// let history = History::of(&outcome.metrics, 0, &by)?;
/// let last = history.weights.last().unwrap();
/// println!("step {}: {:?} significant weights", last.step, last.significant);
/// assert!(history.systems[0].final_error(ErrorKind::Rmse).is_finite());
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct History {
    /// The scientist.
    pub seed: u64,
    /// The whole objective on the batch of each evaluated step.
    pub loss: Vec<LossPoint>,
    /// The errors on each system, in the order in which they joined.
    pub systems: Vec<SystemHistory>,
    /// The significant weights of the shared layer, as the optimiser left it at each evaluation: a
    /// run keeps those, and of the averaged weights the errors alone.
    pub weights: Vec<WeightsPoint>,
    /// Step at which the scientist diverged, if it did.
    pub diverged: Option<u64>,
}

/// The objective after a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LossPoint {
    /// Steps done.
    pub step: u64,
    /// Phase, counted from 1.
    pub phase: u64,
    /// The loss.
    pub loss: f64,
}

/// The errors of a scientist on one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SystemHistory {
    /// The system's id.
    pub system: String,
    /// One point per evaluation.
    pub points: Vec<ErrorPoint>,
}

/// The errors on one system after a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorPoint {
    /// Steps done.
    pub step: u64,
    /// Error on the step's batch, of the objective's kind.
    pub train_error: f64,
    /// Test MSE of the averaged weights.
    pub mse: f64,
    /// Its root.
    pub rmse: f64,
    /// The shift b, as the optimiser left it.
    pub shift: f64,
}

/// The significant weights after a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WeightsPoint {
    /// Steps done.
    pub step: u64,
    /// How many there are; `None` if the weights are all zero or not finite.
    pub significant: Option<usize>,
}

/// Loss and largest error of one scientist over the evaluations of its training, M (Fu et al. 2025, Figure
/// 6).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorCourse {
    /// Steps done at each evaluation, `[M]`.
    pub step: Vec<u64>,
    /// The objective over all systems seen, on the batch of that step, `[M]`.
    pub loss: Vec<f64>,
    /// Largest test RMSE of the averaged weights over the systems seen, `[M]`; infinite if one is not a
    /// number.
    pub rmse: Vec<f64>,
}

impl ErrorCourse {
    /// The courses of these scientists of a run up to the end of so many phases, in their order.
    ///
    /// # Errors
    ///
    /// As [`Run::metrics_of`].
    pub fn of_run(run: &Run, phases: usize, seeds: &[u64]) -> Result<Vec<Self>, Error> {
        let mut courses = vec![Self::default(); seeds.len()];
        // One phase at a time: those of a thousand scientists are half a gigabyte together.
        for phase in 1..=phases {
            for row in run.metrics_of(phase)?.rows {
                if let Some(place) = seeds.iter().position(|seed| *seed == row.seed) {
                    courses[place].push(&row);
                }
            }
        }
        Ok(courses)
    }

    /// Adds what was measured on one system; rows come in the order of a run's, those of one evaluation
    /// together.
    pub fn push(&mut self, row: &MetricsRow) {
        let rmse = match row.average.rmse() {
            rmse if rmse.is_nan() => f64::INFINITY,
            rmse => rmse,
        };
        match self.rmse.last_mut() {
            // Another system at the same evaluation.
            Some(largest) if self.step.last() == Some(&row.step) => *largest = largest.max(rmse),
            _ => {
                self.step.push(row.step);
                self.loss.push(row.train_loss);
                self.rmse.push(rmse);
            }
        }
    }
}

impl SystemHistory {
    /// The last test error of the averaged weights: NaN only if there is none.
    pub fn final_error(&self, kind: ErrorKind) -> f64 {
        self.points.last().map_or(f64::NAN, |point| match kind {
            ErrorKind::Mse => point.mse,
            ErrorKind::Rmse => point.rmse,
        })
    }
}

impl History {
    /// What was measured of the scientist of this seed.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSeed`] if nothing was, [`Error::Length`] if `by` is of another number of
    /// terms, [`Error::Fraction`] for a fraction out of range.
    pub fn of(metrics: &Metrics, seed: u64, by: &WeightSignificance) -> Result<Self, Error> {
        let rows: Vec<&MetricsRow> = metrics.rows.iter().filter(|row| row.seed == seed).collect();
        if rows.is_empty() {
            let mut seeds: Vec<u64> = metrics.rows.iter().map(|row| row.seed).collect();
            seeds.sort_unstable();
            seeds.dedup();
            let known = known_seeds(&seeds);
            return Err(Error::UnknownSeed { seed, known });
        }
        let mut loss: Vec<LossPoint> = Vec::new();
        let mut systems: Vec<SystemHistory> = Vec::new();
        for row in &rows {
            // The loss is of all systems together, and stands in the row of each.
            if loss.last().is_none_or(|last| last.step != row.step) {
                loss.push(LossPoint {
                    step: row.step,
                    phase: row.phase,
                    loss: row.train_loss,
                });
            }
            let place = systems.iter().position(|known| known.system == row.system);
            let place = place.unwrap_or_else(|| {
                let (system, points) = (row.system.clone(), Vec::new());
                systems.push(SystemHistory { system, points });
                systems.len() - 1
            });
            systems[place].points.push(ErrorPoint {
                step: row.step,
                train_error: row.train_error,
                mse: row.average.mse,
                rmse: row.average.rmse(),
                shift: row.shift,
            });
        }
        let mut weights = Vec::new();
        for row in metrics.weights.iter().filter(|row| row.seed == seed) {
            let w: Vec<f64> = row.weights.iter().map(|w| f64::from(*w)).collect();
            let significant = match by.of(&w) {
                Ok(significant) => Some(significant.count()),
                // A scientist that has diverged is no mistake of the caller.
                Err(error) if error.is_without_numbers() => None,
                Err(error) => return Err(error),
            };
            weights.push(WeightsPoint {
                step: row.step,
                significant,
            });
        }
        Ok(Self {
            seed,
            loss,
            systems,
            weights,
            diverged: rows.last().and_then(|row| row.diverged),
        })
    }

    /// The largest test error over the systems seen at the last evaluation: what decides whether a
    /// scientist is correct (Fu et al. 2025, Figure 10).
    pub fn final_error(&self, kind: ErrorKind) -> f64 {
        let errors = self.systems.iter().map(|system| system.final_error(kind));
        errors.fold(0.0, |max, error| {
            if error.is_nan() {
                f64::INFINITY
            } else {
                max.max(error)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use mass_core::{TestError, WeightsRow};
    use mass_terms::Mask;

    use super::*;
    use crate::Grouping;

    fn metrics() -> Metrics {
        let row = |step, seed, system: &str, mse, diverged| MetricsRow {
            step,
            phase: 1 + step / 200,
            seed,
            system: system.to_string(),
            learning_rate: 1e-3,
            train_loss: step as f64,
            train_error: 0.5,
            shift: 0.1,
            raw: TestError {
                mse: 1.0,
                pole_share: 0.0,
            },
            average: TestError {
                mse,
                pole_share: 0.0,
            },
            diverged,
        };
        let weights = |step, seed, weights: &[f32]| {
            let weights = weights.to_vec();
            WeightsRow {
                step,
                seed,
                weights,
            }
        };
        Metrics {
            rows: vec![
                row(100, 3, "a", 0.25, None),
                row(100, 4, "a", 9.0, None),
                row(200, 3, "a", 0.04, Some(150)),
                row(200, 3, "b", 0.01, Some(150)),
                row(200, 4, "a", 9.0, None),
            ],
            weights: vec![
                weights(100, 3, &[1.0, -1.0, 1e-6]),
                weights(100, 4, &[0.0, 0.0, 0.0]),
                weights(200, 3, &[f32::NAN, 0.0, 0.0]),
            ],
        }
    }

    #[test]
    fn the_series_are_those_of_the_seed() {
        let by = WeightSignificance::new(Mask::all(3), Grouping::listed(3));
        let history = History::of(&metrics(), 3, &by).unwrap();
        let loss: Vec<_> = history
            .loss
            .iter()
            .map(|p| (p.step, p.phase, p.loss))
            .collect();
        assert_eq!(loss, [(100, 1, 100.0), (200, 2, 200.0)]);
        assert_eq!(history.systems.len(), 2);
        assert_eq!(history.systems[0].points.len(), 2);
        assert_eq!(history.systems[1].points[0].rmse, 0.1);
        assert_eq!(history.final_error(ErrorKind::Rmse), 0.2);
        assert_eq!(history.final_error(ErrorKind::Mse), 0.04);
        let counts: Vec<_> = history
            .weights
            .iter()
            .map(|p| (p.step, p.significant))
            .collect();
        assert_eq!(counts, [(100, Some(2)), (200, None)]);
        assert_eq!(history.diverged, Some(150));
        let other = History::of(&metrics(), 4, &by).unwrap();
        assert_eq!(other.weights[0].significant, None);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let by = WeightSignificance::new(Mask::all(3), Grouping::listed(3));
        let error = History::of(&metrics(), 5, &by).unwrap_err().to_string();
        assert_eq!(error, "there is no scientist of seed 5 here (known: 3, 4)");
        let by = WeightSignificance::new(Mask::all(2), Grouping::listed(2));
        assert!(matches!(
            History::of(&metrics(), 3, &by),
            Err(Error::Length { .. })
        ));
    }
}

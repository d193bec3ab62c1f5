//! How a scientist fared: correct, failed or diverged, at each phase's end and since when.

use std::collections::HashMap;

use mass_runs::Record;
use serde::{Deserialize, Serialize};

use crate::{Criterion, Metrics, MetricsRow, RunRecord};

/// What a scientist is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// No phase is done, so nothing is said yet.
    Training,
    /// Its error was below the criterion's at the last phase's end.
    Correct,
    /// It was not, or not finite.
    Failed,
    /// A loss or gradient was not finite: it is frozen since, and no longer judged.
    Diverged,
}

/// A scientist became something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Steps done: a phase's end, the step at which it diverged, or 0.
    pub step: u64,
    /// What it has been since.
    pub status: Status,
}

/// What was found at a phase's end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PhaseJudgement {
    /// Phase, counted from 1.
    pub phase: usize,
    /// Steps done.
    pub step: u64,
    /// Test error of the averaged weights, the largest over the systems seen; infinite if one is
    /// not finite.
    pub error: f64,
    /// Correct, failed or diverged.
    pub status: Status,
}

/// How one scientist has fared so far (Fu et al. 2025, Figures 6 and 10), read from what was
/// measured; there is no other record of it.
///
/// # Example
///
/// ```
/// use mass_core::{Recipe, Run, Status, Trainer, TrainingSystem};
///
/// let folder = tempfile::tempdir().unwrap();
/// let systems = ["classical", "pendulum"].map(TrainingSystem::named);
/// let systems = systems.into_iter().collect::<Result<Vec<_>, _>>()?;
/// Trainer::new(Recipe::reference().with_steps(3), systems, [0, 1])
///     .directory(folder.path())
///     .run()?;
///
/// let standings = Run::open(folder.path())?.standings()?;
/// assert_eq!(standings[0].status(), Status::Failed); // after 6 steps a phase
/// assert_eq!(standings[1].verdicts.len(), 2);
/// assert_eq!(standings[1].always_correct(2), Some(false));
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The scientist.
    pub seed: u64,
    /// One verdict per phase done.
    pub verdicts: Vec<PhaseJudgement>,
    /// What it has been and since when, from `Training` at step 0 on.
    pub changes: Vec<Change>,
}

impl Standing {
    /// How the scientists of a run have fared, in the order of its seeds; `metrics` are all that was
    /// measured or [`Run::phase_ends`](crate::Run::phase_ends).
    ///
    /// A scientist is correct at phase k if its largest error over the systems seen is below the
    /// criterion's at that phase's end. One that has diverged is never correct again, however small
    /// the errors of its frozen weights.
    pub fn of(record: &RunRecord, metrics: &Metrics, criterion: Criterion) -> Vec<Self> {
        let mut rows: HashMap<u64, Vec<&MetricsRow>> = HashMap::new();
        for row in &metrics.rows {
            rows.entry(row.seed).or_default().push(row);
        }
        let of_seed = |seed: &u64| {
            let rows = rows.get(seed).map_or(&[][..], Vec::as_slice);
            Self::of_one(*seed, record, rows, criterion)
        };
        record.seeds.iter().map(of_seed).collect()
    }

    fn of_one(seed: u64, record: &RunRecord, rows: &[&MetricsRow], criterion: Criterion) -> Self {
        let diverged = rows.iter().filter_map(|row| row.diverged).min();
        let mut verdicts = Vec::new();
        let mut changes = vec![Change {
            step: 0,
            status: Status::Training,
        }];
        let mut change = |step, status| {
            if changes.last().is_none_or(|last| last.status != status) {
                changes.push(Change { step, status });
            }
        };
        for phase in 1..=record.phases() {
            let step = record.phase_end(phase);
            let at_end = rows.iter().filter(|row| row.step == step);
            let errors: Vec<f64> = at_end
                .map(|row| row.average.of(criterion.error))
                .map(|error| if error.is_nan() { f64::INFINITY } else { error })
                .collect();
            if errors.len() < record.seen(phase) {
                break; // the training has not come here yet
            }
            let error = errors.into_iter().fold(0.0, f64::max);
            let status = match diverged {
                Some(at) if at <= step => Status::Diverged,
                _ if error < criterion.below => Status::Correct,
                _ => Status::Failed,
            };
            let since = match status {
                Status::Diverged => diverged.expect("so it was found"),
                _ => step,
            };
            change(since, status);
            verdicts.push(PhaseJudgement {
                phase,
                step,
                error,
                status,
            });
        }
        if let Some(step) = diverged {
            change(step, Status::Diverged);
        }
        Self {
            seed,
            verdicts,
            changes,
        }
    }

    /// What the scientist is taken to be now.
    pub fn status(&self) -> Status {
        self.changes
            .last()
            .map_or(Status::Training, |last| last.status)
    }

    /// Whether it was correct at the end of `phase`, counted from 1; `None` if that is not done.
    pub fn correct(&self, phase: usize) -> Option<bool> {
        let verdict = self
            .verdicts
            .iter()
            .find(|verdict| verdict.phase == phase)?;
        Some(verdict.status == Status::Correct)
    }

    /// Whether it was correct at the end of `phase` and of every phase before; `None` if that is not
    /// done.
    pub fn always_correct(&self, phase: usize) -> Option<bool> {
        self.correct(phase)?;
        let mut until = self
            .verdicts
            .iter()
            .filter(|verdict| verdict.phase <= phase);
        Some(until.all(|verdict| verdict.status == Status::Correct))
    }
}

#[cfg(test)]
mod tests {
    use mass_jet::DeviceKind;

    use super::*;
    use crate::ErrorKind;
    use crate::{Recipe, SystemRecord, TestError};

    const CRITERION: Criterion = Criterion {
        error: ErrorKind::Rmse,
        below: 5e-3,
    };

    /// Three phases of 10 steps, seeds 4 and 5.
    fn record() -> RunRecord {
        let mut recipe = Recipe::reference();
        recipe.schedule.warmup_steps = 4;
        recipe.schedule.decay_steps = 6;
        let system = |id: &str| SystemRecord {
            id: id.to_string(),
            dof: 1,
            measured: None,
            own: None,
        };
        RunRecord {
            format: 2,
            mass_version: "0".to_string(),
            burn_version: "0".to_string(),
            revision: None,
            device: DeviceKind::Flex,
            seeds: vec![4, 5],
            systems: ["a", "b", "c"].map(system).to_vec(),
            start: None,
            recipe,
        }
    }

    fn row(step: u64, seed: u64, system: &str, rmse: f64, diverged: Option<u64>) -> MetricsRow {
        let error = |rmse: f64| TestError {
            mse: rmse * rmse,
            pole_share: 0.0,
        };
        MetricsRow {
            step,
            phase: step.div_ceil(10),
            seed,
            system: system.to_string(),
            learning_rate: 1e-3,
            train_loss: 1.0,
            train_error: 1.0,
            shift: 0.0,
            raw: error(1.0), // not what a scientist is judged by
            average: error(rmse),
            diverged,
        }
    }

    fn standings(rows: Vec<MetricsRow>) -> Vec<Standing> {
        let metrics = Metrics {
            rows,
            weights: Vec::new(),
        };
        Standing::of(&record(), &metrics, CRITERION)
    }

    fn changes(standing: &Standing) -> Vec<(u64, Status)> {
        let changes = standing.changes.iter();
        changes.map(|change| (change.step, change.status)).collect()
    }

    #[test]
    fn a_scientist_may_fail_and_revive_and_the_worst_system_decides() {
        let standing = &standings(vec![
            row(7, 4, "a", 1e-4, None), // within a phase: nobody is judged by it
            row(10, 4, "a", 1e-3, None),
            row(20, 4, "a", 1e-3, None),
            row(20, 4, "b", 6e-3, None),
            row(30, 4, "a", 1e-3, None),
            row(30, 4, "b", 4.9e-3, None),
            row(30, 4, "c", 1e-3, None),
        ])[0];
        assert_eq!(
            changes(standing),
            [
                (0, Status::Training),
                (10, Status::Correct),
                (20, Status::Failed),
                (30, Status::Correct)
            ]
        );
        let errors: Vec<f64> = standing.verdicts.iter().map(|v| v.error).collect();
        assert_eq!(errors, [1e-3, 6e-3, 4.9e-3]);
        let correct = [1, 2, 3, 4].map(|phase| standing.correct(phase));
        assert_eq!(correct, [Some(true), Some(false), Some(true), None]);
        let always = [1, 2, 3, 4].map(|phase| standing.always_correct(phase));
        assert_eq!(always, [Some(true), Some(false), Some(false), None]);
    }

    #[test]
    fn poles_and_nan_are_failures_under_every_criterion() {
        for bad in [f64::INFINITY, f64::NAN] {
            let metrics = Metrics {
                rows: vec![row(10, 4, "a", bad, None)],
                weights: Vec::new(),
            };
            let loose = Criterion {
                error: ErrorKind::Mse,
                below: f64::INFINITY,
            };
            let standing = &Standing::of(&record(), &metrics, loose)[0];
            assert_eq!(standing.verdicts[0].error, f64::INFINITY);
            assert_eq!(standing.status(), Status::Failed);
        }
    }

    #[test]
    fn who_diverged_is_not_correct_again_and_the_step_is_that_of_the_divergence() {
        let rows = vec![
            row(10, 5, "a", 1e-3, None),
            row(15, 5, "a", 1e-3, Some(13)),
            row(15, 5, "b", 1e-3, Some(13)),
        ];
        let standing = &standings(rows.clone())[1];
        let until = [
            (0, Status::Training),
            (10, Status::Correct),
            (13, Status::Diverged),
        ];
        assert_eq!(changes(standing), until, "within the phase");
        assert_eq!(standing.correct(2), None);

        let mut rows = rows;
        rows.push(row(20, 5, "a", 1e-3, Some(13)));
        rows.push(row(20, 5, "b", 1e-3, Some(13)));
        let standing = &standings(rows)[1];
        assert_eq!(changes(standing), until, "after the phase");
        assert_eq!(standing.correct(2), Some(false));
        assert_eq!(standing.verdicts[1].status, Status::Diverged);
    }

    #[test]
    fn a_phase_that_is_not_done_is_not_judged() {
        let standings = standings(vec![
            row(10, 4, "a", 1e-3, None),
            row(20, 4, "a", 1e-3, None),
        ]);
        assert_eq!(standings[0].verdicts.len(), 1);
        assert_eq!(standings[1].seed, 5);
        assert_eq!(standings[1].status(), Status::Training);
    }
}

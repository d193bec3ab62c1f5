//! The scientists of a training, from their run or from what was kept of them.

use std::{collections::HashMap, sync::OnceLock};

use burn::tensor::Device;
use mass_core::{
    Criterion, ErrorKind, Metrics, Record, Run, RunRecord, Standing, TestError, WeightsKind,
};

use super::whole::{Summary, known};
use crate::{
    error::Error,
    population::{PhaseJudgements, TermCounts, TwoTermCensus, evaluation_batches},
    readout::STATES_SEED,
    scientist::Scientist,
};

/// Scientists of one training as they were at the ends of its phases, with averaged weights: read from the
/// run, or from a [`Summary`] where that is all there is. What is said of them is the same number either way.
///
/// # Example
///
/// ```
/// use mass_core::{DeviceKind, ErrorKind, Recipe, Run, Trainer, TrainingSystem};
/// use mass_interp::{Population, Summary};
///
/// let folder = tempfile::tempdir().unwrap();
/// let systems = vec![TrainingSystem::named("classical")?];
/// Trainer::new(Recipe::reference().with_steps(3), systems, [4, 5])
///     .directory(folder.path())
///     .run()?;
///
/// let (run, device) = (Run::open(folder.path())?, DeviceKind::Flex.open()?);
/// let kept = Population::of_summary(&Summary::of(&run, &device)?, &[5])?;
/// let read = Population::of_run(run, &[5], device)?;
/// assert_eq!(read.standings(ErrorKind::Mse)?, kept.standings(ErrorKind::Mse)?);
/// assert!(read.at(1).is_ok() && kept.at(1).is_err()); // it holds no networks
/// assert_eq!(read.correct_first(1, 3)?, [0]);
/// assert_eq!(read.test_errors(1)?[0].rmse(), read.standings(ErrorKind::Rmse)?[0].verdicts[0].error);
/// # Ok::<(), mass_interp::Error>(())
/// ```
pub struct Population {
    source: Source,
    seeds: Vec<u64>,
    /// Errors at each phase's end, once they were read.
    ends: OnceLock<Metrics>,
}

enum Source {
    Run(Run, Device),
    Summary(Summary),
}

impl Population {
    /// These scientists of a run, which may hold more.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSeed`] for one that it does not hold.
    pub fn of_run(run: Run, seeds: &[u64], device: Device) -> Result<Self, Error> {
        known(seeds, &run.record().seeds)?;
        Ok(Self {
            source: Source::Run(run, device),
            seeds: seeds.to_vec(),
            ends: OnceLock::new(),
        })
    }

    /// These scientists of whom this is kept.
    ///
    /// # Errors
    ///
    /// As [`Summary::pick`].
    pub fn of_summary(summary: &Summary, seeds: &[u64]) -> Result<Self, Error> {
        Ok(Self {
            source: Source::Summary(summary.pick(seeds)?),
            seeds: seeds.to_vec(),
            ends: OnceLock::new(),
        })
    }

    /// Their run.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if there is a summary alone.
    pub fn run(&self) -> Result<&Run, Error> {
        Ok(self.trained()?.0)
    }

    /// Their run, and the device to read them on.
    fn trained(&self) -> Result<(&Run, &Device), Error> {
        match &self.source {
            Source::Run(run, device) => Ok((run, device)),
            Source::Summary(_) => Err(Error::Request(
                "this takes the scientists themselves, and a summary does not hold them: train them"
                    .into(),
            )),
        }
    }

    /// What decided their training.
    pub fn record(&self) -> &RunRecord {
        match &self.source {
            Source::Run(run, _) => run.record(),
            Source::Summary(summary) => summary.record(),
        }
    }

    /// The scientists, `[E]`.
    pub fn seeds(&self) -> &[u64] {
        &self.seeds
    }

    /// The scientists at the end of a phase, `[E]`.
    ///
    /// # Errors
    ///
    /// As [`Population::run`] and [`Scientist::load_all_at`].
    pub fn at(&self, phase: usize) -> Result<Vec<Scientist>, Error> {
        let (run, device) = self.trained()?;
        let all = Scientist::load_all_at(run, phase, WeightsKind::Average, device)?;
        Ok(self.pick(all, Scientist::seed))
    }

    /// What was measured of them up to the end of this many phases.
    ///
    /// # Errors
    ///
    /// As [`Population::run`] and [`Run::metrics_of`].
    pub fn metrics(&self, phases: usize) -> Result<Metrics, Error> {
        let mut all = Metrics::default();
        for phase in 1..=phases {
            let mut found = self.run()?.metrics_of(phase)?;
            found.rows.retain(|row| self.seeds.contains(&row.seed));
            found.weights.retain(|row| self.seeds.contains(&row.seed));
            all.rows.extend(found.rows);
            all.weights.extend(found.weights);
        }
        Ok(all)
    }

    /// The error of each on its test states at the end of a phase, averaged weights, on the system that joined last,
    /// `[E]`.
    ///
    /// # Errors
    ///
    /// As [`Population::run`] and [`Run::metrics_of`]; [`Error::Request`] if one was not tested.
    pub fn test_errors(&self, phase: usize) -> Result<Vec<TestError>, Error> {
        let rows = self.run()?.metrics_of(phase)?.rows;
        let of = |seed: &u64| {
            let last = rows.iter().rfind(|row| row.seed == *seed);
            last.map(|row| row.average).ok_or_else(|| {
                Error::Request(format!("seed {seed} was not tested in phase {phase}"))
            })
        };
        self.seeds.iter().map(of).collect()
    }

    /// How they fared at each phase's end, their error read in one way, `[E]`.
    ///
    /// # Errors
    ///
    /// As [`Run::phase_ends`].
    pub fn standings(&self, error: ErrorKind) -> Result<Vec<Standing>, Error> {
        let below = self.record().recipe.evaluation.correct_below;
        let criterion = Criterion { error, below };
        let run = match &self.source {
            Source::Run(run, _) => run,
            Source::Summary(summary) => return Ok(summary.standings(criterion)),
        };
        let ends = match self.ends.get() {
            Some(ends) => ends,
            None => {
                let mut ends = run.phase_ends()?;
                ends.weights.clear();
                self.ends.get_or_init(|| ends)
            }
        };
        let all = Standing::of(run.record(), ends, criterion);
        Ok(self.pick(all, |standing| standing.seed))
    }

    /// Whether each was correct at the end of a phase, by RMSE, `[E]`.
    ///
    /// # Errors
    ///
    /// As [`Population::standings`]; [`Error::Request`] for a phase that is not done.
    pub fn correct(&self, phase: usize) -> Result<Vec<bool>, Error> {
        let standings = self.standings(ErrorKind::Rmse)?;
        let correct = standings.iter().map(|one| one.correct(phase));
        let correct: Option<Vec<bool>> = correct.collect();
        correct.ok_or_else(|| Error::Request(format!("phase {phase} is not done")))
    }

    /// The places of so many of them, the lowest seeds that are correct at the end of a phase first; where these are
    /// too few, the lowest others.
    ///
    /// # Errors
    ///
    /// As [`Population::correct`].
    pub fn correct_first(&self, phase: usize, count: usize) -> Result<Vec<usize>, Error> {
        let correct = self.correct(phase)?;
        let mut order: Vec<usize> = (0..correct.len()).collect();
        order.sort_by_key(|place| (!correct[*place], self.seeds[*place]));
        order.truncate(count);
        Ok(order)
    }

    /// Numbers of terms that each needs at the end of a phase, on each system seen, `[E]`.
    ///
    /// # Errors
    ///
    /// As [`Population::at`] and [`Scientist::read_all`], or [`Summary::counts`].
    pub fn counts(&self, phase: usize) -> Result<Vec<TermCounts>, Error> {
        if let Source::Summary(summary) = &self.source {
            return summary.counts(phase);
        }
        let all = self.at(phase)?;
        let states = evaluation_batches(&all, self.record().seen(phase), STATES_SEED)?;
        TermCounts::of_all(&all, &states, TermCounts::FRACTION)
    }

    /// What is found of the theory of each at the end of a phase.
    ///
    /// # Errors
    ///
    /// As [`PhaseJudgements::of`], or [`Summary::judgements`].
    pub fn judgements(&self, phase: usize) -> Result<PhaseJudgements, Error> {
        if let Source::Summary(summary) = &self.source {
            return summary.judgements(phase);
        }
        let all = self.at(phase)?;
        let states = evaluation_batches(&all, self.record().seen(phase), STATES_SEED)?;
        PhaseJudgements::of(&all, &states, STATES_SEED)
    }

    /// Table 2's fits of those that are correct at the end of a phase, by RMSE, on the system of this place.
    ///
    /// # Errors
    ///
    /// As [`TwoTermCensus::of`], or [`Summary::two_terms`]; [`Error::Request`] if the law is not known.
    pub fn two_terms(&self, place: usize, phase: usize) -> Result<TwoTermCensus, Error> {
        if let Source::Summary(summary) = &self.source {
            return summary.two_terms(place, phase);
        }
        let (all, correct) = (self.at(phase)?, self.correct(phase)?);
        let right = all.iter().zip(correct).filter(|(_, right)| *right);
        let right: Vec<Scientist> = right.map(|(one, _)| one.clone()).collect();
        let states = all[0].evaluation_states(place, TwoTermCensus::STATES, STATES_SEED)?;
        let law = all[0].systems()[place].lagrangian();
        let law = law.ok_or_else(|| Error::Request("the law is not known".into()))?;
        TwoTermCensus::of(&right, place, phase, &states.into(), law)
    }

    /// The ones asked for out of all of the run, in the order asked for.
    fn pick<T>(&self, all: Vec<T>, seed: impl Fn(&T) -> u64) -> Vec<T> {
        let mut all: HashMap<u64, T> = all.into_iter().map(|one| (seed(&one), one)).collect();
        let seeds = self.seeds.iter();
        seeds.filter_map(|seed| all.remove(seed)).collect()
    }
}

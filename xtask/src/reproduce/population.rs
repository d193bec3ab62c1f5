//! Many scientists at a phase's end: what the figures about populations start from.

use std::{cell::OnceCell, collections::HashMap, sync::Arc};

use anyhow::{Context, Result, ensure};
use mass_core::{
    Criterion, ErrorKind, Metrics, Record, Run, Standing, TrainingSystem, WeightsKind,
};
use mass_figures::Trained;
use mass_interp::{Scientist, evaluation_states};
use mass_systems::{AnyLagrangian, Dataset};

use crate::training::{Request, obtain};

/// Scientists are compared at the same states, drawn by this seed.
pub(super) const STATES_SEED: u64 = 0;

/// A trained ensemble; its scientists are those of the request, in the request's order.
pub(super) struct Population {
    run: Run,
    request: Request,
    /// Errors of the scientists at each phase's end, once they were read.
    ends: OnceCell<Metrics>,
}

impl Population {
    /// The scientists of a request, trained if need be.
    pub(super) fn train(request: &Request) -> Result<Self> {
        Ok(Self {
            run: obtain(request)?,
            request: request.clone(),
            ends: OnceCell::new(),
        })
    }

    /// The same, of a training in which one system joins after the other.
    pub(super) fn train_continued(request: &Request) -> Result<Self> {
        let schedule = &request.recipe.schedule;
        let systems = request.systems.len();
        ensure!(
            (1..=systems).all(|phase| schedule.active_systems(phase - 1, systems) == phase),
            "this is about scientists who meet one system after the other; recipe {:?} gives them all at once: take one with schedule.curriculum = \"continued\"",
            request.recipe.name
        );
        Self::train(request)
    }

    /// The run, which may hold more scientists and later phases than were asked for.
    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    /// What the population is, for the record.
    pub(super) fn trained(&self) -> Trained {
        let (record, out) = (self.run.record(), &self.request.out);
        let path = self.run.path().strip_prefix(out);
        Trained {
            recipe: record.recipe.name.clone(),
            systems: self.request.systems.clone(),
            seeds: self.request.seeds.clone(),
            phase_steps: record.recipe.schedule.phase_steps(),
            device: record.device.to_string(),
            revision: record.revision.clone(),
            run: path.unwrap_or(self.run.path()).to_path_buf(),
        }
    }

    /// Ids of the systems asked for, in the order in which they join.
    pub(super) fn systems(&self) -> &[String] {
        &self.request.systems
    }

    /// The scientists' seeds.
    pub(super) fn seeds(&self) -> &[u64] {
        &self.request.seeds
    }

    /// Phases that it takes to see the systems asked for.
    pub(super) fn phases(&self) -> usize {
        let record = self.run.record();
        let seen = |phase: &usize| record.seen(*phase) >= self.request.systems.len();
        (1..=record.phases()).find(seen).unwrap_or(record.phases())
    }

    /// The scientists, with averaged weights, as they were at the end of a phase.
    pub(super) fn at(&self, phase: usize) -> Result<Vec<Scientist>> {
        let device = self.request.device.open()?;
        let all = Scientist::load_all_at(&self.run, phase, WeightsKind::Average, &device)?;
        self.pick(all, Scientist::seed)
    }

    /// The scientists once they have seen the systems asked for, and no other.
    pub(super) fn at_end(&self) -> Result<Vec<Scientist>> {
        self.at(self.phases())
    }

    /// What was measured of the scientists until they had seen the systems asked for.
    pub(super) fn metrics(&self) -> Result<Metrics> {
        let mut all = Metrics::default();
        for phase in 1..=self.phases() {
            let mut found = self.run.metrics_of(phase)?;
            found
                .rows
                .retain(|row| self.request.seeds.contains(&row.seed));
            found
                .weights
                .retain(|row| self.request.seeds.contains(&row.seed));
            all.rows.extend(found.rows);
            all.weights.extend(found.weights);
        }
        Ok(all)
    }

    /// How the scientists fared at each phase's end, their error read in one way.
    pub(super) fn standings(&self, error: ErrorKind) -> Result<Vec<Standing>> {
        let criterion = Criterion {
            error,
            below: self.request.recipe.evaluation.correct_below,
        };
        let ends = match self.ends.get() {
            Some(ends) => ends,
            None => {
                let mut ends = self.run.phase_ends()?;
                ends.weights.clear();
                self.ends.get_or_init(|| ends)
            }
        };
        let all = Standing::of(self.run.record(), ends, criterion);
        self.pick(all, |standing| standing.seed)
    }

    /// Whether each was correct at the end of a phase, by RMSE.
    pub(super) fn correct(&self, phase: usize) -> Result<Vec<bool>> {
        let standings = self.standings(ErrorKind::Rmse)?;
        standings
            .iter()
            .map(|one| one.correct(phase).context("the phase is done"))
            .collect()
    }

    /// The ones of the request out of all of the run.
    fn pick<T>(&self, all: Vec<T>, seed: impl Fn(&T) -> u64) -> Result<Vec<T>> {
        let mut all: HashMap<u64, T> = all.into_iter().map(|one| (seed(&one), one)).collect();
        let picked = self.request.seeds.iter().map(|seed| all.remove(seed));
        picked
            .collect::<Option<Vec<T>>>()
            .context("the training holds every seed that was asked for")
    }
}

/// The scientist of a one-seed request with one system.
pub(super) fn scientist(request: &Request) -> Result<(Population, Scientist)> {
    let population = Population::train(request)?;
    let mut all = population.at_end()?;
    let one = all.pop().context("a request has a seed")?;
    Ok((population, one))
}

/// The title of a figure about one scientist.
pub(super) fn title(system: &str, recipe: &str, seed: u64) -> String {
    format!("{system}, recipe {recipe}, seed {seed}")
}

/// The states at which all scientists are read on a system.
pub(super) fn states(system: &str, count: usize) -> Result<Arc<Dataset>> {
    let system = mass_systems::lookup(system)?;
    Ok(Arc::new(evaluation_states(&*system, count, STATES_SEED)?))
}

/// The exact law of a system of a run.
pub(super) fn law(system: &TrainingSystem) -> Result<&dyn AnyLagrangian> {
    let law = system.lagrangian();
    law.context("the systems of Table 1 have a Lagrangian")
}

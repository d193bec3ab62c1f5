//! Many scientists at a phase's end: what the figures about populations start from.

use std::{ops::Deref, sync::Arc};

use anyhow::{Context, Result, ensure};
use mass_core::{Metrics, Record};
use mass_figures::Trained;
use mass_interp::{Scientist, evaluation_states};
use mass_systems::Dataset;

use crate::training::{Request, obtain};

pub(super) use mass_interp::STATES_SEED;

/// The scientists of a request, in the request's order.
pub(super) struct Population {
    own: mass_interp::Population,
    request: Request,
}

impl Deref for Population {
    type Target = mass_interp::Population;

    fn deref(&self) -> &Self::Target {
        &self.own
    }
}

impl Population {
    /// The scientists of a request, trained if need be; or what is kept of them.
    pub(super) fn train(request: &Request) -> Result<Self> {
        let own = match request.summary.as_deref() {
            None => {
                let (run, device) = (obtain(request)?, request.device.open()?);
                mass_interp::Population::of_run(run, &request.seeds, device)?
            }
            Some((all, folder)) => {
                let (count, of) = (request.seeds.len(), folder.display());
                eprintln!("{count} scientists, not trained here: what is kept of them in {of}");
                mass_interp::Population::of_summary(all, &request.seeds)
                    .with_context(|| format!("`mass sweep --summary {of}` adds scientists"))?
            }
        };
        Ok(Self {
            own,
            request: request.clone(),
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

    /// What the population is, for the record.
    pub(super) fn trained(&self) -> Trained {
        let (record, out) = (self.record(), &self.request.out);
        let path = match self.request.summary.as_deref() {
            Some((_, folder)) => folder,
            None => self.run().expect("it was trained").path(),
        };
        Trained {
            recipe: record.recipe.name.clone(),
            systems: self.request.systems.clone(),
            seeds: self.request.seeds.clone(),
            phase_steps: record.recipe.schedule.phase_steps(),
            device: record.device.to_string(),
            revision: record.revision.clone(),
            run: path.strip_prefix(out).unwrap_or(path).to_path_buf(),
        }
    }

    /// Ids of the systems asked for, in the order in which they join.
    pub(super) fn systems(&self) -> &[String] {
        &self.request.systems
    }

    /// Phases that it takes to see the systems asked for.
    pub(super) fn phases(&self) -> usize {
        let record = self.record();
        let seen = |phase: &usize| record.seen(*phase) >= self.request.systems.len();
        (1..=record.phases()).find(seen).unwrap_or(record.phases())
    }

    /// The scientists once they have seen the systems asked for, and no other.
    pub(super) fn at_end(&self) -> Result<Vec<Scientist>> {
        Ok(self.at(self.phases())?)
    }

    /// What was measured of the scientists until they had seen the systems asked for.
    pub(super) fn metrics(&self) -> Result<Metrics> {
        Ok(self.own.metrics(self.phases())?)
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

//! A trained scientist, ready to be asked.

use std::{fmt, sync::Arc};

use burn::tensor::Device;
use mass_core::{MassModel, Recipe, Run, SystemShape, TrainingSystem, WeightsKind};
use mass_systems::{Dataset, System};

use crate::{
    ActivationMatrix, Counting, Error, Grouping, LearnedLaw, Plane, Rollout, RolloutPlan,
    ScalarGrid, WeightSignificance, activations::training_evaluation_states, host, member::member,
};

/// One scientist of a run: its model, E = 1, and what it was trained on.
///
/// Systems are given by their place in the order of the run; [`Scientist::system`] finds it by name.
#[derive(Clone)]
pub struct Scientist {
    model: MassModel,
    seed: u64,
    recipe: Recipe,
    systems: Arc<[TrainingSystem]>,
}

impl Scientist {
    /// The scientist of this seed, from the latest checkpoint of a run.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSeed`] if the run has none of this seed, else as [`Run::model`] and
    /// [`Run::systems`].
    pub fn load(
        run: &Run,
        seed: u64,
        weights: WeightsKind,
        device: &Device,
    ) -> Result<Self, Error> {
        let seeds = &run.record().seeds;
        let place = seeds.iter().position(|known| *known == seed);
        let place = place.ok_or_else(|| Error::UnknownSeed {
            seed,
            known: known_seeds(seeds),
        })?;
        let model = run.model(weights, device)?;
        let recipe = run.record().recipe.clone();
        Self::from_model(&model, place, seed, recipe, run.systems()?.into())
    }

    /// All scientists of a run, in the order of its seeds; the checkpoint is read once.
    ///
    /// # Errors
    ///
    /// As [`Run::model`] and [`Run::systems`].
    pub fn load_all(run: &Run, weights: WeightsKind, device: &Device) -> Result<Vec<Self>, Error> {
        let model = run.model(weights, device)?;
        let systems: Arc<[TrainingSystem]> = run.systems()?.into();
        let recipe = &run.record().recipe;
        let seeds = run.record().seeds.iter().enumerate();
        seeds
            .map(|(place, seed)| {
                Self::from_model(&model, place, *seed, recipe.clone(), systems.clone())
            })
            .collect()
    }

    /// Scientist `place` of an ensemble in memory, with its seed, recipe and systems.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] if there is no such member, [`Error::Request`] if the systems are not those
    /// of the model.
    pub fn from_model(
        model: &MassModel,
        place: usize,
        seed: u64,
        recipe: Recipe,
        systems: Arc<[TrainingSystem]>,
    ) -> Result<Self, Error> {
        let shapes: Vec<SystemShape> = systems.iter().map(TrainingSystem::shape).collect();
        if shapes != model.systems() {
            return Err(Error::Request(format!(
                "the systems given are {}, but the model has learned {}",
                ids(&shapes),
                ids(model.systems())
            )));
        }
        Ok(Self {
            model: member(model, place)?,
            seed,
            recipe,
            systems,
        })
    }

    /// Its model, E = 1.
    pub fn model(&self) -> &MassModel {
        &self.model
    }

    /// Its seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The recipe of its training.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The systems that it was trained on, in the order in which they joined.
    pub fn systems(&self) -> &[TrainingSystem] {
        &self.systems
    }

    /// The place of the system of this id.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSystem`] listing those that there are.
    pub fn system(&self, id: &str) -> Result<usize, Error> {
        let place = self
            .model
            .systems()
            .iter()
            .position(|system| system.id == id);
        place.ok_or_else(|| Error::UnknownSystem {
            system: id.to_string(),
            known: ids(self.model.systems()),
        })
    }

    /// w, `[T]`, with zeros for the terms that are off.
    pub fn weights(&self) -> Vec<f64> {
        let weights = host::values(self.model.final_weights());
        let on = self.model.terms().mask.iter();
        on.zip(weights)
            .map(|(on, w)| if on { w } else { 0.0 })
            .collect()
    }

    /// The shift b of a system.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system.
    pub fn shift(&self, system: usize) -> Result<f64, Error> {
        host::dof(&self.model, system)?;
        Ok(host::values(self.model.shift(system))[0])
    }

    /// The groups of its terms that count as one.
    ///
    /// Terms are merged if they are equal as functions for every one of its systems: with systems of
    /// one and of more dimensions, only what is equal in more.
    pub fn grouping(&self, counting: Counting) -> Grouping {
        let dofs = self.model.systems().iter().map(|system| system.dof);
        let dof = dofs.max().unwrap_or(1);
        Grouping::of(counting, &self.model.terms().library, dof)
    }

    /// How its weights are judged significant: by |w| to 99 %, its mask applied; change the fields
    /// for another norm or fraction.
    pub fn weight_significance(&self, counting: Counting) -> WeightSignificance {
        WeightSignificance::new(self.model.terms().mask.clone(), self.grouping(counting))
    }

    /// `count` states of a system to read it out at: drawn from the system, or up to `count` of the
    /// measured test states.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system, or an error of sampling it.
    pub fn evaluation_states(
        &self,
        system: usize,
        count: usize,
        seed: u64,
    ) -> Result<Dataset, Error> {
        host::dof(&self.model, system)?;
        training_evaluation_states(&self.systems[system], count, seed)
    }

    /// The activations of its terms at these states of a system.
    ///
    /// # Errors
    ///
    /// As [`ActivationMatrix::of`].
    pub fn activations(&self, system: usize, states: &Dataset) -> Result<ActivationMatrix, Error> {
        ActivationMatrix::of(&self.model, 0, system, states)
    }

    /// Its scalar S of a system over a plane.
    ///
    /// # Errors
    ///
    /// As [`ScalarGrid::learned`].
    pub fn scalar_grid(
        &self,
        system: usize,
        plane: &Plane,
        x: &[f64],
        y: &[f64],
    ) -> Result<ScalarGrid, Error> {
        ScalarGrid::learned(&self.model, 0, system, plane, x, y)
    }

    /// Its law for a system; angles are brought into [−π, π) where the system is known to have any.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system.
    pub fn law(&self, system: usize) -> Result<LearnedLaw, Error> {
        let law = LearnedLaw::of(&self.model, 0, system)?;
        match &self.systems[system] {
            TrainingSystem::Known(known) => law.with_angles(known.angles()),
            TrainingSystem::Measured { .. } => Ok(law),
        }
    }

    /// A trajectory of its law for a system beside the true one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for measured data, of which no truth is known, else as
    /// [`Rollout::learned`].
    pub fn rollout(&self, system: usize, plan: &RolloutPlan) -> Result<Rollout, Error> {
        let law = self.law(system)?;
        match &self.systems[system] {
            TrainingSystem::Known(known) => Rollout::learned(&law, known, plan),
            TrainingSystem::Measured { id, .. } => Err(Error::Request(format!(
                "{id} is measured data, of which no true trajectory is known: take `law` and `trajectory`"
            ))),
        }
    }
}

impl fmt::Debug for Scientist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scientist")
            .field("seed", &self.seed)
            .field("recipe", &self.recipe.name)
            .field("systems", &self.model.systems())
            .finish_non_exhaustive()
    }
}

fn ids(systems: &[SystemShape]) -> String {
    let name = |system: &SystemShape| format!("{} (d = {})", system.id, system.dof);
    systems.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The seeds, comma-separated; the first eight if they are many.
pub(crate) fn known_seeds(seeds: &[u64]) -> String {
    let first: Vec<String> = seeds.iter().take(8).map(u64::to_string).collect();
    let more = if seeds.len() > 8 { ", and more" } else { "" };
    format!("{}{more}", first.join(", "))
}

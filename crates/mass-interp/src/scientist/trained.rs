//! A trained scientist, ready to be asked.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use burn::tensor::Device;
use mass_core::{MassModel, Recipe, Record, Run, SystemShape, TrainingSystem, WeightsKind};
use mass_systems::{Dataset, Scales, System};
use rayon::prelude::*;

use crate::{
    error::{Error, check_length, known_seeds},
    motion::{LearnedLaw, Rollout, RolloutPlan, Rollouts},
    readout::{Reading, check_dof, member, members, to_host, training_evaluation_states},
    scalar::{Plane, ScalarGrid, axis},
    terms::{ActivationMatrix, Counting, Grouping, WeightSignificance},
    theory::{Helmholtz, HelmholtzPlan, Multiplier, MultiplierPlan, Verdict},
};

/// One scientist of a run: its model, E = 1, and what it was trained on.
///
/// Systems are given by their place in the order of the run; [`Scientist::system`] finds it by name.
///
/// Its law, its motions and its S over a plane are in the person's units. What is read of its terms
/// ([`Scientist::read`], [`Scientist::evaluation_states`]) is in those of its training, which are the same
/// unless the recipe says `units = "scaled"` ([`Scientist::scales`]).
#[derive(Clone)]
pub struct Scientist {
    /// The ensemble that it is a member of, shared with the others, and its place in it.
    ensemble: Arc<MassModel>,
    place: usize,
    /// Its own model, once it was asked for.
    alone: OnceLock<MassModel>,
    seed: u64,
    recipe: Arc<Recipe>,
    /// As it was told of them, in the person's units.
    own: Arc<[TrainingSystem]>,
    /// In the units of its training, and these.
    systems: Arc<[TrainingSystem]>,
    scales: Arc<[Scales]>,
    seen: usize,
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
        let mut one = Self::from_model(&model, place, seed, recipe, run.systems()?.into())?;
        one.seen = seen_by_now(run)?;
        Ok(one)
    }

    /// All scientists of a run, in the order of its seeds; the checkpoint is read once.
    ///
    /// # Errors
    ///
    /// As [`Run::model`] and [`Run::systems`].
    pub fn load_all(run: &Run, weights: WeightsKind, device: &Device) -> Result<Vec<Self>, Error> {
        let model = run.model(weights, device)?;
        Self::all_in(run, &model, seen_by_now(run)?)
    }

    /// All scientists of a run as they were at the end of `phase`, counted from 1, when they had
    /// [seen](Scientist::seen) the first systems only.
    ///
    /// # Errors
    ///
    /// As [`Run::model_at`] and [`Run::systems`].
    pub fn load_all_at(
        run: &Run,
        phase: usize,
        weights: WeightsKind,
        device: &Device,
    ) -> Result<Vec<Self>, Error> {
        let model = run.model_at(phase, weights, device)?;
        Self::all_in(run, &model, run.record().seen(phase))
    }

    fn all_in(run: &Run, model: &MassModel, seen: usize) -> Result<Vec<Self>, Error> {
        let record = run.record();
        let systems = run.systems()?.into();
        let mut all = Self::all_of(model, &record.seeds, record.recipe.clone(), systems)?;
        for one in &mut all {
            one.seen = seen;
        }
        Ok(all)
    }

    /// All scientists of an ensemble in memory, in the order of its seeds.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not a seed for each member, else as [`Scientist::from_model`].
    pub fn all_of(
        model: &MassModel,
        seeds: &[u64],
        recipe: Recipe,
        systems: Arc<[TrainingSystem]>,
    ) -> Result<Vec<Self>, Error> {
        check_length("the list of seeds", seeds.len(), model.ensemble_size())?;
        check_systems(model, &systems)?;
        let (seen_as, scales) = in_units(&systems, &recipe)?;
        let (ensemble, recipe) = (Arc::new(model.clone()), Arc::new(recipe));
        let seeds = seeds.iter().enumerate();
        let one = |(place, seed): (usize, &u64)| {
            Self::of_ensemble(
                ensemble.clone(),
                place,
                *seed,
                recipe.clone(),
                [systems.clone(), seen_as.clone()],
                scales.clone(),
            )
        };
        Ok(seeds.map(one).collect())
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
        check_systems(model, &systems)?;
        // The others are not kept.
        let alone = Arc::new(member(model, place)?);
        let (seen_as, scales) = in_units(&systems, &recipe)?;
        let both = [systems, seen_as];
        let recipe = recipe.into();
        Ok(Self::of_ensemble(alone, 0, seed, recipe, both, scales))
    }

    fn of_ensemble(
        ensemble: Arc<MassModel>,
        place: usize,
        seed: u64,
        recipe: Arc<Recipe>,
        [own, systems]: [Arc<[TrainingSystem]>; 2],
        scales: Arc<[Scales]>,
    ) -> Self {
        Self {
            ensemble,
            place,
            alone: OnceLock::new(),
            seed,
            recipe,
            seen: systems.len(),
            own,
            systems,
            scales,
        }
    }

    /// Its model, E = 1; taken out of the ensemble when it is asked for first.
    pub fn model(&self) -> &MassModel {
        self.alone.get_or_init(|| {
            member(&self.ensemble, self.place).expect("the scientist is a member of its ensemble")
        })
    }

    /// Its seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The recipe of its training.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The systems of its training, in the order in which they join, in its units.
    pub fn systems(&self) -> &[TrainingSystem] {
        &self.systems
    }

    /// How many of them, from the first on, it has seen: all, but for one of a continued training
    /// that has not come to its last phase, or was loaded at the end of an earlier one
    /// ([`Scientist::load_all_at`]). Of the others it knows nothing; they are as initialised.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Names and dimensions of the systems that it has seen.
    pub(crate) fn seen_shapes(&self) -> &[SystemShape] {
        &self.ensemble.systems()[..self.seen]
    }

    /// The place of the system of this id.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSystem`] listing those that there are.
    pub fn system(&self, id: &str) -> Result<usize, Error> {
        let place = self
            .ensemble
            .systems()
            .iter()
            .position(|system| system.id == id);
        place.ok_or_else(|| Error::UnknownSystem {
            system: id.to_string(),
            known: ids(self.ensemble.systems()),
        })
    }

    /// w, `[T]`, with zeros for the terms that are off.
    pub fn weights(&self) -> Vec<f64> {
        let weights = to_host(self.model().final_weights());
        let on = self.ensemble.terms().mask.iter();
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
        check_dof(&self.ensemble, system)?;
        Ok(to_host(self.model().shift(system))[0])
    }

    /// The groups of its terms that count as one.
    ///
    /// Terms are merged if they are equal as functions for every one of its systems: with systems of
    /// one and of more dimensions, only what is equal in more.
    pub fn grouping(&self, counting: Counting) -> Grouping {
        let dofs = self.ensemble.systems().iter().map(|system| system.dof);
        let dof = dofs.max().unwrap_or(1);
        Grouping::of(counting, &self.ensemble.terms().library, dof)
    }

    /// How its weights are judged significant: by |w| to 99 %, its mask applied; change the fields
    /// for another norm or fraction.
    pub fn weight_significance(&self, counting: Counting) -> WeightSignificance {
        WeightSignificance::new(self.ensemble.terms().mask.clone(), self.grouping(counting))
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
        check_dof(&self.ensemble, system)?;
        let states = self.recipe.data.states;
        training_evaluation_states(&self.systems[system], states, count, seed)
    }

    /// The activations of its terms at these states of a system.
    ///
    /// # Errors
    ///
    /// As [`ActivationMatrix::of`].
    pub fn activations(&self, system: usize, states: &Dataset) -> Result<ActivationMatrix, Error> {
        Ok(self.read(system, states)?.activations())
    }

    /// What it says of a system at these states: its scalar, all its terms and its weights, which
    /// judgements of its theory take.
    ///
    /// # Errors
    ///
    /// As [`Reading::of`].
    pub fn read(&self, system: usize, states: &Dataset) -> Result<Reading, Error> {
        let states = Arc::new(states.clone());
        let mut read = Reading::evaluate(self.model(), system, &states)?;
        Ok(read.remove(0))
    }

    /// What each of many says of a system at the same states, which their readings share. Members of
    /// one ensemble are evaluated together; the numbers are those of [`Scientist::read`], bit for bit.
    ///
    /// # Errors
    ///
    /// As [`Reading::of`].
    pub fn read_all(
        scientists: &[Scientist],
        system: usize,
        states: &Arc<Dataset>,
    ) -> Result<Vec<Reading>, Error> {
        let mut readings = Vec::with_capacity(scientists.len());
        let same = |a: &Scientist, b: &Scientist| Arc::ptr_eq(&a.ensemble, &b.ensemble);
        for together in scientists.chunk_by(same) {
            let places: Vec<usize> = together.iter().map(|one| one.place).collect();
            let ensemble = &together[0].ensemble;
            readings.extend(Reading::of_members(ensemble, &places, system, states)?);
        }
        Ok(readings)
    }

    /// How well Euler–Lagrange and −S_x compute the motion with the S of each of many, on the first systems
    /// of their training together, with one unit of S for all; `states` are of each in turn.
    /// [`Verdict::NONE`] of scientists whose library lacks the theories' terms.
    ///
    /// # Errors
    ///
    /// As [`Reading::of`].
    pub fn verdicts(
        scientists: &[Scientist],
        states: &[Arc<Dataset>],
    ) -> Result<Vec<Verdict>, Error> {
        let systems = states.iter().enumerate();
        let readings = systems.map(|(system, states)| Self::read_all(scientists, system, states));
        let readings = readings.collect::<Result<Vec<_>, _>>()?;
        let verdict = |place: usize| {
            let own: Vec<&Reading> = readings.iter().map(|system| &system[place]).collect();
            Verdict::of_readings(&own).unwrap_or(Verdict::NONE)
        };
        Ok((0..scientists.len()).into_par_iter().map(verdict).collect())
    }

    /// Whether its law for a system is that of any Lagrangian, judged at these states: with the
    /// system's domain if it is known, on the box of the states if it is measured.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system, else as [`Helmholtz::of`].
    pub fn helmholtz(
        &self,
        system: usize,
        states: &Dataset,
        plan: &HelmholtzPlan,
    ) -> Result<Helmholtz, Error> {
        // In the units of the training, as the states are.
        let law = LearnedLaw::of_members(self.model().clone(), system)?;
        let angles = self.systems[system].system().map(System::angles);
        let law = law.with_angles(angles.unwrap_or_default())?;
        let domain = self.systems[system].system().map(System::domain);
        Helmholtz::of(
            |x, y| law.accelerations(x, y),
            states,
            domain.as_ref(),
            plan,
        )
    }

    /// Whether its law for a system of several coordinates has any Lagrangian, judged at states of
    /// [`Scientist::evaluation_states`]; angles are known where the system is.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system, else as [`Multiplier::of`].
    pub fn multiplier(&self, system: usize, states: &Dataset) -> Result<Multiplier, Error> {
        // In the units of the training, as the states are; those of an angle are its own.
        let law = LearnedLaw::of_members(self.model().clone(), system)?;
        let angles = self.systems[system].system().map(System::angles);
        let angles = angles.unwrap_or_default();
        let law = law.with_angles(angles)?;
        let plan = MultiplierPlan::new(states.dof(), angles);
        Multiplier::of(|x, y| law.accelerations(x, y), states, &plan)
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
        let scales = self.scales(system)?;
        let mut grids = ScalarGrid::of_all(self.model(), system, scales, plane, x, y)?;
        Ok(grids.remove(0))
    }

    /// Its scalar S of a known system over the (x_k, y_k) plane of its domain, all other coordinates 0, at
    /// `points` values of each; NaN outside the domain, where it has learned nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system or degree of freedom, [`Error::Request`] for measured data,
    /// [`Error::Length`] for fewer than two points.
    pub fn scalar_over_domain(
        &self,
        system: usize,
        k: usize,
        points: usize,
    ) -> Result<ScalarGrid, Error> {
        let known = self.known(system)?;
        let (domain, plane) = (known.domain(), Plane::phase(known.dof(), k)?);
        let (x, y) = (axis(&domain.x()[k], points)?, axis(&domain.y()[k], points)?);
        let mut grid = self.scalar_grid(system, &plane, &x, &y)?;
        let inside = ScalarGrid::from_fn(&plane, &x, &y, |x, y| match domain.contains(x, y) {
            true => 0.0,
            false => f64::NAN,
        })?;
        for (value, inside) in grid.values.iter_mut().zip(inside.values) {
            if inside.is_nan() {
                *value = f64::NAN;
            }
        }
        Ok(grid)
    }

    /// The units in which it was trained on a system.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system.
    pub fn scales(&self, system: usize) -> Result<&Scales, Error> {
        check_dof(&self.ensemble, system)?;
        Ok(&self.scales[system])
    }

    /// Its law for a system; angles are brought into [−π, π) where the system is known to have any.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system.
    pub fn law(&self, system: usize) -> Result<LearnedLaw, Error> {
        let law = LearnedLaw::of_members(self.model().clone(), system)?;
        self.with_units(law, system)
    }

    /// A law with the angles and scales of a system.
    fn with_units(&self, law: LearnedLaw, system: usize) -> Result<LearnedLaw, Error> {
        let law = law.with_scales(self.scales(system)?.clone())?;
        match self.own[system].system() {
            Some(known) => law.with_angles(known.angles()),
            None => Ok(law),
        }
    }

    /// Trajectories of the laws of many for a system, from all starts of the plan, beside the true ones,
    /// `[E, B]`: four calls of the model a step for all members of an ensemble together.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for measured data, of which no truth is known, or scientists of more than one
    /// ensemble; else as [`Rollouts::learned`].
    pub fn rollouts(
        scientists: &[Scientist],
        system: usize,
        plan: &RolloutPlan,
    ) -> Result<Rollouts, Error> {
        let refuse = |reason: String| Err(Error::Request(reason));
        let Some(first) = scientists.first() else {
            return refuse("there is no scientist to follow".to_string());
        };
        let same = |one: &Scientist| Arc::ptr_eq(&one.ensemble, &first.ensemble);
        if !scientists.iter().all(same) {
            return refuse(
                "the scientists are of several runs: follow those of each by themselves"
                    .to_string(),
            );
        }
        let places: Vec<usize> = scientists.iter().map(|one| one.place).collect();
        let laws = LearnedLaw::of_members(members(&first.ensemble, &places)?, system)?;
        let laws = first.with_units(laws, system)?;
        Rollouts::learned(&laws, first.known(system)?, plan)
    }

    /// A trajectory of its law for a system beside the true one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for measured data, of which no truth is known, else as
    /// [`Rollout::learned`].
    pub fn rollout(&self, system: usize, plan: &RolloutPlan) -> Result<Rollout, Error> {
        let law = self.law(system)?;
        Rollout::learned(&law, self.known(system)?, plan)
    }

    /// A system whose true motion is known, in the person's units.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system, [`Error::Request`] for measured data.
    pub fn known(&self, system: usize) -> Result<&dyn System, Error> {
        check_dof(&self.ensemble, system)?;
        self.own[system].system().ok_or_else(|| {
            Error::Request(format!(
                "{} is measured data, of which no true trajectory is known: take `law` and `trajectory`",
                self.own[system].id()
            ))
        })
    }
}

impl fmt::Debug for Scientist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scientist")
            .field("seed", &self.seed)
            .field("recipe", &self.recipe.name)
            .field("systems", &self.ensemble.systems())
            .finish_non_exhaustive()
    }
}

/// Systems that have joined a training by its latest checkpoint.
fn seen_by_now(run: &Run) -> Result<usize, Error> {
    let length = run.record().recipe.schedule.phase_steps() as u64;
    let phase = run.completed()?.unwrap_or(0).div_ceil(length).max(1);
    Ok(run.record().seen(phase as usize))
}

/// Systems in the units of a training, and these.
fn in_units(systems: &[TrainingSystem], recipe: &Recipe) -> Result<InUnits, Error> {
    let scales = systems.iter().map(|one| one.scales(&recipe.data));
    let scales = scales.collect::<Result<Vec<_>, _>>()?;
    let pairs = systems.iter().zip(&scales);
    let seen_as = pairs.map(|(one, scales)| one.in_units(scales));
    let seen_as = seen_as.collect::<Result<Vec<_>, _>>()?;
    Ok((seen_as.into(), scales.into()))
}

type InUnits = (Arc<[TrainingSystem]>, Arc<[Scales]>);

/// Refuses systems that are not those of the model.
fn check_systems(model: &MassModel, systems: &[TrainingSystem]) -> Result<(), Error> {
    let shapes: Vec<SystemShape> = systems.iter().map(TrainingSystem::shape).collect();
    if shapes == model.systems() {
        return Ok(());
    }
    Err(Error::Request(format!(
        "the systems given are {}, but the model has learned {}",
        ids(&shapes),
        ids(model.systems())
    )))
}

fn ids(systems: &[SystemShape]) -> String {
    let name = |system: &SystemShape| format!("{} (d = {})", system.id, system.dof);
    systems.iter().map(name).collect::<Vec<_>>().join(", ")
}

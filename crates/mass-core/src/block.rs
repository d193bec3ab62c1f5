//! A block of scientists in one set of tensors, and one training step of it.

use std::sync::{Arc, atomic::AtomicBool};

use burn::tensor::{Bool, Device, Tensor, TensorData};

use mass_systems::Dataset;

use crate::{
    DataRecipe, Error, MassModel, Metrics, MetricsRow, Recipe, SystemShape, TermSet,
    TrainingSystem, WeightsRow, batch_indices,
    data::{Batch, BlockData, HostData},
    evaluation::test_errors,
    finish::finished,
    optimizer::{Moments, Optimizer, moving_average},
    parameters::{Layout, Values},
    tensors::{host, without_autodiff},
};

/// What decides the steps of a training, the same for every block.
pub(crate) struct Plan {
    recipe: Recipe,
    /// In the units of the training.
    systems: Vec<TrainingSystem>,
    shapes: Vec<SystemShape>,
    terms: Arc<TermSet>,
    pub(crate) layout: Layout,
    /// Per system, the measured states that all scientists share.
    shared: Vec<Option<Shared>>,
    /// When the host reads whether a scientist has diverged.
    watch: Watch,
}

/// When the host reads each step's losses and gradient norms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// At each step: where host and device are one, reading costs nothing, and nothing is masked
    /// until somebody diverges.
    EachStep,
    /// When asked ([`Block::settle`]); meanwhile the device decides for itself who is frozen. Where
    /// the host would have to wait for the device at each step.
    WhenAsked,
}

/// Measured states: on the host to draw batches of, and on the device, `[1, N, ·]`, to test on.
struct Shared {
    train: Arc<HostData>,
    test: Batch,
}

impl Plan {
    pub(crate) fn new(
        recipe: &Recipe,
        systems: &[TrainingSystem],
        watch: Watch,
        device: &Device,
    ) -> Result<Self, Error> {
        let device = device.clone().inner();
        let systems = systems.iter().map(|one| one.in_units_of(&recipe.data));
        let systems = systems.collect::<Result<Vec<_>, _>>()?;
        let shared = |system: &TrainingSystem| {
            let (train, test) = system.measurements()?;
            let host =
                |data: &Arc<Dataset>| HostData::new(std::slice::from_ref(data), recipe.precision);
            Some(Shared {
                train: Arc::new(host(train)),
                test: host(test).batch(None, 1, &device),
            })
        };
        let shapes: Vec<SystemShape> = systems.iter().map(TrainingSystem::shape).collect();
        Ok(Self {
            terms: Arc::new(TermSet::of(&recipe.terms, &recipe.theory)?),
            layout: Layout::new(recipe, &shapes),
            shared: systems.iter().map(shared).collect(),
            watch,
            recipe: recipe.clone(),
            shapes,
            systems,
        })
    }

    /// The model with these parameters.
    fn model(&self, values: &Values) -> Result<MassModel, Error> {
        MassModel::from_values(&self.recipe, &self.shapes, self.terms.clone(), values)
    }

    pub(crate) fn shapes(&self) -> &[SystemShape] {
        &self.shapes
    }

    /// Whether w is learned.
    fn learns_weights(&self) -> bool {
        self.recipe.theory.is_free() && self.recipe.network.has_scalar()
    }

    /// Whether the averages are to be finished after `completed` steps.
    pub(crate) fn finishes_at(&self, completed: u64) -> bool {
        self.recipe.finish.is_some() && self.ends_phase(completed)
    }

    /// Phase (from 0) and step within it (from 0) of a step (from 0).
    fn position(&self, step: u64) -> (usize, usize) {
        let length = self.recipe.schedule.phase_steps() as u64;
        ((step / length) as usize, (step % length) as usize)
    }

    /// Systems seen at a step (from 0).
    fn active(&self, step: u64) -> usize {
        self.recipe
            .schedule
            .active_systems(self.position(step).0, self.shapes.len())
    }

    /// Whether `completed` steps end a phase.
    pub(crate) fn ends_phase(&self, completed: u64) -> bool {
        completed > 0 && completed.is_multiple_of(self.recipe.schedule.phase_steps() as u64)
    }

    /// The next step after which a finish stands alone, so that no step is lost with one that is broken off.
    pub(crate) fn before_finish(&self, completed: u64) -> u64 {
        let phase = self.recipe.schedule.phase_steps() as u64;
        match self.recipe.finish {
            Some(_) => ((completed + 1) / phase + 1) * phase - 1,
            None => u64::MAX,
        }
    }

    /// Whether the scientists are tested after `completed` steps: after the first, regularly, and
    /// at the end of each phase.
    pub(crate) fn evaluates_at(&self, completed: u64) -> bool {
        let every = self.recipe.evaluation.every as u64;
        completed == 1 || completed.is_multiple_of(every) || self.ends_phase(completed)
    }

    /// The first test after `completed` steps.
    pub(crate) fn next_evaluation(&self, completed: u64) -> u64 {
        let every = self.recipe.evaluation.every as u64;
        let phase = self.recipe.schedule.phase_steps() as u64;
        let next = |period: u64| (completed / period + 1) * period;
        if completed == 0 {
            1
        } else {
            next(every).min(next(phase))
        }
    }
}

type Drawn = Result<Arc<Dataset>, Error>;

/// A few scientists that are trained together; none of its numbers depends on the others.
pub(crate) struct Block {
    seeds: Vec<u64>,
    /// The parameters, without autodiff.
    values: Values,
    /// Their moving averages; what never moves is its own.
    average: Values,
    optimizer: Optimizer,
    train: Vec<BlockData>,
    test: Vec<Batch>,
    diverged: Vec<Option<u64>>,
    /// Which members no longer train, `[E, 1]`, as the device knows it.
    frozen: Tensor<2, Bool>,
    /// The steps that the host has not read yet.
    unread: Vec<u64>,
    /// Of each of them losses and gradient norms, `[E]` each.
    unread_numbers: Vec<Tensor<1>>,
    /// The last step's training errors, `[E]` each, while they are unread.
    unread_errors: Vec<Tensor<1>>,
    /// Who was found to have diverged since [`Block::settle`], and when.
    newly: Vec<(u64, u64)>,
    losses: Vec<f64>,
    /// Training error of the last step, per system and member.
    errors: Vec<Vec<f64>>,
}

impl Block {
    /// Scientists at these parameters, with their data drawn.
    pub(crate) fn new(
        plan: &Plan,
        seeds: &[u64],
        values: Values,
        device: &Device,
    ) -> Result<Self, Error> {
        let recipe = &plan.recipe;
        let device = device.clone().inner();
        let values = values.map(without_autodiff, without_autodiff);
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for (system, shared) in plan.systems.iter().zip(&plan.shared) {
            if let Some(shared) = shared {
                train.push(BlockData::shared(shared.train.clone(), &device));
                let all = |tensor: &Tensor<3>| {
                    let [_, states, width] = tensor.dims();
                    tensor.clone().expand([seeds.len(), states, width])
                };
                test.push(Batch {
                    states: all(&shared.test.states),
                    targets: all(&shared.test.targets),
                });
                continue;
            }
            let own = |states: fn(&TrainingSystem, &DataRecipe, u64) -> Drawn| {
                let drawn = seeds.iter().map(|seed| states(system, &recipe.data, *seed));
                let drawn = drawn.collect::<Result<Vec<_>, _>>()?;
                Ok::<_, Error>(HostData::new(&drawn, recipe.precision))
            };
            train.push(BlockData::own(own(TrainingSystem::train_states)?, &device));
            test.push(own(TrainingSystem::test_states)?.batch(None, seeds.len(), &device));
        }
        Ok(Self {
            seeds: seeds.to_vec(),
            average: values.clone(),
            optimizer: Optimizer::new(&recipe.optimizer, values.rows.len()),
            values,
            train,
            test,
            frozen: frozen(&vec![None; seeds.len()], &device),
            diverged: vec![None; seeds.len()],
            unread: Vec::new(),
            unread_numbers: Vec::new(),
            unread_errors: Vec::new(),
            newly: Vec::new(),
            losses: vec![f64::NAN; seeds.len()],
            errors: vec![vec![f64::NAN; seeds.len()]; plan.systems.len()],
        })
    }

    /// The parameters in the model's order.
    pub(crate) fn parameters(&self, plan: &Plan) -> Vec<Tensor<3>> {
        plan.layout.tensors(&self.values)
    }

    /// Their moving averages.
    pub(crate) fn average(&self, plan: &Plan) -> Vec<Tensor<3>> {
        plan.layout.tensors(&self.average)
    }

    pub(crate) fn set_average(&mut self, average: Values) {
        self.average = average;
    }

    /// First and second moment of a parameter, and the updates since the last restart; none before
    /// its first gradient.
    pub(crate) fn moments(
        &self,
        plan: &Plan,
        index: usize,
    ) -> Option<(Tensor<3>, Tensor<3>, usize)> {
        let moments = self.optimizer.moments[plan.layout.group_of(index)?].as_ref()?;
        let cut = |row| plan.layout.cut(index, row);
        Some((cut(&moments.first)?, cut(&moments.second)?, moments.updates))
    }

    /// Sets all moments, in the model's order.
    pub(crate) fn set_moments(
        &mut self,
        plan: &Plan,
        moments: &[Option<(Tensor<3>, Tensor<3>, usize)>],
    ) {
        let part = |second: bool| -> Vec<Option<Tensor<3>>> {
            let one = |moment: &(Tensor<3>, Tensor<3>, usize)| {
                if second {
                    moment.1.clone()
                } else {
                    moment.0.clone()
                }
            };
            moments
                .iter()
                .map(|moment| moment.as_ref().map(one))
                .collect()
        };
        let (first, second) = (part(false), part(true));
        for group in 0..plan.layout.groups() {
            let of_group = |index: &usize| plan.layout.group_of(*index) == Some(group);
            let updates = (0..plan.layout.len())
                .filter(of_group)
                .find_map(|index| moments[index].as_ref().map(|moment| moment.2));
            let rows = (
                plan.layout.row(group, &first),
                plan.layout.row(group, &second),
            );
            if let (Some(updates), (Some(first), Some(second))) = (updates, rows) {
                self.optimizer.moments[group] = Some(Moments {
                    first,
                    second,
                    updates,
                });
            }
        }
    }

    /// Step at which each scientist diverged, if it did.
    pub(crate) fn diverged(&self) -> &[Option<u64>] {
        &self.diverged
    }

    pub(crate) fn set_diverged(&mut self, diverged: Vec<Option<u64>>) {
        self.frozen = frozen(&diverged, &self.frozen.device());
        self.diverged = diverged;
    }

    /// The last step's loss of each scientist.
    pub(crate) fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// One training step (from 0): draw, predict, differentiate, update, average. What it came to is
    /// known after [`Block::settle`].
    pub(crate) fn step(&mut self, plan: &Plan, step: u64) -> Result<(), Error> {
        let recipe = &plan.recipe;
        let (_, within) = plan.position(step);
        if recipe.schedule.restarts_at(within) {
            self.optimizer.restart();
        }
        let values = self.values.clone();
        let model = plan.model(&values.map(Tensor::from_inner, Tensor::from_inner))?;
        let penalties = recipe.schedule.penalty_factor(within);
        let objective = recipe.objective.with_penalties(penalties);
        let losses = objective.losses(&model, &self.batches(plan, step))?;
        let errors = losses.errors.into_iter().map(Tensor::inner).collect();
        let losses = losses.total;
        let mut gradients = losses.clone().sum().backward();
        let mut gradients = model.row_gradients(&mut gradients);
        if !plan.learns_weights() {
            // w is held: without a gradient it neither moves nor decays.
            *gradients.last_mut().expect("w has a row") = None;
        }
        if let Some(longest) = recipe.optimizer.clip {
            shorten(&mut gradients, longest);
        }

        self.note(losses.inner(), errors, &gradients, step + 1);
        let frozen = match plan.watch {
            Watch::EachStep => {
                self.read();
                let any = self.diverged.iter().any(Option::is_some);
                any.then(|| self.frozen.clone())
            }
            Watch::WhenAsked => {
                self.freeze();
                Some(self.frozen.clone())
            }
        };
        let factor = recipe.schedule.factor(within);
        for (group, gradient) in gradients.into_iter().enumerate() {
            let Some(gradient) = gradient else { continue };
            let value = self.values.rows[group].clone();
            let updated = self
                .optimizer
                .step(group, factor, value, gradient, frozen.as_ref());
            self.values.rows[group] = updated;
        }
        for (average, value) in self.average.rows.iter_mut().zip(&self.values.rows) {
            let before = std::mem::replace(average, value.clone());
            *average = moving_average(
                before,
                value.clone(),
                recipe.evaluation.ema,
                frozen.as_ref(),
            );
        }
        Ok(())
    }

    /// The recipe's finish of every scientist's average after `completed` steps; whether it came to its end, and
    /// not to that of the program.
    pub(crate) fn finish(
        &mut self,
        plan: &Plan,
        completed: u64,
        stop: &AtomicBool,
    ) -> Result<bool, Error> {
        let Some(recipe) = &plan.recipe.finish else {
            return Ok(true);
        };
        let objective = &plan.recipe.objective;
        let active = plan.active(completed - 1);
        let mut rows: Vec<Vec<Tensor<2>>> = vec![Vec::new(); self.average.rows.len()];
        for member in 0..self.seeds.len() {
            let own = self.average.clone().map(
                |row| row.narrow(0, member, 1),
                |alone| alone.narrow(0, member, 1),
            );
            let done = match self.diverged[member] {
                Some(_) => own.rows,
                None => {
                    let mut moves: Vec<bool> = (0..plan.shapes.len()).map(|j| j < active).collect();
                    moves.push(plan.learns_weights());
                    let batches = self.train[..active].iter();
                    let batches = batches.map(|data| data.of_member(member).with_autodiff());
                    let found = finished(
                        recipe,
                        objective,
                        |values| plan.model(values),
                        (own, moves),
                        batches.collect(),
                        stop,
                    )?;
                    let Some(rows) = found else {
                        return Ok(false);
                    };
                    rows
                }
            };
            for (all, own) in rows.iter_mut().zip(done) {
                all.push(own);
            }
        }
        let rows = rows.into_iter().map(|members| Tensor::cat(members, 0));
        self.average.rows = rows.collect();
        Ok(true)
    }

    /// Reads what the steps since the last call came to. Who diverged in them, as (seed, step from 1).
    pub(crate) fn settle(&mut self) -> Vec<(u64, u64)> {
        self.read();
        std::mem::take(&mut self.newly)
    }

    /// This step's rows of each system that is seen.
    fn batches(&self, plan: &Plan, step: u64) -> Vec<Batch> {
        (0..plan.active(step))
            .map(|j| {
                let data = &self.train[j];
                let rows = |seed: &u64| {
                    let (id, batch) = (&plan.shapes[j].id, plan.recipe.data.batch);
                    batch_indices(*seed, id, step, data.len(), batch)
                };
                let rows: Vec<Vec<usize>> = self.seeds.iter().map(rows).collect();
                data.batch(&rows).with_autodiff()
            })
            .collect()
    }

    /// Keeps the step's numbers on the device.
    fn note(
        &mut self,
        losses: Tensor<1>,
        errors: Vec<Tensor<1>>,
        gradients: &[Option<Tensor<2>>],
        step: u64,
    ) {
        let members = self.seeds.len();
        let norms = gradients
            .iter()
            .flatten()
            .map(|gradient| gradient.clone().abs().sum_dim(1).reshape([members]));
        let norm = norms
            .reduce(|sum: Tensor<1>, norm| sum + norm)
            .expect("a network or w has a gradient");
        self.unread.push(step);
        self.unread_numbers.extend([losses, norm]);
        self.unread_errors = errors;
    }

    /// Freezes members whose loss or gradient of the last step is not finite, without the host.
    fn freeze(&mut self) {
        let last = &self.unread_numbers[self.unread_numbers.len() - 2..];
        let sound = last[0].clone().is_finite();
        let sound = sound.bool_and(last[1].clone().is_finite());
        let not = sound.bool_not().reshape([self.seeds.len(), 1]);
        self.frozen = self.frozen.clone().bool_or(not);
    }

    /// Reads what is unread, in one transfer.
    fn read(&mut self) {
        if self.unread.is_empty() {
            return;
        }
        let members = self.seeds.len();
        let steps = std::mem::take(&mut self.unread);
        let mut unread = std::mem::take(&mut self.unread_numbers);
        unread.append(&mut self.unread_errors);
        let values = host(Tensor::cat(unread, 0));
        let (numbers, errors) = values.split_at(2 * members * steps.len());
        for (step, numbers) in steps.into_iter().zip(numbers.chunks(2 * members)) {
            let (losses, norms) = numbers.split_at(members);
            for (member, (loss, norm)) in losses.iter().zip(norms).enumerate() {
                if self.diverged[member].is_none() && !(loss.is_finite() && norm.is_finite()) {
                    self.diverged[member] = Some(step);
                    self.newly.push((self.seeds[member], step));
                }
            }
            self.losses = losses.to_vec();
        }
        if !self.newly.is_empty() {
            self.frozen = frozen(&self.diverged, &self.frozen.device());
        }
        for (kept, errors) in self.errors.iter_mut().zip(errors.chunks(members)) {
            *kept = errors.to_vec();
        }
    }

    /// Tests every scientist on every system it has seen after `completed` steps.
    pub(crate) fn evaluate(&mut self, plan: &Plan, completed: u64) -> Result<Metrics, Error> {
        let recipe = &plan.recipe;
        let last = completed - 1;
        let (phase, within) = plan.position(last);
        let raw = plan.model(&self.values)?;
        let average = plan.model(&self.average)?;
        let mut metrics = Metrics::default();
        let mut tested = Vec::new();
        for j in 0..plan.active(last) {
            let shifts = host(raw.shift(j));
            let raw = test_errors(&raw, j, &self.test[j])?;
            let average = test_errors(&average, j, &self.test[j])?;
            tested.push((shifts, raw, average));
        }
        let weights = host(raw.final_weights());
        let terms = weights.len() / self.seeds.len();
        for (member, seed) in self.seeds.iter().enumerate() {
            for (j, (shifts, raw, average)) in tested.iter().enumerate() {
                metrics.rows.push(MetricsRow {
                    step: completed,
                    phase: phase as u64 + 1,
                    seed: *seed,
                    system: plan.shapes[j].id.clone(),
                    learning_rate: recipe.optimizer.learning_rate * recipe.schedule.factor(within),
                    train_loss: self.losses[member],
                    train_error: self.errors[j][member],
                    shift: shifts[member],
                    raw: raw[member],
                    average: average[member],
                    diverged: self.diverged[member],
                });
            }
            let row = &weights[member * terms..(member + 1) * terms];
            metrics.weights.push(WeightsRow {
                step: completed,
                seed: *seed,
                weights: row.iter().map(|weight| *weight as f32).collect(),
            });
        }
        Ok(metrics)
    }
}

/// Shortens the whole gradient of each member to a length, where it is longer.
fn shorten(gradients: &mut [Option<Tensor<2>>], longest: f64) {
    let squares = gradients.iter().flatten();
    let squares = squares.map(|gradient| gradient.clone().square().sum_dim(1));
    let Some(square) = squares.reduce(|sum, one| sum + one) else {
        return;
    };
    // Where it is shorter the factor is 1, and so exact.
    let tiny = f64::from(f32::MIN_POSITIVE);
    let factor = square
        .sqrt()
        .clamp_min(tiny)
        .recip()
        .mul_scalar(longest)
        .clamp_max(1.0);
    for gradient in gradients.iter_mut().flatten() {
        let shape = gradient.dims();
        *gradient = gradient.clone() * factor.clone().expand(shape);
    }
}

/// Which members no longer train, `[E, 1]`.
fn frozen(diverged: &[Option<u64>], device: &Device) -> Tensor<2, Bool> {
    let frozen: Vec<bool> = diverged.iter().map(Option::is_some).collect();
    Tensor::from_data(TensorData::new(frozen, [diverged.len(), 1]), device)
}

#[cfg(test)]
mod tests {
    use mass_jet::DeviceKind;

    use super::*;

    /// What a training of a few steps comes to.
    #[derive(PartialEq)]
    struct Trained {
        newly: Vec<(u64, u64)>,
        diverged: Vec<Option<u64>>,
        /// Bits of losses, errors, parameters, averages and moments.
        bits: Vec<Vec<u64>>,
    }

    /// 12 steps, 6 of them with the second system, after which the blocks are compared bit for bit.
    fn trained(watch: Watch) -> Trained {
        let mut recipe = Recipe::reference().with_steps(3);
        recipe.data.train_states = 40;
        recipe.data.test_states = 8;
        recipe.data.batch = 8;
        let systems = ["classical", "pendulum"].map(|id| TrainingSystem::named(id).unwrap());
        let device = DeviceKind::Flex.open().unwrap();
        let plan = Plan::new(&recipe, &systems, watch, &device).unwrap();
        let seeds = [4, 5, 6, 7];
        let model = MassModel::init(&recipe, plan.shapes(), &seeds, &device).unwrap();
        // Scientist 5 is sick from the first step; 6 in the network of the system that joins after six.
        let mut values = model.values();
        for (row, member) in [(0, 1), (1, 2)] {
            let at = [member..member + 1, 0..1];
            values.rows[row] = values.rows[row].clone().slice_fill(at, f32::NAN);
        }
        let mut block = Block::new(&plan, &seeds, values, &device).unwrap();
        let mut newly = Vec::new();
        for step in 0..12 {
            block.step(&plan, step).unwrap();
            if step == 3 || step == 11 {
                newly.extend(block.settle());
            }
        }
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
        let mut all: Vec<Vec<u64>> = vec![bits(block.losses())];
        all.extend(block.errors.iter().map(|errors| bits(errors)));
        let moments = block.optimizer.moments.iter().flatten();
        let moments = moments.flat_map(|one| [one.first.clone(), one.second.clone()]);
        let rows = block.values.rows.iter().chain(&block.average.rows).cloned();
        all.extend(rows.chain(moments).map(|row| bits(&host(row))));
        Trained {
            newly,
            diverged: block.diverged().to_vec(),
            bits: all,
        }
    }

    #[test]
    fn the_host_may_read_late_and_nothing_changes() {
        let each_step = trained(Watch::EachStep);
        assert_eq!(each_step.newly, [(5, 1), (6, 7)]);
        assert_eq!(each_step.diverged, [None, Some(1), Some(7), None]);
        assert!(each_step == trained(Watch::WhenAsked));
    }

    #[test]
    fn a_theory_that_is_given_is_held_and_the_scalar_learns() {
        let mut recipe = Recipe::reference().with_steps(4);
        recipe.theory = crate::TheoryRecipe::Lagrangian;
        recipe.data.states = mass_systems::States::Bounded;
        recipe.data.train_states = 40;
        recipe.data.test_states = 8;
        recipe.data.batch = 8;
        let systems = [TrainingSystem::named("double_pendulum").unwrap()];
        let device = DeviceKind::Flex.open().unwrap();
        let plan = Plan::new(&recipe, &systems, Watch::EachStep, &device).unwrap();
        let model = MassModel::init(&recipe, plan.shapes(), &[4, 5], &device).unwrap();
        let values = model.values();
        let mut block = Block::new(&plan, &[4, 5], values.clone(), &device).unwrap();
        for step in 0..4 {
            block.step(&plan, step).unwrap();
        }
        let held = recipe.theory.weights(&plan.terms.library).unwrap().unwrap();
        assert_eq!(host(block.values.rows[1].clone()), held.repeat(2));
        assert_eq!(host(block.average.rows[1].clone()), held.repeat(2));
        assert_ne!(
            host(block.values.rows[0].clone()),
            host(values.rows[0].clone())
        );
        assert!(block.losses().iter().all(|loss| loss.is_finite()));
    }

    #[test]
    fn a_long_gradient_is_shortened_and_a_short_one_is_not() {
        let device = DeviceKind::Flex.open().unwrap();
        let row = |rows: [[f32; 2]; 2]| Some(Tensor::<2>::from_floats(rows, &device));
        // Of the first member (3, 0, 0, 4), of length 5; of the second (0.3, 0, 0, 0).
        let mut gradients = [
            row([[3.0, 0.0], [0.3, 0.0]]),
            None,
            row([[0.0, 4.0], [0.0, 0.0]]),
        ];
        shorten(&mut gradients, 1.0);
        let found = gradients.map(|one| one.map(host).unwrap_or_default());
        let f = |v: f32| f64::from(v);
        assert_eq!(found[1], [0.0; 0]);
        assert!((found[0][0] - 0.6).abs() < 1e-7 && (found[2][1] - 0.8).abs() < 1e-7);
        assert_eq!((found[0][2], found[2][2]), (f(0.3), 0.0));
    }
}

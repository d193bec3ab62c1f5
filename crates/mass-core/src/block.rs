//! A block of scientists in one set of tensors, and one training step of it.

use burn::tensor::{Bool, Device, Tensor, TensorData};

use crate::{
    BatchReduction, Error, ErrorKind, MassModel, Metrics, MetricsRow, Recipe, SystemShape,
    TrainingSystem, WeightsRow, batch_indices,
    data::BlockData,
    evaluation::{host, test_errors},
    optimizer::{Moments, Optimizer, moving_average},
};

/// What decides the steps of a training, the same for every block.
pub(crate) struct Plan {
    recipe: Recipe,
    shapes: Vec<SystemShape>,
}

impl Plan {
    pub(crate) fn new(recipe: &Recipe, systems: &[TrainingSystem]) -> Self {
        Self {
            recipe: recipe.clone(),
            shapes: systems.iter().map(TrainingSystem::shape).collect(),
        }
    }

    pub(crate) fn shapes(&self) -> &[SystemShape] {
        &self.shapes
    }

    pub(crate) fn total_steps(&self) -> u64 {
        self.recipe.schedule.total_steps(self.shapes.len()) as u64
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

/// A few scientists that are trained together; none of its numbers depends on the others.
pub(crate) struct Block {
    seeds: Vec<u64>,
    device: Device,
    /// Without autodiff; a step tracks them.
    parameters: Vec<Tensor<3>>,
    average: Vec<Tensor<3>>,
    optimizer: Optimizer,
    train: Vec<BlockData>,
    test: Vec<BlockData>,
    diverged: Vec<Option<u64>>,
    losses: Vec<f64>,
    /// Training error of the last step, per system and member.
    errors: Vec<Vec<f64>>,
}

impl Block {
    /// Scientists at these parameters, with their data drawn.
    pub(crate) fn new(
        plan: &Plan,
        systems: &[TrainingSystem],
        seeds: &[u64],
        parameters: Vec<Tensor<3>>,
        device: &Device,
    ) -> Result<Self, Error> {
        let recipe = &plan.recipe;
        let device = device.clone().inner();
        let parameters: Vec<_> = parameters
            .into_iter()
            .map(|tensor| {
                if tensor.device().is_autodiff() {
                    tensor.inner()
                } else {
                    tensor
                }
            })
            .collect();
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for system in systems {
            let states = |test: bool| -> Result<BlockData, Error> {
                let datasets = seeds.iter().map(|seed| {
                    if test {
                        system.test_states(&recipe.data, *seed)
                    } else {
                        system.train_states(&recipe.data, *seed)
                    }
                });
                let datasets = datasets.collect::<Result<Vec<_>, _>>()?;
                BlockData::new(&datasets, &device, recipe.precision)
            };
            train.push(states(false)?);
            test.push(states(true)?);
        }
        Ok(Self {
            seeds: seeds.to_vec(),
            device,
            average: parameters.clone(),
            optimizer: Optimizer::new(&recipe.optimizer, parameters.len()),
            parameters,
            train,
            test,
            diverged: vec![None; seeds.len()],
            losses: vec![f64::NAN; seeds.len()],
            errors: vec![vec![f64::NAN; seeds.len()]; systems.len()],
        })
    }

    pub(crate) fn parameters(&self) -> Vec<Tensor<3>> {
        self.parameters.clone()
    }

    pub(crate) fn average(&self) -> &[Tensor<3>] {
        &self.average
    }

    pub(crate) fn set_average(&mut self, average: Vec<Tensor<3>>) {
        self.average = average;
    }

    pub(crate) fn moments(&self, index: usize) -> Option<&Moments> {
        self.optimizer.moments[index].as_ref()
    }

    pub(crate) fn set_moments(
        &mut self,
        index: usize,
        first: Tensor<3>,
        second: Tensor<3>,
        updates: usize,
    ) {
        self.optimizer.moments[index] = Some(Moments {
            first,
            second,
            updates,
        });
    }

    /// Step at which each scientist diverged, if it did.
    pub(crate) fn diverged(&self) -> &[Option<u64>] {
        &self.diverged
    }

    pub(crate) fn set_diverged(&mut self, diverged: Vec<Option<u64>>) {
        self.diverged = diverged;
    }

    /// The last step's loss of each scientist.
    pub(crate) fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// One training step (from 0): draw, predict, differentiate, update, average. Who diverged in
    /// it, as (seed, step from 1).
    pub(crate) fn step(&mut self, plan: &Plan, step: u64) -> Result<Vec<(u64, u64)>, Error> {
        let recipe = &plan.recipe;
        let (_, within) = plan.position(step);
        if recipe.schedule.restarts_at(within) {
            self.optimizer.restart();
        }
        let tracked: Vec<Tensor<3>> = self
            .parameters
            .iter()
            .map(|tensor| Tensor::from_inner(tensor.clone()).require_grad())
            .collect();
        let model = MassModel::from_tensors(recipe, &plan.shapes, tracked)?;
        let (losses, errors) = self.losses_of(&model, plan, step)?;
        let tracked = model.tensors();
        let mut gradients = losses.clone().sum().backward();
        let gradients: Vec<Option<Tensor<3>>> = tracked
            .iter()
            .map(|tensor| tensor.grad_remove(&mut gradients))
            .collect();

        let newly = self.note(losses.inner(), errors, &gradients, step + 1);
        let frozen = self.frozen();
        let factor = recipe.schedule.factor(within);
        for (index, gradient) in gradients.into_iter().enumerate() {
            let Some(gradient) = gradient else { continue };
            let value = self.parameters[index].clone();
            self.parameters[index] =
                self.optimizer
                    .step(index, factor, value, gradient, frozen.as_ref());
        }
        for (average, value) in self.average.iter_mut().zip(&self.parameters) {
            let updated = moving_average(average.clone(), value.clone(), recipe.evaluation.ema);
            *average = match &frozen {
                Some(frozen) => {
                    updated.mask_where(frozen.clone().expand(value.dims()), average.clone())
                }
                None => updated,
            };
        }
        Ok(newly)
    }

    /// The objective of each member `[E]` on this step's batches, and its errors per system, each
    /// `[E]` (Fu et al. 2025, Eq. 6).
    fn losses_of(
        &self,
        model: &MassModel,
        plan: &Plan,
        step: u64,
    ) -> Result<(Tensor<1>, Vec<Tensor<1>>), Error> {
        let (recipe, objective) = (&plan.recipe, &plan.recipe.objective);
        let active = plan.active(step);
        let terms = model.terms().library.len() as f64;
        let members = self.seeds.len();
        let weight_norm: Tensor<1> = model.final_weights().abs().sum_dim(1).reshape([members]);
        let mut total: Option<Tensor<1>> = None;
        let mut errors = Vec::with_capacity(active);
        for (j, weight) in objective.weighting.weights(active).into_iter().enumerate() {
            let data = &self.train[j];
            let rows: Vec<Vec<usize>> = self
                .seeds
                .iter()
                .map(|seed| {
                    batch_indices(
                        *seed,
                        &plan.shapes[j].id,
                        step,
                        data.len(),
                        recipe.data.batch,
                    )
                })
                .collect();
            let (states, targets) = data.batch(&rows);
            let batch = states.dims()[1];
            let output = model.predict(j, Tensor::from_inner(states))?;
            let difference = output.prediction - Tensor::from_inner(targets);
            let dof = plan.shapes[j].dof;
            let squares = difference.square().reshape([members, batch * dof]);
            let mse: Tensor<1> = squares
                .sum_dim(1)
                .reshape([members])
                .div_scalar(batch as f64);
            let error = match objective.error {
                ErrorKind::Mse => mse,
                // The subgradient at a perfect fit is 0, as PyTorch's norm has it.
                ErrorKind::Rmse => mse.clamp_min(f64::from(f32::MIN_POSITIVE)).sqrt(),
            };
            errors.push(error.clone().inner());
            let activation = match objective.activation_penalty {
                BatchReduction::Sum => output.activation_l1,
                BatchReduction::Mean => output.activation_l1.div_scalar(batch as f64),
            };
            let loss = error
                + model.shift(j).abs().mul_scalar(objective.lambda_b)
                + weight_norm.clone().mul_scalar(objective.lambda_1 / terms)
                + activation.mul_scalar(objective.lambda_2 / terms);
            let loss = if weight == 1.0 {
                loss
            } else {
                loss.mul_scalar(weight)
            };
            total = Some(match total {
                Some(total) => total + loss,
                None => loss,
            });
        }
        Ok((total.expect("a training has at least one system"), errors))
    }

    /// Keeps the step's numbers, and marks members whose loss or gradient is not finite.
    fn note(
        &mut self,
        losses: Tensor<1>,
        errors: Vec<Tensor<1>>,
        gradients: &[Option<Tensor<3>>],
        step: u64,
    ) -> Vec<(u64, u64)> {
        let members = self.seeds.len();
        let mut columns = vec![losses];
        let norms = gradients.iter().flatten().map(|gradient| {
            let [_, rows, width] = gradient.dims();
            gradient
                .clone()
                .abs()
                .reshape([members, rows * width])
                .sum_dim(1)
                .reshape([members])
        });
        columns.push(
            norms
                .reduce(|sum: Tensor<1>, norm| sum + norm)
                .expect("w has a gradient"),
        );
        columns.extend(errors);
        let values = host(Tensor::cat(columns, 0));
        let mut columns = values.chunks(members);
        let (losses, norms) = (columns.next().unwrap_or(&[]), columns.next().unwrap_or(&[]));
        let mut newly = Vec::new();
        for (member, (loss, norm)) in losses.iter().zip(norms).enumerate() {
            if self.diverged[member].is_none() && !(loss.is_finite() && norm.is_finite()) {
                self.diverged[member] = Some(step);
                newly.push((self.seeds[member], step));
            }
        }
        self.losses = losses.to_vec();
        for (kept, errors) in self.errors.iter_mut().zip(columns) {
            *kept = errors.to_vec();
        }
        newly
    }

    /// Which members no longer train, `[E, 1, 1]`; `None` if all do.
    fn frozen(&self) -> Option<Tensor<3, Bool>> {
        if self.diverged.iter().all(Option::is_none) {
            return None;
        }
        let frozen: Vec<bool> = self.diverged.iter().map(Option::is_some).collect();
        let members = frozen.len();
        Some(Tensor::from_data(
            TensorData::new(frozen, [members, 1, 1]),
            &self.device,
        ))
    }

    /// Tests every scientist on every system it has seen after `completed` steps.
    pub(crate) fn evaluate(&mut self, plan: &Plan, completed: u64) -> Result<Metrics, Error> {
        let recipe = &plan.recipe;
        let last = completed - 1;
        let (phase, within) = plan.position(last);
        let raw = MassModel::from_tensors(recipe, &plan.shapes, self.parameters.clone())?;
        let average = MassModel::from_tensors(recipe, &plan.shapes, self.average.clone())?;
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

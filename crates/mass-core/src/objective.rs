//! What a scientist minimises: an error, and named, weighted penalties beside it.

use burn::tensor::Tensor;

use crate::{Batch, BatchReduction, Error, ErrorKind, MassModel, Objective, Output};

/// What a penalty may read of a model on one system at a batch of states.
#[non_exhaustive]
pub struct Seen<'a> {
    /// The model: b of the system is `model.shift(system)`, w `model.final_weights()`.
    pub model: &'a MassModel,
    /// Which of its systems.
    pub system: usize,
    /// States and true accelerations.
    pub batch: &'a Batch,
    /// The derivatives of S there, the predicted accelerations, and ‖a‖₁.
    pub output: &'a Output,
    /// ‖w‖₁, `[E]`, the same for every system.
    pub weight_norm: &'a Tensor<1>,
}

/// A penalty of the objective, per scientist and system.
///
/// Those of the paper come from [`Objective::penalties`]; one of one's own is a struct with this trait,
/// given to [`Objective::losses_with`].
pub trait Penalty {
    /// What it is called.
    fn name(&self) -> &str;

    /// Its value for each scientist, `[E]`, without its weight; scientist e's depends on nothing of the
    /// others.
    ///
    /// # Errors
    ///
    /// An error of a tensor operation.
    fn value(&self, seen: &Seen<'_>) -> Result<Tensor<1>, Error>;
}

/// A penalty with its weight.
pub struct Weighted {
    /// What it is multiplied by.
    pub weight: f64,
    /// The penalty.
    pub penalty: Box<dyn Penalty>,
}

/// |b_j|.
struct Shift;

impl Penalty for Shift {
    fn name(&self) -> &str {
        "shift"
    }

    fn value(&self, seen: &Seen<'_>) -> Result<Tensor<1>, Error> {
        Ok(seen.model.shift(seen.system).abs())
    }
}

/// ‖w‖₁.
struct WeightNorm;

impl Penalty for WeightNorm {
    fn name(&self) -> &str {
        "weights"
    }

    fn value(&self, seen: &Seen<'_>) -> Result<Tensor<1>, Error> {
        Ok(seen.weight_norm.clone())
    }
}

/// ‖a_j‖₁ over a batch.
struct Activations(BatchReduction);

impl Penalty for Activations {
    fn name(&self) -> &str {
        "activations"
    }

    fn value(&self, seen: &Seen<'_>) -> Result<Tensor<1>, Error> {
        let sum = seen.output.sum.activation_l1.clone();
        Ok(match self.0 {
            BatchReduction::Sum => sum,
            BatchReduction::Mean => sum.div_scalar(seen.batch.targets.dims()[1] as f64),
        })
    }
}

/// What [`Objective::losses`] gives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Losses {
    /// The objective of each scientist, `[E]`.
    pub total: Tensor<1>,
    /// Per system, the error of each scientist, `[E]`, without penalties or the system's weight.
    pub errors: Vec<Tensor<1>>,
}

impl Objective {
    /// The same with λ₁ and λ₂ times `factor` ([`Schedule::penalty_factor`](crate::Schedule)).
    #[must_use]
    pub fn with_penalties(&self, factor: f64) -> Self {
        Self {
            lambda_1: self.lambda_1 * factor,
            lambda_2: self.lambda_2 * factor,
            ..self.clone()
        }
    }

    /// The penalties of a model of `terms` terms, in the order in which they are added to the error:
    /// `shift`, λ_b |b_j|; `weights`, (λ₁/T) ‖w‖₁; `activations`, (λ₂/T) ‖a_j‖₁ (Fu et al. 2025, Eq. 6
    /// and Appendix A).
    ///
    /// A further penalty of the recipe is one more entry here.
    pub fn penalties(&self, terms: usize) -> Vec<Weighted> {
        let terms = terms as f64;
        let weighted = |weight, penalty| Weighted { weight, penalty };
        vec![
            weighted(self.lambda_b, Box::new(Shift) as Box<dyn Penalty>),
            weighted(self.lambda_1 / terms, Box::new(WeightNorm)),
            weighted(
                self.lambda_2 / terms,
                Box::new(Activations(self.activation_penalty)),
            ),
        ]
    }

    /// The objective of each member, and its error on each system (Fu et al. 2025, Eq. 6). Batch j is
    /// of the model's system j; with fewer batches than systems, the first systems are meant.
    ///
    /// A member's numbers depend on nothing of the others, so the sum over members has the gradient
    /// of each.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] without a batch or with more batches than systems, and the errors of
    /// [`MassModel::output`].
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::{Batch, DeviceKind, MassModel, Recipe, SystemShape, burn::tensor::Tensor};
    ///
    /// let recipe = Recipe::reference();
    /// let device = DeviceKind::Flex.open()?.autodiff();
    /// let system = SystemShape { id: "classical".into(), dof: 1 };
    /// let model = MassModel::init(&recipe, &[system], &[0, 1], &device)?; // E = 2
    /// let states = Tensor::<3>::ones([2, 8, 2], &device); // [E, B, n]
    /// let targets = -states.clone().narrow(2, 0, 1); // ẏ = −x
    /// let batch = Batch { states, targets };
    /// let losses = recipe.objective.losses(&model, &[batch])?;
    /// assert_eq!((losses.total.dims(), losses.errors.len()), ([2], 1));
    /// let gradients = losses.total.sum().backward();
    /// assert!(model.weights.val().grad(&gradients).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn losses(&self, model: &MassModel, batches: &[Batch]) -> Result<Losses, Error> {
        let terms = model.terms().library.len();
        self.losses_with(model, batches, &self.penalties(terms))
    }

    /// As [`Objective::losses`], with these penalties in place of the recipe's, added in their order.
    ///
    /// # Errors
    ///
    /// As [`Objective::losses`], and those of the penalties.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::{
    ///     Batch, DeviceKind, Error, MassModel, Penalty, Recipe, Seen, SystemShape, Weighted,
    ///     burn::tensor::Tensor,
    /// };
    ///
    /// /// Mean of S_xy² over the batch: smaller for a scalar that keeps x and y apart.
    /// struct Mixing;
    ///
    /// impl Penalty for Mixing {
    ///     fn name(&self) -> &str { "mixing" }
    ///
    ///     fn value(&self, seen: &Seen<'_>) -> Result<Tensor<1>, Error> {
    ///         let mixed = seen.output.derivatives.s_xy().square(); // [E, B, d, d]
    ///         let [members, batch, d, _] = mixed.dims();
    ///         let sum: Tensor<2> = mixed.reshape([members, batch * d * d]).sum_dim(1);
    ///         Ok(sum.reshape([members]).div_scalar(batch as f64))
    ///     }
    /// }
    ///
    /// let objective = Recipe::reference().objective;
    /// let device = DeviceKind::Flex.open()?.autodiff();
    /// let system = SystemShape { id: "classical".into(), dof: 1 };
    /// let model = MassModel::init(&Recipe::reference(), &[system], &[0], &device)?;
    /// let states = Tensor::<3>::ones([1, 8, 2], &device);
    /// let batches = [Batch { targets: -states.clone().narrow(2, 0, 1), states }];
    /// // Beside those of the recipe: `let mut penalties = objective.penalties(172)`, and push it.
    /// let penalties = [Weighted { weight: 1e3, penalty: Box::new(Mixing) }];
    /// let losses = objective.losses_with(&model, &batches, &penalties)?;
    /// let added = losses.total.clone() - losses.errors[0].clone();
    /// assert!(added.into_scalar::<f32>() > 0.0);
    /// let gradients = losses.total.sum().backward(); // reaches S through its derivatives
    /// assert!(model.nets[0].row().grad(&gradients).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn losses_with(
        &self,
        model: &MassModel,
        batches: &[Batch],
        penalties: &[Weighted],
    ) -> Result<Losses, Error> {
        let systems = model.systems().len();
        if batches.is_empty() || batches.len() > systems {
            return Err(Error::Request(format!(
                "{} batches were given, but the model has {systems} systems: 1 to {systems} are needed",
                batches.len()
            )));
        }
        let members = model.ensemble_size();
        // Once for all systems: its gradient is then summed over them before it is applied.
        let weight_norm: Tensor<1> = model.final_weights().abs().sum_dim(1).reshape([members]);
        let weights = self.weighting.weights(batches.len());
        let mut total: Option<Tensor<1>> = None;
        let mut errors = Vec::with_capacity(batches.len());
        for (system, (batch, weight)) in batches.iter().zip(weights).enumerate() {
            let output = model.output(system, batch.states.clone())?;
            let error = self.error(&output, batch);
            errors.push(error.clone());
            let seen = Seen {
                model,
                system,
                batch,
                output: &output,
                weight_norm: &weight_norm,
            };
            let mut loss = error;
            for Weighted { weight, penalty } in penalties {
                loss = loss + penalty.value(&seen)?.mul_scalar(*weight);
            }
            if weight != 1.0 {
                loss = loss.mul_scalar(weight);
            }
            total = Some(match total {
                Some(total) => total + loss,
                None => loss,
            });
        }
        Ok(Losses {
            total: total.expect("there is a batch"),
            errors,
        })
    }

    /// The error of each member on a batch, `[E]`.
    fn error(&self, output: &Output, batch: &Batch) -> Tensor<1> {
        let [members, states, dof] = batch.targets.dims();
        let difference = output.sum.prediction.clone() - batch.targets.clone();
        let squares = difference.square().reshape([members, states * dof]);
        let mse: Tensor<1> = squares
            .sum_dim(1)
            .reshape([members])
            .div_scalar(states as f64);
        match self.error {
            ErrorKind::Mse => mse,
            // The subgradient at a perfect fit is 0, as PyTorch's norm has it.
            ErrorKind::Rmse => mse.clamp_min(f64::from(f32::MIN_POSITIVE)).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Recipe;

    #[test]
    fn the_penalties_of_the_paper_have_names_and_weights() {
        let objective = Recipe::reference().objective.with_penalties(0.5);
        let listed = objective.penalties(172);
        let listed: Vec<(&str, f64)> = listed
            .iter()
            .map(|one| (one.penalty.name(), one.weight))
            .collect();
        let expected = [
            ("shift", 0.5),
            ("weights", 0.05 / 172.0),
            ("activations", 0.005 / 172.0),
        ];
        assert_eq!(listed, expected);
    }
}

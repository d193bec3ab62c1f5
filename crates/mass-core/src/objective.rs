//! What a scientist minimises.

use burn::tensor::Tensor;

use crate::{Batch, BatchReduction, Error, ErrorKind, MassModel, Objective};

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

    /// The objective of each member `[E]`, and its error on each system, `[E]` each (Fu et al. 2025,
    /// Eq. 6). Batch j is of the model's system j; with fewer batches than systems, the first systems are meant.
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
    /// use burn::tensor::Tensor;
    /// use mass_core::{Batch, MassModel, Recipe, SystemShape};
    /// use mass_jet::DeviceKind;
    ///
    /// let recipe = Recipe::reference();
    /// let device = DeviceKind::Flex.open()?.autodiff();
    /// let system = SystemShape { id: "classical".into(), dof: 1 };
    /// let model = MassModel::init(&recipe, &[system], &[0, 1], &device)?; // E = 2
    /// let states = Tensor::<3>::ones([2, 8, 2], &device); // [E, B, n]
    /// let targets = -states.clone().narrow(2, 0, 1); // ẏ = −x
    /// let batch = Batch { states, targets };
    /// let (losses, errors) = recipe.objective.losses(&model, &[batch])?;
    /// assert_eq!((losses.dims(), errors.len()), ([2], 1));
    /// let gradients = losses.sum().backward();
    /// assert!(model.weights.val().grad(&gradients).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn losses(
        &self,
        model: &MassModel,
        batches: &[Batch],
    ) -> Result<(Tensor<1>, Vec<Tensor<1>>), Error> {
        let systems = model.systems().len();
        if batches.is_empty() || batches.len() > systems {
            return Err(Error::Request(format!(
                "{} batches were given, but the model has {systems} systems: 1 to {systems} are needed",
                batches.len()
            )));
        }
        let terms = model.terms().library.len() as f64;
        let members = model.ensemble_size();
        let weight_norm: Tensor<1> = model.final_weights().abs().sum_dim(1).reshape([members]);
        let weights = self.weighting.weights(batches.len());
        let mut total: Option<Tensor<1>> = None;
        let mut errors = Vec::with_capacity(batches.len());
        for (j, (batch_of, weight)) in batches.iter().zip(weights).enumerate() {
            let [_, batch, dof] = batch_of.targets.dims();
            let output = model.output(j, batch_of.states.clone())?.sum;
            let difference = output.prediction - batch_of.targets.clone();
            let squares = difference.square().reshape([members, batch * dof]);
            let mse: Tensor<1> = squares
                .sum_dim(1)
                .reshape([members])
                .div_scalar(batch as f64);
            let error = match self.error {
                ErrorKind::Mse => mse,
                // The subgradient at a perfect fit is 0, as PyTorch's norm has it.
                ErrorKind::Rmse => mse.clamp_min(f64::from(f32::MIN_POSITIVE)).sqrt(),
            };
            errors.push(error.clone());
            let activation = match self.activation_penalty {
                BatchReduction::Sum => output.activation_l1,
                BatchReduction::Mean => output.activation_l1.div_scalar(batch as f64),
            };
            let loss = error
                + model.shift(j).abs().mul_scalar(self.lambda_b)
                + weight_norm.clone().mul_scalar(self.lambda_1 / terms)
                + activation.mul_scalar(self.lambda_2 / terms);
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
        Ok((total.expect("there is a batch"), errors))
    }
}

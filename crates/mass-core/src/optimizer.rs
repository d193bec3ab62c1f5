//! AdamW and the moving average over rows of parameters, `[E, ·]`.

use burn::{
    optim::{AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, Optimizer as _},
    tensor::{Bool, Tensor},
};

use crate::OptimizerRecipe;

/// AdamW with its moments, one per row; `None` until the row has had a gradient, as in PyTorch, where
/// a parameter without gradient is neither moved nor decayed.
pub(crate) struct Optimizer {
    adamw: AdamW,
    learning_rate: f64,
    pub(crate) moments: Vec<Option<Moments>>,
}

/// First and second moment of a row, `[E, ·]`, and the updates since the last restart.
#[derive(Clone)]
pub(crate) struct Moments {
    pub(crate) first: Tensor<2>,
    pub(crate) second: Tensor<2>,
    pub(crate) updates: usize,
}

impl Optimizer {
    pub(crate) fn new(recipe: &OptimizerRecipe, rows: usize) -> Self {
        let adamw = AdamWConfig::new()
            .with_beta_1(recipe.beta_1 as f32)
            .with_beta_2(recipe.beta_2 as f32)
            .with_epsilon(recipe.epsilon as f32)
            .with_weight_decay(recipe.weight_decay as f32)
            .build();
        Self {
            adamw,
            learning_rate: recipe.learning_rate,
            moments: vec![None; rows],
        }
    }

    /// Forgets all moments.
    pub(crate) fn restart(&mut self) {
        self.moments.fill_with(|| None);
    }

    /// The updated value of row `index`; members that are `frozen` `[E, 1]` stay as they are.
    pub(crate) fn step(
        &mut self,
        index: usize,
        factor: f64,
        value: Tensor<2>,
        gradient: Tensor<2>,
        frozen: Option<&Tensor<2, Bool>>,
    ) -> Tensor<2> {
        let before = self.moments[index].take();
        let state = before.clone().map(|moments| {
            let momentum =
                AdaptiveMomentumState::new(moments.updates, moments.first, moments.second);
            AdamWState::new(momentum)
        });
        let learning_rate = self.learning_rate * factor;
        let (updated, state) = self
            .adamw
            .step(learning_rate, value.clone(), gradient, state);
        let momentum = state.expect("AdamW always returns its state").momentum;
        let mut moments = Moments {
            first: momentum.moment_1,
            second: momentum.moment_2,
            updates: momentum.time,
        };
        let Some(frozen) = frozen else {
            self.moments[index] = Some(moments);
            return updated;
        };
        let frozen = frozen.clone().expand(value.dims());
        let still = match before {
            Some(before) => (before.first, before.second),
            None => (value.zeros_like(), value.zeros_like()),
        };
        moments.first = moments.first.mask_where(frozen.clone(), still.0);
        moments.second = moments.second.mask_where(frozen.clone(), still.1);
        self.moments[index] = Some(moments);
        updated.mask_where(frozen, value)
    }
}

/// One step of the exponential moving average: decay · average + (1 − decay) · value.
pub(crate) fn moving_average(average: Tensor<2>, value: Tensor<2>, decay: f64) -> Tensor<2> {
    average.mul_scalar(decay) + value.mul_scalar(1.0 - decay)
}

//! Prediction functions that are trained together, whatever networks they are.

use super::{
    adam::Adam,
    blocks::Blocks,
    linear::LinearLayers,
    theories::{Laws, Together, best_theories, mixture_loss},
};

/// How a step is made.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// Adam's rate.
    pub(crate) rate: f64,
    /// What the sum of the parameters' sizes costs …
    pub(crate) sparsity: f32,
    /// … or that of biases alone.
    pub(crate) biases_only: bool,
}

/// M prediction functions, in f32.
pub(crate) trait Predictors: Clone {
    /// M.
    fn count(&self) -> usize;

    /// Those of these numbers, in this order.
    fn with_theories(&self, numbers: &[usize]) -> Self;

    /// One of them, as it is without what its training knows.
    fn alone(&self, number: usize) -> Self;

    /// Puts the first of another in the place of the last.
    fn replace_last(&mut self, other: Self);

    /// Mean loss over the windows of some blocks, at the precision floor ε.
    fn loss(
        &self,
        data: &Blocks<f32>,
        blocks: &[usize],
        together: Together<'_, f32>,
        floor: f64,
    ) -> f64;

    /// A step of all down the loss's gradient.
    fn step(
        &mut self,
        data: &Blocks<f32>,
        blocks: &[usize],
        together: Together<'_, f32>,
        floor: f64,
        step: Step,
    );

    /// The number of the theory with the least loss `[blocks, LANES]`.
    fn best(&self, data: &Blocks<f32>, floor: f64) -> Vec<f32>;

    /// Errors `[N, O]`, each window's by the theory with its number `[blocks, LANES]`.
    fn errors(&self, data: &Blocks<f32>, chosen: &[f32]) -> Vec<f64>;
}

/// Adds the gradient of the parameters' sizes.
pub(crate) fn add_sparsity(
    gradient: &mut [f32],
    parameters: &[f32],
    step: Step,
    is_bias: impl Fn(usize) -> bool,
) {
    for (k, (g, parameter)) in gradient.iter_mut().zip(parameters).enumerate() {
        if !step.biases_only || is_bias(k) {
            *g += step.sparsity * sign(*parameter);
        }
    }
}

fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// A prediction function of linear layers as it is trained.
#[derive(Clone)]
pub(crate) struct LinearTheory {
    pub(crate) layers: LinearLayers<f32>,
    adam: Adam<f32>,
    /// Which of the laws proposed it began as.
    pub(crate) origin: Option<usize>,
}

impl LinearTheory {
    pub(crate) fn new(layers: LinearLayers<f32>, origin: Option<usize>) -> Self {
        Self {
            adam: Adam::new(layers.parameters.len()),
            layers,
            origin,
        }
    }
}

/// Prediction functions of linear layers.
#[derive(Clone)]
pub(crate) struct LinearTheories(pub(crate) Vec<LinearTheory>);

impl LinearTheories {
    /// Constants of all theories `[M, O, I + 1]`.
    fn constants(&self) -> Vec<f32> {
        let theories = self.0.iter();
        theories
            .flat_map(|theory| theory.layers.product())
            .collect()
    }

    fn laws<'a>(&self, constants: &'a [f32], floor: f64) -> Laws<'a, f32> {
        Laws {
            constants,
            count: self.0.len(),
            floor,
        }
    }
}

impl Predictors for LinearTheories {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn with_theories(&self, numbers: &[usize]) -> Self {
        Self(numbers.iter().map(|i| self.0[*i].clone()).collect())
    }

    fn alone(&self, number: usize) -> Self {
        Self(vec![LinearTheory::new(self.0[number].layers.clone(), None)])
    }

    fn replace_last(&mut self, other: Self) {
        if let (Some(last), Some(first)) = (self.0.last_mut(), other.0.into_iter().next()) {
            *last = first;
        }
    }

    fn loss(
        &self,
        data: &Blocks<f32>,
        blocks: &[usize],
        together: Together<'_, f32>,
        floor: f64,
    ) -> f64 {
        let constants = self.constants();
        mixture_loss(data, blocks, self.laws(&constants, floor), together, None)
    }

    fn step(
        &mut self,
        data: &Blocks<f32>,
        blocks: &[usize],
        together: Together<'_, f32>,
        floor: f64,
        step: Step,
    ) {
        let constants = self.constants();
        let mut gradient = vec![0.0; constants.len()];
        let laws = self.laws(&constants, floor);
        mixture_loss(data, blocks, laws, together, Some(&mut gradient));
        let size = constants.len() / self.0.len();
        for (theory, gradient) in self.0.iter_mut().zip(gradient.chunks_exact(size)) {
            let layers = &mut theory.layers;
            let mut pulled = layers.pull(gradient);
            add_sparsity(&mut pulled, &layers.parameters, step, |k| layers.is_bias(k));
            theory.adam.step(&mut layers.parameters, &pulled, step.rate);
        }
    }

    fn best(&self, data: &Blocks<f32>, floor: f64) -> Vec<f32> {
        let constants = self.constants();
        best_theories(data, self.laws(&constants, floor))
    }

    fn errors(&self, data: &Blocks<f32>, chosen: &[f32]) -> Vec<f64> {
        let constants = self.constants();
        let size = data.outputs * (data.inputs + 1);
        let mut errors = Vec::with_capacity(data.count * data.outputs);
        for (w, theory) in chosen.iter().enumerate().take(data.count) {
            let law = &constants[*theory as usize * size..(*theory as usize + 1) * size];
            errors.extend(data.errors(w, law));
        }
        errors
    }
}

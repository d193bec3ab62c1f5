//! Sizes of a network, and where its parameters stand in one row.

use crate::{Activation, InputFeatures, ScalarNetConfig};

/// The sizes that kernels run over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// d.
    pub(crate) dof: usize,
    pub(crate) input: InputFeatures,
    pub(crate) activation: Activation,
    /// Hidden layers, L.
    pub(crate) layers: usize,
    /// Units of a hidden layer, H.
    pub(crate) width: usize,
}

impl Shape {
    pub(crate) fn new(config: &ScalarNetConfig) -> Self {
        Self {
            dof: config.dof,
            input: config.input,
            activation: config.activation,
            layers: config.hidden_layers,
            width: config.width,
        }
    }

    /// n = 2d.
    pub(crate) fn coordinates(&self) -> usize {
        2 * self.dof
    }

    /// What the first layer sees, F.
    pub(crate) fn features(&self) -> usize {
        self.input.count(self.dof)
    }

    /// Inputs of hidden layer `layer`, F or H.
    pub(crate) fn fan_in(&self, layer: usize) -> usize {
        if layer == 0 {
            self.features()
        } else {
            self.width
        }
    }

    /// Where the weights `[H, fan-in]` of hidden layer `layer` begin; its biases follow, and the
    /// weights of the output layer `[H]` are those of layer L.
    pub(crate) fn weights_at(&self, layer: usize) -> usize {
        match layer {
            0 => 0,
            _ => self.width * (self.features() + 1) + (layer - 1) * self.width * (self.width + 1),
        }
    }

    pub(crate) fn biases_at(&self, layer: usize) -> usize {
        self.weights_at(layer) + self.width * self.fan_in(layer)
    }

    /// Parameters of one network without the output bias, which no derivative depends on.
    pub(crate) fn parameters(&self) -> usize {
        self.weights_at(self.layers) + self.width
    }

    /// Rows of a packed jet: S, its gradient, the upper triangle of its Hessian.
    pub(crate) fn rows(&self) -> usize {
        let n = self.coordinates();
        1 + n + n * (n + 1) / 2
    }
}

//! Sizes of a network, and where its parameters stand in one row.

use crate::{Activation, InputFeatures, ScalarNetConfig};

/// Vectors of lanes that are worked on together: what a layer needs then stays in the nearest cache,
/// and sums over samples are written once per chunk.
pub(super) const CHUNK: usize = 4;

/// The sizes that the kernels run over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// d.
    pub(super) dof: usize,
    pub(super) input: InputFeatures,
    pub(super) activation: Activation,
    /// Hidden layers, L.
    pub(super) layers: usize,
    /// Units of a hidden layer, H.
    pub(super) width: usize,
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
    pub(super) fn features(&self) -> usize {
        self.input.count(self.dof)
    }

    /// Inputs of hidden layer `layer`, F or H.
    pub(super) fn fan_in(&self, layer: usize) -> usize {
        if layer == 0 {
            self.features()
        } else {
            self.width
        }
    }

    /// Where the weights `[H, fan-in]` of hidden layer `layer` begin; its biases follow, and the
    /// weights of the output layer `[H]` are those of layer L.
    pub(super) fn weights_at(&self, layer: usize) -> usize {
        match layer {
            0 => 0,
            _ => self.width * (self.features() + 1) + (layer - 1) * self.width * (self.width + 1),
        }
    }

    pub(super) fn biases_at(&self, layer: usize) -> usize {
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

    /// What a unit has in the forward pass: u or z, and its n tangents.
    pub(super) fn tangents(&self) -> usize {
        1 + self.coordinates()
    }

    /// What a unit has in the reverse pass: as [`Shape::tangents`], and its adjoint.
    pub(super) fn channels(&self) -> usize {
        2 + self.coordinates()
    }

    /// Chunks of a batch, the last filled up with zeros.
    pub(super) fn chunks(&self, batch: usize, lanes: usize) -> usize {
        batch.div_ceil(CHUNK * lanes)
    }

    /// Vectors that the forward pass keeps for the reverse pass, per chunk: u, its tangents and the
    /// adjoint of each hidden unit.
    pub(super) fn kept(&self) -> usize {
        self.layers * self.width * self.channels() * CHUNK
    }
}

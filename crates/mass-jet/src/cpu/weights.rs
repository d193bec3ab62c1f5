//! The parameters of one network in the order in which the kernels read them.

use mass_lanes::{Lanes, Real};

use super::matrix::{Tiled, tile};
use crate::shape::Shape;

/// Weights of every hidden layer, as they are and transposed, in tiles; biases and output weights.
pub(super) struct Weights<'a, T> {
    shape: Shape,
    /// The parameters in one row ([`Shape::weights_at`]).
    row: &'a [T],
    tiled: &'a [T],
}

impl<'a, T: Real> Weights<'a, T> {
    /// Numbers of working memory that [`Weights::new`] needs.
    pub(super) fn size(shape: &Shape) -> usize {
        // Whole cache lines, so that what follows begins with one.
        (2 * shape.weights_at(shape.layers)).next_multiple_of(T::LANES)
    }

    /// Weights that an earlier [`Weights::new`] wrote to `tiled`.
    pub(super) fn again(shape: Shape, row: &'a [T], tiled: &'a [T]) -> Self {
        Self { shape, row, tiled }
    }

    /// From the parameters in a row, in working memory for the tiles.
    pub(super) fn new<P: Lanes<T>>(shape: Shape, row: &'a [T], tiled: &'a mut [T]) -> Self {
        let width = shape.width;
        for layer in 0..shape.layers {
            let (fan_in, at) = (shape.fan_in(layer), shape.weights_at(layer));
            let weights = &row[at..at + width * fan_in];
            let (plain, transposed) =
                tiled[2 * at..][..2 * width * fan_in].split_at_mut(width * fan_in);
            tile::<T, P>(plain, width, fan_in, |i, j| weights[i * fan_in + j]);
            tile::<T, P>(transposed, fan_in, width, |i, j| weights[j * fan_in + i]);
        }
        Self { shape, row, tiled }
    }

    /// W of a hidden layer, `[H, fan-in]`.
    pub(super) fn plain(&self, layer: usize) -> Tiled<'_, T> {
        let (rows, inner) = (self.shape.width, self.shape.fan_in(layer));
        let at = 2 * self.shape.weights_at(layer);
        Tiled {
            values: &self.tiled[at..at + rows * inner],
            inner,
        }
    }

    /// Wᵀ of a hidden layer, `[fan-in, H]`.
    pub(super) fn transposed(&self, layer: usize) -> Tiled<'_, T> {
        let (rows, inner) = (self.shape.fan_in(layer), self.shape.width);
        let at = 2 * self.shape.weights_at(layer) + rows * inner;
        Tiled {
            values: &self.tiled[at..at + rows * inner],
            inner,
        }
    }

    /// W of the first layer as it stands in the row, `[H, F]`.
    pub(super) fn first(&self) -> &[T] {
        &self.row[..self.shape.width * self.shape.features()]
    }

    /// Biases of a hidden layer, `[H]`.
    pub(super) fn biases(&self, layer: usize) -> &[T] {
        &self.row[self.shape.biases_at(layer)..][..self.shape.width]
    }

    /// Weights of the output layer, `[H]`.
    pub(super) fn output(&self) -> &[T] {
        &self.row[self.shape.weights_at(self.shape.layers)..][..self.shape.width]
    }
}

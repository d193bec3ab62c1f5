//! Prediction functions: layers without activation, trained as layers and evaluated as their product.

use mass_systems::ChaCha8Rng;
use nalgebra::DMatrix;

use super::float::{Float, glorot};
use crate::recurrence::Recurrence;

/// Linear layers in a row, of sizes `[in, …, out]`.
///
/// A product of layers is one affine map, so that windows need to pass through that alone, forwards and backwards: the
/// layers' gradients follow from the map's by the chain rule, once a step and not once a window.
#[derive(Clone, Debug)]
pub(crate) struct LinearLayers<T> {
    sizes: Vec<usize>,
    /// Of each layer `[out, in + 1]`, the bias last.
    pub(crate) parameters: Vec<T>,
}

impl<T: Float> LinearLayers<T> {
    pub(crate) fn random(sizes: &[usize], rng: &mut ChaCha8Rng) -> Self {
        let mut parameters = Vec::new();
        for pair in sizes.windows(2) {
            let weights: Vec<T> = glorot(pair[0], pair[1], rng);
            for row in weights.chunks_exact(pair[0]) {
                parameters.extend_from_slice(row);
                parameters.push(T::default());
            }
        }
        Self {
            sizes: sizes.to_vec(),
            parameters,
        }
    }

    /// Layers whose product is a law: its singular values' roots shared equally among them. Units beyond its rank
    /// have no weights.
    ///
    /// None if a layer is narrower than the law's rank.
    pub(crate) fn of(sizes: &[usize], law: &Recurrence) -> Option<Self> {
        let (d, width) = (law.dimension(), law.width());
        let slopes = DMatrix::from_fn(d, width - 1, |i, j| law.constants()[i * width + j]);
        let svd = slopes.svd(true, true);
        let (u, v) = (svd.u?, svd.v_t?);
        let layers = sizes.len() - 1;
        if sizes.iter().any(|size| *size < d) {
            return None;
        }
        let share = svd.singular_values.map(|s| s.powf(1.0 / layers as f64));
        let mut parameters = Vec::new();
        for (layer, pair) in sizes.windows(2).enumerate() {
            for row in 0..pair[1] {
                for column in 0..pair[0] {
                    let value = match layer {
                        0 if row < d => share[row] * v[(row, column)],
                        last if last + 1 == layers && column < d => {
                            u[(row, column)] * share[column]
                        }
                        _ if row == column && row < d => share[row],
                        _ => 0.0,
                    };
                    parameters.push(T::of(value));
                }
                let bias = if layer + 1 == layers {
                    law.constants()[row * width + width - 1]
                } else {
                    0.0
                };
                parameters.push(T::of(bias));
            }
        }
        Some(Self {
            sizes: sizes.to_vec(),
            parameters,
        })
    }

    /// Whether parameter `k` is a bias.
    pub(crate) fn is_bias(&self, mut k: usize) -> bool {
        for pair in self.sizes.windows(2) {
            let size = pair[1] * (pair[0] + 1);
            if k < size {
                return k % (pair[0] + 1) == pair[0];
            }
            k -= size;
        }
        false
    }

    fn layer(&self, layer: usize) -> (usize, usize, &[T]) {
        let start: usize = self
            .sizes
            .windows(2)
            .take(layer)
            .map(|pair| pair[1] * (pair[0] + 1))
            .sum();
        let (inputs, outputs) = (self.sizes[layer], self.sizes[layer + 1]);
        let parameters = &self.parameters[start..start + outputs * (inputs + 1)];
        (inputs, outputs, parameters)
    }

    /// Weights `[out, in]` and biases of each layer.
    pub(crate) fn layers(&self) -> Vec<(Vec<f64>, Vec<f64>)> {
        let layers = 0..self.sizes.len() - 1;
        layers
            .map(|layer| {
                let (inputs, _, parameters) = self.layer(layer);
                let rows = parameters.chunks_exact(inputs + 1);
                let weights = rows.clone().flat_map(|row| &row[..inputs]);
                (
                    weights.map(|w| w.to_f64()).collect(),
                    rows.map(|row| row[inputs].to_f64()).collect(),
                )
            })
            .collect()
    }

    /// The products of the first layers, of each layer `[out, in of the first + 1]`, the bias last.
    fn products(&self) -> Vec<Vec<T>> {
        let width = self.sizes[0] + 1;
        let mut products: Vec<Vec<T>> = vec![self.layer(0).2.to_vec()];
        for layer in 1..self.sizes.len() - 1 {
            let (inputs, outputs, parameters) = self.layer(layer);
            let below = &products[layer - 1];
            let mut product = vec![T::default(); outputs * width];
            for (row, into) in parameters
                .chunks_exact(inputs + 1)
                .zip(product.chunks_exact_mut(width))
            {
                for (weight, below) in row.iter().zip(below.chunks_exact(width)) {
                    for (sum, b) in into.iter_mut().zip(below) {
                        *sum += *weight * *b;
                    }
                }
                into[width - 1] += row[inputs];
            }
            products.push(product);
        }
        products
    }

    /// The product as one affine map `[out, in + 1]`, the bias last: a [`Recurrence`]'s constants.
    pub(crate) fn product(&self) -> Vec<T> {
        self.products().pop().unwrap_or_default()
    }

    /// The parameters' gradient from the product's `[out, in + 1]`.
    pub(crate) fn pull(&self, gradient: &[T]) -> Vec<T> {
        let width = self.sizes[0] + 1;
        let products = self.products();
        let mut pulled = Vec::with_capacity(self.sizes.len() - 1);
        let mut above = gradient.to_vec();
        for layer in (1..self.sizes.len() - 1).rev() {
            let (inputs, outputs, parameters) = self.layer(layer);
            let below = &products[layer - 1];
            let mut own = vec![T::default(); outputs * (inputs + 1)];
            let mut next = vec![T::default(); inputs * width];
            for ((own, row), above) in own
                .chunks_exact_mut(inputs + 1)
                .zip(parameters.chunks_exact(inputs + 1))
                .zip(above.chunks_exact(width))
            {
                for (k, below) in below.chunks_exact(width).enumerate() {
                    for ((next, a), b) in next[k * width..(k + 1) * width]
                        .iter_mut()
                        .zip(above)
                        .zip(below)
                    {
                        own[k] += *a * *b;
                        *next += row[k] * *a;
                    }
                }
                own[inputs] = above[width - 1];
            }
            pulled.push(own);
            above = next;
        }
        pulled.push(above);
        pulled.reverse();
        pulled.concat()
    }
}

#[cfg(test)]
mod tests {
    use mass_systems::{Purpose, stream};

    use super::*;
    use crate::{collapse_layers, force::Force};

    #[test]
    fn a_gradient_is_that_of_finite_differences() {
        let mut rng = stream(3, Purpose::Init, "linear");
        let mut layers = LinearLayers::<f64>::random(&[4, 8, 8, 2], &mut rng);
        let count = layers.parameters.len();
        assert_eq!(count, 130);
        for (k, parameter) in layers.parameters.iter_mut().enumerate() {
            *parameter += 0.1 * (k as f64).sin();
        }
        // A loss that is linear in the product: its gradient is `weights`, everywhere.
        let weights: Vec<f64> = (0..10).map(|k| (1.3 * f64::from(k)).cos()).collect();
        let loss = |layers: &LinearLayers<f64>| -> f64 {
            let product = layers.product();
            product.iter().zip(&weights).map(|(a, w)| a * w).sum()
        };
        let gradient = layers.pull(&weights);
        for (k, gradient) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = layers.clone();
                moved.parameters[k] += step;
                loss(&moved)
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradient).abs() < 1e-8, "{k}: {slope} {}", gradient);
        }
        // The product is what the layers collapse to.
        let (slopes, biases) = collapse_layers(&layers.layers()).unwrap();
        for (at, value) in layers.product().iter().enumerate() {
            let (row, column) = (at / 5, at % 5);
            let other = if column == 4 {
                biases[row]
            } else {
                slopes[row * 4 + column]
            };
            assert!((value - other).abs() < 1e-13);
        }
    }

    #[test]
    fn a_law_becomes_layers() {
        let law = Force::Electromagnetic {
            electric: [1.0, -0.3],
            magnetic: 3.0,
        }
        .recurrence(0.05);
        let layers = LinearLayers::<f64>::of(&[4, 8, 8, 2], &law).unwrap();
        for (a, b) in layers.product().iter().zip(law.constants()) {
            assert!((a - b).abs() < 1e-14, "{a} {b}");
        }
        assert!(LinearLayers::<f64>::of(&[4, 1, 2], &law).is_none());
    }
}

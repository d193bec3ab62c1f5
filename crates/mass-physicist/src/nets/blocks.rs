//! Windows side by side, as many as a vector has lanes.

use mass_systems::{ChaCha8Rng, uniform};

use super::float::Float;
use crate::observations::Windows;

/// N windows in blocks of `LANES`, each `[inputs + outputs, LANES]`; where the last block has none, zeros of weight 0.
pub(crate) struct Blocks<T> {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// N.
    pub(crate) count: usize,
    values: Vec<T>,
    /// 1 for a window, 0 where there is none, `[blocks, LANES]`.
    here: Vec<T>,
}

impl<T: Float> Blocks<T> {
    pub(crate) fn new(windows: &Windows) -> Self {
        let (inputs, outputs) = (windows.memory() * windows.dimension(), windows.dimension());
        Self::of(inputs, outputs, windows.len(), |w| {
            let row = windows.inputs(w).iter().chain(windows.output(w));
            row.map(|value| T::of(*value))
        })
    }

    /// `count` windows, inputs and outputs of each in a row.
    pub(crate) fn of<R: Iterator<Item = T>>(
        inputs: usize,
        outputs: usize,
        count: usize,
        row: impl Fn(usize) -> R,
    ) -> Self {
        let lanes = T::LANES;
        let blocks = count.div_ceil(lanes);
        let width = inputs + outputs;
        let mut values = vec![T::default(); blocks * width * lanes];
        let mut here = vec![T::default(); blocks * lanes];
        for (w, here) in here.iter_mut().enumerate().take(count) {
            let (block, lane) = (w / lanes, w % lanes);
            *here = T::of(1.0);
            for (k, value) in row(w).take(width).enumerate() {
                values[(block * width + k) * lanes + lane] = value;
            }
        }
        Self {
            inputs,
            outputs,
            count,
            values,
            here,
        }
    }

    /// Some of the windows, in this order.
    pub(crate) fn subset(&self, windows: &[usize]) -> Self {
        Self::of(self.inputs, self.outputs, windows.len(), |w| {
            let (block, lane) = (windows[w] / T::LANES, windows[w] % T::LANES);
            let values = self.block(block).iter().skip(lane).step_by(T::LANES);
            values.copied()
        })
    }

    /// How many blocks.
    pub(crate) fn len(&self) -> usize {
        self.here.len() / T::LANES
    }

    /// `[inputs + outputs, LANES]`.
    #[inline(always)]
    pub(crate) fn block(&self, block: usize) -> &[T] {
        let size = (self.inputs + self.outputs) * T::LANES;
        &self.values[block * size..(block + 1) * size]
    }

    #[inline(always)]
    pub(crate) fn here(&self, block: usize) -> &[T] {
        &self.here[block * T::LANES..(block + 1) * T::LANES]
    }

    /// The errors of a window by an affine law `[outputs, inputs + 1]`, the bias last; computed in T.
    pub(crate) fn errors<'a>(
        &'a self,
        window: usize,
        law: &'a [T],
    ) -> impl Iterator<Item = f64> + 'a {
        let (block, lane) = (self.block(window / T::LANES), window % T::LANES);
        law.chunks_exact(self.inputs + 1)
            .enumerate()
            .map(move |(d, row)| {
                let mut error = row[self.inputs] - block[(self.inputs + d) * T::LANES + lane];
                for (k, constant) in row[..self.inputs].iter().enumerate() {
                    error += *constant * block[k * T::LANES + lane];
                }
                error.to_f64()
            })
    }

    /// Windows in these blocks.
    pub(crate) fn windows(&self, blocks: &[usize]) -> usize {
        let last = self.len() - 1;
        let full = blocks.iter().filter(|b| **b != last).count() * T::LANES;
        let rest = self.count - last * T::LANES;
        full + blocks.iter().filter(|b| **b == last).count() * rest
    }
}

/// Puts blocks into a random order (Fisher and Yates).
pub(crate) fn shuffle(order: &mut [usize], rng: &mut ChaCha8Rng) {
    for i in (1..order.len()).rev() {
        let j = (uniform(rng, 0.0, 1.0) * (i + 1) as f64) as usize;
        order.swap(i, j.min(i));
    }
}

//! A network of two hidden layers with leaky rectifiers: the domain classifier, and the baseline's predictor.

use mass_lanes::{Kernel, Lanes, dispatch};
use mass_systems::ChaCha8Rng;

use super::{
    blocks::Blocks,
    float::{Float, glorot, ln_1p},
};

/// Widths that the kernels are made for.
pub(crate) const WIDTHS: [usize; 2] = [8, 16];
/// Outputs, at most.
const MOST_OUTPUTS: usize = 16;
/// The rectifier's slope below 0 (the paper's code).
pub(crate) const LEAK: f64 = 0.3;

/// Inputs I → H → H → outputs. Parameters: W₁ `[H, I]`, b₁ `[H]`, W₂ `[H, H]`, b₂ `[H]`, W₃ `[outputs, H]`,
/// b₃ `[outputs]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LeakyNetwork<T> {
    inputs: usize,
    hidden: usize,
    outputs: usize,
    pub(crate) parameters: Vec<T>,
}

/// What the outputs should be.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a, T> {
    /// The logits of these numbers `[blocks, LANES]`, by cross entropy in nats.
    Number(&'a [T]),
    /// The windows' own outputs, by squared error summed over coordinates.
    Output,
}

impl<T: Float> LeakyNetwork<T> {
    pub(crate) fn random(
        inputs: usize,
        hidden: usize,
        outputs: usize,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut parameters = Vec::new();
        for (inputs, outputs) in [(inputs, hidden), (hidden, hidden), (hidden, outputs)] {
            parameters.extend(glorot::<T>(inputs, outputs, rng));
            parameters.extend(std::iter::repeat_n(T::default(), outputs));
        }
        Self {
            inputs,
            hidden,
            outputs,
            parameters,
        }
    }

    /// Where W₃ begins.
    fn last(&self) -> usize {
        self.hidden * (self.inputs + 1) + self.hidden * (self.hidden + 1)
    }

    /// The same with other outputs: those of these numbers, in this order.
    pub(crate) fn with_outputs(&self, numbers: &[usize]) -> Self {
        let (last, hidden) = (self.last(), self.hidden);
        let mut parameters = self.parameters[..last].to_vec();
        let bias = last + self.outputs * hidden;
        for number in numbers {
            let row = last + number * hidden;
            parameters.extend_from_slice(&self.parameters[row..row + hidden]);
        }
        parameters.extend(numbers.iter().map(|number| self.parameters[bias + number]));
        Self {
            outputs: numbers.len(),
            parameters,
            ..*self
        }
    }

    /// Whether parameter `k` is a bias.
    pub(crate) fn is_bias(&self, k: usize) -> bool {
        let (i, h) = (self.inputs, self.hidden);
        let second = h * (i + 1);
        let third = second + h * (h + 1);
        (h * i..second).contains(&k)
            || (second + h * h..third).contains(&k)
            || k >= third + self.outputs * h
    }

    /// The outputs for one input, in f64.
    pub(crate) fn evaluate(&self, inputs: &[f64]) -> Vec<f64> {
        let mut values = inputs.to_vec();
        let mut rest = &self.parameters[..];
        for (layer, outputs) in [self.hidden, self.hidden, self.outputs]
            .into_iter()
            .enumerate()
        {
            let (weights, next) = rest.split_at(outputs * values.len());
            let (biases, next) = next.split_at(outputs);
            let rows = weights.chunks_exact(values.len()).zip(biases);
            values = rows
                .map(|(row, bias)| {
                    let products = row.iter().zip(&values).map(|(w, x)| w.to_f64() * x);
                    let sum = bias.to_f64() + products.sum::<f64>();
                    if layer < 2 { sum.max(LEAK * sum) } else { sum }
                })
                .collect();
            rest = next;
        }
        values
    }

    /// Mean loss over the windows of some blocks, and the gradient if there is room for one.
    pub(crate) fn loss(
        &self,
        data: &Blocks<T>,
        blocks: &[usize],
        target: Target<'_, T>,
        gradient: Option<&mut [T]>,
    ) -> f64 {
        macro_rules! of {
            ($($i:literal $h:literal),*) => {
                match (self.inputs, self.hidden) {
                    $(($i, $h) => dispatch(Loss::<T, $i, $h> { network: self, data, blocks, target, gradient }),)*
                    // Settings are checked before.
                    _ => f64::NAN,
                }
            };
        }
        of!(2 8, 2 16, 4 8, 4 16, 6 8, 6 16)
    }

    /// The number of the greatest output `[blocks, LANES]`.
    pub(crate) fn greatest(&self, data: &Blocks<T>) -> Vec<T> {
        macro_rules! of {
            ($($i:literal $h:literal),*) => {
                match (self.inputs, self.hidden) {
                    $(($i, $h) => dispatch(Greatest::<T, $i, $h> { network: self, data }),)*
                    _ => Vec::new(),
                }
            };
        }
        of!(2 8, 2 16, 4 8, 4 16, 6 8, 6 16)
    }
}

/// An affine layer, `[out]` sums of `[in]`.
#[inline(always)]
fn affine<T: Float, P: Lanes<T>>(
    p: P,
    weights: &[T],
    biases: &[T],
    from: &[P::V],
    into: &mut [P::V],
) {
    for (j, into) in into.iter_mut().enumerate() {
        let row = &weights[j * from.len()..(j + 1) * from.len()];
        let mut sum = p.splat(biases[j]);
        for (w, x) in row.iter().zip(from) {
            sum = p.mul_add(p.splat(*w), *x, sum);
        }
        *into = sum;
    }
}

#[inline(always)]
fn leaky<T: Float, P: Lanes<T>>(p: P, values: &mut [P::V]) {
    let leak = p.splat(T::of(LEAK));
    for value in values {
        *value = p.max(*value, p.mul(leak, *value));
    }
}

/// A layer's activations.
struct Pass<V, const I: usize, const H: usize> {
    x: [V; I],
    first: [V; H],
    second: [V; H],
    outputs: [V; MOST_OUTPUTS],
}

#[inline(always)]
fn forward<T: Float, P: Lanes<T>, const I: usize, const H: usize>(
    p: P,
    network: &LeakyNetwork<T>,
    block: &[T],
) -> Pass<P::V, I, H> {
    let zero = p.splat(T::of(0.0));
    let mut pass = Pass {
        x: [zero; I],
        first: [zero; H],
        second: [zero; H],
        outputs: [zero; MOST_OUTPUTS],
    };
    for (k, x) in pass.x.iter_mut().enumerate() {
        *x = p.load(&block[k * T::LANES..]);
    }
    let (w1, rest) = network.parameters.split_at(H * I);
    let (b1, rest) = rest.split_at(H);
    let (w2, rest) = rest.split_at(H * H);
    let (b2, rest) = rest.split_at(H);
    let (w3, b3) = rest.split_at(network.outputs * H);
    affine(p, w1, b1, &pass.x, &mut pass.first);
    leaky(p, &mut pass.first);
    affine(p, w2, b2, &pass.first, &mut pass.second);
    leaky(p, &mut pass.second);
    affine(
        p,
        w3,
        b3,
        &pass.second,
        &mut pass.outputs[..network.outputs],
    );
    pass
}

struct Loss<'a, T, const I: usize, const H: usize> {
    network: &'a LeakyNetwork<T>,
    data: &'a Blocks<T>,
    blocks: &'a [usize],
    target: Target<'a, T>,
    gradient: Option<&'a mut [T]>,
}

impl<T: Float, const I: usize, const H: usize> Kernel<T> for Loss<'_, T, I, H> {
    type Output = f64;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> f64 {
        let m = self.network.outputs.min(MOST_OUTPUTS);
        let (zero, one) = (p.splat(T::of(0.0)), p.splat(T::of(1.0)));
        let leak = p.splat(T::of(LEAK));
        let mut sums: Vec<P::V> = match &self.gradient {
            Some(gradient) => vec![zero; gradient.len()],
            None => Vec::new(),
        };
        let (second_layer, last_layer) = (H * (I + 1), self.network.last());
        let mut total = zero;
        for &block in self.blocks {
            let here = p.load(self.data.here(block));
            let values = self.data.block(block);
            let pass = forward::<T, P, I, H>(p, self.network, values);
            let outputs = &pass.outputs[..m];
            let mut slopes = [zero; MOST_OUTPUTS];
            match self.target {
                Target::Number(numbers) => {
                    let wanted = p.load(&numbers[block * T::LANES..(block + 1) * T::LANES]);
                    let mut most = outputs[0];
                    for output in &outputs[1..] {
                        most = p.max(most, *output);
                    }
                    let (mut sum, mut right) = (zero, zero);
                    for (k, output) in outputs.iter().enumerate() {
                        let below = p.sub(*output, most);
                        slopes[k] = p.exp(below);
                        sum = p.add(sum, slopes[k]);
                        let number = p.splat(T::of(k as f64));
                        right = p.where_equal(wanted, number, below, right);
                    }
                    let inverse = p.reciprocal(sum);
                    for (k, slope) in slopes[..m].iter_mut().enumerate() {
                        let number = p.splat(T::of(k as f64));
                        let wanted = p.where_equal(wanted, number, one, zero);
                        *slope = p.mul(here, p.sub(p.mul(*slope, inverse), wanted));
                    }
                    let entropy = p.sub(ln_1p(p, p.max(p.sub(sum, one), zero)), right);
                    total = p.mul_add(here, entropy, total);
                }
                Target::Output => {
                    for (d, output) in outputs.iter().enumerate() {
                        let y = p.load(&values[(I + d) * T::LANES..]);
                        let error = p.mul(here, p.sub(*output, y));
                        total = p.mul_add(error, error, total);
                        slopes[d] = p.add(error, error);
                    }
                }
            }
            if sums.is_empty() {
                continue;
            }
            // Backwards: each layer's own gradient, then what the layer below gets.
            let mut below = [zero; H];
            let (weights, biases) = sums[last_layer..].split_at_mut(m * H);
            for k in 0..m {
                biases[k] = p.add(biases[k], slopes[k]);
                for (j, below) in below.iter_mut().enumerate() {
                    let at = k * H + j;
                    weights[at] = p.mul_add(slopes[k], pass.second[j], weights[at]);
                    let weight = p.splat(self.network.parameters[last_layer + at]);
                    *below = p.mul_add(weight, slopes[k], *below);
                }
            }
            for (below, activation) in below.iter_mut().zip(&pass.second) {
                let slope = p.where_less(*activation, zero, leak, one);
                *below = p.mul(*below, slope);
            }
            let mut lowest = [zero; H];
            let (weights, biases) = sums[second_layer..last_layer].split_at_mut(H * H);
            for k in 0..H {
                biases[k] = p.add(biases[k], below[k]);
                for (j, lowest) in lowest.iter_mut().enumerate() {
                    let at = k * H + j;
                    weights[at] = p.mul_add(below[k], pass.first[j], weights[at]);
                    let weight = p.splat(self.network.parameters[second_layer + at]);
                    *lowest = p.mul_add(weight, below[k], *lowest);
                }
            }
            let (weights, biases) = sums[..second_layer].split_at_mut(H * I);
            for k in 0..H {
                let slope = p.where_less(pass.first[k], zero, leak, one);
                let slope = p.mul(lowest[k], slope);
                biases[k] = p.add(biases[k], slope);
                for j in 0..I {
                    let at = k * I + j;
                    weights[at] = p.mul_add(slope, pass.x[j], weights[at]);
                }
            }
        }
        let mean = 1.0 / self.data.windows(self.blocks).max(1) as f64;
        if let Some(gradient) = self.gradient {
            for (g, sum) in gradient.iter_mut().zip(sums) {
                *g = p.sum(sum) * T::of(mean);
            }
        }
        p.sum(total).to_f64() * mean
    }
}

struct Greatest<'a, T, const I: usize, const H: usize> {
    network: &'a LeakyNetwork<T>,
    data: &'a Blocks<T>,
}

impl<T: Float, const I: usize, const H: usize> Kernel<T> for Greatest<'_, T, I, H> {
    type Output = Vec<T>;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> Vec<T> {
        let mut numbers = vec![T::default(); self.data.len() * T::LANES];
        for (block, into) in numbers.chunks_exact_mut(T::LANES).enumerate() {
            let pass = forward::<T, P, I, H>(p, self.network, self.data.block(block));
            let mut most = pass.outputs[0];
            let mut number = p.splat(T::of(0.0));
            for k in 1..self.network.outputs.min(MOST_OUTPUTS) {
                let output = pass.outputs[k];
                number = p.where_less(most, output, p.splat(T::of(k as f64)), number);
                most = p.max(most, output);
            }
            p.store(number, into);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use mass_systems::{Purpose, stream};

    use super::*;
    use crate::{WorldKind, WorldRequest};

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let request = WorldRequest {
            windows: 50,
            ..WorldRequest::new(WorldKind::GravityHarmonic, 1, 0)
        };
        let windows = request.make().unwrap().1.windows(2).unwrap();
        let data = Blocks::<f64>::new(&windows);
        let blocks: Vec<usize> = (0..data.len()).collect();
        let numbers: Vec<f64> = (0..data.len() * 8).map(|w| (w % 2) as f64).collect();
        let mut rng = stream(1, Purpose::Init, "classifier");
        for target in [Target::Number(&numbers), Target::Output] {
            let mut network = LeakyNetwork::<f64>::random(4, 8, 2, &mut rng);
            for (k, parameter) in network.parameters.iter_mut().enumerate() {
                *parameter += 0.05 * (k as f64).cos();
            }
            let mut gradient = vec![0.0; network.parameters.len()];
            let value = network.loss(&data, &blocks, target, Some(&mut gradient));
            // By the plain evaluation.
            let mut sum = 0.0;
            for w in 0..windows.len() {
                let outputs = network.evaluate(windows.inputs(w));
                sum += match target {
                    Target::Number(_) => {
                        let exp: f64 = outputs.iter().map(|o| o.exp()).sum();
                        exp.ln() - outputs[w % 2]
                    }
                    Target::Output => {
                        let pairs = outputs.iter().zip(windows.output(w));
                        pairs.map(|(o, y)| (o - y) * (o - y)).sum()
                    }
                };
            }
            assert!((value / (sum / windows.len() as f64) - 1.0).abs() < 1e-12);
            for (k, gradient) in gradient.iter().enumerate() {
                let at = |step: f64| {
                    let mut moved = network.clone();
                    moved.parameters[k] += step;
                    moved.loss(&data, &blocks, target, None)
                };
                let slope = (at(1e-7) - at(-1e-7)) / 2e-7;
                assert!((slope - gradient).abs() < 1e-6, "{k}: {slope} {}", gradient);
            }
            let greatest = network.greatest(&data);
            for (w, number) in greatest.iter().enumerate().take(windows.len()) {
                let outputs = network.evaluate(windows.inputs(w));
                assert_eq!(outputs[1] > outputs[0], *number == 1.0);
            }
        }
    }

    #[test]
    fn outputs_can_be_copied_and_left_out() {
        let mut rng = stream(1, Purpose::Init, "outputs");
        let network = LeakyNetwork::<f32>::random(4, 8, 3, &mut rng);
        let x = [0.3, -0.2, 0.5, 1.0];
        let all = network.evaluate(&x);
        let some = network.with_outputs(&[2, 0, 2]).evaluate(&x);
        assert_eq!(some, [all[2], all[0], all[2]]);
        let biases = (0..network.parameters.len()).filter(|k| network.is_bias(*k));
        assert_eq!(biases.count(), 8 + 8 + 3);
    }
}

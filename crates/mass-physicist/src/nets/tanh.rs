//! Prediction functions that are not linear: networks of tanh layers, their products of matrices by nalgebra.

use mass_lanes::{Kernel, Lanes, dispatch};
use mass_systems::ChaCha8Rng;
use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, RealField};

use super::{
    adam::Adam,
    blocks::Blocks,
    float::{Float, glorot},
    predictors::{Predictors, Step, add_sparsity},
    theories::{Together, best_predictions, prediction_loss},
};

/// Blocks of windows that pass through the layers at once, so that a layer's activations stay in the cache.
const BLOCKS: usize = 8;

/// Layers in a row, of sizes `[in, …, out]`, all but the last with tanh.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TanhLayers<T> {
    sizes: Vec<usize>,
    /// Of each layer the weights `[out, in]`, column by column, and the biases `[out]`.
    pub(crate) parameters: Vec<T>,
}

/// Where a layer's parameters are.
#[derive(Clone, Copy)]
struct Place {
    inputs: usize,
    outputs: usize,
    start: usize,
}

impl Place {
    fn biases(self) -> usize {
        self.start + self.inputs * self.outputs
    }

    fn end(self) -> usize {
        self.biases() + self.outputs
    }
}

impl<T: Float + RealField> TanhLayers<T> {
    pub(crate) fn random(sizes: &[usize], rng: &mut ChaCha8Rng) -> Self {
        let mut parameters = Vec::new();
        for pair in sizes.windows(2) {
            parameters.extend(glorot::<T>(pair[0], pair[1], rng));
            parameters.extend(std::iter::repeat_n(T::default(), pair[1]));
        }
        Self {
            sizes: sizes.to_vec(),
            parameters,
        }
    }

    fn places(&self) -> impl DoubleEndedIterator<Item = (usize, Place)> {
        let mut start = 0;
        let pairs = self.sizes.windows(2);
        let places = pairs.map(|pair| {
            let place = Place {
                inputs: pair[0],
                outputs: pair[1],
                start,
            };
            start = place.end();
            place
        });
        let places: Vec<Place> = places.collect();
        places.into_iter().enumerate()
    }

    fn weights(&self, place: Place) -> DMatrixView<'_, T> {
        let weights = &self.parameters[place.start..place.biases()];
        DMatrixView::from_slice(weights, place.outputs, place.inputs)
    }

    /// Whether parameter `k` is a bias.
    pub(crate) fn is_bias(&self, k: usize) -> bool {
        self.places()
            .any(|(_, place)| (place.biases()..place.end()).contains(&k))
    }

    /// Activations of each layer `[units, n]`, the inputs first.
    pub(crate) fn forward(&self, inputs: DMatrix<T>) -> Vec<DMatrix<T>> {
        let n = inputs.ncols();
        let last = self.sizes.len() - 2;
        let mut activations = vec![inputs];
        for (number, place) in self.places() {
            let biases = &self.parameters[place.biases()..place.end()];
            let mut outputs = DMatrix::from_fn(place.outputs, n, |i, _| biases[i]);
            let below = &activations[number];
            outputs.gemm(T::of(1.0), &self.weights(place), below, T::of(1.0));
            if number < last {
                dispatch(Tanh(outputs.as_mut_slice()));
            }
            activations.push(outputs);
        }
        activations
    }

    /// Adds the parameters' gradient, from that of the outputs `[out, n]`.
    pub(crate) fn backward(
        &self,
        activations: &[DMatrix<T>],
        outputs: DMatrix<T>,
        gradient: &mut [T],
    ) {
        let one = T::of(1.0);
        let mut slopes = outputs;
        for (number, place) in self.places().rev() {
            let below = &activations[number];
            let (weights, biases) =
                gradient[place.start..place.end()].split_at_mut(place.inputs * place.outputs);
            DMatrixViewMut::from_slice(weights, place.outputs, place.inputs).gemm(
                one,
                &slopes,
                &below.transpose(),
                one,
            );
            for column in slopes.column_iter() {
                for (bias, slope) in biases.iter_mut().zip(column.iter()) {
                    *bias += *slope;
                }
            }
            if number > 0 {
                let mut next = DMatrix::zeros(place.inputs, slopes.ncols());
                next.gemm(one, &self.weights(place).transpose(), &slopes, T::default());
                next.zip_apply(below, |slope, a| *slope *= one - a * a);
                slopes = next;
            }
        }
    }
}

struct Tanh<'a, T>(&'a mut [T]);

impl<T: Float> Kernel<T> for Tanh<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        for values in self.0.chunks_mut(T::LANES) {
            let a = p.load(values);
            p.store(p.tanh(a), values);
        }
    }
}

/// Inputs of some blocks `[I, windows]`.
fn inputs_of(data: &Blocks<f32>, blocks: &[usize]) -> DMatrix<f32> {
    DMatrix::from_fn(data.inputs, blocks.len() * LANES, |k, w| {
        data.block(blocks[w / LANES])[k * LANES + w % LANES]
    })
}

/// A network as it is trained.
#[derive(Clone)]
struct Trained {
    layers: TanhLayers<f32>,
    adam: Adam<f32>,
}

impl Trained {
    fn new(layers: TanhLayers<f32>) -> Self {
        Self {
            adam: Adam::new(layers.parameters.len()),
            layers,
        }
    }

    fn step(&mut self, mut gradient: Vec<f32>, step: Step) {
        let layers = &mut self.layers;
        if step.sparsity > 0.0 {
            let parameters = &layers.parameters;
            add_sparsity(&mut gradient, parameters, step, |k| layers.is_bias(k));
        }
        self.adam.step(&mut layers.parameters, &gradient, step.rate);
    }
}

/// Prediction functions of tanh layers.
#[derive(Clone)]
pub(crate) struct TanhTheories(Vec<Trained>);

/// What passed through the networks.
struct Passed {
    /// Activations of each theory.
    activations: Vec<Vec<DMatrix<f32>>>,
    /// Predictions `[blocks, M, O, LANES]`.
    predictions: Vec<f32>,
}

const LANES: usize = <f32 as mass_lanes::Real>::LANES;

impl TanhTheories {
    pub(crate) fn random(count: usize, sizes: &[usize], rng: &mut ChaCha8Rng) -> Self {
        let each = (0..count).map(|_| Trained::new(TanhLayers::random(sizes, rng)));
        Self(each.collect())
    }

    /// Puts those of another behind them.
    pub(crate) fn push(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The layers, as they are.
    pub(crate) fn layers(self) -> Vec<TanhLayers<f32>> {
        self.0.into_iter().map(|one| one.layers).collect()
    }

    fn predict(&self, data: &Blocks<f32>, blocks: &[usize]) -> Passed {
        let (m, o) = (self.0.len(), data.outputs);
        let inputs = inputs_of(data, blocks);
        let mut predictions = vec![0.0; blocks.len() * m * o * LANES];
        let each = self.0.iter().map(|one| one.layers.forward(inputs.clone()));
        let activations: Vec<Vec<DMatrix<f32>>> = each.collect();
        for (theory, outputs) in activations.iter().map(|all| all.last()).enumerate() {
            for (w, column) in outputs.iter().flat_map(|m| m.column_iter()).enumerate() {
                for (d, value) in column.iter().enumerate() {
                    predictions[place(m, o, w, theory, d)] = *value;
                }
            }
        }
        Passed {
            activations,
            predictions,
        }
    }
}

/// Where the prediction of coordinate d of window w by a theory is.
fn place(m: usize, o: usize, w: usize, theory: usize, d: usize) -> usize {
    ((w / LANES * m + theory) * o + d) * LANES + w % LANES
}

impl Predictors for TanhTheories {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn with_theories(&self, numbers: &[usize]) -> Self {
        Self(numbers.iter().map(|i| self.0[*i].clone()).collect())
    }

    fn alone(&self, number: usize) -> Self {
        Self(vec![Trained::new(self.0[number].layers.clone())])
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
        let m = self.0.len();
        let sums = blocks.chunks(BLOCKS).map(|some| {
            let predictions = self.predict(data, some).predictions;
            prediction_loss(data, some, &predictions, m, together, floor, None)
        });
        sums.sum::<f64>() / data.windows(blocks).max(1) as f64
    }

    fn step(
        &mut self,
        data: &Blocks<f32>,
        blocks: &[usize],
        together: Together<'_, f32>,
        floor: f64,
        step: Step,
    ) {
        let (m, o) = (self.0.len(), data.outputs);
        let mean = 1.0 / data.windows(blocks).max(1) as f32;
        let room = |one: &Trained| vec![0.0; one.layers.parameters.len()];
        let mut gradients: Vec<Vec<f32>> = self.0.iter().map(room).collect();
        for some in blocks.chunks(BLOCKS) {
            let passed = self.predict(data, some);
            let mut slopes = vec![0.0; passed.predictions.len()];
            let into = Some(slopes.as_mut_slice());
            prediction_loss(data, some, &passed.predictions, m, together, floor, into);
            let each = self.0.iter().zip(&passed.activations).zip(&mut gradients);
            for (theory, ((one, activations), gradient)) in each.enumerate() {
                let outputs = DMatrix::from_fn(o, some.len() * LANES, |d, w| {
                    mean * slopes[place(m, o, w, theory, d)]
                });
                one.layers.backward(activations, outputs, gradient);
            }
        }
        for (one, gradient) in self.0.iter_mut().zip(gradients) {
            one.step(gradient, step);
        }
    }

    fn best(&self, data: &Blocks<f32>, floor: f64) -> Vec<f32> {
        let mut best = vec![0.0; data.len() * LANES];
        let all: Vec<usize> = (0..data.len()).collect();
        for (some, into) in all.chunks(BLOCKS).zip(best.chunks_mut(BLOCKS * LANES)) {
            let predictions = self.predict(data, some).predictions;
            best_predictions(data, some, &predictions, self.0.len(), floor, into);
        }
        best
    }

    fn errors(&self, data: &Blocks<f32>, chosen: &[f32]) -> Vec<f64> {
        let (m, o) = (self.0.len(), data.outputs);
        let mut errors = Vec::with_capacity(data.count * o);
        let all: Vec<usize> = (0..data.len()).collect();
        for some in all.chunks(BLOCKS) {
            let predictions = self.predict(data, some).predictions;
            let first = some[0] * LANES;
            for w in 0..(some.len() * LANES).min(data.count - first) {
                let block = data.block(some[w / LANES]);
                for d in 0..o {
                    let theory = chosen[first + w] as usize;
                    let truth = block[(data.inputs + d) * LANES + w % LANES];
                    errors.push(f64::from(predictions[place(m, o, w, theory, d)] - truth));
                }
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use mass_systems::{Purpose, stream};

    use super::*;

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut rng = stream(5, Purpose::Init, "tanh");
        let mut layers = TanhLayers::<f64>::random(&[3, 7, 5, 2], &mut rng);
        let count = layers.parameters.len();
        assert_eq!(count, 3 * 7 + 7 + 7 * 5 + 5 + 5 * 2 + 2);
        for (k, parameter) in layers.parameters.iter_mut().enumerate() {
            *parameter += 0.1 * (k as f64).sin();
        }
        assert_eq!((0..count).filter(|k| layers.is_bias(*k)).count(), 14);
        let inputs = DMatrix::from_fn(3, 11, |i, w| (1.3 * i as f64 + 0.7 * w as f64).sin());
        let slopes = DMatrix::from_fn(2, 11, |i, w| (0.3 + i as f64 - 0.4 * w as f64).cos());
        // A loss that is linear in the outputs: its gradient with respect to them is `slopes`.
        let loss = |layers: &TanhLayers<f64>| {
            let activations = layers.forward(inputs.clone());
            activations.last().unwrap().dot(&slopes)
        };
        let activations = layers.forward(inputs.clone());
        let mut gradient = vec![0.0; count];
        layers.backward(&activations, slopes.clone(), &mut gradient);
        for (k, gradient) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = layers.clone();
                moved.parameters[k] += step;
                loss(&moved)
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradient).abs() < 1e-8, "{k}: {slope} {gradient}");
        }
        // By the definition, one window.
        let mut values: Vec<f64> = inputs.column(4).iter().copied().collect();
        let mut start = 0;
        for (layer, pair) in [3, 7, 5, 2].windows(2).enumerate() {
            let next = (0..pair[1]).map(|i| {
                let products =
                    (0..pair[0]).map(|j| layers.parameters[start + j * pair[1] + i] * values[j]);
                let sum = products.sum::<f64>() + layers.parameters[start + pair[0] * pair[1] + i];
                if layer < 2 { sum.tanh() } else { sum }
            });
            values = next.collect();
            start += pair[1] * (pair[0] + 1);
        }
        for (value, other) in values.iter().zip(activations[3].column(4).iter()) {
            assert!((value - other).abs() < 1e-13, "{value} {other}");
        }
    }

    #[test]
    fn a_step_of_adam_goes_down_and_errors_are_predictions_less_the_truth() {
        let data = Blocks::<f32>::of(2, 2, 150, |w| {
            let number = move |k: usize| (0.37 * w as f64 + k as f64).sin() as f32;
            (0..4).map(number)
        });
        let mut rng = stream(5, Purpose::Init, "theories");
        let mut theories = TanhTheories::random(2, &[2, 9, 2], &mut rng);
        let all: Vec<usize> = (0..data.len()).collect();
        let together = Together::Harmonic { arithmetic: 0.0 };
        let before = theories.loss(&data, &all, together, 0.1);
        let step = Step {
            rate: 3e-3,
            sparsity: 0.0,
            biases_only: false,
        };
        for _ in 0..30 {
            theories.step(&data, &all, together, 0.1, step);
        }
        assert!(theories.loss(&data, &all, together, 0.1) < 0.9 * before);
        let chosen = theories.best(&data, 0.1);
        let errors = theories.errors(&data, &chosen);
        assert_eq!(errors.len(), 300);
        let layers = theories.layers();
        for w in [0, 17, 149] {
            let number = |k: usize| (0.37 * w as f64 + k as f64).sin() as f32;
            let input = DMatrix::from_iterator(2, 1, (0..2).map(number));
            let outputs = layers[chosen[w] as usize].forward(input).pop().unwrap();
            for d in 0..2 {
                let error = f64::from(outputs[d] - number(2 + d));
                assert!((errors[2 * w + d] - error).abs() < 1e-5);
            }
        }
    }
}

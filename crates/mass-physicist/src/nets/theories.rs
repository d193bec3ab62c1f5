//! The loss of many theories on blocks of windows, its gradient, and which theory is best.

use mass_lanes::{Kernel, Lanes, dispatch};

use super::{
    blocks::Blocks,
    float::{Float, ln_1p},
};

/// Theories that are trained together, at most.
pub(crate) const MOST_THEORIES: usize = 16;

/// M affine laws `[M, O, I + 1]`, the bias last, at a precision floor.
#[derive(Clone, Copy)]
pub(crate) struct Laws<'a, T> {
    pub(crate) constants: &'a [T],
    pub(crate) count: usize,
    /// ε.
    pub(crate) floor: f64,
}

/// How the losses of M theories are one.
#[derive(Clone, Copy)]
pub(crate) enum Together<'a, T> {
    /// The harmonic mean, and `arithmetic` times the arithmetic one.
    Harmonic { arithmetic: f64 },
    /// That of the theory with this number, one of each window `[blocks, LANES]`.
    Chosen(&'a [T]),
}

/// What is added to a loss before it is inverted (the paper's code).
const GUARD: f64 = 1e-10;

/// Mean loss over the windows of some blocks; into `gradient`, if there is one, that with respect to the constants.
pub(crate) fn mixture_loss<T: Float>(
    data: &Blocks<T>,
    blocks: &[usize],
    laws: Laws<'_, T>,
    together: Together<'_, T>,
    gradient: Option<&mut [T]>,
) -> f64 {
    macro_rules! of {
        ($($i:literal $o:literal),*) => {
            match (data.inputs, data.outputs) {
                $(($i, $o) => dispatch(Loss::<T, $i, $o> { data, blocks, laws, together, gradient }),)*
                // `supported` has refused other shapes.
                _ => f64::NAN,
            }
        };
    }
    of!(2 1, 4 2, 6 3)
}

/// The loss summed over the windows of some blocks, by what M theories predict `[blocks, M, O, LANES]`; into `slopes`, if
/// there is room for them, its derivatives by the predictions.
pub(crate) fn prediction_loss<T: Float>(
    data: &Blocks<T>,
    blocks: &[usize],
    predictions: &[T],
    count: usize,
    together: Together<'_, T>,
    floor: f64,
    slopes: Option<&mut [T]>,
) -> f64 {
    macro_rules! of {
        ($($o:literal),*) => {
            match data.outputs {
                $($o => dispatch(PredictionLoss::<T, $o> { data, blocks, predictions, count, together, floor, slopes }),)*
                // Settings are checked before.
                _ => f64::NAN,
            }
        };
    }
    of!(1, 2, 3, 4, 6)
}

/// The number of the theory whose prediction has the least loss, for each window of some blocks, `into` `[blocks, LANES]`.
pub(crate) fn best_predictions<T: Float>(
    data: &Blocks<T>,
    blocks: &[usize],
    predictions: &[T],
    count: usize,
    floor: f64,
    into: &mut [T],
) {
    macro_rules! of {
        ($($o:literal),*) => {
            match data.outputs {
                $($o => dispatch(BestPrediction::<T, $o> { data, blocks, predictions, count, floor, into }),)*
                _ => (),
            }
        };
    }
    of!(1, 2, 3, 4, 6)
}

/// The number of the theory with the least loss `[blocks, LANES]`.
pub(crate) fn best_theories<T: Float>(data: &Blocks<T>, laws: Laws<'_, T>) -> Vec<T> {
    macro_rules! of {
        ($($i:literal $o:literal),*) => {
            match (data.inputs, data.outputs) {
                $(($i, $o) => dispatch(Best::<T, $i, $o> { data, laws }),)*
                _ => Vec::new(),
            }
        };
    }
    of!(2 1, 4 2, 6 3)
}

/// Whether windows of so many coordinates and past positions can be trained on.
pub(crate) fn supported(dimension: usize, memory: usize) -> bool {
    (1..=3).contains(&dimension) && memory == 2
}

struct Loss<'a, T, const I: usize, const O: usize> {
    data: &'a Blocks<T>,
    blocks: &'a [usize],
    laws: Laws<'a, T>,
    together: Together<'a, T>,
    gradient: Option<&'a mut [T]>,
}

/// The errors of an affine law.
#[inline(always)]
fn errors_of<T: Float, P: Lanes<T>, const I: usize, const O: usize>(
    p: P,
    x: &[P::V; I],
    y: &[P::V; O],
    law: &[T],
) -> [P::V; O] {
    let mut errors = [p.splat(T::of(0.0)); O];
    for d in 0..O {
        let row = &law[d * (I + 1)..(d + 1) * (I + 1)];
        let mut error = p.sub(p.splat(row[I]), y[d]);
        for k in 0..I {
            error = p.mul_add(p.splat(row[k]), x[k], error);
        }
        errors[d] = error;
    }
    errors
}

/// Π over coordinates of 1 + (u/ε)², less 1: its logarithm is the loss, by one logarithm.
#[inline(always)]
fn product_of<T: Float, P: Lanes<T>, const O: usize>(
    p: P,
    errors: &[P::V; O],
    scale: P::V,
    most: P::V,
) -> P::V {
    let mut product = p.splat(T::of(0.0));
    for error in errors {
        let relative = p.mul(*error, scale);
        // A factor is held where the product of all is far from overflow.
        let square = p.min(p.mul(relative, relative), most);
        product = p.add(product, p.mul_add(product, square, square));
    }
    product
}

/// Where a factor of [`product_of`] is held: f32 goes to 3·10³⁸.
fn most_of(outputs: usize) -> f64 {
    match outputs {
        ..=3 => 1e12,
        4 => 1e9,
        _ => 1e6,
    }
}

/// One loss of many: adds it to `total`, and sets how much each theory's counts.
#[inline(always)]
fn combine<T: Float, P: Lanes<T>>(
    p: P,
    together: Together<'_, T>,
    block: usize,
    here: P::V,
    losses: &[P::V],
    weights: &mut [P::V],
    mut total: P::V,
) -> P::V {
    let m = losses.len();
    let (zero, one) = (p.splat(T::of(0.0)), p.splat(T::of(1.0)));
    match together {
        Together::Harmonic { arithmetic } => {
            let guard = p.splat(T::of(GUARD));
            let share = p.splat(T::of(1.0 / m as f64));
            let mut inverses = zero;
            let mut sum = zero;
            for (loss, weight) in losses.iter().zip(&mut *weights) {
                sum = p.add(sum, *loss);
                *weight = p.reciprocal(p.add(*loss, guard));
                inverses = p.add(inverses, *weight);
            }
            let harmonic = p.mul(p.splat(T::of(m as f64)), p.reciprocal(inverses));
            let more = p.splat(T::of(arithmetic / m as f64));
            for weight in weights {
                let ratio = p.mul(harmonic, *weight);
                *weight = p.mul_add(p.mul(ratio, ratio), share, more);
            }
            total = p.mul_add(here, p.mul_add(more, sum, harmonic), total);
        }
        Together::Chosen(numbers) => {
            let chosen = p.load(&numbers[block * T::LANES..(block + 1) * T::LANES]);
            for (i, (loss, weight)) in losses.iter().zip(weights).enumerate() {
                let number = p.splat(T::of(i as f64));
                *weight = p.where_equal(chosen, number, one, zero);
                total = p.mul_add(p.mul(here, *weight), *loss, total);
            }
        }
    }
    total
}

#[inline(always)]
fn window<T: Float, P: Lanes<T>, const I: usize, const O: usize>(
    p: P,
    block: &[T],
) -> ([P::V; I], [P::V; O]) {
    let zero = p.splat(T::of(0.0));
    let (mut x, mut y) = ([zero; I], [zero; O]);
    for (k, x) in x.iter_mut().enumerate() {
        *x = p.load(&block[k * T::LANES..]);
    }
    for (d, y) in y.iter_mut().enumerate() {
        *y = p.load(&block[(I + d) * T::LANES..]);
    }
    (x, y)
}

impl<T: Float, const I: usize, const O: usize> Kernel<T> for Loss<'_, T, I, O> {
    type Output = f64;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> f64 {
        let m = self.laws.count.min(MOST_THEORIES);
        let zero = p.splat(T::of(0.0));
        let size = O * (I + 1);
        let scale = p.splat(T::of(1.0 / self.laws.floor));
        let floor_square = p.splat(T::of(self.laws.floor * self.laws.floor));
        let half_bit = p.splat(T::of(0.5 * std::f64::consts::LOG2_E));
        let bit = p.splat(T::of(std::f64::consts::LOG2_E));
        let most = p.splat(T::of(most_of(O)));
        let mut slopes = [[[zero; I]; O]; MOST_THEORIES];
        let mut biases = [[zero; O]; MOST_THEORIES];
        let mut errors = [[zero; O]; MOST_THEORIES];
        let mut losses = [zero; MOST_THEORIES];
        let mut weights = [zero; MOST_THEORIES];
        let mut total = zero;
        for &block in self.blocks {
            let here = p.load(self.data.here(block));
            let (x, y) = window::<T, P, I, O>(p, self.data.block(block));
            for i in 0..m {
                let law = &self.laws.constants[i * size..(i + 1) * size];
                errors[i] = errors_of::<T, P, I, O>(p, &x, &y, law);
                let product = product_of(p, &errors[i], scale, most);
                losses[i] = p.mul(half_bit, ln_1p(p, product));
            }
            total = combine(
                p,
                self.together,
                block,
                here,
                &losses[..m],
                &mut weights[..m],
                total,
            );
            if self.gradient.is_some() {
                for i in 0..m {
                    let weight = p.mul(p.mul(weights[i], here), bit);
                    for d in 0..O {
                        let u = errors[i][d];
                        let below = p.reciprocal(p.mul_add(u, u, floor_square));
                        let slope = p.mul(weight, p.mul(u, below));
                        biases[i][d] = p.add(biases[i][d], slope);
                        for k in 0..I {
                            slopes[i][d][k] = p.mul_add(slope, x[k], slopes[i][d][k]);
                        }
                    }
                }
            }
        }
        let mean = 1.0 / self.data.windows(self.blocks).max(1) as f64;
        if let Some(gradient) = self.gradient {
            for i in 0..m {
                for d in 0..O {
                    let row = &mut gradient[i * size + d * (I + 1)..i * size + (d + 1) * (I + 1)];
                    for k in 0..I {
                        row[k] = p.sum(slopes[i][d][k]) * T::of(mean);
                    }
                    row[I] = p.sum(biases[i][d]) * T::of(mean);
                }
            }
        }
        p.sum(total).to_f64() * mean
    }
}

struct Best<'a, T, const I: usize, const O: usize> {
    data: &'a Blocks<T>,
    laws: Laws<'a, T>,
}

impl<T: Float, const I: usize, const O: usize> Kernel<T> for Best<'_, T, I, O> {
    type Output = Vec<T>;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> Vec<T> {
        let size = O * (I + 1);
        let scale = p.splat(T::of(1.0 / self.laws.floor));
        let most = p.splat(T::of(most_of(O)));
        let mut best = vec![T::default(); self.data.len() * T::LANES];
        for (block, into) in best.chunks_exact_mut(T::LANES).enumerate() {
            let (x, y) = window::<T, P, I, O>(p, self.data.block(block));
            let mut least = p.splat(T::of(f64::from(f32::MAX)));
            let mut number = p.splat(T::of(0.0));
            for (i, law) in self.laws.constants.chunks_exact(size).enumerate() {
                // The logarithm rises with what it is of.
                let errors = errors_of::<T, P, I, O>(p, &x, &y, law);
                let product = product_of(p, &errors, scale, most);
                number = p.where_less(product, least, p.splat(T::of(i as f64)), number);
                least = p.where_less(product, least, product, least);
            }
            p.store(number, into);
        }
        best
    }
}

/// Errors of a theory's predictions for a block.
#[inline(always)]
fn prediction_errors<T: Float, P: Lanes<T>, const O: usize>(
    p: P,
    predictions: &[T],
    block: &[T],
    inputs: usize,
) -> [P::V; O] {
    let mut errors = [p.splat(T::of(0.0)); O];
    for (d, error) in errors.iter_mut().enumerate() {
        let truth = p.load(&block[(inputs + d) * T::LANES..]);
        *error = p.sub(p.load(&predictions[d * T::LANES..]), truth);
    }
    errors
}

struct PredictionLoss<'a, T, const O: usize> {
    data: &'a Blocks<T>,
    blocks: &'a [usize],
    predictions: &'a [T],
    count: usize,
    together: Together<'a, T>,
    floor: f64,
    slopes: Option<&'a mut [T]>,
}

impl<T: Float, const O: usize> Kernel<T> for PredictionLoss<'_, T, O> {
    type Output = f64;

    #[inline(always)]
    fn run<P: Lanes<T>>(mut self, p: P) -> f64 {
        let m = self.count.min(MOST_THEORIES);
        let zero = p.splat(T::of(0.0));
        let scale = p.splat(T::of(1.0 / self.floor));
        let floor_square = p.splat(T::of(self.floor * self.floor));
        let half_bit = p.splat(T::of(0.5 * std::f64::consts::LOG2_E));
        let bit = p.splat(T::of(std::f64::consts::LOG2_E));
        let most = p.splat(T::of(most_of(O)));
        let mut errors = [[zero; O]; MOST_THEORIES];
        let mut losses = [zero; MOST_THEORIES];
        let mut weights = [zero; MOST_THEORIES];
        let mut total = zero;
        let size = O * T::LANES;
        for (at, &block) in self.blocks.iter().enumerate() {
            let here = p.load(self.data.here(block));
            let values = self.data.block(block);
            for i in 0..m {
                let own = &self.predictions[(at * m + i) * size..(at * m + i + 1) * size];
                errors[i] = prediction_errors(p, own, values, self.data.inputs);
                let product = product_of(p, &errors[i], scale, most);
                losses[i] = p.mul(half_bit, ln_1p(p, product));
            }
            total = combine(
                p,
                self.together,
                block,
                here,
                &losses[..m],
                &mut weights[..m],
                total,
            );
            if let Some(slopes) = &mut self.slopes {
                for i in 0..m {
                    let weight = p.mul(p.mul(weights[i], here), bit);
                    for (d, u) in errors[i].into_iter().enumerate() {
                        let below = p.reciprocal(p.mul_add(u, u, floor_square));
                        let slope = p.mul(weight, p.mul(u, below));
                        let place = ((at * m + i) * O + d) * T::LANES;
                        p.store(slope, &mut slopes[place..place + T::LANES]);
                    }
                }
            }
        }
        p.sum(total).to_f64()
    }
}

struct BestPrediction<'a, T, const O: usize> {
    data: &'a Blocks<T>,
    blocks: &'a [usize],
    predictions: &'a [T],
    count: usize,
    floor: f64,
    into: &'a mut [T],
}

impl<T: Float, const O: usize> Kernel<T> for BestPrediction<'_, T, O> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        let scale = p.splat(T::of(1.0 / self.floor));
        let most = p.splat(T::of(most_of(O)));
        let size = O * T::LANES;
        let of_block = self.predictions.chunks_exact(self.count * size);
        let into = self.into.chunks_exact_mut(T::LANES);
        for ((block, predictions), into) in self.blocks.iter().zip(of_block).zip(into) {
            let values = self.data.block(*block);
            let mut least = p.splat(T::of(f64::from(f32::MAX)));
            let mut number = p.splat(T::of(0.0));
            for (i, own) in predictions.chunks_exact(size).enumerate() {
                let errors = prediction_errors::<T, P, O>(p, own, values, self.data.inputs);
                let product = product_of(p, &errors, scale, most);
                number = p.where_less(product, least, p.splat(T::of(i as f64)), number);
                least = p.where_less(product, least, product, least);
            }
            p.store(number, into);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Core, WorldKind, WorldRequest, generalised_mean, observations::Windows};

    fn windows() -> Windows {
        let request = WorldRequest {
            windows: 50,
            ..WorldRequest::new(WorldKind::GravityHarmonic, 1, 0)
        };
        let (_, seen) = request.make().unwrap();
        seen.windows(2).unwrap()
    }

    /// Three theories near inertia.
    fn constants() -> Vec<f64> {
        let mut constants = Vec::new();
        for theory in 0..3 {
            for (at, c) in crate::Recurrence::inertia(2).constants().iter().enumerate() {
                constants.push(c + 0.05 * (1.7 * at as f64 + f64::from(theory)).sin());
            }
        }
        constants
    }

    #[test]
    fn the_loss_is_the_generalised_mean_and_its_gradient_that_of_finite_differences() {
        let windows = windows();
        let data = Blocks::<f64>::new(&windows);
        let blocks: Vec<usize> = (0..data.len()).collect();
        let chosen: Vec<f64> = (0..data.len() * 8).map(|w| (w % 3) as f64).collect();
        for floor in [10.0, 1e-2, 1e-4] {
            for harmonic in [true, false] {
                let together = if harmonic {
                    Together::Harmonic { arithmetic: 1e-3 }
                } else {
                    Together::Chosen(&chosen)
                };
                let loss = |constants: &[f64], gradient: Option<&mut [f64]>| {
                    let laws = Laws {
                        constants,
                        count: 3,
                        floor,
                    };
                    mixture_loss(&data, &blocks, laws, together, gradient)
                };
                let constants = constants();
                let mut gradient = vec![0.0; 30];
                let value = loss(&constants, Some(&mut gradient));
                // By the public definitions, window by window.
                let core = Core::Bits { floor };
                let mut sum = 0.0;
                for w in 0..windows.len() {
                    let of = |theory: usize| by_definition(core, &constants, theory, &windows, w);
                    let losses = [of(0), of(1), of(2)];
                    sum += if harmonic {
                        let guarded = losses.map(|l| l + GUARD);
                        generalised_mean(&guarded, -1.0) + 1e-3 * generalised_mean(&losses, 1.0)
                    } else {
                        losses[w % 3]
                    };
                }
                let mean = sum / windows.len() as f64;
                assert!((value / mean - 1.0).abs() < 1e-11, "{value} {mean}");
                let scale = gradient.iter().fold(0.0_f64, |m, g| m.max(g.abs()));
                for k in 0..30 {
                    let at = |step: f64| {
                        let mut moved = constants.clone();
                        moved[k] += step;
                        loss(&moved, None)
                    };
                    let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
                    let error = (slope - gradient[k]).abs();
                    assert!(error < 1e-5 * scale, "{k}: {slope} {}", gradient[k]);
                }
            }
        }
    }

    /// The loss of a theory on a window by the public definitions.
    fn by_definition(
        core: Core,
        constants: &[f64],
        theory: usize,
        windows: &Windows,
        w: usize,
    ) -> f64 {
        let row = constants[theory * 10..(theory + 1) * 10].to_vec();
        let law = crate::Recurrence::new(2, 2, row).unwrap();
        let mut errors = [0.0; 2];
        law.predict(windows.inputs(w), &mut errors);
        let pairs = errors.iter_mut().zip(windows.output(w));
        pairs.for_each(|(p, y)| *p -= y);
        core.loss(&errors)
    }

    #[test]
    fn the_best_theory_has_the_least_loss() {
        let windows = windows();
        let data = Blocks::<f64>::new(&windows);
        let constants = constants();
        let laws = Laws {
            constants: &constants,
            count: 3,
            floor: 1e-3,
        };
        let best = best_theories(&data, laws);
        for (w, best) in best.iter().enumerate().take(windows.len()) {
            let core = Core::Bits { floor: 1e-3 };
            let of = |theory: usize| by_definition(core, &constants, theory, &windows, w);
            assert!((0..3).all(|other| of(*best as usize) <= of(other) + 1e-12));
        }
    }

    #[test]
    fn losses_of_predictions_are_those_of_the_laws_that_predict_and_their_slopes_of_finite_differences()
     {
        for outputs in [1, 2, 4, 6] {
            let (inputs, count, theories) = (2, 20, 3);
            let number = |k: usize| (0.7 * k as f64 + outputs as f64).sin();
            let data = Blocks::<f64>::of(inputs, outputs, count, |w| {
                (0..inputs + outputs).map(move |k| number(7 * w + k))
            });
            let blocks: Vec<usize> = (0..data.len()).collect();
            let lanes = <f64 as mass_lanes::Real>::LANES;
            let size = data.len() * theories * outputs * lanes;
            let predictions: Vec<f64> = (0..size).map(|k| number(3 * k + 1)).collect();
            let place = |w: usize, theory: usize, d: usize| {
                ((w / lanes * theories + theory) * outputs + d) * lanes + w % lanes
            };
            let chosen: Vec<f64> = (0..data.len() * lanes).map(|w| (w % 3) as f64).collect();
            let floor = 0.3;
            let core = Core::Bits { floor };
            let of = |predictions: &[f64], w: usize, theory: usize| {
                let errors = (0..outputs)
                    .map(|d| predictions[place(w, theory, d)] - number(7 * w + inputs + d));
                core.loss(&errors.collect::<Vec<_>>())
            };
            for harmonic in [true, false] {
                let together = if harmonic {
                    Together::Harmonic { arithmetic: 1e-3 }
                } else {
                    Together::Chosen(&chosen)
                };
                let loss = |predictions: &[f64], slopes: Option<&mut [f64]>| {
                    prediction_loss(
                        &data,
                        &blocks,
                        predictions,
                        theories,
                        together,
                        floor,
                        slopes,
                    )
                };
                let mut slopes = vec![0.0; size];
                let value = loss(&predictions, Some(&mut slopes));
                let by_definition = (0..count).map(|w| {
                    let losses = [0, 1, 2].map(|theory| of(&predictions, w, theory));
                    if harmonic {
                        let guarded = losses.map(|l| l + GUARD);
                        generalised_mean(&guarded, -1.0) + 1e-3 * generalised_mean(&losses, 1.0)
                    } else {
                        losses[w % 3]
                    }
                });
                let sum: f64 = by_definition.sum();
                assert!(
                    (value / sum - 1.0).abs() < 1e-11,
                    "{outputs}: {value} {sum}"
                );
                for w in [0, count - 1] {
                    let k = place(w, w % 3, outputs - 1);
                    let at = |step: f64| {
                        let mut moved = predictions.clone();
                        moved[k] += step;
                        loss(&moved, None)
                    };
                    let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
                    assert!((slope - slopes[k]).abs() < 1e-6, "{slope} {}", slopes[k]);
                }
            }
            let mut best = vec![0.0; data.len() * lanes];
            best_predictions(&data, &blocks, &predictions, theories, floor, &mut best);
            for (w, best) in best.iter().enumerate().take(count) {
                let least = of(&predictions, w, *best as usize);
                assert!((0..theories).all(|theory| least <= of(&predictions, w, theory) + 1e-12));
            }
        }
    }
}

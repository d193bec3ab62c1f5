//! S, its gradient and its Hessian at a batch, by the adjoint form ([`crate::scalar_jet`]).

use std::{marker::PhantomData, slice::ChunksExactMut};

use mass_lanes::{Lanes, Real, Stage};

use super::{
    chunk::CHUNK,
    curve::{Curve, Gelu, Softplus, Tanh},
    input::{features, first_tangents, load_states},
    matrix::Multiply,
    vectors::split,
    weights::Weights,
};
use crate::{Activation, shape::Shape};

/// Working memory of one chunk, in vectors.
pub(super) struct Scratch<'a, V> {
    /// States, `[n][CHUNK]`.
    states: &'a mut [V],
    /// φ, then ∂S/∂φ: `[F][CHUNK]`.
    features: &'a mut [V],
    /// z and its tangents, `[H][1 + n][CHUNK]`.
    signals: &'a mut [V],
    /// f′ of each layer, `[L][H][CHUNK]`.
    first: &'a mut [V],
    /// f″ of each layer, `[L][H][CHUNK]`.
    second: &'a mut [V],
    /// f′ g, `[H][CHUNK]`.
    adjoints: &'a mut [V],
    /// Rows of the packed jet, `[1 + n + n(n+1)/2][CHUNK]`.
    rows: &'a mut [V],
}

impl<'a, V> Scratch<'a, V> {
    /// Vectors of each part.
    fn sizes(shape: &Shape) -> [usize; 7] {
        let hidden = shape.width * CHUNK;
        [
            shape.coordinates() * CHUNK,
            shape.features() * CHUNK,
            hidden * shape.tangents(),
            hidden * shape.layers,
            hidden * shape.layers,
            hidden,
            shape.rows() * CHUNK,
        ]
    }

    /// Vectors of working memory.
    pub(super) fn size(shape: &Shape) -> usize {
        Self::sizes(shape).iter().sum()
    }

    pub(super) fn new(shape: &Shape, memory: &'a mut [V]) -> Self {
        let [states, features, signals, first, second, adjoints, rows] =
            split(memory, Self::sizes(shape));
        Self {
            states,
            features,
            signals,
            first,
            second,
            adjoints,
            rows,
        }
    }
}

/// The jet of one network at `states` `[B, n]`, as rows `[1 + n + n(n+1)/2, B]`; in `kept` what the
/// reverse pass needs of each chunk ([`Shape::kept`]), or of the last if there is room for one.
#[inline(always)]
pub(super) fn forward<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    weights: &Weights<'_, T>,
    states: &[T],
    jet: &mut [T],
    kept: &mut [P::V],
    scratch: &mut Scratch<'_, P::V>,
) {
    let (n, hidden) = (shape.coordinates(), shape.width * CHUNK);
    let (tangents, channels) = (shape.tangents() * CHUNK, shape.channels() * CHUNK);
    let layer_size = shape.width * channels;
    let batch = states.len() / n;
    let kept_chunks = kept.len() / shape.kept();
    for chunk in 0..shape.chunks(batch, T::LANES) {
        let first = chunk * CHUNK * T::LANES;
        let kept = &mut kept[chunk % kept_chunks * shape.kept()..][..shape.kept()];
        load_states(p, shape, states, first, scratch.states);
        features(p, shape, scratch.states, scratch.features, CHUNK);
        p.vectorize(Multiply {
            weights: weights.plain(0),
            signals: scratch.features,
            signal_stride: CHUNK,
            out: kept,
            out_stride: channels,
            columns: CHUNK,
        });
        let into = &mut kept[CHUNK..];
        first_tangents(p, shape, weights.first(), scratch.states, into, channels);
        for layer in 0..shape.layers {
            let last = layer + 1 == shape.layers;
            let (before, after) = kept.split_at_mut((layer + 1) * layer_size);
            let stage = Activate {
                coordinates: n,
                biases: weights.biases(layer),
                units: &before[layer * layer_size..],
                signals: scratch.signals,
                first: &mut scratch.first[layer * hidden..][..hidden],
                second: &mut scratch.second[layer * hidden..][..hidden],
                last,
            };
            match shape.activation {
                Activation::Gelu => p.vectorize(By::<_, Gelu>(stage, PhantomData)),
                Activation::Tanh => p.vectorize(By::<_, Tanh>(stage, PhantomData)),
                Activation::Softplus => p.vectorize(By::<_, Softplus>(stage, PhantomData)),
            }
            if !last {
                p.vectorize(Multiply {
                    weights: weights.plain(layer + 1),
                    signals: scratch.signals,
                    signal_stride: tangents,
                    out: after,
                    out_stride: channels,
                    columns: tangents,
                });
            }
        }
        // The output layer: S is a sum over z, and the adjoint of z is its weights.
        let top = &mut kept[(shape.layers - 1) * layer_size..];
        for vector in 0..CHUNK {
            let mut value = p.splat(T::default());
            for (unit, &w) in weights.output().iter().enumerate() {
                let w = p.splat(w);
                value = p.mul_add(w, scratch.signals[unit * tangents + vector], value);
                top[unit * channels + tangents + vector] = w;
            }
            scratch.rows[vector] = value;
        }
        for row in &mut scratch.rows[CHUNK..] {
            *row = p.splat(T::default());
        }
        for layer in (0..shape.layers).rev() {
            let (below, units) = kept.split_at_mut(layer * layer_size);
            p.vectorize(Curvature {
                coordinates: n,
                units: &units[..layer_size],
                first: &scratch.first[layer * hidden..][..hidden],
                second: &scratch.second[layer * hidden..][..hidden],
                adjoints: scratch.adjoints,
                pairs: &mut scratch.rows[(1 + n) * CHUNK..],
            });
            let (out, out_stride) = if layer > 0 {
                let below = &mut below[(layer - 1) * layer_size + tangents..];
                (below, channels)
            } else {
                (&mut *scratch.features, CHUNK)
            };
            p.vectorize(Multiply {
                weights: weights.transposed(layer),
                signals: scratch.adjoints,
                signal_stride: CHUNK,
                out,
                out_stride,
                columns: CHUNK,
            });
        }
        input_derivatives(p, shape, scratch.states, scratch.features, scratch.rows);
        for (row, vectors) in scratch.rows.chunks_exact(CHUNK).enumerate() {
            let jet = &mut jet[row * batch..][..batch];
            for (vector, lanes) in vectors.iter().enumerate() {
                let from = first + vector * T::LANES;
                if from < batch {
                    p.store(*lanes, &mut jet[from..]);
                }
            }
        }
    }
}

/// z = f(u) and z_a = f′(u) u_a of a layer, with f′ and f″; `units` hold u without its bias.
struct Activate<'a, T: Real, P: Lanes<T>> {
    coordinates: usize,
    biases: &'a [T],
    units: &'a [P::V],
    signals: &'a mut [P::V],
    first: &'a mut [P::V],
    second: &'a mut [P::V],
    /// Whether nobody asks for z_a.
    last: bool,
}

/// A stage with an activation function.
pub(super) struct By<S, C>(pub(super) S, pub(super) PhantomData<C>);

impl<T: Real, P: Lanes<T>, C: Curve> Stage<P> for By<Activate<'_, T, P>, C> {
    type Output = ();

    #[inline(always)]
    fn run(&mut self, p: P) {
        // With the number known, loops over coordinates are unrolled.
        match self.0.coordinates {
            2 => self.0.on::<C, 2>(p),
            _ => self.0.on::<C, 0>(p),
        }
    }
}

impl<T: Real, P: Lanes<T>> Activate<'_, T, P> {
    /// For N coordinates, or as many as `coordinates` says where N is 0.
    #[inline(always)]
    fn on<C: Curve, const N: usize>(&mut self, p: P) {
        let n = if N == 0 { self.coordinates } else { N };
        let (tangents, channels) = ((1 + n) * CHUNK, (2 + n) * CHUNK);
        for (i, &bias) in self.biases.iter().enumerate() {
            let unit = &self.units[i * channels..][..channels];
            let signal = &mut self.signals[i * tangents..][..tangents];
            let first = &mut self.first[i * CHUNK..][..CHUNK];
            let second = &mut self.second[i * CHUNK..][..CHUNK];
            let [f, f1, f2, _] = C::of_chunk(p, &unit[..CHUNK], bias);
            for vector in 0..CHUNK {
                signal[vector] = f[vector];
                first[vector] = f1[vector];
                second[vector] = f2[vector];
                if !self.last {
                    for a in 1..=n {
                        let at = a * CHUNK + vector;
                        signal[at] = p.mul(f1[vector], unit[at]);
                    }
                }
            }
        }
    }
}

/// f′ g of a layer, and its part Σ g f″ u_a u_b of the Hessian.
struct Curvature<'a, T: Real, P: Lanes<T>> {
    coordinates: usize,
    units: &'a [P::V],
    first: &'a [P::V],
    second: &'a [P::V],
    adjoints: &'a mut [P::V],
    pairs: &'a mut [P::V],
}

impl<T: Real, P: Lanes<T>> Stage<P> for Curvature<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run(&mut self, p: P) {
        let n = self.coordinates;
        let (adjoint_at, channels) = ((1 + n) * CHUNK, (2 + n) * CHUNK);
        let units = self.first.len() / CHUNK;
        for i in 0..units {
            let adjoint = &self.units[i * channels + adjoint_at..][..CHUNK];
            let first = &self.first[i * CHUNK..][..CHUNK];
            let into = &mut self.adjoints[i * CHUNK..][..CHUNK];
            for vector in 0..CHUNK {
                into[vector] = p.mul(first[vector], adjoint[vector]);
            }
        }
        if n == 2 {
            return self.pair(p);
        }
        let (units, second) = (self.units, self.second);
        let mut pairs = self.pairs.chunks_exact_mut(CHUNK);
        for a in 0..n {
            let mut b = a;
            while b < n {
                let from = Pair { n, a, b };
                b += match n - b {
                    1 => pair_sums::<T, P, 1>(p, units, second, from, &mut pairs),
                    2 => pair_sums::<T, P, 2>(p, units, second, from, &mut pairs),
                    3 => pair_sums::<T, P, 3>(p, units, second, from, &mut pairs),
                    _ => pair_sums::<T, P, 4>(p, units, second, from, &mut pairs),
                };
            }
        }
    }
}

impl<T: Real, P: Lanes<T>> Curvature<'_, T, P> {
    /// The three pairs of two coordinates, in one run over the units.
    #[inline(always)]
    fn pair(&mut self, p: P) {
        const CHANNELS: usize = 4 * CHUNK;
        let mut sums = [[p.splat(T::default()); CHUNK]; 3];
        for (unit, second) in self
            .units
            .chunks_exact(CHANNELS)
            .zip(self.second.chunks_exact(CHUNK))
        {
            for vector in 0..CHUNK {
                let curvature = p.mul(unit[3 * CHUNK + vector], second[vector]);
                let (u_x, u_y) = (unit[CHUNK + vector], unit[2 * CHUNK + vector]);
                let weighted = p.mul(curvature, u_x);
                sums[0][vector] = p.mul_add(weighted, u_x, sums[0][vector]);
                sums[1][vector] = p.mul_add(weighted, u_y, sums[1][vector]);
                sums[2][vector] = p.mul_add(p.mul(curvature, u_y), u_y, sums[2][vector]);
            }
        }
        for (row, sum) in sums.iter().enumerate() {
            for vector in 0..CHUNK {
                let pair = &mut self.pairs[row * CHUNK + vector];
                *pair = p.add(*pair, sum[vector]);
            }
        }
    }
}

/// A pair of n coordinates.
#[derive(Clone, Copy)]
struct Pair {
    n: usize,
    a: usize,
    b: usize,
}

/// Adds Σ g f″ u_a u_b for COUNT b from `b` on; returns COUNT.
#[inline(always)]
fn pair_sums<T: Real, P: Lanes<T>, const COUNT: usize>(
    p: P,
    units: &[P::V],
    second: &[P::V],
    Pair { n, a, b }: Pair,
    pairs: &mut ChunksExactMut<'_, P::V>,
) -> usize {
    let (adjoint_at, channels) = ((1 + n) * CHUNK, (2 + n) * CHUNK);
    let mut sums = [[p.splat(T::default()); CHUNK]; COUNT];
    for (unit, second) in units.chunks_exact(channels).zip(second.chunks_exact(CHUNK)) {
        for vector in 0..CHUNK {
            let curvature = p.mul(unit[adjoint_at + vector], second[vector]);
            let weighted = p.mul(curvature, unit[(1 + a) * CHUNK + vector]);
            for i in 0..COUNT {
                let u_b = unit[(1 + b + i) * CHUNK + vector];
                sums[i][vector] = p.mul_add(weighted, u_b, sums[i][vector]);
            }
        }
    }
    for sum in sums {
        let pair = pairs.next().expect("one row per pair");
        for vector in 0..CHUNK {
            pair[vector] = p.add(pair[vector], sum[vector]);
        }
    }
    COUNT
}

/// The gradient from ∂S/∂φ, and what the features' own second derivatives add to the Hessian.
#[inline(always)]
fn input_derivatives<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    states: &[P::V],
    adjoint: &[P::V],
    rows: &mut [P::V],
) {
    let n = shape.coordinates();
    for a in 0..n {
        for vector in 0..CHUNK {
            let of = |feature: usize| adjoint[feature * CHUNK + vector];
            let mut slope = of(a);
            if let (Some(square), Some(product)) = (shape.square(a), shape.product(a)) {
                let s = states[a * CHUNK + vector];
                let partner = states[shape.partner(a) * CHUNK + vector];
                slope = p.mul_add(of(square), p.add(s, s), slope);
                slope = p.mul_add(of(product), partner, slope);
                let at = crate::Jet::hessian_row(n, a, a) * CHUNK + vector;
                rows[at] = p.add(rows[at], p.add(of(square), of(square)));
                if a < shape.dof {
                    let at = crate::Jet::hessian_row(n, a, shape.partner(a)) * CHUNK + vector;
                    rows[at] = p.add(rows[at], of(product));
                }
            }
            rows[(1 + a) * CHUNK + vector] = slope;
        }
    }
}

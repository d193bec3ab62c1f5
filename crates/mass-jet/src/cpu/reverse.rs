//! The reverse pass: from cotangents of S, its gradient and its Hessian to those of every parameter
//! and, where asked for, of the states.
//!
//! With q̃_aa = 2 q_aa and q̃_ab = q_ab, m_a = Σ_b q̃_ab u_b and Q = ½ Σ_a u_a m_a, one sweep goes
//! up and one down (an overbar means: cotangent of; d = f′ g is the adjoint of u):
//!
//! - up, from ∂S/∂φ: d̄ = W ḡ of the layer below; ḡ = f′ d̄ + f″ Q.
//! - down, from z̄ = S̄ w_o: ū = f′ z̄ + f″ Σ u_a z̄_a + g e with e = f″ d̄ + f‴ Q, which is known on the
//!   way up, and ū_a = f′ z̄_a + f″ g m_a; below, z̄ = Wᵀ ū and z̄_a = Wᵀ ū_a.
//! - W̄ = ū ⊗ z + Σ ū_a ⊗ z_a + d ⊗ ḡ with z, z_a, ḡ of the layer below: one outer product of 2 + n
//!   stacked channels.

use std::marker::PhantomData;

use mass_lanes::{Lanes, Real, Stage};

use super::{
    chunk::CHUNK,
    curve::{Curve, Gelu, Softplus, Tanh},
    forward::By,
    input::{feature_tangent, features, load_states},
    matrix::{Multiply, Outer},
    vectors::split,
    weights::Weights,
};
use crate::{Activation, Jet, shape::Shape};

/// Working memory of the reverse pass, in vectors.
pub(super) struct Scratch<'a, V> {
    /// States, `[n][CHUNK]`.
    states: &'a mut [V],
    /// Cotangents of the jet's rows, then q̃ as a full matrix: `[1 + n][CHUNK]`, `[n][n][CHUNK]`.
    cotangents: &'a mut [V],
    pairs: &'a mut [V],
    /// What the first layer reads: φ, ∂φ/∂s_a, cotangent of ∂S/∂φ; `[F][2 + n][CHUNK]`.
    input: &'a mut [V],
    /// What the layer above reads: z, z_a, ḡ; `[L][H][2 + n][CHUNK]`.
    right: &'a mut [V],
    /// ū, ū_a and d of one layer, `[H][2 + n][CHUNK]`.
    left: &'a mut [V],
    /// f′, f″, e; `[L][H][3][CHUNK]`.
    slopes: &'a mut [V],
    /// d̄, `[L][H][CHUNK]`.
    adjoint_cotangents: &'a mut [V],
    /// z̄ and z̄_a, `[max(H, F)][2 + n][CHUNK]`.
    signal_cotangents: &'a mut [V],
    /// Sums over samples, a vector of lanes for each parameter.
    sums: &'a mut [V],
}

impl<'a, V> Scratch<'a, V> {
    fn sizes(shape: &Shape) -> [usize; 10] {
        let n = shape.coordinates();
        let hidden = shape.layers * shape.width * CHUNK;
        [
            n * CHUNK,
            (1 + n) * CHUNK,
            n * n * CHUNK,
            shape.features() * shape.channels() * CHUNK,
            hidden * shape.channels(),
            shape.width * shape.channels() * CHUNK,
            hidden * 3,
            hidden,
            shape.width.max(shape.features()) * shape.channels() * CHUNK,
            shape.parameters(),
        ]
    }

    /// Vectors of working memory.
    pub(super) fn size(shape: &Shape) -> usize {
        Self::sizes(shape).iter().sum()
    }

    pub(super) fn new(shape: &Shape, memory: &'a mut [V]) -> Self {
        let [
            states,
            cotangents,
            pairs,
            input,
            right,
            left,
            slopes,
            adjoint_cotangents,
            signal_cotangents,
            sums,
        ] = split(memory, Self::sizes(shape));
        Self {
            states,
            cotangents,
            pairs,
            input,
            right,
            left,
            slopes,
            adjoint_cotangents,
            signal_cotangents,
            sums,
        }
    }
}

/// Cotangents of the parameters, in one row, and of the states `[B, n]` if there is room for them,
/// from those of the jet `[1 + n + n(n+1)/2, B]` and what the forward pass kept.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) fn reverse<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    weights: &Weights<'_, T>,
    states: &[T],
    kept: &[P::V],
    jet_cotangents: &[T],
    parameter_cotangents: &mut [T],
    mut state_cotangents: Option<&mut [T]>,
    scratch: &mut Scratch<'_, P::V>,
) {
    let channels = shape.channels() * CHUNK;
    let tangents = shape.tangents() * CHUNK;
    let (layer_size, hidden) = (shape.width * channels, shape.width * CHUNK);
    scratch.sums.fill(p.splat(T::default()));
    // The last chunk first: it is the one that the caches still hold.
    for (chunk, kept) in kept.chunks_exact(shape.kept()).enumerate().rev() {
        let first = chunk * CHUNK * T::LANES;
        load_states(p, shape, states, first, scratch.states);
        load_cotangents(p, shape, jet_cotangents, first, scratch);
        load_input(p, shape, scratch);

        // Up: what the adjoints' cotangents are.
        p.vectorize(Multiply {
            weights: weights.plain(0),
            signals: &scratch.input[tangents..],
            signal_stride: channels,
            out: scratch.adjoint_cotangents,
            out_stride: CHUNK,
            columns: CHUNK,
        });
        for layer in 0..shape.layers {
            let last = layer + 1 == shape.layers;
            let (own, above) = scratch
                .adjoint_cotangents
                .split_at_mut((layer + 1) * hidden);
            let stage = Ascend {
                coordinates: shape.coordinates(),
                biases: weights.biases(layer),
                units: &kept[layer * layer_size..][..layer_size],
                pairs: scratch.pairs,
                adjoint_cotangents: &own[layer * hidden..],
                right: &mut scratch.right[layer * layer_size..][..layer_size],
                slopes: &mut scratch.slopes[layer * 3 * hidden..][..3 * hidden],
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
                    signals: &scratch.right[layer * layer_size + tangents..],
                    signal_stride: channels,
                    out: above,
                    out_stride: CHUNK,
                    columns: CHUNK,
                });
            }
        }
        let top = &scratch.right[(shape.layers - 1) * layer_size..];
        let sums = &mut scratch.sums[shape.weights_at(shape.layers)..];
        for (unit, sum) in top.chunks_exact(channels).zip(sums) {
            for vector in 0..CHUNK {
                let from_value = p.mul(scratch.cotangents[vector], unit[vector]);
                *sum = p.add(*sum, p.add(unit[tangents + vector], from_value));
            }
        }
        // And down again, from the output.
        for (unit, &w) in scratch
            .signal_cotangents
            .chunks_mut(tangents)
            .zip(weights.output())
        {
            for vector in 0..CHUNK {
                unit[vector] = p.mul(scratch.cotangents[vector], p.splat(w));
            }
        }
        for layer in (0..shape.layers).rev() {
            let left = &mut *scratch.left;
            p.vectorize(Descend {
                coordinates: shape.coordinates(),
                units: &kept[layer * layer_size..][..layer_size],
                pairs: scratch.pairs,
                slopes: &scratch.slopes[layer * 3 * hidden..][..3 * hidden],
                signal_cotangents: scratch.signal_cotangents,
                left,
                biases: &mut scratch.sums[shape.biases_at(layer)..][..shape.width],
                last: layer + 1 == shape.layers,
            });
            let (right, inner) = match layer {
                0 => (&*scratch.input, shape.features()),
                _ => (&scratch.right[(layer - 1) * layer_size..], shape.width),
            };
            p.vectorize(Outer {
                left,
                right,
                stride: channels,
                columns: channels,
                sums: &mut scratch.sums[shape.weights_at(layer)..],
                size: [shape.width, inner],
            });
            // The features' cotangents are asked for only where the states' are.
            let width = match (layer, &state_cotangents) {
                (0, None) => continue,
                (0, Some(_)) => channels,
                _ => tangents,
            };
            p.vectorize(Multiply {
                weights: weights.transposed(layer),
                signals: left,
                signal_stride: channels,
                out: scratch.signal_cotangents,
                out_stride: width,
                columns: width,
            });
        }
        if let Some(into) = &mut state_cotangents {
            store_state_cotangents(p, shape, scratch, first, into);
        }
    }
    for (cotangent, sum) in parameter_cotangents.iter_mut().zip(scratch.sums.iter()) {
        *cotangent = p.sum(*sum);
    }
}

/// Reads a chunk of the jet's cotangents; past the end of the batch they are zero, so that the
/// samples that fill up the chunk count for nothing.
#[inline(always)]
fn load_cotangents<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    jet: &[T],
    first: usize,
    scratch: &mut Scratch<'_, P::V>,
) {
    let n = shape.coordinates();
    let batch = jet.len() / shape.rows();
    let load = |row: usize, vector: usize| {
        let from = (first + vector * T::LANES).min(batch);
        p.load(&jet[row * batch + from..(row + 1) * batch])
    };
    for vector in 0..CHUNK {
        for row in 0..=n {
            scratch.cotangents[row * CHUNK + vector] = load(row, vector);
        }
        for a in 0..n {
            for b in a..n {
                let q = load(Jet::hessian_row(n, a, b), vector);
                let q = if a == b { p.add(q, q) } else { q };
                scratch.pairs[(a * n + b) * CHUNK + vector] = q;
                scratch.pairs[(b * n + a) * CHUNK + vector] = q;
            }
        }
    }
}

/// φ, its tangents, and the cotangent of ∂S/∂φ: p_a at a, 2 s_a p_a + 2 q_aa at the square, and
/// y_k p_x + x_k p_y + q_xy at the product.
#[inline(always)]
fn load_input<T: Real, P: Lanes<T>>(p: P, shape: &Shape, scratch: &mut Scratch<'_, P::V>) {
    let (n, stride) = (shape.coordinates(), shape.channels() * CHUNK);
    features(p, shape, scratch.states, scratch.input, stride);
    for a in 0..n {
        let into = &mut scratch.input[(1 + a) * CHUNK..];
        feature_tangent(p, shape, a, scratch.states, into, stride);
    }
    let into = &mut scratch.input[shape.tangents() * CHUNK..];
    for a in 0..n {
        for vector in 0..CHUNK {
            let slope = |a: usize| scratch.cotangents[(1 + a) * CHUNK + vector];
            let s = |a: usize| scratch.states[a * CHUNK + vector];
            let pair = |a: usize, b: usize| scratch.pairs[(a * n + b) * CHUNK + vector];
            into[a * stride + vector] = slope(a);
            if let Some(square) = shape.square(a) {
                into[square * stride + vector] = p.mul_add(p.add(s(a), s(a)), slope(a), pair(a, a));
            }
            if let (Some(product), true) = (shape.product(a), a < shape.dof) {
                let b = shape.partner(a);
                let crossed = p.mul_add(s(b), slope(a), p.mul_add(s(a), slope(b), pair(a, b)));
                into[product * stride + vector] = crossed;
            }
        }
    }
}

/// A layer on the way up: z, z_a, ḡ to `right`; f′, f″, e to `slopes`.
struct Ascend<'a, T: Real, P: Lanes<T>> {
    coordinates: usize,
    biases: &'a [T],
    /// u without its bias, u_a and g.
    units: &'a [P::V],
    /// q̃, `[n][n][CHUNK]`.
    pairs: &'a [P::V],
    adjoint_cotangents: &'a [P::V],
    right: &'a mut [P::V],
    slopes: &'a mut [P::V],
    /// Whether nobody asks for z_a.
    last: bool,
}

impl<T: Real, P: Lanes<T>, C: Curve> Stage<P> for By<Ascend<'_, T, P>, C> {
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

impl<T: Real, P: Lanes<T>> Ascend<'_, T, P> {
    /// For N coordinates, or as many as `coordinates` says where N is 0.
    #[inline(always)]
    fn on<C: Curve, const N: usize>(&mut self, p: P) {
        let n = if N == 0 { self.coordinates } else { N };
        let (adjoint_at, channels) = ((1 + n) * CHUNK, (2 + n) * CHUNK);
        let (pairs, last) = (&self.pairs[..n * n * CHUNK], self.last);
        let half = p.splat(T::of(0.5));
        for (i, &bias) in self.biases.iter().enumerate() {
            let right = &mut self.right[i * channels..][..channels];
            let slopes = &mut self.slopes[i * 3 * CHUNK..][..3 * CHUNK];
            let unit = &self.units[i * channels..][..channels];
            let cotangent = &self.adjoint_cotangents[i * CHUNK..][..CHUNK];
            let [f, f1, f2, f3] = C::of_chunk(p, &unit[..CHUNK], bias);
            for vector in 0..CHUNK {
                let [f, f1, f2, f3] = [f[vector], f1[vector], f2[vector], f3[vector]];
                slopes[vector] = f1;
                slopes[CHUNK + vector] = f2;
                let mut twice_q = p.splat(T::default());
                for a in 0..n {
                    let u_a = unit[(1 + a) * CHUNK + vector];
                    let m = bend::<T, P>(p, n, a, pairs, unit, vector);
                    twice_q = p.mul_add(u_a, m, twice_q);
                    if !last {
                        right[(1 + a) * CHUNK + vector] = p.mul(f1, u_a);
                    }
                }
                let q = p.mul(half, twice_q);
                let cotangent = cotangent[vector];
                slopes[2 * CHUNK + vector] = p.mul_add(f2, cotangent, p.mul(f3, q));
                right[vector] = f;
                right[adjoint_at + vector] = p.mul_add(f1, cotangent, p.mul(f2, q));
            }
        }
    }
}

/// m_a = Σ_b q̃_ab u_b of a unit. Computed on the way up and again on the way down: that is less work
/// than to carry it through the second cache.
#[inline(always)]
fn bend<T: Real, P: Lanes<T>>(
    p: P,
    n: usize,
    a: usize,
    pairs: &[P::V],
    unit: &[P::V],
    vector: usize,
) -> P::V {
    let mut m = p.mul(pairs[a * n * CHUNK + vector], unit[CHUNK + vector]);
    for b in 1..n {
        let u_b = unit[(1 + b) * CHUNK + vector];
        m = p.mul_add(pairs[(a * n + b) * CHUNK + vector], u_b, m);
    }
    m
}

/// A layer on the way down: ū, ū_a and d to `left`; ū is added to the biases' sums.
struct Descend<'a, T: Real, P: Lanes<T>> {
    coordinates: usize,
    units: &'a [P::V],
    /// q̃, `[n][n][CHUNK]`.
    pairs: &'a [P::V],
    slopes: &'a [P::V],
    /// z̄ and z̄_a, `[H][1 + n][CHUNK]`; of the last layer z̄_a are zero and not there.
    signal_cotangents: &'a [P::V],
    left: &'a mut [P::V],
    biases: &'a mut [P::V],
    last: bool,
}

impl<T: Real, P: Lanes<T>> Stage<P> for Descend<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run(&mut self, p: P) {
        match self.coordinates {
            2 => self.on::<2>(p),
            _ => self.on::<0>(p),
        }
    }
}

impl<T: Real, P: Lanes<T>> Descend<'_, T, P> {
    /// For N coordinates, or as many as `coordinates` says where N is 0.
    #[inline(always)]
    fn on<const N: usize>(&mut self, p: P) {
        let n = if N == 0 { self.coordinates } else { N };
        let (adjoint_at, channels) = ((1 + n) * CHUNK, (2 + n) * CHUNK);
        let (pairs, last) = (&self.pairs[..n * n * CHUNK], self.last);
        for (i, bias) in self.biases.iter_mut().enumerate() {
            let left = &mut self.left[i * channels..][..channels];
            let unit = &self.units[i * channels..][..channels];
            let slopes = &self.slopes[i * 3 * CHUNK..][..3 * CHUNK];
            let signal = &self.signal_cotangents[i * adjoint_at..][..adjoint_at];
            for vector in 0..CHUNK {
                let f1 = slopes[vector];
                let f2 = slopes[CHUNK + vector];
                let e = slopes[2 * CHUNK + vector];
                let g = unit[adjoint_at + vector];
                let bent = p.mul(f2, g);
                let mut u = p.mul_add(f1, signal[vector], p.mul(g, e));
                let mut inner = p.splat(T::default());
                for a in 0..n {
                    let at = (1 + a) * CHUNK + vector;
                    let m = bend::<T, P>(p, n, a, pairs, unit, vector);
                    left[at] = if last {
                        p.mul(bent, m)
                    } else {
                        inner = p.mul_add(unit[at], signal[at], inner);
                        p.mul_add(f1, signal[at], p.mul(bent, m))
                    };
                }
                if !last {
                    u = p.mul_add(f2, inner, u);
                }
                left[vector] = u;
                left[adjoint_at + vector] = p.mul(f1, g);
                *bias = p.add(*bias, u);
            }
        }
    }
}

/// Cotangents of the states from those of the features (`signal_cotangents`: of φ, of ∂φ/∂s_a, and
/// ∂S/∂φ itself).
#[inline(always)]
fn store_state_cotangents<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    scratch: &Scratch<'_, P::V>,
    first: usize,
    into: &mut [T],
) {
    let (n, stride) = (shape.coordinates(), shape.channels() * CHUNK);
    let adjoint_channel = shape.tangents();
    for a in 0..n {
        for vector in 0..CHUNK {
            let of = |feature: usize, channel: usize| {
                scratch.signal_cotangents[feature * stride + channel * CHUNK + vector]
            };
            let s = |a: usize| scratch.states[a * CHUNK + vector];
            let slope = |a: usize| scratch.cotangents[(1 + a) * CHUNK + vector];
            let mut sum = of(a, 0);
            if let (Some(square), Some(product)) = (shape.square(a), shape.product(a)) {
                let b = shape.partner(a);
                // Of φ; of the tangents, 2 s_a at the square and s_a at the partner's product; of
                // S_a = ... + 2 s_a ∂S/∂(s_a²) + s_b ∂S/∂(x y).
                sum = p.mul_add(p.add(s(a), s(a)), of(square, 0), sum);
                sum = p.mul_add(s(b), of(product, 0), sum);
                sum = p.add(sum, p.add(of(square, 1 + a), of(square, 1 + a)));
                sum = p.add(sum, of(product, 1 + b));
                let twice = p.add(slope(a), slope(a));
                sum = p.mul_add(twice, of(square, adjoint_channel), sum);
                sum = p.mul_add(slope(b), of(product, adjoint_channel), sum);
            }
            for (lane, value) in p.numbers(&sum).iter().enumerate() {
                let sample = first + vector * T::LANES + lane;
                if let Some(into) = into.get_mut(sample * n + a) {
                    *into = *value;
                }
            }
        }
    }
}

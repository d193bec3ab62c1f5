//! The states of a chunk in lanes, and the features that the first layer sees of them.
//!
//! φ = s, or (s, s², x ⊙ y). Of ∂φ/∂s_a only 1 at a, 2 s_a at a's square and the partner's value at
//! the product of the pair (x_k, y_k) are not zero.

use mass_lanes::{Lanes, Real};

use super::chunk::CHUNK;
use crate::{InputFeatures, shape::Shape};

/// A chunk's vectors: `[n][CHUNK]` for states, `[F][CHUNK]` for features.
pub(super) type Rows<'a, V> = &'a [V];

impl Shape {
    /// The coordinate that a is multiplied with: y_k for x_k and the other way round.
    pub(super) fn partner(&self, a: usize) -> usize {
        (a + self.dof) % self.coordinates()
    }

    /// Feature s_a², if there is one.
    pub(super) fn square(&self, a: usize) -> Option<usize> {
        (self.input == InputFeatures::Augmented).then_some(self.coordinates() + a)
    }

    /// Feature x_k y_k of coordinate a's pair, if there is one.
    pub(super) fn product(&self, a: usize) -> Option<usize> {
        (self.input == InputFeatures::Augmented).then_some(2 * self.coordinates() + a % self.dof)
    }
}

/// Reads the states `[B, n]` of a chunk, zero past the end of the batch.
#[inline(always)]
pub(super) fn load_states<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    states: &[T],
    first: usize,
    into: &mut [P::V],
) {
    let n = shape.coordinates();
    for vector in 0..CHUNK {
        let from = (first + vector * T::LANES) * n;
        let states = &states[from.min(states.len())..];
        let states = &states[..states.len().min(T::LANES * n)];
        for a in 0..n {
            let mut lanes = [T::default(); 16];
            if n == 2 {
                // With the stride known, this is a shuffle.
                for (lane, state) in lanes.iter_mut().zip(states.as_chunks::<2>().0) {
                    *lane = state[a & 1];
                }
            } else {
                for (lane, state) in lanes.iter_mut().zip(states.chunks_exact(n)) {
                    *lane = state[a];
                }
            }
            into[a * CHUNK + vector] = p.load(&lanes[..T::LANES]);
        }
    }
}

/// φ of the states, row f at f · `stride`.
#[inline(always)]
pub(super) fn features<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    states: Rows<'_, P::V>,
    into: &mut [P::V],
    stride: usize,
) {
    for a in 0..shape.coordinates() {
        for vector in 0..CHUNK {
            let s = states[a * CHUNK + vector];
            into[a * stride + vector] = s;
            if let Some(square) = shape.square(a) {
                into[square * stride + vector] = p.mul(s, s);
            }
            if let (Some(product), true) = (shape.product(a), a < shape.dof) {
                let partner = states[shape.partner(a) * CHUNK + vector];
                into[product * stride + vector] = p.mul(s, partner);
            }
        }
    }
}

/// ∂φ/∂s_a, row f at f · `stride`.
#[inline(always)]
pub(super) fn feature_tangent<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    a: usize,
    states: Rows<'_, P::V>,
    into: &mut [P::V],
    stride: usize,
) {
    for feature in 0..shape.features() {
        for vector in 0..CHUNK {
            into[feature * stride + vector] = p.splat(T::default());
        }
    }
    for vector in 0..CHUNK {
        let s = states[a * CHUNK + vector];
        into[a * stride + vector] = p.splat(T::of(1.0));
        if let Some(square) = shape.square(a) {
            into[square * stride + vector] = p.add(s, s);
        }
        if let Some(product) = shape.product(a) {
            into[product * stride + vector] = states[shape.partner(a) * CHUNK + vector];
        }
    }
}

/// Tangents of the first layer's pre-activations, u_a = W ∂φ/∂s_a; unit i's begin at i · `stride`.
#[inline(always)]
pub(super) fn first_tangents<T: Real, P: Lanes<T>>(
    p: P,
    shape: &Shape,
    weights: &[T],
    states: Rows<'_, P::V>,
    into: &mut [P::V],
    stride: usize,
) {
    let features = shape.features();
    for a in 0..shape.coordinates() {
        for vector in 0..CHUNK {
            let at = a * CHUNK + vector;
            let units = into[at..].iter_mut().step_by(stride);
            let weights = weights.chunks_exact(features);
            let (Some(square), Some(product)) = (shape.square(a), shape.product(a)) else {
                for (unit, w) in units.zip(weights) {
                    *unit = p.splat(w[a]);
                }
                continue;
            };
            let s = states[at];
            let twice = p.add(s, s);
            let partner = states[shape.partner(a) * CHUNK + vector];
            for (unit, w) in units.zip(weights) {
                let own = p.mul_add(p.splat(w[square]), twice, p.splat(w[a]));
                *unit = p.mul_add(p.splat(w[product]), partner, own);
            }
        }
    }
}

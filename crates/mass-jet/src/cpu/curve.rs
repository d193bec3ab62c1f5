//! Activation functions and their first three derivatives in lanes.

use mass_lanes::{Interleaved, Lanes, Real};

use super::chunk::CHUNK;

/// f, f′, f″ and f‴ of a vector of lanes. What is not used is not computed.
pub(super) trait Curve {
    fn derivatives<T: Real, P: Lanes<T>>(p: P, u: P::V) -> [P::V; 4];

    /// The same of a chunk's vectors, in step, with a bias to be added to each.
    #[inline(always)]
    fn of_chunk<T: Real, P: Lanes<T>>(p: P, u: &[P::V], bias: T) -> [[P::V; CHUNK]; 4] {
        let bias = p.splat(bias);
        let mut out = [[p.splat(T::default()); CHUNK]; 4];
        for half in 0..CHUNK / STEP {
            let mut part = [p.splat(T::default()); STEP];
            for i in 0..STEP {
                part[i] = p.add(u[half * STEP + i], bias);
            }
            let found = Self::derivatives::<T, _>(Interleaved::<P, STEP>(p), part);
            for (out, found) in out.iter_mut().zip(found) {
                for i in 0..STEP {
                    out[half * STEP + i] = found[i];
                }
            }
        }
        out
    }
}

/// Vectors that go in step: as many as the registers hold.
const STEP: usize = 2;

pub(super) struct Gelu;
pub(super) struct Tanh;
pub(super) struct Softplus;

impl Curve for Gelu {
    /// uΦ, Φ + uφ, φ(2 − u²), φ u(u² − 4).
    #[inline(always)]
    fn derivatives<T: Real, P: Lanes<T>>(p: P, u: P::V) -> [P::V; 4] {
        let (distribution, density) = p.normal(u);
        let square = p.mul(u, u);
        let slope = p.mul(density, u);
        [
            p.mul(u, distribution),
            p.add(distribution, slope),
            p.mul(density, p.sub(p.splat(T::of(2.0)), square)),
            p.mul(slope, p.sub(square, p.splat(T::of(4.0)))),
        ]
    }
}

impl Curve for Tanh {
    /// f, 1 − f², −2 f f′, −2 (f′² + f f″).
    #[inline(always)]
    fn derivatives<T: Real, P: Lanes<T>>(p: P, u: P::V) -> [P::V; 4] {
        let minus_two = p.splat(T::of(-2.0));
        let f = p.tanh(u);
        let first = p.neg_mul_add(f, f, p.splat(T::of(1.0)));
        let second = p.mul(minus_two, p.mul(f, first));
        let third = p.mul(minus_two, p.mul_add(first, first, p.mul(f, second)));
        [f, first, second, third]
    }
}

impl Curve for Softplus {
    /// ln(1 + eᵘ), σ, σ(1 − σ), σ(1 − σ)(1 − 2σ).
    #[inline(always)]
    fn derivatives<T: Real, P: Lanes<T>>(p: P, u: P::V) -> [P::V; 4] {
        let one = p.splat(T::of(1.0));
        let (sigmoid, value) = p.sigmoid_and_softplus(u);
        let second = p.mul(sigmoid, p.sub(one, sigmoid));
        let third = p.mul(second, p.sub(one, p.add(sigmoid, sigmoid)));
        [value, sigmoid, second, third]
    }
}

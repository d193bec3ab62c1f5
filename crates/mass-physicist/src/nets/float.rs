//! f32 and f64 as the networks need them.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use mass_lanes::{Lanes, Real};
use mass_systems::{ChaCha8Rng, uniform};

/// A number type of networks.
pub(crate) trait Float:
    Real
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
{
    /// k and m with self = m 2ᵏ and 1 ≤ m < 2, of a positive normal number.
    fn exponent(self) -> (Self, Self);
    fn root(self) -> Self;
}

impl Float for f32 {
    #[inline(always)]
    fn exponent(self) -> (f32, f32) {
        let bits = self.to_bits();
        let k = (bits >> 23) as i32 - 127;
        (k as f32, f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000))
    }

    #[inline(always)]
    fn root(self) -> f32 {
        self.sqrt()
    }
}

impl Float for f64 {
    #[inline(always)]
    fn exponent(self) -> (f64, f64) {
        let bits = self.to_bits();
        let k = (bits >> 52) as i64 - 1023;
        let m = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000);
        (k as f64, m)
    }

    #[inline(always)]
    fn root(self) -> f64 {
        self.sqrt()
    }
}

/// Lanes of the widest number type here.
const MOST: usize = 16;

/// ln(1 + s) of s ≥ 0, to rounding, for small s too.
#[inline(always)]
pub(crate) fn ln_1p<T: Float, P: Lanes<T>>(p: P, s: P::V) -> P::V {
    let (zero, one) = (p.splat(T::of(0.0)), p.splat(T::of(1.0)));
    let x = p.add(one, s);
    let (mut k, mut m) = ([T::default(); MOST], [T::default(); MOST]);
    for ((x, k), m) in p.numbers(&x).iter().zip(&mut k).zip(&mut m) {
        (*k, *m) = x.exponent();
    }
    let (k, m) = (p.load(&k[..T::LANES]), p.load(&m[..T::LANES]));
    let root = p.splat(T::of(std::f64::consts::SQRT_2));
    let half = p.mul(m, p.splat(T::of(0.5)));
    let k = p.where_less(root, m, p.add(k, one), k);
    let m = p.where_less(root, m, half, m);
    // Below √2 nothing was taken off: what is added to 1 is s itself, without its rounding in 1 + s.
    let rest = p.where_equal(k, zero, s, p.sub(m, one));
    let t = p.mul(rest, p.reciprocal(p.add(rest, p.splat(T::of(2.0)))));
    let series = T::artanh_polynomial(p, p.mul(t, t));
    let ln = p.mul(p.add(t, t), series);
    p.mul_add(k, p.splat(T::of(std::f64::consts::LN_2)), ln)
}

/// A draw from the standard normal distribution.
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    // Box and Muller; written out so that networks do not change with a library's version.
    let radius = (-2.0 * (1.0 - uniform(rng, 0.0, 1.0)).max(1e-300).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(rng, 0.0, 1.0)).cos()
}

/// Weights `[out, in]` by Glorot & Bengio (2010): normal, of variance 2/(in + out).
pub(crate) fn glorot<T: Float>(inputs: usize, outputs: usize, rng: &mut ChaCha8Rng) -> Vec<T> {
    let deviation = (2.0 / (inputs + outputs) as f64).sqrt();
    (0..inputs * outputs)
        .map(|_| T::of(deviation * normal(rng)))
        .collect()
}

#[cfg(test)]
mod tests {
    use mass_lanes::{InstructionSet, Kernel, dispatch_on};

    use super::*;

    struct Logarithms<'a, T>(&'a [T]);

    impl<T: Float> Kernel<T> for Logarithms<'_, T> {
        type Output = Vec<T>;

        #[inline(always)]
        fn run<P: Lanes<T>>(self, p: P) -> Vec<T> {
            let chunks = self.0.chunks_exact(T::LANES);
            chunks
                .flat_map(|s| p.numbers(&ln_1p(p, p.load(s))).to_vec())
                .collect()
        }
    }

    fn worst<T: Float>(set: InstructionSet) -> f64 {
        let mut values: Vec<T> = (0..1600)
            .map(|k| T::of(10_f64.powf(-12.0 + 0.027 * f64::from(k))))
            .collect();
        values[0] = T::of(0.0);
        let logarithms = dispatch_on(set, Logarithms(&values));
        let pairs = values.iter().zip(logarithms).skip(1);
        assert_eq!(dispatch_on(set, Logarithms(&values))[0], T::of(0.0));
        pairs.fold(0.0, |worst, (s, ln)| {
            let truth = s.to_f64().ln_1p();
            worst.max((ln.to_f64() / truth - 1.0).abs())
        })
    }

    #[test]
    fn logarithms_are_the_librarys_to_rounding() {
        for set in InstructionSet::available() {
            assert!(worst::<f32>(set) < 4e-7, "{set:?}: {:e}", worst::<f32>(set));
            assert!(
                worst::<f64>(set) < 2e-15,
                "{set:?}: {:e}",
                worst::<f64>(set)
            );
        }
    }
}

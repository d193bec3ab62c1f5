//! Arithmetic on vectors of lanes.

use bytemuck::Pod;

use crate::Real;

/// A processor's arithmetic on vectors of [`Real::LANES`] numbers.
///
/// A value of the type is proof that the processor has the instructions. Kernels are generic over it
/// and everything they call must be `#[inline(always)]`: a function that is not inlined would not be
/// compiled for the instruction set.
pub trait Lanes<T: Real>: Copy + Send + Sync + 'static {
    /// A vector of lanes.
    type V: Pod + Send + Sync;

    /// Whether a vector is one register of 32, as on AVX-512; else it is several of 16. Decides how
    /// many accumulators a kernel may keep.
    const WIDE: bool;

    /// All lanes `value`.
    fn splat(self, value: T) -> Self::V;
    /// a + b.
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// a − b.
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// a b.
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// a / b.
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// a b + c; rounded once where the instruction set has a fused multiply-add.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// c − a b; rounded once where the instruction set has a fused multiply-add.
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// |a|.
    fn abs(self, a: Self::V) -> Self::V;
    /// The smaller; b where a is NaN.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// The greater; b where a is NaN.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// `yes` where a < b, else `no`.
    fn where_less(self, a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V;
    /// `yes` where a = b, else `no`.
    fn where_equal(self, a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V;
    /// 2ᵏ for `shifted` = k + [`Real::MAGIC`], k an integer.
    fn power_of_two(self, shifted: Self::V) -> Self::V;
    /// Runs a closure compiled for this instruction set. Calls within are inlined where they can be.
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R;

    /// The lanes as numbers.
    #[inline(always)]
    fn numbers(self, a: &Self::V) -> &[T] {
        bytemuck::cast_slice(std::slice::from_ref(a))
    }

    /// The first lanes from `values`, zero behind them if there are fewer than LANES.
    #[inline(always)]
    fn load(self, values: &[T]) -> Self::V {
        if values.len() >= T::LANES {
            return bytemuck::pod_read_unaligned(bytemuck::cast_slice(&values[..T::LANES]));
        }
        let mut vector = self.splat(T::default());
        bytemuck::cast_slice_mut::<Self::V, T>(std::slice::from_mut(&mut vector))[..values.len()]
            .copy_from_slice(values);
        vector
    }

    /// Writes the first lanes, as many as `into` has room for.
    #[inline(always)]
    fn store(self, a: Self::V, into: &mut [T]) {
        let count = into.len().min(T::LANES);
        into[..count].copy_from_slice(&self.numbers(&a)[..count]);
    }

    /// The sum of all lanes, in one order on every processor.
    #[inline(always)]
    fn sum(self, a: Self::V) -> T {
        let mut half: [T; 16] = [T::default(); 16];
        half[..T::LANES].copy_from_slice(self.numbers(&a));
        let mut width = T::LANES / 2;
        while width > 0 {
            for i in 0..width {
                half[i] = half[i].plus(half[i + width]);
            }
            width /= 2;
        }
        half[0]
    }

    /// −1, 0 or 1; 0 for NaN.
    #[inline(always)]
    fn sign(self, a: Self::V) -> Self::V {
        let zero = self.splat(T::default());
        let positive = self.where_less(zero, a, self.splat(T::of(1.0)), zero);
        self.where_less(a, zero, self.splat(T::of(-1.0)), positive)
    }

    /// e^a = (e^r − 1) 2ᵏ + 2ᵏ as the pair (e^r − 1, 2ᵏ), with |r| ≤ ½ ln 2.
    #[inline(always)]
    fn exp_parts(self, a: Self::V) -> (Self::V, Self::V) {
        let limit = T::EXP_LIMIT.to_f64();
        // a last, so that NaN stays NaN.
        let a = self.where_less(self.splat(T::of(limit)), a, self.splat(T::of(limit)), a);
        let a = self.where_less(a, self.splat(T::of(-limit)), self.splat(T::of(-limit)), a);
        let magic = self.splat(T::MAGIC);
        let shifted = self.mul_add(a, self.splat(T::of(std::f64::consts::LOG2_E)), magic);
        let k = self.sub(shifted, magic);
        let r = self.neg_mul_add(k, self.splat(T::LN_2_HIGH), a);
        let r = self.neg_mul_add(k, self.splat(T::LN_2_LOW), r);
        let p = self.mul(self.polynomial(r, T::EXPM1), r); // e^r − 1
        (p, self.power_of_two(shifted))
    }

    /// e^a − 1, relative error a few units of rounding; the argument is held within
    /// ± [`Real::EXP_LIMIT`].
    #[inline(always)]
    fn exp_m1(self, a: Self::V) -> Self::V {
        let (p, scale) = self.exp_parts(a);
        self.mul_add(p, scale, self.sub(scale, self.splat(T::of(1.0))))
    }

    /// e^a, relative error a few units of rounding; the argument is held within
    /// ± [`Real::EXP_LIMIT`].
    #[inline(always)]
    fn exp(self, a: Self::V) -> Self::V {
        let (p, scale) = self.exp_parts(a);
        self.mul_add(p, scale, scale)
    }

    /// Σ cₖ xᵏ by Horner's rule, the highest power's coefficient first.
    #[inline(always)]
    fn polynomial(self, x: Self::V, coefficients: &[T]) -> Self::V {
        let mut sum = self.splat(coefficients[0]);
        for &c in &coefficients[1..] {
            sum = self.mul_add(sum, x, self.splat(c));
        }
        sum
    }

    /// Φ(a) and φ(a) of the standard normal distribution, to rounding in the absolute sense; Φ keeps
    /// its relative accuracy where it is small.
    ///
    /// erfc z = e^(−z²) t P(2t − 1) with t = 1/(1 + 0.3 z), after Abramowitz & Stegun 7.1.26; P
    /// is a Chebyshev fit of e^(z²) erfc(z)/t over all z ≥ 0 (`scripts/erfc_coefficients.py`).
    #[inline(always)]
    fn normal(self, a: Self::V) -> (Self::V, Self::V) {
        let number = |value: f64| self.splat(T::of(value));
        let (zero, one, half) = (number(0.0), number(1.0), number(0.5));
        let density = self.exp(self.mul(self.mul(a, a), number(-0.5)));
        let denominator = self.mul_add(
            self.abs(a),
            number(0.3 * std::f64::consts::FRAC_1_SQRT_2),
            one,
        );
        let t = self.div(one, denominator);
        let p = self.polynomial(self.sub(self.add(t, t), one), T::ERFC);
        let tail = self.mul(self.mul(density, half), self.mul(t, p));
        let distribution = self.where_less(a, zero, tail, self.sub(one, tail));
        const INV_SQRT_TAU: f64 = 0.398_942_280_401_432_7;
        (distribution, self.mul(density, number(INV_SQRT_TAU)))
    }

    /// tanh a to rounding.
    #[inline(always)]
    fn tanh(self, a: Self::V) -> Self::V {
        // −m/(2 + m) with m = e^(−2|a|) − 1 has no cancellation.
        let m = self.exp_m1(self.mul(self.abs(a), self.splat(T::of(-2.0))));
        let size = self.div(m, self.add(m, self.splat(T::of(2.0))));
        let zero = self.splat(T::default());
        self.where_less(a, zero, size, self.sub(zero, size))
    }

    /// σ(a) = 1/(1 + e^(−a)) and ln(1 + e^a), both to rounding.
    #[inline(always)]
    fn sigmoid_and_softplus(self, a: Self::V) -> (Self::V, Self::V) {
        let (zero, one) = (self.splat(T::default()), self.splat(T::of(1.0)));
        let small = self.exp(self.sub(zero, self.abs(a))); // in (0, 1]
        let upper = self.div(one, self.add(one, small)); // σ(|a|)
        let sigmoid = self.where_less(a, zero, self.mul(small, upper), upper);
        // ln(1 + t) = 2 artanh(t/(2 + t)), a series in at most 1/9.
        let s = self.div(small, self.add(small, self.splat(T::of(2.0))));
        let series = self.polynomial(self.mul(s, s), T::ARTANH);
        let log = self.mul(self.add(s, s), series);
        (sigmoid, self.add(self.max(a, zero), log))
    }
}

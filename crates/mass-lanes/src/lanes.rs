//! Numbers, vectors of lanes, and what is computed with them: the traits that speak of each other.

use bytemuck::Pod;

use crate::{InstructionSet, Pool};

/// Constants of a floating-point type that lane arithmetic and the kernels above it need.
pub trait Real:
    Runs + Pod + PartialOrd + Default + Send + Sync + std::fmt::Debug + 'static
{
    /// Lanes of a vector: 512 bits of them.
    const LANES: usize;
    /// The distance from 1 to the next number.
    const EPSILON: f64;
    /// 1.5 · 2^(mantissa bits): adding it rounds to an integer, which then stands in the low bits.
    const MAGIC: Self;
    /// Beyond ± this, eˣ and e⁻ˣ are not both normal numbers.
    const EXP_LIMIT: Self;
    /// ln 2 with few enough digits that its multiples are exact.
    const LN_2_HIGH: Self;
    /// What is missing of ln 2.
    const LN_2_LOW: Self;
    /// Steps of Newton's iteration from an eighth to rounding; each squares the error.
    const NEWTON_STEPS: usize;

    /// (eˣ − 1)/x on |x| ≤ ½ ln 2: a Chebyshev fit (`scripts/coefficients.py`).
    fn exp_m1_polynomial<P: Lanes<Self>>(p: P, x: P::V) -> P::V;

    /// Φ(a) and φ(a) of the standard normal distribution, to rounding in the absolute sense.
    fn normal<P: Lanes<Self>>(p: P, a: P::V) -> (P::V, P::V);

    /// artanh(s)/s of s² ≤ 1/9: its Taylor polynomial.
    fn artanh_polynomial<P: Lanes<Self>>(p: P, square: P::V) -> P::V;

    /// The nearest number to `value`.
    fn of(value: f64) -> Self;

    /// The number in f64, exactly.
    fn to_f64(self) -> f64;

    /// Their sum.
    fn plus(self, other: Self) -> Self;

    /// The working memory of kernels over this type.
    fn pool() -> &'static Pool<Self>;
}

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
    /// The smaller; b where either is NaN.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// The greater; b where either is NaN.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// `yes` where a < b, else `no`.
    fn where_less(self, a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V;
    /// `yes` where a = b, else `no`.
    fn where_equal(self, a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V;
    /// 1/a within an eighth, for a > 0 far from overflow and underflow.
    fn reciprocal_guess(self, a: Self::V) -> Self::V;
    /// a 2ᵏ for `shifted` = k + [`Real::MAGIC`], k an integer; a and a 2ᵏ normal numbers.
    fn scale(self, a: Self::V, shifted: Self::V) -> Self::V;
    /// The sum of all lanes, in one order on every processor: halves are added until one is left.
    fn sum(self, a: Self::V) -> T;
    /// Runs a part of a kernel as a function of its own, compiled for this instruction set: what is
    /// called from several places need not be inlined into each.
    fn vectorize<S: Stage<Self>>(self, stage: S) -> S::Output;

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
        let numbers = self.numbers(&a);
        if into.len() >= T::LANES {
            into[..T::LANES].copy_from_slice(&numbers[..T::LANES]);
        } else {
            let count = into.len();
            into.copy_from_slice(&numbers[..count]);
        }
    }

    /// 1/a to a unit of rounding, for a > 0 far from overflow and underflow: Newton's iteration, which
    /// is three times as fast as the division of wide registers.
    #[inline(always)]
    fn reciprocal(self, a: Self::V) -> Self::V {
        let one = self.splat(T::of(1.0));
        let mut inverse = self.reciprocal_guess(a);
        for _ in 0..T::NEWTON_STEPS {
            let rest = self.neg_mul_add(a, inverse, one);
            inverse = self.mul_add(inverse, rest, inverse);
        }
        inverse
    }

    /// −1, 0 or 1; 0 for NaN.
    #[inline(always)]
    fn sign(self, a: Self::V) -> Self::V {
        let zero = self.splat(T::default());
        let positive = self.where_less(zero, a, self.splat(T::of(1.0)), zero);
        self.where_less(a, zero, self.splat(T::of(-1.0)), positive)
    }

    /// e^a = (e^r − 1) 2ᵏ + 2ᵏ as the pair (e^r − 1, 2ᵏ), with |r| ≤ ½ ln 2, for a within
    /// ± [`Real::EXP_LIMIT`].
    #[inline(always)]
    fn exp_parts(self, a: Self::V) -> (Self::V, Self::V) {
        let magic = self.splat(T::MAGIC);
        let shifted = self.mul_add(a, self.splat(T::of(std::f64::consts::LOG2_E)), magic);
        let k = self.sub(shifted, magic);
        let r = self.neg_mul_add(k, self.splat(T::LN_2_HIGH), a);
        let r = self.neg_mul_add(k, self.splat(T::LN_2_LOW), r);
        let p = self.mul(T::exp_m1_polynomial(self, r), r); // e^r − 1
        (p, self.scale(self.splat(T::of(1.0)), shifted))
    }

    /// e^a − 1, relative error a few units of rounding; the argument is held within
    /// ± [`Real::EXP_LIMIT`].
    #[inline(always)]
    fn exp_m1(self, a: Self::V) -> Self::V {
        let (p, scale) = self.exp_parts(self.within_limit(a));
        self.mul_add(p, scale, self.sub(scale, self.splat(T::of(1.0))))
    }

    /// e^a, relative error a few units of rounding; the argument is held within
    /// ± [`Real::EXP_LIMIT`].
    #[inline(always)]
    fn exp(self, a: Self::V) -> Self::V {
        let (p, scale) = self.exp_parts(self.within_limit(a));
        self.mul_add(p, scale, scale)
    }

    /// a held within ± [`Real::EXP_LIMIT`].
    #[inline(always)]
    fn within_limit(self, a: Self::V) -> Self::V {
        let limit = T::EXP_LIMIT.to_f64();
        // a last, so that NaN stays NaN.
        let a = self.min(self.splat(T::of(limit)), a);
        self.max(self.splat(T::of(-limit)), a)
    }

    /// Σ cₖ xᵏ, the highest power's coefficient first: Horner's rule for the even and the odd powers
    /// apart, so that each waits for half as many results.
    #[inline(always)]
    fn polynomial<const N: usize>(self, x: Self::V, coefficients: [T; N]) -> Self::V {
        let square = self.mul(x, x);
        // The parts with the highest power and with the next.
        let mut parts = [self.splat(coefficients[0]), self.splat(coefficients[1])];
        for i in 2..N {
            let c = self.splat(coefficients[i]);
            parts[i % 2] = self.mul_add(parts[i % 2], square, c);
        }
        let [odd, even] = if N.is_multiple_of(2) {
            parts
        } else {
            [parts[1], parts[0]]
        };
        self.mul_add(odd, x, even)
    }

    /// Φ(a) and φ(a) of the standard normal distribution, to rounding in the absolute sense
    /// ([`Real::normal`]).
    #[inline(always)]
    fn normal(self, a: Self::V) -> (Self::V, Self::V) {
        T::normal(self, a)
    }

    /// tanh a to rounding.
    #[inline(always)]
    fn tanh(self, a: Self::V) -> Self::V {
        // −m/(2 + m) with m = e^(−2|a|) − 1 has no cancellation.
        let m = self.exp_m1(self.mul(self.abs(a), self.splat(T::of(-2.0))));
        let size = self.mul(m, self.reciprocal(self.add(m, self.splat(T::of(2.0)))));
        let zero = self.splat(T::default());
        self.where_less(a, zero, size, self.sub(zero, size))
    }

    /// σ(a) = 1/(1 + e^(−a)) and ln(1 + e^a), both to rounding.
    #[inline(always)]
    fn sigmoid_and_softplus(self, a: Self::V) -> (Self::V, Self::V) {
        let (zero, one) = (self.splat(T::default()), self.splat(T::of(1.0)));
        let small = self.exp(self.sub(zero, self.abs(a))); // in (0, 1]
        let upper = self.reciprocal(self.add(one, small)); // σ(|a|)
        let sigmoid = self.where_less(a, zero, self.mul(small, upper), upper);
        // ln(1 + t) = 2 artanh(t/(2 + t)), a series in at most 1/9.
        let s = self.mul(
            small,
            self.reciprocal(self.add(small, self.splat(T::of(2.0)))),
        );
        let series = T::artanh_polynomial(self, self.mul(s, s));
        let log = self.mul(self.add(s, s), series);
        (sigmoid, self.add(self.max(a, zero), log))
    }
}

/// A computation written once for every processor.
///
/// `run` and all that it calls must be `#[inline(always)]`, or kernels run by [`Lanes::vectorize`].
pub trait Kernel<T: Real> {
    /// What it returns.
    type Output;

    /// The computation, with the arithmetic of processor `P`.
    fn run<P: Lanes<T>>(self, p: P) -> Self::Output;
}

/// A part of a kernel on processor `P`, as [`Lanes::vectorize`] runs it. `run` must be
/// `#[inline(always)]`, as a kernel's.
pub trait Stage<P> {
    /// What it returns.
    type Output;

    /// The computation. By reference, for moving a large stage would cost as much as a small one.
    fn run(&mut self, p: P) -> Self::Output;
}

/// A number type whose lanes every processor here has.
pub trait Runs: Sized {
    /// Runs a kernel with one instruction set; on the portable one if the processor has it not.
    fn run_on<K: Kernel<Self>>(set: InstructionSet, kernel: K) -> K::Output
    where
        Self: Real;
}

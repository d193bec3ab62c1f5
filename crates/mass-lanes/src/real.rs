//! The two number types that lanes hold.
#![allow(clippy::excessive_precision)] // coefficients stand as they were computed

use crate::{Lanes, Pool, Real};

impl Real for f32 {
    const LANES: usize = 16;
    const EPSILON: f64 = f32::EPSILON as f64;
    const MAGIC: f32 = 12_582_912.0;
    const EXP_LIMIT: f32 = 87.0;
    const LN_2_HIGH: f32 = 0.693_359_375;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const NEWTON_STEPS: usize = 3;

    #[inline(always)]
    fn exp_m1_polynomial<P: Lanes<f32>>(p: P, x: P::V) -> P::V {
        p.polynomial(
            x,
            [
                1.394_116_3e-3,
                8.369_187e-3,
                4.166_635e-2,
                0.166_665_05,
                0.5,
                1.0,
            ],
        )
    }

    /// φ = 2ᵗ/√τ and 1 − Φ(z) = φ(z) M(z), z = |a|: Mills' ratio M by a polynomial whose error counts
    /// as φ makes it count, so that there is neither a division nor a case far from the origin
    /// (`scripts/coefficients.py`).
    #[inline(always)]
    fn normal<P: Lanes<f32>>(p: P, a: P::V) -> (P::V, P::V) {
        const HALF_LOG2_E: f32 = 0.721_347_52;
        // Beyond, φ is below 1e-37, and Φ is 0 or 1 to every digit. |a| last, so that NaN stays NaN.
        let z = p.min(p.splat(13.0), p.abs(a));
        let square = p.mul(z, z);
        let magic = p.splat(Self::MAGIC);
        let shifted = p.neg_mul_add(square, p.splat(HALF_LOG2_E), magic);
        let k = p.sub(shifted, magic);
        // t − k = −(k + z² ½ log₂ e), rounded once: the sign is in the odd coefficients.
        let r = p.mul_add(square, p.splat(HALF_LOG2_E), k);
        let power = p.polynomial(
            r,
            [
                -5.346_025_7e-4,
                3.860_203_5e-3,
                -2.214_260_1e-2,
                9.583_433_5e-2,
                -0.276_525_73,
                0.398_942_31,
            ],
        );
        let density = p.scale(power, shifted);
        let mills = p.polynomial(
            z,
            [
                -7.909_684_838e-7,
                1.932_344_319e-5,
                -2.124_928_981e-4,
                1.412_885_315e-3,
                -6.492_446_822e-3,
                2.256_940_196e-2,
                -6.384_850_678e-2,
                1.552_203_806e-1,
                -3.328_947_871e-1,
                6.265_883_311e-1,
                -9.999_957_949e-1,
                1.253_314_095,
            ],
        );
        let tail = p.mul(density, mills);
        let upper = p.sub(p.splat(1.0), tail);
        (p.where_less(a, p.splat(0.0), tail, upper), density)
    }

    #[inline(always)]
    fn artanh_polynomial<P: Lanes<f32>>(p: P, square: P::V) -> P::V {
        p.polynomial(
            square,
            [
                1.0 / 15.0,
                1.0 / 13.0,
                1.0 / 11.0,
                1.0 / 9.0,
                1.0 / 7.0,
                1.0 / 5.0,
                1.0 / 3.0,
                1.0,
            ],
        )
    }

    #[inline(always)]
    fn of(value: f64) -> f32 {
        value as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn plus(self, other: f32) -> f32 {
        self + other
    }

    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<f32> = Pool::new();
        &POOL
    }
}

impl Real for f64 {
    const LANES: usize = 8;
    const EPSILON: f64 = f64::EPSILON;
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    const EXP_LIMIT: f64 = 708.0;
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const NEWTON_STEPS: usize = 5;

    #[inline(always)]
    fn exp_m1_polynomial<P: Lanes<f64>>(p: P, x: P::V) -> P::V {
        p.polynomial(
            x,
            [
                2.092_162_527_661_532_3e-9,
                2.511_009_630_403_349e-8,
                2.755_725_176_791_461e-7,
                2.755_724_075_965_880_2e-6,
                2.480_158_735_025_833_8e-5,
                1.984_126_989_019_589_5e-4,
                1.388_888_888_887_181_9e-3,
                8.333_333_333_319_545e-3,
                4.166_666_666_666_669e-2,
                0.166_666_666_666_666_8,
                0.5,
                1.0,
            ],
        )
    }

    /// erfc z = e^(−z²) t P(2t − 1) with t = 1/(1 + 0.3 z), after Abramowitz & Stegun 7.1.26, and P a
    /// fit to all digits (`scripts/coefficients.py`); Φ keeps its relative accuracy where it is small.
    #[inline(always)]
    fn normal<P: Lanes<f64>>(p: P, a: P::V) -> (P::V, P::V) {
        let (zero, one) = (p.splat(0.0), p.splat(1.0));
        let exponent = p.mul(p.mul(a, a), p.splat(-0.5));
        // The exponent last, so that NaN stays NaN.
        let exponent = p.max(p.splat(-Self::EXP_LIMIT), exponent);
        let (power, scale) = p.exp_parts(exponent);
        let density = p.mul_add(power, scale, scale);
        let slope = p.splat(0.3 * std::f64::consts::FRAC_1_SQRT_2);
        let t = p.reciprocal(p.mul_add(p.abs(a), slope, one));
        let fit = p.polynomial(
            p.mul_add(t, p.splat(2.0), p.splat(-1.0)),
            [
                7.082004502159369e-11,
                -4.47520383762321e-10,
                -5.67341530489722e-10,
                5.06664621733499e-09,
                2.0383978693365707e-09,
                -3.531856550635011e-08,
                -4.356750222341809e-09,
                2.2083855611380183e-07,
                3.517310096053135e-08,
                -1.428926417735174e-06,
                -8.745702699985701e-07,
                9.549970667557765e-06,
                1.6366021737944563e-05,
                -5.350036397957591e-05,
                -0.0002406740560842537,
                -9.086878400743367e-05,
                0.00217805003877336,
                0.010200723466077817,
                0.028480819021635854,
                0.059359337354428096,
                0.09939053902216326,
                0.1382617783780331,
                0.16248996092989842,
            ],
        );
        let tail = p.mul(density, p.mul(t, fit));
        let distribution = p.where_less(a, zero, tail, p.sub(one, tail));
        const INV_SQRT_TAU: f64 = 0.398_942_280_401_432_7;
        (distribution, p.mul(density, p.splat(INV_SQRT_TAU)))
    }

    #[inline(always)]
    fn artanh_polynomial<P: Lanes<f64>>(p: P, square: P::V) -> P::V {
        p.polynomial(
            square,
            [
                1.0 / 33.0,
                1.0 / 31.0,
                1.0 / 29.0,
                1.0 / 27.0,
                1.0 / 25.0,
                1.0 / 23.0,
                1.0 / 21.0,
                1.0 / 19.0,
                1.0 / 17.0,
                1.0 / 15.0,
                1.0 / 13.0,
                1.0 / 11.0,
                1.0 / 9.0,
                1.0 / 7.0,
                1.0 / 5.0,
                1.0 / 3.0,
                1.0,
            ],
        )
    }

    #[inline(always)]
    fn of(value: f64) -> f64 {
        value
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn plus(self, other: f64) -> f64 {
        self + other
    }

    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<f64> = Pool::new();
        &POOL
    }
}

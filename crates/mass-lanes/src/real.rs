//! The two number types that lanes hold.
#![allow(clippy::excessive_precision)] // coefficients stand as they were computed

use bytemuck::Pod;

use crate::{Lanes, Pool, dispatch::Runs};

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

    /// ½ e^(z²) erfc(z)/t of 2t − 1, where t = 1/(1 + 0.3 z), z ≥ 0: a Chebyshev fit
    /// (`scripts/coefficients.py`).
    fn erfc_polynomial<P: Lanes<Self>>(p: P, x: P::V) -> P::V;

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

    #[inline(always)]
    fn erfc_polynomial<P: Lanes<f32>>(p: P, x: P::V) -> P::V {
        p.polynomial(
            x,
            [
                -3.29106842e-05,
                -2.03185104e-04,
                -1.09758585e-04,
                2.14622100e-03,
                1.02086393e-02,
                2.84920149e-02,
                5.93579598e-02,
                9.93891507e-02,
                1.38261840e-01,
                1.62489995e-01,
            ],
        )
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

    #[inline(always)]
    fn erfc_polynomial<P: Lanes<f64>>(p: P, x: P::V) -> P::V {
        p.polynomial(
            x,
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
        )
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

//! The two number types that lanes hold.

use bytemuck::Pod;

use crate::{Pool, dispatch::Runs};

/// Constants of a floating-point type that lane arithmetic and the kernels above it need.
pub trait Real: Runs + Pod + PartialOrd + Default + Send + Sync + std::fmt::Debug + 'static {
    /// Lanes of a vector: 512 bits of them.
    const LANES: usize;
    /// 1.5 · 2^(mantissa bits): adding it rounds to an integer, which then stands in the low bits.
    const MAGIC: Self;
    /// Beyond ± this, eˣ and e⁻ˣ are not both normal numbers.
    const EXP_LIMIT: Self;
    /// ln 2 with few enough digits that its multiples are exact.
    const LN_2_HIGH: Self;
    /// What is missing of ln 2.
    const LN_2_LOW: Self;
    /// 1/(k+1)! from the highest power down, for (eˣ − 1)/x on |x| ≤ ½ ln 2.
    const EXPM1: &'static [Self];
    /// Of (2t − 1), the highest power first: e^(z²) erfc(z)/t with t = 1/(1 + 0.3 z).
    const ERFC: &'static [Self];
    /// 1/(2k+1) from the highest power down: artanh(s)/s in s², s² ≤ 1/9.
    const ARTANH: &'static [Self];

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
    const MAGIC: f32 = 12_582_912.0;
    const EXP_LIMIT: f32 = 87.0;
    const LN_2_HIGH: f32 = 0.693_359_375;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const EXPM1: &'static [f32] = &[
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
    ];
    const ERFC: &'static [f32] = &[
        -6.582137e-05,
        -0.0004063702,
        -0.00021951717,
        0.004292442,
        0.020417279,
        0.05698403,
        0.11871592,
        0.1987783,
        0.27652368,
        0.32498,
    ];
    const ARTANH: &'static [f32] = &[
        1.0 / 15.0,
        1.0 / 13.0,
        1.0 / 11.0,
        1.0 / 9.0,
        1.0 / 7.0,
        1.0 / 5.0,
        1.0 / 3.0,
        1.0,
    ];

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
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    const EXP_LIMIT: f64 = 708.0;
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const EXPM1: &'static [f64] = &[
        1.0 / 87_178_291_200.0,
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
    ];
    const ERFC: &'static [f64] = &[
        1.4164009004318739e-10,
        -8.95040767524642e-10,
        -1.134683060979444e-09,
        1.013329243466998e-08,
        4.076795738673141e-09,
        -7.063713101270022e-08,
        -8.713500444683617e-09,
        4.4167711222760366e-07,
        7.03462019210627e-08,
        -2.857852835470348e-06,
        -1.7491405399971402e-06,
        1.909994133511553e-05,
        3.2732043475889126e-05,
        -0.00010700072795915182,
        -0.0004813481121685074,
        -0.00018173756801486733,
        0.00435610007754672,
        0.020401446932155634,
        0.05696163804327171,
        0.11871867470885619,
        0.19878107804432651,
        0.2765235567560662,
        0.32497992185979685,
    ];
    const ARTANH: &'static [f64] = &[
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
    ];

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

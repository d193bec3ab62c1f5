//! Description lengths of numbers, in bits (Wu & Tegmark 2019, Section II.D).

/// The precision floor of a law's constants, 2⁻³²: a real number of order one costs about 32 bits.
pub const MODEL_FLOOR: f64 = 1.0 / 4_294_967_296.0;

/// log₊(x) = ½ log₂(1 + x²).
///
/// ```
/// assert_eq!(mass_physicist::log_plus(0.0), 0.0);
/// assert!((mass_physicist::log_plus(1e200) - 200.0 * 10_f64.log2()).abs() < 1e-9);
/// ```
pub fn log_plus(x: f64) -> f64 {
    if x.abs() > 1e100 {
        x.abs().log2()
    } else {
        0.5 * (x * x).ln_1p() * std::f64::consts::LOG2_E
    }
}

/// Bits of a natural number n ≥ 1: log₂ n; 0 bits for 0.
pub fn natural_bits(n: u64) -> f64 {
    (n.max(1) as f64).log2()
}

/// Bits of an integer m: log₂(1 + |m|).
///
/// ```
/// use mass_physicist::integer_bits;
/// assert_eq!((integer_bits(0), integer_bits(-1)), (0.0, 1.0));
/// assert!((integer_bits(2) - 1.585).abs() < 1e-3);
/// ```
pub fn integer_bits(m: i64) -> f64 {
    (1.0 + m.unsigned_abs() as f64).log2()
}

/// Bits of a fraction m/n: log₂[(1 + |m|) n].
///
/// ```
/// assert_eq!(mass_physicist::rational_bits(1, 2), 2.0);
/// ```
pub fn rational_bits(m: i64, n: u64) -> f64 {
    integer_bits(m) + natural_bits(n)
}

/// Bits of a real number r at a precision floor ε: log₊(r/ε).
///
/// ```
/// use mass_physicist::{MODEL_FLOOR, real_bits};
/// assert!((real_bits(1.0, MODEL_FLOOR) - 32.0).abs() < 1e-9);
/// assert_eq!(real_bits(0.0, MODEL_FLOOR), 0.0);
/// ```
pub fn real_bits(r: f64, floor: f64) -> f64 {
    log_plus(r / floor)
}

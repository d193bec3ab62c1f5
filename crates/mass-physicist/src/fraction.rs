//! Fractions: convergents of a number, and the simplest one in an interval.

/// An exact fraction; [`num_rational::Ratio`], in lowest terms.
pub type Fraction = num_rational::Ratio<i64>;

/// The value of a fraction.
pub fn fraction_value(fraction: Fraction) -> f64 {
    *fraction.numer() as f64 / *fraction.denom() as f64
}

/// The convergents of a number's continued fraction of at most `terms` terms whose numerator and denominator are
/// at most `bound` in size (Wu & Tegmark 2019, Algorithm 3, rationalSnap: 20 terms, 100).
///
/// ```
/// use mass_physicist::{Fraction, convergents};
///
/// let of = |p: f64| convergents(p, 100, 20);
/// assert_eq!(of(35.0 / 37.0).last(), Some(&Fraction::new(35, 37)));
/// assert_eq!(of(-0.5), [Fraction::new(0, 1), Fraction::new(-1, 2)]);
/// ```
pub fn convergents(number: f64, bound: i64, terms: usize) -> Vec<Fraction> {
    let mut found = Vec::new();
    if !number.is_finite() {
        return found;
    }
    let sign = if number < 0.0 { -1 } else { 1 };
    let mut rest = number.abs();
    let (mut before, mut now) = ((0_i64, 1_i64), (1_i64, 0_i64));
    for _ in 0..terms {
        let whole = rest.floor();
        if whole > bound as f64 {
            break;
        }
        let whole = whole as i64;
        let next = (whole * now.0 + before.0, whole * now.1 + before.1);
        if next.0 > bound || next.1 > bound {
            break;
        }
        (before, now) = (now, next);
        found.push(Fraction::new(sign * now.0, now.1));
        let part = rest - rest.floor();
        if part < 1e-11 {
            break;
        }
        rest = 1.0 / part;
    }
    found
}

/// The fraction of least denominator in `[low, high]`, and among these the one nearest to 0.
///
/// ```
/// use mass_physicist::{Fraction, simplest_between};
///
/// assert_eq!(simplest_between(-0.013, 0.004), Fraction::new(0, 1));
/// assert_eq!(simplest_between(0.31, 0.35), Fraction::new(1, 3));
/// assert_eq!(simplest_between(-2.7, -2.4), Fraction::new(-5, 2));
/// ```
pub fn simplest_between(low: f64, high: f64) -> Fraction {
    let (low, high) = if low <= high {
        (low, high)
    } else {
        (high, low)
    };
    if low <= 0.0 && high >= 0.0 {
        return Fraction::new(0, 1);
    }
    if high < 0.0 {
        return -simplest_between(-high, -low);
    }
    // Stern and Brocot: whole parts agree until they do not.
    let mut terms: Vec<i64> = Vec::new();
    let lower_end = low;
    let (mut low, mut high) = (low, high);
    let last = loop {
        let whole = low.floor();
        if whole >= 1e15 {
            break whole as i64;
        }
        if whole == low {
            break whole as i64;
        }
        if whole + 1.0 <= high {
            break whole as i64 + 1;
        }
        if terms.len() == 40 {
            break whole as i64;
        }
        terms.push(whole as i64);
        (low, high) = (1.0 / (high - whole), 1.0 / (low - whole));
    };
    let whole = |term: i64, (m, n): (i64, i64)| Some((term.checked_mul(m)?.checked_add(n)?, m));
    let mut terms = terms.into_iter().rev();
    match terms.try_fold((last, 1_i64), |value, term| whole(term, value)) {
        Some((numerator, denominator)) => Fraction::new(numerator, denominator),
        // An interval narrower than doubles of its size: its lower end will do.
        None => Fraction::approximate_float(lower_end).unwrap_or_else(|| Fraction::new(0, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_neighbouring_doubles_has_a_fraction_near_it() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // Of any size from 1e-12 to 1e12.
            let size = 10_f64.powf((bits >> 40) as f64 / (1 << 24) as f64 * 24.0 - 12.0);
            let low = size * (1.0 + (bits & 0xffff_ffff) as f64 / 4_294_967_296.0);
            let high = low.next_up();
            let found = fraction_value(simplest_between(low, high));
            assert!((found - low).abs() <= 1e-6 * low, "{low:e}: {found:e}");
        }
    }
}

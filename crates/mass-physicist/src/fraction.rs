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
    let mut value = (last as i128, 1_i128);
    for term in terms.into_iter().rev() {
        value = (i128::from(term) * value.0 + value.1, value.0);
    }
    match (i64::try_from(value.0), i64::try_from(value.1)) {
        (Ok(numerator), Ok(denominator)) => Fraction::new(numerator, denominator),
        // An interval narrower than doubles of its size: its lower end will do.
        _ => Fraction::approximate_float(low).unwrap_or_else(|| Fraction::new(0, 1)),
    }
}

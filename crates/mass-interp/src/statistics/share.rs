//! Shares of a population, and whether a change of one is chance.

use super::Estimate;

/// Half the width of a 95 % interval of the normal distribution, in standard deviations.
pub(super) const NORMAL_95: f64 = 1.959_964;

/// The share `count / of` with Wilson's 95 % interval, which stays inside [0, 1] (Wilson 1927).
///
/// With z = 1.96 and n = `of` its middle is (p + z²/2n) / (1 + z²/n) and half its width
/// z/(1 + z²/n) · √(p(1 − p)/n + z²/4n²). [`Estimate::NONE`] of nobody.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::share;
///
/// let found = share(8, 10);
/// assert_eq!(found.value, 0.8);
/// assert!((found.low - 0.4902).abs() < 1e-4 && (found.high - 0.9433).abs() < 1e-4);
/// ```
pub fn share(count: usize, of: usize) -> Estimate {
    if of == 0 {
        return Estimate::NONE;
    }
    let (p, n, z2) = (count as f64 / of as f64, of as f64, NORMAL_95 * NORMAL_95);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = NORMAL_95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Estimate {
        value: p,
        low: (middle - half).max(0.0),
        high: (middle + half).min(1.0),
    }
}

/// The exact one-sided sign test: the chance of `up` or more rises among the `up + down` that
/// changed, if a rise were as likely as a fall (McNemar's test in its exact form).
///
/// 1 where nothing changed. It asks about pairs, such as a scientist before and after, of which those
/// that stay as they are say nothing.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::sign_test;
///
/// assert!((sign_test(5, 0) - 1.0 / 32.0).abs() < 1e-15); // five heads
/// assert!((sign_test(4, 1) - 6.0 / 32.0).abs() < 1e-15);
/// ```
pub fn sign_test(up: usize, down: usize) -> f64 {
    let changed = up + down;
    // The logarithm of the chance of k of them, each from that of k − 1.
    let mut of_k = changed as f64 * 0.5f64.ln();
    let mut sum = 0.0;
    for k in 0..=changed {
        if k >= up {
            sum += of_k.exp();
        }
        of_k += ((changed - k) as f64 / (k + 1) as f64).ln();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    #[test]
    fn wilsons_interval_by_a_known_case() {
        // statsmodels: proportion_confint(8, 10, method="wilson") = (0.490162, 0.943318).
        let found = share(8, 10);
        assert_eq!(found.value, 0.8);
        assert_abs_diff_eq!(found.low, 0.490_162, epsilon = 1e-6);
        assert_abs_diff_eq!(found.high, 0.943_318, epsilon = 1e-6);
        let all = share(20, 20);
        assert!(all.low > 0.83 && (all.high - 1.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_of_n_and_n_of_n_mirror_each_other() {
        // Of n = 1 with none: middle = half = (z²/2) / (1 + z²), so from 0 to z²/(1 + z²).
        let z2 = NORMAL_95 * NORMAL_95;
        let none = share(0, 1);
        assert_abs_diff_eq!(none.low, 0.0, epsilon = 1e-15);
        assert_abs_diff_eq!(none.high, z2 / (1.0 + z2), epsilon = 1e-15);
        for count in 0..=7 {
            let (one, other) = (share(count, 7), share(7 - count, 7));
            assert_abs_diff_eq!(one.low, 1.0 - other.high, epsilon = 1e-15);
            assert!(0.0 <= one.low && one.low <= one.value);
            assert!(one.value <= one.high && one.high <= 1.0);
        }
        let nobody = share(0, 0);
        assert!(nobody.value.is_nan() && nobody.low.is_nan() && nobody.high.is_nan());
    }

    #[test]
    fn the_sign_test_is_that_of_a_fair_coin() {
        assert_eq!(sign_test(0, 0), 1.0);
        assert_abs_diff_eq!(sign_test(5, 0), 1.0 / 32.0, epsilon = 1e-15);
        assert_abs_diff_eq!(sign_test(4, 1), 6.0 / 32.0, epsilon = 1e-15);
        assert_abs_diff_eq!(sign_test(1, 4), 31.0 / 32.0, epsilon = 1e-15);
        assert_abs_diff_eq!(sign_test(0, 3), 1.0, epsilon = 1e-15);
        assert!(sign_test(0, 3) <= 1.0);
        // P(X ≥ 1040 of 2000), from SciPy's binom.sf.
        assert_abs_diff_eq!(
            sign_test(1040, 960) / 0.038643445281334295,
            1.0,
            epsilon = 1e-9
        );
    }
}

//! Means and medians of what is finite.

use mass_systems::{QuantileRule, quantile};

use super::Estimate;

/// The finite values, in their order.
pub fn finite(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|v| v.is_finite()).collect()
}

/// The mean of the finite values; NaN without one.
pub fn mean(values: &[f64]) -> f64 {
    mean_and_deviation(values).value
}

/// The mean of the finite values, less and plus its standard error s/√n.
///
/// s² = Σ (v − v̄)² / (n − 1), so that a single value has no bounds: one value says nothing of the
/// spread. [`Estimate::NONE`] without a finite value.
pub fn mean_and_error(values: &[f64]) -> Estimate {
    about_mean(values, |deviation, count| deviation / count.sqrt())
}

/// The mean of the finite values, less and plus the standard deviation s, as in [`mean_and_error`].
///
/// # Example
///
/// ```
/// use mass_interp::statistics::{mean_and_deviation, mean_and_error};
///
/// let values = [1.0, f64::NAN, 3.0];
/// assert_eq!(mean_and_deviation(&values).value, 2.0);
/// assert!((mean_and_deviation(&values).high - (2.0 + 2f64.sqrt())).abs() < 1e-15);
/// assert!((mean_and_error(&values).high - 3.0).abs() < 1e-15); // √2 / √2
/// ```
pub fn mean_and_deviation(values: &[f64]) -> Estimate {
    about_mean(values, |deviation, _| deviation)
}

fn about_mean(values: &[f64], bar: impl Fn(f64, f64) -> f64) -> Estimate {
    let values = finite(values);
    let count = values.len() as f64;
    if values.is_empty() {
        return Estimate::NONE;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    // One value says nothing of the spread.
    let bar = bar((squares / (count - 1.0)).sqrt(), count);
    Estimate {
        value: mean,
        low: mean - bar,
        high: mean + bar,
    }
}

/// The median of the finite values, by linear interpolation; NaN without one.
pub fn median(values: &[f64]) -> f64 {
    quantile(&finite(values), 0.5, QuantileRule::Linear)
}

/// The median of one list less another, pair by pair, where both are finite; NaN without a pair.
///
/// ```
/// use mass_interp::statistics::median_difference;
/// assert_eq!(median_difference(&[3.0, 5.0, f64::NAN], &[1.0, 4.0, 0.0]), 1.5);
/// ```
pub fn median_difference(a: &[f64], b: &[f64]) -> f64 {
    let differences = a.iter().zip(b).map(|(a, b)| a - b);
    median(&differences.collect::<Vec<_>>())
}

/// The median of the finite values, with the first and the third quartile for bounds, all by linear
/// interpolation ([`QuantileRule::Linear`]).
pub fn median_and_quartiles(values: &[f64]) -> Estimate {
    let [_, low, value, high, _] = quartiles(&finite(values));
    Estimate { value, low, high }
}

/// Least, first quartile, median, third quartile and most of all values, whether finite or not, by
/// linear interpolation ([`QuantileRule::Linear`]); NaN without values.
pub fn quartiles(values: &[f64]) -> [f64; 5] {
    [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(values, share, QuantileRule::Linear))
}

/// The least value; NaN if there is none, or one is NaN, for then it is not known.
pub fn least(values: &[f64]) -> f64 {
    match values.iter().any(|value| value.is_nan()) || values.is_empty() {
        true => f64::NAN,
        false => values.iter().copied().fold(f64::INFINITY, f64::min),
    }
}

/// The largest value; NaN if there is none, or one is NaN, for then it is not known.
///
/// ```
/// use mass_interp::statistics::{least, most};
/// assert_eq!([most(&[1.0, 3.0, 2.0]), least(&[1.0, 3.0, 2.0])], [3.0, 1.0]);
/// assert!(most(&[1.0, f64::NAN]).is_nan() && most(&[]).is_nan());
/// ```
pub fn most(values: &[f64]) -> f64 {
    let negative: Vec<f64> = values.iter().map(|value| -value).collect();
    -least(&negative)
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    #[test]
    fn quartiles_of_five_and_of_four() {
        assert_eq!(
            quartiles(&[5.0, 1.0, 3.0, 2.0, 4.0]),
            [1.0, 2.0, 3.0, 4.0, 5.0]
        );
        assert_eq!(
            quartiles(&[1.0, 2.0, 3.0, 4.0]),
            [1.0, 1.75, 2.5, 3.25, 4.0]
        );
        assert_eq!(quartiles(&[1.0, f64::INFINITY])[4], f64::INFINITY);
        assert!(quartiles(&[]).iter().all(|value| value.is_nan()));
    }

    #[test]
    fn means_leave_out_what_is_not_finite() {
        let found = mean_and_error(&[1.0, f64::NAN, 3.0, f64::INFINITY]);
        // Standard deviation √2 of two values, so a standard error of 1.
        assert_abs_diff_eq!(found.value, 2.0, epsilon = 1e-12);
        assert_abs_diff_eq!(found.low, 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(found.high, 3.0, epsilon = 1e-12);
        let spread = mean_and_deviation(&[1.0, 3.0]);
        assert_abs_diff_eq!(spread.low, 2.0 - 2f64.sqrt(), epsilon = 1e-12);
        assert_abs_diff_eq!(spread.high, 2.0 + 2f64.sqrt(), epsilon = 1e-12);
        // Five values of variance 10/4, and a standard error of √(10/4/5).
        let five = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_abs_diff_eq!(
            mean_and_error(&five).high,
            3.0 + 0.5f64.sqrt(),
            epsilon = 1e-12
        );
        assert_eq!(mean(&five), 3.0);
        let one = mean_and_error(&[5.0]);
        assert!(
            one.value == 5.0 && one.low.is_nan(),
            "one value has no error"
        );
        assert!(mean(&[]).is_nan() && mean(&[f64::NEG_INFINITY]).is_nan());
    }

    #[test]
    fn medians_leave_out_what_is_not_finite() {
        assert!(median(&[f64::NAN]).is_nan() && median(&[]).is_nan());
        assert_eq!(median(&[f64::NAN, 1.0, 4.0]), 2.5);
        let found = median_and_quartiles(&[3.0, 1.0, f64::INFINITY, 2.0]);
        assert_eq!((found.low, found.value, found.high), (1.5, 2.0, 2.5));
        assert!(median_and_quartiles(&[]).value.is_nan());
    }

    #[test]
    fn the_least_of_what_is_not_known_is_not_known() {
        assert_eq!(least(&[2.0, 1.0, 3.0]), 1.0);
        assert!(least(&[2.0, f64::NAN, 3.0]).is_nan() && least(&[f64::NAN, 1.0]).is_nan());
        assert!(least(&[1.0, f64::NAN]).is_nan() && least(&[]).is_nan());
        assert_eq!(
            least(&[f64::INFINITY, f64::NEG_INFINITY]),
            f64::NEG_INFINITY
        );
    }
}

//! Numbers about many scientists. What is not finite is left out, and counted by the caller.

use crate::draw::Estimate;

/// Half the width of a 95 % interval, in standard deviations.
const NORMAL_95: f64 = 1.959_964;

/// A share with Wilson's 95 % interval (Wilson 1927), which stays inside [0, 1].
pub(super) fn share(count: usize, of: usize) -> Estimate {
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

/// The mean, less and plus its standard error.
pub(super) fn mean_and_error(values: &[f64]) -> Estimate {
    about_mean(values, |deviation, count| deviation / count.sqrt())
}

/// The mean, less and plus the standard deviation.
pub(super) fn mean_and_deviation(values: &[f64]) -> Estimate {
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

/// The median, with the first and the third quartile.
pub(super) fn median_and_quartiles(values: &[f64]) -> Estimate {
    let values = finite(values);
    if values.is_empty() {
        return Estimate::NONE;
    }
    let [_, low, value, high, _] = quartiles(values);
    Estimate { value, low, high }
}

/// The median of the finite values; NaN without one.
pub(super) fn median(values: &[f64]) -> f64 {
    median_and_quartiles(values).value
}

/// The mean of the finite values; NaN without one.
pub(super) fn mean(values: &[f64]) -> f64 {
    mean_and_deviation(values).value
}

/// Least, quartiles and most of at least one value, with linear interpolation between neighbours.
pub(super) fn quartiles(mut values: Vec<f64>) -> [f64; 5] {
    values.sort_by(f64::total_cmp);
    [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| {
        let position = share * (values.len() - 1) as f64;
        let (below, above) = (
            values[position.floor() as usize],
            values[position.ceil() as usize],
        );
        if below == above {
            below
        } else {
            below + (above - below) * position.fract()
        }
    })
}

/// The least value; NaN if there is none, or one is NaN, for then it is not known.
pub(super) fn least(values: &[f64]) -> f64 {
    match values.iter().any(|value| value.is_nan()) || values.is_empty() {
        true => f64::NAN,
        false => values.iter().copied().fold(f64::INFINITY, f64::min),
    }
}

/// The squared correlation of two lists, R² of the one ≈ a · the other + c; NaN if one is constant.
pub(super) fn squared_correlation(a: &[f64], b: &[f64]) -> f64 {
    let Some((a, b)) = standardised(a).zip(standardised(b)) else {
        return f64::NAN;
    };
    let sum: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    (sum / a.len() as f64).powi(2)
}

/// The finite values.
pub(super) fn finite(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|v| v.is_finite()).collect()
}

/// The values with mean 0 and variance 1; `None` if they do not vary.
pub(super) fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
    (deviation > 0.0 && deviation.is_finite())
        .then(|| values.iter().map(|v| (v - mean) / deviation).collect())
}

/// The largest distance between the distribution of the values and the uniform one of mean 0 and
/// variance 1 (Kolmogorov's statistic).
pub(super) fn distance_from_uniform(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let count = values.len() as f64;
    let half = 3f64.sqrt();
    let pairs = values.iter().enumerate().map(|(i, v)| {
        let expected = ((v + half) / (2.0 * half)).clamp(0.0, 1.0);
        let (before, after) = (i as f64 / count, (i as f64 + 1.0) / count);
        (expected - before).abs().max((after - expected).abs())
    });
    pairs.fold(0.0, f64::max)
}

/// The largest distance between two distributions (Smirnov's statistic).
pub(super) fn distance_between(a: &[f64], b: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (a, b) = (sorted(a), sorted(b));
    let below =
        |values: &[f64], at: f64| values.partition_point(|v| *v <= at) as f64 / values.len() as f64;
    let places = a.iter().chain(&b);
    places
        .map(|at| (below(&a, *at) - below(&b, *at)).abs())
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_five_and_of_four() {
        assert_eq!(
            quartiles(vec![5.0, 1.0, 3.0, 2.0, 4.0]),
            [1.0, 2.0, 3.0, 4.0, 5.0]
        );
        assert_eq!(
            quartiles(vec![1.0, 2.0, 3.0, 4.0]),
            [1.0, 1.75, 2.5, 3.25, 4.0]
        );
        assert_eq!(quartiles(vec![1.0, f64::INFINITY])[4], f64::INFINITY);
    }

    #[test]
    fn wilsons_interval_by_a_known_case() {
        // statsmodels: proportion_confint(8, 10, method="wilson") = (0.490162, 0.943318).
        let found = share(8, 10);
        assert_eq!(found.value, 0.8);
        assert!((found.low - 0.490_162).abs() < 1e-6, "{found:?}");
        assert!((found.high - 0.943_318).abs() < 1e-6, "{found:?}");
        let all = share(20, 20);
        assert!(all.low > 0.83 && (all.high - 1.0).abs() < 1e-12);
        assert!(share(0, 0).value.is_nan());
    }

    #[test]
    fn means_leave_out_what_is_not_finite() {
        let found = mean_and_error(&[1.0, f64::NAN, 3.0, f64::INFINITY]);
        // Standard deviation √2 of two values, so a standard error of 1.
        assert!((found.value - 2.0).abs() < 1e-12 && (found.high - 3.0).abs() < 1e-12);
        let spread = mean_and_deviation(&[1.0, 3.0]);
        assert!((spread.low - (2.0 - 2f64.sqrt())).abs() < 1e-12);
        assert!(
            mean_and_error(&[5.0]).low.is_nan(),
            "one value has no error"
        );
        assert!(median(&[f64::NAN]).is_nan());
        assert_eq!(median_and_quartiles(&[3.0, 1.0, 2.0]).low, 1.5);
    }

    #[test]
    fn the_least_of_what_is_not_known_is_not_known() {
        assert_eq!(least(&[2.0, 1.0, 3.0]), 1.0);
        assert!(least(&[2.0, f64::NAN, 3.0]).is_nan() && least(&[f64::NAN, 1.0]).is_nan());
        assert!(least(&[1.0, f64::NAN]).is_nan() && least(&[]).is_nan());
    }

    #[test]
    fn a_factor_and_a_constant_do_not_count() {
        let a = [1.0, 2.0, 4.0];
        let b = a.map(|v| 7.0 - 3.0 * v);
        assert!((squared_correlation(&a, &b) - 1.0).abs() < 1e-12);
        assert!(squared_correlation(&a, &[1.0; 3]).is_nan());
        // r = 1 / 2 by hand.
        let r2 = squared_correlation(&[-1.0, 0.0, 1.0], &[-1.0, 1.0, 0.0]);
        assert!((r2 - 0.25).abs() < 1e-12, "{r2}");
    }

    #[test]
    fn distances_of_distributions() {
        let even: Vec<f64> = (0..1000).map(|i| f64::from(i) - 499.5).collect();
        let even = standardised(&even).unwrap();
        assert!(distance_from_uniform(&even) < 2e-3);
        let squared: Vec<f64> = even.iter().map(|v| v * v).collect();
        assert!(distance_from_uniform(&standardised(&squared).unwrap()) > 0.1);
        assert_eq!(distance_between(&even, &even), 0.0);
        assert_eq!(distance_between(&[0.0, 1.0], &[2.0, 3.0]), 1.0);
        assert_eq!(distance_between(&[0.0, 2.0], &[1.0, 3.0]), 0.5);
        assert!(standardised(&[2.0, 2.0]).is_none());
    }
}

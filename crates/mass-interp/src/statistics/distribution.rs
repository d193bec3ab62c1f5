//! How far apart two distributions are.

/// Kolmogorov's statistic: the largest distance between the distribution function of the values and
/// that of the uniform distribution of mean 0 and variance 1, which lies between −√3 and √3
/// (Kolmogorov 1933). 0 without values.
pub fn distance_from_uniform(values: &[f64]) -> f64 {
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

/// Smirnov's statistic: the largest distance between the distribution functions of two samples
/// (Smirnov 1939), from 0 to 1.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::distance_between;
///
/// assert_eq!(distance_between(&[0.0, 2.0], &[1.0, 3.0]), 0.5);
/// assert_eq!(distance_between(&[0.0, 1.0], &[2.0, 3.0]), 1.0);
/// ```
pub fn distance_between(a: &[f64], b: &[f64]) -> f64 {
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
    use approx::assert_abs_diff_eq;

    use super::*;
    use crate::statistics::standardised;

    #[test]
    fn distances_from_the_uniform_distribution() {
        let even: Vec<f64> = (0..1000).map(|i| f64::from(i) - 499.5).collect();
        let even = standardised(&even).unwrap();
        assert!(distance_from_uniform(&even) < 2e-3);
        let squared: Vec<f64> = even.iter().map(|v| v * v).collect();
        assert!(distance_from_uniform(&standardised(&squared).unwrap()) > 0.1);
        // One value in the middle: the step is ½ away on either side.
        assert_abs_diff_eq!(distance_from_uniform(&[0.0]), 0.5, epsilon = 1e-15);
        // All at the upper end: before the step nothing is there, and all should be.
        assert_eq!(distance_from_uniform(&[2.0, 2.0]), 1.0);
        assert_eq!(distance_from_uniform(&[-2.0]), 1.0);
        // At ±√3/2 of two values the distribution function is ¼ and ¾, its steps go to ½ and 1.
        let quarter = 3f64.sqrt() / 2.0;
        assert_abs_diff_eq!(
            distance_from_uniform(&[quarter, -quarter]),
            0.25,
            epsilon = 1e-15
        );
        assert_eq!(distance_from_uniform(&[]), 0.0);
    }

    #[test]
    fn distances_of_samples() {
        let one = [3.0, 1.0, 2.0, 4.0];
        assert_eq!(distance_between(&one, &one), 0.0);
        assert_eq!(distance_between(&[0.0, 1.0], &[2.0, 3.0]), 1.0);
        assert_eq!(distance_between(&[3.0, 2.0], &[1.0, 0.0]), 1.0);
        assert_eq!(distance_between(&[0.0, 2.0], &[1.0, 3.0]), 0.5);
        // Of another size: below 1.5 there are a quarter and all.
        assert_eq!(distance_between(&one, &[1.5]), 0.75);
    }
}

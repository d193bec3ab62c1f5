//! How two lists of numbers go together.

/// The squared correlation of two lists of one length, which is R² of the one ≈ a · the other + c;
/// NaN if one is constant or not finite.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::squared_correlation;
///
/// let r2 = squared_correlation(&[1.0, 2.0, 4.0], &[4.0, 1.0, -5.0]); // 7 − 3 v
/// assert!((r2 - 1.0).abs() < 1e-12);
/// ```
pub fn squared_correlation(a: &[f64], b: &[f64]) -> f64 {
    let Some((a, b)) = standardised(a).zip(standardised(b)) else {
        return f64::NAN;
    };
    let sum: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    (sum / a.len() as f64).powi(2)
}

/// The values with mean 0 and variance 1 (over n, not n − 1); `None` if they do not vary.
pub fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
    (deviation > 0.0 && deviation.is_finite())
        .then(|| values.iter().map(|v| (v - mean) / deviation).collect())
}

/// The values of a square matrix, row-major `[n, n]`, for each pair of different places once: those below the
/// diagonal, row by row.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::below_diagonal;
///
/// let matrix = [1.0, 0.2, 0.3, 0.2, 1.0, 0.6, 0.3, 0.6, 1.0];
/// assert_eq!(below_diagonal(&matrix, 3), [0.2, 0.3, 0.6]);
/// ```
pub fn below_diagonal(matrix: &[f64], n: usize) -> Vec<f64> {
    let rows = matrix.chunks(n.max(1)).enumerate();
    rows.flat_map(|(i, row)| row.iter().take(i).copied())
        .collect()
}

/// The share of pairs of different places of a correlation matrix, row-major `[n, n]`, whose correlation is larger than
/// a limit, of either sign; 0 without a pair. One that is not a number is not larger.
///
/// ```
/// let matrix = [1.0, -0.95, 0.3, -0.95, 1.0, f64::NAN, 0.3, f64::NAN, 1.0];
/// let share = mass_interp::statistics::share_correlated(&matrix, 3, 0.9);
/// assert_eq!(share, 1.0 / 3.0);
/// ```
pub fn share_correlated(matrix: &[f64], n: usize, limit: f64) -> f64 {
    let pairs = below_diagonal(matrix, n);
    let strong = pairs.iter().filter(|r| r.abs() > limit).count();
    strong as f64 / pairs.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    #[test]
    fn a_factor_and_a_constant_do_not_count() {
        let a = [1.0, 2.0, 4.0];
        let b = a.map(|v| 7.0 - 3.0 * v);
        assert_abs_diff_eq!(squared_correlation(&a, &b), 1.0, epsilon = 1e-12);
        assert!(squared_correlation(&a, &[1.0; 3]).is_nan());
        assert!(squared_correlation(&a, &[1.0, f64::NAN, 2.0]).is_nan());
        // r = 1 / 2 by hand.
        let r2 = squared_correlation(&[-1.0, 0.0, 1.0], &[-1.0, 1.0, 0.0]);
        assert_abs_diff_eq!(r2, 0.25, epsilon = 1e-12);
    }

    #[test]
    fn standard_values_by_hand() {
        // Mean 3, variance 4.
        assert_eq!(standardised(&[1.0, 5.0]), Some(vec![-1.0, 1.0]));
        assert!(standardised(&[2.0, 2.0]).is_none());
        assert!(standardised(&[]).is_none());
        assert!(standardised(&[1.0, f64::INFINITY]).is_none());
    }
}

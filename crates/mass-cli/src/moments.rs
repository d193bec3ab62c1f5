//! Mean and variance.

/// Mean and variance of every d-th value from the k-th.
pub(crate) fn moments(values: &[f64], k: usize, d: usize) -> (f64, f64) {
    let of = || values.iter().skip(k).step_by(d);
    let count = of().count() as f64;
    let mean = of().sum::<f64>() / count;
    let squares: f64 = of().map(|v| (v - mean).powi(2)).sum();
    (mean, squares / count)
}

/// The deviation of each position of a table `[N, d]`.
pub(crate) fn deviations(values: &[f64], d: usize) -> Vec<f64> {
    (0..d).map(|k| moments(values, k, d).1.sqrt()).collect()
}

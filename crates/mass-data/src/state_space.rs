//! Smoothing splines of any order as the smoother of a state-space model, in time proportional to the rows.
//!
//! The spline that minimises Σ (yᵢ − f(tᵢ))² + λ ∫ (f⁽ᵐ⁾)² dt is the mean of f given y where f⁽ᵐ⁾ is white noise
//! of intensity q = σ²/λ and nothing is known of f at the start (Wahba 1978, J. R. Statist. Soc. B 40, 364; Kohn &
//! Ansley 1987, SIAM J. Sci. Stat. Comput. 8, 33). With m = 3 that is the Kalman smoother of a white-noise jerk.
//! The recursions are those of Rauch, Tung & Striebel (1965, AIAA J. 3, 1445) in the square-root information form
//! of Paige & Saunders (1977, SIAM J. Numer. Anal. 14, 180), which needs no prior and squares no matrix.

#![allow(clippy::needless_range_loop, reason = "matrices are read by index")]

/// What a smoothing of one series says of itself, with σ = 1.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) rows: usize,
    /// Σ (yᵢ − f(tᵢ))².
    pub(crate) residual: f64,
    /// That and λ ∫ (f⁽ᵐ⁾)² dt.
    pub(crate) total: f64,
    /// The trace of the matrix that takes y to f.
    pub(crate) trace: f64,
    /// −2 log of the likelihood, but for what total says and what does not depend on λ.
    pub(crate) determinant: f64,
}

impl Summary {
    pub(crate) fn add(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            residual: self.residual + other.residual,
            total: self.total + other.total,
            trace: self.trace + other.trace,
            determinant: self.determinant + other.determinant,
        }
    }
}

/// f and its derivatives at a row, and their variances with σ = 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State<const M: usize> {
    pub(crate) mean: [f64; M],
    pub(crate) variance: [f64; M],
}

/// What is kept of a row on the way forward: R x + S x' = z, where x' is the next row's state.
struct Kept<const M: usize> {
    r: [[f64; M]; M],
    s: [[f64; M]; M],
    z: [f64; M],
}

/// The constant factor of the process noise: the inverse of the Cholesky factor of
/// 1/((2m−1−i−j)(m−1−i)!(m−1−j)!).
fn whitening<const M: usize>() -> [[f64; M]; M] {
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let mut l = [[0.0; M]; M];
    for i in 0..M {
        for j in 0..=i {
            let mut sum =
                1.0 / ((2 * M - 1 - i - j) as f64 * factorial(M - 1 - i) * factorial(M - 1 - j));
            sum -= (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            l[i][j] = if i == j {
                f64::sqrt(sum)
            } else {
                sum / l[j][j]
            };
        }
    }
    let mut inverse = [[0.0; M]; M];
    for column in 0..M {
        for i in column..M {
            let unit = if i == column { 1.0 } else { 0.0 };
            let sum: f64 = (column..i).map(|k| l[i][k] * inverse[k][column]).sum();
            inverse[i][column] = (unit - sum) / l[i][i];
        }
    }
    inverse
}

/// Rows for the greatest order, 4: twice as many as states, of two states and the right side.
type Rows = [[f64; 9]; 8];

/// Householder's reflections that make the first `size` rows and columns upper triangular; the right side is in
/// column `size`.
fn triangular(rows: &mut Rows, size: usize) {
    for k in 0..size {
        let norm = rows[k..size]
            .iter()
            .map(|row| row[k] * row[k])
            .sum::<f64>()
            .sqrt();
        if norm == 0.0 {
            continue;
        }
        let alpha = if rows[k][k] > 0.0 { -norm } else { norm };
        let mut v = [0.0; 8];
        for (v, row) in v[k..size].iter_mut().zip(&rows[k..size]) {
            *v = row[k];
        }
        v[k] -= alpha;
        let square: f64 = v[k..size].iter().map(|v| v * v).sum();
        for j in k..=size {
            let dot: f64 = (k..size).map(|i| v[i] * rows[i][j]).sum();
            let factor = 2.0 * dot / square;
            for i in k..size {
                rows[i][j] -= factor * v[i];
            }
        }
        for row in &mut rows[k + 1..size] {
            row[k] = 0.0;
        }
    }
}

/// Smooths one series: `steps` are the times between rows, in a unit in which they are of order one; `q` is the
/// intensity of the noise in that unit with σ = 1. States are kept only if asked for.
pub(crate) fn smooth<const M: usize>(
    steps: &[f64],
    y: &[f64],
    q: f64,
    keep_states: bool,
) -> (Summary, Vec<State<M>>) {
    let n = y.len();
    let white = whitening::<M>();
    let mut r = [[0.0_f64; M]; M];
    let mut z = [0.0; M];
    let mut kept: Vec<Kept<M>> = Vec::with_capacity(n);
    let mut summary = Summary {
        rows: n,
        ..Summary::default()
    };
    let log_det = |r: &[[f64; M]; M]| (0..M).map(|k| r[k][k].abs().ln()).sum::<f64>();
    let mut rows: Rows = [[0.0; 9]; 8];
    for i in 0..n {
        // The measurement, f = y with σ = 1.
        let mut row = [0.0_f64; M];
        row[0] = 1.0;
        let mut right = y[i];
        for k in 0..M {
            if row[k] == 0.0 {
                continue;
            }
            let norm = r[k][k].hypot(row[k]);
            let (c, s) = (r[k][k] / norm, row[k] / norm);
            for j in k..M {
                (r[k][j], row[j]) = (c * r[k][j] + s * row[j], c * row[j] - s * r[k][j]);
            }
            (z[k], right) = (c * z[k] + s * right, c * right - s * z[k]);
        }
        summary.total += right * right;
        if i + 1 == n {
            break;
        }
        // The way to the next row: white·D⁻¹(x' − F x) = 0 with variance 1.
        let h = steps[i];
        let scale: [f64; M] =
            std::array::from_fn(|k| 1.0 / (q.sqrt() * h.powf(M as f64 - 0.5 - k as f64)));
        let process_first = scale[M - 1] > r.iter().flatten().fold(0.0, |m: f64, v| m.max(v.abs()));
        let (process, carried) = if process_first { (0, M) } else { (M, 0) };
        for k in 0..M {
            let out = &mut rows[process + k];
            out.fill(0.0);
            for j in 0..=k {
                out[M + j] = white[k][j] * scale[j];
                let mut term = white[k][j] * scale[j];
                // Row j of F: h^(l−j)/(l−j)!
                for (l, out) in out.iter_mut().enumerate().take(M).skip(j) {
                    *out -= term;
                    term *= h / (l + 1 - j) as f64;
                }
            }
            let out = &mut rows[carried + k];
            out.fill(0.0);
            out[..M].copy_from_slice(&r[k]);
            out[2 * M] = z[k];
        }
        triangular(&mut rows, 2 * M);
        let here = Kept {
            r: std::array::from_fn(|k| std::array::from_fn(|j| rows[k][j])),
            s: std::array::from_fn(|k| std::array::from_fn(|j| rows[k][M + j])),
            z: std::array::from_fn(|k| rows[k][2 * M]),
        };
        summary.determinant += 2.0 * log_det(&here.r) + M as f64 * q.ln();
        kept.push(here);
        r = std::array::from_fn(|k| std::array::from_fn(|j| rows[M + k][M + j]));
        z = std::array::from_fn(|k| rows[M + k][2 * M]);
    }
    summary.determinant += 2.0 * log_det(&r);

    // Backwards.
    let mut mean = solve(&r, z);
    let inverse = invert(&r);
    let mut covariance: [[f64; M]; M] = product(&inverse, &transposed(&inverse));
    let mut states = Vec::with_capacity(if keep_states { n } else { 0 });
    let mut finish =
        |i: usize, mean: &[f64; M], covariance: &[[f64; M]; M], summary: &mut Summary| {
            summary.residual += (y[i] - mean[0]).powi(2);
            summary.trace += covariance[0][0];
            if keep_states {
                states.push(State {
                    mean: *mean,
                    variance: std::array::from_fn(|k| covariance[k][k]),
                });
            }
        };
    finish(n - 1, &mean, &covariance, &mut summary);
    for (i, Kept { r, s, z }) in kept.iter().enumerate().rev() {
        let right = std::array::from_fn(|k| z[k] - (0..M).map(|j| s[k][j] * mean[j]).sum::<f64>());
        mean = solve(r, right);
        let mut inner = product(&product(s, &covariance), &transposed(s));
        for (k, row) in inner.iter_mut().enumerate() {
            row[k] += 1.0;
        }
        let inverse = invert(r);
        covariance = product(&product(&inverse, &inner), &transposed(&inverse));
        finish(i, &mean, &covariance, &mut summary);
    }
    states.reverse();
    (summary, states)
}

fn product<const M: usize>(a: &[[f64; M]; M], b: &[[f64; M]; M]) -> [[f64; M]; M] {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..M).map(|k| a[i][k] * b[k][j]).sum()))
}

fn transposed<const M: usize>(a: &[[f64; M]; M]) -> [[f64; M]; M] {
    std::array::from_fn(|i| std::array::from_fn(|j| a[j][i]))
}

/// R⁻¹ z of an upper triangular R.
fn solve<const M: usize>(r: &[[f64; M]; M], z: [f64; M]) -> [f64; M] {
    let mut x = z;
    for k in (0..M).rev() {
        let sum: f64 = (k + 1..M).map(|j| r[k][j] * x[j]).sum();
        x[k] = (z[k] - sum) / r[k][k];
    }
    x
}

fn invert<const M: usize>(r: &[[f64; M]; M]) -> [[f64; M]; M] {
    let columns: [[f64; M]; M] = std::array::from_fn(|j| {
        let mut unit = [0.0; M];
        unit[j] = 1.0;
        solve(r, unit)
    });
    transposed(&columns)
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;

    /// The same least squares written out whole: measurements and process, all states unknown.
    fn dense<const M: usize>(
        steps: &[f64],
        y: &[f64],
        q: f64,
    ) -> (DVector<f64>, DMatrix<f64>, f64, f64) {
        let n = y.len();
        let white = whitening::<M>();
        let mut a = DMatrix::zeros(n + (n - 1) * M, n * M);
        let mut b = DVector::zeros(a.nrows());
        for i in 0..n {
            a[(i, i * M)] = 1.0;
            b[i] = y[i];
        }
        for (i, h) in steps.iter().enumerate() {
            for k in 0..M {
                for j in 0..=k {
                    let w = white[k][j] / (q.sqrt() * h.powf(M as f64 - 0.5 - j as f64));
                    let row = n + i * M + k;
                    a[(row, (i + 1) * M + j)] += w;
                    let mut term = w;
                    for l in j..M {
                        a[(row, i * M + l)] -= term;
                        term *= h / (l + 1 - j) as f64;
                    }
                }
            }
        }
        let normal = a.transpose() * &a;
        let inverse = normal.clone().try_inverse().unwrap();
        let x = &inverse * a.transpose() * &b;
        let rss = (&a * &x - &b).norm_squared();
        let log_det = normal
            .symmetric_eigenvalues()
            .iter()
            .map(|v| v.ln())
            .sum::<f64>();
        (x, inverse, rss, log_det + ((n - 1) * M) as f64 * q.ln())
    }

    fn agrees<const M: usize>(q: f64) {
        let steps = [1.0, 0.5, 1.7, 1.0, 0.9, 1.1, 0.6, 2.0, 1.0];
        let y = [0.1, 0.4, 0.3, -0.2, -0.9, -0.3, 0.5, 0.2, 0.8, 0.9];
        let (x, covariance, rss, determinant) = dense::<M>(&steps, &y, q);
        let (summary, states) = smooth::<M>(&steps, &y, q, true);
        for (i, state) in states.iter().enumerate() {
            for k in 0..M {
                let at = i * M + k;
                assert!(
                    (state.mean[k] - x[at]).abs() < 1e-7 * (1.0 + x[at].abs()),
                    "{i} {k}"
                );
                let variance = covariance[(at, at)];
                assert!((state.variance[k] / variance - 1.0).abs() < 1e-6, "{i} {k}");
            }
        }
        assert!((summary.total / rss - 1.0).abs() < 1e-6);
        assert!((summary.determinant - determinant).abs() < 1e-5);
        let trace: f64 = (0..y.len()).map(|i| covariance[(i * M, i * M)]).sum();
        assert!((summary.trace - trace).abs() < 1e-6);
    }

    #[test]
    fn the_recursion_is_the_least_squares_of_all_rows_at_once() {
        for q in [1e-3, 1.0, 30.0] {
            agrees::<2>(q);
            agrees::<3>(q);
            agrees::<4>(q);
        }
    }

    #[test]
    fn a_polynomial_below_the_order_is_kept_at_any_smoothing() {
        let steps: Vec<f64> = (0..40).map(|i| 0.5 + f64::from(i % 3)).collect();
        let mut t = vec![0.0];
        steps.iter().for_each(|h| t.push(t.last().unwrap() + h));
        let f = |t: f64| 3.0 - 0.2 * t + 0.01 * t * t;
        let y: Vec<f64> = t.iter().map(|t| f(*t)).collect();
        for q in [1e-12, 1e-4, 1.0, 1e4] {
            let (summary, states) = smooth::<3>(&steps, &y, q, true);
            assert!(summary.total < 1e-16, "{q}: {}", summary.total);
            for (state, t) in states.iter().zip(&t) {
                let exact = [f(*t), -0.2 + 0.02 * t, 0.02];
                for (found, exact) in state.mean.iter().zip(exact) {
                    assert!((found - exact).abs() < 1e-8, "{q}: {found} {exact}");
                }
            }
        }
    }

    #[test]
    fn smoothing_without_end_is_the_polynomial_of_least_squares() {
        let steps = vec![1.0; 60];
        let y: Vec<f64> = (0..61)
            .map(|i| (f64::from(i) * 0.7).sin() + 0.01 * f64::from(i * i))
            .collect();
        let (summary, states) = smooth::<3>(&steps, &y, 1e-16, true);
        assert!((summary.trace - 3.0).abs() < 1e-3, "{}", summary.trace);
        let design = DMatrix::from_fn(61, 3, |i, k| (i as f64).powi(k as i32));
        let fit = design
            .clone()
            .svd(true, true)
            .solve(&DVector::from_vec(y), 1e-14)
            .unwrap();
        for state in states {
            assert!((state.mean[2] - 2.0 * fit[2]).abs() < 1e-6);
        }
    }
}

//! Estimates that are sums of neighbouring values: finite differences and local polynomials.

use nalgebra::{DMatrix, linalg::QR};

/// A row's value, first and second derivative as weights of neighbouring values.
#[derive(Clone, Debug)]
pub(crate) struct Stencil {
    /// The first of the neighbours.
    pub(crate) first: usize,
    /// Of the value, the first and the second derivative.
    pub(crate) weights: [Vec<f64>; 3],
}

/// What weights make of values, and the sum of their squares.
pub(crate) fn apply(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(w, v)| w * v).sum()
}

pub(crate) fn square(weights: &[f64]) -> f64 {
    weights.iter().map(|w| w * w).sum()
}

/// The weights of values at `nodes` that give value, first and second derivative at `at` of the polynomial
/// through them (Fornberg 1988, Math. Comp. 51, 699).
pub(crate) fn fornberg(at: f64, nodes: &[f64]) -> [Vec<f64>; 3] {
    let n = nodes.len();
    let mut c = [vec![0.0; n], vec![0.0; n], vec![0.0; n]];
    c[0][0] = 1.0;
    let mut before = 1.0;
    let mut distance = nodes[0] - at;
    for i in 1..n {
        let last = i.min(2);
        let mut product = 1.0;
        let old = distance;
        distance = nodes[i] - at;
        for j in 0..i {
            let apart = nodes[i] - nodes[j];
            product *= apart;
            if j + 1 == i {
                for k in (1..=last).rev() {
                    c[k][i] = before * (k as f64 * c[k - 1][i - 1] - old * c[k][i - 1]) / product;
                }
                c[0][i] = -before * old * c[0][i - 1] / product;
            }
            for k in (1..=last).rev() {
                c[k][j] = (distance * c[k][j] - k as f64 * c[k - 1][j]) / apart;
            }
            c[0][j] = distance * c[0][j] / apart;
        }
        before = product;
    }
    c
}

/// The `count` neighbours of a row that lie about it, fewer on one side at the ends.
fn window(row: usize, rows: usize, count: usize) -> usize {
    row.saturating_sub(count / 2).min(rows - count)
}

/// Finite differences on `points` neighbours; the value is the measured one.
pub(crate) fn differences(t: &[f64], row: usize, points: usize) -> Stencil {
    let first = window(row, t.len(), points);
    let [mut own, velocity, acceleration] = fornberg(t[row], &t[first..first + points]);
    // To the bit.
    for (i, weight) in own.iter_mut().enumerate() {
        *weight = f64::from(u8::from(first + i == row));
    }
    Stencil {
        first,
        weights: [own, velocity, acceleration],
    }
}

/// A polynomial of this degree by least squares on `points` neighbours (Savitzky & Golay 1964, Anal. Chem. 36,
/// 1627, for steps of any size; at the ends the window stays whole).
pub(crate) fn local_polynomial(t: &[f64], row: usize, points: usize, degree: usize) -> Stencil {
    let first = window(row, t.len(), points);
    let near = &t[first..first + points];
    let scale = (near[points - 1] - t[row]).max(t[row] - near[0]);
    let design = DMatrix::from_fn(points, degree + 1, |i, k| {
        ((near[i] - t[row]) / scale).powi(k as i32)
    });
    let qr = QR::new(design);
    let (q, r) = (qr.q(), qr.r());
    let weights = [0, 1, 2].map(|k| {
        if k > degree {
            return vec![0.0; points];
        }
        // Row k of R⁻¹: R is upper triangular, so that of its transpose from row k on.
        let mut row = vec![0.0; degree + 1];
        for j in k..=degree {
            let sum: f64 = (k..j).map(|l| row[l] * r[(l, j)]).sum();
            row[j] = (f64::from(u8::from(j == k)) - sum) / r[(j, j)];
        }
        let factor = if k == 2 { 2.0 } else { 1.0 } / scale.powi(k as i32);
        (0..points)
            .map(|i| factor * (k..=degree).map(|j| row[j] * q[(i, j)]).sum::<f64>())
            .collect()
    });
    Stencil { first, weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At every row, ends too, on uneven steps: exact on polynomials that the stencil can hold.
    #[test]
    fn polynomials_are_exact() {
        let t: Vec<f64> = (0..15)
            .map(|i| f64::from(i) * 0.3 + 0.1 * f64::from(i * i % 4))
            .collect();
        let f = |t: f64| 1.0 - 2.0 * t + 0.5 * t * t - 0.25 * t.powi(3) + 0.1 * t.powi(4);
        let exact = |t: f64| {
            [
                f(t),
                -2.0 + t - 0.75 * t * t + 0.4 * t.powi(3),
                1.0 - 1.5 * t + 1.2 * t * t,
            ]
        };
        let y: Vec<f64> = t.iter().map(|t| f(*t)).collect();
        for row in 0..t.len() {
            for stencil in [
                differences(&t, row, 5),
                local_polynomial(&t, row, 9, 4),
                local_polynomial(&t, row, 7, 5),
            ] {
                let near = &y[stencil.first..];
                for (weights, exact) in stencil.weights.iter().zip(exact(t[row])) {
                    let found = apply(weights, near);
                    assert!((found - exact).abs() < 1e-9, "{row}: {found} {exact}");
                }
            }
        }
    }

    /// The tables of Savitzky and Golay: five points, quadratic: smoothing (−3, 12, 17, 12, −3)/35, first
    /// derivative (−2, −1, 0, 1, 2)/10, second (2, −1, −2, −1, 2)/7.
    #[test]
    fn the_published_tables() {
        let t = [0.0, 1.0, 2.0, 3.0, 4.0];
        let stencil = local_polynomial(&t, 2, 5, 2);
        let tables = [
            [-3.0, 12.0, 17.0, 12.0, -3.0].map(|w| w / 35.0),
            [-2.0, -1.0, 0.0, 1.0, 2.0].map(|w| w / 10.0),
            [2.0, -1.0, -2.0, -1.0, 2.0].map(|w| w / 7.0),
        ];
        for (found, table) in stencil.weights.iter().zip(tables) {
            for (a, b) in found.iter().zip(table) {
                assert!((a - b).abs() < 1e-14);
            }
        }
        // Fornberg's table 1: five points, centred.
        let fornberg = fornberg(2.0, &t);
        let tables = [
            [0.0, 0.0, 1.0, 0.0, 0.0],
            [1.0 / 12.0, -2.0 / 3.0, 0.0, 2.0 / 3.0, -1.0 / 12.0],
            [-1.0 / 12.0, 4.0 / 3.0, -2.5, 4.0 / 3.0, -1.0 / 12.0],
        ];
        for (found, table) in fornberg.iter().zip(tables) {
            for (a, b) in found.iter().zip(table) {
                assert!((a - b).abs() < 1e-14);
            }
        }
    }
}

//! Linear least squares of minimum norm.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::error::Error;

/// Sweeps after which an eigenvalue iteration is given up; it takes a few per column.
const SWEEPS: usize = 10_000;

/// Singular values below this share of the largest are rounding: they are square roots of eigenvalues.
pub(crate) const LEAST_TOLERANCE: f64 = 1e-7;

/// Eigenvalues, falling, and eigenvectors, as columns, of a symmetric matrix.
///
/// From the covariance (or Gram) matrix rather than by an SVD of the data: nalgebra's SVD can be
/// wrong in the second digit for rank-deficient matrices, its symmetric eigenvalues are not. What is
/// lost are directions below √ε of the largest, which data in f32 do not have.
pub(crate) fn symmetric_eigen(matrix: DMatrix<f64>) -> Result<(Vec<f64>, DMatrix<f64>), Error> {
    let eigen = SymmetricEigen::try_new(matrix, f64::EPSILON, SWEEPS).ok_or_else(|| {
        Error::Request(
            "the eigenvalues of a covariance matrix did not converge: is some activation huge?"
                .to_string(),
        )
    })?;
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|i, j| eigen.eigenvalues[*j].total_cmp(&eigen.eigenvalues[*i]));
    let values = order.iter().map(|i| eigen.eigenvalues[*i].max(0.0));
    let vectors = eigen.eigenvectors.select_columns(&order);
    Ok((values.collect(), vectors))
}

/// A design matrix `[R, C]`, ready to be fitted to any target `[R]`.
#[derive(Debug, Clone)]
pub(crate) struct LeastSquares {
    design: DMatrix<f64>,
    /// Right singular vectors that are kept, `[C, rank]`, each divided by its singular value.
    scaled: DMatrix<f64>,
}

impl LeastSquares {
    /// Directions with a singular value up to `tolerance` times the largest are dropped; at least
    /// those up to [`LEAST_TOLERANCE`].
    pub(crate) fn new(design: DMatrix<f64>, tolerance: f64) -> Result<Self, Error> {
        if design.ncols() == 0 {
            return Ok(Self {
                design,
                scaled: DMatrix::zeros(0, 0),
            });
        }
        let tolerance = tolerance.max(LEAST_TOLERANCE);
        let (values, mut vectors) = symmetric_eigen(design.tr_mul(&design))?;
        let largest = values.first().copied().unwrap_or(0.0);
        let least = largest * tolerance * tolerance;
        let rank = values.iter().take_while(|value| **value > least).count();
        vectors = vectors.columns(0, rank).into_owned();
        for (mut vector, value) in vectors.column_iter_mut().zip(&values) {
            vector /= value.sqrt();
        }
        Ok(Self {
            design,
            scaled: vectors,
        })
    }

    /// Directions that are kept.
    pub(crate) fn rank(&self) -> usize {
        self.scaled.ncols()
    }

    /// The c of least norm among those of least ‖design · c − target‖, `[C]`.
    pub(crate) fn solve(&self, target: &DVector<f64>) -> DVector<f64> {
        let projected = self.design.tr_mul(target);
        &self.scaled * self.scaled.tr_mul(&projected)
    }
}

/// 1 − Σ (found − expected)² / Σ (expected − its mean)², both summed over several targets, as
/// scikit-learn's `r2_score(multioutput="variance_weighted")`.
///
/// NaN if no target varies: then there is nothing to explain.
pub(crate) fn r2(pairs: &[(&DVector<f64>, &DVector<f64>)]) -> f64 {
    let (mut residual, mut total) = (0.0, 0.0);
    for (found, expected) in pairs {
        let mean = expected.mean();
        residual += (*found - *expected).norm_squared();
        total += expected.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    }
    if total > 0.0 {
        1.0 - residual / total
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collinear_columns_share_their_coefficient() {
        // Columns a, 2a: c₁ + 2c₂ = 5 with least norm is (1, 2).
        let design = DMatrix::from_row_slice(3, 2, &[1.0, 2.0, 2.0, 4.0, -1.0, -2.0]);
        let fit = LeastSquares::new(design, 1e-6).unwrap();
        assert_eq!(fit.rank(), 1);
        let c = fit.solve(&DVector::from_vec(vec![5.0, 10.0, -5.0]));
        assert!(
            (c[0] - 1.0).abs() < 1e-14 && (c[1] - 2.0).abs() < 1e-14,
            "{c}"
        );
    }

    #[test]
    fn nothing_fits_nothing() {
        let fit = LeastSquares::new(DMatrix::zeros(3, 2), 1e-6).unwrap();
        assert_eq!(fit.rank(), 0);
        assert_eq!(fit.solve(&DVector::from_element(3, 1.0)), DVector::zeros(2));
    }
}

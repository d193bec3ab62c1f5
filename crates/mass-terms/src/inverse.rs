//! How the inverse of a matrix that may be singular is read.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    pinv::{pinv, pinv_host, reciprocal},
};

/// How A⁻¹ of a term is read, with a shift b.
///
/// A matrix of second derivatives is singular somewhere, and there its inverse has a pole: a few states
/// then decide the error of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Inverse {
    /// pinv(A + b I), as in Fu et al. 2025, Eq. 4. It moves the poles: to where −b is an eigenvalue.
    #[default]
    Shifted,
    /// (AᵀA + b² I)⁻¹ Aᵀ, which has no poles (Tikhonov; Levenberg–Marquardt): a singular value σ becomes
    /// σ/(σ² + b²), at most 1/(2|b|), and nearly 1/σ where σ is large beside b.
    Damped,
}

/// A shift b, and what it does.
///
/// Where a shift alone is given it is that of [`Inverse::Shifted`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InverseShift<B> {
    /// b: a tensor `[E]`, or a number.
    pub b: B,
    /// How inverses are read.
    pub inverse: Inverse,
}

impl<B> From<B> for InverseShift<B> {
    fn from(b: B) -> Self {
        Self {
            b,
            inverse: Inverse::default(),
        }
    }
}

impl InverseShift<Tensor<1>> {
    /// The inverses of matrices `[E, N, d, d]`, composed of Burn's operations.
    pub(crate) fn inverses(&self, a: Tensor<4>) -> Result<Tensor<4>, Error> {
        let [e, _, d, _] = a.dims();
        let b = self.b.clone().reshape([e, 1, 1, 1]);
        if d == 1 {
            return Ok(match self.inverse {
                Inverse::Shifted => reciprocal(a + b),
                Inverse::Damped => a.clone() * reciprocal(a.square() + b.square()),
            });
        }
        let unit = Tensor::<2>::eye(d, &a.device()).cast(a.dtype());
        let unit = unit.reshape([1, 1, d, d]);
        match self.inverse {
            Inverse::Shifted => pinv(a + b * unit),
            Inverse::Damped => {
                let transposed = a.clone().swap_dims(2, 3);
                let gram = transposed.clone().matmul(a) + b.square() * unit;
                Ok(pinv(gram)?.matmul(transposed))
            }
        }
    }
}

impl InverseShift<f64> {
    /// The inverse of one matrix, row-major `[d, d]`.
    pub(crate) fn inverse_of(&self, a: &[f64], d: usize) -> Vec<f64> {
        let mut a = a.to_vec();
        match self.inverse {
            Inverse::Shifted => {
                for i in 0..d {
                    a[i * d + i] += self.b;
                }
                pinv_host(&a, d)
            }
            Inverse::Damped => damped(&a, self.b, d).1,
        }
    }
}

/// (AᵀA + b² I)⁻¹, and the same times Aᵀ, row-major.
pub(crate) fn damped(a: &[f64], b: f64, d: usize) -> (Vec<f64>, Vec<f64>) {
    let product = |left: &dyn Fn(usize, usize) -> f64, right: &dyn Fn(usize, usize) -> f64| {
        let cells = (0..d * d).map(|cell| (cell / d, cell % d));
        let sums = cells.map(|(i, j)| (0..d).map(|k| left(i, k) * right(k, j)).sum());
        sums.collect::<Vec<f64>>()
    };
    let mut gram = product(&|i, k| a[k * d + i], &|k, j| a[k * d + j]);
    for i in 0..d {
        gram[i * d + i] += b * b;
    }
    let gram = pinv_host(&gram, d);
    let inverse = product(&|i, k| gram[i * d + k], &|k, j| a[j * d + k]);
    (gram, inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damped_by(b: f64) -> InverseShift<f64> {
        InverseShift {
            b,
            inverse: Inverse::Damped,
        }
    }

    #[test]
    fn a_singular_value_is_damped_and_a_pole_is_none() {
        // diag(3, 0) and b = 1: 3/(9 + 1) and 0.
        let found = damped_by(1.0).inverse_of(&[3.0, 0.0, 0.0, 0.0], 2);
        assert!((found[0] - 0.3).abs() < 1e-15 && found[3].abs() < 1e-15);
        // diag(σ, 1): never above 1/(2b), where pinv(A + bI) has a pole at σ = −b.
        for step in 0..400 {
            let sigma = f64::from(step) / 100.0 - 2.0;
            let found = damped_by(-0.25).inverse_of(&[sigma, 0.0, 0.0, 1.0], 2);
            assert!(found[0].abs() <= 2.0 + 1e-12, "{sigma}: {}", found[0]);
        }
    }

    #[test]
    fn without_a_shift_both_are_the_pseudo_inverse() {
        for a in [[1.0, 2.0, 3.0, 4.5], [1.0, 2.0, 2.0, 4.0]] {
            let expected = pinv_host(&a, 2);
            for shift in [InverseShift::from(0.0), damped_by(0.0)] {
                let found = shift.inverse_of(&a, 2);
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((found - expected).abs() < 1e-9, "{found} {expected}");
                }
            }
        }
    }
}

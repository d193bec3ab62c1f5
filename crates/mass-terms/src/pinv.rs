//! The pseudo-inverse of small matrices, batched and differentiable.

use burn::tensor::{DType, Tensor, TensorData};

use crate::{Error, derivatives::shape};

/// The Moore–Penrose inverse of each matrix, `[E, B, d, d]` to `[E, B, d, d]`, with the semantics of
/// `torch.linalg.pinv`: singular values up to rcond σ_max are dropped, rcond = d ε of the precision.
///
/// A singular matrix has the pseudo-inverse's answer (zero for zero), not infinity; a matrix with
/// an entry that is not finite gives NaN and leaves the others alone, except that for d = 1 an
/// infinite number gives 0. The gradient is that of Golub & Pereyra (1973), exact where the rank is
/// locally constant.
///
/// For d = 1 this is a few tensor operations. For d > 1 the values are computed on the host, in
/// f64: a device that is not a CPU waits for the round trip.
///
/// # Errors
///
/// [`Error::Shape`] if the matrices are not square, [`Error::Device`] if the device fails
/// to hand over the values.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let singular = Tensor::<4>::from_floats([[[[2.0, 0.0], [0.0, 0.0]]]], &Device::flex());
/// let inverse = mass_terms::pinv(singular)?.into_data().try_into_vec_as::<f32>().unwrap();
/// assert_eq!(inverse, [0.5, 0.0, 0.0, 0.0]);
/// # Ok::<(), mass_terms::Error>(())
/// ```
pub fn pinv(a: Tensor<4>) -> Result<Tensor<4>, Error> {
    let [e, b, d, columns] = a.dims();
    if d != columns || d == 0 {
        return Err(shape(
            "the argument of pinv",
            &a.dims(),
            "[E, B, d, d]".to_string(),
        ));
    }
    if d == 1 {
        return Ok(reciprocal(a));
    }
    let dtype = a.dtype();
    let constant = a.clone().inner();
    let values = constant
        .clone()
        .into_data()
        .try_into_vec_as::<f64>()
        .map_err(|error| Error::Device {
            what: "the argument of pinv".to_string(),
            reason: error.to_string(),
        })?;
    let epsilon = if dtype == DType::F64 {
        f64::EPSILON
    } else {
        f64::from(f32::EPSILON)
    };
    let host = Host::new(&values, d, d as f64 * epsilon);
    let device = constant.device();
    let tensor = |values: Vec<f64>| {
        Tensor::<4>::from_data(TensorData::new(values, [e, b, d, d]), (&device, dtype))
    };
    let p = tensor(host.inverses);
    if !a.is_tracked() {
        return Ok(if a.is_autodiff() {
            Tensor::from_inner(p)
        } else {
            p
        });
    }
    // P as a function of A to first order: exact in value, as the difference is zero, and in its
    // derivative. So no operation of its own is needed (Golub & Pereyra 1973, Eq. 4.12).
    let difference = a - constant;
    let mut inverse = p.clone().autodiff() - p.clone().matmul(difference.clone()).matmul(p.clone());
    if let Some((rows, columns)) = host.complements {
        let transposed = difference.swap_dims(2, 3);
        let (rows, columns) = (tensor(rows), tensor(columns));
        let p_transposed = p.clone().swap_dims(2, 3);
        inverse = inverse
            + p.clone()
                .matmul(p_transposed.clone())
                .matmul(transposed.clone())
                .matmul(rows)
            + columns.matmul(transposed).matmul(p_transposed.matmul(p));
    }
    Ok(inverse)
}

/// 1/a elementwise, and 0 for 0; its gradient is −P².
pub(crate) fn reciprocal<const D: usize>(a: Tensor<D>) -> Tensor<D> {
    let zero = a.clone().equal_elem(0);
    a.mask_fill(zero.clone(), 1).recip().mask_fill(zero, 0)
}

/// The pseudo-inverse of one matrix in f64, both row-major.
pub(crate) fn pinv_host(a: &[f64], d: usize) -> Vec<f64> {
    Host::new(a, d, d as f64 * f64::EPSILON).inverses
}

/// Pseudo-inverses of a batch, row-major.
pub(crate) struct Host {
    /// P of each matrix.
    pub(crate) inverses: Vec<f64>,
    /// I − A P and I − P A of each matrix where any has not full rank; exactly zero for those that
    /// have, so that a matrix does not feel what else is in the batch.
    pub(crate) complements: Option<(Vec<f64>, Vec<f64>)>,
}

impl Host {
    pub(crate) fn new(values: &[f64], d: usize, rcond: f64) -> Self {
        // A constant d lets the compiler unroll the loops over 2 or 3.
        match d {
            2 => Self::each(values, 2, rcond),
            3 => Self::each(values, 3, rcond),
            4 => Self::each(values, 4, rcond),
            6 => Self::each(values, 6, rcond),
            8 => Self::each(values, 8, rcond),
            _ => Self::each(values, d, rcond),
        }
    }

    #[inline(always)]
    fn each(values: &[f64], d: usize, rcond: f64) -> Self {
        let size = d * d;
        let mut inverses = vec![0.0; values.len()];
        let mut complements: Option<(Vec<f64>, Vec<f64>)> = None;
        let mut work = vec![0.0; 2 * size];
        for (index, a) in values.chunks_exact(size).enumerate() {
            let p = &mut inverses[index * size..][..size];
            if a.iter().any(|v| !v.is_finite()) {
                p.fill(f64::NAN);
            } else if !regular(a, d, rcond, p, &mut work) && singular(a, d, rcond, p, &mut work) < d
            {
                let (rows, columns) = complements
                    .get_or_insert_with(|| (vec![0.0; values.len()], vec![0.0; values.len()]));
                complement(a, p, d, &mut rows[index * size..][..size]);
                complement(p, a, d, &mut columns[index * size..][..size]);
            }
        }
        Self {
            inverses,
            complements,
        }
    }
}

/// I − left right.
#[inline(always)]
fn complement(left: &[f64], right: &[f64], d: usize, out: &mut [f64]) {
    for i in 0..d {
        for j in 0..d {
            let product: f64 = (0..d).map(|k| left[i * d + k] * right[k * d + j]).sum();
            out[i * d + j] = f64::from(i == j) - product;
        }
    }
}

/// Below this product of Frobenius norms of A and of its inverse, elimination gives the
/// pseudo-inverse to full accuracy.
pub(crate) fn greatest_condition(rcond: f64) -> f64 {
    (0.5 / rcond).min(1e10)
}

/// The plain inverse by Gauss–Jordan elimination, which is the pseudo-inverse where no singular
/// value is small; false where that is not certain, or where elimination would lose digits.
#[inline(always)]
fn regular(a: &[f64], d: usize, rcond: f64, p: &mut [f64], work: &mut [f64]) -> bool {
    let work = &mut work[..d * d];
    work.copy_from_slice(a);
    p.fill(0.0);
    for i in 0..d {
        p[i * d + i] = 1.0;
    }
    for column in 0..d {
        let mut pivot = column;
        for row in column + 1..d {
            if work[row * d + column].abs() > work[pivot * d + column].abs() {
                pivot = row;
            }
        }
        let value = work[pivot * d + column];
        if value == 0.0 {
            return false;
        }
        if pivot != column {
            for j in 0..d {
                work.swap(pivot * d + j, column * d + j);
                p.swap(pivot * d + j, column * d + j);
            }
        }
        let scale = 1.0 / value;
        for j in 0..d {
            work[column * d + j] *= scale;
            p[column * d + j] *= scale;
        }
        for row in 0..d {
            let factor = work[row * d + column];
            if row != column {
                for j in 0..d {
                    work[row * d + j] -= factor * work[column * d + j];
                    p[row * d + j] -= factor * p[column * d + j];
                }
            }
        }
    }
    // The product of Frobenius norms bounds σ_max/σ_min from above.
    let square = |m: &[f64]| m.iter().map(|v| v * v).sum::<f64>();
    let condition = (square(a) * square(p)).sqrt();
    condition < greatest_condition(rcond)
}

/// The pseudo-inverse by one-sided Jacobi rotations (Hestenes 1958), which find small singular
/// values to full relative accuracy; returns the rank.
///
/// nalgebra's SVD is not used: for some singular matrices of d = 6 and more its factors are wrong in
/// the second digit (tests/all/pinv.rs).
#[inline(always)]
fn singular(a: &[f64], d: usize, rcond: f64, p: &mut [f64], work: &mut [f64]) -> usize {
    p.fill(0.0);
    let largest = a.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest == 0.0 {
        return 0;
    }
    // Columns of U = A V, made orthogonal by rotations of V.
    let (u, v) = work.split_at_mut(d * d);
    for i in 0..d {
        for j in 0..d {
            u[i * d + j] = a[i * d + j] / largest; // no square can overflow now
            v[i * d + j] = f64::from(i == j);
        }
    }
    const SWEEPS: usize = 60;
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for left in 0..d {
            for right in left + 1..d {
                let dot = |m: &[f64], i: usize, j: usize| -> f64 {
                    (0..d).map(|k| m[k * d + i] * m[k * d + j]).sum()
                };
                let (alpha, beta) = (dot(u, left, left), dot(u, right, right));
                let gamma = dot(u, left, right);
                if gamma.abs() <= f64::EPSILON * (alpha * beta).sqrt() {
                    continue;
                }
                rotated = true;
                let zeta = (beta - alpha) / (2.0 * gamma);
                let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = cosine * tangent;
                for m in [&mut *u, &mut *v] {
                    for k in 0..d {
                        let (l, r) = (m[k * d + left], m[k * d + right]);
                        m[k * d + left] = cosine * l - sine * r;
                        m[k * d + right] = sine * l + cosine * r;
                    }
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let norm = |j: usize, u: &[f64]| {
        (0..d)
            .map(|k| u[k * d + j] * u[k * d + j])
            .sum::<f64>()
            .sqrt()
    };
    let greatest = (0..d).map(|j| norm(j, u)).fold(0.0, f64::max);
    let mut rank = 0;
    for j in 0..d {
        let sigma = norm(j, u);
        if sigma <= rcond * greatest {
            continue;
        }
        rank += 1;
        for i in 0..d {
            for k in 0..d {
                p[i * d + k] += v[i * d + j] * (u[k * d + j] / sigma) / sigma / largest;
            }
        }
    }
    rank
}

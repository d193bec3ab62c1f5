//! Laws as affine recurrences.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A law r_t = A₁ r_{t−T} + … + A_T r_{t−1} + b of D coordinates: the prediction function of a theory.
///
/// Constants `[D, T·D + 1]`, for each coordinate those of the oldest position first and b last, as the paper's
/// feature order. Every motion by forces that are linear in position and velocity obeys one with T = 2 exactly,
/// whatever the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recurrence {
    dimension: usize,
    memory: usize,
    constants: Vec<f64>,
}

impl Recurrence {
    /// From its constants `[D, T·D + 1]`.
    ///
    /// # Errors
    /// [`Error::Request`] if the shape does not fit or a number is not finite.
    pub fn new(dimension: usize, memory: usize, constants: Vec<f64>) -> Result<Self, Error> {
        let expected = dimension * (memory * dimension + 1);
        if dimension == 0 || memory == 0 || constants.len() != expected {
            return Err(Error::Request(format!(
                "a law of {dimension} coordinates over {memory} past positions has {expected} constants, and at least one coordinate and one past position; {} were given",
                constants.len()
            )));
        }
        if let Some(at) = constants.iter().position(|c| !c.is_finite()) {
            return Err(Error::Request(format!(
                "constant {at} of a law, counted from 0, is not finite"
            )));
        }
        Ok(Self {
            dimension,
            memory,
            constants,
        })
    }

    /// Free motion, r_t = 2 r_{t−1} − r_{t−2}.
    pub fn inertia(dimension: usize) -> Self {
        let width = 2 * dimension + 1;
        let mut constants = vec![0.0; dimension * width];
        for d in 0..dimension {
            constants[d * width + d] = -1.0;
            constants[d * width + dimension + d] = 2.0;
        }
        Self {
            dimension,
            memory: 2,
            constants,
        }
    }

    /// D.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// T.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Constants of each coordinate, T·D + 1.
    pub fn width(&self) -> usize {
        self.memory * self.dimension + 1
    }

    /// `[D, T·D + 1]`.
    pub fn constants(&self) -> &[f64] {
        &self.constants
    }

    /// The prediction `[D]` for past positions `[T·D]`, oldest first.
    pub fn predict(&self, inputs: &[f64], output: &mut [f64]) {
        for (row, value) in self.constants.chunks_exact(self.width()).zip(output) {
            let (bias, slopes) = row.split_last().unwrap_or((&0.0, &[]));
            *value = bias + slopes.iter().zip(inputs).map(|(a, x)| a * x).sum::<f64>();
        }
    }

    /// The greatest difference from another law's constants; infinite if shapes differ.
    pub fn distance(&self, other: &Self) -> f64 {
        if self.constants.len() != other.constants.len() || self.dimension != other.dimension {
            return f64::INFINITY;
        }
        let pairs = self.constants.iter().zip(&other.constants);
        pairs.fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }

    /// How much noise of the positions is amplified in a prediction's error, √(1 + |A₁|² + …) for each
    /// coordinate `[D]`: positions of independent errors σ give errors σ times this.
    pub fn amplification(&self) -> Vec<f64> {
        let width = self.width();
        self.constants
            .chunks_exact(width)
            .map(|row| {
                let slopes = &row[..width - 1];
                (1.0 + slopes.iter().map(|a| a * a).sum::<f64>()).sqrt()
            })
            .collect()
    }

    /// The determinant of the map (r_{t−2}, r_{t−1}) ↦ (r_{t−1}, r_t), for T = 2 that of −A₁ with the sign of
    /// its place. A law that is a motion in continuous time has a positive one; a bounce, which turns space over,
    /// a negative one.
    pub fn orientation(&self) -> f64 {
        let (d, width) = (self.dimension, self.width());
        let oldest = DMatrix::from_fn(d, d, |i, j| self.constants[i * width + j]);
        let order = (self.memory - 1) * d * d;
        let sign = if order.is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * oldest.determinant()
    }

    /// Whether it can be a motion in continuous time that is seen often enough: the companion matrix turns by less
    /// than a quarter of π a step in every plane, and nothing halves or doubles in one step. A bounce is none, nor is
    /// a law that forgets where it came from, such as r_t = r_{t−1} + c.
    pub fn is_motion(&self) -> bool {
        let (d, t, width) = (self.dimension, self.memory, self.width());
        let size = t * d;
        let companion = DMatrix::from_fn(size, size, |i, j| {
            if i + d < size {
                f64::from(u8::from(j == i + d))
            } else {
                self.constants[(i + d - size) * width + j]
            }
        });
        let eigenvalues = companion.complex_eigenvalues();
        eigenvalues
            .iter()
            .all(|e| e.re >= e.im.abs() && e.re.hypot(e.im) > 0.2)
    }

    /// The law of a motion in continuous time of which this is a sample at steps of `step`: r̈ = K r + C ṙ + f,
    /// as `[D, 2·D + 1]`, for each coordinate K, C and f; by the logarithm of the companion matrix, exactly.
    ///
    /// None where T ≠ 2 or no real logarithm exists (a bounce).
    pub fn differential_equation(&self, step: f64) -> Option<Vec<f64>> {
        let (d, width) = (self.dimension, self.width());
        if self.memory != 2 || step <= 0.0 || self.orientation() <= 0.0 {
            return None;
        }
        let size = 2 * d + 1;
        let mut companion = DMatrix::<f64>::zeros(size, size);
        for i in 0..d {
            companion[(i, d + i)] = 1.0;
            for j in 0..2 * d {
                companion[(d + i, j)] = self.constants[i * width + j];
            }
            companion[(d + i, 2 * d)] = self.constants[i * width + 2 * d];
        }
        companion[(2 * d, 2 * d)] = 1.0;
        let generator = logarithm(companion)? / step;
        let block =
            |row: usize, column: usize| generator.view((row * d, column * d), (d, d)).into_owned();
        let offset = |row: usize| generator.view((row * d, 2 * d), (d, 1)).into_owned();
        // ṙ = G₂₁ r⁻ + G₂₂ r + g₂, with r⁻ the position one step before, gives r⁻ in terms of r and ṙ.
        let inverse = block(1, 0).try_inverse()?;
        let chain = block(1, 0) * block(0, 0) * inverse;
        let velocity = &chain + block(1, 1);
        let position = block(1, 0) * block(0, 1) - &chain * block(1, 1);
        let constant = block(1, 0) * offset(0) - &chain * offset(1);
        let mut law = Vec::with_capacity(d * size);
        for i in 0..d {
            law.extend((0..d).map(|j| position[(i, j)]));
            law.extend((0..d).map(|j| velocity[(i, j)]));
            law.push(constant[(i, 0)]);
        }
        law.iter().all(|c| c.is_finite()).then_some(law)
    }
}

/// The principal logarithm, by square roots (Denman & Beavers) until the matrix is near 1, then a series.
fn logarithm(mut matrix: DMatrix<f64>) -> Option<DMatrix<f64>> {
    let size = matrix.nrows();
    let one = DMatrix::<f64>::identity(size, size);
    let mut doublings = 0;
    while (&matrix - &one).norm() > 0.05 {
        let (mut root, mut inverse) = (matrix.clone(), one.clone());
        for _ in 0..60 {
            let next = (&root + inverse.clone().try_inverse()?) * 0.5;
            inverse = (&inverse + root.clone().try_inverse()?) * 0.5;
            let change = (&next - &root).norm();
            root = next;
            if change < 1e-15 * root.norm() {
                break;
            }
        }
        matrix = root;
        doublings += 1;
        if doublings > 30 {
            return None;
        }
    }
    // log(1 + X) = 2 artanh(Z) with Z = X (2 + X)⁻¹.
    let z = (&matrix - &one) * (&matrix + &one).try_inverse()?;
    let square = &z * &z;
    let (mut power, mut sum) = (z.clone(), z);
    for k in 1..20 {
        power = &power * &square;
        sum += &power / f64::from(2 * k + 1);
    }
    Some(sum * 2.0 * 2_f64.powi(doublings))
}

//! What a prediction's error costs, and what many theories' errors cost together.

use crate::description::log_plus;

/// The loss of one prediction's error u, a vector of D numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Core {
    /// Σ u².
    Squared,
    /// Σ ½ log₂(1 + (u/ε)²), bits at the precision floor ε: like squares below ε and like a logarithm above, so
    /// that what cannot be explained does not decide (Wu & Tegmark 2019, Section II.D).
    Bits {
        /// ε, in the unit of the predicted quantity.
        floor: f64,
    },
}

impl Core {
    /// ℓ(u).
    pub fn loss(self, error: &[f64]) -> f64 {
        match self {
            Self::Squared => error.iter().map(|u| u * u).sum(),
            Self::Bits { floor } => error.iter().map(|u| log_plus(u / floor)).sum(),
        }
    }

    /// ∂ℓ/∂(u²) of one component, the weight with which its square enters a majorising sum of squares.
    pub fn slope(self, u: f64) -> f64 {
        match self {
            Self::Squared => 1.0,
            Self::Bits { floor } => {
                0.5 * std::f64::consts::LOG2_E / (floor * floor + u * u).max(f64::MIN_POSITIVE)
            }
        }
    }
}

/// The generalised mean of order γ ≠ 0 of M losses, (1/M Σ ℓᵢ^γ)^(1/γ) (Eq. 2). γ = −1 is the harmonic mean, in
/// which the best theory decides; γ → −∞ is the least of them. An infinite γ gives the least or the greatest.
///
/// Computed relative to the least (γ < 0) or the greatest, so that no power overflows; where a loss is 0, it is 0
/// for γ < 0. Without losses it is 0.
///
/// ```
/// use mass_physicist::generalised_mean;
/// assert!((generalised_mean(&[1.0, 3.0], -1.0) - 1.5).abs() < 1e-15);
/// assert!((generalised_mean(&[1.0, 3.0], 1.0) - 2.0).abs() < 1e-15);
/// assert_eq!(generalised_mean(&[0.0, 3.0], -1.0), 0.0);
/// assert_eq!(generalised_mean(&[2.0, 3.0], f64::NEG_INFINITY), 2.0);
/// ```
pub fn generalised_mean(losses: &[f64], order: f64) -> f64 {
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = losses.iter().copied().fold(0.0, f64::max);
    let pivot = if order < 0.0 { least } else { greatest };
    if losses.is_empty() || pivot == 0.0 || order.is_infinite() || !pivot.is_finite() {
        return if losses.is_empty() { 0.0 } else { pivot };
    }
    let sum: f64 = losses.iter().map(|l| (l / pivot).powf(order)).sum();
    pivot * (sum / losses.len() as f64).powf(1.0 / order)
}

/// ∂L/∂ℓᵢ = 1/M (ℓᵢ/L)^(γ−1) of the generalised mean L, for each of M losses, into `weights` `[M]`.
///
/// Where the mean is 0 or the order infinite, the k losses that decide share the limit (k/M)^(1/γ) and the others have
/// none.
pub fn generalised_mean_weights(losses: &[f64], order: f64, weights: &mut [f64]) {
    let count = losses.len() as f64;
    let mean = generalised_mean(losses, order);
    if mean == 0.0 || order.is_infinite() {
        let pivot = if order.is_infinite() && order > 0.0 {
            losses.iter().copied().fold(0.0, f64::max)
        } else {
            losses.iter().copied().fold(f64::INFINITY, f64::min)
        };
        let ties = losses.iter().filter(|l| **l == pivot).count().max(1) as f64;
        let share = (ties / count).powf(1.0 / order) / ties;
        for (weight, loss) in weights.iter_mut().zip(losses) {
            *weight = if *loss == pivot { share } else { 0.0 };
        }
        return;
    }
    for (weight, loss) in weights.iter_mut().zip(losses) {
        let ratio = loss / mean;
        *weight = if order == -1.0 {
            1.0 / (ratio * ratio)
        } else {
            ratio.powf(order - 1.0)
        } / count;
    }
}

/// The precision floor after a training: the median over windows of the greatest error among the coordinates,
/// held within `[least, greatest]` (Section II.D; the paper's code holds it within 10⁻⁶ and 0.1).
///
/// `errors` `[N, D]`, of each window's own theory. Without windows it is `greatest`.
pub fn annealed_floor(errors: &[f64], dimension: usize, least: f64, greatest: f64) -> f64 {
    let mut sizes: Vec<f64> = errors
        .chunks_exact(dimension.max(1))
        .map(|error| error.iter().fold(0.0_f64, |most, u| most.max(u.abs())))
        .collect();
    if sizes.is_empty() {
        return greatest;
    }
    let middle = sizes.len() / 2;
    let (_, median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
    median.clamp(least, greatest)
}

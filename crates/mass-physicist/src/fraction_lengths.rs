//! How long a number is as ever finer fractions (Figure 3).

use serde::{Deserialize, Serialize};

use crate::{
    description::{rational_bits, real_bits},
    fraction::{convergents, fraction_value},
};

/// Numerators and denominators up to this, and so many terms.
const BOUND: i64 = 1_000_000_000;
const TERMS: usize = 40;

/// A number's K convergents, with the bits of each and of what it leaves.
///
/// # Example
/// ```
/// use mass_physicist::FractionLengths;
///
/// let nearly = FractionLengths::of("35/18, rounded", 1.944_444_44, 1e-14);
/// let (place, bits) = nearly.least().unwrap();
/// assert_eq!(nearly.fractions[place], (35, 18));
/// assert!(bits < 36.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FractionLengths {
    /// What the number is called.
    pub name: String,
    /// The convergents of its continued fraction, numerator and denominator, `[K]`.
    pub fractions: Vec<(i64, i64)>,
    /// Bits of each fraction, `[K]`.
    pub model: Vec<f64>,
    /// Bits of what it leaves of the number at the precision floor, `[K]`.
    pub data: Vec<f64>,
}

impl FractionLengths {
    /// Of a number that is known to `floor`.
    pub fn of(name: &str, number: f64, floor: f64) -> Self {
        let fractions = convergents(number, BOUND, TERMS);
        let each = fractions.iter();
        Self {
            name: name.to_string(),
            model: each
                .clone()
                .map(|f| rational_bits(*f.numer(), *f.denom() as u64))
                .collect(),
            data: each
                .clone()
                .map(|f| real_bits(number - fraction_value(*f), floor))
                .collect(),
            fractions: each.map(|f| (*f.numer(), *f.denom())).collect(),
        }
    }

    /// Bits of both together, `[K]`.
    pub fn sums(&self) -> Vec<f64> {
        let pairs = self.model.iter().zip(&self.data);
        pairs.map(|(model, data)| model + data).collect()
    }

    /// The place with the fewest, and these.
    pub fn least(&self) -> Option<(usize, f64)> {
        let sums = self.sums().into_iter().enumerate();
        sums.min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

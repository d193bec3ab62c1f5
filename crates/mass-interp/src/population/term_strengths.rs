//! How strongly many scientists use each term.

use mass_systems::{QuantileRule, quantile};
use serde::{Deserialize, Serialize};

use super::TermUse;
use crate::{readout::Reading, statistics::nullable};

/// How strongly scientists trained on one system use each term: E|a| of Fu et al. 2025, Figures 5, 8
/// and 13 to 15.
///
/// S scientists, T terms; NaN (`null` in a file) for a scientist that is on poles.
///
/// ```
/// use mass_interp::TermStrengths;
///
/// let strengths = TermStrengths {
///     system: "classical".to_string(),
///     seeds: vec![0, 1, 2],
///     correct: vec![true; 3],
///     strength: vec![1.0, 0.5, 2.0, 0.0, 3.0, 0.0],
/// };
/// assert_eq!(strengths.quantile(2, 0.5), [2.0, 0.0]);
/// assert_eq!(strengths.term_use(2).users, [3, 1]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermStrengths {
    /// Identifier of the system, `classical`.
    pub system: String,
    /// The scientists, `[S]`.
    pub seeds: Vec<u64>,
    /// Whether each is correct on the system, `[S]`.
    pub correct: Vec<bool>,
    /// E|a| over a batch of states, row-major `[S, T]`.
    #[serde(with = "nullable::single")]
    pub strength: Vec<f64>,
}

impl TermStrengths {
    /// The strengths of scientists at the states at which they were read; `seeds` and `correct` are
    /// theirs, in the same order.
    pub fn of(system: String, seeds: Vec<u64>, correct: Vec<bool>, readings: &[Reading]) -> Self {
        let sizes = |reading: &Reading| match reading.regular() {
            Ok(regular) => regular.activations().mean_abs(),
            Err(_) => vec![f64::NAN; reading.library().len()],
        };
        Self {
            system,
            seeds,
            correct,
            strength: readings.iter().flat_map(sizes).collect(),
        }
    }

    /// The strengths of each scientist, `[T]`.
    pub fn rows(&self, terms: usize) -> impl Iterator<Item = &[f64]> {
        self.strength.chunks(terms.max(1))
    }

    /// The same beside each scientist's strongest term, from 0 to 1; NaN for a scientist that is on poles, or uses no
    /// term.
    ///
    /// ```
    /// # let strengths = mass_interp::TermStrengths {
    /// #     system: "classical".to_string(),
    /// #     seeds: vec![0, 1],
    /// #     correct: vec![true; 2],
    /// #     strength: vec![1.0, 0.5, 2.0, 0.0],
    /// # };
    /// assert_eq!(strengths.relative(2).strength, [1.0, 0.5, 1.0, 0.0]);
    /// ```
    pub fn relative(&self, terms: usize) -> Self {
        let relative = |row: &[f64]| -> Vec<f64> {
            let largest = row.iter().copied().fold(0.0, f64::max);
            let whole = row.iter().all(|v| v.is_finite()) && largest > 0.0;
            let of = |v: &f64| if whole { v / largest } else { f64::NAN };
            row.iter().map(of).collect()
        };
        Self {
            strength: self.rows(terms).flat_map(relative).collect(),
            ..self.clone()
        }
    }

    /// Which terms are significant (99 %), and for how many.
    pub fn term_use(&self, terms: usize) -> TermUse {
        TermUse::of(&self.strength, terms, 0.99)
    }

    /// A quantile of each term over the scientists whose value is finite, `[T]`; NaN without one.
    pub fn quantile(&self, terms: usize, share: f64) -> Vec<f64> {
        let of = |term: usize| {
            let column = self.rows(terms).map(|row| row[term]);
            let values: Vec<f64> = column.filter(|v| v.is_finite()).collect();
            quantile(&values, share, QuantileRule::Nearest)
        };
        (0..terms).map(of).collect()
    }

    /// By how much the strength of a term varies between scientists: its ninth decile by its first,
    /// for each of the terms given.
    pub fn variation(&self, terms: usize, of: &[usize]) -> Vec<f64> {
        let [first, ninth] = [0.1, 0.9].map(|share| self.quantile(terms, share));
        of.iter().map(|term| ninth[*term] / first[*term]).collect()
    }
}

/// The places of the `count` largest of the positive values, ascending.
pub fn strongest_terms(values: &[f64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len())
        .filter(|i| values[*i].is_finite() && values[*i] > 0.0)
        .collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    order.truncate(count);
    order.sort_unstable();
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_ignore_what_is_not_finite() {
        let strengths = TermStrengths {
            system: "classical".into(),
            seeds: vec![0, 1, 2],
            correct: vec![true; 3],
            strength: vec![1.0, f64::NAN, 2.0, f64::NAN, 4.0, f64::NAN],
        };
        assert_eq!(strengths.quantile(2, 0.5)[0], 2.0);
        assert!(strengths.quantile(2, 0.5)[1].is_nan());
        assert_eq!(strengths.variation(2, &[0]), [4.0]);
        let mut doubled = strengths;
        doubled.strength.iter_mut().for_each(|v| *v *= 2.0);
        assert_eq!(doubled.variation(2, &[0]), [4.0], "8 by 2");
    }

    #[test]
    fn what_cannot_be_read_is_relative_to_nothing() {
        let strengths = TermStrengths {
            system: "classical".into(),
            seeds: vec![0, 1, 2],
            correct: vec![true; 3],
            strength: vec![4.0, 1.0, f64::NAN, 1.0, 0.0, 0.0],
        };
        let relative = strengths.relative(2);
        assert_eq!(relative.strength[..2], [1.0, 0.25]);
        assert!(relative.strength[2..].iter().all(|v| v.is_nan()));
        assert_eq!(relative.seeds, strengths.seeds);
    }

    #[test]
    fn the_largest_are_positive_and_in_order() {
        assert_eq!(strongest_terms(&[0.1, f64::NAN, 0.3, 0.2, 0.0], 2), [2, 3]);
        assert_eq!(strongest_terms(&[0.0], 2), [0; 0]);
    }
}

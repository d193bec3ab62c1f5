//! The one rule for quantiles: what stands at a share of a sorted list.

use std::cmp::Ordering;

/// What a quantile is where it falls between two values.
///
/// Of n values, sorted, with ranks counted from 0, the quantile of share p is at the rank
/// h = p (n − 1), so that p = 0 is the least value and p = 1 the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum QuantileRule {
    /// Between the neighbours of h by linear interpolation: type 7 of Hyndman & Fan 1996, what R,
    /// NumPy and pandas do unless told otherwise.
    #[default]
    Linear,
    /// The value whose rank is nearest to h, of two as near the upper one: always one of the values.
    /// The median of an even number of values is then the upper of the two in the middle.
    Nearest,
}

/// The quantile of a share of values in any order; NaN without values.
///
/// All values count, whether finite or not: −∞ is the least, +∞ the largest, and NaN, which is not
/// meant to be here, is beyond either. Leave out first what should not count.
///
/// # Panics
///
/// If `share` is not within [0, 1].
///
/// # Example
///
/// ```
/// use mass_systems::{QuantileRule, quantile};
///
/// let values = [4.0, 1.0, 3.0, 2.0];
/// assert_eq!(quantile(&values, 0.5, QuantileRule::Linear), 2.5);
/// assert_eq!(quantile(&values, 0.5, QuantileRule::Nearest), 3.0);
/// assert_eq!(quantile(&values, 0.25, QuantileRule::Linear), 1.75);
/// ```
pub fn quantile(values: &[f64], share: f64, rule: QuantileRule) -> f64 {
    assert!(
        (0.0..=1.0).contains(&share),
        "the share is {share}; it must be within [0, 1]"
    );
    if values.is_empty() {
        return f64::NAN;
    }
    let mut values = values.to_vec();
    let rank = share * (values.len() - 1) as f64;
    let mut at = |rank: f64| {
        let order: fn(&f64, &f64) -> Ordering = f64::total_cmp;
        *values.select_nth_unstable_by(rank as usize, order).1
    };
    match rule {
        QuantileRule::Nearest => at(rank.round()),
        QuantileRule::Linear => {
            let (below, above) = (at(rank.floor()), at(rank.ceil()));
            if below == above {
                below // two infinities have no difference
            } else {
                below + (above - below) * rank.fract()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_is_type_seven() {
        let of = |values: &[f64], share| quantile(values, share, QuantileRule::Linear);
        // R: quantile(c(1, 2, 4, 8), c(0, .1, .25, .5, .75, .9, 1), type = 7).
        let values = [8.0, 1.0, 4.0, 2.0];
        let expected = [1.0, 1.3, 1.75, 3.0, 5.0, 6.8, 8.0];
        for (share, expected) in [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0].iter().zip(expected) {
            let found = of(&values, *share);
            assert!((found - expected).abs() < 1e-14, "{share}: {found}");
        }
        assert_eq!(of(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(of(&[7.0], 0.3), 7.0);
    }

    #[test]
    fn nearest_is_one_of_the_values() {
        let of = |values: &[f64], share| quantile(values, share, QuantileRule::Nearest);
        let values = [40.0, 10.0, 30.0, 20.0];
        // Ranks 0, 0.3, 0.75, 1.5, 2.25, 2.7, 3.
        let expected = [10.0, 10.0, 20.0, 30.0, 30.0, 40.0, 40.0];
        for (share, expected) in [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0].iter().zip(expected) {
            assert_eq!(of(&values, *share), expected, "{share}");
        }
        assert_eq!(of(&[3.0, 1.0, 2.0], 0.5), 2.0);
    }

    #[test]
    fn what_is_not_finite_has_its_place() {
        let infinite = [1.0, f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY];
        assert_eq!(
            quantile(&infinite, 1.0, QuantileRule::Linear),
            f64::INFINITY
        );
        assert_eq!(
            quantile(&infinite, 0.9, QuantileRule::Linear),
            f64::INFINITY
        );
        assert_eq!(
            quantile(&infinite, 0.0, QuantileRule::Linear),
            f64::NEG_INFINITY
        );
        for rule in [QuantileRule::Linear, QuantileRule::Nearest] {
            assert!(quantile(&[], 0.5, rule).is_nan());
        }
    }

    #[test]
    #[should_panic = "the share is 1.5; it must be within [0, 1]"]
    fn a_share_beyond_all_is_refused() {
        quantile(&[1.0], 1.5, QuantileRule::Linear);
    }
}

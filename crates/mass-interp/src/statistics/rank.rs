//! What the order of numbers says, whatever their scale: for errors over decades, and counts.

use statrs::{
    distribution::{ContinuousCDF, StudentsT},
    statistics::{Data, OrderStatistics, RankTieBreaker},
    stats_tests::{
        Alternative,
        mannwhitneyu::{MannWhitneyUMethod, mannwhitneyu},
    },
};

use super::{Estimate, share::NORMAL_95, standardised};

/// Spearman's rank correlation of pairs, with its 95 % interval; ties share their mean rank. Pairs with a number that
/// is NaN are left out; infinite ones are the largest, and tie. [`Estimate::NONE`] of fewer than four pairs, and where
/// one side does not vary.
///
/// The interval is that of Fisher's z with variance (1 + ρ²/2) / (n − 3) (Bonett & Wright 2000); it has no bounds where
/// the order is wholly the same or the reverse, for there it says nothing.
///
/// # Panics
///
/// If the slices differ in length.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::rank_correlation;
///
/// let found = rank_correlation(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 10.0, 5.0, 1e9, 1e12]);
/// assert!((found.value - 0.9).abs() < 1e-12);
/// ```
pub fn rank_correlation(a: &[f64], b: &[f64]) -> Estimate {
    assert_eq!(a.len(), b.len(), "pairs");
    let pairs = a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.unzip();
    // statrs takes numbers for equal whose difference is zero, and that of two infinite ones is none.
    let ranks = |of: Vec<f64>| {
        let finite = of.into_iter().map(|value| value.clamp(f64::MIN, f64::MAX));
        let mut finite = Data::new(finite.collect::<Vec<_>>());
        standardised(&finite.ranks(RankTieBreaker::Average))
    };
    let n = a.len() as f64;
    let (true, Some(a), Some(b)) = (a.len() > 3, ranks(a), ranks(b)) else {
        return Estimate::NONE;
    };
    let products: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    let norm: f64 = a.iter().map(|a| a * a).sum();
    let value = (products / norm).clamp(-1.0, 1.0);
    if value.abs() > 1.0 - 1e-12 {
        return Estimate {
            value,
            ..Estimate::NONE
        };
    }
    let half = NORMAL_95 * ((1.0 + value * value / 2.0) / (n - 3.0)).sqrt();
    Estimate {
        value,
        low: (value.atanh() - half).tanh(),
        high: (value.atanh() + half).tanh(),
    }
}

/// The chance that a rank correlation of so many pairs is as far from zero, or farther, where nothing goes together: by
/// Student's t with two degrees of freedom less, which is rough for fewer than ten. 1 of fewer than four pairs, and of no
/// correlation (NaN).
///
/// # Example
///
/// ```
/// use mass_interp::statistics::correlation_chance;
///
/// assert!(correlation_chance(-0.5, 100) < 1e-6 && correlation_chance(-0.5, 10) > 0.1);
/// ```
pub fn correlation_chance(correlation: f64, pairs: usize) -> f64 {
    if correlation.is_nan() {
        return 1.0;
    }
    let free = pairs as f64 - 2.0;
    let rest = 1.0 - correlation * correlation;
    match StudentsT::new(0.0, 1.0, free) {
        Ok(law) if pairs > 3 && rest > 0.0 => {
            2.0 * law.sf(correlation.abs() * (free / rest).sqrt())
        }
        Ok(_) if pairs > 3 => 0.0,
        _ => 1.0,
    }
}

/// Whether the numbers of one group are greater than those of another, by their order alone.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RankSum {
    /// The chance that one of the group has a greater number than one of the others, ties by half: 1/2 if they do not
    /// differ.
    pub greater: f64,
    /// The chance of being so far from 1/2, or farther, on either side, if they did not differ.
    pub chance: f64,
}

impl RankSum {
    /// The test of Mann and Whitney (1947) of a group against others; NaN are left out. `None` if nobody is left in
    /// one of the two, or all numbers are equal.
    ///
    /// By the normal approximation, with ties and the correction for continuity: with fewer than ten on a side the
    /// chance is rough, and below 1e-15 it is 0.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::statistics::RankSum;
    ///
    /// let found = RankSum::of(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0]).unwrap();
    /// assert_eq!(found.greater, 1.0);
    /// ```
    pub fn of(group: &[f64], others: &[f64]) -> Option<Self> {
        let known = |of: &[f64]| -> Vec<f64> {
            let of = of.iter().copied();
            of.filter(|value| !value.is_nan()).collect()
        };
        let (group, others) = (known(group), known(others));
        let first = group.first().or(others.first())?;
        if group.iter().chain(&others).all(|value| value == first) {
            return None;
        }
        let how = MannWhitneyUMethod::AsymptoticInclContinuityCorrection;
        let (u, chance) = mannwhitneyu(&group, &others, how, Alternative::TwoSided).ok()?;
        Some(Self {
            greater: u / (group.len() * others.len()) as f64,
            chance,
        })
    }
}

/// Holm's (1979) correction: chances as they are when one looks at all of these tests, in the order given. The chance
/// of calling any of them a finding below a limit stays below it.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::holm;
///
/// assert_eq!(holm(&[0.25, 0.125, 0.5]), [0.5, 0.375, 0.5]);
/// ```
pub fn holm(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let mut corrected = vec![0.0; chances.len()];
    let mut most: f64 = 0.0;
    for (place, test) in order.into_iter().enumerate() {
        let left = (chances.len() - place) as f64;
        most = most.max((left * chances[test]).min(1.0));
        corrected[test] = most;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    #[test]
    fn correlations_are_scipys() {
        // scipy.stats.spearmanr([1, 2, 2, 4, 7, 3], [3, 1, 4, 4, 9, 5]) = 0.7794117647058825.
        let (a, b) = (
            [1.0, 2.0, 2.0, 4.0, 7.0, 3.0],
            [3.0, 1.0, 4.0, 4.0, 9.0, 5.0],
        );
        let found = rank_correlation(&a, &b);
        assert_abs_diff_eq!(found.value, 0.779_411_764_705_882_5, epsilon = 1e-12);
        // tanh(atanh(ρ) ± 1.959964 √((1 + ρ²/2) / 3)), by NumPy.
        assert_abs_diff_eq!(found.low, -0.243_218, epsilon = 1e-6);
        assert_abs_diff_eq!(found.high, 0.981_464, epsilon = 1e-6);
        // Its p-value, there by the same law.
        assert_abs_diff_eq!(
            correlation_chance(found.value, 6),
            0.067_621_9,
            epsilon = 1e-6
        );
        assert_eq!(correlation_chance(-1.0, 6), 0.0);
        assert_eq!(correlation_chance(1.0, 3), 1.0);
        assert_eq!(correlation_chance(f64::NAN, 6), 1.0);
        // A scale says nothing, and an error without bounds is the largest.
        let far = b.map(|b: f64| if b == 9.0 { f64::INFINITY } else { b.exp() });
        assert_eq!(rank_correlation(&a, &far), found);
        let with = |a: &[f64; 6], one: f64| [&a[..], &[one]].concat();
        assert_eq!(rank_correlation(&with(&a, f64::NAN), &with(&b, 1.0)), found);
        let several = [f64::INFINITY, 1.0, f64::INFINITY, 2.0, 3.0, f64::INFINITY];
        let large = several.map(|value: f64| value.min(9.0));
        assert_eq!(rank_correlation(&a, &several), rank_correlation(&a, &large));
        assert!(rank_correlation(&a, &[f64::INFINITY; 6]).value.is_nan());
        let same = rank_correlation(&a, &a);
        assert!(same.value > 1.0 - 1e-12 && same.low.is_nan() && same.high.is_nan());
        assert!(rank_correlation(&a, &[1.0; 6]).value.is_nan());
        assert!(rank_correlation(&a[..3], &b[..3]).value.is_nan());
        let turned = b.map(|b| -b);
        assert_abs_diff_eq!(
            rank_correlation(&a, &turned).value,
            -found.value,
            epsilon = 1e-12
        );
    }

    #[test]
    fn groups_are_told_apart_as_by_scipy() {
        // scipy.stats.mannwhitneyu([3, 5, 5, 8], [1, 2, 5, 4, 0, 3], method="asymptotic"): 20.5, 0.08326.
        let found = RankSum::of(&[3.0, 5.0, 5.0, 8.0], &[1.0, 2.0, 5.0, 4.0, 0.0, 3.0]).unwrap();
        assert_abs_diff_eq!(found.greater, 20.5 / 24.0, epsilon = 1e-12);
        assert_abs_diff_eq!(found.chance, 0.083_264_5, epsilon = 1e-6);
        assert!(RankSum::of(&[], &[1.0]).is_none());
        assert!(RankSum::of(&[f64::NAN], &[1.0, 2.0]).is_none());
        assert!(RankSum::of(&[1.0, 1.0], &[1.0]).is_none());
    }

    #[test]
    fn corrected_chances_keep_their_order() {
        // statsmodels' multipletests(..., method="holm").
        let found = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in found.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert_abs_diff_eq!(*found, expected, epsilon = 1e-12);
        }
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}

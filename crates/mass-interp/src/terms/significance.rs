//! Which terms matter: the fewest whose sizes reach a fraction of the total.

use mass_terms::Mask;
use serde::{Deserialize, Serialize};

use super::grouping::Grouping;
use crate::error::{Error, check_length};

/// Relative rounding error that a sum may have: 99 of 100 equal sizes reach 99 %.
const ROUNDING: f64 = 1e-12;

/// The significant ones among a list of sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Significant {
    /// Their indices, by falling size; equal sizes by rising index.
    pub indices: Vec<usize>,
    /// Their sizes, in the same order.
    pub sizes: Vec<f64>,
    /// The sum of all sizes.
    pub total: f64,
}

impl Significant {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.indices.len()
    }

    /// The share of the total that they reach together; at least the fraction asked for.
    pub fn share(&self) -> f64 {
        (self.sizes.iter().sum::<f64>() / self.total).min(1.0)
    }
}

/// The fewest items, by falling size, whose sizes reach `fraction` of the total
/// (Fu et al. 2025, Section IV: 0.99 in Figures 3, 5 and 7, 0.95 in Figure 10).
///
/// Zeros are never significant. A sum within 1e-12 of the fraction has reached it.
///
/// # Errors
///
/// [`Error::Fraction`] for a fraction outside (0, 1], [`Error::Size`] for a size that is negative or
/// not finite, [`Error::NoTotal`] if all sizes are zero or there are none.
///
/// # Example
///
/// ```
/// use mass_interp::significant;
///
/// let terms = significant(&[0.1, 6.0, 0.4, 3.5], 0.95)?;
/// assert_eq!(terms.indices, [1, 3]); // 9.5 of 10
/// assert_eq!(terms.share(), 0.95);
/// # Ok::<(), mass_interp::Error>(())
/// ```
pub fn significant(sizes: &[f64], fraction: f64) -> Result<Significant, Error> {
    if !(fraction > 0.0 && fraction <= 1.0) {
        return Err(Error::Fraction { found: fraction });
    }
    let bad = |size: &f64| !(size.is_finite() && *size >= 0.0);
    if let Some(index) = sizes.iter().position(bad) {
        return Err(Error::Size {
            index,
            found: sizes[index],
        });
    }
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|i, j| sizes[*j].total_cmp(&sizes[*i]).then(i.cmp(j)));
    // Summed in this order, so that the total does not depend on how the terms are listed.
    let total: f64 = order.iter().map(|index| sizes[*index]).sum();
    if total == 0.0 {
        return Err(Error::NoTotal { count: sizes.len() });
    }
    if total.is_infinite() {
        return Err(Error::NotFinite {
            what: "the sum of the sizes".to_string(),
            found: total,
        });
    }
    let enough = fraction * total * (1.0 - ROUNDING);
    let mut reached = 0.0;
    let mut count = 0;
    while reached < enough && count < order.len() {
        reached += sizes[order[count]];
        count += 1;
    }
    order.truncate(count);
    Ok(Significant {
        sizes: order.iter().map(|index| sizes[*index]).collect(),
        indices: order,
        total,
    })
}

/// What the paper's "norm of the weights" is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightNorm {
    /// The size of a weight is |w|: significant terms reach a fraction of ‖w‖₁. The reading taken
    /// here, as it is that of the activations.
    #[default]
    L1,
    /// The size of a weight is w²: significant terms reach a fraction of ‖w‖₂².
    L2,
}

impl WeightNorm {
    /// The size of each weight.
    pub fn sizes(self, weights: &[f64]) -> Vec<f64> {
        let size = |weight: &f64| match self {
            WeightNorm::L1 => weight.abs(),
            WeightNorm::L2 => weight * weight,
        };
        weights.iter().map(size).collect()
    }
}

/// Which weights of a shared layer are significant (Fu et al. 2025, Figure 3).
///
/// # Example
///
/// ```
/// use mass_interp::{Counting, Grouping, WeightSignificance};
/// use mass_terms::{Library, Mask};
///
/// let library = Library::standard();
/// let mut weights = vec![0.0; 172];
/// weights[library.find("Sx")?] = -1.0;
/// weights[library.find("Sxx Syy x")?] = 0.5;
/// weights[library.find("Syy Sxx x")?] = -0.5; // the same function in one dimension: they cancel
///
/// let mask = Mask::released(&library);
/// let listed = WeightSignificance::new(mask.clone(), Grouping::listed(172));
/// assert_eq!(listed.of(&weights)?.count(), 3);
/// let merged = WeightSignificance::new(mask, Grouping::of(Counting::Merged, &library, 1));
/// assert_eq!(merged.of(&weights)?.count(), 1);
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightSignificance {
    /// Terms that are off count as zero: their weights do nothing, whatever they are.
    pub mask: Mask,
    /// What counts as one term; of a group it is the signed sum of the weights that has a size.
    pub grouping: Grouping,
    /// What the size of a weight is.
    pub norm: WeightNorm,
    /// The fraction of the total to reach.
    pub fraction: f64,
}

impl WeightSignificance {
    /// By |w|, to 99 % of the total.
    pub fn new(mask: Mask, grouping: Grouping) -> Self {
        Self {
            mask,
            grouping,
            norm: WeightNorm::L1,
            fraction: 0.99,
        }
    }

    /// The significant ones among `weights` `[T]`; the indices are those of the grouping's groups.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if mask, grouping and weights are not of one length, else as
    /// [`significant`].
    pub fn of(&self, weights: &[f64]) -> Result<Significant, Error> {
        check_length("the mask", self.mask.len(), self.grouping.terms())?;
        check_length("the list of weights", weights.len(), self.mask.len())?;
        let on = self.mask.iter().zip(weights);
        let weights: Vec<f64> = on.map(|(on, w)| if on { *w } else { 0.0 }).collect();
        significant(
            &self.norm.sizes(&self.grouping.sum(&weights)?),
            self.fraction,
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let all = significant(&[3.0, 0.0, 1.0, 4.0], 1.0).unwrap();
        assert_eq!(
            (all.indices.as_slice(), all.total, all.share()),
            (&[3, 0, 2][..], 8.0, 1.0)
        );
        // 4 + 3 = 7 of 8 is 87.5 %, exactly enough.
        let enough = significant(&[3.0, 0.0, 1.0, 4.0], 0.875).unwrap();
        assert_eq!(
            (enough.indices.as_slice(), enough.share()),
            (&[3, 0][..], 0.875)
        );
        assert_eq!(
            significant(&[3.0, 0.0, 1.0, 4.0], 0.876).unwrap().count(),
            3
        );
        // Ties go by index.
        assert_eq!(significant(&[1.0; 4], 0.5).unwrap().indices, [0, 1]);
        // 0.99 is no binary fraction, and neither is 0.1; 99 of 100 equal sizes are 99 % all the same.
        assert_eq!(significant(&[0.1; 100], 0.99).unwrap().count(), 99);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for fraction in [0.0, -0.5, 1.0 + 1e-9, f64::NAN] {
            let error = significant(&[1.0], fraction).unwrap_err();
            assert!(matches!(error, Error::Fraction { .. }), "{error}");
        }
        for size in [f64::NAN, f64::INFINITY, -1.0] {
            let error = significant(&[1.0, size], 0.9).unwrap_err();
            assert!(matches!(error, Error::Size { index: 1, .. }), "{error}");
        }
        for sizes in [&[0.0, 0.0][..], &[]] {
            let error = significant(sizes, 0.9).unwrap_err();
            assert!(matches!(error, Error::NoTotal { .. }), "{error}");
        }
        assert!(matches!(
            significant(&[f64::MAX, f64::MAX], 0.9),
            Err(Error::NotFinite { .. })
        ));
    }

    #[test]
    fn a_sum_within_rounding_has_reached_it() {
        // ½ less 4e-13 of the whole is enough, less 4e-12 is not.
        for (short, count) in [(4e-13, 1), (4e-12, 2)] {
            let found = significant(&[1.0 - short, 1.0], 0.5).unwrap();
            assert_eq!(found.indices[0], 1);
            assert_eq!(found.count(), 1);
            let found = significant(&[0.5 - short, 0.25, 0.25 + short], 0.5).unwrap();
            assert_eq!(found.count(), count, "{short}");
            assert_eq!(found.sizes.len(), count);
        }
        // At the edge itself it has: these make 2 in floating point too, of which the first is ½ less 1e-12.
        let edge = [1.0 - 1e-12, 0.5 + 5e-13, 0.5 + 5e-13];
        assert_eq!(significant(&edge, 0.5).unwrap().count(), 1);
        let all = significant(&[0.1; 3], 1.0).unwrap();
        assert!(all.count() == 3 && all.share() <= 1.0);
    }

    #[test]
    fn the_two_norms_differ() {
        // |w|: 10 + 9·1, 99 % needs all; w²: 100 + 9, 90 % needs the first alone.
        let mut weights = vec![-1.0; 9];
        weights.push(10.0);
        let mut by = WeightSignificance::new(Mask::all(10), Grouping::listed(10));
        assert_eq!(by.of(&weights).unwrap().count(), 10);
        by.norm = WeightNorm::L2;
        by.fraction = 0.9;
        assert_eq!(by.of(&weights).unwrap().indices, [9]);
    }

    #[test]
    fn a_masked_weight_counts_as_zero() {
        let mask: Mask = [true, false, true].into_iter().collect();
        let by = WeightSignificance::new(mask, Grouping::listed(3));
        assert_eq!(by.of(&[1.0, 1e6, -2.0]).unwrap().indices, [2, 0]);
        let error = by.of(&[1.0]).unwrap_err().to_string();
        assert_eq!(error, "the list of weights has length 1; it must be 3");
    }

    proptest! {
        #[test]
        fn permuting_and_scaling_change_nothing(
            sizes in prop::collection::vec(0.0..1.0f64, 1..40),
            fraction in 0.01..1.0f64,
            exponent in -40..40i32,
            turn in 0..40usize,
        ) {
            prop_assume!(sizes.iter().any(|size| *size > 0.0));
            let found = significant(&sizes, fraction).unwrap();

            let scaled: Vec<f64> = sizes.iter().map(|size| size * 2f64.powi(exponent)).collect();
            prop_assert_eq!(&significant(&scaled, fraction).unwrap().indices, &found.indices);

            let mut turned = sizes.clone();
            turned.rotate_left(turn % sizes.len());
            let back: Vec<usize> = significant(&turned, fraction).unwrap().indices
                .iter().map(|index| (index + turn) % sizes.len()).collect();
            // Sizes drawn at random hold no ties but those of zeros, which are never significant.
            prop_assert_eq!(&back, &found.indices);
        }

        #[test]
        fn no_fewer_would_do(
            sizes in prop::collection::vec(0.0..1.0f64, 1..30),
            fraction in 0.01..=1.0f64,
        ) {
            prop_assume!(sizes.iter().any(|size| *size > 0.0));
            let found = significant(&sizes, fraction).unwrap();
            prop_assert!(found.share() >= fraction - 1e-9);
            let without_last: f64 = found.sizes[..found.count() - 1].iter().sum();
            prop_assert!(without_last < fraction * found.total);
            prop_assert!(found.sizes.is_sorted_by(|a, b| a >= b));
        }
    }
}

//! Hierarchical clustering of columns by their correlations.

use kodama::{Method, linkage};
use serde::{Deserialize, Serialize};

use super::correlation::Correlation;
use crate::error::{Error, none};

/// How far apart two columns are, from their correlation r.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distance {
    /// 1 − |r|: columns that are the same up to a factor are together, whatever its sign.
    ///
    /// The reading taken here. The paper finds one cluster for each of the vectors y, S_x and x
    /// (Section IV); activations of one vector come with weights of either sign, so its clusters
    /// cannot have been told apart by the sign of r.
    #[default]
    Absolute,
    /// 1 − r: columns of opposite sign are as far apart as can be.
    Signed,
    /// The Euclidean distance between the rows of the correlation matrix, which is what seaborn's
    /// `clustermap` draws: columns are near if they correlate alike with all others.
    Rows,
}

impl Distance {
    fn between(self, correlation: &Correlation, i: usize, j: usize) -> f64 {
        match self {
            Distance::Absolute => 1.0 - correlation.get(i, j).abs(),
            Distance::Signed => 1.0 - correlation.get(i, j),
            Distance::Rows => {
                let rows = correlation.row(i).iter().zip(correlation.row(j));
                rows.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
            }
        }
    }
}

/// A step of the linkage: two clusters merged into one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkageStep {
    /// The cluster with the smaller label: a column below C, or C + i for the result of merge i.
    pub left: usize,
    /// The other one.
    pub right: usize,
    /// The mean distance between their columns.
    pub height: f64,
    /// Columns in the result.
    pub size: usize,
}

/// The tree of C columns by average linkage: C − 1 merges, by rising height.
///
/// # Example
///
/// ```
/// use mass_interp::{Clustering, Correlation, Distance};
///
/// // Columns 0 and 2 differ by a factor −3, and so do columns 1 and 3.
/// let columns = [
///     vec![1.0, 2.0, 3.0, 4.0], vec![1.0, -1.0, -1.0, 1.0],
///     vec![-3.0, -6.0, -9.0, -12.0], vec![-3.0, 3.0, 3.0, -3.0],
/// ];
/// let tree = Clustering::of(&Correlation::of(&columns)?, Distance::Absolute)?;
/// assert_eq!(tree.leaf_order(), [0, 2, 1, 3]);
/// assert_eq!(tree.cut(0.5), [0, 1, 0, 1]);
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clustering {
    columns: usize,
    merges: Vec<LinkageStep>,
}

impl Clustering {
    /// Clusters the columns of a correlation matrix.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are no columns.
    pub fn of(correlation: &Correlation, distance: Distance) -> Result<Self, Error> {
        Self::by(correlation.size(), |i, j| {
            distance.between(correlation, i, j)
        })
    }

    /// Clusters `columns` things that are `apart(i, j)` from each other, i < j.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are none, [`Error::NotFinite`] for a distance that is not finite.
    pub fn by(columns: usize, apart: impl Fn(usize, usize) -> f64) -> Result<Self, Error> {
        if columns == 0 {
            return Err(none("the list of what is to be clustered"));
        }
        let mut condensed: Vec<f64> = (0..columns)
            .flat_map(|i| (i + 1..columns).map(move |j| (i, j)))
            .map(|(i, j)| apart(i, j))
            .collect();
        if let Some(bad) = condensed.iter().find(|distance| !distance.is_finite()) {
            return Err(Error::NotFinite {
                what: "a distance".to_string(),
                found: *bad,
            });
        }
        let tree = linkage(&mut condensed, columns, Method::Average);
        let merges = tree.steps().iter().map(|step| LinkageStep {
            left: step.cluster1,
            right: step.cluster2,
            height: step.dissimilarity,
            size: step.size,
        });
        Ok(Self {
            columns,
            merges: merges.collect(),
        })
    }

    /// Number of columns, C.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The merges, by rising height.
    pub fn merges(&self) -> &[LinkageStep] {
        &self.merges
    }

    /// The merges as rows of SciPy's linkage matrix: left, right, height, size.
    pub fn scipy_rows(&self) -> Vec<[f64; 4]> {
        let row = |m: &LinkageStep| [m.left as f64, m.right as f64, m.height, m.size as f64];
        self.merges.iter().map(row).collect()
    }

    /// The same with the columns numbered as they stand in [`Clustering::leaf_order`]: for a tree above
    /// columns that are in that order.
    pub fn scipy_rows_in_order(&self) -> Vec<[f64; 4]> {
        let mut places = vec![0; self.columns];
        for (place, column) in self.leaf_order().into_iter().enumerate() {
            places[column] = place;
        }
        let label = |label: f64| {
            places
                .get(label as usize)
                .map_or(label, |place| *place as f64)
        };
        let rows = self.scipy_rows().into_iter();
        rows.map(|[left, right, height, size]| [label(left), label(right), height, size])
            .collect()
    }

    /// The columns from left to right as the tree is drawn, the smaller label on the left; the same
    /// as SciPy's `leaves_list`.
    pub fn leaf_order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.columns);
        let mut left_to_visit = vec![2 * self.columns - 2];
        while let Some(label) = left_to_visit.pop() {
            match label.checked_sub(self.columns) {
                None => order.push(label),
                Some(merge) => {
                    left_to_visit.push(self.merges[merge].right);
                    left_to_visit.push(self.merges[merge].left);
                }
            }
        }
        order
    }

    /// Flat clusters: the cluster of each column, `[C]`, where no merge above `height` is made.
    ///
    /// Clusters are numbered from 0 along [`Clustering::leaf_order`].
    pub fn cut(&self, height: f64) -> Vec<usize> {
        // The cluster that each label ends up in, from the last merge down.
        let mut top: Vec<usize> = (0..self.columns + self.merges.len()).collect();
        for (index, merge) in self.merges.iter().enumerate().rev() {
            if merge.height <= height {
                let root = top[self.columns + index];
                top[merge.left] = root;
                top[merge.right] = root;
            }
        }
        let mut seen = Vec::new();
        let mut clusters = vec![0; self.columns];
        for column in self.leaf_order() {
            let known = seen.iter().position(|label| *label == top[column]);
            clusters[column] = known.unwrap_or_else(|| {
                seen.push(top[column]);
                seen.len() - 1
            });
        }
        clusters
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_column_is_a_tree() {
        let one = Correlation::of(&[vec![1.0, 2.0]]).unwrap();
        let tree = Clustering::of(&one, Distance::Absolute).unwrap();
        assert_eq!((tree.leaf_order(), tree.cut(0.0)), (vec![0], vec![0]));
        assert!(tree.merges().is_empty());
        let none = one.ordered(&[]).unwrap();
        assert!(Clustering::of(&none, Distance::Absolute).is_err());
    }

    #[test]
    fn columns_in_order_are_numbered_from_left_to_right() {
        // The first and the last go together.
        let (x, y) = (vec![1.0, 2.0, 3.0, 5.0], vec![1.0, -1.0, 1.0, -1.0]);
        let r = Correlation::of(&[x.clone(), y, x]).unwrap();
        let tree = Clustering::of(&r, Distance::Absolute).unwrap();
        let order = tree.leaf_order();
        let rows = tree
            .scipy_rows()
            .into_iter()
            .zip(tree.scipy_rows_in_order());
        for (row, in_order) in rows {
            for side in 0..2 {
                let column = order.get(in_order[side] as usize);
                assert_eq!(
                    row[side] as usize,
                    *column.unwrap_or(&(in_order[side] as usize))
                );
            }
            assert_eq!(row[2..], in_order[2..]);
        }
    }

    #[test]
    fn the_sign_separates_only_if_asked_to() {
        let x = vec![1.0, 2.0, 3.0, 5.0];
        let minus: Vec<f64> = x.iter().map(|v| -v).collect();
        let r = Correlation::of(&[x.clone(), minus, x]).unwrap();
        let cut = |distance| Clustering::of(&r, distance).unwrap().cut(0.5);
        assert_eq!(cut(Distance::Absolute), [0, 0, 0]);
        assert_eq!(cut(Distance::Signed)[0], cut(Distance::Signed)[2]);
        assert_ne!(cut(Distance::Signed)[0], cut(Distance::Signed)[1]);
        assert_ne!(cut(Distance::Rows)[0], cut(Distance::Rows)[1]);
    }

    proptest! {
        /// Three independent waves, each column one of them times a factor.
        #[test]
        fn perfectly_correlated_columns_are_contiguous(
            kinds in prop::collection::vec((0..3usize, prop_oneof![-5.0..-0.1f64, 0.1..5.0f64]), 1..20),
        ) {
            let wave = |kind: usize, t: usize| {
                ((t * (2 * kind + 1)) as f64 * 0.37 + kind as f64).sin()
            };
            let columns: Vec<Vec<f64>> = kinds
                .iter()
                .map(|(kind, factor)| (0..50).map(|t| factor * wave(*kind, t)).collect())
                .collect();
            let r = Correlation::of(&columns).unwrap();
            let groups = |distance: Distance, key: &dyn Fn(usize) -> (usize, bool)| {
                let tree = Clustering::of(&r, distance).unwrap();
                let order = tree.leaf_order();
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..kinds.len()).collect::<Vec<_>>(), "a permutation");
                let keys: Vec<_> = order.iter().map(|column| key(*column)).collect();
                let mut runs = keys.clone();
                runs.dedup();
                let mut distinct = keys;
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(runs.len(), distinct.len(), "{distance:?}: {runs:?}");
                let clusters = tree.cut(1e-6);
                for i in 0..kinds.len() {
                    for j in 0..i {
                        assert_eq!(clusters[i] == clusters[j], key(i) == key(j));
                    }
                }
                assert!(tree.merges().is_sorted_by(|a, b| a.height <= b.height));
            };
            groups(Distance::Absolute, &|column| (kinds[column].0, true));
            groups(Distance::Signed, &|column| (kinds[column].0, kinds[column].1 > 0.0));
            groups(Distance::Rows, &|column| (kinds[column].0, kinds[column].1 > 0.0));
        }
    }
}

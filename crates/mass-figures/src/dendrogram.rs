//! The tree of a clustering, above the columns of a matrix.

use crate::error::{DrawError, same_length};
use crate::panel::Panel;
use crate::style::INK;

/// A tree over leaves that stand beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Dendrogram {
    leaves: usize,
    joints: Vec<Joint>,
}

/// A merge: the middles and heights of its two sides, and its own height.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Joint {
    left: (f64, f64),
    right: (f64, f64),
    height: f64,
}

impl Dendrogram {
    /// The tree of a figure's field `linkage`: merges as SciPy writes them (cluster, cluster, distance,
    /// size), one fewer than there are leaves, or none for no tree. Cluster i < n is leaf i, cluster
    /// n + k what merge k made.
    ///
    /// # Errors
    /// Merges that are no tree, or one whose clusters are not runs of neighbours.
    pub fn new(linkage: &[[f64; 4]], leaves: usize) -> Result<Self, DrawError> {
        let wrong = |expected: &str, found: String| DrawError::shape("linkage", expected, found);
        if linkage.is_empty() || leaves == 0 {
            return Ok(Self {
                leaves,
                joints: Vec::new(),
            });
        }
        same_length(
            "`order` less one",
            leaves - 1,
            &[("linkage", linkage.len())],
        )?;
        // First and last leaf, middle, height; `None` once merged into another.
        let mut clusters: Vec<Option<(usize, usize, f64, f64)>> = (0..leaves)
            .map(|leaf| Some((leaf, leaf, leaf as f64, 0.0)))
            .collect();
        let mut joints = Vec::new();
        for (row, [a, b, height, _]) in linkage.iter().enumerate() {
            let mut take = |id: f64| {
                let whole = id >= 0.0 && id.fract() == 0.0;
                let known = clusters.get_mut(id as usize).filter(|_| whole);
                let found = format!("merges {id} in row {row}");
                known
                    .and_then(Option::take)
                    .ok_or_else(|| wrong("a tree, each cluster merged once", found))
            };
            let (one, other) = (take(*a)?, take(*b)?);
            let (left, right) = match one.0 < other.0 {
                true => (one, other),
                false => (other, one),
            };
            if left.1 + 1 != right.0 {
                return Err(wrong(
                    "over the places of `order`, so that every cluster is a run of neighbours",
                    format!(
                        "joins {}–{} to {}–{} in row {row}",
                        left.0, left.1, right.0, right.1
                    ),
                ));
            }
            if !height.is_finite() {
                return Err(wrong(
                    "made of finite distances",
                    format!("{height} in row {row}"),
                ));
            }
            clusters.push(Some((left.0, right.1, (left.2 + right.2) / 2.0, *height)));
            joints.push(Joint {
                left: (left.2, left.3),
                right: (right.2, right.3),
                height: *height,
            });
        }
        Ok(Self { leaves, joints })
    }

    /// Has it no merge?
    pub fn is_empty(&self) -> bool {
        self.joints.is_empty()
    }
}

impl Panel<'_> {
    /// Draws a tree above the panel, its leaves over the panel's columns, the highest merge `height`
    /// pixels up.
    pub fn dendrogram(&mut self, tree: &Dendrogram, height: f64) -> &mut Self {
        let ((left, right), top) = (self.frame.across, self.frame.down.0);
        let pitch = (right - left) / tree.leaves as f64;
        let heights = tree.joints.iter().map(|joint| joint.height);
        let farthest = heights.fold(0.0, f64::max);
        let scale = if farthest > 0.0 {
            height / farthest
        } else {
            0.0
        };
        for joint in &tree.joints {
            let x = |place: f64| left + (place + 0.5) * pitch;
            let y = |height: f64| top - 6.0 - height * scale;
            let ((a, low_a), (b, low_b)) = (joint.left, joint.right);
            let corners = [
                (x(a), y(low_a)),
                (x(a), y(joint.height)),
                (x(b), y(joint.height)),
                (x(b), y(low_b)),
            ];
            self.sheet.line(&corners, INK, 1.0);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_over_other_leaves_is_refused() {
        let crossed = [[0.0, 2.0, 0.1, 2.0], [1.0, 3.0, 0.2, 3.0]];
        let error = Dendrogram::new(&crossed, 3).unwrap_err().to_string();
        assert!(
            error.contains("over the places of `order`") && error.contains("row 0"),
            "{error}"
        );
        let twice = [[0.0, 1.0, 0.1, 2.0], [1.0, 2.0, 0.2, 3.0]];
        assert!(
            Dendrogram::new(&twice, 3)
                .unwrap_err()
                .to_string()
                .contains("merges 1 in row 1")
        );
        assert!(Dendrogram::new(&twice, 7).is_err());
        let fine = [[1.0, 2.0, 0.1, 2.0], [3.0, 0.0, 0.4, 3.0]];
        let placed = Dendrogram::new(&fine, 3).unwrap().joints;
        assert_eq!(
            placed[1],
            Joint {
                left: (0.0, 0.0),
                right: (1.5, 0.1),
                height: 0.4
            }
        );
    }
}

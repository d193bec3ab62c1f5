//! The correlations of the significant activations in the order of their tree.

use serde::{Deserialize, Serialize};

use super::{
    activations::ActivationMatrix,
    clustering::{Clustering, Distance},
    correlation::Correlation,
    significance::Significant,
};
use crate::error::Error;

/// A correlation map as the paper draws it (Fu et al. 2025, Figures 5b and 7).
///
/// # Example
///
/// ```
/// use mass_interp::{ActivationMatrix, CorrelationMap, Distance};
/// use mass_terms::Library;
///
/// // Three terms at four states.
/// let terms = ["x", "Sx", "Sxx x"].map(|name| name.parse().unwrap());
/// let a = vec![
///     1.0, 9.0, -2.0, //
///     2.0, -9.0, -4.0, //
///     3.0, -8.0, -6.0, //
///     4.0, 8.0, -8.0,
/// ];
/// let matrix = ActivationMatrix::new(Library::from_terms(terms)?, 1, a)?;
/// let map = CorrelationMap::of(&matrix, 0.99, Distance::Absolute)?;
/// assert_eq!(map.columns, [1, 2, 0]); // x and S_xx x side by side
/// assert_eq!(map.correlation.get(1, 2), -1.0);
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CorrelationMap {
    /// Which columns of the activations are significant, by falling size.
    pub significant: Significant,
    /// The same columns in the order of the map, from top to bottom.
    pub columns: Vec<usize>,
    /// Their correlations, in the order of the map.
    pub correlation: Correlation,
    /// Their tree; its column i is `significant.indices[i]`.
    pub clustering: Clustering,
}

impl CorrelationMap {
    /// The map of the columns that reach `fraction` of Σ E|a_i|; the paper's is 0.99.
    ///
    /// # Errors
    ///
    /// As [`ActivationMatrix::significant`].
    pub fn of(
        activations: &ActivationMatrix,
        fraction: f64,
        distance: Distance,
    ) -> Result<Self, Error> {
        let significant = activations.significant(fraction)?;
        let correlation = activations.correlation(&significant.indices)?;
        let clustering = Clustering::of(&correlation, distance)?;
        let order = clustering.leaf_order();
        Ok(Self {
            columns: order.iter().map(|i| significant.indices[*i]).collect(),
            correlation: correlation.ordered(&order)?,
            significant,
            clustering,
        })
    }
}

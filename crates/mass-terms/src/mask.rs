//! Which terms of a library take part.

use serde::{Deserialize, Serialize};

use crate::Error;

/// One switch per term of a library.
///
/// A term that is off contributes exactly nothing, to the prediction as to the penalty, and its
/// weight gets no gradient.
///
/// # Example
///
/// ```
/// use mass_terms::{Library, Mask};
///
/// let library = Library::standard();
/// let released = Mask::released(&library);
/// assert_eq!((released.len(), released.count()), (172, 146));
///
/// let lagrangian = Mask::only(&library, &["Syy^-1 Sx", "Syy^-1 Sxy y"])?;
/// assert_eq!(lagrangian.active().collect::<Vec<_>>(), [22, 133]);
/// assert_eq!(lagrangian.and(&released)?, lagrangian);
/// # Ok::<(), mass_terms::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mask(Vec<bool>);

impl Mask {
    /// Every one of `len` terms on.
    pub fn all(len: usize) -> Self {
        Self(vec![true; len])
    }

    /// Number of switches, T.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no switches at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of terms that are on.
    pub fn count(&self) -> usize {
        self.active().count()
    }

    /// Whether the term at `index` is on; off beyond the end.
    pub fn is_active(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or(false)
    }

    /// Indices of the terms that are on, ascending.
    pub fn active(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter()
            .enumerate()
            .filter_map(|(index, on)| on.then_some(index))
    }

    /// The switches in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        self.0.iter().copied()
    }

    /// The switches in order, as a slice.
    pub fn as_slice(&self) -> &[bool] {
        &self.0
    }

    /// On where both are.
    ///
    /// # Errors
    ///
    /// [`Error::TermCount`] if the two are of different length.
    pub fn and(&self, other: &Mask) -> Result<Self, Error> {
        self.of_length(other.len())?;
        Ok(Self(
            self.iter().zip(other.iter()).map(|(a, b)| a && b).collect(),
        ))
    }

    pub(crate) fn of_length(&self, expected: usize) -> Result<(), Error> {
        if self.len() == expected {
            return Ok(());
        }
        Err(Error::TermCount {
            what: "the mask",
            found: self.len(),
            expected,
        })
    }
}

impl From<Vec<bool>> for Mask {
    fn from(switches: Vec<bool>) -> Self {
        Self(switches)
    }
}

impl FromIterator<bool> for Mask {
    fn from_iter<I: IntoIterator<Item = bool>>(switches: I) -> Self {
        Self(switches.into_iter().collect())
    }
}

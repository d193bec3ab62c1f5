//! Terms counted one by one, or with equal functions taken together.

use mass_terms::{Library, Notation, Shift};
use serde::{Deserialize, Serialize};

use crate::error::{Error, check_length};

/// How terms that are equal as functions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counting {
    /// Each term for itself, as the paper counts.
    #[default]
    Listed,
    /// Terms that are equal as functions are one: only the sum of their weights means anything.
    Merged,
}

/// The T terms of a library in groups that count as one each.
///
/// The terms of a group are equal as functions, so that their signed weights, and their signed
/// activations, add up to those of one term.
///
/// # Example
///
/// ```
/// use mass_interp::Grouping;
/// use mass_terms::{Library, Notation, Shift};
///
/// let library = Library::standard();
/// let merged = Grouping::merged(&library, 1, Shift::Learned);
/// assert_eq!((merged.terms(), merged.len()), (172, 112));
///
/// // S_xx S_yy x and S_yy S_xx x are one function if d = 1, here with weights 0.7 and −0.2.
/// let mut weights = vec![0.0; 172];
/// weights[library.find("Sxx Syy x")?] = 0.7;
/// weights[library.find("Syy Sxx x")?] = -0.2;
/// let sums = merged.sum(&weights)?;
/// let group = merged.group_of(library.find("Syy Sxx x")?).unwrap();
/// assert!((sums[group] - 0.5).abs() < 1e-15);
/// assert_eq!(merged.names(&library, Notation::Ascii)[group], "Sxx Syy x");
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    groups: Vec<Vec<usize>>,
    terms: usize,
}

impl Grouping {
    /// Every one of `terms` terms for itself: group i is term i.
    pub fn listed(terms: usize) -> Self {
        Self {
            groups: (0..terms).map(|term| vec![term]).collect(),
            terms,
        }
    }

    /// Terms that are equal as functions in `dof` dimensions together ([`Library::classes`]).
    ///
    /// With [`Shift::Learned`], which is what [`Counting::Merged`] means, only what is equal for any
    /// shift b is merged.
    pub fn merged(library: &Library, dof: usize, shift: Shift) -> Self {
        Self {
            groups: library.classes(dof, shift),
            terms: library.len(),
        }
    }

    /// The grouping of a library that this way of counting asks for, in `dof` dimensions.
    pub fn of(counting: Counting, library: &Library, dof: usize) -> Self {
        match counting {
            Counting::Listed => Self::listed(library.len()),
            Counting::Merged => Self::merged(library, dof, Shift::Learned),
        }
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are no groups.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Number of terms, T.
    pub fn terms(&self) -> usize {
        self.terms
    }

    /// The indices of the terms of each group, ascending.
    pub fn groups(&self) -> &[Vec<usize>] {
        &self.groups
    }

    /// The group that a term belongs to, if there is such a term.
    pub fn group_of(&self, term: usize) -> Option<usize> {
        self.groups.iter().position(|group| group.contains(&term))
    }

    /// The signed sum of each group's `values`, from `[T]`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are not T values.
    pub fn sum(&self, values: &[f64]) -> Result<Vec<f64>, Error> {
        check_length("the list of values of terms", values.len(), self.terms)?;
        Ok(self
            .groups
            .iter()
            .map(|group| group.iter().map(|term| values[*term]).sum())
            .collect())
    }

    /// The name of each group: that of its first term in the library.
    pub fn names(&self, library: &Library, notation: Notation) -> Vec<String> {
        self.groups
            .iter()
            .map(|group| {
                let term = group.first().and_then(|term| library.get(*term));
                term.map_or(String::new(), |term| term.name(notation))
            })
            .collect()
    }
}

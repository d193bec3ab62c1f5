//! Which terms are equal as functions.

use std::{collections::HashMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{Base, Library, Matrix, Term};

/// Whether the shift b in pinv(A + b I) is taken as zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shift {
    /// b = 0 and A of full rank: A A⁻¹ = A⁻¹ A = 1.
    Zero,
    /// b ≠ 0: A pinv(A + b I) is not 1, but the two factors still commute.
    Learned,
}

/// The representative of all terms that are equal to a term as functions of S.
///
/// Two terms have the same canonical form exactly when they agree for every generic S (derivatives
/// of full rank, with no symmetry beyond that of S_xx and S_yy).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CanonicalTerm(Term);

impl CanonicalTerm {
    /// The representative, a term itself.
    pub fn term(&self) -> &Term {
        &self.0
    }
}

impl fmt::Display for CanonicalTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Term {
    /// The representative of all terms equal to this one as functions, in `dof` dimensions.
    ///
    /// * `dof` = 1: numbers commute, and S_yx = S_xy, so the matrices are sorted;
    /// * `dof` > 1: only a matrix and its own (shifted) inverse commute, since pinv(A + b I) is a
    ///   function of A; each run of one matrix is sorted, the plain ones first;
    /// * with [`Shift::Zero`], a matrix cancels its inverse wherever the two can meet.
    ///
    /// With the learned shift b ≠ 0 nothing cancels: A pinv(A + b I) = 1 − b pinv(A + b I).
    ///
    /// # Example
    ///
    /// ```
    /// use mass_terms::{Shift, Term};
    ///
    /// let term: Term = "Sxx^-1 Syy Sxx y".parse()?;
    /// assert_eq!(term.canonical(1, Shift::Zero).to_string(), "Syy y");
    /// assert_eq!(term.canonical(1, Shift::Learned).to_string(), "Sxx Sxx^-1 Syy y");
    /// assert_eq!(term.canonical(2, Shift::Zero).to_string(), "Sxx^-1 Syy Sxx y");
    /// # Ok::<(), mass_terms::Error>(())
    /// ```
    pub fn canonical(&self, dof: usize, shift: Shift) -> CanonicalTerm {
        let mut matrices = self.matrices.clone();
        if dof == 1 {
            for matrix in &mut matrices {
                if matrix.base == Base::Syx {
                    matrix.base = Base::Sxy;
                }
            }
            matrices.sort();
        } else {
            for run in matrices.chunk_by_mut(|left, right| left.base == right.base) {
                run.sort();
            }
        }
        if shift == Shift::Zero {
            let mut left: Vec<Matrix> = Vec::with_capacity(matrices.len());
            for matrix in matrices {
                match left.last() {
                    Some(last) if last.is_inverse_of(&matrix) => {
                        left.pop();
                    }
                    _ => left.push(matrix),
                }
            }
            matrices = left;
        }
        CanonicalTerm(Term {
            matrices,
            vector: self.vector.clone(),
        })
    }
}

impl Library {
    /// The indices of the library grouped into classes of equal functions, each class ascending,
    /// classes in the order of their first term.
    ///
    /// The weights of one class are not identified: only their sum is. The standard library has
    ///
    /// | | b = 0 | b ≠ 0 |
    /// |---|---|---|
    /// | d = 1 | 100 classes | 112 classes |
    /// | d > 1 | 148 classes | 160 classes |
    ///
    /// In d = 1 its 144 products of two matrices hold 60 pairs A₁A₂v = A₂A₁v with A₁ ≠ A₂ (15 pairs
    /// of matrices times 4 vectors); 48 of them are left on by the released mask.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_terms::{Library, Shift};
    ///
    /// let classes = Library::standard().classes(1, Shift::Learned);
    /// assert_eq!(classes.len(), 112);
    /// assert_eq!(classes.iter().filter(|class| class.len() == 2).count(), 60);
    /// ```
    pub fn classes(&self, dof: usize, shift: Shift) -> Vec<Vec<usize>> {
        let mut classes: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<CanonicalTerm, usize> = HashMap::new();
        for (index, term) in self.iter().enumerate() {
            let class = *known.entry(term.canonical(dof, shift)).or_insert_with(|| {
                classes.push(Vec::new());
                classes.len() - 1
            });
            classes[class].push(index);
        }
        classes
    }
}

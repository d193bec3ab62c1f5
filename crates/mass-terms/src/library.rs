//! An ordered list of terms.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Visitor},
};

use mass_suggest::{hint, nearest};

use crate::{Alphabet, Error, Mask, Matrix, Notation, Term, Vector, plan::Plan};

/// An ordered list of T different terms, at least one.
///
/// The order is the meaning of an index in a weight `[E, T]`, so it never changes once a run is
/// written. In files a library is `"standard"` or the list of its terms.
///
/// # Example
///
/// ```
/// use mass_terms::{Library, Matrix, Notation, Vector};
///
/// let library = Library::standard();
/// assert_eq!(library.len(), 172);
/// assert_eq!(library[22].to_string(), "Syy^-1 Sx");
/// assert_eq!(library.find("S_yy⁻¹ S_xy y")?, 133);
///
/// // Three matrices deep, over two vectors.
/// let deep = Library::products(&Vector::STANDARD[2..], &Matrix::standard(), 3)?;
/// assert_eq!(deep.len(), 2 * (1 + 6 + 36 + 216));
/// assert_eq!(library.find("Syx x").unwrap_err().to_string(),
///     "\"Syx x\" is not among the 172 terms of the library; did you mean \"Sxx x\"?");
/// # Ok::<(), mass_terms::Error>(())
/// ```
#[derive(Clone)]
pub struct Library(Arc<Contents>);

struct Contents {
    terms: Vec<Term>,
    index: HashMap<Term, usize>,
    /// How to evaluate the terms of a mask; a run uses one or two masks, thousands of times.
    plans: Mutex<Vec<(Mask, Arc<Plan>)>>,
}

/// Plans kept per library.
const PLANS: usize = 8;

impl Library {
    /// All products of up to `max_order` matrices with a vector, in the order of the released code:
    /// every v; then for A, for v: A v; then for A₁, for A₂, for v: A₁ A₂ v; and so on.
    ///
    /// # Errors
    ///
    /// [`Error::Library`] without vectors or with a symbol given twice.
    pub fn products(
        vectors: &[Vector],
        matrices: &[Matrix],
        max_order: usize,
    ) -> Result<Self, Error> {
        let mut terms: Vec<Term> = vectors.iter().cloned().map(Term::from).collect();
        let mut level = terms.clone();
        for _ in 0..max_order {
            level = matrices
                .iter()
                .flat_map(|matrix| {
                    level.iter().map(move |suffix| {
                        let product = std::iter::once(matrix).chain(&suffix.matrices).cloned();
                        Term::new(product.collect::<Vec<_>>(), suffix.vector.clone())
                    })
                })
                .collect();
            terms.extend(level.iter().cloned());
        }
        Self::from_terms(terms)
    }

    /// The 172 terms of Fu et al. 2025, Eq. 4, in the order of the released code: x, y, S_x,
    /// S_y times up to two of S_xx, S_yy, S_xy and their inverses.
    pub fn standard() -> Self {
        Self::products(&Vector::STANDARD, &Matrix::standard(), 2)
            .expect("the standard symbols are different")
    }

    /// A library of these terms in this order.
    ///
    /// # Errors
    ///
    /// [`Error::Library`] for an empty list or a term that occurs twice.
    pub fn from_terms(terms: impl IntoIterator<Item = Term>) -> Result<Self, Error> {
        let terms: Vec<Term> = terms.into_iter().collect();
        let refuse = |problem: String| Err(Error::Library { problem });
        if terms.is_empty() {
            return refuse("there must be at least one".to_string());
        }
        let mut index = HashMap::with_capacity(terms.len());
        for (i, term) in terms.iter().enumerate() {
            if let Some(first) = index.insert(term.clone(), i) {
                return refuse(format!(
                    "{:?} stands at both {first} and {i}",
                    term.to_string()
                ));
            }
        }
        Ok(Self(Arc::new(Contents {
            terms,
            index,
            plans: Mutex::default(),
        })))
    }

    /// Number of terms, T; at least 1.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.0.terms.len()
    }

    /// The terms in order.
    pub fn terms(&self) -> &[Term] {
        &self.0.terms
    }

    /// Iterates over the terms in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Term> {
        self.0.terms.iter()
    }

    /// The term at an index, if there is one.
    pub fn get(&self, index: usize) -> Option<&Term> {
        self.0.terms.get(index)
    }

    /// The index of a term as written, if it is in the library.
    pub fn index_of(&self, term: &Term) -> Option<usize> {
        self.0.index.get(term).copied()
    }

    /// The index of the term with this name, in any notation; the library's own symbols are known.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] if it is no name, [`Error::UnknownTerm`] with the nearest term if
    /// it is not in the library.
    pub fn find(&self, name: &str) -> Result<usize, Error> {
        let term = Term::parse_with(name, &self.alphabet()?)?;
        self.index_of(&term).ok_or_else(|| Error::UnknownTerm {
            term: term.to_string(),
            len: self.len(),
            hint: {
                let names = self.names(Notation::Ascii);
                hint(nearest(&term.to_string(), names.iter().map(String::as_str)))
            },
        })
    }

    /// The names of all terms, in order.
    pub fn names(&self, notation: Notation) -> Vec<String> {
        self.iter().map(|term| term.name(notation)).collect()
    }

    /// The standard symbols and those of one's own that occur in the library.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] if a vector and a matrix bear one name.
    pub fn alphabet(&self) -> Result<Alphabet, Error> {
        let mut alphabet = Alphabet::standard();
        for term in self.iter() {
            if !alphabet.vectors().contains(&term.vector) {
                alphabet = alphabet.with_vector(term.vector.letters())?;
            }
            for matrix in &term.matrices {
                if !alphabet.bases().contains(&matrix.base) {
                    alphabet = alphabet.with_matrix(matrix.base.letters())?;
                }
            }
        }
        Ok(alphabet)
    }

    /// How to evaluate the terms that a mask leaves on; made once per mask.
    pub(crate) fn plan(&self, mask: &Mask) -> Arc<Plan> {
        let mut plans = self
            .0
            .plans
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((_, plan)) = plans.iter().find(|(known, _)| known == mask) {
            return plan.clone();
        }
        let plan = Arc::new(Plan::new(self.terms(), mask));
        if plans.len() == PLANS {
            plans.remove(0);
        }
        plans.push((mask.clone(), plan.clone()));
        plan
    }
}

/// Masks over the terms of a library.
impl Mask {
    /// The mask of the released code: off are the terms that contain a matrix and its own inverse
    /// anywhere in the product, and the raw vectors x and y (26 of the standard 172).
    pub fn released(library: &Library) -> Self {
        Self::by(library, |term| {
            let raw = term.matrices.is_empty() && matches!(term.vector, Vector::X | Vector::Y);
            !raw && !term.contains_inverse_pair()
        })
    }

    /// On where the predicate holds.
    pub fn by(library: &Library, on: impl FnMut(&Term) -> bool) -> Self {
        library.iter().map(on).collect()
    }

    /// On for the terms of these names and no others.
    ///
    /// # Errors
    ///
    /// As [`Library::find`] for a name that is not in the library.
    pub fn only<S: AsRef<str>>(library: &Library, names: &[S]) -> Result<Self, Error> {
        let mut mask = vec![false; library.len()];
        for name in names {
            mask[library.find(name.as_ref())?] = true;
        }
        Ok(Self::from(mask))
    }
}

impl std::ops::Index<usize> for Library {
    type Output = Term;

    /// # Panics
    ///
    /// If `index` is T or more.
    fn index(&self, index: usize) -> &Term {
        &self.0.terms[index]
    }
}

impl<'a> IntoIterator for &'a Library {
    type Item = &'a Term;
    type IntoIter = std::slice::Iter<'a, Term>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Library {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.terms() == other.terms()
    }
}

impl Eq for Library {}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Library")?;
        f.debug_list()
            .entries(self.iter().map(|term| term.to_string()))
            .finish()
    }
}

impl Serialize for Library {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::standard() {
            serializer.serialize_str("standard")
        } else {
            serializer.collect_seq(self.iter())
        }
    }
}

impl<'de> Deserialize<'de> for Library {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrTerms;

        impl<'de> Visitor<'de> for NameOrTerms {
            type Value = Library;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"standard\" or a list of terms")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Library, E> {
                match name {
                    "standard" => Ok(Library::standard()),
                    _ => Err(E::invalid_value(de::Unexpected::Str(name), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Library, A::Error> {
                let mut terms: Vec<Term> = Vec::new();
                while let Some(term) = list.next_element()? {
                    terms.push(term);
                }
                Library::from_terms(terms).map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_any(NameOrTerms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_made_once_per_mask_and_the_oldest_is_forgotten() {
        let library = Library::standard();
        let masks: Vec<Mask> = (0..=PLANS)
            .map(|on| (0..172).map(|term| term == on).collect())
            .collect();
        let first = library.plan(&masks[0]);
        assert_eq!(first.terms[0].term, 0);
        assert!(Arc::ptr_eq(&first, &library.plan(&masks[0])));
        let second = library.plan(&masks[1]);
        assert_eq!(second.terms[0].term, 1);
        for mask in &masks[2..PLANS] {
            library.plan(mask);
        }
        assert!(
            Arc::ptr_eq(&first, &library.plan(&masks[0])),
            "all are kept"
        );
        library.plan(&masks[PLANS]); // one too many
        assert!(!Arc::ptr_eq(&first, &library.plan(&masks[0])));
        assert!(!Arc::ptr_eq(&second, &library.plan(&masks[1])));
        assert!(library.0.plans.lock().unwrap().len() == PLANS);
    }
}

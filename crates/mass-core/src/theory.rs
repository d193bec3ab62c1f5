//! The theory that a scientist is given, if it need not find one.

use std::collections::BTreeMap;

use mass_terms::{Library, Term};
use serde::{Deserialize, Serialize};

use crate::Error;

/// What a scientist is told of the law of motion: nothing, or the weights w of the terms.
///
/// A theory that is given is a special case of MASS: its weights are held, and only the scalar S is
/// learned. `lagrangian` is a Lagrangian neural network (Cranmer et al. 2020), S = L.
///
/// # Example
///
/// ```
/// use mass_core::{Recipe, TheoryRecipe};
///
/// let mut recipe = Recipe::reference();
/// recipe.name = "told".to_string();
/// recipe.theory = TheoryRecipe::Lagrangian;
/// let (library, mask) = recipe.terms()?;
/// assert_eq!(mask.count(), 2); // Syy^-1 Sx − Syy^-1 Sxy y
///
/// let text = recipe.to_toml().replace("\"lagrangian\"", "{ terms = { \"Syy^-1 Sx\" = 1.0 } }");
/// let half = Recipe::from_toml(&text)?;
/// assert_eq!(half.terms()?.1.count(), 1);
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TheoryRecipe {
    /// The weights are learned, as in the paper.
    #[default]
    Free,
    /// Euler–Lagrange's equation: ẏ = S_yy⁻¹ S_x − S_yy⁻¹ S_xy y, for S a Lagrangian (Fu et al. 2025,
    /// Eq. 2).
    Lagrangian,
    /// Hamilton's equation for a momentum y: ẏ = −S_x, for S a Hamiltonian. True where y = ẋ is the
    /// momentum that belongs to x (Fu et al. 2025, Eq. 1).
    Hamiltonian,
    /// Any sum of terms of the library, by their names and weights.
    Terms(BTreeMap<Term, f64>),
}

impl TheoryRecipe {
    /// The weights that are held, `[T]`; `None` where they are learned.
    ///
    /// # Errors
    ///
    /// [`Error::RecipeTerms`] for a term that is not in the library, with the nearest that is, for a
    /// weight that is not finite, and for a sum without terms.
    pub fn weights(&self, library: &Library) -> Result<Option<Vec<f64>>, Error> {
        let refuse = |reason: String| Error::RecipeTerms {
            key: "theory",
            reason,
        };
        let named = |names: &[(&str, f64)]| -> Vec<(String, f64)> {
            let owned = names
                .iter()
                .map(|(name, weight)| (name.to_string(), *weight));
            owned.collect()
        };
        let sum = match self {
            Self::Free => return Ok(None),
            Self::Lagrangian => named(&[("Syy^-1 Sx", 1.0), ("Syy^-1 Sxy y", -1.0)]),
            Self::Hamiltonian => named(&[("Sx", -1.0)]),
            Self::Terms(terms) => {
                let terms = terms.iter();
                terms.map(|(term, w)| (term.to_string(), *w)).collect()
            }
        };
        let mut weights = vec![0.0; library.len()];
        for (name, weight) in sum {
            let index = library
                .find(&name)
                .map_err(|error| refuse(error.to_string()))?;
            if !weight.is_finite() {
                return Err(refuse(format!(
                    "the weight of {name} is {weight}: it must be finite"
                )));
            }
            weights[index] = weight;
        }
        match weights.iter().any(|weight| *weight != 0.0) {
            true => Ok(Some(weights)),
            false => Err(refuse(
                "a theory needs a term whose weight is not 0".to_string(),
            )),
        }
    }

    /// Whether it is to be found.
    pub fn is_free(&self) -> bool {
        *self == Self::Free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theory_that_is_not_in_the_library_is_refused_with_the_nearest() {
        let terms = [("Syy^-1 Sxy x".parse().unwrap(), 1.0)];
        let theory = TheoryRecipe::Terms(terms.into());
        let library = Library::from_terms(["Sx", "Syy^-1 Sxy y"].map(|t| t.parse().unwrap()));
        let error = theory.weights(&library.unwrap()).unwrap_err().to_string();
        assert!(error.contains("Syy^-1 Sxy y"), "{error}");
        let none = TheoryRecipe::Terms(BTreeMap::new());
        let error = none.weights(&Library::standard()).unwrap_err().to_string();
        assert!(error.contains("needs a term"), "{error}");
    }
}

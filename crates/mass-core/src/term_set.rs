//! Which derivative terms a model has, and which of them take part.

use mass_terms::{Inverse, Library, Mask, Term};
use serde::{Deserialize, Serialize};

use crate::{Error, TheoryRecipe, range::is_default};

/// Which derivative terms there are, and which of them take part.
///
/// # Example
///
/// ```
/// use mass_core::Recipe;
///
/// let own = r#"[terms]
/// library = ["Sx", "Sy", "Syy^-1 Sx", "Syy^-1 Sxy y"]
/// mask = { off = ["Sy"] }
/// "#;
/// let text = Recipe::reference().to_toml().replace("\"reference\"", "\"four terms\"");
/// let text = text.replace("[terms]\nlibrary = \"standard\"\nmask = \"released\"\n", own);
/// let (library, mask) = Recipe::from_toml(&text)?.terms.build()?;
/// assert_eq!((library.len(), mask.count()), (4, 3));
///
/// let misspelt = Recipe::from_toml(&text.replace("off = [\"Sy\"]", "off = [\"Syy^-1 Sy\"]"));
/// assert_eq!(
///     misspelt.unwrap_err().to_string(),
///     "terms.mask: \"Syy^-1 Sy\" is not among the 4 terms of the library; \
///      did you mean \"Syy^-1 Sx\"?"
/// );
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TermsRecipe {
    /// The library: `standard`, the 172 terms of Fu et al. 2025, Section IV, in the released code's
    /// order, or the names of any terms, in the order that their weights are to have.
    pub library: Library,
    /// Which terms are held at zero.
    pub mask: MaskRecipe,
    /// How inverses are read: `shifted`, pinv(A + b I), as in the paper, or `damped`,
    /// (AᵀA + b² I)⁻¹ Aᵀ, which has no poles. Shifted is left out of a file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub inverse: Inverse,
}

/// Which terms of a library take part: by a name, or term by term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MaskRecipe {
    /// What the released code holds at zero is held at zero, in any library: terms with a matrix and
    /// its own inverse, and the raw vectors x and y (26 of the standard 172).
    Released,
    /// Every term takes part.
    All,
    /// These terms are held at zero, and all others take part.
    Off(Vec<Term>),
    /// These terms take part, and all others are held at zero.
    On(Vec<Term>),
}

impl TermsRecipe {
    /// The library and its mask.
    ///
    /// # Errors
    ///
    /// [`Error::RecipeTerms`] naming a term of the mask that is not in the library, with the nearest
    /// that is; one of the library that holds a symbol of one's own, for which a network has no value;
    /// or a mask that leaves nothing on.
    pub fn build(&self) -> Result<(Library, Mask), Error> {
        let refuse = |key, reason: String| Err(Error::RecipeTerms { key, reason });
        let library = &self.library;
        let unknown = library.iter().find_map(|term| {
            let name = term.to_string();
            Some((Term::parse(&name).err()?, name))
        });
        if let Some((error, name)) = unknown {
            return refuse(
                "terms.library",
                format!("{name:?} has a symbol that no network gives a value: {error}"),
            );
        }
        let of = |terms: &[Term]| {
            let names: Vec<String> = terms.iter().map(Term::to_string).collect();
            Mask::only(library, &names).map_err(|error| Error::RecipeTerms {
                key: "terms.mask",
                reason: error.to_string(),
            })
        };
        let mask = match &self.mask {
            MaskRecipe::Released => Mask::released(library),
            MaskRecipe::All => Mask::all(library.len()),
            MaskRecipe::Off(terms) => of(terms)?.iter().map(|off| !off).collect(),
            MaskRecipe::On(terms) => of(terms)?,
        };
        if mask.count() == 0 {
            return refuse(
                "terms.mask",
                format!(
                    "none of the {} terms takes part: leave at least one on",
                    library.len()
                ),
            );
        }
        Ok((library.clone(), mask))
    }

    /// The library, and the mask, or what a theory that is given leaves on.
    pub(crate) fn build_for(&self, theory: &TheoryRecipe) -> Result<(Library, Mask), Error> {
        let (library, mask) = self.build()?;
        let mask = match theory.weights(&library)? {
            None => mask,
            Some(weights) => weights.iter().map(|weight| *weight != 0.0).collect(),
        };
        Ok((library, mask))
    }
}

/// The term library of a model with its mask.
#[derive(Debug, Clone)]
pub struct TermSet {
    /// The T terms.
    pub library: Library,
    /// Which of them take part.
    pub mask: Mask,
    /// How their inverses are read.
    pub inverse: Inverse,
}

impl TermSet {
    /// The terms of a recipe.
    pub(crate) fn of(terms: &TermsRecipe, theory: &TheoryRecipe) -> Result<Self, Error> {
        let (library, mask) = terms.build_for(theory)?;
        Ok(Self {
            library,
            mask,
            inverse: terms.inverse,
        })
    }
}

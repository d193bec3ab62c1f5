//! A term: matrices times a vector.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
    ser::SerializeStruct,
};

use crate::{Matrix, Notation, Vector};

/// A product M₁ M₂ ⋯ v of any number of matrices with a vector (Fu et al. 2025, Eq. 4).
///
/// Terms are equal when they are written alike; [`Term::canonical`] tells which are equal as
/// functions. In files a term is its ASCII name, or, with symbols of one's own, its parts.
///
/// # Example
///
/// ```
/// use mass_terms::{Notation, Term};
///
/// let term: Term = "Syy^-1 Sxy y".parse()?;
/// assert_eq!(term.order(), 2);
/// assert_eq!(term.name(Notation::Unicode), "S_yy⁻¹ S_xy y");
/// assert_eq!(term.name(Notation::Latex), "S_{yy}^{-1} S_{xy} y");
/// assert_eq!(Term::parse(&term.name(Notation::Latex))?, term);
///
/// let error = "Syy^-1 Sz".parse::<Term>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "cannot read term \"Syy^-1 Sz\": at column 8, \"Sz\" is not a known vector; \
///      did you mean \"Sx\"? (known: x, y, Sx, Sy)"
/// );
/// # Ok::<(), mass_terms::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// The matrices, outermost first.
    pub matrices: Vec<Matrix>,
    /// The vector that they act on.
    pub vector: Vector,
}

impl Term {
    /// The product of `matrices`, outermost first, with `vector`.
    pub fn new(matrices: impl Into<Vec<Matrix>>, vector: Vector) -> Self {
        Self {
            matrices: matrices.into(),
            vector,
        }
    }

    /// Number of matrices in the product.
    pub fn order(&self) -> usize {
        self.matrices.len()
    }

    /// The name in a notation; all three parse back.
    pub fn name(&self, notation: Notation) -> String {
        let mut name = String::new();
        for matrix in &self.matrices {
            name.push_str(&matrix.name(notation));
            name.push(' ');
        }
        name.push_str(&self.vector.name(notation));
        name
    }

    /// Whether a matrix and its own inverse both occur, at any distance: what the released code
    /// holds at zero.
    pub fn contains_inverse_pair(&self) -> bool {
        self.matrices.iter().enumerate().any(|(i, left)| {
            self.matrices[i + 1..]
                .iter()
                .any(|right| left.is_inverse_of(right))
        })
    }
}

impl fmt::Display for Term {
    /// The ASCII name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name(Notation::Ascii))
    }
}

impl From<Vector> for Term {
    fn from(vector: Vector) -> Self {
        Self {
            matrices: Vec::new(),
            vector,
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = self.to_string();
        if Self::parse(&name).is_ok() {
            return serializer.serialize_str(&name);
        }
        // A symbol of one's own cannot be told from a misprint by its name alone.
        let mut parts = serializer.serialize_struct("Term", 2)?;
        parts.serialize_field("matrices", &self.matrices)?;
        parts.serialize_field("vector", &self.vector)?;
        parts.end()
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrParts;

        impl<'de> Visitor<'de> for NameOrParts {
            type Value = Term;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a term, or its matrices and vector")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Term, E> {
                Term::parse(text).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Term, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Parts {
                    #[serde(default)]
                    matrices: Vec<Matrix>,
                    vector: Vector,
                }
                let parts = Parts::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Term {
                    matrices: parts.matrices,
                    vector: parts.vector,
                })
            }
        }

        deserializer.deserialize_any(NameOrParts)
    }
}

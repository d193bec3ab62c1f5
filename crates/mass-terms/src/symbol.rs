//! The letters of the algebra: vectors and matrices made of a scalar's derivatives.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::Error;

/// How a name is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Notation {
    /// `Syy^-1 Sxy y`: for files and command lines.
    #[default]
    Ascii,
    /// `S_yy⁻¹ S_xy y`: for screens and figures.
    ///
    /// Subscripts keep the underscore. Unicode has a subscript x but no subscript y (ᵧ is a gamma),
    /// and a mixture of both styles reads badly; the parser takes `Sₓ` and `Sₓₓ` all the same.
    Unicode,
    /// `S_{yy}^{-1} S_{xy} y`: for papers, in math mode.
    Latex,
}

/// The name of a symbol of one's own: an ASCII letter, then ASCII letters and digits.
///
/// # Example
///
/// ```
/// use mass_terms::Name;
///
/// let momentum: Name = "p".parse()?;
/// assert_eq!(momentum.as_str(), "p");
/// assert!("Sxx".parse::<Name>().is_err()); // taken by the algebra itself
/// # Ok::<(), mass_terms::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let refuse = |problem| {
            Err(Error::Name {
                name: name.to_string(),
                problem,
            })
        };
        if !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || !name.chars().all(|c| c.is_ascii_alphanumeric())
        {
            return refuse("it must be an ASCII letter followed by ASCII letters and digits");
        }
        if STANDARD.contains(&name) {
            return refuse("the algebra has a symbol of that name already");
        }
        Ok(Self(name.into()))
    }
}

impl TryFrom<String> for Name {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0.to_string()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// The names that the algebra itself uses.
const STANDARD: [&str; 8] = ["x", "y", "Sx", "Sy", "Sxx", "Syy", "Sxy", "Syx"];

/// A vector `[d]`: the right end of a term.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Vector {
    /// The position x.
    #[serde(rename = "x")]
    X,
    /// The velocity y = ẋ.
    #[serde(rename = "y")]
    Y,
    /// S_x = ∂S/∂x.
    Sx,
    /// S_y = ∂S/∂y.
    Sy,
    /// A vector of one's own, whose values are given with the derivatives.
    #[serde(rename = "named")]
    Named(Name),
}

impl Vector {
    /// The paper's four, in the order of the released code: x, y, S_x, S_y.
    pub const STANDARD: [Vector; 4] = [Vector::X, Vector::Y, Vector::Sx, Vector::Sy];

    /// A vector of one's own.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] if the name is not a letter followed by letters and digits, or is taken.
    pub fn named(name: &str) -> Result<Self, Error> {
        Ok(Vector::Named(name.parse()?))
    }

    /// The name in a notation.
    pub fn name(&self, notation: Notation) -> String {
        spell(self.letters(), notation)
    }

    pub(crate) fn letters(&self) -> &str {
        match self {
            Vector::X => "x",
            Vector::Y => "y",
            Vector::Sx => "Sx",
            Vector::Sy => "Sy",
            Vector::Named(name) => name.as_str(),
        }
    }
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letters())
    }
}

/// What a [`Matrix`] is made of, `[d, d]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Base {
    /// S_xx, symmetric.
    Sxx,
    /// S_yy, symmetric.
    Syy,
    /// S_xy: rows over y, columns over x, (S_xy)_ik = ∂²S/∂y_i∂x_k.
    ///
    /// DIFFERENCE from the released code, whose rows run over x: this is the one convention under
    /// which Euler–Lagrange reads ẏ = S_yy⁻¹(S_x − S_xy y) for d > 1.
    Sxy,
    /// S_yx, the transpose of S_xy; not in the paper's library.
    Syx,
    /// A matrix of one's own, whose values are given with the derivatives.
    #[serde(rename = "named")]
    Named(Name),
}

impl Base {
    /// The paper's three, in the order of the released code: S_xx, S_yy, S_xy.
    pub const STANDARD: [Base; 3] = [Base::Sxx, Base::Syy, Base::Sxy];

    pub(crate) fn letters(&self) -> &str {
        match self {
            Base::Sxx => "Sxx",
            Base::Syy => "Syy",
            Base::Sxy => "Sxy",
            Base::Syx => "Syx",
            Base::Named(name) => name.as_str(),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letters())
    }
}

/// A matrix `[d, d]` or its inverse.
///
/// An inverse is the pseudo-inverse pinv(A + b I) with the learned shift b (Fu et al. 2025, "Refinement and
/// generalization"), so it inverts A itself only where b = 0 and A has full rank.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Matrix {
    /// The matrix A.
    pub base: Base,
    /// Whether pinv(A + b I) is meant rather than A.
    #[serde(default)]
    pub inverse: bool,
}

impl Matrix {
    /// A itself.
    pub const fn new(base: Base) -> Self {
        Self {
            base,
            inverse: false,
        }
    }

    /// pinv(A + b I).
    pub const fn inverse_of(base: Base) -> Self {
        Self {
            base,
            inverse: true,
        }
    }

    /// A matrix of one's own.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] if the name is not a letter followed by letters and digits, or is taken.
    pub fn named(name: &str) -> Result<Self, Error> {
        Ok(Self::new(Base::Named(name.parse()?)))
    }

    /// The paper's six, in the order of the released code:
    /// S_xx, S_yy, S_xy, S_xx⁻¹, S_yy⁻¹, S_xy⁻¹.
    pub fn standard() -> Vec<Matrix> {
        let plain = Base::STANDARD.into_iter().map(Matrix::new);
        plain
            .chain(Base::STANDARD.into_iter().map(Matrix::inverse_of))
            .collect()
    }

    /// Whether the other is this one's inverse: the same A, one of them inverted.
    pub fn is_inverse_of(&self, other: &Matrix) -> bool {
        self.base == other.base && self.inverse != other.inverse
    }

    /// The name in a notation.
    pub fn name(&self, notation: Notation) -> String {
        let mut name = spell(self.base.letters(), notation);
        if self.inverse {
            name.push_str(match notation {
                Notation::Ascii => "^-1",
                Notation::Unicode => "⁻¹",
                Notation::Latex => "^{-1}",
            });
        }
        name
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name(Notation::Ascii))
    }
}

fn spell(letters: &str, notation: Notation) -> String {
    let subscript = letters
        .strip_prefix('S')
        .filter(|_| STANDARD.contains(&letters));
    match (notation, subscript) {
        (Notation::Unicode, Some(subscript)) => format!("S_{subscript}"),
        (Notation::Latex, Some(subscript)) => format!("S_{{{subscript}}}"),
        (Notation::Latex, None) if letters.len() > 1 => format!("\\mathrm{{{letters}}}"),
        _ => letters.to_string(),
    }
}

/// The symbols that a reader of names knows.
///
/// # Example
///
/// ```
/// use mass_terms::{Alphabet, Notation, Term};
///
/// let alphabet = Alphabet::standard().with_vector("p")?.with_matrix("M")?;
/// let term = Term::parse_with("M^-1 p", &alphabet)?;
/// assert_eq!(term.name(Notation::Unicode), "M⁻¹ p");
/// assert!("M^-1 p".parse::<Term>().is_err());
/// # Ok::<(), mass_terms::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alphabet {
    vectors: Vec<Vector>,
    bases: Vec<Base>,
}

impl Alphabet {
    /// x, y, S_x, S_y; S_xx, S_yy, S_xy, S_yx and their inverses.
    pub fn standard() -> Self {
        Self {
            vectors: Vector::STANDARD.to_vec(),
            bases: vec![Base::Sxx, Base::Syy, Base::Sxy, Base::Syx],
        }
    }

    /// Adds a vector of one's own.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] for a malformed name or one that is taken.
    pub fn with_vector(mut self, name: &str) -> Result<Self, Error> {
        self.vectors.push(Vector::Named(self.free(name)?));
        Ok(self)
    }

    /// Adds a matrix of one's own, and its inverse.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] for a malformed name or one that is taken.
    pub fn with_matrix(mut self, name: &str) -> Result<Self, Error> {
        self.bases.push(Base::Named(self.free(name)?));
        Ok(self)
    }

    /// The vectors.
    pub fn vectors(&self) -> &[Vector] {
        &self.vectors
    }

    /// The matrices, each of which may be inverted.
    pub fn bases(&self) -> &[Base] {
        &self.bases
    }

    pub(crate) fn vector(&self, letters: &str) -> Option<&Vector> {
        self.vectors
            .iter()
            .find(|vector| vector.letters() == letters)
    }

    pub(crate) fn base(&self, letters: &str) -> Option<&Base> {
        self.bases.iter().find(|base| base.letters() == letters)
    }

    fn free(&self, name: &str) -> Result<Name, Error> {
        if self.vector(name).is_some() || self.base(name).is_some() {
            return Err(Error::Name {
                name: name.to_string(),
                problem: "the alphabet has a symbol of that name already",
            });
        }
        name.parse()
    }
}

impl Default for Alphabet {
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ones_own_are_checked() {
        for bad in ["", "2p", "S_p", "p q", "Sxy", "x", "é"] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?} was taken");
        }
        let error = Alphabet::standard()
            .with_vector("p")
            .unwrap()
            .with_matrix("p")
            .unwrap_err();
        assert!(error.to_string().contains("already"), "{error}");
    }

    #[test]
    fn spellings() {
        let inverse = Matrix::inverse_of(Base::Syy);
        assert_eq!(inverse.name(Notation::Ascii), "Syy^-1");
        assert_eq!(inverse.name(Notation::Unicode), "S_yy⁻¹");
        assert_eq!(inverse.name(Notation::Latex), "S_{yy}^{-1}");
        assert_eq!(
            Vector::named("mom").unwrap().name(Notation::Latex),
            "\\mathrm{mom}"
        );
    }
}

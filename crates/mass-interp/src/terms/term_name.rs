//! The names of terms.

use mass_terms::{Library, Mask, Notation};
use serde::{Deserialize, Serialize};

/// A term of a library, as a file or a figure names it (Fu et al. 2025, Eq. 4).
///
/// # Example
///
/// ```
/// use mass_interp::TermName;
/// use mass_terms::{Library, Mask};
///
/// let library = Library::standard();
/// let names = TermName::all(&library, &Mask::released(&library));
/// let place = library.find("Syy^-1 Sxy y")?;
/// assert_eq!(names[place].name, "S_yy⁻¹ S_xy y");
/// assert!(names[place].active && !names[library.find("x")?].active);
/// assert!(TermName::held(&names).contains(&library.find("x")?));
/// # Ok::<(), mass_terms::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermName {
    /// Its name in ASCII, `Syy^-1 Sxy y`.
    pub ascii: String,
    /// Its name in Unicode, `S_yy⁻¹ S_xy y`.
    pub name: String,
    /// Not held at zero by the mask?
    pub active: bool,
}

impl TermName {
    /// The names of all terms, in the library's order, `[T]`.
    pub fn all(library: &Library, mask: &Mask) -> Vec<Self> {
        let [ascii, unicode] = [Notation::Ascii, Notation::Unicode].map(|n| library.names(n));
        let names = ascii.into_iter().zip(unicode).enumerate();
        names
            .map(|(index, (ascii, name))| Self {
                ascii,
                name,
                active: mask.is_active(index),
            })
            .collect()
    }

    /// The places of those that are held at zero, rising.
    pub fn held(all: &[Self]) -> Vec<usize> {
        (0..all.len()).filter(|place| !all[*place].active).collect()
    }
}

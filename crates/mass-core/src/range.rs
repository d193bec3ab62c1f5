//! Values of a recipe that have a range.

use std::fmt;

use crate::Error;

/// Refuses a value that is out of range, with its key and what would be right.
pub(crate) fn check(
    holds: bool,
    key: &str,
    found: impl fmt::Display,
    expected: &'static str,
) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(Error::RecipeValue {
        key: key.to_string(),
        found: found.to_string(),
        expected,
    })
}

/// What a file leaves out, so that a recipe that does not use it has the text that it always had.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

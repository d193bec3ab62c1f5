//! Why a figure could not be drawn, and the checks that say so.

use thiserror::Error;

/// Why a figure could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DrawError {
    /// There is nothing to draw: no values, or none that is finite.
    #[error("`{what}` holds no finite value, so there is nothing to draw")]
    Empty {
        /// The field or fields that hold no value to draw.
        what: &'static str,
    },
    /// Two fields do not fit together.
    #[error("`{what}` should be {expected}, but is {found}")]
    Shape {
        /// The field that is wrong.
        what: &'static str,
        /// What would be right.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The PNG could not be written; kuva's own words.
    #[error("the PNG could not be drawn: {0}")]
    Raster(String),
}

impl DrawError {
    /// A field without a value to draw.
    pub fn empty(what: &'static str) -> Self {
        Self::Empty { what }
    }

    /// A field that does not fit.
    pub fn shape(
        what: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Shape {
            what,
            expected: expected.into(),
            found: found.into(),
        }
    }
}

/// Checks that lists, each as (field, length), are as long as `of` is.
///
/// # Errors
/// [`DrawError::Shape`] naming the first that is not.
pub fn same_length(
    of: &str,
    expected: usize,
    found: &[(&'static str, usize)],
) -> Result<(), DrawError> {
    match found.iter().find(|(_, found)| *found != expected) {
        None => Ok(()),
        Some((what, found)) => Err(DrawError::shape(
            what,
            format!("{expected} values long, as {of} is"),
            format!("{found} long"),
        )),
    }
}

/// Checks that lists, which are fields of a value, are as long as `of` is: [`same_length`](crate::same_length) without
/// saying each field twice.
///
/// ```
/// struct Motion { t: Vec<f64>, x: Vec<f64>, y: Vec<f64> }
///
/// let motion = Motion { t: vec![0.0, 1.0], x: vec![1.0, 0.5], y: vec![0.0] };
/// let checked = mass_figures::same_lengths!("`t`", motion.t.len(), motion, [x, y]);
/// let error = checked.unwrap_err().to_string();
/// assert_eq!(error, "`y` should be 2 values long, as `t` is, but is 1 long");
/// ```
#[macro_export]
macro_rules! same_lengths {
    ($of:expr, $expected:expr, $value:expr, [$($field:ident),+ $(,)?]) => {
        $crate::same_length($of, $expected, &[$((stringify!($field), $value.$field.len())),+])
    };
}

/// Checks that an axis of a grid is one.
///
/// # Errors
/// [`DrawError::Shape`] if the values are fewer than two, not finite or not increasing.
pub fn increasing(what: &'static str, axis: &[f64]) -> Result<(), DrawError> {
    let increasing = axis.is_sorted_by(|a, b| a < b) && axis.iter().all(|v| v.is_finite());
    if axis.len() >= 2 && increasing {
        return Ok(());
    }
    Err(DrawError::shape(
        what,
        "at least two finite, increasing values",
        format!("{} values, increasing: {increasing}", axis.len()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_would_be_right() {
        assert_eq!(
            DrawError::empty("ema_rmse").to_string(),
            "`ema_rmse` holds no finite value, so there is nothing to draw"
        );
        let lists = [("t", 4), ("x_true", 3), ("y_true", 2)];
        assert_eq!(
            same_length("`t`", 4, &lists).unwrap_err().to_string(),
            "`x_true` should be 4 values long, as `t` is, but is 3 long"
        );
        assert_eq!(same_length("`t`", 4, &lists[..1]), Ok(()));
    }

    #[test]
    fn an_axis_rises() {
        assert_eq!(increasing("x", &[0.0, 1.0]), Ok(()));
        for bad in [&[0.0][..], &[1.0, 0.0], &[0.0, f64::NAN], &[0.0, 0.0]] {
            let found = increasing("x", bad);
            assert!(
                matches!(found, Err(DrawError::Shape { what: "x", .. })),
                "{bad:?}"
            );
        }
    }
}

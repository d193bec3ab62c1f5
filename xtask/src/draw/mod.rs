//! Drawing: figure data in, a picture out.
//!
//! Every figure has a data struct (`Fig3`, `Fig4`, `Fig5`: what `reproduce` writes to
//! `figN.json`) and a pure function `draw(&data) -> Result<Picture, DrawError>`. The axes, the
//! series and both backends are kuva's; `sheet` places panels on a page, `typeset` sets names such
//! as `S_yy⁻¹ S_xy y` with real subscripts. What several figures show in the same way is drawn in
//! one place: `series` (lines, whiskers, dots), `tiles` (matrices of colours), `by_term` (a place for
//! each term), `contour_map` (a filled scalar field, whose loops are `contour`'s).
//!
//! Values that are not finite are left out. The same data give the same bytes.

use std::fmt;

pub(crate) mod agreement;
pub(crate) mod by_term;
mod contour;
mod contour_map;
mod estimate;
pub(crate) mod fig10;
pub(crate) mod fig11;
pub(crate) mod fig13;
pub(crate) mod fig14;
pub(crate) mod fig15;
pub(crate) mod fig16;
pub(crate) mod fig3;
pub(crate) mod fig4;
pub(crate) mod fig5;
pub(crate) mod fig6;
pub(crate) mod fig7;
pub(crate) mod fig8;
pub(crate) mod fig9;
pub(crate) mod nullable;
mod series;
mod sheet;
mod style;
pub(crate) mod table;
mod tiles;
mod typeset;

pub(crate) use estimate::Estimate;

/// A finished figure in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// SVG text; names the font (DejaVu Sans, then any sans serif) and does not embed it.
    pub(crate) svg: String,
    /// PNG file, 2000 pixels wide: 285 dpi at a text width of 7 inches.
    pub(crate) png: Vec<u8>,
}

/// Why a figure could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DrawError {
    /// There is nothing to draw: no values, or none that is finite.
    Empty {
        /// The figure, `fig3`.
        figure: &'static str,
        /// The field or fields that hold no value to draw.
        what: &'static str,
    },
    /// Two fields do not fit together.
    Shape {
        /// The figure, `fig3`.
        figure: &'static str,
        /// The field that is wrong.
        what: &'static str,
        /// What would be right.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The PNG could not be written; kuva's own words.
    Raster(String),
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { figure, what } => {
                write!(
                    f,
                    "{figure}: `{what}` holds no finite value, so there is nothing to draw"
                )
            }
            Self::Shape {
                figure,
                what,
                expected,
                found,
            } => {
                write!(f, "{figure}: `{what}` should be {expected}, but is {found}")
            }
            Self::Raster(why) => write!(f, "the PNG could not be drawn: {why}"),
        }
    }
}

impl std::error::Error for DrawError {}

/// Checks that `found` values of `what` are as many as `expected` says; `of` names the reason.
fn same_length(
    figure: &'static str,
    what: &'static str,
    found: usize,
    expected: usize,
    of: &str,
) -> Result<(), DrawError> {
    if found == expected {
        return Ok(());
    }
    Err(DrawError::Shape {
        figure,
        what,
        expected: format!("{expected} values long, as {of} is"),
        found: format!("{found} long"),
    })
}

/// Keeps a picture of a test to look at, if `XTASK_PICTURES` names a folder.
#[cfg(test)]
fn look(name: &str, picture: &Picture) {
    if let Some(folder) = std::env::var_os("XTASK_PICTURES") {
        let path = std::path::Path::new(&folder).join(name);
        std::fs::write(path.with_extension("svg"), &picture.svg).unwrap();
        std::fs::write(path.with_extension("png"), &picture.png).unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_would_be_right() {
        let empty = DrawError::Empty {
            figure: "fig3",
            what: "ema_rmse",
        };
        assert_eq!(
            empty.to_string(),
            "fig3: `ema_rmse` holds no finite value, so there is nothing to draw"
        );
        let shape = same_length("fig3", "x_true", 3, 4, "`t`").unwrap_err();
        assert_eq!(
            shape.to_string(),
            "fig3: `x_true` should be 4 values long, as `t` is, but is 3 long"
        );
        assert_eq!(same_length("fig3", "x_true", 4, 4, "`t`"), Ok(()));
    }
}

//! Panels of marks by category, on a logarithmic axis.

use kuva::render::render::TextAnchor;

use crate::error::DrawError;
use crate::panel::{Axes, Panel};
use crate::sheet::{Frame, Sheet};
use crate::style::{TICK, log_ends};

/// Between marks that stand beside each other, where a category is as wide as 1.
const BESIDE: f64 = 0.02;

/// A panel with a place for each of some categories beside each other, and marks of what is positive on a
/// logarithmic axis. What is too small or too large for the axis, or not finite, stands at its edge.
///
/// ```
/// use mass_figures::{ByCategory, Marks, Sheet, style::BLUE};
///
/// let panel = ByCategory {
///     across: (95.0, 955.0),
///     down: (78.0, 228.0),
///     letter: 'a',
///     y_label: "error, %",
///     names: &["pendulum", "two_body"],
/// };
/// let marks = Marks { at: 0.5, colour: BLUE, values: vec![0.1, 20.0, f64::INFINITY] };
/// let mut sheet = Sheet::new(300.0, "two systems");
/// panel.draw(&mut sheet, &[marks], "error")?.legend();
/// assert!(sheet.finish()?.svg.contains("two_body"));
/// # Ok::<(), mass_figures::DrawError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ByCategory<'a> {
    /// Left and right side.
    pub across: (f64, f64),
    /// Upper and lower side.
    pub down: (f64, f64),
    /// The letter.
    pub letter: char,
    /// What the y axis is.
    pub y_label: &'a str,
    /// The categories; the first lies from 0 to 1 on the x axis, the next from 1 to 2.
    pub names: &'a [&'a str],
}

/// Marks of one kind in one category.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// Where they stand on the x axis, the middle of them.
    pub at: f64,
    /// Their colour.
    pub colour: &'static str,
    /// Their values, a mark each.
    pub values: Vec<f64>,
}

impl ByCategory<'_> {
    /// The least and the largest value that the axis goes to.
    const LIMITS: (f64, f64) = (1e-3, 1e4);

    /// Draws it, but for its legend, of a figure's field of this name.
    ///
    /// # Errors
    /// [`DrawError::Empty`] if no value is positive and finite.
    pub fn draw<'s>(
        &self,
        sheet: &'s mut Sheet,
        marks: &[Marks],
        what: &'static str,
    ) -> Result<Panel<'s>, DrawError> {
        let values = marks.iter().flat_map(|marks| &marks.values).copied();
        let y = log_ends(values, Self::LIMITS, 2.0).ok_or(DrawError::empty(what))?;
        let x = (0.0, self.names.len() as f64);
        let frame = Frame::new(self.across, self.down, x, y).log_y();
        let mut panel = sheet.panel(frame);
        panel
            .axes(Axes::new().numbered_x(false))
            .letter(self.letter, self.across.0 - 75.0)
            .y_label(self.y_label);
        for (place, name) in self.names.iter().enumerate() {
            let at = (frame.at_x(place as f64 + 0.5), self.down.1 + 18.0);
            panel.text(at, name, TICK, TextAnchor::Middle);
        }
        for marks in marks {
            let middle = (marks.values.len() as f64 - 1.0) / 2.0;
            let points = marks.values.iter().enumerate().map(|(place, value)| {
                let inside = match value.is_finite() {
                    true => value.clamp(y.0, y.1),
                    false => y.1,
                };
                (marks.at + BESIDE * (place as f64 - middle), inside)
            });
            panel.dots(&points.collect::<Vec<_>>(), 3.0, marks.colour);
        }
        Ok(panel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::Drawing;
    use crate::style::{BLUE, GREEN};

    fn panel<'a>() -> ByCategory<'a> {
        ByCategory {
            across: (95.0, 955.0),
            down: (78.0, 228.0),
            letter: 'a',
            y_label: "error",
            names: &["one", "other"],
        }
    }

    #[test]
    fn marks_stand_at_their_values_and_the_rest_at_the_edge() {
        let mut sheet = Sheet::new(300.0, "t");
        let marks = |at, colour, values| Marks { at, colour, values };
        let marks = [
            marks(0.4, BLUE, vec![1.0, 8.0, f64::NAN]),
            marks(1.5, GREEN, vec![0.0, 0.1]),
        ];
        panel().draw(&mut sheet, &marks, "error").unwrap();
        let drawing = Drawing::of(sheet);
        drawing
            .lettered('a')
            .dot(BLUE, (0.38, 1.0))
            .dot(BLUE, (0.4, 8.0))
            .dot(BLUE, (0.42, 16.0)) // the upper edge
            .dot(GREEN, (1.49, 0.05)) // the lower one
            .dot(GREEN, (1.51, 0.1))
            .label("error")
            .label("other");
    }

    #[test]
    fn without_a_positive_value_there_is_nothing() {
        let mut sheet = Sheet::new(300.0, "t");
        let none = Marks {
            at: 0.5,
            colour: BLUE,
            values: vec![f64::INFINITY, 0.0],
        };
        let found = panel().draw(&mut sheet, &[none], "error").err();
        assert_eq!(found, Some(DrawError::empty("error")));
    }
}

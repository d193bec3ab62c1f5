//! Panels with bars upwards and downwards, a place for every one of many things.

use kuva::render::render::TextAnchor;

use crate::error::{DrawError, same_length};
use crate::number::{Rule, number};
use crate::panel::Axes;
use crate::sheet::{Frame, Sheet, Swatch, centred};
use crate::style::{LABEL, PALE};

/// Between the upper side and what stands above it, where names have a row of their own.
const HEAD: f64 = 80.0;

/// Sizes of one quantity as bars upwards and of another as bars downwards, one of each for every one of many
/// things, with a scale for each side; some of the things are named, and some shaded.
///
/// ```
/// use mass_figures::{OneSide, Sheet, TwoSidedBars, style::{BLUE, VERMILLION}};
///
/// let side = |sizes, label, colour| OneSide { sizes, name: label, label, colour };
/// let bars = TwoSidedBars {
///     across: (125.0, 975.0),
///     down: [146.0, 298.0, 428.0],
///     letter: 'a',
///     left: 20.0,
///     x_label: "place",
///     up: side(&[1.0, 3.0, 0.0], "use", VERMILLION),
///     under: side(&[0.5, 0.1, 0.0], "cost", BLUE),
///     shaded: &[2],
///     shading: "not sold",
///     named: &[(1, "tea")],
/// };
/// let mut sheet = Sheet::new(480.0, "three goods");
/// bars.draw(&mut sheet, "goods")?;
/// assert!(sheet.finish()?.svg.contains("not sold"));
/// # Ok::<(), mass_figures::DrawError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TwoSidedBars<'a> {
    /// Left and right side.
    pub across: (f64, f64),
    /// The upper side, where both begin, and the lower side.
    pub down: [f64; 3],
    /// The letter.
    pub letter: char,
    /// Where the letter and the labels of the scales begin.
    pub left: f64,
    /// What the things are.
    pub x_label: &'a str,
    /// The bars upwards.
    pub up: OneSide<'a>,
    /// The bars downwards.
    pub under: OneSide<'a>,
    /// Places that are shaded.
    pub shaded: &'a [usize],
    /// What the legend calls these.
    pub shading: &'a str,
    /// Places whose names stand above.
    pub named: &'a [(usize, &'a str)],
}

/// The bars of one side.
#[derive(Debug, Clone, Copy)]
pub struct OneSide<'a> {
    /// Their lengths, not below 0; what is not finite has no bar.
    pub sizes: &'a [f64],
    /// What the legend calls them.
    pub name: &'a str,
    /// What stands beside their scale.
    pub label: &'a str,
    /// Their colour.
    pub colour: &'static str,
}

impl OneSide<'_> {
    /// The end of the scale; `None` without a finite size.
    fn end(&self) -> Option<f64> {
        let finite = self.sizes.iter().copied().filter(|size| size.is_finite());
        let most = finite.reduce(f64::max)?;
        Some(if most > 0.0 { most * 1.06 } else { 1.0 })
    }
}

impl TwoSidedBars<'_> {
    /// Draws them, of a figure's field of this name.
    ///
    /// # Errors
    /// [`DrawError::Empty`] if either side has no finite size; [`DrawError::Shape`] if one has more places.
    pub fn draw(&self, sheet: &mut Sheet, what: &'static str) -> Result<(), DrawError> {
        let count = self.up.sizes.len();
        same_length("the other side", count, &[(what, self.under.sizes.len())])?;
        let ends = self.up.end().zip(self.under.end());
        let (most_up, most_under) = ends.ok_or(DrawError::empty(what))?;
        let (x, [top, zero, bottom]) = ((-1.0, count as f64), self.down);
        let up = Frame::new(self.across, (top, zero), x, (0.0, most_up));
        let under = Frame::new(self.across, (zero, bottom), x, (-most_under, 0.0));

        for place in self.shaded {
            let sides = [-0.5, 0.5].map(|side| up.at_x(*place as f64 + side));
            sheet.rect((sides[0], sides[1]), (top, bottom), PALE);
        }
        let from = vec![0.0; count];
        let downwards: Vec<f64> = self.under.sizes.iter().map(|size| -size).collect();
        sheet
            .panel(up)
            .bars(&from, self.up.sizes, 0.8, self.up.colour);
        sheet
            .panel(under)
            .bars(&from, &downwards, 0.8, self.under.colour);
        let axes = || Axes::plain().x_step(20.0);
        sheet.panel(up).axes(axes().numbered_x(false));
        // Zero is numbered once, by the upper half.
        let below_zero = |v: f64| match v == 0.0 {
            true => String::new(),
            false => number(-v, Rule::Print),
        };
        sheet.panel(under).axes(axes().y_numbers(below_zero));
        let named = self.named.iter();
        let named: Vec<(usize, &str, f64)> = named
            .map(|(place, name)| {
                let size = self.up.sizes.get(*place).copied();
                (*place, *name, size.unwrap_or(f64::NAN))
            })
            .collect();
        let mut panel = sheet.panel(up);
        panel.names_above(&named, 42.0).head_at(top - HEAD);
        for side in [self.up, self.under] {
            panel.key(side.name, side.colour, Swatch::Square);
        }
        if !self.shaded.is_empty() {
            panel.key(self.shading, PALE, Swatch::Square);
        }
        panel.legend().letter(self.letter, self.left);
        sheet.panel(under).x_label(self.x_label);
        for (frame, side) in [(up, self.up), (under, self.under)] {
            let at = (self.left, centred(frame.middle().1, LABEL));
            let mut panel = sheet.panel(frame);
            panel.tinted_text(at, side.label, LABEL, TextAnchor::Start, side.colour);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::Drawing;
    use crate::style::{BLUE, VERMILLION};

    fn bars<'a>(up: &'a [f64], under: &'a [f64]) -> TwoSidedBars<'a> {
        let side = |sizes, label, colour| OneSide {
            sizes,
            name: label,
            label,
            colour,
        };
        TwoSidedBars {
            across: (125.0, 975.0),
            down: [146.0, 298.0, 428.0],
            letter: 'a',
            left: 20.0,
            x_label: "term i",
            up: side(up, "use", VERMILLION),
            under: side(under, "weight", BLUE),
            shaded: &[2],
            shading: "held",
            named: &[(1, "largest")],
        }
    }

    #[test]
    fn bars_are_as_long_as_their_sizes() {
        let mut sheet = Sheet::new(500.0, "t");
        let (up, under) = ([1.0, 3.0, f64::NAN], [0.5, 0.1, 0.2]);
        bars(&up, &under).draw(&mut sheet, "terms").unwrap();
        let drawing = Drawing::of(sheet);
        let above = drawing.lettered('a');
        above
            .bar(VERMILLION, (0.0, 1.0))
            .bar(VERMILLION, (1.0, 3.0))
            .fill(PALE, (2.0, 1.0))
            .key("use", VERMILLION)
            .key("held", PALE)
            .label("largest");
        let below = drawing.panel(1);
        below.bar(BLUE, (0.0, -0.5)).label("term i");
        assert_eq!(drawing.count("0"), 2, "once at either axis");
    }

    #[test]
    fn a_side_without_a_size_is_refused() {
        let refused = |up: &[f64], under: &[f64]| {
            let mut sheet = Sheet::new(500.0, "t");
            bars(up, under).draw(&mut sheet, "terms").unwrap_err()
        };
        let none = [f64::NAN; 3];
        assert_eq!(refused(&none, &[1.0; 3]), DrawError::empty("terms"));
        assert_eq!(refused(&[1.0; 3], &none), DrawError::empty("terms"));
        let shorter = refused(&[1.0; 3], &[1.0; 2]);
        assert!(matches!(shorter, DrawError::Shape { what: "terms", .. }));
    }
}

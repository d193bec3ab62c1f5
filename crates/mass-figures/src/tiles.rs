//! Matrices as coloured cells, and the colour bars beside them.
//!
//! Colours come in the bands of the colour bar, so that neighbours of one colour are one rectangle:
//! the same picture from a fraction of the file.

use kuva::render::color::Color;

use crate::panel::Panel;
use crate::sheet::{Point, Sheet, Tile};
use crate::style::{MISSING, darkness, diverging, sequential};

/// A colour for a value.
pub type Shade = fn(f64) -> (u8, u8, u8);

/// Bands of a colour bar.
const BANDS: usize = 100;

/// The middle of the band that a value of a range lies in.
fn banded(value: f64, (low, high): (f64, f64), bands: usize) -> f64 {
    let part = ((value - low) / (high - low)).clamp(0.0, 1.0);
    // The last binary digit, which a JSON file may lose, does not move a value to another band.
    let band = ((part * bands as f64 + 1e-9) as usize).min(bands - 1);
    low + (high - low) * (band as f64 + 0.5) / bands as f64
}

/// Colour of a correlation.
pub fn correlation(value: f64) -> (u8, u8, u8) {
    diverging(banded(value, (-1.0, 1.0), BANDS))
}

/// Colour of a share, white to black in twenty steps.
pub fn share(value: f64) -> (u8, u8, u8) {
    match banded(value, (0.0, 1.0), 20) {
        least if least < 0.05 => darkness(0.0),
        middle => darkness(middle),
    }
}

/// Colour of a score in [0, 1].
pub fn score(value: f64) -> (u8, u8, u8) {
    sequential(banded(value, (0.0, 1.0), BANDS))
}

impl Panel<'_> {
    /// Fills the panel with the cells of a matrix, row-major `[·, columns]`, the first row on top; grey
    /// where there is no value.
    pub fn cells(&mut self, columns: usize, values: &[f64], shade: Shade) -> &mut Self {
        let rows = values.len() / columns.max(1);
        if rows == 0 {
            return self;
        }
        let ((left, right), (top, bottom)) = (self.frame.across, self.frame.down);
        let (wide, high) = (
            (right - left) / columns as f64,
            (bottom - top) / rows as f64,
        );
        let colour = |value: f64| match value.is_finite() {
            true => Some(shade(value)),
            false => None,
        };
        let mut tiles: Vec<Tile> = Vec::new();
        for (row, values) in values.chunks(columns).enumerate() {
            let colours: Vec<_> = values.iter().map(|value| colour(*value)).collect();
            let y = top + row as f64 * high;
            let mut column = 0;
            for run in colours.chunk_by(|a, b| a == b) {
                let from = left + column as f64 * wide;
                column += run.len();
                // Each cell reaches half a pixel under its neighbours, so that no seam shows between.
                let to = left + column as f64 * wide + if column < columns { 0.5 } else { 0.0 };
                let low = y + high + if row + 1 < rows { 0.5 } else { 0.0 };
                let fill = match run[0] {
                    Some((r, g, b)) => Color::Rgb(r, g, b),
                    None => Color::from(MISSING),
                };
                if run[0] != Some((255, 255, 255)) {
                    tiles.push(((from, to), (y, low), fill));
                }
            }
        }
        self.sheet.rects(tiles);
        self.outline()
    }

    /// A line around the panel, without numbers.
    pub fn outline(&mut self) -> &mut Self {
        let (across, down) = (self.frame.across, self.frame.down);
        self.sheet.outline(across, down);
        self
    }

    /// The colour bar of [`Panel::cells`], as [`bar`] draws it.
    pub fn bar(
        &mut self,
        at: (f64, (f64, f64)),
        range: (f64, f64),
        shade: Shade,
        label: &str,
    ) -> &mut Self {
        let at = bar(self.sheet, at, range, shade, label);
        self.said(at, label);
        self
    }
}

/// A colour bar for a range of values, at its left, upper and lower side, with a label above, which
/// begins at the place returned.
pub fn bar(
    sheet: &mut Sheet,
    at: (f64, (f64, f64)),
    (low, high): (f64, f64),
    shade: Shade,
    label: &str,
) -> Point {
    let band = (high - low) / BANDS as f64;
    let bands: Vec<_> = (1..=BANDS)
        .map(|i| low + band * i as f64)
        .map(|upper| (upper, shade(upper - band / 2.0)))
        .collect();
    let ticks: Vec<f64> = (0..=4)
        .map(|i| low + (high - low) * f64::from(i) / 4.0)
        .collect();
    sheet.colour_bar(at, (low, high), &bands, &ticks, label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;

    fn frame() -> Frame {
        Frame::new((0.0, 40.0), (0.0, 20.0), (0.0, 1.0), (0.0, 1.0))
    }

    #[test]
    fn neighbours_of_one_colour_are_one_rectangle() {
        let mut sheet = Sheet::new(50.0, "t");
        let values = [0.5, 0.501, -0.5, -0.5, 0.9, f64::NAN, f64::NAN, 0.9];
        sheet.panel(frame()).cells(4, &values, correlation);
        let svg = sheet.finish().unwrap().svg;
        let fill =
            |(r, g, b): (u8, u8, u8)| svg.matches(&format!("#{r:02x}{g:02x}{b:02x}")).count();
        assert_eq!(fill(correlation(0.5)), 1, "{svg}");
        assert_eq!(fill(correlation(-0.5)), 1);
        assert_eq!(fill(correlation(0.9)), 2);
        assert_eq!(svg.matches(MISSING).count(), 1);
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn colours_are_those_of_the_bar() {
        assert_eq!(correlation(1.0), correlation(0.985));
        assert_ne!(correlation(0.975), correlation(0.985));
        assert_eq!(share(0.04), (255, 255, 255), "next to nothing is white");
        assert!(share(0.9).0 < share(0.2).0);
        assert_eq!(score(7.0), score(1.0));
    }

    #[test]
    fn no_cell_is_no_error() {
        let mut sheet = Sheet::new(50.0, "t");
        sheet.panel(frame()).cells(0, &[], correlation);
        assert!(sheet.finish().is_ok());
    }
}

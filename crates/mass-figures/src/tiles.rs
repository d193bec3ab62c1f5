//! Matrices as coloured cells, and the colour bars beside them.
//!
//! Colours come in the bands of the colour bar, so that neighbours of one colour are one rectangle:
//! the same picture from a fraction of the file.

use kuva::render::color::Color;
use kuva::render::render::TextAnchor;

use crate::panel::Panel;
use crate::sheet::{Point, Sheet, Tile};
use crate::style::{INK, MISSING, TICK, darkness, diverging, sequential};

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

    /// Strips in colours beside the rows of a square matrix and below its columns, where they hide nothing: neighbours
    /// of one colour are one strip, those without a colour have none.
    pub fn strips_beside(&mut self, colours: &[Option<&str>]) -> &mut Self {
        let ((left, right), (top, bottom)) = (self.frame.across, self.frame.down);
        let part = |place: usize| place as f64 / colours.len() as f64;
        let mut start = 0;
        for run in colours.chunk_by(|a, b| a == b) {
            let (from, to) = (part(start), part(start + run.len()));
            start += run.len();
            if let Some(colour) = run[0] {
                let rows = (top + from * (bottom - top), top + to * (bottom - top));
                let columns = (left + from * (right - left), left + to * (right - left));
                self.sheet.rect((left - 9.0, left - 3.0), rows, colour);
                self.sheet
                    .rect(columns, (bottom + 3.0, bottom + 9.0), colour);
            }
        }
        self
    }

    /// Marks in a colour beside those rows of a matrix that are said, each row a part of the panel's height.
    pub fn mark_rows(&mut self, marked: &[bool], colour: &str) -> &mut Self {
        let (left, (top, bottom)) = (self.frame.across.0, self.frame.down);
        let row = (bottom - top) / marked.len().max(1) as f64;
        for (place, _) in marked.iter().enumerate().filter(|(_, marked)| **marked) {
            let y = top + row * place as f64;
            // However thin the rows, a mark is to be seen.
            let down = (y + 0.5, (y + row - 0.5).max(y + 1.0));
            self.sheet.rect((left - 9.0, left - 3.0), down, colour);
        }
        self
    }

    /// What the first and the last row of a matrix are, beside them.
    pub fn row_ends(&mut self, [first, last]: [&str; 2]) -> &mut Self {
        let (x, (top, bottom)) = (self.frame.across.0 - 13.0, self.frame.down);
        self.text((x, top + 11.0), first, TICK - 1, TextAnchor::End)
            .text((x, bottom - 2.0), last, TICK - 1, TextAnchor::End)
    }

    /// What the first and the last of so many columns of a matrix are, below them and within the panel's sides; of a
    /// single column the first alone.
    pub fn column_ends(&mut self, columns: usize, [first, last]: [&str; 2]) -> &mut Self {
        let ((left, right), bottom) = (self.frame.across, self.frame.down.1);
        let half = (right - left) / (2.0 * columns.max(1) as f64);
        for (text, x) in [(first, left + half), (last, right - half)] {
            let at = (x.clamp(left + 8.0, right - 8.0), bottom + 17.0);
            self.text(at, text, TICK - 1, TextAnchor::Middle);
            if columns < 2 {
                break;
            }
        }
        self
    }

    /// Bars to the right, one for each row of a matrix beside this panel, as long as a share in [0, 1] of the panel,
    /// in the first colour where the share is above a limit and else in the second; the limit is a broken line. A
    /// share that is not finite has no bar.
    pub fn row_bars(&mut self, shares: &[f64], limit: f64, colours: [&str; 2]) -> &mut Self {
        let (frame, rows) = (self.frame, shares.len().max(1) as f64);
        let ((left, right), (top, bottom)) = (frame.across, frame.down);
        let row = (bottom - top) / rows;
        // Bars as thick as that stand apart.
        let gap = if row > 4.0 { 0.5 } else { 0.0 };
        for (place, share) in shares.iter().enumerate() {
            if share.is_finite() {
                let y = top + row * place as f64;
                let end = left + share.clamp(0.0, 1.0) * (right - left);
                let colour = colours[usize::from(*share <= limit)];
                self.sheet
                    .rect((left, end), (y + gap, y + row - gap), colour);
            }
        }
        self.outline();
        let x = left + limit * (right - left);
        self.sheet.broken_line(&[(x, top), (x, bottom)], INK, 1.0);
        self
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
    use crate::inspect::Drawing;
    use crate::style::{BLUE, GREEN, GREY};

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
    fn strips_and_bars_stand_by_their_rows() {
        let mut sheet = Sheet::new(300.0, "t");
        let matrix = Frame::new((50.0, 150.0), (60.0, 160.0), (0.0, 4.0), (4.0, 0.0));
        sheet
            .panel(matrix)
            .strips_beside(&[Some(BLUE), Some(BLUE), None, Some(GREEN)])
            .below("rows", 34.0, 13);
        let marked = Frame::new((450.0, 550.0), (60.0, 160.0), (0.0, 4.0), (4.0, 0.0));
        let beside = Frame::new((170.0, 250.0), (60.0, 160.0), (0.0, 1.0), (4.0, 0.0));
        let shares = [0.9, f64::NAN, 0.5, 0.8];
        sheet
            .panel(beside)
            .row_bars(&shares, 0.8, [BLUE, GREY])
            .below("share", 34.0, 13);
        sheet
            .panel(marked)
            .mark_rows(&[false, false, true, false], GREEN)
            .row_ends(["seed 0", "seed 3"])
            .column_ends(4, ["0", "3"]);
        let drawing = Drawing::of(sheet);
        let beside = -6.0 / 100.0 * 4.0;
        let marks = drawing.panel(2);
        marks
            .fill(GREEN, (beside, 2.5))
            .label("seed 0")
            .label("seed 3")
            .label("0")
            .label("3");
        assert_eq!(marks.filled((beside, 1.5)), None);
        let strips = drawing.panel(0);
        strips
            .fill(BLUE, (beside, 1.5))
            .fill(BLUE, (1.5, 4.0 - beside))
            .fill(GREEN, (beside, 3.5));
        assert_eq!(strips.filled((beside, 2.5)), None);
        let bars = drawing.panel(1);
        bars.fill(BLUE, (0.85, 0.5))
            .fill(GREY, (0.45, 2.5))
            .fill(GREY, (0.75, 3.5))
            .line(INK, (0.8, 2.0));
        assert_eq!(bars.filled((0.1, 1.5)), None, "no share, no bar");
        assert_eq!(bars.filled((0.55, 2.5)), None);
    }

    #[test]
    fn no_cell_is_no_error() {
        let mut sheet = Sheet::new(50.0, "t");
        sheet.panel(frame()).cells(0, &[], correlation);
        assert!(sheet.finish().is_ok());
    }
}

//! Matrices as coloured cells, and the colour bars beside them.
//!
//! Colours come in the bands of the colour bar, so that neighbours of one colour are one rectangle:
//! the same picture from a fraction of the file.

use kuva::render::color::Color;

use super::sheet::{Frame, Sheet, Tile};
use super::style::{MISSING, darkness, diverging, sequential};

/// A colour for a value.
pub(super) type Shade = fn(f64) -> (u8, u8, u8);

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
pub(super) fn correlation(value: f64) -> (u8, u8, u8) {
    diverging(banded(value, (-1.0, 1.0), BANDS))
}

/// Colour of a share, white to black in twenty steps.
pub(super) fn share(value: f64) -> (u8, u8, u8) {
    match banded(value, (0.0, 1.0), 20) {
        least if least < 0.05 => darkness(0.0),
        middle => darkness(middle),
    }
}

/// Colour of an agreement in [0, 1].
pub(super) fn agreement(value: f64) -> (u8, u8, u8) {
    sequential(banded(value, (0.0, 1.0), BANDS))
}

/// Fills a panel with the cells of a matrix, row-major `[·, columns]`, the first row on top; grey
/// where there is no value.
pub(super) fn cells(
    sheet: &mut Sheet,
    frame: &Frame,
    columns: usize,
    values: &[f64],
    shade: Shade,
) {
    let rows = values.len() / columns.max(1);
    if rows == 0 {
        return;
    }
    let ((left, right), (top, bottom)) = (frame.across, frame.down);
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
    sheet.rects(tiles);
    sheet.outline(frame.across, frame.down);
}

/// The colour bar of [`cells`] for a range of values.
pub(super) fn bar(
    sheet: &mut Sheet,
    left: f64,
    down: (f64, f64),
    (low, high): (f64, f64),
    shade: Shade,
    label: &str,
) {
    let band = (high - low) / BANDS as f64;
    let bands: Vec<_> = (1..=BANDS)
        .map(|i| low + band * i as f64)
        .map(|upper| (upper, shade(upper - band / 2.0)))
        .collect();
    let ticks: Vec<f64> = (0..=4)
        .map(|i| low + (high - low) * f64::from(i) / 4.0)
        .collect();
    sheet.colour_bar(left, down, (low, high), &bands, &ticks, label);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame {
            across: (0.0, 40.0),
            down: (0.0, 20.0),
            x: (0.0, 1.0),
            y: (0.0, 1.0),
        }
    }

    #[test]
    fn neighbours_of_one_colour_are_one_rectangle() {
        let mut sheet = Sheet::new(50.0, "t".into());
        let values = [0.5, 0.501, -0.5, -0.5, 0.9, f64::NAN, f64::NAN, 0.9];
        cells(&mut sheet, &frame(), 4, &values, correlation);
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
        assert_eq!(agreement(7.0), agreement(1.0));
    }

    #[test]
    fn no_cell_is_no_error() {
        let mut sheet = Sheet::new(50.0, "t".into());
        cells(&mut sheet, &frame(), 0, &[], correlation);
        assert!(sheet.finish().is_ok());
    }
}

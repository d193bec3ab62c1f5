//! A panel of filled contours with iso-lines and a colour bar: a scalar over the plane of states.

use kuva::render::color::Color;

use super::DrawError;
use super::contour::{self, Field};
use super::sheet::{Frame, Sheet, Tile};
use super::style::{MISSING, extent, round_step, sequential};

/// The heights that the colours of a map span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// Lowest and highest.
    pub(super) range: (f64, f64),
    /// Is that all of the values? Where a pole dwarfs the rest, it is the middle 96 % of them.
    pub(super) whole: bool,
}

impl Scale {
    /// The scale for these values; `None` if none is finite.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let (low, high) = extent(values.iter().copied())?;
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| sorted[(part * (sorted.len() - 1) as f64).round() as usize];
        let (inner_low, inner_high) = (at(0.02), at(0.98));
        let dwarfed = high - low > 20.0 * (inner_high - inner_low) && inner_high > inner_low;
        Some(match dwarfed {
            true => Self {
                range: (inner_low, inner_high),
                whole: false,
            },
            false => Self {
                range: (low, high),
                whole: true,
            },
        })
    }
}

/// Checks that an axis of a grid is one.
pub(super) fn check_axis(
    figure: &'static str,
    what: &'static str,
    axis: &[f64],
) -> Result<(), DrawError> {
    let increasing = axis.is_sorted_by(|a, b| a < b) && axis.iter().all(|v| v.is_finite());
    if axis.len() >= 2 && increasing {
        return Ok(());
    }
    Err(DrawError::Shape {
        figure,
        what,
        expected: "at least two finite, increasing values".into(),
        found: format!("{} values, increasing: {increasing}", axis.len()),
    })
}

/// One contour map with its colour bar.
pub(super) fn map(sheet: &mut Sheet, frame: &Frame, field: &Field<'_>, scale: Scale, label: &str) {
    let (low, high) = match scale.range {
        (low, high) if low < high => (low, high),
        (low, high) => (low - 0.5, high + 0.5),
    };
    let step = round_step(high - low, 10);
    let levels: Vec<f64> = ((low / step).floor() as i64..=(high / step).ceil() as i64)
        .map(|i| i as f64 * step)
        .filter(|level| low < *level && *level < high)
        .collect();
    let colour = |band: usize| sequential((band as f64 + 0.5) / (levels.len() + 1) as f64);

    let place = |(x, y)| (frame.at_x(x), frame.at_y(y));
    let ((left, right), (top, bottom)) = (frame.across, frame.down);
    sheet.polygon(
        &[(left, top), (right, top), (right, bottom), (left, bottom)],
        colour(0),
    );
    let loops = contour::loops(field, &levels);
    for region in &loops {
        let corners: Vec<_> = region
            .corners
            .iter()
            .map(|corner| place(corner.at))
            .collect();
        sheet.polygon(&corners, colour(region.band()));
    }
    for line in loops.iter().flat_map(contour::Loop::lines) {
        let points: Vec<_> = line.into_iter().map(place).collect();
        sheet.line(&points, "#ffffff", 0.8);
    }
    sheet.rects(missing(frame, field));

    let mut layout = sheet.layout(frame);
    layout.show_grid = false;
    sheet.plots(Vec::new(), layout);

    let tops = levels.iter().copied().chain([high]).enumerate();
    let bands: Vec<_> = tops.map(|(band, upper)| (upper, colour(band))).collect();
    // A number needs 24 pixels.
    let room = ((frame.down.1 - frame.down.0) / 24.0).max(1.0) as usize;
    let every = levels.len().div_ceil(room.min(10)).max(1);
    // Counted from zero's place, so that zero is labelled where it is a level.
    let ticks: Vec<f64> = levels
        .iter()
        .copied()
        .filter(|level| ((level / step).round() as i64).rem_euclid(every as i64) == 0)
        .collect();
    sheet.colour_bar(
        frame.across.1 + 16.0,
        frame.down,
        (low, high),
        &bands,
        &ticks,
        label,
    );
}

/// Grey patches over the cells around every node that has no value; neighbours of a row share one.
fn missing(frame: &Frame, field: &Field<'_>) -> Vec<Tile> {
    let before = |axis: &[f64], i: usize| axis[i.saturating_sub(1)];
    let after = |axis: &[f64], i: usize| axis[(i + 1).min(axis.len() - 1)];
    let columns = field.x.len();
    let mut tiles = Vec::new();
    for (row, values) in field.values.chunks(columns).enumerate() {
        let nodes: Vec<usize> = (0..columns).filter(|i| !values[*i].is_finite()).collect();
        for run in nodes.chunk_by(|a, b| a + 1 == *b) {
            let (first, last) = (run[0], run[run.len() - 1]);
            let across = (
                frame.at_x(before(field.x, first)),
                frame.at_x(after(field.x, last)),
            );
            let down = (
                frame.at_y(after(field.y, row)),
                frame.at_y(before(field.y, row)),
            );
            tiles.push((across, down, Color::from(MISSING)));
        }
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pole_does_not_take_all_colours() {
        let mut values: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        let whole = Scale {
            range: (0.0, 0.999),
            whole: true,
        };
        assert_eq!(Scale::of(&values), Some(whole));
        values[3] = 1e9;
        let scale = Scale::of(&values).unwrap();
        assert!(0.0 < scale.range.0 && scale.range.1 < 1.0 && !scale.whole);
        assert_eq!(Scale::of(&[f64::NAN]), None);
    }

    #[test]
    fn an_axis_rises() {
        assert_eq!(check_axis("fig4", "x", &[0.0, 1.0]), Ok(()));
        for bad in [&[0.0][..], &[1.0, 0.0], &[0.0, f64::NAN], &[0.0, 0.0]] {
            assert!(check_axis("fig4", "x", bad).is_err(), "{bad:?}");
        }
    }
}

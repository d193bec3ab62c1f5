//! A panel of filled contours with iso-lines and a colour bar: a scalar over the plane of states.

use kuva::render::color::Color;

use crate::DrawError;
use crate::contour::{self, Field};
use crate::panel::{Axes, Panel};
use crate::sheet::{Frame, Tile};
use crate::style::{MISSING, extent, round_step, sequential};

/// The heights that the colours of a map span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Lowest and highest.
    pub range: (f64, f64),
    /// Is that all of the values? Where a pole dwarfs the rest, it is the middle 96 % of them.
    pub whole: bool,
}

impl Scale {
    /// The scale for these values; `None` if none is finite.
    pub fn of(values: &[f64]) -> Option<Self> {
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

    /// A heading, which says so if the colours do not span all values.
    pub fn said_of(&self, heading: &str) -> String {
        match self.whole {
            true => heading.to_string(),
            false => format!("{heading} (middle 96 %)"),
        }
    }
}

impl Panel<'_> {
    /// A map of filled contours with iso-lines, and its colour bar beside it, labelled; nodes without a
    /// value are left grey. Says which heights the colours span.
    ///
    /// # Errors
    /// [`DrawError::Empty`] for a field without a finite value.
    pub fn contours(&mut self, field: &Field<'_>, label: &str) -> Result<Scale, DrawError> {
        let scale = Scale::of(field.values).ok_or(DrawError::empty(field.what))?;
        let (frame, sheet) = (self.frame, &mut *self.sheet);
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
            let corners = region.corners.iter().map(|corner| place(corner.at));
            sheet.polygon(&corners.collect::<Vec<_>>(), colour(region.band()));
        }
        for line in loops.iter().flat_map(contour::Loop::lines) {
            let points: Vec<_> = line.into_iter().map(place).collect();
            sheet.line(&points, "#ffffff", 0.8);
        }
        sheet.rects(missing(&frame, field));
        self.axes(Axes::plain());

        let tops = levels.iter().copied().chain([high]).enumerate();
        let bands: Vec<_> = tops.map(|(band, upper)| (upper, colour(band))).collect();
        // A number needs 24 pixels.
        let room = ((bottom - top) / 24.0).max(1.0) as usize;
        let every = levels.len().div_ceil(room.min(10)).max(1);
        // Counted from zero's place, so that zero is labelled where it is a level.
        let ticks: Vec<f64> = levels
            .iter()
            .copied()
            .filter(|level| ((level / step).round() as i64).rem_euclid(every as i64) == 0)
            .collect();
        let bar = (right + 16.0, frame.down);
        let at = self
            .sheet
            .colour_bar(bar, (low, high), &bands, &ticks, label);
        self.said(at, label);
        Ok(scale)
    }
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
}

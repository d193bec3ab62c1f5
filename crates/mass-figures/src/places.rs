//! Panels with a place for every one of many things, a bar each.

use kuva::render::color::Color;
use kuva::render::render::TextAnchor;

use crate::panel::{Axes, Panel};
use crate::sheet::{Frame, Tile};
use crate::style::{GREY, PALE, TICK};
use crate::typeset;

impl Frame {
    /// A frame with a place for each of so many things, from 0 up to a height and some room.
    pub fn by_place(across: (f64, f64), down: (f64, f64), count: usize, height: f64) -> Self {
        let top = if height > 0.0 { height * 1.06 } else { 1.0 };
        Self::new(across, down, (-1.0, count as f64), (0.0, top))
    }
}

impl Panel<'_> {
    /// Shades places, counted from 0 and rising; neighbours share a patch.
    pub fn shade(&mut self, places: &[usize]) -> &mut Self {
        for run in places.chunk_by(|a, b| a + 1 == *b) {
            let (first, last) = (run[0] as f64, run[run.len() - 1] as f64);
            let sides = (self.frame.at_x(first - 0.5), self.frame.at_x(last + 0.5));
            self.sheet.rect(sides, self.frame.down, PALE);
        }
        self
    }

    /// Bars of a width from a lower to an upper height, one a place; those without a finite one are
    /// left out.
    pub fn bars(&mut self, from: &[f64], to: &[f64], width: f64, colour: &str) -> &mut Self {
        let frame = self.frame;
        let bars = from.iter().zip(to).enumerate();
        let bars = bars.filter(|(_, (from, to))| from.is_finite() && to.is_finite() && from != to);
        let tiles: Vec<Tile> = bars
            .map(|(place, (from, to))| {
                let across = (
                    frame.at_x(place as f64 - width / 2.0),
                    frame.at_x(place as f64 + width / 2.0),
                );
                let down = (frame.at_y(*to), frame.at_y(*from));
                (across, down, Color::from(colour))
            })
            .collect();
        self.sheet.rects(tiles);
        self
    }

    /// Marks two pixels thick at heights above 0, one a place.
    pub fn marks(&mut self, heights: &[f64], width: f64, colour: &str) -> &mut Self {
        let half =
            1.0 / (self.frame.down.1 - self.frame.down.0) * (self.frame.y.1 - self.frame.y.0);
        let side = |by: f64| -> Vec<f64> {
            let sides = heights.iter().map(|height| match *height > 0.0 {
                true => height + by,
                false => f64::NAN,
            });
            sides.collect()
        };
        self.bars(&side(-half), &side(half), width, colour)
    }

    /// The axes of a panel by place: no grid, every twentieth place numbered.
    pub fn place_axes(&mut self, numbered: bool) -> &mut Self {
        self.axes(Axes::plain().x_step(20.0).numbered_x(numbered))
    }

    /// Names in a row above the panel, each with a line down to its bar: the place, its name, the
    /// height of its bar; the row stands `lift` pixels above the panel.
    pub fn names_above(&mut self, named: &[(usize, &str, f64)], lift: f64) -> &mut Self {
        const GAP: f64 = 14.0;
        let frame = self.frame;
        let mut named = named.to_vec();
        named.sort_by_key(|(place, ..)| *place);
        let widths = named.iter().map(|(_, name, _)| typeset::width(name, TICK));
        let widths: Vec<f64> = widths.collect();
        let wished = named.iter().map(|(place, ..)| frame.at_x(*place as f64));
        let wished: Vec<f64> = wished.collect();
        let middles = apart(&wished, &widths, GAP, frame.across);
        let baseline = frame.down.0 - lift;
        for (((_, name, height), middle), bar) in named.iter().zip(middles).zip(wished) {
            self.text((middle, baseline), name, TICK, TextAnchor::Middle);
            let tip = match height.is_finite() {
                true => frame.at_y(*height),
                false => frame.down.1,
            };
            let corners = [
                (middle, baseline + 7.0),
                (bar, frame.down.0 - 4.0),
                (bar, tip - 2.0),
            ];
            self.sheet.line(&corners, GREY, 1.0);
        }
        self
    }
}

/// Places for labels of these widths, each near its wish, in order, none over another, all between
/// the sides (as long as they fit).
fn apart(wished: &[f64], widths: &[f64], gap: f64, (left, right): (f64, f64)) -> Vec<f64> {
    let mut places = wished.to_vec();
    let mut least = left;
    for (place, width) in places.iter_mut().zip(widths) {
        *place = place.max(least + width / 2.0);
        least = *place + width / 2.0 + gap;
    }
    let mut most = right;
    for (place, width) in places.iter_mut().zip(widths).rev() {
        *place = place.min(most - width / 2.0);
        most = *place - width / 2.0 - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_kept_apart() {
        let placed = apart(&[10.0, 12.0, 14.0, 99.0], &[8.0; 4], 2.0, (0.0, 100.0));
        assert!(
            placed
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= 10.0 - 1e-9),
            "{placed:?}"
        );
        assert!(placed[0] >= 4.0 && placed[3] <= 96.0);
        assert_eq!(apart(&[50.0], &[8.0], 2.0, (0.0, 100.0)), [50.0]);
    }
}

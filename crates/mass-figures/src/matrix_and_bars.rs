//! Correlations between scientists, and a share of each beside its row.

use crate::{
    Anchor, Frame, Sheet,
    style::{BLUE, GREY, TICK},
    tiles,
};

/// A square of correlations between scientists, with bars beside its rows; laid out in rows of two.
#[derive(Clone, Copy, Debug)]
pub struct MatrixAndBars<'a> {
    /// Above the square.
    pub heading: &'a str,
    /// Correlations, row by row `[E, E]`.
    pub correlation: &'a [f64],
    /// The scientists' seeds `[E]`.
    pub seeds: &'a [u64],
    /// A share of each scientist, from 0 to 1 `[E]`.
    pub shares: &'a [f64],
    /// The share from which a bar is blue, and its name.
    pub much: (f64, &'a str),
    /// What the bars show.
    pub bars: &'a str,
}

/// Side of the square.
const SIDE: f64 = 300.0;

impl MatrixAndBars<'_> {
    /// Height of a row.
    pub const ROW: f64 = SIDE + 116.0;

    /// Draws the one of this place, counted from 0; beside the first the bar of colours.
    pub fn draw(&self, sheet: &mut Sheet, place: usize) {
        let left = 52.0 + 445.0 * (place % 2) as f64;
        let top = 98.0 + Self::ROW * (place / 2) as f64;
        let n = self.seeds.len();
        let some = n.max(1) as f64;
        let down = (top, top + SIDE);
        let frame = Frame::new((left, left + SIDE), down, (0.0, some), (some, 0.0));
        let mut map = sheet.panel(frame);
        map.cells(n, self.correlation, tiles::correlation)
            .letter((b'a' + place as u8) as char, left - 36.0)
            .heading(self.heading, left, TICK + 1);
        let ends = [self.seeds.first(), self.seeds.last()];
        let ends = ends.map(|seed| seed.map_or(String::new(), u64::to_string));
        map.column_ends(n, ends.each_ref().map(String::as_str));
        map.below("scientist (seed)", 34.0, TICK);

        let across = (left + SIDE + 12.0, left + SIDE + 12.0 + 76.0);
        let strip = Frame::new(across, down, (0.0, 1.0), frame.y);
        let mut bars = sheet.panel(strip);
        let (much, name) = self.much;
        bars.row_bars(self.shares, much, [BLUE, GREY]);
        for (share, text) in [(0.0, "0"), (much, name)] {
            let at = (strip.at_x(share), down.1 + 17.0);
            bars.text(at, text, TICK - 1, Anchor::Middle);
        }
        bars.below(self.bars, 34.0, TICK);
        if place == 0 {
            bars.bar((930.0, down), (-1.0, 1.0), tiles::correlation, "")
                .text((998.0, top - 13.0), "correlation", TICK, Anchor::End);
        }
    }
}

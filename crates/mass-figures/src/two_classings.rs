//! The same points in the colours of two ways to class them.

use crate::{
    DrawError, Frame, Panel, Sheet, same_length,
    style::{SERIES, TICK},
};

/// Two squares beside each other, of the same points.
#[derive(Clone, Copy, Debug)]
pub struct TwoClassings<'a> {
    /// The points `[P]`.
    pub at: &'a [(f64, f64)],
    /// Half the side of a square, about the origin.
    pub reach: f64,
    /// The heading of the square on the left, and the class of each point there `[P]`, if it has one.
    pub first: (&'a str, &'a [Option<usize>]),
    /// The same on the right.
    pub second: (&'a str, &'a [Option<usize>]),
    /// What stands below of each class, in its colour.
    pub below: &'a [&'a str],
}

/// From one line of a text to the next, and more between two texts.
const LINE: f64 = 19.0;
const GAP: f64 = 11.0;

impl TwoClassings<'_> {
    /// A sheet with both, a and b, each with the axes and whatever else `around` draws beneath the points.
    ///
    /// # Errors
    /// [`DrawError`] if the lengths differ or there are no points.
    pub fn draw(&self, title: String, around: impl Fn(&mut Panel<'_>)) -> Result<Sheet, DrawError> {
        let lengths = [
            ("the first classes", self.first.1.len()),
            ("the second classes", self.second.1.len()),
        ];
        same_length("`at`", self.at.len(), &lengths)?;
        if self.at.is_empty() {
            return Err(DrawError::empty("at"));
        }
        let lines = self.below.iter().map(|text| text.lines().count() as f64);
        let height = 560.0 + LINE * lines.map(|count| count + 0.6).sum::<f64>();
        let mut sheet = Sheet::new(height, title);
        let ends = (-self.reach, self.reach);
        for (letter, left, (heading, classes)) in
            [('a', 60.0, self.first), ('b', 540.0, self.second)]
        {
            let frame = Frame::new((left, left + 420.0), (70.0, 490.0), ends, ends);
            let mut panel = sheet.panel(frame);
            panel
                .letter(letter, left - 30.0)
                .heading(heading, left, TICK);
            around(&mut panel);
            panel.classed_dots(self.at, classes, [1.3, 2.4]);
        }
        let mut y = 570.0;
        for (class, text) in self.below.iter().enumerate() {
            y = sheet.lines((60.0, y), text, LINE, SERIES[class % SERIES.len()]) + GAP;
        }
        Ok(sheet)
    }
}

//! Panels over a number of things that are counted up.

use crate::panel::Panel;
use crate::series::Course;
use crate::sheet::{Frame, Sheet};
use crate::style::LABEL;

/// A panel of courses over a number of things, from 1 on.
///
/// ```
/// use mass_figures::{ByCount, Course, Sheet, style::BLUE};
///
/// let mut sheet = Sheet::new(462.0, "twenty scientists");
/// let panel = ByCount {
///     across: ByCount::THREE[0],
///     down: ByCount::FIRST_ROW,
///     letter: 'a',
///     heading: "% that are correct",
///     y: (0.0, 100.0),
///     step: Some(25.0),
/// };
/// let course = Course::new("correct", BLUE, [(90.0, 80.0, 95.0), (70.0, 60.0, 80.0)]);
/// panel.draw(&mut sheet, ("number of systems", 2), &[course]).legend_below();
/// assert!(sheet.finish()?.svg.contains("number of systems"));
/// # Ok::<(), mass_figures::DrawError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ByCount<'a> {
    /// Its left and right side.
    pub across: (f64, f64),
    /// Its upper and lower side.
    pub down: (f64, f64),
    /// Its letter.
    pub letter: char,
    /// What stands above it.
    pub heading: &'a str,
    /// The ends of the y axis.
    pub y: (f64, f64),
    /// The step between the numbers of the y axis.
    pub step: Option<f64>,
}

impl ByCount<'_> {
    /// The sides of three panels of a row.
    pub const THREE: [(f64, f64); 3] = [(72.0, 334.0), (390.0, 652.0), (708.0, 970.0)];
    /// Where the first row of panels stands.
    pub const FIRST_ROW: (f64, f64) = (72.0, 330.0);

    /// Draws it, but for its legend, over so many of what is counted.
    pub fn draw<'s>(
        &self,
        sheet: &'s mut Sheet,
        (what, most): (&str, usize),
        courses: &[Course],
    ) -> Panel<'s> {
        let left = self.across.0;
        let x = (0.6, most.max(1) as f64 + 0.4);
        let mut panel = sheet.panel(Frame::new(self.across, self.down, x, self.y));
        panel
            .courses(courses, self.step)
            .x_label(what)
            .letter(self.letter, left - 58.0)
            .heading(self.heading, left - 22.0, LABEL);
        panel
    }
}

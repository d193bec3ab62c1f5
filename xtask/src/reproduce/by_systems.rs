//! Panels over the number of systems: what Figures 10 and 11 share.

use mass_figures::{Course, Frame, Panel, Sheet, style::LABEL};
use mass_interp::Estimate;

/// A panel over the number of systems.
pub(super) struct BySystems<'a> {
    /// Its left and right side.
    pub(super) across: (f64, f64),
    /// Its upper and lower side.
    pub(super) down: (f64, f64),
    pub(super) letter: char,
    pub(super) heading: &'a str,
    /// The ends of the y axis, and the step between its numbers.
    pub(super) y: (f64, f64),
    pub(super) step: Option<f64>,
}

impl BySystems<'_> {
    /// The sides of three panels of a row.
    pub(super) const THREE: [(f64, f64); 3] = [(72.0, 334.0), (390.0, 652.0), (708.0, 970.0)];
    /// Where the first row of panels stands.
    pub(super) const FIRST_ROW: (f64, f64) = (72.0, 330.0);

    /// Draws it, but for its legend.
    pub(super) fn draw<'s>(
        &self,
        sheet: &'s mut Sheet,
        phases: usize,
        courses: &[Course],
    ) -> Panel<'s> {
        let left = self.across.0;
        let x = (0.6, phases.max(1) as f64 + 0.4);
        let mut panel = sheet.panel(Frame::new(self.across, self.down, x, self.y));
        panel
            .courses(courses, self.step)
            .x_label("number of systems")
            .letter(self.letter, left - 58.0)
            .heading(self.heading, left - 22.0, LABEL);
        panel
    }
}

/// Estimates as a course has them.
pub(super) fn bars<'e>(
    estimates: impl IntoIterator<Item = &'e Estimate>,
) -> impl Iterator<Item = (f64, f64, f64)> {
    estimates.into_iter().map(|e| (e.value, e.low, e.high))
}

/// Shares as a course in percent has them.
pub(super) fn percent<'e>(
    shares: impl IntoIterator<Item = &'e Estimate>,
) -> impl Iterator<Item = (f64, f64, f64)> {
    let percent = shares.into_iter().map(Estimate::percent);
    percent.map(|e| (e.value, e.low, e.high))
}

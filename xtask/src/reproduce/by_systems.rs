//! Panels over the number of systems: what Figures 10 and 11 share.

use mass_figures::{Course, Frame, Panel, Sheet, style::LABEL};
use mass_interp::Estimate;

/// A panel over the number of systems.
pub(super) struct BySystems<'a> {
    /// Its left side.
    pub(super) left: f64,
    pub(super) letter: char,
    pub(super) heading: &'a str,
    /// The ends of the y axis, and the step between its numbers.
    pub(super) y: (f64, f64),
    pub(super) step: Option<f64>,
}

impl BySystems<'_> {
    /// Draws it, but for its legend.
    pub(super) fn draw<'s>(
        &self,
        sheet: &'s mut Sheet,
        phases: usize,
        courses: &[Course],
    ) -> Panel<'s> {
        let across = (self.left, self.left + 262.0);
        let x = (0.6, phases.max(1) as f64 + 0.4);
        let mut panel = sheet.panel(Frame::new(across, (72.0, 330.0), x, self.y));
        panel
            .courses(courses, self.step)
            .x_label("number of systems")
            .letter(self.letter, self.left - 58.0)
            .heading(self.heading, self.left - 22.0, LABEL);
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

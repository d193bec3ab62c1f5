//! Errors over stages that follow each other.

use crate::{Axes, Frame, Panel, SMALLEST, Series, Sheet, style::extent, ten_to};

/// A wide panel of several courses of positive numbers on a logarithmic axis, over stages that follow each other.
#[derive(Clone, Copy, Debug)]
pub struct Staged<'a> {
    /// Upper and lower side.
    pub down: (f64, f64),
    /// The panel's letter.
    pub letter: char,
    /// Of the vertical axis.
    pub label: &'a str,
    /// The stages' names, and where each ends along the horizontal axis, which begins at 0.
    pub stages: (&'a [String], &'a [f64]),
    /// Where a broken line is drawn across.
    pub threshold: Option<f64>,
    /// A power of ten: numbers above it, and those that are not finite, run along the upper side.
    pub most: f64,
}

impl Staged<'_> {
    /// Draws courses, each of a colour and of points; nothing if no number of them is positive and finite.
    pub fn draw<'s>(
        &self,
        sheet: &'s mut Sheet,
        courses: &[(&'static str, Vec<(f64, f64)>)],
    ) -> Option<Panel<'s>> {
        let positive = |v: &f64| v.is_finite() && *v >= SMALLEST;
        let values = || {
            courses
                .iter()
                .flat_map(|(_, points)| points)
                .map(|(_, v)| *v)
        };
        extent(values().filter(positive))?;
        let (low, high) = extent(values().filter(positive).chain(self.threshold))?;
        // Room above for the stages' names.
        let (low, high) = (low.min(self.most) / 1.5, high.min(self.most) * 2.0);
        let high = high * 10f64.powf(0.09 * (high / low).log10());
        let (names, ends) = self.stages;
        let last = ends.last().copied().unwrap_or(1.0);
        let frame = Frame::new((95.0, 975.0), self.down, (0.0, last), (low, high)).log_y();
        let inside = |v: f64| {
            if v.is_nan() {
                self.most
            } else {
                v.min(self.most)
            }
        };
        let series = courses.iter().map(|(colour, points)| {
            let kept = points.iter().filter(|(_, v)| v.is_nan() || *v >= SMALLEST);
            let points = kept.map(|(x, v)| (*x, inside(*v))).collect();
            Series::new("", colour, 1.4, points)
        });
        let series: Vec<Series> = series.collect();
        let mut panel = sheet.panel(frame);
        panel.plot(&series, Axes::new()).stages(names, ends);
        if let Some(threshold) = self.threshold {
            panel.level(threshold);
        }
        let cut = values().any(|v| !v.is_finite() || v > self.most);
        let most = ten_to(self.most.log10().round() as i32);
        let cut = match cut {
            true => format!(" (cut at {most})"),
            false => String::new(),
        };
        panel
            .letter(self.letter, 20.0)
            .y_label(&format!("{}{cut}", self.label));
        Some(panel)
    }
}

//! Panels of many histograms over the same bins.

use crate::error::{DrawError, increasing, same_length};
use crate::panel::{Axes, Panel};
use crate::series::{Series, steps};
use crate::sheet::{Frame, Sheet, Swatch};
use crate::style::{AMBER, BLUE};

/// The histograms of many, thin, over that of the truth, wide; all over the same bins.
///
/// ```
/// use mass_figures::{Histograms, Sheet};
///
/// let edges = [-1.0, 0.0, 1.0];
/// let found = Histograms::new(&edges, &[0.5, 0.5], &[0.4, 0.6, 0.7, 0.3], 2)?;
/// let mut sheet = Sheet::new(300.0, "two of them");
/// found.draw(&mut sheet, (95.0, 500.0), (60.0, 260.0), ["uniform", "found"]).letter('a', 20.0);
/// assert!(sheet.finish()?.svg.contains("density"));
/// # Ok::<(), mass_figures::DrawError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Histograms<'a> {
    edges: &'a [f64],
    truth: &'a [f64],
    density: &'a [f64],
}

impl<'a> Histograms<'a> {
    /// The histograms of a figure's fields `edges`, of B bins and one more, `truth`, `[B]`, and `density`, of so
    /// `many`, row-major `[many, B]`.
    ///
    /// # Errors
    /// Fields that do not fit together, and edges that do not rise.
    pub fn new(
        edges: &'a [f64],
        truth: &'a [f64],
        density: &'a [f64],
        many: usize,
    ) -> Result<Self, DrawError> {
        let bins = edges.len().saturating_sub(1);
        same_length("`edges` less one", bins, &[("truth", truth.len())])?;
        let rows = [("density", density.len())];
        same_length("those counted by `edges` less one", many * bins, &rows)?;
        increasing("edges", edges)?;
        Ok(Self {
            edges,
            truth,
            density,
        })
    }

    /// Draws them; `names` are those of the truth and of the many.
    pub fn draw<'s>(
        &self,
        sheet: &'s mut Sheet,
        across: (f64, f64),
        down: (f64, f64),
        names: [&str; 2],
    ) -> Panel<'s> {
        let bins = self.truth.len();
        let all = self.density.iter().chain(self.truth).copied();
        let mut heights: Vec<f64> = all.filter(|v| v.is_finite()).collect();
        heights.sort_by(f64::total_cmp);
        // A histogram that is one spike does not set the scale.
        let highest = match heights.len() {
            0 => 1.0,
            n => (2.0 * heights[(0.98 * (n - 1) as f64) as usize]).min(heights[n - 1]),
        };
        let y = (0.0, highest.max(0.1) * 1.1);
        let frame = Frame::new(across, down, (self.edges[0], self.edges[bins]), y);
        let line = |name, colour, width, heights| {
            Series::new(name, colour, width, steps(self.edges, heights, y.1))
        };
        let mut lines = vec![line(names[0], AMBER, 6.0, self.truth)];
        let many = self.density.chunks(bins.max(1));
        lines.extend(many.map(|row| line("", BLUE, 0.7, row)));
        let mut panel = sheet.panel(frame);
        panel
            .plot(&lines, Axes::plain())
            .y_label("density")
            .key(names[1], BLUE, Swatch::Line(1.2))
            .legend();
        panel
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::Drawing;

    #[test]
    fn each_is_a_line_along_its_bins() {
        let edges = [-1.0, 0.0, 1.0];
        let density = [0.4, 0.6, f64::NAN, 0.3];
        let found = Histograms::new(&edges, &[0.5, 0.5], &density, 2).unwrap();
        let mut sheet = Sheet::new(300.0, "t");
        found
            .draw(&mut sheet, (95.0, 500.0), (60.0, 260.0), ["true", "each"])
            .letter('a', 20.0);
        let drawing = Drawing::of(sheet);
        drawing
            .lettered('a')
            .line(AMBER, (-0.5, 0.5))
            .line(BLUE, (-0.5, 0.4))
            .line(BLUE, (0.5, 0.3))
            .key("true", AMBER)
            .key("each", BLUE)
            .label("density");
    }

    #[test]
    fn a_spike_does_not_set_the_scale() {
        let edges: Vec<f64> = (0..=100).map(f64::from).collect();
        let mut density = vec![0.5; 100];
        density[3] = 40.0;
        let truth = vec![0.5; 100];
        let found = Histograms::new(&edges, &truth, &density, 1).unwrap();
        let mut sheet = Sheet::new(300.0, "t");
        let panel = found.draw(&mut sheet, (95.0, 500.0), (60.0, 260.0), ["a", "b"]);
        assert!((panel.frame().y.1 - 1.1).abs() < 1e-12);
    }

    #[test]
    fn bins_and_rows_are_counted() {
        let refused = |edges: &[f64], truth: &[f64], many| match Histograms::new(
            edges,
            truth,
            &[0.1, 0.2],
            many,
        ) {
            Err(DrawError::Shape { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&[0.0, 1.0, 2.0], &[0.1], 1), "truth");
        assert_eq!(refused(&[0.0, 1.0, 2.0], &[0.1, 0.2], 2), "density");
        assert_eq!(refused(&[0.0, 2.0, 1.0], &[0.1, 0.2], 1), "edges");
    }
}

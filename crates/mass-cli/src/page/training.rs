//! How networks were trained: their errors by step.

use mass_figures::{Axes, Frame, Series, Sheet, style::SERIES};

use super::look::{FOOT, TOP, WIDE};
use crate::learned::Tried;

/// Curves of the networks among some theories; none where there are none.
pub(super) fn draw(theories: &[Tried], title: &str) -> Option<Sheet> {
    let curves = theories.iter().filter_map(|theory| {
        let network = theory.network.as_ref()?;
        let seen = network.curve.iter().copied();
        // The axis of errors is logarithmic.
        let seen =
            seen.filter(|(step, error)| step.is_finite() && error.is_finite() && *error > 0.0);
        let seen: Vec<(f64, f64)> = seen.collect();
        (!seen.is_empty()).then_some((theory.name.as_str(), seen))
    });
    let curves: Vec<(&str, Vec<(f64, f64)>)> = curves.collect();
    let points = || curves.iter().flat_map(|(_, curve)| curve.iter());
    let steps = points().map(|(step, _)| *step).fold(0.0, f64::max);
    let (low, high) = mass_figures::style::extent(points().map(|(_, error)| *error))?;
    let decade = |v: f64, up: bool| {
        let power = v.log10();
        10f64.powf(if up { power.ceil() } else { power.floor() })
    };
    let y = (decade(low * 0.999, false), decade(high * 1.001, true));
    let down = (TOP, TOP + 230.0);
    let mut sheet = Sheet::new(down.1 + FOOT, title);
    let frame = Frame::new(WIDE, down, (0.0, steps.max(1.0)), y).log_y();
    let lines = curves
        .into_iter()
        .enumerate()
        .map(|(place, (name, curve))| Series::new(name, SERIES[place % SERIES.len()], 1.8, curve));
    let lines: Vec<Series> = lines.collect();
    let mut panel = sheet.panel(frame);
    panel.plot(&lines, Axes::new());
    panel.legend();
    panel.x_label("training step");
    panel.y_label("error of ẏ, of its deviation");
    Some(sheet)
}

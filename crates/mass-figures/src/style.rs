//! The look that all figures share: sizes, colours, numbers on axes.
//!
//! Sizes are in pixels of a page 1000 wide; at a text width of 7 inches 14 pixels are 7 points.

use kuva::prelude::ColorMap;

/// Width of every page.
pub const PAGE: f64 = 1000.0;
/// PNG pixels per page pixel.
pub const PNG_SCALE: f32 = 2.0;

/// Numbers at the ticks.
pub const TICK: u32 = 13;
/// Axis labels and legends.
pub const LABEL: u32 = 15;
/// Panel letters.
pub const LETTER: u32 = 18;

// Okabe and Ito's palette, which stays apart under every common colour blindness.
/// The main series.
pub const BLUE: &str = "#0072b2";
/// A lighter companion of [`BLUE`].
pub const SKY: &str = "#7cc4ee";
/// The series on the other axis, or the opposite one.
pub const VERMILLION: &str = "#d55e00";
/// A third series.
pub const GREEN: &str = "#009e73";
/// A fourth series.
pub const PURPLE: &str = "#cc79a7";
/// A fifth series.
pub const ORANGE: &str = "#e69f00";
/// Series that stand beside each other as equals.
pub const SERIES: [&str; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY];
/// The truth, drawn wide beneath what was learned.
pub const AMBER: &str = "#f2c14e";
/// What stands behind.
pub const GREY: &str = "#b0b0b0";
/// Grid lines and shading.
pub const PALE: &str = "#e8e8e8";
/// Axes, frames and text.
pub const INK: &str = "#222222";
/// A value that is missing.
pub const MISSING: &str = "#d0d0d0";

/// Colour of a correlation in [-1, 1]: blue below zero, white at zero, red above.
pub fn diverging(correlation: f64) -> (u8, u8, u8) {
    let t = (1.0 - correlation.clamp(-1.0, 1.0)) / 2.0;
    ColorMap::RedBlue.map_rgb(t).unwrap_or((255, 255, 255))
}

/// Colour of a height in [0, 1]: viridis.
pub fn sequential(t: f64) -> (u8, u8, u8) {
    ColorMap::Viridis
        .map_rgb(t.clamp(0.0, 1.0))
        .unwrap_or((255, 255, 255))
}

/// Darkness of a share in [0, 1]: white at zero, nearly black at one.
pub fn darkness(share: f64) -> (u8, u8, u8) {
    let level = (255.0 - 230.0 * share.clamp(0.0, 1.0)).round() as u8;
    (level, level, level)
}

/// The round step (1, 2 or 5 times a power of ten) that cuts `span` into about `parts`.
pub fn round_step(span: f64, parts: usize) -> f64 {
    let raw = span / parts.max(1) as f64;
    if !(raw.is_finite() && raw > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().min_by(|a, b| {
        let distance = |m: f64| (m * power / raw).ln().abs();
        distance(*a).total_cmp(&distance(*b))
    });
    step.unwrap_or(1.0) * power
}

/// Smallest and largest finite value, `None` if there is none.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .filter(|v| v.is_finite())
        .fold(None, |seen, v| match seen {
            None => Some((v, v)),
            Some((low, high)) => Some((v.min(low), v.max(high))),
        })
}

/// The largest finite value, or 0.
pub fn highest(values: &[f64]) -> f64 {
    let finite = values.iter().copied().filter(|v| v.is_finite());
    finite.fold(0.0, f64::max)
}

/// The ends of a logarithmic axis for these values: the extent of those that are positive and finite, as far as it
/// lies within limits, and this factor of room on either side; `None` if there is none. The upper end is ten times
/// the lower limit at least.
///
/// ```
/// let values = [1e-9, 0.5, 8.0, f64::INFINITY];
/// assert_eq!(mass_figures::style::log_ends(values, (1e-3, 1e4), 2.0), Some((5e-4, 16.0)));
/// ```
pub fn log_ends(
    values: impl IntoIterator<Item = f64>,
    (least, most): (f64, f64),
    room: f64,
) -> Option<(f64, f64)> {
    let positive = values.into_iter().filter(|value| *value > 0.0);
    let (low, high) = extent(positive)?;
    let (low, high) = (low.max(least), high.clamp(10.0 * least, most));
    // Where all lies far beyond the limits, the axis is one all the same.
    let low = if low / room < high * room { low } else { high };
    Some((low / room, high * room))
}

/// The extent widened by a twentieth on either side, and never empty.
pub fn roomy((low, high): (f64, f64)) -> (f64, f64) {
    let room = match high - low {
        0.0 => low.abs().max(1.0) * 0.05,
        span => span * 0.05,
    };
    (low - room, high + room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(round_step(10_100.0, 5), 2000.0);
        assert!((round_step(0.9, 10) - 0.1).abs() < 1e-12);
        assert_eq!(round_step(0.0, 5), 1.0);
        assert_eq!(round_step(f64::NAN, 5), 1.0);
    }

    #[test]
    fn extents_ignore_what_is_not_finite() {
        assert_eq!(
            extent([f64::NAN, 2.0, f64::INFINITY, -1.0]),
            Some((-1.0, 2.0))
        );
        assert_eq!(extent([f64::NAN]), None);
        let (low, high) = roomy((3.0, 3.0));
        assert!(low < 3.0 && 3.0 < high);
    }

    #[test]
    fn a_logarithmic_axis_has_two_ends() {
        let ends = |values: &[f64]| log_ends(values.iter().copied(), (1e-3, 1e4), 2.0);
        assert_eq!(ends(&[1.0, 0.0, f64::NAN]), Some((0.5, 2.0)));
        assert_eq!(ends(&[1e-9]), Some((5e-4, 2e-2)));
        assert_eq!(ends(&[1e9]), Some((5e3, 2e4)));
        assert_eq!(ends(&[0.0, f64::INFINITY]), None);
        assert_eq!(highest(&[f64::NAN, -3.0]), 0.0);
        assert_eq!(highest(&[2.0, f64::INFINITY, 1.0]), 2.0);
    }

    #[test]
    fn correlations_are_coloured_symmetrically() {
        let (r, _, b) = diverging(1.0);
        assert!(r > b, "red is positive");
        let (r, _, b) = diverging(-1.0);
        assert!(b > r, "blue is negative");
        let (r, g, b) = diverging(0.0);
        assert!(r.min(g).min(b) > 235, "zero is nearly white");
        assert_eq!(diverging(7.0), diverging(1.0));
    }
}

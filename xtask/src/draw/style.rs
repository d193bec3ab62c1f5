//! The look that all figures share: sizes, colours, numbers on axes.
//!
//! Sizes are in pixels of a page 1000 wide; at a text width of 7 inches 14 pixels are 7 points.

use kuva::prelude::ColorMap;

/// Width of every page.
pub(super) const PAGE: f64 = 1000.0;
/// PNG pixels per page pixel.
pub(super) const PNG_SCALE: f32 = 2.0;

/// Numbers at the ticks.
pub(super) const TICK: u32 = 13;
/// Axis labels and legends.
pub(super) const LABEL: u32 = 15;
/// Panel letters.
pub(super) const LETTER: u32 = 18;

// Okabe and Ito's palette, which stays apart under every common colour blindness.
/// The main series.
pub(super) const BLUE: &str = "#0072b2";
/// A lighter companion of [`BLUE`].
pub(super) const SKY: &str = "#7cc4ee";
/// The series on the other axis, or the opposite one.
pub(super) const VERMILLION: &str = "#d55e00";
/// A third series.
pub(super) const GREEN: &str = "#009e73";
/// A fourth series.
pub(super) const PURPLE: &str = "#cc79a7";
/// A fifth series.
pub(super) const ORANGE: &str = "#e69f00";
/// Series that stand beside each other as equals.
pub(super) const SERIES: [&str; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY];
/// The truth, drawn wide beneath what was learned.
pub(super) const AMBER: &str = "#f2c14e";
/// What stands behind.
pub(super) const GREY: &str = "#b0b0b0";
/// Grid lines and shading.
pub(super) const PALE: &str = "#e8e8e8";
/// Axes, frames and text.
pub(super) const INK: &str = "#222222";
/// A value that is missing.
pub(super) const MISSING: &str = "#d0d0d0";

/// Colour of a correlation in [-1, 1]: blue below zero, white at zero, red above.
pub(super) fn diverging(correlation: f64) -> (u8, u8, u8) {
    let t = (1.0 - correlation.clamp(-1.0, 1.0)) / 2.0;
    ColorMap::RedBlue.map_rgb(t).unwrap_or((255, 255, 255))
}

/// Colour of a height in [0, 1]: viridis.
pub(super) fn sequential(t: f64) -> (u8, u8, u8) {
    ColorMap::Viridis
        .map_rgb(t.clamp(0.0, 1.0))
        .unwrap_or((255, 255, 255))
}

/// Darkness of a share in [0, 1]: white at zero, nearly black at one.
pub(super) fn darkness(share: f64) -> (u8, u8, u8) {
    let level = (255.0 - 230.0 * share.clamp(0.0, 1.0)).round() as u8;
    (level, level, level)
}

/// A number as print writes it: `0.05`, `−2`, `3×10⁻⁴`; at most four digits.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if !value.is_finite() {
        return value.to_string();
    }
    let mut power = value.abs().log10().floor() as i32;
    let text = if (-3..5).contains(&power) {
        trimmed(value.abs(), (3 - power).max(0) as usize)
    } else {
        let mut mantissa = trimmed(value.abs() / 10f64.powi(power), 3);
        if mantissa == "10" {
            mantissa = "1".into();
            power += 1;
        }
        match mantissa.as_str() {
            "1" => ten_to(power),
            _ => format!("{mantissa}×{}", ten_to(power)),
        }
    };
    if value < 0.0 {
        format!("−{text}")
    } else {
        text
    }
}

/// A measured number to two digits, as print writes it: `0.0032`, `4.4×10⁻⁵`.
pub(super) fn rounded(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return number(value);
    }
    let unit = 10f64.powi(value.abs().log10().floor() as i32 - 1);
    number((value / unit).round() * unit)
}

/// A power of ten, `10⁻³`.
pub(super) fn ten_to(power: i32) -> String {
    let raised = power.to_string();
    let raised = raised.chars().map(|c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
    });
    format!("10{}", raised.collect::<String>())
}

/// A value with at most `decimals` decimals and no trailing zeros.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text,
    }
}

/// The round step (1, 2 or 5 times a power of ten) that cuts `span` into about `parts`.
pub(super) fn round_step(span: f64, parts: usize) -> f64 {
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
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .filter(|v| v.is_finite())
        .fold(None, |seen, v| match seen {
            None => Some((v, v)),
            Some((low, high)) => Some((v.min(low), v.max(high))),
        })
}

/// The extent widened by a twentieth on either side, and never empty.
pub(super) fn roomy((low, high): (f64, f64)) -> (f64, f64) {
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
    fn numbers_are_written_as_print_writes_them() {
        let cases = [
            (0.0, "0"),
            (-2.0, "−2"),
            (0.05, "0.05"),
            (0.30000000000000004, "0.3"),
            (10000.0, "10000"),
            (250000.0, "2.5×10⁵"),
            (-0.0002, "−2×10⁻⁴"),
            (1e-4, "10⁻⁴"),
            (9.99999e-5, "10⁻⁴"),
            (0.0015, "0.0015"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(ten_to(-10), "10⁻¹⁰");
        assert_eq!(rounded(0.0031415), "0.0031");
        assert_eq!(rounded(3.1415e-5), "3.1×10⁻⁵");
        assert_eq!(rounded(0.0), "0");
    }

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

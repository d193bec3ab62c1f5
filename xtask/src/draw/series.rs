//! Lines, whiskers and dots: what the figures of series share.

use kuva::prelude::{LinePlot, Plot, TickFormat};
use std::sync::Arc;

use super::sheet::{Frame, Sheet};
use super::style::ten_to;

/// The smallest value a logarithmic axis of kuva can show.
pub(super) const SMALLEST: f64 = 1e-10;

/// Numbers at the decades of a logarithmic axis; kuva's ticks at 2 and 5 go unlabelled.
pub(super) fn decades() -> TickFormat {
    TickFormat::Custom(Arc::new(|v| {
        let power = v.log10();
        match (power - power.round()).abs() < 1e-6 {
            true => ten_to(power.round() as i32),
            false => String::new(),
        }
    }))
}

/// A line of this colour and width.
pub(super) fn line(points: Vec<(f64, f64)>, colour: &str, width: f64) -> Plot {
    Plot::Line(
        LinePlot::new()
            .with_data(points)
            .with_color(colour)
            .with_stroke_width(width),
    )
}

/// At most two points to a column of pixels, the lowest and the highest: the same picture from a
/// file of a fraction of the size.
pub(super) fn thinned(points: &[(f64, f64)], columns: f64) -> Vec<(f64, f64)> {
    let bins = columns as usize;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    if points.len() <= 2 * bins || last.0 <= first.0 {
        return points.to_vec();
    }
    let bin = |x: f64| ((x - first.0) / (last.0 - first.0) * columns) as usize;
    let mut kept = Vec::with_capacity(2 * bins + 2);
    for column in points.chunk_by(|a, b| bin(a.0) == bin(b.0)) {
        let place = |order: fn(f64, f64) -> bool| {
            (1..column.len()).fold(0, |best, i| match order(column[i].1, column[best].1) {
                true => i,
                false => best,
            })
        };
        let (lowest, highest) = (place(|a, b| a < b), place(|a, b| a > b));
        kept.push(column[lowest.min(highest)]);
        if lowest != highest {
            kept.push(column[lowest.max(highest)]);
        }
    }
    kept
}

/// A broken line of this colour and width.
pub(super) fn dashed(points: Vec<(f64, f64)>, colour: &str, width: f64) -> Plot {
    Plot::Line(
        LinePlot::new()
            .with_data(points)
            .with_color(colour)
            .with_stroke_width(width)
            .with_dashed(),
    )
}

/// Whiskers from the lower to the upper value at each place, with short ends; what leaves the panel
/// is cut at its side.
pub(super) fn whiskers(sheet: &mut Sheet, frame: &Frame, bars: &[(f64, f64, f64)], colour: &str) {
    const END: f64 = 4.0;
    let inside = |value: f64| value.clamp(frame.y.0.min(frame.y.1), frame.y.0.max(frame.y.1));
    for (x, low, high) in bars {
        if !(x.is_finite() && low.is_finite() && high.is_finite()) {
            continue;
        }
        let (x, from, to) = (
            frame.at_x(*x),
            frame.at_y(inside(*low)),
            frame.at_y(inside(*high)),
        );
        sheet.line(&[(x, from), (x, to)], colour, 1.2);
        for (value, end) in [(low, from), (high, to)] {
            if inside(*value) == *value {
                sheet.line(&[(x - END, end), (x + END, end)], colour, 1.2);
            }
        }
    }
}

/// Round dots at the points that lie in the panel.
pub(super) fn dots(
    sheet: &mut Sheet,
    frame: &Frame,
    points: &[(f64, f64)],
    radius: f64,
    colour: &str,
) {
    let between = |v: f64, (from, to): (f64, f64)| from.min(to) <= v && v <= from.max(to);
    for (x, y) in points {
        if between(*x, frame.x) && between(*y, frame.y) {
            sheet.dot((frame.at_x(*x), frame.at_y(*y)), radius, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_extremes() {
        let points: Vec<(f64, f64)> = (0..10_000)
            .map(|i| {
                (
                    f64::from(i),
                    if i == 5_003 { 9.0 } else { f64::from(i % 7) },
                )
            })
            .collect();
        let kept = thinned(&points, 100.0);
        assert!(kept.len() <= 202);
        assert!(kept.contains(&(5_003.0, 9.0)));
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(thinned(&points[..50], 100.0), points[..50]);
        assert!(thinned(&[], 100.0).is_empty());
    }

    #[test]
    fn whiskers_and_dots_stay_in_the_panel() {
        let frame = Frame {
            across: (100.0, 200.0),
            down: (50.0, 150.0),
            x: (0.0, 10.0),
            y: (0.0, 1.0),
        };
        let mut sheet = Sheet::new(300.0, "t".into());
        whiskers(
            &mut sheet,
            &frame,
            &[(5.0, -3.0, 0.5), (6.0, f64::NAN, 1.0)],
            "#123456",
        );
        dots(
            &mut sheet,
            &frame,
            &[(5.0, 0.5), (5.0, 7.0), (f64::NAN, 0.5)],
            3.0,
            "#654321",
        );
        let svg = sheet.finish().unwrap().svg;
        // The stem and the one end inside; the other is cut off, and NaN has none.
        assert_eq!(svg.matches("stroke=\"#123456\"").count(), 2, "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1, "{svg}");
        assert!(!svg.contains("NaN"));
    }
}

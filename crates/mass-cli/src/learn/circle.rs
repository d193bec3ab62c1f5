//! Whether two positions lie on a circle and something holds them there, as a rod holds the bob of a pendulum.

use mass_data::{Measurements, Rows};
use nalgebra::{DMatrix, DVector};

use crate::{learned::Learned, units::behind};

/// The points are off the circle by this share of its radius at most, root mean square.
const OFF: f64 = 0.02;

/// The speed varies by this share of its mean at least: a planet's circle has a speed of its own.
const VARIES: f64 = 0.2;

/// A circle of so many times the motion's size is a straight line.
const STRAIGHT: f64 = 20.0;

/// Middle and radius of the circle through points `[N, 2]`, least squares of x² + y² = 2 a x + 2 b y + c (Kåsa 1976,
/// IEEE Trans. Instrum. Meas. 25, 8), and how far they are off it, root mean square.
fn circle(points: &[f64]) -> Option<([f64; 2], f64, f64)> {
    let n = points.len() / 2;
    let mean = [0, 1].map(|k| points.iter().skip(k).step_by(2).sum::<f64>() / n as f64);
    let moved = || {
        points
            .chunks_exact(2)
            .map(|p| [p[0] - mean[0], p[1] - mean[1]])
    };
    let (mut normal, mut right) = (DMatrix::<f64>::zeros(3, 3), DVector::<f64>::zeros(3));
    for [x, y] in moved() {
        let row = [x, y, 1.0];
        for (p, one) in row.iter().enumerate() {
            right[p] += one * (x * x + y * y);
            for (q, other) in row.iter().enumerate() {
                normal[(p, q)] += one * other;
            }
        }
    }
    let found = normal.cholesky()?.solve(&right);
    let (a, b) = (0.5 * found[0], 0.5 * found[1]);
    let radius = (found[2] + a * a + b * b).sqrt();
    let off = moved().map(|[x, y]| ((x - a).hypot(y - b) - radius).powi(2));
    let off = (off.sum::<f64>() / n as f64).sqrt();
    Some(([mean[0] + a, mean[1] + b], radius, off))
}

/// What is said of two lengths that lie on a circle.
pub(super) fn on_a_circle(
    measured: &Measurements,
    rows: &Rows,
    learned: &Learned,
) -> Option<String> {
    let units = &measured.units().positions;
    if measured.dof() != 2 || !measured.angles().is_empty() || units[0] != units[1] {
        return None;
    }
    let x = rows.data.x();
    let ([a, b], radius, off) = circle(x)?;
    let range = |k: usize| {
        let of = || x.iter().skip(k).step_by(2).copied();
        of().fold(f64::NEG_INFINITY, f64::max) - of().fold(f64::INFINITY, f64::min)
    };
    let speeds: Vec<f64> = rows.data.y().chunks(2).map(|y| y[0].hypot(y[1])).collect();
    let n = speeds.len() as f64;
    let mean = speeds.iter().sum::<f64>() / n;
    let varies = (speeds.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let bent = radius < STRAIGHT * range(0).max(range(1)) && off < OFF * radius;
    // Less than the height of the arc, or any short arc would do.
    let arc = range(0).min(range(1));
    if !bent || off > 0.2 * arc || varies < VARIES * mean {
        return None;
    }
    let origin = |k: usize| learned.origin.get(k).copied().unwrap_or(0.0);
    let unit = behind(units[0].as_ref());
    let (first, second) = (&learned.positions[0], &learned.positions[1]);
    let (a, b) = (a + origin(0), b + origin(1));
    let less = |value: f64| match value < 0.0 {
        true => format!("+ {:.4}", -value),
        false => format!("− {value:.4}"),
    };
    Some(format!(
        "all points lie on a circle of radius {radius:.4}{unit} about ({a:.4}, {b:.4}), as where a rod or a string holds what moves: then one angle is all that is free, and the laws of two \
         positions below are none; make a column of the angle, θ = atan2({first} {}, −({second} {})) if {second} points upwards, and learn from that",
        less(a),
        less(b)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found_from_an_arc() {
        let points: Vec<f64> = (0..200)
            .flat_map(|row| {
                let angle = 0.9 * (0.05 * f64::from(row)).cos();
                [0.3 + 1.1 * angle.sin(), 2.0 - 1.1 * angle.cos()]
            })
            .collect();
        let ([a, b], radius, off) = circle(&points).unwrap();
        assert!((a - 0.3).abs() < 1e-9 && (b - 2.0).abs() < 1e-9, "{a} {b}");
        assert!((radius - 1.1).abs() < 1e-9 && off < 1e-9);
        let ellipse: Vec<f64> = (0..200)
            .flat_map(|row| {
                let angle = 0.05 * f64::from(row);
                [angle.cos(), 0.7 * angle.sin()]
            })
            .collect();
        let (_, radius, off) = circle(&ellipse).unwrap();
        assert!(off > OFF * radius);
    }
}

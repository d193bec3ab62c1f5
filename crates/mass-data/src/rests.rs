//! Rests at the ends of a motion: before it is let go, and after friction has stopped it.

use std::ops::Range;

use crate::trajectory::Trajectory;

/// A rest has so many rows at least, and this share of all.
const LEAST_ROWS: usize = 20;
const LEAST_SHARE: f64 = 0.05;

/// What is left when rests are left out has so many rows at least.
const LEAST_LEFT: usize = 20;

/// Rows whose mean tells whether the rest goes on, and by how many of its standard errors it may differ.
const BLOCK: usize = 6;
const APART: f64 = 4.5;

/// A single row of a rest is at most so many standard deviations off.
const ONE: f64 = 5.0;

/// Durbin and Watson's ratio (1950), 2 for independent errors, above which what is left of a constant is noise.
const NOISE: f64 = 1.0;

/// A spread of this share of the whole range is none.
const EXACT: f64 = 1e-9;

/// The rows between a rest at the start and one at the end; all rows where it rests at neither.
pub(crate) fn moving(trajectory: &Trajectory) -> Range<usize> {
    let (n, d) = (trajectory.len(), trajectory.dof());
    if n < LEAST_ROWS + LEAST_LEFT {
        return 0..n;
    }
    let series = |k: usize, backwards: bool| -> Vec<f64> {
        let mut x: Vec<f64> = trajectory.q().iter().skip(k).step_by(d).copied().collect();
        if backwards {
            x.reverse();
        }
        x
    };
    // Nothing moves while no position does.
    let rest = |backwards: bool| {
        let each = (0..d).map(|k| resting(&series(k, backwards)));
        each.min().unwrap_or(0)
    };
    let least = LEAST_ROWS.max((LEAST_SHARE * n as f64).ceil() as usize);
    let long = |rows: usize| if rows >= least { rows } else { 0 };
    let (from, to) = (long(rest(false)), n - long(rest(true)));
    match to >= from + LEAST_LEFT {
        true => from..to,
        false => 0..n,
    }
}

/// How many rows from the first on a position does not move, as far as its noise tells.
fn resting(x: &[f64]) -> usize {
    let all = || x.iter().copied();
    let range = all().fold(f64::NEG_INFINITY, f64::max) - all().fold(f64::INFINITY, f64::min);
    let first = LEAST_ROWS.max(x.len() / 40).min(x.len());
    let window = &x[..first];
    let mean = window.iter().sum::<f64>() / first as f64;
    let square: f64 = window.iter().map(|x| (x - mean).powi(2)).sum();
    let steps: f64 = window.windows(2).map(|two| (two[1] - two[0]).powi(2)).sum();
    let deviation = (square / (first - 1) as f64).sqrt();
    let exact = deviation <= EXACT * range;
    if !exact && steps < NOISE * square {
        return 0;
    }
    // Mean and deviation of all rows that rest so far: those of a short window are not known well enough.
    let (mut rows, mut sum, mut squares) = (first, mean * first as f64, square);
    while rows < x.len() {
        let count = rows as f64;
        let mean = sum / count;
        let deviation = (squares / (count - 1.0)).sqrt();
        let near = |value: f64, deviations: f64| {
            (value - mean).abs() <= (deviations * deviation).max(EXACT * range)
        };
        let block = &x[rows + 1 - BLOCK..=rows];
        let block = block.iter().sum::<f64>() / BLOCK as f64;
        if !near(x[rows], ONE) || !near(block, APART / (BLOCK as f64).sqrt()) {
            break;
        }
        sum += x[rows];
        squares += (x[rows] - mean) * (x[rows] - sum / (count + 1.0));
        rows += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One in [−1, 1] for each row.
    fn noise(row: usize) -> f64 {
        let mut state = (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        2.0 * ((state ^ (state >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 - 1.0
    }

    fn trajectory(x: impl Fn(f64, usize) -> f64) -> Trajectory {
        let t: Vec<f64> = (0..1000).map(|row| 0.01 * f64::from(row)).collect();
        let x = t.iter().enumerate().map(|(row, t)| x(*t, row)).collect();
        Trajectory::new("one", 1, t, x).unwrap()
    }

    /// Held until t = 2, then swinging until t = 6, where it stops.
    fn held(t: f64) -> f64 {
        (3.0 * (t.clamp(2.0, 6.0) - 2.0)).cos()
    }

    #[test]
    fn rests_are_found_at_both_ends_to_a_few_rows() {
        for size in [0.0, 1e-3, 1e-2] {
            let found = moving(&trajectory(|t, row| held(t) + size * noise(row)));
            // Near a turning point, and next to one, rows differ by less than their noise.
            let slack = 3 + (150.0 * (2.0 * size).sqrt() / 3.0) as usize;
            assert!(
                found.start.abs_diff(200) <= slack && found.end.abs_diff(600) <= slack,
                "{size}: {found:?}"
            );
        }
    }

    #[test]
    fn motion_has_no_rests() {
        for size in [0.0, 1e-3, 1e-2] {
            let all =
                |x: &dyn Fn(f64) -> f64| moving(&trajectory(|t, row| x(t) + size * noise(row)));
            assert_eq!(all(&|t| (0.7 * t).cos()), 0..1000, "let go at rest");
            assert_eq!(all(&|t| (20.0 * t).cos()), 0..1000, "fast");
            assert_eq!(all(&|t| -4.9 * t * t), 0..1000, "a fall");
            assert_eq!(all(&|t| 0.3 * t), 0..1000, "a constant velocity");
        }
    }

    #[test]
    fn what_never_moves_is_kept() {
        assert_eq!(moving(&trajectory(|_, row| 1e-3 * noise(row))), 0..1000);
        assert_eq!(moving(&trajectory(|_, _| 1.5)), 0..1000);
    }

    #[test]
    fn nothing_rests_while_another_position_moves() {
        let t: Vec<f64> = (0..1000).map(|row| 0.01 * f64::from(row)).collect();
        let q = t.iter().flat_map(|t| [held(*t), (2.0 * t).sin()]).collect();
        assert_eq!(moving(&Trajectory::new("two", 2, t, q).unwrap()), 0..1000);
    }
}

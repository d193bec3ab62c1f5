//! Bounces: velocities that turn over at once, where a position is always the same.

use mass_data::Measurements;
use mass_systems::{QuantileRule, quantile};

/// A change of velocity of so many times that of nine in ten rows is an impact.
const SUDDEN: f64 = 5.0;
/// And it is none unless the velocities before and after are this share of its root mean square.
const FAST: f64 = 0.1;
/// The positions of all bounces lie within this share of the range.
const SAME_PLACE: f64 = 0.05;
/// So many bounces are needed: one may be a gross error.
const LEAST: usize = 2;

/// Bounces of one position.
#[derive(Debug, PartialEq)]
pub(super) struct Bounces {
    pub(super) position: usize,
    pub(super) count: usize,
    /// Where.
    pub(super) place: f64,
}

/// The bounces of the position that has most of them, if one has any.
pub(super) fn bounces(measured: &Measurements) -> Option<Bounces> {
    let d = measured.dof();
    let each = (0..d).filter_map(|k| {
        let all: Vec<(Vec<f64>, Vec<f64>)> = measured
            .trajectories()
            .iter()
            .filter(|one| one.is_timed())
            .map(|one| {
                let x = one.q().iter().skip(k).step_by(d).copied().collect();
                (one.t().to_vec(), x)
            })
            .collect();
        of_position(k, &all)
    });
    each.max_by_key(|one| one.count)
}

fn of_position(position: usize, all: &[(Vec<f64>, Vec<f64>)]) -> Option<Bounces> {
    let speeds = |(t, x): &(Vec<f64>, Vec<f64>)| -> Vec<f64> {
        let pairs = t.windows(2).zip(x.windows(2));
        pairs.map(|(t, x)| (x[1] - x[0]) / (t[1] - t[0])).collect()
    };
    let speeds: Vec<Vec<f64>> = all.iter().map(speeds).collect();
    // Over two steps: a bounce lies within one.
    let changes: Vec<f64> = speeds
        .iter()
        .flat_map(|of| of.windows(3).map(|v| (v[2] - v[0]).abs()))
        .collect();
    if changes.is_empty() {
        return None;
    }
    let usual = quantile(&changes, 0.9, QuantileRule::Nearest);
    let count: usize = speeds.iter().map(Vec::len).sum();
    let square: f64 = speeds.iter().flatten().map(|v| v * v).sum();
    let fast = FAST * (square / count as f64).sqrt();
    let (least, most) = all
        .iter()
        .flat_map(|(_, x)| x)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| {
            (a.min(*x), b.max(*x))
        });
    let mut places: Vec<f64> = Vec::new();
    let mut upward = 0;
    for (v, (_, x)) in speeds.iter().zip(all) {
        let mut row = 0;
        while row + 2 < v.len() {
            let (before, after) = (v[row], v[row + 2]);
            let turns = before * after < 0.0 && before.abs().min(after.abs()) > fast;
            if !turns || (after - before).abs() < SUDDEN * usual {
                row += 1;
                continue;
            }
            upward += usize::from(after > 0.0);
            // The outermost of the rows about it.
            let near = x[row..(row + 4).min(x.len())].iter().copied();
            places.push(match after > 0.0 {
                true => near.fold(f64::INFINITY, f64::min),
                false => near.fold(f64::NEG_INFINITY, f64::max),
            });
            row += 4;
        }
    }
    // Off one wall, from one side of it.
    let one_side = upward == 0 || upward == places.len();
    let spread = places.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        - places.iter().copied().fold(f64::INFINITY, f64::min);
    let found = places.len() >= LEAST && one_side && spread <= SAME_PLACE * (most - least);
    found.then(|| Bounces {
        position,
        count: places.len(),
        place: quantile(&places, 0.5, QuantileRule::Nearest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(law: impl Fn(f64) -> f64) -> Vec<(Vec<f64>, Vec<f64>)> {
        let t: Vec<f64> = (0..400).map(|row| 0.01 * f64::from(row)).collect();
        let x = t.iter().map(|t| law(*t)).collect();
        vec![(t, x)]
    }

    #[test]
    fn a_ball_bounces_and_a_swing_does_not() {
        // From a metre up, without loss: parabolas between bounces of period 2 √(2/9.81).
        let period = 2.0 * (2.0_f64 / 9.81).sqrt();
        let ball = |t: f64| {
            let s = (t + 0.5 * period) % period - 0.5 * period;
            1.0 - 0.5 * 9.81 * s * s
        };
        let found = of_position(0, &series(ball)).unwrap();
        assert_eq!(found.count, 4);
        assert!(found.place.abs() < 0.06, "{found:?}");
        assert_eq!(of_position(0, &series(|t| (7.0 * t).cos())), None);
        // A gross error is one row and in no place of its own.
        let mut wrong = series(|t| (7.0 * t).cos());
        (wrong[0].1[100], wrong[0].1[250]) = (5.0, -3.0);
        assert_eq!(of_position(0, &wrong), None);
    }
}

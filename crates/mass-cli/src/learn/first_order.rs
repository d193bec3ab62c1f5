//! Whether the velocity is a straight line of the position: a law of first order, as of cooling, and no law of forces.

use std::collections::BTreeSet;

use mass_data::{Measurements, Rows};

use super::found::timed;
use crate::{learned::Learned, percent::percent};

/// The line explains the velocities but for this share of their deviation.
const LEFT: f64 = 0.03;

/// Positions decay by so much of the way to their limit at least: of less, any slow curve is a line.
const DECAYS: f64 = 0.5;

/// ẋ = −(x − limit)/τ.
#[derive(Clone, Copy, Debug)]
struct Decay {
    limit: f64,
    time: f64,
    /// The standard error of τ, as if rows were independent.
    error: f64,
    /// What is left of the velocities, by their deviation.
    left: f64,
}

/// The line through velocities against positions, of rows of one degree of freedom.
fn decay(x: &[f64], y: &[f64]) -> Option<Decay> {
    let n = x.len() as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / n;
    let (mx, my) = (mean(x), mean(y));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| of(x - mx, y - my)).sum()
    };
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    let slope = xy / xx;
    let rest = (yy - slope * xy).max(0.0);
    let (left, error) = ((rest / yy).sqrt(), (rest / (n - 2.0) / xx).sqrt());
    let found = Decay {
        limit: mx - my / slope,
        time: -1.0 / slope,
        error: error / (slope * slope),
        left,
    };
    // All positions on one side of the limit or the other, and a good part of the way.
    let away = |x: &f64| (x - found.limit).abs();
    let most = x.iter().map(away).fold(0.0, f64::max);
    let least = x.iter().map(away).fold(f64::INFINITY, f64::min);
    let told = slope < 0.0 && left < LEFT && least < (1.0 - DECAYS) * most;
    (told && found.time.is_finite()).then_some(found)
}

/// Motion whose velocity is such a line.
pub(super) struct First {
    /// What is said of it.
    pub(super) words: String,
    /// The limit and τ, where several trajectories say so: then it is the law.
    pub(super) law: Option<[f64; 2]>,
}

/// Whether the velocity is such a line.
pub(super) fn first_order(
    measured: &Measurements,
    rows: &Rows,
    learned: &Learned,
) -> Option<First> {
    if measured.dof() != 1 || measured.forcings() > 0 || !timed(measured) {
        return None;
    }
    let found = decay(rows.data.x(), rows.data.y())?;
    let name = &learned.positions[0];
    let unit = |of: &Option<String>| of.as_ref().map_or(String::new(), |unit| format!(" {unit}"));
    let position = learned.units.positions.first().cloned().flatten();
    let groups = measured.trajectories().iter().map(|one| one.group());
    let several = groups.collect::<BTreeSet<usize>>().len() > 1;
    let line = format!(
        "the velocity of {name} is a straight line of {name} itself, −({name} − {:.4}{})/τ with τ = {:.4} ± {:.1e}{}, but for {} of its deviation",
        found.limit,
        unit(&position),
        found.time,
        found.error,
        unit(&learned.units.time),
        percent(found.left)
    );
    let words = match several {
        true => format!(
            "{line}, and so in every trajectory: that is a law of first order, as of cooling or discharging; the formula below is of the acceleration, its derivative, and says less"
        ),
        false => format!(
            "{line}: so moves what approaches a value, as in cooling or discharging, a law of first order, and so moves a body that friction alone brakes, at a rate of 1/τ; one run does not tell which: a second one from another start ends at the same value, or elsewhere"
        ),
    };
    Some(First {
        words,
        law: several.then_some([found.limit, found.time]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decay_has_its_limit_and_its_time_and_a_swing_has_none() {
        let t: Vec<f64> = (0..200).map(|row| 3.0 * f64::from(row)).collect();
        let of = |x: &dyn Fn(f64) -> f64| t.iter().map(|t| x(*t)).collect::<Vec<f64>>();
        let x = of(&|t| 21.3 + 60.0 * (-t / 312.0).exp());
        let y = of(&|t| -60.0 / 312.0 * (-t / 312.0).exp());
        let found = decay(&x, &y).unwrap();
        assert!((found.limit - 21.3).abs() < 1e-9 && (found.time - 312.0).abs() < 1e-6);
        let swing = decay(&of(&|t| (0.1 * t).cos()), &of(&|t| -0.1 * (0.1 * t).sin()));
        assert!(swing.is_none(), "{swing:?}");
        // From an unstable place away: the velocity grows with the distance.
        let away = decay(
            &of(&|t| (t / 300.0).exp()),
            &of(&|t| (t / 300.0).exp() / 300.0),
        );
        assert!(away.is_none());
        // A tenth of the way tells a line from no line.
        let short = decay(&x[..11], &y[..11]);
        assert!(short.is_none(), "{short:?}");
        // Free fall: the velocity is a root of the position.
        assert!(decay(&of(&|t| -4.9 * t * t), &of(&|t| -9.8 * t)).is_none());
    }
}

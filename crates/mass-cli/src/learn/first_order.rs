//! Whether the velocity is a straight line of the position: a law of first order, as of cooling, and no law of forces.

use std::collections::BTreeSet;

use mass_data::{Measurements, Rows, Trajectory};
use mass_sparse::{Measured, independent_rows};
use mass_systems::golden_section;

use super::found::timed;
use crate::{learned::Learned, percent::percent, units::behind};

/// The line explains the velocities but for this share of their deviation.
const LEFT: f64 = 0.03;

/// Positions decay by so much of the way to their limit at least: of less, any slow curve is a line.
const DECAYS: f64 = 0.5;

/// ẋ = −(x − limit)/τ.
#[derive(Clone, Copy, Debug)]
struct Decay {
    limit: f64,
    time: f64,
    /// The standard error of τ.
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

/// What is left of positions as exponentials of one limit and one τ, each trajectory from a start of its own.
struct Exponentials {
    limit: f64,
    squares: f64,
    /// `[N]`, trajectory by trajectory.
    residuals: Vec<f64>,
}

impl Exponentials {
    /// The least squares of a τ: limit and starts are linear in the positions (Golub & Pereyra 1973).
    fn of(trajectories: &[Trajectory], time: f64) -> Self {
        // Of each trajectory, the exponential and the position at each row, and their sums.
        let each = trajectories.iter().map(|one| {
            let start = one.t()[0];
            let e = one.t().iter().map(|t| (-(t - start) / time).exp());
            let rows: Vec<(f64, f64)> = e.zip(one.q().iter().copied()).collect();
            let sum = |of: &dyn Fn(f64, f64) -> f64| rows.iter().map(|(e, q)| of(*e, *q)).sum();
            let sums: [f64; 4] = [
                sum(&|e, _| e),
                sum(&|_, q| q),
                sum(&|e, _| e * e),
                sum(&|e, q| e * q),
            ];
            (rows, sums)
        });
        let each: Vec<_> = each.collect();
        let (mut above, mut below) = (0.0, 0.0);
        for (rows, [e, q, ee, eq]) in &each {
            above += q - e * eq / ee;
            below += rows.len() as f64 - e * e / ee;
        }
        let limit = above / below;
        let mut residuals = Vec::new();
        for (rows, [e, _, ee, eq]) in &each {
            let first = (eq - limit * e) / ee;
            residuals.extend(rows.iter().map(|(e, q)| q - limit - first * e));
        }
        Self {
            limit,
            squares: residuals.iter().map(|r| r * r).sum(),
            residuals,
        }
    }
}

impl Decay {
    /// The same of the positions, not of their estimated derivatives: noise of a position is also an error of what the
    /// velocity is compared with, which flattens a line through them. None where no τ near is the best.
    fn refined(self, trajectories: &[Trajectory]) -> Option<Self> {
        let squares = |log: f64| Exponentials::of(trajectories, log.exp()).squares;
        // Between a third and three times the time.
        let (low, high) = ((self.time / 3.0).ln(), (self.time * 3.0).ln());
        let best = golden_section(squares, low, high, 1e-9);
        if best - low < 0.01 || high - best < 0.01 {
            return None;
        }
        let found = Exponentials::of(trajectories, best.exp());
        let (n, free) = (
            found.residuals.len() as f64,
            (trajectories.len() + 2) as f64,
        );
        let of: Vec<usize> = trajectories
            .iter()
            .enumerate()
            .flat_map(|(number, one)| vec![number; one.len()])
            .collect();
        let share = independent_rows(&found.residuals, 1, Some(&of)) / n;
        // The curvature of the squares over ln τ, all else at its best.
        let step = 1e-3;
        let bend =
            (squares(best + step) - 2.0 * found.squares + squares(best - step)) / (step * step);
        let variance = 2.0 * found.squares / (n - free) / bend / share;
        let error = best.exp() * variance.max(0.0).sqrt();
        (n > free && error.is_finite()).then_some(Self {
            limit: found.limit,
            time: best.exp(),
            error,
            left: self.left,
        })
    }
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
    let line = decay(rows.data.x(), rows.data.y())?;
    let found = line.refined(measured.trajectories()).unwrap_or(line);
    let name = &learned.positions[0];
    let unit = |of: &Option<String>| behind(of.as_ref());
    let position = learned.units.positions.first().cloned().flatten();
    let groups = measured.trajectories().iter().map(|one| one.group());
    let several = groups.collect::<BTreeSet<usize>>().len() > 1;
    let line = format!(
        "the velocity of {name} is a straight line of {name} itself, −({name} − {:.4}{})/τ with τ = {}{}, but for {} of its deviation",
        found.limit,
        unit(&position),
        Measured::new(found.time, Some(found.error)),
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
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Normal};

    use super::*;

    #[test]
    fn noise_of_the_positions_moves_no_time_by_more_than_its_errors() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let noise = Normal::new(0.0, 0.2).unwrap();
        let t: Vec<f64> = (0..180).map(|row| 5.0 * f64::from(row)).collect();
        let mut away = Vec::new();
        for _ in 0..200 {
            let run = |start: f64, rng: &mut ChaCha8Rng| {
                let q = t
                    .iter()
                    .map(|t| 21.3 + start * (-t / 312.0).exp() + noise.sample(rng));
                Trajectory::new("cup", 1, t.clone(), q.collect()).unwrap()
            };
            let runs = [run(40.0, &mut rng), run(60.0, &mut rng)];
            let guess = Decay {
                limit: 20.0,
                time: 290.0,
                error: 1.0,
                left: 0.02,
            };
            let found = guess.refined(&runs).unwrap();
            away.push((found.time - 312.0) / found.error);
        }
        let mean = away.iter().sum::<f64>() / 200.0;
        let square = away.iter().map(|z| z * z).sum::<f64>() / 200.0;
        // Of 200 normal numbers: their mean within four of its errors, their mean square within four of its own.
        assert!(mean.abs() < 4.0 / 200.0_f64.sqrt(), "{mean}");
        assert!(
            (square - 1.0).abs() < 4.0 * (2.0 / 200.0_f64).sqrt(),
            "{square}"
        );
    }

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

//! Whether a motion is one of constant acceleration, told from the positions themselves: where accelerations do not
//! vary, their errors by their deviation say nothing.

use mass_data::Measurements;

/// A coefficient of so many standard errors is there.
const THERE: f64 = 4.0;

/// Durbin and Watson's ratio (1950), 2 for independent errors, below which what a parabola leaves is no noise.
const SMOOTH: f64 = 0.5;

/// What is left is none at this share of the range of positions.
const EXACT: f64 = 1e-9;

/// What the theory is called.
pub(super) const CONSTANT: &str = "constant acceleration";

/// A number with its standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) value: f64,
    pub(super) error: f64,
}

impl Known {
    /// Whether it is told from zero.
    pub(super) fn is_there(&self) -> bool {
        self.value.abs() > THERE * self.error
    }
}

/// The acceleration of each position, `[d]`, if all trajectories are parabolas of one and the same, as far as their
/// noise can tell; none where a third power of time is told from none, or the trajectories differ.
pub(super) fn constant(measured: &Measurements) -> Option<Vec<Known>> {
    let d = measured.dof();
    let of = |k: usize| {
        let mut all = Vec::new();
        for one in measured.trajectories() {
            let x: Vec<f64> = one.q().iter().skip(k).step_by(d).copied().collect();
            let (found, bent) = parabola(one.t(), &x)?;
            if bent > THERE {
                return None;
            }
            all.push(found);
        }
        let weight = |one: &Known| one.error.powi(-2);
        let sum: f64 = all.iter().map(weight).sum();
        let value = all.iter().map(|one| weight(one) * one.value).sum::<f64>() / sum;
        let alike = |one: &Known| (one.value - value).abs() <= THERE * one.error;
        all.iter().all(alike).then(|| Known {
            value,
            error: sum.powf(-0.5),
        })
    };
    (0..d).map(of).collect()
}

/// The second derivative of the parabola through a series, and how many standard errors its third power has; nothing
/// of fewer than eight rows, or where what is left is smooth.
fn parabola(t: &[f64], x: &[f64]) -> Option<(Known, f64)> {
    if t.len() < 8 {
        return None;
    }
    let count = t.len() as f64;
    let middle = t.iter().sum::<f64>() / count;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    // Orthogonal on these times, each of leading coefficient 1.
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for power in 0..4 {
        let mut new: Vec<f64> = t.iter().map(|t| (t - middle).powi(power)).collect();
        for one in &basis {
            let share = dot(&new, one) / dot(one, one);
            new.iter_mut()
                .zip(one)
                .for_each(|(new, one)| *new -= share * one);
        }
        basis.push(new);
    }
    let share: Vec<f64> = basis
        .iter()
        .map(|one| dot(x, one) / dot(one, one))
        .collect();
    let left: Vec<f64> = x
        .iter()
        .enumerate()
        .map(|(row, x)| {
            let fit: f64 = basis
                .iter()
                .zip(&share)
                .map(|(one, share)| share * one[row])
                .sum();
            x - fit
        })
        .collect();
    let square = dot(&left, &left);
    let range = x.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        - x.iter().copied().fold(f64::INFINITY, f64::min);
    // Without noise positions are exact to their digits.
    let digits = EXACT * range;
    let noise = (square / (count - 4.0)).sqrt().max(digits);
    // What a wave leaves of a parabola is smooth, and no noise.
    let steps: f64 = left.windows(2).map(|two| (two[1] - two[0]).powi(2)).sum();
    if noise > digits && steps < SMOOTH * square {
        return None;
    }
    let error = |power: usize| noise / dot(&basis[power], &basis[power]).sqrt();
    let known = Known {
        value: 2.0 * share[2],
        error: 2.0 * error(2),
    };
    (noise > 0.0 && known.error.is_finite()).then(|| (known, (share[3] / error(3)).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_has_its_second_derivative_and_a_sine_is_none() {
        let t: Vec<f64> = (0..60).map(|row| 0.01 * f64::from(row)).collect();
        let noise = |row: usize| 1e-3 * ((12.9898 * row as f64).sin() * 43758.5453).fract();
        let of = |law: &dyn Fn(f64) -> f64| -> Vec<f64> {
            t.iter()
                .enumerate()
                .map(|(row, t)| law(*t) + noise(row))
                .collect()
        };
        let (fall, bent) = parabola(&t, &of(&|t| 1.0 + 0.3 * t - 4.905 * t * t)).unwrap();
        assert!(
            (fall.value + 9.81).abs() < 3.0 * fall.error && fall.error < 0.1,
            "{fall:?}"
        );
        assert!(bent < THERE, "{bent}");
        let (_, bent) = parabola(&t, &of(&|t| t * t * t)).unwrap();
        assert!(bent > THERE, "{bent}");
        // A wave has no third power to speak of where its turns are even.
        for rate in [8.0, 25.0, 60.0] {
            assert!(parabola(&t, &of(&|t| (rate * (t - 0.3)).cos())).is_none());
        }
        assert!(parabola(&t[..7], &t[..7]).is_none());
    }
}

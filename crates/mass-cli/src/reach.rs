//! From where to where the states go that a law was learned from and judged on, and how far another motion goes
//! beyond them.

use serde::{Deserialize, Serialize};

/// Beyond what was measured by less than this share of its range, nothing is said.
const NEAR: f64 = 0.1;

/// The least and the greatest of what was measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reach {
    /// `[d]`, of positions; radians for angles.
    pub(crate) positions: Vec<[f64; 2]>,
    /// `[d]`, of velocities.
    pub(crate) velocities: Vec<[f64; 2]>,
    /// Which positions are angles: a whole turn makes no difference.
    pub(crate) angles: Vec<usize>,
}

/// How far a motion goes beyond what was measured.
#[derive(Debug, PartialEq)]
pub(crate) struct Beyond {
    /// Which position, and whether it is its velocity.
    pub(crate) position: usize,
    pub(crate) velocity: bool,
    /// Where it goes; of an angle whole turns off, the same angle next to what was measured; and that, from and to.
    pub(crate) goes_to: f64,
    pub(crate) same_as: Option<f64>,
    /// Whether it is an angle that turns over, through all that was not measured.
    pub(crate) turns: bool,
    pub(crate) measured: [f64; 2],
    /// How far beyond that, by its range.
    pub(crate) share: f64,
}

impl Reach {
    /// Of positions and velocities, each `[N, d]`.
    pub(crate) fn of<'a>(
        d: usize,
        states: impl Iterator<Item = (&'a [f64], &'a [f64])>,
        angles: &[usize],
    ) -> Self {
        let none = [f64::INFINITY, f64::NEG_INFINITY];
        let mut reach = Self {
            positions: vec![none; d],
            velocities: vec![none; d],
            angles: angles.to_vec(),
        };
        for (x, y) in states {
            let positions = reach.positions.iter_mut().zip(x);
            for ([least, most], value) in positions.chain(reach.velocities.iter_mut().zip(y)) {
                (*least, *most) = (least.min(*value), most.max(*value));
            }
        }
        reach
    }

    /// Where a motion goes farthest beyond, by the range of what was measured; nothing where it stays within it, or
    /// next to it.
    pub(crate) fn beyond<'a>(
        &self,
        states: impl Iterator<Item = (&'a [f64], &'a [f64])>,
    ) -> Option<Beyond> {
        let mut farthest: Option<Beyond> = None;
        // The turn that each angle is in, counted from where it was measured.
        let mut turns: Vec<Option<f64>> = vec![None; self.positions.len()];
        for (x, y) in states {
            let positions = x.iter().zip(&self.positions).enumerate();
            let velocities = y.iter().zip(&self.velocities).enumerate();
            let all = positions
                .map(|(k, of)| (k, false, of))
                .chain(velocities.map(|(k, of)| (k, true, of)));
            for (position, velocity, (value, measured)) in all {
                let [least, most] = *measured;
                let (range, turn) = (most - least, 2.0 * std::f64::consts::PI);
                let goes_to = *value;
                let (mut value, mut over) = (goes_to, false);
                if !velocity && self.angles.contains(&position) {
                    if range >= turn {
                        continue;
                    }
                    let middle = 0.5 * (least + most);
                    let own = ((value - middle) / turn).round();
                    value -= turn * own;
                    // From one turn into another it went through the place farthest from what was measured.
                    over = turns[position].replace(own).is_some_and(|last| last != own);
                    if over {
                        value = middle + turn / 2.0;
                    }
                }
                let share = (least - value).max(value - most) / range;
                // Turning over tells more than how fast it does.
                let farther = match &farthest {
                    Some(one) if one.turns => false,
                    Some(one) => over || share > one.share,
                    None => true,
                };
                if share > NEAR && farther {
                    farthest = Some(Beyond {
                        position,
                        velocity,
                        goes_to,
                        same_as: (value != goes_to).then_some(value),
                        turns: over,
                        measured: *measured,
                        share,
                    });
                }
            }
        }
        farthest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_motion_beyond_is_told_by_the_range_and_an_angle_by_the_turn() {
        let states = [([-1.0, 0.0], [0.0, -2.0]), ([1.0, 3.0], [0.5, 2.0])];
        let each = || states.iter().map(|(x, y)| (&x[..], &y[..]));
        let reach = Reach::of(2, each(), &[0]);
        assert_eq!(reach.positions, [[-1.0, 1.0], [0.0, 3.0]]);
        assert_eq!(reach.beyond(each()), None);
        let beyond = |x: [f64; 2], y: [f64; 2]| reach.beyond([(&x[..], &y[..])].into_iter());
        // A turn more is the same place, and a hair beyond is nothing.
        assert_eq!(
            beyond([0.5 + 2.0 * std::f64::consts::PI, 1.0], [0.0, 0.0]),
            None
        );
        assert_eq!(beyond([1.1, 1.0], [0.0, 0.0]), None);
        // One that turns over goes through all angles, wherever its rows happen to be.
        let over: Vec<[f64; 2]> = (0..5).map(|i| [f64::from(i) * 1.7, 1.0]).collect();
        let (rest, fast) = ([0.0, 0.0], [9.0, 0.0]);
        let over = reach
            .beyond(over.iter().map(|x| (&x[..], &fast[..])))
            .unwrap();
        assert!(over.turns && over.position == 0);
        // Whole turns off, it is told as it goes, and with which angle that is.
        let off = [64.5, 1.0];
        let off = reach.beyond([(&off[..], &rest[..])].into_iter()).unwrap();
        assert_eq!((off.goes_to, off.turns), (64.5, false));
        approx::assert_relative_eq!(off.same_as.unwrap(), 64.5 - 20.0 * std::f64::consts::PI);
        let far = beyond([2.0, 9.0], [0.0, 2.2]).unwrap();
        assert_eq!((far.position, far.velocity, far.share), (1, false, 2.0));
        let fast = beyond([0.0, 1.0], [2.0, 0.0]).unwrap();
        assert_eq!((fast.position, fast.velocity, fast.goes_to), (0, true, 2.0));
        approx::assert_relative_eq!(fast.share, 3.0);
    }
}

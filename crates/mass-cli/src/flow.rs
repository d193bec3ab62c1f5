//! The flow of a law of one position: lines along which states move, evenly apart.

use mass_figures::style::{extent, roomy};
use serde::{Deserialize, Serialize};

/// Cells of a side: about as far apart lines are.
const CELLS: usize = 22;
/// A step, as a share of a side, and how many are taken either way.
const STEP: f64 = 0.006;
const STEPS: usize = 900;

/// A line along which states (x, y) move, in the order of time.
pub(crate) type Stream = Vec<(f64, f64)>;

/// The rectangle of states whose flow is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flow {
    x: (f64, f64),
    y: (f64, f64),
}

impl Flow {
    /// The rectangle around these states, and some room; none without a state.
    pub(crate) fn around(states: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let (x, y): (Vec<f64>, Vec<f64>) = states.unzip();
        Some(Self {
            x: roomy(extent(x)?),
            y: roomy(extent(y)?),
        })
    }

    /// The state at shares of both sides.
    fn state(&self, (u, v): (f64, f64)) -> (f64, f64) {
        (
            self.x.0 + u * (self.x.1 - self.x.0),
            self.y.0 + v * (self.y.1 - self.y.0),
        )
    }
}

/// Lines of the flow ẋ, ẏ = slope(x, y) that fill the rectangle, none near another.
pub(crate) fn streams(flow: &Flow, slope: impl Fn(f64, f64) -> (f64, f64)) -> Vec<Stream> {
    // The direction of the flow in shares of the sides; none at rest and where it is not known.
    let direction = |at: (f64, f64)| {
        let (x, y) = flow.state(at);
        let (dx, dy) = slope(x, y);
        let (du, dv) = (dx / (flow.x.1 - flow.x.0), dy / (flow.y.1 - flow.y.0));
        let speed = du.hypot(dv);
        (speed.is_finite() && speed > 0.0).then(|| (du / speed, dv / speed))
    };
    let cell = |(u, v): (f64, f64)| {
        let inside = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v);
        let of = |share: f64| ((share * CELLS as f64) as usize).min(CELLS - 1);
        inside.then(|| of(v) * CELLS + of(u))
    };
    let mut taken = vec![false; CELLS * CELLS];
    let mut found = Vec::new();
    // From the middle outwards, so that the first lines are the long ones.
    let middle = (CELLS as f64 - 1.0) / 2.0;
    let mut starts: Vec<(usize, usize)> =
        (0..CELLS * CELLS).map(|i| (i % CELLS, i / CELLS)).collect();
    starts.sort_by_key(|(i, j)| {
        let far = (*i as f64 - middle).hypot(*j as f64 - middle);
        (far * 1e3) as i64
    });
    for (i, j) in starts {
        if taken[j * CELLS + i] {
            continue;
        }
        let start = (
            (i as f64 + 0.5) / CELLS as f64,
            (j as f64 + 0.5) / CELLS as f64,
        );
        let mut own = Vec::new();
        let mut run = |sign: f64| {
            let mut at = start;
            let mut line = Vec::new();
            let mut left = false;
            for _ in 0..STEPS {
                let half = |from: (f64, f64), by: (f64, f64)| {
                    let h = 0.5 * sign * STEP;
                    direction((from.0 + h * by.0, from.1 + h * by.1))
                };
                // The midpoint rule: pictures show no more.
                let Some(by) = direction(at).and_then(|first| half(at, first)) else {
                    break;
                };
                at = (at.0 + sign * STEP * by.0, at.1 + sign * STEP * by.1);
                let Some(now) = cell(at) else { break };
                if taken[now] {
                    break;
                }
                line.push(at);
                if !own.contains(&now) {
                    own.push(now);
                }
                let away = (at.0 - start.0).hypot(at.1 - start.1);
                // Round and back.
                left |= away > 4.0 * STEP;
                if left && away < STEP {
                    line.push(start);
                    return (line, true);
                }
            }
            (line, false)
        };
        let (forth, closed) = run(1.0);
        let mut line: Vec<(f64, f64)> = match closed {
            true => Vec::new(),
            false => run(-1.0).0,
        };
        line.reverse();
        line.push(start);
        line.extend(forth);
        for place in own {
            taken[place] = true;
        }
        taken[j * CELLS + i] = true;
        // What is shorter than a cell or two is clutter.
        if line.len() as f64 * STEP > 2.0 / CELLS as f64 {
            let some = line.iter().step_by(3).chain(line.last());
            found.push(some.map(|at| flow.state(*at)).collect());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oscillator_flows_in_circles() {
        let corners = [(-1.0, -1.0), (1.0, 1.0)];
        let flow = Flow::around(corners.into_iter()).unwrap();
        let lines = streams(&flow, |x, y| (y, -x));
        assert!(lines.len() > 5);
        for line in &lines {
            let radius = |(x, y): &(f64, f64)| x.hypot(*y);
            let of: Vec<f64> = line.iter().map(radius).collect();
            let (low, high) = extent(of).unwrap();
            assert!(high - low < 0.01, "{low} {high}");
            // With the clock: time goes on along the line.
            let (a, b) = (line[0], line[1]);
            assert!(a.0 * b.1 - a.1 * b.0 < 0.0);
        }
    }

    #[test]
    fn what_is_not_known_has_no_flow() {
        let flow = Flow::around([(0.0, 0.0), (1.0, 1.0)].into_iter()).unwrap();
        assert!(streams(&flow, |_, _| (f64::NAN, 1.0)).is_empty());
        assert!(Flow::around([(f64::NAN, 0.0)].into_iter()).is_none());
    }
}

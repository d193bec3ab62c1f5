//! Whether something depends on time: what a law leaves of the accelerations repeats, as of what drives a motion, or
//! grows from start to end, as of a zero that drifts; and is another where the states are the same.

use std::f64::consts::PI;

use mass_data::Rows;
use mass_sparse::independent_rows;
use mass_systems::{QuantileRule, quantile};

/// Rows that are looked at, at most, and rows whose neighbours are.
const MOST_ROWS: usize = 3000;
const COMPARED: usize = 400;
/// Frequencies that are tried, at most, so many for each that a trajectory can tell apart.
const FREQUENCIES: usize = 4000;
const FINE: f64 = 5.0;
/// Periods that a trajectory must hold.
const PERIODS: f64 = 3.0;
/// A sine that explains less of what is left is none.
const MOSTLY: f64 = 0.5;
/// What is left of states next to each other is as alike as this where it depends on the state.
const ALIKE: f64 = 0.5;
/// Rows this near in time are next to each other in any case.
const APART: usize = 20;

/// Turns of a trajectory that tell a drift from what a decay or a fall leaves.
const TURNS: usize = 6;
/// Errors of a drift that tell it from none, and the least share of the positions' deviation that is told.
const CERTAIN: f64 = 5.0;
const WORTH: f64 = 0.02;

/// A zero that drifts, or a force that grows.
#[derive(Debug)]
pub(super) struct Drift {
    pub(super) position: usize,
    /// How far the zero moves from the start to the end of the trajectory where it moves most, with its error; in the
    /// position's unit.
    pub(super) moved: f64,
    pub(super) error: f64,
    /// The same by the position's deviation.
    pub(super) share: f64,
}

/// Whether what a law leaves of the accelerations changes with time in a trajectory that swings.
pub(super) fn drifting(all: &[&Rows], law: impl Fn(&[f64], &[f64], &mut [f64])) -> Option<Drift> {
    drifts(rows_left(all, &law)?, &law)
}

fn drifts(mut rows: Vec<Left>, law: &impl Fn(&[f64], &[f64], &mut [f64])) -> Option<Drift> {
    let d = rows.first()?.left.len();
    rows.sort_by_key(|row| (row.trajectory, row.place));
    let rows: Vec<&Left> = rows.iter().collect();
    let of_one = rows.chunk_by(|a, b| a.trajectory == b.trajectory);
    let found = of_one.flat_map(|rows| {
        let part = Part::of(rows);
        (0..d).filter_map(move |k| drift(rows, &part, k, law))
    });
    found.max_by(|a, b| a.share.total_cmp(&b.share))
}

/// The drift of one position in one trajectory, if it is there.
fn drift(
    rows: &[&Left],
    part: &Part,
    k: usize,
    law: &impl Fn(&[f64], &[f64], &mut [f64]),
) -> Option<Drift> {
    let d = rows[0].left.len();
    let turns = rows
        .windows(2)
        .filter(|two| two[0].state[d + k] * two[1].state[d + k] < 0.0);
    if turns.count() < TURNS || rows.iter().any(|row| !row.left[k].is_finite()) {
        return None;
    }
    let n = rows.len() as f64;
    let mean = rows.iter().map(|row| row.t).sum::<f64>() / n;
    let time = part.without_basis(rows.iter().map(|row| row.t - mean).collect());
    let square = dot(&time, &time);
    let whole: f64 = rows.iter().map(|row| (row.t - mean).powi(2)).sum();
    if square < 0.2 * whole {
        return None;
    }
    let left = &part.left[k];
    let slope = dot(left, &time) / square;
    let rest: Vec<f64> = left.iter().zip(&time).map(|(a, t)| a - slope * t).collect();
    let free = n - (part.basis.len() + 1) as f64;
    let independent = independent_rows(&rest, 1, Some(&vec![0; rest.len()])) / n;
    let error = (dot(&rest, &rest) / free / square / independent).sqrt();
    if slope.abs() < CERTAIN * error {
        return None;
    }
    // A zero that moves by δ leaves an acceleration of −δ times the law's slope along x, about the middle of the motion.
    let value = |of: &dyn Fn(&Left) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / n;
    let middle: Vec<f64> = (0..2 * d).map(|i| value(&|row| row.state[i])).collect();
    let size = value(&|row| (row.state[k] - middle[k]).powi(2)).sqrt();
    let at = |x: f64| {
        let (mut state, mut out) = (middle.clone(), vec![0.0; d]);
        state[k] += x;
        law(&state[..d], &vec![0.0; d], &mut out);
        out[k]
    };
    let stiffness = (at(-0.5 * size) - at(0.5 * size)) / size;
    let span = rows[rows.len() - 1].t - rows[0].t;
    let moved = slope * span / stiffness;
    let found = Drift {
        position: k,
        moved,
        error: (error * span / stiffness).abs(),
        share: moved.abs() / size,
    };
    (stiffness > 0.0 && found.share > WORTH).then_some(found)
}

/// What drives a motion.
#[derive(Debug)]
pub(super) struct Driven {
    pub(super) period: f64,
    /// The share of what the law leaves, and no straight line of the state explains, that a sine of this period does.
    pub(super) share: f64,
}

/// A row: its trajectory, its place there, time, state `[2d]`, and what is left of ẏ `[d]`; by their deviations where
/// what repeats is looked for.
struct Left {
    trajectory: usize,
    place: usize,
    t: f64,
    state: Vec<f64>,
    left: Vec<f64>,
}

/// What drives the motion of these rows, by what a law leaves of their accelerations; nothing where what is left may
/// depend on the state.
pub(super) fn driven(all: &[&Rows], law: impl Fn(&[f64], &[f64], &mut [f64])) -> Option<Driven> {
    let rows = left(all, law)?;
    (alike(&rows) < ALIKE).then(|| repeats(&rows)).flatten()
}

/// What a law leaves of the accelerations, at most [`MOST_ROWS`] rows, in the data's units.
fn rows_left(all: &[&Rows], law: impl Fn(&[f64], &[f64], &mut [f64])) -> Option<Vec<Left>> {
    let d = all.first()?.data.dof();
    let count: usize = all.iter().map(|rows| rows.data.len()).sum();
    let step = count.div_ceil(MOST_ROWS);
    let mut found = vec![0.0; d];
    let mut rows: Vec<Left> = Vec::new();
    for of in all {
        for row in (0..of.data.len()).step_by(step) {
            let state = of.data.state(row);
            law(state.x, state.y, &mut found);
            let left = state.acceleration.iter().zip(&found).map(|(a, b)| a - b);
            rows.push(Left {
                trajectory: of.trajectory[row],
                place: of.row[row],
                t: of.t[row],
                state: [state.x, state.y].concat(),
                left: left.collect(),
            });
        }
    }
    Some(rows)
}

fn left(all: &[&Rows], law: impl Fn(&[f64], &[f64], &mut [f64])) -> Option<Vec<Left>> {
    let mut rows = rows_left(all, law)?;
    let d = rows.first()?.left.len();
    if rows
        .iter()
        .flat_map(|row| &row.left)
        .any(|left| !left.is_finite())
    {
        return None;
    }
    let deviation = |of: &dyn Fn(&Left) -> f64| {
        let count = rows.len() as f64;
        let mean = rows.iter().map(of).sum::<f64>() / count;
        let square = rows.iter().map(|row| (of(row) - mean).powi(2)).sum::<f64>() / count;
        (square.sqrt(), mean)
    };
    let states: Vec<(f64, f64)> = (0..2 * d).map(|k| deviation(&|row| row.state[k])).collect();
    let lefts: Vec<(f64, f64)> = (0..d).map(|k| deviation(&|row| row.left[k])).collect();
    let unit = |(size, mean): (f64, f64), value: f64| match size > 0.0 {
        true => (value - mean) / size,
        false => 0.0,
    };
    for row in &mut rows {
        let state = row.state.iter_mut().zip(&states);
        state.for_each(|(value, of)| *value = unit(*of, *value));
        let left = row.left.iter_mut().zip(&lefts);
        left.for_each(|(value, of)| *value = unit(*of, *value));
    }
    Some(rows)
}

/// The correlation of what is left at a state with what is left at the state next to it of another time.
fn alike(rows: &[Left]) -> f64 {
    let step = rows.len().div_ceil(COMPARED);
    let (mut both, mut own) = (0.0, 0.0);
    for row in rows.iter().step_by(step) {
        let others = rows.iter().filter(|other| {
            other.trajectory != row.trajectory || other.place.abs_diff(row.place) > APART
        });
        let apart = |other: &Left| {
            let pairs = row.state.iter().zip(&other.state);
            pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>()
        };
        let nearest = others.min_by(|a, b| apart(a).total_cmp(&apart(b)));
        if let Some(nearest) = nearest {
            both += dot(&row.left, &nearest.left);
            own += 0.5 * (dot(&row.left, &row.left) + dot(&nearest.left, &nearest.left));
        }
    }
    if own > 0.0 { both / own } else { 1.0 }
}

/// The period of the sine that explains most of what is left, of each trajectory its own amplitude and phase, if it
/// explains most of it.
fn repeats(rows: &[Left]) -> Option<Driven> {
    let mut rows: Vec<&Left> = rows.iter().collect();
    rows.sort_by_key(|row| (row.trajectory, row.place));
    let parts: Vec<&[&Left]> = rows
        .chunk_by(|a, b| a.trajectory == b.trajectory)
        .filter(|part| part.len() >= APART)
        .collect();
    let span = |part: &&[&Left]| part[part.len() - 1].t - part[0].t;
    let spans: Vec<f64> = parts.iter().map(span).collect();
    if spans.is_empty() {
        return None;
    }
    let steps = parts
        .iter()
        .flat_map(|part| part.windows(2).map(|two| two[1].t - two[0].t));
    let step = quantile(&steps.collect::<Vec<_>>(), 0.5, QuantileRule::Nearest);
    let time = quantile(&spans, 0.5, QuantileRule::Nearest);
    let (slowest, fastest) = (PERIODS / time, 0.25 / step);
    if !(slowest > 0.0 && fastest > slowest) {
        return None;
    }
    let parts: Vec<Part> = parts.into_iter().map(Part::of).collect();
    let count = (FINE * time * (fastest - slowest))
        .ceil()
        .min(FREQUENCIES as f64) as usize;
    let frequency = |place: f64| slowest + (fastest - slowest) * place / count as f64;
    let share = |place: f64| explained(&parts, 2.0 * PI * frequency(place));
    let tried = (0..=count).map(|place| (share(place as f64), place as f64));
    let (_, near) = tried.max_by(|a, b| a.0.total_cmp(&b.0))?;
    // Between two that were tried.
    let fine = (-10..=10).map(|k| near + 0.1 * f64::from(k));
    let tried = fine.map(|place| (share(place), place));
    let (share, place) = tried.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (share > MOSTLY && place >= 0.0).then(|| Driven {
        period: 1.0 / frequency(place),
        share,
    })
}

/// What is left of one trajectory, and the forces that are straight lines of the state, for which a law that was found
/// without what drives the motion is wrong: orthonormal columns `[N]`, which are taken out of all.
struct Part {
    t: Vec<f64>,
    /// `[d]` of `[N]`.
    left: Vec<Vec<f64>>,
    basis: Vec<Vec<f64>>,
}

impl Part {
    fn of(rows: &[&Left]) -> Self {
        let column = |of: &dyn Fn(&Left) -> f64| rows.iter().map(|row| of(row)).collect::<Vec<_>>();
        let mut part = Self {
            t: column(&|row| row.t),
            left: Vec::new(),
            basis: Vec::new(),
        };
        let states = (0..rows[0].state.len()).map(|k| column(&|row| row.state[k]));
        for new in std::iter::once(vec![1.0; rows.len()]).chain(states) {
            let size = dot(&new, &new);
            let new = part.without_basis(new);
            let square = dot(&new, &new);
            if square > 1e-9 * size {
                part.basis
                    .push(new.iter().map(|v| v / square.sqrt()).collect());
            }
        }
        let left = (0..rows[0].left.len()).map(|k| column(&|row| row.left[k]));
        part.left = left.map(|left| part.without_basis(left)).collect();
        part
    }

    fn without_basis(&self, mut column: Vec<f64>) -> Vec<f64> {
        for one in &self.basis {
            let along = dot(one, &column);
            column
                .iter_mut()
                .zip(one)
                .for_each(|(v, b)| *v -= along * b);
        }
        column
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The share of the squares of what is left that a sine of this angular frequency explains.
fn explained(parts: &[Part], omega: f64) -> f64 {
    let (mut gone, mut whole) = (0.0, 0.0);
    for part in parts {
        let wave = |of: fn(f64) -> f64| {
            let wave = part.t.iter().map(|t| of(omega * t)).collect();
            part.without_basis(wave)
        };
        let (sine, cosine) = (wave(f64::sin), wave(f64::cos));
        let (ss, cc, sc) = (
            dot(&sine, &sine),
            dot(&cosine, &cosine),
            dot(&sine, &cosine),
        );
        let determinant = ss * cc - sc * sc;
        for left in &part.left {
            whole += dot(left, left);
            if determinant > 1e-9 * (part.t.len() as f64).powi(2) {
                let (a, b) = (dot(left, &sine), dot(left, &cosine));
                gone += (cc * a * a - 2.0 * sc * a * b + ss * b * b) / determinant;
            }
        }
    }
    if whole > 0.0 { gone / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Normal};

    use super::*;

    /// ẍ = −9 x about a zero that moves by `far` in 20 s, with noise of the acceleration; what −k (x − x₀) leaves of it.
    fn swing(far: f64, noise: f64, [k, zero]: [f64; 2]) -> Option<Drift> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let noise = Normal::new(0.0, noise).unwrap();
        let law = |x: &[f64], _: &[f64], out: &mut [f64]| out[0] = -k * (x[0] - zero);
        let rows = (0..1000).map(|place| {
            let t = 0.02 * place as f64;
            let (x, y) = (
                (3.0 * t).cos() + far * t / 20.0,
                -3.0 * (3.0 * t).sin() + far / 20.0,
            );
            let (mut found, acceleration) = ([0.0], -9.0 * (3.0 * t).cos());
            law(&[x], &[y], &mut found);
            Left {
                trajectory: 0,
                place,
                t,
                state: vec![x, y],
                left: vec![acceleration + noise.sample(&mut rng) - found[0]],
            }
        });
        drifts(rows.collect(), &law)
    }

    #[test]
    fn a_zero_that_drifts_is_told_with_how_far_and_one_that_stays_is_not() {
        let found = swing(0.05, 0.3, [9.0, 0.0]).unwrap();
        assert_eq!(found.position, 0);
        assert!((found.moved - 0.05).abs() < 4.0 * found.error, "{found:?}");
        assert!(
            found.error < 0.01 && (found.share - 0.07).abs() < 0.02,
            "{found:?}"
        );
        assert!(swing(0.0, 0.3, [9.0, 0.0]).is_none());
        // Less than a fiftieth of the swing is not worth a word.
        assert!(swing(0.005, 0.0, [9.0, 0.0]).is_none());
        // A law whose zero is elsewhere, or that is too weak, is another fault.
        assert!(swing(0.0, 0.3, [8.0, 0.1]).is_none());
    }
}

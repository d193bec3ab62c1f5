//! Whether something that depends on time drives a motion: what a law leaves of its accelerations repeats in time,
//! and is another where the states are the same.

use std::f64::consts::PI;

use mass_data::Rows;
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

/// What drives a motion.
#[derive(Debug)]
pub(super) struct Driven {
    pub(super) period: f64,
    /// The share of what the law leaves, and no straight line of the state explains, that a sine of this period does.
    pub(super) share: f64,
}

/// A row: its trajectory, its place there, time, state by its deviation `[2d]`, and what is left of ẏ `[d]`.
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

fn left(all: &[&Rows], law: impl Fn(&[f64], &[f64], &mut [f64])) -> Option<Vec<Left>> {
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

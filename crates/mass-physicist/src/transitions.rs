//! Small domains: windows that straddle a border or a bounce, explained by the flows of the laws on both sides.

use nalgebra::{DMatrix, DVector};

use crate::{error::Error, learner::Discovery, observations::Windows, recurrence::Recurrence};

/// What happens between two laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransitionKind {
    /// A passage: position and velocity are the same on both sides, and the law changes.
    Passage,
    /// A bounce: the position is the same on both sides and so is the speed, but not the velocity.
    Bounce,
}

/// A change from one law to another, or a bounce within one, between two rows of a motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// Which.
    pub kind: TransitionKind,
    /// The theory before.
    pub from: usize,
    /// The theory after.
    pub into: usize,
    /// The windows that straddle it, which no theory explains where it is said to hold.
    pub windows: Vec<usize>,
    /// The motion, counted from 0.
    pub motion: usize,
    /// The time since the motion's first row.
    pub time: f64,
    /// Where it happens, `[D]`.
    pub position: Vec<f64>,
    /// The standard error of each coordinate of the position, from the noise, `[D]`.
    pub position_error: Vec<f64>,
    /// The velocity before, `[D]`.
    pub before: Vec<f64>,
    /// The velocity after, `[D]`.
    pub after: Vec<f64>,
    /// How far apart the two flows are there, in standard errors (root mean square).
    pub miss: f64,
}

impl Transition {
    /// The unit normal of the wall at a bounce, `[D]`, towards the side that the motion is on: along the change of
    /// velocity. None for a passage.
    pub fn normal(&self) -> Option<Vec<f64>> {
        if self.kind != TransitionKind::Bounce {
            return None;
        }
        let pairs = self.after.iter().zip(&self.before);
        let change: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
        let size = change.iter().map(|c| c * c).sum::<f64>().sqrt();
        Some(change.iter().map(|c| c / size).collect())
    }
}

/// What there is between the windows that laws explain.
#[derive(Clone, Debug, PartialEq)]
pub struct Transitions {
    /// In order of time, motion by motion.
    pub events: Vec<Transition>,
    /// Windows that no theory explains and no event: corners, where two events follow each other within a step
    /// or two, rows that are wrong, or forces that the theories do not know.
    pub unexplained: Vec<usize>,
}

/// Where a border lies, by the places where motions pass over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossings {
    /// The mean of the places.
    pub mean: f64,
    /// Its standard error, from how the places scatter.
    pub standard_error: f64,
    /// How many.
    pub count: usize,
}

impl Transitions {
    /// The windows that straddle a passage or a bounce, in order.
    pub fn explained(&self, kind: TransitionKind) -> Vec<usize> {
        let of = self.events.iter().filter(|event| event.kind == kind);
        let mut windows: Vec<usize> = of.flat_map(|event| event.windows.iter().copied()).collect();
        windows.sort_unstable();
        windows.dedup();
        windows
    }

    /// The places where motions pass over a border that lies across a coordinate within an interval, weighted by
    /// their errors. None if there are fewer than two.
    pub fn crossings(&self, axis: usize, low: f64, high: f64) -> Option<Crossings> {
        let passages = self.events.iter().filter(|event| {
            let place = event.position.get(axis);
            event.kind == TransitionKind::Passage
                && event.from != event.into
                && place.is_some_and(|place| (low..=high).contains(place))
        });
        let places: Vec<(f64, f64)> = passages
            .map(|event| (event.position[axis], event.position_error[axis]))
            .collect();
        if places.len() < 2 {
            return None;
        }
        let least = places.iter().map(|(_, e)| *e).fold(f64::INFINITY, f64::min);
        let weight = |error: f64| match least > 0.0 {
            true => (least / error).powi(2),
            false => 1.0,
        };
        let total: f64 = places.iter().map(|(_, e)| weight(*e)).sum();
        let mean = places.iter().map(|(p, e)| p * weight(*e)).sum::<f64>() / total;
        let squares: f64 = places
            .iter()
            .map(|(p, e)| weight(*e) * (p - mean).powi(2))
            .sum();
        let variance = squares / (places.len() - 1) as f64 / total;
        Some(Crossings {
            mean,
            standard_error: variance.sqrt(),
            count: places.len(),
        })
    }
}

/// Rows on each side that a state is found from, at most.
const ROWS: usize = 8;
/// Windows in a row that one event straddles, at most.
const GAP: usize = 3;
/// Standard errors up to which two flows meet.
const REACH: f64 = 5.0;
/// The noise of a position is taken for this share of the positions' span at least: rounding, amplified.
const ROUNDING: f64 = 1e-12;

impl<D> Discovery<D> {
    /// Transitions by the intersection of flows (Wu & Tegmark 2019, Section III.B, Appendix H): between two stretches
    /// that theories explain, the law before is followed forwards and the law after backwards, in continuous time
    /// ([`Recurrence::differential_equation`]), from states fitted to up to eight rows of each. Where position and
    /// velocity meet, the motion passed from one to the other; where position and speed meet, it bounced.
    ///
    /// The windows must be those that the theories were found in.
    ///
    /// # Errors
    /// [`Error::Request`] if the windows are not.
    pub fn transitions(&self, windows: &Windows) -> Result<Transitions, Error> {
        let d = windows.dimension();
        let fits = self.explained_by.len() == windows.len()
            && windows.memory() == 2
            && self.theories.iter().all(|t| t.law.dimension() == d);
        if !fits {
            return Err(Error::Request(format!(
                "{} windows of {d} coordinates are not those that these theories were found in",
                windows.len()
            )));
        }
        let step = windows.step();
        let flows: Vec<Option<Flow>> = self
            .theories
            .iter()
            .map(|theory| Flow::of(&theory.symbolic.recurrence(), step))
            .collect();
        let mut span = 0.0_f64;
        for w in 0..windows.len() {
            let row = windows.position(w).iter().map(|r| r.abs());
            span = span.max(row.fold(0.0, f64::max));
        }
        let noise = self.noise.max(ROUNDING * span);
        let mut events = Vec::new();
        let mut unexplained = Vec::new();
        for gap in gaps(&self.explained_by, windows) {
            let found = gap.sides().and_then(|(before, after)| {
                if after - before > GAP + 1 {
                    return None;
                }
                let (from, into) = (self.explained_by[before]?, self.explained_by[after]?);
                let back = side(flows[from].as_ref()?, self, windows, before, false)?;
                let on = side(flows[into].as_ref()?, self, windows, after, true)?;
                meet(&back, &on, (from, into), step, noise)
            });
            match found {
                Some(mut event) => {
                    let (motion, row) = windows.place(gap.first - 1);
                    event.motion = motion;
                    event.time += row as f64 * step;
                    event.windows = (gap.first..gap.end).collect();
                    events.push(event);
                }
                None => unexplained.extend(gap.first..gap.end),
            }
        }
        Ok(Transitions {
            events,
            unexplained,
        })
    }
}

/// Windows in a row that no theory explains: from one, up to another.
struct Gap {
    first: usize,
    end: usize,
    /// Whether windows that theories explain come before and after, in the same motion.
    inside: bool,
}

impl Gap {
    /// The last window before and the first after.
    fn sides(&self) -> Option<(usize, usize)> {
        self.inside.then(|| (self.first - 1, self.end))
    }
}

/// Where theories explain nothing. Two theories that follow each other at once leave no window between them.
fn gaps(explained_by: &[Option<usize>], windows: &Windows) -> Vec<Gap> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < explained_by.len() {
        if explained_by[at].is_some() {
            at += 1;
            continue;
        }
        let first = at;
        while at < explained_by.len()
            && explained_by[at].is_none()
            && (at == first || windows.continues(at - 1))
        {
            at += 1;
        }
        let inside = first > 0
            && windows.continues(first - 1)
            && at < explained_by.len()
            && windows.continues(at - 1);
        found.push(Gap {
            first,
            end: at,
            inside,
        });
    }
    found
}

/// Ẋ = G X for X = (r, ṙ, 1).
struct Flow {
    d: usize,
    generator: DMatrix<f64>,
}

impl Flow {
    fn of(law: &Recurrence, step: f64) -> Option<Self> {
        let d = law.dimension();
        let equation = law.differential_equation(step)?;
        let width = 2 * d + 1;
        let mut generator = DMatrix::<f64>::zeros(width, width);
        for k in 0..d {
            generator[(k, d + k)] = 1.0;
            for j in 0..width {
                generator[(d + k, j)] = equation[k * width + j];
            }
        }
        Some(Self { d, generator })
    }

    /// e^{Gt}, whose last row and column are of the constant.
    fn map(&self, time: f64) -> DMatrix<f64> {
        (&self.generator * time).exp()
    }
}

/// One side of a transition: a state with its covariance, when it is, and how it moves.
struct Side<'a> {
    flow: &'a Flow,
    /// (r, ṙ, 1).
    state: DVector<f64>,
    /// Of (r, ṙ), in units of the noise's variance.
    covariance: DMatrix<f64>,
    /// The row of the motion at which the state is.
    row: usize,
}

impl Side<'_> {
    /// The state at a time from its row on, with its covariance.
    fn at(&self, time: f64) -> (DVector<f64>, DMatrix<f64>) {
        let map = self.flow.map(time);
        let n = 2 * self.flow.d;
        let inner = map.view((0, 0), (n, n));
        (
            &map * &self.state,
            inner * &self.covariance * inner.transpose(),
        )
    }
}

/// The state next to a transition, by least squares over the rows of the stretch of one theory there.
fn side<'a, D>(
    flow: &'a Flow,
    found: &Discovery<D>,
    windows: &Windows,
    window: usize,
    forwards: bool,
) -> Option<Side<'a>> {
    let d = flow.d;
    let theory = found.explained_by[window];
    let inputs = windows.inputs(window);
    // Rows from the one next to the transition on, away from it.
    let mut rows: Vec<&[f64]> = inputs
        .chunks_exact(d)
        .chain([windows.output(window)])
        .collect();
    let mut now = window;
    if forwards {
        while rows.len() < ROWS && windows.continues(now) && found.explained_by[now + 1] == theory {
            now += 1;
            rows.push(windows.output(now));
        }
    } else {
        rows.reverse();
        let own = |w: usize| windows.continues(w) && found.explained_by[w] == theory;
        while rows.len() < ROWS && now > 0 && own(now - 1) {
            now -= 1;
            rows.push(&windows.inputs(now)[..d]);
        }
    }
    let n = 2 * d;
    let sign = if forwards { 1.0 } else { -1.0 };
    let mut slopes = DMatrix::<f64>::zeros(rows.len() * d, n);
    let mut targets = DVector::<f64>::zeros(rows.len() * d);
    for (place, position) in rows.iter().enumerate() {
        let map = flow.map(sign * place as f64 * windows.step());
        for k in 0..d {
            slopes
                .view_mut((place * d + k, 0), (1, n))
                .copy_from(&map.view((k, 0), (1, n)));
            targets[place * d + k] = position[k] - map[(k, n)];
        }
    }
    let covariance = slopes.tr_mul(&slopes).try_inverse()?;
    let mut state = &covariance * slopes.tr_mul(&targets);
    // Once more, to rounding.
    let rest = &targets - &slopes * &state;
    state += &covariance * slopes.tr_mul(&rest);
    let (_, row) = windows.place(window);
    Some(Side {
        flow,
        state: state.push(1.0),
        covariance,
        row: if forwards { row - 2 } else { row },
    })
}

/// Two flows at a time from the row before on: how far apart they are.
struct Meeting {
    time: f64,
    before: DVector<f64>,
    after: DVector<f64>,
    covariances: [DMatrix<f64>; 2],
    /// χ² of the difference, in units of the noise's variance.
    square: f64,
    /// Of the time, in the same units.
    variance: f64,
}

/// Where two flows come nearest to each other, in what `count` first components say: D of them are positions,
/// 2·D states.
fn nearest(before: &Side<'_>, after: &Side<'_>, step: f64, count: usize) -> Option<Meeting> {
    let rows = after.row as f64 - before.row as f64;
    let (from, until) = (-0.6 * step, (rows + 0.6) * step);
    let look = |time: f64| -> Option<(Meeting, f64)> {
        let (one, first) = before.at(time);
        let (other, second) = after.at(time - rows * step);
        let part = |v: &DVector<f64>| v.rows(0, count).into_owned();
        let sum = (&first + &second).view((0, 0), (count, count)).into_owned();
        let inverse = sum.try_inverse()?;
        let apart = part(&(&one - &other));
        let rate = part(&(&before.flow.generator * &one - &after.flow.generator * &other));
        let pull = &inverse * &rate;
        let slope = rate.dot(&pull);
        if !(slope > 0.0 && slope.is_finite()) {
            return None;
        }
        let newton = -apart.dot(&pull) / slope;
        let meeting = Meeting {
            time,
            square: apart.dot(&(&inverse * &apart)),
            variance: 1.0 / slope,
            before: one,
            after: other,
            covariances: [first, second],
        };
        Some((meeting, newton))
    };
    let mut best: Option<(Meeting, f64)> = None;
    let parts = 8 * (rows as usize + 1);
    for k in 0..=parts {
        let time = from + (until - from) * k as f64 / parts as f64;
        if let Some(seen) = look(time)
            && best.as_ref().is_none_or(|(b, _)| seen.0.square < b.square)
        {
            best = Some(seen);
        }
    }
    let (mut best, mut newton) = best?;
    for _ in 0..20 {
        let time = (best.time + newton).clamp(from, until);
        match look(time) {
            Some((next, more)) if next.square < best.square => (best, newton) = (next, more),
            _ => break,
        }
    }
    Some(best)
}

/// The transition between two sides, if their flows meet. Its time is counted from the row before on.
fn meet(
    before: &Side<'_>,
    after: &Side<'_>,
    theories: (usize, usize),
    step: f64,
    noise: f64,
) -> Option<Transition> {
    let d = before.flow.d;
    let variance = noise * noise;
    let made = |kind: TransitionKind, at: Meeting, miss: f64| {
        let both = at.before.rows(0, d) + at.after.rows(0, d);
        let speeds = at.before.rows(d, d) + at.after.rows(d, d);
        let error = |k: usize| {
            let own = (at.covariances[0][(k, k)] + at.covariances[1][(k, k)]) / 4.0;
            (variance * (own + (0.5 * speeds[k]).powi(2) * at.variance)).sqrt()
        };
        Transition {
            kind,
            from: theories.0,
            into: theories.1,
            windows: Vec::new(),
            motion: 0,
            time: at.time,
            position: (0..d).map(|k| 0.5 * both[k]).collect(),
            position_error: (0..d).map(error).collect(),
            before: at.before.rows(d, d).iter().copied().collect(),
            after: at.after.rows(d, d).iter().copied().collect(),
            miss,
        }
    };
    if theories.0 != theories.1
        && let Some(at) = nearest(before, after, step, 2 * d)
    {
        let miss = (at.square / variance / (2 * d - 1) as f64).sqrt();
        if miss < REACH {
            return Some(made(TransitionKind::Passage, at, miss));
        }
    }
    let at = nearest(before, after, step, d)?;
    let [one, other] = [&at.before, &at.after].map(|state| state.rows(d, d).into_owned());
    let spread = |velocity: &DVector<f64>, covariance: &DMatrix<f64>| {
        let own = covariance.view((d, d), (d, d));
        velocity.dot(&(own * velocity)) / velocity.norm_squared()
    };
    let error = spread(&one, &at.covariances[0]) + spread(&other, &at.covariances[1]);
    let speeds = (one.norm() - other.norm()).powi(2) / error;
    let miss = ((at.square + speeds) / variance / d as f64).sqrt();
    let turned = (&one - &other).norm_squared() > REACH * REACH * variance * error;
    (miss < REACH && turned).then(|| made(TransitionKind::Bounce, at, miss))
}

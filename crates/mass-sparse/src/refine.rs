//! Coefficients from positions alone, by the motion that they predict.

use std::collections::BTreeSet;
use std::f64::consts::LN_2;
use std::ops::Range;

use mass_systems::{QuantileRule, quantile};
use nalgebra::{DMatrix, DVector};

use crate::lagrangian_law::{Coefficient, Equation, FrictionTerm, Parts};
use crate::law::STILL;
use crate::moving::Moving;
use crate::search::{bits_of, independent_rows};
use crate::{Error, Factor, Friction, FrictionKind, LagrangianLaw, Verdict};

/// Rows that are followed, at most: whole pieces, evenly out of all.
const ROWS: usize = 5000;

/// Units of time of a piece, at first and then; and how many are then joined to one, as long as the law follows them
/// as well: with residuals no larger than this many times those of shorter ones.
const SHORT: f64 = 1.0;
const LONG: f64 = 4.0;
const LONGER: usize = 4;
const AS_NEAR: f64 = 1.1;

/// Where a tenth of a piece's residuals are more than so many scales, the law has left it.
const LEFT: f64 = 3.0;

/// Step of a difference for a derivative, by the size of what changes.
const STEP: f64 = 1e-6;

/// Where a motion depends on its first state or on a coefficient so much more than that changes, motions part fast.
const STEEP: f64 = 10.0;
/// The same where it is asked how far a law stays, for which no start is known well enough.
const CHAOTIC: f64 = 1e3;

/// What a friction's place and kind take, in bits; the place alone takes one.
const FRICTION_BITS: f64 = 7.0;

/// Degrees of freedom of Student's t distribution.
const STUDENT: f64 = 5.0;

/// The least scale of a residual, as a share of the deviation of a position: what the integration may err by.
const PRECISION: f64 = 1e-5;

/// Positions that were measured, with their times: M trajectories in one table of N rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    dof: usize,
    trajectories: Vec<usize>,
    t: Vec<f64>,
    x: Vec<f64>,
}

impl Recording {
    /// Positions x `[N, d]` at times t `[N]`, of the trajectories of these numbers `[N]`; rows of one trajectory
    /// stand together, in the order of time, which need not be even.
    ///
    /// # Errors
    /// [`Error::Request`] if lengths do not fit, a number is not finite, or time does not grow.
    pub fn new(
        dof: usize,
        trajectories: Vec<usize>,
        t: Vec<f64>,
        x: Vec<f64>,
    ) -> Result<Self, Error> {
        let rows = t.len();
        if dof == 0 || rows == 0 || trajectories.len() != rows || x.len() != rows * dof {
            return Err(Error::Request(format!(
                "{} positions of {dof} degrees of freedom, {rows} times and {} trajectory numbers make no recording: \
                 give d positions, a time and a number for each row",
                x.len(),
                trajectories.len()
            )));
        }
        if let Some(at) = t.iter().chain(&x).position(|v| !v.is_finite()) {
            return Err(Error::Request(format!(
                "a number of row {} (counted from 0) of the recording is not finite",
                if at < rows { at } else { (at - rows) / dof }
            )));
        }
        let back = (1..rows)
            .find(|row| trajectories[*row] == trajectories[row - 1] && t[*row] <= t[row - 1]);
        if let Some(row) = back {
            return Err(Error::Request(format!(
                "time does not grow at row {row} (counted from 0) of the recording: {} comes after {}",
                t[row],
                t[row - 1]
            )));
        }
        Ok(Self {
            dof,
            trajectories,
            t,
            x,
        })
    }
}

impl LagrangianLaw {
    /// The law with coefficients fitted to positions alone, without velocities or accelerations: those whose
    /// motion, followed over pieces that end at gaps, from first states that are fitted as well, is nearest to the
    /// positions (multiple shooting, Bock 1983; Student's t with 5 degrees of freedom). Pieces are of a few units of
    /// time and become four times as long again and again, up to whole trajectories, until the law follows them less well:
    /// a frequency is known the better the more swings a piece has. What smoothing did to the derivatives that the law was
    /// found from is undone. Linear friction of each degree of
    /// freedom is added, dry and quadratic friction where there is some, and terms whose bits the positions do not repay are
    /// dropped; errors are those of the fit, from as many rows as are independent by the correlation of their residuals.
    ///
    /// Forcing is not followed: for laws without inputs. Errors of ẏ and alternatives stay those of the law that
    /// it is made from.
    ///
    /// # Errors
    /// [`Error::Request`] for a law with inputs or of which no motion can be followed; [`Error::Dof`],
    /// [`Error::TooFew`] for a recording that does not do.
    pub fn refined(&self, recording: &Recording) -> Result<Self, Error> {
        self.nearest(recording, false)
    }

    /// As [`LagrangianLaw::refined`], but no friction is added and no term dropped: for a law whose terms are those of
    /// other systems as well.
    ///
    /// # Errors
    /// As [`LagrangianLaw::refined`].
    pub fn refined_as_it_is(&self, recording: &Recording) -> Result<Self, Error> {
        self.nearest(recording, true)
    }

    /// How far the law's motion stays from the positions, `[d]`: 1.48 times the median distance, which is the standard
    /// deviation of normal noise and which gross errors do not move. Whole trajectories are followed, or what lies between
    /// gaps, each from a first state that is fitted; coefficients are as they are. Pieces of chaotic motions, which no start
    /// that is fitted follows for long, stay short. Beside the noise of the positions it tells whether the law is all that
    /// acts: what is missing may not show in accelerations, which are known worse, nor over short pieces.
    ///
    /// # Errors
    /// As [`LagrangianLaw::refined`].
    pub fn distance(&self, recording: &Recording) -> Result<Vec<f64>, Error> {
        self.can_follow(recording)?;
        let d = self.dof;
        let mut problem = Following::new(self, recording, SHORT)?;
        problem.held = true;
        let fit = problem.fit(self.parts.clone(), problem.first_states(), None, 30);
        let fit = fit.ok_or_else(not_followed)?;
        let mut reached = Reached { problem, fit };
        reached.lengthen();
        let Reached { problem, fit } = reached;
        let law = Moving::new(d, &fit.parts);
        let (mut path, mut apart) = (Vec::new(), vec![Vec::new(); d]);
        for (piece, state) in problem.pieces.iter().zip(fit.states.chunks_exact(2 * d)) {
            problem.follow(&law, piece, state, &mut path);
            let own = &problem.x[piece.start * d..piece.end * d];
            for (at, (found, right)) in path.iter().zip(own).enumerate() {
                apart[at % d].push((found - right).abs());
            }
        }
        let median = |k: usize| quantile(&apart[k], 0.5, QuantileRule::Nearest);
        Ok((0..d).map(|k| 1.4826 * median(k) * self.units[k]).collect())
    }

    fn can_follow(&self, recording: &Recording) -> Result<(), Error> {
        if recording.dof != self.dof {
            return Err(Error::Dof {
                data: recording.dof,
                library: self.dof,
            });
        }
        if self.inputs > 0 {
            return Err(Error::Request(
                "a law with forcing is not followed: refine one without inputs".into(),
            ));
        }
        Ok(())
    }

    fn nearest(&self, recording: &Recording, as_it_is: bool) -> Result<Self, Error> {
        self.can_follow(recording)?;
        let mut parts = self.parts.clone();
        if !as_it_is {
            parts.rub(0..self.dof, &[FrictionKind::Linear]);
        }
        let mut reached = Reached::of(self, parts, recording)?;
        // Neighbouring residuals that are alike tell no more than one.
        let share = reached.share();
        let friction = reached.fit.parts.friction.iter().map(|term| Friction {
            standard_error: term.coefficient.standard_error / share.sqrt(),
            ..Friction::from(term)
        });
        let friction: Vec<Friction> = friction.collect();
        if !as_it_is {
            reached.prune();
            if let Some(other) = reached.of_other_friction(self, recording) {
                reached = other;
            }
        }
        let Reached {
            problem,
            fit: mut best,
        } = reached;
        let widen = problem.independent(&best).powf(-0.5);
        for place in 0..best.parts.values().len() {
            let (c, fixed) = best.parts.values()[place];
            let error = if fixed { 0.0 } else { c.standard_error * widen };
            best.parts.set(place, c.value, error);
        }
        let covariance = best.parts.covariance.iter_mut();
        covariance.for_each(|entry| *entry *= widen * widen);
        let mut law = self.clone();
        law.equation = Equation::new(self.dof, 0, &best.parts);
        law.parts = best.parts;
        law.snap();
        law.verdict = match (&self.verdict, law.parts.friction.is_empty()) {
            (Verdict::NotTold { reason }, true) => Verdict::NotTold {
                reason: reason.clone(),
            },
            // Friction was not added, and is known from the accelerations.
            (verdict, true) if as_it_is => verdict.clone(),
            // Friction that is there for the sake of other systems.
            (Verdict::Conservative { .. }, false) if as_it_is => Verdict::Conservative {
                friction: law.parts.friction.iter().map(Friction::from).collect(),
            },
            (_, true) => Verdict::Conservative { friction },
            (_, false) => {
                let rates = problem.dissipation(&law, &best.states);
                let rate = rates.iter().sum::<f64>();
                Verdict::Dissipative {
                    friction: law.parts.friction.iter().map(Friction::from).collect(),
                    rate,
                    rate_error: law.parts.error_of_rate(&rates),
                }
            }
        };
        Ok(law)
    }
}

fn not_followed() -> Error {
    let words = "no motion of the law can be followed along these positions: it is singular there";
    Error::Request(words.into())
}

/// A fit over the longest pieces that the law follows as well as shorter ones.
struct Reached {
    problem: Following,
    fit: Followed,
}

impl Reached {
    fn of(law: &LagrangianLaw, parts: Parts, recording: &Recording) -> Result<Self, Error> {
        let problem = Following::new(law, recording, LONG)?;
        // Over short pieces first, where no error of the coefficients grows.
        let short = Following::new(law, recording, SHORT)?;
        let near = short.fit(parts, short.first_states(), None, 30);
        let fit = near.and_then(|near| problem.fit(near.parts, problem.first_states(), None, 30));
        let fit = fit.ok_or_else(not_followed)?;
        let mut reached = Self { problem, fit };
        reached.lengthen();
        Ok(reached)
    }

    /// Joins pieces, four by four again and again, as long as the law follows them as well. One along which motions part fast,
    /// as near a separatrix, where no start is known well enough, stays as short as it was. Where coefficients are held a law
    /// that follows less well tells just that, and pieces are joined all the same.
    fn lengthen(&mut self) {
        let mut last = self.problem.pieces.clone();
        let mut count = 1;
        loop {
            count *= LONGER;
            let longer = self.problem.joined(count);
            if longer.pieces == last {
                break;
            }
            last = longer.pieces.clone();
            let states = longer.states_from(&self.problem, &self.fit);
            let next = longer.fit(self.fit.parts.clone(), states.clone(), None, 30);
            let (parts, now) = match &next {
                Some(next) => (&next.parts, &next.states),
                None => (&self.fit.parts, &states),
            };
            let far = longer.far_and_steep(parts, now, &self.fit.scale);
            let is_near = |next: &Followed| {
                let mut both = next.scale.iter().zip(&self.fit.scale);
                both.all(|(longer, shorter)| *longer <= AS_NEAR * shorter)
            };
            let (problem, next) = match next {
                Some(next) if is_near(&next) || longer.held && far.is_empty() => {
                    (longer, Some(next))
                }
                _ if far.is_empty() => break,
                _ => {
                    let some = longer.with_pieces_of(&self.problem, &far);
                    // Of long recordings some pieces are followed alone, of each length others.
                    if some.count() < 0.9 * self.problem.count() {
                        break;
                    }
                    let states = some.states_from(&self.problem, &self.fit);
                    let next = some.fit(self.fit.parts.clone(), states, None, 30);
                    (some, next)
                }
            };
            match next.filter(|next| problem.held || is_near(next)) {
                Some(next) => (self.problem, self.fit) = (problem, next),
                None => break,
            }
        }
    }

    /// The share of rows that are as if independent.
    fn share(&self) -> f64 {
        self.problem.independent(&self.fit)
    }

    /// Drops terms whose bits the positions do not repay, the weakest first; two that do not go in a row, and no more
    /// are tried.
    fn prune(&mut self) {
        let share = self.share();
        let mut refused: BTreeSet<usize> = BTreeSet::new();
        while refused.len() < 2 {
            let Some(place) = self.fit.weakest(&refused) else {
                break;
            };
            let (parts, bits) = self.fit.without(place, self.problem.count() * share);
            let (states, scale) = (self.fit.states.clone(), self.fit.scale.clone());
            let shorter = self.problem.fit(parts, states, Some(scale), 12);
            match shorter {
                Some(shorter) if (shorter.cost - self.fit.cost) * share / LN_2 < bits => {
                    self.fit = shorter;
                    refused.clear();
                }
                _ => {
                    refused.insert(place);
                }
            }
        }
    }

    /// With friction of all kinds where it has some of one, and what is not needed dropped, if that comes nearer. Over short
    /// pieces one kind is like the other; over whole recordings amplitudes fall as 1/t, along a line or as a power.
    fn of_other_friction(&self, law: &LagrangianLaw, recording: &Recording) -> Option<Self> {
        let mut parts = self.fit.parts.clone();
        let rubs = parts.friction.iter().filter(|term| term.on == term.by);
        let rubs: BTreeSet<usize> = rubs.map(|term| term.on).collect();
        if rubs.is_empty() {
            return None;
        }
        parts.rub(rubs, &FrictionKind::ALL);
        let speeds = self.problem.size.iter();
        let still = speeds.map(|size| STILL * size / self.problem.time);
        parts.still = still.collect();
        let mut other = Self::of(law, parts, recording).ok()?;
        other.prune();
        let is_dry = |term: &FrictionTerm| term.kind == FrictionKind::Dry;
        if !other.fit.parts.friction.iter().any(is_dry) {
            other.fit.parts.still.clear();
        }
        (other.is_nearer(self)).then_some(other)
    }

    /// Whether it follows pieces twice as long, or such as are as long by more than the bits of the friction that it has
    /// besides, or of friction's kind if it has as many.
    fn is_nearer(&self, than: &Self) -> bool {
        let pieces = |one: &Self| one.problem.pieces.len();
        let size = |one: &Self| one.fit.parts.values().len() as f64;
        let share = self.share();
        let bits = FRICTION_BITS + 0.5 * (self.problem.count() * share).log2();
        let gain = (than.fit.cost - self.fit.cost) * share / LN_2;
        if 2 * pieces(self) <= pieces(than) {
            return true;
        }
        // Costs are of the same rows only, and each piece has a first state.
        let alike = (self.problem.count() / than.problem.count() - 1.0).abs() < 0.1;
        let states = 2.0 * self.problem.dof as f64 * (pieces(self) as f64 - pieces(than) as f64);
        let states = 0.5 * (self.problem.count() * share).log2() * states.max(0.0);
        let more = bits * (size(self) - size(than)) + states;
        alike && pieces(self) < 2 * pieces(than) && gain > more.max(FRICTION_BITS)
    }
}

/// Of pieces whole ones, evenly out of all, with as many rows as are followed at most.
fn some_of(pieces: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let rows: usize = pieces.iter().map(ExactSizeIterator::len).sum();
    pieces
        .into_iter()
        .step_by(rows.div_ceil(ROWS).max(1))
        .collect()
}

/// A recording in pieces of some units of time, in the units of the formula.
#[derive(Clone)]
struct Following {
    dof: usize,
    t: Vec<f64>,
    x: Vec<f64>,
    /// The shortest pieces, and whether each goes on where the one before ends.
    all: Vec<Range<usize>>,
    joins: Vec<bool>,
    /// Those that are followed.
    pieces: Vec<Range<usize>>,
    /// The unit of time, and the deviation of each position (of an angle at most 1), `[d]`.
    time: f64,
    size: Vec<f64>,
    /// Whether coefficients are held, and first states fitted alone.
    held: bool,
}

/// A fit of coefficients and of the first state of each piece.
struct Followed {
    parts: Parts,
    /// `[pieces, 2d]`.
    states: Vec<f64>,
    scale: Vec<f64>,
    cost: f64,
}

impl Followed {
    /// The place of the term whose coefficient is least beside its error; terms, then friction.
    fn weakest(&self, refused: &BTreeSet<usize>) -> Option<usize> {
        let all = self.parts.values();
        let free = all.iter().enumerate();
        let free = free.filter(|(place, (_, fixed))| !fixed && !refused.contains(place));
        let weak = free.map(|(place, (c, _))| ((c.value / c.standard_error).abs(), place));
        let weak = weak.min_by(|a, b| a.0.total_cmp(&b.0));
        weak.map(|(_, place)| place)
    }

    /// The terms without one, and the bits that it takes.
    fn without(&self, place: usize, rows: f64) -> (Parts, f64) {
        let mut parts = self.parts.clone();
        let count = parts.terms.len();
        let own = match place < count {
            true => bits_of(&parts.terms.remove(place).function, 32),
            false => {
                // What rubs somewhere rubs elsewhere as well: a kind that stays is told once.
                let kind = parts.friction.remove(place - count).kind;
                match parts.friction.iter().any(|term| term.kind == kind) {
                    true => 1.0,
                    false => FRICTION_BITS,
                }
            }
        };
        (parts, own + 0.5 * rows.log2())
    }
}

impl Parts {
    /// Adds friction of these kinds, of no size yet, to these degrees of freedom where they have none of that kind.
    fn rub(&mut self, all: impl IntoIterator<Item = usize>, kinds: &[FrictionKind]) {
        for i in all {
            for kind in kinds {
                let is = |term: &FrictionTerm| (term.on, term.by, term.kind) == (i, i, *kind);
                if !self.friction.iter().any(is) {
                    self.friction.push(FrictionTerm {
                        on: i,
                        by: i,
                        kind: *kind,
                        coefficient: Coefficient::new(0.0, f64::NAN),
                    });
                }
            }
        }
    }

    /// Coefficients of terms and friction, and whether each is fixed.
    fn values(&self) -> Vec<(Coefficient, bool)> {
        let terms = self.terms.iter().map(|term| (term.coefficient, term.gauge));
        let friction = self.friction.iter().map(|term| (term.coefficient, false));
        terms.chain(friction).collect()
    }

    /// The error of the sum of what each friction takes: they are known together better than each, where one takes what
    /// another leaves.
    fn error_of_rate(&self, rates: &[f64]) -> f64 {
        let (terms, all) = (self.terms.len(), self.values().len());
        // By how much the rate changes with a coefficient.
        let slopes = self.friction.iter().zip(rates);
        let slopes: Vec<f64> = slopes.map(|(term, r)| r / term.coefficient.value).collect();
        let covariance =
            |i: usize, j: usize| match self.covariance.get((terms + i) * all + terms + j) {
                Some(entry) => *entry,
                None if i == j => self.friction[i].coefficient.standard_error.powi(2),
                None => 0.0,
            };
        let mut variance = 0.0;
        for (i, a) in slopes.iter().enumerate() {
            for (j, b) in slopes.iter().enumerate() {
                variance += a * b * covariance(i, j);
            }
        }
        variance.max(0.0).sqrt()
    }

    fn set(&mut self, place: usize, value: f64, error: f64) {
        let count = self.terms.len();
        let coefficient = match place < count {
            true => &mut self.terms[place].coefficient,
            false => &mut self.friction[place - count].coefficient,
        };
        *coefficient = Coefficient::new(value, error);
    }
}

impl Following {
    fn new(law: &LagrangianLaw, recording: &Recording, length: f64) -> Result<Self, Error> {
        let d = law.dof;
        let x: Vec<f64> = (recording.x.iter().enumerate())
            .map(|(at, v)| v / law.units[at % d])
            .collect();
        let t = recording.t.clone();
        let size = (0..d).map(|k| {
            let column = || x.iter().skip(k).step_by(d);
            let mean = column().sum::<f64>() / t.len() as f64;
            let square = column().map(|v| (v - mean).powi(2)).sum::<f64>() / t.len() as f64;
            match square > 0.0 {
                // An angle that turns over and over has still the size of a radian.
                true if law.angles.contains(&k) => square.sqrt().min(1.0),
                true => square.sqrt(),
                false => 1.0,
            }
        });
        let size: Vec<f64> = size.collect();
        // The law's accelerations at rest give the unit of time.
        let mut squares = 0.0;
        let (mut memory, mut out) = (vec![0.0; d * d], vec![0.0; d]);
        let mut count = 0.0;
        for row in (0..t.len()).step_by(t.len().div_ceil(500)) {
            let (at, rest) = (&x[row * d..][..d], vec![0.0; d]);
            law.equation
                .acceleration(at, &rest, &[], &mut memory, &mut out);
            let square = out
                .iter()
                .zip(&size)
                .map(|(a, s)| (a / s).powi(2))
                .sum::<f64>();
            if square.is_finite() {
                (squares, count) = (squares + square / d as f64, count + 1.0);
            }
        }
        let whole = t.last().zip(t.first()).map_or(1.0, |(a, b)| (a - b).abs());
        let time = match squares > 0.0 {
            true => (squares / count).powf(-0.25),
            false => whole / 10.0,
        };
        let mut all: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        for row in 1..=t.len() {
            let breaks = row == t.len()
                || recording.trajectories[row] != recording.trajectories[row - 1]
                || t[row] - t[row - 1] > time;
            let is_long = || t[row] - t[start] > length * time && row - start >= 8;
            if breaks || is_long() {
                let before = all.last_mut().filter(|before| before.end == start);
                match before.filter(|before| {
                    recording.trajectories[before.start] == recording.trajectories[start]
                        && t[start] - t[start - 1] <= time
                }) {
                    // What is left at an end.
                    Some(before) if (row - start) * d < 2 * d + 4 => before.end = row,
                    _ if (row - start) * d < 2 * d + 4 => {}
                    _ => all.push(start..row),
                }
                start = row;
            }
        }
        let joins = all.windows(2).map(|pair| {
            let (end, next) = (pair[0].end, pair[1].start);
            end == next
                && recording.trajectories[end - 1] == recording.trajectories[next]
                && t[next] - t[end - 1] <= time
        });
        let joins: Vec<bool> = std::iter::once(false).chain(joins).collect();
        let pieces = some_of(all.clone());
        let least = 4 * law.parts.terms.len() + 8;
        let rows: usize = pieces.iter().map(ExactSizeIterator::len).sum();
        if rows < least {
            return Err(Error::TooFew {
                states: rows,
                functions: law.parts.terms.len(),
                least,
            });
        }
        Ok(Self {
            dof: d,
            t,
            x,
            all,
            joins,
            pieces,
            time,
            size,
            held: false,
        })
    }

    /// Numbers that are compared.
    fn count(&self) -> f64 {
        let rows: usize = self.pieces.iter().map(ExactSizeIterator::len).sum();
        (rows * self.dof) as f64
    }

    /// Of each piece, by a cubic through its first rows, `[pieces, 2d]`.
    fn first_states(&self) -> Vec<f64> {
        let d = self.dof;
        let mut states = Vec::with_capacity(self.pieces.len() * 2 * d);
        for piece in &self.pieces {
            let near = |row: &usize| self.t[*row] - self.t[piece.start] <= 1.5 * self.time;
            let rows: Vec<usize> = piece.clone().take_while(near).collect();
            let rows = if rows.len() < 8 {
                piece.clone().take(8).collect()
            } else {
                rows
            };
            let matrix = DMatrix::from_fn(rows.len(), 4, |i, power| {
                ((self.t[rows[i]] - self.t[piece.start]) / self.time).powi(power as i32)
            });
            let svd = matrix.svd(true, true);
            let mut velocities = Vec::with_capacity(d);
            for k in 0..d {
                let right = DVector::from_fn(rows.len(), |i, _| self.x[rows[i] * d + k]);
                let fit = svd
                    .solve(&right, 1e-12)
                    .unwrap_or_else(|_| DVector::zeros(4));
                states.push(fit[0]);
                velocities.push(fit[1] / self.time);
            }
            states.extend(velocities);
        }
        states
    }

    /// The same, but of pieces that begin along one of another problem's, the state to which that was followed.
    fn states_from(&self, shorter: &Self, fit: &Followed) -> Vec<f64> {
        let width = 2 * self.dof;
        let law = Moving::new(self.dof, &fit.parts);
        let mut states = self.first_states();
        for (piece, state) in self.pieces.iter().zip(states.chunks_exact_mut(width)) {
            let mut pieces = shorter.pieces.iter();
            let Some(at) = pieces.position(|p| p.contains(&piece.start)) else {
                continue;
            };
            let until = shorter.pieces[at].start..piece.start + 1;
            let mut reached = vec![f64::NAN; width];
            let first = &fit.states[at * width..][..width];
            let fine = self.follow_states(&law, &until, first, |x, y| {
                reached[..x.len()].copy_from_slice(x);
                reached[x.len()..].copy_from_slice(y);
            });
            if fine && reached.iter().all(|v| v.is_finite()) {
                state.copy_from_slice(&reached);
            }
        }
        states
    }

    /// With so many of the shortest pieces joined to one, where one goes on where another ends.
    fn joined(&self, count: usize) -> Self {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        let mut own = 0;
        for (piece, joins) in self.all.iter().zip(&self.joins) {
            match pieces.last_mut() {
                Some(last) if *joins && own < count => (last.end, own) = (piece.end, own + 1),
                _ => {
                    pieces.push(piece.clone());
                    own = 1;
                }
            }
        }
        Self {
            pieces: some_of(pieces),
            ..self.clone()
        }
    }

    /// With the pieces of another problem in place of some.
    fn with_pieces_of(&self, shorter: &Self, places: &BTreeSet<usize>) -> Self {
        let pieces = self.pieces.iter().enumerate().flat_map(|(place, piece)| {
            let is_within = |p: &&Range<usize>| p.start >= piece.start && p.end <= piece.end;
            match places.contains(&place) {
                true => shorter.pieces.iter().filter(is_within).cloned().collect(),
                false => vec![piece.clone()],
            }
        });
        Self {
            pieces: pieces.collect(),
            ..self.clone()
        }
    }

    /// The places of the pieces that the law has left, and along which motions part fast.
    fn far_and_steep(&self, parts: &Parts, states: &[f64], scale: &[f64]) -> BTreeSet<usize> {
        let (d, width) = (self.dof, 2 * self.dof);
        let law = Moving::new(d, parts);
        // A frequency that depends on the amplitude parts motions as well, and no more than a wrong law should be told of.
        let steep = if self.held { CHAOTIC } else { STEEP };
        let (mut path, mut other) = (Vec::new(), Vec::new());
        let all = self.pieces.iter().zip(states.chunks_exact(width));
        let far = all.enumerate().filter(|(_, (piece, state))| {
            if !self.follow(&law, piece, state, &mut path) {
                return true;
            }
            let own = &self.x[piece.start * d..piece.end * d];
            let apart = path.iter().zip(own).enumerate();
            let apart = apart.map(|(at, (found, right))| {
                (found - right).abs() / self.size[at % d] / scale[at % d]
            });
            let apart: Vec<f64> = apart.collect();
            quantile(&apart, 0.9, QuantileRule::Nearest) > LEFT
                && (0..width).any(|i| {
                    let mut state = state.to_vec();
                    state[i] += STEP * self.unit(i);
                    let fine = self.follow(&law, piece, &state, &mut other);
                    let parted = other
                        .iter()
                        .zip(&path)
                        .enumerate()
                        .any(|(at, (a, b))| (a - b).abs() > steep * STEP * self.size[at % d]);
                    !fine || parted
                })
        });
        far.map(|(place, _)| place).collect()
    }

    /// The positions along a piece from a first state, `[rows, d]`; false if it cannot be followed.
    fn follow(
        &self,
        law: &Moving,
        piece: &Range<usize>,
        state: &[f64],
        out: &mut Vec<f64>,
    ) -> bool {
        out.clear();
        let fine = self.follow_states(law, piece, state, |x, _| out.extend_from_slice(x));
        fine && out.iter().all(|v| v.is_finite())
    }

    /// Positions and velocities at each row of a piece from a first state; false if it cannot be followed.
    fn follow_states(
        &self,
        law: &Moving,
        piece: &Range<usize>,
        state: &[f64],
        mut each: impl FnMut(&[f64], &[f64]),
    ) -> bool {
        let d = self.dof;
        let mut steps = law.steps();
        let (mut x, mut y) = (state[..d].to_vec(), state[d..].to_vec());
        each(&x, &y);
        for row in piece.start + 1..piece.end {
            let step = self.t[row] - self.t[row - 1];
            let parts = (step / (0.06 * self.time)).ceil().clamp(1.0, 1e4);
            for _ in 0..parts as usize {
                if steps.step(&mut x, &mut y, step / parts).is_none() {
                    return false;
                }
            }
            each(&x, &y);
        }
        true
    }

    /// The share of rows that are as if independent, by the correlation of residuals along pieces.
    fn independent(&self, fit: &Followed) -> f64 {
        let d = self.dof;
        let law = Moving::new(d, &fit.parts);
        let (mut path, mut residuals, mut of) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (piece, state)) in self
            .pieces
            .iter()
            .zip(fit.states.chunks_exact(2 * d))
            .enumerate()
        {
            if self.follow(&law, piece, state, &mut path) {
                let own = &self.x[piece.start * d..piece.end * d];
                residuals.extend(path.iter().zip(own).map(|(found, right)| found - right));
                of.extend(vec![number; piece.len()]);
            }
        }
        match of.is_empty() {
            true => 1.0,
            false => (independent_rows(&residuals, d, Some(&of)) / of.len() as f64).min(1.0),
        }
    }

    /// The cost at some terms and states, and the weighed squares of each component.
    fn cost(&self, parts: &Parts, states: &[f64], scale: &[f64]) -> Option<(f64, Vec<f64>)> {
        let d = self.dof;
        let law = Moving::new(d, parts);
        let mut path = Vec::new();
        let (mut cost, mut squares) = (0.0, vec![0.0; d]);
        for (piece, state) in self.pieces.iter().zip(states.chunks_exact(2 * d)) {
            if !self.follow(&law, piece, state, &mut path) {
                return None;
            }
            for (at, found) in path.iter().enumerate() {
                let k = at % d;
                let e = (found - self.x[piece.start * d + at]) / self.size[k];
                let z = e * e / (scale[k] * scale[k]);
                cost += scale[k].ln() + 0.5 * (STUDENT + 1.0) * (z / STUDENT).ln_1p();
                squares[k] += (STUDENT + 1.0) / (STUDENT + z) * e * e;
            }
        }
        cost.is_finite().then_some((cost, squares))
    }

    /// Gauss and Newton's method, damped, for coefficients and first states together.
    fn fit(
        &self,
        mut parts: Parts,
        mut states: Vec<f64>,
        scale: Option<Vec<f64>>,
        steps: usize,
    ) -> Option<Followed> {
        let (d, width) = (self.dof, 2 * self.dof);
        let rows = self.count() / d as f64;
        let mut scale = scale.unwrap_or_else(|| vec![0.1; d]);
        let free: Vec<usize> = (parts.values().iter().enumerate())
            .filter(|(_, (_, fixed))| !fixed && !self.held)
            .map(|(place, _)| place)
            .collect();
        let k = free.len();
        let mass = |i: usize| {
            let square = Factor::Velocity(i, 2);
            let of = parts
                .terms
                .iter()
                .filter(|t| t.function.factors().contains(&square));
            of.map(|t| t.coefficient.value.abs()).fold(1e-300, f64::max)
        };
        let sizes: Vec<f64> = (free.iter())
            .map(|place| match place.checked_sub(parts.terms.len()) {
                None => parts.terms[*place].coefficient.value.abs(),
                Some(friction) => {
                    let term = &parts.friction[friction];
                    let speed = self.size[term.on] / self.time;
                    let by = match term.kind {
                        FrictionKind::Linear => 1.0,
                        FrictionKind::Dry => speed,
                        FrictionKind::Quadratic => 1.0 / speed,
                    };
                    0.1 * mass(term.on) / self.time * by
                }
            })
            .map(|size| if size > 0.0 { size } else { 1.0 })
            .collect();
        let (mut cost, mut squares) = self.cost(&parts, &states, &scale)?;
        let mut damping = 1e-3;
        for _ in 0..steps {
            let before = cost;
            for (scale, square) in scale.iter_mut().zip(&squares) {
                *scale = (square / rows).sqrt().max(PRECISION);
            }
            (cost, _) = self.cost(&parts, &states, &scale)?;
            let (blocks, hessian, gradient) =
                self.normal(&parts, &states, &scale, &free, &sizes)?;
            let mut moved = false;
            for _ in 0..8 {
                // First states are eliminated piece by piece.
                let mut schur = hessian.clone();
                let mut right = -gradient.clone();
                for i in 0..k {
                    schur[(i, i)] *= 1.0 + damping;
                    schur[(i, i)] += 1e-12;
                }
                let mut solved = Vec::with_capacity(blocks.len());
                for (own, cross, slope) in &blocks {
                    let mut own = own.clone();
                    for i in 0..width {
                        own[(i, i)] = own[(i, i)] * (1.0 + damping) + 1e-12;
                    }
                    let factor = own.cholesky()?;
                    let by_cross = factor.solve(cross);
                    schur -= cross.tr_mul(&by_cross);
                    right += by_cross.tr_mul(slope);
                    solved.push((factor, by_cross));
                }
                let step = match k {
                    0 => Some(right),
                    _ => schur.lu().solve(&right),
                };
                let Some(step) = step else {
                    damping *= 10.0;
                    continue;
                };
                let mut next = parts.clone();
                for (i, place) in free.iter().enumerate() {
                    let now = parts.values()[*place].0.value;
                    next.set(*place, now + step[i] * sizes[i], f64::NAN);
                }
                let mut moved_states = states.clone();
                for (piece, ((factor, by_cross), (_, _, slope))) in
                    solved.iter().zip(&blocks).enumerate()
                {
                    let own = -factor.solve(slope) - by_cross * &step;
                    for i in 0..width {
                        moved_states[piece * width + i] += own[i] * self.unit(i);
                    }
                }
                match self.cost(&next, &moved_states, &scale) {
                    Some((better, of)) if better < cost => {
                        (parts, states, cost, squares) = (next, moved_states, better, of);
                        damping = (damping * 0.1).max(1e-9);
                        moved = true;
                        break;
                    }
                    _ => damping *= 10.0,
                }
            }
            if !moved || (before - cost).abs() < 1e-4 * rows.sqrt() {
                break;
            }
        }
        let widen = self.spread(&parts, &states, &scale);
        parts.covariance.clear();
        for place in &free {
            let value = parts.values()[*place].0.value;
            parts.set(*place, value, f64::NAN);
        }
        let inverse = match k {
            0 => None,
            _ => self.inverse(&parts, &states, &scale, &free, &sizes),
        };
        if let Some(inverse) = inverse {
            let all = parts.values().len();
            let mut covariance = vec![0.0; all * all];
            for (i, row) in free.iter().enumerate() {
                for (j, column) in free.iter().enumerate() {
                    covariance[row * all + column] = widen * inverse[(i, j)] * sizes[i] * sizes[j];
                }
            }
            if covariance.iter().all(|entry| entry.is_finite()) {
                parts.covariance = covariance;
            }
            for (i, place) in free.iter().enumerate() {
                let value = parts.values()[*place].0.value;
                parts.set(
                    *place,
                    value,
                    (widen * inverse[(i, i)].abs()).sqrt() * sizes[i],
                );
            }
        }
        Some(Followed {
            parts,
            states,
            scale,
            cost,
        })
    }

    /// The inverse of the normal equations of the coefficients `[k, k]`, first states left free: at the very end of a fit,
    /// and not damped, for what was damped when a last step failed says that all is known well.
    fn inverse(
        &self,
        parts: &Parts,
        states: &[f64],
        scale: &[f64],
        free: &[usize],
        sizes: &[f64],
    ) -> Option<DMatrix<f64>> {
        let (blocks, mut schur, _) = self.normal(parts, states, scale, free, sizes)?;
        for (mut own, cross, _) in blocks {
            for i in 0..2 * self.dof {
                own[(i, i)] += 1e-12;
            }
            schur -= cross.tr_mul(&own.cholesky()?.solve(&cross));
        }
        Some(schur.cholesky()?.inverse())
    }

    /// By how much the variance of what is fitted is larger than the inverse of the weighed normal equations: of an
    /// estimate by weights w(e) with ψ(e) = w e it is mean ψ² mean w / (mean ψ′)² of the residuals (Huber 1964), 1.48 for
    /// noise that is normal. 1 at least, for there the precision of the integration stands for noise.
    fn spread(&self, parts: &Parts, states: &[f64], scale: &[f64]) -> f64 {
        let d = self.dof;
        let law = Moving::new(d, parts);
        let mut path = Vec::new();
        let (mut weight, mut square, mut slope, mut count) = (0.0, 0.0, 0.0, 0.0);
        for (piece, state) in self.pieces.iter().zip(states.chunks_exact(2 * d)) {
            if !self.follow(&law, piece, state, &mut path) {
                continue;
            }
            for (at, found) in path.iter().enumerate() {
                let k = at % d;
                let e = (found - self.x[piece.start * d + at]) / self.size[k] / scale[k];
                let w = (STUDENT + 1.0) / (STUDENT + e * e);
                weight += w;
                square += w * w * e * e;
                slope += w * (STUDENT - e * e) / (STUDENT + e * e);
                count += 1.0;
            }
        }
        let widen = (square / count) * (weight / count) / (slope / count).powi(2);
        match widen.is_finite() && slope > 0.0 {
            true => widen.max(1.0),
            false => 1.0,
        }
    }

    /// The unit of the i-th number of a state.
    fn unit(&self, i: usize) -> f64 {
        match i.checked_sub(self.dof) {
            None => self.size[i],
            Some(k) => self.size[k] / self.time,
        }
    }

    /// Normal equations: for each piece those of its first state `[2d, 2d]`, with the coefficients `[2d, k]` and
    /// the slope `[2d]`; and those of the coefficients `[k, k]`, `[k]`.
    #[expect(clippy::type_complexity, reason = "four matrices, named above")]
    fn normal(
        &self,
        parts: &Parts,
        states: &[f64],
        scale: &[f64],
        free: &[usize],
        sizes: &[f64],
    ) -> Option<(
        Vec<(DMatrix<f64>, DMatrix<f64>, DVector<f64>)>,
        DMatrix<f64>,
        DVector<f64>,
    )> {
        let (d, width, k) = (self.dof, 2 * self.dof, free.len());
        let law = Moving::new(d, parts);
        let moved = |by: f64| -> Vec<Moving> {
            let each = free.iter().zip(sizes).map(|(place, size)| {
                let mut parts = parts.clone();
                let now = parts.values()[*place].0.value;
                parts.set(*place, now + by * size, f64::NAN);
                Moving::new(d, &parts)
            });
            each.collect()
        };
        let (forwards, backwards) = (moved(STEP), moved(-STEP));
        let mut hessian = DMatrix::zeros(k, k);
        let mut gradient = DVector::zeros(k);
        let mut blocks = Vec::with_capacity(self.pieces.len());
        let (mut path, mut other, mut before) = (Vec::new(), Vec::new(), Vec::new());
        for (piece, state) in self.pieces.iter().zip(states.chunks_exact(width)) {
            if !self.follow(&law, piece, state, &mut path) {
                return None;
            }
            let count = path.len();
            let mut slopes = DMatrix::<f64>::zeros(count, width + k);
            for column in 0..width + k {
                let along = |by: f64, moved: &[Moving], out: &mut Vec<f64>| match column
                    .checked_sub(width)
                {
                    None => {
                        let mut state = state.to_vec();
                        state[column] += by * self.unit(column);
                        self.follow(&law, piece, &state, out)
                    }
                    Some(i) => self.follow(&moved[i], piece, state, out),
                };
                if !along(STEP, &forwards, &mut other) {
                    return None;
                }
                for (at, (there, here)) in other.iter().zip(&path).enumerate() {
                    slopes[(at, column)] = (there - here) / STEP / self.size[at % d];
                }
                // A difference to one side is off by its curvature, and what first states explain is then no more told
                // from what coefficients do.
                if slopes.column(column).amax() <= STEEP {
                    continue;
                }
                if !along(-STEP, &backwards, &mut before) {
                    continue;
                }
                for (at, (there, here)) in other.iter().zip(&before).enumerate() {
                    slopes[(at, column)] = 0.5 * (there - here) / STEP / self.size[at % d];
                }
            }
            let mut residual = DVector::zeros(count);
            for (at, found) in path.iter().enumerate() {
                let axis = at % d;
                let e = (found - self.x[piece.start * d + at]) / self.size[axis];
                let square = scale[axis] * scale[axis];
                let w = ((STUDENT + 1.0) / (STUDENT + e * e / square) / square).sqrt();
                residual[at] = e * w;
                slopes.row_mut(at).scale_mut(w);
            }
            let of_state = slopes.columns(0, width);
            let of_terms = slopes.columns(width, k);
            blocks.push((
                of_state.tr_mul(&of_state),
                of_state.tr_mul(&of_terms),
                of_state.tr_mul(&residual),
            ));
            hessian += of_terms.tr_mul(&of_terms);
            gradient += of_terms.tr_mul(&residual);
        }
        Some((blocks, hessian, gradient))
    }

    /// The mean rate at which each friction takes energy along the pieces.
    fn dissipation(&self, law: &LagrangianLaw, states: &[f64]) -> Vec<f64> {
        let (mut sums, mut count) = (vec![0.0; law.parts.friction.len()], 0.0);
        let moving = Moving::new(self.dof, &law.parts);
        for (piece, state) in self.pieces.iter().zip(states.chunks_exact(2 * self.dof)) {
            self.follow_states(&moving, piece, state, |_, y| {
                let own: Vec<f64> = y.iter().zip(&law.units).map(|(y, u)| y * u).collect();
                for (sum, power) in sums.iter_mut().zip(law.powers(&own)) {
                    *sum += power;
                }
                count += 1.0;
            });
        }
        sums.iter().map(|sum| sum / count).collect()
    }
}

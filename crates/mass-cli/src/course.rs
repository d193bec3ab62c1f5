//! What the pictures of a report are drawn from, as it is kept: `course.json`, beside `learned.json`.
//!
//! Lines are thinned to what a picture shows. Times are counted from where a motion begins; angles are in radians,
//! whatever the file had.

use std::{f64::consts::PI, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use mass_data::{Estimates, Measurements, Part, Rows, Split};
use mass_figures::{style::extent, thinned};
use mass_sparse::{LagrangianLaw, SparseLaw};
use mass_systems::{QuantileRule, quantile, wrap_angle};
use serde::{Deserialize, Serialize};

use crate::{
    flow::{Flow, Stream, streams},
    moments::deviations,
    origin::{Origin, Position, fingerprint},
    stretch::{Acceleration, FINE, Stretch},
    versioned,
};

/// The name of the file in the folder of `learn`.
pub(crate) const FILE: &str = "course.json";
/// The format of the file. A newer one is refused.
const FORMAT: u32 = 1;

/// Laws that are drawn from the errors of the coefficients, and the shares of them between which a band lies.
pub(crate) const DRAWN: usize = 40;
pub(crate) const BAND: (f64, f64) = (0.16, 0.84);
/// At most so many motions are kept, so many stretches that were held out, and so many points of all lines
/// together, for each position.
const MOTIONS: usize = 40;
const STRETCHES: usize = 6;
const POINTS: usize = 8000;
/// Times of a band, and states that are compared one by one.
const TIMES: usize = 300;
const COMPARED: usize = 600;

/// Places of a line.
pub(crate) type Points = Vec<(f64, f64)>;

/// What the pictures of some measurements and their law are drawn from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Course {
    format: u32,
    /// BLAKE3 of the `learned.json` that it was written with.
    #[serde(default)]
    learned: String,
    /// Where it all came from.
    pub(crate) origin: Origin,
    /// The unit of time, where the file says it.
    pub(crate) time_unit: Option<String>,
    /// The positions, `[d]`.
    pub(crate) positions: Vec<Position>,
    /// Motions as they were measured.
    pub(crate) motions: Vec<Motion>,
    /// Motions that are not kept, for there are too many.
    pub(crate) motions_left_out: usize,
    /// Stretches that were held out, and how many more there are.
    pub(crate) held_out: Vec<HeldOut>,
    pub(crate) held_out_more: usize,
    /// The flow of the law, for motions of one position without inputs.
    pub(crate) flow: Vec<Stream>,
    /// Laws that a band is of.
    pub(crate) drawn: usize,
}

/// A motion as it was measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Motion {
    /// Its first time.
    pub(crate) begin: f64,
    /// Its pieces in the order of time.
    pub(crate) pieces: Vec<Piece>,
}

/// Neighbouring rows of a motion, of one use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) of: Use,
    /// Times since the motion began and positions, for each position.
    #[serde(with = "short")]
    pub(crate) position: Vec<Points>,
    /// Positions and velocities, for each position.
    #[serde(with = "short")]
    pub(crate) phase: Vec<Points>,
}

/// What rows were used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Use {
    /// They were learned from.
    Learned,
    /// They were judged on.
    HeldOut,
    /// Neither, for they lie between the two.
    Neither,
}

/// A stretch of a motion that was held out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HeldOut {
    /// How long it is.
    pub(crate) time: f64,
    /// Times since it began and positions, for each position.
    #[serde(with = "short")]
    pub(crate) position: Vec<Points>,
    /// Accelerations and what the law says, for each position.
    pub(crate) acceleration: Vec<Vec<Compared>>,
    /// What laws say that follows from its first state, which is fitted to its beginning.
    pub(crate) paths: Vec<Followed>,
    /// The energy of the law's Lagrangian along it.
    pub(crate) energy: Option<Energy>,
}

/// An acceleration and what the law says of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Compared {
    /// Time since the stretch began.
    pub(crate) t: f64,
    /// Of the data.
    pub(crate) measured: f64,
    /// Its standard error, where it is known.
    pub(crate) error: Option<f64>,
    /// By the law.
    pub(crate) predicted: f64,
}

/// A motion that was followed from the first state of a stretch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Followed {
    /// The law's place among the theories.
    pub(crate) theory: usize,
    /// When a position is first off by a tenth of its deviation, if it ever is.
    pub(crate) apart: Option<f64>,
    /// Times since the stretch began and positions, for each position.
    #[serde(with = "short")]
    pub(crate) position: Vec<Points>,
    /// Positions and velocities, for each position.
    #[serde(with = "short")]
    pub(crate) phase: Vec<Points>,
    /// Where two thirds of laws with other coefficients lie, for each position: lower and upper side.
    #[serde(with = "short")]
    pub(crate) low: Vec<Points>,
    #[serde(with = "short")]
    pub(crate) high: Vec<Points>,
}

/// Energy in time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Energy {
    /// At the measured states.
    #[serde(with = "short::one")]
    pub(crate) measured: Points,
    /// Along the motion that the law predicts.
    #[serde(with = "short::one")]
    pub(crate) predicted: Points,
    /// Of the measured states, with what friction has taken by then; empty without friction, and with inputs, whose
    /// work is not counted.
    #[serde(with = "short::one")]
    pub(crate) with_loss: Points,
}

/// A law that is followed.
pub(crate) struct Law<'a> {
    theory: usize,
    acceleration: Box<Acceleration<'a>>,
    /// The same law with other coefficients.
    others: Vec<Box<Acceleration<'a>>>,
    lagrangian: Option<&'a LagrangianLaw>,
}

impl<'a> Law<'a> {
    /// A law of any kind, such as a network, at its place among the theories; `others` are alike ones, between
    /// which a band is drawn.
    pub(crate) fn new(
        theory: usize,
        acceleration: Box<Acceleration<'a>>,
        others: Vec<Box<Acceleration<'a>>>,
    ) -> Self {
        Self {
            theory,
            acceleration,
            others,
            lagrangian: None,
        }
    }

    /// A short sum.
    pub(crate) fn sum(theory: usize, law: &'a SparseLaw) -> Self {
        let own = move |x: &[f64], y: &[f64], _: &[f64], out: &mut [f64]| {
            law.acceleration(x, y, out);
        };
        Self::new(theory, Box::new(own), Vec::new())
    }

    /// A Lagrangian, with others that are drawn from the errors of its coefficients.
    pub(crate) fn lagrangian(theory: usize, law: &'a LagrangianLaw) -> Self {
        let own = move |x: &[f64], y: &[f64], tau: &[f64], out: &mut [f64]| {
            law.forced_acceleration(x, y, tau, out);
        };
        let others = law.drawn(DRAWN, 0).into_iter().map(|law| {
            let other = move |x: &[f64], y: &[f64], tau: &[f64], out: &mut [f64]| {
                law.forced_acceleration(x, y, tau, out);
            };
            Box::new(other) as Box<Acceleration<'a>>
        });
        Self {
            lagrangian: Some(law),
            ..Self::new(theory, Box::new(own), others.collect())
        }
    }
}

/// What a course is gathered from.
pub(crate) struct Sources<'a> {
    pub(crate) origin: Origin,
    pub(crate) time_unit: Option<String>,
    pub(crate) positions: Vec<Position>,
    pub(crate) measured: &'a Measurements,
    pub(crate) estimates: &'a Estimates,
    pub(crate) split: &'a Split,
    /// The rows that were held out.
    pub(crate) test: &'a Rows,
    /// The law that is announced, and others to follow beside it; none where none was found.
    pub(crate) laws: Vec<Law<'a>>,
}

impl Course {
    /// Gathers what is drawn, and follows the laws from what was held out.
    pub(crate) fn gather(mut sources: Sources<'_>) -> Self {
        for k in 0..sources.dof() {
            sources.positions[k].turned = sources.turns(k);
        }
        let motions = sources.motions();
        let drawn = sources.laws.first().map_or(0, |law| law.others.len());
        let stretches = sources.stretches();
        let held_out = stretches.iter().filter_map(|part| sources.stretch(part));
        let held_out: Vec<HeldOut> = held_out.collect();
        let flow = sources.flow(&motions);
        Self {
            format: FORMAT,
            learned: String::new(),
            motions_left_out: sources.measured.trajectories().len() - motions.len(),
            held_out_more: sources.split.test.len() - stretches.len(),
            origin: sources.origin,
            time_unit: sources.time_unit,
            positions: sources.positions,
            motions,
            held_out,
            flow,
            drawn,
        }
    }

    /// As JSON, for the `learned.json` of this text.
    pub(crate) fn json(&self, learned: &str) -> Result<String> {
        let mut own = self.clone();
        own.learned = fingerprint(learned.as_bytes());
        Ok(serde_json::to_string(&own)?)
    }

    /// Reads what `learn` wrote beside a `learned.json`.
    pub(crate) fn read(learned: &Path) -> Result<Self> {
        let file = learned.with_file_name(FILE);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
                "{} is not there: an earlier `mass` wrote this folder; `mass learn FILE --out FOLDER` writes it anew",
                file.display()
            ),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", file.display()));
            }
        };
        let course: Self = versioned::read(&text, &file, FILE, FORMAT)?;
        let whole =
            fs::read(learned).with_context(|| format!("{} cannot be read", learned.display()))?;
        ensure!(
            course.learned == fingerprint(&whole),
            "{} belongs to another {}: learn again",
            file.display(),
            learned.display()
        );
        Ok(course)
    }
}

impl Sources<'_> {
    fn dof(&self) -> usize {
        self.measured.dof()
    }

    /// The motions that are kept: those with something held out first, then the others evenly, in their order.
    fn motions(&self) -> Vec<Motion> {
        let all = self.measured.trajectories().len();
        let is_held = |place: &usize| self.split.test.iter().any(|part| part.trajectory == *place);
        let (held, others): (Vec<usize>, Vec<usize>) = (0..all).partition(is_held);
        let held: Vec<usize> = evenly(&held, MOTIONS / 2);
        let mut kept = evenly(&others, MOTIONS - held.len());
        kept.extend(held);
        kept.sort_unstable();
        let points = (POINTS / kept.len().max(1)).max(40);
        kept.into_iter()
            .map(|place| self.motion(place, points))
            .collect()
    }

    /// Whether a position is an angle that turned over.
    fn turns(&self, k: usize) -> bool {
        let all = self.measured.trajectories().iter();
        let values = all.flat_map(|one| one.q().iter().skip(k).step_by(self.dof()).copied());
        let span = extent(values).map_or(0.0, |(low, high)| high - low);
        self.positions[k].angle && span > 3.0 * PI
    }

    /// A position as a phase portrait has it: within one turn where it is an angle that turned over.
    fn shown(&self, k: usize, x: f64) -> f64 {
        match self.positions[k].turned {
            true => wrap_angle(x),
            false => x,
        }
    }

    fn motion(&self, place: usize, points: usize) -> Motion {
        let one = &self.measured.trajectories()[place];
        let estimate = &self.estimates.trajectories()[place];
        let mut uses = vec![Use::Neither; one.len()];
        for (parts, of) in [
            (&self.split.train, Use::Learned),
            (&self.split.test, Use::HeldOut),
        ] {
            for part in parts.iter().filter(|part| part.trajectory == place) {
                uses[part.rows.clone()].fill(of);
            }
        }
        let begin = one.t()[0];
        let mut from = 0;
        let pieces = uses.chunk_by(|a, b| a == b).map(|same| {
            let rows = from..from + same.len();
            from = rows.end;
            let share = (points * same.len()).div_ceil(one.len()).max(8);
            let step = same.len().div_ceil(share).max(1);
            Piece {
                of: same[0],
                position: self.each(|k| {
                    let all: Points = rows
                        .clone()
                        .map(|row| (one.t()[row] - begin, one.q()[row * self.dof() + k]))
                        .collect();
                    thinned(&all, (share / 2) as f64)
                }),
                phase: self.each(|k| {
                    let known = rows.clone().filter(|row| estimate.reliable[*row]);
                    let states = known.step_by(step).map(|row| {
                        let at = row * self.dof() + k;
                        (self.shown(k, estimate.position[at]), estimate.velocity[at])
                    });
                    finite(states)
                }),
            }
        });
        Motion {
            begin,
            pieces: pieces.collect(),
        }
    }

    fn each<T>(&self, of: impl FnMut(usize) -> T) -> Vec<T> {
        (0..self.dof()).map(of).collect()
    }

    /// The longest stretches of those held out, in their order.
    fn stretches(&self) -> Vec<Part> {
        let mut longest: Vec<usize> = (0..self.split.test.len()).collect();
        longest.sort_by_key(|place| std::cmp::Reverse(self.split.test[*place].rows.len()));
        longest.truncate(STRETCHES);
        longest.sort_unstable();
        let parts = longest.iter().map(|place| self.split.test[*place].clone());
        parts.collect()
    }

    fn stretch(&self, part: &Part) -> Option<HeldOut> {
        let d = self.dof();
        let one = &self.measured.trajectories()[part.trajectory];
        let deviation = deviations(self.test.data.x(), d);
        let stretch = Stretch::new(self.measured, self.estimates, part, &deviation)?;
        let begin = stretch.begin;
        let known = part.rows.clone();
        let known: Vec<usize> = known
            .filter(|row| stretch.estimate.reliable[*row])
            .collect();
        let law = self.laws.first();
        let step = known.len().div_ceil(COMPARED).max(1);
        let acceleration = self.each(|k| {
            let rows = known.iter().step_by(step);
            let compared = rows.filter_map(|row| stretch.compared(*row, k, &*law?.acceleration));
            compared.collect()
        });
        let motions: Vec<_> = self.laws.iter().map(|law| stretch.motion(law)).collect();
        let paths = self.laws.iter().zip(&motions);
        let paths = paths.map(|(law, states)| stretch.drawn(law, states));
        let mut paths: Vec<Followed> = paths.collect();
        for path in &mut paths {
            for (k, states) in path.phase.iter_mut().enumerate() {
                states.iter_mut().for_each(|(x, _)| *x = self.shown(k, *x));
            }
        }
        let lagrangian = law.and_then(|law| law.lagrangian).zip(motions.first());
        Some(HeldOut {
            time: stretch.whole(),
            position: self.each(|k| {
                let rows = stretch.rows.iter();
                let all: Points = rows
                    .map(|row| (one.t()[*row] - begin, one.q()[row * d + k]))
                    .collect();
                thinned(&all, 400.0)
            }),
            acceleration,
            energy: lagrangian.map(|(own, states)| stretch.energy(&known, own, states)),
            paths,
        })
    }

    fn flow(&self, motions: &[Motion]) -> Vec<Stream> {
        let Some(law) = self.laws.first() else {
            return Vec::new();
        };
        if self.dof() != 1 || self.measured.forcings() > 0 {
            return Vec::new();
        }
        let pieces = motions.iter().flat_map(|motion| &motion.pieces);
        let states = pieces.flat_map(|piece| piece.phase.iter().flatten().copied());
        let Some(flow) = Flow::around(states) else {
            return Vec::new();
        };
        let slope = |x: f64, y: f64| {
            let mut out = [f64::NAN];
            (law.acceleration)(&[x], &[y], &[], &mut out);
            (y, out[0])
        };
        streams(&flow, slope)
    }
}

impl Stretch<'_> {
    /// The states of a law's motion along all of it, from the start that suits it, `[rows, 2d]`; fewer where it ends.
    fn motion(&self, law: &Law<'_>) -> Vec<f64> {
        let start = self.start(&*law.acceleration);
        self.path(&*law.acceleration, &start, &self.rows, FINE, |_, _| true)
    }

    fn compared(&self, row: usize, k: usize, law: &Acceleration<'_>) -> Option<Compared> {
        let d = self.one.dof();
        let (x, y) = self.state(row);
        let mut out = vec![f64::NAN; d];
        law(x, y, &self.inputs(row, None), &mut out);
        let error = self.estimate.acceleration_error[row * d + k];
        let compared = Compared {
            t: self.one.t()[row] - self.begin,
            measured: self.estimate.acceleration[row * d + k],
            error: (error.is_finite() && error > 0.0).then_some(error),
            predicted: out[k],
        };
        (compared.measured.is_finite() && compared.predicted.is_finite()).then_some(compared)
    }

    fn drawn(&self, law: &Law<'_>, states: &[f64]) -> Followed {
        let d = self.one.dof();
        let states: Vec<&[f64]> = states.chunks_exact(2 * d).collect();
        let time = |place: usize| self.time(place);
        let apart = (0..states.len()).find(|place| !self.is_near(*place, &states[*place][..d]));
        let ended = (states.len() < self.rows.len()).then_some(states.len());
        let line = |k: usize| {
            let places = states.iter().enumerate();
            let all: Points = places
                .map(|(place, state)| (time(place), state[k]))
                .collect();
            thinned(&all, 400.0)
        };
        // In a phase portrait lines cross themselves: whole states, and no more than can be told apart.
        let phase = |k: usize| {
            let some = states.iter().take(2 * COMPARED);
            some.map(|state| (state[k], state[d + k])).collect()
        };
        let (low, high) = self.band(&law.others, states[0]);
        Followed {
            theory: law.theory,
            apart: apart.or(ended).map(time),
            position: (0..d).map(line).collect(),
            phase: (0..d).map(phase).collect(),
            low,
            high,
        }
    }

    /// Between which values most of these laws' motions lie, as long as most of them go on.
    fn band(&self, laws: &[Box<Acceleration<'_>>], start: &[f64]) -> (Vec<Points>, Vec<Points>) {
        let d = self.one.dof();
        if laws.is_empty() {
            return (Vec::new(), Vec::new());
        }
        // With inputs all rows are needed, for these are known at rows alone.
        let step = match self.one.forcings() {
            0 => self.rows.len().div_ceil(TIMES).max(1),
            _ => 1,
        };
        let rows: Vec<usize> = self.rows.iter().step_by(step).copied().collect();
        let paths = laws
            .iter()
            .map(|law| self.path(&**law, start, &rows, 1e-6, |_, _| true));
        let paths: Vec<Vec<f64>> = paths.collect();
        let side = |share: f64| {
            let line = |k: usize| {
                let places = rows
                    .iter()
                    .enumerate()
                    .step_by(rows.len().div_ceil(TIMES).max(1));
                let points = places.map_while(|(place, row)| {
                    let going = paths.iter().filter_map(|path| path.get(place * 2 * d + k));
                    let values: Vec<f64> = going.copied().collect();
                    let value = quantile(&values, share, QuantileRule::Nearest);
                    let most = 2 * values.len() > laws.len();
                    most.then(|| (self.one.t()[*row] - self.begin, value))
                });
                points.collect()
            };
            (0..d).map(line).collect()
        };
        (side(BAND.0), side(BAND.1))
    }

    fn energy(&self, known: &[usize], own: &LagrangianLaw, states: &[f64]) -> Energy {
        let d = self.one.dof();
        let time = |row: usize| self.one.t()[row] - self.begin;
        let at = |row: usize| {
            let (x, y) = self.state(row);
            (time(row), own.energy(x, y))
        };
        let measured: Points = finite(known.iter().map(|row| at(*row)));
        let predicted = states.chunks_exact(2 * d).zip(&self.rows);
        let predicted = predicted.map(|(state, row)| {
            let (x, y) = state.split_at(d);
            (time(*row), own.energy(x, y))
        });
        let mut with_loss = Points::new();
        if !own.friction().is_empty() && own.inputs() == 0 {
            // Over all rows, by the trapezoidal rule.
            let rate = |row: usize| own.dissipation(self.state(row).1);
            let (mut lost, mut last) = (0.0, self.rows[0]);
            for row in &self.rows {
                lost += 0.5 * (rate(last) + rate(*row)) * (time(*row) - time(last));
                last = *row;
                if self.estimate.reliable[*row] {
                    let (t, energy) = at(*row);
                    with_loss.push((t, energy + lost));
                }
            }
        }
        let thin = |points: Points| thinned(&points, 300.0);
        Energy {
            measured: thin(measured),
            predicted: thin(finite(predicted)),
            with_loss: thin(finite(with_loss)),
        }
    }
}

fn finite(points: impl IntoIterator<Item = (f64, f64)>) -> Points {
    let points = points.into_iter();
    points
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect()
}

/// At most so many of all, evenly.
fn evenly(all: &[usize], most: usize) -> Vec<usize> {
    match all.len() <= most {
        true => all.to_vec(),
        false => (0..most).map(|i| all[i * all.len() / most]).collect(),
    }
}

/// Points with nine digits each: more than a picture shows, and half as long.
mod short {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Points;

    fn digits(value: f64) -> f64 {
        format!("{value:.8e}").parse().unwrap_or(value)
    }

    fn rounded(points: &Points) -> Points {
        points
            .iter()
            .map(|(x, y)| (digits(*x), digits(*y)))
            .collect()
    }

    pub(super) fn serialize<S: Serializer>(all: &[Points], to: S) -> Result<S::Ok, S::Error> {
        let all: Vec<Points> = all.iter().map(rounded).collect();
        all.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(of: D) -> Result<Vec<Points>, D::Error> {
        Vec::<Points>::deserialize(of)
    }

    /// A single line.
    pub(super) mod one {
        use super::{Deserialize, Deserializer, Points, Serialize, Serializer, rounded};

        pub(in super::super) fn serialize<S: Serializer>(
            points: &Points,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            rounded(points).serialize(to)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            of: D,
        ) -> Result<Points, D::Error> {
            Points::deserialize(of)
        }
    }
}

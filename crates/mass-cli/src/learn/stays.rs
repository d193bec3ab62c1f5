//! How near a law's motion stays to whole recordings, beside their noise.

use mass_data::{Differentiation, Trajectory};

use super::found::{Found, timed};
use crate::{learned::Learned, moments::deviations, units::behind};

/// More than so many times the noise is not noise.
const NOISE: f64 = 1.5;
/// From so many times the noise on, and so much of how far a position moves, the law is known roughly only.
const MUCH: f64 = 5.0;
const MUCH_OF: f64 = 0.03;
/// A distance below this share of it is rounding.
const ROUNDING: f64 = 1e-6;
/// Nor is it less than this share of how far a position moves.
const LEAST: f64 = 1e-3;

/// Of the position that the law leaves farthest beside its noise.
pub(super) struct Stays {
    position: usize,
    /// The distance of the motion from the positions, their noise, and their deviation.
    distance: f64,
    noise: f64,
    deviation: f64,
}

impl Found<'_> {
    /// Of a Lagrangian without inputs that is announced, where the noise of the positions is known.
    pub(super) fn stays(&self, learned: &Learned) -> Option<Stays> {
        let law = learned.lagrangian.as_ref().filter(|_| !learned.is_sum())?;
        let is_best = learned.best.is_some() && learned.network().is_none();
        if law.inputs() > 0 || !timed(self.measured) || !is_best {
            return None;
        }
        let all: Vec<_> = self
            .learned_from
            .iter()
            .chain(self.held_out)
            .cloned()
            .collect();
        // Of what was learned from and of what was not, for so are the distances.
        let positions = [self.train.data.x(), self.test.data.x()].concat();
        let distances = law.distance(&self.recording(&all).ok()?).ok()?;
        let mut deviation = deviations(&positions, law.dof());
        // An angle that turns over and over moves by a turn.
        for k in self.measured.angles() {
            deviation[*k] = deviation[*k].min(1.0);
        }
        let each = distances
            .into_iter()
            .enumerate()
            .map(|(position, distance)| Stays {
                position,
                distance,
                noise: self.noise(position).unwrap_or(f64::NAN),
                deviation: deviation[position],
            });
        let each: Vec<Stays> = each.collect();
        let known = |one: &Stays| one.noise > 0.0 && one.distance.is_finite();
        let beside = |one: &Stays| one.distance / one.noise.max(LEAST * one.deviation);
        let farthest = each.into_iter().filter(known);
        let first = |one: &Stays| (one.is_far(), beside(one));
        farthest.max_by(|a, b| {
            let (a, b) = (first(a), first(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
    }

    /// The noise of a position about its own smooth course; where rates were measured, derivatives are not from there.
    fn noise(&self, position: usize) -> Option<f64> {
        let all = self.measured.trajectories();
        let rates = |one: &Trajectory| one.velocity().or(one.acceleration()).is_some();
        if !all.iter().any(rates) {
            return Some(self.estimates.chosen().get(position)?.noise);
        }
        let d = self.measured.dof();
        let least = Differentiation::Auto.least_rows();
        let long = all
            .iter()
            .filter(|one| one.is_timed() && one.len() >= least);
        let columns = long.map(|one| {
            let q = one.q().iter().skip(position).step_by(d);
            (one.t(), q.copied().collect::<Vec<f64>>())
        });
        let columns: Vec<(&[f64], Vec<f64>)> = columns.collect();
        let columns: Vec<(&[f64], &[f64])> = columns.iter().map(|(t, q)| (*t, &q[..])).collect();
        Some(Differentiation::Auto.together(&columns).ok()?.1.noise)
    }
}

impl Stays {
    /// Whether it stays as near as noise lets it.
    pub(super) fn is_noise(&self) -> bool {
        self.distance <= NOISE * self.noise || self.distance <= LEAST * self.deviation
    }

    /// Whether it leaves the positions by so much that it is known roughly only.
    pub(super) fn is_far(&self) -> bool {
        self.distance > MUCH * self.noise && self.distance > MUCH_OF * self.deviation
    }

    pub(super) fn words(&self, learned: &Learned) -> String {
        let unit = behind(
            learned
                .units
                .positions
                .get(self.position)
                .cloned()
                .flatten(),
        );
        let (distance, noise) = (self.distance, self.noise);
        let (whole, of) = match learned.positions.as_slice() {
            [_] => ("over whole recordings", String::new()),
            names => (
                "over whole recordings, or for as long as motions that begin alike stay together",
                format!(" of {}", names[self.position]),
            ),
        };
        let both = format!(
            "followed {whole}, from the start that suits it best, the law is {distance:.2e}{unit} from the positions{of}, whose noise is {noise:.2e}{unit}"
        );
        match self.is_noise() {
            // Of exact numbers both are rounding.
            true if self.distance > (NOISE * self.noise).max(ROUNDING * self.deviation) => format!(
                "{both}: more than noise, but less than a thousandth of how far it moves, as a scale or a camera that is not quite straight may make, or something small that the law does not have"
            ),
            true => both,
            false => format!(
                "{both}: something acts that the law does not have, and errors of its numbers do not hold for that; friction of another kind, a zero that drifts, or a force that the functions tried do not have"
            ),
        }
    }
}

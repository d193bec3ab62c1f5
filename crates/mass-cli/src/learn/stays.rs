//! How near a law's motion stays to whole recordings, beside their noise.

use super::found::{Found, timed};
use crate::{learned::Learned, moments::moments, units::behind};

/// More than so many times the noise is not noise.
const NOISE: f64 = 1.5;
/// Nor is it less than this share of how far a position moves.
const LEAST: f64 = 1e-3;

/// Of one degree of freedom, whose motion no chaos takes away from a law.
pub(super) struct Stays {
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
        if law.dof() != 1 || law.inputs() > 0 || !timed(self.measured) || !is_best {
            return None;
        }
        let noise = self.estimates.chosen().first()?.noise;
        let all: Vec<_> = self
            .learned_from
            .iter()
            .chain(self.held_out)
            .cloned()
            .collect();
        let distance = law.distance(&self.recording(&all).ok()?).ok()?[0];
        let deviation = moments(self.train.data.x(), 0, 1).1.sqrt();
        (noise > 0.0 && distance.is_finite()).then_some(Stays {
            distance,
            noise,
            deviation,
        })
    }
}

impl Stays {
    /// Whether it stays as near as noise lets it.
    pub(super) fn is_noise(&self) -> bool {
        self.distance <= NOISE * self.noise || self.distance <= LEAST * self.deviation
    }

    pub(super) fn words(&self, learned: &Learned) -> String {
        let unit = behind(learned.units.positions.first().cloned().flatten());
        let (distance, noise) = (self.distance, self.noise);
        let both = format!(
            "followed over whole recordings, from the start that suits it best, the law is {distance:.2e}{unit} from the positions, whose noise is {noise:.2e}{unit}"
        );
        match self.is_noise() {
            true => both,
            false => format!(
                "{both}: something acts that the law does not have, and errors of its numbers do not hold for that; friction of another kind, a zero that drifts, or a force that the functions tried do not have"
            ),
        }
    }
}

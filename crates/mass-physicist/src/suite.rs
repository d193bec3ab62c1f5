//! The paper's worlds by type and id, reconstructed: the authors' data are lost, their generator was never published.

use mass_systems::{ChaCha8Rng, Purpose, stream, uniform};
use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    force::{Force, PlaneState},
    observations::Observations,
    world::{Region, World},
};

/// Which forces a world has beside free motion, by the numbers of the paper's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WorldKind {
    /// Type 4: gravity.
    Gravity,
    /// Type 5: a spring.
    Harmonic,
    /// Type 6: an electric and a magnetic field.
    Electromagnetic,
    /// Type 7: gravity and a spring.
    GravityHarmonic,
    /// Type 8: gravity and electromagnetism.
    GravityElectromagnetic,
    /// Type 9: a spring and electromagnetism.
    HarmonicElectromagnetic,
    /// Type 10: all three.
    All,
    /// Type 20: gravity, and a closed quadrant whose borders reflect.
    Bounce,
}

impl WorldKind {
    /// All, in the order in which the paper's agent meets them.
    pub const ALL: [Self; 8] = [
        Self::Gravity,
        Self::Harmonic,
        Self::Electromagnetic,
        Self::Bounce,
        Self::GravityHarmonic,
        Self::GravityElectromagnetic,
        Self::HarmonicElectromagnetic,
        Self::All,
    ];

    /// The number in the paper's code.
    pub fn number(self) -> u32 {
        match self {
            Self::Gravity => 4,
            Self::Harmonic => 5,
            Self::Electromagnetic => 6,
            Self::GravityHarmonic => 7,
            Self::GravityElectromagnetic => 8,
            Self::HarmonicElectromagnetic => 9,
            Self::All => 10,
            Self::Bounce => 20,
        }
    }

    /// From its number.
    ///
    /// # Errors
    /// [`Error::Request`] naming those that there are.
    pub fn from_number(number: u32) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|kind| kind.number() == number);
        known.ok_or_else(|| {
            Error::Request(format!(
                "there is no type {number} of worlds; types are 4, 5, 6, 7, 8, 9, 10 and 20"
            ))
        })
    }

    /// Whether gravity, a spring and electromagnetism are in it, in this order.
    fn special(self) -> [bool; 3] {
        match self {
            Self::Gravity | Self::Bounce => [true, false, false],
            Self::Harmonic => [false, true, false],
            Self::Electromagnetic => [false, false, true],
            Self::GravityHarmonic => [true, true, false],
            Self::GravityElectromagnetic => [true, false, true],
            Self::HarmonicElectromagnetic => [false, true, true],
            Self::All => [true, true, true],
        }
    }
}

/// A world of a suite, and how it is looked at.
///
/// Springs lie along an axis in worlds of odd id. In worlds of id 2, and 4 of types 9 and 10 (ten of forty), all
/// constants are fractions of denominators up to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldRequest {
    /// The type.
    pub kind: WorldKind,
    /// The paper has 1 to 5 in its main suite, and presumably 6 to 10 in the other.
    pub id: u32,
    /// Of the suite.
    pub seed: u64,
    /// Windows of T = 2, N.
    pub windows: usize,
    /// Balls that are followed one after the other.
    pub balls: usize,
}

/// Draws before none is found.
const TRIES: usize = 4000;
/// Of the recorded ball.
const GREATEST_SPEED: f64 = 8.0;
/// Of the time, in each open quadrant.
const LEAST_SHARE: f64 = 0.04;
/// Time between two positions, of the paper's code.
const STEP: f64 = 0.05;

impl WorldRequest {
    /// The forty worlds of a suite: types 4, 5, 6, 20, 7, 8, 9, 10, ids `first` to `first + 4` each, with N = 5000.
    pub fn forty(seed: u64, first: u32) -> Vec<Self> {
        let of = |kind| (first..first + 5).map(move |id| Self::new(kind, id, seed));
        WorldKind::ALL.into_iter().flat_map(of).collect()
    }

    /// One of them, with N = 5000 of one ball.
    pub fn new(kind: WorldKind, id: u32, seed: u64) -> Self {
        Self {
            kind,
            id,
            seed,
            windows: 5000,
            balls: 1,
        }
    }

    /// Draws the world and follows its balls; the same request gives the same numbers.
    ///
    /// # Errors
    /// [`Error::NoWorld`] if none is found; [`Error::Request`] if there are no balls or too few windows.
    pub fn make(&self) -> Result<(World, Observations), Error> {
        if self.balls == 0 || self.windows < 10 * self.balls {
            return Err(Error::Request(format!(
                "{} windows of {} balls: at least one ball and ten windows of each are needed",
                self.windows, self.balls
            )));
        }
        let rational = self.id % 5 == 2
            || (self.id % 5 == 4
                && matches!(
                    self.kind,
                    WorldKind::HarmonicElectromagnetic | WorldKind::All
                ));
        let rows = self.windows.div_ceil(self.balls) + 2;
        for attempt in 0..TRIES {
            let key = format!("physicist/{}/{}/{attempt}", self.kind.number(), self.id);
            let mut rng = stream(self.seed, Purpose::TrainData, &key);
            let world = draw(self.kind, self.id, rational, &mut rng)?;
            let starts: Vec<PlaneState> =
                (0..self.balls).map(|_| start(&world, &mut rng)).collect();
            let Some(observations) = world.observe(&starts, rows, GREATEST_SPEED)? else {
                continue;
            };
            if shares(&world, &observations) >= LEAST_SHARE {
                return Ok((world, observations));
            }
        }
        Err(Error::NoWorld {
            kind: self.kind.number(),
            id: self.id,
            seed: self.seed,
            tries: TRIES,
            speed: GREATEST_SPEED,
        })
    }
}

fn draw(kind: WorldKind, id: u32, rational: bool, rng: &mut ChaCha8Rng) -> Result<World, Error> {
    let mut quadrants = [0, 1, 2, 3];
    for at in (1..4).rev() {
        let other = (uniform(rng, 0.0, (at + 1) as f64) as usize).min(at);
        quadrants.swap(at, other);
    }
    let mut forces = vec![Force::Free];
    let mut regions = [Region::Force(0); 4];
    let mut next = quadrants.into_iter();
    let makers: [fn(u32, bool, &mut ChaCha8Rng) -> Force; 3] = [gravity, spring, electromagnetic];
    for (present, make) in kind.special().into_iter().zip(makers) {
        if present && let Some(quadrant) = next.next() {
            regions[quadrant] = Region::Force(forces.len());
            forces.push(make(id, rational, rng));
        }
    }
    if kind == WorldKind::Bounce
        && let Some(quadrant) = next.next()
    {
        regions[quadrant] = Region::Rigid;
    }
    World::new(2.0, STEP, forces, regions)
}

fn one_of(choices: &[f64], rng: &mut ChaCha8Rng) -> f64 {
    let at = uniform(rng, 0.0, choices.len() as f64) as usize;
    choices[at.min(choices.len() - 1)]
}

fn sign(rng: &mut ChaCha8Rng) -> f64 {
    one_of(&[-1.0, 1.0], rng)
}

/// A vector along an axis, either way.
fn along_axis(size: f64, rng: &mut ChaCha8Rng) -> [f64; 2] {
    let size = size * sign(rng);
    if uniform(rng, 0.0, 1.0) < 0.5 {
        [size, 0.0]
    } else {
        [0.0, size]
    }
}

fn polar(size: f64, rng: &mut ChaCha8Rng) -> [f64; 2] {
    let (sin, cos) = uniform(rng, 0.0, std::f64::consts::TAU).sin_cos();
    [size * cos, size * sin]
}

fn gravity(_: u32, rational: bool, rng: &mut ChaCha8Rng) -> Force {
    let g = if rational {
        let size = one_of(&[1.0 / 80.0, 1.0 / 90.0, 1.0 / 100.0], rng);
        along_axis(size / (STEP * STEP), rng)
    } else {
        let size = uniform(rng, 0.5, 5.0);
        polar(size, rng)
    };
    Force::Gravity { g }
}

fn spring(id: u32, rational: bool, rng: &mut ChaCha8Rng) -> Force {
    if rational {
        // κ = 2 − 2 cos(√k Δt) = 4 sin²(√k Δt/2).
        let kappa = one_of(&[1.0 / 20.0, 1.0 / 25.0, 1.0 / 50.0], rng);
        let omega = 2.0 * (0.5 * kappa.sqrt()).asin() / STEP;
        let offset = one_of(&[-1.0, -0.5, 0.0, 0.5, 1.0], rng);
        return Force::Harmonic {
            stiffness: omega * omega,
            direction: along_axis(1.0, rng),
            offset,
        };
    }
    let stiffness = uniform(rng, 2.0, 20.0);
    let offset = uniform(rng, -1.0, 1.0);
    let direction = if id % 2 == 1 {
        along_axis(1.0, rng)
    } else {
        polar(1.0, rng)
    };
    Force::Harmonic {
        stiffness,
        direction,
        offset,
    }
}

fn electromagnetic(_: u32, rational: bool, rng: &mut ChaCha8Rng) -> Force {
    if rational {
        // A turn by cos φ = 35/37, sin φ = 12/37 a step, and a constant of 1/100 along an axis:
        // that is (1 − R) times the drift of a step.
        let angle = (12.0_f64).atan2(35.0) * sign(rng);
        let magnetic = angle / STEP;
        let p = along_axis(1.0 / 100.0, rng);
        let (s, c) = (angle.sin(), 1.0 - angle.cos());
        let determinant = c * c + s * s;
        let drift = [
            (c * p[0] + s * p[1]) / determinant / STEP,
            (-s * p[0] + c * p[1]) / determinant / STEP,
        ];
        return Force::Electromagnetic {
            electric: [-magnetic * drift[1], magnetic * drift[0]],
            magnetic,
        };
    }
    let magnetic = uniform(rng, 1.0, 5.0) * sign(rng);
    let size = uniform(rng, 0.5, 3.0);
    Force::Electromagnetic {
        electric: polar(size, rng),
        magnetic,
    }
}

fn start(world: &World, rng: &mut ChaCha8Rng) -> PlaneState {
    loop {
        let h = world.half_width();
        let (x, y) = (uniform(rng, -h, h), uniform(rng, -h, h));
        let speed = uniform(rng, 1.0, 3.0);
        let [vx, vy] = polar(speed, rng);
        if world.regions()[world.quadrant(x, y)] != Region::Rigid {
            return [x, y, vx, vy];
        }
    }
}

/// The least share of the time of an open quadrant.
fn shares(world: &World, observations: &Observations) -> f64 {
    let mut counts = [0_usize; 4];
    let mut rows = 0;
    for row in observations
        .trajectories()
        .iter()
        .flat_map(|p| p.chunks_exact(2))
    {
        counts[world.quadrant(row[0], row[1])] += 1;
        rows += 1;
    }
    let open = (0..4).filter(|q| world.regions()[*q] != Region::Rigid);
    let least = open.map(|q| counts[q]).min().unwrap_or(0);
    least as f64 / rows.max(1) as f64
}

//! Drawing states of a system: from its domain, up to an energy, or along its motions.

use crate::dataset::Dataset;
use crate::domain::Domain;
use crate::error::Error;
use crate::reference::reference_trajectory;
use crate::stream::uniform;
use crate::system::{Motions, System};
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

/// How often one state is drawn again before the domain is called hopeless.
const TRIES: usize = 10_000;

/// States taken from one motion.
const OF_ONE_MOTION: usize = 10;

/// Tolerance of a step of the motions that states are taken from.
const TOLERANCE: f64 = 1e-10;

/// Which states of a system are drawn.
///
/// A box in (x, y) is not closed under the motion: a learned law is then asked, along a trajectory, for
/// states that it was never shown. The others are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum States {
    /// Uniform in the system's [`Domain`], as in the paper.
    #[default]
    Domain,
    /// Uniform in x and y among the states up to an energy ([`System::bounded`]).
    Bounded,
    /// Along true motions ([`System::motions`]): ten a motion, at times uniform in its duration.
    Motions,
    /// What motion does not leave, as far as the system knows: up to an energy where it knows a bound, else
    /// along motions, else its domain.
    Closed,
}

/// `n` states drawn uniformly from the system's domain, with their accelerations.
///
/// The same stream gives the same states, and a shorter sample is the beginning of a longer one. A draw
/// is repeated if it lies in the singular set, has no finite acceleration, or puts two bodies too close
/// together. Of a two-sided coordinate every second state has the other sign.
///
/// # Errors
/// [`Error::Empty`] if `n` is 0; [`Error::Shape`] if the domain has not the system's d coordinates;
/// [`Error::NoRegularState`] if 10,000 draws of one state all had to be repeated.
///
/// # Example
/// ```
/// use mass_systems::{Purpose, lookup, sample, stream};
///
/// let kepler = lookup("kepler")?;
/// let data = sample(&*kepler, 1000, &mut stream(0, Purpose::TrainData, "kepler"))?;
/// assert_eq!(data.x().iter().filter(|&&x| x > 0.0).count(), 500);
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub fn sample(
    system: &(impl System + ?Sized),
    n: usize,
    rng: &mut impl Rng,
) -> Result<Dataset, Error> {
    draw_all(system, &system.domain(), f64::INFINITY, n, rng)
}

/// `n` states of a system of this kind, with their accelerations; those of [`States::Domain`] are
/// [`sample`]'s.
///
/// The same stream gives the same states, and a shorter sample is the beginning of a longer one.
///
/// # Errors
/// As [`sample`]; [`Error::BadRequest`] if the system knows no such states, [`Error::NoRegularState`] if
/// 10,000 motions all met a singularity.
///
/// # Example
/// ```
/// use mass_systems::{Purpose, States, lookup, sample_states, stream};
///
/// let pendulum = lookup("double_pendulum")?;
/// let mut rng = stream(0, Purpose::TrainData, "double_pendulum");
/// let data = sample_states(&*pendulum, States::Bounded, 100, &mut rng)?;
/// let energies = data.iter().map(|s| pendulum.energy(s.x, s.y).unwrap());
/// assert!(energies.fold(f64::MIN, f64::max) <= -1.0); // 2 above the lowest
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub fn sample_states(
    system: &(impl System + ?Sized),
    states: States,
    n: usize,
    rng: &mut impl Rng,
) -> Result<Dataset, Error> {
    let unknown = |what: &str, method: &str| Error::BadRequest {
        reason: format!(
            "{} knows no {what}; draw its states from its domain, or give it `System::{method}`",
            system.id()
        ),
    };
    match states {
        States::Domain => sample(system, n, rng),
        States::Closed => match (system.bounded(), system.motions()) {
            (Some(_), _) => sample_states(system, States::Bounded, n, rng),
            (None, Some(_)) => sample_states(system, States::Motions, n, rng),
            (None, None) => sample(system, n, rng),
        },
        States::Bounded => {
            let bounded = system
                .bounded()
                .ok_or_else(|| unknown("bounded set of states", "bounded"))?;
            draw_all(system, &bounded.domain, bounded.max_energy, n, rng)
        }
        States::Motions => {
            let motions = system
                .motions()
                .ok_or_else(|| unknown("motions to draw from", "motions"))?;
            along(system, &motions, n, rng)
        }
    }
}

/// `n` states of a domain up to an energy.
fn draw_all(
    system: &(impl System + ?Sized),
    domain: &Domain,
    max_energy: f64,
    n: usize,
    rng: &mut impl Rng,
) -> Result<Dataset, Error> {
    check(system, domain, n)?;
    let d = system.dof();
    let mut x = vec![0.0; n * d];
    let mut y = vec![0.0; n * d];
    let mut acceleration = vec![0.0; n * d];
    let rows = x.chunks_exact_mut(d).zip(y.chunks_exact_mut(d));
    for (i, ((x, y), out)) in rows.zip(acceleration.chunks_exact_mut(d)).enumerate() {
        draw_one(system, domain, max_energy, i, rng, (x, y, out))?;
    }
    Dataset::new(system.id(), d, x, y, acceleration)
}

fn check(system: &(impl System + ?Sized), domain: &Domain, n: usize) -> Result<(), Error> {
    if n == 0 {
        return Err(Error::Empty {
            what: format!("the sample asked of {}", system.id()),
        });
    }
    let d = system.dof();
    if domain.dof() != d || d == 0 {
        return Err(Error::Shape {
            what: format!("the domain of {}", system.id()),
            expected: d.max(1),
            found: domain.dof(),
            hint: ", one range of x and one of y for each degree of freedom".into(),
        });
    }
    Ok(())
}

/// The `index`-th state of a sample, with its acceleration.
fn draw_one(
    system: &(impl System + ?Sized),
    domain: &Domain,
    max_energy: f64,
    index: usize,
    rng: &mut impl Rng,
    (x, y, out): (&mut [f64], &mut [f64], &mut [f64]),
) -> Result<(), Error> {
    for _ in 0..TRIES {
        domain.draw(index, rng, x, y);
        if !domain.separated(x) || system.in_singular_set(x, y) {
            continue;
        }
        if max_energy.is_finite() && !system.energy(x, y).is_some_and(|e| e <= max_energy) {
            continue;
        }
        system.acceleration(x, y, out);
        if out.iter().all(|v| v.is_finite()) {
            return Ok(());
        }
    }
    Err(Error::NoRegularState {
        system: system.id(),
        tries: TRIES,
    })
}

/// `n` states along motions, those of one motion in the order of their times.
fn along(
    system: &(impl System + ?Sized),
    motions: &Motions,
    n: usize,
    rng: &mut impl Rng,
) -> Result<Dataset, Error> {
    check(system, &motions.starts, n)?;
    let d = system.dof();
    let (mut x, mut y) = (Vec::with_capacity(n * d), Vec::with_capacity(n * d));
    let mut acceleration = vec![0.0; n * d];
    let mut start = (vec![0.0; d], vec![0.0; d], vec![0.0; d]);
    let (mut index, mut failed) = (0, 0);
    while x.len() < n * d {
        let (x0, y0, out) = (&mut start.0, &mut start.1, &mut start.2);
        draw_one(
            system,
            &motions.starts,
            f64::INFINITY,
            index,
            rng,
            (x0, y0, out),
        )?;
        index += 1;
        let mut times: Vec<f64> = (0..OF_ONE_MOTION)
            .map(|_| uniform(rng, 0.0, motions.duration))
            .collect();
        times.sort_by(f64::total_cmp);
        times.insert(0, 0.0);
        times.dedup();
        // A motion that meets a singularity is left out, all of it.
        let Ok(path) = reference_trajectory(system, x0, y0, &times, TOLERANCE) else {
            failed += 1;
            if failed > TRIES {
                return Err(Error::NoRegularState {
                    system: system.id(),
                    tries: TRIES,
                });
            }
            continue;
        };
        for (_, at, velocity) in path.iter().skip(1).take(n - x.len() / d) {
            let from = x.len();
            x.extend_from_slice(at);
            y.extend_from_slice(velocity);
            // Where the states are drawn from, an angle is one of a turn.
            crate::wrap_angles(system, &mut x[from..]);
            system.acceleration(&x[from..], velocity, &mut acceleration[from..from + d]);
        }
    }
    Dataset::new(system.id(), d, x, y, acceleration)
}

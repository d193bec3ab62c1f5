//! Drawing states from a system's domain.

use crate::dataset::Dataset;
use crate::error::Error;
use crate::system::System;
use rand_chacha::rand_core::Rng;

/// How often one state is drawn again before the domain is called hopeless.
const TRIES: usize = 10_000;

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
    if n == 0 {
        return Err(Error::Empty {
            what: format!("the sample asked of {}", system.id()),
        });
    }
    let domain = system.domain();
    let d = system.dof();
    if domain.dof() != d || d == 0 {
        return Err(Error::Shape {
            what: format!("the domain of {}", system.id()),
            expected: d.max(1),
            found: domain.dof(),
            hint: ", one range of x and one of y for each degree of freedom".into(),
        });
    }
    let mut x = vec![0.0; n * d];
    let mut y = vec![0.0; n * d];
    let mut acceleration = vec![0.0; n * d];
    let rows = x.chunks_exact_mut(d).zip(y.chunks_exact_mut(d));
    for (i, ((x, y), out)) in rows.zip(acceleration.chunks_exact_mut(d)).enumerate() {
        let mut regular = false;
        for _ in 0..TRIES {
            domain.draw(i, rng, x, y);
            if !domain.separated(x) || system.in_singular_set(x, y) {
                continue;
            }
            system.acceleration(x, y, out);
            regular = out.iter().all(|v| v.is_finite());
            if regular {
                break;
            }
        }
        if !regular {
            return Err(Error::NoRegularState {
                system: system.id(),
                tries: TRIES,
            });
        }
    }
    Dataset::new(system.id(), d, x, y, acceleration)
}

//! How far scientists agree, in one number for each pair.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, check_index, check_length, none},
    readout::{Reading, same_states},
    scientist::Scientist,
    theory::{Party, Unit, comparable},
};

/// Scientists whose readings are held at a time, twice.
const BLOCK: usize = 50;

/// Scientists that read one scalar side by side.
const READERS: usize = 8;

/// Agreement between scientists, each with each, from 0 to 1.
///
/// # Definition
///
/// Two scientists agree if they can exchange scalars: if each computes its own motion from the
/// other's S. With [`exchange`](crate::exchange()) for one direction, the agreement on one system is
/// the smaller score of the two; over several systems it is the smaller of the two scores with one
/// factor for all of them ([`exchange_together`](crate::exchange_together)).
///
/// # Why this one
///
/// A scientist's theory is its scalar together with what it does to it. Neither alone can be
/// compared, for neither is observable: the law does not change under S → aS + b, under the addition
/// of a total derivative d/dt f(x) where Euler–Lagrange reads S, of any function of y where −S_x
/// does, or when weight moves between terms that are equal functions. A distance of scalars or of
/// weights would have to have each such freedom named and taken out, by someone who knows what the
/// scientists might have learned. An exchange has it taken out already: whatever A's own reading
/// does not see in a scalar, it does not see in B's.
///
/// The one freedom left by hand is the factor a, the unit of S. A scientist stays the same under
/// S_j → a S_j, b_j → a b_j, w_i → a^(−k_i) w_i, k_i the degree of term i; because it has one w, this
/// is a symmetry with one a for all of its systems and with no more. A factor for each system would
/// be a parameter fitted to each: it brought the mean agreement of four half-trained scientists of
/// six systems from 0.29 to 0.60.
///
/// # Where it says little
///
/// A law of one number, such as ẏ = −x, can be matched by the choice of a alone if a layer has terms
/// of several degrees. On the harmonic oscillator alone fifty trained scientists agree at 0.995, and
/// still at 0.74 with a = 1; on α alone, twelve scientists as good agree with hardly anyone. Only
/// several systems, or a law that is not linear, tell theories apart.
///
/// The correlation of first principal components ([`FirstComponents`](crate::FirstComponents)), by
/// which the paper concludes that scientists agree, is high for any two scientists that predict one
/// law: it measures the law, not the theory. The exact Lagrangian and the exact Hamiltonian
/// scientist of the harmonic oscillator correlate at 1, and agree at 0.
///
/// # Example
///
/// ```
/// use mass_interp::{Agreement, Reading, evaluation_states};
/// use mass_systems::{System, systems::Classical};
///
/// let states = evaluation_states(&Classical, 128, 0)?;
/// let law = Classical.lagrangian().unwrap();
/// let lagrangian = Reading::exact_lagrangian(law, &states)?;
/// let hamiltonian = Reading::exact_hamiltonian(law, Default::default(), &states)?;
/// let agreement = Agreement::of(&[lagrangian.clone(), hamiltonian, lagrangian])?;
/// assert_eq!((agreement.get(0, 2), agreement.get(0, 1)), (1.0, 0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    size: usize,
    /// The score of i reading j, `[E, E]`.
    scores: Vec<f64>,
    /// `[E, E]`, symmetric.
    values: Vec<f64>,
}

impl Agreement {
    /// The agreement of scientists on one system, from their readings at the same states.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] without readings, else as [`exchange`](crate::exchange()).
    pub fn of(readings: &[Reading]) -> Result<Self, Error> {
        Ok(Agreements::of_slices(&[readings])?.together)
    }

    fn zero(size: usize) -> Self {
        Self {
            size,
            scores: vec![0.0; size * size],
            values: vec![0.0; size * size],
        }
    }

    /// The same with the agreements that its scores make: of a pair the smaller score.
    fn settled(mut self) -> Self {
        for i in 0..self.size {
            for j in 0..self.size {
                self.values[i * self.size + j] = self.score(i, j).min(self.score(j, i));
            }
        }
        self
    }

    /// The mean over several systems, of the same scientists in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is none, or they are of different numbers of scientists.
    pub fn mean(systems: &[Agreement]) -> Result<Self, Error> {
        let size = systems
            .first()
            .ok_or_else(|| none("the list of systems"))?
            .size;
        let mut mean = Self::zero(size);
        for system in systems {
            check_length("the list of scientists", system.size, size)?;
            let share = 1.0 / systems.len() as f64;
            for (sum, score) in mean.scores.iter_mut().zip(&system.scores) {
                *sum += share * score;
            }
            for (sum, value) in mean.values.iter_mut().zip(&system.values) {
                *sum += share * value;
            }
        }
        Ok(mean)
    }

    /// Number of scientists, E.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How far i and j agree.
    ///
    /// # Panics
    ///
    /// If one of them is not below E.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        assert!(j < self.size, "there is no scientist {j}");
        self.values[i * self.size + j]
    }

    /// All agreements, row-major, `[E, E]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How well i computes its motion with the scalar of j, which need not be how well j does with
    /// that of i.
    ///
    /// # Panics
    ///
    /// If one of them is not below E.
    pub fn score(&self, i: usize, j: usize) -> f64 {
        assert!(j < self.size, "there is no scientist {j}");
        self.scores[i * self.size + j]
    }

    /// The mean agreement of different scientists; NaN for fewer than two.
    pub fn overall(&self) -> f64 {
        let pairs = (self.size * self.size.saturating_sub(1) / 2) as f64;
        let of = |i: usize| (0..i).map(|j| self.get(i, j)).sum::<f64>();
        (0..self.size).map(of).sum::<f64>() / pairs
    }

    /// The agreement of some of the scientists, in the order given.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for a scientist that is not there.
    pub fn select(&self, members: &[usize]) -> Result<Self, Error> {
        for member in members {
            check_index("scientist", *member, self.size)?;
        }
        let cells = members
            .iter()
            .flat_map(|i| members.iter().map(move |j| (*i, *j)));
        let cells: Vec<usize> = cells.map(|(i, j)| i * self.size + j).collect();
        let pick = |table: &[f64]| cells.iter().map(|cell| table[*cell]).collect();
        Ok(Self {
            size: members.len(),
            scores: pick(&self.scores),
            values: pick(&self.values),
        })
    }
}

/// Agreement of scientists on several systems.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Agreements {
    /// The systems' ids.
    pub systems: Vec<String>,
    /// The agreement on each by itself, with a factor of its own.
    pub by_system: Vec<Agreement>,
    /// The agreement on all together, with one factor: that of the theories.
    pub together: Agreement,
}

impl Agreements {
    /// The agreement of scientists from their readings, `[systems][scientists]`, those of a system at
    /// the same states.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] without systems or scientists, or if there are not as many scientists on
    /// each, else as [`exchange`](crate::exchange()).
    pub fn of(readings: &[Vec<Reading>]) -> Result<Self, Error> {
        Self::of_slices(&slices(readings))
    }

    fn of_slices(readings: &[&[Reading]]) -> Result<Self, Error> {
        let size = readings
            .first()
            .ok_or_else(|| none("the list of systems"))?
            .len();
        for system in readings {
            check_length("the list of scientists", system.len(), size)?;
            same_states(system)?;
            for other in *system {
                comparable(&system[0], other)?;
            }
        }
        let systems = readings
            .iter()
            .map(|system| system[0].states().id().to_string());
        let units = readings.iter().map(|system| Unit::of(&system[0]));
        let units = units.collect::<Result<Vec<_>, Error>>()?;
        let mut all = Self::zero(systems.collect(), size);
        let parties = Self::parties(readings, 0)?;
        all.enter(&parties, &parties, &units);
        Ok(all.settled())
    }

    /// The scientists of readings `[systems][scientists]` with their places, counted from `first`.
    fn parties<'a>(
        readings: &[&'a [Reading]],
        first: usize,
    ) -> Result<Vec<(usize, Party<'a>)>, Error> {
        (0..readings[0].len())
            .into_par_iter()
            .map(|one| {
                let own = readings.iter().map(|system| &system[one]);
                Ok((first + one, Party::of(own.collect())?))
            })
            .collect()
    }

    /// How far scientists of one run agree on the systems that they have seen, at `count` states a
    /// system drawn by `seed` ([`Scientist::evaluation_states`]).
    ///
    /// It makes E² exchanges on all cores, each of about 1 ms for six systems with 512 states in one
    /// dimension; it holds the readings of 100 scientists at a time, there 0.4 GB.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the scientists have not seen the same systems, [`Error::Length`] without
    /// scientists, else as [`exchange`](crate::exchange()).
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::{Recipe, Trainer, TrainingSystem};
    /// use mass_interp::{Agreements, Scientist};
    ///
    /// let systems = || vec![TrainingSystem::named("classical").unwrap()];
    /// let recipe = Recipe::reference().with_steps(3); // a real run takes 10,000
    /// let outcome = Trainer::new(recipe.clone(), systems(), 0..3).run()?;
    /// let systems = systems().into();
    /// let scientists = Scientist::all_of(&outcome.average, &[0, 1, 2], recipe, systems)?;
    /// let agreements = Agreements::between(&scientists, 64, 0)?;
    /// assert_eq!(agreements.systems, ["classical"]);
    /// assert_eq!(agreements.together.get(1, 1), 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn between(scientists: &[Scientist], count: usize, seed: u64) -> Result<Self, Error> {
        let first = scientists
            .first()
            .ok_or_else(|| none("the list of scientists"))?;
        let seen = first.seen_shapes();
        if scientists.iter().any(|one| one.seen_shapes() != seen) {
            return Err(Error::Request(
                "the scientists have not seen the same systems: compare those of one run, at one phase"
                    .to_string(),
            ));
        }
        let states = (0..seen.len())
            .map(|system| Ok(Arc::new(first.evaluation_states(system, count, seed)?)));
        let states = states.collect::<Result<Vec<_>, Error>>()?;
        let read = |some: &[Scientist]| -> Result<Vec<Vec<Reading>>, Error> {
            let systems = states.iter().enumerate();
            systems
                .map(|(system, states)| Scientist::read_all(some, system, states))
                .collect()
        };
        let sample = read(&scientists[..1])?;
        let units = sample.iter().map(|system| Unit::of(&system[0]));
        let units = units.collect::<Result<Vec<_>, Error>>()?;
        let systems = seen.iter().map(|shape| shape.id.clone());
        let mut all = Self::zero(systems.collect(), scientists.len());
        let blocks: Vec<&[Scientist]> = scientists.chunks(BLOCK).collect();
        let mut readings = read(blocks[0])?;
        for place in 0..blocks.len() {
            let mut next = Vec::new();
            let rows = Self::parties(&slices(&readings), place * BLOCK)?;
            all.enter(&rows, &rows, &units);
            // The next block comes last, for it is the next to stay.
            for other in (place + 1..blocks.len()).rev() {
                next = read(blocks[other])?;
                let columns = Self::parties(&slices(&next), other * BLOCK)?;
                all.enter(&rows, &columns, &units);
                all.enter(&columns, &rows, &units);
            }
            drop(rows);
            readings = next;
        }
        Ok(all.settled())
    }

    /// The mean of the agreements on each system by itself, where every system has a factor, and a
    /// weaker direction, of its own (see [`Agreement`] for what that gives away).
    pub fn mean(&self) -> Agreement {
        Agreement::mean(&self.by_system).expect("there is a system, and all are of one size")
    }

    fn zero(systems: Vec<String>, size: usize) -> Self {
        Self {
            by_system: vec![Agreement::zero(size); systems.len()],
            together: Agreement::zero(size),
            systems,
        }
    }

    fn settled(mut self) -> Self {
        self.together = self.together.settled();
        self.by_system = self.by_system.into_iter().map(Agreement::settled).collect();
        self
    }

    /// Enters the scores of some scientists reading others.
    fn enter(
        &mut self,
        readers: &[(usize, Party<'_>)],
        read: &[(usize, Party<'_>)],
        units: &[Unit],
    ) {
        let tiles: Vec<_> = read
            .iter()
            .flat_map(|other| readers.chunks(READERS).map(move |some| (some, other)))
            .collect();
        let outcomes: Vec<_> = tiles
            .par_iter()
            .map(|(some, (_, other))| {
                let parties: Vec<&Party<'_>> = some.iter().map(|(_, party)| party).collect();
                Party::read_by(&parties, other, units)
            })
            .collect();
        for ((some, (j, _)), outcomes) in tiles.iter().zip(outcomes) {
            for ((i, _), outcome) in some.iter().zip(outcomes) {
                let cell = i * self.together.size + j;
                self.together.scores[cell] = outcome.together.score;
                for (system, score) in self.by_system.iter_mut().zip(outcome.by_system) {
                    system.scores[cell] = score;
                }
            }
        }
    }
}

/// Readings `[systems][scientists]` as they are exchanged.
fn slices(readings: &[Vec<Reading>]) -> Vec<&[Reading]> {
    readings.iter().map(Vec::as_slice).collect()
}

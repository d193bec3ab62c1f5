//! How far scientists agree, in one number for each pair.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Exchange, Reading, Scientist,
    error::check_index,
    exchange::{Layer, Unit, comparable, spread},
};

/// Agreement between scientists, each with each, from 0 to 1.
///
/// # Definition
///
/// Two scientists agree if they can exchange scalars: if each computes its own motion from the
/// other's S. With [`exchange`](crate::exchange) for one direction, the agreement on one system is
/// the smaller score of the two, and over several systems the mean of those.
///
/// # Why this one
///
/// A scientist's theory is its scalar together with what it does to it. Neither alone can be
/// compared, for neither is observable: the law does not change under S → aS + b, under the addition
/// of a total derivative d/dt f(x) where Euler–Lagrange reads S, of any function of y where −S_x
/// does, or when weight moves between terms that are equal functions. A distance of scalars or of
/// weights would have to have each such freedom named and taken out, by someone who knows what the
/// scientists might have learned. An exchange has it taken out already: whatever A's own reading
/// does not see in a scalar, it does not see in B's. The one freedom left by hand is the factor a,
/// for a layer with terms of several degrees sees it, and units are not a theory.
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
    /// [`Error::Length`] without readings, else as [`exchange`](crate::exchange).
    pub fn of(readings: &[Reading]) -> Result<Self, Error> {
        let Some(first) = readings.first() else {
            return Err(none("readings"));
        };
        for other in readings {
            comparable(first, other)?;
        }
        let unit = Unit::of(first)?;
        let layers = readings.iter().map(Layer::of);
        let layers = layers.collect::<Result<Vec<_>, Error>>()?;
        let laws: Vec<Vec<f64>> = layers.iter().zip(readings).map(|(l, r)| l.law(r)).collect();
        let spreads: Vec<f64> = readings.iter().map(spread).collect();
        let size = readings.len();
        let read = |cell: usize| -> Exchange {
            let (i, j) = (cell / size, cell % size);
            layers[i].score(&laws[i], spreads[i], &readings[j], spreads[j], unit)
        };
        let cells = (0..size * size).into_par_iter();
        let scores: Vec<f64> = cells.map(|cell| read(cell).score).collect();
        let smaller = |cell: usize| scores[cell].min(scores[cell % size * size + cell / size]);
        Ok(Self {
            size,
            values: (0..size * size).map(smaller).collect(),
            scores,
        })
    }

    /// The mean over several systems, of the same scientists in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is none, or they are of different numbers of scientists.
    pub fn mean(systems: &[Agreement]) -> Result<Self, Error> {
        let size = systems.first().ok_or_else(|| none("systems"))?.size;
        let mut mean = Self {
            size,
            scores: vec![0.0; size * size],
            values: vec![0.0; size * size],
        };
        for system in systems {
            crate::error::check_length("the list of scientists", system.size, size)?;
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

    /// The mean agreement of different scientists; NaN for a single one.
    pub fn overall(&self) -> f64 {
        let pairs = (self.size * (self.size - 1) / 2) as f64;
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

/// Agreement of scientists on the systems that they have seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreements {
    /// The systems' ids.
    pub systems: Vec<String>,
    /// The agreement on each.
    pub by_system: Vec<Agreement>,
    /// Their mean.
    pub mean: Agreement,
}

impl Agreements {
    /// How far scientists of one run agree on every system that they have seen, at `count` states a
    /// system drawn by `seed` ([`Scientist::evaluation_states`]).
    ///
    /// Takes E² exchanges a system, each a fraction of a millisecond, on all cores, and the memory of
    /// E readings: 0.7 MB a scientist for 512 states in one dimension.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the scientists have not seen the same systems, [`Error::Length`] without
    /// scientists, else as [`Agreement::of`].
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::{Recipe, Trainer, TrainingSystem};
    /// use mass_interp::{Agreements, Scientist};
    ///
    /// let systems = || vec![TrainingSystem::Known(mass_systems::lookup("classical").unwrap())];
    /// let recipe = Recipe::reference().with_steps(3); // a real run takes 10,000
    /// let outcome = Trainer::new(recipe.clone(), systems(), 0..3).run()?;
    /// let systems = systems().into();
    /// let scientists = Scientist::all_of(&outcome.average, &[0, 1, 2], recipe, systems)?;
    /// let agreements = Agreements::between(&scientists, 64, 0)?;
    /// assert_eq!(agreements.systems, ["classical"]);
    /// assert_eq!(agreements.mean.get(1, 1), 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn between(scientists: &[Scientist], count: usize, seed: u64) -> Result<Self, Error> {
        let first = scientists.first().ok_or_else(|| none("scientists"))?;
        let seen = first.seen_shapes();
        if scientists.iter().any(|one| one.seen_shapes() != seen) {
            return Err(Error::Request(
                "the scientists have not seen the same systems: compare those of one run, at one phase"
                    .to_string(),
            ));
        }
        let mut by_system = Vec::new();
        for system in 0..seen.len() {
            let states = first.evaluation_states(system, count, seed)?;
            let readings = scientists.iter().map(|one| one.read(system, &states));
            by_system.push(Agreement::of(&readings.collect::<Result<Vec<_>, _>>()?)?);
        }
        Ok(Self {
            systems: seen.iter().map(|shape| shape.id.clone()).collect(),
            mean: Agreement::mean(&by_system)?,
            by_system,
        })
    }
}

fn none(what: &str) -> Error {
    Error::Length {
        what: format!("the list of {what}"),
        found: 0,
        expected: "at least 1".to_string(),
    }
}

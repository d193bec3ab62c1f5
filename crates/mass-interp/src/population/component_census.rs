//! The first components of many scientists, as a record.

use serde::{Deserialize, Serialize};

use crate::{statistics::nullable, terms::FirstComponents};

/// The first components of S scientists on one system, over common states (Fu et al. 2025, Figure 9).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentCensus {
    /// Identifier of the system, `classical`.
    pub system: String,
    /// The scientists whose activations could be read, `[S]`.
    pub seeds: Vec<u64>,
    /// Those whose could not: on poles at more than a tenth of the states, or without variance.
    pub failed: Vec<u64>,
    /// States at which all were read.
    pub states: usize,
    /// Pearson correlations of the first components, row-major `[S, S]`.
    #[serde(with = "nullable::single")]
    pub correlation: Vec<f64>,
    /// Share of the variance that each first component explains, `[S]`.
    #[serde(with = "nullable")]
    pub explained: Vec<f64>,
    /// Correlation of each with the true ẏ, `[S]`.
    #[serde(with = "nullable")]
    pub with_truth: Vec<f64>,
}

impl ComponentCensus {
    /// What was found of scientists of these seeds, in the order of the readings; a member without a seed
    /// is left out of the lists of seeds.
    pub fn of(system: String, seeds: &[u64], found: &FirstComponents) -> Self {
        let of = |places: &[usize]| {
            let seeds = places.iter().filter_map(|place| seeds.get(*place));
            seeds.copied().collect()
        };
        Self {
            system,
            seeds: of(&found.members),
            failed: of(&found.failed),
            states: found.states,
            correlation: found.correlation.values().to_vec(),
            explained: found.ratios.clone(),
            with_truth: found.with_truth.clone(),
        }
    }

    /// How many scientists' first components explain more than this share of the variance, and of how
    /// many: one that could not be read explains nothing.
    pub fn above(&self, share: f64) -> (usize, usize) {
        let above = self.explained.iter().filter(|one| **one > share);
        (above.count(), self.seeds.len() + self.failed.len())
    }
}

#[cfg(test)]
mod tests {
    use mass_systems::lookup;

    use super::*;
    use crate::{ComponentSign, Reading, evaluation_states};

    #[test]
    fn one_that_cannot_be_read_explains_nothing() {
        let system = lookup("pendulum").unwrap();
        let law = system.lagrangian().unwrap();
        let states = evaluation_states(&*system, 64, 0).unwrap();
        let exact = Reading::exact_lagrangian(law, &states).unwrap();
        let library = mass_terms::Library::standard();
        let none = Reading::of_scalar(&states, &library, &[1.0; 172], 0.0, |_, _| None).unwrap();
        let found = FirstComponents::of(&[exact.clone(), none, exact], ComponentSign::Loading);
        let census = ComponentCensus::of("pendulum".into(), &[7, 8, 9], &found.unwrap());
        assert_eq!(
            (census.seeds.as_slice(), census.failed.as_slice()),
            (&[7, 9][..], &[8][..])
        );
        assert_eq!((census.correlation.len(), census.states), (4, 64));
        assert_eq!((census.above(0.5), census.above(1.1)), ((2, 3), (0, 3)));
    }
}

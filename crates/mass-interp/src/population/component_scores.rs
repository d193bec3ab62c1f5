//! How the first components of many scientists are distributed over the states.

use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    readout::Reading,
    statistics::{distance_between, distance_from_uniform, nullable, standardised},
    terms::{ComponentSign, FirstComponents},
};

/// Sides of the histograms' bins, in standard deviations.
const REACH: f64 = 2.5;
const BINS: usize = 25;
/// Kolmogorov's distance of n uniform values, standardised by their own mean and deviation, from the
/// uniform distribution exceeds this / √n with 5 % chance (4000 samples of 512).
const UNIFORM: f64 = 0.893;

/// The first component of many scientists' activations at the same states, and the true ẏ (Fu et al.
/// 2025, Figures 14 and 15): each with mean 0 and variance 1, turned so that a component correlates
/// positively with ẏ.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentScores {
    truth: Vec<f64>,
    /// One a scientist; none where it could not be read.
    components: Vec<Option<Vec<f64>>>,
    /// |r| of each of those that could with the true ẏ.
    with_truth: Vec<f64>,
}

/// The densities of [`ComponentScores`]: S scientists, H bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentHistograms {
    /// The sides of the bins, increasing, in standard deviations, `[H + 1]`.
    pub edges: Vec<f64>,
    /// Density of the true ẏ in each bin, `[H]`.
    #[serde(with = "nullable")]
    pub truth: Vec<f64>,
    /// Density of each scientist's component, row-major `[S, H]`; NaN where it could not be read.
    #[serde(with = "nullable::single")]
    pub density: Vec<f64>,
}

impl ComponentScores {
    /// The scores of scientists at the states at which they were read.
    ///
    /// # Errors
    ///
    /// Those of [`FirstComponents::of`]; [`Error::Request`] if the true ẏ does not vary.
    pub fn of(readings: &[Reading]) -> Result<Self, Error> {
        let found = FirstComponents::of(readings, ComponentSign::Prediction)?;
        let mut components: Vec<Option<Vec<f64>>> = vec![None; readings.len()];
        let scores = found.scores.iter().zip(&found.with_truth);
        for (member, (scores, r)) in found.members.iter().zip(scores) {
            let turned: Vec<f64> = scores.iter().map(|score| score * r.signum()).collect();
            components[*member] = standardised(&turned);
        }
        let constant = || {
            Error::Request("the true acceleration is constant: it has no distribution".to_string())
        };
        Ok(Self {
            truth: standardised(readings[0].states().acceleration()).ok_or_else(constant)?,
            components,
            with_truth: found.with_truth.iter().map(|r| r.abs()).collect(),
        })
    }

    /// |r| of each component that could be read with the true ẏ.
    pub fn with_truth(&self) -> &[f64] {
        &self.with_truth
    }

    /// How they are distributed, in 25 bins from −2.5 to 2.5 standard deviations.
    pub fn histograms(&self) -> ComponentHistograms {
        let width = 2.0 * REACH / BINS as f64;
        let density = |values: &[f64]| -> Vec<f64> {
            let mut counts = [0usize; BINS];
            for value in values {
                let bin = ((value + REACH) / width).floor();
                if (0.0..BINS as f64).contains(&bin) {
                    counts[bin as usize] += 1;
                }
            }
            let unit = width * values.len() as f64;
            counts.iter().map(|count| *count as f64 / unit).collect()
        };
        let of = |component: &Option<Vec<f64>>| match component {
            Some(values) => density(values),
            None => vec![f64::NAN; BINS],
        };
        ComponentHistograms {
            truth: density(&self.truth),
            density: self.components.iter().flat_map(of).collect(),
            edges: (0..=BINS).map(|i| -REACH + width * i as f64).collect(),
        }
    }

    fn read(&self) -> impl Iterator<Item = &Vec<f64>> {
        self.components.iter().flatten()
    }

    /// The share of all scientists whose component is as near to uniform as 95 % of uniform samples
    /// of that size are (Kolmogorov's distance, 0.04 for 512 states).
    pub fn share_uniform(&self) -> f64 {
        let is = |scores: &&Vec<f64>| {
            distance_from_uniform(scores) < UNIFORM / (scores.len() as f64).sqrt()
        };
        self.read().filter(is).count() as f64 / self.components.len() as f64
    }

    /// Kolmogorov's distance of the true ẏ from the uniform distribution.
    pub fn truth_from_uniform(&self) -> f64 {
        distance_from_uniform(&self.truth)
    }

    /// Smirnov's distance of each component that could be read from the true ẏ.
    pub fn distances_from_truth(&self) -> Vec<f64> {
        let scores = self.read();
        scores
            .map(|scores| distance_between(scores, &self.truth))
            .collect()
    }

    /// Smirnov's distance of each pair of components.
    pub fn distances_of_pairs(&self) -> Vec<f64> {
        let all: Vec<&Vec<f64>> = self.read().collect();
        let pairs = (0..all.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        pairs
            .map(|(i, j)| distance_between(all[i], all[j]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use mass_systems::{Quantity, System, systems::Classical};
    use mass_terms::Library;

    use super::*;
    use crate::evaluation_states;

    fn even() -> Vec<f64> {
        let even: Vec<f64> = (0..512).map(|i| f64::from(i) - 255.5).collect();
        standardised(&even).unwrap()
    }

    #[test]
    fn histograms_are_densities() {
        let scores = ComponentScores {
            truth: even(),
            components: vec![Some(even()), None],
            with_truth: vec![1.0],
        };
        let found = scores.histograms();
        let total: f64 = found.truth.iter().sum::<f64>() * 0.2;
        assert_abs_diff_eq!(total, 1.0, epsilon = 1e-9);
        assert!(found.density[BINS..].iter().all(|d| d.is_nan()));
        assert_eq!(scores.share_uniform(), 0.5);
        assert_eq!(scores.distances_from_truth(), [0.0]);
        assert!(scores.distances_of_pairs().is_empty(), "one makes no pair");
    }

    #[test]
    fn densities_are_where_the_values_are() {
        // Of four values two lie in the middle bin of 0.2, one in the last, one beyond.
        let scores = ComponentScores {
            truth: vec![-0.05, 0.05, 2.45, 2.55],
            components: Vec::new(),
            with_truth: Vec::new(),
        };
        let found = scores.histograms();
        assert_eq!((found.edges.len(), found.truth.len()), (26, 25));
        for (place, side) in [(0, -2.5), (12, -0.1), (13, 0.1), (25, 2.5)] {
            assert_abs_diff_eq!(found.edges[place], side, epsilon = 1e-12);
        }
        for (bin, density) in found.truth.iter().enumerate() {
            let expected = match bin {
                12 => 2.0 / 4.0 / 0.2,
                24 => 1.0 / 4.0 / 0.2,
                _ => 0.0,
            };
            assert_abs_diff_eq!(*density, expected, epsilon = 1e-12);
        }
        // At ±√3/2 there should be a quarter and three, and there are a half and all.
        let quarter = 3f64.sqrt() / 2.0;
        let scores = ComponentScores {
            truth: vec![quarter, -quarter],
            ..scores
        };
        assert_abs_diff_eq!(scores.truth_from_uniform(), 0.25, epsilon = 1e-15);
    }

    #[test]
    fn a_component_against_the_true_law_is_turned() {
        // +H_x / 2 is the true ẏ = −x with the wrong sign, and its component is −ẏ.
        let states = evaluation_states(&Classical, 64, 0).unwrap();
        let law = Classical.lagrangian().unwrap();
        let library = Library::standard();
        let mut weights = vec![0.0; library.len()];
        weights[library.find("Sx").unwrap()] = 0.5;
        let wrong = Reading::of_scalar(&states, &library, &weights, 0.0, |x, y| {
            law.derivatives(Quantity::Potential, x, y)
        });
        let scores = ComponentScores::of(&[wrong.unwrap()]).unwrap();
        let component = scores.components[0].as_ref().unwrap();
        for (score, truth) in component.iter().zip(&scores.truth) {
            assert_abs_diff_eq!(score, truth, epsilon = 1e-9);
        }
    }

    #[test]
    fn a_bell_is_not_uniform() {
        // Quantiles of the logistic distribution.
        let quantile = |p: f64| (p / (1.0 - p)).ln();
        let bell: Vec<f64> = (1..512).map(|i| quantile(f64::from(i) / 512.0)).collect();
        let bell = standardised(&bell).unwrap();
        let scores = ComponentScores {
            truth: even(),
            components: vec![Some(bell.clone()), Some(even()), Some(bell)],
            with_truth: vec![1.0; 3],
        };
        assert_abs_diff_eq!(scores.share_uniform(), 1.0 / 3.0, epsilon = 1e-15);
        assert!(scores.truth_from_uniform() < 2e-3);
        assert!(scores.distances_from_truth()[0] > 0.05);
        let pairs = scores.distances_of_pairs();
        assert!(pairs[0] > 0.05 && pairs[1] == 0.0 && pairs[2] == pairs[0]);
    }

    #[test]
    fn exact_theories_have_the_true_law_as_their_component() {
        let states = evaluation_states(&Classical, 128, 0).unwrap();
        let law = Classical.lagrangian().unwrap();
        let exact = [
            Reading::exact_lagrangian(law, &states).unwrap(),
            Reading::exact_hamiltonian(law, Default::default(), &states).unwrap(),
        ];
        let scores = ComponentScores::of(&exact).unwrap();
        assert_eq!(scores.with_truth().len(), 2);
        assert_abs_diff_eq!(scores.with_truth()[0], 1.0, epsilon = 1e-12);
        assert!(scores.distances_from_truth()[0] < 0.02);
    }
}

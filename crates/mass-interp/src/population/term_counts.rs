//! How many terms a scientist needs.

use std::sync::Arc;

use mass_systems::Dataset;

use super::since_joining;
use crate::{
    error::Error,
    readout::Reading,
    scientist::Scientist,
    terms::{Counting, Grouping},
};

/// Numbers of significant terms of one scientist (Fu et al. 2025, Section V.4, Figure 10); NaN where
/// they cannot be counted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TermCounts {
    /// Terms that make the fraction of Σ E|a|, for each system.
    pub listed: Vec<f64>,
    /// The same with equal functions merged.
    pub merged: Vec<f64>,
    /// Terms that make the fraction of Σ|w|.
    pub weights: f64,
}

impl TermCounts {
    /// The paper's fraction here (Fu et al. 2025, Section V.4).
    pub const FRACTION: f64 = 0.95;

    /// Counts the terms that make `fraction` of the whole, for each of many scientists, on the first
    /// systems, read at `states`, one batch a system. The paper's fraction is [`TermCounts::FRACTION`].
    ///
    /// # Errors
    ///
    /// As [`Scientist::read_all`].
    pub fn of_all(
        scientists: &[Scientist],
        states: &[Arc<Dataset>],
        fraction: f64,
    ) -> Result<Vec<Self>, Error> {
        let mut all: Vec<Self> = scientists
            .iter()
            .map(|one| Self {
                listed: Vec::new(),
                merged: Vec::new(),
                weights: weights(one, fraction),
            })
            .collect();
        for (system, states) in states.iter().enumerate() {
            let readings = Scientist::read_all(scientists, system, states)?;
            let pairs = scientists.iter().zip(&readings);
            for ((one, reading), counts) in pairs.zip(&mut all) {
                let grouping = one.grouping(Counting::Merged);
                let [listed, merged] =
                    activations(reading, &grouping, fraction).unwrap_or([f64::NAN; 2]);
                counts.listed.push(listed);
                counts.merged.push(merged);
            }
        }
        Ok(all)
    }

    /// The mean number over all systems, terms as listed; NaN if one of them could not be read.
    pub fn mean_listed(&self) -> f64 {
        mean_of_all(&self.listed)
    }

    /// The same with equal functions merged.
    pub fn mean_merged(&self) -> f64 {
        mean_of_all(&self.merged)
    }
}

/// The numbers of terms of E scientists at each phase's end, which make up the means of Figure 10.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TermCourse {
    /// Terms as listed, in the mean over the systems seen, `[phases][E]`.
    pub listed: Vec<Vec<f64>>,
    /// The same with equal functions merged.
    pub merged: Vec<Vec<f64>>,
    /// Terms by weight.
    pub weights: Vec<Vec<f64>>,
    /// Terms as listed on each system seen by itself, phase by phase, `[phases (phases + 1) / 2][E]`.
    pub by_system: Vec<Vec<f64>>,
}

impl TermCourse {
    /// Of the counts at each phase's end, where one more system has been seen at each.
    pub fn of(counted: &[Vec<TermCounts>]) -> Self {
        let each = |of: fn(&TermCounts) -> f64| -> Vec<Vec<f64>> {
            let phases = counted.iter();
            phases.map(|all| all.iter().map(of).collect()).collect()
        };
        let by_system = counted.iter().enumerate().flat_map(|(phase, all)| {
            (0..=phase).map(move |system| all.iter().map(|one| one.listed[system]).collect())
        });
        Self {
            listed: each(TermCounts::mean_listed),
            merged: each(TermCounts::mean_merged),
            weights: each(|one| one.weights),
            by_system: by_system.collect(),
        }
    }
}

/// How many of the earlier systems are explained by fewer terms after the last phase than after the
/// one in which they joined: of mean numbers of terms phase by phase, of each phase the systems seen
/// (`[K (K + 1) / 2]` for K systems, as [`TermCourse::by_system`]); `None` where a number is not
/// finite, or they are not so many (Fu et al. 2025, Section V.4).
pub fn fewer_terms_in_the_end(by_system: &[f64], systems: usize) -> Option<usize> {
    let changes = since_joining(by_system, systems).ok()?;
    let falling = changes.iter().filter(|change| **change < 0.0).count();
    changes
        .iter()
        .all(|change| change.is_finite())
        .then_some(falling)
}

fn mean_of_all(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn activations(reading: &Reading, grouping: &Grouping, fraction: f64) -> Result<[f64; 2], Error> {
    let activations = reading.regular()?.activations();
    let listed = activations.significant(fraction)?.count();
    let merged = activations.grouped(grouping)?.significant(fraction)?;
    Ok([listed as f64, merged.count() as f64])
}

fn weights(one: &Scientist, fraction: f64) -> f64 {
    let mut by = one.weight_significance(Counting::Listed);
    by.fraction = fraction;
    let found = by.of(&one.weights());
    found.map_or(f64::NAN, |found| found.count() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_of_all_systems_or_of_none() {
        let counts = TermCounts {
            listed: vec![4.0, 7.0],
            merged: vec![3.0, f64::NAN],
            weights: 1.0,
        };
        assert_eq!(counts.mean_listed(), 5.5);
        assert!(counts.mean_merged().is_nan());
    }

    #[test]
    fn a_system_is_compared_with_the_phase_in_which_it_joined() {
        // 9; 8, 7; 6, 9, 5 after the phases: the first falls from 9 to 6, the second rises from 7 to 9.
        let means = [9.0, 8.0, 7.0, 6.0, 9.0, 5.0];
        assert_eq!(fewer_terms_in_the_end(&means, 3), Some(1));
        assert_eq!(fewer_terms_in_the_end(&means[..3], 2), Some(1));
        assert_eq!(fewer_terms_in_the_end(&means[..1], 1), Some(0));
        // As many as when it joined are not fewer.
        assert_eq!(fewer_terms_in_the_end(&[9.0, 9.0, 7.0], 2), Some(0));
        let mut gap = means;
        gap[2] = f64::NAN;
        assert_eq!(fewer_terms_in_the_end(&gap, 3), None);
    }

    #[test]
    fn a_course_is_phase_by_phase() {
        let counts = |listed: &[f64], weights: f64| TermCounts {
            listed: listed.to_vec(),
            merged: listed.iter().map(|n| n - 1.0).collect(),
            weights,
        };
        let first = vec![counts(&[8.0], 20.0), counts(&[6.0], 30.0)];
        let second = vec![counts(&[4.0, 6.0], 10.0), counts(&[f64::NAN, 2.0], 15.0)];
        let course = TermCourse::of(&[first, second]);
        assert_eq!(course.listed[0], [8.0, 6.0]);
        assert_eq!(course.merged[1][0], 4.0);
        assert!(course.listed[1][1].is_nan());
        assert_eq!(course.weights, [[20.0, 30.0], [10.0, 15.0]]);
        assert_eq!(course.by_system[2], [6.0, 2.0]);
        assert_eq!(course.by_system.len(), 3);
    }
}

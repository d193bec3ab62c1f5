//! Which terms many scientists use.

use crate::{
    statistics::{mean, median},
    terms::significant,
};

/// The significant terms of each of many scientists on one system (Fu et al. 2025, Figures 8 and 13).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TermUse {
    /// Of each scientist that could be read: its significant terms.
    pub sets: Vec<Vec<usize>>,
    /// How many scientists each term is significant for, `[T]`.
    pub users: Vec<usize>,
}

impl TermUse {
    /// From E|a| of each scientist, row-major `[E, T]`: the terms that make `fraction` of it. Of one
    /// whose numbers are not finite, or all zero, no term is significant, and it does not count.
    pub fn of(strengths: &[f64], terms: usize, fraction: f64) -> Self {
        let rows = strengths.chunks(terms.max(1));
        let sets = rows.filter_map(|row| significant(row, fraction).ok());
        let sets: Vec<Vec<usize>> = sets.map(|found| found.indices).collect();
        let mut users = vec![0; terms];
        for term in sets.iter().flatten() {
            users[*term] += 1;
        }
        Self { sets, users }
    }

    /// How many scientists could be read.
    pub fn read(&self) -> usize {
        self.sets.len()
    }

    /// The number of significant terms of each of them.
    pub fn counts(&self) -> Vec<f64> {
        self.sets.iter().map(|set| set.len() as f64).collect()
    }

    /// How far the commonest of these terms stand out: the mean share of scientists that use each of the ten commonest,
    /// less the share that use the median one. 0 if all are used alike, NaN if no scientist could be read.
    pub fn contrast(&self, terms: &[usize]) -> f64 {
        let share = |term: &usize| self.users[*term] as f64 / self.read() as f64;
        let mut shares: Vec<f64> = terms.iter().map(share).collect();
        shares.sort_by(|a, b| b.total_cmp(a));
        mean(&shares[..shares.len().min(10)]) - median(&shares)
    }

    /// The terms that more than this share of them use.
    pub fn common(&self, share: f64) -> Vec<usize> {
        let most = share * self.read() as f64;
        let terms = 0..self.users.len();
        terms
            .filter(|term| self.users[*term] as f64 > most)
            .collect()
    }
}

/// How far every two sets overlap, intersection by union (Jaccard 1901), from 0 to 1; NaN of two that are
/// empty.
///
/// ```
/// let sets = [vec![1, 2, 3], vec![2, 3, 4], vec![9]];
/// assert_eq!(mass_interp::overlaps(&sets), [0.5, 0.0, 0.0]);
/// ```
pub fn overlaps(sets: &[Vec<usize>]) -> Vec<f64> {
    let mut overlaps = Vec::new();
    for (i, a) in sets.iter().enumerate() {
        for b in &sets[..i] {
            let both = a.iter().filter(|term| b.contains(term)).count();
            overlaps.push(both as f64 / (a.len() + b.len() - both) as f64);
        }
    }
    overlaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_common_terms_stand_out_from_the_median() {
        // 40 terms, of which all four scientists use the first ten, and one the eleventh.
        let row = |used: usize| (0..40).map(move |term| f64::from(u8::from(term < used)));
        let strengths: Vec<f64> = [11, 10, 10, 10].into_iter().flat_map(row).collect();
        let found = TermUse::of(&strengths, 40, 0.9999);
        let all: Vec<usize> = (0..40).collect();
        assert_eq!(found.contrast(&all), 1.0);
        assert_eq!(found.contrast(&all[..11]), 0.0, "the median is used by all");
    }

    #[test]
    fn users_are_counted_among_those_that_can_be_read() {
        let strengths = [1.0, 1.0, 0.0, f64::NAN, 1.0, 1.0, 0.0, 1.0, 0.001];
        let found = TermUse::of(&strengths, 3, 0.99);
        assert_eq!((found.users.clone(), found.read()), (vec![1, 2, 0], 2));
        assert_eq!(found.counts(), [2.0, 1.0]);
        assert_eq!(
            (found.common(0.5), found.common(0.4)),
            (vec![1], vec![0, 1])
        );
        // Of the three terms none, one and two of two scientists use.
        assert_eq!(found.contrast(&[0, 1, 2]), 0.5 - 0.5);
        assert!(TermUse::of(&[], 3, 0.99).contrast(&[0, 1]).is_nan());
        assert!(overlaps(&[Vec::new(), Vec::new()])[0].is_nan());
    }
}

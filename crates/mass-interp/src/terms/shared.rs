//! Terms that matter for every one of several systems.

use std::collections::BTreeMap;

/// The terms that are significant for every system, and for any (Fu et al. 2025, Figure 7).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedTerms {
    /// Those of every system, by falling sum of their shares, of equal ones the smaller index first.
    pub terms: Vec<usize>,
    /// How many are significant for at least one.
    pub union: usize,
}

impl SharedTerms {
    /// From the significant terms of each system with their shares of Σ E|a|.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::SharedTerms;
    ///
    /// let shared = SharedTerms::of(&[vec![(3, 0.5), (4, 0.4)], vec![(4, 0.9), (3, 0.1)]]);
    /// assert_eq!((shared.terms, shared.union), (vec![4, 3], 2));
    /// ```
    pub fn of(systems: &[Vec<(usize, f64)>]) -> Self {
        let mut sizes: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
        for (term, size) in systems.iter().flatten() {
            let (count, total) = sizes.entry(*term).or_default();
            *count += 1;
            *total += size;
        }
        let mut common: Vec<(usize, f64)> = sizes
            .iter()
            .filter(|(_, (count, _))| *count == systems.len())
            .map(|(term, (_, total))| (*term, *total))
            .collect();
        common.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self {
            terms: common.into_iter().map(|(term, _)| term).collect(),
            union: sizes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_terms_are_those_of_every_system() {
        let systems = [vec![(3, 0.5), (4, 0.4)], vec![(4, 0.9), (7, 0.1), (3, 0.1)]];
        let found = SharedTerms::of(&systems);
        assert_eq!((found.terms, found.union), (vec![4, 3], 3));
        let found = SharedTerms::of(&[Vec::new(), vec![(1, 1.0)]]);
        assert_eq!((found.terms, found.union), (vec![], 1));
        // As large together: by index.
        let found = SharedTerms::of(&[vec![(2, 0.25), (1, 0.5)], vec![(1, 0.25), (2, 0.5)]]);
        assert_eq!(found.terms, [1, 2]);
    }
}

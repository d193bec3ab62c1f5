//! Whether failed scientists come back as systems join.

use crate::statistics::sign_test;

/// The two phases between which scientists that were not correct became so most surely.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Revival {
    /// The earlier phase, counted from 0.
    pub from: usize,
    /// The later one.
    pub to: usize,
    /// Scientists that are correct at the later one's end and were not at the earlier one's.
    pub revived: usize,
    /// Those that were and are not.
    pub lost: usize,
    /// The chance of so many revived, or more, among those that changed ([`sign_test`]), as the best of
    /// all pairs of phases: times their number, at most 1.
    pub chance: f64,
}

impl Revival {
    /// Looks at all pairs of phases, not at neighbours alone: a slow revival is spread over several
    /// systems. `correct` is `[phases][E]`; `None` of fewer than two phases.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::Revival;
    ///
    /// let phase = |correct: usize| (0..40).map(|one| one < correct).collect::<Vec<bool>>();
    /// let found = Revival::among(&[phase(20), phase(25), phase(30)]).unwrap();
    /// assert_eq!((found.from, found.to, found.revived, found.lost), (0, 2, 10, 0));
    /// assert!((found.chance - 3.0 / 1024.0).abs() < 1e-12); // ten heads, the best of three pairs
    /// ```
    pub fn among(correct: &[Vec<bool>]) -> Option<Self> {
        let pairs = (1..correct.len()).flat_map(|to| (0..to).map(move |from| (from, to)));
        let count = pairs.clone().count() as f64;
        let found = pairs.map(|(from, to)| {
            let both = || correct[from].iter().zip(&correct[to]);
            let revived = both().filter(|(was, is)| !**was && **is).count();
            let lost = both().filter(|(was, is)| **was && !**is).count();
            let chance = (sign_test(revived, lost) * count).min(1.0);
            Self {
                from,
                to,
                revived,
                lost,
                chance,
            }
        });
        found.min_by(|a, b| a.chance.total_cmp(&b.chance))
    }

    /// [`Revival::among`] scientists that are correct while an error is below `limit`; `errors` is
    /// row-major `[phases, scientists]`.
    pub fn below(errors: &[f64], scientists: usize, limit: f64) -> Option<Self> {
        let phases = errors.chunks(scientists.max(1));
        let correct = phases.map(|row| row.iter().map(|error| *error < limit).collect());
        Self::among(&correct.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phases(rows: &[fn(usize) -> bool]) -> Vec<Vec<bool>> {
        let row = |right: &fn(usize) -> bool| (0..60).map(right).collect();
        rows.iter().map(row).collect()
    }

    #[test]
    fn the_surest_pair_is_not_the_one_with_most_revived() {
        // 20 revived against 12 lost, after 6 against none.
        let all = phases(&[
            |seed| seed < 20,
            |seed| seed < 26,
            |seed| (12..46).contains(&seed),
        ]);
        let found = Revival::among(&all).unwrap();
        assert_eq!((found.from, found.to), (0, 1));
        assert_eq!((found.revived, found.lost), (6, 0));
        assert!((found.chance - 3.0 / 64.0).abs() < 1e-12);
    }

    #[test]
    fn a_slow_revival_is_between_phases_that_are_apart() {
        let all = phases(&[|seed| seed < 20, |seed| seed < 24, |seed| seed < 28]);
        let found = Revival::among(&all).unwrap();
        assert_eq!((found.from, found.to, found.revived), (0, 2, 8));
        // Nobody changes, or there is no pair.
        let none = phases(&[|_| true, |_| true]);
        assert_eq!(Revival::among(&none).map(|one| one.chance), Some(1.0));
        assert_eq!(Revival::among(&none[..1]), None);
    }

    #[test]
    fn an_error_that_is_not_finite_is_not_correct() {
        // Nor is one at the limit.
        let errors = [1.0, f64::NAN, 0.1, 0.1, 0.1, 0.1];
        let found = Revival::below(&errors, 3, 1.0).unwrap();
        assert_eq!((found.revived, found.lost), (2, 0));
    }
}

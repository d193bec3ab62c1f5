//! What becomes of a scientist as systems join.

use std::collections::BTreeMap;

use mass_core::{Standing, Status};

/// What became of a scientist over several phases, which are counted from 0 here (Fu et al. 2025,
/// Figure 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Correct at the end of every phase.
    AlwaysCorrect,
    /// First not correct at the end of this phase, and not correct in the end.
    Fails(usize),
    /// Not correct at some phase's end, but from this one on.
    Revives(usize),
}

impl Fate {
    /// The fate of a scientist that was or was not correct at the end of each phase; `None` without
    /// phases.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::Fate;
    ///
    /// assert_eq!(Fate::of(&[true, false, true, true]), Some(Fate::Revives(2)));
    /// ```
    pub fn of(correct: &[bool]) -> Option<Self> {
        let failed = correct.iter().position(|correct| !correct);
        let last_failed = correct.iter().rposition(|correct| !correct);
        Some(match (correct.last()?, failed, last_failed) {
            (true, _, Some(last)) => Self::Revives(last + 1),
            (_, Some(first), _) => Self::Fails(first),
            _ => Self::AlwaysCorrect,
        })
    }

    /// The scientists of each fate over the first phases, in the order of their standings; one of which no
    /// phase is done has none.
    pub fn of_all(standings: &[Standing], phases: usize) -> BTreeMap<Self, Vec<u64>> {
        let mut fates: BTreeMap<Self, Vec<u64>> = BTreeMap::new();
        for standing in standings {
            let verdicts = standing.verdicts.iter().take(phases);
            let correct = verdicts.map(|verdict| verdict.status == Status::Correct);
            if let Some(fate) = Self::of(&correct.collect::<Vec<_>>()) {
                fates.entry(fate).or_default().push(standing.seed);
            }
        }
        fates
    }

    /// Of each fate the lowest seed, in the order of the fates; of all revivals one, the lowest.
    pub fn one_of_each(fates: &BTreeMap<Self, Vec<u64>>) -> Vec<(u64, Self)> {
        let mut chosen: Vec<(u64, Self)> = Vec::new();
        let revival = |fate: &Self| matches!(fate, Self::Revives(_));
        for (fate, seeds) in fates {
            let Some(lowest) = seeds.iter().copied().min() else {
                continue;
            };
            let earlier = chosen
                .iter_mut()
                .find(|(_, one)| revival(one) && revival(fate));
            match earlier {
                Some(earlier) if lowest < earlier.0 => *earlier = (lowest, *fate),
                Some(_) => {}
                None => chosen.push((lowest, *fate)),
            }
        }
        chosen
    }

    /// In words, with the names of the systems that joined at each phase.
    ///
    /// # Panics
    ///
    /// If its phase has no system.
    pub fn text(self, systems: &[String]) -> String {
        match self {
            Self::AlwaysCorrect => "always correct".into(),
            Self::Fails(phase) => format!("fails at {}", systems[phase]),
            Self::Revives(phase) => format!("revives at {}", systems[phase]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::tests::standing;

    #[test]
    fn fates_are_told_apart() {
        let fate = |correct: [bool; 4]| Fate::of(&correct).unwrap();
        assert_eq!(fate([true; 4]), Fate::AlwaysCorrect);
        assert_eq!(fate([true, false, false, false]), Fate::Fails(1));
        assert_eq!(fate([true, false, true, false]), Fate::Fails(1));
        assert_eq!(fate([true, true, true, false]), Fate::Fails(3));
        assert_eq!(fate([true, false, true, true]), Fate::Revives(2));
        assert_eq!(fate([false, true, false, true]), Fate::Revives(3));
        assert_eq!(fate([false; 4]), Fate::Fails(0));
        assert_eq!(Fate::of(&[]), None);
    }

    #[test]
    fn they_are_named_by_the_system_that_joined() {
        let systems = ["classical", "pendulum"].map(String::from);
        assert_eq!(Fate::AlwaysCorrect.text(&systems), "always correct");
        assert_eq!(Fate::Fails(1).text(&systems), "fails at pendulum");
        assert_eq!(Fate::Revives(0).text(&systems), "revives at classical");
    }

    #[test]
    fn one_of_each_fate_is_chosen_and_of_revivals_one() {
        let fates = BTreeMap::from([
            (Fate::AlwaysCorrect, vec![8, 4]),
            (Fate::Fails(1), vec![7]),
            (Fate::Revives(2), vec![9, 6]),
            (Fate::Revives(3), vec![5]),
        ]);
        let expected = [
            (4, Fate::AlwaysCorrect),
            (7, Fate::Fails(1)),
            (5, Fate::Revives(3)),
        ];
        assert_eq!(Fate::one_of_each(&fates), expected);
    }

    #[test]
    fn scientists_are_sorted_by_their_fates() {
        let standing = |seed, errors: &[f64]| standing(seed, errors, 0.5);
        let all = [
            standing(5, &[0.1, 1.0, 0.1]),
            standing(3, &[0.1, 1.0, 1.0]),
            standing(4, &[]),
            standing(1, &[0.1, 0.1, 1.0]),
        ];
        let expected =
            BTreeMap::from([(Fate::AlwaysCorrect, vec![1]), (Fate::Fails(1), vec![5, 3])]);
        assert_eq!(Fate::of_all(&all, 2), expected, "of two phases");
    }
}

//! Whether those that do well keep doing well.

use mass_core::Standing;
use statrs::distribution::{Discrete, Hypergeometric};

/// Whether more scientists are correct after one phase and the next than chance makes: what makes those rare that are
/// correct after all of them (Fu et al. 2025, Figure 10).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Persistence {
    /// Scientists correct at the end of each phase up to it, `[phases]`.
    pub always_correct: Vec<usize>,
    /// How many would be if phases were independent: scientists times the share of correct ones of each phase,
    /// `[phases]`.
    pub if_independent: Vec<f64>,
    /// The chance of so many, or more, if they were, the number of correct ones of each phase given, `[phases]`.
    pub chance: Vec<f64>,
}

impl Persistence {
    /// Of scientists whose standings are known for these phases.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::Persistence;
    ///
    /// assert_eq!(Persistence::of(&[], 2).always_correct, [0, 0]);
    /// ```
    pub fn of(standings: &[Standing], phases: usize) -> Self {
        let count = |is: fn(&Standing, usize) -> Option<bool>, phase: usize| {
            let those = standings.iter().filter(|one| is(one, phase) == Some(true));
            those.count()
        };
        let all = standings.len() as f64;
        let mut expected = all;
        let (mut if_independent, mut chance) = (Vec::new(), Vec::new());
        // How probable each number of always correct ones is.
        let mut probable = vec![0.0; standings.len() + 1];
        probable[standings.len()] = 1.0;
        for phase in 1..=phases {
            let correct = count(Standing::correct, phase);
            expected *= correct as f64 / all.max(1.0);
            if_independent.push(expected);
            probable = drawn(&probable, correct);
            let seen = count(Standing::always_correct, phase);
            chance.push(probable[seen..].iter().sum::<f64>().min(1.0));
        }
        Self {
            always_correct: (1..=phases)
                .map(|phase| count(Standing::always_correct, phase))
                .collect(),
            if_independent,
            chance,
        }
    }
}

/// How probable each number of always correct scientists is after one more phase, at which so many of all are correct,
/// whoever they are: given k before it is hypergeometric.
fn drawn(probable: &[f64], correct: usize) -> Vec<f64> {
    let all = probable.len() as u64 - 1;
    let mut after = vec![0.0; probable.len()];
    for (before, weight) in probable.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        // It is of more draws than there are scientists only by a mistake of ours.
        let Ok(law) = Hypergeometric::new(all, correct as u64, before as u64) else {
            continue;
        };
        for (both, sum) in after.iter_mut().enumerate().take(before.min(correct) + 1) {
            *sum += weight * law.pmf(both as u64);
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;
    use crate::population::tests::standings;

    #[test]
    fn those_that_keep_doing_well_are_more_than_chance_makes() {
        // The same half of forty is right both times; or another half, crossed.
        let twice: Vec<[f64; 2]> = (0..40).map(|i| [i as f64, i as f64 + 0.5]).collect();
        let found = Persistence::of(&standings(&twice, 20.0), 2);
        assert_eq!(found.always_correct, [20, 20]);
        assert_eq!(found.if_independent, [20.0, 10.0]);
        // All twenty of twenty: one in C(40, 20).
        assert_abs_diff_eq!(found.chance[1] * 137_846_528_820.0, 1.0, epsilon = 1e-6);
        assert_abs_diff_eq!(found.chance[0], 1.0, epsilon = 1e-12);
        let crossed: Vec<[f64; 2]> = (0..40)
            .map(|i| [(i % 2) as f64, (i / 2 % 2) as f64])
            .collect();
        let found = Persistence::of(&standings(&crossed, 0.5), 2);
        assert_eq!(found.always_correct, [20, 10]);
        assert_eq!(found.if_independent, [20.0, 10.0]);
        // scipy.stats.hypergeom.sf(9, 40, 20, 20) = 0.6238 (ten or more of twenty drawn from forty, half of them right).
        assert_abs_diff_eq!(found.chance[1], 0.623_814, epsilon = 1e-6);
    }
}

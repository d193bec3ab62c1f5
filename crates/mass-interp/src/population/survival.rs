//! How many scientists are correct as systems join.

use mass_core::Standing;

use crate::statistics::{Estimate, share};

/// Shares of correct scientists at each phase's end, with Wilson's 95 % intervals (Fu et al. 2025, Figure
/// 10).
#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    /// Correct at the end of each phase, `[phases]`.
    pub correct: Vec<Estimate>,
    /// Correct at the end of each phase up to it, `[phases]`.
    pub always_correct: Vec<Estimate>,
}

impl Survival {
    /// Of scientists whose standings are known for these phases.
    pub fn of(standings: &[Standing], phases: usize) -> Self {
        let shares = |is: fn(&Standing, usize) -> Option<bool>| {
            let at = |phase: usize| {
                let those = standings.iter().filter(|one| is(one, phase) == Some(true));
                share(those.count(), standings.len())
            };
            (1..=phases).map(at).collect()
        };
        Self {
            correct: shares(Standing::correct),
            always_correct: shares(Standing::always_correct),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::tests::standings;

    #[test]
    fn once_wrong_is_not_always_correct() {
        let all = [[0.1, 0.1], [1.0, 0.1], [0.1, 1.0], [1.0, 0.1]];
        let all = standings(&all, 0.5);
        let found = Survival::of(&all, 2);
        let values = |shares: &[Estimate]| shares.iter().map(|e| e.value).collect::<Vec<_>>();
        assert_eq!(values(&found.correct), [0.5, 0.75]);
        assert_eq!(values(&found.always_correct), [0.5, 0.25]);
    }
}

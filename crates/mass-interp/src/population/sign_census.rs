//! What a population says by the signs of the fit to T and V, in each reading of it.

use serde::{Deserialize, Serialize};

use crate::{
    statistics::{Estimate, share},
    theory::{SignVerdicts, Theory},
};

/// What a population of scientists says of one system by the signs of c₁ and c₂, in one reading of
/// S ≈ c₁T + c₂V (Fu et al. 2025, Figure 11a).
///
/// Shares lie in \[0, 1\] and have Wilson's 95 % interval; they are of those that could be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignCensus {
    /// Scientists counted: those that are not on poles at more than a tenth of the states.
    pub counted: usize,
    /// Share with c₁ c₂ < 0.
    pub lagrangian: Estimate,
    /// Share with c₁ c₂ > 0.
    pub hamiltonian: Estimate,
    /// Share whose verdict is another one when a constant is added to S.
    pub changed: Estimate,
}

impl SignCensus {
    /// Sums up the verdicts on each scientist, `None` for one that could not be read: a census for each
    /// of [`EnergyReading::FOUR`](crate::EnergyReading::FOUR).
    pub fn of(verdicts: &[Option<SignVerdicts>]) -> [Self; 4] {
        let counted: Vec<&SignVerdicts> = verdicts.iter().flatten().collect();
        std::array::from_fn(|place| {
            let those = |is: &dyn Fn(&SignVerdicts) -> bool| {
                share(counted.iter().filter(|one| is(one)).count(), counted.len())
            };
            Self {
                counted: counted.len(),
                lagrangian: those(&|one| one.theories[place] == Some(Theory::Lagrangian)),
                hamiltonian: those(&|one| one.theories[place] == Some(Theory::Hamiltonian)),
                changed: those(&|one| one.changed()[place]),
            }
        })
    }
}

/// Of how many phases the majority is Hamiltonian up to the first `simple` ones and Lagrangian after them, as the
/// paper finds (Fu et al. 2025, Figure 11a); NaN if it is not known of one.
///
/// ```
/// use mass_interp::{Estimate, SignCensus, paper_majorities};
///
/// let phase = |lagrangian: f64| {
///     let share = |value| Estimate { value, ..Estimate::NONE };
///     let (lagrangian, hamiltonian) = (share(lagrangian), share(1.0 - lagrangian));
///     SignCensus { counted: 20, lagrangian, hamiltonian, changed: share(0.0) }
/// };
/// assert_eq!(paper_majorities(&[phase(0.1), phase(0.9), phase(0.4)], 1), 2.0);
/// assert!(paper_majorities(&[phase(f64::NAN), phase(0.9)], 1).is_nan());
/// ```
pub fn paper_majorities(phases: &[SignCensus], simple: usize) -> f64 {
    let phases = phases.iter().enumerate();
    let shares = phases.map(|(phase, signs)| match phase < simple {
        true => signs.hamiltonian.value,
        false => signs.lagrangian.value,
    });
    let shares: Vec<f64> = shares.collect();
    match shares.iter().all(|share| share.is_finite()) {
        true => shares.iter().filter(|share| **share > 0.5).count() as f64,
        false => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_those_that_could_be_read() {
        let [l, h] = [Theory::Lagrangian, Theory::Hamiltonian].map(Some);
        let one = |theories, with_constant| {
            Some(SignVerdicts {
                theories,
                with_constant,
            })
        };
        let found = SignCensus::of(&[
            one([h, l, l, None], [h, h, l, None]),
            None,
            one([h, l, h, l], [h, l, h, None]),
            one([h, h, l, l], [h, l, l, l]),
            one([h, h, h, h], [h, h, h, h]),
        ]);
        let shares = |of: fn(&SignCensus) -> Estimate| found.each_ref().map(of);
        let of_four = |counts: [usize; 4]| counts.map(|count| share(count, 4));
        assert_eq!(shares(|one| one.lagrangian), of_four([0, 2, 2, 2]));
        assert_eq!(shares(|one| one.hamiltonian), of_four([4, 2, 2, 1]));
        assert_eq!(shares(|one| one.changed), of_four([0, 2, 0, 1]));
        assert!(found.iter().all(|one| one.counted == 4));
        let [nobody, ..] = SignCensus::of(&[None; 3]);
        assert!(nobody.counted == 0 && nobody.changed.value.is_nan());
    }
}

//! Which theories a population of scientists holds.

use serde::{Deserialize, Serialize};

use crate::{
    statistics::{Estimate, finite, mean_and_deviation, median_and_quartiles, share},
    theory::{Judgement, Theory},
};

/// A fit describes S from this R² on.
const DESCRIBED: f64 = 0.9;

/// Activations are nearer to one theory's than to another's by so much in R²; less is rounding.
const NEARER: f64 = 0.01;

/// What a population of scientists says of one system (Fu et al. 2025, Figure 11).
///
/// Shares lie in \[0, 1\] and have Wilson's 95 % interval; they are of those that could be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheoryCensus {
    /// Scientists counted: those that are not on poles at more than a tenth of the states.
    pub counted: usize,
    /// Scientists left out because they are.
    pub unreadable: usize,
    /// Share whose fit S ≈ c₁T + c₂V + c₀ has c₁ c₂ < 0.
    pub lagrangian: Estimate,
    /// Share with c₁ c₂ > 0.
    pub hamiltonian: Estimate,
    /// Share with c₁ c₂ < 0 for the V that Table 1 prints.
    pub lagrangian_printed: Estimate,
    /// Share with c₁ c₂ < 0 on either side of a two-sided domain (Kepler) by itself, where S may have
    /// a constant and a factor of its own; else as `lagrangian`.
    pub lagrangian_by_side: Estimate,
    /// Share whose S bends as L does, and not as H: S_xx S_yy has the sign of L_xx L_yy at more than
    /// half of the states.
    pub lagrangian_by_curvature: Estimate,
    /// Scientists whose S the fit describes, R² > 0.9.
    pub described: usize,
    /// Share of those with c₁ c₂ < 0.
    pub lagrangian_described: Estimate,
    /// Share whose activations the exact L explains better than the exact H with the printed V does, by
    /// 0.01 in R².
    pub nearer_lagrangian: Estimate,
    /// Median R² of the fit of S.
    pub energy_r2: Estimate,
    /// Mean R² of fitting activations to those of the exact L, less and plus its standard deviation.
    pub fit_lagrangian: Estimate,
    /// The same for the exact H.
    pub fit_hamiltonian: Estimate,
    /// The same for the exact H with the V that Table 1 prints.
    pub fit_hamiltonian_printed: Estimate,
    /// Mean R² of S ≈ a L + c, less and plus its standard deviation.
    pub scalar_lagrangian: Estimate,
    /// The same for H.
    pub scalar_hamiltonian: Estimate,
    /// How well Euler–Lagrange computes the true motion with the learned S: median exchange
    /// score, with its quartiles.
    pub reading_lagrangian: Estimate,
    /// The same of −S_x and the true motion.
    pub reading_hamiltonian: Estimate,
    /// Median friction of the learned law that no Lagrangian explains, as a share of the law's rate,
    /// with its quartiles.
    pub helmholtz: Estimate,
    /// Scientists of which it could be judged.
    pub helmholtz_judged: usize,
}

impl TheoryCensus {
    /// A fit describes S if its R² is above this.
    pub const DESCRIBED: f64 = DESCRIBED;

    /// Sums up what was found of each scientist.
    pub fn of(judged: &[Judgement]) -> Self {
        let counted: Vec<&Judgement> = judged.iter().filter(|one| one.read).collect();
        let those = |is: &dyn Fn(&Judgement) -> bool| {
            share(counted.iter().filter(|one| is(one)).count(), counted.len())
        };
        let described = counted.iter().filter(|one| one.energy_r2 > DESCRIBED);
        let described: Vec<_> = described.collect();
        let of_those = described.iter();
        let of_those = of_those.filter(|one| one.theory == Some(Theory::Lagrangian));
        let values = |of: fn(&Judgement) -> f64| -> Vec<f64> { judged.iter().map(of).collect() };
        let mean = |of: fn(&Judgement) -> f64| mean_and_deviation(&values(of));
        let median = |of: fn(&Judgement) -> f64| median_and_quartiles(&values(of));
        let lagrangian = Some(Theory::Lagrangian);
        Self {
            counted: counted.len(),
            unreadable: judged.len() - counted.len(),
            lagrangian: those(&|one| one.theory == lagrangian),
            hamiltonian: those(&|one| one.theory == Some(Theory::Hamiltonian)),
            lagrangian_printed: those(&|one| one.theory_printed == lagrangian),
            lagrangian_by_side: those(&|one| one.theory_by_side == lagrangian),
            lagrangian_by_curvature: those(&|one| one.theory_by_curvature == lagrangian),
            described: described.len(),
            lagrangian_described: share(of_those.count(), described.len()),
            nearer_lagrangian: those(&|one| {
                one.fit_lagrangian - one.fit_hamiltonian_printed > NEARER
            }),
            energy_r2: median(|one| one.energy_r2),
            fit_lagrangian: mean(|one| one.fit_lagrangian),
            fit_hamiltonian: mean(|one| one.fit_hamiltonian),
            fit_hamiltonian_printed: mean(|one| one.fit_hamiltonian_printed),
            scalar_lagrangian: mean(|one| one.scalar_lagrangian),
            scalar_hamiltonian: mean(|one| one.scalar_hamiltonian),
            reading_lagrangian: median(|one| one.score_lagrangian),
            reading_hamiltonian: median(|one| one.score_hamiltonian),
            helmholtz: median(|one| one.friction),
            helmholtz_judged: finite(&values(|one| one.friction)).len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(theory: Theory, r2: f64) -> Judgement {
        let mut one = Judgement::NOTHING;
        one.read = true;
        one.theory = Some(theory);
        one.energy_r2 = r2;
        one
    }

    #[test]
    fn shares_are_of_those_that_could_be_read() {
        let mut nearer = judged(Theory::Lagrangian, 0.9);
        (nearer.fit_lagrangian, nearer.fit_hamiltonian_printed) = (0.5, 0.25);
        nearer.theory_printed = Some(Theory::Lagrangian);
        nearer.score_lagrangian = 0.75;
        let mut as_near = judged(Theory::Hamiltonian, 0.95);
        (as_near.fit_lagrangian, as_near.fit_hamiltonian_printed) = (0.5, 0.495);
        as_near.theory_by_side = Some(Theory::Lagrangian);
        as_near.theory_by_curvature = Some(Theory::Hamiltonian);
        as_near.friction = 0.125;
        let described = judged(Theory::Lagrangian, 0.99);
        let all = [nearer, as_near, Judgement::NOTHING, described];
        let found = TheoryCensus::of(&all);
        assert_eq!((found.counted, found.unreadable), (3, 1));
        assert_eq!(found.lagrangian, share(2, 3));
        assert_eq!(found.hamiltonian, share(1, 3));
        assert_eq!(found.lagrangian_printed, share(1, 3));
        assert_eq!(found.lagrangian_by_side, share(1, 3));
        assert_eq!(found.lagrangian_by_curvature, share(0, 3));
        // Above 0.9, not at it.
        assert_eq!(
            (found.described, found.lagrangian_described),
            (2, share(1, 2))
        );
        let alone = TheoryCensus::of(&all[3..]);
        assert_eq!(alone.lagrangian_described, share(1, 1));
        let alone = TheoryCensus::of(&all[..1]);
        assert_eq!(alone.nearer_lagrangian, share(1, 1));
        assert_eq!(found.nearer_lagrangian, share(1, 3));
        assert_eq!(found.energy_r2.value, 0.95);
        assert_eq!(found.fit_lagrangian.value, 0.5);
        assert_eq!(found.fit_hamiltonian_printed.value, 0.3725);
        assert!(found.fit_hamiltonian.value.is_nan() && found.scalar_lagrangian.value.is_nan());
        assert_eq!(found.reading_lagrangian.value, 0.75);
        assert!(found.reading_hamiltonian.value.is_nan());
        assert_eq!((found.helmholtz.value, found.helmholtz_judged), (0.125, 1));
    }

    #[test]
    fn of_nobody_nothing_is_said() {
        let found = TheoryCensus::of(&[Judgement::NOTHING; 3]);
        assert_eq!(
            (found.counted, found.unreadable, found.described),
            (0, 3, 0)
        );
        assert!(found.lagrangian.value.is_nan() && found.energy_r2.value.is_nan());
    }
}

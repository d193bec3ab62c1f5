//! What sets some scientists apart from the others.

use mass_core::{Criterion, ErrorKind};
use serde::Serialize;

use super::{Finding, Summary};
use crate::{
    error::{Error, check_length},
    statistics::{Estimate, RankSum, holm, mean, median, rank_correlation},
};

/// Fewer scientists than this on a side tell nothing apart.
const LEAST: usize = 5;

/// A number that is kept of a scientist at the end of a phase ([`Finding`]): the mean over the systems seen, leaving
/// out those on which it cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trait {
    /// Terms that make 95 % of Σ E|a|.
    Terms,
    /// The same with equal functions merged.
    TermsMerged,
    /// Terms that make 95 % of Σ|w|.
    Weights,
    /// Share of the activations' variance that the first principal component explains.
    FirstComponent,
    /// R² of S ≈ c₁T + c₂V + c₀.
    EnergyFit,
    /// R² of S ≈ a L + c.
    LikeLagrangian,
    /// R² of S ≈ a H + c.
    LikeHamiltonian,
    /// R² of the activations on those of the exact L.
    ActivationsLagrangian,
    /// R² of the activations on those of the exact H.
    ActivationsHamiltonian,
    /// Score of Euler–Lagrange with the learned S.
    ScoreLagrangian,
    /// Score of −S_x with the learned S.
    ScoreHamiltonian,
    /// Friction that no Lagrangian explains, by the law's rate; of the newest system.
    Friction,
}

impl Trait {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Terms,
        Self::TermsMerged,
        Self::Weights,
        Self::FirstComponent,
        Self::EnergyFit,
        Self::LikeLagrangian,
        Self::LikeHamiltonian,
        Self::ActivationsLagrangian,
        Self::ActivationsHamiltonian,
        Self::ScoreLagrangian,
        Self::ScoreHamiltonian,
        Self::Friction,
    ];

    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Terms => "terms, 95 % of Σ E|a|",
            Self::TermsMerged => "terms, 95 % of Σ E|a|, equal functions merged",
            Self::Weights => "weights, 95 % of Σ|w|",
            Self::FirstComponent => "variance explained by the first component",
            Self::EnergyFit => "R² of S ≈ c₁T + c₂V + c₀",
            Self::LikeLagrangian => "R² of S ≈ a L + c",
            Self::LikeHamiltonian => "R² of S ≈ a H + c",
            Self::ActivationsLagrangian => "R² of activations on the exact L's",
            Self::ActivationsHamiltonian => "R² of activations on the exact H's",
            Self::ScoreLagrangian => "score of Euler–Lagrange with S",
            Self::ScoreHamiltonian => "score of −S_x with S",
            Self::Friction => "friction that no Lagrangian explains, by the rate",
        }
    }

    /// Of one row.
    fn of_row(self, row: &Finding) -> f64 {
        let judged = &row.judgement;
        match self {
            Self::Terms => row.terms,
            Self::TermsMerged => row.terms_merged,
            Self::Weights => row.weights,
            Self::FirstComponent => row.explained.first().copied().unwrap_or(f64::NAN),
            Self::EnergyFit => judged.energy_r2,
            Self::LikeLagrangian => judged.scalar_lagrangian,
            Self::LikeHamiltonian => judged.scalar_hamiltonian,
            Self::ActivationsLagrangian => judged.fit_lagrangian,
            Self::ActivationsHamiltonian => judged.fit_hamiltonian,
            Self::ScoreLagrangian => judged.score_lagrangian,
            Self::ScoreHamiltonian => judged.score_hamiltonian,
            Self::Friction => judged.friction,
        }
    }

    /// Of the rows of one scientist at the end of one phase; NaN where it cannot be had on any system, and of a scientist
    /// that cannot be read on one of them: a mean over fewer systems is another number.
    pub fn of(self, rows: &[Finding]) -> f64 {
        if rows.iter().any(|row| !row.judgement.read) {
            return f64::NAN;
        }
        let rows = rows.iter().map(|row| self.of_row(row));
        mean(&rows.collect::<Vec<_>>())
    }

    /// Each of these scientists, `[E]`; once if two are the same numbers.
    pub(super) fn of_all(scientists: &[&[Finding]]) -> Vec<(Self, Vec<f64>)> {
        let mut found: Vec<(Self, Vec<f64>)> = Vec::new();
        for of in Self::ALL {
            let values: Vec<f64> = scientists.iter().map(|rows| of.of(rows)).collect();
            let same = |(_, other): &(Self, Vec<f64>)| {
                let mut pairs = other.iter().zip(&values);
                pairs.all(|(a, b)| a.to_bits() == b.to_bits())
            };
            if !found.iter().any(same) {
                found.push((of, values));
            }
        }
        found
    }
}

/// One trait of a group of scientists, beside that of the others, at the end of a phase.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Contrast {
    /// The phase, counted from 1.
    pub phase: usize,
    /// The trait.
    #[serde(rename = "trait")]
    pub of: Trait,
    /// Scientists of the group, and others, of whom it is known.
    pub known: [usize; 2],
    /// Its median in the group.
    pub group: f64,
    /// Its median among the others.
    pub others: f64,
    /// The chance that one of the group has more of it than one of the others ([`RankSum`]).
    pub greater: f64,
    /// The chance of such a difference, or a larger one, if there were none.
    pub chance: f64,
    /// The same, corrected for looking at all traits and phases ([`holm`]).
    pub corrected: f64,
    /// Rank correlation of the trait with the largest error at the same phase's end, over all that were compared.
    pub with_error: Estimate,
}

impl Summary {
    /// Looks for what sets a group apart: each trait at the end of each phase asked about, the surest difference first.
    /// `group`, `[E]`, says who belongs to it; beside a phase stands who is compared then, `[E]`.
    ///
    /// A group that was chosen by its errors differs from all others in whatever goes with the error. To ask what tells
    /// beforehand who stays correct, compare at each phase those that are correct until then.
    ///
    /// Every trait that at least five of each side have is tested, once if two are the same number (the exact L and H of
    /// the first systems have the same activations), and the chances are corrected for that.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if a list does not hold one for each scientist; [`Error::Request`] for a phase of which nothing is kept.
    ///
    /// # Example
    ///
    /// ```
    /// # use mass_core::{DeviceKind, Recipe, Run, Trainer, TrainingSystem};
    /// # use mass_interp::Summary;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let systems = vec![TrainingSystem::named("classical")?];
    /// # Trainer::new(Recipe::reference().with_steps(3), systems, [4, 5, 6]).directory(folder.path()).run()?;
    /// # let run = Run::open(folder.path())?;
    /// let summary = Summary::of(&run, &DeviceKind::Flex.open()?)?;
    /// let found = summary.contrasts(&[true, false, false], &[(1, vec![true; 3])])?;
    /// assert!(found.is_empty()); // fewer than five on a side
    /// assert!(summary.contrasts(&[true], &[]).is_err());
    /// # Ok::<(), mass_interp::Error>(())
    /// ```
    pub fn contrasts(
        &self,
        group: &[bool],
        asked: &[(usize, Vec<bool>)],
    ) -> Result<Vec<Contrast>, Error> {
        let scientists = self.seeds().len();
        check_length("the group", group.len(), scientists)?;
        let mut found = Vec::new();
        for (phase, compared) in asked {
            check_length("those that are compared", compared.len(), scientists)?;
            let all = self.at(*phase)?;
            let places: Vec<usize> = (0..scientists).filter(|place| compared[*place]).collect();
            let errors = self.largest_errors(*phase);
            let errors: Vec<f64> = places.iter().map(|place| errors[*place]).collect();
            let rows: Vec<&[Finding]> = places.iter().map(|place| all[*place]).collect();
            let side = |values: &[f64], wanted: bool| -> Vec<f64> {
                let of = values.iter().zip(&places);
                let own = of.filter(|(value, i)| group[**i] == wanted && !value.is_nan());
                own.map(|(value, _)| *value).collect()
            };
            for (of, values) in Trait::of_all(&rows) {
                let sides = [side(&values, true), side(&values, false)];
                let known = sides.each_ref().map(Vec::len);
                let Some(test) = RankSum::of(&sides[0], &sides[1]) else {
                    continue;
                };
                if known.iter().any(|count| *count < LEAST) {
                    continue;
                }
                found.push(Contrast {
                    phase: *phase,
                    of,
                    known,
                    group: median(&sides[0]),
                    others: median(&sides[1]),
                    greater: test.greater,
                    chance: test.chance,
                    corrected: f64::NAN,
                    with_error: rank_correlation(&values, &errors),
                });
            }
        }
        let chances: Vec<f64> = found.iter().map(|one| one.chance).collect();
        for (one, corrected) in found.iter_mut().zip(holm(&chances)) {
            one.corrected = corrected;
        }
        found.sort_by(|a, b| a.chance.total_cmp(&b.chance));
        Ok(found)
    }

    /// The largest RMSE of ẏ over the systems seen at the end of a phase, `[E]`.
    pub(super) fn largest_errors(&self, phase: usize) -> Vec<f64> {
        let standings = self.standings(Criterion {
            error: ErrorKind::Rmse,
            below: self.record().recipe.evaluation.correct_below,
        });
        let verdicts = standings.iter().map(|one| one.verdicts.get(phase - 1));
        verdicts
            .map(|verdict| verdict.map_or(f64::NAN, |verdict| verdict.error))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use mass_core::{Recipe, Trainer, TrainingSystem};

    use super::*;
    use crate::theory::Judgement;

    /// Twenty scientists and two phases. The first six have few terms after the first, and after the second on the
    /// first system alone; friction goes with the error, which goes its own way.
    fn summary() -> Summary {
        let systems = ["classical", "pendulum"].map(|id| TrainingSystem::named(id).unwrap());
        let record = Trainer::new(Recipe::reference(), systems.to_vec(), 0..20).record();
        let one = |seed: u64, phase: u64, system: &str| {
            let error = ((7 * seed) % 20 + 1) as f64;
            let mut judgement = Judgement::NOTHING;
            judgement.read = true;
            judgement.friction = error.exp();
            let few = if seed < 6 { 0.0 } else { 100.0 };
            Finding {
                seed,
                phase,
                system: system.into(),
                parameters: String::new(),
                // Not known of one on one system: as bad as can be.
                mse: match (seed, phase) {
                    (17, 2) => f64::NAN,
                    _ => error * error,
                },
                pole_share: 0.0,
                diverged_at: None,
                terms: match system {
                    "classical" => few + seed as f64,
                    _ => 200.0 - few - seed as f64,
                },
                terms_merged: 3.0,
                weights: f64::NAN,
                explained: match seed {
                    0..4 => vec![1.0],
                    _ => Vec::new(),
                },
                judgement,
                signs: None,
                two_terms: None,
            }
        };
        let rows = |seed| {
            [
                one(seed, 1, "classical"),
                one(seed, 2, "classical"),
                one(seed, 2, "pendulum"),
            ]
        };
        Summary::sorted(record, (0..20).flat_map(rows).collect())
    }

    #[test]
    fn what_sets_a_group_apart_is_found_and_nothing_else() {
        let group: Vec<bool> = (0..20).map(|seed| seed < 6).collect();
        let all = vec![true; 20];
        let found = summary()
            .contrasts(&group, &[(1, all.clone()), (2, all)])
            .unwrap();
        // Equal numbers (merged terms, and the mean over both systems of the others), those that nobody has and those
        // that too few have are no tests.
        let tests = found.iter().map(|one| (one.phase, one.of, one.known));
        let tests: Vec<(usize, Trait, [usize; 2])> = tests.collect();
        let known = [6, 14];
        let friction = |phase| (phase, Trait::Friction, known);
        assert_eq!(tests, [(1, Trait::Terms, known), friction(1), friction(2)]);
        let (terms, friction) = (&found[0], &found[1]);
        assert_eq!(
            (terms.group, terms.others, terms.greater),
            (2.5, 112.5, 0.0)
        );
        // scipy.stats.mannwhitneyu(range(6), range(106, 120), method="asymptotic").pvalue = 0.00061965.
        assert_abs_diff_eq!(terms.chance, 6.196_545_7e-4, epsilon = 1e-9);
        // Holm's correction looks at both phases.
        assert_abs_diff_eq!(terms.corrected, 3.0 * terms.chance, epsilon = 1e-15);
        // The same of the friction: 0.34287, of which two are left.
        assert_abs_diff_eq!(friction.chance, 0.342_872_93, epsilon = 1e-7);
        assert_abs_diff_eq!(friction.corrected, 2.0 * friction.chance, epsilon = 1e-12);
        assert!(terms.with_error.low < 0.0 && terms.with_error.high > 0.0);
        // Seed 17 is the worst by its friction, and by an error that is not known.
        assert_abs_diff_eq!(friction.with_error.value, 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(found[2].with_error.value, 1.0, epsilon = 1e-12);

        // Among the first eleven, six against five.
        let some = (0..20).map(|seed| seed < 11).collect();
        let found = summary().contrasts(&group, &[(1, some)]).unwrap();
        assert_eq!((found[0].of, found[0].known), (Trait::Terms, [6, 5]));
        assert_eq!(found[0].others, 108.0);
        let fewer = (0..20).map(|seed| seed < 10).collect();
        assert!(
            summary()
                .contrasts(&group, &[(1, fewer)])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn what_goes_with_later_errors_is_found() {
        let summary = summary();
        let found = summary.forecasts(2).unwrap();
        let of: Vec<Option<Trait>> = found.iter().map(|one| one.of).collect();
        // The errors come again in the same order, and friction is their exponential. Merged terms are the same for all,
        // and weights are nobody's.
        assert_eq!(of, [None, Some(Trait::Friction), Some(Trait::Terms)]);
        for one in &found[..2] {
            assert_abs_diff_eq!(one.with_later[0].value, 1.0, epsilon = 1e-12);
            assert!(one.corrected < 1e-12);
        }
        // scipy.stats.spearmanr(range(20), [7 * s % 20 + 1 for s in range(20)]): 0.368421, 0.109964.
        let terms = &found[2];
        assert_eq!(
            (terms.phase, terms.known, terms.with_later.len()),
            (1, 20, 1)
        );
        assert_abs_diff_eq!(terms.with_later[0].value, 0.368_421_05, epsilon = 1e-7);
        assert_abs_diff_eq!(terms.corrected, 0.109_964_37, epsilon = 1e-7);
        assert!(summary.forecasts(1).unwrap().is_empty());
        assert!(summary.forecasts(3).is_err());
        // One that cannot be read on the newest system is left out, not judged by the other.
        let mut rows = summary.at(2).unwrap()[0].to_vec();
        assert_eq!(Trait::TermsMerged.of(&rows), 3.0);
        rows[1].judgement.read = false;
        assert!(Trait::TermsMerged.of(&rows).is_nan());
    }

    #[test]
    fn a_group_is_of_all_scientists_and_a_phase_is_one_that_is_done() {
        let refused = |group: &[bool], phase, compared: &[bool]| {
            let asked = [(phase, compared.to_vec())];
            summary().contrasts(group, &asked).unwrap_err()
        };
        assert!(matches!(
            refused(&[true], 1, &[true; 20]),
            Error::Length { .. }
        ));
        assert!(matches!(
            refused(&[true; 20], 1, &[true; 3]),
            Error::Length { .. }
        ));
        assert!(matches!(
            refused(&[true; 20], 3, &[true; 20]),
            Error::Request(_)
        ));
        let nobody = summary().contrasts(&[true; 20], &[(1, vec![true; 20])]);
        assert!(nobody.unwrap().is_empty());
    }
}

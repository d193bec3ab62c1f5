//! What can be said of many?

mod component_census;
mod component_scores;
mod fared;
mod fate;
mod learned_motions;
mod persistence;
mod phase_judgements;
mod phase_theories;
mod revival;
mod sign_census;
mod since_joining;
mod steadiest;
mod survival;
mod term_counts;
mod term_strengths;
mod term_use;
mod theory_census;
mod theory_groups;
mod two_term_census;

pub use component_census::ComponentCensus;
pub use component_scores::{ComponentHistograms, ComponentScores};
pub use fared::Fared;
pub use fate::Fate;
pub use learned_motions::LearnedMotions;
pub use persistence::Persistence;
pub use phase_judgements::{PhaseJudgements, evaluation_batches};
pub use phase_theories::{LagrangianFits, PhaseTheories};
pub use revival::Revival;
pub use sign_census::{SignCensus, paper_majorities};
pub use since_joining::since_joining;
pub use steadiest::steadiest;
pub use survival::Survival;
pub use term_counts::{TermCounts, TermCourse, fewer_terms_in_the_end};
pub use term_strengths::{TermStrengths, strongest_terms};
pub use term_use::{TermUse, overlaps};
pub use theory_census::TheoryCensus;
pub use theory_groups::TheoryGroup;
pub use two_term_census::{TwoTermCensus, two_term_fits};

#[cfg(test)]
mod tests {
    use mass_core::{PhaseJudgement, Standing, Status};

    /// A scientist with these errors at its phases' ends, correct below a limit.
    pub(super) fn standing(seed: u64, errors: &[f64], below: f64) -> Standing {
        let verdict = |(phase, error): (usize, &f64)| PhaseJudgement {
            phase: phase + 1,
            step: 10 * (phase as u64 + 1),
            error: *error,
            status: match *error < below {
                true => Status::Correct,
                false => Status::Failed,
            },
        };
        Standing {
            seed,
            verdicts: errors.iter().enumerate().map(verdict).collect(),
            changes: Vec::new(),
        }
    }

    /// Scientists from seed 0 on.
    pub(super) fn standings<const K: usize>(errors: &[[f64; K]], below: f64) -> Vec<Standing> {
        let each = errors.iter().enumerate();
        each.map(|(seed, errors)| standing(seed as u64, errors, below))
            .collect()
    }
}

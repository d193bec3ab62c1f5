//! What can be said of many?

mod component_census;
mod component_scores;
mod fared;
mod fate;
mod learned_motions;
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
mod two_term_census;

pub use component_census::ComponentCensus;
pub use component_scores::{ComponentHistograms, ComponentScores};
pub use fared::Fared;
pub use fate::Fate;
pub use learned_motions::LearnedMotions;
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
pub use two_term_census::{TwoTermCensus, two_term_fits};

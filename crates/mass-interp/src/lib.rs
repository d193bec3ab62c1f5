#![doc = include_str!("../README.md")]
//!
//! # Vocabulary
//!
//! | what | where |
//! |---|---|
//! | a scientist of a run | [`Scientist`], [`member`] |
//! | which terms matter | [`significant()`], [`Significant`], [`WeightSignificance`], [`WeightNorm`], [`TermName`] |
//! | terms counted singly, or equal functions as one | [`Counting`], [`Grouping`] |
//! | activations at a batch of states | [`ActivationMatrix`], [`evaluation_states`], [`EVALUATION_STATES`], [`STATES_SEED`] |
//! | what a scientist, or an exact theory, says at a batch of states | [`Reading`] |
//! | their correlations, in the order of a tree | [`Correlation`], [`Clustering`], [`Distance`], [`LinkageStep`], [`CorrelationMap`], [`SharedTerms`] |
//! | principal components of activations, of one scientist and of many | [`PrincipalComponents`], [`FirstComponents`], [`ComponentSign`] |
//! | which theory: by what computes the motion with its S, by the signs of T and V, by exact activations, by the constrained fit | [`Verdict`], [`EnergyFit`], [`TheoryFit`], [`Distillation`], [`Theory`], [`PotentialReading`] |
//! | the same on each side of the domain, and without a fit | [`theory_by_side`], [`theory_by_curvature`] |
//! | the signs in each reading of the fit, and whether a constant added to S changes them | [`SignVerdicts`], [`SignCensus`], [`EnergyReading`], [`KineticReading`], [`Constant`] |
//! | all that is found of one scientist on one system; every reading of Table 2, of one and of many | [`Judgement`], [`TwoTermFits`], [`TwoTermCensus`] |
//! | whether the law has any Lagrangian at all, with one coordinate | [`Helmholtz`], [`HelmholtzPlan`] |
//! | the same with several | [`Multiplier`], [`MultiplierPlan`] |
//! | agreement between scientists, their families, and a map of them | [`exchange()`], [`exchange_together`], [`Exchange`], [`Agreement`], [`Agreements`], [`Families`], [`Family`], [`AgreementMap`] |
//! | the learned scalar S, and the conic sections that its contours are | [`ScalarGrid`], [`Plane`], [`axis`], [`fit_affine`], [`QuadraticFit`], [`ConicSection`] |
//! | the learned law, and its trajectories beside the true ones | [`LearnedLaw`], [`Rollout`], [`Rollouts`], [`Kept`], [`RolloutPlan`], [`Truth`], [`paths()`], [`Paths`] |
//! | the course of a training | [`History`], [`ErrorCourse`] |
//! | many scientists: their theories, at the end of each phase, their terms and how strongly each is used, how their first components are distributed, what becomes of them, what their motions keep, how they fared | [`TheoryCensus`], [`PhaseJudgements`], [`PhaseTheories`], [`LagrangianFits`], [`since_joining()`], [`TermCounts`], [`TermUse`], [`TermStrengths`], [`ComponentScores`], [`ComponentCensus`], [`Fate`], [`steadiest()`], [`LearnedMotions`], [`Fared`] |
//! | whether those that do well keep doing well, what foretells later errors, what sets a group of scientists apart, and who is read alike | [`Persistence`], [`Trait`], [`Forecast`], [`Contrast`], [`TheoryGroup`] |
//! | many scientists at the ends of their phases, and what is kept of them when their runs are not | [`Population`], [`Summary`], [`Finding`], [`Signs`] |
//! | numbers about many scientists: shares, means, medians, tests, distances of distributions | [`statistics`], [`Estimate`] |
//!
//! # Rooms
//!
//! Each folder of the source answers one question, and uses only those above it.
//!
//! | folder | what is asked |
//! |---|---|
//! | `statistics` | what do many numbers say? |
//! | `readout` | what does a scientist say at a batch of states? |
//! | `terms` | which terms matter, and which go together? |
//! | `scalar` | what is S? |
//! | `motion` | where does it go? |
//! | `theory` | which theory is it? |
//! | `scientist` | who is asked? |
//! | `agreement` | do two of them agree? |
//! | `population` | what can be said of many? |
//! | `summary` | what is kept of them when their runs are not? |
//!
//! `docs/equations.md` of the repository leads from each equation, figure and table of the paper to its
//! item.
//!
//! # Shapes
//!
//! | letter | meaning |
//! |---|---|
//! | E | scientists (ensemble members) |
//! | B | states in a batch, or trajectories |
//! | C | columns of a correlation matrix |
//! | d | degrees of freedom |
//! | M | times of a trajectory |
//! | n | coordinates of a state, n = 2d |
//! | T | derivative terms |

mod agreement;
mod error;
mod least_squares;
mod motion;
mod population;
mod readout;
mod scalar;
mod scientist;
pub mod statistics;
mod summary;
mod terms;
mod theory;

pub use agreement::{Agreement, AgreementMap, Agreements, Families, Family};
pub use error::Error;
pub use motion::{Kept, LearnedLaw, Paths, Rollout, RolloutPlan, Rollouts, Truth, paths};
pub use population::{
    ComponentCensus, ComponentHistograms, ComponentScores, Fared, Fate, LagrangianFits,
    LearnedMotions, Persistence, PhaseJudgements, PhaseTheories, Revival, SignCensus, Survival,
    TermCounts, TermCourse, TermStrengths, TermUse, TheoryCensus, TheoryGroup, TwoTermCensus,
    evaluation_batches, fewer_terms_in_the_end, overlaps, paper_majorities, since_joining,
    steadiest, strongest_terms, two_term_fits,
};
pub use readout::{
    EVALUATION_STATES, Reading, STATES_SEED, evaluation_states, member, training_evaluation_states,
};
pub use scalar::{AffineFit, ConicSection, Plane, QuadraticFit, ScalarGrid, axis, fit_affine};
pub use scientist::{
    ErrorCourse, ErrorPoint, History, LossPoint, Scientist, SystemHistory, WeightsPoint,
};
pub use statistics::Estimate;
pub use summary::{Contrast, Finding, Forecast, Population, Signs, Summary, Trait};
pub use terms::{
    ActivationMatrix, Clustering, ComponentSign, Correlation, CorrelationMap, Counting, Distance,
    FirstComponents, Grouping, LinkageStep, PrincipalComponents, SharedTerms, Significant,
    TermName, WeightNorm, WeightSignificance, significant,
};
pub use theory::{
    Constant, Distillation, DistilledFit, EnergyFit, EnergyReading, Exchange, HamiltonianFit,
    Helmholtz, HelmholtzPlan, Judgement, KineticReading, Multiplier, MultiplierPlan,
    PotentialReading, SignVerdicts, Theory, TheoryFit, TwoTermFits, Verdict, exchange,
    exchange_together, theory_by_curvature, theory_by_side,
};

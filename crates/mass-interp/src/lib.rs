#![doc = include_str!("../README.md")]
//!
//! # Vocabulary
//!
//! | what | where |
//! |---|---|
//! | a scientist of a run | [`Scientist`], [`member`] |
//! | which terms matter | [`significant()`], [`Significant`], [`WeightSignificance`], [`WeightNorm`] |
//! | terms counted singly, or equal functions as one | [`Counting`], [`Grouping`] |
//! | activations at a batch of states | [`ActivationMatrix`], [`evaluation_states`], [`EVALUATION_STATES`] |
//! | what a scientist, or an exact theory, says at a batch of states | [`Reading`] |
//! | their correlations, in the order of a tree | [`Correlation`], [`Clustering`], [`Distance`], [`CorrelationMap`] |
//! | principal components of activations, of one scientist and of many | [`PrincipalComponents`], [`FirstComponents`], [`ComponentSign`] |
//! | which theory: by what computes the motion with its S, by the signs of T and V, by exact activations, by the constrained fit | [`Verdict`], [`EnergyFit`], [`TheoryFit`], [`Distillation`], [`Theory`], [`PotentialReading`] |
//! | whether the law has any Lagrangian at all | [`Helmholtz`], [`HelmholtzPlan`] |
//! | agreement between scientists, and their families | [`exchange()`], [`exchange_together`], [`Exchange`], [`Agreement`], [`Agreements`], [`Families`], [`Family`] |
//! | the learned scalar S, and the conic sections that its contours are | [`ScalarGrid`], [`Plane`], [`axis`], [`fit_affine`], [`QuadraticFit`], [`ConicSection`] |
//! | the learned law, and its trajectories beside the true ones | [`LearnedLaw`], [`Rollout`], [`RolloutPlan`], [`Truth`], [`paths()`], [`Paths`] |
//! | the course of a training | [`History`] |
//! | numbers about many scientists: shares, means, medians, tests, distances of distributions | [`statistics`], [`Estimate`] |
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
mod terms;
mod theory;

pub use agreement::{Agreement, AgreementMap, Agreements, Families, Family};
pub use error::Error;
pub use motion::{LearnedLaw, Paths, Rollout, RolloutPlan, Truth, paths};
pub use population::{Fate, TermCounts, TheoryCensus};
pub use readout::{
    EVALUATION_STATES, Reading, evaluation_states, member, training_evaluation_states,
};
pub use scalar::{AffineFit, ConicSection, Plane, QuadraticFit, ScalarGrid, axis, fit_affine};
pub use scientist::{ErrorPoint, History, LossPoint, Scientist, SystemHistory, WeightsPoint};
pub use statistics::Estimate;
pub use terms::{
    ActivationMatrix, Clustering, ComponentSign, Correlation, CorrelationMap, Counting, Distance,
    FirstComponents, Grouping, LinkageStep, PrincipalComponents, SharedTerms, Significant,
    WeightNorm, WeightSignificance, significant,
};
pub use theory::{
    Distillation, DistilledFit, EnergyFit, Exchange, HamiltonianFit, Helmholtz, HelmholtzPlan,
    Judgement, PotentialReading, Theory, TheoryFit, TwoTermFits, Verdict, exchange,
    exchange_together, theory_by_curvature, theory_by_side,
};

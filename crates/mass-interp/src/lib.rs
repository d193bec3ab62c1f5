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

mod activations;
mod agreement;
mod clustering;
mod components;
mod correlation;
mod correlation_map;
mod distillation;
mod energy_fit;
mod error;
mod exchange;
mod families;
mod grid;
mod grouping;
mod helmholtz;
mod history;
mod host;
mod law;
mod linear;
mod member;
mod paths;
mod reading;
mod rollout;
mod scalar;
mod scientist;
mod significance;
pub mod statistics;
mod theory;
mod theory_fit;
mod verdict;

pub use activations::{
    ActivationMatrix, EVALUATION_STATES, evaluation_states, training_evaluation_states,
};
pub use agreement::{Agreement, Agreements};
pub use clustering::{Clustering, Distance, Merge};
pub use components::{ComponentSign, FirstComponents, PrincipalComponents};
pub use correlation::Correlation;
pub use correlation_map::CorrelationMap;
pub use distillation::{Distillation, DistilledFit, HamiltonianFit};
pub use energy_fit::EnergyFit;
pub use error::Error;
pub use exchange::{Exchange, exchange, exchange_together};
pub use families::{Families, Family};
pub use grid::{AffineFit, Plane, ScalarGrid, axis, fit_affine};
pub use grouping::{Counting, Grouping};
pub use helmholtz::{Helmholtz, HelmholtzPlan};
pub use history::{ErrorPoint, History, LossPoint, SystemHistory, WeightsPoint};
pub use law::LearnedLaw;
pub use member::member;
pub use paths::{Paths, paths};
pub use reading::Reading;
pub use rollout::{Rollout, RolloutPlan, Truth};
pub use scalar::{ConicSection, QuadraticFit};
pub use scientist::Scientist;
pub use significance::{Significant, WeightNorm, WeightSignificance, significant};
pub use statistics::Estimate;
pub use theory::{PotentialReading, Theory};
pub use theory_fit::TheoryFit;
pub use verdict::Verdict;

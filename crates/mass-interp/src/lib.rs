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
//! | their correlations, in the order of a tree | [`Correlation`], [`Clustering`], [`Distance`], [`CorrelationMap`] |
//! | the learned scalar S | [`ScalarGrid`], [`Plane`], [`axis`], [`fit_affine`] |
//! | the learned law, and its trajectories beside the true ones | [`LearnedLaw`], [`Rollout`], [`RolloutPlan`], [`Truth`], [`paths()`], [`Paths`] |
//! | the course of a training | [`History`] |
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
mod clustering;
mod correlation;
mod correlation_map;
mod error;
mod grid;
mod grouping;
mod history;
mod host;
mod law;
mod member;
mod paths;
mod rollout;
mod scientist;
mod significance;

pub use activations::{
    ActivationMatrix, EVALUATION_STATES, evaluation_states, training_evaluation_states,
};
pub use clustering::{Clustering, Distance, Merge};
pub use correlation::Correlation;
pub use correlation_map::CorrelationMap;
pub use error::Error;
pub use grid::{AffineFit, Plane, ScalarGrid, axis, fit_affine};
pub use grouping::{Counting, Grouping};
pub use history::{ErrorPoint, History, LossPoint, SystemHistory, WeightsPoint};
pub use law::LearnedLaw;
pub use member::member;
pub use paths::{Paths, paths};
pub use rollout::{Rollout, RolloutPlan, Truth};
pub use scientist::Scientist;
pub use significance::{Significant, WeightNorm, WeightSignificance, significant};

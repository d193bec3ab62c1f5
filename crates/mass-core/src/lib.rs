#![doc = include_str!("../README.md")]
//!
//! # Shapes
//!
//! | letter | meaning |
//! |---|---|
//! | E | scientists (ensemble members) |
//! | B | states in a batch |
//! | N | states of a dataset |
//! | d | degrees of freedom |
//! | n | coordinates of a state, n = 2d |
//! | H, L | width and number of hidden layers |
//! | T | derivative terms |
//! | K | systems |

// What appears in this crate's own signatures, so that `cargo add mass-core` is enough.
pub use burn;
pub use mass_jet::{self as jet, Activation, DeviceKind, InputFeatures, ParameterSpec, Precision};
pub use mass_systems as systems;
pub use mass_terms as terms;

mod block;
mod checkpoint;
mod data;
mod difference;
mod error;
mod evaluation;
mod files;
mod merge;
mod metrics;
mod model;
mod network;
mod objective;
mod observer;
mod optimizer;
mod parameters;
mod recipe;
mod run;
mod standing;
mod sweep;
mod term_set;
mod trainer;

pub use data::{Batch, TrainingSystem, batch_indices};
pub use error::Error;
pub use evaluation::TestError;
pub use files::{create_dir, write_bytes};
pub use merge::Merge;
pub use metrics::{Metrics, MetricsRow, WeightsRow};
pub use model::{MassModel, Output, SystemShape};
pub use network::{MlpRecipe, Network, NetworkRecipe};
pub use objective::{Losses, Penalty, Seen, Weighted};
pub use observer::{Event, Observer, ProgressLine};
pub use recipe::{
    BatchReduction, Curriculum, DataRecipe, ErrorKind, EvaluationRecipe, Objective,
    OptimizerRecipe, Recipe, Schedule, SystemWeighting,
};
pub use run::{Run, RunRecord, SystemRecord, WeightsKind};
pub use standing::{Change, Criterion, Standing, Status, Verdict};
pub use sweep::{Shard, Sweep, SweepOutcome, SweepRecord, SweepTrainer};
pub use term_set::{MaskRecipe, TermSet, TermsRecipe};
pub use trainer::{MemberStatus, Outcome, Trainer};

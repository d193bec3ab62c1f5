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
mod trainer;

pub use data::{Batch, TrainingSystem, batch_indices};
pub use error::Error;
pub use evaluation::TestError;
pub use files::{create_dir, write_bytes};
pub use merge::Merge;
pub use metrics::{Metrics, MetricsRow, WeightsRow};
pub use model::{MassModel, Output, SystemShape, TermSet};
pub use network::{MlpRecipe, Network, NetworkRecipe};
pub use observer::{Event, Observer, ProgressLine};
pub use recipe::{
    BatchReduction, Curriculum, DataRecipe, ErrorKind, EvaluationRecipe, LibraryName, MaskName,
    Objective, OptimizerRecipe, Recipe, Schedule, SystemWeighting, TermsRecipe,
};
pub use run::{Run, RunRecord, SystemRecord, WeightsKind};
pub use standing::{Change, Criterion, Standing, Status, Verdict};
pub use sweep::{Shard, Sweep, SweepOutcome, SweepRecord, SweepTrainer};
pub use trainer::{MemberStatus, Outcome, Trainer};

#![doc = include_str!("../README.md")]
//!
//! # Vocabulary
//!
//! | what | where |
//! |---|---|
//! | what decides a run | [`Record`], [`State`], [`plan_hash`], [`canonical_hash`], [`difference()`] |
//! | a run on disk | [`RunDirectory`], [`Lock`], [`is_run`] |
//! | what it goes on from | [`Checkpoint`], [`CheckpointHeader`], [`HostTensor`], [`Dtype`], [`Exact`] |
//! | what trains, and who listens | [`Training`], [`Observer`], [`Event`], [`Test`] |
//! | trainings one after the other, in parts, and shared out | [`run_in_turn`], [`SweepTrainer`], [`Sweep`], [`Shard`], [`SweepOutcome`], [`is_sweep`] |
//! | what is kept of a sweep's parts beside their runs | [`Keep`] |
//! | runs put together | [`Merge`], [`Mergeable`] |
//! | files, written whole or not at all | [`write_bytes`], [`create_dir`], [`read_text`] |

mod checkpoint;
mod difference;
mod directory;
mod error;
mod exact;
mod files;
#[cfg(feature = "interrupt")]
mod interrupt;
mod marks;
mod merge;
mod observer;
#[cfg(feature = "progress")]
mod progress;
mod record;
mod sweep;
mod training;

pub use checkpoint::{Checkpoint, CheckpointHeader, Dtype, HostTensor, State};
pub use difference::difference;
pub use directory::{Lock, RunDirectory};
pub use error::Error;
pub use exact::Exact;
pub use files::{create_dir, read_text, write_bytes};
#[cfg(feature = "interrupt")]
pub use interrupt::{git_revision, stop_flag};
pub use marks::{is_run, is_sweep};
pub use merge::{Merge, Mergeable, ranges};
pub use observer::{Event, Observer, Test};
#[cfg(feature = "progress")]
pub use progress::ProgressLine;
pub use record::{Record, canonical_hash, plan_hash};
pub use sweep::{Shard, Sweep};
pub use training::{Keep, SweepOutcome, SweepTrainer, Training, run_in_turn};

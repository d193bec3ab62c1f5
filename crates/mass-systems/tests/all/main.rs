//! The systems, their laws, samples and files.
//!
//! One program for all of it: each would be linked by itself.

#[cfg(feature = "parquet")]
mod files;
mod golden;
mod laws;
mod sampling;
mod trajectories;

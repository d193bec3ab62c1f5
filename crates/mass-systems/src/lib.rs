#![doc = include_str!("../README.md")]
//!
//! # Vocabulary
//!
//! | what | where |
//! |---|---|
//! | a physical system, and all those built in | [`System`], [`systems`], [`lookup`], [`table1`], [`all`], [`known`] |
//! | its Lagrangian and what follows from it | [`Lagrangian`], [`AnyLagrangian`], [`FromLagrangian`], [`Quantity`], [`ScalarDerivatives`], [`Number`] |
//! | its states | [`Domain`], [`Range`], [`sample`], [`States`], [`sample_states`], [`Bounded`], [`Motions`], [`Dataset`], [`State`] |
//! | what its motion keeps | [`Conserved`] |
//! | units in which numbers are of order one | [`Scales`], [`Scaled`] |
//! | its motion | [`rk4`], [`follow`], [`Solver`], [`Rk4`], [`Dop853`], [`reference_trajectory`], [`Trajectory`], [`End`], [`PaperRun`], [`wrap_angles`], [`wrap_angle`] |
//! | random numbers | [`stream`], [`Purpose`], [`uniform`] |
//! | quantiles of any numbers, by a named rule | [`quantile()`], [`QuantileRule`] |
//! | files, written whole or not at all | [`write_whole`] |
//! | what goes wrong | [`Error`] |
//!
//! # Letters for shapes
//!
//! | letter | meaning |
//! |---|---|
//! | N | states of a dataset |
//! | M | states of a trajectory |
//! | d | degrees of freedom |
//!
//! Tables are row-major: `[N, d]` holds the d values of the first state, then those of the second.

mod atomic;
mod columns;
mod csv_file;
mod dataset;
mod derivatives;
mod domain;
mod dop853;
mod error;
mod file;
mod from_lagrangian;
mod golden;
mod lagrangian;
mod number;
#[cfg(feature = "parquet")]
mod parquet_file;
mod quantile;
mod reference;
mod registry;
mod rk4;
mod sample;
mod scales;
mod solver;
mod stream;
mod system;
pub mod systems;
mod trajectory;

pub use atomic::write_whole;
pub use dataset::{Dataset, State};
pub use derivatives::ScalarDerivatives;
pub use domain::{Domain, Range};
pub use dop853::Dop853;
pub use error::Error;
pub use from_lagrangian::FromLagrangian;
pub use golden::golden_section;
pub use lagrangian::{AnyLagrangian, Lagrangian, Quantity};
pub use num_dual;
pub use number::Number;
pub use quantile::{QuantileRule, quantile};
pub use rand_chacha::{ChaCha8Rng, rand_core};
pub use reference::reference_trajectory;
pub use registry::{all, known, lookup, table1};
pub use rk4::Rk4;
pub use sample::{States, sample, sample_states};
pub use scales::{Scaled, Scales};
pub use solver::{Solver, Stepper, follow, rk4};
pub use stream::{Purpose, stream, uniform};
pub use system::{Bounded, Conserved, Motions, PaperRun, System, wrap_angle, wrap_angles};
pub use trajectory::{End, Trajectory};

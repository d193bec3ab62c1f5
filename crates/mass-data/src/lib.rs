#![doc = include_str!("../README.md")]

//!
//! # Vocabulary
//!
//! | what | where |
//! |---|---|
//! | a file of columns, and what is read of it | [`TableFile`], [`Column`], [`Table`], [`ReadOptions`], [`Delimiter`], [`Missing`] |
//! | which column is what | [`Layout`], [`ColumnMap`], [`Time`] |
//! | measured motions | [`Measurements`], [`MeasurementOptions`], [`Trajectory`], [`Degrees`], [`Outliers`], [`Units`] |
//! | velocities and accelerations with their errors | [`Differentiation`], [`SplineOrder`], [`MotionModel`], [`Series`], [`Chosen`], [`Estimates`], [`Estimate`] |
//! | what is learned from and what is judged on | [`Split`], [`SplitOptions`], [`SplitBy`], [`Part`] |
//! | states with accelerations for those who fit | [`Rows`] |
//! | what a person should know, and what goes wrong | [`Note`], [`Error`] |
//!
//! # Letters for shapes
//!
//! | letter | meaning |
//! |---|---|
//! | T | rows of a trajectory |
//! | N | rows of all, or of a table |
//! | d | degrees of freedom |
//! | m | forcings |

mod column;
mod differentiation;
mod error;
mod estimate;
mod layout;
mod measurements;
mod names;
mod note;
mod number;
mod numpy;
mod outliers;
#[cfg(feature = "parquet")]
mod parquet_file;
mod read_options;
mod rests;
mod rows;
mod split;
mod state_space;
mod stencil;
mod table;
mod table_file;
mod text;
mod trajectory;

pub use column::Column;
pub use differentiation::{Chosen, Differentiation, MotionModel, Series, SplineOrder};
pub use error::Error;
pub use estimate::{Estimate, Estimates};
pub use layout::{ColumnMap, Layout, Time, UnitMap};
pub use measurements::{Degrees, MeasurementOptions, Measurements, Outliers, Units};
pub use note::Note;
pub use read_options::{Delimiter, Missing, ReadOptions};
pub use rows::Rows;
pub use split::{Part, Split, SplitBy, SplitOptions};
pub use table::Table;
pub use table_file::TableFile;
pub use trajectory::Trajectory;

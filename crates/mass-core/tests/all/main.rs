//! Training, recipes, sweeps and files as an outside crate meets them.
//!
//! One program for all of it: each would be linked by itself.

mod common;
mod formats;
mod phases;
mod recipes;
mod reference_steps;
mod sweeps;
mod training;

//! What is read out of scientists, held to exact Lagrangians, Hamiltonians and golden files.
//!
//! One program for all of it: each would be linked by itself.

mod common;
mod dimensions;
mod equations;
mod golden;
mod golden_theories;
mod populations;
mod rollouts;
mod scalars;
mod scientists;
mod summaries;
mod theories;

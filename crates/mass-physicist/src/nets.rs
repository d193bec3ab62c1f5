//! Small networks, their gradients in closed form and their optimiser, for the paper's own training.
//!
//! Sixteen windows side by side ([`mass_lanes`]), in f32; the same code in f64 is what finite differences check.

pub(crate) mod adam;
pub(crate) mod blocks;
pub(crate) mod classifier;
pub(crate) mod float;
pub(crate) mod linear;
pub(crate) mod predictors;
pub(crate) mod tanh;
pub(crate) mod theories;

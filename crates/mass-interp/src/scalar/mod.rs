//! What is S?

mod affine;
mod grid;
mod quadratic;

pub use affine::{AffineFit, fit_affine};
pub use grid::{Plane, ScalarGrid, axis};
pub use quadratic::{ConicSection, QuadraticFit};

//! What is S?

mod quadratic;

pub use quadratic::{ConicSection, QuadraticFit};

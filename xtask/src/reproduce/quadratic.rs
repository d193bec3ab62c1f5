//! Quadratic forms of S: those of mass-interp, where figures look for them.

pub(super) use mass_interp::{ConicSection as Shape, QuadraticFit as Quadratic};

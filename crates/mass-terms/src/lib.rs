#![doc = include_str!("../README.md")]
//!
//! # Shapes
//!
//! | letter | meaning |
//! |---|---|
//! | E | scientists (ensemble members) |
//! | B | states in a batch |
//! | d | degrees of freedom |
//! | n | coordinates of a state, n = 2d |
//! | T | terms of a library |

mod canonical;
#[cfg(feature = "flex")]
mod cpu;
mod derivatives;
mod error;
mod evaluate;
mod inverse;
mod library;
mod mask;
mod op;
mod parse;
mod pinv;
mod plan;
mod point;
mod symbol;
mod term;

pub use canonical::{CanonicalTerm, Shift};
pub use derivatives::{DerivativeTensors, Derivatives};
pub use error::Error;
#[doc(hidden)]
pub use evaluate::term_sum_on;
pub use evaluate::{TermSum, evaluate, term_sum, term_sum_composed};
pub use inverse::{Inverse, InverseShift};
pub use library::Library;
pub use mask::Mask;
pub use pinv::pinv;
pub use point::{Point, evaluate_point};
pub use symbol::{Alphabet, Base, Matrix, Name, Notation, Vector};
pub use term::Term;

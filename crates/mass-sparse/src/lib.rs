#![doc = include_str!("../README.md")]
//!
//! # Vocabulary
//!
//! | what | where |
//! |---|---|
//! | a function of a state, a product of factors | [`Function`], [`Factor`] |
//! | those to choose from | [`FunctionLibrary`] |
//! | sparse regression, by a threshold or by the data | [`Stlsq`], [`SparseRegression`] |
//! | a law as a short sum | [`SparseLaw`], [`Addend`] |
//!
//! # Shapes
//!
//! | letter | meaning |
//! |---|---|
//! | N | states |
//! | d | degrees of freedom |
//! | F | functions of a library |

mod error;
mod function;
mod law;
mod library;
mod regression;

pub use error::Error;
pub use function::{Factor, Function};
pub use law::{Addend, SparseLaw};
pub use library::FunctionLibrary;
pub use regression::{SparseRegression, Stlsq};

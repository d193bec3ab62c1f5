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
//! | states along trajectories, and forcing | [`MotionData`], [`Forcing`] |
//! | a Lagrangian as a short sum, friction | [`SparseLagrangian`], [`FrictionModel`], [`LagrangianLaw`], [`LagrangianTerm`], [`FrictionTerm`], [`FrictionKind`], [`GainTerm`], [`Coefficient`], [`Rational`], [`Alternative`] |
//! | positions, to refine it by the motion | [`Recording`], [`LagrangianLaw::refined`] |
//! | several systems, one theory | [`SparseLagrangian::fit_together`], [`CommonLaws`], [`of_another_kind`], [`SparseRegression::fit_together`] |
//! | what a motion keeps | [`ConservedSearch`], [`ConservedSum`] |
//! | what data tell about the motion | [`Verdict`], [`Friction`] |
//!
//! # Shapes
//!
//! | letter | meaning |
//! |---|---|
//! | N | states |
//! | d | degrees of freedom |
//! | F | functions of a library |
//! | m | inputs of a forcing |
//! | S | systems of one theory |
//! | K | terms of a law, friction and gains counted |

mod centre;
mod conserved;
mod data;
mod drawn;
mod error;
mod export;
mod friction;
mod function;
mod gauge;
mod lagrangian_law;
mod law;
mod law_system;
mod library;
mod measured;
mod moving;
mod nan;
mod problem;
mod rational;
mod refine;
mod regression;
mod search;
mod sparse_lagrangian;
mod together;
mod told;
mod verdict;

pub use centre::Centre;
pub use conserved::{ConservedSearch, ConservedSum};
pub use data::{Forcing, MotionData};
pub use error::Error;
pub use friction::FrictionKind;
pub use function::{Factor, Function, Variable, superscript};
pub use lagrangian_law::{
    Alternative, Coefficient, FrictionTerm, GainTerm, LagrangianLaw, LagrangianTerm,
};
pub use law::{Addend, SparseLaw};
pub use library::FunctionLibrary;
pub use measured::Measured;
pub use rational::Rational;
pub use refine::Recording;
pub use regression::{SparseRegression, Stlsq};
pub use search::independent_rows;
pub use sparse_lagrangian::{FrictionModel, SparseLagrangian};
pub use together::{CommonLaws, of_another_kind};
pub use verdict::{Friction, Verdict};

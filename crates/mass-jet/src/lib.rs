#![doc = include_str!("../README.md")]
//!
//! # Shapes
//!
//! | letter | meaning |
//! |---|---|
//! | E | networks (ensemble members) |
//! | B | states in a batch |
//! | d | degrees of freedom |
//! | n | coordinates of a state, n = 2d, ordered (x₁, …, x_d, y₁, …, y_d) |
//! | H | units of a hidden layer |
//! | L | hidden layers |

mod activation;
#[cfg(feature = "flex")]
mod cpu;
mod device;
mod error;
mod jet;
mod memory;
mod net;
mod op;
mod open;
mod precision;
mod shape;

/// What the operations of `mass-terms` share with those of this crate.
#[doc(hidden)]
pub mod kernel {
    #[cfg(feature = "flex")]
    pub use crate::cpu::{numbers, tensor};
    pub use crate::memory::Memory;
}

pub use activation::{Activation, ActivationJet};
pub use device::DeviceKind;
pub use error::Error;
pub use jet::{Jet, scalar_jet, scalar_jet_composed};
pub use net::{InputFeatures, ParameterSpec, Place, ScalarNet, ScalarNetConfig};
pub use open::has_kernels;
pub use precision::Precision;

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
mod device;
mod error;
#[cfg(feature = "flex")]
mod fused;
mod jet;
#[cfg(feature = "flex")]
#[doc(hidden)]
pub mod kernel;
mod net;
mod precision;

pub use activation::{Activation, ActivationJet};
pub use device::{DeviceKind, has_kernels};
pub use error::Error;
pub use jet::{Jet, scalar_jet, scalar_jet_composed};
pub use net::{InputFeatures, ParameterSpec, Place, ScalarNet, ScalarNetConfig};
pub use precision::Precision;

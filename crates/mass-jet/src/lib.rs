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
mod jet;
mod net;
mod precision;

pub use activation::Activation;
pub use device::DeviceKind;
pub use error::Error;
pub use jet::{Jet, scalar_jet};
pub use net::{InputFeatures, ScalarNet, ScalarNetConfig};
pub use precision::Precision;

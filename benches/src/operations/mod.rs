//! The two fused operations on a case of any size, their cost against it, and the derivatives by
//! second-derivative channels, which they are compared with.

mod case;
mod channels;
pub mod scaling;

pub use case::{Case, Sizes};
pub use channels::forward_channels;

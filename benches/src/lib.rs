//! What the benchmarks run: the two fused operations on a case of any size, and the derivatives by
//! second-derivative channels, which they are compared with.

mod case;
mod channels;

pub use case::{Case, Sizes};
pub use channels::forward_channels;

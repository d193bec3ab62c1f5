//! What `cargo xtask bench` and `cargo bench` run.
//!
//! | room | what is measured |
//! |---|---|
//! | [`operations`] | the two fused operations alone, against size and the core's peak |
//! | [`peers`] | whole training steps beside PyTorch and JAX, on the processor and on a GPU |

pub mod operations;
pub mod peers;
mod report;
mod step;

pub use operations::{Case, Sizes, forward_channels};
pub use step::seconds_per_step;

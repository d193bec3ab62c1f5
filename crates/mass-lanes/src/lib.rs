#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod dispatch;
mod lanes;
mod peak;
mod pool;
mod real;
mod wide;

pub use dispatch::{InstructionSet, Kernel, Stage, dispatch, dispatch_on};
pub use lanes::Lanes;
pub use peak::fma_peak;
pub use pool::{Buffer, Pool};
pub use real::Real;

#![doc = include_str!("../README.md")]

mod dispatch;
mod interleaved;
mod lanes;
mod peak;
mod pool;
mod real;
mod wide;

pub use dispatch::{InstructionSet, Kernel, Stage, dispatch, dispatch_on};
pub use interleaved::Interleaved;
pub use lanes::Lanes;
pub use peak::fma_peak;
pub use pool::{Buffer, Pool};
pub use real::Real;

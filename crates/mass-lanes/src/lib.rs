#![doc = include_str!("../README.md")]

mod dispatch;
mod instructions;
mod interleaved;
mod lanes;
mod peak;
mod pool;
mod real;
mod wide;

pub use dispatch::{dispatch, dispatch_on};
pub use instructions::InstructionSet;
pub use interleaved::Interleaved;
pub use lanes::{Kernel, Lanes, Real, Stage};
pub use peak::fma_peak;
pub use pool::{Buffer, Pool};

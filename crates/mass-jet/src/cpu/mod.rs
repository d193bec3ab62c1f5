//! The jet's kernels on the processor, written in lanes, behind Burn's flex backend ([`flex`]).
//!
//! `ensemble` runs the passes of each network; from there on nothing knows of Burn. The formulas are
//! those of [`crate::scalar_jet`], whose composed form is the specification.

// Kernels walk several arrays in step, and a copy of vectors by a call is slower than by stores.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

mod chunk;
mod curve;
mod ensemble;
mod flex;
mod forward;
mod input;
mod matrix;
mod reverse;
mod tensors;
mod vectors;
mod weights;

pub use tensors::{numbers, tensor};

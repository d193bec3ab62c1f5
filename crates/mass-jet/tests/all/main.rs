//! Derivatives of networks, held to closed forms and finite differences.
//!
//! One program for all of it: each would be linked by itself.

mod derivatives;
mod fused;

//! The terms and their algebra, held to closed forms and to one another.
//!
//! One program for all of it: each would be linked by itself.

mod algebra;
mod canonical;
mod common;
mod evaluate;
mod fused;
mod library;
mod names;
mod physics;
mod pinv;

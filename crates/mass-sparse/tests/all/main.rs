//! Laws and Lagrangians found again from data whose law is known.
//!
//! One program for all of it: each would be linked by itself.

mod lagrangians;
mod laws;
mod together;

//! Worlds, losses and learning of the AI Physicist.
//!
//! One program for all of it: each would be linked by itself.

mod learning;
mod losses;
mod nonlinear;
mod paper;
mod regimes;
mod transitions;
mod worlds;

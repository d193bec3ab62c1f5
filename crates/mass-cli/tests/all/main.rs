//! The command `mass` as its users meet it. One program for all of it: each would be linked with Burn by itself.

mod common;
mod hints;
mod learn;
mod population;
mod report;
mod sweep;
mod together;
mod worlds;

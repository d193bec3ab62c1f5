//! The command `mass` as its users meet it. One program for all of it: each would be linked with Burn by itself.

mod common;
mod learn;
mod report;
mod sweep;
mod worlds;

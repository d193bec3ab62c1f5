//! Measurements as files give them, to derivatives.
//!
//! One program for all of it: each would be linked by itself.

mod derivatives;
mod fuzz;
mod reading;

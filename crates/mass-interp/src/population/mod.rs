//! What can be said of many?

mod fate;
mod revival;
mod survival;
mod term_counts;
mod term_use;
mod theory_census;

pub use fate::Fate;
pub use revival::Revival;
pub use survival::Survival;
pub use term_counts::{TermCounts, TermCourse};
pub use term_use::{TermUse, overlaps};
pub use theory_census::TheoryCensus;

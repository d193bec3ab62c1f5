//! What can be said of many?

mod fate;
mod term_counts;
mod theory_census;

pub use fate::Fate;
pub use term_counts::TermCounts;
pub use theory_census::TheoryCensus;

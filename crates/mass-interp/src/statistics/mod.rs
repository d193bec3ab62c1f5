//! Numbers about many scientists: shares, means, medians, tests and distances of distributions.
//!
//! What is not finite is left out of means and medians: a scientist that could not be read says
//! nothing. How many those were is the caller's to count, and to tell.

mod change;
mod correlation;
mod distribution;
mod estimate;
mod mean;
pub mod nullable;
mod rank;
mod share;

pub use change::{falls_at_every_step, mean_change, moved};
pub use correlation::{below_diagonal, share_correlated, squared_correlation, standardised};
pub use distribution::{distance_between, distance_from_uniform};
pub use estimate::Estimate;
pub use mass_systems::{QuantileRule, quantile};
pub use mean::{
    finite, least, mean, mean_and_deviation, mean_and_error, median, median_and_quartiles,
    median_difference, most, quartiles,
};
pub use rank::{RankSum, correlation_chance, holm, rank_correlation};
pub use share::{share, sign_test};

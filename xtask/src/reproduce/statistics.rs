//! Numbers about many scientists: those of mass-interp, where figures look for them.

pub(super) use mass_interp::statistics::{
    distance_between, distance_from_uniform, finite, least, mean, mean_and_deviation,
    mean_and_error, median, quartiles, share, standardised,
};

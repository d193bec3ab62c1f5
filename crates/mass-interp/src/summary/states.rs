//! The states at which the scientists of a population are asked.

/// All scientists are compared at the same states, drawn by this seed.
pub(super) const STATES_SEED: u64 = 0;

//! The states at which scientists are read out.

use mass_core::TrainingSystem;
use mass_systems::{Dataset, Purpose, States, System, sample, sample_states, stream};

use crate::error::Error;

/// States of a batch to read a scientist out at (Fu et al. 2025, Section IV).
pub const EVALUATION_STATES: usize = 512;
/// Scientists are compared at the same states, drawn by this seed.
pub const STATES_SEED: u64 = 0;

/// `count` states of a system to read scientists out at, from the stream of (`seed`, evaluation,
/// system); the paper takes 512, [`EVALUATION_STATES`].
///
/// Scientists are compared at the same states: take one seed for all of them.
///
/// # Errors
///
/// An error of the system if it cannot be sampled.
pub fn evaluation_states(
    system: &(impl System + ?Sized),
    count: usize,
    seed: u64,
) -> Result<Dataset, Error> {
    let mut stream = stream(seed, Purpose::Evaluation, &system.id());
    Ok(sample(system, count, &mut stream)?)
}

/// The same for a system of a run: states of the kind that its recipe trains on, or, of measured data, up
/// to `count` of the test states.
///
/// # Errors
///
/// As [`evaluation_states`].
pub fn training_evaluation_states(
    system: &TrainingSystem,
    states: States,
    count: usize,
    seed: u64,
) -> Result<Dataset, Error> {
    if let Some((_, test)) = system.measurements() {
        let mut stream = stream(seed, Purpose::Evaluation, &system.id());
        return Ok(test.draw(count.min(test.len()), &mut stream)?);
    }
    let known = system.system().expect("it is known or measured");
    let mut stream = stream(seed, Purpose::Evaluation, &known.id());
    Ok(sample_states(known, states, count, &mut stream)?)
}

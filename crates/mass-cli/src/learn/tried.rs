//! Rows of the table of theories.

use std::time::Duration;

use crate::learned::Tried;

pub(super) fn tried(
    name: &str,
    time: Duration,
    error: f64,
    followed: Option<[f64; 2]>,
    size: usize,
    formula: Vec<String>,
) -> Tried {
    Tried {
        name: name.to_string(),
        error: error.is_finite().then_some(error),
        followed,
        size: Some(size),
        seconds: time.as_secs_f64(),
        formula,
        failed: None,
        network: None,
    }
}

pub(super) fn failed(name: &str, time: Duration, error: &anyhow::Error) -> Tried {
    Tried {
        name: name.to_string(),
        error: None,
        followed: None,
        size: None,
        seconds: time.as_secs_f64(),
        formula: Vec::new(),
        failed: Some(mass_suggest::with_causes(&**error)),
        network: None,
    }
}

/// The error of a theory; of one that could not be tried it is infinite.
pub(super) fn error_of(theories: &[Tried], place: usize) -> f64 {
    theories[place].error.unwrap_or(f64::INFINITY)
}

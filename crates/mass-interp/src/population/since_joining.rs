//! The same system when it had joined and in the end.

use crate::error::{Error, check_length};

/// By how much a number about each system but the last changes from the end of the phase in which the
/// system joined to the end of the last phase, `[K − 1]` (Fu et al. 2025, Section V.4): numbers of two
/// systems do not compare.
///
/// `by_system` are the numbers phase by phase, of each phase the systems seen, `[K (K + 1) / 2]` for K
/// systems, as [`TermCourse::by_system`](crate::TermCourse::by_system) has them.
///
/// # Errors
///
/// [`Error::Length`] if they are not so many.
///
/// # Example
///
/// ```
/// use mass_interp::since_joining;
///
/// // 9 after the first phase, 8 and 7 after the second, 6, 9 and 5 after the third.
/// let changes = since_joining(&[9.0, 8.0, 7.0, 6.0, 9.0, 5.0], 3)?;
/// assert_eq!(changes, [6.0 - 9.0, 9.0 - 7.0]);
/// # Ok::<(), mass_interp::Error>(())
/// ```
pub fn since_joining(by_system: &[f64], systems: usize) -> Result<Vec<f64>, Error> {
    let cells = systems * (systems + 1) / 2;
    check_length("the list of numbers by system", by_system.len(), cells)?;
    let last = systems.saturating_sub(1);
    let cell = |phase: usize, system: usize| by_system[phase * (phase + 1) / 2 + system];
    let change = |system| cell(last, system) - cell(system, system);
    Ok((0..last).map(change).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_system_has_nothing_to_compare_with() {
        assert!(since_joining(&[], 0).unwrap().is_empty());
        assert!(since_joining(&[3.0], 1).unwrap().is_empty());
        assert!(since_joining(&[3.0, 2.0], 2).is_err());
    }
}

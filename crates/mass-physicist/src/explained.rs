//! What theories explain, window by window, where the truth is known.

use std::collections::BTreeMap;

use crate::observations::TRANSITION;

/// For each of so many `laws` the theory that explains most of its windows; none where no theory explains any.
///
/// `labels` and `explained_by` are of the same windows: [`Windows::labels`](crate::Windows::labels), the first law
/// 1, and [`Discovery::explained_by`](crate::Discovery::explained_by).
///
/// ```
/// use mass_physicist::theories_of_laws;
/// let explained_by = [Some(1), Some(1), Some(0), None, Some(0)];
/// let found = theories_of_laws(&[1, 1, 1, 1, 2], &explained_by, 3);
/// assert_eq!(found, [Some(1), Some(0), None]);
/// ```
pub fn theories_of_laws(
    labels: &[u32],
    explained_by: &[Option<usize>],
    laws: usize,
) -> Vec<Option<usize>> {
    let of = |law: usize| {
        let windows = labels.iter().zip(explained_by);
        let own = windows.filter(|(label, _)| **label as usize == law);
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for theory in own.filter_map(|(_, theory)| *theory) {
            *counts.entry(theory).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(theory, _)| theory)
    };
    (1..=laws).map(of).collect()
}

/// The law of each window `[N]` by its label, named as the theory that explains most of the law's windows; none of a transition,
/// where no theory is that law's, and of a label above `laws`. `labels` and `explained_by` are as in [`theories_of_laws`].
pub fn laws_as_theories(
    labels: &[u32],
    explained_by: &[Option<usize>],
    laws: usize,
) -> Vec<Option<usize>> {
    let alike = theories_of_laws(labels, explained_by, laws);
    let of = |label: &u32| match *label {
        TRANSITION => None,
        label => alike.get(label as usize - 1).copied().flatten(),
    };
    labels.iter().map(of).collect()
}

/// Of the windows that no theory explains, the share that passes a border or a bounce ([`TRANSITION`]); NaN if all
/// are explained.
///
/// ```
/// use mass_physicist::{TRANSITION, unexplained_in_transition};
/// let labels = [1, TRANSITION, TRANSITION, 2];
/// let share = |explained_by: &[Option<usize>]| unexplained_in_transition(&labels, explained_by);
/// assert_eq!(share(&[Some(0), None, None, Some(1)]), 1.0);
/// assert_eq!(share(&[Some(0), Some(0), None, None]), 0.5);
/// assert!(share(&[Some(0); 4]).is_nan());
/// ```
pub fn unexplained_in_transition(labels: &[u32], explained_by: &[Option<usize>]) -> f64 {
    let windows = labels.iter().zip(explained_by);
    let unexplained = windows.filter(|(_, by)| by.is_none());
    let unexplained: Vec<u32> = unexplained.map(|(label, _)| *label).collect();
    let passing = unexplained.iter().filter(|label| **label == TRANSITION);
    passing.count() as f64 / unexplained.len() as f64
}

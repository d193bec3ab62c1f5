//! The scientist to look at.

use mass_core::Standing;

/// The place of the scientist whose largest error at the end of any of the first phases is least, among
/// those that were correct at each if there is one, and whether there is; `None` without scientists (for
/// Fu et al. 2025, Figure 7, which is about one that was).
///
/// # Example
///
/// ```
/// use mass_interp::steadiest;
///
/// assert_eq!(steadiest(&[], 4), None);
/// ```
pub fn steadiest(standings: &[Standing], phases: usize) -> Option<(usize, bool)> {
    let worst = |place: &usize| {
        let verdicts = standings[*place].verdicts.iter().take(phases);
        verdicts.map(|verdict| verdict.error).fold(0.0, f64::max)
    };
    let least = |places: &mut dyn Iterator<Item = usize>| {
        places.min_by(|a, b| worst(a).total_cmp(&worst(b)))
    };
    let all = 0..standings.len();
    let correct = |place: &usize| standings[*place].always_correct(phases) == Some(true);
    match least(&mut all.clone().filter(correct)) {
        Some(place) => Some((place, true)),
        None => least(&mut all.into_iter()).map(|place| (place, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::tests::standings;

    #[test]
    fn the_always_correct_come_first() {
        let all = [
            [1e-4, 6e-3, 1e-4, 1e-4],
            [1e-4, 4e-3, 4.5e-3, 1e-4],
            [1e-4, 4e-3, 4.2e-3, 1e-4],
            [1e-4, 5.5e-3, 1e-4, 1e-4],
        ];
        let all = standings(&all, 5e-3);
        assert_eq!(steadiest(&all, 4), Some((2, true)));
        assert_eq!(steadiest(&all[..1], 4), Some((0, false)));
        assert_eq!(
            steadiest(&[all[0].clone(), all[3].clone()], 4),
            Some((1, false))
        );
        // Phases that are not asked about do not count.
        assert_eq!(steadiest(&all, 1).unwrap().0, 0);
    }
}

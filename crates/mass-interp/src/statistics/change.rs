//! How a number changed, pair by pair.

use super::{Estimate, mean_and_error};

/// The mean of `after − before` over the pairs of which both are finite, with an interval.
///
/// The interval is mean ± t s/√n with Student's t of n − 1 degrees of freedom. With `tests` such
/// intervals beside each other, all of them hold together with at least 95 % (Bonferroni); one by itself
/// is `tests = 1`. Pairs are what makes it sharp: what differs between members of the population, and
/// not before and after, cancels. Without four pairs there are no bounds.
///
/// # Example
///
/// ```
/// use mass_interp::statistics::mean_change;
///
/// let before = [30.0, 12.0, 21.0, 17.0, 25.0];
/// let after = [27.0, 10.0, 18.0, 13.0, 22.0];
/// let found = mean_change(&before, &after, 1);
/// assert_eq!(found.value, -3.0);
/// assert!((found.high - (-3.0 + 2.776 * 0.5f64.sqrt() / 5f64.sqrt())).abs() < 0.02);
/// ```
pub fn mean_change(before: &[f64], after: &[f64], tests: usize) -> Estimate {
    let changes: Vec<f64> = before.iter().zip(after).map(|(a, b)| b - a).collect();
    let found = mean_and_error(&changes);
    let pairs = changes.iter().filter(|change| change.is_finite()).count();
    if pairs < 4 {
        return found.bare();
    }
    let t = student(0.025 / tests.max(1) as f64, (pairs - 1) as f64);
    let half = t * (found.high - found.value);
    Estimate {
        value: found.value,
        low: found.value - half,
        high: found.value + half,
    }
}

/// Whether a number falls at every step, member by member: `counts` is `[steps + 1][E]`.
///
/// The changes of each step are those of [`mean_change`], with intervals that hold for all steps
/// together. It falls if every interval lies below 0, and does not if one lies above; where one holds 0
/// the members are too few to say, and the answer is `None`.
pub fn falls_at_every_step(counts: &[Vec<f64>]) -> (Vec<Estimate>, Option<bool>) {
    let steps = counts.len().saturating_sub(1);
    let changes = counts
        .windows(2)
        .map(|pair| mean_change(&pair[0], &pair[1], steps));
    let changes: Vec<Estimate> = changes.collect();
    let falls = if changes.iter().any(|change| change.low > 0.0) {
        Some(false)
    } else {
        let all = !changes.is_empty() && changes.iter().all(|change| change.high < 0.0);
        all.then_some(true)
    };
    (changes, falls)
}

/// The value that Student's t exceeds with this chance, to half a percent from three degrees of freedom
/// on (Abramowitz & Stegun 1964, 26.2.23 and 26.7.5).
fn student(chance: f64, degrees: f64) -> f64 {
    let u = (-2.0 * chance.ln()).sqrt();
    let above = 2.515517 + u * (0.802853 + u * 0.010328);
    let below = 1.0 + u * (1.432788 + u * (0.189269 + u * 0.001308));
    let z = u - above / below;
    let powers = [
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
        (79.0 * z.powi(9) + 776.0 * z.powi(7) + 1482.0 * z.powi(5)
            - 1920.0 * z.powi(3)
            - 945.0 * z)
            / 92160.0,
    ];
    let terms = powers.iter().rev();
    terms.fold(0.0, |sum, term| (sum + term) / degrees) + z
}

/// At how many of the first `count` places the order of one list, largest first, has another item than that of
/// the other list.
///
/// ```
/// use mass_interp::statistics::moved;
/// assert_eq!(moved(&[5.0, 3.0, 1.0, 0.5], &[9.0, 1.0, 2.0, 0.1], 4), 2);
/// assert_eq!(moved(&[5.0, 3.0, 1.0, 0.5], &[9.0, 1.0, 2.0, 0.1], 1), 0);
/// ```
pub fn moved(a: &[f64], b: &[f64], count: usize) -> usize {
    let order = |values: &[f64]| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|i, j| values[*j].total_cmp(&values[*i]));
        order
    };
    let places = order(a).into_iter().zip(order(b)).take(count);
    places.filter(|(a, b)| a != b).count()
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    #[test]
    fn students_quantiles_are_those_of_tables() {
        for (chance, degrees, expected) in [
            (0.025, 4.0, 2.7764),
            (0.025, 19.0, 2.0930),
            (0.025, 999.0, 1.9623),
            (0.005, 19.0, 2.8609),
            (0.005, 99.0, 2.6264),
        ] {
            let found = student(chance, degrees);
            assert!((found / expected - 1.0).abs() < 5e-3, "{degrees}: {found}");
        }
    }

    #[test]
    fn each_term_of_the_expansion_counts() {
        // With one degree of freedom no power of it makes a term small, so that a wrong sign or factor
        // anywhere shows; the expansion itself is no quantile there (12.71). Computed in Python.
        assert_abs_diff_eq!(student(0.025, 1.0), 11.310079020284393, epsilon = 1e-9);
        assert_abs_diff_eq!(student(0.005, 2.0), 9.519540576199358, epsilon = 1e-9);
    }

    #[test]
    fn pairs_that_are_not_known_are_left_out() {
        let before = [1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0];
        let after = [2.0, 4.0, 9.0, 5.0, f64::INFINITY, 8.0];
        let found = mean_change(&before, &after, 1);
        assert_eq!(found.value, 1.5);
        // Deviation 0.577 of four pairs.
        let half = 3.1824 * (1.0f64 / 3.0).sqrt() / 2.0;
        assert!((found.high - found.value - half).abs() < 0.02, "{found:?}");
        assert!((found.value - found.low - (found.high - found.value)).abs() < 1e-12);
        // Several at once are wider; fewer than four pairs have no bounds.
        assert!(mean_change(&before, &after, 5).high > found.high + 0.3);
        let few = mean_change(&before[..2], &after[..2], 1);
        assert!(few.value == 1.5 && few.low.is_nan() && few.high.is_nan());
        assert!(mean_change(&[], &[], 1).value.is_nan());
    }

    #[test]
    fn a_fall_within_its_error_is_open() {
        let scatter = |mean: f64, other: f64| -> Vec<f64> {
            let of = |seed: usize| if seed.is_multiple_of(2) { mean } else { other };
            (0..20).map(of).collect()
        };
        let falls = |counts: &[Vec<f64>]| falls_at_every_step(counts).1;
        // Every other member falls by 6 and the rest rise by 5.
        let counts = [scatter(10.0, 10.0), scatter(4.0, 15.0)];
        assert_eq!(falls(&counts), None);
        assert_eq!(falls_at_every_step(&counts).0[0].value, -0.5);
        // The second step falls, the first is open.
        let three = [counts.to_vec(), vec![scatter(1.0, 2.0)]].concat();
        assert_eq!(falls(&three), None);
        // One that rises beyond its error refutes it, whatever the others do.
        let up = [scatter(4.0, 4.0), scatter(5.0, 5.2), scatter(1.0, 1.0)];
        assert_eq!(falls(&up), Some(false));
        let down = [scatter(4.0, 4.0), scatter(3.0, 3.2), scatter(1.0, 1.0)];
        assert_eq!(falls(&down), Some(true));
        assert_eq!(falls(&down[..1]), None);
        // A number that stays what it is, member by member, has an interval of 0 alone.
        assert_eq!(falls(&[scatter(4.0, 3.0), scatter(4.0, 3.0)]), None);
    }
}

//! Rows through which no smooth motion passes.

use std::collections::{BTreeSet, BinaryHeap};

use mass_systems::{QuantileRule, quantile};

use crate::stencil::{apply, fornberg, square};

/// A row is off if it is so many deviations of the noise from what its neighbours say: no noise that is nearly
/// normal comes to that.
const FAR: f64 = 10.0;
/// And so much of the range of the whole series.
const SHARE: f64 = 1e-3;
/// And so many times what is left of its neighbours without it.
const CLEAR: f64 = 5.0;
/// More rows in one place are no gross error but the motion itself: an impact, or a turn that was seldom sampled.
const MOST_TOGETHER: usize = 5;
/// More rows than this share, and what is wrong is not a few rows.
const MOST: f64 = 0.05;
/// Shorter series say too little of their own smoothness.
const LEAST_ROWS: usize = 30;
/// Neighbours that a row is compared with.
const NODES: usize = 4;

/// A value far from what its neighbours say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outlier {
    pub(crate) row: usize,
    pub(crate) value: f64,
    /// The cubic through the two good rows before and after.
    pub(crate) expected: f64,
}

/// Rows of one series, of which some are left out.
struct Series<'a> {
    t: &'a [f64],
    q: &'a [f64],
    live: Vec<bool>,
}

impl Series<'_> {
    /// Up to `count` live rows before a row, the nearest first, as if `without` were left out too.
    fn before(&self, row: usize, count: usize, without: Option<usize>) -> Vec<usize> {
        let rows = (0..row)
            .rev()
            .filter(|i| self.live[*i] && Some(*i) != without);
        rows.take(count).collect()
    }

    fn after(&self, row: usize, count: usize, without: Option<usize>) -> Vec<usize> {
        let rows = (row + 1..self.q.len()).filter(|i| self.live[*i] && Some(*i) != without);
        rows.take(count).collect()
    }

    /// What the cubic through the nearest live rows says at a row, and what its value differs from that by, in
    /// units of the noise of one row.
    fn residual(&self, row: usize, without: Option<usize>) -> Option<(f64, f64)> {
        let (before, after) = (
            self.before(row, NODES, without),
            self.after(row, NODES, without),
        );
        // Two on each side; at an end more on the other.
        let half = NODES / 2;
        let left = before
            .len()
            .min(half.max(NODES.saturating_sub(after.len())));
        let right = after.len().min(NODES - left);
        let mut nodes: Vec<usize> = before[..left].to_vec();
        nodes.reverse();
        nodes.extend(&after[..right]);
        if nodes.len() < NODES {
            return None;
        }
        let times: Vec<f64> = nodes.iter().map(|i| self.t[*i]).collect();
        let values: Vec<f64> = nodes.iter().map(|i| self.q[*i]).collect();
        let [weights, ..] = fornberg(self.t[row], &times);
        let expected = apply(&weights, &values);
        let apart = (self.q[row] - expected) / (1.0 + square(&weights)).sqrt();
        Some((expected, apart))
    }

    /// A row and its live neighbours, `reach` on each side.
    fn about(&self, row: usize, reach: usize) -> Vec<usize> {
        let mut rows = self.before(row, reach, None);
        rows.reverse();
        rows.push(row);
        rows.extend(self.after(row, reach, None));
        rows
    }

    /// Of a row and its neighbours the one without which the others are smoothest: at an end, and beside another
    /// gross error, that need not be the one that is farthest off.
    fn culprit(&self, row: usize) -> usize {
        let near = self.about(row, NODES);
        let left = |without: usize| -> f64 {
            let others = near.iter().filter(|i| **i != without);
            let apart = others.filter_map(|i| self.residual(*i, Some(without)));
            apart.map(|(_, apart)| apart.abs()).sum()
        };
        let candidates = self.about(row, 2).into_iter();
        candidates
            .min_by(|a, b| left(*a).total_cmp(&left(*b)))
            .unwrap_or(row)
    }
}

/// A row that is off, by how much.
#[derive(PartialEq)]
struct Off {
    apart: f64,
    row: usize,
}

impl Eq for Off {}

impl PartialOrd for Off {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Off {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let apart = self.apart.total_cmp(&other.apart);
        apart.then(other.row.cmp(&self.row))
    }
}

/// The gross errors of some series that share noise and smoothness, `(t, q)` each `[T]`: rows far from the cubic
/// through their neighbours, by the median deviation from it over all series (Hampel 1974, J. Am. Stat. Assoc. 69,
/// 383), so few and so far apart that without them the series is smooth. What stays rough whatever is left out, such
/// as an impact, has none. None either where they are more than a twentieth.
pub(crate) fn outliers(all: &[(&[f64], &[f64])]) -> Vec<Vec<Outlier>> {
    let mut series: Vec<Series<'_>> = all
        .iter()
        .map(|(t, q)| Series {
            t,
            q,
            live: vec![true; q.len()],
        })
        .collect();
    let long = |one: &&Series<'_>| one.q.len() >= LEAST_ROWS;
    let apart: Vec<f64> = series
        .iter()
        .filter(long)
        .flat_map(|one| (0..one.q.len()).filter_map(|row| Some(one.residual(row, None)?.1.abs())))
        .filter(|apart| apart.is_finite())
        .collect();
    let mut found: Vec<Vec<Outlier>> = vec![Vec::new(); all.len()];
    if apart.is_empty() {
        return found;
    }
    let at = |values: &[f64], share| quantile(values, share, QuantileRule::Nearest);
    // Both are the deviation of a normal noise; the second is not 0 where a clock or a sensor counts in steps.
    let noise = (1.4826 * at(&apart, 0.5)).max(at(&apart, 0.8) / 1.2816);
    let values: Vec<f64> = series
        .iter()
        .flat_map(|one| one.q.iter().copied())
        .collect();
    let limit = (FAR * noise).max(SHARE * (at(&values, 0.95) - at(&values, 0.05)));
    let rows = values.len();
    for (one, found) in series.iter_mut().zip(&mut found) {
        if one.q.len() >= LEAST_ROWS {
            *found = of_series(one, limit);
        }
    }
    let count: usize = found.iter().map(Vec::len).sum();
    if count as f64 > MOST * rows as f64 {
        found.iter_mut().for_each(Vec::clear);
    }
    found
}

fn of_series(series: &mut Series<'_>, limit: f64) -> Vec<Outlier> {
    let n = series.q.len();
    let mut frozen = vec![false; n];
    let mut out: BTreeSet<usize> = BTreeSet::new();
    let off = |series: &Series<'_>, row: usize| {
        let (_, apart) = series.residual(row, None)?;
        (apart.abs() > limit).then_some(Off {
            apart: apart.abs(),
            row,
        })
    };
    let mut heap: BinaryHeap<Off> = (0..n).filter_map(|row| off(series, row)).collect();
    while let Some(top) = heap.pop() {
        // What was pushed before a neighbour went may no longer be so.
        if !series.live[top.row] || frozen[top.row] {
            continue;
        }
        match off(series, top.row) {
            None => continue,
            Some(now) if now.apart < top.apart * (1.0 - 1e-12) => {
                heap.push(now);
                continue;
            }
            Some(_) => {}
        }
        let row = series.culprit(top.row);
        series.live[row] = false;
        out.insert(row);
        let together = cluster(&out, row);
        if together.len() > MOST_TOGETHER {
            let (first, last) = (together[0], together[together.len() - 1]);
            for row in together {
                out.remove(&row);
                series.live[row] = true;
            }
            let reach = first.saturating_sub(NODES)..(last + NODES + 1).min(n);
            frozen[reach].fill(true);
            continue;
        }
        let near = series.about(row, NODES).into_iter();
        heap.extend(
            near.filter(|i| series.live[*i])
                .filter_map(|i| off(series, i)),
        );
    }
    let each = out.into_iter().filter_map(|row| {
        let (expected, apart) = series.residual(row, None)?;
        // One that its neighbours agree with went for another's sake; and beside a kink they are off themselves.
        let near = series.about(row, 2).into_iter().filter(|i| *i != row);
        let rough = near.filter_map(|i| Some(series.residual(i, None)?.1.abs()));
        let rough = rough.fold(0.0, f64::max);
        (apart.abs() > limit.max(CLEAR * rough)).then_some(Outlier {
            row,
            value: series.q[row],
            expected,
        })
    });
    each.collect()
}

/// The rows that were taken out about one, each at most three from the next.
fn cluster(out: &BTreeSet<usize>, row: usize) -> Vec<usize> {
    let mut rows: Vec<usize> = Vec::new();
    let mut from = row;
    for before in out.range(..row).rev() {
        if from - before > 3 {
            break;
        }
        rows.push(*before);
        from = *before;
    }
    rows.reverse();
    rows.push(row);
    from = row;
    for after in out.range(row + 1..) {
        if after - from > 3 {
            break;
        }
        rows.push(*after);
        from = *after;
    }
    rows
}

#[cfg(test)]
mod tests {
    use mass_systems::{Purpose, stream, uniform};
    use proptest::prelude::*;

    use super::*;

    fn rows(q: &[f64], step: f64) -> Vec<usize> {
        let t: Vec<f64> = (0..q.len()).map(|i| i as f64 * step).collect();
        outliers(&[(&t, q)])[0].iter().map(|one| one.row).collect()
    }

    /// A sum of two sines with uniform noise of this size.
    fn wave(n: usize, step: f64, noise: f64, seed: u64) -> Vec<f64> {
        let mut rng = stream(seed, Purpose::TestData, "outliers");
        let each = (0..n).map(|i| {
            let t = i as f64 * step;
            t.sin() + 0.5 * (2.3 * t).cos() + uniform(&mut rng, -noise, noise)
        });
        each.collect()
    }

    #[test]
    fn smooth_and_noisy_series_have_none() {
        for noise in [0.0, 1e-6, 1e-3, 0.05, 1.0] {
            assert!(rows(&wave(800, 0.03, noise, 1), 0.03).is_empty(), "{noise}");
        }
        let constant = vec![3.0; 50];
        assert!(rows(&constant, 0.1).is_empty());
        // Counted in steps, most of them 0.
        let counted: Vec<f64> = wave(800, 0.003, 0.0, 1)
            .iter()
            .map(|q| (q * 20.0).round() / 20.0)
            .collect();
        assert!(rows(&counted, 0.003).is_empty());
    }

    #[test]
    fn an_impact_and_a_jump_are_the_motion() {
        let bounce: Vec<f64> = (0..300)
            .map(|i| (f64::from(i) * 0.02 - 3.0).abs() + 1.0)
            .collect();
        assert!(rows(&bounce, 0.02).is_empty());
        let jump: Vec<f64> = (0..300)
            .map(|i| (f64::from(i) * 0.02).sin() + if i < 150 { 0.0 } else { 5.0 })
            .collect();
        assert!(rows(&jump, 0.02).is_empty());
        // The perihelion of an eccentric orbit, x of e = 0.9 by Kepler's equation.
        let orbit = |i: usize| {
            let m = i as f64 * 0.02;
            let mut e = m + 0.9 * m.sin();
            for _ in 0..60 {
                e -= (e - 0.9 * e.sin() - m) / (1.0 - 0.9 * e.cos());
            }
            e.cos() - 0.9
        };
        let orbit: Vec<f64> = (0..700).map(orbit).collect();
        assert!(rows(&orbit, 0.02).is_empty());
    }

    #[test]
    fn a_few_rows_together_and_at_the_ends_are_found() {
        for wrong in [
            vec![0],
            vec![1],
            vec![2],
            vec![799],
            vec![400, 401, 402],
            vec![400, 402],
            vec![10, 500, 798],
        ] {
            for noise in [0.0, 0.002] {
                let mut q = wave(800, 0.03, noise, 2);
                for (place, row) in wrong.iter().enumerate() {
                    q[*row] += [3.0, -2.0, 5.0][place];
                }
                assert_eq!(rows(&q, 0.03), wrong, "noise {noise}");
            }
        }
    }

    #[test]
    fn of_many_none_is_left_out() {
        let mut q = wave(800, 0.03, 0.001, 3);
        for row in (0..800).step_by(12) {
            q[row] += 3.0;
        }
        assert!(rows(&q, 0.03).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn gross_errors_are_found_and_nothing_else(
            seed in 0_u64..1000,
            noise in 0.0..0.02_f64,
            at in proptest::collection::btree_set(0_usize..60, 0..6),
            size in 1.0..1e6_f64,
        ) {
            let mut q = wave(600, 0.03, noise, seed);
            let wrong: Vec<usize> = at.into_iter().map(|i| 10 * i + 5).collect();
            for (place, row) in wrong.iter().enumerate() {
                q[*row] += if place % 2 == 0 { size } else { -size };
            }
            prop_assert_eq!(rows(&q, 0.03), wrong);
        }
    }
}

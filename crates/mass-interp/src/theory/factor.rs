//! The factor a with which one scientist reads another's scalar best.
//!
//! Nearly all the time that agreement takes is spent here: a thousand factors are tried for each
//! pair of scientists and system. Factors are tried side by side, one in each lane of the processor's
//! registers; every score is the same, bit for bit, as if it were computed by itself, because a lane
//! adds its numbers in the order of the states and no multiplication is fused with an addition.

use mass_lanes::{InstructionSet, Kernel, Lanes, dispatch_on};

use super::score::{Exchange, Outcome, Unit};

/// Factors per octave in the first scan for a. Where the law is a small difference of large parts of
/// different degrees, it is right within an eighth of an octave only.
const PER_OCTAVE: i32 = 16;

/// Octaves scanned to either side of the ratio of the two scalars' deviations.
const OCTAVES: i32 = 16;

/// States of the first scan.
const SCANNED: usize = 128;

/// Best places of the scan that are refined at all states.
const REFINED: usize = 3;

/// Steps of the refinement, each of which narrows an eighth of an octave by the golden ratio: to 2e-5.
const GOLDEN_STEPS: usize = 18;

/// Factors tried side by side in the scan, and in the refinement.
const SCAN_LANES: usize = 16;
const REFINE_LANES: usize = 4;

/// On one system, a law Σ_k aᵏ p_k to be brought near another by the choice of a.
pub(super) struct Task<'a> {
    /// The powers k that occur, ascending.
    pub(super) degrees: &'a [i32],
    /// p_k, `[degrees, B·d]`.
    pub(super) parts: Vec<f64>,
    /// The law to come near, `[B·d]`.
    pub(super) own: &'a [f64],
    pub(super) dof: usize,
    pub(super) unit: Unit,
}

impl Task<'_> {
    /// For each a, given by its powers `[degrees][N]`,
    ///
    /// 1 − E[min(1, |F(a) − F_A|² / V)] / E[min(1, |ẏ − E ẏ|² / V)],
    ///
    /// 0 at least, over the first `states`.
    fn scores<const N: usize>(
        &self,
        set: InstructionSet,
        powers: &[[f64; N]],
        states: usize,
    ) -> [f64; N] {
        let rows = states.min(self.own.len() / self.dof) * self.dof;
        let lost = dispatch_on(
            set,
            Lost {
                task: self,
                powers,
                rows,
            },
        );
        lost.map(|lost| self.score(lost, rows))
    }

    /// The score where so much is lost over these rows; it falls as `lost` rises.
    #[inline(always)]
    fn score(&self, lost: f64, rows: usize) -> f64 {
        let mean = lost * self.dof as f64 / rows as f64;
        (1.0 - mean / self.unit.of_constant).max(0.0)
    }
}

/// States between two looks at whether all is lost.
const UNTIL_LOOK: usize = 16;

/// Σ min(1, |F(a) − F_A|² / V) over the first rows, for N factors at a time; less of it where that is
/// enough for a score of 0 with each of them, for what is lost only grows.
struct Lost<'a, 'b, const N: usize> {
    task: &'a Task<'b>,
    /// aᵏ, `[degrees][N]`.
    powers: &'a [[f64; N]],
    rows: usize,
}

impl<const N: usize> Kernel<f64> for Lost<'_, '_, N> {
    type Output = [f64; N];

    #[inline(always)]
    fn run<P: Lanes<f64>>(self, _: P) -> [f64; N] {
        let Self { task, powers, rows } = self;
        let count = task.own.len();
        let scale = 1.0 / task.unit.variance;
        let mut lost = [0.0; N];
        for (state, first) in (0..rows).step_by(task.dof).enumerate() {
            if state % UNTIL_LOOK == 0 && lost.iter().all(|lost| task.score(*lost, rows) <= 0.0) {
                break;
            }
            let mut squares = [0.0; N];
            for row in first..first + task.dof {
                let mut error = [-task.own[row]; N];
                for (power, part) in powers.iter().zip(task.parts.chunks_exact(count)) {
                    let part = part[row];
                    for lane in 0..N {
                        error[lane] += power[lane] * part;
                    }
                }
                for lane in 0..N {
                    squares[lane] += error[lane] * error[lane];
                }
            }
            for lane in 0..N {
                // NaN is not less than 1: a state that is not finite is lost whole.
                let one = squares[lane] * scale;
                lost[lane] += if one < 1.0 { one } else { 1.0 };
            }
        }
        lost
    }
}

/// The factors of the first scan: log₂|a|, evenly spaced about a centre, and aᵏ for both signs.
struct Scan {
    logs: Vec<f64>,
    /// Degrees whose powers are held, ascending.
    degrees: Vec<i32>,
    /// aᵏ, `[degrees][sign, logs]`, padded to a multiple of the lanes.
    powers: Vec<Vec<f64>>,
}

/// The signs of a.
const SIGNS: [f64; 2] = [1.0, -1.0];

impl Scan {
    fn about(centre: f64, tasks: &[Task<'_>]) -> Self {
        let logs: Vec<f64> = (-OCTAVES * PER_OCTAVE..=OCTAVES * PER_OCTAVE)
            .map(|i| centre + f64::from(i) / f64::from(PER_OCTAVE))
            .collect();
        let mut degrees: Vec<i32> = tasks
            .iter()
            .flat_map(|task| task.degrees)
            .copied()
            .collect();
        degrees.sort_unstable();
        degrees.dedup();
        let sizes: Vec<f64> = logs.iter().map(|log| log.exp2()).collect();
        let factors = SIGNS
            .iter()
            .flat_map(|sign| sizes.iter().map(move |size| sign * size));
        let mut factors: Vec<f64> = factors.collect();
        factors.resize(factors.len().next_multiple_of(SCAN_LANES), 1.0);
        let powers = degrees
            .iter()
            .map(|k| factors.iter().map(|a| a.powi(*k)).collect())
            .collect();
        Self {
            logs,
            degrees,
            powers,
        }
    }

    /// The scores of a task at each factor, `[sign, logs]`; `None` for one that is the same everywhere.
    fn of(&self, task: &Task<'_>, set: InstructionSet) -> Option<Vec<f64>> {
        if task.degrees.iter().all(|k| *k == 0) {
            return None;
        }
        let powers = task.degrees.iter().map(|k| {
            let place = self.degrees.binary_search(k);
            &self.powers[place.expect("the degrees of all tasks are held")]
        });
        let powers: Vec<&Vec<f64>> = powers.collect();
        let mut scores = Vec::with_capacity(powers[0].len());
        for from in (0..powers[0].len()).step_by(SCAN_LANES) {
            let of = |powers: &&Vec<f64>| std::array::from_fn(|lane| powers[from + lane]);
            let some: Vec<[f64; SCAN_LANES]> = powers.iter().map(of).collect();
            scores.extend(task.scores(set, &some, SCANNED));
        }
        scores.truncate(SIGNS.len() * self.logs.len());
        Some(scores)
    }

    /// The places (sign, log) of the highest peaks of a scan, the highest first.
    fn peaks(&self, scan: &[f64]) -> Vec<(usize, usize)> {
        let count = self.logs.len();
        let at = |side: usize, i: usize| scan[side * count + i];
        let peak = |side: usize, i: usize| {
            let score = at(side, i);
            score > 0.0 && score >= at(side, i - 1) && score >= at(side, i + 1)
        };
        let mut peaks: Vec<(usize, usize)> = (0..SIGNS.len())
            .flat_map(|side| (1..count - 1).map(move |i| (side, i)))
            .filter(|(side, i)| peak(*side, *i))
            .collect();
        peaks.sort_by(|(s, i), (t, j)| at(*t, *j).total_cmp(&at(*s, *i)));
        peaks.truncate(REFINED);
        peaks
    }

    /// The best factor for these tasks together, near the peaks of a scan.
    fn refine(&self, tasks: &[Task<'_>], scan: &[f64], set: InstructionSet) -> Exchange {
        // 1 is always tried: with itself a scientist agrees exactly.
        let mut best = Exchange {
            score: means(tasks, &[1.0], set)[0],
            scale: 1.0,
        };
        let peaks = self.peaks(scan);
        if peaks.is_empty() {
            return best;
        }
        let intervals: Vec<[f64; 2]> = peaks
            .iter()
            .map(|(_, i)| [self.logs[i - 1], self.logs[i + 1]])
            .collect();
        let factor = |peak: usize, log: f64| SIGNS[peaks[peak].0] * log.exp2();
        let found = golden(&intervals, |logs| {
            let factors = logs.iter().enumerate();
            let factors: Vec<f64> = factors.map(|(peak, log)| factor(peak, *log)).collect();
            means(tasks, &factors, set)
                .into_iter()
                .map(|mean| -mean)
                .collect()
        });
        for (peak, (log, loss)) in found.into_iter().enumerate() {
            if -loss > best.score {
                best = Exchange {
                    score: -loss,
                    scale: factor(peak, log),
                };
            }
        }
        best
    }
}

/// The mean score of the tasks with each of up to [`REFINE_LANES`] factors, at all states.
fn means(tasks: &[Task<'_>], factors: &[f64], set: InstructionSet) -> Vec<f64> {
    let lanes: [f64; REFINE_LANES] =
        std::array::from_fn(|lane| factors.get(lane).copied().unwrap_or(1.0));
    let mut sums = [0.0; REFINE_LANES];
    for task in tasks {
        let powers: Vec<[f64; REFINE_LANES]> = task
            .degrees
            .iter()
            .map(|k| lanes.map(|a| a.powi(*k)))
            .collect();
        let scores = task.scores(set, &powers, usize::MAX);
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += score;
        }
    }
    let count = tasks.len() as f64;
    sums[..factors.len()]
        .iter()
        .map(|sum| sum / count)
        .collect()
}

/// The best factors for the tasks, each by itself and all together; log₂|a| is scanned about
/// `centre`.
pub(super) fn best_factors(tasks: &[Task<'_>], centre: f64) -> Outcome {
    best_factors_on(InstructionSet::current(), tasks, centre)
}

fn best_factors_on(set: InstructionSet, tasks: &[Task<'_>], centre: f64) -> Outcome {
    let scan = Scan::about(centre, tasks);
    // A layer without powers of a is the same everywhere, and has no peak.
    let scans: Vec<Option<Vec<f64>>> = tasks.iter().map(|task| scan.of(task, set)).collect();
    let still = || vec![0.0; SIGNS.len() * scan.logs.len()];
    let by_system = tasks.iter().zip(&scans).map(|(task, found)| {
        let found = found.clone().unwrap_or_else(still);
        scan.refine(std::slice::from_ref(task), &found, set)
    });
    let by_system: Vec<Exchange> = by_system.collect();
    let together = if let [alone] = by_system.as_slice() {
        *alone
    } else {
        let mut sum = still();
        for found in scans.iter().flatten() {
            for (sum, score) in sum.iter_mut().zip(found) {
                *sum += score;
            }
        }
        scan.refine(tasks, &sum, set)
    };
    Outcome {
        by_system: by_system.iter().map(|one| one.score).collect(),
        together,
    }
}

/// The place and value of a minimum within each interval, by golden sections; `f` gives the values
/// at one place in each.
fn golden(intervals: &[[f64; 2]], mut f: impl FnMut(&[f64]) -> Vec<f64>) -> Vec<(f64, f64)> {
    let shrink = (5f64.sqrt() - 1.0) / 2.0;
    let mut low: Vec<f64> = intervals.iter().map(|[low, _]| *low).collect();
    let mut high: Vec<f64> = intervals.iter().map(|[_, high]| *high).collect();
    let inner = |low: f64, high: f64| high - shrink * (high - low);
    let outer = |low: f64, high: f64| low + shrink * (high - low);
    let ends = low.iter().zip(&high);
    let mut c: Vec<f64> = ends.clone().map(|(low, high)| inner(*low, *high)).collect();
    let mut d: Vec<f64> = ends.map(|(low, high)| outer(*low, *high)).collect();
    let (mut f_c, mut f_d) = (f(&c), f(&d));
    for _ in 0..GOLDEN_STEPS {
        let lower: Vec<bool> = f_c.iter().zip(&f_d).map(|(c, d)| c <= d).collect();
        for (i, lower) in lower.iter().enumerate() {
            if *lower {
                (high[i], d[i], f_d[i]) = (d[i], c[i], f_c[i]);
                c[i] = inner(low[i], high[i]);
            } else {
                (low[i], c[i], f_c[i]) = (c[i], d[i], f_d[i]);
                d[i] = outer(low[i], high[i]);
            }
        }
        let places = lower.iter().zip(c.iter().zip(&d));
        let places: Vec<f64> = places
            .map(|(lower, (c, d))| if *lower { *c } else { *d })
            .collect();
        for (i, value) in f(&places).into_iter().enumerate() {
            if lower[i] {
                f_c[i] = value;
            } else {
                f_d[i] = value;
            }
        }
    }
    (0..intervals.len())
        .map(|i| match f_c[i] <= f_d[i] {
            true => (c[i], f_c[i]),
            false => (d[i], f_d[i]),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn golden_sections_find_parabolas() {
        let places = [0.3, 0.1, 0.45];
        let found = golden(&[[0.0, 0.5]; 3], |x| {
            let pairs = x.iter().zip(&places);
            pairs.map(|(x, place)| (x - place).powi(2) + 2.0).collect()
        });
        for ((place, value), expected) in found.into_iter().zip(places) {
            assert_abs_diff_eq!(place, expected, epsilon = 5e-5);
            assert_abs_diff_eq!(value, 2.0, epsilon = 1e-8);
        }
    }

    /// The score of one factor, as it is defined.
    fn score(task: &Task<'_>, a: f64, states: usize) -> f64 {
        let (count, d) = (task.own.len(), task.dof);
        let states = states.min(count / d);
        let mut lost = 0.0;
        for state in 0..states {
            let mut squares = 0.0;
            for row in state * d..(state + 1) * d {
                let mut error = -task.own[row];
                for (k, part) in task.degrees.iter().zip(task.parts.chunks_exact(count)) {
                    error += a.powi(*k) * part[row];
                }
                squares += error * error;
            }
            lost += (squares * (1.0 / task.unit.variance)).min(1.0);
        }
        // As before: times d, by the number of rows.
        let mean = lost * d as f64 / (states * d) as f64;
        (1.0 - mean / task.unit.of_constant).max(0.0)
    }

    /// The best factors as they are defined, one factor at a time.
    fn one_by_one(tasks: &[Task<'_>], centre: f64) -> Vec<(f64, f64)> {
        let mean = |a: f64, tasks: &[Task<'_>], states: usize| -> f64 {
            let scores = tasks.iter().map(|task| score(task, a, states));
            scores.sum::<f64>() / tasks.len() as f64
        };
        let grid: Vec<f64> = (-256..=256).map(|i| centre + f64::from(i) / 16.0).collect();
        let still = |task: &Task<'_>| task.degrees.iter().all(|k| *k == 0);
        let scan = |tasks: &[Task<'_>], sign: f64, log: f64| -> f64 {
            let moving = tasks.iter().filter(|task| !still(task));
            moving
                .map(|task| mean(sign * log.exp2(), std::slice::from_ref(task), 128))
                .fold(0.0, |sum, score| sum + score)
        };
        let refine = |tasks: &[Task<'_>]| {
            let mut best = (mean(1.0, tasks, usize::MAX), 1.0);
            let mut peaks = Vec::new();
            for sign in SIGNS {
                let scores: Vec<f64> = grid.iter().map(|log| scan(tasks, sign, *log)).collect();
                for i in 1..grid.len() - 1 {
                    let s = scores[i];
                    if s > 0.0 && s >= scores[i - 1] && s >= scores[i + 1] {
                        peaks.push((s, sign, i));
                    }
                }
            }
            peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (_, sign, i) in peaks.into_iter().take(3) {
                let at = |log: f64| sign * log.exp2();
                let found = golden(&[[grid[i - 1], grid[i + 1]]], |log| {
                    vec![-mean(at(log[0]), tasks, usize::MAX)]
                });
                let (log, loss) = found[0];
                if -loss > best.0 {
                    best = (-loss, at(log));
                }
            }
            best
        };
        let alone = tasks.iter().map(|task| refine(std::slice::from_ref(task)));
        let mut found: Vec<_> = alone.collect();
        found.push(refine(tasks));
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn side_by_side_is_one_by_one(
            dof in 1..3usize,
            states in prop_oneof![1..9usize, 120..140usize],
            seed in prop::collection::vec(-2.0..2.0f64, 40..60),
            factors in prop::collection::vec(prop_oneof![-8.0..-0.1f64, 0.1..8.0f64], 1..3),
            poles in prop::bool::ANY,
        ) {
            let rows = states * dof;
            let number = |at: usize| seed[at % seed.len()] * seed[(7 * at + 3) % seed.len()];
            let degrees = [vec![-1, 0, 2], vec![0]];
            // The second system's law does not depend on a.
            let owns: Vec<Vec<f64>> = (0..factors.len())
                .map(|system| (0..rows).map(|row| {
                    let powers = degrees[system % 2].iter().enumerate();
                    powers.map(|(k, power)| factors[0].powi(*power) * number(k * rows + row)).sum()
                }).collect())
                .collect();
            let tasks: Vec<Task<'_>> = owns.iter().enumerate().map(|(system, own)| {
                let degrees = &degrees[system % 2];
                let mut parts: Vec<f64> = (0..degrees.len() * rows).map(number).collect();
                if poles {
                    parts[rows / 2] = f64::INFINITY;
                    parts[rows / 3] = f64::NAN;
                }
                let unit = Unit { variance: 0.8, of_constant: 0.6 };
                Task { degrees, parts, own, dof, unit }
            }).collect();
            let expected = one_by_one(&tasks, 0.3);
            for set in InstructionSet::available() {
                let found = best_factors_on(set, &tasks, 0.3);
                for (found, (expected, _)) in found.by_system.iter().zip(&expected) {
                    prop_assert_eq!(found.to_bits(), expected.to_bits());
                }
                let (score, scale) = *expected.last().unwrap();
                prop_assert_eq!(found.together.score.to_bits(), score.to_bits());
                prop_assert_eq!(found.together.scale.to_bits(), scale.to_bits());
            }
        }
    }
}

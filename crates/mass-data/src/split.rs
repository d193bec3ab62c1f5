//! What is learned from and what is judged on.

use std::ops::Range;

use mass_systems::{Purpose, rand_core::Rng, stream};

use crate::{error::Error, measurements::Measurements, trajectory::Trajectory};

/// By what rows are told apart: never at random within a trajectory, where neighbours in time are nearly the
/// same and an error of one on which nothing was learned says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SplitBy {
    /// By trajectories if there are three or more, else by blocks of time.
    #[default]
    Auto,
    /// Whole trajectories, with all their pieces between gaps.
    Trajectories,
    /// Blocks of neighbouring rows within each trajectory.
    Blocks,
}

/// How rows are split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SplitOptions {
    /// By what.
    pub by: SplitBy,
    /// The share of rows to judge on, about.
    pub fraction: f64,
    /// Rows between a block to judge on and those to learn from that are left out of both: about as many as a
    /// smoother reaches. Unless given ten, or half a block where that is less, so that a short recording is not
    /// spent on them.
    pub gap: Option<usize>,
    /// Which trajectories, or where the blocks lie.
    pub seed: u64,
}

impl Default for SplitOptions {
    fn default() -> Self {
        Self {
            by: SplitBy::Auto,
            fraction: 0.2,
            gap: None,
            seed: 0,
        }
    }
}

/// Neighbouring rows of a trajectory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which of [`Measurements::trajectories`].
    pub trajectory: usize,
    /// Its rows.
    pub rows: Range<usize>,
}

/// Rows to learn from and rows to judge on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Split {
    /// To learn from.
    pub train: Vec<Part>,
    /// To judge on.
    pub test: Vec<Part>,
    /// By what they were told apart; never [`SplitBy::Auto`].
    pub by: SplitBy,
}

impl Measurements {
    /// Splits the rows.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if the fraction is not between 0 and 1, or there are too few trajectories or rows.
    ///
    /// # Example
    /// ```
    /// use mass_data::{Measurements, SplitBy, SplitOptions, Trajectory};
    ///
    /// let t: Vec<f64> = (0..400).map(f64::from).collect();
    /// let one = Trajectory::new("one", 1, t.clone(), t.iter().map(|t| t.sin()).collect())?;
    /// let split = Measurements::new(vec![one], &[], 10.0)?.split(&SplitOptions::default())?;
    /// assert_eq!((split.by, split.test.len()), (SplitBy::Blocks, 2));
    /// # Ok::<(), mass_data::Error>(())
    /// ```
    pub fn split(&self, options: &SplitOptions) -> Result<Split, Error> {
        let SplitOptions { fraction, .. } = *options;
        if !(fraction > 0.0 && fraction < 1.0) {
            return Err(Error::BadRequest {
                reason: format!(
                    "a share of {fraction} to judge on; it must be between 0 and 1, such as 0.2"
                ),
            });
        }
        let all = self.trajectories();
        let mut groups: Vec<usize> = all.iter().map(Trajectory::group).collect();
        groups.dedup();
        match options.by {
            SplitBy::Trajectories => by_trajectories(all, groups, options),
            SplitBy::Auto if groups.len() >= 3 => by_trajectories(all, groups, options),
            SplitBy::Auto | SplitBy::Blocks => by_blocks(all, options),
        }
    }
}

fn by_trajectories(
    all: &[Trajectory],
    mut groups: Vec<usize>,
    options: &SplitOptions,
) -> Result<Split, Error> {
    if groups.len() < 2 {
        return Err(Error::BadRequest {
            reason: "there is one trajectory alone, which cannot be split by trajectories; split by blocks, or measure another".into(),
        });
    }
    let mut rng = stream(options.seed, Purpose::TestData, "split");
    for last in (1..groups.len()).rev() {
        let other = (rng.next_u64() % (last as u64 + 1)) as usize;
        groups.swap(last, other);
    }
    let rows = |group: usize| {
        all.iter()
            .filter(|t| t.group() == group)
            .map(Trajectory::len)
            .sum::<usize>()
    };
    let total: usize = all.iter().map(Trajectory::len).sum();
    let wanted = options.fraction * total as f64;
    let mut held = Vec::new();
    let mut taken = 0;
    for group in &groups[1..] {
        let with = taken + rows(*group);
        // One at least; another only if that comes nearer to the share.
        if !held.is_empty() && (with as f64 - wanted).abs() >= (taken as f64 - wanted).abs() {
            continue;
        }
        taken = with;
        held.push(*group);
    }
    let part = |(trajectory, t): (usize, &Trajectory)| Part {
        trajectory,
        rows: 0..t.len(),
    };
    let (test, train): (Vec<_>, Vec<_>) = all
        .iter()
        .enumerate()
        .partition(|(_, t)| held.contains(&t.group()));
    Ok(Split {
        train: train.into_iter().map(part).collect(),
        test: test.into_iter().map(part).collect(),
        by: SplitBy::Trajectories,
    })
}

fn by_blocks(all: &[Trajectory], options: &SplitOptions) -> Result<Split, Error> {
    const BLOCKS: usize = 10;
    const GAP: usize = 10;
    let SplitOptions {
        fraction,
        gap,
        seed,
        ..
    } = *options;
    let held = ((BLOCKS as f64 * fraction).round() as usize).clamp(1, BLOCKS - 1);
    let shift = stream(seed, Purpose::TestData, "split").next_u64() as usize % BLOCKS;
    let mut split = Split {
        train: Vec::new(),
        test: Vec::new(),
        by: SplitBy::Blocks,
    };
    for (trajectory, t) in all.iter().enumerate() {
        let n = t.len();
        let gap = gap.unwrap_or(GAP.min(n / BLOCKS / 2));
        let at = |block: usize| block * n / BLOCKS;
        // Evenly spread: as many of ten as are wanted.
        let is_test = |block: usize| {
            let b = (block + shift) % BLOCKS;
            (b + 1) * held / BLOCKS > b * held / BLOCKS
        };
        let put = |parts: &mut Vec<Part>, rows: Range<usize>| {
            if !rows.is_empty() {
                parts.push(Part { trajectory, rows });
            }
        };
        if n / BLOCKS < 2 {
            put(&mut split.train, 0..n);
            continue;
        }
        let mut block = 0;
        while block < BLOCKS {
            let first = block;
            while block < BLOCKS && is_test(block) == is_test(first) {
                block += 1;
            }
            let rows = at(first)..at(block);
            if is_test(first) {
                put(&mut split.test, rows);
                continue;
            }
            let begin = if first == 0 { 0 } else { rows.start + gap };
            let end = if block == BLOCKS {
                n
            } else {
                rows.end.saturating_sub(gap)
            };
            put(&mut split.train, begin..end);
        }
    }
    if split.train.is_empty() || split.test.is_empty() {
        return Err(Error::BadRequest {
            reason: format!(
                "no trajectory is long enough to be split by blocks{}; measure longer, or ask for fewer rows between them",
                gap.map_or(String::new(), |gap| format!(
                    " with {gap} rows between them"
                ))
            ),
        });
    }
    Ok(split)
}

//! A sweep: one training of many seeds in parts, each a run directory of its own.

use std::{
    fmt,
    fs::File,
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex, atomic::Ordering},
};

use mass_jet::DeviceKind;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Event, Observer, Recipe, Run, SystemRecord, Trainer,
    difference::difference,
    files::{create_dir, read_text, write_bytes},
    observer::Work,
};

/// What decides a sweep, as written to its `sweep.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepRecord {
    /// The device that every part runs on.
    pub device: DeviceKind,
    /// Seeds of a part; the last may have fewer.
    pub part_size: u64,
    /// One scientist per seed.
    pub seeds: Range<u64>,
    /// The systems, in the order in which they join.
    pub systems: Vec<SystemRecord>,
    /// The recipe, every key written out.
    pub recipe: Recipe,
}

impl SweepRecord {
    /// The seeds of each part, in order.
    pub fn parts(&self) -> Vec<Range<u64>> {
        parts(&self.seeds, self.part_size)
    }
}

fn parts(seeds: &Range<u64>, size: u64) -> Vec<Range<u64>> {
    let starts = seeds.clone().step_by(size.max(1) as usize);
    starts
        .map(|from| from..from.saturating_add(size).min(seeds.end))
        .collect()
}

/// Whose turn a part is, if a sweep is shared out: part p is that of shard p mod N.
///
/// Written `I/N`, with I from 0 to N − 1, as `SLURM_ARRAY_TASK_ID/SLURM_ARRAY_TASK_COUNT` is in a
/// job array that begins at 0.
///
/// # Example
///
/// ```
/// use mass_core::Shard;
///
/// let shard: Shard = "3/16".parse()?;
/// assert!(shard.takes(3) && shard.takes(19) && !shard.takes(4));
/// let error = "16/16".parse::<Shard>().unwrap_err();
/// assert!(error.to_string().contains("the shards of 16 are 0/16 to 15/16"));
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// The one shard that takes every part.
    pub const ALL: Shard = Shard { index: 0, count: 1 };

    /// Shard `index`, counted from 0, of `count`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] unless `index` is below `count`.
    pub fn new(index: usize, count: usize) -> Result<Self, Error> {
        if index < count {
            return Ok(Self { index, count });
        }
        let right = match count {
            0 => "there is at least one".to_string(),
            _ => format!(
                "the shards of {count} are 0/{count} to {}/{count}",
                count - 1
            ),
        };
        Err(Error::Request(format!(
            "there is no shard {index}/{count}: {right}"
        )))
    }

    /// Whether the part at this place, counted from 0, is this shard's.
    pub fn takes(self, part: usize) -> bool {
        part % self.count == self.index
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = |text: &str| text.trim().parse().ok();
        match text.split_once('/').map(|(i, n)| (read(i), read(n))) {
            Some((Some(index), Some(count))) => Self::new(index, count),
            _ => Err(Error::Request(format!(
                "{text:?} is not a shard: write I/N, with I from 0 to N - 1, as 3/16"
            ))),
        }
    }
}

/// A sweep on disk: `sweep.toml`, and a run directory `seeds-FIRST-LAST` per part.
///
/// # Example
///
/// ```
/// use mass_core::{Merge, Recipe, Sweep, Trainer, TrainingSystem};
///
/// let folder = tempfile::tempdir().unwrap();
/// let directory = folder.path().join("sweep");
/// for shard in ["0/2", "1/2"] {
///     // On another machine, say.
///     let systems = vec![TrainingSystem::named("classical")?];
///     let outcome = Trainer::new(Recipe::reference().with_steps(3), systems, 0..6)
///         .directory(&directory)
///         .in_parts(2)
///         .shard(shard.parse()?)
///         .run()?;
///     assert!(!outcome.interrupted);
/// }
/// let sweep = Sweep::open(&directory)?;
/// assert!(sweep.parts()[1].ends_with("seeds-00002-00003"));
/// let run = Merge::of(&[&directory]).run(folder.path().join("merged"))?;
/// assert_eq!(run.record().seeds.len(), 6);
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sweep {
    path: PathBuf,
    record: SweepRecord,
}

/// What is wrong with the seeds of a sweep, if anything is.
fn check_range(seeds: &Range<u64>) -> Result<(), String> {
    let Range { start, end } = seeds;
    if start >= end {
        return Err(format!("there are no seeds in {start}..{end}"));
    }
    if i64::try_from(*end).is_err() {
        return Err(format!(
            "the seeds end at {end}, but TOML holds numbers up to {}",
            i64::MAX
        ));
    }
    if end - start > Sweep::MOST_SEEDS {
        return Err(format!(
            "{start}..{end} are {} seeds, but a sweep has at most {}: make several",
            end - start,
            Sweep::MOST_SEEDS
        ));
    }
    Ok(())
}

impl Sweep {
    /// Seeds of a sweep, at most; several sweeps merge as well as one.
    pub const MOST_SEEDS: u64 = 1_000_000;

    /// Opens a sweep.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if there is no readable `sweep.toml`, [`Error::SweepDirectory`] if it does
    /// not read or has seeds that cannot be.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let text = read_text(&path.join("sweep.toml"))?;
        let record: SweepRecord = toml::from_str(&text).map_err(|error| Error::SweepDirectory {
            path: path.clone(),
            reason: format!("sweep.toml does not read: {error}"),
        })?;
        record.recipe.validate()?;
        let fail = |reason: String| Error::SweepDirectory {
            path: path.clone(),
            reason: format!("sweep.toml does not read: {reason}"),
        };
        if record.part_size == 0 {
            return Err(fail(
                "part_size is 0, but a part has at least one seed".into(),
            ));
        }
        check_range(&record.seeds).map_err(fail)?;
        Ok(Self { path, record })
    }

    /// Whether there is a sweep in this directory.
    pub fn exists(path: &Path) -> bool {
        path.join("sweep.toml").exists()
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What decided the sweep.
    pub fn record(&self) -> &SweepRecord {
        &self.record
    }

    /// The directory of each part, in order of the seeds, whether it has begun or not.
    pub fn parts(&self) -> Vec<PathBuf> {
        let parts = self.record.parts().into_iter();
        parts.map(|seeds| self.part_path(&seeds)).collect()
    }

    fn part_path(&self, seeds: &Range<u64>) -> PathBuf {
        let last = seeds.end - 1;
        self.path
            .join(format!("seeds-{:05}-{last:05}", seeds.start))
    }

    /// Starts a sweep, or opens the one that is there if it is the same. The first of several
    /// programs that come at once writes `sweep.toml`, the others read it.
    fn create_or_open(path: &Path, record: &SweepRecord) -> Result<Self, Error> {
        if Run::exists(path) {
            return Err(Error::SweepDirectory {
                path: path.into(),
                reason: "there is a run in it (run.toml): choose another folder".into(),
            });
        }
        create_dir(path)?;
        let lock_path = path.join("sweep.lock");
        let lock = File::create(&lock_path).and_then(|file| file.lock().map(|()| file));
        let _lock = lock.map_err(|source| Error::File {
            action: "lock",
            path: lock_path,
            source,
        })?;
        if Self::exists(path) {
            let sweep = Self::open(path)?;
            if let Some(difference) = sweep.difference(record) {
                return Err(Error::SweepDirectory {
                    path: path.into(),
                    reason: format!("it is another sweep ({difference}): choose another folder"),
                });
            }
            return Ok(sweep);
        }
        let sweep = Self {
            path: path.into(),
            record: record.clone(),
        };
        let text = toml::to_string(record).expect("a sweep record holds only plain data");
        write_bytes(&path.join("sweep.toml"), text.as_bytes())?;
        Ok(sweep)
    }

    /// In what another sweep differs from this one, if in anything.
    fn difference(&self, other: &SweepRecord) -> Option<String> {
        let table =
            |record| toml::Table::try_from(record).expect("a sweep record holds only plain data");
        difference(&table(&self.record), &table(other))
    }
}

/// Trains a sweep, or this machine's share of it, part after part ([`Trainer::in_parts`]).
///
/// What is in memory is one part's, however many seeds there are; parts that are done are skipped,
/// one that was stopped goes on. Shards never write the same file.
pub struct SweepTrainer {
    trainer: Trainer,
    part_size: u64,
    shard: Shard,
}

impl Trainer {
    /// Runs trainings that are kept in directories, one after the other; those that have come to
    /// the phase asked for are skipped.
    ///
    /// The observer hears of all of them as of one sweep; those of the trainings, each of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if one has no directory, else as [`Trainer::run`].
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::{ProgressLine, Recipe, Trainer, TrainingSystem};
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let mut trainings = Vec::new();
    /// for (name, seeds) in [("a", vec![0, 1]), ("b", vec![7])] {
    ///     let systems = vec![TrainingSystem::named("classical")?];
    ///     let trainer = Trainer::new(Recipe::reference().with_steps(3), systems, seeds);
    ///     trainings.push(trainer.directory(folder.path().join(name)));
    /// }
    /// let outcome = Trainer::run_in_turn(trainings, ProgressLine::new("classical"))?;
    /// assert_eq!((outcome.done, outcome.interrupted), (3, false));
    /// # Ok::<(), mass_core::Error>(())
    /// ```
    pub fn run_in_turn(
        trainings: impl IntoIterator<Item = Trainer>,
        observer: impl Observer + 'static,
    ) -> Result<SweepOutcome, Error> {
        let (mut waiting, mut scientists, mut done) = (Vec::new(), 0, 0);
        // In scientists times systems times steps; those not begun yet may have some behind them.
        let (mut work_done, mut work) = (0, 0);
        for trainer in trainings {
            let Some(path) = trainer.directory.clone() else {
                return Err(Error::Request(
                    "trainings in turn are kept in directories, and one has none: name one".into(),
                ));
            };
            trainer.check()?;
            let record = trainer.record();
            let completed = match Run::exists(&path) {
                true => {
                    let run = Run::open(&path)?;
                    run.check_is(&record)?;
                    run.completed()?.unwrap_or(0)
                }
                false => 0,
            };
            let phases = trainer.phases_asked();
            let total = record.phase_end(phases);
            let seen: Vec<usize> = (1..=phases).map(|phase| record.seen(phase)).collect();
            let own = Work::of(total, &seen);
            let count = record.seeds.len();
            let [own_done, own_all] = [completed, total].map(|at| count as u64 * own.done(at));
            work_done += own_done;
            work += own_all;
            scientists += count;
            if completed >= total {
                done += count;
            } else {
                waiting.push((trainer, path, count, own_all - own_done));
            }
        }
        let mut observer = Arc::new(Mutex::new(observer));
        let mut interrupted = false;
        for (trainer, path, count, own_work) in waiting {
            interrupted = trainer.stop.load(Ordering::Relaxed);
            if interrupted {
                break;
            }
            observer.on_event(&Event::PartStarted {
                path,
                scientists,
                done,
                work_done,
                work,
            });
            interrupted = trainer.observe(observer.clone()).run()?.interrupted;
            if interrupted {
                break;
            }
            done += count;
            work_done += own_work;
        }
        observer.on_event(&Event::SweepEnded {
            scientists,
            done,
            interrupted,
        });
        Ok(SweepOutcome {
            scientists,
            done,
            interrupted,
        })
    }
}

/// What a shard ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepOutcome {
    /// Scientists of this shard.
    pub scientists: usize,
    /// How many of them are done.
    pub done: usize,
    /// Whether it was asked to stop before all were.
    pub interrupted: bool,
}

impl SweepTrainer {
    pub(crate) fn new(trainer: Trainer, part_size: usize) -> Self {
        Self {
            trainer,
            part_size: part_size.max(1) as u64,
            shard: Shard::ALL,
        }
    }

    /// Takes only the parts of this shard.
    pub fn shard(mut self, shard: Shard) -> Self {
        self.shard = shard;
        self
    }

    /// Trains every part of the shard that is not done yet, or until the stop flag is set.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] without a directory, with seeds that are not a range, or from a starting
    /// model; [`Error::SweepDirectory`] if the directory holds another sweep, naming the
    /// difference; else as [`Trainer::run`]. Parts that are done stay so.
    pub fn run(mut self) -> Result<SweepOutcome, Error> {
        self.trainer.check()?;
        let seeds = self.seeds()?;
        let Some(directory) = self.trainer.directory.clone() else {
            return Err(Error::Request(
                "a sweep is kept in a directory, and this one has none: name one".into(),
            ));
        };
        let run = self.trainer.record();
        let record = SweepRecord {
            device: run.device,
            part_size: self.part_size,
            seeds,
            systems: run.systems,
            recipe: run.recipe,
        };
        let sweep = Sweep::create_or_open(&directory, &record)?;

        let observers = std::mem::take(&mut self.trainer.observers);
        let parts = record.parts().into_iter().enumerate();
        let mine = parts.filter(|(place, _)| self.shard.takes(*place));
        let mine = mine.map(|(_, seeds)| {
            let path = sweep.part_path(&seeds);
            self.trainer.part(seeds, path)
        });
        Trainer::run_in_turn(mine, observers)
    }

    /// The seeds as a range.
    fn seeds(&self) -> Result<Range<u64>, Error> {
        let seeds = &self.trainer.seeds;
        if self.trainer.starts_from_model() {
            return Err(Error::Request(
                "a sweep starts from its seeds, not from a model".into(),
            ));
        }
        let first = seeds[0]; // there is one: it was checked
        let in_order = seeds.iter().zip(first..).all(|(seed, next)| *seed == next);
        match first.checked_add(seeds.len() as u64) {
            Some(end) if in_order => {
                check_range(&(first..end)).map_err(Error::Request)?;
                Ok(first..end)
            }
            _ => Err(Error::Request(
                "a sweep's seeds are a range without gaps, as 0..1000".into(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_taken_once_whatever_the_number_of_shards() {
        for seeds in 1..40u64 {
            for size in 1..9u64 {
                let parts = parts(&(5..5 + seeds), size);
                let flat: Vec<u64> = parts.iter().cloned().flatten().collect();
                assert_eq!(
                    flat,
                    (5..5 + seeds).collect::<Vec<_>>(),
                    "{seeds} by {size}"
                );
                assert!(parts.iter().all(|part| part.end - part.start <= size));
                for count in 1..12 {
                    for part in 0..parts.len() {
                        let takers = (0..count)
                            .filter(|index| Shard::new(*index, count).unwrap().takes(part));
                        assert_eq!(takers.count(), 1, "part {part} of {count} shards");
                    }
                }
            }
        }
    }

    #[test]
    fn shards_share_alike() {
        // 1000 seeds by 32 are 32 parts, two for each of 16 shards.
        let parts = parts(&(0..1000), 32).len();
        for index in 0..16 {
            let shard = Shard::new(index, 16).unwrap();
            assert_eq!((0..parts).filter(|part| shard.takes(*part)).count(), 2);
        }
    }

    #[test]
    fn what_is_no_shard_says_what_would_be() {
        let message = |text: &str| text.parse::<Shard>().unwrap_err().to_string();
        assert!(message("3").contains("write I/N"));
        assert!(message("a/4").contains("write I/N"));
        assert!(message("-1/4").contains("write I/N"));
        assert!(message("4/4").contains("the shards of 4 are 0/4 to 3/4"));
        assert!(message("0/0").contains("at least one"));
        assert_eq!(" 3/16".parse::<Shard>().unwrap().to_string(), "3/16");
    }
}

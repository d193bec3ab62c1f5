//! A sweep: one training of many seeds in parts, each a run directory of its own.

use std::{
    fmt,
    fs::File,
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{
    Error,
    difference::difference,
    files::{create_dir, read_text, write_bytes},
    marks::{is_run, is_sweep},
    record::take_format,
};

/// The newest format of `sweep.toml` that this program knows, which is the one it writes; a file
/// without the key `format` is of format 1.
const FORMAT: u32 = 2;

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
/// use mass_runs::Shard;
///
/// let shard: Shard = "3/16".parse()?;
/// assert!(shard.takes(3) && shard.takes(19) && !shard.takes(4));
/// let error = "16/16".parse::<Shard>().unwrap_err();
/// assert!(error.to_string().contains("the shards of 16 are 0/16 to 15/16"));
/// # Ok::<(), mass_runs::Error>(())
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
/// `sweep.toml` has the seeds, the seeds of a part, and all that decides the runs besides.
#[derive(Debug, Clone)]
pub struct Sweep {
    path: PathBuf,
    part_size: u64,
    seeds: Range<u64>,
    /// What decides every run of it, without seeds.
    plan: toml::Table,
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
    /// not read, is of a later program's format, or has seeds that cannot be.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let file = path.join("sweep.toml");
        let text = read_text(&file)?;
        let fail = |reason: String| Error::SweepDirectory {
            path: path.clone(),
            reason,
        };
        let unread = |reason: &str| fail(format!("sweep.toml does not read: {reason}"));
        let mut plan: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| unread(&error.to_string()))?;
        let number = |value: Option<&toml::Value>| value.and_then(toml::Value::as_integer);
        take_format(&file, &mut plan, FORMAT)?.map_err(|reason| unread(&reason))?;
        let part_size = number(plan.remove("part_size").as_ref())
            .and_then(|size| u64::try_from(size).ok())
            .ok_or_else(|| unread("it has no part_size, the number of seeds of a part"))?;
        if part_size == 0 {
            return Err(unread("part_size is 0, but a part has at least one seed"));
        }
        let seeds = plan.remove("seeds");
        let end = |key| number(seeds.as_ref()?.get(key)).and_then(|end| u64::try_from(end).ok());
        let (Some(start), Some(end)) = (end("start"), end("end")) else {
            return Err(unread("it has no seeds, a table of start and end"));
        };
        let seeds = start..end;
        check_range(&seeds).map_err(|reason| unread(&reason))?;
        Ok(Self {
            path,
            part_size,
            seeds,
            plan,
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// One scientist per seed.
    pub fn seeds(&self) -> Range<u64> {
        self.seeds.clone()
    }

    /// Seeds of a part; the last may have fewer.
    pub fn part_size(&self) -> u64 {
        self.part_size
    }

    /// What decides every run of it, without seeds.
    pub fn plan(&self) -> &toml::Table {
        &self.plan
    }

    /// The directory of each part, in order of the seeds, whether it has begun or not.
    pub fn parts(&self) -> Vec<PathBuf> {
        let parts = self.ranges().into_iter();
        parts.map(|seeds| self.part_path(&seeds)).collect()
    }

    /// The seeds of each part, in order.
    pub(crate) fn ranges(&self) -> Vec<Range<u64>> {
        parts(&self.seeds, self.part_size)
    }

    pub(crate) fn part_path(&self, seeds: &Range<u64>) -> PathBuf {
        let last = seeds.end - 1;
        self.path
            .join(format!("seeds-{:05}-{last:05}", seeds.start))
    }

    /// Starts a sweep of runs with this plan, or opens the one that is there if it is the same. The first
    /// of several programs that come at once writes `sweep.toml`, the others read it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for seeds that cannot be; [`Error::SweepDirectory`] if the directory holds a
    /// run, or another sweep, naming the difference; file errors.
    pub fn create_or_open(
        path: &Path,
        seeds: Range<u64>,
        part_size: u64,
        plan: toml::Table,
    ) -> Result<Self, Error> {
        check_range(&seeds).map_err(Error::Request)?;
        let sweep = Self {
            path: path.into(),
            part_size: part_size.max(1),
            seeds,
            plan,
        };
        if is_run(path) {
            return Err(sweep.fail("there is a run in it (run.toml): choose another folder"));
        }
        create_dir(path)?;
        let lock_path = path.join("sweep.lock");
        let lock = File::create(&lock_path).and_then(|file| file.lock().map(|()| file));
        let _lock = lock.map_err(|cause| Error::file("lock", &lock_path, cause))?;
        if is_sweep(path) {
            let there = Self::open(path)?;
            if let Some(difference) = difference(&there.table(), &sweep.table()) {
                return Err(sweep.fail(format!(
                    "it is another sweep ({difference}): choose another folder"
                )));
            }
            return Ok(there);
        }
        let mut table = sweep.table();
        table.insert("format".into(), i64::from(FORMAT).into());
        let text = toml::to_string(&table).expect("a sweep holds only plain data");
        write_bytes(&path.join("sweep.toml"), text.as_bytes())?;
        Ok(sweep)
    }

    fn fail(&self, reason: impl Into<String>) -> Error {
        Error::SweepDirectory {
            path: self.path.clone(),
            reason: reason.into(),
        }
    }

    /// All but the format.
    fn table(&self) -> toml::Table {
        let mut table = self.plan.clone();
        let number = |value: u64| toml::Value::Integer(i64::try_from(value).unwrap_or(i64::MAX));
        let ends = [("start", self.seeds.start), ("end", self.seeds.end)];
        let seeds: toml::Table = ends
            .map(|(key, end)| (key.into(), number(end)))
            .into_iter()
            .collect();
        table.insert("part_size".into(), number(self.part_size));
        table.insert("seeds".into(), seeds.into());
        table
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

//! Summaries of a sweep's parts, a file each.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mass_core::{Error, Keep, Record, Run, RunRecord, create_dir, mass_runs::ranges};
use mass_interp::Summary;

/// The folder in which a sweep keeps summaries of its parts.
pub(crate) struct Summaries {
    folder: PathBuf,
    /// The training that they are to be of.
    record: RunRecord,
    /// Whose summaries were there at the start, and in which file.
    known: BTreeMap<u64, PathBuf>,
    /// Threads that asking the scientists takes.
    pool: rayon::ThreadPool,
}

impl Summaries {
    /// In a folder, which need not be there; with as many threads as there are cores unless said otherwise. Summaries of
    /// another training that are there are refused, whatever their names: nobody could read the two together.
    pub(crate) fn new(folder: &Path, record: RunRecord, threads: Option<u64>) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0) as usize);
        create_dir(folder)?;
        let mut own = Self {
            folder: folder.to_path_buf(),
            record,
            known: BTreeMap::new(),
            pool: pool.build().context("threads to ask scientists with")?,
        };
        for path in Summary::files(folder)? {
            let summary = own.read(&path)?;
            own.learn(&path, &summary)?;
        }
        Ok(own)
    }

    /// Takes down whose summaries are in a file.
    fn learn(&mut self, path: &Path, summary: &Summary) -> Result<(), Error> {
        for seed in summary.seeds() {
            let other = self.known.insert(*seed, path.to_path_buf());
            if let Some(other) = other.filter(|other| other != path) {
                return Err(Error::Request(format!(
                    "seed {seed} is in two of the summaries, {} and {}: leave one out",
                    other.display(),
                    path.display()
                )));
            }
        }
        Ok(())
    }

    /// One of this training.
    fn read(&self, path: &Path) -> Result<Summary, Error> {
        let summary = Summary::read(path).map_err(of_core)?;
        let difference = summary.record().difference_to_merge(&self.record);
        let fewer = summary.phases() != self.record.phases();
        match difference.or_else(|| fewer.then(|| "of fewer phases".into())) {
            None => Ok(summary),
            Some(difference) => Err(Error::Request(format!(
                "{} is of another training ({difference}): choose another folder for summaries",
                path.display()
            ))),
        }
    }

    fn path(&self, seeds: &Range<u64>) -> PathBuf {
        let (first, last) = (seeds.start, seeds.end - 1);
        self.folder
            .join(format!("seeds-{first:05}-{last:05}.parquet"))
    }
}

impl Keep<Error> for Summaries {
    fn has(&mut self, seeds: &Range<u64>) -> Result<bool, Error> {
        let path = self.path(seeds);
        let mut there = self.known.range(seeds.clone());
        match there.clone().count() as u64 {
            0 if path.exists() => {
                // Another shard has written it since, or it is under another's name.
                let summary = self.read(&path)?;
                match summary.seeds().iter().copied().eq(seeds.clone()) {
                    true => Ok(true),
                    false => Err(Error::Request(format!(
                        "{} holds seeds {}, which its name does not say: rename it",
                        path.display(),
                        ranges(summary.seeds())
                    ))),
                }
            }
            0 => Ok(false),
            all if all == seeds.end - seeds.start => Ok(true),
            _ => {
                // Trained as one part, those would be there twice.
                let (_, file) = there.next().expect("one was counted");
                let (there, missing): (Vec<u64>, Vec<u64>) = seeds
                    .clone()
                    .partition(|seed| self.known.contains_key(seed));
                Err(Error::Request(format!(
                    "seeds {} would be trained as one part, and of them {} are there already ({}), {} not: choose --seeds and --part so that each part is there whole or not at all (a sweep of other ones takes another --out), or another folder for summaries",
                    ranges(&seeds.clone().collect::<Vec<_>>()),
                    ranges(&there),
                    file.display(),
                    ranges(&missing)
                )))
            }
        }
    }

    fn keep(&mut self, seeds: &Range<u64>, run: &Path) -> Result<(), Error> {
        let (run, device) = (Run::open(run)?, self.record.device.open()?);
        let summary = self.pool.install(|| Summary::of(&run, &device));
        let path = self.path(seeds);
        summary
            .and_then(|summary| summary.write(&path))
            .map_err(of_core)?;
        eprintln!("{}", path.display());
        Ok(())
    }
}

/// As an error of the training, whose end it is.
fn of_core(error: mass_interp::Error) -> Error {
    match error {
        mass_interp::Error::Core(error) => error,
        other => Error::Request(other.to_string()),
    }
}

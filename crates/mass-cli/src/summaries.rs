//! Summaries of a sweep's parts, a file each.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mass_core::{Error, Keep, Record, Run, RunRecord, create_dir, mass_runs::ranges};
use mass_interp::Summary;

use crate::sweep::counted;

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
        let shown = folder.display();
        let unread = || format!("{shown} cannot be read");
        for entry in std::fs::read_dir(folder).with_context(unread)? {
            let path = entry.with_context(unread)?.path();
            if path.extension().is_some_and(|end| end == "parquet") {
                let summary = own.read(&path)?;
                let seeds = summary.seeds().iter();
                own.known.extend(seeds.map(|seed| (*seed, path.clone())));
            }
        }
        Ok(own)
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
        // Another shard may have written it since.
        if path.exists() && self.read(&path)?.seeds().iter().copied().eq(seeds.clone()) {
            return Ok(true);
        }
        let mut there = self.known.range(seeds.clone());
        match there.clone().count() as u64 {
            0 => Ok(false),
            all if all == seeds.end - seeds.start => Ok(true),
            _ => {
                // Trained as one part, those would be there twice.
                let (seed, file) = there.next().expect("one was counted");
                let held = self.known.iter().filter(|(_, other)| *other == file);
                let held: Vec<u64> = held.map(|(seed, _)| *seed).collect();
                Err(Error::Request(format!(
                    "seeds {} would be trained as one part, and seed {seed} is in {} already, with {} in all: take parts as they were made there (--part {}, the same first seed), or another folder for summaries",
                    ranges(&seeds.clone().collect::<Vec<_>>()),
                    file.display(),
                    counted(held.len(), "scientist"),
                    held.len()
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

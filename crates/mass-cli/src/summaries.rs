//! Summaries of a sweep's parts, a file each.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mass_core::{Error, Keep, Record, Run, RunRecord, create_dir};
use mass_interp::Summary;

/// The folder in which a sweep keeps summaries of its parts.
pub(crate) struct Summaries {
    folder: PathBuf,
    /// The training that they are to be of.
    record: RunRecord,
    /// Threads that asking the scientists takes.
    pool: rayon::ThreadPool,
}

impl Summaries {
    /// In a folder, which need not be there; with as many threads as there are cores unless said otherwise.
    pub(crate) fn new(folder: &Path, record: RunRecord, threads: Option<u64>) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0) as usize);
        create_dir(folder)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            record,
            pool: pool.build().context("threads to ask scientists with")?,
        })
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
        if !path.exists() {
            return Ok(false);
        }
        let summary = Summary::read(&path).map_err(of_core)?;
        let is_whole = summary.seeds().iter().copied().eq(seeds.clone());
        let difference = summary.record().difference_to_merge(&self.record);
        match (
            difference,
            is_whole && summary.phases() == self.record.phases(),
        ) {
            (None, true) => Ok(true),
            (difference, _) => Err(Error::Request(format!(
                "{} is of another training ({}): choose another folder for summaries",
                path.display(),
                difference.unwrap_or_else(|| "of other seeds or fewer phases".into())
            ))),
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

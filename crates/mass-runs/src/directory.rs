//! A run is a directory: `run.toml`, tables for each phase, and checkpoints.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use crate::{
    Checkpoint, Error, Record,
    difference::difference,
    files::{create_dir, read_text, write_bytes},
    marks::{is_run, is_sweep},
    record::{deciding, take_format},
};

/// A run on disk.
///
/// At the end of each phase it keeps a checkpoint for good; within a phase the latest alone. Of every
/// phase it keeps tables, which are written before the checkpoint that they belong to.
///
/// # Errors
///
/// Where a method reads the directory: [`Error::File`] if that fails.
#[derive(Debug, Clone)]
pub struct RunDirectory<R: Record> {
    path: PathBuf,
    record: R,
}

/// A directory taken for writing, until this is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl<R: Record> RunDirectory<R> {
    /// Opens a run directory.
    ///
    /// # Errors
    ///
    /// [`Error::RunDirectory`] if there is no run, or its `run.toml` does not read; [`Error::Newer`] if a later
    /// program wrote it; [`Error::File`] if it cannot be read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        if !is_run(&path) {
            let reason = match path.is_dir() {
                true => "it has no run.toml: give a folder that a training was saved in",
                false => "there is no such folder",
            };
            return Err(Error::run_directory(path, reason));
        }
        let file = path.join("run.toml");
        let unread = |reason: &dyn std::fmt::Display| {
            Error::run_directory(&path, format!("run.toml does not read: {reason}"))
        };
        let text = read_text(&file)?;
        let mut table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| unread(&error))?;
        take_format(&file, &mut table, R::FORMAT)?.map_err(|reason| unread(&reason))?;
        // From the text, whose lines an error can name.
        let record: R = toml::from_str(&text).map_err(|error: toml::de::Error| unread(&error))?;
        record
            .check()
            .map_err(|reason| Error::run_directory(&path, reason))?;
        Ok(Self { path, record })
    }

    /// Takes a directory for writing, so that two programs cannot write in it at once. If there is a run
    /// in it, it has to be the same; else the directory is none until [`write_record`](Self::write_record).
    ///
    /// # Errors
    ///
    /// [`Error::RunDirectory`] if it holds another run, naming the difference, or a sweep, or if another
    /// program is at work in it; file errors.
    pub fn prepare(path: &Path, record: &R) -> Result<(Self, Lock), Error> {
        if is_sweep(path) {
            return Err(Error::run_directory(
                path,
                "there is a sweep in it (sweep.toml): choose another folder",
            ));
        }
        create_dir(path)?;
        let lock = lock(path)?;
        if !is_run(path) {
            clear_killed_merge::<R>(path)?;
        }
        remove_leftovers(path)?;
        if is_run(path) {
            let run = Self::open(path)?;
            run.check_is(record)?;
            return Ok((run, lock));
        }
        let run = Self {
            path: path.into(),
            record: record.clone(),
        };
        Ok((run, lock))
    }

    /// As [`prepare`](Self::prepare), and starts the run if there is none: `attach` writes what it has
    /// besides ([`Record::attachments`]).
    ///
    /// # Errors
    ///
    /// As [`prepare`](Self::prepare), and those of `attach`.
    pub fn take<E: From<Error>>(
        path: &Path,
        record: &R,
        attach: impl FnOnce(&Self) -> Result<(), E>,
    ) -> Result<(Self, Lock), E> {
        let (run, lock) = Self::prepare(path, record)?;
        if !is_run(path) {
            attach(&run)?;
            run.write_record()?;
        }
        Ok((run, lock))
    }

    /// Writes `run.toml`: from then on the directory is a run.
    ///
    /// # Errors
    ///
    /// An error naming the file.
    pub fn write_record(&self) -> Result<(), Error> {
        let text = toml::to_string(&self.record).expect("a record holds only plain data");
        write_bytes(&self.path.join("run.toml"), text.as_bytes())
    }

    /// Notes that the program of this record goes on with the run.
    ///
    /// # Errors
    ///
    /// As [`write_record`](Self::write_record).
    pub fn continued_by(&mut self, record: &R) -> Result<(), Error> {
        match self.record.add_revisions(record) {
            true => self.write_record(),
            false => Ok(()),
        }
    }

    /// Refuses another plan than this run's.
    ///
    /// # Errors
    ///
    /// [`Error::RunDirectory`] naming the difference.
    pub fn check_is(&self, record: &R) -> Result<(), Error> {
        match difference(&deciding(&self.record), &deciding(record)) {
            Some(difference) => Err(self.fail(format!(
                "it holds another run ({difference}): choose another folder"
            ))),
            None => Ok(()),
        }
    }

    /// That the directory is not usable, and why.
    pub fn fail(&self, reason: impl Into<String>) -> Error {
        Error::run_directory(&self.path, reason)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What decided the run.
    pub fn record(&self) -> &R {
        &self.record
    }

    /// Phases of the whole run, done or not.
    pub fn phases(&self) -> usize {
        self.record.phases()
    }

    /// Phases done.
    ///
    /// # Errors
    ///
    /// As [`completed`](Self::completed).
    pub fn phases_done(&self) -> Result<usize, Error> {
        Ok(self.record.phases_done(self.completed()?.unwrap_or(0)))
    }

    /// Steps of the latest checkpoint; `None` before the first.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the directory cannot be read.
    pub fn completed(&self) -> Result<Option<u64>, Error> {
        Ok(self.checkpoints()?.last().map(|(step, _)| *step))
    }

    /// Whether all steps are done.
    ///
    /// # Errors
    ///
    /// As [`completed`](Self::completed).
    pub fn is_complete(&self) -> Result<bool, Error> {
        Ok(self.completed()? == Some(self.record.total_steps()))
    }

    /// The checkpoints, by steps done.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the directory cannot be read.
    pub fn checkpoints(&self) -> Result<Vec<(u64, PathBuf)>, Error> {
        let fail = |cause| Error::file("read", &self.path, cause);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let step = path
                .file_name()
                .and_then(|name| name.to_str())
                .and_then(|name| {
                    name.strip_prefix("checkpoint-")?
                        .strip_suffix(".safetensors")
                })
                .and_then(|step| step.parse().ok());
            if let Some(step) = step {
                found.push((step, path));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Refuses a phase that the run does not have.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] naming those that it has.
    pub fn check_phase(&self, phase: usize) -> Result<(), Error> {
        let phases = self.phases();
        if (1..=phases).contains(&phase) {
            return Ok(());
        }
        Err(Error::Request(format!(
            "there is no phase {phase}: the run in {} has phases 1 to {phases}",
            self.path.display()
        )))
    }

    /// Refuses a phase that has not begun.
    ///
    /// # Errors
    ///
    /// As [`check_phase`](Self::check_phase); [`Error::RunDirectory`] saying how far it has come.
    pub fn check_begun(&self, phase: usize) -> Result<(), Error> {
        self.check_phase(phase)?;
        let completed = self.completed()?.unwrap_or(0);
        let begins = self.record.phase_end(phase - 1);
        if completed < begins || (completed == begins && phase > 1) {
            return Err(self.fail(format!(
                "phase {phase} begins after step {begins}, and it has come to step {completed}: go on with the training"
            )));
        }
        Ok(())
    }

    /// The checkpoint at the end of `phase`, counted from 1, and its file.
    ///
    /// # Errors
    ///
    /// As [`check_phase`](Self::check_phase); [`Error::RunDirectory`] for a phase that is not done, saying
    /// which are; [`Error::Checkpoint`] if it is damaged.
    pub fn checkpoint_at(&self, phase: usize) -> Result<(Checkpoint<R::State>, PathBuf), Error> {
        self.check_phase(phase)?;
        let done = self.phases_done()?;
        let end = self.record.phase_end(phase);
        if phase > done {
            let instead = match done {
                0 => "go on with the training".to_string(),
                _ => format!("go on with the training, or ask for phase 1 to {done}"),
            };
            return Err(self.fail(format!(
                "phase {phase} ends at step {end}, and it has come to step {}: {instead}",
                self.completed()?.unwrap_or(0)
            )));
        }
        let path = self.checkpoint_path(end);
        Ok((self.read_checkpoint(end)?, path))
    }

    /// The latest checkpoint, checked against the plan, and its file.
    ///
    /// # Errors
    ///
    /// [`Error::RunDirectory`] if there is none yet, [`Error::Checkpoint`] if it is damaged.
    pub fn latest_checkpoint(&self) -> Result<(Checkpoint<R::State>, PathBuf), Error> {
        loop {
            let (step, path) = self
                .checkpoints()?
                .pop()
                .ok_or_else(|| self.fail("it has no checkpoint yet"))?;
            match self.read_checkpoint(step) {
                // A training has written a later one and removed this one since.
                Err(_) if !path.exists() => continue,
                read => return Ok((read?, path)),
            }
        }
    }

    /// The checkpoint after `step` steps, checked against the plan.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::Checkpoint`] if it is damaged or of another run.
    pub fn read_checkpoint(&self, step: u64) -> Result<Checkpoint<R::State>, Error> {
        let path = self.checkpoint_path(step);
        let checkpoint: Checkpoint<R::State> = Checkpoint::read(&path)?;
        let fail = |reason: &str| Err(Error::checkpoint(&path, reason));
        if checkpoint.header.plan != self.record.plan_hash() {
            return fail("it belongs to another run (other recipe, systems or seeds)");
        }
        if checkpoint.header.completed != step || checkpoint.header.seeds != self.record.seeds() {
            return fail("its name or its seeds are not those of the run");
        }
        let state = self.record.check_state(&checkpoint.header.state);
        state.map_err(|reason| Error::checkpoint(&path, reason))?;
        Ok(checkpoint)
    }

    /// Writes a checkpoint, then drops those that are neither the latest nor a phase's end nor the first.
    ///
    /// # Errors
    ///
    /// An error naming the file; the checkpoint before is then still whole.
    pub fn write_checkpoint(&self, checkpoint: &Checkpoint<R::State>) -> Result<PathBuf, Error> {
        let completed = checkpoint.header.completed;
        let path = self.checkpoint_path(completed);
        checkpoint.write(&path)?;
        for (step, old) in self.checkpoints()? {
            let ends = self.record.phase_end(self.record.phase_of(step)) == step;
            if step < completed && !ends && step != 0 {
                // A checkpoint that stays is no harm; the new one is already whole.
                let _ = fs::remove_file(old);
            }
        }
        Ok(path)
    }

    /// The file of the checkpoint after so many steps.
    pub fn checkpoint_path(&self, completed: u64) -> PathBuf {
        self.path
            .join(format!("checkpoint-{completed:08}.safetensors"))
    }

    /// The files of the tables of `phase`, counted from 1, in the order of [`Record::TABLES`].
    pub fn table_paths(&self, phase: usize) -> Vec<PathBuf> {
        let names = table_names::<R>(phase);
        names.map(|name| self.path.join(name)).collect()
    }

    /// The first table of the phases done that is not there, if any is missing.
    ///
    /// # Errors
    ///
    /// As [`completed`](Self::completed).
    pub fn missing_table(&self) -> Result<Option<String>, Error> {
        let phases = 1..=self.phases_done()?;
        let mut names = phases.flat_map(table_names::<R>);
        Ok(names.find(|name| !self.path.join(name).exists()))
    }
}

fn table_names<R: Record>(phase: usize) -> impl Iterator<Item = String> {
    let tables = R::TABLES.iter();
    tables.map(move |(name, extension)| format!("{name}-{phase:02}.{extension}"))
}

fn lock(path: &Path) -> Result<Lock, Error> {
    let file = path.join("run.lock");
    let opened = File::create(&file).map_err(|cause| Error::file("write", &file, cause))?;
    match opened.try_lock() {
        Ok(()) => Ok(Lock(opened)),
        Err(TryLockError::Error(cause)) => Err(Error::file("lock", &file, cause)),
        Err(TryLockError::WouldBlock) => Err(Error::run_directory(
            path,
            "another program is training or merging in it: wait until it is done",
        )),
    }
}

/// A merge writes `run.toml` last. While it is at work there is this file; it counts as a leftover.
const MERGING: &str = ".merging.tmp";

/// Says that what is in the directory is a merge's, until that is done.
pub(crate) fn mark_merge(path: &Path) -> Result<(), Error> {
    write_bytes(&path.join(MERGING), b"")
}

/// A merge is done.
pub(crate) fn unmark_merge(path: &Path) {
    // It does no harm where it stays: the next program removes it.
    let _ = fs::remove_file(path.join(MERGING));
}

/// In a directory that is no run, removes what a killed merge left, lest it be taken for the next
/// run's; files of those names that came otherwise are refused.
fn clear_killed_merge<R: Record>(path: &Path) -> Result<(), Error> {
    let is_of_run = |name: &str| {
        let is = |(begin, end): &(&str, &str)| {
            let rest = name
                .strip_prefix(begin)
                .and_then(|rest| rest.strip_suffix(end));
            rest.is_some_and(|rest| rest.starts_with('-') && rest.ends_with('.'))
        };
        is(&("checkpoint", "safetensors")) || R::TABLES.iter().any(is)
    };
    let is_merge = path.join(MERGING).exists();
    for entry in fs::read_dir(path).map_err(|cause| Error::file("read", path, cause))? {
        let file = entry
            .map_err(|cause| Error::file("read", path, cause))?
            .path();
        let name = file.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| is_of_run(name)) else {
            continue;
        };
        if !is_merge {
            return Err(Error::run_directory(
                path,
                format!(
                    "it has a {name}, but no run.toml that says of which run: choose another folder"
                ),
            ));
        }
        fs::remove_file(&file).map_err(|cause| Error::file("remove", &file, cause))?;
    }
    Ok(())
}

/// Removes what a killed program had begun to write: no file of that kind is in use while the
/// directory is locked.
fn remove_leftovers(path: &Path) -> Result<(), Error> {
    let fail = |cause| Error::file("read", path, cause);
    for entry in fs::read_dir(path).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with('.') && name.ends_with(".tmp")) {
            // It does no harm where it stays.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

//! Trainings that are kept in directories: one after the other, in parts, and shared out.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    Error, Event, Observer, Record, RunDirectory, Shard, Sweep, marks::is_run, observer::Work,
    record::deciding,
};

/// A training that can be kept in a directory, as what trains knows it.
pub trait Training: Sized {
    /// What decides it.
    type Record: Record;
    /// What can go wrong.
    type Error: From<Error>;

    /// Where it is kept, if anywhere.
    fn directory(&self) -> Option<&Path>;

    /// What decides it, as its run directory is going to say.
    fn record(&self) -> Self::Record;

    /// Refuses what cannot be trained.
    ///
    /// # Errors
    ///
    /// What would be right.
    fn check(&self) -> Result<(), Self::Error>;

    /// The phase, counted from 1, at whose end it ends.
    fn last_phase(&self) -> usize;

    /// A flag that, once set, ends it at the next look, with a checkpoint.
    fn stop_flag(&self) -> Arc<AtomicBool>;

    /// The training of some of its seeds, in a directory of its own, without observers.
    fn part(&self, seeds: Range<u64>, directory: PathBuf) -> Self;

    /// Trains to the end or until the stop flag is set, telling one more observer; whether it was
    /// interrupted.
    ///
    /// # Errors
    ///
    /// Whatever can go wrong; the latest checkpoint in the directory is then still whole.
    fn train(self, observer: Box<dyn Observer>) -> Result<bool, Self::Error>;
}

/// What is kept of the parts of a sweep beside their runs: a summary of each, say, which outlives its
/// run directory.
pub trait Keep<E> {
    /// Whether it has all that it keeps of the part of these seeds, which then need not be trained.
    ///
    /// # Errors
    ///
    /// Whatever can go wrong, what is kept being of another training among it.
    fn has(&mut self, seeds: &Range<u64>) -> Result<bool, E>;

    /// Keeps what it needs of the part of these seeds, whose run is complete in this directory.
    ///
    /// # Errors
    ///
    /// Whatever can go wrong; the sweep then ends.
    fn keep(&mut self, seeds: &Range<u64>, run: &Path) -> Result<(), E>;
}

/// Keeps nothing: every part is trained.
impl<E> Keep<E> for () {
    fn has(&mut self, _: &Range<u64>) -> Result<bool, E> {
        Ok(false)
    }

    fn keep(&mut self, _: &Range<u64>, _: &Path) -> Result<(), E> {
        Ok(())
    }
}

/// What a sweep, or a shard of it, ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SweepOutcome {
    /// Scientists of this shard, but for those of whom all was kept already ([`Keep::has`]).
    pub scientists: usize,
    /// How many of them are done.
    pub done: usize,
    /// Scientists of this shard of whom all was kept already.
    pub kept: usize,
    /// Whether it was asked to stop before all were.
    pub interrupted: bool,
}

/// Runs trainings that are kept in directories, one after the other; those that have come to the phase
/// asked for are skipped.
///
/// The observer hears of all of them as of one sweep; those of the trainings, each of its own.
///
/// # Errors
///
/// [`Error::Request`] if one has no directory, else those of [`Training::train`].
pub fn run_in_turn<T: Training>(
    trainings: impl IntoIterator<Item = T>,
    observer: impl Observer + 'static,
) -> Result<SweepOutcome, T::Error> {
    in_turn(trainings, observer, |_, _| Ok(()))
}

/// The same, with what is to be done with each once it is complete, which some may be already: of its place
/// and directory.
fn in_turn<T: Training>(
    trainings: impl IntoIterator<Item = T>,
    observer: impl Observer + 'static,
    mut ended: impl FnMut(usize, &Path) -> Result<(), T::Error>,
) -> Result<SweepOutcome, T::Error> {
    let (mut waiting, mut scientists, mut done) = (Vec::new(), 0, 0);
    // In scientists times tasks times steps; those not begun yet may have some behind them.
    let (mut work_done, mut work) = (0, 0);
    for (place, training) in trainings.into_iter().enumerate() {
        let Some(path) = training.directory().map(Path::to_path_buf) else {
            return Err(Error::Request(
                "trainings in turn are kept in directories, and one has none: name one".into(),
            )
            .into());
        };
        training.check()?;
        let record = training.record();
        let completed = match is_run(&path) {
            true => {
                let run = RunDirectory::open(&path)?;
                run.check_is(&record)?;
                run.completed()?.unwrap_or(0)
            }
            false => 0,
        };
        let phases = training.last_phase();
        let total = record.phase_end(phases);
        let seen: Vec<usize> = (1..=phases).map(|phase| record.seen(phase)).collect();
        let own = Work::of(total, &seen);
        let count = record.seeds().len();
        let [own_done, own_all] = [completed, total].map(|at| count as u64 * own.done(at));
        work_done += own_done;
        work += own_all;
        scientists += count;
        if completed >= total {
            done += count;
            ended(place, &path)?;
        } else {
            waiting.push((place, training, path, count, own_all - own_done));
        }
    }
    let mut observer = Arc::new(Mutex::new(observer));
    let mut interrupted = false;
    for (place, training, path, count, own_work) in waiting {
        interrupted = training.stop_flag().load(Ordering::Relaxed);
        if interrupted {
            break;
        }
        observer.on_event(&Event::PartStarted {
            path: path.clone(),
            scientists,
            done,
            work_done,
            work,
        });
        interrupted = training.train(Box::new(observer.clone()))?;
        if interrupted {
            break;
        }
        ended(place, &path)?;
        done += count;
        work_done += own_work;
    }
    let outcome = SweepOutcome {
        scientists,
        done,
        kept: 0,
        interrupted,
    };
    observer.on_event(&Event::SweepEnded {
        scientists,
        done,
        interrupted,
    });
    Ok(outcome)
}

/// Trains a sweep, or this machine's share of it, part after part.
///
/// What is in memory is one part's, however many seeds there are; parts that are done are skipped,
/// one that was stopped goes on. Shards never write the same file.
pub struct SweepTrainer<T: Training> {
    training: T,
    part_size: u64,
    shard: Shard,
    keep: Box<dyn Keep<T::Error>>,
    observer: Box<dyn Observer>,
}

impl<T: Training> SweepTrainer<T> {
    /// Of a training in parts of so many scientists, with who listens to the sweep.
    pub fn new(training: T, part_size: usize, observer: Box<dyn Observer>) -> Self {
        Self {
            training,
            part_size: part_size.max(1) as u64,
            shard: Shard::ALL,
            keep: Box::new(()),
            observer,
        }
    }

    /// Takes only the parts of this shard.
    pub fn shard(mut self, shard: Shard) -> Self {
        self.shard = shard;
        self
    }

    /// What to keep of each part beside its run, when it is done; parts of which all is kept are not
    /// trained.
    pub fn keep(mut self, keep: impl Keep<T::Error> + 'static) -> Self {
        self.keep = Box::new(keep);
        self
    }

    /// Trains every part of the shard that is not done yet, or until the stop flag is set.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] without a directory, with seeds that are not a range, or from a starting
    /// model; [`Error::SweepDirectory`] if the directory holds another sweep, naming the
    /// difference; else as [`Training::train`] and [`Keep`]. Parts that are done stay so.
    pub fn run(mut self) -> Result<SweepOutcome, T::Error> {
        self.training.check()?;
        let record = self.training.record();
        let seeds = range_of(&record)?;
        let Some(directory) = self.training.directory() else {
            return Err(Error::Request(
                "a sweep is kept in a directory, and this one has none: name one".into(),
            )
            .into());
        };
        let mut plan = deciding(&record);
        plan.remove("seeds");
        let sweep = Sweep::create_or_open(directory, seeds, self.part_size, plan)?;
        let parts = sweep.ranges().into_iter().enumerate();
        let mine = parts.filter(|(place, _)| self.shard.takes(*place));
        let (mut parts, mut kept) = (Vec::new(), 0);
        for (_, seeds) in mine {
            match self.keep.has(&seeds)? {
                true => kept += (seeds.end - seeds.start) as usize,
                false => parts.push(seeds),
            }
        }
        let trainings = parts.iter().map(|seeds| {
            let path = sweep.part_path(seeds);
            self.training.part(seeds.clone(), path)
        });
        let outcome = in_turn(trainings, self.observer, |place, run| {
            self.keep.keep(&parts[place], run)
        })?;
        Ok(SweepOutcome { kept, ..outcome })
    }
}

/// The seeds of a record as a range.
fn range_of(record: &impl Record) -> Result<Range<u64>, Error> {
    if record.starts_from_checkpoint() {
        return Err(Error::Request(
            "a sweep starts from its seeds, not from a model".into(),
        ));
    }
    let no_range = || Error::Request("a sweep's seeds are a range without gaps, as 0..1000".into());
    let seeds = record.seeds();
    let first = *seeds.first().ok_or_else(no_range)?;
    let in_order = seeds.iter().zip(first..).all(|(seed, next)| *seed == next);
    match first.checked_add(seeds.len() as u64) {
        Some(end) if in_order => Ok(first..end),
        _ => Err(no_range()),
    }
}

impl Observer for Box<dyn Observer> {
    fn on_event(&mut self, event: &Event) {
        (**self).on_event(event);
    }
}

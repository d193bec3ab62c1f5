//! Runs of different seeds put together into one.

use std::{
    collections::HashMap,
    fs,
    marker::PhantomData,
    path::{Path, PathBuf},
};

use crate::{
    Checkpoint, Error, HostTensor, Record, RunDirectory, State, Sweep,
    directory::{mark_merge, unmark_merge},
    files::write_bytes,
    marks::{is_run, is_sweep},
};

/// A run whose parts can be put together.
pub trait Mergeable: Record {
    /// What the merged run is opened as: a [`RunDirectory`], or one's own type over it.
    type Run: From<RunDirectory<Self>>;

    /// Writes the tables of `phase` for the scientists `seeds` of several runs into another run's directory,
    /// as one training of them would have written them.
    ///
    /// # Errors
    ///
    /// Errors of files.
    fn merge_tables(
        runs: &[RunDirectory<Self>],
        seeds: &[u64],
        phase: usize,
        out: &RunDirectory<Self>,
    ) -> Result<(), Error>;
}

/// Puts runs of different seeds together into one run directory, the seeds in ascending order.
///
/// The merged run equals, bit for bit in tensors and tables, the same seeds trained together, and is
/// a run like any other. In memory is one checkpoint of all seeds, beside it one of a part or its bytes
/// as they are written; or the tables of one phase.
pub struct Merge<R> {
    directories: Vec<PathBuf>,
    until_phase: Option<usize>,
    seeds: Option<Vec<u64>>,
    record: PhantomData<R>,
}

impl<R: Mergeable> Merge<R> {
    /// Of these directories; each is a run, or a sweep, which stands for its parts.
    pub fn of(directories: &[impl AsRef<Path>]) -> Self {
        let directories = directories.iter();
        Self {
            directories: directories
                .map(|path| path.as_ref().to_path_buf())
                .collect(),
            until_phase: None,
            seeds: None,
            record: PhantomData,
        }
    }

    /// Up to the end of this phase, counted from 1; the merged run can go on from there.
    pub fn until_phase(mut self, phase: usize) -> Self {
        self.until_phase = Some(phase);
        self
    }

    /// These scientists alone; otherwise all of the sweeps and of the runs named beside them, or of
    /// runs alone, all between the first seed and the last.
    pub fn seeds(mut self, seeds: impl IntoIterator<Item = u64>) -> Self {
        self.seeds = Some(seeds.into_iter().collect());
        self
    }

    /// Merges into a directory. One that holds the same run already is left as it is, or given the
    /// phases that it lacks.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if runs differ in more than their seeds, if one is not done, or if seeds
    /// are missing or there twice, naming them; [`Error::RunDirectory`] if the directory holds
    /// another run or other numbers; file errors; errors of a damaged checkpoint.
    pub fn run(self, out: impl AsRef<Path>) -> Result<R::Run, Error> {
        let mut runs: Vec<RunDirectory<R>> = Vec::new();
        let mut asked: Vec<u64> = Vec::new();
        let mut has_sweep = false;
        for directory in &self.directories {
            if !is_sweep(directory) {
                let run: RunDirectory<R> = RunDirectory::open(directory)?;
                asked.extend(run.record().seeds());
                runs.push(run);
                continue;
            }
            let sweep = Sweep::open(directory)?;
            for path in sweep.parts().iter().filter(|path| is_run(path)) {
                runs.push(RunDirectory::open(path)?);
            }
            asked.extend(sweep.seeds());
            has_sweep = true;
        }
        let wanted = self.seeds.or(has_sweep.then_some(asked));
        let wanted = wanted.map(|mut seeds| {
            seeds.sort_unstable();
            seeds.dedup();
            seeds
        });
        let merged = Parts::new(runs, wanted, self.until_phase)?.write(out.as_ref())?;
        Ok(R::Run::from(merged))
    }
}

fn refuse(there: &Path, here: &Path, difference: &str) -> Error {
    Error::Request(format!(
        "cannot merge {} and {}: {difference}",
        there.display(),
        here.display()
    ))
}

/// Runs that fit together.
struct Parts<R: Record> {
    runs: Vec<RunDirectory<R>>,
    phases: usize,
    record: R,
    /// Run and member of each scientist, in order of the seeds.
    places: Vec<(usize, usize)>,
}

impl<R: Mergeable> Parts<R> {
    /// `wanted` are the seeds to have, ascending; all there are, without gaps, if not given.
    fn new(
        mut runs: Vec<RunDirectory<R>>,
        wanted: Option<Vec<u64>>,
        until_phase: Option<usize>,
    ) -> Result<Self, Error> {
        let is_wanted = |seed: &u64| match &wanted {
            Some(wanted) => wanted.binary_search(seed).is_ok(),
            None => true,
        };
        runs.retain(|run| run.record().seeds().iter().any(is_wanted));
        let Some(first) = runs.first() else {
            check_seeds(&runs, &[], wanted)?;
            return Err(Error::Request("there is nothing to merge".into()));
        };
        for other in &runs[1..] {
            if let Some(difference) = first.record().difference_to_merge(other.record()) {
                return Err(refuse(first.path(), other.path(), &difference));
            }
        }
        let phases = until_phase.unwrap_or(first.phases());
        first.check_phase(phases)?;
        let mut scientists: Vec<(u64, usize, usize)> = Vec::new();
        for (place, run) in runs.iter().enumerate() {
            if run.phases_done()? < phases {
                return Err(Error::Request(format!(
                    "cannot merge {}: seeds {} have come to step {} of {}; go on with that training first",
                    run.path().display(),
                    ranges(run.record().seeds()),
                    run.completed()?.unwrap_or(0),
                    run.record().phase_end(phases)
                )));
            }
            let seeds = run.record().seeds().iter().copied().enumerate();
            let own = seeds.filter(|(_, seed)| is_wanted(seed));
            scientists.extend(own.map(|(member, seed)| (seed, place, member)));
        }
        scientists.sort_unstable();
        check_seeds(&runs, &scientists, wanted)?;
        let seeds: Vec<u64> = scientists.iter().map(|scientist| scientist.0).collect();
        // Of the newest format: an older one says less.
        let newest = runs.iter().rev().max_by_key(|run| run.record().format());
        let mut record = newest.unwrap_or(first).record().clone();
        record.set_seeds(seeds);
        // Shards may have been trained by programs of different revisions.
        for run in &runs {
            record.add_revisions(run.record());
        }
        let places = scientists.iter().map(|(_, run, member)| (*run, *member));
        Ok(Self {
            places: places.collect(),
            phases,
            record,
            runs,
        })
    }

    fn write(mut self, out: &Path) -> Result<RunDirectory<R>, Error> {
        if self.record.starts_from_checkpoint() {
            let start = self.checkpoint(0)?;
            self.record.set_start(&start);
        }
        let (mut run, _lock) = RunDirectory::prepare(out, &self.record)?;
        let is_there = is_run(out);
        let mut done = 0;
        if is_there {
            done = run.phases_done()?;
            let at_phase_end = run.completed()? == Some(self.record.phase_end(done));
            if done < self.phases && !at_phase_end {
                return Err(
                    run.fail("the same scientists are in training in it: choose another folder")
                );
            }
            let step = self.record.phase_end(done.min(self.phases));
            let there = run.read_checkpoint(step)?;
            if there.header.content != self.checkpoint(step)?.header.content {
                return Err(run.fail(format!(
                    "after step {step} its scientists have other parameters than those of {}, trained anew since: remove it, or choose another folder",
                    self.runs[0].path().display()
                )));
            }
        } else {
            mark_merge(out)?;
            for name in self.record.attachments() {
                let path = self.runs[0].path().join(&name);
                let bytes = fs::read(&path).map_err(|cause| Error::file("read", &path, cause))?;
                write_bytes(&out.join(&name), &bytes)?;
            }
            self.write_checkpoint(&run, 0)?;
        }
        if is_there && done < self.phases {
            run.continued_by(&self.record)?;
        }
        for phase in done + 1..=self.phases {
            R::merge_tables(&self.runs, self.record.seeds(), phase, &run)?;
            self.write_checkpoint(&run, self.record.phase_end(phase))?;
        }
        if !is_there {
            // Last: until then the directory is not a run.
            run.write_record()?;
            unmark_merge(out);
        }
        Ok(run)
    }

    fn write_checkpoint(&self, run: &RunDirectory<R>, step: u64) -> Result<(), Error> {
        let mut checkpoint = self.checkpoint(step)?;
        // That of the run there is: its format may be older.
        checkpoint.header.plan = run.record().plan_hash();
        checkpoint.write(&run.checkpoint_path(step))
    }

    /// The checkpoint of all scientists after `step` steps, one run's in memory after the other.
    fn checkpoint(&self, step: u64) -> Result<Checkpoint<R::State>, Error> {
        let members = self.places.len();
        let mut tensors: HashMap<String, HostTensor> = HashMap::new();
        let mut states = Vec::new();
        let fail = |run: &RunDirectory<R>| {
            Error::checkpoint(
                run.checkpoint_path(step),
                format!(
                    "it holds other tensors than that of {}: the two were written by different programs",
                    self.runs[0].path().display()
                ),
            )
        };
        for (place, run) in self.runs.iter().enumerate() {
            let part = run.read_checkpoint(step)?;
            states.push(part.header.state);
            if place == 0 {
                for (name, tensor) in &part.tensors {
                    tensors.insert(name.clone(), tensor.of_members(members));
                }
            }
            if tensors.len() != part.tensors.len() {
                return Err(fail(run));
            }
            let places = || self.places.iter().enumerate();
            let own = || places().filter(|(_, at)| at.0 == place);
            for (name, tensor) in &part.tensors {
                let whole = tensors.get_mut(name).ok_or_else(|| fail(run))?;
                if tensor.dtype != whole.dtype || tensor.shape[1..] != whole.shape[1..] {
                    return Err(fail(run));
                }
                for (position, (_, member)) in own() {
                    whole.set_member(position, tensor, *member);
                }
            }
        }
        let state = R::State::gather(&states, &self.places).ok_or_else(|| {
            let odd = states.iter().position(|state| {
                R::State::gather(&[states[0].clone(), state.clone()], &[]).is_none()
            });
            fail(&self.runs[odd.unwrap_or(0)])
        })?;
        Ok(Checkpoint::new(
            step,
            self.record.seeds().to_vec(),
            state,
            String::new(),
            tensors,
        ))
    }
}

fn check_seeds<R: Record>(
    runs: &[RunDirectory<R>],
    scientists: &[(u64, usize, usize)],
    wanted: Option<Vec<u64>>,
) -> Result<(), Error> {
    let twice = scientists
        .windows(2)
        .find(|pair| pair[0].0 == pair[1].0)
        .map(|pair| (&runs[pair[0].1], &runs[pair[1].1]));
    if let Some((one, other)) = twice {
        let seeds = one.record().seeds().iter().copied();
        let both: Vec<u64> = seeds
            .filter(|seed| other.record().seeds().contains(seed))
            .collect();
        return Err(Error::Request(format!(
            "cannot merge: seeds {} are both in {} and in {}",
            ranges(&both),
            one.path().display(),
            other.path().display()
        )));
    }
    let seeds: Vec<u64> = scientists.iter().map(|scientist| scientist.0).collect();
    let (missing, all) = match (wanted, seeds.as_slice()) {
        (Some(wanted), seeds) => {
            let is_missing = |seed: &u64| seeds.binary_search(seed).is_err();
            let missing: Vec<u64> = wanted.iter().copied().filter(is_missing).collect();
            (ranges(&missing), ranges(&wanted))
        }
        // The seeds themselves may be too many to list.
        (None, [first, .., last]) => {
            let gaps = seeds.windows(2).filter(|pair| pair[1] - pair[0] > 1);
            let gaps: Vec<String> = gaps.map(|pair| range(pair[0] + 1, pair[1] - 1)).collect();
            (gaps.join(", "), range(*first, *last))
        }
        (None, _) => Default::default(),
    };
    if !missing.is_empty() {
        return Err(Error::Request(format!(
            "cannot merge: seeds {missing} of {all} are missing; train them first, or name their directory too"
        )));
    }
    Ok(())
}

/// Seeds from the first to the last as text.
fn range(first: u64, last: u64) -> String {
    if first == last {
        return first.to_string();
    }
    format!("{first} to {last}")
}

/// Ascending seeds as text: `0 to 31, 64`.
///
/// ```
/// assert_eq!(mass_runs::ranges(&[0, 1, 2, 64]), "0 to 2, 64");
/// ```
pub fn ranges(seeds: &[u64]) -> String {
    let runs = seeds.chunk_by(|one, next| one.checked_add(1) == Some(*next));
    let texts = runs.map(|run| range(run[0], run[run.len() - 1]));
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_named_in_ranges() {
        assert_eq!(ranges(&[7]), "7");
        assert_eq!(ranges(&[0, 1, 2, 64, 70, 71]), "0 to 2, 64, 70 to 71");
        assert_eq!(ranges(&[u64::MAX]), u64::MAX.to_string());
    }
}

//! Runs of different seeds put together into one.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, MassModel, Metrics, Run, RunRecord, Sweep,
    checkpoint::{Checkpoint, HostTensor},
    difference::difference,
    files::write_bytes,
    run::{mark_merge, unmark_merge},
};

/// Puts runs of different seeds together into one run directory, the seeds in ascending order.
///
/// The merged run equals, bit for bit in tensors and metrics, the same seeds trained together, and is
/// a run like any other. In memory is one checkpoint of all seeds, beside it one of a part or its bytes
/// as they are written; or what was measured in one phase.
///
/// # Example
///
/// ```
/// use mass_core::{Merge, Recipe, Trainer, TrainingSystem};
///
/// let folder = tempfile::tempdir().unwrap();
/// let [one, other, all] = ["one", "other", "all"].map(|name| folder.path().join(name));
/// for (seeds, directory) in [(0..2, &one), (2..3, &other)] {
///     let systems = vec![TrainingSystem::named("classical")?];
///     let recipe = Recipe::reference().with_steps(3);
///     Trainer::new(recipe, systems, seeds).directory(directory).run()?;
/// }
/// assert_eq!(Merge::of(&[one, other]).run(&all)?.record().seeds, [0, 1, 2]);
/// # Ok::<(), mass_core::Error>(())
/// ```
pub struct Merge {
    directories: Vec<PathBuf>,
    until_phase: Option<usize>,
    seeds: Option<Vec<u64>>,
}

impl Merge {
    /// Of these directories; each is a run, or a sweep, which stands for its parts.
    pub fn of(directories: &[impl AsRef<Path>]) -> Self {
        let directories = directories.iter();
        Self {
            directories: directories
                .map(|path| path.as_ref().to_path_buf())
                .collect(),
            until_phase: None,
            seeds: None,
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
    pub fn run(self, out: impl AsRef<Path>) -> Result<Run, Error> {
        let mut runs = Vec::new();
        let mut asked: Vec<u64> = Vec::new();
        let mut has_sweep = false;
        for directory in &self.directories {
            if !Sweep::exists(directory) {
                let run = Run::open(directory)?;
                asked.extend(&run.record().seeds);
                runs.push(run);
                continue;
            }
            let sweep = Sweep::open(directory)?;
            for path in sweep.parts().iter().filter(|path| Run::exists(path)) {
                runs.push(Run::open(path)?);
            }
            asked.extend(sweep.record().seeds.clone());
            has_sweep = true;
        }
        let wanted = self.seeds.or(has_sweep.then_some(asked));
        let wanted = wanted.map(|mut seeds| {
            seeds.sort_unstable();
            seeds.dedup();
            seeds
        });
        Parts::new(runs, wanted, self.until_phase)?.write(out.as_ref())
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
struct Parts {
    runs: Vec<Run>,
    phases: usize,
    record: RunRecord,
    /// Run and member of each scientist, in order of the seeds.
    places: Vec<(usize, usize)>,
}

impl Parts {
    /// `wanted` are the seeds to have, ascending; all there are, without gaps, if not given.
    fn new(
        mut runs: Vec<Run>,
        wanted: Option<Vec<u64>>,
        until_phase: Option<usize>,
    ) -> Result<Self, Error> {
        let is_wanted = |seed: &u64| match &wanted {
            Some(wanted) => wanted.binary_search(seed).is_ok(),
            None => true,
        };
        runs.retain(|run| run.record().seeds.iter().any(is_wanted));
        let Some(first) = runs.first() else {
            check_seeds(&runs, &[], wanted)?;
            return Err(Error::Request("there is nothing to merge".into()));
        };
        for other in &runs[1..] {
            if let Some(difference) = difference(&common(first.record()), &common(other.record())) {
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
                    ranges(&run.record().seeds),
                    run.completed()?.unwrap_or(0),
                    run.record().phase_end(phases)
                )));
            }
            let seeds = run.record().seeds.iter().copied().enumerate();
            let own = seeds.filter(|(_, seed)| is_wanted(seed));
            scientists.extend(own.map(|(member, seed)| (seed, place, member)));
        }
        scientists.sort_unstable();
        check_seeds(&runs, &scientists, wanted)?;
        let seeds: Vec<u64> = scientists.iter().map(|scientist| scientist.0).collect();
        let mut record = first.record().clone();
        record.seeds = seeds;
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

    fn write(mut self, out: &Path) -> Result<Run, Error> {
        if self.record.start.is_some() {
            self.record.start = Some(self.start_hash(&self.checkpoint(0)?));
        }
        let (mut run, _lock) = Run::prepare(out, &self.record)?;
        let is_there = Run::exists(out);
        let mut done = 0;
        if is_there {
            done = run.phases_done()?;
            let at_phase_end = run.completed()? == Some(self.record.phase_end(done));
            if done < self.phases && !at_phase_end {
                return Err(Error::RunDirectory {
                    path: out.into(),
                    reason: "the same scientists are in training in it: choose another folder"
                        .into(),
                });
            }
            let step = self.record.phase_end(done.min(self.phases));
            let there = run.read_checkpoint(step, &run.checkpoint_path(step))?;
            if there.header.content != self.checkpoint(step)?.header.content {
                return Err(Error::RunDirectory {
                    path: out.into(),
                    reason: format!(
                        "after step {step} its scientists have other parameters than those of {}, trained anew since: remove it, or choose another folder",
                        self.runs[0].path().display()
                    ),
                });
            }
        } else {
            mark_merge(out)?;
            for system in self.record.systems.iter() {
                if system.measured.is_some() {
                    for part in ["train", "test"] {
                        let bytes = read(&self.runs[0].data_path(&system.id, part))?;
                        write_bytes(&run.data_path(&system.id, part), &bytes)?;
                    }
                }
            }
            self.write_checkpoint(&run, self.checkpoint(0)?)?;
        }
        if is_there && done < self.phases {
            run.continued_by(&self.record)?;
        }
        for phase in done + 1..=self.phases {
            let metrics = self.metrics(phase)?;
            metrics.write(&run.metrics_path(phase), &run.weights_path(phase))?;
            drop(metrics);
            let checkpoint = self.checkpoint(self.record.phase_end(phase))?;
            self.write_checkpoint(&run, checkpoint)?;
        }
        if !is_there {
            // Last: until then the directory is not a run.
            run.write_record()?;
            unmark_merge(out);
        }
        Ok(run)
    }

    fn write_checkpoint(&self, run: &Run, mut checkpoint: Checkpoint) -> Result<(), Error> {
        checkpoint.header.plan = self.record.plan_hash();
        checkpoint.write(&run.checkpoint_path(checkpoint.header.completed))
    }

    /// The checkpoint of all scientists after `step` steps, one run's in memory after the other.
    fn checkpoint(&self, step: u64) -> Result<Checkpoint, Error> {
        let members = self.places.len();
        let mut tensors: HashMap<String, HostTensor> = HashMap::new();
        let mut diverged = vec![None; members];
        let mut updates = None;
        for (place, run) in self.runs.iter().enumerate() {
            let path = run.checkpoint_path(step);
            let part = run.read_checkpoint(step, &path)?;
            let fail = || Error::Checkpoint {
                path: path.clone(),
                reason: format!(
                    "it holds other tensors than that of {}: the two were written by different programs",
                    self.runs[0].path().display()
                ),
            };
            if updates.get_or_insert_with(|| part.header.updates.clone()) != &part.header.updates {
                return Err(fail());
            }
            if place == 0 {
                for (name, tensor) in &part.tensors {
                    if tensor.shape[0] == 0 {
                        return Err(fail());
                    }
                    tensors.insert(name.clone(), tensor.of_members(members));
                }
            }
            if tensors.len() != part.tensors.len() {
                return Err(fail());
            }
            let own = || {
                self.places
                    .iter()
                    .enumerate()
                    .filter(|(_, at)| at.0 == place)
            };
            for (name, tensor) in &part.tensors {
                let whole = tensors.get_mut(name).ok_or_else(fail)?;
                let is_alike = tensor.dtype == whole.dtype
                    && tensor.shape[0] == run.record().seeds.len()
                    && tensor.shape[1..] == whole.shape[1..];
                if !is_alike {
                    return Err(fail());
                }
                for (position, (_, member)) in own() {
                    whole.set_member(position, tensor, *member);
                }
            }
            for (position, (_, member)) in own() {
                diverged[position] = part.header.diverged[*member];
            }
        }
        Ok(Checkpoint::new(
            step,
            self.record.seeds.clone(),
            diverged,
            updates.unwrap_or_default(),
            String::new(),
            tensors,
        ))
    }

    /// What was measured in a phase, in the order in which one training would have measured it: by
    /// step, then by scientist, then by system.
    fn metrics(&self, phase: usize) -> Result<Metrics, Error> {
        let mut metrics = Metrics::default();
        for run in &self.runs {
            let mut part = run.metrics_of(phase)?;
            let is_merged = |seed: &u64| self.record.seeds.binary_search(seed).is_ok();
            part.rows.retain(|row| is_merged(&row.seed));
            part.weights.retain(|row| is_merged(&row.seed));
            metrics.extend(part);
        }
        metrics.rows.sort_by_key(|row| (row.step, row.seed));
        metrics.weights.sort_by_key(|row| (row.step, row.seed));
        Ok(metrics)
    }

    /// As of a training that was given all these parameters to start from.
    fn start_hash(&self, start: &Checkpoint) -> String {
        let mut hasher = blake3::Hasher::new();
        for name in MassModel::names(&self.record.recipe, &self.record.shapes()) {
            hasher.update(&start.tensors[&format!("raw.{name}")].bytes);
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// What runs that are merged have to have in common.
fn common(record: &RunRecord) -> toml::Table {
    let mut table = record.table();
    for key in ["revision", "seeds"] {
        table.remove(key);
    }
    if record.start.is_some() {
        table.insert("start".into(), "a model of its own".into());
    }
    table
}

fn check_seeds(
    runs: &[Run],
    scientists: &[(u64, usize, usize)],
    wanted: Option<Vec<u64>>,
) -> Result<(), Error> {
    let twice = scientists
        .windows(2)
        .find(|pair| pair[0].0 == pair[1].0)
        .map(|pair| (&runs[pair[0].1], &runs[pair[1].1]));
    if let Some((one, other)) = twice {
        let seeds = one.record().seeds.iter().copied();
        let both: Vec<u64> = seeds
            .filter(|seed| other.record().seeds.contains(seed))
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
fn ranges(seeds: &[u64]) -> String {
    let runs = seeds.chunk_by(|one, next| one.checked_add(1) == Some(*next));
    let texts = runs.map(|run| range(run[0], run[run.len() - 1]));
    texts.collect::<Vec<_>>().join(", ")
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::File {
        action: "read",
        path: path.clone(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Recipe, Trainer, TrainingSystem};

    #[test]
    fn parts_of_another_layout_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        for (seed, path) in [(0, &one), (1, &other)] {
            let system = mass_systems::lookup("classical").unwrap();
            let recipe = Recipe::reference().with_steps(1);
            let trainer = Trainer::new(recipe, vec![TrainingSystem::known(system)], [seed]);
            trainer.directory(path).run().unwrap();
        }
        let run = Run::open(&other).unwrap();
        let path = run.checkpoint_path(0);
        let whole = run.read_checkpoint(0, &path).unwrap();
        let spoil = |change: fn(&mut HostTensor)| {
            let mut tensors = whole.tensors.clone();
            // Any that is not symmetric in its axes.
            let oblong = tensors
                .values_mut()
                .find(|one| one.shape[1] != one.shape[2]);
            change(oblong.unwrap());
            let header = whole.header.clone();
            let checkpoint = Checkpoint::new(
                header.completed,
                header.seeds,
                header.diverged,
                header.updates,
                header.plan,
                tensors,
            );
            checkpoint.write(&path).unwrap();
            let merged = Merge::of(&[&one, &other]).run(folder.path().join("merged"));
            let error = merged.unwrap_err().to_string();
            assert!(error.contains("it holds other tensors"), "{error}");
        };
        spoil(|tensor| tensor.shape.swap(1, 2));
        spoil(|tensor| {
            *tensor = tensor.of_members(0);
        });
        whole.write(&path).unwrap();
        // What the refused ones left is no hindrance.
        let merged = Merge::of(&[&one, &other]).run(folder.path().join("merged"));
        assert_eq!(merged.unwrap().record().seeds, [0, 1]);
    }

    #[test]
    fn seeds_are_named_in_ranges() {
        assert_eq!(ranges(&[7]), "7");
        assert_eq!(ranges(&[0, 1, 2, 64, 70, 71]), "0 to 2, 64, 70 to 71");
        assert_eq!(ranges(&[u64::MAX]), u64::MAX.to_string());
    }
}

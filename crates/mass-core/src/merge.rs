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
};

/// Puts complete runs together into one run directory, the seeds in ascending order.
///
/// Each of `directories` is a run, or a sweep, which stands for its parts. The merged run equals, bit
/// for bit in tensors and metrics, the same seeds trained together. In memory is one checkpoint
/// of all seeds, or what was measured in one phase. A directory that holds the same merged run
/// already is left as it is.
///
/// # Errors
///
/// [`Error::Request`] if runs differ in more than their seeds, if one is not complete, or if seeds
/// are missing or there twice, naming them; file errors; errors of a damaged checkpoint.
///
/// # Example
///
/// ```
/// use mass_core::{Recipe, Trainer, TrainingSystem, merge};
///
/// let folder = tempfile::tempdir().unwrap();
/// let [one, other, all] = ["one", "other", "all"].map(|name| folder.path().join(name));
/// for (seeds, directory) in [(0..2, &one), (2..3, &other)] {
///     let systems = vec![TrainingSystem::Known(mass_systems::lookup("classical")?)];
///     let recipe = Recipe::reference().with_steps(3);
///     Trainer::new(recipe, systems, seeds).directory(directory).run()?;
/// }
/// assert_eq!(merge(&[one, other], &all)?.record().seeds, [0, 1, 2]);
/// # Ok::<(), mass_core::Error>(())
/// ```
pub fn merge(directories: &[impl AsRef<Path>], out: &Path) -> Result<Run, Error> {
    let mut runs = Vec::new();
    let mut sweeps: Vec<Sweep> = Vec::new();
    for directory in directories {
        let directory = directory.as_ref();
        if !Sweep::exists(directory) {
            runs.push(Run::open(directory)?);
            continue;
        }
        let sweep = Sweep::open(directory)?;
        for path in sweep.parts().iter().filter(|path| Run::exists(path)) {
            runs.push(Run::open(path)?);
        }
        sweeps.push(sweep);
    }
    if let Some((first, others)) = sweeps.split_first() {
        for other in others {
            if let Some(difference) = first.difference(other.record()) {
                return Err(refuse(first.path(), other.path(), &difference));
            }
        }
    }
    let merge = Merge::new(runs, sweeps.first())?;
    merge.write(out)
}

fn refuse(there: &Path, here: &Path, difference: &str) -> Error {
    Error::Request(format!(
        "cannot merge {} and {}: {difference}",
        there.display(),
        here.display()
    ))
}

/// Runs that fit together.
struct Merge {
    runs: Vec<Run>,
    record: RunRecord,
    /// Run and member of each scientist, in order of the seeds.
    places: Vec<(usize, usize)>,
}

impl Merge {
    fn new(runs: Vec<Run>, sweep: Option<&Sweep>) -> Result<Self, Error> {
        let Some(first) = runs.first() else {
            return Err(Error::Request("there is nothing to merge".into()));
        };
        for other in &runs[1..] {
            if let Some(difference) = difference(&common(first.record()), &common(other.record())) {
                return Err(refuse(first.path(), other.path(), &difference));
            }
        }
        for run in &runs {
            if !run.is_complete()? {
                return Err(Error::Request(format!(
                    "cannot merge {}: seeds {} have come to step {} of {}; go on with that training first",
                    run.path().display(),
                    ranges(&run.record().seeds),
                    run.completed()?.unwrap_or(0),
                    run.record().total_steps()
                )));
            }
        }
        let mut scientists: Vec<(u64, usize, usize)> = Vec::new();
        for (place, run) in runs.iter().enumerate() {
            let seeds = run.record().seeds.iter().enumerate();
            scientists.extend(seeds.map(|(member, seed)| (*seed, place, member)));
        }
        scientists.sort_unstable();
        let seeds: Vec<u64> = scientists.iter().map(|scientist| scientist.0).collect();
        check_seeds(&runs, &scientists, sweep)?;
        let mut record = first.record().clone();
        record.seeds = seeds;
        // Shards may have been trained by programs of different revisions.
        let mut revisions: Vec<String> = Vec::new();
        for revision in runs.iter().filter_map(|run| run.record().revision.clone()) {
            if !revisions.contains(&revision) {
                revisions.push(revision);
            }
        }
        record.revision = (!revisions.is_empty()).then(|| revisions.join(", "));
        let places = scientists.iter().map(|(_, run, member)| (*run, *member));
        Ok(Self {
            places: places.collect(),
            record,
            runs,
        })
    }

    fn write(mut self, out: &Path) -> Result<Run, Error> {
        let start = self.checkpoint(0)?;
        if self.record.start.is_some() {
            self.record.start = Some(self.start_hash(&start));
        }
        let (run, _lock) = Run::prepare(out, &self.record)?;
        if Run::exists(out) {
            if run.is_complete()? {
                return Ok(run);
            }
            return Err(Error::RunDirectory {
                path: out.into(),
                reason: "the same scientists are in training in it: choose another folder".into(),
            });
        }
        for system in &self.record.systems {
            if system.measured.is_some() {
                for part in ["train", "test"] {
                    let bytes = read(&self.runs[0].data_path(&system.id, part))?;
                    write_bytes(&run.data_path(&system.id, part), &bytes)?;
                }
            }
        }
        self.write_checkpoint(&run, start)?;
        for phase in 1..=self.record.phases() {
            let metrics = self.metrics(phase)?;
            metrics.write(&run.metrics_path(phase), &run.weights_path(phase))?;
            drop(metrics);
            let checkpoint = self.checkpoint(self.record.phase_end(phase))?;
            self.write_checkpoint(&run, checkpoint)?;
        }
        // Last: until then the directory is not a run.
        run.write_record()?;
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
            metrics.extend(run.metrics_of(phase)?);
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
    sweep: Option<&Sweep>,
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
    let wanted = match sweep {
        Some(sweep) => sweep.record().seeds.clone(),
        None => seeds[0]..seeds[seeds.len() - 1] + 1,
    };
    let missing: Vec<u64> = wanted
        .clone()
        .filter(|seed| seeds.binary_search(seed).is_err())
        .collect();
    if !missing.is_empty() {
        return Err(Error::Request(format!(
            "cannot merge: seeds {} of {} to {} are missing; train them first, or name their directory too",
            ranges(&missing),
            wanted.start,
            wanted.end - 1
        )));
    }
    Ok(())
}

/// Ascending seeds as text: `0 to 31, 64`.
fn ranges(seeds: &[u64]) -> String {
    let text = |run: &[u64]| match run {
        [one] => one.to_string(),
        _ => format!("{} to {}", run[0], run[run.len() - 1]),
    };
    let runs = seeds.chunk_by(|one, next| one.checked_add(1) == Some(*next));
    runs.map(text).collect::<Vec<_>>().join(", ")
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

    #[test]
    fn seeds_are_named_in_ranges() {
        assert_eq!(ranges(&[7]), "7");
        assert_eq!(ranges(&[0, 1, 2, 64, 70, 71]), "0 to 2, 64, 70 to 71");
        assert_eq!(ranges(&[u64::MAX]), u64::MAX.to_string());
    }
}

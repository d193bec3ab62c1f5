//! A run is a directory: `run.toml`, and per phase `metrics-NN.parquet`, `weights-NN.parquet` and a
//! checkpoint.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use burn::tensor::{Device, Tensor, TensorData};
use mass_jet::{DeviceKind, Precision};
use mass_systems::Dataset;
use safetensors::Dtype;
use serde::{Deserialize, Serialize};

use crate::{
    Change, Error, MassModel, Metrics, Recipe, Standing, Status, Sweep, SystemShape,
    TrainingSystem,
    checkpoint::{Checkpoint, HostTensor},
    difference::difference,
    files::{create_dir, read_text, write_bytes},
    parameters::Layout,
};

/// Everything that decides a run, as written to `run.toml`: a run can be repeated from it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Version of this crate.
    pub mass_version: String,
    /// Version of Burn.
    pub burn_version: String,
    /// Git revision of the program, if it knows one; of several that went on with the run, or with
    /// runs that were merged, all of them, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The device that it ran on; bits are the same on one device only.
    pub device: DeviceKind,
    /// One scientist per seed.
    pub seeds: Vec<u64>,
    /// The systems, in the order in which they join.
    pub systems: Vec<SystemRecord>,
    /// BLAKE3 of the parameters that it started from, if not from its seeds; they are in
    /// `checkpoint-00000000.safetensors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The recipe, every key written out.
    pub recipe: Recipe,
}

/// A system of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemRecord {
    /// The system's id.
    pub id: String,
    /// Degrees of freedom d.
    pub dof: usize,
    /// BLAKE3 of its states, if they are measured data, kept in `data-ID-train.parquet` and
    /// `data-ID-test.parquet` of the run directory, rather than drawn from the known system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// BLAKE3 of a few of its states and accelerations, if it is a law of one's own, which its id alone
    /// does not give: another law of that id is another run. The directory does not hold the law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<String>,
}

impl SystemRecord {
    /// For the plan's hash; the same as before there was `own`, lest older checkpoints be refused.
    fn plan(&self) -> String {
        let Self {
            id,
            dof,
            measured,
            own,
        } = self;
        let plan = format!("SystemRecord {{ id: {id:?}, dof: {dof}, measured: {measured:?} }}");
        plan + own.as_deref().unwrap_or_default()
    }
}

impl RunRecord {
    /// The git revisions of the programs that trained the run, the first one first.
    pub fn revisions(&self) -> impl Iterator<Item = &str> {
        self.revision.iter().flat_map(|all| all.split(", "))
    }

    /// Adds the revisions of another record; whether there was a new one.
    pub(crate) fn add_revisions(&mut self, other: &RunRecord) -> bool {
        let mut all: Vec<&str> = self.revisions().collect();
        let before = all.len();
        for revision in other.revisions() {
            if !all.contains(&revision) {
                all.push(revision);
            }
        }
        let (new, joined) = (all.len() > before, all.join(", "));
        if new {
            self.revision = Some(joined);
        }
        new
    }

    /// What decides the numbers of a run on one device: recipe, systems and seeds.
    pub(crate) fn plan_hash(&self) -> String {
        let systems: Vec<String> = self.systems.iter().map(SystemRecord::plan).collect();
        let plan = format!(
            "{}[{}]{:?}{:?}",
            self.recipe.to_toml(),
            systems.join(", "),
            self.seeds,
            self.start
        );
        blake3::hash(plan.as_bytes()).to_hex().to_string()
    }

    /// The record as it is written.
    pub(crate) fn table(&self) -> toml::Table {
        toml::Table::try_from(self).expect("a run record holds only plain data")
    }

    /// Names and dimensions of the systems.
    pub fn shapes(&self) -> Vec<SystemShape> {
        self.systems
            .iter()
            .map(|system| SystemShape {
                id: system.id.clone(),
                dof: system.dof,
            })
            .collect()
    }

    /// Steps of the whole training.
    pub fn total_steps(&self) -> u64 {
        self.recipe.schedule.total_steps(self.systems.len()) as u64
    }

    /// Phases of the whole training: one per system in continued training, else one.
    pub fn phases(&self) -> usize {
        self.recipe.schedule.phases(self.systems.len())
    }

    /// Systems seen in `phase`, counted from 1: the first that many of [`systems`](Self::systems).
    pub fn seen(&self, phase: usize) -> usize {
        let schedule = &self.recipe.schedule;
        schedule.active_systems(phase.saturating_sub(1), self.systems.len())
    }

    /// Steps done at the end of `phase`, counted from 1.
    pub fn phase_end(&self, phase: usize) -> u64 {
        (phase * self.recipe.schedule.phase_steps()) as u64
    }

    /// The phase, counted from 1, of the last of `completed` steps; 1 before the first.
    pub(crate) fn phase_of(&self, completed: u64) -> usize {
        let length = self.recipe.schedule.phase_steps() as u64;
        completed.div_ceil(length).max(1) as usize
    }
}

/// Which weights of a scientist to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WeightsKind {
    /// The weights as the optimiser left them.
    Raw,
    /// Their exponential moving average: what a scientist is judged by.
    Average,
}

impl WeightsKind {
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            WeightsKind::Raw => "raw",
            WeightsKind::Average => "average",
        }
    }
}

/// A run on disk.
///
/// At the end of each phase it keeps a checkpoint with the weights and their averages of every
/// scientist, for good; moments of the optimiser are only in a checkpoint within a phase, of which
/// the latest is kept, for each phase starts them anew. Of every evaluation it keeps the errors of
/// every scientist on every system seen (`metrics-NN.parquet`, NN the phase) and the shared weights
/// (`weights-NN.parquet`).
///
/// # Example
///
/// ```
/// use mass_core::{DeviceKind, Recipe, Run, Trainer, TrainingSystem, WeightsKind};
///
/// let folder = tempfile::tempdir().unwrap();
/// let systems = vec![TrainingSystem::named("classical")?];
/// Trainer::new(Recipe::reference().with_steps(3), systems, [0, 1])
///     .directory(folder.path())
///     .run()?;
///
/// let run = Run::open(folder.path())?;
/// assert!(run.is_complete()?);
/// assert_eq!((run.phases(), run.record().seen(1)), (1, 1));
/// let model = run.model_at(1, WeightsKind::Average, &DeviceKind::Flex.open()?)?;
/// assert_eq!(model.ensemble_size(), 2);
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Run {
    path: PathBuf,
    record: RunRecord,
}

impl Run {
    /// Opens a run directory.
    ///
    /// # Errors
    ///
    /// [`Error::RunDirectory`] if there is no run, or its `run.toml` does not parse, [`Error::File`] if
    /// it cannot be read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        if !Self::exists(&path) {
            let reason = match path.is_dir() {
                true => "it has no run.toml: give a folder that a training was saved in",
                false => "there is no such folder",
            };
            return Err(Error::RunDirectory {
                path,
                reason: reason.to_string(),
            });
        }
        let text = read_text(&path.join("run.toml"))?;
        let record: RunRecord = toml::from_str(&text).map_err(|error| Error::RunDirectory {
            path: path.clone(),
            reason: format!("run.toml does not read: {error}"),
        })?;
        record.recipe.validate()?;
        Ok(Self { path, record })
    }

    /// Whether there is a run in this directory.
    pub fn exists(path: &Path) -> bool {
        path.join("run.toml").exists()
    }

    /// Takes a directory for writing, for as long as the lock is held, so that two programs cannot
    /// write in it at once. If there is a run in it, it has to be the same; else the directory is
    /// none until [`write_record`](Run::write_record).
    pub(crate) fn prepare(path: &Path, record: &RunRecord) -> Result<(Self, File), Error> {
        if Sweep::exists(path) {
            return Err(Error::RunDirectory {
                path: path.into(),
                reason: "there is a sweep in it (sweep.toml): choose another folder".into(),
            });
        }
        create_dir(path)?;
        let lock = lock(path)?;
        if !Self::exists(path) {
            clear_killed_merge(path)?;
        }
        remove_leftovers(path)?;
        if Self::exists(path) {
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

    /// As [`prepare`](Run::prepare), and starts the run if there is none.
    pub(crate) fn take(
        path: &Path,
        record: &RunRecord,
        systems: &[TrainingSystem],
    ) -> Result<(Self, File), Error> {
        let (run, lock) = Self::prepare(path, record)?;
        if !Self::exists(path) {
            for system in systems {
                if let Some((train, test)) = system.measurements() {
                    let id = system.id();
                    train.write_parquet(run.data_path(&id, "train"))?;
                    test.write_parquet(run.data_path(&id, "test"))?;
                }
            }
            run.write_record()?;
        }
        Ok((run, lock))
    }

    /// Writes `run.toml`: from then on the directory is a run.
    pub(crate) fn write_record(&self) -> Result<(), Error> {
        let text = toml::to_string(&self.record).expect("a run record holds only plain data");
        write_bytes(&self.path.join("run.toml"), text.as_bytes())
    }

    /// Notes that the program of this record goes on with the run.
    pub(crate) fn continued_by(&mut self, record: &RunRecord) -> Result<(), Error> {
        match self.record.add_revisions(record) {
            true => self.write_record(),
            false => Ok(()),
        }
    }

    /// Refuses another plan or device than this run's.
    pub(crate) fn check_is(&self, record: &RunRecord) -> Result<(), Error> {
        let decides = |record: &RunRecord| {
            let mut table = record.table();
            for key in ["mass_version", "burn_version", "revision"] {
                table.remove(key);
            }
            table
        };
        match difference(&decides(&self.record), &decides(record)) {
            Some(difference) => Err(self.fail(format!(
                "it holds another run ({difference}): choose another folder"
            ))),
            None => Ok(()),
        }
    }

    fn fail(&self, reason: impl Into<String>) -> Error {
        Error::RunDirectory {
            path: self.path.clone(),
            reason: reason.into(),
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What decided the run.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// Phases of the whole training, done or not.
    pub fn phases(&self) -> usize {
        self.record.phases()
    }

    /// Phases done.
    ///
    /// # Errors
    ///
    /// As [`Run::completed`].
    pub fn phases_done(&self) -> Result<usize, Error> {
        let length = self.record.recipe.schedule.phase_steps() as u64;
        Ok((self.completed()?.unwrap_or(0) / length) as usize)
    }

    /// What was measured up to the latest checkpoint.
    ///
    /// A thousand scientists in six phases are 2 million rows, half a gigabyte:
    /// [`metrics_of`](Run::metrics_of) reads one phase, [`phase_ends`](Run::phase_ends) the last
    /// evaluation of each.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a table is missing or does not read.
    pub fn metrics(&self) -> Result<Metrics, Error> {
        let mut all = Metrics::default();
        if let Some(completed) = self.completed()? {
            for phase in 1..=self.record.phase_of(completed) {
                all.extend(self.read_metrics(phase, |step| step <= completed)?);
            }
        }
        Ok(all)
    }

    /// What was measured in `phase`, counted from 1, up to the latest checkpoint.
    ///
    /// # Errors
    ///
    /// An error if the phase has not begun, [`Error::File`] if a table is missing or does not read.
    pub fn metrics_of(&self, phase: usize) -> Result<Metrics, Error> {
        self.check_phase(phase)?;
        let completed = self.completed()?.unwrap_or(0);
        let begins = self.record.phase_end(phase - 1);
        if completed < begins || (completed == begins && phase > 1) {
            return Err(self.fail(format!(
                "phase {phase} begins after step {begins}, and it has come to step {completed}: go on with the training"
            )));
        }
        self.read_metrics(phase, |step| step <= completed)
    }

    /// What was measured at the end of each phase done: weights, and the errors of every scientist
    /// on every system seen so far.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a table is missing or does not read.
    pub fn phase_ends(&self) -> Result<Metrics, Error> {
        let mut ends = Metrics::default();
        for phase in 1..=self.phases_done()? {
            let end = self.record.phase_end(phase);
            ends.extend(self.read_metrics(phase, |step| step == end)?);
        }
        Ok(ends)
    }

    /// How each scientist has fared so far, in the order of the seeds, judged by the recipe.
    ///
    /// # Errors
    ///
    /// As [`Run::phase_ends`]; [`Error::Checkpoint`] if the latest is damaged.
    pub fn standings(&self) -> Result<Vec<Standing>, Error> {
        let mut measured = self.phase_ends()?;
        let completed = self.completed()?.unwrap_or(0);
        let phase = self.record.phase_of(completed);
        let within = completed > 0 && self.record.phase_end(phase) != completed;
        if within {
            // A scientist may have diverged since the last phase's end.
            measured.extend(self.read_metrics(phase, |step| step <= completed)?);
        }
        let criterion = self.record.recipe.evaluation.criterion();
        let mut standings = Standing::of(&self.record, &measured, criterion);
        if within {
            // Or since the last evaluation: then the checkpoint alone says so.
            let diverged = self.latest_checkpoint()?.0.header.diverged;
            for (standing, step) in standings.iter_mut().zip(diverged) {
                if let Some(step) = step.filter(|_| standing.status() != Status::Diverged) {
                    let status = Status::Diverged;
                    standing.changes.push(Change { step, status });
                }
            }
        }
        Ok(standings)
    }

    fn read_metrics(&self, phase: usize, keep: impl Fn(u64) -> bool) -> Result<Metrics, Error> {
        Metrics::read(&self.metrics_path(phase), &self.weights_path(phase), keep)
    }

    pub(crate) fn check_phase(&self, phase: usize) -> Result<(), Error> {
        let phases = self.phases();
        if (1..=phases).contains(&phase) {
            return Ok(());
        }
        Err(Error::Request(format!(
            "there is no phase {phase}: the run in {} has phases 1 to {phases}",
            self.path.display()
        )))
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
    /// As [`Run::completed`].
    pub fn is_complete(&self) -> Result<bool, Error> {
        Ok(self.completed()? == Some(self.record.total_steps()))
    }

    /// The checkpoints, by steps done.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the directory cannot be read.
    pub fn checkpoints(&self) -> Result<Vec<(u64, PathBuf)>, Error> {
        let fail = |source| Error::File {
            action: "read",
            path: self.path.clone(),
            source,
        };
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

    /// The whole ensemble at the latest checkpoint, on a device.
    ///
    /// # Errors
    ///
    /// [`Error::RunDirectory`] before the first checkpoint, [`Error::Checkpoint`] if the
    /// file is truncated, corrupted or of another shape.
    pub fn model(&self, weights: WeightsKind, device: &Device) -> Result<MassModel, Error> {
        let (checkpoint, path) = self.latest_checkpoint()?;
        self.model_of(&checkpoint, &path, weights, device)
    }

    /// The whole ensemble at the end of `phase`, counted from 1, on a device. Systems that join
    /// later are as they were initialised, averages up to rounding.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a phase that the run does not have, [`Error::RunDirectory`] for one
    /// that is not done, saying which are; else as [`Run::model`].
    pub fn model_at(
        &self,
        phase: usize,
        weights: WeightsKind,
        device: &Device,
    ) -> Result<MassModel, Error> {
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
        let checkpoint = self.read_checkpoint(end, &path)?;
        self.model_of(&checkpoint, &path, weights, device)
    }

    fn model_of(
        &self,
        checkpoint: &Checkpoint,
        path: &Path,
        weights: WeightsKind,
        device: &Device,
    ) -> Result<MassModel, Error> {
        let shapes = self.record.shapes();
        let layout = Layout::new(&self.record.recipe, &shapes);
        let tensors = layout.shapes(self.record.seeds.len()).map(|(name, shape)| {
            let name = format!("{}.{name}", weights.prefix());
            Ok(from_host(checkpoint.tensor(path, &name, shape)?, device))
        });
        let tensors = tensors.collect::<Result<Vec<_>, Error>>()?;
        MassModel::from_tensors(&self.record.recipe, &shapes, tensors)
    }

    /// The systems of the run: looked up, or read from the run's own data files.
    ///
    /// # Errors
    ///
    /// An error of the registry or of a data file; [`Error::RunDirectory`] for a law of one's own, which
    /// the directory does not hold.
    pub fn systems(&self) -> Result<Vec<TrainingSystem>, Error> {
        self.record
            .systems
            .iter()
            .map(|system| {
                if system.own.is_some() {
                    return Err(self.fail(format!(
                        "{:?} is a law of one's own, of which it holds no more than a hash: give the systems to `Trainer::new` to go on, and read the model by `Run::model`",
                        system.id
                    )));
                }
                if system.measured.is_none() {
                    return TrainingSystem::named(&system.id);
                }
                let read = |part| Dataset::read_parquet(self.data_path(&system.id, part));
                let (train, test) = (read("train")?, read("test")?);
                Ok(TrainingSystem::measured_apart(&system.id, train, test))
            })
            .collect()
    }

    /// The latest checkpoint, checked against the plan.
    pub(crate) fn latest_checkpoint(&self) -> Result<(Checkpoint, PathBuf), Error> {
        loop {
            let (step, path) = self
                .checkpoints()?
                .pop()
                .ok_or_else(|| self.fail("it has no checkpoint yet"))?;
            match self.read_checkpoint(step, &path) {
                // A training has written a later one and removed this one since.
                Err(_) if !path.exists() => continue,
                read => return Ok((read?, path)),
            }
        }
    }

    /// The checkpoint after `step` steps, checked against the plan.
    pub(crate) fn read_checkpoint(&self, step: u64, path: &Path) -> Result<Checkpoint, Error> {
        let checkpoint = Checkpoint::read(path)?;
        let fail = |reason: &str| {
            Err(Error::Checkpoint {
                path: path.into(),
                reason: reason.into(),
            })
        };
        if checkpoint.header.plan != self.record.plan_hash() {
            return fail("it belongs to another run (other recipe, systems or seeds)");
        }
        if checkpoint.header.completed != step || checkpoint.header.seeds != self.record.seeds {
            return fail("its name or its seeds are not those of the run");
        }
        let shapes = self.record.shapes();
        if checkpoint.header.updates.len() != Layout::new(&self.record.recipe, &shapes).len() {
            return fail("its `mass` header has not the optimiser's updates of every parameter");
        }
        Ok(checkpoint)
    }

    pub(crate) fn checkpoint_path(&self, completed: u64) -> PathBuf {
        self.path
            .join(format!("checkpoint-{completed:08}.safetensors"))
    }

    pub(crate) fn data_path(&self, id: &str, part: &str) -> PathBuf {
        self.path.join(format!("data-{id}-{part}.parquet"))
    }

    pub(crate) fn metrics_path(&self, phase: usize) -> PathBuf {
        self.path.join(format!("metrics-{phase:02}.parquet"))
    }

    pub(crate) fn weights_path(&self, phase: usize) -> PathBuf {
        self.path.join(format!("weights-{phase:02}.parquet"))
    }
}

fn lock(path: &Path) -> Result<File, Error> {
    let file = path.join("run.lock");
    let fail = |action, source| Error::File {
        action,
        path: file.clone(),
        source,
    };
    let opened = File::create(&file).map_err(|source| fail("write", source))?;
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::Error(source)) => Err(fail("lock", source)),
        Err(TryLockError::WouldBlock) => Err(Error::RunDirectory {
            path: path.into(),
            reason: "another program is training or merging in it: wait until it is done".into(),
        }),
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
fn clear_killed_merge(path: &Path) -> Result<(), Error> {
    let is_of_run = |name: &str| {
        let is = |begin, end| name.starts_with(begin) && name.ends_with(end);
        is("checkpoint-", ".safetensors")
            || is("metrics-", ".parquet")
            || is("weights-", ".parquet")
    };
    let fail = |action, path: &Path, source| Error::File {
        action,
        path: path.into(),
        source,
    };
    let is_merge = path.join(MERGING).exists();
    for entry in fs::read_dir(path).map_err(|source| fail("read", path, source))? {
        let file = entry.map_err(|source| fail("read", path, source))?.path();
        let name = file.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| is_of_run(name)) else {
            continue;
        };
        if !is_merge {
            return Err(Error::RunDirectory {
                path: path.into(),
                reason: format!(
                    "it has a {name}, but no run.toml that says of which run: choose another folder"
                ),
            });
        }
        fs::remove_file(&file).map_err(|source| fail("remove", &file, source))?;
    }
    Ok(())
}

/// Removes what a killed program had begun to write: no file of that kind is in use while the
/// directory is locked.
fn remove_leftovers(path: &Path) -> Result<(), Error> {
    let fail = |source| Error::File {
        action: "read",
        path: path.into(),
        source,
    };
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

/// A tensor's bytes on the host.
pub(crate) fn to_host(tensor: Tensor<3>, precision: Precision) -> HostTensor {
    let shape = tensor.dims();
    let data = tensor.into_data();
    let dtype = match precision {
        Precision::F32 => Dtype::F32,
        Precision::F64 => Dtype::F64,
    };
    HostTensor {
        dtype,
        shape,
        bytes: data.as_bytes().to_vec(),
    }
}

/// A tensor from its bytes.
pub(crate) fn from_host(tensor: &HostTensor, device: &Device) -> Tensor<3> {
    let precision = if tensor.dtype == Dtype::F64 {
        Precision::F64
    } else {
        Precision::F32
    };
    let data = TensorData::from_bytes_vec(tensor.bytes.clone(), tensor.shape, precision.dtype());
    Tensor::from_data(data, (device, precision.dtype()))
}

//! A run is a directory: `run.toml`, and per phase `metrics-NN.parquet`, `weights-NN.parquet` and a
//! checkpoint.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use burn::tensor::{Device, Tensor, TensorData};
use mass_jet::Precision;
use mass_runs::{Checkpoint, Dtype, HostTensor, Mergeable, Record, RunDirectory};
use mass_systems::Dataset;

use crate::{
    Change, Error, MassModel, Metrics, Progress, RunRecord, Standing, Status, TrainingSystem,
    parameters::Layout, record::data_file,
};

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
/// use mass_core::{DeviceKind, Recipe, Record, Run, Trainer, TrainingSystem, WeightsKind};
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
pub struct Run(RunDirectory<RunRecord>);

/// A run is a run directory: where it is, how far it has come, its checkpoints.
impl Deref for Run {
    type Target = RunDirectory<RunRecord>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<RunDirectory<RunRecord>> for Run {
    fn from(directory: RunDirectory<RunRecord>) -> Self {
        Self(directory)
    }
}

impl Mergeable for RunRecord {
    type Run = Run;

    /// In the order in which one training would have measured it: by step, then by scientist, then by
    /// system.
    fn merge_tables(
        runs: &[RunDirectory<Self>],
        seeds: &[u64],
        phase: usize,
        out: &RunDirectory<Self>,
    ) -> Result<(), mass_runs::Error> {
        let mut metrics = Metrics::default();
        for run in runs {
            let mut part = metrics_of(run, phase)?;
            let is_merged = |seed: &u64| seeds.binary_search(seed).is_ok();
            part.rows.retain(|row| is_merged(&row.seed));
            part.weights.retain(|row| is_merged(&row.seed));
            metrics.extend(part);
        }
        metrics.rows.sort_by_key(|row| (row.step, row.seed));
        metrics.weights.sort_by_key(|row| (row.step, row.seed));
        write_metrics(out, phase, &metrics)
    }
}

fn metrics_of(run: &RunDirectory<RunRecord>, phase: usize) -> Result<Metrics, mass_runs::Error> {
    run.check_begun(phase)?;
    let completed = run.completed()?.unwrap_or(0);
    read_metrics(run, phase, |step| step <= completed)
}

fn read_metrics(
    run: &RunDirectory<RunRecord>,
    phase: usize,
    keep: impl Fn(u64) -> bool,
) -> Result<Metrics, mass_runs::Error> {
    let tables = run.table_paths(phase);
    Metrics::read(&tables[0], &tables[1], keep)
}

/// Writes both tables of a phase.
pub(crate) fn write_metrics(
    run: &RunDirectory<RunRecord>,
    phase: usize,
    metrics: &Metrics,
) -> Result<(), mass_runs::Error> {
    let tables = run.table_paths(phase);
    metrics.write(&tables[0], &tables[1])
}

impl Run {
    /// Opens a run directory.
    ///
    /// # Errors
    ///
    /// [`mass_runs::Error::RunDirectory`] if there is no run, or its `run.toml` does not parse or is of a
    /// later program; [`mass_runs::Error::File`] if it cannot be read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Ok(Self(RunDirectory::open(path)?))
    }

    /// What was measured up to the latest checkpoint.
    ///
    /// A thousand scientists in six phases are 2 million rows, half a gigabyte:
    /// [`metrics_of`](Run::metrics_of) reads one phase, [`phase_ends`](Run::phase_ends) the last
    /// evaluation of each.
    ///
    /// # Errors
    ///
    /// [`mass_runs::Error::File`] if a table is missing or does not read.
    pub fn metrics(&self) -> Result<Metrics, Error> {
        let mut all = Metrics::default();
        if let Some(completed) = self.completed()? {
            for phase in 1..=self.record().phase_of(completed) {
                all.extend(read_metrics(self, phase, |step| step <= completed)?);
            }
        }
        Ok(all)
    }

    /// What was measured in `phase`, counted from 1, up to the latest checkpoint.
    ///
    /// # Errors
    ///
    /// An error if the phase has not begun, [`mass_runs::Error::File`] if a table is missing or does not read.
    pub fn metrics_of(&self, phase: usize) -> Result<Metrics, Error> {
        Ok(metrics_of(self, phase)?)
    }

    /// What was measured at the end of each phase done: weights, and the errors of every scientist
    /// on every system seen so far.
    ///
    /// # Errors
    ///
    /// [`mass_runs::Error::File`] if a table is missing or does not read.
    pub fn phase_ends(&self) -> Result<Metrics, Error> {
        let mut ends = Metrics::default();
        for phase in 1..=self.phases_done()? {
            let end = self.record().phase_end(phase);
            ends.extend(read_metrics(self, phase, |step| step == end)?);
        }
        Ok(ends)
    }

    /// How each scientist has fared so far, in the order of the seeds, judged by the recipe.
    ///
    /// # Errors
    ///
    /// As [`Run::phase_ends`]; [`mass_runs::Error::Checkpoint`] if the latest is damaged.
    pub fn standings(&self) -> Result<Vec<Standing>, Error> {
        let mut measured = self.phase_ends()?;
        let completed = self.completed()?.unwrap_or(0);
        let phase = self.record().phase_of(completed);
        let within = completed > 0 && self.record().phase_end(phase) != completed;
        if within {
            // A scientist may have diverged since the last phase's end.
            measured.extend(read_metrics(self, phase, |step| step <= completed)?);
        }
        let criterion = self.record().recipe.evaluation.criterion();
        let mut standings = Standing::of(self.record(), &measured, criterion);
        if within {
            // Or since the last evaluation: then the checkpoint alone says so.
            let diverged = self.latest_checkpoint()?.0.header.state.diverged;
            for (standing, step) in standings.iter_mut().zip(diverged) {
                if let Some(step) = step.filter(|_| standing.status() != Status::Diverged) {
                    let status = Status::Diverged;
                    standing.changes.push(Change { step, status });
                }
            }
        }
        Ok(standings)
    }

    /// The whole ensemble at the latest checkpoint, on a device.
    ///
    /// # Errors
    ///
    /// [`mass_runs::Error::RunDirectory`] before the first checkpoint, [`mass_runs::Error::Checkpoint`] if the
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
    /// [`mass_runs::Error::Request`] for a phase that the run does not have, [`mass_runs::Error::RunDirectory`] for one
    /// that is not done, saying which are; else as [`Run::model`].
    pub fn model_at(
        &self,
        phase: usize,
        weights: WeightsKind,
        device: &Device,
    ) -> Result<MassModel, Error> {
        let (checkpoint, path) = self.checkpoint_at(phase)?;
        self.model_of(&checkpoint, &path, weights, device)
    }

    fn model_of(
        &self,
        checkpoint: &Checkpoint<Progress>,
        path: &Path,
        weights: WeightsKind,
        device: &Device,
    ) -> Result<MassModel, Error> {
        let shapes = self.record().shapes();
        let layout = Layout::new(&self.record().recipe, &shapes);
        let tensors = layout
            .shapes(self.record().seeds.len())
            .map(|(name, shape)| {
                let name = format!("{}.{name}", weights.prefix());
                Ok(from_host(checkpoint.tensor(path, &name, &shape)?, device))
            });
        let tensors = tensors.collect::<Result<Vec<_>, Error>>()?;
        MassModel::from_tensors(&self.record().recipe, &shapes, tensors)
    }

    /// The systems of the run: looked up, or read from the run's own data files.
    ///
    /// # Errors
    ///
    /// An error of the registry or of a data file; [`mass_runs::Error::RunDirectory`] for a law of one's own, which
    /// the directory does not hold.
    pub fn systems(&self) -> Result<Vec<TrainingSystem>, Error> {
        self.record()
            .systems
            .iter()
            .map(|system| {
                if system.own.is_some() {
                    return Err(self.0.fail(format!(
                        "{:?} is a law of one's own, of which it holds no more than a hash: give the systems to `Trainer::new` to go on, and read the model by `Run::model`",
                        system.id
                    ))
                    .into());
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

    /// The measured states of a system, `train` or `test`.
    fn data_path(&self, id: &str, part: &str) -> PathBuf {
        self.path().join(data_file(id, part))
    }

    /// Writes the measured states of the systems, which are part of the run.
    pub(crate) fn write_data(
        directory: &RunDirectory<RunRecord>,
        systems: &[TrainingSystem],
    ) -> Result<(), Error> {
        let run = Self(directory.clone());
        for system in systems {
            if let Some((train, test)) = system.measurements() {
                let id = system.id();
                train.write_parquet(run.data_path(&id, "train"))?;
                test.write_parquet(run.data_path(&id, "test"))?;
            }
        }
        Ok(())
    }

    /// Notes that the program of this record goes on with the run.
    pub(crate) fn continued_by(&mut self, record: &RunRecord) -> Result<(), Error> {
        Ok(self.0.continued_by(record)?)
    }
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
        shape: shape.to_vec(),
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
    let data = TensorData::from_bytes_vec(
        tensor.bytes.clone(),
        tensor.shape.clone(),
        precision.dtype(),
    );
    Tensor::from_data(data, (device, precision.dtype()))
}

//! A run is a directory: `run.toml`, `metrics.parquet`, `weights.parquet`, `checkpoint-*.safetensors`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use burn::tensor::{Device, Tensor, TensorData};
use mass_jet::{DeviceKind, Precision};
use mass_systems::{Dataset, lookup};
use safetensors::Dtype;
use serde::{Deserialize, Serialize};

use crate::{
    Error, MassModel, Metrics, Recipe, SystemShape, TrainingSystem,
    checkpoint::{Checkpoint, HostTensor},
    files::{create_dir, read_text, write_bytes},
};

/// Everything that decides a run, as written to `run.toml`: a run can be repeated from it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Version of this crate.
    pub mass_version: String,
    /// Version of Burn.
    pub burn_version: String,
    /// Git revision of the program, if it knows one.
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
}

impl RunRecord {
    /// What decides the numbers of a run on one device: recipe, systems and seeds.
    pub(crate) fn plan_hash(&self) -> String {
        let plan = format!(
            "{}{:?}{:?}{:?}",
            self.recipe.to_toml(),
            self.systems,
            self.seeds,
            self.start
        );
        blake3::hash(plan.as_bytes()).to_hex().to_string()
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
/// # Example
///
/// ```
/// use mass_core::{Recipe, Run, Trainer, TrainingSystem, WeightsKind};
/// use mass_jet::DeviceKind;
///
/// let folder = tempfile::tempdir().unwrap();
/// let systems = vec![TrainingSystem::Known(mass_systems::lookup("classical")?)];
/// Trainer::new(Recipe::reference().with_steps(3), systems, [0, 1])
///     .directory(folder.path())
///     .run()?;
///
/// let run = Run::open(folder.path())?;
/// assert!(run.is_complete()?);
/// let model = run.model(WeightsKind::Average, &DeviceKind::Flex.open()?)?;
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
    /// [`Error::File`] if there is no readable `run.toml`, [`Error::RunDirectory`] if it
    /// does not read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
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

    /// Starts a run directory, or opens the one that is there if it holds the same plan.
    pub(crate) fn create_or_open(
        path: &Path,
        record: &RunRecord,
        systems: &[TrainingSystem],
    ) -> Result<Self, Error> {
        if Self::exists(path) {
            let run = Self::open(path)?;
            let fail = |reason: String| Error::RunDirectory {
                path: path.into(),
                reason,
            };
            if run.record.plan_hash() != record.plan_hash() {
                return Err(fail(
                    "it holds another run (other recipe, systems or seeds): choose another folder"
                        .into(),
                ));
            }
            if run.record.device != record.device {
                return Err(fail(format!(
                    "its run is on device {}, and goes on there only: bits differ between devices",
                    run.record.device
                )));
            }
            return Ok(run);
        }
        create_dir(path)?;
        for system in systems {
            if let TrainingSystem::Measured { id, train, test } = system {
                train.write_parquet(data_path(path, id, "train"))?;
                test.write_parquet(data_path(path, id, "test"))?;
            }
        }
        let text = toml::to_string(record).expect("a run record holds only plain data");
        write_bytes(&path.join("run.toml"), text.as_bytes())?;
        Ok(Self {
            path: path.into(),
            record: record.clone(),
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What decided the run.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// What was measured.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a table is missing or does not read.
    pub fn metrics(&self) -> Result<Metrics, Error> {
        Metrics::read(&self.metrics_path(), &self.weights_path())
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
        let shapes = self.record.shapes();
        let tensors = parameter_shapes(&self.record.recipe, &shapes, self.record.seeds.len())
            .into_iter()
            .map(|(name, shape)| {
                let name = format!("{}.{name}", weights.prefix());
                Ok(from_host(checkpoint.tensor(&path, &name, shape)?, device))
            });
        let tensors = tensors.collect::<Result<Vec<_>, Error>>()?;
        MassModel::from_tensors(&self.record.recipe, &shapes, tensors)
    }

    /// The systems of the run: looked up, or read from the run's own data files.
    ///
    /// # Errors
    ///
    /// An error of the registry or of a data file.
    pub fn systems(&self) -> Result<Vec<TrainingSystem>, Error> {
        self.record
            .systems
            .iter()
            .map(|system| {
                if system.measured.is_none() {
                    return Ok(TrainingSystem::Known(lookup(&system.id)?));
                }
                let read = |part| -> Result<Box<Dataset>, Error> {
                    Ok(Box::new(Dataset::read_parquet(data_path(
                        &self.path, &system.id, part,
                    ))?))
                };
                Ok(TrainingSystem::Measured {
                    id: system.id.clone(),
                    train: read("train")?,
                    test: read("test")?,
                })
            })
            .collect()
    }

    /// The latest checkpoint, checked against the plan.
    pub(crate) fn latest_checkpoint(&self) -> Result<(Checkpoint, PathBuf), Error> {
        let (step, path) = self
            .checkpoints()?
            .pop()
            .ok_or_else(|| Error::RunDirectory {
                path: self.path.clone(),
                reason: "it has no checkpoint yet".into(),
            })?;
        let checkpoint = Checkpoint::read(&path)?;
        let fail = |reason: String| Error::Checkpoint {
            path: path.clone(),
            reason,
        };
        if checkpoint.header.plan != self.record.plan_hash() {
            return Err(fail(
                "it belongs to another run (other recipe, systems or seeds)".into(),
            ));
        }
        if checkpoint.header.completed != step || checkpoint.header.seeds != self.record.seeds {
            return Err(fail(
                "its name or its seeds are not those of the run".into(),
            ));
        }
        Ok((checkpoint, path))
    }

    pub(crate) fn checkpoint_path(&self, completed: u64) -> PathBuf {
        self.path
            .join(format!("checkpoint-{completed:08}.safetensors"))
    }

    pub(crate) fn metrics_path(&self) -> PathBuf {
        self.path.join("metrics.parquet")
    }

    pub(crate) fn weights_path(&self) -> PathBuf {
        self.path.join("weights.parquet")
    }

    /// Takes the directory for writing, so that two programs cannot train in it at once.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        let path = self.path.join("run.lock");
        let file = File::create(&path).map_err(|source| Error::File {
            action: "write",
            path: path.clone(),
            source,
        })?;
        file.try_lock().map_err(|_| Error::RunDirectory {
            path: self.path.clone(),
            reason: "another program is training in it".into(),
        })?;
        Ok(file)
    }
}

fn data_path(path: &Path, id: &str, part: &str) -> PathBuf {
    path.join(format!("data-{id}-{part}.parquet"))
}

/// Name and shape of every parameter of an ensemble of `members`, in order.
pub(crate) fn parameter_shapes(
    recipe: &Recipe,
    systems: &[SystemShape],
    members: usize,
) -> Vec<(String, [usize; 3])> {
    let terms = recipe.terms.build().0.len();
    let shapes = systems
        .iter()
        .flat_map(|system| {
            let layers = recipe.network.config(system.dof).layer_shapes();
            layers
                .into_iter()
                .flat_map(|[out, fan_in]| [[out, fan_in], [out, 1]])
                .chain([[1, 1]])
        })
        .chain([[1, terms]]);
    MassModel::names(recipe, systems)
        .into_iter()
        .zip(shapes)
        .map(|(name, [rows, columns])| (name, [members, rows, columns]))
        .collect()
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

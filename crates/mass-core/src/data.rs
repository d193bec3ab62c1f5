//! The states that an ensemble trains and is tested on, and its batches.

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use mass_jet::Precision;
use mass_systems::{Dataset, Purpose, System, lookup, sample, stream};
use rand::seq::index;

use crate::{DataRecipe, Error, SystemShape};

/// Words of a ChaCha stream set aside for the batch of one step; 512 draws need about 1024.
const WORDS_PER_STEP: u128 = 1 << 24;

/// States by which a law of one's own is known again.
const LAW_STATES: usize = 32;

/// BLAKE3 of states with their accelerations.
fn hash(datasets: &[&Dataset]) -> String {
    let mut hasher = blake3::Hasher::new();
    for data in datasets {
        hasher.update(&data.len().to_le_bytes());
        for values in [data.x(), data.y(), data.acceleration()] {
            for value in values {
                hasher.update(&value.to_le_bytes());
            }
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// What an ensemble learns from: a system to sample, or measured states.
pub enum TrainingSystem {
    /// A system whose law is known; each scientist draws its own states from its domain.
    Known(Box<dyn System>),
    /// The user's own states and accelerations, the same for every scientist.
    Measured {
        /// Name of the data, unique among the systems of a run.
        id: String,
        /// States to train on.
        train: Box<Dataset>,
        /// Other states, to test on.
        test: Box<Dataset>,
    },
}

impl TrainingSystem {
    /// Splits a user's dataset into training and test states, `train_share` of it to train on.
    ///
    /// The split is drawn from the stream of (`seed`, `id`).
    ///
    /// # Errors
    ///
    /// An error if the share is not between 0 and 1, or there are fewer than two states.
    pub fn measured(
        id: impl Into<String>,
        data: &Dataset,
        train_share: f64,
        seed: u64,
    ) -> Result<Self, Error> {
        if !(train_share > 0.0 && train_share < 1.0) {
            return Err(Error::Request(format!(
                "the share of the states to train on is {train_share}; it must be between 0 and 1, as 0.8 is"
            )));
        }
        let id = id.into();
        let mut stream = stream(seed, Purpose::TestData, &id);
        let (train, test) = data.split(1.0 - train_share, &mut stream)?;
        Ok(TrainingSystem::Measured {
            id,
            train: Box::new(train),
            test: Box::new(test),
        })
    }

    /// Name and dimension.
    pub fn shape(&self) -> SystemShape {
        match self {
            TrainingSystem::Known(system) => SystemShape {
                id: system.id(),
                dof: system.dof(),
            },
            TrainingSystem::Measured { id, train, .. } => SystemShape {
                id: id.clone(),
                dof: train.dof(),
            },
        }
    }

    /// BLAKE3 of measured states; `None` for a known system, whose states follow from the seed.
    pub(crate) fn content_hash(&self) -> Option<String> {
        let TrainingSystem::Measured { train, test, .. } = self else {
            return None;
        };
        Some(hash(&[train, test]))
    }

    /// BLAKE3 of a few states and accelerations of a known system that the registry has not, or has
    /// with another law; `None` for one that its id gives.
    pub(crate) fn own_law(&self) -> Option<String> {
        let TrainingSystem::Known(system) = self else {
            return None;
        };
        let of = |system: &dyn System| {
            let mut stream = stream(0, Purpose::TestData, &system.id());
            let states = sample(system, LAW_STATES, &mut stream);
            states.ok().map(|states| hash(&[&states]))
        };
        let own = of(system.as_ref());
        match lookup(&system.id()) {
            Ok(registered) if of(registered.as_ref()) == own => None,
            _ => own,
        }
    }

    /// The states that a scientist trains on: `recipe.train_states` of its own stream, or the
    /// measured ones.
    ///
    /// # Errors
    ///
    /// An error of the system if it cannot be sampled.
    pub fn train_states(&self, recipe: &DataRecipe, seed: u64) -> Result<Dataset, Error> {
        self.states(Purpose::TrainData, recipe.train_states, seed)
    }

    /// The states that a scientist is tested on.
    ///
    /// # Errors
    ///
    /// As [`TrainingSystem::train_states`].
    pub fn test_states(&self, recipe: &DataRecipe, seed: u64) -> Result<Dataset, Error> {
        self.states(Purpose::TestData, recipe.test_states, seed)
    }

    fn states(&self, purpose: Purpose, count: usize, seed: u64) -> Result<Dataset, Error> {
        match (self, purpose) {
            (TrainingSystem::Known(system), _) => {
                let mut stream = stream(seed, purpose, &system.id());
                Ok(sample(system.as_ref(), count, &mut stream)?)
            }
            (TrainingSystem::Measured { train, .. }, Purpose::TrainData) => Ok((**train).clone()),
            (TrainingSystem::Measured { test, .. }, _) => Ok((**test).clone()),
        }
    }
}

/// The row indices of the batch that `seed` sees of a system at `step`, without replacement.
///
/// A pure function of its arguments: each step has its own place in the stream of (seed, system),
/// so that resuming needs no generator state.
///
/// # Example
///
/// ```
/// use mass_core::batch_indices;
///
/// let batch = batch_indices(0, "classical", 41, 10_000, 512);
/// assert_eq!(batch, batch_indices(0, "classical", 41, 10_000, 512));
/// assert_ne!(batch, batch_indices(0, "classical", 42, 10_000, 512));
/// ```
pub fn batch_indices(
    seed: u64,
    system: &str,
    step: u64,
    states: usize,
    batch: usize,
) -> Vec<usize> {
    let mut stream = stream(seed, Purpose::Batches, system);
    stream.set_word_pos(u128::from(step) * WORDS_PER_STEP);
    index::sample(&mut stream, states, batch.min(states)).into_vec()
}

/// Rows of a few numbers for every scientist of a block, on the host.
///
/// Batches are cut here: for a row of two or three numbers that is less work than looking it up on a
/// device by an index of the same size.
#[derive(Debug)]
enum Rows {
    Single { values: Vec<f32>, width: usize },
    Double { values: Vec<f64>, width: usize },
}

impl Rows {
    fn new(values: Vec<f64>, width: usize, precision: Precision) -> Self {
        match precision {
            Precision::F32 => Rows::Single {
                values: values.into_iter().map(|value| value as f32).collect(),
                width,
            },
            Precision::F64 => Rows::Double { values, width },
        }
    }

    /// All rows, or these of them, as `[members, rows, width]`.
    fn tensor(&self, rows: Option<&[usize]>, members: usize, device: &Device) -> Tensor<3> {
        match self {
            Rows::Single { values, width } => {
                let data = cut(values, *width, rows, members);
                Tensor::from_data(data, (device, DType::F32))
            }
            Rows::Double { values, width } => {
                let data = cut(values, *width, rows, members);
                Tensor::from_data(data, (device, DType::F64))
            }
        }
    }
}

fn cut<T: Element>(
    values: &[T],
    width: usize,
    rows: Option<&[usize]>,
    members: usize,
) -> TensorData {
    let numbers = match (rows, width) {
        (None, _) => values.to_vec(),
        // With the width known, a row is one load and one store.
        (Some(rows), 1) => rows.iter().map(|row| values[*row]).collect(),
        (Some(rows), 2) => {
            let (pairs, _) = values.as_chunks::<2>();
            rows.iter().flat_map(|row| pairs[*row]).collect()
        }
        (Some(rows), _) => {
            let row = |row: &usize| &values[row * width..(row + 1) * width];
            rows.iter().flat_map(row).copied().collect()
        }
    };
    let shape = [members, numbers.len() / members / width, width];
    TensorData::new(numbers, shape)
}

/// States and accelerations of a block of scientists, to draw batches of.
#[derive(Debug)]
pub(crate) struct BlockData {
    states: Rows,
    targets: Rows,
    members: usize,
    length: usize,
    device: Device,
}

impl BlockData {
    /// One dataset per scientist, all of one length.
    pub(crate) fn new(datasets: &[Dataset], device: &Device, precision: Precision) -> Self {
        let (length, dof) = (datasets[0].len(), datasets[0].dof());
        let mut states = Vec::with_capacity(datasets.len() * length * 2 * dof);
        let mut targets = Vec::with_capacity(datasets.len() * length * dof);
        for dataset in datasets {
            for row in 0..length {
                states.extend_from_slice(&dataset.x()[row * dof..(row + 1) * dof]);
                states.extend_from_slice(&dataset.y()[row * dof..(row + 1) * dof]);
            }
            targets.extend_from_slice(dataset.acceleration());
        }
        Self {
            states: Rows::new(states, 2 * dof, precision),
            targets: Rows::new(targets, dof, precision),
            members: datasets.len(),
            length,
            device: device.clone(),
        }
    }

    /// Number of states per scientist, N.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The rows `indices[e]` of each scientist e: states `[E, B, n]` and targets `[E, B, d]`.
    pub(crate) fn batch(&self, indices: &[Vec<usize>]) -> (Tensor<3>, Tensor<3>) {
        // Rows of all members' states, one below the other.
        let rows: Vec<usize> = indices
            .iter()
            .enumerate()
            .flat_map(|(member, rows)| rows.iter().map(move |row| member * self.length + row))
            .collect();
        self.tensors(Some(&rows))
    }

    /// All states `[E, N, n]` and targets `[E, N, d]`.
    pub(crate) fn all(&self) -> (Tensor<3>, Tensor<3>) {
        self.tensors(None)
    }

    fn tensors(&self, rows: Option<&[usize]>) -> (Tensor<3>, Tensor<3>) {
        let tensor = |of: &Rows| of.tensor(rows, self.members, &self.device);
        (tensor(&self.states), tensor(&self.targets))
    }
}

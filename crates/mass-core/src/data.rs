//! The states that an ensemble trains and is tested on, and its batches.

use std::{fmt, sync::Arc};

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use mass_jet::Precision;
use mass_systems::{
    AnyLagrangian, Dataset, Purpose, Scaled, Scales, States, System, lookup, sample, sample_states,
    stream,
};
use rand::seq::index;

use crate::{DataRecipe, Error, SystemShape, Units};

/// States of a system with their accelerations, for every scientist of an ensemble.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The states (x, y), `[E, B, n]`.
    pub states: Tensor<3>,
    /// The accelerations ẏ there, `[E, B, d]`.
    pub targets: Tensor<3>,
}

impl Batch {
    /// The batch on the autodiff device, to be differentiated through.
    #[must_use]
    pub(crate) fn with_autodiff(self) -> Self {
        Self {
            states: Tensor::from_inner(self.states),
            targets: Tensor::from_inner(self.targets),
        }
    }
}

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

/// What an ensemble learns from: a system whose law is known, to draw states of, or measured states.
///
/// A clone shares the law and the states.
///
/// # Example
///
/// ```
/// use mass_core::TrainingSystem;
/// use mass_systems::{Domain, System};
///
/// /// Free fall with drag: ẏ = −1 − y³.
/// struct Falling;
///
/// impl System for Falling {
///     fn id(&self) -> String { "falling".into() }
///     fn dof(&self) -> usize { 1 }
///     fn domain(&self) -> Domain { Domain::cube(1, (0.0, 1.0), (-1.0, 1.0)).expect("a valid domain") }
///     fn acceleration(&self, _x: &[f64], y: &[f64], out: &mut [f64]) {
///         out[0] = -1.0 - y[0].powi(3);
///     }
/// }
///
/// let own = TrainingSystem::known(Falling);
/// assert_eq!((own.id().as_str(), own.dof()), ("falling", 1));
/// let of_the_zoo = TrainingSystem::named("kepler")?;
/// assert!(of_the_zoo.lagrangian().is_some() && own.lagrangian().is_none());
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Clone)]
pub struct TrainingSystem(Source);

/// Looked into here alone: elsewhere it is asked what a system has.
#[derive(Clone)]
enum Source {
    /// Each scientist draws its own states from the law's domain.
    Known(Arc<dyn System>),
    /// The user's own states and accelerations, the same for every scientist.
    Measured {
        id: String,
        train: Arc<Dataset>,
        test: Arc<Dataset>,
    },
}

impl TrainingSystem {
    /// A system whose law is known, of the zoo or one's own; each scientist draws its own states from
    /// its domain.
    pub fn known(system: impl System + 'static) -> Self {
        Self(Source::Known(Arc::new(system)))
    }

    /// A system of the zoo by its id, as `kepler` or `power1(2,3)`.
    ///
    /// # Errors
    ///
    /// An error of the registry with the nearest id ([`mass_systems::lookup`]).
    pub fn named(id: &str) -> Result<Self, Error> {
        Ok(Self::known(lookup(id)?))
    }

    /// Measured states, the same for every scientist, split into training and test states,
    /// `train_share` of them to train on. The id is unique among the systems of a run.
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
        Ok(Self::measured_apart(id, train, test))
    }

    /// Measured states that are split already: those to train on and others to test on. The states
    /// are shared, never copied per scientist.
    pub fn measured_apart(
        id: impl Into<String>,
        train: impl Into<Arc<Dataset>>,
        test: impl Into<Arc<Dataset>>,
    ) -> Self {
        Self(Source::Measured {
            id: id.into(),
            train: train.into(),
            test: test.into(),
        })
    }

    /// Its id, unique among the systems of a run.
    pub fn id(&self) -> String {
        match &self.0 {
            Source::Known(system) => system.id(),
            Source::Measured { id, .. } => id.clone(),
        }
    }

    /// Degrees of freedom d.
    pub fn dof(&self) -> usize {
        match &self.0 {
            Source::Known(system) => system.dof(),
            Source::Measured { train, .. } => train.dof(),
        }
    }

    /// Id and dimension, as the model sees a system.
    pub fn shape(&self) -> SystemShape {
        SystemShape {
            id: self.id(),
            dof: self.dof(),
        }
    }

    /// The system, if its law is known.
    pub fn system(&self) -> Option<&dyn System> {
        match &self.0 {
            Source::Known(system) => Some(system.as_ref()),
            Source::Measured { .. } => None,
        }
    }

    /// The exact Lagrangian, if the law is known and has one.
    pub fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        self.system()?.lagrangian()
    }

    /// The states to train and to test on, if they are measured.
    pub fn measurements(&self) -> Option<(&Arc<Dataset>, &Arc<Dataset>)> {
        match &self.0 {
            Source::Known(_) => None,
            Source::Measured { train, test, .. } => Some((train, test)),
        }
    }

    /// The units in which a training of this recipe sees it: of a thousand states of the recipe's kind that
    /// no scientist trains on, or of the measured ones.
    ///
    /// # Errors
    ///
    /// As [`TrainingSystem::train_states`].
    pub fn scales(&self, recipe: &DataRecipe) -> Result<Scales, Error> {
        if recipe.units == Units::Own {
            return Ok(Scales::own(self.dof()));
        }
        Ok(match &self.0 {
            Source::Known(system) => {
                let states = drawn(system, Purpose::Evaluation, recipe.states, SCALE_STATES, 0)?;
                let scales = Scales::of(&states, system.angles());
                match system.domain().min_separation() {
                    Some(_) => scales.with_common_length(),
                    None => scales,
                }
            }
            Source::Measured { train, .. } => Scales::of(train, &[]),
        })
    }

    /// The system as a training of this recipe sees it, in the units of [`TrainingSystem::scales`].
    ///
    /// # Errors
    ///
    /// As [`TrainingSystem::scales`].
    pub fn in_units_of(&self, recipe: &DataRecipe) -> Result<Self, Error> {
        self.in_units(&self.scales(recipe)?)
    }

    /// The system in these units.
    ///
    /// # Errors
    ///
    /// An error if the scales are not of its d positions.
    pub fn in_units(&self, scales: &Scales) -> Result<Self, Error> {
        if scales.is_own() {
            return Ok(self.clone());
        }
        Ok(match &self.0 {
            Source::Known(system) => Self::known(Scaled::new(system.clone(), scales.clone())?),
            Source::Measured { id, train, test } => {
                Self::measured_apart(id.clone(), scales.to_unit(train)?, scales.to_unit(test)?)
            }
        })
    }

    /// Whether a training of this recipe can be on it.
    pub(crate) fn check(&self, recipe: &DataRecipe) -> Result<(), Error> {
        let Some((train, test)) = self.measurements() else {
            return Ok(());
        };
        let (id, fail) = (self.id(), |reason: String| Err(Error::Request(reason)));
        if train.dof() != test.dof() {
            return fail(format!(
                "data {id:?} has {} degrees of freedom to train on and {} to test on",
                train.dof(),
                test.dof()
            ));
        }
        if id.contains(['/', '\\']) {
            return fail(format!(
                "data {id:?} cannot be kept in a file of that name: give it an id without / and \\"
            ));
        }
        if train.len() < recipe.batch || test.is_empty() {
            return fail(format!(
                "data {id:?} has {} training and {} test states, but a batch takes {} and a test at least 1: give more data or a smaller data.batch",
                train.len(),
                test.len(),
                recipe.batch
            ));
        }
        Ok(())
    }

    /// BLAKE3 of measured states; `None` for a known system, whose states follow from the seed.
    pub(crate) fn content_hash(&self) -> Option<String> {
        let (train, test) = self.measurements()?;
        Some(hash(&[train, test]))
    }

    /// BLAKE3 of a few states and accelerations of a known system that the registry has not, or has
    /// with another law; `None` for one that its id gives.
    pub(crate) fn own_law(&self) -> Option<String> {
        let of = |system: &dyn System| {
            let mut stream = stream(0, Purpose::TestData, &system.id());
            let states = sample(system, LAW_STATES, &mut stream);
            states.ok().map(|states| hash(&[&states]))
        };
        let system = self.system()?;
        let own = of(system);
        match lookup(&system.id()) {
            Ok(registered) if of(registered.as_ref()) == own => None,
            _ => own,
        }
    }

    /// The states that a scientist trains on: `recipe.train_states` of its own stream, or the
    /// measured ones, which are shared.
    ///
    /// # Errors
    ///
    /// An error of the system if it cannot be sampled.
    pub fn train_states(&self, recipe: &DataRecipe, seed: u64) -> Result<Arc<Dataset>, Error> {
        match &self.0 {
            Source::Known(system) => drawn(
                system,
                Purpose::TrainData,
                recipe.states,
                recipe.train_states,
                seed,
            ),
            Source::Measured { train, .. } => Ok(train.clone()),
        }
    }

    /// The states that a scientist is tested on.
    ///
    /// # Errors
    ///
    /// As [`TrainingSystem::train_states`].
    pub fn test_states(&self, recipe: &DataRecipe, seed: u64) -> Result<Arc<Dataset>, Error> {
        match &self.0 {
            Source::Known(system) => drawn(
                system,
                Purpose::TestData,
                recipe.states,
                recipe.test_states,
                seed,
            ),
            Source::Measured { test, .. } => Ok(test.clone()),
        }
    }
}

impl fmt::Debug for TrainingSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Source::Known(_) => "known",
            Source::Measured { .. } => "measured",
        };
        write!(
            f,
            "TrainingSystem({kind} {:?}, d = {})",
            self.id(),
            self.dof()
        )
    }
}

/// States that scales are taken of.
const SCALE_STATES: usize = 1000;

fn drawn(
    system: &Arc<dyn System>,
    purpose: Purpose,
    states: States,
    count: usize,
    seed: u64,
) -> Result<Arc<Dataset>, Error> {
    let mut stream = stream(seed, purpose, &system.id());
    Ok(Arc::new(sample_states(
        system.as_ref(),
        states,
        count,
        &mut stream,
    )?))
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

/// States and accelerations on the host, in the precision of a training.
#[derive(Debug)]
pub(crate) struct HostData {
    states: Rows,
    targets: Rows,
    length: usize,
}

impl HostData {
    /// Datasets of one length, one below the other.
    pub(crate) fn new(datasets: &[Arc<Dataset>], precision: Precision) -> Self {
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
            length,
        }
    }

    /// All rows, or these of them, as a batch of `members` scientists.
    pub(crate) fn batch(&self, rows: Option<&[usize]>, members: usize, device: &Device) -> Batch {
        Batch {
            states: self.states.tensor(rows, members, device),
            targets: self.targets.tensor(rows, members, device),
        }
    }
}

/// States and accelerations of a block of scientists, to draw batches of: a dataset per scientist, or
/// one that they share.
#[derive(Debug)]
pub(crate) struct BlockData {
    data: Arc<HostData>,
    shared: bool,
    device: Device,
}

impl BlockData {
    /// The scientists' own datasets, one below the other.
    pub(crate) fn own(data: HostData, device: &Device) -> Self {
        Self {
            data: Arc::new(data),
            shared: false,
            device: device.clone(),
        }
    }

    /// One dataset for all of them.
    pub(crate) fn shared(data: Arc<HostData>, device: &Device) -> Self {
        Self {
            data,
            shared: true,
            device: device.clone(),
        }
    }

    /// Number of states per scientist, N.
    pub(crate) fn len(&self) -> usize {
        self.data.length
    }

    /// All rows of one scientist.
    pub(crate) fn of_member(&self, member: usize) -> Batch {
        let from = if self.shared { 0 } else { member * self.len() };
        let rows: Vec<usize> = (from..from + self.len()).collect();
        self.data.batch(Some(&rows), 1, &self.device)
    }

    /// The rows `indices[e]` of each scientist e.
    pub(crate) fn batch(&self, indices: &[Vec<usize>]) -> Batch {
        let offset = if self.shared { 0 } else { self.len() };
        let rows: Vec<usize> = indices
            .iter()
            .enumerate()
            .flat_map(|(member, rows)| rows.iter().map(move |row| member * offset + row))
            .collect();
        self.data.batch(Some(&rows), indices.len(), &self.device)
    }
}

#[cfg(test)]
mod tests {
    use mass_jet::DeviceKind;

    use super::*;
    use crate::{MassModel, Recipe, evaluation::test_errors};

    fn values(tensor: Tensor<3>) -> Vec<f64> {
        tensor.into_data().iter::<f64>().collect()
    }

    #[test]
    fn measured_states_are_shared_and_read_as_if_each_scientist_had_its_own() {
        let (mut stream, device) = (stream(3, Purpose::TestData, "lab"), DeviceKind::Flex);
        let device = device.open().unwrap();
        let data = sample(&*lookup("pendulum").unwrap(), 50, &mut stream).unwrap();
        let lab = TrainingSystem::measured("lab", &data, 0.8, 0).unwrap();
        let recipe = Recipe::reference();
        let of = |seed| lab.train_states(&recipe.data, seed).unwrap();
        assert!(Arc::ptr_eq(&of(0), &of(1)));

        let (own, one) = ([of(0), of(1)], [of(0)]);
        let host = |datasets: &[Arc<Dataset>]| HostData::new(datasets, Precision::F32);
        let apart = BlockData::own(host(&own), &device);
        let shared = BlockData::shared(Arc::new(host(&one)), &device);
        let rows = [0, 1].map(|seed| batch_indices(seed, "lab", 0, of(0).len(), 8));
        assert_ne!(rows[0], rows[1]);
        let (apart, shared) = (apart.batch(&rows), shared.batch(&rows));
        assert_eq!(values(apart.states), values(shared.states));
        assert_eq!(values(apart.targets), values(shared.targets));

        let shape = [lab.shape()];
        let model = MassModel::init(&recipe, &shape, &[0, 1], &device).unwrap();
        let apart = host(&own).batch(None, 2, &device);
        let one = host(&one).batch(None, 1, &device);
        let shared = Batch {
            states: one.states.expand([2, of(0).len(), 2]),
            targets: one.targets.expand([2, of(0).len(), 1]),
        };
        let errors = |batch| test_errors(&model, 0, batch).unwrap();
        assert_eq!(errors(&apart), errors(&shared));
    }
}

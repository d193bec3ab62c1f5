//! What was seen: positions at equal steps, and the windows that laws are found in.

use mass_data::{Measurements, Trajectory};
use mass_systems::{Purpose, QuantileRule, quantile, stream, uniform};

use crate::error::Error;

/// The label of a window that obeys none of a world's laws: a bounce, or a passage from one region to another.
pub const TRANSITION: u32 = 0;

/// Positions of one or more motions at equal steps, each `[rows, D]`, with labels where the truth is known.
///
/// # Example
/// ```
/// use mass_physicist::Observations;
///
/// let fall: Vec<f64> = (0..50).map(|t| 1.0 - 0.01 * f64::from(t * t)).collect();
/// let observations = Observations::new(1, 0.1, vec![fall])?;
/// let windows = observations.windows(2)?;
/// assert_eq!((windows.len(), windows.inputs(0)), (48, &[1.0, 0.99][..]));
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Observations {
    dimension: usize,
    step: f64,
    trajectories: Vec<Vec<f64>>,
    labels: Option<Vec<Vec<u32>>>,
}

impl Observations {
    /// Of D coordinates, a time between two positions, and positions `[rows, D]` of each motion.
    ///
    /// # Errors
    /// [`Error::Data`] if there are no motions, a shape does not fit or a number is not finite; [`Error::Request`]
    /// if D is 0 or the step is not positive.
    pub fn new(dimension: usize, step: f64, trajectories: Vec<Vec<f64>>) -> Result<Self, Error> {
        if dimension == 0 || !(step > 0.0 && step.is_finite()) {
            return Err(Error::Request(format!(
                "observations have at least one coordinate and a positive step; they are {dimension} and {step}"
            )));
        }
        if trajectories.is_empty() {
            return Err(Error::Data("there is no motion to look at".into()));
        }
        for (motion, positions) in trajectories.iter().enumerate() {
            if positions.is_empty() || positions.len() % dimension != 0 {
                return Err(Error::Data(format!(
                    "motion {motion}, counted from 0, has {} numbers; they must be {dimension} in each row, and at least one row",
                    positions.len()
                )));
            }
            if let Some(at) = positions.iter().position(|p| !p.is_finite()) {
                return Err(Error::Data(format!(
                    "row {} of motion {motion}, counted from 0, is not finite",
                    at / dimension
                )));
            }
        }
        Ok(Self {
            dimension,
            step,
            trajectories,
            labels: None,
        })
    }

    /// A person's own measured motions. Steps must be equal, to a thousandth, within and among motions.
    ///
    /// # Errors
    /// [`Error::Data`] where steps are not equal, naming the motion and row.
    pub fn from_trajectories(trajectories: &[Trajectory]) -> Result<Self, Error> {
        let first = trajectories
            .iter()
            .find(|trajectory| trajectory.len() > 1)
            .ok_or_else(|| Error::Data("no motion has two rows".into()))?;
        let gaps = trajectories.iter().flat_map(|motion| motion.t().windows(2));
        let gaps: Vec<f64> = gaps.map(|pair| pair[1] - pair[0]).collect();
        let step = quantile(&gaps, 0.5, QuantileRule::Nearest);
        for trajectory in trajectories {
            if trajectory.dof() != first.dof() {
                return Err(Error::Data(format!(
                    "motion {} has {} coordinates, motion {} has {}",
                    trajectory.name(),
                    trajectory.dof(),
                    first.name(),
                    first.dof()
                )));
            }
            for (row, pair) in trajectory.t().windows(2).enumerate() {
                if ((pair[1] - pair[0]) / step - 1.0).abs() > 1e-3 {
                    return Err(Error::Data(format!(
                        "rows {row} and {} of motion {}, counted from 0, are {} apart in time where others are {step}: positions at equal steps are needed; interpolate them first, or cut the motion where rows are missing",
                        row + 1,
                        trajectory.name(),
                        pair[1] - pair[0]
                    )));
                }
            }
        }
        let positions = trajectories.iter().map(|motion| motion.q().to_vec());
        Self::new(first.dof(), step, positions.collect())
    }

    /// The same from measurements as read from files.
    ///
    /// # Errors
    /// As [`Observations::from_trajectories`].
    pub fn from_measurements(measurements: &Measurements) -> Result<Self, Error> {
        Self::from_trajectories(measurements.trajectories())
    }

    /// The same with the true law of each row, `[rows]` for each motion: the window that ends there, numbered from
    /// 1, or [`TRANSITION`].
    ///
    /// # Errors
    /// [`Error::Data`] if the shape does not fit.
    pub fn with_labels(mut self, labels: Vec<Vec<u32>>) -> Result<Self, Error> {
        let fits = labels.len() == self.trajectories.len()
            && labels
                .iter()
                .zip(&self.trajectories)
                .all(|(labels, positions)| labels.len() * self.dimension == positions.len());
        if !fits {
            return Err(Error::Data(
                "labels do not fit: one is needed for each row of each motion".into(),
            ));
        }
        self.labels = Some(labels);
        Ok(self)
    }

    /// The same with independent normal errors of deviation `noise` added to every coordinate, drawn by a seed.
    /// Labels stay as they are.
    pub fn with_noise(mut self, noise: f64, seed: u64) -> Self {
        if noise == 0.0 {
            return self;
        }
        for (motion, positions) in self.trajectories.iter_mut().enumerate() {
            let key = format!("physicist-noise/{motion}");
            let mut rng = stream(seed, Purpose::TrainData, &key);
            for pair in positions.chunks_mut(2) {
                // Box and Muller; written out so that data do not change with a library's version.
                let radius = (-2.0 * (1.0 - uniform(&mut rng, 0.0, 1.0)).max(1e-300).ln()).sqrt();
                let (sin, cos) = (std::f64::consts::TAU * uniform(&mut rng, 0.0, 1.0)).sin_cos();
                for (position, part) in pair.iter_mut().zip([cos, sin]) {
                    *position += noise * radius * part;
                }
            }
        }
        self
    }

    /// D.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Time between two positions.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Positions of each motion, `[rows, D]`.
    pub fn trajectories(&self) -> &[Vec<f64>] {
        &self.trajectories
    }

    /// True laws of each motion's rows, where they are known.
    pub fn labels(&self) -> Option<&[Vec<u32>]> {
        self.labels.as_deref()
    }

    /// Every T + 1 positions in a row, as what is given and what is to be predicted.
    ///
    /// # Errors
    /// [`Error::Request`] if T is 0, [`Error::Data`] if no motion is long enough.
    pub fn windows(&self, memory: usize) -> Result<Windows, Error> {
        if memory == 0 {
            return Err(Error::Request(
                "a law needs at least one past position".into(),
            ));
        }
        let d = self.dimension;
        let mut windows = Windows {
            dimension: d,
            memory,
            step: self.step,
            rows: Vec::new(),
            places: Vec::new(),
            labels: self.labels.as_ref().map(|_| Vec::new()),
        };
        for (motion, positions) in self.trajectories.iter().enumerate() {
            let rows = positions.len() / d;
            for t in memory..rows {
                windows
                    .rows
                    .extend_from_slice(&positions[(t - memory) * d..(t + 1) * d]);
                windows.places.push((motion as u32, t as u32));
                if let (Some(kept), Some(labels)) = (&mut windows.labels, &self.labels) {
                    kept.push(labels[motion][t]);
                }
            }
        }
        if windows.places.is_empty() {
            return Err(Error::Data(format!(
                "no motion has the {} rows that one window needs",
                memory + 1
            )));
        }
        Ok(windows)
    }
}

/// N windows of T + 1 positions in a row: x_t = (r_{t−T}, …, r_{t−1}) `[T·D]`, oldest first, and y_t = r_t `[D]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    dimension: usize,
    memory: usize,
    step: f64,
    /// `[N, (T + 1)·D]`.
    rows: Vec<f64>,
    /// Motion and row of y, in order.
    places: Vec<(u32, u32)>,
    labels: Option<Vec<u32>>,
}

impl Windows {
    /// N.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// D.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// T.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Time between two positions.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// x of a window, `[T·D]`.
    pub fn inputs(&self, window: usize) -> &[f64] {
        let width = (self.memory + 1) * self.dimension;
        &self.rows[window * width..(window + 1) * width - self.dimension]
    }

    /// y of a window, `[D]`.
    pub fn output(&self, window: usize) -> &[f64] {
        let width = (self.memory + 1) * self.dimension;
        &self.rows[(window + 1) * width - self.dimension..(window + 1) * width]
    }

    /// r_{t−1} of a window, `[D]`, the place where it is said to be.
    pub fn position(&self, window: usize) -> &[f64] {
        let inputs = self.inputs(window);
        &inputs[inputs.len() - self.dimension..]
    }

    /// The motion and the row of y.
    pub fn place(&self, window: usize) -> (usize, usize) {
        let (motion, row) = self.places[window];
        (motion as usize, row as usize)
    }

    /// Whether the next window is the same motion's one step later.
    pub fn continues(&self, window: usize) -> bool {
        match (self.places.get(window), self.places.get(window + 1)) {
            (Some((a, t)), Some((b, u))) => a == b && t + 1 == *u,
            _ => false,
        }
    }

    /// True laws `[N]`, numbered from 1, or [`TRANSITION`]; where they are known.
    pub fn labels(&self) -> Option<&[u32]> {
        self.labels.as_deref()
    }

    /// The windows of these numbers, which are put in order.
    pub fn subset(&self, chosen: &[usize]) -> Self {
        let mut chosen: Vec<usize> = chosen.iter().copied().filter(|w| *w < self.len()).collect();
        chosen.sort_unstable();
        chosen.dedup();
        let width = (self.memory + 1) * self.dimension;
        let rows = chosen.iter();
        let rows = rows.flat_map(|w| &self.rows[w * width..(w + 1) * width]);
        Self {
            dimension: self.dimension,
            memory: self.memory,
            step: self.step,
            rows: rows.copied().collect(),
            places: chosen.iter().map(|w| self.places[*w]).collect(),
            labels: self
                .labels
                .as_ref()
                .map(|labels| chosen.iter().map(|w| labels[*w]).collect()),
        }
    }

    /// `count` windows drawn without repetition by a seed, and the others.
    ///
    /// # Errors
    /// [`Error::Request`] if there are not so many.
    pub fn split(&self, count: usize, seed: u64) -> Result<(Self, Self), Error> {
        if count > self.len() {
            return Err(Error::Request(format!(
                "{count} windows cannot be drawn from {}",
                self.len()
            )));
        }
        let mut rng = stream(seed, Purpose::TrainData, "physicist-split");
        let mut order: Vec<usize> = (0..self.len()).collect();
        for at in 0..count {
            let other = at + (uniform(&mut rng, 0.0, 1.0) * (self.len() - at) as f64) as usize;
            order.swap(at, other.min(self.len() - 1));
        }
        Ok((self.subset(&order[..count]), self.subset(&order[count..])))
    }
}

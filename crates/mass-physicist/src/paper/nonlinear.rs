//! The paper's training with prediction functions that are not linear.

use mass_systems::wrap_angle;
use nalgebra::DMatrix;

use super::{
    learner::Classifier,
    patches::Patches,
    settings::Paper,
    training::{Data, Training, TrainingLog, first_parameters, logged},
};
use crate::{
    border::Domains,
    error::Error,
    nets::{
        blocks::Blocks,
        tanh::{TanhLayers, TanhTheories},
    },
    observations::Windows,
};

/// The paper's divide and conquer for laws of any form, such as those of the double pendulum in two fields: prediction
/// functions of tanh layers, and otherwise the training of [`Paper`]. What it finds is domains and networks, not laws that
/// can be read.
///
/// From random parameters domains need not be those of the laws: a network of tanh layers can hold two laws and the border
/// between them, and two networks are as glad to share the states in another way. [`Patches`] begin within domains, and tell them
/// apart. `docs/physicist.md` has what was measured; where the laws are Lagrangian,
/// [`RegimesOfMotion`](crate::RegimesOfMotion) finds them exactly.
///
/// DIFFERENCE: networks see the latest position, an angle as its cosine and sine, and the steps that led to it, all at unit
/// deviation, and predict the step to the next, where the paper's code gives them rows as they are; of several trials the one
/// is kept whose windows that validate cost the fewest bits.
///
/// # Example
/// ```
/// use mass_physicist::{ChargedPendulum, NonlinearPaper, Paper};
///
/// let windows = ChargedPendulum::vertical(8.0, 1.0).observe_states(300, 3)?.windows(1)?;
/// let pendulum = NonlinearPaper::double_pendulum();
/// // So short a training tells nothing apart.
/// let hasty = Paper { epochs: 5, phase_epochs: 5, width: 16, ..pendulum.training };
/// let hasty = NonlinearPaper { training: hasty, ..pendulum };
/// let (train, validation) = hasty.training.divide(&windows)?;
/// let trained = hasty.train(&train, &validation)?;
/// assert_eq!(trained.predict(validation.inputs(0)).len(), 4);
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NonlinearPaper {
    /// Settings of the training; [`Paper::width`] is that of a hidden layer, and what concerns the reading of laws is not
    /// used.
    pub training: Paper,
    /// Hidden layers of a prediction function (4).
    pub layers: usize,
    /// Where first theories come from: patches of states that were put together, or random parameters (None, the paper's; also
    /// where there are fewer than 300 windows to train on, or no patch grows).
    pub patches: Option<Patches>,
    /// Coordinates that are angles, in radians, counted from 0: a turn more or less makes no difference.
    pub angles: Vec<usize>,
}

/// Numbers that networks of domains are made for …
const INPUTS: [usize; 3] = [2, 4, 6];
/// … and coordinates that losses are.
const OUTPUTS: [usize; 5] = [1, 2, 3, 4, 6];
/// A deviation below this share of the numbers' size is rounding.
const ROUNDING: f64 = 1e-9;

/// How a window's rows become a network's numbers.
#[derive(Clone, Debug, PartialEq)]
struct Scaling {
    dimension: usize,
    memory: usize,
    angles: Vec<usize>,
    /// Means and deviations of inputs: the latest position, an angle as its cosine and sine, and the steps that led to it.
    inputs: Vec<(f64, f64)>,
}

impl Scaling {
    fn new(windows: &Windows, angles: &[usize]) -> Self {
        let (dimension, memory) = (windows.dimension(), windows.memory());
        let mut scaling = Self {
            dimension,
            memory,
            angles: angles.to_vec(),
            inputs: vec![(0.0, 1.0); dimension * memory + angles.len()],
        };
        let rows = (0..windows.len()).map(|w| scaling.numbers(windows.inputs(w)));
        let rows: Vec<Vec<f64>> = rows.collect();
        let n = rows.len() as f64;
        for k in 0..scaling.inputs.len() {
            let column = rows.iter().map(|row| row[k]);
            let mean = column.clone().sum::<f64>() / n;
            let variance = column.clone().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let size = column.fold(0.0_f64, |most, x| most.max(x.abs()));
            // What does not change tells nothing; it stays as it is.
            let deviation = match variance.sqrt() {
                deviation if deviation > ROUNDING * size => deviation,
                _ => 1.0,
            };
            scaling.inputs[k] = (mean, deviation);
        }
        scaling
    }

    /// A network's numbers of rows `[T·D]`, the oldest first.
    fn numbers(&self, rows: &[f64]) -> Vec<f64> {
        let d = self.dimension;
        let mut numbers = Vec::with_capacity(self.inputs.len());
        let latest = &rows[rows.len() - d..];
        for (k, x) in latest.iter().enumerate() {
            if self.angles.contains(&k) {
                let (sin, cos) = x.sin_cos();
                numbers.extend([cos, sin]);
            } else {
                numbers.push(*x);
            }
        }
        for back in 1..self.memory {
            let before = &rows[(self.memory - 1 - back) * d..];
            numbers.extend((0..d).map(|k| difference(&self.angles, k, before[d + k], before[k])));
        }
        let scales = numbers.iter_mut().zip(&self.inputs);
        scales.for_each(|(x, (mean, deviation))| *x = (*x - mean) / deviation);
        numbers
    }

    fn blocks(&self, windows: &Windows) -> Blocks<f32> {
        let d = self.dimension;
        Blocks::of(self.inputs.len(), d, windows.len(), |w| {
            let latest = windows.position(w);
            let next = windows.output(w).iter().zip(latest).enumerate();
            let step =
                next.map(|(k, (after, before))| difference(&self.angles, k, *after, *before));
            let row: Vec<f64> = self
                .numbers(windows.inputs(w))
                .into_iter()
                .chain(step)
                .collect();
            row.into_iter().map(|value| value as f32)
        })
    }
}

/// What a training by [`NonlinearPaper`] ended with.
#[derive(Clone, Debug)]
pub struct NonlinearTrained {
    /// How the trial that is kept went; epochs are counted over all trials.
    pub log: TrainingLog,
    /// Of the windows that validate, those of big domains (without labels, all): mean squared error, summed over coordinates.
    pub squared_error: f64,
    scaling: Scaling,
    layers: Vec<TanhLayers<f32>>,
    domains: Classifier,
}

impl NonlinearTrained {
    /// M, theories.
    pub fn theories(&self) -> usize {
        self.layers.len()
    }

    /// The next position `[D]`, after rows `[T, D]`, the oldest first. Angles go on from the latest.
    pub fn predict(&self, inputs: &[f64]) -> Vec<f64> {
        let numbers = self.scaling.numbers(inputs);
        let input = DMatrix::from_iterator(numbers.len(), 1, numbers.iter().map(|x| *x as f32));
        let mut activations = self.layers[self.domains.theory(&numbers)].forward(input);
        let step = activations.pop().unwrap_or_default();
        let latest = &inputs[inputs.len() - self.scaling.dimension..];
        let pairs = latest.iter().zip(step.iter());
        pairs.map(|(x, step)| x + f64::from(*step)).collect()
    }
}

impl Domains for NonlinearTrained {
    fn theory(&self, inputs: &[f64]) -> usize {
        self.domains.theory(&self.scaling.numbers(inputs))
    }
}

impl NonlinearPaper {
    /// The paper's settings for the double pendulum in two fields: two theories at most, of four hidden layers of 160 units
    /// each, a classifier of 16 units a layer, and what costs less in sparsity and what counts as
    /// badly predicted (all its code's). Angles are the first two coordinates.
    pub fn double_pendulum() -> Self {
        Self {
            training: Paper {
                theories: 2,
                most_theories: 2,
                width: 160,
                domain_width: 16,
                domain_sparsity: 1e-7,
                add_error: 3e-4,
                ..Paper::default()
            },
            layers: 4,
            patches: None,
            angles: vec![0, 1],
        }
    }

    /// The same with first theories from patches, of three hidden layers of 48 units, in few epochs: what tells the
    /// domains apart of 20 000 windows in two minutes.
    pub fn double_pendulum_in_patches() -> Self {
        let usual = Self::double_pendulum();
        Self {
            training: Paper {
                width: 48,
                batch: 256,
                epochs: 300,
                phase_epochs: 150,
                ..usual.training
            },
            layers: 3,
            patches: Some(Patches::default()),
            ..usual
        }
    }

    /// Trains on some windows while others validate, as [`Paper::divide`] gives them. Where windows have labels, they are used
    /// for the log alone.
    ///
    /// # Errors
    /// [`Error::Request`] if a setting makes no sense or the shapes do not fit: one to four or six coordinates, and two, four or
    /// six numbers altogether, of which an angle's position is two; [`Error::TooFew`] windows to train on, of which there must be
    /// 10·(T·D + 1).
    pub fn train(&self, train: &Windows, validation: &Windows) -> Result<NonlinearTrained, Error> {
        let s = &self.training;
        s.check_settings()?;
        s.check_count(train)?;
        let (d, memory) = (train.dimension(), train.memory());
        let twice = |(at, angle): &(usize, &usize)| self.angles[..*at].contains(angle);
        if let Some(angle) = self.angles.iter().find(|angle| **angle >= d) {
            return Err(Error::Request(format!(
                "coordinate {angle} is said to be an angle, of {d} coordinates counted from 0"
            )));
        }
        if let Some((_, angle)) = self.angles.iter().enumerate().find(twice) {
            return Err(Error::Request(format!(
                "coordinate {angle} is said twice to be an angle"
            )));
        }
        let inputs = d * memory + self.angles.len();
        if !INPUTS.contains(&inputs) || !OUTPUTS.contains(&d) || self.layers == 0 {
            return Err(Error::Request(format!(
                "{d} coordinates over {memory} past positions, {} of them angles, and {} hidden layers: networks are made for one to four or six coordinates and for two, four or six numbers, of which an angle's position is two, and have at least one hidden layer",
                self.angles.len(),
                self.layers
            )));
        }
        let fits = validation.dimension() == d && validation.memory() == memory;
        if !fits || validation.is_empty() {
            return Err(Error::Request(format!(
                "windows that validate must be of {d} coordinates over {memory} past positions, as those that are trained on, and there must be one at least"
            )));
        }
        if let Some(patches) = self.patches {
            patches.check()?;
        }
        let scaling = Scaling::new(train, &self.angles);
        let (blocks, validating) = (scaling.blocks(train), scaling.blocks(validation));
        let data = Data {
            train: &blocks,
            validation: &validating,
            logged: &logged(validation),
        };
        let hidden = std::iter::repeat_n(s.width, self.layers);
        let sizes: Vec<usize> = [inputs].into_iter().chain(hidden).chain([d]).collect();
        let mut best: Option<(f64, Training<'_, TanhTheories>)> = None;
        let mut epochs = 0;
        for trial in 0..s.trials {
            let mut rng = first_parameters(s, "theories", trial);
            let begun = self.patches.and_then(|patches| {
                patches.begin(data.train, &sizes, s.domain_width, s.theories, &mut rng)
            });
            let grown = begun.as_ref().map_or(0, |begun| begun.epochs);
            let (theories, floor, rate) = match begun {
                Some(begun) => (begun.theories, begun.floor, s.phase_rate),
                None => {
                    let theories = TanhTheories::random(s.theories, &sizes, &mut rng);
                    (theories, s.first_floor, s.rate)
                }
            };
            let mut training = Training::new(s, data, theories, trial);
            training.log.epochs = epochs + grown;
            training.run_from(floor, rate);
            epochs = training.log.epochs;
            let bits = training.domain_bits(s.least_floor);
            if best.as_ref().is_none_or(|(least, _)| bits < *least) {
                best = Some((bits, training));
            }
        }
        let (_, mut training) =
            best.ok_or_else(|| Error::Request("no trial was asked for".into()))?;
        training.log.epochs = epochs;
        let squared_error = training.squared_error(|w| data.logged[w]);
        let networks = training.networks;
        Ok(NonlinearTrained {
            log: training.log,
            squared_error,
            scaling,
            layers: networks.theories.layers(),
            domains: Classifier {
                network: networks.classifier,
            },
        })
    }
}

/// From one place to another, an angle's the shorter way.
fn difference(angles: &[usize], coordinate: usize, after: f64, before: f64) -> f64 {
    if angles.contains(&coordinate) {
        wrap_angle(after - before)
    } else {
        after - before
    }
}

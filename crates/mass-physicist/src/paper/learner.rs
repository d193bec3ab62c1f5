//! From windows to theories by the paper's training, and from networks to laws.

use super::{
    settings::Paper,
    training::{Training, TrainingLog},
};
use crate::{
    border::Domains,
    description::MODEL_FLOOR,
    error::Error,
    learner::{Discovery, DivideAndConquer, Theory},
    loss::{Core, annealed_floor},
    mixture::Mixture,
    nets::classifier::LeakyNetwork,
    observations::Windows,
    occam::{Estimate, collapse_layers},
    recurrence::Recurrence,
    symbolic::SymbolicLaw,
};

/// Where each theory holds, by a network of two hidden layers: the theory whose output is the greatest.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    network: LeakyNetwork<f32>,
}

impl Domains for Classifier {
    fn theory(&self, inputs: &[f64]) -> usize {
        let outputs = self.network.evaluate(inputs);
        // The first of the greatest, as in training.
        let mut greatest = 0;
        for (k, output) in outputs.iter().enumerate() {
            if *output > outputs[greatest] {
                greatest = k;
            }
        }
        greatest
    }
}

/// What a training by [`Paper`] ended with.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Theories, domains and the rest. [`Theory::law`] is the network's own, its layers collapsed, in f32 digits;
    /// [`Theory::symbolic`] is fitted again.
    pub discovery: Discovery<Classifier>,
    /// Which of the laws proposed each theory began as, if any.
    pub origins: Vec<Option<usize>>,
    /// How the training went.
    pub log: TrainingLog,
}

/// How often a law is fitted again.
const SWEEPS: usize = 60;
/// Errors are not told from 0 below this, relative to positions of order one.
const ROUNDING: f64 = 3e-12;
/// A window is explained if its error is within so many medians.
const REACH: f64 = 10.0;

impl Paper {
    /// Trains on some windows while others validate, as [`Paper::split`] gives them. Where windows have labels, they
    /// are used for the log alone.
    ///
    /// # Errors
    /// [`Error`] where a setting makes no sense, windows are too few or of other shapes.
    pub fn train(
        &self,
        train: &Windows,
        validation: &Windows,
        proposed: &[Recurrence],
    ) -> Result<Trained, Error> {
        self.learn(train, validation, proposed, train)
    }

    /// The same; what explains which window, noise and supports are of the windows `all`.
    fn learn(
        &self,
        train: &Windows,
        validation: &Windows,
        proposed: &[Recurrence],
        all: &Windows,
    ) -> Result<Trained, Error> {
        self.check(train)?;
        let d = train.dimension();
        let shape = |dimension: usize, memory: usize| dimension == d && memory == train.memory();
        let fits = |law: &Recurrence| shape(law.dimension(), law.memory());
        let validates = shape(validation.dimension(), validation.memory());
        if !validates || validation.is_empty() || !proposed.iter().all(fits) {
            return Err(Error::Request(format!(
                "windows that validate and laws that are proposed must be of {d} coordinates over {} past positions, as those that are trained on, and at least one window must validate",
                train.memory()
            )));
        }
        let mut best: Option<(f64, Trained)> = None;
        let mut epochs = 0;
        for trial in 0..self.trials {
            let mut training = Training::new(self, train, validation, proposed, trial);
            training.log.epochs = epochs;
            training.run();
            epochs = training.log.epochs;
            let trained = self.read(training, train, all)?;
            let bits = self.bits(&trained.discovery, validation);
            if best.as_ref().is_none_or(|(least, _)| bits < *least) {
                best = Some((bits, trained));
            }
        }
        let (_, mut trained) =
            best.ok_or_else(|| Error::Request("no trial was asked for".into()))?;
        trained.log.epochs = epochs;
        Ok(trained)
    }

    /// Bits of laws and of windows' errors, each in its domain (Eq. 4).
    fn bits(&self, found: &Discovery<Classifier>, windows: &Windows) -> f64 {
        let laws: Vec<Recurrence> = found
            .theories
            .iter()
            .map(|t| t.symbolic.recurrence())
            .collect();
        let core = Core::Bits {
            floor: self.least_floor,
        };
        let theories = found.theories.iter();
        let own: f64 = theories.map(|t| t.symbolic.bits(MODEL_FLOOR)).sum();
        let mut errors = vec![0.0; windows.dimension()];
        let rest = (0..windows.len()).map(|w| {
            let law = &laws[found.domains.theory(windows.inputs(w))];
            deviation(law, windows, w, &mut errors);
            core.loss(&errors)
        });
        own + rest.sum::<f64>()
    }

    /// Networks as laws: layers collapsed, laws fitted again and simplified, in order of their support.
    fn read(
        &self,
        training: Training<'_>,
        train: &Windows,
        all: &Windows,
    ) -> Result<Trained, Error> {
        let (d, memory) = (train.dimension(), train.memory());
        let networks = training.networks;
        let mut laws = Vec::with_capacity(networks.theories.len());
        for theory in &networks.theories {
            let (slopes, biases) = collapse_layers(&theory.layers.layers())?;
            let rows = slopes.chunks_exact(memory * d).zip(&biases);
            let constants = rows.flat_map(|(row, bias)| row.iter().chain([bias]).copied());
            laws.push(Recurrence::new(d, memory, constants.collect())?);
        }
        let domains = Classifier {
            network: networks.classifier,
        };
        let domain_of = |windows: &Windows| -> Vec<usize> {
            let theories = (0..windows.len()).map(|w| domains.theory(windows.inputs(w)));
            theories.collect()
        };
        let domain = domain_of(all);
        let mut errors = vec![0.0; all.len() * d];
        for (w, error) in errors.chunks_exact_mut(d).enumerate() {
            deviation(&laws[domain[w]], all, w, error);
        }
        let noise = annealed_floor(&errors, d, f64::MIN_POSITIVE, f64::INFINITY);
        let trained_on = domain_of(train);
        let mut explained_by = vec![None; all.len()];
        let mut parts = Vec::with_capacity(laws.len());
        for (number, law) in laws.into_iter().enumerate() {
            let amplification = law.amplification();
            let (mut support, mut squares) = (0_usize, 0.0);
            for (w, error) in errors.chunks_exact(d).enumerate() {
                let mut pairs = error.iter().zip(&amplification);
                if domain[w] == number && pairs.all(|(u, a)| u.abs() <= REACH * noise * a) {
                    explained_by[w] = Some(number);
                    support += 1;
                    squares += error.iter().map(|u| u * u).sum::<f64>();
                }
            }
            let members = (0..train.len()).filter(|w| trained_on[*w] == number);
            let members: Vec<usize> = members.collect();
            let symbolic = match self.refit(&train.subset(&members), &law, noise) {
                Some(estimate) => self.occam.simplify(&estimate),
                None => SymbolicLaw::real(&law),
            };
            let theory = Theory {
                law,
                symbolic,
                support,
                scatter: (squares / (support.max(1) * d) as f64).sqrt(),
            };
            parts.push((number, theory));
        }
        parts.sort_by_key(|(_, theory)| std::cmp::Reverse(theory.support));
        let order: Vec<usize> = parts.iter().map(|(number, _)| *number).collect();
        let place = |number: usize| order.iter().position(|n| *n == number);
        for by in &mut explained_by {
            *by = by.and_then(place);
        }
        let explained = explained_by.iter().flatten().count();
        Ok(Trained {
            origins: order.iter().map(|n| networks.theories[*n].origin).collect(),
            discovery: Discovery {
                theories: parts.into_iter().map(|(_, theory)| theory).collect(),
                domains: Classifier {
                    network: domains.network.with_outputs(&order),
                },
                minor: Vec::new(),
                noise,
                unexplained: 1.0 - explained as f64 / all.len() as f64,
                explained_by,
                sweeps: training.log.epochs,
            },
            log: training.log,
        })
    }

    /// A law fitted again to the windows of its domain by the sum of losses in bits, the floor falling to the median.
    ///
    /// DIFFERENCE: by majorise–minimise in f64, where the paper's code has Adam at a rate of 10⁻⁶ in f32.
    fn refit(&self, windows: &Windows, law: &Recurrence, floor: f64) -> Option<Estimate> {
        let mut floor = floor.max(ROUNDING);
        let core = Core::Bits { floor };
        let mut mixture = Mixture::new(windows, std::slice::from_ref(law), core, -1.0).ok()?;
        let d = windows.dimension();
        let mut law = law.clone();
        let mut errors = vec![0.0; windows.len() * d];
        for _ in 0..SWEEPS {
            mixture.sweep();
            law = mixture.laws().pop()?;
            for (w, error) in errors.chunks_exact_mut(d).enumerate() {
                deviation(&law, windows, w, error);
            }
            floor = annealed_floor(&errors, d, ROUNDING, floor);
            mixture.set_floor(floor);
        }
        let explained = (0..windows.len()).filter(|w| {
            let error = &errors[w * d..(w + 1) * d];
            error.iter().all(|u| u.abs() <= REACH * floor)
        });
        let explained: Vec<usize> = explained.collect();
        Estimate::of(&windows.subset(&explained), &law, 1.5 * floor).ok()
    }
}

/// The error of a law's prediction `[D]`.
fn deviation(law: &Recurrence, windows: &Windows, window: usize, error: &mut [f64]) {
    law.predict(windows.inputs(window), error);
    let pairs = error.iter_mut().zip(windows.output(window));
    pairs.for_each(|(p, y)| *p -= y);
}

impl DivideAndConquer for Paper {
    type Domains = Classifier;

    fn name(&self) -> &'static str {
        "paper"
    }

    /// Of the windows, those that [`Paper::split`] draws are trained on.
    fn discover_from(
        &self,
        windows: &Windows,
        proposed: &[Recurrence],
    ) -> Result<Discovery<Classifier>, Error> {
        let (train, validation) = self.split(windows)?;
        Ok(self
            .learn(&train, &validation, proposed, windows)?
            .discovery)
    }
}

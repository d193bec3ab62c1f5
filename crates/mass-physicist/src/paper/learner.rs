//! From windows to theories by the paper's training, and from networks to laws.

use mass_systems::{Purpose, stream};

use super::{
    settings::Paper,
    training::{Data, Training, TrainingLog, logged},
};
use crate::{
    border::Domains,
    description::MODEL_FLOOR,
    error::Error,
    learner::{Discovery, DivideAndConquer, Theory},
    loss::{Core, annealed_floor},
    mixture::Mixture,
    nets::{
        adam::Adam,
        blocks::{Blocks, shuffle},
        classifier::{LeakyNetwork, Target},
        predictors::LinearTheories,
    },
    observations::Windows,
    occam::{Estimate, collapse_layers},
    recurrence::Recurrence,
    symbolic::SymbolicLaw,
};

/// Where each theory holds, by a network of two hidden layers: the theory whose output is the greatest.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    pub(super) network: LeakyNetwork<f32>,
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
/// Laws whose constants differ by no more are one.
const SAME: f64 = 1e-6;
/// Windows of a block.
const LANES: usize = <f32 as mass_lanes::Real>::LANES;
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
        let (blocks, validating) = (Blocks::new(train), Blocks::new(validation));
        let data = Data {
            train: &blocks,
            validation: &validating,
            logged: &logged(validation),
        };
        let mut best: Option<(f64, Trained)> = None;
        let mut epochs = 0;
        for trial in 0..self.trials {
            let mut training = Training::linear(self, data, proposed, trial);
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
        training: Training<'_, LinearTheories>,
        train: &Windows,
        all: &Windows,
    ) -> Result<Trained, Error> {
        let (d, memory) = (train.dimension(), train.memory());
        let networks = training.networks;
        let mut laws = Vec::with_capacity(networks.theories.0.len());
        let mut origins: Vec<Option<usize>> =
            networks.theories.0.iter().map(|one| one.origin).collect();
        for theory in &networks.theories.0 {
            let (slopes, biases) = collapse_layers(&theory.layers.layers())?;
            let rows = slopes.chunks_exact(memory * d).zip(&biases);
            let constants = rows.flat_map(|(row, bias)| row.iter().chain([bias]).copied());
            laws.push(Recurrence::new(d, memory, constants.collect())?);
        }
        let mut domains = Classifier {
            network: networks.classifier,
        };
        let domain_of = |domains: &Classifier, windows: &Windows| -> Vec<usize> {
            let theories = (0..windows.len()).map(|w| domains.theory(windows.inputs(w)));
            theories.collect()
        };
        let trained_on = domain_of(&domains, train);
        let noise_of = |domains: &Classifier, laws: &[Recurrence]| {
            let domain = domain_of(domains, all);
            let mut errors = vec![0.0; all.len() * d];
            for (w, error) in errors.chunks_exact_mut(d).enumerate() {
                deviation(&laws[domain[w]], all, w, error);
            }
            let noise = annealed_floor(&errors, d, f64::MIN_POSITIVE, f64::INFINITY);
            (domain, errors, noise)
        };
        let (_, _, first_noise) = noise_of(&domains, &laws);
        let mut symbolic = Vec::with_capacity(laws.len());
        let mut floors = Vec::with_capacity(laws.len());
        for (number, law) in laws.iter().enumerate() {
            let members = (0..train.len()).filter(|w| trained_on[*w] == number);
            let members: Vec<usize> = members.collect();
            let (own, floor) = match self.refit(&train.subset(&members), law, first_noise) {
                Some((estimate, floor)) => (self.occam.simplify(&estimate), floor),
                None => (SymbolicLaw::real(law), first_noise),
            };
            symbolic.push(own);
            floors.push(floor);
        }
        let recurrences: Vec<Recurrence> = symbolic.iter().map(SymbolicLaw::recurrence).collect();
        if self.domain_epochs > 0 {
            let kept = self.sharpen(&mut domains, train, &recurrences, &floors);
            laws = kept.iter().map(|number| laws[*number].clone()).collect();
            symbolic = kept
                .iter()
                .map(|number| symbolic[*number].clone())
                .collect();
            origins = kept.iter().map(|number| origins[*number]).collect();
        }
        let (domain, errors, noise) = noise_of(&domains, &laws);
        let mut explained_by = vec![None; all.len()];
        let mut parts = Vec::with_capacity(laws.len());
        for (number, (law, symbolic)) in laws.into_iter().zip(symbolic).enumerate() {
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
            origins: order.iter().map(|n| origins[*n]).collect(),
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
    fn refit(&self, windows: &Windows, law: &Recurrence, floor: f64) -> Option<(Estimate, f64)> {
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
        let estimate = Estimate::of(&windows.subset(&explained), &law, 1.5 * floor).ok()?;
        Some((estimate, floor))
    }

    /// Trains the classifier once more, on the windows that these laws explain, each by its best; the numbers of the laws that
    /// explain as many as a theory has to, whose outputs are kept, in order.
    fn sharpen(
        &self,
        domains: &mut Classifier,
        train: &Windows,
        laws: &[Recurrence],
        floors: &[f64],
    ) -> Vec<usize> {
        let mut errors = vec![0.0; train.dimension()];
        // Of theories that say the same the first stands for all.
        let is_first = |number: &usize| {
            let same = |one: &Recurrence| one.distance(&laws[*number]) < SAME;
            laws.iter().position(same) == Some(*number)
        };
        let firsts: Vec<usize> = (0..laws.len()).filter(is_first).collect();
        let best = (0..train.len()).map(|w| {
            let each = firsts
                .iter()
                .map(|number| (*number, (&laws[*number], floors[*number])));
            let explains = each.filter_map(|(number, (law, floor))| {
                deviation(law, train, w, &mut errors);
                let error = errors.iter().fold(0.0_f64, |most, u| most.max(u.abs()));
                (error <= REACH * floor.max(ROUNDING)).then_some((number, error))
            });
            explains
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .map(|(number, _)| number)
        });
        let best: Vec<Option<usize>> = best.collect();
        let count = |number: usize| best.iter().filter(|one| **one == Some(number)).count();
        let least = self.delete_share * train.len() as f64;
        let mut kept: Vec<usize> = (0..laws.len()).collect();
        kept.retain(|number| count(*number) as f64 >= least);
        if kept.is_empty() {
            return (0..laws.len()).collect();
        }
        let place = |number: usize| kept.iter().position(|one| *one == number);
        let own: Vec<Option<usize>> = best.iter().map(|one| one.and_then(place)).collect();
        let windows: Vec<usize> = (0..own.len()).filter(|w| own[*w].is_some()).collect();
        let data = Blocks::<f32>::new(&train.subset(&windows));
        let mut numbers = vec![0.0; data.len() * LANES];
        let pairs = numbers
            .iter_mut()
            .zip(windows.iter().filter_map(|w| own[*w]));
        pairs.for_each(|(to, number)| *to = number as f32);
        let mut network = domains.network.with_outputs(&kept);
        let mut adam = Adam::new(network.parameters.len());
        let mut rng = stream(self.seed, Purpose::Init, "physicist-paper/domains");
        let mut order: Vec<usize> = (0..data.len()).collect();
        let mut gradient = vec![0.0; network.parameters.len()];
        for epoch in 0..self.domain_epochs {
            // From ten times the classifier's rate to a hundredth of it.
            let part = epoch as f64 / self.domain_epochs as f64;
            let rate = self.domain_rate * 10.0_f64.powf(1.0 - 3.0 * part);
            shuffle(&mut order, &mut rng);
            for batch in order.chunks((self.batch / LANES).max(1)) {
                gradient.fill(0.0);
                network.loss(&data, batch, Target::Number(&numbers), Some(&mut gradient));
                adam.step(&mut network.parameters, &gradient, rate);
            }
        }
        domains.network = network;
        kept
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{WorldKind, WorldRequest};

    #[test]
    fn domains_are_those_of_the_laws_that_explain_and_of_each_law_once() {
        let request = WorldRequest {
            windows: 3000,
            ..WorldRequest::new(WorldKind::Gravity, 1, 0)
        };
        let (world, seen) = request.make().unwrap();
        let windows = seen.windows(2).unwrap();
        let mut laws = world.laws();
        assert_eq!(laws.len(), 2);
        // One again, and one that explains nothing.
        let other = laws[0].constants().iter().map(|c| c + 0.3).collect();
        laws.push(laws[1].clone());
        laws.push(Recurrence::new(2, 2, other).unwrap());
        let paper = Paper {
            batch: 300,
            domain_epochs: 500,
            ..Paper::default()
        };
        let mut rng = stream(1, Purpose::Init, "classifier");
        let mut domains = Classifier {
            network: LeakyNetwork::random(4, 8, 4, &mut rng),
        };
        let kept = paper.sharpen(&mut domains, &windows, &laws, &[1e-12; 4]);
        assert_eq!(kept, [0, 1]);
        let labels = windows.labels().unwrap();
        let big: Vec<usize> = (0..windows.len()).filter(|w| labels[*w] > 0).collect();
        let right = |w: &&usize| domains.theory(windows.inputs(**w)) + 1 == labels[**w] as usize;
        let share = big.iter().filter(right).count() as f64 / big.len() as f64;
        assert!(share > 0.995, "{share}");
        // Nothing is explained: the classifier stays.
        let before = domains.clone();
        let none = paper.sharpen(&mut domains, &windows, &laws[3..], &[1e-12]);
        assert_eq!((none, domains), (vec![0], before));
    }
}

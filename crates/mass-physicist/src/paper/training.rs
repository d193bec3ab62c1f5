//! Algorithm 2: theories trained together, added and deleted.

use mass_systems::{ChaCha8Rng, Purpose, stream};

use super::settings::Paper;
use crate::{
    loss::{Core, annealed_floor},
    nets::{
        adam::{Adam, Patience, Plateau},
        blocks::{Blocks, shuffle},
        classifier::{LeakyNetwork, Target},
        linear::LinearLayers,
        predictors::{LinearTheories, LinearTheory, Predictors, Step, add_sparsity},
        theories::Together,
    },
    observations::{TRANSITION, Windows},
    recurrence::Recurrence,
};

/// How a training went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingLog {
    /// Epochs, those of theories on trial among them.
    pub epochs: usize,
    /// Mean squared error, summed over coordinates, each theory in its domain: of the windows of big domains among
    /// those that validate; without labels, of all. Every five epochs, with the epoch.
    pub errors: Vec<(usize, f64)>,
    /// The precision floors, in the unit of the positions.
    pub floors: Vec<f64>,
    /// Theories added, and attempts to add one.
    pub added: (usize, usize),
    /// Theories deleted.
    pub deleted: usize,
    /// Trainings that were undone, for their loss did not fall.
    pub undone: usize,
}

impl TrainingLog {
    /// The first epoch at which the mean squared error was at most `error`.
    pub fn epochs_to(&self, error: f64) -> Option<usize> {
        let reached = self.errors.iter().find(|(_, e)| *e <= error);
        reached.map(|(epoch, _)| *epoch)
    }
}

/// Epochs between two entries of the log (the paper's code).
pub(super) const RECORD_EVERY: usize = 5;

/// All networks.
#[derive(Clone)]
pub(super) struct Networks<P> {
    pub theories: P,
    pub classifier: LeakyNetwork<f32>,
    adam: Adam<f32>,
}

impl<P: Predictors> Networks<P> {
    /// The same with the theories of these numbers, in this order.
    fn with_theories(&mut self, numbers: &[usize]) {
        self.theories = self.theories.with_theories(numbers);
        self.classifier = self.classifier.with_outputs(numbers);
        self.adam = Adam::new(self.classifier.parameters.len());
    }
}

/// One IterativeTrain.
#[derive(Clone, Copy)]
struct Round {
    epochs: usize,
    rate: f64,
    floor: f64,
    /// Whether the classifier chooses each window's theory.
    domain: bool,
    additions: usize,
}

/// Windows as a training has them.
#[derive(Clone, Copy)]
pub(super) struct Data<'a> {
    pub train: &'a Blocks<f32>,
    pub validation: &'a Blocks<f32>,
    /// Of the windows that validate, those whose error is logged.
    pub logged: &'a [bool],
}

/// The windows whose error is logged: those of big domains; without labels, all.
pub(super) fn logged(validation: &Windows) -> Vec<bool> {
    match validation.labels() {
        Some(labels) => labels.iter().map(|label| *label != TRANSITION).collect(),
        None => vec![true; validation.len()],
    }
}

/// A stream of first parameters.
pub(super) fn first_parameters(settings: &Paper, what: &str, trial: usize) -> ChaCha8Rng {
    let key = format!("physicist-paper/{what}/{trial}");
    stream(settings.seed, Purpose::Init, &key)
}

/// The windows, networks and settings of one training.
pub(super) struct Training<'a, P> {
    settings: &'a Paper,
    data: Data<'a>,
    pub networks: Networks<P>,
    pub log: TrainingLog,
    rng: ChaCha8Rng,
}

impl<'a> Training<'a, LinearTheories> {
    /// Of affine laws, the first of which are proposed.
    pub(super) fn linear(
        settings: &'a Paper,
        data: Data<'a>,
        proposed: &[Recurrence],
        trial: usize,
    ) -> Self {
        let (inputs, outputs) = (data.train.inputs, data.train.outputs);
        let sizes = [inputs, settings.width, settings.width, outputs];
        let mut rng = first_parameters(settings, "theories", trial);
        let mut theories = Vec::with_capacity(settings.theories);
        let laws = proposed.iter().enumerate().take(settings.theories);
        for (number, law) in laws {
            if let Some(layers) = LinearLayers::of(&sizes, law) {
                theories.push(LinearTheory::new(layers, Some(number)));
            }
        }
        while theories.len() < settings.theories {
            let layers = LinearLayers::random(&sizes, &mut rng);
            theories.push(LinearTheory::new(layers, None));
        }
        Self::new(settings, data, LinearTheories(theories), trial)
    }
}

impl<'a, P: Predictors> Training<'a, P> {
    pub(super) fn new(settings: &'a Paper, data: Data<'a>, theories: P, trial: usize) -> Self {
        let classifier = LeakyNetwork::random(
            data.train.inputs,
            settings.domain_width,
            theories.count(),
            &mut first_parameters(settings, "classifier", trial),
        );
        Self {
            settings,
            data,
            networks: Networks {
                theories,
                adam: Adam::new(classifier.parameters.len()),
                classifier,
            },
            log: TrainingLog::default(),
            rng: stream(
                settings.seed,
                Purpose::Batches,
                &format!("physicist-paper/{trial}"),
            ),
        }
    }

    /// Algorithm 2. The last floor.
    pub(super) fn run(&mut self) -> f64 {
        self.run_from(self.settings.first_floor, self.settings.rate)
    }

    /// The same with another floor and rate of the first training, of theories that know something.
    pub(super) fn run_from(&mut self, mut floor: f64, rate: f64) -> f64 {
        let s = self.settings;
        self.log.floors.push(floor);
        self.iterate(Round {
            epochs: s.epochs,
            rate,
            floor,
            domain: false,
            additions: s.additions,
        });
        self.delete_theories();
        for (phases, domain) in [(s.harmonic_phases, false), (s.domain_phases, true)] {
            for _ in 0..phases {
                floor = self.median_floor();
                self.log.floors.push(floor);
                let saved = self.networks.clone();
                let before = self.domain_loss(floor);
                self.iterate(Round {
                    epochs: s.phase_epochs,
                    rate: s.phase_rate,
                    floor,
                    domain,
                    additions: s.additions,
                });
                // A loss that is not a number has not fallen either.
                if self.domain_loss(floor) < before {
                    self.delete_theories();
                } else {
                    self.networks = saved;
                    self.log.undone += 1;
                    break;
                }
                if self.squared_error(|_| true) < s.enough {
                    break;
                }
            }
        }
        self.delete_theories();
        self.median_floor()
    }

    /// IterativeTrain.
    fn iterate(&mut self, round: Round) {
        let s = self.settings;
        let new_patience = || Patience::new(s.patience, s.least_improvement);
        let (mut patience, mut domain_patience) = (new_patience(), new_patience());
        let mut rate = Plateau::new(round.rate, s.rate_factor, s.rate_patience);
        let mut domain_rate = Plateau::new(s.domain_rate, s.rate_factor, s.rate_patience);
        let mut left = round.additions;
        let mut order: Vec<usize> = (0..self.data.train.len()).collect();
        let blocks_of_batch = (s.batch / LANES).max(1);
        let everything: Vec<usize> = (0..self.data.validation.len()).collect();
        let mut best = Vec::new();
        let mut best_validation = Vec::new();
        let mut theories_train = true;
        for epoch in 0..round.epochs {
            if theories_train && epoch % s.check_every == 0 || best.is_empty() {
                best = self.best(self.data.train, round.floor);
            }
            let chosen = (round.domain && theories_train)
                .then(|| self.networks.classifier.greatest(self.data.train));
            shuffle(&mut order, &mut self.rng);
            let ramp = (epoch as f64 / s.ramp.max(1) as f64).min(1.0).powi(2);
            for batch in order.chunks(blocks_of_batch) {
                if theories_train {
                    let together = match &chosen {
                        Some(numbers) => Together::Chosen(numbers),
                        None => Together::Harmonic {
                            arithmetic: s.arithmetic,
                        },
                    };
                    self.step_theories(batch, together, round.floor, rate.rate, ramp);
                }
                self.step_classifier(batch, &best, domain_rate.rate, ramp);
            }
            self.count_epoch();
            // The classifier's rate falls once it decides (the paper's code).
            if round.domain && epoch % s.check_every == 0 {
                let best = self.best(self.data.validation, round.floor);
                domain_rate.check(self.classifier_loss(&best, &everything));
            }
            if theories_train {
                let loss = self.validation_loss(round, &everything);
                if epoch % s.check_every == 0 {
                    rate.check(loss);
                }
                if patience.is_over(loss, 1) || !loss.is_finite() {
                    if left > 0 && self.add_theories(round.floor, rate.rate) {
                        left -= 1;
                        patience = new_patience();
                        best.clear();
                        continue;
                    }
                    left = 0;
                    theories_train = false;
                    best = self.best(self.data.train, round.floor);
                    best_validation = self.best(self.data.validation, round.floor);
                }
            } else {
                let loss = self.classifier_loss(&best_validation, &everything);
                if domain_patience.is_over(loss, 1) {
                    break;
                }
            }
        }
        if left > 0 {
            self.add_theories(round.floor, rate.rate);
        }
    }

    fn count_epoch(&mut self) {
        self.log.epochs += 1;
        if self.log.epochs.is_multiple_of(RECORD_EVERY) {
            let error = self.squared_error(|w| self.data.logged[w]);
            self.log.errors.push((self.log.epochs, error));
        }
    }

    fn step_theories(
        &mut self,
        batch: &[usize],
        together: Together<'_, f32>,
        floor: f64,
        rate: f64,
        ramp: f64,
    ) {
        let step = Step {
            rate,
            sparsity: (self.settings.sparsity * ramp) as f32,
            biases_only: self.settings.sparse_biases_only,
        };
        let theories = &mut self.networks.theories;
        theories.step(self.data.train, batch, together, floor, step);
    }

    fn step_classifier(&mut self, batch: &[usize], best: &[f32], rate: f64, ramp: f64) {
        let networks = &mut self.networks;
        let classifier = &mut networks.classifier;
        let mut gradient = vec![0.0; classifier.parameters.len()];
        let target = Target::Number(best);
        classifier.loss(self.data.train, batch, target, Some(&mut gradient));
        let step = Step {
            rate,
            sparsity: (self.settings.domain_sparsity * ramp) as f32,
            biases_only: self.settings.sparse_biases_only,
        };
        let parameters = &classifier.parameters;
        add_sparsity(&mut gradient, parameters, step, |k| classifier.is_bias(k));
        networks
            .adam
            .step(&mut classifier.parameters, &gradient, rate);
    }

    /// Of the windows that validate, by the theories that are best for them.
    fn classifier_loss(&self, best: &[f32], everything: &[usize]) -> f64 {
        let target = Target::Number(best);
        let classifier = &self.networks.classifier;
        classifier.loss(self.data.validation, everything, target, None)
    }

    fn best(&self, data: &Blocks<f32>, floor: f64) -> Vec<f32> {
        self.networks.theories.best(data, floor)
    }

    fn validation_loss(&self, round: Round, everything: &[usize]) -> f64 {
        if round.domain {
            return self.domain_loss(round.floor);
        }
        let together = Together::Harmonic {
            arithmetic: self.settings.arithmetic,
        };
        let theories = &self.networks.theories;
        theories.loss(self.data.validation, everything, together, round.floor)
    }

    /// Of the windows that validate, each theory in its domain.
    fn domain_loss(&self, floor: f64) -> f64 {
        let validation = self.data.validation;
        let chosen = self.networks.classifier.greatest(validation);
        let everything: Vec<usize> = (0..validation.len()).collect();
        let together = Together::Chosen(&chosen);
        let theories = &self.networks.theories;
        theories.loss(validation, &everything, together, floor)
    }

    /// The same in f64, whatever the errors' size.
    pub(super) fn domain_bits(&self, floor: f64) -> f64 {
        let (validation, core) = (self.data.validation, Core::Bits { floor });
        let errors = self.errors(validation);
        let bits = errors
            .chunks_exact(validation.outputs)
            .map(|error| core.loss(error));
        bits.sum::<f64>() / validation.count.max(1) as f64
    }

    /// Errors `[N, D]`, each window's by the theory in whose domain it is.
    fn errors(&self, data: &Blocks<f32>) -> Vec<f64> {
        let chosen = self.networks.classifier.greatest(data);
        self.networks.theories.errors(data, &chosen)
    }

    pub(super) fn squared_error(&self, which: impl Fn(usize) -> bool) -> f64 {
        let d = self.data.validation.outputs;
        let errors = self.errors(self.data.validation);
        let (mut sum, mut count) = (0.0, 0_usize);
        for (w, error) in errors.chunks_exact(d).enumerate() {
            if which(w) {
                sum += error.iter().map(|u| u * u).sum::<f64>();
                count += 1;
            }
        }
        sum / count.max(1) as f64
    }

    /// set_epsilon: the median error of the windows that validate.
    fn median_floor(&self) -> f64 {
        let s = self.settings;
        let errors = self.errors(self.data.validation);
        annealed_floor(
            &errors,
            self.data.validation.outputs,
            s.least_floor,
            s.greatest_floor,
        )
    }

    /// Of the windows, the share of each theory.
    fn shares(&self, numbers: &[f32], count: usize) -> Vec<f64> {
        let mut shares = vec![0.0; self.networks.theories.count()];
        for number in &numbers[..count] {
            shares[*number as usize] += 1.0 / count as f64;
        }
        shares
    }

    /// AddTheories: whether one was added.
    fn add_theories(&mut self, floor: f64, rate: f64) -> bool {
        let s = self.settings;
        if self.networks.theories.count() >= s.most_theories {
            return false;
        }
        let best = self.best(self.data.validation, floor);
        let shares = self.shares(&best, self.data.validation.count);
        let chosen = self.networks.classifier.greatest(self.data.train);
        let errors = self.networks.theories.errors(self.data.train, &chosen);
        for (theory, share) in shares.into_iter().enumerate() {
            if share <= s.add_share {
                continue;
            }
            let each = errors.chunks_exact(self.data.train.outputs).enumerate();
            let is_bad = |(w, error): &(usize, &[f64])| {
                let square: f64 = error.iter().map(|u| u * u).sum();
                chosen[*w] as usize == theory && square > s.add_error
            };
            let bad: Vec<usize> = each.filter(is_bad).map(|(w, _)| w).collect();
            if bad.len() as f64 <= s.add_bad_share * self.data.train.count as f64 {
                continue;
            }
            self.log.added.1 += 1;
            let saved = self.networks.clone();
            let before = self.domain_loss(floor);
            let fresh = self.alone(theory, &bad, floor);
            let mut numbers: Vec<usize> = (0..self.networks.theories.count()).collect();
            numbers.push(theory);
            self.networks.with_theories(&numbers);
            self.networks.theories.replace_last(fresh);
            let mut tentative = floor;
            for _ in 0..2 {
                self.iterate(Round {
                    epochs: s.tentative_epochs / 2,
                    rate,
                    floor: tentative,
                    domain: false,
                    additions: 0,
                });
                tentative = self.median_floor().min(floor);
            }
            if self.domain_loss(floor) <= before {
                self.log.added.0 += 1;
                return true;
            }
            self.networks = saved;
        }
        false
    }

    /// A copy of a theory, trained by itself on some windows.
    fn alone(&mut self, theory: usize, windows: &[usize], floor: f64) -> P {
        let s = self.settings;
        let data = self.data.train.subset(windows);
        let mut net = self.networks.theories.alone(theory);
        let own = vec![0.0; data.len() * LANES];
        let together = Together::Chosen(&own);
        let step = Step {
            rate: s.rate,
            sparsity: 0.0,
            biases_only: true,
        };
        let mut order: Vec<usize> = (0..data.len()).collect();
        let everything = order.clone();
        let blocks_of_batch = (s.batch / LANES).max(1);
        let mut patience = Patience::new(s.patience, s.least_improvement);
        for epoch in 0..s.alone_epochs {
            shuffle(&mut order, &mut self.rng);
            for batch in order.chunks(blocks_of_batch) {
                net.step(&data, batch, together, floor, step);
            }
            self.log.epochs += 1;
            if epoch % RECORD_EVERY == 0 {
                let loss = net.loss(&data, &everything, together, floor);
                if patience.is_over(loss, RECORD_EVERY) {
                    break;
                }
            }
        }
        net
    }

    /// DeleteTheories: never all of them.
    fn delete_theories(&mut self) {
        let floor = self.log.floors.last().copied().unwrap_or(1.0);
        let count = self.data.validation.count;
        let best = self.shares(&self.best(self.data.validation, floor), count);
        let chosen = self.networks.classifier.greatest(self.data.validation);
        let domain = self.shares(&chosen, count);
        let least = self.settings.delete_share;
        let all = 0..self.networks.theories.count();
        let mut kept: Vec<usize> = all
            .clone()
            .filter(|i| best[*i] >= least && domain[*i] >= least)
            .collect();
        if kept.is_empty() {
            let mean = |i: &usize| best[*i] + domain[*i];
            kept.extend(all.clone().max_by(|a, b| mean(a).total_cmp(&mean(b))));
        }
        if kept.len() < all.len() {
            self.log.deleted += all.len() - kept.len();
            self.networks.with_theories(&kept);
        }
    }
}

/// Windows of a block.
const LANES: usize = <f32 as mass_lanes::Real>::LANES;

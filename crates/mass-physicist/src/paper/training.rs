//! Algorithm 2: theories trained together, added and deleted.

use mass_systems::{ChaCha8Rng, Purpose, stream};

use super::settings::Paper;
use crate::{
    loss::annealed_floor,
    nets::{
        adam::{Adam, Patience, Plateau},
        blocks::{Blocks, shuffle},
        classifier::{LeakyNetwork, Target},
        linear::LinearLayers,
        theories::{Laws, Together, best_theories, mixture_loss},
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

/// A prediction function as it is trained.
#[derive(Clone)]
pub(super) struct TheoryNet {
    pub layers: LinearLayers<f32>,
    adam: Adam<f32>,
    /// Which of the laws proposed it began as.
    pub origin: Option<usize>,
}

impl TheoryNet {
    fn new(layers: LinearLayers<f32>, origin: Option<usize>) -> Self {
        Self {
            adam: Adam::new(layers.parameters.len()),
            layers,
            origin,
        }
    }
}

/// All networks.
#[derive(Clone)]
pub(super) struct Networks {
    pub theories: Vec<TheoryNet>,
    pub classifier: LeakyNetwork<f32>,
    adam: Adam<f32>,
}

impl Networks {
    /// Constants of all theories `[M, D, T·D + 1]`.
    fn constants(&self) -> Vec<f32> {
        let theories = self.theories.iter();
        theories
            .flat_map(|theory| theory.layers.product())
            .collect()
    }

    /// The same with the theories of these numbers, in this order.
    fn with_theories(&mut self, numbers: &[usize]) {
        self.theories = numbers.iter().map(|i| self.theories[*i].clone()).collect();
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

/// The windows, networks and settings of one training.
pub(super) struct Training<'a> {
    settings: &'a Paper,
    windows: &'a Windows,
    train: Blocks<f32>,
    validation: Blocks<f32>,
    /// Of the windows that validate, those whose error is logged.
    logged: Vec<bool>,
    pub networks: Networks,
    pub log: TrainingLog,
    rng: ChaCha8Rng,
}

impl<'a> Training<'a> {
    pub(super) fn new(
        settings: &'a Paper,
        train: &'a Windows,
        validation: &Windows,
        proposed: &[Recurrence],
        trial: usize,
    ) -> Self {
        let (inputs, outputs) = (train.memory() * train.dimension(), train.dimension());
        let sizes = [inputs, settings.width, settings.width, outputs];
        let of = |what: &str| {
            let key = format!("physicist-paper/{what}/{trial}");
            stream(settings.seed, Purpose::Init, &key)
        };
        let mut rng = of("theories");
        let mut theories = Vec::with_capacity(settings.theories);
        let laws = proposed.iter().enumerate().take(settings.theories);
        for (number, law) in laws {
            if let Some(layers) = LinearLayers::of(&sizes, law) {
                theories.push(TheoryNet::new(layers, Some(number)));
            }
        }
        while theories.len() < settings.theories {
            theories.push(TheoryNet::new(LinearLayers::random(&sizes, &mut rng), None));
        }
        let classifier = LeakyNetwork::random(
            inputs,
            settings.domain_width,
            theories.len(),
            &mut of("classifier"),
        );
        let logged = match validation.labels() {
            Some(labels) => labels.iter().map(|label| *label != TRANSITION).collect(),
            None => vec![true; validation.len()],
        };
        Self {
            settings,
            windows: train,
            train: Blocks::new(train),
            validation: Blocks::new(validation),
            logged,
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
        let s = self.settings;
        let mut floor = s.first_floor;
        self.log.floors.push(floor);
        self.iterate(Round {
            epochs: s.epochs,
            rate: s.rate,
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
        let mut order: Vec<usize> = (0..self.train.len()).collect();
        let blocks_of_batch = (s.batch / LANES).max(1);
        let everything: Vec<usize> = (0..self.validation.len()).collect();
        let mut best = Vec::new();
        let mut best_validation = Vec::new();
        let mut theories_train = true;
        for epoch in 0..round.epochs {
            if theories_train && epoch % s.check_every == 0 || best.is_empty() {
                best = self.best(&self.train, round.floor);
            }
            let chosen = (round.domain && theories_train)
                .then(|| self.networks.classifier.greatest(&self.train));
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
                let best = self.best(&self.validation, round.floor);
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
                    best = self.best(&self.train, round.floor);
                    best_validation = self.best(&self.validation, round.floor);
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
            let error = self.squared_error(|w| self.logged[w]);
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
        let constants = self.networks.constants();
        let count = self.networks.theories.len();
        let laws = Laws {
            constants: &constants,
            count,
            floor,
        };
        let mut gradient = vec![0.0; constants.len()];
        mixture_loss(&self.train, batch, laws, together, Some(&mut gradient));
        let size = constants.len() / count;
        let sparsity = (self.settings.sparsity * ramp) as f32;
        for (theory, gradient) in self
            .networks
            .theories
            .iter_mut()
            .zip(gradient.chunks_exact(size))
        {
            let mut pulled = theory.layers.pull(gradient);
            for (k, (g, parameter)) in pulled.iter_mut().zip(&theory.layers.parameters).enumerate()
            {
                if !self.settings.sparse_biases_only || theory.layers.is_bias(k) {
                    *g += sparsity * sign(*parameter);
                }
            }
            theory
                .adam
                .step(&mut theory.layers.parameters, &pulled, rate);
        }
    }

    fn step_classifier(&mut self, batch: &[usize], best: &[f32], rate: f64, ramp: f64) {
        let networks = &mut self.networks;
        let classifier = &mut networks.classifier;
        let mut gradient = vec![0.0; classifier.parameters.len()];
        let target = Target::Number(best);
        classifier.loss(&self.train, batch, target, Some(&mut gradient));
        let sparsity = (self.settings.domain_sparsity * ramp) as f32;
        for (k, (g, parameter)) in gradient.iter_mut().zip(&classifier.parameters).enumerate() {
            if !self.settings.sparse_biases_only || classifier.is_bias(k) {
                *g += sparsity * sign(*parameter);
            }
        }
        networks
            .adam
            .step(&mut classifier.parameters, &gradient, rate);
    }

    /// Of the windows that validate, by the theories that are best for them.
    fn classifier_loss(&self, best: &[f32], everything: &[usize]) -> f64 {
        let target = Target::Number(best);
        let classifier = &self.networks.classifier;
        classifier.loss(&self.validation, everything, target, None)
    }

    fn best(&self, data: &Blocks<f32>, floor: f64) -> Vec<f32> {
        let constants = self.networks.constants();
        let laws = Laws {
            constants: &constants,
            count: self.networks.theories.len(),
            floor,
        };
        best_theories(data, laws)
    }

    fn validation_loss(&self, round: Round, everything: &[usize]) -> f64 {
        if round.domain {
            return self.domain_loss(round.floor);
        }
        let constants = self.networks.constants();
        let laws = Laws {
            constants: &constants,
            count: self.networks.theories.len(),
            floor: round.floor,
        };
        let together = Together::Harmonic {
            arithmetic: self.settings.arithmetic,
        };
        mixture_loss(&self.validation, everything, laws, together, None)
    }

    /// Of the windows that validate, each theory in its domain.
    fn domain_loss(&self, floor: f64) -> f64 {
        let constants = self.networks.constants();
        let laws = Laws {
            constants: &constants,
            count: self.networks.theories.len(),
            floor,
        };
        let chosen = self.networks.classifier.greatest(&self.validation);
        let everything: Vec<usize> = (0..self.validation.len()).collect();
        let together = Together::Chosen(&chosen);
        mixture_loss(&self.validation, &everything, laws, together, None)
    }

    /// Errors `[N, D]`, each window's by the theory in whose domain it is.
    fn errors(&self, data: &Blocks<f32>) -> Vec<f64> {
        let chosen = self.networks.classifier.greatest(data);
        let constants = self.networks.constants();
        let size = data.outputs * (data.inputs + 1);
        let mut errors = Vec::with_capacity(data.count * data.outputs);
        for (w, theory) in chosen.iter().enumerate().take(data.count) {
            let law = &constants[*theory as usize * size..(*theory as usize + 1) * size];
            errors.extend(data.errors(w, law));
        }
        errors
    }

    fn squared_error(&self, which: impl Fn(usize) -> bool) -> f64 {
        let d = self.validation.outputs;
        let errors = self.errors(&self.validation);
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
        let errors = self.errors(&self.validation);
        annealed_floor(
            &errors,
            self.validation.outputs,
            s.least_floor,
            s.greatest_floor,
        )
    }

    /// Of the windows, the share of each theory.
    fn shares(&self, numbers: &[f32], count: usize) -> Vec<f64> {
        let mut shares = vec![0.0; self.networks.theories.len()];
        for number in &numbers[..count] {
            shares[*number as usize] += 1.0 / count as f64;
        }
        shares
    }

    /// AddTheories: whether one was added.
    fn add_theories(&mut self, floor: f64, rate: f64) -> bool {
        let s = self.settings;
        if self.networks.theories.len() >= s.most_theories {
            return false;
        }
        let best = self.best(&self.validation, floor);
        let shares = self.shares(&best, self.validation.count);
        let chosen = self.networks.classifier.greatest(&self.train);
        for (theory, share) in shares.into_iter().enumerate() {
            if share <= s.add_share {
                continue;
            }
            let constants = self.networks.theories[theory].layers.product();
            let bad: Vec<usize> = (0..self.train.count)
                .filter(|w| {
                    let errors = self.train.errors(*w, &constants);
                    chosen[*w] as usize == theory
                        && errors.map(|u| u * u).sum::<f64>() > s.add_error
                })
                .collect();
            if bad.len() as f64 <= s.add_bad_share * self.train.count as f64 {
                continue;
            }
            self.log.added.1 += 1;
            let saved = self.networks.clone();
            let before = self.domain_loss(floor);
            let fresh = self.alone(theory, &bad, floor);
            let mut numbers: Vec<usize> = (0..self.networks.theories.len()).collect();
            numbers.push(theory);
            self.networks.with_theories(&numbers);
            if let Some(last) = self.networks.theories.last_mut() {
                *last = fresh;
            }
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
    fn alone(&mut self, theory: usize, windows: &[usize], floor: f64) -> TheoryNet {
        let s = self.settings;
        let data = Blocks::<f32>::new(&self.windows.subset(windows));
        let mut net = TheoryNet::new(self.networks.theories[theory].layers.clone(), None);
        let own = vec![0.0; data.len() * LANES];
        let mut order: Vec<usize> = (0..data.len()).collect();
        let everything = order.clone();
        let blocks_of_batch = (s.batch / LANES).max(1);
        let mut patience = Patience::new(s.patience, s.least_improvement);
        for epoch in 0..s.alone_epochs {
            shuffle(&mut order, &mut self.rng);
            for batch in order.chunks(blocks_of_batch) {
                let constants = net.layers.product();
                let laws = Laws {
                    constants: &constants,
                    count: 1,
                    floor,
                };
                let mut gradient = vec![0.0; constants.len()];
                let together = Together::Chosen(&own);
                mixture_loss(&data, batch, laws, together, Some(&mut gradient));
                let pulled = net.layers.pull(&gradient);
                net.adam.step(&mut net.layers.parameters, &pulled, s.rate);
            }
            self.log.epochs += 1;
            if epoch % RECORD_EVERY == 0 {
                let constants = net.layers.product();
                let laws = Laws {
                    constants: &constants,
                    count: 1,
                    floor,
                };
                let together = Together::Chosen(&own);
                let loss = mixture_loss(&data, &everything, laws, together, None);
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
        let count = self.validation.count;
        let best = self.shares(&self.best(&self.validation, floor), count);
        let chosen = self.networks.classifier.greatest(&self.validation);
        let domain = self.shares(&chosen, count);
        let least = self.settings.delete_share;
        let all = 0..self.networks.theories.len();
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

fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

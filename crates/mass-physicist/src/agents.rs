//! Agents that meet one world after the other: with a memory, without one, and without theories (Table 2).

use std::path::Path;

use mass_systems::{Purpose, stream};

use crate::{
    error::Error,
    hub::Hub,
    nets::{
        adam::{Adam, Plateau},
        blocks::{Blocks, shuffle},
        classifier::{LeakyNetwork, Target, WIDTHS},
    },
    observations::{TRANSITION, Windows},
    paper::{Paper, Trained, TrainingLog},
    recurrence::Recurrence,
};

/// What an agent made of a world.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// What was found, and how.
    pub trained: Trained,
    /// What it began with from other worlds.
    pub reused: Vec<Reuse>,
    /// Theories that went into its memory.
    pub added: usize,
}

/// A theory of another world that was proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Reuse {
    /// The world that it was found in.
    pub world: String,
    /// The theory that it became, if it was not deleted.
    pub became: Option<usize>,
    /// The greatest change of a constant since, 0 if it was deleted.
    pub change: f64,
}

/// One that meets worlds.
pub trait Agent {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// Meets a world: windows to train on and others that validate, as [`Paper::split`] gives them.
    ///
    /// # Errors
    /// As [`Paper::train`].
    fn meet(
        &mut self,
        world: &str,
        train: &Windows,
        validation: &Windows,
    ) -> Result<Meeting, Error>;
}

/// An agent without memory: every world is its first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Newborn {
    /// How it learns.
    pub learner: Paper,
}

impl Agent for Newborn {
    fn name(&self) -> &'static str {
        "newborn"
    }

    fn meet(&mut self, _: &str, train: &Windows, validation: &Windows) -> Result<Meeting, Error> {
        Ok(Meeting {
            trained: self.learner.train(train, validation, &[])?,
            reused: Vec::new(),
            added: 0,
        })
    }
}

/// An agent with a memory (Algorithm 1): theories of its hub that predict a new world best are what it begins with
/// there, and what it finds goes into the hub.
#[derive(Clone, Debug, PartialEq)]
pub struct AiPhysicist {
    /// How it learns.
    pub learner: Paper,
    /// M₀, theories proposed for a new world, at most (2).
    pub proposals: usize,
    /// η, mean bits of a theory's errors below which it is remembered, at the median error (4). The paper's is not
    /// known.
    pub threshold: f64,
    /// Its memory.
    pub hub: Hub,
}

impl Default for AiPhysicist {
    fn default() -> Self {
        Self {
            learner: Paper::default(),
            proposals: 2,
            threshold: 4.0,
            hub: Hub::default(),
        }
    }
}

impl AiPhysicist {
    /// Writes its memory, whole or not at all. One that [`AiPhysicist::read`] gives goes on as this one would, bit for
    /// bit.
    ///
    /// # Errors
    /// As [`Hub::save`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        self.hub.save(path)
    }

    /// The same agent with a memory that was written.
    ///
    /// # Errors
    /// As [`Hub::read`].
    pub fn read(self, path: &Path) -> Result<Self, Error> {
        Ok(Self {
            hub: Hub::read(path)?,
            ..self
        })
    }
}

impl Agent for AiPhysicist {
    fn name(&self) -> &'static str {
        "ai-physicist"
    }

    /// What it remembers of a world of this name is forgotten first: it was interrupted there.
    fn meet(
        &mut self,
        world: &str,
        train: &Windows,
        validation: &Windows,
    ) -> Result<Meeting, Error> {
        self.hub.forget(world);
        let places = self.hub.propose(train, self.proposals);
        let stored: Vec<_> = places.iter().map(|at| &self.hub.theories()[*at]).collect();
        let laws: Vec<Recurrence> = stored.iter().map(|theory| theory.law.clone()).collect();
        let trained = self.learner.train(train, validation, &laws)?;
        let reused = stored.iter().enumerate().map(|(number, theory)| {
            let became = trained.origins.iter().position(|o| *o == Some(number));
            Reuse {
                world: theory.world.clone(),
                became,
                change: became.map_or(0.0, |at| {
                    trained.discovery.theories[at].law.distance(&theory.law)
                }),
            }
        });
        let reused = reused.collect();
        let floor = trained.discovery.noise;
        let added = self
            .hub
            .add(world, &trained.discovery, train, floor, self.threshold)?;
        Ok(Meeting {
            trained,
            reused,
            added,
        })
    }
}

/// An agent without theories: one network of three layers with leaky rectifiers, by the mean squared error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// Of the network's first parameters and the order of batches.
    pub seed: u64,
    /// Units of each hidden layer: 8 or 16 (16).
    pub width: usize,
    /// Windows of a batch, at most (2000).
    pub batch: usize,
    /// Epochs (50 000).
    pub epochs: usize,
    /// Adam's rate (5·10⁻³).
    pub rate: f64,
    /// Checks, every ten epochs, without improvement after which the rate falls to a tenth (40).
    pub rate_patience: usize,
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            seed: 0,
            width: 16,
            batch: 2000,
            epochs: 50_000,
            rate: 5e-3,
            rate_patience: 40,
        }
    }
}

/// What the baseline ended with.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineResult {
    /// Mean squared error, summed over coordinates, of the windows of big domains among those that validate; without
    /// labels, of all.
    pub squared_error: f64,
    /// Bits of its parameters, each a real number.
    pub bits: f64,
    /// How the training went.
    pub log: TrainingLog,
}

impl Baseline {
    /// Trains on some windows while others validate.
    ///
    /// # Errors
    /// [`Error::Request`] if the shapes do not fit or a setting makes no sense.
    pub fn train(&self, train: &Windows, validation: &Windows) -> Result<BaselineResult, Error> {
        let (d, memory) = (train.dimension(), train.memory());
        let fits = d == validation.dimension() && memory == validation.memory();
        let supported = crate::nets::theories::supported(d, memory);
        if !fits || !supported || validation.is_empty() || train.is_empty() {
            return Err(Error::Request(
                "the baseline is made for windows of one to three coordinates over two past positions, and at least one of each kind".into(),
            ));
        }
        let sense = WIDTHS.contains(&self.width) && self.batch > 0 && self.rate > 0.0;
        if !sense || !self.rate.is_finite() {
            return Err(Error::Request(format!(
                "a width of {}, batches of {} and a rate of {}: widths are 8 or 16, the others positive",
                self.width, self.batch, self.rate
            )));
        }
        let kept: Vec<usize> = match validation.labels() {
            Some(labels) => (0..validation.len())
                .filter(|w| labels[*w] != TRANSITION)
                .collect(),
            None => (0..validation.len()).collect(),
        };
        if kept.is_empty() {
            return Err(Error::Data(
                "no window that validates obeys one of the laws".into(),
            ));
        }
        let train = Blocks::<f32>::new(train);
        let validation = Blocks::<f32>::new(&validation.subset(&kept));
        let of = |purpose| stream(self.seed, purpose, "physicist-baseline");
        let mut network =
            LeakyNetwork::<f32>::random(memory * d, self.width, d, &mut of(Purpose::Init));
        let mut adam = Adam::new(network.parameters.len());
        let mut rate = Plateau::new(self.rate, 0.1, self.rate_patience);
        let mut rng = of(Purpose::Batches);
        let mut order: Vec<usize> = (0..train.len()).collect();
        let everything: Vec<usize> = (0..validation.len()).collect();
        let mut log = TrainingLog::default();
        let blocks = (self.batch / <f32 as mass_lanes::Real>::LANES).max(1);
        let mut gradient = vec![0.0; network.parameters.len()];
        let mut error = f64::INFINITY;
        for epoch in 1..=self.epochs {
            shuffle(&mut order, &mut rng);
            for batch in order.chunks(blocks) {
                network.loss(&train, batch, Target::Output, Some(&mut gradient));
                adam.step(&mut network.parameters, &gradient, rate.rate);
            }
            if epoch % 5 == 0 || epoch == self.epochs {
                error = network.loss(&validation, &everything, Target::Output, None);
                log.errors.push((epoch, error));
                if epoch % 10 == 0 {
                    rate.check(error);
                }
            }
        }
        log.epochs = self.epochs;
        let parameters = network.parameters.iter().map(|p| f64::from(*p));
        let bits = parameters.map(|p| crate::real_bits(p, crate::MODEL_FLOOR));
        Ok(BaselineResult {
            squared_error: error,
            bits: bits.sum(),
            log,
        })
    }
}

//! A recipe: everything that decides a training except the systems, the seeds and the device.

use std::path::Path;

use mass_jet::{Activation, InputFeatures, Precision};
use mass_runs::difference;
use mass_suggest::{hint, nearest};
use mass_systems::States;
use mass_terms::{Inverse, Library, Mask};
use serde::{Deserialize, Serialize};

use crate::{
    Error, MaskRecipe, MlpRecipe, NetworkRecipe, TermsRecipe, TheoryRecipe,
    range::{check, is_default},
};

/// A complete, serialisable training recipe.
///
/// # Example
///
/// ```
/// use mass_core::Recipe;
///
/// let recipe = Recipe::reference();
/// assert_eq!(Recipe::from_toml(&recipe.to_toml())?, recipe);
///
/// let error = Recipe::from_toml(&recipe.to_toml().replace("width", "widht")).unwrap_err();
/// assert!(error.to_string().contains("widht"));
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Recipe {
    /// The recipe's name, kept in the run record.
    pub name: String,
    /// Floating-point type of the training.
    pub precision: Precision,
    /// The theory: `free`, to be found, or one that is given. Free is left out of a file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub theory: TheoryRecipe,
    /// The scalar network of each system.
    pub network: NetworkRecipe,
    /// The derivative terms of the shared layer.
    pub terms: TermsRecipe,
    /// What is minimised.
    pub objective: Objective,
    /// AdamW.
    pub optimizer: OptimizerRecipe,
    /// Learning rate over time, and when systems join.
    pub schedule: Schedule,
    /// States to train and test on.
    pub data: DataRecipe,
    /// Averaging and judging.
    pub evaluation: EvaluationRecipe,
    /// Quasi-Newton steps at the end of each phase; none where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<FinishRecipe>,
}

/// The error between predicted and true acceleration, per system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorKind {
    /// Mean over states of ‖ŷ̇ − ẏ‖² (Fu et al. 2025, Eq. 6).
    Mse,
    /// Its square root, which the released code minimises and prints.
    Rmse,
}

/// How ‖a‖₁ of the activations is taken over a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BatchReduction {
    /// The mean over the states of the batch.
    Mean,
    /// The sum over the states of the batch, as the released code has it.
    Sum,
}

/// How the losses of the systems seen are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SystemWeighting {
    /// Σ_j loss_j (Fu et al. 2025, Eq. 6).
    Sum,
    /// The mean over the systems.
    Mean,
    /// The released code divides the running sum by the number of systems k inside its loop, so
    /// that system i = 0, …, k − 1 weighs k^−(k−i).
    Released,
}

impl SystemWeighting {
    /// The weight of each of `systems` systems, in order.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::SystemWeighting;
    ///
    /// assert_eq!(SystemWeighting::Released.weights(2), [0.25, 0.5]);
    /// assert_eq!(SystemWeighting::Mean.weights(2), [0.5, 0.5]);
    /// ```
    pub fn weights(self, systems: usize) -> Vec<f64> {
        let k = systems as f64;
        (0..systems)
            .map(|i| match self {
                SystemWeighting::Sum => 1.0,
                SystemWeighting::Mean => 1.0 / k,
                SystemWeighting::Released => k.powi(-((systems - i) as i32)),
            })
            .collect()
    }
}

/// What is minimised: per system j, error + λ_b |b_j| + (λ₁/T) ‖w‖₁ + (λ₂/T) ‖a_j‖₁
/// (Fu et al. 2025, Eq. 6 and Appendix A).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Objective {
    /// MSE or RMSE.
    pub error: ErrorKind,
    /// λ_b, weight of |b_j|.
    pub lambda_b: f64,
    /// λ₁, weight of ‖w‖₁ / T.
    pub lambda_1: f64,
    /// λ₂, weight of ‖a_j‖₁ / T.
    pub lambda_2: f64,
    /// ‖a_j‖₁ as a mean or a sum over the batch.
    pub activation_penalty: BatchReduction,
    /// How systems are weighted against each other.
    pub weighting: SystemWeighting,
}

/// AdamW (Loshchilov & Hutter 2019); Burn computes with these in f32.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OptimizerRecipe {
    /// Peak learning rate.
    pub learning_rate: f64,
    /// β₁.
    pub beta_1: f64,
    /// β₂.
    pub beta_2: f64,
    /// ε; PyTorch's default 1e-8 is not Burn's.
    pub epsilon: f64,
    /// Decoupled weight decay, of every parameter.
    pub weight_decay: f64,
    /// Length to which a scientist's whole gradient is shortened where it is longer (Pascanu et al.
    /// 2013); left out, it is taken as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<f64>,
}

/// L-BFGS (Liu & Nocedal 1989) at the end of each phase, from the moving average of the weights, on the error
/// over all training states, without penalties: those choose the theory, and it is chosen by then.
///
/// The result takes the place of the average; the weights that a next phase trains on are not touched. A
/// Lagrangian that AdamW leaves at a noise of batches goes on to a fraction of its error
/// (docs/dimensions.md has the numbers).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FinishRecipe {
    /// Iterations at most; each reads all training states about once.
    pub iterations: usize,
    /// Pairs of steps and changes of gradient that the curvature is estimated from.
    pub history: usize,
}

impl FinishRecipe {
    /// So many iterations, with a history of 20.
    pub fn new(iterations: usize) -> Self {
        Self {
            iterations,
            history: 20,
        }
    }

    fn validate(&self) -> Result<(), Error> {
        let (iterations, history) = (self.iterations, self.history);
        check(
            iterations >= 1,
            "finish.iterations",
            iterations,
            "at least 1",
        )?;
        let range = (1..=1000).contains(&history);
        check(range, "finish.history", history, "from 1 to 1000")
    }
}

/// When systems join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Curriculum {
    /// Phase k trains on systems 1..k; the optimiser starts anew with each phase.
    Continued,
    /// One phase, all systems from its first step.
    Simultaneous,
}

/// Learning rate over the steps of a phase: linear warm-up, then cosine decay to zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Schedule {
    /// When systems join.
    pub curriculum: Curriculum,
    /// Steps of linear warm-up in each phase.
    pub warmup_steps: usize,
    /// Fraction of the learning rate at the first warm-up step.
    pub warmup_start: f64,
    /// Steps of cosine decay in each phase, after the warm-up.
    pub decay_steps: usize,
    /// Whether AdamW's moments start anew after the warm-up, as in the released code.
    pub restart_after_warmup: bool,
    /// Factor on λ₁ and λ₂ at the end of a phase, to which they fall from 1 with the learning rate:
    /// the penalties then choose the terms and leave their sizes to the data. 1 keeps them as they
    /// are, as the paper does, and is left out of a file.
    #[serde(default = "kept", skip_serializing_if = "is_kept")]
    pub penalty_end: f64,
}

fn kept() -> f64 {
    1.0
}

fn is_kept(factor: &f64) -> bool {
    *factor == kept()
}

impl Schedule {
    /// Steps of one phase.
    pub fn phase_steps(&self) -> usize {
        self.warmup_steps + self.decay_steps
    }

    /// Number of phases for `systems` systems.
    pub fn phases(&self, systems: usize) -> usize {
        match self.curriculum {
            Curriculum::Continued => systems,
            Curriculum::Simultaneous => 1,
        }
    }

    /// Steps of a whole training on `systems` systems.
    pub fn total_steps(&self, systems: usize) -> usize {
        self.phases(systems) * self.phase_steps()
    }

    /// Systems active in `phase` (0-based) out of `systems`.
    pub fn active_systems(&self, phase: usize, systems: usize) -> usize {
        match self.curriculum {
            Curriculum::Continued => (phase + 1).min(systems),
            Curriculum::Simultaneous => systems,
        }
    }

    /// Factor on the learning rate at `step` of a phase, counted from 0.
    ///
    /// As PyTorch's `LinearLR` and then `CosineAnnealingLR`: the first decay step has factor 1.
    pub fn factor(&self, step: usize) -> f64 {
        if step < self.warmup_steps {
            let done = step as f64 / self.warmup_steps as f64;
            self.warmup_start + (1.0 - self.warmup_start) * done
        } else {
            let done = (step - self.warmup_steps) as f64 / self.decay_steps as f64;
            0.5 * (1.0 + (std::f64::consts::PI * done).cos())
        }
    }

    /// Factor on λ₁ and λ₂ at `step` of a phase, counted from 0.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::Recipe;
    ///
    /// let mut schedule = Recipe::reference().schedule;
    /// assert_eq!(schedule.penalty_factor(10_000), 1.0);
    /// schedule.penalty_end = 0.0;
    /// assert_eq!(schedule.penalty_factor(50), 1.0); // in the warm-up
    /// assert_eq!(schedule.penalty_factor(100 + 5_000), 0.5);
    /// ```
    pub fn penalty_factor(&self, step: usize) -> f64 {
        if step < self.warmup_steps {
            return 1.0;
        }
        self.penalty_end + (1.0 - self.penalty_end) * self.factor(step)
    }

    /// Whether AdamW's moments start anew just before `step` of a phase, counted from 0.
    pub fn restarts_at(&self, step: usize) -> bool {
        step == 0 || (self.restart_after_warmup && step == self.warmup_steps)
    }
}

/// States to train and test on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DataRecipe {
    /// Fixed training states per system.
    pub train_states: usize,
    /// Other states per system, to test on.
    pub test_states: usize,
    /// States of a batch, drawn without replacement at each step.
    pub batch: usize,
    /// Which states of a known system are drawn: from its `domain`, as in the paper, `bounded` by an
    /// energy, along `motions`, or `closed`, those that motion does not leave ([`States`]). The domain is left out of a file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub states: States,
    /// In which units states are trained on. The system's own is left out of a file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub units: Units,
}

/// In which units states are trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Units {
    /// As they are, as in the paper: a network wants numbers of order one.
    #[default]
    Own,
    /// In units in which positions and accelerations are of order one ([`mass_systems::Scales`]): errors are
    /// then relative, and an orbit in metres trains as one in earth radii does. Laws, S and motions come
    /// back in the system's own units.
    Scaled,
}

/// What makes a scientist correct: an error of this kind below this, on every system seen.
///
/// A recipe has its own ([`EvaluationRecipe::criterion`](crate::EvaluationRecipe::criterion)); the
/// paper's 5e-3 can be read as an RMSE and as an MSE (`docs/fidelity.md`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// Which error of the averaged weights on the test states.
    pub error: ErrorKind,
    /// What it has to be below.
    pub below: f64,
}

/// Averaging and judging.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EvaluationRecipe {
    /// Decay of the exponential moving average of the weights; the average is what is judged.
    pub ema: f64,
    /// Steps between evaluations on the test states.
    pub every: usize,
    /// A scientist is correct if its error, the maximum over the systems seen, is below this.
    pub correct_below: f64,
    /// Which error that is.
    pub correct_error: ErrorKind,
}

impl EvaluationRecipe {
    /// What makes a scientist correct under this recipe.
    pub fn criterion(&self) -> Criterion {
        Criterion {
            error: self.correct_error,
            below: self.correct_below,
        }
    }
}

impl Recipe {
    /// The names that [`Recipe::named`] knows.
    pub const NAMES: [&'static str; 4] = ["general", "modern", "paper", "reference"];

    /// The paper as it is written (Fu et al. 2025, Table 3 and Eq. 6): 4 hidden layers, MSE, the
    /// activation penalty as a mean over the batch, a plain sum over the systems.
    ///
    /// The paper does not say that terms are held at zero; the released mask is kept, for A A⁻¹ x
    /// would predict ẏ = −x without any S. "Correct" is read as RMSE < 5e-3, because the released
    /// code prints the RMSE as its loss (`docs/fidelity.md`).
    pub fn paper() -> Self {
        let mut recipe = Self::reference();
        recipe.name = "paper".to_string();
        if let Some(mlp) = recipe.network.mlp_mut() {
            mlp.hidden_layers = 4;
        }
        recipe.objective.error = ErrorKind::Mse;
        recipe.objective.activation_penalty = BatchReduction::Mean;
        recipe.objective.weighting = SystemWeighting::Sum;
        recipe
    }

    /// The released code as it is, quirks and all: 5 hidden layers, RMSE, the activation penalty
    /// summed over the batch, its weighting of the systems.
    pub fn reference() -> Self {
        Self {
            name: "reference".to_string(),
            precision: Precision::F32,
            theory: TheoryRecipe::Free,
            network: NetworkRecipe::Mlp(MlpRecipe {
                hidden_layers: 5,
                width: 20,
                activation: Activation::Gelu,
                input: InputFeatures::Augmented,
            }),
            terms: TermsRecipe {
                library: Library::standard(),
                mask: MaskRecipe::Released,
                inverse: Inverse::Shifted,
            },
            objective: Objective {
                error: ErrorKind::Rmse,
                lambda_b: 0.5,
                lambda_1: 0.1,
                lambda_2: 0.01,
                activation_penalty: BatchReduction::Sum,
                weighting: SystemWeighting::Released,
            },
            optimizer: OptimizerRecipe {
                learning_rate: 5e-4,
                beta_1: 0.7,
                beta_2: 0.8,
                epsilon: 1e-8,
                weight_decay: 0.01,
                clip: None,
            },
            schedule: Schedule {
                curriculum: Curriculum::Continued,
                warmup_steps: 100,
                warmup_start: 0.1,
                decay_steps: 10_000,
                restart_after_warmup: true,
                penalty_end: kept(),
            },
            data: DataRecipe {
                train_states: 10_000,
                test_states: 10_000,
                batch: 512,
                states: States::Domain,
                units: Units::Own,
            },
            finish: None,
            evaluation: EvaluationRecipe {
                ema: 0.99,
                every: 100,
                correct_below: 5e-3,
                correct_error: ErrorKind::Rmse,
            },
        }
    }

    /// Ours: `reference` with what makes more scientists correct in fewer steps, and nothing that
    /// tells them which theory to learn (`docs/fidelity.md`).
    ///
    /// DIFFERENCE from the released code: every system weighs the same, where it gives the first of
    /// six 1/46656; the penalties fall to zero within a phase, so that they choose terms without
    /// shrinking what is left; the peak learning rate is 2e-3, not 5e-4.
    pub fn modern() -> Self {
        let mut recipe = Self::reference();
        recipe.name = "modern".to_string();
        recipe.objective.weighting = SystemWeighting::Mean;
        recipe.schedule.penalty_end = 0.0;
        recipe.optimizer.learning_rate = 2e-3;
        recipe
    }

    /// Ours for systems of any dimension, one system at a time: what learned the double pendulum best of
    /// all that was tried, and nothing that tells which theory to learn (`docs/dimensions.md`).
    ///
    /// DIFFERENCE from [`Recipe::modern`]: training and test states that motion does not leave; 40 units a
    /// layer; penalties a tenth as strong, and none on b, which keeps inverses off their poles; batches of
    /// 128 in ten times as many steps; a peak learning rate of 5e-3, and no gradient longer than 1. A
    /// scientist is correct below an RMSE of 0.03.
    pub fn general() -> Self {
        let mut recipe = Self::modern();
        recipe.name = "general".to_string();
        if let Some(mlp) = recipe.network.mlp_mut() {
            mlp.width = 40;
        }
        recipe.objective.lambda_b = 0.0;
        recipe.objective.lambda_1 = 0.01;
        recipe.objective.lambda_2 = 0.001;
        recipe.optimizer.learning_rate = 5e-3;
        recipe.optimizer.clip = Some(1.0);
        recipe.schedule.decay_steps = 100_000;
        recipe.data.batch = 128;
        recipe.data.states = States::Closed;
        recipe.evaluation.every = 1000;
        recipe.evaluation.correct_below = 0.03;
        recipe
    }

    /// A recipe of this crate by name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRecipe`] with the nearest name.
    pub fn named(name: &str) -> Result<Self, Error> {
        match name {
            "general" => Ok(Self::general()),
            "modern" => Ok(Self::modern()),
            "paper" => Ok(Self::paper()),
            "reference" => Ok(Self::reference()),
            _ => Err(Error::UnknownRecipe {
                found: name.to_string(),
                hint: hint(nearest(name, Self::NAMES)),
                known: Self::NAMES.join(", "),
            }),
        }
    }

    /// A recipe as a command line names it: `paper`, or a file, which ends in `.toml` or has a folder.
    ///
    /// # Errors
    ///
    /// As [`Recipe::named`] and [`Recipe::from_file`].
    pub fn load(name: &str) -> Result<Self, Error> {
        if name.ends_with(".toml") || name.contains(std::path::MAIN_SEPARATOR) {
            Self::from_file(Path::new(name))
        } else {
            Self::named(name)
        }
    }

    /// A recipe from a TOML file; of a run or sweep record (`run.toml`), the recipe in it.
    ///
    /// # Errors
    ///
    /// [`mass_runs::Error::File`] if the file cannot be read, [`Error::RecipeSyntax`] naming line and
    /// key for an unknown or missing key or a value of another type, [`Error::RecipeValue`]
    /// for a value out of range, [`Error::RecipeTerms`] for terms that do not fit together, and
    /// [`Error::RecipeName`] for a recipe that bears the name of one of this crate's and differs from it
    /// in more than its steps. A record says what was trained, so that its name is not judged.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let text = mass_runs::read_text(path)?;
        Self::from_toml(&text).map_err(|error| match error {
            Error::RecipeSyntax { message, .. } => Error::RecipeSyntax {
                origin: path.display().to_string(),
                message,
            },
            other => other,
        })
    }

    /// A recipe from TOML text.
    ///
    /// # Errors
    ///
    /// As [`Recipe::from_file`], without the file.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        /// The one part of a run record that is read here.
        #[derive(Deserialize)]
        struct Record {
            recipe: Recipe,
        }
        let syntax = |error: toml::de::Error| Error::RecipeSyntax {
            origin: "recipe".to_string(),
            message: with_hint(&error.to_string()),
        };
        let table: toml::Table = toml::from_str(text).map_err(syntax)?;
        if table.contains_key("recipe") {
            let recipe = toml::from_str::<Record>(text).map_err(syntax)?.recipe;
            recipe.validate()?;
            return Ok(recipe);
        }
        let recipe: Self = toml::from_str(text).map_err(syntax)?;
        recipe.validate()?;
        recipe.check_name()?;
        Ok(recipe)
    }

    /// Refuses the name of a recipe of this crate for another recipe, lest figures and folders say
    /// `reference` of what is not; the number of steps is free, as it is on a command line.
    fn check_name(&self) -> Result<(), Error> {
        let Ok(named) = Self::named(&self.name) else {
            return Ok(());
        };
        let table = |recipe: &Self| {
            toml::Table::try_from(recipe).expect("a recipe holds only strings, numbers and tables")
        };
        let named = named.with_steps(self.schedule.decay_steps);
        match difference(&table(&named), &table(self)) {
            None => Ok(()),
            Some(difference) => Err(Error::RecipeName {
                name: self.name.clone(),
                difference,
            }),
        }
    }

    /// The recipe as TOML; what is left out is as in the paper. Changed by hand it needs a `name` of its own
    /// ([`Error::RecipeName`]).
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a recipe holds only strings, numbers and tables")
    }

    /// Checks that every value is in range.
    ///
    /// # Errors
    ///
    /// [`Error::RecipeValue`] naming the key and the range.
    pub fn validate(&self) -> Result<(), Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || " -_".contains(c);
        check(
            !self.name.trim().is_empty() && self.name.chars().all(plain),
            "name",
            format!("{:?}", self.name),
            "letters, digits, spaces, - and _, for it is part of folder names",
        )?;
        self.network.validate()?;
        self.terms()?;
        check(
            self.network.has_scalar() || self.theory.is_free(),
            "theory",
            "one that is given",
            "none with a plain network, which has no scalar for a theory to read: leave it out",
        )?;
        let at_least_one = [
            ("schedule.decay_steps", self.schedule.decay_steps),
            ("data.train_states", self.data.train_states),
            ("data.test_states", self.data.test_states),
            ("data.batch", self.data.batch),
            ("evaluation.every", self.evaluation.every),
        ];
        for (key, value) in at_least_one {
            check(value >= 1, key, value, "at least 1")?;
        }
        check(
            self.data.batch <= self.data.train_states,
            "data.batch",
            self.data.batch,
            "at most data.train_states, for a batch is drawn without replacement",
        )?;
        for (key, value) in [
            ("schedule.warmup_steps", self.schedule.warmup_steps),
            ("schedule.decay_steps", self.schedule.decay_steps),
        ] {
            check(value <= 1_000_000_000, key, value, "at most 1e9")?;
        }
        let weights = [
            ("objective.lambda_b", self.objective.lambda_b),
            ("objective.lambda_1", self.objective.lambda_1),
            ("objective.lambda_2", self.objective.lambda_2),
            ("optimizer.weight_decay", self.optimizer.weight_decay),
        ];
        for (key, value) in weights {
            check(
                value.is_finite() && value >= 0.0,
                key,
                value,
                "finite and at least 0",
            )?;
        }
        let positive = [
            ("optimizer.learning_rate", self.optimizer.learning_rate),
            ("optimizer.epsilon", self.optimizer.epsilon),
            ("evaluation.correct_below", self.evaluation.correct_below),
        ];
        for (key, value) in positive {
            check(
                value.is_finite() && value > 0.0,
                key,
                value,
                "finite and above 0",
            )?;
        }
        if let Some(clip) = self.optimizer.clip {
            check(clip > 0.0, "optimizer.clip", clip, "above 0, or left out")?;
        }
        let fractions = [
            ("optimizer.beta_1", self.optimizer.beta_1),
            ("optimizer.beta_2", self.optimizer.beta_2),
            ("evaluation.ema", self.evaluation.ema),
        ];
        for (key, value) in fractions {
            check(
                (0.0..1.0).contains(&value),
                key,
                value,
                "at least 0 and below 1",
            )?;
        }
        if let Some(finish) = &self.finish {
            finish.validate()?;
        }
        let end = self.schedule.penalty_end;
        check(
            (0.0..=1.0).contains(&end),
            "schedule.penalty_end",
            end,
            "at least 0 and at most 1",
        )?;
        let start = self.schedule.warmup_start;
        check(
            start > 0.0 && start <= 1.0,
            "schedule.warmup_start",
            start,
            "above 0 and at most 1",
        )?;
        Ok(())
    }

    /// The library, and which of its terms take part: those of the mask, or of the theory that is
    /// given.
    ///
    /// # Errors
    ///
    /// As [`TermsRecipe::build`] and [`TheoryRecipe::weights`].
    pub fn terms(&self) -> Result<(Library, Mask), Error> {
        self.terms.build_for(&self.theory)
    }

    /// The first eight hexadecimal digits of the BLAKE3 of its TOML: tells recipes of one name apart.
    pub fn fingerprint(&self) -> String {
        blake3::hash(self.to_toml().as_bytes()).to_hex()[..8].to_string()
    }

    /// The same recipe with `steps` steps of decay in each phase, and no more of warm-up than that.
    pub fn with_steps(mut self, steps: usize) -> Self {
        self.schedule.decay_steps = steps;
        self.schedule.warmup_steps = self.schedule.warmup_steps.min(steps);
        self.evaluation.every = self.evaluation.every.min(steps.max(1));
        self
    }

    /// The same recipe, `NAME-WORD`, for scientists that are told a theory: without the penalties that choose
    /// terms, and with gradients of any length and |b| penalised by 0.05, which keeps the one inverse that there is
    /// off its pole (what helped is in docs/dimensions.md).
    pub fn told(mut self, theory: TheoryRecipe, word: &str) -> Self {
        self.name = format!("{}-{word}", self.name);
        self.theory = theory;
        (self.objective.lambda_1, self.objective.lambda_2) = (0.0, 0.0);
        self.objective.lambda_b = 0.05;
        self.optimizer.clip = None;
        self
    }

    /// The same recipe, `NAME-plain`, for plain networks of the same size, which have no scalar and no theory.
    pub fn plain(mut self) -> Self {
        self.name = format!("{}-plain", self.name);
        if let Some(mlp) = self.network.mlp().cloned() {
            self.network = NetworkRecipe::Plain(mlp.into());
        }
        self
    }
}

/// The message of a key or a value that nobody knows, with the nearest of those that it lists.
fn with_hint(message: &str) -> String {
    let message = message.trim_end();
    let said = message.lines().last().unwrap_or_default();
    let mut quoted = said.split('`').skip(1).step_by(2);
    let near = match quoted.next() {
        Some(written) if said.starts_with("unknown ") => nearest(written, quoted),
        _ => None,
    };
    format!("{message}{}", hint(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_told_the_nearest_one() {
        let text = Recipe::reference().to_toml();
        let said = |from: &str, to: &str| {
            let error = Recipe::from_toml(&text.replace(from, to)).unwrap_err();
            error.to_string()
        };
        let key = said("warmup_steps", "warm_up_steps");
        assert!(key.ends_with("; did you mean \"warmup_steps\"?"), "{key}");
        let value = said("\"gelu\"", "\"gellu\"");
        assert!(value.ends_with("; did you mean \"gelu\"?"), "{value}");
        let far = said("warmup_steps", "colour");
        assert!(!far.contains("did you mean"), "{far}");
    }

    #[test]
    fn the_schedule_is_pytorchs() {
        let schedule = Recipe::reference().schedule;
        assert_eq!(schedule.factor(0), 0.1);
        assert!((schedule.factor(99) - (0.1 + 0.9 * 0.99)).abs() < 1e-15);
        assert_eq!(schedule.factor(100), 1.0);
        assert!((schedule.factor(100 + 5000) - 0.5).abs() < 1e-15);
        assert!(schedule.factor(100 + 9999) > 0.0);
        assert!(schedule.restarts_at(0) && schedule.restarts_at(100) && !schedule.restarts_at(99));
    }

    #[test]
    fn penalties_fall_with_the_learning_rate() {
        let recipe = Recipe::modern();
        assert_eq!(Recipe::from_toml(&recipe.to_toml()).unwrap(), recipe);
        assert!(!Recipe::reference().to_toml().contains("penalty_end"));
        let at = |step| {
            let factor = recipe.schedule.penalty_factor(step);
            recipe.objective.with_penalties(factor).lambda_2
        };
        assert_eq!((at(0), at(100)), (0.01, 0.01));
        assert!((at(100 + 5000) - 0.005).abs() < 1e-15);
        assert!(at(100 + 9999) < 1e-9);
        let text = recipe
            .to_toml()
            .replace("penalty_end = 0.0", "penalty_end = 1.5");
        let error = Recipe::from_toml(&text).unwrap_err().to_string();
        assert!(
            error.contains("schedule.penalty_end = 1.5 is out of range"),
            "{error}"
        );
    }

    #[test]
    fn weights_of_the_released_loop() {
        // loss = ((l0 / k) + l1) / k for k = 2, and so on.
        assert_eq!(
            SystemWeighting::Released.weights(4),
            [1.0 / 256.0, 1.0 / 64.0, 1.0 / 16.0, 1.0 / 4.0]
        );
        assert_eq!(SystemWeighting::Released.weights(1), [1.0]);
    }

    #[test]
    fn values_out_of_range_name_the_key_and_the_range() {
        let text = Recipe::reference().to_toml();
        let cases = [
            (
                "beta_1 = 0.7",
                "beta_1 = 1.0",
                "optimizer.beta_1 = 1 is out of range: at least 0 and below 1",
            ),
            (
                "batch = 512",
                "batch = 0",
                "data.batch = 0 is out of range: at least 1",
            ),
            (
                "batch = 512",
                "batch = 20000",
                "data.batch = 20000 is out of range: at most data.train_states",
            ),
            (
                "lambda_b = 0.5",
                "lambda_b = -1.0",
                "objective.lambda_b = -1 is out of range",
            ),
            (
                "learning_rate = 0.0005",
                "learning_rate = nan",
                "optimizer.learning_rate = NaN",
            ),
        ];
        for (from, to, message) in cases {
            assert!(text.contains(from), "{from} not in\n{text}");
            let error = Recipe::from_toml(&text.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    /// A recipe's TOML as it stands in a run record.
    fn run_record(recipe: &str) -> String {
        let nested = recipe.replace("\n[", "\n[recipe.");
        format!("[recipe]\n{nested}")
    }

    #[test]
    fn unknown_and_missing_keys_are_refused() {
        let text = Recipe::paper().to_toml();
        let unknown = Recipe::from_toml(&format!("{text}\ncolour = 3\n"))
            .unwrap_err()
            .to_string();
        assert!(unknown.contains("unknown field `colour`"), "{unknown}");
        let record = format!("device = \"flex\"\n{}", run_record(&text));
        assert_eq!(Recipe::from_toml(&record).unwrap(), Recipe::paper());
        let name = Recipe::from_toml(&text.replace("\"paper\"", "\"a/../b\"")).unwrap_err();
        assert!(
            name.to_string()
                .starts_with("name = \"a/../b\" is out of range"),
            "{name}"
        );
        let missing = Recipe::from_toml(&text.replace("width = 20\n", ""))
            .unwrap_err()
            .to_string();
        assert!(missing.contains("missing field `width`"), "{missing}");
        let error = Recipe::named("referense").unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown recipe \"referense\"; did you mean \"reference\"? (known: general, modern, paper, reference)"
        );
    }
}

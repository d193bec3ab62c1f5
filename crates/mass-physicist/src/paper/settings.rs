//! The settings of the paper's training, with the paper's defaults; where its text has none, its code's.

use crate::{error::Error, nets, observations::Windows, occam::Occam};

/// The paper's own divide and conquer (Algorithm 2), in f32: prediction functions of linear layers, a classifier of
/// domains, both trained by Adam; the harmonic mean of losses in bits at a floor that falls to the median error after
/// each training; theories added and deleted.
///
/// Settings in brackets are the code's, or recollections, where the text has no number.
///
/// # Example
/// ```
/// use mass_physicist::{DivideAndConquer, Paper, WorldKind, WorldRequest};
///
/// let (_, seen) = WorldRequest { windows: 400, ..WorldRequest::new(WorldKind::Gravity, 1, 0) }.make()?;
/// // So short a training finds no law, but theories with domains all the same.
/// let hasty = Paper { epochs: 20, phase_epochs: 10, tentative_epochs: 10, ..Paper::default() };
/// let found = hasty.discover(&seen.windows(2)?)?;
/// assert!(!found.theories.is_empty());
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paper {
    /// Of the split, the networks' first parameters and the order of batches.
    pub seed: u64,
    /// Trainings from other first parameters, of which the one with the shortest description is kept (the code's
    /// `max_trial_times`, 1).
    pub trials: usize,
    /// M, theories to begin with (4).
    pub theories: usize,
    /// Units of each of a prediction function's two hidden layers, which are linear (8).
    pub width: usize,
    /// Units of each of the classifier's two hidden layers: 8 or 16 (8).
    pub domain_width: usize,
    /// Of the windows, the share that is trained on; the others validate (4 of 5).
    pub train_share: f64,
    /// Windows of a batch, at most (2000).
    pub batch: usize,
    /// ε₀, the first precision floor, in the unit of the positions (10).
    pub first_floor: f64,
    /// The floors after it are at least this (10⁻⁶) …
    pub least_floor: f64,
    /// … and at most this (0.1).
    pub greatest_floor: f64,
    /// K, epochs of the first training, at most (10 000).
    pub epochs: usize,
    /// Epochs of each later one, at most (5000).
    pub phase_epochs: usize,
    /// Later trainings with the harmonic mean, at most (4).
    pub harmonic_phases: usize,
    /// Trainings in which the classifier chooses each window's theory, at most (2).
    pub domain_phases: usize,
    /// β_f, Adam's rate for prediction functions in the first training (5·10⁻³).
    pub rate: f64,
    /// The same in later ones (10⁻⁴).
    pub phase_rate: f64,
    /// β_c, Adam's rate for the classifier (10⁻³), which falls as the other once it chooses.
    pub domain_rate: f64,
    /// Epochs between two checks, at which the best theory of each window is found again (10).
    pub check_every: usize,
    /// Checks without improvement after which the rate falls (40) …
    pub rate_patience: usize,
    /// … to this share (0.1).
    pub rate_factor: f64,
    /// Epochs without improvement of the loss of the windows that validate, after which a training ends (200).
    pub patience: usize,
    /// What counts as an improvement (10⁻¹⁰).
    pub least_improvement: f64,
    /// Mean squared error below which a stage ends (10⁻¹²).
    pub enough: f64,
    /// What the sum of prediction functions' parameters' sizes costs (10⁻⁸), after a quadratic ramp …
    pub sparsity: f64,
    /// … the same for the classifier (10⁻⁵) …
    pub domain_sparsity: f64,
    /// … and the epochs of the ramp (5000).
    pub ramp: usize,
    /// Whether biases alone cost so, as in the code, by a mistake.
    pub sparse_biases_only: bool,
    /// The arithmetic mean's part in the loss (10⁻⁷).
    pub arithmetic: f64,
    /// AddTheories: of the windows, the share for which a theory is best, above which it is looked at (30 %) …
    pub add_share: f64,
    /// … the squared error above which a window is badly predicted (2·10⁻⁶) …
    pub add_error: f64,
    /// … and the share of all windows that are so in the theory's domain, above which one is added (5 %).
    pub add_bad_share: f64,
    /// Theories added in one training, at most (1).
    pub additions: usize,
    /// Epochs for which a new theory is trained by itself on what was badly predicted, at most (2000) …
    pub alone_epochs: usize,
    /// … and then all of them on trial, in two trainings together, at most (10 000).
    pub tentative_epochs: usize,
    /// Theories at all, at most. DIFFERENCE: the paper has no limit.
    pub most_theories: usize,
    /// DeleteTheories: the share of windows for which a theory is best, or which lie in its domain, below which it
    /// is deleted (0.5 %).
    pub delete_share: f64,
    /// Epochs in which the classifier is trained once more, on the windows that the simplified laws explain (2000).
    /// DIFFERENCE: the paper has none of these (0); its classifier's targets are the best theories of all windows, those
    /// that cross a border among them, which no theory explains.
    pub domain_epochs: usize,
    /// How laws are simplified. DIFFERENCE: integers of inertia are tried first, and a bit of slack is allowed; the
    /// paper's laws share no parameters, and neither do these.
    pub occam: Occam,
}

impl Default for Paper {
    fn default() -> Self {
        Self {
            seed: 0,
            trials: 1,
            theories: 4,
            width: 8,
            domain_width: 8,
            train_share: 0.8,
            batch: 2000,
            first_floor: 10.0,
            least_floor: 1e-6,
            greatest_floor: 0.1,
            epochs: 10_000,
            phase_epochs: 5_000,
            harmonic_phases: 4,
            domain_phases: 2,
            rate: 5e-3,
            phase_rate: 1e-4,
            domain_rate: 1e-3,
            check_every: 10,
            rate_patience: 40,
            rate_factor: 0.1,
            patience: 200,
            least_improvement: 1e-10,
            enough: 1e-12,
            sparsity: 1e-8,
            domain_sparsity: 1e-5,
            ramp: 5_000,
            sparse_biases_only: false,
            arithmetic: 1e-7,
            add_share: 0.3,
            add_error: 2e-6,
            add_bad_share: 0.05,
            additions: 1,
            alone_epochs: 2_000,
            tentative_epochs: 10_000,
            most_theories: 12,
            delete_share: 0.005,
            domain_epochs: 2_000,
            occam: Occam {
                ties: false,
                ..Occam::default()
            },
        }
    }
}

impl Paper {
    /// The windows that are trained on, and those that validate, drawn by the seed.
    ///
    /// # Errors
    /// [`Error::Request`] if a setting makes no sense, or the windows are not of one to three coordinates over two
    /// past positions; [`Error::TooFew`] windows.
    pub fn split(&self, windows: &Windows) -> Result<(Windows, Windows), Error> {
        self.check(windows)?;
        self.divide(windows)
    }

    /// The same of windows of any shape.
    ///
    /// # Errors
    /// [`Error::Request`] if a setting makes no sense; [`Error::TooFew`] windows.
    pub fn divide(&self, windows: &Windows) -> Result<(Windows, Windows), Error> {
        self.check_settings()?;
        self.check_count(windows)?;
        let count = (windows.len() as f64 * self.train_share).round() as usize;
        windows.split(count, self.seed)
    }

    pub(super) fn check(&self, windows: &Windows) -> Result<(), Error> {
        let (d, t) = (windows.dimension(), windows.memory());
        if !nets::theories::supported(d, t) {
            return Err(Error::Request(format!(
                "the paper's networks are made for one to three coordinates over two past positions; these windows have {d} over {t}"
            )));
        }
        self.check_settings()?;
        self.check_count(windows)
    }

    pub(super) fn check_settings(&self) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::Request(problem));
        let most = nets::theories::MOST_THEORIES;
        if self.theories == 0 || self.theories > self.most_theories || self.most_theories > most {
            return refuse(format!(
                "{} theories, {} at most: at least 1, and no more than {most}, are possible",
                self.theories, self.most_theories
            ));
        }
        let widths = nets::classifier::WIDTHS;
        if self.width == 0 || !widths.contains(&self.domain_width) {
            return refuse(format!(
                "hidden layers of {} and {} units: a prediction function's need at least 1, the classifier's are of 8 or 16",
                self.width, self.domain_width
            ));
        }
        let positive = [
            ("the first floor", self.first_floor),
            ("the least floor", self.least_floor),
            ("the greatest floor", self.greatest_floor),
            ("the rate", self.rate),
            ("the later rate", self.phase_rate),
            ("the classifier's rate", self.domain_rate),
        ];
        for (name, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return refuse(format!("{name} is {value}; it must be positive"));
            }
        }
        if self.trials == 0 || self.batch == 0 || self.check_every == 0 {
            return refuse(
                "trials, a batch's windows and the epochs between checks must be at least 1".into(),
            );
        }
        if self.least_floor > self.greatest_floor {
            return refuse(format!(
                "the least floor, {}, is above the greatest, {}",
                self.least_floor, self.greatest_floor
            ));
        }
        if !(self.train_share > 0.0 && self.train_share < 1.0) {
            return refuse(format!(
                "a share of {} to train on; it must be between 0 and 1",
                self.train_share
            ));
        }
        Ok(())
    }

    /// Whether there are windows enough.
    pub(super) fn check_count(&self, windows: &Windows) -> Result<(), Error> {
        let constants = windows.memory() * windows.dimension() + 1;
        let least = 10 * constants;
        if windows.len() < least {
            return Err(Error::TooFew {
                windows: windows.len(),
                constants,
                least,
            });
        }
        Ok(())
    }
}

#![doc = include_str!("../README.md")]
//!
//! # Shapes
//!
//! | letter | meaning |
//! |---|---|
//! | E | scientists (ensemble members) |
//! | B | states in a batch |
//! | N | states of a dataset |
//! | d | degrees of freedom |
//! | n | coordinates of a state, n = 2d |
//! | H, L | width and number of hidden layers |
//! | T | derivative terms |
//! | K | systems |

// What appears in this crate's own signatures, so that `cargo add mass-core` is enough.
pub use burn;
pub use mass_jet::{self as jet, Activation, DeviceKind, InputFeatures, ParameterSpec, Precision};
pub use mass_systems as systems;
pub use mass_terms as terms;

mod block;
mod data;
mod error;
mod evaluation;
mod finish;
mod metrics;
mod model;
mod network;
mod objective;
mod optimizer;
mod parameters;
mod range;
mod recipe;
mod record;
mod run;
mod shape;
mod standing;
mod store;
mod tensors;
mod term_set;
mod theory;
mod trainer;

pub use data::{Batch, TrainingSystem, batch_indices};
pub use error::Error;
pub use evaluation::TestError;
#[cfg(feature = "progress")]
pub use mass_runs::ProgressLine;
pub use mass_runs::{
    self, Event, Keep, Observer, Record, Shard, Sweep, SweepOutcome, Test, Training, create_dir,
    is_run, is_sweep, run_in_turn, write_bytes,
};
pub use metrics::{Metrics, MetricsRow, WeightsRow};
pub use model::{MassModel, Output};
pub use network::{MlpRecipe, Network, NetworkRecipe, PlainNet, PlainRecipe};
pub use objective::{Losses, Penalty, Seen, Weighted};
pub use recipe::{
    BatchReduction, Criterion, Curriculum, DataRecipe, ErrorKind, EvaluationRecipe, FinishRecipe,
    Objective, OptimizerRecipe, Recipe, Schedule, SystemWeighting, Units,
};
pub use record::{Progress, RunRecord, SystemRecord};
pub use run::{Run, WeightsKind};
pub use shape::SystemShape;
pub use standing::{Change, PhaseJudgement, Standing, Status};
pub use store::{Request, Store};
pub use term_set::{MaskRecipe, TermSet, TermsRecipe};
pub use theory::TheoryRecipe;
pub use trainer::{MemberStatus, Outcome, SweepTrainer, Trainer};

/// Runs of different seeds put together into one run ([`mass_runs::Merge`]).
///
/// # Example
///
/// ```
/// use mass_core::{Merge, Recipe, Trainer, TrainingSystem};
///
/// let folder = tempfile::tempdir().unwrap();
/// let [one, other, all] = ["one", "other", "all"].map(|name| folder.path().join(name));
/// for (seeds, directory) in [(0..2, &one), (2..3, &other)] {
///     let systems = vec![TrainingSystem::named("classical")?];
///     let recipe = Recipe::reference().with_steps(3);
///     Trainer::new(recipe, systems, seeds).directory(directory).run()?;
/// }
/// assert_eq!(Merge::of(&[one, other]).run(&all)?.record().seeds, [0, 1, 2]);
/// # Ok::<(), mass_core::Error>(())
/// ```
pub type Merge = mass_runs::Merge<RunRecord>;

#![doc = include_str!("../README.md")]
//!
//! # Vocabulary
//!
//! | what | where |
//! |---|---|
//! | a force, a world of quadrants, the paper's worlds by type | [`Force`], [`World`], [`Region`], [`BallPath`], [`WorldKind`], [`WorldRequest`] |
//! | the charged double pendulum in two fields | [`ChargedPendulum`] |
//! | its laws and their curved border, found out | [`RegimesOfMotion`], [`RegimesFound`], [`LagrangianTheory`], [`TheoryTerm`], [`CurvedBorder`], [`BorderTerm`] |
//! | what was seen, and windows of it | [`Observations`], [`Windows`], [`TRANSITION`] |
//! | a law as numbers, and with exact constants | [`Recurrence`], [`SymbolicLaw`], [`Constant`], [`Number`], [`Fraction`] |
//! | losses of many theories | [`Core`], [`generalised_mean`], [`annealed_floor`], [`Mixture`] |
//! | description lengths | [`integer_bits`], [`rational_bits`], [`real_bits`], [`MODEL_FLOOR`] |
//! | divide and conquer | [`DivideAndConquer`], [`Modern`], [`Discovery`], [`Theory`], [`Domains`], [`BorderTree`] |
//! | borders with what data say of their place | [`Border`], [`Crossings`] |
//! | windows over a border or a bounce | [`Transitions`], [`Transition`], [`TransitionKind`] |
//! | the paper's own, by networks | [`Paper`], [`Trained`], [`TrainingLog`], [`Classifier`] |
//! | agents that meet one world after the other | [`Agent`], [`Newborn`], [`AiPhysicist`], [`Baseline`], [`Meeting`] |
//! | Occam's razor | [`Occam`], [`Estimate`], [`collapse_layers`] |
//! | what laws have in common | [`unify()`], [`MasterTheory`], [`Slot`] |
//! | what was known before | [`Hub`], [`StoredTheory`] |
//! | how well a world was found out | [`Score`], [`LawScore`], [`domain_accuracy`], [`theories_of_laws`], [`unexplained_in_transition`] |
//!
//! # Letters for shapes
//!
//! | letter | meaning |
//! |---|---|
//! | D | coordinates |
//! | T | past positions that a law looks at |
//! | N | windows |
//! | M | theories |
//! | P | constants of a law, D (T·D + 1) |

mod agents;
mod arcs;
mod border;
mod curved;
mod description;
mod design;
mod error;
mod explained;
mod files;
mod force;
mod found_pendulum;
mod found_world;
mod fraction;
mod fraction_lengths;
mod hub;
mod lagrangian;
mod learner;
mod loss;
mod met;
mod mixture;
mod neighbourhood;
mod nets;
mod observations;
mod occam;
mod paper;
mod pendulum;
mod recurrence;
mod regimes;
mod score;
mod suite;
mod symbolic;
mod theories;
mod transitions;
mod unify;
mod world;

pub use agents::{Agent, AiPhysicist, Baseline, BaselineResult, Meeting, Newborn, Reuse};
pub use border::{Border, BorderTree, Domains};
pub use curved::{BorderTerm, CurvedBorder};
pub use description::{
    MODEL_FLOOR, integer_bits, log_plus, natural_bits, rational_bits, real_bits,
};
pub use error::Error;
pub use explained::{laws_as_theories, theories_of_laws, unexplained_in_transition};
pub use force::{Force, PlaneState};
pub use found_pendulum::{FoundBorder, FoundPendulum};
pub use found_world::FoundWorld;
pub use fraction::{Fraction, convergents, fraction_value, simplest_between};
pub use fraction_lengths::FractionLengths;
pub use hub::{Hub, StoredTheory};
pub use lagrangian::{LagrangianTheory, TheoryTerm};
pub use learner::{Discovery, DivideAndConquer, Modern, Theory};
pub use loss::{Core, annealed_floor, generalised_mean, generalised_mean_weights};
pub use mass_sparse;
pub use met::{AgentKind, AgentSuite, AgentSummary, MetWorld};
pub use mixture::Mixture;
pub use nalgebra;
pub use num_rational;
pub use observations::{Observations, TRANSITION, Windows};
pub use occam::{Estimate, Occam, collapse_layers};
pub use paper::{
    Classifier, NonlinearPaper, NonlinearTrained, Paper, Patches, Trained, TrainingLog,
};
pub use pendulum::{ChargedPendulum, PendulumState};
pub use recurrence::Recurrence;
pub use regimes::{RegimesFound, RegimesOfMotion};
pub use score::{LawScore, Score, TOLERANCE, domain_accuracy, single_precision_error};
pub use suite::{WorldKind, WorldRequest};
pub use symbolic::{Constant, Number, SymbolicLaw};
pub use transitions::{Crossings, Transition, TransitionKind, Transitions};
pub use unify::{MasterTheory, Slot, unify};
pub use world::{BallPath, Region, World};

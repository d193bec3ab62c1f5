//! Which theory is it?

mod distillation;
mod energy_fit;
mod exact;
mod exchange;
mod factor;
mod formulation;
mod helmholtz;
mod judgement;
mod multiplier;
mod score;
mod sign_verdicts;
mod theory_fit;
mod two_terms;
mod verdict;
mod without_fit;

pub use distillation::{Distillation, DistilledFit, HamiltonianFit};
pub use energy_fit::{Constant, EnergyFit, EnergyReading};
pub use exchange::{exchange, exchange_together};
pub use formulation::{KineticReading, PotentialReading, Theory};
pub use helmholtz::{Helmholtz, HelmholtzPlan};
pub use judgement::Judgement;
pub use multiplier::{Multiplier, MultiplierPlan};
pub use score::Exchange;
pub use sign_verdicts::SignVerdicts;
pub use theory_fit::TheoryFit;
pub use two_terms::TwoTermFits;
pub use verdict::Verdict;
pub use without_fit::{theory_by_curvature, theory_by_side};

pub(crate) use exchange::{Party, comparable};
pub(crate) use score::Unit;

//! Where does it go?

mod law;
mod paths;
mod rollout;
mod rollouts;

pub use law::LearnedLaw;
pub use paths::{Paths, paths};
pub use rollout::{Rollout, RolloutPlan, Truth};
pub use rollouts::{Kept, Rollouts};

//! What does a scientist say at a batch of states?

mod members;
mod reading;
mod states;
mod tensors;

pub use members::member;
pub use reading::Reading;
pub use states::{EVALUATION_STATES, STATES_SEED, evaluation_states, training_evaluation_states};

pub(crate) use members::{check_dof, check_scalar, members};
pub(crate) use reading::{enough, same_states};
pub(crate) use tensors::{STATES_AT_ONCE, to_host, to_model};

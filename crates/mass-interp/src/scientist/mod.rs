//! Who is asked: a trained scientist, and the course of its training.

mod history;
mod trained;

pub use history::{ErrorCourse, ErrorPoint, History, LossPoint, SystemHistory, WeightsPoint};
pub use trained::Scientist;

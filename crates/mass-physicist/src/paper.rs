//! The paper's own divide and conquer: networks, the generalised mean, Adam.

mod settings;
mod training;

mod learner;

pub use learner::{Classifier, Trained};
pub use settings::Paper;
pub use training::TrainingLog;

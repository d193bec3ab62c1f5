//! The paper's own divide and conquer: networks, the generalised mean, Adam.

mod settings;
mod training;

mod learner;
mod nonlinear;
mod patches;

pub use learner::{Classifier, Trained};
pub use nonlinear::{NonlinearPaper, NonlinearTrained};
pub use patches::Patches;
pub use settings::Paper;
pub use training::TrainingLog;

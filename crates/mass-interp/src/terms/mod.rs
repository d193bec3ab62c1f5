//! Which terms matter, and which of them go together?

mod activations;
mod clustering;
mod components;
mod correlation;
mod correlation_map;
mod grouping;
mod shared;
mod significance;
mod term_name;

pub use activations::ActivationMatrix;
pub use clustering::{Clustering, Distance, LinkageStep};
pub use components::{ComponentSign, FirstComponents, PrincipalComponents};
pub use correlation::Correlation;
pub use correlation_map::CorrelationMap;
pub use grouping::{Counting, Grouping};
pub use shared::SharedTerms;
pub use significance::{Significant, WeightNorm, WeightSignificance, significant};
pub use term_name::TermName;

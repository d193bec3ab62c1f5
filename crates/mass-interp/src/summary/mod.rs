//! What is kept of scientists when their runs are not?

mod contrast;
mod finding;
mod forecast;
mod hashes;
mod population;
mod table;
mod whole;

pub use contrast::{Contrast, Trait};
pub use finding::{Finding, Signs};
pub use forecast::Forecast;
pub use population::Population;
pub use whole::Summary;

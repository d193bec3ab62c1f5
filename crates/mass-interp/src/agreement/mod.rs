//! Do two of them agree?

mod families;
mod map;
mod matrix;

pub use families::{Families, Family};
pub use map::AgreementMap;
pub use matrix::{Agreement, Agreements};

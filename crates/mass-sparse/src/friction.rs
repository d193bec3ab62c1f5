//! Kinds of friction.

use serde::{Deserialize, Serialize};

use crate::{Factor, Function};

/// How a friction grows with speed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FrictionKind {
    /// As the speed: a force −b y, of a thin film of oil or an eddy current (Rayleigh 1873).
    #[default]
    Linear,
    /// Not at all: −b sign y, of dry surfaces (Coulomb 1785).
    Dry,
    /// As its square: −b y |y|, of air or water at speed (Newton 1687).
    Quadratic,
}

impl FrictionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Linear, Self::Dry, Self::Quadratic];

    /// What b is multiplied by for the force against it.
    pub(crate) fn function(self, i: usize) -> Function {
        Function::new(match self {
            Self::Linear => vec![Factor::Velocity(i, 1)],
            Self::Dry => vec![Factor::Sign(i)],
            Self::Quadratic => vec![Factor::Velocity(i, 2), Factor::Sign(i)],
        })
    }

    /// What it is called before its coefficient.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "friction",
            Self::Dry => "dry friction",
            Self::Quadratic => "quadratic friction",
        }
    }
}

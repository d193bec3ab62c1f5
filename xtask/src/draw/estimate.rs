//! A number with its error bar.

use serde::{Deserialize, Serialize};

use super::nullable;

/// A number with the bounds of its error bar.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Estimate {
    /// The number; NaN (`null`) if there is none.
    #[serde(with = "nullable::one")]
    pub(crate) value: f64,
    /// The lower bound.
    #[serde(with = "nullable::one")]
    pub(crate) low: f64,
    /// The upper bound.
    #[serde(with = "nullable::one")]
    pub(crate) high: f64,
}

impl Estimate {
    /// A number that is not there.
    pub(crate) const NONE: Self = Self {
        value: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
    };

    /// The same in percent.
    pub(super) fn percent(&self) -> Self {
        Self {
            value: 100.0 * self.value,
            low: 100.0 * self.low,
            high: 100.0 * self.high,
        }
    }

    /// The same without its bar.
    pub(super) fn bare(&self) -> Self {
        Self {
            value: self.value,
            ..Self::NONE
        }
    }
}

//! A number with its error bar.

use serde::{Deserialize, Serialize};

use super::nullable;

/// A number with the bounds of its error bar.
///
/// A number or bound that is not there is NaN, and `null` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The number; NaN if there is none.
    #[serde(with = "nullable::one")]
    pub value: f64,
    /// The lower bound.
    #[serde(with = "nullable::one")]
    pub low: f64,
    /// The upper bound.
    #[serde(with = "nullable::one")]
    pub high: f64,
}

impl Estimate {
    /// A number that is not there.
    pub const NONE: Self = Self {
        value: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
    };

    /// The same in percent.
    pub fn percent(&self) -> Self {
        Self {
            value: 100.0 * self.value,
            low: 100.0 * self.low,
            high: 100.0 * self.high,
        }
    }

    /// The number with its bar as text, with one decimal; without what is not there.
    ///
    /// ```
    /// use mass_interp::Estimate;
    /// let found = Estimate { value: 5.0, low: 4.75, high: 5.25 };
    /// assert_eq!(found.plus_minus(), "5.0 ± 0.2");
    /// assert_eq!(found.bare().plus_minus(), "5.0");
    /// assert_eq!(Estimate::NONE.plus_minus(), "–");
    /// ```
    pub fn plus_minus(&self) -> String {
        match (self.high - self.value).is_finite() {
            true => format!("{:.1} ± {:.1}", self.value, self.high - self.value),
            false if self.value.is_finite() => format!("{:.1}", self.value),
            false => "–".to_string(),
        }
    }

    /// A share as text, in percent with so many decimals, and its bounds in whole ones.
    ///
    /// ```
    /// use mass_interp::Estimate;
    /// let share = Estimate { value: 0.5, low: 0.25, high: 0.75 };
    /// assert_eq!(share.in_percent(1), "50.0 (25 to 75)");
    /// assert_eq!(Estimate::NONE.in_percent(1), "–");
    /// ```
    pub fn in_percent(&self, decimals: usize) -> String {
        let Self { value, low, high } = self.percent();
        match value.is_finite() {
            true => format!("{value:.decimals$} ({low:.0} to {high:.0})"),
            false => "–".to_string(),
        }
    }

    /// The same without its bar.
    pub fn bare(&self) -> Self {
        Self {
            value: self.value,
            ..Self::NONE
        }
    }
}

/// The number, the lower and the upper bound: as the course of a figure takes it.
impl From<Estimate> for (f64, f64, f64) {
    fn from(of: Estimate) -> Self {
        (of.value, of.low, of.high)
    }
}

/// The same of one that is kept.
impl From<&Estimate> for (f64, f64, f64) {
    fn from(of: &Estimate) -> Self {
        (*of).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_is_not_there_is_null() {
        let half = Estimate {
            value: 0.5,
            low: 0.25,
            high: 0.75,
        };
        let percent = half.percent();
        assert_eq!(
            (percent.value, percent.low, percent.high),
            (50.0, 25.0, 75.0)
        );
        assert_eq!(<(f64, f64, f64)>::from(&half), (0.5, 0.25, 0.75));
        let text = serde_json::to_string(&half.bare()).unwrap();
        assert_eq!(text, r#"{"value":0.5,"low":null,"high":null}"#);
        let back: Estimate = serde_json::from_str(&text).unwrap();
        assert!(back.value == 0.5 && back.low.is_nan() && back.high.is_nan());
        let none = Estimate::NONE;
        assert!(none.value.is_nan() && none.low.is_nan() && none.high.is_nan());
    }
}

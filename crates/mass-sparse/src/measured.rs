//! Numbers with their errors, in writing.

use std::fmt;

use crate::superscript;

/// A number with its standard error to two digits of the error: `0.3000 ± 0.0012`, `(3.986 ± 0.021)×10¹⁴`; four digits
/// alone where no error is known, `–` where the number is not.
///
/// ```
/// use mass_sparse::Measured;
/// assert_eq!(Measured::new(28.0263, Some(0.00182)).to_string(), "28.0263 ± 0.0018");
/// assert_eq!(Measured::new(-3.986e14, Some(2.1e12)).to_string(), "(−3.986 ± 0.021)×10¹⁴");
/// assert_eq!(Measured::new(0.5, None).to_string(), "0.5000");
/// assert_eq!(Measured::new(-1e-9, Some(2e-7)).to_string(), "(0.0 ± 2.0)×10⁻⁷");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured {
    /// The number and its error, without the power of ten: `3.986 ± 0.021`.
    pub digits: String,
    /// The power of ten that both are times; none where they are written out.
    pub power: Option<i32>,
    /// Whether an error stands in the digits.
    pub has_error: bool,
}

impl Measured {
    /// Of a number and its standard error; an error of 0 or that is not finite is none.
    pub fn new(value: f64, error: Option<f64>) -> Self {
        let error = error.filter(|error| error.is_finite() && *error > 0.0);
        if !value.is_finite() {
            return Self {
                digits: "–".into(),
                power: None,
                has_error: false,
            };
        }
        let size = value.abs().max(error.unwrap_or(0.0));
        let power = match size > 0.0 {
            true => size.log10().floor() as i32,
            false => 0,
        };
        let plain = (-3..5).contains(&power);
        let unit = if plain { 1.0 } else { 10f64.powi(power) };
        let own = if plain { power } else { 0 };
        // No more digits than a measured number has: those beyond are rounding's.
        let digits = match error {
            Some(error) => (1 - (error / unit).log10().floor() as i32).clamp(0, 5 - own.min(0)),
            None => (3 - own).max(0),
        } as usize;
        let mut number = format!("{:.digits$}", value / unit).replace('-', "−");
        if number.chars().all(|c| matches!(c, '−' | '0' | '.')) {
            number = number.replace('−', "");
        }
        let digits = match error {
            None => number,
            Some(error) => {
                let least = 10f64.powi(-(digits as i32));
                let (shown, below) = match error / unit < least {
                    true => (least, "< "),
                    false => (error / unit, ""),
                };
                format!("{number} ± {below}{shown:.digits$}")
            }
        };
        Self {
            digits,
            power: (!plain).then_some(power),
            has_error: error.is_some(),
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.power, self.has_error) {
            (None, _) => f.write_str(&self.digits),
            (Some(power), false) => write!(f, "{}×10{}", self.digits, superscript(power)),
            (Some(power), true) => write!(f, "({})×10{}", self.digits, superscript(power)),
        }
    }
}

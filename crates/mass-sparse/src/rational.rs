//! Simple fractions.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Denominators tried.
const GREATEST: u32 = 12;

/// A fraction p/q in lowest terms, q at most 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rational {
    numerator: i32,
    denominator: u32,
}

impl Rational {
    /// The fraction of least denominator within two standard errors of a value (or of rounding, a share of
    /// 10⁻⁹), if the error is so small that a number taken at random would have one of this denominator or less
    /// within it with a probability of at most 1/10. Values below 10⁻² and above 100 have none.
    ///
    /// ```
    /// use mass_sparse::Rational;
    ///
    /// let half = Rational::near(0.4998, 0.001).unwrap();
    /// assert_eq!((half.to_string(), half.value()), ("1/2".into(), 0.5));
    /// assert_eq!(Rational::near(0.4998, 0.0001 / 2.0), None, "it is four standard errors away");
    /// assert_eq!(Rational::near(0.4998, 0.2), None, "with this error it could be many");
    /// assert_eq!(Rational::near(3.0_f64.sqrt(), 1e-6), None);
    /// ```
    pub fn near(value: f64, standard_error: f64) -> Option<Self> {
        let size = value.abs();
        if !(1e-2..=100.0).contains(&size) || standard_error.is_nan() || standard_error < 0.0 {
            return None;
        }
        let reach = 2.0 * standard_error + 1e-9 * size;
        for q in 1..=GREATEST {
            let denominator = f64::from(q);
            let numerator = (value * denominator).round();
            // There are about q²/2 fractions of denominators up to q in each unit.
            let chance = 2.0 * reach * (denominator * (denominator + 1.0) / 2.0);
            if numerator != 0.0 && (numerator / denominator - value).abs() <= reach {
                return (chance <= 0.1).then_some(Self {
                    numerator: numerator as i32,
                    denominator: q,
                });
            }
        }
        None
    }

    /// p/q.
    pub fn value(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// p.
    pub fn numerator(self) -> i32 {
        self.numerator
    }

    /// q.
    pub fn denominator(self) -> u32 {
        self.denominator
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            q => write!(f, "{}/{q}", self.numerator),
        }
    }
}

//! Numbers that come back from JSON as they went.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// A number of a [`State`](crate::State) that has to come back bit for bit.
///
/// A checkpoint's state is JSON, and what reads JSON quickly may be off by the last bit: of a million
/// numbers drawn between −1/2 and 1/2, an eighth came back as a neighbour. This one is written as the
/// shortest decimal text that means it, and read by Rust's own exact rule; infinities and NaN have a text
/// too. Numbers in tensors are exact in any case.
///
/// # Example
///
/// ```
/// use mass_runs::Exact;
///
/// let text = serde_json::to_string(&Exact(0.39076602278798067)).unwrap();
/// assert_eq!(text, "\"0.39076602278798067\"");
/// let back: Exact = serde_json::from_str(&text).unwrap();
/// assert_eq!(back.0.to_bits(), 0.39076602278798067_f64.to_bits());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Exact(pub f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Exact;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number as text, as \"0.1\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
                let number = text.parse().map(Exact);
                number.map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(number: f64) -> f64 {
        let text = serde_json::to_string(&Exact(number)).unwrap();
        serde_json::from_str::<Exact>(&text).unwrap().0
    }

    #[test]
    fn every_number_comes_back_as_it_went() {
        let mut bits: u64 = 88_172_645_463_325_252;
        for _ in 0..10_000 {
            // Xorshift: all exponents, NaN among them.
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            let number = f64::from_bits(bits);
            assert!(
                back(number).to_bits() == bits || (number.is_nan() && back(number).is_nan()),
                "{number:e}"
            );
        }
        for number in [
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
        ] {
            assert_eq!(back(number).to_bits(), number.to_bits());
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["\"one\"", "0.5", "null"] {
            let error = serde_json::from_str::<Exact>(text).unwrap_err().to_string();
            assert!(error.contains("a number as text"), "{error}");
        }
    }
}

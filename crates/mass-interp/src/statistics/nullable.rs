//! JSON has no NaN: a value that is not finite is written as `null` and read back as NaN.
//!
//! For `#[serde(with = "nullable")]` on a `Vec<f64>`, `#[serde(with = "nullable::one")]` on an `f64`.

use serde::{Deserialize, Deserializer, Serializer};

/// Writes the values, those that are not finite as `null`.
///
/// # Errors
///
/// Those of the format that is written.
pub fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(values.iter().map(|v| v.is_finite().then_some(*v)))
}

/// Reads the values, `null` as NaN.
///
/// # Errors
///
/// Those of the format that is read.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    let values = Vec::<Option<f64>>::deserialize(from)?;
    Ok(values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

/// The same in single precision, for long lists of what a network computed in it: half the digits.
pub mod single {
    use serde::{Deserializer, Serializer};

    /// Writes the values, those that are not finite as `null`.
    ///
    /// # Errors
    ///
    /// Those of the format that is written.
    pub fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        let single = values.iter().map(|v| *v as f32);
        to.collect_seq(single.map(|v| v.is_finite().then_some(v)))
    }

    /// Reads the values, `null` as NaN.
    ///
    /// # Errors
    ///
    /// Those of the format that is read.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        super::deserialize(from)
    }
}

/// The same for a single value.
pub mod one {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the value, `null` if it is not finite.
    ///
    /// # Errors
    ///
    /// Those of the format that is written.
    pub fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        value.is_finite().then_some(*value).serialize(to)
    }

    /// Reads the value, `null` as NaN.
    ///
    /// # Errors
    ///
    /// Those of the format that is read.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Ok(Option::<f64>::deserialize(from)?.unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Data {
        #[serde(with = "super")]
        many: Vec<f64>,
        #[serde(with = "super::one")]
        one: f64,
        #[serde(with = "super::single")]
        single: Vec<f64>,
    }

    #[test]
    fn what_is_not_finite_travels_as_null() {
        let data = Data {
            many: vec![1.5, f64::NAN, f64::INFINITY],
            one: f64::NAN,
            single: vec![0.1, 1e300],
        };
        let text = serde_json::to_string(&data).unwrap();
        assert_eq!(
            text,
            r#"{"many":[1.5,null,null],"one":null,"single":[0.1,null]}"#
        );
        let back: Data = serde_json::from_str(&text).unwrap();
        assert_eq!(back.many[0], 1.5);
        assert!(back.many[1].is_nan() && back.many[2].is_nan() && back.one.is_nan());
        assert!((back.single[0] - 0.1).abs() < 1e-8 && back.single[1].is_nan());
    }
}

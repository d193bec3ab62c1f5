//! Numbers that may be unknown, in formats that have no NaN: JSON writes it as null.

use serde::{Deserialize, Deserializer};

/// Null is NaN.
pub(crate) fn one<'de, D: Deserializer<'de>>(of: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(of)?.unwrap_or(f64::NAN))
}

/// The same of many.
pub(crate) fn all<'de, D: Deserializer<'de>>(of: D) -> Result<Vec<f64>, D::Error> {
    let all = Vec::<Option<f64>>::deserialize(of)?;
    Ok(all.into_iter().map(|one| one.unwrap_or(f64::NAN)).collect())
}

#[cfg(test)]
mod tests {
    use crate::{Coefficient, Friction, FrictionKind, Verdict};

    #[test]
    fn an_unknown_error_is_kept_as_unknown() {
        let text = serde_json::to_string(&Coefficient::new(2.0, f64::NAN)).unwrap();
        let back: Coefficient = serde_json::from_str(&text).unwrap();
        assert!(back.value == 2.0 && back.standard_error.is_nan());
        let friction = Friction {
            on: 0,
            by: 0,
            kind: FrictionKind::Linear,
            value: 1.0,
            standard_error: f64::NAN,
        };
        let verdict = Verdict::Dissipative {
            friction: vec![friction],
            rate: 1.0,
            rate_error: f64::NAN,
        };
        let text = serde_json::to_string(&verdict).unwrap();
        let back: Verdict = serde_json::from_str(&text).unwrap();
        assert_eq!(back.to_string(), verdict.to_string());
    }
}

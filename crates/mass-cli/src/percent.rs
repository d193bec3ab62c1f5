//! Shares in percent.

/// A share in percent, with two digits.
pub(crate) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    match value {
        value if !value.is_finite() => "–".to_string(),
        value if value > 1e4 => "> 10000 %".to_string(),
        value if value >= 9.95 => format!("{value:.0} %"),
        value if value >= 0.0995 => format!("{value:.2} %"),
        value => format!("{value:.1e} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_have_two_digits_and_what_is_not_known_is_a_dash() {
        assert_eq!(percent(0.123), "12 %");
        assert_eq!(percent(1e6), "> 10000 %");
        assert_eq!(percent(0.0123), "1.23 %");
        assert_eq!(percent(1.23e-5), "1.2e-3 %");
        assert_eq!(percent(f64::NAN), "–");
    }
}

//! A cell of text as a number.

/// What a cell of text holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    /// Nothing, or a mark for a value that is missing.
    Missing,
    /// A number that is not finite: infinity, or one too large for f64.
    NotFinite,
    Text,
}

/// Marks for a missing value, in lower case.
const MISSING: [&str; 12] = [
    "", "na", "n/a", "#n/a", "nan", "null", "none", "missing", "-", "--", "?", ".",
];

/// What a cell holds, where numbers have a decimal comma or a decimal point.
pub(crate) fn cell(bytes: &[u8], decimal_comma: bool) -> Cell {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Cell::Text;
    };
    let text = text.trim();
    if !decimal_comma && let Ok(value) = text.parse::<f64>() {
        return of(value);
    }
    if text.len() > 64 {
        return Cell::Text;
    }
    if MISSING.contains(&text.to_ascii_lowercase().as_str()) {
        return Cell::Missing;
    }
    match normal(text, decimal_comma).map(|text| text.parse::<f64>()) {
        Some(Ok(value)) => of(value),
        _ => Cell::Text,
    }
}

fn of(value: f64) -> Cell {
    match value {
        value if value.is_nan() => Cell::Missing,
        value if value.is_infinite() => Cell::NotFinite,
        value => Cell::Number(value),
    }
}

/// The text with a decimal point, the minus sign of a keyboard and the exponent's letter e; none if it
/// should have a comma and has a point, more than one comma, or no digit behind it.
fn normal(text: &str, decimal_comma: bool) -> Option<String> {
    let mut text = text.replace('\u{2212}', "-");
    if decimal_comma {
        // A point would separate thousands, or the comma was misunderstood.
        if text.contains('.') {
            return None;
        }
        if let Some((_, behind)) = text.split_once(',') {
            if !behind.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            text = text.replacen(',', ".", 1);
        }
    }
    // Fortran's exponent of double precision.
    Some(text.replace(['d', 'D'], "e"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, comma, value) in [
            ("1.5", false, 1.5),
            (" -2e-3 ", false, -2e-3),
            ("+.5", false, 0.5),
            ("5.", false, 5.0),
            ("\u{2212}3", false, -3.0),
            ("1.25D+02", false, 125.0),
            ("1,5", true, 1.5),
            ("-0,25E2", true, -25.0),
            ("7", true, 7.0),
        ] {
            assert_eq!(cell(text.as_bytes(), comma), Cell::Number(value), "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for (text, comma, found) in [
            ("", false, Cell::Missing),
            (" NA ", true, Cell::Missing),
            ("NaN", false, Cell::Missing),
            ("nan", true, Cell::Missing),
            ("-", false, Cell::Missing),
            ("inf", false, Cell::NotFinite),
            ("-Infinity", true, Cell::NotFinite),
            ("1e999", false, Cell::NotFinite),
            ("1,5", false, Cell::Text),
            ("1.234,5", true, Cell::Text),
            ("1.234", true, Cell::Text),
            ("1,234,5", true, Cell::Text),
            ("1,", true, Cell::Text),
            ("12:30", false, Cell::Text),
            ("0x10", false, Cell::Text),
            ("abc", false, Cell::Text),
            ("d", false, Cell::Text),
            ("1_000", false, Cell::Text),
        ] {
            assert_eq!(cell(text.as_bytes(), comma), found, "{text}");
        }
        assert_eq!(cell(&[0xff, 0x31], false), Cell::Text);
    }
}

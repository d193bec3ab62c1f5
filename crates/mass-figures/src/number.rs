//! Numbers as text: one formatter with the rules that it is asked to write by.

/// How [`number`] writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// For pictures, as print writes it: at most four digits, the sign of print, powers of ten raised:
    /// `0.05`, `−2`, `3×10⁻⁴`.
    Print,
    /// As [`Rule::Print`], to two digits: `0.0032`, `4.4×10⁻⁵`.
    TwoDigits,
    /// For tables, of characters that every terminal and file has: whole numbers in full below a
    /// million, four digits from 0.01 to 10,000, else two with an exponent: `42`, `0.0312`, `3.3e-4`.
    Table,
}

/// A number as text.
///
/// ```
/// use mass_figures::{Rule, number};
/// assert_eq!(number(-0.0002, Rule::Print), "−2×10⁻⁴");
/// assert_eq!(number(0.0031415, Rule::TwoDigits), "0.0031");
/// assert_eq!(number(-0.0002, Rule::Table), "-2.0e-4");
/// ```
pub fn number(value: f64, rule: Rule) -> String {
    match rule {
        Rule::Table => table(value),
        _ if value == 0.0 => "0".into(),
        _ if !value.is_finite() => value.to_string(),
        Rule::Print => print(value),
        Rule::TwoDigits => {
            let unit = 10f64.powi(value.abs().log10().floor() as i32 - 1);
            print((value / unit).round() * unit)
        }
    }
}

/// Numbers with so many decimals, comma-separated.
///
/// ```
/// assert_eq!(mass_figures::listed([0.125, 3.0], 1), "0.1, 3.0");
/// ```
pub fn listed(values: impl IntoIterator<Item = f64>, decimals: usize) -> String {
    let texts = values
        .into_iter()
        .map(|value| format!("{value:.decimals$}"));
    texts.collect::<Vec<_>>().join(", ")
}

fn print(value: f64) -> String {
    let mut power = value.abs().log10().floor() as i32;
    let text = if (-3..5).contains(&power) {
        trimmed(value.abs(), (3 - power).max(0) as usize)
    } else {
        let mut mantissa = trimmed(value.abs() / 10f64.powi(power), 3);
        if mantissa == "10" {
            mantissa = "1".into();
            power += 1;
        }
        match mantissa.as_str() {
            "1" => ten_to(power),
            _ => format!("{mantissa}×{}", ten_to(power)),
        }
    };
    if value < 0.0 {
        format!("−{text}")
    } else {
        text
    }
}

fn table(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (value.fract() == 0.0 && size < 1e6) {
        format!("{value:.0}")
    } else if (1e-2..1e4).contains(&size) {
        trimmed(value, (3 - size.log10().floor() as i32).max(0) as usize)
    } else {
        format!("{value:.1e}")
    }
}

/// A power of ten, `10⁻³`.
pub fn ten_to(power: i32) -> String {
    let raised = power.to_string();
    let raised = raised.chars().map(|c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
    });
    format!("10{}", raised.collect::<String>())
}

/// A value with at most `decimals` decimals and no trailing zeros.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_print_writes_them() {
        let cases = [
            (0.0, "0"),
            (-2.0, "−2"),
            (0.05, "0.05"),
            (0.30000000000000004, "0.3"),
            (10000.0, "10000"),
            (250000.0, "2.5×10⁵"),
            (-0.0002, "−2×10⁻⁴"),
            (1e-4, "10⁻⁴"),
            (9.99999e-5, "10⁻⁴"),
            (0.0015, "0.0015"),
            (f64::INFINITY, "inf"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value, Rule::Print), text);
        }
        assert_eq!(ten_to(-10), "10⁻¹⁰");
        assert_eq!(number(0.0031415, Rule::TwoDigits), "0.0031");
        assert_eq!(number(3.1415e-5, Rule::TwoDigits), "3.1×10⁻⁵");
        assert_eq!(number(0.0, Rule::TwoDigits), "0");
    }

    #[test]
    fn numbers_read_well_in_tables() {
        let cases = [
            (42.0, "42"),
            (3.31e-4, "3.3e-4"),
            (0.0312, "0.0312"),
            (0.7, "0.7"),
            (200.5, "200.5"),
            (9.87654, "9.877"),
            (-0.5, "-0.5"),
            (0.0, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value, Rule::Table), text);
        }
    }
}

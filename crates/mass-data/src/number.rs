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

/// A time of day, with a date or without: `12:03:04.5`, `2026-03-01 12:03:04,5`, `2026-03-01T12:03Z`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clock {
    /// Days since 1970-01-01, where there is a date.
    pub(crate) day: Option<i64>,
    /// Seconds since midnight.
    pub(crate) seconds: f64,
}

/// What a clock shows: hours and minutes, seconds with a point or a comma; before it a date, year first, as ISO
/// 8601 has it; behind it a zone. None of what is not that.
pub(crate) fn clock(bytes: &[u8]) -> Option<Clock> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let digits = |text: &str, count: std::ops::RangeInclusive<usize>| {
        let fits = count.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (Some(date), time.trim_start()),
        None => (None, text),
    };
    // A zone only where there is a date.
    let (time, zone) = match (date, time.find(['Z', 'z', '+', '-'])) {
        (Some(_), Some(at)) => {
            let zone = &time[at..];
            let minutes = match zone {
                "Z" | "z" => 0,
                zone => {
                    let sign = if zone.starts_with('-') { -1 } else { 1 };
                    let zone = zone[1..].replace(':', "");
                    let (hours, minutes) = zone.split_at_checked(2)?;
                    let minutes = match minutes {
                        "" => 0,
                        minutes => digits(minutes, 2..=2)?,
                    };
                    sign * (60 * digits(hours, 2..=2)? + minutes)
                }
            };
            (&time[..at], minutes)
        }
        _ => (time, 0),
    };
    let mut parts = time.trim_end().split(':');
    let (hours, minutes) = (digits(parts.next()?, 1..=2)?, digits(parts.next()?, 2..=2)?);
    let seconds = match parts.next() {
        None => 0.0,
        Some(text) => {
            let text = text.replace(',', ".");
            let whole = text.split('.').next()?;
            digits(whole, 2..=2)?;
            text.parse::<f64>().ok()?
        }
    };
    if parts.next().is_some() || hours > 24 || minutes > 59 || !(0.0..61.0).contains(&seconds) {
        return None;
    }
    let of_day = (60 * (60 * hours + minutes - zone)) as f64 + seconds;
    let Some(date) = date else {
        return Some(Clock {
            day: None,
            seconds: of_day,
        });
    };
    let mut parts = date.split(['-', '/']);
    let (year, month, day) = (
        digits(parts.next()?, 4..=4)?,
        digits(parts.next()?, 1..=2)?,
        digits(parts.next()?, 1..=2)?,
    );
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970-01-01 in the Gregorian calendar (Hinnant 2013, days_from_civil).
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(Clock {
        day: Some(days),
        seconds: of_day,
    })
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
    fn clocks_are_read() {
        for (text, seconds, day) in [
            ("00:00", 0.0, None),
            ("12:03:04.5", 43_384.5, None),
            (" 9:30:00 ", 34_200.0, None),
            ("12:03:04,25", 43_384.25, None),
            ("1970-01-01T00:00:10Z", 10.0, Some(0)),
            ("1970-01-02 00:00", 0.0, Some(1)),
            // 1772366400, 951865199 + 3600 and 1735603200 s by Python's datetime.
            ("2026-03-01 12:00:00.05", 43_200.05, Some(20_513)),
            ("2000-02-29T23:59:59+01:00", 82_799.0, Some(11_016)),
            ("2024/12/31 00:00:00", 0.0, Some(20_088)),
        ] {
            let expected = Clock { day, seconds };
            assert_eq!(clock(text.as_bytes()), Some(expected), "{text}");
        }
        for text in [
            "",
            "12",
            "12:",
            ":30",
            "12:3",
            "25:00:00",
            "12:60",
            "12:00:61",
            "12:00:00:00",
            "1:2:3",
            "01.03.2026 12:00",
            "2026-13-01 12:00",
            "2026-03-01",
            "12:00:00+1",
            "12:00:0x",
            "T12:00",
            "2026-03-01 12:00:00+é1",
        ] {
            assert_eq!(clock(text.as_bytes()), None, "{text}");
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

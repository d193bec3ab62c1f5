//! Text and formulas as HTML.

use mass_sparse::Measured;

/// Functions, which are set upright.
const FUNCTIONS: [&str; 9] = [
    "sin", "cos", "tan", "exp", "ln", "log", "sqrt", "sign", "sgn",
];

/// Text, with what HTML would take for its own written so that it does not.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Not allowed in a page, not even escaped.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A formula in plain characters as print sets it: symbols slanted, functions and words upright, exponents raised,
/// `1.5e-3` as a power of ten. Words among `names` are symbols.
pub(super) fn formula(text: &str, names: &[String]) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let run = |from: usize, is: &dyn Fn(char) -> bool| {
        from + letters[from..].iter().take_while(|c| is(**c)).count()
    };
    while at < letters.len() {
        let c = letters[at];
        if is_word(c) {
            // Digits and lines belong to names: theta_1.
            let end = run(at, &|c| is_word(c) || c.is_ascii_digit() || c == '_');
            let word: String = letters[at..end].iter().collect();
            // With the dots of velocities; these are no letters.
            let plain = word.trim_end_matches('\u{307}');
            let letters = plain.chars().filter(|c| *c != '\u{307}').count();
            let is_name = names.iter().any(|name| name == plain);
            match is_name || letters == 1 || is_numbered(plain) {
                true => out.push_str(&format!("<i>{}</i>", symbol(&word))),
                false if FUNCTIONS.contains(&plain) => out.push_str(&escaped(&word)),
                false => out.push_str(&format!("<span class=\"word\">{}</span>", escaped(&word))),
            }
            at = end;
        } else if c.is_ascii_digit() {
            let end = run(at, &|c| c.is_ascii_digit() || c == '.');
            let mantissa: String = letters[at..end].iter().collect();
            out.push_str(&mantissa);
            at = end;
            if let Some((power, end)) = exponent(&letters, at) {
                out.push_str(&format!("×10<sup>{power}</sup>"));
                at = end;
            }
        } else if raised(c).is_some() {
            let end = run(at, &|c| raised(c).is_some());
            let digits: String = letters[at..end].iter().filter_map(|c| raised(*c)).collect();
            out.push_str(&format!("<sup>{digits}</sup>"));
            at = end;
        } else if lowered(c).is_some() {
            let end = run(at, &|c| lowered(c).is_some());
            let digits: String = letters[at..end]
                .iter()
                .filter_map(|c| lowered(*c))
                .collect();
            out.push_str(&format!("<sub>{digits}</sub>"));
            at = end;
        } else {
            out.push_str(&escaped(&c.to_string()));
            at += 1;
        }
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() && raised(c).is_none() && lowered(c).is_none() || c == '\u{307}'
}

/// A letter with a number, such as x1 or x_1.
fn is_numbered(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.all(|c| c.is_ascii_digit() || c == '_')
}

/// A name, its number lowered: theta_1, theta1.
fn symbol(word: &str) -> String {
    let digits = word.trim_start_matches(|c: char| !c.is_ascii_digit());
    let name = &word[..word.len() - digits.len()];
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    match is_number && !name.is_empty() {
        true => {
            let name = name.strip_suffix('_').unwrap_or(name);
            format!("{}<sub>{digits}</sub>", escaped(name))
        }
        false => escaped(word),
    }
}

/// The power of ten of `e-9` at a place, and where it ends.
fn exponent(letters: &[char], at: usize) -> Option<(String, usize)> {
    if letters.get(at) != Some(&'e') {
        return None;
    }
    let sign = letters.get(at + 1).filter(|c| matches!(c, '-' | '−' | '+'));
    let from = at + 1 + usize::from(sign.is_some());
    let end = from
        + letters[from..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count();
    let digits: String = letters[from..end].iter().collect();
    let sign = if matches!(sign, Some('-' | '−')) {
        "−"
    } else {
        ""
    };
    (end > from).then(|| (format!("{sign}{digits}"), end))
}

fn raised(c: char) -> Option<char> {
    match c {
        '⁻' => Some('−'),
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        '⁰' | '⁴'..='⁹' => char::from_u32(c as u32 - 0x2070 + '0' as u32),
        _ => None,
    }
}

fn lowered(c: char) -> Option<char> {
    match c {
        '₀'..='₉' => char::from_u32(c as u32 - 0x2080 + '0' as u32),
        _ => None,
    }
}

/// A number and its standard error as HTML.
pub(super) fn with_error(value: f64, error: Option<f64>) -> String {
    let written = Measured::new(value, error);
    let digits = written.digits.replace('<', "&lt;");
    let Some(power) = written.power else {
        return digits;
    };
    let power = power.to_string().replace('-', "−");
    match written.has_error {
        false => format!("{digits}×10<sup>{power}</sup>"),
        true => format!("({digits})×10<sup>{power}</sup>"),
    }
}

/// Text in sentences: those that stand on lines of their own or between semicolons.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let parts: Vec<&str> = match text.contains('\n') {
        true => text.lines().collect(),
        false => text.split("; ").collect(),
    };
    let parts = parts
        .into_iter()
        .map(|part| part.trim().trim_start_matches("- "));
    parts
        .filter(|part| !part.is_empty())
        .map(sentence)
        .collect()
}

/// Text with a capital and an end.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if text.ends_with(['.', '!', '?', ':']) {
        ""
    } else {
        "."
    };
    // A symbol or a file's name that begins a sentence stays as it is.
    let word = text.split_whitespace().next().unwrap_or_default();
    let word = word.trim_end_matches([',', ':', '.', ';']);
    let is_word = word
        .chars()
        .all(|c| c.is_alphabetic() || c == '-' || c == '’');
    let symbol = !is_word || word.chars().count() == 1 && word != "a";
    let first: String = match symbol {
        true => first.to_string(),
        false => first.to_uppercase().collect(),
    };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_set_as_print_sets_them() {
        let cases = [
            (
                "L = 0.5000 y² + 1.000 cos x",
                "<i>L</i> = 0.5000 <i>y</i><sup>2</sup> + 1.000 cos <i>x</i>",
            ),
            (
                "3.986e14 |x₀, x₁|⁻¹",
                "3.986×10<sup>14</sup> |<i>x</i><sub>0</sub>, <i>x</i><sub>1</sub>|<sup>−1</sup>",
            ),
            ("ẏ = −2.5e-9", "<i>ẏ</i> = −2.5×10<sup>−9</sup>"),
            (
                "friction −0.3 y",
                "<span class=\"word\">friction</span> −0.3 <i>y</i>",
            ),
            (
                "theta_1 omega",
                "<i>theta<sub>1</sub></i> <span class=\"word\">omega</span>",
            ),
            (
                "a < b & \"c\"",
                "<i>a</i> &lt; <i>b</i> &amp; &quot;<i>c</i>&quot;",
            ),
            ("2x₁₂", "2<i>x</i><sub>12</sub>"),
            ("2e", "2<i>e</i>"),
        ];
        let names = ["theta_1".to_string()];
        for (text, html) in cases {
            assert_eq!(formula(text, &names), html);
        }
        assert_eq!(formula("θ\u{307}²", &[]), "<i>θ\u{307}</i><sup>2</sup>");
    }

    #[test]
    fn errors_have_two_digits_and_numbers_as_many() {
        let cases = [
            (0.30004, Some(0.00123), "0.3000 ± 0.0012"),
            (-0.30004, Some(0.00123), "−0.3000 ± 0.0012"),
            (3.986e14, Some(2.1e12), "(3.986 ± 0.021)×10<sup>14</sup>"),
            (-9.81, None, "−9.810"),
            (9.81, Some(f64::NAN), "9.810"),
            (1.0, Some(1e-12), "1.00000 ± &lt; 0.00001"),
            (1e-9, Some(2e-7), "(0.0 ± 2.0)×10<sup>−7</sup>"),
            (12.0, Some(30.0), "12 ± 30"),
            (f64::NAN, None, "–"),
            (0.0, None, "0.000"),
        ];
        for (value, error, text) in cases {
            assert_eq!(with_error(value, error), text);
        }
    }

    #[test]
    fn a_verdict_is_read_in_sentences() {
        assert_eq!(
            sentences("conservative: none is needed; a Lagrangian explains 1 %"),
            [
                "Conservative: none is needed.",
                "A Lagrangian explains 1 %."
            ]
        );
        assert_eq!(sentences("One.\n\n- two"), ["One.", "Two."]);
        assert_eq!(
            sentences("ẏ is constant; x moves"),
            ["ẏ is constant.", "x moves."]
        );
        assert!(sentences("").is_empty());
    }

    #[test]
    fn text_is_never_markup() {
        assert_eq!(
            escaped("<a href=\"x\">&\u{0}"),
            "&lt;a href=&quot;x&quot;&gt;&amp;\u{fffd}"
        );
    }
}

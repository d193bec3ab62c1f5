//! Reading the names of terms.

use std::str::FromStr;

use mass_suggest::{hint, nearest};

use crate::{Alphabet, Error, Matrix, Term};

impl Term {
    /// Reads a name in any notation, over the standard symbols.
    ///
    /// Factors are separated by spaces, `*` or `·`, which LaTeX's braces make optional.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] with the column, the offending token and the nearest known symbol.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, &Alphabet::standard())
    }

    /// Reads a name in any notation, over an alphabet with symbols of one's own.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] as for [`Term::parse`].
    pub fn parse_with(text: &str, alphabet: &Alphabet) -> Result<Self, Error> {
        term(text, alphabet)
    }
}

impl FromStr for Term {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

/// A factor as written.
struct Token<'a> {
    /// Where it starts, in bytes.
    start: usize,
    /// As it stands in the text.
    text: &'a str,
    /// Its letters alone, as `Sxx` for `S_{xx}`.
    letters: String,
    inverse: bool,
}

const SEPARATORS: [&str; 8] = ["\\cdot", "\\,", "\\ ", "~", "*", "·", "⋅", "$"];
const INVERSES: [&str; 3] = ["^{-1}", "^-1", "⁻¹"];

fn term(text: &str, alphabet: &Alphabet) -> Result<Term, Error> {
    let tokens = tokens(text)?;
    let Some((last, rest)) = tokens.split_last() else {
        return Err(error(
            text,
            text.len(),
            "",
            "ends before any symbol: a term needs a vector",
        ));
    };
    let matrices = rest
        .iter()
        .map(|token| matrix(text, token, alphabet))
        .collect::<Result<_, _>>()?;
    let at = |problem: String| Err(error(text, last.start, last.text, problem));
    let Some(vector) = alphabet.vector(&last.letters) else {
        if alphabet.base(&last.letters).is_some() {
            return at(format!(
                "is a matrix, but a term ends in a vector ({})",
                vectors(alphabet)
            ));
        }
        return at(unknown("vector", &last.letters, &names(alphabet.vectors())));
    };
    if last.inverse {
        return at("inverts a vector: only matrices have inverses".to_string());
    }
    Ok(Term {
        matrices,
        vector: vector.clone(),
    })
}

fn matrix(text: &str, token: &Token<'_>, alphabet: &Alphabet) -> Result<Matrix, Error> {
    match alphabet.base(&token.letters) {
        Some(base) => Ok(Matrix {
            base: base.clone(),
            inverse: token.inverse,
        }),
        None => Err(error(
            text,
            token.start,
            token.text,
            if alphabet.vector(&token.letters).is_some() {
                "is a vector, which may stand only at the end of a term".to_string()
            } else {
                unknown("matrix", &token.letters, &names(alphabet.bases()))
            },
        )),
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Error> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if let Some(separator) = SEPARATORS
            .iter()
            .find(|separator| trimmed.starts_with(**separator))
        {
            at += separator.len();
        } else if trimmed.is_empty() {
            return Ok(tokens);
        } else {
            let token = token(text, at)?;
            at += token.text.len();
            tokens.push(token);
        }
    }
}

/// The token that starts at byte `start`, which is neither a space nor a separator.
fn token(text: &str, start: usize) -> Result<Token<'_>, Error> {
    let rest = &text[start..];
    let refuse = |problem: &str| {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        Err(error(text, start, &rest[..end], problem))
    };
    let mut letters = String::new();
    let mut length = 0;
    if let Some(inner) = rest.strip_prefix("\\mathrm{") {
        let Some(end) = inner.find('}') else {
            return refuse("opens a brace that it does not close");
        };
        letters.push_str(&inner[..end]);
        length = "\\mathrm{".len() + end + 1;
    } else {
        while let Some(c) = rest[length..].chars().next() {
            let tail = &rest[length..];
            if let Some(inner) = tail.strip_prefix("_{") {
                let Some(end) = inner.find('}') else {
                    return refuse("opens a brace that it does not close");
                };
                letters.push_str(&inner[..end]);
                length += "_{".len() + end + 1;
                break; // a subscript in braces ends the symbol, with no space needed
            } else if c == 'ₓ' {
                letters.push('x');
            } else if c.is_alphanumeric() && !"⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c) {
                letters.push(c);
            } else if c != '_' {
                break;
            }
            length += c.len_utf8();
        }
    }
    if letters.is_empty() {
        return refuse("is not a symbol");
    }
    let inverse = INVERSES
        .iter()
        .find(|inverse| rest[length..].starts_with(**inverse));
    length += inverse.map_or(0, |inverse| inverse.len());
    if rest[length..].starts_with(['^', '⁻', '¹', '²', '³', '{', '}', '_', '⁰']) {
        return refuse("has an exponent or a brace that is not read: the only exponent is -1");
    }
    Ok(Token {
        start,
        text: &rest[..length],
        letters,
        inverse: inverse.is_some(),
    })
}

fn names<T: ToString>(symbols: &[T]) -> Vec<String> {
    symbols.iter().map(T::to_string).collect()
}

fn vectors(alphabet: &Alphabet) -> String {
    names(alphabet.vectors()).join(", ")
}

fn unknown(kind: &str, letters: &str, known: &[String]) -> String {
    format!(
        "is not a known {kind}{} (known: {})",
        hint(nearest(letters, known.iter().map(String::as_str))),
        known.join(", ")
    )
}

fn error(text: &str, start: usize, token: &str, problem: impl Into<String>) -> Error {
    Error::Parse {
        text: text.to_string(),
        column: text[..start].chars().count() + 1,
        token: token.to_string(),
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Term::parse(text).map_or_else(|error| error.to_string(), |term| term.to_string())
    }

    #[test]
    fn every_common_spelling_is_read() {
        for text in [
            "Syy^-1 Sxy y",
            "Syy^{-1}*Sxy*y",
            "S_yy⁻¹ S_xy y",
            "S_yy⁻¹·S_xy·y",
            "$S_{yy}^{-1}S_{xy}y$",
            "S_{yy}^{-1} \\cdot S_{xy}\\, y",
            "  Syy^-1\tSxy   y ",
        ] {
            assert_eq!(read(text), "Syy^-1 Sxy y", "{text}");
        }
        assert_eq!(read("Sₓₓ⁻¹ Sₓ"), "Sxx^-1 Sx");
    }

    #[test]
    fn errors_say_where_what_and_what_would_be_right() {
        for (text, column, token, hint) in [
            ("Sxx Szz x", 5, "Szz", "known matrix"),
            ("sxx x", 1, "sxx", "did you mean \"Sxx\"?"),
            ("Sxx^-2 x", 1, "Sxx^-2", "the only exponent is -1"),
            ("Sxx² x", 1, "Sxx²", "the only exponent is -1"),
            ("x Sx", 1, "x", "only at the end"),
            ("Sxx Syy", 5, "Syy", "ends in a vector"),
            ("Sxx x^-1", 5, "x^-1", "only matrices have inverses"),
            ("", 1, "", "needs a vector"),
            ("S_yy⁻¹ + x", 8, "+", "not a symbol"),
            ("S_{yy x", 1, "S_{yy", "does not close"),
            ("S_{yy}} x", 1, "S_{yy}}", "brace"),
        ] {
            match Term::parse(text).unwrap_err() {
                Error::Parse {
                    column: c,
                    token: t,
                    problem,
                    ..
                } => {
                    assert_eq!((c, t.as_str()), (column, token), "{text}: {problem}");
                    assert!(problem.contains(hint), "{text}: {problem}");
                }
                other => panic!("{text}: {other}"),
            }
        }
    }
}

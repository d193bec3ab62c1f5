//! Documents whose prose is written by hand and whose tables are not.

use thiserror::Error;

use crate::claim::Claim;

/// Markers of a document that do not match.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MarkerError {
    /// A block ends that did not begin.
    #[error("`<!-- {name}:{edge} -->` has no `<!-- {name}:begin -->` before it")]
    NoBegin {
        /// The block.
        name: String,
        /// What stands behind the colon.
        edge: String,
    },
    /// A block does not end.
    #[error("`<!-- {0}:begin -->` has no `<!-- {0}:end -->` after it")]
    NoEnd(String),
    /// A block begins within another.
    #[error("another block begins between `<!-- {0}:begin -->` and `<!-- {0}:end -->`")]
    Nested(String),
}

/// The claims as a Markdown table, words and all.
pub fn claims_table(claims: &[Claim]) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let row = |row: &Claim| {
        let [paper, ours] = row.printed();
        let (quantity, unit) = (cell(&row.quantity), cell(&row.unit));
        let (verdict, words) = (row.verdict(), cell(&row.words()));
        format!("| {quantity} | {paper} | {ours} | {unit} | {verdict} | {words} |\n")
    };
    let rows: String = claims.iter().map(row).collect();
    format!(
        "| quantity | paper | ours | unit | holds | claim |\n|---|---:|---:|---|---|---|\n{rows}"
    )
}

/// The text with every block between `<!-- NAME:begin -->` and `<!-- NAME:end -->` made anew by `of`; a
/// block of which it knows nothing stays as it is.
///
/// # Errors
/// Those of `of`, and markers that do not match.
pub fn renew<E: From<MarkerError>>(
    text: &str,
    mut of: impl FnMut(&str) -> Result<Option<String>, E>,
) -> Result<String, E> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<!-- ") {
        let marker = &rest[start..];
        let Some(end) = marker.find(" -->") else {
            break;
        };
        let (inside, length) = (&marker["<!-- ".len()..end], end + " -->".len());
        let Some((name, edge)) = inside.rsplit_once(':') else {
            // Another comment.
            out.push_str(&rest[..start + length]);
            rest = &rest[start + length..];
            continue;
        };
        if edge != "begin" {
            let (name, edge) = (name.into(), edge.into());
            return Err(MarkerError::NoBegin { name, edge }.into());
        }
        let close = format!("<!-- {name}:end -->");
        let body = &rest[start + length..];
        let Some(until) = body.find(&close) else {
            return Err(MarkerError::NoEnd(name.into()).into());
        };
        if body[..until].contains(":begin -->") {
            return Err(MarkerError::Nested(name.into()).into());
        }
        out.push_str(&rest[..start + length]);
        match of(name)? {
            Some(block) => out.push_str(&format!("\n\n{block}\n\n")),
            None => out.push_str(&body[..until]),
        }
        out.push_str(&close);
        rest = &body[until + close.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::claim;

    #[test]
    fn a_table_holds_all_of_a_claim() {
        let rows = [
            claim("it falls")
                .measured("Σ|w|", -93.0)
                .paper(42.0)
                .unit("terms")
                .holds(true),
            claim("it trains")
                .measured("RMSE", 3.3e-4)
                .holds(false)
                .of_ours(),
            claim("it lives").measured("lost", f64::NAN).holds(true),
        ];
        assert_eq!(
            claims_table(&rows),
            "| quantity | paper | ours | unit | holds | claim |\n|---|---:|---:|---|---|---|\n| Σ\\|w\\| | 42 | −93 | terms | yes | it falls |\n| RMSE | – | 3.3e−4 | 1 | no | ours: it trains |\n| lost | – | – | 1 | no data | it lives |\n"
        );
    }

    #[test]
    fn blocks_are_renewed_and_prose_is_kept() {
        let text = "# A\n<!-- a comment -->\n<!-- fig6:begin -->\nold\n<!-- fig6:end -->\nprose\n<!-- t.md:begin --><!-- t.md:end -->\n";
        let renewed =
            renew::<MarkerError>(text, |name| Ok((name == "fig6").then(|| "new".into()))).unwrap();
        assert_eq!(
            renewed,
            "# A\n<!-- a comment -->\n<!-- fig6:begin -->\n\nnew\n\n<!-- fig6:end -->\nprose\n<!-- t.md:begin --><!-- t.md:end -->\n"
        );
        // Once more, and nothing changes.
        let again = renew::<MarkerError>(&renewed, |_| Ok(None)).unwrap();
        assert_eq!(again, renewed);
        let again =
            renew::<MarkerError>(&renewed, |name| Ok((name == "fig6").then(|| "new".into())));
        assert_eq!(again.unwrap(), renewed);
    }

    #[test]
    fn markers_that_do_not_match_are_named() {
        let fails = |text: &str| {
            renew::<MarkerError>(text, |_| Ok(None))
                .unwrap_err()
                .to_string()
        };
        assert!(fails("<!-- fig6:begin --> x").contains("<!-- fig6:end -->"));
        assert!(fails("<!-- fig6:end -->").contains("<!-- fig6:begin -->"));
        let nested = "<!-- a:begin --><!-- b:begin --><!-- b:end --><!-- a:end -->";
        assert!(fails(nested).contains("another block"));
    }
}

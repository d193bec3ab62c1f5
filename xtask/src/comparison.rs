//! The paper's numbers beside ours.

use std::path::Path;

use anyhow::Result;
use mass_core::write_bytes;
use serde::{Deserialize, Serialize};

/// Whose claim it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Whose {
    /// The paper says so.
    #[default]
    Paper,
    /// Ours: a control, a condition of another claim, or a question that the paper does not ask.
    Ours,
}

/// One claim, of the paper or of ours, checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Comparison {
    /// What is measured.
    pub(crate) quantity: String,
    /// The paper's number, if it gives one.
    pub(crate) paper: Option<f64>,
    /// Ours; `None` if it is not finite.
    pub(crate) ours: Option<f64>,
    /// Unit, `1` for pure numbers.
    pub(crate) unit: String,
    /// What is claimed, in words.
    pub(crate) claim: String,
    /// Whose claim it is.
    #[serde(default)]
    pub(crate) whose: Whose,
    /// Whether our number bears the claim out; `None` if there is no finite number to judge by, or
    /// the number would be the same whatever had been learned.
    pub(crate) holds: Option<bool>,
}

impl Comparison {
    /// A claim of the paper. A number that is not finite bears nothing out and refutes nothing.
    pub(crate) fn new(
        quantity: impl Into<String>,
        paper: impl Into<Option<f64>>,
        ours: f64,
        unit: &'static str,
        claim: impl Into<String>,
        holds: impl Into<Option<bool>>,
    ) -> Self {
        Self {
            quantity: quantity.into(),
            paper: paper.into(),
            ours: ours.is_finite().then_some(ours),
            unit: unit.to_string(),
            claim: claim.into(),
            whose: Whose::Paper,
            holds: ours.is_finite().then(|| holds.into()).flatten(),
        }
    }

    /// The same as a claim of ours.
    pub(crate) fn of_ours(self) -> Self {
        Self {
            whose: Whose::Ours,
            ..self
        }
    }

    /// Our number as text, `–` without one.
    pub(crate) fn ours_text(&self) -> String {
        self.ours.map_or("–".to_string(), number)
    }

    /// Whether the claim holds, in a word or two.
    pub(crate) fn holds_text(&self) -> &'static str {
        match (self.holds, self.ours) {
            (Some(true), _) => "yes",
            (Some(false), _) => "no",
            (None, None) => "no data",
            (None, Some(_)) => "no test",
        }
    }

    /// The claim, with `ours:` before it if it is.
    pub(crate) fn claim_text(&self) -> String {
        match self.whose {
            Whose::Paper => self.claim.clone(),
            Whose::Ours => format!("ours: {}", self.claim),
        }
    }
}

/// Writes `comparison.json`, whole or not at all.
pub(crate) fn write(path: &Path, comparisons: &[Comparison]) -> Result<()> {
    let mut text = serde_json::to_string_pretty(comparisons)?;
    text.push('\n');
    Ok(write_bytes(path, text.as_bytes())?)
}

/// Headers and rows of the comparison for a terminal; the claims are in the file.
pub(crate) fn table(comparisons: &[Comparison]) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let rows = comparisons.iter().map(|comparison| {
        vec![
            comparison.quantity.clone(),
            comparison.paper.map_or("–".to_string(), number),
            comparison.ours_text(),
            comparison.holds_text().to_string(),
        ]
    });
    (
        vec!["quantity", "paper", "ours", "claim holds"],
        rows.collect(),
    )
}

/// A number as one writes it in a table, to four digits: 42, 0.031, 3.3e-4.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (value.fract() == 0.0 && size < 1e6) {
        format!("{value:.0}")
    } else if (1e-2..1e4).contains(&size) {
        let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
        let text = format!("{value:.decimals$}");
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        format!("{value:.1e}")
    }
}

/// Whether the one claim holds whose quantity contains these words.
#[cfg(test)]
pub(crate) fn holds(rows: &[Comparison], of: &str) -> Option<bool> {
    let mut rows = rows.iter().filter(|row| row.quantity.contains(of));
    let row = rows.next().unwrap_or_else(|| panic!("no row of {of}"));
    assert!(rows.next().is_none(), "{of}");
    row.holds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let cases = [
            (42.0, "42"),
            (3.31e-4, "3.3e-4"),
            (0.0312, "0.0312"),
            (0.7, "0.7"),
            (200.5, "200.5"),
            (9.87654, "9.877"),
            (0.0, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn what_is_not_finite_decides_nothing() {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            for holds in [true, false] {
                let row = Comparison::new("error", 3e-4, value, "1", "it trains", holds);
                assert_eq!((row.ours, row.holds), (None, None));
                assert_eq!((row.holds_text(), &*row.ours_text()), ("no data", "–"));
            }
        }
        let row = Comparison::new("error", 3e-4, f64::NAN, "1", "it trains", false);
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"quantity":"error","paper":0.0003,"ours":null,"unit":"1","claim":"it trains","whose":"paper","holds":null}"#
        );
    }

    #[test]
    fn whose_claim_it_is_and_how_it_fared() {
        let row = |holds: Option<bool>| Comparison::new("r", None, 0.5, "1", "it is so", holds);
        assert_eq!(row(Some(true)).holds_text(), "yes");
        assert_eq!(row(Some(false)).holds_text(), "no");
        assert_eq!(row(None).holds_text(), "no test");
        assert_eq!(row(None).claim_text(), "it is so");
        assert_eq!(row(None).of_ours().claim_text(), "ours: it is so");
        // What was written before there was a `whose`.
        let old = r#"{"quantity":"r","paper":null,"ours":0.5,"unit":"1","claim":"it is so","holds":true}"#;
        let old: Comparison = serde_json::from_str(old).unwrap();
        assert_eq!(old, row(Some(true)));
    }
}

//! The paper's numbers beside ours.

use std::path::Path;

use anyhow::Result;
use mass_core::write_bytes;
use serde::{Deserialize, Serialize};

/// One claim of the paper, checked.
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
    /// Whether our number bears the claim out.
    pub(crate) holds: bool,
}

impl Comparison {
    pub(crate) fn new(
        quantity: impl Into<String>,
        paper: impl Into<Option<f64>>,
        ours: f64,
        unit: &'static str,
        claim: impl Into<String>,
        holds: bool,
    ) -> Self {
        Self {
            quantity: quantity.into(),
            paper: paper.into(),
            ours: ours.is_finite().then_some(ours),
            unit: unit.to_string(),
            claim: claim.into(),
            holds,
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
            comparison.ours.map_or("not finite".to_string(), number),
            if comparison.holds { "yes" } else { "no" }.to_string(),
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
    fn what_is_not_finite_is_null() {
        let row = Comparison::new("error", 3e-4, f64::INFINITY, "1", "it trains", false);
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"quantity":"error","paper":0.0003,"ours":null,"unit":"1","claim":"it trains","holds":false}"#
        );
    }
}

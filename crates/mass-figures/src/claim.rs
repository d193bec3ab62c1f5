//! A paper's numbers beside ours: claims as data.

use serde::{Deserialize, Serialize};

use crate::{
    number::{Rule, number},
    table::markdown,
};

/// Whose claim it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// The paper says so.
    #[default]
    Paper,
    /// Ours: a control, a condition of another claim, or a question that the paper does not ask.
    Ours,
}

/// One claim, of a paper or of ours, checked: begun by [`claim`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Claim {
    /// What is measured.
    pub quantity: String,
    /// The paper's number, if it gives one.
    pub paper: Option<f64>,
    /// Ours; `None` if it is not finite.
    pub ours: Option<f64>,
    /// Unit, `1` for pure numbers.
    pub unit: String,
    /// What is claimed, in words.
    pub claim: String,
    /// Whose claim it is.
    #[serde(default)]
    pub whose: Whose,
    /// Whether our number bears the claim out; `None` if there is no finite number to judge by, or
    /// the number would be the same whatever was found.
    pub holds: Option<bool>,
}

/// Begins a claim of the paper, in words. Without more said it is about a pure number, the paper gives
/// none, and nothing is judged.
///
/// ```
/// use mass_figures::claim;
/// let found = claim("the first component explains nearly all (> 0.9)")
///     .measured("variance explained, median", 0.97)
///     .paper(0.964)
///     .above(0.9);
/// assert_eq!(found.holds, Some(true));
/// // A number that is not finite bears nothing out and refutes nothing.
/// let lost = claim("it trains (< 1e-3)").measured("error", f64::NAN).below(1e-3);
/// assert_eq!((lost.ours, lost.holds, lost.verdict()), (None, None, "no data"));
/// ```
pub fn claim(words: impl Into<String>) -> Words {
    Words(words.into())
}

/// A claim of which it is not yet said what was measured.
#[derive(Debug, Clone)]
#[must_use]
pub struct Words(String);

impl Words {
    /// What is measured, and the number found.
    pub fn measured(self, quantity: impl Into<String>, ours: f64) -> Claim {
        Claim {
            quantity: quantity.into(),
            paper: None,
            ours: ours.is_finite().then_some(ours),
            unit: "1".into(),
            claim: self.0,
            whose: Whose::Paper,
            holds: None,
        }
    }
}

impl Claim {
    /// The paper's number, if it gives one.
    pub fn paper(mut self, number: impl Into<Option<f64>>) -> Self {
        self.paper = number.into();
        self
    }

    /// The unit, if it is not a pure number.
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = unit.into();
        self
    }

    /// It is a claim of ours.
    pub fn of_ours(mut self) -> Self {
        self.whose = Whose::Ours;
        self
    }

    /// Whether the claim holds; `None` for no test. A number that is not finite decides nothing.
    pub fn holds(mut self, holds: impl Into<Option<bool>>) -> Self {
        self.holds = self.ours.and(holds.into());
        self
    }

    /// It holds if our number is above this one.
    pub fn above(self, least: f64) -> Self {
        let ours = self.ours;
        self.holds(ours.map(|ours| ours > least))
    }

    /// It holds if our number is below this one.
    pub fn below(self, most: f64) -> Self {
        let ours = self.ours;
        self.holds(ours.map(|ours| ours < most))
    }

    /// It holds if our number is this one or below.
    pub fn at_most(self, most: f64) -> Self {
        let ours = self.ours;
        self.holds(ours.map(|ours| ours <= most))
    }

    /// It holds if our number is the least, the most, or between them.
    pub fn between(self, least: f64, most: f64) -> Self {
        let ours = self.ours;
        self.holds(ours.map(|ours| (least..=most).contains(&ours)))
    }

    /// The paper's number and ours in plain characters, `–` without one.
    pub fn numbers(&self) -> [String; 2] {
        [self.paper, self.ours].map(|one| one.map_or("–".into(), |one| number(one, Rule::Table)))
    }

    /// The same with the sign that print has.
    pub fn printed(&self) -> [String; 2] {
        self.numbers().map(|number| number.replace('-', "−"))
    }

    /// Whether the claim holds, in a word or two.
    pub fn verdict(&self) -> &'static str {
        match (self.holds, self.ours) {
            (Some(true), _) => "yes",
            (Some(false), _) => "no",
            (None, None) => "no data",
            (None, Some(_)) => "no test",
        }
    }

    /// The claim, with `ours:` before it if it is.
    pub fn words(&self) -> String {
        match self.whose {
            Whose::Paper => self.claim.clone(),
            Whose::Ours => format!("ours: {}", self.claim),
        }
    }
}

/// What the last column of [`terminal`] says.
pub const VERDICTS: &str = "claim holds: whether our number bears the claim out; no test: the number would be the same\n\
    whatever had been found, or its error leaves it open; no data: there is no finite number to judge by";

/// The claims as a table for a terminal, without their words, which are long.
pub fn terminal(claims: &[Claim]) -> String {
    let row = |claim: &Claim| {
        let [paper, ours] = claim.numbers();
        let unit = claim.unit.clone();
        vec![
            claim.quantity.clone(),
            paper,
            ours,
            unit,
            claim.verdict().into(),
        ]
    };
    let headers = ["quantity", "paper", "ours", "unit", "claim holds"];
    markdown(&headers, claims.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_decides_nothing() {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            for holds in [true, false] {
                let row = claim("it trains").measured("error", value).holds(holds);
                assert_eq!((row.ours, row.holds), (None, None));
                assert_eq!((row.verdict(), &*row.numbers()[1]), ("no data", "–"));
            }
        }
        let row = claim("it trains").measured("error", f64::NAN).paper(3e-4);
        assert_eq!(
            serde_json::to_string(&row.holds(false)).unwrap(),
            r#"{"quantity":"error","paper":0.0003,"ours":null,"unit":"1","claim":"it trains","whose":"paper","holds":null}"#
        );
    }

    #[test]
    fn whose_claim_it_is_and_how_it_fared() {
        let row = |holds: Option<bool>| claim("it is so").measured("r", 0.5).holds(holds);
        assert_eq!(row(Some(true)).verdict(), "yes");
        assert_eq!(row(Some(false)).verdict(), "no");
        assert_eq!(row(None).verdict(), "no test");
        assert_eq!(row(None).words(), "it is so");
        assert_eq!(row(None).of_ours().words(), "ours: it is so");
        // What was written before there was a `whose`.
        let old = r#"{"quantity":"r","paper":null,"ours":0.5,"unit":"1","claim":"it is so","holds":true}"#;
        let old: Claim = serde_json::from_str(old).unwrap();
        assert_eq!(old, row(Some(true)));
    }

    #[test]
    fn bounds_are_where_they_are_said_to_be() {
        let at = |value: f64| claim("c").measured("q", value);
        let all = |value: f64| {
            let found = [
                at(value).above(1.0),
                at(value).below(1.0),
                at(value).at_most(1.0),
                at(value).between(1.0, 2.0),
            ];
            found.map(|claim| claim.holds.unwrap())
        };
        assert_eq!(all(0.5), [false, true, true, false]);
        assert_eq!(all(1.0), [false, false, true, true]);
        assert_eq!(all(2.0), [true, false, false, true]);
        assert_eq!(all(2.5), [true, false, false, false]);
    }

    #[test]
    fn a_terminal_shows_units() {
        let rows = [
            claim("c")
                .measured("share", 97.4)
                .unit("%")
                .paper(96.4)
                .above(90.0),
            claim("c").measured("r", f64::NAN),
        ];
        assert_eq!(
            terminal(&rows),
            "\
| quantity | paper | ours | unit | claim holds |
| -------- | ----: | ---: | ---- | ----------- |
| share    |  96.4 | 97.4 | %    | yes         |
| r        |     – |    – | 1    | no data     |
"
        );
    }
}

//! Figure 13: mean absolute activations of many scientists on the harmonic oscillator.

use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};

use super::by_term::{Strengths, TermName, axes, bars, frame, held, spread, spread_legend};
use super::sheet::{Frame, Sheet};
use super::style::{TICK, VERMILLION};
use super::{DrawError, Picture};

const FIGURE: &str = "fig13";
/// Scientists that have a panel of their own.
const ALONE: usize = 8;

/// What figure 13 shows (Fu et al. 2025, Fig. 13): `fig13.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig13 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// The terms of the library, in its order, `[T]`.
    pub(crate) terms: Vec<TermName>,
    /// E|a| of every scientist.
    pub(crate) strengths: Strengths,
}

/// Draws figure 13: (a) the first eight scientists one by one, the largest term of each named;
/// (b) the spread over all.
///
/// # Errors
/// Lengths that differ, no finite value.
pub(crate) fn draw(data: &Fig13) -> Result<Picture, DrawError> {
    let terms = data.terms.len();
    data.strengths.check(FIGURE, terms)?;
    let scientists = data.strengths.seeds.len();
    let title = format!(
        "{}, recipe {}, {} scientists",
        data.strengths.system, data.recipe, scientists
    );
    const ROW: f64 = 150.0;
    let alone = scientists.min(ALONE);
    let rows = alone.div_ceil(2);
    let body = 112.0 + ROW * rows as f64;
    let mut sheet = Sheet::new(body + 410.0, title);

    let head = frame((80.0, 975.0), (78.0, 78.0), terms, 1.0);
    sheet.letter(20.0, &head, 'a');
    let heading = format!("E|a_i| by term, the first {alone} scientists");
    sheet.text((80.0, 65.0), &heading, TICK, TextAnchor::Start);
    for (place, row) in data.strengths.rows(terms).take(alone).enumerate() {
        let left = 80.0 + 470.0 * (place % 2) as f64;
        let top = 112.0 + ROW * (place / 2) as f64;
        let highest = row
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .fold(0.0, f64::max);
        let frame = frame((left, left + 425.0), (top, top + 94.0), terms, highest);
        held(&mut sheet, &frame, &data.terms);
        bars(&mut sheet, &frame, &vec![0.0; terms], row, 0.9, VERMILLION);
        axes(&mut sheet, &frame, place + 2 >= alone);
        let largest = match Strengths::largest(row, 1).first() {
            Some(term) => format!("largest: {}", data.terms[*term].name),
            None => "on poles".to_string(),
        };
        let seed = data.strengths.seeds[place];
        let correct = match data.strengths.correct[place] {
            true => "",
            false => ", not correct",
        };
        let heading = format!("seed {seed}{correct}; {largest}");
        sheet.text((left, top - 9.0), &heading, TICK, TextAnchor::Start);
    }

    let down = (body + 100.0, body + 340.0);
    spread(
        &mut sheet,
        (80.0, 975.0),
        down,
        &data.terms,
        &data.strengths,
        true,
    );
    let below = frame((80.0, 975.0), down, terms, 1.0);
    let head = Frame {
        down: (body + 46.0, body + 46.0),
        ..below
    };
    sheet.letter(20.0, &head, 'b');
    let heading = format!("E|a_i| over all {scientists} scientists");
    sheet.text((80.0, body + 33.0), &heading, TICK, TextAnchor::Start);
    spread_legend(&mut sheet, &head);
    sheet.x_label(&below, "term i");
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::super::by_term::made_up;
    use super::super::typeset::labels;
    use super::*;

    fn synthetic(scientists: usize) -> Fig13 {
        Fig13 {
            recipe: "reference".into(),
            terms: made_up::terms(),
            strengths: made_up::strengths("classical", scientists),
        }
    }

    #[test]
    fn the_picture_has_eight_scientists_and_their_spread() {
        let data = synthetic(24);
        let picture = draw(&data).unwrap();
        crate::draw::look("fig13", &picture);
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        let alone = labels.iter().filter(|l| l.starts_with("seed ")).count();
        assert_eq!(alone, 8, "{labels:?}");
        for label in [
            "(a)",
            "(b)",
            "term i",
            "median",
            "E|a_i| over all 24 scientists",
        ] {
            assert_eq!(count(label), 1, "{label}: {labels:?}");
        }
        assert!(picture.svg.len() < 500_000, "{} bytes", picture.svg.len());
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn few_scientists_and_missing_values_are_drawn() {
        let mut data = synthetic(3);
        crate::draw::look("fig13-small", &draw(&data).unwrap());
        data.strengths.strength[..172].fill(f64::NAN);
        let picture = draw(&data).unwrap();
        assert!(!picture.svg.contains("NaN"));
        let labels = labels(&picture.svg);
        assert!(
            labels.contains(&"seed 0; on poles".to_string()),
            "{labels:?}"
        );
        data.strengths.correct.pop();
        assert!(matches!(draw(&data), Err(DrawError::Shape { .. })));
    }
}

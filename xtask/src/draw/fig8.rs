//! Figure 8: which terms many scientists use, one strip of scientists by terms a system.

use kuva::prelude::TickFormat;
use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::by_term::{Strengths, TermName, names_above};
use super::sheet::{Frame, Sheet, Swatch};
use super::style::{TICK, VERMILLION};
use super::{DrawError, Picture, tiles};

const FIGURE: &str = "fig8";

/// What figure 8 shows (Fu et al. 2025, Fig. 8): `fig8.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig8 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// The terms of the library, in its order, `[T]`.
    pub(crate) terms: Vec<TermName>,
    /// One panel a system, each of scientists trained on it alone.
    pub(crate) panels: Vec<Strengths>,
}

/// Draws figure 8: a row a scientist, a column a term, the darker the stronger the term is beside
/// the scientist's strongest; the terms that are strongest in the median are named.
///
/// # Errors
/// No panel, lengths that differ, no finite value in a panel.
pub(crate) fn draw(data: &Fig8) -> Result<Picture, DrawError> {
    if data.panels.is_empty() {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "panels",
        });
    }
    let terms = data.terms.len();
    for panel in &data.panels {
        panel.check(FIGURE, terms)?;
    }
    // A scientist's row is 4 pixels high, as long as the strip is neither thin nor a page.
    let high = |panel: &Strengths| (4.0 * panel.seeds.len() as f64).clamp(90.0, 240.0);
    const HEAD: f64 = 92.0;
    const GAP: f64 = 26.0;
    let total: f64 = data
        .panels
        .iter()
        .map(|panel| high(panel) + HEAD + GAP)
        .sum();
    let title = format!("recipe {}, scientists of one system each", data.recipe);
    let mut sheet = Sheet::new(34.0 + total + 40.0, title);
    let mut top = 34.0;
    for (place, panel) in data.panels.iter().enumerate() {
        let down = (top + HEAD, top + HEAD + high(panel));
        let scientists = panel.seeds.len();
        let frame = Frame {
            across: (95.0, 905.0),
            down,
            x: (-0.5, terms as f64 - 0.5),
            y: (scientists as f64, 0.0),
        };
        let relative: Vec<f64> = panel.rows(terms).flat_map(relative).collect();
        tiles::cells(&mut sheet, &frame, terms, &relative, tiles::share);
        let last = place + 1 == data.panels.len();
        let mut layout = sheet
            .layout(&frame)
            .with_x_tick_step(20.0)
            .with_y_tick_step(scientists as f64)
            .with_y_tick_format(TickFormat::Custom(Arc::new(|_| String::new())));
        layout.show_grid = false;
        layout.suppress_x_ticks = !last;
        layout.suppress_y_ticks = true;
        sheet.plots(Vec::new(), layout);
        let row = (down.1 - down.0) / scientists.max(1) as f64;
        for (place, _) in panel
            .correct
            .iter()
            .enumerate()
            .filter(|(_, correct)| !**correct)
        {
            let y = down.0 + row * place as f64;
            sheet.rect(
                (86.0, 92.0),
                (y + 0.5, (y + row - 0.5).max(y + 1.0)),
                VERMILLION,
            );
        }
        let seeds = [
            (down.0 + 11.0, panel.seeds.first()),
            (down.1 - 2.0, panel.seeds.last()),
        ];
        for (y, seed) in seeds {
            let text = seed.map_or(String::new(), |seed| format!("seed {seed}"));
            sheet.text((82.0, y), &text, TICK - 1, TextAnchor::End);
        }

        let all = Strengths {
            strength: relative,
            ..panel.clone()
        };
        let median = all.quantile(terms, 0.5);
        let named: Vec<(usize, &str, f64)> = Strengths::largest(&median, 5)
            .into_iter()
            .map(|term| (term, data.terms[term].name.as_str(), 0.0))
            .collect();
        names_above(&mut sheet, &frame, &named, 32.0);
        let head = Frame {
            down: (top + 42.0, top + 42.0),
            ..frame
        };
        sheet.letter(20.0, &head, (b'a' + place as u8) as char);
        let heading = format!("{}, {} scientists", panel.system, scientists);
        sheet.text((60.0, top + 29.0), &heading, TICK + 2, TextAnchor::Start);
        if place == 0 {
            let entries = [("not correct", VERMILLION, Swatch::Square)];
            sheet.legend(&head, &entries);
            let left = 926.0;
            tiles::bar(&mut sheet, left, down, (0.0, 1.0), tiles::share, "");
            let at = (left - 6.0, down.0 - 13.0);
            sheet.text(at, "of the largest", TICK - 2, TextAnchor::Start);
        }
        if last {
            sheet.x_label(&frame, "term i");
        }
        top += HEAD + high(panel) + GAP;
    }
    sheet.finish()
}

/// Strengths beside the largest of the row.
fn relative(row: &[f64]) -> Vec<f64> {
    let largest = row
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    let whole = row.iter().all(|v| v.is_finite()) && largest > 0.0;
    row.iter()
        .map(|v| if whole { v / largest } else { f64::NAN })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::by_term::made_up;
    use super::super::style::MISSING;
    use super::super::typeset::labels;
    use super::*;

    fn synthetic(scientists: usize) -> Fig8 {
        let systems = ["classical", "pendulum", "kepler", "relativistic"];
        Fig8 {
            recipe: "reference".into(),
            terms: made_up::terms(),
            panels: systems
                .map(|system| made_up::strengths(system, scientists))
                .to_vec(),
        }
    }

    #[test]
    fn the_picture_has_four_strips() {
        let data = synthetic(50);
        let picture = draw(&data).unwrap();
        crate::draw::look("fig8", &picture);
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        for label in [
            "(a)",
            "(d)",
            "kepler, 50 scientists",
            "term i",
            "not correct",
        ] {
            assert_eq!(count(label), 1, "{label}: {labels:?}");
        }
        assert_eq!(count("seed 49"), 4);
        assert!(picture.svg.len() < 1_000_000, "{} bytes", picture.svg.len());
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
        crate::draw::look("fig8-small", &draw(&synthetic(4)).unwrap());
    }

    #[test]
    fn a_scientist_without_numbers_is_a_grey_row() {
        let mut data = synthetic(3);
        data.panels[0].strength[5] = f64::NAN;
        let picture = draw(&data).unwrap();
        let grey = |picture: &Picture| picture.svg.matches(MISSING).count();
        // A darkness may be that grey too.
        let whole = draw(&synthetic(3)).unwrap();
        assert!(grey(&picture) <= grey(&whole) + 1 && grey(&picture) > 0);
        assert!(!picture.svg.contains("NaN"));
        // Nor is there anything to draw where no scientist could be read.
        data.panels[0].strength.fill(f64::NAN);
        let grey_rows = draw(&data).unwrap();
        assert!(!grey_rows.svg.contains("NaN") && grey(&grey_rows) > grey(&picture));
        data.panels[0].strength.pop();
        assert!(matches!(draw(&data), Err(DrawError::Shape { .. })));
        let panel = &mut data.panels[0];
        panel.strength.clear();
        panel.seeds.clear();
        panel.correct.clear();
        assert!(matches!(draw(&data), Err(DrawError::Empty { .. })));
    }

    #[test]
    fn strengths_are_beside_the_largest() {
        assert_eq!(relative(&[1.0, 4.0, 0.0]), [0.25, 1.0, 0.0]);
        assert!(relative(&[0.0, 0.0]).iter().all(|v| v.is_nan()));
    }
}

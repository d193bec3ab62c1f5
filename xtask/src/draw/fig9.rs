//! Figure 9: do the first principal components of many scientists agree?

use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};

use super::sheet::{Frame, Sheet};
use super::style::{BLUE, GREY, INK, TICK};
use super::{DrawError, Picture, nullable, same_length, tiles};

const FIGURE: &str = "fig9";
/// The share of the variance that the paper counts (Fu et al. 2025, caption of Fig. 9).
const MUCH: f64 = 0.8;

/// What figure 9 shows (Fu et al. 2025, Fig. 9): `fig9.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig9 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// What decides a component's sign, in words.
    pub(crate) sign: String,
    /// One panel a system, each of scientists trained on it alone; an even number is laid out in
    /// rows of two.
    pub(crate) panels: Vec<Fig9Panel>,
}

/// The first components of S scientists on one system, over common states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig9Panel {
    /// The system.
    pub(crate) system: String,
    /// The scientists whose activations could be read, `[S]`.
    pub(crate) seeds: Vec<u64>,
    /// Those whose could not: on poles at more than a tenth of the states, or without variance.
    pub(crate) failed: Vec<u64>,
    /// States at which all were read.
    pub(crate) states: usize,
    /// Pearson correlations of the first components, row-major `[S, S]`.
    #[serde(with = "nullable::single")]
    pub(crate) correlation: Vec<f64>,
    /// Share of the variance that each first component explains, `[S]`.
    #[serde(with = "nullable")]
    pub(crate) explained: Vec<f64>,
    /// Correlation of each with the true ẏ, `[S]`.
    #[serde(with = "nullable")]
    pub(crate) with_truth: Vec<f64>,
}

impl Fig9Panel {
    /// How many scientists' first components explain more than 80 %, and of how many: one that could
    /// not be read explains nothing.
    pub(crate) fn much(&self) -> (usize, usize) {
        let much = self.explained.iter().filter(|share| **share > MUCH);
        (much.count(), self.seeds.len() + self.failed.len())
    }
}

/// Draws figure 9: maps of correlations between scientists, each with the explained variance of
/// every scientist beside its row.
///
/// # Errors
/// No panel, lengths that differ.
pub(crate) fn draw(data: &Fig9) -> Result<Picture, DrawError> {
    if data.panels.is_empty() {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "panels",
        });
    }
    for panel in &data.panels {
        let n = panel.seeds.len();
        let of = "`seeds` by `seeds`";
        same_length(FIGURE, "correlation", panel.correlation.len(), n * n, of)?;
        same_length(FIGURE, "explained", panel.explained.len(), n, "`seeds`")?;
        same_length(FIGURE, "with_truth", panel.with_truth.len(), n, "`seeds`")?;
    }
    const SIDE: f64 = 300.0;
    const STRIP: f64 = 76.0;
    const ROW: f64 = SIDE + 116.0;
    let rows = data.panels.len().div_ceil(2);
    let title = format!("recipe {}, scientists of one system each", data.recipe);
    let mut sheet = Sheet::new(40.0 + ROW * rows as f64 + 4.0, title);
    for (place, panel) in data.panels.iter().enumerate() {
        let left = 52.0 + 445.0 * (place % 2) as f64;
        let top = 98.0 + ROW * (place / 2) as f64;
        let n = panel.seeds.len();
        let frame = Frame {
            across: (left, left + SIDE),
            down: (top, top + SIDE),
            x: (0.0, n.max(1) as f64),
            y: (n.max(1) as f64, 0.0),
        };
        tiles::cells(
            &mut sheet,
            &frame,
            n,
            &panel.correlation,
            tiles::correlation,
        );
        sheet.letter(left - 36.0, &frame, (b'a' + place as u8) as char);
        let (much, all) = panel.much();
        let heading = format!("{}: {much} of {all} explain > 80 %", panel.system);
        let at = (left, top - 13.0);
        sheet.text(at, &heading, TICK + 1, TextAnchor::Start);
        let ends = [(0, panel.seeds.first()), (n.max(1) - 1, panel.seeds.last())];
        for (at, seed) in ends {
            let Some(seed) = seed.filter(|_| at == 0 || n > 1) else {
                continue;
            };
            let middle = frame.at_x(at as f64 + 0.5);
            let below = (
                middle.clamp(left + 8.0, left + SIDE - 8.0),
                top + SIDE + 17.0,
            );
            sheet.text(below, &seed.to_string(), TICK - 1, TextAnchor::Middle);
        }
        let below = (frame.middle().0, top + SIDE + 34.0);
        sheet.text(below, "scientist (seed)", TICK, TextAnchor::Middle);

        let strip = Frame {
            across: (left + SIDE + 12.0, left + SIDE + 12.0 + STRIP),
            down: frame.down,
            x: (0.0, 1.0),
            y: frame.y,
        };
        let row = SIDE / n.max(1) as f64;
        for (place, share) in panel.explained.iter().enumerate() {
            if share.is_finite() {
                let y = top + row * place as f64;
                let gap = if row > 4.0 { 0.5 } else { 0.0 };
                let across = (strip.across.0, strip.at_x(share.clamp(0.0, 1.0)));
                let colour = if *share > MUCH { BLUE } else { GREY };
                sheet.rect(across, (y + gap, y + row - gap), colour);
            }
        }
        sheet.outline(strip.across, strip.down);
        let x = strip.at_x(MUCH);
        sheet.broken_line(&[(x, top), (x, top + SIDE)], INK, 1.0);
        for (share, text) in [(0.0, "0"), (MUCH, "80 %")] {
            let at = (strip.at_x(share), top + SIDE + 17.0);
            sheet.text(at, text, TICK - 1, TextAnchor::Middle);
        }
        let below = (strip.middle().0, top + SIDE + 34.0);
        sheet.text(below, "explained", TICK, TextAnchor::Middle);
        if place == 0 {
            let label = "correlation";
            let left = 930.0;
            tiles::bar(
                &mut sheet,
                left,
                frame.down,
                (-1.0, 1.0),
                tiles::correlation,
                "",
            );
            sheet.text((998.0, top - 13.0), label, TICK, TextAnchor::End);
        }
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::*;

    /// Made up: most agree, some are turned round, a few are something else.
    pub(super) fn synthetic(scientists: usize) -> Fig9 {
        let random = |i: usize| ((i * 7919 + 104_729) % 997) as f64 / 997.0;
        let panel = |system: &str, odd: usize| {
            let score = |s: usize| match (s * 7 + odd) % 10 {
                0 => (-1.0, 0.97),
                3 => (1.0, 0.4 + 0.3 * random(s)),
                _ => (1.0, 0.98),
            };
            let correlation = (0..scientists * scientists)
                .map(|cell| (cell / scientists, cell % scientists))
                .map(|(i, j)| {
                    let ((a, p), (b, q)) = (score(i), score(j));
                    if i == j { 1.0 } else { a * b * p * q }
                })
                .collect();
            Fig9Panel {
                system: system.into(),
                seeds: (0..scientists as u64).collect(),
                failed: Vec::new(),
                states: 512,
                correlation,
                explained: (0..scientists)
                    .map(|s| 1.0 - 0.35 * random(s * 31 + odd).powi(3))
                    .collect(),
                with_truth: (0..scientists).map(|s| score(s).0 * score(s).1).collect(),
            }
        };
        Fig9 {
            recipe: "reference".into(),
            sign: "the largest loading is positive".into(),
            panels: vec![
                panel("classical", 1),
                panel("pendulum", 2),
                panel("kepler", 3),
                panel("relativistic", 4),
            ],
        }
    }

    #[test]
    fn the_picture_has_four_maps_and_their_shares() {
        let data = synthetic(50);
        let picture = draw(&data).unwrap();
        crate::draw::look("fig9", &picture);
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        assert_eq!((count("(a)"), count("(d)"), count("(e)")), (1, 1, 0));
        assert_eq!(count("correlation"), 1);
        assert_eq!(count("explained"), 4);
        let much = data.panels[1]
            .explained
            .iter()
            .filter(|e| **e > 0.8)
            .count();
        assert_eq!(count(&format!("pendulum: {much} of 50 explain > 80 %")), 1);
        assert!(picture.svg.len() < 1_200_000, "{} bytes", picture.svg.len());
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn one_scientist_and_missing_values_are_drawn() {
        assert!(draw(&synthetic(1)).is_ok());
        let mut data = synthetic(4);
        data.panels[0].correlation[1] = f64::NAN;
        data.panels[0].explained[2] = f64::NAN;
        assert!(!draw(&data).unwrap().svg.contains("NaN"));
        // One of whose scientists none could be read is left white.
        let failed = std::mem::take(&mut data.panels[3].seeds);
        data.panels[3] = Fig9Panel {
            system: "relativistic".into(),
            seeds: Vec::new(),
            failed,
            states: 0,
            correlation: Vec::new(),
            explained: Vec::new(),
            with_truth: Vec::new(),
        };
        let picture = draw(&data).unwrap();
        assert!(labels(&picture.svg).contains(&"relativistic: 0 of 4 explain > 80 %".to_string()));
        data.panels[1].explained.pop();
        assert!(matches!(draw(&data), Err(DrawError::Shape { .. })));
        data.panels.clear();
        assert!(matches!(draw(&data), Err(DrawError::Empty { .. })));
    }
}

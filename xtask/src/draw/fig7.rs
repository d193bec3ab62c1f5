//! Figure 7: the correlation maps of one scientist, phase by system.

use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};

use super::sheet::{Frame, Sheet};
use super::style::{LABEL, TICK};
use super::{DrawError, Picture, nullable, same_length, tiles};

const FIGURE: &str = "fig7";
/// Names of common terms that are listed.
const LISTED: usize = 10;

/// What figure 7 shows (Fu et al. 2025, Fig. 7): `fig7.json`.
///
/// P phases, of which phase k has seen the first k systems.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig7 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// Seed of the scientist.
    pub(crate) seed: u64,
    /// The system that joins at each phase, `[P]`.
    pub(crate) systems: Vec<String>,
    /// Largest test RMSE over the systems seen at each phase's end, `[P]`.
    #[serde(with = "nullable")]
    pub(crate) rmse: Vec<f64>,
    /// One map for every phase and system seen, phase by phase, `[P (P + 1) / 2]`.
    pub(crate) maps: Vec<Fig7Map>,
    /// Terms significant for every system after the last phase, in Unicode, the strongest first.
    pub(crate) shared: Vec<String>,
}

/// The correlations of the significant activations on one system after one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig7Map {
    /// The phase, counted from 1.
    pub(crate) phase: usize,
    /// The system.
    pub(crate) system: String,
    /// The significant terms in clustered order, in ASCII, `[n]`; none if the activations are not
    /// finite.
    pub(crate) terms: Vec<String>,
    /// How many they are with equal functions merged.
    pub(crate) merged: usize,
    /// Their correlations, row-major `[n, n]`; `null` where an activation is constant.
    #[serde(with = "nullable::single")]
    pub(crate) correlation: Vec<f64>,
}

/// Draws figure 7: rows of phases, columns of systems, the number of significant terms above each
/// map; in the empty corner the colour bar and the terms that all systems share in the end.
///
/// # Errors
/// A triangle of maps that is not whole, correlations that are not `[n, n]`, no map at all.
pub(crate) fn draw(data: &Fig7) -> Result<Picture, DrawError> {
    let phases = data.systems.len();
    same_length(FIGURE, "rmse", data.rmse.len(), phases, "`systems`")?;
    let of = "the triangle of phases and systems";
    same_length(
        FIGURE,
        "maps",
        data.maps.len(),
        phases * (phases + 1) / 2,
        of,
    )?;
    if data.maps.iter().all(|map| map.terms.is_empty()) {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "maps",
        });
    }
    for map in &data.maps {
        let n = map.terms.len();
        let of = "`terms` by `terms`";
        same_length(FIGURE, "correlation", map.correlation.len(), n * n, of)?;
    }

    const LEFT: f64 = 132.0;
    const TOP: f64 = 66.0;
    let pitch = (985.0 - LEFT) / phases as f64;
    let side = pitch - 14.0;
    let row = side + 38.0;
    let title = format!("recipe {}, seed {}", data.recipe, data.seed);
    let mut sheet = Sheet::new(TOP + row * phases as f64 + 46.0, title);
    let mut maps = data.maps.iter();
    for phase in 0..phases {
        let top = TOP + 14.0 + row * phase as f64;
        let middle = top + side / 2.0;
        let name = format!("phase {}", phase + 1);
        let joins = format!("+ {}", data.systems[phase]);
        let error = match data.rmse[phase].is_finite() {
            true => format!("RMSE {}", super::style::rounded(data.rmse[phase])),
            false => "RMSE ∞".to_string(),
        };
        for (line, text) in [name, joins, error].into_iter().enumerate() {
            let size = if line == 0 { LABEL } else { TICK };
            let at = (16.0, middle - 16.0 + 21.0 * line as f64);
            sheet.text(at, &text, size, TextAnchor::Start);
        }
        for column in 0..=phase {
            let left = LEFT + pitch * column as f64;
            let frame = Frame {
                across: (left, left + side),
                down: (top, top + side),
                x: (0.0, 1.0),
                y: (0.0, 1.0),
            };
            let Some(map) = maps.next() else { break };
            let n = map.terms.len();
            let heading = match n {
                0 => "not finite".to_string(),
                1 => "1 term".to_string(),
                _ => format!("{n} terms"),
            };
            let at = (frame.middle().0, top - 6.0);
            sheet.text(at, &heading, TICK, TextAnchor::Middle);
            if n == 0 {
                sheet.outline(frame.across, frame.down);
            } else {
                tiles::cells(&mut sheet, &frame, n, &map.correlation, tiles::correlation);
            }
            if phase + 1 == phases {
                let at = (frame.middle().0, frame.down.1 + 24.0);
                sheet.text(at, &map.system, LABEL, TextAnchor::Middle);
            }
        }
    }
    // The corner has room from the second phase on.
    if phases > 2 {
        let bar = (TOP + 34.0, TOP + 34.0 + side);
        let left = 985.0 - 75.0;
        tiles::bar(
            &mut sheet,
            left,
            bar,
            (-1.0, 1.0),
            tiles::correlation,
            "correlation",
        );
        // Beside the two maps of the second row, above the three of the third.
        let left = LEFT + pitch * 2.0 + 8.0;
        let heading = format!("significant for all {phases} systems in the end");
        sheet.text((left, TOP + 20.0), &heading, TICK, TextAnchor::Start);
        let mut lines: Vec<String> = data.shared.iter().take(LISTED).cloned().collect();
        match data.shared.len() {
            0 => lines.push("none".into()),
            n if n > LISTED => lines.push(format!("and {} more", n - LISTED)),
            _ => {}
        }
        for (line, text) in lines.iter().enumerate() {
            let at = (left, TOP + 44.0 + 21.0 * line as f64);
            sheet.text(at, text, TICK, TextAnchor::Start);
        }
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::*;

    /// Made up: blocks of correlations, fewer terms at each phase.
    fn synthetic() -> Fig7 {
        let systems = ["classical", "pendulum", "kepler", "relativistic"];
        let names = super::super::by_term::made_up::terms();
        let mut maps = Vec::new();
        for phase in 0..4 {
            for system in systems.iter().take(phase + 1) {
                let n = [38, 19, 11, 7][phase] - 2 * (system.len() % 3);
                let block = |i: usize| 3 * i / n;
                let correlation = (0..n * n)
                    .map(|cell| (cell / n, cell % n))
                    .map(|(i, j)| match (block(i) == block(j), i.abs_diff(j)) {
                        (true, apart) => 1.0 - 0.03 * apart as f64,
                        (false, apart) => (0.9 - 0.1 * apart as f64).max(-0.7),
                    })
                    .collect();
                maps.push(Fig7Map {
                    phase: phase + 1,
                    system: system.to_string(),
                    terms: (0..n).map(|i| names[i + 20].ascii.clone()).collect(),
                    merged: n / 2,
                    correlation,
                });
            }
        }
        Fig7 {
            recipe: "reference".into(),
            seed: 52,
            systems: systems.map(String::from).to_vec(),
            rmse: vec![3.2e-4, 2.2e-3, 3.14e-3, f64::INFINITY],
            maps,
            shared: names[40..46].iter().map(|term| term.name.clone()).collect(),
        }
    }

    #[test]
    fn the_picture_has_a_triangle_of_maps() {
        let data = synthetic();
        let picture = draw(&data).unwrap();
        crate::draw::look("fig7", &picture);
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        let headings = labels.iter().filter(|l| l.ends_with(" terms")).count();
        assert_eq!(headings, 10, "{labels:?}");
        for label in ["phase 4", "+ kepler", "kepler", "correlation", "RMSE ∞"] {
            assert_eq!(count(label), 1, "{label}: {labels:?}");
        }
        for name in &data.shared {
            assert_eq!(count(name), 1, "{name}");
        }
        assert!(picture.svg.len() < 600_000, "{} bytes", picture.svg.len());
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn a_map_without_numbers_says_so() {
        let mut data = synthetic();
        data.maps[2].terms.clear();
        data.maps[2].correlation.clear();
        data.maps[5].correlation[1] = f64::NAN;
        data.shared.clear();
        let picture = draw(&data).unwrap();
        let labels = labels(&picture.svg);
        assert!(labels.contains(&"not finite".to_string()));
        assert!(labels.contains(&"none".to_string()));
        assert!(!picture.svg.contains("NaN"));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let mut data = synthetic();
        data.maps[0].correlation.pop();
        assert!(matches!(
            draw(&data),
            Err(DrawError::Shape {
                what: "correlation",
                ..
            })
        ));
        data.maps.pop();
        assert!(matches!(
            draw(&data),
            Err(DrawError::Shape { what: "maps", .. })
        ));
    }
}

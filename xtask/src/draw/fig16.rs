//! Figure 16: contours of the learned S, systems by scientists.

use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};

use super::contour::Field;
use super::contour_map::{Scale, check_axis, map};
use super::sheet::{Frame, Sheet};
use super::style::TICK;
use super::{DrawError, Picture, nullable, same_length};

const FIGURE: &str = "fig16";

/// What figure 16 shows (Fu et al. 2025, Fig. 16): `fig16.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig16 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// Panels row by row; a row a system.
    pub(crate) rows: Vec<Fig16Row>,
}

/// The scientists of one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig16Row {
    /// The system.
    pub(crate) system: String,
    /// Positions, increasing, `[X]`.
    pub(crate) x: Vec<f64>,
    /// Velocities, increasing, `[Y]`.
    pub(crate) y: Vec<f64>,
    /// One map a scientist.
    pub(crate) maps: Vec<Fig16Map>,
}

/// S of one scientist on the grid of its row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig16Map {
    /// Its seed.
    pub(crate) seed: u64,
    /// Its shape in words, `ellipse`.
    pub(crate) shape: String,
    /// R² of the best quadratic form.
    #[serde(with = "nullable::one")]
    pub(crate) quadratic_r2: f64,
    /// S(x, y), row-major `[Y, X]`; `null` outside the domain.
    #[serde(with = "nullable::single")]
    pub(crate) learned: Vec<f64>,
}

/// Draws figure 16: a contour map with its own colour bar for every system and scientist, numbered
/// as the paper does (row.column).
///
/// # Errors
/// No map, a grid that is not increasing, fields that are not `[Y, X]`, no finite value.
pub(crate) fn draw(data: &Fig16) -> Result<Picture, DrawError> {
    let columns = data
        .rows
        .iter()
        .map(|row| row.maps.len())
        .max()
        .unwrap_or(0);
    if columns == 0 {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "rows",
        });
    }
    const TOP: f64 = 94.0;
    let pitch = 964.0 / columns.max(3) as f64;
    let side = pitch - 126.0;
    let row_height = side + 96.0;
    let title = format!("recipe {}, scientists of one system each", data.recipe);
    let mut sheet = Sheet::new(TOP + row_height * data.rows.len() as f64 - 40.0, title);
    for (place, row) in data.rows.iter().enumerate() {
        check_axis(FIGURE, "x", &row.x)?;
        check_axis(FIGURE, "y", &row.y)?;
        let top = TOP + row_height * place as f64;
        for (column, one) in row.maps.iter().enumerate() {
            let nodes = row.x.len() * row.y.len();
            let of = "the grid `y` by `x`";
            same_length(FIGURE, "learned", one.learned.len(), nodes, of)?;
            let left = 52.0 + pitch * column as f64;
            let frame = Frame {
                across: (left, left + side),
                down: (top, top + side),
                x: (row.x[0], row.x[row.x.len() - 1]),
                y: (row.y[0], row.y[row.y.len() - 1]),
            };
            let field = Field {
                x: &row.x,
                y: &row.y,
                values: &one.learned,
            };
            let Some(scale) = Scale::of(&one.learned) else {
                return Err(DrawError::Empty {
                    figure: FIGURE,
                    what: "learned",
                });
            };
            map(&mut sheet, &frame, &field, scale, "S");
            let heading = format!(
                "{}.{} {}, seed {}: {}",
                place + 1,
                column + 1,
                row.system,
                one.seed,
                one.shape
            );
            sheet.text((left - 26.0, top - 32.0), &heading, TICK, TextAnchor::Start);
            // Axis labels close to the axes: the rows stand near each other.
            sheet.text((left - 18.0, top - 9.0), "y = ẋ", TICK, TextAnchor::Start);
            let below = (frame.middle().0, frame.down.1 + 36.0);
            sheet.text(below, "x", TICK, TextAnchor::Middle);
        }
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::*;

    /// Made up: conic sections.
    fn synthetic() -> Fig16 {
        let axis = |low: f64, high: f64| -> Vec<f64> {
            (0..61)
                .map(|i| low + (high - low) * f64::from(i) / 60.0)
                .collect()
        };
        let row = |system: &str, x: Vec<f64>, y: Vec<f64>, gap: f64| Fig16Row {
            system: system.into(),
            maps: [(0, 1.0, 1.0), (1, 1.0, -0.8), (4, 0.02, -3.0)]
                .map(|(seed, a, b)| Fig16Map {
                    seed,
                    shape: if a * b > 0.0 { "ellipse" } else { "hyperbola" }.into(),
                    quadratic_r2: 0.99,
                    learned: y
                        .iter()
                        .flat_map(|y| x.iter().map(move |x| (*x, *y)))
                        .map(|(x, y)| match x.abs() < gap {
                            true => f64::NAN,
                            false => a * x * x + 0.2 * x * y + b * y * y - 0.1 * x,
                        })
                        .collect(),
                })
                .to_vec(),
            x,
            y,
        };
        Fig16 {
            recipe: "reference".into(),
            rows: vec![
                row("classical", axis(-1.0, 1.0), axis(-1.0, 1.0), 0.0),
                row("pendulum", axis(-3.0, 3.0), axis(-3.0, 3.0), 0.0),
                row("kepler", axis(-2.0, 2.0), axis(0.0, 1.0), 0.5),
            ],
        }
    }

    #[test]
    fn the_picture_has_nine_maps() {
        let data = synthetic();
        let picture = draw(&data).unwrap();
        crate::draw::look("fig16", &picture);
        let labels = labels(&picture.svg);
        for label in [
            "1.1 classical, seed 0: ellipse",
            "3.2 kepler, seed 1: hyperbola",
        ] {
            let count = labels.iter().filter(|l| *l == label).count();
            assert_eq!(count, 1, "{label}: {labels:?}");
        }
        assert_eq!(labels.iter().filter(|l| *l == "S").count(), 9);
        assert!(!picture.svg.contains("NaN"));
        assert!(picture.svg.len() < 700_000, "{} bytes", picture.svg.len());
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let mut data = synthetic();
        data.rows[1].maps[1].learned.pop();
        assert!(matches!(draw(&data), Err(DrawError::Shape { .. })));
        data.rows[1].y.reverse();
        assert!(matches!(
            draw(&data),
            Err(DrawError::Shape { what: "y", .. })
        ));
        data.rows.clear();
        assert!(matches!(draw(&data), Err(DrawError::Empty { .. })));
    }
}

//! Figure 4: contours of the learned S beside x² + y².

use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};

use super::contour::Field;
use super::contour_map::{Scale, check_axis, map};
use super::sheet::{Frame, Sheet};
use super::style::TICK;
use super::{DrawError, Picture, nullable, same_length};

const FIGURE: &str = "fig4";

/// What figure 4 shows (Fu et al. 2025, Fig. 4): `fig4.json`.
///
/// A grid of X by Y states of a system of one degree of freedom. `null` in place of a number is a
/// value that is not finite; it is left grey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig4 {
    /// Identifier of the system, `classical`.
    pub(crate) system: String,
    /// Name of the recipe, `paper`.
    pub(crate) recipe: String,
    /// Seed of the scientist.
    pub(crate) seed: u64,
    /// Positions, increasing, `[X]`.
    pub(crate) x: Vec<f64>,
    /// Velocities, increasing, `[Y]`.
    pub(crate) y: Vec<f64>,
    /// The learned S(x, y), row-major `[Y, X]`.
    #[serde(with = "nullable")]
    pub(crate) learned: Vec<f64>,
    /// x² + y², twice the Hamiltonian of the classical system, row-major `[Y, X]`.
    #[serde(with = "nullable")]
    pub(crate) hamiltonian: Vec<f64>,
}

/// Draws figure 4: two filled contour maps, each with iso-lines and a colour bar of its own.
///
/// # Errors
/// A grid that is not increasing or too small, fields that are not `[Y, X]`, no finite value.
pub(crate) fn draw(data: &Fig4) -> Result<Picture, DrawError> {
    let nodes = data.x.len() * data.y.len();
    same_length(
        FIGURE,
        "learned",
        data.learned.len(),
        nodes,
        "the grid `y` by `x`",
    )?;
    same_length(
        FIGURE,
        "hamiltonian",
        data.hamiltonian.len(),
        nodes,
        "the grid `y` by `x`",
    )?;
    check_axis(FIGURE, "x", &data.x)?;
    check_axis(FIGURE, "y", &data.y)?;
    let title = format!(
        "{}, recipe {}, seed {}",
        data.system, data.recipe, data.seed
    );
    let mut sheet = Sheet::new(470.0, title);
    let panels = [
        (88.0, 'a', "learned S", "S(x, y)", "learned", &data.learned),
        (
            590.0,
            'b',
            "x² + y²",
            "x² + y²",
            "hamiltonian",
            &data.hamiltonian,
        ),
    ];
    for (left, letter, heading, label, what, values) in panels {
        let field = Field {
            x: &data.x,
            y: &data.y,
            values,
        };
        let frame = Frame {
            across: (left, left + 310.0),
            down: (84.0, 394.0),
            x: (data.x[0], data.x[data.x.len() - 1]),
            y: (data.y[0], data.y[data.y.len() - 1]),
        };
        let Some(scale) = Scale::of(values) else {
            return Err(DrawError::Empty {
                figure: FIGURE,
                what,
            });
        };
        let heading = match scale.whole {
            true => heading.to_string(),
            false => format!("{heading} (middle 96 %)"),
        };
        map(&mut sheet, &frame, &field, scale, label);
        sheet.x_label(&frame, "x");
        sheet.y_label(&frame, "y = ẋ");
        sheet.letter(left - 74.0, &frame, letter);
        let at = (frame.middle().0, frame.down.0 - 13.0);
        sheet.text(at, &heading, TICK + 2, TextAnchor::Middle);
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::super::style::MISSING;
    use super::super::typeset::labels;
    use super::*;

    /// Made up: a tilted bowl, not a trained network.
    fn synthetic() -> Fig4 {
        let axis: Vec<f64> = (0..101).map(|i| -1.0 + 0.02 * f64::from(i)).collect();
        let over = |f: fn(f64, f64) -> f64| -> Vec<f64> {
            axis.iter()
                .flat_map(|y| axis.iter().map(|x| f(*x, *y)).collect::<Vec<_>>())
                .collect()
        };
        Fig4 {
            system: "classical".into(),
            recipe: "paper".into(),
            seed: 0,
            learned: over(|x, y| {
                -0.31 * (1.1 * x * x + y * y) + 0.03 * x * y + 0.02 * (3.0 * x).sin() - 0.12
            }),
            hamiltonian: over(|x, y| x * x + y * y),
            x: axis.clone(),
            y: axis,
        }
    }

    #[test]
    fn the_picture_has_its_labels_letters_and_levels() {
        let picture = draw(&synthetic()).unwrap();
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        assert_eq!((count("(a)"), count("(b)")), (1, 1), "{labels:?}");
        assert_eq!((count("x"), count("y = ẋ")), (2, 2));
        assert_eq!(
            (count("S(x, y)"), count("learned S"), count("x² + y²")),
            (1, 1, 2)
        );
        assert_eq!(count("classical, recipe paper, seed 0"), 1);
        // x² + y² on [−1, 1]² has the levels 0.2, 0.4, … 1.8: up to 0.8 a circle, above it and at
        // 1.0 (which touches the sides in four nodes) arcs in the four corners.
        let lines = picture.svg.matches("stroke=\"#ffffff\"").count();
        assert!(lines >= 4 + 4 * 4 + 5, "{lines} iso-lines");
        assert!(picture.svg.len() < 300_000, "{} bytes", picture.svg.len());
        assert!(!picture.svg.contains("@font-face"));
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let data = synthetic();
        assert_eq!(draw(&data).unwrap(), draw(&data).unwrap());
    }

    #[test]
    fn what_is_not_finite_is_left_grey() {
        let mut data = synthetic();
        data.learned[5_000] = f64::NAN;
        data.learned[0] = f64::INFINITY;
        data.hamiltonian[10_200] = f64::NEG_INFINITY;
        let picture = draw(&data).unwrap();
        assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"));
        assert_eq!(
            picture.svg.matches(&format!("fill=\"{MISSING}\"")).count(),
            3
        );
    }

    #[test]
    fn a_pole_does_not_take_all_colours() {
        let mut data = synthetic();
        data.learned[77] = -1e12;
        let labels = labels(&draw(&data).unwrap().svg);
        assert!(labels.contains(&"learned S (middle 96 %)".to_string()));
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        let data = synthetic();
        let none = Fig4 {
            learned: vec![f64::NAN; data.learned.len()],
            ..data.clone()
        };
        assert_eq!(
            draw(&none),
            Err(DrawError::Empty {
                figure: "fig4",
                what: "learned"
            })
        );
        let short = Fig4 {
            hamiltonian: vec![0.0; 7],
            ..data.clone()
        };
        assert!(matches!(
            draw(&short),
            Err(DrawError::Shape {
                what: "hamiltonian",
                ..
            })
        ));
        let back = Fig4 {
            x: data.x.iter().rev().copied().collect(),
            ..data.clone()
        };
        assert!(matches!(
            draw(&back),
            Err(DrawError::Shape { what: "x", .. })
        ));
        let flat = Fig4 {
            learned: vec![2.0; data.learned.len()],
            ..data
        };
        assert!(draw(&flat).is_ok(), "a flat S is drawn in one colour");
    }

    #[test]
    fn the_file_round_trips_and_refuses_what_it_does_not_know() {
        let data = synthetic();
        let text = serde_json::to_string(&data).unwrap();
        let back: Fig4 = serde_json::from_str(&text).unwrap();
        assert_eq!(
            draw(&back).unwrap(),
            draw(&data).unwrap(),
            "a file read back draws the same"
        );
        assert!(serde_json::from_str::<Fig4>(&text.replacen("seed", "sede", 1)).is_err());
    }
}

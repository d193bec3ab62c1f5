//! Figure 11: from Hamiltonian to Lagrangian theories as the number of systems grows.

use serde::{Deserialize, Serialize};

use super::fig10::{Series, frame, heading, legend, panel};
use super::sheet::{Sheet, Swatch};
use super::style::{BLUE, GREY, VERMILLION};
use super::{DrawError, Estimate, Picture, same_length};

const FIGURE: &str = "fig11";

/// What figure 11 shows (Fu et al. 2025, Fig. 11): `fig11.json`.
///
/// K phases; at the end of each, every scientist is asked about the system that joined last.
/// Shares lie in [0, 1] with Wilson's 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig11 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// Number of scientists trained.
    pub(crate) scientists: usize,
    /// The system that joins at each phase, `[K]`.
    pub(crate) systems: Vec<String>,
    /// Every phase, `[K]`.
    pub(crate) all: Vec<Fig11Phase>,
    /// The same of the scientists that are correct at the phase's end alone, `[K]`.
    pub(crate) correct: Vec<Fig11Phase>,
    /// For each phase all systems seen, not the newest alone: phase by phase, `[K (K + 1) / 2]`.
    pub(crate) by_system: Vec<Fig11Cell>,
}

/// How near scientists are to the exact L of one system at the end of one phase: means, less and plus
/// the standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig11Cell {
    /// R² of S ≈ a L + c.
    pub(crate) scalar_lagrangian: Estimate,
    /// R² of fitting activations to those of the exact L.
    pub(crate) fit_lagrangian: Estimate,
}

pub(crate) use mass_interp::TheoryCensus as Fig11Phase;

/// Draws figure 11: (a) shares by sign; (b) R² of linear fits, mean and standard deviation; (c) how
/// well the two exact theories work with the learned scalar, which tells them apart where the fits
/// cannot.
///
/// # Errors
/// Lengths that differ, no phase.
pub(crate) fn draw(data: &Fig11) -> Result<Picture, DrawError> {
    let phases = data.systems.len();
    same_length(FIGURE, "all", data.all.len(), phases, "`systems`")?;
    same_length(FIGURE, "correct", data.correct.len(), phases, "`systems`")?;
    let cells = phases * (phases + 1) / 2;
    let of = "`systems` up to each phase";
    same_length(FIGURE, "by_system", data.by_system.len(), cells, of)?;
    if data.all.is_empty() {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "all",
        });
    }
    let title = format!(
        "recipe {}, {} scientists, asked about the newest system",
        data.recipe, data.scientists
    );
    let mut sheet = Sheet::new(462.0, title);
    let of = |phases: &[Fig11Phase], value: fn(&Fig11Phase) -> Estimate| -> Vec<Estimate> {
        phases.iter().map(value).collect()
    };
    let percent = |estimates: Vec<Estimate>| estimates.iter().map(Estimate::percent).collect();
    let left = frame(72.0, phases, (-4.0, 104.0));
    let bare = |estimates: Vec<Estimate>| estimates.iter().map(Estimate::bare).collect();
    let series = [
        Series::new(percent(of(&data.all, |p| p.lagrangian)), BLUE, false),
        Series::new(percent(of(&data.all, |p| p.hamiltonian)), VERMILLION, false),
        Series::new(
            bare(percent(of(&data.correct, |p| p.lagrangian))),
            BLUE,
            true,
        ),
        Series::new(
            bare(percent(of(&data.correct, |p| p.hamiltonian))),
            VERMILLION,
            true,
        ),
    ];
    panel(&mut sheet, &left, &series, Some(25.0));
    heading(&mut sheet, &left, 'a', "% of scientists");
    legend(
        &mut sheet,
        &left,
        &[
            ("Lagrangian: c₁c₂ < 0", BLUE, Swatch::Line(2.0)),
            ("Hamiltonian: c₁c₂ > 0", VERMILLION, Swatch::Line(2.0)),
            ("the correct ones alone", GREY, Swatch::Dashes(2.0)),
        ],
    );

    let middle = frame(390.0, phases, (-0.05, 1.1));
    let series = [
        Series::new(of(&data.all, |p| p.fit_lagrangian), BLUE, false),
        Series::new(of(&data.all, |p| p.fit_hamiltonian), VERMILLION, false),
    ];
    panel(&mut sheet, &middle, &series, Some(0.25));
    heading(&mut sheet, &middle, 'b', "R² of linear fits of activations");
    legend(
        &mut sheet,
        &middle,
        &[
            ("to those of the exact L", BLUE, Swatch::Line(2.0)),
            ("to those of the exact H", VERMILLION, Swatch::Line(2.0)),
        ],
    );

    let right = frame(708.0, phases, (-0.05, 1.1));
    let series = [
        Series::new(of(&data.all, |p| p.reading_lagrangian), BLUE, false),
        Series::new(of(&data.all, |p| p.reading_hamiltonian), VERMILLION, false),
    ];
    panel(&mut sheet, &right, &series, Some(0.25));
    heading(&mut sheet, &right, 'c', "score with the learned S");
    legend(
        &mut sheet,
        &right,
        &[
            ("Euler–Lagrange, with quartiles", BLUE, Swatch::Line(2.0)),
            ("−S_x", VERMILLION, Swatch::Line(2.0)),
        ],
    );
    sheet.finish()
}

#[cfg(test)]
pub(crate) mod made_up {
    use super::*;

    pub(crate) fn synthetic() -> Fig11 {
        let systems = [
            "classical",
            "pendulum",
            "kepler",
            "relativistic",
            "alpha",
            "beta",
        ];
        let about = |value: f64, bar: f64| Estimate {
            value,
            low: value - bar,
            high: value + bar,
        };
        let phase = |k: usize| {
            let lagrangian = [0.06, 0.1, 0.7, 0.85, 0.9, 0.95][k];
            Fig11Phase {
                counted: 20,
                unreadable: 0,
                lagrangian: about(lagrangian, 0.08),
                hamiltonian: about(1.0 - lagrangian, 0.08),
                lagrangian_printed: about(lagrangian, 0.08),
                lagrangian_by_side: about(lagrangian, 0.08),
                lagrangian_by_curvature: about(lagrangian, 0.08),
                described: 40,
                lagrangian_described: about(lagrangian, 0.1),
                nearer_lagrangian: about(lagrangian, 0.08),
                energy_r2: about(0.8, 0.1),
                fit_lagrangian: about(0.6 + 0.05 * k as f64, 0.2),
                fit_hamiltonian: about(0.7 - 0.03 * k as f64, 0.15),
                fit_hamiltonian_printed: about(0.7 - 0.03 * k as f64, 0.15),
                scalar_lagrangian: about(0.3 + 0.1 * k as f64, 0.1),
                scalar_hamiltonian: about(0.7 - 0.1 * k as f64, 0.1),
                reading_lagrangian: about(0.3 + 0.1 * k as f64, 0.1),
                reading_hamiltonian: about(0.7 - 0.1 * k as f64, 0.1),
                helmholtz: about(1e-3, 1e-4),
                helmholtz_judged: 20,
            }
        };
        Fig11 {
            recipe: "reference".into(),
            scientists: 20,
            systems: systems.map(String::from).to_vec(),
            all: (0..6).map(phase).collect(),
            correct: (0..6).map(phase).collect(),
            by_system: (0..21)
                .map(|cell| Fig11Cell {
                    scalar_lagrangian: about(0.3 + 0.02 * f64::from(cell), 0.1),
                    fit_lagrangian: about(0.5, 0.1),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::made_up::synthetic;
    use super::*;

    #[test]
    fn the_picture_has_its_labels_and_letters() {
        let data = synthetic();
        let picture = draw(&data).unwrap();
        crate::draw::look("fig11", &picture);
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        for label in [
            "(a)",
            "(b)",
            "(c)",
            "% of scientists",
            "R² of linear fits of activations",
            "Hamiltonian: c₁c₂ > 0",
            "Euler–Lagrange, with quartiles",
        ] {
            assert_eq!(count(label), 1, "{label}: {labels:?}");
        }
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn nothing_counted_is_a_gap() {
        let mut data = synthetic();
        data.all[3].fit_hamiltonian.value = f64::NAN;
        assert!(!draw(&data).unwrap().svg.contains("NaN"));
        for phase in &mut data.all {
            phase.counted = 0;
            for share in [&mut phase.lagrangian, &mut phase.hamiltonian] {
                *share = Estimate::NONE;
            }
        }
        assert!(!draw(&data).unwrap().svg.contains("NaN"));
        data.correct.pop();
        assert!(matches!(draw(&data), Err(DrawError::Shape { .. })));
        data.systems.clear();
        data.all.clear();
        data.correct.clear();
        data.by_system.clear();
        assert!(matches!(draw(&data), Err(DrawError::Empty { .. })));
    }
}

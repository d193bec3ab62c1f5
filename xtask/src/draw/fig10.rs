//! Figure 10: what becomes of a population as the number of systems grows.

use kuva::prelude::TickFormat;
use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::series::{dashed, dots, line, whiskers};
use super::sheet::{Frame, Sheet, Swatch};
use super::style::{BLUE, GREEN, LABEL, SKY, VERMILLION, number};
use super::{DrawError, Estimate, Picture, nullable, same_length};

const FIGURE: &str = "fig10";

/// What figure 10 shows (Fu et al. 2025, Fig. 10): `fig10.json`.
///
/// K phases, E scientists. Shares lie in [0, 1] with Wilson's 95 % interval; means have their
/// standard error about them. `null` in place of a number is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig10 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// The scientists, `[E]`.
    pub(crate) seeds: Vec<u64>,
    /// The system that joins at each phase, `[K]`.
    pub(crate) systems: Vec<String>,
    /// An error below this is correct, whether it is read as RMSE or as MSE.
    pub(crate) correct_below: f64,
    /// Share of scientists that are correct at each phase's end, by RMSE, `[K]`.
    pub(crate) correct: Vec<Estimate>,
    /// Share of those that were so at every phase up to it, by RMSE, `[K]`.
    pub(crate) always_correct: Vec<Estimate>,
    /// The same by MSE, `[K]`.
    pub(crate) correct_mse: Vec<Estimate>,
    /// The same by MSE, `[K]`.
    pub(crate) always_correct_mse: Vec<Estimate>,
    /// Mean number of terms that make 95 % of Σ E|a|, averaged over the systems seen, `[K]`.
    pub(crate) terms: Vec<Estimate>,
    /// The same with equal functions merged, `[K]`.
    pub(crate) terms_merged: Vec<Estimate>,
    /// Mean number of weights that make 95 % of Σ|w|, `[K]`.
    pub(crate) weights: Vec<Estimate>,
    /// Scientists on poles at more than a tenth of the states of some system at a phase's end, left
    /// out of the means, `[K]`.
    pub(crate) unreadable: Vec<usize>,
    /// The same number of terms as `terms`, system by system: for each phase the systems seen,
    /// phase by phase, `[K (K + 1) / 2]`.
    pub(crate) terms_by_system: Vec<Estimate>,
    /// Largest test RMSE of each scientist over the systems seen, row-major `[K, E]`.
    #[serde(with = "nullable")]
    pub(crate) rmse: Vec<f64>,
}

/// Draws figure 10: (a) shares of correct scientists by RMSE; (b) by MSE; (c) numbers of
/// significant terms.
///
/// # Errors
/// Lengths that differ, no system, no finite share.
pub(crate) fn draw(data: &Fig10) -> Result<Picture, DrawError> {
    let phases = data.systems.len();
    for (what, found) in [
        ("correct", &data.correct),
        ("always_correct", &data.always_correct),
        ("correct_mse", &data.correct_mse),
        ("always_correct_mse", &data.always_correct_mse),
        ("terms", &data.terms),
        ("terms_merged", &data.terms_merged),
        ("weights", &data.weights),
    ] {
        same_length(FIGURE, what, found.len(), phases, "`systems`")?;
    }
    if !data.correct.iter().any(|share| share.value.is_finite()) {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "correct",
        });
    }
    let title = format!(
        "recipe {}, {} scientists, continued training",
        data.recipe,
        data.seeds.len()
    );
    let mut sheet = Sheet::new(462.0, title);
    let below = number(data.correct_below);
    let panels = [
        (
            72.0,
            'a',
            format!("RMSE < {below}"),
            &data.correct,
            &data.always_correct,
        ),
        (
            390.0,
            'b',
            format!("MSE < {below}"),
            &data.correct_mse,
            &data.always_correct_mse,
        ),
    ];
    for (left, letter, reading, correct, always) in panels {
        let frame = frame(left, phases, (-4.0, 104.0));
        let percent = |shares: &[Estimate]| shares.iter().map(Estimate::percent).collect();
        let series = [
            Series::new(percent(correct), BLUE, false),
            Series::new(percent(always), SKY, true),
        ];
        panel(&mut sheet, &frame, &series, Some(25.0));
        heading(
            &mut sheet,
            &frame,
            letter,
            &format!("% of scientists, {reading}"),
        );
        legend(
            &mut sheet,
            &frame,
            &[
                ("correct", BLUE, Swatch::Line(2.0)),
                ("always correct", SKY, Swatch::Dashes(2.0)),
            ],
        );
    }
    let counts = [&data.terms, &data.terms_merged, &data.weights];
    let highest = counts
        .iter()
        .flat_map(|counts| counts.iter().map(|count| count.high))
        .filter(|v| v.is_finite())
        .fold(1.0, f64::max);
    let frame = frame(708.0, phases, (0.0, highest * 1.06));
    let series = [
        Series::new(data.weights.clone(), GREEN, false),
        Series::new(data.terms_merged.clone(), VERMILLION, true),
        Series::new(data.terms.clone(), VERMILLION, false),
    ];
    panel(&mut sheet, &frame, &series, None);
    heading(&mut sheet, &frame, 'c', "number of terms that make 95 %");
    legend(
        &mut sheet,
        &frame,
        &[
            ("of Σ E|a_i|", VERMILLION, Swatch::Line(2.0)),
            (
                "the same, equal ones merged",
                VERMILLION,
                Swatch::Dashes(2.0),
            ),
            ("of Σ|w_i|", GREEN, Swatch::Line(2.0)),
        ],
    );
    sheet.finish()
}

/// Values at the phases, and how they look.
pub(super) struct Series {
    values: Vec<Estimate>,
    colour: &'static str,
    broken: bool,
}

impl Series {
    pub(super) fn new(values: Vec<Estimate>, colour: &'static str, broken: bool) -> Self {
        Self {
            values,
            colour,
            broken,
        }
    }
}

/// A panel with a place for each phase.
pub(super) fn frame(left: f64, phases: usize, y: (f64, f64)) -> Frame {
    Frame {
        across: (left, left + 262.0),
        down: (72.0, 330.0),
        x: (0.6, phases.max(1) as f64 + 0.4),
        y,
    }
}

/// Series over the number of systems, with their error bars.
pub(super) fn panel(sheet: &mut Sheet, frame: &Frame, series: &[Series], step: Option<f64>) {
    // A little apart, so that bars do not hide each other.
    let aside = |place: usize| 0.06 * (place as f64 - (series.len() as f64 - 1.0) / 2.0);
    let points = |place: usize| -> Vec<(f64, f64)> {
        let values = series[place].values.iter().enumerate();
        values
            .map(|(phase, estimate)| (phase as f64 + 1.0 + aside(place), estimate.value))
            .filter(|(_, value)| value.is_finite())
            .collect()
    };
    // A line that leaves the panel runs along its side.
    let inside = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        let clamped = |(x, y): (f64, f64)| (x, y.clamp(frame.y.0, frame.y.1));
        points.into_iter().map(clamped).collect()
    };
    let plots = series
        .iter()
        .enumerate()
        .map(|(place, series)| (inside(points(place)), series))
        .filter(|(points, _)| !points.is_empty())
        .map(|(points, series)| match series.broken {
            true => dashed(points, series.colour, 2.0),
            false => line(points, series.colour, 2.0),
        })
        .collect();
    // Systems are counted, so only whole numbers are numbered.
    let whole = |v: f64| match (v - v.round()).abs() < 1e-9 {
        true => number(v.round()),
        false => String::new(),
    };
    let mut layout = sheet
        .layout(frame)
        .with_x_tick_step(1.0)
        .with_x_tick_format(TickFormat::Custom(Arc::new(whole)));
    if let Some(step) = step {
        layout = layout.with_y_tick_step(step);
    }
    sheet.plots(plots, layout);
    for (place, series) in series.iter().enumerate() {
        let values = series.values.iter().enumerate();
        let bars: Vec<(f64, f64, f64)> = values
            .map(|(phase, e)| (phase as f64 + 1.0 + aside(place), e.low, e.high))
            .collect();
        whiskers(sheet, frame, &bars, series.colour);
        dots(sheet, frame, &points(place), 3.6, series.colour);
    }
    sheet.x_label(frame, "number of systems");
}

/// The letter of a panel and what its y axis measures.
pub(super) fn heading(sheet: &mut Sheet, frame: &Frame, letter: char, label: &str) {
    sheet.letter(frame.across.0 - 58.0, frame, letter);
    let at = (frame.across.0 - 22.0, frame.down.0 - 13.0);
    sheet.text(at, label, LABEL, TextAnchor::Start);
}

/// The legend beneath a panel.
pub(super) fn legend(sheet: &mut Sheet, frame: &Frame, entries: &[(&str, &str, Swatch)]) {
    let at = (frame.across.0 + 6.0, frame.down.1 + 74.0);
    sheet.legend_block(at, frame.across.1 - frame.across.0, entries);
}

#[cfg(test)]
pub(super) mod made_up {
    use super::super::Estimate;

    /// Made up: a falling or rising series.
    pub(in crate::draw) fn series(values: &[f64], bar: f64) -> Vec<Estimate> {
        let estimate = |value: &f64| Estimate {
            value: *value,
            low: value - bar,
            high: value + bar,
        };
        values.iter().map(estimate).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::made_up::series;
    use super::*;

    fn synthetic() -> Fig10 {
        let systems = [
            "classical",
            "pendulum",
            "kepler",
            "relativistic",
            "alpha",
            "beta",
        ];
        Fig10 {
            recipe: "reference".into(),
            seeds: (0..20).collect(),
            systems: systems.map(String::from).to_vec(),
            correct_below: 5e-3,
            correct: series(&[1.0, 0.45, 0.55, 0.6, 0.5, 0.4], 0.1),
            always_correct: series(&[1.0, 0.45, 0.4, 0.35, 0.3, 0.2], 0.1),
            correct_mse: series(&[1.0, 1.0, 0.98, 0.97, 0.97, 0.95], 0.04),
            always_correct_mse: series(&[1.0, 1.0, 0.96, 0.95, 0.93, 0.9], 0.04),
            terms: series(&[31.0, 17.0, 12.0, 9.0, 8.0, 7.0], 1.5),
            terms_merged: series(&[21.0, 13.0, 10.0, 8.0, 7.0, 6.5], 1.0),
            weights: series(&[34.0, 20.0, 15.0, 12.0, 10.0, 9.0], 2.0),
            unreadable: vec![0; 6],
            terms_by_system: series(&[9.0; 21], 1.0),
            rmse: vec![1e-3; 120],
        }
    }

    #[test]
    fn the_picture_has_its_labels_letters_and_bars() {
        let data = synthetic();
        let picture = draw(&data).unwrap();
        crate::draw::look("fig10", &picture);
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        for (label, times) in [
            ("(a)", 1),
            ("(c)", 1),
            ("number of systems", 3),
            ("% of scientists, RMSE < 0.005", 1),
            ("% of scientists, MSE < 0.005", 1),
            ("always correct", 2),
            ("of Σ|w_i|", 1),
            ("6", 3),
        ] {
            assert!(count(label) >= times, "{label}: {labels:?}");
        }
        // Seven series of six points.
        assert_eq!(picture.svg.matches("<circle").count(), 7 * 6, "{labels:?}");
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn missing_means_leave_gaps_and_lengths_are_checked() {
        let mut data = synthetic();
        data.terms[2].value = f64::NAN;
        data.terms[2].low = f64::NAN;
        assert!(!draw(&data).unwrap().svg.contains("NaN"));
        let text = serde_json::to_string(&data).unwrap();
        let back: Fig10 = serde_json::from_str(&text).unwrap();
        assert!(back.terms[2].value.is_nan());
        data.weights.pop();
        assert!(matches!(
            draw(&data),
            Err(DrawError::Shape {
                what: "weights",
                ..
            })
        ));
    }
}

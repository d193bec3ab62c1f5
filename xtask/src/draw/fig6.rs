//! Figure 6: several scientists over four phases, some of which survive, fail, or revive.

use serde::{Deserialize, Serialize};

use super::series::{SMALLEST, decades, line, thinned};
use super::sheet::{Frame, LEGEND_ROW, Sheet, Swatch};
use super::style::{GREY, INK, SERIES, TICK, extent};
use super::{DrawError, Picture, nullable, same_length};
use kuva::render::render::TextAnchor;

const FIGURE: &str = "fig6";
/// Errors above this run along the upper side: a pole of an inverse reaches 10¹⁹.
const MOST: f64 = 1e2;

/// What figure 6 shows (Fu et al. 2025, Fig. 6): `fig6.json`.
///
/// K phases, M evaluations. `null` in place of a number is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig6 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// Number of scientists that the shown ones were chosen from.
    pub(crate) scientists: usize,
    /// The system that joins at each phase, `[K]`.
    pub(crate) systems: Vec<String>,
    /// The step at which each phase ends, increasing, `[K]`.
    pub(crate) ends: Vec<u64>,
    /// A scientist is correct while its largest test RMSE is below this at the end of a phase.
    pub(crate) correct_below: f64,
    /// The scientists shown.
    pub(crate) shown: Vec<Fig6Scientist>,
    /// What became of all of them.
    pub(crate) fates: Vec<Fig6Fate>,
}

/// One scientist of the figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig6Scientist {
    /// Its seed.
    pub(crate) seed: u64,
    /// What became of it, `fails at pendulum`.
    pub(crate) fate: String,
    /// Steps done at each evaluation, increasing, `[M]`.
    pub(crate) step: Vec<u64>,
    /// The objective over all systems seen, on the batch of that step, `[M]`.
    #[serde(with = "nullable")]
    pub(crate) loss: Vec<f64>,
    /// Largest test RMSE of the averaged weights over the systems seen, `[M]`.
    #[serde(with = "nullable")]
    pub(crate) rmse: Vec<f64>,
}

/// The scientists of one fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig6Fate {
    /// The fate, `always correct`.
    pub(crate) fate: String,
    /// Their seeds.
    pub(crate) seeds: Vec<u64>,
}

/// Draws figure 6: (a) the loss over all systems seen; (b) the largest test error, with the line
/// below which a scientist is correct.
///
/// # Errors
/// Lengths that differ, phases that do not follow each other, no positive loss or error.
pub(crate) fn draw(data: &Fig6) -> Result<Picture, DrawError> {
    let phases = data.systems.len();
    same_length(FIGURE, "ends", data.ends.len(), phases, "`systems`")?;
    if !data.ends.is_sorted_by(|a, b| a < b) {
        return Err(DrawError::Shape {
            figure: FIGURE,
            what: "ends",
            expected: "increasing".into(),
            found: format!("{:?}", data.ends),
        });
    }
    for one in &data.shown {
        let evaluations = one.step.len();
        same_length(FIGURE, "loss", one.loss.len(), evaluations, "`step`")?;
        same_length(FIGURE, "rmse", one.rmse.len(), evaluations, "`step`")?;
    }
    let title = format!(
        "recipe {}, {} of {} scientists",
        data.recipe,
        data.shown.len(),
        data.scientists
    );
    let labels: Vec<String> = data
        .shown
        .iter()
        .map(|one| format!("seed {}: {}", one.seed, one.fate))
        .collect();
    let entries: Vec<(&str, &str, Swatch)> = labels
        .iter()
        .enumerate()
        .map(|(i, label)| (label.as_str(), SERIES[i % SERIES.len()], Swatch::Line(2.0)))
        .collect();
    // Three entries fit a row.
    let top = 60.0 + entries.len().div_ceil(3) as f64 * LEGEND_ROW + 32.0;
    let mut sheet = Sheet::new(top + 720.0, title);
    sheet.legend_block((95.0, 60.0), 880.0, &entries);
    let above = (top, top + 300.0);
    let below = (top + 360.0, top + 660.0);
    let loss: Vec<_> = data.shown.iter().map(|one| &one.loss).collect();
    let rmse: Vec<_> = data.shown.iter().map(|one| &one.rmse).collect();
    let frame = panel(&mut sheet, data, above, &loss, "loss", None)?;
    sheet.letter(20.0, &frame, 'a');
    let label = |what: &str, values: &[&Vec<f64>]| match values.iter().any(|v| is_cut(v)) {
        true => format!("{what} (cut at 10²)"),
        false => what.to_string(),
    };
    sheet.y_label(&frame, &label("training loss, all systems seen", &loss));
    let threshold = Some(data.correct_below);
    let frame = panel(&mut sheet, data, below, &rmse, "rmse", threshold)?;
    sheet.letter(20.0, &frame, 'b');
    let what = "largest test RMSE of ẏ, systems seen";
    sheet.y_label(&frame, &label(what, &rmse));
    sheet.x_label(&frame, "training step");
    sheet.finish()
}

/// Does a series go beyond the scale?
fn is_cut(values: &[f64]) -> bool {
    values.iter().any(|v| !v.is_finite() || *v > MOST)
}

/// One panel of series over the phases.
fn panel(
    sheet: &mut Sheet,
    data: &Fig6,
    down: (f64, f64),
    values: &[&Vec<f64>],
    what: &'static str,
    threshold: Option<f64>,
) -> Result<Frame, DrawError> {
    let positive = |v: &f64| v.is_finite() && *v >= SMALLEST;
    let drawn = values.iter().flat_map(|v| v.iter()).copied();
    let Some((low, high)) = extent(drawn.filter(positive).chain(threshold)) else {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what,
        });
    };
    // Room above for the systems' names.
    let (low, high) = (low / 1.5, high.min(MOST) * 2.0);
    let decades_shown = (high / low).log10();
    let high = high * 10f64.powf(0.09 * decades_shown);
    let last = data.ends.last().copied().unwrap_or(1) as f64;
    let frame = Frame {
        across: (95.0, 975.0),
        down,
        x: (0.0, last),
        y: (low, high),
    };
    let mut layout = sheet
        .layout(&frame)
        .with_log_y()
        .with_y_tick_format(decades());
    layout.y_tick_step = None;
    let columns = frame.across.1 - frame.across.0;
    let mut plots = Vec::new();
    for (place, (one, values)) in data.shown.iter().zip(values).enumerate() {
        // What is not finite, or beyond the scale, runs along the upper side.
        let points: Vec<(f64, f64)> = one
            .step
            .iter()
            .zip(values.iter())
            .filter(|(_, v)| v.is_nan() || **v >= SMALLEST)
            .map(|(step, v)| (*step as f64, if v.is_nan() { MOST } else { v.min(MOST) }))
            .collect();
        if !points.is_empty() {
            let colour = SERIES[place % SERIES.len()];
            plots.push(line(thinned(&points, columns), colour, 1.4));
        }
    }
    sheet.plots(plots, layout);

    let (top, bottom) = frame.down;
    let mut start = 0.0;
    for (system, end) in data.systems.iter().zip(&data.ends) {
        let end = *end as f64;
        let middle = frame.at_x((start + end) / 2.0);
        sheet.text((middle, top + 18.0), system, TICK, TextAnchor::Middle);
        if end < last {
            let x = frame.at_x(end);
            sheet.broken_line(&[(x, top), (x, bottom)], GREY, 1.5);
        }
        start = end;
    }
    if let Some(threshold) = threshold {
        let part = (threshold / low).log10() / (high / low).log10();
        let y = bottom - part * (bottom - top);
        sheet.broken_line(&[(frame.across.0, y), (frame.across.1, y)], INK, 1.2);
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::*;

    /// Made up: decays with a spike at every new phase.
    fn synthetic() -> Fig6 {
        let ends = vec![10_100, 20_200, 30_300, 40_400];
        let noise = |i: u64| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        let step: Vec<u64> = (1..=404).map(|i| 100 * i).collect();
        let shown = [
            (8, "always correct", [4e-4, 2e-3, 3e-3, 4e-3]),
            (0, "fails at pendulum", [4e-4, 2e-2, 3e-2, 9e-2]),
            (3, "fails at kepler", [4e-4, 2e-3, 5e-2, 3e-2]),
            (5, "fails at relativistic", [3e-4, 4e-3, 4e-3, 2e-1]),
            (2, "revives at kepler", [4e-4, 2e-2, 4e-3, 3e-3]),
        ]
        .into_iter()
        .map(|(seed, fate, floors): (u64, &str, [f64; 4])| {
            let rmse: Vec<f64> = step
                .iter()
                .map(|s| {
                    let phase = ((s - 1) / 10_100) as usize;
                    let within = (s - 1) % 10_100;
                    let spike = if phase == 0 { 1.0 } else { 3e3 };
                    let jitter = 1.0 + 0.6 * noise(s / 100 + seed * 17);
                    floors[phase] * jitter + spike * (-(within as f64) / 700.0).exp()
                })
                .collect();
            Fig6Scientist {
                seed,
                fate: fate.into(),
                step: step.clone(),
                loss: rmse.iter().map(|r| 1.7 * r.min(3.0) + 3e-3).collect(),
                rmse,
            }
        })
        .collect();
        Fig6 {
            recipe: "reference".into(),
            scientists: 20,
            systems: ["classical", "pendulum", "kepler", "relativistic"]
                .map(String::from)
                .to_vec(),
            ends,
            correct_below: 5e-3,
            shown,
            fates: Vec::new(),
        }
    }

    #[test]
    fn the_picture_has_its_labels_letters_and_phases() {
        let picture = draw(&synthetic()).unwrap();
        crate::draw::look("fig6", &picture);
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        assert_eq!((count("(a)"), count("(b)")), (1, 1), "{labels:?}");
        for label in [
            "recipe reference, 5 of 20 scientists",
            "seed 2: revives at kepler",
            "training loss, all systems seen",
            "largest test RMSE of ẏ, systems seen (cut at 10²)",
            "training step",
            "10⁻³",
        ] {
            assert!(count(label) >= 1, "`{label}` is missing: {labels:?}");
        }
        assert_eq!(
            count("relativistic"),
            2,
            "each phase is named in both panels"
        );
        let dashed = picture.svg.matches(&format!("stroke=\"{GREY}\"")).count();
        assert_eq!(dashed, 2 * 3, "three borders between four phases");
        assert!(picture.svg.len() < 400_000, "{} bytes", picture.svg.len());
    }

    #[test]
    fn poles_and_missing_values_do_not_break_it() {
        let mut data = synthetic();
        data.shown[0].rmse[150] = 1e19;
        data.shown[0].rmse[151] = f64::INFINITY;
        data.shown[1].loss[7] = f64::NAN;
        let picture = draw(&data).unwrap();
        assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"));
        let labels = labels(&picture.svg);
        assert!(!labels.contains(&"10⁶".to_string()));
        let cut = labels
            .iter()
            .filter(|l| l.ends_with("(cut at 10²)"))
            .count();
        assert_eq!(cut, 2, "{labels:?}");
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let data = synthetic();
        let swapped = Fig6 {
            ends: vec![1, 3, 2, 4],
            ..data.clone()
        };
        assert!(matches!(
            draw(&swapped),
            Err(DrawError::Shape { what: "ends", .. })
        ));
        let none = Fig6 {
            shown: Vec::new(),
            ..data.clone()
        };
        assert!(matches!(draw(&none), Err(DrawError::Empty { .. })));
        let mut short = data;
        short.shown[1].rmse.pop();
        assert!(matches!(
            draw(&short),
            Err(DrawError::Shape { what: "rmse", .. })
        ));
    }
}

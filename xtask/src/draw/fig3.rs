//! Figure 3: one scientist on one system, its error and its significant weights against the step,
//! and a trajectory of what it learned against the true one.

use kuva::prelude::{LinePlot, Plot};
use serde::{Deserialize, Serialize};

use super::series::{SMALLEST, decades, line, thinned};
use super::sheet::{Frame, Sheet, Swatch};
use super::style::{AMBER, BLUE, GREY, SKY, VERMILLION, extent, roomy, round_step};
use super::{DrawError, Picture, nullable, same_length};

const FIGURE: &str = "fig3";

/// What figure 3 shows (Fu et al. 2025, Fig. 3): `fig3.json`.
///
/// M measurements during training, K points of a trajectory. `null` in place of a number is a
/// value that was not measured or not finite; it is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig3 {
    /// Identifier of the system, `classical`.
    pub(crate) system: String,
    /// Name of the recipe, `paper`.
    pub(crate) recipe: String,
    /// Seed of the scientist.
    pub(crate) seed: u64,
    /// Training steps done at each measurement, increasing, `[M]`.
    pub(crate) step: Vec<u64>,
    /// Training loss, penalties included, `[M]`.
    #[serde(with = "nullable")]
    pub(crate) train_loss: Vec<f64>,
    /// Root of the mean squared error of ẏ on the test states, EMA weights, `[M]`.
    #[serde(with = "nullable")]
    pub(crate) ema_rmse: Vec<f64>,
    /// Mean squared error of ẏ on the test states, EMA weights, `[M]`.
    #[serde(with = "nullable")]
    pub(crate) ema_mse: Vec<f64>,
    /// How many weights reach 99 % of the norm of w, `[M]`.
    pub(crate) significant_weights: Vec<usize>,
    /// Times, in the system's unit, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) t: Vec<f64>,
    /// x(t) by the learned ẏ, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) x_learned: Vec<f64>,
    /// x(t) by the true ẏ, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) x_true: Vec<f64>,
    /// y(t) by the learned ẏ, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) y_learned: Vec<f64>,
    /// y(t) by the true ẏ, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) y_true: Vec<f64>,
}

/// Draws figure 3: (a) errors on a logarithmic axis with the number of significant weights on the
/// right; (b) x(t) and, beneath it, learned less true for x and y.
///
/// # Errors
/// Lengths that differ; no positive error or no point of x(t) to draw.
pub(crate) fn draw(data: &Fig3) -> Result<Picture, DrawError> {
    let measured = data.step.len();
    same_length(
        FIGURE,
        "train_loss",
        data.train_loss.len(),
        measured,
        "`step`",
    )?;
    same_length(FIGURE, "ema_rmse", data.ema_rmse.len(), measured, "`step`")?;
    same_length(FIGURE, "ema_mse", data.ema_mse.len(), measured, "`step`")?;
    let counts = data.significant_weights.len();
    same_length(FIGURE, "significant_weights", counts, measured, "`step`")?;
    let points = data.t.len();
    same_length(FIGURE, "x_learned", data.x_learned.len(), points, "`t`")?;
    same_length(FIGURE, "x_true", data.x_true.len(), points, "`t`")?;
    same_length(FIGURE, "y_learned", data.y_learned.len(), points, "`t`")?;
    same_length(FIGURE, "y_true", data.y_true.len(), points, "`t`")?;

    let title = format!(
        "{}, recipe {}, seed {}",
        data.system, data.recipe, data.seed
    );
    let mut sheet = Sheet::new(910.0, title);
    training(&mut sheet, data)?;
    trajectory(&mut sheet, data)?;
    sheet.finish()
}

/// Panel (a).
fn training(sheet: &mut Sheet, data: &Fig3) -> Result<(), DrawError> {
    let steps: Vec<f64> = data.step.iter().map(|step| *step as f64).collect();
    let positive = |values: &[f64]| -> Vec<(f64, f64)> {
        let pairs = steps.iter().copied().zip(values.iter().copied());
        pairs
            .filter(|(_, value)| value.is_finite() && *value >= SMALLEST)
            .collect()
    };
    let loss = positive(&data.train_loss);
    let rmse = positive(&data.ema_rmse);
    let mse = positive(&data.ema_mse);
    let shown = loss
        .iter()
        .chain(&rmse)
        .chain(&mse)
        .map(|(_, value)| *value);
    let Some((low, high)) = extent(shown) else {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "train_loss, ema_rmse, ema_mse",
        });
    };
    let last = steps.last().copied().unwrap_or(1.0);
    let first = steps.first().copied().unwrap_or(0.0);
    let (low, high) = (low / 1.5, high * 1.5);
    let frame = Frame {
        across: (95.0, 905.0),
        down: (88.0, 428.0),
        x: (first, last.max(first + 1.0)),
        y: (low, high),
    };
    let most = data.significant_weights.iter().max().copied().unwrap_or(1) as f64;
    let count_step = round_step(most, 5).max(1.0);
    let top = (most * 1.05 / count_step).ceil().max(1.0) * count_step;
    let mut layout = sheet
        .layout(&frame)
        .with_log_y()
        .with_y_tick_format(decades())
        .with_ticks((top / count_step) as usize)
        .with_y2_range(0.0, top)
        .with_y2_axis_min(0.0)
        .with_y2_axis_max(top);
    layout.y_tick_step = None;

    let columns = frame.across.1 - frame.across.0;
    let mut left = Vec::new();
    let mut legend = Vec::new();
    for (values, label, colour, width) in [
        (loss, "training loss", GREY, 1.0),
        (mse, "test MSE", SKY, 1.6),
        (rmse, "test RMSE", BLUE, 2.0),
    ] {
        if !values.is_empty() {
            left.push(line(thinned(&values, columns), colour, width));
            legend.push((label, colour, Swatch::Line(width.max(1.6))));
        }
    }
    let counts: Vec<(f64, f64)> = steps
        .iter()
        .zip(&data.significant_weights)
        .map(|(step, count)| (*step, *count as f64))
        .collect();
    let stairs = LinePlot::new()
        .with_data(thinned(&counts, columns))
        .with_step();
    let right = vec![Plot::Line(
        stairs.with_color(VERMILLION).with_stroke_width(1.6),
    )];
    legend.push((
        "weights that make 99 % of |w| (right)",
        VERMILLION,
        Swatch::Line(1.6),
    ));
    legend.reverse();

    sheet.twin_plots(left, right, layout, VERMILLION);
    sheet.letter(20.0, &frame, 'a');
    sheet.legend(&frame, &legend);
    sheet.x_label(&frame, "training step");
    sheet.y_label(&frame, "error of ẏ, loss");
    Ok(())
}

/// Panel (b).
fn trajectory(sheet: &mut Sheet, data: &Fig3) -> Result<(), DrawError> {
    let over_time = |values: &[f64]| -> Vec<(f64, f64)> {
        let pairs = data.t.iter().copied().zip(values.iter().copied());
        pairs
            .filter(|(t, value)| t.is_finite() && value.is_finite())
            .collect()
    };
    let less = |learned: &[f64], truth: &[f64]| -> Vec<f64> {
        learned
            .iter()
            .zip(truth)
            .map(|(learned, truth)| learned - truth)
            .collect()
    };
    let learned = over_time(&data.x_learned);
    let truth = over_time(&data.x_true);
    let off_x = over_time(&less(&data.x_learned, &data.x_true));
    let off_y = over_time(&less(&data.y_learned, &data.y_true));
    let times = extent(learned.iter().chain(&truth).map(|(t, _)| *t));
    // The true trajectory sets the scale: a learned one that runs away is cut off.
    let scale = if truth.is_empty() { &learned } else { &truth };
    let (Some(times), Some(values)) = (times, extent(scale.iter().map(|(_, x)| *x))) else {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "x_learned, x_true",
        });
    };
    let times = if times.0 < times.1 {
        times
    } else {
        (times.0, times.0 + 1.0)
    };

    let across = (95.0, 905.0);
    let frame = Frame {
        across,
        down: (538.0, 718.0),
        x: times,
        y: roomy(values),
    };
    let columns = across.1 - across.0;
    let mut layout = sheet.layout(&frame);
    layout.suppress_x_ticks = true;
    let plots = vec![
        line(thinned(&truth, columns), AMBER, 6.0),
        line(thinned(&learned, columns), BLUE, 1.8),
    ];
    sheet.plots(plots, layout);
    sheet.letter(20.0, &frame, 'b');
    let entries = [
        ("true", AMBER, Swatch::Line(6.0)),
        ("learned", BLUE, Swatch::Line(1.8)),
    ];
    sheet.legend(&frame, &entries);
    sheet.y_label(&frame, "x");

    let off = extent(off_x.iter().chain(&off_y).map(|(_, off)| *off)).unwrap_or((0.0, 0.0));
    let farthest = off.0.abs().max(off.1.abs());
    // A round number at either end and zero between them.
    let end = match round_step(farthest, 1) {
        step if farthest == 0.0 || step >= farthest => step,
        step => 2.0 * step,
    };
    let below = Frame {
        across,
        down: (764.0, 854.0),
        x: times,
        y: (-end, end),
    };
    let plots = vec![
        line(thinned(&off_y, columns), GREY, 1.6),
        line(thinned(&off_x, columns), BLUE, 1.8),
    ];
    sheet.plots(plots, sheet.layout(&below).with_y_tick_step(end));
    let entries = [
        ("x", BLUE, Swatch::Line(1.8)),
        ("y", GREY, Swatch::Line(1.6)),
    ];
    sheet.legend(&below, &entries);
    sheet.x_label(&below, "time t");
    sheet.y_label(&below, "learned − true");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::*;

    /// Made up: a noisy decay, not a training run.
    fn synthetic() -> Fig3 {
        let step: Vec<u64> = (0..=1010).map(|i| 10 * i).collect();
        let noise = |i: usize| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        let decay = |i: usize, floor: f64| {
            floor + (-(i as f64) / 90.0).exp() + 0.02 * (-(i as f64) / 300.0).exp()
        };
        let rmse: Vec<f64> = (0..step.len())
            .map(|i| decay(i, 3e-4) * (1.0 + 0.3 * noise(i)))
            .collect();
        let t: Vec<f64> = (0..=400).map(|i| 0.05 * f64::from(i)).collect();
        Fig3 {
            system: "classical".into(),
            recipe: "reference".into(),
            seed: 0,
            train_loss: (0..step.len())
                .map(|i| decay(i, 2e-3) * (1.3 + 0.8 * noise(i * 3 + 1)))
                .collect(),
            ema_mse: rmse.iter().map(|rmse| rmse * rmse).collect(),
            ema_rmse: rmse,
            significant_weights: (0..step.len())
                .map(|i| 40 + (100.0 * (-(i as f64) / 260.0).exp() + 2.0 * noise(i)) as usize)
                .collect(),
            step,
            x_true: t.iter().map(|t| t.cos()).collect(),
            y_true: t.iter().map(|t| -t.sin()).collect(),
            x_learned: t.iter().map(|t| (1.0002 * t).cos()).collect(),
            y_learned: t.iter().map(|t| -(1.0002 * t).sin()).collect(),
            t,
        }
    }

    #[test]
    fn the_picture_has_its_labels_letters_and_series() {
        let picture = draw(&synthetic()).unwrap();
        let labels = labels(&picture.svg);
        for label in [
            "classical, recipe reference, seed 0",
            "training step",
            "error of ẏ, loss",
            "weights that make 99 % of |w| (right)",
            "time t",
            "x",
            "learned − true",
            "(a)",
            "(b)",
            "test RMSE",
            "test MSE",
            "training loss",
            "true",
            "learned",
            "10⁻³",
        ] {
            assert!(
                labels.iter().any(|l| l == label),
                "`{label}` is missing: {labels:?}"
            );
        }
        for (colour, series) in [(BLUE, 3), (SKY, 1), (GREY, 2), (VERMILLION, 1), (AMBER, 1)] {
            // A series and its swatch in the legend.
            let drawn = picture.svg.matches(&format!("stroke=\"{colour}\"")).count();
            assert_eq!(drawn, 2 * series, "lines of colour {colour}");
        }
        assert!(
            !picture.svg.contains("@font-face"),
            "the font is not embedded"
        );
        assert!(picture.svg.len() < 400_000, "{} bytes", picture.svg.len());
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let data = synthetic();
        assert_eq!(draw(&data).unwrap(), draw(&data).unwrap());
    }

    #[test]
    fn what_is_not_finite_is_left_out() {
        let mut data = synthetic();
        data.ema_rmse[3] = f64::NAN;
        data.ema_mse[4] = f64::INFINITY;
        data.train_loss.fill(f64::NAN);
        data.x_learned[7] = f64::NEG_INFINITY;
        data.y_true[9] = f64::NAN;
        let picture = draw(&data).unwrap();
        assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"));
        assert!(
            !labels(&picture.svg).iter().any(|l| l == "training loss"),
            "no legend for nothing"
        );
        let zero = Fig3 {
            ema_mse: vec![0.0; data.step.len()],
            ..data
        };
        assert!(draw(&zero).is_ok(), "a logarithmic axis leaves zero out");
    }

    #[test]
    fn a_learned_trajectory_that_runs_away_does_not_set_the_scale() {
        let mut data = synthetic();
        for (i, x) in data.x_learned.iter_mut().enumerate() {
            *x = (0.1 * i as f64).exp();
        }
        let ticks = labels(&draw(&data).unwrap().svg);
        assert!(
            ticks.contains(&"0.5".to_string()),
            "x still runs from −1 to 1: {ticks:?}"
        );
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        let data = synthetic();
        let none = Fig3 {
            train_loss: vec![f64::NAN; data.step.len()],
            ema_rmse: vec![f64::NAN; data.step.len()],
            ema_mse: vec![0.0; data.step.len()],
            ..data.clone()
        };
        assert!(matches!(
            draw(&none),
            Err(DrawError::Empty { figure: "fig3", .. })
        ));
        let still = Fig3 {
            t: vec![f64::NAN; data.t.len()],
            ..data.clone()
        };
        assert!(matches!(
            draw(&still),
            Err(DrawError::Empty {
                what: "x_learned, x_true",
                ..
            })
        ));
        let short = Fig3 {
            ema_mse: vec![1.0],
            ..data
        };
        assert!(matches!(
            draw(&short),
            Err(DrawError::Shape {
                what: "ema_mse",
                ..
            })
        ));
    }

    #[test]
    fn the_file_round_trips_and_refuses_what_it_does_not_know() {
        let mut data = synthetic();
        data.ema_rmse[0] = f64::NAN;
        let text = serde_json::to_string(&data).unwrap();
        let back: Fig3 = serde_json::from_str(&text).unwrap();
        assert!(back.ema_rmse[0].is_nan());
        // Without its feature `float_roundtrip` serde_json reads the last binary digit loosely.
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
        assert!(near(&back.ema_rmse[1..], &data.ema_rmse[1..]) && near(&back.x_true, &data.x_true));
        assert_eq!(back.significant_weights, data.significant_weights);
        let odd = text.replacen("\"seed\"", "\"sede\"", 1);
        assert!(serde_json::from_str::<Fig3>(&odd).is_err());
    }
}

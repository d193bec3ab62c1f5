//! The fit: accelerations of the data against those of the law, and what is left of them in time.

use mass_figures::{
    Axes, Frame, Series, Sheet, Swatch,
    style::{GREY, INK},
};

use super::look::{ERROR, FOOT, HELD_OUT, PITCH, TOP, Track, Units, area, few, sides};
use crate::course::{Compared, Course, Points};

/// The height of a row of panels, and how much further apart rows are than others.
const HEIGHT: f64 = 190.0;
const MORE: f64 = 66.0;

pub(super) fn draw(course: &Course, title: &str) -> Option<Sheet> {
    let units = Units::of(course);
    let track = Track::of(course)?;
    let shown = units.shown();
    let pitch = PITCH + MORE;
    let height = TOP + pitch * (shown - 1) as f64 + HEIGHT + FOOT;
    let mut sheet = Sheet::new(height, title);
    for k in 0..shown {
        let factor = units.factor(k);
        let stretches: Vec<Vec<Compared>> = course
            .held_out
            .iter()
            .map(|one| {
                let scaled = one.acceleration[k].iter().map(|c| Compared {
                    t: c.t,
                    measured: c.measured * factor,
                    error: c.error.map(|error| error * factor),
                    predicted: c.predicted * factor,
                });
                scaled.collect()
            })
            .collect();
        let all = || stretches.iter().flatten();
        let both = sides(all().flat_map(|c| [c.measured, c.predicted]))?;
        let top = TOP + pitch * k as f64;
        let down = (top, top + HEIGHT);
        let unit = units
            .rate(k, 2)
            .map_or(String::new(), |unit| format!(" ({unit})"));

        // Of the law, over that of the data.
        let mut panel = sheet.panel(Frame::new((95.0, 95.0 + HEIGHT), down, both, both));
        let equal = Series::new("", GREY, 1.5, vec![both_ends(both).0, both_ends(both).1]);
        panel.plot(&[equal], Axes::new().x_step(few(both)).y_step(few(both)));
        let places: Points = all().map(|c| (c.measured, c.predicted)).collect();
        panel.dots(&places, 1.9, HELD_OUT);
        panel.y_label(&format!("{}: by the law{unit}", units.name(k)));
        panel.x_label(&format!("from the data{unit}"));

        // What is left, in time.
        let left = all().map(|c| c.measured - c.predicted);
        let bars = all().filter_map(|c| c.error);
        // The band is shown, but not let the residuals shrink to a line.
        let band = median(bars.collect()).map_or(0.0, |error| 1.5 * error);
        let y = sides(left.chain([-band, band]))?;
        let mut panel = sheet.panel(Frame::new((415.0, 975.0), down, (0.0, track.end), y));
        panel.axes(Axes::new());
        let mut known = false;
        for (begin, stretch) in track.begins.iter().zip(&stretches) {
            let side = |sign: f64| -> Points {
                let errors = stretch.iter().filter_map(|c| Some((c.t, c.error?)));
                errors.map(|(t, error)| (begin + t, sign * error)).collect()
            };
            known |= stretch.iter().any(|c| c.error.is_some());
            area(&mut panel, &side(-1.0), &side(1.0), ERROR);
        }
        let frame = panel.frame();
        let zero = [
            (frame.across.0, frame.at_y(0.0)),
            (frame.across.1, frame.at_y(0.0)),
        ];
        panel.sheet().line(&zero, INK, 1.0);
        for (begin, stretch) in track.begins.iter().zip(&stretches) {
            let places = stretch
                .iter()
                .map(|c| (begin + c.t, c.measured - c.predicted));
            panel.dots(&places.collect::<Vec<_>>(), 1.7, HELD_OUT);
        }
        track.joints(&mut panel);
        panel.sheet().outline(frame.across, frame.down);
        panel.y_label(&format!("data − law{unit}"));
        if known && k == 0 {
            panel.key(
                "one standard error of the data's",
                "#dddddd",
                Swatch::Square,
            );
        }
        panel.legend();
        panel.x_label(&track.label(&units));
    }
    Some(sheet)
}

fn both_ends((low, high): (f64, f64)) -> ((f64, f64), (f64, f64)) {
    ((low, low), (high, high))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

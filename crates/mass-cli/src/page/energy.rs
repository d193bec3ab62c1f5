//! Energy in time: of the measured states, along the predicted motion, and with what friction took.

use mass_figures::{
    Axes, Frame, Series, Sheet, Swatch,
    style::{GREEN, extent},
};

use super::look::{FOOT, LAW, MEASURED, TOP, Track, Units, WIDE, moved, sides};
use crate::course::{Course, Points};

const HEIGHT: f64 = 210.0;

pub(super) fn draw(course: &Course, title: &str) -> Option<Sheet> {
    let units = Units::of(course);
    let track = Track::of(course)?;
    let stretches = course.held_out.iter().zip(&track.begins);
    let stretches = stretches.filter_map(|(one, begin)| Some((one.energy.as_ref()?, *begin)));
    let (mut measured, mut predicted, mut lossless) = (Vec::new(), Vec::new(), Vec::new());
    for (energy, begin) in stretches {
        measured.push(moved(&energy.measured, begin));
        predicted.push(moved(&energy.predicted, begin));
        if !energy.with_loss.is_empty() {
            lossless.push(moved(&energy.with_loss, begin));
        }
    }
    let all = || measured.iter().chain(&lossless).flatten().map(|(_, e)| *e);
    let (low, high) = extent(all())?;
    // Energy that is kept is drawn as kept, whatever its last digits do; a motion that runs away is cut off.
    let least = 0.25 * low.abs().max(high.abs());
    let room = 0.5 * (high - low).max(least);
    let own = predicted
        .iter()
        .flatten()
        .map(|(_, e)| e.clamp(low - room, high + room));
    let (low, high) = extent(all().chain(own))?;
    let more = (0.5 * (least - (high - low))).max(0.0);
    let y = sides([low - more, high + more])?;
    let mut sheet = Sheet::new(TOP + HEIGHT + FOOT, title);
    let mut panel = sheet.panel(Frame::new(WIDE, (TOP, TOP + HEIGHT), (0.0, track.end), y));
    let lines = |lines: &[Points], colour: &'static str, width: f64| -> Vec<Series> {
        let lines = lines.iter();
        lines
            .map(|line| Series::new("", colour, width, line.clone()))
            .collect()
    };
    let series = [
        lines(&measured, MEASURED, 4.0),
        lines(&lossless, GREEN, 1.8),
        lines(&predicted, LAW, 1.8),
    ];
    panel.plot(&series.concat(), Axes::new());
    track.joints(&mut panel);
    panel.key("at the measured states", MEASURED, Swatch::Line(4.0));
    panel.key("along the law's motion", LAW, Swatch::Line(2.0));
    if !lossless.is_empty() {
        panel.key("measured, and what friction took", GREEN, Swatch::Line(2.0));
    }
    panel.y_label("energy, in the unit of L");
    panel.legend();
    panel.x_label(&track.label(&units));
    Some(sheet)
}

//! The data: positions in time, what was learned from and what was held out told apart.

use mass_figures::{Axes, Series, Sheet, Swatch, style::GREY};

use super::look::{HELD_OUT, LEARNED, Units, moved, page_height, scaled, sides, wide};
use crate::course::{Course, Points, Use};

/// With fewer points than this in a panel each is a dot.
const DOTS: usize = 400;

pub(super) fn draw(course: &Course, title: &str) -> Option<Sheet> {
    let units = Units::of(course);
    let shown = units.shown();
    let begins = course.motions.iter().map(|motion| motion.begin);
    let first = begins.clone().fold(f64::INFINITY, f64::min);
    let times = course.motions.iter().flat_map(|motion| {
        let ends = motion
            .pieces
            .iter()
            .filter_map(|piece| piece.position.first());
        ends.flatten().map(|(t, _)| motion.begin + t)
    });
    let span = sides(times)?;
    // A clock that began long ago says nothing in its leading digits.
    let from = match first.abs() > 20.0 * (span.1 - span.0) {
        true => first,
        false => 0.0,
    };
    let x = (span.0 - from, span.1 - from);
    let label = match from {
        0.0 => units.time("time"),
        from => units.time(&format!("time since {from}")),
    };
    let mut sheet = Sheet::new(page_height(shown), title);
    for k in 0..shown {
        let of = |want: Use| -> Vec<Points> {
            let pieces = course.motions.iter().flat_map(|motion| {
                let pieces = motion.pieces.iter().filter(move |piece| piece.of == want);
                pieces.map(move |piece| (motion.begin - from, &piece.position[k]))
            });
            let line = |(by, points): (f64, &Points)| moved(&scaled(points, units.factor(k)), by);
            pieces.map(line).collect()
        };
        let uses = [
            (Use::Learned, "learned from", LEARNED, 1.4),
            (Use::Neither, "neither, between the two", GREY, 1.0),
            (Use::HeldOut, "held out, to judge on", HELD_OUT, 1.6),
        ];
        let lines = uses.map(|(of_use, ..)| of(of_use));
        let values = lines.iter().flatten().flatten().map(|(_, v)| *v);
        let mut panel = sheet.panel(wide(k, x, sides(values)?));
        let series = uses
            .iter()
            .zip(&lines)
            .flat_map(|((_, _, colour, width), lines)| {
                let lines = lines.iter();
                lines.map(|line| Series::new("", colour, *width, line.clone()))
            });
        panel.plot(&series.collect::<Vec<_>>(), Axes::new());
        let count: usize = lines.iter().flatten().map(Vec::len).sum();
        for ((_, name, colour, _), lines) in uses.iter().zip(&lines) {
            if count <= DOTS {
                for line in lines {
                    panel.dots(line, 2.4, colour);
                }
            }
            if k == 0 && !lines.is_empty() {
                panel.key(name, colour, Swatch::Line(2.0));
            }
        }
        panel.y_label(&units.label(k, 0));
        panel.legend();
        if k + 1 == shown {
            panel.x_label(&label);
        }
    }
    Some(sheet)
}

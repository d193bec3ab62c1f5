//! Phase portraits: velocities over positions, with the law's flow or its motions; and paths in a plane.

use mass_figures::{
    Axes, Frame, Point, Sheet, Swatch,
    style::{GREY, LABEL},
};

use super::look::{HELD_OUT, LAW, LEARNED, TOP, Units, few, sides, trace};
use crate::course::{Course, Points, Use};

/// What a panel shows: learned from, held out, and what the law says.
struct Lines {
    learned: Vec<Points>,
    held_out: Vec<Points>,
    law: Vec<Points>,
    labels: [String; 2],
    /// Whether both axes have one scale.
    equal: bool,
}

impl Lines {
    fn states(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.learned.iter().chain(&self.held_out).flatten()
    }
}

pub(super) fn draw(course: &Course, title: &str) -> Option<Sheet> {
    let units = Units::of(course);
    let d = units.shown();
    let mut all: Vec<Lines> = (0..d).map(|k| portrait(course, &units, k)).collect();
    if let Some(pair) = pairs(d).find(|(i, j)| units.are_alike(*i, *j)) {
        all.push(path(course, &units, pair));
    }
    // One is large, more are beside each other.
    let columns = all.len().min(3);
    let (width, down, gap) = match columns {
        1 => (620.0, 380.0, 0.0),
        2 => (390.0, 330.0, 100.0),
        _ => (232.0, 232.0, 92.0),
    };
    let rows = all.len().div_ceil(columns);
    let whole = columns as f64 * width + (columns - 1) as f64 * gap;
    let left = 0.5 * (1000.0 - whole) + 22.0;
    let pitch = down + 106.0;
    let top = TOP + 22.0;
    let mut sheet = Sheet::new(top + pitch * rows as f64 - 36.0, title);
    for (place, lines) in all.iter().enumerate() {
        let (row, column) = (place / columns, place % columns);
        let x0 = left + column as f64 * (width + gap);
        let y0 = top + pitch * row as f64;
        let (across, down) = ((x0, x0 + width), (y0, y0 + down));
        let mut x = sides(lines.states().map(|(x, _)| *x))?;
        let mut y = sides(lines.states().map(|(_, y)| *y))?;
        if lines.equal {
            (x, y) = equal_scales((x, across), (y, down));
        }
        let mut panel = sheet.panel(Frame::new(across, down, x, y));
        let axes = match columns {
            1 => Axes::new(),
            _ => Axes::new().x_step(few(x)),
        };
        panel.axes(axes);
        let has_flow = d == 1 && !course.flow.is_empty();
        if has_flow {
            let factor = units.factor(0);
            for stream in &course.flow {
                let points: Points = stream
                    .iter()
                    .map(|(x, y)| (x * factor, y * factor))
                    .collect();
                trace(&mut panel, &points, GREY, 0.9);
                arrow(&mut panel, &points);
            }
        }
        // Measured states are dots: neighbours may lie far apart.
        for (states, colour) in [(&lines.learned, LEARNED), (&lines.held_out, HELD_OUT)] {
            for points in states {
                panel.dots(points, 1.7, colour);
            }
        }
        for line in &lines.law {
            trace(&mut panel, line, LAW, 1.4);
        }
        let frame = panel.frame();
        panel.sheet().outline(frame.across, frame.down);
        let [horizontal, vertical] = &lines.labels;
        panel.x_label(horizontal);
        panel.text(
            (across.0 - 44.0, down.0 - 13.0),
            vertical,
            LABEL,
            mass_figures::Anchor::Start,
        );
        if place == 0 {
            panel.key("learned from", LEARNED, Swatch::Dot);
            panel.key("held out", HELD_OUT, Swatch::Dot);
            if !lines.law.is_empty() {
                panel.key("the law followed", LAW, Swatch::Line(1.6));
            }
            if has_flow {
                panel.key("its flow", GREY, Swatch::Line(1.6));
            }
            panel.legend_block((150.0, 50.0), 820.0);
        }
    }
    Some(sheet)
}

fn pairs(d: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..d).flat_map(move |i| (i + 1..d).map(move |j| (i, j)))
}

fn portrait(course: &Course, units: &Units<'_>, k: usize) -> Lines {
    let factor = units.factor(k);
    let scaled = |points: &Points| -> Points {
        points
            .iter()
            .map(|(x, y)| (x * factor, y * factor))
            .collect()
    };
    let of = |want: Use| -> Vec<Points> {
        let pieces = course.motions.iter().flat_map(|motion| &motion.pieces);
        let pieces = pieces.filter(|piece| piece.of == want);
        pieces.map(|piece| scaled(&piece.phase[k])).collect()
    };
    let paths = course.held_out.iter().flat_map(|one| one.paths.first());
    Lines {
        learned: of(Use::Learned),
        held_out: of(Use::HeldOut),
        law: paths.map(|path| scaled(&path.phase[k])).collect(),
        labels: [units.label(k, 0), units.label(k, 1)],
        equal: false,
    }
}

/// The path of two positions of one unit.
fn path(course: &Course, units: &Units<'_>, (i, j): (usize, usize)) -> Lines {
    let joined = |phase: &[Points]| -> Points {
        let both = phase[i].iter().zip(&phase[j]);
        both.map(|((x, _), (y, _))| (*x, *y)).collect()
    };
    let of = |want: Use| -> Vec<Points> {
        let pieces = course.motions.iter().flat_map(|motion| &motion.pieces);
        let pieces = pieces.filter(|piece| piece.of == want);
        pieces.map(|piece| joined(&piece.phase)).collect()
    };
    let paths = course.held_out.iter().flat_map(|one| one.paths.first());
    Lines {
        learned: of(Use::Learned),
        held_out: of(Use::HeldOut),
        law: paths.map(|path| joined(&path.phase)).collect(),
        labels: [units.label(i, 0), format!("path: {}", units.label(j, 0))],
        equal: true,
    }
}

type Side = (f64, f64);

/// The sides of two axes widened so that both have one scale.
fn equal_scales((x, across): (Side, Side), (y, down): (Side, Side)) -> (Side, Side) {
    let pixels = |(from, to): Side| (to - from).abs();
    let scale = ((x.1 - x.0) / pixels(across)).max((y.1 - y.0) / pixels(down));
    let widened = |(low, high): Side, side: Side| {
        let (middle, half) = (0.5 * (low + high), 0.5 * scale * pixels(side));
        (middle - half, middle + half)
    };
    (widened(x, across), widened(y, down))
}

/// A head in the middle of a line, in the direction of time.
fn arrow(panel: &mut mass_figures::Panel<'_>, points: &Points) {
    let frame = panel.frame();
    let middle = points.len() / 2;
    let (Some(from), Some(to)) = (
        middle.checked_sub(1).and_then(|i| points.get(i)),
        points.get(middle),
    ) else {
        return;
    };
    let at = |(x, y): &(f64, f64)| -> Point { (frame.at_x(*x), frame.at_y(*y)) };
    let ((x0, y0), (x1, y1)) = (at(from), at(to));
    let length = (x1 - x0).hypot(y1 - y0);
    let inside = (frame.across.0..frame.across.1).contains(&x1)
        && (frame.down.0..frame.down.1).contains(&y1);
    if length > 0.0 && inside {
        let (u, v) = ((x1 - x0) / length, (y1 - y0) / length);
        let corners = [
            (x1 + 5.0 * u, y1 + 5.0 * v),
            (x1 - 3.0 * u - 3.2 * v, y1 - 3.0 * v + 3.2 * u),
            (x1 - 3.0 * u + 3.2 * v, y1 - 3.0 * v - 3.2 * u),
        ];
        panel.sheet().polygon(&corners, (0xb0, 0xb0, 0xb0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_drawn_as_a_circle() {
        let (x, y) = equal_scales(((-1.0, 1.0), (0.0, 400.0)), ((-1.0, 1.0), (300.0, 0.0)));
        assert_eq!(y, (-1.0, 1.0));
        assert!((x.1 - x.0 - 2.0 * 400.0 / 300.0).abs() < 1e-12);
        assert!((x.0 + x.1).abs() < 1e-12);
    }
}

//! What the pictures of a report share: colours, labels with units, axes.

use mass_figures::{
    Frame, Panel, Point, Rule, number,
    style::{extent, roomy, round_step},
};

use crate::{
    course::{Course, Points},
    origin::Position,
};

/// Rows that were learned from.
pub(super) const LEARNED: &str = mass_figures::style::SKY;
/// Rows that were held out.
pub(super) const HELD_OUT: &str = mass_figures::style::VERMILLION;
/// The same as a wide line on which another is drawn.
pub(super) const MEASURED: &str = "#f5b183";
/// What the law says.
pub(super) const LAW: &str = mass_figures::style::BLUE;
/// Where laws with other coefficients lie.
pub(super) const BAND: (u8, u8, u8) = (0xc9, 0xdf, 0xf0);
/// An error band.
pub(super) const ERROR: (u8, u8, u8) = (0xdd, 0xdd, 0xdd);

/// Left and right side of panels as wide as the page.
pub(super) const WIDE: (f64, f64) = (95.0, 975.0);
/// The height of such a panel, and from one to the next.
pub(super) const HEIGHT: f64 = 150.0;
pub(super) const PITCH: f64 = HEIGHT + 62.0;
/// The upper side of the first panel.
pub(super) const TOP: f64 = 74.0;
/// Below the last panel.
pub(super) const FOOT: f64 = 62.0;
/// Positions with a panel of their own; there is no room for more.
pub(super) const SHOWN: usize = 6;

/// How positions and what is made of them are labelled and scaled.
pub(super) struct Units<'a> {
    positions: &'a [Position],
    time: Option<&'a str>,
}

impl<'a> Units<'a> {
    pub(super) fn of(course: &'a Course) -> Self {
        Self {
            positions: &course.positions,
            time: course.time_unit.as_deref(),
        }
    }

    /// Positions with a panel.
    pub(super) fn shown(&self) -> usize {
        self.positions.len().min(SHOWN)
    }

    /// What values are multiplied by to be in the unit of the file.
    pub(super) fn factor(&self, k: usize) -> f64 {
        match self.positions[k].degrees {
            true => 1f64.to_degrees(),
            false => 1.0,
        }
    }

    pub(super) fn name(&self, k: usize) -> &'a str {
        &self.positions[k].name
    }

    fn unit(&self, k: usize) -> Option<&'a str> {
        let own = &self.positions[k];
        match (own.degrees, own.angle) {
            (true, _) => Some("°"),
            (_, true) => Some("rad"),
            _ => own.unit.as_deref(),
        }
    }

    /// The label of positions, or of their first or second rate of change.
    pub(super) fn label(&self, k: usize, rate: usize) -> String {
        let name = self.name(k);
        let what = match rate {
            0 => name.to_string(),
            1 => format!("velocity of {name}"),
            _ => format!("acceleration of {name}"),
        };
        with_unit(&what, self.rate(k, rate).as_deref())
    }

    /// The unit of a position, or of its first or second rate of change.
    pub(super) fn rate(&self, k: usize, rate: usize) -> Option<String> {
        let unit = self.unit(k)?;
        match (rate, self.time) {
            (0, _) => Some(unit.to_string()),
            (1, Some(time)) => Some(format!("{unit}/{time}")),
            (_, Some(time)) => Some(format!("{unit}/{time}²")),
            (_, None) => None,
        }
    }

    /// The label of a time.
    pub(super) fn time(&self, what: &str) -> String {
        with_unit(what, self.time)
    }

    /// A time with its unit, to three digits.
    pub(super) fn duration(&self, time: f64) -> String {
        let digits = format!("{time:.2e}").parse().unwrap_or(time);
        match self.time {
            Some(unit) => format!("{} {unit}", number(digits, Rule::Print)),
            None => number(digits, Rule::Print),
        }
    }

    /// Whether two positions are lengths of one unit: a path can be drawn.
    pub(super) fn are_alike(&self, i: usize, j: usize) -> bool {
        let (a, b) = (&self.positions[i], &self.positions[j]);
        !a.angle && !b.angle && a.unit == b.unit
    }
}

fn with_unit(what: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) => format!("{what} ({unit})"),
        None => what.to_string(),
    }
}

/// Points with the second number times a factor.
pub(super) fn scaled(points: &Points, factor: f64) -> Points {
    points.iter().map(|(t, v)| (*t, v * factor)).collect()
}

/// Numbers of an axis so far apart that a narrow panel has a few.
pub(super) fn few((low, high): (f64, f64)) -> f64 {
    round_step(high - low, 3)
}

/// The sides of an axis that shows these values.
pub(super) fn sides(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = roomy(extent(values)?);
    // What differs by rounding alone is drawn flat.
    let least = 1e-9 * low.abs().max(high.abs());
    Some(match high - low > least {
        true => (low, high),
        false => (low - least, high + least),
    })
}

/// The same with room for words at the top.
pub(super) fn headroom((low, high): (f64, f64)) -> (f64, f64) {
    (low, high + 0.14 * (high - low))
}

/// A panel as wide as the page: the place-th from the top.
pub(super) fn wide(place: usize, x: (f64, f64), y: (f64, f64)) -> Frame {
    let top = TOP + PITCH * place as f64;
    Frame::new(WIDE, (top, top + HEIGHT), x, y)
}

/// How high a page of so many wide panels is.
pub(super) fn page_height(panels: usize) -> f64 {
    TOP + PITCH * (panels.max(1) - 1) as f64 + HEIGHT + FOOT
}

/// The stretches that were held out, one after the other on one axis of time.
pub(super) struct Track {
    /// Where each begins, and the end of all.
    pub(super) begins: Vec<f64>,
    pub(super) end: f64,
}

impl Track {
    pub(super) fn of(course: &Course) -> Option<Self> {
        let mut end = 0.0;
        let begins = course.held_out.iter().map(|one| {
            let begin = end;
            end += one.time;
            begin
        });
        let begins: Vec<f64> = begins.collect();
        (end > 0.0).then_some(Self { begins, end })
    }

    /// The label of its axis.
    pub(super) fn label(&self, units: &Units<'_>) -> String {
        match self.begins.len() {
            1 => units.time("time since what was held out begins"),
            n => units.time(&format!(
                "time along {n} stretches that were held out, end to end"
            )),
        }
    }

    /// Lines where one stretch ends and the next begins.
    pub(super) fn joints(&self, panel: &mut Panel<'_>) {
        let frame = panel.frame();
        for begin in self.begins.iter().skip(1) {
            let x = frame.at_x(*begin);
            let ends = [(x, frame.down.0), (x, frame.down.1)];
            panel.sheet().line(&ends, mass_figures::style::GREY, 1.5);
        }
    }
}

/// Points moved along an axis.
pub(super) fn moved(points: &Points, by: f64) -> Points {
    points.iter().map(|(t, v)| (t + by, *v)).collect()
}

/// The area between two lines, within a frame.
pub(super) fn area(panel: &mut Panel<'_>, low: &Points, high: &Points, colour: (u8, u8, u8)) {
    let frame = panel.frame();
    let inside = |(x, y): &(f64, f64)| -> Point {
        let y = y.clamp(frame.y.0, frame.y.1);
        (frame.at_x(x.clamp(frame.x.0, frame.x.1)), frame.at_y(y))
    };
    let corners: Vec<Point> = low.iter().chain(high.iter().rev()).map(inside).collect();
    if corners.len() > 2 {
        panel.sheet().polygon(&corners, colour);
    }
}

/// A line through points that may lie anywhere: the parts of it that lie in the panel.
pub(super) fn trace(panel: &mut Panel<'_>, points: &[(f64, f64)], colour: &str, width: f64) {
    let frame = panel.frame();
    let within = |v: f64, (low, high): (f64, f64)| (low..=high).contains(&v);
    let is_in = |(x, y): &(f64, f64)| within(*x, frame.x) && within(*y, frame.y);
    // An angle that turns over leaps from one side to the other.
    let near = |a: f64, b: f64| (a - b).abs() < 0.5 * (frame.x.1 - frame.x.0);
    for part in points.chunk_by(|a, b| is_in(a) == is_in(b) && near(a.0, b.0)) {
        if part.len() > 1 && is_in(&part[0]) {
            let part = part.iter().map(|(x, y)| (frame.at_x(*x), frame.at_y(*y)));
            panel.sheet().line(&part.collect::<Vec<_>>(), colour, width);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(unit: Option<&str>, angle: bool, degrees: bool) -> Position {
        Position {
            name: "theta".into(),
            unit: unit.map(String::from),
            angle,
            degrees,
            turned: false,
        }
    }

    #[test]
    fn labels_have_units_where_they_are_known() {
        let positions = [
            position(Some("mm"), false, false),
            position(None, false, false),
            position(Some("deg"), true, true),
            position(None, true, false),
        ];
        let units = Units {
            positions: &positions,
            time: Some("s"),
        };
        let labels = |k: usize| [0, 1, 2].map(|rate| units.label(k, rate));
        assert_eq!(
            labels(0),
            [
                "theta (mm)",
                "velocity of theta (mm/s)",
                "acceleration of theta (mm/s²)"
            ]
        );
        assert_eq!(labels(1)[2], "acceleration of theta");
        assert_eq!(labels(2)[2], "acceleration of theta (°/s²)");
        assert_eq!(labels(3)[0], "theta (rad)");
        assert_eq!(
            (units.factor(0), units.factor(2)),
            (1.0, 180.0 / std::f64::consts::PI)
        );
        assert_eq!(units.duration(12.3456), "12.3 s");
        let bare = Units {
            positions: &positions,
            time: None,
        };
        assert_eq!(bare.label(0, 1), "velocity of theta");
        assert_eq!(bare.time("time"), "time");
    }

    #[test]
    fn axes_are_never_empty() {
        assert_eq!(sides([f64::NAN]), None);
        let (low, high) = sides([3.0, 3.0]).unwrap();
        assert!(low < 3.0 && 3.0 < high);
        let (low, high) = sides([1.0, 1.0 + 1e-13]).unwrap();
        assert!(high - low > 1e-10);
    }
}

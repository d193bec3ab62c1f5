//! Lines, courses with error bars, whiskers and dots.

use kuva::prelude::{LinePlot, Plot};
use kuva::render::render::TextAnchor;

use crate::number::{Rule, number};
use crate::panel::{Axes, Panel};
use crate::sheet::Swatch;
use crate::style::{AMBER, BLUE, GREY, INK, SERIES, TICK};

/// The smallest value a logarithmic axis of kuva can show.
pub const SMALLEST: f64 = 1e-10;

/// A line through points, with a name for the legend.
#[derive(Debug, Clone)]
pub struct Series {
    name: String,
    colour: &'static str,
    width: f64,
    broken: bool,
    stairs: bool,
    points: Vec<(f64, f64)>,
}

impl Series {
    /// A line of this colour and width; without a name it is not in the legend.
    pub fn new(
        name: impl Into<String>,
        colour: &'static str,
        width: f64,
        points: Vec<(f64, f64)>,
    ) -> Self {
        Self {
            name: name.into(),
            colour,
            width,
            broken: false,
            stairs: false,
            points,
        }
    }

    /// What was learned over the truth, which is drawn wide beneath it.
    pub fn true_and_learned(truth: Vec<(f64, f64)>, learned: Vec<(f64, f64)>) -> [Self; 2] {
        [
            Self::new("true", AMBER, 6.0, truth),
            Self::new("learned", BLUE, 1.8, learned),
        ]
    }

    /// The same as stairs: a value lasts until the next one.
    pub fn stairs(self) -> Self {
        Self {
            stairs: true,
            ..self
        }
    }

    /// Has it no point?
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// At most two points to a column of pixels are drawn.
    fn plot(&self, columns: f64) -> Plot {
        let mut line = LinePlot::new()
            .with_data(thinned(&self.points, columns))
            .with_color(self.colour)
            .with_stroke_width(self.width);
        if self.broken {
            line = line.with_dashed();
        }
        if self.stairs {
            line = line.with_step();
        }
        Plot::Line(line)
    }

    fn swatch(&self) -> Swatch {
        match self.broken {
            true => Swatch::Dashes(self.width),
            false => Swatch::Line(self.width.max(1.6)),
        }
    }
}

/// Values with error bars at 1, 2, 3, …: the course of a quantity as something is counted up.
#[derive(Debug, Clone)]
pub struct Course {
    name: &'static str,
    values: Vec<(f64, f64, f64)>,
    colour: &'static str,
    broken: bool,
}

impl Course {
    /// A course of values, each with its lower and its upper bound, NaN for what is not there; without a
    /// name it is not in the legend.
    pub fn new(
        name: &'static str,
        colour: &'static str,
        values: impl IntoIterator<Item: Into<(f64, f64, f64)>>,
    ) -> Self {
        Self {
            name,
            values: values.into_iter().map(Into::into).collect(),
            colour,
            broken: false,
        }
    }

    /// The same with a broken line.
    pub fn broken(self) -> Self {
        Self {
            broken: true,
            ..self
        }
    }
}

/// The points of a line: pairs of values, each finite.
///
/// ```
/// let points = mass_figures::finite_points(&[0.0, 1.0, 2.0], [3.0, f64::NAN, 5.0]);
/// assert_eq!(points, [(0.0, 3.0), (2.0, 5.0)]);
/// ```
pub fn finite_points(x: &[f64], y: impl IntoIterator<Item = f64>) -> Vec<(f64, f64)> {
    let pairs = x.iter().copied().zip(y);
    pairs
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect()
}

/// The outline of a histogram: the points of a line along the top of each bin, no higher than `most`; bins of
/// a height that is not finite are left out. `edges` are one more than `heights`.
///
/// ```
/// let points = mass_figures::steps(&[0.0, 1.0, 2.0], &[0.5, 7.0], 2.0);
/// assert_eq!(points, [(0.0, 0.5), (1.0, 0.5), (1.0, 2.0), (2.0, 2.0)]);
/// ```
pub fn steps(edges: &[f64], heights: &[f64], most: f64) -> Vec<(f64, f64)> {
    let bins = heights.iter().zip(edges.windows(2));
    bins.filter(|(height, _)| height.is_finite())
        .flat_map(|(height, side)| side.iter().map(|x| (*x, height.min(most))))
        .collect()
}

impl Panel<'_> {
    /// Axes and lines; a series without points is named and not drawn.
    pub fn plot(&mut self, series: &[Series], axes: Axes) -> &mut Self {
        let layout = axes.layout(self.sheet, &self.frame);
        let plots = self.lines(series);
        self.sheet.plots(plots, layout);
        self
    }

    /// The same with a second y axis from 0 to `top`, numbered at `parts` places in the series' colour.
    pub fn plot_with_right(
        &mut self,
        left: &[Series],
        right: &Series,
        (top, parts): (f64, usize),
        axes: Axes,
    ) -> &mut Self {
        let layout = axes
            .layout(self.sheet, &self.frame)
            .with_ticks(parts)
            .with_y2_range(0.0, top)
            .with_y2_axis_min(0.0)
            .with_y2_axis_max(top);
        let plots = self.lines(left);
        let on_right = self.lines(std::slice::from_ref(right));
        self.sheet.twin_plots(plots, on_right, layout, right.colour);
        self
    }

    fn lines(&mut self, series: &[Series]) -> Vec<Plot> {
        let columns = self.frame.across.1 - self.frame.across.0;
        for one in series.iter().filter(|one| !one.name.is_empty()) {
            self.key(&one.name, one.colour, one.swatch());
        }
        let drawn = series.iter().filter(|one| !one.is_empty());
        drawn.map(|one| one.plot(columns)).collect()
    }

    /// Courses with their error bars, a little apart, so that bars do not hide each other; `y_step`
    /// between the numbers of the y axis.
    pub fn courses(&mut self, courses: &[Course], y_step: Option<f64>) -> &mut Self {
        let frame = self.frame;
        let aside = |place: usize| 0.06 * (place as f64 - (courses.len() as f64 - 1.0) / 2.0);
        let points = |place: usize| -> Vec<(f64, f64)> {
            let values = courses[place].values.iter().enumerate();
            values
                .map(|(at, (value, ..))| (at as f64 + 1.0 + aside(place), *value))
                .filter(|(_, value)| value.is_finite())
                .collect()
        };
        let lines = courses.iter().enumerate().map(|(place, course)| {
            // A line that leaves the panel runs along its side.
            let inside = points(place).into_iter();
            let inside = inside.map(|(x, y)| (x, y.clamp(frame.y.0, frame.y.1)));
            Series {
                broken: course.broken,
                ..Series::new(course.name, course.colour, 2.0, inside.collect())
            }
        });
        // What is counted is whole.
        let whole = |v: f64| match (v - v.round()).abs() < 1e-9 {
            true => number(v.round(), Rule::Print),
            false => String::new(),
        };
        let axes = Axes::new().x_step(1.0).x_numbers(whole).y_step(y_step);
        self.plot(&lines.collect::<Vec<_>>(), axes);
        for (place, course) in courses.iter().enumerate() {
            let values = course.values.iter().enumerate();
            let bars: Vec<(f64, f64, f64)> = values
                .map(|(at, (_, low, high))| (at as f64 + 1.0 + aside(place), *low, *high))
                .collect();
            self.whiskers(&bars, course.colour);
            self.dots(&points(place), 3.6, course.colour);
        }
        self
    }

    /// Whiskers from the lower to the upper value at each place, with short ends; what leaves the
    /// panel is cut at its side.
    pub fn whiskers(&mut self, bars: &[(f64, f64, f64)], colour: &str) -> &mut Self {
        const END: f64 = 4.0;
        let frame = self.frame;
        let inside = |value: f64| value.clamp(frame.y.0.min(frame.y.1), frame.y.0.max(frame.y.1));
        for (x, low, high) in bars {
            if !(x.is_finite() && low.is_finite() && high.is_finite()) {
                continue;
            }
            let (x, from, to) = (
                frame.at_x(*x),
                frame.at_y(inside(*low)),
                frame.at_y(inside(*high)),
            );
            self.sheet.line(&[(x, from), (x, to)], colour, 1.2);
            for (value, end) in [(low, from), (high, to)] {
                if inside(*value) == *value {
                    self.sheet
                        .line(&[(x - END, end), (x + END, end)], colour, 1.2);
                }
            }
        }
        self
    }

    /// Stages that follow each other along the x axis, each named within the panel: where each but the last ends is
    /// a broken line. The first begins at 0.
    pub fn stages(&mut self, names: &[String], ends: &[f64]) -> &mut Self {
        let (frame, mut start) = (self.frame, 0.0);
        let (top, bottom) = frame.down;
        for (name, end) in names.iter().zip(ends) {
            let middle = frame.at_x((start + end) / 2.0);
            self.text((middle, top + 18.0), name, TICK, TextAnchor::Middle);
            if Some(end) != ends.last() {
                let x = frame.at_x(*end);
                self.sheet.broken_line(&[(x, top), (x, bottom)], GREY, 1.5);
            }
            start = *end;
        }
        self
    }

    /// A broken line across the panel, at a height.
    pub fn level(&mut self, height: f64) -> &mut Self {
        let (y, (left, right)) = (self.frame.at_y(height), self.frame.across);
        self.sheet.broken_line(&[(left, y), (right, y)], INK, 1.2);
        self
    }

    /// Dots at points of several classes, each class in its colour ([`SERIES`], over and over); those of no class in
    /// ink; with the radius of either.
    pub fn classed_dots(
        &mut self,
        points: &[(f64, f64)],
        classes: &[Option<usize>],
        [of_class, of_none]: [f64; 2],
    ) -> &mut Self {
        for (point, class) in points.iter().zip(classes) {
            match class {
                Some(class) => self.dots(&[*point], of_class, SERIES[class % SERIES.len()]),
                None => self.dots(&[*point], of_none, INK),
            };
        }
        self
    }

    /// Round dots at the points that lie in the panel.
    pub fn dots(&mut self, points: &[(f64, f64)], radius: f64, colour: &str) -> &mut Self {
        let frame = self.frame;
        let between = |v: f64, (from, to): (f64, f64)| from.min(to) <= v && v <= from.max(to);
        for (x, y) in points {
            if between(*x, frame.x) && between(*y, frame.y) {
                let at = (frame.at_x(*x), frame.at_y(*y));
                self.sheet.dot(at, radius, colour);
            }
        }
        self
    }
}

/// At most two points to each of so many columns of equal width, the lowest and the highest: the same picture
/// from a file of a fraction of the size. For points whose x rise.
///
/// ```
/// let points: Vec<(f64, f64)> = (0..1000).map(|i| (f64::from(i), f64::from(i % 100))).collect();
/// let few = mass_figures::thinned(&points, 10.0);
/// assert!(few.len() <= 22 && few.contains(&(99.0, 99.0)));
/// ```
pub fn thinned(points: &[(f64, f64)], columns: f64) -> Vec<(f64, f64)> {
    let bins = columns as usize;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    if points.len() <= 2 * bins || last.0 <= first.0 {
        return points.to_vec();
    }
    let bin = |x: f64| ((x - first.0) / (last.0 - first.0) * columns) as usize;
    let mut kept = Vec::with_capacity(2 * bins + 2);
    for column in points.chunk_by(|a, b| bin(a.0) == bin(b.0)) {
        let place = |order: fn(f64, f64) -> bool| {
            (1..column.len()).fold(0, |best, i| match order(column[i].1, column[best].1) {
                true => i,
                false => best,
            })
        };
        let (lowest, highest) = (place(|a, b| a < b), place(|a, b| a > b));
        kept.push(column[lowest.min(highest)]);
        if lowest != highest {
            kept.push(column[lowest.max(highest)]);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::{Drawing, texts};
    use crate::{Frame, Sheet};

    #[test]
    fn thinning_keeps_the_extremes() {
        let points: Vec<(f64, f64)> = (0..10_000)
            .map(|i| {
                let y = if i == 5_003 { 9.0 } else { f64::from(i % 7) };
                (f64::from(i), y)
            })
            .collect();
        let kept = thinned(&points, 100.0);
        assert!(kept.len() <= 202);
        assert!(kept.contains(&(5_003.0, 9.0)));
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(thinned(&points[..50], 100.0), points[..50]);
        assert!(thinned(&[], 100.0).is_empty());
    }

    #[test]
    fn each_class_has_its_colour() {
        let frame = Frame::new((100.0, 300.0), (50.0, 150.0), (0.0, 4.0), (0.0, 1.0));
        let mut sheet = Sheet::new(300.0, "t");
        let points = [(1.0, 0.5), (2.0, 0.5), (3.0, 0.5)];
        let mut panel = sheet.panel(frame);
        panel.classed_dots(&points, &[Some(1), None, Some(SERIES.len())], [1.3, 2.4]);
        Drawing::of(sheet)
            .panel(0)
            .dot(SERIES[1], points[0])
            .dot(INK, points[1])
            .dot(SERIES[0], points[2]);
    }

    #[test]
    fn stages_are_named_over_their_part() {
        let frame = Frame::new((100.0, 300.0), (50.0, 150.0), (0.0, 40.0), (0.0, 1.0));
        let mut sheet = Sheet::new(300.0, "t");
        let names = ["one", "other"].map(String::from);
        let mut panel = sheet.panel(frame);
        panel.stages(&names, &[10.0, 40.0]).level(0.25);
        let drawing = Drawing::of(sheet);
        let panel = drawing.panel(0);
        panel.line(GREY, (10.0, 0.5)).line(INK, (30.0, 0.25));
        panel.label("one").label("other");
        let mut texts = texts(drawing.svg()).into_iter();
        let at = texts.find(|text| text.content == "other").unwrap().at;
        assert!((at.0 - frame.at_x(25.0)).abs() < 0.01, "{at:?}");
    }

    #[test]
    fn whiskers_and_dots_stay_in_the_panel() {
        let frame = Frame::new((100.0, 200.0), (50.0, 150.0), (0.0, 10.0), (0.0, 1.0));
        let mut sheet = Sheet::new(300.0, "t");
        sheet
            .panel(frame)
            .whiskers(&[(5.0, -3.0, 0.5), (6.0, f64::NAN, 1.0)], "#123456")
            .dots(&[(5.0, 0.5), (5.0, 7.0), (f64::NAN, 0.5)], 3.0, "#654321");
        let svg = sheet.finish().unwrap().svg;
        // The stem and the one end inside; the other is cut off, and NaN has none.
        assert_eq!(svg.matches("stroke=\"#123456\"").count(), 2, "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1, "{svg}");
        assert!(!svg.contains("NaN"));
    }
}

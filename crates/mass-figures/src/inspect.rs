//! Reading a picture back: what a test can ask of a figure.
//!
//! A test says where a known value must be, in the units of a panel's axes, and in which colour; a figure
//! whose series, panels or labels were swapped fails it.
//!
//! ```
//! use mass_figures::{Axes, Frame, Series, Sheet, inspect::Drawing, style::BLUE};
//! let mut sheet = Sheet::new(300.0, "t");
//! let frame = Frame::new((50.0, 250.0), (60.0, 260.0), (0.0, 2.0), (0.0, 1.0));
//! let line = Series::new("error", BLUE, 2.0, vec![(0.0, 0.9), (2.0, 0.1)]);
//! sheet.panel(frame).plot(&[line], Axes::new()).legend().x_label("step");
//! let drawing = Drawing::of(sheet);
//! drawing.panel(0).line(BLUE, (2.0, 0.1)).key("error", BLUE).label("step");
//! ```

use std::fmt::Debug;

use crate::sheet::{Drawn, Frame, Point, Sheet};

/// How far, in pixels, a mark may be from where it is looked for: an SVG holds hundredths.
const NEAR: f64 = 0.06;

/// A text of an SVG.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Where it begins, has its middle, or ends.
    pub at: Point,
    /// What it says; a subscript is written `S_x`.
    pub content: String,
}

/// A mark of an SVG: a line, a disc or a filled area.
#[derive(Debug, Clone, PartialEq)]
struct Mark {
    shape: Shape,
    colour: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// Through these points.
    Line(Vec<Point>),
    /// Around this middle.
    Disc(Point, f64),
    /// Within these corners.
    Area(Vec<Point>),
}

/// A picture that was drawn, and its panels.
#[derive(Debug, Clone)]
pub struct Drawing {
    svg: String,
    panels: Vec<Drawn>,
    marks: Vec<Mark>,
    texts: Vec<Text>,
}

impl Drawing {
    /// The drawing of a sheet.
    pub fn of(mut sheet: Sheet) -> Self {
        let svg = sheet.svg();
        Self {
            panels: sheet.panels().to_vec(),
            marks: marks(&svg),
            texts: texts(&svg),
            svg,
        }
    }

    /// The SVG.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// What it says, in the order in which it was drawn.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| text.content.as_str())
    }

    /// How often it says this.
    pub fn count(&self, text: &str) -> usize {
        self.texts().filter(|content| *content == text).count()
    }

    /// The panels' records.
    pub fn panels(&self) -> &[Drawn] {
        &self.panels
    }

    /// A panel by its place in the order of drawing.
    ///
    /// # Panics
    /// If there are not so many.
    #[track_caller]
    pub fn panel(&self, place: usize) -> View<'_> {
        assert!(
            place < self.panels.len(),
            "there are {} panels",
            self.panels.len()
        );
        View {
            drawing: self,
            place,
            frame: self.panels[place].frame,
        }
    }

    /// The panel of a letter.
    ///
    /// # Panics
    /// If no panel has it.
    #[track_caller]
    pub fn lettered(&self, letter: char) -> View<'_> {
        let place = self
            .panels
            .iter()
            .position(|one| one.letter == Some(letter));
        self.panel(place.unwrap_or_else(|| panic!("no panel has the letter {letter}")))
    }

    /// Which panel a place of the page is nearest to.
    fn nearest(&self, at: Point) -> Option<usize> {
        let distance = |one: &Drawn| {
            let off = |v: f64, (from, to): (f64, f64)| (from - v).max(v - to).max(0.0);
            off(at.0, one.frame.across).hypot(off(at.1, one.frame.down))
        };
        let all = self.panels.iter().enumerate();
        let nearest = all.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
        nearest.map(|(place, _)| place)
    }
}

/// A panel of a drawing. What is asked for and not there is a panic that says what is.
#[derive(Debug, Clone, Copy)]
pub struct View<'d> {
    drawing: &'d Drawing,
    place: usize,
    frame: Frame,
}

impl View<'_> {
    /// The same panel with another y axis: a second one, on the right.
    pub fn with_y(self, y: (f64, f64)) -> Self {
        let frame = Frame {
            y,
            log_y: false,
            ..self.frame
        };
        Self { frame, ..self }
    }

    fn at(&self, (x, y): (f64, f64)) -> Point {
        (self.frame.at_x(x), self.frame.at_y(y))
    }

    #[track_caller]
    fn expect<T: Debug>(&self, is: bool, what: &str, colour: &str, at: Point, instead: T) -> Self {
        let place = self.place;
        assert!(
            is,
            "panel {place}: no {what} in {colour} at {at:.2?}; {instead:?}"
        );
        *self
    }

    /// A disc of this colour has its middle at these values.
    #[track_caller]
    pub fn dot(&self, colour: &str, values: (f64, f64)) -> Self {
        let at = self.at(values);
        let found = self
            .drawing
            .marks
            .iter()
            .filter_map(|mark| match mark.shape {
                Shape::Disc(middle, _) if near(middle, at) => Some(mark.colour.as_str()),
                _ => None,
            });
        let found: Vec<&str> = found.collect();
        self.expect(found.contains(&colour), "dot", colour, at, found)
    }

    /// A line of this colour goes through these values.
    #[track_caller]
    pub fn line(&self, colour: &str, values: (f64, f64)) -> Self {
        let at = self.at(values);
        let found = self
            .drawing
            .marks
            .iter()
            .filter_map(|mark| match &mark.shape {
                Shape::Line(points) if passes(points, at) => Some(mark.colour.as_str()),
                _ => None,
            });
        let found: Vec<&str> = found.collect();
        self.expect(found.contains(&colour), "line", colour, at, found)
    }

    /// What is seen at these values, of all that is filled there, has this colour.
    #[track_caller]
    pub fn fill(&self, colour: &str, values: (f64, f64)) -> Self {
        let found = self.filled(values);
        let is = found.as_deref() == Some(colour);
        self.expect(is, "area", colour, self.at(values), found)
    }

    /// The colour of the uppermost filled area at these values.
    pub fn filled(&self, values: (f64, f64)) -> Option<String> {
        let at = self.at(values);
        let found = self.drawing.marks.iter().rfind(|mark| match &mark.shape {
            Shape::Area(corners) => contains(corners, at),
            Shape::Disc(middle, radius) => (middle.0 - at.0).hypot(middle.1 - at.1) <= *radius,
            Shape::Line(_) => false,
        });
        found.map(|mark| mark.colour.clone())
    }

    /// A bar of this colour ends at these values, the middle of its upper or lower side.
    #[track_caller]
    pub fn bar(&self, colour: &str, values: (f64, f64)) -> Self {
        let at = self.at(values);
        let found = self
            .drawing
            .marks
            .iter()
            .filter_map(|mark| match &mark.shape {
                Shape::Area(corners) if ends_at(corners, at) => Some(mark.colour.as_str()),
                _ => None,
            });
        let found: Vec<&str> = found.collect();
        self.expect(found.contains(&colour), "end of a bar", colour, at, found)
    }

    /// The legend's entry of this name that is nearest to the panel shows this colour.
    #[track_caller]
    pub fn key(&self, name: &str, colour: &str) -> Self {
        let text = self.text(name);
        let shown = |point: &Point| {
            (-34.0..-6.0).contains(&(point.0 - text.at.0))
                && (-14.0..6.0).contains(&(point.1 - text.at.1))
        };
        let found = self.drawing.marks.iter().filter_map(|mark| {
            let is = match &mark.shape {
                Shape::Disc(middle, _) => shown(middle),
                Shape::Line(points) | Shape::Area(points) => points.iter().all(shown),
            };
            is.then_some(mark.colour.as_str())
        });
        let found: Vec<&str> = found.collect();
        self.expect(
            found.contains(&colour),
            "entry",
            colour,
            text.at,
            (name, found),
        )
    }

    /// The panel has this heading, label or other text, where it was drawn as the panel's; or it stands
    /// nearer to this panel than to any other.
    #[track_caller]
    pub fn label(&self, content: &str) -> Self {
        self.text(content);
        *self
    }

    /// Of the texts that were drawn as this panel's, and of those that stand nearer to it than to any
    /// other (the numbers at its axes), the one that says this.
    #[track_caller]
    fn text(&self, content: &str) -> &Text {
        let drawing = self.drawing;
        let own = |text: &&Text| {
            let mut labels = drawing.panels[self.place].labels.iter();
            labels.any(|(at, label)| *label == text.content && near(*at, text.at))
        };
        let another = |text: &&Text| {
            let mut labels = drawing.panels.iter().flat_map(|panel| &panel.labels);
            labels.any(|(at, label)| *label == text.content && near(*at, text.at))
        };
        let here = |text: &&Text| {
            own(text) || !another(text) && drawing.nearest(text.at) == Some(self.place)
        };
        let texts: Vec<&Text> = drawing.texts.iter().filter(here).collect();
        let found = texts.iter().find(|text| text.content == content);
        found.unwrap_or_else(|| {
            let all: Vec<&str> = texts.iter().map(|text| text.content.as_str()).collect();
            panic!("panel {} does not say {content:?} but {all:?}", self.place)
        })
    }
}

/// A colour as an SVG writes it.
pub fn hex((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn near(a: Point, b: Point) -> bool {
    (a.0 - b.0).abs() < NEAR && (a.1 - b.1).abs() < NEAR
}

fn passes(points: &[Point], at: Point) -> bool {
    let between = |from: Point, to: Point| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx * dx + dy * dy;
        let t = match length > 0.0 {
            true => ((at.0 - from.0) * dx + (at.1 - from.1) * dy) / length,
            false => 0.0,
        };
        let t = t.clamp(0.0, 1.0);
        near((from.0 + t * dx, from.1 + t * dy), at)
    };
    points.windows(2).any(|pair| between(pair[0], pair[1]))
}

fn contains(corners: &[Point], (x, y): Point) -> bool {
    let mut inside = false;
    for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        let ((x0, y0), (x1, y1)) = (*a, *b);
        if (y0 > y) != (y1 > y) && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0) {
            inside = !inside;
        }
    }
    inside
}

fn ends_at(corners: &[Point], at: Point) -> bool {
    let [a, b, c, d] = corners else { return false };
    let middle = |a: &Point, b: &Point| ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
    near(middle(a, b), at) || near(middle(c, d), at)
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn number(tag: &str, name: &str) -> Option<f64> {
    attribute(tag, name)?.parse().ok()
}

fn marks(svg: &str) -> Vec<Mark> {
    // What is cut out of a picture is no mark.
    let drawn = svg.split_once("</defs>").map_or(svg, |(_, drawn)| drawn);
    drawn.split('<').filter_map(mark).collect()
}

fn mark(piece: &str) -> Option<Mark> {
    let tag = piece.split('>').next()?;
    let (name, _) = tag.split_once(' ')?;
    let get = |name: &str| number(tag, name);
    let of = |name: &str| attribute(tag, name).filter(|colour| *colour != "none");
    let (shape, colour) = match name {
        "circle" => (
            Shape::Disc((get("cx")?, get("cy")?), get("r")?),
            of("fill")?,
        ),
        "line" => {
            let ends = vec![(get("x1")?, get("y1")?), (get("x2")?, get("y2")?)];
            (Shape::Line(ends), of("stroke")?)
        }
        "rect" => {
            let (left, top) = (get("x")?, get("y")?);
            let (right, bottom) = (left + get("width")?, top + get("height")?);
            let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
            (Shape::Area(corners), of("fill")?)
        }
        "path" => {
            let points = points(attribute(tag, "d")?);
            match of("fill") {
                Some(fill) => (Shape::Area(points), fill),
                None => (Shape::Line(points), of("stroke")?),
            }
        }
        _ => return None,
    };
    Some(Mark {
        shape,
        colour: colour.to_string(),
    })
}

fn points(path: &str) -> Vec<Point> {
    let numbers = path.split(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let numbers: Vec<f64> = numbers.filter_map(|part| part.parse().ok()).collect();
    numbers
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

/// The texts of an SVG that a [`Sheet`] made, as they were before their subscripts were set.
pub fn texts(svg: &str) -> Vec<Text> {
    let text = |piece: &str| {
        let (tag, content) = piece.split_once('>')?;
        let content = content.split("</text>").next().unwrap_or_default();
        let mut plain = String::new();
        for piece in content.split('<') {
            let lowered = piece.starts_with("tspan font-size");
            if lowered {
                plain.push('_');
            } else if piece.starts_with("tspan dx") {
                plain.push(' ');
            }
            plain.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        }
        let unescaped = plain.replace("&lt;", "<").replace("&gt;", ">");
        let tag = format!(" {tag}");
        Some(Text {
            at: (number(&tag, "x")?, number(&tag, "y").unwrap_or(f64::NAN)),
            content: unescaped.replace("&amp;", "&"),
        })
    };
    svg.split("<text ").skip(1).filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;
    use crate::style::{BLUE, GREEN, GREY, VERMILLION};
    use crate::{Axes, Series, Swatch};

    /// Two panels beside each other with a line each, a bar and a dot.
    fn drawing() -> Drawing {
        let mut sheet = Sheet::new(300.0, "t");
        for (place, colour, end) in [(0, BLUE, 0.25), (1, VERMILLION, 0.75)] {
            let left = 60.0 + 400.0 * f64::from(place);
            let across = (left, left + 300.0);
            let frame = Frame::new(across, (60.0, 260.0), (-1.0, 3.0), (0.0, 1.0));
            let name = if place == 0 { "falls" } else { "rises" };
            let line = Series::new(name, colour, 2.0, vec![(0.0, 0.5), (2.0, end)]);
            sheet
                .panel(frame)
                .bars(&[0.0; 2], &[end, 0.5], 0.8, GREEN)
                .plot(&[line], Axes::new())
                .dots(&[(1.0, end)], 3.0, GREY)
                .key("bar", GREEN, Swatch::Square)
                .letter(if place == 0 { 'a' } else { 'b' }, left - 50.0)
                .legend()
                .x_label(if place == 0 { "time" } else { "step" });
        }
        Drawing::of(sheet)
    }

    #[test]
    fn what_is_there_is_found() {
        let drawing = drawing();
        drawing
            .lettered('b')
            .line(VERMILLION, (0.0, 0.5))
            .line(VERMILLION, (1.0, 0.625))
            .dot(GREY, (1.0, 0.75))
            .bar(GREEN, (0.0, 0.75))
            .fill(GREEN, (1.0, 0.2))
            .key("rises", VERMILLION)
            .key("bar", GREEN)
            .label("step");
        assert_eq!(drawing.panel(1).filled((-0.9, 0.9)), None);
        assert_eq!(drawing.count("bar"), 2);
    }

    #[test]
    fn what_is_elsewhere_is_missed() {
        let refused = |ask: fn(View<'_>) -> View<'_>| {
            let found = catch_unwind(|| {
                ask(drawing().panel(0));
            });
            assert!(found.is_err());
        };
        refused(|panel| panel.line(VERMILLION, (2.0, 0.75)));
        refused(|panel| panel.line(BLUE, (2.0, 0.26)));
        refused(|panel| panel.dot(GREY, (1.0, 0.75)));
        refused(|panel| panel.bar(GREEN, (0.0, 0.75)));
        refused(|panel| panel.fill(GREEN, (0.0, 0.3)));
        refused(|panel| panel.key("falls", VERMILLION));
        refused(|panel| panel.key("rises", VERMILLION));
        refused(|panel| panel.label("step"));
    }
}

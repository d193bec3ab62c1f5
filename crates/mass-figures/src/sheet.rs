//! A page: panels at exact places, labels, legends and colour bars, and both files at the end.
//!
//! kuva's own figure grid lets every panel choose its margins; here a panel is the rectangle
//! between its axes, so that neighbours line up and things can be drawn beside them. kuva then
//! draws the axes and the series of each panel on the whole page, with its margins forced.
//!
//! No text is turned: kuva 0.6 loses the smooth edges of turned letters in a PNG. The label of a y
//! axis stands above the axis, that of a colour bar above the bar.

use kuva::RasterBackend;
use kuva::prelude::{
    AxisLine, Layout, Plot, SvgBackend, Theme, TickFormat, render_multiple, render_twin_y,
};
use kuva::render::axis::add_axes_and_grid;
use kuva::render::color::Color;
use kuva::render::layout::ComputedLayout;
use kuva::render::render::{PathData, Primitive, Scene, TextAnchor};
use std::sync::Arc;

use crate::number::{Rule, number};
use crate::style::{INK, LABEL, PAGE, PALE, PNG_SCALE, TICK, round_step};
use crate::{DrawError, Picture, typeset};

/// Half the height of a capital letter, as a part of the font size: text is centred by it.
const HALF_CAPITAL: f64 = 0.365;

/// A place on the page, in pixels from its upper left corner.
pub type Point = (f64, f64);

/// The rectangle between the axes of a panel, in pixels of the page, and the values at its sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Left and right side.
    pub across: (f64, f64),
    /// Upper and lower side.
    pub down: (f64, f64),
    /// Values at the left and right side.
    pub x: (f64, f64),
    /// Values at the lower and upper side.
    pub y: (f64, f64),
    /// Is the y axis logarithmic?
    pub log_y: bool,
}

impl Frame {
    /// A frame with linear axes.
    pub fn new(across: (f64, f64), down: (f64, f64), x: (f64, f64), y: (f64, f64)) -> Self {
        let log_y = false;
        Self {
            across,
            down,
            x,
            y,
            log_y,
        }
    }

    /// A frame with at least these values, in which one unit is as long across as it is down: a circle is a circle.
    pub fn equal(across: (f64, f64), down: (f64, f64), x: (f64, f64), y: (f64, f64)) -> Self {
        let (wide, high) = (across.1 - across.0, down.1 - down.0);
        let unit = f64::max((x.1 - x.0) / wide, (y.1 - y.0) / high);
        // A place has no size: something of the page is shown about it.
        let unit = if unit > 0.0 { unit } else { 1.0 / wide };
        let about = |(low, high): (f64, f64), pixels: f64| {
            let (middle, half) = ((low + high) / 2.0, unit * pixels / 2.0);
            (middle - half, middle + half)
        };
        Self::new(across, down, about(x, wide), about(y, high))
    }

    /// The same with a logarithmic y axis.
    pub fn log_y(self) -> Self {
        Self {
            log_y: true,
            ..self
        }
    }

    /// Place of a value on the x axis.
    pub fn at_x(&self, value: f64) -> f64 {
        lerp(self.across, (value - self.x.0) / (self.x.1 - self.x.0))
    }

    /// Place of a value on the y axis.
    pub fn at_y(&self, value: f64) -> f64 {
        let (low, high) = self.y;
        let part = match self.log_y {
            true => (value / low).log10() / (high / low).log10(),
            false => (value - low) / (high - low),
        };
        lerp((self.down.1, self.down.0), part)
    }

    /// The middle of the panel.
    pub fn middle(&self) -> Point {
        (lerp(self.across, 0.5), lerp(self.down, 0.5))
    }
}

fn lerp((from, to): (f64, f64), t: f64) -> f64 {
    from + t * (to - from)
}

/// A filled rectangle: left and right side, upper and lower side, colour.
pub type Tile = ((f64, f64), (f64, f64), Color);

/// How a legend shows a series.
#[derive(Debug, Clone, Copy)]
pub enum Swatch {
    /// A line of this width.
    Line(f64),
    /// A broken line of this width.
    Dashes(f64),
    /// A round dot.
    Dot,
    /// A hollow one.
    Ring,
    /// A filled square.
    Square,
}

/// An entry of a legend.
#[derive(Debug, Clone)]
pub struct Key {
    /// What it names.
    pub name: String,
    /// Its colour.
    pub colour: &'static str,
    /// How it is shown.
    pub swatch: Swatch,
}

impl Key {
    /// An entry.
    pub fn new(name: impl Into<String>, colour: &'static str, swatch: Swatch) -> Self {
        Self {
            name: name.into(),
            colour,
            swatch,
        }
    }
}

/// What a sheet remembers of a panel.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Where it is and what its axes span.
    pub frame: Frame,
    /// Its letter, if it has one.
    pub letter: Option<char>,
    /// Its heading, labels and legend, each where it begins, has its middle, or ends, in the order in
    /// which they were drawn.
    pub labels: Vec<(Point, String)>,
}

/// Width of a swatch.
const SWATCH: f64 = 26.0;
/// Between the entries of a legend.
pub(crate) const ENTRY_GAP: f64 = 22.0;
/// Between the rows of a legend.
pub const LEGEND_ROW: f64 = 20.0;

/// Width of a legend's entry with the gap after it.
pub(crate) fn entry_width(label: &str, size: u32) -> f64 {
    SWATCH + 7.0 + typeset::width(label, size) + ENTRY_GAP
}

/// A page being drawn.
pub struct Sheet {
    scene: Scene,
    title: String,
    pub(crate) panels: Vec<Drawn>,
}

impl Sheet {
    /// An empty page; the title is printed at its top.
    pub fn new(height: f64, title: impl Into<String>) -> Self {
        let title = title.into();
        let mut scene = Scene::new(PAGE, height);
        scene.text_color = Some(INK.into());
        scene.font_family = Some("DejaVu Sans, Verdana, Helvetica, Arial, sans-serif".into());
        let mut sheet = Self {
            scene,
            title: title.clone(),
            panels: Vec::new(),
        };
        sheet.text((PAGE / 2.0, 24.0), &title, LABEL, TextAnchor::Middle);
        sheet
    }

    /// kuva's layout for a panel: its place, its linear axes, their ticks, the page's style.
    pub(crate) fn layout(&self, frame: &Frame) -> Layout {
        let theme = Theme {
            axis_color: INK.into(),
            tick_color: INK.into(),
            grid_color: PALE.into(),
            text_color: INK.into(),
            ..Theme::light()
        };
        let tidy = || TickFormat::Custom(Arc::new(|v| number(v, Rule::Print)));
        Layout::new(frame.x, frame.y)
            .with_width(self.scene.width)
            .with_height(self.scene.height)
            .with_force_margins(frame.across.0, self.scene.width - frame.across.1)
            .with_force_margins_y(frame.down.0, self.scene.height - frame.down.1)
            .with_x_axis_min(frame.x.0)
            .with_x_axis_max(frame.x.1)
            .with_y_axis_min(frame.y.0)
            .with_y_axis_max(frame.y.1)
            .with_x_tick_step(step(frame.across, frame.x, 100.0))
            .with_y_tick_step(step(frame.down, frame.y, 50.0))
            .with_x_tick_format(tidy())
            .with_y_tick_format(tidy())
            .with_y2_tick_format(tidy())
            .with_theme(theme)
            .with_tick_size(TICK)
            .with_label_size(LABEL)
            .with_axis_line(AxisLine::Box)
    }

    /// Draws a panel with kuva: its axes, then the series.
    pub(crate) fn plots(&mut self, plots: Vec<Plot>, layout: Layout) {
        if plots.is_empty() {
            // Without a series kuva draws nothing at all.
            add_axes_and_grid(
                &mut self.scene,
                &ComputedLayout::from_layout(&layout),
                &layout,
            );
        } else {
            self.take(render_multiple(plots, layout));
        }
    }

    /// Draws a panel with a second y axis with kuva, whose numbers are in the given colour.
    pub(crate) fn twin_plots(
        &mut self,
        left: Vec<Plot>,
        right: Vec<Plot>,
        layout: Layout,
        right_colour: &str,
    ) {
        let mut scene = render_twin_y(left, right, layout);
        for element in &mut scene.elements {
            // Only the numbers on the right begin where they stand.
            if let Primitive::Text {
                anchor: TextAnchor::Start,
                color,
                ..
            } = element
            {
                *color = Some(right_colour.into());
            }
        }
        self.take(scene);
    }

    fn take(&mut self, scene: Scene) {
        self.scene.defs.extend(scene.defs);
        self.scene.elements.extend(scene.elements);
    }

    /// Adds a shape of kuva's.
    pub(crate) fn add(&mut self, shape: Primitive) {
        self.scene.elements.push(shape);
    }

    /// A line of text whose baseline begins, has its middle, or ends here.
    pub fn text(&mut self, at: Point, text: &str, size: u32, anchor: TextAnchor) {
        self.tinted_text(at, text, size, anchor, INK);
    }

    /// A line of text in a colour.
    pub fn tinted_text(
        &mut self,
        (x, y): Point,
        text: &str,
        size: u32,
        anchor: TextAnchor,
        colour: &str,
    ) {
        self.add(Primitive::Text {
            x,
            y,
            content: text.into(),
            size,
            anchor,
            rotate: None,
            bold: false,
            color: Some(colour.into()),
        });
    }

    /// Lines of text below each other, so many pixels apart, that begin at the same x; says how far down the next one
    /// would be.
    pub fn lines(&mut self, (x, mut y): Point, text: &str, apart: f64, colour: &str) -> f64 {
        for line in text.lines() {
            self.tinted_text((x, y), line, TICK, TextAnchor::Start, colour);
            y += apart;
        }
        y
    }

    /// A legend in rows that begin at a place, as many entries to a row as the width holds, in
    /// columns that line up; says where the texts of the entries begin.
    pub fn legend_block(&mut self, (left, top): Point, width: f64, keys: &[Key]) -> Vec<Point> {
        let widths = keys.iter().map(|key| entry_width(&key.name, TICK));
        let widest = widths.fold(1.0, f64::max);
        let columns = ((width / widest) as usize).max(1);
        let entries = keys.iter().enumerate().map(|(place, key)| {
            let (row, column) = ((place / columns) as f64, (place % columns) as f64);
            self.entry((left + column * widest, top + row * LEGEND_ROW), key)
        });
        entries.collect()
    }

    /// An entry of a legend; says where its text begins.
    pub(crate) fn entry(&mut self, (x, baseline): Point, key: &Key) -> Point {
        let (label, colour) = (&key.name, key.colour);
        let middle = baseline - HALF_CAPITAL * f64::from(TICK);
        let ends = [(x, middle), (x + SWATCH, middle)];
        match key.swatch {
            Swatch::Line(width) => self.line(&ends, colour, width),
            Swatch::Dashes(width) => self.broken_line(&ends, colour, width),
            Swatch::Square => self.rect(
                (x + SWATCH - 13.0, x + SWATCH),
                (middle - 6.5, middle + 6.5),
                colour,
            ),
            Swatch::Dot => self.dot((x + SWATCH - 6.0, middle), 5.0, colour),
            Swatch::Ring => {
                self.dot((x + SWATCH - 6.0, middle), 5.0, colour);
                self.dot((x + SWATCH - 6.0, middle), 3.0, "#ffffff");
            }
        }
        let at = (x + SWATCH + 7.0, baseline);
        self.text(at, label, TICK, TextAnchor::Start);
        at
    }

    /// A line through points of the page.
    pub fn line(&mut self, points: &[Point], colour: &str, width: f64) {
        self.add(Primitive::PolyLine {
            points: points.to_vec(),
            stroke: colour.into(),
            stroke_width: width,
            stroke_dasharray: None,
        });
    }

    /// A filled disc.
    pub fn dot(&mut self, (cx, cy): Point, r: f64, colour: &str) {
        self.add(Primitive::Circle {
            cx,
            cy,
            r,
            fill: colour.into(),
            fill_opacity: None,
            stroke: None,
            stroke_width: None,
        });
    }

    /// A broken line through points of the page.
    pub fn broken_line(&mut self, points: &[Point], colour: &str, width: f64) {
        self.add(Primitive::PolyLine {
            points: points.to_vec(),
            stroke: colour.into(),
            stroke_width: width,
            stroke_dasharray: Some("6 4".into()),
        });
    }

    /// A filled rectangle.
    pub fn rect(&mut self, across: (f64, f64), down: (f64, f64), colour: &str) {
        self.rects(vec![(across, down, Color::from(colour))]);
    }

    /// Filled rectangles.
    pub fn rects(&mut self, rects: Vec<Tile>) {
        let mut batch = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for ((left, right), (top, bottom), colour) in rects {
            batch.0.push(left.min(right));
            batch.1.push(top.min(bottom));
            batch.2.push((right - left).abs());
            batch.3.push((bottom - top).abs());
            batch.4.push(colour);
        }
        let (x, y, w, h, fills) = batch;
        self.add(Primitive::RectBatch { x, y, w, h, fills });
    }

    /// A filled polygon.
    pub fn polygon(&mut self, corners: &[Point], (r, g, b): (u8, u8, u8)) {
        let mut d = String::new();
        for (index, (x, y)) in corners.iter().enumerate() {
            d.push(if index == 0 { 'M' } else { 'L' });
            d.push_str(&format!("{x:.1} {y:.1}"));
        }
        d.push('Z');
        self.add(Primitive::Path(Box::new(PathData {
            d,
            fill: Some(Color::Rgb(r, g, b)),
            stroke: Color::None,
            stroke_width: 0.0,
            opacity: None,
            stroke_dasharray: None,
        })));
    }

    /// A frame without ticks.
    pub fn outline(&mut self, across: (f64, f64), down: (f64, f64)) {
        let ((left, right), (top, bottom)) = (across, down);
        let corners = [
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            (left, top),
        ];
        self.line(&corners, INK, 1.0);
    }

    /// A colour bar at its left, upper and lower side: bands as (upper end, colour), rising; numbers at
    /// `ticks`; the label above, which begins at the place returned.
    pub fn colour_bar(
        &mut self,
        (left, down): (f64, (f64, f64)),
        range: (f64, f64),
        bands: &[(f64, (u8, u8, u8))],
        ticks: &[f64],
        label: &str,
    ) -> Point {
        let across = (left, left + 18.0);
        let y = |value: f64| lerp((down.1, down.0), (value - range.0) / (range.1 - range.0));
        // Each band reaches down to the bar's end and the next lower one covers it: no gaps.
        let rects = bands.iter().rev().map(|(upper, (r, g, b))| {
            (
                across,
                (y(upper.min(range.1)), down.1),
                Color::Rgb(*r, *g, *b),
            )
        });
        self.rects(rects.collect());
        self.outline(across, down);
        for tick in ticks {
            let at = y(*tick);
            self.line(&[(across.1, at), (across.1 + 5.0, at)], INK, 1.0);
            let baseline = centred(at, TICK);
            self.text(
                (across.1 + 8.0, baseline),
                &number(*tick, Rule::Print),
                TICK,
                TextAnchor::Start,
            );
        }
        let at = (across.0, down.0 - 13.0);
        self.text(at, label, TICK, TextAnchor::Start);
        at
    }

    /// Both files.
    ///
    /// # Errors
    /// [`DrawError::Raster`] if kuva cannot write the PNG.
    pub fn finish(mut self) -> Result<Picture, DrawError> {
        let svg = self.svg();
        typeset::for_raster(&mut self.scene);
        let raster = RasterBackend::new().with_scale(PNG_SCALE);
        let png = raster
            .render_scene(&self.scene)
            .map_err(DrawError::Raster)?;
        Ok(Picture { svg, png })
    }

    /// The SVG alone.
    pub fn svg(&mut self) -> String {
        // A tick that wants no number is an empty text to kuva.
        let empty =
            |e: &Primitive| matches!(e, Primitive::Text { content, .. } if content.is_empty());
        self.scene.elements.retain(|element| !empty(element));
        let svg = SvgBackend::new().render_scene(&self.scene);
        let size = format!(r#"height="{}""#, self.scene.height);
        let viewed = format!(
            r#"{size} viewBox="0 0 {} {}" role="img" aria-label="{}""#,
            self.scene.width,
            self.scene.height,
            self.title
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&quot;"),
        );
        // kuva writes no viewBox, without which an SVG does not scale.
        typeset::in_svg(&rounded(&renumber_clips(&svg.replacen(&size, &viewed, 1))))
    }
}

/// Text centred on `y` has its baseline here.
pub fn centred(y: f64, size: u32) -> f64 {
    y + HALF_CAPITAL * f64::from(size)
}

fn step((from, to): (f64, f64), range: (f64, f64), pixels: f64) -> f64 {
    round_step(
        (range.1 - range.0).abs(),
        ((to - from).abs() / pixels).round().max(2.0) as usize,
    )
}

/// kuva counts its clip paths through the whole life of the process; here they count from 0 in
/// every picture, so that the same data give the same bytes.
fn renumber_clips(svg: &str) -> String {
    const NAME: &str = "kuva-clip-";
    let mut seen: Vec<&str> = Vec::new();
    let mut parts = svg.split(NAME);
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = part.split_at(digits);
        let index = seen.iter().position(|n| *n == number).unwrap_or_else(|| {
            seen.push(number);
            seen.len() - 1
        });
        out.push_str(&format!("clip-{index}{rest}"));
    }
    out
}

/// kuva rounds to hundredths by a multiplication that leaves `96.60000000000001`; inside the tags
/// such numbers lose their tail.
fn rounded(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    for part in svg.split_inclusive('>') {
        let (text, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        out.push_str(text);
        let mut rest = tag;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, number) = rest.split_at(start);
            let inside = |c: char| c.is_ascii_digit() || c == '.';
            let end = number.find(|c| !inside(c)).unwrap_or(number.len());
            let (number, after) = number.split_at(end);
            out.push_str(before);
            match (number.split_once('.'), number.parse::<f64>()) {
                (Some((_, decimals)), Ok(value)) if decimals.len() > 2 => {
                    let text = format!("{value:.2}");
                    out.push_str(text.trim_end_matches('0').trim_end_matches('.'));
                }
                _ => out.push_str(number),
            }
            rest = after;
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_counted_within_the_picture() {
        let svg = r#"id="kuva-clip-17"/><g id="kuva-clip-4"/>url(#kuva-clip-17)"#;
        assert_eq!(
            renumber_clips(svg),
            r#"id="clip-0"/><g id="clip-1"/>url(#clip-0)"#
        );
    }

    #[test]
    fn numbers_lose_their_noise_in_tags_only() {
        let svg = r#"<path d="M 96.60000000000001 -0.30000000000000004L7 12.5"/>1.23456<b/>"#;
        assert_eq!(rounded(svg), r#"<path d="M 96.6 -0.3L7 12.5"/>1.23456<b/>"#);
        let kept = "<!-- Generated by kuva 0.6.0 --><rect y=\"1.999\"/>";
        assert_eq!(
            rounded(kept),
            "<!-- Generated by kuva 0.6.0 --><rect y=\"2\"/>"
        );
    }

    #[test]
    fn a_frame_maps_values_to_its_sides() {
        let frame = Frame::new((100.0, 300.0), (50.0, 90.0), (-1.0, 1.0), (0.0, 4.0));
        assert_eq!((frame.at_x(-1.0), frame.at_x(0.5)), (100.0, 250.0));
        assert_eq!((frame.at_y(0.0), frame.at_y(4.0)), (90.0, 50.0));
        assert_eq!(frame.middle(), (200.0, 70.0));
        let log = Frame::new((0.0, 1.0), (50.0, 90.0), (0.0, 1.0), (1e-2, 1e2)).log_y();
        assert_eq!(
            (log.at_y(1e-2), log.at_y(1.0), log.at_y(1e2)),
            (90.0, 70.0, 50.0)
        );
    }

    #[test]
    fn one_unit_is_as_long_across_as_down() {
        let frame = Frame::equal((0.0, 200.0), (0.0, 100.0), (1.0, 3.0), (0.0, 4.0));
        assert_eq!((frame.x, frame.y), ((-2.0, 6.0), (0.0, 4.0)));
        let place = Frame::equal((0.0, 200.0), (0.0, 100.0), (1.0, 1.0), (2.0, 2.0));
        assert_eq!((place.x, place.y), ((0.5, 1.5), (1.75, 2.25)));
    }

    #[test]
    fn lines_stand_below_each_other() {
        let mut sheet = Sheet::new(80.0, "t");
        assert_eq!(sheet.lines((10.0, 40.0), "one\nother", 19.0, INK), 78.0);
        let texts = crate::inspect::texts(&sheet.svg());
        let found = texts.iter().find(|text| text.content == "other").unwrap();
        assert_eq!(found.at, (10.0, 59.0));
    }

    #[test]
    fn a_page_scales_and_names_itself() {
        let sheet = Sheet::new(80.0, "a < \"b\"");
        let picture = sheet.finish().unwrap();
        let tag =
            r#"height="80" viewBox="0 0 1000 80" role="img" aria-label="a &lt; &quot;b&quot;""#;
        assert!(picture.svg.contains(tag), "{}", picture.svg);
        assert!(picture.png.starts_with(b"\x89PNG"));
        assert_eq!(
            picture.png[16..24],
            [0, 0, 7, 208, 0, 0, 0, 160],
            "2000 by 160 pixels"
        );
    }
}

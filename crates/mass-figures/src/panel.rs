//! A panel: axes and marks in a frame, with the letter, labels and legend that belong to it.

use std::sync::Arc;

use kuva::prelude::{Layout, TickFormat};
use kuva::render::render::{Primitive, TextAnchor, TextSpan};

use crate::number::ten_to;
use crate::sheet::{Drawn, ENTRY_GAP, Frame, Key, Point, Sheet, Swatch, entry_width};
use crate::style::{INK, LABEL, LETTER, TICK};

/// Between the top of a panel and the line of text above it.
const ABOVE: f64 = 13.0;

/// How numbers stand at the axes of a panel.
#[derive(Clone, Default)]
pub struct Axes {
    pub(crate) x_step: Option<f64>,
    pub(crate) y_step: Option<f64>,
    pub(crate) x_numbers: Option<TickFormat>,
    pub(crate) y_numbers: Option<TickFormat>,
    pub(crate) no_grid: bool,
    pub(crate) no_x: bool,
    pub(crate) no_y: bool,
}

impl Axes {
    /// Axes with round numbers and grid lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Without grid lines.
    pub fn plain() -> Self {
        Self {
            no_grid: true,
            ..Self::default()
        }
    }

    /// Numbers of the x axis so far apart.
    pub fn x_step(mut self, step: f64) -> Self {
        self.x_step = Some(step);
        self
    }

    /// Numbers of the y axis so far apart.
    pub fn y_step(mut self, step: impl Into<Option<f64>>) -> Self {
        self.y_step = step.into();
        self
    }

    /// Numbers of the x axis written in another way; an empty text for none.
    pub fn x_numbers(mut self, text: fn(f64) -> String) -> Self {
        self.x_numbers = Some(TickFormat::Custom(Arc::new(text)));
        self
    }

    /// Numbers of the y axis written in another way; an empty text for none.
    pub fn y_numbers(mut self, text: fn(f64) -> String) -> Self {
        self.y_numbers = Some(TickFormat::Custom(Arc::new(text)));
        self
    }

    /// No numbers along the x axis, unless they are wanted.
    pub fn numbered_x(mut self, wanted: bool) -> Self {
        self.no_x = !wanted;
        self
    }

    /// No numbers along the y axis, unless they are wanted.
    pub fn numbered_y(mut self, wanted: bool) -> Self {
        self.no_y = !wanted;
        self
    }

    pub(crate) fn layout(self, sheet: &Sheet, frame: &Frame) -> Layout {
        let mut layout = sheet.layout(frame);
        if frame.log_y {
            layout = layout.with_log_y().with_y_tick_format(decades());
            layout.y_tick_step = None;
        }
        layout.x_tick_step = self.x_step.or(layout.x_tick_step);
        layout.y_tick_step = self.y_step.or(layout.y_tick_step);
        if let Some(numbers) = self.x_numbers {
            layout = layout.with_x_tick_format(numbers);
        }
        if let Some(numbers) = self.y_numbers {
            layout = layout.with_y_tick_format(numbers);
        }
        layout.show_grid = !self.no_grid;
        layout.suppress_x_ticks = self.no_x;
        layout.suppress_y_ticks = self.no_y;
        layout
    }
}

/// Numbers at the decades of a logarithmic axis; kuva's ticks at 2 and 5 go unlabelled.
fn decades() -> TickFormat {
    TickFormat::Custom(Arc::new(|v| {
        let power = v.log10();
        match (power - power.round()).abs() < 1e-6 {
            true => ten_to(power.round() as i32),
            false => String::new(),
        }
    }))
}

/// A panel of a sheet being drawn; begun by [`Sheet::panel`].
///
/// What it is told is drawn at once, the later over the earlier. Series that have a name are gathered
/// for its legend.
pub struct Panel<'s> {
    pub(crate) sheet: &'s mut Sheet,
    pub(crate) frame: Frame,
    place: usize,
    head: f64,
    keys: Vec<Key>,
}

impl Sheet {
    /// Begins a panel, or goes on with the one in this frame.
    pub fn panel(&mut self, frame: Frame) -> Panel<'_> {
        let known = self.panels.iter().position(|one| one.frame == frame);
        let place = known.unwrap_or(self.panels.len());
        if known.is_none() {
            self.panels.push(Drawn {
                frame,
                letter: None,
                labels: Vec::new(),
            });
        }
        Panel {
            place,
            sheet: self,
            head: frame.down.0,
            frame,
            keys: Vec::new(),
        }
    }

    /// What was drawn as panels, in order.
    pub fn panels(&self) -> &[Drawn] {
        &self.panels
    }
}

impl Panel<'_> {
    /// The frame.
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// The page, for marks that no method here makes.
    pub fn sheet(&mut self) -> &mut Sheet {
        self.sheet
    }

    /// Remembers a label.
    pub(crate) fn said(&mut self, at: Point, label: &str) {
        let labels = &mut self.sheet.panels[self.place].labels;
        labels.push((at, label.into()));
    }

    /// The axes alone.
    pub fn axes(&mut self, axes: Axes) -> &mut Self {
        let layout = axes.layout(self.sheet, &self.frame);
        self.sheet.plots(Vec::new(), layout);
        self
    }

    /// Puts what stands above the panel higher: as if the panel began at this height of the page.
    pub fn head_at(&mut self, top: f64) -> &mut Self {
        self.head = top;
        self
    }

    /// A line of text that belongs to the panel: its baseline begins, has its middle, or ends here.
    pub fn text(&mut self, at: Point, text: &str, size: u32, anchor: TextAnchor) -> &mut Self {
        self.said(at, text);
        self.sheet.text(at, text, size, anchor);
        self
    }

    /// The same in a colour.
    pub fn tinted_text(
        &mut self,
        at: Point,
        text: &str,
        size: u32,
        anchor: TextAnchor,
        colour: &str,
    ) -> &mut Self {
        self.said(at, text);
        self.sheet.tinted_text(at, text, size, anchor, colour);
        self
    }

    /// The letter, `(a)`, above the panel, beginning at x of the page.
    pub fn letter(&mut self, letter: char, x: f64) -> &mut Self {
        self.sheet.panels[self.place].letter = Some(letter);
        // kuva draws bold text in a PNG only as rich text.
        self.sheet.add(Primitive::RichText {
            x,
            y: self.head - ABOVE,
            spans: vec![TextSpan {
                text: format!("({letter})"),
                bold: true,
                italic: false,
                underline: false,
                code: false,
                math: false,
            }],
            size: LETTER,
            anchor: TextAnchor::Start,
            color: Some(INK.into()),
        });
        self
    }

    /// The heading above the panel, beginning at x of the page.
    pub fn heading(&mut self, heading: &str, x: f64, size: u32) -> &mut Self {
        self.text((x, self.head - ABOVE), heading, size, TextAnchor::Start)
    }

    /// The heading above the middle of the panel.
    pub fn centred_heading(&mut self, heading: &str, size: u32) -> &mut Self {
        let at = (self.frame.middle().0, self.head - ABOVE);
        self.text(at, heading, size, TextAnchor::Middle)
    }

    /// The label of the x axis.
    pub fn x_label(&mut self, label: &str) -> &mut Self {
        self.below(label, 44.0, LABEL)
    }

    /// A text centred so many pixels below the panel.
    pub fn below(&mut self, text: &str, drop: f64, size: u32) -> &mut Self {
        let at = (self.frame.middle().0, self.frame.down.1 + drop);
        self.text(at, text, size, TextAnchor::Middle)
    }

    /// The label of the y axis, above it: turned text loses its smooth edges in a PNG.
    pub fn y_label(&mut self, label: &str) -> &mut Self {
        let at = (self.frame.across.0 - 30.0, self.frame.down.0 - ABOVE);
        self.text(at, label, LABEL, TextAnchor::Start)
    }

    /// An entry of the legend that no series makes.
    pub fn key(&mut self, name: &str, colour: &'static str, swatch: Swatch) -> &mut Self {
        self.keys.push(Key::new(name, colour, swatch));
        self
    }

    /// The legend in one row above the panel, ending at its right side: never over the data.
    pub fn legend(&mut self) -> &mut Self {
        let keys = std::mem::take(&mut self.keys);
        let total: f64 = keys.iter().map(|key| entry_width(&key.name, TICK)).sum();
        let mut x = self.frame.across.1 - total + ENTRY_GAP;
        for key in &keys {
            let at = self.sheet.entry((x, self.head - ABOVE), key);
            self.said(at, &key.name);
            x += entry_width(&key.name, TICK);
        }
        self
    }

    /// The legend from the uppermost series down.
    pub fn legend_from_top(&mut self) -> &mut Self {
        self.keys.reverse();
        self.legend()
    }

    /// The legend in rows that begin at a place of the page, as many entries to a row as this width
    /// holds.
    pub fn legend_block(&mut self, at: Point, width: f64) -> &mut Self {
        let keys = std::mem::take(&mut self.keys);
        let places = self.sheet.legend_block(at, width, &keys);
        for (at, key) in places.into_iter().zip(&keys) {
            self.said(at, &key.name);
        }
        self
    }

    /// The legend in rows beneath the panel.
    pub fn legend_below(&mut self) -> &mut Self {
        let (left, right) = self.frame.across;
        self.legend_block((left + 6.0, self.frame.down.1 + 74.0), right - left)
    }

    /// The same from the uppermost series down.
    pub fn legend_below_from_top(&mut self) -> &mut Self {
        self.keys.reverse();
        self.legend_below()
    }
}

//! Panels with a place for every term: what the figures of activations share (5, 8, 13 to 15).

use kuva::prelude::{LinePlot, Plot};
use kuva::render::color::Color;
use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};

use super::sheet::{Frame, Sheet, Swatch, Tile};
use super::style::{AMBER, BLUE, GREY, PALE, SKY, TICK};
use super::{DrawError, nullable, same_length, typeset};

/// A term of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TermName {
    /// Its name in ASCII, `Syy^-1 Sxy y`.
    pub(crate) ascii: String,
    /// Its name in Unicode, `S_yy⁻¹ S_xy y`; drawn with real subscripts.
    pub(crate) name: String,
    /// Not held at zero by the mask?
    pub(crate) active: bool,
}

/// How strongly scientists trained on one system use each term.
///
/// S scientists, T terms. `null` in place of a number is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Strengths {
    /// Identifier of the system, `classical`.
    pub(crate) system: String,
    /// The scientists, `[S]`.
    pub(crate) seeds: Vec<u64>,
    /// Whether each is correct on the system, `[S]`.
    pub(crate) correct: Vec<bool>,
    /// E|a| over 512 states, row-major `[S, T]`.
    #[serde(with = "nullable::single")]
    pub(crate) strength: Vec<f64>,
}

impl Strengths {
    /// Checks the lengths against T terms.
    pub(super) fn check(&self, figure: &'static str, terms: usize) -> Result<(), DrawError> {
        let seeds = self.seeds.len();
        same_length(figure, "correct", self.correct.len(), seeds, "`seeds`")?;
        let of = "`seeds` by `terms`";
        same_length(figure, "strength", self.strength.len(), seeds * terms, of)?;
        // Where no scientist could be read there are strengths, and none to draw.
        if !self.strength.is_empty() {
            return Ok(());
        }
        Err(DrawError::Empty {
            figure,
            what: "strength",
        })
    }

    /// The strengths of each scientist, `[T]`.
    pub(super) fn rows(&self, terms: usize) -> impl Iterator<Item = &[f64]> {
        self.strength.chunks(terms.max(1))
    }

    /// The places of the `count` terms with the largest values, in the library's order.
    pub(super) fn largest(values: &[f64], count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..values.len())
            .filter(|i| values[*i].is_finite() && values[*i] > 0.0)
            .collect();
        order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
        order.truncate(count);
        order.sort_unstable();
        order
    }

    /// A quantile of each term over the scientists whose value is finite, `[T]`; NaN without one.
    pub(crate) fn quantile(&self, terms: usize, share: f64) -> Vec<f64> {
        (0..terms)
            .map(|term| {
                let column = self.rows(terms).map(|row| row[term]);
                let values: Vec<f64> = column.filter(|v| v.is_finite()).collect();
                mass_systems::quantile(&values, share, mass_systems::QuantileRule::Nearest)
            })
            .collect()
    }
}

/// How the first principal component of the activations is distributed over the states: the
/// component of each scientist and the true ẏ, each with mean 0 and variance 1 and the component's
/// sign that of its correlation with ẏ.
///
/// S scientists, H bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Components {
    /// The sides of the bins, increasing, `[H + 1]`.
    pub(crate) edges: Vec<f64>,
    /// Density of the true ẏ in each bin, `[H]`.
    #[serde(with = "nullable")]
    pub(crate) truth: Vec<f64>,
    /// Density of each scientist's component, row-major `[S, H]`.
    #[serde(with = "nullable::single")]
    pub(crate) density: Vec<f64>,
}

impl Components {
    fn check(&self, figure: &'static str, scientists: usize) -> Result<(), DrawError> {
        let bins = self.edges.len().saturating_sub(1);
        same_length(figure, "truth", self.truth.len(), bins, "`edges` less one")?;
        let of = "`seeds` by `edges` less one";
        same_length(figure, "density", self.density.len(), scientists * bins, of)?;
        super::contour_map::check_axis(figure, "edges", &self.edges)
    }
}

/// A frame with a place for each of T terms, from 0 up to a height.
pub(super) fn frame(across: (f64, f64), down: (f64, f64), terms: usize, height: f64) -> Frame {
    Frame {
        across,
        down,
        x: (-1.0, terms as f64),
        y: (0.0, if height > 0.0 { height * 1.06 } else { 1.0 }),
    }
}

/// Shades the places of the terms that are held at zero.
pub(super) fn held(sheet: &mut Sheet, frame: &Frame, terms: &[TermName]) {
    let places: Vec<usize> = (0..terms.len()).filter(|i| !terms[*i].active).collect();
    for run in places.chunk_by(|a, b| a + 1 == *b) {
        let (first, last) = (run[0] as f64, run[run.len() - 1] as f64);
        let sides = (frame.at_x(first - 0.5), frame.at_x(last + 0.5));
        sheet.rect(sides, frame.down, PALE);
    }
}

/// Bars from a lower to an upper height, one a term; those without a finite one are left out.
pub(super) fn bars(
    sheet: &mut Sheet,
    frame: &Frame,
    from: &[f64],
    to: &[f64],
    width: f64,
    colour: &str,
) {
    let tiles: Vec<Tile> = from
        .iter()
        .zip(to)
        .enumerate()
        .filter(|(_, (from, to))| from.is_finite() && to.is_finite() && from != to)
        .map(|(term, (from, to))| {
            let across = (
                frame.at_x(term as f64 - width / 2.0),
                frame.at_x(term as f64 + width / 2.0),
            );
            (
                across,
                (frame.at_y(*to), frame.at_y(*from)),
                Color::from(colour),
            )
        })
        .collect();
    sheet.rects(tiles);
}

/// The axes of a panel by term.
pub(super) fn axes(sheet: &mut Sheet, frame: &Frame, numbered: bool) {
    let mut layout = sheet.layout(frame).with_x_tick_step(20.0);
    layout.show_grid = false;
    layout.suppress_x_ticks = !numbered;
    sheet.plots(Vec::new(), layout);
}

/// Names of terms in a row above a panel, each with a line down to its bar: index of the term, its
/// name, the height of its bar; the row stands `lift` pixels above the panel.
pub(super) fn names_above(
    sheet: &mut Sheet,
    frame: &Frame,
    named: &[(usize, &str, f64)],
    lift: f64,
) {
    const GAP: f64 = 14.0;
    let mut named = named.to_vec();
    named.sort_by_key(|(index, ..)| *index);
    let widths: Vec<f64> = named
        .iter()
        .map(|(_, name, _)| typeset::width(name, TICK))
        .collect();
    let wished: Vec<f64> = named
        .iter()
        .map(|(index, ..)| frame.at_x(*index as f64))
        .collect();
    let middles = apart(&wished, &widths, GAP, frame.across);
    let baseline = frame.down.0 - lift;
    for (((_, name, height), middle), bar) in named.iter().zip(middles).zip(wished) {
        sheet.text((middle, baseline), name, TICK, TextAnchor::Middle);
        let tip = match height.is_finite() {
            true => frame.at_y(*height),
            false => frame.down.1,
        };
        let corners = [
            (middle, baseline + 7.0),
            (bar, frame.down.0 - 4.0),
            (bar, tip - 2.0),
        ];
        sheet.line(&corners, GREY, 1.0);
    }
}

/// Places for labels of these widths, each near its wish, in order, none over another, all between
/// the sides (as long as they fit).
fn apart(wished: &[f64], widths: &[f64], gap: f64, (left, right): (f64, f64)) -> Vec<f64> {
    let mut places = wished.to_vec();
    let mut least = left;
    for (place, width) in places.iter_mut().zip(widths) {
        *place = place.max(least + width / 2.0);
        least = *place + width / 2.0 + gap;
    }
    let mut most = right;
    for (place, width) in places.iter_mut().zip(widths).rev() {
        *place = place.min(most - width / 2.0);
        most = *place - width / 2.0 - gap;
    }
    places
}

/// Height of a row of [`population`] from the top of its names to the label of its x axis.
pub(super) const POPULATION_HEIGHT: f64 = 400.0;

/// A row of two panels about many scientists on one system: the spread of E|a| by term, the largest
/// terms named; and the distribution of the first component beside that of ẏ.
pub(super) fn population(
    sheet: &mut Sheet,
    figure: &'static str,
    top: f64,
    letters: [char; 2],
    terms: &[TermName],
    strengths: &Strengths,
    components: &Components,
) -> Result<(), DrawError> {
    strengths.check(figure, terms.len())?;
    components.check(figure, strengths.seeds.len())?;
    let down = (top + 100.0, top + 340.0);
    spread(sheet, (95.0, 640.0), down, terms, strengths, true);
    let left = frame((95.0, 640.0), down, terms.len(), 1.0);
    let head = Frame {
        down: (top + 30.0, top + 30.0),
        ..left
    };
    sheet.letter(20.0, &head, letters[0]);
    let label = format!("{}, {} scientists", strengths.system, strengths.seeds.len());
    sheet.text(
        (60.0, head.down.0 - 13.0),
        &label,
        TICK + 2,
        TextAnchor::Start,
    );
    sheet.x_label(&left, "term i");

    let right = histograms(sheet, (715.0, 975.0), down, components);
    let head = Frame {
        down: (top + 30.0, top + 30.0),
        ..right
    };
    sheet.letter(660.0, &head, letters[1]);
    sheet.text(
        (700.0, head.down.0 - 13.0),
        "first component",
        TICK + 2,
        TextAnchor::Start,
    );
    sheet.x_label(&right, "standard deviations");
    Ok(())
}

/// The spread of E|a| over the scientists by term: a bar from the first to the ninth decile, and the
/// median upon it; the five terms of largest median named if there is room above.
pub(super) fn spread(
    sheet: &mut Sheet,
    across: (f64, f64),
    down: (f64, f64),
    terms: &[TermName],
    strengths: &Strengths,
    named: bool,
) {
    let [low, median, high] = [0.1, 0.5, 0.9].map(|q| strengths.quantile(terms.len(), q));
    let highest = high
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    let frame = frame(across, down, terms.len(), highest);
    held(sheet, &frame, terms);
    bars(sheet, &frame, &low, &high, 0.8, SKY);
    let thick = 2.0 / (down.1 - down.0) * (frame.y.1 - frame.y.0);
    let (under, over): (Vec<f64>, Vec<f64>) = median
        .iter()
        .map(|m| match *m > 0.0 {
            true => (m - thick / 2.0, m + thick / 2.0),
            false => (f64::NAN, f64::NAN),
        })
        .unzip();
    bars(sheet, &frame, &under, &over, 0.8, BLUE);
    axes(sheet, &frame, true);
    sheet.y_label(&frame, "E|a_i|");
    if named {
        let top: Vec<(usize, &str, f64)> = Strengths::largest(&median, 4)
            .into_iter()
            .map(|term| (term, terms[term].name.as_str(), high[term]))
            .collect();
        names_above(sheet, &frame, &top, 38.0);
    }
}

/// Step lines of every scientist's component, thin, over that of ẏ, wide; and the frame they are in.
fn histograms(
    sheet: &mut Sheet,
    across: (f64, f64),
    down: (f64, f64),
    components: &Components,
) -> Frame {
    let bins = components.truth.len();
    let rows: Vec<&[f64]> = components.density.chunks(bins.max(1)).collect();
    let all = components.density.iter().chain(&components.truth).copied();
    let mut heights: Vec<f64> = all.filter(|v| v.is_finite()).collect();
    heights.sort_by(f64::total_cmp);
    // A scientist whose component is one spike does not set the scale.
    let highest = match heights.len() {
        0 => 1.0,
        n => (2.0 * heights[(0.98 * (n - 1) as f64) as usize]).min(heights[n - 1]),
    };
    let frame = Frame {
        across,
        down,
        x: (components.edges[0], components.edges[bins]),
        y: (0.0, highest.max(0.1) * 1.1),
    };
    // A line that leaves the panel runs along its side.
    let steps = |heights: &[f64]| -> Vec<(f64, f64)> {
        let pieces = heights.iter().zip(components.edges.windows(2));
        pieces
            .filter(|(height, _)| height.is_finite())
            .flat_map(|(height, side)| {
                let height = height.min(frame.y.1);
                [(side[0], height), (side[1], height)]
            })
            .collect()
    };
    let line = |points: Vec<(f64, f64)>, colour: &str, width: f64| {
        Plot::Line(
            LinePlot::new()
                .with_data(points)
                .with_color(colour)
                .with_stroke_width(width),
        )
    };
    let mut plots = vec![line(steps(&components.truth), AMBER, 6.0)];
    plots.extend(rows.iter().map(|row| line(steps(row), BLUE, 0.7)));
    plots.retain(|plot| !matches!(plot, Plot::Line(line) if line.data.is_empty()));
    let mut layout = sheet.layout(&frame);
    layout.show_grid = false;
    sheet.plots(plots, layout);
    sheet.y_label(&frame, "density");
    let entries = [
        ("true ẏ", AMBER, Swatch::Line(6.0)),
        ("scientists", BLUE, Swatch::Line(1.2)),
    ];
    sheet.legend(&frame, &entries);
    frame
}

/// What the colours of [`spread`] mean, in a row that ends at a panel's right side.
pub(super) fn spread_legend(sheet: &mut Sheet, frame: &Frame) {
    let entries = [
        ("first to ninth decile", SKY, Swatch::Square),
        ("median", BLUE, Swatch::Square),
        ("held at zero", PALE, Swatch::Square),
    ];
    sheet.legend(frame, &entries);
}

#[cfg(test)]
pub(super) mod made_up {
    use super::*;

    /// Made up: the library's 172 names.
    pub(in crate::draw) fn terms() -> Vec<TermName> {
        let library = mass_terms::Library::standard();
        let mask = mass_terms::Mask::released(&library);
        let names =
            [mass_terms::Notation::Ascii, mass_terms::Notation::Unicode].map(|n| library.names(n));
        (0..library.len())
            .map(|index| TermName {
                ascii: names[0][index].clone(),
                name: names[1][index].clone(),
                active: mask.is_active(index),
            })
            .collect()
    }

    /// Made up: strengths out of a formula, some terms strong for most scientists.
    pub(in crate::draw) fn strengths(system: &str, scientists: usize) -> Strengths {
        let terms = terms();
        let random = |i: usize| ((i * 7919 + 104_729) % 997) as f64 / 997.0;
        let salt = system.len() * 131;
        let strength = (0..scientists)
            .flat_map(|seed| {
                let random = &random;
                terms.iter().enumerate().map(move |(index, term)| {
                    let liked = random(index + salt).powi(8);
                    let whim = random(seed * 977 + index * 31).powi(12);
                    let own = 0.5 + random(seed * 13 + index * 7);
                    if term.active {
                        (liked * own + 0.5 * whim) * 0.6
                    } else {
                        0.0
                    }
                })
            })
            .collect();
        Strengths {
            system: system.to_string(),
            seeds: (0..scientists as u64).collect(),
            correct: (0..scientists).map(|seed| seed % 7 != 3).collect(),
            strength,
        }
    }

    /// Made up: nearly uniform densities.
    pub(in crate::draw) fn components(scientists: usize) -> Components {
        let edges: Vec<f64> = (0..=24).map(|i| -2.4 + 0.2 * f64::from(i)).collect();
        let density = |noise: f64| {
            edges
                .windows(2)
                .map(|side| {
                    let middle = (side[0] + side[1]) / 2.0;
                    if middle.abs() < 1.75 {
                        0.285 * (1.0 + noise * (9.0 * middle + 40.0 * noise).sin())
                    } else {
                        0.0
                    }
                })
                .collect::<Vec<f64>>()
        };
        Components {
            truth: density(0.0),
            density: (0..scientists)
                .flat_map(|s| density(0.03 + 0.17 * ((s * 37 % 11) as f64 / 11.0)))
                .collect(),
            edges,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_kept_apart() {
        let placed = apart(&[10.0, 12.0, 14.0, 99.0], &[8.0; 4], 2.0, (0.0, 100.0));
        assert!(
            placed
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= 10.0 - 1e-9),
            "{placed:?}"
        );
        assert!(placed[0] >= 4.0 && placed[3] <= 96.0);
        assert_eq!(apart(&[50.0], &[8.0], 2.0, (0.0, 100.0)), [50.0]);
    }

    #[test]
    fn quantiles_ignore_what_is_not_finite() {
        let strengths = Strengths {
            system: "classical".into(),
            seeds: vec![0, 1, 2],
            correct: vec![true; 3],
            strength: vec![1.0, f64::NAN, 2.0, f64::NAN, 4.0, f64::NAN],
        };
        assert_eq!(strengths.quantile(2, 0.5)[0], 2.0);
        assert!(strengths.quantile(2, 0.5)[1].is_nan());
        assert_eq!(
            Strengths::largest(&[0.1, f64::NAN, 0.3, 0.2, 0.0], 2),
            [2, 3]
        );
        assert_eq!(Strengths::largest(&[0.0], 2), [0; 0]);
    }
}

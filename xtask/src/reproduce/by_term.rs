//! What the figures of activations share (5, 8, 13 to 15): a place for every term, the spread over many
//! scientists, and their first components.

use mass_figures::{
    increasing,
    style::{AMBER, PALE},
};
use mass_interp::{
    ComponentSign, FirstComponents, Reading, TermUse,
    statistics::{distance_between, distance_from_uniform, standardised},
};
use mass_systems::{QuantileRule, quantile};
use mass_terms::Notation;

use super::prelude::*;
use crate::training::Request;

/// A term of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermName {
    /// Its name in ASCII, `Syy^-1 Sxy y`.
    pub(super) ascii: String,
    /// Its name in Unicode, `S_yy⁻¹ S_xy y`; drawn with real subscripts.
    pub(super) name: String,
    /// Not held at zero by the mask?
    pub(super) active: bool,
}

/// The terms of a scientist.
pub(super) fn term_names(scientist: &Scientist) -> Vec<TermName> {
    let terms = scientist.model().terms();
    let [ascii, unicode] = [Notation::Ascii, Notation::Unicode].map(|n| terms.library.names(n));
    let names = ascii.into_iter().zip(unicode).enumerate();
    names
        .map(|(index, (ascii, name))| TermName {
            ascii,
            name,
            active: terms.mask.is_active(index),
        })
        .collect()
}

/// How strongly scientists trained on one system use each term.
///
/// S scientists, T terms. `null` in place of a number is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Strengths {
    /// Identifier of the system, `classical`.
    pub(super) system: String,
    /// The scientists, `[S]`.
    pub(super) seeds: Vec<u64>,
    /// Whether each is correct on the system, `[S]`.
    pub(super) correct: Vec<bool>,
    /// E|a| over 512 states, row-major `[S, T]`.
    #[serde(with = "nullable::single")]
    pub(super) strength: Vec<f64>,
}

impl Strengths {
    /// Checks the lengths against T terms.
    pub(super) fn check(&self, terms: usize) -> Result<(), DrawError> {
        let seeds = self.seeds.len();
        same_length("`seeds`", seeds, &[("correct", self.correct.len())])?;
        let strength = [("strength", self.strength.len())];
        same_length("`seeds` by `terms`", seeds * terms, &strength)?;
        // Where no scientist could be read there are strengths, and none to draw.
        match self.strength.is_empty() {
            true => Err(DrawError::empty("strength")),
            false => Ok(()),
        }
    }

    /// The strengths of each scientist, `[T]`.
    pub(super) fn rows(&self, terms: usize) -> impl Iterator<Item = &[f64]> {
        self.strength.chunks(terms.max(1))
    }

    /// Which terms are significant (99 %), and for how many.
    pub(super) fn term_use(&self, terms: usize) -> TermUse {
        TermUse::of(&self.strength, terms, 0.99)
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
    pub(super) fn quantile(&self, terms: usize, share: f64) -> Vec<f64> {
        let of = |term: usize| {
            let column = self.rows(terms).map(|row| row[term]);
            let values: Vec<f64> = column.filter(|v| v.is_finite()).collect();
            quantile(&values, share, QuantileRule::Nearest)
        };
        (0..terms).map(of).collect()
    }

    /// Draws the spread of E|a| over the scientists by term: a bar from the first to the ninth decile,
    /// and the median upon it; the four terms of largest median are named.
    pub(super) fn spread(
        &self,
        sheet: &mut Sheet,
        across: (f64, f64),
        down: (f64, f64),
        terms: &[TermName],
    ) -> Frame {
        let [low, median, high] = [0.1, 0.5, 0.9].map(|q| self.quantile(terms.len(), q));
        let frame = Frame::by_place(across, down, terms.len(), highest(&high));
        let thick = 2.0 / (down.1 - down.0) * (frame.y.1 - frame.y.0);
        let (under, over): (Vec<f64>, Vec<f64>) = median
            .iter()
            .map(|m| match *m > 0.0 {
                true => (m - thick / 2.0, m + thick / 2.0),
                false => (f64::NAN, f64::NAN),
            })
            .unzip();
        let top: Vec<(usize, &str, f64)> = Self::largest(&median, 4)
            .into_iter()
            .map(|term| (term, terms[term].name.as_str(), high[term]))
            .collect();
        sheet
            .panel(frame)
            .shade(&held(terms))
            .bars(&low, &high, 0.8, SKY)
            .bars(&under, &over, 0.8, BLUE)
            .place_axes(true)
            .y_label("E|a_i|")
            .names_above(&top, 38.0);
        frame
    }
}

/// Scientists trained on one system alone, and what each says of it.
pub(super) struct Single {
    pub(super) population: Population,
    pub(super) readings: Vec<Reading>,
    pub(super) strengths: Strengths,
    pub(super) terms: Vec<TermName>,
}

impl Single {
    /// One of each request.
    pub(super) fn train_each(requests: &[Request]) -> Result<Vec<Self>> {
        requests.iter().map(Self::train).collect()
    }

    /// The scientists of a request with one system, read at 512 states.
    pub(super) fn train(request: &Request) -> Result<Self> {
        let population = Population::train(request)?;
        let system = request.systems[0].clone();
        let scientists = population.at_end()?;
        let batch = states(&system, EVALUATION_STATES)?;
        let readings = Scientist::read_all(&scientists, 0, &batch)?;
        let terms = term_names(&scientists[0]);
        let sizes = |reading: &Reading| match reading.regular() {
            Ok(regular) => regular.activations().mean_abs(),
            Err(_) => vec![f64::NAN; terms.len()],
        };
        let strengths = Strengths {
            system,
            seeds: population.seeds().to_vec(),
            correct: population.correct(population.phases())?,
            strength: readings.iter().flat_map(sizes).collect(),
        };
        Ok(Self {
            population,
            readings,
            strengths,
            terms,
        })
    }
}

/// The places of the terms that are held at zero.
pub(super) fn held(terms: &[TermName]) -> Vec<usize> {
    (0..terms.len()).filter(|i| !terms[*i].active).collect()
}

/// The largest finite value, or 0.
pub(super) fn highest(values: &[f64]) -> f64 {
    let finite = values.iter().copied().filter(|v| v.is_finite());
    finite.fold(0.0, f64::max)
}

/// What the colours of a spread mean, in a row that ends at the panel's right side; the panel's head
/// is at this height of the page.
pub(super) fn spread_legend(sheet: &mut Sheet, spread: Frame, head: f64) {
    sheet
        .panel(spread)
        .head_at(head)
        .key("first to ninth decile", SKY, Swatch::Square)
        .key("median", BLUE, Swatch::Square)
        .key("held at zero", PALE, Swatch::Square)
        .legend();
}

/// How the first principal component of the activations is distributed over the states: the
/// component of each scientist and the true ẏ, each with mean 0 and variance 1 and the component's
/// sign that of its correlation with ẏ.
///
/// S scientists, H bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Components {
    /// The sides of the bins, increasing, `[H + 1]`.
    pub(super) edges: Vec<f64>,
    /// Density of the true ẏ in each bin, `[H]`.
    #[serde(with = "nullable")]
    pub(super) truth: Vec<f64>,
    /// Density of each scientist's component, row-major `[S, H]`.
    #[serde(with = "nullable::single")]
    pub(super) density: Vec<f64>,
}

impl Components {
    fn check(&self, scientists: usize) -> Result<(), DrawError> {
        let bins = self.edges.len().saturating_sub(1);
        same_length("`edges` less one", bins, &[("truth", self.truth.len())])?;
        let density = [("density", self.density.len())];
        same_length("`seeds` by `edges` less one", scientists * bins, &density)?;
        increasing("edges", &self.edges)
    }

    /// Draws step lines of every scientist's component, thin, over that of ẏ, wide.
    fn histograms(&self, sheet: &mut Sheet, across: (f64, f64), down: (f64, f64)) -> Frame {
        let bins = self.truth.len();
        let all = self.density.iter().chain(&self.truth).copied();
        let mut heights: Vec<f64> = all.filter(|v| v.is_finite()).collect();
        heights.sort_by(f64::total_cmp);
        // A scientist whose component is one spike does not set the scale.
        let highest = match heights.len() {
            0 => 1.0,
            n => (2.0 * heights[(0.98 * (n - 1) as f64) as usize]).min(heights[n - 1]),
        };
        let y = (0.0, highest.max(0.1) * 1.1);
        let frame = Frame::new(across, down, (self.edges[0], self.edges[bins]), y);
        // A line that leaves the panel runs along its side.
        let steps = |heights: &[f64]| -> Vec<(f64, f64)> {
            let pieces = heights.iter().zip(self.edges.windows(2));
            pieces
                .filter(|(height, _)| height.is_finite())
                .flat_map(|(height, side)| side.iter().map(|x| (*x, height.min(frame.y.1))))
                .collect()
        };
        let scientists = self.density.chunks(bins.max(1));
        let scientists = scientists.map(|row| Series::new("", BLUE, 0.7, steps(row)));
        let mut lines = vec![Series::new("true ẏ", AMBER, 6.0, steps(&self.truth))];
        lines.extend(scientists);
        sheet
            .panel(frame)
            .plot(&lines, Axes::plain())
            .y_label("density")
            .key("scientists", BLUE, Swatch::Line(1.2))
            .legend();
        frame
    }
}

/// Height of a row of [`population`] from the top of its names to the label of its x axis.
pub(super) const POPULATION_HEIGHT: f64 = 400.0;

/// Draws a row of two panels about many scientists on one system: the spread of E|a| by term, and the
/// distribution of the first component beside that of ẏ.
pub(super) fn population(
    sheet: &mut Sheet,
    top: f64,
    letters: [char; 2],
    terms: &[TermName],
    strengths: &Strengths,
    components: &Components,
) -> Result<(), DrawError> {
    strengths.check(terms.len())?;
    components.check(strengths.seeds.len())?;
    let (down, head) = ((top + 100.0, top + 340.0), top + 30.0);
    let left = strengths.spread(sheet, (95.0, 640.0), down, terms);
    let label = format!("{}, {} scientists", strengths.system, strengths.seeds.len());
    sheet
        .panel(left)
        .head_at(head)
        .letter(letters[0], 20.0)
        .heading(&label, 60.0, TICK + 2)
        .x_label("term i");
    let right = components.histograms(sheet, (715.0, 975.0), down);
    sheet
        .panel(right)
        .head_at(head)
        .letter(letters[1], 660.0)
        .heading("first component", 700.0, TICK + 2)
        .x_label("standard deviations");
    spread_legend(sheet, left, head);
    Ok(())
}

/// Sides of the histograms' bins, in standard deviations.
const REACH: f64 = 2.5;
const BINS: usize = 25;
/// Two histograms are one if nowhere more than this share of the states lies on the wrong side
/// (Smirnov's distance). It is an effect size of our choice, not a test: the samples are of the same
/// states, each standardised. A normal distribution is 0.057 from a uniform one.
const SAME: f64 = 0.05;
/// Kolmogorov's distance of n uniform values, standardised by their own mean and deviation, from the
/// uniform distribution exceeds this / √n with 5 % chance (4000 samples of 512).
const UNIFORM: f64 = 0.893;

/// First components, standardised and turned so that they correlate positively with ẏ.
pub(super) struct Scores {
    truth: Vec<f64>,
    /// One a scientist; none where it could not be read.
    components: Vec<Option<Vec<f64>>>,
    /// |r| of each of those that could with the true ẏ.
    with_truth: Vec<f64>,
}

impl Scores {
    /// The scores of scientists at the states at which they were read.
    pub(super) fn of(readings: &[Reading]) -> Result<Self> {
        let found = FirstComponents::of(readings, ComponentSign::Prediction)?;
        let mut components: Vec<Option<Vec<f64>>> = vec![None; readings.len()];
        let scores = found.scores.iter().zip(&found.with_truth);
        for (member, (scores, r)) in found.members.iter().zip(scores) {
            let turned: Vec<f64> = scores.iter().map(|score| score * r.signum()).collect();
            components[*member] = standardised(&turned);
        }
        let truth = standardised(readings[0].states().acceleration());
        Ok(Self {
            truth: truth.context("the true acceleration varies")?,
            components,
            with_truth: found.with_truth.iter().map(|r| r.abs()).collect(),
        })
    }

    /// How they are distributed.
    pub(super) fn histograms(&self) -> Components {
        let width = 2.0 * REACH / BINS as f64;
        let density = |values: &[f64]| -> Vec<f64> {
            let mut counts = [0usize; BINS];
            for value in values {
                let bin = ((value + REACH) / width).floor();
                if (0.0..BINS as f64).contains(&bin) {
                    counts[bin as usize] += 1;
                }
            }
            let unit = width * values.len() as f64;
            counts.iter().map(|count| *count as f64 / unit).collect()
        };
        let of = |component: &Option<Vec<f64>>| match component {
            Some(values) => density(values),
            None => vec![f64::NAN; BINS],
        };
        Components {
            truth: density(&self.truth),
            density: self.components.iter().flat_map(of).collect(),
            edges: (0..=BINS).map(|i| -REACH + width * i as f64).collect(),
        }
    }

    fn read(&self) -> impl Iterator<Item = &Vec<f64>> {
        self.components.iter().flatten()
    }

    /// Are they uniformly distributed?
    pub(super) fn uniform(&self) -> Claim {
        let is = |scores: &&Vec<f64>| {
            distance_from_uniform(scores) < UNIFORM / (scores.len() as f64).sqrt()
        };
        let near = self.read().filter(is).count();
        claim(format!(
            "the first components are distributionally equivalent to a uniform distribution (more than half; the true ẏ itself: {:.3})",
            distance_from_uniform(&self.truth)
        ))
        .measured(
            "share of scientists whose first component is as near to uniform as 95 % of uniform samples are (0.04 for 512 states)",
            near as f64 / self.components.len() as f64,
        )
        .above(0.5)
    }

    /// Are they the true acceleration?
    pub(super) fn like_the_truth(&self, system: &str) -> Claim {
        let far = self
            .read()
            .map(|scores| distance_between(scores, &self.truth));
        let (middle, r) = (median(&far.collect::<Vec<_>>()), median(&self.with_truth));
        claim(format!(
            "the first component corresponds mainly to the true acceleration (distance < {SAME}, and |r| > 0.9 state by state; median |r| {r:.3})"
        ))
        .measured(
            format!("{system}: Smirnov's distance of first components from the true ẏ, median"),
            middle,
        )
        .holds(r.is_finite().then_some(middle < SAME && r > 0.9))
    }

    /// Are they alike between scientists?
    pub(super) fn alike(&self, system: &str) -> Claim {
        let all: Vec<&Vec<f64>> = self.read().collect();
        let pairs = (0..all.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let far = pairs.map(|(i, j)| distance_between(all[i], all[j]));
        let far: Vec<f64> = far.collect();
        let near = far.iter().filter(|distance| **distance < SAME).count();
        claim("the underlying theories, described by the histograms, are mostly identical (more than half)")
            .measured(
                format!("{system}: share of pairs of scientists with one histogram (distance < {SAME})"),
                near as f64 / far.len() as f64,
            )
            .above(0.5)
    }
}

#[cfg(test)]
pub(super) mod made_up {
    use super::*;

    /// the library's 172 names.
    pub(in crate::reproduce) fn terms() -> Vec<TermName> {
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

    /// strengths out of a formula, some terms strong for most scientists.
    pub(in crate::reproduce) fn strengths(system: &str, scientists: usize) -> Strengths {
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

    /// nearly uniform densities.
    pub(in crate::reproduce) fn components(scientists: usize) -> Components {
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
pub(super) mod tests {
    use mass_figures::inspect::Drawing;

    use super::*;

    /// The spread of a row of figures 14 and 15, and its histograms, are where the numbers are.
    pub(in crate::reproduce) fn population_is_drawn(
        drawing: &Drawing,
        letters: [char; 2],
        terms: &[TermName],
        strengths: &Strengths,
        components: &Components,
    ) {
        let [low, median, high] = [0.1, 0.5, 0.9].map(|q| strengths.quantile(terms.len(), q));
        let place = Strengths::largest(&median, 1)[0];
        let (at, spread) = (place as f64, drawing.lettered(letters[0]));
        spread
            .bar(SKY, (at, high[place]))
            .bar(SKY, (at, low[place]))
            .fill(BLUE, (at, median[place]))
            .fill(PALE, (held(terms)[0] as f64, high[place]))
            .key("first to ninth decile", SKY)
            .key("median", BLUE)
            .key("held at zero", PALE)
            .label(&format!(
                "{}, {} scientists",
                strengths.system,
                strengths.seeds.len()
            ))
            .label("E|a_i|")
            .label("term i");
        let middle = components.truth.len() / 2;
        let x = components.edges[middle];
        drawing
            .lettered(letters[1])
            .line(AMBER, (x, components.truth[middle]))
            .line(BLUE, (x, components.density[middle]))
            .key("true ẏ", AMBER)
            .key("scientists", BLUE)
            .label("first component")
            .label("density")
            .label("standard deviations");
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

    #[test]
    fn histograms_are_densities() {
        let even: Vec<f64> = (0..512).map(|i| f64::from(i) - 255.5).collect();
        let even = standardised(&even).unwrap();
        let scores = Scores {
            truth: even.clone(),
            components: vec![Some(even.clone()), None],
            with_truth: vec![1.0],
        };
        let found = scores.histograms();
        let total: f64 = found.truth.iter().sum::<f64>() * 0.2;
        assert!((total - 1.0).abs() < 1e-9, "{total}");
        assert!(found.density[BINS..].iter().all(|d| d.is_nan()));
        assert_eq!(scores.uniform().ours, Some(0.5));
        let like = scores.like_the_truth("classical");
        assert_eq!((like.ours, like.holds), (Some(0.0), Some(true)));
        // The same histogram, and another order of the states.
        let reordered = Scores {
            with_truth: vec![0.1],
            truth: even,
            components: scores.components.clone(),
        };
        assert_eq!(reordered.like_the_truth("classical").holds, Some(false));
        // Nor is a bell a uniform distribution: quantiles of the logistic one.
        let quantile = |p: f64| (p / (1.0 - p)).ln();
        let normal: Vec<f64> = (1..512).map(|i| quantile(f64::from(i) / 512.0)).collect();
        let bell = Scores {
            truth: scores.truth.clone(),
            components: vec![standardised(&normal)],
            with_truth: vec![1.0],
        };
        assert_eq!(bell.uniform().ours, Some(0.0));
        assert_eq!(bell.like_the_truth("classical").holds, Some(false));
        let none = Scores {
            components: vec![None, None],
            with_truth: Vec::new(),
            truth: scores.truth.clone(),
        };
        assert_eq!(none.like_the_truth("classical").holds, None);
        assert_eq!(none.alike("classical").holds, None);
        assert!(
            scores.alike("classical").ours.is_none(),
            "one makes no pair"
        );
    }
}

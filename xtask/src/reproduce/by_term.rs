//! What the figures of activations share (5, 8, 13 to 15): a place for every term, the spread over many
//! scientists, and their first components.

use mass_core::TermSet;
use mass_figures::{
    Histograms, Panel,
    style::{PALE, highest},
};
use mass_interp::{ComponentHistograms, ComponentScores, Reading, strongest_terms};

use super::prelude::*;
use crate::training::Request;

/// Checks the lengths of strengths against T terms.
pub(super) fn check(strengths: &TermStrengths, terms: usize) -> Result<(), DrawError> {
    let seeds = strengths.seeds.len();
    same_lengths!("`seeds`", seeds, strengths, [correct])?;
    same_lengths!("`seeds` by `terms`", seeds * terms, strengths, [strength])?;
    // Where no scientist could be read there are strengths, and none to draw.
    match strengths.strength.is_empty() {
        true => Err(DrawError::empty("strength")),
        false => Ok(()),
    }
}

/// Draws the spread of E|a| over the scientists by term: a bar from the first to the ninth decile,
/// and the median upon it; the four terms of largest median are named. The head and the legend are
/// the caller's to place.
pub(super) fn spread<'s>(
    sheet: &'s mut Sheet,
    across: (f64, f64),
    down: (f64, f64),
    strengths: &TermStrengths,
    terms: &[TermName],
) -> Panel<'s> {
    let [low, median, high] = [0.1, 0.5, 0.9].map(|q| strengths.quantile(terms.len(), q));
    let frame = Frame::by_place(across, down, terms.len(), highest(&high));
    let top: Vec<(usize, &str, f64)> = strongest_terms(&median, 4)
        .into_iter()
        .map(|term| (term, terms[term].name.as_str(), high[term]))
        .collect();
    let mut panel = sheet.panel(frame);
    panel
        .shade(&TermName::held(terms))
        .bars(&low, &high, 0.8, SKY)
        .marks(&median, 0.8, BLUE)
        .place_axes(true)
        .x_label("term i")
        .y_label("E|a_i|")
        .names_above(&top, 38.0)
        .key("first to ninth decile", SKY, Swatch::Square)
        .key("median", BLUE, Swatch::Square)
        .key("held at zero", PALE, Swatch::Square);
    panel
}

/// Scientists trained on one system alone, and what each says of it.
pub(super) struct Single {
    pub(super) population: Population,
    pub(super) readings: Vec<Reading>,
    pub(super) strengths: TermStrengths,
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
        let TermSet { library, mask, .. } = scientists[0].model().terms();
        let terms = TermName::all(library, mask);
        let correct = population.correct(population.phases())?;
        let seeds = population.seeds().to_vec();
        let strengths = TermStrengths::of(system, seeds, correct, &readings);
        Ok(Self {
            population,
            readings,
            strengths,
            terms,
        })
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
    strengths: &TermStrengths,
    components: &ComponentHistograms,
) -> Result<(), DrawError> {
    check(strengths, terms.len())?;
    let ComponentHistograms {
        edges,
        truth,
        density,
    } = components;
    let histograms = Histograms::new(edges, truth, density, strengths.seeds.len())?;
    let (down, head) = ((top + 100.0, top + 340.0), top + 30.0);
    let label = format!("{}, {} scientists", strengths.system, strengths.seeds.len());
    spread(sheet, (95.0, 640.0), down, strengths, terms)
        .head_at(head)
        .letter(letters[0], 20.0)
        .heading(&label, 60.0, TICK + 2)
        .legend();
    histograms
        .draw(sheet, (715.0, 975.0), down, ["true ẏ", "scientists"])
        .head_at(head)
        .letter(letters[1], 660.0)
        .heading("first component", 700.0, TICK + 2)
        .x_label("standard deviations");
    Ok(())
}

/// Two histograms are one if nowhere more than this share of the states lies on the wrong side
/// (Smirnov's distance). It is an effect size of our choice, not a test: the samples are of the same
/// states, each standardised. A normal distribution is 0.057 from a uniform one.
const SAME: f64 = 0.05;

/// Are first components uniformly distributed?
pub(super) fn uniform(scores: &ComponentScores) -> Claim {
    claim(format!(
        "the first components are distributionally equivalent to a uniform distribution (more than half; the true ẏ itself: {:.3})",
        scores.truth_from_uniform()
    ))
    .measured(
        "share of scientists whose first component is as near to uniform as 95 % of uniform samples are (0.04 for 512 states)",
        scores.share_uniform(),
    )
    .above(0.5)
}

/// Are they the true acceleration?
pub(super) fn like_the_truth(scores: &ComponentScores, system: &str) -> Claim {
    let middle = median(&scores.distances_from_truth());
    let r = median(scores.with_truth());
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
pub(super) fn alike(scores: &ComponentScores, system: &str) -> Claim {
    let far = scores.distances_of_pairs();
    let near = far.iter().filter(|distance| **distance < SAME).count();
    claim("the underlying theories, described by the histograms, are mostly identical (more than half)")
        .measured(
            format!("{system}: share of pairs of scientists with one histogram (distance < {SAME})"),
            near as f64 / far.len() as f64,
        )
        .above(0.5)
}

#[cfg(test)]
pub(super) mod made_up {
    use super::*;

    /// the library's 172 names.
    pub(in crate::reproduce) fn terms() -> Vec<TermName> {
        let library = mass_terms::Library::standard();
        let mask = mass_terms::Mask::released(&library);
        TermName::all(&library, &mask)
    }

    /// strengths out of a formula, some terms strong for most scientists.
    pub(in crate::reproduce) fn strengths(system: &str, scientists: usize) -> TermStrengths {
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
        TermStrengths {
            system: system.to_string(),
            seeds: (0..scientists as u64).collect(),
            correct: (0..scientists).map(|seed| seed % 7 != 3).collect(),
            strength,
        }
    }

    /// nearly uniform densities.
    pub(in crate::reproduce) fn components(scientists: usize) -> ComponentHistograms {
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
        ComponentHistograms {
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
    use mass_figures::{inspect::Drawing, style::AMBER};

    use super::*;
    use crate::reproduce::figure::tests::{axes_are_named, place_of};

    /// The spread of a row of figures 14 and 15, and its histograms, are where the numbers are.
    pub(in crate::reproduce) fn population_is_drawn(
        drawing: &Drawing,
        letters: [char; 2],
        terms: &[TermName],
        strengths: &TermStrengths,
        components: &ComponentHistograms,
    ) {
        let [low, median, high] = [0.1, 0.5, 0.9].map(|q| strengths.quantile(terms.len(), q));
        let place = strongest_terms(&median, 1)[0];
        let (at, spread) = (place as f64, drawing.lettered(letters[0]));
        spread
            .bar(SKY, (at, high[place]))
            .bar(SKY, (at, low[place]))
            .fill(BLUE, (at, median[place]))
            .fill(PALE, (TermName::held(terms)[0] as f64, high[place]))
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
        let panel = |letter: char| {
            let mut panels = drawing.panels().iter();
            panels.position(|one| one.letter == Some(letter)).unwrap()
        };
        let [one, other] = letters.map(panel);
        axes_are_named(drawing, one, "term i", "E|a_i|");
        axes_are_named(drawing, other, "standard deviations", "density");
        // The strongest are named in the order of their places.
        let strongest = strongest_terms(&median, 4).into_iter();
        let named = strongest.map(|term| place_of(drawing, one, &terms[term].name).0);
        assert!(named.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn claims_follow_the_scores() {
        let systems = ["classical", "pendulum"];
        let scores = systems.map(|id| {
            let states = states(id, EVALUATION_STATES).unwrap();
            let system = mass_systems::lookup(id).unwrap();
            let law = system.lagrangian().unwrap();
            let exact = Reading::exact_lagrangian(law, &states).unwrap();
            ComponentScores::of(&[exact.clone(), exact]).unwrap()
        });
        // The harmonic oscillator's states are uniform in x, and so is ẏ = −x; a pendulum's −sin x is not.
        let held = |of: fn(&ComponentScores) -> Claim| [of(&scores[0]).holds, of(&scores[1]).holds];
        assert_eq!(held(uniform), [Some(true), Some(false)]);
        assert_eq!(held(|s| like_the_truth(s, "it")), [Some(true); 2]);
        assert_eq!(held(|s| alike(s, "it")), [Some(true); 2]);
    }
}

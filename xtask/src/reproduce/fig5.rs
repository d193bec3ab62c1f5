//! Figure 5: what a scientist uses, term by term, and which of the terms go together.

use mass_core::TermSet;
use mass_figures::{ClusteredMap, OneSide, TwoSidedBars};
use mass_interp::{
    CorrelationMap, Distance,
    statistics::{moved, share_correlated},
};

use super::prelude::*;

/// The paper's top five by mean activation (Fu et al. 2025, caption of Figure 5).
const PAPER_TOP: [&str; 5] = [
    "Syy^-1 Syy^-1 x",
    "Sxy^-1 Syy x",
    "Syy^-1 Sxx x",
    "Sxx x",
    "Syy^-1 Sxy^-1 x",
];

/// What figure 5 shows (Fu et al. 2025, Fig. 5): `fig5.json`.
///
/// T terms, of which n are significant: the fewest that make 99 % of Σ E|aᵢ|.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig5 {
    /// Identifier of the system, `classical`.
    system: String,
    /// Name of the recipe, `paper`.
    recipe: String,
    /// Seed of the scientist.
    seed: u64,
    /// All terms of the library, in its order, `[T]`.
    terms: Vec<Term>,
    /// The terms to name in panel (a), as places in `terms`: the five of largest mean activation.
    top: Vec<usize>,
    /// The significant terms in clustered order, as places in `terms`, `[n]`.
    order: Vec<usize>,
    /// Pearson correlations of their activations over the batch, rows and columns in the order of
    /// `order`, row-major `[n, n]`; `null` where an activation is constant.
    #[serde(with = "nullable")]
    correlation: Vec<f64>,
    /// Merges of the clustering, as SciPy writes them (cluster, cluster, distance, size),
    /// `[n − 1]`; empty for no dendrogram. Cluster i < n is the term at place i of `order`, cluster
    /// n + k is what merge k made.
    linkage: Vec<[f64; 4]>,
}

/// One term of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    /// Its index in the library.
    index: usize,
    /// Its name in ASCII, `Syy^-1 Sxy y`.
    ascii: String,
    /// Its name in Unicode, `S_yy⁻¹ S_xy y`; drawn with real subscripts.
    name: String,
    /// Its weight w.
    #[serde(with = "nullable::one")]
    weight: f64,
    /// E|a| = E|w t| over the batch, in units of acceleration.
    #[serde(with = "nullable::one")]
    mean_activation: f64,
    /// Not held at zero by the mask?
    active: bool,
}

impl Figure for Fig5 {
    const NAME: &'static str = "fig5";
    const HEADING: &'static str = "Figure 5";
    const ABOUT: &'static str =
        "Weights and activations by term; correlations of the significant ones";
    const CAPTION: &'static str = "(a) Mean activation and weight of every term; (b) correlations of the significant activations in clustered order.";
    const NEEDS: Needs = Needs::One;
    /// How many significant terms there are with equal functions merged.
    type Beyond = usize;

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (population, scientist) = scientist(job.request())?;
        let states = scientist.evaluation_states(0, EVALUATION_STATES, scientist.seed())?;
        let activations = scientist.activations(0, &states)?;
        let map = CorrelationMap::of(&activations, 0.99, Distance::default())?;
        let (weights, sizes) = (scientist.weights(), activations.mean_abs());
        let TermSet { library, mask, .. } = scientist.model().terms();
        let terms = TermName::all(library, mask).into_iter().enumerate();
        let data = Self {
            system: scientist.systems()[0].shape().id,
            recipe: scientist.recipe().name.clone(),
            seed: scientist.seed(),
            terms: terms
                .map(|(index, term)| Term {
                    index,
                    ascii: term.ascii,
                    name: term.name,
                    weight: weights[index],
                    mean_activation: sizes[index],
                    active: term.active,
                })
                .collect(),
            top: map.significant.indices.iter().copied().take(5).collect(),
            order: map.columns.clone(),
            correlation: map.correlation.values().to_vec(),
            linkage: map.clustering.scipy_rows_in_order(),
        };
        let merged = activations.grouped(&scientist.grouping(Counting::Merged))?;
        let merged = merged.significant(0.99)?.count();
        Ok(Computed::of(data, merged, [&population]))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let terms = self.terms.len();
        for (what, places) in [("top", &self.top), ("order", &self.order)] {
            if let Some(place) = places.iter().find(|place| **place >= terms) {
                let expected = format!("made of places below {terms}, as `terms` is");
                return Err(DrawError::shape(what, expected, format!("has {place}")));
            }
        }
        let names = self.order.iter().map(|place| &*self.terms[*place].name);
        let map = ClusteredMap::new(556.0, names.collect(), &self.correlation, &self.linkage)?;
        let height = map.bottom() + 50.0;
        let mut sheet = Sheet::new(height, title(&self.system, &self.recipe, self.seed));
        self.strengths(&mut sheet)?;
        map.draw(&mut sheet, 'b', "significant terms");
        Ok(Some(sheet))
    }

    fn claims(&self, merged: &usize) -> Result<Vec<Claim>> {
        let count = self.order.len();
        let share = share_correlated(&self.correlation, count, 0.9);
        let top = self
            .top
            .iter()
            .map(|index| self.terms[*index].ascii.as_str());
        let top: Vec<&str> = top.collect();
        let shared = top.iter().filter(|name| PAPER_TOP.contains(name)).count();
        let linear = top.iter().filter(|name| name.ends_with(" x")).count();
        // SciPy's rows hold the height of each merge; what is merged below the cut is one cluster.
        let clusters = count - self.linkage.iter().filter(|row| row[2] <= 0.05).count();
        let [weights, activations] = self.sizes();
        Ok(vec![
            claim("a single scientist learns many seemingly separate theories (more than 5 terms)")
                .measured("significant activations, 99 % of Σ E|a|", count as f64)
                .unit("terms")
                .above(5.0),
            claim("terms that are equal as functions are counted several times")
                .measured("the same, equal functions merged", *merged as f64)
                .unit("terms")
                .holds(*merged < count)
                .of_ours(),
            claim("most terms are strongly correlated (more than half of the pairs)")
                .measured("share of significant pairs with |r| > 0.9", share)
                .above(0.5),
            claim("there are three distinct clusters: matrix products of y, of S_x and of x")
                .measured(
                    "clusters of the correlation map, cut at |r| = 0.95",
                    clusters as f64,
                )
                .paper(3.0)
                .unit("clusters")
                .holds(clusters == 3),
            claim(format!(
                "the five largest are constant matrix products of x (ours: {})",
                top.join(", ")
            ))
            .measured("top five that are a matrix product times x", linear as f64)
            .paper(5.0)
            .unit("terms")
            .holds(linear == 5),
            claim(format!(
                "the same five are largest (paper: {}); our seed 0 is not PyTorch's",
                PAPER_TOP.join(", ")
            ))
            .measured("top five shared with the paper's seed 0", shared as f64)
            .paper(5.0)
            .unit("terms")
            .holds(shared == 5),
            claim("the order of the weights is not that of the activations")
                .measured(
                    "significant terms whose rank by weight and by activation differ",
                    moved(&weights, &activations, count) as f64,
                )
                .unit("terms")
                .above(0.0),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        tests::example()
    }
}

impl Fig5 {
    /// |w| and E|a| of every term, `[T]`.
    fn sizes(&self) -> [Vec<f64>; 2] {
        let sizes = |of: fn(&Term) -> f64| self.terms.iter().map(|term| of(term).abs()).collect();
        [
            sizes(|term| term.weight),
            sizes(|term| term.mean_activation),
        ]
    }

    /// Panel (a): mean activations upwards and weights downwards by term, the top ones named.
    fn strengths(&self, sheet: &mut Sheet) -> Result<(), DrawError> {
        let [weights, activations] = self.sizes();
        let held = (0..self.terms.len()).filter(|place| !self.terms[*place].active);
        let named = self.top.iter();
        let named = named.map(|place| (*place, &*self.terms[*place].name));
        let bars = TwoSidedBars {
            across: (125.0, 975.0),
            down: [146.0, 298.0, 428.0],
            letter: 'a',
            left: 20.0,
            x_label: "term i",
            up: OneSide {
                sizes: &activations,
                name: "mean activation E|a_i|",
                label: "E|a_i|",
                colour: VERMILLION,
            },
            under: OneSide {
                sizes: &weights,
                name: "weight |w_i|",
                label: "|w_i|",
                colour: BLUE,
            },
            shaded: &held.collect::<Vec<_>>(),
            shading: "held at zero",
            named: &named.collect::<Vec<_>>(),
        };
        bars.draw(sheet, "terms")
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::{
        inspect::hex,
        style::{INK, MISSING, PALE},
    };

    use super::*;
    use crate::reproduce::figure::tests::drawing;

    /// A library of 172 names with weights and blocks of correlations out of a formula.
    pub(super) fn example() -> Fig5 {
        let vectors = ["x", "y", "S_x", "S_y"];
        let matrices = ["S_xx", "S_yy", "S_xy", "S_xx⁻¹", "S_yy⁻¹", "S_xy⁻¹"];
        let mut names: Vec<String> = vectors.map(String::from).to_vec();
        for a in matrices {
            names.extend(vectors.map(|v| format!("{a} {v}")));
        }
        for a in matrices {
            for b in matrices {
                names.extend(vectors.map(|v| format!("{a} {b} {v}")));
            }
        }
        let undone = |name: &str| {
            let parts: Vec<&str> = name.split(' ').collect();
            let pair = parts.len() == 3
                && (parts[0] == format!("{}⁻¹", parts[1]) || parts[1] == format!("{}⁻¹", parts[0]));
            pair || name == "x" || name == "y"
        };
        let random = |i: usize| ((i * 7919 + 104_729) % 997) as f64 / 997.0;
        let terms: Vec<Term> = names
            .into_iter()
            .enumerate()
            .map(|(index, name)| {
                let active = !undone(&name);
                let size = random(index).powi(6);
                let sign = if random(index + 500) < 0.5 { -1.0 } else { 1.0 };
                Term {
                    index,
                    ascii: name.replace('_', "").replace('⁻', "^-").replace('¹', "1"),
                    weight: if active { sign * 0.4 * size } else { 0.0 },
                    mean_activation: if active {
                        0.9 * size * (0.3 + random(index + 77))
                    } else {
                        0.0
                    },
                    active,
                    name,
                }
            })
            .collect();
        let mut by_activation: Vec<usize> = (0..terms.len()).collect();
        by_activation.sort_by(|a, b| {
            terms[*b]
                .mean_activation
                .total_cmp(&terms[*a].mean_activation)
        });
        let order: Vec<usize> = by_activation[..37].to_vec();
        let n = order.len();
        let block = |i: usize| i / 9;
        let mut correlation = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                let apart = i.abs_diff(j) as f64;
                correlation[i * n + j] = match (i == j, block(i) == block(j)) {
                    (true, _) => 1.0,
                    (false, true) => 0.95 - 0.04 * apart,
                    (false, false) if (block(i) + block(j)) % 2 == 1 => -0.8 + 0.02 * apart,
                    (false, false) => 0.3 - 0.01 * apart,
                };
            }
        }
        Fig5 {
            system: "classical".into(),
            recipe: "reference".into(),
            seed: 0,
            top: by_activation[..5].to_vec(),
            linkage: tree(n),
            terms,
            order,
            correlation,
        }
    }

    /// Merges neighbours pairwise until one cluster is left.
    fn tree(n: usize) -> Vec<[f64; 4]> {
        let mut clusters: Vec<(usize, f64)> = (0..n).map(|leaf| (leaf, 1.0)).collect();
        let (mut rows, mut next, mut height) = (Vec::new(), n, 0.05);
        while clusters.len() > 1 {
            let mut merged = Vec::new();
            for pair in clusters.chunks(2) {
                match pair {
                    [a, b] => {
                        height += 0.03;
                        rows.push([a.0 as f64, b.0 as f64, height, a.1 + b.1]);
                        merged.push((next, a.1 + b.1));
                        next += 1;
                    }
                    rest => merged.extend_from_slice(rest),
                }
            }
            clusters = merged;
        }
        rows
    }

    #[test]
    fn bars_cells_and_names_are_where_they_belong() {
        let data = example();
        let drawing = drawing(&data);
        let largest = &data.terms[data.top[0]];
        let at = largest.index as f64;
        drawing
            .panel(0)
            .bar(VERMILLION, (at, largest.mean_activation))
            .key("mean activation E|a_i|", VERMILLION)
            .key("weight |w_i|", BLUE)
            .key("held at zero", PALE)
            .label("E|a_i|")
            .label(&largest.name);
        drawing
            .panel(1)
            .bar(BLUE, (at, -largest.weight.abs()))
            .label("term i")
            .label("|w_i|");
        // Rows run downwards: the first cell, one of another block, and one of the same.
        let n = data.order.len() as f64;
        let cell = |row: f64, column: f64| (column + 0.5, n - row - 0.5);
        let colour = |r: f64| hex(tiles::correlation(r));
        let map = drawing.lettered('b');
        map.fill(&colour(1.0), cell(0.0, 0.0))
            .fill(&colour(0.95 - 0.04 * 2.0), cell(0.0, 2.0))
            .fill(&colour(-0.8 + 0.02 * 12.0), cell(12.0, 0.0))
            .label("correlation");
        for (place, term) in data.order.iter().enumerate() {
            // Beside the map, and above its bar if it is a top term.
            let name = &data.terms[*term].name;
            let expected = 1 + usize::from(data.top.contains(term));
            assert_eq!(drawing.count(name), expected, "{name}");
            if place == 3 {
                map.label(name);
            }
        }
        assert_eq!(
            drawing.count("37"),
            2,
            "rows and columns are numbered alike"
        );
        assert_eq!((drawing.count("−0.5"), drawing.count("−1")), (1, 1));
        // The first merge joins the first two leaves, 66 pixels being the highest one.
        let (frame, highest) = (drawing.panels()[2].frame, data.linkage.last().unwrap()[2]);
        let height = frame.y.1
            + (6.0 + 66.0 * data.linkage[0][2] / highest) * n / (frame.down.1 - frame.down.0);
        map.line(INK, (1.0, height));
        assert!(
            drawing.svg().contains(r#"S<tspan font-size="#),
            "names are typeset"
        );
    }

    #[test]
    fn a_cell_without_a_value_is_grey() {
        let mut data = example();
        data.correlation[3] = f64::NAN;
        let n = data.order.len() as f64;
        drawing(&data).lettered('b').fill(MISSING, (3.5, n - 0.5));
    }

    #[test]
    fn many_terms_go_unnamed_and_one_is_enough() {
        let data = example();
        let many: Vec<usize> = (0..61).collect();
        let crowd = Fig5 {
            correlation: vec![0.5; many.len() * many.len()],
            linkage: Vec::new(),
            top: Vec::new(),
            order: many,
            ..data.clone()
        };
        let found = drawing(&crowd);
        assert_eq!(found.count("61 significant terms in clustered order"), 1);
        assert_eq!(found.count(&data.terms[3].name), 0);
        let lone = Fig5 {
            correlation: vec![1.0],
            linkage: Vec::new(),
            order: vec![9],
            ..data
        };
        assert!(lone.draw().is_ok());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let data = example();
        let refused = |data: Fig5| match data.draw() {
            Err(DrawError::Shape { what, .. } | DrawError::Empty { what }) => what,
            _ => panic!("it was drawn"),
        };
        let top = vec![172];
        assert_eq!(
            refused(Fig5 {
                top,
                ..data.clone()
            }),
            "top"
        );
        let correlation = vec![1.0];
        assert_eq!(
            refused(Fig5 {
                correlation,
                ..data.clone()
            }),
            "correlation"
        );
        let mut lost = data;
        lost.terms
            .iter_mut()
            .for_each(|term| term.weight = f64::NAN);
        assert_eq!(refused(lost), "terms");
    }
}

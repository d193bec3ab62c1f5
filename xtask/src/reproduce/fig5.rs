//! Figure 5: the weights and activations of every term, and how the significant ones correlate.

use anyhow::{Context, Result};
use mass_interp::{CorrelationMap, Counting, Distance, EVALUATION_STATES};
use mass_terms::Notation;

use super::{Job, Output, population::scientist};
use crate::{
    comparison::Comparison,
    draw::fig5::{Fig5, Fig5Term, draw},
};

/// The paper's top five by mean activation (Fu et al. 2025, caption of Figure 5).
const PAPER_TOP: [&str; 5] = [
    "Syy^-1 Syy^-1 x",
    "Sxy^-1 Syy x",
    "Syy^-1 Sxx x",
    "Sxx x",
    "Syy^-1 Sxy^-1 x",
];

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let (population, scientist) = scientist(job.request())?;
    let states = scientist.evaluation_states(0, EVALUATION_STATES, scientist.seed())?;
    let activations = scientist.activations(0, &states)?;
    let map = CorrelationMap::of(&activations, 0.99, Distance::default())?;
    let terms = scientist.model().terms();
    let (weights, sizes) = (scientist.weights(), activations.mean_abs());
    let names = [Notation::Ascii, Notation::Unicode].map(|notation| terms.library.names(notation));

    // The tree's leaves are the significant terms by size; the map's are in its own order.
    let order = map.clustering.leaf_order();
    let place = |leaf: f64| {
        let leaf = leaf as usize;
        let inner = leaf >= order.len();
        let found = if inner {
            Some(leaf)
        } else {
            order.iter().position(|other| *other == leaf)
        };
        found
            .map(|place| place as f64)
            .context("the order is a permutation of the leaves")
    };
    let linkage = map
        .clustering
        .scipy_rows()
        .into_iter()
        .map(|[left, right, height, size]| Ok([place(left)?, place(right)?, height, size]))
        .collect::<Result<Vec<_>>>()?;

    let output = Output::new(job, "fig5")?;
    let data = output.data(&Fig5 {
        system: scientist.systems()[0].shape().id,
        recipe: scientist.recipe().name.clone(),
        seed: scientist.seed(),
        terms: (0..terms.library.len())
            .map(|index| Fig5Term {
                index,
                ascii: names[0][index].clone(),
                name: names[1][index].clone(),
                weight: weights[index],
                mean_activation: sizes[index],
                active: terms.mask.is_active(index),
            })
            .collect(),
        top: map.significant.indices.iter().copied().take(5).collect(),
        order: map.columns.clone(),
        correlation: map.correlation.values().to_vec(),
        linkage,
    })?;
    output.picture(&draw(&data)?)?;

    let merged = activations.grouped(&scientist.grouping(Counting::Merged))?;
    let merged = merged.significant(0.99)?.count();
    output.comparison(vec![population.trained()], &comparisons(&data, merged))
}

fn comparisons(data: &Fig5, merged: usize) -> Vec<Comparison> {
    let count = data.order.len();
    let pairs = (0..count).flat_map(|i| (0..i).map(move |j| data.correlation[i * count + j]));
    let strong = pairs.clone().filter(|r| r.abs() > 0.9).count();
    let share = strong as f64 / pairs.count().max(1) as f64;
    let top: Vec<&str> = data
        .top
        .iter()
        .map(|index| data.terms[*index].ascii.as_str())
        .collect();
    let shared = top.iter().filter(|name| PAPER_TOP.contains(name)).count();
    let linear = top.iter().filter(|name| name.ends_with(" x")).count();
    // SciPy's rows hold the height of each merge; what is merged below the cut is one cluster.
    let clusters = count - data.linkage.iter().filter(|row| row[2] <= 0.05).count();
    let order = |size: &dyn Fn(usize) -> f64| {
        let mut order: Vec<usize> = (0..data.terms.len()).collect();
        order.sort_by(|a, b| size(*b).total_cmp(&size(*a)));
        order
    };
    let by_weight = order(&|index| data.terms[index].weight.abs());
    let by_activation = order(&|index| data.terms[index].mean_activation);
    let moved = by_weight
        .iter()
        .zip(&by_activation)
        .take(count)
        .filter(|(a, b)| a != b)
        .count();
    vec![
        Comparison::new(
            "significant activations, 99 % of Σ E|a|",
            None,
            count as f64,
            "terms",
            "a single scientist learns many seemingly separate theories (more than 5 terms)",
            count > 5,
        ),
        Comparison::new(
            "the same, equal functions merged",
            None,
            merged as f64,
            "terms",
            "terms that are equal as functions are counted several times",
            merged < count,
        )
        .of_ours(),
        Comparison::new(
            "share of significant pairs with |r| > 0.9",
            None,
            share,
            "1",
            "most terms are strongly correlated (more than half of the pairs)",
            share > 0.5,
        ),
        Comparison::new(
            "clusters of the correlation map, cut at |r| = 0.95",
            3.0,
            clusters as f64,
            "clusters",
            "there are three distinct clusters: matrix products of y, of S_x and of x",
            clusters == 3,
        ),
        Comparison::new(
            "top five that are a matrix product times x",
            5.0,
            linear as f64,
            "terms",
            format!(
                "the five largest are constant matrix products of x (ours: {})",
                top.join(", ")
            ),
            linear == 5,
        ),
        Comparison::new(
            "top five shared with the paper's seed 0",
            5.0,
            shared as f64,
            "terms",
            format!(
                "the same five are largest (paper: {}); our seed 0 is not PyTorch's",
                PAPER_TOP.join(", ")
            ),
            shared == 5,
        ),
        Comparison::new(
            "significant terms whose rank by weight and by activation differ",
            None,
            moved as f64,
            "terms",
            "the order of the weights is not that of the activations",
            moved > 0,
        ),
    ]
}

//! Not in the paper: how much Figure 3's numbers vary from seed to seed.

use anyhow::{Context, Result};
use mass_interp::{Counting, EVALUATION_STATES};
use serde::{Deserialize, Serialize};

use super::{Job, Output, population::Population, statistics::quartiles};
use crate::{
    comparison::{Comparison, number},
    draw::table::markdown,
};

/// One row per scientist.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spread {
    system: String,
    recipe: String,
    scientists: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    seed: u64,
    /// Test errors of the averaged weights; `null` if not finite.
    rmse: Option<f64>,
    mse: Option<f64>,
    /// Terms that reach 99 % of Σ E|a| over 512 states.
    significant_activations: usize,
    /// The same with equal functions merged.
    significant_merged: usize,
    /// Terms that reach 99 % of Σ|w|.
    significant_weights: usize,
}

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let request = job.request();
    let population = Population::train(request)?;
    let metrics = population.metrics()?;
    let mut scientists = Vec::new();
    for scientist in population.at_end()? {
        let seed = scientist.seed();
        let last = metrics.rows.iter().rfind(|row| row.seed == seed);
        let error = last.context("every scientist was tested")?.average;
        let states = scientist.evaluation_states(0, EVALUATION_STATES, seed)?;
        let activations = scientist.activations(0, &states)?;
        let merged = activations.grouped(&scientist.grouping(Counting::Merged))?;
        let weights = scientist.weight_significance(Counting::Listed);
        let finite = |value: f64| value.is_finite().then_some(value);
        scientists.push(Row {
            seed,
            rmse: finite(error.rmse()),
            mse: finite(error.mse),
            significant_activations: activations.significant(0.99)?.count(),
            significant_merged: merged.significant(0.99)?.count(),
            significant_weights: weights.of(&scientist.weights())?.count(),
        });
    }
    let output = Output::new(job, "spread")?;
    let system = request.systems.join(", ");
    let recipe = request.recipe.name.clone();
    let data = output.data(&Spread {
        system,
        recipe,
        scientists,
    })?;

    let of = |name: &'static str, value: fn(&Row) -> f64| {
        let values: Vec<f64> = data.scientists.iter().map(value).collect();
        (name, quartiles(&values))
    };
    let spread = [
        of("RMSE", |row| row.rmse.unwrap_or(f64::INFINITY)),
        of("MSE", |row| row.mse.unwrap_or(f64::INFINITY)),
        of("significant activations, 99 %", |row| {
            row.significant_activations as f64
        }),
        of("the same, equal functions merged", |row| {
            row.significant_merged as f64
        }),
        of("significant weights, 99 % of Σ|w|", |row| {
            row.significant_weights as f64
        }),
    ];
    let rows: Vec<Vec<String>> = spread
        .iter()
        .map(|(name, values)| {
            [name.to_string()]
                .into_iter()
                .chain(values.iter().map(|value| number(*value)))
                .collect()
        })
        .collect();
    let headers = [
        "quantity",
        "least",
        "first quartile",
        "median",
        "third quartile",
        "most",
    ];
    let text = markdown(&headers, &rows);
    output.table(&text)?;
    let (rmse, terms) = (spread[0].1[2], spread[2].1[2]);
    output.comparison(
        vec![population.trained()],
        &[
            Comparison::new(
                "median RMSE",
                None,
                rmse,
                "1",
                "between 2e-4 and 6e-4 (an independent implementation: 3.6e-4)",
                (2e-4..=6e-4).contains(&rmse),
            )
            .of_ours(),
            Comparison::new(
                "median number of significant activations",
                None,
                terms,
                "terms",
                "between 30 and 45 (an independent implementation: 37)",
                (30.0..=45.0).contains(&terms),
            )
            .of_ours(),
        ],
    )
}

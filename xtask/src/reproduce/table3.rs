//! Table 3: the hyperparameters, read from the record of a training by them.

use anyhow::Result;
use mass_core::{MlpRecipe, Recipe};
use serde::{Deserialize, Serialize};

use super::{Job, Output, population::scientist};
use crate::{
    comparison::{Comparison, number},
    draw::table::markdown,
};

/// The data of Table 3.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table3 {
    recipe: String,
    rows: Vec<Row>,
    /// EMA test RMSE at the end of the training by these hyperparameters.
    ema_rmse: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    parameter: String,
    paper: f64,
    ours: f64,
}

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let (population, scientist) = scientist(job.request())?;
    let metrics = population.metrics()?;
    let last = metrics
        .rows
        .iter()
        .rev()
        .find(|row| row.seed == scientist.seed());
    let output = Output::new(job, "table3")?;
    let table = output.data(&Table3 {
        recipe: scientist.recipe().name.clone(),
        rows: rows(scientist.recipe()),
        ema_rmse: last.map_or(f64::NAN, |row| row.average.rmse()),
    })?;

    let cells: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| vec![row.parameter.clone(), number(row.paper), number(row.ours)])
        .collect();
    let text = markdown(
        &["parameter", "paper", &format!("recipe `{}`", table.recipe)],
        &cells,
    );
    output.table(&text)?;

    let mut comparisons: Vec<Comparison> = table
        .rows
        .iter()
        .map(|row| {
            let claim = format!("the training used Table 3's {}", row.parameter);
            let holds = row.paper == row.ours;
            Comparison::new(&row.parameter, row.paper, row.ours, "1", claim, holds)
        })
        .collect();
    comparisons.push(Comparison::new(
        "test RMSE at the end",
        None,
        table.ema_rmse,
        "1",
        "with these hyperparameters a scientist learns the harmonic oscillator (RMSE < 5e-3)",
        table.ema_rmse < 5e-3,
    ));
    output.comparison(vec![population.trained()], &comparisons)
}

/// Table 3 in its order; ours as recorded in `run.toml`, the number of steps as done.
fn rows(recipe: &Recipe) -> Vec<Row> {
    let (optimizer, objective) = (&recipe.optimizer, &recipe.objective);
    let mlp = recipe.network.mlp();
    let of_mlp = |size: fn(&MlpRecipe) -> usize| mlp.map_or(f64::NAN, |mlp| size(mlp) as f64);
    [
        ("MLP hidden layers", 4.0, of_mlp(|mlp| mlp.hidden_layers)),
        ("MLP width", 20.0, of_mlp(|mlp| mlp.width)),
        ("batch size", 512.0, recipe.data.batch as f64),
        (
            "steps (per phase)",
            10_000.0,
            recipe.schedule.decay_steps as f64,
        ),
        (
            "linear warm-up steps",
            100.0,
            recipe.schedule.warmup_steps as f64,
        ),
        ("learning rate", 5e-4, optimizer.learning_rate),
        ("weight decay", 0.01, optimizer.weight_decay),
        ("β₁", 0.7, optimizer.beta_1),
        ("β₂", 0.8, optimizer.beta_2),
        ("EMA", 0.99, recipe.evaluation.ema),
        ("λ_b", 0.5, objective.lambda_b),
        ("λ₁", 0.1, objective.lambda_1),
        ("λ₂", 0.01, objective.lambda_2),
    ]
    .into_iter()
    .map(|(parameter, paper, ours)| Row {
        parameter: parameter.to_string(),
        paper,
        ours,
    })
    .collect()
}

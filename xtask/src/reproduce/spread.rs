//! Not in the paper: how much Figure 3's numbers vary from seed to seed.

use anyhow::{Context, Result};
use mass_core::{WeightsKind, write_bytes};
use mass_interp::{Counting, EVALUATION_STATES, Scientist};
use serde::{Deserialize, Serialize};

use super::Output;
use crate::{
    comparison::{Comparison, number},
    draw::table::markdown,
    training::{Request, obtain},
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

pub(super) fn reproduce(request: &Request) -> Result<()> {
    let run = obtain(request)?;
    let metrics = run.metrics()?;
    let device = request.device.open()?;
    let mut scientists = Vec::new();
    for scientist in Scientist::load_all(&run, WeightsKind::Average, &device)? {
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
    let output = Output::new(&request.out, "spread")?;
    let system = request.systems.join(", ");
    let recipe = run.record().recipe.name.clone();
    let data = output.data(&Spread {
        system,
        recipe,
        scientists,
    })?;

    let of = |name: &'static str, value: fn(&Row) -> f64| {
        (name, quartiles(data.scientists.iter().map(value).collect()))
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
    write_bytes(&output.path("md"), text.as_bytes())?;
    println!(
        "\n{} scientists on {}, recipe `{}`\n",
        data.scientists.len(),
        data.system,
        data.recipe
    );
    println!("{text}");

    let (rmse, terms) = (spread[0].1[2], spread[2].1[2]);
    output.comparison(&[
        Comparison::new(
            "median RMSE",
            None,
            rmse,
            "1",
            "between 2e-4 and 6e-4 (an independent implementation: 3.6e-4)",
            (2e-4..=6e-4).contains(&rmse),
        ),
        Comparison::new(
            "median number of significant activations",
            None,
            terms,
            "terms",
            "between 30 and 45 (an independent implementation: 37)",
            (30.0..=45.0).contains(&terms),
        ),
    ])
}

/// Least, quartiles and most, with linear interpolation between neighbours.
fn quartiles(mut values: Vec<f64>) -> [f64; 5] {
    values.sort_by(f64::total_cmp);
    [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| {
        let position = share * (values.len() - 1) as f64;
        let (below, above) = (
            values[position.floor() as usize],
            values[position.ceil() as usize],
        );
        if below == above {
            below
        } else {
            below + (above - below) * position.fract()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_five_and_of_four() {
        assert_eq!(
            quartiles(vec![5.0, 1.0, 3.0, 2.0, 4.0]),
            [1.0, 2.0, 3.0, 4.0, 5.0]
        );
        assert_eq!(
            quartiles(vec![1.0, 2.0, 3.0, 4.0]),
            [1.0, 1.75, 2.5, 3.25, 4.0]
        );
        assert_eq!(quartiles(vec![1.0, f64::INFINITY])[4], f64::INFINITY);
    }
}

//! Figure 10: what becomes of a population as the number of systems grows.

use anyhow::Result;
use mass_core::{ErrorKind, Standing};
use mass_interp::{Counting, EVALUATION_STATES, Scientist};
use mass_systems::Dataset;
use rayon::prelude::*;

use super::{
    Job, Output,
    population::{Population, states},
    statistics::{mean, mean_and_error, share},
};
use crate::{
    comparison::Comparison,
    draw::{
        Estimate,
        fig10::{Fig10, draw},
        table::markdown,
    },
};

/// The fraction of the whole that the significant terms make (Fu et al. 2025, Section V.4).
const FRACTION: f64 = 0.95;

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let request = job.request();
    let population = Population::train_continued(request)?;
    let phases = population.phases();
    let systems = population.systems();
    let batches = systems.iter().map(|id| states(id, EVALUATION_STATES));
    let batches = batches.collect::<Result<Vec<_>>>()?;
    let standings = [ErrorKind::Rmse, ErrorKind::Mse].map(|error| population.standings(error));
    let [rmse, mse] = standings;
    let (rmse, mse) = (rmse?, mse?);

    let mut counts = Vec::new();
    for phase in 1..=phases {
        let scientists = population.at(phase)?;
        let count = |one: &Scientist| Counts::of(one, &batches[..phase]);
        counts.push(
            scientists
                .par_iter()
                .map(count)
                .collect::<Result<Vec<_>>>()?,
        );
    }
    let by_phase = |value: &dyn Fn(&Counts) -> f64| -> Vec<Estimate> {
        let phases = counts
            .iter()
            .map(|all| all.iter().map(value).collect::<Vec<_>>());
        phases.map(|values| mean_and_error(&values)).collect()
    };
    let output = Output::new(job, "fig10")?;
    let data = output.data(&Fig10 {
        recipe: request.recipe.name.clone(),
        seeds: population.seeds().to_vec(),
        systems: systems.to_vec(),
        correct_below: request.recipe.evaluation.correct_below,
        correct: shares(&rmse, phases, Standing::correct),
        always_correct: shares(&rmse, phases, Standing::always_correct),
        correct_mse: shares(&mse, phases, Standing::correct),
        always_correct_mse: shares(&mse, phases, Standing::always_correct),
        terms: by_phase(&|counts| mean(&counts.listed)),
        terms_merged: by_phase(&|counts| mean(&counts.merged)),
        weights: by_phase(&|counts| counts.weights),
        not_finite: counts
            .iter()
            .map(|all| {
                all.iter()
                    .filter(|one| !mean(&one.listed).is_finite())
                    .count()
            })
            .collect(),
        terms_by_system: counts
            .iter()
            .enumerate()
            .flat_map(|(phase, all)| {
                (0..=phase).map(move |system| {
                    let values: Vec<f64> = all.iter().map(|one| one.listed[system]).collect();
                    mean_and_error(&values)
                })
            })
            .collect(),
        rmse: (0..phases)
            .flat_map(|phase| rmse.iter().map(move |one| one.verdicts[phase].error))
            .collect(),
    })?;
    output.picture(&draw(&data)?)?;
    output.table(&table(&data))?;
    output.comparison(vec![population.trained()], &comparisons(&data))
}

/// Numbers of significant terms of one scientist after a phase; NaN where they cannot be counted.
struct Counts {
    /// For each system seen.
    listed: Vec<f64>,
    /// The same with equal functions merged.
    merged: Vec<f64>,
    /// Of its weights.
    weights: f64,
}

impl Counts {
    fn of(scientist: &Scientist, batches: &[Dataset]) -> Result<Self> {
        let grouping = scientist.grouping(Counting::Merged);
        let mut counts = Self {
            listed: Vec::new(),
            merged: Vec::new(),
            weights: f64::NAN,
        };
        for (system, states) in batches.iter().enumerate() {
            let activations = scientist.activations(system, states)?;
            let found = activations.finite().and_then(|finite| {
                let listed = finite.significant(FRACTION)?.count();
                let merged = finite.grouped(&grouping)?.significant(FRACTION)?.count();
                Ok((listed as f64, merged as f64))
            });
            let (listed, merged) = found.unwrap_or((f64::NAN, f64::NAN));
            counts.listed.push(listed);
            counts.merged.push(merged);
        }
        let mut by = scientist.weight_significance(Counting::Listed);
        by.fraction = FRACTION;
        if let Ok(found) = by.of(&scientist.weights()) {
            counts.weights = found.count() as f64;
        }
        Ok(counts)
    }
}

/// The share of scientists of which something is true, phase by phase.
fn shares(
    standings: &[Standing],
    phases: usize,
    is: fn(&Standing, usize) -> Option<bool>,
) -> Vec<Estimate> {
    (1..=phases)
        .map(|phase| {
            let those = standings.iter().filter(|one| is(one, phase) == Some(true));
            share(those.count(), standings.len())
        })
        .collect()
}

/// Shares by number of systems, then numbers of terms phase by system.
fn table(data: &Fig10) -> String {
    let percent = |e: &Estimate| {
        let [value, low, high] = [e.value, e.low, e.high].map(|v| 100.0 * v);
        format!("{value:.1} ({low:.0} to {high:.0})")
    };
    let about = |e: &Estimate| match (e.high - e.value).is_finite() {
        true => format!("{:.1} ± {:.1}", e.value, e.high - e.value),
        false if e.value.is_finite() => format!("{:.1}", e.value),
        false => "–".to_string(),
    };
    let rows: Vec<Vec<String>> = (0..data.systems.len())
        .map(|phase| {
            vec![
                (phase + 1).to_string(),
                percent(&data.correct[phase]),
                percent(&data.always_correct[phase]),
                percent(&data.correct_mse[phase]),
                percent(&data.always_correct_mse[phase]),
                about(&data.terms[phase]),
                about(&data.terms_merged[phase]),
                about(&data.weights[phase]),
            ]
        })
        .collect();
    let headers = [
        "systems",
        "correct, %",
        "always, %",
        "correct by MSE, %",
        "always by MSE, %",
        "terms, 95 % of Σ E|a|",
        "merged",
        "weights, 95 % of Σ|w|",
    ];
    let mut text = markdown(&headers, &rows);
    text.push('\n');
    let mut cells = data.terms_by_system.iter();
    let rows: Vec<Vec<String>> = (0..data.systems.len())
        .map(|phase| {
            let name = format!("{}, + {}", phase + 1, data.systems[phase]);
            let counts = cells.by_ref().take(phase + 1).map(about);
            [name].into_iter().chain(counts).collect()
        })
        .collect();
    let names = data.systems.iter().map(String::as_str);
    let headers: Vec<&str> = ["terms after phase"].into_iter().chain(names).collect();
    text.push_str(&markdown(&headers, &rows));
    text
}

fn comparisons(data: &Fig10) -> Vec<Comparison> {
    let n = data.seeds.len();
    let last = data.systems.len() - 1;
    let points = |shares: &[Estimate]| -> Vec<f64> {
        shares.iter().map(|share| 100.0 * share.value).collect()
    };
    let rises = |shares: &[f64]| {
        let steps = shares.windows(2).map(|pair| pair[1] - pair[0]);
        steps.fold(f64::NEG_INFINITY, f64::max)
    };
    let mut rows = Vec::new();
    for (reading, correct, always) in [
        ("RMSE", &data.correct, &data.always_correct),
        ("MSE", &data.correct_mse, &data.always_correct_mse),
    ] {
        let (correct, always) = (points(correct), points(always));
        rows.push(Comparison::new(
            format!("always correct after {} systems, by {reading} ({n} scientists)", last + 1),
            None,
            always[last],
            "%",
            format!(
                "the share of consistently correct scientists decreases with the number of systems (after one: {:.1} %)",
                always[0]
            ),
            always[last] < always[0],
        ));
        rows.push(Comparison::new(
            format!("largest rise of % correct from one system to the next, by {reading}"),
            None,
            rises(&correct),
            "points",
            format!(
                "the number of correct scientists can increase with the number of systems ({})",
                correct
                    .iter()
                    .map(|share| format!("{share:.0}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            rises(&correct) > 0.0,
        ));
    }
    for (what, counts) in [
        ("terms that make 95 % of Σ E|a|", &data.terms),
        ("the same, equal functions merged", &data.terms_merged),
        ("weights that make 95 % of Σ|w|", &data.weights),
    ] {
        let values: Vec<f64> = counts.iter().map(|count| count.value).collect();
        let course: Vec<String> = values.iter().map(|v| format!("{v:.1}")).collect();
        rows.push(Comparison::new(
            format!("{what}, after {} systems", last + 1),
            None,
            values[last],
            "terms",
            format!(
                "the number shows a consistently decreasing trend (falls at every system: {})",
                course.join(", ")
            ),
            values.windows(2).all(|pair| pair[1] < pair[0]),
        ));
    }
    let terms = data.terms[last].value;
    rows.push(Comparison::new(
        format!("terms after {} systems, in the mean", last + 1),
        None,
        terms,
        "terms",
        "after training on 6 systems the number of significant terms is still more than 6",
        terms > 6.0,
    ));
    // Per system: first phase in which it is seen against the last.
    let cell =
        |phase: usize, system: usize| data.terms_by_system[phase * (phase + 1) / 2 + system].value;
    let falling = (0..last).filter(|system| cell(last, *system) < cell(*system, *system));
    rows.push(Comparison::new(
        "systems explained by fewer terms in the end than when they joined",
        None,
        falling.count() as f64,
        "systems",
        format!("fewer terms explain every one of the {last} earlier systems as others are added"),
        (0..last).all(|system| cell(last, system) < cell(system, system)),
    ));
    rows
}

//! Table 2: can a scientist's activations be brought down to the two terms of Euler–Lagrange?

use anyhow::Result;
use mass_interp::{Distillation, EVALUATION_STATES, Reading, Scientist};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Job, Output,
    population::{Population, states},
    statistics::{finite, mean, median},
};
use crate::{
    comparison::{Comparison, number},
    draw::{nullable, table::markdown},
};

/// The systems of the table that have one degree of freedom: their places in the curriculum, and the
/// paper's R² of the Lagrangian and of the Hamiltonian fit.
const PAPER: [(usize, f64, f64); 3] = [
    (3, 0.9999, 0.9995),
    (4, 0.9835, 0.8205),
    (5, 0.9306, 0.8734),
];

/// The data of Table 2.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table2 {
    recipe: String,
    scientists: usize,
    /// States: one half is fitted, the other judged.
    states: usize,
    rows: Vec<Row>,
}

/// One system, asked about at the end of one phase; R² on held-out states, one a correct scientist.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    system: String,
    /// Its place in the curriculum, counted from 0.
    place: usize,
    /// Phase, counted from 1.
    phase: usize,
    /// The scientists that are correct at its end.
    seeds: Vec<u64>,
    /// u = S_yy⁻¹S_x, v = −S_yy⁻¹S_xy y, the sign of Euler and Lagrange.
    #[serde(with = "nullable")]
    lagrangian: Vec<f64>,
    /// The same with v = +S_yy⁻¹S_xy y, as printed.
    #[serde(with = "nullable")]
    lagrangian_printed: Vec<f64>,
    /// −S_x, c free.
    #[serde(with = "nullable")]
    hamiltonian: Vec<f64>,
    /// −S_x, one factor for all activations.
    #[serde(with = "nullable")]
    hamiltonian_scaled: Vec<f64>,
    /// −S_x, c = 1: the constraint to the letter.
    #[serde(with = "nullable")]
    hamiltonian_fixed: Vec<f64>,
    /// Two random terms.
    #[serde(with = "nullable")]
    random: Vec<f64>,
    /// The two largest terms.
    #[serde(with = "nullable")]
    largest: Vec<f64>,
}

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let request = job.request();
    let population = Population::train_continued(request)?;
    let last = population.phases();
    let mut rows = Vec::new();
    for (place, ..) in PAPER {
        // In the end, and when the system had just joined: the paper does not say which.
        let mut phases = vec![last, place + 1];
        phases.dedup();
        for phase in phases {
            rows.push(row(&population, place, phase)?);
        }
    }
    let output = Output::new(job, "table2")?;
    let data = output.data(&Table2 {
        recipe: request.recipe.name.clone(),
        scientists: population.seeds().len(),
        states: 2 * EVALUATION_STATES,
        rows,
    })?;
    output.table(&table(&data))?;
    output.comparison(vec![population.trained()], &comparisons(&data, last))
}

fn row(population: &Population, place: usize, phase: usize) -> Result<Row> {
    let system = population.systems()[place].clone();
    let correct = population.correct(phase)?;
    let mut scientists = population.at(phase)?;
    let mut right = correct.iter();
    scientists.retain(|_| right.next() == Some(&true));
    let batch = states(&system, 2 * EVALUATION_STATES)?;
    let seeds: Vec<u64> = scientists.iter().map(Scientist::seed).collect();
    // One at a time: a thousand readings are more than a gigabyte.
    let fits = |one: &Scientist| Ok(Fits::of(&one.read(place, &batch)?, one.seed()));
    let fits: Vec<Fits> = scientists.par_iter().map(fits).collect::<Result<_>>()?;
    let of = |value: fn(&Fits) -> f64| fits.iter().map(value).collect();
    Ok(Row {
        system,
        place,
        phase,
        seeds,
        lagrangian: of(|fits| fits.lagrangian),
        lagrangian_printed: of(|fits| fits.lagrangian_printed),
        hamiltonian: of(|fits| fits.hamiltonian[0]),
        hamiltonian_scaled: of(|fits| fits.hamiltonian[1]),
        hamiltonian_fixed: of(|fits| fits.hamiltonian[2]),
        random: of(|fits| fits.random),
        largest: of(|fits| fits.largest),
    })
}

/// The R² of one scientist; NaN where a fit cannot be made.
struct Fits {
    lagrangian: f64,
    lagrangian_printed: f64,
    /// Free, scaled, fixed.
    hamiltonian: [f64; 3],
    random: f64,
    largest: f64,
}

impl Fits {
    fn of(reading: &Reading, seed: u64) -> Self {
        let Ok(all) = Distillation::of(reading) else {
            return Self {
                lagrangian: f64::NAN,
                lagrangian_printed: f64::NAN,
                hamiltonian: [f64::NAN; 3],
                random: f64::NAN,
                largest: f64::NAN,
            };
        };
        let pair = |terms: Result<[usize; 2], mass_interp::Error>| {
            let fit = terms.and_then(|terms| all.pair(terms));
            fit.map_or(f64::NAN, |fit| fit.r2)
        };
        let hamiltonian = all.hamiltonian();
        Self {
            lagrangian: all.lagrangian().map_or(f64::NAN, |fit| fit.r2),
            lagrangian_printed: all.lagrangian_as_printed().map_or(f64::NAN, |fit| fit.r2),
            hamiltonian: hamiltonian.map_or([f64::NAN; 3], |fit| [fit.free, fit.scaled, fit.fixed]),
            random: pair(all.random_pair(seed)),
            largest: pair(all.largest_pair()),
        }
    }
}

/// Mean and median of the finite R².
fn both(values: &[f64]) -> String {
    match finite(values).is_empty() {
        true => "–".to_string(),
        false => format!("{} ({})", r2(mean(values)), r2(median(values))),
    }
}

/// An R² as the paper writes it, to four decimals.
fn r2(value: f64) -> String {
    match value.abs() < 100.0 {
        true => format!("{value:.4}"),
        false => number(value),
    }
}

fn table(data: &Table2) -> String {
    let rows: Vec<Vec<String>> = data
        .rows
        .iter()
        .map(|row| {
            vec![
                row.system.clone(),
                row.phase.to_string(),
                row.seeds.len().to_string(),
                both(&row.lagrangian),
                both(&row.hamiltonian),
                both(&row.lagrangian_printed),
                both(&row.hamiltonian_scaled),
                both(&row.hamiltonian_fixed),
                both(&row.random),
                both(&row.largest),
            ]
        })
        .collect();
    let headers = [
        "system",
        "after phase",
        "correct",
        "R² Lagrangian, mean (median)",
        "R² Hamiltonian, c free",
        "Lagrangian, v as printed",
        "Hamiltonian, one factor",
        "Hamiltonian, c = 1",
        "two random terms",
        "two largest terms",
    ];
    markdown(&headers, &rows)
}

fn comparisons(data: &Table2, last: usize) -> Vec<Comparison> {
    let mut rows = Vec::new();
    for (place, lagrangian, hamiltonian) in PAPER {
        let at = |phase: usize| {
            let mut rows = data.rows.iter();
            rows.find(|row| row.place == place && row.phase == phase)
        };
        let Some(row) = at(last) else { continue };
        let (system, n) = (&row.system, row.seeds.len());
        let (l, h) = (mean(&row.lagrangian), mean(&row.hamiltonian));
        rows.push(Comparison::new(
            format!("{system}: R² of the Lagrangian fit, mean of {n} correct scientists"),
            lagrangian,
            l,
            "1",
            "MASS can almost be directly transformed into a Lagrangian theory (R² > 0.9)",
            l > 0.9,
        ));
        let middle = median(&row.lagrangian);
        rows.push(Comparison::new(
            format!("{system}: the same, median"),
            lagrangian,
            middle,
            "1",
            "also for the scientist in the middle (R² > 0.9)",
            middle > 0.9,
        ));
        rows.push(Comparison::new(
            format!("{system}: R² of the Hamiltonian fit (c free), mean"),
            hamiltonian,
            h,
            "1",
            "the single term −S_x does worse than the two of Euler–Lagrange",
            h < l,
        ));
        rows.push(Comparison::new(
            format!("{system}: R² of the Lagrangian fit with v as printed, mean"),
            None,
            mean(&row.lagrangian_printed),
            "1",
            "with the printed sign of v the fit is as good (R² > 0.9)",
            mean(&row.lagrangian_printed) > 0.9,
        ));
        if let Some(joined) = at(place + 1).filter(|row| row.phase != last) {
            let (l, n) = (mean(&joined.lagrangian), joined.seeds.len());
            rows.push(Comparison::new(
                format!("{system}: R² of the Lagrangian fit when it had just joined, mean of {n}"),
                lagrangian,
                l,
                "1",
                format!("the same at the end of phase {} (R² > 0.9)", joined.phase),
                l > 0.9,
            ));
        }
        for (name, values) in [
            ("two random terms", &row.random),
            ("the two largest terms", &row.largest),
        ] {
            let values = finite(values);
            let negative = values.iter().filter(|r2| **r2 < 0.0).count();
            let share = negative as f64 / values.len() as f64;
            rows.push(Comparison::new(
                format!("{system}: share of scientists with R² < 0 for {name}"),
                None,
                share,
                "1",
                format!(
                    "the constrained optimisation typically fails for {name} (more than half; median R² {})",
                    r2(median(&values))
                ),
                share > 0.5,
            ));
        }
    }
    rows
}

//! Table 2: can a scientist's activations be brought down to the two terms of Euler–Lagrange?

use anyhow::Result;
use mass_interp::{
    Distillation, DistilledFit, EVALUATION_STATES, Error, PotentialReading, Reading, Scientist,
};
use mass_systems::AnyLagrangian;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Job, Output,
    population::{Population, law, states},
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
///
/// The targets u = S_yy⁻¹S_x and v = −S_yy⁻¹S_xy y, or −S_x, are of the exact L and H of the system,
/// which is how Table 2 can be met, or of the scientist's own S, which is what the text says.
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
    /// u and v of the exact L.
    #[serde(with = "nullable")]
    exact_lagrangian: Vec<f64>,
    /// The same with v = +S_yy⁻¹S_xy y, as printed.
    #[serde(with = "nullable")]
    exact_lagrangian_printed: Vec<f64>,
    /// −H_x of the exact H = T + V of Table 1, c = 1.
    #[serde(with = "nullable")]
    exact_hamiltonian: Vec<f64>,
    /// u and v of the scientist's own S.
    #[serde(with = "nullable")]
    own_lagrangian: Vec<f64>,
    /// The same with the printed sign.
    #[serde(with = "nullable")]
    own_lagrangian_printed: Vec<f64>,
    /// The same with c and d chosen each for itself: are u and v in the span of the activations?
    #[serde(with = "nullable")]
    own_lagrangian_free: Vec<f64>,
    /// −S_x of the scientist's own S, one factor for all activations.
    #[serde(with = "nullable")]
    own_hamiltonian_scaled: Vec<f64>,
    /// The same with c free.
    #[serde(with = "nullable")]
    own_hamiltonian_free: Vec<f64>,
    /// Two random terms as targets.
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
    let Some(first) = scientists.first() else {
        return Ok(Row::of(system, place, phase, seeds, &[]));
    };
    let law = law(&first.systems()[place])?;
    // One at a time: a thousand readings are more than a gigabyte.
    let fits = |one: &Scientist| Ok(Fits::of(&one.read(place, &batch)?, law, one.seed()));
    let fits: Vec<Fits> = scientists.par_iter().map(fits).collect::<Result<_>>()?;
    Ok(Row::of(system, place, phase, seeds, &fits))
}

impl Row {
    fn of(system: String, place: usize, phase: usize, seeds: Vec<u64>, fits: &[Fits]) -> Self {
        let of = |value: fn(&Fits) -> f64| fits.iter().map(value).collect();
        Self {
            system,
            place,
            phase,
            seeds,
            exact_lagrangian: of(|fits| fits.exact[0]),
            exact_lagrangian_printed: of(|fits| fits.exact[1]),
            exact_hamiltonian: of(|fits| fits.exact[2]),
            own_lagrangian: of(|fits| fits.own[0]),
            own_lagrangian_printed: of(|fits| fits.own[1]),
            own_lagrangian_free: of(|fits| fits.own[2]),
            own_hamiltonian_scaled: of(|fits| fits.own[3]),
            own_hamiltonian_free: of(|fits| fits.own[4]),
            random: of(|fits| fits.controls[0]),
            largest: of(|fits| fits.controls[1]),
        }
    }
}

/// The R² of one scientist; NaN where a fit cannot be made.
struct Fits {
    /// Lagrangian, the same as printed, Hamiltonian.
    exact: [f64; 3],
    /// Lagrangian, as printed, with c and d free; Hamiltonian with one factor, with c free.
    own: [f64; 5],
    /// Two random terms, the two largest.
    controls: [f64; 2],
}

impl Fits {
    fn of(reading: &Reading, law: &dyn AnyLagrangian, seed: u64) -> Self {
        let Ok(all) = Distillation::of(reading) else {
            return Self {
                exact: [f64::NAN; 3],
                own: [f64::NAN; 5],
                controls: [f64::NAN; 2],
            };
        };
        let r2 = |fit: Result<DistilledFit, Error>| fit.map_or(f64::NAN, |fit| fit.r2);
        let pair = |terms: Result<[usize; 2], Error>| r2(terms.and_then(|terms| all.pair(terms)));
        let exact = all.exact_hamiltonian(law, PotentialReading::Printed);
        let free = all.lagrangian().map_or(f64::NAN, |fit| fit.r2_free);
        let own = all.hamiltonian();
        let [scaled, any] = own.map_or([f64::NAN; 2], |fit| [fit.scaled, fit.free]);
        Self {
            exact: [
                r2(all.exact_lagrangian(law)),
                r2(all.exact_lagrangian_as_printed(law)),
                exact.map_or(f64::NAN, |fit| fit.fixed),
            ],
            own: [
                r2(all.lagrangian()),
                r2(all.lagrangian_as_printed()),
                free,
                scaled,
                any,
            ],
            controls: [pair(all.random_pair(seed)), pair(all.largest_pair())],
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
                both(&row.exact_lagrangian),
                both(&row.exact_hamiltonian),
                both(&row.exact_lagrangian_printed),
                both(&row.own_lagrangian),
                both(&row.own_lagrangian_free),
                both(&row.own_hamiltonian_scaled),
                both(&row.random),
                both(&row.largest),
            ]
        })
        .collect();
    let headers = [
        "system",
        "after phase",
        "correct",
        "R² of the exact L, mean (median)",
        "of the exact H",
        "of the exact L, v as printed",
        "of the own L",
        "own L, c and d free",
        "own −S_x, one factor",
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
        let (l, h) = (mean(&row.exact_lagrangian), mean(&row.exact_hamiltonian));
        rows.push(Comparison::new(
            format!("{system}: R² on u and v of the exact L, mean of {n} correct scientists"),
            lagrangian,
            l,
            "1",
            "MASS can almost be directly transformed into a Lagrangian theory (R² > 0.9)",
            l > 0.9,
        ));
        rows.push(Comparison::new(
            format!("{system}: R² on −H_x of the exact H, c = 1, mean"),
            hamiltonian,
            h,
            "1",
            "the single term of Hamilton's equation does worse than the two of Euler–Lagrange",
            h < l,
        ));
        let printed = mean(&row.exact_lagrangian_printed);
        rows.push(Comparison::new(
            format!("{system}: R² on the exact L with v as printed, mean"),
            None,
            printed,
            "1",
            "with the printed sign of v the fit is as good (R² > 0.9)",
            printed > 0.9,
        ));
        let (own, middle) = (mean(&row.own_lagrangian), median(&row.own_lagrangian));
        rows.push(Comparison::new(
            format!("{system}: R² on u and v of the scientist's own S, mean"),
            lagrangian,
            own,
            "1",
            format!(
                "u and v are computed from the learned S, as the text says (R² > 0.9; median {})",
                r2(middle)
            ),
            own > 0.9,
        ));
        let free = mean(&row.own_lagrangian_free);
        rows.push(Comparison::new(
            format!("{system}: the same without c + d = 1"),
            None,
            free,
            "1",
            "u and v of the learned S are in the span of the activations (R² > 0.9)",
            free > 0.9,
        ));
        if let Some(joined) = at(place + 1).filter(|row| row.phase != last) {
            let (l, n) = (mean(&joined.exact_lagrangian), joined.seeds.len());
            rows.push(Comparison::new(
                format!("{system}: R² on the exact L when it had just joined, mean of {n}"),
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

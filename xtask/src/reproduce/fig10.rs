//! Figure 10: what becomes of a population as the number of systems grows.

use anyhow::Result;
use mass_core::{ErrorKind, Standing};
use mass_interp::{EVALUATION_STATES, TermCounts, statistics::sign_test};

use super::{
    Job, Output,
    population::{Population, states},
    statistics::{mean_and_error, share},
};
use crate::{
    comparison::{Comparison, number},
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
        counts.push(TermCounts::of_all(
            &scientists,
            &batches[..phase],
            FRACTION,
        )?);
    }
    let by_phase = |value: &dyn Fn(&TermCounts) -> f64| -> Vec<Estimate> {
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
        terms: by_phase(&|counts| counts.mean_listed()),
        terms_merged: by_phase(&|counts| counts.mean_merged()),
        weights: by_phase(&|counts| counts.weights),
        unreadable: counts
            .iter()
            .map(|all| {
                all.iter()
                    .filter(|one| !one.mean_listed().is_finite())
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

/// A system joining.
struct Step<'a> {
    system: &'a str,
    /// Scientists that are correct after it and were not before.
    revived: usize,
    /// Those that were and are not.
    lost: usize,
}

impl Step<'_> {
    /// The chance of so many revived, or more, among those that changed.
    fn chance(&self) -> f64 {
        sign_test(self.revived, self.lost)
    }
}

/// The step at which revivals are the least likely to be chance; an error below `limit` is correct.
fn best_step(data: &Fig10, limit: f64) -> Step<'_> {
    let rows: Vec<&[f64]> = data.rmse.chunks(data.seeds.len().max(1)).collect();
    let steps = rows
        .windows(2)
        .zip(&data.systems[1..])
        .map(|(pair, system)| {
            let both = || {
                pair[0]
                    .iter()
                    .zip(pair[1])
                    .map(|(a, b)| (*a < limit, *b < limit))
            };
            Step {
                system,
                revived: both().filter(|was| *was == (false, true)).count(),
                lost: both().filter(|was| *was == (true, false)).count(),
            }
        });
    let best = steps.min_by(|a, b| a.chance().total_cmp(&b.chance()));
    best.unwrap_or(Step {
        system: "none",
        revived: 0,
        lost: 0,
    })
}

fn known(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}

fn comparisons(data: &Fig10) -> Vec<Comparison> {
    let n = data.seeds.len();
    let last = data.systems.len() - 1;
    let points = |shares: &[Estimate]| -> Vec<f64> {
        shares.iter().map(|share| 100.0 * share.value).collect()
    };
    let below = data.correct_below;
    let mut rows = Vec::new();
    for (reading, correct, always, limit) in [
        ("RMSE", &data.correct, &data.always_correct, below),
        (
            "MSE",
            &data.correct_mse,
            &data.always_correct_mse,
            below.sqrt(),
        ),
    ] {
        let (correct, always) = (points(correct), points(always));
        let step = best_step(data, limit);
        // The best of several steps.
        let chance = (step.chance() * last as f64).min(1.0);
        rows.push(Comparison::new(
            format!("always correct after {} systems, by {reading} ({n} scientists)", last + 1),
            None,
            always[last],
            "%",
            format!(
                "the share of consistently correct scientists decreases with the number of systems (after one: {:.1} %; by definition it cannot rise)",
                always[0]
            ),
            always[last] < always[0],
        ));
        rows.push(Comparison::new(
            format!(
                "scientists revived less lost when {} joined, the best step, by {reading}",
                step.system
            ),
            None,
            step.revived as f64 - step.lost as f64,
            "scientists",
            format!(
                "the number of correct scientists can increase with the number of systems ({} revived, {} lost: by chance with p = {}, the best of {last} steps; p < 0.025; % correct: {})",
                step.revived,
                step.lost,
                number(chance),
                correct
                    .iter()
                    .map(|share| format!("{share:.0}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            chance < 0.025,
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
            known(&values).then(|| values.windows(2).all(|pair| pair[1] < pair[0])),
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
    let falls: Vec<f64> = (0..last)
        .map(|system| cell(last, system) - cell(system, system))
        .collect();
    let falling = falls.iter().filter(|change| **change < 0.0).count();
    rows.push(Comparison::new(
        "systems explained by fewer terms in the end than when they joined",
        None,
        if known(&falls) {
            falling as f64
        } else {
            f64::NAN
        },
        "systems",
        format!("fewer terms explain every one of the {last} earlier systems as others are added"),
        falling == last,
    ));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two systems, twenty scientists: `terms` after each phase, and how many of the failed ones are
    /// revived by the second system.
    fn data(terms: [f64; 2], revived: usize) -> Fig10 {
        let of = |values: [f64; 2]| {
            values.map(|value| Estimate {
                value,
                low: value,
                high: value,
            })
        };
        let correct = of([0.5, 0.5 + revived as f64 / 20.0]).to_vec();
        let rmse = (0..40).map(|cell| {
            let (phase, seed) = (cell / 20, cell % 20);
            let right = seed < 10 + phase * revived;
            if right { 1e-3 } else { 1.0 }
        });
        Fig10 {
            recipe: "reference".into(),
            seeds: (0..20).collect(),
            systems: vec!["classical".into(), "pendulum".into()],
            correct_below: 5e-3,
            correct: correct.clone(),
            always_correct: of([0.5, 0.5]).to_vec(),
            correct_mse: correct,
            always_correct_mse: of([0.5, 0.4]).to_vec(),
            terms: of(terms).to_vec(),
            terms_merged: of(terms).to_vec(),
            weights: of(terms).to_vec(),
            unreadable: vec![0; 2],
            terms_by_system: [of(terms).to_vec(), of(terms).to_vec()].concat()[1..].to_vec(),
            rmse: rmse.collect(),
        }
    }

    fn holds(data: &Fig10) -> Vec<Option<bool>> {
        comparisons(data).iter().map(|row| row.holds).collect()
    }

    #[test]
    fn claims_follow_the_population() {
        let [t, f] = [Some(true), Some(false)];
        // Of six changed all revived by chance once in 64 times, of five once in 32: one step of one.
        let found = holds(&data([12.0, 8.0], 6));
        assert_eq!(found[..8], [f, t, t, t, t, t, t, t]);
        let found = holds(&data([5.0, 6.0], 3));
        assert_eq!(found[..8], [f, f, t, f, f, f, f, f]);
        let rows = comparisons(&data([5.0, 6.0], 3));
        assert_eq!(rows[1].ours, Some(3.0));
    }

    #[test]
    fn chance_is_that_of_a_fair_coin() {
        let chance = |revived: usize, lost: usize| {
            let system = "pendulum";
            Step {
                system,
                revived,
                lost,
            }
            .chance()
        };
        assert_eq!(chance(0, 0), 1.0);
        assert!((chance(5, 0) - 1.0 / 32.0).abs() < 1e-15);
        assert!((chance(4, 1) - 6.0 / 32.0).abs() < 1e-15);
        assert!((chance(0, 3) - 1.0).abs() < 1e-15);
        // P(X ≥ 1040 of 2000), from SciPy's binom.sf.
        assert!((chance(1040, 960) / 0.038643445281334295 - 1.0).abs() < 1e-9);
        // More revived less lost, but likelier: 20 against 12, after 6 against none.
        let rows: [fn(usize) -> bool; 3] = [
            |seed| seed < 20,
            |seed| seed < 26,
            |seed| (12..46).contains(&seed),
        ];
        let errors = rows
            .iter()
            .flat_map(|right| (0..60).map(|seed| if right(seed) { 1e-3 } else { 1.0 }));
        let many = Fig10 {
            seeds: (0..60).collect(),
            systems: ["classical", "pendulum", "kepler"]
                .map(String::from)
                .to_vec(),
            rmse: errors.collect(),
            ..data([12.0, 8.0], 6)
        };
        let best = best_step(&many, 5e-3);
        assert_eq!((best.system, best.revived, best.lost), ("pendulum", 6, 0));
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        let mut none = data([f64::NAN; 2], 0);
        for shares in [&mut none.always_correct, &mut none.always_correct_mse] {
            *shares = vec![Estimate::NONE; 2];
        }
        let found = holds(&none);
        assert_eq!((found[0], found[2]), (None, None));
        assert_eq!(found[1], Some(false), "none was revived");
        assert_eq!(found[4..], [None; 5]);
        // A phase that could not be read in between.
        let mut gap = data([12.0, 8.0], 0);
        gap.terms[0].value = f64::NAN;
        assert_eq!(holds(&gap)[4], None);
    }
}

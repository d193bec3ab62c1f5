//! Figure 6: several scientists over four phases.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use mass_core::Record;
use mass_core::{ErrorKind, Standing, Status};
use mass_interp::Fate;

use super::{Job, Output, population::Population};
use crate::{
    comparison::Comparison,
    draw::fig6::{Fig6, Fig6Fate, Fig6Scientist, draw},
};

/// Phases of the figure.
const PHASES: usize = 4;

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let request = job.request();
    let population = Population::train_continued(request)?;
    let standings = population.standings(ErrorKind::Rmse)?;
    let systems = population.systems();
    let mut fates: BTreeMap<Fate, Vec<u64>> = BTreeMap::new();
    for standing in &standings {
        fates
            .entry(fate(standing)?)
            .or_default()
            .push(standing.seed);
    }
    // Of each fate the lowest seed; of all revivals one.
    let mut chosen: Vec<(u64, Fate)> = Vec::new();
    for (fate, seeds) in &fates {
        let revival = |(_, fate): &(u64, Fate)| matches!(fate, Fate::Revives(_));
        let lowest = seeds.iter().copied().min().context("a fate is someone's")?;
        if let Fate::Revives(_) = fate
            && let Some(earlier) = chosen.iter_mut().find(|one| revival(one))
        {
            if lowest < earlier.0 {
                *earlier = (lowest, *fate);
            }
            continue;
        }
        chosen.push((lowest, *fate));
    }
    let mut shown: Vec<Fig6Scientist> = chosen
        .iter()
        .map(|(seed, fate)| Fig6Scientist {
            seed: *seed,
            fate: fate.text(systems),
            step: Vec::new(),
            loss: Vec::new(),
            rmse: Vec::new(),
        })
        .collect();
    for phase in 1..=PHASES {
        // One phase at a time: those of a thousand scientists are half a gigabyte together.
        for row in population.run().metrics_of(phase)?.rows {
            let Some(one) = shown.iter_mut().find(|one| one.seed == row.seed) else {
                continue;
            };
            let rmse = row.average.rmse();
            if one.step.last() == Some(&row.step) {
                // Another system at the same evaluation.
                let last = one.rmse.len() - 1;
                one.rmse[last] = largest(one.rmse[last], rmse);
            } else {
                one.step.push(row.step);
                one.loss.push(row.train_loss);
                one.rmse.push(rmse);
            }
        }
    }

    let output =
        Output::new(job, "fig6")?.chosen("the lowest seed of each fate, one of all revivals");
    let data = output.data(&Fig6 {
        recipe: request.recipe.name.clone(),
        scientists: standings.len(),
        systems: systems.to_vec(),
        ends: (1..=PHASES)
            .map(|phase| population.run().record().phase_end(phase))
            .collect(),
        correct_below: request.recipe.evaluation.correct_below,
        shown,
        fates: fates
            .iter()
            .map(|(fate, seeds)| Fig6Fate {
                fate: fate.text(systems),
                seeds: seeds.clone(),
            })
            .collect(),
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(vec![population.trained()], &comparisons(&fates, systems))
}

/// The larger error; one that is not a number is the largest.
fn largest(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::INFINITY
    } else {
        a.max(b)
    }
}

/// What became of a scientist in the four phases.
fn fate(standing: &Standing) -> Result<Fate> {
    let correct: Vec<bool> = standing
        .verdicts
        .iter()
        .take(PHASES)
        .map(|verdict| verdict.status == Status::Correct)
        .collect();
    Fate::of(&correct).context("four phases are done")
}

fn comparisons(fates: &BTreeMap<Fate, Vec<u64>>, systems: &[String]) -> Vec<Comparison> {
    let count = |is: &dyn Fn(&Fate) -> bool| -> usize {
        let those = fates.iter().filter(|(fate, _)| is(fate));
        those.map(|(_, seeds)| seeds.len()).sum()
    };
    let all: usize = fates.values().map(Vec::len).sum();
    let always = count(&|fate| *fate == Fate::AlwaysCorrect);
    let mut rows = vec![Comparison::new(
        format!("always correct, of {all}"),
        None,
        always as f64,
        "scientists",
        "theories either survive or falter, depending on the seed (some do, not all)",
        0 < always && always < all,
    )];
    let paper = ["", "80", "96", "569"];
    for (phase, seed) in paper.iter().enumerate().skip(1) {
        let failing = count(&|fate| *fate == Fate::Fails(phase));
        rows.push(Comparison::new(
            format!(
                "correct until {}, not correct there nor in the end",
                systems[phase]
            ),
            None,
            failing as f64,
            "scientists",
            format!(
                "some scientists first fail at {} (the paper's seed {seed})",
                systems[phase]
            ),
            failing > 0,
        ));
    }
    let revived = count(&|fate| matches!(fate, Fate::Revives(_)));
    rows.push(Comparison::new(
        "not correct at some system, correct in the end",
        None,
        revived as f64,
        "scientists",
        "some that fail initially learn when tasked with a more complex system (the paper's seed 506)",
        revived > 0,
    ));
    rows
}

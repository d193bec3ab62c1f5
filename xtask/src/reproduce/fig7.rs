//! Figure 7: the correlation maps of one scientist, phase by system.

use anyhow::{Context, Result};
use mass_core::{ErrorKind, Standing};
use mass_interp::{CorrelationMap, Counting, Distance, EVALUATION_STATES, Scientist, SharedTerms};
use mass_terms::Notation;

use super::{
    Job, Output,
    population::{Population, states},
};
use crate::{
    comparison::Comparison,
    draw::fig7::{Fig7, Fig7Map, draw},
};

/// Phases of the figure.
const PHASES: usize = 4;

/// The scientist is the one asked for, or chosen among those of the request.
pub(super) fn reproduce(job: &Job) -> Result<()> {
    let (mut request, seed) = (job.request().clone(), job.seed);
    request.seeds = seed.map_or(request.seeds, |seed| vec![seed]);
    let population = Population::train_continued(&request)?;
    let standings = population.standings(ErrorKind::Rmse)?;
    let (place, chosen_by) = match seed {
        Some(_) => (0, None),
        None => choose(&standings)
            .map(|(place, how)| (place, Some(how)))
            .context("a scientist was trained")?,
    };
    let errors = standings[place]
        .verdicts
        .iter()
        .map(|verdict| verdict.error);
    let systems = population.systems()[..PHASES].to_vec();

    let (mut maps, mut common) = (Vec::new(), Vec::new());
    for phase in 1..=PHASES {
        let scientist = population.at(phase)?.swap_remove(place);
        for (index, system) in systems[..phase].iter().enumerate() {
            let (map, strong) = map(&scientist, phase, index, system)?;
            maps.push(map);
            if phase == PHASES {
                common.push(strong);
            }
        }
    }
    let names = population.at(PHASES)?[place]
        .model()
        .terms()
        .library
        .names(Notation::Unicode);
    let shared = SharedTerms::of(&common);

    let mut output = Output::new(job, "fig7")?;
    if let Some(how) = chosen_by {
        output = output.chosen(format!("seed {}, {how}", population.seeds()[place]));
    }
    let data = output.data(&Fig7 {
        recipe: request.recipe.name.clone(),
        seed: population.seeds()[place],
        rmse: errors.take(PHASES).collect(),
        systems,
        maps,
        shared: shared
            .terms
            .iter()
            .map(|term| names[*term].clone())
            .collect(),
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(
        vec![population.trained()],
        &comparisons(&data, shared.union),
    )
}

/// The scientist whose largest error at any phase's end is least, among those that were always
/// correct if there is one.
fn choose(standings: &[Standing]) -> Option<(usize, String)> {
    let worst = |place: &usize| {
        let verdicts = standings[*place].verdicts.iter().take(PHASES);
        verdicts.map(|verdict| verdict.error).fold(0.0, f64::max)
    };
    let correct = |place: &usize| standings[*place].always_correct(PHASES) == Some(true);
    let least = |places: &mut dyn Iterator<Item = usize>| {
        places.min_by(|a, b| worst(a).total_cmp(&worst(b)))
    };
    let count = standings.len();
    if let Some(place) = least(&mut (0..count).filter(correct)) {
        let text = format!("least largest error among the always correct of {count} scientists");
        return Some((place, text));
    }
    let text = format!("least largest error of {count} scientists, none of them always correct");
    least(&mut (0..count)).map(|place| (place, text))
}

/// The map of one system, and the significant terms by falling size with their sizes.
fn map(
    scientist: &Scientist,
    phase: usize,
    index: usize,
    system: &str,
) -> Result<(Fig7Map, Vec<(usize, f64)>)> {
    let batch = states(system, EVALUATION_STATES)?;
    let activations = scientist.activations(index, &batch)?;
    let names = activations.names(Notation::Ascii);
    let found = activations.finite().and_then(|finite| {
        let map = CorrelationMap::of(&finite, 0.99, Distance::default())?;
        let merged = finite.grouped(&scientist.grouping(Counting::Merged))?;
        Ok((map, merged.significant(0.99)?.count(), finite.mean_abs()))
    });
    let empty = Fig7Map {
        phase,
        system: system.to_string(),
        terms: Vec::new(),
        merged: 0,
        correlation: Vec::new(),
    };
    let Ok((map, merged, sizes)) = found else {
        // On a pole at every state, or all activations zero: the map says so.
        return Ok((empty, Vec::new()));
    };
    let total: f64 = sizes.iter().sum();
    let strong = map.significant.indices.iter();
    Ok((
        Fig7Map {
            terms: map
                .columns
                .iter()
                .map(|term| names[*term].clone())
                .collect(),
            merged,
            correlation: map.correlation.values().to_vec(),
            ..empty
        },
        strong.map(|term| (*term, sizes[*term] / total)).collect(),
    ))
}

fn comparisons(data: &Fig7, union: usize) -> Vec<Comparison> {
    let at = |phase: usize, system: usize| {
        let before = phase * (phase - 1) / 2;
        &data.maps[before + system]
    };
    let mut rows = Vec::new();
    // What the paper counts: first and last row in which each system stands.
    for (system, first, last) in [(0, 20.0, 6.0), (1, 12.0, 7.0), (2, 10.0, 5.0)] {
        let name = &data.systems[system];
        let (begun, ended) = (at(system + 1, system), at(PHASES, system));
        let known = !begun.terms.is_empty() && !ended.terms.is_empty();
        let (n, m) = (begun.terms.len() as f64, ended.terms.len() as f64);
        let counted = |n: f64| if known { n } else { f64::NAN };
        rows.push(Comparison::new(
            format!("{name}: significant terms after phase {}", system + 1),
            first,
            counted(n),
            "terms",
            "as many as the paper's seed 52 has, within a factor of 2",
            known && (first / 2.0..=first * 2.0).contains(&n),
        ));
        rows.push(Comparison::new(
            format!("{name}: significant terms after phase {PHASES}"),
            last,
            counted(m),
            "terms",
            format!("fewer than when {name} joined"),
            known && m < n,
        ));
        rows.push(
            Comparison::new(
                format!("{name}: the same, equal functions merged"),
                None,
                counted(ended.merged as f64),
                "terms",
                format!("fewer than when {name} joined ({})", begun.merged),
                known && ended.merged < begun.merged,
            )
            .of_ours(),
        );
    }
    let share = data.shared.len() as f64 / union as f64;
    rows.push(Comparison::new(
        format!("share of {union} terms that are significant for all {PHASES} systems in the end"),
        None,
        share,
        "1",
        "it explains an ensemble of systems by almost the same terms (more than half)",
        share > 0.5,
    ));
    let loose = |map: &Fig7Map| {
        let n = map.terms.len();
        let pairs = (0..n).flat_map(|i| (0..i).map(move |j| i * n + j));
        let weak = pairs
            .clone()
            .filter(|cell| map.correlation[*cell].abs() < 0.9)
            .count();
        weak as f64 / pairs.count().max(1) as f64
    };
    let first = loose(at(1, 0));
    let last = (0..PHASES).map(|system| loose(at(PHASES, system)));
    let last = last.sum::<f64>() / PHASES as f64;
    rows.push(Comparison::new(
        "share of pairs with |r| < 0.9 in the last row, less that in the first",
        None,
        last - first,
        "1",
        "as the number of systems increases, the theories become more diverse (more pairs that do not correlate)",
        last > first,
    ));
    rows
}

#[cfg(test)]
mod tests {
    use mass_core::{Status, Verdict};

    use super::*;

    fn standing(seed: u64, errors: [f64; 4]) -> Standing {
        let verdicts = errors.iter().enumerate().map(|(phase, error)| Verdict {
            phase: phase + 1,
            step: 10 * (phase as u64 + 1),
            error: *error,
            status: if *error < 5e-3 {
                Status::Correct
            } else {
                Status::Failed
            },
        });
        Standing {
            seed,
            verdicts: verdicts.collect(),
            changes: Vec::new(),
        }
    }

    #[test]
    fn the_always_correct_come_first() {
        let all = [
            standing(0, [1e-4, 6e-3, 1e-4, 1e-4]),
            standing(1, [1e-4, 4e-3, 4.5e-3, 1e-4]),
            standing(2, [1e-4, 4e-3, 4.2e-3, 1e-4]),
        ];
        let (place, text) = choose(&all).unwrap();
        assert_eq!(place, 2);
        assert!(text.contains("always correct of 3"), "{text}");
        let (place, text) = choose(&all[..1]).unwrap();
        assert_eq!(place, 0);
        assert!(text.contains("none of them"), "{text}");
        assert!(choose(&[]).is_none());
    }
}

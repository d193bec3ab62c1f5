//! `mass population`: what became of many scientists.

use std::{collections::HashMap, ops::Range, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use mass_core::{Criterion, DeviceKind, ErrorKind, Record, Run, Standing, WeightsKind};
use mass_figures::{Rule, markdown, number};
use mass_interp::{
    Agreements, Contrast, EVALUATION_STATES, Estimate, Families, Fate, Judgement, Persistence,
    Scientist, Summary, Survival, Theory, TheoryGroup, statistics::share,
};
use serde::Serialize;

use crate::{sweep, write::print};

/// Scientists of one family agree at least so much, on average.
const LEAST: f64 = 0.9;
/// Scientists are compared at states drawn by this seed.
const STATES_SEED: u64 = 0;
/// Lines that a list has at most in words; JSON has them all.
const LINES: usize = 25;
/// Fewer scientists than this on either side tell nothing apart.
const FEW: usize = 5;
/// A difference is told if there is a smaller chance of any such one.
const SURE: f64 = 0.05;

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass population summaries                 # what became of all of them
  mass population summaries --phases 4      # of those who met four systems, and what sets the steady ones apart
  mass population merged-run --families     # who can work with whose S, too
  mass population summaries --json | jq '.always_correct[].seed'")]
pub(crate) struct Arguments {
    /// A folder of summaries, as `mass sweep --summary` keeps them, or a run, as `mass merge` puts parts together.
    folder: PathBuf,
    /// These scientists alone: FIRST..END, END not among them.
    #[arg(long, value_parser = sweep::seeds)]
    seeds: Option<Range<u64>>,
    /// The first so many phases alone, at whose ends the scientists are judged.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    phases: Option<u64>,
    /// Call a scientist correct while its largest test error of ẏ is below this, instead of the recipe's limit.
    #[arg(long)]
    below: Option<f64>,
    /// Also find their families, scientists that can work with each other's S: takes a run.
    #[arg(long)]
    families: bool,
    /// Print all of it as JSON.
    #[arg(long)]
    json: bool,
}

/// What became of many scientists.
#[derive(Serialize)]
struct Found {
    /// The recipe by which they were trained.
    recipe: String,
    /// The systems in the order in which they joined, one a phase.
    systems: Vec<String>,
    /// The scientists.
    seeds: Vec<u64>,
    /// A scientist is correct while its largest test error of ẏ over the systems seen is below this.
    correct_below: f64,
    /// What became of them, their error read as RMSE.
    fates: Vec<Those>,
    /// The same, their error read as MSE.
    fates_by_mse: Vec<Those>,
    /// The ends of the phases, by RMSE.
    phases: Vec<End>,
    /// Those that are correct at each phase's end, by RMSE, the least error first.
    always_correct: Vec<Steady>,
    /// What sets these apart, the surest first.
    apart: Vec<Contrast>,
    /// Scientists whose S bends alike on each system.
    groups: Vec<Group>,
    /// Scientists that can work with each other's S, if asked for.
    families: Option<Vec<Family>>,
}

/// The scientists of one fate.
#[derive(Serialize)]
struct Those {
    fate: String,
    /// Their share, with Wilson's 95 % interval.
    share: Estimate,
    seeds: Vec<u64>,
}

/// The end of a phase.
#[derive(Serialize)]
struct End {
    /// The system that joined.
    system: String,
    /// Share that is correct.
    correct: Estimate,
    /// Scientists correct at each phase's end until then.
    always_correct: usize,
    /// The share that they are.
    always_share: Estimate,
    /// How many there would be if phases were independent.
    if_independent: f64,
    /// Rank correlation of the largest error with that at the next phase's end.
    with_next: Estimate,
}

/// A scientist that is correct at each phase's end.
#[derive(Serialize)]
struct Steady {
    seed: u64,
    /// Its largest RMSE of ẏ at any phase's end.
    rmse: f64,
    /// The system that joined in that phase.
    at: String,
    /// Terms that make 95 % of Σ E|a| in the end, on each system.
    terms: Vec<f64>,
    /// What its S bends like on each system.
    theories: Vec<Option<Theory>>,
    /// Hash of its parameters in the end.
    parameters: String,
}

/// Scientists that are read alike.
#[derive(Serialize)]
struct Group {
    theories: Vec<Option<Theory>>,
    share: Estimate,
    /// How many of them are always correct.
    always_correct: usize,
    seeds: Vec<u64>,
}

/// Scientists that can work with each other's S.
#[derive(Serialize)]
struct Family {
    seeds: Vec<u64>,
    /// The member that agrees most with the others.
    medoid: u64,
    /// Mean agreement within.
    agreement: f64,
    /// Members that are correct in the end.
    correct: usize,
    /// Members that are always correct.
    always_correct: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let (all, run) = open(arguments)?;
    let seeds = chosen(&all, arguments.seeds.as_ref())?;
    let summary = all.pick(&seeds)?;
    let phases = match arguments.phases {
        None => summary.phases(),
        Some(phases) => {
            let done = summary.phases();
            ensure!(
                phases as usize <= done,
                "--phases {phases} is too many: they have done {done}"
            );
            phases as usize
        }
    };
    let below = match arguments.below {
        None => summary.record().recipe.evaluation.correct_below,
        Some(below) => {
            ensure!(
                below > 0.0 && below.is_finite(),
                "--below {below} is no limit of an error: it is above 0 and finite"
            );
            below
        }
    };
    let standings = |error| summary.standings(Criterion { error, below });
    let by = [ErrorKind::Rmse, ErrorKind::Mse].map(standings);
    let mut found = found(&summary, phases, below, &by)?;
    if arguments.families {
        let run = run.as_ref().context(
            "summaries do not hold the scientists' S, so that nobody can work with another's: --families takes a run, as `mass merge` makes",
        )?;
        found.families = Some(families(run, &by[0], phases)?);
    }
    let text = match arguments.json {
        true => serde_json::to_string_pretty(&found).context("what was found as JSON")? + "\n",
        false => words(&found),
    };
    Ok(print(&text)?)
}

/// What is kept of them, and their run where there is one.
fn open(arguments: &Arguments) -> Result<(Summary, Option<Run>)> {
    let folder = &arguments.folder;
    if folder.is_file() {
        return Ok((Summary::read(folder)?, None));
    }
    let is_summaries = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .filter_map(Result::ok)
        .any(|entry| entry.path().extension().is_some_and(|end| end == "parquet"));
    let is_run = folder.join("run.toml").exists();
    match (is_run, is_summaries) {
        (true, _) => {
            let run = Run::open(folder)?;
            let device = DeviceKind::Flex.open()?;
            Ok((Summary::of(&run, &device)?, Some(run)))
        }
        (false, true) => Ok((Summary::read_folder(folder)?, None)),
        (false, false) => bail!(
            "{} is neither a run nor a folder of summaries: `mass merge` makes a run of a sweep's parts, and `mass sweep --summary` keeps summaries",
            folder.display()
        ),
    }
}

/// The seeds asked for that are there.
fn chosen(all: &Summary, wanted: Option<&Range<u64>>) -> Result<Vec<u64>> {
    let seeds = all.seeds().iter().copied();
    let Some(wanted) = wanted else {
        return Ok(seeds.collect());
    };
    let known = spans(all.seeds());
    let seeds: Vec<u64> = seeds.filter(|seed| wanted.contains(seed)).collect();
    let (first, last) = (wanted.start, wanted.end - 1);
    ensure!(
        seeds.len() as u64 == wanted.end - wanted.start,
        "not all of seeds {first} to {last} are there, but {known}"
    );
    Ok(seeds)
}

/// What the first phases say; `by_rmse` and `by_mse` are how they fared in either reading of the error.
fn found(
    summary: &Summary,
    phases: usize,
    below: f64,
    [by_rmse, by_mse]: &[Vec<Standing>; 2],
) -> Result<Found> {
    let record = summary.record();
    let seeds = summary.seeds();
    let systems: Vec<String> = record.systems.iter().map(|one| one.id.clone()).collect();
    ensure!(
        (1..=phases).all(|phase| record.seen(phase) == phase),
        "recipe {:?} gives all systems at once, so that there are no phases to compare: this is of scientists who meet one system after the other",
        record.recipe.name
    );
    let fates = |standings: &[Standing]| -> Vec<Those> {
        let fates = Fate::of_all(standings, phases).into_iter();
        let those = fates.map(|(fate, those)| Those {
            fate: fate.text(&systems),
            share: share(those.len(), seeds.len()),
            seeds: those,
        });
        those.collect()
    };
    let (survival, persistence) = (
        Survival::of(by_rmse, phases),
        Persistence::of(by_rmse, phases),
    );
    let ends = (0..phases).map(|phase| End {
        system: systems[phase].clone(),
        correct: survival.correct[phase],
        always_correct: persistence.always_correct[phase],
        always_share: survival.always_correct[phase],
        if_independent: persistence.if_independent[phase],
        with_next: match persistence.with_next.get(phase) {
            Some(found) => *found,
            None => Estimate::NONE,
        },
    });
    let always: Vec<bool> = by_rmse
        .iter()
        .map(|one| one.always_correct(phases) == Some(true))
        .collect();
    let judged = summary.judgements(phases)?;
    let by_bending = TheoryGroup::of(&judged, |one: &Judgement| one.theory_by_curvature);
    let groups = by_bending.iter().map(|group| Group {
        theories: group.theories.clone(),
        share: share(group.members.len(), seeds.len()),
        always_correct: group.members.iter().filter(|one| always[**one]).count(),
        seeds: group.members.iter().map(|one| seeds[*one]).collect(),
    });
    let counts = summary.counts(phases)?;
    let mut steady = Vec::new();
    for (place, one) in by_rmse.iter().enumerate().filter(|(i, _)| always[*i]) {
        let verdicts = one.verdicts.iter().take(phases);
        let worst = verdicts.max_by(|a, b| a.error.total_cmp(&b.error));
        let worst = worst.context("there is a phase")?;
        let own = summary.findings().iter();
        let own = own.filter(|row| row.seed == one.seed && row.phase == phases as u64);
        let group = by_bending.iter().find(|of| of.members.contains(&place));
        steady.push(Steady {
            seed: one.seed,
            rmse: worst.error,
            at: systems[worst.phase - 1].clone(),
            terms: counts[place].listed.clone(),
            theories: group.map_or_else(Vec::new, |of| of.theories.clone()),
            parameters: own
                .map(|row| row.parameters.clone())
                .next()
                .unwrap_or_default(),
        });
    }
    steady.sort_by(|a, b| a.rmse.total_cmp(&b.rmse));
    Ok(Found {
        recipe: record.recipe.name.clone(),
        systems: systems[..phases].to_vec(),
        seeds: seeds.to_vec(),
        correct_below: below,
        fates: fates(by_rmse),
        fates_by_mse: fates(by_mse),
        phases: ends.collect(),
        always_correct: steady,
        apart: summary.contrasts(&always, &(1..=phases).collect::<Vec<_>>())?,
        groups: groups.collect(),
        families: None,
    })
}

/// Who can work with whose S, at the end of a phase.
fn families(run: &Run, standings: &[Standing], phase: usize) -> Result<Vec<Family>> {
    let device = DeviceKind::Flex.open()?;
    let wanted: HashMap<u64, &Standing> = standings.iter().map(|one| (one.seed, one)).collect();
    let mut all = Scientist::load_all_at(run, phase, WeightsKind::Average, &device)?;
    all.retain(|one| wanted.contains_key(&one.seed()));
    let agreement = Agreements::between(&all, EVALUATION_STATES, STATES_SEED)?.together;
    let count = |members: &[usize], is: fn(&Standing, usize) -> Option<bool>| {
        let of = members
            .iter()
            .filter_map(|one| wanted.get(&all[*one].seed()));
        of.filter(|standing| is(standing, phase) == Some(true))
            .count()
    };
    let families = Families::of(&agreement, LEAST)?.families;
    let family = |one: &mass_interp::Family| Family {
        seeds: one
            .members
            .iter()
            .map(|member| all[*member].seed())
            .collect(),
        medoid: all[one.medoid].seed(),
        agreement: one.agreement,
        correct: count(&one.members, Standing::correct),
        always_correct: count(&one.members, Standing::always_correct),
    };
    Ok(families.iter().map(family).collect())
}

/// `0 to 499 and 600 to 699`.
fn spans(seeds: &[u64]) -> String {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for seed in seeds {
        match spans.last_mut() {
            Some((_, last)) if *seed == *last + 1 => *last = *seed,
            _ => spans.push((*seed, *seed)),
        }
    }
    let span = |(first, last): &(u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    let spans: Vec<String> = spans.iter().map(span).collect();
    spans.join(", ")
}

/// `H H L H · L`.
fn letters(theories: &[Option<Theory>]) -> String {
    let letter = |theory: &Option<Theory>| match theory {
        Some(Theory::Lagrangian) => "L",
        Some(Theory::Hamiltonian) => "H",
        None => "·",
    };
    let letters: Vec<&str> = theories.iter().map(letter).collect();
    letters.join(" ")
}

/// A chance, as text.
fn chance(of: f64) -> String {
    match of {
        of if of < 1e-3 => format!("{of:.1e}"),
        of => format!("{of:.3}"),
    }
}

/// ` (n more: --json)`, where a list is cut.
fn cut(all: usize) -> String {
    match all.checked_sub(LINES) {
        None | Some(0) => String::new(),
        Some(more) => format!("\n{more} more: `--json` has them all.\n"),
    }
}

fn words(found: &Found) -> String {
    let all = found.seeds.len();
    let mut text = format!(
        "{all} scientists of recipe {}, seeds {}, who met {}.\nOne is correct while its largest test error of ẏ over the systems seen is below {}. In parentheses: 95 % intervals.\n",
        found.recipe,
        spans(&found.seeds),
        found.systems.join(", then "),
        number(found.correct_below, Rule::Table),
    );
    text += "\n## What became of them\n\n";
    text += &fates(found);
    text += "\nFails: first not correct there, and not in the end. Revives: not correct at some phase's end, and from there on.\n";
    text += "\n## Do those who do well keep doing well? (RMSE)\n\n";
    text += &ends(found);
    text += "\nThe last column: Spearman's correlation of a scientist's largest error with that after the next system; 0 if one says nothing of the other.\n";
    text += &format!("\n## Always correct: {}\n\n", found.always_correct.len());
    text += &steady(found);
    text += "\n## What sets these apart\n\n";
    text += &apart(found);
    text += "\n## Who is read alike\n\n";
    text += &groups(found);
    if let Some(families) = &found.families {
        text += &format!("\n## Families: {}\n\n", families.len());
        text += &family_table(families);
    }
    text
}

/// Each fate that anybody had, in either reading of the error.
fn fates(found: &Found) -> String {
    let mut names: Vec<&str> = found.fates.iter().map(|those| &*those.fate).collect();
    for those in &found.fates_by_mse {
        if !names.contains(&&*those.fate) {
            names.push(&those.fate);
        }
    }
    // Those that fail, and those that revive, as the systems join.
    let place = |name: &str| {
        let system = found.systems.iter().position(|id| name.ends_with(&**id));
        (
            !name.starts_with("always"),
            name.starts_with("revives"),
            system,
        )
    };
    names.sort_by_key(|name| place(name));
    let cells = |of: &[Those], name: &str| match of.iter().find(|those| those.fate == name) {
        Some(those) => [those.seeds.len().to_string(), those.share.in_percent(1)],
        None => ["0".to_string(), share(0, found.seeds.len()).in_percent(1)],
    };
    let rows = names.iter().map(|name| {
        let [rmse, mse] = [&found.fates, &found.fates_by_mse].map(|of| cells(of, name));
        [&[name.to_string()][..], &rmse, &mse].concat()
    });
    markdown(&["fate", "by RMSE", "%", "by MSE", "% "], rows)
}

fn ends(found: &Found) -> String {
    let headers = [
        "after",
        "correct, %",
        "always until then",
        "always, %",
        "if phases were independent",
        "rank correlation of errors with the next phase's",
    ];
    let row = |end: &End| {
        let with = &end.with_next;
        vec![
            end.system.clone(),
            end.correct.in_percent(1),
            end.always_correct.to_string(),
            end.always_share.in_percent(1),
            format!("{:.1}", end.if_independent),
            match with.value.is_nan() {
                true => String::new(),
                false => format!("{:.2} ({:.2} to {:.2})", with.value, with.low, with.high),
            },
        ]
    };
    markdown(&headers, found.phases.iter().map(row))
}

fn steady(found: &Found) -> String {
    if found.always_correct.is_empty() {
        return "Nobody.\n".to_string();
    }
    let headers = [
        "seed",
        "largest RMSE of ẏ",
        "after",
        "terms, by system",
        "S bends as",
        "parameters",
    ];
    let row = |one: &Steady| {
        let terms: Vec<String> = one
            .terms
            .iter()
            .map(|terms| format!("{terms:.0}"))
            .collect();
        vec![
            one.seed.to_string(),
            number(one.rmse, Rule::Table),
            one.at.clone(),
            terms.join(" "),
            letters(&one.theories),
            one.parameters.chars().take(12).collect(),
        ]
    };
    let rows = found.always_correct.iter().take(LINES).map(row);
    markdown(&headers, rows) + &cut(found.always_correct.len())
}

fn apart(found: &Found) -> String {
    let (group, tests) = (found.always_correct.len(), found.apart.len());
    let others = found.seeds.len() - group;
    if group.min(others) < FEW {
        return format!(
            "{} of them and {others} others: fewer than {FEW} on a side tell nothing. `--phases K` asks about the first K systems.\n",
            group
        );
    }
    let sure: Vec<&Contrast> = found
        .apart
        .iter()
        .filter(|one| one.corrected < SURE)
        .collect();
    let looked = format!(
        "{tests} tests (12 traits after each phase, by rank sums, corrected for their number by Holm's method)"
    );
    if sure.is_empty() {
        let least = found.apart.first().map_or(1.0, |one| one.corrected);
        return format!(
            "Nothing of what is kept: of {looked} the surest difference has a chance of {}.\n",
            chance(least)
        );
    }
    let headers = [
        "trait",
        "after",
        "theirs",
        "the others'",
        "one of them has more",
        "chance, corrected",
        "rank correlation with the error",
    ];
    let row = |one: &&Contrast| {
        vec![
            one.of.text().to_string(),
            found.systems[one.phase - 1].clone(),
            number(one.group, Rule::Table),
            number(one.others, Rule::Table),
            format!("{:.0} %", 100.0 * one.greater),
            chance(one.corrected),
            format!("{:.2}", one.with_error.value),
        ]
    };
    let rows = sure.iter().take(LINES).map(row);
    let table = markdown(&headers, rows) + &cut(sure.len());
    format!(
        "{table}\n{} of {looked} with a chance below {SURE}; medians. A trait that goes with the error, over all scientists, says no more than that they are good.\n",
        sure.len()
    )
}

fn groups(found: &Found) -> String {
    let row = |group: &Group| {
        vec![
            letters(&group.theories),
            group.seeds.len().to_string(),
            group.share.in_percent(1),
            group.always_correct.to_string(),
        ]
    };
    let rows = found.groups.iter().take(LINES).map(row);
    let table = markdown(&["S bends as", "scientists", "%", "always correct"], rows);
    let known = "On each system after the last phase: L if S_xx S_yy has the sign of the exact Lagrangian's at most states, else H; · cannot be read. It says how S is shaped, not what the scientist does with it.\n";
    table + &cut(found.groups.len()) + "\n" + known
}

fn family_table(families: &[Family]) -> String {
    let row = |one: &Family| {
        vec![
            one.seeds.len().to_string(),
            format!("{:.3}", one.agreement),
            one.medoid.to_string(),
            one.correct.to_string(),
            one.always_correct.to_string(),
        ]
    };
    let headers = [
        "members",
        "agreement within",
        "most typical seed",
        "correct",
        "always correct",
    ];
    let (many, alone): (Vec<&Family>, Vec<&Family>) =
        families.iter().partition(|one| one.seeds.len() > 1);
    let rows = many.iter().take(LINES).map(|one| row(one));
    let mut text = markdown(&headers, rows) + &cut(many.len());
    text += &format!(
        "\nMembers can work with each other's S, {LEAST} or more on average (1: fully). {} more have a theory of their own; {} of them are correct, {} always.\n",
        alone.len(),
        alone.iter().map(|one| one.correct).sum::<usize>(),
        alone.iter().map(|one| one.always_correct).sum::<usize>(),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_told_in_spans() {
        assert_eq!(spans(&[0, 1, 2, 5, 7, 8]), "0 to 2, 5, 7 to 8");
        assert_eq!(spans(&[4]), "4");
    }

    #[test]
    fn readings_are_letters() {
        let some = [Some(Theory::Hamiltonian), None, Some(Theory::Lagrangian)];
        assert_eq!(letters(&some), "H · L");
    }
}

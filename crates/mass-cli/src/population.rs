//! `mass population`: what became of many scientists.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use mass_core::{
    Criterion, DeviceKind, ErrorKind, Record, Run, RunRecord, Standing, WeightsKind,
    mass_runs::{is_run, is_sweep, ranges},
};
use mass_figures::{Rule, markdown, number};
use mass_interp::{
    Agreements, Contrast, EVALUATION_STATES, Estimate, Families, Fate, Forecast, Judgement,
    Persistence, STATES_SEED, Scientist, Summary, Survival, Theory, TheoryGroup, Trait,
    statistics::{quartiles, share},
};
use serde::Serialize;

use crate::{
    scientists::AGREE,
    sweep::{self, counted},
    write::print,
};

/// Lines that a list has at most in words; JSON has them all.
const LINES: usize = 25;
/// Limits of the error that are tried beside the one asked for, as factors of it.
const FACTORS: [f64; 7] = [0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0];
/// Traits that are told of a phase, of those that go with later errors.
const STRONGEST: usize = 3;
/// A difference is told if there is a smaller chance of any such one.
const SURE: f64 = 0.05;

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass population summaries                 # what became of all of them
  mass population summaries --phases 4      # of those who met four systems, and what sets the steady ones apart
  mass population merged-run --families     # who can work with whose S, too
  mass population summaries --seeds 0..100 --families --of merged-run
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
    #[arg(long, allow_hyphen_values = true)]
    below: Option<f64>,
    /// Also find their families, scientists that can work with each other's S: takes a run. Half a minute for two hundred.
    #[arg(long)]
    families: bool,
    /// The run of the scientists of whom FOLDER holds summaries, for their families.
    #[arg(long, value_name = "RUN", requires = "families")]
    of: Option<PathBuf>,
    /// Print all of it as JSON.
    #[arg(long)]
    json: bool,
}

/// What became of many scientists.
#[derive(Serialize)]
struct Found {
    /// The recipe by which they were trained.
    recipe: String,
    /// Steps of training a phase.
    phase_steps: usize,
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
    /// What goes with the errors after later phases, phase by phase, the strongest first.
    forecasts: Vec<Forecast>,
    /// What another limit would make of them, by RMSE.
    limits: Vec<Limit>,
    /// Those that are correct at each phase's end, by RMSE, the least error first.
    always_correct: Vec<Steady>,
    /// What sets these apart from those that were correct until the same phase, the surest first.
    apart: Vec<Contrast>,
    /// Scientists whose S bends alike on each system.
    groups: Vec<Group>,
    /// Scientists that can work with each other's S, if asked for, the largest family first.
    families: Option<Vec<Family>>,
    /// How far they agree on average of pairs, from 0 to 1, if asked for.
    agreement: Option<Means>,
}

/// The scientists of one fate.
#[derive(Serialize)]
struct Those {
    #[serde(skip)]
    of: Fate,
    fate: String,
    /// Their share, with Wilson's 95 % interval.
    share: Estimate,
    /// How many of them were correct again at some phase's end after the first at which they were not.
    again: usize,
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
    /// The chance of so many, or more, if they were.
    chance: f64,
    /// On which system they err most, as shares.
    hardest: Vec<Hardest>,
    /// Median RMSE of ẏ on each system seen, `[systems]`.
    rmse: Vec<f64>,
}

/// A system on which some err most.
#[derive(Serialize)]
struct Hardest {
    system: String,
    share: Estimate,
}

/// A limit of the error.
#[derive(Serialize)]
struct Limit {
    /// A scientist is correct while its largest RMSE of ẏ is below this.
    below: f64,
    /// Share that is correct at the end of the last phase.
    correct: Estimate,
    /// Share that is at the end of each.
    always_correct: Estimate,
}

/// A scientist that is correct at each phase's end.
#[derive(Serialize)]
struct Steady {
    seed: u64,
    /// Its largest RMSE of ẏ at any phase's end.
    rmse: f64,
    /// The system that joined in that phase.
    after: String,
    /// The system on which it erred so.
    on: String,
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

/// Mean agreement of pairs; null for fewer than two scientists.
#[derive(Serialize)]
struct Means {
    /// Of all scientists.
    all: f64,
    /// Of those that are correct in the end.
    correct: f64,
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
    let source = Source::open(&arguments.folder)?;
    let record = source.record();
    let plan = Plan::of(arguments, record, source.phases()?)?;
    let own = arguments.of.as_deref().map(Run::open).transpose()?;
    let run = match (&source, &own) {
        _ if !arguments.families => None,
        (Source::Run(run), None) => Some(run),
        (_, Some(run)) => {
            plan.check(record, run)?;
            Some(run)
        }
        (Source::Summary(_), None) => bail!(
            "summaries do not hold the scientists' S, so that nobody can work with another's: --families takes a run, as `mass merge` makes, beside them as --of RUN"
        ),
    };
    let summary = source.summary(&plan.seeds)?;
    let below = plan.below;
    let standings = |error| summary.standings(Criterion { error, below });
    let by = [ErrorKind::Rmse, ErrorKind::Mse].map(standings);
    let mut found = found(&summary, &plan, &by)?;
    if let Some(run) = run {
        let (families, agreement) = families(run, &by[0], plan.phases)?;
        (found.families, found.agreement) = (Some(families), Some(agreement));
    }
    let text = match arguments.json {
        true => serde_json::to_string_pretty(&found).context("what was found as JSON")? + "\n",
        false => words(&found),
    };
    Ok(print(&text)?)
}

/// Where the scientists are.
enum Source {
    Run(Run),
    Summary(Summary),
}

impl Source {
    fn open(folder: &Path) -> Result<Self> {
        let shown = folder.display();
        if folder.is_file() {
            let read = Summary::read(folder);
            let read = read.with_context(|| {
                format!("{shown} is no summary: that is a Parquet file which `mass sweep --summary` wrote")
            });
            return Ok(Self::Summary(read?));
        }
        if is_run(folder) {
            return Ok(Self::Run(Run::open(folder)?));
        }
        if is_sweep(folder) {
            bail!("{shown} is a sweep: `mass merge {shown} --out RUN` makes one run of its parts");
        }
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("{shown} cannot be read"))?;
        let mut paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        match paths.any(|path| path.extension().is_some_and(|end| end == "parquet")) {
            true => Ok(Self::Summary(Summary::read_folder(folder)?)),
            false => bail!(
                "{shown} is neither a run nor a folder of summaries: `mass merge` makes a run of a sweep's parts, and `mass sweep --summary` keeps summaries"
            ),
        }
    }

    fn record(&self) -> &RunRecord {
        match self {
            Self::Run(run) => run.record(),
            Self::Summary(summary) => summary.record(),
        }
    }

    /// Phases done.
    fn phases(&self) -> Result<usize> {
        Ok(match self {
            Self::Run(run) => run.phases_done()?,
            Self::Summary(summary) => summary.phases(),
        })
    }

    /// What is kept of these scientists, or what they say now.
    fn summary(&self, seeds: &[u64]) -> Result<Summary> {
        let run = match self {
            Self::Summary(summary) => return Ok(summary.pick(seeds)?),
            Self::Run(run) => run,
        };
        eprintln!(
            "asking {} of {}, about a second each; `mass sweep --summary` keeps what they say",
            counted(seeds.len(), "scientist"),
            run.path().display()
        );
        Ok(Summary::of_seeds(run, seeds, &DeviceKind::Flex.open()?)?)
    }
}

/// What is asked.
struct Plan {
    seeds: Vec<u64>,
    /// The first so many phases.
    phases: usize,
    /// The limit of the error.
    below: f64,
}

impl Plan {
    fn of(arguments: &Arguments, record: &RunRecord, done: usize) -> Result<Self> {
        ensure!(
            done > 0,
            "no phase is done yet: `mass sweep` goes on where it stopped"
        );
        let phases = arguments.phases.map_or(done, |phases| phases as usize);
        ensure!(
            (1..=done).contains(&phases),
            "there are {} done, and {phases} cannot be looked at",
            counted(done, "phase")
        );
        ensure!(
            (1..=phases).all(|phase| record.seen(phase) == phase),
            "recipe {:?} gives several systems at once: this is about scientists who meet one system after the other",
            record.recipe.name
        );
        let below = arguments
            .below
            .unwrap_or(record.recipe.evaluation.correct_below);
        ensure!(
            below > 0.0 && below.is_finite(),
            "--below {below} is no limit of an error: it is above 0 and finite"
        );
        let mut seeds = record.seeds.clone();
        if let Some(wanted) = &arguments.seeds {
            seeds.retain(|seed| wanted.contains(seed));
            ensure!(
                seeds.len() as u64 == wanted.end - wanted.start,
                "not all of seeds {} to {} are there, but {}",
                wanted.start,
                wanted.end - 1,
                ranges(&record.seeds)
            );
        }
        Ok(Self {
            seeds,
            phases,
            below,
        })
    }

    /// Refuses a run that is of another training, or not of all of them.
    fn check(&self, record: &RunRecord, run: &Run) -> Result<()> {
        let (shown, own) = (run.path().display(), run.record());
        if let Some(difference) = record.difference_to_merge(own) {
            bail!("--of {shown} is of another training ({difference})");
        }
        ensure!(
            self.seeds.iter().all(|seed| own.seeds.contains(seed)),
            "--of {shown} holds seeds {}, and families of {} were asked for",
            ranges(&own.seeds),
            ranges(&self.seeds)
        );
        Ok(())
    }
}

/// What the first phases say; `by_rmse` and `by_mse` are how they fared in either reading of the error.
fn found(summary: &Summary, plan: &Plan, [by_rmse, by_mse]: &[Vec<Standing>; 2]) -> Result<Found> {
    let (record, seeds) = (summary.record(), summary.seeds());
    let (phases, below) = (plan.phases, plan.below);
    let systems: Vec<String> = record.systems.iter().map(|one| one.id.clone()).collect();
    let fates = |standings: &[Standing]| -> Vec<Those> {
        let fates = Fate::of_all(standings, phases).into_iter();
        let again = |seed: &&u64| {
            let own = standings.iter().find(|one| one.seed == **seed);
            let right =
                (1..=phases).map(|phase| own.and_then(|one| one.correct(phase)) == Some(true));
            right.skip_while(|right| *right).any(|right| right)
        };
        let those = fates.map(|(fate, those)| Those {
            again: those.iter().filter(again).count(),
            of: fate,
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
    let hardest = (1..=phases).map(|phase| summary.hardest(phase));
    let hardest = hardest.collect::<Result<Vec<_>, _>>()?;
    let ends = (0..phases).map(|phase| End {
        hardest: (0..=phase)
            .map(|place| Hardest {
                system: systems[place].clone(),
                share: share(
                    hardest[phase].iter().filter(|one| **one == place).count(),
                    seeds.len(),
                ),
            })
            .collect(),
        rmse: systems[..=phase]
            .iter()
            .map(|system| median_rmse(summary, phase + 1, system))
            .collect(),
        chance: persistence.chance[phase],
        system: systems[phase].clone(),
        correct: survival.correct[phase],
        always_correct: persistence.always_correct[phase],
        always_share: survival.always_correct[phase],
        if_independent: persistence.if_independent[phase],
    });
    let limit = |factor: f64| {
        let criterion = Criterion {
            error: ErrorKind::Rmse,
            below: factor * below,
        };
        let found = Survival::of(&summary.standings(criterion), phases);
        Limit {
            below: criterion.below,
            correct: found.correct[phases - 1],
            always_correct: found.always_correct[phases - 1],
        }
    };
    let always: Vec<bool> = by_rmse
        .iter()
        .map(|one| one.always_correct(phases) == Some(true))
        .collect();
    // Beside those that were correct until then: else it would be told what goes with the error.
    let until = (1..phases).map(|phase| {
        let right = by_rmse
            .iter()
            .map(|one| one.always_correct(phase) == Some(true));
        (phase, right.collect())
    });
    let until: Vec<(usize, Vec<bool>)> = until.collect();
    let judged = summary.judgements(phases)?;
    let bending: fn(&Judgement) -> Option<Theory> = |one| one.theory_by_curvature;
    let by_bending = TheoryGroup::of(&judged, bending);
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
        steady.push(Steady {
            seed: one.seed,
            rmse: worst.error,
            after: systems[worst.phase - 1].clone(),
            on: systems[hardest[worst.phase - 1][place]].clone(),
            terms: counts[place].listed.clone(),
            theories: judged
                .by_system
                .iter()
                .map(|of| bending(&of[place]))
                .collect(),
            parameters: own
                .map(|row| row.parameters.clone())
                .next()
                .unwrap_or_default(),
        });
    }
    steady.sort_by(|a, b| a.rmse.total_cmp(&b.rmse));
    Ok(Found {
        recipe: record.recipe.name.clone(),
        phase_steps: record.recipe.schedule.phase_steps(),
        systems: systems[..phases].to_vec(),
        seeds: seeds.to_vec(),
        correct_below: below,
        fates: fates(by_rmse),
        fates_by_mse: fates(by_mse),
        phases: ends.collect(),
        forecasts: summary.forecasts(phases)?,
        limits: FACTORS.map(limit).into(),
        always_correct: steady,
        apart: summary.contrasts(&always, &until)?,
        groups: groups.collect(),
        families: None,
        agreement: None,
    })
}

/// The median RMSE of ẏ on a system at the end of a phase, in the units of its ẏ; infinite ones count.
fn median_rmse(summary: &Summary, phase: usize, system: &str) -> f64 {
    let rows = summary.findings().iter();
    let rows = rows.filter(|row| row.phase == phase as u64 && row.system == system);
    quartiles(&rows.map(|row| row.mse.sqrt()).collect::<Vec<_>>())[2]
}

/// Who can work with whose S, at the end of a phase.
fn families(run: &Run, standings: &[Standing], phase: usize) -> Result<(Vec<Family>, Means)> {
    let device = DeviceKind::Flex.open()?;
    let wanted: HashMap<u64, &Standing> = standings.iter().map(|one| (one.seed, one)).collect();
    let mut all = Scientist::load_all_at(run, phase, WeightsKind::Average, &device)?;
    all.retain(|one| wanted.contains_key(&one.seed()));
    let agreement = Agreements::between(&all, EVALUATION_STATES, STATES_SEED)?.together;
    let own: Vec<&Standing> = all.iter().map(|one| wanted[&one.seed()]).collect();
    let those = |of: &[usize], is: fn(&Standing, usize) -> Option<bool>| -> Vec<usize> {
        let of = of.iter().copied();
        of.filter(|one| is(own[*one], phase) == Some(true))
            .collect()
    };
    let families = Families::of(&agreement, AGREE)?.families;
    let family = |one: &mass_interp::Family| Family {
        seeds: one
            .members
            .iter()
            .map(|member| all[*member].seed())
            .collect(),
        medoid: all[one.medoid].seed(),
        agreement: one.agreement,
        correct: those(&one.members, Standing::correct).len(),
        always_correct: those(&one.members, Standing::always_correct).len(),
    };
    let everybody: Vec<usize> = (0..all.len()).collect();
    let correct = those(&everybody, Standing::correct);
    let means = Means {
        all: agreement.overall(),
        correct: agreement.select(&correct)?.overall(),
    };
    Ok((families.iter().map(family).collect(), means))
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
        of if of < 1e-15 => "< 1e-15".to_string(),
        of if of < 1e-3 => format!("{of:.1e}"),
        of => format!("{of:.3}"),
    }
}

/// A rank correlation with its interval, as text.
fn correlation(of: &Estimate) -> String {
    match (of.value.is_nan(), of.low.is_nan()) {
        (true, _) => String::new(),
        (false, true) => format!("{:.2}", of.value),
        (false, false) => format!("{:.2} ({:.2} to {:.2})", of.value, of.low, of.high),
    }
}

/// What is said of a list that is cut.
fn cut(all: usize) -> String {
    match all.checked_sub(LINES) {
        None | Some(0) => String::new(),
        Some(more) => format!("\n{more} more: `--json` has them all.\n"),
    }
}

fn words(found: &Found) -> String {
    let limit = number(found.correct_below, Rule::Table);
    let mut text = format!(
        "{} of recipe {}, seeds {}, who met {}, {} steps of training a phase.\nOne is correct while its largest test error of ẏ, over the systems seen, is below {limit}. In parentheses: 95 % intervals.\n",
        counted(found.seeds.len(), "scientist"),
        found.recipe,
        ranges(&found.seeds),
        found.systems.join(", then "),
        found.phase_steps,
    );
    text += "\n### What became of them\n\n";
    text += &fates(found);
    text += &format!(
        "\nFails: first not correct when that system joins, on whichever system, and not in the end; again: correct again in between. Revives: not correct at some phase's end, and from this one on to the end. RMSE as the released code reads the limit {limit}, MSE as the paper calls it.\n"
    );
    text += "\n### From phase to phase (RMSE)\n\n";
    text += &ends(found);
    text += "\nAlways: correct at each phase's end so far. By chance: how many that would be if phases were independent, and the chance of as many as there are.\n";
    text += "\nMedian RMSE of ẏ on each system, in the units of its ẏ:\n\n";
    text += &errors(found);
    if found.phases.len() > 1 {
        text += "\n### What foretells later errors\n\n";
        text += &forecasts(found);
    }
    text += "\n### How much hangs on the limit (RMSE)\n\n";
    text += &limits(found);
    text += "\n### Whose S is shaped alike\n\n";
    text += &groups(found);
    text += &format!("\n### Always correct: {}\n\n", found.always_correct.len());
    text += &steady(found);
    text += "\n### What sets these apart from others that were correct so far\n\n";
    text += &apart(found);
    if let Some((families, means)) = found.families.as_ref().zip(found.agreement.as_ref()) {
        text += &format!("\n### Families: {}\n\n", families.len());
        text += &family_table(families);
        text += &format!("Mean agreement of all pairs: {:.3}", means.all);
        if means.correct.is_finite() {
            text += &format!(
                "; of those that are correct in the end: {:.3}",
                means.correct
            );
        }
        text += ".\n";
    }
    text
}

/// Each fate that anybody had, in either reading of the error.
fn fates(found: &Found) -> String {
    let all = found.fates.iter().chain(&found.fates_by_mse);
    let names: BTreeMap<Fate, &str> = all.map(|those| (those.of, &*those.fate)).collect();
    let cells = |of: &[Those], fate: Fate| {
        let those = of.iter().find(|those| those.of == fate);
        let count = those.map_or(0, |those| those.seeds.len());
        let again = match (fate, those.map_or(0, |those| those.again)) {
            (Fate::Fails(_), again) if again > 0 => format!("{count}, {again} of them again"),
            _ => count.to_string(),
        };
        [again, share(count, found.seeds.len()).in_percent(1)]
    };
    let rows = names.iter().map(|(fate, name)| {
        let [rmse, mse] = [&found.fates, &found.fates_by_mse].map(|of| cells(of, *fate));
        [&[name.to_string()][..], &rmse, &mse].concat()
    });
    markdown(&["fate", "by RMSE", "%", "by MSE", "%"], rows)
}

fn ends(found: &Found) -> String {
    let headers = [
        "after",
        "correct, %",
        "always",
        "always, %",
        "by chance",
        "err most on",
    ];
    let row = |end: &End| {
        let most = end.hardest.iter();
        let most = most.max_by(|a, b| a.share.value.total_cmp(&b.share.value));
        vec![
            end.system.clone(),
            end.correct.in_percent(1),
            end.always_correct.to_string(),
            end.always_share.in_percent(1),
            format!("{:.1} (p = {})", end.if_independent, chance(end.chance)),
            most.map_or_else(String::new, |most| {
                format!("{}: {:.0} %", most.system, most.share.percent().value)
            }),
        ]
    };
    markdown(&headers, found.phases.iter().map(row))
}

/// The errors on each system after each phase.
fn errors(found: &Found) -> String {
    let headers: Vec<&str> = ["after"]
        .into_iter()
        .chain(found.systems.iter().map(String::as_str))
        .collect();
    let row = |end: &End| {
        let own = end.rmse.iter().map(|rmse| number(*rmse, Rule::Table));
        [end.system.clone()].into_iter().chain(own).collect()
    };
    markdown(&headers, found.phases.iter().map(row))
}

/// The largest error itself, and what goes most with the errors that are to come.
fn forecasts(found: &Found) -> String {
    let later = &found.systems[1..];
    let headers: Vec<&str> = ["after", "what"]
        .into_iter()
        .chain(later.iter().map(String::as_str))
        .chain(["chance, of the next"])
        .collect();
    let row = |one: &Forecast| -> Vec<String> {
        let name = match one.of {
            None => "largest RMSE of ẏ",
            Some(of) => of.text(),
        };
        let before = (1..one.phase).map(|_| String::new());
        let with = one.with_later.iter().map(correlation);
        let first = [found.systems[one.phase - 1].clone(), name.to_string()];
        let cells = first.into_iter().chain(before).chain(with);
        cells.chain([chance(one.corrected)]).collect()
    };
    let rows = (1..found.systems.len()).flat_map(|phase| {
        let own = || found.forecasts.iter().filter(move |one| one.phase == phase);
        let sure = own().filter(|one| one.of.is_some() && one.corrected < SURE);
        let error = own().filter(|one| one.of.is_none());
        error.chain(sure.take(STRONGEST)).map(row)
    });
    let rows: Vec<Vec<String>> = rows.collect();
    format!(
        "{}\nρ: Spearman's correlation with the largest RMSE of ẏ after each later phase, over all scientists, of a trait over those that can be read on each system seen; it is the mean over these systems. Of each phase the largest error itself (part of which comes again because most err most on the same system both times), and of {} traits the {STRONGEST} that go most with the next error, if the chance of such a correlation with it where there is none is below {SURE}, corrected for {} tests by Holm's method. What foretells an error need not be its cause.\n",
        markdown(&headers, rows),
        Trait::ALL.len(),
        found.forecasts.len(),
    )
}

fn limits(found: &Found) -> String {
    let row = |one: &Limit| {
        vec![
            number(one.below, Rule::Table),
            one.correct.in_percent(1),
            one.always_correct.in_percent(1),
        ]
    };
    let headers = ["below", "correct in the end, %", "always correct, %"];
    markdown(&headers, found.limits.iter().map(row))
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
    let known = "On each system after the last phase: L if S_xx S_yy has the sign of the exact Lagrangian's at most states, else H; · cannot be read. Where the V of a system is convex on one half of the states and concave on the other, as the pendulum's, it says nothing. It is about how S is shaped, not about what the scientist does with it.\n";
    table + &cut(found.groups.len()) + "\n" + known
}

fn steady(found: &Found) -> String {
    if found.always_correct.is_empty() {
        return "Nobody.\n".to_string();
    }
    let headers = [
        "seed",
        "largest RMSE of ẏ",
        "after",
        "on",
        "terms on each system",
        "S bends as",
        "hash of parameters",
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
            one.after.clone(),
            one.on.clone(),
            terms.join(" "),
            letters(&one.theories),
            one.parameters.chars().take(12).collect(),
        ]
    };
    let rows = found.always_correct.iter().take(LINES).map(row);
    let table = markdown(&headers, rows) + &cut(found.always_correct.len());
    table + "\nTerms: those that make 95 % of Σ E|a| after the last phase.\n"
}

fn apart(found: &Found) -> String {
    let (group, tests) = (found.always_correct.len(), found.apart.len());
    if tests == 0 {
        return format!(
            "They are {group}: fewer than five of them, or of those that were correct until a phase and not to the end, tell nothing. Other `--phases` or another `--below` make other groups.\n"
        );
    }
    let traits = Trait::ALL.len();
    let looked = format!(
        "{tests} rank-sum tests ({traits} traits after each phase but the last, as far as five of each side have them; chances corrected for their number by Holm's method)"
    );
    let sure: Vec<&Contrast> = found
        .apart
        .iter()
        .filter(|one| one.corrected < SURE)
        .collect();
    if sure.is_empty() {
        let least = found.apart.first().map_or(1.0, |one| one.corrected);
        return format!(
            "Nothing was found, beside those that were correct until the same phase and not to the end. Of {looked} the surest difference has a chance of {}; so few scientists show large differences only.\n",
            chance(least)
        );
    }
    let headers = [
        "trait",
        "after",
        "theirs",
        "the others'",
        "theirs is greater",
        "chance, corrected",
        "ρ with the error",
    ];
    let row = |one: &&Contrast| {
        vec![
            one.of.text().to_string(),
            found.systems[one.phase - 1].clone(),
            number(one.group, Rule::Table),
            number(one.others, Rule::Table),
            format!("{:.0} %", 100.0 * one.greater),
            chance(one.corrected),
            correlation(&one.with_error),
        ]
    };
    let rows = sure.iter().take(LINES).map(row);
    let table = markdown(&headers, rows) + &cut(sure.len());
    format!(
        "{table}\n{} of {looked} with a chance below {SURE}. The others: those that were correct until that phase and not to the end. Medians; how often one of theirs is greater than one of the others'; ρ: Spearman's correlation of the trait with the largest error at that phase's end, over both.\n",
        sure.len()
    )
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
        "\nMembers can work with each other's S, {AGREE} or more on average (1: fully). {} more have a theory of their own; {} of them are correct, {} always.\n",
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
    fn readings_are_letters() {
        let some = [Some(Theory::Hamiltonian), None, Some(Theory::Lagrangian)];
        assert_eq!(letters(&some), "H · L");
    }
}

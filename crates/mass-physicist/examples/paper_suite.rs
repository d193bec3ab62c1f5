//! The worlds of a suite, met one after the other by an agent of the paper's, on one core, as a table.
//!
//! `cargo run --release -p mass-physicist --example paper_suite -- [--agent newborn|ai-physicist|baseline] [--seed N]
//! [--first ID] [--windows N] [--balls N] [--batch N] [--theories M] [--domain-width N] [--trials N] [--learner-seed N]
//! [--only TYPE/ID,TYPE/ID…] [--finished FILE] [--memory FILE] [--each]`
//!
//! `--finished` goes on from a file of finished worlds, which is written after each; `--memory` is the AI Physicist's
//! hub, likewise.

use std::{error::Error, io::Write, path::PathBuf, time::Instant};

use mass_physicist::{
    Agent, AiPhysicist, Baseline, Domains, MODEL_FLOOR, Newborn, Paper, Recurrence, Score,
    TrainingLog, WorldRequest, single_precision_error,
};
use mass_systems::write_whole;
use serde::{Deserialize, Serialize};

/// Mean squared errors whose epochs are counted (Table 2).
const REACHED: [f64; 4] = [1e-2, 1e-4, 1e-6, 1e-8];

/// A finished world.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    world: String,
    solved: bool,
    laws_right: bool,
    accuracy: f64,
    /// log₁₀ of the mean squared error in f32: of the networks, of the simplified laws, of the exact ones.
    networks: f64,
    simplified: f64,
    floor: f64,
    bits: f64,
    epochs: usize,
    to: [Option<usize>; 4],
    seconds: f64,
    note: String,
}

#[derive(Serialize, Deserialize)]
struct Finished {
    /// What made the rows; others do not go with them.
    settings: String,
    rows: Vec<Row>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut agent, mut seed, mut first) = (String::from("newborn"), 0_u64, 1_u32);
    let (mut windows, mut balls) = (5000_usize, 1_usize);
    let mut paper = Paper::default();
    let (mut only, mut each) = (None::<Vec<String>>, false);
    let (mut finished, mut memory) = (None::<PathBuf>, None::<PathBuf>);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        if flag == "--each" {
            each = true;
            continue;
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--agent" => agent = value,
            "--seed" => seed = value.parse()?,
            "--first" => first = value.parse()?,
            "--windows" => windows = value.parse()?,
            "--balls" => balls = value.parse()?,
            "--batch" => paper.batch = value.parse()?,
            "--theories" => paper.theories = value.parse()?,
            "--domain-width" => paper.domain_width = value.parse()?,
            "--trials" => paper.trials = value.parse()?,
            "--learner-seed" => paper.seed = value.parse()?,
            "--only" => only = Some(value.split(',').map(String::from).collect()),
            "--finished" => finished = Some(value.into()),
            "--memory" => memory = Some(value.into()),
            _ => return Err(format!("unknown flag {flag}; see the head of this file").into()),
        }
    }
    let settings = format!("{agent} {seed} {first} {windows} {balls} {paper:?}");
    let mut rows: Vec<Row> = Vec::new();
    if let Some(path) = finished.as_ref().filter(|path| path.exists()) {
        let read: Finished = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        if read.settings != settings {
            return Err(
                format!("{} is of other settings: {}", path.display(), read.settings).into(),
            );
        }
        rows = read.rows;
    }
    let mut newborn = Newborn { learner: paper };
    let mut physicist = AiPhysicist {
        learner: paper,
        ..AiPhysicist::default()
    };
    if let Some(path) = memory.as_ref().filter(|path| path.exists()) {
        physicist = physicist.read(path)?;
    }
    for request in WorldRequest::forty(seed, first) {
        let world = format!("{}/{}", request.kind.number(), request.id);
        if only.as_ref().is_some_and(|only| !only.contains(&world))
            || rows.iter().any(|row| row.world == world)
        {
            continue;
        }
        let request = WorldRequest {
            windows,
            balls,
            ..request
        };
        let (truth, seen) = request.make()?;
        let all = seen.windows(2)?;
        let (train, validation) = paper.split(&all)?;
        let started = (Instant::now(), processor_seconds());
        let seconds = || match (processor_seconds(), started.1) {
            (Some(now), Some(then)) => now - then,
            _ => started.0.elapsed().as_secs_f64(),
        };
        let labels = validation.labels().unwrap_or(&[]);
        let exact = |w: usize| (labels[w] as usize).wrapping_sub(1);
        let floor = single_precision_error(&truth.laws(), &validation, exact).log10();
        let met = match agent.as_str() {
            "baseline" => {
                let baseline = Baseline {
                    seed: paper.seed,
                    batch: paper.batch,
                    ..Baseline::default()
                };
                let result = baseline.train(&train, &validation)?;
                rows.push(Row {
                    world: world.clone(),
                    solved: false,
                    laws_right: false,
                    accuracy: majority(labels),
                    networks: result.squared_error.log10(),
                    simplified: result.squared_error.log10(),
                    floor,
                    bits: result.bits,
                    epochs: result.log.epochs,
                    to: reached(&result.log),
                    seconds: seconds(),
                    note: String::new(),
                });
                None
            }
            "newborn" => Some(newborn.meet(&world, &train, &validation)?),
            "ai-physicist" => Some(physicist.meet(&world, &train, &validation)?),
            other => {
                return Err(format!(
                    "no agent is called {other}; there are newborn, ai-physicist and baseline"
                )
                .into());
            }
        };
        if let Some(met) = met {
            let seconds = seconds();
            let found = &met.trained.discovery;
            let score = Score::of(found, &truth.laws(), &validation)?;
            let own = |w: usize| found.domains.theory(validation.inputs(w));
            let error =
                |laws: Vec<Recurrence>| single_precision_error(&laws, &validation, own).log10();
            // Theories of bounces are none of a big domain.
            let mut of_laws: Vec<usize> = score.laws.iter().filter_map(|law| law.theory).collect();
            of_laws.sort_unstable();
            of_laws.dedup();
            let log = &met.trained.log;
            let mut note = format!(
                "{} theories for {} laws; {} added in {} attempts, {} deleted, {} trainings undone; floors {:.1e}",
                found.theories.len(),
                truth.forces().len(),
                log.added.0,
                log.added.1,
                log.deleted,
                log.undone,
                log.floors.last().copied().unwrap_or(f64::NAN),
            );
            for reuse in &met.reused {
                note += &match reuse.became {
                    Some(theory) => format!(
                        "; of world {}: now theory {theory}, moved {:.1e}",
                        reuse.world, reuse.change
                    ),
                    None => format!("; of world {}: deleted", reuse.world),
                };
            }
            rows.push(Row {
                world,
                solved: score.solved,
                laws_right: score.laws_right,
                accuracy: score.domain_accuracy,
                networks: error(found.theories.iter().map(|t| t.law.clone()).collect()),
                simplified: error(
                    found
                        .theories
                        .iter()
                        .map(|t| t.symbolic.recurrence())
                        .collect(),
                ),
                floor,
                bits: of_laws
                    .iter()
                    .map(|t| found.theories[*t].symbolic.bits(MODEL_FLOOR))
                    .sum(),
                epochs: log.epochs,
                to: reached(log),
                seconds,
                note,
            });
            if each {
                for (theory, law) in found.theories.iter().zip(0..) {
                    let text = theory.symbolic.text(&["x", "y"])?.replace('\n', "; ");
                    println!("    theory {law}, {} windows: {text}", theory.support);
                }
                for force in truth.forces() {
                    println!("    true: {force:?}");
                }
                for law in &score.laws {
                    println!("    {law:?}");
                }
            }
            if let Some(path) = memory.as_ref().filter(|_| agent == "ai-physicist") {
                physicist.save(path)?;
            }
        }
        if let Some(row) = rows.last() {
            print_row(row);
        }
        if let Some(path) = &finished {
            let file = Finished {
                settings: settings.clone(),
                rows: rows.clone(),
            };
            write_whole(path, |out| {
                serde_json::to_writer_pretty(&mut *out, &file)?;
                out.write_all(b"\n")
            })?;
        }
    }
    summary(&agent, &rows);
    Ok(())
}

/// Of the windows of big domains, the share of the greatest: what one theory for all names rightly.
fn majority(labels: &[u32]) -> f64 {
    let mut counts = vec![0_usize; labels.iter().copied().max().unwrap_or(0) as usize + 1];
    labels.iter().for_each(|label| counts[*label as usize] += 1);
    let big = &counts[1..];
    let all: usize = big.iter().sum();
    big.iter().copied().max().unwrap_or(0) as f64 / all.max(1) as f64
}

fn reached(log: &TrainingLog) -> [Option<usize>; 4] {
    REACHED.map(|error| log.epochs_to(error))
}

/// Of this process, all threads together; where the system tells.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds * 1e-9)
}

fn epochs(to: &[Option<usize>; 4]) -> String {
    let text = to.map(|epochs| epochs.map_or("∞".into(), |epochs| epochs.to_string()));
    text.join(" ")
}

fn print_row(row: &Row) {
    println!(
        "{:>5}: solved {}, laws right {}, accuracy {:.4}, log10 MSE {:.2} networks {:.2} simplified {:.2} floor, {:.1} bits, {} epochs (to 1e-2…1e-8: {}), {:.1} s; {}",
        row.world,
        row.solved,
        row.laws_right,
        row.accuracy,
        row.networks,
        row.simplified,
        row.floor,
        row.bits,
        row.epochs,
        epochs(&row.to),
        row.seconds,
        row.note
    );
}

fn summary(agent: &str, rows: &[Row]) {
    let middle = |of: &dyn Fn(&Row) -> f64| {
        let mut values: Vec<f64> = rows.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let to: Vec<String> = (0..REACHED.len())
        .map(|k| {
            let middle = middle(&|row| row.to[k].map_or(f64::INFINITY, |epochs| epochs as f64));
            if middle.is_finite() {
                format!("{middle}")
            } else {
                "∞".into()
            }
        })
        .collect();
    let most = rows.iter().fold(0.0_f64, |most, row| most.max(row.seconds));
    println!(
        "{agent}: solved {} of {}, laws right {}; medians: log10 MSE {:.2} networks {:.2} simplified {:.2} floor, accuracy {:.4}, {:.1} bits, epochs to 1e-2…1e-8 {}, {:.1} processor seconds a world (most {most:.1})",
        rows.iter().filter(|row| row.solved).count(),
        rows.len(),
        rows.iter().filter(|row| row.laws_right).count(),
        middle(&|row| row.networks),
        middle(&|row| row.simplified),
        middle(&|row| row.floor),
        middle(&|row| row.accuracy),
        middle(&|row| row.bits),
        to.join(" "),
        middle(&|row| row.seconds),
    );
}

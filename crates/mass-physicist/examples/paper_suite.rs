//! The worlds of a suite, met one after the other by an agent of the paper's, on one core, as a table.
//!
//! `cargo run --release -p mass-physicist --example paper_suite -- [--agent newborn|ai-physicist|baseline] [--seed N]
//! [--first ID] [--windows N] [--balls N] [--batch N] [--theories M] [--domain-width N] [--domain-epochs N] [--trials N]
//! [--learner-seed N] [--only TYPE/ID,TYPE/ID…] [--finished FILE]`
//!
//! `--finished FILE.json` goes on from a file of finished worlds, which is written after each; the AI Physicist's hub is
//! `FILE.hub.json`, likewise.

use std::error::Error;

use mass_physicist::{AgentKind, AgentSuite, AgentSummary, MetWorld, Paper};

fn main() -> Result<(), Box<dyn Error>> {
    let mut suite = AgentSuite::new(AgentKind::Newborn, Paper::default());
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{flag} needs a value"))?;
        let paper = &mut suite.learner;
        match flag.as_str() {
            "--agent" => {
                let mut all = AgentKind::ALL.into_iter();
                let named = all.find(|agent| agent.name() == value);
                suite.agent = named.ok_or_else(|| {
                    format!(
                        "no agent is called {value}; there are newborn, ai-physicist and baseline"
                    )
                })?;
            }
            "--seed" => suite.seed = value.parse()?,
            "--first" => suite.first = value.parse()?,
            "--windows" => suite.windows = value.parse()?,
            "--balls" => suite.balls = value.parse()?,
            "--batch" => paper.batch = value.parse()?,
            "--theories" => paper.theories = value.parse()?,
            "--domain-width" => paper.domain_width = value.parse()?,
            "--domain-epochs" => paper.domain_epochs = value.parse()?,
            "--trials" => paper.trials = value.parse()?,
            "--learner-seed" => paper.seed = value.parse()?,
            "--only" => suite.only = value.split(',').map(String::from).collect(),
            "--finished" => suite.finished = Some(value.into()),
            _ => return Err(format!("unknown flag {flag}; see the head of this file").into()),
        }
    }
    let rows = suite.go_on(print_row)?;
    summary(suite.agent, &rows);
    Ok(())
}

fn epochs(to: &[Option<usize>; 4]) -> String {
    let text = to.map(|epochs| epochs.map_or("∞".into(), |epochs| epochs.to_string()));
    text.join(" ")
}

fn print_row(row: &MetWorld) {
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

fn summary(agent: AgentKind, rows: &[MetWorld]) {
    let Some(all) = AgentSummary::of(agent, rows) else {
        return;
    };
    println!(
        "{}: solved {} of {}; medians: log10 MSE {:.2} simplified {:.2} floor, accuracy {:.4}, {:.1} bits, epochs to 1e-2…1e-8 {}, {:.1} processor seconds a world (most {:.1})",
        agent.name(),
        all.solved,
        all.worlds,
        all.error,
        all.floor,
        all.accuracy,
        all.bits,
        epochs(&all.to),
        all.seconds,
        all.most_seconds,
    );
}

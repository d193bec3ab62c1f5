//! `mass predict`.

use std::{fmt::Write, path::PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use mass_systems::{End, Solver, follow};

use crate::{learned::Learned, write::print};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass predict pendulum.mass --x 1.0 --y 0 --time 10
  mass predict double.mass --x 1.0,0.5 --y 0,0 --time 20 --dt 0.01 > motion.csv")]
pub(crate) struct Arguments {
    /// The folder that `learn` wrote, or its learned.json.
    learned: PathBuf,
    /// First position, in the units of the data (angles in radians), separated by commas.
    #[arg(
        long,
        value_delimiter = ',',
        allow_hyphen_values = true,
        required = true
    )]
    x: Vec<f64>,
    /// First velocity; at rest unless given.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    y: Vec<f64>,
    /// How long, in the data's unit of time.
    #[arg(long)]
    time: f64,
    /// Time between two rows; a hundredth of the whole unless given.
    #[arg(long)]
    dt: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let learned = Learned::read(&arguments.learned)?;
    let d = learned.positions.len();
    let names = learned.positions.join(", ");
    ensure!(
        arguments.x.len() == d,
        "--x has {} numbers; the motion has {d}: {names}",
        arguments.x.len()
    );
    let y = match arguments.y.is_empty() {
        true => vec![0.0; d],
        false => arguments.y.clone(),
    };
    ensure!(
        y.len() == d,
        "--y has {} numbers; the motion has {d}: {names}",
        y.len()
    );
    let (time, dt) = (
        arguments.time,
        arguments.dt.unwrap_or(arguments.time / 100.0),
    );
    ensure!(
        time.is_finite() && time > 0.0 && dt > 0.0 && time / dt <= 1e7,
        "--time {time} by --dt {dt}: both must be positive, with at most ten million rows"
    );
    ensure!(
        learned.inputs == 0,
        "the motion is driven by {} inputs, of which nothing is known here: export the law and give them yourself",
        learned.inputs
    );
    let steps = (time / dt).round() as usize;
    let solver = Solver::Dop853 { tolerance: 1e-9 };
    ensure!(
        learned.best.is_some(),
        "no law was found in these data; `mass report` says why"
    );
    let lagrangian = learned.lagrangian.as_ref().filter(|_| !learned.is_sum());
    let path = match (lagrangian, &learned.sparse) {
        (Some(law), _) => follow(
            |x, y, out| law.acceleration(x, y, out),
            &arguments.x,
            &y,
            dt,
            steps,
            solver,
        ),
        (None, Some(law)) => follow(
            |x, y, out| law.acceleration(x, y, out),
            &arguments.x,
            &y,
            dt,
            steps,
            solver,
        ),
        (None, None) => {
            return Err(anyhow::anyhow!(
                "no law was found in these data; `mass report` says why"
            ));
        }
    }
    .context("the motion cannot be followed")?;
    let mut text = String::from("t");
    for name in &learned.positions {
        write!(text, ",{name}")?;
    }
    for name in &learned.positions {
        write!(text, ",{name}_dot")?;
    }
    text.push('\n');
    for (t, x, y) in path.iter() {
        write!(text, "{t}")?;
        for value in x.iter().chain(y) {
            write!(text, ",{value}")?;
        }
        text.push('\n');
    }
    print(&text)?;
    if let End::NotFinite { time, .. } = path.end() {
        eprintln!("the motion ends at t = {time}: the law is singular there");
    }
    Ok(())
}

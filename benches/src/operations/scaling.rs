//! Cost of the fused operations against the size of a case, on one core.

use std::{path::PathBuf, time::Instant};

use anyhow::{Result, anyhow};
use mass_jet::{scalar_jet, scalar_jet_composed};
use mass_lanes::{InstructionSet, fma_peak};

use super::{Case, Sizes, forward_channels};
use crate::report::{self, Table};

/// Options of the scaling tables.
#[derive(clap::Args)]
pub struct Arguments {
    /// Measurements of each cell; the lower quartile counts.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Where the tables go.
    #[arg(long, default_value = "runs/bench")]
    out: PathBuf,
}

/// Measures, prints the tables and keeps them.
///
/// # Errors
///
/// If a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let text = pool.install(|| tables(arguments.rounds))?;
    report::keep(&text, &arguments.out.join("scaling.md"))
}

/// Lower quartile of the seconds that some computations take, measured in turn.
fn seconds<const N: usize>(
    rounds: usize,
    mut work: [&mut dyn FnMut() -> Result<()>; N],
) -> Result<[f64; N]> {
    let mut times = [const { Vec::new() }; N];
    for work in &mut work {
        work()?; // what is made once is made now
    }
    for _ in 0..rounds {
        for (work, times) in work.iter_mut().zip(&mut times) {
            let start = Instant::now();
            work()?;
            times.push(start.elapsed().as_secs_f64());
        }
    }
    Ok(times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 4]
    }))
}

fn failed(error: Box<dyn std::error::Error>) -> anyhow::Error {
    anyhow!("{error}")
}

/// Seconds per network of the jet alone, and of jet and terms.
fn fused(case: &Case, members: usize, rounds: usize) -> Result<[f64; 2]> {
    let jet = |net: &_, states| Ok(scalar_jet(net, states)?.packed().clone());
    let times = seconds(
        rounds,
        [&mut || case.jet_gradient(jet).map_err(failed), &mut || {
            case.step_gradient().map_err(failed)
        }],
    )?;
    Ok(times.map(|time| time / members as f64))
}

/// A letter, the sizes that differ in it, and its value.
type Series = (&'static str, Vec<Sizes>, fn(&Sizes) -> usize);

fn tables(rounds: usize) -> Result<String> {
    let mut text = format!("{}\n", report::machine());
    text.push_str("\nForward and reverse, with what Burn's autodiff adds, per network, one core, f32; B = 512, 5 × 20, d = 1 where nothing else is said. The share of the peak counts the linear work of the jet alone.\n");
    let standard = Sizes::default();
    let series: [Series; 4] = [
        (
            "E",
            [1, 2, 4, 8, 16, 64, 256]
                .map(|members| Sizes {
                    members,
                    ..standard
                })
                .to_vec(),
            |sizes| sizes.members,
        ),
        (
            "B",
            [1, 32, 128, 512, 2048]
                .map(|batch| Sizes {
                    members: 8,
                    batch,
                    ..standard
                })
                .to_vec(),
            |sizes| sizes.batch,
        ),
        (
            "H",
            [8, 16, 20, 32, 64]
                .map(|width| Sizes {
                    members: 8,
                    width,
                    ..standard
                })
                .to_vec(),
            |sizes| sizes.width,
        ),
        (
            "L",
            [1, 2, 3, 5, 8]
                .map(|layers| Sizes {
                    members: 8,
                    layers,
                    ..standard
                })
                .to_vec(),
            |sizes| sizes.layers,
        ),
    ];
    for (letter, sizes, value) in series {
        let mut table = Table::new(&[
            letter,
            "jet, µs",
            "jet and terms, µs",
            "GFLOP/s",
            "of the peak",
        ]);
        for sizes in sizes {
            let case = Case::new(sizes).map_err(failed)?;
            let [jet, both] = fused(&case, sizes.members, rounds)?;
            // Measured beside, for a shared machine's clock changes from minute to minute.
            let peak = fma_peak::<f32>(InstructionSet::current());
            let speed = sizes.linear_work() / both;
            table.push([
                value(&sizes).to_string(),
                format!("{:.0}", jet * 1e6),
                format!("{:.0}", both * 1e6),
                format!("{:.1}", speed / 1e9),
                format!("{:.0} %", 100.0 * speed / peak),
            ]);
        }
        let rest = if letter == "E" { "" } else { " (E = 8)" };
        text.push_str(&format!(
            "\n**Against {letter}**{rest}\n\n{}",
            table.markdown()
        ));
    }
    let mut table = Table::new(&[
        "d",
        "matrix passes a layer",
        "jet, fused, µs",
        "per pass, µs",
        "jet and terms, fused, µs",
        "composed, ms",
        "second-derivative channels, passes",
        "composed channels, ms",
        "channels / composed adjoint",
        "channels / fused",
    ]);
    for dof in [1, 2, 3, 4, 6] {
        let sizes = Sizes { dof, ..standard };
        let case = Case::new(sizes).map_err(failed)?;
        let [jet, both] = fused(&case, 1, rounds)?;
        let composed = |net: &_, states| Ok(scalar_jet_composed(net, states)?.packed().clone());
        let [adjoint, channels] = seconds(
            rounds.div_ceil(3),
            [
                &mut || case.jet_gradient(composed).map_err(failed),
                &mut || case.jet_gradient(forward_channels).map_err(failed),
            ],
        )?;
        let n = 2 * dof;
        table.push([
            dof.to_string(),
            sizes.passes().to_string(),
            format!("{:.0}", jet * 1e6),
            format!("{:.0}", jet * 1e6 / sizes.passes() as f64),
            format!("{:.0}", both * 1e6),
            format!("{:.2}", adjoint * 1e3),
            (3 * (1 + n + n * (n + 1) / 2)).to_string(),
            format!("{:.2}", channels * 1e3),
            format!("{:.1}", channels / adjoint),
            format!("{:.1}", channels / jet),
        ]);
    }
    text.push_str(&format!("\n**Against d** (E = 1)\n\n{}", table.markdown()));
    Ok(text)
}

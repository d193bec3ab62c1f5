//! One training step on a GPU: the composed path, beside JAX where it has the same device.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use super::{compare, contender::Contender, write_case};
use crate::report::{self, Table};

/// Options of the device's table.
#[derive(clap::Args)]
pub struct Arguments {
    /// The device: `cuda` or `wgpu` (build with the feature of that name, and `--release`).
    #[arg(long)]
    device: String,
    /// Scientists, in one block each.
    #[arg(long, value_delimiter = ',', default_values_t = [64, 1000])]
    seeds: Vec<u64>,
    /// A Python with JAX for CUDA (`pip install "jax[cuda12]" optax numpy safetensors`); without, only
    /// ours is timed.
    #[arg(long)]
    python: Option<PathBuf>,
    /// Rounds; in each, every contender is measured once.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Where the table and working files go.
    #[arg(long, default_value = "runs/bench")]
    out: PathBuf,
}

/// Times one training step for each size of ensemble, prints the tables and keeps them.
///
/// # Errors
///
/// If the device cannot be opened, JAX fails, or a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<()> {
    mass_core::create_dir(&arguments.out)?;
    let mut text = format!("{}, device {}\n", report::machine(), arguments.device);
    for &seeds in &arguments.seeds {
        let mut contenders = vec![ours(&arguments.device, seeds)?];
        if let Some(python) = &arguments.python {
            contenders.extend(jax(python, seeds, &arguments.out)?);
        }
        let table: Table = compare(&mut contenders, arguments.rounds, arguments.seconds)?;
        text.push_str(&format!("\n**E = {seeds}**\n\n{}", table.markdown()));
    }
    report::keep(
        &text,
        &arguments.out.join(format!("{}.md", arguments.device)),
    )
}

fn ours(device: &str, seeds: u64) -> Result<Contender> {
    let mut command = Command::new(std::env::current_exe()?);
    let seeds_text = seeds.to_string();
    command.args(["bench", "worker", "--seeds", &seeds_text]);
    command.args(["--threads", "1", "--block", &seeds_text, "--device", device]);
    Contender::start(format!("ours on {device}"), seeds as usize, vec![command])
}

fn jax(python: &Path, seeds: u64, out: &Path) -> Result<Vec<Contender>> {
    let path = out.join(format!("timed-{seeds}.safetensors"));
    let list: Vec<u64> = (0..seeds).collect();
    write_case("classical", &list, mass_jet::Precision::F32, &path)?;
    // Over scientists by vmap: a map would run them one after the other on a GPU.
    [
        &["--form", "plain"][..],
        &["--form", "tuned", "--over", "vmap"][..],
    ]
    .into_iter()
    .map(|options| {
        let mut command = Command::new(python);
        command
            .arg("benches/peers/jax_worker.py")
            .arg("--case")
            .arg(&path);
        command.args(options);
        Contender::start(format!("JAX {}", options[1]), seeds as usize, vec![command])
    })
    .collect()
}

//! One training step beside PyTorch's and JAX's, in one run.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use burn::tensor::{Tensor, TensorData};
use mass_core::{Batch, MassModel, batch_indices};
use mass_jet::{DeviceKind, Precision};
use serde::Deserialize;

use self::{case::Contents, contender::Contender};
use crate::report::{self, Table};

pub mod case;
mod contender;
pub mod device;
pub mod worker;

/// Largest relative difference of losses and gradients that counts as the same.
const SAME: f64 = 1e-5;

/// Options of the comparison.
#[derive(clap::Args)]
pub struct Arguments {
    /// Rounds; in each, every contender is measured once.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Our scientists in the large ensemble.
    #[arg(long, default_value_t = 64)]
    seeds: u64,
    /// The system: `classical` (d = 1), `double_pendulum` (2), `two_body` (4), `three_body` (6), or any other.
    #[arg(long, default_value = "classical")]
    system: String,
    /// Only check that all compute the same.
    #[arg(long)]
    check_only: bool,
    /// Where the table and working files go.
    #[arg(long, default_value = "runs/bench")]
    out: PathBuf,
}

/// Losses and gradients as the peers write them.
#[derive(Deserialize)]
struct Check {
    loss: Vec<f64>,
    gradient: BTreeMap<String, Gradient>,
}

#[derive(Deserialize)]
struct Gradient {
    norm: Vec<f64>,
    values: Vec<Vec<f64>>,
}

/// Checks that all compute the same, times them in turn, prints the tables and keeps them.
///
/// # Errors
///
/// If a peer cannot be set up, fails or computes something else, or a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<()> {
    let status = Command::new("benches/peers/setup.sh").status().context(
        "benches/peers/setup.sh could not be started: run this in the repository's root",
    )?;
    ensure!(
        status.success(),
        "benches/peers/setup.sh failed; its message is above"
    );
    mass_core::create_dir(&arguments.out)?;
    let checked = check(arguments)?;
    println!("{}", checked.markdown());
    if arguments.check_only {
        return Ok(());
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "{}, {}\n\n{}",
        arguments.system,
        report::machine(),
        checked.markdown()
    );
    for threads in [1, cores] {
        if threads == 1 || cores > 1 {
            let mut contenders = contenders(arguments, threads)?;
            text.push_str(&format!(
                "\n**{threads} {}**\n\n{}",
                if threads == 1 { "core" } else { "cores" },
                compare(&mut contenders, arguments.rounds, arguments.seconds)?.markdown()
            ));
        }
    }
    let name = match arguments.system.as_str() {
        "classical" => "peers.md".to_string(),
        system => format!("peers-{system}.md"),
    };
    report::keep(&text, &arguments.out.join(name))
}

fn peer(worker: &str, case: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(".peers/bin/python");
    command
        .arg(format!("benches/peers/{worker}.py"))
        .arg("--case")
        .arg(case)
        .args(options);
    command
}

/// A case of the timed work, with one batch to check on.
fn write_case(system: &str, seeds: &[u64], precision: Precision, path: &Path) -> Result<()> {
    let mut recipe = worker::recipe();
    recipe.precision = precision;
    let contents = Contents {
        recipe: &recipe,
        systems: &[system.to_string()],
        seeds: Some(seeds),
        steps: 1,
    };
    case::write(&contents, path)
}

/// Compares losses and gradients of the three, from the same weights on the same batch.
fn check(arguments: &Arguments) -> Result<Table> {
    let (system, out) = (&arguments.system, &arguments.out);
    let mut table = Table::new(&["largest relative difference to ours", "f64", "f32"]);
    let contenders = [
        ("PyTorch", "torch_worker", &[][..]),
        (
            "JAX, as one writes it first",
            "jax_worker",
            &["--form", "plain"][..],
        ),
        ("JAX, tuned", "jax_worker", &["--form", "tuned"][..]),
    ];
    let mut found = vec![Vec::new(); contenders.len()];
    for precision in [Precision::F64, Precision::F32] {
        let path = out.join("check.safetensors");
        let seeds = [0, 1, 2, 3];
        write_case(system, &seeds, precision, &path)?;
        let ours = ours(system, &seeds, precision)?;
        for ((name, worker, options), found) in contenders.iter().zip(&mut found) {
            let answer = out.join("check.json");
            let status = peer(worker, &path, options)
                .arg("--check")
                .arg(&answer)
                .status()?;
            ensure!(status.success(), "{name} failed; its message is above");
            let theirs: Check = serde_json::from_slice(&std::fs::read(&answer)?)?;
            let difference = difference(&ours, &theirs)
                .with_context(|| format!("{name}'s answer does not fit ours"))?;
            ensure!(
                difference < SAME,
                "{name} and ours differ by {difference:.1e} in {precision:?}: not the same work"
            );
            found.push(difference);
        }
    }
    for ((name, ..), found) in contenders.iter().zip(found) {
        let row = found.iter().map(|difference| format!("{difference:.0e}"));
        table.push([name.to_string()].into_iter().chain(row));
    }
    Ok(table)
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// Our losses and whole gradients, by the peers' names.
fn ours(system: &str, seeds: &[u64], precision: Precision) -> Result<Check> {
    let mut recipe = worker::recipe();
    recipe.precision = precision;
    let (systems, shapes) = case::systems(&[system.to_string()])?;
    let device = DeviceKind::Flex.open()?;
    let model = MassModel::init(&recipe, &shapes, seeds, &device.clone().autodiff())?;
    let batch = recipe.data.batch;
    let (mut states, mut targets) = (Vec::new(), Vec::new());
    for seed in seeds {
        let data = systems[0].train_states(&recipe.data, *seed)?;
        for row in batch_indices(*seed, &shapes[0].id, 0, data.len(), batch) {
            let state = data.state(row);
            states.extend(state.x.iter().chain(state.y));
            targets.extend_from_slice(state.acceleration);
        }
    }
    let tensor = |values: Vec<f64>, width: usize| {
        let data = TensorData::new(values, [seeds.len(), batch, width]);
        Tensor::<3>::from_inner(Tensor::from_data(data, (&device, precision.dtype())))
    };
    let batches = [Batch {
        states: tensor(states, 2 * shapes[0].dof),
        targets: tensor(targets, shapes[0].dof),
    }];
    let losses = recipe.objective.losses(&model, &batches)?.total;
    let mut gradients = losses.clone().sum().backward();
    let mut gradient = BTreeMap::new();
    for (name, found) in model.gradients(&mut gradients) {
        // PyTorch's and JAX's files have networks by number, and all b under one name.
        let name = match name.split_once('.') {
            Some((_, "b")) => "b".to_string(),
            Some((_, of_net)) => format!("net.0.{of_net}"),
            None => name,
        };
        let values = host(found);
        let rows: Vec<Vec<f64>> = values
            .chunks(values.len() / seeds.len())
            .map(<[f64]>::to_vec)
            .collect();
        let norm = rows
            .iter()
            .map(|row| row.iter().map(|v| v * v).sum::<f64>().sqrt());
        gradient.insert(
            name,
            Gradient {
                norm: norm.collect(),
                values: rows,
            },
        );
    }
    Ok(Check {
        loss: host(losses.inner()),
        gradient,
    })
}

/// The largest difference of losses and gradients; a gradient's is relative to its norm.
fn difference(ours: &Check, theirs: &Check) -> Result<f64> {
    ensure!(ours.loss.len() == theirs.loss.len(), "other members");
    let mut worst = 0.0_f64;
    for (ours, theirs) in ours.loss.iter().zip(&theirs.loss) {
        worst = worst.max((ours - theirs).abs() / ours.abs());
    }
    for (name, ours) in &ours.gradient {
        let theirs = theirs
            .gradient
            .get(name)
            .with_context(|| format!("there is no gradient of {name}"))?;
        for (member, norm) in ours.norm.iter().enumerate() {
            worst = worst.max((norm - theirs.norm[member]).abs() / norm);
            for (a, b) in ours.values[member].iter().zip(&theirs.values[member]) {
                worst = worst.max((a - b).abs() / norm);
            }
        }
    }
    Ok(worst)
}

/// Everyone who is timed on `threads` cores, ours first.
fn contenders(arguments: &Arguments, threads: usize) -> Result<Vec<Contender>> {
    let program = std::env::current_exe()?;
    let ours = |seeds: u64| -> Result<Contender> {
        let mut command = Command::new(&program);
        command.args(["bench", "worker", "--seeds"]);
        command.arg(seeds.to_string());
        command.args([
            "--threads",
            &threads.to_string(),
            "--system",
            &arguments.system,
        ]);
        Contender::start(format!("ours, E = {seeds}"), seeds as usize, vec![command])
    };
    let mut all = vec![ours(arguments.seeds)?];
    if threads == 1 {
        all.push(ours(1)?);
    }
    let case = |members: usize| -> Result<PathBuf> {
        let path = arguments.out.join(format!("timed-{members}.safetensors"));
        let seeds: Vec<u64> = (0..members as u64).collect();
        write_case(&arguments.system, &seeds, Precision::F32, &path)?;
        Ok(path)
    };
    // The released code trains one scientist a process.
    let one = case(1)?;
    let torch = (0..threads).map(|_| peer("torch_worker", &one, &["--threads", "1"]));
    all.push(Contender::start(
        "PyTorch, E = 1 a process",
        1,
        torch.collect(),
    )?);
    let on = threads.to_string();
    // Of matrices, JAX's `pinv` can stand still on several cores: its SVD waits for the threads that it runs on.
    let jax = threads == 1 || mass_systems::lookup(&arguments.system)?.dof() == 1;
    for form in ["plain", "tuned"].into_iter().filter(|_| jax) {
        // Each form at the sizes among which its best was found (benches/peers/README.md).
        let sizes: &[usize] = match (form, threads) {
            ("plain", 1) => &[1, 4, 16, 64],
            ("plain", _) => &[4, 16],
            (_, 1) => &[1, 16],
            _ => &[16, 64],
        };
        for &members in sizes.iter().filter(|members| *members % threads == 0) {
            let path = case(members)?;
            let command = peer("jax_worker", &path, &["--form", form, "--threads", &on]);
            let name = format!("JAX {form}, E = {members}");
            all.push(Contender::start(name, members, vec![command])?);
        }
    }
    Ok(all)
}

/// Measures all in turn, round after round.
fn compare(contenders: &mut [Contender], rounds: usize, seconds: f64) -> Result<Table> {
    for contender in contenders.iter_mut() {
        contender.calibrate(seconds)?;
    }
    for round in 0..rounds {
        for contender in contenders.iter_mut() {
            contender.measure()?;
        }
        eprintln!("round {} of {rounds}", round + 1);
    }
    let head = [
        "",
        "ms per (step, scientist), median",
        "quartiles",
        "times ours, median of rounds",
    ];
    let mut table = Table::new(&head);
    let ours = contenders[0].times.clone();
    for contender in contenders.iter() {
        let [low, middle, high] = contender.quartiles();
        // Round by round, for a machine's speed changes in between.
        let mut ratios: Vec<f64> = contender
            .times
            .iter()
            .zip(&ours)
            .map(|(a, b)| a / b)
            .collect();
        ratios.sort_by(f64::total_cmp);
        table.push([
            contender.name.clone(),
            format!("{middle:.3}"),
            format!("{low:.3} to {high:.3}"),
            format!("{:.1}", ratios[ratios.len() / 2]),
        ]);
    }
    Ok(table)
}

//! The charged double pendulum's seven worlds by the paper's own training of networks, as a table. With `--theories 1` it is one network
//! for all.
//!
//! `cargo run --release -p mass-physicist --example pendulum_networks -- [--patches] [--seeds N] [--first SEED] [--windows N]
//! [--only WORLD,WORLD…] [--angles-alone] [--trials N] [--learner-seed N] [--theories M] [--layers N] [--width N]
//! [--domain-width N] [--batch N] [--epochs N] [--phase-epochs N] [--phase-rate RATE] [--sparsity COST]`
//!
//! With `--patches` first theories are not random but grown, with settings of its own, which flags after it change.
//! Rows are (θ₁, θ₂, θ̇₁, θ̇₂), the paper's default form; with `--angles-alone` windows are of two rows (θ₁, θ₂), its other.

use std::time::Instant;

use mass_physicist::{ChargedPendulum, NonlinearPaper, TRANSITION, Windows, domain_accuracy};

/// The share of the windows of one law that obey the more frequent.
fn greater(windows: &Windows) -> f64 {
    let labels = windows.labels().unwrap_or_default();
    let count = |law: u32| labels.iter().filter(|label| **label == law).count() as f64;
    debug_assert_eq!(TRANSITION, 0);
    count(1).max(count(2)) / (count(1) + count(2))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut seeds, mut first, mut windows, mut alone) = (1_u64, 0_u64, 5000_usize, false);
    let mut only: Vec<usize> = (1..=7).collect();
    let mut learner = NonlinearPaper::double_pendulum();
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        if flag == "--angles-alone" {
            alone = true;
            continue;
        }
        if flag == "--patches" {
            learner = NonlinearPaper::double_pendulum_in_patches();
            continue;
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{flag} needs a value"))?;
        let paper = &mut learner.training;
        match flag.as_str() {
            "--seeds" => seeds = value.parse()?,
            "--first" => first = value.parse()?,
            "--windows" => windows = value.parse()?,
            "--only" => {
                only = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            "--sparsity" => paper.sparsity = value.parse()?,
            "--layers" => learner.layers = value.parse()?,
            "--phase-rate" => paper.phase_rate = value.parse()?,
            "--learner-seed" => paper.seed = value.parse()?,
            "--trials" => paper.trials = value.parse()?,
            "--theories" => {
                paper.theories = value.parse()?;
                paper.most_theories = paper.theories;
            }
            "--width" => paper.width = value.parse()?,
            "--epochs" => paper.epochs = value.parse()?,
            "--phase-epochs" => paper.phase_epochs = value.parse()?,
            "--batch" => paper.batch = value.parse()?,
            "--domain-width" => paper.domain_width = value.parse()?,
            _ => return Err(format!("unknown flag {flag}; see the head of this file").into()),
        }
    }
    println!(
        "world | seed | accuracy of windows that validate, of all | greater domain | log10 MSE | theories | epochs | floors | s"
    );
    let mut accuracies = Vec::new();
    for (number, world) in ChargedPendulum::seven().into_iter().enumerate() {
        for seed in (first..first + seeds).filter(|_| only.contains(&(number + 1))) {
            let all = if alone {
                world.observe(windows, seed)?.windows(2)?
            } else {
                world.observe_states(windows, seed)?.windows(1)?
            };
            let (train, validation) = learner.training.divide(&all)?;
            let started = Instant::now();
            let trained = learner.train(&train, &validation)?;
            let accuracy = domain_accuracy(&trained, trained.theories(), &validation)?;
            accuracies.push(accuracy);
            let floors = trained
                .log
                .floors
                .iter()
                .map(|floor| format!("{floor:.1e}"));
            println!(
                "{} | {seed} | {accuracy:.4}, {:.4} | {:.4} | {:.2} | {} | {} | {} | {:.0}",
                number + 1,
                domain_accuracy(&trained, trained.theories(), &all)?,
                greater(&validation),
                trained.squared_error.log10(),
                trained.theories(),
                trained.log.epochs,
                floors.collect::<Vec<_>>().join(" "),
                started.elapsed().as_secs_f64()
            );
        }
    }
    accuracies.sort_by(f64::total_cmp);
    if let (Some(least), Some(median)) = (accuracies.first(), accuracies.get(accuracies.len() / 2))
    {
        println!(
            "{} trainings: accuracy {median:.4} in the median (least {least:.4})",
            accuracies.len()
        );
    }
    Ok(())
}

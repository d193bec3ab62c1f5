//! The charged double pendulum's seven worlds, found out from angles and angular velocities, as a table.
//!
//! `cargo run --release -p mass-physicist --example pendulum -- [--seeds N] [--first SEED] [--windows N] [--noise SIGMA]
//! [--each]`
//!
//! `--noise` is the deviation of a normal error of every angle (rad) and every angular velocity (rad/s).

use std::time::Instant;

use mass_physicist::{
    ChargedPendulum, Domains, RegimesFound, RegimesOfMotion, TRANSITION, Windows, domain_accuracy,
    mass_sparse::{Factor, Function},
};

/// E_x and E_y of a theory by each rod, with errors: the terms of sin θ and −cos θ in L.
fn field(found: &RegimesFound, theory: usize) -> [[(f64, f64); 2]; 2] {
    [0, 1].map(|rod| {
        let of = |factor: Factor| found.theories[theory].coefficient(&Function::new([factor]));
        let (ex, error) = of(Factor::Sine(vec![(rod, 1)]));
        let (ey, other) = of(Factor::Cosine(vec![(rod, 1)]));
        [(ex, error), (-ey, other)]
    })
}

/// The share of steps within the greater domain, and which theory is that of the world's first and second domain.
fn names(found: &RegimesFound, windows: &Windows) -> (f64, [usize; 2]) {
    let mut counts = [[0_usize; 2]; 2];
    let labels = windows.labels().unwrap_or_default();
    for (w, label) in labels.iter().enumerate().filter(|(_, l)| **l != TRANSITION) {
        counts[*label as usize - 1][found.theory(windows.inputs(w)).min(1)] += 1;
    }
    let sums = counts.map(|c| (c[0] + c[1]) as f64);
    let straight = counts[0][0] + counts[1][1] >= counts[0][1] + counts[1][0];
    let share = sums[0].max(sums[1]) / (sums[0] + sums[1]);
    (share, if straight { [0, 1] } else { [1, 0] })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut seeds, mut first, mut windows, mut noise, mut each) =
        (3_u64, 0_u64, 1500_usize, 0.0_f64, false);
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
            "--seeds" => seeds = value.parse()?,
            "--first" => first = value.parse()?,
            "--windows" => windows = value.parse()?,
            "--noise" => noise = value.parse()?,
            _ => return Err(format!("unknown flag {flag}; see the head of this file").into()),
        }
    }
    println!(
        "world | seed | accuracy (greater domain) | field below | field above | border | steps: in a law, over the border, neither | s"
    );
    let (mut accuracies, mut worst_field, mut worst_border, mut missed) =
        (Vec::new(), 0.0_f64, 0.0_f64, 0);
    let mut seconds = Vec::new();
    for (number, world) in ChargedPendulum::seven().into_iter().enumerate() {
        for seed in first..first + seeds {
            let seen = world
                .observe_states(windows, seed)?
                .with_noise(noise, 1000 + seed);
            let all = seen.windows(1)?;
            let started = Instant::now();
            let found = RegimesOfMotion::double_pendulum().discover(&all);
            let took = started.elapsed().as_secs_f64();
            seconds.push(took);
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    println!("{} | {seed} | {error}", number + 1);
                    accuracies.push(0.0);
                    missed += 1;
                    continue;
                }
            };
            let right = domain_accuracy(&found, found.theories.len(), &all)?;
            let (greater, names) = names(&found, &all);
            accuracies.push(right);
            let mut cells = Vec::new();
            for (truth, theory) in [world.below, world.above].iter().zip(&names) {
                let Some(_) = found.theories.get(*theory) else {
                    cells.push("not found".into());
                    missed += 1;
                    continue;
                };
                let [upper, lower] = field(&found, *theory);
                let size = world
                    .below
                    .iter()
                    .chain(&world.above)
                    .fold(0.0_f64, |m, e| m.max(e.abs()));
                for (k, truth) in truth.iter().enumerate() {
                    for rod in [upper, lower] {
                        worst_field = worst_field.max((rod[k].0 - truth).abs() / size);
                    }
                }
                cells.push(format!(
                    "({:.6}, {:.6} ± {:.1e})",
                    lower[0].0 + 0.0,
                    lower[1].0 + 0.0,
                    lower[1].1
                ));
            }
            let border = match &found.border {
                Some(border) => {
                    worst_border = worst_border.max((border.constant / world.border - 1.0).abs());
                    format!(
                        "{}, c = {:.7} ± {:.1e} of {} crossings",
                        border.text(),
                        border.constant,
                        border.standard_error,
                        border.crossings
                    )
                }
                None => {
                    missed += 1;
                    "none".into()
                }
            };
            let own = found.explained_by.iter().flatten().count();
            let over = found.over_the_border.iter().filter(|o| **o).count();
            println!(
                "{} | {seed} | {right:.4} ({greater:.4}) | {} | {border} | {own}, {over}, {} | {took:.2}",
                number + 1,
                cells.join(" | "),
                all.len() - own - over
            );
            if each {
                println!(
                    "    noise {:.1e} rad, {:.1e} rad/s",
                    found.noise[0], found.noise[1]
                );
                for theory in &found.theories {
                    println!("    {} steps: L = {}", theory.support, theory.text());
                    for term in &theory.terms {
                        println!(
                            "        {} {} ± {:.1e}",
                            term.function.text(2),
                            term.coefficient,
                            term.standard_error
                        );
                    }
                }
                if let Some(border) = &found.border {
                    println!("    scatter {:.1e} rad; {border:?}", border.scatter);
                }
            }
        }
    }
    accuracies.sort_by(f64::total_cmp);
    seconds.sort_by(f64::total_cmp);
    println!(
        "{} runs, {windows} steps, noise {noise:e}: accuracy {:.4} in the median (least {:.4}), a field or border missing {missed} times, worst field {:.1e} of the greater field, worst border {:.1e}, seconds {:.2} (most {:.2})",
        accuracies.len(),
        accuracies[accuracies.len() / 2],
        accuracies[0],
        worst_field,
        worst_border,
        seconds[seconds.len() / 2],
        seconds[seconds.len() - 1],
    );
    Ok(())
}

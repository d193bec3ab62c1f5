//! The charged double pendulum's seven worlds, found out from angles and angular velocities, as a table.
//!
//! `cargo run --release -p mass-physicist --example pendulum -- [--seeds N] [--first SEED] [--windows N] [--noise SIGMA]
//! [--each]`
//!
//! `--noise` is the deviation of a normal error of every angle (rad) and every angular velocity (rad/s).

use std::time::Instant;

use mass_physicist::{ChargedPendulum, FoundPendulum, RegimesOfMotion};

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
            let row = FoundPendulum::of_found(&world, seed, &all, &found)?;
            accuracies.push(row.accuracy);
            let cells = row.found.map(|field| match field {
                Some([x, y]) => format!("({:.6}, {:.6} ± {:.1e})", x.0, y.0, y.1),
                None => "not found".into(),
            });
            missed += row.found.iter().filter(|field| field.is_none()).count();
            worst_field = worst_field.max(row.field_error.unwrap_or(0.0));
            let border = match &row.border {
                Some(border) => {
                    worst_border = worst_border.max(border.error.unwrap_or(f64::INFINITY));
                    format!(
                        "{}, c = {:.7} ± {:.1e} of {} crossings",
                        border.text, border.constant, border.standard_error, border.crossings
                    )
                }
                None => {
                    missed += 1;
                    "none".into()
                }
            };
            let [own, over, neither] = row.steps;
            println!(
                "{} | {seed} | {:.4} ({:.4}) | {} | {border} | {own}, {over}, {neither} | {took:.2}",
                number + 1,
                row.accuracy,
                row.greater,
                cells.join(" | "),
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

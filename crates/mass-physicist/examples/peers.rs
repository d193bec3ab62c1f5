//! Worlds as files, and what this crate finds in them, to put other programs beside it
//! (`benches/peers/physicist/compare.py`).
//!
//! `cargo run --release -p mass-physicist --example peers -- FOLDER [--seed N] [--first ID] [--windows N]
//! [--noise SIGMA]`
//!
//! Writes `TYPE-ID.csv` for each of forty worlds (trajectory, t, x, y, law: the law whose window ends in a row, 0 for
//! none), and `ours.json`: accuracy, mean squared error and seconds of each.

use std::{io::Write, path::PathBuf, time::Instant};

use mass_physicist::{DivideAndConquer, Modern, Score, WorldRequest};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut seed, mut first, mut windows, mut noise) = (0_u64, 1_u32, 5000_usize, 0.0_f64);
    let mut folder: Option<PathBuf> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        if !flag.starts_with("--") {
            folder = Some(flag.into());
            continue;
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--seed" => seed = value.parse()?,
            "--first" => first = value.parse()?,
            "--windows" => windows = value.parse()?,
            "--noise" => noise = value.parse()?,
            _ => return Err(format!("unknown flag {flag}; see the head of this file").into()),
        }
    }
    let folder = folder.ok_or("a folder for the files is needed")?;
    std::fs::create_dir_all(&folder)?;
    let mut found = Vec::new();
    for request in WorldRequest::forty(seed, first) {
        let request = WorldRequest { windows, ..request };
        let (world, seen) = request.make()?;
        let seen = seen.with_noise(noise, seed.wrapping_add(1000 + u64::from(request.id)));
        let name = format!("{}-{}", request.kind.number(), request.id);
        seen.save(&folder.join(format!("{name}.csv")))?;
        let all = seen.windows(2)?;
        let started = Instant::now();
        let discovery = Modern::default().discover(&all)?;
        let seconds = started.elapsed().as_secs_f64();
        let score = Score::of(&discovery, &world.laws(), &all)?;
        found.push(json!({
            "world": name,
            "laws": world.forces().len(),
            "theories": discovery.theories.len(),
            "accuracy": score.domain_accuracy,
            "squared_error": score.squared_error,
            "solved": score.solved,
            "seconds": seconds,
        }));
    }
    let text = serde_json::to_string_pretty(&json!({ "noise": noise, "worlds": found }))?;
    mass_systems::write_whole(&folder.join("ours.json"), |file| {
        file.write_all(text.as_bytes())
    })?;
    println!("{} worlds in {}", found.len(), folder.display());
    Ok(())
}

//! The worlds of a suite, found out one after the other on one core, as a table.
//!
//! `cargo run --release -p mass-physicist --example suite -- [--seed N] [--first ID] [--windows N] [--balls N]
//! [--share S] [--noise SIGMA] [--only TYPE/ID] [--each]`

use std::time::Instant;

use mass_physicist::{DivideAndConquer, Modern, Score, SymbolicLaw, TransitionKind, WorldRequest};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut seed, mut first, mut windows, mut balls) = (0_u64, 1_u32, 5000_usize, 1_usize);
    let (mut share, mut noise, mut each) = (1.0_f64, 0.0_f64, false);
    let mut only: Option<String> = None;
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
            "--seed" => seed = value.parse()?,
            "--first" => first = value.parse()?,
            "--windows" => windows = value.parse()?,
            "--balls" => balls = value.parse()?,
            "--share" => share = value.parse()?,
            "--noise" => noise = value.parse()?,
            "--only" => only = Some(value),
            _ => return Err(format!("unknown flag {flag}; see the head of this file").into()),
        }
    }
    let mut seconds = Vec::new();
    let mut accuracies = Vec::new();
    let (mut right, mut solved, mut exact, mut of, mut wrong) = (0, 0, 0, 0, 0);
    let mut errors = Vec::new();
    let (mut none, mut passing, mut bouncing, mut left) = (0, 0, 0, 0);
    let mut borders: Vec<(f64, f64, Option<f64>)> = Vec::new();
    let requests = WorldRequest::forty(seed, first);
    for request in &requests {
        let name = format!("{}/{}", request.kind.number(), request.id);
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let request = WorldRequest {
            windows,
            balls,
            ..*request
        };
        let (world, seen) = request.make()?;
        let seen = seen.with_noise(noise, seed.wrapping_add(1000 + u64::from(request.id)));
        let all = seen.windows(2)?;
        // As in the paper, four of five windows to learn from; a share of these.
        let (train, test) = all.split(all.len() * 4 / 5, 1)?;
        let train = if share < 1.0 {
            let count = (train.len() as f64 * share).round() as usize;
            train.split(count, 2)?.0
        } else {
            train
        };
        let started = Instant::now();
        let found = Modern::default().discover(if share < 1.0 { &train } else { &all });
        let took = started.elapsed().as_secs_f64();
        seconds.push(took);
        let name = format!("type {:2} id {:2}", request.kind.number(), request.id);
        match found {
            Err(error) => {
                println!("{name}: {error}");
                accuracies.push(0.0);
            }
            Ok(found) => {
                let score = Score::of(
                    &found,
                    &world.laws(),
                    if share < 1.0 { &test } else { &all },
                )?;
                right += usize::from(score.laws_right);
                solved += usize::from(score.solved);
                accuracies.push(score.domain_accuracy);
                errors.push(score.squared_error.max(1e-300).log10());
                let transitions = found.transitions(if share < 1.0 { &train } else { &all })?;
                none += found.explained_by.iter().filter(|of| of.is_none()).count();
                passing += transitions.explained(TransitionKind::Passage).len();
                bouncing += transitions.explained(TransitionKind::Bounce).len();
                left += transitions.unexplained.len();
                for border in found.domains.placed_borders() {
                    let Some([low, high]) = border.between else {
                        continue;
                    };
                    let crossings = transitions.crossings(border.axis, low, high);
                    let off = crossings.map(|of| of.mean.abs());
                    let outside = if low < 0.0 && high > 0.0 { 0.0 } else { 1.0 };
                    borders.push((high - low, outside, off));
                    if each {
                        println!(
                            "{name}: border x{} = {} between {low:.5} and {high:.5}, crossings {crossings:?}",
                            border.axis, border.at
                        );
                    }
                }
                for law in &score.laws {
                    of += law.exact.0;
                    exact += law.exact.1;
                    wrong += law.wrong;
                }
                if each || !score.solved || !score.laws_right || score.domain_accuracy < 0.999 {
                    println!(
                        "{name}: {} laws, {} theories, right {}, solved {}, accuracy {:.4}, noise {:.1e}, unexplained {:.3}, {} minor, {} sweeps, {took:.3} s",
                        world.forces().len(),
                        found.theories.len(),
                        score.laws_right,
                        score.solved,
                        score.domain_accuracy,
                        found.noise,
                        found.unexplained,
                        found.minor.len(),
                        found.sweeps,
                    );
                    println!("    {}", found.domains);
                    for theory in &found.theories {
                        let text = theory.symbolic.text(&["x", "y"])?.replace('\n', "; ");
                        println!("    {} windows: {text}", theory.support);
                    }
                    for law in found.minor.iter().filter(|_| each) {
                        let text = SymbolicLaw::real(law)
                            .text(&["x", "y"])?
                            .replace('\n', "; ");
                        println!("    minor: {text}");
                    }
                    for force in world.forces() {
                        println!("    true: {force:?}");
                    }
                    for law in &score.laws {
                        println!("    {law:?}");
                    }
                }
            }
        }
    }
    let middle = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let least = accuracies.iter().copied().fold(1.0, f64::min);
    let above = accuracies.iter().filter(|a| **a >= 0.999).count();
    let median = middle(&mut accuracies);
    let mut widths: Vec<f64> = borders.iter().map(|b| b.0).collect();
    let outside = borders.iter().filter(|b| b.1 > 0.0).count();
    let mut off: Vec<f64> = borders.iter().filter_map(|b| b.2).collect();
    println!(
        "windows without a law {none}: {passing} straddle a passage, {bouncing} a bounce, {left} neither; {} borders, {outside} of which not at 0 within their interval, intervals {:.1e} wide in the median; {} told by crossings, off by {:.1e} in the median",
        borders.len(),
        middle(&mut widths),
        off.len(),
        middle(&mut off),
    );
    println!(
        "seed {seed}, ids from {first}, {windows} windows, share {share}, noise {noise:e}: solved {solved} of {}, laws right {right}, accuracy {median:.4} (least {least:.4}, {above} at 0.999), fractions {exact} of {of}, {wrong} wrong, log10 MSE {:.2}, seconds {:.3} (most {:.3})",
        requests.len(),
        middle(&mut errors),
        middle(&mut seconds),
        seconds.last().copied().unwrap_or(0.0),
    );
    Ok(())
}

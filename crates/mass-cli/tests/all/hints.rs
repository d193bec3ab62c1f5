//! What is said where a person is lost: a motion that something drives, a ball that bounces, a prediction far away.

use std::{fmt::Write, fs};

use mass_systems::{Solver, follow};
use serde_json::Value;

use crate::common::{mass, motions, text};

fn learned(arguments: &[&str]) -> Value {
    let output = mass(&[&["learn", "--json"], arguments].concat());
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_drives_a_motion_without_a_column_is_told_with_its_period_and_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("driven.csv");
    let drive = |t: f64| 3.0 * (2.3 * t).cos();
    let write = |inputs: bool| {
        let header = if inputs { "trial,t,x,c,s" } else { "trial,t,x" };
        let mut table = format!("{header}\n");
        for (trial, x) in [0.0, 0.5, -0.4].into_iter().enumerate() {
            let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
                out[0] = -9.0 * x[0] - 0.3 * y[0] + drive(x[1]);
                out[1] = 0.0; // time is the second coordinate
            };
            let solver = Solver::Dop853 { tolerance: 1e-10 };
            let path = follow(law, &[x, 0.0], &[0.0, 1.0], 0.04, 400, solver).unwrap();
            for (t, x, _) in path.iter() {
                write!(table, "{trial},{t:.2},{:.9}", x[0]).unwrap();
                match inputs {
                    true => writeln!(table, ",{},{}", (2.3 * t).cos(), (2.3 * t).sin()).unwrap(),
                    false => table.push('\n'),
                }
            }
        }
        fs::write(&file, table).unwrap();
    };
    write(false);
    let name = file.to_str().unwrap();
    let found = learned(&[name]);
    let warnings = found["warnings"].to_string();
    assert!(
        warnings.contains("something that depends on time drives this motion"),
        "{found}"
    );
    assert!(warnings.contains("tau=NAME"), "{warnings}");
    let period = warnings.split("repeats every ").nth(1).unwrap();
    let period: f64 = period.split(' ').next().unwrap().parse().unwrap();
    approx::assert_relative_eq!(period, std::f64::consts::TAU / 2.3, max_relative = 0.02);
    // Networks, which know nothing of time, are not trained.
    let theories = found["theories"].as_array().unwrap();
    assert!(theories.iter().all(|one| one["network"].is_null()));
    // What is advised does.
    write(true);
    let found = learned(&[name, "--columns", "trajectory=trial,t=t,x=x,tau=c,s"]);
    assert!(!found["warnings"].to_string().contains("drives"), "{found}");
    let place = found["best"].as_u64().unwrap() as usize;
    assert!(
        found["theories"][place]["error"].as_f64().unwrap() < 0.01,
        "{found}"
    );
}

#[test]
fn a_law_that_is_no_formula_is_not_taken_for_one_that_is_driven() {
    // ẏ = −tanh(3x)/(1 + y²/2)^(3/2): no sum of the functions, and nothing depends on time.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odd.csv");
    let law = |x: f64, y: f64| -(3.0 * x).tanh() / (1.0 + 0.5 * y * y).powf(1.5);
    let starts = [(0.5, 0.0), (1.1, 0.0), (1.7, 0.0), (0.8, 0.0)];
    motions(&file, &starts, law, (0.05, 200), 0.0);
    let found = learned(&[file.to_str().unwrap(), "--scientists", "0"]);
    assert!(!found["warnings"].to_string().contains("drives"), "{found}");
}

#[test]
fn bounces_are_for_worlds_and_no_gross_errors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ball.csv");
    let mut table = String::from("t (s),height (m)\n");
    let (mut x, mut v, step) = (1.0, 0.0, 0.02);
    for row in 0..250 {
        writeln!(table, "{},{x:.6}", f64::from(row) * step).unwrap();
        // In closed form, with nine tenths of the velocity after each bounce.
        let down = |x: f64, v: f64, t: f64| (x + v * t - 4.905 * t * t, v - 9.81 * t);
        let hits = (v + (v * v + 19.62_f64 * x).sqrt()) / 9.81;
        if hits < step {
            let (_, speed) = down(x, v, hits);
            (x, v) = down(0.0, -0.9 * speed, step - hits);
        } else {
            (x, v) = down(x, v, step);
        }
    }
    fs::write(&file, table).unwrap();
    let name = file.to_str().unwrap();
    let found = learned(&[name, "--columns", "x=height"]);
    let warnings = found["warnings"].to_string();
    assert!(
        warnings.contains("as in bounces") && warnings.contains("`mass worlds`"),
        "{found}"
    );
    let place = warnings.split("is about ").nth(1).unwrap();
    let place: f64 = place.split(',').next().unwrap().parse().unwrap();
    assert!(place.abs() < 0.1, "{place}");
    // And there the law between them is found.
    let worlds = mass(&["worlds", name, "--columns", "x=height"]);
    assert_eq!(worlds.status.code(), Some(0), "{}", text(&worlds.stdout));
    // A swing has none.
    motions(&file, &[(1.0, 0.0)], |x, _| -9.0 * x, (0.02, 400), 0.001);
    let found = learned(&[name]);
    assert!(
        !found["warnings"].to_string().contains("bounces"),
        "{found}"
    );
}

#[test]
fn a_prediction_far_beyond_what_was_measured_is_told_how_far() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spring.csv");
    motions(
        &file,
        &[(0.5, 0.0), (1.0, 0.0)],
        |x, _| -4.0 * x,
        (0.03, 300),
        0.0,
    );
    let kept = folder.path().join("kept");
    let kept = kept.to_str().unwrap();
    assert!(
        mass(&["learn", file.to_str().unwrap(), "--out", kept])
            .status
            .success()
    );
    let near = mass(&["predict", kept, "--x", "0.9", "--time", "5"]);
    assert!(near.stderr.is_empty(), "{}", text(&near.stderr));
    let far = mass(&["predict", kept, "--x", "5", "--time", "5"]);
    assert_eq!(far.status.code(), Some(0));
    let said = text(&far.stderr);
    // From −1 to 1 it was measured, its velocity from −2 to 2.
    assert!(
        said.contains("beware: ") && said.contains("2.0 times that range beyond it"),
        "{said}"
    );
    assert_eq!(text(&far.stdout).lines().count(), 102);
}

#[test]
fn swings_are_no_constant_acceleration() {
    // Of 2.4 periods a parabola has no third power to speak of.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spring.csv");
    motions(
        &file,
        &[(1.0, 0.0), (0.4, 2.0)],
        |x, _| -4.0 * x,
        (0.03, 250),
        0.002,
    );
    let found = learned(&[file.to_str().unwrap()]);
    let verdict = found["verdict"].as_str().unwrap();
    assert!(verdict.starts_with("Conservative"), "{verdict}");
}

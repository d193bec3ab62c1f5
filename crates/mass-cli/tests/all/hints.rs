//! What is said where a person is lost: a motion that something drives, a ball that bounces, a prediction far away.

use std::{fmt::Write, fs};

use mass_systems::{Solver, follow};
use serde_json::Value;

use crate::common::{mass, motions, random, text};

fn learned(arguments: &[&str]) -> Value {
    let output = mass(&[&["learn", "--json"], arguments].concat());
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The numbers of the last row of a table.
fn last_row(table: &str) -> Vec<f64> {
    let last = table.lines().last().unwrap();
    last.split(',').map(|one| one.parse().unwrap()).collect()
}

/// Motions of two positions from rest at these places, as a file of `trial`, `t`, `a` and `b` with uniform noise of this width.
fn two_positions(
    file: &std::path::Path,
    starts: &[[f64; 2]],
    law: impl Fn(&[f64], &[f64], &mut [f64]) + Copy,
    rows: usize,
    noise: f64,
) {
    let (mut random, mut table) = (random(), "trial,t,a,b\n".to_string());
    for (trial, start) in starts.iter().enumerate() {
        let solver = Solver::Dop853 { tolerance: 1e-11 };
        let path = follow(law, start, &[0.0, 0.0], 0.02, rows, solver).unwrap();
        for (t, x, _) in path.iter() {
            let [a, b] = [x[0], x[1]].map(|x| x + noise * random());
            writeln!(table, "{trial},{t:.2},{a:.9},{b:.9}").unwrap();
        }
    }
    fs::write(file, table).unwrap();
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

/// A planet about (2, −1), as `t,x,y` with this header.
fn planet(file: &std::path::Path, header: &str, noise: f64) {
    let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
        let (a, b) = (x[0] - 2.0, x[1] + 1.0);
        let cube = a.hypot(b).powi(3);
        (out[0], out[1]) = (-a / cube, -b / cube);
    };
    let solver = Solver::Dop853 { tolerance: 1e-11 };
    let path = follow(law, &[3.0, -1.0], &[0.0, 1.15], 0.02, 1500, solver).unwrap();
    let mut random = random();
    let mut table = format!("{header}\n");
    for (t, x, _) in path.iter() {
        let [a, b] = [x[0], x[1]].map(|x| x + noise * random());
        writeln!(table, "{t:.2},{a:.10},{b:.10}").unwrap();
    }
    fs::write(file, table).unwrap();
}

#[test]
fn a_centre_that_is_not_the_origin_is_found_and_positions_are_counted_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, kept) = (
        folder.path().join("star.csv"),
        folder.path().join("star.mass"),
    );
    for noise in [0.0, 2e-3] {
        planet(&file, "t (s),x (m),y (m)", noise);
        let [name, out] = [&file, &kept].map(|path| path.to_str().unwrap());
        let found = learned(&[name, "--out", out, "--force"]);
        let origin = found["origin"].as_array().unwrap();
        for (found, truth) in origin.iter().zip([2.0, -1.0]) {
            let slack = 1e-6 + 2.0 * noise;
            approx::assert_abs_diff_eq!(found.as_f64().unwrap(), truth, epsilon = slack);
        }
        let place = found["best"].as_u64().unwrap() as usize;
        let formula = found["theories"][place]["formula"][0].as_str().unwrap();
        assert!(
            formula.contains("1/√(x₁² + x₂²)") || formula.contains("(x₁² + x₂²)"),
            "{found}"
        );
        let report = text(&mass(&["report", out]).stdout);
        assert!(report.contains("stands for column \"x\" − "), "{report}");
        let page = fs::read_to_string(kept.join("report.html")).unwrap();
        assert!(page.contains("the positions x − 2"), "{page}");
        assert!(
            report.contains("all forces point to one place, x = "),
            "{report}"
        );
    }
    // What is predicted is in the file's own coordinates.
    let start = ["--x", "3,-1", "--y", "0,1.15", "--time", "5", "--dt", "5"];
    let rows = text(&mass(&[&["predict", kept.to_str().unwrap()], &start[..]].concat()).stdout);
    let last = last_row(&rows);
    planet(&file, "t,x,y", 0.0);
    let truth = fs::read_to_string(&file).unwrap();
    let truth = truth
        .lines()
        .find(|line| line.starts_with("5.00,"))
        .unwrap();
    let truth: Vec<f64> = truth.split(',').map(|one| one.parse().unwrap()).collect();
    for (found, truth) in last[..3].iter().zip(&truth) {
        approx::assert_abs_diff_eq!(*found, *truth, epsilon = 0.05);
    }
}

#[test]
fn x_and_y_without_units_are_two_positions_where_y_is_no_velocity() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plane.csv");
    planet(&file, "t,x,y", 0.0);
    let found = learned(&[file.to_str().unwrap()]);
    assert_eq!(found["positions"], serde_json::json!(["x", "y"]));
    let notes = found["notes"].to_string();
    assert!(notes.contains("taken for a second position"), "{found}");
}

#[test]
fn a_fall_has_one_value_of_g() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fall.csv");
    motions(&file, &[(2.0, 0.0)], |_, _| -9.81, (1.0 / 60.0, 36), 4e-3);
    let found = learned(&[file.to_str().unwrap(), "--columns", "t=t,x=x"]);
    assert_eq!(found["theories"].as_array().unwrap().len(), 1, "{found}");
    let formula = found["theories"][0]["formula"][0].as_str().unwrap();
    let value: f64 = formula.trim_start_matches("ẏ = −").parse().unwrap();
    let said = found["verdict"].as_str().unwrap();
    let said = said.split("constant: -").nth(1).unwrap();
    let said: f64 = said.split(' ').next().unwrap().parse().unwrap();
    approx::assert_relative_eq!(value, said, max_relative = 5e-3);
    let number = &found["coefficients"][0];
    approx::assert_relative_eq!(
        number["value"].as_f64().unwrap(),
        -value,
        max_relative = 1e-3
    );
}

#[test]
fn a_cooling_curve_is_told_as_a_law_of_first_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cooling.csv");
    let write = |starts: &[f64]| {
        let mut table = String::from("trial,t (s),T (K)\n");
        let mut random = random();
        for (trial, start) in starts.iter().enumerate() {
            for row in 0..240 {
                let t = 5.0 * f64::from(row);
                let hot = 294.3 + start * (-t / 312.0).exp() + 0.1 * random();
                writeln!(table, "{trial},{t},{hot:.4}").unwrap();
            }
        }
        fs::write(&file, table).unwrap();
        let out = folder.path().join("cooling.mass");
        let [name, out] = [&file, &out].map(|path| path.to_str().unwrap());
        let flags = ["--columns", "t=2,x=3,trajectory=1", "--out", out, "--force"];
        let found = learned(&[&[name], &flags[..]].concat());
        found["warnings"].to_string() + found["verdict"].as_str().unwrap()
    };
    let one = write(&[60.0]);
    assert!(one.contains("one run does not tell which"), "{one}");
    let time = one.split("τ = ").nth(1).unwrap().split(' ').next().unwrap();
    approx::assert_relative_eq!(time.parse::<f64>().unwrap(), 312.0, max_relative = 0.03);
    let three = write(&[60.0, 35.0, -20.0]);
    assert!(three.contains("that is a law of first order"), "{three}");
    assert!(!three.contains("issipative"), "{three}");
    // A cup of 60 K more cools from there, and the export says how.
    let kept = folder.path().join("cooling.mass");
    let kept = kept.to_str().unwrap();
    let rows = text(&mass(&["predict", kept, "--x", "354.3", "--time", "312"]).stdout);
    let last = last_row(&rows);
    approx::assert_abs_diff_eq!(last[1], 294.3 + 60.0 * (-1.0_f64).exp(), epsilon = 0.5);
    let export = text(&mass(&["export", kept]).stdout);
    assert!(
        export.contains("of first order: the velocity is -(x1 - 294."),
        "{export}"
    );
}

#[test]
fn rests_are_left_out_and_dry_friction_is_found() {
    // A block on a spring, released at t = 1, which dry friction stops.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("block.csv");
    let (k, mu, step) = (9.0, 0.6, 1e-4);
    let mut table = String::from("trial,t (s),x (m)\n");
    for (trial, start) in [1.0_f64, 0.7, -0.85].into_iter().enumerate() {
        let (mut x, mut v, mut stuck) = (start, 0.0_f64, false);
        for row in 0..120_000 {
            if row % 100 == 0 {
                writeln!(table, "{trial},{:.2},{x:.7}", f64::from(row) * step).unwrap();
            }
            if row < 10_000 || stuck {
                continue;
            }
            let way = if v == 0.0 { -x.signum() } else { v.signum() };
            let new = v + step * (-k * x - mu * way);
            stuck = v != 0.0 && v * new <= 0.0 && (k * x).abs() <= mu;
            v = if v != 0.0 && v * new <= 0.0 { 0.0 } else { new };
            x += step * v;
        }
    }
    fs::write(&file, table).unwrap();
    let found = learned(&[file.to_str().unwrap()]);
    let notes = found["notes"].to_string();
    assert!(
        notes.contains("nothing moves at the start or the end of 3 of 3")
            && notes.contains("--keep-rests"),
        "{notes}"
    );
    let numbers = found["coefficients"].as_array().unwrap();
    let of = |what: &str| {
        let found = numbers
            .iter()
            .find(|one| one["of"].as_str().unwrap().contains(what));
        found.unwrap_or_else(|| panic!("{what}: {found:?}"))["value"]
            .as_f64()
            .unwrap()
    };
    approx::assert_relative_eq!(of("dry friction"), mu, max_relative = 0.05);
    approx::assert_relative_eq!(of("x²"), -k / 2.0, max_relative = 0.02);
}

/// Motions in the plane from starts (x, y, ẋ, ẏ), as rows of `run`, time, x and y with noise of this deviation.
fn in_the_plane(
    file: &std::path::Path,
    header: &str,
    starts: &[[f64; 4]],
    law: impl Fn(&[f64], &[f64]) -> [f64; 2],
    (step, rows): (f64, usize),
    noise: f64,
) {
    let mut random = random();
    let mut table = format!("{header}\n");
    for (run, [x, y, vx, vy]) in starts.iter().enumerate() {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| out.copy_from_slice(&law(x, y));
        let solver = Solver::Dop853 { tolerance: 1e-11 };
        let path = follow(law, &[*x, *y], &[*vx, *vy], step, rows - 1, solver).unwrap();
        for (t, x, _) in path.iter() {
            if starts.len() > 1 {
                write!(table, "{run},").unwrap();
            }
            let [a, b] = [x[0], x[1]].map(|x| x + noise * 12_f64.sqrt() * random());
            writeln!(table, "{t:.5},{a:.7},{b:.7}").unwrap();
        }
    }
    fs::write(file, table).unwrap();
}

#[test]
fn a_magnetic_force_is_no_friction_of_two_signs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("charge.csv");
    let starts = [[0.0, 0.0, 0.3, 0.0], [0.05, 0.1, 0.0, 0.5]];
    let law = |_: &[f64], y: &[f64]| [3.0 * y[1], -3.0 * y[0]];
    in_the_plane(
        &file,
        "run,t (s),x (m),y (m)",
        &starts,
        law,
        (0.02, 400),
        5e-4,
    );
    let found = learned(&[file.to_str().unwrap(), "--scientists", "0"]);
    let verdict = found["verdict"].as_str().unwrap();
    assert!(!verdict.contains("issipative"), "{found}");
    let place = found["best"].as_u64().unwrap() as usize;
    let formula = found["theories"][place]["formula"][0].as_str().unwrap();
    assert!(
        !formula.contains("friction") && formula.contains("x₂ y₁"),
        "{found}"
    );
}

#[test]
fn a_projectile_without_units_has_two_positions() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("throw.csv");
    let drag = |_: &[f64], y: &[f64]| {
        let speed = y[0].hypot(y[1]);
        [-0.05 * speed * y[0], -9.81 - 0.05 * speed * y[1]]
    };
    let free = |_: &[f64], _: &[f64]| [0.0, -9.81];
    in_the_plane(
        &file,
        "t,x,y",
        &[[0.0, 1.5, 12.0, 14.0]],
        drag,
        (1.0 / 60.0, 143),
        4e-3,
    );
    let found = learned(&[file.to_str().unwrap(), "--scientists", "0"]);
    assert_eq!(found["positions"], serde_json::json!(["x", "y"]));
    for speed in [5.0, 6.0, 7.0] {
        let start = [[0.0, 1.5, speed, 9.0]];
        in_the_plane(&file, "t,x,y", &start, free, (1.0 / 60.0, 110), 4e-3);
        let found = learned(&[file.to_str().unwrap(), "--scientists", "0"]);
        assert_eq!(found["positions"], serde_json::json!(["x", "y"]), "{speed}");
    }
}

#[test]
fn what_a_rod_holds_on_a_circle_is_told_to_be_one_angle() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tracker.txt");
    let mut random = random();
    let mut table = String::from("t\tx\ty\n");
    let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
        out[0] = -9.81 / 1.1 * x[0].sin() - 0.04 * y[0];
    };
    let solver = Solver::Dop853 { tolerance: 1e-11 };
    let path = follow(law, &[0.9], &[0.0], 1.0 / 30.0, 399, solver).unwrap();
    for (t, x, _) in path.iter() {
        let noise = [0; 2].map(|_| 0.003 * 12_f64.sqrt() * random());
        let (x, y) = (1.1 * x[0].sin() + noise[0], -1.1 * x[0].cos() + noise[1]);
        writeln!(table, "{t:.4}\t{x:.5}\t{y:.5}").unwrap();
    }
    fs::write(&file, table).unwrap();
    let found = learned(&[file.to_str().unwrap()]);
    let warnings = found["warnings"].to_string();
    assert!(warnings.contains("a circle of radius 1.1"), "{found}");
    let verdict = found["verdict"].as_str().unwrap();
    assert!(verdict.starts_with("No law of the positions"), "{verdict}");
}

#[test]
fn angular_velocities_are_no_angles() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gyroscope.csv");
    let mut table = String::from("Time (s),Gyroscope y (rad/s)\n");
    for row in 0..500 {
        let t = 0.01 * f64::from(row);
        writeln!(table, "{t:.2},{:.5}", (3.5 * t).cos()).unwrap();
    }
    fs::write(&file, table).unwrap();
    let output = mass(&["learn", file.to_str().unwrap(), "--columns", "x=2,t=1"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("in rad/s, which is the unit of a velocity"),
        "{said}"
    );
}

#[test]
fn few_rows_train_no_networks_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("forty.csv");
    motions(
        &file,
        &[(1.0, 0.0)],
        |x, y| -20.0 * x - 0.2 * y,
        (0.05, 40),
        0.02,
    );
    let found = learned(&[file.to_str().unwrap(), "--columns", "t=t,x=x"]);
    let theories = found["theories"].as_array().unwrap();
    assert!(
        theories.iter().all(|one| one["network"].is_null()),
        "{found}"
    );
}

#[test]
fn powers_far_from_zero_are_said_to_be_alike() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("far.csv");
    // Beside a motion that is not pulled to the same place; of one length alone where it rests is known.
    let next = |law: fn(f64) -> f64| {
        let both = |x: &[f64], _: &[f64], out: &mut [f64]| {
            (out[0], out[1]) = (law(x[0]), -4.0 * x[1]);
        };
        two_positions(&file, &[[25.0, 0.3], [23.5, 0.8]], both, 300, 0.0);
        let columns = ["--columns", "trajectory=trial,t=t,x=a,b"];
        let found = learned(&[&[file.to_str().unwrap()], &columns[..]].concat());
        (found["next"].to_string(), found)
    };
    let (words, found) = next(|x| -5.0 * (x - 22.0).powi(3));
    assert!(
        words.contains("a lies between ") && words.contains("count it from where it rests"),
        "{found}"
    );
    // Where springs rest, a weaker one on one side too, is known, and powers are of what is counted from there.
    for (law, rest) in [
        ((|x| 880.0 - 40.0 * x) as fn(f64) -> f64, 22.0),
        (|x| 440.5 - 0.9063 * x * x, (440.5_f64 / 0.9063).sqrt()),
    ] {
        let (words, found) = next(law);
        assert!(!words.contains("count it"), "{found}");
        let origin = found["origin"][0].as_f64().unwrap();
        assert!((origin - rest).abs() < 1e-3, "{origin} for {rest}");
    }
}

#[test]
fn a_spring_far_from_zero_is_counted_from_where_it_rests() {
    let folder = tempfile::tempdir().unwrap();
    let (file, kept) = (
        folder.path().join("spring.csv"),
        folder.path().join("spring.mass"),
    );
    let [name, out] = [&file, &kept].map(|path| path.to_str().unwrap());
    // 3 cm about 22 cm, one run, as filmed. Powers of x are nearly a straight line there.
    let law = |x: f64, y: f64| -40.0 * (x - 22.0) - 0.25 * y;
    motions(&file, &[(25.0, 0.0)], law, (1.0 / 60.0, 360), 0.03);
    let found = learned(&[name, "--out", out, "--force"]);
    let origin = found["origin"][0].as_f64().unwrap();
    approx::assert_abs_diff_eq!(origin, 22.0, epsilon = 0.05);
    let place = found["best"].as_u64().unwrap() as usize;
    let formula = found["theories"][place]["formula"][0].as_str().unwrap();
    assert!(formula.starts_with("L = 0.5000 y² − 2"), "{formula}");
    // Of a harmonic law alone, with at most what is left of the zero.
    assert!(
        formula.contains(" x²") && !["x³", "x⁴"].iter().any(|power| formula.contains(power)),
        "{formula}"
    );
    assert!(
        found["notes"].to_string().contains("it swings about x = 2"),
        "{found}"
    );
    // What is predicted is in the file's own coordinates: it ends where the spring rests.
    let start = ["--x", "25", "--y", "0", "--time", "60", "--dt", "60"];
    let rows = text(&mass(&[&["predict", out], &start[..]].concat()).stdout);
    let last = last_row(&rows);
    approx::assert_abs_diff_eq!(last[1], 22.0, epsilon = 0.1);
}

#[test]
fn where_one_joint_rubs_it_is_said_how_well_it_is_known_that_the_other_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("carts.csv");
    let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
        let joint = 3.0 * (x[1] - x[0]);
        out[0] = -5.0 * x[0] + joint - 0.4 * y[0];
        out[1] = -5.0 * x[1] - joint;
    };
    let starts = [[1.0, 0.2], [-0.4, 0.9], [0.7, -0.8]];
    two_positions(&file, &starts, law, 600, 1e-3);
    let columns = "trajectory=trial,t=t,x=a,b";
    let found = learned(&[file.to_str().unwrap(), "--columns", columns]);
    let verdict = found["verdict"].as_str().unwrap();
    let said = "The law has no friction on the other positions: added, its coefficient is ";
    let line = verdict.lines().find(|line| line.contains(said));
    let line = line.unwrap_or_else(|| panic!("{found}"));
    // Within three errors of none, which are small beside what rubs on the other, 0.4.
    let number = line
        .split(said)
        .nth(1)
        .unwrap()
        .split(" on x₂")
        .next()
        .unwrap();
    let mut parts = number.trim_start_matches('(').split(" ± ").map(|one| {
        let digits = one.split(')').next().unwrap().replace('−', "-");
        digits.parse::<f64>().unwrap_or_else(|_| panic!("{line}"))
    });
    let (value, error) = (parts.next().unwrap(), parts.next().unwrap());
    assert!(value.abs() < 3.0 * error, "{line}");
    let power = match number.split("×10⁻").nth(1) {
        Some(power) => "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|one| power.starts_with(one)),
        None => Some(0),
    };
    assert!(
        error * 10f64.powi(-(power.unwrap() as i32)) < 0.01,
        "{line}"
    );
    assert!(
        verdict.contains("friction coefficient 0.40")
            || verdict.contains("friction coefficient 0.39"),
        "{verdict}"
    );
    assert!(
        verdict.lines().next().unwrap().contains(" on x₁"),
        "{verdict}"
    );
}

#[test]
fn a_column_that_may_move_too_and_is_not_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trolley.csv");
    motions(
        &file,
        &[(0.5, 0.0), (0.9, 0.0)],
        |x, _| -9.0 * x.sin(),
        (0.02, 400),
        0.0,
    );
    // The cart stands still here; nobody but the person knows.
    let table = fs::read_to_string(&file).unwrap();
    let rows = table
        .lines()
        .skip(1)
        .map(|row| format!("{row},{:.3},4.9\n", 1.5));
    let table = format!(
        "trial,t [s],angle [rad],cart [cm],lamp [K]\n{}",
        rows.collect::<String>()
    );
    fs::write(&file, table).unwrap();
    let name = file.to_str().unwrap();
    let found = learned(&[name]);
    let (notes, warnings) = (found["notes"].to_string(), found["warnings"].to_string());
    assert!(notes.contains(r#"not used: \"cart\", \"lamp\""#), "{notes}");
    assert!(
        warnings.contains(r#"\"cart\" may be a position too"#),
        "{warnings}"
    );
    assert!(warnings.contains("x=cart,angle"));
    // Who says what moves is not told so.
    let said = learned(&[name, "--columns", "x=angle"]);
    assert_eq!(said["warnings"], serde_json::json!([]));
}

/// Wilberforce's: a spring that turns as it is stretched, with friction on both; the length is counted from far below it.
#[test]
fn a_spring_that_turns_is_found_about_its_rest_and_followed_over_whole_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wilberforce.csv");
    let (mut random, mut table) = (random(), "trial,t [s],z [cm],theta [rad]\n".to_string());
    for (trial, start) in [[8.0, 0.0], [-5.0, 2.0], [1.0, -4.0]].iter().enumerate() {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            out[0] = -5.6 * x[0] - 0.93 * x[1] - 0.02 * y[0];
            out[1] = -5.64 * x[1] - 0.332 * x[0] - 0.018 * y[1];
        };
        let solver = Solver::Dop853 { tolerance: 1e-11 };
        let path = follow(law, start, &[0.0, 0.0], 0.04, 500, solver).unwrap();
        for (t, x, _) in path.iter() {
            let (z, theta) = (31.0 + x[0] + 0.1 * random(), x[1] + 0.03 * random());
            writeln!(table, "{trial},{t:.2},{z:.9},{theta:.9}").unwrap();
        }
    }
    fs::write(&file, table).unwrap();
    let found = learned(&[file.to_str().unwrap(), "--angles", "2"]);
    let place = found["best"].as_u64().unwrap() as usize;
    let formula = found["theories"][place]["formula"].to_string();
    for term in ["x₁ x₂", "x₁²", "x₂²", "y₁ on x₁", "y₂ on x₂"] {
        assert!(formula.contains(term), "no {term}: {formula}");
    }
    assert!(!formula.contains("y₁ y₂"), "{formula}");
    let rest = found["origin"][0].as_f64().unwrap();
    assert!((rest - 31.0).abs() < 0.1, "{rest}");
    assert_eq!(found["origin"][1], 0.0);
    // The Lagrangian is over half the first mass: of ẏ₁ what joins both is 0.93.
    let joins = found["coefficients"].as_array().unwrap().iter();
    let mut joins = joins.filter(|one| one["of"] == "x₁ x₂");
    let joins = joins.next().unwrap();
    let (value, error) = (&joins["value"], &joins["standard_error"]);
    let (value, error) = (value.as_f64().unwrap(), error.as_f64().unwrap());
    assert!(
        (value + 0.93).abs() < 4.0 * error && error < 0.01,
        "{joins}"
    );
    let notes = found["notes"].to_string();
    assert!(notes.contains("followed over whole recordings"), "{notes}");
    let swings =
        notes.contains("it swings about z = 3") && notes.contains("z is counted from there");
    assert!(swings, "{notes}");
}

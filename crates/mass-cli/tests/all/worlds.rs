//! `mass worlds` on files as people have them.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use mass_physicist::{WorldKind, WorldRequest};
use mass_systems::{Purpose, stream, uniform};
use serde_json::Value;

use crate::common::{mass, text};

fn worlds(arguments: &[&str]) -> Output {
    mass(&[&["worlds"], arguments].concat())
}

/// What was found, which must be something.
fn found(arguments: &[&str]) -> Value {
    let output = worlds(&[&["--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The complaint about what cannot be used.
fn refused(arguments: &[&str]) -> String {
    let output = worlds(arguments);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(output.stdout.is_empty());
    text(&output.stderr)
}

fn write(folder: &Path, name: &str, table: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, table).unwrap();
    path
}

const STEP: f64 = 0.1;
/// Where the spring ends.
const BORDER: f64 = 1.0;
/// 2 cos(ω Δt) = 39/20.
fn omega() -> f64 {
    (39.0_f64 / 40.0).acos() / STEP
}

/// Below the border a spring of ω about 0, above it an acceleration of −1: in closed form, border by border.
fn flow(mut x: f64, mut v: f64, mut time: f64) -> (f64, f64) {
    loop {
        let spring = x < BORDER || (x == BORDER && v < 0.0);
        let at = |t: f64| match spring {
            true => {
                let (sin, cos) = (omega() * t).sin_cos();
                (x * cos + v / omega() * sin, v * cos - omega() * x * sin)
            }
            false => (x + v * t - t * t / 2.0, v - t),
        };
        let crossed = |t: f64| (at(t).0 > BORDER) == spring && at(t).0 != BORDER;
        // No motion here comes back over a border within a hundredth of a step.
        let part = time / 100.0;
        let Some(part_of) = (1..=100).find(|k| crossed(part * f64::from(*k))) else {
            return at(time);
        };
        let (mut low, mut high) = (part * f64::from(part_of - 1), part * f64::from(part_of));
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if crossed(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        v = at(high).1;
        x = BORDER;
        time -= high;
    }
}

/// Six motions of 200 rows through both regimes, with noise.
fn two_regimes(noise: f64) -> String {
    let mut rng = stream(3, Purpose::TrainData, "worlds");
    let mut table = String::from("trial,t (s),x (m)\n");
    for trial in 0..6 {
        let (mut x, mut v) = (-1.1 - 0.23 * f64::from(trial), 0.0);
        for row in 0..200 {
            // Near enough to normal: twelve uniform ones.
            let error: f64 = (0..12).map(|_| uniform(&mut rng, -0.5, 0.5)).sum();
            let t = f64::from(row) / 10.0;
            writeln!(table, "{trial},{t},{}", x + noise * error).unwrap();
            (x, v) = flow(x, v, STEP);
        }
    }
    table
}

/// The regime that lies below and that above the one border, which is near 1.
fn below_and_above(of: &Value, within: f64) -> [&Value; 2] {
    let borders = of["borders"].as_array().unwrap();
    assert_eq!(borders.len(), 1, "{borders:?}");
    assert!((borders[0]["value"].as_f64().unwrap() - BORDER).abs() < within);
    let regimes = of["regimes"].as_array().unwrap();
    assert_eq!(regimes.len(), 2);
    let below = usize::from(regimes[0]["boxes"][0][0][1].is_null());
    [&regimes[below], &regimes[1 - below]]
}

#[test]
fn two_laws_and_their_border_are_found_and_rows_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "ball.csv", &two_regimes(0.0));
    let (file, labels) = (file.to_str().unwrap(), folder.path().join("labels.csv"));
    let of = found(&[file, "--labels", labels.to_str().unwrap()]);
    assert_eq!(of["exact"], true);
    // The speed at the border is 3 at least: a row's step is 0.3.
    let [below, above] = below_and_above(&of, 0.15);
    assert_eq!(
        below["difference_equation"][0],
        "x[t] = 39/20 x[t−1] − x[t−2]"
    );
    assert_eq!(
        above["difference_equation"][0],
        "x[t] = 2 x[t−1] − x[t−2] − 1/100"
    );
    let spring = omega() * omega();
    assert_eq!(
        below["differential_equation"][0],
        format!("ẍ = −{spring:.6} x")
    );
    assert_eq!(above["differential_equation"][0], "ẍ = −1.000000");
    assert_eq!(below["constants"][0][1]["exact"], "39/20");
    assert!(below["error"].as_f64().unwrap() < 1e-12);
    assert_eq!(
        (of["rows"].as_u64(), of["time_unit"].as_str()),
        (Some(1200), Some("s"))
    );
    // Every step without a law passes over the border.
    let border = of["borders"][0]["value"].as_f64().unwrap();
    let labelled = fs::read_to_string(labels).unwrap();
    let mut rows = labelled.lines();
    assert_eq!(rows.next(), Some("trajectory,t,x,regime,obeys"));
    let numbers = [below, above].map(|regime| regime["number"].to_string());
    let mut each = 0;
    let mut no = 0;
    for row in rows {
        let cells: Vec<&str> = row.rsplitn(4, ',').collect();
        let x: f64 = cells[2].parse().unwrap();
        assert_eq!(cells[1], numbers[usize::from(x >= border)]);
        no += u64::from(cells[0] == "no");
        each += 1;
    }
    assert_eq!(each, 1200);
    assert_eq!(of["unexplained"]["steps"].as_u64(), Some(no));
    assert!(of["unexplained"]["over_a_border"].as_u64().unwrap() * 10 >= no * 9);
    // The same in words.
    let printed = text(&worlds(&[file]).stdout);
    for part in [
        "**2 regimes, each with a law of its own",
        "x < 1 m",
        "x ≥ 1 m",
        "    x[t] = 39/20 x[t−1] − x[t−2]",
        "in m and s",
        "0.1 s apart",
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
}

#[test]
fn noise_is_estimated_or_given() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "noisy.csv", &two_regimes(1e-4));
    let file = file.to_str().unwrap();
    for flags in [&[file][..], &[file, "--noise", "1e-4"]] {
        let of = found(flags);
        let [below, above] = below_and_above(&of, 0.15);
        let noise = of["noise"].as_f64().unwrap();
        assert!((0.7e-4..1.4e-4).contains(&noise), "{noise}");
        assert_eq!(of["exact"], false);
        for (regime, expected) in [(below, [-1.0, 1.95, 0.0]), (above, [-1.0, 2.0, -0.01])] {
            for (constant, expected) in regime["constants"][0]
                .as_array()
                .unwrap()
                .iter()
                .zip(expected)
            {
                let value = constant["value"].as_f64().unwrap();
                assert!((value - expected).abs() < 1e-3, "{value} for {expected}");
            }
        }
    }
    let output = worlds(&[file, "--noise", "-1"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_world_of_the_paper_is_found_with_y_as_a_position() {
    let request = WorldRequest {
        windows: 2000,
        ..WorldRequest::new(WorldKind::Harmonic, 2, 0)
    };
    let (_, seen) = request.make().unwrap();
    let mut table = String::from("t,x,y\n");
    for (row, r) in seen.trajectories()[0].chunks_exact(2).enumerate() {
        // Rows that are missing cut the motion and change no law.
        if row % 500 != 400 {
            writeln!(table, "{},{},{}", row as f64 * seen.step(), r[0], r[1]).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "world.csv", &table);
    let of = found(&[file.to_str().unwrap()]);
    let regimes = of["regimes"].as_array().unwrap();
    assert_eq!(regimes.len(), 2, "{of:#}");
    let law = |regime: &Value| {
        let lines = regime["difference_equation"].as_array().unwrap();
        format!(
            "{}; {}",
            lines[0].as_str().unwrap(),
            lines[1].as_str().unwrap()
        )
    };
    assert_eq!(
        law(&regimes[0]),
        "x[t] = 2 x[t−1] − x[t−2]; y[t] = 2 y[t−1] − y[t−2]"
    );
    assert_eq!(
        law(&regimes[1]),
        "x[t] = 2 x[t−1] − x[t−2]; y[t] = 39/20 y[t−1] − y[t−2] + 1/40"
    );
    for border in of["borders"].as_array().unwrap() {
        assert_eq!(border["exact"], "0");
    }
    let notes = of["notes"].to_string();
    assert!(
        notes.contains("second position") && notes.contains("rows are missing"),
        "{notes}"
    );
}

#[test]
fn one_law_is_one_regime_and_learn_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = String::from("t,x\n");
    // Times in three digits, as a camera of 30 pictures a second writes them; g = 9.81 − a spring's pull.
    for row in 0..500 {
        let t = f64::from(row) / 30.0;
        writeln!(table, "{t:.3},{}", (1.3 * t).cos() - 0.4 * (1.3 * t).sin()).unwrap();
    }
    let file = write(folder.path(), "one.csv", &table);
    let output = worlds(&[file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert!(
        printed.contains("**One law everywhere, no border: 100 %"),
        "{printed}"
    );
    assert!(printed.contains("Every step is explained."), "{printed}");
    assert!(printed.contains("ẍ = −1.69"), "{printed}");
    assert!(printed.contains("`mass learn`"), "{printed}");
}

#[test]
fn where_there_is_no_law_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = stream(1, Purpose::TrainData, "worlds-none");
    let mut table = String::from("t,x\n");
    for row in 0..800 {
        writeln!(table, "{row},{}", uniform(&mut rng, -1.0, 1.0)).unwrap();
    }
    let file = write(folder.path(), "none.csv", &table);
    let labels = folder.path().join("labels.csv");
    let output = worlds(&[file.to_str().unwrap(), "--labels", labels.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("No law was found"),
        "{}",
        text(&output.stdout)
    );
    assert!(text(&output.stdout).contains("`mass learn`"));
    assert!(!labels.exists());
}

#[test]
fn files_that_do_not_do_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, table: &str| {
        let path = write(folder.path(), name, table);
        path.to_str().unwrap().to_string()
    };
    let labels = folder.path().join("labels.csv");
    let labels = labels.to_str().unwrap();
    let mut uneven = String::from("t,x\n");
    let mut few = String::from("t,x\n");
    let mut single = String::from("x\n");
    for row in 0..200 {
        let t = f64::from(row) + 0.3 * (f64::from(row) * 1.7).sin();
        writeln!(uneven, "{t},{}", (0.1 * t).cos()).unwrap();
        writeln!(single, "{}", (0.1 * t).cos()).unwrap();
        if row < 7 {
            writeln!(few, "{row},{}", (0.1 * t).cos()).unwrap();
        }
    }
    let uneven = make("uneven.csv", &uneven);
    let said = refused(&[&uneven, "--labels", labels]);
    assert!(
        said.contains("not evenly spaced") && said.contains("interpolate"),
        "{said}"
    );
    let said = refused(&[&make("few.csv", &few), "--labels", labels]);
    assert!(said.contains("rows"), "{said}");
    let single = make("single.csv", &single);
    let said = refused(&[&single, "--labels", labels]);
    assert!(said.contains("dt="), "{said}");
    // An input is not written over.
    let said = refused(&[&uneven, "--labels", &uneven]);
    assert!(said.contains("would replace a file"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_law_that_tells_no_more_than_staying_is_none() {
    // A random walk: inertia "explains" every step within its noise, and misses each by more than it moves.
    let mut state = 11_u32;
    let mut x = 0.0;
    let mut rows = String::from("t,x\n");
    for i in 0..600 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        x += f64::from(state >> 8) / f64::from(1_u32 << 24) - 0.5;
        rows.push_str(&format!("{},{x}\n", 0.1 * f64::from(i)));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("walk.csv");
    std::fs::write(&file, rows).unwrap();
    let output = mass(&["worlds", file.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("No law was found"), "{said}");
    assert!(said.contains("no law can be told from the noise"), "{said}");
}

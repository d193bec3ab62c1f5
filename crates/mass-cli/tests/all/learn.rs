//! `mass learn` and what follows it, on files as people have them.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use mass_systems::{Solver, follow};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{mass, motions, random, text};

/// A pendulum of g/l and friction on five swings, 300 rows each, as `trial`, `t` and `theta`.
fn pendulum(folder: &Path, name: &str, header: &str, [stiff, friction, unit]: [f64; 3]) -> PathBuf {
    let starts = [(0.5, 0.0), (1.2, 0.3), (2.0, 0.0), (0.1, 1.5), (-1.5, 0.8)];
    let time = 30.0 / stiff.sqrt();
    let mut table = format!("{header}\n");
    for (trial, (x, y)) in starts.into_iter().enumerate() {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            out[0] = -stiff * x[0].sin() - friction * y[0];
        };
        let solver = Solver::Dop853 { tolerance: 1e-12 };
        let path = follow(law, &[x], &[y * stiff.sqrt()], time / 299.0, 299, solver).unwrap();
        for (t, x, _) in path.iter() {
            writeln!(table, "{trial},{t},{}", x[0] * unit).unwrap();
        }
    }
    let path = folder.join(name);
    fs::write(&path, table).unwrap();
    path
}

fn learned(arguments: &[&str]) -> Value {
    let mut all = vec!["learn", "--json"];
    all.extend_from_slice(arguments);
    let output = mass(&all);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The formula of the theory that is best.
fn best(found: &Value) -> String {
    let place = found["best"].as_u64().unwrap() as usize;
    let formula = &found["theories"][place]["formula"][0];
    formula.as_str().unwrap().to_string()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_pendulum_is_found_in_radians_in_degrees_and_in_seconds() {
    let folder = folder();
    let degrees = 180.0 / std::f64::consts::PI;
    let files = [
        pendulum(folder.path(), "a.csv", "trial,t,theta", [1.0, 0.0, 1.0]),
        pendulum(
            folder.path(),
            "b.csv",
            "trial,t (s),theta (deg)",
            [1.0, 0.0, degrees],
        ),
        pendulum(
            folder.path(),
            "c.csv",
            "trial,t (s),theta (rad)",
            [28.0, 0.0, 1.0],
        ),
    ];
    let expected = [
        "L = 0.5000 y² + 1.000 cos x",
        "L = 0.5000 y² + 1.000 cos x",
        "L = 0.5000 y² + 28.00 cos x",
    ];
    for (file, expected) in files.iter().zip(expected) {
        let found = learned(&[file.to_str().unwrap()]);
        assert_eq!(best(&found), expected);
        let verdict = found["verdict"].as_str().unwrap().to_lowercase();
        assert!(verdict.starts_with("conservative"), "{verdict}");
        assert!(found["theories"][1]["error"].as_f64().unwrap() < 0.01);
        let kept = found["conserved"][0][0].as_str().unwrap();
        assert!(kept.starts_with("E = 0.5000 y² − "), "{kept}");
        assert_eq!(found["split"], "other trajectories");
    }
    // Degrees without a unit are told by the flag.
    let plain = pendulum(folder.path(), "d.csv", "trial,t,theta", [1.0, 0.0, degrees]);
    let found = learned(&[plain.to_str().unwrap(), "--degrees"]);
    assert_eq!(best(&found), expected[0]);
    // Without it that is said at once, and no networks are trained on radians that are none.
    let output = mass(&["learn", "--json", plain.to_str().unwrap()]);
    let warned = text(&output.stderr);
    assert!(warned.contains("for all angles, --degrees"), "{warned}");
    // What is known roughly only is no law for a script.
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let theories = found["theories"].as_array().unwrap();
    assert!(
        theories.iter().all(|one| one["network"].is_null()),
        "{found}"
    );
}

#[test]
fn friction_is_found_and_nothing_is_kept() {
    let folder = folder();
    let file = pendulum(
        folder.path(),
        "damped.csv",
        "trial,t,theta",
        [1.0, 0.3, 1.0],
    );
    let found = learned(&[file.to_str().unwrap()]);
    assert_eq!(
        best(&found),
        "L = 0.5000 y² + 1.000 cos x; friction −0.3000 y"
    );
    let verdict = found["verdict"].as_str().unwrap().to_lowercase();
    assert!(
        verdict.starts_with("dissipative: friction coefficient 0.3000"),
        "{verdict}"
    );
    assert_eq!(found["conserved"], Value::Array(Vec::new()));
}

#[test]
fn what_was_found_is_kept_reported_followed_and_exported() {
    let folder = folder();
    let file = pendulum(folder.path(), "a.csv", "trial,t,theta", [1.0, 0.0, 1.0]);
    let kept = folder.path().join("kept");
    let (file, kept) = (file.to_str().unwrap(), kept.to_str().unwrap());
    let first = mass(&["learn", file, "--out", kept]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let report = mass(&["report", kept]);
    assert_eq!(text(&report.stdout), text(&first.stdout));
    assert!(text(&report.stdout).contains("| theory | error of ẏ"));

    // The motion is that of the pendulum.
    let motion = mass(&["predict", kept, "--x", "1.5", "--time", "10", "--dt", "0.5"]);
    let motion = text(&motion.stdout);
    let rows: Vec<&str> = motion.lines().collect();
    assert_eq!((rows[0], rows.len()), ("t,theta,theta_dot", 22));
    // How sure that is: between two columns, the wider the later.
    let band = mass(&[
        "predict", kept, "--x", "1.0", "--time", "10", "--dt", "0.5", "--band",
    ]);
    let band = text(&band.stdout);
    let lines: Vec<&str> = band.lines().collect();
    assert_eq!(lines[0], "t,theta,theta_dot,theta_low,theta_high");
    let widths = lines[1..].iter().map(|row| {
        let row: Vec<f64> = row.split(',').map(|v| v.parse().unwrap()).collect();
        assert!(
            row[3] <= row[1] + 1e-6 && row[1] <= row[4] + 1e-6,
            "{row:?}"
        );
        row[4] - row[3]
    });
    let widths: Vec<f64> = widths.collect();
    assert!(
        widths[0] == 0.0 && widths[19..].iter().all(|w| *w > 0.0),
        "{widths:?}"
    );
    let law = |x: &[f64], _: &[f64], out: &mut [f64]| out[0] = -x[0].sin();
    let solver = Solver::Dop853 { tolerance: 1e-11 };
    let truth = follow(law, &[1.5], &[0.0], 0.5, 20, solver).unwrap();
    for (row, x) in rows[1..].iter().zip(truth.x()) {
        let found: f64 = row.split(',').nth(1).unwrap().parse().unwrap();
        approx::assert_abs_diff_eq!(found, *x, epsilon = 1e-3);
    }
    let export = |form: &str| text(&mass(&["export", kept, "--as", form]).stdout);
    assert!(export("text").starts_with("L = 0.5000 y² + 1.000 cos x\n"));
    assert!(export("latex").contains("\\cos x"));
    assert!(export("rust").contains("pub fn acceleration"));
    assert!(export("numpy").contains("def acceleration"));

    let wrong = mass(&["predict", kept, "--x", "1,2", "--time", "10"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("--x has 2 numbers; the motion has 1: theta"));
    // A damaged file and a newer one are told from one that is not there.
    let json = Path::new(kept).join("learned.json");
    let whole = fs::read_to_string(&json).unwrap();
    fs::write(&json, whole.replacen("\"format\": 1", "\"format\": 99", 1)).unwrap();
    assert!(text(&mass(&["report", kept]).stderr).contains("take a newer `mass`"));
    fs::write(&json, "{").unwrap();
    assert!(text(&mass(&["report", kept]).stderr).contains("is not a learned.json"));
    assert!(text(&mass(&["report", "nowhere"]).stderr).contains("cannot be read"));
}

#[test]
fn drag_beside_linear_friction_is_found_in_every_draw_of_noise() {
    // Filmed at 60 frames a second, in centimetres, with 1.5 mm of noise; the run that is held out is small, so that its
    // accelerations do not tell the frictions apart.
    let folder = folder();
    let file = folder.path().join("spring.csv");
    let law = |x: f64, y: f64| -30.25 * x - 0.05 * y - 0.008 * y * y.abs();
    let starts = [
        (12.0, 0.0),
        (-9.0, 10.0),
        (6.0, -30.0),
        (15.0, 0.0),
        (4.0, 5.0),
    ];
    motions(&file, &starts, law, (1.0 / 60.0, 480), 0.15);
    for held_out in ["2", "4"] {
        let found = learned(&[file.to_str().unwrap(), "--judge-on", held_out]);
        let all = found["coefficients"].as_array().unwrap();
        for (of, truth) in [("friction", 0.05), ("quadratic friction", 0.008)] {
            let one = all.iter().find(|one| one["of"] == of);
            let one = one.unwrap_or_else(|| panic!("{of}: {found}"));
            let number = |key: &str| one[key].as_f64().unwrap();
            let apart = (number("value") - truth).abs();
            assert!(apart < 4.0 * number("standard_error"), "{one}");
            assert!(number("standard_error") < 0.1 * truth, "{one}");
        }
    }
}

/// One film of a spring of 26.3 s⁻² from 14 cm, 30 frames a second, with noise of 0.8 mm.
fn film(path: &Path, friction: impl Fn(f64) -> f64, rows: usize) {
    let law = |x: f64, y: f64| -26.3 * x - friction(y);
    motions(path, &[(14.0, 0.0)], law, (1.0 / 30.0, rows), 0.28);
}

#[test]
fn the_kind_of_friction_is_told_from_one_noisy_film() {
    let folder = folder();
    let file = folder.path().join("film.csv");
    // Accelerations do not tell linear friction from drag here; whole recordings do, and say that nothing is left.
    let linear: fn(f64) -> f64 = |y| 0.12 * y;
    let drag: fn(f64) -> f64 = |y| 0.0045 * y * y.abs();
    let dry: fn(f64) -> f64 = |y| 2.0 * (y / 0.01).tanh();
    for (kind, force, truth) in [
        ("linear", linear, 0.12),
        ("quadratic", drag, 0.0045),
        ("dry", dry, 2.0),
    ] {
        film(&file, force, 750);
        let found = learned(&[file.to_str().unwrap()]);
        let all = friction(&found);
        let [(of, value, error)] = &all[..] else {
            panic!("{all:?}")
        };
        assert_eq!(of, kind, "{found}");
        assert!(
            (value - truth).abs() < 4.0 * error,
            "{value} ± {error} for {truth}"
        );
        assert!(*error < 0.02 * truth, "{value} ± {error}");
        let notes = found["notes"].to_string();
        assert!(
            notes.contains("from the positions, whose noise is"),
            "{notes}"
        );
        assert_eq!(found["warnings"], serde_json::json!([]));
    }
}

#[test]
fn what_a_law_leaves_of_whole_recordings_is_a_warning() {
    let folder = folder();
    let file = folder.path().join("film.csv");
    // A magnet beside its way, whose force is none of the functions.
    let law = |x: f64, y: f64| -26.3 * x - 0.05 * y - 80.0 * (-(x - 5.0).powi(2)).exp();
    motions(&file, &[(14.0, 0.0)], law, (1.0 / 30.0, 750), 0.28);
    let found = learned(&[file.to_str().unwrap()]);
    let warnings = found["warnings"].to_string();
    assert!(
        warnings.contains("something acts that the law does not have"),
        "{found}"
    );
    // As y³ it is none of those tried, but two of them together are alike.
    film(&file, |y| 4e-5 * y.powi(3), 750);
    let found = learned(&[file.to_str().unwrap()]);
    let warnings = found["warnings"].to_string();
    assert!(warnings.contains("coefficients of both signs"), "{found}");
}

#[test]
fn a_prediction_says_from_when_on_it_is_one_of_many() {
    let folder = folder();
    let (file, kept) = (folder.path().join("film.csv"), folder.path().join("kept"));
    film(&file, |_| 0.0, 300);
    let kept = kept.to_str().unwrap();
    learned(&[file.to_str().unwrap(), "--out", kept]);
    let said = |time: &str| {
        let output = mass(&["predict", kept, "--x", "10", "--time", time, "--dt", "0.5"]);
        assert!(output.status.success());
        text(&output.stderr)
    };
    assert_eq!(said("10"), "");
    // The frequency is known to 1e-5 or so: after hours it is another phase.
    let far = said("4000");
    assert!(
        far.contains("laws within the errors of this one say values of x"),
        "{far}"
    );
}

#[test]
fn a_file_without_a_header_has_the_units_that_are_said() {
    let folder = folder();
    let degrees = 180.0 / std::f64::consts::PI;
    let file = pendulum(
        folder.path(),
        "a.csv",
        "trial,t,theta",
        [28.0, 0.3, degrees],
    );
    let text_of = fs::read_to_string(&file).unwrap();
    let (_, rows) = text_of.split_once('\n').unwrap();
    fs::write(&file, rows).unwrap();
    let columns = ["--columns", "trajectory=1,t=2,x=3"];
    let units = ["--units", "t=s,x=deg"];
    let output = mass(&[&["learn", file.to_str().unwrap()], &columns[..], &units[..]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    for expected in [
        "friction coefficient 0.300000 ± ",
        "In the formulas x stands for column 3 in rad, y for its velocity, time in s.\n",
        "derivatives of column 3 from its positions: noise ",
        " rad, acceleration to ",
    ] {
        assert!(report.contains(expected), "{expected}: {report}");
    }
}

#[test]
fn numbers_have_the_units_of_the_file_and_predictions_its_degrees() {
    let folder = folder();
    let degrees = 180.0 / std::f64::consts::PI;
    let header = "trial,t [s],theta [deg]";
    let file = pendulum(folder.path(), "a.csv", header, [28.0, 0.3, degrees]);
    let kept = folder.path().join("kept");
    let (file, kept) = (file.to_str().unwrap(), kept.to_str().unwrap());
    let output = mass(&["learn", file, "--out", kept]);
    let report = text(&output.stdout);
    for expected in [
        "friction coefficient 0.300000 ± ",
        " s⁻¹.**\nEnergy falls at a mean rate of ",
        " s⁻³ where it was learned from.\n",
        "In the formulas x stands for column \"theta\" in rad, y for its velocity, time in s.\n",
    ] {
        assert!(report.contains(expected), "{expected}: {report}");
    }
    let row = report.lines().find(|line| line.starts_with("| cos x | "));
    let row = row.unwrap_or_else(|| panic!("{report}"));
    assert!(
        row.starts_with("| cos x | 28.0000") && row.contains(" ± ") && row.ends_with(" | s⁻² |"),
        "{row}"
    );
    let json = fs::read_to_string(Path::new(kept).join("learned.json")).unwrap();
    let found: Value = serde_json::from_str(&json).unwrap();
    let of: Vec<&str> = found["coefficients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["unit"].as_str().unwrap())
        .collect();
    assert_eq!(of, ["", "s⁻²", "s⁻¹"]);
    assert_eq!(found["units"]["degrees"], serde_json::json!([0]));
    // Degrees in, degrees out.
    let rows = |flags: &[&str]| -> Vec<f64> {
        let mut all = vec!["predict", kept, "--time", "2", "--dt", "1"];
        all.extend_from_slice(flags);
        let rows = text(&mass(&all).stdout);
        let column = rows
            .lines()
            .skip(1)
            .map(|row| row.split(',').nth(1).unwrap().parse().unwrap());
        column.collect()
    };
    let own = rows(&["--x", "90"]);
    let radians = rows(&["--x", "1.5707963267948966", "--radians"]);
    for (own, radians) in own.iter().zip(&radians) {
        approx::assert_relative_eq!(own / degrees, *radians, max_relative = 1e-6);
    }
    // Another result is not written over, unless it is said.
    let again = mass(&["learn", file, "--out", kept]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("--force"));
    assert!(
        mass(&["learn", file, "--out", kept, "--force"])
            .status
            .success()
    );
}

#[test]
fn a_driven_motion_is_predicted_with_its_inputs() {
    let folder = folder();
    let file = folder.path().join("driven.csv");
    let torque = |t: f64| 0.5 * (2.3 * t).sin() + 0.3 * (5.9 * t).sin();
    let mut table = String::from("trial,t,x,tau\n");
    // Time is the second coordinate.
    let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
        out[0] = -9.0 * x[0] - 0.4 * y[0] + 4.0 * torque(x[1]);
        out[1] = 0.0;
    };
    let solver = Solver::Dop853 { tolerance: 1e-10 };
    for (trial, x) in [0.0, 0.3, -0.2].into_iter().enumerate() {
        let path = follow(law, &[x, 0.0], &[0.0, 1.0], 0.02, 500, solver).unwrap();
        for (t, x, _) in path.iter() {
            writeln!(table, "{trial},{t:.2},{:.9},{:.9}", x[0], torque(t)).unwrap();
        }
    }
    fs::write(&file, table).unwrap();
    let kept = folder.path().join("kept");
    let kept = kept.to_str().unwrap();
    let output = mass(&["learn", file.to_str().unwrap(), "--out", kept]);
    assert!(output.status.success(), "{}", text(&output.stdout));
    let refused = mass(&["predict", kept, "--x", "0.1", "--time", "3"]);
    assert!(text(&refused.stderr).contains("give --tau"));
    let last = |tau: &str| -> f64 {
        let output = mass(&["predict", kept, "--x", "0.1", "--time", "3", "--tau", tau]);
        let rows = text(&output.stdout);
        let row = rows.lines().last().unwrap_or_default();
        let value = row.split(',').nth(1).and_then(|x| x.parse().ok());
        value.unwrap_or_else(|| panic!("{}", text(&output.stderr)))
    };
    let truth = follow(law, &[0.1, 0.0], &[0.0, 1.0], 3.0, 1, solver).unwrap();
    let inputs = folder.path().join("torque.csv");
    let rows = (0..=400).map(|row| 0.01 * f64::from(row));
    let rows: Vec<String> = rows.map(|t| format!("{t},{}", torque(t))).collect();
    fs::write(&inputs, format!("t,tau\n{}\n", rows.join("\n"))).unwrap();
    let inputs = inputs.to_str().unwrap();
    approx::assert_abs_diff_eq!(last(inputs), truth.x()[2], epsilon = 2e-3);
    let pushed = |x: &[f64], y: &[f64], out: &mut [f64]| out[0] = -9.0 * x[0] - 0.4 * y[0] + 0.8;
    let truth = follow(pushed, &[0.1], &[0.0], 3.0, 1, solver).unwrap();
    approx::assert_abs_diff_eq!(last("0.2"), truth.x()[1], epsilon = 2e-3);
    fs::write(inputs, "t,tau\n0,1\n1,2\n").unwrap();
    let short = mass(&["predict", kept, "--x", "0", "--time", "3", "--tau", inputs]);
    assert!(text(&short.stderr).contains("its times go from 0 to 1"));
}

#[test]
fn clocks_are_read_and_units_that_differ_are_refused() {
    let folder = folder();
    let write = |name: &str, head: &str, time: &dyn Fn(f64) -> String| {
        let mut table = format!("{head}\n");
        for row in 0..300 {
            let t = 0.05 * f64::from(row);
            writeln!(table, "{},{:.9}", time(t), (2.0 * t).cos()).unwrap();
        }
        let path = folder.path().join(name);
        fs::write(&path, table).unwrap();
        path.to_str().unwrap().to_string()
    };
    // Over midnight.
    let clock = write("clock.csv", "time,x", &|t| match t < 9.99 {
        true => format!("23:59:{:06.3}", 50.0 + t),
        false => format!("00:00:{:06.3}", t - 10.0),
    });
    let dated = write("iso.csv", "time,x", &|t| {
        format!("2026-03-01T12:00:{t:06.3}Z")
    });
    for file in [&clock, &dated] {
        let found = learned(&[file]);
        let spring = found["lagrangian"]["parts"]["terms"][1]["coefficient"]["value"].as_f64();
        approx::assert_abs_diff_eq!(spring.unwrap(), -2.0, epsilon = 0.02);
        assert_eq!(found["units"]["time"], "s");
        assert!(found["notes"].to_string().contains("those of a clock"));
    }
    let seconds = write("s.csv", "t [s],x", &|t| format!("{t}"));
    let milliseconds = write("ms.csv", "t [ms],x", &|t| format!("{}", 1000.0 * t));
    let output = mass(&["learn", &seconds, &milliseconds]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("times are in ms in ms.csv and in s in s.csv"),
        "{said}"
    );
}

#[test]
fn a_constant_acceleration_is_a_law_and_a_note() {
    let folder = folder();
    let file = folder.path().join("fall.csv");
    let mut table = String::from("t;height\n");
    for row in 0..200 {
        let t = 0.01 * f64::from(row);
        writeln!(table, "{t:.2};{}", 100.0 - 4.905 * t * t).unwrap();
    }
    fs::write(&file, table.replace('.', ",")).unwrap();
    let found = learned(&[file.to_str().unwrap(), "--columns", "x=height"]);
    assert_eq!(best(&found), "ẏ = −9.810");
    let notes = found["warnings"].to_string();
    assert!(notes.contains("throughout"), "{notes}");
    let verdict = found["verdict"].as_str().unwrap();
    assert!(
        verdict.contains("no friction and no force that depends on the position is told"),
        "{verdict}"
    );
    // A projectile's X and Y are two positions, and no position and its velocity.
    let mut flight = String::from("t,X,Y\n");
    for row in 0..200 {
        let t = 0.01 * f64::from(row);
        writeln!(flight, "{t},{},{}", 3.0 * t, 10.0 * t - 4.905 * t * t).unwrap();
    }
    fs::write(&file, flight).unwrap();
    let found = learned(&[file.to_str().unwrap()]);
    assert_eq!(found["positions"], serde_json::json!(["X", "Y"]));
    let values = found["coefficients"].as_array().unwrap().iter();
    let values: Vec<f64> = values.map(|one| one["value"].as_f64().unwrap()).collect();
    approx::assert_abs_diff_eq!(values[0], 0.0, epsilon = 1e-6);
    approx::assert_abs_diff_eq!(values[1], -9.81, epsilon = 1e-6);
}

#[test]
fn a_law_without_a_lagrangian_is_followed_and_exported_as_it_was_found() {
    // Van der Pol: it gains energy where it is slow and loses it where it is fast.
    let folder = folder();
    let file = folder.path().join("vdp.csv");
    let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
        out[0] = -x[0] + 1.5 * (1.0 - x[0] * x[0]) * y[0];
    };
    let solver = Solver::Dop853 { tolerance: 1e-11 };
    let mut table = String::from("trial,t,x,v\n");
    for (trial, x) in [0.5, 2.0, 3.0].into_iter().enumerate() {
        let path = follow(law, &[x], &[0.0], 0.02, 800, solver).unwrap();
        for (t, x, v) in path.iter() {
            writeln!(table, "{trial},{t},{},{}", x[0], v[0]).unwrap();
        }
    }
    fs::write(&file, table).unwrap();
    let kept = folder.path().join("kept");
    let (file, kept) = (file.to_str().unwrap(), kept.to_str().unwrap());
    let report = text(&mass(&["learn", file, "--out", kept]).stdout);
    let found = "ẏ = −1.000 x + 1.500 y − 1.500 x² y";
    assert!(report.contains(&format!("    {found}\n")), "{report}");
    let verdict = report.lines().nth(2).unwrap();
    assert!(!verdict.contains("conservative"), "{verdict}");
    let exported = text(&mass(&["export", kept]).stdout);
    assert_eq!(exported.trim(), found);
    let motion = text(&mass(&["predict", kept, "--x", "1", "--time", "5", "--dt", "5"]).stdout);
    let last: f64 = motion
        .lines()
        .last()
        .unwrap()
        .split(',')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let truth = follow(law, &[1.0], &[0.0], 5.0, 1, solver).unwrap();
    approx::assert_abs_diff_eq!(last, truth.x()[1], epsilon = 1e-3);
}

#[test]
fn three_gross_errors_in_a_thousand_rows_are_told_and_left_out() {
    let folder = folder();
    let file = folder.path().join("spring.csv");
    let law = |x: f64, y: f64| -25.0 * x - 0.1 * y;
    motions(&file, &[(0.1, 0.0)], law, (0.01, 1000), 0.001);
    let text = fs::read_to_string(&file).unwrap();
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    for (line, wrong) in [(200, "5"), (500, "-3"), (777, "0")] {
        let (front, _) = lines[line].rsplit_once(',').unwrap();
        lines[line] = format!("{front},{wrong}");
    }
    fs::write(&file, lines.join("\n")).unwrap();
    let name = file.to_str().unwrap();
    let found = learned(&[name]);
    let spring = found["lagrangian"]["parts"]["terms"][1]["coefficient"]["value"].as_f64();
    approx::assert_abs_diff_eq!(spring.unwrap(), -12.5, epsilon = 0.1);
    let warning = found["warnings"][0].as_str().unwrap();
    for place in ["line 201 ", "line 501 ", "--keep-outliers"] {
        assert!(warning.contains(place), "{warning}");
    }
    let kept = learned(&[name, "--keep-outliers"]);
    assert!(kept["warnings"][0].as_str().unwrap().contains("kept"));
    assert_ne!(kept["best"], found["best"]);
}

#[test]
fn sixty_rows_of_one_swing_are_enough_where_they_are_clean() {
    let folder = folder();
    let file = folder.path().join("video.csv");
    motions(
        &file,
        &[(0.1, 0.0)],
        |x, y| -25.0 * x - 0.1 * y,
        (0.1, 60),
        0.0,
    );
    let name = file.to_str().unwrap();
    let found = learned(&[name]);
    let spring = found["lagrangian"]["parts"]["terms"][1]["coefficient"]["value"].as_f64();
    approx::assert_abs_diff_eq!(spring.unwrap(), -12.5, epsilon = 0.1);
    assert!(
        found["rows"][0].as_u64().unwrap() >= 32,
        "{}",
        found["rows"]
    );
    let more = learned(&[name, "--rows-between", "0", "--hold-out", "0.1"]);
    assert!(more["rows"][0].as_u64() > found["rows"][0].as_u64());
    // Powers of an angle, where they are asked for.
    let powers = learned(&[name, "--functions", "trigonometric"]);
    assert!(
        best(&powers).contains("cos") || best(&powers).contains("sin"),
        "{powers}"
    );
    let refused = mass(&["learn", name, "--functions", "powers"]);
    assert_eq!(refused.status.code(), Some(2));
}

/// Two equal masses on equal springs with a spring between them and equal friction, from starts (x, y).
fn coupled(path: &Path, starts: &[([f64; 2], [f64; 2])], noise: f64) {
    let mut random = random();
    let mut table = String::from("trial,t,x1,x2\n");
    let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
        out[0] = -14.0 * x[0] + 4.0 * x[1] - 0.1 * y[0];
        out[1] = -14.0 * x[1] + 4.0 * x[0] - 0.1 * y[1];
    };
    for (trial, (x, y)) in starts.iter().enumerate() {
        let solver = Solver::Dop853 { tolerance: 1e-10 };
        let path = follow(law, x, y, 0.01, 1500, solver).unwrap();
        for (t, x, _) in path.iter() {
            let [a, b] = [x[0], x[1]].map(|x| x + noise * random());
            writeln!(table, "{trial},{t:.2},{a:.9},{b:.9}").unwrap();
        }
    }
    fs::write(path, table).unwrap();
}

#[test]
fn equal_masses_with_equal_friction_keep_their_masses() {
    let folder = folder();
    let file = folder.path().join("coupled.csv");
    coupled(&file, &[([0.1, 0.05], [0.0, 0.2])], 0.001);
    let found = learned(&[file.to_str().unwrap()]);
    let law = &found["lagrangian"]["parts"];
    let sizes: Vec<f64> = law["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| term["coefficient"]["value"].as_f64().unwrap())
        .collect();
    let expected = [0.5, 0.5, -7.0, 4.0, -7.0];
    assert_eq!(sizes.len(), expected.len(), "{found}");
    for (size, expected) in sizes.iter().zip(expected) {
        approx::assert_relative_eq!(*size, expected, max_relative = 0.02);
    }
    for (kind, b, _) in friction(&found) {
        assert_eq!(kind, "linear");
        approx::assert_abs_diff_eq!(b, 0.1, epsilon = 0.02);
    }
}

#[test]
fn one_normal_mode_does_not_tell_the_terms_apart_and_says_so() {
    let folder = folder();
    let file = folder.path().join("mode.csv");
    coupled(
        &file,
        &[([0.1, 0.1], [0.0, 0.0]), ([0.2, 0.2], [0.0, 0.0])],
        0.0005,
    );
    let found = learned(&[file.to_str().unwrap()]);
    let said = format!("{} {}", found["verdict"], found["warnings"]);
    assert!(
        said.contains("move together, as in one normal mode"),
        "{said}"
    );
    assert!(
        said.contains("another mode, or one position pushed alone"),
        "{said}"
    );
}

/// The friction of the Lagrangian that was found, as (kind, value, standard error).
fn friction(found: &Value) -> Vec<(String, f64, f64)> {
    let all = found["lagrangian"]["parts"]["friction"].as_array().unwrap();
    all.iter()
        .map(|term| {
            let c = &term["coefficient"];
            (
                term["kind"].as_str().unwrap().to_string(),
                c["value"].as_f64().unwrap(),
                c["standard_error"].as_f64().unwrap(),
            )
        })
        .collect()
}

#[test]
fn dry_and_quadratic_friction_are_told_from_linear_friction() {
    let folder = folder();
    let file = folder.path().join("spring.csv");
    let name = file.to_str().unwrap();
    let verdict = |found: &Value| found["verdict"].as_str().unwrap().to_lowercase();
    // Dry: x = ±1.5 to rest is five half swings of a spring of k/m = 25 and b/m = 0.5, still moving at the end.
    let dry = |x: f64, y: f64| -25.0 * x - 0.5 * (y / 0.003).tanh();
    let starts = [(0.3, 0.0), (0.25, 0.4), (0.2, 0.0), (0.28, -0.3)];
    motions(&file, &starts, dry, (0.005, 400), 0.0);
    let found = learned(&[name]);
    let told = friction(&found);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "dry"), "{told:?}");
    approx::assert_relative_eq!(told[0].1, 0.5, max_relative = 0.05);
    assert!(
        verdict(&found).starts_with("dissipative: dry friction 0."),
        "{found}"
    );
    // Of air, falling: y|y|.
    let air = |_: f64, y: f64| -9.81 - 0.3 * y * y.abs();
    motions(
        &file,
        &[(50.0, 0.0), (50.0, 5.0), (50.0, -4.0), (50.0, 9.0)],
        air,
        (0.01, 300),
        0.0,
    );
    let found = learned(&[name]);
    let told = friction(&found);
    assert_eq!(
        (told.len(), told[0].0.as_str()),
        (1, "quadratic"),
        "{told:?}"
    );
    approx::assert_relative_eq!(told[0].1, 0.3, max_relative = 0.05);
    assert!(verdict(&found).starts_with("dissipative: quadratic friction 0."));
    // Linear stays linear, and none stays none.
    for (b, expected) in [(0.3, vec!["linear"]), (0.0, vec![])] {
        motions(
            &file,
            &starts,
            |x, y| -25.0 * x - b * y,
            (0.005, 400),
            0.0005,
        );
        let told = friction(&learned(&[name]));
        let kinds: Vec<&str> = told.iter().map(|one| one.0.as_str()).collect();
        assert_eq!(kinds, expected, "{told:?}");
    }
}

#[test]
fn noise_is_no_law_and_says_so() {
    let folder = folder();
    let file = folder.path().join("noise.csv");
    let mut table = String::from("t,x\n");
    let mut random = random();
    for row in 0..500 {
        writeln!(table, "{row},{}", random()).unwrap();
    }
    fs::write(&file, table).unwrap();
    let found = learned(&[file.to_str().unwrap()]);
    // No law is an answer of its own, told from a file that does not do.
    let output = mass(&["learn", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("No law can be told"));
    let verdict = found["verdict"].as_str().unwrap().to_lowercase();
    assert!(verdict.starts_with("no law can be told"), "{verdict}");
    assert!(found["best"].is_null());
    assert!(!found["next"].as_array().unwrap().is_empty());
}

#[test]
fn bad_files_and_flags_are_refused_with_what_would_be_right_and_nothing_is_written() {
    let folder = folder();
    let out = folder.path().join("out");
    let good = pendulum(folder.path(), "good.csv", "trial,t,theta", [1.0, 0.0, 1.0]);
    let good = good.to_str().unwrap();
    let mut place = 0;
    let mut refused = |contents: &str, flags: &[&str], expected: &str| {
        place += 1;
        let file = folder.path().join(format!("{place}.csv"));
        fs::write(&file, contents).unwrap();
        let mut arguments = vec![
            "learn",
            file.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        arguments.extend_from_slice(flags);
        let output = mass(&arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{contents:?}: {message}");
        assert!(message.contains(expected), "{contents:?}: {message}");
        assert!(output.stdout.is_empty() && !out.exists());
    };
    refused("", &[], "no rows of numbers");
    refused("t,theta\n0,1\n0.1,NA\n", &[], "NA");
    refused("t,theta\n0,1\n0.1,\n", &[], "line 3");
    refused("t,theta\n0,1\n0.1,2\n0.2,3\n", &[], "rows");
    refused("t,theta\n0,1\n0.1,2,3\n", &[], "line 3");
    refused(
        "t,Hoehe,Kraft\n0,1,2\n0.1,2,3\n",
        &[],
        "such as t=t,x=Hoehe",
    );
    refused("t,theta\n0,1\n0.1,NA\n", &[], "--drop-missing");
    let twice = (0..300).map(|row| {
        let t = 0.05 * f64::from(row);
        format!("{t:.2},{:.6},{:.6},{:.6}\n", t.sin(), t.cos(), t.cos())
    });
    let twice = format!("t,theta,omega,alpha\n{}", twice.collect::<String>());
    refused(&twice, &[], "it is the velocity once more");
    refused(
        "t,theta\n0,1\n0.1,2\n",
        &["--columns", "x=thta"],
        "did you mean",
    );
    refused("t,theta\n0,1\n0.2,2\n0.1,2\n", &[], "line 4");
    // A velocity in degrees of an angle in radians is no second position.
    let mut turns = String::from("t,x,y\n");
    for row in 0..200 {
        let t = 0.05 * f64::from(row);
        writeln!(turns, "{t},{},{}", t.sin(), 57.296 * t.cos()).unwrap();
    }
    refused(&turns, &[], "by the factor 180/π");
    let usage = |arguments: &[&str]| {
        let output = mass(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        text(&output.stderr)
    };
    assert!(usage(&["learn"]).contains("required"));
    assert!(usage(&["lern", good]).contains("learn"));
    assert!(usage(&["learn", good, "--columns", "x=theta,velocty=omega"]).contains("velocity"));
    let angles = mass(&["learn", good, "--angles", "0"]);
    assert_eq!(angles.status.code(), Some(1));
    assert!(text(&angles.stderr).contains("counted from 1"));
    assert_eq!(mass(&["learn", "no-such-file.csv"]).status.code(), Some(1));
}

#[test]
fn systems_and_completions_are_printed() {
    let systems = text(&mass(&["systems"]).stdout);
    assert!(systems.contains("double_pendulum  (d = 2)"), "{systems}");
    let near = mass(&["systems", "pendulm"]);
    assert!(text(&near.stderr).contains("did you mean \"pendulum\""));
    assert!(text(&mass(&["completions", "bash"]).stdout).contains("_mass"));
}

#[test]
fn what_is_no_short_formula_is_for_networks_which_are_kept_followed_and_not_trained_twice() {
    // ẏ = −tanh(3x)/(1 + y²/2)^(3/2) (1 + 0.4 sin(2x²)): no sum of the functions, but a Lagrangian's.
    let folder = TempDir::new().unwrap();
    let mut table = String::from("trial,t,x\n");
    for trial in 0..8 {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            let bend = 1.0 + 0.4 * (2.0 * x[0] * x[0]).sin();
            out[0] = -(3.0 * x[0]).tanh() / (1.0 + 0.5 * y[0] * y[0]).powf(1.5) * bend;
        };
        let solver = Solver::Dop853 { tolerance: 1e-12 };
        let start = 0.5 + 0.2 * f64::from(trial);
        let path = follow(law, &[start], &[0.0], 0.05, 150, solver).unwrap();
        for (t, x, _) in path.iter() {
            writeln!(table, "{trial},{t},{}", x[0]).unwrap();
        }
    }
    let file = folder.path().join("odd.csv");
    fs::write(&file, table).unwrap();
    let (file, kept) = (file.to_str().unwrap(), folder.path().join("kept"));
    let kept = kept.to_str().unwrap();
    let flags = [
        file,
        "--out",
        kept,
        "--force",
        "--scientists",
        "1",
        "--theories",
        "lagrangian,plain",
        "--steps",
        "300",
        "--judge-on",
        "3,5",
    ];
    let found = learned(&flags);
    let theories = found["theories"].as_array().unwrap();
    let networks: Vec<&Value> = theories
        .iter()
        .filter(|one| !one["network"].is_null())
        .collect();
    let kinds: Vec<&str> = networks
        .iter()
        .filter_map(|one| one["network"]["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["lagrangian", "plain"]);
    for network in &networks {
        let error = network["error"].as_f64().unwrap();
        assert!(error < 0.2, "{}: {error}", network["name"]);
        assert_eq!(network["network"]["errors"][0].as_f64(), Some(error));
    }
    let best = found["best"].as_u64().unwrap() as usize;
    assert!(
        !theories[best]["network"].is_null(),
        "{}",
        theories[best]["name"]
    );
    assert!(
        found["verdict"]
            .as_str()
            .unwrap()
            .starts_with("No short formula")
    );
    let page = fs::read_to_string(folder.path().join("kept/report.html")).unwrap();
    assert!(page.contains("<h2>Scientists</h2>"));

    let output = mass(&["predict", kept, "--x", "0.5", "--time", "2", "--dt", "1"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 4);
    let output = mass(&["export", kept, "--as", "numpy"]);
    assert!(
        text(&output.stderr).contains("mass predict"),
        "{}",
        text(&output.stderr)
    );
    // The second time nothing is trained, and nothing is another.
    let again = learned(&flags);
    for (one, other) in theories.iter().zip(again["theories"].as_array().unwrap()) {
        assert_eq!(one["error"], other["error"]);
    }
}

#[test]
fn networks_are_not_trained_where_a_formula_is_found_or_none_are_wanted() {
    let folder = TempDir::new().unwrap();
    let file = pendulum(folder.path(), "p.csv", "trial,t,theta", [1.0, 0.0, 1.0]);
    let found = learned(&[file.to_str().unwrap()]);
    let theories = found["theories"].as_array().unwrap();
    assert!(theories.iter().all(|one| one["network"].is_null()));
}

#[test]
fn states_in_any_order_have_a_law_and_are_not_followed() {
    // x, y and ẏ of a pendulum at random states, noise of 0.05 on ẏ: no times.
    let folder = TempDir::new().unwrap();
    let mut table = String::from("theta,omega,alpha\n");
    let mut next = random();
    for _ in 0..2000 {
        let [x, y, noise] = [2.0, 1.5, 0.087].map(|size| 2.0 * size * next());
        writeln!(table, "{x},{y},{}", -x.sin() + noise).unwrap();
    }
    let file = folder.path().join("states.csv");
    fs::write(&file, table).unwrap();
    let found = learned(&[file.to_str().unwrap()]);
    let verdict = found["verdict"].as_str().unwrap();
    assert!(
        verdict.starts_with("Conservative") && !verdict.contains("followed"),
        "{verdict}"
    );
    let law = best(&found);
    let cosine = law
        .split("cos")
        .next()
        .unwrap()
        .trim()
        .rsplit(' ')
        .next()
        .unwrap();
    assert!((cosine.parse::<f64>().unwrap() - 1.0).abs() < 0.01, "{law}");
    assert!(found["theories"][0]["followed"].is_null());
    assert!(found["conserved"].as_array().unwrap().is_empty());
}

#[test]
fn falls_of_a_second_are_told_with_drag_and_without_through_a_millimetre_of_noise() {
    let folder = folder();
    let file = folder.path().join("falls.csv");
    let starts = [(3.0, 0.0), (2.5, 1.5), (3.0, -1.0)];
    // Uniform noise of 3.5 mm in all has a deviation of a millimetre.
    motions(&file, &starts, |_, _| -9.81, (1.0 / 120.0, 80), 0.0035);
    let output = mass(&["learn", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let report = text(&output.stdout);
    assert!(
        report.contains("**The acceleration is constant: -9.8"),
        "{report}"
    );

    let drag = |_: f64, y: f64| -9.81 - 0.25 * y * y.abs();
    motions(&file, &starts, drag, (1.0 / 120.0, 80), 0.0035);
    let found = learned(&[file.to_str().unwrap()]);
    let verdict = found["verdict"].as_str().unwrap();
    let law = best(&found);
    assert!(
        verdict.starts_with("Dissipative: quadratic friction 0.2"),
        "{verdict}"
    );
    let friction = law.split("quadratic friction −").nth(1).unwrap();
    let friction: f64 = friction.split(' ').next().unwrap().parse().unwrap();
    assert!((friction - 0.25).abs() < 0.0125, "{law}");
}

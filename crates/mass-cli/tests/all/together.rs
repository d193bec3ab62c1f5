//! `mass learn --each-file-a-system`: several systems, and the law that they have in common.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mass_systems::{Solver, follow};
use serde_json::Value;

use crate::common::{mass, motions, text};

const FLAG: &str = "--each-file-a-system";

/// Three swings of a pendulum of this g/l, 200 rows each.
fn pendulum(folder: &Path, name: &str, stiff: f64) -> PathBuf {
    let file = folder.join(name);
    let starts = [(0.5, 0.0), (1.3, 0.2), (2.1, 0.0)];
    let law = |x: f64, _: f64| -stiff * x.sin();
    motions(&file, &starts, law, (0.12 / stiff.sqrt(), 200), 0.0);
    let table = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        table.replacen("trial,t,x", "trial,t (s),theta (rad)", 1),
    )
    .unwrap();
    file
}

/// What `learn` says of these files, and its exit code.
fn learned(files: &[&Path], flags: &[&str]) -> (Value, Option<i32>) {
    let mut all = vec!["learn", "--json", FLAG];
    all.extend(files.iter().map(|file| file.to_str().unwrap()));
    all.extend_from_slice(flags);
    let output = mass(&all);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", text(&output.stderr));
    (serde_json::from_slice(&output.stdout).unwrap(), code)
}

fn verdict(found: &Value) -> &str {
    found["verdict"].as_str().unwrap()
}

/// The number of this name: its value in each system, and that in all.
fn number(found: &Value, of: &str) -> (Vec<f64>, Option<f64>) {
    let all = found["coefficients"].as_array().unwrap();
    let one = all
        .iter()
        .find(|one| one["of"] == of)
        .unwrap_or_else(|| panic!("{of}: {all:?}"));
    let values = one["values"].as_array().unwrap().iter();
    let values = values.map(|value| value["value"].as_f64().unwrap());
    (values.collect(), one["common"]["value"].as_f64())
}

#[test]
fn three_pendulums_have_one_law_and_a_length_each_and_are_kept_followed_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let all = [("short", 28.0), ("middle", 14.0), ("long", 4.0)];
    let files = all.map(|(name, stiff)| pendulum(folder.path(), &format!("{name}.csv"), stiff));
    let kept = folder.path().join("kept");
    let kept = kept.to_str().unwrap();
    let mut arguments = vec!["learn", FLAG, "--out", kept];
    arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
    let output = mass(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(
        report.contains("**One theory for 3 systems: the same 2 terms"),
        "{report}"
    );
    assert!(
        report.contains("Conservative: no friction is needed in any of them."),
        "{report}"
    );
    assert!(
        report.contains("Coefficients that differ: that of cos x."),
        "{report}"
    );
    assert!(report.contains("    L = 0.5000 y² + c cos x\n"), "{report}");
    assert!(report.contains("| coefficient of | short | middle | long | in all | unit |"));
    assert_eq!(text(&mass(&["report", kept]).stdout), report);

    let json = mass(&["report", kept, "--json"]);
    let found: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(found["one_theory"], true);
    let (values, common) = number(&found, "cos x");
    for (value, (_, stiff)) in values.iter().zip(all) {
        approx::assert_relative_eq!(*value, stiff, max_relative = 1e-3);
    }
    assert_eq!((common, number(&found, "y²").1), (None, Some(0.5)));
    assert_eq!(found["coefficients"][1]["unit"], "s⁻²");

    // Of each system there is a folder; of all there is nothing to follow.
    let short = format!("{kept}/short");
    for task in [
        &["predict", kept, "--x", "1", "--time", "2"][..],
        &["export", kept],
    ] {
        let refused = mass(task);
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            text(&refused.stderr).contains(&short),
            "{}",
            text(&refused.stderr)
        );
    }
    assert!(text(&mass(&["export", &short]).stdout).starts_with("L = 0.5000 y² + 28.00 cos x\n"));
    let motion = text(&mass(&["predict", &short, "--x", "1", "--time", "2", "--dt", "2"]).stdout);
    let last = motion.lines().last().unwrap().split(',').nth(1).unwrap();
    let law = |x: &[f64], _: &[f64], out: &mut [f64]| out[0] = -28.0 * x[0].sin();
    let solver = Solver::Dop853 { tolerance: 1e-11 };
    let truth = follow(law, &[1.0], &[0.0], 2.0, 1, solver).unwrap();
    approx::assert_abs_diff_eq!(last.parse::<f64>().unwrap(), truth.x()[1], epsilon = 2e-3);
    let page = fs::read_to_string(Path::new(kept).join("report.html")).unwrap();
    assert!(page.contains("<h2>Its numbers</h2>") && page.contains("different"));
    roxmltree::Document::parse_with_options(
        &page,
        roxmltree::ParsingOptions {
            allow_dtd: true,
            ..Default::default()
        },
    )
    .unwrap();
    let own = fs::read_to_string(Path::new(&short).join("report.html")).unwrap();
    assert!(own.contains("<h2>Energy</h2>"));

    // Nothing is written over unless it is said, and then nothing old is left beside it.
    let one = files[0].to_str().unwrap();
    assert_eq!(mass(&["learn", one, "--out", kept]).status.code(), Some(1));
    assert!(
        mass(&["learn", one, "--out", kept, "--force"])
            .status
            .success()
    );
    assert!(text(&mass(&["export", kept]).stdout).starts_with("L = 0.5000 y² + 28.00 cos x\n"));
}

#[test]
fn oscillators_of_one_spring_and_frictions_of_their_own_are_told_so_through_noise() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("a.csv", 0.4), ("b.csv", 1.2)].map(|(name, friction)| {
        let file = folder.path().join(name);
        let starts = [(1.0, 0.0), (0.3, 3.0), (-0.7, 1.0)];
        let law = |x: f64, y: f64| -9.0 * x - friction * y;
        motions(&file, &starts, law, (0.02, 250), 0.004);
        file
    });
    let (found, code) = learned(&[&files[0], &files[1]], &[]);
    assert_eq!(code, Some(0));
    let said = verdict(&found);
    assert!(
        said.contains("Dissipative: there is friction in all of them."),
        "{said}"
    );
    assert!(
        said.contains("equal in all within their errors: that of x²"),
        "{said}"
    );
    assert!(
        said.contains("Coefficients that differ: that of friction."),
        "{said}"
    );
    approx::assert_relative_eq!(number(&found, "x²").1.unwrap(), -4.5, max_relative = 0.01);
    let (friction, common) = number(&found, "friction");
    assert_eq!(common, None);
    approx::assert_relative_eq!(friction[0], 0.4, max_relative = 0.1);
    approx::assert_relative_eq!(friction[1], 1.2, max_relative = 0.05);
}

#[test]
fn friction_that_one_system_has_alone_is_a_number_that_may_be_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("rough.csv", 0.5), ("smooth.csv", 0.0)].map(|(name, friction)| {
        let file = folder.path().join(name);
        let law = |x: f64, y: f64| -4.0 * x - friction * y;
        motions(&file, &[(1.0, 0.0), (0.4, 2.0)], law, (0.03, 250), 0.002);
        file
    });
    let (found, code) = learned(&[&files[0], &files[1]], &[]);
    assert_eq!(code, Some(0), "{found}");
    let said = verdict(&found);
    assert!(said.contains("Dissipative: rough, by friction."), "{said}");
    assert!(said.contains("Conservative: smooth"), "{said}");
    let all = found["coefficients"].as_array().unwrap();
    let friction = all.iter().find(|one| one["of"] == "friction").unwrap();
    let needed: Vec<bool> = friction["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value["needed"].as_bool().unwrap())
        .collect();
    assert_eq!(needed, [true, false]);
}

#[test]
fn a_sum_without_a_lagrangian_is_common_too() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("one.csv", 0.5), ("two.csv", 1.5)].map(|(name, strength)| {
        let file = folder.path().join(name);
        let law = |x: f64, y: f64| -x + strength * (1.0 - x * x) * y;
        motions(
            &file,
            &[(0.5, 0.0), (2.5, 0.0), (1.0, 2.0)],
            law,
            (0.03, 400),
            0.0,
        );
        file
    });
    let (found, code) = learned(&[&files[0], &files[1]], &[]);
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(
        found["formula"][0], "ẏ = −1.000 x + c₁ y + c₂ x² y",
        "{found}"
    );
    approx::assert_relative_eq!(number(&found, "x² y").0[1], -1.5, max_relative = 1e-2);
}

#[test]
fn one_of_another_kind_is_told_and_no_theory_is_common() {
    let folder = tempfile::tempdir().unwrap();
    let swings =
        [("a.csv", 3.0), ("b.csv", 1.0)].map(|(name, stiff)| pendulum(folder.path(), name, stiff));
    let odd = folder.path().join("odd.csv");
    let law = |x: f64, _: f64| -x - 2.0 * x * x * x;
    motions(
        &odd,
        &[(0.5, 0.0), (1.2, 0.2), (2.0, 0.0)],
        law,
        (0.05, 300),
        0.0,
    );
    let table = fs::read_to_string(&odd).unwrap();
    fs::write(
        &odd,
        table.replacen("trial,t,x", "trial,t (s),theta (rad)", 1),
    )
    .unwrap();
    let kept = folder.path().join("kept");
    let files = [&*swings[0], &*odd, &*swings[1]];
    let flags = ["--functions", "both", "--out", kept.to_str().unwrap()];
    let (found, code) = learned(&files, &flags);
    assert_eq!((code, &found["one_theory"]), (Some(3), &Value::Bool(false)));
    let said = verdict(&found);
    assert!(
        said.starts_with("No theory is common to all 3 systems."),
        "{said}"
    );
    assert!(said.contains("Another kind of system: odd,"), "{said}");
    assert!(said.contains("One theory for a and b:"), "{said}");
    assert_eq!(found["formula"][0], "L = 0.5000 y² + c cos x");
    let next = found["next"][0].as_str().unwrap();
    assert!(
        next.contains("a.csv") && !next.contains("odd.csv"),
        "{next}"
    );
    // Its own law is kept with it.
    let own = text(&mass(&["export", kept.join("odd").to_str().unwrap()]).stdout);
    assert!(
        own.starts_with("L = 0.5000 y² − 0.5000 x² − 0.5000 x⁴\n"),
        "{own}"
    );

    // Of two, neither is the odd one.
    let (found, code) = learned(&files[..2], &["--functions", "both"]);
    assert_eq!(code, Some(3));
    let said = verdict(&found);
    assert!(
        said.starts_with("No theory is common to these 2 systems."),
        "{said}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_with_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let a = pendulum(folder.path(), "a.csv", 1.0);
    let (a, out) = (a.to_str().unwrap(), folder.path().join("out"));
    let file = |name: &str, contents: &str| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        path.to_str().unwrap().to_string()
    };
    let refused = |files: &[&str], expected: &str| {
        let mut all = vec!["learn", FLAG, "--out", out.to_str().unwrap()];
        all.extend_from_slice(files);
        let output = mass(&all);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(expected), "{message}");
        assert!(output.stdout.is_empty() && !out.exists());
    };
    refused(&[a], "needs two files at least");
    let table = |header: &str, row: &dyn Fn(f64) -> String| {
        let rows = (0..200).map(|row_number| {
            let t = 0.05 * f64::from(row_number);
            format!("{t},{}\n", row(t))
        });
        format!("{header}\n{}", rows.collect::<String>())
    };
    let two = table("t (s),theta1 (rad),theta2 (rad)", &|t| {
        format!("{},{}", t.cos(), (2.0 * t).cos())
    });
    refused(&[a, &file("two.csv", &two)], "has 1 position and");
    let other = table("t (ms),theta (rad)", &|t| t.cos().to_string());
    refused(
        &[a, &file("ms.csv", &other)],
        "coefficients in different units cannot be compared",
    );
    let driven = table("t (s),theta (rad),tau", &|t| {
        format!("{},{}", t.cos(), t.sin())
    });
    refused(&[a, &file("driven.csv", &driven)], "has 0 inputs and");
    let length = table("t (s),x (m)", &|t| t.cos().to_string());
    refused(&[a, &file("length.csv", &length)], "--angles");
    let still = table("t (s),theta (rad)", &|_| "1".to_string());
    refused(&[a, &file("still.csv", &still)], "still.csv");
    let fall = folder.path().join("fall.csv");
    motions(
        &fall,
        &[(9.0, 0.0), (9.0, 2.0)],
        |_, _| -1.62,
        (0.02, 90),
        0.002,
    );
    let fall = fall.to_str().unwrap();
    refused(&[fall, fall], "the acceleration is constant (-1.6");
    for flags in [["--judge-on", "0"], ["--scientists", "2"]] {
        let output = mass(&[&["learn", FLAG, a, a], &flags[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    }
}

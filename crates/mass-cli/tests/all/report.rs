//! The page of `mass learn`: what a person would put before a colleague.

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use mass_systems::{Solver, follow};

use crate::common::{mass, text};

/// Swings of a pendulum with friction, `trial`, `t` and the angle in some unit, as a file.
fn pendulum(folder: &Path, header: &str, friction: f64, unit: f64) -> PathBuf {
    let mut table = format!("{header}\n");
    for (trial, x) in [0.5, 1.2, 2.0, -1.5].into_iter().enumerate() {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| out[0] = -x[0].sin() - friction * y[0];
        let solver = Solver::Dop853 { tolerance: 1e-12 };
        let path = follow(law, &[x], &[0.0], 0.1, 200, solver).unwrap();
        for (t, x, _) in path.iter() {
            writeln!(table, "{trial},{t},{}", x[0] * unit).unwrap();
        }
    }
    let path = folder.join("swings & more.csv");
    fs::write(&path, table).unwrap();
    path
}

/// Learns from a file and gives the folder and its page.
fn learned(file: &Path, folder: &Path, flags: &[&str]) -> (PathBuf, String) {
    let kept = folder.join("kept");
    let mut arguments = vec![
        "learn",
        file.to_str().unwrap(),
        "--out",
        kept.to_str().unwrap(),
    ];
    arguments.extend_from_slice(flags);
    let output = mass(&arguments);
    // 3 where no law was found, of which there is a page too.
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("report.html"));
    let page = fs::read_to_string(kept.join("report.html")).unwrap();
    (kept, page)
}

/// It is well-formed, names no place outside of itself, and no two things have one name.
fn holds_together(page: &str) {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    let document = roxmltree::Document::parse_with_options(page, options).unwrap();
    let mut names = BTreeSet::new();
    for node in document.descendants() {
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(
                !["src", "href", "srcset", "data"].contains(&name),
                "{name}={value}"
            );
            if name == "id" {
                assert!(names.insert(value.to_string()), "two are called {value}");
            }
        }
        assert!(!["script", "link", "iframe", "object"].contains(&node.tag_name().name()));
    }
    for outside in ["http", "//", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for place in page.split("url(").skip(1) {
        let name = place
            .strip_prefix('#')
            .and_then(|rest| rest.split(')').next())
            .unwrap();
        assert!(names.contains(name), "{name}");
    }
}

fn headings(page: &str) -> Vec<&str> {
    let parts = page.split("<h2>").skip(1);
    parts
        .map(|part| part.split("</h2>").next().unwrap())
        .collect()
}

#[test]
fn a_page_has_the_verdict_the_law_and_the_pictures_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = pendulum(folder.path(), "trial,t (s),theta", 0.2, 1.0);
    let (kept, page) = learned(&file, folder.path(), &[]);
    holds_together(&page);
    assert_eq!(
        headings(&page)[..7],
        [
            "The law",
            "Theories that were tried",
            "The data",
            "The fit",
            "Phase portrait",
            "Predictions",
            "Energy"
        ]
    );
    assert_eq!(headings(&page).last(), Some(&"How this was made"));
    let verdict = page.find("<p>Dissipative: friction coefficient").unwrap();
    assert!(verdict < page.find("<h2>").unwrap());
    assert!(page.contains("0.5000 <i>y</i><sup>2</sup> + 1.000 cos <i>x</i>"));
    assert!(page.contains("followed for (s)") && page.contains("theta (rad)"));
    assert!(page.contains("measured, and what friction took"));
    // What the file was can be checked.
    let hash = blake3::hash(&fs::read(&file).unwrap()).to_hex();
    assert!(page.contains(hash.as_str()));
    assert!(page.contains("--out") && page.contains("swings &amp; more.csv"));
    // The pictures are files as well, that stand alone.
    for name in ["data", "fit", "phase", "prediction", "energy"] {
        let svg = fs::read_to_string(kept.join("pictures").join(format!("{name}.svg"))).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        assert_eq!(document.root_element().tag_name().name(), "svg");
        assert!(!svg.contains("NaN"));
    }
    // Once more, and the bytes are the same; the words are on the standard output alone.
    let report = mass(&["report", kept.to_str().unwrap()]);
    assert!(report.status.success());
    assert!(text(&report.stderr).contains("report.html"));
    assert!(text(&report.stdout).starts_with("# "));
    assert_eq!(fs::read_to_string(kept.join("report.html")).unwrap(), page);
    // A program that asks for JSON gets that, and the page is left alone.
    fs::remove_file(kept.join("report.html")).unwrap();
    let json = mass(&["report", "--json", kept.to_str().unwrap()]);
    assert!(json.status.success() && !kept.join("report.html").exists());
}

#[test]
fn degrees_of_the_file_are_degrees_in_the_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let file = pendulum(
        folder.path(),
        "trial,t,theta (deg)",
        0.0,
        180.0 / std::f64::consts::PI,
    );
    let (_, page) = learned(&file, folder.path(), &[]);
    assert!(page.contains(">theta (°)<") && page.contains("the pictures show degrees"));
    assert!(page.contains("<h2>What is conserved</h2>"));
}

#[test]
fn folders_without_what_pictures_need_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = pendulum(folder.path(), "trial,t,theta", 0.0, 1.0);
    let (kept, page) = learned(&file, folder.path(), &[]);
    let words = text(&mass(&["report", kept.to_str().unwrap()]).stdout);
    let course = kept.join("course.json");
    let whole = fs::read_to_string(&course).unwrap();
    let reported = |expected: &str| {
        let output = mass(&["report", kept.to_str().unwrap()]);
        assert!(output.status.success());
        assert_eq!(text(&output.stdout), words);
        let told = text(&output.stderr);
        assert!(
            told.contains("no pictures") && told.contains(expected),
            "{told}"
        );
        let page = fs::read_to_string(kept.join("report.html")).unwrap();
        holds_together(&page);
        assert!(page.contains("There are no pictures") && !page.contains("<svg"));
        assert!(page.contains("1.000 cos <i>x</i>"));
        assert!(!kept.join("pictures").join("data.svg").exists());
    };
    fs::write(&course, whole.replacen("\"format\":1", "\"format\":99", 1)).unwrap();
    reported("take a newer `mass`");
    fs::write(&course, &whole[..whole.len() / 2]).unwrap();
    reported("is not a course.json");
    fs::remove_file(&course).unwrap();
    reported("learn FILE --out FOLDER");
    // Pictures of one result are never put beside another.
    fs::write(&course, &whole).unwrap();
    let json = kept.join("learned.json");
    let other = fs::read_to_string(&json).unwrap();
    fs::write(&json, other.clone() + "\n").unwrap();
    reported("belongs to another");
    // All is well again, and was not changed by it.
    fs::write(&json, other).unwrap();
    assert!(mass(&["report", json.to_str().unwrap()]).status.success());
    assert_eq!(fs::read_to_string(kept.join("report.html")).unwrap(), page);
}

#[test]
fn noise_has_a_page_without_a_law() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("noise.csv");
    let mut table = String::from("t,x\n");
    let mut state: u64 = 1;
    for row in 0..300 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let value = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
        writeln!(table, "{row},{value}").unwrap();
    }
    fs::write(&file, table).unwrap();
    let (kept, page) = learned(&file, folder.path(), &[]);
    holds_together(&page);
    assert!(page.contains("No law can be told"));
    let shown = headings(&page);
    assert!(shown.contains(&"The data") && !shown.contains(&"The law"));
    assert!(!shown.contains(&"Predictions") && shown.contains(&"What to do next"));
    assert!(!kept.join("pictures").join("prediction.svg").exists());
}

#[test]
fn two_masses_with_an_input_are_followed_with_it() {
    // Two oscillators, the first of which is driven by a column of the file.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("driven.csv");
    let mut table = String::from("trial,t (s),x1 (mm),x2 (mm),force\n");
    for trial in 0..3 {
        let push = |t: f64| (0.7 * t + f64::from(trial)).sin();
        let (mut state, dt) = ([1.0 + 0.3 * f64::from(trial), -0.5, 0.0, 0.3], 0.005);
        let slope = |s: [f64; 4], t: f64| {
            let pull = 0.5 * (s[0] - s[1]);
            [s[2], s[3], -s[0] - pull + push(t), -2.0 * s[1] + pull]
        };
        for step in 0..6000 {
            let t = f64::from(step) * dt;
            if step % 20 == 0 {
                writeln!(table, "{trial},{t},{},{},{}", state[0], state[1], push(t)).unwrap();
            }
            let moved = |by: [f64; 4], h: f64| std::array::from_fn(|i| state[i] + h * by[i]);
            let first = slope(state, t);
            let second = slope(moved(first, 0.5 * dt), t + 0.5 * dt);
            let third = slope(moved(second, 0.5 * dt), t + 0.5 * dt);
            let last = slope(moved(third, dt), t + dt);
            for i in 0..4 {
                state[i] += dt / 6.0 * (first[i] + 2.0 * second[i] + 2.0 * third[i] + last[i]);
            }
        }
    }
    fs::write(&file, table).unwrap();
    let (kept, page) = learned(&file, folder.path(), &["--columns", "tau=force"]);
    holds_together(&page);
    let json = fs::read_to_string(kept.join("course.json")).unwrap();
    let course: serde_json::Value = serde_json::from_str(&json).unwrap();
    let path = &course["held_out"][0]["paths"][0];
    assert!(path["apart"].is_null(), "parted after {}", path["apart"]);
    assert_eq!(path["position"].as_array().unwrap().len(), 2);
    assert!(page.contains("x1 (mm)") && page.contains("path: x2 (mm)"));
    assert!(page.contains("taken as their mean"));
}

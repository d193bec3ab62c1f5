//! Marks where the data say, and pages that hold together, whatever is not known.

use std::f64::consts::PI;

use mass_figures::{Sheet, inspect::Drawing};
use serde_json::{Value, json};

use super::look::{HELD_OUT, LAW, LEARNED, MEASURED};
use super::*;
use crate::{
    course::Course,
    learned::{Learned, Network, Tried},
};

/// A course of d positions: a motion of 9 rows of which the last 3 were held out and followed until they part.
fn course(d: usize, degrees: bool) -> Course {
    let each = |of: &dyn Fn(usize) -> Value| -> Value { (0..d).map(of).collect() };
    let up = |k: usize, from: usize, rows: usize| -> Value {
        let rows = from..from + rows;
        rows.map(|row| json!([row as f64, row as f64 * (1.0 + k as f64)]))
            .collect()
    };
    let phase = |k: usize, from: usize| -> Value {
        let rows = from..from + 3;
        rows.map(|row| json!([row as f64, 0.5 + k as f64 + 0.25 * (row - from) as f64]))
            .collect()
    };
    let piece = |of: &str, from: usize| json!({"of": of, "position": each(&|k| up(k, from, 3)), "phase": each(&|k| phase(k, from))});
    let compared = |k: usize| {
        json!([
            {"t": 0.0, "measured": 1.0 + k as f64, "error": 0.25, "predicted": 1.5 + k as f64},
            {"t": 2.0, "measured": -1.0, "error": 0.25, "predicted": -1.0},
        ])
    };
    let line = |_: usize| json!([[0.0, 0.0], [1.0, 0.5], [2.0, 2.0]]);
    let position = |k: usize| json!({"name": format!("q{}", k + 1), "unit": "deg", "angle": degrees, "degrees": degrees});
    let value = json!({
        "format": 1,
        "learned": "",
        "origin": {
            "command": ["mass", "learn", "a <b>.csv"],
            "files": [{"name": "a <b>.csv", "bytes": 7, "blake3": "af13"}],
            "seed": 3,
        },
        "time_unit": "s",
        "positions": each(&position),
        "motions": [{
            "begin": 0.0,
            "pieces": [piece("learned", 0), piece("neither", 3), piece("held_out", 6)],
        }],
        "motions_left_out": 0,
        "held_out": [{
            "time": 2.0,
            "position": each(&line),
            "acceleration": each(&compared),
            "paths": [{
                "theory": 0,
                "apart": 1.0,
                "position": each(&|_| json!([[0.0, 0.0], [1.0, 1.0], [2.0, 1.5]])),
                "phase": each(&|_| json!([[6.0, 0.5], [7.0, 0.75], [8.0, 1.0]])),
                "low": each(&|_| json!([[0.0, 0.0], [1.0, 0.75], [2.0, 1.0]])),
                "high": each(&|_| json!([[0.0, 0.0], [1.0, 1.25], [2.0, 1.75]])),
            }],
            "energy": {
                "measured": [[0.0, 2.0], [2.0, 1.0]],
                "predicted": [[0.0, 2.0], [2.0, 1.25]],
                "with_loss": [[0.0, 2.0], [2.0, 2.0]],
            },
        }],
        "held_out_more": 0,
        "flow": [],
        "drawn": 40,
    });
    serde_json::from_value(value).unwrap()
}

fn theory(name: &str) -> Tried {
    Tried {
        name: name.to_string(),
        error: Some(0.01),
        followed: Some([1.0, 2.0]),
        size: Some(3),
        seconds: 0.1,
        formula: vec!["ẏ = −1.000 x".to_string()],
        failed: None,
        network: None,
    }
}

fn learned(course: Option<Course>) -> Learned {
    let mut learned = Learned::new(vec!["folder/a <b>.csv".to_string()]);
    let d = course.as_ref().map_or(1, |course| course.positions.len());
    learned.positions = (1..=d).map(|k| format!("q{k}")).collect();
    learned.verdict = "no law was found: x < 3 & y > 2; try again".to_string();
    learned.warnings = vec!["a \"gap\"; and another".to_string()];
    learned.theories = vec![theory("short sum for ẏ")];
    learned.course = course;
    learned
}

fn drawing(sheet: Option<Sheet>) -> Drawing {
    Drawing::of(sheet.unwrap())
}

#[test]
fn the_data_are_drawn_by_their_use() {
    let drawing = drawing(data::draw(&course(2, false), "t"));
    drawing
        .panel(0)
        .line(LEARNED, (1.0, 1.0))
        .line(HELD_OUT, (7.0, 7.0))
        .dot(HELD_OUT, (8.0, 8.0))
        .key("learned from", LEARNED)
        .key("held out, to judge on", HELD_OUT)
        .label("q1 (deg)");
    drawing
        .panel(1)
        .line(HELD_OUT, (7.0, 14.0))
        .label("time (s)");
}

#[test]
fn angles_are_drawn_in_degrees_where_the_file_has_degrees() {
    let drawing = drawing(data::draw(&course(1, true), "t"));
    drawing
        .panel(0)
        .line(LEARNED, (1.0, 180.0 / PI))
        .label("q1 (°)");
    let drawing = super::tests::drawing(fit::draw(&course(1, true), "t"));
    drawing
        .panel(0)
        .dot(HELD_OUT, (180.0 / PI, 270.0 / PI))
        .label("from the data (°/s²)");
}

#[test]
fn the_fit_is_measured_against_predicted_with_residuals_and_errors() {
    let drawing = drawing(fit::draw(&course(2, false), "t"));
    drawing
        .panel(0)
        .dot(HELD_OUT, (1.0, 1.5))
        .dot(HELD_OUT, (-1.0, -1.0));
    let residuals = drawing.panel(1);
    residuals
        .dot(HELD_OUT, (0.0, -0.5))
        .dot(HELD_OUT, (2.0, 0.0));
    residuals
        .fill("#dddddd", (1.0, 0.2))
        .fill("#dddddd", (1.0, -0.2));
    assert_eq!(residuals.filled((1.0, -0.4)), None);
    drawing.panel(2).dot(HELD_OUT, (2.0, 2.5));
}

#[test]
fn portraits_show_states_and_the_laws_motion_and_paths_where_positions_are_alike() {
    let two = drawing(phase::draw(&course(2, false), "t"));
    assert_eq!(two.panels().len(), 3);
    two.panel(0)
        .dot(LEARNED, (1.0, 0.75))
        .dot(HELD_OUT, (7.0, 0.75))
        .line(LAW, (7.0, 0.75));
    two.panel(1)
        .dot(HELD_OUT, (7.0, 1.75))
        .label("velocity of q2 (deg/s)");
    // The path of one position over the other.
    two.panel(2).dot(HELD_OUT, (7.0, 7.0));
    assert_eq!(
        drawing(phase::draw(&course(4, true), "t")).panels().len(),
        4
    );
}

#[test]
fn predictions_have_a_band_and_a_mark_where_they_part() {
    let drawing = drawing(prediction::draw(
        &course(1, false),
        &["short sum"],
        "laws within the errors",
        "t",
    ));
    drawing
        .panel(0)
        .dot(HELD_OUT, (1.0, 0.5))
        .line(LAW, (1.0, 1.0))
        .fill("#c9dff0", (1.0, 1.2))
        .line(mass_figures::style::INK, (1.0, 1.9))
        .label("apart after 1 s")
        .key("the law", LAW);
}

#[test]
fn energy_is_drawn_with_what_friction_took() {
    let drawing = drawing(energy::draw(&course(1, false), "t"));
    drawing
        .panel(0)
        .line(MEASURED, (1.0, 1.5))
        .line(LAW, (2.0, 1.25))
        .line(mass_figures::style::GREEN, (1.0, 2.0));
}

#[test]
fn what_is_not_known_is_not_drawn_and_never_in_the_way() {
    for d in [1, 2, 4] {
        let mut bare = course(d, false);
        bare.held_out[0].paths.clear();
        bare.held_out[0].energy = None;
        for of in &mut bare.held_out[0].acceleration {
            of.clear();
        }
        bare.positions[0].unit = None;
        assert!(data::draw(&bare, "t").is_some());
        assert!(fit::draw(&bare, "t").is_none());
        assert!(prediction::draw(&bare, &[], "", "t").is_none());
        assert!(energy::draw(&bare, "t").is_none());
        bare.motions.clear();
        bare.held_out.clear();
        assert!(data::draw(&bare, "t").is_none() && phase::draw(&bare, "t").is_none());
    }
    let folder = tempfile::tempdir().unwrap();
    let mut learned = learned(None);
    learned.theories[0].error = None;
    learned.theories[0].followed = None;
    learned.theories[0].failed = Some("a < b".to_string());
    learned.theories.push(Tried {
        formula: vec!["ẏ = x + y ".repeat(60)],
        ..theory("long")
    });
    let file = write(&learned, folder.path(), Some("nothing is kept")).unwrap();
    let page = fs::read_to_string(file).unwrap();
    assert!(page.contains("There are no pictures: nothing is kept."));
    assert!(page.contains("could not be tried: a &lt; b") && !page.contains("<svg"));
    assert!(page.contains("<summary>long: a formula of 3 numbers</summary>"));
    assert!(!folder.path().join(PICTURES).exists());
}

#[test]
fn names_of_the_person_are_text_and_the_same_data_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for _ in 0..2 {
        let file = write(&learned(Some(course(4, false))), folder.path(), None).unwrap();
        written.push(fs::read_to_string(file).unwrap());
    }
    let page = &written[0];
    assert_eq!(written[0], written[1]);
    assert!(!page.contains("<b>") && page.contains("a &lt;b&gt;.csv"));
    assert!(page.contains("<p>No law was found: x &lt; 3 &amp; y &gt; 2.</p>\n<p>Try again.</p>"));
    assert!(page.contains("Beware: A &quot;gap&quot;; and another."));
    assert!(page.contains("mass learn 'a &lt;b&gt;.csv'"));
    // A picture that this result has not is not left from one that had it.
    let mut less = course(4, false);
    less.held_out[0].energy = None;
    let energy = folder.path().join(PICTURES).join("energy.svg");
    assert!(energy.exists());
    write(&learned(Some(less)), folder.path(), None).unwrap();
    assert!(!energy.exists() && folder.path().join(PICTURES).join("fit.svg").exists());
}

#[test]
fn networks_among_the_theories_have_a_section_with_their_curves() {
    let page_of = |learned: &Learned| {
        let folder = tempfile::tempdir().unwrap();
        let file = write(learned, folder.path(), None).unwrap();
        fs::read_to_string(file).unwrap()
    };
    let mut learned = learned(Some(course(1, false)));
    assert!(!page_of(&learned).contains("Scientists"));
    learned.theories.push(Tried {
        network: Some(Network {
            kind: "hamiltonian".to_string(),
            errors: vec![0.02, 0.013, 0.3],
            middle: 0,
            angles: Vec::new(),
            curve: vec![(0.0, 1.0), (100.0, 0.1), (200.0, f64::NAN)],
            families: vec![2, 1],
            agreement: Some(0.987),
            no_lagrangian: None,
        }),
        ..theory("network of energy")
    });
    let page = page_of(&learned);
    assert!(page.contains("<h2>Scientists</h2>"));
    assert!(page.contains("<td>network of energy</td>") && page.contains("1.30 %, 30 %"));
    let drawing = drawing(training::draw(&learned.theories, "t"));
    drawing
        .panel(0)
        .line(mass_figures::style::BLUE, (100.0, 0.1))
        .key("network of energy", mass_figures::style::BLUE);
}

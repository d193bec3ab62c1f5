//! `mass population` as someone meets it who has a sweep.

use std::{
    path::Path,
    process::{Command, Output},
};

use mass_core::{Criterion, ErrorKind, Run};
use serde_json::Value;

fn mass(arguments: &[&str]) -> Output {
    let mut mass = Command::new(env!("CARGO_BIN_EXE_mass"));
    mass.args(arguments).output().unwrap()
}

fn said(arguments: &[&str]) -> String {
    let output = mass(arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {message}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let output = mass(arguments);
    assert!(!output.status.success(), "{arguments:?} was accepted");
    String::from_utf8(output.stderr).unwrap()
}

/// Six scientists of two systems, in parts of three, their summaries, and the run that they make together.
fn sweep(folder: &Path) -> [String; 2] {
    let at = |name: &str| folder.join(name).display().to_string();
    let (parts, kept, run) = (at("parts"), at("kept"), at("run"));
    let what = [
        "sweep",
        "--systems",
        "classical,pendulum",
        "--seeds",
        "0..6",
    ];
    let how = [
        "--steps",
        "3",
        "--part",
        "3",
        "--summary",
        &kept,
        "--out",
        &parts,
    ];
    said(&[&what[..], &how].concat());
    said(&["merge", &parts, "--out", &run]);
    [kept, run]
}

#[test]
fn a_run_and_its_summaries_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let [kept, run] = sweep(folder.path());
    // A limit that cuts through them, however the untrained are.
    let trained = Run::open(&run).unwrap();
    let mut errors: Vec<f64> = Vec::new();
    for standing in trained.standings().unwrap() {
        errors.extend(standing.verdicts.iter().map(|one| one.error));
    }
    errors.sort_by(f64::total_cmp);
    let below = errors[errors.len() / 2];
    let limit = below.to_string();
    let json = said(&["population", &kept, "--below", &limit, "--json"]);
    assert_eq!(
        said(&["population", &run, "--below", &limit, "--json"]),
        json
    );

    let found: Value = serde_json::from_str(&json).unwrap();
    let criterion = Criterion {
        error: ErrorKind::Rmse,
        below,
    };
    let ends = trained.phase_ends().unwrap();
    let standings = mass_core::Standing::of(trained.record(), &ends, criterion);
    for phase in [1, 2] {
        let right = standings
            .iter()
            .filter(|one| one.correct(phase) == Some(true));
        let share = found["phases"][phase - 1]["correct"]["value"].as_f64();
        assert_eq!(share, Some(right.count() as f64 / 6.0));
    }
    let always = standings
        .iter()
        .filter(|one| one.always_correct(2) == Some(true));
    let always: Vec<u64> = always.map(|one| one.seed).collect();
    let told = found["always_correct"].as_array().unwrap();
    let mut seeds: Vec<u64> = told
        .iter()
        .map(|one| one["seed"].as_u64().unwrap())
        .collect();
    seeds.sort_unstable();
    assert_eq!(seeds, always);
    // Other limits, by what was measured.
    let limits = found["limits"].as_array().unwrap();
    for (one, factor) in limits.iter().zip([0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0]) {
        let criterion = Criterion {
            error: ErrorKind::Rmse,
            below: factor * below,
        };
        assert_eq!(one["below"].as_f64(), Some(criterion.below));
        let standings = mass_core::Standing::of(trained.record(), &ends, criterion);
        let right = standings.iter().filter(|one| one.correct(2) == Some(true));
        let share = one["correct"]["value"].as_f64().unwrap();
        assert_eq!(share, right.count() as f64 / 6.0);
    }
    assert_eq!(limits.len(), 7);
    let fates = found["fates"].as_array().unwrap().iter();
    let counted = fates.map(|those| those["seeds"].as_array().unwrap().len());
    assert_eq!(counted.sum::<usize>(), 6);

    let text = said(&["population", &kept, "--below", &limit]);
    for words in [
        "6 scientists of recipe reference, seeds 0 to 5, who met classical, then pendulum",
        "### What became of them",
        "fewer than five of them",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let some = said(&["population", &kept, "--seeds", "2..4", "--phases", "1"]);
    assert!(
        some.contains("2 scientists")
            && some.contains("seeds 2 to 3, who met classical, 6 steps of training a phase.\n")
    );
}

#[test]
fn families_take_the_scientists_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let [kept, run] = sweep(folder.path());
    let json = said(&["population", &run, "--families", "--json"]);
    let found: Value = serde_json::from_str(&json).unwrap();
    let families = found["families"].as_array().unwrap().iter();
    let members = families.map(|one| one["seeds"].as_array().unwrap().len());
    assert_eq!(members.sum::<usize>(), 6, "everybody is in one");
    let trained = Run::open(&run).unwrap();
    let device = mass_core::DeviceKind::Flex.open().unwrap();
    let of = mass_core::WeightsKind::Average;
    let all = mass_interp::Scientist::load_all_at(&trained, 2, of, &device).unwrap();
    let between = mass_interp::Agreements::between(&all, 512, 0).unwrap();
    let mean = found["agreement"]["all"].as_f64().unwrap();
    assert!((mean - between.together.overall()).abs() < 1e-12);
    assert!(found["agreement"]["correct"].is_null(), "nobody is correct");
    assert!(said(&["population", &run, "--families"]).contains("### Families: "));
    let beside = ["population", &kept, "--families", "--of", &run];
    assert_eq!(said(&[&beside[..], &["--json"]].concat()), json);
    let message = refused(&["population", &kept, "--families"]);
    assert!(
        message.contains("mass merge") && message.contains("--of RUN"),
        "{message}"
    );

    // A run that is of others, or of another training.
    let at = |name: &str| folder.path().join(name).display().to_string();
    let of_others = |seeds: &str, steps: &str, out: &str| {
        let what = ["sweep", "--systems", "classical,pendulum", "--seeds", seeds];
        let how = ["--steps", steps, "--out", &at(out)];
        said(&[&what[..], &how].concat());
        let run = std::fs::read_dir(at(out)).unwrap().flatten();
        let run = run.map(|entry| entry.path()).find(|path| path.is_dir());
        let run = run.unwrap().display().to_string();
        refused(&["population", &kept, "--families", "--of", &run])
    };
    let message = of_others("4..9", "3", "others");
    assert!(message.contains("holds seeds 4 to 8"), "{message}");
    let message = of_others("0..6", "4", "longer");
    assert!(
        message.contains("is of another training (recipe."),
        "{message}"
    );
}

#[test]
fn what_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let [kept, _] = sweep(folder.path());
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let of = |more: &[&str]| refused(&[&["population"], more].concat());
    assert!(of(&[empty.to_str().unwrap()]).contains("neither a run nor a folder of summaries"));
    assert!(of(&["nowhere"]).contains("nowhere cannot be read"));
    assert!(of(&[&kept, "--phases", "3"]).contains("there are 2 phases done"));
    assert!(of(&[&kept, "--phases", "0"]).contains("0 is not in 1.."));
    assert!(of(&[&kept, "--below", "nan"]).contains("--below NaN is no limit"));
    let parts = folder.path().join("parts");
    assert!(of(&[parts.to_str().unwrap()]).contains("mass merge"));
    let text = folder.path().join("text.parquet");
    std::fs::write(&text, "no Parquet").unwrap();
    assert!(of(&[text.to_str().unwrap()]).contains("is no summary"));
    assert!(of(&[&kept, "--below", "0"]).contains("above 0"));
    assert!(of(&[&kept, "--below", "-1"]).contains("above 0"));
    let few = of(&[&kept, "--seeds", "4..9"]);
    assert!(
        few.contains("seeds 4 to 8") && few.contains("0 to 5"),
        "{few}"
    );
}

#[test]
fn scientists_who_meet_all_systems_at_once_have_no_fates() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let mut recipe = mass_core::Recipe::reference();
    recipe.name = "at once".into();
    recipe.schedule.curriculum = mass_core::Curriculum::Simultaneous;
    std::fs::write(at("all.toml"), recipe.to_toml()).unwrap();
    let what = [
        "sweep",
        "--systems",
        "classical,pendulum",
        "--seeds",
        "0..1",
    ];
    let (all, kept, out) = (at("all.toml"), at("kept"), at("out"));
    let how = [
        "--steps",
        "3",
        "--recipe",
        &all,
        "--summary",
        &kept,
        "--out",
        &out,
    ];
    said(&[&what[..], &how].concat());
    let message = refused(&["population", &kept]);
    assert!(message.contains("several systems at once"), "{message}");
}

/// The document's blocks are what the commands above them print, of the summaries that are there.
#[test]
fn the_thousands_document_is_what_the_command_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = root.join("docs/thousand/README.md");
    let text = std::fs::read_to_string(&document).unwrap();
    let mut compared = 0;
    let again = mass_figures::renew::<mass_figures::MarkerError>(&text, |name| {
        if !name.starts_with("population") {
            return Ok(None);
        }
        let start = text.find(&format!("<!-- {name}:begin -->")).unwrap();
        let command = text[start..].split('`').nth(1).unwrap();
        let arguments = command.strip_prefix("cargo mass ").unwrap().split(' ');
        let mut mass = Command::new(env!("CARGO_BIN_EXE_mass"));
        let output = mass.args(arguments).current_dir(&root).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {message}");
        compared += 1;
        let printed = String::from_utf8(output.stdout).unwrap();
        Ok(Some(format!("`{command}`\n\n{}", printed.trim_end())))
    });
    let differ = "put what the command prints into docs/thousand/README.md";
    assert!(again.unwrap() == text, "{differ}");
    assert_eq!(compared, 2);
}

//! Runs that earlier programs left, and those that later ones will.
//!
//! `golden/format-1` was begun by the program at revision 6bb5d25, the last one before records had a
//! format, and stopped after 12 of 16 steps: seeds 3 and 4 on `classical` and on measured states, a
//! network of one hidden layer of four. What is expected here, that program computed when it went on.

use std::{fs, path::Path};

use mass_core::{DeviceKind, Merge, Record, Run, RunRecord, Sweep, Trainer, WeightsKind};

/// BLAKE3 of all parameters after the last step, raw and averaged: on a processor with AVX-512, by that
/// program; and on one with AVX2 alone, by today's, where the errors below are the same to the bit and some
/// parameter is not (docs/design.md, "Why pulp, and no unsafe code?").
const CONTENT: [&str; 2] = [
    "f3371f68510c677b086e907eedf40b9e5b70f17364ba8d249f8078ea37dc3108",
    "4dadf9506f1e15ed901051f9162542ea92c1558d0b697e07f0a649f313fea6e0",
];

/// Seed, and mean squared test error of the averaged weights, on each system after the last step.
const ERRORS: [(u64, f64); 4] = [
    (3, 64873.94497676691),
    (3, 585917.4191594981),
    (4, 14549246.176130453),
    (4, 67941.25739693642),
];

/// A copy of the run that was left.
fn left(folder: &Path) -> std::path::PathBuf {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/format-1");
    let path = folder.join("left");
    fs::create_dir(&path).unwrap();
    for entry in fs::read_dir(golden).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), path.join(entry.file_name())).unwrap();
    }
    path
}

#[test]
fn a_run_of_the_first_format_opens_and_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = left(folder.path());
    let run = Run::open(&path).unwrap();
    assert_eq!(
        (run.record().format, run.completed().unwrap()),
        (1, Some(12))
    );
    assert_eq!(run.record().burn_version, "0.22");
    let device = DeviceKind::Flex.open().unwrap();
    assert_eq!(
        run.model(WeightsKind::Raw, &device)
            .unwrap()
            .ensemble_size(),
        2
    );
    assert_eq!(
        run.model_at(1, WeightsKind::Average, &device)
            .unwrap()
            .ensemble_size(),
        2
    );
    let before = fs::read(path.join("run.toml")).unwrap();

    let outcome = Trainer::resume(&path).unwrap().run().unwrap();
    assert_eq!((outcome.completed, outcome.interrupted), (16, false));
    let (checkpoint, _) = run.checkpoint_at(2).unwrap();
    // Of raw and averaged parameters, every bit.
    let content = checkpoint.header.content.as_str();
    assert!(CONTENT.contains(&content), "{content}");
    let metrics = run.metrics().unwrap();
    let last = metrics.rows.iter().filter(|row| row.step == 16);
    let errors: Vec<(u64, f64)> = last.map(|row| (row.seed, row.average.mse)).collect();
    assert_eq!(errors, ERRORS);
    // It stays of its format, so that the program that began it could go on with it too.
    assert_eq!(fs::read(path.join("run.toml")).unwrap(), before);
}

#[test]
fn runs_of_both_formats_merge() {
    let folder = tempfile::tempdir().unwrap();
    let path = left(folder.path());
    Trainer::resume(&path).unwrap().run().unwrap();
    let run = Run::open(&path).unwrap();
    let new = folder.path().join("new");
    Trainer::new(run.record().recipe.clone(), run.systems().unwrap(), [7])
        .directory(&new)
        .run()
        .unwrap();
    let text = fs::read_to_string(new.join("run.toml")).unwrap();
    assert!(text.starts_with("format = 2\n"), "{text}");
    assert!(text.contains("burn_version = \"0.22.1\""), "{text}");
    let merge = Merge::of(&[&path, &new]).seeds([3, 4, 7]);
    let merged = merge.run(folder.path().join("merged")).unwrap();
    assert_eq!(
        (merged.record().format, merged.record().seeds.len()),
        (2, 3)
    );
    assert_eq!(merged.record().burn_version, "0.22.1");
    assert!(merged.is_complete().unwrap());
    let device = DeviceKind::Flex.open().unwrap();
    assert!(merged.model_at(2, WeightsKind::Average, &device).is_ok());
    // Another version of Burn may have other bits.
    let other = text.replace("burn_version = \"0.22.1\"", "burn_version = \"0.22.2\"");
    fs::write(new.join("run.toml"), other).unwrap();
    let error = Merge::of(&[&path, &new])
        .seeds([3, 4, 7])
        .run(folder.path().join("other"))
        .unwrap_err();
    assert!(error.is_request(), "{error}");
    assert!(
        error
            .to_string()
            .contains("burn_version is \"0.22.1\" there, \"0.22.2\" here"),
        "{error}"
    );
}

#[test]
fn what_a_later_program_wrote_is_refused_by_its_format_and_not_by_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = left(folder.path());
    let text = fs::read_to_string(path.join("run.toml")).unwrap();
    fs::write(
        path.join("run.toml"),
        format!("format = 3\nnews = 1\n{text}"),
    )
    .unwrap();
    let error = Run::open(&path).unwrap_err();
    assert!(error.is_newer(), "{error}");
    let said = "was written by a later version: its format is 3, this program reads up to 2; update the program";
    assert!(error.to_string().ends_with(said), "{error}");
    fs::write(path.join("sweep.toml"), "format = 3\nnews = 1\n").unwrap();
    assert!(Sweep::open(&path).unwrap_err().to_string().ends_with(said));
    assert_eq!(RunRecord::FORMAT, 2);
    // A key of no format is unknown.
    fs::write(
        path.join("run.toml"),
        format!("format = 2\nnews = 1\n{text}"),
    )
    .unwrap();
    let error = Run::open(&path).unwrap_err().to_string();
    assert!(error.contains("unknown field `news`"), "{error}");
}

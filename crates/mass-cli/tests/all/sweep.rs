//! `mass sweep` and `merge` as a user and a job array meet them.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

fn mass(arguments: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mass"))
        .args(arguments)
        .arg("--out")
        .arg(out)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn message(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Three steps of decay on two systems, five seeds in parts of two.
fn sweep(shard: &str, out: &Path) -> Output {
    let systems = ["--systems", "classical,pendulum", "--seeds", "0..5"];
    let small = ["--steps", "3", "--part", "2", "--shard", shard];
    let arguments: Vec<&str> = ["sweep"].into_iter().chain(systems).chain(small).collect();
    mass(&arguments, out)
}

#[test]
fn shards_train_their_parts_and_merge_into_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let [out, merged] = ["sweep", "merged"].map(|name| folder.path().join(name));
    let first = sweep("0/2", &out);
    let text = message(&first);
    assert!(first.status.success(), "{text}");
    assert!(
        text.contains("all 3 scientists of shard 0/2 are done"),
        "{text}"
    );
    assert!(
        text.contains("seeds-00004-00004: 2 of 3 scientists done"),
        "{text}"
    );

    let out_text = out.to_str().unwrap();
    let early = mass(&["merge", out_text], &merged);
    let text = message(&early);
    assert!(
        !early.status.success() && text.contains("seeds 2 to 3 of 0 to 4 are missing"),
        "{text}"
    );
    assert!(!merged.exists(), "nothing is written of half a sweep");

    // The rest; a shard for which there is no part; all of them once more.
    assert!(sweep("1/2", &out).status.success());
    let none = sweep("3/4", &out);
    assert!(
        none.status.success() && message(&none).contains("shard 3/4 has no part"),
        "{}",
        message(&none)
    );
    let again = sweep("0/1", &out);
    let text = message(&again);
    assert!(
        text.contains("all 5 scientists are done") && !text.contains("seeds-"),
        "{text}"
    );

    let done = mass(&["merge", out_text], &merged);
    let text = message(&done);
    assert!(
        done.status.success() && text.contains("5 scientists on 2 systems"),
        "{text}"
    );
    let run = mass_core::Run::open(&merged).unwrap();
    assert_eq!(run.record().seeds, [0, 1, 2, 3, 4]);
    assert!(run.is_complete().unwrap());
}

#[test]
fn bad_requests_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("sweep");
    let refused = |arguments: &[&str]| {
        let output = mass(arguments, &out);
        let text = message(&output);
        assert!(
            !output.status.success(),
            "{arguments:?} was accepted: {text}"
        );
        assert!(!text.contains("panicked"), "{text}");
        assert!(!out.exists(), "{arguments:?} wrote something");
        text
    };
    let seeds = ["sweep", "--seeds", "0..4"];
    let with = |flag: &str, value: &str| refused(&[&seeds[..], &[flag, value]].concat());
    assert!(with("--shard", "4/4").contains("the shards of 4 are 0/4 to 3/4"));
    assert!(with("--systems", "clasical").contains("did you mean \"classical\"?"));
    assert!(with("--recipe", "papper").contains("did you mean \"paper\"?"));
    assert!(with("--part", "0").contains("0 is not in 1.."));
    assert!(refused(&["sweep"]).contains("--seeds"));
    assert!(refused(&["sweep", "--seeds", "4"]).contains("write FIRST..END"));
    assert!(
        refused(&["merge", "nowhere"]).contains("nowhere is not usable: there is no such folder")
    );
    assert!(refused(&["merge"]).contains("<DIRECTORIES>"));
}

#[test]
fn a_sweeps_folder_is_for_one_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("sweep");
    assert!(sweep("0/3", &out).status.success());
    let other = ["sweep", "--seeds", "0..5", "--steps", "4", "--part", "2"];
    let output = mass(&other, &out);
    let text = message(&output);
    assert!(
        !output.status.success()
            && text.contains("it is another sweep")
            && text.contains("recipe.schedule.decay_steps is 3 there, 4 here"),
        "{text}"
    );
}

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

#[test]
fn a_part_of_which_there_is_a_summary_is_not_trained() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, summaries] =
        ["first", "second", "summaries"].map(|name| folder.path().join(name));
    let kept = summaries.to_str().unwrap();
    let sweep = |seeds: &str, steps: &str, out: &Path| {
        let what = ["sweep", "--systems", "classical,pendulum", "--seeds", seeds];
        let how = [
            "--steps",
            steps,
            "--part",
            "2",
            "--threads",
            "1",
            "--summary",
            kept,
        ];
        mass(&[&what[..], &how[..]].concat(), out)
    };
    let text = message(&sweep("0..2", "3", &first));
    let file = summaries.join("seeds-00000-00001.parquet");
    assert!(text.contains(file.to_str().unwrap()), "{text}");
    let bytes = std::fs::read(&file).unwrap();

    // On another machine, which has the summary and not the run.
    let text = message(&sweep("0..4", "3", &second));
    assert!(
        text.contains("of 2 scientists there are summaries in"),
        "{text}"
    );
    assert!(text.contains("all 2 scientists are done"), "{text}");
    assert!(!second.join("seeds-00000-00001").exists());
    let summary = mass_interp::Summary::read(&summaries.join("seeds-00002-00003.parquet"));
    assert_eq!(summary.unwrap().seeds(), [2, 3]);
    let text = message(&sweep("0..4", "3", &second));
    assert!(
        text.contains("of 4 scientists there are summaries in"),
        "{text}"
    );

    // A run that is there, and its summary lost, gives the same one again.
    std::fs::remove_file(&file).unwrap();
    assert!(sweep("0..2", "3", &first).status.success());
    assert!(std::fs::read(&file).unwrap() == bytes);

    let other = sweep("0..2", "4", &folder.path().join("other"));
    let text = message(&other);
    assert!(
        !other.status.success() && text.contains("is of another training (recipe."),
        "{text}"
    );
    // Of other seeds too: the folder could not be read any more.
    let out = folder.path().join("beside");
    let other = sweep("8..10", "4", &out);
    let text = message(&other);
    assert!(
        !other.status.success() && text.contains("is of another training (recipe."),
        "{text}"
    );

    // In other parts: those that are all there need nothing, and none is trained twice.
    let parts = |seeds: &str, part: &str, out: &Path| {
        let what = ["sweep", "--systems", "classical,pendulum", "--seeds", seeds];
        let how = ["--steps", "3", "--part", part, "--summary", kept];
        mass(&[&what[..], &how[..]].concat(), out)
    };
    let output = parts("0..4", "4", &folder.path().join("four"));
    let text = message(&output);
    assert!(
        output.status.success() && text.contains("of 4 scientists there are summaries"),
        "{text}"
    );
    let out = folder.path().join("three");
    let output = parts("0..6", "3", &out);
    let text = message(&output);
    assert!(
        !output.status.success()
            && text.contains(
                "seeds 3 to 5 would be trained as one part, and of them 3 are there already"
            )
            && text.contains("seeds-00002-00003.parquet), 4 to 5 not:"),
        "{text}"
    );
    assert!(!out.join("seeds-00003-00005").exists());
    let all = mass_interp::Summary::read_folder(&summaries).unwrap();
    assert_eq!(all.seeds(), [0, 1, 2, 3]);
    // What is missing is trained, as it was said.
    assert!(
        parts("4..6", "3", &folder.path().join("rest"))
            .status
            .success()
    );
    let all = mass_interp::Summary::read_folder(&summaries).unwrap();
    assert_eq!(all.seeds(), [0, 1, 2, 3, 4, 5]);

    // A file under another's name is not written over.
    let wrong = summaries.join("seeds-00006-00007.parquet");
    std::fs::rename(&file, &wrong).unwrap();
    let text = message(&parts("6..8", "2", &folder.path().join("more")));
    assert!(
        text.contains("holds seeds 0 to 1, which its name does not say"),
        "{text}"
    );
    assert!(std::fs::read(&wrong).unwrap() == bytes);
    // Nor is anybody there twice.
    std::fs::copy(&wrong, &file).unwrap();
    let text = message(&parts("8..10", "2", &folder.path().join("more")));
    assert!(text.contains("seed 0 is in two of the summaries"), "{text}");
}

#[test]
fn a_killed_part_goes_on_to_the_same_summary() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let part = |name: &str| {
        let mut mass = Command::new(env!("CARGO_BIN_EXE_mass"));
        let what = ["--systems", "classical,pendulum", "--seeds", "0..2"];
        let how = [
            "--steps",
            "300",
            "--threads",
            "1",
            "--checkpoint-every",
            "50",
        ];
        mass.arg("sweep").args(what).args(how);
        mass.arg("--summary").arg(at(name).join("kept"));
        mass.arg("--out").arg(at(name).join("runs"));
        mass.stdin(Stdio::null()).stderr(Stdio::null());
        mass
    };
    assert!(part("whole").status().unwrap().success());

    let run = at("killed/runs/seeds-00000-00001");
    let is_under_way = || {
        let files = std::fs::read_dir(&run).into_iter().flatten().flatten();
        let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        names.any(|name| name.starts_with("checkpoint") && !name.contains("-00000000."))
    };
    let mut child = part("killed").spawn().unwrap();
    while !is_under_way() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was done already");
    let name = "kept/seeds-00000-00001.parquet";
    assert!(!at("killed").join(name).exists());

    assert!(part("killed").status().unwrap().success());
    let kept = |of: &str| std::fs::read(at(of).join(name)).unwrap();
    assert!(kept("killed") == kept("whole"));
}

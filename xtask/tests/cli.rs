//! What a user sees of bad input, of Ctrl-C, and of going on: through the program itself.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

fn xtask(arguments: &[&str], out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(arguments)
        .arg("--out")
        .arg(out)
        .stdin(Stdio::null());
    command
}

/// Runs the program, which must refuse: its message, with nothing written under `out`.
fn refused(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output: Output = xtask(arguments, &out).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success(),
        "{arguments:?} was accepted: {message}"
    );
    assert!(!message.contains("panicked"), "{message}");
    assert!(!out.exists(), "{arguments:?} wrote something");
    message
}

#[test]
fn unknown_names_get_the_nearest_known_one() {
    assert!(refused(&["reproduce", "fig33"]).contains("'fig3'"));
    let recipe = refused(&["reproduce", "fig3", "--recipe", "referense"]);
    assert!(
        recipe.contains("unknown recipe \"referense\"; did you mean \"reference\"?"),
        "{recipe}"
    );
    let device = refused(&["reproduce", "fig3", "--device", "felx"]);
    assert!(
        device.contains("unknown device \"felx\"; did you mean \"flex\"?"),
        "{device}"
    );
    assert!(refused(&["reproduce", "fig3", "--steps", "0"]).contains("0 is not in 1.."));
    assert!(refused(&["reproduce", "fig3", "--seeds", "5"]).contains("--seed N"));
    assert!(refused(&["reproduce", "fig10", "--seed", "5"]).contains("--seeds N"));
    assert!(refused(&["reproduce", "fig9", "--full", "--seeds", "5"]).contains("--seeds"));
}

#[test]
#[cfg(not(feature = "cuda"))]
fn a_device_that_is_not_compiled_names_its_feature() {
    let message = refused(&["reproduce", "fig3", "--device", "cuda"]);
    assert!(
        message.contains("build with `--features cuda`"),
        "{message}"
    );
}

#[test]
fn a_recipe_file_is_checked_before_anything_is_trained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let path_text = path.to_str().unwrap();
    let missing = refused(&["reproduce", "fig3", "--recipe", path_text]);
    assert!(
        missing.contains("cannot read") && missing.contains("mine.toml"),
        "{missing}"
    );

    let good = mass_core::Recipe::reference().to_toml();
    fs::write(&path, good.replace("width = 20", "widht = 20")).unwrap();
    let message = refused(&["reproduce", "fig3", "--recipe", path_text]);
    assert!(
        message.contains("mine.toml") && message.contains("unknown field `widht`"),
        "{message}"
    );
    assert!(message.contains("line"), "{message}");

    fs::write(&path, good.replace("beta_2 = 0.8", "beta_2 = 1.8")).unwrap();
    let message = refused(&["reproduce", "fig3", "--recipe", path_text]);
    assert!(message.contains("optimizer.beta_2 = 1.8"), "{message}");
}

#[test]
fn a_scientist_that_diverges_is_announced_and_bears_no_claim_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = mass_core::Recipe::reference();
    recipe.name = "wild".into();
    recipe.optimizer.learning_rate = 1e9;
    let path = folder.path().join("wild.toml");
    fs::write(&path, recipe.to_toml()).unwrap();
    let arguments = [
        "reproduce",
        "fig3",
        "--steps",
        "20",
        "--recipe",
        path.to_str().unwrap(),
    ];
    let output = xtask(&arguments, folder.path()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{message}");
    assert!(message.contains("seed 0 diverged at step"), "{message}");
    let comparison = fs::read_to_string(folder.path().join("fig3/comparison.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&comparison).unwrap();
    for row in rows.iter().filter(|row| row["ours"].is_null()) {
        assert!(row["holds"].is_null(), "{row}");
    }
    assert!(
        rows.iter().filter(|row| row["ours"].is_null()).count() >= 2,
        "{comparison}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let output = xtask(&["reproduce", "table1"], &file.join("out"))
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && message.contains("a-file/out"),
        "{message}"
    );
}

#[test]
#[cfg(unix)]
fn ctrl_c_keeps_a_checkpoint_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["reproduce", "fig3", "--steps", "300"];
    let child = xtask(&arguments, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once the run directory is there, the signal handler is too.
    let training = folder.path().join("training");
    for _ in 0..600 {
        std::thread::sleep(Duration::from_millis(10));
        let checkpoints = fs::read_dir(&training)
            .into_iter()
            .flatten()
            .flatten()
            .any(|run| run.path().join("checkpoint-00000000.safetensors").exists());
        if checkpoints {
            break;
        }
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(message.contains("run the same again to go on"), "{message}");
    assert!(
        !folder.path().join("fig3").exists(),
        "nothing is drawn of half a training"
    );

    let output = xtask(&arguments, folder.path()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{message}");
    assert!(message.contains("going on from step"), "{message}");
    let comparison = fs::read_to_string(folder.path().join("fig3/comparison.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&comparison).unwrap();
    for row in &rows {
        for key in [
            "quantity", "paper", "ours", "unit", "claim", "whose", "holds",
        ] {
            assert!(row.get(key).is_some(), "{key} is missing in {row}");
        }
    }

    // A third time nothing is trained.
    let output = xtask(&arguments, folder.path()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("trained already"), "{message}");
}

#[test]
fn figures_share_a_training_and_are_drawn_from_their_data() {
    let folder = tempfile::tempdir().unwrap();
    for figure in ["fig3", "fig4", "fig5"] {
        let output = xtask(&["reproduce", figure, "--steps", "20"], folder.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        for kind in ["json", "svg", "png"] {
            let path = folder.path().join(figure).join(format!("{figure}.{kind}"));
            assert!(fs::metadata(&path).unwrap().len() > 0, "{}", path.display());
        }
    }
    assert_eq!(
        fs::read_dir(folder.path().join("training"))
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn all_is_made_of_trainings_that_are_shared_and_shown_on_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["reproduce", "all", "--steps", "2", "--seeds", "2"];
    let output = xtask(&arguments, folder.path()).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{message}");

    let page = fs::read_to_string(folder.path().join("gallery.html")).unwrap();
    let pictures = [
        "fig3",
        "fig4",
        "fig5",
        "fig6",
        "fig7",
        "fig8",
        "fig9",
        "fig10",
        "fig11",
        "fig13",
        "fig14",
        "fig15",
        "fig16",
        "agreement",
    ];
    for name in pictures {
        assert!(
            page.contains(&format!("src=\"{name}/{name}.svg\"")),
            "{name}"
        );
        for kind in ["json", "svg", "png"] {
            let path = folder.path().join(name).join(format!("{name}.{kind}"));
            assert!(fs::metadata(&path).unwrap().len() > 0, "{}", path.display());
        }
    }
    for name in ["table1", "table2", "table3", "spread"] {
        assert!(
            page.contains(&format!("href=\"{name}/{name}.md\"")),
            "{name}"
        );
    }
    // Every training is of other systems, another recipe or other seeds.
    let made = fs::read_to_string(folder.path().join("fig8/made.json")).unwrap();
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(
        made["command"],
        "cargo xtask reproduce fig8 --seeds 2 --steps 2"
    );
    assert_eq!(made["trainings"][3]["seeds"], serde_json::json!([0, 1]));

    // The document takes its numbers from there.
    let document = folder.path().join("fidelity.md");
    fs::write(
        &document,
        "# A\n<!-- fig10:begin --><!-- fig10:end -->\nprose\n",
    )
    .unwrap();
    let fidelity = |from: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("fidelity").arg("--from").arg(from);
        command.arg("--into").arg(&document).output().unwrap()
    };
    let nowhere = fidelity(&folder.path().join("nowhere"));
    let message = String::from_utf8(nowhere.stderr).unwrap();
    assert!(
        !nowhere.status.success() && message.contains("has nothing that"),
        "{message}"
    );
    assert!(fidelity(folder.path()).status.success());
    let written = fs::read_to_string(&document).unwrap();
    assert!(written.contains("2 scientists, seeds 0 to 1") && written.contains("prose"));
    assert!(written.contains("| quantity | paper | ours | unit | holds | claim |"));
}

#[test]
fn figures_of_summaries_are_those_of_the_runs_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut recipe = mass_core::Recipe::reference().with_steps(2);
    recipe.data.train_states = 64;
    recipe.data.test_states = 64;
    recipe.data.batch = 16;
    recipe.name = "small".into();
    // So that the untrained can be read, and are correct: there is something to say of them.
    recipe.terms.inverse = mass_terms::Inverse::Damped;
    recipe.evaluation.correct_below = 1e3;
    fs::write(at("small.toml"), recipe.to_toml()).unwrap();
    let made = |figure: &str, arguments: &[&str], out: &str| {
        let output = xtask(&[&["reproduce", figure][..], arguments].concat(), &at(out));
        let output = { output }.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{message}");
        let file = at(out).join(figure).join(format!("{figure}.json"));
        (fs::read(file).unwrap(), message)
    };
    let small = at("small.toml").display().to_string();
    let kept = at("summaries");
    fs::create_dir(&kept).unwrap();
    let of_runs = ["--seeds", "3", "--recipe", &small];
    let of_summaries = ["--summaries", kept.to_str().unwrap()];
    for figure in ["fig10", "fig11", "table2", "fig6"] {
        let (data, _) = made(figure, &of_runs, "runs");
        if figure == "fig10" {
            let run = fs::read_dir(at("runs/training")).unwrap().next().unwrap();
            let run = mass_core::Run::open(run.unwrap().path()).unwrap();
            let device = mass_jet::DeviceKind::Flex.open().unwrap();
            let summary = mass_interp::Summary::of(&run, &device).unwrap();
            summary.write(&kept.join("all.parquet")).unwrap();
        }
        let (again, message) = made(figure, &of_summaries, "kept");
        assert!(message.contains("not trained here"), "{message}");
        assert!(!at("kept/training").exists());
        let text = String::from_utf8_lossy(&data);
        match figure {
            // The courses of training are not kept: their number, and what became of them, is.
            "fig6" => {
                let fates = |data: &[u8]| {
                    let data: Value = serde_json::from_slice(data).unwrap();
                    data["fates"].clone()
                };
                assert_eq!(fates(&again), fates(&data));
                assert!(at("kept/fig6/fig6.md").exists() && !at("kept/fig6/fig6.svg").exists());
            }
            _ => assert!(again == data && text.len() > 500, "{figure}: {text}"),
        }
    }
    let fewer = ["--seeds", "4", "--summaries", kept.to_str().unwrap()];
    let output = xtask(&[&["reproduce", "fig10"][..], &fewer].concat(), &at("four"));
    let output = { output }.output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("no scientist of seed 3") && message.contains("mass sweep --summary"),
        "{message}"
    );
    assert!(
        refused(&["reproduce", "fig9", "--summaries", "x"]).contains("fig6, fig10, fig11, table2")
    );
    assert!(refused(&["reproduce", "fig10", "--summaries", "x"]).contains("x"));
}

#[test]
fn a_page_of_nothing_says_what_to_make() {
    let folder = tempfile::tempdir().unwrap();
    let output = xtask(&["reproduce", "gallery"], folder.path())
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && message.contains("reproduce all"),
        "{message}"
    );
}

#[test]
fn a_figure_of_more_scientists_is_not_replaced_without_being_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |line: &str| {
        let arguments: Vec<&str> = line.split(' ').collect();
        let output = xtask(&arguments, folder.path()).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), message, output.stdout)
    };
    let made = || fs::read_to_string(folder.path().join("spread/made.json")).unwrap();
    let (fine, message, table) = run("reproduce spread --steps 2 --seeds 4");
    assert!(fine, "{message}");
    let table = String::from_utf8(table).unwrap();
    assert!(
        table.contains("| unit ") && table.contains("claim holds: whether"),
        "{table}"
    );
    let before = made();
    for line in [
        "reproduce spread --steps 2 --seeds 3",
        "reproduce all --steps 2 --seeds 3",
    ] {
        let (fine, message, _) = run(line);
        assert!(!fine, "{line} replaced it");
        for said in [
            "spread holds",
            "4 scientists",
            "of 3",
            "--out DIR",
            "--replace",
        ] {
            assert!(message.contains(said), "{said}: {message}");
        }
        assert_eq!(made(), before);
    }
    let fig8 = folder.path().join("fig8");
    assert!(!fig8.exists(), "nothing was trained or made");
    // As many, and more; and less where it is asked for.
    assert!(run("reproduce spread --steps 2 --seeds 4").0);
    assert!(run("reproduce spread --steps 2 --seeds 5").0);
    assert!(run("reproduce spread --steps 2 --seeds 2 --replace").0);
    assert!(made().contains("--seeds 2"), "{}", made());
}

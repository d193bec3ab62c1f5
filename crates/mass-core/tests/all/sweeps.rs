//! Many seeds in parts: shared out, stopped, gone on with and put together, they are the scientists
//! of one training, bit for bit.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::common::{recipe, systems};
use mass_core::{
    Error, Event, MassModel, Merge, Observer, Recipe, Record, Run, Sweep, SystemShape, Trainer,
    TrainingSystem,
};
use mass_jet::DeviceKind;
use mass_systems::{Purpose, lookup, sample, stream};

const SYSTEMS: [&str; 2] = ["classical", "pendulum"];

fn training(seeds: std::ops::Range<u64>, directory: &Path) -> Trainer {
    Trainer::new(recipe(), systems(&SYSTEMS), seeds).directory(directory)
}

fn merge(directories: &[impl AsRef<Path>], out: &Path) -> Result<Run, Error> {
    Ok(Merge::of(directories).run(out)?)
}

/// Every file of a run by its name, but for the lock.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| name != "run.lock")
        .collect()
}

/// The merged run is the run of all seeds together: the same files with the same bytes, which hold
/// the tensors, and the same rows.
fn assert_same(merged: &Path, whole: &Path) {
    let (merged_files, whole_files) = (files(merged), files(whole));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&merged_files), names(&whole_files));
    let [merged, whole] = [merged, whole].map(|path| Run::open(path).unwrap());
    assert_eq!(merged.record(), whole.record());
    let [ours, theirs] = [&merged, &whole].map(|run| run.metrics().unwrap());
    assert!(!ours.rows.is_empty() && !ours.weights.is_empty());
    // As text, for NaN is not equal to itself.
    assert!(
        format!("{ours:?}") == format!("{theirs:?}"),
        "the rows differ"
    );
    for (name, bytes) in &merged_files {
        assert!(bytes == &whole_files[name], "{name} differs");
    }
}

#[test]
fn shards_trained_apart_and_merged_are_the_seeds_trained_together() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, merged] = ["whole", "merged"].map(|name| folder.path().join(name));
    training(0..7, &whole).run().unwrap();

    // Two machines with a folder each, the parts of another size than the blocks.
    let machines = ["one", "two"].map(|name| folder.path().join(name));
    for (index, machine) in machines.iter().enumerate() {
        let shard = mass_core::Shard::new(index, 2).unwrap();
        let outcome = training(0..7, machine)
            .block_size(1 + index)
            .threads(1 + index)
            .in_parts(2)
            .shard(shard)
            .run()
            .unwrap();
        assert_eq!(outcome.scientists, [4, 3][index]);
        assert_eq!((outcome.done, outcome.interrupted), ([4, 3][index], false));
    }
    let run = merge(&machines, &merged).unwrap();
    assert!(run.is_complete().unwrap());
    assert_same(&merged, &whole);

    // Once more changes nothing; and it is an ordinary run.
    let before = fs::metadata(merged.join("run.toml")).unwrap().modified();
    merge(&machines, &merged).unwrap();
    let after = fs::metadata(merged.join("run.toml")).unwrap().modified();
    assert_eq!(before.unwrap(), after.unwrap());
    let resumed = Trainer::resume(&merged).unwrap().run().unwrap();
    assert_eq!((resumed.completed, resumed.interrupted), (60, false));
    assert_eq!(run.standings().unwrap().len(), 7);

    // Single runs merge as well, in whatever order they are named.
    let runs = Sweep::open(&machines[0]).unwrap().parts();
    let elsewhere = Sweep::open(&machines[1]).unwrap().parts();
    let parts: Vec<&PathBuf> = runs.iter().chain(&elsewhere).rev().collect();
    let parts: Vec<&PathBuf> = parts.into_iter().filter(|path| path.exists()).collect();
    let again = folder.path().join("again");
    merge(&parts, &again).unwrap();
    assert_same(&again, &whole);
}

#[test]
fn seeds_in_any_order_and_models_of_ones_own_merge() {
    let folder = tempfile::tempdir().unwrap();
    let device = DeviceKind::Flex.open().unwrap();
    let shapes: Vec<SystemShape> = systems(&SYSTEMS)
        .iter()
        .map(TrainingSystem::shape)
        .collect();
    // The parameters of other seeds, to start from; one of them diverges.
    let start = |seeds: &[u64]| {
        let from: Vec<u64> = seeds.iter().map(|seed| seed + 100).collect();
        let model = MassModel::init(&recipe(), &shapes, &from, &device).unwrap();
        let mut tensors = model.tensors();
        if let Some(place) = seeds.iter().position(|seed| *seed == 1) {
            let cells = [place..place + 1, 0..1, 0..1];
            tensors[0] = tensors[0].clone().slice_fill(cells, f32::NAN);
        }
        MassModel::from_tensors(&recipe(), &shapes, tensors).unwrap()
    };
    let train = |seeds: &[u64], name: &str| {
        let path = folder.path().join(name);
        Trainer::new(recipe(), systems(&SYSTEMS), seeds.iter().copied())
            .start_from(start(seeds))
            .directory(&path)
            .run()
            .unwrap();
        path
    };
    let whole = train(&[0, 1, 2, 3], "whole");
    let parts = [train(&[3, 0], "a"), train(&[1, 2], "b")];
    let merged = folder.path().join("merged");
    let run = merge(&parts, &merged).unwrap();
    assert_same(&merged, &whole);
    let diverged = run.standings().unwrap()[1].changes.last().copied().unwrap();
    assert_eq!(
        (diverged.step, diverged.status),
        (1, mass_core::Status::Diverged)
    );
}

#[test]
fn measured_data_travel_with_a_merged_run() {
    let folder = tempfile::tempdir().unwrap();
    let system = lookup("classical").unwrap();
    let mut stream = stream(9, Purpose::TrainData, "classical");
    let data = sample(system.as_ref(), 300, &mut stream).unwrap();
    let train = |name: &str, parts: Option<usize>| {
        let measured = TrainingSystem::measured("mine", &data, 0.8, 0).unwrap();
        let path = folder.path().join(name);
        let trainer = Trainer::new(recipe(), vec![measured], 0..3).directory(&path);
        match parts {
            Some(size) => assert_eq!(trainer.in_parts(size).run().unwrap().done, 3),
            None => assert!(!trainer.run().unwrap().interrupted),
        }
        path
    };
    let (whole, parts) = (train("whole", None), train("parts", Some(2)));
    let merged = folder.path().join("merged");
    merge(&[parts], &merged).unwrap();
    assert_same(&merged, &whole);
    assert!(merged.join("data-mine-test.parquet").exists());
}

/// Keeps what it is told, and sets the stop flag at a step of a part.
struct Listener {
    events: Arc<Mutex<Vec<String>>>,
    stop: Option<(u64, Arc<AtomicBool>)>,
    parts: usize,
}

impl Observer for Listener {
    fn on_event(&mut self, event: &Event) {
        let text = match event {
            Event::PartStarted {
                path,
                scientists,
                done,
                work_done,
                work,
            } => {
                // Systems 1 and 2 for 30 steps each: 90 a scientist.
                assert_eq!(*work, 90 * *scientists as u64);
                assert!(*work_done >= 90 * *done as u64 && work_done < work);
                self.parts += 1;
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                format!("{name}: {done} of {scientists} done")
            }
            Event::SweepEnded {
                done, interrupted, ..
            } => format!("ended: {done}, {interrupted}"),
            Event::Advanced { completed, .. } => {
                if let Some((step, flag)) = &self.stop
                    && self.parts == 2
                    && completed >= step
                {
                    flag.store(true, Ordering::Relaxed);
                }
                return;
            }
            _ => return,
        };
        self.events.lock().unwrap().push(text);
    }
}

#[test]
fn a_sweep_stops_goes_on_and_skips_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let [path, whole, merged] = ["sweep", "whole", "merged"].map(|name| folder.path().join(name));
    let events: Arc<Mutex<Vec<String>>> = Arc::default();
    let sweep = |stop: Option<(u64, Arc<AtomicBool>)>| {
        let mut trainer = training(0..6, &path).checkpoint_every(7);
        if let Some((_, flag)) = &stop {
            trainer = trainer.stop_on(flag.clone());
        }
        let listener = Listener {
            events: events.clone(),
            stop,
            parts: 0,
        };
        let outcome = trainer.observe(listener).in_parts(2).run().unwrap();
        let told: Vec<String> = std::mem::take(&mut events.lock().unwrap());
        (outcome, told)
    };
    // Within the second phase of the second part.
    let (outcome, told) = sweep(Some((40, Arc::default())));
    assert_eq!((outcome.done, outcome.interrupted), (2, true));
    assert_eq!(
        told,
        [
            "seeds-00000-00001: 0 of 6 done",
            "seeds-00002-00003: 2 of 6 done",
            "ended: 2, true"
        ]
    );
    let error = merge(&[&path], &merged).unwrap_err().to_string();
    assert!(
        error.contains("seeds 2 to 3 have come to step") && error.contains("of 60; go on"),
        "{error}"
    );
    assert!(!merged.exists());

    let (outcome, told) = sweep(None);
    assert_eq!((outcome.done, outcome.interrupted), (6, false));
    assert_eq!(
        told,
        [
            "seeds-00002-00003: 2 of 6 done",
            "seeds-00004-00005: 4 of 6 done",
            "ended: 6, false"
        ]
    );
    let (_, told) = sweep(None);
    assert_eq!(told, ["ended: 6, false"]);

    training(0..6, &whole).run().unwrap();
    merge(&[&path], &merged).unwrap();
    assert_same(&merged, &whole);
}

#[test]
fn a_sweep_goes_to_a_phase_and_further_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sweep");
    let until = |phase| {
        let trainer = training(0..4, &path).until_phase(phase);
        trainer.in_parts(3).run().unwrap()
    };
    assert_eq!(until(1).done, 4);
    let done = |phases| {
        let parts = Sweep::open(&path).unwrap().parts();
        let runs = parts.into_iter().map(|part| Run::open(part).unwrap());
        runs.into_iter()
            .all(|run| run.phases_done().unwrap() == phases)
    };
    assert!(done(1));
    assert_eq!(until(2).done, 4);
    assert!(done(2));
}

#[test]
fn what_does_not_fit_together_is_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let merged = at("merged");
    let message = |directories: &[PathBuf]| {
        let error = merge(directories, &merged).unwrap_err().to_string();
        assert!(!merged.exists(), "{error}");
        error
    };
    // A shard alone.
    let shard = "0/2".parse().unwrap();
    let half = training(0..6, &at("half")).in_parts(2).shard(shard);
    assert_eq!(half.run().unwrap().done, 4);
    let error = message(&[at("half")]);
    assert!(
        error.contains("seeds 2 to 3 of 0 to 5 are missing"),
        "{error}"
    );
    // A hole between runs.
    for (name, seeds) in [("a", 0..2), ("b", 1..3), ("d", 5..6)] {
        training(seeds, &at(name)).run().unwrap();
    }
    let error = message(&[at("a"), at("d")]);
    assert!(
        error.contains("seeds 2 to 4 of 0 to 5 are missing"),
        "{error}"
    );
    // The same seed twice.
    let error = message(&[at("a"), at("b")]);
    assert!(
        error.contains("seeds 1 are both in") && error.contains("/a and in"),
        "{error}"
    );
    // Another recipe; other systems; nothing.
    let mut other: Recipe = recipe();
    other.network.mlp_mut().unwrap().width = 8;
    let train = |recipe: Recipe, ids: &[&str], name: &str| {
        let trainer = Trainer::new(recipe, systems(ids), [2]).directory(at(name));
        trainer.run().unwrap();
    };
    train(other.clone(), &SYSTEMS, "wide");
    let error = message(&[at("a"), at("wide")]);
    assert!(
        error.contains("recipe.network.width is 20 there, 8 here"),
        "{error}"
    );
    train(recipe(), &["pendulum", "classical"], "permuted");
    let error = message(&[at("a"), at("permuted")]);
    assert!(
        error.contains("systems[0].id is \"classical\" there, \"pendulum\" here"),
        "{error}"
    );
    assert_eq!(message(&[]), "there is nothing to merge");
    let error = message(&[at("nowhere")]);
    assert!(
        error.contains("nowhere is not usable: there is no such folder"),
        "{error}"
    );

    // What cannot be trained is refused in turn as alone.
    let nothing = Trainer::new(recipe().with_steps(0), systems(&SYSTEMS), [0]);
    let nothing = nothing.directory(folder.path().join("nothing"));
    let alone = Trainer::new(recipe().with_steps(0), systems(&SYSTEMS), [0]).run();
    let in_turn = mass_core::run_in_turn([nothing], mass_core::ProgressLine::new(""));
    assert_eq!(
        in_turn.err().unwrap().to_string(),
        alone.err().unwrap().to_string()
    );

    // A sweep's folder is for one sweep.
    let again = |trainer: Trainer, size| {
        let error = trainer.in_parts(size).run().unwrap_err().to_string();
        assert!(error.contains("it is another sweep"), "{error}");
        error
    };
    let error = again(training(0..6, &at("half")), 3);
    assert!(error.contains("part_size is 2 there, 3 here"), "{error}");
    let error = again(training(0..8, &at("half")), 2);
    assert!(error.contains("seeds.end is 6 there, 8 here"), "{error}");
    let wide = Trainer::new(other, systems(&SYSTEMS), 0..6).directory(at("half"));
    let error = again(wide, 2);
    assert!(
        error.contains("recipe.network.width is 20 there, 8 here"),
        "{error}"
    );

    let gaps = Trainer::new(recipe(), systems(&SYSTEMS), [0, 2]).directory(at("gaps"));
    let error = gaps.in_parts(2).run().unwrap_err().to_string();
    assert!(error.contains("a range without gaps"), "{error}");
    let nowhere = Trainer::new(recipe(), systems(&SYSTEMS), 0..2);
    let error = nowhere.in_parts(2).run().unwrap_err().to_string();
    assert!(error.contains("name one"), "{error}");
}

#[test]
fn shards_that_begin_at_once_agree_on_the_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sweep");
    std::thread::scope(|scope| {
        let shards: Vec<_> = (0..4)
            .map(|index| {
                let path = &path;
                scope.spawn(move || {
                    let shard = mass_core::Shard::new(index, 4).unwrap();
                    let trainer = training(0..4, path).threads(1);
                    trainer.in_parts(1).shard(shard).run()
                })
            })
            .collect();
        for shard in shards {
            assert_eq!(shard.join().unwrap().unwrap().done, 1);
        }
    });
    let run = merge(&[&path], &folder.path().join("merged")).unwrap();
    assert_eq!(run.record().seeds, [0, 1, 2, 3]);
}

#[test]
fn some_seeds_up_to_a_phase_merge_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let train = |seeds: &[u64], name: &str| {
        Trainer::new(recipe(), systems(&SYSTEMS), seeds.iter().copied()).directory(at(name))
    };
    train(&[1, 4, 5], "whole").until_phase(1).run().unwrap();
    // One part is further than the other; of both some seeds are not asked for.
    train(&[0, 1, 2, 3], "a").until_phase(1).run().unwrap();
    train(&[4, 5, 6], "b").run().unwrap();
    let merge = |phase| {
        Merge::of(&[at("a"), at("b")])
            .until_phase(phase)
            .seeds([5, 1, 4])
            .run(at("merged"))
    };
    let run = merge(1).unwrap();
    assert_same(&at("merged"), &at("whole"));
    assert_eq!(run.phases_done().unwrap(), 1);
    let error = merge(2).unwrap_err().to_string();
    assert!(
        error.contains("seeds 0 to 3 have come to step 30 of 60"),
        "{error}"
    );
    let error = Merge::of(&[at("a"), at("b")])
        .until_phase(1)
        .seeds([1, 7, 8])
        .run(at("other"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("seeds 7 to 8 of 1, 7 to 8 are missing"),
        "{error}"
    );

    // Once the other part has gone on too, the second phase is added.
    train(&[0, 1, 2, 3], "a").run().unwrap();
    train(&[1, 4, 5], "whole").run().unwrap();
    assert!(merge(2).unwrap().is_complete().unwrap());
    assert_same(&at("merged"), &at("whole"));

    // Or the merged run goes on by itself.
    Merge::of(&[at("b")])
        .until_phase(1)
        .run(at("early"))
        .unwrap();
    Trainer::resume(at("early")).unwrap().run().unwrap();
    assert_same(&at("early"), &at("b"));
}

#[test]
fn a_merged_run_of_other_numbers_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let device = DeviceKind::Flex.open().unwrap();
    let shapes: Vec<SystemShape> = systems(&SYSTEMS)
        .iter()
        .map(TrainingSystem::shape)
        .collect();
    training(0..1, &at("a")).run().unwrap();
    training(1..2, &at("b")).run().unwrap();
    merge(&[at("a"), at("b")], &at("merged")).unwrap();
    merge(&[at("a"), at("b")], &at("merged")).unwrap();
    // As if another program had trained seed 1: its record is the same, its numbers are not.
    let record = fs::read(at("b").join("run.toml")).unwrap();
    let other = MassModel::init(&recipe(), &shapes, &[9], &device).unwrap();
    training(1..2, &at("other"))
        .start_from(other)
        .run()
        .unwrap();
    fs::remove_dir_all(at("b")).unwrap();
    training(1..2, &at("b")).run().unwrap();
    assert_eq!(fs::read(at("b").join("run.toml")).unwrap(), record);
    merge(&[at("a"), at("b")], &at("merged")).unwrap();
    replant(&at("other"), &at("b"));
    let error = merge(&[at("a"), at("b")], &at("merged")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Runs(mass_core::mass_runs::Error::RunDirectory { .. })
        ),
        "{error}"
    );
    assert!(error.to_string().contains("other parameters"), "{error}");
    fs::remove_dir_all(at("merged")).unwrap();
    merge(&[at("a"), at("b")], &at("merged")).unwrap();
}

/// Gives a run the tensors of another.
fn replant(from: &Path, to: &Path) {
    let plan = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let start = text.find("plan\\\":\\\"").unwrap() + 9;
        text[start..start + 64].to_string()
    };
    let (theirs, ours) = (files(from), files(to));
    for (name, bytes) in theirs {
        if name == "run.toml" {
            continue;
        }
        let mut bytes = bytes;
        if name.starts_with("checkpoint-") {
            let (old, new) = (plan(&bytes), plan(&ours[&name]));
            let place = bytes
                .windows(64)
                .position(|window| window == old.as_bytes());
            let place = place.unwrap();
            bytes[place..place + 64].copy_from_slice(new.as_bytes());
        }
        fs::write(to.join(name), bytes).unwrap();
    }
}

#[test]
fn what_a_killed_merge_left_is_not_taken_for_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    training(0..2, &at("a")).run().unwrap();
    training(2..3, &at("b")).run().unwrap();
    let parts = [at("a"), at("b")];
    let killed = || {
        merge(&parts, &at("killed")).unwrap();
        fs::remove_file(at("killed/run.toml")).unwrap();
    };
    // Without the mark of a merge they may be somebody's: nothing is touched.
    killed();
    let before = files(&at("killed"));
    let error = merge(&parts, &at("killed")).unwrap_err().to_string();
    assert!(error.contains("but no run.toml"), "{error}");
    let error = training(0..1, &at("killed")).run().unwrap_err().to_string();
    assert!(error.contains("but no run.toml"), "{error}");
    assert_eq!(files(&at("killed")), before);
    // With it they go.
    fs::write(at("killed/.merging.tmp"), "").unwrap();
    let run = Merge::of(&parts).until_phase(1).run(at("killed")).unwrap();
    assert_eq!(run.completed().unwrap(), Some(30));
    merge(&parts, &at("killed")).unwrap();
    merge(&parts, &at("merged")).unwrap();
    assert_same(&at("killed"), &at("merged"));
}

#[test]
fn sweeps_and_runs_merge_together() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    training(0..5, &at("whole")).run().unwrap();
    training(0..2, &at("one")).in_parts(1).run().unwrap();
    training(3..5, &at("two")).in_parts(2).run().unwrap();
    training(2..3, &at("run")).run().unwrap();
    let sweeps = [at("one"), at("two")];
    assert_eq!(
        merge(&sweeps, &at("hole")).unwrap().record().seeds,
        [0, 1, 3, 4]
    );
    merge(&[at("one"), at("two"), at("run")], &at("merged")).unwrap();
    assert_same(&at("merged"), &at("whole"));
}

#[test]
fn numbers_that_cannot_be_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // A gap too large to list.
    let far = i64::MAX as u64;
    training(0..1, &at("near")).run().unwrap();
    training(far..far + 1, &at("far")).run().unwrap();
    let error = merge(&[at("near"), at("far")], &at("merged")).unwrap_err();
    let expected = format!("seeds 1 to {} of 0 to {far} are missing", far - 1);
    assert!(error.to_string().contains(&expected), "{error}");
    // The end of a range is written too.
    let sweep = training(far..far + 1, &at("end")).in_parts(1).run();
    let error = sweep.unwrap_err().to_string();
    assert!(error.contains("TOML holds numbers up to"), "{error}");

    training(0..2, &at("sweep")).in_parts(2).run().unwrap();
    let path = at("sweep").join("sweep.toml");
    let text = fs::read_to_string(&path).unwrap();
    for (from, to, reason) in [
        ("part_size = 2", "part_size = 0", "part_size is 0"),
        ("end = 2", "end = 0", "there are no seeds in 0..0"),
        ("end = 2", "end = 9000000000000000000", "at most 1000000"),
    ] {
        assert!(text.contains(from));
        fs::write(&path, text.replace(from, to)).unwrap();
        let error = Sweep::open(at("sweep")).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_folder_is_a_run_or_a_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    training(0..2, &at("run")).run().unwrap();
    training(0..2, &at("sweep")).in_parts(2).run().unwrap();
    let error = training(0..2, &at("run")).in_parts(2).run().unwrap_err();
    assert!(
        error.to_string().contains("a run in it (run.toml)"),
        "{error}"
    );
    let error = training(0..2, &at("sweep")).run().unwrap_err();
    assert!(
        error.to_string().contains("a sweep in it (sweep.toml)"),
        "{error}"
    );
    let error = merge(&[at("run")], &at("sweep")).unwrap_err();
    assert!(
        error.to_string().contains("a sweep in it (sweep.toml)"),
        "{error}"
    );
}

#[test]
fn a_merged_run_names_all_programs_that_trained_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let train = |seed: u64, name: &str, revision: &str| {
        let trainer = Trainer::new(recipe(), systems(&SYSTEMS), [seed]).directory(at(name));
        trainer.revision(revision)
    };
    let revisions = |phase| -> Vec<String> {
        let merge = Merge::of(&[at("a"), at("b")]).until_phase(phase);
        merge.run(at("merged")).unwrap();
        let run = Run::open(at("merged")).unwrap();
        run.record()
            .revisions()
            .into_iter()
            .map(String::from)
            .collect()
    };
    for (seed, name) in [(0, "a"), (1, "b")] {
        train(seed, name, "one").until_phase(1).run().unwrap();
    }
    assert_eq!(revisions(1), ["one"]);
    for (seed, name, revision) in [(0, "a", "two"), (1, "b", "three")] {
        train(seed, name, revision).run().unwrap();
    }
    assert_eq!(revisions(2), ["one", "two", "three"]);
}

//! What training promises: the same seed gives the same scientist, bit for bit, alone or in an
//! ensemble, on any number of threads, stopped and resumed or not; and one scientist's NaN stays
//! its own.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::common::{recipe, systems};
use burn::tensor::Tensor;
use mass_core::{
    Curriculum, Error, Event, MassModel, MemberStatus, Observer, Outcome, Recipe, Record, Run,
    Status, SystemShape, Trainer, TrainingSystem, WeightsKind,
};
use mass_jet::DeviceKind;
use mass_systems::{
    Dataset, Domain, FromLagrangian, Lagrangian, Number, Purpose, lookup, sample, stream,
};

/// The bits of one member's parameters, in f32.
fn bits(model: &MassModel, member: usize) -> Vec<u32> {
    let tensors = model.tensors().into_iter();
    tensors
        .flat_map(|tensor: Tensor<3>| {
            tensor
                .narrow(0, member, 1)
                .into_data()
                .try_into_vec_as::<f32>()
                .unwrap()
        })
        .map(f32::to_bits)
        .collect()
}

/// Raw and averaged bits of one member.
fn member(outcome: &Outcome, member: usize) -> (Vec<u32>, Vec<u32>) {
    (bits(&outcome.raw, member), bits(&outcome.average, member))
}

const SYSTEMS: [&str; 2] = ["classical", "pendulum"];

#[test]
fn the_same_seed_is_the_same_scientist_alone_and_among_eight_on_any_threads() {
    let train = |seeds: Vec<u64>| Trainer::new(recipe(), systems(&SYSTEMS), seeds);
    let alone = train(vec![5]).run().unwrap();
    let again = train(vec![5]).run().unwrap();
    assert_eq!(member(&alone, 0), member(&again, 0));
    assert_eq!(alone.metrics, again.metrics);

    let together = train((0..8).collect())
        .block_size(8)
        .threads(1)
        .run()
        .unwrap();
    assert_eq!(
        member(&alone, 0),
        member(&together, 5),
        "seed 5 alone and inside E = 8"
    );
    let split = train((0..8).collect())
        .block_size(3)
        .threads(2)
        .run()
        .unwrap();
    for seed in 0..8 {
        assert_eq!(member(&together, seed), member(&split, seed), "seed {seed}");
    }
    let reversed = train((0..8).rev().collect()).run().unwrap();
    assert_eq!(
        member(&alone, 0),
        member(&reversed, 2),
        "the order of the members"
    );
    let rows = |outcome: &Outcome| -> Vec<_> {
        outcome
            .metrics
            .rows
            .iter()
            .filter(|row| row.seed == 5)
            .cloned()
            .collect()
    };
    assert_eq!(rows(&alone), rows(&together));
}

/// Sets the stop flag once this many steps are done.
struct StopAt {
    step: u64,
    flag: Arc<AtomicBool>,
}

impl Observer for StopAt {
    fn on_event(&mut self, event: &Event) {
        if let Event::Advanced { completed, .. } = event
            && *completed >= self.step
        {
            self.flag.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn stopped_and_resumed_is_uninterrupted() {
    let folder = tempfile::tempdir().unwrap();
    let whole_path = folder.path().join("whole");
    let whole = Trainer::new(recipe(), systems(&SYSTEMS), [3, 4])
        .directory(&whole_path)
        .run()
        .unwrap();
    // Within the warm-up, within the decay, and within the second phase.
    for step in [3, 17, 44] {
        let path = folder.path().join(format!("stopped-at-{step}"));
        let flag = Arc::new(AtomicBool::new(false));
        let stopped = Trainer::new(recipe(), systems(&SYSTEMS), [3, 4])
            .directory(&path)
            .checkpoint_every(5)
            .stop_on(flag.clone())
            .observe(StopAt { step, flag })
            .run()
            .unwrap();
        assert!(stopped.interrupted && stopped.completed < stopped.total);
        assert!(!Run::open(&path).unwrap().is_complete().unwrap());
        let resumed = Trainer::resume(&path).unwrap().run().unwrap();
        assert!(!resumed.interrupted);
        for index in 0..2 {
            assert_eq!(
                member(&resumed, index),
                member(&whole, index),
                "stopped at {step}"
            );
        }
        assert_eq!(resumed.metrics, whole.metrics);
        let run = Run::open(&path).unwrap();
        let of_whole = Run::open(&whole_path).unwrap().metrics().unwrap();
        assert_eq!(run.metrics().unwrap(), of_whole);
        let device = DeviceKind::Flex.open().unwrap();
        let loaded = run.model(WeightsKind::Average, &device).unwrap();
        assert_eq!(bits(&loaded, 1), bits(&whole.average, 1));
    }
    // Running it once more does nothing.
    let again = Trainer::resume(&whole_path).unwrap().run().unwrap();
    assert_eq!(member(&again, 0), member(&whole, 0));
}

/// L = ½y² − ½k x².
struct Spring(f64);

impl Lagrangian for Spring {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        y[0] * y[0] * 0.5 - x[0] * x[0] * (0.5 * self.0)
    }
}

#[test]
fn another_law_of_ones_own_is_another_run() {
    let folder = tempfile::tempdir().unwrap();
    let train = |id: &str, k: f64, reach: f64, path: &str| {
        let domain = Domain::cube(1, (-reach, reach), (-1.0, 1.0)).unwrap();
        let spring = FromLagrangian::new(id, domain, Spring(k));
        let systems = vec![TrainingSystem::known(spring)];
        let trainer = Trainer::new(recipe(), systems, [0]);
        trainer.directory(folder.path().join(path)).run()
    };
    let first = train("spring", 4.0, 1.0, "own").unwrap();
    // The same law goes on, here with nothing left to do.
    let again = train("spring", 4.0, 1.0, "own").unwrap();
    assert_eq!(member(&first, 0), member(&again, 0));
    for (k, reach) in [(9.0, 1.0), (4.0, 2.0)] {
        let error = train("spring", k, reach, "own").err().unwrap().to_string();
        assert!(
            error.contains("it holds another run (systems[0].own"),
            "{error}"
        );
    }
    // A directory does not hold the law, whether the registry has one of its name or not.
    train("pendulum", 4.0, 1.0, "shadow").unwrap();
    for path in ["own", "shadow"] {
        let run = Run::open(folder.path().join(path)).unwrap();
        let error = run.systems().err().unwrap().to_string();
        assert!(error.contains("is a law of one's own"), "{error}");
        assert!(
            run.model(WeightsKind::Raw, &DeviceKind::Flex.open().unwrap())
                .is_ok()
        );
    }
    // One that is the registry's is the registry's.
    train("classical", 1.0, 1.0, "classical").unwrap();
    let run = Run::open(folder.path().join("classical")).unwrap();
    assert_eq!(run.record().systems[0].own, None);
    assert!(run.systems().is_ok());
}

#[test]
fn a_model_that_does_not_fit_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let shapes = |ids: &[&str]| -> Vec<SystemShape> {
        systems(ids).iter().map(TrainingSystem::shape).collect()
    };
    let device = DeviceKind::Flex.open().unwrap();
    let refused = |recipe_of: &Recipe, ids: &[&str]| {
        let model = MassModel::init(recipe_of, &shapes(ids), &[0], &device).unwrap();
        let trainer = Trainer::new(recipe(), systems(&SYSTEMS), [0]).start_from(model);
        let path = folder.path().join("run");
        let error = trainer.directory(&path).run().err().unwrap().to_string();
        assert!(!path.exists(), "{error}");
        error
    };
    let error = refused(&recipe(), &["pendulum", "classical"]);
    assert!(
        error.contains("of the systems pendulum, classical, but"),
        "{error}"
    );
    assert!(refused(&recipe(), &["classical"]).contains("of the systems classical, but"));
    let mut wider = recipe();
    wider.network.mlp_mut().unwrap().width += 1;
    let error = refused(&wider, &SYSTEMS);
    assert!(error.contains("but the recipe needs"), "{error}");
    let mut deeper = recipe();
    deeper.network.mlp_mut().unwrap().hidden_layers += 1;
    assert!(refused(&deeper, &SYSTEMS).contains("but the recipe needs"));
    let mut precise = recipe();
    precise.precision = mass_jet::Precision::F64;
    let error = refused(&precise, &SYSTEMS);
    assert!(error.contains("in F64, but the recipe needs"), "{error}");
}

#[test]
fn data_that_cannot_be_learned_from_are_refused() {
    let data = |dof: usize, count: usize| {
        let values = vec![0.5; dof * count];
        Dataset::new("lab", dof, values.clone(), values.clone(), values).unwrap()
    };
    let measured = |id: &str, test_dof: usize| {
        let system = TrainingSystem::measured_apart(id, data(1, 100), data(test_dof, 10));
        Trainer::new(recipe(), vec![system], [0])
            .run()
            .err()
            .unwrap()
            .to_string()
    };
    assert!(measured("lab", 2).contains("1 degrees of freedom to train on and 2 to test on"));
    assert!(measured("lab/one", 1).contains("give it an id without /"));
    for share in [0.0, 1.0, 1.2, f64::NAN] {
        let error = TrainingSystem::measured("lab", &data(1, 100), share, 0);
        let error = error.err().unwrap().to_string();
        assert!(
            error.contains("the share of the states to train on is"),
            "{error}"
        );
    }
}

#[test]
fn the_programs_that_went_on_with_a_run_are_noted() {
    let folder = tempfile::tempdir().unwrap();
    let by = |revision: &str| {
        let trainer = Trainer::new(recipe(), systems(&SYSTEMS), [3]);
        trainer.directory(folder.path()).revision(revision)
    };
    let flag = Arc::new(AtomicBool::new(false));
    let stop = StopAt {
        step: 17,
        flag: flag.clone(),
    };
    let stopped = by("one").stop_on(flag).observe(stop).run().unwrap();
    assert!(stopped.interrupted);
    for revision in ["one", "two", "three"] {
        let flag = Arc::new(AtomicBool::new(revision == "one"));
        by(revision).stop_on(flag).run().unwrap();
    }
    // The last one had nothing left to do.
    let run = Run::open(folder.path()).unwrap();
    let revisions: Vec<&str> = run.record().revisions();
    assert_eq!(revisions, ["one", "two"]);
    assert!(run.is_complete().unwrap());
}

#[test]
fn a_member_with_nan_is_marked_and_the_others_are_unchanged() {
    let seeds: Vec<u64> = (0..8).collect();
    let device = DeviceKind::Flex.open().unwrap();
    let ids = systems(&SYSTEMS);
    let shapes: Vec<SystemShape> = ids.iter().map(TrainingSystem::shape).collect();
    let healthy = MassModel::init(&recipe(), &shapes, &seeds, &device).unwrap();
    // NaN in one weight of member 2's first network.
    let mut tensors = healthy.tensors();
    let poisoned = tensors[0].clone().slice_fill([2..3, 0..1, 0..1], f32::NAN);
    tensors[0] = poisoned;
    let sick = MassModel::from_tensors(&recipe(), &shapes, tensors).unwrap();
    let train = |model: MassModel, block| {
        Trainer::new(recipe(), systems(&SYSTEMS), seeds.clone())
            .start_from(model)
            .block_size(block)
            .run()
            .unwrap()
    };
    let before = bits(&sick, 2);
    for block in [8, 4] {
        let (sick, healthy) = (train(sick.clone(), block), train(healthy.clone(), block));
        for index in 0..8 {
            if index == 2 {
                assert_eq!(sick.members[2], MemberStatus::Diverged { step: 1 });
                assert_eq!(member(&sick, 2).0, before, "the marked member is frozen");
                continue;
            }
            assert_eq!(sick.members[index], MemberStatus::Sound);
            assert_eq!(
                member(&sick, index),
                member(&healthy, index),
                "member {index}"
            );
        }
        let marked = sick
            .metrics
            .rows
            .iter()
            .filter(|row| row.diverged.is_some());
        assert!(marked.clone().count() > 0 && marked.clone().all(|row| row.seed == 2));
        // The NaN sits in the network of the first system, and so do its predictions.
        let mut first = marked.filter(|row| row.system == "classical");
        assert!(first.all(|row| row.average.mse == f64::INFINITY && row.average.pole_share == 1.0));
    }
}

#[test]
fn a_run_directory_is_for_one_plan_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let train = |recipe: Recipe, seeds: Vec<u64>| {
        Trainer::new(recipe, systems(&["classical"]), seeds)
            .directory(&path)
            .run()
    };
    train(recipe(), vec![0]).unwrap();
    let error = train(recipe(), vec![1]).unwrap_err().to_string();
    assert!(error.contains("it holds another run"), "{error}");

    let checkpoint = Run::open(&path)
        .unwrap()
        .checkpoints()
        .unwrap()
        .pop()
        .unwrap()
        .1;
    let bytes = std::fs::read(&checkpoint).unwrap();
    std::fs::write(&checkpoint, &bytes[..bytes.len() / 2]).unwrap();
    let error = train(recipe(), vec![0]).unwrap_err().to_string();
    assert!(
        error.contains("truncated") && error.contains("checkpoint-"),
        "{error}"
    );

    // A checkpoint of another shape.
    let other = folder.path().join("other");
    let mut wide = recipe();
    wide.network.mlp_mut().unwrap().width = 8;
    Trainer::new(wide, systems(&["classical"]), [0])
        .directory(&other)
        .run()
        .unwrap();
    let foreign = Run::open(&other)
        .unwrap()
        .checkpoints()
        .unwrap()
        .pop()
        .unwrap()
        .1;
    std::fs::copy(foreign, &checkpoint).unwrap();
    let error = train(recipe(), vec![0]).unwrap_err().to_string();
    assert!(error.contains("belongs to another run"), "{error}");

    std::fs::write(path.join("run.toml"), "device = \"flex\"\ncolour = 1\n").unwrap();
    let error = Run::open(&path).unwrap_err().to_string();
    assert!(error.contains("run.toml does not read"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let error = Trainer::new(recipe(), systems(&["classical"]), [0])
        .directory(file.join("run"))
        .run()
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("cannot create") && error.contains("a-file/run"),
        "{error}"
    );
}

#[test]
fn requests_that_make_no_sense_say_why() {
    let message = |trainer: Trainer| trainer.run().unwrap_err().to_string();
    let twice = systems(&["classical", "classical"]);
    assert_eq!(
        message(Trainer::new(recipe(), twice, [0])),
        "system \"classical\" is listed twice"
    );
    let seeds = Trainer::new(recipe(), systems(&["classical"]), [1, 2, 1]);
    assert_eq!(message(seeds), "seed 1 is listed twice");
    let none = Trainer::new(recipe(), Vec::new(), [0]);
    assert_eq!(
        message(none),
        "a training needs at least one system and one seed"
    );
    let not_compiled = DeviceKind::ALL.into_iter().find(|kind| !kind.is_compiled());
    if let Some(kind) = not_compiled {
        let error = message(Trainer::new(recipe(), systems(&["classical"]), [0]).device(kind));
        assert!(
            error.contains(&format!("build with `--features {kind}`")),
            "{error}"
        );
    }
}

#[test]
fn the_users_own_data_train_a_scientist_and_travel_with_the_run() {
    let system = lookup("classical").unwrap();
    let data: Dataset = sample(
        system.as_ref(),
        300,
        &mut stream(9, Purpose::TrainData, "classical"),
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let measured = || TrainingSystem::measured("pendulum-on-my-desk", &data, 0.8, 0).unwrap();
    let whole = Trainer::new(recipe(), vec![measured()], [0]).run().unwrap();

    let flag = Arc::new(AtomicBool::new(false));
    let stopped = Trainer::new(recipe(), vec![measured()], [0])
        .directory(folder.path())
        .stop_on(flag.clone())
        .observe(StopAt { step: 1, flag })
        .run()
        .unwrap();
    assert!(stopped.interrupted);
    let resumed = Trainer::resume(folder.path()).unwrap().run().unwrap();
    assert_eq!(member(&resumed, 0), member(&whole, 0));

    // The same plan with other measurements is another run.
    let other = data.select(&(0..290).collect::<Vec<_>>()).unwrap();
    let other = TrainingSystem::measured("pendulum-on-my-desk", &other, 0.8, 0).unwrap();
    let error = Trainer::new(recipe(), vec![other], [0])
        .directory(folder.path())
        .run()
        .unwrap_err()
        .to_string();
    assert!(error.contains("it holds another run"), "{error}");

    let few = data.select(&(0..20).collect::<Vec<_>>()).unwrap();
    let few = TrainingSystem::measured("few", &few, 0.8, 0).unwrap();
    let error = Trainer::new(recipe(), vec![few], [0])
        .run()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("\"few\" has 16 training and 4 test states, but a batch takes 32"),
        "{error}"
    );
}

#[test]
fn phases_add_systems_and_simultaneous_training_has_one() {
    let continued = Trainer::new(recipe(), systems(&SYSTEMS), [0])
        .run()
        .unwrap();
    assert_eq!(continued.total, 60);
    let seen = |outcome: &Outcome, system: &str| -> Vec<u64> {
        let rows = outcome
            .metrics
            .rows
            .iter()
            .filter(|row| row.system == system);
        rows.map(|row| row.step).collect()
    };
    assert_eq!(
        seen(&continued, "classical"),
        [1, 7, 14, 21, 28, 30, 35, 42, 49, 56, 60]
    );
    assert_eq!(seen(&continued, "pendulum"), [35, 42, 49, 56, 60]);

    let mut recipe = recipe();
    recipe.schedule.curriculum = Curriculum::Simultaneous;
    let together = Trainer::new(recipe, systems(&SYSTEMS), [0]).run().unwrap();
    assert_eq!(together.total, 30);
    assert_eq!(seen(&together, "pendulum"), [1, 7, 14, 21, 28, 30]);
}

#[test]
fn the_shared_layer_may_see_systems_of_different_dimension() {
    let outcome = Trainer::new(recipe(), systems(&["classical", "double_pendulum"]), [0, 1])
        .run()
        .unwrap();
    assert_eq!(outcome.raw.nets[1].mlp().unwrap().config().dof, 2);
    assert!(
        outcome
            .members
            .iter()
            .all(|status| *status == MemberStatus::Sound)
    );
}

#[test]
fn a_plain_network_trains_alone_or_in_an_ensemble_and_its_shared_layer_stands_still() {
    let mut recipe = recipe();
    let mlp = recipe.network.mlp().unwrap().clone();
    recipe.name = "plain".to_string();
    recipe.network = mass_core::NetworkRecipe::Plain(mlp.into());
    recipe.schedule.decay_steps = 600;
    recipe.optimizer.learning_rate = 0.01;
    let text = recipe.to_toml();
    assert_eq!(Recipe::from_toml(&text).unwrap(), recipe, "{text}");
    let train = |seeds: &[u64]| {
        let seeds = seeds.iter().copied();
        Trainer::new(recipe.clone(), systems(&["double_pendulum"]), seeds)
            .run()
            .unwrap()
    };
    let both = train(&[0, 1]);
    let error = |step: u64| {
        let mut rows = both.metrics.rows.iter();
        let row = rows.find(|row| row.step == step && row.seed == 1).unwrap();
        row.raw.rmse()
    };
    assert!(error(610) < 0.5 * error(1), "{} {}", error(610), error(1));
    let weights = |outcome: &mass_core::Outcome| outcome.raw.final_weights().into_data();
    let shapes = [mass_core::SystemShape {
        id: "double_pendulum".into(),
        dof: 2,
    }];
    let device = mass_core::DeviceKind::Flex.open().unwrap();
    let first = mass_core::MassModel::init(&recipe, &shapes, &[0, 1], &device).unwrap();
    assert_eq!(weights(&both), first.final_weights().into_data());
    // Scientist 1 is the same by itself, to the bit.
    let alone = train(&[1]);
    let row = |net: &mass_core::Network| net.row().into_data();
    let picked = both.raw.member(1).unwrap();
    assert_eq!(row(&picked.nets[0]), row(&alone.raw.nets[0]));
}

#[test]
fn a_plain_network_takes_no_theory() {
    let mut recipe = recipe();
    let mlp = recipe.network.mlp().unwrap().clone();
    recipe.network = mass_core::NetworkRecipe::Plain(mlp.into());
    recipe.theory = mass_core::TheoryRecipe::Lagrangian;
    let error = recipe.validate().unwrap_err().to_string();
    assert!(error.contains("no scalar for a theory to read"), "{error}");
}

#[test]
fn recipes_are_read_from_files_and_name_the_file() {
    let path = Path::new("no-such-recipe.toml");
    let error = Recipe::from_file(path).unwrap_err();
    assert!(matches!(
        error,
        Error::Runs(mass_core::mass_runs::Error::File { .. })
    ));
    assert!(error.to_string().contains("no-such-recipe.toml"), "{error}");
}

#[test]
fn a_starting_model_that_was_not_kept_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let shapes: Vec<SystemShape> = systems(&["classical"])
        .iter()
        .map(TrainingSystem::shape)
        .collect();
    let device = DeviceKind::Flex.open().unwrap();
    let model = MassModel::init(&recipe(), &shapes, &[7], &device).unwrap();
    let training = || {
        Trainer::new(recipe(), systems(&["classical"]), [0])
            .start_from(model.clone())
            .directory(folder.path())
    };
    let stop = Arc::new(AtomicBool::new(true));
    assert_eq!(training().stop_on(stop).run().unwrap().completed, 0);
    // As if it had been killed before the checkpoint.
    fs::remove_file(folder.path().join("checkpoint-00000000.safetensors")).unwrap();
    let resume = || Trainer::resume(folder.path()).unwrap();
    let error = resume().run().unwrap_err();
    assert!(
        matches!(
            error,
            Error::Runs(mass_core::mass_runs::Error::RunDirectory { .. })
        ),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("run the training that has the model")
    );
    let error = resume().in_parts(1).run().unwrap_err().to_string();
    assert!(error.contains("not from a model"), "{error}");
    assert!(!training().run().unwrap().interrupted);
    assert!(!resume().run().unwrap().interrupted);
}

/// Sets a flag when a scientist diverges.
struct StopAtDivergence(Arc<AtomicBool>);

impl Observer for StopAtDivergence {
    fn on_event(&mut self, event: &Event) {
        if let Event::Diverged { .. } = event {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_divergence_after_the_last_evaluation_is_in_the_standings() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = recipe();
    recipe.evaluation.every = 1000;
    recipe.optimizer.learning_rate = 1e30;
    let stop: Arc<AtomicBool> = Arc::default();
    let outcome = Trainer::new(recipe, systems(&["classical"]), [0])
        .directory(folder.path())
        .stop_on(stop.clone())
        .observe(StopAtDivergence(stop))
        .run()
        .unwrap();
    let MemberStatus::Diverged { step } = outcome.members[0] else {
        panic!("it did not diverge");
    };
    assert!(outcome.interrupted);
    let last = outcome.metrics.rows.last().unwrap();
    assert_eq!(last.diverged, None, "measured too late to try it");
    let standing = &Run::open(folder.path()).unwrap().standings().unwrap()[0];
    assert_eq!(standing.status(), Status::Diverged);
    assert_eq!(standing.changes.last().unwrap().step, step);
}

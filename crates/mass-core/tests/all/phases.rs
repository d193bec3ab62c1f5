//! Continued training, phase by phase: what a run keeps of each, what may follow without changing
//! it, and in which order.

use std::path::Path;

use crate::common::{recipe, systems};
use burn::tensor::Tensor;
use mass_core::{
    Criterion, ErrorKind, MassModel, Record, Run, Standing, Status, SystemShape, Trainer,
    TrainingSystem, WeightsKind,
};
use mass_jet::DeviceKind;

const SYSTEMS: [&str; 3] = ["classical", "pendulum", "kepler"];

fn training(ids: &[&str], seeds: &[u64], directory: &Path) -> Trainer {
    Trainer::new(recipe(), systems(ids), seeds.iter().copied()).directory(directory)
}

/// The bits of the parameters whose names are given, in f32, name by name.
fn bits(model: &MassModel, wanted: impl Fn(&str) -> bool) -> Vec<(String, Vec<u32>)> {
    let names = MassModel::names(&recipe(), model.systems());
    let tensors = names.into_iter().zip(model.tensors());
    tensors
        .filter(|(name, _)| wanted(name))
        .map(|(name, tensor): (String, Tensor<3>)| {
            let values = tensor.into_data().try_into_vec_as::<f32>().unwrap();
            (name, values.into_iter().map(f32::to_bits).collect())
        })
        .collect()
}

fn all(model: &MassModel) -> Vec<(String, Vec<u32>)> {
    bits(model, |_| true)
}

#[test]
fn a_run_keeps_each_phases_end_and_its_measurements() {
    let folder = tempfile::tempdir().unwrap();
    let device = DeviceKind::Flex.open().unwrap();
    let outcome = training(&SYSTEMS, &[0, 1], folder.path())
        .checkpoint_every(8)
        .run()
        .unwrap();
    let run = Run::open(folder.path()).unwrap();
    assert_eq!((run.phases(), run.phases_done().unwrap()), (3, 3));
    assert_eq!([1, 2, 3].map(|phase| run.record().seen(phase)), [1, 2, 3]);
    assert_eq!(
        [1, 2, 3].map(|phase| run.record().phase_end(phase)),
        [30, 60, 90]
    );
    let kept: Vec<u64> = run.checkpoints().unwrap().iter().map(|c| c.0).collect();
    assert_eq!(kept, [0, 30, 60, 90]);

    // The last phase's end is the latest, the first one's is another, and the averages another yet.
    let at = |phase, kind| all(&run.model_at(phase, kind, &device).unwrap());
    assert_eq!(at(3, WeightsKind::Raw), all(&outcome.raw));
    assert_eq!(at(3, WeightsKind::Average), all(&outcome.average));
    assert_ne!(at(2, WeightsKind::Average), at(3, WeightsKind::Average));
    assert_ne!(at(2, WeightsKind::Average), at(2, WeightsKind::Raw));
    // A system that has not joined yet is as it was initialised.
    let early = run.model_at(1, WeightsKind::Raw, &device).unwrap();
    let fresh = MassModel::init(&recipe(), early.systems(), &[0, 1], &device).unwrap();
    let of_kepler = |model: &MassModel| bits(model, |name| name.starts_with("kepler"));
    assert_eq!(of_kepler(&early), of_kepler(&fresh));
    assert_ne!(of_kepler(&outcome.raw), of_kepler(&fresh));

    // Every member on every system seen, at every evaluation; nothing twice, nothing lost.
    let metrics = run.metrics().unwrap();
    let mut phases = Vec::new();
    for phase in 1..=3 {
        let of_phase = run.metrics_of(phase).unwrap();
        let (begin, end) = (30 * (phase as u64 - 1), 30 * phase as u64);
        assert!(
            of_phase
                .rows
                .iter()
                .all(|row| { row.phase == phase as u64 && (begin + 1..=end).contains(&row.step) })
        );
        let at_end: Vec<_> = of_phase.rows.iter().filter(|row| row.step == end).collect();
        let expected = [0, 1].into_iter().flat_map(|seed| {
            let seen = SYSTEMS[..phase].iter();
            seen.map(move |system| (seed, system.to_string()))
        });
        let found = at_end.iter().map(|row| (row.seed, row.system.clone()));
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        phases.extend(of_phase.rows);
    }
    assert_eq!(phases, metrics.rows);
    assert_eq!(
        outcome.metrics,
        run.metrics_of(3).unwrap(),
        "memory holds one phase"
    );
    let ends = run.phase_ends().unwrap();
    let expected = metrics.rows.iter().filter(|row| row.step % 30 == 0);
    assert_eq!(ends.rows, expected.cloned().collect::<Vec<_>>());
    let steps: Vec<u64> = ends.weights.iter().map(|row| row.step).collect();
    assert_eq!(steps, [30, 30, 60, 60, 90, 90]);
}

#[test]
fn a_training_may_end_at_a_phase_and_go_on_from_it_later() {
    let folder = tempfile::tempdir().unwrap();
    let device = DeviceKind::Flex.open().unwrap();
    let [whole, parts, short] = ["whole", "parts", "short"].map(|name| folder.path().join(name));
    let uninterrupted = training(&SYSTEMS, &[3, 4], &whole).run().unwrap();

    let outcome = training(&SYSTEMS, &[3, 4], &parts)
        .until_phase(1)
        .run()
        .unwrap();
    assert_eq!(
        (outcome.completed, outcome.total, outcome.interrupted),
        (30, 30, false)
    );
    let run = Run::open(&parts).unwrap();
    assert!(!run.is_complete().unwrap());
    assert_eq!(run.phases_done().unwrap(), 1);
    let error = run.model_at(2, WeightsKind::Raw, &device).unwrap_err();
    assert!(
        error.to_string().contains(
            "phase 2 ends at step 60, and it has come to step 30: go on with the training, or ask for phase 1 to 1"
        ),
        "{error}"
    );
    let error = run.model_at(4, WeightsKind::Raw, &device).unwrap_err();
    assert!(
        error.to_string().contains("there is no phase 4") && error.to_string().contains("1 to 3"),
        "{error}"
    );
    let error = run.metrics_of(2).unwrap_err().to_string();
    assert!(error.contains("phase 2 begins after step 30"), "{error}");

    // The first phase is that of a training in which nothing follows.
    let alone = training(&SYSTEMS[..1], &[3, 4], &short).run().unwrap();
    let first = run.model_at(1, WeightsKind::Average, &device).unwrap();
    let shared = |name: &str| name == "w" || name.starts_with("classical");
    assert_eq!(bits(&first, shared), all(&alone.average));
    assert_eq!(
        run.metrics().unwrap(),
        Run::open(&short).unwrap().metrics().unwrap()
    );

    let resumed = Trainer::resume(&parts).unwrap().run().unwrap();
    assert_eq!(all(&resumed.raw), all(&uninterrupted.raw));
    assert_eq!(all(&resumed.average), all(&uninterrupted.average));
    let metrics = |path: &Path| Run::open(path).unwrap().metrics().unwrap();
    assert_eq!(metrics(&parts), metrics(&whole));
    // Going to a phase that is done is doing nothing.
    let again = training(&SYSTEMS, &[3, 4], &parts).until_phase(1).run();
    assert_eq!(again.unwrap().completed, 90);

    let error = training(&SYSTEMS, &[3, 4], &parts).until_phase(4).run();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("the training has phases 1 to 3"), "{error}");
}

#[test]
fn another_order_of_the_systems_is_another_training_of_the_same_scientist() {
    let folder = tempfile::tempdir().unwrap();
    let device = DeviceKind::Flex.open().unwrap();
    let permuted = ["kepler", "classical", "pendulum"];
    let directories = ["paper", "permuted"].map(|name| folder.path().join(name));
    for (ids, directory) in [&SYSTEMS, &permuted].into_iter().zip(&directories) {
        training(ids, &[7], directory).run().unwrap();
    }
    let [paper, other] = directories.map(|path| Run::open(path).unwrap());

    // The networks that it begins with belong to the systems, not to their places.
    let shapes = |run: &Run| -> Vec<SystemShape> { run.record().shapes() };
    let sorted = |run: &Run| {
        let model = MassModel::init(&recipe(), &shapes(run), &[7], &device).unwrap();
        let mut tensors = all(&model);
        tensors.sort();
        tensors
    };
    assert_eq!(sorted(&paper), sorted(&other));
    // So do the states.
    for (place, system) in paper.systems().unwrap().iter().enumerate() {
        let elsewhere = permuted.iter().position(|id| *id == SYSTEMS[place]);
        let elsewhere = &other.systems().unwrap()[elsewhere.unwrap()];
        let data = &recipe().data;
        let states = |system: &TrainingSystem| {
            let train = system.train_states(data, 7).unwrap();
            let test = system.test_states(data, 7).unwrap();
            (train.x().to_vec(), train.y().to_vec(), test.x().to_vec())
        };
        assert_eq!(states(system), states(elsewhere));
    }
    // The order is the order in which they join.
    let seen = |run: &Run, phase: usize| -> Vec<String> {
        let rows = run.phase_ends().unwrap().rows.into_iter();
        rows.filter(|row| row.phase == phase as u64)
            .map(|row| row.system)
            .collect()
    };
    assert_eq!(seen(&other, 1), ["kepler"]);
    assert_eq!(seen(&other, 2), ["kepler", "classical"]);
    assert_eq!(seen(&other, 3), permuted);
    let last = |run: &Run| run.phase_ends().unwrap().rows.pop().unwrap().average;
    assert_ne!(last(&paper), last(&other));
}

#[test]
fn standings_are_read_from_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    training(&SYSTEMS, &[0, 1], folder.path()).run().unwrap();
    let run = Run::open(folder.path()).unwrap();
    let recipes = run.standings().unwrap();
    assert_eq!(recipes.iter().map(|s| s.seed).collect::<Vec<_>>(), [0, 1]);
    assert!(recipes.iter().all(|s| s.status() == Status::Failed));

    // A criterion between the two scientists' errors tells them apart.
    let worst = |standing: &Standing| standing.verdicts[2].error;
    let below = (worst(&recipes[0]) + worst(&recipes[1])) / 2.0;
    let criterion = Criterion {
        error: ErrorKind::Rmse,
        below,
    };
    let standings = Standing::of(run.record(), &run.phase_ends().unwrap(), criterion);
    assert_ne!(standings[0].correct(3), standings[1].correct(3));
    assert_eq!(
        standings,
        Standing::of(run.record(), &run.metrics().unwrap(), criterion),
        "phase ends say all"
    );
    let rows = run.metrics().unwrap().rows;
    let errors = rows.iter().filter(|row| row.step == 90 && row.seed == 1);
    let largest = errors.map(|row| row.average.rmse()).fold(0.0, f64::max);
    assert_eq!(worst(&recipes[1]), largest);
}

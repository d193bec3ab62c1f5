//! What is read out of scientists: of hand-made ones, and of a run on disk.

use std::sync::Arc;

use crate::common::{device, small_recipe, untrained, with_weights};
use burn::tensor::Tensor;
use mass_core::{Recipe, Run, Trainer, TrainingSystem, Units, WeightsKind};
use mass_interp::{
    ActivationMatrix, Counting, Error, Grouping, History, Plane, RolloutPlan, ScalarGrid,
    Scientist, TermCounts, Truth, WeightSignificance, evaluation_states, member,
};
use mass_systems::{Dataset, Scaled, Scales, System, lookup};
use mass_terms::{Library, Notation};

/// A scientist of the classical system whose shared layer is given by hand.
fn by_hand(weights: &[(&str, f32)]) -> Scientist {
    let recipe = small_recipe();
    let model = with_weights(&untrained(&["classical"], &[0]), &recipe, weights);
    let systems: Arc<[TrainingSystem]> = vec![TrainingSystem::named("classical").unwrap()].into();
    Scientist::from_model(&model, 0, 0, recipe, systems).unwrap()
}

#[test]
fn equal_functions_are_one_by_weights_and_by_activations() {
    // In one dimension S_xx S_yy x = S_yy S_xx x: 0.75 − 0.25 of it; the pair in S_y cancels.
    let scientist = by_hand(&[
        ("Sx", -1.0),
        ("Sxx Syy x", 0.75),
        ("Syy Sxx x", -0.25),
        ("Sxx Sxy Sy", 2.0),
        ("Sxy Sxx Sy", -2.0),
        ("x", 5.0), // off in the released mask
    ]);
    let library = scientist.model().terms().library.clone();
    let find = |name| library.find(name).unwrap();

    let listed = scientist.weight_significance(Counting::Listed);
    let found = listed.of(&scientist.weights()).unwrap();
    let order = ["Sxx Sxy Sy", "Sxy Sxx Sy", "Sx", "Sxx Syy x", "Syy Sxx x"].map(find);
    let mut expected = order.to_vec();
    expected[..2].sort_unstable(); // a tie
    assert_eq!((found.indices, found.total), (expected, 6.0));

    let mut merged = scientist.weight_significance(Counting::Merged);
    merged.fraction = 1.0;
    let found = merged.of(&scientist.weights()).unwrap();
    let group = |name| merged.grouping.group_of(find(name)).unwrap();
    assert_eq!(found.indices, [group("Sx"), group("Syy Sxx x")]);
    assert_eq!(found.sizes, [1.0, 0.5]);

    // The activations of the pair in S_y cancel at every state, and those in x add up.
    let states = scientist.evaluation_states(0, 100, 0).unwrap();
    let one_by_one = scientist.activations(0, &states).unwrap();
    let together = one_by_one.grouped(&merged.grouping).unwrap();
    assert_eq!((one_by_one.columns(), together.columns()), (172, 112));
    assert!(one_by_one.column(find("x")).iter().all(|a| *a == 0.0));
    assert!(one_by_one.mean_abs()[find("Sxx Sxy Sy")] > 0.0);
    assert_eq!(together.mean_abs()[group("Sxx Sxy Sy")], 0.0);
    let pair = one_by_one.column(find("Sxx Syy x"));
    for (sum, first) in together.column(group("Sxx Syy x")).iter().zip(&pair) {
        assert!((sum - first * (1.0 - 0.25 / 0.75)).abs() <= 1e-6 * first.abs());
    }
    assert_eq!(together.significant(1.0).unwrap().count(), 2);
    assert_eq!(one_by_one.significant(1.0).unwrap().count(), 5);
    assert!(together.grouped(&merged.grouping).is_err());
    let name = &together.names(Notation::Ascii)[group("Syy Sxx x")];
    assert_eq!(name, "Sxx Syy x");

    let counts = TermCounts::of_all(&[scientist], &[Arc::new(states)], 1.0).unwrap();
    assert_eq!(counts.len(), 1);
    assert_eq!(
        (&counts[0].listed, &counts[0].merged),
        (&vec![5.0], &vec![2.0])
    );
    assert_eq!(counts[0].weights, 5.0);
}

#[test]
fn activations_sum_to_the_prediction_in_one_and_two_dimensions() {
    let model = untrained(&["classical", "double_pendulum"], &[3, 4]);
    for (system, id) in [(0, "classical"), (1, "double_pendulum")] {
        let states = evaluation_states(&*lookup(id).unwrap(), 40, 7).unwrap();
        let dof = states.dof();
        let matrix = ActivationMatrix::of(&model, 1, system, &states).unwrap();
        assert_eq!(
            (matrix.rows(), matrix.states(), matrix.dof()),
            (40 * dof, 40, dof)
        );
        let rows: Vec<f64> = states.iter().flat_map(|s| [s.x, s.y].concat()).collect();
        let rows = Tensor::<1>::from_floats(rows.as_slice(), &device()).reshape([1, 40, 2 * dof]);
        let expected = member(&model, 1).unwrap().output(system, rows).unwrap().sum;
        let expected: Vec<f64> = expected.prediction.into_data().iter::<f64>().collect();
        for (row, (sum, expected)) in matrix.prediction().iter().zip(&expected).enumerate() {
            let scale: f64 = matrix.row(row).iter().map(|a| a.abs()).sum();
            assert!(
                (sum - expected).abs() <= 1e-5 * scale,
                "row {row}: {sum}, not {expected}"
            );
        }
        // The same batch for every scientist, and another for another seed.
        let system = lookup(id).unwrap();
        assert_eq!(evaluation_states(&*system, 40, 7).unwrap(), states);
        assert_ne!(evaluation_states(&*system, 40, 8).unwrap(), states);
    }
}

#[test]
fn a_chunk_boundary_changes_nothing() {
    let model = untrained(&["classical"], &[0]);
    let states = evaluation_states(&*lookup("classical").unwrap(), 2050, 0).unwrap();
    let all = ActivationMatrix::of(&model, 0, 0, &states).unwrap();
    let last = states.select(&[2047, 2048, 2049]).unwrap();
    let last = ActivationMatrix::of(&model, 0, 0, &last).unwrap();
    assert_eq!(all.rows(), 2050);
    for row in 0..3 {
        for (a, b) in all.row(2047 + row).iter().zip(last.row(row)) {
            assert!((a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{a} and {b}");
        }
    }
}

#[test]
fn poles_are_named_and_can_be_left_out() {
    let terms = ["x", "Sx"].map(|name| name.parse().unwrap());
    let library = Library::from_terms(terms).unwrap();
    // Two states of two components, the second on a pole.
    let values = vec![1.0, 2.0, -3.0, 4.0, 1.0, f64::INFINITY, 0.0, 0.0];
    let matrix = ActivationMatrix::new(library.clone(), 2, values).unwrap();
    let error = matrix.significant(0.9).unwrap_err();
    assert!(matches!(error, Error::Size { index: 1, .. }), "{error}");
    let finite = matrix.finite().unwrap();
    assert_eq!((matrix.states(), finite.states()), (2, 1));
    assert_eq!(finite.mean_abs(), [2.0, 3.0]);
    assert_eq!(finite.prediction(), [3.0, 1.0]);
    let all = ActivationMatrix::new(library.clone(), 1, vec![f64::NAN, 0.0]).unwrap();
    assert!(all.finite().is_err());
    assert!(ActivationMatrix::new(library, 2, vec![1.0; 6]).is_err());
}

#[test]
fn a_member_is_itself_alone() {
    let ensemble = untrained(&["classical", "double_pendulum"], &[5, 6, 7]);
    let alone = untrained(&["classical", "double_pendulum"], &[6]);
    let second = member(&ensemble, 1).unwrap();
    for (found, expected) in second.tensors().into_iter().zip(alone.tensors()) {
        assert_eq!(found.into_data(), expected.into_data());
    }
    let error = member(&ensemble, 3).unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no scientist 3: there are 3, counted from 0"
    );
}

#[test]
fn a_grid_is_the_networks_value() {
    let model = untrained(&["double_pendulum"], &[1]);
    let plane = Plane {
        horizontal: 1,
        vertical: 3,
        fixed: vec![0.5, 0.0, -0.25, 0.0],
    };
    let grid = ScalarGrid::learned(&model, 0, 0, &plane, &[0.1, 0.2, 0.3], &[1.0, 2.0]).unwrap();
    let state = Tensor::<3>::from_floats([[[0.5, 0.3, -0.25, 2.0]]], &device());
    let s = model.jet(0, state).unwrap().value().into_scalar::<f32>();
    assert!((grid.get(2, 1) - f64::from(s)).abs() < 1e-6);
    assert_ne!(grid.get(2, 1), grid.get(2, 0));
    let other = Plane::phase(1, 0).unwrap();
    assert!(ScalarGrid::learned(&model, 0, 0, &other, &[0.0], &[0.0]).is_err());
    assert!(ScalarGrid::learned(&model, 0, 1, &plane, &[0.0], &[0.0]).is_err());
}

#[test]
fn a_run_on_disk_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = small_recipe();
    let line: Vec<f64> = (0..100).map(|i| f64::from(i) / 50.0 - 1.0).collect();
    let still = vec![0.0; 100];
    let fall = vec![-1.0; 100];
    let data = Dataset::new("measured", 1, line, still, fall).unwrap();
    let systems = vec![
        TrainingSystem::named("pendulum").unwrap(),
        TrainingSystem::measured("measured", &data, 0.7, 0).unwrap(),
    ];
    let outcome = Trainer::new(recipe.clone(), systems, [11, 12])
        .directory(folder.path())
        .run()
        .unwrap();

    let run = Run::open(folder.path()).unwrap();
    let device = device();
    let scientist = Scientist::load(&run, 12, WeightsKind::Average, &device).unwrap();
    assert_eq!((scientist.seed(), scientist.recipe()), (12, &recipe));
    let expected = member(&outcome.average, 1).unwrap();
    for (found, expected) in scientist
        .model()
        .tensors()
        .into_iter()
        .zip(expected.tensors())
    {
        assert_eq!(found.into_data(), expected.into_data());
    }
    let all = Scientist::load_all(&run, WeightsKind::Average, &device).unwrap();
    assert_eq!(
        all.iter().map(Scientist::seed).collect::<Vec<_>>(),
        [11, 12]
    );
    assert_eq!(all[1].weights(), scientist.weights());
    assert_ne!(all[0].weights(), scientist.weights());
    let raw = Scientist::load(&run, 12, WeightsKind::Raw, &device).unwrap();
    assert_ne!(raw.weights(), scientist.weights());

    // Known and measured systems are both read out.
    let measured = scientist.system("measured").unwrap();
    assert_eq!(scientist.evaluation_states(0, 50, 0).unwrap().len(), 50);
    let states = scientist.evaluation_states(measured, 512, 0).unwrap();
    assert_eq!(states.len(), 30, "all test states");
    assert_eq!(scientist.activations(measured, &states).unwrap().rows(), 30);
    assert!(scientist.shift(measured).unwrap().is_finite());
    let plan = RolloutPlan::new([0.1], [0.0], 0.01, 5);
    assert!(scientist.rollout(0, &plan).is_ok());
    let error = scientist.rollout(measured, &plan).unwrap_err().to_string();
    assert!(error.starts_with("measured is measured data"), "{error}");

    // The history's last weights are those that the optimiser left.
    let by = scientist.weight_significance(Counting::Merged);
    let history = History::of(&run.metrics().unwrap(), 12, &by).unwrap();
    assert_eq!(history.systems.len(), 2);
    let written = history.weights.last().unwrap().significant.unwrap();
    assert_eq!(written, by.of(&raw.weights()).unwrap().count());

    let error = Scientist::load(&run, 13, WeightsKind::Raw, &device)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "there is no scientist of seed 13 here (known: 11, 12)"
    );
    let error = scientist.system("penduulm").unwrap_err().to_string();
    assert!(
        error.contains("pendulum (d = 1), measured (d = 1)"),
        "{error}"
    );
}

#[test]
fn systems_that_are_not_the_models_are_refused() {
    let model = untrained(&["classical"], &[0]);
    let systems: Arc<[TrainingSystem]> = vec![TrainingSystem::named("pendulum").unwrap()].into();
    let error = Scientist::from_model(&model, 0, 0, Recipe::paper(), systems).unwrap_err();
    assert!(
        error.to_string().contains("has learned classical (d = 1)"),
        "{error}"
    );
}

#[test]
fn mixed_dimensions_merge_what_is_equal_in_all() {
    let library = Library::standard();
    let recipe = small_recipe();
    let model = untrained(&["classical", "double_pendulum"], &[0]);
    let systems = ["classical", "double_pendulum"].map(|id| TrainingSystem::named(id).unwrap());
    let systems: Arc<[TrainingSystem]> = Vec::from(systems).into();
    let scientist = Scientist::from_model(&model, 0, 0, recipe, systems).unwrap();
    let grouping = scientist.grouping(Counting::Merged);
    assert_eq!(grouping, Grouping::of(Counting::Merged, &library, 2));
    assert_eq!(grouping.len(), 160);
    let by = WeightSignificance::new(model.terms().mask.clone(), grouping);
    assert!(
        by.of(&scientist.weights()).unwrap().count() > 50,
        "untrained: many terms"
    );
}

/// A pendulum's swing measured in other units: 2⁻²⁰ of a length, and 2⁻¹³ of a time.
fn in_other_units(id: &str) -> (Scaled<Box<dyn System>>, [f64; 2]) {
    let (length, time) = (2_f64.powi(-20), 2_f64.powi(-13));
    let system = lookup(id).unwrap();
    // A dataset of this size has these scales.
    let one = Dataset::new(
        "size",
        1,
        vec![length],
        vec![0.0],
        vec![length / time / time],
    )
    .unwrap();
    let scales = Scales::of(&one, &[]);
    assert_eq!((scales.length()[0], scales.time()), (length, time));
    (Scaled::new(system, scales).unwrap(), [length, time])
}

#[test]
fn a_system_in_other_units_makes_the_same_scientist_and_its_law_comes_back_in_them() {
    let mut recipe = small_recipe().with_steps(30);
    recipe.name = "in any unit".to_string();
    recipe.data.units = Units::Scaled;
    let train = |system: TrainingSystem| {
        let outcome = Trainer::new(recipe.clone(), vec![system.clone()], [3])
            .run()
            .unwrap();
        let systems: Arc<[TrainingSystem]> = vec![system].into();
        let one = Scientist::from_model(&outcome.average, 0, 3, recipe.clone(), systems);
        (one.unwrap(), outcome.metrics)
    };
    let (scaled, [length, time]) = in_other_units("kepler");
    let (natural, of_natural) = train(TrainingSystem::named("kepler").unwrap());
    let (other, of_other) = train(TrainingSystem::known(scaled));
    // The unit of the scaled system is 1/length of the natural one's.
    assert_eq!(of_natural, of_other, "errors are relative, to the bit");
    assert_eq!(natural.weights(), other.weights());

    let (x, y) = ([0.7, -1.3, 1.9], [0.3, 0.9, 0.1]);
    let law =
        |one: &Scientist, x: &[f64], y: &[f64]| one.law(0).unwrap().accelerations(x, y).unwrap();
    let there = |values: &[f64], by: f64| values.iter().map(|v| v / by).collect::<Vec<_>>();
    let found = law(&other, &there(&x, length), &there(&y, length / time));
    assert_eq!(found, there(&law(&natural, &x, &y), length / time / time));

    // S over a plane, and a motion, are in the person's units too.
    let plane = Plane::phase(1, 0).unwrap();
    let grid =
        |one: &Scientist, x: &[f64], y: &[f64]| one.scalar_grid(0, &plane, x, y).unwrap().values;
    let same = grid(&other, &there(&x[2..], length), &there(&y, length / time));
    assert_eq!(same, grid(&natural, &x[2..], &y));
    let plan = |by: [f64; 2], dt: f64| RolloutPlan {
        truth: Truth::SameSolver,
        ..RolloutPlan::new([1.2 / by[0]], [0.4 * by[1] / by[0]], dt / by[1], 20)
    };
    let motion = |one: &Scientist, plan: &RolloutPlan| {
        let found = Scientist::rollouts(std::slice::from_ref(one), 0, plan).unwrap();
        (found.learned.x(20, 0)[0], found.truth.x(20, 0)[0])
    };
    let (learned, truth) = motion(&natural, &plan([1.0, 1.0], 0.03125));
    let (other_learned, other_truth) = motion(&other, &plan([length, time], 0.03125));
    assert_eq!(other_learned, learned / length);
    assert!((other_truth * length - truth).abs() < 1e-12);

    // And what is read of its terms is the same, for both are read in the units of the training.
    let read = |one: &Scientist| {
        let states = one.evaluation_states(0, 16, 0).unwrap();
        one.read(0, &states).unwrap().prediction()
    };
    assert_eq!(read(&natural), read(&other));
}

//! Trajectories of exact laws, and of learned ones.

use std::time::{Duration, Instant};

use crate::common::{device, shape, small_recipe, untrained, with_weights};
use mass_core::{MassModel, Recipe, Trainer, TrainingSystem};
use mass_interp::{Error, LearnedLaw, Rollout, RolloutPlan, Truth};
use mass_systems::{End, lookup};

#[test]
fn the_exact_law_gives_cos_t() {
    let classical = lookup("classical").unwrap();
    let plan = RolloutPlan::new([1.0], [0.0], 0.02, 500);
    let rollout = Rollout::of(|x, _, out| out[0] = -x[0], &*classical, &plan).unwrap();
    assert_eq!(rollout.learned.len(), 501);
    for ((t, x, y), (_, true_x, _)) in rollout.learned.iter().zip(rollout.truth.iter()) {
        assert!(
            (x[0] - t.cos()).abs() < 1e-6 && (y[0] + t.sin()).abs() < 1e-6,
            "t = {t}"
        );
        assert!((true_x[0] - t.cos()).abs() < 1e-8, "t = {t}");
    }
    assert!(rollout.is_complete() && rollout.max_position_error() < 1e-6);
    assert!(rollout.max_energy_drift().unwrap() < 1e-6);
}

#[test]
fn against_rk4_the_integration_cancels() {
    let pendulum = lookup("pendulum").unwrap();
    let law = |x: &[f64], _: &[f64], out: &mut [f64]| out[0] = -x[0].sin();
    let mut plan = RolloutPlan::new([2.0], [0.0], 0.2, 100);
    let reference = Rollout::of(law, &*pendulum, &plan).unwrap();
    assert!(reference.max_position_error() > 1e-5, "a coarse step errs");
    plan.truth = Truth::SameSolver;
    let rollout = Rollout::of(law, &*pendulum, &plan).unwrap();
    assert_eq!(rollout.max_position_error(), 0.0);
    assert_eq!(rollout.truth, rollout.learned);
}

#[test]
fn a_damped_law_loses_energy_as_it_should() {
    // ẏ = −x − 0.1 y: the amplitude falls as exp(−t/20), the energy about as exp(−t/10).
    let classical = lookup("classical").unwrap();
    let law = |x: &[f64], y: &[f64], out: &mut [f64]| out[0] = -x[0] - 0.1 * y[0];
    let plan = RolloutPlan::new([1.0], [0.0], 0.01, 1000);
    let rollout = Rollout::of(law, &*classical, &plan).unwrap();
    let drift = rollout.energy_drift.as_ref().unwrap();
    assert!(
        (drift[1000] - ((-1.0_f64).exp() - 1.0)).abs() < 0.05,
        "{}",
        drift[1000]
    );
    assert_eq!(
        rollout.max_energy_drift().unwrap(),
        -drift.iter().copied().fold(0.0, f64::min)
    );
    // And against the damped system itself, which has no Lagrangian here, there is no energy.
    let damped = lookup("damped(0.1)").unwrap();
    let rollout = Rollout::of(law, &*damped, &plan).unwrap();
    assert!(rollout.max_position_error() < 1e-8 && rollout.energy_drift.is_none());
}

#[test]
fn a_law_that_blows_up_ends_and_says_so() {
    let classical = lookup("classical").unwrap();
    let plan = RolloutPlan::new([1.0], [0.0], 0.1, 50);
    let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
        out[0] = if x[0] < 0.5 { f64::NAN } else { -x[0] };
    };
    let rollout = Rollout::of(law, &*classical, &plan).unwrap();
    let End::NotFinite { step, .. } = rollout.learned.end() else {
        panic!("it cannot be complete")
    };
    assert!(!rollout.is_complete());
    // cos t = 0.5 at t = 1.047.
    assert_eq!(
        (step, rollout.learned.len(), rollout.truth.len()),
        (11, 11, 51)
    );
    assert_eq!(rollout.position_error.len(), 11);
    assert!(rollout.max_position_error() < 1e-5);
}

#[test]
fn starts_of_another_dimension_are_refused() {
    let classical = lookup("classical").unwrap();
    let plan = RolloutPlan::new([1.0, 2.0], [0.0, 0.0], 0.1, 5);
    let error = Rollout::of(|_, _, out| out.fill(0.0), &*classical, &plan).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the first position has length 2; it must be 1"
    );
    let law = LearnedLaw::of(&untrained(&["classical"], &[0]), 0, 0).unwrap();
    assert!(matches!(
        law.trajectory(&[1.0, 2.0], &[0.0, 0.0], 0.1, 5),
        Err(Error::Length { .. })
    ));
    assert!(law.accelerations(&[], &[]).is_err() && law.accelerations(&[1.0], &[]).is_err());
    assert!(law.clone().with_angles(&[1]).is_err());
    assert!(LearnedLaw::of(&untrained(&["classical"], &[0]), 0, 1).is_err());
}

/// A few steps of training; −S_x alone, so that no inverse has a pole in the way.
fn trained() -> MassModel {
    let systems = vec![TrainingSystem::named("classical").unwrap()];
    let recipe = small_recipe();
    let outcome = Trainer::new(recipe.clone(), systems, [0]).run().unwrap();
    with_weights(&outcome.average, &recipe, &[("Sx", -1.0)])
}

#[test]
fn a_learned_law_runs_forth_and_back() {
    let law = LearnedLaw::of(&trained(), 0, 0).unwrap();
    let there = law.trajectory(&[0.5], &[0.2], 0.02, 100).unwrap();
    assert_eq!(there.end(), End::Complete);
    let (_, x, y) = there.state(100);
    assert!((x[0] - 0.5).abs() > 1e-3, "it moves");
    let back = law.trajectory(x, y, -0.02, 100).unwrap();
    let (_, x, y) = back.state(100);
    assert!(
        (x[0] - 0.5).abs() < 1e-4 && (y[0] - 0.2).abs() < 1e-4,
        "{x:?}, {y:?}"
    );
    let rollout = Rollout::learned(
        &law,
        &*lookup("classical").unwrap(),
        &RolloutPlan::new([0.5], [0.2], 0.02, 100),
    );
    let rollout = rollout.unwrap();
    assert_eq!(rollout.learned, there);
    assert!(rollout.max_position_error().is_finite());
}

#[test]
fn many_at_once_are_those_one_by_one() {
    let law = LearnedLaw::of(&trained(), 0, 0).unwrap();
    let paths = law.paths(&[0.5, -0.9], &[0.2, 0.1], 0.05, 50).unwrap();
    for (path, (x0, y0)) in [(0.5, 0.2), (-0.9, 0.1)].into_iter().enumerate() {
        let alone = law.trajectory(&[x0], &[y0], 0.05, 50).unwrap();
        assert!((alone.x()[50] - paths.x(50, path)[0]).abs() < 1e-5);
        assert!((alone.y()[50] - paths.y(50, path)[0]).abs() < 1e-5);
    }
}

#[test]
fn states_that_are_not_finite_get_no_answer_and_no_panic() {
    for id in ["classical", "double_pendulum"] {
        let d = shape(id).dof;
        let law = LearnedLaw::of(&untrained(&[id], &[0]), 0, 0).unwrap();
        for bad in [f64::NAN, f64::INFINITY, 1e300] {
            let mut x = vec![0.25; 2 * d];
            x[0] = bad;
            let out = law.accelerations(&x, &vec![0.5; 2 * d]).unwrap();
            assert!(out[..d].iter().all(|v| v.is_nan()), "{out:?}");
            let alone = law.accelerations(&vec![0.25; d], &vec![0.5; d]).unwrap();
            for (a, b) in out[d..].iter().zip(&alone) {
                assert!(
                    (a - b).abs() <= 1e-5 * (1.0 + b.abs()),
                    "the other state is not touched"
                );
            }
        }
    }
}

#[test]
fn angles_are_wrapped_where_the_law_is_told_of_them() {
    use std::f64::consts::TAU;
    let plain = LearnedLaw::of(&untrained(&["pendulum"], &[2]), 0, 0).unwrap();
    let wrapped = plain
        .clone()
        .with_angles(lookup("pendulum").unwrap().angles())
        .unwrap();
    let at = |law: &LearnedLaw, x: f64| law.accelerations(&[x], &[0.5]).unwrap()[0];
    assert!((at(&wrapped, 1.0 + TAU) - at(&plain, 1.0)).abs() < 1e-4 * at(&plain, 1.0).abs());
    assert_ne!(at(&plain, 1.0 + TAU), at(&plain, 1.0));
}

/// The paper's network, 400 steps, the limit of two seconds a figure can bear.
#[test]
fn four_hundred_steps_take_under_two_seconds() {
    let recipe = Recipe::reference();
    let model = MassModel::init(&recipe, &[shape("classical")], &[0], &device()).unwrap();
    let law = LearnedLaw::of(&with_weights(&model, &recipe, &[("Sx", -1.0)]), 0, 0).unwrap();
    let start = Instant::now();
    let path = law.trajectory(&[0.5], &[0.0], 0.05, 400).unwrap();
    let alone = start.elapsed();
    assert_eq!(path.len(), 401);
    let start = Instant::now();
    law.paths(&[0.1; 64], &[0.5; 64], 0.05, 400).unwrap();
    let many = start.elapsed();
    println!("400 steps: one trajectory {alone:.2?}, 64 at once {many:.2?}");
    assert!(alone < Duration::from_secs(2), "{alone:?}");
}

//! What is asked of many scientists at once.

use std::sync::Arc;

use crate::common::{small_recipe, untrained, with_weights};
use mass_core::{MetricsRow, Recipe, TestError, TrainingSystem};
use mass_interp::{
    Error, ErrorCourse, LearnedMotions, PhaseJudgements, PhaseTheories, RolloutPlan, Scientist,
    TermName, evaluation_batches,
};
use mass_systems::lookup;

/// Untrained scientists of these systems whose law is ẏ = −x.
fn springs(recipe: &Recipe, systems: &[&str], seeds: &[u64]) -> Vec<Scientist> {
    let model = with_weights(&untrained(systems, seeds), recipe, &[("x", -1.0)]);
    let systems = systems.iter().map(|id| TrainingSystem::named(id));
    let systems: Arc<[TrainingSystem]> = systems.collect::<Result<Vec<_>, _>>().unwrap().into();
    Scientist::all_of(&model, seeds, recipe.clone(), systems).unwrap()
}

/// A recipe that lets the term x be.
fn recipe_with_x() -> Recipe {
    let mut recipe = small_recipe();
    recipe.terms.mask = mass_core::MaskRecipe::All;
    recipe
}

fn errors(mse: &[f64]) -> Vec<TestError> {
    let error = |mse: &f64| TestError {
        mse: *mse,
        pole_share: 0.0,
    };
    mse.iter().map(error).collect()
}

#[test]
fn motions_of_the_exact_law_keep_the_energy() {
    let all = springs(&recipe_with_x(), &["classical"], &[3, 4, 5]);
    let shown = RolloutPlan::new([1.0], [0.0], 0.02, 50);
    let errors = errors(&[0.09, 0.01, 0.04]);
    let found = LearnedMotions::of(&all, &errors, 0, &shown, 200, 0).unwrap();
    assert_eq!((found.seeds.as_slice(), found.shown), (&[3, 4, 5][..], 5));
    assert_eq!(
        (&*found.system, found.dof(), found.dt),
        ("classical", 1, 0.02)
    );
    assert!((found.rmse[0] - 0.3).abs() < 1e-12);
    assert_eq!(
        (found.t.len(), found.x_true.len(), found.energy.len()),
        (51, 51, 51)
    );
    assert!(found.farthest(1.0) < 1e-5, "{}", found.farthest(1.0));
    assert!((found.x_learned[50] - 1.0_f64.cos()).abs() < 1e-5);
    // 200 steps, thinned to every second, and the start.
    assert_eq!((found.long_t.len(), found.long_t[1]), (101, 0.04));
    assert_eq!(found.long_energy.len(), 3 * 101);
    assert!(found.long_energy.iter().all(|change| *change < 1e-4));
    assert_eq!(found.short_energy[1], found.long_energy[101 + 50]);
    assert_eq!(found.lost, [0; 3]);
    // ẏ = −x with x uniform in [−1, 1].
    assert!((found.deviation - 3f64.sqrt().recip()).abs() < 0.02);
}

#[test]
fn motions_that_cannot_be_followed_are_refused() {
    let all = springs(&recipe_with_x(), &["classical"], &[0, 1]);
    let shown = RolloutPlan::new([1.0], [0.0], 0.02, 5);
    let of = |all: &[Scientist], errors: &[TestError], shown: &RolloutPlan, steps: usize| {
        LearnedMotions::of(all, errors, 0, shown, steps, 0)
    };
    let two = errors(&[0.1, 0.1]);
    assert!(matches!(
        of(&all, &two[..1], &shown, 100),
        Err(Error::Length { .. })
    ));
    assert!(matches!(of(&all, &two, &shown, 99), Err(Error::Request(_))));
    assert!(matches!(of(&[], &[], &shown, 100), Err(Error::Request(_))));
    let many = RolloutPlan::new([1.0, 0.5], [0.0, 0.0], 0.02, 5);
    assert!(matches!(
        of(&all, &two, &many, 100),
        Err(Error::Length { .. })
    ));
    // A system without a Lagrangian has no energy.
    let damped = springs(&recipe_with_x(), &["damped(0.1)"], &[0, 1]);
    let refused = of(&damped, &two, &shown, 100).unwrap_err().to_string();
    assert!(refused.contains("has no energy"), "{refused}");
}

#[test]
fn the_papers_motions_start_where_it_says() {
    let two = lookup("two_body").unwrap();
    let plan = RolloutPlan::from_the_papers_start(&*two, 0.02, 7).unwrap();
    let (x, y) = two.paper_run().unwrap().start.unwrap();
    assert_eq!((plan.x0, plan.y0, plan.dt, plan.steps), (x, y, 0.02, 7));
    let classical = lookup("classical").unwrap();
    let refused = RolloutPlan::from_the_papers_start(&*classical, 0.02, 7);
    assert!(matches!(refused, Err(Error::Request(_))));
}

#[test]
fn theories_are_asked_of_all_and_of_the_correct_ones() {
    let recipe = small_recipe();
    let systems = ["classical", "pendulum"];
    // ẏ = −S_x has no poles, so that all can be read.
    let model = with_weights(&untrained(&systems, &[0, 1, 2]), &recipe, &[("Sx", -1.0)]);
    let of_training = systems.map(|id| TrainingSystem::named(id).unwrap());
    let all = Scientist::all_of(&model, &[0, 1, 2], recipe, of_training.to_vec().into()).unwrap();
    let states = evaluation_batches(&all, 2, 0).unwrap();
    let right = [true, false, true];
    let judged = PhaseJudgements::of(&all, &states, 0).unwrap();
    let found = PhaseTheories::of(&judged, &right).unwrap();
    assert_eq!(found.by_system.len(), 2);
    assert_eq!((found.all.counted, found.correct.counted), (3, 2));
    assert!(found.signs.iter().all(|signs| signs.counted == 3));
    // What is said of the last system is in its census too; NaN is the same as NaN.
    let last = format!("{:?}", found.by_system[1]);
    for of in [found.all.scalar_lagrangian, found.all.fit_lagrangian] {
        assert!(last.contains(&format!("{of:?}")), "{of:?} in {last}");
    }
    let none = PhaseJudgements::new(Vec::new(), Vec::new());
    for (judged, right) in [(&judged, &right[..2]), (&none, &right[..])] {
        let refused = PhaseTheories::of(judged, right);
        assert!(matches!(refused, Err(Error::Length { .. })));
    }
    let refused = PhaseJudgements::of(&all, &[], 0);
    assert!(matches!(refused, Err(Error::Length { .. })));
}

#[test]
fn outside_the_domain_nothing_was_learned() {
    let kepler = &springs(&recipe_with_x(), &["kepler"], &[0])[0];
    let grid = kepler.scalar_over_domain(0, 0, 21).unwrap();
    assert_eq!((grid.x.len(), grid.values.len()), (21, 441));
    let domain = lookup("kepler").unwrap().domain();
    for (place, value) in grid.values.iter().enumerate() {
        let (x, y) = (grid.x[place % 21], grid.y[place / 21]);
        assert_eq!(value.is_nan(), !domain.contains(&[x], &[y]), "({x}, {y})");
    }
    assert!(grid.values.iter().any(|value| value.is_nan()));
    assert!(kepler.scalar_over_domain(0, 1, 21).is_err());
    assert!(kepler.scalar_over_domain(1, 0, 21).is_err());
}

#[test]
fn an_error_course_holds_the_largest_of_each_evaluation() {
    let row = |step: u64, mse: f64| MetricsRow {
        step,
        phase: 1,
        seed: 0,
        system: String::new(),
        learning_rate: 0.0,
        train_loss: 10.0 * step as f64,
        train_error: 0.0,
        shift: 0.0,
        raw: errors(&[0.0])[0],
        average: errors(&[mse])[0],
        diverged: None,
    };
    let mut course = ErrorCourse::default();
    for (step, mse) in [(1, 4.0), (1, 9.0), (1, 1.0), (2, f64::NAN), (2, 1.0)] {
        course.push(&row(step, mse));
    }
    assert_eq!((course.step, course.loss), (vec![1, 2], vec![10.0, 20.0]));
    assert_eq!(course.rmse, [3.0, f64::INFINITY]);
}

#[test]
fn terms_are_named_in_the_librarys_order() {
    let scientist = &springs(&small_recipe(), &["classical"], &[0])[0];
    let terms = scientist.model().terms();
    let names = TermName::all(&terms.library, &terms.mask);
    assert_eq!(names.len(), terms.library.len());
    for (index, term) in names.iter().enumerate() {
        assert_eq!(terms.library.find(&term.ascii).unwrap(), index);
        assert_eq!(term.active, terms.mask.is_active(index));
    }
}

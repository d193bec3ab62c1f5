//! The paper's training with networks that are not linear.

use std::f64::consts::TAU;

use mass_physicist::{
    ChargedPendulum, Domains, Error, NonlinearPaper, Observations, Paper, Patches, Windows,
    domain_accuracy,
};

/// A ball that is drawn to 0 by a force of one size on both sides, ẍ = −2 sign x, exactly followed from each start (x, ẋ) for
/// as many windows; each window labelled by its side, or as over the border.
fn wedges(step: f64, starts: &[(f64, f64)], windows: usize) -> Windows {
    let force = 2.0;
    let (mut all, mut labels) = (Vec::new(), Vec::new());
    for (x, v) in starts {
        let (mut x, mut v) = (*x, *v);
        let (mut positions, mut sides) = (vec![x], vec![x.signum()]);
        for _ in 0..windows + 1 {
            let a = -force * x.signum();
            let (next, speed) = (x + v * step + 0.5 * a * step * step, v + a * step);
            if next.signum() == x.signum() {
                (x, v) = (next, speed);
            } else {
                // To the border, and on from there under the other force.
                let root = (v * v - 2.0 * a * x).sqrt();
                let time = if a < 0.0 {
                    (v + root) / force
                } else {
                    (root - v) / force
                };
                let (rest, there) = (step - time, v + a * time);
                x = there * rest - 0.5 * a * rest * rest;
                v = there - a * rest;
            }
            positions.push(x);
            sides.push(x.signum());
        }
        let label = |t: usize| match (sides[t - 2], sides[t - 1], sides[t]) {
            (a, b, c) if a != b || b != c => 0,
            (side, ..) if side > 0.0 => 1,
            _ => 2,
        };
        let own = (0..positions.len()).map(|t| if t < 2 { 0 } else { label(t) });
        labels.push(own.collect());
        all.push(positions);
    }
    let seen = Observations::new(1, step, all).unwrap();
    let seen = seen.with_labels(labels).unwrap();
    seen.windows(2).unwrap()
}

/// One such motion.
fn wedge(windows: usize) -> Windows {
    wedges(0.1, &[(0.9, 0.0)], windows)
}

/// Settings of a second.
fn small() -> NonlinearPaper {
    let pendulum = NonlinearPaper::double_pendulum();
    NonlinearPaper {
        training: Paper {
            width: 12,
            batch: 64,
            epochs: 60,
            phase_epochs: 20,
            ..pendulum.training
        },
        layers: 2,
        ..pendulum
    }
}

#[test]
fn a_law_with_a_kink_is_learned_and_the_same_seed_gives_the_same_networks() {
    let windows = wedge(1200);
    let learner = NonlinearPaper {
        angles: Vec::new(),
        ..small()
    };
    let (train, validation) = learner.training.divide(&windows).unwrap();
    let trained = learner.train(&train, &validation).unwrap();
    // A step is 0.1 long, and what the force makes of it 0.02.
    assert!(trained.squared_error < 4e-5, "{}", trained.squared_error);
    let errors = (0..validation.len()).map(|w| {
        let next = trained.predict(validation.inputs(w));
        (next[0] - validation.output(w)[0]).powi(2)
    });
    let mean = errors.sum::<f64>() / validation.len() as f64;
    assert!(mean < 1e-4, "over borders too: {mean}");
    let again = learner.train(&train, &validation).unwrap();
    assert_eq!(trained.log, again.log);
    let other = NonlinearPaper {
        training: Paper {
            seed: 1,
            ..learner.training
        },
        ..learner
    };
    assert_ne!(trained.log, other.train(&train, &validation).unwrap().log);
}

#[test]
fn a_turn_more_or_less_makes_no_difference() {
    let seen = ChargedPendulum::vertical(7.0, 2.0)
        .observe_states(300, 1)
        .unwrap();
    let windows = seen.windows(1).unwrap();
    let learner = small();
    let (train, validation) = learner.training.divide(&windows).unwrap();
    let trained = learner.train(&train, &validation).unwrap();
    for w in 0..validation.len() {
        let row = validation.inputs(w);
        let turned = [row[0] + TAU, row[1] - 2.0 * TAU, row[2], row[3]];
        assert_eq!(trained.theory(row), trained.theory(&turned));
        let (here, there) = (trained.predict(row), trained.predict(&turned));
        for (k, turns) in [1.0, -2.0, 0.0, 0.0].into_iter().enumerate() {
            let moved = there[k] - here[k] - turns * TAU;
            assert!(moved.abs() < 1e-4, "{moved}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let windows = wedge(200);
    let refuse = |learner: NonlinearPaper| {
        let (train, validation) = learner.training.divide(&windows).unwrap();
        match learner.train(&train, &validation) {
            Err(Error::Request(problem)) => problem,
            other => panic!("{other:?}"),
        }
    };
    let none = NonlinearPaper {
        angles: Vec::new(),
        ..small()
    };
    let problem = refuse(NonlinearPaper {
        angles: vec![3],
        ..none.clone()
    });
    assert!(
        problem.contains("coordinate 3 is said to be an angle, of 1 coordinates"),
        "{problem}"
    );
    // A position as cosine and sine, and a step: three numbers.
    let problem = refuse(NonlinearPaper {
        angles: vec![0],
        ..none.clone()
    });
    assert!(problem.contains("two, four or six"), "{problem}");
    let problem = refuse(NonlinearPaper {
        angles: vec![0, 0],
        ..none.clone()
    });
    assert!(problem.contains("coordinate 0 is said twice"), "{problem}");
    let problem = refuse(NonlinearPaper { layers: 0, ..none });
    assert!(problem.contains("at least one hidden layer"), "{problem}");
}

#[test]
fn shapes_that_losses_are_not_made_for_are_refused() {
    // Five coordinates of which one is an angle would be six numbers.
    let rows =
        (0..200).flat_map(|t| (0..5).map(move |k| (0.1 * f64::from(t) + f64::from(k)).sin()));
    let seen = Observations::new(5, 0.1, vec![rows.collect()]).unwrap();
    let windows = seen.windows(1).unwrap();
    let learner = NonlinearPaper {
        angles: vec![0],
        ..small()
    };
    let (train, validation) = learner.training.divide(&windows).unwrap();
    let refused = learner.train(&train, &validation);
    assert!(matches!(refused, Err(Error::Request(_))), "{refused:?}");
}

#[test]
fn patches_find_the_two_sides_of_a_kink() {
    // Starts that are everywhere alike: multiples of two irrational numbers.
    let start = |k: usize| {
        let within = |x: f64| 2.0 * (k as f64 * x).fract() - 1.0;
        (within(0.618_033_988_75), within(0.414_213_562_37))
    };
    let starts: Vec<(f64, f64)> = (1..=250).map(start).collect();
    let windows = wedges(0.05, &starts, 6);
    let learner = NonlinearPaper {
        angles: Vec::new(),
        patches: Some(Patches {
            attempts: 2,
            work: 8_000,
            ..Patches::default()
        }),
        ..small()
    };
    let (train, validation) = learner.training.divide(&windows).unwrap();
    let trained = learner.train(&train, &validation).unwrap();
    assert_eq!(trained.theories(), 2);
    let accuracy = domain_accuracy(&trained, 2, &validation).unwrap();
    assert!(accuracy > 0.9, "{accuracy}");
    let again = learner.train(&train, &validation).unwrap();
    assert_eq!(trained.log, again.log);
}

#[test]
fn settings_of_patches_that_make_no_sense_are_refused() {
    let windows = wedge(400);
    let refuse = |patches: Patches, what: &str| {
        let learner = NonlinearPaper {
            angles: Vec::new(),
            patches: Some(patches),
            ..small()
        };
        let (train, validation) = learner.training.divide(&windows).unwrap();
        match learner.train(&train, &validation) {
            Err(Error::Request(problem)) => assert!(problem.contains(what), "{problem}"),
            other => panic!("{other:?}"),
        }
    };
    let usual = Patches::default();
    refuse(
        Patches {
            share: 1.5,
            ..usual
        },
        "a share of 1.5",
    );
    refuse(
        Patches {
            near_share: f64::NAN,
            ..usual
        },
        "a share of NaN",
    );
    refuse(
        Patches {
            reach: 0.0,
            ..usual
        },
        "must be positive",
    );
    refuse(
        Patches {
            attempts: 0,
            ..usual
        },
        "at least 1",
    );
}

#[test]
fn odd_settings_of_patches_and_few_windows_do_no_harm() {
    let hasty = Patches {
        attempts: 1,
        most: 1,
        rounds: 1,
        work: 500,
        border_rounds: 1,
        domain_rounds: 1,
        law_rounds: 1,
        ..Patches::default()
    };
    // All windows are neighbours of all; too few windows for patches, which then begin at random.
    for (near_share, windows) in [(0.999, 450), (0.002, 200)] {
        let learner = NonlinearPaper {
            angles: Vec::new(),
            patches: Some(Patches {
                near_share,
                ..hasty
            }),
            ..small()
        };
        let (train, validation) = learner.training.divide(&wedge(windows)).unwrap();
        let trained = learner.train(&train, &validation).unwrap();
        assert!(trained.squared_error.is_finite());
    }
}

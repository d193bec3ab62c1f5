//! The charged double pendulum found out: laws, fields, border, and what is refused.

use mass_physicist::{
    ChargedPendulum, CurvedBorder, Domains, Observations, RegimesFound, RegimesOfMotion,
    domain_accuracy,
    mass_sparse::{Factor, Function, FunctionLibrary},
};

fn found(world: &ChargedPendulum, steps: usize, seed: u64, noise: f64) -> (RegimesFound, f64) {
    let seen = world
        .observe_states(steps, seed)
        .unwrap()
        .with_noise(noise, 7);
    let windows = seen.windows(1).unwrap();
    let found = RegimesOfMotion::double_pendulum()
        .discover(&windows)
        .unwrap();
    let accuracy = domain_accuracy(&found, found.theories.len(), &windows).unwrap();
    (found, accuracy)
}

/// The theory of a domain of the world, by where it holds: below is 1.
fn theory(found: &RegimesFound, domain: u32) -> usize {
    let at = if domain == 1 { 0.0 } else { 3.0 };
    found.theory(&[at, at, 0.0, 0.0])
}

fn term(factors: &[Factor]) -> Function {
    Function::new(factors.iter().cloned())
}

#[test]
fn both_laws_fields_and_the_border_are_found_exactly() {
    let world = ChargedPendulum::vertical(7.0, 2.0);
    let (found, accuracy) = found(&world, 600, 2, 0.0);
    assert!(accuracy > 0.9999, "{accuracy}");
    assert_eq!(found.theories.len(), 2);
    let border = found.border.as_ref().unwrap();
    assert_eq!(border.text(), "cos x₁ + cos x₂ = 21/20", "{border:?}");
    assert!((border.constant - 1.05).abs() < 1e-6 && border.standard_error < 1e-6);
    // Mechanics are written by hand there, and found as a Lagrangian here.
    for domain in [1, 2] {
        let law = &found.theories[theory(&found, domain)];
        let state = [0.7, -1.9, 2.3, -3.1];
        let right = world.acceleration(domain, &state[..2], &state[2..]);
        for (one, other) in law.acceleration(&state).iter().zip(right) {
            assert!((one - other).abs() < 1e-6, "{domain}: {}", law.text());
        }
        let names: Vec<String> = law.terms.iter().map(|t| t.function.text(2)).collect();
        assert_eq!(
            names,
            ["y₁²", "y₂²", "cos x₁", "cos x₂", "y₁ y₂ cos(x₁ − x₂)"],
            "{}",
            law.text()
        );
        let field = if domain == 1 {
            world.below
        } else {
            world.above
        };
        for rod in [0, 1] {
            let (c, error) = law.coefficient(&term(&[Factor::Cosine(vec![(rod, 1)])]));
            assert!((-c - field[1]).abs() < 1e-6, "{c} ± {error}");
        }
        assert_eq!(
            law.coefficient(&term(&[Factor::Sine(vec![(0, 1)])])),
            (0.0, 0.0)
        );
    }
    let below = &found.theories[theory(&found, 1)];
    assert_eq!(
        below.text(),
        "y₁² + 1/2 y₂² + 7 cos x₁ + 7 cos x₂ + y₁ y₂ cos(x₁ − x₂)"
    );
    // Each passage is a point of the border, and passes on what it has.
    assert!(found.transitions.len() > 10, "{}", found.transitions.len());
    for passage in &found.transitions {
        let [a, b] = [passage.position[0], passage.position[1]];
        assert!((a.cos() + b.cos() - 1.05).abs() < 1e-6, "{passage:?}");
        for (one, other) in passage.before.iter().zip(&passage.after) {
            assert!((one - other).abs() < 1e-6, "{passage:?}");
        }
    }
    assert_eq!(found.unexplained, 0.0, "{:?}", found.noise);
}

#[test]
fn a_field_from_the_side_and_noise_are_told_with_errors() {
    let world = ChargedPendulum {
        below: [1.5, -8.0],
        above: [-2.0, 1.0],
        ..ChargedPendulum::vertical(0.0, 0.0)
    };
    let (found, accuracy) = found(&world, 600, 1, 1e-4);
    assert!(
        accuracy > 0.99,
        "{accuracy}: {:?}, {:?}",
        found.noise,
        found.theories
    );
    let [position, velocity] = found.noise;
    assert!((position / 1e-4 - 1.0).abs() < 0.3, "{position}");
    assert!((velocity / 1e-4 - 1.0).abs() < 0.3, "{velocity}");
    for domain in [1, 2] {
        let law = &found.theories[theory(&found, domain)];
        let field = if domain == 1 {
            world.below
        } else {
            world.above
        };
        for rod in [0, 1] {
            let ex = law.coefficient(&term(&[Factor::Sine(vec![(rod, 1)])]));
            let ey = law.coefficient(&term(&[Factor::Cosine(vec![(rod, 1)])]));
            for ((c, error), right) in [ex, (-ey.0, ey.1)].into_iter().zip(field) {
                assert!(error > 0.0 && error < 0.05, "{}", law.text());
                assert!((c - right).abs() < 4.5 * error, "{c} ± {error}, {right}");
            }
        }
    }
    let border = found.border.unwrap();
    assert_eq!(border.terms.len(), 2, "{border:?}");
    let off = (border.constant - 1.05).abs();
    assert!(
        off < 0.01 && off < 5.0 * border.standard_error,
        "{border:?}"
    );
}

#[test]
fn one_field_is_one_theory_without_a_border() {
    let world = ChargedPendulum {
        above: [0.0, -8.0],
        ..ChargedPendulum::vertical(8.0, 0.0)
    };
    let (found, _) = found(&world, 400, 0, 0.0);
    assert_eq!(found.theories.len(), 1);
    assert!(found.border.is_none() && found.transitions.is_empty());
    assert_eq!(found.unexplained, 0.0);
}

#[test]
fn accuracy_does_not_depend_on_which_theory_is_which() {
    let world = ChargedPendulum::vertical(8.0, 1.0);
    let seen = world.observe_states(500, 4).unwrap();
    let windows = seen.windows(1).unwrap();
    let found = RegimesOfMotion::double_pendulum()
        .discover(&windows)
        .unwrap();
    let border: CurvedBorder = found.border.clone().unwrap();
    let mut swapped = border.clone();
    swapped.theories.swap(0, 1);
    let own = domain_accuracy(&border, 2, &windows).unwrap();
    assert_eq!(own, domain_accuracy(&swapped, 2, &windows).unwrap());
    struct One;
    impl Domains for One {
        fn theory(&self, _: &[f64]) -> usize {
            0
        }
    }
    let poor = domain_accuracy(&One, 1, &windows).unwrap();
    assert!(own > 0.999 && poor < 0.9, "{own} {poor}");
    // Angles that are wrapped into a turn are the same angles.
    let wrapped: Vec<f64> = seen.trajectories()[0]
        .iter()
        .enumerate()
        .map(|(at, v)| {
            if at % 4 < 2 {
                mass_systems::wrap_angle(*v)
            } else {
                *v
            }
        })
        .collect();
    let wrapped = Observations::new(4, seen.step(), vec![wrapped]).unwrap();
    let again = RegimesOfMotion::double_pendulum()
        .discover(&wrapped.windows(1).unwrap())
        .unwrap();
    assert_eq!(again.border.unwrap().text(), border.text());
    assert_eq!(again.explained_by, found.explained_by);
}

#[test]
fn what_is_no_state_and_no_library_is_refused() {
    let world = ChargedPendulum::vertical(8.0, 1.0);
    let seen = world.observe_states(300, 0).unwrap();
    let learner = RegimesOfMotion::double_pendulum();
    let refused = |learner: &RegimesOfMotion, seen: &Observations, memory: usize| {
        learner
            .discover(&seen.windows(memory).unwrap())
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&learner, &seen, 2).contains("over 1"));
    let angles = world.observe(300, 0).unwrap();
    assert!(refused(&learner, &angles, 1).contains("of 4 coordinates"));
    let few = world.observe_states(30, 0).unwrap();
    assert!(refused(&learner, &few, 1).contains("30 windows are too few"));
    let still = Observations::new(4, 0.1, vec![vec![1.0; 4000]]).unwrap();
    assert!(refused(&learner, &still, 1).contains("nothing moves"));
    let with = |functions: Vec<Function>| RegimesOfMotion {
        library: FunctionLibrary::new(2, functions).unwrap(),
        ..learner.clone()
    };
    let square = |k: usize| term(&[Factor::Velocity(k, 2)]);
    let none = with(vec![square(0)]);
    assert!(refused(&none, &seen, 1).contains("has no y₂²"));
    let odd = with(vec![square(0), square(1), term(&[Factor::Velocity(0, 1)])]);
    assert!(refused(&odd, &seen, 1).contains("odd in velocities"));
    let moving = RegimesOfMotion {
        borders: FunctionLibrary::new(2, [square(0)]).unwrap(),
        ..learner.clone()
    };
    assert!(refused(&moving, &seen, 1).contains("no function of a border"));
    let outside = RegimesOfMotion {
        angles: vec![0, 2],
        ..learner.clone()
    };
    assert!(refused(&outside, &seen, 1).contains("angles are positions"));
}

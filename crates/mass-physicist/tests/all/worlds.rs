//! Worlds against independent solutions: the exact motion, the laws of positions, files.

use std::convert::Infallible;

use mass_physicist::{
    ChargedPendulum, Error, Force, Observations, Region, TRANSITION, World, WorldKind, WorldRequest,
};
use mass_systems::Dop853;
use proptest::prelude::*;

fn forces() -> [Force; 4] {
    [
        Force::Free,
        Force::Gravity { g: [1.5, -2.5] },
        Force::Harmonic {
            stiffness: 13.0,
            direction: [0.6, -0.8],
            offset: 0.4,
        },
        Force::Electromagnetic {
            electric: [-1.0, 2.0],
            magnetic: -3.5,
        },
    ]
}

#[test]
fn forces_move_as_their_equations_say() {
    // The other route: a Runge–Kutta method of order 8 on the acceleration.
    for force in forces() {
        let start = [0.3, -0.7, 1.9, 0.4];
        let (mut x, mut y) = ([start[0], start[1]], [start[2], start[3]]);
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            out.copy_from_slice(&force.acceleration(&[x[0], x[1], y[0], y[1]]));
            Ok::<(), Infallible>(())
        };
        let Ok(()) = Dop853::new(1, 2, 1e-13).advance(law, &mut x, &mut y, 1.7);
        let exact = force.advance(&start, 1.7);
        for (a, b) in exact.iter().zip(x.iter().chain(&y)) {
            assert!((a - b).abs() < 1e-11, "{force:?}: {exact:?} {x:?} {y:?}");
        }
        // Two halves are a whole.
        let halves = force.advance(&force.advance(&start, 0.6), 1.1);
        assert!(
            exact
                .iter()
                .zip(&halves)
                .all(|(a, b)| (a - b).abs() < 1e-13)
        );
    }
}

proptest! {
    #[test]
    fn positions_obey_the_law_to_rounding(
        which in 0..4_usize, x in -2.0..2.0_f64, y in -2.0..2.0_f64, vx in -3.0..3.0_f64, vy in -3.0..3.0_f64, step in 0.01..0.2_f64,
    ) {
        let force = forces()[which];
        let start = [x, y, vx, vy];
        let at = |k: f64| force.advance(&start, k * step);
        let (a, b, c) = (at(0.0), at(1.0), at(2.0));
        let mut predicted = [0.0; 2];
        force.recurrence(step).predict(&[a[0], a[1], b[0], b[1]], &mut predicted);
        prop_assert!((predicted[0] - c[0]).abs() < 1e-13 && (predicted[1] - c[1]).abs() < 1e-13);
    }
}

#[test]
fn a_ball_in_a_box_is_a_ball_in_many_boxes_folded() {
    // Without forces a reflected path is the straight one folded: a closed form for any time.
    let world = World::new(2.0, 0.05, vec![Force::Free], [Region::Force(0); 4]).unwrap();
    let path = world
        .follow([0.3, -1.1, 2.3, -1.7], 4000, 10.0)
        .unwrap()
        .unwrap();
    let fold = |s: f64| {
        let s = (s + 2.0).rem_euclid(8.0);
        (if s > 4.0 { 8.0 - s } else { s }) - 2.0
    };
    for (k, position) in path.positions.chunks_exact(2).enumerate() {
        let t = 0.05 * k as f64;
        assert!((position[0] - fold(0.3 + 2.3 * t)).abs() < 1e-10);
        assert!((position[1] - fold(-1.1 - 1.7 * t)).abs() < 1e-10);
    }
}

#[test]
fn a_closed_quadrant_is_never_entered_and_speed_is_kept_around_it() {
    let regions = [
        Region::Force(0),
        Region::Force(0),
        Region::Rigid,
        Region::Force(0),
    ];
    let world = World::new(2.0, 0.05, vec![Force::Free], regions).unwrap();
    let path = world
        .follow([1.0, -1.1, 2.3, -1.7], 5000, 10.0)
        .unwrap()
        .unwrap();
    assert!(path.quadrants.iter().all(|q| *q != 2));
    for position in path.positions.chunks_exact(2) {
        assert!(
            !(position[0] < -1e-12 && position[1] > 1e-12),
            "{position:?}"
        );
        assert!(position.iter().all(|p| p.abs() <= 2.0 + 1e-12));
    }
    let refused = world.follow([-1.0, 1.0, 1.0, 0.0], 10, 10.0).unwrap_err();
    assert!(refused.to_string().contains("closed quadrant"), "{refused}");
}

#[test]
fn every_type_makes_worlds_and_the_same_request_the_same() {
    for kind in WorldKind::ALL {
        let request = WorldRequest {
            windows: 2000,
            ..WorldRequest::new(kind, 2, 7)
        };
        let (world, seen) = request.make().unwrap();
        let (again, other) = request.make().unwrap();
        assert_eq!((&world, &seen), (&again, &other));
        let windows = seen.windows(2).unwrap();
        assert_eq!(windows.len(), 2000);
        let labels = windows.labels().unwrap();
        let big = labels.iter().filter(|l| **l != TRANSITION).count();
        assert!(
            (0.5..1.0).contains(&(big as f64 / 2000.0)),
            "{kind:?}: {big}"
        );
        for law in 0..world.forces().len() {
            assert!(labels.contains(&(law as u32 + 1)), "{kind:?}, law {law}");
        }
        // Id 2: every constant is a fraction of denominators up to 100.
        for constant in world.laws().iter().flat_map(|law| law.constants()) {
            let near = |n: i32| (constant * f64::from(n) - (constant * f64::from(n)).round()).abs();
            assert!((1..=100).any(|n| near(n) < 1e-11), "{kind:?}: {constant}");
        }
    }
    assert!(
        WorldKind::from_number(11)
            .unwrap_err()
            .to_string()
            .contains("4, 5, 6")
    );
}

#[test]
fn worlds_that_make_no_sense_are_refused() {
    let world = |forces: Vec<Force>, regions| World::new(2.0, 0.05, forces, regions);
    assert!(world(vec![], [Region::Rigid; 4]).is_err());
    assert!(world(vec![Force::Free], [Region::Force(1); 4]).is_err());
    let slack = Force::Harmonic {
        stiffness: -1.0,
        direction: [1.0, 0.0],
        offset: 0.0,
    };
    assert!(
        world(vec![slack], [Region::Force(0); 4])
            .unwrap_err()
            .is_request()
    );
}

#[test]
fn files_give_every_number_back() {
    let (_, seen) = WorldRequest {
        windows: 200,
        balls: 2,
        ..WorldRequest::new(WorldKind::Gravity, 1, 0)
    }
    .make()
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["seen.csv", "seen.parquet"] {
        if name.ends_with("parquet") && cfg!(not(feature = "parquet")) {
            continue;
        }
        let path = folder.path().join(name);
        seen.save(&path).unwrap();
        assert_eq!(Observations::read(&path).unwrap(), seen, "{name}");
    }
    // What is not right is said with its place.
    let path = folder.path().join("gap.csv");
    std::fs::write(
        &path,
        "trajectory,t,x,y\n0,0,1,1\n0,0.1,1,1\n0,0.4,1,1\n0,0.5,1,1\n0,0.6,1,1\n",
    )
    .unwrap();
    let message = Observations::read(&path).unwrap_err().to_string();
    assert!(
        message.contains("gap.csv") && message.contains("line"),
        "{message}"
    );
    std::fs::write(&path, "trajectory,time,x,y\n0,0,1,1\n0,1,1,1\n").unwrap();
    let message = Observations::read(&path).unwrap_err().to_string();
    assert!(message.contains("no column \"t\""), "{message}");
}

#[test]
fn ones_own_motions_are_observations_if_steps_are_equal() {
    let t: Vec<f64> = (0..20).map(|k| 0.1 * f64::from(k)).collect();
    let fall: Vec<f64> = t.iter().map(|t| -t * t).collect();
    let motion = |t: Vec<f64>| mass_data::Trajectory::new("fall", 1, t, fall.clone()).unwrap();
    let seen = Observations::from_trajectories(&[motion(t.clone())]).unwrap();
    assert!((seen.step() - 0.1).abs() < 1e-12);
    let mut late = t;
    late[19] += 0.05;
    let refused = Observations::from_trajectories(&[motion(late)]).unwrap_err();
    assert!(
        matches!(refused, Error::Data(_)) && refused.to_string().contains("rows 18 and 19"),
        "{refused}"
    );
}

#[test]
fn noise_is_of_its_deviation_and_of_its_seed() {
    let still = Observations::new(2, 0.1, vec![vec![0.0; 40_000]]).unwrap();
    let noisy = still.clone().with_noise(0.01, 3);
    assert_eq!(noisy, still.clone().with_noise(0.01, 3));
    assert_ne!(noisy, still.with_noise(0.01, 4));
    let values = &noisy.trajectories()[0];
    let variance = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
    // The deviation of a variance of 40,000 is 0.7 %.
    assert!(
        (variance.sqrt() / 0.01 - 1.0).abs() < 0.02,
        "{}",
        variance.sqrt()
    );
}

#[test]
fn the_pendulum_keeps_its_energy_within_a_field_and_visits_both() {
    let one = ChargedPendulum {
        border: -3.0,
        ..ChargedPendulum::vertical(9.0, 1.0)
    };
    let (states, labels) = one.follow([0.7, -0.4, 3.0, -2.0], 200).unwrap();
    assert!(labels.iter().all(|l| *l == 1));
    let energy = one.energy(1, &states[0]);
    for state in &states {
        assert!((one.energy(1, state) - energy).abs() < 1e-9 * energy.abs().max(1.0));
    }
    let seen = ChargedPendulum::seven()[0].observe(600, 0).unwrap();
    let labels = &seen.labels().unwrap()[0];
    for domain in [1, 2] {
        let share = labels.iter().filter(|l| **l == domain).count() as f64 / 602.0;
        assert!(share > 0.08, "{domain}: {share}");
    }
}

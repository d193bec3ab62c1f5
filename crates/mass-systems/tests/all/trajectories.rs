//! Motion: the order of the integrator, exact solutions, the paper's runs.

use mass_systems::{
    End, Trajectory, lookup, reference_trajectory, rk4, systems::Classical, wrap_angles,
};
use proptest::prelude::*;

fn rollout(id: &str, x0: &[f64], y0: &[f64], dt: f64, steps: usize) -> Trajectory {
    let system = lookup(id).unwrap();
    rk4(
        |x, y, out| system.acceleration(x, y, out),
        x0,
        y0,
        dt,
        steps,
    )
    .unwrap()
}

#[test]
fn rk4_converges_at_order_four() {
    for (id, x0, y0) in [
        ("classical", &[1.0][..], &[0.2][..]),
        ("pendulum", &[1.0], &[0.5]),
        ("relativistic", &[0.8], &[0.3]),
        ("beta", &[0.6], &[0.4]),
        ("damped", &[0.9], &[0.1]),
        ("double_pendulum", &[0.5, -0.2], &[0.3, 0.1]),
        ("spherical_pendulum", &[1.0, 0.1], &[0.0, 1.0]),
    ] {
        let truth =
            reference_trajectory(&*lookup(id).unwrap(), x0, y0, &[0.0, 2.0], 1e-14).unwrap();
        let (_, x_end, y_end) = truth.state(1);
        let errors = [20_u32, 40, 80, 160].map(|steps| {
            let path = rollout(id, x0, y0, 2.0 / f64::from(steps), steps as usize);
            let (_, x, y) = path.state(steps as usize);
            let squares = x
                .iter()
                .zip(x_end)
                .chain(y.iter().zip(y_end))
                .map(|(a, b)| (a - b).powi(2));
            squares.sum::<f64>().sqrt()
        });
        // Least squares through (log₂ of the number of halvings, log₂ error), i = 0..3.
        let logs = errors.map(f64::log2);
        let slope = (0..4).map(|i| (1.5 - i as f64) * logs[i]).sum::<f64>() / 5.0;
        assert!(
            (3.8..=4.2).contains(&slope),
            "{id}: order {slope}, errors {errors:?}"
        );
    }
}

#[test]
fn the_oscillator_is_a_cosine() {
    let times: Vec<f64> = (0..=100).map(|i| 0.25 * f64::from(i)).collect();
    let path = reference_trajectory(&Classical, &[1.0], &[0.0], &times, 1e-13).unwrap();
    assert_eq!(path.t(), times);
    for (t, x, y) in path.iter() {
        assert!(
            (x[0] - t.cos()).abs() < 1e-11 && (y[0] + t.sin()).abs() < 1e-11,
            "t = {t}"
        );
    }
}

#[test]
fn the_damped_oscillator_is_its_exact_solution() {
    // β = 1: x = exp(−t/2)(cos ωt + sin ωt/(2ω)), ω = √3/2.
    let path = reference_trajectory(
        &*lookup("damped").unwrap(),
        &[1.0],
        &[0.0],
        &[0.0, 1.5, 4.0],
        1e-13,
    )
    .unwrap();
    let omega = 0.75_f64.sqrt();
    for (t, x, _) in path.iter() {
        let exact = (-t / 2.0).exp() * ((omega * t).cos() + (omega * t).sin() / (2.0 * omega));
        assert!((x[0] - exact).abs() < 1e-11);
    }
}

#[test]
fn two_bodies_on_a_circle_come_back() {
    // Unit masses 2 apart: each circles at radius 1 with v² = ¼, in a period of 4π.
    let period = 4.0 * std::f64::consts::PI;
    let (x0, y0) = ([-1.0, 0.0, 1.0, 0.0], [0.0, -0.5, 0.0, 0.5]);
    let times = [0.0, period / 4.0, period];
    let path =
        reference_trajectory(&*lookup("two_body").unwrap(), &x0, &y0, &times, 1e-13).unwrap();
    let (_, quarter, _) = path.state(1);
    let (_, round, _) = path.state(2);
    for (found, exact) in quarter
        .iter()
        .zip([0.0, -1.0, 0.0, 1.0])
        .chain(round.iter().zip(x0))
    {
        assert!((found - exact).abs() < 1e-10, "{found} and {exact}");
    }
}

#[test]
fn the_small_swing_of_a_pendulum_takes_its_elliptic_period() {
    // T = 4K(sin(½)) = 6.69998… for an amplitude of 1 rad, by the arithmetic–geometric mean.
    let (mut a, mut g) = (1.0_f64, 0.5_f64.cos());
    for _ in 0..6 {
        (a, g) = ((a + g) / 2.0, (a * g).sqrt());
    }
    let period = std::f64::consts::TAU / a;
    let path = reference_trajectory(
        &*lookup("pendulum").unwrap(),
        &[1.0],
        &[0.0],
        &[0.0, period],
        1e-13,
    )
    .unwrap();
    let (_, x, y) = path.state(1);
    assert!(
        (x[0] - 1.0).abs() < 1e-11 && y[0].abs() < 1e-10,
        "{x:?} {y:?}"
    );
}

#[test]
fn the_papers_runs_stay_in_the_domains_and_keep_their_energy() {
    let times: Vec<f64> = (0..=200).map(|i| 0.05 * f64::from(i)).collect();
    for id in ["spherical_pendulum", "two_body", "three_body"] {
        let system = lookup(id).unwrap();
        let (x0, y0) = system.paper_run().unwrap().start.unwrap();
        let path = reference_trajectory(&*system, &x0, &y0, &times, 1e-12).unwrap();
        let domain = system.domain();
        for (t, x, y) in path.iter() {
            let mut x = x.to_vec();
            wrap_angles(&*system, &mut x);
            assert!(domain.contains(&x, y), "{id} at t = {t}: {x:?}, {y:?}");
        }
        let drift = path.energy_drift(&*system).unwrap();
        assert!(drift.iter().all(|d| d.abs() < 1e-10), "{id}: {drift:?}");
        // What the paper does: RK4 with dt = 0.05.
        let stepped = rollout(id, &x0, &y0, 0.05, 200);
        let drift = stepped.energy_drift(&*system).unwrap();
        assert!(
            drift.iter().all(|d| d.abs() < 1e-3),
            "{id}: {:?}",
            drift.last()
        );
    }
}

#[test]
fn two_bodies_meet_the_distances_their_page_tells() {
    let system = lookup("two_body").unwrap();
    let (x0, y0) = system.paper_run().unwrap().start.unwrap();
    // Kepler's third law with the reduced orbit: a = 1/(2/r − v²/2) at r = 2, v = ¾.
    let a: f64 = 1.0 / (1.0 - 0.75_f64.powi(2) / 2.0);
    let period = std::f64::consts::TAU * (a.powi(3) / 2.0).sqrt();
    let path =
        reference_trajectory(&*system, &x0, &y0, &[0.0, period / 2.0, period], 1e-13).unwrap();
    let apart = |i: usize| {
        let (_, x, _) = path.state(i);
        (x[0] - x[2]).hypot(x[1] - x[3])
    };
    assert!((apart(1) - (2.0 * a - 2.0)).abs() < 1e-10 && (apart(2) - 2.0).abs() < 1e-10);
    assert!(
        (7.2..7.4).contains(&period) && (0.78..0.79).contains(&apart(1)),
        "{period} {}",
        apart(1)
    );
}

#[test]
fn friction_takes_energy_and_says_there_is_none_to_ask_for() {
    let path = rollout("damped", &[1.0], &[0.0], 0.05, 100);
    assert_eq!(path.energies(&*lookup("damped").unwrap()), None);
    // By the undamped oscillator's measure it falls at every step.
    let energies = path.energies(&Classical).unwrap();
    assert!(energies.windows(2).all(|pair| pair[1] < pair[0]));
}

#[test]
fn falling_into_the_centre_is_an_error_that_says_so() {
    let kepler = lookup("kepler").unwrap();
    // From rest at ½ the centre is reached at t = π/√8 · ½^(3/2) = 0.39.
    let message = reference_trajectory(&*kepler, &[0.5], &[0.0], &[0.0, 0.2, 1.0], 1e-10)
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("the reference solver stopped:")
            || message.starts_with("the trajectory ended at step 2"),
        "{message}"
    );
    let message = reference_trajectory(&*kepler, &[0.0], &[0.0], &[0.0, 0.2], 1e-10)
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("the trajectory ended at step 1, t = 0"),
        "{message}"
    );
}

#[test]
fn bad_requests_for_a_reference_are_refused() {
    let message = |x: &[f64], times: &[f64], tolerance| {
        let y = vec![0.0; x.len()];
        reference_trajectory(&Classical, x, &y, times, tolerance)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(&[1.0, 1.0], &[0.0], 1e-9),
        "the first state has length 2; it must be 1, the degrees of freedom of classical"
    );
    assert_eq!(
        message(&[1.0], &[], 1e-9),
        "the list of times is empty; at least one is needed"
    );
    assert_eq!(
        message(&[1.0], &[0.0, 1.0, 1.0], 1e-9),
        "a time is 1; times must be finite, each greater than the one before"
    );
    assert_eq!(
        message(&[1.0], &[0.0, f64::NAN], 1e-9),
        "a time is NaN; times must be finite, each greater than the one before"
    );
    assert_eq!(
        message(&[1.0], &[0.0, 1.0], 0.0),
        "the tolerance is 0; it must lie between 0 and 1, as 1e-10 does"
    );
}

#[test]
fn a_trajectory_is_data_to_learn_from() {
    let path = rollout("pendulum", &[1.0], &[0.0], 0.1, 30);
    assert_eq!(path.end(), End::Complete);
    let data = path.to_dataset(&*lookup("pendulum").unwrap()).unwrap();
    assert_eq!((data.len(), data.x(), data.y()), (31, path.x(), path.y()));
    assert_eq!(data.acceleration()[0], -1.0_f64.sin());
    assert!(path.to_dataset(&*lookup("two_body").unwrap()).is_err());
}

proptest! {
    #[test]
    fn rk4_backwards_comes_home(x in -1.0..1.0_f64, y in -1.0..1.0_f64) {
        let there = rollout("pendulum", &[x], &[y], 0.02, 100);
        let (_, x_end, y_end) = there.state(100);
        let back = rollout("pendulum", x_end, y_end, -0.02, 100);
        let (t, x_home, y_home) = back.state(100);
        prop_assert!((t + 2.0).abs() < 1e-14);
        prop_assert!((x_home[0] - x).abs() < 1e-7 && (y_home[0] - y).abs() < 1e-7);
    }

    #[test]
    fn wrapped_angles_give_the_same_law(turns in -5_i32..5, x in -3.0..3.0_f64, seed in 0_usize..3) {
        let id = ["pendulum", "double_pendulum", "spherical_pendulum"][seed];
        let system = lookup(id).unwrap();
        let d = system.dof();
        let mut far = vec![x.abs().max(0.1); d];
        for &i in system.angles() {
            far[i] += std::f64::consts::TAU * f64::from(turns);
        }
        let mut near = far.clone();
        wrap_angles(&*system, &mut near);
        let y = vec![0.5; d];
        let (mut a, mut b) = (vec![0.0; d], vec![0.0; d]);
        system.acceleration(&far, &y, &mut a);
        system.acceleration(&near, &y, &mut b);
        for &i in system.angles() {
            prop_assert!(near[i].abs() <= std::f64::consts::PI);
        }
        for (a, b) in a.iter().zip(&b) {
            prop_assert!((a - b).abs() < 1e-12 * (1.0 + a.abs()));
        }
    }
}

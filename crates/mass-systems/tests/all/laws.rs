//! The laws: closed forms against the Lagrangians, derivatives against finite differences, energies
//! along true trajectories.

use mass_systems::{
    AnyLagrangian, Purpose, Quantity, ScalarDerivatives, System, all, lookup, reference_trajectory,
    sample, stream,
};
use proptest::prelude::*;
use proptest::sample::select;

const QUANTITIES: [Quantity; 6] = [
    Quantity::Lagrangian,
    Quantity::Kinetic,
    Quantity::Potential,
    Quantity::Hamiltonian,
    Quantity::PrintedPotential,
    Quantity::LagrangianKinetic,
];

/// Every system with a Lagrangian, those with parameters several times.
fn lagrangian_ids() -> Vec<String> {
    let others = [
        "power1(0.5,-1)",
        "power1(-1,2)",
        "power2(1,1,2,2)",
        "power2(0.5,-2,3,4)",
        "n_body(3)",
        "double_pendulum(1,0.5,1,2)",
        "pendulum_chain(1)",
        "pendulum_chain(5)",
        "coupled_oscillators(4,2)",
        "cart_pendulum(2,1,0.5)",
        "charge_in_field(-2,0)",
    ];
    let ids = all()
        .into_iter()
        .filter(|s| s.lagrangian().is_some())
        .map(|s| s.id());
    ids.chain(others.map(String::from)).collect()
}

/// One state of the system's domain.
fn state_of(system: &dyn System, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let data = sample(
        system,
        1,
        &mut stream(seed, Purpose::Evaluation, &system.id()),
    )
    .unwrap();
    (data.x().to_vec(), data.y().to_vec())
}

#[test]
fn systems_without_a_lagrangian_are_those_given_by_their_acceleration() {
    let without: Vec<_> = all()
        .iter()
        .filter(|s| s.lagrangian().is_none())
        .map(|s| s.id())
        .collect();
    assert_eq!(
        without,
        ["synthetic_sin", "synthetic_sin2", "synthetic_exp", "damped"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_closed_form_is_what_euler_lagrange_gives(id in select(lagrangian_ids()), seed: u64) {
        let system = lookup(&id).unwrap();
        let (x, y) = state_of(&*system, seed);
        let d = system.dof();
        let (mut closed, mut derived) = (vec![0.0; d], vec![0.0; d]);
        system.acceleration(&x, &y, &mut closed);
        system.lagrangian().unwrap().euler_lagrange(&x, &y, &mut derived).unwrap();
        let size = closed.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
        for (closed, derived) in closed.iter().zip(&derived) {
            prop_assert!((closed - derived).abs() <= 1e-11 * size, "{closed} and {derived} at {x:?}, {y:?}");
        }
    }

    #[test]
    fn the_euler_lagrange_residual_is_zero_at_the_closed_form(id in select(lagrangian_ids()), seed: u64) {
        let system = lookup(&id).unwrap();
        let (x, y) = state_of(&*system, seed);
        let d = system.dof();
        let mut ydot = vec![0.0; d];
        system.acceleration(&x, &y, &mut ydot);
        let s = system.lagrangian().unwrap().derivatives(Quantity::Lagrangian, &x, &y).unwrap();
        let left = s.euler_lagrange_residual(&y, &ydot);
        for (i, left) in left.iter().enumerate() {
            let terms: Vec<f64> = (0..d)
                .flat_map(|k| [s.s_yy[i * d + k] * ydot[k], s.s_xy[i * d + k] * y[k]])
                .chain([-s.s_x[i]])
                .collect();
            let size: f64 = terms.iter().map(|t| t.abs()).sum();
            prop_assert!(terms.iter().sum::<f64>().abs() <= 1e-12 * (1.0 + size), "row {i}: {terms:?}");
            prop_assert!((left - terms.iter().sum::<f64>()).abs() <= 1e-12 * (1.0 + size));
        }
    }

    #[test]
    fn derivatives_are_those_of_finite_differences(id in select(lagrangian_ids()), seed: u64) {
        let system = lookup(&id).unwrap();
        let law = system.lagrangian().unwrap();
        let (x, y) = state_of(&*system, seed);
        for which in QUANTITIES {
            let Some(s) = law.derivatives(which, &x, &y) else {
                prop_assert_eq!(law.at(which, &x, &y), None);
                continue;
            };
            check_against_differences(law, which, &x, &y, &s)?;
        }
    }

    #[test]
    fn energy_is_conserved_along_the_true_trajectory(id in select(lagrangian_ids()), seed: u64) {
        let system = lookup(&id).unwrap();
        let (x, y) = state_of(&*system, seed);
        let times: Vec<f64> = (0..=4).map(|i| 0.0125 * f64::from(i)).collect();
        let path = reference_trajectory(&*system, &x, &y, &times, 1e-13).unwrap();
        let energies = path.energies(&*system).unwrap();
        let size = energies[0].abs().max(1.0);
        for energy in &energies {
            prop_assert!((energy - energies[0]).abs() <= 1e-10 * size, "{energies:?} from {x:?}, {y:?}");
        }
    }
}

/// First derivatives against differences of the value, second ones against differences of the first.
fn check_against_differences(
    law: &dyn AnyLagrangian,
    which: Quantity,
    x: &[f64],
    y: &[f64],
    s: &ScalarDerivatives,
) -> Result<(), TestCaseError> {
    const H: f64 = 1e-6;
    let d = x.len();
    let value = law.at(which, x, y).unwrap();
    prop_assert!((value - s.value).abs() <= 1e-13 * (1.0 + value.abs()));
    let close = |exact: f64, difference: f64, size: f64| {
        let error = (exact - difference).abs();
        prop_assert!(
            error <= 2e-7 * (1.0 + exact.abs() + size),
            "{which:?}: {exact} and {difference} at {x:?}, {y:?}"
        );
        Ok(())
    };
    for k in 0..2 * d {
        let moved = |by: f64| {
            let mut state = [x, y].concat();
            state[k] += by;
            let (x, y) = state.split_at(d);
            law.derivatives(which, x, y).unwrap()
        };
        let (up, down) = (moved(H), moved(-H));
        let difference = |of: fn(&ScalarDerivatives) -> &[f64], i: usize| {
            (of(&up)[i] - of(&down)[i]) / (2.0 * H)
        };
        let first = if k < d { s.s_x[k] } else { s.s_y[k - d] };
        close(first, (up.value - down.value) / (2.0 * H), value.abs())?;
        for i in 0..d {
            let by_x = difference(|s| &s.s_x, i);
            let by_y = difference(|s| &s.s_y, i);
            if k < d {
                close(s.s_xx[i * d + k], by_x, s.s_x[i].abs())?;
                close(s.s_xy[i * d + k], by_y, s.s_y[i].abs())?;
            } else {
                close(s.s_xy[(k - d) * d + i], by_x, s.s_x[i].abs())?;
                close(s.s_yy[i * d + k - d], by_y, s.s_y[i].abs())?;
            }
        }
    }
    Ok(())
}

#[test]
fn t_and_v_are_those_of_table_1() {
    // Fu et al. 2025, Table 1, at x = 0.6, y = 0.4; V of relativistic as its law has it, then as printed.
    let (x, y): (f64, f64) = (0.6, 0.4);
    let gamma = 1.0 / (1.0 - y * y).sqrt();
    for (id, t, v) in [
        ("classical", 0.5 * y * y, 0.5 * x * x),
        ("pendulum", 0.5 * y * y, 1.0 - x.cos()),
        ("kepler", 0.5 * y * y, -1.0 / x),
        ("relativistic", gamma, 0.5 * x * x),
        ("alpha", gamma, 0.5 * x * x / gamma),
        ("beta", gamma, 0.5 * x * x * y.cos()),
    ] {
        let system = lookup(id).unwrap();
        let law = system.lagrangian().unwrap();
        let at = |which| law.at(which, &[x], &[y]);
        assert!((at(Quantity::Kinetic).unwrap() - t).abs() < 1e-15, "{id}");
        assert!((at(Quantity::Potential).unwrap() - v).abs() < 1e-15, "{id}");
        assert!(
            (at(Quantity::Hamiltonian).unwrap() - t - v).abs() < 1e-15,
            "{id}"
        );
        let printed = at(Quantity::PrintedPotential);
        if id == "relativistic" {
            assert!((printed.unwrap() - 0.5 * x * x * (1.0 - y * y).powf(1.5)).abs() < 1e-15);
        } else {
            assert_eq!(printed, None);
        }
        // Its caption: in systems 4 to 6 the kinetic term of L is 1/γ.
        let in_l = at(Quantity::LagrangianKinetic);
        if ["relativistic", "alpha", "beta"].contains(&id) {
            assert!((in_l.unwrap() - 1.0 / gamma).abs() < 1e-15, "{id}");
        } else {
            assert_eq!(in_l, None, "{id}");
        }
    }
}

#[test]
fn total_energy_is_t_plus_v_except_where_v_depends_on_the_velocity() {
    for system in all() {
        let Some(law) = system.lagrangian() else {
            continue;
        };
        let (x, y) = state_of(&*system, 5);
        let Some(total) = law.at(Quantity::Hamiltonian, &x, &y) else {
            continue;
        };
        let same = (law.energy(&x, &y) - total).abs() < 1e-12 * (1.0 + total.abs());
        assert_eq!(
            same,
            !["alpha", "beta"].contains(&system.id().as_str()),
            "{}",
            system.id()
        );
    }
}

#[test]
fn kepler_is_odd_in_x_and_falls_to_the_centre() {
    let kepler = lookup("kepler").unwrap();
    let fall = |x: f64| {
        let mut out = [0.0];
        kepler.acceleration(&[x], &[0.3], &mut out);
        out[0]
    };
    for i in 1..=40 {
        let x = 0.05 * f64::from(i);
        assert_eq!(fall(x), -fall(-x));
        assert!((fall(x) * x * x + 1.0).abs() < 1e-14);
    }
    assert!(kepler.in_singular_set(&[0.0], &[0.3]) && !kepler.in_singular_set(&[0.1], &[0.3]));
    assert!(!fall(0.0).is_finite());
}

#[test]
fn whatever_a_system_calls_conserved_is() {
    let ids = lagrangian_ids().into_iter();
    let others = ["two_body", "charge_in_field(2,0)"].map(String::from);
    for id in ids.chain(others) {
        let system = lookup(&id).unwrap();
        let (x, y) = state_of(&*system, 3);
        let times: Vec<f64> = (0..=4).map(|i| 0.05 * f64::from(i)).collect();
        let path = reference_trajectory(&*system, &x, &y, &times, 1e-13).unwrap();
        let first = system.conserved(&x, &y);
        assert_eq!(first[0].name, "energy", "{id}");
        assert!(
            (first[0].value - system.energy(&x, &y).unwrap()).abs() < 1e-12,
            "{id}"
        );
        let all = path.iter().map(|(_, x, y)| system.conserved(x, y));
        for now in all {
            for (now, first) in now.iter().zip(&first) {
                let size = first.value.abs().max(1.0);
                assert_eq!(now.name, first.name);
                assert!(
                    (now.value - first.value).abs() <= 1e-9 * size,
                    "{id}, {}: {} and {}",
                    now.name,
                    first.value,
                    now.value
                );
            }
        }
    }
    assert!(
        lookup("damped")
            .unwrap()
            .conserved(&[0.5], &[0.5])
            .is_empty()
    );
}

#[test]
fn other_quantities_are_not_conserved_by_chance() {
    // Along a motion in which all of them could change, what is not on the list does.
    let system = lookup("charge_in_field").unwrap();
    let path =
        reference_trajectory(&*system, &[0.6, -0.3], &[0.4, 0.7], &[0.0, 1.0], 1e-12).unwrap();
    let plain = |i: usize| {
        let (_, x, y) = path.state(i);
        x[0] * y[1] - x[1] * y[0]
    };
    assert!(
        (plain(0) - plain(1)).abs() > 0.01,
        "the kinetic angular momentum changes"
    );
}

#[test]
fn a_chain_of_two_is_the_double_pendulum() {
    let (chain, double) = (
        lookup("pendulum_chain(2)").unwrap(),
        lookup("double_pendulum").unwrap(),
    );
    for seed in 0..20 {
        let (x, y) = state_of(&*double, seed);
        let (mut a, mut b) = ([0.0; 2], [0.0; 2]);
        chain.acceleration(&x, &y, &mut a);
        double.acceleration(&x, &y, &mut b);
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() < 1e-12, "{a} and {b} at {x:?}, {y:?}");
        }
        assert!((chain.energy(&x, &y).unwrap() - double.energy(&x, &y).unwrap()).abs() < 1e-12);
    }
}

#[test]
fn the_normal_modes_of_two_oscillators_are_those_of_the_textbook() {
    // In step with frequency 1, against each other with √(1 + 2k).
    let system = lookup("coupled_oscillators(2,1.5)").unwrap();
    let mut out = [0.0; 2];
    system.acceleration(&[0.3, 0.3], &[0.0; 2], &mut out);
    assert_eq!(out, [-0.3, -0.3]);
    system.acceleration(&[0.25, -0.25], &[0.0; 2], &mut out);
    assert_eq!(out, [-1.0, 1.0]);
}

#[test]
fn a_heavy_cart_stands_still() {
    let system = lookup("cart_pendulum(1000000000000,1,2)").unwrap();
    let mut out = [0.0; 2];
    system.acceleration(&[0.0, 0.7], &[0.0, 0.4], &mut out);
    assert!(
        out[0].abs() < 1e-11 && (out[1] + 0.7_f64.sin() / 2.0).abs() < 1e-11,
        "{out:?}"
    );
}

#[test]
fn momentum_and_angular_momentum_of_bodies_are_conserved() {
    let system = lookup("three_body").unwrap();
    let (x0, y0) = system.paper_run().unwrap().start.unwrap();
    let path = reference_trajectory(&*system, &x0, &y0, &[0.0, 1.0, 2.0, 3.0], 1e-13).unwrap();
    let invariants = |x: &[f64], y: &[f64]| {
        let mut sums = [0.0; 3];
        for (r, v) in x.chunks(2).zip(y.chunks(2)) {
            sums[0] += v[0];
            sums[1] += v[1];
            sums[2] += r[0] * v[1] - r[1] * v[0];
        }
        sums
    };
    let first = invariants(&x0, &y0);
    for (_, x, y) in path.iter() {
        for (now, first) in invariants(x, y).iter().zip(first) {
            assert!((now - first).abs() < 1e-10, "{now} and {first}");
        }
    }
}

#[test]
fn a_singular_state_is_an_error_and_not_a_number() {
    let relativistic = lookup("relativistic").unwrap();
    let mut out = [0.0];
    let law = relativistic.lagrangian().unwrap();
    let message = law
        .euler_lagrange(&[0.5], &[1.5], &mut out)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "the Lagrangian gives no acceleration at x = [0.5], y = [1.5]: S_yy is singular or a derivative is not \
         finite there; keep such states out of the domain or name them in `in_singular_set`"
    );
    let power = lookup("power1(2,3)").unwrap();
    assert!(
        power
            .lagrangian()
            .unwrap()
            .euler_lagrange(&[0.5], &[0.0], &mut out)
            .is_err()
    );
}

#[test]
fn power2_names_the_states_where_its_mass_vanishes() {
    // S_yy = ½(−½)x y^(−3/2) + 2x = 0 at y = (1/8)^(2/3) = ¼.
    let law = lookup("power2(1,0.5,1,2)").unwrap();
    assert!(law.in_singular_set(&[0.7], &[0.25]));
    assert!(!law.in_singular_set(&[0.7], &[0.26]));
    assert!(law.in_singular_set(&[-0.7], &[0.5]) && law.in_singular_set(&[0.7], &[0.0]));
}

#[test]
fn only_the_lagrangian_of_a_law_leaves_nothing_of_euler_lagrange() {
    for id in ["pendulum", "relativistic", "double_pendulum"] {
        let system = lookup(id).unwrap();
        let law = system.lagrangian().unwrap();
        let states = sample(&*system, 200, &mut stream(0, Purpose::Evaluation, id)).unwrap();
        let left = |which| states.euler_lagrange_residual(|x, y| law.derivatives(which, x, y));
        assert!(left(Quantity::Lagrangian).unwrap() < 1e-10, "{id}");
        assert!(
            left(Quantity::Kinetic).is_none_or(|left| left > 0.1),
            "{id}"
        );
        let printed = states.euler_lagrange_residual(|x, y| law.derivatives_as_printed(x, y));
        match id {
            "relativistic" => assert!(printed.unwrap() > 0.1),
            _ => assert_eq!(printed, None, "{id} has the V that is printed"),
        }
        let gap = states.euler_lagrange_residual(|x, y| {
            let mut s = law.derivatives(Quantity::Lagrangian, x, y)?;
            s.s_xy[0] = f64::NAN;
            Some(s)
        });
        assert!(gap.unwrap().is_nan());
    }
}

#[test]
fn hessians_are_as_far_apart_as_their_entries() {
    let at = |id: &str, y: f64| {
        let system = lookup(id).unwrap();
        let law = system.lagrangian().unwrap();
        law.derivatives(Quantity::Lagrangian, &[0.5], &[y]).unwrap()
    };
    // L = ½y² − ½x² and ½y² + cos x.
    let distance = at("classical", 0.3).hessian_distance(&at("pendulum", 0.3));
    assert!((distance - (1.0 - 0.5_f64.cos())).abs() < 1e-12);
    let mut gap = at("classical", 0.3);
    assert_eq!(gap.hessian_distance(&at("classical", -0.3)), 0.0);
    gap.s_xx[0] = f64::NAN;
    assert!(gap.hessian_distance(&at("classical", 0.3)).is_nan());
}

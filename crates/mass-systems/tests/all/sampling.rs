//! States drawn from domains, and the streams they are drawn by.

use mass_systems::rand_core::Rng;
use mass_systems::{
    Dataset, Domain, FromLagrangian, Lagrangian, Number, Purpose, Range, States, System, all,
    lookup, reference_trajectory, sample, sample_states, stream, uniform,
};
use proptest::prelude::*;

#[test]
fn streams_give_the_golden_draws() {
    // Computed by a separate implementation of PCG32 seeding, FNV-1a and ChaCha8.
    let first = |seed, purpose, key| {
        let mut rng = stream(seed, purpose, key);
        [rng.next_u64(), rng.next_u64()]
    };
    assert_eq!(
        first(0, Purpose::Init, ""),
        [7001596452377733011, 12896421504716086758]
    );
    assert_eq!(
        first(0, Purpose::TrainData, "kepler"),
        [17513022129599451363, 12375720132718335392]
    );
    assert_eq!(
        first(0, Purpose::TestData, "kepler"),
        [12936989234174017338, 13713684049151271099]
    );
    assert_eq!(
        first(1, Purpose::Batches, "kepler"),
        [2298161807327806056, 10459168484063583000]
    );
    assert_eq!(
        first(u64::MAX, Purpose::Evaluation, "ẏ"),
        [17693627337879381129, 4373601935993512446]
    );
    assert_eq!(
        uniform(&mut stream(0, Purpose::Init, "golden"), -1.0, 1.0),
        0.9891651710663787
    );
}

#[test]
fn purposes_keys_and_seeds_give_different_streams() {
    let mut seen = std::collections::HashSet::new();
    for seed in 0..4 {
        for purpose in [
            Purpose::Init,
            Purpose::TrainData,
            Purpose::TestData,
            Purpose::Batches,
            Purpose::Evaluation,
        ] {
            for key in ["", "a", "b", "ab", "classical"] {
                assert!(seen.insert(stream(seed, purpose, key).next_u64()));
            }
        }
    }
    // What belongs to the tag and what to the key is not mixed up.
    assert_ne!(
        stream(0, Purpose::Init, "x").next_u64(),
        stream(0, Purpose::Evaluation, "x").next_u64()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_sample_lies_in_its_domain(seed: u64, n in 1_usize..200) {
        for system in all() {
            let id = system.id();
            let domain = system.domain();
            let data = sample(&*system, n, &mut stream(seed, Purpose::TrainData, &id)).unwrap();
            prop_assert_eq!((data.len(), data.dof(), data.id()), (n, system.dof(), id.as_str()));
            for state in data.iter() {
                prop_assert!(domain.contains(state.x, state.y), "{id}: {state:?}");
                prop_assert!(!system.in_singular_set(state.x, state.y), "{id}: {state:?}");
                let mut ydot = vec![0.0; system.dof()];
                system.acceleration(state.x, state.y, &mut ydot);
                prop_assert_eq!(&ydot[..], state.acceleration);
            }
        }
    }

    #[test]
    fn a_shorter_sample_is_the_beginning_of_a_longer_one(seed: u64) {
        for id in ["kepler", "three_body"] {
            let system = lookup(id).unwrap();
            let draw = |n| sample(&*system, n, &mut stream(seed, Purpose::TrainData, id)).unwrap();
            let (short, long) = (draw(7), draw(50));
            prop_assert_eq!(short.x(), &long.x()[..short.x().len()]);
            prop_assert_eq!(short.y(), &long.y()[..short.y().len()]);
        }
    }

    #[test]
    fn a_split_keeps_every_state_once(seed: u64, n in 2_usize..100, fraction in 0.01..0.99) {
        let data = Dataset::new(
            "numbered", 1, (0..n).map(|i| i as f64).collect(), vec![0.0; n], vec![1.0; n],
        ).unwrap();
        let (train, test) = data.split(fraction, &mut stream(seed, Purpose::TestData, "split")).unwrap();
        prop_assert_eq!(test.len(), ((n as f64 * fraction).round() as usize).clamp(1, n - 1));
        let mut seen: Vec<f64> = train.x().iter().chain(test.x()).copied().collect();
        seen.sort_by(f64::total_cmp);
        prop_assert_eq!(&seen[..], data.x());
    }
}

#[test]
fn the_stated_domains_are_the_specified_ones() {
    use std::f64::consts::PI;
    for (ids, x, y) in [
        (&["classical", "quartic"][..], (-1.0, 1.0), (-1.0, 1.0)),
        (&["pendulum"], (-PI, PI), (-PI, PI)),
        (&["cosh", "morse"], (-2.0, 2.0), (-2.0, 2.0)),
        (
            &[
                "relativistic",
                "alpha",
                "beta",
                "relativistic_cosh",
                "relativistic_morse",
            ],
            (-1.0, 1.0),
            (-0.9, 0.9),
        ),
        (&["relativistic_quartic"], (-1.0, 1.0), (-0.99, 0.99)),
        (
            &[
                "synthetic_sin",
                "synthetic_sin2",
                "synthetic_exp",
                "power1(2,3)",
                "power2(2,3,1,2)",
            ],
            (0.1, 1.1),
            (0.1, 1.1),
        ),
        (&["damped"], (0.0, 1.0), (0.0, 1.0)),
    ] {
        for id in ids {
            assert_eq!(
                lookup(id).unwrap().domain(),
                Domain::cube(1, x, y).unwrap(),
                "{id}"
            );
        }
    }
    for id in ["kepler", "x2v2"] {
        let x = Range::two_sided(0.5, 2.0).unwrap();
        let y = Range::interval(0.0, 1.0).unwrap();
        assert_eq!(
            lookup(id).unwrap().domain(),
            Domain::new(vec![x], vec![y]).unwrap(),
            "{id}"
        );
    }
}

#[test]
fn exactly_half_of_a_two_sided_sample_has_each_sign() {
    for id in ["kepler", "x2v2"] {
        let data = sample(
            &lookup(id).unwrap(),
            10_000,
            &mut stream(3, Purpose::TrainData, id),
        )
        .unwrap();
        assert_eq!(data.x().iter().filter(|&&x| x < 0.0).count(), 5000);
        // The beginning is balanced too.
        assert_eq!(data.x()[..100].iter().filter(|&&x| x < 0.0).count(), 50);
    }
}

#[test]
fn a_sample_is_uniform() {
    // Means and variances of 40,000 states in [−π, π]: 0 and π²/3, each within five standard errors.
    let data = sample(
        &lookup("pendulum").unwrap(),
        40_000,
        &mut stream(1, Purpose::TrainData, "u"),
    )
    .unwrap();
    for values in [data.x(), data.y()] {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| v * v).sum::<f64>() / n;
        let pi = std::f64::consts::PI;
        assert!(mean.abs() < 5.0 * pi / (3.0 * n).sqrt(), "{mean}");
        assert!(
            (variance - pi * pi / 3.0).abs() < 5.0 * pi * pi * (4.0 / 45.0 / n).sqrt(),
            "{variance}"
        );
    }
    let covariance = data
        .x()
        .iter()
        .zip(data.y())
        .map(|(x, y)| x * y)
        .sum::<f64>()
        / 40_000.0;
    assert!(covariance.abs() < 5.0 * 3.3 / 200.0, "{covariance}");
}

#[test]
fn bodies_keep_their_distance() {
    for id in ["two_body", "three_body", "n_body(6)", "n_body(12)"] {
        let system = lookup(id).unwrap();
        let data = sample(&*system, 200, &mut stream(0, Purpose::TrainData, id)).unwrap();
        let mut least = f64::INFINITY;
        for state in data.iter() {
            let bodies: Vec<_> = state.x.chunks(2).collect();
            for (i, a) in bodies.iter().enumerate() {
                for b in &bodies[..i] {
                    least = least.min((a[0] - b[0]).hypot(a[1] - b[1]));
                }
            }
        }
        assert!((0.5..0.7).contains(&least), "{id}: {least}");
    }
}

/// L = ½ x y²: no acceleration at x = 0.
struct NoMassAtZero;

impl Lagrangian for NoMassAtZero {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        x[0] * y[0] * y[0] * 0.5
    }
}

#[test]
fn a_domain_without_regular_states_is_an_error() {
    let domain = Domain::cube(1, (0.0, 0.0), (1.0, 2.0)).unwrap();
    let system = FromLagrangian::new("massless", domain, NoMassAtZero);
    let mut rng = stream(0, Purpose::TrainData, "massless");
    assert_eq!(
        sample(&system, 5, &mut rng).unwrap_err().to_string(),
        "10000 draws from the domain of massless in a row lie in its singular set, too close together, or have \
         no finite acceleration; choose a domain away from the singular set"
    );
    assert_eq!(
        sample(&system, 0, &mut rng).unwrap_err().to_string(),
        "the sample asked of massless is empty; at least one is needed"
    );
}

#[test]
fn bad_domains_are_refused() {
    let message = |result: Result<Domain, mass_systems::Error>| result.unwrap_err().to_string();
    assert_eq!(
        message(Domain::cube(1, (1.0, -1.0), (0.0, 1.0))),
        "bad domain: the interval [1, -1] must be finite, its low end first"
    );
    assert_eq!(
        message(Domain::cube(0, (0.0, 1.0), (0.0, 1.0))),
        "bad domain: there are 0 ranges of positions and 0 of velocities; give one of each for every degree of freedom"
    );
    assert_eq!(
        Range::two_sided(-1.0, 2.0).unwrap_err().to_string(),
        "bad domain: two-sided needs 0 <= inner <= outer, both finite, not -1 and 2"
    );
    let cube = |dof| Domain::cube(dof, (0.0, 1.0), (0.0, 1.0)).unwrap();
    assert_eq!(
        message(cube(3).with_min_separation(0.5)),
        "bad domain: 3 coordinates are no bodies in the plane; each has two"
    );
    assert_eq!(
        message(cube(4).with_min_separation(f64::NAN)),
        "bad domain: the least distance is NaN; it must be finite and not negative"
    );
}

#[test]
fn bad_datasets_are_refused() {
    let message = |dof, x: &[f64], y: &[f64], a: &[f64]| {
        Dataset::new("mine", dof, x.to_vec(), y.to_vec(), a.to_vec())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(0, &[1.0], &[1.0], &[1.0]),
        "mine has 0 degrees of freedom; at least one is needed"
    );
    assert_eq!(
        message(1, &[], &[], &[]),
        "mine is empty; at least one is needed"
    );
    assert_eq!(
        message(2, &[1.0, 2.0, 3.0], &[], &[]),
        "x of mine has length 3; it must be a multiple of the 2 degrees of freedom"
    );
    assert_eq!(
        message(1, &[1.0, 2.0], &[1.0], &[1.0, 2.0]),
        "y of mine has length 1; it must be 2, as that of x"
    );
    assert_eq!(
        message(2, &[1.0; 4], &[1.0; 4], &[0.0, 0.0, 0.0, f64::INFINITY]),
        "row 1 of mine: ydot1 is inf; every value must be finite"
    );
    let data = Dataset::new("mine", 1, vec![1.0; 3], vec![1.0; 3], vec![1.0; 3]).unwrap();
    let mut rng = stream(0, Purpose::TestData, "mine");
    assert_eq!(
        data.split(1.5, &mut rng).unwrap_err().to_string(),
        "the test fraction is 1.5; it must lie between 0 and 1"
    );
    assert_eq!(
        data.draw(4, &mut rng).unwrap_err().to_string(),
        "4 states of mine were asked for, but it has 3"
    );
    assert_eq!(
        data.select(&[0, 3]).unwrap_err().to_string(),
        "state 3 of mine was asked for, but its states are 0 to 2"
    );
}

/// Those that know bounded states, and motions.
fn ids_with(states: States) -> Vec<String> {
    let more = [
        "double_pendulum(1,0.5,1,2)",
        "double_pendulum(1,3,2,1)",
        "pendulum_chain(2)",
    ];
    let more = more.into_iter().map(String::from);
    let ids = all().into_iter().map(|system| system.id()).chain(more);
    ids.filter(|id| {
        let system = lookup(id).unwrap();
        match states {
            States::Bounded => system.bounded().is_some(),
            States::Motions => system.motions().is_some(),
            _ => true,
        }
    })
    .collect()
}

#[test]
fn motion_does_not_leave_bounded_states() {
    let ids = ids_with(States::Bounded);
    for id in [
        "double_pendulum",
        "pendulum_chain(3)",
        "henon_heiles",
        "coupled_oscillators(2,0.5)",
        "charge_in_field",
    ] {
        assert!(ids.iter().any(|known| known == id), "{id}");
    }
    for id in ids {
        let system = lookup(&id).unwrap();
        let bounded = system.bounded().unwrap();
        let mut rng = stream(0, Purpose::Evaluation, &id);
        let data = sample_states(&*system, States::Bounded, 40, &mut rng).unwrap();
        let times: Vec<f64> = (0..=40).map(|i| 0.5 * f64::from(i)).collect();
        for state in data.iter() {
            assert!(system.energy(state.x, state.y).unwrap() <= bounded.max_energy);
            let path = reference_trajectory(&*system, state.x, state.y, &times, 1e-9).unwrap();
            for (t, x, y) in path.iter() {
                assert!(
                    bounded.domain.contains(x, y),
                    "{id}: {x:?}, {y:?} at t = {t}"
                );
            }
        }
    }
}

#[test]
fn the_box_of_bounded_states_is_not_larger_than_they_are() {
    // Every side is nearly reached, so that few draws are in vain and none of the set is left out.
    let system = lookup("double_pendulum").unwrap();
    let bounded = system.bounded().unwrap();
    let mut rng = stream(1, Purpose::Evaluation, "sides");
    let data = sample_states(&*system, States::Bounded, 20_000, &mut rng).unwrap();
    let most = |values: &[f64], i: usize| {
        values
            .iter()
            .skip(i)
            .step_by(2)
            .fold(0.0_f64, |m, v| m.max(v.abs()))
    };
    let sides = bounded
        .domain
        .x()
        .iter()
        .zip(bounded.domain.y())
        .enumerate();
    for (i, (x, y)) in sides {
        for (found, side) in [(most(data.x(), i), x.high()), (most(data.y(), i), y.high())] {
            assert!(
                (0.8..=1.0).contains(&(found / side)),
                "{i}: {found} of {side}"
            );
        }
    }
}

#[test]
fn states_along_motions_are_states_of_motions() {
    let ids = ids_with(States::Motions);
    for id in [
        "spherical_pendulum",
        "two_body",
        "three_body",
        "cart_pendulum",
    ] {
        assert!(ids.iter().any(|known| known == id), "{id}");
    }
    for id in ids {
        let system = lookup(&id).unwrap();
        let draw = |n| {
            let mut rng = stream(0, Purpose::TrainData, &id);
            sample_states(&*system, States::Motions, n, &mut rng).unwrap()
        };
        let data = draw(33);
        assert_eq!(data.len(), 33);
        assert_eq!(draw(17).x(), &data.x()[..17 * data.dof()], "a beginning");
        // Ten of one motion: what is conserved is the same in each, and not in the next ten.
        let kept = |i: usize| {
            let state = data.state(i);
            system.conserved(state.x, state.y)
        };
        for i in 0..data.len() {
            let (first, now) = (kept(i / 10 * 10), kept(i));
            for (first, now) in first.iter().zip(&now) {
                assert!(
                    (first.value - now.value).abs() < 1e-6,
                    "{id}, state {i}: {}",
                    now.name
                );
            }
        }
        assert!((kept(0)[0].value - kept(10)[0].value).abs() > 1e-6, "{id}");
        let mut out = vec![0.0; data.dof()];
        for state in data.iter() {
            system.acceleration(state.x, state.y, &mut out);
            assert_eq!(out, state.acceleration);
        }
    }
}

#[test]
fn the_papers_starts_are_among_the_motions() {
    for id in ["spherical_pendulum", "two_body", "three_body"] {
        let system = lookup(id).unwrap();
        let (x, y) = system.paper_run().unwrap().start.unwrap();
        assert!(system.motions().unwrap().starts.contains(&x, &y), "{id}");
    }
}

#[test]
fn states_that_a_system_does_not_know_are_refused() {
    let draw = |id: &str, states| {
        let mut rng = stream(0, Purpose::TrainData, id);
        sample_states(&*lookup(id).unwrap(), states, 5, &mut rng)
    };
    let error = draw("two_body", States::Bounded).unwrap_err().to_string();
    assert_eq!(
        error,
        "two_body knows no bounded set of states; draw its states from its domain, or give it `System::bounded`"
    );
    assert!(draw("kepler", States::Motions).is_err());
    let (some, same) = (draw("kepler", States::Domain).unwrap(), {
        let mut rng = stream(0, Purpose::TrainData, "kepler");
        sample(&*lookup("kepler").unwrap(), 5, &mut rng).unwrap()
    });
    assert_eq!(some, same);
}

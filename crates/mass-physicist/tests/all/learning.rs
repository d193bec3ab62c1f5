//! What is learned: worlds found out exactly, sweeps that never raise the loss, constants that come back.

use mass_physicist::{
    BorderTree, Core, DivideAndConquer, Domains, Estimate, Force, Fraction, Hub, Mixture, Modern,
    Observations, Occam, Recurrence, Score, WorldKind, WorldRequest, collapse_layers,
    fraction_value, unify,
};
use proptest::prelude::*;

fn request(kind: WorldKind, id: u32) -> WorldRequest {
    WorldRequest {
        windows: 3000,
        ..WorldRequest::new(kind, id, 0)
    }
}

#[test]
fn worlds_of_every_type_are_found_out_exactly() {
    for (kind, id) in [
        (WorldKind::Gravity, 1),
        (WorldKind::Harmonic, 4),
        (WorldKind::Electromagnetic, 3),
        (WorldKind::Bounce, 1),
        (WorldKind::GravityHarmonic, 2),
        (WorldKind::All, 4),
    ] {
        let (world, seen) = request(kind, id).make().unwrap();
        let windows = seen.windows(2).unwrap();
        let found = Modern::default().discover(&windows).unwrap();
        let score = Score::of(&found, &world.laws(), &windows).unwrap();
        assert!(score.solved && score.laws_right, "{kind:?} {id}: {score:?}");
        assert!(score.domain_accuracy >= 0.999, "{kind:?} {id}: {score:?}");
        assert!(score.squared_error < 1e-26, "{kind:?} {id}: {score:?}");
        // The borders are the axes, found exactly.
        for (_, at) in found.domains.borders() {
            assert_eq!(
                at,
                Fraction::from_integer(0),
                "{kind:?} {id}: {}",
                found.domains
            );
        }
    }
}

#[test]
fn fractions_are_recovered() {
    let (world, seen) = request(WorldKind::HarmonicElectromagnetic, 2)
        .make()
        .unwrap();
    let found = Modern::default()
        .discover(&seen.windows(2).unwrap())
        .unwrap();
    let mut exact = Vec::new();
    for theory in &found.theories {
        exact.extend((0..10).filter_map(|c| theory.symbolic.exact(c)));
    }
    let size = |f: &Fraction| if *f.numer() < 0 { -*f } else { *f };
    let exact: Vec<Fraction> = exact.iter().map(size).collect();
    for (numerator, denominator) in [(35, 37), (12, 37), (72, 37), (1, 100)] {
        let wanted = Fraction::new(numerator, denominator);
        assert!(
            exact.contains(&wanted),
            "{wanted}: {exact:?} {:?}",
            world.forces()
        );
    }
}

/// A path in one force, without walls.
fn path(force: Force, start: [f64; 4], rows: u32) -> Vec<f64> {
    let states = (0..rows).map(|k| force.advance(&start, 0.05 * f64::from(k)));
    states.flat_map(|s| [s[0], s[1]]).collect()
}

/// The law of one force, fitted to a hundred rows from each start.
fn fitted(force: Force, starts: [[f64; 4]; 3]) -> Estimate {
    let paths = starts.map(|start| path(force, start, 100)).to_vec();
    let seen = Observations::new(2, 0.05, paths).unwrap();
    let windows = seen.windows(2).unwrap();
    Estimate::of(&windows, &Recurrence::inertia(2), 1e-12).unwrap()
}

#[test]
fn a_spring_of_39_over_20_is_recovered_from_its_motion() {
    let omega = 2.0 * (0.5 * (1.0 / 20.0_f64).sqrt()).asin() / 0.05;
    let spring = Force::Harmonic {
        stiffness: omega * omega,
        direction: [1.0, 0.0],
        offset: 0.5,
    };
    let starts = [
        [0.3, 0.1, 1.0, 0.7],
        [-0.2, 0.5, -0.4, -1.1],
        [1.2, -0.6, 0.3, 0.2],
    ];
    let estimate = fitted(spring, starts);
    let law = Occam::default().simplify(&estimate);
    assert_eq!(law.exact(2), Some(Fraction::new(39, 20)), "{law:?}");
    assert_eq!(law.exact(4), Some(Fraction::new(-1, 40)), "{law:?}");
    assert_eq!(
        law.text(&["x", "y"]).unwrap(),
        "x[t] = 39/20 x[t−1] − x[t−2] − 1/40\ny[t] = 2 y[t−1] − y[t−2]"
    );
}

#[test]
fn a_rotation_is_two_numbers() {
    let force = Force::Electromagnetic {
        electric: [0.3, -1.2],
        magnetic: 2.7,
    };
    let starts = [
        [0.3, 0.1, 1.0, 0.7],
        [-0.2, 0.5, -0.4, -1.1],
        [1.2, -0.6, 0.3, 2.0],
    ];
    let estimate = fitted(force, starts);
    let law = Occam::default().simplify(&estimate);
    assert_eq!(
        law.parameters().len(),
        4,
        "{}",
        law.text(&["x", "y"]).unwrap()
    );
    let apart = Occam {
        ties: false,
        ..Occam::default()
    };
    let bits = |law: &mass_physicist::SymbolicLaw| law.bits(mass_physicist::MODEL_FLOOR);
    assert!(bits(&law) < 0.55 * bits(&apart.simplify(&estimate)));
    assert!(force.recurrence(0.05).distance(&law.recurrence()) < 1e-10);
}

#[test]
fn a_past_position_that_is_not_needed_goes_first() {
    // Of three past positions the oldest is not needed by any force here (localSnap).
    let gravity = Force::Gravity { g: [0.7, -1.3] };
    let paths = [
        [0.3, 0.1, 1.0, 0.7],
        [-0.2, 0.5, -0.4, -1.1],
        [1.2, -0.6, 0.3, 2.0],
    ];
    let paths = paths.map(|start| path(gravity, start, 60)).to_vec();
    let windows = Observations::new(2, 0.05, paths)
        .unwrap()
        .windows(3)
        .unwrap();
    let start = Recurrence::new(2, 3, vec![0.0; 14]).unwrap();
    let estimate = Estimate::of(&windows, &start, 1e-12).unwrap();
    let law = Occam::default().simplify(&estimate);
    let zero = Some(Fraction::from_integer(0));
    for constant in [0, 1, 7, 8] {
        assert_eq!(law.exact(constant), zero, "{law:?}");
    }
    let text = law.text(&["x", "y"]).unwrap();
    assert!(
        text.starts_with("x[t] = 2 x[t−1] − x[t−2] + 0.00175"),
        "{text}"
    );
}

#[test]
fn layers_collapse_into_one() {
    let first = (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![1.0, -1.0, 0.5]);
    let second = (vec![1.0, 0.0, -1.0, 2.0, 1.0, 0.0], vec![10.0, 20.0]);
    let (weight, bias) = collapse_layers(&[first, second]).unwrap();
    assert_eq!(weight, [-4.0, -4.0, 5.0, 8.0]);
    assert_eq!(bias, [10.5, 21.0]);
    assert!(collapse_layers(&[]).is_err());
    assert!(collapse_layers(&[(vec![1.0; 3], vec![0.0; 2])]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sweeps_never_raise_the_loss(
        starts in prop::collection::vec(prop::collection::vec(-0.3..0.3_f64, 10), 1..5),
        order in prop::sample::select(vec![-3.0, -1.0, -0.5, 0.5, 1.0]),
        floor in prop::option::of(prop::sample::select(vec![10.0, 1e-2, 1e-5])),
        id in 1..4_u32,
    ) {
        let request = WorldRequest { windows: 400, ..WorldRequest::new(WorldKind::GravityHarmonic, id, 0) };
        let (_, seen) = request.make().unwrap();
        let windows = seen.windows(2).unwrap();
        let laws: Vec<Recurrence> = starts.iter().map(|change| {
            let constants = Recurrence::inertia(2).constants().iter().zip(change).map(|(c, d)| c + d).collect();
            Recurrence::new(2, 2, constants).unwrap()
        }).collect();
        let core = floor.map_or(Core::Squared, |floor| Core::Bits { floor });
        let mut mixture = Mixture::new(&windows, &laws, core, order).unwrap();
        let mut before = mixture.loss();
        for sweep in 0..15 {
            mixture.sweep();
            let after = mixture.loss();
            prop_assert!(after <= before * (1.0 + 1e-9) + 1e-22, "sweep {}: {} after {}", sweep, after, before);
            before = after;
        }
    }

    #[test]
    fn fractions_survive_rounding(numerator in -100..=100_i64, denominator in 1..=100_i64) {
        let fraction = Fraction::new(numerator, denominator);
        let found = mass_physicist::convergents(fraction_value(fraction) + 1e-15, 100, 20);
        prop_assert!(found.contains(&fraction), "{:?}", found);
    }
}

#[test]
fn accuracy_does_not_depend_on_names() {
    let (world, seen) = request(WorldKind::GravityHarmonic, 1).make().unwrap();
    let windows = seen.windows(2).unwrap();
    let found = Modern::default().discover(&windows).unwrap();
    let score = Score::of(&found, &world.laws(), &windows).unwrap();
    // The same with theories in another order.
    struct Renamed(BorderTree, Vec<usize>);
    impl Domains for Renamed {
        fn theory(&self, inputs: &[f64]) -> usize {
            self.1[self.0.theory(inputs)]
        }
    }
    let mut theories = found.theories.clone();
    theories.rotate_left(1);
    let m = theories.len();
    let names = (0..m).map(|theory| (theory + m - 1) % m).collect();
    let renamed = mass_physicist::Discovery {
        theories,
        domains: Renamed(found.domains.clone(), names),
        minor: vec![],
        noise: found.noise,
        explained_by: found.explained_by.clone(),
        unexplained: found.unexplained,
        sweeps: found.sweeps,
    };
    let again = Score::of(&renamed, &world.laws(), &windows).unwrap();
    assert_eq!(again.domain_accuracy, score.domain_accuracy);
    assert_eq!(again.solved, score.solved);
    // One name for everything is wrong about the rest.
    let one = mass_physicist::Discovery {
        domains: BorderTree::leaf(0, 2),
        theories: found.theories.clone(),
        minor: vec![],
        noise: 0.0,
        explained_by: vec![],
        unexplained: 0.0,
        sweeps: 0,
    };
    let poor = Score::of(&one, &world.laws(), &windows).unwrap();
    assert!(poor.domain_accuracy < 0.9 && !poor.solved);
}

#[test]
fn unification_gives_the_master_of_gravity_and_the_hub_proposes_what_returns() {
    let mut hub = Hub::default();
    for id in 1..4 {
        let (_, seen) = request(WorldKind::Gravity, id + 2).make().unwrap();
        let windows = seen.windows(2).unwrap();
        let found = Modern::default().discover(&windows).unwrap();
        let added = hub
            .add(&format!("gravity {id}"), &found, &windows, 1e-9, 1.0)
            .unwrap();
        assert_eq!(added, 2);
    }
    let masters = hub.masters();
    let texts: Vec<String> = masters.iter().map(|m| m.text()).collect();
    let free = masters.iter().find(|m| m.parameters() == 0).unwrap();
    assert_eq!(
        (free.members.len(), free.text().as_str()),
        (3, "-1, 0, 2, 0, 0\n0, -1, 0, 2, 0")
    );
    let gravity = masters.iter().find(|m| m.parameters() == 2).unwrap();
    assert_eq!(
        gravity.text(),
        "-1, 0, 2, 0, p1\n0, -1, 0, 2, p2",
        "{texts:?}"
    );
    assert!(gravity.members.len() == 3 && gravity.bits_together < gravity.bits_apart);
    let (law, parameters) = &gravity.members[0];
    assert_eq!(parameters[1], hub.theories()[*law].symbolic.value(9));

    // A file, and back; then a world in which one of them returns.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.json");
    hub.save(&path).unwrap();
    let hub = Hub::read(&path).unwrap();
    let (_, seen) = request(WorldKind::Gravity, 4).make().unwrap();
    let windows = seen.windows(2).unwrap();
    let proposed = hub.propose(&windows, 2);
    let names: Vec<&str> = proposed
        .iter()
        .map(|p| hub.theories()[*p].world.as_str())
        .collect();
    assert!(names.contains(&"gravity 2"), "{names:?}");
    let laws: Vec<Recurrence> = proposed
        .iter()
        .map(|p| hub.theories()[*p].law.clone())
        .collect();
    let found = Modern::default().discover_from(&windows, &laws).unwrap();
    assert_eq!(found.theories.len(), 2);

    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"version\":1", "\"version\":9")).unwrap();
    let message = Hub::read(&path).unwrap_err().to_string();
    assert!(
        message.contains("version 9") && message.contains("version 1"),
        "{message}"
    );
    std::fs::write(&path, "{}").unwrap();
    assert!(
        Hub::read(&path)
            .unwrap_err()
            .to_string()
            .contains("no theory hub")
    );
}

#[test]
fn copies_unify_and_strangers_do_not() {
    let free = |b: f64| {
        let mut constants = Recurrence::inertia(2).constants().to_vec();
        constants[4] = b;
        Recurrence::new(2, 2, constants).unwrap()
    };
    let exact = |law: Recurrence| {
        let information = mass_physicist::nalgebra::DMatrix::identity(10, 10) * 1e24;
        Occam::default().simplify(&Estimate { law, information })
    };
    let laws = [exact(free(0.0)), exact(free(0.0123456)), exact(free(0.0))];
    let masters = unify(&laws);
    assert_eq!(masters.len(), 2);
    assert_eq!(
        masters[0].members.iter().map(|m| m.0).collect::<Vec<_>>(),
        [0, 2]
    );
}

#[test]
fn one_law_is_one_theory_and_deletion_leaves_it() {
    let gravity = Force::Gravity { g: [0.7, -1.3] };
    let start = |k: u32| {
        let k = f64::from(k);
        [
            (1.7 * k).sin(),
            (2.9 * k).cos(),
            2.0 * (0.7 * k).cos(),
            (5.1 * k).sin(),
        ]
    };
    let paths = (0..12).map(|k| path(gravity, start(k), 40)).collect();
    let seen = Observations::new(2, 0.05, paths).unwrap();
    for noise in [0.0, 1e-5] {
        let windows = seen.clone().with_noise(noise, 1).windows(2).unwrap();
        // Proposals that explain nothing are deleted, and so are copies.
        let strange = Recurrence::new(2, 2, vec![0.3; 10]).unwrap();
        let copy = gravity.recurrence(0.05);
        let proposed = [strange, copy.clone(), copy];
        let found = Modern::default()
            .discover_from(&windows, &proposed)
            .unwrap();
        assert_eq!(found.theories.len(), 1);
        assert_eq!(found.domains.borders(), []);
        let far = gravity.recurrence(0.05).distance(&found.theories[0].law);
        assert!(far < 1e-10 + 10.0 * noise, "{noise}: {far}");
    }
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    let windows = |rows: Vec<f64>| {
        Observations::new(1, 0.1, vec![rows])
            .unwrap()
            .windows(2)
            .unwrap()
    };
    let message = |rows: Vec<f64>| {
        Modern::default()
            .discover(&windows(rows))
            .unwrap_err()
            .to_string()
    };
    assert!(message(vec![0.0, 1.0, 2.0, 3.0]).contains("at least 6"));
    assert!(message(vec![1.0; 50]).contains("nothing moves"));
    let three = Observations::new(1, 0.1, vec![vec![0.5; 30]])
        .unwrap()
        .windows(3)
        .unwrap();
    assert!(Modern::default().discover(&three).unwrap_err().is_request());
}

//! Theories of several coordinates, judged on exact Lagrangians: no scientist is trained here.

use mass_interp::{
    Error, Multiplier, MultiplierPlan, Reading, Theory, Verdict, evaluation_states, exchange,
    theory_by_curvature,
};
use mass_systems::{Dataset, System, lookup};
use mass_terms::Library;

/// Systems with a Lagrangian and more than one coordinate; L is linear in the velocities in the last.
const SYSTEMS: [&str; 8] = [
    "double_pendulum",
    "spherical_pendulum",
    "henon_heiles",
    "two_body",
    "three_body",
    "coupled_oscillators(3,0.5)",
    "cart_pendulum",
    "charge_in_field",
];

/// A system's own law, less a friction of every coordinate, for the states of a list.
fn law(
    system: &dyn System,
    friction: f64,
) -> impl FnMut(&[f64], &[f64]) -> Result<Vec<f64>, Error> {
    let d = system.dof();
    move |x, y| {
        let mut out = vec![0.0; x.len()];
        let states = x.chunks_exact(d).zip(y.chunks_exact(d));
        for ((x, y), out) in states.zip(out.chunks_exact_mut(d)) {
            system.acceleration(x, y, out);
            out.iter_mut()
                .zip(y)
                .for_each(|(out, y)| *out -= friction * y);
        }
        Ok(out)
    }
}

fn judged(system: &dyn System, friction: f64, states: &Dataset) -> Multiplier {
    let plan = MultiplierPlan::new(system.dof(), system.angles());
    Multiplier::of(law(system, friction), states, &plan).unwrap()
}

#[test]
fn the_verdict_on_an_exact_lagrangian_is_lagrangian_in_every_dimension() {
    for name in SYSTEMS {
        let system = lookup(name).unwrap();
        let states = evaluation_states(&*system, 256, 0).unwrap();
        let exact = Reading::exact_lagrangian(system.lagrangian().unwrap(), &states).unwrap();
        let verdict = Verdict::of(&[exact]).unwrap();
        assert_eq!(
            verdict.theory(),
            Some(Theory::Lagrangian),
            "{name}: {verdict}"
        );
        assert!(verdict.lagrangian > 0.999, "{name}: {verdict}");
    }
}

#[test]
fn a_hamiltonian_in_canonical_coordinates_is_hamiltonian_in_every_dimension() {
    // Where T = ½|y|², y is the momentum of x, and −H_x the law.
    for name in ["henon_heiles", "coupled_oscillators(3,0.5)"] {
        let system = lookup(name).unwrap();
        let states = evaluation_states(&*system, 256, 0).unwrap();
        let law = system.lagrangian().unwrap();
        let exact = Reading::exact_hamiltonian(law, Default::default(), &states).unwrap();
        let verdict = Verdict::of(&[exact]).unwrap();
        assert_eq!(
            verdict.theory(),
            Some(Theory::Hamiltonian),
            "{name}: {verdict}"
        );
        assert!(
            verdict.hamiltonian > 0.999 && verdict.lagrangian < 0.5,
            "{name}: {verdict}"
        );
    }
    // Where the mass matrix depends on x, −H_x with velocities for momenta is no law.
    let system = lookup("double_pendulum").unwrap();
    let states = evaluation_states(&*system, 256, 0).unwrap();
    let law = system.lagrangian().unwrap();
    let exact = Reading::exact_hamiltonian(law, Default::default(), &states).unwrap();
    assert_eq!(Verdict::of(&[exact]).unwrap().theory(), None);
}

#[test]
fn an_exact_scalar_bends_as_its_theory_does_in_every_dimension() {
    for name in SYSTEMS {
        let system = lookup(name).unwrap();
        let states = evaluation_states(&*system, 256, 0).unwrap();
        let law = system.lagrangian().unwrap();
        let exact = Reading::exact_lagrangian(law, &states).unwrap();
        let found = theory_by_curvature(&exact, law);
        assert_eq!(found, Some(Theory::Lagrangian), "{name}");
        let exact = Reading::exact_hamiltonian(law, Default::default(), &states).unwrap();
        let found = theory_by_curvature(&exact, law);
        assert_eq!(found, Some(Theory::Hamiltonian), "{name}");
    }
}

#[test]
fn scientists_with_the_same_lagrangian_agree_in_every_dimension() {
    let library = Library::standard();
    let weights = |sum: &[(&str, f64)]| {
        let mut weights = vec![0.0; library.len()];
        for (term, weight) in sum {
            weights[library.find(term).unwrap()] = *weight;
        }
        weights
    };
    let lagrangian = weights(&[("Syy^-1 Sx", 1.0), ("Syy^-1 Sxy y", -1.0)]);
    for name in ["double_pendulum", "charge_in_field", "two_body"] {
        let system = lookup(name).unwrap();
        let states = evaluation_states(&*system, 256, 0).unwrap();
        let law = system.lagrangian().unwrap();
        let exact = Reading::exact_lagrangian(law, &states).unwrap();
        let twice = |x: &[f64], y: &[f64]| {
            let one = law.derivatives(mass_systems::Quantity::Lagrangian, x, y)?;
            Some(one.plus(1.0, &one))
        };
        let other = Reading::of_scalar(&states, &library, &lagrangian, 0.0, twice).unwrap();
        let score = exchange(&exact, &other).unwrap().score;
        assert!(score > 0.999, "{name}: {score}");
        // Another scalar is no Lagrangian to it.
        let other = Reading::exact_hamiltonian(law, Default::default(), &states);
        if let Ok(other) = other {
            let score = exchange(&exact, &other).unwrap().score;
            assert!(score < 0.9, "{name}: {score}");
        }
    }
}

#[test]
fn exact_laws_have_a_multiplier_and_those_with_friction_have_none() {
    for name in SYSTEMS {
        let system = lookup(name).unwrap();
        let count = if system.dof() > 4 { 512 } else { 1024 };
        let states = evaluation_states(&*system, count, 0).unwrap();
        let exact = judged(&*system, 0.0, &states);
        assert!(exact.missed() < 1e-2, "{name}: {exact:?}");
        assert!(
            exact.regular > 1e-3 && exact.left_out == 0,
            "{name}: {exact:?}"
        );
        let damped = judged(&*system, 0.3 * exact.rate, &states);
        assert!(
            damped.missed() > 10.0 * exact.missed(),
            "{name}: {damped:?} {exact:?}"
        );
        assert!(damped.missed() > 0.03, "{name}: {damped:?}");
    }
}

#[test]
fn a_multiplier_is_the_same_in_any_units() {
    let system = lookup("henon_heiles").unwrap();
    let states = evaluation_states(&*system, 1024, 0).unwrap();
    let (length, time) = (1e7, 3600.0);
    let there = |values: &[f64], by: f64| values.iter().map(|v| v * by).collect::<Vec<_>>();
    let other = Dataset::new(
        "far",
        2,
        there(states.x(), length),
        there(states.y(), length / time),
        there(states.acceleration(), length / time / time),
    )
    .unwrap();
    let plan = MultiplierPlan::new(2, &[]);
    let own = Multiplier::of(law(&*system, 0.1), &states, &plan).unwrap();
    let mut inner = law(&*system, 0.1);
    let far = |x: &[f64], y: &[f64]| {
        let found = inner(&there(x, 1.0 / length), &there(y, time / length))?;
        Ok(there(&found, length / time / time))
    };
    let far = Multiplier::of(far, &other, &plan).unwrap();
    assert!(
        (far.missed() / own.missed() - 1.0).abs() < 1e-3,
        "{far:?} {own:?}"
    );
    assert!((far.friction * time / own.friction - 1.0).abs() < 1e-3);
}

#[test]
fn a_rotating_force_has_a_lagrangian_that_is_not_definite() {
    let system = lookup("coupled_oscillators(2,0.5)").unwrap();
    let states = evaluation_states(&*system, 1024, 0).unwrap();
    let law = |x: &[f64], _: &[f64]| {
        let each = x.chunks_exact(2);
        Ok(each
            .flat_map(|x| [-x[0] + 0.5 * x[1], -x[1] - 0.5 * x[0]])
            .collect())
    };
    let found = Multiplier::of(law, &states, &MultiplierPlan::new(2, &[])).unwrap();
    assert!(found.missed() < 1e-3, "{found:?}");
    assert!(found.definite < 0.01 && found.regular > 0.1, "{found:?}");
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let system = lookup("double_pendulum").unwrap();
    let states = evaluation_states(&*system, 20, 0).unwrap();
    let plan = MultiplierPlan::new(2, system.angles());
    let few = Multiplier::of(law(&*system, 0.0), &states, &plan)
        .unwrap_err()
        .to_string();
    assert!(few.contains("give more states, or a lower degree"), "{few}");
    let plan = MultiplierPlan::new(2, &[2]);
    assert!(Multiplier::of(law(&*system, 0.0), &states, &plan).is_err());
}

//! One theory of several systems: the same terms, coefficients of each its own, and what is none is told.

use std::collections::BTreeSet;

use mass_sparse::{
    CommonLaws, Error, Forcing, FrictionModel, FunctionLibrary, LagrangianLaw, MotionData,
    SparseLagrangian, SparseRegression, Verdict, of_another_kind,
};
use mass_systems::{Dataset, Purpose, stream, uniform};
use proptest::prelude::*;

/// States of one position drawn evenly, x in ±`width` and y in ±1.5, with ẏ of this law and uniform noise on it.
fn states(seed: u64, width: f64, noise: f64, law: impl Fn(f64, f64) -> f64) -> MotionData {
    let mut rng = stream(seed, Purpose::TrainData, "together");
    let (mut x, mut y, mut a) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..300 {
        x.push(uniform(&mut rng, -width, width));
        y.push(uniform(&mut rng, -1.5, 1.5));
        let noise = noise * uniform(&mut rng, -1.0, 1.0);
        a.push(law(x[x.len() - 1], y[y.len() - 1]) + noise);
    }
    MotionData::new(Dataset::new("drawn", 1, x, y, a).unwrap())
}

fn search(angles: &[usize]) -> SparseLagrangian {
    SparseLagrangian::new(FunctionLibrary::lagrangian(1, angles).unwrap())
}

/// With powers as well as sines and cosines.
fn of_both() -> SparseLagrangian {
    let powers = FunctionLibrary::lagrangian(1, &[]).unwrap();
    let waves = FunctionLibrary::lagrangian(1, &[0]).unwrap();
    SparseLagrangian::new(powers.and(waves).unwrap())
}

/// Coefficients of each system, terms first.
fn values(laws: &CommonLaws) -> Vec<Vec<f64>> {
    let of = |law: &LagrangianLaw| {
        let terms = law.terms().iter().map(|term| term.coefficient.value);
        let friction = law.friction().iter().map(|term| term.coefficient.value);
        terms.chain(friction).collect()
    };
    laws.laws().iter().map(of).collect()
}

#[test]
fn three_pendulums_have_the_same_two_terms() {
    let lengths = [28.0, 9.0, 2.5];
    let systems = [0, 1, 2].map(|k| states(k as u64, 2.0, 0.0, move |x, _| -lengths[k] * x.sin()));
    let laws = search(&[0]).fit_together(&systems, &[]).unwrap();
    assert!(laws.of_another_kind().is_empty());
    for (law, stiff) in laws.laws().iter().zip(lengths) {
        let names: Vec<String> = law
            .terms()
            .iter()
            .map(|term| term.function.text(1))
            .collect();
        assert_eq!(names, ["y²", "cos x"]);
        approx::assert_relative_eq!(law.terms()[1].coefficient.value, stiff, max_relative = 1e-9);
    }
    let law = &laws.laws()[0];
    assert_eq!(law.formula_with(&[Some(0.5)]), "L = 0.5000 y² + c cos x");
    assert_eq!(law.formula_with(&[None, None]), "L = c₁ y² + c₂ cos x");
    assert_eq!(law.formula_with(&[Some(0.5), Some(28.0)]), law.formula());
}

#[test]
fn what_is_friction_in_one_may_be_nothing_in_another() {
    let frictions = [0.5, 0.05, 0.0];
    let systems =
        [0, 1, 2].map(|k| states(k as u64, 2.0, 0.02, move |x, y| -4.0 * x - frictions[k] * y));
    let laws = search(&[]).fit_together(&systems, &[]).unwrap();
    assert!(laws.of_another_kind().is_empty());
    for ((own, needed), friction) in values(&laws).iter().zip(laws.needed()).zip(frictions) {
        assert_eq!(own.len(), 3, "y², x² and friction: {own:?}");
        approx::assert_relative_eq!(own[1], -2.0, max_relative = 2e-3);
        approx::assert_abs_diff_eq!(own[2], friction, epsilon = 5e-3);
        // The first cannot be left out, the spring is worth its bits, and friction where there is any.
        assert_eq!(needed[0], f64::INFINITY);
        assert!(
            needed[1] > 100.0 && (needed[2] > 0.0) == (friction > 0.0),
            "{needed:?}"
        );
    }
    let rubs = |law: &LagrangianLaw| matches!(law.verdict(), Verdict::Dissipative { .. });
    let rubs: Vec<bool> = laws.laws().iter().map(rubs).collect();
    assert_eq!(rubs, [true, true, false]);
}

#[test]
fn one_of_another_kind_is_told_from_most_and_of_two_neither() {
    let swing = |seed: u64, stiff: f64| states(seed, 2.0, 0.0, move |x, _| -stiff * x.sin());
    let odd = states(7, 2.0, 0.0, |x, _| -x - 2.0 * x * x * x);
    let laws = of_both()
        .fit_together(&[swing(0, 3.0), odd.clone(), swing(1, 1.0)], &[])
        .unwrap();
    assert_eq!(laws.of_another_kind(), [1]);
    let laws = of_both().fit_together(&[swing(0, 3.0), odd], &[]).unwrap();
    assert_eq!(laws.of_another_kind(), [0, 1]);
}

#[test]
fn terms_of_single_laws_are_tried_and_a_worse_one_does_no_harm() {
    let swing = |seed: u64, stiff: f64| states(seed, 2.0, 0.0, move |x, _| -stiff * x.sin());
    let systems = [swing(0, 3.0), swing(1, 1.0)];
    let single = of_both().fit(&systems[0]).unwrap();
    let spring = states(3, 2.0, 0.0, |x, y| -x - 0.1 * y);
    let other = of_both().fit(&spring).unwrap();
    let plain = of_both().fit_together(&systems, &[]).unwrap();
    let with = of_both().fit_together(&systems, &[single, other]).unwrap();
    for (one, other) in values(&plain)
        .iter()
        .flatten()
        .zip(values(&with).iter().flatten())
    {
        approx::assert_relative_eq!(one, other, max_relative = 1e-6);
    }
}

#[test]
fn the_same_system_twice_has_the_law_of_one() {
    // Terms are named once: what one system alone cannot pay for, two may, and not the other way round.
    let system = states(5, 2.0, 0.05, |x, y| -4.0 * x - 0.3 * y);
    let one = search(&[]).fit(&system).unwrap();
    let two = search(&[])
        .fit_together(&[system.clone(), system], &[])
        .unwrap();
    for law in two.laws() {
        assert_eq!(law.formula(), one.formula());
    }
}

#[test]
fn sums_share_their_functions() {
    let strength = [0.5, 1.5];
    let data = |purpose: u64| {
        [0, 1].map(|k: usize| {
            let law = move |x: f64, y: f64| -x + strength[k] * (1.0 - x * x) * y;
            states(purpose + k as u64, 2.0, 0.0, law)
        })
    };
    let (learn, judge) = (data(0), data(10));
    let pairs = [0, 1].map(|k: usize| (learn[k].states(), judge[k].states()));
    let library = FunctionLibrary::mechanical(1, &[]).unwrap();
    let laws = SparseRegression::new(library.clone())
        .fit_together(&pairs)
        .unwrap();
    assert_eq!(laws[0].formula(), ["ẏ = −1.000 x + 0.5000 y − 0.5000 x² y"]);
    assert_eq!(laws[1].formula(), ["ẏ = −1.000 x + 1.500 y − 1.500 x² y"]);
    assert_eq!(
        laws[0].formula_with(&[Some(-1.0)]),
        ["ẏ = −1.000 x + c₁ y + c₂ x² y"]
    );
    let none = SparseRegression::new(library).fit_together(&[]);
    assert!(
        none.unwrap_err()
            .to_string()
            .contains("no system was given")
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let system = states(0, 2.0, 0.0, |x, _| -x);
    let refused = |systems: &[MotionData], expected: &str| {
        let error = search(&[]).fit_together(systems, &[]).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        error
    };
    refused(&[], "give two at least");
    let one = refused(std::slice::from_ref(&system), "give two at least");
    assert!(matches!(one, Error::Request(_)));
    let forcing = Forcing::new(1, vec![0.1; 300]).unwrap();
    let driven = system.clone().with_forcing(forcing).unwrap();
    refused(&[system.clone(), driven], "other inputs than the first");
    let plane = Dataset::new("two", 2, vec![0.0; 200], vec![0.0; 200], vec![0.0; 200]).unwrap();
    refused(&[system, MotionData::new(plane)], "degrees of freedom");
    let frictionless = search(&[]).friction(FrictionModel::None);
    let systems = [0.2, 0.9].map(|b| states(1, 2.0, 0.0, move |x, y| -x - b * y));
    let laws = frictionless.fit_together(&systems, &[]).unwrap();
    assert!(laws.laws().iter().all(|law| law.friction().is_empty()));
}

proptest! {
    #[test]
    fn kinds_do_not_depend_on_the_order_and_nested_ones_are_one(
        needs in proptest::collection::vec(0_u8..8, 1..6),
    ) {
        let set = |bits: u8| (0..3).filter(|k| bits >> k & 1 == 1).collect::<BTreeSet<usize>>();
        let sets: Vec<BTreeSet<usize>> = needs.iter().map(|bits| set(*bits)).collect();
        let odd = of_another_kind(&sets);
        let backward: Vec<BTreeSet<usize>> = sets.iter().rev().cloned().collect();
        let mut mirrored: Vec<usize> =
            of_another_kind(&backward).iter().map(|k| sets.len() - 1 - k).collect();
        mirrored.sort_unstable();
        prop_assert_eq!(&odd, &mirrored);
        // Of those that are left, one has all that another needs.
        let rest: Vec<&BTreeSet<usize>> =
            sets.iter().enumerate().filter(|(k, _)| !odd.contains(k)).map(|(_, set)| set).collect();
        for a in &rest {
            for b in &rest {
                prop_assert!(a.is_subset(b) || b.is_subset(a));
            }
        }
        let chain = needs.windows(2).all(|two| two[0] & two[1] == two[0] || two[0] & two[1] == two[1]);
        if needs.len() == 2 {
            prop_assert_eq!(odd.is_empty(), chain);
        }
    }
}

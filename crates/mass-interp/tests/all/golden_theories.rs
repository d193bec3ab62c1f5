//! Judgements of theories against numpy, SciPy and scikit-learn.
//!
//! `tests/golden/theories.json` is written by
//! `python crates/mass-interp/tests/golden/make_theories.py`.

use crate::scalars::reading;
use approx::relative_eq;
use mass_interp::{
    Agreement, Agreements, ComponentSign, Distillation, DistilledFit, EnergyFit, Families,
    Helmholtz, HelmholtzPlan, PotentialReading, PrincipalComponents, Reading, TheoryFit, exchange,
    exchange_together,
};
use mass_systems::{Dataset, System, systems::Alpha};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/theories.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn states(golden: &Value) -> Dataset {
    let [x, y, law] = ["x", "y", "alpha"].map(|key| numbers(&golden[key]));
    Dataset::new("alpha", 1, x, y, law).unwrap()
}

/// The scientists of the file, each with what is said of it.
fn scientists(golden: &Value) -> Vec<(Reading, &Value)> {
    let states = states(golden);
    let each = golden["scientists"].as_array().unwrap().iter();
    each.map(|one| (scientist(&states, one), one)).collect()
}

fn scientist(states: &Dataset, one: &Value) -> Reading {
    let scalar = one["scalar"].as_array().unwrap().iter().map(numbers);
    let scalar = scalar.map(|c| (c[0] as i32, c[1] as i32, c[2])).collect();
    let weights = one["weights"].as_object().unwrap().iter();
    let weights: Vec<(&str, f64)> = weights
        .map(|(name, weight)| (name.as_str(), number(weight)))
        .collect();
    reading(states, &scalar, number(&one["shift"]), &weights)
}

fn near(what: &str, found: f64, expected: f64, tolerance: f64) {
    let near = relative_eq!(
        found,
        expected,
        epsilon = tolerance,
        max_relative = tolerance
    );
    assert!(near, "{what}: {found}, not {expected}");
}

fn all_near(what: &str, found: &[f64], expected: &Value, tolerance: f64) {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
        near(&format!("{what}[{i}]"), *found, *expected, tolerance);
    }
}

#[test]
fn laws_are_numpys() {
    for (reading, expected) in scientists(&golden()) {
        all_near("law", &reading.prediction(), &expected["law"], 1e-12);
    }
}

#[test]
fn components_are_scikit_learns() {
    for (reading, expected) in scientists(&golden()) {
        let expected = &expected["pca"];
        let activations = reading.activations();
        let by_loading = PrincipalComponents::of(&activations, ComponentSign::Loading).unwrap();
        // scikit-learn has as many components as there are states.
        let given = by_loading.ratios().len();
        assert_eq!(given, numbers(&expected["ratios"]).len());
        all_near("ratios", by_loading.ratios(), &expected["ratios"], 1e-12);
        all_near(
            "variances",
            by_loading.variances(),
            &expected["variances"],
            1e-12,
        );
        all_near(
            "loadings",
            by_loading.loadings(0),
            &expected["loadings"],
            1e-11,
        );
        all_near("scores", &by_loading.scores(0), &expected["scores"], 1e-11);
        let by_score = PrincipalComponents::of(&activations, ComponentSign::Score).unwrap();
        all_near(
            "scores",
            &by_score.scores(0),
            &expected["scores_by_score"],
            1e-11,
        );
    }
}

fn check_fit(what: &str, found: &DistilledFit, expected: &Value) {
    let pairs = [
        ("r2", found.r2),
        ("r2_u", found.r2_u),
        ("r2_v", found.r2_v),
        ("r2_fitted", found.r2_fitted),
        ("r2_free", found.r2_free),
    ];
    for (key, found) in pairs {
        near(
            &format!("{what}: {key}"),
            found,
            number(&expected[key]),
            1e-8,
        );
    }
    all_near(
        &format!("{what}: c"),
        &found.coefficients,
        &expected["c"],
        1e-6,
    );
}

#[test]
fn the_constrained_fit_is_that_of_explicit_constraints() {
    for (reading, expected) in scientists(&golden()) {
        let expected = &expected["distillation"];
        let distillation = Distillation::with_tolerance(&reading, 1e-7).unwrap();
        assert_eq!(distillation.left_out(), 0);
        check_fit(
            "L",
            &distillation.lagrangian().unwrap(),
            &expected["lagrangian"],
        );
        let printed = distillation.lagrangian_as_printed().unwrap();
        check_fit("as printed", &printed, &expected["printed"]);
        let largest = distillation.largest_pair().unwrap();
        let names = largest.map(|term| reading.library()[term].to_string());
        let expected_names = expected["largest"]["terms"].as_array().unwrap();
        assert!(
            names
                .iter()
                .zip(expected_names)
                .all(|(a, b)| a == b.as_str().unwrap())
        );
        check_fit(
            "largest",
            &distillation.pair(largest).unwrap(),
            &expected["largest"],
        );
        let hamiltonian = distillation.hamiltonian().unwrap();
        for (found, key) in [
            (hamiltonian.free, "free"),
            (hamiltonian.scaled, "scaled"),
            (hamiltonian.fixed, "fixed"),
        ] {
            near(key, found, number(&expected[key]), 1e-8);
        }
    }
}

#[test]
fn energies_and_exact_activations_fit_as_numpys() {
    let law = Alpha.lagrangian().unwrap();
    for (reading, expected) in scientists(&golden()) {
        let fit = EnergyFit::of(&reading, law, PotentialReading::Printed).unwrap();
        let c = [fit.kinetic, fit.potential, fit.constant];
        all_near("c", &c, &expected["energies"]["coefficients"], 1e-10);
        near("R²", fit.r2, number(&expected["energies"]["r2"]), 1e-11);
        let fit = TheoryFit::of(&reading, law, PotentialReading::Law).unwrap();
        near(
            "L",
            fit.lagrangian,
            number(&expected["theory"]["lagrangian"]),
            1e-10,
        );
        near(
            "H",
            fit.hamiltonian,
            number(&expected["theory"]["hamiltonian"]),
            1e-10,
        );
    }
}

#[test]
fn exchanges_are_those_of_a_finer_search() {
    let golden = golden();
    let readings: Vec<Reading> = scientists(&golden).into_iter().map(|(r, _)| r).collect();
    let all = Agreement::of(&readings).unwrap();
    for (i, row) in golden["exchange"].as_array().unwrap().iter().enumerate() {
        for (j, expected) in numbers(row).into_iter().enumerate() {
            let one = exchange(&readings[i], &readings[j]).unwrap();
            near(&format!("{i} reads {j}"), one.score, expected, 1e-6);
            assert_eq!(all.score(i, j), one.score);
            let other = exchange(&readings[j], &readings[i]).unwrap();
            assert_eq!(all.get(i, j), one.score.min(other.score));
        }
    }
}

#[test]
fn exchanges_with_one_factor_are_those_of_a_finer_search() {
    let golden = golden();
    let first: Vec<Reading> = scientists(&golden).into_iter().map(|(r, _)| r).collect();
    let second = golden["seconds"].as_array().unwrap().iter();
    let second: Vec<Reading> = second.map(|one| scientist(&states(&golden), one)).collect();
    let all = Agreements::of(&[first.clone(), second.clone()]).unwrap();
    let of = |i: usize| [first[i].clone(), second[i].clone()];
    for (i, row) in golden["together"].as_array().unwrap().iter().enumerate() {
        for (j, expected) in numbers(row).into_iter().enumerate() {
            let one = exchange_together(&of(i), &of(j)).unwrap();
            near(&format!("{i} reads {j}"), one.score, expected, 1e-6);
            assert_eq!(all.together.score(i, j), one.score);
        }
    }
}

#[test]
fn helmholtz_residuals_are_numpys() {
    let golden = golden();
    let states = states(&golden);
    let plan = HelmholtzPlan {
        degree: 4,
        step: 1e-3,
    };
    let damped = |x: f64, y: f64| -x - 0.5 * y;
    let relativistic = |x: f64, y: f64| -x * (1.0 - y * y).powf(1.5);
    let laws: [&dyn Fn(f64, f64) -> f64; 2] = [&damped, &relativistic];
    for (name, law) in ["damped", "relativistic"].into_iter().zip(laws) {
        let law = |x: &[f64], y: &[f64]| Ok(x.iter().zip(y).map(|(x, y)| law(*x, *y)).collect());
        let found = Helmholtz::of(law, &states, None, &plan).unwrap();
        let expected = &golden["helmholtz"][name];
        near(name, found.friction, number(&expected["friction"]), 1e-7);
        near(
            name,
            found.divergence,
            number(&expected["divergence"]),
            1e-8,
        );
        // The rate by hand: upper medians of |F| and |y|.
        let upper = |values: Vec<f64>| {
            let mut sizes: Vec<f64> = values.into_iter().map(f64::abs).collect();
            sizes.sort_by(f64::total_cmp);
            sizes[sizes.len() / 2]
        };
        let forces = law(states.x(), states.y()).unwrap();
        let rate = upper(forces) / upper(states.y().to_vec());
        near(name, found.rate, rate, 1e-12);
        near(
            name,
            found.relative_friction(),
            found.friction / rate,
            1e-12,
        );
        let guard = (0.01 * rate).powi(2);
        let residual = found.friction.powi(2) / (found.divergence.powi(2) + guard);
        near(name, found.residual, residual, 1e-12);
    }
}

#[test]
fn families_are_scipys() {
    let golden = golden();
    let expected = &golden["families"];
    let rows: Vec<Vec<f64>> = expected["agreement"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let values: Vec<f64> = rows.concat();
    let agreement = serde_json::json!({
        "size": rows.len(),
        "scores": values,
        "values": values,
    });
    let agreement: Agreement = serde_json::from_value(agreement).unwrap();
    let families = Families::of(&agreement, number(&expected["least"])).unwrap();
    let linkage = expected["linkage"].as_array().unwrap().iter().map(numbers);
    for (found, expected) in families.clustering.scipy_rows().iter().zip(linkage) {
        for (found, expected) in found.iter().zip(expected) {
            near("linkage", *found, expected, 1e-12);
        }
    }
    let (found, labels) = (families.labels(), numbers(&expected["labels"]));
    for i in 0..rows.len() {
        for j in 0..rows.len() {
            assert_eq!(found[i] == found[j], labels[i] == labels[j], "{i}, {j}");
        }
    }
    let sizes: Vec<usize> = families.families.iter().map(|f| f.members.len()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes.iter().sum::<usize>() == rows.len());
    for family in &families.families {
        let mean = |i: usize| -> f64 {
            let others = family.members.iter().filter(|j| **j != i);
            others.map(|j| rows[i][*j]).sum::<f64>() / (family.members.len() - 1).max(1) as f64
        };
        for member in &family.members {
            assert!(mean(family.medoid) >= mean(*member) - 1e-15);
        }
        if family.members.len() > 1 {
            let all = family.members.iter().map(|i| mean(*i)).sum::<f64>();
            near(
                "within",
                family.agreement,
                all / family.members.len() as f64,
                1e-12,
            );
        }
    }
    assert!(Families::of(&agreement, 0.0).is_err() && Families::of(&agreement, 1.1).is_err());
}

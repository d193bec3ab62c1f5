//! Laws that are short sums are found exactly; in any units; and what is none is not called one.

use mass_sparse::{Error, Factor, Function, FunctionLibrary, SparseLaw, SparseRegression, Stlsq};
use mass_systems::{Dataset, Purpose, System, lookup, rk4, sample, stream};
use proptest::prelude::*;

fn states(id: &str, purpose: Purpose, count: usize) -> Dataset {
    let system = lookup(id).unwrap();
    sample(&*system, count, &mut stream(0, purpose, id)).unwrap()
}

fn found(id: &str, library: &FunctionLibrary) -> SparseLaw {
    let (data, held_out) = (
        states(id, Purpose::TrainData, 600),
        states(id, Purpose::TestData, 300),
    );
    let fit = SparseRegression::new(library.clone()).fit(&data, &held_out);
    fit.unwrap()
}

/// Coefficients by the text of their functions.
fn coefficients(law: &SparseLaw, component: usize) -> Vec<(String, f64)> {
    let addends = law.components()[component].iter();
    addends
        .map(|one| (one.function.text(law.dof()), one.coefficient))
        .collect()
}

fn assert_is(law: &SparseLaw, component: usize, expected: &[(&str, f64)], tolerance: f64) {
    let found = coefficients(law, component);
    let names = |of: &[(String, f64)]| of.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
    let wanted: Vec<String> = expected.iter().map(|one| one.0.to_string()).collect();
    assert_eq!(names(&found), wanted, "{:?}", law.formula());
    for ((name, found), (_, right)) in found.iter().zip(expected) {
        assert!(
            (found - right).abs() <= tolerance * right.abs(),
            "{name}: {found} for {right}"
        );
    }
}

#[test]
fn sums_are_found_exactly() {
    let cubic = FunctionLibrary::polynomials(1, 5).unwrap();
    let law = found("damped(0.3)", &cubic);
    assert_is(&law, 0, &[("x", -1.0), ("y", -0.3)], 1e-9);
    let law = found("classical", &cubic);
    assert_is(&law, 0, &[("x", -1.0)], 1e-9);
    let plane = FunctionLibrary::polynomials(2, 3).unwrap();
    let law = found("henon_heiles", &plane);
    assert_is(&law, 0, &[("x₁", -1.0), ("x₁ x₂", -2.0)], 1e-9);
    assert_is(&law, 1, &[("x₂", -1.0), ("x₁²", -1.0), ("x₂²", 1.0)], 1e-9);
    let law = found("charge_in_field(2,1)", &plane);
    assert_is(&law, 0, &[("x₁", -1.0), ("y₂", 2.0)], 1e-9);
    assert_is(&law, 1, &[("x₂", -1.0), ("y₁", -2.0)], 1e-9);
    assert!(law.relative_error() < 1e-12, "{}", law.relative_error());
}

#[test]
fn angles_and_inverse_powers() {
    let angles = FunctionLibrary::mechanical(1, &[0]).unwrap();
    assert_is(&found("pendulum", &angles), 0, &[("sin x", -1.0)], 1e-9);
    // Kepler's law on one side: ẏ = −1/x².
    let data = |purpose| {
        let all = states("kepler", purpose, 800);
        let right = all.iter().filter(|state| state.x[0] > 0.0);
        let [mut x, mut y, mut a] = [const { Vec::new() }; 3];
        for state in right {
            x.push(state.x[0]);
            y.push(state.y[0]);
            a.push(state.acceleration[0]);
        }
        Dataset::new("half", 1, x, y, a).unwrap()
    };
    let powers = (-4..=4).map(|p| Function::new([Factor::Position(0, p)]));
    let library = FunctionLibrary::new(1, powers).unwrap();
    let law = SparseRegression::new(library)
        .fit(&data(Purpose::TrainData), &data(Purpose::TestData))
        .unwrap();
    assert_is(&law, 0, &[("x⁻²", -1.0)], 1e-9);
}

#[test]
fn two_bodies_are_a_sum_of_inverse_cubes() {
    // In the coordinates of one about the other: x/r³.
    let orbit = |purpose| {
        let data = states("two_body", purpose, 400);
        let apart = |values: &[f64], i: usize| values[i] - values[i + 2];
        let [mut x, mut y, mut a] = [const { Vec::new() }; 3];
        for state in data.iter() {
            for i in 0..2 {
                x.push(apart(state.x, i));
                y.push(apart(state.y, i));
                a.push(apart(state.acceleration, i));
            }
        }
        Dataset::new("orbit", 2, x, y, a).unwrap()
    };
    let radii = (1..=5).flat_map(|p| {
        (0..2).map(move |i| Function::new([Factor::Position(i, 1), Factor::Radius(vec![0, 1], -p)]))
    });
    let library = FunctionLibrary::new(2, radii)
        .unwrap()
        .and(FunctionLibrary::polynomials(2, 2).unwrap())
        .unwrap();
    let law = SparseRegression::new(library)
        .fit(&orbit(Purpose::TrainData), &orbit(Purpose::TestData))
        .unwrap();
    assert_is(&law, 0, &[("x₁ /√(x₁² + x₂²)³", -2.0)], 1e-9);
    assert_is(&law, 1, &[("x₂ /√(x₁² + x₂²)³", -2.0)], 1e-9);
}

/// The same data in other units of length and time.
fn in_units(data: &Dataset, length: f64, time: f64) -> Dataset {
    let scaled = |values: &[f64], by: f64| values.iter().map(|v| v * by).collect();
    Dataset::new(
        data.id(),
        data.dof(),
        scaled(data.x(), length),
        scaled(data.y(), length / time),
        scaled(data.acceleration(), length / time / time),
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_law_is_the_same_in_any_units(length in -9.0..9.0_f64, time in -4.0..6.0_f64) {
        let (length, time) = (10.0_f64.powf(length), 10.0_f64.powf(time));
        let library = FunctionLibrary::polynomials(1, 4).unwrap();
        let data = |purpose| in_units(&states("damped(0.3)", purpose, 300), length, time);
        let law = SparseRegression::new(library)
            .fit(&data(Purpose::TrainData), &data(Purpose::TestData))
            .unwrap();
        assert_is(&law, 0, &[("x", -1.0 / time / time), ("y", -0.3 / time)], 1e-8);
        prop_assert!(law.relative_error() < 1e-9);
    }
}

/// Data with noise on the accelerations, of this deviation.
fn noisy(id: &str, purpose: Purpose, count: usize, deviation: f64) -> Dataset {
    let data = states(id, purpose, count);
    let mut rng = stream(1, purpose, "noise");
    // Twelve uniform numbers make a normal one, near enough.
    let mut normal = || {
        (0..12)
            .map(|_| mass_systems::uniform(&mut rng, -0.5, 0.5))
            .sum::<f64>()
    };
    let acceleration = data.acceleration().iter().map(|a| a + deviation * normal());
    let acceleration = acceleration.collect();
    Dataset::new(
        id,
        data.dof(),
        data.x().to_vec(),
        data.y().to_vec(),
        acceleration,
    )
    .unwrap()
}

#[test]
fn noise_is_not_explained_and_standard_errors_cover_the_truth() {
    let library = FunctionLibrary::polynomials(1, 4).unwrap();
    let law = SparseRegression::new(library.clone())
        .fit(
            &noisy("damped(0.3)", Purpose::TrainData, 2000, 0.05),
            &noisy("damped(0.3)", Purpose::TestData, 1000, 0.05),
        )
        .unwrap();
    assert_is(&law, 0, &[("x", -1.0), ("y", -0.3)], 0.05);
    assert!((law.rmse() / 0.05 - 1.0).abs() < 0.1, "{}", law.rmse());
    for (addend, right) in law.components()[0].iter().zip([-1.0, -0.3]) {
        let error = (addend.coefficient - right).abs();
        // σ/√(N · variance) is about 0.004 here.
        assert!(
            (0.001..0.02).contains(&addend.standard_error),
            "{}",
            addend.standard_error
        );
        assert!(
            error < 4.0 * addend.standard_error,
            "{error} of {}",
            addend.standard_error
        );
    }
}

#[test]
fn standard_errors_are_those_of_a_straight_line() {
    // ẏ = c x with residuals ±1: the textbook's s/√(Σx²).
    let x = vec![1.0, 2.0, 3.0, 4.0];
    let a = vec![2.0 + 1.0, 4.0 - 1.0, 6.0 - 1.0, 8.0 + 1.0];
    let data = Dataset::new("line", 1, x.clone(), vec![0.0; 4], a.clone()).unwrap();
    let library = FunctionLibrary::new(1, [Function::new([Factor::Position(0, 1)])]).unwrap();
    let law = Stlsq::new(library, 0.1).fit(&data).unwrap();
    let square: f64 = x.iter().map(|x| x * x).sum();
    let slope = x.iter().zip(&a).map(|(x, a)| x * a).sum::<f64>() / square;
    let left: f64 = x.iter().zip(&a).map(|(x, a)| (a - slope * x).powi(2)).sum();
    let addend = &law.components()[0][0];
    assert!((addend.coefficient - slope).abs() < 1e-14);
    assert!((addend.standard_error - (left / 3.0 / square).sqrt()).abs() < 1e-14);
    assert!((law.rmse() - (left / 4.0).sqrt()).abs() < 1e-14);
}

#[test]
fn what_is_no_sum_keeps_its_error() {
    let library = FunctionLibrary::polynomials(1, 3).unwrap();
    let law = found("relativistic", &library);
    assert!(law.relative_error() > 1e-3, "{:?}", law.formula());
    let on_others = law
        .rmse_on(&states("relativistic", Purpose::TestData, 300))
        .unwrap();
    assert!((on_others - law.rmse()).abs() < 1e-9 * law.rmse());
}

#[test]
fn a_constant_law_is_a_law() {
    let count = 50;
    let x: Vec<f64> = (0..count).map(|i| 0.1 * f64::from(i)).collect();
    let y: Vec<f64> = x.iter().map(|x| 1.0 - x).collect();
    let fall = Dataset::new("fall", 1, x, y, vec![-9.81; 50]).unwrap();
    let library = FunctionLibrary::polynomials(1, 2).unwrap();
    let law = SparseRegression::new(library.clone())
        .fit(&fall, &fall)
        .unwrap();
    assert_is(&law, 0, &[("1", -9.81)], 1e-12);
    assert_eq!(law.formula(), ["ẏ = −9.810"]);
    // And so is none at all.
    let at = |v: f64| vec![v; 20];
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let free = Dataset::new(
        "free",
        1,
        x.clone(),
        x.iter().map(|x| x.cos()).collect(),
        at(0.0),
    );
    let law = SparseRegression::new(library)
        .fit(free.as_ref().unwrap(), free.as_ref().unwrap())
        .unwrap();
    assert_eq!(
        (law.formula(), law.rmse()),
        (vec!["ẏ = 0".to_string()], 0.0)
    );
}

#[test]
fn functions_that_are_sums_of_others_are_left_out() {
    // x, and x again as sin² x + cos² x times it: the first one stays.
    let wave = |f: fn(Vec<(usize, i32)>) -> Factor| f(vec![(0, 1)]);
    let square = |f: fn(Vec<(usize, i32)>) -> Factor| Function::new([wave(f), wave(f)]);
    let library = FunctionLibrary::new(
        1,
        [
            Function::one(),
            square(Factor::Sine),
            square(Factor::Cosine),
        ],
    )
    .unwrap();
    let data = states("pendulum", Purpose::TrainData, 100);
    let ones = Dataset::new(
        "one",
        1,
        data.x().to_vec(),
        data.y().to_vec(),
        vec![1.0; 100],
    )
    .unwrap();
    let law = Stlsq::new(library, 1e-3).fit(&ones).unwrap();
    assert_is(&law, 0, &[("1", 1.0)], 1e-12);
}

#[test]
fn the_mechanical_library_is_independent() {
    // With as many functions as it has, least squares leave none out.
    for (id, angles) in [("pendulum", vec![0]), ("double_pendulum", vec![0, 1])] {
        let system = lookup(id).unwrap();
        let library = FunctionLibrary::mechanical(system.dof(), &angles).unwrap();
        let data = states(id, Purpose::TrainData, 3000);
        let noise = noisy(id, Purpose::TrainData, 3000, 1.0);
        let all = Stlsq::new(library.clone(), 0.0).fit(&noise).unwrap();
        assert_eq!(all.components()[0].len(), library.len(), "{id}");
        assert_eq!(data.dof(), library.dof());
    }
}

#[test]
fn a_law_is_followed_as_a_system_is() {
    let library = FunctionLibrary::polynomials(1, 3).unwrap();
    let law = found("damped(0.3)", &library);
    let truth = lookup("damped(0.3)").unwrap();
    let system = law.into_system("found", truth.domain());
    let follow = |system: &dyn System| {
        rk4(
            |x, y, out| system.acceleration(x, y, out),
            &[0.9],
            &[0.0],
            0.05,
            200,
        )
        .unwrap()
    };
    let (found, right) = (follow(&system), follow(&*truth));
    for (a, b) in found.x().iter().zip(right.x()) {
        assert!((a - b).abs() < 1e-8);
    }
    assert_eq!(
        (system.id(), system.formula()),
        ("found".into(), "ẏ = −1.000 x − 0.3000 y".into())
    );
}

#[test]
fn bad_requests_say_what_would_be_right() {
    let library = FunctionLibrary::polynomials(1, 4).unwrap();
    let text = |error: Error| error.to_string();
    let few = states("classical", Purpose::TrainData, 29);
    assert_eq!(
        text(Stlsq::new(library.clone(), 0.1).fit(&few).unwrap_err()),
        "29 states are too few for a library of 15 functions: give at least 30, or a smaller library"
    );
    let plane = states("henon_heiles", Purpose::TrainData, 100);
    let error = Stlsq::new(library.clone(), 0.1).fit(&plane).unwrap_err();
    assert!(error.is_request() && text(error).contains("of 2 degrees of freedom"));
    let data = states("classical", Purpose::TrainData, 100);
    assert!(
        Stlsq::new(library, 1.5)
            .fit(&data)
            .unwrap_err()
            .is_request()
    );
    let pole = FunctionLibrary::new(1, [Function::new([Factor::Position(0, -1)])]).unwrap();
    let zero = Dataset::new("zero", 1, vec![1.0, 0.0], vec![0.0; 2], vec![0.0; 2]).unwrap();
    assert_eq!(
        text(Stlsq::new(pole, 0.1).fit(&zero).unwrap_err()),
        "x⁻¹ is not finite at state 1 (counted from 0): leave it out of the library, or the state out of the data"
    );
    assert!(FunctionLibrary::polynomials(3, 40).is_err());
    assert!(FunctionLibrary::polynomials(0, 2).is_err());
    assert!(FunctionLibrary::mechanical(1, &[1]).is_err());
    assert!(FunctionLibrary::new(1, [Function::new([Factor::Velocity(1, 1)])]).is_err());
}

#[test]
fn functions_read_as_one_writes_them() {
    let text = |factors: Vec<Factor>| Function::new(factors).text(2);
    assert_eq!(text(vec![]), "1");
    assert_eq!(
        text(vec![Factor::Position(1, 2), Factor::Position(1, -2)]),
        "1"
    );
    assert_eq!(
        text(vec![Factor::Velocity(0, 1), Factor::Position(1, 12)]),
        "x₂¹² y₁"
    );
    assert_eq!(
        text(vec![Factor::Cosine(vec![(0, 2), (1, -3)])]),
        "cos(2x₁ − 3x₂)"
    );
    assert_eq!(
        text(vec![Factor::Sine(vec![(0, -1), (1, 1)])]),
        "sin(−x₁ + x₂)"
    );
    let named = Function::new([Factor::Velocity(0, 2), Factor::Cosine(vec![(0, 1)])]);
    assert_eq!(named.text_with(&["θ".to_string()]), "θ̇² cos θ");
}

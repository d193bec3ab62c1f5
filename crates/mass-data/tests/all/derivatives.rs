//! Derivatives: closed forms, the honesty of their errors, and goldens by routes that share nothing with the crate
//! (`tests/golden/derivatives.py`).

use mass_data::{Differentiation, Measurements, MotionModel, Series, SplineOrder, Trajectory};
use mass_systems::{Purpose, stream};
use rand_distr::{Distribution, StandardNormal};
use serde_json::Value;

const KALMAN: Differentiation = Differentiation::Kalman {
    model: MotionModel::WhiteJerk,
    lambda: None,
};
const GOLAY: Differentiation = Differentiation::SavitzkyGolay {
    window: None,
    degree: 4,
};
const DIFFERENCES: Differentiation = Differentiation::FiniteDifferences { points: 5 };

fn spline(order: SplineOrder) -> Differentiation {
    Differentiation::SmoothingSpline {
        order,
        lambda: None,
    }
}

fn all() -> Vec<Differentiation> {
    vec![
        Differentiation::Auto,
        DIFFERENCES,
        GOLAY,
        spline(SplineOrder::Quintic),
        spline(SplineOrder::Septic),
        KALMAN,
        Differentiation::Kalman {
            model: MotionModel::ConstantJerk,
            lambda: None,
        },
    ]
}

/// Uneven times: steps of 0.5 to 1.5 times `dt`, by a rule and not by chance.
fn uneven(rows: usize, dt: f64) -> Vec<f64> {
    (0..rows)
        .map(|i| dt * (i as f64 + 0.25 * (i as f64 * 2.4).sin()))
        .collect()
}

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/derivatives.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

fn close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let size = expected.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    for (row, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() < tolerance * size,
            "{what}, row {row}: {a} {b}"
        );
    }
}

#[test]
fn the_cubic_spline_is_scipys() {
    let golden = &golden()["spline"];
    let (t, y) = (numbers(&golden["t"]), numbers(&golden["y"]));
    let at = |lambda| Differentiation::SmoothingSpline {
        order: SplineOrder::Cubic,
        lambda,
    };
    let given = golden["given"]["lambda"].as_f64();
    let series = at(given).series(&t, &y).unwrap();
    for k in 0..3 {
        close(
            &series.value[k],
            &numbers(&golden["given"]["value"][k]),
            1e-8,
            &format!("given λ, derivative {k}"),
        );
    }
    // The minimum of GCV is flat: λ by another search differs a little.
    let series = at(None).series(&t, &y).unwrap();
    for (k, tolerance) in [1e-3, 1e-3, 5e-3].into_iter().enumerate() {
        close(
            &series.value[k],
            &numbers(&golden["gcv"]["value"][k]),
            tolerance,
            &format!("GCV, derivative {k}"),
        );
    }
}

#[test]
fn the_quintic_spline_and_its_errors_are_those_of_the_reproducing_kernel() {
    let golden = &golden()["quintic"];
    let (t, y) = (numbers(&golden["t"]), numbers(&golden["y"]));
    let lambda = golden["lambda"].as_f64();
    for method in [
        Differentiation::SmoothingSpline {
            order: SplineOrder::Quintic,
            lambda,
        },
        Differentiation::Kalman {
            model: MotionModel::WhiteJerk,
            lambda,
        },
    ] {
        let (series, chosen) = method.together(&[(&t, &y)]).unwrap();
        let (series, noise) = (&series[0], chosen.noise);
        for k in 0..3 {
            close(
                &series.value[k],
                &numbers(&golden["value"][k]),
                1e-9,
                &format!("derivative {k}"),
            );
            let variance: Vec<f64> = series.error[k]
                .iter()
                .map(|e| (e / noise).powi(2))
                .collect();
            close(
                &variance,
                &numbers(&golden["variance"][k]),
                1e-8,
                &format!("variance {k}"),
            );
        }
        assert!((chosen.lambda.unwrap() / lambda.unwrap() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn local_methods_are_scipys_and_derivatives() {
    let golden = &golden()["local"];
    let (t, y) = (numbers(&golden["t"]), numbers(&golden["y"]));
    let golay = Differentiation::SavitzkyGolay {
        window: Some(9),
        degree: 4,
    }
    .series(&t, &y)
    .unwrap();
    for k in 0..3 {
        close(
            &golay.value[k],
            &numbers(&golden["golay"][k]),
            1e-9,
            &format!("Savitzky-Golay {k}"),
        );
    }
    let differences = DIFFERENCES.series(&t, &y).unwrap();
    let (inner, expected) = (2..38, numbers(&golden["difference"]));
    close(
        &differences.value[1][inner.clone()],
        &expected[inner],
        1e-9,
        "finite differences",
    );
    assert_eq!(differences.value[0], y);
    // The Kalman smoother of `derivative` is the cubic spline of λ = α.
    let cubic = Differentiation::SmoothingSpline {
        order: SplineOrder::Cubic,
        lambda: golden["alpha"].as_f64(),
    };
    close(
        &cubic.series(&t, &y).unwrap().value[1],
        &numbers(&golden["kalman"]),
        1e-8,
        "kalman",
    );
}

fn rmse(a: &[f64], b: &[f64]) -> f64 {
    (a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
}

/// On pynumdiff's noisy signals, without the truth, about as good as the best of its methods with parameters
/// chosen by the truth. High orders lose at the ends, which count here.
#[test]
fn pynumdiffs_signals() {
    for signal in golden()["signals"].as_array().unwrap() {
        let dt = signal["dt"].as_f64().unwrap();
        let (noisy, rate) = (numbers(&signal["noisy"]), numbers(&signal["rate"]));
        let t: Vec<f64> = (0..noisy.len()).map(|i| i as f64 * dt).collect();
        let theirs = signal["rmse_with_truth"].as_object().unwrap().values();
        let best = theirs
            .map(|v| v.as_f64().unwrap())
            .fold(f64::INFINITY, f64::min);
        for method in all() {
            let ours = rmse(&method.series(&t, &noisy).unwrap().value[1], &rate);
            println!("{} {method:?}: {:.2}", signal["name"], ours / best);
            let most = match method {
                DIFFERENCES => continue,
                Differentiation::Auto | Differentiation::SavitzkyGolay { .. } => 3.0,
                Differentiation::Kalman {
                    model: MotionModel::ConstantJerk,
                    ..
                } => 3.0,
                Differentiation::SmoothingSpline {
                    order: SplineOrder::Septic,
                    ..
                } => 2.5,
                _ => 1.6,
            };
            assert!(
                ours < most * best,
                "{} {method:?}: {ours} {best}",
                signal["name"]
            );
        }
    }
}

/// A smooth motion without noise: accelerations of a pendulum's size are good to 1e-3, and within three errors,
/// ends apart.
#[test]
fn closed_forms_without_noise() {
    type Form = (&'static str, fn(f64) -> [f64; 3]);
    let forms: [Form; 3] = [
        ("sin", |t| [t.sin(), t.cos(), -t.sin()]),
        ("exp", |t| {
            [
                (-0.5 * t).exp(),
                -0.5 * (-0.5 * t).exp(),
                0.25 * (-0.5 * t).exp(),
            ]
        }),
        ("beats", |t| {
            [
                t.cos() * (0.3 * t).sin(),
                0.3 * t.cos() * (0.3 * t).cos() - t.sin() * (0.3 * t).sin(),
                -1.09 * t.cos() * (0.3 * t).sin() - 0.6 * t.sin() * (0.3 * t).cos(),
            ]
        }),
    ];
    for (name, form) in forms {
        for t in [
            uneven(500, 0.02),
            (0..500).map(|i| f64::from(i) * 0.02).collect(),
        ] {
            let q: Vec<f64> = t.iter().map(|t| form(*t)[0]).collect();
            for method in all() {
                let series = method.series(&t, &q).unwrap();
                let mut within = 0;
                let mut worst = 0.0_f64;
                for (row, t) in t.iter().enumerate().skip(10).take(480) {
                    let error = (series.value[2][row] - form(*t)[2]).abs();
                    worst = worst.max(error);
                    within += usize::from(error < 3.0 * series.error[2][row] + 1e-9);
                }
                println!("{name} {method:?}: {worst:.1e}, within {within} of 480");
                assert!(worst < 1e-3, "{name} {method:?}: {worst:e}");
                assert!(within >= 470, "{name} {method:?}: {within}");
            }
        }
    }
}

/// Polynomials of a degree that a method holds are exact, whatever the noise level that it believes in.
#[test]
fn polynomials_are_exact() {
    let t = uneven(60, 0.1);
    let form = |t: f64| [1.0 - t + 0.5 * t * t, -1.0 + t, 1.0];
    let q: Vec<f64> = t.iter().map(|t| form(*t)[0]).collect();
    for method in all() {
        let series = method.series(&t, &q).unwrap();
        for (row, t) in t.iter().enumerate() {
            for (k, exact) in form(*t).into_iter().enumerate() {
                let found = series.value[k][row];
                assert!(
                    (found - exact).abs() < 1e-6,
                    "{method:?} row {row}, {k}: {found} {exact}"
                );
            }
        }
    }
}

/// Shares of rows within one and two standard errors, over many draws of noise, in rows 20 from the ends.
fn coverage(method: Differentiation, sigma: f64, draws: u64) -> [[f64; 2]; 3] {
    let t = uneven(300, 0.05);
    let truth = |t: f64| {
        [
            t.sin() + 0.5 * (1.7 * t).cos(),
            t.cos() - 0.85 * (1.7 * t).sin(),
            -t.sin() - 1.445 * (1.7 * t).cos(),
        ]
    };
    let mut counts = [[0_usize; 2]; 3];
    let mut rows = 0;
    let mut squares = 0.0;
    for draw in 0..draws {
        let mut rng = stream(draw, Purpose::Evaluation, "coverage");
        let q: Vec<f64> = t
            .iter()
            .map(|t| {
                let noise: f64 = StandardNormal.sample(&mut rng);
                truth(*t)[0] + sigma * noise
            })
            .collect();
        let Series { value, error, .. } = method.series(&t, &q).unwrap();
        for row in 20..280 {
            rows += 1;
            squares += (value[2][row] - truth(t[row])[2]).powi(2);
            for k in 0..3 {
                let off = (value[k][row] - truth(t[row])[k]).abs() / error[k][row];
                counts[k][0] += usize::from(off < 1.0);
                counts[k][1] += usize::from(off < 2.0);
            }
        }
    }
    println!(
        "{method:?} {sigma}: acceleration to {:.2e}",
        (squares / rows as f64).sqrt()
    );
    counts.map(|of| of.map(|count| count as f64 / rows as f64))
}

#[test]
fn errors_cover_the_truth_as_often_as_they_say() {
    for method in all() {
        for sigma in [0.002, 0.02, 0.1] {
            let found = coverage(method, sigma, 40);
            println!("{method:?} {sigma}: {found:.2?}");
            // A posterior is an average over motions as rough as the model: one that is smoother, as this is, lies
            // within the errors of its derivatives more often than they say.
            for (k, [one, two]) in found.into_iter().enumerate() {
                let most = if k == 0 { 0.78 } else { 1.0 };
                assert!(
                    (0.55..=most).contains(&one),
                    "{method:?} {sigma} {k}: {one}"
                );
                assert!(two > 0.86, "{method:?} {sigma} {k}: {two}");
            }
            assert!((found[0][1] - 0.95).abs() < 0.03);
        }
    }
}

#[test]
fn a_long_series_in_pieces_is_the_series() {
    let t: Vec<f64> = (0..120_000).map(|i| f64::from(i) * 0.01).collect();
    let q: Vec<f64> = t.iter().map(|t| t.sin()).collect();
    let series = Differentiation::Auto.series(&t, &q).unwrap();
    assert_eq!(series.value[2].len(), t.len());
    for (row, t) in t.iter().enumerate().skip(10).take(119_980) {
        assert!((series.value[2][row] + t.sin()).abs() < 1e-4, "{row}");
    }
}

#[test]
fn units_do_not_matter() {
    let t = uneven(200, 0.05);
    let q: Vec<f64> = t
        .iter()
        .enumerate()
        .map(|(i, t)| t.sin() + 0.01 * (i as f64 * 77.7).sin())
        .collect();
    let (length, time) = (2_f64.powi(-20), 2_f64.powi(13));
    let scaled_t: Vec<f64> = t.iter().map(|t| t * time).collect();
    let scaled_q: Vec<f64> = q.iter().map(|q| q * length).collect();
    for method in all() {
        let own = method.series(&t, &q).unwrap();
        let other = method.series(&scaled_t, &scaled_q).unwrap();
        for k in 0..3 {
            let unit = length / time.powi(k as i32);
            let back: Vec<f64> = other.value[k].iter().map(|v| v / unit).collect();
            close(&back, &own.value[k], 1e-6, &format!("{method:?} {k}"));
            let back: Vec<f64> = other.error[k].iter().map(|v| v / unit).collect();
            close(&back, &own.error[k], 1e-6, &format!("{method:?} error {k}"));
        }
    }
}

#[test]
fn measured_velocities_and_accelerations_are_used() {
    let t: Vec<f64> = (0..400).map(|i| f64::from(i) * 0.02).collect();
    let mut rng = stream(0, Purpose::Evaluation, "velocities");
    let mut noise =
        |sigma: f64| -> f64 { sigma * Distribution::<f64>::sample(&StandardNormal, &mut rng) };
    let q: Vec<f64> = t.iter().map(|t| t.sin() + noise(0.02)).collect();
    let v: Vec<f64> = t.iter().map(|t| t.cos() + noise(0.001)).collect();
    let a: Vec<f64> = t.iter().map(|t| -t.sin() + noise(0.01)).collect();
    let exact: Vec<f64> = t.iter().map(|t| -t.sin()).collect();
    let of = |trajectory: Trajectory| {
        let measured = Measurements::new(vec![trajectory], &[], 10.0).unwrap();
        measured.differentiate(&Differentiation::Auto).unwrap()
    };
    let plain = Trajectory::new("one", 1, t.clone(), q.clone()).unwrap();
    let from_q = of(plain.clone());
    let from_v = of(plain.clone().with_velocity(v.clone()).unwrap());
    let given = of(plain
        .with_velocity(v.clone())
        .unwrap()
        .with_acceleration(a.clone())
        .unwrap());
    let error = |e: &mass_data::Estimates| {
        rmse(&e.trajectories()[0].acceleration[20..380], &exact[20..380])
    };
    assert!(
        error(&from_v) < 0.5 * error(&from_q),
        "{} {}",
        error(&from_v),
        error(&from_q)
    );
    let given = &given.trajectories()[0];
    assert_eq!(
        (&given.position, &given.velocity, &given.acceleration),
        (&q, &v, &a)
    );
    for (errors, sigma) in [
        (&given.position_error, 0.02),
        (&given.velocity_error, 0.001),
        (&given.acceleration_error, 0.01),
    ] {
        assert!(
            (errors[7] / sigma - 1.0).abs() < 0.15,
            "{} {sigma}",
            errors[7]
        );
    }
}

#[test]
fn ends_are_marked() {
    let t: Vec<f64> = (0..300).map(|i| f64::from(i) * 0.05).collect();
    let mut rng = stream(3, Purpose::Evaluation, "ends");
    let q = t
        .iter()
        .map(|t| t.sin() + 0.02 * Distribution::<f64>::sample(&StandardNormal, &mut rng))
        .collect();
    let measured =
        Measurements::new(vec![Trajectory::new("one", 1, t, q).unwrap()], &[], 10.0).unwrap();
    let estimates = measured.differentiate(&Differentiation::Auto).unwrap();
    let reliable = &estimates.trajectories()[0].reliable;
    assert!(!reliable[0] && !reliable[299] && reliable[20..280].iter().all(|r| *r));
    assert!(
        estimates
            .notes()
            .iter()
            .any(|n| matches!(n, mass_data::Note::Uncertain { .. }))
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let t: Vec<f64> = (0..50).map(f64::from).collect();
    let q = vec![0.0; 50];
    let refused = |method: Differentiation, t: &[f64], q: &[f64]| {
        method.series(t, q).unwrap_err().to_string()
    };
    for (method, says) in [
        (
            Differentiation::FiniteDifferences { points: 4 },
            "an odd number from 3 to 15",
        ),
        (
            Differentiation::SavitzkyGolay {
                window: Some(5),
                degree: 4,
            },
            "from 7",
        ),
        (
            Differentiation::SavitzkyGolay {
                window: None,
                degree: 1,
            },
            "2 to 8",
        ),
        (
            Differentiation::SmoothingSpline {
                order: SplineOrder::Cubic,
                lambda: Some(-1.0),
            },
            "positive",
        ),
        (
            Differentiation::Kalman {
                model: MotionModel::WhiteJerk,
                lambda: Some(f64::NAN),
            },
            "positive",
        ),
    ] {
        let found = refused(method, &t, &q);
        assert!(found.contains(says), "{found}");
    }
    let auto = Differentiation::Auto;
    assert!(refused(auto, &t[..5], &q[..5]).contains("at least 7 are needed"));
    assert!(refused(auto, &t, &q[..9]).contains("as many"));
    assert!(
        refused(auto, &[0.0, 1.0, 1.0, 2.0, 3.0, 4.0], &q[..6])
            .contains("do not increase after row 1")
    );
    assert!(refused(auto, &t[..6], &[0.0, f64::NAN, 0.0, 0.0, 0.0, 0.0]).contains("not finite"));
    // Nothing moves: no number is lost over it.
    for method in all() {
        let series = method.series(&t, &q).unwrap();
        assert!(
            series
                .value
                .iter()
                .chain(&series.error)
                .flatten()
                .all(|v| v.is_finite() && v.abs() < 1e-9),
            "{method:?}"
        );
    }
}

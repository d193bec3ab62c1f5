//! Lagrangians that are short sums are found: exactly from exact states, in any units; from noisy positions
//! within a few percent; and what is no such sum, or not told by the data, is not called one.

use std::f64::consts::PI;
use std::process::Command;

use mass_sparse::{
    ConservedSearch, Error, Factor, Forcing, FrictionKind, FrictionModel, Function,
    FunctionLibrary, LagrangianLaw, MotionData, Recording, SparseLagrangian, Verdict,
};
use mass_systems::{
    AnyLagrangian, Dataset, Purpose, Rk4, Solver, follow, lookup, sample, stream, uniform,
};
use nalgebra::DMatrix;
use proptest::prelude::*;

fn states(id: &str, count: usize) -> MotionData {
    let system = lookup(id).unwrap();
    let states = sample(&*system, count, &mut stream(0, Purpose::TrainData, id)).unwrap();
    MotionData::new(states)
}

fn coefficients(law: &LagrangianLaw) -> Vec<(String, f64)> {
    let terms = law.terms().iter();
    terms
        .map(|term| (term.function.text(law.dof()), term.coefficient.value))
        .collect()
}

/// Normal numbers, near enough: of twelve uniform ones each.
fn normals(seed: u64) -> impl FnMut() -> f64 {
    let mut rng = stream(seed, Purpose::TrainData, "noise");
    move || (0..12).map(|_| uniform(&mut rng, -0.5, 0.5)).sum()
}

/// These terms and no other, to a relative tolerance.
fn assert_is(law: &LagrangianLaw, expected: &[(&str, f64)], tolerance: f64) {
    let mut found = coefficients(law);
    let mut expected: Vec<(String, f64)> = expected
        .iter()
        .map(|(name, c)| (name.to_string(), *c))
        .collect();
    for list in [&mut found, &mut expected] {
        list.sort_by(|a, b| a.0.cmp(&b.0));
    }
    let names = |of: &[(String, f64)]| of.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "{}", law.formula());
    for ((name, found), (_, right)) in found.iter().zip(&expected) {
        assert!(
            (found - right).abs() <= tolerance * right.abs(),
            "{name}: {found} for {right} in {}",
            law.formula()
        );
    }
}

/// A system, which of its positions are angles, and the terms of its Lagrangian.
type Case = (
    &'static str,
    &'static [usize],
    &'static [(&'static str, f64)],
);

#[test]
fn exact_states_give_the_exact_lagrangian() {
    let cases: [Case; 6] = [
        ("pendulum", &[0], &[("y²", 0.5), ("cos x", 1.0)]),
        (
            "coupled_oscillators(2,0.5)",
            &[],
            &[
                ("y₁²", 0.5),
                ("y₂²", 0.5),
                ("x₁²", -0.75),
                ("x₂²", -0.75),
                ("x₁ x₂", 0.5),
            ],
        ),
        (
            "henon_heiles",
            &[],
            &[
                ("y₁²", 0.5),
                ("y₂²", 0.5),
                ("x₁²", -0.5),
                ("x₂²", -0.5),
                ("x₁² x₂", -1.0),
                ("x₂³", 1.0 / 3.0),
            ],
        ),
        (
            "charge_in_field(2,1)",
            &[],
            &[
                ("y₁²", 0.5),
                ("y₂²", 0.5),
                ("x₁²", -0.5),
                ("x₂²", -0.5),
                ("x₂ y₁", -2.0),
            ],
        ),
        // The paper's double pendulum, halved: ½ is the first coefficient.
        (
            "double_pendulum",
            &[0, 1],
            &[
                ("y₁²", 0.5),
                ("y₂²", 0.25),
                ("y₁ y₂ cos(x₁ − x₂)", 0.5),
                ("cos x₁", 1.0),
                ("cos x₂", 0.5),
            ],
        ),
        // ½ sin² θ φ̇² = ¼ φ̇² − ¼ φ̇² cos 2θ.
        (
            "spherical_pendulum",
            &[0, 1],
            &[
                ("y₁²", 0.5),
                ("y₂²", 0.25),
                ("y₂² cos(2x₁)", -0.25),
                ("cos x₁", 1.0),
            ],
        ),
    ];
    for (id, angles, expected) in cases {
        let dof = lookup(id).unwrap().dof();
        let library = FunctionLibrary::lagrangian(dof, angles).unwrap();
        let law = SparseLagrangian::new(library)
            .fit(&states(id, 1500))
            .unwrap();
        assert_is(&law, expected, 1e-9);
        assert!(
            law.relative_error() < 1e-9,
            "{id}: {}",
            law.relative_error()
        );
        assert!(law.friction().is_empty(), "{id}");
        assert!(
            matches!(law.verdict(), Verdict::Conservative { .. }),
            "{id}: {}",
            law.verdict()
        );
    }
}

#[test]
fn a_law_is_what_its_lagrangian_says() {
    let system = lookup("double_pendulum").unwrap();
    let library = FunctionLibrary::lagrangian(2, &[0, 1]).unwrap();
    let law = SparseLagrangian::new(library)
        .fit(&states("double_pendulum", 800))
        .unwrap();
    let twice = law.times(2.0).unwrap();
    for state in states("double_pendulum", 50).states().iter() {
        let (mut a, mut b, mut c) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        law.acceleration(state.x, state.y, &mut a);
        law.euler_lagrange(state.x, state.y, &mut b).unwrap();
        system.acceleration(state.x, state.y, &mut c);
        for k in 0..2 {
            assert!((a[k] - b[k]).abs() < 1e-9 && (a[k] - c[k]).abs() < 1e-8);
        }
        let right = system.energy(state.x, state.y).unwrap();
        assert!((twice.energy(state.x, state.y) - right).abs() < 1e-8);
    }
    assert!(law.times(0.0).is_err());
    assert!(
        law.relative_errors_on(&states("pendulum", 10))
            .unwrap_err()
            .is_request()
    );
    // A fifth decimal that is off is put right.
    let rounded = law.in_natural_units().rounded();
    assert_is(
        &rounded,
        &coefficients(&law)
            .iter()
            .map(|(n, c)| (&n[..], *c))
            .collect::<Vec<_>>(),
        1e-8,
    );
    assert!(
        rounded
            .terms()
            .iter()
            .all(|t| (4.0 * t.coefficient.value).fract() == 0.0)
    );
}

type Law<'a> = &'a dyn Fn(&[f64], &[f64], f64, &mut [f64]);

/// Motions of a law from starts (x, y): t, x, y, ẏ and the trajectory of each row, with normal noise on x.
struct Motions {
    dof: usize,
    rows: usize,
    dt: f64,
    t: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    a: Vec<f64>,
    of: Vec<usize>,
}

fn motions(
    law: Law<'_>,
    starts: &[(Vec<f64>, Vec<f64>)],
    dt: f64,
    rows: usize,
    noise: f64,
) -> Motions {
    let dof = starts[0].0.len();
    let mut normal = normals(3);
    let [mut t, mut x, mut y, mut a] = [const { Vec::new() }; 4];
    let mut of = Vec::new();
    for (number, (x0, y0)) in starts.iter().enumerate() {
        let (mut at, mut speed) = (x0.clone(), y0.clone());
        let mut method = Rk4::new(dof);
        for row in 0..rows {
            let now = row as f64 * dt;
            let mut out = vec![0.0; dof];
            law(&at, &speed, now, &mut out);
            t.push(now);
            x.extend(at.iter().map(|x| x + noise * normal()));
            y.extend(&speed);
            a.extend(out);
            of.push(number);
            for part in 0..10 {
                let now = now + f64::from(part) * dt / 10.0;
                let step = |x: &[f64], y: &[f64], out: &mut [f64]| {
                    law(x, y, now, out);
                    Ok::<(), std::convert::Infallible>(())
                };
                let Ok(()) = method.step(step, &mut at, &mut speed, dt / 10.0);
            }
        }
    }
    Motions {
        dof,
        rows,
        dt,
        t,
        x,
        y,
        a,
        of,
    }
}

impl Motions {
    /// True states.
    fn exact(&self) -> MotionData {
        self.data(
            self.x.clone(),
            self.y.clone(),
            self.a.clone(),
            self.of.clone(),
        )
    }

    fn data(&self, x: Vec<f64>, y: Vec<f64>, a: Vec<f64>, of: Vec<usize>) -> MotionData {
        let states = Dataset::new("motions", self.dof, x, y, a).unwrap();
        MotionData::new(states).with_trajectories(of).unwrap()
    }

    /// States by local polynomials through 2 half + 1 positions (Savitzky & Golay).
    fn smoothed(&self, half: usize, degree: usize) -> MotionData {
        let width = 2 * half + 1;
        let powers = DMatrix::from_fn(width, degree + 1, |i, power| {
            (i as f64 - half as f64).powi(power as i32)
        });
        let solved = powers.svd(true, true).pseudo_inverse(1e-14).unwrap();
        let mut out = [const { Vec::new() }; 3];
        let mut of = Vec::new();
        for start in (0..self.t.len()).step_by(self.rows) {
            for row in start + half..start + self.rows - half {
                of.push(self.of[row]);
                for k in 0..self.dof {
                    for (order, out) in out.iter_mut().enumerate() {
                        let near = (0..width)
                            .map(|i| solved[(order, i)] * self.x[(row - half + i) * self.dof + k]);
                        let factorial = [1.0, 1.0, 2.0][order];
                        out.push(near.sum::<f64>() * factorial / self.dt.powi(order as i32));
                    }
                }
            }
        }
        let [x, y, a] = out;
        self.data(x, y, a, of)
    }

    fn recording(&self) -> Recording {
        Recording::new(self.dof, self.of.clone(), self.t.clone(), self.x.clone()).unwrap()
    }
}

/// Data in other units.
fn in_units(data: &MotionData, length: f64, time: f64) -> MotionData {
    let states = data.states();
    let scaled = |values: &[f64], by: f64| values.iter().map(|v| v * by).collect();
    let states = Dataset::new(
        "scaled",
        states.dof(),
        scaled(states.x(), length),
        scaled(states.y(), length / time),
        scaled(states.acceleration(), length / time / time),
    );
    let data = match data.trajectories() {
        None => return MotionData::new(states.unwrap()),
        Some(of) => MotionData::new(states.unwrap()).with_trajectories(of.to_vec()),
    };
    data.unwrap()
}

fn swings(amplitudes: &[f64]) -> Vec<(Vec<f64>, Vec<f64>)> {
    amplitudes.iter().map(|a| (vec![*a], vec![0.0])).collect()
}

const AMPLITUDES: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 2.6];

fn pendulum(friction: f64) -> impl Fn(&[f64], &[f64], f64, &mut [f64]) {
    move |x, y, _, out| out[0] = -x[0].sin() - friction * y[0]
}

#[test]
fn five_swings_of_a_pendulum_in_any_units_and_with_noise() {
    let law = pendulum(0.0);
    let search = || SparseLagrangian::new(FunctionLibrary::lagrangian(1, &[0]).unwrap());
    // 1500 rows of t and θ without noise.
    let clean = motions(&law, &swings(&AMPLITUDES), 0.05, 300, 0.0).smoothed(4, 5);
    let found = search().fit(&clean).unwrap();
    assert_is(&found, &[("y²", 0.5), ("cos x", 1.0)], 1e-4);
    assert!(
        matches!(found.verdict(), Verdict::Conservative { .. }),
        "{}",
        found.verdict()
    );
    // In degrees, and with seconds for a pendulum of 1 m: the unit of time is √(l/g).
    let degrees = 180.0 / PI;
    let time = (1.0_f64 / 9.81).sqrt();
    let found = search()
        .angle_units(vec![degrees])
        .fit(&in_units(&clean, degrees, time))
        .unwrap();
    assert_is(&found, &[("y²", 0.5), ("cos x", 9.81)], 1e-4);
    let mut out = [0.0];
    found.acceleration(&[30.0], &[0.0], &mut out);
    assert!((out[0] / degrees + 9.81 * 0.5).abs() < 1e-3, "{out:?}");
    // 1 % noise: first from smoothed states, then from the positions themselves.
    let noisy = motions(&law, &swings(&AMPLITUDES), 0.05, 300, 0.01);
    let found = search().fit(&noisy.smoothed(10, 5)).unwrap();
    assert_is(&found, &[("y²", 0.5), ("cos x", 1.0)], 0.05);
    let refined = found.refined(&noisy.recording()).unwrap();
    assert_is(&refined, &[("y²", 0.5), ("cos x", 1.0)], 0.005);
    assert!(
        matches!(refined.verdict(), Verdict::Conservative { .. }),
        "{}",
        refined.verdict()
    );
    let error = refined.terms()[1].coefficient.standard_error;
    assert!((1e-5..5e-3).contains(&error), "{error}");
}

/// Of a sinusoid of amplitude A with normal noise σ, at N rows over a time T, no unbiased estimate knows the angular
/// frequency better than σ √24 / (A T √N) (Rife & Boorstyn 1974, amplitude and phase unknown). Student's t with 5 degrees
/// of freedom loses 4 % of it.
#[test]
fn the_error_of_a_frequency_is_that_which_noise_allows() {
    let (omega, noise, step, rows) = (1.3, 0.03, 0.05, 4000);
    let of = |t: f64| (omega * t).cos();
    let states = (0..200).map(|i| f64::from(i) * 0.11);
    let x: Vec<f64> = states.clone().map(of).collect();
    let y = states.map(|t| -omega * (omega * t).sin()).collect();
    let acceleration = x.iter().map(|x| -omega * omega * x).collect();
    let exact = Dataset::new("spring", 1, x, y, acceleration).unwrap();
    let library = FunctionLibrary::lagrangian(1, &[]).unwrap();
    let law = SparseLagrangian::new(library)
        .fit(&MotionData::new(exact))
        .unwrap();
    assert_is(&law, &[("y²", 0.5), ("x²", -0.5 * omega * omega)], 1e-9);
    let mut normal = normals(5);
    let t: Vec<f64> = (0..rows).map(|i| f64::from(i) * step).collect();
    let seen = t.iter().map(|t| of(*t) + noise * normal()).collect();
    let recording = Recording::new(1, vec![0; t.len()], t, seen).unwrap();
    let refined = law.refined_as_it_is(&recording).unwrap();
    let c = refined.terms()[1].coefficient;
    let whole = f64::from(rows) * step;
    // The coefficient is −ω²/2.
    let bound = omega * noise * (24.0 / f64::from(rows)).sqrt() / whole;
    let ratio = c.standard_error / bound;
    assert!((0.98..1.12).contains(&ratio), "{ratio} times the bound");
    assert!((c.value + 0.5 * omega * omega).abs() < 3.5 * c.standard_error);
}

/// A wheel on a spring with a weight at its top (Pohl): one release creeps over the hump, where motions that begin alike part
/// a hundredfold. Errors are those of least squares with all first states free, whose derivatives are differences here, of
/// motions at all coefficients and starts.
#[test]
fn errors_of_motions_that_pass_near_a_separatrix_are_those_of_least_squares() {
    const SIGMA: f64 = 0.005;
    let truth = [18.0, 12.3, 0.12];
    let follow_all = |[n, k, c]: [f64; 3], starts: &[(Vec<f64>, Vec<f64>)], noise: f64| {
        let law = move |x: &[f64], y: &[f64], _: f64, out: &mut [f64]| {
            out[0] = -k * x[0] + n * x[0].sin() - c * y[0];
        };
        motions(&law, starts, 1.0 / 30.0, 300, noise)
    };
    let parts = |start: f64| {
        let both = swings(&[start, start + 1e-7]);
        let x = follow_all(truth, &both, 0.0).x;
        (x[299] - x[599]).abs() / 1e-7
    };
    let steepest = (0..400).map(|i| 2.3 + 0.001 * f64::from(i));
    let steepest = steepest.max_by(|a, b| parts(*a).total_cmp(&parts(*b)));
    let steepest = steepest.unwrap();
    assert!(parts(steepest) > 100.0, "{}", parts(steepest));
    let starts = swings(&[steepest, -2.1, 1.6, 0.5, -2.45]);
    let library = FunctionLibrary::lagrangian(1, &[0]).unwrap();
    let library = library
        .and(FunctionLibrary::springs_of_angles(1, &[0]).unwrap())
        .unwrap();
    let exact = follow_all(truth, &starts, 0.0);
    let law = SparseLagrangian::new(library)
        .friction(FrictionModel::Diagonal)
        .fit(&exact.exact())
        .unwrap();
    assert_is(&law, &[("y²", 0.5), ("x²", -6.15), ("cos x", -18.0)], 1e-6);
    let refined = law
        .refined(&follow_all(truth, &starts, SIGMA).recording())
        .unwrap();
    // Columns: n, k, c, then first positions and velocities.
    let moved = |column: usize, by: f64| {
        let (mut truth, mut starts) = (truth, starts.clone());
        match column {
            0..3 => truth[column] += by,
            _ if column % 2 == 1 => starts[(column - 3) / 2].0[0] += by,
            _ => starts[(column - 3) / 2].1[0] += by,
        }
        follow_all(truth, &starts, 0.0).x
    };
    let columns: Vec<Vec<f64>> = (0..3 + 2 * starts.len())
        .map(|column| {
            let (up, down) = (moved(column, 1e-6), moved(column, -1e-6));
            up.iter().zip(&down).map(|(a, b)| (a - b) / 2e-6).collect()
        })
        .collect();
    let jacobian = DMatrix::from_fn(columns[0].len(), columns.len(), |i, j| columns[j][i]);
    let covariance = jacobian.tr_mul(&jacobian).try_inverse().unwrap();
    let least = |column: usize| SIGMA * covariance[(column, column)].sqrt();
    let of = |name: &str| {
        let mut terms = refined.terms().iter();
        let term = terms.find(|term| term.function.text(1) == name);
        term.unwrap().coefficient
    };
    let friction = refined.friction()[0].coefficient;
    for (c, right, error) in [
        (of("cos x"), -18.0, least(0)),
        (of("x²"), -6.15, 0.5 * least(1)),
        (friction, 0.12, least(2)),
    ] {
        let ratio = c.standard_error / error;
        assert!((0.9..1.25).contains(&ratio), "{c:?}: {ratio} for {right}");
        let apart = (c.value - right).abs() / error;
        assert!(apart < 4.0, "{c:?}: {apart} errors from {right}");
    }
}

#[test]
fn friction_is_found_beside_the_lagrangian() {
    let law = pendulum(0.1);
    let search = || SparseLagrangian::new(FunctionLibrary::lagrangian(1, &[0]).unwrap());
    let exact = motions(&law, &swings(&AMPLITUDES), 0.05, 300, 0.0);
    let found = search().fit(&exact.exact()).unwrap();
    assert_is(&found, &[("y²", 0.5), ("cos x", 1.0)], 1e-9);
    assert!((found.friction()[0].coefficient.value - 0.1).abs() < 1e-9);
    assert!(
        found
            .verdict()
            .to_string()
            .starts_with("dissipative: friction coefficient 0.1000")
    );
    // Energy falls as friction says.
    let (mut energy, rate) = (Vec::new(), found.dissipation(&[1.5]));
    for x in [-1e-4, 1e-4] {
        let mut a = [0.0];
        found.acceleration(&[0.7], &[1.5], &mut a);
        energy.push(found.energy(&[0.7 + 1.5 * x], &[1.5 + a[0] * x]));
    }
    assert!(((energy[1] - energy[0]) / 2e-4 + rate).abs() < 1e-6);
    // With noise of 0.02 rad on the angle.
    let noisy = motions(&law, &swings(&AMPLITUDES), 0.05, 300, 0.02);
    let found = search().fit(&noisy.smoothed(10, 5)).unwrap();
    let refined = found.refined(&noisy.recording()).unwrap();
    assert_is(&refined, &[("y²", 0.5), ("cos x", 1.0)], 0.01);
    let friction = refined.friction()[0].coefficient;
    assert!((friction.value - 0.1).abs() < 0.005, "{friction:?}");
    assert!(
        (friction.value - 0.1).abs() < 4.0 * friction.standard_error,
        "{friction:?}"
    );
    assert!(matches!(refined.verdict(), Verdict::Dissipative { .. }));
    // Whole swings are followed: least squares over 1500 rows tell 0.1 to about noise / amplitude / time / √rows.
    assert!(friction.standard_error < 6e-4, "{friction:?}");
    // No friction, if none is looked for, is not invented.
    let none = search()
        .friction(FrictionModel::None)
        .fit(&exact.exact())
        .unwrap();
    assert!(none.friction().is_empty() && none.relative_error() > 1e-3);
}

#[test]
fn dry_and_quadratic_friction_are_found_and_stick() {
    let cases: [(FrictionKind, f64, &str); 2] = [
        (FrictionKind::Dry, 0.1, "dry friction −0.1000 sign y"),
        (
            FrictionKind::Quadratic,
            0.2,
            "quadratic friction −0.2000 y |y|",
        ),
    ];
    for (kind, b, text) in cases {
        let force = move |y: f64| match kind {
            FrictionKind::Dry => b * (y / 1e-4).clamp(-1.0, 1.0),
            _ => b * y * y.abs(),
        };
        let law = move |x: &[f64], y: &[f64], _: f64, out: &mut [f64]| {
            out[0] = -x[0].sin() - force(y[0]);
        };
        let data = motions(&law, &swings(&AMPLITUDES), 0.02, 300, 0.0).exact();
        let library = FunctionLibrary::lagrangian(1, &[0]).unwrap();
        let search = SparseLagrangian::new(library.clone()).friction(FrictionModel::AnyKind);
        let found = search.fit(&data).unwrap();
        assert_is(&found, &[("y²", 0.5), ("cos x", 1.0)], 1e-4);
        assert!(found.formula().ends_with(text), "{}", found.formula());
        let [term] = found.friction() else {
            panic!("{}", found.formula())
        };
        assert_eq!(term.kind, kind);
        let verdict = found.verdict().to_string();
        let name = text.split(" −").next().unwrap();
        assert!(
            verdict.starts_with(&format!("dissipative: {name} {b:.6} ± ")),
            "{verdict}"
        );
        // The rate of the loss of energy is force times speed, either way.
        for y in [-1.5, 1.5] {
            let rate = found.dissipation(&[y]);
            assert!((rate - force(1.5) * 1.5).abs() < 1e-3, "{y}: {rate}");
        }
        // Beside a law without friction it is told from the other kinds.
        let bare = SparseLagrangian::new(library)
            .friction(FrictionModel::None)
            .fit(&data)
            .unwrap();
        let beside = search
            .friction_beside(&bare, &data, &FrictionKind::ALL)
            .unwrap();
        let sizes = beside.iter().map(|one| (one.kind, (one.value / b).abs()));
        for (found, size) in sizes {
            match found == kind {
                true => assert!((size - 1.0).abs() < 0.2, "{beside:?}"),
                false => assert!(size < 0.2, "{beside:?}"),
            }
        }
        // A spring that comes to rest where dry friction holds it stays there.
        if kind == FrictionKind::Dry {
            let mut path = Vec::new();
            let law = |x: &[f64], y: &[f64], out: &mut [f64]| found.acceleration(x, y, out);
            let solver = Solver::Dop853 { tolerance: 1e-8 };
            let followed = follow(law, &[0.5], &[0.0], 1.0, 60, solver).unwrap();
            path.extend(followed.x().iter().map(|x| x.abs()));
            assert!(path[59] < 0.11, "{path:?}");
            assert!((path[60] - path[50]).abs() < 0.02, "{path:?}");
        }
        // What is exported predicts the same.
        let mut right = [0.0];
        found.acceleration(&[0.3], &[-0.7], &mut right);
        let rust = format!(
            "{}\nfn main() {{\n    println!(\"{{:?}}\", acceleration([0.3], [-0.7], [])[0]);\n}}\n",
            found.rust()
        );
        let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let file = folder.join(format!("friction_{kind:?}.rs"));
        std::fs::write(&file, rust).unwrap();
        let program = folder.join(format!("friction_{kind:?}"));
        let arguments = [file.as_os_str(), "-o".as_ref(), program.as_os_str()];
        if answer("rustc", &arguments).is_some() {
            let said = numbers(&answer(program.to_str().unwrap(), &[]).unwrap());
            assert!((said[0] - right[0]).abs() < 1e-12, "{said:?} {right:?}");
        }
        assert!(found.numpy().contains(match kind {
            FrictionKind::Dry => "np.clip(y",
            _ => "np.sign(y",
        }));
        assert!(found.latex().contains(match kind {
            FrictionKind::Dry => r"\operatorname{sgn} \dot{x}",
            _ => r"\dot{x} \left|\dot{x}\right|",
        }));
    }
}

#[test]
fn friction_between_two_bodies_and_rows_of_little_weight() {
    // Two masses on unlike springs, with friction 0.2 (y₁ − y₂) between them, which couples their modes.
    let law = |x: &[f64], y: &[f64], _: f64, out: &mut [f64]| {
        let between = 0.2 * (y[0] - y[1]);
        out[0] = -1.5 * x[0] + 0.5 * x[1] - between;
        out[1] = 0.5 * x[0] - 2.5 * x[1] + between;
    };
    let starts = [(1.0, 0.0), (0.3, -0.8), (0.5, 0.5), (-1.0, 0.3), (0.2, 0.9)];
    let starts = starts.map(|(a, b)| (vec![a, b], vec![0.0, 0.3]));
    let exact = motions(&law, &starts, 0.05, 200, 0.0);
    let search = || {
        let library = FunctionLibrary::lagrangian(2, &[]).unwrap();
        SparseLagrangian::new(library).friction(FrictionModel::Symmetric)
    };
    let terms = [
        ("y₁²", 0.5),
        ("y₂²", 0.5),
        ("x₁²", -0.75),
        ("x₂²", -1.25),
        ("x₁ x₂", 0.5),
    ];
    let found = search().fit(&exact.exact()).unwrap();
    assert_is(&found, &terms, 1e-9);
    let friction = |law: &LagrangianLaw| -> Vec<(usize, usize, f64)> {
        let each = law.friction().iter();
        each.map(|term| {
            (
                term.on,
                term.by,
                (term.coefficient.value * 1e6).round() / 1e6,
            )
        })
        .collect()
    };
    let right = [(0, 0, 0.2), (1, 1, 0.2), (0, 1, -0.2)];
    assert_eq!(friction(&found), right, "{}", found.formula());
    assert!((found.dissipation(&[1.0, -1.0]) - 0.8).abs() < 1e-9);
    assert!(
        found
            .verdict()
            .to_string()
            .contains("−0.200000 ± < 0.000001"),
        "{}",
        found.verdict()
    );
    // Every tenth row wrong, with a weight that says so.
    let mut wrong = exact.a.clone();
    let weights = (0..exact.t.len()).map(|row| {
        let bad = row % 10 == 0;
        wrong[2 * row] += if bad { 0.3 } else { 0.0 };
        if bad { 1e-8 } else { 1.0 }
    });
    let weights: Vec<f64> = weights.collect();
    let data = exact.data(exact.x.clone(), exact.y.clone(), wrong, exact.of.clone());
    let found = search().fit(&data.with_weights(weights).unwrap()).unwrap();
    assert_is(&found, &terms, 1e-4);
}

/// Of unit masses and lengths, g = 9.81.
fn double_pendulum(x: &[f64], y: &[f64], _: f64, out: &mut [f64]) {
    let g = 9.81;
    let (c, s) = ((x[0] - x[1]).cos(), (x[0] - x[1]).sin());
    let f0 = -s * y[1] * y[1] - 2.0 * g * x[0].sin();
    let f1 = s * y[0] * y[0] - g * x[1].sin();
    let det = 2.0 - c * c;
    out[0] = (f0 - c * f1) / det;
    out[1] = (2.0 * f1 - c * f0) / det;
}

#[test]
fn the_double_pendulums_five_terms_from_noisy_angles() {
    let mut rng = stream(5, Purpose::TrainData, "starts");
    let mut angle = || uniform(&mut rng, -1.5, 1.5);
    let starts: Vec<_> = (0..20)
        .map(|_| (vec![angle(), angle()], vec![0.0; 2]))
        .collect();
    let search = || SparseLagrangian::new(FunctionLibrary::lagrangian(2, &[0, 1]).unwrap());
    let five = [
        ("y₁²", 0.5),
        ("y₂²", 0.25),
        ("y₁ y₂ cos(x₁ − x₂)", 0.5),
        ("cos x₁", 9.81),
        ("cos x₂", 4.905),
    ];
    let clean = motions(&double_pendulum, &starts, 0.01, 500, 0.0);
    let found = search().fit(&clean.smoothed(3, 5)).unwrap();
    assert_is(&found, &five, 1e-4);
    // σ = 0.01 on the angles, dt = 0.01.
    let noisy = motions(&double_pendulum, &starts, 0.01, 500, 0.01);
    let found = search().fit(&noisy.smoothed(10, 4)).unwrap();
    assert_is(&found, &five, 0.1);
    let refined = found.refined(&noisy.recording()).unwrap();
    assert_is(&refined, &five, 0.003);
    assert!(refined.friction().is_empty(), "{}", refined.formula());
}

#[test]
fn forcing_of_known_and_of_unknown_gain() {
    // 2 ẏ = −2·3 sin x − 0.4 y + τ: L = y² + 6 cos x where the gain is known to be 1.
    let torque = |t: f64| 1.5 * (0.7 * t).sin() + 0.5 * (2.3 * t).cos();
    let law = |x: &[f64], y: &[f64], t: f64, out: &mut [f64]| {
        out[0] = -3.0 * x[0].sin() - 0.2 * y[0] + 0.5 * torque(t);
    };
    let exact = motions(&law, &swings(&AMPLITUDES), 0.05, 300, 0.0);
    let tau: Vec<f64> = exact.t.iter().map(|t| torque(*t)).collect();
    let search = || SparseLagrangian::new(FunctionLibrary::lagrangian(1, &[0]).unwrap());
    let forcing = Forcing::new(1, tau).unwrap();
    let known = forcing.clone().with_gains(vec![1.0]).unwrap();
    let data = exact.exact().with_forcing(known).unwrap();
    let found = search().fit(&data).unwrap();
    assert_is(&found, &[("y²", 1.0), ("cos x", 6.0)], 1e-9);
    assert!((found.friction()[0].coefficient.value - 0.4).abs() < 1e-9);
    assert!(found.relative_errors_on(&data).unwrap()[0] < 1e-9);
    let data = exact.exact().with_forcing(forcing).unwrap();
    let found = search().fit(&data).unwrap();
    assert_is(&found, &[("y²", 0.5), ("cos x", 3.0)], 1e-9);
    assert!((found.gains()[0].coefficient.value - 0.5).abs() < 1e-9);
    assert!(found.refined(&exact.recording()).unwrap_err().is_request());
    assert_eq!(
        found.formula(),
        "L = 0.5000 y² + 3.000 cos x; friction −0.2000 y; force 0.5000 τ on x"
    );
}

#[test]
fn what_data_do_not_tell_is_not_told() {
    let law = pendulum(0.0);
    let search = || SparseLagrangian::new(FunctionLibrary::lagrangian(1, &[0]).unwrap());
    let one = motions(&law, &swings(&[1.5]), 0.05, 300, 0.0);
    let verdict = search().fit(&one.exact()).unwrap().verdict().to_string();
    assert!(
        verdict.starts_with("not told by these data: all states have nearly one energy"),
        "{verdict}"
    );
    assert!(verdict.contains("second amplitude"), "{verdict}");
    // A law that has no such Lagrangian, on states at random.
    let mut rng = stream(1, Purpose::TrainData, "random");
    let mut random = || {
        (0..300)
            .map(|_| uniform(&mut rng, -1.0, 1.0))
            .collect::<Vec<f64>>()
    };
    let states = Dataset::new("random", 1, random(), random(), random()).unwrap();
    let found = search().fit(&MotionData::new(states)).unwrap();
    assert!(
        matches!(found.verdict(), Verdict::NoFormula { .. }),
        "{}",
        found.verdict()
    );
    // Free fall: the mass is never nearly singular, and L is found.
    let fall = |_: &[f64], _: &[f64], _: f64, out: &mut [f64]| out[0] = -9.81;
    let fall = motions(&fall, &swings(&[0.0, 1.0, 5.0]), 0.01, 100, 0.0);
    let library = FunctionLibrary::lagrangian(1, &[]).unwrap();
    let found = SparseLagrangian::new(library).fit(&fall.exact()).unwrap();
    assert_is(&found, &[("y²", 0.5), ("x", -9.81)], 1e-9);
}

#[test]
fn a_spring_between_two_pendulums_is_none_of_their_cosines() {
    // L = ½y₁² + ½y₂² + 9 (cos x₁ + cos x₂) − 2 (x₁ − x₂)², at states that are drawn evenly.
    let mut rng = stream(0, Purpose::TrainData, "joined");
    let (mut x, mut y, mut a) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..400 {
        let [x1, x2, y1, y2] = [(); 4].map(|()| uniform(&mut rng, -0.8, 0.8));
        x.extend([x1, x2]);
        y.extend([y1, y2]);
        a.extend([
            -9.0 * x1.sin() - 4.0 * (x1 - x2),
            -9.0 * x2.sin() - 4.0 * (x2 - x1),
        ]);
    }
    let data = MotionData::new(Dataset::new("joined", 2, x, y, a).unwrap());
    let springs = FunctionLibrary::springs_of_angles(2, &[0, 1]).unwrap();
    let library = FunctionLibrary::textbook(2, &[0, 1]).unwrap();
    let library = library.and(springs).unwrap();
    let law = SparseLagrangian::new(library).fit(&data).unwrap();
    let expected = [
        ("y₁²", 0.5),
        ("y₂²", 0.5),
        ("cos x₁", 9.0),
        ("cos x₂", 9.0),
        ("x₁²", -2.0),
        ("x₁ x₂", 4.0),
        ("x₂²", -2.0),
    ];
    assert_is(&law, &expected, 1e-6);
}

#[test]
fn a_large_library_does_not_cancel_itself() {
    // Powers and cosines of the angle together: Taylor's ½(1 − cos x) ≈ x²/4 may not stand against itself.
    let law = pendulum(0.0);
    let angle = FunctionLibrary::lagrangian(1, &[0]).unwrap();
    let both = angle
        .and(FunctionLibrary::lagrangian(1, &[]).unwrap())
        .unwrap();
    let noisy = motions(&law, &swings(&AMPLITUDES), 0.05, 300, 0.03).smoothed(12, 5);
    let found = SparseLagrangian::new(both).fit(&noisy).unwrap();
    assert_is(&found, &[("y²", 0.5), ("cos x", 1.0)], 0.05);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_law_is_the_same_in_any_units(length in -9.0..9.0_f64, time in -4.0..6.0_f64) {
        let (length, time) = (10.0_f64.powf(length), 10.0_f64.powf(time));
        let cubic = |x: &[f64], y: &[f64], _: f64, out: &mut [f64]| {
            out[0] = -x[0] - x[0].powi(3) - 0.05 * y[0];
        };
        let data = motions(&cubic, &swings(&[0.5, 1.0, 1.5]), 0.05, 100, 0.0).exact();
        let library = FunctionLibrary::lagrangian(1, &[]).unwrap();
        let found = SparseLagrangian::new(library).fit(&in_units(&data, length, time)).unwrap();
        let square = 1.0 / (time * time);
        assert_is(&found, &[("y²", 0.5), ("x²", -0.5 * square), ("x⁴", -0.25 * square / (length * length))], 1e-8);
        let friction = found.friction()[0].coefficient.value;
        prop_assert!((friction * time / 0.05 - 1.0).abs() < 1e-8);
    }
}

#[test]
fn conserved_quantities_are_found_and_no_functions_of_them() {
    let kepler = |x: &[f64], _: &[f64], _: f64, out: &mut [f64]| {
        let cube = (x[0] * x[0] + x[1] * x[1]).powf(1.5);
        (out[0], out[1]) = (-x[0] / cube, -x[1] / cube);
    };
    let starts: Vec<_> = [(1.0, 0.9), (1.2, 0.7), (0.9, 1.2), (1.1, 0.8), (1.3, 1.0)]
        .map(|(x, y)| (vec![x, 0.0], vec![0.1, y]))
        .to_vec();
    let data = motions(&kepler, &starts, 0.02, 300, 0.0).exact();
    let radius =
        FunctionLibrary::new(2, [Function::new([Factor::Radius(vec![0, 1], -1)])]).unwrap();
    let library = FunctionLibrary::polynomials(2, 2)
        .unwrap()
        .and(radius)
        .unwrap();
    let found = ConservedSearch::new(library).find(&data).unwrap();
    let mut texts: Vec<String> = found.iter().map(|q| q.formula()).collect();
    texts.sort();
    assert_eq!(
        texts,
        [
            "Q = 0.5000 y₁² + 0.5000 y₂² − 1.000/√(x₁² + x₂²)",
            "Q = 1.000 x₁ y₂ − 1.000 x₂ y₁"
        ]
    );
    let values = data
        .states()
        .iter()
        .take(300)
        .map(|s| found[0].value(s.x, s.y));
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(a, b), v: f64| (a.min(v), b.max(v)));
    assert!(high - low < 1e-6);
    // A damped pendulum keeps nothing.
    let data = motions(&pendulum(0.1), &swings(&AMPLITUDES), 0.05, 300, 0.0).exact();
    let library = FunctionLibrary::lagrangian(1, &[0]).unwrap();
    assert!(
        ConservedSearch::new(library.clone())
            .find(&data)
            .unwrap()
            .is_empty()
    );
    assert!(
        ConservedSearch::new(library)
            .tolerance(2.0)
            .find(&data)
            .unwrap_err()
            .is_request()
    );
}

/// Python's or Rust's answer to what is printed, or none where the program is not there.
fn answer(program: &str, arguments: &[&std::ffi::OsStr]) -> Option<String> {
    let out = Command::new(program).args(arguments).output().ok()?;
    let errors = String::from_utf8_lossy(&out.stderr);
    if errors.contains("No module named") {
        return None;
    }
    assert!(out.status.success(), "{errors}");
    Some(String::from_utf8(out.stdout).unwrap())
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect()
}

/// A double pendulum in degrees with friction and a torque, a law in which everything occurs.
fn exported() -> LagrangianLaw {
    let torque = |t: f64| (1.3 * t).sin();
    let law = |x: &[f64], y: &[f64], t: f64, out: &mut [f64]| {
        double_pendulum(x, y, t, out);
        let c = (x[0] - x[1]).cos();
        // Q₀ = −0.1 y₁ + τ, by the inverse of the mass matrix (2, c; c, 1).
        let q = torque(t) - 0.1 * y[0];
        out[0] += q / (2.0 - c * c);
        out[1] -= c * q / (2.0 - c * c);
    };
    let starts = [
        (0.5, 1.0),
        (-1.0, 0.3),
        (1.2, -0.8),
        (0.1, -1.4),
        (-0.7, -0.9),
    ];
    let starts = starts.map(|(a, b)| (vec![a, b], vec![0.0; 2]));
    let exact = motions(&law, &starts, 0.02, 200, 0.0);
    let degrees = 180.0 / PI;
    let tau: Vec<f64> = exact.t.iter().map(|t| torque(*t)).collect();
    let forcing = Forcing::new(1, tau).unwrap();
    let data = in_units(&exact.exact(), degrees, 1.0)
        .with_forcing(forcing)
        .unwrap();
    let library = FunctionLibrary::lagrangian(2, &[0, 1]).unwrap();
    SparseLagrangian::new(library)
        .angle_units(vec![degrees; 2])
        .fit(&data)
        .unwrap()
}

#[test]
fn what_is_exported_predicts_what_the_law_predicts() {
    let law = exported();
    assert_eq!(
        (law.friction().len(), law.gains().len()),
        (1, 1),
        "{}",
        law.formula()
    );
    let (x, y, tau) = ([20.0, -50.0], [100.0, 30.0], [0.7]);
    let mut right = [0.0; 2];
    law.forced_acceleration(&x, &y, &tau, &mut right);
    let value = mass_systems::Lagrangian::value(&law, &x, &y);
    let agree = |found: Vec<f64>| {
        assert_eq!(found.len(), 3);
        for (found, right) in found.iter().zip([right[0], right[1], value]) {
            assert!(
                (found - right).abs() < 1e-11 * right.abs(),
                "{found} for {right}"
            );
        }
    };
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let python = format!(
        "{}\na = acceleration([20.0, -50.0], [100.0, 30.0], [0.7])\nprint(repr(float(a[0])), repr(float(a[1])), \
         repr(float(lagrangian([20.0, -50.0], [100.0, 30.0]))))\n",
        law.numpy()
    );
    let file = folder.join("exported.py");
    std::fs::write(&file, python).unwrap();
    if let Some(text) = answer("python3", &[file.as_os_str()]) {
        agree(numbers(&text));
    }
    let rust = format!(
        "{}\nfn main() {{\n    let (x, y) = ([20.0, -50.0], [100.0, 30.0]);\n    let a = acceleration(x, y, [0.7]);\n    \
         println!(\"{{:?}} {{:?}} {{:?}}\", a[0], a[1], lagrangian(x, y));\n}}\n",
        law.rust()
    );
    let file = folder.join("exported.rs");
    std::fs::write(&file, rust).unwrap();
    let program = folder.join("exported");
    let arguments = [file.as_os_str(), "-o".as_ref(), program.as_os_str()];
    if answer("rustc", &arguments).is_some() {
        agree(numbers(&answer(program.to_str().unwrap(), &[]).unwrap()));
    }
}

#[test]
fn laws_that_are_sums_are_exported_as_well() {
    let data = |purpose| {
        let system = lookup("henon_heiles").unwrap();
        sample(&*system, 300, &mut stream(0, purpose, "export")).unwrap()
    };
    let library = FunctionLibrary::polynomials(2, 2).unwrap();
    let search = mass_sparse::SparseRegression::new(library);
    let law = search
        .fit(&data(Purpose::TrainData), &data(Purpose::TestData))
        .unwrap();
    assert_eq!(
        law.latex(),
        [
            r"\ddot{x_{1}} = -1.000 x_{1} - 2.000 x_{1} x_{2}",
            r"\ddot{x_{2}} = -1.000 x_{2} - 1.000 x_{1}^{2} + 1.000 x_{2}^{2}"
        ]
    );
    let mut right = [0.0; 2];
    law.acceleration(&[0.3, -0.2], &[0.1, 0.5], &mut right);
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("sum.py");
    let python = law.numpy()
        + "\na = acceleration([0.3, -0.2], [0.1, 0.5])\nprint(repr(float(a[0])), repr(float(a[1])))\n";
    std::fs::write(&file, python).unwrap();
    let close = |text: String| {
        for (found, right) in numbers(&text).iter().zip(right) {
            assert!((found - right).abs() < 1e-13, "{text}");
        }
    };
    if let Some(text) = answer("python3", &[file.as_os_str()]) {
        close(text);
    }
    let file = folder.join("sum.rs");
    let rust = law.rust()
        + "\nfn main() {\n    let a = acceleration([0.3, -0.2], [0.1, 0.5], []);\n    println!(\"{:?} {:?}\", a[0], a[1]);\n}\n";
    std::fs::write(&file, rust).unwrap();
    let program = folder.join("sum");
    let arguments = [file.as_os_str(), "-o".as_ref(), program.as_os_str()];
    if answer("rustc", &arguments).is_some() {
        close(answer(program.to_str().unwrap(), &[]).unwrap());
    }
}

#[test]
fn formulas_read_as_one_writes_them() {
    let law = pendulum(0.1);
    let exact = motions(&law, &swings(&AMPLITUDES), 0.05, 300, 0.0).exact();
    let library = FunctionLibrary::lagrangian(1, &[0]).unwrap();
    let found = SparseLagrangian::new(library).fit(&exact).unwrap();
    assert_eq!(
        found
            .in_natural_units()
            .rounded()
            .in_natural_units()
            .latex(),
        r"L = \frac{1}{2} \dot{x}^{2} + \cos x, \quad Q = -\frac{1}{10} \dot{x}"
    );
    assert_eq!(
        found.text(),
        "L = 0.5000 y² + 1.000 cos x; friction −0.1000 y\nẏ = −1.000 sin x − 0.1000 y"
    );
    let springs = FunctionLibrary::lagrangian(2, &[]).unwrap();
    let found = SparseLagrangian::new(springs)
        .fit(&states("coupled_oscillators(2,0.5)", 600))
        .unwrap();
    assert!(
        found.text().ends_with("(1.000) ẏ₂ = 0.5000 x₁ − 1.500 x₂"),
        "{}",
        found.text()
    );
    // The same motion has another Lagrangian, with y₁ y₂ for x₁ x₂, and it is named.
    let others: Vec<&str> = found
        .alternatives()
        .iter()
        .map(|one| &one.text[..])
        .collect();
    assert!(
        others.iter().any(|text| text.contains("y₁ y₂")),
        "{others:?}"
    );
}

/// The same motions of other coordinates, q = A x, of two.
fn in_coordinates(data: &MotionData, a: [[f64; 2]; 2]) -> MotionData {
    let states = data.states();
    let of = |values: &[f64]| -> Vec<f64> {
        let rows = values.chunks(2);
        let new = |row: &[f64]| a.map(|a| a[0] * row[0] + a[1] * row[1]);
        rows.flat_map(new).collect()
    };
    let [x, y, acceleration] = [states.x(), states.y(), states.acceleration()].map(of);
    MotionData::new(Dataset::new("moved", 2, x, y, acceleration).unwrap())
}

#[test]
fn of_linear_motions_the_law_of_masses_and_springs_is_taken_and_a_choice_is_named() {
    let library = || FunctionLibrary::lagrangian(2, &[]).unwrap();
    let carts = states("coupled_oscillators(2,0.5)", 400);
    let law = SparseLagrangian::new(library()).fit(&carts).unwrap();
    assert_eq!(law.terms().len(), 5, "{}", law.formula());
    assert_eq!(law.choice(), None, "{}", law.formula());
    // The place of the first and the way from it to the second: no choice of terms is without products of velocities
    // of unlike masses.
    let apart = in_coordinates(&carts, [[1.0, 0.0], [-1.0, 1.0]]);
    let law = SparseLagrangian::new(library()).fit(&apart).unwrap();
    let joined = law.formula().contains("y₁ y₂");
    assert_eq!(law.choice().is_some(), joined, "{}", law.formula());
    assert!(joined, "{}", law.formula());
    // A double pendulum has such products and is not linear.
    let double = states("double_pendulum", 600);
    let library = FunctionLibrary::textbook(2, &[0, 1]).unwrap();
    let law = SparseLagrangian::new(library).fit(&double).unwrap();
    assert_eq!(law.choice(), None, "{}", law.formula());
}

#[test]
fn bad_requests_say_what_would_be_right() {
    let library = || FunctionLibrary::lagrangian(1, &[0]).unwrap();
    let search = || SparseLagrangian::new(library());
    let data = || states("pendulum", 100);
    let text = |error: Error| error.to_string();
    assert!(
        text(search().fit(&states("henon_heiles", 50)).unwrap_err())
            .contains("of 2 degrees of freedom")
    );
    assert!(
        text(search().fit(&states("pendulum", 9)).unwrap_err()).starts_with("9 states are too few")
    );
    assert!(
        search()
            .precision(0.0)
            .fit(&data())
            .unwrap_err()
            .is_request()
    );
    assert!(
        search()
            .angle_units(vec![])
            .fit(&data())
            .unwrap_err()
            .is_request()
    );
    assert!(
        search()
            .most_terms(0)
            .fit(&data())
            .unwrap_err()
            .is_request()
    );
    let still = FunctionLibrary::new(1, [Function::new([Factor::Position(0, 1)])]).unwrap();
    let error = text(SparseLagrangian::new(still).fit(&data()).unwrap_err());
    assert!(
        error.contains("no function that is quadratic in the velocity"),
        "{error}"
    );
    assert!(data().with_trajectories(vec![0; 3]).is_err());
    assert!(data().with_weights(vec![0.0; 100]).is_err());
    assert!(Forcing::new(0, vec![]).is_err() && Forcing::new(1, vec![f64::NAN]).is_err());
    let three = Forcing::new(1, vec![0.0; 3]).unwrap();
    assert!(three.clone().with_gains(vec![]).is_err());
    assert!(data().with_forcing(three).is_err());
    assert!(Recording::new(1, vec![0; 2], vec![0.0, 0.0], vec![0.0; 2]).is_err());
    assert!(Recording::new(1, vec![0; 2], vec![0.0, 1.0], vec![f64::NAN; 2]).is_err());
    assert!(Recording::new(2, vec![0; 2], vec![0.0, 1.0], vec![0.0; 2]).is_err());
    assert!(FunctionLibrary::lagrangian(1, &[1]).is_err());
}

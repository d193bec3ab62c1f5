//! The known laws as weights of the shared layer, on every system that has a Lagrangian.

use crate::common::{derivatives, tensor, values};
use burn::tensor::{DType, Device, Tensor};
use mass_jet::Jet;
use mass_systems::{Purpose, Quantity, ScalarDerivatives, System, all, sample, stream};
use mass_terms::{Derivatives, Library, Mask, Point, term_sum};

const STATES: usize = 40;

fn point(x: &[f64], y: &[f64], s: ScalarDerivatives) -> Point {
    let ScalarDerivatives {
        s_x,
        s_y,
        s_xx,
        s_yy,
        s_xy,
        ..
    } = s;
    Point {
        x: x.to_vec(),
        y: y.to_vec(),
        s_x,
        s_y,
        s_xx,
        s_yy,
        s_xy,
        ..Point::default()
    }
}

/// The prediction of fixed weights from exact derivatives, `[N, d]`.
fn predict(weights: &[(&str, f64)], derivatives: &Derivatives) -> Vec<f64> {
    let library = Library::standard();
    let mut w = vec![0.0; 172];
    for (name, weight) in weights {
        w[library.find(name).unwrap()] = *weight;
    }
    let device = derivatives.device();
    let b = Tensor::<1>::zeros([1], (&device, DType::F64));
    let mask = Mask::released(&library);
    let sum = term_sum(
        &library,
        &mask,
        derivatives,
        b,
        tensor(w, [1, 172], &device),
    )
    .unwrap();
    values(sum.prediction)
}

fn agree(found: &[f64], expected: &[f64], system: &dyn System) {
    for (found, expected) in found.iter().zip(expected) {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-8 * (1.0 + expected.abs()),
            "{}: {found} against {expected}",
            system.id()
        );
    }
}

#[test]
fn two_weights_are_the_euler_lagrange_equation() {
    let device = Device::flex();
    let mut dimensions = Vec::new();
    for system in all() {
        let Some(law) = system.lagrangian() else {
            continue;
        };
        let states = sample(
            &*system,
            STATES,
            &mut stream(3, Purpose::TestData, &system.id()),
        )
        .unwrap();
        let points: Vec<Point> = states
            .iter()
            .map(|s| {
                point(
                    s.x,
                    s.y,
                    law.derivatives(Quantity::Lagrangian, s.x, s.y).unwrap(),
                )
            })
            .collect();
        let found = predict(
            &[("Syy^-1 Sx", 1.0), ("Syy^-1 Sxy y", -1.0)],
            &derivatives(&points, 1, &device),
        );
        agree(&found, states.acceleration(), &*system);
        dimensions.push(system.dof());
    }
    for d in [1, 2, 4, 6] {
        assert!(
            dimensions.contains(&d),
            "no system of {d} dimensions was seen"
        );
    }
    assert!(dimensions.len() >= 10, "{dimensions:?}");
}

#[test]
fn one_weight_is_hamiltons_equation_where_coordinates_are_canonical() {
    // H = T + V with T = ½ y·y and V = V(x): momenta are velocities, and ẏ = −H_x.
    let device = Device::flex();
    let mut seen = Vec::new();
    for system in all() {
        let Some(law) = system.lagrangian() else {
            continue;
        };
        let states = sample(
            &*system,
            STATES,
            &mut stream(4, Purpose::TestData, &system.id()),
        )
        .unwrap();
        let points: Option<Vec<Point>> = states
            .iter()
            .map(|s| {
                let h = law.derivatives(Quantity::Hamiltonian, s.x, s.y)?;
                let d = s.x.len();
                let unit =
                    (0..d * d).all(|i| (h.s_yy[i] - f64::from(i % (d + 1) == 0)).abs() < 1e-12);
                let separable = h.s_xy.iter().all(|v| v.abs() < 1e-12);
                // In a magnetic field H looks like the others', but the momentum is not the velocity.
                let momentum = law.derivatives(Quantity::Lagrangian, s.x, s.y)?.s_y;
                let pairs = momentum.iter().zip(s.y);
                let canonical = pairs.into_iter().all(|(p, y)| (p - y).abs() < 1e-12);
                (unit && separable && canonical).then(|| point(s.x, s.y, h))
            })
            .collect();
        let Some(points) = points else { continue };
        let found = predict(&[("Sx", -1.0)], &derivatives(&points, 1, &device));
        agree(&found, states.acceleration(), &*system);
        seen.push(system.id());
    }
    for id in ["classical", "pendulum", "kepler", "two_body"] {
        assert!(
            seen.iter().any(|seen| seen == id),
            "{id} is not among {seen:?}"
        );
    }
    assert!(!seen.contains(&"charge_in_field".to_string()));
}

#[test]
fn a_jet_is_taken_apart_with_rows_of_s_xy_over_y() {
    // The double pendulum's L as a jet [1, N, n], [1, N, n, n]: if S_xy were transposed, this fails.
    let device = Device::flex();
    let system = mass_systems::lookup("double_pendulum").unwrap();
    let law = system.lagrangian().unwrap();
    let d = 2;
    let states = sample(&*system, STATES, &mut stream(5, Purpose::TestData, "jet")).unwrap();
    let (mut coordinates, mut gradient, mut hessian, mut value) = (vec![], vec![], vec![], vec![]);
    for s in states.iter() {
        let l = law.derivatives(Quantity::Lagrangian, s.x, s.y).unwrap();
        value.push(l.value);
        coordinates.extend(s.x.iter().chain(s.y));
        gradient.extend(l.s_x.iter().chain(&l.s_y));
        for row in 0..2 * d {
            for column in 0..2 * d {
                hessian.push(match (row < d, column < d) {
                    (true, true) => l.s_xx[row * d + column],
                    (true, false) => l.s_xy[(column - d) * d + row],
                    (false, true) => l.s_xy[(row - d) * d + column],
                    (false, false) => l.s_yy[(row - d) * d + column - d],
                });
            }
        }
    }
    let n = 2 * d;
    let jet = Jet::new(
        tensor(value, [1, STATES], &device),
        tensor(gradient, [1, STATES, n], &device),
        tensor(hessian, [1, STATES, n, n], &device),
    )
    .unwrap();
    let coordinates = tensor(coordinates, [1, STATES, n], &device);
    let derivatives = Derivatives::from_jet(&coordinates, &jet).unwrap();
    let found = predict(&[("Syy^-1 Sx", 1.0), ("Syy^-1 Sxy y", -1.0)], &derivatives);
    agree(&found, states.acceleration(), &*system);

    let odd = Tensor::<3>::zeros([1, STATES, 3], (&device, DType::F64));
    assert!(Derivatives::from_jet(&odd, &jet).is_err());
    let short = Tensor::<3>::zeros([1, 2, n], (&device, DType::F64));
    assert!(
        Derivatives::from_jet(&short, &jet)
            .unwrap_err()
            .to_string()
            .starts_with("the gradient of the jet has shape [1, 40, 4]")
    );
    let single = coordinates.cast(DType::F32);
    assert!(
        Derivatives::from_jet(&single, &jet)
            .unwrap_err()
            .to_string()
            .starts_with("the jet is F64")
    );
}

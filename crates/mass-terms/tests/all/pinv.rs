//! The pseudo-inverse against nalgebra's, the Moore–Penrose conditions and finite differences.

use crate::common::{difference, tensor, values};
use approx::assert_relative_eq;
use burn::tensor::{Device, Tensor};
use mass_terms::pinv;
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A random matrix of small dyadic numbers and of this rank: sums of their products are exact, so
/// the rank is too.
fn of_rank(d: usize, rank: usize, stream: &mut ChaCha8Rng) -> (DMatrix<f64>, DMatrix<f64>) {
    let mut draw = |rows, columns| {
        DMatrix::from_fn(rows, columns, |_, _| {
            f64::from(stream.random_range(-16_i32..=16)) / 8.0
        })
    };
    (draw(d, rank), draw(rank, d))
}

fn row_major(m: &DMatrix<f64>) -> Vec<f64> {
    m.transpose().as_slice().to_vec()
}

/// The four conditions that define the pseudo-inverse (Penrose 1955).
fn is_inverse(a: &DMatrix<f64>, p: &DMatrix<f64>, tolerance: f64) -> bool {
    let (ap, pa) = (a * p, p * a);
    (&ap * a - a).norm() <= tolerance * (1.0 + a.norm())
        && (&pa * p - p).norm() <= tolerance * (1.0 + p.norm())
        && (ap.transpose() - &ap).norm() <= tolerance
        && (pa.transpose() - &pa).norm() <= tolerance
}

fn oracle(a: &DMatrix<f64>, epsilon: f64) -> DMatrix<f64> {
    let svd = a.clone().svd(true, true);
    let cut = a.nrows() as f64 * epsilon * svd.singular_values.max();
    svd.pseudo_inverse(cut).unwrap()
}

#[test]
fn values_are_the_pseudo_inverse_for_every_rank() {
    let mut compared = 0;
    let device = Device::flex();
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    for d in [1, 2, 3, 4, 5, 6, 8] {
        for rank in 0..=d {
            let matrices: Vec<DMatrix<f64>> = (0..20)
                .map(|_| {
                    let (u, v) = of_rank(d, rank, &mut stream);
                    u * v
                })
                .collect();
            let a = tensor(
                matrices.iter().flat_map(row_major).collect(),
                [4, 5, d, d],
                &device,
            );
            let found = values(pinv(a).unwrap());
            for (a, p) in matrices.iter().zip(found.chunks_exact(d * d)) {
                let p = DMatrix::from_row_slice(d, d, p);
                let condition = a.norm() * p.norm();
                let tolerance = 1e-13 * (1.0 + condition * condition);
                assert!(
                    is_inverse(a, &p, tolerance),
                    "d = {d}, rank {rank}: {a} has no inverse {p}"
                );
                // nalgebra's own answer fails the conditions now and then for d ≥ 6.
                let expected = oracle(a, f64::EPSILON);
                if is_inverse(a, &expected, tolerance) {
                    let error = (&p - &expected).norm();
                    assert!(
                        error <= tolerance * (1.0 + p.norm()),
                        "d = {d}, rank {rank}: {error}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 650, "nalgebra was right {compared} times only");
}

#[test]
fn small_singular_values_are_dropped_by_the_precision_at_hand() {
    let device = Device::flex();
    // σ = 1 and 1e-7: below 2 ε in f32, far above it in f64.
    let a = || tensor(vec![1.0, 0.0, 0.0, 1e-7], [1, 1, 2, 2], &device);
    assert_relative_eq!(
        values(pinv(a()).unwrap())[..],
        [1.0, 0.0, 0.0, 1e7][..],
        epsilon = 1e-14,
        max_relative = 1e-14
    );
    let single = pinv(a().cast(burn::tensor::DType::F32)).unwrap();
    assert_relative_eq!(
        values(single)[..],
        [1.0, 0.0, 0.0, 0.0][..],
        epsilon = 1e-6,
        max_relative = 1e-6
    );
    // A scale of its own means nothing.
    let tiny = tensor(vec![3e-200, 0.0, 0.0, 1e-200], [1, 1, 2, 2], &device);
    let found: Vec<f64> = values(pinv(tiny).unwrap())
        .iter()
        .map(|v| v * 1e-200)
        .collect();
    assert_relative_eq!(
        found[..],
        [1.0 / 3.0, 0.0, 0.0, 1.0][..],
        epsilon = 1e-14,
        max_relative = 1e-14
    );
}

#[test]
fn what_is_not_finite_stays_alone() {
    let device = Device::flex().autodiff();
    for bad in [f64::NAN, f64::INFINITY] {
        let a = tensor(
            vec![2.0, 1.0, 0.0, 1.0, bad, 0.0, 0.0, 1.0],
            [2, 1, 2, 2],
            &device,
        )
        .require_grad();
        let p = pinv(a.clone()).unwrap();
        let found = values(p.clone());
        assert_relative_eq!(
            found[..4],
            [0.5, -0.5, 0.0, 1.0][..],
            epsilon = 1e-15,
            max_relative = 1e-15
        );
        assert!(found[4..].iter().all(|v| v.is_nan()));
        let gradient = values(a.grad(&p.sum().backward()).unwrap());
        assert!(gradient[..4].iter().all(|v| v.is_finite()), "{gradient:?}");
    }
}

#[test]
fn a_matrix_that_is_not_square_is_refused() {
    let error = pinv(Tensor::<4>::zeros([1, 2, 2, 3], &Device::flex())).unwrap_err();
    assert!(error.to_string().contains("[1, 2, 2, 3]"), "{error}");
}

/// Σ c_i P_i of the pseudo-inverses of U V for the entries (U, V) of one matrix of rank r.
fn weighted(entries: Tensor<1>, d: usize, rank: usize, weights: &[f64]) -> Tensor<1> {
    let device = entries.device();
    let u = entries
        .clone()
        .narrow(0, 0, d * rank)
        .reshape([1, 1, d, rank]);
    let v = entries
        .narrow(0, d * rank, d * rank)
        .reshape([1, 1, rank, d]);
    let weights = tensor(weights.to_vec(), [1, 1, d, d], &device);
    (pinv(u.matmul(v)).unwrap() * weights).sum()
}

#[test]
fn gradients_are_finite_differences_along_each_rank() {
    let (plain, tracked) = (Device::flex(), Device::flex().autodiff());
    let mut stream = ChaCha8Rng::seed_from_u64(2);
    let h = 1.0 / 1024.0; // dyadic, so that the shifted matrix has exactly the same rank
    for d in 1..=6_usize {
        for rank in [1, d.div_ceil(2), d] {
            let (mut u, mut v) = of_rank(d, rank, &mut stream);
            for i in 0..rank {
                u[(i, i)] += 5.0; // away from a change of rank
                v[(i, i)] += 5.0;
            }
            let entries = [row_major(&u), row_major(&v)].concat();
            let weights: Vec<f64> = (0..d * d).map(|_| stream.random_range(-1.0..1.0)).collect();
            let leaf = tensor(entries.clone(), [entries.len()], &tracked).require_grad();
            let gradients = weighted(leaf.clone(), d, rank, &weights).backward();
            let found = values(leaf.grad(&gradients).unwrap());
            let f = |at: &[f64]| {
                values(weighted(
                    tensor(at.to_vec(), [at.len()], &plain),
                    d,
                    rank,
                    &weights,
                ))[0]
            };
            let expected: Vec<f64> = (0..entries.len())
                .map(|i| difference(&entries, i, h, &f))
                .collect();
            let scale = expected.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            for (found, expected) in found.iter().zip(&expected) {
                let error = (found - expected).abs();
                assert!(
                    error <= 1e-6 * scale,
                    "d = {d}, rank {rank}: {found} against {expected}"
                );
            }
        }
    }
}

#[test]
fn the_gradient_at_zero_is_zero() {
    let device = Device::flex().autodiff();
    for d in 1..=3 {
        let a = tensor(vec![0.0; d * d], [1, 1, d, d], &device).require_grad();
        let p = pinv(a.clone()).unwrap();
        assert!(values(p.clone()).iter().all(|&v| v == 0.0));
        assert!(
            values(a.grad(&p.sum().backward()).unwrap())
                .iter()
                .all(|&v| v == 0.0)
        );
    }
}

//! The fast route against term-by-term nalgebra, finite differences and itself.

use crate::common::{derivatives, difference, from_lists, points, tensor, values};
use approx::assert_relative_eq;
use burn::tensor::{DType, Device, Tensor};
use mass_terms::{
    Derivatives, Error, Library, Mask, Matrix, Point, Term, Vector, evaluate, evaluate_point,
    term_sum,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Values [E, B, T, d] by the host route, `b` per member.
fn host(library: &Library, points: &[Point], b: &[f64]) -> Vec<f64> {
    let batch = points.len() / b.len();
    points
        .iter()
        .enumerate()
        .flat_map(|(i, point)| evaluate_point(library, point, b[i / batch]).unwrap())
        .flatten()
        .collect()
}

/// Checks both routes on a library, and `term_sum` under a mask against sums of the values.
fn check(library: &Library, mask: &Mask, d: usize, seed: u64) {
    let device = Device::flex();
    let (members, batch, terms) = (2, 3, library.len());
    let points = points(members, batch, d, seed);
    let b = vec![0.0, 0.4];
    let w: Vec<f64> = {
        let mut stream = ChaCha8Rng::seed_from_u64(seed + 1);
        (0..members * terms)
            .map(|_| stream.random_range(-1.0..1.0))
            .collect()
    };
    let derivatives = derivatives(&points, members, &device);
    let expected = host(library, &points, &b);
    let b = tensor(b, [members], &device);

    let found = evaluate(library, &derivatives, b.clone()).unwrap();
    assert_eq!(found.dims(), [members, batch, terms, d]);
    assert_relative_eq!(
        values(found)[..],
        expected[..],
        epsilon = 1e-12,
        max_relative = 1e-12
    );

    let sum = term_sum(
        library,
        mask,
        &derivatives,
        b,
        tensor(w.clone(), [members, terms], &device),
    )
    .unwrap();
    assert_eq!(sum.prediction.dims(), [members, batch, d]);
    let (mut prediction, mut l1) = (vec![0.0; members * batch * d], vec![0.0; members]);
    for (i, value) in expected.iter().enumerate() {
        let (component, term, state) = (i % d, i / d % terms, i / d / terms);
        let member = state / batch;
        if mask.is_active(term) {
            let activation = w[member * terms + term] * value;
            prediction[state * d + component] += activation;
            l1[member] += activation.abs();
        }
    }
    assert_relative_eq!(
        values(sum.prediction)[..],
        prediction[..],
        epsilon = 1e-12,
        max_relative = 1e-12
    );
    assert_relative_eq!(
        values(sum.activation_l1)[..],
        l1[..],
        epsilon = 1e-12,
        max_relative = 1e-12
    );
}

#[test]
fn the_standard_library_agrees_with_the_host_route() {
    let library = Library::standard();
    let lagrangian = Mask::only(&library, &["Syy^-1 Sx", "Syy^-1 Sxy y"]).unwrap();
    let hamiltonian = Mask::only(&library, &["Sx"]).unwrap();
    let nothing: Mask = vec![false; 172].into();
    for d in [1, 2, 3, 4, 6] {
        for mask in [
            &Mask::all(172),
            &Mask::released(&library),
            &lagrangian,
            &hamiltonian,
            &nothing,
        ] {
            check(&library, mask, d, d as u64);
        }
    }
}

#[test]
fn more_degrees_of_freedom_than_the_fused_form_takes_are_composed() {
    let names = ["Sx", "Syy^-1 Sxy y", "Sxx Syy^-1 x"];
    let terms = names.map(|name| name.parse::<Term>().unwrap());
    let library = Library::from_terms(terms).unwrap();
    check(&library, &Mask::all(3), 17, 4);
}

#[test]
fn third_order_agrees_with_the_host_route() {
    let library = Library::products(&Vector::STANDARD[..2], &Matrix::standard(), 3).unwrap();
    for d in [1, 2] {
        check(&library, &Mask::released(&library), d, 7);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_library_and_any_mask_agree_with_the_host_route(
        names in prop::collection::hash_set("((Sxx|Syy|Sxy|Syx)(\\^-1)? ){0,4}(x|y|Sx|Sy)", 1..9),
        switches in prop::collection::vec(any::<bool>(), 9),
        d in 1..4_usize,
    ) {
        let library = Library::from_terms(names.iter().map(|name| name.parse().unwrap())).unwrap();
        let mask: Mask = switches[..library.len()].to_vec().into();
        check(&library, &mask, d, 11);
    }
}

#[test]
fn symbols_of_ones_own_are_evaluated() {
    let device = Device::flex();
    let own = Term::new(
        [Matrix {
            inverse: true,
            ..Matrix::named("M").unwrap()
        }],
        Vector::named("p").unwrap(),
    );
    let library = Library::from_terms([own, Vector::X.into()]).unwrap();
    let mut points = points(1, 2, 2, 3);
    let bare = derivatives(&points, 1, &device);
    let b = || Tensor::<1>::zeros([1], (&device, DType::F64));
    let error = evaluate(&library, &bare, b()).unwrap_err();
    assert!(matches!(error, Error::MissingSymbol { .. }), "{error}");

    for point in &mut points {
        point.vectors.insert("p".parse().unwrap(), vec![1.0, 2.0]);
        point
            .matrices
            .insert("M".parse().unwrap(), vec![0.0, 2.0, 4.0, 0.0]);
    }
    let p = tensor(vec![1.0, 2.0, 1.0, 2.0], [1, 2, 2], &device);
    let m = tensor([0.0, 2.0, 4.0, 0.0].repeat(2), [1, 2, 2, 2], &device);
    let full = bare
        .with_vector("p", p)
        .unwrap()
        .with_matrix("M", m)
        .unwrap();
    let found = values(evaluate(&library, &full, b()).unwrap());
    assert_relative_eq!(
        found[..],
        host(&library, &points, &[0.0])[..],
        epsilon = 1e-14,
        max_relative = 1e-14
    );
    assert_relative_eq!(
        found[..2],
        [0.5, 0.5][..],
        epsilon = 1e-14,
        max_relative = 1e-14
    );
}

/// The inputs of `term_sum` as one list of numbers, and a loss of both outputs.
struct Problem {
    library: Library,
    mask: Mask,
    members: usize,
    batch: usize,
    d: usize,
}

impl Problem {
    fn inputs(
        &self,
        device: &Device,
        flat: &[f64],
    ) -> (Vec<Tensor<3>>, Vec<Tensor<4>>, Tensor<1>, Tensor<2>) {
        let (e, b, d, t) = (self.members, self.batch, self.d, self.library.len());
        let mut at = 0;
        let mut take = |count: usize| {
            at += count;
            flat[at - count..at].to_vec()
        };
        let vectors = (0..4)
            .map(|_| tensor(take(e * b * d), [e, b, d], device))
            .collect();
        let matrices = (0..3)
            .map(|_| tensor(take(e * b * d * d), [e, b, d, d], device))
            .collect();
        (
            vectors,
            matrices,
            tensor(take(e), [e], device),
            tensor(take(e * t), [e, t], device),
        )
    }

    fn loss(
        &self,
        vectors: &[Tensor<3>],
        matrices: &[Tensor<4>],
        b: Tensor<1>,
        w: Tensor<2>,
    ) -> Tensor<1> {
        let derivatives = from_lists(
            std::array::from_fn(|i| vectors[i].clone()),
            std::array::from_fn(|i| matrices[i].clone()),
        )
        .unwrap();
        let sum = term_sum(&self.library, &self.mask, &derivatives, b, w).unwrap();
        let shape = sum.prediction.dims();
        let count = shape.iter().product::<usize>();
        let colours: Vec<f64> = (0..count).map(|i| (1.0 + i as f64).sin()).collect();
        let colours = tensor(colours, shape, &sum.prediction.device());
        (sum.prediction * colours).sum() + sum.activation_l1.sum() * 0.03
    }
}

#[test]
fn gradients_are_finite_differences() {
    let (plain, tracked) = (Device::flex(), Device::flex().autodiff());
    for d in [1, 2, 3] {
        let library = Library::standard();
        let mask = Mask::released(&library);
        let problem = Problem {
            library,
            mask,
            members: 2,
            batch: 2,
            d,
        };
        let mut stream = ChaCha8Rng::seed_from_u64(9);
        let shifts = [0.1, 0.3];
        // |a| has a kink at 0: states where no term comes near it.
        let points = (20..)
            .map(|seed| points(2, 2, d, seed))
            .find(|points| {
                host(&problem.library, points, &shifts)
                    .iter()
                    .all(|t| t.abs() > 1e-4)
            })
            .unwrap();
        let parts: [fn(&Point) -> &Vec<f64>; 7] = [
            |p| &p.x,
            |p| &p.y,
            |p| &p.s_x,
            |p| &p.s_y,
            |p| &p.s_xx,
            |p| &p.s_yy,
            |p| &p.s_xy,
        ];
        let mut flat: Vec<f64> = parts
            .iter()
            .flat_map(|part| points.iter().flat_map(part).copied().collect::<Vec<_>>())
            .collect();
        flat.extend(shifts);
        flat.extend((0..2 * 172).map(|_| stream.random_range(-1.0..1.0)));

        let (vectors, matrices, b, w) = problem.inputs(&tracked, &flat);
        let vectors: Vec<_> = vectors.into_iter().map(Tensor::require_grad).collect();
        let matrices: Vec<_> = matrices.into_iter().map(Tensor::require_grad).collect();
        let (b, w) = (b.require_grad(), w.require_grad());
        let gradients = problem
            .loss(&vectors, &matrices, b.clone(), w.clone())
            .backward();
        let mut found: Vec<f64> = Vec::new();
        found.extend(
            vectors
                .iter()
                .flat_map(|v| values(v.grad(&gradients).unwrap())),
        );
        found.extend(
            matrices
                .iter()
                .flat_map(|m| values(m.grad(&gradients).unwrap())),
        );
        found.extend(values(b.grad(&gradients).unwrap()));
        let dw = values(w.grad(&gradients).unwrap());
        for (i, &g) in dw.iter().enumerate() {
            assert!(
                problem.mask.is_active(i % 172) || g == 0.0,
                "a masked weight has gradient {g}"
            );
        }
        found.extend(dw);

        let f = |at: &[f64]| {
            let (vectors, matrices, b, w) = problem.inputs(&plain, at);
            values(problem.loss(&vectors, &matrices, b, w))[0]
        };
        // Every derivative, b and a sample of w.
        let inputs = flat.len() - 2 * 172;
        for i in (0..inputs).chain((inputs..flat.len()).step_by(7)) {
            let expected = difference(&flat, i, 1e-6, &f);
            let error = (found[i] - expected).abs();
            assert!(
                error <= 1e-6 * (1.0 + expected.abs()),
                "d = {d}, input {i}: {} against {expected}",
                found[i]
            );
        }
    }
}

#[test]
fn a_masked_term_is_nothing_even_where_it_is_infinite() {
    // S_xx^-1 S_xx^-1 y overflows f32; the mask leaves on only what does not touch it.
    let device = Device::flex().autodiff();
    let library = Library::standard();
    let mask = Mask::only(&library, &["Syy^-1 Sx", "Syy^-1 Sxy y", "Sx"]).unwrap();
    for d in [1, 2] {
        let vector = |v: f32| Tensor::<3>::full([1, 1, d], v, &device).require_grad();
        let matrix = |v: f32| {
            Tensor::<2>::eye(d, &device)
                .mul_scalar(v)
                .reshape([1, 1, d, d])
                .require_grad()
        };
        let values_in = [vector(0.5), vector(1.0), vector(2.0), vector(3.0)];
        let matrices = [matrix(1e-30), matrix(2.0), matrix(0.5)];
        let derivatives = from_lists(values_in.clone(), matrices.clone()).unwrap();
        let w = Tensor::<2>::ones([1, 172], &device).require_grad();
        let sum = term_sum(
            &library,
            &mask,
            &derivatives,
            Tensor::zeros([1], &device),
            w.clone(),
        )
        .unwrap();
        let gradients = (sum.prediction.clone().sum() + sum.activation_l1.clone().sum()).backward();
        assert_eq!(values(sum.prediction), vec![1.0 + 0.25 + 2.0; d]);
        assert_eq!(values(sum.activation_l1), [3.25 * d as f64]);
        let gradient = values(w.grad(&gradients).unwrap());
        for (i, g) in gradient.iter().enumerate() {
            assert_eq!(*g != 0.0, mask.is_active(i), "{}: {g}", library[i]);
        }
        for (name, value) in [("x", &values_in[0]), ("Sx", &values_in[2])] {
            let g = value.grad(&gradients).map(values);
            assert!(g.iter().flatten().all(|v| v.is_finite()), "{name}: {g:?}");
        }
    }
}

#[test]
fn a_masked_term_whose_factors_are_on_may_overflow() {
    let device = Device::flex().autodiff();
    let library = Library::standard();
    let mask = Mask::only(&library, &["Sxx^-1 Sx", "Syy^-1 y", "Sxx Sx"]).unwrap();
    for d in [1, 2] {
        let vector = |v: f32| Tensor::<3>::full([1, 1, d], v, &device);
        let matrix = |v: f32| {
            Tensor::<2>::eye(d, &device)
                .mul_scalar(v)
                .reshape([1, 1, d, d])
        };
        // S_xx^-1 y = 2^140 is beyond f32; S_xx^-1 S_x = 2^80 and S_yy^-1 y = 2^40 are not.
        let derivatives = from_lists(
            [
                vector(0.0),
                vector(2.0_f32.powi(40)),
                vector(2.0_f32.powi(-20)),
                vector(0.0),
            ],
            [matrix(2.0_f32.powi(-100)), matrix(1.0), matrix(1.0)],
        )
        .unwrap();
        let w = Tensor::<2>::ones([1, 172], &device).require_grad();
        let b = Tensor::<1>::zeros([1], &device);
        let sum = term_sum(&library, &mask, &derivatives, b, w.clone()).unwrap();
        let expected = 2.0_f64.powi(80) + 2.0_f64.powi(40);
        let gradients = sum.activation_l1.clone().sum().backward();
        let tolerance = 1e-6 * expected * d as f64;
        assert!((values(sum.activation_l1)[0] - expected * d as f64).abs() < tolerance);
        assert!((values(sum.prediction)[0] - expected).abs() < tolerance);
        let gradient = values(w.grad(&gradients).unwrap());
        assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
    }
}

#[test]
fn a_member_does_not_feel_the_others() {
    let device = Device::flex().autodiff();
    let library = Library::standard();
    for (d, members, batch, dtype) in [
        (1, 4, 512, DType::F32),
        (1, 4, 33, DType::F64),
        (1, 64, 512, DType::F32),
        (2, 4, 40, DType::F32),
        (2, 4, 300, DType::F32),
        (3, 4, 9, DType::F64),
    ] {
        let mut all = points(members, batch, d, 31);
        // One member is singular and one is broken: neither is the first one's business.
        for point in &mut all[batch..2 * batch] {
            point.s_yy.fill(0.0);
            point.s_xy.fill(1.0);
        }
        for point in &mut all[2 * batch..3 * batch] {
            point.s_xx.fill(f64::NAN);
        }
        let mask = Mask::released(&library);
        let run = |points: &[Point], members: usize| {
            let derivatives = derivatives(points, members, &device);
            let cast = |t: Tensor<4>| t.cast(dtype).require_grad();
            let vectors = [
                derivatives.x(),
                derivatives.y(),
                derivatives.s_x(),
                derivatives.s_y(),
            ];
            let matrices = [derivatives.s_xx(), derivatives.s_yy(), derivatives.s_xy()].map(cast);
            let derivatives = from_lists(vectors.map(|v| v.cast(dtype)), matrices.clone()).unwrap();
            let b = Tensor::<1>::zeros([members], (&device, dtype)).require_grad();
            let w: Vec<f64> = (0..members * 172)
                .map(|i| ((i % 172) as f64).cos())
                .collect();
            let w = tensor(w, [members, 172], &device)
                .cast(dtype)
                .require_grad();
            let sum = term_sum(&library, &mask, &derivatives, b.clone(), w.clone()).unwrap();
            let loss = sum.prediction.clone().sum() + sum.activation_l1.clone().sum();
            let gradients = loss.backward();
            let first = |v: Vec<f64>| v[..v.len() / members].to_vec();
            [
                first(values(sum.prediction)),
                first(values(sum.activation_l1)),
                first(values(b.grad(&gradients).unwrap())),
                first(values(w.grad(&gradients).unwrap())),
                first(values(matrices[1].grad(&gradients).unwrap())),
                first(values(matrices[2].grad(&gradients).unwrap())),
            ]
        };
        let (alone, among) = (run(&all[..batch], 1), run(&all, members));
        for (what, (alone, among)) in alone.iter().zip(&among).enumerate() {
            assert!(alone.iter().all(|v| v.is_finite()));
            assert!(
                alone
                    .iter()
                    .zip(among)
                    .all(|(a, b)| a.to_bits() == b.to_bits() || a == b),
                "output {what} differs for d = {d}, E = {members}, {dtype:?}"
            );
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let device = Device::flex();
    let library = Library::standard();
    let good = derivatives(&points(2, 3, 1, 1), 2, &device);
    let b = |n: usize| Tensor::<1>::zeros([n], (&device, DType::F64));
    let w = |n: usize| Tensor::<2>::zeros([2, n], (&device, DType::F64));
    let all = Mask::all(172);
    let message = |result: Result<mass_terms::TermSum, Error>| result.unwrap_err().to_string();
    assert!(message(term_sum(&library, &all, &good, b(3), w(172))).starts_with("b has shape [3]"));
    assert!(
        message(term_sum(&library, &all, &good, b(2), w(171))).starts_with("w has shape [2, 171]")
    );
    assert!(
        message(term_sum(&library, &Mask::all(9), &good, b(2), w(172))).contains("the mask has 9")
    );
    let single = w(172).cast(DType::F32);
    assert!(message(term_sum(&library, &all, &good, b(2), single)).starts_with("w is F32"));
    let good = |vector: Tensor<3>, matrix: Tensor<4>| {
        let (v, m) = (good.x(), good.s_xx());
        from_lists([v.clone(), v.clone(), v, vector], [m.clone(), m, matrix])
    };
    let vector = |b| Tensor::<3>::zeros([2, b, 1], (&device, DType::F64));
    let matrix = |b| Tensor::<4>::zeros([2, b, 1, 1], (&device, DType::F64));
    let message = |result: Result<Derivatives, Error>| result.unwrap_err().to_string();
    assert!(good(vector(3), matrix(3)).is_ok());
    assert!(message(good(vector(2), matrix(3))).starts_with("s_y has shape [2, 2, 1]"));
    assert!(message(good(vector(3), matrix(2))).starts_with("s_xy has shape [2, 2, 1, 1]"));
    let single = matrix(3).cast(DType::F32);
    assert!(message(good(vector(3), single)).starts_with("s_xy is F32"));
    let fine = good(vector(3), matrix(3)).unwrap();
    assert!(message(fine.clone().with_vector("p", vector(1))).starts_with("p has shape"));
    assert!(message(fine.with_matrix("M", matrix(1))).starts_with("M has shape"));
}

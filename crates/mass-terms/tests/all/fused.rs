//! The fused sum against the composed one, which is its specification.
#![cfg(feature = "flex")]

use crate::common::{from_lists, points, tensor, values};
use approx::{abs_diff_eq, assert_relative_eq};
use burn::tensor::{DType, Device, Tensor};
use mass_lanes::InstructionSet;
use mass_terms::{
    Derivatives, Error, Inverse, InverseShift, Library, Mask, Matrix, Point, TermSum, Vector,
    term_sum, term_sum_composed, term_sum_on,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Which form of the sum.
#[derive(Debug, Clone, Copy)]
enum Form {
    Composed,
    Fused,
    On(InstructionSet),
}

impl Form {
    fn sum(
        self,
        library: &Library,
        mask: &Mask,
        derivatives: &Derivatives,
        shift: InverseShift<Tensor<1>>,
        w: Tensor<2>,
    ) -> Result<TermSum, Error> {
        match self {
            Form::Composed => term_sum_composed(library, mask, derivatives, shift, w),
            Form::Fused => term_sum(library, mask, derivatives, shift, w),
            Form::On(set) => term_sum_on(set, library, mask, derivatives, shift, w),
        }
    }
}

/// Numbers for one sum; what is tracked beside them.
#[derive(Clone)]
struct Problem {
    library: Library,
    mask: Mask,
    members: usize,
    batch: usize,
    d: usize,
    /// x, y, S_x, S_y and a vector p of one's own.
    vectors: Vec<Vec<f64>>,
    /// S_xx, S_yy, S_xy and a matrix M of one's own.
    matrices: Vec<Vec<f64>>,
    b: Vec<f64>,
    inverse: Inverse,
    w: Vec<f64>,
    /// Whether the table, b and w are.
    tracked: [bool; 3],
}

/// The outputs and the gradients that there are, by name.
type Results = Vec<(String, Vec<f64>)>;

impl Problem {
    /// Random numbers that f32 holds exactly.
    fn new(library: &Library, mask: &Mask, [members, batch, d]: [usize; 3], seed: u64) -> Self {
        let rounded = |values: Vec<f64>| -> Vec<f64> {
            values.into_iter().map(|v| f64::from(v as f32)).collect()
        };
        let points = points(members, batch, d, seed);
        let own = crate::common::points(members, batch, d, seed + 1000);
        let gather = |points: &[Point], part: fn(&Point) -> &Vec<f64>| {
            rounded(points.iter().flat_map(part).copied().collect())
        };
        let mut stream = ChaCha8Rng::seed_from_u64(seed + 2000);
        let mut draw = |count: usize, from: f64, to: f64| {
            rounded((0..count).map(|_| stream.random_range(from..to)).collect())
        };
        Self {
            vectors: vec![
                gather(&points, |p| &p.x),
                gather(&points, |p| &p.y),
                gather(&points, |p| &p.s_x),
                gather(&points, |p| &p.s_y),
                gather(&own, |p| &p.x),
            ],
            matrices: vec![
                gather(&points, |p| &p.s_xx),
                gather(&points, |p| &p.s_yy),
                gather(&points, |p| &p.s_xy),
                gather(&own, |p| &p.s_xy),
            ],
            b: draw(members, 0.0, 0.4),
            inverse: Inverse::Shifted,
            w: draw(members * library.len(), -1.0, 1.0),
            library: library.clone(),
            mask: mask.clone(),
            members,
            batch,
            d,
            tracked: [true; 3],
        }
    }

    /// Sums, a loss of both outputs, and its gradients, with ordinary operations on both sides.
    fn run(&self, form: Form, dtype: DType) -> Results {
        let device = Device::flex().autodiff();
        let (e, batch, d) = (self.members, self.batch, self.d);
        let [of_table, of_b, of_w] = self.tracked;
        let of = |tracked: bool| move |t: Tensor<3>| if tracked { t.require_grad() } else { t };
        let vectors: Vec<Tensor<3>> = self
            .vectors
            .iter()
            .map(|v| tensor(v.clone(), [e, batch, d], &device).cast(dtype))
            .map(of(of_table))
            .collect();
        let matrices: Vec<Tensor<3>> = self
            .matrices
            .iter()
            .map(|m| tensor(m.clone(), [e, batch, d * d], &device).cast(dtype))
            .map(of(of_table))
            .collect();
        let b = tensor(self.b.clone(), [e], &device).cast(dtype);
        let b = if of_b { b.require_grad() } else { b };
        let w = tensor(self.w.clone(), [e, self.library.len()], &device).cast(dtype);
        let w = if of_w { w.require_grad() } else { w };

        let vector = |i: usize| vectors[i].clone() * 1.0;
        let matrix = |i: usize| matrices[i].clone().reshape([e, batch, d, d]);
        let derivatives = from_lists(
            [vector(0), vector(1), vector(2), vector(3)],
            [matrix(0), matrix(1), matrix(2)],
        )
        .unwrap()
        .with_vector("p", vector(4))
        .unwrap()
        .with_matrix("M", matrix(3))
        .unwrap();
        let sum = form
            .sum(
                &self.library,
                &self.mask,
                &derivatives,
                InverseShift {
                    b: b.clone(),
                    inverse: self.inverse,
                },
                w.clone(),
            )
            .unwrap();
        assert_eq!(sum.prediction.dims(), [e, batch, d]);
        assert_eq!(sum.activation_l1.dims(), [e]);
        let count = e * batch * d;
        let colours: Vec<f64> = (0..count).map(|i| (1.0 + i as f64).sin()).collect();
        let colours = tensor(colours, [e, batch, d], &device).cast(dtype);
        let sizes: Vec<f64> = (0..e).map(|i| 0.03 * (1.0 + i as f64)).collect();
        let sizes = tensor(sizes, [e], &device).cast(dtype);
        let loss =
            (sum.prediction.clone() * colours).sum() + (sum.activation_l1.clone() * sizes).sum();

        let mut results = vec![
            ("prediction".to_string(), values(sum.prediction)),
            ("activation_l1".to_string(), values(sum.activation_l1)),
        ];
        if self.tracked == [false; 3] {
            return results;
        }
        let gradients = loss.backward();
        let mut push = |name: String, gradient: Option<Vec<f64>>| {
            results.extend(gradient.map(|gradient| (name, gradient)));
        };
        for (i, leaf) in vectors.iter().enumerate() {
            push(format!("vector {i}"), leaf.grad(&gradients).map(values));
        }
        for (i, leaf) in matrices.iter().enumerate() {
            push(format!("matrix {i}"), leaf.grad(&gradients).map(values));
        }
        push("b".to_string(), b.grad(&gradients).map(values));
        push("w".to_string(), w.grad(&gradients).map(values));
        results
    }
}

fn agree(found: &Results, expected: &Results, tolerance: f64, what: &str) {
    // A symbol that no term has may get no gradient from one form and a zero one from the other.
    let zeros = |of: &Results, name: &str| {
        let gradient = of.iter().find(|(other, _)| other == name);
        gradient.is_none_or(|(_, values)| values.iter().all(|&v| v == 0.0))
    };
    for (name, found) in found {
        match expected.iter().find(|(other, _)| other == name) {
            Some((_, expected)) => {
                let scale = expected.iter().fold(1.0_f64, |most, v| most.max(v.abs()));
                assert!(
                    abs_diff_eq!(found[..], expected[..], epsilon = tolerance * scale),
                    "{what}: {name}: {found:?} against {expected:?}"
                );
            }
            None => assert!(found.iter().all(|&v| v == 0.0), "{what}: {name}"),
        }
    }
    for (name, _) in expected {
        if !found.iter().any(|(other, _)| other == name) {
            assert!(zeros(expected, name), "{what}: {name} is missing");
        }
    }
}

/// The largest difference of the results that both have, each by its own size.
fn apart(found: &Results, expected: &Results) -> f64 {
    let each = found.iter().flat_map(|(name, found)| {
        let expected = expected.iter().find(|(other, _)| other == name);
        expected.map(|(_, expected)| {
            let scale = expected.iter().fold(1.0_f64, |most, v| most.max(v.abs()));
            let pairs = found.iter().zip(expected);
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / scale
        })
    });
    each.fold(0.0, f64::max)
}

fn check(problem: &Problem, what: &str) {
    check_to(
        problem,
        &problem.run(Form::Composed, DType::F64),
        what,
        1e-5,
    );
}

/// With what is expected, and a tolerance of one's own in f32.
fn check_to(problem: &Problem, expected: &Results, what: &str, single: f64) {
    agree(&problem.run(Form::Fused, DType::F64), expected, 1e-10, what);
    agree(
        &problem.run(Form::Fused, DType::F32),
        expected,
        single,
        what,
    );
}

/// All masks that tests of the standard library use.
fn masks(library: &Library) -> [Mask; 4] {
    let mut stream = ChaCha8Rng::seed_from_u64(5);
    let random: Vec<bool> = (0..library.len()).map(|_| stream.random()).collect();
    [
        Mask::all(library.len()),
        Mask::released(library),
        random.into(),
        vec![false; library.len()].into(),
    ]
}

#[test]
fn the_standard_library_is_the_composed_sum() {
    let library = Library::standard();
    for mask in masks(&library) {
        for dims in [
            [1, 1, 1],
            [3, 37, 1],
            [2, 150, 1],
            [2, 19, 2],
            [1, 33, 3],
            [2, 9, 6],
            [1, 5, 5],
        ] {
            let mut problem = Problem::new(&library, &mask, dims, 3);
            for inverse in [Inverse::Shifted, Inverse::Damped] {
                problem.inverse = inverse;
                let what = format!("{dims:?}, {} terms on, {inverse:?}", mask.count());
                check(&problem, &what);
            }
        }
    }
}

#[test]
fn deeper_libraries_are_the_composed_sum() {
    let own = [Matrix::named("M").unwrap(), Matrix::standard()[4].clone()];
    let vectors = [Vector::named("p").unwrap(), Vector::Y];
    let library = Library::products(&vectors, &own, 4).unwrap();
    for dims in [[2, 21, 1], [1, 7, 2], [1, 4, 3]] {
        let problem = Problem::new(&library, &Mask::all(library.len()), dims, 8);
        check(&problem, &format!("{dims:?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_library_and_any_mask_are_the_composed_sum(
        names in prop::collection::hash_set(
            "((Sxx|Syy|Sxy|Syx|M)(\\^-1)? ){0,4}(x|y|Sx|Sy|p)", 1..12),
        switches in prop::collection::vec(any::<bool>(), 12),
        members in 1..4_usize,
        batch in 1..70_usize,
        d in 1..5_usize,
        seed in 0..1000_u64,
        damped in any::<bool>(),
    ) {
        let alphabet = mass_terms::Alphabet::standard();
        let alphabet = alphabet.with_vector("p").unwrap().with_matrix("M").unwrap();
        let terms = names.iter().map(|name| mass_terms::Term::parse_with(name, &alphabet).unwrap());
        let library = Library::from_terms(terms).unwrap();
        let mask: Mask = switches[..library.len()].to_vec().into();
        let mut problem = Problem::new(&library, &mask, [members, batch, d], seed);
        problem.inverse = if damped { Inverse::Damped } else { Inverse::Shifted };
        // Near a singular matrix rounding to f32 alone moves the sum: as far as it moves the composed one.
        let expected = problem.run(Form::Composed, DType::F64);
        let rounding = apart(&problem.run(Form::Composed, DType::F32), &expected);
        check_to(&problem, &expected, "random", 1e-5_f64.max(2.0 * rounding));
    }
}

#[test]
fn singular_matrices_are_the_composed_sum() {
    // Ranks 0 to d − 1 of exact numbers, in some states of some matrices; b = 0 keeps them.
    let library = Library::standard();
    let mask = Mask::released(&library);
    for d in [1, 2, 3, 6] {
        let mut problem = Problem::new(&library, &mask, [2, 21, d], 12);
        problem.b.fill(0.0);
        let size = d * d;
        for (m, matrix) in problem.matrices.iter_mut().enumerate() {
            for (state, cells) in matrix.chunks_exact_mut(size).enumerate() {
                if (state + m) % 3 != 0 {
                    continue;
                }
                let rank = state % d;
                cells.fill(0.0);
                for i in 0..rank {
                    cells[i * d + i] = 1.0 + i as f64;
                    cells[i * d + d - 1] = 0.5;
                }
            }
        }
        check(&problem, &format!("d = {d}"));
        // Damped, they are as regular as any.
        problem.inverse = Inverse::Damped;
        problem.b.fill(0.25);
        check(&problem, &format!("d = {d}, damped"));
    }
}

#[test]
fn only_what_is_tracked_has_a_gradient() {
    let library = Library::standard();
    let mask = Mask::released(&library);
    for d in [1, 2] {
        let full = Problem::new(&library, &mask, [2, 20, d], 4);
        let expected = full.run(Form::Fused, DType::F64);
        for bits in 0..8_usize {
            let mut problem = full.clone();
            problem.tracked = std::array::from_fn(|i| bits >> i & 1 == 1);
            let [of_table, of_b, of_w] = problem.tracked;
            let found = problem.run(Form::Fused, DType::F64);
            let names = found.iter().map(|(name, _)| name.as_str());
            let has = |what: &str| names.clone().any(|name| name.starts_with(what));
            assert_eq!(
                [has("vector"), has("matrix"), has("b"), has("w")],
                [of_table, of_table, of_b, of_w]
            );
            for result in &found {
                assert!(expected.contains(result), "{}", result.0);
            }
        }
    }
}

#[test]
fn a_device_without_autodiff_has_the_same_values() {
    let device = Device::flex();
    let library = Library::standard();
    let mask = Mask::released(&library);
    for d in [1, 2] {
        let derivatives = crate::common::derivatives(&points(2, 19, d, 6), 2, &device);
        let b = || tensor(vec![0.1, 0.2], [2], &device);
        let w: Vec<f64> = (0..2 * 172).map(|i| (i as f64).cos()).collect();
        let w = || tensor(w.clone(), [2, 172], &device);
        let [fused, composed] = [Form::Fused, Form::Composed].map(|form| {
            form.sum(&library, &mask, &derivatives, b().into(), w())
                .unwrap()
        });
        assert_relative_eq!(
            values(fused.prediction)[..],
            values(composed.prediction)[..],
            epsilon = 1e-12,
            max_relative = 1e-12
        );
        assert_relative_eq!(
            values(fused.activation_l1)[..],
            values(composed.activation_l1)[..],
            epsilon = 1e-12,
            max_relative = 1e-12
        );
    }
}

/// The bits of every number.
fn bits(results: &Results) -> Vec<(&str, Vec<u64>)> {
    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect();
    results
        .iter()
        .map(|(name, values)| (name.as_str(), bits(values)))
        .collect()
}

#[test]
fn every_instruction_set_computes_the_same() {
    let library = Library::standard();
    let mask = Mask::released(&library);
    for dims in [[1, 150, 1], [2, 37, 2], [1, 20, 3], [1, 9, 6]] {
        let problem = Problem::new(&library, &mask, dims, 17);
        for (dtype, rounding) in [(DType::F32, 1e-5), (DType::F64, 1e-12)] {
            let portable = problem.run(Form::On(InstructionSet::Portable), dtype);
            let [narrow, wide] = [InstructionSet::Avx2, InstructionSet::Avx512].map(|set| {
                set.is_available()
                    .then(|| problem.run(Form::On(set), dtype))
            });
            for results in [&narrow, &wide].into_iter().flatten() {
                agree(
                    results,
                    &portable,
                    rounding,
                    &format!("{dims:?}, {dtype:?}"),
                );
                // Without fused multiply-add it rounds otherwise: three forms were indeed run.
                assert_ne!(bits(results), bits(&portable));
            }
            if let (Some(narrow), Some(wide)) = (&narrow, &wide) {
                assert_eq!(bits(narrow), bits(wide), "{dims:?}, {dtype:?}");
            }
        }
    }
}

#[test]
fn a_member_is_the_same_alone_and_among_others() {
    let library = Library::standard();
    let mask = Mask::released(&library);
    for [batch, d] in [[37, 1], [512, 1], [21, 2], [9, 3]] {
        let all = Problem::new(&library, &mask, [5, batch, d], 21);
        let among = all.run(Form::Fused, DType::F32);
        let mut alone = all.clone();
        alone.members = 1;
        let first = |values: &[f64]| values[..values.len() / 5].to_vec();
        for values in alone.vectors.iter_mut().chain(&mut alone.matrices) {
            *values = first(values);
        }
        (alone.b, alone.w) = (first(&all.b), first(&all.w));
        let alone = alone.run(Form::Fused, DType::F32);
        let among = among.iter().map(|(name, v)| (name.clone(), first(v)));
        assert_eq!(bits(&alone), bits(&among.collect()), "B = {batch}, d = {d}");
    }
}

#[test]
fn an_infinite_inverse_stays_in_its_state() {
    let library = Library::standard();
    let mask = Mask::released(&library);
    for (d, bad) in [(1, 1e-310), (2, f64::NAN), (3, f64::INFINITY)] {
        let mut problem = Problem::new(&library, &mask, [2, 21, d], 9);
        problem.b.fill(0.0);
        let finite = problem.run(Form::Fused, DType::F64);
        let state = 17; // of the first member
        problem.matrices[1][state * d * d] = bad;
        let (fused, composed) = (
            problem.run(Form::Fused, DType::F64),
            problem.run(Form::Composed, DType::F64),
        );
        // The prediction, and every derivative of it in other states.
        for (i, ((name, fused), (_, composed))) in fused.iter().zip(&composed).enumerate() {
            assert_eq!(name, &finite[i].0);
            for (j, (fused, composed)) in fused.iter().zip(composed).enumerate() {
                assert_eq!(
                    fused.is_finite(),
                    composed.is_finite(),
                    "d = {d}, {name} {j}: {fused} against {composed}"
                );
            }
        }
        let prediction = &fused[0].1;
        for (j, (found, before)) in prediction.iter().zip(&finite[0].1).enumerate() {
            assert_eq!(found == before, j / d != state, "d = {d}, component {j}");
        }
    }
}

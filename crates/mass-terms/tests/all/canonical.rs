//! Canonical forms are equal exactly where the functions are.

use crate::common::points;
use mass_terms::{Base, Library, Mask, Matrix, Shift, Term, Vector, evaluate_point};
use proptest::prelude::*;

const B: f64 = 0.37;

/// The values of each term of the library at three random states, one row each.
fn rows(library: &Library, d: usize, shift: Shift) -> Vec<Vec<f64>> {
    let b = if shift == Shift::Zero { 0.0 } else { B };
    let mut rows = vec![Vec::new(); library.len()];
    for mut point in points(1, 3, d, 5) {
        if d == 1 {
            point.s_xy[0] -= 2.4; // of the other sign, for variety
        }
        for (row, value) in rows
            .iter_mut()
            .zip(evaluate_point(library, &point, b).unwrap())
        {
            row.extend(value);
        }
    }
    rows
}

fn equal(a: &[f64], b: &[f64]) -> bool {
    let scale = a.iter().chain(b).fold(0.0_f64, |m, v| m.max(v.abs()));
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * scale)
}

#[test]
fn classes_of_the_standard_library_are_classes_of_equal_functions() {
    let library = Library::standard();
    for (d, shift, count) in [
        (1, Shift::Zero, 100),
        (1, Shift::Learned, 112),
        (2, Shift::Zero, 148),
        (2, Shift::Learned, 160),
        (3, Shift::Zero, 148),
        (3, Shift::Learned, 160),
    ] {
        let rows = rows(&library, d, shift);
        let mut numeric: Vec<Vec<usize>> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            match numeric.iter_mut().find(|class| equal(&rows[class[0]], row)) {
                Some(class) => class.push(index),
                None => numeric.push(vec![index]),
            }
        }
        assert_eq!(library.classes(d, shift), numeric, "d = {d}, {shift:?}");
        assert_eq!(numeric.len(), count, "d = {d}, {shift:?}");
    }
}

#[test]
fn how_many_weights_are_not_identified_in_one_dimension() {
    // The specification speaks of 36 pairs among the 144 products: that is the number of ordered
    // pairs (A₁, A₂). Pairs of equal functions there are 60, and 48 that the released mask leaves on.
    let library = Library::standard();
    let released = Mask::released(&library);
    let pairs: Vec<Vec<usize>> = library
        .classes(1, Shift::Learned)
        .into_iter()
        .filter(|class| class.len() > 1)
        .collect();
    assert!(
        pairs
            .iter()
            .all(|class| class.len() == 2 && library[class[0]].order() == 2)
    );
    assert_eq!(pairs.len(), 60);
    assert_eq!(
        pairs
            .iter()
            .filter(|class| released.is_active(class[0]))
            .count(),
        48
    );
}

proptest! {
    #[test]
    fn canonical_equality_is_numerical_equality(
        bases in prop::collection::vec((0..4_usize, any::<bool>()), 0..5),
        moves in prop::collection::vec((0..5_usize, 0..5_usize), 0..3),
        insert in prop::option::of((0..5_usize, 0..4_usize, any::<bool>())),
        d in 1..4_usize,
        learned in any::<bool>(),
    ) {
        let base = |index: usize| [Base::Sxx, Base::Syy, Base::Sxy, Base::Syx][index].clone();
        let matrices: Vec<Matrix> =
            bases.into_iter().map(|(b, inverse)| Matrix { base: base(b), inverse }).collect();
        // A relative of it: factors swapped, a matrix and its inverse put in.
        let mut other = matrices.clone();
        for (i, j) in moves {
            if i < other.len() && j < other.len() {
                other.swap(i, j);
            }
        }
        if let Some((at, b, inverse)) = insert {
            let at = at.min(other.len());
            other.insert(at, Matrix { base: base(b), inverse });
            other.insert(at, Matrix { base: base(b), inverse: !inverse });
        }
        let (one, two) = (Term::new(matrices, Vector::Sx), Term::new(other, Vector::Sx));
        let shift = if learned { Shift::Learned } else { Shift::Zero };
        let numeric = one == two || {
            let library = Library::from_terms([one.clone(), two.clone()]).unwrap();
            let rows = rows(&library, d, shift);
            equal(&rows[0], &rows[1])
        };
        let canonical = one.canonical(d, shift) == two.canonical(d, shift);
        prop_assert_eq!(canonical, numeric, "{} and {}", one, two);
    }

    #[test]
    fn a_canonical_form_is_its_own(
        bases in prop::collection::vec((0..4_usize, any::<bool>()), 0..7),
        d in 1..4_usize,
        learned in any::<bool>(),
    ) {
        let base = |index: usize| [Base::Sxx, Base::Syy, Base::Sxy, Base::Syx][index].clone();
        let matrices: Vec<Matrix> =
            bases.into_iter().map(|(b, inverse)| Matrix { base: base(b), inverse }).collect();
        let shift = if learned { Shift::Learned } else { Shift::Zero };
        let once = Term::new(matrices, Vector::Y).canonical(d, shift);
        prop_assert_eq!(once.term().canonical(d, shift), once.clone());
    }
}

//! Scientists made by hand of a scalar.

use mass_interp::Reading;
use mass_systems::{Dataset, ScalarDerivatives, num_dual::HyperDual64};
use mass_terms::Library;

/// c x^i y^j of each (i, j, c).
pub(crate) type Polynomial = Vec<(i32, i32, f64)>;

/// A polynomial with its derivatives, in one dimension.
pub(crate) fn polynomial(terms: &Polynomial, x: &[f64], y: &[f64]) -> Option<ScalarDerivatives> {
    ScalarDerivatives::of(
        |x, y| {
            let term = |(i, j, c): &(i32, i32, f64)| power(x[0], *i) * power(y[0], *j) * *c;
            Some(terms.iter().map(term).sum())
        },
        x,
        y,
    )
}

/// By products, for the power of a hyper-dual number goes through a logarithm.
fn power(base: HyperDual64, exponent: i32) -> HyperDual64 {
    (0..exponent).fold(HyperDual64::from_re(1.0), |product, _| product * base)
}

/// Weights by the names of terms, all others 0.
pub(crate) fn weights(library: &Library, named: &[(&str, f64)]) -> Vec<f64> {
    let mut all = vec![0.0; library.len()];
    for (name, weight) in named {
        all[library.find(name).unwrap()] = *weight;
    }
    all
}

/// The reading of a polynomial over the standard library.
pub(crate) fn reading(
    states: &Dataset,
    scalar: &Polynomial,
    shift: f64,
    named: &[(&str, f64)],
) -> Reading {
    let library = Library::standard();
    let weights = weights(&library, named);
    Reading::of_scalar(states, &library, &weights, shift, |x, y| {
        polynomial(scalar, x, y)
    })
    .unwrap()
}

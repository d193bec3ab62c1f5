//! What fixes the factor of a Lagrangian: in each set of degrees of freedom that act on each other one coefficient is ½.

use std::collections::BTreeSet;

use crate::Factor;
use crate::problem::Feature;

/// The place of the first function that is quadratic in a velocity: that of yᵢ² alone, where there is one.
pub(crate) fn base(features: &[Feature], i: usize) -> Option<usize> {
    let square = Factor::Velocity(i, 2);
    let alone = |feature: &Feature| match feature {
        Feature::Term(function) => function.factors() == [square.clone()],
        _ => false,
    };
    let any = |feature: &Feature| match feature {
        Feature::Term(function) => function.factors().contains(&square),
        _ => false,
    };
    let first = features.iter().position(alone);
    first.or_else(|| features.iter().position(any))
}

/// Of each set of coupled degrees of freedom, the features that act on it and the place of that whose
/// coefficient is ½; none where known forces fix the factor.
pub(crate) fn gauges(features: &[Feature], dof: usize, anchored: bool) -> Vec<(Vec<usize>, usize)> {
    if anchored {
        return Vec::new();
    }
    let touched = |feature: &Feature| -> BTreeSet<usize> {
        let mut all = BTreeSet::new();
        match feature {
            Feature::Friction(i, j, _) => all.extend([*i, *j]),
            Feature::Gain(i, _) => all.extend([*i]),
            Feature::Term(function) => {
                for factor in function.factors() {
                    match factor {
                        Factor::Position(i, _) | Factor::Velocity(i, _) | Factor::Sign(i) => {
                            all.extend([*i]);
                        }
                        Factor::Sine(of) | Factor::Cosine(of) => all.extend(of.iter().map(|k| k.0)),
                        Factor::Radius(of, _) => all.extend(of.iter().copied()),
                    }
                }
            }
        }
        all
    };
    let mut set: Vec<usize> = (0..dof).collect();
    for feature in features {
        let all: Vec<usize> = touched(feature).into_iter().collect();
        for pair in all.windows(2) {
            let (from, to) = (set[pair[1]], set[pair[0]]);
            set.iter_mut().filter(|s| **s == from).for_each(|s| *s = to);
        }
    }
    let numbers: BTreeSet<usize> = set.iter().copied().collect();
    let each = numbers.into_iter().filter_map(|number| {
        let own: Vec<usize> = (0..features.len())
            .filter(|k| {
                touched(&features[*k])
                    .iter()
                    .next()
                    .is_some_and(|i| set[*i] == number)
            })
            .collect();
        let members = (0..dof).filter(|i| set[*i] == number);
        let mut first = members.filter_map(|i| base(features, i));
        first.next().map(|gauge| (own, gauge))
    });
    each.collect()
}

/// Coefficients with those that are fixed at ½.
pub(crate) fn normalised(
    features: &[Feature],
    gauges: &[(Vec<usize>, usize)],
    mut c: Vec<f64>,
) -> Vec<f64> {
    debug_assert_eq!(features.len(), c.len());
    for (own, gauge) in gauges {
        let factor = 0.5 / c[*gauge];
        if factor.is_finite() {
            own.iter().for_each(|k| c[*k] *= factor);
            c[*gauge] = 0.5;
        }
    }
    c
}

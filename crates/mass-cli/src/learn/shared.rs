//! Which numbers several systems share, and what is said of their law.

use mass_sparse::{Measured, Verdict};

use super::{
    limits::{POOR, ROUGH},
    verdict::sentences,
};
use crate::{
    learned::Learned,
    percent::percent,
    together::{One, Shared, Together, Value},
    units::behind,
};

/// Numbers that differ by no more than this share are equal: ẏ is known no better, whatever an error says of it.
const PRECISION: f64 = 1e-3;
/// The normal deviate that one of a hundred exceeds.
const RARE: f64 = 2.326;

/// The numbers of the law in each system that shares it, whether they are equal, and the formula; `needed` are those
/// that are told from nothing, `[S][K]`.
pub(super) fn shared(together: &mut Together, needed: &[Vec<bool>]) {
    let sharing: Vec<&One> = together.sharing().collect();
    let Some(first) = sharing.first().map(|one| &one.found) else {
        return;
    };
    let numbers = first.coefficients.iter().enumerate();
    let all: Vec<Shared> = numbers
        .map(|(k, number)| {
            let values = sharing.iter().zip(needed).map(|(one, needed)| {
                let own = &one.found.coefficients[k];
                Value {
                    value: own.value,
                    standard_error: own.standard_error,
                    needed: needed.get(k).copied().unwrap_or(true),
                }
            });
            compared(number.of.clone(), number.unit.clone(), values.collect())
        })
        .collect();
    let common: Vec<Option<f64>> = all
        .iter()
        .map(|one| one.common.map(|value| value.value))
        .collect();
    together.formula = match (first.is_sum(), &first.sparse, &first.lagrangian) {
        (true, Some(law), _) => law.formula_with(&common),
        (_, _, Some(law)) => vec![law.formula_with(&common)],
        _ => Vec::new(),
    };
    together.coefficients = all;
}

/// One number in all systems: equal if χ² is none that one of a hundred exceeds.
fn compared(of: String, unit: Option<String>, values: Vec<Value>) -> Shared {
    let by_choice = values.iter().all(|one| one.standard_error == Some(0.0));
    let mut shared = Shared {
        of,
        unit,
        by_choice,
        chi_square: None,
        common: None,
        values,
    };
    if by_choice {
        shared.common = shared.values.first().copied();
        return shared;
    }
    let errors: Option<Vec<f64>> = shared.values.iter().map(|one| one.standard_error).collect();
    let Some(errors) = errors else { return shared };
    let count = shared.values.len() as f64;
    let size = shared
        .values
        .iter()
        .map(|one| one.value.powi(2))
        .sum::<f64>()
        / count;
    let floor = PRECISION * size.sqrt();
    let weights: Vec<f64> = errors
        .iter()
        .map(|error| 1.0 / (error * error + floor * floor).max(f64::MIN_POSITIVE))
        .collect();
    let pairs = || shared.values.iter().zip(&weights);
    let sum: f64 = weights.iter().sum();
    let mean = pairs().map(|(one, w)| w * one.value).sum::<f64>() / sum;
    let chi_square: f64 = pairs().map(|(one, w)| w * (one.value - mean).powi(2)).sum();
    if chi_square <= most(count - 1.0) {
        shared.common = Some(Value {
            value: mean,
            standard_error: Some(sum.powf(-0.5)),
            needed: shared.values.iter().any(|one| one.needed),
        });
    }
    shared.chi_square = Some(chi_square);
    shared
}

/// The χ² of so many degrees of freedom that one of a hundred exceeds (Wilson & Hilferty 1931).
fn most(freedom: f64) -> f64 {
    let ninth = 2.0 / (9.0 * freedom);
    freedom * (1.0 - ninth + RARE * ninth.sqrt()).powi(3)
}

/// Names as one lists them.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_string(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The verdict on all, and what to do next.
pub(super) fn said(together: &mut Together) {
    let names = |of: &[&One]| listed(&of.iter().map(|one| &*one.name).collect::<Vec<_>>());
    let (sharing, odd): (Vec<&One>, Vec<&One>) =
        together.systems.iter().partition(|one| one.shares);
    let count = together.systems.len();
    let lawless: Vec<&One> = odd.iter().copied().filter(|one| !has_law(one)).collect();
    let of_others: Vec<&One> = odd.iter().copied().filter(|one| has_law(one)).collect();
    let (mut words, mut next) = (Vec::new(), Vec::new());
    if sharing.is_empty() {
        words.push(format!("no theory is common to these {count} systems"));
    } else if !odd.is_empty() {
        words.push(format!("no theory is common to all {count} systems"));
    }
    if !lawless.is_empty() {
        words.push(format!("of {} no law was found at all", names(&lawless)));
    }
    match (sharing.is_empty(), &of_others[..]) {
        (_, []) => {}
        (true, [one]) => words.push(format!("there is a law of {} alone", one.name)),
        (true, of_others) => words.push(format!(
            "each of {} has a law of its own, whose terms do not explain the others",
            names(of_others)
        )),
        (false, of_others) => words.push(format!(
            "another kind of system: {}, whose motion needs other terms than that of the others",
            names(of_others)
        )),
    }
    if let Some(first) = sharing.first() {
        let terms = together.coefficients.len();
        let who = match odd.is_empty() {
            true => format!("one theory for {count} systems"),
            false => format!("one theory for {}", names(&sharing)),
        };
        let errors = sharing.iter().map(|one| percent(error(&one.found)));
        words.push(format!(
            "{who}: the same {terms} {} explain the accelerations but for {} of their deviation",
            match first.found.is_sum() {
                true => "functions of a sum for ẏ".to_string(),
                false => "terms, of a Lagrangian and friction,".to_string(),
            },
            listed(
                &errors
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
            )
        ));
        let rough = |one: &&&One| {
            let noise = Some(one.found.acceleration_error).filter(|noise| noise.is_finite());
            error(&one.found) > ROUGH.max(2.0 * noise.unwrap_or(0.0))
        };
        let roughly: Vec<&One> = sharing.iter().filter(rough).copied().collect();
        if !roughly.is_empty() {
            words.push(format!("it is known roughly only in {}", names(&roughly)));
        }
        words.extend(energy(&sharing));
        words.extend(numbers(&together.coefficients));
    }
    if !odd.is_empty() {
        let kept: Vec<String> = sharing
            .iter()
            .flat_map(|one| one.found.files.clone())
            .collect();
        next.push(match sharing.is_empty() {
            true => "look at each file by itself, `mass learn FILE`, and give together what is of one kind".to_string(),
            false => format!(
                "if the others are what you asked about, leave it out: mass learn {} --each-file-a-system",
                kept.join(" ")
            ),
        });
        if !lawless.is_empty() {
            next.push(format!(
                "`mass learn` with the file of {} alone says more of why no law was found",
                names(&lawless)
            ));
        }
    }
    let few: Vec<&One> = sharing
        .iter()
        .copied()
        .filter(|one| one.found.rows[0] < 200)
        .collect();
    if !few.is_empty() {
        next.push(format!(
            "rows of {} are few: measure longer, or from other starts",
            names(&few)
        ));
    }
    together.verdict = sentences(&words.join("; "));
    together.next = next;
}

fn has_law(one: &One) -> bool {
    error(&one.found) <= POOR
}

fn error(found: &Learned) -> f64 {
    let best = found.best.and_then(|best| found.theories.get(best));
    best.and_then(|best| best.error).unwrap_or(f64::INFINITY)
}

/// Whether energy is kept, in all of them.
fn energy(sharing: &[&One]) -> Vec<String> {
    let first = &sharing[0].found;
    let Some(law) = first.lagrangian.as_ref().filter(|_| !first.is_sum()) else {
        return vec!["no Lagrangian of the functions explains all of them as well".to_string()];
    };
    let mut words = Vec::new();
    let names = |of: &[&One]| listed(&of.iter().map(|one| &*one.name).collect::<Vec<_>>());
    let untold = |one: &&&One| {
        let law = one.found.lagrangian.as_ref();
        matches!(law.map(|law| law.verdict()), Some(Verdict::NotTold { .. }))
    };
    let untold: Vec<&One> = sharing.iter().filter(untold).copied().collect();
    let reason = untold
        .first()
        .and_then(|one| match one.found.lagrangian.as_ref()?.verdict() {
            Verdict::NotTold { reason } => Some(reason.clone()),
            _ => None,
        });
    let forced = law.inputs() > 0;
    let places = law.terms().len()..law.terms().len() + law.friction().len();
    let rubs = |one: &One| {
        let law = one.found.lagrangian.as_ref();
        matches!(
            law.map(|law| law.verdict()),
            Some(Verdict::Dissipative { .. })
        )
    };
    let (with, without): (Vec<&One>, Vec<&One>) =
        sharing.iter().copied().partition(|one| rubs(one));
    match (with.is_empty(), without.is_empty()) {
        _ if untold.len() == sharing.len() => {}
        (true, _) if places.is_empty() => {
            let beside = if forced {
                ", but for what the inputs do"
            } else {
                ""
            };
            words.push(format!(
                "conservative: no friction is needed in any of them{beside}"
            ));
        }
        (true, _) => words.push(
            "friction explains them better, but is told from none in no system by itself"
                .to_string(),
        ),
        (false, true) => words.push("dissipative: there is friction in all of them".to_string()),
        (false, false) => words.push(format!(
            "dissipative: {}, by friction; conservative: {}, where none is told from nothing",
            names(&with),
            names(&without)
        )),
    }
    match (reason, untold.len() == sharing.len()) {
        (Some(reason), true) => words.push(format!(
            "whether energy is kept is not told by these data: {reason}"
        )),
        (Some(reason), false) => words.push(format!(
            "that of {} is not told by its data alone: {reason}",
            names(&untold)
        )),
        (None, _) => {}
    }
    words
}

/// Which numbers are equal in all, and which are not.
fn numbers(all: &[Shared]) -> Vec<String> {
    let free = || all.iter().filter(|one| !one.by_choice);
    let list = |of: Vec<String>| listed(&of.iter().map(String::as_str).collect::<Vec<_>>());
    let equal: Vec<String> = free()
        .filter_map(|one| {
            let common = one.common?;
            let unit = behind(one.unit.as_deref());
            Some(format!(
                "that of {}, {}{unit}",
                one.of,
                Measured::new(common.value, common.standard_error)
            ))
        })
        .collect();
    let different: Vec<String> = free()
        .filter(|one| one.common.is_none() && one.chi_square.is_some())
        .map(|one| format!("that of {}", one.of))
        .collect();
    let mut words = Vec::new();
    if !equal.is_empty() {
        words.push(format!(
            "coefficients that are equal in all within their errors: {}",
            list(equal)
        ));
    }
    if !different.is_empty() {
        words.push(format!("coefficients that differ: {}", list(different)));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(f64, f64)]) -> Shared {
        let each = values.iter().map(|(value, error)| Value {
            value: *value,
            standard_error: Some(*error),
            needed: true,
        });
        compared("x".to_string(), None, each.collect())
    }

    #[test]
    fn numbers_are_equal_within_their_errors_and_their_mean_is_weighed_by_these() {
        let equal = of(&[(1.0, 0.1), (1.1, 0.1), (0.95, 0.1)]);
        let common = equal.common.unwrap();
        approx::assert_relative_eq!(common.value, 1.0167, max_relative = 1e-4);
        approx::assert_relative_eq!(common.standard_error.unwrap(), 0.0577, max_relative = 1e-3);
        let different = of(&[(1.0, 0.02), (1.1, 0.02), (0.95, 0.02)]);
        assert!(different.common.is_none() && different.chi_square.unwrap() > 20.0);
        // The more certain one counts more.
        assert!((of(&[(1.0, 0.1), (1.2, 0.01)]).common.unwrap().value - 1.2).abs() < 0.01);
        // Errors of nothing are none of a thousandth.
        assert!(of(&[(1.0, 1e-9), (1.0005, 1e-9)]).common.is_some());
        assert!(of(&[(1.0, 1e-9), (1.01, 1e-9)]).common.is_none());
    }

    #[test]
    fn chi_squares_are_those_of_tables() {
        // Of 1, 2, 5 and 20 degrees of freedom (Abramowitz & Stegun 1964, table 26.8).
        for (freedom, value) in [(1.0, 6.635), (2.0, 9.210), (5.0, 15.086), (20.0, 37.566)] {
            approx::assert_relative_eq!(most(freedom), value, max_relative = 0.01);
        }
    }
}

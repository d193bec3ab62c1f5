//! Which theory is announced, and in which words.

use mass_sparse::{Factor, Friction, Function, Verdict};
use mass_systems::Dataset;

use super::{
    constant::Known,
    limits::{AS_GOOD, FAR, HAS_NONE, HAS_ONE, POOR, ROUGH, SAME, SHORT_OF, roughly},
    prepared::OTHER_TRAJECTORIES,
    tried::error_of,
};
use crate::{
    learned::{Learned, Tried},
    percent::percent,
    units::behind,
};

/// The Lagrangian at this place, or the sum if that is better by more than the accelerations are known, or as
/// good with fewer numbers and followed as long.
pub(super) fn best(theories: &[Tried], lagrangian: usize, noise: f64) -> Option<usize> {
    let (sum, law) = (error_of(theories, 0), error_of(theories, lagrangian));
    if !sum.is_finite() && !law.is_finite() {
        return None;
    }
    let noise = if noise.is_finite() { noise } else { 0.0 };
    // Smoothing states errors that are too large for smooth motions: what lies within them has to be followed as long.
    let as_long = followed(&theories[lagrangian]) >= followed(&theories[0]);
    let as_good = law <= (AS_GOOD * sum).max(1e-4) || as_long && law <= AS_GOOD * noise;
    let size = |place: usize| theories[place].size.unwrap_or(usize::MAX);
    // A Lagrangian has a number more than a sum that says as much, its gauge.
    let short = size(lagrangian) <= size(0).saturating_add(2)
        || sum > (AS_GOOD * law).max(1e-4)
        || followed(&theories[lagrangian]) > AS_GOOD * followed(&theories[0]);
    Some(if as_good && short { lagrangian } else { 0 })
}

/// The best networks, where the best formula explains the motion roughly at most and they miss half as much.
pub(super) fn better_network(theories: &[Tried], formula: f64, roughly: f64) -> Option<usize> {
    let networks = (0..theories.len()).filter(|place| theories[*place].network.is_some());
    let error = |place: &usize| error_of(theories, *place);
    let best = networks.min_by(|a, b| error(a).total_cmp(&error(b)))?;
    (formula > roughly && error(&best) < 0.5 * formula).then_some(best)
}

/// Sentences, a line each, of what semicolons divide.
pub(super) fn sentences(words: &str) -> String {
    let each = words.split("; ").map(|part| {
        let mut letters = part.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        format!("{}{}.", first.collect::<String>(), letters.as_str())
    });
    each.collect::<Vec<_>>().join("\n")
}

/// What is said of a motion of constant acceleration.
pub(super) fn of_constant(learned: &Learned, same: &[Known]) -> String {
    let each = same.iter().enumerate().map(|(k, one)| {
        let position = learned.units.positions.get(k).cloned().flatten();
        let unit = match (position, &learned.units.time) {
            (Some(position), Some(time)) => format!(" {position} {time}⁻²"),
            _ => String::new(),
        };
        let name = learned.positions.get(k).cloned().unwrap_or_default();
        // Two digits of the error; of one that is next to none, its size.
        let digits = (1.0 - one.error.log10().floor()).clamp(0.0, 6.0) as usize;
        let error = match one.error < 1e-6 {
            true => format!("{:.0e}", one.error),
            false => format!("{:.digits$}", one.error),
        };
        format!("{:.digits$} ± {error}{unit} of {name}", one.value)
    });
    format!(
        "the acceleration is constant: {}; these motions are parabolas of time within their noise, so that no friction and no \
         force that depends on the position is told; a longer motion, or a faster one, would tell",
        each.collect::<Vec<_>>().join(", ")
    )
}

/// Whether a law that was refined by the motion takes the place of the one before: as good and followed as long, or
/// nearly as good and followed longer. Nearly as good is as good where both miss less than the accelerations are known to.
pub(super) fn refines(refined: &Tried, before: &Tried, noise: f64) -> bool {
    let error = |one: &Tried| one.error.unwrap_or(f64::INFINITY);
    let within = |factor: f64| error(refined) <= (factor * error(before)).max(1e-4);
    let same = within(SAME) || within(AS_GOOD) && error(refined) <= noise;
    same && followed(refined) >= 0.9 * followed(before)
        || within(AS_GOOD) && followed(refined) > SAME * followed(before)
}

/// How long it is followed.
fn followed(one: &Tried) -> f64 {
    one.followed.map_or(0.0, |[time, _]| time)
}

/// Whether it is followed to the end of what was held out.
fn is_followed(one: &Tried) -> bool {
    one.followed.is_some_and(|[time, whole]| time >= whole)
}

/// What networks found, in words.
pub(super) fn of_network(learned: &Learned, missed: f64) -> String {
    let Some((best, network)) = learned
        .best
        .and_then(|place| Some((learned.theories.get(place)?, learned.network()?)))
    else {
        return String::new();
    };
    let mut words = format!(
        "no short formula explains the accelerations; {} do, but for {} of their deviation (median of {})",
        best.name,
        percent(missed),
        network.errors.len()
    );
    words += &match network.no_lagrangian {
        Some(missed) if missed < HAS_ONE => format!(
            "; their law is that of a Lagrangian, which explains all but {} of its rate",
            percent(missed)
        ),
        Some(missed) if missed > HAS_NONE => format!(
            "; their law is that of no Lagrangian: {} of its rate is left, as by friction or what drives it",
            percent(missed)
        ),
        Some(missed) => format!(
            "; whether their law is that of a Lagrangian is open: {} of its rate is left",
            percent(missed)
        ),
        None => String::new(),
    };
    words
}

/// What is said where the accelerations of these rows are not known.
pub(super) fn unknown(learned: &mut Learned, rows: &Dataset) {
    let d = rows.dof();
    let mean = (0..d).map(|k| {
        let column = rows.acceleration().iter().skip(k).step_by(d);
        format!("{:.4}", column.sum::<f64>() / rows.len() as f64)
    });
    learned.verdict = sentences(&format!(
        "no law can be told: the accelerations are known to {} of their deviation only, as of a constant or of noise; their mean is {}",
        percent(learned.acceleration_error),
        mean.collect::<Vec<_>>().join(", ")
    ));
    learned.next =
        vec!["measure at shorter steps, with less noise, or where forces change".to_string()];
}

/// What to do where higher powers of a position may stand for lower ones: over a range that is narrow beside its distance
/// from zero they are nearly straight lines all.
fn far_from_zero(learned: &Learned) -> Option<String> {
    let reach = learned.reach.as_ref()?;
    // A force has one power less than its Lagrangian.
    let (functions, least): (Vec<&Function>, i32) = match learned.is_sum() {
        true => {
            let components = learned.sparse.as_ref()?.components().iter().flatten();
            (components.map(|one| &one.function).collect(), 2)
        }
        false => {
            let terms = learned.lagrangian.as_ref()?.terms().iter();
            (terms.map(|term| &term.function).collect(), 3)
        }
    };
    let factors = functions.iter().flat_map(|function| function.factors());
    let far = factors.filter_map(|factor| match factor {
        Factor::Position(i, power) if *power >= least => {
            let [least, most] = *reach.positions.get(*i)?;
            ((least + most).abs() > 2.0 * (most - least)).then_some((*i, least, most))
        }
        _ => None,
    });
    let (i, least, most) = far.into_iter().next()?;
    let name = learned.positions.get(i)?;
    Some(format!(
        "{name} lies between {least:.4} and {most:.4}, far from zero beside how far it moves, so that powers of it are much \
         alike and other formulas may fit as well: count it from where it rests, or measure larger amplitudes"
    ))
}

/// The friction of other positions, of which the law has none: known no better than this.
fn without_friction(learned: &Learned, elsewhere: &[Friction]) -> Option<String> {
    let law = learned.lagrangian.as_ref()?;
    let each = elsewhere.iter().map(|one| {
        let unit = learned.units.of_friction(law, one);
        one.text(&behind(unit), law.dof())
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| {
        format!(
            "the law has no friction on the other positions: added, its coefficient is {}, which does not pay for itself in these data",
            each.join(", ")
        )
    })
}

/// Whether a law that misses much is followed for a short part of what was held out only.
fn is_left(one: &Tried) -> bool {
    let short = one
        .followed
        .is_some_and(|[time, whole]| time < SHORT_OF * whole);
    short && one.error.is_some_and(|error| error > ROUGH)
}

/// The verdict in words, and what to do next. `elsewhere` is the friction of positions of which the law has none; `far` is
/// whether the law leaves whole recordings by much more than their noise.
pub(super) fn conclude(
    learned: &mut Learned,
    verdict: Option<&Verdict>,
    elsewhere: &[Friction],
    far: bool,
) {
    let error = |place: usize| error_of(&learned.theories, place);
    let least = (0..learned.theories.len())
        .map(error)
        .fold(f64::INFINITY, f64::min);
    let lagrangian = match learned.best {
        Some(place) if place > 0 => error(place),
        _ => (1..learned.theories.len())
            .map(error)
            .fold(f64::INFINITY, f64::min),
    };
    let chosen = learned.best.map_or(least, error);
    let rough = roughly(learned.acceleration_error);
    let best = learned.best.and_then(|best| learned.theories.get(best));
    let is_rough = chosen > rough || best.is_some_and(is_left) || far;
    learned.rough = is_rough;
    let (mut words, mut next) = (Vec::new(), Vec::new());
    let units = &learned.units;
    if !least.is_finite() {
        words.push("no law was found: none could be tried".to_string());
    } else if chosen > POOR {
        words.push(format!(
            "no law was found: the best misses {} of the accelerations' deviation on what was held out",
            percent(chosen)
        ));
    } else {
        if is_rough {
            words.push("the law is known roughly only".to_string());
        }
        // What was found of a Lagrangian says nothing where a sum or networks know better, or it explains roughly.
        let announced = learned.network().is_none() && learned.best != Some(0);
        let verdict = verdict.filter(|verdict| match verdict {
            Verdict::NotTold { .. } => learned.network().is_none(),
            _ => announced && !is_rough,
        });
        let told = verdict.is_some_and(|one| matches!(one, Verdict::Dissipative { .. }));
        words.extend(verdict.map(|verdict| {
            let law = learned.lagrangian.as_ref();
            let of = |one: &Friction| behind(law.and_then(|law| units.of_friction(law, one)));
            verdict.text(
                learned.positions.len(),
                of,
                &behind(law.and_then(|law| units.of_power(law))),
            )
        }));
        if told {
            words.extend(without_friction(learned, elsewhere));
        }
        words.push(match learned.best != Some(0) {
            _ if learned.network().is_some() => of_network(learned, chosen),
            true => format!(
                "a Lagrangian explains the accelerations but for {} of their deviation",
                percent(lagrangian)
            ),
            false if lagrangian <= chosen => format!(
                "a short sum explains the accelerations but for {} of their deviation, as well as they are known, and with fewer numbers than a Lagrangian",
                percent(chosen)
            ),
            false => format!(
                "no Lagrangian of these functions explains the accelerations ({} of their deviation is missed), but a short sum misses {} alone",
                percent(lagrangian),
                percent(chosen)
            ),
        });
    }
    if let Some([time, of]) = best
        .and_then(|best| best.followed)
        .filter(|_| least <= POOR)
    {
        words.push(format!(
            "the motions held out are followed for {time:.3} of {of:.3}{}",
            match &units.time {
                Some(unit) => format!(" {unit}"),
                None => ", in the unit of time of the data".to_string(),
            }
        ));
    }
    let noise = learned.acceleration_error;
    if learned.may_be_degrees {
        next.push("if angles are in degrees, say so: --degrees".to_string());
    }
    if least > rough || is_rough {
        if learned.split == OTHER_TRAJECTORIES && learned.rows[0] > 0 {
            next.push("which runs are held out may decide here: try others, --seed 1, or name them with --judge-on".to_string());
        }
        next.push("check that these positions are all that moves, that angles are told from lengths (--angles), and units of degrees (--degrees)".to_string());
        if !learned.theories.iter().any(|one| one.network.is_some()) {
            next.push("a law that is no short sum is for networks: --scientists 4".to_string());
        }
    } else if learned.network().is_none()
        && noise.is_finite()
        && least > FAR * noise.max(1e-3)
        && !best.is_some_and(is_followed)
    {
        next.push(format!(
            "the error is {:.0} times that of the accelerations themselves: something acts that the formula does not have",
            least / noise.max(1e-3)
        ));
    }
    if let Some([time, of]) = best.and_then(|best| best.followed)
        && least <= rough
        && time < 0.5 * of
    {
        next.push(format!(
            "what is held out is left by a tenth of its deviation after about {time:.3}{}: the law is off, or the state that it starts \
             from is, which the first fifth of a stretch tells no better than noise allows; predictions from a start that is known better may hold for longer",
            units.time_behind()
        ));
    }
    next.extend(far_from_zero(learned));
    if learned.rows[0] < 200 {
        next.push(format!(
            "{} rows are few: measure longer, or from other starts; until then --rows-between 0 and --hold-out 0.1 leave more to learn from",
            learned.rows[0]
        ));
    }
    if learned.acceleration_known() > 0.2 {
        next.push(
            "accelerations are known badly: measure at shorter steps, with less noise, or where forces change".to_string(),
        );
    }
    learned.verdict = sentences(&words.join("; "));
    learned.next = next;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::learn::tried::tried;

    fn theory(error: f64, size: usize) -> Tried {
        tried("one", Duration::ZERO, error, None, size, Vec::new())
    }

    #[test]
    fn a_lagrangian_that_is_as_good_is_best_and_a_better_sum_is_not_passed_over() {
        let of = |sum: f64, law: f64| [theory(sum, 2), theory(law, 3)];
        assert_eq!(best(&of(0.010, 0.012), 1, 0.0), Some(1));
        assert_eq!(best(&of(0.010, 0.100), 1, 0.0), Some(0));
        assert_eq!(
            best(&of(0.010, 0.100), 1, 0.08),
            Some(1),
            "within what is known"
        );
        let mut short = of(0.010, 0.100);
        (short[0].followed, short[1].followed) = (Some([2.0, 8.0]), Some([0.6, 8.0]));
        assert_eq!(best(&short, 1, 0.08), Some(0), "it is not followed as long");
        assert_eq!(best(&[theory(0.01, 1), theory(0.01, 9)], 1, 0.0), Some(0));
        assert_eq!(best(&of(f64::NAN, f64::NAN), 1, 0.0), None);
        assert_eq!(best(&of(f64::NAN, 0.3), 1, 0.0), Some(1));
    }
    #[test]
    fn a_law_that_misses_much_and_is_soon_left_is_known_roughly_only_however_noisy_accelerations_are()
     {
        let words = |error: f64, followed: [f64; 2], far: bool| {
            let mut learned = Learned::new(Vec::new());
            learned.positions = vec!["x".to_string()];
            learned.acceleration_error = 0.3;
            learned.theories = vec![theory(error, 2)];
            learned.theories[0].followed = Some(followed);
            learned.best = Some(0);
            conclude(&mut learned, None, &[], far);
            assert_eq!(
                learned.verdict.contains("known roughly only"),
                learned.rough
            );
            learned.rough
        };
        assert!(words(0.4, [0.3, 8.0], false));
        assert!(!words(0.4, [7.0, 8.0], false), "noise explains it");
        assert!(!words(0.1, [0.3, 8.0], false), "chaos may");
        assert!(words(0.1, [7.0, 8.0], true), "it leaves whole recordings");
    }
}

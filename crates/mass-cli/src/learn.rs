//! `mass learn`: from files to a law.

mod arguments;
mod bounces;
mod circle;
mod constant;
mod driven;
mod energy;
mod first_order;
mod found;
mod limits;
mod prepared;
mod shared;
mod stays;
mod together;
mod tried;
mod verdict;

pub(crate) use self::arguments::Arguments;
use self::{
    bounces::bounces,
    circle::on_a_circle,
    constant::{CONSTANT, Known, constant},
    driven::{drifting, driven},
    energy::energy,
    first_order::{First, first_order},
    found::{Found, tell, timed},
    limits::{POOR, ROUGH, SAME},
    prepared::Prepared,
    tried::error_of,
    verdict::{best, better_network, conclude, of_constant, refines, sentences, unknown},
};
use crate::{
    learned::{Learned, Tried},
    page,
    percent::percent,
    report::words,
    units::behind,
    write::print,
};
use anyhow::Result;
use mass_core::Error;
use mass_sparse::{LagrangianLaw, Measured, SparseLaw};

/// Learns and prints; whether a law was found.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(folder) = arguments.out.as_ref().filter(|_| !arguments.force) {
        Learned::is_free(folder)?; // before the work
    }
    if arguments.each_file_a_system {
        return together::run(arguments);
    }
    let learned = learn(arguments)?;
    if let Some(folder) = &arguments.out {
        learned.write(folder)?;
    }
    let text = match arguments.json {
        true => learned.json()? + "\n",
        false => words(&learned),
    };
    print(&text)?;
    if let Some(folder) = &arguments.out {
        let page = page::write(&learned, folder, None)?;
        eprintln!(
            "kept in {0}: mass report {0}; the page: {1}",
            folder.display(),
            page.display()
        );
    }
    if let Some(words) = learned.stopped {
        return Err(Error::Interrupted(words).into());
    }
    let error = |best: usize| error_of(&learned.theories, best);
    let known = |best: usize| error(best) <= POOR && !learned.rough;
    let found = |best: usize| known(best) || learned.theories[best].name == CONSTANT;
    Ok(learned.best.is_some_and(found))
}

fn learn(arguments: &Arguments) -> Result<Learned> {
    let (prepared, mut learned) = Prepared::of(arguments, &arguments.files)?;
    let found = prepared.found(arguments, &learned)?;
    let (measured, split) = (&prepared.measured, &prepared.split);
    tell("sparse regression of ẏ");
    let (tried, sparse) = found.sparse(learned.acceleration_error);
    learned.theories.push(tried);
    learned.sparse = sparse;
    tell("looking for a Lagrangian");
    let (mut lagrangian, mut place) = found.lagrangians(&mut learned.theories);
    let moves = timed(measured);
    if let Some(law) = lagrangian.clone().filter(|law| law.inputs() == 0 && moves) {
        tell("refining it by the motion");
        let (tried, refined) = found.refined(&law, &split.train);
        let better = refines(&tried, &learned.theories[place], learned.acceleration_error);
        learned.theories.push(tried);
        if better {
            (lagrangian, place) = (refined.or(lagrangian), learned.theories.len() - 1);
        }
    }
    let same = match moves && learned.inputs == 0 && !prepared.given {
        true => constant(measured).filter(|all| all.iter().any(Known::is_there)),
        false => None,
    };
    if let Some(same) = same {
        // What the parabolas say, so that there is one value, and none of another theory.
        let numbers = same.iter().map(|one| (one.value, one.error));
        let law = SparseLaw::constant(&numbers.collect::<Vec<_>>(), &prepared.train.data)?;
        let followed = found.followed(&|x, y, _, out| law.acceleration(x, y, out));
        learned.theories = vec![Tried {
            name: CONSTANT.to_string(),
            error: None,
            followed,
            size: Some(same.len()),
            seconds: 0.0,
            formula: law.formula(),
            failed: None,
            network: None,
        }];
        (learned.best, learned.sparse) = (Some(0), Some(law));
        learned.verdict = sentences(&of_constant(&learned, &same));
        learned.coefficients = learned.numbers();
        if arguments.out.is_some() {
            learned.course = Some(found.course(arguments, &learned, split, &[])?);
        }
        return Ok(learned);
    }
    // Where accelerations are not known, no law is, whatever was found.
    let known = learned.acceleration_error <= 1.0 || learned.acceleration_error.is_nan();
    learned.best = best(&learned.theories, place, learned.acceleration_error).filter(|_| known);
    learned.lagrangian = lagrangian;
    let verdict = energy(&found, &mut learned, place);
    let formula = learned
        .best
        .map_or(f64::INFINITY, |best| error_of(&learned.theories, best));
    let first = first_order(&prepared.measured, &prepared.train, &learned);
    let hint = match &first {
        Some(First { words, law: None }) => Some(words.clone()),
        Some(First { law: Some(_), .. }) => None,
        None => hint(&prepared, &found, &learned),
    };
    let explained = hint.is_some() || first.is_some();
    let unexplained = hint.is_some() && first.is_none();
    let trained = match known && (!explained || arguments.scientists.is_some()) {
        true => found.networks(arguments, formula, &mut learned)?,
        false => Vec::new(),
    };
    if let Some(place) = better_network(&learned.theories, formula, found.roughly()) {
        learned.best = Some(place);
    }
    if arguments.out.is_some() {
        tell("following it for the pictures");
        learned.course = Some(found.course(arguments, &learned, split, &trained)?);
    }
    if let Some(note) = prepared.still() {
        (learned.best, learned.course) = (None, None);
        learned.verdict = sentences(&format!("no law can be told: {note}"));
        return Ok(learned);
    }
    if !known {
        unknown(&mut learned, &prepared.train.data);
        return Ok(learned);
    }
    learned.coefficients = learned.numbers();
    // What a law that misses much leaves is no drift.
    let misses = learned
        .best
        .map_or(f64::INFINITY, |best| error_of(&learned.theories, best));
    let misses = misses > ROUGH.max(SAME * learned.acceleration_error);
    let drifts = match explained || misses {
        true => None,
        false => drift(&prepared, &learned),
    };
    learned
        .warnings
        .splice(0..0, hint.into_iter().chain(drifts));
    let stays = match explained {
        true => None,
        false => found.stays(&learned),
    };
    if let Some(stays) = &stays {
        match stays.is_noise() {
            true => learned.notes.push(stays.words(&learned)),
            false => learned.warnings.insert(0, stays.words(&learned)),
        }
    }
    learned.warnings.extend(mixed(&learned));
    let elsewhere = found.friction_elsewhere(learned.lagrangian.as_ref());
    let far = stays.is_some_and(|stays| stays.is_far());
    conclude(&mut learned, verdict.as_ref(), &elsewhere, far);
    if let Some(First {
        words,
        law: Some(law),
    }) = first
    {
        // Of energy and friction such a law says nothing.
        learned.verdict = sentences(&words);
        learned.first_order = Some(law);
        learned.rough = false;
    }
    if unexplained {
        // Of energy and friction the nearest law says nothing.
        let missed = learned
            .best
            .map_or(f64::NAN, |best| error_of(&learned.theories, best));
        learned.verdict = sentences(&format!(
            "no law of the positions and velocities alone has this motion; the nearest one misses {} of the accelerations' deviation",
            percent(missed)
        ));
    }
    Ok(learned)
}

/// That friction of one position drives and brakes it, which no friction does.
fn mixed(learned: &Learned) -> Option<String> {
    let law = learned.lagrangian.as_ref().filter(|_| !learned.is_sum())?;
    let of = |i: usize, sign: f64| {
        let own = law.friction().iter().filter(move |term| term.on == i);
        own.filter(move |term| sign * term.coefficient.value > 0.0)
            .count()
    };
    let both = (0..law.dof()).find(|i| of(*i, 1.0) > 0 && of(*i, -1.0) > 0)?;
    Some(format!(
        "friction of {} has coefficients of both signs: together they are like a force of the speed that is none of those tried, as of another power; take them as a fit within the speeds measured",
        learned.positions[both]
    ))
}

/// The best formula without inputs: a Lagrangian, or a sum for each acceleration.
enum Formula<'a> {
    Lagrangian(&'a LagrangianLaw),
    Sum(&'a SparseLaw),
}

impl<'a> Formula<'a> {
    fn of(learned: &'a Learned) -> Option<Self> {
        let lagrangian = learned.lagrangian.as_ref().filter(|_| !learned.is_sum());
        let sum = || learned.sparse.as_ref().map(Self::Sum);
        lagrangian.map(Self::Lagrangian).or_else(sum)
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        match self {
            Self::Lagrangian(law) => law.acceleration(x, y, out),
            Self::Sum(law) => law.acceleration(x, y, out),
        }
    }
}

/// That the zero of a position drifts, which looks like friction or like energy that is nearly kept.
fn drift(prepared: &Prepared, learned: &Learned) -> Option<String> {
    if learned.inputs > 0 || !timed(&prepared.measured) {
        return None;
    }
    let rows = [&prepared.train, &prepared.test];
    let law = Formula::of(learned)?;
    let found = drifting(&rows, |x, y, out| law.acceleration(x, y, out))?;
    let name = &learned.positions[found.position];
    let unit = learned
        .units
        .positions
        .get(found.position)
        .cloned()
        .flatten();
    let unit = behind(unit);
    Some(format!(
        "the zero of {name} drifts, or a force grows with time: what the law leaves of the accelerations changes from the start to the end of a recording as if the zero moved by {}{unit}, {} of {name}'s deviation; friction, and whether energy is kept, are not known better than that: take the drift out of {name}, or record shorter",
        Measured::new(found.moved, Some(found.error)),
        percent(found.share)
    ))
}

/// What a smooth law of the state alone cannot explain, and what would: bounces, or what drives the motion. Networks
/// learn neither.
fn hint(prepared: &Prepared, found: &Found<'_>, learned: &Learned) -> Option<String> {
    if let Some(bounces) = bounces(&prepared.measured) {
        let name = &learned.positions[bounces.position];
        return Some(format!(
            "the velocity of {name} turns over at once {} times where {name} is about {:.3}, as in bounces: rows there are no gross errors, and no law of smooth motion has them; `mass worlds` with the same file finds the law between bounces",
            bounces.count, bounces.place
        ));
    }
    if let Some(words) = on_a_circle(&prepared.measured, &prepared.train, learned) {
        return Some(words);
    }
    let best = learned.best?;
    if learned.inputs > 0
        || !timed(&prepared.measured)
        || !found.is_unexplained(error_of(&learned.theories, best))
    {
        return None;
    }
    let rows = [&prepared.train, &prepared.test];
    let law = Formula::of(learned)?;
    let driven = driven(&rows, |x, y, out| law.acceleration(x, y, out))?;
    Some(format!(
        "something that depends on time drives this motion: what the law leaves of the accelerations repeats every {:.4}{} (a sine explains {} of it), and is not the same where the states are; give a column with what drives it, --columns t=..,x=..,tau=NAME, or, where its period alone is known, columns of cos(2π t/period) and sin(2π t/period), tau=NAME,NAME",
        driven.period,
        learned.units.time_behind(),
        percent(driven.share)
    ))
}

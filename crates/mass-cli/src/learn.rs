//! `mass learn`: from files to a law.

mod arguments;
mod constant;
mod found;
mod limits;
mod tried;
mod verdict;

use anyhow::{Result, bail};
use mass_core::Error;
use mass_data::{Note, SplitBy, SplitOptions};
use mass_sparse::{FrictionModel, LagrangianLaw, Verdict};

pub(crate) use self::arguments::Arguments;
use self::{
    arguments::{By, judged_on, told},
    constant::{CONSTANT, Known, constant},
    found::{Found, moments, motion, tell, timed, uncertainty},
    limits::{HALF, LEAST_SHARE, LONG, MUCH, POOR, ROUGH},
    tried::error_of,
    verdict::{best, better_network, conclude, of_constant, refines, sentences},
};
use crate::{
    learned::{Learned, Tried},
    page,
    percent::percent,
    report::words,
    units::Units,
    write::print,
};

/// Learns and prints; whether a law was found.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(folder) = arguments.out.as_ref().filter(|_| !arguments.force) {
        Learned::is_free(folder)?; // before the work
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
    let found = |best: usize| error(best) <= POOR || learned.theories[best].name == CONSTANT;
    Ok(learned.best.is_some_and(found))
}

fn learn(arguments: &Arguments) -> Result<Learned> {
    let files = arguments
        .files
        .iter()
        .map(|file| file.display().to_string());
    let mut learned = Learned::new(files.collect());
    tell("reading");
    let measured = arguments.read()?;
    // With velocities that are none every law is wrong.
    let wrong = measured
        .notes()
        .iter()
        .find(|note| matches!(note, Note::RateDisagrees { difference, .. } if *difference > HALF));
    if let Some(note) = wrong {
        bail!("{note}; on the command line, --columns x=A,y=none, or x=A,B for two positions");
    }
    let (method, method_name) = arguments.method();
    tell("estimating derivatives");
    let estimates = measured.differentiate(&method)?;
    let by = match arguments.split {
        By::Auto => SplitBy::Auto,
        By::Trajectories => SplitBy::Trajectories,
        By::Blocks => SplitBy::Blocks,
    };
    let options = SplitOptions {
        by,
        seed: arguments.seed,
        fraction: arguments.hold_out,
        gap: arguments.rows_between,
    };
    let split = match arguments.judge_on.as_slice() {
        [] => measured.split(&options)?,
        names => judged_on(&measured, names)?,
    };
    let train = estimates.rows(&measured, "measured", &split.train, false)?;
    let test = estimates.rows(&measured, "measured", &split.test, false)?;
    let names = measured.columns().iter();
    learned.positions = names
        .map(|name| name.trim_matches('"').to_string())
        .collect();
    learned.inputs = measured.forcings();
    let units = measured.units();
    learned.units = Units {
        time: units.time.clone(),
        positions: units.positions.clone(),
        degrees: units.degrees.clone(),
    };
    let notes = measured.notes().iter().chain(estimates.notes());
    let (warnings, notes): (Vec<_>, Vec<_>) = notes.partition(|note| note.is_warning());
    learned.warnings = warnings.iter().map(|note| told(note)).collect();
    learned.notes = notes.iter().map(ToString::to_string).collect();
    learned.rows = [train.data.len(), test.data.len()];
    learned.split = match split.by {
        _ if !timed(&measured) => "other rows".to_string(),
        SplitBy::Trajectories => "other trajectories".to_string(),
        _ => "other blocks of time".to_string(),
    };
    let given = measured
        .trajectories()
        .iter()
        .all(|one| one.acceleration().is_some());
    learned.accelerations = match given {
        true => "measured".to_string(),
        false => method_name.to_string(),
    };
    learned.acceleration_error = uncertainty(&test);
    let mut all = measured.notes().iter();
    let still = all.find(|note| matches!(note, Note::Constant { .. }));

    let found = Found {
        measured: &measured,
        estimates: &estimates,
        held_out: &split.test,
        functions: arguments.functions,
        noise: match learned.acceleration_error {
            noise if noise.is_finite() => noise,
            _ => 0.0,
        },

        learn: motion(&measured, &train)?,
        judge: motion(&measured, &test)?,
        train: &train,
        test: &test,
    };
    tell("sparse regression of ẏ");
    let (tried, sparse) = found.sparse(learned.acceleration_error);
    learned.theories.push(tried);
    tell("looking for a Lagrangian");
    let (tried, conservative) = found.lagrangian(FrictionModel::None, "Lagrangian");
    learned.theories.push(tried);
    let (tried, damped) = found.lagrangian(FrictionModel::Diagonal, "Lagrangian with friction");
    learned.theories.push(tried);
    learned.sparse = sparse;
    // With friction where it is told from none.
    let rubs = damped
        .as_ref()
        .is_some_and(|law| !law.friction().is_empty());
    let (mut lagrangian, mut place) = match rubs {
        true => (damped, 2),
        false => (conservative, 1),
    };
    let missed = error_of(&learned.theories, place);
    let unexplained = missed > MUCH * learned.acceleration_error.max(LEAST_SHARE);
    let long = |law: &LagrangianLaw| law.dof() == 1 && law.terms().len() > LONG;
    if unexplained
        || lagrangian.as_ref().is_some_and(long)
        || found.rubs_otherwise(lagrangian.as_ref())
    {
        tell("looking for dry and quadratic friction");
        let name = "Lagrangian with dry or quadratic friction";
        let (mut tried, other) = found.lagrangian(FrictionModel::AnyKind, name);
        match other.filter(|other| found.is_better(other, lagrangian.as_ref())) {
            Some(other) => (lagrangian, place) = (Some(other), learned.theories.len()),
            None => tried.formula = vec!["no better than without".to_string()],
        }
        learned.theories.push(tried);
    }
    let moves = timed(&measured);
    if let Some(law) = lagrangian.clone().filter(|law| law.inputs() == 0 && moves) {
        tell("refining it by the motion");
        let (tried, refined) = found.refined(&law, &split.train);
        if refines(&tried, &learned.theories[place]) {
            (lagrangian, place) = (refined.or(lagrangian), learned.theories.len());
        }
        learned.theories.push(tried);
    }
    let same = match moves && learned.inputs == 0 && !given {
        true => constant(&measured).filter(|all| all.iter().any(Known::is_there)),
        false => None,
    };
    if let Some(same) = same
        && let Some(law) = constant::law(&train.data)
    {
        let followed = found.followed(|x, y, out| law.acceleration(x, y, out));
        learned.theories[0] = Tried {
            name: CONSTANT.to_string(),
            error: None,
            followed,
            size: Some(same.len()),
            seconds: 0.0,
            formula: law.formula(),
            failed: None,
            network: None,
        };
        (learned.best, learned.sparse) = (Some(0), Some(law));
        learned.verdict = sentences(&of_constant(&learned, &same));
        learned.coefficients = learned.numbers();
        if arguments.out.is_some() {
            learned.course = Some(found.course(arguments, &learned, &split, &[])?);
        }
        return Ok(learned);
    }
    // Where accelerations are not known, no law is, whatever was found.
    let known = learned.acceleration_error <= 1.0 || learned.acceleration_error.is_nan();
    learned.best = best(&learned.theories, place, learned.acceleration_error).filter(|_| known);
    let explains = error_of(&learned.theories, place) <= HALF;
    let verdict = lagrangian
        .as_ref()
        .filter(|_| explains)
        .map(|law| law.verdict().clone());
    // What is driven or damped keeps nothing.
    let rubs = matches!(verdict, Some(Verdict::Dissipative { .. }));
    if moves && !rubs && learned.inputs == 0 && learned.best.is_some() {
        tell("looking for what is conserved");
        let sure = error_of(&learned.theories, place) < ROUGH;
        learned.conserved = found.conserved(lagrangian.as_ref().filter(|_| sure));
    }
    // A law with friction has no verdict that says so.
    if let Some(law) = &lagrangian
        && explains
        && !matches!(law.verdict(), Verdict::NotTold { .. })
        && measured.dof() > 1
        && let Some(doubt) = law.doubt(&found.learn)
    {
        learned.warnings.push(doubt);
    }
    learned.lagrangian = lagrangian;
    let formula = learned
        .best
        .map_or(f64::INFINITY, |best| error_of(&learned.theories, best));
    let trained = match known {
        true => found.networks(arguments, formula, &mut learned)?,
        false => Vec::new(),
    };
    if let Some(place) = better_network(&learned.theories, formula, found.roughly()) {
        learned.best = Some(place);
    }
    if arguments.out.is_some() {
        tell("following it for the pictures");
        learned.course = Some(found.course(arguments, &learned, &split, &trained)?);
    }
    if let Some(note) = still {
        (learned.best, learned.course) = (None, None);
        learned.verdict = sentences(&format!("no law can be told: {note}"));
        return Ok(learned);
    }
    if !known {
        let d = train.data.dof();
        let mean = (0..d).map(|k| moments(train.data.acceleration(), k, d).0);
        let mean: Vec<String> = mean.map(|mean| format!("{mean:.4}")).collect();
        learned.verdict = sentences(&format!(
            "no law can be told: the accelerations are known to {} of their deviation only, as of a constant or of noise; their mean is {}",
            percent(learned.acceleration_error),
            mean.join(", ")
        ));
        learned.next =
            vec!["measure at shorter steps, with less noise, or where forces change".to_string()];
        return Ok(learned);
    }
    learned.coefficients = learned.numbers();
    conclude(&mut learned, verdict.as_ref());
    Ok(learned)
}

//! Several systems, a file each: the law that they have in common, and the numbers in which they differ.

use std::{collections::BTreeSet, path::PathBuf, time::Instant};

use anyhow::{Result, bail, ensure};
use mass_sparse::{
    CommonLaws, FrictionKind, FrictionModel, FunctionLibrary, LagrangianLaw, MotionData,
    SparseLagrangian, SparseLaw, SparseRegression, of_another_kind,
};
use mass_systems::Dataset;

use super::{
    arguments::{Arguments, Functions},
    constant::{Known, constant},
    energy::energy,
    found::{Found, ends, sensible, tell, timed},
    limits::{LEAST_SHARE, MUCH, POOR, SAME, SIGNIFICANT, WORTH},
    prepared::Prepared,
    shared::{said, shared},
    tried::{error_of, failed, tried},
    verdict::{best, conclude, refines, unknown},
};
use crate::{
    learned::{Learned, Tried},
    moments::moments,
    page, report,
    together::{One, Together},
    write::print,
};

/// What the laws of all are called in the table of theories.
const SUM: &str = "short sum for ẏ, common to all";
const LAGRANGIAN: &str = "Lagrangian, common to all";
const REFINED: &str = "Lagrangian, common to all, refined by the motion";

/// Learns and prints; whether one theory was found for all.
pub(super) fn run(arguments: &Arguments) -> Result<bool> {
    let together = together(arguments)?;
    if let Some(folder) = &arguments.out {
        together.write(folder)?;
    }
    print(&match arguments.json {
        true => together.json()? + "\n",
        false => report::of_several(&together),
    })?;
    if let Some(folder) = &arguments.out {
        for one in &together.systems {
            page::write(&one.found, &folder.join(&one.name), None)?;
        }
        let page = page::write_of_several(&together, folder)?;
        eprintln!(
            "kept in {0}, with a folder for each system: mass report {0}; the page: {1}",
            folder.display(),
            page.display()
        );
    }
    Ok(together.one_theory)
}

/// A system, and what is known of it alone.
struct System<'a> {
    name: String,
    prepared: &'a Prepared,
    found: Found<'a>,
    learned: Learned,
    /// Theories of it alone, the sum first, with the places of the best one and of the Lagrangian, and the laws.
    alone: Vec<Tried>,
    best: Option<usize>,
    place: usize,
    lagrangian: Option<LagrangianLaw>,
    sum: Option<SparseLaw>,
}

impl System<'_> {
    /// The error of the best law of it alone.
    fn error(&self) -> f64 {
        self.best
            .map_or(f64::INFINITY, |best| error_of(&self.alone, best))
    }

    /// Whether an error is more than that of its own law and that of the accelerations.
    fn is_worse(&self, error: f64) -> bool {
        error > MUCH * self.error().max(self.found.noise).max(LEAST_SHARE)
    }
}

fn together(arguments: &Arguments) -> Result<Together> {
    ensure!(
        arguments.files.len() > 1,
        "--each-file-a-system needs two files at least, one of each system; without it one file is one system"
    );
    let prepared = arguments
        .files
        .iter()
        .map(|file| Prepared::of(arguments, std::slice::from_ref(file)));
    let prepared = prepared.collect::<Result<Vec<(Prepared, Learned)>>>()?;
    comparable(&prepared)?;
    let (prepared, learned): (Vec<Prepared>, Vec<Learned>) = prepared.into_iter().unzip();
    let mut systems = Vec::new();
    let names = names(&arguments.files);
    for ((prepared, learned), name) in prepared.iter().zip(learned).zip(names) {
        systems.push(alone(arguments, prepared, learned, name)?);
    }
    for system in systems.iter().filter(|one| one.error() > POOR) {
        let (measured, learned) = (&system.prepared.measured, &system.learned);
        let free = timed(measured) && learned.inputs == 0 && !system.prepared.given;
        let same = constant(measured).filter(|all| free && all.iter().any(Known::is_there));
        if let Some(same) = same {
            let each = same.iter().map(|one| format!("{:.4}", one.value));
            bail!(
                "{}: the acceleration is constant ({}), as of a fall, and has no terms to compare; `mass learn` with each such file alone says it with its error",
                learned.files.join(", "),
                each.collect::<Vec<_>>().join(", ")
            );
        }
    }
    // Those that have no law have none in common with others.
    let mut sharing: Vec<usize> = (0..systems.len())
        .filter(|s| systems[*s].error() <= POOR)
        .collect();
    let mut common = None;
    while sharing.len() > 1 {
        tell("looking for what they have in common");
        let these: Vec<&System<'_>> = sharing.iter().map(|s| &systems[*s]).collect();
        let law = in_common(&these);
        let odd = law.odd(&these);
        if odd.is_empty() {
            common = Some(law);
            break;
        }
        if odd.len() + 1 >= sharing.len() {
            break;
        }
        let mut place = 0..;
        sharing.retain(|_| !place.next().is_some_and(|place| odd.contains(&place)));
    }
    if common.is_none() {
        sharing.clear();
    }
    let (mut numbers, mut laws) = (Vec::new(), Vec::new());
    if let Some(law) = common {
        numbers = law.needed();
        laws = law.of_each();
    }
    let mut laws = laws.into_iter();
    let count = systems.len();
    let mut all = Vec::new();
    for (place, system) in systems.into_iter().enumerate() {
        let shares = sharing.contains(&place);
        let law = if shares { laws.next() } else { None };
        all.push(finished(arguments, system, law, (sharing.len(), count))?);
    }
    let mut together = Together::new(all);
    together.one_theory = sharing.len() == count;
    shared(&mut together, &numbers);
    said(&mut together);
    Ok(together)
}

/// The names of files without folders and endings, each another.
fn names(files: &[PathBuf]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let each = files.iter().map(|file| {
        let stem = file.file_stem().unwrap_or(file.as_os_str());
        let stem = stem.to_string_lossy().into_owned();
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        let mut all = std::iter::once(stem.clone()).chain(numbered);
        all.find(|name| taken.insert(name.clone())).unwrap_or(stem)
    });
    each.collect()
}

/// Refuses systems whose laws cannot be compared, term by term.
fn comparable(all: &[(Prepared, Learned)]) -> Result<()> {
    for (prepared, learned) in all {
        if let Some(note) = prepared.still() {
            bail!("{}: {note}", learned.files.join(", "));
        }
    }
    let [(first, said), rest @ ..] = all else {
        return Ok(());
    };
    for (other, learned) in rest {
        let two = |what: &str, a: String, b: String, remedy: &str| {
            format!(
                "systems of one theory have the same {what}, but {} has {a} and {} has {b}: {remedy}",
                said.files.join(", "),
                learned.files.join(", ")
            )
        };
        let count = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            count => format!("{count} {what}s"),
        };
        let (a, b) = (&first.measured, &other.measured);
        let columns = "say which columns are which, --columns x=A,B, or leave that file out";
        ensure!(
            a.dof() == b.dof(),
            two(
                "positions",
                count(a.dof(), "position"),
                count(b.dof(), "position"),
                columns
            )
        );
        ensure!(
            a.forcings() == b.forcings(),
            two(
                "inputs",
                count(a.forcings(), "input"),
                count(b.forcings(), "input"),
                columns
            )
        );
        let angles = |of: &[usize]| match of {
            [] => "none".to_string(),
            of => {
                let each = of.iter().map(|k| format!("position {}", k + 1));
                each.collect::<Vec<_>>().join(", ")
            }
        };
        ensure!(
            a.angles() == b.angles(),
            two(
                "angles",
                angles(a.angles()),
                angles(b.angles()),
                "say which positions are angles in all, --angles 1, or --angles none"
            )
        );
        let (a, b) = (&said.units, &learned.units);
        let label = |one: &Option<String>| one.clone().unwrap_or_else(|| "no unit".to_string());
        let pairs = a.positions.iter().zip(&b.positions);
        let different = pairs.chain([(&a.time, &b.time)]).find(|(a, b)| a != b);
        if let Some((a, b)) = different {
            bail!(two(
                "units",
                label(a),
                label(b),
                "coefficients in different units cannot be compared, bring the files to the same ones"
            ));
        }
    }
    Ok(())
}

/// What is found of a system alone.
fn alone<'a>(
    arguments: &Arguments,
    prepared: &'a Prepared,
    learned: Learned,
    name: String,
) -> Result<System<'a>> {
    let found = prepared.found(arguments, &learned)?;
    tell(&format!("looking for the law of {name}"));
    let (tried, sum) = found.sparse(learned.acceleration_error);
    let mut theories = vec![tried];
    let (lagrangian, place) = found.lagrangians(&mut theories);
    let known = learned.acceleration_error <= 1.0 || learned.acceleration_error.is_nan();
    let best = best(&theories, place, learned.acceleration_error).filter(|_| known);
    Ok(System {
        name,
        prepared,
        found,
        learned,
        alone: theories,
        best,
        place,
        lagrangian,
        sum,
    })
}

/// A law of several systems.
struct Common {
    sums: Vec<(Tried, Option<SparseLaw>)>,
    lagrangians: Vec<(Tried, Option<LagrangianLaw>)>,
    /// Bits without each number of the Lagrangian, `[S][K]`.
    bits: Vec<Vec<f64>>,
    other_kinds: Vec<usize>,
    /// Functions of the sum that each system needs.
    needs: Vec<Vec<bool>>,
    is_sum: bool,
}

/// Of a system: its theories, the place of the best, and the laws.
struct OfOne {
    theories: Vec<Tried>,
    best: usize,
    sum: Option<SparseLaw>,
    lagrangian: Option<LagrangianLaw>,
}

impl Common {
    fn error(&self, system: usize) -> f64 {
        let theories = if self.is_sum {
            &self.sums[system].0
        } else {
            &self.lagrangians[system].0
        };
        theories.error.unwrap_or(f64::INFINITY)
    }

    /// Systems that this law is not that of.
    fn odd(&self, systems: &[&System<'_>]) -> Vec<usize> {
        let mut odd: BTreeSet<usize> = match self.is_sum {
            false => self.other_kinds.iter().copied().collect(),
            true => {
                let of = |needs: &Vec<bool>| (0..needs.len()).filter(|k| needs[*k]).collect();
                let needs: Vec<BTreeSet<usize>> = self.needs.iter().map(of).collect();
                of_another_kind(&needs).into_iter().collect()
            }
        };
        odd.extend((0..systems.len()).filter(|s| systems[*s].is_worse(self.error(*s))));
        odd.into_iter().collect()
    }

    /// Which of its numbers are told from nothing in each system, `[S][K]`.
    fn needed(&self) -> Vec<Vec<bool>> {
        match self.is_sum {
            true => self.needs.clone(),
            false => {
                let told = |bits: &Vec<f64>| bits.iter().map(|bits| *bits > 0.0).collect();
                self.bits.iter().map(told).collect()
            }
        }
    }

    fn of_each(self) -> Vec<OfOne> {
        let best = usize::from(!self.is_sum);
        let both = self.sums.into_iter().zip(self.lagrangians);
        let each = both.map(|((sum, law), (tried, lagrangian))| OfOne {
            theories: vec![sum, tried],
            best,
            sum: law,
            lagrangian,
        });
        each.collect()
    }
}

/// The best law that these systems have in common: a sum for ẏ, or a Lagrangian with friction.
fn in_common(systems: &[&System<'_>]) -> Common {
    let begun = Instant::now();
    let sums = match sums(systems) {
        Ok(laws) => {
            let each = systems.iter().zip(laws);
            each.map(|(system, law)| system.found.judged(SUM, begun, Ok(law)))
                .collect()
        }
        Err(error) => systems
            .iter()
            .map(|_| (failed(SUM, begun.elapsed(), &error), None))
            .collect::<Vec<_>>(),
    };
    let begun = Instant::now();
    let (lagrangians, bits, other_kinds) = match lagrangians(systems) {
        Ok(common) => {
            let (bits, other_kinds) = (common.needed().to_vec(), common.of_another_kind());
            let each = systems.iter().zip(common.into_laws());
            let each = each.map(|(system, law)| system.found.tried(LAGRANGIAN, false, || Ok(law)));
            (each.collect(), bits, other_kinds)
        }
        Err(error) => {
            let each = systems
                .iter()
                .map(|_| (failed(LAGRANGIAN, begun.elapsed(), &error), None));
            (each.collect::<Vec<_>>(), Vec::new(), Vec::new())
        }
    };
    let needs = systems
        .iter()
        .zip(&sums)
        .map(|(system, (_, law))| match law {
            Some(law) => needs(law, &system.found.train.data),
            None => Vec::new(),
        });
    let needs = needs.collect();
    // Of all systems together, in the root mean square.
    let of_all = |each: &mut dyn Iterator<Item = &Tried>| {
        let each: Vec<&Tried> = each.collect();
        let squares = each
            .iter()
            .map(|one| one.error.unwrap_or(f64::INFINITY).powi(2));
        let error = (squares.sum::<f64>() / each.len() as f64).sqrt();
        let size = each.first().and_then(|one| one.size).unwrap_or(usize::MAX);
        tried("", begun.elapsed(), error, None, size, Vec::new())
    };
    let theories = [
        of_all(&mut sums.iter().map(|one| &one.0)),
        of_all(&mut lagrangians.iter().map(|one| &one.0)),
    ];
    let squares = systems.iter().map(|one| one.found.noise.powi(2));
    let noise = (squares.sum::<f64>() / systems.len() as f64).sqrt();
    Common {
        is_sum: best(&theories, 1, noise) == Some(0),
        sums,
        lagrangians,
        bits,
        other_kinds,
        needs,
    }
}

/// ẏ as a sum of the same functions in all.
fn sums(systems: &[&System<'_>]) -> Result<Vec<SparseLaw>> {
    let first = &systems[0].found;
    if first.measured.forcings() > 0 {
        bail!("there are inputs, which a sum of functions of the state does not know");
    }
    let library = first
        .functions
        .library(FunctionLibrary::mechanical, first.measured)?;
    let of = |rows: &dyn Fn(&Found<'_>) -> Vec<usize>| {
        let each = systems
            .iter()
            .map(|one| one.found.train.data.select(&rows(&one.found)));
        each.collect::<Result<Vec<Dataset>, _>>()
    };
    // The functions are chosen on the last fifth of each trajectory's rows.
    let learn = of(&|found| ends(&found.train.trajectory).0)?;
    let choose = of(&|found| ends(&found.train.trajectory).1)?;
    let pairs: Vec<(&Dataset, &Dataset)> = learn.iter().zip(&choose).collect();
    let laws = SparseRegression::new(library.clone()).fit_together(&pairs)?;
    let unexplained = |laws: &[SparseLaw]| {
        let each = laws.iter().zip(systems);
        each.filter(|(law, one)| one.found.is_unexplained(law.relative_error()))
            .map(|(law, _)| law.relative_error())
            .fold(0.0, f64::max)
    };
    let worst = unexplained(&laws);
    if worst > 0.0 {
        let library = library.and(FunctionLibrary::friction(first.measured.dof())?)?;
        let other = SparseRegression::new(library).fit_together(&pairs);
        if let Ok(other) = other
            && unexplained(&other) < 0.8 * worst
        {
            return Ok(other);
        }
    }
    Ok(laws)
}

/// Which functions of a sum are told from nothing, and worth anything, along these rows, in the order of its numbers.
fn needs(law: &SparseLaw, rows: &Dataset) -> Vec<bool> {
    let d = law.dof();
    let mut needs = Vec::new();
    for (i, component) in law.components().iter().enumerate() {
        let deviation = moments(rows.acceleration(), i, d).1.sqrt();
        for one in component {
            let squares = rows
                .iter()
                .map(|state| one.function.value(state.x, state.y).powi(2));
            let size = (squares.sum::<f64>() / rows.len() as f64).sqrt();
            let told = one.coefficient.abs() > SIGNIFICANT * one.standard_error;
            needs.push(told && one.coefficient.abs() * size > WORTH * deviation);
        }
    }
    needs
}

/// Lagrangians of the same terms and friction.
fn lagrangians(systems: &[&System<'_>]) -> Result<CommonLaws> {
    let first = &systems[0].found;
    let data: Vec<MotionData> = systems.iter().map(|one| one.found.learn.clone()).collect();
    let from: Vec<LagrangianLaw> = systems
        .iter()
        .filter_map(|one| one.lagrangian.clone())
        .collect();
    let of = |library: FunctionLibrary, friction: FrictionModel| {
        let laws = SparseLagrangian::new(library)
            .friction(friction)
            .fit_together(&data, &from)?;
        ensure!(
            laws.laws().iter().all(sensible),
            "coefficients grow without end, for no mass shows in some of these motions: start them otherwise"
        );
        Ok(laws)
    };
    // The worst error beside that of the accelerations; at most 1 where all is explained.
    let missed = |laws: &Result<CommonLaws>| {
        let Ok(laws) = laws else { return f64::INFINITY };
        let each = laws.laws().iter().zip(systems).map(|(law, one)| {
            let errors = law.relative_errors_on(&one.found.judge).unwrap_or_default();
            let squares: f64 = errors.iter().map(|error| error * error).sum();
            let error = (squares / errors.len() as f64).sqrt();
            error / (MUCH * one.found.noise.max(LEAST_SHARE))
        });
        each.fold(
            0.0,
            |a: f64, b| if b.is_nan() { f64::INFINITY } else { a.max(b) },
        )
    };
    // In the order of one system alone: what is in textbooks first, then all, then friction of every kind.
    let few = first.measured.dof() > 1 && first.functions == Functions::Usual;
    let library = match few {
        true => first.textbook()?,
        false => first.library()?,
    };
    let mut best = of(library, FrictionModel::Diagonal);
    if few && missed(&best) > 1.0 {
        let all = of(first.library()?, FrictionModel::Diagonal);
        if SAME * missed(&all) < missed(&best) {
            best = all;
        }
    }
    let otherwise = |law: &LagrangianLaw| {
        let mut friction = law.friction().iter();
        friction.any(|term| term.kind != FrictionKind::Linear)
    };
    let rubs_otherwise = from.iter().any(otherwise);
    if rubs_otherwise || missed(&best) > 1.0 {
        let other = of(first.library()?, FrictionModel::AnyKind);
        let most = if rubs_otherwise { 1.0 } else { 1.0 / SAME };
        if missed(&other) <= most * missed(&best) {
            best = other;
        }
    }
    best
}

/// What is kept of a system: the law that it shares, if it shares one, beside what was found of it alone.
fn finished(
    arguments: &Arguments,
    system: System<'_>,
    law: Option<OfOne>,
    (sharing, count): (usize, usize),
) -> Result<One> {
    let System {
        name,
        prepared,
        found,
        mut learned,
        alone,
        best,
        place,
        lagrangian,
        sum,
    } = system;
    let own = best.map(|best| alone[best].clone());
    let shares = law.is_some();
    let place = match law {
        Some(law) => {
            learned.theories = law.theories;
            (learned.best, learned.sparse) = (Some(law.best), law.sum);
            learned.lagrangian = law.lagrangian;
            let mut place = 1;
            let moves = law.best == place && timed(&prepared.measured);
            let to_refine = learned.lagrangian.clone();
            if let Some(law) = to_refine.filter(|law| moves && law.inputs() == 0) {
                tell(&format!("refining that of {name} by the motion"));
                let (tried, refined) = found.tried(REFINED, false, || {
                    Ok(law.refined_as_it_is(&found.recording(&prepared.split.train)?)?)
                });
                if refined.is_some()
                    && refines(&tried, &learned.theories[place], learned.acceleration_error)
                {
                    place = learned.theories.len();
                    (learned.best, learned.lagrangian) = (Some(place), refined);
                }
                learned.theories.push(tried);
            }
            let alone = alone.into_iter().map(|one| Tried {
                name: format!("{}, of this system alone", one.name),
                ..one
            });
            learned.theories.extend(alone);
            place
        }
        None => {
            (learned.theories, learned.best) = (alone, best);
            (learned.sparse, learned.lagrangian) = (sum, lagrangian);
            place
        }
    };
    let verdict = energy(&found, &mut learned, place);
    if arguments.out.is_some() {
        learned.course = Some(found.course(arguments, &learned, &prepared.split, &[])?);
    }
    learned.coefficients = learned.numbers();
    match learned.acceleration_error > 1.0 {
        true => unknown(&mut learned, &prepared.train.data),
        false => {
            let elsewhere = found.friction_elsewhere(learned.lagrangian.as_ref());
            conclude(&mut learned, verdict.as_ref(), &elsewhere, false);
        }
    }
    learned.verdict += &match shares {
        true if sharing == count => {
            format!("\nThe terms are those of {count} systems, the numbers are its own.")
        }
        true => format!(
            "\nThe terms are those of {sharing} of {count} systems, the numbers are its own."
        ),
        false => format!(
            "\nIts terms are not those of the other {} systems.",
            count - 1
        ),
    };
    Ok(One {
        name,
        shares,
        alone: own,
        found: learned,
    })
}

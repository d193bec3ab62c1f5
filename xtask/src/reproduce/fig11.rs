//! Figure 11: from Hamiltonian to Lagrangian theories?

use anyhow::Result;
use mass_interp::{
    EVALUATION_STATES, EnergyFit, HelmholtzPlan, PotentialReading, Reading, Scientist, Theory,
    TheoryFit, Verdict,
};
use mass_systems::{AnyLagrangian, Quantity};
use rayon::prelude::*;

use super::{
    Job, Output,
    population::{NO_VERDICT, Population, law, states, verdict},
    statistics::{
        finite, least, mean_and_deviation, median_and_quartiles, share, squared_correlation,
    },
};
use crate::{
    comparison::Comparison,
    draw::{
        Estimate,
        fig11::{Fig11, Fig11Cell, Fig11Phase, draw},
    },
};

/// States at which the Helmholtz condition is judged.
const HELMHOLTZ_STATES: usize = 2048;

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let request = job.request();
    let population = Population::train_continued(request)?;
    let (mut all, mut correct, mut by_system) = (Vec::new(), Vec::new(), Vec::new());
    for phase in 1..=population.phases() {
        let scientists = population.at(phase)?;
        let newest = phase - 1;
        for (place, system) in population.systems()[..newest].iter().enumerate() {
            by_system.push(cell(&judge(&scientists, place, system)?));
        }
        let system = &population.systems()[newest];
        let mut judged = judge(&scientists, newest, system)?;
        frictions(&scientists, newest, system, &mut judged)?;
        by_system.push(cell(&judged));
        let right = population.correct(phase)?;
        let those = judged.iter().zip(right).filter(|(_, right)| *right);
        correct.push(sum_up(
            &those.map(|(judged, _)| *judged).collect::<Vec<_>>(),
        ));
        all.push(sum_up(&judged));
    }
    let output = Output::new(job, "fig11")?;
    let data = output.data(&Fig11 {
        recipe: request.recipe.name.clone(),
        scientists: population.seeds().len(),
        systems: population.systems().to_vec(),
        all,
        correct,
        by_system,
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(vec![population.trained()], &comparisons(&data))
}

/// What is found of one scientist on one system; NaN or `None` where nothing can be said.
#[derive(Clone, Copy)]
struct Judged {
    /// Whether it could be read at all.
    read: bool,
    /// By the signs of the fit of S.
    theory: Option<Theory>,
    theory_printed: Option<Theory>,
    /// The same on every side of the domain.
    theory_by_side: Option<Theory>,
    /// By how S bends.
    theory_by_curvature: Option<Theory>,
    energy_r2: f64,
    /// R² of S ≈ a L + c, and of S ≈ a H + c.
    scalar: [f64; 2],
    fit_lagrangian: f64,
    fit_hamiltonian: f64,
    fit_hamiltonian_printed: f64,
    /// Scores of Euler–Lagrange and of −S_x with the learned S.
    reading: Verdict,
    helmholtz: f64,
}

impl Judged {
    const NOTHING: Self = Self {
        read: false,
        theory: None,
        theory_printed: None,
        theory_by_side: None,
        theory_by_curvature: None,
        energy_r2: f64::NAN,
        scalar: [f64::NAN; 2],
        fit_lagrangian: f64::NAN,
        fit_hamiltonian: f64::NAN,
        fit_hamiltonian_printed: f64::NAN,
        reading: NO_VERDICT,
        helmholtz: f64::NAN,
    };
}

fn judge(scientists: &[Scientist], place: usize, system: &str) -> Result<Vec<Judged>> {
    let batch = states(system, EVALUATION_STATES)?;
    let law = law(&scientists[0].systems()[place])?;
    let one = |scientist: &Scientist| -> Result<Judged> {
        Ok(judge_one(&scientist.read(place, &batch)?, law))
    };
    scientists.par_iter().map(one).collect()
}

fn frictions(
    scientists: &[Scientist],
    place: usize,
    system: &str,
    judged: &mut [Judged],
) -> Result<()> {
    let many = states(system, HELMHOLTZ_STATES)?;
    let one = |(scientist, judged): (&Scientist, &mut Judged)| {
        if judged.read {
            let found = scientist.helmholtz(place, &many, &HelmholtzPlan::default());
            judged.helmholtz = found.map_or(f64::NAN, |found| found.relative_friction());
        }
    };
    scientists.par_iter().zip(judged).for_each(one);
    Ok(())
}

fn judge_one(reading: &Reading, law: &dyn AnyLagrangian) -> Judged {
    let Ok(regular) = reading.regular() else {
        return Judged::NOTHING;
    };
    let energy = EnergyFit::of(&regular, law, PotentialReading::Law).ok();
    let printed = EnergyFit::of(&regular, law, PotentialReading::Printed).ok();
    let fit = TheoryFit::of(&regular, law, PotentialReading::Law).ok();
    let fit_printed = TheoryFit::of(&regular, law, PotentialReading::Printed).ok();
    let scalar = [Quantity::Lagrangian, Quantity::Hamiltonian].map(|which| {
        let values = regular.states().iter();
        let values = values.map(|state| law.at(which, state.x, state.y).unwrap_or(f64::NAN));
        squared_correlation(&values.collect::<Vec<_>>(), regular.scalar())
    });
    Judged {
        read: true,
        theory: energy.and_then(|fit| fit.theory()),
        theory_printed: printed.and_then(|fit| fit.theory()),
        theory_by_side: theory_by_side(&regular, law),
        theory_by_curvature: theory_by_curvature(&regular, law),
        energy_r2: energy.map_or(f64::NAN, |fit| fit.r2),
        scalar,
        fit_lagrangian: fit.map_or(f64::NAN, |fit| fit.lagrangian),
        fit_hamiltonian: fit.map_or(f64::NAN, |fit| fit.hamiltonian),
        fit_hamiltonian_printed: fit_printed.map_or(f64::NAN, |fit| fit.hamiltonian),
        // The theory works with the learned S, not the scientist with an exact one: −S_x computes
        // the law with a = −1 from an exact L too, so that a scientist's score on L says nothing.
        // What a theory does not see in S does not count.
        reading: verdict(std::slice::from_ref(reading)),
        helmholtz: f64::NAN,
    }
}

/// What the signs say on every side of the domain, each fitted by itself; `None` if they do not agree.
fn theory_by_side(reading: &Reading, law: &dyn AnyLagrangian) -> Option<Theory> {
    let system = mass_systems::lookup(reading.states().id()).ok()?;
    let two_sided = system.domain().x().iter().any(|range| range.is_two_sided());
    let states = reading.states().x().iter().step_by(reading.dof());
    let right: Vec<bool> = states.map(|x| !two_sided || *x > 0.0).collect();
    let of = |side: bool| {
        let those: Vec<usize> = (0..right.len()).filter(|i| right[*i] == side).collect();
        let fit = EnergyFit::of(&reading.select(&those).ok()?, law, PotentialReading::Law);
        fit.ok()?.theory()
    };
    let theory = of(true)?;
    (!two_sided || of(false) == Some(theory)).then_some(theory)
}

/// Whether S_xx S_yy has the sign of L_xx L_yy at most states, as an L has whatever its unit, or the
/// other one, as an H has where V alone depends on x: no fit is asked.
fn theory_by_curvature(reading: &Reading, law: &dyn AnyLagrangian) -> Option<Theory> {
    let (xx, yy) = (reading.term("Sxx x").ok()?, reading.term("Syy y").ok()?);
    let as_l = reading.states().iter().zip(xx.iter().zip(&yy));
    let as_l = as_l.filter(|(state, (xx, yy))| {
        let bends = *xx * *yy * state.x[0] * state.y[0];
        let exact = law.derivatives(Quantity::Lagrangian, state.x, state.y);
        exact.is_some_and(|l| bends * l.s_xx[0] * l.s_yy[0] > 0.0)
    });
    match as_l.count() * 2 > reading.states().len() {
        true => Some(Theory::Lagrangian),
        false => Some(Theory::Hamiltonian),
    }
}

fn sum_up(judged: &[Judged]) -> Fig11Phase {
    let counted: Vec<&Judged> = judged.iter().filter(|one| one.read).collect();
    let those = |is: &dyn Fn(&Judged) -> bool| {
        share(counted.iter().filter(|one| is(one)).count(), counted.len())
    };
    let described = counted.iter().filter(|one| one.energy_r2 > DESCRIBED);
    let described: Vec<_> = described.collect();
    let of_those = described.iter();
    let of_those = of_those.filter(|one| one.theory == Some(Theory::Lagrangian));
    let values = |of: fn(&Judged) -> f64| -> Vec<f64> { judged.iter().map(of).collect() };
    let mean = |of: fn(&Judged) -> f64| mean_and_deviation(&values(of));
    let median = |of: fn(&Judged) -> f64| median_and_quartiles(&values(of));
    Fig11Phase {
        counted: counted.len(),
        unreadable: judged.len() - counted.len(),
        lagrangian: those(&|one| one.theory == Some(Theory::Lagrangian)),
        hamiltonian: those(&|one| one.theory == Some(Theory::Hamiltonian)),
        lagrangian_printed: those(&|one| one.theory_printed == Some(Theory::Lagrangian)),
        lagrangian_by_side: those(&|one| one.theory_by_side == Some(Theory::Lagrangian)),
        lagrangian_by_curvature: those(&|one| one.theory_by_curvature == Some(Theory::Lagrangian)),
        described: described.len(),
        lagrangian_described: share(of_those.count(), described.len()),
        nearer_lagrangian: those(&|one| one.fit_lagrangian - one.fit_hamiltonian_printed > NEARER),
        energy_r2: median(|one| one.energy_r2),
        fit_lagrangian: mean(|one| one.fit_lagrangian),
        fit_hamiltonian: mean(|one| one.fit_hamiltonian),
        fit_hamiltonian_printed: mean(|one| one.fit_hamiltonian_printed),
        scalar_lagrangian: mean(|one| one.scalar[0]),
        scalar_hamiltonian: mean(|one| one.scalar[1]),
        reading_lagrangian: median(|one| one.reading.lagrangian),
        reading_hamiltonian: median(|one| one.reading.hamiltonian),
        helmholtz: median(|one| one.helmholtz),
        helmholtz_judged: finite(&values(|one| one.helmholtz)).len(),
    }
}

fn cell(judged: &[Judged]) -> Fig11Cell {
    let values = |of: fn(&Judged) -> f64| -> Vec<f64> { judged.iter().map(of).collect() };
    Fig11Cell {
        scalar_lagrangian: mean_and_deviation(&values(|one| one.scalar[0])),
        fit_lagrangian: mean_and_deviation(&values(|one| one.fit_lagrangian)),
    }
}

/// A fit describes S from this R² on.
const DESCRIBED: f64 = 0.9;
/// Activations are nearer to one theory's than to another's by so much in R²; less is rounding.
const NEARER: f64 = 0.01;
/// A scalar is that of a theory if the theory's motion with it scores so much.
const WORKS: f64 = Verdict::LEAST;
/// Systems on which the paper finds Hamiltonians.
const SIMPLE: usize = 2;

fn comparisons(data: &Fig11) -> Vec<Comparison> {
    let mut rows = signs(data);
    rows.extend(towards_the_lagrangian(data));
    for (phase, (system, all)) in data.systems.iter().zip(&data.all).enumerate() {
        let l = all.reading_lagrangian.value;
        let h = all.reading_hamiltonian.value;
        let simple = phase < SIMPLE;
        rows.push(
            Comparison::new(
                format!(
                    "{system}: score of {} with the learned S, median of {}",
                    if simple { "−S_x" } else { "Euler–Lagrange" },
                    all.counted
                ),
                None,
                if simple { h } else { l },
                "1",
                match simple {
                    true => format!(
                        "scientists of simple systems hold an H and no L (−S_x scores > {WORKS} with their S, Euler–Lagrange, {l:.2}, does not)"
                    ),
                    false => format!(
                        "scientists of complex systems hold an L (Euler–Lagrange scores > {WORKS} with their S; −S_x {h:.2})"
                    ),
                },
                match simple {
                    true => l.is_finite().then_some(h > WORKS && l <= WORKS),
                    false => Some(l > WORKS),
                },
            )
            .of_ours(),
        );
    }
    for (system, all) in data.systems.iter().zip(&data.all) {
        rows.push(
            Comparison::new(
                format!(
                    "{system}: friction that no Lagrangian explains, by the law's rate, median of {}",
                    all.helmholtz_judged
                ),
                None,
                all.helmholtz.value,
                "1",
                "the learned law is the Euler–Lagrange equation of some Lagrangian (friction < 0.01 of the rate)",
                all.helmholtz.value < 0.01,
            )
            .of_ours(),
        );
    }
    let fits = data.all.iter().map(|phase| phase.energy_r2.value);
    let fits: Vec<f64> = fits.collect();
    rows.push(
        Comparison::new(
            "R² of S ≈ c₁T + c₂V + c₀, median, least over the phases",
            None,
            least(&fits),
            "1",
            format!(
                "the signs are those of a fit that describes S (R² > 0.9; by phase {})",
                course(&fits)
            ),
            least(&fits) > DESCRIBED,
        )
        .of_ours(),
    );
    rows.extend(other_readings(data));
    rows
}

/// "Lagrangian" read in another way than by the signs of the fit.
struct OtherReading {
    name: &'static str,
    how: &'static str,
    /// The first phase, from 0, at which it can tell.
    from: usize,
    of: fn(&Fig11Phase) -> Estimate,
    /// How many scientists it is asked of.
    among: fn(&Fig11Phase) -> usize,
    /// Whether it can come out either way.
    tests: bool,
}

/// Whether the switch to a Lagrangian is there in another reading.
fn other_readings(data: &Fig11) -> Vec<Comparison> {
    let readings = [
        OtherReading {
            name: "by the signs, where the fit describes S",
            how: "among those whose S is a mixture of T and V, R² > 0.9",
            from: SIMPLE,
            of: |phase| phase.lagrangian_described,
            among: |phase| phase.described,
            tests: true,
        },
        OtherReading {
            name: "by how S bends",
            how: "by the sign of S_xx S_yy at most states, without a fit",
            from: SIMPLE,
            of: |phase| phase.lagrangian_by_curvature,
            among: |phase| phase.counted,
            tests: true,
        },
        // With the printed V, −H_x is the law of the first four systems, as Euler–Lagrange is: only on
        // the last two can the fits differ. What they say there is the laws' doing: the exact law, as
        // one activation, is nearer to L, whatever S it was made of.
        OtherReading {
            name: "by activations",
            how: "by what explains them better, L or H with the printed V, which are one on the first four systems; but the exact law itself has it, and most correct predictions",
            from: 4,
            of: |phase| phase.nearer_lagrangian,
            among: |phase| phase.counted,
            tests: false,
        },
    ];
    let row = |reading: OtherReading| {
        let share = |phase| 100.0 * (reading.of)(phase).value;
        let by_phase = data.all.iter().map(|phase| match (reading.among)(phase) {
            0 => "of none".to_string(),
            n => format!("{:.0} of {n}", share(phase)),
        });
        let known = data.all[reading.from..].iter();
        let lowest: Vec<f64> = known.clone().map(|phase| (reading.of)(phase).low).collect();
        let known: Vec<f64> = known.map(share).collect();
        Comparison::new(
            format!("Lagrangian {}, least from phase {} on", reading.name, reading.from + 1),
            None,
            least(&known),
            "%",
            format!(
                "on more complex problems they switch to a Lagrangian theory, {} (more than half, by the lower end of the 95 % interval; by phase, %: {})",
                reading.how,
                by_phase.collect::<Vec<_>>().join(", ")
            ),
            reading.tests.then_some(least(&lowest) > 0.5),
        )
        .of_ours()
    };
    readings.map(row).to_vec()
}

fn course(values: &[f64]) -> String {
    let text = values.iter().map(|value| format!("{value:.2}"));
    text.collect::<Vec<_>>().join(", ")
}

/// Figure 11a: Hamiltonian or Lagrangian by the signs of c₁ and c₂.
fn signs(data: &Fig11) -> Vec<Comparison> {
    let mut rows = Vec::new();
    for (phase, (system, all)) in data.systems.iter().zip(&data.all).enumerate() {
        let right = &data.correct[phase];
        let simple = phase < SIMPLE;
        let (name, found, other) = match simple {
            true => ("Hamiltonian", all.hamiltonian, right.hamiltonian),
            false => ("Lagrangian", all.lagrangian, right.lagrangian),
        };
        let found = 100.0 * found.value;
        let of_correct = match right.counted {
            0 => "none is correct".to_string(),
            n => format!("of the {n} correct ones {:.0} %", 100.0 * other.value),
        };
        rows.push(Comparison::new(
            format!(
                "{system}: {name} by the signs of c₁ and c₂, after phase {}, of {}",
                phase + 1,
                all.counted
            ),
            simple.then_some(90.0),
            found,
            "%",
            match simple {
                true => format!("more than 90 % agree on a Hamiltonian ({of_correct})"),
                false => format!(
                    "on more complex problems they switch to a Lagrangian theory (more than half; {of_correct})"
                ),
            },
            found > if simple { 90.0 } else { 50.0 },
        ));
        let by_side = 100.0 * all.lagrangian_by_side.value;
        if system == "kepler" {
            rows.push(
                Comparison::new(
                    format!("{system}: Lagrangian by the signs on both sides of x = 0"),
                    None,
                    by_side,
                    "%",
                    "the same where S is fitted on either side by itself, for no state lies between (more than half)",
                    by_side > 50.0,
                )
                .of_ours(),
            );
        }
        let printed = 100.0 * all.lagrangian_printed.value;
        if system == "relativistic" {
            rows.push(Comparison::new(
                format!("{system}: Lagrangian by the signs, with the V that Table 1 prints"),
                None,
                printed,
                "%",
                "the same with the printed V, which is no potential of its L (more than half)",
                printed > 50.0,
            ));
        }
    }
    rows
}

/// Figure 11b: R² of fits to the exact theories.
fn towards_the_lagrangian(data: &Fig11) -> Vec<Comparison> {
    let last = data.systems.len() - 1;
    let cell = |phase: usize, place: usize| data.by_system[phase * (phase + 1) / 2 + place];
    let mut rows = Vec::new();
    for (what, claim, of) in [
        (
            "R² of S ≈ a L + c",
            "the correlation to the Lagrangian scalar function itself also increases",
            (|cell: Fig11Cell| cell.scalar_lagrangian.value) as fn(Fig11Cell) -> f64,
        ),
        (
            "R² of activations on those of the exact L",
            "the fit to the Lagrangian increases with the number of systems",
            |cell: Fig11Cell| cell.fit_lagrangian.value,
        ),
    ] {
        // The same system when it had joined and in the end, for two systems do not compare.
        let rises: Vec<f64> = (0..last)
            .map(|place| of(cell(last, place)) - of(cell(place, place)))
            .collect();
        let rise = rises.iter().sum::<f64>() / rises.len() as f64;
        let newest: Vec<f64> = (0..=last).map(|phase| of(cell(phase, phase))).collect();
        rows.push(Comparison::new(
            format!("{what}: in the end less when the system joined, mean of {last} systems"),
            None,
            rise,
            "1",
            format!(
                "{claim} (on the same systems; by system {}; of the newest at each phase {})",
                course(&rises),
                course(&newest)
            ),
            rise > 0.0,
        ));
    }
    // Where S_xy = 0, on the first three, the exact activations of both theories are one function,
    // and with the printed V on the fourth too.
    for (name, from, hamiltonian) in [
        (
            "exact H",
            3,
            (|phase: &Fig11Phase| phase.fit_hamiltonian.value) as fn(&Fig11Phase) -> f64,
        ),
        ("exact H with the printed V", 4, |phase: &Fig11Phase| {
            phase.fit_hamiltonian_printed.value
        }),
    ] {
        let beyond = data.all.iter().skip(from);
        let gaps = beyond.map(|phase| phase.fit_lagrangian.value - hamiltonian(phase));
        let gaps: Vec<f64> = gaps.collect();
        rows.push(Comparison::new(
            format!(
                "R² on the exact L less that on the {name}, the least from phase {} on",
                from + 1
            ),
            None,
            least(&gaps),
            "1",
            format!(
                "on complex problems the activations are nearer to the Lagrangian's ({}; before, the two are one function whatever was learned)",
                course(&gaps)
            ),
            least(&gaps) > 0.0,
        ));
    }
    rows
}

#[cfg(test)]
mod tests {
    use mass_systems::lookup;

    use super::*;
    use crate::comparison::holds;
    use crate::draw::fig11::made_up::synthetic;

    const SIX: [&str; 6] = [
        "classical",
        "pendulum",
        "kepler",
        "relativistic",
        "alpha",
        "beta",
    ];

    /// Populations of copies of one exact theory.
    fn population(hamiltonian: bool) -> Fig11 {
        let judged = |id: &str| {
            let system = lookup(id).unwrap();
            let law = system.lagrangian().unwrap();
            let states = states(id, 256).unwrap();
            // With the printed V, with which −H_x is the law of one more.
            let printed = PotentialReading::Printed;
            let reading = match hamiltonian {
                true => Reading::exact_hamiltonian(law, printed, &states).unwrap(),
                false => Reading::exact_lagrangian(law, &states).unwrap(),
            };
            let mut one = judge_one(&reading, law);
            one.helmholtz = 1e-4;
            vec![one; 6]
        };
        let judged: Vec<Vec<Judged>> = SIX.map(judged).to_vec();
        let phases: Vec<Fig11Phase> = judged.iter().map(|all| sum_up(all)).collect();
        let cells = (0..6).flat_map(|phase| judged[..=phase].iter().map(|all| cell(all)));
        Fig11 {
            recipe: "reference".into(),
            scientists: 6,
            systems: SIX.map(String::from).to_vec(),
            correct: phases.clone(),
            all: phases,
            by_system: cells.collect(),
        }
    }

    #[test]
    fn exact_theories_are_told_apart() {
        let [t, f] = [Some(true), Some(false)];
        let rows = comparisons(&population(false));
        for id in ["classical", "pendulum"] {
            assert_eq!(holds(&rows, &format!("{id}: Hamiltonian by")), f);
            assert_eq!(
                holds(&rows, &format!("{id}: score of −S_x")),
                f,
                "it is an L"
            );
        }
        for id in &SIX[2..] {
            assert_eq!(
                holds(&rows, &format!("{id}: Lagrangian by the signs of")),
                t
            );
            assert_eq!(holds(&rows, &format!("{id}: score of Euler")), t, "{id}");
        }
        assert_eq!(holds(&rows, "less that on the exact H, the"), t);
        assert_eq!(holds(&rows, "less that on the exact H with"), t);
        assert_eq!(holds(&rows, "beta: friction"), t);
        for other in ["by the signs, where", "by how S bends"] {
            assert_eq!(holds(&rows, &format!("Lagrangian {other}")), t, "{other}");
        }
        // All of them, but that tests nothing.
        let row = rows
            .iter()
            .find(|row| row.quantity.starts_with("Lagrangian by activations"));
        assert_eq!(
            row.map(|row| (row.ours, row.holds)),
            Some((Some(100.0), None))
        );
        assert_eq!(holds(&rows, "kepler: Lagrangian by the signs on"), t);
        // Nothing rises where all is exact from the beginning.
        assert_eq!(holds(&rows, "R² of S ≈ a L + c"), f);

        let rows = comparisons(&population(true));
        for id in ["classical", "pendulum"] {
            assert_eq!(holds(&rows, &format!("{id}: Hamiltonian by")), t);
            assert_eq!(holds(&rows, &format!("{id}: score of −S_x")), t);
        }
        for id in &SIX[2..4] {
            assert_eq!(
                holds(&rows, &format!("{id}: Lagrangian by the signs of")),
                f
            );
            assert_eq!(holds(&rows, &format!("{id}: score of Euler")), f, "{id}");
        }
        for other in ["by the signs, where", "by how S bends"] {
            assert_eq!(holds(&rows, &format!("Lagrangian {other}")), f, "{other}");
        }
    }

    #[test]
    fn sides_are_judged_by_themselves() {
        // L on the right and 3 L + 7 on the left is L on both sides; H on the left is not.
        let system = lookup("kepler").unwrap();
        let law = system.lagrangian().unwrap();
        let states = states("kepler", 256).unwrap();
        let library = mass_terms::Library::standard();
        let on = |left: Quantity, factor: f64| {
            let reading =
                Reading::of_scalar(&states, &library, &vec![0.0; library.len()], 0.0, |x, y| {
                    if x[0] > 0.0 {
                        return law.derivatives(Quantity::Lagrangian, x, y);
                    }
                    let mut s = law.derivatives(left, x, y)?;
                    s.value = factor * s.value + 7.0;
                    Some(s)
                });
            theory_by_side(&reading.unwrap(), law)
        };
        let lagrangian = Some(Theory::Lagrangian);
        assert_eq!(on(Quantity::Lagrangian, 3.0), lagrangian);
        assert_eq!(on(Quantity::Lagrangian, -3.0), lagrangian);
        assert_eq!(on(Quantity::Hamiltonian, 1.0), None);
    }

    #[test]
    fn what_rises_on_the_same_systems_holds() {
        let rows = comparisons(&synthetic());
        assert_eq!(holds(&rows, "R² of S ≈ a L + c"), Some(true));
        assert_eq!(holds(&rows, "R² of activations on those"), Some(false));
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        let nothing = vec![Judged::NOTHING; 3];
        let phase = sum_up(&nothing);
        assert_eq!((phase.counted, phase.unreadable), (0, 3));
        let data = Fig11 {
            all: vec![phase.clone(); 6],
            correct: vec![phase; 6],
            by_system: vec![cell(&nothing); 21],
            ..synthetic()
        };
        for row in comparisons(&data) {
            assert_eq!((row.ours, row.holds), (None, None), "{}", row.quantity);
        }
        // One phase without data: the least of all is not known.
        let mut data = synthetic();
        data.all[4].fit_lagrangian = Estimate::NONE;
        data.all[2].energy_r2 = Estimate::NONE;
        let rows = comparisons(&data);
        assert_eq!(holds(&rows, "less that on the exact H, the"), None);
        assert_eq!(holds(&rows, "least over the phases"), None);
    }
}

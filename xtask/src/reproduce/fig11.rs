//! Figure 11: from Hamiltonian to Lagrangian theories?

use anyhow::Result;
use mass_interp::{EVALUATION_STATES, HelmholtzPlan, Judgement, Reading, Scientist, Verdict};
use mass_systems::lookup;
use rayon::prelude::*;

use super::{
    Job, Output,
    population::{Population, law, states},
    statistics::{least, mean_and_deviation},
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
        correct.push(Fig11Phase::of(
            &those.map(|(judged, _)| *judged).collect::<Vec<_>>(),
        ));
        all.push(Fig11Phase::of(&judged));
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

fn judge(scientists: &[Scientist], place: usize, system: &str) -> Result<Vec<Judgement>> {
    let readings = Scientist::read_all(scientists, place, &states(system, EVALUATION_STATES)?)?;
    let law = law(&scientists[0].systems()[place])?;
    let domain = lookup(system)?.domain();
    let one = |reading: &Reading| Judgement::of(reading, law, &domain);
    Ok(readings.par_iter().map(one).collect())
}

fn frictions(
    scientists: &[Scientist],
    place: usize,
    system: &str,
    judged: &mut [Judgement],
) -> Result<()> {
    let many = states(system, HELMHOLTZ_STATES)?;
    let one = |(scientist, judged): (&Scientist, &mut Judgement)| {
        if judged.read {
            let found = scientist.helmholtz(place, &many, &HelmholtzPlan::default());
            let friction = found.map_or(f64::NAN, |found| found.relative_friction());
            *judged = judged.with_friction(friction);
        }
    };
    scientists.par_iter().zip(judged).for_each(one);
    Ok(())
}

fn cell(judged: &[Judgement]) -> Fig11Cell {
    let values = |of: fn(&Judgement) -> f64| -> Vec<f64> { judged.iter().map(of).collect() };
    Fig11Cell {
        scalar_lagrangian: mean_and_deviation(&values(|one| one.scalar_lagrangian)),
        fit_lagrangian: mean_and_deviation(&values(|one| one.fit_lagrangian)),
    }
}

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
            least(&fits) > Fig11Phase::DESCRIBED,
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
    use mass_interp::PotentialReading;

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
            let one = Judgement::of(&reading, law, &system.domain()).with_friction(1e-4);
            vec![one; 6]
        };
        let judged: Vec<Vec<Judgement>> = SIX.map(judged).to_vec();
        let phases: Vec<Fig11Phase> = judged.iter().map(|all| Fig11Phase::of(all)).collect();
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
    fn what_rises_on_the_same_systems_holds() {
        let rows = comparisons(&synthetic());
        assert_eq!(holds(&rows, "R² of S ≈ a L + c"), Some(true));
        assert_eq!(holds(&rows, "R² of activations on those"), Some(false));
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        let nothing = vec![Judgement::NOTHING; 3];
        let phase = Fig11Phase::of(&nothing);
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

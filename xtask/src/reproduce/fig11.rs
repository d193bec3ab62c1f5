//! Figure 11: from Hamiltonian to Lagrangian theories?

use anyhow::Result;
use mass_interp::{
    EVALUATION_STATES, EnergyFit, HelmholtzPlan, PotentialReading, Reading, Scientist, Theory,
    TheoryFit, exchange,
};
use mass_systems::AnyLagrangian;
use rayon::prelude::*;

use super::{
    Job, Output,
    population::{Population, law, states},
    statistics::{finite, mean_and_deviation, median_and_quartiles, share},
};
use crate::{
    comparison::Comparison,
    draw::fig11::{Fig11, Fig11Phase, draw},
};

/// States at which the Helmholtz condition is judged.
const HELMHOLTZ_STATES: usize = 2048;

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let request = job.request();
    let population = Population::train_continued(request)?;
    let (mut all, mut correct) = (Vec::new(), Vec::new());
    for phase in 1..=population.phases() {
        let scientists = population.at(phase)?;
        let judged = judge(&scientists, phase - 1, &population.systems()[phase - 1])?;
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
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(vec![population.trained()], &comparisons(&data))
}

/// What is found of one scientist on one system; NaN or `None` where nothing can be said.
#[derive(Clone, Copy)]
struct Judged {
    /// By the signs of the fit of S, and whether it could be made.
    theory: Option<Theory>,
    theory_printed: Option<Theory>,
    fitted: bool,
    energy_r2: f64,
    fit_lagrangian: f64,
    fit_hamiltonian: f64,
    reading_lagrangian: f64,
    reading_hamiltonian: f64,
    helmholtz: f64,
}

fn judge(scientists: &[Scientist], place: usize, system: &str) -> Result<Vec<Judged>> {
    let batch = states(system, EVALUATION_STATES)?;
    let many = states(system, HELMHOLTZ_STATES)?;
    let law = law(&scientists[0].systems()[place])?;
    let exact = [
        Reading::exact_lagrangian(law, &batch)?,
        Reading::exact_hamiltonian(law, PotentialReading::Law, &batch)?,
    ];
    let one = |scientist: &Scientist| -> Result<Judged> {
        let reading = scientist.read(place, &batch)?;
        let residual = scientist.helmholtz(place, &many, &HelmholtzPlan::default());
        Ok(Judged {
            helmholtz: residual.map_or(f64::NAN, |found| found.residual),
            ..judge_one(&reading, law, &exact)
        })
    };
    scientists.par_iter().map(one).collect()
}

fn judge_one(reading: &Reading, law: &dyn AnyLagrangian, exact: &[Reading; 2]) -> Judged {
    let energy = EnergyFit::of(reading, law, PotentialReading::Law).ok();
    let printed = EnergyFit::of(reading, law, PotentialReading::Printed).ok();
    let fit = TheoryFit::of(reading, law, PotentialReading::Law).ok();
    // A library of other terms cannot read the exact scalars of the standard one.
    let reads = |exact| exchange(reading, exact).map_or(f64::NAN, |read| read.score);
    Judged {
        theory: energy.and_then(|fit| fit.theory()),
        theory_printed: printed.and_then(|fit| fit.theory()),
        fitted: energy.is_some() && fit.is_some(),
        energy_r2: energy.map_or(f64::NAN, |fit| fit.r2),
        fit_lagrangian: fit.map_or(f64::NAN, |fit| fit.lagrangian),
        fit_hamiltonian: fit.map_or(f64::NAN, |fit| fit.hamiltonian),
        reading_lagrangian: reads(&exact[0]),
        reading_hamiltonian: reads(&exact[1]),
        helmholtz: f64::NAN,
    }
}

fn sum_up(judged: &[Judged]) -> Fig11Phase {
    let counted: Vec<&Judged> = judged.iter().filter(|one| one.fitted).collect();
    let those = |is: &dyn Fn(&Judged) -> bool| {
        share(counted.iter().filter(|one| is(one)).count(), counted.len())
    };
    let values = |of: fn(&Judged) -> f64| -> Vec<f64> { judged.iter().map(of).collect() };
    Fig11Phase {
        counted: counted.len(),
        not_finite: judged.len() - counted.len(),
        lagrangian: those(&|one| one.theory == Some(Theory::Lagrangian)),
        hamiltonian: those(&|one| one.theory == Some(Theory::Hamiltonian)),
        lagrangian_printed: those(&|one| one.theory_printed == Some(Theory::Lagrangian)),
        energy_r2: median_and_quartiles(&values(|one| one.energy_r2)),
        fit_lagrangian: mean_and_deviation(&values(|one| one.fit_lagrangian)),
        fit_hamiltonian: mean_and_deviation(&values(|one| one.fit_hamiltonian)),
        reading_lagrangian: median_and_quartiles(&values(|one| one.reading_lagrangian)),
        reading_hamiltonian: median_and_quartiles(&values(|one| one.reading_hamiltonian)),
        helmholtz: median_and_quartiles(&values(|one| one.helmholtz)),
        helmholtz_judged: finite(&values(|one| one.helmholtz)).len(),
    }
}

fn comparisons(data: &Fig11) -> Vec<Comparison> {
    let mut rows = Vec::new();
    let last = data.systems.len() - 1;
    for (phase, (system, all)) in data.systems.iter().zip(&data.all).enumerate() {
        let right = &data.correct[phase];
        let simple = phase < 2;
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
            format!("{system}: {name} by the signs of c₁ and c₂, after phase {}", phase + 1),
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
    }
    let fits: Vec<f64> = data
        .all
        .iter()
        .map(|phase| phase.fit_lagrangian.value)
        .collect();
    rows.push(Comparison::new(
        format!(
            "R² of activations on the exact L: after phase {} less after phase 1",
            last + 1
        ),
        None,
        fits[last] - fits[0],
        "1",
        "the correlation to the Lagrangian itself also increases",
        fits[last] > fits[0],
    ));
    // Where S_xy = 0, on the first three, the exact activations of both theories are one function.
    let beyond = data.all.iter().skip(3);
    let gap = beyond.map(|phase| phase.fit_lagrangian.value - phase.fit_hamiltonian.value);
    let gap = gap.fold(f64::INFINITY, f64::min);
    rows.push(Comparison::new(
        "R² on the exact L less that on the exact H, the least from phase 4 on",
        None,
        gap,
        "1",
        "on complex problems the activations are nearer to the Lagrangian's (on the first three systems the two are one number, whatever was learned)",
        gap > 0.0,
    ));
    for (phase, (system, all)) in data.systems.iter().zip(&data.all).enumerate() {
        let (l, h) = (all.reading_lagrangian.value, all.reading_hamiltonian.value);
        rows.push(Comparison::new(
            format!("{system}: score of reading the exact L, median (the exact H: {h:.2})"),
            None,
            l,
            "1",
            match phase < 2 {
                true => "scientists of simple systems work with H rather than with L",
                false => "scientists of complex systems work with L rather than with H",
            },
            if phase < 2 { h > l } else { l > h },
        ));
    }
    let beta = &data.all[last];
    rows.push(Comparison::new(
        format!(
            "{}: Helmholtz residual of the learned law, median of {}",
            data.systems[last], beta.helmholtz_judged
        ),
        None,
        beta.helmholtz.value,
        "1",
        "the learned law is the Euler–Lagrange equation of some Lagrangian (residual < 0.01)",
        beta.helmholtz.value < 0.01,
    ));
    let signs: Vec<String> = data
        .all
        .iter()
        .map(|phase| format!("{:.2}", phase.energy_r2.value))
        .collect();
    let least = data.all.iter().map(|phase| phase.energy_r2.value);
    let least = least.fold(f64::INFINITY, f64::min);
    rows.push(Comparison::new(
        "R² of S ≈ c₁T + c₂V + c₀, median, least over the phases",
        None,
        least,
        "1",
        format!(
            "the signs are those of a fit that describes S (R² > 0.9; by phase {})",
            signs.join(", ")
        ),
        least > 0.9,
    ));
    rows
}

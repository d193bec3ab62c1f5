//! Not in the paper: how far every two scientists agree, and the families they form.

use anyhow::Result;
use mass_interp::{
    Agreement, AgreementMap, Agreements, EVALUATION_STATES, Families, Scientist, Verdict,
};
use rayon::prelude::*;

use super::{
    Job, Output,
    population::{Population, STATES_SEED, states},
    statistics::{mean, median},
};
use crate::{
    comparison::Comparison,
    draw::agreement::{AgreementFamily, AgreementFigure, draw},
};

/// Scientists agree within a family at least so much, on average.
const LEAST: f64 = 0.9;
/// More scientists make a matrix that no page holds.
pub(super) const MOST: usize = 100;

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let mut request = job.request().clone();
    request.seeds.truncate(MOST);
    let population = Population::train_continued(&request)?;
    let last = population.phases();
    let (mut by_phase, mut by_phase_correct) = (Vec::new(), Vec::new());
    let mut by_phase_and_system = Vec::new();
    let mut end = None;
    for phase in 1..=last {
        let scientists = population.at(phase)?;
        let found = Agreements::between(&scientists, EVALUATION_STATES, STATES_SEED)?;
        let right = places(&population.correct(phase)?);
        by_phase_and_system.extend(found.by_system.iter().map(Agreement::overall));
        by_phase.push(found.together.overall());
        by_phase_correct.push(among(&found.together, &right)?);
        end = Some((scientists, found));
    }
    let Some((scientists, found)) = end else {
        anyhow::bail!("agreement is between scientists who have seen a system");
    };
    let correct = population.correct(last)?;
    let families = Families::of(&found.together, LEAST)?;
    let order = families.order();
    let ordered = found.together.select(&order)?;
    let map = AgreementMap::of(&ordered);
    let exact = with_exact(&scientists, population.systems())?;
    let seed = |place: usize| population.seeds()[place];

    let output = Output::new(job, "agreement")?;
    let data = output.data(&AgreementFigure {
        recipe: request.recipe.name.clone(),
        systems: found.systems.clone(),
        seeds: order.iter().map(|place| seed(*place)).collect(),
        correct: order.iter().map(|place| correct[*place]).collect(),
        agreement: ordered.values().to_vec(),
        least: LEAST,
        families: families
            .families
            .iter()
            .map(|family| AgreementFamily {
                seeds: family.members.iter().map(|place| seed(*place)).collect(),
                medoid: seed(family.medoid),
                agreement: family.agreement,
            })
            .collect(),
        places: map.places,
        kept: map.kept,
        with_lagrangian: order.iter().map(|place| exact[*place].lagrangian).collect(),
        with_hamiltonian: order
            .iter()
            .map(|place| exact[*place].hamiltonian)
            .collect(),
        by_system: found.by_system.iter().map(Agreement::overall).collect(),
        by_phase,
        by_phase_correct,
        by_phase_and_system,
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(vec![population.trained()], &comparisons(&data))
}

fn places(is: &[bool]) -> Vec<usize> {
    (0..is.len()).filter(|place| is[*place]).collect()
}

/// The mean agreement of some scientists; NaN if they are fewer than two.
fn among(agreement: &Agreement, members: &[usize]) -> Result<f64> {
    Ok(agreement.select(members)?.overall())
}

/// How well Euler–Lagrange computes the motion of every system with each scientist's S, and −S_x, with
/// one unit of S for all of them.
fn with_exact(scientists: &[Scientist], systems: &[String]) -> Result<Vec<Verdict>> {
    let batches = systems.iter().map(|id| states(id, EVALUATION_STATES));
    let batches = batches.collect::<Result<Vec<_>>>()?;
    let readings = batches.iter().enumerate();
    let readings = readings.map(|(place, batch)| Scientist::read_all(scientists, place, batch));
    let readings = readings.collect::<Result<Vec<_>, _>>()?;
    let one = |scientist: usize| {
        let own = readings.iter().map(|system| &system[scientist]);
        Verdict::of_readings(&own.collect::<Vec<_>>()).unwrap_or(Verdict::NONE)
    };
    Ok((0..scientists.len()).into_par_iter().map(one).collect())
}

fn comparisons(data: &AgreementFigure) -> Vec<Comparison> {
    let n = data.seeds.len();
    let right = data.correct.iter().filter(|correct| **correct).count();
    let pairs = (0..n).flat_map(|i| (0..i).map(move |j| data.agreement[i * n + j]));
    let pairs: Vec<f64> = pairs.collect();
    let correct = data.by_phase_correct.last().copied().unwrap_or(f64::NAN);
    let largest = data.families.iter().map(|family| family.seeds.len()).max();
    let largest = largest.unwrap_or(0);
    // The same systems when they had joined and in the end. The first is left out: on a law of one
    // number a factor alone can bring anyone to agree.
    let last = data.systems.len() - 1;
    let on =
        |phase: usize, system: usize| data.by_phase_and_system[phase * (phase + 1) / 2 + system];
    let rises = (1..last).map(|system| on(last, system) - on(system, system));
    let rises: Vec<f64> = rises.collect();
    let rise = rises.iter().sum::<f64>() / rises.len() as f64;
    let l = median(&data.with_lagrangian);
    let h = median(&data.with_hamiltonian);
    let course = |values: &[f64]| -> String {
        let text = |v: &f64| {
            if v.is_finite() {
                format!("{v:.2}")
            } else {
                "–".into()
            }
        };
        values.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    vec![
        Comparison::new(
            format!(
                "mean agreement of {n} scientists after {} systems",
                data.systems.len()
            ),
            None,
            mean(&pairs),
            "1",
            "two AI scientists do agree (> 0.9)",
            mean(&pairs) > 0.9,
        ),
        Comparison::new(
            format!("mean agreement of the {right} correct ones"),
            None,
            correct,
            "1",
            "two correct AI scientists do agree (> 0.9)",
            correct > 0.9,
        ),
        Comparison::new(
            format!(
                "scientists in the largest of {} families",
                data.families.len()
            ),
            None,
            largest as f64,
            "scientists",
            "most scientists share one theory (more than half in one family)",
            2 * largest > n,
        )
        .of_ours(),
        Comparison::new(
            format!(
                "mean agreement on a system: in the end less when it joined, mean of {} systems",
                rises.len()
            ),
            None,
            rise,
            "1",
            format!(
                "scientists that see more systems agree more on the same ones (by system from the second on {}; on all seen together, by phase {}; the correct ones {})",
                course(&rises),
                course(&data.by_phase),
                course(&data.by_phase_correct)
            ),
            rise > 0.0,
        )
        .of_ours(),
        Comparison::new(
            format!("score of Euler–Lagrange with the learned S, all systems, median (−S_x: {h:.2})"),
            None,
            l,
            "1",
            "AI scientists tend towards the Lagrangian description (Euler–Lagrange scores > 0.9)",
            l > 0.9,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two scientists and three systems, the agreement on a system when it joined and in the end.
    fn data(joined: f64, end: f64, exact: [f64; 2]) -> AgreementFigure {
        AgreementFigure {
            recipe: "reference".into(),
            systems: ["classical", "pendulum", "kepler"]
                .map(String::from)
                .to_vec(),
            seeds: vec![0, 1],
            correct: vec![true; 2],
            agreement: vec![1.0, end, end, 1.0],
            least: LEAST,
            families: vec![AgreementFamily {
                seeds: vec![0, 1],
                medoid: 0,
                agreement: end,
            }],
            places: vec![[0.0; 2]; 2],
            kept: 1.0,
            with_lagrangian: vec![exact[0]; 2],
            with_hamiltonian: vec![exact[1]; 2],
            by_system: vec![end; 3],
            by_phase: vec![1.0, joined, end],
            by_phase_correct: vec![1.0, joined, end],
            by_phase_and_system: vec![1.0, 1.0, joined, 1.0, end, end],
        }
    }

    #[test]
    fn claims_follow_the_population() {
        let holds = |data: &AgreementFigure| -> Vec<Option<bool>> {
            comparisons(data).iter().map(|row| row.holds).collect()
        };
        let [t, f] = [Some(true), Some(false)];
        assert_eq!(holds(&data(0.5, 0.95, [0.95, 0.3])), [t, t, t, t, t]);
        // The oscillator's full agreement at the first phase does not count.
        assert_eq!(holds(&data(0.5, 0.6, [0.95, 0.3]))[3], t);
        assert_eq!(holds(&data(0.5, 0.4, [0.5, 0.4])), [f, f, t, f, f]);
        let nothing = data(f64::NAN, f64::NAN, [f64::NAN; 2]);
        let found = holds(&nothing);
        assert_eq!(
            (found[0], found[1], found[3], found[4]),
            (None, None, None, None)
        );
    }

    #[test]
    fn fewer_than_two_do_not_agree() {
        let text = r#"{"size":2,"scores":[1,0.7,0.8,1],"values":[1,0.7,0.7,1]}"#;
        let agreement: Agreement = serde_json::from_str(text).unwrap();
        assert!(among(&agreement, &[1]).unwrap().is_nan());
        assert!(among(&agreement, &[]).unwrap().is_nan());
        assert_eq!(among(&agreement, &[0, 1]).unwrap(), 0.7);
        assert_eq!(places(&[true, false, true]), [0, 2]);
    }
}

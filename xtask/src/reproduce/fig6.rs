//! Figure 6: several scientists over four phases, some of which survive, fail, or revive.

use std::collections::BTreeMap;

use mass_core::Record;
use mass_figures::{Key, LEGEND_ROW, Staged, style::SERIES};
use mass_interp::{ErrorCourse, Fate};

use super::prelude::*;

/// Phases of the figure.
const PHASES: usize = 4;
/// Errors above this run along the upper side: a pole of an inverse reaches 10¹⁹.
const MOST: f64 = 1e2;

/// What figure 6 shows (Fu et al. 2025, Fig. 6): `fig6.json`.
///
/// K phases, M evaluations. `null` in place of a number is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig6 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// Number of scientists that the shown ones were chosen from.
    scientists: usize,
    /// The system that joins at each phase, `[K]`.
    systems: Vec<String>,
    /// The step at which each phase ends, increasing, `[K]`.
    ends: Vec<u64>,
    /// A scientist is correct while its largest test RMSE is below this at the end of a phase.
    correct_below: f64,
    /// The scientists shown.
    shown: Vec<Shown>,
    /// What became of all of them.
    fates: Vec<Those>,
}

/// One scientist of the figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    /// Its seed.
    seed: u64,
    /// What became of it, `fails at pendulum`.
    fate: String,
    /// Steps done at each evaluation, increasing, `[M]`.
    step: Vec<u64>,
    /// The objective over all systems seen, on the batch of that step, `[M]`.
    #[serde(with = "nullable")]
    loss: Vec<f64>,
    /// Largest test RMSE of the averaged weights over the systems seen, `[M]`.
    #[serde(with = "nullable")]
    rmse: Vec<f64>,
}

/// The scientists of one fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Those {
    /// The fate, `always correct`.
    fate: String,
    /// Their seeds.
    seeds: Vec<u64>,
}

impl Figure for Fig6 {
    const NAME: &'static str = "fig6";
    const HEADING: &'static str = "Figure 6";
    const ABOUT: &'static str = "Scientists over four phases: which survive, fail, revive";
    const CAPTION: &'static str = "Scientists who meet one system after the other: (a) the loss over all systems seen; (b) the largest test error. Broken lines are the borders of phases and, in (b), the error below which a scientist is correct.";
    const NEEDS: Needs = Needs::Continued(PHASES);
    /// The scientists of each fate.
    type Beyond = BTreeMap<Fate, Vec<u64>>;

    fn make(job: &Job) -> Result<Computed<Self>> {
        let request = job.request();
        let population = Population::train_continued(request)?;
        let standings = population.standings(ErrorKind::Rmse)?;
        let systems = population.systems();
        let fates = Fate::of_all(&standings, PHASES);
        // Summaries hold no courses.
        let (mut chosen, mut courses) = (Vec::new(), Vec::new());
        if let Ok(run) = population.run() {
            chosen = Fate::one_of_each(&fates);
            let seeds: Vec<u64> = chosen.iter().map(|(seed, _)| *seed).collect();
            courses = ErrorCourse::of_run(run, PHASES, &seeds)?;
        }
        let shown = chosen.into_iter().zip(courses);
        let shown = shown.map(|((seed, fate), course)| Shown {
            seed,
            fate: fate.text(systems),
            step: course.step,
            loss: course.loss,
            rmse: course.rmse,
        });
        let record = population.record();
        let those = fates.iter().map(|(fate, seeds)| Those {
            fate: fate.text(systems),
            seeds: seeds.clone(),
        });
        let data = Self {
            recipe: request.recipe.name.clone(),
            scientists: standings.len(),
            systems: systems.to_vec(),
            ends: (1..=PHASES).map(|phase| record.phase_end(phase)).collect(),
            correct_below: request.recipe.evaluation.correct_below,
            shown: shown.collect(),
            fates: those.collect(),
        };
        Ok(Computed::of(data, fates, [&population])
            .chosen("the lowest seed of each fate, one of all revivals"))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        if self.shown.is_empty() && !self.fates.is_empty() {
            return Ok(None);
        }
        same_lengths!("`systems`", self.systems.len(), self, [ends])?;
        if !self.ends.is_sorted_by(|a, b| a < b) {
            return Err(DrawError::shape(
                "ends",
                "increasing",
                format!("{:?}", self.ends),
            ));
        }
        for one in &self.shown {
            same_lengths!("`step`", one.step.len(), one, [loss, rmse])?;
        }
        let (shown, all) = (self.shown.len(), self.scientists);
        let title = format!("recipe {}, {shown} of {all} scientists", self.recipe);
        // Three entries fit a row.
        let top = 60.0 + shown.div_ceil(3) as f64 * LEGEND_ROW + 32.0;
        let mut sheet = Sheet::new(top + 720.0, title);
        let keys = self
            .shown
            .iter()
            .zip(SERIES.iter().cycle())
            .map(|(one, colour)| {
                Key::new(
                    format!("seed {}: {}", one.seed, one.fate),
                    colour,
                    Swatch::Line(2.0),
                )
            });
        sheet.legend_block((95.0, 60.0), 880.0, &keys.collect::<Vec<_>>());
        let ends: Vec<f64> = self.ends.iter().map(|end| *end as f64).collect();
        let loss = Staged {
            down: (top, top + 300.0),
            letter: 'a',
            label: "training loss, all systems seen",
            stages: (&self.systems, &ends),
            threshold: None,
            most: MOST,
        };
        let rmse = Staged {
            down: (top + 360.0, top + 660.0),
            letter: 'b',
            label: "largest test RMSE of ẏ, systems seen",
            threshold: Some(self.correct_below),
            ..loss
        };
        loss.draw(&mut sheet, &self.courses(|one| &one.loss))
            .ok_or(DrawError::empty("loss"))?;
        rmse.draw(&mut sheet, &self.courses(|one| &one.rmse))
            .ok_or(DrawError::empty("rmse"))?
            .x_label("training step");
        Ok(Some(sheet))
    }

    /// In place of the picture, where there are no courses.
    fn table(&self) -> Option<String> {
        let row = |those: &Those| vec![those.fate.clone(), those.seeds.len().to_string()];
        let table = markdown(&["fate", "scientists"], self.fates.iter().map(row));
        self.shown.is_empty().then_some(table)
    }

    fn claims(&self, fates: &Self::Beyond) -> Result<Vec<Claim>> {
        let count = |is: &dyn Fn(&Fate) -> bool| -> usize {
            let those = fates.iter().filter(|(fate, _)| is(fate));
            those.map(|(_, seeds)| seeds.len()).sum()
        };
        let all: usize = fates.values().map(Vec::len).sum();
        let always = count(&|fate| *fate == Fate::AlwaysCorrect);
        let mut rows = vec![
            claim("theories either survive or falter, depending on the seed (some do, not all)")
                .measured(format!("always correct, of {all}"), always as f64)
                .unit("scientists")
                .holds(0 < always && always < all),
        ];
        for (phase, seed) in [(1, "80"), (2, "96"), (3, "569")] {
            let system = &self.systems[phase];
            let failing = count(&|fate| *fate == Fate::Fails(phase));
            let quantity = format!("correct until {system}, not correct there nor in the end");
            rows.push(
                claim(format!(
                    "some scientists first fail at {system} (the paper's seed {seed})"
                ))
                .measured(quantity, failing as f64)
                .unit("scientists")
                .above(0.0),
            );
        }
        let revived = count(&|fate| matches!(fate, Fate::Revives(_)));
        rows.push(
            claim("some that fail initially learn when tasked with a more complex system (the paper's seed 506)")
                .measured("not correct at some system, correct in the end", revived as f64)
                .unit("scientists")
                .above(0.0),
        );
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        // Decays with a spike at every new phase.
        let ends = vec![10_100, 20_200, 30_300, 40_400];
        let noise = |i: u64| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        let step: Vec<u64> = (1..=404).map(|i| 100 * i).collect();
        let shown = [
            (8, "always correct", [4e-4, 2e-3, 3e-3, 4e-3]),
            (0, "fails at pendulum", [4e-4, 2e-2, 3e-2, 9e-2]),
            (3, "fails at kepler", [4e-4, 2e-3, 5e-2, 3e-2]),
            (5, "fails at relativistic", [3e-4, 4e-3, 4e-3, 2e-1]),
            (2, "revives at kepler", [4e-4, 2e-2, 4e-3, 3e-3]),
        ]
        .into_iter()
        .map(|(seed, fate, floors): (u64, &str, [f64; 4])| {
            let rmse: Vec<f64> = step
                .iter()
                .map(|s| {
                    let phase = ((s - 1) / 10_100) as usize;
                    let within = (s - 1) % 10_100;
                    let spike = if phase == 0 { 1.0 } else { 3e3 };
                    let jitter = 1.0 + 0.6 * noise(s / 100 + seed * 17);
                    floors[phase] * jitter + spike * (-(within as f64) / 700.0).exp()
                })
                .collect();
            Shown {
                seed,
                fate: fate.into(),
                step: step.clone(),
                loss: rmse.iter().map(|r| 1.7 * r.min(3.0) + 3e-3).collect(),
                rmse,
            }
        })
        .collect();
        Self {
            recipe: "reference".into(),
            scientists: 20,
            systems: ["classical", "pendulum", "kepler", "relativistic"]
                .map(String::from)
                .to_vec(),
            ends,
            correct_below: 5e-3,
            shown,
            fates: Vec::new(),
        }
    }
}

impl Fig6 {
    /// One number of the scientists over the phases.
    fn courses(&self, of: fn(&Shown) -> &Vec<f64>) -> Vec<(&'static str, Vec<(f64, f64)>)> {
        let shown = self.shown.iter().zip(SERIES.iter().cycle());
        let each = shown.map(|(one, colour)| {
            let pairs = one.step.iter().zip(of(one));
            let points = pairs.map(|(step, value)| (*step as f64, *value));
            (*colour, points.collect())
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::style::INK;

    use super::*;
    use crate::reproduce::figure::tests::{axes_are_named, drawing, place_of};

    #[test]
    fn scientists_are_where_their_errors_are() {
        let data = Fig6::example();
        let drawing = drawing(&data);
        for (one, colour) in data.shown.iter().zip(SERIES) {
            // At the end of the second phase, just before the spike.
            let (step, loss, rmse) = (20_200.0, one.loss[201], one.rmse[201]);
            drawing.lettered('a').line(colour, (step, loss));
            drawing.lettered('b').line(colour, (step, rmse));
            let name = format!("seed {}: {}", one.seed, one.fate);
            drawing.lettered('a').key(&name, colour);
        }
        for border in [10_100.0, 20_200.0, 30_300.0] {
            drawing.lettered('a').line(GREY, (border, 1.0));
            drawing.lettered('b').line(GREY, (border, 1.0));
        }
        drawing
            .lettered('a')
            .label("training loss, all systems seen")
            .label("relativistic");
        drawing
            .lettered('b')
            .line(INK, (5_000.0, 5e-3))
            .label("largest test RMSE of ẏ, systems seen (cut at 10²)")
            .label("relativistic")
            .label("training step")
            .label("10⁻³");
        // Each system is named over its own phase.
        for (panel, drawn) in drawing.panels().iter().enumerate() {
            for (phase, system) in data.systems.iter().enumerate() {
                let middle = drawn.frame.at_x(10_100.0 * (phase as f64 + 0.5));
                let at = place_of(&drawing, panel, system).0;
                assert!((at - middle).abs() < 0.01, "{system}");
            }
        }
        let above = "largest test RMSE of ẏ, systems seen (cut at 10²)";
        axes_are_named(&drawing, 1, "training step", above);
        assert_eq!(drawing.count("recipe reference, 5 of 20 scientists"), 1);
    }

    #[test]
    fn poles_run_along_the_upper_side() {
        let mut data = Fig6::example();
        data.shown[0].rmse[150] = 1e19;
        data.shown[0].rmse[151] = f64::INFINITY;
        data.shown[1].loss[7] = f64::NAN;
        let found = drawing(&data);
        found.lettered('a').line(SERIES[1], (800.0, MOST));
        found.lettered('b').line(SERIES[0], (15_100.0, MOST));
        assert_eq!(found.count("10⁶"), 0);
        let cut = found.texts().filter(|text| text.ends_with("(cut at 10²)"));
        assert_eq!(cut.count(), 2);
    }

    #[test]
    fn phases_follow_each_other() {
        let mut data = Fig6::example();
        data.shown[1].rmse.pop();
        let error = data.draw().err();
        assert!(matches!(error, Some(DrawError::Shape { what: "rmse", .. })));
        data.ends = vec![1, 3, 2, 4];
        let error = data.draw().err();
        assert!(matches!(error, Some(DrawError::Shape { what: "ends", .. })));
    }
}

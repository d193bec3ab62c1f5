//! Figure 10: what becomes of a population as the number of systems grows.

use mass_figures::{ByCount, style::GREEN};
use mass_interp::{
    Estimate, Revival, Survival, TermCourse, fewer_terms_in_the_end,
    statistics::{falls_at_every_step, mean_and_error},
};

use super::{
    by_systems::{SHARES, SYSTEMS, percent},
    prelude::*,
};

/// A revival is no chance if its probability is below this.
const CHANCE: f64 = 0.025;

/// What figure 10 shows (Fu et al. 2025, Fig. 10): `fig10.json`.
///
/// K phases, E scientists. Shares lie in [0, 1] with Wilson's 95 % interval; means have their
/// standard error about them. `null` in place of a number is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig10 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// The scientists, `[E]`.
    seeds: Vec<u64>,
    /// The system that joins at each phase, `[K]`.
    systems: Vec<String>,
    /// An error below this is correct, whether it is read as RMSE or as MSE.
    correct_below: f64,
    /// Share of scientists that are correct at each phase's end, by RMSE, `[K]`.
    correct: Vec<Estimate>,
    /// Share of those that were so at every phase up to it, by RMSE, `[K]`.
    always_correct: Vec<Estimate>,
    /// The same by MSE, `[K]`.
    correct_mse: Vec<Estimate>,
    /// The same by MSE, `[K]`.
    always_correct_mse: Vec<Estimate>,
    /// Mean number of terms that make 95 % of Σ E|a|, averaged over the systems seen, `[K]`.
    terms: Vec<Estimate>,
    /// The same with equal functions merged, `[K]`.
    terms_merged: Vec<Estimate>,
    /// Mean number of weights that make 95 % of Σ|w|, `[K]`.
    weights: Vec<Estimate>,
    /// Scientists on poles at more than a tenth of the states of some system at a phase's end, left
    /// out of the means, `[K]`.
    unreadable: Vec<usize>,
    /// The same number of terms as `terms`, system by system: for each phase the systems seen,
    /// phase by phase, `[K (K + 1) / 2]`.
    terms_by_system: Vec<Estimate>,
    /// Largest test RMSE of each scientist over the systems seen, row-major `[K, E]`.
    #[serde(with = "nullable")]
    rmse: Vec<f64>,
}

impl Figure for Fig10 {
    const NAME: &'static str = "fig10";
    const HEADING: &'static str = "Figure 10";
    const ABOUT: &'static str =
        "Correct scientists and significant terms against the number of systems";
    const CAPTION: &'static str = "Against the number of systems: the share of correct scientists, the error read (a) as RMSE and (b) as MSE, with 95 % intervals; (c) the mean number of significant terms with its standard error.";
    const NEEDS: Needs = Needs::Continued(6);
    /// The numbers of terms of each scientist, which make up the means.
    type Beyond = TermCourse;

    fn make(job: &Job) -> Result<Computed<Self>> {
        let request = job.request();
        let population = Population::train_continued(request)?;
        let (phases, systems) = (population.phases(), population.systems());
        let rmse = population.standings(ErrorKind::Rmse)?;
        let by_rmse = Survival::of(&rmse, phases);
        let by_mse = Survival::of(&population.standings(ErrorKind::Mse)?, phases);
        let course = (1..=phases).map(|phase| population.counts(phase));
        let course = course.collect::<Result<Vec<_>, _>>()?;
        let course = TermCourse::of(&course);
        let means = |counts: &[Vec<f64>]| counts.iter().map(|all| mean_and_error(all)).collect();
        let unreadable = |all: &Vec<f64>| all.iter().filter(|one| !one.is_finite()).count();
        let errors = |phase: usize| rmse.iter().map(move |one| one.verdicts[phase].error);
        let data = Self {
            recipe: request.recipe.name.clone(),
            seeds: population.seeds().to_vec(),
            systems: systems.to_vec(),
            correct_below: request.recipe.evaluation.correct_below,
            correct: by_rmse.correct,
            always_correct: by_rmse.always_correct,
            correct_mse: by_mse.correct,
            always_correct_mse: by_mse.always_correct,
            terms: means(&course.listed),
            terms_merged: means(&course.merged),
            weights: means(&course.weights),
            unreadable: course.listed.iter().map(unreadable).collect(),
            terms_by_system: means(&course.by_system),
            rmse: (0..phases).flat_map(errors).collect(),
        };
        Ok(Computed::of(data, course, [&population]))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let phases = self.systems.len();
        let of = "`systems`";
        same_lengths!(of, phases, self, [correct, always_correct])?;
        same_lengths!(of, phases, self, [correct_mse, always_correct_mse])?;
        same_lengths!(of, phases, self, [terms, terms_merged, weights])?;
        if !self.correct.iter().any(|share| share.value.is_finite()) {
            return Err(DrawError::empty("correct"));
        }
        let scientists = self.seeds.len();
        let title = format!(
            "recipe {}, {scientists} scientists, continued training",
            self.recipe
        );
        let mut sheet = Sheet::new(462.0, title);
        let rmse = ("RMSE", &self.correct, &self.always_correct);
        let mse = ("MSE", &self.correct_mse, &self.always_correct_mse);
        let below = number(self.correct_below, Rule::Print);
        let [first, second, third] = ByCount::THREE;
        for (across, letter, (reading, correct, always)) in [(first, 'a', rmse), (second, 'b', mse)]
        {
            let panel = ByCount {
                across,
                letter,
                heading: &format!("% of scientists, {reading} < {below}"),
                ..SHARES
            };
            let courses = [
                Course::new("correct", BLUE, percent(correct)),
                Course::new("always correct", SKY, percent(always)).broken(),
            ];
            panel
                .draw(&mut sheet, (SYSTEMS, phases), &courses)
                .legend_below();
        }
        let counts = [&self.terms, &self.terms_merged, &self.weights];
        let counts = counts
            .iter()
            .flat_map(|counts| counts.iter().map(|count| count.high));
        let highest = counts.filter(|v| v.is_finite()).fold(1.0, f64::max);
        let panel = ByCount {
            across: third,
            down: ByCount::FIRST_ROW,
            letter: 'c',
            heading: "number of terms that make 95 %",
            y: (0.0, highest * 1.06),
            step: None,
        };
        let merged = "the same, equal ones merged";
        let courses = [
            Course::new("of Σ|w_i|", GREEN, &self.weights),
            Course::new(merged, VERMILLION, &self.terms_merged).broken(),
            Course::new("of Σ E|a_i|", VERMILLION, &self.terms),
        ];
        panel
            .draw(&mut sheet, (SYSTEMS, phases), &courses)
            .legend_below_from_top();
        Ok(Some(sheet))
    }

    /// Shares by number of systems, then numbers of terms phase by system.
    fn table(&self) -> Option<String> {
        let percent = |e: &Estimate| e.in_percent(1);
        let about = Estimate::plus_minus;
        let row = |phase: usize| {
            vec![
                (phase + 1).to_string(),
                percent(&self.correct[phase]),
                percent(&self.always_correct[phase]),
                percent(&self.correct_mse[phase]),
                percent(&self.always_correct_mse[phase]),
                about(&self.terms[phase]),
                about(&self.terms_merged[phase]),
                about(&self.weights[phase]),
            ]
        };
        let headers = [
            "systems",
            "correct, %",
            "always, %",
            "correct by MSE, %",
            "always by MSE, %",
            "terms, 95 % of Σ E|a|",
            "merged",
            "weights, 95 % of Σ|w|",
        ];
        let phases = 0..self.systems.len();
        let shares = markdown(&headers, phases.clone().map(row));
        let mut cells = self.terms_by_system.iter();
        let rows = phases.map(|phase| {
            let name = format!("{}, + {}", phase + 1, self.systems[phase]);
            let counts = cells.by_ref().take(phase + 1).map(about);
            [name].into_iter().chain(counts).collect()
        });
        let names = self.systems.iter().map(String::as_str);
        let headers: Vec<&str> = ["terms after phase"].into_iter().chain(names).collect();
        Some(format!("{shares}\n{}", markdown(&headers, rows)))
    }

    fn claims(&self, course: &TermCourse) -> Result<Vec<Claim>> {
        let (systems, below) = (self.systems.len(), self.correct_below);
        let mut rows = Vec::new();
        rows.extend(self.survival("RMSE", &self.correct, &self.always_correct, below)?);
        let (correct, always) = (&self.correct_mse, &self.always_correct_mse);
        rows.extend(self.survival("MSE", correct, always, below.sqrt())?);
        let merged = "the same, equal functions merged";
        rows.push(falls(
            "terms that make 95 % of Σ E|a|",
            &self.terms,
            &course.listed,
        ));
        rows.push(falls(merged, &self.terms_merged, &course.merged));
        rows.push(falls(
            "weights that make 95 % of Σ|w|",
            &self.weights,
            &course.weights,
        ));
        rows.push(
            claim(
                "after training on 6 systems the number of significant terms is still more than 6",
            )
            .measured(
                format!("terms after {systems} systems, in the mean"),
                self.terms[systems - 1].value,
            )
            .unit("terms")
            .above(6.0),
        );
        let last = systems - 1;
        let means: Vec<f64> = self.terms_by_system.iter().map(|mean| mean.value).collect();
        let falling = fewer_terms_in_the_end(&means, systems);
        rows.push(
            claim(format!(
                "fewer terms explain every one of the {last} earlier systems as others are added"
            ))
            .measured(
                "systems explained by fewer terms in the end than when they joined",
                falling.map_or(f64::NAN, |falling| falling as f64),
            )
            .unit("systems")
            .holds(falling == Some(last)),
        );
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        tests::example()
    }
}

impl Fig10 {
    /// What is claimed of the shares of correct scientists, and of those that were so at every phase,
    /// where an error below this is correct.
    fn survival(
        &self,
        reading: &str,
        correct: &[Estimate],
        always: &[Estimate],
        limit: f64,
    ) -> Result<[Claim; 2]> {
        let (n, systems) = (self.seeds.len(), self.systems.len());
        let percent = |share: &Estimate| 100.0 * share.value;
        let (first, end) = (percent(&always[0]), percent(&always[systems - 1]));
        let best = Revival::below(&self.rmse, n, limit).context("there are two systems")?;
        let [from, to] = [best.from, best.to].map(|phase| &self.systems[phase]);
        let always =
            format!("always correct after {systems} systems, by {reading} ({n} scientists)");
        let revived = format!(
            "scientists revived less lost from {from} to {to}, the best pair of phases, by {reading}"
        );
        Ok([
            claim(format!(
                "the share of consistently correct scientists decreases with the number of systems (after one: {first:.1} %; by definition it cannot rise)"
            ))
            .measured(always, end)
            .unit("%")
            .holds(end < first),
            claim(format!(
                "the number of correct scientists can increase with the number of systems ({} revived, {} lost: by chance with p = {}, the best of {} pairs of phases; p < {CHANCE}; % correct: {})",
                best.revived,
                best.lost,
                number(best.chance, Rule::Table),
                systems * (systems - 1) / 2,
                listed(correct.iter().map(percent), 0)
            ))
            .measured(revived, best.revived as f64 - best.lost as f64)
            .unit("scientists")
            .holds(best.chance < CHANCE),
        ])
    }
}

/// Whether a number of terms falls at every system, scientist by scientist.
fn falls(what: &str, means: &[Estimate], counts: &[Vec<f64>]) -> Claim {
    let (changes, falls) = falls_at_every_step(counts);
    let changes: Vec<String> = changes.iter().map(Estimate::plus_minus).collect();
    let last = means.last().map_or(f64::NAN, |mean| mean.value);
    claim(format!(
        "the number shows a consistently decreasing trend (falls at every system: {}; changes of a scientist {}, 95 % intervals for all together)",
        listed(means.iter().map(|mean| mean.value), 1),
        changes.join(", ")
    ))
    .measured(format!("{what}, after {} systems", means.len()), last)
    .unit("terms")
    .holds(falls)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::reproduce::figure::tests::drawing;

    /// A falling or rising series.
    pub(in crate::reproduce) fn series(values: &[f64], bar: f64) -> Vec<Estimate> {
        let estimate = |value: &f64| Estimate {
            value: *value,
            low: value - bar,
            high: value + bar,
        };
        values.iter().map(estimate).collect()
    }

    pub(super) fn example() -> Fig10 {
        let systems = [
            "classical",
            "pendulum",
            "kepler",
            "relativistic",
            "alpha",
            "beta",
        ];
        Fig10 {
            recipe: "reference".into(),
            seeds: (0..20).collect(),
            systems: systems.map(String::from).to_vec(),
            correct_below: 5e-3,
            correct: series(&[1.0, 0.45, 0.55, 0.6, 0.5, 0.4], 0.1),
            always_correct: series(&[1.0, 0.45, 0.4, 0.35, 0.3, 0.2], 0.1),
            correct_mse: series(&[1.0, 1.0, 0.98, 0.97, 0.97, 0.95], 0.04),
            always_correct_mse: series(&[1.0, 1.0, 0.96, 0.95, 0.93, 0.9], 0.04),
            terms: series(&[31.0, 17.0, 12.0, 9.0, 8.0, 7.0], 1.5),
            terms_merged: series(&[21.0, 13.0, 10.0, 8.0, 7.0, 6.5], 1.0),
            weights: series(&[34.0, 20.0, 15.0, 12.0, 10.0, 9.0], 2.0),
            unreadable: vec![0; 6],
            terms_by_system: series(&[9.0; 21], 1.0),
            rmse: vec![1e-3; 120],
        }
    }

    #[test]
    fn shares_and_counts_are_where_they_belong() {
        let data = example();
        let drawing = drawing(&data);
        // Two courses stand 0.03 to the left and to the right of their phase, three 0.06 apart.
        for (letter, reading, correct, always) in [
            ('a', "RMSE", &data.correct, &data.always_correct),
            ('b', "MSE", &data.correct_mse, &data.always_correct_mse),
        ] {
            let panel = drawing.lettered(letter);
            for phase in [2, 5] {
                let x = phase as f64 + 1.0;
                let (correct, always) = (correct[phase].percent(), always[phase].percent());
                panel
                    .dot(BLUE, (x - 0.03, correct.value))
                    .line(BLUE, (x - 0.03, correct.low))
                    .dot(SKY, (x + 0.03, always.value))
                    .line(SKY, (x + 0.03, always.low));
            }
            panel
                .key("correct", BLUE)
                .key("always correct", SKY)
                .label(&format!("% of scientists, {reading} < 0.005"))
                .label("number of systems");
        }
        let panel = drawing.lettered('c');
        for phase in [0, 3] {
            let x = phase as f64 + 1.0;
            panel
                .dot(GREEN, (x - 0.06, data.weights[phase].value))
                .dot(VERMILLION, (x, data.terms_merged[phase].value))
                .dot(VERMILLION, (x + 0.06, data.terms[phase].value))
                .line(VERMILLION, (x + 0.06, data.terms[phase].high));
        }
        panel
            .key("of Σ E|a_i|", VERMILLION)
            .key("the same, equal ones merged", VERMILLION)
            .key("of Σ|w_i|", GREEN)
            .label("number of terms that make 95 %");
        // The two of one colour are told apart by what is broken, in the panel and in the legend.
        let broken =
            format!("stroke=\"{VERMILLION}\" stroke-width=\"2\" fill=\"none\" stroke-dasharray");
        let broken = drawing.svg().split('<').filter(|tag| tag.contains(&broken));
        let broken: Vec<Vec<f64>> = broken
            .map(|tag| {
                let numbers = tag.split(['"', ' ']).filter_map(|part| part.parse().ok());
                numbers.take(2).collect()
            })
            .collect();
        let frame = drawing.panels()[2].frame;
        let start = [frame.at_x(1.0), frame.at_y(21.0)];
        assert!((broken[0][0] - start[0]).abs() < 0.01 && (broken[0][1] - start[1]).abs() < 0.01);
        let texts = mass_figures::inspect::texts(drawing.svg());
        let named = |name: &str| texts.iter().find(|text| text.content == name).unwrap().at;
        assert!((broken[1][1] - named("the same, equal ones merged").1).abs() < 6.0);
    }

    #[test]
    fn missing_means_leave_gaps() {
        let mut data = example();
        data.terms[2] = Estimate::NONE;
        let svg = drawing(&data).svg().to_string();
        let before = drawing(&example()).svg().matches("<circle").count();
        assert_eq!(svg.matches("<circle").count() + 1, before);
        data.weights.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape {
                what: "weights",
                ..
            })
        ));
    }

    /// Two systems, twenty scientists: `terms` after each phase, and how many of the failed ones are
    /// revived by the second system.
    fn data(terms: [f64; 2], revived: usize) -> (Fig10, TermCourse) {
        let of = |values: [f64; 2]| {
            values.map(|value| Estimate {
                value,
                low: value,
                high: value,
            })
        };
        let correct = of([0.5, 0.5 + revived as f64 / 20.0]).to_vec();
        let rmse = (0..40).map(|cell| {
            let (phase, seed) = (cell / 20, cell % 20);
            let right = seed < 10 + phase * revived;
            if right { 1e-3 } else { 1.0 }
        });
        let data = Fig10 {
            recipe: "reference".into(),
            seeds: (0..20).collect(),
            systems: vec!["classical".into(), "pendulum".into()],
            correct_below: 5e-3,
            correct: correct.clone(),
            always_correct: of([0.5, 0.5]).to_vec(),
            correct_mse: correct,
            always_correct_mse: of([0.5, 0.4]).to_vec(),
            terms: of(terms).to_vec(),
            terms_merged: of(terms).to_vec(),
            weights: of(terms).to_vec(),
            unreadable: vec![0; 2],
            terms_by_system: [of(terms).to_vec(), of(terms).to_vec()].concat()[1..].to_vec(),
            rmse: rmse.collect(),
        };
        // Each scientist as far from the mean in both phases.
        let all = terms.map(|mean| {
            let off = |seed: usize| (seed % 5) as f64 - 2.0;
            (0..20).map(|seed| mean + off(seed)).collect::<Vec<f64>>()
        });
        let course = TermCourse {
            listed: all.to_vec(),
            merged: all.to_vec(),
            weights: all.to_vec(),
            by_system: Vec::new(),
        };
        (data, course)
    }

    fn holds((data, counts): &(Fig10, TermCourse)) -> Vec<Option<bool>> {
        let claims = data.claims(counts).unwrap();
        claims.iter().map(|row| row.holds).collect()
    }

    #[test]
    fn claims_follow_the_population() {
        let [t, f] = [Some(true), Some(false)];
        // Of six changed all revived by chance once in 64 times, of five once in 32: one pair of one.
        let found = holds(&data([12.0, 8.0], 6));
        assert_eq!(found[..8], [f, t, t, t, t, t, t, t]);
        let (rising, counts) = data([5.0, 6.0], 3);
        let claims = rising.claims(&counts).unwrap();
        assert_eq!(claims[1].ours, Some(3.0));
        let found = holds(&(rising, counts));
        assert_eq!(found[..8], [f, f, t, f, f, f, f, f]);
    }

    #[test]
    fn what_decides_a_fall_and_a_revival_is_said() {
        let (data, counts) = data([12.0, 8.0], 6);
        let claims = data.claims(&counts).unwrap();
        assert!(claims[1].quantity.contains("from classical to pendulum"));
        assert!(
            claims[1]
                .claim
                .contains("6 revived, 0 lost: by chance with p = 0.0156")
        );
        assert!(
            claims[4]
                .claim
                .contains("12.0, 8.0; changes of a scientist -4.0 ± 0.0")
        );
        // Half of them rise by 5, and the others fall by 6.
        let half = (0..20).map(|seed| if seed % 2 == 1 { 15.0 } else { 4.0 });
        let mixed = vec![vec![10.0; 20], half.collect()];
        let open = data
            .claims(&TermCourse {
                listed: mixed,
                ..counts
            })
            .unwrap();
        assert_eq!((open[4].holds, open[4].verdict()), (None, "no test"));
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        let mut none = data([f64::NAN; 2], 0);
        for shares in [&mut none.0.always_correct, &mut none.0.always_correct_mse] {
            *shares = vec![Estimate::NONE; 2];
        }
        let found = holds(&none);
        assert_eq!((found[0], found[2]), (None, None));
        assert_eq!(found[1], Some(false), "none was revived");
        assert_eq!(found[4..], [None; 5]);
        // A phase that could not be read in between.
        let (gap, mut counts) = data([12.0, 8.0], 0);
        counts.listed[0].fill(f64::NAN);
        assert_eq!(holds(&(gap, counts))[4], None);
    }
}

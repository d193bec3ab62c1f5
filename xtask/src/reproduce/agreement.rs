//! Not in the paper: how far every two scientists agree, and the families they form.

use mass_figures::style::{SERIES, roomy};
use mass_interp::{Agreement, AgreementMap, Agreements, Families, Verdict, since_joining};

use super::{population::STATES_SEED, prelude::*};

/// Scientists agree within a family at least so much, on average.
const LEAST: f64 = 0.9;
/// More scientists make a matrix that no page holds.
const MOST: usize = 100;
/// Families with a colour of their own.
const COLOURED: usize = 5;

/// What the figure of agreement shows: `agreement.json`.
///
/// S scientists in the order of the map, families together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgreementFigure {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// The systems on which they agree, with one unit of S for all of them.
    systems: Vec<String>,
    /// The scientists, in the order of the map, `[S]`.
    seeds: Vec<u64>,
    /// Whether each is correct at the last phase, `[S]`.
    correct: Vec<bool>,
    /// Agreement in [0, 1], row-major `[S, S]`.
    #[serde(with = "nullable")]
    agreement: Vec<f64>,
    /// Members of one family agree at least so much on average.
    least: f64,
    /// The families by falling size, each of seeds.
    families: Vec<Family>,
    /// Each scientist's place on a map where near means agreeing (classical scaling of 1 − agreement
    /// into two dimensions), `[S]`.
    places: Vec<[f64; 2]>,
    /// Share of the distances' squares that the map keeps.
    #[serde(with = "nullable::one")]
    kept: f64,
    /// How well Euler–Lagrange computes the laws of all systems with each scientist's S, `[S]`.
    #[serde(with = "nullable")]
    with_lagrangian: Vec<f64>,
    /// The same of −S_x, `[S]`.
    #[serde(with = "nullable")]
    with_hamiltonian: Vec<f64>,
    /// Mean agreement on each system by itself, `[K]`.
    #[serde(with = "nullable")]
    by_system: Vec<f64>,
    /// Mean agreement of all scientists at each phase's end, over the systems seen, `[K]`.
    #[serde(with = "nullable")]
    by_phase: Vec<f64>,
    /// The same of the scientists that are correct then, `[K]`.
    #[serde(with = "nullable")]
    by_phase_correct: Vec<f64>,
    /// Mean agreement on each system seen by itself at each phase's end, phase by phase,
    /// `[K (K + 1) / 2]`.
    #[serde(with = "nullable")]
    by_phase_and_system: Vec<f64>,
}

/// Scientists who agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    /// Its members.
    seeds: Vec<u64>,
    /// The member that agrees most with the others.
    medoid: u64,
    /// Mean agreement within.
    #[serde(with = "nullable::one")]
    agreement: f64,
}

impl Figure for AgreementFigure {
    const NAME: &'static str = "agreement";
    const HEADING: &'static str = "Agreement";
    const ABOUT: &'static str = "Not in the paper: how far scientists agree, and their families";
    const CAPTION: &'static str = "Not in the paper. How far every two scientists can exchange their scalars (1: fully): (a) the matrix, families together; (b) a map on which near means agreeing; (c) the mean against the number of systems.";
    const NEEDS: Needs = Needs::Continued(6);
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let mut request = job.request().clone();
        request.training.seeds.truncate(MOST);
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
            by_phase_correct.push(found.together.select(&right)?.overall());
            end = Some((scientists, found));
        }
        let (scientists, found) =
            end.context("agreement is between scientists who have seen a system")?;
        let correct = population.correct(last)?;
        let families = Families::of(&found.together, LEAST)?;
        let order = families.order();
        let ordered = found.together.select(&order)?;
        let map = AgreementMap::of(&ordered);
        let batches = population.systems().iter();
        let batches = batches.map(|system| states(system, EVALUATION_STATES));
        let exact = Scientist::verdicts(&scientists, &batches.collect::<Result<Vec<_>>>()?)?;
        let seed = |place: &usize| population.seeds()[*place];
        let in_order = |of: fn(&Verdict) -> f64| order.iter().map(|p| of(&exact[*p])).collect();
        let family = |family: &mass_interp::Family| Family {
            seeds: family.members.iter().map(seed).collect(),
            medoid: seed(&family.medoid),
            agreement: family.agreement,
        };
        let data = Self {
            recipe: request.recipe.name.clone(),
            systems: found.systems.clone(),
            seeds: order.iter().map(seed).collect(),
            correct: order.iter().map(|place| correct[*place]).collect(),
            agreement: ordered.values().to_vec(),
            least: LEAST,
            families: families.families.iter().map(family).collect(),
            places: map.places,
            kept: map.kept,
            with_lagrangian: in_order(|verdict| verdict.lagrangian),
            with_hamiltonian: in_order(|verdict| verdict.hamiltonian),
            by_system: found.by_system.iter().map(Agreement::overall).collect(),
            by_phase,
            by_phase_correct,
            by_phase_and_system,
        };
        Ok(Computed::of(data, (), [&population]))
    }

    /// The matrix, families together and framed; the map of theories, a dot a scientist in the colour of
    /// its family, rings for those that are not correct; the mean agreement against the number of
    /// systems.
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let n = self.check()?;
        let family = self.family_of_each()?;
        let systems = match self.systems.len() {
            1 => self.systems[0].clone(),
            k => format!("{k} systems together"),
        };
        let title = format!("recipe {}, {n} scientists, {systems}", self.recipe);
        let mut sheet = Sheet::new(96.0 + SIDE + 96.0 + BELOW + 60.0, title);
        self.matrix(&mut sheet, &family);
        self.map(&mut sheet, &family)?;
        self.course(&mut sheet);
        Ok(Some(sheet))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let n = self.seeds.len();
        let right = self.correct.iter().filter(|correct| **correct).count();
        let correct = self.by_phase_correct.last().copied().unwrap_or(f64::NAN);
        let largest = self.families.iter().map(|family| family.seeds.len()).max();
        let largest = largest.unwrap_or(0);
        // The same systems when they had joined and in the end. The first is left out: on a law of one
        // number a factor alone can bring anyone to agree.
        let rises = since_joining(&self.by_phase_and_system, self.systems.len())?;
        let rises: Vec<f64> = rises.into_iter().skip(1).collect();
        let rise = rises.iter().sum::<f64>() / rises.len() as f64;
        let h = median(&self.with_hamiltonian);
        let course = |values: &[f64]| -> String {
            let text = values.iter().map(|v| match v.is_finite() {
                true => format!("{v:.2}"),
                false => "–".into(),
            });
            text.collect::<Vec<_>>().join(", ")
        };
        Ok(vec![
            claim("two AI scientists do agree (> 0.9)")
                .measured(
                    format!("mean agreement of {n} scientists after {} systems", self.systems.len()),
                    mean(&below_diagonal(&self.agreement, n)),
                )
                .above(0.9),
            claim("two correct AI scientists do agree (> 0.9)")
                .measured(format!("mean agreement of the {right} correct ones"), correct)
                .above(0.9),
            claim("most scientists share one theory (more than half in one family)")
                .measured(
                    format!("scientists in the largest of {} families", self.families.len()),
                    largest as f64,
                )
                .unit("scientists")
                .holds(2 * largest > n)
                .of_ours(),
            claim(format!(
                "scientists that see more systems agree more on the same ones (by system from the second on {}; on all seen together, by phase {}; the correct ones {})",
                course(&rises),
                course(&self.by_phase),
                course(&self.by_phase_correct)
            ))
            .measured(
                format!(
                    "mean agreement on a system: in the end less when it joined, mean of {} systems",
                    rises.len()
                ),
                rise,
            )
            .above(0.0)
            .of_ours(),
            claim("AI scientists tend towards the Lagrangian description (Euler–Lagrange scores > 0.9)")
                .measured(
                    format!("score of Euler–Lagrange with the learned S, all systems, median (−S_x: {h:.2})"),
                    median(&self.with_lagrangian),
                )
                .above(0.9),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        // Two families and two loners.
        let family = |s: usize| match s {
            0..=10 => 0,
            11..=17 => 1,
            _ => 2 + s,
        };
        let n = 20;
        let agreement = (0..n * n)
            .map(|cell| (cell / n, cell % n))
            .map(|(i, j)| match (i == j, family(i) == family(j)) {
                (true, _) => 1.0,
                (false, true) => 0.96 - 0.002 * i.abs_diff(j) as f64,
                (false, false) => 0.3 + 0.01 * ((i * j) % 7) as f64,
            })
            .collect();
        Self {
            recipe: "reference".into(),
            systems: ["classical", "pendulum"].map(String::from).to_vec(),
            seeds: (0..n as u64).map(|s| s + 100).collect(),
            correct: (0..n).map(|s| s % 4 != 1).collect(),
            agreement,
            least: 0.9,
            families: [(0, 11), (11, 7), (18, 1), (19, 1)]
                .map(|(from, count): (u64, u64)| Family {
                    seeds: (from + 100..from + count + 100).collect(),
                    medoid: from + 100,
                    agreement: 0.95,
                })
                .to_vec(),
            places: (0..n)
                .map(|s| {
                    let (f, t) = (family(s) as f64, s as f64);
                    [
                        0.4 * f.min(3.0) + 0.03 * (t * 2.1).sin(),
                        0.02 * (t * 1.3).cos(),
                    ]
                })
                .collect(),
            kept: 0.87,
            with_lagrangian: vec![0.5; n],
            with_hamiltonian: vec![0.5; n],
            by_system: vec![0.5, 0.7],
            by_phase: vec![0.4, 0.6],
            by_phase_correct: vec![f64::NAN, 0.8],
            by_phase_and_system: vec![0.4, 0.5, 0.7],
        }
    }
}

/// Side of the matrix and of the map, and height of the panel below.
const SIDE: f64 = 400.0;
const BELOW: f64 = 190.0;
/// Where the matrix begins.
const TOP: f64 = 96.0;

impl AgreementFigure {
    /// Checks the lengths; says how many scientists there are.
    fn check(&self) -> Result<usize, DrawError> {
        let (n, k) = (self.seeds.len(), self.systems.len());
        same_lengths!("`seeds` by `seeds`", n * n, self, [agreement])?;
        same_lengths!("`seeds`", n, self, [correct, places])?;
        same_lengths!("`seeds`", n, self, [with_lagrangian, with_hamiltonian])?;
        same_lengths!(
            "`systems`",
            k,
            self,
            [by_phase, by_system, by_phase_correct]
        )?;
        let (of, up_to_each) = ("`systems` up to each phase", k * (k + 1) / 2);
        same_lengths!(of, up_to_each, self, [by_phase_and_system])?;
        match n < 2 {
            true => Err(DrawError::empty("agreement")),
            false => Ok(n),
        }
    }

    /// The family of each scientist, as its place in `families`.
    fn family_of_each(&self) -> Result<Vec<usize>, DrawError> {
        let mut family = vec![usize::MAX; self.seeds.len()];
        for (index, members) in self.families.iter().enumerate() {
            for seed in &members.seeds {
                let place = self.seeds.iter().position(|known| known == seed);
                let found = format!("of {seed} too");
                let place =
                    place.ok_or_else(|| DrawError::shape("families", "made of `seeds`", found))?;
                family[place] = index;
            }
        }
        Ok(family)
    }

    /// The colour of a family; a family of one is no family.
    fn colour(&self, family: usize) -> Option<&'static str> {
        let members = self.families.get(family).map_or(0, |one| one.seeds.len());
        (members > 1 && family < COLOURED).then(|| SERIES[family])
    }

    /// Panel (a).
    fn matrix(&self, sheet: &mut Sheet, family: &[usize]) {
        let n = self.seeds.len();
        let size = n as f64;
        let (across, down) = ((60.0, 60.0 + SIDE), (TOP, TOP + SIDE));
        let frame = Frame::new(across, down, (0.0, size), (size, 0.0));
        let mut panel = sheet.panel(frame);
        panel.cells(n, &self.agreement, tiles::score);
        let colours: Vec<_> = family.iter().map(|family| self.colour(*family)).collect();
        panel.strips_beside(&colours);
        let bar = (across.1 + 14.0, (down.0, down.0 + 0.6 * SIDE));
        panel
            .letter('a', 20.0)
            .heading("agreement, families together", 60.0, TICK + 1)
            .below("scientists", 34.0, TICK + 1)
            .bar(bar, (0.0, 1.0), tiles::score, "");
    }

    /// Panel (b).
    fn map(&self, sheet: &mut Sheet, family: &[usize]) -> Result<(), DrawError> {
        let axis = |of: usize| extent(self.places.iter().map(|place| place[of])).map(roomy);
        let (x, y) = axis(0).zip(axis(1)).ok_or(DrawError::empty("places"))?;
        let (across, down) = ((575.0, 575.0 + SIDE), (TOP, TOP + SIDE));
        let frame = Frame::equal(across, down, x, y);
        let mut panel = sheet.panel(frame);
        panel.axes(Axes::new());
        for (place, [x, y]) in self.places.iter().enumerate() {
            let colour = self.colour(family[place]).unwrap_or(GREY);
            panel.dots(&[(*x, *y)], 5.0, colour);
            if !self.correct[place] {
                panel.dots(&[(*x, *y)], 3.0, "#ffffff");
            }
        }
        let kept = match self.kept.is_finite() {
            true => format!(", {:.0} % of the distances kept", 100.0 * self.kept),
            false => String::new(),
        };
        panel
            .letter('b', 530.0)
            .heading(&format!("map of theories{kept}"), 575.0, TICK + 1)
            .x_label("distance, in 1 − agreement");
        for (index, members) in self.families.iter().enumerate() {
            if let Some(colour) = self.colour(index) {
                let count = members.seeds.len();
                let name = format!("family {}: {count} scientists", index + 1);
                panel.key(&name, colour, Swatch::Dot);
            }
        }
        panel.key("in no family, or a small one", GREY, Swatch::Dot);
        if self.correct.iter().any(|correct| !correct) {
            panel.key("hollow: not correct", GREY, Swatch::Ring);
        }
        panel.legend_block((575.0, down.1 + 96.0 + 16.0), 400.0);
        Ok(())
    }

    /// Panel (c).
    fn course(&self, sheet: &mut Sheet) {
        let top = TOP + SIDE + 96.0;
        let x = (0.6, self.systems.len() as f64 + 0.4);
        let frame = Frame::new((60.0, 60.0 + SIDE), (top, top + BELOW), x, (0.0, 1.04));
        let bare = |values: &[f64]| values.iter().map(|v| (*v, f64::NAN, f64::NAN)).collect();
        let (all, correct): (Vec<_>, Vec<_>) = (bare(&self.by_phase), bare(&self.by_phase_correct));
        let courses = [
            Course::new("all", BLUE, all),
            Course::new("the correct ones", VERMILLION, correct),
        ];
        sheet
            .panel(frame)
            .courses(&courses, Some(0.25))
            .x_label("number of systems")
            .letter('c', 20.0)
            .heading("mean agreement", 60.0, TICK + 1)
            .legend();
    }
}

fn places(is: &[bool]) -> Vec<usize> {
    (0..is.len()).filter(|place| is[*place]).collect()
}

#[cfg(test)]
mod tests {
    use mass_figures::inspect::hex;

    use super::*;
    use crate::reproduce::figure::tests::{axes_are_named, drawing};

    #[test]
    fn families_places_and_courses_are_where_they_belong() {
        let data = AgreementFigure::example();
        let drawing = drawing(&data);
        let matrix = drawing.lettered('a');
        for (i, j) in [(0, 4), (3, 15), (12, 16), (19, 2)] {
            let colour = hex(tiles::score(data.agreement[20 * i + j]));
            matrix.fill(&colour, (j as f64 + 0.5, i as f64 + 0.5));
        }
        // Beside the rows and below the columns of a family is its colour.
        let beside = -6.0 / 400.0 * 20.0;
        for (colour, row) in [(SERIES[0], 5.0), (SERIES[1], 14.0)] {
            matrix
                .fill(colour, (beside, row))
                .fill(colour, (row, 20.0 - beside));
        }
        assert_eq!(matrix.filled((beside, 18.5)), None, "one is no family");
        matrix
            .label("agreement, families together")
            .label("scientists");
        let map = drawing.lettered('b');
        for (place, colour) in [(2, SERIES[0]), (12, SERIES[1]), (19, GREY)] {
            let [x, y] = data.places[place];
            map.dot(colour, (x, y)).fill(colour, (x, y));
        }
        let [x, y] = data.places[5];
        map.dot(SERIES[0], (x, y)).fill("#ffffff", (x, y));
        map.key("family 1: 11 scientists", SERIES[0])
            .key("family 2: 7 scientists", SERIES[1])
            .key("in no family, or a small one", GREY)
            .key("hollow: not correct", GREY)
            .key("hollow: not correct", "#ffffff")
            .label("map of theories, 87 % of the distances kept")
            .label("distance, in 1 − agreement");
        assert!(!drawing.texts().any(|text| text.starts_with("family 3")));
        drawing
            .lettered('c')
            .dot(BLUE, (0.97, 0.4))
            .dot(BLUE, (1.97, 0.6))
            .dot(VERMILLION, (2.03, 0.8))
            .key("all", BLUE)
            .key("the correct ones", VERMILLION)
            .label("mean agreement")
            .label("number of systems");
        axes_are_named(&drawing, 0, "scientists", "agreement, families together");
        axes_are_named(&drawing, 2, "number of systems", "mean agreement");
    }

    #[test]
    fn families_are_of_those_that_are_there() {
        let mut data = AgreementFigure::example();
        data.families[0].seeds.push(5);
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape {
                what: "families",
                ..
            })
        ));
    }

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
            families: vec![Family {
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
            data.claims(&())
                .unwrap()
                .iter()
                .map(|row| row.holds)
                .collect()
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
        let among = |members: &[usize]| agreement.select(members).unwrap().overall();
        assert!(among(&[1]).is_nan());
        assert!(among(&[]).is_nan());
        assert_eq!(among(&[0, 1]), 0.7);
        assert_eq!(places(&[true, false, true]), [0, 2]);
    }
}

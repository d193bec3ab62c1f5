//! Figure 8: which terms many scientists use, one strip of scientists by terms a system.

use mass_interp::{overlaps, strongest_terms};

#[cfg(test)]
use super::by_term::made_up;
use super::{by_term::check, figure::FOUR, prelude::*};

/// What figure 8 shows (Fu et al. 2025, Fig. 8): `fig8.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig8 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// The terms of the library, in its order, `[T]`.
    terms: Vec<TermName>,
    /// One panel a system, each of scientists trained on it alone.
    panels: Vec<TermStrengths>,
}

impl Figure for Fig8 {
    const NAME: &'static str = "fig8";
    const HEADING: &'static str = "Figure 8";
    const ABOUT: &'static str = "Which terms many scientists use, system by system";
    const CAPTION: &'static str = "How strongly scientists trained on one system use each term: a row a scientist, darker is stronger.";
    const NEEDS: Needs = Needs::Single(FOUR);
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let singles = Single::train_each(&job.requests)?;
        let panels = singles.iter().map(|single| single.strengths.clone());
        let data = Self {
            recipe: job.requests[0].recipe.name.clone(),
            terms: singles[0].terms.clone(),
            panels: panels.collect(),
        };
        let populations = singles.iter().map(|single| &single.population);
        Ok(Computed::of(data, (), populations))
    }

    /// A row a scientist, a column a term, the darker the stronger the term is beside the scientist's
    /// strongest; the terms that are strongest in the median are named.
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        const HEAD: f64 = 92.0;
        const GAP: f64 = 26.0;
        if self.panels.is_empty() {
            return Err(DrawError::empty("panels"));
        }
        for panel in &self.panels {
            check(panel, self.terms.len())?;
        }
        // A scientist's row is 4 pixels high, as long as the strip is neither thin nor a page.
        let high = |panel: &TermStrengths| (4.0 * panel.seeds.len() as f64).clamp(90.0, 240.0);
        let heights = self.panels.iter().map(|panel| high(panel) + HEAD + GAP);
        let title = format!("recipe {}, scientists of one system each", self.recipe);
        let mut sheet = Sheet::new(34.0 + heights.sum::<f64>() + 40.0, title);
        let mut top = 34.0;
        for (place, panel) in self.panels.iter().enumerate() {
            self.strip(&mut sheet, place, (top + HEAD, top + HEAD + high(panel)));
            top += HEAD + high(panel) + GAP;
        }
        Ok(Some(sheet))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let active: Vec<usize> = (0..self.terms.len())
            .filter(|term| self.terms[*term].active)
            .collect();
        let (mut rows, mut common_sets) = (Vec::new(), Vec::new());
        for panel in &self.panels {
            let found = panel.term_use(self.terms.len());
            let (read, common) = (found.read(), found.common(0.5));
            let of = |what: &str| format!("{}: {what}", panel.system);
            let lines = format!(
                "share of {read} scientists that use one of the ten commonest terms, less that of the median term"
            );
            rows.push(
                claim(format!(
                    "there are distinct vertical lines (more than half; {} terms are significant for more than half of the scientists)",
                    common.len()
                ))
                .measured(of(&lines), found.contrast(&active))
                .above(0.5),
            );
            let unused = active.len() - found.common(0.05).len();
            let never = if read > 0 { unused as f64 } else { f64::NAN };
            let quantity = of("active terms significant for at most one scientist in twenty");
            rows.push(
                claim("some terms are almost consistently never used (at least a tenth of the active ones)")
                    .measured(quantity, never)
                    .unit("terms")
                    .holds(unused * 10 >= active.len()),
            );
            common_sets.push(common);
        }
        let quantity = "overlap of these common terms between two systems, in the mean (intersection by union)";
        rows.push(
            claim("to describe each system independently, scientists rely on rather different sets of terms (less than half)")
                .measured(quantity, mean(&overlaps(&common_sets)))
                .below(0.5),
        );
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        tests::example(50)
    }
}

impl Fig8 {
    /// One system.
    fn strip(&self, sheet: &mut Sheet, place: usize, down: (f64, f64)) {
        let (panel, terms) = (&self.panels[place], self.terms.len());
        let scientists = panel.seeds.len();
        let last = place + 1 == self.panels.len();
        let x = (-0.5, terms as f64 - 0.5);
        let frame = Frame::new((95.0, 905.0), down, x, (scientists as f64, 0.0));
        let relative = panel.relative(terms);
        let axes = Axes::plain()
            .x_step(20.0)
            .y_step(scientists as f64)
            .y_numbers(|_| String::new())
            .numbered_x(last)
            .numbered_y(false);
        let mut strip = sheet.panel(frame);
        strip
            .cells(terms, &relative.strength, tiles::share)
            .axes(axes);
        let wrong: Vec<bool> = panel.correct.iter().map(|correct| !correct).collect();
        let seed = |seed: Option<&u64>| seed.map_or(String::new(), |seed| format!("seed {seed}"));
        let ends = [panel.seeds.first(), panel.seeds.last()].map(seed);
        strip
            .mark_rows(&wrong, VERMILLION)
            .row_ends(ends.each_ref().map(String::as_str));
        let named: Vec<(usize, &str, f64)> = strongest_terms(&relative.quantile(terms, 0.5), 5)
            .into_iter()
            .map(|term| (term, self.terms[term].name.as_str(), 0.0))
            .collect();
        strip
            .names_above(&named, 32.0)
            .head_at(down.0 - 50.0)
            .letter((b'a' + place as u8) as char, 20.0)
            .heading(
                &format!("{}, {scientists} scientists", panel.system),
                60.0,
                TICK + 2,
            );
        if place == 0 {
            let left = 926.0;
            strip
                .key("not correct", VERMILLION, Swatch::Square)
                .legend()
                .bar((left, down), (0.0, 1.0), tiles::share, "")
                .text(
                    (left - 6.0, down.0 - 13.0),
                    "of the largest",
                    TICK - 2,
                    Anchor::Start,
                );
        }
        if last {
            strip.x_label("term i");
        }
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::{inspect::hex, style::MISSING};

    use super::*;
    use crate::reproduce::figure::tests::drawing;

    pub(super) fn example(scientists: usize) -> Fig8 {
        Fig8 {
            recipe: "reference".into(),
            terms: made_up::terms(),
            panels: FOUR
                .iter()
                .map(|system| made_up::strengths(system, scientists))
                .collect(),
        }
    }

    #[test]
    fn each_scientist_of_each_system_has_its_row() {
        let data = example(50);
        let (drawing, terms) = (drawing(&data), data.terms.len());
        for (place, panel) in data.panels.iter().enumerate() {
            let strip = drawing.panel(place);
            for (seed, row) in panel.rows(terms).enumerate().step_by(17) {
                let term = strongest_terms(row, 1)[0];
                let at = |term: usize| (term as f64, seed as f64 + 0.5);
                strip.fill(&hex(tiles::share(1.0)), at(term));
                let other = term - 1;
                let share = tiles::share(row[other] / row[term]);
                if share != (255, 255, 255) {
                    strip.fill(&hex(share), at(other));
                }
            }
            // Seeds 3, 10, … are not correct, which is marked left of the strip.
            let left = -0.5 - 6.0 * terms as f64 / 810.0;
            strip
                .fill(VERMILLION, (left, 3.5))
                .fill(VERMILLION, (left, 10.5));
            assert_eq!(strip.filled((left, 4.5)).as_deref(), None);
            strip
                .label(&format!("{}, 50 scientists", panel.system))
                .label("seed 0")
                .label("seed 49");
        }
        drawing
            .lettered('a')
            .key("not correct", VERMILLION)
            .label("of the largest");
        drawing.lettered('d').label("term i");
        assert!(example(4).draw().is_ok());
    }

    #[test]
    fn a_scientist_without_numbers_is_a_grey_row() {
        let mut data = example(3);
        data.panels[0].strength[5] = f64::NAN;
        drawing(&data).panel(0).fill(MISSING, (100.0, 0.5));
        data.panels[0].strength.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape {
                what: "strength",
                ..
            })
        ));
        // Nor is there anything to draw where no scientist could be read.
        let panel = &mut data.panels[0];
        panel.strength.clear();
        panel.seeds.clear();
        panel.correct.clear();
        assert_eq!(data.draw().err(), Some(DrawError::empty("strength")));
    }

    /// Forty terms, of which each of ten scientists uses those that `uses` says.
    fn data(uses: impl Fn(usize, usize) -> f64) -> Fig8 {
        let term = |index: usize| TermName {
            ascii: index.to_string(),
            name: index.to_string(),
            active: true,
        };
        let uses = &uses;
        let panel = |system: &str| TermStrengths {
            system: system.into(),
            seeds: (0..10).collect(),
            correct: vec![true; 10],
            strength: (0..10)
                .flat_map(|seed| (0..40).map(move |term| uses(seed, term)))
                .collect(),
        };
        Fig8 {
            recipe: "reference".into(),
            terms: (0..40).map(term).collect(),
            panels: vec![panel("classical"), panel("pendulum")],
        }
    }

    #[test]
    fn lines_are_a_contrast() {
        let holds = |data: &Fig8| -> Vec<Option<bool>> {
            data.claims(&())
                .unwrap()
                .iter()
                .map(|row| row.holds)
                .collect()
        };
        let yes = |is: bool| f64::from(u8::from(is));
        // All use the first ten, or each its own four, or all everything.
        let lines = data(|_, term| yes(term < 10));
        let own = data(|seed, term| yes(term / 4 == seed));
        let all = data(|_, _| 1.0);
        let [t, f] = [Some(true), Some(false)];
        assert_eq!(holds(&lines), [t, t, t, t, f]);
        assert_eq!(holds(&own), [f, f, f, f, None]);
        assert_eq!(holds(&all), [f, f, f, f, f]);
        assert_eq!(holds(&data(|_, _| f64::NAN)), [None; 5]);
    }
}

//! Figure 13: mean absolute activations of many scientists on the harmonic oscillator.

use mass_figures::style::highest;
use mass_interp::{overlaps, strongest_terms};

#[cfg(test)]
use super::by_term::made_up;
use super::{
    by_term::{check, spread},
    prelude::*,
};

/// Scientists that have a panel of their own.
const ALONE: usize = 8;

/// What figure 13 shows (Fu et al. 2025, Fig. 13): `fig13.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig13 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// The terms of the library, in its order, `[T]`.
    terms: Vec<TermName>,
    /// E|a| of every scientist.
    strengths: TermStrengths,
}

impl Figure for Fig13 {
    const NAME: &'static str = "fig13";
    const HEADING: &'static str = "Figure 13";
    const ABOUT: &'static str = "Mean activations of many scientists on the harmonic oscillator";
    const CAPTION: &'static str = "Mean absolute activations on the harmonic oscillator: (a) scientist by scientist; (b) their spread.";
    const NEEDS: Needs = Needs::Single(&["classical"]);
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let single = Single::train(job.request())?;
        let data = Self {
            recipe: job.request().recipe.name.clone(),
            terms: single.terms,
            strengths: single.strengths,
        };
        Ok(Computed::of(data, (), [&single.population]))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        const ROW: f64 = 150.0;
        let (strengths, terms) = (&self.strengths, self.terms.len());
        check(strengths, terms)?;
        let scientists = strengths.seeds.len();
        let alone = scientists.min(ALONE);
        let body = 112.0 + ROW * alone.div_ceil(2) as f64;
        let title = format!(
            "{}, recipe {}, {scientists} scientists",
            strengths.system, self.recipe
        );
        let mut sheet = Sheet::new(body + 410.0, title);

        let head = Frame::by_place((80.0, 975.0), (78.0, 78.0), terms, 1.0);
        let heading = format!("E|a_i| by term, the first {alone} scientists");
        sheet
            .panel(head)
            .letter('a', 20.0)
            .heading(&heading, 80.0, TICK);
        for (place, row) in strengths.rows(terms).take(alone).enumerate() {
            let (column, line) = ((place % 2) as f64, (place / 2) as f64);
            let (left, top) = (80.0 + 470.0 * column, 112.0 + ROW * line);
            let (across, down) = ((left, left + 425.0), (top, top + 94.0));
            let heading = self.one(place, row);
            sheet
                .panel(Frame::by_place(across, down, terms, highest(row)))
                .shade(&TermName::held(&self.terms))
                .bars(&vec![0.0; terms], row, 0.9, VERMILLION)
                .place_axes(place + 2 >= alone)
                .text((left, top - 9.0), &heading, TICK, Anchor::Start);
        }

        let down = (body + 100.0, body + 340.0);
        let heading = format!("E|a_i| over all {scientists} scientists");
        spread(&mut sheet, (80.0, 975.0), down, strengths, &self.terms)
            .head_at(body + 46.0)
            .letter('b', 20.0)
            .heading(&heading, 80.0, TICK)
            .legend();
        Ok(Some(sheet))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let (strengths, terms) = (&self.strengths, self.terms.len());
        let found = strengths.term_use(terms);
        Ok(vec![
            claim("many terms are activated in general (more than 10)")
                .measured("significant terms of a scientist, median", median(&found.counts()))
                .unit("terms")
                .above(10.0),
            claim("the exact activation magnitudes differ (more than twofold)")
                .measured("ninth by first decile of E|a| over the scientists, for terms that most of them use, median", median(&strengths.variation(terms, &found.common(0.5))))
                .above(2.0),
            claim("the significant terms chosen by each scientist remain rather identical (more than half)")
                .measured("overlap of two scientists' significant terms, median (intersection by union)", median(&overlaps(&found.sets)))
                .above(0.5),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        Self {
            recipe: "reference".into(),
            terms: made_up::terms(),
            strengths: made_up::strengths("classical", 24),
        }
    }
}

impl Fig13 {
    /// The heading of a scientist's own panel.
    fn one(&self, place: usize, row: &[f64]) -> String {
        let named = |term: &usize| format!("largest: {}", self.terms[*term].name);
        let largest = strongest_terms(row, 1).first().map(named);
        let largest = largest.unwrap_or("on poles".to_string());
        let correct = ["", ", not correct"][usize::from(!self.strengths.correct[place])];
        format!("seed {}{correct}; {largest}", self.strengths.seeds[place])
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::style::{BLUE, PALE, SKY};

    use super::*;
    use crate::reproduce::figure::tests::drawing;

    #[test]
    fn eight_scientists_and_their_spread_are_where_they_belong() {
        let data = Fig13::example();
        let (drawing, terms) = (drawing(&data), data.terms.len());
        for (place, row) in data.strengths.rows(terms).take(8).enumerate() {
            let term = strongest_terms(row, 1)[0];
            // The first panel is the heading's.
            drawing
                .panel(place + 1)
                .bar(VERMILLION, (term as f64, row[term]))
                .fill(PALE, (TermName::held(&data.terms)[0] as f64, row[term]))
                .label(&data.one(place, row));
        }
        let [median, high] = [0.5, 0.9].map(|q| data.strengths.quantile(terms, q));
        let place = strongest_terms(&median, 1)[0];
        drawing
            .lettered('b')
            .bar(SKY, (place as f64, high[place]))
            .fill(BLUE, (place as f64, median[place]))
            .key("first to ninth decile", SKY)
            .key("median", BLUE)
            .key("held at zero", PALE)
            .label("E|a_i| over all 24 scientists")
            .label("E|a_i|")
            .label("term i");
        assert_eq!(drawing.count("E|a_i| by term, the first 8 scientists"), 1);
    }

    #[test]
    fn few_scientists_and_those_on_poles_are_drawn() {
        let mut data = Fig13::example();
        data.strengths = made_up::strengths("classical", 3);
        data.strengths.strength[..172].fill(f64::NAN);
        drawing(&data).panel(1).label("seed 0; on poles");
        data.strengths.correct.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape {
                what: "correct",
                ..
            })
        ));
    }
}

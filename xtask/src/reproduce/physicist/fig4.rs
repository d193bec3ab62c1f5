//! AI Physicist, Figure 4: a mystery world of four domains, found out.

use mass_figures::TwoClassings;
use mass_physicist::{
    DivideAndConquer, MODEL_FLOOR, Modern, Score, SymbolicLaw, WorldKind, WorldRequest,
    laws_as_theories, unexplained_in_transition,
};

use crate::reproduce::prelude::*;

/// Of so many windows one is shown.
const ONE_OF: usize = 3;
/// Half the side of the arena, with a margin.
const REACH: f64 = 2.1;

/// What the figure shows (Wu & Tegmark 2019, Fig. 4): `physicist-fig4.json`. P windows shown, M theories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mystery {
    /// Windows that were learned from.
    windows: usize,
    /// Laws of the world.
    laws: usize,
    /// Position of each window shown, `[P]`.
    at: Vec<(f64, f64)>,
    /// The theory that explains it, counted from 0, `[P]`; `null` if none does.
    theory: Vec<Option<usize>>,
    /// The law that made it, by the theory that explains most of its windows, `[P]`; `null` over a border or
    /// a bounce.
    law: Vec<Option<usize>>,
    /// The theories, the one with most windows first, `[M]`.
    theories: Vec<Found>,
    /// Share of windows of big domains whose theory is right.
    accuracy: f64,
    /// Mean squared error there, summed over the coordinates.
    squared_error: f64,
    /// Of the windows that no theory explains, the share that passes a border or a bounce.
    explained_by_borders: f64,
    /// Whether every integer and fraction was found exactly, and every other constant within 10⁻⁴.
    solved: bool,
}

/// A theory that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    /// The law, a line a coordinate.
    text: String,
    /// Windows that it explains.
    windows: usize,
    /// Bits of its constants as fitted.
    bits: f64,
    /// The same once simplified.
    bits_simplified: f64,
}

impl Figure for Mystery {
    const NAME: &'static str = "physicist-fig4";
    const HEADING: &'static str = "AI Physicist, Figure 4";
    const ABOUT: &'static str = "The AI Physicist: a world of four laws, found out";
    const CAPTION: &'static str = "A ball in a world of four laws, known by its positions alone: (a) the theory that explains each position, and those that none does (black), over borders and at bounces; (b) the law that made each. The laws found stand below in their colours.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    fn make(_: &Job) -> Result<Computed<Self>> {
        let request = WorldRequest::new(WorldKind::All, 1, 0);
        let (world, seen) = request.make()?;
        let windows = seen.windows(2)?;
        let found = Modern::default().discover(&windows)?;
        let score = Score::of(&found, &world.laws(), &windows)?;
        let labels = windows.labels().context("a made world has labels")?;
        let shown: Vec<usize> = (0..windows.len()).step_by(ONE_OF).collect();
        let position = |window: &usize| match windows.position(*window) {
            [x, y] => Ok((*x, *y)),
            other => anyhow::bail!("a position of two coordinates, not {}", other.len()),
        };
        let laws = laws_as_theories(labels, &found.explained_by, world.laws().len());
        let theory = |one: &mass_physicist::Theory| -> Result<Found> {
            Ok(Found {
                text: one.symbolic.text(&["x", "y"])?,
                windows: one.support,
                bits: SymbolicLaw::real(&one.law).bits(MODEL_FLOOR),
                bits_simplified: one.symbolic.bits(MODEL_FLOOR),
            })
        };
        let data = Self {
            windows: windows.len(),
            laws: world.laws().len(),
            at: shown.iter().map(position).collect::<Result<_>>()?,
            theory: shown.iter().map(|w| found.explained_by[*w]).collect(),
            law: shown.iter().map(|w| laws[*w]).collect(),
            theories: found.theories.iter().map(theory).collect::<Result<_>>()?,
            accuracy: score.domain_accuracy,
            squared_error: score.squared_error,
            explained_by_borders: unexplained_in_transition(labels, &found.explained_by),
            solved: score.solved,
        };
        Ok(Computed::of(data, (), []))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let laws = self.theories.iter().map(|one| one.text.as_str());
        let squares = TwoClassings {
            at: &self.at,
            reach: REACH,
            first: ("the theory that explains it", &self.theory),
            second: ("the law that made it", &self.law),
            below: &laws.collect::<Vec<_>>(),
        };
        let title = format!("{} windows, no labels used", self.windows);
        let sheet = squares.draw(title, |panel| {
            panel
                .axes(Axes::new().x_step(1.0).y_step(1.0))
                .x_label("x, and y upwards");
        })?;
        Ok(Some(sheet))
    }

    fn table(&self) -> Option<String> {
        let row = |one: &Found| {
            let law = one.text.replace('\n', "; ");
            let bits = [one.bits, one.bits_simplified].map(|bits| format!("{bits:.1}"));
            [vec![law, one.windows.to_string()], bits.to_vec()].concat()
        };
        let headers = ["law found", "windows", "bits as fitted", "bits simplified"];
        Some(markdown(&headers, self.theories.iter().map(row)))
    }

    fn claims(&self, (): &()) -> Result<Vec<Claim>> {
        let saved = self
            .theories
            .iter()
            .filter(|one| one.bits_simplified < one.bits);
        Ok(vec![
            claim("the positions are classified into four big domains without any label")
                .measured("theories found", self.theories.len() as f64)
                .paper(4.0)
                .holds(self.theories.len() == self.laws && self.laws == 4),
            claim("positions in big domains are given the right one (more than 99.9 %)")
                .measured("domain accuracy", 100.0 * self.accuracy)
                .unit("%")
                .above(99.9),
            claim("predictions deep inside the domains are exact (squared error below 10⁻²⁰)")
                .measured("log₁₀ of the mean squared error in big domains", self.squared_error.log10())
                .below(-20.0),
            claim("predictions are worse near borders, where transitions and bounces have small domains of their own (of what no theory explains, more than 99 % lies there)")
                .measured("unexplained windows over a border or a bounce", 100.0 * self.explained_by_borders)
                .unit("%")
                .above(99.0),
            claim("snapping makes every law's description shorter")
                .measured("laws with fewer bits once simplified", saved.count() as f64)
                .unit("laws")
                .above(self.theories.len() as f64 - 0.5),
            claim("the world is solved: every integer and fraction exact, other constants within 10⁻⁴")
                .measured("solved (1: yes)", f64::from(u8::from(self.solved)))
                .above(0.5)
                .of_ours(),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let ring = |i: u32| (1.5 * f64::from(i).cos(), 1.5 * f64::from(i).sin());
        Self {
            windows: 300,
            laws: 2,
            at: (0..100).map(ring).collect(),
            theory: (0..100).map(|i| (i % 9 != 0).then_some(i % 2)).collect(),
            law: (0..100).map(|i| (i % 9 != 0).then_some(i % 2)).collect(),
            theories: vec![
                Found {
                    text: "x[t] = 2 x[t−1] − x[t−2]\ny[t] = 2 y[t−1] − y[t−2]".into(),
                    windows: 140,
                    bits: 310.5,
                    bits_simplified: 5.2,
                };
                2
            ],
            accuracy: 1.0,
            squared_error: 1e-30,
            explained_by_borders: 1.0,
            solved: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::style::{INK, SERIES};

    use super::*;
    use crate::reproduce::figure::tests::drawing;

    #[test]
    fn each_position_has_its_theorys_colour_and_its_laws() {
        let mut data = Mystery::example();
        data.law[1] = Some(0);
        let drawing = drawing(&data);
        drawing
            .lettered('a')
            .dot(INK, data.at[0])
            .dot(SERIES[1], data.at[1]);
        drawing.lettered('b').dot(SERIES[0], data.at[1]);
        assert_eq!(drawing.count("x[t] = 2 x[t−1] − x[t−2]"), 2);
    }

    #[test]
    fn a_law_too_few_is_said() {
        let mut data = Mystery::example();
        assert_eq!(
            data.claims(&()).unwrap()[0].holds,
            Some(false),
            "two laws, not four"
        );
        data.accuracy = 0.5;
        data.solved = false;
        let claims = data.claims(&()).unwrap();
        assert_eq!(
            (claims[1].holds, claims[5].holds),
            (Some(false), Some(false))
        );
    }
}

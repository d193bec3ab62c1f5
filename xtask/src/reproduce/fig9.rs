//! Figure 9: do the first principal components of many scientists agree?

use mass_figures::MatrixAndBars;
use mass_interp::{
    ComponentCensus, ComponentSign, FirstComponents,
    statistics::{finite, share},
};

use super::{figure::FOUR, prelude::*};

/// The share of the variance that the paper counts (Fu et al. 2025, caption of Fig. 9).
const MUCH: f64 = 0.8;
/// Share of seeds that explain more than that, in percent (ibid.).
const PAPER: [f64; 4] = [96.4, 74.8, 93.7, 87.5];
/// The paper's share is met within so many points.
const NEAR: f64 = 10.0;

/// What figure 9 shows (Fu et al. 2025, Fig. 9): `fig9.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig9 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// What decides a component's sign, in words.
    sign: String,
    /// One panel a system, each of scientists trained on it alone; an even number is laid out in
    /// rows of two.
    panels: Vec<ComponentCensus>,
}

impl Figure for Fig9 {
    const NAME: &'static str = "fig9";
    const HEADING: &'static str = "Figure 9";
    const ABOUT: &'static str = "Correlations of first principal components between scientists";
    const CAPTION: &'static str = "Correlations between scientists of the first principal component of their activations, and the share of the variance that it explains.";
    const NEEDS: Needs = Needs::Single(FOUR);
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let singles = Single::train_each(&job.requests)?;
        let panel = |single: &Single| -> Result<ComponentCensus> {
            let found = FirstComponents::of(&single.readings, ComponentSign::Loading)?;
            let (system, seeds) = (&single.strengths.system, single.population.seeds());
            Ok(ComponentCensus::of(system.clone(), seeds, &found))
        };
        let data = Self {
            recipe: job.requests[0].recipe.name.clone(),
            sign: "the largest loading is positive".into(),
            panels: singles.iter().map(panel).collect::<Result<_>>()?,
        };
        let populations = singles.iter().map(|single| &single.population);
        Ok(Computed::of(data, (), populations))
    }

    /// Maps of correlations between scientists, each with the explained variance of every scientist
    /// beside its row.
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        if self.panels.is_empty() {
            return Err(DrawError::empty("panels"));
        }
        for panel in &self.panels {
            let n = panel.seeds.len();
            same_lengths!("`seeds` by `seeds`", n * n, panel, [correlation])?;
            same_lengths!("`seeds`", n, panel, [explained, with_truth])?;
        }
        let rows = self.panels.len().div_ceil(2);
        let title = format!("recipe {}, scientists of one system each", self.recipe);
        let mut sheet = Sheet::new(44.0 + MatrixAndBars::ROW * rows as f64, title);
        for (place, panel) in self.panels.iter().enumerate() {
            let (much, all) = panel.above(MUCH);
            let map = MatrixAndBars {
                heading: &format!("{}: {much} of {all} explain > 80 %", panel.system),
                correlation: &panel.correlation,
                seeds: &panel.seeds,
                shares: &panel.explained,
                much: (MUCH, "80 %"),
                bars: "explained",
            };
            map.draw(&mut sheet, place);
        }
        Ok(Some(sheet))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let panels = self.panels.iter().zip(PAPER);
        Ok(panels
            .flat_map(|(panel, paper)| claims(panel, paper))
            .collect())
    }

    #[cfg(test)]
    fn example() -> Self {
        tests::example(50)
    }
}

fn claims(panel: &ComponentCensus, paper: f64) -> [Claim; 5] {
    let (system, n) = (&panel.system, panel.seeds.len());
    let (much, all) = panel.above(MUCH);
    let found = share(much, all).percent();
    // As above, a scientist that cannot be read explains nothing.
    let failed = panel.failed.iter().map(|_| 0.0);
    let all_seeds: Vec<f64> = panel.explained.iter().copied().chain(failed).collect();
    let middle = median(&all_seeds);
    let pairs = finite(&below_diagonal(&panel.correlation, n));
    let high = pairs.iter().filter(|r| r.abs() > 0.9).count();
    let flipped = pairs.iter().filter(|r| **r < -0.9).count();
    let of = |count: usize, all: usize| count as f64 / all as f64;
    let sizes: Vec<f64> = panel.with_truth.iter().map(|r| r.abs()).collect();
    [
        claim(format!(
            "as many as the paper's, within {NEAR} points (95 % interval of ours {:.0} to {:.0} %)",
            found.low, found.high
        ))
        .measured(
            format!("{system}: seeds of {all} whose first component explains > 80 %"),
            found.value,
        )
        .paper(paper)
        .unit("%")
        .holds((found.value - paper).abs() <= NEAR),
        claim("in the majority of seeds the first component explains more than 90 %")
            .measured(
                format!("{system}: variance explained, median"),
                100.0 * middle,
            )
            .unit("%")
            .holds(middle > 0.9),
        claim(
            "each scientist is strongly correlated with all others (more than half of the pairs)",
        )
        .measured(
            format!("{system}: share of pairs with |r| > 0.9"),
            of(high, pairs.len()),
        )
        .above(0.5),
        claim("parity flips are only rarely learnt (less than a tenth)")
            .measured(
                format!("{system}: share of these with r < 0, signs by the largest loading"),
                of(flipped, high),
            )
            .below(0.1),
        claim("the first component is mainly the true acceleration (> 0.9; Appendix B)")
            .measured(
                format!("{system}: |r| of the first component with the true ẏ, median"),
                median(&sizes),
            )
            .above(0.9),
    ]
}

#[cfg(test)]
mod tests {
    use mass_figures::{inspect::hex, style::INK};

    use super::*;
    use crate::reproduce::figure::tests::{axes_are_named, drawing, place_of};

    /// Most agree, some are turned round, a few are something else.
    pub(super) fn example(scientists: usize) -> Fig9 {
        let random = |i: usize| ((i * 7919 + 104_729) % 997) as f64 / 997.0;
        let panel = |system: &str, odd: usize| {
            let score = |s: usize| match (s * 7 + odd) % 10 {
                0 => (-1.0, 0.97),
                3 => (1.0, 0.4 + 0.3 * random(s)),
                _ => (1.0, 0.98),
            };
            let correlation = (0..scientists * scientists)
                .map(|cell| (cell / scientists, cell % scientists))
                .map(|(i, j)| {
                    let ((a, p), (b, q)) = (score(i), score(j));
                    if i == j { 1.0 } else { a * b * p * q }
                })
                .collect();
            ComponentCensus {
                system: system.into(),
                seeds: (0..scientists as u64).collect(),
                failed: Vec::new(),
                states: 512,
                correlation,
                explained: (0..scientists)
                    .map(|s| 1.0 - 0.35 * random(s * 31 + odd).powi(3))
                    .collect(),
                with_truth: (0..scientists).map(|s| score(s).0 * score(s).1).collect(),
            }
        };
        Fig9 {
            recipe: "reference".into(),
            sign: "the largest loading is positive".into(),
            panels: vec![
                panel("classical", 1),
                panel("pendulum", 2),
                panel("kepler", 3),
                panel("relativistic", 4),
            ],
        }
    }

    #[test]
    fn maps_and_shares_are_where_they_belong() {
        let data = example(50);
        let drawing = drawing(&data);
        for (place, panel) in data.panels.iter().enumerate() {
            let much = panel.explained.iter().filter(|e| **e > 0.8).count();
            let map = drawing.panel(2 * place);
            for (i, j) in [(0, 1), (3, 8), (20, 43), (48, 2)] {
                let colour = hex(tiles::correlation(panel.correlation[50 * i + j]));
                map.fill(&colour, (j as f64 + 0.5, i as f64 + 0.5));
            }
            map.label(&format!("{}: {much} of 50 explain > 80 %", panel.system))
                .label("scientist (seed)")
                .label("49");
            let strip = drawing
                .panel(2 * place + 1)
                .label("explained")
                .label("80 %");
            for (row, share) in panel.explained.iter().enumerate().step_by(11) {
                let colour = if *share > MUCH { BLUE } else { GREY };
                strip.fill(colour, (share - 0.01, row as f64 + 0.5));
                assert!(strip.filled((share + 0.01, row as f64 + 0.5)).is_none());
            }
            strip.line(INK, (MUCH, 25.0));
            let across = |panel: usize, says: &str| place_of(&drawing, panel, says).0;
            assert!(across(2 * place, "0") < across(2 * place, "49"));
            assert!(across(2 * place + 1, "0") < across(2 * place + 1, "80 %"));
            let above = format!("{}: {much} of 50 explain > 80 %", panel.system);
            axes_are_named(&drawing, 2 * place, "scientist (seed)", &above);
        }
        drawing.panel(1).label("correlation");
        let letters: Vec<_> = drawing
            .panels()
            .iter()
            .filter_map(|one| one.letter)
            .collect();
        assert_eq!(letters, ['a', 'b', 'c', 'd']);
    }

    #[test]
    fn one_scientist_and_none_are_drawn() {
        assert!(example(1).draw().is_ok());
        let mut data = example(4);
        // One of whose scientists none could be read is left white.
        let failed = std::mem::take(&mut data.panels[3].seeds);
        data.panels[3] = ComponentCensus {
            system: "relativistic".into(),
            seeds: Vec::new(),
            failed,
            states: 0,
            correlation: Vec::new(),
            explained: Vec::new(),
            with_truth: Vec::new(),
        };
        drawing(&data)
            .lettered('d')
            .label("relativistic: 0 of 4 explain > 80 %");
        data.panels[1].explained.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape {
                what: "explained",
                ..
            })
        ));
    }

    fn panel(r: f64, explained: f64, failed: u64) -> ComponentCensus {
        ComponentCensus {
            system: "classical".into(),
            seeds: (0..4).collect(),
            failed: (4..4 + failed).collect(),
            states: 512,
            correlation: (0..16).map(|c| if c % 5 == 0 { 1.0 } else { r }).collect(),
            explained: vec![explained; 4],
            with_truth: vec![r; 4],
        }
    }

    fn holds(panel: ComponentCensus) -> Vec<Option<bool>> {
        let data = Fig9 {
            recipe: "reference".into(),
            sign: "any".into(),
            panels: vec![panel],
        };
        data.claims(&())
            .unwrap()
            .iter()
            .map(|row| row.holds)
            .collect()
    }

    #[test]
    fn claims_follow_the_population() {
        let [yes, no] = [Some(true), Some(false)];
        assert_eq!(holds(panel(0.99, 0.97, 0)), [yes, yes, yes, yes, yes]);
        // None agrees with another, so that none is flipped either.
        assert_eq!(holds(panel(0.1, 0.5, 0)), [no, no, no, None, no]);
        // All are flipped against all others; a fifth could not be read.
        assert_eq!(holds(panel(-0.95, 0.97, 1)), [no, yes, yes, no, yes]);
        // Four of nine are no majority.
        assert_eq!(holds(panel(0.99, 0.97, 5))[..2], [no, no]);
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        assert_eq!(holds(panel(f64::NAN, f64::NAN, 0))[1..], [None; 4]);
        let mut none = panel(1.0, 1.0, 0);
        none.seeds.clear();
        none.explained.clear();
        none.correlation.clear();
        none.with_truth.clear();
        assert_eq!(holds(none), [None; 5]);
    }
}

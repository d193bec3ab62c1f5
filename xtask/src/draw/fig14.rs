//! Figure 14: mean absolute activations on the spring-mass system, and how their first component
//! is distributed.

use serde::{Deserialize, Serialize};

use super::by_term::{
    Components, POPULATION_HEIGHT, Strengths, TermName, population, spread_legend,
};
use super::sheet::{Frame, Sheet};
use super::{DrawError, Picture};

const FIGURE: &str = "fig14";

/// What figure 14 shows (Fu et al. 2025, Fig. 14): `fig14.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig14 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// The terms of the library, in its order, `[T]`.
    pub(crate) terms: Vec<TermName>,
    /// E|a| of every scientist: what the paper's caption says.
    pub(crate) strengths: Strengths,
    /// The first principal component: what the paper's text says of the figure.
    pub(crate) components: Components,
}

/// Draws figure 14: (a) the spread of E|a| by term; (b) the distribution of the first component.
///
/// # Errors
/// Lengths that differ, no finite value.
pub(crate) fn draw(data: &Fig14) -> Result<Picture, DrawError> {
    let title = format!("recipe {}", data.recipe);
    let mut sheet = Sheet::new(54.0 + POPULATION_HEIGHT, title);
    let (terms, strengths) = (&data.terms, &data.strengths);
    population(
        &mut sheet,
        FIGURE,
        50.0,
        ['a', 'b'],
        terms,
        strengths,
        &data.components,
    )?;
    spread_legend(&mut sheet, &legend_place(50.0));
    sheet.finish()
}

/// Where the legend of a row of [`population`] that begins at `top` stands.
pub(super) fn legend_place(top: f64) -> Frame {
    Frame {
        across: (95.0, 640.0),
        down: (top + 30.0, top + 30.0),
        x: (0.0, 1.0),
        y: (0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::by_term::made_up;
    use super::super::typeset::labels;
    use super::*;

    #[test]
    fn the_picture_has_bars_and_histograms() {
        let mut data = Fig14 {
            recipe: "reference".into(),
            terms: made_up::terms(),
            strengths: made_up::strengths("classical", 24),
            components: made_up::components(24),
        };
        let picture = draw(&data).unwrap();
        crate::draw::look("fig14", &picture);
        let labels = labels(&picture.svg);
        for label in [
            "(a)",
            "(b)",
            "term i",
            "first component",
            "true ẏ",
            "median",
        ] {
            let count = labels.iter().filter(|l| *l == label).count();
            assert_eq!(count, 1, "{label}: {labels:?}");
        }
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
        data.components.density[..24].fill(f64::NAN);
        data.components.density[30] = 1e9;
        assert!(!draw(&data).unwrap().svg.contains("NaN"));
        data.components.truth.pop();
        assert!(matches!(draw(&data), Err(DrawError::Shape { .. })));
    }
}

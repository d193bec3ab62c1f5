//! Figure 15: mean absolute activations on the relativistic oscillator and on the pendulum.

use serde::{Deserialize, Serialize};

use super::by_term::{
    Components, POPULATION_HEIGHT, Strengths, TermName, population, spread_legend,
};
use super::fig14::legend_place;
use super::sheet::Sheet;
use super::{DrawError, Picture};

const FIGURE: &str = "fig15";

/// What figure 15 shows (Fu et al. 2025, Fig. 15): `fig15.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig15 {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// The terms of the library, in its order, `[T]`.
    pub(crate) terms: Vec<TermName>,
    /// One a system, each of scientists trained on it alone.
    pub(crate) systems: Vec<Fig15System>,
}

/// What scientists use for one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig15System {
    /// E|a| of every scientist.
    pub(crate) strengths: Strengths,
    /// The first principal component.
    pub(crate) components: Components,
}

/// Draws figure 15: a row a system, of the spread of E|a| by term and the distribution of the first
/// component.
///
/// # Errors
/// No system, lengths that differ, no finite value.
pub(crate) fn draw(data: &Fig15) -> Result<Picture, DrawError> {
    if data.systems.is_empty() {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "systems",
        });
    }
    let title = format!("recipe {}", data.recipe);
    let height = 54.0 + POPULATION_HEIGHT * data.systems.len() as f64;
    let mut sheet = Sheet::new(height, title);
    for (place, system) in data.systems.iter().enumerate() {
        let top = 50.0 + POPULATION_HEIGHT * place as f64;
        let first = b'a' + 2 * place as u8;
        let letters = [first as char, (first + 1) as char];
        let Fig15System {
            strengths,
            components,
        } = system;
        population(
            &mut sheet,
            FIGURE,
            top,
            letters,
            &data.terms,
            strengths,
            components,
        )?;
        spread_legend(&mut sheet, &legend_place(top));
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::super::by_term::made_up;
    use super::super::typeset::labels;
    use super::*;

    #[test]
    fn the_picture_has_a_row_for_each_system() {
        let system = |id: &str| Fig15System {
            strengths: made_up::strengths(id, 24),
            components: made_up::components(24),
        };
        let mut data = Fig15 {
            recipe: "reference".into(),
            terms: made_up::terms(),
            systems: vec![system("relativistic"), system("pendulum")],
        };
        let picture = draw(&data).unwrap();
        crate::draw::look("fig15", &picture);
        let labels = labels(&picture.svg);
        for label in [
            "(a)",
            "(d)",
            "relativistic, 24 scientists",
            "pendulum, 24 scientists",
        ] {
            let count = labels.iter().filter(|l| *l == label).count();
            assert_eq!(count, 1, "{label}: {labels:?}");
        }
        assert!(picture.svg.len() < 500_000, "{} bytes", picture.svg.len());
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
        data.systems.clear();
        assert!(matches!(draw(&data), Err(DrawError::Empty { .. })));
    }
}

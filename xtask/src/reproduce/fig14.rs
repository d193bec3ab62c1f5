//! Figure 14: mean absolute activations on the spring-mass system, and how their first component is
//! distributed.

use mass_interp::{ComponentHistograms, ComponentScores};

#[cfg(test)]
use super::by_term::made_up;
use super::{
    by_term::{POPULATION_HEIGHT, alike, like_the_truth, population, uniform},
    prelude::*,
};

/// What figure 14 shows (Fu et al. 2025, Fig. 14): `fig14.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig14 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// The terms of the library, in its order, `[T]`.
    terms: Vec<TermName>,
    /// E|a| of every scientist: what the paper's caption says.
    strengths: TermStrengths,
    /// The first principal component: what the paper's text says of the figure.
    components: ComponentHistograms,
}

impl Figure for Fig14 {
    const NAME: &'static str = "fig14";
    const HEADING: &'static str = "Figure 14";
    const ABOUT: &'static str = "The same, and how their first component is distributed";
    const CAPTION: &'static str = "The spring-mass system: (a) mean absolute activations; (b) the distribution of the first principal component over the states.";
    const NEEDS: Needs = Needs::Single(&["classical"]);
    type Beyond = ComponentScores;

    fn make(job: &Job) -> Result<Computed<Self>> {
        let single = Single::train(job.request())?;
        let scores = ComponentScores::of(&single.readings)?;
        let data = Self {
            recipe: job.request().recipe.name.clone(),
            terms: single.terms,
            strengths: single.strengths,
            components: scores.histograms(),
        };
        Ok(Computed::of(data, scores, [&single.population]))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let title = format!("recipe {}", self.recipe);
        let mut sheet = Sheet::new(54.0 + POPULATION_HEIGHT, title);
        let (terms, strengths) = (&self.terms, &self.strengths);
        population(
            &mut sheet,
            50.0,
            ['a', 'b'],
            terms,
            strengths,
            &self.components,
        )?;
        Ok(Some(sheet))
    }

    fn claims(&self, scores: &ComponentScores) -> Result<Vec<Claim>> {
        let system = &self.strengths.system;
        Ok(vec![
            uniform(scores),
            like_the_truth(scores, system),
            alike(scores, system),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        Self {
            recipe: "reference".into(),
            terms: made_up::terms(),
            strengths: made_up::strengths("classical", 24),
            components: made_up::components(24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::{by_term::tests::population_is_drawn, figure::tests::drawing};

    #[test]
    fn bars_and_histograms_are_where_they_belong() {
        let data = Fig14::example();
        let Fig14 {
            terms,
            strengths,
            components,
            ..
        } = &data;
        population_is_drawn(&drawing(&data), ['a', 'b'], terms, strengths, components);
    }

    #[test]
    fn one_spike_does_not_set_the_scale() {
        let mut data = Fig14::example();
        let scale = |data: &Fig14| drawing(data).panels()[1].frame.y.1;
        let before = scale(&data);
        data.components.density[30] = 1e9;
        assert!(scale(&data) < 2.5 * before);
        data.components.truth.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape { what: "truth", .. })
        ));
    }
}

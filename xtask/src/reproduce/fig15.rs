//! Figure 15: mean absolute activations on the relativistic oscillator and on the pendulum.

use mass_interp::{ComponentHistograms, ComponentScores};

#[cfg(test)]
use super::by_term::made_up;
use super::{
    by_term::{POPULATION_HEIGHT, alike, like_the_truth, population},
    prelude::*,
};

/// What figure 15 shows (Fu et al. 2025, Fig. 15): `fig15.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig15 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// The terms of the library, in its order, `[T]`.
    terms: Vec<TermName>,
    /// One a system, each of scientists trained on it alone.
    systems: Vec<OneSystem>,
}

/// What scientists use for one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneSystem {
    /// E|a| of every scientist.
    strengths: TermStrengths,
    /// The first principal component.
    components: ComponentHistograms,
}

impl Figure for Fig15 {
    const NAME: &'static str = "fig15";
    const HEADING: &'static str = "Figure 15";
    const ABOUT: &'static str = "The same on the relativistic oscillator and on the pendulum";
    const CAPTION: &'static str = "The relativistic oscillator (a, b) and the pendulum (c, d): mean absolute activations, and the distribution of the first principal component.";
    const NEEDS: Needs = Needs::Single(&["relativistic", "pendulum"]);
    /// One a system.
    type Beyond = Vec<ComponentScores>;

    fn make(job: &Job) -> Result<Computed<Self>> {
        let singles = Single::train_each(&job.requests)?;
        let scores = singles
            .iter()
            .map(|single| ComponentScores::of(&single.readings));
        let scores = scores.collect::<Result<Vec<_>, _>>()?;
        let systems = singles
            .iter()
            .zip(&scores)
            .map(|(single, scores)| OneSystem {
                strengths: single.strengths.clone(),
                components: scores.histograms(),
            });
        let data = Self {
            recipe: job.requests[0].recipe.name.clone(),
            terms: singles[0].terms.clone(),
            systems: systems.collect(),
        };
        let populations = singles.iter().map(|single| &single.population);
        Ok(Computed::of(data, scores, populations))
    }

    /// A row a system.
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        if self.systems.is_empty() {
            return Err(DrawError::empty("systems"));
        }
        let height = 54.0 + POPULATION_HEIGHT * self.systems.len() as f64;
        let mut sheet = Sheet::new(height, format!("recipe {}", self.recipe));
        for (place, one) in self.systems.iter().enumerate() {
            let top = 50.0 + POPULATION_HEIGHT * place as f64;
            let letters = [0, 1].map(|column| (b'a' + 2 * place as u8 + column) as char);
            let (terms, strengths) = (&self.terms, &one.strengths);
            population(&mut sheet, top, letters, terms, strengths, &one.components)?;
        }
        Ok(Some(sheet))
    }

    fn claims(&self, scores: &Vec<ComponentScores>) -> Result<Vec<Claim>> {
        let systems = self.systems.iter().zip(scores);
        let rows = systems.flat_map(|(one, scores)| {
            let system = &one.strengths.system;
            [like_the_truth(scores, system), alike(scores, system)]
        });
        Ok(rows.collect())
    }

    #[cfg(test)]
    fn example() -> Self {
        let system = |id: &str, scientists: usize| OneSystem {
            strengths: made_up::strengths(id, scientists),
            components: made_up::components(scientists),
        };
        Self {
            recipe: "reference".into(),
            terms: made_up::terms(),
            systems: vec![system("relativistic", 24), system("pendulum", 24)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::{by_term::tests::population_is_drawn, figure::tests::drawing};

    #[test]
    fn each_system_has_its_row() {
        let mut data = Fig15::example();
        // Apart from the other row's.
        data.systems[1]
            .components
            .density
            .iter_mut()
            .for_each(|one| *one *= 0.9);
        data.systems[1]
            .components
            .truth
            .iter_mut()
            .for_each(|one| *one *= 0.8);
        let drawing = drawing(&data);
        for (one, letters) in data.systems.iter().zip([['a', 'b'], ['c', 'd']]) {
            population_is_drawn(
                &drawing,
                letters,
                &data.terms,
                &one.strengths,
                &one.components,
            );
        }
    }
}

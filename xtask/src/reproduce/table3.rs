//! Table 3: the hyperparameters, read from the record of a training by them.

use mass_core::{MlpRecipe, Recipe};

use super::prelude::*;

/// The data of Table 3.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table3 {
    recipe: String,
    rows: Vec<Row>,
    /// EMA test RMSE at the end of the training by these hyperparameters.
    ema_rmse: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    parameter: String,
    paper: f64,
    ours: f64,
}

impl Figure for Table3 {
    const NAME: &'static str = "table3";
    const HEADING: &'static str = "Table 3";
    const ABOUT: &'static str = "The hyperparameters, and a training by them";
    const CAPTION: &'static str = "The hyperparameters, and a training by them.";
    const NEEDS: Needs = Needs::One;
    const RECIPE: fn() -> Recipe = Recipe::paper;
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (population, scientist) = scientist(job.request())?;
        let errors = population.test_errors(population.phases())?;
        let data = Self {
            recipe: scientist.recipe().name.clone(),
            rows: rows(scientist.recipe()),
            ema_rmse: errors[0].rmse(),
        };
        Ok(Computed::of(data, (), [&population]))
    }

    fn table(&self) -> Option<String> {
        let text = |value: f64| number(value, Rule::Table);
        let cells = |row: &Row| vec![row.parameter.clone(), text(row.paper), text(row.ours)];
        let ours = format!("recipe `{}`", self.recipe);
        Some(markdown(
            &["parameter", "paper", &ours],
            self.rows.iter().map(cells),
        ))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let used = self.rows.iter().map(|row| {
            claim(format!("the training used Table 3's {}", row.parameter))
                .measured(&row.parameter, row.ours)
                .paper(row.paper)
                .holds(row.paper == row.ours)
        });
        let learned = claim(
            "with these hyperparameters a scientist learns the harmonic oscillator (RMSE < 5e-3)",
        )
        .measured("test RMSE at the end", self.ema_rmse)
        .below(5e-3);
        Ok(used.chain([learned]).collect())
    }

    #[cfg(test)]
    fn example() -> Self {
        Self {
            recipe: "paper".into(),
            rows: rows(&Recipe::paper()),
            ema_rmse: 3e-4,
        }
    }
}

/// Table 3 in its order; ours as recorded in `run.toml`, the number of steps as done.
fn rows(recipe: &Recipe) -> Vec<Row> {
    let (optimizer, objective) = (&recipe.optimizer, &recipe.objective);
    let mlp = recipe.network.mlp();
    let of_mlp = |size: fn(&MlpRecipe) -> usize| mlp.map_or(f64::NAN, |mlp| size(mlp) as f64);
    [
        ("MLP hidden layers", 4.0, of_mlp(|mlp| mlp.hidden_layers)),
        ("MLP width", 20.0, of_mlp(|mlp| mlp.width)),
        ("batch size", 512.0, recipe.data.batch as f64),
        (
            "steps (per phase)",
            10_000.0,
            recipe.schedule.decay_steps as f64,
        ),
        (
            "linear warm-up steps",
            100.0,
            recipe.schedule.warmup_steps as f64,
        ),
        ("learning rate", 5e-4, optimizer.learning_rate),
        ("weight decay", 0.01, optimizer.weight_decay),
        ("β₁", 0.7, optimizer.beta_1),
        ("β₂", 0.8, optimizer.beta_2),
        ("EMA", 0.99, recipe.evaluation.ema),
        ("λ_b", 0.5, objective.lambda_b),
        ("λ₁", 0.1, objective.lambda_1),
        ("λ₂", 0.01, objective.lambda_2),
    ]
    .into_iter()
    .map(|(parameter, paper, ours)| Row {
        parameter: parameter.to_string(),
        paper,
        ours,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_recipe_is_the_printed_one() {
        let claims = Table3::example().claims(&()).unwrap();
        assert_eq!(claims.len(), 14);
        assert!(claims.iter().all(|claim| claim.holds == Some(true)));
        let mut wide = Table3::example();
        wide.rows[1].ours = 40.0;
        wide.ema_rmse = 6e-3;
        let refuted = wide.claims(&()).unwrap();
        let refuted = refuted.iter().filter(|claim| claim.holds == Some(false));
        let refuted: Vec<&str> = refuted.map(|claim| claim.quantity.as_str()).collect();
        assert_eq!(refuted, ["MLP width", "test RMSE at the end"]);
        let table = wide.table().unwrap();
        let mut lines = table.lines();
        let line = lines.find(|line| line.starts_with("| MLP width ")).unwrap();
        assert!(line.contains(" 20 |") && line.ends_with(" 40 |"), "{line}");
    }
}

//! Not in the paper: how much Figure 3's numbers vary from seed to seed.

use mass_interp::statistics::quartiles;

use super::prelude::*;

/// One row per scientist.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spread {
    system: String,
    recipe: String,
    scientists: Vec<Row>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    seed: u64,
    /// Test errors of the averaged weights; `null` if not finite.
    rmse: Option<f64>,
    mse: Option<f64>,
    /// Terms that reach 99 % of Σ E|a| over 512 states.
    significant_activations: usize,
    /// The same with equal functions merged.
    significant_merged: usize,
    /// Terms that reach 99 % of Σ|w|.
    significant_weights: usize,
}

impl Figure for Spread {
    const NAME: &'static str = "spread";
    const HEADING: &'static str = "Spread";
    const ABOUT: &'static str =
        "Not in the paper: the spread of Figure 3's numbers over many seeds";
    const CAPTION: &'static str = "Not in the paper. Figure 3's numbers over many scientists.";
    const NEEDS: Needs = Needs::Single(&["classical"]);
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let request = job.request();
        let population = Population::train(request)?;
        let errors = population.test_errors(population.phases())?;
        let mut scientists = Vec::new();
        for (scientist, error) in population.at_end()?.iter().zip(errors) {
            let seed = scientist.seed();
            let states = scientist.evaluation_states(0, EVALUATION_STATES, seed)?;
            let activations = scientist.activations(0, &states)?;
            let merged = activations.grouped(&scientist.grouping(Counting::Merged))?;
            let weights = scientist.weight_significance(Counting::Listed);
            let finite = |value: f64| value.is_finite().then_some(value);
            scientists.push(Row {
                seed,
                rmse: finite(error.rmse()),
                mse: finite(error.mse),
                significant_activations: activations.significant(0.99)?.count(),
                significant_merged: merged.significant(0.99)?.count(),
                significant_weights: weights.of(&scientist.weights())?.count(),
            });
        }
        let data = Self {
            system: request.systems.join(", "),
            recipe: request.recipe.name.clone(),
            scientists,
        };
        Ok(Computed::of(data, (), [&population]))
    }

    fn table(&self) -> Option<String> {
        let rows = self.quartiles().map(|(name, values)| {
            let values = values.iter().map(|value| number(*value, Rule::Table));
            [name.to_string()].into_iter().chain(values).collect()
        });
        let headers = [
            "quantity",
            "least",
            "first quartile",
            "median",
            "third quartile",
            "most",
        ];
        Some(markdown(&headers, rows))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let [(_, rmse), _, (_, terms), ..] = self.quartiles();
        Ok(vec![
            claim("between 2e-4 and 6e-4 (an independent implementation: 3.6e-4)")
                .measured("median RMSE", rmse[2])
                .between(2e-4, 6e-4)
                .of_ours(),
            claim("between 30 and 45 (an independent implementation: 37)")
                .measured("median number of significant activations", terms[2])
                .unit("terms")
                .between(30.0, 45.0)
                .of_ours(),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let row = |seed: u64| Row {
            seed,
            rmse: (seed != 3).then_some(3e-4 + 1e-5 * seed as f64),
            mse: (seed != 3).then_some(9e-8 + 1e-9 * seed as f64),
            significant_activations: 33 + seed as usize,
            significant_merged: 21 + seed as usize,
            significant_weights: 40 + seed as usize,
        };
        Self {
            system: "classical".into(),
            recipe: "reference".into(),
            scientists: (0..5).map(row).collect(),
        }
    }
}

impl Spread {
    /// The names of the numbers, and their least, quartiles and most.
    fn quartiles(&self) -> [(&'static str, [f64; 5]); 5] {
        let of = |name: &'static str, value: fn(&Row) -> f64| {
            let values: Vec<f64> = self.scientists.iter().map(value).collect();
            (name, quartiles(&values))
        };
        [
            of("RMSE", |row| row.rmse.unwrap_or(f64::INFINITY)),
            of("MSE", |row| row.mse.unwrap_or(f64::INFINITY)),
            of("significant activations, 99 %", |row| {
                row.significant_activations as f64
            }),
            of("the same, equal functions merged", |row| {
                row.significant_merged as f64
            }),
            of("significant weights, 99 % of Σ|w|", |row| {
                row.significant_weights as f64
            }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_decides() {
        let mut data = Spread::example();
        let claims = data.claims(&()).unwrap();
        // Of 3.0, 3.1, 3.2, 3.4 and one that is not known, which counts as the largest.
        assert!((claims[0].ours.unwrap() - 3.2e-4).abs() < 1e-12);
        assert_eq!([claims[0].holds, claims[1].holds], [Some(true); 2]);
        let table = data.table().unwrap();
        assert!(
            table.contains("| RMSE ") && table.contains("inf"),
            "{table}"
        );
        for row in &mut data.scientists {
            (row.rmse, row.significant_activations) = (Some(7e-4), 29);
        }
        let claims = data.claims(&()).unwrap();
        assert_eq!([claims[0].holds, claims[1].holds], [Some(false); 2]);
    }
}

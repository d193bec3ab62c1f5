//! AI Physicist, Table 3: forty mystery worlds, one after the other.

use mass_physicist::{DivideAndConquer, FoundWorld as World, Modern, WorldRequest};

use crate::reproduce::prelude::*;

/// Of the suite.
const SEED: u64 = 0;

/// The table's data (Wu & Tegmark 2019, Table 3): `physicist-table3.json`. A row a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worlds {
    /// How laws are learned.
    learner: String,
    /// Windows of each world.
    windows: usize,
    rows: Vec<World>,
}

impl Figure for Worlds {
    const NAME: &'static str = "physicist-table3";
    const HEADING: &'static str = "AI Physicist, Table 3";
    const ABOUT: &'static str = "The AI Physicist: forty worlds, how well each is found out";
    const CAPTION: &'static str = "Forty reconstructed mystery worlds, 5000 windows each, found out in closed form without labels.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    fn make(_: &Job) -> Result<Computed<Self>> {
        let requests = WorldRequest::forty(SEED, 1);
        let data = Self {
            learner: Modern::default().name().to_string(),
            windows: requests.first().map_or(0, |one| one.windows),
            rows: requests.iter().map(World::of).collect::<Result<_, _>>()?,
        };
        Ok(Computed::of(data, (), []))
    }

    fn table(&self) -> Option<String> {
        let row = |one: &World| {
            vec![
                one.name.clone(),
                one.laws.join(", "),
                one.theories.to_string(),
                format!("{:.2}", 100.0 * one.accuracy),
                format!("{:.1}", one.error.unwrap_or(f64::NAN)),
                format!("{} of {}", one.fractions.1, one.fractions.0),
                format!("{:.0}", one.bits),
                if one.solved { "yes" } else { "no" }.to_string(),
            ]
        };
        let headers = [
            "world",
            "laws",
            "theories",
            "accuracy, %",
            "log₁₀ MSE",
            "fractions exact",
            "bits",
            "solved",
        ];
        Some(markdown(&headers, self.rows.iter().map(row)))
    }

    fn claims(&self, (): &()) -> Result<Vec<Claim>> {
        let count = |is: fn(&World) -> bool| self.rows.iter().filter(|one| is(one)).count() as f64;
        let all = self.rows.len();
        let errors: Vec<f64> = self
            .rows
            .iter()
            .map(|one| one.error.unwrap_or(f64::NAN))
            .collect();
        let accuracies: Vec<f64> = self.rows.iter().map(|one| one.accuracy).collect();
        let data = "of other data, which are lost: the two cannot be ranked";
        Ok(vec![
            claim(format!("it solves more than 90 % of the worlds: every integer and fraction exact, other constants within 10⁻⁴ (the paper's {data})"))
                .measured(format!("worlds solved, of {all}"), count(|one| one.solved))
                .paper(36.0)
                .unit("worlds")
                .above(0.9 * all as f64),
            claim(format!("its predictions are far more precise than a network's (the paper's number is of single precision, and {data})"))
                .measured("log₁₀ of the mean squared error in big domains, median", median(&errors))
                .paper(-13.9)
                .below(-13.9),
            claim("positions in big domains are given the right one (median of 100.00 %)")
                .measured("domain accuracy, median", 100.0 * median(&accuracies))
                .paper(100.0)
                .unit("%")
                .above(99.99),
            claim("in every world (more than 99.9 %)")
                .measured(format!("worlds with a domain accuracy of more than 99.9 %, of {all}"), count(|one| one.accuracy > 0.999))
                .unit("worlds")
                .above(all as f64 - 0.5)
                .of_ours(),
            claim("in every world there are as many theories as laws, each law's constants within 10⁻⁴ as fitted")
                .measured(format!("worlds with all laws right, of {all}"), count(|one| one.laws_right))
                .unit("worlds")
                .above(all as f64 - 0.5)
                .of_ours(),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let world = |id: u32| World {
            name: format!("type 4, {id}"),
            laws: vec!["free".into(), "gravity".into()],
            theories: 2,
            accuracy: 1.0,
            error: Some(-31.5),
            bits: 51.2,
            fractions: (18, 18),
            laws_right: true,
            solved: true,
        };
        Self {
            learner: "modern".into(),
            windows: 5000,
            rows: (1..=4).map(world).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_solved_counts() {
        let mut data = Worlds::example();
        let holds = |data: &Worlds| {
            data.claims(&())
                .unwrap()
                .iter()
                .map(|row| row.holds == Some(true))
                .collect::<Vec<_>>()
        };
        assert_eq!(holds(&data), [true; 5]);
        data.rows[0].solved = false;
        data.rows[1].accuracy = 0.7;
        assert_eq!(holds(&data), [false, true, true, false, true]);
        let claims = data.claims(&()).unwrap();
        assert_eq!((claims[0].ours, claims[3].ours), (Some(3.0), Some(3.0)));
    }

    #[test]
    fn a_world_is_found_out_as_its_row_says() {
        let row = World::of(&WorldRequest::forty(SEED, 1)[0]).unwrap();
        assert_eq!((row.theories, row.laws.len(), row.solved), (2, 2, true));
        assert!(
            row.accuracy > 0.999 && row.error.is_some_and(|error| error < -28.0),
            "{row:?}"
        );
        assert!(
            row.bits < 70.0,
            "snapped free motion and gravity: {}",
            row.bits
        );
    }
}

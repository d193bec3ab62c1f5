//! Table 2, its last row: can the activations on the double pendulum be brought down to the two terms of
//! Euler–Lagrange?

use mass_interp::TwoTermCensus;

use super::{
    prelude::*,
    table2::{of_exact, of_own, table},
};

/// The paper's R² of the Lagrangian and of the Hamiltonian fit.
const PAPER: (f64, f64) = (0.9712, 0.7317);

/// The data of Table 2's last row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table2D {
    recipe: String,
    /// The scientists; of those of the row, that are correct, the fits are.
    scientists: usize,
    /// States: one half is fitted, the other judged.
    states: usize,
    row: TwoTermCensus,
}

impl Figure for Table2D {
    const NAME: &'static str = "table2d";
    const HEADING: &'static str = "Table 2, double pendulum";
    const ABOUT: &'static str = "The constrained fit, on the double pendulum";
    const CAPTION: &'static str = "R² on held-out states of bringing the activations of correct scientists of the double pendulum down to the two terms of Euler–Lagrange, or to −S_x of Hamilton.";
    const NEEDS: Needs = Needs::Motion("double_pendulum");
    const RECIPE: fn() -> mass_core::Recipe = mass_core::Recipe::general;
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let request = job.request();
        let population = Population::train(request)?;
        let data = Self {
            recipe: request.recipe.name.clone(),
            scientists: population.seeds().len(),
            states: TwoTermCensus::STATES,
            row: population.two_terms(0, population.phases())?,
        };
        Ok(Computed::of(data, (), [&population]))
    }

    fn table(&self) -> Option<String> {
        Some(table(std::slice::from_ref(&self.row)))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let mut rows = Vec::from(of_exact(&self.row, PAPER.0, PAPER.1));
        rows.extend(of_own(&self.row));
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        let fits = [mass_interp::TwoTermFits::NONE; 2];
        Self {
            recipe: "general".into(),
            scientists: 8,
            states: 1024,
            row: TwoTermCensus::new("double_pendulum".into(), 0, 1, vec![0, 1], &fits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_numbers_are_those_of_its_last_row() {
        let rows = Table2D::example().claims(&()).unwrap();
        let paper: Vec<f64> = rows.iter().filter_map(|row| row.paper).collect();
        assert_eq!(paper[..2], [0.9712, 0.7317]);
        // Without a fit nothing is claimed.
        assert!(rows.iter().all(|row| row.holds.is_none()));
        assert!(
            Table2D::example()
                .table()
                .unwrap()
                .contains("| double_pendulum |")
        );
    }
}

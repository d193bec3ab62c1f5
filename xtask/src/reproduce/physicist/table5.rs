//! AI Physicist, Table 5: the double pendulum's seven worlds.

use mass_physicist::{ChargedPendulum, FoundPendulum as World};

use crate::reproduce::prelude::*;

/// Of each world.
const STARTS: u64 = 2;
const STEPS: usize = 1000;

/// The table's data (Wu & Tegmark 2019, Appendix I.2, where a table of these worlds stood): `physicist-table5.json`. A row a
/// world and start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pendulums {
    rows: Vec<World>,
}

impl Figure for Pendulums {
    const NAME: &'static str = "physicist-table5";
    const HEADING: &'static str = "AI Physicist, Table 5";
    const ABOUT: &'static str =
        "The AI Physicist: seven double pendulums in two fields, how well each is found out";
    const CAPTION: &'static str = "Seven reconstructed worlds of the charged double pendulum, two starts each, found out in closed form from angles and angular velocities without labels, laws and borders as sums from libraries that hold their terms.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    fn make(_: &Job) -> Result<Computed<Self>> {
        let worlds = ChargedPendulum::seven();
        let starts = worlds
            .iter()
            .flat_map(|world| (0..STARTS).map(move |seed| (world, seed)));
        let row = |(world, seed): (&ChargedPendulum, u64)| World::of(world, STEPS, seed, 0.0);
        let rows = starts.map(row).collect::<Result<_, _>>()?;
        Ok(Computed::of(Self { rows }, (), []))
    }

    fn table(&self) -> Option<String> {
        let row = |one: &World| {
            let percent = |share: f64| format!("{:.2}", 100.0 * share);
            let [below, above] = [0, 1].map(|side| {
                let found = one.found[side].map(|[_, (field, _)]| format!("{field:.6}"));
                let found = found.unwrap_or("not found".into());
                format!("{found} ({})", one.fields[side][1])
            });
            let border = one.border.as_ref();
            let text = border.map_or("none".into(), |border| border.text.clone());
            vec![
                one.seed.to_string(),
                below,
                above,
                text,
                border.map_or(0, |border| border.crossings).to_string(),
                percent(one.accuracy),
                percent(one.greater),
            ]
        };
        let headers = [
            "start",
            "field below: found (true)",
            "field above",
            "border",
            "passages",
            "accuracy, %",
            "share of the greater domain, %",
        ];
        Some(markdown(&headers, self.rows.iter().map(row)))
    }

    fn claims(&self, (): &()) -> Result<Vec<Claim>> {
        let all = self.rows.len() as f64;
        let of = |of: fn(&World) -> f64| self.rows.iter().map(of).collect::<Vec<f64>>();
        let accuracies = of(|one| 100.0 * one.accuracy);
        let right = self.rows.iter().filter(|one| one.is_within(0.01)).count() as f64;
        Ok(vec![
            claim("two domains are discovered, and points are classified into them far better than by one theory (the paper's are of networks and of data that are lost; the share of the greater domain is what one theory has)")
                .measured("domain accuracy, median", median(&accuracies))
                .paper(91.0)
                .unit("%")
                .above(median(&of(|one| 100.0 * one.greater))),
            claim("in every world (more than 99 %)")
                .measured("domain accuracy, the least", accuracies.iter().copied().fold(f64::INFINITY, f64::min))
                .unit("%")
                .above(99.0)
                .of_ours(),
            claim("none of the paper's was solved; here both fields and the border's constant are within 1 % in all")
                .measured(format!("motions with fields and border within 1 %, of {all}"), right)
                .unit("motions")
                .above(all - 0.5)
                .of_ours(),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let row = |seed| World {
            fields: [[0.0, -8.0], [0.0, 0.0]],
            seed,
            windows: 400,
            greater: 0.73,
            theories: 2,
            accuracy: 1.0,
            found: [Some([(0.0, 0.0), (-8.0, 1e-9)]), Some([(0.0, 0.0); 2])],
            field_error: Some(1e-10),
            border: Some(mass_physicist::FoundBorder {
                text: "cos x₁ + cos x₂ = 21/20".into(),
                constant: 1.05,
                error: Some(1e-10),
                standard_error: 1e-9,
                crossings: 40,
            }),
            steps: [360, 40, 0],
        };
        Self {
            rows: (0..3).map(row).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_or_border_that_is_missing_counts() {
        let mut data = Pendulums::example();
        let holds = |data: &Pendulums| {
            let claims = data.claims(&()).unwrap();
            claims.iter().map(|row| row.holds).collect::<Vec<_>>()
        };
        assert_eq!(holds(&data), [Some(true); 3]);
        data.rows[1].border = None;
        data.rows[2].accuracy = 0.9;
        assert_eq!(holds(&data), [Some(true), Some(false), Some(false)]);
        data.rows[0].found[0] = None;
        let table = data.table().unwrap();
        assert!(
            table.contains("not found (-8)") && table.contains("none"),
            "{table}"
        );
    }
}

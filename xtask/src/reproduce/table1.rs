//! Table 1: the six systems, each held against exact physics.

use mass_systems::{
    AnyLagrangian, Purpose, Quantity, System, reference_trajectory, sample, stream, table1,
};

use super::prelude::*;

/// States at which each Lagrangian is held against the acceleration.
const STATES: usize = 10_000;

/// T and V as the paper prints them in Table 1.
const PRINTED: [(&str, &str); 6] = [
    ("½y²", "½x²"),
    ("½y²", "1 − cos x"),
    ("½y²", "−1/|x|"),
    ("γ", "½x²(1 − y²)^{3/2}"),
    ("γ", "½x² · 1/γ"),
    ("γ", "½x² · cos y"),
];

/// The data of Table 1.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table1 {
    systems: Vec<Row>,
}

/// One system; residuals are the largest over the states sampled from its domain.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    /// T and V as the paper prints them.
    kinetic: String,
    potential: String,
    /// ẏ and L as used here.
    formula: String,
    /// |S_yy ẏ + S_xy y − S_x| / (1 + |S_x|) of L at the stated ẏ.
    euler_lagrange_residual: f64,
    /// The same with the printed V in place of ours, where Table 1's V differs.
    printed_residual: Option<f64>,
    /// Relative drift of the energy y·∂L/∂y − L along an exact trajectory of 20 time units.
    energy_drift: f64,
    /// |∂²L − ∂²L_relativistic| at rest at the origin, the largest entry.
    origin_difference: Option<f64>,
}

impl Figure for Table1 {
    const NAME: &'static str = "table1";
    const HEADING: &'static str = "Table 1";
    const ABOUT: &'static str = "The systems, each checked against its Lagrangian";
    const CAPTION: &'static str = "The systems, each held against its Lagrangian.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    fn make(_: &Job) -> Result<Computed<Self>> {
        let systems = table1();
        // At rest at the origin.
        let origin =
            |law: &dyn AnyLagrangian| law.derivatives(Quantity::Lagrangian, &[0.0], &[0.0]);
        let relativistic = origin(law(&*systems[3])?);
        let mut rows = Vec::new();
        for (index, (system, (kinetic, potential))) in systems.iter().zip(PRINTED).enumerate() {
            let (id, law) = (system.id(), law(&**system)?);
            let data = sample(system, STATES, &mut stream(0, Purpose::Evaluation, &id))?;
            let ours = |x: &[f64], y: &[f64]| law.derivatives(Quantity::Lagrangian, x, y);
            let pair = (index > 3).then(|| origin(law).zip(relativistic.as_ref()));
            rows.push(Row {
                id,
                kinetic: kinetic.to_string(),
                potential: potential.to_string(),
                formula: system.formula(),
                euler_lagrange_residual: data.euler_lagrange_residual(ours).unwrap_or(f64::NAN),
                printed_residual: data
                    .euler_lagrange_residual(|x, y| law.derivatives_as_printed(x, y)),
                energy_drift: energy_drift(&**system)?,
                origin_difference: pair.flatten().map(|(a, b)| a.hessian_distance(b)),
            });
        }
        Ok(Computed::of(Self { systems: rows }, (), []))
    }

    fn table(&self) -> Option<String> {
        let cells = |row: &Row| {
            vec![
                row.id.clone(),
                row.kinetic.clone(),
                row.potential.clone(),
                row.formula.clone(),
                number(row.euler_lagrange_residual, Rule::Table),
                number(row.energy_drift, Rule::Table),
            ]
        };
        let headers = [
            "system",
            "T (printed)",
            "V (printed)",
            "here",
            "Euler–Lagrange residual",
            "energy drift",
        ];
        Some(markdown(&headers, self.systems.iter().map(cells)))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let mut rows = Vec::new();
        for row in &self.systems {
            let of = |what: &str| format!("{}: {what}", row.id);
            rows.push(
                claim("the Lagrangian gives the acceleration that the data are made with")
                    .measured(of("Euler–Lagrange residual"), row.euler_lagrange_residual)
                    .below(1e-9)
                    .of_ours(),
            );
            rows.push(
                claim("the energy y·∂L/∂y − L is conserved")
                    .measured(of("energy drift over 20 time units"), row.energy_drift)
                    .below(1e-9)
                    .of_ours(),
            );
            rows.extend(row.printed_residual.map(|residual| {
                claim("the V printed in Table 1 gives the acceleration of the released code")
                    .measured(of("residual with the V as printed in the paper"), residual)
                    .below(1e-9)
                    .of_ours()
            }));
            rows.extend(row.origin_difference.map(|difference| {
                claim("α and β match the relativistic oscillator to lowest order (Table 1)")
                    .measured(
                        of("second derivatives at the origin, less the relativistic ones"),
                        difference,
                    )
                    .paper(0.0)
                    .below(1e-12)
            }));
        }
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        let row = |id: &str, residual: f64| Row {
            id: id.into(),
            kinetic: "½y²".into(),
            potential: "−1/|x|".into(),
            formula: "ẏ = −x".into(),
            euler_lagrange_residual: residual,
            printed_residual: Some(residual),
            energy_drift: 3e-13,
            origin_difference: (id == "alpha").then_some(residual),
        };
        Self {
            systems: vec![row("kepler", 2e-16), row("alpha", 0.5)],
        }
    }
}

/// Relative drift of the energy along an exact trajectory that stays in the domain.
fn energy_drift(system: &dyn System) -> Result<f64> {
    // Kepler in one dimension falls into its centre; it is followed on its way out.
    let (x, y, end) = if system.id() == "kepler" {
        (0.6, 1.9, 5.0)
    } else {
        (0.5, 0.3, 20.0)
    };
    let times: Vec<f64> = (0..=200)
        .map(|step| end * f64::from(step) / 200.0)
        .collect();
    let path = reference_trajectory(system, &[x], &[y], &times, 1e-13)?.complete()?;
    let drift = path
        .energy_drift(system)
        .context("every system of Table 1 has an energy")?;
    Ok(drift
        .iter()
        .fold(0.0, |largest: f64, drift| largest.max(drift.abs())))
}

/// The Lagrangian of a system of Table 1.
fn law(system: &dyn System) -> Result<&dyn AnyLagrangian> {
    let law = system.lagrangian();
    law.context("every system of Table 1 has a Lagrangian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residual_refutes_a_lagrangian() {
        let claims = Table1::example().claims(&()).unwrap();
        let holds: Vec<bool> = claims.iter().filter_map(|claim| claim.holds).collect();
        assert_eq!(holds, [true, true, true, false, true, false, false]);
        assert_eq!(
            claims[6].quantity,
            "alpha: second derivatives at the origin, less the relativistic ones"
        );
        let table = Table1::example().table().unwrap();
        assert!(
            table.contains("| −1/\\|x\\| ") && table.contains(" 2.0e-16 |"),
            "{table}"
        );
    }
}

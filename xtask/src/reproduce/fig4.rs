//! Figure 4: the learned scalar S beside x² + y².

use mass_figures::Field;
use mass_interp::{Plane, QuadraticFit, ScalarGrid, fit_affine};

use super::prelude::*;

/// Points along each axis.
const POINTS: usize = 101;

/// What figure 4 shows (Fu et al. 2025, Fig. 4): `fig4.json`.
///
/// A grid of X by Y states of a system of one degree of freedom. `null` in place of a number is a
/// value that is not finite; it is left grey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig4 {
    /// Identifier of the system, `classical`.
    system: String,
    /// Name of the recipe, `paper`.
    recipe: String,
    /// Seed of the scientist.
    seed: u64,
    /// Positions, increasing, `[X]`.
    x: Vec<f64>,
    /// Velocities, increasing, `[Y]`.
    y: Vec<f64>,
    /// The learned S(x, y), row-major `[Y, X]`.
    #[serde(with = "nullable")]
    learned: Vec<f64>,
    /// x² + y², twice the Hamiltonian of the classical system, row-major `[Y, X]`.
    #[serde(with = "nullable")]
    hamiltonian: Vec<f64>,
}

impl Figure for Fig4 {
    const NAME: &'static str = "fig4";
    const HEADING: &'static str = "Figure 4";
    const ABOUT: &'static str = "The learned scalar S beside x² + y²";
    const CAPTION: &'static str = "Contours of (a) the learned scalar S and (b) x² + y².";
    const NEEDS: Needs = Needs::One;
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (population, scientist) = scientist(job.request())?;
        let ScalarGrid { x, y, values } = scientist.scalar_over_domain(0, 0, POINTS)?;
        let plane = Plane::phase(1, 0)?;
        let data = Self {
            system: scientist.systems()[0].shape().id,
            recipe: scientist.recipe().name.clone(),
            seed: scientist.seed(),
            learned: values,
            hamiltonian: ScalarGrid::from_fn(&plane, &x, &y, |x, y| x[0] * x[0] + y[0] * y[0])?
                .values,
            x,
            y,
        };
        Ok(Computed::of(data, (), [&population]))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let mut sheet = Sheet::new(470.0, title(&self.system, &self.recipe, self.seed));
        let learned = ("learned S", "S(x, y)", "learned", &self.learned);
        let energy = ("x² + y²", "x² + y²", "hamiltonian", &self.hamiltonian);
        for (left, letter, (heading, label, what, values)) in
            [(88.0, 'a', learned), (590.0, 'b', energy)]
        {
            let field = Field::new(what, &self.x, &self.y, values)?;
            let mut panel = sheet.panel(field.frame((left, left + 310.0), (84.0, 394.0)));
            let scale = panel.contours(&field, label)?;
            panel
                .x_label("x")
                .y_label("y = ẋ")
                .letter(letter, left - 74.0)
                .centred_heading(&scale.said_of(heading), TICK + 2);
        }
        Ok(Some(sheet))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let fit = fit_affine(&self.learned, &self.hamiltonian)?;
        let quadratic = QuadraticFit::of(&self.x, &self.y, &self.learned)?;
        let least = self.learned.iter().copied().fold(f64::INFINITY, f64::min);
        Ok(vec![
            claim("the learned S resembles the Hamiltonian x² + y² up to factor and constant (R² > 0.9)")
                .measured("R² of S ≈ a (x² + y²) + c", fit.r2)
                .above(0.9),
            claim("where S is not like x² + y², its contours are those of another conic section (R² > 0.9)")
                .measured("R² of S ≈ its best quadratic", quadratic.r2)
                .above(0.9),
            claim("its contours are ellipses, as a Hamiltonian's (positive), not hyperbolas, as a Lagrangian's")
                .measured("product of the quadratic's principal curvatures", quadratic.determinant)
                .above(0.0)
                .of_ours(),
            claim("S also takes negative values, which an energy would not")
                .measured("smallest S in the domain", least)
                .below(0.0),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let axis: Vec<f64> = (0..101).map(|i| -1.0 + 0.02 * f64::from(i)).collect();
        let over = |f: fn(f64, f64) -> f64| -> Vec<f64> {
            let nodes = axis.iter().flat_map(|y| axis.iter().map(|x| (*x, *y)));
            nodes.map(|(x, y)| f(x, y)).collect()
        };
        // A tilted bowl, not a trained network.
        Self {
            system: "classical".into(),
            recipe: "paper".into(),
            seed: 0,
            learned: over(|x, y| {
                -0.31 * (1.1 * x * x + y * y) + 0.03 * x * y + 0.02 * (3.0 * x).sin() - 0.12
            }),
            hamiltonian: over(|x, y| x * x + y * y),
            x: axis.clone(),
            y: axis,
        }
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::{inspect::hex, style::sequential};

    use super::*;
    use crate::reproduce::figure::tests::{drawing, height_of};

    #[test]
    fn each_scalar_is_in_its_panel() {
        let drawing = drawing(&Fig4::example());
        // x² + y² has the levels 0.2, 0.4, … 1.8 and ten bands, the lowest in the middle.
        let band = |k: f64| hex(sequential((k + 0.5) / 10.0));
        drawing
            .lettered('b')
            .fill(&band(0.0), (0.0, 0.1))
            .fill(&band(2.0), (0.0, 0.7))
            .fill(&band(9.0), (0.97, -0.98))
            .line("#ffffff", (0.0, 0.2f64.sqrt()))
            .label("x")
            .label("y = ẋ")
            .label("x² + y²");
        assert_eq!(drawing.count("x² + y²"), 2, "heading and colour bar");
        // The learned one is a hill.
        let height = |at: (f64, f64)| height_of(&drawing.lettered('a').filled(at).unwrap());
        assert!(height((0.0, 0.1)) > 0.9 && height((0.98, 0.98)) < 0.2);
        drawing
            .lettered('a')
            .label("learned S")
            .label("S(x, y)")
            .label("y = ẋ");
        assert_eq!(drawing.count("classical, recipe paper, seed 0"), 1);
    }

    #[test]
    fn a_pole_does_not_take_all_colours_and_a_gap_is_grey() {
        let mut data = Fig4::example();
        data.learned[77] = -1e12;
        drawing(&data).panel(0).label("learned S (middle 96 %)");
        data.learned[5_100] = f64::NAN;
        drawing(&data)
            .panel(0)
            .fill(mass_figures::style::MISSING, (0.0, 0.0));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let data = Fig4::example();
        let refused = |data: Fig4| match data.draw() {
            Err(DrawError::Shape { what, .. } | DrawError::Empty { what }) => what,
            _ => panic!("it was drawn"),
        };
        let none = vec![f64::NAN; data.learned.len()];
        let learned = none.clone();
        assert_eq!(
            refused(Fig4 {
                learned,
                ..data.clone()
            }),
            "learned"
        );
        let hamiltonian = vec![0.0; 7];
        assert_eq!(
            refused(Fig4 {
                hamiltonian,
                ..data.clone()
            }),
            "hamiltonian"
        );
        let x = data.x.iter().rev().copied().collect();
        assert_eq!(refused(Fig4 { x, ..data.clone() }), "x");
        let learned = vec![2.0; none.len()];
        assert!(
            Fig4 { learned, ..data }.draw().is_ok(),
            "a flat S is drawn in one colour"
        );
    }
}

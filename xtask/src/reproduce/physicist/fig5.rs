//! AI Physicist, Figure 5: the double pendulum in two fields, its domains found out.

use mass_figures::{TwoClassings, style::INK};
use mass_physicist::{
    ChargedPendulum, Domains, FoundBorder, FoundPendulum, RegimesOfMotion, laws_as_theories,
};
use mass_systems::wrap_angle;

use crate::reproduce::prelude::*;

/// The world's fields below and above, the start and the steps.
const WORLD: (f64, f64, u64, usize) = (7.0, 1.0, 0, 2000);
/// Half a turn, with a margin.
const REACH: f64 = 3.3;

/// What the figure shows (Wu & Tegmark 2019, Fig. 5): `physicist-fig5.json`. N steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Domained {
    /// Steps.
    windows: usize,
    /// Of the steps within one domain, the share of the domain with more of them.
    greater: f64,
    /// Share of the steps within one domain whose theory is right.
    accuracy: f64,
    /// The worst component of a field, as a share of the greater field; `null` if a law was not found.
    field_error: Option<f64>,
    /// The border that was found.
    border: Option<FoundBorder>,
    /// The world's border, as points (θ₁, θ₂).
    ring: Vec<(f64, f64)>,
    /// θ₁ and θ₂ before each step, between −π and π, `[N]`.
    at: Vec<(f64, f64)>,
    /// The theory that the border found names, counted from 0, `[N]`; `null` over the border.
    theory: Vec<Option<usize>>,
    /// The domain that it was in, by the theory that explains most of its steps, `[N]`; `null` over the border.
    law: Vec<Option<usize>>,
    /// The Lagrangians found, that with more steps first.
    lagrangians: Vec<String>,
}

impl Figure for Domained {
    const NAME: &'static str = "physicist-fig5";
    const HEADING: &'static str = "AI Physicist, Figure 5";
    const ABOUT: &'static str = "The AI Physicist: a double pendulum in two fields, found out";
    const CAPTION: &'static str = "A charged double pendulum in one field below a border and another above it, known by its angles and angular velocities; laws and border are sums from libraries that hold their terms: (a) the theory that holds for each step, by the border that was found; (b) the domain that it was in; black, steps over the border. The line is the world's border. The Lagrangians found stand below in their colours.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    fn make(_: &Job) -> Result<Computed<Self>> {
        let (below, above, seed, steps) = WORLD;
        let world = ChargedPendulum::vertical(below, above);
        let windows = world.observe_states(steps, seed)?.windows(1)?;
        let found = RegimesOfMotion::double_pendulum().discover(&windows)?;
        let labels = windows.labels().context("a made world has labels")?;
        let all = 0..windows.len();
        let angles = |w: usize| {
            let x = windows.position(w);
            (wrap_angle(x[0]), wrap_angle(x[1]))
        };
        let theory =
            |w: usize| (!found.over_the_border[w]).then(|| found.theory(windows.inputs(w)));
        let row = FoundPendulum::of_found(&world, seed, &windows, &found)?;
        let data = Self {
            windows: row.windows,
            greater: row.greater,
            accuracy: row.accuracy,
            field_error: row.field_error,
            border: row.border,
            ring: world.border_curve(200),
            at: all.clone().map(angles).collect(),
            theory: all.map(theory).collect(),
            law: laws_as_theories(labels, &found.explained_by, 2),
            lagrangians: found
                .theories
                .iter()
                .map(|one| format!("L = {}", one.text()))
                .collect(),
        };
        Ok(Computed::of(data, (), []))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let laws: Vec<&str> = self.lagrangians.iter().map(String::as_str).collect();
        let squares = TwoClassings {
            at: &self.at,
            reach: REACH,
            first: ("the theory that holds there", &self.theory),
            second: ("the domain that it was in", &self.law),
            below: &laws,
        };
        let ring = [Series::new("", INK, 1.2, self.ring.clone())];
        let title = format!("{} steps, no labels used", self.windows);
        let sheet = squares.draw(title, |panel| {
            panel
                .plot(&ring, Axes::new().x_step(1.0).y_step(1.0))
                .x_label("θ₁ (rad), and θ₂ upwards");
        })?;
        Ok(Some(sheet))
    }

    fn claims(&self, (): &()) -> Result<Vec<Claim>> {
        let border = self.border.as_ref();
        Ok(vec![
            claim("the two domains are discovered and points are classified into them (the paper's number is of networks)")
                .measured("domain accuracy", 100.0 * self.accuracy)
                .paper(96.5)
                .unit("%")
                .above(100.0 * self.greater),
            claim("both laws and their fields are found (within 1 %)")
                .measured("worst field, of the greater one", 100.0 * self.field_error.unwrap_or(f64::INFINITY))
                .unit("%")
                .below(1.0)
                .of_ours(),
            claim(format!("the curved border is found: {}", border.map_or("none", |border| &border.text)))
                .measured("its constant, off by", 100.0 * border.and_then(|border| border.error).unwrap_or(f64::INFINITY))
                .unit("%")
                .below(1.0)
                .of_ours(),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let angle = |k: u32| (2.0 * f64::from(k).cos(), 2.0 * f64::from(k).sin());
        Self {
            windows: 60,
            greater: 0.7,
            accuracy: 1.0,
            field_error: Some(1e-10),
            border: None,
            ring: vec![(0.0, 1.5), (1.5, 0.0), (0.0, -1.5)],
            at: (0..60).map(angle).collect(),
            theory: (0..60).map(|k| (k % 7 != 0).then_some(k % 2)).collect(),
            law: (0..60).map(|k| (k % 7 != 0).then_some(k % 2)).collect(),
            lagrangians: vec!["L = y₁² + 1/2 y₂²".into(), "L = y₁² + 8 cos x₂".into()],
        }
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::style::SERIES;

    use super::*;
    use crate::reproduce::figure::tests::drawing;

    #[test]
    fn each_step_has_its_theorys_colour_and_the_border_is_where_it_is() {
        let data = Domained::example();
        let drawing = drawing(&data);
        drawing
            .lettered('a')
            .dot(INK, data.at[0])
            .dot(SERIES[1], data.at[1])
            .line(INK, data.ring[1]);
        drawing.lettered('b').dot(SERIES[0], data.at[2]);
        assert_eq!(drawing.count("L = y₁² + 8 cos x₂"), 1);
    }
}

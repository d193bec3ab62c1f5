//! Figure 17: the spherical pendulum, learned and followed.

use mass_interp::LearnedMotions;

#[cfg(test)]
use super::motion::made_up;
use super::{
    motion::{follow_from_the_papers_start, followed, orbits, table},
    prelude::*,
};

/// Step of RK4; the paper does not give it here.
const DT: f64 = 0.05;
/// Steps of the motion that is shown.
const STEPS: usize = 400;

/// What figure 17 shows (Fu et al. 2025, Fig. 17): `fig17.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig17 {
    motion: LearnedMotions,
}

impl Figure for Fig17 {
    const NAME: &'static str = "fig17";
    const HEADING: &'static str = "Figure 17";
    const ABOUT: &'static str = "The spherical pendulum: its motion, learned and followed";
    const CAPTION: &'static str = "The spherical pendulum: (a) its motion seen from above, as the scientist of median error learned it, and as it is; (b) both angles; (c) how far the energy moves along the motions of all scientists from forty starts.";
    const NEEDS: Needs = Needs::Motion("spherical_pendulum");
    const RECIPE: fn() -> mass_core::Recipe = mass_core::Recipe::general;
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (motion, population) = follow_from_the_papers_start(job, DT, STEPS, 2000)?;
        Ok(Computed::of(Self { motion }, (), [&population])
            .chosen("the scientist of median test error; all of them in panel c"))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let sheet = orbits(
            &self.motion,
            from_above,
            ["sin θ cos φ", "sin θ sin φ"],
            &["θ", "φ"],
        )?;
        Ok(Some(sheet))
    }

    fn table(&self) -> Option<String> {
        Some(table(&self.motion))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        Ok(followed(&self.motion, 5e-3))
    }

    #[cfg(test)]
    fn example() -> Self {
        Self {
            motion: made_up("spherical_pendulum", 2),
        }
    }
}

/// Where the weight is, seen from above.
fn from_above(x: &[f64]) -> Vec<(f64, f64)> {
    let (out, (sine, cosine)) = (x[0].sin(), x[1].sin_cos());
    vec![(out * cosine, out * sine)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::motion::tests::orbits_are_drawn;

    #[test]
    fn the_motion_is_where_it_belongs() {
        let data = Fig17::example();
        orbits_are_drawn(
            &data,
            &data.motion,
            from_above,
            ["sin θ cos φ", "sin θ sin φ"],
        );
    }
}

//! Figure 19: three bodies, learned and followed.

use mass_interp::LearnedMotions;

#[cfg(test)]
use super::motion::made_up;
use super::{
    motion::{bodies, follow_from_the_papers_start, followed, orbits, table},
    prelude::*,
};

/// Step of RK4; the paper does not give it here.
const DT: f64 = 0.02;
/// Steps of the motion that is shown: once round the figure of eight.
const STEPS: usize = 316;

/// What figure 19 shows (Fu et al. 2025, Fig. 19): `fig19.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig19 {
    motion: LearnedMotions,
}

impl Figure for Fig19 {
    const NAME: &'static str = "fig19";
    const HEADING: &'static str = "Figure 19";
    const ABOUT: &'static str = "Three bodies near the figure of eight, learned and followed";
    const CAPTION: &'static str = "Three bodies near the figure of eight: (a) their orbits, as the scientist of median error learned them, and as they are; (b) the coordinates; (c) how far the energy moves along the motions of all scientists from forty starts.";
    const NEEDS: Needs = Needs::Motion("three_body");
    const RECIPE: fn() -> mass_core::Recipe = mass_core::Recipe::general;
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (motion, population) = follow_from_the_papers_start(job, DT, STEPS, 100)?;
        Ok(Computed::of(Self { motion }, (), [&population])
            .chosen("the scientist of median test error; all of them in panel c"))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let sheet = orbits(
            &self.motion,
            bodies,
            ["x", "y"],
            &["x₁", "y₁", "x₂", "y₂", "x₃", "y₃"],
        )?;
        Ok(Some(sheet))
    }

    fn table(&self) -> Option<String> {
        Some(table(&self.motion))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        Ok(followed(&self.motion, 2e-2))
    }

    #[cfg(test)]
    fn example() -> Self {
        Self {
            motion: made_up("three_body", 6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::motion::tests::orbits_are_drawn;

    #[test]
    fn the_motion_is_where_it_belongs() {
        let data = Fig19::example();
        orbits_are_drawn(&data, &data.motion, bodies, ["x", "y"]);
    }
}

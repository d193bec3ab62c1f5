//! Figure 18: two bodies, learned and followed.

use mass_interp::LearnedMotions;

#[cfg(test)]
use super::motion::made_up;
use super::{
    motion::{bodies, follow_from_the_papers_start, followed, orbits, table},
    prelude::*,
};

/// Step of RK4; the paper does not give it here.
const DT: f64 = 0.02;
/// Steps of the motion that is shown: once round each other and a little more.
const STEPS: usize = 400;

/// What figure 18 shows (Fu et al. 2025, Fig. 18): `fig18.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig18 {
    motion: LearnedMotions,
}

impl Figure for Fig18 {
    const NAME: &'static str = "fig18";
    const HEADING: &'static str = "Figure 18";
    const ABOUT: &'static str = "Two bodies: their orbits, learned and followed";
    const CAPTION: &'static str = "Two bodies that attract each other: (a) their orbits, as the scientist of median error learned them, and as they are; (b) the coordinates; (c) how far the energy moves along the motions of all scientists from forty starts.";
    const NEEDS: Needs = Needs::Motion("two_body");
    const RECIPE: fn() -> mass_core::Recipe = mass_core::Recipe::general;
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (motion, population) = follow_from_the_papers_start(job, DT, STEPS, 200)?;
        Ok(Computed::of(Self { motion }, (), [&population])
            .chosen("the scientist of median test error; all of them in panel c"))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let sheet = orbits(&self.motion, bodies, ["x", "y"], &["x₁", "y₁", "x₂", "y₂"])?;
        Ok(Some(sheet))
    }

    fn table(&self) -> Option<String> {
        Some(table(&self.motion))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        Ok(followed(&self.motion, 3e-3))
    }

    #[cfg(test)]
    fn example() -> Self {
        Self {
            motion: made_up("two_body", 4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::motion::tests::orbits_are_drawn;

    #[test]
    fn the_motion_is_where_it_belongs() {
        let data = Fig18::example();
        orbits_are_drawn(&data, &data.motion, bodies, ["x", "y"]);
    }
}

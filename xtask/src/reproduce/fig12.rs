//! Figure 12: the double pendulum, learned and followed.

use mass_interp::{LearnedMotions, RolloutPlan};

#[cfg(test)]
use super::motion::made_up;
use super::{
    motion::{check, common, drawn, follow, table},
    prelude::*,
};

/// The paper does not say where its motion starts. Ours is at rest, both arms well below the horizontal.
const START: [f64; 2] = [1.0, 0.6];
/// The paper's step.
const DT: f64 = 0.05;
/// The paper: "0.4 % of the total energy" per 100 steps.
const PAPER: f64 = 0.4;

/// What figure 12 shows (Fu et al. 2025, Fig. 12): `fig12.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig12 {
    motion: LearnedMotions,
}

impl Figure for Fig12 {
    const NAME: &'static str = "fig12";
    const HEADING: &'static str = "Figure 12";
    const ABOUT: &'static str =
        "The double pendulum: its motion, learned and followed, and its energy";
    const CAPTION: &'static str = "The double pendulum: (a, b) both angles of a motion as the scientist of median error learned it, and as they are; (c) how far the energy moves along the motions of all scientists from forty starts.";
    const NEEDS: Needs = Needs::Motion("double_pendulum");
    const RECIPE: fn() -> mass_core::Recipe = mass_core::Recipe::general;
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let shown = RolloutPlan::new(START, [0.0; 2], DT, 400);
        let (motion, population) = follow(job, &shown, 2000)?;
        Ok(Computed::of(Self { motion }, (), [&population])
            .chosen("the scientist of median test error; all of them in panel c"))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let motion = &self.motion;
        check(motion)?;
        let drawn = drawn(motion);
        let mut sheet = Sheet::new(900.0, title(&motion.system, &motion.recipe, motion.shown));
        let across = (95.0, 955.0);
        for (k, (letter, label)) in [('a', "θ₁"), ('b', "θ₂")].into_iter().enumerate() {
            let top = 78.0 + 250.0 * k as f64;
            let mut panel = drawn.coordinate(&mut sheet, (across, (top, top + 180.0)), k)?;
            panel.letter(letter, 20.0).y_label(label).x_label("time t");
            if k == 0 {
                panel.legend();
            }
        }
        drawn
            .energies(&mut sheet, (across, (598.0, 828.0)), Some(PAPER))?
            .letter('c', 20.0)
            .legend()
            .x_label("time t")
            .y_label("|ΔE| by |E|, %");
        Ok(Some(sheet))
    }

    fn table(&self) -> Option<String> {
        Some(table(&self.motion))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let motion = &self.motion;
        let count = motion.seeds.len();
        let mse: Vec<f64> = motion.rmse.iter().map(|rmse| rmse * rmse).collect();
        let short = 100.0 * mean(&motion.short_energy);
        let until = LearnedMotions::SHORT as f64 * DT;
        let mut rows = vec![
            claim("it is solved to an MSE of 5e-3, as the paper calls it (≤ 5e-3)")
                .measured(format!("test MSE, median of {count} scientists"), median(&mse))
                .paper(5e-3)
                .at_most(5e-3),
            claim("the same, read as an RMSE, which the released code computes (≤ 5e-3)")
                .measured(format!("test RMSE, median of {count} scientists"), median(&motion.rmse))
                .paper(5e-3)
                .at_most(5e-3),
            claim("the energy is off by 0.4 % of the total per 100 steps (≤ 0.4 %)")
                .measured(format!("|ΔE| by |E| after 100 steps, mean of {count} scientists from forty starts"), short)
                .paper(PAPER)
                .unit("%")
                .at_most(PAPER),
            claim("the trajectories are the analytically correct ones (both angles within 0.05 for 100 steps)")
                .measured(format!("largest distance of an angle from the truth to t = {until}, scientist of median error"), motion.farthest(until))
                .unit("rad")
                .at_most(0.05),
        ];
        rows.extend(common(motion));
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        Self {
            motion: made_up("double_pendulum", 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use mass_figures::style::AMBER;

    use super::*;
    use crate::reproduce::{figure::tests::drawing, holds};

    #[test]
    fn angles_and_energies_are_where_they_belong() {
        let data = Fig12::example();
        let (motion, drawing) = (&data.motion, drawing(&data));
        for (k, letter, label) in [(0, 'a', "θ₁"), (1, 'b', "θ₂")] {
            let panel = drawing.lettered(letter);
            panel.label(label).label("time t");
            for step in [0, 70] {
                let (t, place) = (motion.t[step], 2 * step + k);
                panel
                    .line(AMBER, (t, motion.x_true[place]))
                    .line(BLUE, (t, motion.x_learned[place]));
            }
        }
        drawing
            .lettered('a')
            .key("true", AMBER)
            .key("learned", BLUE);
        let energies = drawing.lettered('c');
        for member in [0, 2] {
            let place = member * motion.long_t.len() + 40;
            energies.line(BLUE, (motion.long_t[40], 100.0 * motion.long_energy[place]));
        }
        energies
            .line(VERMILLION, (motion.long_t[0], PAPER))
            .key("a scientist, mean of 40 motions", BLUE)
            .key("paper, after 100 steps", VERMILLION)
            .label("|ΔE| by |E|, %");
    }

    #[test]
    fn claims_follow_the_motions() {
        let mut data = Fig12::example();
        let found = |data: &Fig12| data.claims(&()).unwrap();
        let rows = found(&data);
        assert_eq!(holds(&rows, "test MSE"), Some(true));
        assert_eq!(holds(&rows, "test RMSE, median"), Some(false));
        assert_eq!(holds(&rows, "|ΔE| by |E|"), Some(true));
        assert_eq!(holds(&rows, "largest distance of an angle"), Some(true));
        assert_eq!(holds(&rows, "motions that ended"), Some(true));
        // After t = 5 an angle may be wherever it likes; before, it may not.
        let at = |t: f64| 2 * (t / DT).round() as usize;
        data.motion.x_learned[at(6.0)] += 1.0;
        assert_eq!(
            holds(&found(&data), "largest distance of an angle"),
            Some(true)
        );
        data.motion.x_learned[at(4.0) + 1] += 0.06;
        data.motion.lost[1] = 1;
        data.motion.pole_share[0] = 1e-4;
        data.motion.short_energy[0] = 0.1;
        let rows = found(&data);
        assert_eq!(holds(&rows, "largest distance of an angle"), Some(false));
        assert_eq!(holds(&rows, "motions that ended"), Some(false));
        assert_eq!(holds(&rows, "largest share of test states"), Some(false));
        assert_eq!(holds(&rows, "|ΔE| by |E|"), Some(false));
        // A motion that has ended has no energy, and says nothing good.
        data.motion.short_energy[0] = f64::NAN;
        assert_ne!(holds(&found(&data), "motions that ended"), Some(true));
    }
}

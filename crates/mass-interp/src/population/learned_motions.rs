//! What the motions of many scientists of one system keep.

use mass_core::TestError;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, check_length},
    motion::{Kept, Paths, RolloutPlan, Rollouts},
    scientist::Scientist,
    statistics::nullable,
};

/// Times of the long motions that are kept, besides the start.
const TIMES: usize = 100;
/// States of which the deviation of ẏ is taken.
const DEVIATION_STATES: usize = 10_000;

/// Scientists of one system, a motion of one of them beside the true one, and what the motions of all of
/// them from many starts keep of the energy (Fu et al. 2025, Figures 12 and 17 to 19; Appendix D).
///
/// S scientists, M times of the motion that is shown, K of the long ones; positions, times and ẏ are in
/// the system's own units. NaN (`null` in a file) is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearnedMotions {
    /// Identifier of the system, `double_pendulum`.
    pub system: String,
    /// Name of the recipe.
    pub recipe: String,
    /// The scientists, `[S]`.
    pub seeds: Vec<u64>,
    /// Test RMSE of ẏ of each, averaged weights, `[S]`.
    #[serde(with = "nullable")]
    pub rmse: Vec<f64>,
    /// Share of each one's test states whose error is above 1, `[S]`.
    pub pole_share: Vec<f64>,
    /// Root of the mean squared deviation of the true ẏ from its mean, in the unit of ẏ: what an error is
    /// relative to.
    pub deviation: f64,
    /// The scientist that is shown.
    pub shown: u64,
    /// Step of RK4.
    pub dt: f64,
    /// Times of the motion that is shown, `[M]`.
    pub t: Vec<f64>,
    /// Its true positions, row-major `[M, d]`.
    #[serde(with = "nullable")]
    pub x_true: Vec<f64>,
    /// The learned ones, row-major `[M, d]`.
    #[serde(with = "nullable")]
    pub x_learned: Vec<f64>,
    /// |Energy along the learned motion less that at its start|, as a fraction of the latter's size, `[M]`.
    #[serde(with = "nullable")]
    pub energy: Vec<f64>,
    /// Times of the long motions, `[K]`.
    pub long_t: Vec<f64>,
    /// Mean over the starts of |energy less that at the start| by the latter's size, row-major `[S, K]`;
    /// NaN from where one of the motions has ended.
    #[serde(with = "nullable")]
    pub long_energy: Vec<f64>,
    /// The same after [`LearnedMotions::SHORT`] steps, `[S]`.
    #[serde(with = "nullable")]
    pub short_energy: Vec<f64>,
    /// How many of each one's long motions ended, or whose energy once changed by its own size, `[S]`.
    pub lost: Vec<usize>,
}

impl LearnedMotions {
    /// Starts from which all scientists are followed.
    pub const STARTS: usize = 40;
    /// Steps after which the paper states its energy (Fu et al. 2025, Appendix D).
    pub const SHORT: usize = 100;

    /// The motions of scientists of one ensemble for a system.
    ///
    /// `errors` are their test errors, `[S]`; shown is the scientist of median RMSE, along the one motion
    /// of `shown`. All of them are followed for `steps` steps of the same size from
    /// [`LearnedMotions::STARTS`] states of their evaluation, drawn by `seed`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not an error for each scientist, or `shown` has not one start;
    /// [`Error::Request`] for fewer than [`LearnedMotions::SHORT`] steps, and for a system without an
    /// energy; else as [`Scientist::rollouts`] and [`Scientist::evaluation_states`].
    pub fn of(
        scientists: &[Scientist],
        errors: &[TestError],
        system: usize,
        shown: &RolloutPlan,
        steps: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        check_length("the list of test errors", errors.len(), scientists.len())?;
        let refuse = |reason: String| Err(Error::Request(reason));
        if steps < Self::SHORT {
            return refuse(format!(
                "the long motions have {steps} steps: they take at least {}",
                Self::SHORT
            ));
        }
        let Some(first) = scientists.first() else {
            return refuse("there is no scientist to follow".to_string());
        };
        let known = first.known(system)?;
        check_length("the first position", shown.x0.len(), known.dof())?;
        let rmse: Vec<f64> = errors.iter().map(TestError::rmse).collect();
        let middle = median_place(&rmse);
        let one = Scientist::rollouts(&scientists[middle..=middle], system, shown)?;

        // Readings are in the units of the training, motions in the system's own.
        let own = |count: usize| -> Result<_, Error> {
            let states = first.evaluation_states(system, count, seed)?;
            Ok(first.scales(system)?.from_unit(&states)?)
        };
        let states = own(Self::STARTS)?;
        let plan = RolloutPlan {
            x0: states.x().to_vec(),
            y0: states.y().to_vec(),
            steps,
            ..shown.clone()
        };
        let all = Scientist::rollouts(scientists, system, &plan)?;
        let energy = |rollouts: &Rollouts| -> Result<Kept, Error> {
            let mut kept = rollouts.kept(known).into_iter();
            let energy = kept.find(|kept| kept.name == "energy");
            energy.ok_or_else(|| {
                Error::Request(format!(
                    "{} has no energy, for it has no Lagrangian here",
                    known.id()
                ))
            })
        };
        let kept = energy(&all)?;
        let (times, mean) = (all.t().len(), kept.mean_relative());
        let thinned = (0..times).step_by(steps / TIMES);
        let long = mean
            .chunks_exact(times)
            .flat_map(|mean| thinned.clone().map(|step| mean[step]));
        let positions = |paths: &Paths| -> Vec<f64> {
            let steps = 0..one.t().len();
            steps.flat_map(|step| paths.x(step, 0).to_vec()).collect()
        };
        Ok(Self {
            system: known.id(),
            recipe: first.recipe().name.clone(),
            seeds: scientists.iter().map(Scientist::seed).collect(),
            pole_share: errors.iter().map(|error| error.pole_share).collect(),
            deviation: own(DEVIATION_STATES)?.acceleration_deviation(),
            shown: scientists[middle].seed(),
            dt: shown.dt,
            t: one.t().to_vec(),
            x_true: positions(&one.truth),
            x_learned: positions(&one.learned),
            energy: energy(&one)?.relative(),
            long_t: thinned.clone().map(|step| all.t()[step]).collect(),
            long_energy: long.collect(),
            short_energy: mean
                .chunks_exact(times)
                .map(|mean| mean[Self::SHORT])
                .collect(),
            lost: kept.lost(),
            rmse,
        })
    }

    /// Degrees of freedom, d; 0 without times.
    pub fn dof(&self) -> usize {
        self.x_true.len() / self.t.len().max(1)
    }

    /// The largest distance of a learned coordinate from the true one, up to a time; NaN if the learned
    /// motion has ended by then.
    pub fn farthest(&self, until: f64) -> f64 {
        // Times are multiples of dt, to rounding.
        let times = self.t.iter().filter(|t| **t <= until + 1e-9).count();
        let pairs = self.x_true.iter().zip(&self.x_learned);
        let off = pairs.map(|(truth, learned)| (truth - learned).abs());
        // A maximum that keeps NaN.
        off.take(times * self.dof())
            .fold(0.0, |most: f64, off| match off.is_nan() || off > most {
                true => off,
                false => most,
            })
    }
}

/// The place of the median; of an even number the lower one.
fn median_place(values: &[f64]) -> usize {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    order[(order.len() - 1) / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two coordinates at five times, the learned ones off by so much.
    fn motions(off: [f64; 10]) -> LearnedMotions {
        let x_true: Vec<f64> = (0..10).map(f64::from).collect();
        let pairs = x_true.iter().zip(off);
        LearnedMotions {
            system: "two_body".into(),
            recipe: "general".into(),
            seeds: vec![0],
            rmse: vec![0.1],
            pole_share: vec![0.0],
            deviation: 1.0,
            shown: 0,
            dt: 0.1,
            t: (0..5).map(|step| 0.1 * f64::from(step)).collect(),
            x_learned: pairs.map(|(x, off)| x + off).collect(),
            x_true,
            energy: vec![0.0; 5],
            long_t: vec![0.0, 1.0],
            long_energy: vec![0.0; 2],
            short_energy: vec![0.0],
            lost: vec![0],
        }
    }

    #[test]
    fn what_ended_is_far_from_the_truth() {
        let mut off = [0.0; 10];
        off[3] = -0.5; // of the second coordinate at t = 0.1
        off[8] = 2.0; // of the first at t = 0.4
        let found = motions(off);
        assert_eq!(found.dof(), 2);
        assert_eq!(found.farthest(0.0), 0.0);
        assert_eq!([0.1, 0.3].map(|t| found.farthest(t)), [0.5; 2]);
        assert_eq!(found.farthest(0.4), 2.0);
        off[4] = f64::NAN; // ended at t = 0.2
        let found = motions(off);
        assert_eq!(found.farthest(0.1), 0.5);
        assert!(found.farthest(0.2).is_nan());
    }

    #[test]
    fn the_lower_of_two_is_in_the_middle() {
        assert_eq!(median_place(&[3.0, 1.0, 2.0]), 2);
        assert_eq!(median_place(&[3.0, 1.0, 2.0, f64::INFINITY]), 2);
        assert_eq!(median_place(&[3.0, f64::NAN]), 0);
    }
}

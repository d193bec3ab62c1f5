//! How well laws do on a system, beside what the system itself does.

use mass_systems::System;

use crate::{
    error::{Error, check_length},
    motion::Rollouts,
    readout::evaluation_states,
};

/// States of which the deviation of ẏ is taken.
const DEVIATION_STATES: usize = 10_000;

/// How E laws do on a system: errors relative to what is there to be learned, the energy that their motions keep,
/// and for how long these are followed.
///
/// ```
/// use mass_interp::{Fared, RolloutPlan, Rollouts};
///
/// // Springs that are 1 % too stiff and 1 % too soft.
/// let classical = mass_systems::lookup("classical")?;
/// let plan = RolloutPlan::new([1.0, 0.0], [0.0, 2.0], 0.05, 400);
/// let law = |k: f64| move |x: &[f64], _: &[f64], out: &mut [f64]| out[0] = -k * x[0];
/// let rollouts = Rollouts::of_each(&[law(1.01), law(0.99)], &*classical, &plan)?;
/// let fared = Fared::of(&*classical, &[0.01, 0.02], &rollouts, 100, 0.5, 0)?;
/// assert!((fared.error[1] - 2.0 * fared.error[0]).abs() < 1e-15);
/// assert!(fared.energy.iter().all(|change| *change < 0.02));
/// assert_eq!(fared.horizon, [20.0, 20.0]); // to the end
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fared {
    /// RMSE of ẏ by the deviation of the true ẏ over states of the evaluation, `[E]`.
    pub error: Vec<f64>,
    /// Mean over the starts of |change of the energy| by the energy, after so many steps, `[E]`; NaN if one motion has
    /// ended.
    pub energy: Vec<f64>,
    /// Median over the starts of the time until a position is so far from the truth, `[E]`.
    pub horizon: Vec<f64>,
}

impl Fared {
    /// Of laws whose RMSE of ẏ this is, `[E]`, and their motions: the energy after so many `steps`, followed until
    /// they are so far `apart` from the truth. The states are drawn by `seed`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not an RMSE for each law; [`Error::Request`] for fewer steps, and for a system
    /// without an energy; else as [`evaluation_states`].
    pub fn of(
        system: &dyn System,
        rmse: &[f64],
        rollouts: &Rollouts,
        steps: usize,
        apart: f64,
        seed: u64,
    ) -> Result<Self, Error> {
        check_length("the list of errors", rmse.len(), rollouts.members)?;
        if rollouts.t().len() <= steps {
            let times = rollouts.t().len();
            return Err(Error::Request(format!(
                "the motions have {times} times: they take more than {steps}"
            )));
        }
        let states = evaluation_states(system, DEVIATION_STATES, seed)?;
        let deviation = states.acceleration_deviation();
        let mut kept = rollouts.kept(system).into_iter();
        let energy = kept.find(|kept| kept.name == "energy").ok_or_else(|| {
            let id = system.id();
            Error::Request(format!("{id} has no energy, for it has no Lagrangian here"))
        })?;
        Ok(Self {
            error: rmse.iter().map(|rmse| rmse / deviation).collect(),
            energy: energy.mean_relative_after(steps),
            horizon: rollouts.horizons(system, apart),
        })
    }
}

#[cfg(test)]
mod tests {
    use mass_systems::lookup;

    use super::*;
    use crate::motion::RolloutPlan;

    #[test]
    fn what_does_not_fit_is_refused() {
        let classical = lookup("classical").unwrap();
        let plan = RolloutPlan::new([1.0], [0.0], 0.05, 10);
        let law = |x: &[f64], _: &[f64], out: &mut [f64]| out[0] = -x[0];
        let rollouts = Rollouts::of_each(&[law], &*classical, &plan).unwrap();
        let of = |rmse: &[f64], steps| Fared::of(&*classical, rmse, &rollouts, steps, 0.1, 0);
        assert!(matches!(of(&[0.1; 2], 5), Err(Error::Length { .. })));
        let error = of(&[0.1], 11).unwrap_err().to_string();
        assert!(error.contains("11 times"), "{error}");
        let exact = of(&[0.0], 10).unwrap();
        assert_eq!((exact.error[0], exact.horizon[0]), (0.0, 0.5));
        assert!(exact.energy[0] < 1e-6);
    }
}

//! What goes with errors that are still to come.

use serde::Serialize;

use super::{Summary, Trait};
use crate::{
    error::Error,
    statistics::{Estimate, correlation_chance, holm, rank_correlation},
};

/// How a number of scientists at the end of a phase goes with their errors at the ends of later ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Forecast {
    /// The phase, counted from 1.
    pub phase: usize,
    /// The trait; `None` is the largest error itself.
    #[serde(rename = "trait")]
    pub of: Option<Trait>,
    /// Scientists of whom it and the next phase's error are known.
    pub known: usize,
    /// Its rank correlations with the largest RMSE of ẏ over the systems seen at the end of each later phase,
    /// `[phases − phase]`, over all scientists of whom it is known.
    pub with_later: Vec<Estimate>,
    /// The chance of one so far from zero with the next phase's error, or farther, if they did not go together,
    /// corrected for looking at all traits and phases ([`holm`]).
    pub corrected: f64,
}

impl Summary {
    /// How far each trait, and the largest error itself, at the end of each of the first phases goes with the errors
    /// after the later ones: phase by phase, the strongest correlation with the next phase's error first.
    ///
    /// Nobody is chosen by an error here, as in [`contrasts`](Summary::contrasts): all scientists are in it that can be read
    /// on each system. A trait that does not vary, or has no correlation with the next error, is left out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a phase of which nothing is kept.
    ///
    /// # Example
    ///
    /// ```
    /// # use mass_core::{DeviceKind, Recipe, Run, Trainer, TrainingSystem};
    /// # use mass_interp::Summary;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let systems = vec![TrainingSystem::named("classical")?];
    /// # Trainer::new(Recipe::reference().with_steps(3), systems, [4, 5, 6]).directory(folder.path()).run()?;
    /// # let run = Run::open(folder.path())?;
    /// let summary = Summary::of(&run, &DeviceKind::Flex.open()?)?;
    /// assert!(summary.forecasts(1)?.is_empty()); // one phase has no later one
    /// # Ok::<(), mass_interp::Error>(())
    /// ```
    pub fn forecasts(&self, phases: usize) -> Result<Vec<Forecast>, Error> {
        self.at(phases)?;
        let errors: Vec<Vec<f64>> = (1..=phases).map(|one| self.largest_errors(one)).collect();
        let (mut found, mut chances) = (Vec::new(), Vec::new());
        for phase in 1..phases {
            let traits = Trait::of_all(&self.at(phase)?).into_iter();
            let traits = traits.map(|(of, values)| (Some(of), values));
            let own = [(None, errors[phase - 1].clone())];
            for (of, values) in own.into_iter().chain(traits) {
                let later = errors[phase..].iter();
                let with_later: Vec<Estimate> = later
                    .map(|errors| rank_correlation(&values, errors))
                    .collect();
                let pairs = values.iter().zip(&errors[phase]);
                let known = pairs.filter(|(a, b)| !a.is_nan() && !b.is_nan()).count();
                if with_later[0].value.is_nan() {
                    continue;
                }
                chances.push(correlation_chance(with_later[0].value, known));
                found.push(Forecast {
                    phase,
                    of,
                    known,
                    with_later,
                    corrected: f64::NAN,
                });
            }
        }
        for (one, corrected) in found.iter_mut().zip(holm(&chances)) {
            one.corrected = corrected;
        }
        let strength = |one: &Forecast| one.with_later[0].value.abs();
        found.sort_by(|a, b| {
            let stronger = strength(b).total_cmp(&strength(a));
            a.phase.cmp(&b.phase).then(stronger)
        });
        Ok(found)
    }
}

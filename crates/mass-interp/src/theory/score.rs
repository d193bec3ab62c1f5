//! What a scientist scores that reads another's scalar.

use serde::{Deserialize, Serialize};

use crate::{error::Error, readout::Reading};

/// How well scientist A computes its own motion with the scalar of scientist B.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// 1 if A can work with a·S_B as with its own S, 0 if no better than with a constant law.
    pub score: f64,
    /// The factor a that B's scalar was best read with; 1 where none changes anything.
    pub scale: f64,
}

/// The unit of errors at one batch of states, the same for all who are compared there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    /// V, the variance of the true ẏ, summed over components.
    pub(super) variance: f64,
    /// E[min(1, |ẏ − E ẏ|² / V)].
    pub(super) of_constant: f64,
}

impl Unit {
    pub(crate) fn of(reading: &Reading) -> Result<Self, Error> {
        let (d, truth) = (reading.dof(), reading.states().acceleration());
        let count = reading.states().len() as f64;
        let mean: Vec<f64> = (0..d)
            .map(|k| truth.iter().skip(k).step_by(d).sum::<f64>() / count)
            .collect();
        let distance =
            |y: &[f64]| -> f64 { y.iter().zip(&mean).map(|(y, m)| (y - m).powi(2)).sum() };
        let variance = truth.chunks_exact(d).map(distance).sum::<f64>() / count;
        if variance <= 0.0 {
            return Err(Error::Request(format!(
                "the true acceleration of {} is the same at all {count} states: there is no motion to agree on",
                reading.states().id()
            )));
        }
        let bounded = truth
            .chunks_exact(d)
            .map(|y| (distance(y) / variance).min(1.0));
        Ok(Self {
            variance,
            of_constant: bounded.sum::<f64>() / count,
        })
    }
}

/// What came of one scientist reading another.
pub(crate) struct Outcome {
    /// On each system by itself.
    pub(crate) by_system: Vec<f64>,
    /// On all, with one factor.
    pub(crate) together: Exchange,
}

#[cfg(test)]
mod tests {
    use mass_systems::Dataset;
    use mass_terms::Library;

    use super::*;

    fn unit(dof: usize, acceleration: &[f64]) -> Result<Unit, Error> {
        let zeros = vec![0.0; acceleration.len()];
        let states = Dataset::new("any", dof, zeros.clone(), zeros, acceleration.to_vec()).unwrap();
        let library = Library::from_terms(["x".parse().unwrap()]).unwrap();
        let reading = Reading::of_scalar(&states, &library, &[1.0], 0.0, |_, _| None).unwrap();
        Unit::of(&reading)
    }

    #[test]
    fn the_unit_by_hand() {
        // Mean 1, squares 1, 1, 1 and 9: V = 3, and of min(1, |ẏ − 1|² / 3) the mean is ½.
        let found = unit(1, &[0.0, 0.0, 0.0, 4.0]).unwrap();
        assert_eq!((found.variance, found.of_constant), (3.0, 0.5));
        // Components have means of their own, and their squares add up: 1 + 4 at each state.
        let found = unit(2, &[1.0, 7.0, 3.0, 3.0]).unwrap();
        assert_eq!((found.variance, found.of_constant), (5.0, 1.0));
        let error = unit(1, &[2.0, 2.0]).unwrap_err().to_string();
        assert!(error.contains("the same at all 2 states"), "{error}");
    }
}

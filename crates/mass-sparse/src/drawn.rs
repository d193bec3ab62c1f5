//! Laws whose coefficients are drawn from their errors.

use std::f64::consts::TAU;

use mass_systems::{Purpose, stream, uniform};
use nalgebra::DMatrix;

use crate::LagrangianLaw;
use crate::lagrangian_law::{Equation, Parts};

impl Parts {
    /// Takes the covariance of all coefficients from values `[n]` of each replicate; none where these are too few.
    pub(crate) fn covary(&mut self, replicates: &[Vec<f64>]) {
        const LEAST: usize = 10;
        self.covariance.clear();
        let n = self.terms.len() + self.friction.len() + self.gains.len();
        if replicates.len() < LEAST || replicates.iter().any(|values| values.len() != n) {
            return;
        }
        let count = replicates.len() as f64;
        let mean = |k: usize| replicates.iter().map(|values| values[k]).sum::<f64>() / count;
        let mean: Vec<f64> = (0..n).map(mean).collect();
        let entry = |at: usize| {
            let (i, j) = (at / n, at % n);
            let products = replicates
                .iter()
                .map(|values| (values[i] - mean[i]) * (values[j] - mean[j]));
            products.sum::<f64>() / (count - 1.0)
        };
        let found: Vec<f64> = (0..n * n).map(entry).collect();
        if found.iter().all(|v| v.is_finite()) {
            self.covariance = found;
        }
    }
}

impl LagrangianLaw {
    /// The covariance of all coefficients, `[n, n]` in the order of terms, friction and gains: of the replicates of
    /// the bootstrap, or of the fit to positions; what is fixed by choice has none with any. `None` where there
    /// were too few data, and for a law that an earlier version kept.
    pub fn covariance(&self) -> Option<&[f64]> {
        let n = self.parts.terms.len() + self.parts.friction.len() + self.parts.gains.len();
        let all = self.parts.covariance.as_slice();
        (n > 0 && all.len() == n * n).then_some(all)
    }

    /// Laws whose coefficients are drawn from a normal distribution about those of this one, with their
    /// [covariance](Self::covariance); none where that is not known. What they predict says how well what this law
    /// predicts is known. The same seed gives the same laws.
    pub fn drawn(&self, count: usize, seed: u64) -> Vec<Self> {
        let Some(covariance) = self.covariance() else {
            return Vec::new();
        };
        let n = covariance.len().isqrt();
        let size: Vec<f64> = (0..n)
            .map(|i| covariance[i * n + i].max(0.0).sqrt())
            .collect();
        // Coefficients may be of sizes far apart: correlations are decomposed.
        let correlation = DMatrix::from_fn(n, n, |i, j| match (i == j, size[i] * size[j]) {
            (true, _) => 1.0,
            (false, product) if product > 0.0 => {
                0.5 * (covariance[i * n + j] + covariance[j * n + i]) / product
            }
            _ => 0.0,
        });
        let eigen = correlation.symmetric_eigen();
        let mut rng = stream(seed, Purpose::Evaluation, "drawn laws");
        let mut normal = || {
            // Box and Müller; the logarithm's argument is never 0.
            let (a, b) = (uniform(&mut rng, 0.0, 1.0), uniform(&mut rng, 0.0, 1.0));
            (-2.0 * (1.0 - a).max(f64::MIN_POSITIVE).ln()).sqrt() * (TAU * b).cos()
        };
        let mut draw = || {
            let own: Vec<f64> = (0..n)
                .map(|k| eigen.eigenvalues[k].max(0.0).sqrt() * normal())
                .collect();
            let mut law = self.clone();
            for (i, coefficient) in law.parts.coefficients().enumerate() {
                let along = own.iter().enumerate();
                let by: f64 = along.map(|(k, z)| eigen.eigenvectors[(i, k)] * z).sum();
                coefficient.value += size[i] * by;
            }
            law.equation = Equation::new(law.dof, law.inputs, &law.parts);
            law
        };
        (0..count).map(|_| draw()).collect()
    }
}

#[cfg(test)]
mod tests {
    use mass_systems::Dataset;

    use super::*;
    use crate::{FrictionModel, FunctionLibrary, MotionData, SparseLagrangian};

    /// A pendulum with friction on a grid of states, its accelerations off by a made-up noise.
    fn law() -> LagrangianLaw {
        let (mut x, mut y, mut a) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..400 {
            let (q, v) = (
                3.0 * (0.37 * f64::from(i)).sin(),
                2.0 * (0.91 * f64::from(i)).cos(),
            );
            let noise = 0.02 * (12.9898 * f64::from(i) + 78.233).sin();
            x.push(q);
            y.push(v);
            a.push(-q.sin() - 0.3 * v + noise);
        }
        let data = MotionData::new(Dataset::new("pendulum", 1, x, y, a).unwrap());
        let library = FunctionLibrary::lagrangian(1, &[0]).unwrap();
        let search = SparseLagrangian::new(library).friction(FrictionModel::Diagonal);
        search.fit(&data).unwrap()
    }

    #[test]
    fn drawn_coefficients_scatter_as_their_covariance_says() {
        let law = law();
        let own = law.covariance().unwrap();
        let values = |law: &LagrangianLaw| -> Vec<f64> {
            let terms = law.terms().iter().map(|term| term.coefficient.value);
            let friction = law.friction().iter().map(|term| term.coefficient.value);
            terms.chain(friction).collect()
        };
        let n = values(&law).len();
        assert_eq!(own.len(), n * n);
        // The diagonal is what the error bars are.
        let errors = law.terms().iter().map(|t| t.coefficient.standard_error);
        let errors = errors.chain(law.friction().iter().map(|t| t.coefficient.standard_error));
        for (k, error) in errors.enumerate() {
            assert!((own[k * n + k].sqrt() - error).abs() <= 1e-12 + 1e-9 * error);
        }
        let drawn = law.drawn(4000, 7);
        let mut again = Parts {
            terms: law.parts.terms.clone(),
            friction: law.parts.friction.clone(),
            ..Parts::default()
        };
        let all: Vec<Vec<f64>> = drawn.iter().map(values).collect();
        again.covary(&all);
        for i in 0..n {
            for j in 0..n {
                let size = (own[i * n + i] * own[j * n + j]).sqrt();
                let (found, right) = (again.covariance[i * n + j], own[i * n + j]);
                assert!(
                    (found - right).abs() <= 0.08 * size,
                    "{i}, {j}: {found} {right}"
                );
            }
        }
        // What is fixed by choice stays, the same seed draws the same, and another does not.
        assert!(drawn.iter().all(|law| {
            law.terms()
                .iter()
                .any(|t| t.gauge && t.coefficient.value == 0.5)
        }));
        assert_eq!(law.drawn(3, 7), drawn[..3]);
        assert_ne!(law.drawn(1, 8), drawn[..1]);
    }

    #[test]
    fn a_law_times_a_factor_scatters_by_it_and_one_without_errors_draws_none() {
        let law = law();
        let twice = law.times(2.0).unwrap();
        let pairs = twice
            .covariance()
            .unwrap()
            .iter()
            .zip(law.covariance().unwrap());
        for (scaled, own) in pairs {
            assert!((scaled - 4.0 * own).abs() <= 1e-12 * own.abs());
        }
        let mut bare = law;
        bare.parts.covariance.clear();
        assert!(bare.covariance().is_none() && bare.drawn(5, 0).is_empty());
    }
}

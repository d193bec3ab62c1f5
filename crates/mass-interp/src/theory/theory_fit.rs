//! How much of a scientist's activations the exact theories explain.

use mass_systems::AnyLagrangian;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::formulation::PotentialReading;
use crate::{
    error::Error,
    least_squares::{LEAST_TOLERANCE, LeastSquares},
    readout::Reading,
};

/// R² of fitting a scientist's activations to those of the exact Lagrangian and of the exact
/// Hamiltonian theory (Fu et al. 2025, Section V.4.1, Figure 11b).
///
/// The paper fits "a batch of activations against the Lagrangian and Hamiltonian activations which
/// we can compute from an analytic expression" and reports a mean R² with a standard deviation. Read
/// here as: the B·d × T matrix of the scientist's activations, columns centred, is regressed on the
/// exact theory's activations at the same states, u = L_yy⁻¹L_x and v = −L_yy⁻¹L_xy y for the one,
/// −H_x for the other, and a constant; R² is the share of the matrix's whole variance that is
/// explained. Every activation has coefficients of its own, for the paper says of the fit that S and
/// S + x must come out alike ("first derivative terms change by a constant").
///
/// What follows from this reading: where S_xy = 0 the only exact activation of either theory is a
/// multiple of ∂V/∂x, so that both R² are one number for classical, pendulum and Kepler, whatever a
/// scientist has learned; and that L's two activations explain more than H's one by their number
/// alone. To ask whether a scientist's S is an L, let the exact theory work with it: the score of
/// [`exchange`](crate::exchange()) of [`Reading::exact_lagrangian`] reading the scientist. The other
/// way round it says nothing: −S_x computes ẏ with a = −1 from an exact L too where V alone depends
/// on x.
///
/// # Example
///
/// ```
/// use mass_interp::{PotentialReading, Reading, TheoryFit, evaluation_states};
/// use mass_systems::{System, systems::Relativistic};
///
/// let states = evaluation_states(&Relativistic, 256, 0)?;
/// let law = Relativistic.lagrangian().unwrap();
/// let reading = Reading::exact_lagrangian(law, &states)?;
/// let fit = TheoryFit::of(&reading, law, PotentialReading::Law)?;
/// assert!((fit.lagrangian - 1.0).abs() < 1e-12);
/// assert!(fit.hamiltonian < 0.9); // −H_x = −x is not the law
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TheoryFit {
    /// R² on L_yy⁻¹L_x and −L_yy⁻¹L_xy y.
    pub lagrangian: f64,
    /// R² on −H_x, H = T + V.
    pub hamiltonian: f64,
    /// States left out because an activation, the scientist's or an exact one, is not finite.
    pub left_out: usize,
}

impl TheoryFit {
    /// Fits the activations of a reading to those of a law's exact theories.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the law gives no T or no V, if fewer than four rows are finite, or if no
    /// activation varies.
    pub fn of(
        reading: &Reading,
        law: &dyn AnyLagrangian,
        potential: PotentialReading,
    ) -> Result<Self, Error> {
        let lagrangian = Reading::exact_lagrangian(law, reading.states())?;
        let hamiltonian = Reading::exact_hamiltonian(law, potential, reading.states())?;
        let finite = [
            reading.finite_states(),
            lagrangian.finite_states(),
            hamiltonian.finite_states(),
        ];
        let mut kept = finite[0].clone();
        kept.retain(|state| finite[1..].iter().all(|f| f.binary_search(state).is_ok()));
        if kept.len() * reading.dof() < 4 {
            return Err(Error::Request(format!(
                "all activations are finite at {} states; a fit needs at least 4 rows",
                kept.len()
            )));
        }
        let activations = centred(&reading.select(&kept)?);
        let lagrangian = centred(&lagrangian.select(&kept)?);
        let hamiltonian = centred(&hamiltonian.select(&kept)?);
        let total = activations.norm_squared();
        if !(total > 0.0 && total.is_finite()) {
            return Err(Error::Request(format!(
                "the variance of the activations is {total}: it must be positive and finite"
            )));
        }
        let explained = |exact: DMatrix<f64>| -> Result<f64, Error> {
            let fit = LeastSquares::new(exact.clone(), LEAST_TOLERANCE)?;
            let residual: f64 = activations
                .column_iter()
                .map(|a| {
                    let a: DVector<f64> = a.into_owned();
                    (&exact * fit.solve(&a) - a).norm_squared()
                })
                .sum();
            Ok(1.0 - residual / total)
        };
        Ok(Self {
            lagrangian: explained(lagrangian)?,
            hamiltonian: explained(hamiltonian)?,
            left_out: reading.states().len() - kept.len(),
        })
    }
}

/// The active columns of a reading's activations, each less its mean.
fn centred(reading: &Reading) -> DMatrix<f64> {
    let columns: Vec<DVector<f64>> = reading
        .active()
        .into_iter()
        .map(|term| {
            let weight = reading.weights()[term];
            let mut column = DVector::from_column_slice(reading.column(term)) * weight;
            column.add_scalar_mut(-column.mean());
            column
        })
        .collect();
    if columns.is_empty() {
        return DMatrix::zeros(reading.rows(), 0);
    }
    DMatrix::from_columns(&columns)
}

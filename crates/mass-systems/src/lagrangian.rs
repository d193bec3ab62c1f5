//! A law written once, as its Lagrangian, and what follows from it.

use crate::derivatives::ScalarDerivatives;
use crate::error::Error;
use crate::number::Number;
use nalgebra::{DMatrix, DVector};
use num_dual::HyperDual64;

/// A Lagrangian L(x, y), written once over any [`Number`]; everything else follows from it.
///
/// Where a kinetic and a potential energy are known they are written here too, for fits of a learned
/// scalar to them. They need not make up L: a relativistic particle has T = γ while L has −1/γ.
///
/// [`FromLagrangian`](crate::FromLagrangian) makes a system of it.
///
/// # Example
/// ```
/// use mass_systems::{AnyLagrangian, Lagrangian, Number};
///
/// /// L = ½y² − ¼x⁴
/// struct Quartic;
///
/// impl Lagrangian for Quartic {
///     fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
///         y[0].powi(2) * 0.5 - x[0].powi(4) * 0.25
///     }
/// }
///
/// let law: &dyn AnyLagrangian = &Quartic;
/// let mut ydot = [0.0];
/// law.euler_lagrange(&[0.5], &[1.0], &mut ydot)?;
/// assert_eq!(ydot, [-0.125]);
/// assert_eq!(law.energy(&[1.0], &[1.0]), 0.75);
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub trait Lagrangian {
    /// L(x, y), from positions `[d]` and velocities `[d]`.
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D;

    /// The kinetic energy T, where one is given.
    fn kinetic<D: Number>(&self, _x: &[D], _y: &[D]) -> Option<D> {
        None
    }

    /// The kinetic term as the paper writes it in L, where it differs from [`Lagrangian::kinetic`].
    fn lagrangian_kinetic<D: Number>(&self, _x: &[D], _y: &[D]) -> Option<D> {
        None
    }

    /// The potential energy V, where one is given.
    fn potential<D: Number>(&self, _x: &[D], _y: &[D]) -> Option<D> {
        None
    }

    /// The potential energy as the paper prints it, where it differs from [`Lagrangian::potential`].
    fn printed_potential<D: Number>(&self, _x: &[D], _y: &[D]) -> Option<D> {
        None
    }
}

/// The scalars of a law that a learned one can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quantity {
    /// L.
    Lagrangian,
    /// T.
    Kinetic,
    /// V.
    Potential,
    /// T + V, Table 1's total energy. Of alpha and beta it is not the conserved one: their V depends
    /// on y, and what is conserved is [`AnyLagrangian::energy`].
    Hamiltonian,
    /// V as the paper prints it, where that differs from V (relativistic; Fu et al. 2025, Table 1).
    PrintedPotential,
    /// The kinetic term as the paper writes it in L, where that differs from T: 1/γ of relativistic, alpha
    /// and beta (Fu et al. 2025, caption of Table 1 and Section V.4). The law has the sign of −1/γ.
    LagrangianKinetic,
}

fn quantity<L: Lagrangian + ?Sized, D: Number>(
    law: &L,
    which: Quantity,
    x: &[D],
    y: &[D],
) -> Option<D> {
    match which {
        Quantity::Lagrangian => Some(law.value(x, y)),
        Quantity::Kinetic => law.kinetic(x, y),
        Quantity::Potential => law.potential(x, y),
        Quantity::Hamiltonian => Some(law.kinetic(x, y)? + law.potential(x, y)?),
        Quantity::PrintedPotential => law.printed_potential(x, y),
        Quantity::LagrangianKinetic => law.lagrangian_kinetic(x, y),
    }
}

/// Any [`Lagrangian`] behind a reference: implemented for every one, not to be implemented by hand.
///
/// Its methods take slices of equal length d, the law's degrees of freedom, and panic on shorter ones.
pub trait AnyLagrangian: Send + Sync {
    /// A scalar of the law at (x, y); `None` where the law does not give it.
    fn at(&self, which: Quantity, x: &[f64], y: &[f64]) -> Option<f64>;

    /// [`AnyLagrangian::at`] over hyper-dual numbers, the road to all derivatives.
    fn at_dual(&self, which: Quantity, x: &[HyperDual64], y: &[HyperDual64])
    -> Option<HyperDual64>;

    /// A scalar of the law with its first and second derivatives, exact to rounding.
    fn derivatives(&self, which: Quantity, x: &[f64], y: &[f64]) -> Option<ScalarDerivatives> {
        ScalarDerivatives::of(|x, y| self.at_dual(which, x, y), x, y)
    }

    /// The derivatives of L with the V that the paper prints in place of V (Fu et al. 2025, Table 1); `None`
    /// where that is no other one.
    fn derivatives_as_printed(&self, x: &[f64], y: &[f64]) -> Option<ScalarDerivatives> {
        let of = |which| self.derivatives(which, x, y);
        let (ours, printed) = (of(Quantity::Potential)?, of(Quantity::PrintedPotential)?);
        let lagrangian = of(Quantity::Lagrangian)?;
        Some(lagrangian.plus(1.0, &ours).plus(-1.0, &printed))
    }

    /// The conserved energy y·∂L/∂y − L.
    fn energy(&self, x: &[f64], y: &[f64]) -> f64 {
        // The derivative of L along y itself, in one evaluation.
        let x: Vec<_> = x.iter().map(|&v| HyperDual64::from_re(v)).collect();
        let y: Vec<_> = y
            .iter()
            .map(|&v| HyperDual64::new(v, v, 0.0, 0.0))
            .collect();
        self.at_dual(Quantity::Lagrangian, &x, &y)
            .map_or(f64::NAN, |l| l.eps1 - l.re)
    }

    /// The acceleration ẏ `[d]` by Euler–Lagrange, S_yy ẏ = S_x − S_xy y (Fu et al. 2025, Eq. 2).
    ///
    /// # Errors
    /// [`Error::SingularState`] where S_yy is singular or a derivative is not finite.
    fn euler_lagrange(&self, x: &[f64], y: &[f64], out: &mut [f64]) -> Result<(), Error> {
        let singular = || Error::SingularState {
            x: x.to_vec(),
            y: y.to_vec(),
        };
        let s = self
            .derivatives(Quantity::Lagrangian, x, y)
            .ok_or_else(singular)?;
        let d = x.len();
        let mass = DMatrix::from_row_slice(d, d, &s.s_yy);
        let mixed = DMatrix::from_row_slice(d, d, &s.s_xy);
        let force = DVector::from_column_slice(&s.s_x) - mixed * DVector::from_column_slice(y);
        let ydot = mass.lu().solve(&force).ok_or_else(singular)?;
        if ydot.iter().any(|v| !v.is_finite()) {
            return Err(singular());
        }
        out.copy_from_slice(ydot.as_slice());
        Ok(())
    }
}

impl<L: Lagrangian + Send + Sync> AnyLagrangian for L {
    fn at(&self, which: Quantity, x: &[f64], y: &[f64]) -> Option<f64> {
        quantity(self, which, x, y)
    }

    fn at_dual(
        &self,
        which: Quantity,
        x: &[HyperDual64],
        y: &[HyperDual64],
    ) -> Option<HyperDual64> {
        quantity(self, which, x, y)
    }
}

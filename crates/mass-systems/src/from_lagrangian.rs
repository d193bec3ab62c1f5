//! A system made of a Lagrangian and nothing else.

use crate::domain::Domain;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::system::System;

/// A system made of its [`Lagrangian`]: the acceleration is Euler–Lagrange's.
///
/// # Example
/// ```
/// use mass_systems::{Domain, FromLagrangian, Lagrangian, Number, System};
///
/// /// L = ½y² − ½kx²
/// struct Spring { k: f64 }
///
/// impl Lagrangian for Spring {
///     fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
///         y[0] * y[0] * 0.5 - x[0] * x[0] * (0.5 * self.k)
///     }
/// }
///
/// let spring = FromLagrangian::new("spring", Domain::cube(1, (-1.0, 1.0), (-1.0, 1.0))?, Spring { k: 4.0 });
/// let mut ydot = [0.0];
/// spring.acceleration(&[0.5], &[0.0], &mut ydot);
/// assert_eq!(ydot, [-2.0]);
/// assert_eq!(spring.energy(&[0.5], &[1.0]), Some(1.0));
/// # Ok::<(), mass_systems::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FromLagrangian<L> {
    id: String,
    domain: Domain,
    law: L,
}

impl<L: Lagrangian + Send + Sync> FromLagrangian<L> {
    /// The system of this id, domain and Lagrangian; d is the domain's.
    pub fn new(id: impl Into<String>, domain: Domain, law: L) -> Self {
        Self {
            id: id.into(),
            domain,
            law,
        }
    }

    /// The Lagrangian it is made of.
    pub fn law(&self) -> &L {
        &self.law
    }
}

impl<L: Lagrangian + Send + Sync> System for FromLagrangian<L> {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn dof(&self) -> usize {
        self.domain.dof()
    }

    fn domain(&self) -> Domain {
        self.domain.clone()
    }

    /// Euler–Lagrange's acceleration; NaN where the Lagrangian gives none.
    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        if self.law.euler_lagrange(x, y, out).is_err() {
            out.fill(f64::NAN);
        }
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(&self.law)
    }
}

//! A law that was found, as a system.

use mass_systems::{AnyLagrangian, Domain, System};

/// What a system asks of a law.
pub(crate) trait Law: Send + Sync {
    fn dof(&self) -> usize;

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]);

    fn formula(&self) -> String;

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        None
    }
}

/// A law with a name and the states that it is for.
pub(crate) struct LawSystem<L> {
    pub(crate) id: String,
    pub(crate) domain: Domain,
    pub(crate) law: L,
}

impl<L: Law> System for LawSystem<L> {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn dof(&self) -> usize {
        self.law.dof()
    }

    fn domain(&self) -> Domain {
        self.domain.clone()
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        self.law.acceleration(x, y, out);
    }

    fn formula(&self) -> String {
        self.law.formula()
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        self.law.lagrangian()
    }
}

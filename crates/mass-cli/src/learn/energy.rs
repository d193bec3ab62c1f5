//! What a Lagrangian that was found says of energy, and what else the motion keeps.

use mass_sparse::Verdict;

use super::{
    found::{Found, tell, timed},
    limits::{HALF, ROUGH},
    tried::error_of,
};
use crate::learned::Learned;

/// The verdict of the Lagrangian, which is the theory at this place, if it explains the motion at all; what is
/// conserved, and whether the terms are told apart, is noted.
pub(super) fn energy(found: &Found<'_>, learned: &mut Learned, place: usize) -> Option<Verdict> {
    let error = error_of(&learned.theories, place);
    let lagrangian = learned.lagrangian.as_ref();
    let lagrangian = lagrangian.filter(|_| error <= HALF);
    let verdict = lagrangian.map(|law| law.verdict().clone());
    // What is driven or damped keeps nothing.
    let rubs = matches!(verdict, Some(Verdict::Dissipative { .. }));
    if timed(found.measured) && !rubs && learned.inputs == 0 && learned.best.is_some() {
        tell("looking for what is conserved");
        let own = lagrangian.filter(|_| error < ROUGH && learned.best == Some(place));
        learned.conserved = found.conserved(own);
    }
    // A law with friction has no verdict that says so.
    if let Some(law) = lagrangian
        && !matches!(law.verdict(), Verdict::NotTold { .. })
        && found.measured.dof() > 1
        && let Some(doubt) = law.doubt(&found.learn)
    {
        learned.warnings.push(doubt);
    }
    learned
        .warnings
        .extend(lagrangian.and_then(|law| law.choice()));
    verdict
}

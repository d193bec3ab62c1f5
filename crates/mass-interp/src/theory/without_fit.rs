//! Hamiltonian or Lagrangian in two other ways: on each side of the domain by itself, and by how S
//! bends, without a fit.

use mass_systems::{AnyLagrangian, Domain, Quantity};

use super::{
    energy_fit::EnergyFit,
    formulation::{PotentialReading, Theory},
};
use crate::readout::Reading;

/// What the signs of T and V say ([`EnergyFit::theory`]) on every side of a domain, each fitted by
/// itself; `None` if the sides do not agree or one of them says nothing.
///
/// A side is a choice of sign for each position whose range is two-sided, as Kepler's is. No state
/// lies between, so that S may have another constant, and another factor, on each.
pub fn theory_by_side(
    reading: &Reading,
    law: &dyn AnyLagrangian,
    domain: &Domain,
) -> Option<Theory> {
    let ranges = domain.x().iter().enumerate();
    let sided: Vec<usize> = ranges
        .filter(|(_, range)| range.is_two_sided())
        .map(|(k, _)| k)
        .collect();
    // The side of a state, a bit for each position that has two.
    let side = |x: &[f64]| -> usize {
        let bits = sided.iter().enumerate();
        bits.map(|(bit, k)| usize::from(x[*k] <= 0.0) << bit).sum()
    };
    let sides: Vec<usize> = reading.states().iter().map(|state| side(state.x)).collect();
    let of = |side: usize| {
        let those: Vec<usize> = (0..sides.len()).filter(|i| sides[*i] == side).collect();
        let fit = EnergyFit::of(&reading.select(&those).ok()?, law, PotentialReading::Law);
        fit.ok()?.theory()
    };
    let theory = of(0)?;
    (1..1 << sided.len())
        .all(|side| of(side) == Some(theory))
        .then_some(theory)
}

/// Lagrangian if (xᵀ S_xx x)(yᵀ S_yy y) has the sign of (xᵀ L_xx x)(yᵀ L_yy y) at more than half of
/// the states, as an L has whatever its unit; else Hamiltonian, as an H has the other sign where V
/// alone depends on x. No fit is asked, and no factor.
///
/// In one dimension that is the sign of S_xx S_yy. `None` if the library lacks the terms S_xx x and
/// S_yy y.
pub fn theory_by_curvature(reading: &Reading, law: &dyn AnyLagrangian) -> Option<Theory> {
    let (xx, yy) = (reading.term("Sxx x").ok()?, reading.term("Syy y").ok()?);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let form = |matrix: &[f64], x: &[f64]| -> f64 {
        matrix
            .chunks_exact(x.len())
            .zip(x)
            .map(|(row, x_k)| x_k * dot(row, x))
            .sum()
    };
    let d = reading.dof();
    let bends = xx.chunks_exact(d).zip(yy.chunks_exact(d));
    let as_l = reading.states().iter().zip(bends);
    let as_l = as_l.filter(|(state, (xx, yy))| {
        let bends = dot(xx, state.x) * dot(yy, state.y);
        let exact = law.derivatives(Quantity::Lagrangian, state.x, state.y);
        exact.is_some_and(|l| bends * form(&l.s_xx, state.x) * form(&l.s_yy, state.y) > 0.0)
    });
    match as_l.count() * 2 > reading.states().len() {
        true => Some(Theory::Lagrangian),
        false => Some(Theory::Hamiltonian),
    }
}

#[cfg(test)]
mod tests {
    use mass_systems::{Quantity, ScalarDerivatives, lookup};
    use mass_terms::Library;

    use super::*;
    use crate::readout::evaluation_states;

    fn reading(id: &str, scalar: impl Fn(&[f64], &[f64]) -> Option<ScalarDerivatives>) -> Reading {
        let states = evaluation_states(&*lookup(id).unwrap(), 256, 0).unwrap();
        let library = Library::standard();
        Reading::of_scalar(&states, &library, &vec![0.0; library.len()], 0.0, scalar).unwrap()
    }

    #[test]
    fn sides_are_judged_by_themselves() {
        // L on the right and 3 L + 7 on the left is L on both sides; H on the left is not.
        let system = lookup("kepler").unwrap();
        let law = system.lagrangian().unwrap();
        let on = |left: Quantity, factor: f64| {
            let reading = reading("kepler", |x, y| {
                if x[0] > 0.0 {
                    return law.derivatives(Quantity::Lagrangian, x, y);
                }
                let mut s = law.derivatives(left, x, y)?;
                s.value = factor * s.value + 7.0;
                Some(s)
            });
            theory_by_side(&reading, law, &system.domain())
        };
        let lagrangian = Some(Theory::Lagrangian);
        assert_eq!(on(Quantity::Lagrangian, 3.0), lagrangian);
        assert_eq!(on(Quantity::Lagrangian, -3.0), lagrangian);
        assert_eq!(on(Quantity::Hamiltonian, 1.0), None);
    }

    #[test]
    fn a_domain_of_one_side_is_judged_whole() {
        let system = lookup("pendulum").unwrap();
        let law = system.lagrangian().unwrap();
        for (quantity, theory) in [
            (Quantity::Lagrangian, Theory::Lagrangian),
            (Quantity::Hamiltonian, Theory::Hamiltonian),
        ] {
            let reading = reading("pendulum", |x, y| law.derivatives(quantity, x, y));
            let found = theory_by_side(&reading, law, &system.domain());
            assert_eq!(found, Some(theory));
        }
    }

    #[test]
    fn curvature_is_blind_to_the_unit_and_not_to_the_theory() {
        for id in ["kepler", "double_pendulum"] {
            let system = lookup(id).unwrap();
            let law = system.lagrangian().unwrap();
            for factor in [1.0, -2.0] {
                let l = reading(id, |x, y| {
                    let mut s = law.derivatives(Quantity::Lagrangian, x, y)?;
                    for list in [&mut s.s_xx, &mut s.s_yy] {
                        list.iter_mut().for_each(|value| *value *= factor);
                    }
                    Some(s)
                });
                assert_eq!(
                    theory_by_curvature(&l, law),
                    Some(Theory::Lagrangian),
                    "{id}"
                );
            }
        }
        let system = lookup("kepler").unwrap();
        let law = system.lagrangian().unwrap();
        let h = reading("kepler", |x, y| {
            law.derivatives(Quantity::Hamiltonian, x, y)
        });
        assert_eq!(theory_by_curvature(&h, law), Some(Theory::Hamiltonian));
        let own = Reading::of_scalar(
            h.states(),
            &Library::from_terms(["x".parse().unwrap()]).unwrap(),
            &[1.0],
            0.0,
            |x, y| law.derivatives(Quantity::Lagrangian, x, y),
        );
        assert_eq!(theory_by_curvature(&own.unwrap(), law), None);
    }
}

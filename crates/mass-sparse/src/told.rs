//! Whether data tell the terms of a Lagrangian apart.

use std::collections::BTreeMap;

use mass_systems::{QuantileRule, quantile};
use nalgebra::DMatrix;

use crate::{Factor, LagrangianLaw, MotionData};

/// Positions and velocities whose narrowest direction is this share of the widest move as one.
const NARROW: f64 = 0.1;

/// A spread of energies below this share of the range of the kinetic energy is none.
const ONE_ENERGY: f64 = 0.05;

/// So many other formulas that fit about as well, or so many terms of its own for each degree of freedom, and the terms
/// of a law are not told apart by motions of one energy.
const OTHERS: usize = 5;
const TERMS: usize = 4;

impl LagrangianLaw {
    /// Why these data do not tell the terms of L apart, and what would, in words; nothing where they do as far as is
    /// seen here: where motions of one dimension have one energy, where several positions move as one, and where
    /// motions of one energy are explained by many terms, or by many formulas.
    pub fn doubt(&self, data: &MotionData) -> Option<String> {
        if self.inputs() > 0 {
            return None; // Inputs move it as it would not by itself.
        }
        if self.dof() == 1 {
            return nearly_one_energy(self, data).then(|| {
                "all states have nearly one energy, and motion in one dimension at one energy has many Lagrangians, with \
                 friction or without; add a motion of a second amplitude"
                    .to_string()
            });
        }
        if narrowest(data) < NARROW {
            return Some(
                "all positions move together, as in one normal mode, and what moves together does not tell the terms of \
                 L apart; add motions from other starts: another mode, or one position pushed alone"
                    .to_string(),
            );
        }
        let others = self.alternatives().len();
        let many = self.terms().len() > TERMS * self.dof() || others >= OTHERS;
        (many && nearly_one_energy(self, data)).then(|| {
            format!(
                "all motions have nearly one energy and {} terms explain them, and {others} other formulas do about as \
                 well, so that these terms are not told apart; add motions from other starts: larger and smaller, and \
                 in other modes",
                self.terms().len()
            )
        })
    }

    /// Why another Lagrangian gives the same motions as well, in words, where this one is of a linear motion and has
    /// products of velocities.
    pub fn choice(&self) -> Option<String> {
        (is_linear(self) && joins_velocities(self)).then(|| {
            "these motions are linear, sums of normal modes, and the Lagrangians of the modes with any weights make one of \
             the same motions: that this one has products of velocities is one choice of many, and its energy one of \
             several that are kept"
                .to_string()
        })
    }
}

/// Whether its equations of motion are linear: every term is a product of two positions or velocities, or one of them.
fn is_linear(law: &LagrangianLaw) -> bool {
    let degree = |factor: &Factor| match factor {
        Factor::Position(_, power) | Factor::Velocity(_, power) if *power > 0 => Some(*power),
        _ => None,
    };
    law.terms().iter().all(|term| {
        let powers = term.function.factors().iter().map(degree);
        powers.sum::<Option<i32>>().is_some_and(|sum| sum <= 2)
    })
}

/// Whether two velocities are multiplied.
fn joins_velocities(law: &LagrangianLaw) -> bool {
    law.terms().iter().any(|term| {
        matches!(term.function.factors(), [Factor::Velocity(i, 1), Factor::Velocity(j, 1)] if i != j)
    })
}

/// Whether all states have nearly one energy.
fn nearly_one_energy(law: &LagrangianLaw, data: &MotionData) -> bool {
    let states = data.states();
    let still = vec![0.0; law.dof()];
    let energies: Vec<f64> = states.iter().map(|s| law.energy(s.x, s.y)).collect();
    let kinetic = states
        .iter()
        .map(|s| law.energy(s.x, s.y) - law.energy(s.x, &still));
    let range = |values: &[f64]| {
        let at = |share| quantile(values, share, QuantileRule::Nearest);
        (at(0.95) - at(0.05)).abs()
    };
    // Of each trajectory its mean, so that noise is no spread.
    let means = match data.trajectories() {
        None => energies,
        Some(of) => {
            let mut all: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
            for (one, energy) in of.iter().zip(&energies) {
                let (sum, count) = all.entry(*one).or_default();
                *sum += energy;
                *count += 1.0;
            }
            all.values().map(|(sum, count)| sum / count).collect()
        }
    };
    let kinetic: Vec<f64> = kinetic.collect();
    let spread = match means.len() {
        0..=1 => 0.0,
        2..=20 => {
            let least = means.iter().copied().fold(f64::INFINITY, f64::min);
            means.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least
        }
        _ => range(&means),
    };
    spread < ONE_ENERGY * range(&kinetic)
}

/// How narrow the cloud of positions is beside its width, each position in units of its deviation; or that of
/// velocities, if it is wider: 1 where they are not correlated, 0 where one is a multiple of another.
fn narrowest(data: &MotionData) -> f64 {
    let d = data.states().dof();
    let of = |values: &[f64]| -> f64 {
        let count = (values.len() / d) as f64;
        let mean: Vec<f64> = (0..d)
            .map(|k| values.iter().skip(k).step_by(d).sum::<f64>() / count)
            .collect();
        let mut covariance = DMatrix::<f64>::zeros(d, d);
        for row in values.chunks_exact(d) {
            for i in 0..d {
                for j in 0..d {
                    covariance[(i, j)] += (row[i] - mean[i]) * (row[j] - mean[j]);
                }
            }
        }
        if (0..d).any(|i| covariance[(i, i)] <= 0.0) {
            return 1.0; // What does not move is told elsewhere.
        }
        let correlation = DMatrix::from_fn(d, d, |i, j| {
            covariance[(i, j)] / (covariance[(i, i)] * covariance[(j, j)]).sqrt()
        });
        let sizes = correlation.symmetric_eigenvalues();
        (sizes.min().max(0.0) / sizes.max()).sqrt()
    };
    of(data.states().x()).max(of(data.states().y()))
}

//! One scientist reading another's scalar.

use mass_terms::{Base, Library, Term, Vector};
use serde::{Deserialize, Serialize};

use crate::{Error, Reading};

/// Factors per octave in the first scan for a.
const PER_OCTAVE: i32 = 4;

/// Octaves scanned to either side of the ratio of the two scalars' deviations.
const OCTAVES: i32 = 16;

/// States of the first scan.
const SCANNED: usize = 128;

/// Best places of the scan that are refined at all states.
const REFINED: usize = 3;

/// Steps of the refinement; each narrows a by the golden ratio.
const GOLDEN_STEPS: usize = 32;

/// How well scientist A computes its own motion with the scalar of scientist B.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// 1 if A can work with a·S_B as with its own S, 0 if no better than with a constant law.
    pub score: f64,
    /// The factor a that B's scalar was best read with; 1 where none changes anything.
    pub scale: f64,
}

/// The exchange score of A reading B at the states of both.
///
/// A's shared layer w_A is applied to the terms of a·S_B with the shift a·b_B. A term is homogeneous
/// in (S, b) of degree k = (vectors S_x, S_y) + (matrices) − (inverse matrices), so the law that A
/// reads is F(a) = Σ_k aᵏ p_k, p_k the sum of its terms of degree k. The score is
///
/// max_{a ≠ 0} 1 − E[min(1, |F(a) − F_A|² / V)] / E[min(1, |ẏ − E ẏ|² / V)],
///
/// 0 at least, with F_A the law that A predicts from its own scalar and V the variance of the true ẏ:
/// an R² in which no state counts more than once. So a pole, of either scientist, is one bad state;
/// where F is not finite the state is lost whole. The a is searched on a grid of both signs, from
/// 2⁻¹⁶ to 2¹⁶ times the ratio of the two scalars' deviations, and refined.
///
/// # Errors
///
/// [`Error::Request`] if the two are of different states, of different libraries, of a library with
/// symbols of one's own (whose degree is not known), or the true ẏ is the same at all states.
///
/// # Example
///
/// ```
/// use mass_interp::{Reading, evaluation_states, exchange};
/// use mass_systems::{System, systems::Classical};
///
/// let states = evaluation_states(&Classical, 128, 0)?;
/// let law = Classical.lagrangian().unwrap();
/// let lagrangian = Reading::exact_lagrangian(law, &states)?;
/// let hamiltonian = Reading::exact_hamiltonian(law, Default::default(), &states)?;
/// // Euler–Lagrange with S = ½y² + ½x² is ẏ = +x, whatever the factor.
/// assert_eq!(exchange(&lagrangian, &hamiltonian)?.score, 0.0);
/// // But −S_x with S = −(½y² − ½x²) is ẏ = −x.
/// let read = exchange(&hamiltonian, &lagrangian)?;
/// assert!((read.score - 1.0).abs() < 1e-9 && (read.scale + 1.0).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn exchange(a: &Reading, b: &Reading) -> Result<Exchange, Error> {
    comparable(a, b)?;
    let unit = Unit::of(a)?;
    let layer = Layer::of(a)?;
    let own = layer.law(a);
    Ok(layer.score(&own, spread(a), b, spread(b), unit))
}

/// Refuses readings that cannot be compared.
pub(crate) fn comparable(a: &Reading, b: &Reading) -> Result<(), Error> {
    if a.states() != b.states() {
        return Err(Error::Request(
            "the two readings are of different states: compare scientists of one system at the same states"
                .to_string(),
        ));
    }
    if a.library() != b.library() {
        return Err(Error::Request(
            "the two scientists have different libraries of terms, so that neither's weights read the other's scalar"
                .to_string(),
        ));
    }
    Ok(())
}

/// The unit of errors at one batch of states, the same for all who are compared there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    /// V, the variance of the true ẏ, summed over components.
    variance: f64,
    /// E[min(1, |ẏ − E ẏ|² / V)].
    of_constant: f64,
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

/// A shared layer by degree: which terms it reads, with which weight, and as which power of a.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// The degrees that occur, ascending.
    degrees: Vec<i32>,
    /// Term, weight and place of its degree, ascending by term.
    terms: Vec<(usize, f64, usize)>,
}

impl Layer {
    pub(crate) fn of(reading: &Reading) -> Result<Self, Error> {
        let active = reading.active();
        let by_term = active
            .iter()
            .map(|term| degree(reading.library(), *term))
            .collect::<Result<Vec<i32>, Error>>()?;
        let mut degrees = by_term.clone();
        degrees.sort_unstable();
        degrees.dedup();
        let terms = active.iter().zip(by_term).map(|(term, k)| {
            let place = degrees.partition_point(|known| *known < k);
            (*term, reading.weights()[*term], place)
        });
        Ok(Self {
            terms: terms.collect(),
            degrees,
        })
    }

    /// p_k of the terms of a reading, `[B·d, degrees]`.
    fn parts(&self, reading: &Reading) -> Vec<f64> {
        let width = self.degrees.len();
        let mut parts = vec![0.0; reading.rows() * width];
        let rows = reading.terms().chunks_exact(reading.library().len());
        for (part, row) in parts.chunks_exact_mut(width.max(1)).zip(rows) {
            for (term, weight, place) in &self.terms {
                part[*place] += weight * row[*term];
            }
        }
        parts
    }

    /// The law that this layer reads from a scalar as it is, `[B·d]`.
    pub(crate) fn law(&self, reading: &Reading) -> Vec<f64> {
        if self.degrees.is_empty() {
            return vec![0.0; reading.rows()];
        }
        let parts = self.parts(reading);
        let parts = parts.chunks_exact(self.degrees.len());
        parts.map(|part| part.iter().sum()).collect()
    }

    /// The exchange score of this layer, whose own law is `own`, reading `b`.
    pub(crate) fn score(
        &self,
        own: &[f64],
        own_spread: f64,
        b: &Reading,
        spread: f64,
        unit: Unit,
    ) -> Exchange {
        let parts = self.parts(b);
        let problem = Problem {
            degrees: &self.degrees,
            parts: &parts,
            own,
            dof: b.dof(),
            variance: unit.variance,
        };
        // Without any power of a there is nothing to search; 1 is always tried.
        let mut best = (problem.loss(1.0, 1), 1.0);
        if self.degrees.iter().any(|k| *k != 0) {
            let ratio = own_spread / spread;
            let centre = if ratio.is_finite() && ratio > 0.0 {
                ratio
            } else {
                1.0
            };
            for sign in [1.0, -1.0] {
                for candidate in problem.search(sign, centre) {
                    if candidate.0 < best.0 {
                        best = candidate;
                    }
                }
            }
        }
        Exchange {
            score: (1.0 - best.0 / unit.of_constant).max(0.0),
            scale: best.1,
        }
    }
}

/// The degree of a term in (S, b).
fn degree(library: &Library, term: usize) -> Result<i32, Error> {
    let Term { matrices, vector } = &library[term];
    let own = || {
        Error::Request(format!(
            "the term {} has a symbol of one's own: how it changes with S is not known",
            library[term]
        ))
    };
    let mut degree = match vector {
        Vector::X | Vector::Y => 0,
        Vector::Sx | Vector::Sy => 1,
        Vector::Named(_) => return Err(own()),
    };
    for matrix in matrices {
        if matches!(matrix.base, Base::Named(_)) {
            return Err(own());
        }
        degree += if matrix.inverse { -1 } else { 1 };
    }
    Ok(degree)
}

/// The standard deviation of the finite values of S.
pub(crate) fn spread(reading: &Reading) -> f64 {
    let finite: Vec<f64> = reading
        .scalar()
        .iter()
        .copied()
        .filter(|s| s.is_finite())
        .collect();
    let count = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / count;
    (finite.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// A law Σ_k aᵏ p_k to be brought near another by the choice of a.
struct Problem<'a> {
    degrees: &'a [i32],
    parts: &'a [f64],
    own: &'a [f64],
    dof: usize,
    variance: f64,
}

impl Problem<'_> {
    /// E[min(1, |F(a) − F_A|² / V)] over every `stride`-th state.
    fn loss(&self, a: f64, stride: usize) -> f64 {
        let width = self.degrees.len();
        if width == 0 {
            return self.bounded(|row| self.own[row], stride);
        }
        let powers: Vec<f64> = self.degrees.iter().map(|k| a.powi(*k)).collect();
        let difference = |row: usize| {
            let part = &self.parts[row * width..(row + 1) * width];
            let law: f64 = part.iter().zip(&powers).map(|(p, a)| p * a).sum();
            law - self.own[row]
        };
        self.bounded(difference, stride)
    }

    fn bounded(&self, difference: impl Fn(usize) -> f64, stride: usize) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for state in (0..self.own.len() / self.dof).step_by(stride) {
            let rows = state * self.dof..(state + 1) * self.dof;
            let error = rows.map(|row| difference(row).powi(2)).sum::<f64>() / self.variance;
            // NaN is not below 1, and so counts as 1.
            sum += if error < 1.0 { error } else { 1.0 };
            count += 1.0;
        }
        sum / count
    }

    /// The losses and places of the best a of one sign.
    fn search(&self, sign: f64, centre: f64) -> Vec<(f64, f64)> {
        let states = self.own.len() / self.dof;
        let stride = (states / SCANNED).max(1);
        let at = |log: f64| sign * centre * log.exp2();
        let grid: Vec<f64> = (-OCTAVES * PER_OCTAVE..=OCTAVES * PER_OCTAVE)
            .map(|i| f64::from(i) / f64::from(PER_OCTAVE))
            .collect();
        let scanned: Vec<f64> = grid.iter().map(|log| self.loss(at(*log), stride)).collect();
        let mut valleys: Vec<usize> = (1..grid.len() - 1)
            .filter(|i| scanned[*i] <= scanned[i - 1] && scanned[*i] <= scanned[i + 1])
            .filter(|i| scanned[*i] < 1.0)
            .collect();
        valleys.sort_by(|i, j| scanned[*i].total_cmp(&scanned[*j]));
        valleys.truncate(REFINED);
        valleys
            .into_iter()
            .map(|i| {
                let (log, loss) = golden(|log| self.loss(at(log), 1), grid[i - 1], grid[i + 1]);
                (loss, at(log))
            })
            .collect()
    }
}

/// The place and value of a minimum between two places, by golden sections.
fn golden(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> (f64, f64) {
    let shrink = (5f64.sqrt() - 1.0) / 2.0;
    let (mut c, mut d) = (high - shrink * (high - low), low + shrink * (high - low));
    let (mut f_c, mut f_d) = (f(c), f(d));
    for _ in 0..GOLDEN_STEPS {
        if f_c <= f_d {
            (high, d, f_d) = (d, c, f_c);
            c = high - shrink * (high - low);
            f_c = f(c);
        } else {
            (low, c, f_c) = (c, d, f_d);
            d = low + shrink * (high - low);
            f_d = f(d);
        }
    }
    if f_c <= f_d { (c, f_c) } else { (d, f_d) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_by_hand() {
        let library = Library::standard();
        let degree = |name: &str| degree(&library, library.find(name).unwrap()).unwrap();
        assert_eq!(degree("x"), 0);
        assert_eq!(degree("Sx"), 1);
        assert_eq!(degree("Syy^-1 Sx"), 0);
        assert_eq!(degree("Syy^-1 Sxy y"), 0);
        assert_eq!(degree("Sxx Sxy Sy"), 3);
        assert_eq!(degree("Sxx^-1 Sxy^-1 x"), -2);
    }

    #[test]
    fn golden_sections_find_a_parabola() {
        let (place, value) = golden(|x| (x - 0.3).powi(2) + 2.0, -1.0, 1.0);
        assert!((place - 0.3).abs() < 1e-6 && (value - 2.0).abs() < 1e-12);
    }
}

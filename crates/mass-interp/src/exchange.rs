//! One scientist reading another's scalar.

use mass_terms::{Base, Library, Term, Vector};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Reading, Theory,
    error::{check_length, none},
};

/// Factors per octave in the first scan for a. Where the law is a small difference of large parts of
/// different degrees, it is right within an eighth of an octave only.
const PER_OCTAVE: i32 = 16;

/// Octaves scanned to either side of the ratio of the two scalars' deviations.
const OCTAVES: i32 = 16;

/// States of the first scan.
const SCANNED: usize = 128;

/// Best places of the scan that are refined at all states.
const REFINED: usize = 3;

/// Steps of the refinement, each of which narrows an eighth of an octave by the golden ratio: to 2e-5.
const GOLDEN_STEPS: usize = 18;

/// How well scientist A computes its own motion with the scalar of scientist B.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// 1 if A can work with a·S_B as with its own S, 0 if no better than with a constant law.
    pub score: f64,
    /// The factor a that B's scalar was best read with; 1 where none changes anything.
    pub scale: f64,
}

/// The exchange score of A reading B on one system, at the states of both.
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
/// assert!((read.score - 1.0).abs() < 1e-9 && (read.scale + 1.0).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn exchange(a: &Reading, b: &Reading) -> Result<Exchange, Error> {
    exchange_together(std::slice::from_ref(a), std::slice::from_ref(b))
}

/// The exchange score of A reading B on several systems with one factor a for all: the best mean of
/// the scores, each 0 at least. The readings are of the same systems in the same order.
///
/// # Errors
///
/// [`Error::Length`] without readings or with another number of B's, else as [`exchange`] on each
/// system.
pub fn exchange_together(a: &[Reading], b: &[Reading]) -> Result<Exchange, Error> {
    check_length("the list of B's readings", b.len(), a.len())?;
    for (a, b) in a.iter().zip(b) {
        comparable(a, b)?;
    }
    let units = a.iter().map(Unit::of).collect::<Result<Vec<_>, _>>()?;
    let (a, b) = (Party::of(a.to_vec())?, Party::of(b.to_vec())?);
    Ok(a.read(&b, &units).together)
}

/// How well a theory's layer computes the true ẏ with the scalars of these readings, with one factor
/// for all.
pub(crate) fn exchange_with_theory(
    theory: Theory,
    readings: &[Reading],
) -> Result<Exchange, Error> {
    let first = readings
        .first()
        .ok_or_else(|| none("the list of readings"))?;
    let layer = Layer::of(first.library(), &theory.weights(first.library())?)?;
    let mut tasks = Vec::with_capacity(readings.len());
    let mut logs = Vec::with_capacity(readings.len());
    for reading in readings {
        if reading.library() != first.library() {
            return Err(Error::Request(
                "the readings have different libraries of terms: give those of one scientist"
                    .to_string(),
            ));
        }
        let own = reading.states().acceleration();
        let task = Task::new(&layer, own, reading, Unit::of(reading)?);
        logs.push((task.unit.variance.sqrt() / spread(&task.parts)).log2());
        tasks.push(task);
    }
    Ok(search(&tasks, mean_of_finite(logs)).together)
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

/// A scientist with all that exchanges need of it, by system.
pub(crate) struct Party {
    readings: Vec<Reading>,
    layers: Vec<Layer>,
    /// The law that it predicts itself, `[B·d]`.
    laws: Vec<Vec<f64>>,
    /// The standard deviation of the finite values of S.
    spreads: Vec<f64>,
}

/// What came of one scientist reading another.
pub(crate) struct Outcome {
    /// On each system by itself.
    pub(crate) by_system: Vec<f64>,
    /// On all, with one factor.
    pub(crate) together: Exchange,
}

impl Party {
    pub(crate) fn of(readings: Vec<Reading>) -> Result<Self, Error> {
        if readings.is_empty() {
            return Err(none("the list of readings"));
        }
        let layers = readings
            .iter()
            .map(|reading| Layer::of(reading.library(), reading.weights()));
        let layers = layers.collect::<Result<Vec<_>, Error>>()?;
        let law = |(layer, reading): (&Layer, &Reading)| {
            let mut law = vec![0.0; reading.rows()];
            for part in layer.parts(reading).chunks_exact(reading.rows()) {
                law.iter_mut()
                    .zip(part)
                    .for_each(|(law, part)| *law += part);
            }
            law
        };
        Ok(Self {
            laws: layers.iter().zip(&readings).map(law).collect(),
            spreads: readings.iter().map(|one| spread(one.scalar())).collect(),
            layers,
            readings,
        })
    }

    pub(crate) fn read(&self, other: &Party, units: &[Unit]) -> Outcome {
        let tasks = (self.layers.iter().zip(&self.laws))
            .zip(other.readings.iter().zip(units))
            .map(|((layer, own), (reading, unit))| Task::new(layer, own, reading, *unit));
        let tasks: Vec<Task<'_>> = tasks.collect();
        let ratios = self.spreads.iter().zip(&other.spreads).map(|(a, b)| a / b);
        search(&tasks, mean_of_finite(ratios.map(f64::log2)))
    }
}

/// A shared layer by degree: which terms it reads, with which weight, and as which power of a.
struct Layer {
    /// The degrees that occur, ascending.
    degrees: Vec<i32>,
    /// Term, weight and place of its degree, ascending by term.
    terms: Vec<(usize, f64, usize)>,
}

impl Layer {
    fn of(library: &Library, weights: &[f64]) -> Result<Self, Error> {
        let active: Vec<usize> = (0..weights.len()).filter(|i| weights[*i] != 0.0).collect();
        let by_term = active
            .iter()
            .map(|term| degree(library, *term))
            .collect::<Result<Vec<i32>, Error>>()?;
        let mut degrees = by_term.clone();
        degrees.sort_unstable();
        degrees.dedup();
        let terms = active.iter().zip(by_term).map(|(term, k)| {
            let place = degrees.partition_point(|known| *known < k);
            (*term, weights[*term], place)
        });
        Ok(Self {
            terms: terms.collect(),
            degrees,
        })
    }

    /// p_k of the terms of a reading, `[degrees, B·d]`.
    fn parts(&self, reading: &Reading) -> Vec<f64> {
        let count = reading.rows();
        let mut parts = vec![0.0; self.degrees.len() * count];
        let rows = reading.terms().chunks_exact(reading.library().len());
        for (index, row) in rows.enumerate() {
            for (term, weight, place) in &self.terms {
                parts[place * count + index] += weight * row[*term];
            }
        }
        parts
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

/// 0 if none is finite.
fn mean_of_finite(values: impl IntoIterator<Item = f64>) -> f64 {
    let finite = values.into_iter().filter(|value| value.is_finite());
    let (sum, count) = finite.fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// The standard deviation of the finite ones of these values.
fn spread(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let count = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / count;
    (finite.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// On one system, a law Σ_k aᵏ p_k to be brought near another by the choice of a.
struct Task<'a> {
    degrees: &'a [i32],
    /// p_k, `[degrees, B·d]`.
    parts: Vec<f64>,
    own: &'a [f64],
    dof: usize,
    unit: Unit,
}

impl<'a> Task<'a> {
    /// The layer's law with the scalar of a reading, to be brought near `own`.
    fn new(layer: &'a Layer, own: &'a [f64], reading: &Reading, unit: Unit) -> Self {
        Self {
            degrees: &layer.degrees,
            parts: layer.parts(reading),
            own,
            dof: reading.dof(),
            unit,
        }
    }

    /// 1 − E[min(1, |F(a) − F_A|² / V)] / E[min(1, |ẏ − E ẏ|² / V)], 0 at least, over the first
    /// `states`.
    fn score(&self, a: f64, states: usize, buffer: &mut Vec<f64>) -> f64 {
        let rows = states.min(self.own.len() / self.dof) * self.dof;
        buffer.clear();
        buffer.extend(self.own[..rows].iter().map(|own| -own));
        let parts = self.parts.chunks_exact(self.own.len());
        for (k, part) in self.degrees.iter().zip(parts) {
            let power = a.powi(*k);
            for (sum, part) in buffer.iter_mut().zip(part) {
                *sum += power * part;
            }
        }
        // The smaller of NaN and 1 is 1.
        let scale = 1.0 / self.unit.variance;
        let lost: f64 = if self.dof == 1 {
            buffer.iter().map(|e| (e * e * scale).min(1.0)).sum()
        } else {
            let states = buffer.chunks_exact(self.dof);
            let error = |e: &[f64]| (e.iter().map(|e| e * e).sum::<f64>() * scale).min(1.0);
            states.map(error).sum()
        };
        let mean = lost * self.dof as f64 / rows as f64;
        (1.0 - mean / self.unit.of_constant).max(0.0)
    }
}

/// The best factors for the tasks, each by itself and all together; log₂|a| is scanned about
/// `centre`.
fn search(tasks: &[Task<'_>], centre: f64) -> Outcome {
    let mut buffer = Vec::new();
    let mut mean = |a: f64, tasks: &[Task<'_>], states: usize| -> f64 {
        let scores = tasks.iter().map(|task| task.score(a, states, &mut buffer));
        scores.sum::<f64>() / tasks.len() as f64
    };
    let grid: Vec<f64> = (-OCTAVES * PER_OCTAVE..=OCTAVES * PER_OCTAVE)
        .map(|i| centre + f64::from(i) / f64::from(PER_OCTAVE))
        .collect();
    let signs = [1.0, -1.0];
    // [sign][grid] of each task; a layer without powers of a is the same everywhere.
    let scans: Vec<Option<[Vec<f64>; 2]>> = tasks
        .iter()
        .map(|task| {
            let moves = task.degrees.iter().any(|k| *k != 0);
            moves.then(|| {
                signs.map(|sign| {
                    let at =
                        |log: &f64| mean(sign * log.exp2(), std::slice::from_ref(task), SCANNED);
                    grid.iter().map(at).collect()
                })
            })
        })
        .collect();
    let mut refine = |tasks: &[Task<'_>], scan: [Vec<f64>; 2]| {
        // 1 is always tried: with itself a scientist agrees exactly.
        let mut best = Exchange {
            score: mean(1.0, tasks, usize::MAX),
            scale: 1.0,
        };
        let peak = |scan: &[f64], i: usize| {
            scan[i] > 0.0 && scan[i] >= scan[i - 1] && scan[i] >= scan[i + 1]
        };
        let mut peaks: Vec<(usize, usize)> = (0..2)
            .flat_map(|side| (1..grid.len() - 1).map(move |i| (side, i)))
            .filter(|(side, i)| peak(&scan[*side], *i))
            .collect();
        peaks.sort_by(|(s, i), (t, j)| scan[*t][*j].total_cmp(&scan[*s][*i]));
        for (side, i) in peaks.into_iter().take(REFINED) {
            let at = |log: f64| signs[side] * log.exp2();
            let loss = |log| -mean(at(log), tasks, usize::MAX);
            let (log, loss) = golden(loss, grid[i - 1], grid[i + 1]);
            if -loss > best.score {
                best = Exchange {
                    score: -loss,
                    scale: at(log),
                };
            }
        }
        best
    };
    let still = || [vec![], vec![]].map(|_: Vec<f64>| vec![0.0; grid.len()]);
    let by_system = tasks.iter().zip(&scans).map(|(task, scan)| {
        let scan = scan.clone().unwrap_or_else(still);
        refine(std::slice::from_ref(task), scan)
    });
    let by_system: Vec<Exchange> = by_system.collect();
    let together = if let [alone] = by_system.as_slice() {
        *alone
    } else if scans.iter().all(Option::is_none) {
        refine(tasks, still())
    } else {
        let mut sum = still();
        for scan in scans.iter().flatten() {
            for (sum, scan) in sum.iter_mut().zip(scan) {
                sum.iter_mut()
                    .zip(scan)
                    .for_each(|(sum, score)| *sum += score);
            }
        }
        refine(tasks, sum)
    };
    Outcome {
        by_system: by_system.iter().map(|one| one.score).collect(),
        together,
    }
}

/// The place and value of a minimum between two places, by golden sections.
fn golden(mut f: impl FnMut(f64) -> f64, mut low: f64, mut high: f64) -> (f64, f64) {
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
        let (place, value) = golden(|x| (x - 0.3).powi(2) + 2.0, 0.0, 0.5);
        assert!((place - 0.3).abs() < 5e-5 && (value - 2.0).abs() < 1e-8);
    }
}

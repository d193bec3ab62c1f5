//! One scientist reading another's scalar.

use mass_terms::{Base, Library, Term, Vector};

use super::{
    factor::{Task, best_factors},
    formulation::Theory,
    score::{Exchange, Outcome, Unit},
};
use crate::{
    error::{Error, check_length, none},
    readout::Reading,
};

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
    let (a, b) = (
        Party::of(a.iter().collect())?,
        Party::of(b.iter().collect())?,
    );
    Ok(a.read(&b, &units).together)
}

/// How well a theory's layer computes the true ẏ with the scalars of these readings, with one factor
/// for all.
pub(crate) fn exchange_with_theory(
    theory: Theory,
    readings: &[&Reading],
) -> Result<Exchange, Error> {
    let first = readings
        .first()
        .ok_or_else(|| none("the list of readings"))?;
    let layer = Layer::of(first.library(), &theory.weights(first.library())?)?;
    let mut tasks = Vec::with_capacity(readings.len());
    let mut logs = Vec::with_capacity(readings.len());
    for reading in readings {
        if !reading.has_library_of(first) {
            return Err(Error::Request(
                "the readings have different libraries of terms: give those of one scientist"
                    .to_string(),
            ));
        }
        let own = reading.states().acceleration();
        let unit = Unit::of(reading)?;
        let parts = layer.parts(reading);
        logs.push((unit.variance.sqrt() / spread(&parts)).log2());
        tasks.push(layer.task(parts, own, reading.dof(), unit));
    }
    Ok(best_factors(&tasks, mean_of_finite(logs)).together)
}

/// Refuses readings that cannot be compared.
pub(crate) fn comparable(a: &Reading, b: &Reading) -> Result<(), Error> {
    if !a.has_states_of(b) {
        return Err(Error::Request(
            "the two readings are of different states: compare scientists of one system at the same states"
                .to_string(),
        ));
    }
    if !a.has_library_of(b) {
        return Err(Error::Request(
            "the two scientists have different libraries of terms, so that neither's weights read the other's scalar"
                .to_string(),
        ));
    }
    Ok(())
}

/// A scientist with all that exchanges need of it, by system.
pub(crate) struct Party<'a> {
    readings: Vec<&'a Reading>,
    layers: Vec<Layer>,
    /// The law that it predicts itself, `[B·d]`.
    laws: Vec<Vec<f64>>,
    /// The standard deviation of the finite values of S.
    spreads: Vec<f64>,
}

impl<'a> Party<'a> {
    pub(crate) fn of(readings: Vec<&'a Reading>) -> Result<Self, Error> {
        if readings.is_empty() {
            return Err(none("the list of readings"));
        }
        let layers = readings
            .iter()
            .map(|reading| Layer::of(reading.library(), reading.weights()));
        let layers = layers.collect::<Result<Vec<_>, Error>>()?;
        let law = |(layer, reading): (&Layer, &&Reading)| {
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

    /// What comes of it reading the other.
    fn read(&self, other: &Party<'_>, units: &[Unit]) -> Outcome {
        Self::read_by(&[self], other, units).remove(0)
    }

    /// What comes of each of several reading the other: its terms are many more numbers than a
    /// processor's cache holds, and are fetched once for all of them.
    pub(crate) fn read_by(
        readers: &[&Party<'_>],
        other: &Party<'_>,
        units: &[Unit],
    ) -> Vec<Outcome> {
        let mut parts: Vec<Vec<Vec<f64>>> = vec![Vec::new(); readers.len()];
        for (system, reading) in other.readings.iter().enumerate() {
            let layers: Vec<&Layer> = readers.iter().map(|one| &one.layers[system]).collect();
            for (all, own) in parts.iter_mut().zip(Layer::parts_of(&layers, reading)) {
                all.push(own);
            }
        }
        let pairs = readers.iter().zip(parts);
        let outcome = |(one, parts): (&&Party<'_>, Vec<Vec<f64>>)| {
            let tasks = (one.layers.iter().zip(&one.laws))
                .zip(other.readings.iter().zip(units))
                .zip(parts)
                .map(|(((layer, own), (reading, unit)), parts)| {
                    layer.task(parts, own, reading.dof(), *unit)
                });
            let tasks: Vec<Task<'_>> = tasks.collect();
            let ratios = one.spreads.iter().zip(&other.spreads).map(|(a, b)| a / b);
            best_factors(&tasks, mean_of_finite(ratios.map(f64::log2)))
        };
        pairs.map(outcome).collect()
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
        Self::parts_of(&[self], reading).remove(0)
    }

    /// The same for several layers; each adds its terms in their order.
    fn parts_of(layers: &[&Layer], reading: &Reading) -> Vec<Vec<f64>> {
        let count = reading.rows();
        let mut parts: Vec<Vec<f64>> = layers
            .iter()
            .map(|layer| vec![0.0; layer.degrees.len() * count])
            .collect();
        let mut rest: Vec<&[(usize, f64, usize)]> =
            layers.iter().map(|layer| layer.terms.as_slice()).collect();
        for index in 0..reading.library().len() {
            for (rest, parts) in rest.iter_mut().zip(&mut parts) {
                let Some(((term, weight, place), behind)) = rest.split_first() else {
                    continue;
                };
                if *term != index {
                    continue;
                }
                *rest = behind;
                let part = &mut parts[place * count..(place + 1) * count];
                for (sum, value) in part.iter_mut().zip(reading.column(index)) {
                    *sum += weight * value;
                }
            }
        }
        parts
    }

    /// The task to bring the layer's law with these parts near `own`, by the choice of a factor.
    fn task<'a>(&'a self, parts: Vec<f64>, own: &'a [f64], dof: usize, unit: Unit) -> Task<'a> {
        Task {
            degrees: &self.degrees,
            parts,
            own,
            dof,
            unit,
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

#[cfg(test)]
mod tests {
    use mass_systems::{Dataset, ScalarDerivatives};

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
    fn a_law_is_the_sum_of_its_parts_by_degree() {
        // d = 1 at (x, y) = (2, 3): S_x = 5, S_yy = 4. −1 · S_x + 2 · x and ½ S_yy⁻¹ S_x.
        let states = Dataset::new("one", 1, vec![2.0], vec![3.0], vec![0.0]).unwrap();
        let library = Library::standard();
        let find = |name: &str| library.find(name).unwrap();
        let mut weights = vec![0.0; library.len()];
        weights[find("Sx")] = -1.0;
        weights[find("x")] = 2.0;
        weights[find("Syy^-1 Sx")] = 0.5;
        let reading = Reading::of_scalar(&states, &library, &weights, 0.0, |_, _| {
            Some(ScalarDerivatives {
                value: 1.0,
                s_x: vec![5.0],
                s_y: vec![7.0],
                s_xx: vec![1.0],
                s_yy: vec![4.0],
                s_xy: vec![0.0],
            })
        });
        let reading = reading.unwrap();
        let layer = Layer::of(&library, &weights).unwrap();
        assert_eq!(layer.degrees, [0, 1]);
        assert_eq!(layer.parts(&reading), [4.0 + 0.625, -5.0]);
        let party = Party::of(vec![&reading]).unwrap();
        assert_eq!(party.laws, [[4.625 - 5.0]]);
        assert!(Party::of(Vec::new()).is_err());
    }

    #[test]
    fn a_unit_far_from_one_is_found() {
        // −S_x with S = ½u (x² + y²) is the law ẏ = −x if a = 1 / u.
        let x = vec![-0.9, -0.4, 0.1, 0.5, 0.8];
        let ydot = x.iter().map(|x| -x).collect();
        let states = Dataset::new("oscillator", 1, x, vec![0.3; 5], ydot).unwrap();
        let library = Library::standard();
        let read = |unit: f64| {
            let mut weights = vec![0.0; library.len()];
            weights[library.find("Sx").unwrap()] = -1.0 / unit;
            let reading = Reading::of_scalar(&states, &library, &weights, 0.0, |x, y| {
                Some(ScalarDerivatives {
                    value: unit * (x[0] * x[0] + y[0] * y[0]) / 2.0,
                    s_x: vec![unit * x[0]],
                    s_y: vec![unit * y[0]],
                    s_xx: vec![unit],
                    s_yy: vec![unit],
                    s_xy: vec![0.0],
                })
            });
            reading.unwrap()
        };
        let unit = 2f64.powi(24);
        let (one, large) = (read(1.0), read(unit));
        for found in [
            exchange(&one, &large).unwrap(),
            exchange_with_theory(Theory::Hamiltonian, &[&large]).unwrap(),
        ] {
            assert!((found.score - 1.0).abs() < 1e-9, "{found:?}");
            assert!((found.scale * unit - 1.0).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn what_is_not_finite_has_no_part_in_a_mean() {
        assert_eq!(mean_of_finite([1.0, f64::INFINITY, 4.0, f64::NAN]), 2.5);
        assert_eq!(mean_of_finite([f64::NAN]), 0.0);
        assert_eq!(spread(&[1.0, f64::NAN, 5.0]), 2.0);
        assert!(spread(&[]).is_nan());
    }
}

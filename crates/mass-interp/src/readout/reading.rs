//! What one scientist says of one system at a batch of states.

use std::sync::Arc;

use mass_core::MassModel;
use mass_systems::{Dataset, ScalarDerivatives};
use mass_terms::{Derivatives, Library, Point, evaluate, evaluate_point};
use rayon::prelude::*;

use super::{
    members::{check_scalar, members},
    tensors::{STATES_AT_ONCE, rows_of, to_host, to_model},
};
use crate::error::{Error, check_length, none};

/// Scientists times states evaluated at a time.
const ROWS_AT_ONCE: usize = 8192;

/// A prediction further than this from ẏ is a pole of an inverse, as in mass-core's evaluation
/// ([`TestError::pole_share`](mass_core::TestError::pole_share)).
const POLE: f64 = 1.0;

/// Where ẏ itself is large, so many of its standard deviations instead.
const POLE_DEVIATIONS: f64 = 3.0;

/// A reading with a larger share of its states on poles says nothing of the law.
const MOST_ON_POLES: f64 = 0.1;

/// What one scientist says of one system at B states: S, the terms made of it, and the shared
/// layer's weights.
///
/// Everything that judges a theory takes readings, not models, so that an exact theory, or one
/// written by hand, is judged by the same code as a learned one.
///
/// A weight of 0 is a term that is off: it has no part in the prediction, whatever its value.
///
/// # Example
///
/// ```
/// use mass_interp::{Reading, evaluation_states};
/// use mass_systems::{Quantity, System, systems::Classical};
/// use mass_terms::Library;
///
/// // A scientist whose S is the exact Lagrangian, read out by Euler–Lagrange.
/// let states = evaluation_states(&Classical, 64, 0)?;
/// let law = Classical.lagrangian().unwrap();
/// let library = Library::standard();
/// let mut weights = vec![0.0; 172];
/// weights[library.find("Syy^-1 Sx")?] = 1.0;
/// weights[library.find("Syy^-1 Sxy y")?] = -1.0;
/// let reading = Reading::of_scalar(&states, &library, &weights, 0.0, |x, y| {
///     law.derivatives(Quantity::Lagrangian, x, y)
/// })?;
/// assert_eq!(reading.prediction(), states.acceleration());
/// assert_eq!(reading, Reading::exact_lagrangian(law, &states)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// States and library are shared by all readings that were made together
/// ([`Reading::of_all`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    states: Arc<Dataset>,
    library: Arc<Library>,
    weights: Vec<f64>,
    shift: f64,
    scalar: Vec<f64>,
    /// `[T, B·d]`: all who judge ask for terms, one by one.
    terms: Vec<f64>,
}

impl Reading {
    /// The reading of scientist `member` of a model for system `system` at these states.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a scientist or system, [`Error::Length`] if the states have not
    /// the system's d, [`Error::Request`] if its network is plain and has no scalar.
    pub fn of(
        model: &MassModel,
        member: usize,
        system: usize,
        states: &Dataset,
    ) -> Result<Self, Error> {
        let one = members(model, &[member])?;
        let mut read = Self::evaluate(&one, system, &Arc::new(states.clone()))?;
        Ok(read.remove(0))
    }

    /// The readings of all scientists of a model for system `system` at the same states, bit for bit
    /// those of [`Reading::of`] one by one: networks and terms are evaluated for many at once.
    ///
    /// # Errors
    ///
    /// As [`Reading::of`].
    pub fn of_all(
        model: &MassModel,
        system: usize,
        states: &Arc<Dataset>,
    ) -> Result<Vec<Self>, Error> {
        let all: Vec<usize> = (0..model.ensemble_size()).collect();
        Self::of_members(model, &all, system, states)
    }

    /// The same for some of the scientists, in the order given.
    pub(crate) fn of_members(
        model: &MassModel,
        places: &[usize],
        system: usize,
        states: &Arc<Dataset>,
    ) -> Result<Vec<Self>, Error> {
        let together = (ROWS_AT_ONCE / states.len().clamp(1, ROWS_AT_ONCE)).max(1);
        let chunks = places.par_chunks(together);
        let chunks = chunks.map(|some| Self::evaluate(&members(model, some)?, system, states));
        let chunks: Vec<Vec<Self>> = chunks.collect::<Result<_, Error>>()?;
        Ok(chunks.into_iter().flatten().collect())
    }

    /// The readings of all scientists of a model without autodiff, evaluated at once.
    pub(crate) fn evaluate(
        model: &MassModel,
        system: usize,
        states: &Arc<Dataset>,
    ) -> Result<Vec<Self>, Error> {
        let dof = check_scalar(model, system)?;
        check_length("a position of the states", states.dof(), dof)?;
        let (set, count) = (model.terms(), states.len());
        let (members, terms) = (model.ensemble_size(), set.library.len());
        let rows = count * dof;
        let mut scalars = vec![vec![0.0; count]; members];
        let mut by_term = vec![vec![0.0; terms * rows]; members];
        for from in (0..count).step_by(STATES_AT_ONCE) {
            let to = count.min(from + STATES_AT_ONCE);
            let batch = to_model(model, rows_of(states, from, to), 2 * dof);
            let jet = model.jet(system, batch.clone())?;
            let derivatives = Derivatives::from_jet(&batch, &jet)?;
            let values = to_host(jet.value());
            for (scalar, values) in scalars.iter_mut().zip(values.chunks_exact(to - from)) {
                scalar[from..to].copy_from_slice(values);
            }
            let values = evaluate(&set.library, &derivatives, model.inverse_shift(system))?;
            // [E, B, T, d] to [E, T, B, d].
            let values = to_host(values.swap_dims(1, 2));
            let part = (to - from) * dof;
            let of_members = values.chunks_exact(terms * part);
            for (by_term, values) in by_term.iter_mut().zip(of_members) {
                let columns = by_term.chunks_exact_mut(rows);
                for (column, values) in columns.zip(values.chunks_exact(part)) {
                    column[from * dof..to * dof].copy_from_slice(values);
                }
            }
        }
        let shifts = to_host(model.shift(system));
        let weights = to_host(model.final_weights());
        let library = Arc::new(set.library.clone());
        let of_members = scalars.into_iter().zip(by_term).zip(shifts);
        of_members
            .zip(weights.chunks_exact(terms))
            .map(|(((scalar, by_term), shift), weights)| {
                let on = set.mask.iter().zip(weights);
                let weights = on.map(|(on, w)| if on { *w } else { 0.0 }).collect();
                let (states, library) = (states.clone(), library.clone());
                Self::new(states, library, weights, shift, scalar, by_term)
            })
            .collect()
    }

    /// The reading of a scalar with these weights `[T]` and shift b, in f64, term by term.
    ///
    /// `scalar` gives S with its derivatives at (x, y); where it gives `None` all is NaN.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are not T weights, or an error of the term algebra if a derivative
    /// has not d components or the library has symbols of one's own.
    pub fn of_scalar(
        states: &Dataset,
        library: &Library,
        weights: &[f64],
        shift: f64,
        scalar: impl Fn(&[f64], &[f64]) -> Option<ScalarDerivatives>,
    ) -> Result<Self, Error> {
        let (dof, rows) = (states.dof(), states.len() * states.dof());
        let mut values = Vec::with_capacity(states.len());
        let mut terms = vec![f64::NAN; rows * library.len()];
        for (index, state) in states.iter().enumerate() {
            let Some(s) = scalar(state.x, state.y) else {
                values.push(f64::NAN);
                continue;
            };
            values.push(s.value);
            let point = Point {
                x: state.x.to_vec(),
                y: state.y.to_vec(),
                s_x: s.s_x,
                s_y: s.s_y,
                s_xx: s.s_xx,
                s_yy: s.s_yy,
                s_xy: s.s_xy,
                ..Point::default()
            };
            let by_term = evaluate_point(library, &point, shift)?;
            for (column, term) in terms.chunks_exact_mut(rows).zip(by_term) {
                column[index * dof..(index + 1) * dof].copy_from_slice(&term);
            }
        }
        Self::new(
            Arc::new(states.clone()),
            Arc::new(library.clone()),
            weights.to_vec(),
            shift,
            values,
            terms,
        )
    }

    fn new(
        states: Arc<Dataset>,
        library: Arc<Library>,
        weights: Vec<f64>,
        shift: f64,
        scalar: Vec<f64>,
        terms: Vec<f64>,
    ) -> Result<Self, Error> {
        check_length("the list of weights", weights.len(), library.len())?;
        if let Some(term) = weights.iter().position(|w| !w.is_finite()) {
            return Err(Error::NotFinite {
                what: format!("the weight of {}", library[term]),
                found: weights[term],
            });
        }
        Ok(Self {
            states,
            library,
            weights,
            shift,
            scalar,
            terms,
        })
    }

    /// The states, with the true accelerations.
    pub fn states(&self) -> &Dataset {
        &self.states
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.states.dof()
    }

    /// The terms' names and order.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// w, `[T]`, zero for the terms that are off.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The terms that have a weight other than 0, ascending.
    pub fn active(&self) -> Vec<usize> {
        let on = |term: &usize| self.weights[*term] != 0.0;
        (0..self.weights.len()).filter(on).collect()
    }

    /// The shift b.
    pub fn shift(&self) -> f64 {
        self.shift
    }

    /// S at each state, `[B]`.
    pub fn scalar(&self) -> &[f64] {
        &self.scalar
    }

    /// The values of all terms, with those that are off, `[T, B·d]`, row-major.
    pub fn terms(&self) -> &[f64] {
        &self.terms
    }

    /// Number of rows, B·d: row b·d + k is component k at state b.
    pub fn rows(&self) -> usize {
        self.states.len() * self.dof()
    }

    /// The values of term `index` at every row, `[B·d]`.
    ///
    /// # Panics
    ///
    /// If there is no such term.
    pub fn column(&self, index: usize) -> &[f64] {
        assert!(index < self.library.len(), "there is no term {index}");
        &self.terms[index * self.rows()..(index + 1) * self.rows()]
    }

    /// The values of the term of this name, `[B·d]`.
    ///
    /// # Errors
    ///
    /// As [`Library::find`].
    pub fn term(&self, name: &str) -> Result<&[f64], Error> {
        Ok(self.column(self.library.find(name)?))
    }

    /// The predicted ẏ = Σ_i w_i t_i, `[B·d]`.
    pub fn prediction(&self) -> Vec<f64> {
        let mut sum = vec![0.0; self.rows()];
        for term in self.active() {
            let weight = self.weights[term];
            for (sum, value) in sum.iter_mut().zip(self.column(term)) {
                *sum += weight * value;
            }
        }
        sum
    }

    /// √E|prediction − ẏ|², E over states; not finite if a prediction is not.
    pub fn rmse(&self) -> f64 {
        let truth = self.states.acceleration();
        let errors = self
            .prediction()
            .into_iter()
            .zip(truth)
            .map(|(p, y)| (p - y).powi(2));
        (errors.sum::<f64>() / self.states.len() as f64).sqrt()
    }

    /// The states at which S and every activation are finite, ascending. Next to a pole they are
    /// finite and large: [`Reading::regular_states`] leaves those out too.
    pub fn finite_states(&self) -> Vec<usize> {
        let mut finite: Vec<bool> = self.scalar.iter().map(|s| s.is_finite()).collect();
        for term in self.active() {
            let weight = self.weights[term];
            let states = self.column(term).chunks_exact(self.dof());
            for (finite, values) in finite.iter_mut().zip(states) {
                *finite &= values.iter().all(|value| (weight * value).is_finite());
            }
        }
        (0..finite.len()).filter(|state| finite[*state]).collect()
    }

    /// The reading at some of its states, in the order given.
    ///
    /// # Errors
    ///
    /// An error without states, or for one that is not there.
    pub fn select(&self, states: &[usize]) -> Result<Self, Error> {
        let kept = self.states.select(states)?;
        let d = self.dof();
        let mut terms = Vec::with_capacity(self.library.len() * states.len() * d);
        for column in self.terms.chunks_exact(self.rows()) {
            for state in states {
                terms.extend_from_slice(&column[state * d..(state + 1) * d]);
            }
        }
        Ok(Self {
            terms,
            scalar: states.iter().map(|b| self.scalar[*b]).collect(),
            states: Arc::new(kept),
            library: self.library.clone(),
            weights: self.weights.clone(),
            shift: self.shift,
        })
    }

    /// The states that are not on a pole, ascending: where S and every activation are finite, and
    /// ‖prediction − ẏ‖ is at most 1, or three standard deviations of ẏ where that is more.
    pub fn regular_states(&self) -> Vec<usize> {
        let d = self.dof();
        let truth = self.states.acceleration();
        let count = self.states.len() as f64;
        let mean = |k: usize| truth.iter().skip(k).step_by(d).sum::<f64>() / count;
        let means: Vec<f64> = (0..d).map(mean).collect();
        let squares = truth.iter().enumerate();
        let squares = squares.map(|(row, y)| (y - means[row % d]).powi(2));
        let deviation = (squares.sum::<f64>() / count).sqrt();
        let most = POLE.max(POLE_DEVIATIONS * deviation);
        let prediction = self.prediction();
        let error = |state: usize| -> f64 {
            let rows = state * d..(state + 1) * d;
            let pairs = prediction[rows.clone()].iter().zip(&truth[rows]);
            pairs.map(|(p, y)| (p - y).powi(2)).sum()
        };
        let mut states = self.finite_states();
        states.retain(|state| error(*state) <= most * most);
        states
    }

    /// The reading without the states on a pole, which is what is to be judged of a scientist among
    /// others: a single state on a pole outweighs all others in a variance or a mean.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if more than a tenth of the states are on poles.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::{Reading, evaluation_states};
    /// use mass_systems::{Quantity, System, systems::Classical};
    /// use mass_terms::Library;
    ///
    /// // −x and 1e-4 / x: a pole at x = 0.
    /// let states = evaluation_states(&Classical, 400, 0)?;
    /// let library = Library::standard();
    /// let mut weights = vec![0.0; 172];
    /// weights[library.find("Sx")?] = -1.0;
    /// let law = Classical.lagrangian().unwrap();
    /// let reading = Reading::of_scalar(&states, &library, &weights, 0.0, |x, y| {
    ///     let mut s = law.derivatives(Quantity::Potential, x, y)?;
    ///     s.s_x[0] += 1e-4 / (x[0] * x[0]);
    ///     Some(s)
    /// })?;
    /// assert_eq!(reading.finite_states().len(), 400);
    /// let regular = reading.regular()?;
    /// assert!(regular.states().len() < 400 && regular.rmse() < reading.rmse());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn regular(&self) -> Result<Self, Error> {
        let kept = self.regular_states();
        if !enough(kept.len(), self.states.len()) {
            return Err(Error::Request(format!(
                "{} of the {} states are on poles, more than a tenth: the reading says nothing of the law",
                self.states.len() - kept.len(),
                self.states.len()
            )));
        }
        self.select(&kept)
    }

    /// The reading without the states where something is not finite.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if no state is left.
    pub fn finite(&self) -> Result<Self, Error> {
        let kept = self.finite_states();
        if kept.is_empty() {
            return Err(Error::Request(format!(
                "at every one of the {} states some activation is not finite",
                self.states.len()
            )));
        }
        self.select(&kept)
    }
}

impl Reading {
    /// Whether the other is of the same states.
    pub(crate) fn has_states_of(&self, other: &Reading) -> bool {
        Arc::ptr_eq(&self.states, &other.states) || self.states == other.states
    }

    /// Whether the other has the same terms.
    pub(crate) fn has_library_of(&self, other: &Reading) -> bool {
        Arc::ptr_eq(&self.library, &other.library) || self.library == other.library
    }
}

/// Whether few enough states are on poles.
pub(crate) fn enough(regular: usize, given: usize) -> bool {
    regular > 0 && regular as f64 >= (1.0 - MOST_ON_POLES) * given as f64
}

/// Refuses readings of other states than the first one's.
pub(crate) fn same_states(readings: &[Reading]) -> Result<(), Error> {
    let Some((first, others)) = readings.split_first() else {
        return Err(none("the list of readings"));
    };
    match others.iter().position(|r| !r.has_states_of(first)) {
        None => Ok(()),
        Some(other) => Err(Error::Request(format!(
            "reading {} is of other states than reading 0: compare scientists of one system at the same states",
            other + 1
        ))),
    }
}

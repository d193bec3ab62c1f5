//! What one scientist says of one system at a batch of states.

use mass_core::MassModel;
use mass_systems::{AnyLagrangian, Dataset, Quantity, ScalarDerivatives};
use mass_terms::{Derivatives, Library, Point, evaluate, evaluate_point};

use crate::{
    ActivationMatrix, Error, PotentialReading, Theory,
    error::{check_length, none},
    host::{self, CHUNK},
    member,
};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    states: Dataset,
    library: Library,
    weights: Vec<f64>,
    shift: f64,
    scalar: Vec<f64>,
    terms: Vec<f64>,
}

impl Reading {
    /// The reading of scientist `member` of a model for system `system` at these states.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a scientist or system, [`Error::Length`] if the states have not
    /// the system's d.
    pub fn of(
        model: &MassModel,
        member: usize,
        system: usize,
        states: &Dataset,
    ) -> Result<Self, Error> {
        let one = member::member(model, member)?;
        let dof = host::dof(&one, system)?;
        check_length("a position of the states", states.dof(), dof)?;
        let set = one.terms();
        let (mut scalar, mut terms) = (Vec::new(), Vec::new());
        for from in (0..states.len()).step_by(CHUNK) {
            let rows = host::rows(states, from, states.len().min(from + CHUNK));
            let batch = host::states(&one, rows, 2 * dof);
            let jet = one.jet(system, batch.clone())?;
            let derivatives = Derivatives::from_jet(&batch, &jet)?;
            scalar.extend(host::values(jet.value()));
            let values = evaluate(&set.library, &derivatives, one.shift(system))?;
            // [1, B, T, d] to [1, B, d, T].
            terms.extend(host::values(values.swap_dims(2, 3)));
        }
        let weights = host::values(one.final_weights());
        let on = set.mask.iter().zip(weights);
        Self::new(
            states.clone(),
            set.library.clone(),
            on.map(|(on, w)| if on { w } else { 0.0 }).collect(),
            host::values(one.shift(system))[0],
            scalar,
            terms,
        )
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
        let dof = states.dof();
        let mut values = Vec::with_capacity(states.len());
        let mut terms = Vec::with_capacity(states.len() * dof * library.len());
        for state in states.iter() {
            let Some(s) = scalar(state.x, state.y) else {
                values.push(f64::NAN);
                terms.extend(std::iter::repeat_n(f64::NAN, dof * library.len()));
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
            terms.extend((0..dof).flat_map(|k| by_term.iter().map(move |term| term[k])));
        }
        Self::new(
            states.clone(),
            library.clone(),
            weights.to_vec(),
            shift,
            values,
            terms,
        )
    }

    /// The exact Lagrangian theory of a law: S = L, b = 0, +1 on S_yy⁻¹S_x and −1 on S_yy⁻¹S_xy y.
    ///
    /// # Errors
    ///
    /// As [`Reading::of_scalar`].
    pub fn exact_lagrangian(law: &dyn AnyLagrangian, states: &Dataset) -> Result<Self, Error> {
        Self::exact(states, Theory::Lagrangian, |x, y| {
            law.derivatives(Quantity::Lagrangian, x, y)
        })
    }

    /// The Hamiltonian theory of a law: S = H = T + V, −1 on S_x.
    ///
    /// It predicts the law's ẏ only where −∂H/∂x does; for the relativistic oscillator that is with
    /// the printed V, for α and β with neither.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the law gives no T or no V, else as [`Reading::of_scalar`].
    pub fn exact_hamiltonian(
        law: &dyn AnyLagrangian,
        potential: PotentialReading,
        states: &Dataset,
    ) -> Result<Self, Error> {
        let first = states.state(0);
        if potential.hamiltonian(law, first.x, first.y).is_none() {
            return Err(no_energies(states.id()));
        }
        Self::exact(states, Theory::Hamiltonian, |x, y| {
            potential.hamiltonian(law, x, y)
        })
    }

    fn exact(
        states: &Dataset,
        theory: Theory,
        scalar: impl Fn(&[f64], &[f64]) -> Option<ScalarDerivatives>,
    ) -> Result<Self, Error> {
        let library = Library::standard();
        let weights = theory.weights(&library)?;
        Self::of_scalar(states, &library, &weights, 0.0, scalar)
    }

    fn new(
        states: Dataset,
        library: Library,
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

    /// The values of all terms, with those that are off, `[B·d, T]`, row-major.
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
    pub fn column(&self, index: usize) -> Vec<f64> {
        assert!(index < self.library.len(), "there is no term {index}");
        let rows = self.terms.chunks_exact(self.library.len());
        rows.map(|row| row[index]).collect()
    }

    /// The values of the term of this name, `[B·d]`.
    ///
    /// # Errors
    ///
    /// As [`Library::find`].
    pub fn term(&self, name: &str) -> Result<Vec<f64>, Error> {
        Ok(self.column(self.library.find(name)?))
    }

    /// The predicted ẏ = Σ_i w_i t_i, `[B·d]`.
    pub fn prediction(&self) -> Vec<f64> {
        let active = self.active();
        let sum = |row: &[f64]| active.iter().map(|i| self.weights[*i] * row[*i]).sum();
        self.terms
            .chunks_exact(self.library.len())
            .map(sum)
            .collect()
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

    /// The activations a_i = w_i t_i; exactly 0 for a term that is off.
    pub fn activations(&self) -> ActivationMatrix {
        let value = |(w, t): (&f64, &f64)| if *w == 0.0 { 0.0 } else { w * t };
        let rows = self.terms.chunks_exact(self.library.len());
        let values = rows.flat_map(|row| self.weights.iter().zip(row).map(value));
        ActivationMatrix::new(self.library.clone(), self.dof(), values.collect())
            .expect("a reading has T values for each row")
    }

    /// The states at which S and every activation are finite, ascending. Next to a pole they are
    /// finite and large: [`Reading::regular_states`] leaves those out too.
    pub fn finite_states(&self) -> Vec<usize> {
        let active = self.active();
        let state = self.dof() * self.library.len();
        let finite = |(b, rows): (usize, &[f64])| {
            let mut rows = rows.chunks_exact(self.library.len());
            let all = rows.all(|row| {
                active
                    .iter()
                    .all(|i| (self.weights[*i] * row[*i]).is_finite())
            });
            (all && self.scalar[b].is_finite()).then_some(b)
        };
        let states = self.terms.chunks_exact(state).enumerate();
        states.filter_map(finite).collect()
    }

    /// The reading at some of its states, in the order given.
    ///
    /// # Errors
    ///
    /// An error without states, or for one that is not there.
    pub fn select(&self, states: &[usize]) -> Result<Self, Error> {
        let kept = self.states.select(states)?;
        let row = self.dof() * self.library.len();
        let terms = states
            .iter()
            .flat_map(|b| &self.terms[b * row..(b + 1) * row]);
        Ok(Self {
            terms: terms.copied().collect(),
            scalar: states.iter().map(|b| self.scalar[*b]).collect(),
            states: kept,
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

/// Whether few enough states are on poles.
pub(crate) fn enough(regular: usize, given: usize) -> bool {
    regular > 0 && regular as f64 >= (1.0 - MOST_ON_POLES) * given as f64
}

/// A law without T or V where both are needed.
pub(crate) fn no_energies(id: &str) -> Error {
    Error::Request(format!(
        "the law of {id} gives no kinetic and potential energy, which this needs: implement `kinetic` and `potential` of its `Lagrangian`"
    ))
}

/// Refuses readings of other states than the first one's.
pub(crate) fn same_states(readings: &[Reading]) -> Result<(), Error> {
    let Some((first, others)) = readings.split_first() else {
        return Err(none("the list of readings"));
    };
    match others.iter().position(|r| r.states != first.states) {
        None => Ok(()),
        Some(other) => Err(Error::Request(format!(
            "reading {} is of other states than reading 0: compare scientists of one system at the same states",
            other + 1
        ))),
    }
}

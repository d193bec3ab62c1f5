//! What each term contributes at each state.

use mass_core::MassModel;
use mass_systems::Dataset;
use mass_terms::{Library, Notation};

use super::{
    correlation::Correlation,
    grouping::Grouping,
    significance::{Significant, significant},
};
use crate::{
    error::{Error, check_index},
    readout::Reading,
};

/// The activations a_i = w_i t_i of one scientist on one system: a row per state and component, a
/// column per term, or per group of terms.
///
/// Row b·d + k is component k of ẏ at state b, for w multiplies every component alike: a term's d
/// components are d observations of one thing.
///
/// # Example
///
/// ```
/// use mass_core::{MassModel, Recipe, SystemShape};
/// use mass_interp::{ActivationMatrix, Counting, Grouping, evaluation_states};
/// use mass_jet::DeviceKind;
/// use mass_terms::Notation;
///
/// let device = DeviceKind::Flex.open()?;
/// let systems = [SystemShape { id: "classical".into(), dof: 1 }];
/// let model = MassModel::init(&Recipe::reference(), &systems, &[0], &device)?;
///
/// let states = evaluation_states(&*mass_systems::lookup("classical")?, 64, 0)?;
/// let listed = ActivationMatrix::of(&model, 0, 0, &states)?;
/// assert_eq!((listed.rows(), listed.columns()), (64, 172));
/// let largest = listed.significant(0.99)?.indices[0];
/// println!("{}", listed.names(Notation::Unicode)[largest]);
///
/// let merged = listed.grouped(&Grouping::of(Counting::Merged, listed.library(), 1))?;
/// assert_eq!(merged.columns(), 112);
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ActivationMatrix {
    library: Library,
    grouping: Grouping,
    dof: usize,
    values: Vec<f64>,
}

impl ActivationMatrix {
    /// The activations of scientist `member` of a model for system `system` at these states.
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
        Ok(Reading::of(model, member, system, states)?.activations())
    }

    /// A matrix of these activations `[B·d, T]`, row-major.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] unless there are T values for each of the d components of at least one
    /// state.
    pub fn new(library: Library, dof: usize, values: Vec<f64>) -> Result<Self, Error> {
        let row = dof * library.len();
        if dof == 0 || values.is_empty() || !values.len().is_multiple_of(row) {
            return Err(Error::Length {
                what: "the list of activations".to_string(),
                found: values.len(),
                expected: format!("B · {dof} · {} with d and B at least 1", library.len()),
            });
        }
        Ok(Self {
            grouping: Grouping::listed(library.len()),
            library,
            dof,
            values,
        })
    }

    /// Number of rows, B·d.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns()
    }

    /// Number of columns: T, or the number of groups.
    pub fn columns(&self) -> usize {
        self.grouping.len()
    }

    /// Number of states, B.
    pub fn states(&self) -> usize {
        self.rows() / self.dof
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// The terms.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Which terms each column is the sum of.
    pub fn grouping(&self) -> &Grouping {
        &self.grouping
    }

    /// All values, row-major, `[B·d, columns]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values of a row, `[columns]`.
    ///
    /// # Panics
    ///
    /// If there is no such row, as indexing a slice does.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns()..(row + 1) * self.columns()]
    }

    /// The values of a column, `[B·d]`.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    pub fn column(&self, column: usize) -> Vec<f64> {
        assert!(column < self.columns(), "there is no column {column}");
        self.rows_iter().map(|row| row[column]).collect()
    }

    /// The name of each column: of a group, that of its first term.
    pub fn names(&self, notation: Notation) -> Vec<String> {
        self.grouping.names(&self.library, notation)
    }

    /// Σ_i a_i of each row, `[B·d]`: the predicted ẏ.
    pub fn prediction(&self) -> Vec<f64> {
        self.rows_iter().map(|row| row.iter().sum()).collect()
    }

    /// E|a_i| of each column, the mean over states and components (Fu et al. 2025, Section IV).
    ///
    /// A sum over the d components would be d times that for every term, which changes neither an
    /// order nor a share. It is not finite where an activation is not; see
    /// [`ActivationMatrix::finite`].
    pub fn mean_abs(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns()];
        for row in self.rows_iter() {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += value.abs();
            }
        }
        let rows = self.rows() as f64;
        sums.into_iter().map(|sum| sum / rows).collect()
    }

    /// The fewest columns whose mean |a| reach `fraction` of the sum of all.
    ///
    /// # Errors
    ///
    /// As [`significant()`]; [`Error::Size`] where an activation is not finite.
    pub fn significant(&self, fraction: f64) -> Result<Significant, Error> {
        significant(&self.mean_abs(), fraction)
    }

    /// Pearson correlations of some columns, in the order given.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for a column that is not there, else as [`Correlation::of`].
    pub fn correlation(&self, columns: &[usize]) -> Result<Correlation, Error> {
        for column in columns {
            check_index("column", *column, self.columns())?;
        }
        let columns: Vec<Vec<f64>> = columns.iter().map(|column| self.column(*column)).collect();
        Correlation::of(&columns)
    }

    /// The matrix with a column per group: the signed activations of a group are summed, for they
    /// are one function, before anything else is made of them.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the columns are groups already, [`Error::Length`] if the grouping is of
    /// another library.
    pub fn grouped(&self, grouping: &Grouping) -> Result<Self, Error> {
        if self.grouping != Grouping::listed(self.library.len()) {
            return Err(Error::Request(
                "the columns are groups of terms already: group the activations of single terms"
                    .to_string(),
            ));
        }
        let mut values = Vec::with_capacity(self.rows() * grouping.len());
        for row in self.rows_iter() {
            values.extend(grouping.sum(row)?);
        }
        Ok(Self {
            grouping: grouping.clone(),
            values,
            ..self.clone()
        })
    }

    /// The matrix without the states at which some activation is not finite: those on a pole of an
    /// inverse. How many they were is the difference of [`ActivationMatrix::states`].
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if no state is left.
    pub fn finite(&self) -> Result<Self, Error> {
        let state = self.dof * self.columns();
        let kept = self.values.chunks_exact(state);
        let values: Vec<f64> = kept
            .filter(|values| values.iter().all(|value| value.is_finite()))
            .flatten()
            .copied()
            .collect();
        if values.is_empty() {
            return Err(Error::Request(format!(
                "at every one of the {} states some activation is not finite",
                self.states()
            )));
        }
        Ok(Self {
            values,
            ..self.clone()
        })
    }

    fn rows_iter(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns())
    }
}

impl Reading {
    /// The activations a_i = w_i t_i; exactly 0 for a term that is off.
    pub fn activations(&self) -> ActivationMatrix {
        let (rows, terms) = (self.rows(), self.library().len());
        let mut values = vec![0.0; rows * terms];
        for term in self.active() {
            let weight = self.weights()[term];
            for (row, value) in self.column(term).iter().enumerate() {
                values[row * terms + term] = weight * value;
            }
        }
        ActivationMatrix::new(self.library().clone(), self.dof(), values)
            .expect("a reading has T values for each row")
    }
}

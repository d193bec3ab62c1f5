//! Principal components of a scientist's activations, and of many scientists side by side.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{activations::ActivationMatrix, correlation::Correlation};
use crate::{
    error::{Error, check_index},
    least_squares::symmetric_eigen,
    readout::{Reading, enough, same_states},
};

/// The sign of a principal component, which the variance does not fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ComponentSign {
    /// The loading of largest size is positive: scikit-learn's convention since 1.5.
    ///
    /// The reading taken for Figure 9. The component then points the way of the scientist's
    /// dominant activation, so that its correlation with the others' is −1 where that activation
    /// works against the law and the smaller ones correct it: the paper's parity flips, "only
    /// rarely learnt". Of which version the paper's numbers are is not said.
    #[default]
    Loading,
    /// The score of largest size is positive: scikit-learn's convention before 1.5. The state that
    /// decides is nearly the same for all scientists, so that flips are hidden where it is the same,
    /// and where two opposite states are nearly as large they are chance.
    Score,
    /// Scores correlate positively with Σ_i a_i, the predicted ẏ. No scientist is flipped.
    Prediction,
}

/// The principal components of activations: the eigenvectors of the covariance of their columns
/// (Fu et al. 2025, Section V.3).
///
/// Columns are centred and not scaled: an activation counts by how much it moves the prediction.
///
/// # Example
///
/// ```
/// use mass_interp::{ActivationMatrix, ComponentSign, PrincipalComponents};
/// use mass_terms::Library;
///
/// // Two terms at four states: a₂ = −2 a₁.
/// let terms = ["x", "Sx"].map(|name| name.parse().unwrap());
/// let values = vec![1.0, -2.0, -1.0, 2.0, 2.0, -4.0, 0.0, 0.0];
/// let activations = ActivationMatrix::new(Library::from_terms(terms)?, 1, values)?;
/// let components = PrincipalComponents::of(&activations, ComponentSign::Loading)?;
/// assert!((components.explained() - 1.0).abs() < 1e-12);
/// let loadings = components.loadings(0);
/// assert!((loadings[0] / loadings[1] + 0.5).abs() < 1e-12 && loadings[1] > 0.0);
/// assert!((components.scores(0)[0] + 0.5 * 5f64.sqrt()).abs() < 1e-12); // mean 0.5, −1
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalComponents {
    variances: Vec<f64>,
    ratios: Vec<f64>,
    loadings: Vec<Vec<f64>>,
    scores: DMatrix<f64>,
}

impl PrincipalComponents {
    /// The min(B·d, T) components of a scientist's activations.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if fewer than two rows are given or no activation varies,
    /// [`Error::NotFinite`] where an activation is not finite (see [`ActivationMatrix::finite`]).
    pub fn of(activations: &ActivationMatrix, sign: ComponentSign) -> Result<Self, Error> {
        let (rows, columns) = (activations.rows(), activations.columns());
        let mut data = DMatrix::from_row_iterator(
            rows,
            columns,
            (0..rows).flat_map(|row| activations.row(row).iter().copied()),
        );
        if let Some(value) = data.iter().find(|value| !value.is_finite()) {
            return Err(Error::NotFinite {
                what: "an activation".to_string(),
                found: *value,
            });
        }
        if rows < 2 {
            return Err(Error::Request(
                "one row has no variance: give at least two states".to_string(),
            ));
        }
        for mut column in data.column_iter_mut() {
            column.add_scalar_mut(-column.mean());
        }
        // Terms that are off would only make the eigenvalue problem larger.
        let varying: Vec<usize> = (0..columns)
            .filter(|c| data.column(*c).amax() > 0.0)
            .collect();
        if varying.is_empty() {
            return Err(Error::Request(
                "no activation varies over these states: there is no component".to_string(),
            ));
        }
        let moving = data.select_columns(&varying);
        let (mut variances, vectors) =
            symmetric_eigen(moving.tr_mul(&moving) / (rows as f64 - 1.0))?;
        variances.resize(rows.min(columns), 0.0);
        let total: f64 = variances.iter().sum();
        if !(total > 0.0 && total.is_finite()) {
            return Err(Error::Request(format!(
                "the variance of the activations is {total}: it must be positive and finite"
            )));
        }
        let prediction = DVector::from_vec(activations.prediction());
        let kept = vectors.ncols().min(variances.len());
        let mut scores = &moving * vectors.columns(0, kept);
        let mut loadings = Vec::with_capacity(kept);
        for k in 0..kept {
            let factor = sign.factor(vectors.column(k).as_slice(), &scores, k, &prediction);
            scores.column_mut(k).scale_mut(factor);
            let mut loading = vec![0.0; columns];
            for (column, value) in varying.iter().zip(vectors.column(k).iter()) {
                loading[*column] = factor * value;
            }
            loadings.push(loading);
        }
        Ok(Self {
            ratios: variances.iter().map(|variance| variance / total).collect(),
            variances,
            loadings,
            scores,
        })
    }

    /// The variance along each component, falling, `[min(B·d, T)]`.
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// The share of the whole variance along each component, falling.
    pub fn ratios(&self) -> &[f64] {
        &self.ratios
    }

    /// The share of the first component.
    pub fn explained(&self) -> f64 {
        self.ratios[0]
    }

    /// Number of components with a direction; those beyond have no variance.
    pub fn count(&self) -> usize {
        self.loadings.len()
    }

    /// The direction of component `k` in the space of terms, `[T]`, of length 1.
    ///
    /// # Panics
    ///
    /// If there is no such component.
    pub fn loadings(&self, k: usize) -> &[f64] {
        &self.loadings[k]
    }

    /// The centred activations along component `k`, `[B·d]`.
    ///
    /// # Panics
    ///
    /// If there is no such component.
    pub fn scores(&self, k: usize) -> Vec<f64> {
        self.scores.column(k).iter().copied().collect()
    }
}

impl ComponentSign {
    fn factor(
        self,
        loadings: &[f64],
        scores: &DMatrix<f64>,
        k: usize,
        prediction: &DVector<f64>,
    ) -> f64 {
        let largest = |values: &mut dyn Iterator<Item = f64>| {
            // Of equal ones the first, as numpy's argmax.
            values.fold(0.0_f64, |max, v| if v.abs() > max.abs() { v } else { max })
        };
        let decides = match self {
            ComponentSign::Loading => largest(&mut loadings.iter().copied()),
            ComponentSign::Score => largest(&mut scores.column(k).iter().copied()),
            // Scores are centred, so this is the sign of the covariance.
            ComponentSign::Prediction => scores.column(k).dot(prediction),
        };
        if decides < 0.0 { -1.0 } else { 1.0 }
    }
}

/// The first components of several scientists on one system, at the states where none of them is on
/// a pole (Fu et al. 2025, Figure 9 and Appendix B).
///
/// # Example
///
/// ```
/// use mass_interp::{ComponentSign, FirstComponents, Reading, evaluation_states};
/// use mass_systems::{System, systems::Classical};
///
/// let states = evaluation_states(&Classical, 64, 0)?;
/// let law = Classical.lagrangian().unwrap();
/// let lagrangian = Reading::exact_lagrangian(law, &states)?;
/// let hamiltonian = Reading::exact_hamiltonian(law, Default::default(), &states)?;
/// let both = FirstComponents::of(&[lagrangian, hamiltonian], ComponentSign::Loading)?;
/// // Two different theories of one law: the first component measures the law.
/// assert!((both.correlation.get(0, 1) - 1.0).abs() < 1e-12);
/// assert!((both.with_truth[0] - 1.0).abs() < 1e-12);
/// assert_eq!(both.share_above(0.8), 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FirstComponents {
    /// The readings that could be taken, by index, ascending; the lists below follow them.
    pub members: Vec<usize>,
    /// The others: with more than a tenth of the states on poles ([`Reading::regular`]), or without
    /// any variance. Where all poles together would leave less than half of the states, also those
    /// with most poles, until half are left.
    pub failed: Vec<usize>,
    /// How many states all members have in common, of those given.
    pub states: usize,
    /// The share of the variance along each member's first component.
    pub ratios: Vec<f64>,
    /// The first component of each member, `[members][states · d]`.
    pub scores: Vec<Vec<f64>>,
    /// Their correlations, `[members, members]`.
    pub correlation: Correlation,
    /// The correlation of each with the true ẏ.
    pub with_truth: Vec<f64>,
}

impl FirstComponents {
    /// Reads the first component of each reading; all must be of the same states.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if they are not of the same states, [`Error::Length`] without readings,
    /// else as [`Correlation::of`].
    pub fn of(readings: &[Reading], sign: ComponentSign) -> Result<Self, Error> {
        same_states(readings)?;
        let given = readings[0].states().len();
        let regular: Vec<Vec<usize>> = readings.iter().map(Reading::regular_states).collect();
        let mut candidates: Vec<usize> = (0..readings.len())
            .filter(|index| enough(regular[*index].len(), given))
            .collect();
        let in_common = |candidates: &[usize]| -> Vec<usize> {
            let mut counts = vec![0_usize; given];
            for state in candidates.iter().flat_map(|index| &regular[*index]) {
                counts[*state] += 1;
            }
            (0..given)
                .filter(|state| counts[*state] == candidates.len())
                .collect()
        };
        let mut common = in_common(&candidates);
        while 2 * common.len() < given {
            let worst = (0..candidates.len()).min_by_key(|i| regular[candidates[*i]].len());
            candidates.remove(worst.expect("without candidates all states are common"));
            common = in_common(&candidates);
        }
        let (mut members, mut ratios, mut scores) = (Vec::new(), Vec::new(), Vec::new());
        for index in candidates {
            let activations = readings[index].select(&common)?.activations();
            match PrincipalComponents::of(&activations, sign) {
                Ok(components) => {
                    members.push(index);
                    ratios.push(components.explained());
                    scores.push(components.scores(0));
                }
                // Without any variance there is no component.
                Err(Error::Request(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let truth = readings[0].states().select(&common)?;
        let mut columns = scores.clone();
        columns.push(truth.acceleration().to_vec());
        let all = Correlation::of(&columns)?;
        let order: Vec<usize> = (0..members.len()).collect();
        Ok(Self {
            with_truth: order.iter().map(|i| all.get(*i, members.len())).collect(),
            correlation: all.ordered(&order)?,
            failed: (0..readings.len())
                .filter(|index| !members.contains(index))
                .collect(),
            states: if members.is_empty() { 0 } else { common.len() },
            members,
            ratios,
            scores,
        })
    }

    /// The share of all scientists, those that failed among them, whose first component explains
    /// more than this share of the variance (Fu et al. 2025, Figure 9, with 0.8).
    pub fn share_above(&self, share: f64) -> f64 {
        let above = self.ratios.iter().filter(|ratio| **ratio > share).count();
        above as f64 / (self.members.len() + self.failed.len()) as f64
    }

    /// The correlations between different members, each pair once.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] if `of` is given and is not the place of a member.
    pub fn pairs(&self, of: Option<usize>) -> Result<Vec<f64>, Error> {
        let count = self.members.len();
        if let Some(one) = of {
            check_index("member", one, count)?;
            let others = (0..count).filter(|j| *j != one);
            return Ok(others.map(|j| self.correlation.get(one, j)).collect());
        }
        let pairs = (0..count).flat_map(|i| (i + 1..count).map(move |j| (i, j)));
        Ok(pairs.map(|(i, j)| self.correlation.get(i, j)).collect())
    }
}

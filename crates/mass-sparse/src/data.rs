//! States along trajectories, as a formula is found from.

use std::collections::BTreeMap;

use mass_systems::Dataset;

use crate::Error;

/// States (x, y, ẏ), each `[N, d]`, with what is known about them: which trajectory each row is of, the
/// variance of its accelerations, and the forcing that acts.
///
/// Rows of a trajectory are in the order of time. Without trajectories, rows are taken as they come: as drawn
/// independently, and split in blocks of neighbouring rows where some are held out.
///
/// # Example
/// ```
/// use mass_sparse::MotionData;
/// use mass_systems::Dataset;
///
/// let states = Dataset::new("mine", 1, vec![0.0, 0.1], vec![1.0, 1.0], vec![0.0, -0.1])?;
/// let data = MotionData::new(states).with_trajectories(vec![7, 7])?.with_weights(vec![1.0, 0.5])?;
/// assert_eq!(data.states().len(), 2);
/// assert!(MotionData::new(data.states().clone()).with_trajectories(vec![7]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MotionData {
    states: Dataset,
    trajectories: Option<Vec<usize>>,
    weights: Option<Vec<f64>>,
    forcing: Option<Forcing>,
}

/// Inputs τ `[N, m]` that act on a motion, by a matrix G `[d, m]`: the generalised force is G τ.
#[derive(Clone, Debug, PartialEq)]
pub struct Forcing {
    inputs: usize,
    values: Vec<f64>,
    gains: Option<Vec<f64>>,
}

impl Forcing {
    /// Inputs τ `[N, m]`, row-major, whose gains are to be found.
    ///
    /// # Errors
    /// [`Error::Request`] if m is 0, does not divide the length, or a number is not finite.
    pub fn new(inputs: usize, values: Vec<f64>) -> Result<Self, Error> {
        if inputs == 0 || values.is_empty() || !values.len().is_multiple_of(inputs) {
            return Err(Error::Request(format!(
                "{} numbers are no table of {inputs} inputs: give m numbers for each row",
                values.len()
            )));
        }
        finite("the forcing", &values)?;
        Ok(Self {
            inputs,
            values,
            gains: None,
        })
    }

    /// With known gains G `[d, m]`, row-major: the Lagrangian then has the unit of G τ x, and no factor of it
    /// is free.
    ///
    /// # Errors
    /// [`Error::Request`] if the length is no multiple of m or a number is not finite.
    pub fn with_gains(mut self, gains: Vec<f64>) -> Result<Self, Error> {
        if gains.is_empty() || !gains.len().is_multiple_of(self.inputs) {
            return Err(Error::Request(format!(
                "{} gains do not do for {} inputs: give a matrix [d, m]",
                gains.len(),
                self.inputs
            )));
        }
        finite("the gains", &gains)?;
        self.gains = Some(gains);
        Ok(self)
    }

    /// Inputs, m.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// τ `[N, m]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// G `[d, m]`, where it is known.
    pub fn gains(&self) -> Option<&[f64]> {
        self.gains.as_deref()
    }
}

impl MotionData {
    /// These states, in one piece.
    pub fn new(states: Dataset) -> Self {
        Self {
            states,
            trajectories: None,
            weights: None,
            forcing: None,
        }
    }

    /// With the trajectory that each row is of, `[N]`: any numbers, the same for rows of the same one.
    ///
    /// # Errors
    /// [`Error::Request`] if there is not one for each row.
    pub fn with_trajectories(mut self, trajectories: Vec<usize>) -> Result<Self, Error> {
        self.one_a_row("trajectory indices", trajectories.len())?;
        self.trajectories = Some(trajectories);
        Ok(self)
    }

    /// With weights `[N]`, 1/variance of each row's accelerations up to a common factor.
    ///
    /// # Errors
    /// [`Error::Request`] if there is not one for each row, or one is not finite and positive.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, Error> {
        self.one_a_row("weights", weights.len())?;
        if let Some(row) = weights.iter().position(|w| !(w.is_finite() && *w > 0.0)) {
            return Err(Error::Request(format!(
                "the weight of row {row} (counted from 0) is {}: a weight is 1/variance, finite and positive",
                weights[row]
            )));
        }
        self.weights = Some(weights);
        Ok(self)
    }

    /// With inputs that act.
    ///
    /// # Errors
    /// [`Error::Request`] if they are not of N rows, or known gains not of d rows.
    pub fn with_forcing(mut self, forcing: Forcing) -> Result<Self, Error> {
        self.one_a_row("rows of forcing", forcing.values.len() / forcing.inputs)?;
        let wanted = self.states.dof() * forcing.inputs;
        if let Some(gains) = forcing.gains.as_ref().filter(|g| g.len() != wanted) {
            return Err(Error::Request(format!(
                "{} gains were given, but a matrix [d, m] has {wanted} here",
                gains.len()
            )));
        }
        self.forcing = Some(forcing);
        Ok(self)
    }

    fn one_a_row(&self, what: &str, found: usize) -> Result<(), Error> {
        match found == self.states.len() {
            true => Ok(()),
            false => Err(Error::Request(format!(
                "there are {found} {what} for {} rows: give one for each",
                self.states.len()
            ))),
        }
    }

    /// The states.
    pub fn states(&self) -> &Dataset {
        &self.states
    }

    /// The trajectory of each row `[N]`, where it is known.
    pub fn trajectories(&self) -> Option<&[usize]> {
        self.trajectories.as_deref()
    }

    /// The weight of each row `[N]`, where given.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// What acts, if anything does.
    pub fn forcing(&self) -> Option<&Forcing> {
        self.forcing.as_ref()
    }

    /// Some of the rows, in this order.
    pub(crate) fn select(&self, rows: &[usize]) -> Result<Self, Error> {
        let pick = |values: &[f64], width: usize| -> Vec<f64> {
            let rows = rows
                .iter()
                .flat_map(|row| &values[row * width..(row + 1) * width]);
            rows.copied().collect()
        };
        Ok(Self {
            states: self.states.select(rows)?,
            trajectories: (self.trajectories.as_ref())
                .map(|of| rows.iter().map(|row| of[*row]).collect()),
            weights: self.weights.as_ref().map(|w| pick(w, 1)),
            forcing: self.forcing.as_ref().map(|f| Forcing {
                inputs: f.inputs,
                values: pick(&f.values, f.inputs),
                gains: f.gains.clone(),
            }),
        })
    }

    /// Groups that are held out or drawn together, `[N]`, counted from 0: trajectories where there are at
    /// least `least`, else pieces of neighbouring rows within them, about `blocks` in all.
    pub(crate) fn groups(&self, least: usize, blocks: usize) -> Vec<usize> {
        let count = self.states.len();
        let length = count.div_ceil(blocks).max(1);
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        let own: Vec<usize> = match &self.trajectories {
            None => vec![0; count],
            Some(of) => {
                let number = |one: &usize| {
                    let next = numbers.len();
                    *numbers.entry(*one).or_insert(next)
                };
                of.iter().map(number).collect()
            }
        };
        if numbers.len() >= least {
            return own;
        }
        let mut groups = Vec::with_capacity(count);
        let (mut group, mut begun) = (0, 0);
        for row in 0..count {
            if row > 0 && (own[row] != own[row - 1] || row - begun >= length) {
                group += 1;
                begun = row;
            }
            groups.push(group);
        }
        groups
    }
}

fn finite(what: &str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(at) => Err(Error::Request(format!(
            "number {at} (counted from 0) of {what} is {}: all must be finite",
            values[at]
        ))),
    }
}

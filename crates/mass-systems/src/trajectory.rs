//! States along time.

use crate::dataset::Dataset;
use crate::error::Error;
use crate::system::System;

/// The states (x, y) at M times, each `[M, d]`, row-major; the first and the last are included.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    pub(crate) dof: usize,
    pub(crate) t: Vec<f64>,
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) end: End,
}

/// How a trajectory ended.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum End {
    /// It reached its last time.
    Complete,
    /// The next state was not finite. The states up to there are kept: a learned law often fails
    /// somewhere, and what it did before is the result.
    NotFinite {
        /// The step that could not be taken, counted from 1.
        step: usize,
        /// The time of the last finite state.
        time: f64,
    },
}

impl Trajectory {
    pub(crate) fn start(x0: &[f64], y0: &[f64], t0: f64, states: usize) -> Self {
        let d = x0.len();
        let mut out = Self {
            dof: d,
            t: Vec::with_capacity(states),
            x: Vec::with_capacity(states * d),
            y: Vec::with_capacity(states * d),
            end: End::Complete,
        };
        out.push(t0, x0, y0);
        out
    }

    pub(crate) fn push(&mut self, t: f64, x: &[f64], y: &[f64]) {
        self.t.push(t);
        self.x.extend_from_slice(x);
        self.y.extend_from_slice(y);
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// The number of states, M, the first included.
    pub fn len(&self) -> usize {
        self.t.len()
    }

    /// Whether there are no states; never, for the first is always there.
    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }

    /// Times `[M]`.
    pub fn t(&self) -> &[f64] {
        &self.t
    }

    /// Positions `[M, d]`.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// Velocities `[M, d]`.
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// Time, position `[d]` and velocity `[d]` of the `i`-th state.
    ///
    /// # Panics
    /// If `i >= len()`, as indexing a slice does.
    pub fn state(&self, i: usize) -> (f64, &[f64], &[f64]) {
        let row = i * self.dof..(i + 1) * self.dof;
        (self.t[i], &self.x[row.clone()], &self.y[row])
    }

    /// All states in order: time, position `[d]`, velocity `[d]`.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (f64, &[f64], &[f64])> {
        (0..self.len()).map(|i| self.state(i))
    }

    /// How it ended.
    pub fn end(&self) -> End {
        self.end
    }

    /// The trajectory if it reached its last time.
    ///
    /// # Errors
    /// [`Error::NonFiniteTrajectory`], with the step and the time, if it did not.
    pub fn complete(self) -> Result<Self, Error> {
        match self.end {
            End::Complete => Ok(self),
            End::NotFinite { step, time } => Err(Error::NonFiniteTrajectory { step, time }),
        }
    }

    /// The system's energy at each state `[M]`, where it has a Lagrangian.
    pub fn energies(&self, system: &(impl System + ?Sized)) -> Option<Vec<f64>> {
        self.iter().map(|(_, x, y)| system.energy(x, y)).collect()
    }

    /// The change of the system's energy since the first state `[M]`, as a fraction of the first
    /// energy's size (of 1 if that is zero), where it has a Lagrangian.
    pub fn energy_drift(&self, system: &(impl System + ?Sized)) -> Option<Vec<f64>> {
        let mut energies = self.energies(system)?;
        let first = energies[0];
        let size = if first == 0.0 { 1.0 } else { first.abs() };
        for energy in &mut energies {
            *energy = (*energy - first) / size;
        }
        Some(energies)
    }

    /// The trajectory's states with the system's accelerations, as data to train on.
    ///
    /// # Errors
    /// [`Error::Shape`] if the system has another number of degrees of freedom, [`Error::NotFinite`] if
    /// an acceleration is not finite.
    pub fn to_dataset(&self, system: &(impl System + ?Sized)) -> Result<Dataset, Error> {
        check_dof("the trajectory", self.dof, system)?;
        let mut acceleration = vec![0.0; self.x.len()];
        for ((_, x, y), out) in self.iter().zip(acceleration.chunks_exact_mut(self.dof)) {
            system.acceleration(x, y, out);
        }
        Dataset::new(
            system.id(),
            self.dof,
            self.x.clone(),
            self.y.clone(),
            acceleration,
        )
    }
}

/// Refuses `found` coordinates where the system has others.
pub(crate) fn check_dof(
    what: &str,
    found: usize,
    system: &(impl System + ?Sized),
) -> Result<(), Error> {
    let expected = system.dof();
    if found == expected {
        return Ok(());
    }
    Err(Error::Shape {
        what: what.into(),
        expected,
        found,
        hint: format!(", the degrees of freedom of {}", system.id()),
    })
}

/// Refuses a first state that is empty, of unequal halves or not finite.
pub(crate) fn check_start(x0: &[f64], y0: &[f64]) -> Result<(), Error> {
    if x0.is_empty() {
        return Err(Error::Empty {
            what: "the first position".into(),
        });
    }
    if x0.len() != y0.len() {
        return Err(Error::Shape {
            what: "the first velocity".into(),
            expected: x0.len(),
            found: y0.len(),
            hint: ", as that of the first position".into(),
        });
    }
    if let Some(&value) = x0.iter().chain(y0).find(|v| !v.is_finite()) {
        return Err(Error::BadStep {
            what: "a value of the first state",
            value,
            expected: "all must be finite",
        });
    }
    Ok(())
}

//! One measured motion.

use std::collections::BTreeSet;

use crate::error::Error;

/// T rows of one motion, in order of time: `t [T]`, `q [T, d]`, and where they were measured the velocity and
/// the acceleration `[T, d]` and the forcing `[T, m]`, row-major. Times increase, steps need not be equal.
///
/// # Example
/// ```
/// use mass_data::Trajectory;
///
/// let t: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.1).collect();
/// let q: Vec<f64> = t.iter().map(|t| t.cos()).collect();
/// let trajectory = Trajectory::new("first", 1, t, q)?;
/// assert_eq!((trajectory.len(), trajectory.velocity()), (100, None));
/// # Ok::<(), mass_data::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    pub(crate) name: String,
    pub(crate) group: usize,
    pub(crate) dof: usize,
    pub(crate) t: Vec<f64>,
    pub(crate) q: Vec<f64>,
    pub(crate) velocity: Option<Vec<f64>>,
    pub(crate) acceleration: Option<Vec<f64>>,
    pub(crate) forcing: Option<Vec<f64>>,
    pub(crate) timed: bool,
}

impl Trajectory {
    /// A motion of d = `dof` positions.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if shapes do not fit, a number is not finite or times do not increase.
    pub fn new(
        name: impl Into<String>,
        dof: usize,
        t: Vec<f64>,
        q: Vec<f64>,
    ) -> Result<Self, Error> {
        let name = name.into();
        let refuse = |reason: String| Err(Error::BadRequest { reason });
        if dof == 0 || t.is_empty() {
            return refuse(format!(
                "trajectory {name} has {} rows of {dof} positions; at least one of each is needed",
                t.len()
            ));
        }
        if let Some(row) = t.windows(2).position(|pair| pair[1] <= pair[0]) {
            return refuse(format!(
                "the times of trajectory {name} do not increase after row {row}, counted from 0"
            ));
        }
        if t.iter().any(|t| !t.is_finite()) {
            return refuse(format!("a time of trajectory {name} is not finite"));
        }
        let trajectory = Self {
            name,
            group: 0,
            dof,
            t,
            q: Vec::new(),
            velocity: None,
            acceleration: None,
            forcing: None,
            timed: true,
        };
        trajectory.fits("positions", &q, dof)?;
        Ok(Self { q, ..trajectory })
    }

    fn fits(&self, what: &str, values: &[f64], width: usize) -> Result<(), Error> {
        let expected = self.len() * width;
        if values.len() != expected {
            return Err(Error::BadRequest {
                reason: format!(
                    "the {what} of trajectory {} are {} numbers; they must be {expected}, {width} in each of {} rows",
                    self.name,
                    values.len(),
                    self.len()
                ),
            });
        }
        match values.iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(at) => Err(Error::BadRequest {
                reason: format!(
                    "the {what} of trajectory {} are not finite in row {}, counted from 0",
                    self.name,
                    at / width
                ),
            }),
        }
    }

    /// The same with velocities `[T, d]`.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if the shape does not fit or a number is not finite.
    pub fn with_velocity(mut self, velocity: Vec<f64>) -> Result<Self, Error> {
        self.fits("velocities", &velocity, self.dof)?;
        self.velocity = Some(velocity);
        Ok(self)
    }

    /// The same with accelerations `[T, d]`.
    ///
    /// # Errors
    /// As [`Trajectory::with_velocity`].
    pub fn with_acceleration(mut self, acceleration: Vec<f64>) -> Result<Self, Error> {
        self.fits("accelerations", &acceleration, self.dof)?;
        self.acceleration = Some(acceleration);
        Ok(self)
    }

    /// The same with m forcings `[T, m]`.
    ///
    /// # Errors
    /// As [`Trajectory::with_velocity`].
    pub fn with_forcing(mut self, forcings: usize, forcing: Vec<f64>) -> Result<Self, Error> {
        if forcings == 0 {
            return Ok(self);
        }
        self.fits("forcings", &forcing, forcings)?;
        self.forcing = Some(forcing);
        Ok(self)
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which motion it is a piece of: pieces between gaps have one number, and are never told apart by a split.
    pub fn group(&self) -> usize {
        self.group
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// The number of rows, T.
    pub fn len(&self) -> usize {
        self.t.len()
    }

    /// Whether there are no rows; never, for such a trajectory cannot be made.
    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }

    /// Times `[T]`; 0, 1, 2, .. if rows are not timed.
    pub fn t(&self) -> &[f64] {
        &self.t
    }

    /// Positions `[T, d]`.
    pub fn q(&self) -> &[f64] {
        &self.q
    }

    /// Velocities `[T, d]`, if measured.
    pub fn velocity(&self) -> Option<&[f64]> {
        self.velocity.as_deref()
    }

    /// Accelerations `[T, d]`, if measured.
    pub fn acceleration(&self) -> Option<&[f64]> {
        self.acceleration.as_deref()
    }

    /// Forcing `[T, m]`, if measured.
    pub fn forcing(&self) -> Option<&[f64]> {
        self.forcing.as_deref()
    }

    /// The number of forcings, m.
    pub fn forcings(&self) -> usize {
        self.forcing
            .as_ref()
            .map_or(0, |forcing| forcing.len() / self.len())
    }

    /// Whether rows are timed. Otherwise they are states in any order, with velocity and acceleration.
    pub fn is_timed(&self) -> bool {
        self.timed
    }

    /// Leaves rows out.
    pub(crate) fn leave_out(&mut self, bad: &BTreeSet<usize>) {
        if bad.is_empty() {
            return;
        }
        let (d, m) = (self.dof, self.forcings());
        let retain = |values: &mut Vec<f64>, width: usize| {
            let mut at = 0;
            values.retain(|_| {
                at += 1;
                !bad.contains(&((at - 1) / width))
            });
        };
        retain(&mut self.t, 1);
        retain(&mut self.q, d);
        for values in [&mut self.velocity, &mut self.acceleration] {
            values.iter_mut().for_each(|values| retain(values, d));
        }
        self.forcing
            .iter_mut()
            .for_each(|values| retain(values, m.max(1)));
    }

    /// The rows `from..to` as a trajectory of the same group.
    pub(crate) fn piece(&self, from: usize, to: usize, name: String) -> Self {
        let (d, m) = (self.dof, self.forcings());
        let of = |values: &Option<Vec<f64>>, width: usize| {
            values
                .as_ref()
                .map(|values| values[from * width..to * width].to_vec())
        };
        Self {
            name,
            group: self.group,
            dof: d,
            t: self.t[from..to].to_vec(),
            q: self.q[from * d..to * d].to_vec(),
            velocity: of(&self.velocity, d),
            acceleration: of(&self.acceleration, d),
            forcing: of(&self.forcing, m),
            timed: self.timed,
        }
    }
}

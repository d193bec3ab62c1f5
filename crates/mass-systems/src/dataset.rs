//! States with their accelerations.

use crate::columns;
use crate::derivatives::ScalarDerivatives;
use crate::error::Error;
use crate::stream::permutation;
use rand_chacha::rand_core::Rng;

/// N states (x, y) with their accelerations ẏ, each `[N, d]`, row-major: drawn from a system, or read
/// from a file.
///
/// A dataset is given by its numbers alone and has no Lagrangian here; that of the system it was drawn
/// from, if any, is [`System::lagrangian`](crate::System::lagrangian). All its numbers are finite.
///
/// # Example
/// ```
/// use mass_systems::Dataset;
///
/// let data = Dataset::new("mine", 1, vec![0.0, 1.0], vec![1.0, 0.0], vec![0.0, -1.0])?;
/// assert_eq!(data.len(), 2);
/// assert_eq!(data.state(1).acceleration, [-1.0]);
/// # Ok::<(), mass_systems::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    id: String,
    dof: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    acceleration: Vec<f64>,
}

/// One state of a [`Dataset`], each field `[d]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State<'a> {
    /// Positions.
    pub x: &'a [f64],
    /// Velocities.
    pub y: &'a [f64],
    /// Accelerations ẏ.
    pub acceleration: &'a [f64],
}

impl Dataset {
    /// The dataset of these positions, velocities and accelerations, each `[N, d]`, row-major.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if `dof` is 0 or does not divide the length of `x`, [`Error::Empty`] if there
    /// are no states, [`Error::Shape`] if the lengths differ, [`Error::NotFinite`] if a number is not finite.
    pub fn new(
        id: impl Into<String>,
        dof: usize,
        x: Vec<f64>,
        y: Vec<f64>,
        acceleration: Vec<f64>,
    ) -> Result<Self, Error> {
        let id = id.into();
        if dof == 0 {
            return Err(Error::BadRequest {
                reason: format!("{id} has 0 degrees of freedom; at least one is needed"),
            });
        }
        if x.is_empty() {
            return Err(Error::Empty { what: id });
        }
        if !x.len().is_multiple_of(dof) {
            return Err(Error::BadRequest {
                reason: format!(
                    "x of {id} has length {}; it must be a multiple of the {dof} degrees of freedom",
                    x.len()
                ),
            });
        }
        for (what, values) in [("y", &y), ("the acceleration", &acceleration)] {
            if values.len() != x.len() {
                return Err(Error::Shape {
                    what: format!("{what} of {id}"),
                    expected: x.len(),
                    found: values.len(),
                    hint: ", as that of x".into(),
                });
            }
        }
        for (kind, values) in [("x", &x), ("y", &y), ("ydot", &acceleration)] {
            if let Some(at) = values.iter().position(|v| !v.is_finite()) {
                return Err(Error::NotFinite {
                    id,
                    row: at / dof,
                    column: columns::name(kind, at % dof, dof),
                    value: values[at],
                });
            }
        }
        Ok(Self {
            id,
            dof,
            x,
            y,
            acceleration,
        })
    }

    /// The same data under another id.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// The id of the system or file it came from.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// The number of states, N.
    pub fn len(&self) -> usize {
        self.x.len() / self.dof
    }

    /// Whether there are no states; never, for such a dataset cannot be made.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Positions `[N, d]`.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// Velocities `[N, d]`.
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// Accelerations ẏ `[N, d]`.
    pub fn acceleration(&self) -> &[f64] {
        &self.acceleration
    }

    /// √(Σ_k var ẏ_k), the root of the mean squared distance of ẏ from its mean, in the unit of ẏ: what an
    /// error of ẏ is to be compared with.
    ///
    /// ```
    /// use mass_systems::Dataset;
    ///
    /// // ẏ = (3, 0) and (−3, 2): the mean is (0, 1), each state is √10 from it.
    /// let zero = vec![0.0; 4];
    /// let data = Dataset::new("two", 2, zero.clone(), zero, vec![3.0, 0.0, -3.0, 2.0])?;
    /// assert!((data.acceleration_deviation() - 10_f64.sqrt()).abs() < 1e-15);
    /// # Ok::<(), mass_systems::Error>(())
    /// ```
    pub fn acceleration_deviation(&self) -> f64 {
        let count = self.len() as f64;
        let of = |k: usize| {
            let column = || self.acceleration.iter().skip(k).step_by(self.dof);
            let mean = column().sum::<f64>() / count;
            column().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count
        };
        (0..self.dof).map(of).sum::<f64>().sqrt()
    }

    /// How far a scalar S is from a Lagrangian of the states' motion (Fu et al. 2025, Eq. 2): the largest
    /// |S_yy ẏ + S_xy y − S_x| / (1 + |S_x|) over states and coordinates. `None` where S is not given, NaN
    /// where a derivative is not a number.
    ///
    /// # Example
    /// ```
    /// use mass_systems::{Purpose, Quantity, lookup, sample, stream};
    ///
    /// let pendulum = lookup("pendulum")?;
    /// let states = sample(&*pendulum, 100, &mut stream(0, Purpose::Evaluation, "pendulum"))?;
    /// let law = pendulum.lagrangian().unwrap();
    /// let left = |which| states.euler_lagrange_residual(|x, y| law.derivatives(which, x, y));
    /// assert!(left(Quantity::Lagrangian).unwrap() < 1e-12);
    /// assert!(left(Quantity::Hamiltonian).unwrap() > 0.5);
    /// # Ok::<(), mass_systems::Error>(())
    /// ```
    pub fn euler_lagrange_residual(
        &self,
        scalar: impl Fn(&[f64], &[f64]) -> Option<ScalarDerivatives>,
    ) -> Option<f64> {
        let mut largest: f64 = 0.0;
        for state in self.iter() {
            let s = scalar(state.x, state.y)?;
            let left = s.euler_lagrange_residual(state.y, state.acceleration);
            for (left, force) in left.iter().zip(&s.s_x) {
                let size = left.abs() / (1.0 + force.abs());
                if size > largest || size.is_nan() {
                    largest = size;
                }
            }
        }
        Some(largest)
    }

    /// The `i`-th state.
    ///
    /// # Panics
    /// If `i >= len()`, as indexing a slice does.
    pub fn state(&self, i: usize) -> State<'_> {
        let row = i * self.dof..(i + 1) * self.dof;
        State {
            x: &self.x[row.clone()],
            y: &self.y[row.clone()],
            acceleration: &self.acceleration[row],
        }
    }

    /// All states in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = State<'_>> {
        (0..self.len()).map(|i| self.state(i))
    }

    /// The states of these indices, in this order.
    ///
    /// # Errors
    /// [`Error::Empty`] if there are none, [`Error::BadRequest`] if one is not below N.
    pub fn select(&self, indices: &[usize]) -> Result<Self, Error> {
        if indices.is_empty() {
            return Err(Error::Empty {
                what: format!("the selection asked of {}", self.id),
            });
        }
        if let Some(&bad) = indices.iter().find(|&&i| i >= self.len()) {
            return Err(Error::BadRequest {
                reason: format!(
                    "state {bad} of {} was asked for, but its states are 0 to {}",
                    self.id,
                    self.len() - 1
                ),
            });
        }
        let pick = |values: &[f64]| {
            indices
                .iter()
                .flat_map(|&i| &values[i * self.dof..(i + 1) * self.dof])
                .copied()
                .collect()
        };
        Ok(Self {
            id: self.id.clone(),
            dof: self.dof,
            x: pick(&self.x),
            y: pick(&self.y),
            acceleration: pick(&self.acceleration),
        })
    }

    /// `n` different states in random order.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if there are fewer than `n`, [`Error::Empty`] if `n` is 0.
    pub fn draw(&self, n: usize, rng: &mut impl Rng) -> Result<Self, Error> {
        if n > self.len() {
            return Err(Error::BadRequest {
                reason: format!(
                    "{n} states of {} were asked for, but it has {}",
                    self.id,
                    self.len()
                ),
            });
        }
        self.select(&permutation(rng, self.len())[..n])
    }

    /// The data in two parts, to train on and to test on, every state in one of them, at random.
    ///
    /// The test part has `test_fraction · N` states, rounded, but at least one, and leaves at least one.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if the fraction is not between 0 and 1 or there are fewer than two states.
    ///
    /// # Example
    /// ```
    /// use mass_systems::{Purpose, lookup, sample, stream};
    ///
    /// let mut rng = stream(0, Purpose::TrainData, "classical");
    /// let (train, test) = sample(&*lookup("classical")?, 100, &mut rng)?.split(0.2, &mut rng)?;
    /// assert_eq!((train.len(), test.len()), (80, 20));
    /// # Ok::<(), mass_systems::Error>(())
    /// ```
    pub fn split(&self, test_fraction: f64, rng: &mut impl Rng) -> Result<(Self, Self), Error> {
        if !(test_fraction > 0.0 && test_fraction < 1.0) {
            return Err(Error::BadRequest {
                reason: format!(
                    "the test fraction is {test_fraction}; it must lie between 0 and 1"
                ),
            });
        }
        let n = self.len();
        if n < 2 {
            return Err(Error::BadRequest {
                reason: format!("{} has one state; two are needed to split it", self.id),
            });
        }
        let tested = ((n as f64 * test_fraction).round() as usize).clamp(1, n - 1);
        let order = permutation(rng, n);
        Ok((
            self.select(&order[tested..])?,
            self.select(&order[..tested])?,
        ))
    }
}

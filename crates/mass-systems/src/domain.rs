//! Where a system's states are drawn from.

use crate::error::Error;
use crate::stream::uniform;
use rand_chacha::rand_core::Rng;

/// The values of one coordinate: an interval, or two that mirror each other about zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    low: f64,
    high: f64,
    two_sided: bool,
}

impl Range {
    /// The interval `[low, high]`.
    ///
    /// # Errors
    /// [`Error::BadDomain`] unless both are finite and `low <= high`.
    pub fn interval(low: f64, high: f64) -> Result<Self, Error> {
        if low.is_finite() && high.is_finite() && low <= high {
            return Ok(Self::between(low, high));
        }
        Err(Error::BadDomain {
            reason: format!("the interval [{low}, {high}] must be finite, its low end first"),
        })
    }

    /// `[-outer, -inner]` and `[inner, outer]`, half of the states in each.
    ///
    /// # Errors
    /// [`Error::BadDomain`] unless `0 <= inner <= outer` and both are finite.
    pub fn two_sided(inner: f64, outer: f64) -> Result<Self, Error> {
        if inner.is_finite() && outer.is_finite() && 0.0 <= inner && inner <= outer {
            return Ok(Self::either_side(inner, outer));
        }
        Err(Error::BadDomain {
            reason: format!(
                "two-sided needs 0 <= inner <= outer, both finite, not {inner} and {outer}"
            ),
        })
    }

    /// In another unit: both ends divided by a positive number.
    fn divided(self, by: f64) -> Self {
        Self {
            low: self.low / by,
            high: self.high / by,
            ..self
        }
    }

    /// [`Range::interval`] for constants known to be right.
    pub(crate) const fn between(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            two_sided: false,
        }
    }

    /// [`Range::two_sided`] for constants known to be right.
    pub(crate) const fn either_side(inner: f64, outer: f64) -> Self {
        Self {
            low: inner,
            high: outer,
            two_sided: true,
        }
    }

    /// The lower bound; of a two-sided range, the bound on the absolute value.
    pub const fn low(&self) -> f64 {
        self.low
    }

    /// The upper bound; of a two-sided range, the bound on the absolute value.
    pub const fn high(&self) -> f64 {
        self.high
    }

    /// Whether the range lies on both sides of zero.
    pub const fn is_two_sided(&self) -> bool {
        self.two_sided
    }

    /// Whether a value lies in the range, its ends included.
    pub fn contains(&self, value: f64) -> bool {
        let value = if self.two_sided { value.abs() } else { value };
        self.low <= value && value <= self.high
    }
}

/// Where a system's states are drawn from: a range for each coordinate, and for bodies in the plane
/// the least distance between two of them.
///
/// # Example
/// ```
/// use mass_systems::{Domain, Range};
///
/// let domain = Domain::new(vec![Range::two_sided(0.5, 2.0)?], vec![Range::interval(0.0, 1.0)?])?;
/// assert_eq!(domain.dof(), 1);
/// assert!(domain.contains(&[-0.7], &[0.5]));
/// assert!(!domain.contains(&[0.1], &[0.5]));
/// # Ok::<(), mass_systems::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    x: Vec<Range>,
    y: Vec<Range>,
    min_separation: Option<f64>,
}

impl Domain {
    /// The domain with these ranges of positions `[d]` and velocities `[d]`.
    ///
    /// # Errors
    /// [`Error::BadDomain`] if there are no coordinates or unequal numbers of them.
    pub fn new(x: Vec<Range>, y: Vec<Range>) -> Result<Self, Error> {
        if x.is_empty() || x.len() != y.len() {
            return Err(Error::BadDomain {
                reason: format!(
                    "there are {} ranges of positions and {} of velocities; give one of each for every degree of freedom",
                    x.len(),
                    y.len()
                ),
            });
        }
        Ok(Self {
            x,
            y,
            min_separation: None,
        })
    }

    /// The domain of `dof` coordinates, all positions in one interval and all velocities in another.
    ///
    /// # Errors
    /// [`Error::BadDomain`] if `dof` is 0 or an interval is empty or not finite.
    pub fn cube(dof: usize, x: (f64, f64), y: (f64, f64)) -> Result<Self, Error> {
        let x = Range::interval(x.0, x.1)?;
        let y = Range::interval(y.0, y.1)?;
        Self::new(vec![x; dof], vec![y; dof])
    }

    /// The domain with a least distance between any two bodies in the plane, their positions being
    /// `x = (r₁, r₂, ..)` with two coordinates each.
    ///
    /// # Errors
    /// [`Error::BadDomain`] if the number of coordinates is odd or the distance is negative or not finite.
    pub fn with_min_separation(mut self, distance: f64) -> Result<Self, Error> {
        if !distance.is_finite() || distance < 0.0 {
            return Err(Error::BadDomain {
                reason: format!(
                    "the least distance is {distance}; it must be finite and not negative"
                ),
            });
        }
        if self.dof() % 2 == 1 {
            return Err(Error::BadDomain {
                reason: format!(
                    "{} coordinates are no bodies in the plane; each has two",
                    self.dof()
                ),
            });
        }
        self.min_separation = Some(distance);
        Ok(self)
    }

    /// [`Domain::new`] for ranges known to be as many as each other.
    pub(crate) fn of_ranges(x: Vec<Range>, y: Vec<Range>) -> Self {
        Self {
            x,
            y,
            min_separation: None,
        }
    }

    /// One degree of freedom, from constants known to be right.
    pub(crate) fn line(x: Range, y: Range) -> Self {
        Self {
            x: vec![x],
            y: vec![y],
            min_separation: None,
        }
    }

    /// All positions in one range and all velocities in another, from constants known to be right.
    pub(crate) fn box_of(dof: usize, position: Range, velocity: Range) -> Self {
        Self {
            x: vec![position; dof],
            y: vec![velocity; dof],
            min_separation: None,
        }
    }

    /// Two degrees of freedom, from constants known to be right.
    pub(crate) fn pair(x: [Range; 2], y: [Range; 2]) -> Self {
        Self {
            x: x.to_vec(),
            y: y.to_vec(),
            min_separation: None,
        }
    }

    /// Bodies in the plane, from constants known to be right.
    pub(crate) fn bodies(
        count: usize,
        position: Range,
        velocity: Range,
        min_separation: f64,
    ) -> Self {
        Self {
            x: vec![position; 2 * count],
            y: vec![velocity; 2 * count],
            min_separation: Some(min_separation),
        }
    }

    /// The same domain in other units: positions divided by these numbers, velocities by those, all
    /// positive. The least distance of bodies goes with the first position, for all have one unit.
    pub(crate) fn divided(&self, x: &[f64], y: &[f64]) -> Self {
        let divided = |ranges: &[Range], by: &[f64]| {
            let pairs = ranges.iter().zip(by);
            pairs.map(|(range, by)| range.divided(*by)).collect()
        };
        Self {
            x: divided(&self.x, x),
            y: divided(&self.y, y),
            min_separation: self.min_separation.map(|distance| distance / x[0]),
        }
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.x.len()
    }

    /// The ranges of the positions `[d]`.
    pub fn x(&self) -> &[Range] {
        &self.x
    }

    /// The ranges of the velocities `[d]`.
    pub fn y(&self) -> &[Range] {
        &self.y
    }

    /// The least distance between two bodies in the plane, where there is one.
    pub fn min_separation(&self) -> Option<f64> {
        self.min_separation
    }

    /// Whether a state lies in the domain, its boundary included.
    pub fn contains(&self, x: &[f64], y: &[f64]) -> bool {
        let inside = |ranges: &[Range], values: &[f64]| {
            ranges.len() == values.len() && ranges.iter().zip(values).all(|(r, &v)| r.contains(v))
        };
        inside(&self.x, x) && inside(&self.y, y) && self.separated(x)
    }

    /// Draws the `index`-th state of a sample into `x` and `y`; it may still be too close together.
    ///
    /// The signs of two-sided coordinates are the binary digits of `index`, so that exactly half of an
    /// even sample has each sign. DIFFERENCE: the released code puts all positive states first; here
    /// they alternate, so that every part of a sample is balanced too.
    pub(crate) fn draw(&self, index: usize, rng: &mut impl Rng, x: &mut [f64], y: &mut [f64]) {
        let mut digits = index;
        let ranges = self.x.iter().chain(&self.y);
        for (range, value) in ranges.zip(x.iter_mut().chain(y)) {
            *value = uniform(rng, range.low, range.high);
            if range.two_sided {
                if digits & 1 == 1 {
                    *value = -*value;
                }
                digits >>= 1;
            }
        }
    }

    /// Whether all bodies keep the least distance.
    pub(crate) fn separated(&self, x: &[f64]) -> bool {
        let Some(least) = self.min_separation else {
            return true;
        };
        let bodies = x.len() / 2;
        (0..bodies).all(|i| {
            (0..i).all(|j| (x[2 * i] - x[2 * j]).hypot(x[2 * i + 1] - x[2 * j + 1]) >= least)
        })
    }
}

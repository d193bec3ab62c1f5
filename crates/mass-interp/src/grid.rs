//! The learned scalar on a grid, and how near it is to a known one.

use mass_core::MassModel;
use mass_systems::Range;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    error::{check_index, check_length, none},
    host::{self, CHUNK},
    member,
};

/// A plane through the states of a system: two coordinates vary, the others are fixed.
///
/// Coordinates are numbered as in a state, (x₁, …, x_d, y₁, …, y_d).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    /// The coordinate that varies along a row.
    pub horizontal: usize,
    /// The coordinate that varies along a column.
    pub vertical: usize,
    /// The values of all coordinates, `[n]`; those of the two that vary are not read.
    pub fixed: Vec<f64>,
}

impl Plane {
    /// The (x_k, y_k) plane of degree of freedom `k` out of `dof`, all other coordinates 0.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] if `k` is not below `dof`.
    pub fn phase(dof: usize, k: usize) -> Result<Self, Error> {
        check_index("degree of freedom", k, dof)?;
        Ok(Self {
            horizontal: k,
            vertical: dof + k,
            fixed: vec![0.0; 2 * dof],
        })
    }

    fn check(&self) -> Result<(), Error> {
        let count = self.fixed.len();
        check_index("coordinate", self.horizontal, count)?;
        check_index("coordinate", self.vertical, count)?;
        if self.horizontal == self.vertical || count % 2 == 1 {
            return Err(Error::Request(format!(
                "a plane takes two different coordinates out of 2d, not {} and {} out of {count}",
                self.horizontal, self.vertical
            )));
        }
        Ok(())
    }

    /// The state at a point of the plane, `[n]`.
    fn state(&self, horizontal: f64, vertical: f64) -> Vec<f64> {
        let mut state = self.fixed.clone();
        state[self.horizontal] = horizontal;
        state[self.vertical] = vertical;
        state
    }
}

/// `count` evenly spaced values of a coordinate over its range, both ends included; a two-sided
/// range is crossed from −high to high.
///
/// # Errors
///
/// [`Error::Length`] if `count` is below 2.
pub fn axis(range: &Range, count: usize) -> Result<Vec<f64>, Error> {
    if count < 2 {
        return Err(Error::Length {
            what: "an axis".to_string(),
            found: count,
            expected: "at least 2".to_string(),
        });
    }
    let high = range.high();
    let low = if range.is_two_sided() {
        -high
    } else {
        range.low()
    };
    let last = (count - 1) as f64;
    let value = |i: usize| low + (high - low) * i as f64 / last;
    Ok((0..count).map(value).collect())
}

/// A scalar over a plane (Fu et al. 2025, Figures 4 and 16).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScalarGrid {
    /// Values of the horizontal coordinate, `[X]`.
    pub x: Vec<f64>,
    /// Values of the vertical coordinate, `[Y]`.
    pub y: Vec<f64>,
    /// The scalar, row-major `[Y, X]`: a row for each y.
    pub values: Vec<f64>,
}

impl ScalarGrid {
    /// The S of scientist `member` for system `system` over a plane.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a scientist, system or coordinate, [`Error::Length`] if the
    /// plane has not the system's n coordinates or an axis is empty.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::{MassModel, Recipe, SystemShape};
    /// use mass_interp::{Plane, ScalarGrid, axis, fit_affine};
    /// use mass_jet::DeviceKind;
    ///
    /// let device = DeviceKind::Flex.open()?;
    /// let classical = mass_systems::lookup("classical")?;
    /// let systems = [SystemShape { id: "classical".into(), dof: 1 }];
    /// let model = MassModel::init(&Recipe::reference(), &systems, &[0], &device)?;
    ///
    /// let plane = Plane::phase(1, 0)?;
    /// let x = axis(&classical.domain().x()[0], 21)?;
    /// let y = axis(&classical.domain().y()[0], 11)?;
    /// let learned = ScalarGrid::learned(&model, 0, 0, &plane, &x, &y)?;
    /// assert_eq!(learned.values.len(), 11 * 21);
    ///
    /// // How near is S to ±(x² + y²)?
    /// let circle = ScalarGrid::from_fn(&plane, &x, &y, |x, y| x[0] * x[0] + y[0] * y[0])?;
    /// let fit = fit_affine(&learned.values, &circle.values)?;
    /// assert!(fit.r2 < 0.99); // untrained
    /// # Ok::<(), mass_interp::Error>(())
    /// ```
    pub fn learned(
        model: &MassModel,
        member: usize,
        system: usize,
        plane: &Plane,
        x: &[f64],
        y: &[f64],
    ) -> Result<Self, Error> {
        let one = member::member(model, member)?;
        let dof = host::dof(&one, system)?;
        check_length("the state of the plane", plane.fixed.len(), 2 * dof)?;
        let states = Self::states(plane, x, y)?;
        let mut values = Vec::with_capacity(states.len());
        for chunk in states.chunks(CHUNK) {
            let jet = one.jet(system, host::states(&one, chunk.concat(), 2 * dof))?;
            values.extend(host::values(jet.value()));
        }
        Ok(Self {
            x: x.to_vec(),
            y: y.to_vec(),
            values,
        })
    }

    /// A known scalar of positions and velocities, `[d]` each, over a plane.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for a coordinate that is not there, [`Error::Length`] if an axis is empty.
    pub fn from_fn(
        plane: &Plane,
        x: &[f64],
        y: &[f64],
        scalar: impl Fn(&[f64], &[f64]) -> f64,
    ) -> Result<Self, Error> {
        let states = Self::states(plane, x, y)?;
        let value = |state: &Vec<f64>| {
            let (x, y) = state.split_at(state.len() / 2);
            scalar(x, y)
        };
        Ok(Self {
            values: states.iter().map(value).collect(),
            x: x.to_vec(),
            y: y.to_vec(),
        })
    }

    /// The value at column `i` and row `j`.
    ///
    /// # Panics
    ///
    /// If there is no such place.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        assert!(i < self.x.len(), "there is no column {i}");
        self.values[j * self.x.len() + i]
    }

    fn states(plane: &Plane, x: &[f64], y: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        plane.check()?;
        for (what, values) in [("the horizontal axis", x), ("the vertical axis", y)] {
            if values.is_empty() {
                return Err(none(what));
            }
        }
        let row = |y: &f64| {
            let y = *y;
            x.iter().map(move |x| plane.state(*x, y))
        };
        Ok(y.iter().flat_map(row).collect())
    }
}

/// S ≈ scale · reference + offset, by least squares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AffineFit {
    /// The factor; its sign tells S ≈ +H from S ≈ −H.
    pub scale: f64,
    /// The constant.
    pub offset: f64,
    /// 1 − residual variance / variance of S; 0 for a constant S, of which nothing is explained.
    pub r2: f64,
    /// Pairs left out because one of the two is not finite.
    pub left_out: usize,
}

/// How near a scalar is to a known one up to factor and constant, which no law of motion fixes.
///
/// Pairs of which one is not finite, as at the centre of a Kepler potential, are left out.
///
/// # Errors
///
/// [`Error::Length`] if the lists differ in length; [`Error::Request`] if the reference is constant
/// or fewer than two pairs are left.
///
/// # Example
///
/// ```
/// use mass_interp::fit_affine;
///
/// let fit = fit_affine(&[1.0, -1.0, -3.0], &[0.0, 1.0, 2.0])?;
/// assert_eq!((fit.scale, fit.offset, fit.r2), (-2.0, 1.0, 1.0));
/// # Ok::<(), mass_interp::Error>(())
/// ```
pub fn fit_affine(s: &[f64], reference: &[f64]) -> Result<AffineFit, Error> {
    check_length("the reference", reference.len(), s.len())?;
    let finite = |(s, r): &(&f64, &f64)| s.is_finite() && r.is_finite();
    let pairs: Vec<(&f64, &f64)> = s.iter().zip(reference).filter(finite).collect();
    let count = pairs.len() as f64;
    let mean_s = pairs.iter().map(|(s, _)| **s).sum::<f64>() / count;
    let mean_r = pairs.iter().map(|(_, r)| **r).sum::<f64>() / count;
    let (mut ss, mut sr, mut rr) = (0.0, 0.0, 0.0);
    for (s, r) in &pairs {
        let (s, r) = (**s - mean_s, **r - mean_r);
        ss += s * s;
        sr += s * r;
        rr += r * r;
    }
    if pairs.len() < 2 || rr == 0.0 {
        return Err(Error::Request(format!(
            "no factor can be fitted to a constant: the reference has one value at all {} finite points",
            pairs.len()
        )));
    }
    let scale = sr / rr;
    Ok(AffineFit {
        scale,
        offset: mean_s - scale * mean_r,
        r2: if ss == 0.0 {
            0.0
        } else {
            (sr * sr / (ss * rr)).min(1.0)
        },
        left_out: s.len() - pairs.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_row_major_with_a_row_for_each_y() {
        let plane = Plane::phase(1, 0).unwrap();
        let grid = ScalarGrid::from_fn(&plane, &[1.0, 2.0, 3.0], &[10.0, 20.0], |x, y| x[0] + y[0]);
        let grid = grid.unwrap();
        assert_eq!(grid.values, [11.0, 12.0, 13.0, 21.0, 22.0, 23.0]);
        assert_eq!(grid.get(2, 1), 23.0);
    }

    #[test]
    fn a_slice_keeps_the_other_coordinates() {
        // d = 2: (x₁, x₂, y₁, y₂), with x₂ and y₁ varying.
        let plane = Plane {
            horizontal: 1,
            vertical: 2,
            fixed: vec![0.5, f64::NAN, f64::NAN, 7.0],
        };
        let grid = ScalarGrid::from_fn(&plane, &[1.0], &[2.0], |x, y| {
            x[0] + 10.0 * x[1] + 100.0 * y[0] + 1000.0 * y[1]
        });
        assert_eq!(grid.unwrap().values, [0.5 + 10.0 + 200.0 + 7000.0]);
        for (horizontal, vertical) in [(1, 1), (0, 4)] {
            let plane = Plane {
                horizontal,
                vertical,
                fixed: vec![0.0; 4],
            };
            assert!(ScalarGrid::from_fn(&plane, &[1.0], &[2.0], |_, _| 0.0).is_err());
        }
    }

    #[test]
    fn axes_cross_two_sided_ranges() {
        let range = Range::two_sided(0.5, 2.0).unwrap();
        assert_eq!(axis(&range, 5).unwrap(), [-2.0, -1.0, 0.0, 1.0, 2.0]);
        let range = Range::interval(0.5, 2.0).unwrap();
        assert_eq!(axis(&range, 2).unwrap(), [0.5, 2.0]);
        assert!(axis(&range, 1).is_err());
    }

    #[test]
    fn a_fit_by_hand() {
        // S = (0, 0, 3), R = (0, 1, 2): mean 1 and 1; sr = 3, rr = 2, ss = 6.
        let fit = fit_affine(&[0.0, 0.0, 3.0], &[0.0, 1.0, 2.0]).unwrap();
        assert_eq!((fit.scale, fit.offset, fit.r2), (1.5, -0.5, 0.75));
        let flat = fit_affine(&[2.0, 2.0], &[0.0, 1.0]).unwrap();
        assert_eq!((flat.scale, flat.offset, flat.r2), (0.0, 2.0, 0.0));
        let holes =
            fit_affine(&[1.0, f64::NAN, 3.0, 9.0], &[1.0, 2.0, 3.0, f64::INFINITY]).unwrap();
        assert_eq!((holes.scale, holes.left_out), (1.0, 2));
        assert!(fit_affine(&[1.0, 2.0], &[5.0, 5.0]).is_err());
        assert!(fit_affine(&[1.0, 2.0], &[5.0]).is_err());
        assert!(fit_affine(&[], &[]).is_err());
    }
}

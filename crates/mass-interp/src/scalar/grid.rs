//! The learned scalar on a grid, and how near it is to a known one.

use mass_core::MassModel;
use mass_systems::{Range, Scales};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, check_index, check_length, none},
    readout::{STATES_AT_ONCE, check_scalar, members, to_host, to_model},
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
        let own = Scales::own(check_scalar(model, system)?);
        let model = members(model, &[member])?;
        let mut grids = Self::of_all(&model, system, &own, plane, x, y)?;
        Ok(grids.remove(0))
    }

    /// The S of every scientist of a model without autodiff, trained in these units, over a plane.
    pub(crate) fn of_all(
        model: &MassModel,
        system: usize,
        scales: &Scales,
        plane: &Plane,
        x: &[f64],
        y: &[f64],
    ) -> Result<Vec<Self>, Error> {
        let dof = check_scalar(model, system)?;
        check_length("the state of the plane", plane.fixed.len(), 2 * dof)?;
        let mut states = Self::states(plane, x, y)?;
        for state in &mut states {
            let (x, y) = state.split_at_mut(dof);
            scales.position_to_unit(x);
            scales.velocity_to_unit(y);
        }
        let mut values = vec![Vec::with_capacity(states.len()); model.ensemble_size()];
        for chunk in states.chunks(STATES_AT_ONCE) {
            let jet = model.jet(system, to_model(model, chunk.concat(), 2 * dof))?;
            let found = to_host(jet.value());
            for (values, found) in values.iter_mut().zip(found.chunks_exact(chunk.len())) {
                values.extend_from_slice(found);
            }
        }
        let grid = |values| Self {
            x: x.to_vec(),
            y: y.to_vec(),
            values,
        };
        Ok(values.into_iter().map(grid).collect())
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
}

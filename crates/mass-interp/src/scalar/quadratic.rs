//! The best quadratic form of a scalar over a plane, and which conic sections its contours are.

use std::fmt;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use crate::error::{Error, check_length};

/// Coefficients of a quadratic in two coordinates.
const COEFFICIENTS: usize = 6;

/// A quadratic that explains less than this share of the variance is none.
const LEAST_R2: f64 = 0.9;

/// A curvature below this share of the larger one, or of the scalar's deviation, is none.
const LEAST_CURVATURE: f64 = 0.1;

/// The least-squares quadratic S ≈ c₀ + c₁x + c₂y + c₃x² + c₄xy + c₅y² over the nodes of a grid
/// where S is finite.
///
/// A quadratic S is one whose contours are conic sections, which is what the paper sees in those that
/// were learned (Fu et al. 2025, Appendix D, Figure 16; Figure 4).
///
/// # Example
///
/// ```
/// use mass_interp::{ConicSection, QuadraticFit, ScalarGrid, Plane};
///
/// let axis = [-1.0, -0.5, 0.0, 0.5, 1.0];
/// let energy = ScalarGrid::from_fn(&Plane::phase(1, 0)?, &axis, &axis, |x, y| {
///     x[0] * x[0] + y[0] * y[0]
/// })?;
/// let fit = QuadraticFit::of(&energy.x, &energy.y, &energy.values)?;
/// assert!((fit.determinant - 4.0).abs() < 1e-12);
/// assert_eq!(fit.conic_section(), ConicSection::Ellipse);
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QuadraticFit {
    /// The share of the variance of S over the nodes that the quadratic explains.
    pub r2: f64,
    /// 4 c₃ c₅ − c₄²: the determinant of its Hessian, the product of its principal curvatures.
    pub determinant: f64,
    /// The Hessian's eigenvalues over the grid scaled to [−1, 1]², the larger in size first.
    pub curvatures: [f64; 2],
    /// The standard deviation of the scalar over the nodes.
    pub spread: f64,
}

impl QuadraticFit {
    /// The fit of values `[Y, X]` on a grid with axes `x` `[X]` and `y` `[Y]`; nodes without a finite
    /// value are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are not X · Y values; [`Error::Request`] if fewer than six are
    /// finite, they are constant, or they lie so that they do not determine a quadratic.
    pub fn of(x: &[f64], y: &[f64], values: &[f64]) -> Result<Self, Error> {
        check_length(
            "the list of the grid's values",
            values.len(),
            x.len() * y.len(),
        )?;
        let nodes: Vec<(f64, f64, f64)> = y
            .iter()
            .flat_map(|y| x.iter().map(move |x| (*x, *y)))
            .zip(values)
            .map(|((x, y), value)| (x, y, *value))
            .filter(|(_, _, value)| value.is_finite())
            .collect();
        if nodes.len() < COEFFICIENTS {
            return Err(Error::Request(format!(
                "the scalar is finite at {} nodes; a quadratic has {COEFFICIENTS} coefficients",
                nodes.len()
            )));
        }
        let columns = DMatrix::from_fn(nodes.len(), COEFFICIENTS, |row, column| {
            let (x, y, _) = nodes[row];
            [1.0, x, y, x * x, x * y, y * y][column]
        });
        let s = DVector::from_iterator(nodes.len(), nodes.iter().map(|node| node.2));
        // Normal equations: six well-scaled columns on a regular grid.
        let cholesky = columns.tr_mul(&columns).cholesky().ok_or_else(|| {
            Error::Request(
                "the nodes lie so that they do not determine a quadratic: give a grid of at least 3 by 3"
                    .to_string(),
            )
        })?;
        let c = cholesky.solve(&columns.tr_mul(&s));
        let residual = (&s - &columns * &c).norm_squared();
        let variance = s.add_scalar(-s.mean()).norm_squared();
        let r2 = 1.0 - residual / variance;
        if !r2.is_finite() {
            return Err(Error::Request(
                "the scalar has one value at all nodes: a constant has no contours".to_string(),
            ));
        }
        let half = |axis: &[f64]| (axis[axis.len() - 1] - axis[0]) / 2.0;
        let (half_x, half_y) = (half(x), half(y));
        let (a, b, d) = (
            2.0 * c[3] * half_x * half_x,
            c[4] * half_x * half_y,
            2.0 * c[5] * half_y * half_y,
        );
        let (middle, apart) = ((a + d) / 2.0, ((a - d) / 2.0).hypot(b));
        let mut curvatures = [middle + apart, middle - apart];
        if curvatures[0].abs() < curvatures[1].abs() {
            curvatures.swap(0, 1);
        }
        Ok(Self {
            r2,
            determinant: 4.0 * c[3] * c[5] - c[4] * c[4],
            curvatures,
            spread: (variance / nodes.len() as f64).sqrt(),
        })
    }

    /// The shape of its contours.
    pub fn conic_section(&self) -> ConicSection {
        let [large, small] = self.curvatures;
        if self.r2 < LEAST_R2 {
            ConicSection::Other
        } else if small.abs() < LEAST_CURVATURE * large.abs()
            || large.abs() < LEAST_CURVATURE * self.spread
        {
            ConicSection::Degenerate
        } else if small * large > 0.0 {
            ConicSection::Ellipse
        } else {
            ConicSection::Hyperbola
        }
    }
}

/// What the contours of a scalar look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConicSection {
    /// As a Hamiltonian's: both curvatures have one sign.
    Ellipse,
    /// As a Lagrangian's: the curvatures are of opposite sign.
    Hyperbola,
    /// Parabolas or straight lines: one curvature is less than a tenth of the other, or both are less
    /// than a tenth of the scalar's deviation.
    Degenerate,
    /// No conic section: the quadratic explains less than 90 % of the variance.
    Other,
}

impl ConicSection {
    /// What the contours of a fit are; without one, nothing that has a name.
    pub fn of(fit: Option<&QuadraticFit>) -> Self {
        fit.map_or(Self::Other, QuadraticFit::conic_section)
    }

    /// Its name in a figure.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ellipse => "ellipse",
            Self::Hyperbola => "hyperbola",
            Self::Degenerate => "degenerate",
            Self::Other => "no conic",
        }
    }
}

impl fmt::Display for ConicSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    fn values(x: &[f64], y: &[f64], s: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let s = &s;
        y.iter()
            .flat_map(|y| x.iter().map(move |x| s(*x, *y)))
            .collect()
    }

    fn fit(x: &[f64], y: &[f64], s: impl Fn(f64, f64) -> f64) -> QuadraticFit {
        QuadraticFit::of(x, y, &values(x, y, s)).unwrap()
    }

    fn axis() -> Vec<f64> {
        (0..21).map(|i| -1.0 + 0.1 * f64::from(i)).collect()
    }

    #[test]
    fn shapes_are_told_apart() {
        let axis = axis();
        let shape = |s: fn(f64, f64) -> f64| fit(&axis, &axis, s).conic_section();
        assert_eq!(shape(|x, y| x * x + y * y - 3.0 * x), ConicSection::Ellipse);
        assert_eq!(shape(|x, y| -x * x - y * y), ConicSection::Ellipse);
        assert_eq!(shape(|x, y| x * x - 0.5 * y * y), ConicSection::Hyperbola);
        assert_eq!(
            shape(|x, y| (x + y) * (x + y) + 0.01 * x * x),
            ConicSection::Degenerate
        );
        // A plane whose bend is a hundredth of it.
        assert_eq!(
            shape(|x, y| x + 0.01 * (x * x + y * y)),
            ConicSection::Degenerate
        );
        assert_eq!(
            shape(|x, y| (9.0 * x).sin() * (9.0 * y).cos()),
            ConicSection::Other
        );
        assert_eq!(ConicSection::Other.to_string(), "no conic");
    }

    #[test]
    fn limits_of_shapes() {
        let of = |r2, curvatures, spread| {
            let determinant = 1.0;
            QuadraticFit {
                r2,
                determinant,
                curvatures,
                spread,
            }
            .conic_section()
        };
        assert_eq!(of(0.9, [1.0, 0.5], 1.0), ConicSection::Ellipse);
        assert_eq!(of(0.89, [1.0, 0.5], 1.0), ConicSection::Other);
        assert_eq!(of(1.0, [1.0, 0.0999], 1.0), ConicSection::Degenerate);
        assert_eq!(of(1.0, [1.0, 0.1], 1.0), ConicSection::Ellipse);
        assert_eq!(of(1.0, [-1.0, 0.1], 1.0), ConicSection::Hyperbola);
        assert_eq!(of(1.0, [1.0, 0.5], 10.0), ConicSection::Ellipse);
        assert_eq!(of(1.0, [1.0, 0.5], 10.1), ConicSection::Degenerate);
    }

    #[test]
    fn curvatures_are_those_of_the_scaled_grid() {
        let axis = axis();
        let turned = fit(&axis, &axis, |x, y| x * x + x * y + y * y);
        assert_abs_diff_eq!(turned.determinant, 3.0, epsilon = 1e-9);
        assert_abs_diff_eq!(turned.r2, 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(turned.curvatures[0], 3.0, epsilon = 1e-9);
        assert_abs_diff_eq!(turned.curvatures[1], 1.0, epsilon = 1e-9);
        // x from 1 to 5 is 3 + 2u, y from −1 to 0 is ½(v − 1): x² − 2y² + 3xy bends as
        // 8 in u, −1 in v and 3 across.
        let wide: Vec<f64> = (0..9).map(|i| 1.0 + 0.5 * f64::from(i)).collect();
        let narrow: Vec<f64> = (0..5).map(|i| -1.0 + 0.25 * f64::from(i)).collect();
        let fit = fit(&wide, &narrow, |x, y| x * x - 2.0 * y * y + 3.0 * x * y);
        let apart = 4.5f64.hypot(3.0);
        assert_abs_diff_eq!(fit.curvatures[0], 3.5 + apart, epsilon = 1e-6);
        assert_abs_diff_eq!(fit.curvatures[1], 3.5 - apart, epsilon = 1e-6);
        assert_abs_diff_eq!(fit.determinant, -17.0, epsilon = 1e-6);
        // The larger in size comes first, whatever its sign.
        let down = self::fit(&axis, &axis, |x, y| x * x - 3.0 * y * y);
        assert_abs_diff_eq!(down.curvatures[0], -6.0, epsilon = 1e-9);
        assert_abs_diff_eq!(down.curvatures[1], 2.0, epsilon = 1e-9);
    }

    #[test]
    fn the_share_and_the_deviation_by_hand() {
        // x³ over five nodes of x: its best straight line is 0.85 x; the quadratic's other parts are 0.
        let axis = [-1.0, -0.5, 0.0, 0.5, 1.0];
        let cubic = fit(&axis, &axis, |x, _| x * x * x);
        // Σ x⁶ = 2.03125, (Σ x⁴)² / Σ x² = 2.125² / 2.5.
        assert_abs_diff_eq!(cubic.r2, 2.125 * 2.125 / 2.5 / 2.03125, epsilon = 1e-12);
        assert_abs_diff_eq!(cubic.spread, (2.03125f64 / 5.0).sqrt(), epsilon = 1e-12);
    }

    #[test]
    fn nodes_without_a_value_do_not_count() {
        let axis = [-1.0, -0.5, 0.0, 0.5, 1.0];
        let found = fit(&axis, &axis, |x, y| {
            if x == 0.0 { f64::NAN } else { x * x + y * y }
        });
        assert_abs_diff_eq!(found.r2, 1.0, epsilon = 1e-12);
    }

    #[test]
    fn what_has_no_shape_is_refused() {
        let axis = [-1.0, -0.5, 0.0, 0.5, 1.0];
        let message =
            |x: &[f64], values: &[f64]| QuadraticFit::of(x, &axis, values).unwrap_err().to_string();
        assert!(message(&axis, &[f64::NAN; 25]).contains("finite at 0 nodes"));
        let mut five = [f64::NAN; 25];
        five[..5].copy_from_slice(&[1.0, 2.0, 4.0, 8.0, 1.0]);
        assert!(message(&axis, &five).contains("finite at 5 nodes"));
        assert!(message(&axis, &[1.0; 25]).contains("one value"));
        assert!(message(&axis, &[1.0; 24]).contains("has length 24; it must be 25"));
        let line = values(&axis[..2], &axis, |x, y| x + y * y);
        assert!(message(&axis[..2], &line).contains("do not determine"));
    }
}

//! The best quadratic form of a scalar over a plane, and which conic sections its contours are.

use nalgebra::{DMatrix, DVector};

/// The least-squares quadratic S ≈ c₀ + c₁x + c₂y + c₃x² + c₄xy + c₅y² over the nodes of a grid
/// where S is finite.
pub(super) struct Quadratic {
    pub(super) r2: f64,
    /// 4 c₃ c₅ − c₄²: the determinant of its Hessian.
    pub(super) determinant: f64,
    /// The Hessian's eigenvalues over the grid scaled to [−1, 1]², the larger in size first.
    pub(super) curvatures: [f64; 2],
    /// The standard deviation of the scalar.
    spread: f64,
}

impl Quadratic {
    /// The fit of values `[Y, X]` on a grid; `None` if too few are finite or they are constant.
    pub(super) fn of(x: &[f64], y: &[f64], values: &[f64]) -> Option<Self> {
        let nodes: Vec<(f64, f64, f64)> = y
            .iter()
            .flat_map(|y| x.iter().map(move |x| (*x, *y)))
            .zip(values)
            .map(|((x, y), value)| (x, y, *value))
            .filter(|(_, _, value)| value.is_finite())
            .collect();
        if nodes.len() < 6 {
            return None;
        }
        let columns = DMatrix::from_fn(nodes.len(), 6, |row, column| {
            let (x, y, _) = nodes[row];
            [1.0, x, y, x * x, x * y, y * y][column]
        });
        let s = DVector::from_iterator(nodes.len(), nodes.iter().map(|node| node.2));
        // Normal equations: six well-scaled columns on a regular grid.
        let c = columns
            .tr_mul(&columns)
            .cholesky()?
            .solve(&columns.tr_mul(&s));
        let residual = (&s - &columns * &c).norm_squared();
        let variance = s.add_scalar(-s.mean()).norm_squared();
        let r2 = 1.0 - residual / variance;
        let half = |axis: &[f64]| Some((axis.last()? - axis.first()?) / 2.0);
        let (half_x, half_y) = (half(x)?, half(y)?);
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
        r2.is_finite().then_some(Self {
            r2,
            determinant: 4.0 * c[3] * c[5] - c[4] * c[4],
            curvatures,
            spread: (variance / nodes.len() as f64).sqrt(),
        })
    }

    /// The shape of its contours.
    pub(super) fn shape(&self) -> Shape {
        let [large, small] = self.curvatures;
        if self.r2 < 0.9 {
            Shape::Other
        } else if small.abs() < 0.1 * large.abs() || large.abs() < 0.1 * self.spread {
            Shape::Degenerate
        } else if small * large > 0.0 {
            Shape::Ellipse
        } else {
            Shape::Hyperbola
        }
    }
}

/// What the contours of a scalar look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Ellipse,
    Hyperbola,
    /// Parabolas or straight lines: one curvature is less than a tenth of the other, or both are less
    /// than a tenth of the scalar's deviation.
    Degenerate,
    /// No conic section: the quadratic explains less than 90 % of the variance.
    Other,
}

impl Shape {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ellipse => "ellipse",
            Self::Hyperbola => "hyperbola",
            Self::Degenerate => "degenerate",
            Self::Other => "no conic",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(x: &[f64], y: &[f64], s: impl Fn(f64, f64) -> f64) -> Quadratic {
        let s = &s;
        let values: Vec<f64> = y
            .iter()
            .flat_map(|y| x.iter().map(move |x| s(*x, *y)))
            .collect();
        Quadratic::of(x, y, &values).unwrap()
    }

    #[test]
    fn shapes_are_told_apart() {
        let axis: Vec<f64> = (0..21).map(|i| -1.0 + 0.1 * f64::from(i)).collect();
        let shape = |s: fn(f64, f64) -> f64| fit(&axis, &axis, s).shape();
        assert_eq!(shape(|x, y| x * x + y * y - 3.0 * x), Shape::Ellipse);
        assert_eq!(shape(|x, y| x * x - 0.5 * y * y), Shape::Hyperbola);
        assert_eq!(
            shape(|x, y| (x + y) * (x + y) + 0.01 * x * x),
            Shape::Degenerate
        );
        assert_eq!(
            shape(|x, y| (9.0 * x).sin() * (9.0 * y).cos()),
            Shape::Other
        );
        let turned = fit(&axis, &axis, |x, y| x * x + x * y + y * y);
        assert!((turned.determinant - 3.0).abs() < 1e-9 && (turned.r2 - 1.0).abs() < 1e-12);
        assert!((turned.curvatures[0] - 3.0).abs() < 1e-9);
        assert!((turned.curvatures[1] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nodes_without_a_value_do_not_count() {
        let axis = [-1.0, -0.5, 0.0, 0.5, 1.0];
        let found = fit(&axis, &axis, |x, y| {
            if x == 0.0 { f64::NAN } else { x * x + y * y }
        });
        assert!((found.r2 - 1.0).abs() < 1e-12);
        assert!(Quadratic::of(&axis, &axis, &[f64::NAN; 25]).is_none());
        assert!(
            Quadratic::of(&axis, &axis, &[1.0; 25]).is_none(),
            "a constant has no shape"
        );
    }
}

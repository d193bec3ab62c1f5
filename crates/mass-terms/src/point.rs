//! The values of terms at one state, on the host.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use crate::{Base, Error, InverseShift, Library, Matrix, Name, Term, Vector, derivatives::shape};

/// One state and the derivatives of S there; matrices are row-major `[d, d]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// x, `[d]`.
    pub x: Vec<f64>,
    /// y, `[d]`.
    pub y: Vec<f64>,
    /// ∂S/∂x_i, `[d]`.
    pub s_x: Vec<f64>,
    /// ∂S/∂y_i, `[d]`.
    pub s_y: Vec<f64>,
    /// ∂²S/∂x_i∂x_k, `[d, d]`.
    pub s_xx: Vec<f64>,
    /// ∂²S/∂y_i∂y_k, `[d, d]`.
    pub s_yy: Vec<f64>,
    /// ∂²S/∂y_i∂x_k, `[d, d]`.
    pub s_xy: Vec<f64>,
    /// Values of the vectors of one's own, `[d]` each.
    pub vectors: BTreeMap<Name, Vec<f64>>,
    /// Values of the matrices of one's own, `[d, d]` each.
    pub matrices: BTreeMap<Name, Vec<f64>>,
}

/// The values of all terms at one state with the shift b ([`InverseShift`]), `[T][d]`, in f64 by nalgebra.
///
/// It works term by term and shares nothing with [`evaluate`](crate::evaluate) but the numbers inside
/// [`pinv`](crate::pinv()): for tools, and for tests of the fast route.
///
/// # Errors
///
/// [`Error::Shape`] if lengths do not fit x, [`Error::MissingSymbol`] for a symbol of
/// one's own without a value.
///
/// # Example
///
/// ```
/// use mass_terms::{Library, Point, evaluate_point};
///
/// // S = ½y² − ½x² at (0.5, 2).
/// let point = Point {
///     x: vec![0.5], y: vec![2.0], s_x: vec![-0.5], s_y: vec![2.0],
///     s_xx: vec![-1.0], s_yy: vec![1.0], s_xy: vec![0.0], ..Point::default()
/// };
/// let values = evaluate_point(&Library::standard(), &point, 0.0)?;
/// assert_eq!(values[22], [-0.5]); // Syy^-1 Sx
/// # Ok::<(), mass_terms::Error>(())
/// ```
pub fn evaluate_point(
    library: &Library,
    point: &Point,
    shift: impl Into<InverseShift<f64>>,
) -> Result<Vec<Vec<f64>>, Error> {
    let shift = shift.into();
    library
        .iter()
        .map(|term| {
            point
                .term(term, shift)
                .map(|value| value.as_slice().to_vec())
        })
        .collect()
}

impl Point {
    fn term(&self, term: &Term, shift: InverseShift<f64>) -> Result<DVector<f64>, Error> {
        let mut value = self.vector(&term.vector)?;
        for matrix in term.matrices.iter().rev() {
            value = self.matrix(matrix, shift)? * value;
        }
        Ok(value)
    }

    fn vector(&self, vector: &Vector) -> Result<DVector<f64>, Error> {
        let values = match vector {
            Vector::X => &self.x,
            Vector::Y => &self.y,
            Vector::Sx => &self.s_x,
            Vector::Sy => &self.s_y,
            Vector::Named(name) => self
                .vectors
                .get(name)
                .ok_or_else(|| self.missing("vector", name))?,
        };
        let d = self.x.len();
        if values.len() != d || d == 0 {
            return Err(shape(
                &vector.to_string(),
                &[values.len()],
                format!("[{}]", d.max(1)),
            ));
        }
        Ok(DVector::from_column_slice(values))
    }

    fn matrix(&self, matrix: &Matrix, shift: InverseShift<f64>) -> Result<DMatrix<f64>, Error> {
        let values = match &matrix.base {
            Base::Sxx => &self.s_xx,
            Base::Syy => &self.s_yy,
            Base::Sxy | Base::Syx => &self.s_xy,
            Base::Named(name) => self
                .matrices
                .get(name)
                .ok_or_else(|| self.missing("matrix", name))?,
        };
        let d = self.x.len();
        if values.len() != d * d {
            let expected = format!("[{}] ({d} x {d})", d * d);
            return Err(shape(&matrix.base.to_string(), &[values.len()], expected));
        }
        let mut value = DMatrix::from_row_slice(d, d, values);
        if matrix.base == Base::Syx {
            value = value.transpose();
        }
        if !matrix.inverse {
            return Ok(value);
        }
        // Not nalgebra's: its SVD can be wrong in the second digit for singular 6 × 6 matrices.
        let inverse = shift.inverse_of(value.transpose().as_slice(), d);
        Ok(DMatrix::from_row_slice(d, d, &inverse))
    }

    fn missing(&self, kind: &str, name: &Name) -> Error {
        let given = self.vectors.keys().chain(self.matrices.keys());
        let given: Vec<&str> = given.map(|name| name.as_str()).collect();
        Error::MissingSymbol {
            symbol: format!("{kind} {name}"),
            given: if given.is_empty() {
                "none".to_string()
            } else {
                given.join(", ")
            },
        }
    }
}

//! The values that terms are made of.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use mass_jet::Jet;

use crate::{Error, Name};

/// States and the derivatives of S there, for E scientists and B states in d dimensions.
///
/// Rows of S_xy run over y, columns over x: (S_xy)_ik = ∂²S/∂y_i∂x_k.
#[derive(Debug, Clone)]
pub struct Derivatives {
    /// x, `[E, B, d]`.
    pub x: Tensor<3>,
    /// y, `[E, B, d]`.
    pub y: Tensor<3>,
    /// ∂S/∂x_i, `[E, B, d]`.
    pub s_x: Tensor<3>,
    /// ∂S/∂y_i, `[E, B, d]`.
    pub s_y: Tensor<3>,
    /// ∂²S/∂x_i∂x_k, `[E, B, d, d]`.
    pub s_xx: Tensor<4>,
    /// ∂²S/∂y_i∂y_k, `[E, B, d, d]`.
    pub s_yy: Tensor<4>,
    /// ∂²S/∂y_i∂x_k, `[E, B, d, d]`.
    pub s_xy: Tensor<4>,
    /// Values of the vectors of one's own, `[E, B, d]` each.
    pub vectors: BTreeMap<Name, Tensor<3>>,
    /// Values of the matrices of one's own, `[E, B, d, d]` each.
    pub matrices: BTreeMap<Name, Tensor<4>>,
}

impl Derivatives {
    /// From the values themselves; shapes as in the fields.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] or [`Error::Precision`] naming the tensor that does not fit x.
    pub fn new(
        [x, y, s_x, s_y]: [Tensor<3>; 4],
        [s_xx, s_yy, s_xy]: [Tensor<4>; 3],
    ) -> Result<Self, Error> {
        let (vectors, matrices) = Default::default();
        let derivatives = Self {
            x,
            y,
            s_x,
            s_y,
            s_xx,
            s_yy,
            s_xy,
            vectors,
            matrices,
        };
        derivatives.check()?;
        Ok(derivatives)
    }

    /// From `states` `[E, B, n]`, n = 2d, ordered (x₁, …, x_d, y₁, …, y_d), and the jet of S there.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if n is odd or the two do not fit together.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use mass_jet::Jet;
    /// use mass_terms::Derivatives;
    ///
    /// // S = x y at (2, 3): S_x = 3, S_y = 2, S_xy = 1.
    /// let device = Device::flex();
    /// let states = Tensor::<3>::from_floats([[[2.0, 3.0]]], &device);
    /// let jet = Jet {
    ///     value: Tensor::from_floats([[6.0]], &device),
    ///     gradient: Tensor::from_floats([[[3.0, 2.0]]], &device),
    ///     hessian: Tensor::from_floats([[[[0.0, 1.0], [1.0, 0.0]]]], &device),
    /// };
    /// let derivatives = Derivatives::from_jet(&states, &jet)?;
    /// assert_eq!(derivatives.s_xy.into_scalar::<f32>(), 1.0);
    /// # Ok::<(), mass_terms::Error>(())
    /// ```
    pub fn from_jet(states: &Tensor<3>, jet: &Jet) -> Result<Self, Error> {
        let [e, b, n] = states.dims();
        if n % 2 == 1 || n == 0 {
            return Err(shape("states", &[e, b, n], "[E, B, 2d]".to_string()));
        }
        if jet.gradient.dims() != [e, b, n] {
            return Err(shape(
                "jet.gradient",
                &jet.gradient.dims(),
                format!("{:?}", [e, b, n]),
            ));
        }
        if jet.hessian.dims() != [e, b, n, n] {
            return Err(shape(
                "jet.hessian",
                &jet.hessian.dims(),
                format!("{:?}", [e, b, n, n]),
            ));
        }
        let d = n / 2;
        let half = |t: &Tensor<3>, start: usize| t.clone().narrow(2, start, d);
        let block = |row: usize, column: usize| {
            jet.hessian
                .clone()
                .slice([0..e, 0..b, row..row + d, column..column + d])
        };
        Self::new(
            [
                half(states, 0),
                half(states, d),
                half(&jet.gradient, 0),
                half(&jet.gradient, d),
            ],
            [block(0, 0), block(d, d), block(d, 0)],
        )
    }

    /// Gives a value `[E, B, d]` to a vector of one's own.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] for a name that no symbol may have, or an error of shape or precision.
    pub fn with_vector(mut self, name: &str, value: Tensor<3>) -> Result<Self, Error> {
        self.vectors.insert(name.parse()?, value);
        self.check()?;
        Ok(self)
    }

    /// Gives a value `[E, B, d, d]` to a matrix of one's own.
    ///
    /// # Errors
    ///
    /// As [`Derivatives::with_vector`].
    pub fn with_matrix(mut self, name: &str, value: Tensor<4>) -> Result<Self, Error> {
        self.matrices.insert(name.parse()?, value);
        self.check()?;
        Ok(self)
    }

    /// `[E, B, d]`.
    pub fn dims(&self) -> [usize; 3] {
        self.x.dims()
    }

    /// Checks that all shapes and precisions fit those of x.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let [e, b, d] = self.x.dims();
        if e == 0 || b == 0 || d == 0 {
            return Err(shape(
                "x",
                &[e, b, d],
                "[E, B, d] with each at least 1".to_string(),
            ));
        }
        let vectors = [("y", &self.y), ("s_x", &self.s_x), ("s_y", &self.s_y)];
        let own = self
            .vectors
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        for (name, value) in vectors.into_iter().chain(own) {
            if value.dims() != [e, b, d] {
                return Err(shape(
                    name,
                    &value.dims(),
                    format!("{:?}, as x has,", [e, b, d]),
                ));
            }
            self.same_precision(name, value)?;
        }
        let matrices = [
            ("s_xx", &self.s_xx),
            ("s_yy", &self.s_yy),
            ("s_xy", &self.s_xy),
        ];
        let own = self
            .matrices
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        for (name, value) in matrices.into_iter().chain(own) {
            if value.dims() != [e, b, d, d] {
                return Err(shape(name, &value.dims(), format!("{:?}", [e, b, d, d])));
            }
            self.same_precision(name, value)?;
        }
        Ok(())
    }

    /// Checks that a tensor has the precision of x.
    pub(crate) fn same_precision<const D: usize>(
        &self,
        what: &str,
        value: &Tensor<D>,
    ) -> Result<(), Error> {
        if value.dtype() == self.x.dtype() {
            return Ok(());
        }
        Err(Error::Precision {
            what: what.to_string(),
            found: format!("{:?}", value.dtype()),
            expected: format!("{:?}", self.x.dtype()),
        })
    }
}

pub(crate) fn shape(what: &str, found: &[usize], expected: String) -> Error {
    Error::Shape {
        what: what.to_string(),
        found: found.to_vec(),
        expected,
    }
}

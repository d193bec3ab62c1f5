//! The values that terms are made of.

use std::sync::Arc;

use burn::tensor::{DType, Device, Int, Tensor};
use mass_jet::Jet;

use crate::{Base, Error, Name, Vector};

/// States and the derivatives of S there, for E scientists and B states in d dimensions.
///
/// Rows of S_xy run over y, columns over x: (S_xy)_ik = ∂²S/∂y_i∂x_k.
///
/// Inside, all is one tensor with the batch last, [`Derivatives::table`], which is what kernels
/// read; the other methods cut the usual shapes out of it.
#[derive(Debug, Clone)]
pub struct Derivatives {
    table: Tensor<3>,
    channels: Arc<Channels>,
}

/// What [`Derivatives`] are made of, tensor by tensor, for E scientists and B states in d dimensions.
#[derive(Debug, Clone)]
pub struct DerivativeTensors {
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
}

/// Which channels of a table hold which symbol.
#[derive(Debug, Clone)]
pub(crate) struct Channels {
    dof: usize,
    /// The first of d consecutive channels.
    vectors: Vec<(Vector, usize)>,
    /// d² channels, row by row.
    matrices: Vec<(Base, Vec<usize>)>,
}

impl Derivatives {
    /// From the values themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] or [`Error::Precision`] naming the tensor that does not fit x.
    pub fn new(tensors: DerivativeTensors) -> Result<Self, Error> {
        let DerivativeTensors {
            x,
            y,
            s_x,
            s_y,
            s_xx,
            s_yy,
            s_xy,
        } = tensors;
        let like = Like::new(&x)?;
        let mut channels = Channels {
            dof: like.dims[2],
            vectors: Vec::new(),
            matrices: Vec::new(),
        };
        let (mut parts, mut count) = (Vec::new(), 0);
        let vectors = [
            ("x", Vector::X, x),
            ("y", Vector::Y, y),
            ("s_x", Vector::Sx, s_x),
            ("s_y", Vector::Sy, s_y),
        ];
        for (name, vector, value) in vectors {
            parts.push(like.vector(name, value)?);
            count = channels.set_vector(vector, count);
        }
        let matrices = [
            ("s_xx", Base::Sxx, s_xx),
            ("s_yy", Base::Syy, s_yy),
            ("s_xy", Base::Sxy, s_xy),
        ];
        for (name, base, value) in matrices {
            parts.push(like.matrix(name, value)?);
            count = channels.set_matrix(base, count);
        }
        Ok(Self {
            table: Tensor::cat(parts, 1),
            channels: Arc::new(channels),
        })
    }

    /// From `states` `[E, B, n]`, n = 2d, ordered (x₁, …, x_d, y₁, …, y_d), and the jet of S there.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if n is odd or the two do not fit together, [`Error::Precision`] if they
    /// are of different precision.
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
    /// let jet = Jet::new(
    ///     Tensor::from_floats([[6.0]], &device),
    ///     Tensor::from_floats([[[3.0, 2.0]]], &device),
    ///     Tensor::from_floats([[[[0.0, 1.0], [1.0, 0.0]]]], &device),
    /// )?;
    /// let derivatives = Derivatives::from_jet(&states, &jet)?;
    /// assert_eq!(derivatives.s_xy().into_scalar::<f32>(), 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_jet(states: &Tensor<3>, jet: &Jet) -> Result<Self, Error> {
        let [e, batch, n] = states.dims();
        if n % 2 == 1 || n == 0 || e == 0 || batch == 0 {
            return Err(shape(
                "states",
                &[e, batch, n],
                "[E, B, 2d] with each at least 1".to_string(),
            ));
        }
        let [jet_e, _, jet_batch] = jet.packed().dims();
        let of_jet = [jet_e, jet_batch, jet.coordinates()];
        if of_jet != [e, batch, n] {
            return Err(shape(
                "the gradient of the jet",
                &of_jet,
                format!("{:?}, as the states have,", [e, batch, n]),
            ));
        }
        if jet.packed().dtype() != states.dtype() {
            return Err(precision("the jet", jet.packed().dtype(), states.dtype()));
        }
        Ok(Self {
            table: Tensor::cat(
                vec![states.clone().swap_dims(1, 2), jet.packed().clone()],
                1,
            ),
            channels: Arc::new(Channels::of_jet(n / 2)),
        })
    }

    /// Gives a value `[E, B, d]` to a vector of one's own.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] for a name that no symbol may have, or an error of shape or precision.
    pub fn with_vector(self, name: &str, value: Tensor<3>) -> Result<Self, Error> {
        let symbol = Vector::Named(name.parse()?);
        let rows = self.like().vector(name, value)?;
        Ok(self.appended(rows, |channels, at| channels.set_vector(symbol, at)))
    }

    /// Gives a value `[E, B, d, d]` to a matrix of one's own.
    ///
    /// # Errors
    ///
    /// As [`Derivatives::with_vector`].
    pub fn with_matrix(self, name: &str, value: Tensor<4>) -> Result<Self, Error> {
        let symbol = Base::Named(name.parse()?);
        let rows = self.like().matrix(name, value)?;
        Ok(self.appended(rows, |channels, at| channels.set_matrix(symbol, at)))
    }

    fn appended(self, rows: Tensor<3>, set: impl FnOnce(&mut Channels, usize) -> usize) -> Self {
        let at = self.table.dims()[1];
        let mut channels = self.channels;
        set(Arc::make_mut(&mut channels), at);
        Self {
            table: Tensor::cat(vec![self.table, rows], 1),
            channels,
        }
    }

    /// `[E, B, d]`.
    pub fn dims(&self) -> [usize; 3] {
        let [e, _, batch] = self.table.dims();
        [e, batch, self.channels.dof]
    }

    /// Everything in one tensor, the batch last, `[E, channels, B]`.
    pub fn table(&self) -> &Tensor<3> {
        &self.table
    }

    /// Where the values are.
    pub fn device(&self) -> Device {
        self.table.device()
    }

    /// The precision of the values.
    pub fn dtype(&self) -> DType {
        self.table.dtype()
    }

    /// x, `[E, B, d]`.
    pub fn x(&self) -> Tensor<3> {
        self.standard_vector(&Vector::X)
    }

    /// y, `[E, B, d]`.
    pub fn y(&self) -> Tensor<3> {
        self.standard_vector(&Vector::Y)
    }

    /// ∂S/∂x_i, `[E, B, d]`.
    pub fn s_x(&self) -> Tensor<3> {
        self.standard_vector(&Vector::Sx)
    }

    /// ∂S/∂y_i, `[E, B, d]`.
    pub fn s_y(&self) -> Tensor<3> {
        self.standard_vector(&Vector::Sy)
    }

    /// ∂²S/∂x_i∂x_k, `[E, B, d, d]`.
    pub fn s_xx(&self) -> Tensor<4> {
        self.standard_matrix(&Base::Sxx)
    }

    /// ∂²S/∂y_i∂y_k, `[E, B, d, d]`.
    pub fn s_yy(&self) -> Tensor<4> {
        self.standard_matrix(&Base::Syy)
    }

    /// ∂²S/∂y_i∂x_k, `[E, B, d, d]`.
    pub fn s_xy(&self) -> Tensor<4> {
        self.standard_matrix(&Base::Sxy)
    }

    /// The value of a vector, `[E, B, d]`.
    ///
    /// # Errors
    ///
    /// [`Error::MissingSymbol`] for a vector of one's own without a value.
    pub fn vector(&self, vector: &Vector) -> Result<Tensor<3>, Error> {
        let first = self.channels.vector(vector)?;
        Ok(self
            .table
            .clone()
            .narrow(1, first, self.channels.dof)
            .swap_dims(1, 2))
    }

    /// The value of a matrix, not inverted, `[E, B, d, d]`.
    ///
    /// # Errors
    ///
    /// [`Error::MissingSymbol`] for a matrix of one's own without a value.
    pub fn matrix(&self, base: &Base) -> Result<Tensor<4>, Error> {
        let [e, batch, d] = self.dims();
        let rows = self.rows(&self.channels.matrix(base)?);
        Ok(rows.swap_dims(1, 2).reshape([e, batch, d, d]))
    }

    fn standard_vector(&self, vector: &Vector) -> Tensor<3> {
        self.vector(vector).expect("every table has x, y, S_x, S_y")
    }

    fn standard_matrix(&self, base: &Base) -> Tensor<4> {
        self.matrix(base).expect("every table has S_xx, S_yy, S_xy")
    }

    /// These channels, `[E, channels, B]`.
    pub(crate) fn rows(&self, channels: &[usize]) -> Tensor<3> {
        let first = channels.first().copied().unwrap_or(0);
        if channels.iter().copied().eq(first..first + channels.len()) {
            return self.table.clone().narrow(1, first, channels.len());
        }
        let channels: Vec<i32> = channels.iter().map(|&channel| channel as i32).collect();
        let channels = Tensor::<1, Int>::from_ints(channels.as_slice(), &self.table.device());
        self.table.clone().select(1, channels)
    }

    pub(crate) fn channels(&self) -> &Channels {
        &self.channels
    }

    fn like(&self) -> Like {
        Like {
            dims: self.dims(),
            dtype: self.dtype(),
        }
    }

    /// Checks that a tensor has the precision of x.
    pub(crate) fn same_precision<const D: usize>(
        &self,
        what: &str,
        value: &Tensor<D>,
    ) -> Result<(), Error> {
        self.like().precision(what, value)
    }
}

impl Channels {
    /// Of states `[E, n, B]` followed by a packed jet.
    fn of_jet(d: usize) -> Self {
        let n = 2 * d;
        let block = |row: usize, column: usize| -> Vec<usize> {
            (0..d * d)
                .map(|cell| n + Jet::hessian_row(n, row + cell / d, column + cell % d))
                .collect()
        };
        let gradient = n + 1;
        Self {
            dof: d,
            vectors: vec![
                (Vector::X, 0),
                (Vector::Y, d),
                (Vector::Sx, gradient),
                (Vector::Sy, gradient + d),
            ],
            matrices: vec![
                (Base::Sxx, block(0, 0)),
                (Base::Syy, block(d, d)),
                (Base::Sxy, block(d, 0)),
            ],
        }
    }

    /// The first channel of a vector; d of them follow each other.
    pub(crate) fn vector(&self, vector: &Vector) -> Result<usize, Error> {
        let known = self.vectors.iter().find(|(known, _)| known == vector);
        match known {
            Some((_, first)) => Ok(*first),
            None => Err(self.missing("vector", vector.letters())),
        }
    }

    /// The channels of a matrix, row by row.
    pub(crate) fn matrix(&self, base: &Base) -> Result<Vec<usize>, Error> {
        let d = self.dof;
        let stored = |base: &Base| {
            let known = self.matrices.iter().find(|(known, _)| known == base);
            match known {
                Some((_, channels)) => Ok(channels),
                None => Err(self.missing("matrix", base.letters())),
            }
        };
        match base {
            Base::Syx => {
                let transposed = stored(&Base::Sxy)?;
                Ok((0..d * d)
                    .map(|cell| transposed[cell % d * d + cell / d])
                    .collect())
            }
            _ => Ok(stored(base)?.clone()),
        }
    }

    /// Says that a vector stands from `first` on; returns the channel behind it.
    fn set_vector(&mut self, vector: Vector, first: usize) -> usize {
        self.vectors.retain(|(known, _)| *known != vector);
        self.vectors.push((vector, first));
        first + self.dof
    }

    /// Says that a matrix stands from `first` on, row by row; returns the channel behind it.
    fn set_matrix(&mut self, base: Base, first: usize) -> usize {
        let end = first + self.dof * self.dof;
        self.matrices.retain(|(known, _)| *known != base);
        self.matrices.push((base, (first..end).collect()));
        end
    }

    fn missing(&self, kind: &str, name: &str) -> Error {
        let vectors = self.vectors.iter().filter_map(|(vector, _)| match vector {
            Vector::Named(name) => Some(name),
            _ => None,
        });
        let matrices = self.matrices.iter().filter_map(|(base, _)| match base {
            Base::Named(name) => Some(name),
            _ => None,
        });
        let given: Vec<&str> = vectors.chain(matrices).map(Name::as_str).collect();
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

/// What the values of symbols have in common.
struct Like {
    /// `[E, B, d]`.
    dims: [usize; 3],
    dtype: DType,
}

impl Like {
    fn new(x: &Tensor<3>) -> Result<Self, Error> {
        let dims = x.dims();
        if dims.contains(&0) {
            return Err(shape(
                "x",
                &dims,
                "[E, B, d] with each at least 1".to_string(),
            ));
        }
        Ok(Self {
            dims,
            dtype: x.dtype(),
        })
    }

    /// A vector `[E, B, d]` as channels, `[E, d, B]`.
    fn vector(&self, name: &str, value: Tensor<3>) -> Result<Tensor<3>, Error> {
        let [e, batch, d] = self.dims;
        if value.dims() != self.dims {
            return Err(shape(
                name,
                &value.dims(),
                format!("{:?}, as x has,", self.dims),
            ));
        }
        self.precision(name, &value)?;
        Ok(channels_first(value, [e, batch, d]))
    }

    /// A matrix `[E, B, d, d]` as channels, `[E, d², B]`.
    fn matrix(&self, name: &str, value: Tensor<4>) -> Result<Tensor<3>, Error> {
        let [e, batch, d] = self.dims;
        if value.dims() != [e, batch, d, d] {
            return Err(shape(
                name,
                &value.dims(),
                format!("{:?}", [e, batch, d, d]),
            ));
        }
        self.precision(name, &value)?;
        let value = value.reshape([e, batch, d * d]);
        Ok(channels_first(value, [e, batch, d * d]))
    }

    fn precision<const D: usize>(&self, what: &str, value: &Tensor<D>) -> Result<(), Error> {
        if value.dtype() == self.dtype {
            return Ok(());
        }
        Err(precision(what, value.dtype(), self.dtype))
    }
}

/// `[E, B, channels]` to `[E, channels, B]`.
fn channels_first(value: Tensor<3>, [e, batch, channels]: [usize; 3]) -> Tensor<3> {
    if channels == 1 {
        value.reshape([e, 1, batch]) // no copy, where a permutation would make one
    } else {
        value.swap_dims(1, 2)
    }
}

fn precision(what: &str, found: DType, expected: DType) -> Error {
    Error::Precision {
        what: what.to_string(),
        found: format!("{found:?}"),
        expected: format!("{expected:?}"),
    }
}

pub(crate) fn shape(what: &str, found: &[usize], expected: String) -> Error {
    Error::Shape {
        what: what.to_string(),
        found: found.to_vec(),
        expected,
    }
}

//! The scalar network S(x, y): its configuration, its parameters, its initialisation.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, TensorData},
};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{Activation, Error, Precision};

/// What the first layer of a [`ScalarNet`] sees of a state (x, y).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputFeatures {
    /// The 2d coordinates (x, y) alone.
    Plain,
    /// The 5d features (x, y, x², y², x ⊙ y), elementwise products, which give S a curvature to
    /// start from (Fu et al. 2025, Appendix A).
    #[default]
    Augmented,
}

impl InputFeatures {
    /// Number of features for `dof` degrees of freedom: 2d or 5d.
    pub fn count(self, dof: usize) -> usize {
        match self {
            InputFeatures::Plain => 2 * dof,
            InputFeatures::Augmented => 5 * dof,
        }
    }
}

/// The shape of a [`ScalarNet`].
///
/// # Example
///
/// ```
/// use mass_jet::{DeviceKind, Precision, ScalarNetConfig};
/// use rand::SeedableRng;
/// use rand_chacha::ChaCha8Rng;
///
/// // Three networks S(x, y) of one degree of freedom, each from its own stream.
/// let mut streams = [0, 1, 2].map(ChaCha8Rng::seed_from_u64);
/// let device = DeviceKind::Flex.open()?;
/// let net = ScalarNetConfig::new(1).init(&mut streams, &device, Precision::F32)?;
/// assert_eq!(net.ensemble_size(), 3);
/// # Ok::<(), mass_jet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalarNetConfig {
    /// Degrees of freedom d; a state has n = 2d coordinates (x, y).
    pub dof: usize,
    /// Hidden layers L, at least 1.
    pub hidden_layers: usize,
    /// Units in each hidden layer, H.
    pub width: usize,
    /// Activation after each hidden layer.
    pub activation: Activation,
    /// What the first layer sees.
    pub input: InputFeatures,
}

/// One parameter of a network: what it is called, its shape, and where its numbers stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterSpec {
    /// Its name, unique within the network, as `layer.0.weight`.
    pub name: String,
    /// `[rows, columns]` of one member.
    pub shape: [usize; 2],
    /// Where its numbers stand.
    pub place: Place,
}

impl ParameterSpec {
    /// Numbers of one member.
    pub fn count(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// The parameter, `[E, rows, columns]`, out of the network's row `[E, P]`, or out of anything of
    /// a row's shape, as its gradient is; `None` of a parameter that stands in no row.
    pub fn cut(&self, row: &Tensor<2>) -> Option<Tensor<3>> {
        let Place::Row { from } = self.place else {
            return None;
        };
        let [rows, columns] = self.shape;
        let members = row.dims()[0];
        let part = row.clone().narrow(1, from, rows * columns);
        Some(part.reshape([members, rows, columns]))
    }
}

/// Where the numbers of a parameter stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the network's row, `[E, P]`, row-major from this column on.
    Row {
        /// The first column.
        from: usize,
    },
    /// In a tensor of its own: no derivative of S depends on it, so that training never moves it.
    Alone,
}

impl ScalarNetConfig {
    /// The network of the released code for `dof` degrees of freedom: 5 hidden layers of 20 units,
    /// GELU, augmented input.
    pub fn new(dof: usize) -> Self {
        Self {
            dof,
            hidden_layers: 5,
            width: 20,
            activation: Activation::Gelu,
            input: InputFeatures::Augmented,
        }
    }

    /// Checks that every size is in range.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] naming the field, if d, L or H is 0.
    pub fn validate(&self) -> Result<(), Error> {
        for (key, value) in [
            ("dof", self.dof),
            ("hidden_layers", self.hidden_layers),
            ("width", self.width),
        ] {
            if value == 0 {
                return Err(Error::Config {
                    key,
                    found: value.to_string(),
                    expected: "at least 1",
                });
            }
        }
        Ok(())
    }

    /// `[out, in]` of each layer's weight, the output layer last.
    pub fn layer_shapes(&self) -> Vec<[usize; 2]> {
        let mut fan_in = self.input.count(self.dof);
        let mut shapes = Vec::with_capacity(self.hidden_layers + 1);
        for _ in 0..self.hidden_layers {
            shapes.push([self.width, fan_in]);
            fan_in = self.width;
        }
        shapes.push([1, fan_in]);
        shapes
    }

    /// The parameters in order, weight `[out, in]` and bias `[out, 1]` of each layer, the output
    /// layer last: the one description of their names, shapes and places.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_jet::{Place, ScalarNetConfig};
    ///
    /// let parameters = ScalarNetConfig::new(1).parameters();
    /// assert_eq!((parameters[1].name.as_str(), parameters[1].shape), ("layer.0.bias", [20, 1]));
    /// assert_eq!(parameters[1].place, Place::Row { from: 20 * 5 });
    /// assert_eq!(parameters[11].place, Place::Alone); // the output bias
    /// ```
    pub fn parameters(&self) -> Vec<ParameterSpec> {
        let mut from = 0;
        let mut specs = Vec::with_capacity(2 * (self.hidden_layers + 1));
        for (layer, [out, fan_in]) in self.layer_shapes().into_iter().enumerate() {
            for (part, shape) in [("weight", [out, fan_in]), ("bias", [out, 1])] {
                let is_output_bias = layer == self.hidden_layers && part == "bias";
                let place = match is_output_bias {
                    true => Place::Alone,
                    false => Place::Row { from },
                };
                from += shape[0] * shape[1];
                specs.push(ParameterSpec {
                    name: format!("layer.{layer}.{part}"),
                    shape,
                    place,
                });
            }
        }
        specs
    }

    /// Parameters of one network, the output bias among them.
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().map(ParameterSpec::count).sum()
    }

    /// One network per stream, every weight and bias from U(−1/√fan-in, 1/√fan-in), which is
    /// PyTorch's default for `Linear` and what the released code uses.
    ///
    /// Member e depends on `streams[e]` alone, so a network is the same whatever ensemble it is
    /// drawn in.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a size is 0 or there is no stream.
    pub fn init<R: Rng>(
        &self,
        streams: &mut [R],
        device: &Device,
        precision: Precision,
    ) -> Result<ScalarNet, Error> {
        self.validate()?;
        if streams.is_empty() {
            return Err(Error::Config {
                key: "streams",
                found: "0".to_string(),
                expected: "one random stream per member, at least 1",
            });
        }
        let shapes = self.layer_shapes();
        let members = streams.len();
        // Weight and bias of each layer in turn, which is the order of a row; the output bias, which
        // stands in none, is drawn last.
        let mut row = Vec::with_capacity(members * (self.parameter_count() - 1));
        let mut output_bias = Vec::with_capacity(members);
        for stream in streams.iter_mut() {
            for [out, fan_in] in &shapes {
                let bound = 1.0 / (*fan_in as f64).sqrt();
                let drawn = (0..out * (fan_in + 1)).map(|_| stream.random_range(-bound..bound));
                row.extend(drawn);
            }
            output_bias.extend(row.pop());
        }
        let options = (device, precision.dtype());
        let columns = row.len() / members;
        ScalarNet::from_row(
            self.clone(),
            Tensor::from_data(TensorData::new(row, [members, columns]), options),
            Tensor::from_data(TensorData::new(output_bias, [members, 1, 1]), options),
        )
    }
}

/// An ensemble of E scalar networks S(x, y) of one shape, as a Burn module.
///
/// Every parameter has the ensemble axis first; one network is E = 1. All but one of them stand in
/// one row per network, so that what treats every number alike, as an optimiser does, and the fused
/// jet, which reads them in this order, are not slowed down by a dozen small tensors.
/// [`ScalarNet::tensors`], [`ScalarNet::weight`] and [`ScalarNet::bias`] cut the usual shapes out of
/// it, by the one description of them, [`ScalarNetConfig::parameters`].
#[derive(Module, Debug)]
pub struct ScalarNet {
    /// All parameters but the last, in the order of [`ScalarNetConfig::parameters`], `[E, P]`.
    pub parameters: Param<Tensor<2>>,
    /// The bias of the output layer, `[E, 1, 1]`: no derivative of S depends on it.
    pub output_bias: Param<Tensor<3>>,
    #[module(skip)]
    config: ScalarNetConfig,
}

impl ScalarNet {
    /// A network from its parameters in the order of [`ScalarNetConfig::parameters`]: weight and bias
    /// of each layer, `[E, out, in]` and `[E, out, 1]`. Gradients are those of the network's own parameters,
    /// not of these.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] naming the first tensor whose shape does not fit the configuration, and
    /// [`Error::Config`] for a size of 0.
    pub fn from_tensors(
        config: ScalarNetConfig,
        mut tensors: Vec<Tensor<3>>,
    ) -> Result<Self, Error> {
        config.validate()?;
        let specs = config.parameters();
        if tensors.len() != specs.len() {
            let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
            return Err(Error::Shape {
                what: "the list of parameters".to_string(),
                found: vec![tensors.len()],
                expected: format!("{} tensors: {}", names.len(), names.join(", ")),
            });
        }
        let members = tensors[0].dims()[0];
        for (tensor, spec) in tensors.iter().zip(specs) {
            let expected = [members, spec.shape[0], spec.shape[1]];
            check(spec.name, &tensor.dims(), &expected, members)?;
        }
        let output_bias = tensors.pop().expect("counted above");
        let rows = tensors.into_iter().map(|tensor| {
            let [_, rows, columns] = tensor.dims();
            tensor.reshape([members, rows * columns])
        });
        Self::from_row(config, Tensor::cat(rows.collect(), 1), output_bias)
    }

    /// A network from its parameters in one row, `[E, P]`, and its output bias, `[E, 1, 1]`.
    ///
    /// # Errors
    ///
    /// As [`ScalarNet::from_tensors`].
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::Tensor;
    /// use mass_jet::{DeviceKind, ScalarNet, ScalarNetConfig};
    ///
    /// let device = DeviceKind::Flex.open()?;
    /// let config = ScalarNetConfig::new(1);
    /// let row = Tensor::<2>::zeros([3, config.parameter_count() - 1], &device);
    /// let net = ScalarNet::from_row(config, row, Tensor::zeros([3, 1, 1], &device))?;
    /// assert_eq!(net.weight(1).dims(), [3, 20, 20]); // [E, out, in]
    /// # Ok::<(), mass_jet::Error>(())
    /// ```
    pub fn from_row(
        config: ScalarNetConfig,
        parameters: Tensor<2>,
        output_bias: Tensor<3>,
    ) -> Result<Self, Error> {
        config.validate()?;
        let [members, _] = parameters.dims();
        let row = [members, config.parameter_count() - 1];
        check("the row of parameters", &parameters.dims(), &row, members)?;
        let bias = [members, 1, 1];
        check("the output bias", &output_bias.dims(), &bias, members)?;
        Ok(Self {
            parameters: Param::from_tensor(parameters.detach()),
            output_bias: Param::from_tensor(output_bias.detach()),
            config,
        })
    }

    /// The parameters in the order of [`ScalarNetConfig::parameters`], each `[E, out, in]` or
    /// `[E, out, 1]`.
    pub fn tensors(&self) -> Vec<Tensor<3>> {
        let specs = self.config.parameters().into_iter();
        specs.map(|spec| self.parameter(&spec)).collect()
    }

    /// The weights of a layer, `[E, out, in]`; layer L is the output.
    ///
    /// # Panics
    ///
    /// If there is no such layer.
    pub fn weight(&self, layer: usize) -> Tensor<3> {
        self.parameter(&self.config.parameters()[2 * layer])
    }

    /// The biases of a layer, `[E, out, 1]`; layer L is the output.
    ///
    /// # Panics
    ///
    /// If there is no such layer.
    pub fn bias(&self, layer: usize) -> Tensor<3> {
        self.parameter(&self.config.parameters()[2 * layer + 1])
    }

    fn parameter(&self, spec: &ParameterSpec) -> Tensor<3> {
        spec.cut(&self.parameters.val())
            .unwrap_or_else(|| self.output_bias.val())
    }

    /// Cuts what has a row's shape, `[E, P]`, as the gradient of [`ScalarNet::parameters`] has, into
    /// the shapes of the parameters, in the order of [`ScalarNetConfig::parameters`] without the last,
    /// which stands in no row.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if it has not P columns.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::Tensor;
    /// use mass_jet::{DeviceKind, ScalarNet, ScalarNetConfig};
    ///
    /// let config = ScalarNetConfig::new(1);
    /// let gradient = Tensor::<2>::ones([3, 1820], &DeviceKind::Flex.open()?);
    /// let parts = ScalarNet::parts(&config, gradient)?;
    /// assert_eq!((parts.len(), parts[2].dims()), (11, [3, 20, 20])); // layer.1.weight
    /// # Ok::<(), mass_jet::Error>(())
    /// ```
    pub fn parts(config: &ScalarNetConfig, row: Tensor<2>) -> Result<Vec<Tensor<3>>, Error> {
        let expected = [row.dims()[0], config.parameter_count() - 1];
        check("the row", &row.dims(), &expected, 1)?;
        let specs = config.parameters().into_iter();
        Ok(specs.filter_map(|spec| spec.cut(&row)).collect())
    }

    /// The configuration that the network was made from.
    pub fn config(&self) -> &ScalarNetConfig {
        &self.config
    }

    /// Number of networks, E.
    pub fn ensemble_size(&self) -> usize {
        self.parameters.val().dims()[0]
    }
}

fn check(
    what: impl Into<String>,
    found: &[usize],
    expected: &[usize],
    members: usize,
) -> Result<(), Error> {
    if found == expected && members > 0 {
        return Ok(());
    }
    Err(Error::Shape {
        what: what.into(),
        found: found.to_vec(),
        expected: format!("{expected:?} with at least one member"),
    })
}

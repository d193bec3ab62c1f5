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

    /// Parameters of one network, the output bias among them.
    pub fn parameter_count(&self) -> usize {
        self.layer_shapes()
            .iter()
            .map(|[out, fan_in]| out * (fan_in + 1))
            .sum()
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
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); 2 * shapes.len()];
        for stream in streams.iter_mut() {
            for (layer, [out, fan_in]) in shapes.iter().enumerate() {
                let bound = 1.0 / (*fan_in as f64).sqrt();
                let mut draw = |count: usize, into: &mut Vec<f64>| {
                    into.extend((0..count).map(|_| stream.random_range(-bound..bound)));
                };
                draw(out * fan_in, &mut values[2 * layer]);
                draw(*out, &mut values[2 * layer + 1]);
            }
        }
        let members = streams.len();
        let tensors = values.into_iter().enumerate().map(|(index, values)| {
            let [out, fan_in] = shapes[index / 2];
            let shape = [members, out, if index % 2 == 0 { fan_in } else { 1 }];
            Tensor::from_data(TensorData::new(values, shape), (device, precision.dtype()))
        });
        ScalarNet::from_tensors(self.clone(), tensors.collect())
    }
}

/// An ensemble of E scalar networks S(x, y) of one shape, as a Burn module.
///
/// Every parameter has the ensemble axis first; one network is E = 1. All but one of them stand in
/// one row per network, so that what treats every number alike, as an optimiser does, and the fused
/// jet, which reads them in this order, are not slowed down by a dozen small tensors.
/// [`ScalarNet::tensors`], [`ScalarNet::weight`] and [`ScalarNet::bias`] cut the usual shapes out of
/// it.
#[derive(Module, Debug)]
pub struct ScalarNet {
    /// All parameters but the last, in the order of [`ScalarNet::names`], `[E, P]`.
    pub parameters: Param<Tensor<2>>,
    /// The bias of the output layer, `[E, 1, 1]`: no derivative of S depends on it.
    pub output_bias: Param<Tensor<3>>,
    #[module(skip)]
    config: ScalarNetConfig,
}

impl ScalarNet {
    /// A network from its parameters in the order of [`ScalarNet::names`]: weight and bias of each
    /// layer, `[E, out, in]` and `[E, out, 1]`. Gradients are those of the network's own parameters,
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
        let names = Self::names(&config);
        if tensors.len() != names.len() {
            return Err(Error::Shape {
                what: "the list of parameters".to_string(),
                found: vec![tensors.len()],
                expected: format!("{} tensors: {}", names.len(), names.join(", ")),
            });
        }
        let members = tensors[0].dims()[0];
        for ((tensor, name), expected) in tensors.iter().zip(names).zip(shapes(&config)) {
            let expected = [members, expected[0], expected[1]];
            check(name, &tensor.dims(), &expected, members)?;
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

    /// Parameter names in order, `layer.0.weight`, `layer.0.bias`, ..., the output layer last.
    pub fn names(config: &ScalarNetConfig) -> Vec<String> {
        (0..=config.hidden_layers)
            .flat_map(|layer| {
                [
                    format!("layer.{layer}.weight"),
                    format!("layer.{layer}.bias"),
                ]
            })
            .collect()
    }

    /// The parameters in the order of [`ScalarNet::names`], each `[E, out, in]` or `[E, out, 1]`.
    pub fn tensors(&self) -> Vec<Tensor<3>> {
        (0..=self.config.hidden_layers)
            .flat_map(|layer| [self.weight(layer), self.bias(layer)])
            .collect()
    }

    /// The weights of a layer, `[E, out, in]`; layer L is the output.
    ///
    /// # Panics
    ///
    /// If there is no such layer.
    pub fn weight(&self, layer: usize) -> Tensor<3> {
        self.cut(2 * layer)
    }

    /// The biases of a layer, `[E, out, 1]`; layer L is the output.
    ///
    /// # Panics
    ///
    /// If there is no such layer.
    pub fn bias(&self, layer: usize) -> Tensor<3> {
        if layer == self.config.hidden_layers {
            return self.output_bias.val();
        }
        self.cut(2 * layer + 1)
    }

    /// A parameter out of the row, by its place among the names.
    fn cut(&self, index: usize) -> Tensor<3> {
        cut(&shapes(&self.config), index, self.parameters.val())
    }

    /// Cuts what has a row's shape, `[E, P]`, as the gradient of [`ScalarNet::parameters`] has, into
    /// the shapes of the parameters, in the order of [`ScalarNet::names`] without the last.
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
        let shapes = shapes(config);
        let parts = 0..shapes.len() - 1;
        Ok(parts
            .map(|index| cut(&shapes, index, row.clone()))
            .collect())
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

/// `[rows, columns]` of each parameter of one network, in the order of [`ScalarNet::names`].
fn shapes(config: &ScalarNetConfig) -> Vec<[usize; 2]> {
    let layers = config.layer_shapes().into_iter();
    layers
        .flat_map(|[out, fan_in]| [[out, fan_in], [out, 1]])
        .collect()
}

fn cut(shapes: &[[usize; 2]], index: usize, row: Tensor<2>) -> Tensor<3> {
    let [rows, columns] = shapes[index];
    let from = shapes[..index].iter().map(|[r, c]| r * c).sum();
    let members = row.dims()[0];
    row.narrow(1, from, rows * columns)
        .reshape([members, rows, columns])
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

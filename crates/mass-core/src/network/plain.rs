//! A plain network for ẏ, to compare with: no scalar, no theory.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, TensorData},
};
use mass_jet::{Activation, InputFeatures, Jet, ParameterSpec, Place, Precision};
use mass_systems::ChaCha8Rng;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::mlp::MlpRecipe;
use crate::Error;

/// A multilayer perceptron from (x, y) to ẏ: what one would fit without any physics.
///
/// It has no S, and so no terms and no theory: the shared layer stands still.
///
/// # Example
///
/// ```
/// use mass_core::{NetworkRecipe, Recipe};
///
/// let text = Recipe::reference().to_toml().replace("[network]", "[network]\nkind = \"plain\"");
/// let plain = Recipe::from_toml(&text.replace("\"reference\"", "\"no physics\""))?;
/// assert!(matches!(plain.network, NetworkRecipe::Plain(_)));
/// // Double pendulum, d = 2: the last layer gives both components of ẏ.
/// assert_eq!(plain.network.parameters(2).last().expect("a bias").shape, [2, 1]);
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainRecipe {
    /// Hidden layers.
    pub hidden_layers: usize,
    /// Units in each hidden layer.
    pub width: usize,
    /// Activation function.
    pub activation: Activation,
    /// What the first layer sees.
    pub input: InputFeatures,
}

impl From<MlpRecipe> for PlainRecipe {
    /// Of the same size.
    fn from(mlp: MlpRecipe) -> Self {
        let MlpRecipe {
            hidden_layers,
            width,
            activation,
            input,
        } = mlp;
        Self {
            hidden_layers,
            width,
            activation,
            input,
        }
    }
}

impl PlainRecipe {
    /// What a recipe calls it.
    pub(crate) const KIND: &'static str = "plain";

    /// The perceptron of this size for a scalar.
    pub(crate) fn mlp(&self) -> MlpRecipe {
        MlpRecipe {
            hidden_layers: self.hidden_layers,
            width: self.width,
            activation: self.activation,
            input: self.input,
        }
    }

    /// `[out, in]` of each layer's weight.
    fn layer_shapes(&self, dof: usize) -> Vec<[usize; 2]> {
        let mut shapes = self.mlp().config(dof).layer_shapes();
        if let Some(last) = shapes.last_mut() {
            last[0] = dof;
        }
        shapes
    }

    /// Names, shapes and places of the parameters, weight and bias of each layer in turn.
    pub(crate) fn parameters(&self, dof: usize) -> Vec<ParameterSpec> {
        let (mut from, mut specs) = (0, Vec::new());
        for (layer, [out, fan_in]) in self.layer_shapes(dof).into_iter().enumerate() {
            for (part, shape) in [("weight", [out, fan_in]), ("bias", [out, 1])] {
                specs.push(ParameterSpec {
                    name: format!("layer.{layer}.{part}"),
                    shape,
                    place: Place::Row { from },
                });
                from += shape[0] * shape[1];
            }
        }
        specs
    }

    /// One network per stream, from PyTorch's default initialisation.
    pub(crate) fn init(
        &self,
        dof: usize,
        streams: &mut [ChaCha8Rng],
        device: &Device,
        precision: Precision,
    ) -> PlainNet {
        let (shapes, members) = (self.layer_shapes(dof), streams.len());
        let mut row = Vec::new();
        for stream in streams {
            for [out, fan_in] in &shapes {
                let bound = 1.0 / (*fan_in as f64).sqrt();
                let drawn = (0..out * (fan_in + 1)).map(|_| stream.random_range(-bound..bound));
                row.extend(drawn);
            }
        }
        let data = TensorData::new(row.clone(), [members, row.len() / members]);
        self.with_row(dof, Tensor::from_data(data, (device, precision.dtype())))
    }

    /// Networks of these parameters, `[E, P]`.
    pub(crate) fn with_row(&self, dof: usize, row: Tensor<2>) -> PlainNet {
        PlainNet {
            parameters: Param::from_tensor(row),
            recipe: self.clone(),
            dof,
        }
    }
}

/// E plain networks of one shape.
#[derive(Module, Debug)]
pub struct PlainNet {
    /// All parameters, `[E, P]`.
    pub parameters: Param<Tensor<2>>,
    #[module(skip)]
    recipe: PlainRecipe,
    #[module(skip)]
    dof: usize,
}

impl PlainNet {
    pub(crate) fn recipe(&self) -> &PlainRecipe {
        &self.recipe
    }

    pub(crate) fn dof(&self) -> usize {
        self.dof
    }

    pub(crate) fn specs(&self) -> Vec<ParameterSpec> {
        self.recipe.parameters(self.dof)
    }

    /// ẏ `[E, B, d]` at states `[E, B, 2d]`.
    ///
    /// # Errors
    ///
    /// An error naming the states if they are of another shape.
    pub fn acceleration(&self, states: Tensor<3>) -> Result<Tensor<3>, Error> {
        let row = self.parameters.val();
        let (members, [e, batch, n]) = (row.dims()[0], states.dims());
        if e != members || n != 2 * self.dof || batch == 0 {
            return Err(Error::Jet(mass_jet::Error::Shape {
                what: "states".to_string(),
                found: vec![e, batch, n],
                expected: format!("[{members}, B, {}] with B at least 1", 2 * self.dof),
            }));
        }
        let states = states.swap_dims(1, 2);
        let x = states.clone().narrow(1, 0, self.dof);
        let y = states.clone().narrow(1, self.dof, self.dof);
        let mut signal = match self.recipe.input {
            InputFeatures::Augmented => Tensor::cat(
                vec![states, x.clone().square(), y.clone().square(), x * y],
                1,
            ),
            InputFeatures::Plain => states,
        };
        let layers = self.recipe.hidden_layers;
        for (layer, parts) in self.specs().chunks_exact(2).enumerate() {
            let part = |spec: &ParameterSpec| spec.cut(&row).expect("it stands in the row");
            signal = part(&parts[0]).matmul(signal) + part(&parts[1]);
            if layer < layers {
                signal = self.recipe.activation.jet(signal).value;
            }
        }
        Ok(signal.swap_dims(1, 2))
    }

    /// S = 0 with its derivatives, for it has none.
    pub(crate) fn no_scalar(&self, states: &Tensor<3>) -> Result<Jet, Error> {
        let [e, batch, n] = states.dims();
        let like = (&states.device(), states.dtype());
        Ok(Jet::new(
            Tensor::zeros([e, batch], like),
            Tensor::zeros([e, batch, n], like),
            Tensor::zeros([e, batch, n, n], like),
        )?)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use mass_systems::{Purpose, stream};

    use super::*;

    #[test]
    fn a_network_without_hidden_units_of_its_own_is_what_one_computes_by_hand() {
        // d = 1, one hidden unit: ẏ = w₁ tanh(w₀ · (x, y, x², y², x y) + b₀) + b₁.
        let recipe = PlainRecipe {
            hidden_layers: 1,
            width: 1,
            activation: Activation::Tanh,
            input: InputFeatures::Augmented,
        };
        let row = [0.3, -0.2, 0.5, 0.1, -0.4, 0.05, 1.5, -0.7];
        let device = Device::flex();
        let like = (&device, burn::tensor::DType::F64);
        let row_tensor = Tensor::from_data(TensorData::new(row.to_vec(), [1, 8]), like);
        let net = recipe.with_row(1, row_tensor);
        let (x, y): (f64, f64) = (0.8, -1.1);
        let states = Tensor::from_data(TensorData::new(vec![x, y], [1, 1, 2]), like);
        let found = net.acceleration(states).unwrap().into_data();
        let inner = 0.3 * x - 0.2 * y + 0.5 * x * x + 0.1 * y * y - 0.4 * x * y + 0.05;
        let expected = 1.5 * inner.tanh() - 0.7;
        let found: Vec<f64> = found.try_to_vec().unwrap();
        approx::assert_abs_diff_eq!(found[0], expected, epsilon = 1e-12);
        let bad = Tensor::from_data(TensorData::new(vec![x], [1, 1, 1]), like);
        assert!(net.acceleration(bad).is_err());
    }

    #[test]
    fn each_is_drawn_from_its_own_stream() {
        let recipe = PlainRecipe::from(MlpRecipe {
            hidden_layers: 2,
            width: 3,
            activation: Activation::Gelu,
            input: InputFeatures::Plain,
        });
        let device = Device::flex();
        let drawn = |seeds: &[u64]| -> Vec<f64> {
            let streams = seeds
                .iter()
                .map(|seed| stream(*seed, Purpose::Init, "test"));
            let mut streams: Vec<_> = streams.collect();
            let net = recipe.init(2, &mut streams, &device, Precision::F64);
            net.parameters.val().into_data().try_to_vec().unwrap()
        };
        let (both, second) = (drawn(&[0, 1]), drawn(&[1]));
        assert_eq!(both[second.len()..], second[..]);
        // 4 · 3 + 3, 3 · 3 + 3, 3 · 2 + 2.
        assert_eq!(second.len(), 35);
    }
}

//! The scalar network of a system, S_j(x, y): which architectures there are, and what each has to
//! offer.
//!
//! An architecture is a file of its own beside `mlp.rs`, a variant of [`NetworkRecipe`] and of
//! [`Network`], and a name in [`NetworkRecipe::KINDS`]. The rest of the crate knows a network by its
//! parameters ([`ParameterSpec`]) and its jet alone.

mod mlp;
mod plain;

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use mass_jet::{Jet, ParameterSpec, Precision, ScalarNet, scalar_jet};
use mass_suggest::{hint, nearest};
use mass_systems::ChaCha8Rng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, tensors::pick_members};

pub use mlp::MlpRecipe;
pub use plain::{PlainNet, PlainRecipe};

/// The network of each system, S_j = f_j(x_j, y_j) (Fu et al. 2025, Eq. 3): a choice among
/// architectures.
///
/// In files it is a table, whose `kind` says which architecture it is of; without one, it is an MLP,
/// as everything in the paper.
///
/// # Example
///
/// ```
/// use mass_core::Recipe;
///
/// let mut recipe = Recipe::reference();
/// recipe.network.mlp_mut().expect("an MLP").width = 8;
/// assert_eq!(recipe.network.parameters(1)[0].shape, [8, 5]); // d = 1: five features
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NetworkRecipe {
    /// `mlp`: a multilayer perceptron.
    Mlp(MlpRecipe),
    /// `plain`: a multilayer perceptron for ẏ itself, without a scalar.
    Plain(PlainRecipe),
}

impl NetworkRecipe {
    /// The kinds of network that a recipe may ask for.
    pub const KINDS: [&'static str; 2] = [MlpRecipe::KIND, PlainRecipe::KIND];

    /// The MLP, if it is one.
    pub fn mlp(&self) -> Option<&MlpRecipe> {
        match self {
            NetworkRecipe::Mlp(mlp) => Some(mlp),
            NetworkRecipe::Plain(_) => None,
        }
    }

    /// The MLP, if it is one, to change it.
    pub fn mlp_mut(&mut self) -> Option<&mut MlpRecipe> {
        match self {
            NetworkRecipe::Mlp(mlp) => Some(mlp),
            NetworkRecipe::Plain(_) => None,
        }
    }

    /// Names, shapes and places of the parameters of one network for `dof` degrees of freedom.
    pub fn parameters(&self, dof: usize) -> Vec<ParameterSpec> {
        match self {
            NetworkRecipe::Mlp(mlp) => mlp.config(dof).parameters(),
            NetworkRecipe::Plain(plain) => plain.parameters(dof),
        }
    }

    /// Whether it is a scalar's. Without one there are no terms and no theory.
    pub fn has_scalar(&self) -> bool {
        !matches!(self, NetworkRecipe::Plain(_))
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        match self {
            NetworkRecipe::Mlp(mlp) => mlp.validate(),
            NetworkRecipe::Plain(plain) => plain.mlp().validate(),
        }
    }

    /// One network per stream, each drawn from its own.
    pub(crate) fn init(
        &self,
        dof: usize,
        streams: &mut [ChaCha8Rng],
        device: &Device,
        precision: Precision,
    ) -> Result<Network, Error> {
        Ok(match self {
            NetworkRecipe::Mlp(mlp) => {
                Network::Mlp(mlp.config(dof).init(streams, device, precision)?)
            }
            NetworkRecipe::Plain(plain) => {
                Network::Plain(plain.init(dof, streams, device, precision))
            }
        })
    }

    /// Networks from their row, `[E, P]`, and the parameters that stand alone.
    pub(crate) fn with_row(
        &self,
        dof: usize,
        row: Tensor<2>,
        alone: &[Tensor<3>],
    ) -> Result<Network, Error> {
        Ok(match self {
            NetworkRecipe::Mlp(mlp) => {
                let bias = alone.first().expect("an MLP has an output bias").clone();
                Network::Mlp(ScalarNet::from_row(mlp.config(dof), row, bias)?)
            }
            NetworkRecipe::Plain(plain) => Network::Plain(plain.with_row(dof, row)),
        })
    }
}

impl Serialize for NetworkRecipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Without a kind, as before there were any: checkpoints know their recipe by this text.
            // Another architecture writes its own.
            NetworkRecipe::Mlp(mlp) => mlp.serialize(serializer),
            NetworkRecipe::Plain(plain) => {
                #[derive(Serialize)]
                struct Tagged<'a> {
                    kind: &'static str,
                    #[serde(flatten)]
                    plain: &'a PlainRecipe,
                }
                let kind = PlainRecipe::KIND;
                Tagged { kind, plain }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for NetworkRecipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = toml::Table::deserialize(deserializer)?;
        let kind = match table.remove("kind") {
            None => MlpRecipe::KIND.to_string(),
            Some(toml::Value::String(kind)) => kind,
            Some(other) => {
                let found = de::Unexpected::Other(other.type_str());
                return Err(de::Error::invalid_type(found, &"a kind of network"));
            }
        };
        match kind.as_str() {
            MlpRecipe::KIND => table.try_into().map(NetworkRecipe::Mlp),
            PlainRecipe::KIND => table.try_into().map(NetworkRecipe::Plain),
            _ => {
                return Err(de::Error::custom(format!(
                    "unknown kind of network {kind:?}{} (known: {})",
                    hint(nearest(&kind, Self::KINDS)),
                    Self::KINDS.join(", ")
                )));
            }
        }
        .map_err(|error: toml::de::Error| de::Error::custom(error.message()))
    }
}

/// E networks of one architecture, one per scientist.
#[derive(Module, Debug)]
#[non_exhaustive]
pub enum Network {
    /// A multilayer perceptron.
    Mlp(ScalarNet),
    /// A plain network for ẏ.
    Plain(PlainNet),
}

impl Network {
    /// The MLP, if it is one.
    pub fn mlp(&self) -> Option<&ScalarNet> {
        match self {
            Network::Mlp(net) => Some(net),
            Network::Plain(_) => None,
        }
    }

    /// S with its first and second derivatives at `states` `[E, B, n]`; 0 of a plain network, which has none.
    ///
    /// # Errors
    ///
    /// An error of the network for a shape that does not fit.
    pub fn jet(&self, states: Tensor<3>) -> Result<Jet, Error> {
        match self {
            Network::Mlp(net) => Ok(scalar_jet(net, states)?),
            Network::Plain(net) => net.no_scalar(&states),
        }
    }

    /// The plain network, if it is one: its ẏ comes from no scalar.
    pub fn plain(&self) -> Option<&PlainNet> {
        match self {
            Network::Mlp(_) => None,
            Network::Plain(net) => Some(net),
        }
    }

    /// Names, shapes and places of the parameters.
    pub fn parameters(&self) -> Vec<ParameterSpec> {
        match self {
            Network::Mlp(net) => net.config().parameters(),
            Network::Plain(net) => net.specs(),
        }
    }

    /// The parameters that stand in the row, `[E, P]`.
    pub fn row(&self) -> Tensor<2> {
        match self {
            Network::Mlp(net) => net.parameters.val(),
            Network::Plain(net) => net.parameters.val(),
        }
    }

    /// The parameters that stand alone, which no derivative of S depends on, `[E, ·, ·]` each.
    pub fn alone(&self) -> Vec<Tensor<3>> {
        match self {
            Network::Mlp(net) => vec![net.output_bias.val()],
            Network::Plain(_) => Vec::new(),
        }
    }

    /// The parameters, `[E, rows, columns]` each, in the order of [`Network::parameters`].
    pub fn tensors(&self) -> Vec<Tensor<3>> {
        let (row, mut alone) = (self.row(), self.alone().into_iter());
        let tensor = |spec: ParameterSpec| spec.cut(&row).or_else(|| alone.next());
        let tensors = self.parameters().into_iter().map(tensor);
        tensors.map(|one| one.expect("it has a place")).collect()
    }

    /// The networks of these members, in this order, without autodiff.
    pub(crate) fn members(&self, places: &[usize]) -> Result<Self, Error> {
        match self {
            Network::Mlp(net) => {
                let row = pick_members(net.parameters.val(), places);
                let bias = pick_members(net.output_bias.val(), places);
                let some = ScalarNet::from_row(net.config().clone(), row, bias)?;
                Ok(Network::Mlp(some))
            }
            Network::Plain(net) => {
                let row = pick_members(net.parameters.val(), places);
                Ok(Network::Plain(net.recipe().with_row(net.dof(), row)))
            }
        }
    }
}

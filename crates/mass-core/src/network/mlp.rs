//! The MLP of the paper and the released code.

use mass_jet::{Activation, InputFeatures, ScalarNetConfig};
use serde::{Deserialize, Serialize};

use crate::{Error, range::check};

/// A multilayer perceptron (Fu et al. 2025, Table 3 and Appendix A).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlpRecipe {
    /// Hidden layers L.
    pub hidden_layers: usize,
    /// Units in each hidden layer, H.
    pub width: usize,
    /// Activation function.
    pub activation: Activation,
    /// What the first layer sees.
    pub input: InputFeatures,
}

impl MlpRecipe {
    /// What a recipe calls it.
    pub(crate) const KIND: &'static str = "mlp";

    /// The network's shape for a system of `dof` degrees of freedom.
    pub fn config(&self, dof: usize) -> ScalarNetConfig {
        ScalarNetConfig {
            dof,
            hidden_layers: self.hidden_layers,
            width: self.width,
            activation: self.activation,
            input: self.input,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        for (key, value) in [
            ("network.hidden_layers", self.hidden_layers),
            ("network.width", self.width),
        ] {
            check(value >= 1, key, value, "at least 1")?;
        }
        Ok(())
    }
}

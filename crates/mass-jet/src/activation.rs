//! Activation functions with their first and second derivatives, from differentiable tensor ops.

use std::{f64::consts::FRAC_1_SQRT_2, fmt, str::FromStr};

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::Error;

/// 1/√(2π), the peak of the standard normal density.
const INV_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// A smooth activation function f.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// u Φ(u) with the normal distribution function Φ in its exact (erf) form
    /// (Hendrycks & Gimpel 2016); what the paper uses.
    #[default]
    Gelu,
    /// tanh(u).
    Tanh,
    /// ln(1 + eᵘ); what Lagrangian networks commonly use (Cranmer et al. 2020).
    Softplus,
}

/// f, f′ and f″ at the same points, each of the shape of the argument.
#[derive(Debug, Clone)]
pub struct ActivationJet<const D: usize> {
    /// f(u).
    pub value: Tensor<D>,
    /// f′(u).
    pub first: Tensor<D>,
    /// f″(u).
    pub second: Tensor<D>,
}

impl Activation {
    /// Every activation function of this crate.
    pub const ALL: [Activation; 3] = [Activation::Gelu, Activation::Tanh, Activation::Softplus];

    /// The name: `gelu`, `tanh` or `softplus`.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Gelu => "gelu",
            Activation::Tanh => "tanh",
            Activation::Softplus => "softplus",
        }
    }

    /// f, f′ and f″ of `u`, elementwise and differentiable.
    ///
    /// The derivatives are closed forms, not autodiff: Burn differentiates once, and that once is
    /// kept for the reverse pass.
    pub fn jet<const D: usize>(self, u: Tensor<D>) -> ActivationJet<D> {
        match self {
            Activation::Gelu => {
                // f = uΦ, f′ = Φ + uφ, f″ = φ(2 − u²).
                let square = u.clone().square();
                let density = square
                    .clone()
                    .mul_scalar(-0.5)
                    .exp()
                    .mul_scalar(INV_SQRT_TAU);
                let distribution = u
                    .clone()
                    .mul_scalar(FRAC_1_SQRT_2)
                    .erf()
                    .add_scalar(1.0)
                    .mul_scalar(0.5);
                ActivationJet {
                    value: u.clone() * distribution.clone(),
                    first: distribution + u * density.clone(),
                    second: density * (-square).add_scalar(2.0),
                }
            }
            Activation::Tanh => {
                // f″ = −2 f f′.
                let value = u.tanh();
                let first = (-value.clone().square()).add_scalar(1.0);
                let second = (value.clone() * first.clone()).mul_scalar(-2.0);
                ActivationJet {
                    value,
                    first,
                    second,
                }
            }
            Activation::Softplus => {
                // f′ = σ(u) = (1 + tanh(u/2))/2, f″ = σ(1 − σ). Not Burn's own functions: ndarray's
                // are not to f64 rounding, and softplus is cut off at a threshold.
                let size = u.clone().abs();
                let tail = (-size.clone()).exp().log1p();
                let sigmoid = u
                    .clone()
                    .mul_scalar(0.5)
                    .tanh()
                    .add_scalar(1.0)
                    .mul_scalar(0.5);
                ActivationJet {
                    value: (u + size).mul_scalar(0.5) + tail,
                    second: sigmoid.clone() * (-sigmoid.clone()).add_scalar(1.0),
                    first: sigmoid,
                }
            }
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Activation {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.name() == name)
            .ok_or_else(|| Error::unknown("activation", name, &Self::ALL.map(Activation::name)))
    }
}

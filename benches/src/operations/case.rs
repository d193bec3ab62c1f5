//! An ensemble at random states, with its parameters as leaves.

use burn::tensor::{Distribution, Tensor};
use mass_jet::{DeviceKind, Jet, Precision, ScalarNet, ScalarNetConfig};
use mass_terms::{Derivatives, Library, Mask, term_sum};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

type Failure = Box<dyn std::error::Error>;

/// How large a case is.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// E.
    pub members: usize,
    /// B.
    pub batch: usize,
    /// d.
    pub dof: usize,
    /// H.
    pub width: usize,
    /// L.
    pub layers: usize,
}

impl Default for Sizes {
    /// One network of the released code at its batch: d = 1, 5 × 20, B = 512.
    fn default() -> Self {
        Self {
            members: 1,
            batch: 512,
            dof: 1,
            width: 20,
            layers: 5,
        }
    }
}

impl Sizes {
    fn config(&self) -> ScalarNetConfig {
        ScalarNetConfig {
            hidden_layers: self.layers,
            width: self.width,
            ..ScalarNetConfig::new(self.dof)
        }
    }

    /// Matrix passes of a hidden layer, forward and reverse: 1 + n, an adjoint, and for the reverse
    /// twice as many.
    pub fn passes(&self) -> usize {
        3 * (2 + 2 * self.dof)
    }

    /// Floating-point operations of one network's matrix products, forward and reverse, a
    /// multiply-add counted as two.
    pub fn linear_work(&self) -> f64 {
        let hidden = (self.layers - 1) * self.width * self.width * self.passes();
        let features = self.config().input.count(self.dof);
        // The first layer's tangents are sparse: a pass each way, the adjoint, and the outer product.
        let first = self.width * features * (3 + 2 + 2 * self.dof);
        2.0 * (hidden + first) as f64 * self.batch as f64
    }
}

/// An ensemble, its states and its shared layer.
pub struct Case {
    net: ScalarNet,
    states: Tensor<3>,
    shifts: Tensor<1>,
    weights: Tensor<2>,
    library: Library,
    mask: Mask,
}

impl Case {
    /// A case in f32 on the flex device, the same for the same sizes.
    ///
    /// # Errors
    ///
    /// Errors of the network for a size of 0.
    pub fn new(sizes: Sizes) -> Result<Self, Failure> {
        let device = DeviceKind::Flex.open()?;
        let mut streams: Vec<_> = (0..sizes.members as u64)
            .map(ChaCha8Rng::seed_from_u64)
            .collect();
        let library = Library::standard();
        let uniform = |shape| Tensor::<2>::random(shape, Distribution::Uniform(-1.0, 1.0), &device);
        let (e, n) = (sizes.members, 2 * sizes.dof);
        Ok(Self {
            net: sizes.config().init(&mut streams, &device, Precision::F32)?,
            states: uniform([e * sizes.batch, n]).reshape([e, sizes.batch, n]),
            // Away from zero, so that no sample is near a pole.
            shifts: Tensor::full([e], 2.0, &device),
            weights: uniform([e, library.len()]),
            mask: Mask::released(&library),
            library,
        })
    }

    /// The gradient of the sum of a jet by every parameter.
    ///
    /// # Errors
    ///
    /// As `compute`.
    pub fn jet_gradient(
        &self,
        compute: impl Fn(&ScalarNet, Tensor<3>) -> Result<Tensor<3>, mass_jet::Error>,
    ) -> Result<(), Failure> {
        let rows = compute(&self.leaves()?, Tensor::from_inner(self.states.clone()))?;
        std::hint::black_box(rows.sum().backward());
        Ok(())
    }

    /// The gradient of the sum of predictions and activations, through terms and jet.
    ///
    /// # Errors
    ///
    /// Errors of the two operations.
    pub fn step_gradient(&self) -> Result<(), Failure> {
        let states = Tensor::from_inner(self.states.clone());
        let jet: Jet = mass_jet::scalar_jet(&self.leaves()?, states.clone())?;
        let derivatives = Derivatives::from_jet(&states, &jet)?;
        let b = Tensor::from_inner(self.shifts.clone()).require_grad();
        let w = Tensor::from_inner(self.weights.clone()).require_grad();
        let output = term_sum(&self.library, &self.mask, &derivatives, b, w)?;
        let scalar = output.prediction.sum() + output.activation_l1.sum();
        std::hint::black_box(scalar.backward());
        Ok(())
    }

    fn leaves(&self) -> Result<ScalarNet, mass_jet::Error> {
        let row = Tensor::from_inner(self.net.parameters.val());
        let bias = Tensor::from_inner(self.net.output_bias.val());
        ScalarNet::from_row(self.net.config().clone(), row, bias)
    }
}

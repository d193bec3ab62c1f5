//! Value, gradient and Hessian of a scalar network, by the adjoint form.

use burn::tensor::{DType, Int, Tensor};

use crate::{Error, InputFeatures, ScalarNet, op::packed_jet, shape::Shape};

/// A scalar network and its first and second derivatives at a batch of states.
///
/// Coordinates are ordered (x₁, …, x_d, y₁, …, y_d). Inside, everything is one tensor with the batch
/// last, [`Jet::packed`], which is what kernels read and write; the methods cut it into the usual
/// shapes.
#[derive(Debug, Clone)]
pub struct Jet {
    packed: Tensor<3>,
    /// What S lacks in `packed`, `[E, 1, 1]`: the output bias, which no derivative depends on.
    offset: Option<Tensor<3>>,
    coordinates: usize,
}

impl Jet {
    /// A jet from S `[E, B]`, its gradient `[E, B, n]` and its Hessian `[E, B, n, n]`, of which the
    /// upper triangle is read.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the shapes do not fit together.
    pub fn new(value: Tensor<2>, gradient: Tensor<3>, hessian: Tensor<4>) -> Result<Self, Error> {
        let [e, batch, n] = gradient.dims();
        let shapes = [
            ("value", value.dims().to_vec(), vec![e, batch]),
            ("hessian", hessian.dims().to_vec(), vec![e, batch, n, n]),
        ];
        for (what, found, expected) in shapes {
            if found != expected {
                return Err(Error::Shape {
                    what: what.to_string(),
                    found,
                    expected: format!("{expected:?}, as the gradient's shape says"),
                });
            }
        }
        let mut rows = vec![value.reshape([e, 1, batch]), gradient.swap_dims(1, 2)];
        for a in 0..n {
            let row = hessian.clone().slice([0..e, 0..batch, a..a + 1, a..n]);
            rows.push(row.reshape([e, batch, n - a]).swap_dims(1, 2));
        }
        Ok(Self {
            packed: Tensor::cat(rows, 1),
            offset: None,
            coordinates: n,
        })
    }

    /// S up to the output bias, S_a and S_ab for a ≤ b, row by row: `[E, 1 + n + n(n+1)/2, B]`.
    pub fn packed(&self) -> &Tensor<3> {
        &self.packed
    }

    /// Where S_ab stands in [`Jet::packed`] for `n` coordinates.
    pub fn hessian_row(n: usize, a: usize, b: usize) -> usize {
        1 + n + packed(n, a.min(b), a.max(b))
    }

    /// Number of coordinates of a state, n = 2d.
    pub fn coordinates(&self) -> usize {
        self.coordinates
    }

    /// S, `[E, B]`.
    pub fn value(&self) -> Tensor<2> {
        let [e, _, batch] = self.packed.dims();
        let value = self.packed.clone().narrow(1, 0, 1);
        let value = match &self.offset {
            Some(offset) => value + offset.clone(),
            None => value,
        };
        value.reshape([e, batch])
    }

    /// ∂S/∂s_a, `[E, B, n]`.
    pub fn gradient(&self) -> Tensor<3> {
        self.packed
            .clone()
            .narrow(1, 1, self.coordinates)
            .swap_dims(1, 2)
    }

    /// ∂²S/∂s_a∂s_b, `[E, B, n, n]`, symmetric.
    pub fn hessian(&self) -> Tensor<4> {
        let [e, _, batch] = self.packed.dims();
        let n = self.coordinates;
        let rows: Vec<i32> = (0..n * n)
            .map(|cell| Self::hessian_row(n, cell / n, cell % n) as i32)
            .collect();
        let rows = Tensor::<1, Int>::from_ints(rows.as_slice(), &self.packed.device());
        self.packed
            .clone()
            .select(1, rows)
            .swap_dims(1, 2)
            .reshape([e, batch, n, n])
    }
}

/// S, its gradient and its Hessian at `states` `[E, B, n]`, each differentiable once more by Burn.
///
/// With pre-activations u^l, tangents u^l_a = ∂u^l/∂s_a and adjoints g^l = ∂S/∂f(u^l),
///
/// S_ab = Σ_l Σ_i g^l_i f″(u^l_i) u^l_{i,a} u^l_{i,b} + Σ_i f′(u¹_i) g¹_i u¹_{i,ab},
///
/// so that a layer costs 1 + n matrix passes forward (value and n tangents) and one back, where
/// pushing second derivatives forward would cost 1 + n + n(n+1)/2. Only the first layer has second
/// derivatives of its own, and with the augmented input only for the pairs (a, a) and (x_k, y_k).
///
/// On the flex device this is one fused operation with a reverse pass of its own; elsewhere it is
/// composed of Burn's operations ([`scalar_jet_composed`]), which is its specification.
///
/// # Errors
///
/// [`Error::Shape`] if `states` is not `[E, B, 2d]` for the network's E and d,
/// [`Error::PrecisionMismatch`] if its precision is not the network's.
///
/// # Example
///
/// ```
/// use burn::tensor::Tensor;
/// use mass_jet::{DeviceKind, Precision, ScalarNetConfig, scalar_jet};
/// use rand::SeedableRng;
/// use rand_chacha::ChaCha8Rng;
///
/// let device = DeviceKind::Flex.open()?.autodiff();
/// let net = ScalarNetConfig::new(1).init(
///     &mut [ChaCha8Rng::seed_from_u64(0)],
///     &device,
///     Precision::F32,
/// )?;
/// let states = Tensor::<3>::from_floats([[[0.5, -1.0], [0.0, 2.0]]], &device); // [E = 1, B = 2, n = 2]
/// let jet = scalar_jet(&net, states)?;
/// assert_eq!(jet.hessian().dims(), [1, 2, 2, 2]);
///
/// // A loss may contain second derivatives of S; Burn takes its gradient as usual.
/// let gradients = jet.hessian().square().sum().backward();
/// assert!(net.parameters.val().grad(&gradients).is_some()); // [E, P]
/// # Ok::<(), mass_jet::Error>(())
/// ```
pub fn scalar_jet(net: &ScalarNet, states: Tensor<3>) -> Result<Jet, Error> {
    check(net, &states)?;
    if crate::has_kernels(&states.device()) && matches!(states.dtype(), DType::F32 | DType::F64) {
        return Ok(fused(net, states));
    }
    Ok(composed(net, states))
}

/// [`scalar_jet`] from Burn's own operations on every device: the specification of the fused form,
/// and what devices without one compute.
///
/// # Errors
///
/// As [`scalar_jet`].
pub fn scalar_jet_composed(net: &ScalarNet, states: Tensor<3>) -> Result<Jet, Error> {
    check(net, &states)?;
    Ok(composed(net, states))
}

fn check(net: &ScalarNet, states: &Tensor<3>) -> Result<(), Error> {
    let (members, coordinates) = (net.ensemble_size(), 2 * net.config().dof);
    let [e, batch, n] = states.dims();
    if e != members || n != coordinates || batch == 0 {
        return Err(Error::Shape {
            what: "states".to_string(),
            found: vec![e, batch, n],
            expected: format!("[{members}, B, {coordinates}] with B at least 1"),
        });
    }
    let (states, net) = (states.dtype(), net.parameters.val().dtype());
    if states != net {
        return Err(Error::PrecisionMismatch {
            states: format!("{states:?}"),
            net: format!("{net:?}"),
        });
    }
    Ok(())
}

fn fused(net: &ScalarNet, states: Tensor<3>) -> Jet {
    let shape = Shape::new(net.config());
    Jet {
        packed: packed_jet(net.parameters.val(), states, shape),
        offset: Some(net.output_bias.val()),
        coordinates: shape.coordinates(),
    }
}

fn composed(net: &ScalarNet, states: Tensor<3>) -> Jet {
    let config = net.config();
    let (members, dof) = (net.ensemble_size(), config.dof);
    let (batch, coordinates) = (states.dims()[1], 2 * dof);

    // Batch last, [E, ·, B]: sums over units then run over contiguous rows.
    let input = Input::new(config.input, states.swap_dims(1, 2), dof);
    let layers = config.hidden_layers;
    // Each is cut out of the row once.
    let weights: Vec<Tensor<3>> = (0..=layers).map(|layer| net.weight(layer)).collect();

    let mut tangents: Vec<Tensor<3>> = input.first_tangents(&weights[0]);
    let mut signal = weights[0].clone().matmul(input.features.clone()) + net.bias(0);
    // Per hidden layer: f′(u), f″(u) and the tangents of u.
    let mut hidden: Vec<(Tensor<3>, Tensor<3>, Vec<Tensor<3>>)> = Vec::with_capacity(layers);
    for layer in 0..layers {
        let f = config.activation.jet(signal);
        let weight = &weights[layer + 1];
        let last = layer + 1 == layers;
        let next_tangents = if last {
            Vec::new() // the gradient of S comes from the adjoint, at no extra pass
        } else {
            tangents
                .iter()
                .map(|u_a| weight.clone().matmul(f.first.clone() * u_a.clone()))
                .collect()
        };
        hidden.push((
            f.first,
            f.second,
            std::mem::replace(&mut tangents, next_tangents),
        ));
        signal = weight.clone().matmul(f.value);
        if !last {
            signal = signal + net.bias(layer + 1);
        }
    }
    let value = signal; // [E, 1, B], without the output bias

    let mut pairs: Vec<Option<Tensor<3>>> = vec![None; coordinates * (coordinates + 1) / 2];
    let mut adjoint =
        weights[layers]
            .clone()
            .swap_dims(1, 2)
            .expand([members, config.width, batch]);
    for (layer, (first, second, tangents)) in hidden.into_iter().enumerate().rev() {
        let curvature = adjoint.clone() * second;
        for a in 0..coordinates {
            let weighted = curvature.clone() * tangents[a].clone();
            for b in a..coordinates {
                let term = (weighted.clone() * tangents[b].clone()).sum_dim(1);
                accumulate(&mut pairs[packed(coordinates, a, b)], term);
            }
        }
        adjoint = weights[layer]
            .clone()
            .swap_dims(1, 2)
            .matmul(first * adjoint);
    }
    // `adjoint` is now ∂S/∂features, [E, features, B].
    let gradient = input.gradient(&adjoint);
    input.add_second_derivatives(&adjoint, &mut pairs);

    let pairs = pairs
        .into_iter()
        .map(|pair| pair.expect("every pair is set above"));
    let rows = [value, gradient].into_iter().chain(pairs).collect();
    Jet {
        packed: Tensor::cat(rows, 1),
        offset: Some(net.output_bias.val()),
        coordinates,
    }
}

/// Index of the pair a ≤ b in the packed upper triangle of an n × n matrix.
fn packed(n: usize, a: usize, b: usize) -> usize {
    a * n - a * (a + 1) / 2 + b
}

fn accumulate(sum: &mut Option<Tensor<3>>, term: Tensor<3>) {
    *sum = Some(match sum.take() {
        Some(sum) => sum + term,
        None => term,
    });
}

/// The input features φ(s) of a batch and what their derivatives in s do.
struct Input {
    kind: InputFeatures,
    dof: usize,
    /// x and y, each `[E, d, B]`.
    x: Tensor<3>,
    y: Tensor<3>,
    /// φ, `[E, features, B]`.
    features: Tensor<3>,
}

impl Input {
    /// From states `[E, n, B]`.
    fn new(kind: InputFeatures, states: Tensor<3>, dof: usize) -> Self {
        let x = states.clone().narrow(1, 0, dof);
        let y = states.clone().narrow(1, dof, dof);
        let features = match kind {
            InputFeatures::Plain => states,
            InputFeatures::Augmented => {
                let squares = states.clone().square();
                Tensor::cat(vec![states, squares, x.clone() * y.clone()], 1)
            }
        };
        Self {
            kind,
            dof,
            x,
            y,
            features,
        }
    }

    /// u¹_a = W¹ ∂φ/∂s_a for each coordinate a, `[E, H, B]` each.
    ///
    /// ∂φ/∂x_k has three entries: 1 at x_k, 2x_k at x_k² and y_k at x_k y_k (likewise for y_k).
    fn first_tangents(&self, weight: &Tensor<3>) -> Vec<Tensor<3>> {
        let (d, batch) = (self.dof, self.x.dims()[2]);
        let [members, width, _] = weight.dims();
        let column = |feature: usize| weight.clone().narrow(2, feature, 1);
        (0..2 * d)
            .map(|a| {
                let k = a % d;
                let direct = column(a);
                match self.kind {
                    InputFeatures::Plain => direct.expand([members, width, batch]),
                    InputFeatures::Augmented => {
                        let (own, other) = if a < d {
                            (&self.x, &self.y)
                        } else {
                            (&self.y, &self.x)
                        };
                        let own = own.clone().narrow(1, k, 1);
                        let other = other.clone().narrow(1, k, 1);
                        column(2 * d + a) * own.mul_scalar(2.0) + column(4 * d + k) * other + direct
                    }
                }
            })
            .collect()
    }

    /// ∂S/∂s `[E, n, B]` from ∂S/∂φ `[E, features, B]`.
    fn gradient(&self, adjoint: &Tensor<3>) -> Tensor<3> {
        let d = self.dof;
        match self.kind {
            InputFeatures::Plain => adjoint.clone(),
            InputFeatures::Augmented => {
                let part = |from: usize| adjoint.clone().narrow(1, from, d);
                let cross = part(4 * d);
                let s_x = part(0)
                    + part(2 * d) * self.x.clone().mul_scalar(2.0)
                    + cross.clone() * self.y.clone();
                let s_y =
                    part(d) + part(3 * d) * self.y.clone().mul_scalar(2.0) + cross * self.x.clone();
                Tensor::cat(vec![s_x, s_y], 1)
            }
        }
    }

    /// Adds Σ ∂S/∂φ ∂²φ/∂s_a∂s_b to the packed pairs: 2 for each square, 1 for each x_k y_k.
    fn add_second_derivatives(&self, adjoint: &Tensor<3>, pairs: &mut [Option<Tensor<3>>]) {
        if self.kind == InputFeatures::Plain {
            return;
        }
        let (d, n) = (self.dof, 2 * self.dof);
        let feature = |index: usize| adjoint.clone().narrow(1, index, 1);
        for a in 0..n {
            accumulate(
                &mut pairs[packed(n, a, a)],
                feature(2 * d + a).mul_scalar(2.0),
            );
        }
        for k in 0..d {
            accumulate(&mut pairs[packed(n, k, d + k)], feature(4 * d + k));
        }
    }
}

//! Derivatives by pushing second-derivative channels forward: what the adjoint form is faster than.

use burn::tensor::Tensor;
use mass_jet::{InputFeatures, ScalarNet};

/// The packed jet `[E, 1 + n + n(n+1)/2, B]` of an augmented network, as [`mass_jet::Jet::packed`],
/// from u, u_a and u_ab = W z_ab with z_ab = f″ u_a u_b + f′ u_ab, pushed through every layer:
/// 1 + n + n(n+1)/2 matrix passes where the adjoint form has 2 + n.
///
/// Of Burn's operations, as [`mass_jet::scalar_jet_composed`], so that the two compare.
///
/// # Errors
///
/// [`mass_jet::Error`] for a network whose input is not augmented.
pub fn forward_channels(net: &ScalarNet, states: Tensor<3>) -> Result<Tensor<3>, mass_jet::Error> {
    let config = net.config();
    if config.input != InputFeatures::Augmented {
        return Err(mass_jet::Error::Config {
            key: "input",
            found: "plain".to_string(),
            expected: "augmented, as in the released code",
        });
    }
    let (d, n) = (config.dof, 2 * config.dof);
    let [members, batch, _] = states.dims();
    let states = states.swap_dims(1, 2);
    let row = |a: usize| states.clone().narrow(1, a, 1);
    let products = states.clone().narrow(1, 0, d) * states.clone().narrow(1, d, d);
    let features = Tensor::cat(vec![states.clone(), states.clone().square(), products], 1);

    let weight = net.weight(0);
    let column = |feature: usize| weight.clone().narrow(2, feature, 1);
    let spread = |column: Tensor<3>| column.expand([members, config.width, batch]);
    let mut value = weight.clone().matmul(features) + net.bias(0);
    let mut first: Vec<Tensor<3>> = (0..n)
        .map(|a| {
            let partner = row((a + d) % n);
            column(n + a) * row(a).mul_scalar(2.0) + column(2 * n + a % d) * partner + column(a)
        })
        .collect();
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|a| (a..n).map(move |b| (a, b))).collect();
    let mut second: Vec<Option<Tensor<3>>> = pairs
        .iter()
        .map(|&(a, b)| match b {
            _ if a == b => Some(spread(column(n + a).mul_scalar(2.0))),
            _ if b == a + d => Some(spread(column(2 * n + a))),
            _ => None,
        })
        .collect();
    for layer in 1..=config.hidden_layers {
        let f = config.activation.jet(value);
        let weight = net.weight(layer);
        second = pairs
            .iter()
            .zip(second)
            .map(|(&(a, b), u_ab)| {
                let bent = f.second.clone() * first[a].clone() * first[b].clone();
                let z_ab = match u_ab {
                    Some(u_ab) => bent + f.first.clone() * u_ab,
                    None => bent,
                };
                Some(weight.clone().matmul(z_ab))
            })
            .collect();
        first = first
            .into_iter()
            .map(|u_a| weight.clone().matmul(f.first.clone() * u_a))
            .collect();
        value = weight.matmul(f.value);
        if layer < config.hidden_layers {
            value = value + net.bias(layer);
        }
    }
    let rows = [value]
        .into_iter()
        .chain(first)
        .chain(second.into_iter().flatten());
    Ok(Tensor::cat(rows.collect(), 1))
}

#[cfg(test)]
mod tests {
    use mass_jet::{DeviceKind, Precision, ScalarNetConfig, scalar_jet};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// An independent derivation gives the jet of the adjoint form.
    #[test]
    fn channels_are_the_jet() {
        let device = DeviceKind::Flex.open().unwrap();
        for dof in [1, 2, 3] {
            let mut streams: Vec<_> = (0..2).map(ChaCha8Rng::seed_from_u64).collect();
            let config = ScalarNetConfig::new(dof);
            let net = config.init(&mut streams, &device, Precision::F64).unwrap();
            let options = (&device, Precision::F64.dtype());
            let states = Tensor::<3>::random(
                [2, 5, 2 * dof],
                burn::tensor::Distribution::Uniform(-1.0, 1.0),
                options,
            );
            let jet = scalar_jet(&net, states.clone()).unwrap();
            let found = forward_channels(&net, states).unwrap();
            let difference = (found - jet.packed().clone()).abs().max();
            assert!(difference.into_scalar::<f64>() < 1e-12);
        }
    }
}

//! Time of a jet with its reverse pass, fused and composed, per network.
//!
//! `cargo run --example jet_cost -- [d] [E] [B]`

use std::time::Instant;

use burn::tensor::{Distribution, Tensor};
use mass_jet::{
    DeviceKind, Jet, Precision, ScalarNet, ScalarNetConfig, scalar_jet, scalar_jet_composed,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

type Failure = Box<dyn std::error::Error>;
type Compute = fn(&ScalarNet, Tensor<3>) -> Result<Jet, mass_jet::Error>;

fn main() -> Result<(), Failure> {
    let sizes: Vec<usize> = std::env::args()
        .skip(1)
        .map(|size| size.parse())
        .collect::<Result<_, _>>()?;
    let size = |index: usize, default| sizes.get(index).copied().unwrap_or(default);
    let (dof, members, batch) = (size(0, 1), size(1, 1), size(2, 512));
    let device = DeviceKind::Flex.open()?;
    let mut streams: Vec<_> = (0..members as u64).map(ChaCha8Rng::seed_from_u64).collect();
    let config = ScalarNetConfig::new(dof);
    let net = config.init(&mut streams, &device, Precision::F32)?;
    let states = Tensor::<3>::random(
        [members, batch, 2 * dof],
        Distribution::Uniform(-1.0, 1.0),
        &device,
    );
    let kinds: [(&str, Compute); 2] = [("fused", scalar_jet), ("composed", scalar_jet_composed)];
    for (name, compute) in kinds {
        let (mut forward, mut reverse) = (Vec::new(), Vec::new());
        for _ in 0..30 {
            let leaves: Vec<Tensor<3>> = net
                .tensors()
                .into_iter()
                .map(|tensor| Tensor::from_inner(tensor).require_grad())
                .collect();
            let start = Instant::now();
            let net = ScalarNet::from_tensors(config.clone(), leaves)?;
            let jet = compute(&net, Tensor::from_inner(states.clone()))?;
            let scalar = jet.packed().clone().sum();
            forward.push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            std::hint::black_box(scalar.backward());
            reverse.push(start.elapsed().as_secs_f64());
        }
        let median = |times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2] * 1e6 / members as f64
        };
        println!(
            "{name}: forward {:.0} µs, reverse {:.0} µs per network (d = {dof}, E = {members}, B = {batch})",
            median(&mut forward),
            median(&mut reverse)
        );
    }
    Ok(())
}

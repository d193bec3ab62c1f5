//! The two fused operations, forward and reverse, per ensemble: `cargo bench --package mass-benches`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mass_benches::{Case, Sizes, forward_channels};
use mass_jet::{scalar_jet, scalar_jet_composed};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn operations(criterion: &mut Criterion) {
    for (dof, members) in [(1, 1), (1, 8), (2, 1), (6, 1)] {
        let sizes = Sizes {
            members,
            dof,
            ..Sizes::default()
        };
        let case = Case::new(sizes).expect("the sizes are in range");
        let mut group = criterion.benchmark_group(format!("d={dof} E={members}"));
        group.throughput(Throughput::Elements(members as u64));
        group.bench_function(BenchmarkId::new("scalar_jet", "fused"), |b| {
            b.iter(|| {
                let jet = |net: &_, states| Ok(scalar_jet(net, states)?.packed().clone());
                black_box(&case).jet_gradient(jet).expect("it fits");
            });
        });
        group.bench_function(BenchmarkId::new("scalar_jet", "composed"), |b| {
            b.iter(|| {
                let jet = |net: &_, states| Ok(scalar_jet_composed(net, states)?.packed().clone());
                black_box(&case).jet_gradient(jet).expect("it fits");
            });
        });
        group.bench_function(BenchmarkId::new("scalar_jet", "forward channels"), |b| {
            b.iter(|| {
                black_box(&case)
                    .jet_gradient(forward_channels)
                    .expect("it fits")
            });
        });
        group.bench_function("scalar_jet and term_sum, fused", |b| {
            b.iter(|| black_box(&case).step_gradient().expect("it fits"));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = operations
}
criterion_main!(benches);

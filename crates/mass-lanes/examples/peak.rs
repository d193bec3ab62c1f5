//! The processor's peak of fused multiply-adds, per instruction set: what kernels are held against.
//!
//! `cargo run --example peak`

use std::time::Instant;

use mass_lanes::{InstructionSet, Kernel, Lanes, Real, dispatch_on};

/// `rounds` multiply-adds on each of 12 independent vectors.
struct Peak {
    rounds: usize,
}

impl<T: Real> Kernel<T> for Peak {
    type Output = T;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> T {
        let mut sums = [p.splat(T::of(0.5)); 12];
        let (a, b) = (p.splat(T::of(0.999)), p.splat(T::of(0.001)));
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = p.mul_add(*sum, a, b);
            }
        }
        let mut total = sums[0];
        for sum in sums {
            total = p.add(total, sum);
        }
        p.sum(total)
    }
}

fn measure<T: Real>(set: InstructionSet) -> f64 {
    let rounds = 2_000_000;
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(dispatch_on::<T, _>(set, std::hint::black_box(Peak { rounds })));
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    (rounds * 12 * T::LANES * 2) as f64 / best / 1e9
}

fn main() {
    for set in InstructionSet::available() {
        println!("{set}: {:.1} GFLOP/s f32, {:.1} GFLOP/s f64", measure::<f32>(set), measure::<f64>(set));
    }
}

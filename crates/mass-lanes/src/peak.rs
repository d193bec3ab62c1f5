//! What the processor can do at most: what kernels are held against.

use std::{hint::black_box, time::Instant};

use crate::{InstructionSet, Kernel, Lanes, Real, dispatch_on};

/// Independent vectors: as many as it takes to keep two units busy over the latency of a
/// multiply-add.
const VECTORS: usize = 12;

/// `rounds` multiply-adds on each of the vectors.
struct Peak {
    rounds: usize,
}

impl<T: Real> Kernel<T> for Peak {
    type Output = T;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> T {
        let mut sums = [p.splat(T::of(0.5)); VECTORS];
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

/// Floating-point operations per second of one core, counting a fused multiply-add as two, on an
/// instruction set: the best of fifty short runs.
///
/// # Example
///
/// ```
/// use mass_lanes::{InstructionSet, fma_peak};
///
/// assert!(fma_peak::<f32>(InstructionSet::current()) > 1e8);
/// ```
pub fn fma_peak<T: Real>(set: InstructionSet) -> f64 {
    let rounds = 200_000;
    let seconds = (0..50)
        .map(|_| {
            let start = Instant::now();
            black_box(dispatch_on::<T, _>(set, black_box(Peak { rounds })));
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    (rounds * VECTORS * T::LANES * 2) as f64 / seconds
}

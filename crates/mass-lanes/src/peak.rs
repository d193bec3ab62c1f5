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
/// let peak = fma_peak::<f32>(InstructionSet::current());
/// println!("{:.1} GFLOP/s", peak / 1e9);
/// assert!(peak > 0.0);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The work is done: x ↦ 0.999 x + 0.001 moves 0.5 towards 1 as the closed form says.
    #[test]
    fn the_multiply_adds_are_computed() {
        let rounds = 1000;
        let lane = 1.0 - 0.5 * 0.999_f64.powi(rounds as i32);
        let expected = lane * (VECTORS + 1) as f64 * f64::LANES as f64;
        for set in InstructionSet::available() {
            let found = dispatch_on::<f64, _>(set, Peak { rounds });
            assert!(
                (found / expected - 1.0).abs() < 1e-12,
                "{set}: {found} against {expected}"
            );
        }
    }
}

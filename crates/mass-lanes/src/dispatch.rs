//! Running a kernel with the instructions that the processor has.

use std::marker::PhantomData;

use pulp::{NullaryFnOnce, Scalar};

#[cfg(target_arch = "x86_64")]
use crate::wide::{Avx2, Avx512};
use crate::{InstructionSet, Kernel, Lanes, Real, lanes::Runs, wide::Portable};

/// Runs a kernel on the [`InstructionSet::current`] instruction set.
#[inline]
pub fn dispatch<T: Real, K: Kernel<T>>(kernel: K) -> K::Output {
    T::run_on(InstructionSet::current(), kernel)
}

/// Runs a kernel on one instruction set; on the portable one if the processor has it not.
#[inline]
pub fn dispatch_on<T: Real, K: Kernel<T>>(set: InstructionSet, kernel: K) -> K::Output {
    T::run_on(set, kernel)
}

macro_rules! runs {
    ($($number:ident),*) => {
        $(impl Runs for $number {
            #[inline]
            fn run_on<K: Kernel<Self>>(set: InstructionSet, kernel: K) -> K::Output {
                #[cfg(target_arch = "x86_64")]
                match set {
                    InstructionSet::Avx512 => {
                        if let Some(simd) = pulp::x86::V4::try_new() {
                            return simd.vectorize(WithKernel(kernel, Avx512(simd), PhantomData));
                        }
                    }
                    InstructionSet::Avx2 => {
                        if let Some(simd) = pulp::x86::V3::try_new() {
                            return simd.vectorize(WithKernel(kernel, Avx2(simd), PhantomData));
                        }
                    }
                    InstructionSet::Portable => {}
                }
                let _ = set;
                kernel.run(Portable(Scalar))
            }
        })*
    };
}
runs!(f32, f64);

/// A kernel and the processor that runs it, as `pulp` takes them.
struct WithKernel<K, P, T>(K, P, PhantomData<T>);

impl<T: Real, K: Kernel<T>, P: Lanes<T>> NullaryFnOnce for WithKernel<K, P, T> {
    type Output = K::Output;

    #[inline(always)]
    fn call(self) -> K::Output {
        self.0.run(self.1)
    }
}

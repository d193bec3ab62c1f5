//! Which instructions the processor has, and running a kernel with them.

use std::{fmt, marker::PhantomData, str::FromStr, sync::OnceLock};

use pulp::{NullaryFnOnce, Scalar};

#[cfg(target_arch = "x86_64")]
use crate::wide::{Avx2, Avx512};
use crate::{Lanes, Real, wide::Portable};

/// A set of instructions that kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstructionSet {
    /// What every processor of the target has.
    Portable,
    /// AVX2 and FMA (x86-64-v3).
    Avx2,
    /// AVX-512 F, BW, CD, DQ and VL (x86-64-v4).
    Avx512,
}

impl InstructionSet {
    /// Every set, the widest last.
    pub const ALL: [InstructionSet; 3] = [
        InstructionSet::Portable,
        InstructionSet::Avx2,
        InstructionSet::Avx512,
    ];

    /// The name: `portable`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            InstructionSet::Portable => "portable",
            InstructionSet::Avx2 => "avx2",
            InstructionSet::Avx512 => "avx512",
        }
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        match self {
            InstructionSet::Portable => true,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => pulp::x86::V3::is_available(),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => pulp::x86::V4::is_available(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The sets that this processor has, the widest last.
    pub fn available() -> Vec<InstructionSet> {
        Self::ALL
            .into_iter()
            .filter(|set| set.is_available())
            .collect()
    }

    /// What [`dispatch`] uses: the widest set of the processor, or the one that the environment
    /// variable `MASS_INSTRUCTIONS` names. Read once. A name that is unknown, or of a set that the
    /// processor has not, is passed over.
    pub fn current() -> InstructionSet {
        static CURRENT: OnceLock<InstructionSet> = OnceLock::new();
        *CURRENT.get_or_init(|| {
            std::env::var("MASS_INSTRUCTIONS")
                .ok()
                .and_then(|name| name.parse::<InstructionSet>().ok())
                .filter(|set| set.is_available())
                .or_else(|| Self::available().pop())
                .unwrap_or(InstructionSet::Portable)
        })
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for InstructionSet {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|set| set.name() == name)
            .ok_or_else(|| {
                format!("unknown instruction set {name:?}; one of portable, avx2, avx512")
            })
    }
}

/// A computation written once for every processor.
///
/// `run` and all that it calls must be `#[inline(always)]`, or kernels run by [`Lanes::vectorize`].
pub trait Kernel<T: Real> {
    /// What it returns.
    type Output;

    /// The computation, with the arithmetic of processor `P`.
    fn run<P: Lanes<T>>(self, p: P) -> Self::Output;
}

/// A part of a kernel on processor `P`, as [`Lanes::vectorize`] runs it. `run` must be
/// `#[inline(always)]`, as a kernel's.
pub trait Stage<P> {
    /// What it returns.
    type Output;

    /// The computation. By reference, for moving a large stage would cost as much as a small one.
    fn run(&mut self, p: P) -> Self::Output;
}

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

/// A number type whose lanes every processor here has.
pub trait Runs: Sized {
    /// Runs a kernel with one instruction set; on the portable one if the processor has it not.
    fn run_on<K: Kernel<Self>>(set: InstructionSet, kernel: K) -> K::Output
    where
        Self: Real;
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

/// A stage and the processor that runs it, as `pulp` takes them.
pub(crate) struct WithStage<'a, S, P>(pub(crate) &'a mut S, pub(crate) P);

impl<P, S: Stage<P>> NullaryFnOnce for WithStage<'_, S, P> {
    type Output = S::Output;

    #[inline(always)]
    fn call(self) -> S::Output {
        self.0.run(self.1)
    }
}

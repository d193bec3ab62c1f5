//! Lane vectors made of a processor's registers, by way of `pulp`.

use pulp::{NullaryFnOnce, Scalar, Simd};

use crate::{Lanes, Stage};

/// Any processor: one lane after the other, which compilers vectorise with what the target has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable(pub(crate) Scalar);

/// AVX2 with FMA: a vector of lanes is two registers of sixteen.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(pub(crate) pulp::x86::V3);

/// AVX-512: a vector of lanes is one register of thirty-two.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(pub(crate) pulp::x86::V4);

/// A stage and the processor that runs it, as `pulp` takes them.
struct WithStage<'a, S, P>(&'a mut S, P);

impl<P, S: Stage<P>> NullaryFnOnce for WithStage<'_, S, P> {
    type Output = S::Output;

    #[inline(always)]
    fn call(self) -> S::Output {
        self.0.run(self.1)
    }
}

/// Arithmetic of `$registers` registers of `$processor` as one vector of `$number`.
macro_rules! lanes {
    ($processor:ident, $wide:expr, $number:ident, $register:ty, $registers:literal,
     [$splat:ident $add:ident $sub:ident $mul:ident $div:ident $mul_add:ident $neg_mul_add:ident
      $less:ident $equal:ident $select:ident],
     $min:expr, $max:expr, $abs:expr, $guess:expr, $scale:expr, $sum:expr) => {
        impl Lanes<$number> for $processor {
            type V = [$register; $registers];
            const WIDE: bool = $wide;

            #[inline(always)]
            fn splat(self, value: $number) -> Self::V {
                [self.0.$splat(value); $registers]
            }
            lanes!(@binary $registers, add $add, sub $sub, mul $mul, div $div);
            #[inline(always)]
            fn mul_add(self, a: Self::V, b: Self::V, mut c: Self::V) -> Self::V {
                for i in 0..$registers {
                    c[i] = self.0.$mul_add(a[i], b[i], c[i]);
                }
                c
            }
            #[inline(always)]
            fn neg_mul_add(self, a: Self::V, b: Self::V, mut c: Self::V) -> Self::V {
                for i in 0..$registers {
                    c[i] = self.0.$neg_mul_add(a[i], b[i], c[i]);
                }
                c
            }
            #[inline(always)]
            fn min(self, mut a: Self::V, b: Self::V) -> Self::V {
                let min: fn(Self, $register, $register) -> $register = $min;
                for i in 0..$registers {
                    a[i] = min(self, a[i], b[i]);
                }
                a
            }
            #[inline(always)]
            fn max(self, mut a: Self::V, b: Self::V) -> Self::V {
                let max: fn(Self, $register, $register) -> $register = $max;
                for i in 0..$registers {
                    a[i] = max(self, a[i], b[i]);
                }
                a
            }
            #[inline(always)]
            fn abs(self, mut a: Self::V) -> Self::V {
                let abs: fn(Self, $register) -> $register = $abs;
                for i in 0..$registers {
                    a[i] = abs(self, a[i]);
                }
                a
            }
            #[inline(always)]
            fn where_less(self, a: Self::V, b: Self::V, mut yes: Self::V, no: Self::V) -> Self::V {
                for i in 0..$registers {
                    yes[i] = self.0.$select(self.0.$less(a[i], b[i]), yes[i], no[i]);
                }
                yes
            }
            #[inline(always)]
            fn where_equal(self, a: Self::V, b: Self::V, mut yes: Self::V, no: Self::V) -> Self::V {
                for i in 0..$registers {
                    yes[i] = self.0.$select(self.0.$equal(a[i], b[i]), yes[i], no[i]);
                }
                yes
            }
            #[inline(always)]
            fn reciprocal_guess(self, mut a: Self::V) -> Self::V {
                let guess: fn(Self, $register) -> $register = $guess;
                for i in 0..$registers {
                    a[i] = guess(self, a[i]);
                }
                a
            }
            #[inline(always)]
            fn scale(self, mut a: Self::V, shifted: Self::V) -> Self::V {
                let scale: fn(Self, $register, $register) -> $register = $scale;
                for i in 0..$registers {
                    a[i] = scale(self, a[i], shifted[i]);
                }
                a
            }
            #[inline(always)]
            fn sum(self, mut a: Self::V) -> $number {
                let sum: fn(Self, $register) -> $number = $sum;
                let mut registers = $registers;
                while registers > 1 {
                    registers /= 2;
                    for i in 0..registers {
                        a[i] = self.0.$add(a[i], a[i + registers]);
                    }
                }
                sum(self, a[0])
            }
            #[inline(always)]
            fn vectorize<S: Stage<Self>>(self, mut stage: S) -> S::Output {
                Simd::vectorize(self.0, WithStage(&mut stage, self))
            }
        }
    };
    (@binary $registers:literal, $($name:ident $method:ident),*) => {
        $(#[inline(always)]
        fn $name(self, mut a: Self::V, b: Self::V) -> Self::V {
            for i in 0..$registers {
                a[i] = self.0.$method(a[i], b[i]);
            }
            a
        })*
    };
}

macro_rules! lanes_f32 {
    ($processor:ident, $wide:expr, $register:ty, $registers:literal, $min:expr, $max:expr, $abs:expr, $guess:expr, $scale:expr, $sum:expr) => {
        lanes!($processor, $wide, f32, $register, $registers,
            [splat_f32s add_f32s sub_f32s mul_f32s div_f32s mul_add_e_f32s negate_mul_add_e_f32s
             less_than_f32s equal_f32s select_f32s], $min, $max, $abs, $guess, $scale, $sum);
    };
}

macro_rules! lanes_f64 {
    ($processor:ident, $wide:expr, $register:ty, $registers:literal, $min:expr, $max:expr, $abs:expr, $guess:expr, $scale:expr, $sum:expr) => {
        lanes!($processor, $wide, f64, $register, $registers,
            [splat_f64s add_f64s sub_f64s mul_f64s div_f64s mul_add_e_f64s negate_mul_add_e_f64s
             less_than_f64s equal_f64s select_f64s], $min, $max, $abs, $guess, $scale, $sum);
    };
}

// The integer k stands in the low bits of k + MAGIC; shifted to the place of the exponent and added to
// a number's bits, it multiplies it by 2ᵏ.

// A float's bits are about its logarithm, so a difference of bits is about a quotient: these minus
// the bits of a is 1/a within an eighth (Blinn 1997, with the constants that make the error least).
const GUESS_F32: u32 = 0x7EF3_11C7;
const GUESS_F64: u64 = 0x7FDE_6238_502C_484B;

lanes_f32!(
    Portable,
    false,
    f32,
    16,
    |_, a, b| if a < b { a } else { b },
    |_, a, b| if a > b { a } else { b },
    |_, a| a.abs(),
    |_, a| f32::from_bits(GUESS_F32.wrapping_sub(a.to_bits())),
    |_, a, k| f32::from_bits((k.to_bits() << 23).wrapping_add(a.to_bits())),
    |_, a| a
);
lanes_f64!(
    Portable,
    false,
    f64,
    8,
    |_, a, b| if a < b { a } else { b },
    |_, a, b| if a > b { a } else { b },
    |_, a| a.abs(),
    |_, a| f64::from_bits(GUESS_F64.wrapping_sub(a.to_bits())),
    |_, a, k| f64::from_bits((k.to_bits() << 52).wrapping_add(a.to_bits())),
    |_, a| a
);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::*;
    use pulp::{f32x8, f32x16, f64x4, f64x8};

    lanes_f32!(
        Avx2,
        false,
        f32x8,
        2,
        |p, a, b| p.0.min_f32s(a, b),
        |p, a, b| p.0.max_f32s(a, b),
        |p, a| p.0.abs_f32x8(a),
        |p, a| bytemuck::cast(p.0.sub_u32s(p.0.splat_u32s(GUESS_F32), bytemuck::cast(a))),
        |p, a, k| {
            let k = p.0.shl_const_u32x8::<23>(bytemuck::cast(k));
            bytemuck::cast(p.0.add_u32s(k, bytemuck::cast(a)))
        },
        |p, a| p.0.reduce_sum_f32s(a)
    );
    lanes_f64!(
        Avx2,
        false,
        f64x4,
        2,
        |p, a, b| p.0.min_f64s(a, b),
        |p, a, b| p.0.max_f64s(a, b),
        |p, a| p.0.abs_f64x4(a),
        |p, a| bytemuck::cast(p.0.sub_u64s(p.0.splat_u64s(GUESS_F64), bytemuck::cast(a))),
        |p, a, k| {
            let k = p.0.shl_const_u64x4::<52>(bytemuck::cast(k));
            bytemuck::cast(p.0.add_u64s(k, bytemuck::cast(a)))
        },
        |p, a| p.0.reduce_sum_f64s(a)
    );
    lanes_f32!(
        Avx512,
        true,
        f32x16,
        1,
        |p, a, b| p.0.min_f32s(a, b),
        |p, a, b| p.0.max_f32s(a, b),
        |p, a| p.0.abs_f32x16(a),
        |p, a| bytemuck::cast(p.0.sub_u32s(p.0.splat_u32s(GUESS_F32), bytemuck::cast(a))),
        |p, a, k| {
            let k = p.0.shl_const_u32x16::<23>(bytemuck::cast(k));
            bytemuck::cast(p.0.add_u32s(k, bytemuck::cast(a)))
        },
        |p, a| p.0.reduce_sum_f32s(a)
    );
    lanes_f64!(
        Avx512,
        true,
        f64x8,
        1,
        |p, a, b| p.0.min_f64s(a, b),
        |p, a, b| p.0.max_f64s(a, b),
        |p, a| p.0.abs_f64x8(a),
        |p, a| bytemuck::cast(p.0.sub_u64s(p.0.splat_u64s(GUESS_F64), bytemuck::cast(a))),
        |p, a, k| {
            let k = p.0.shl_const_u64x8::<52>(bytemuck::cast(k));
            bytemuck::cast(p.0.add_u64s(k, bytemuck::cast(a)))
        },
        |p, a| p.0.reduce_sum_f64s(a)
    );
}

//! Several vectors worked on in step.

use crate::{Lanes, Real, Stage};

/// The arithmetic of `P` on K vectors at a time, operation by operation.
///
/// A long function of one vector is a chain in which every instruction waits for the one before, and
/// a processor looks only some hundred instructions ahead. K chains side by side keep it busy.
///
/// Elementwise functions only: a vector has K times [`Real::LANES`] lanes.
#[derive(Debug, Clone, Copy)]
pub struct Interleaved<P, const K: usize>(pub P);

macro_rules! each {
    ($($name:ident ( $($argument:ident),* )),* $(,)?) => {
        $(#[inline(always)]
        fn $name(self, $($argument: Self::V),*) -> Self::V {
            let mut out = [self.0.splat(T::default()); K];
            for i in 0..K {
                out[i] = self.0.$name($($argument[i]),*);
            }
            out
        })*
    };
}

impl<T: Real, P: Lanes<T>, const K: usize> Lanes<T> for Interleaved<P, K> {
    type V = [P::V; K];
    const WIDE: bool = P::WIDE;

    #[inline(always)]
    fn splat(self, value: T) -> Self::V {
        [self.0.splat(value); K]
    }

    each!(
        add(a, b),
        sub(a, b),
        mul(a, b),
        div(a, b),
        mul_add(a, b, c),
        neg_mul_add(a, b, c),
        abs(a),
        min(a, b),
        max(a, b),
        where_less(a, b, yes, no),
        where_equal(a, b, yes, no),
        reciprocal_guess(a),
        scale(a, shifted),
    );

    #[inline(always)]
    fn sum(self, a: Self::V) -> T {
        let mut total = a[0];
        for part in &a[1..] {
            total = self.0.add(total, *part);
        }
        self.0.sum(total)
    }

    #[inline(always)]
    fn vectorize<S: Stage<Self>>(self, mut stage: S) -> S::Output {
        stage.run(self)
    }
}

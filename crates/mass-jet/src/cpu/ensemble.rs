//! Both passes over an ensemble, on as many threads as the pool has.

use mass_lanes::{Buffer, InstructionSet, Kernel, Lanes, Real, dispatch_on};
use rayon::prelude::*;

use super::{forward, reverse, vectors::vectors_mut, weights::Weights};
use crate::shape::Shape;

/// What the forward pass of an ensemble keeps for the reverse pass.
#[derive(Debug)]
pub(super) struct Kept<T: Real> {
    buffer: Buffer<T>,
    set: InstructionSet,
}

/// The jets of E networks, `[E, rows, B]`, at states `[E, B, n]`; parameters in rows, `[E, P]`. What
/// the reverse pass needs is kept if asked for.
pub(super) fn forward<T: Real>(
    set: InstructionSet,
    shape: Shape,
    parameters: &[T],
    states: &[T],
    batch: usize,
    keep: bool,
) -> (Vec<T>, Option<Kept<T>>) {
    let members = parameters.len() / shape.parameters();
    let mut jets = vec![T::default(); members * shape.rows() * batch];
    // A chunk that is not kept is overwritten by the next.
    let chunks = if keep {
        shape.chunks(batch, T::LANES)
    } else {
        1
    };
    let kept_size = chunks * shape.kept() * T::LANES + Weights::<T>::size(&shape);
    let mut buffer = T::pool().take(members * kept_size);
    let work = parameters
        .chunks_exact(shape.parameters())
        .zip(states.chunks_exact(batch * shape.coordinates()))
        .zip(jets.chunks_exact_mut(shape.rows() * batch))
        .zip(buffer.chunks_exact_mut(kept_size))
        .map(|(((parameters, states), jet), kept)| Forward {
            shape,
            parameters,
            states,
            jet,
            kept,
        });
    each(members, work, |member| dispatch_on(set, member));
    (jets, keep.then_some(Kept { buffer, set }))
}

/// Cotangents of the parameters, with those of the states behind them if wanted, `[E, P]` or
/// `[E, P + B n]`, from those of the jets `[E, rows, B]`.
pub(super) fn reverse<T: Real>(
    shape: Shape,
    parameters: &[T],
    states: &[T],
    batch: usize,
    kept: &Kept<T>,
    jet_cotangents: &[T],
    of_states: bool,
) -> Vec<T> {
    let members = parameters.len() / shape.parameters();
    let states_size = batch * shape.coordinates();
    let width = shape.parameters() + if of_states { states_size } else { 0 };
    let mut cotangents = vec![T::default(); members * width];
    let kept_size = kept.buffer.len() / members;
    let work = parameters
        .chunks_exact(shape.parameters())
        .zip(states.chunks_exact(states_size))
        .zip(kept.buffer.chunks_exact(kept_size))
        .zip(jet_cotangents.chunks_exact(shape.rows() * batch))
        .zip(cotangents.chunks_exact_mut(width))
        // The last member first: it is the one that the caches still hold.
        .rev()
        .map(
            |((((parameters, states), kept), jet_cotangents), cotangents)| Reverse {
                shape,
                parameters,
                states,
                kept,
                jet_cotangents,
                cotangents,
            },
        );
    each(members, work, |member| dispatch_on(kept.set, member));
    cotangents
}

/// Runs every member's work, on all threads of the current pool if there are several of both.
///
/// A member is always the work of one thread, so its numbers do not depend on how many there are.
fn each<W: Send>(
    members: usize,
    work: impl Iterator<Item = W> + Send,
    run: impl Fn(W) + Send + Sync,
) {
    if members > 1 && rayon::current_num_threads() > 1 {
        work.par_bridge().for_each(run);
    } else {
        work.for_each(run);
    }
}

/// The forward pass of one network.
struct Forward<'a, T> {
    shape: Shape,
    parameters: &'a [T],
    states: &'a [T],
    jet: &'a mut [T],
    kept: &'a mut [T],
}

impl<T: Real> Kernel<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        let shape = &self.shape;
        let (tiled, kept) = self.kept.split_at_mut(Weights::<T>::size(shape));
        let weights = Weights::new::<P>(self.shape, self.parameters, tiled);
        let size = forward::Scratch::<P::V>::size(shape);
        let mut memory = T::pool().take(size * T::LANES);
        let mut scratch = forward::Scratch::new(shape, vectors_mut::<T, P>(&mut memory));
        let kept = vectors_mut::<T, P>(kept);
        forward::forward(
            p,
            shape,
            &weights,
            self.states,
            self.jet,
            kept,
            &mut scratch,
        );
    }
}

/// The reverse pass of one network.
struct Reverse<'a, T> {
    shape: Shape,
    parameters: &'a [T],
    states: &'a [T],
    kept: &'a [T],
    jet_cotangents: &'a [T],
    /// Of the parameters, and of the states if there is room.
    cotangents: &'a mut [T],
}

impl<T: Real> Kernel<T> for Reverse<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        let shape = &self.shape;
        let (tiled, kept) = self.kept.split_at(Weights::<T>::size(shape));
        let weights = Weights::again(self.shape, self.parameters, tiled);
        let size = reverse::Scratch::<P::V>::size(shape);
        let mut memory = T::pool().take(size * T::LANES);
        let mut scratch = reverse::Scratch::new(shape, vectors_mut::<T, P>(&mut memory));
        let (of_parameters, of_states) = self.cotangents.split_at_mut(shape.parameters());
        reverse::reverse(
            p,
            shape,
            &weights,
            self.states,
            bytemuck::cast_slice(kept),
            self.jet_cotangents,
            of_parameters,
            (!of_states.is_empty()).then_some(of_states),
            &mut scratch,
        );
    }
}

#[cfg(test)]
mod tests {
    use approx::abs_diff_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::{Activation, InputFeatures, ScalarNetConfig};

    fn wave<T: Real>(count: usize, frequency: f64, size: f64) -> Vec<T> {
        (0..count)
            .map(|i| T::of((i as f64 * frequency + 0.3).sin() * size))
            .collect()
    }

    /// Jets and all cotangents of an ensemble on one instruction set.
    fn both<T: Real>(
        set: InstructionSet,
        shape: Shape,
        members: usize,
        batch: usize,
    ) -> (Vec<T>, Vec<T>) {
        let parameters = wave::<T>(members * shape.parameters(), 0.7, 0.5);
        let states = wave::<T>(members * batch * shape.coordinates(), 1.3, 1.0);
        let cotangents = wave::<T>(members * batch * shape.rows(), 0.4, 1.0);
        let (jets, kept) = forward(set, shape, &parameters, &states, batch, true);
        let kept = kept.expect("asked for");
        let found = reverse(shape, &parameters, &states, batch, &kept, &cotangents, true);
        (jets, found)
    }

    /// Whether numbers agree, by the size of the largest.
    fn agree<T: Real>(found: &[T], expected: &[T], tolerance: f64) -> bool {
        let [found, expected] =
            [found, expected].map(|list| list.iter().map(|v| v.to_f64()).collect::<Vec<f64>>());
        let scale = expected.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
        abs_diff_eq!(found[..], expected[..], epsilon = tolerance * scale)
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        let sizes = (1usize..4, 1usize..4, 1usize..23);
        (sizes, 0usize..3, any::<bool>()).prop_map(|((dof, layers, width), f, plain)| {
            Shape::new(&ScalarNetConfig {
                dof,
                hidden_layers: layers,
                width,
                activation: Activation::ALL[f],
                input: if plain {
                    InputFeatures::Plain
                } else {
                    InputFeatures::Augmented
                },
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// AVX2 and AVX-512 give the same bits; the portable path, which every other processor
        /// takes, the same to rounding.
        #[test]
        fn instruction_sets_agree(shape in shapes(), members in 1usize..4, batch in 1usize..150) {
            let (jets, found) = both::<f64>(InstructionSet::Portable, shape, members, batch);
            let single = both::<f32>(InstructionSet::Portable, shape, members, batch);
            let mut fused = Vec::new();
            for set in InstructionSet::available() {
                let other = both::<f64>(set, shape, members, batch);
                prop_assert!(agree(&other.0, &jets, 1e-13));
                prop_assert!(agree(&other.1, &found, 1e-12));
                let other = both::<f32>(set, shape, members, batch);
                prop_assert!(agree(&other.0, &single.0, 1e-5));
                prop_assert!(agree(&other.1, &single.1, 1e-5));
                if set != InstructionSet::Portable {
                    fused.push(other);
                }
            }
            for pair in fused.windows(2) {
                prop_assert!(pair[0] == pair[1], "AVX2 and AVX-512 differ");
            }
        }

        /// What is not kept for a reverse pass gives the same jets.
        #[test]
        fn keeping_changes_nothing(shape in shapes(), batch in 1usize..150) {
            let parameters = wave::<f32>(2 * shape.parameters(), 0.7, 0.5);
            let states = wave::<f32>(2 * batch * shape.coordinates(), 1.3, 1.0);
            let set = InstructionSet::current();
            let (kept, _) = forward(set, shape, &parameters, &states, batch, true);
            let (not, none) = forward(set, shape, &parameters, &states, batch, false);
            prop_assert!(none.is_none());
            prop_assert_eq!(kept, not);
        }
    }

    /// After the first call working memory is used again, whatever the number of calls.
    #[test]
    fn working_memory_is_used_again() {
        let shape = Shape::new(&ScalarNetConfig::new(1));
        let set = InstructionSet::current();
        // f64 is this test's own: other tests run beside it.
        both::<f64>(set, shape, 3, 200);
        let held = f64::pool().idle();
        for _ in 0..20 {
            both::<f64>(set, shape, 3, 200);
        }
        assert!(
            f64::pool().idle() <= 4 * held,
            "{} numbers held after twenty calls, {held} after one",
            f64::pool().idle()
        );
    }
}

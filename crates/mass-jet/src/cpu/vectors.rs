//! Working memory as vectors of lanes.

use mass_lanes::{Lanes, Real};

pub(super) fn vectors_mut<T: Real, P: Lanes<T>>(numbers: &mut [T]) -> &mut [P::V] {
    bytemuck::cast_slice_mut(numbers)
}

/// Cuts memory into parts of these sizes.
pub(super) fn split<V, const N: usize>(mut memory: &mut [V], sizes: [usize; N]) -> [&mut [V]; N] {
    sizes.map(|size| {
        let (part, rest) = std::mem::take(&mut memory).split_at_mut(size);
        memory = rest;
        part
    })
}

//! Rows of numbers as vectors of lanes.

use mass_lanes::{Lanes, Real};

/// LANES numbers of a row from `start` on, zeros behind its end.
#[inline(always)]
pub(super) fn load<T: Real, P: Lanes<T>>(p: P, row: &[T], start: usize) -> P::V {
    match row.get(start..start + T::LANES) {
        Some(full) => p.load(full),
        None => p.load(&row[start.min(row.len())..]),
    }
}

/// Writes LANES numbers into a row from `start` on; what is behind its end is dropped.
#[inline(always)]
pub(super) fn store<T: Real, P: Lanes<T>>(p: P, row: &mut [T], start: usize, value: P::V) {
    // Of a constant length, it is one instruction rather than a call.
    if let Some(full) = row.get_mut(start..start + T::LANES) {
        full.copy_from_slice(&p.numbers(&value)[..T::LANES]);
    } else {
        let start = start.min(row.len());
        p.store(value, &mut row[start..]);
    }
}

/// Adds to LANES numbers of a row from `start` on; what is behind its end is dropped.
#[inline(always)]
pub(super) fn add_at<T: Real, P: Lanes<T>>(p: P, row: &mut [T], start: usize, value: P::V) {
    let sum = p.add(load(p, row, start), value);
    store(p, row, start, sum);
}

/// Memory of a pool as vectors of lanes.
#[inline(always)]
pub(super) fn vectors_mut<T: Real, P: Lanes<T>>(numbers: &mut [T]) -> &mut [P::V] {
    bytemuck::cast_slice_mut(numbers)
}

/// Vectors in blocks of N.
#[inline(always)]
pub(super) fn blocks<V, const N: usize>(vectors: &mut [V]) -> &mut [[V; N]] {
    vectors.as_chunks_mut().0
}

/// Cuts memory into parts of these sizes.
#[inline(always)]
pub(super) fn split<V, const N: usize>(mut memory: &mut [V], sizes: [usize; N]) -> [&mut [V]; N] {
    sizes.map(|size| {
        let (part, rest) = std::mem::take(&mut memory).split_at_mut(size);
        memory = rest;
        part
    })
}

/// Completes the cotangents of weights, Σ ṗ t + r sign(w) Σ |t|, from the first sum, there already,
/// and the second; r is the cotangent of Σ |w t|. A term that is nothing, or off, keeps the first.
#[inline(always)]
pub(super) fn of_weights<T: Real, P: Lanes<T>>(
    p: P,
    r: P::V,
    w: &[T],
    sizes: &[T],
    of_w: &mut [T],
) {
    let zero = p.splat(T::default());
    let rows = w.chunks(T::LANES).zip(sizes.chunks(T::LANES));
    for ((w, size), of_w) in rows.zip(of_w.chunks_mut(T::LANES)) {
        let (size, value) = (p.load(size), p.load(of_w));
        let steep = p.mul(r, p.sign(p.load(w)));
        let sum = p.mul_add(steep, size, value);
        p.store(p.where_equal(size, zero, value, sum), of_w);
    }
}

//! The two matrix kernels: weights times signals, and sums of products of signals.
//!
//! Samples are in lanes, so a weight is one number for a whole vector. A tile of outputs is held in
//! registers while the sum runs; tiles are as large as the registers allow (AVX-512: 4 × 6 of 32,
//! AVX2: 5 × 1 lane vectors of two registers each of 16; one more and accumulators are spilled,
//! which costs a third of the speed).

use mass_lanes::{Lanes, Real, Stage};

use super::chunk::CHUNK;

/// Weights in the order in which [`multiply`] reads them: tiles of rows, in each tile the columns one
/// after the other.
pub(super) struct Tiled<'a, T> {
    pub(super) values: &'a [T],
    pub(super) inner: usize,
}

/// Rows of the largest tile of [`multiply`].
fn tile_rows<T: Real, P: Lanes<T>>() -> usize {
    if P::WIDE { 4 } else { 5 }
}

/// Writes weights `[rows, inner]`, of which `at(row, column)` is one, as [`Tiled`].
pub(super) fn tile<T: Real, P: Lanes<T>>(
    into: &mut [T],
    rows: usize,
    inner: usize,
    at: impl Fn(usize, usize) -> T,
) {
    let most = tile_rows::<T, P>();
    for (index, tile) in into[..rows * inner].chunks_mut(most * inner).enumerate() {
        let height = tile.len() / inner;
        for (column, tile) in tile.chunks_exact_mut(height).enumerate() {
            for (row, weight) in tile.iter_mut().enumerate() {
                *weight = at(index * most + row, column);
            }
        }
    }
}

/// out[row][column] = Σ_k weights[row][k] signals[k][column], `columns` of them side by side.
///
/// Row k of the signals begins at k · `signal_stride`, a row of the output at row · `out_stride`.
pub(super) struct Multiply<'a, T: Real, P: Lanes<T>> {
    pub(super) weights: Tiled<'a, T>,
    pub(super) signals: &'a [P::V],
    pub(super) signal_stride: usize,
    pub(super) out: &'a mut [P::V],
    pub(super) out_stride: usize,
    pub(super) columns: usize,
}

impl<T: Real, P: Lanes<T>> Stage<P> for Multiply<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run(&mut self, p: P) {
        let inner = self.weights.inner;
        let (signal_stride, out_stride) = (self.signal_stride, self.out_stride);
        let most = tile_rows::<T, P>();
        let tiles_of_weights = self.weights.values.chunks(most * inner);
        for (w, out) in tiles_of_weights.zip(self.out.chunks_mut(most * out_stride)) {
            let mut column = 0;
            while column < self.columns {
                let left = self.columns - column;
                let signals = &self.signals[column..];
                let out = &mut out[column..];
                column += match w.len() / inner {
                    5 => tiles::<T, P, 5>(p, w, signals, signal_stride, out, out_stride, left),
                    4 => tiles::<T, P, 4>(p, w, signals, signal_stride, out, out_stride, left),
                    3 => tiles::<T, P, 3>(p, w, signals, signal_stride, out, out_stride, left),
                    2 => tiles::<T, P, 2>(p, w, signals, signal_stride, out, out_stride, left),
                    _ => tiles::<T, P, 1>(p, w, signals, signal_stride, out, out_stride, left),
                };
            }
        }
    }
}

/// One tile of ROWS rows and as many columns as fit; how many columns that were.
#[inline(always)]
fn tiles<T: Real, P: Lanes<T>, const ROWS: usize>(
    p: P,
    w: &[T],
    signals: &[P::V],
    signal_stride: usize,
    out: &mut [P::V],
    out_stride: usize,
    left: usize,
) -> usize {
    if P::WIDE && ROWS <= 4 {
        if left >= 6 {
            one_tile::<T, P, ROWS, 6>(p, w, signals, signal_stride, out, out_stride);
            return 6;
        }
        if left >= 4 {
            one_tile::<T, P, ROWS, 4>(p, w, signals, signal_stride, out, out_stride);
            return 4;
        }
        if left >= 2 {
            one_tile::<T, P, ROWS, 2>(p, w, signals, signal_stride, out, out_stride);
            return 2;
        }
    }
    one_tile::<T, P, ROWS, 1>(p, w, signals, signal_stride, out, out_stride);
    1
}

#[inline(always)]
fn one_tile<T: Real, P: Lanes<T>, const ROWS: usize, const COLUMNS: usize>(
    p: P,
    w: &[T],
    signals: &[P::V],
    signal_stride: usize,
    out: &mut [P::V],
    out_stride: usize,
) {
    let mut sums = [[p.splat(T::default()); COLUMNS]; ROWS];
    for (w, signals) in w.chunks_exact(ROWS).zip(signals.chunks(signal_stride)) {
        let signals = &signals[..COLUMNS];
        for row in 0..ROWS {
            let w = p.splat(w[row]);
            for column in 0..COLUMNS {
                sums[row][column] = p.mul_add(w, signals[column], sums[row][column]);
            }
        }
    }
    for row in 0..ROWS {
        let out = &mut out[row * out_stride..][..COLUMNS];
        // One by one: a copy of the row would be a call.
        for column in 0..COLUMNS {
            out[column] = sums[row][column];
        }
    }
}

/// sums[i][j] += Σ_c left[i][c] right[j][c], over `columns` vectors; lanes stay apart.
///
/// Rows of both begin every `stride` vectors.
pub(super) struct Outer<'a, T: Real, P: Lanes<T>> {
    pub(super) left: &'a [P::V],
    pub(super) right: &'a [P::V],
    pub(super) stride: usize,
    pub(super) columns: usize,
    pub(super) sums: &'a mut [P::V],
    /// Rows of `left` and of `right`.
    pub(super) size: [usize; 2],
}

impl<T: Real, P: Lanes<T>> Stage<P> for Outer<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run(&mut self, p: P) {
        // With the stride of one degree of freedom known, addresses differ by constants.
        const PAIR: usize = 4 * CHUNK;
        match self.stride {
            PAIR => self.on::<PAIR>(p),
            _ => self.on::<0>(p),
        }
    }
}

impl<T: Real, P: Lanes<T>> Outer<'_, T, P> {
    /// For stride N, or as the field says where N is 0.
    #[inline(always)]
    fn on<const N: usize>(&mut self, p: P) {
        let (left, right, columns) = (self.left, self.right, self.columns);
        let ([rows, inner], sums) = (self.size, &mut *self.sums);
        let stride = if N == 0 { self.stride } else { N };
        let [height, width] = if P::WIDE { [4, 5] } else { [2, 3] };
        let left = left[..rows * stride].chunks(height * stride);
        for (left, sums) in left.zip(sums.chunks_mut(height * inner)) {
            let right = right[..inner * stride].chunks(width * stride);
            for (j, right) in right.enumerate() {
                let sums = &mut sums[j * width..];
                let (w, s, c, n) = (right.len() / stride, stride, columns, inner);
                match left.len() / stride {
                    4 if P::WIDE => outer_row::<T, P, 4>(p, left, right, s, c, sums, n, w),
                    3 if P::WIDE => outer_row::<T, P, 3>(p, left, right, s, c, sums, n, w),
                    2 => outer_row::<T, P, 2>(p, left, right, s, c, sums, n, w),
                    _ => outer_row::<T, P, 1>(p, left, right, s, c, sums, n, w),
                }
            }
        }
    }
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn outer_row<T: Real, P: Lanes<T>, const HEIGHT: usize>(
    p: P,
    left: &[P::V],
    right: &[P::V],
    stride: usize,
    columns: usize,
    sums: &mut [P::V],
    inner: usize,
    width: usize,
) {
    match width {
        5 if P::WIDE => outer_tile::<T, P, HEIGHT, 5>(p, left, right, stride, columns, sums, inner),
        4 if P::WIDE => outer_tile::<T, P, HEIGHT, 4>(p, left, right, stride, columns, sums, inner),
        3 => outer_tile::<T, P, HEIGHT, 3>(p, left, right, stride, columns, sums, inner),
        2 => outer_tile::<T, P, HEIGHT, 2>(p, left, right, stride, columns, sums, inner),
        _ => outer_tile::<T, P, HEIGHT, 1>(p, left, right, stride, columns, sums, inner),
    }
}

#[inline(always)]
fn outer_tile<T: Real, P: Lanes<T>, const HEIGHT: usize, const WIDTH: usize>(
    p: P,
    left: &[P::V],
    right: &[P::V],
    stride: usize,
    columns: usize,
    sums: &mut [P::V],
    inner: usize,
) {
    let mut tile = [[p.splat(T::default()); WIDTH]; HEIGHT];
    for i in 0..HEIGHT {
        for j in 0..WIDTH {
            tile[i][j] = sums[i * inner + j];
        }
    }
    for c in 0..columns {
        // One check for all rows.
        let left = &left[c..=c + (HEIGHT - 1) * stride];
        let right = &right[c..=c + (WIDTH - 1) * stride];
        let mut r = [p.splat(T::default()); WIDTH];
        for j in 0..WIDTH {
            r[j] = right[j * stride];
        }
        for i in 0..HEIGHT {
            let l = left[i * stride];
            for j in 0..WIDTH {
                tile[i][j] = p.mul_add(l, r[j], tile[i][j]);
            }
        }
    }
    for i in 0..HEIGHT {
        for j in 0..WIDTH {
            sums[i * inner + j] = tile[i][j];
        }
    }
}

//! pinv(A + b I) of all states, by elimination with the states in lanes; and by [`crate::pinv`]'s
//! Jacobi rotations for the few where elimination would lose digits or the rank is not full.

use std::ops::Range;

use mass_lanes::{InstructionSet, Kernel, Lanes, Real, dispatch_on};

use super::{
    lanes::{load, store, vectors_mut},
    member::Member,
};
use crate::{
    inverse::damped,
    pinv::{Host, greatest_condition},
};

/// A pseudo-inverse whose matrix has not full rank.
#[derive(Debug)]
pub(super) struct Deficient {
    /// Of which state.
    pub(super) state: usize,
    /// Of which of the inverted matrices.
    inverted: usize,
    /// I − A P.
    rows: Vec<f64>,
    /// I − P A.
    columns: Vec<f64>,
}

impl Deficient {
    /// Those of one inverted matrix among some states, of a list that is sorted by state.
    pub(super) fn of_chunk(
        all: &[Self],
        inverted: usize,
        start: usize,
        states: usize,
    ) -> impl Iterator<Item = &Self> {
        let first = all.partition_point(|one| one.state < start);
        all[first..]
            .iter()
            .take_while(move |one| one.state < start + states)
            .filter(move |one| one.inverted == inverted)
    }

    /// (I − A P) Ṗᵀ P Pᵀ + Pᵀ P Ṗᵀ (I − P A), which the cotangent of A has besides −Pᵀ Ṗ Pᵀ (Golub &
    /// Pereyra 1973, Eq. 4.12).
    pub(super) fn missing(&self, p: &[f64], cotangent: &[f64]) -> Vec<f64> {
        let d = p.len().isqrt();
        let product = |a: &dyn Fn(usize, usize) -> f64, b: &dyn Fn(usize, usize) -> f64| {
            let cells = (0..d * d).map(|cell| (cell / d, cell % d));
            let sums = cells.map(|(i, j)| (0..d).map(|k| a(i, k) * b(k, j)).sum());
            sums.collect::<Vec<f64>>()
        };
        let plain = |m: &'_ [f64], i: usize, j: usize| m[i * d + j];
        let p_transposed = product(&|i, j| plain(p, i, j), &|i, j| plain(p, j, i)); // P Pᵀ
        let transposed_p = product(&|i, j| plain(p, j, i), &|i, j| plain(p, i, j)); // Pᵀ P
        let left = product(&|i, j| plain(&self.rows, i, j), &|i, j| {
            plain(cotangent, j, i)
        });
        let right = product(&|i, j| plain(cotangent, j, i), &|i, j| {
            plain(&self.columns, i, j)
        });
        let first = product(&|i, j| plain(&left, i, j), &|i, j| {
            plain(&p_transposed, i, j)
        });
        let second = product(&|i, j| plain(&transposed_p, i, j), &|i, j| {
            plain(&right, i, j)
        });
        first.iter().zip(&second).map(|(a, b)| a + b).collect()
    }
}

/// Writes the pseudo-inverses of a member, `[inverted, d², B]`; returns those without full rank,
/// by state.
pub(super) fn inverses<T: Real>(
    set: InstructionSet,
    member: &Member<T>,
    epsilon: f64,
    out: &mut [T],
) -> Vec<Deficient> {
    if member.damped() {
        damped_inverses(set, member, out);
        return Vec::new();
    }
    let (d, batch) = (member.dof, member.batch);
    let (size, rcond) = (d * d, d as f64 * epsilon);
    let limit = greatest_condition(rcond).powi(2);
    let mut condition = f64::pool().take(batch);
    let mut deficient = Vec::new();
    for (inverted, out) in out.chunks_exact_mut(size * batch).enumerate() {
        let shifted = Shifted { member, inverted };
        dispatch_on(
            set,
            Eliminate {
                shifted,
                p: out,
                condition: &mut condition,
            },
        );
        for (state, &condition) in condition.iter().enumerate() {
            if condition < limit {
                continue;
            }
            // Rounded as a tensor of it would be.
            let entry = |cell| shifted.row(cell)[state].plus(shifted.shift(cell)).to_f64();
            let matrix: Vec<f64> = (0..size).map(entry).collect();
            let inverse = Host::new(&matrix, d, rcond);
            for (cell, value) in inverse.inverses.iter().enumerate() {
                out[cell * batch + state] = T::of(*value);
            }
            if let Some((rows, columns)) = inverse.complements {
                deficient.push(Deficient {
                    state,
                    inverted,
                    rows,
                    columns,
                });
            }
        }
    }
    deficient.sort_by_key(|one| one.state);
    deficient
}

/// Writes the damped inverses of a member, `[inverted, d², B]`, and (AᵀA + b² I)⁻¹ of each behind them.
fn damped_inverses<T: Real>(set: InstructionSet, member: &Member<T>, out: &mut [T]) {
    let (d, batch) = (member.dof, member.batch);
    let size = d * d;
    let limit = greatest_condition(d as f64 * f64::EPSILON).powi(2);
    let mut condition = f64::pool().take(batch);
    let half = out.len() / 2;
    let (inverses, grams) = out.split_at_mut(half);
    let each = inverses
        .chunks_exact_mut(size * batch)
        .zip(grams.chunks_exact_mut(size * batch));
    for (inverted, (p, gram)) in each.enumerate() {
        let matrix = Shifted { member, inverted };
        dispatch_on(
            set,
            Damp {
                matrix,
                p,
                gram,
                condition: &mut condition,
            },
        );
        for (state, &condition) in condition.iter().enumerate() {
            if condition < limit {
                continue;
            }
            let entry = |cell| matrix.row(cell)[state].to_f64();
            let a: Vec<f64> = (0..size).map(entry).collect();
            let (found_gram, found) = damped(&a, member.b.to_f64(), d);
            for cell in 0..size {
                p[cell * batch + state] = T::of(found[cell]);
                gram[cell * batch + state] = T::of(found_gram[cell]);
            }
        }
    }
}

/// (AᵀA + b² I)⁻¹ and the same times Aᵀ, `[d², B]` each, by elimination, and the square of the product of
/// the former's Frobenius norm and of its inverse's; not a number where a pivot is 0.
struct Damp<'a, T> {
    matrix: Shifted<'a, T>,
    p: &'a mut [T],
    gram: &'a mut [T],
    condition: &'a mut [f64],
}

impl<T: Real> Kernel<f64> for Damp<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<f64>>(self, l: P) {
        match self.matrix.member.dof {
            2 => self.states::<P>(l, 2),
            3 => self.states::<P>(l, 3),
            4 => self.states::<P>(l, 4),
            6 => self.states::<P>(l, 6),
            d => self.states::<P>(l, d),
        }
    }
}

impl<T: Real> Damp<'_, T> {
    #[inline(always)]
    fn states<P: Lanes<f64>>(self, l: P, d: usize) {
        let Self {
            matrix,
            p,
            gram,
            condition,
        } = self;
        let (size, batch) = (d * d, condition.len());
        let mut rows = f64::pool().take(3 * size * batch);
        let (a, rest) = rows.split_at_mut(size * batch);
        let (inverses, grams) = rest.split_at_mut(size * batch);
        for (cell, row) in a.chunks_exact_mut(batch).enumerate() {
            for (to, from) in row.iter_mut().zip(matrix.row(cell)) {
                *to = from.to_f64();
            }
        }
        let mut memory = f64::pool().take(3 * size * f64::LANES);
        let [of_a, work, inverse] = {
            let (of_a, rest) = vectors_mut::<f64, P>(&mut memory).split_at_mut(size);
            let (work, inverse) = rest.split_at_mut(size);
            [of_a, work, inverse]
        };
        let (zero, b) = (l.splat(0.0), l.splat(matrix.member.b.to_f64()));
        let square_of_b = l.mul(b, b);
        for start in (0..batch).step_by(f64::LANES) {
            for (value, row) in of_a.iter_mut().zip(a.chunks_exact(batch)) {
                *value = load(l, row, start);
            }
            let mut square = zero;
            for i in 0..d {
                for j in 0..d {
                    let mut sum = if i == j { square_of_b } else { zero };
                    for k in 0..d {
                        sum = l.mul_add(of_a[k * d + i], of_a[k * d + j], sum);
                    }
                    work[i * d + j] = sum;
                    square = l.mul_add(sum, sum, square);
                }
            }
            eliminate(l, work, inverse, d);
            let mut square_of_inverse = zero;
            for (value, row) in inverse.iter().zip(grams.chunks_exact_mut(batch)) {
                square_of_inverse = l.mul_add(*value, *value, square_of_inverse);
                store(l, row, start, *value);
            }
            for (cell, row) in inverses.chunks_exact_mut(batch).enumerate() {
                let (i, j) = (cell / d, cell % d);
                let mut sum = zero;
                for k in 0..d {
                    sum = l.mul_add(inverse[i * d + k], of_a[j * d + k], sum);
                }
                store(l, row, start, sum);
            }
            store(l, condition, start, l.mul(square, square_of_inverse));
        }
        for (to, from) in p.iter_mut().zip(inverses.iter()) {
            *to = T::of(*from);
        }
        for (to, from) in gram.iter_mut().zip(grams.iter()) {
            *to = T::of(*from);
        }
    }
}

/// A + b I of one of the inverted matrices.
struct Shifted<'a, T> {
    member: &'a Member<'a, T>,
    inverted: usize,
}

impl<T> Clone for Shifted<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shifted<'_, T> {}

impl<'a, T: Real> Shifted<'a, T> {
    /// An entry of A, `[B]`.
    #[inline(always)]
    fn row(self, cell: usize) -> &'a [T] {
        self.member.cell(self.member.plain() + self.inverted, cell)
    }

    /// What is added to it.
    #[inline(always)]
    fn shift(self, cell: usize) -> T {
        if cell.is_multiple_of(self.member.dof + 1) {
            self.member.b
        } else {
            T::default()
        }
    }
}

/// The plain inverses `[d², B]` by Gauss–Jordan elimination with pivots, and the square of the
/// product of Frobenius norms, which bounds σ_max/σ_min from above; not a number where a pivot is 0.
struct Eliminate<'a, T> {
    shifted: Shifted<'a, T>,
    p: &'a mut [T],
    condition: &'a mut [f64],
}

impl<T: Real> Kernel<f64> for Eliminate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<f64>>(self, l: P) {
        match self.shifted.member.dof {
            2 => self.states::<P>(l, 2),
            3 => self.states::<P>(l, 3),
            4 => self.states::<P>(l, 4),
            6 => self.states::<P>(l, 6),
            d => self.states::<P>(l, d),
        }
    }
}

impl<T: Real> Eliminate<'_, T> {
    #[inline(always)]
    fn states<P: Lanes<f64>>(self, l: P, d: usize) {
        let Self {
            shifted,
            p,
            condition,
        } = self;
        let (size, batch) = (d * d, condition.len());
        // Rows in f64: converted lane by lane, numbers would be stored one by one and loaded at
        // once, which stalls.
        let mut rows = f64::pool().take(2 * size * batch);
        let (a, inverses) = rows.split_at_mut(size * batch);
        for (cell, row) in a.chunks_exact_mut(batch).enumerate() {
            let shift = shifted.shift(cell);
            for (to, from) in row.iter_mut().zip(shifted.row(cell)) {
                *to = from.plus(shift).to_f64();
            }
        }
        let mut memory = f64::pool().take(2 * size * f64::LANES);
        let (work, inverse) = vectors_mut::<f64, P>(&mut memory).split_at_mut(size);
        let zero = l.splat(0.0);
        for start in (0..batch).step_by(f64::LANES) {
            let mut square = zero;
            for (value, row) in work.iter_mut().zip(a.chunks_exact(batch)) {
                *value = load(l, row, start);
                square = l.mul_add(*value, *value, square);
            }
            eliminate(l, work, inverse, d);
            let mut square_of_inverse = zero;
            for (value, row) in inverse.iter().zip(inverses.chunks_exact_mut(batch)) {
                square_of_inverse = l.mul_add(*value, *value, square_of_inverse);
                store(l, row, start, *value);
            }
            store(l, condition, start, l.mul(square, square_of_inverse));
        }
        for (to, from) in p.iter_mut().zip(inverses.iter()) {
            *to = T::of(*from);
        }
    }
}

/// The inverses of the matrices in `work`, `[d, d]`, which it uses up, by Gauss–Jordan elimination with pivots.
#[inline(always)]
fn eliminate<P: Lanes<f64>>(l: P, work: &mut [P::V], inverse: &mut [P::V], d: usize) {
    let (zero, one) = (l.splat(0.0), l.splat(1.0));
    for (cell, value) in inverse.iter_mut().enumerate() {
        *value = if cell % (d + 1) == 0 { one } else { zero };
    }
    for column in 0..d {
        // The largest entry comes up by exchanges of rows. What is left of the column is
        // not read again.
        for row in column + 1..d {
            let here = l.abs(work[column * d + column]);
            let there = l.abs(work[row * d + column]);
            exchange(l, work, [column, row], column..d, d, here, there);
            exchange(l, inverse, [column, row], 0..d, d, here, there);
        }
        let scale = l.div(one, work[column * d + column]);
        scale_row(l, work, column, column + 1..d, d, scale);
        scale_row(l, inverse, column, 0..d, d, scale);
        for row in 0..d {
            if row == column {
                continue;
            }
            let factor = work[row * d + column];
            subtract(l, work, [column, row], column + 1..d, d, factor);
            subtract(l, inverse, [column, row], 0..d, d, factor);
        }
    }
}

/// Exchanges two rows where `here` < `there`, in these columns.
#[inline(always)]
fn exchange<P: Lanes<f64>>(
    l: P,
    m: &mut [P::V],
    [up, down]: [usize; 2],
    columns: Range<usize>,
    d: usize,
    here: P::V,
    there: P::V,
) {
    for j in columns {
        let (above, below) = (m[up * d + j], m[down * d + j]);
        m[up * d + j] = l.where_less(here, there, below, above);
        m[down * d + j] = l.where_less(here, there, above, below);
    }
}

/// Multiplies a row, in these columns.
#[inline(always)]
fn scale_row<P: Lanes<f64>>(
    l: P,
    m: &mut [P::V],
    row: usize,
    columns: Range<usize>,
    d: usize,
    factor: P::V,
) {
    for j in columns {
        m[row * d + j] = l.mul(m[row * d + j], factor);
    }
}

/// Subtracts a multiple of one row from another, in these columns.
#[inline(always)]
fn subtract<P: Lanes<f64>>(
    l: P,
    m: &mut [P::V],
    [row, from]: [usize; 2],
    columns: Range<usize>,
    d: usize,
    factor: P::V,
) {
    for j in columns {
        m[from * d + j] = l.neg_mul_add(factor, m[row * d + j], m[from * d + j]);
    }
}

//! Σ_i w_i t_i for d > 1, by products of matrices and vectors with the states in lanes.
//!
//! The terms are closed under dropping the first matrix, so that A₂ v is computed once for all
//! A₁ A₂ v. Values that others are made of are stored; the rest is added to the sums and forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use mass_lanes::{InstructionSet, Kernel, Lanes, Real, dispatch_on};

use super::{
    inverses::Deficient,
    lanes::{add_at, load, of_weights, split, vectors_mut},
    member::Member,
};
use crate::{op::MAX_DOF, plan::Factored};

/// How to evaluate the terms of a mask for d > 1.
#[derive(Debug)]
pub(crate) struct Products {
    /// Vectors and products that are stored; the vectors come first.
    stored: usize,
    /// For each vector, the term that it is.
    roots: Vec<Option<usize>>,
    /// Products with one matrix in front, shorter products first.
    groups: Vec<Group>,
    products: Vec<Product>,
    /// Products in the largest group.
    widest: usize,
}

#[derive(Debug)]
struct Group {
    /// The matrix in front.
    matrix: usize,
    /// Which products.
    products: Range<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Product {
    /// Which stored value is behind the matrix.
    parent: usize,
    /// Where it is stored itself, if others are made of it.
    slot: Option<usize>,
    /// The term that it is, if it is one that is on.
    term: Option<usize>,
}

impl Products {
    /// Of terms over so many vectors.
    pub(super) fn new(terms: &[Factored], vectors: usize) -> Self {
        type Node = (Vec<usize>, usize);
        let mut roots = vec![None; vectors];
        let mut term_of: BTreeMap<Node, usize> = BTreeMap::new();
        // By length and matrix in front.
        let mut nodes: BTreeSet<(usize, usize, Node)> = BTreeSet::new();
        let mut parents: BTreeSet<Node> = BTreeSet::new();
        for term in terms {
            if term.matrices.is_empty() {
                roots[term.vector] = Some(term.term);
                continue;
            }
            term_of.insert((term.matrices.clone(), term.vector), term.term);
            for start in 0..term.matrices.len() {
                let suffix = term.matrices[start..].to_vec();
                parents.insert((suffix[1..].to_vec(), term.vector));
                nodes.insert((suffix.len(), suffix[0], (suffix, term.vector)));
            }
        }
        let mut slots: BTreeMap<Node, usize> = (0..vectors)
            .map(|vector| ((Vec::new(), vector), vector))
            .collect();
        let (mut groups, mut products): (Vec<Group>, Vec<Product>) = (Vec::new(), Vec::new());
        let mut last = None;
        for (length, matrix, node) in nodes {
            let at = products.len();
            if last != Some((length, matrix)) {
                last = Some((length, matrix));
                groups.push(Group {
                    matrix,
                    products: at..at,
                });
            }
            if let Some(group) = groups.last_mut() {
                group.products.end = at + 1;
            }
            let behind = (node.0[1..].to_vec(), node.1);
            let parent = slots[&behind];
            let slot = parents.contains(&node).then(|| {
                let slot = slots.len();
                slots.insert(node.clone(), slot);
                slot
            });
            products.push(Product {
                parent,
                slot,
                term: term_of.get(&node).copied(),
            });
        }
        Self {
            stored: slots.len(),
            roots,
            widest: groups
                .iter()
                .map(|group| group.products.len())
                .max()
                .unwrap_or(0),
            groups,
            products,
        }
    }
}

/// What both passes hold of one lane vector of states.
struct Chunk<'a, V> {
    /// `[matrices, d, d]`.
    matrices: &'a mut [V],
    /// `[stored, d]`.
    stored: &'a mut [V],
}

impl<V: Copy> Chunk<'_, V> {
    /// Reads the states from `start` on; everything is 0 behind the last.
    #[inline(always)]
    fn fill<T: Real, P: Lanes<T, V = V>>(
        &mut self,
        p: P,
        member: &Member<T>,
        vectors: usize,
        d: usize,
        start: usize,
    ) {
        for vector in 0..vectors {
            for i in 0..d {
                self.stored[vector * d + i] = load(p, member.vector(vector, i), start);
            }
        }
        for (matrix, cells) in self.matrices.chunks_exact_mut(d * d).enumerate() {
            for (cell, value) in cells.iter_mut().enumerate() {
                *value = load(p, member.factor(matrix, cell), start);
            }
        }
    }

    #[inline(always)]
    fn matrix(&self, matrix: usize, d: usize) -> &[V] {
        &self.matrices[matrix * d * d..][..d * d]
    }
}

/// The vector of d lane vectors at a slot.
#[inline(always)]
fn at<V: Copy, const N: usize>(zero: V, values: &[V], slot: usize, d: usize) -> [V; N] {
    let mut vector = [zero; N];
    vector[..d].copy_from_slice(&values[slot * d..][..d]);
    vector
}

/// A matrix of d² lane vectors.
#[inline(always)]
fn rows_at<V: Copy, const N: usize>(zero: V, matrix: &[V], d: usize) -> [[V; N]; N] {
    let mut rows = [[zero; N]; N];
    for (i, row) in rows[..d].iter_mut().enumerate() {
        *row = at(zero, matrix, i, d);
    }
    rows
}

/// Adds Σ ṫ uᵀ over the products t = M u of a group to the cotangent of M, two rows at a time.
#[inline(always)]
fn outer<T: Real, P: Lanes<T>, const N: usize>(
    p: P,
    group: &[Product],
    of_values: &[P::V],
    stored: &[P::V],
    of_matrix: &mut [P::V],
    d: usize,
) {
    let zero = p.splat(T::default());
    for (pair, rows) in of_matrix.chunks_mut(2 * d).enumerate() {
        let i = 2 * pair;
        let two = rows.len() > d;
        let mut first: [P::V; N] = at(zero, rows, 0, d);
        let mut second: [P::V; N] = if two { at(zero, rows, 1, d) } else { first };
        for (product, of_value) in group.iter().zip(of_values.chunks_exact(d)) {
            let parent = &stored[product.parent * d..][..d];
            let below = of_value[if two { i + 1 } else { i }];
            for k in 0..d {
                first[k] = p.mul_add(of_value[i], parent[k], first[k]);
                second[k] = p.mul_add(below, parent[k], second[k]);
            }
        }
        rows[..d].copy_from_slice(&first[..d]);
        if two {
            rows[d..].copy_from_slice(&second[..d]);
        }
    }
}

/// M u.
#[inline(always)]
fn apply<T: Real, P: Lanes<T>, const N: usize>(
    p: P,
    matrix: &[P::V],
    vector: &[P::V; N],
    d: usize,
) -> [P::V; N] {
    let mut product = [p.splat(T::default()); N];
    for i in 0..d {
        let row = &matrix[i * d..][..d];
        let mut sum = p.mul(row[0], vector[0]);
        for k in 1..d {
            sum = p.mul_add(row[k], vector[k], sum);
        }
        product[i] = sum;
    }
    product
}

/// A pass over the states of one member, written once for any d.
pub(super) trait Pass<T: Real> {
    /// The pass, with room for N ≥ d components.
    fn states<P: Lanes<T>, const N: usize>(self, p: P, d: usize);
}

/// A pass with the room that d needs: a constant d lets the compiler unroll loops.
struct Room<K, const N: usize>(K);

impl<T: Real, K: Pass<T>, const N: usize> Kernel<T> for Room<K, N> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        self.0.states::<P, N>(p, N);
    }
}

/// A pass with room for any d of the fused form.
struct AnyRoom<K>(K, usize);

impl<T: Real, K: Pass<T>> Kernel<T> for AnyRoom<K> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        self.0.states::<P, MAX_DOF>(p, self.1);
    }
}

/// Runs a pass for d components.
pub(super) fn dispatch<T: Real>(set: InstructionSet, d: usize, pass: impl Pass<T>) {
    match d {
        2 => dispatch_on(set, Room::<_, 2>(pass)),
        3 => dispatch_on(set, Room::<_, 3>(pass)),
        4 => dispatch_on(set, Room::<_, 4>(pass)),
        6 => dispatch_on(set, Room::<_, 6>(pass)),
        _ => dispatch_on(set, AnyRoom(pass, d)),
    }
}

/// The forward pass of one member.
pub(super) struct Forward<'a, T> {
    pub(super) products: &'a Products,
    pub(super) member: Member<'a, T>,
    /// `[B + 1, d]`: the prediction, and Σ |w t| followed by zeros.
    pub(super) out: &'a mut [T],
}

impl<T: Real> Pass<T> for Forward<'_, T> {
    #[inline(always)]
    fn states<P: Lanes<T>, const N: usize>(self, p: P, d: usize) {
        let Self {
            products,
            member,
            out,
        } = self;
        let sizes = [member.matrices() * d * d, products.stored * d];
        let mut memory = T::pool().take(sizes.iter().sum::<usize>() * T::LANES);
        let [matrices, stored] = split(vectors_mut::<T, P>(&mut memory), sizes);
        let mut chunk = Chunk { matrices, stored };
        let zero = p.splat(T::default());
        let mut total = zero;
        for start in (0..member.batch).step_by(T::LANES) {
            chunk.fill(p, &member, products.roots.len(), d, start);
            let (mut prediction, mut sizes) = ([zero; N], zero);
            for (vector, term) in products.roots.iter().enumerate() {
                if let Some(term) = *term {
                    let value = at(zero, chunk.stored, vector, d);
                    add_term(p, member.w[term], &value, d, &mut prediction, &mut sizes);
                }
            }
            for group in &products.groups {
                for product in &products.products[group.products.clone()] {
                    let parent: [P::V; N] = at(zero, chunk.stored, product.parent, d);
                    let value = apply(p, chunk.matrix(group.matrix, d), &parent, d);
                    if let Some(slot) = product.slot {
                        chunk.stored[slot * d..][..d].copy_from_slice(&value[..d]);
                    }
                    if let Some(term) = product.term {
                        add_term(p, member.w[term], &value, d, &mut prediction, &mut sizes);
                    }
                }
            }
            total = p.add(total, sizes);
            let states = (member.batch - start).min(T::LANES);
            for (i, prediction) in prediction[..d].iter().enumerate() {
                let numbers = &p.numbers(prediction)[..states];
                let into = out[start * d + i..].iter_mut().step_by(d);
                for (into, number) in into.zip(numbers) {
                    *into = *number;
                }
            }
        }
        out[member.batch * d] = p.sum(total);
    }
}

/// The reverse pass of one member.
pub(super) struct Reverse<'a, T> {
    pub(super) products: &'a Products,
    pub(super) member: Member<'a, T>,
    /// The pseudo-inverses that have not full rank, by state.
    pub(super) deficient: &'a [Deficient],
    /// `[B + 1, d]`: the cotangents of the prediction, and that of Σ |w t| followed by others.
    pub(super) cotangents: &'a [T],
    /// Of the table, `[C, B]`, zero before.
    pub(super) of_table: &'a mut [T],
    /// Of b.
    pub(super) of_b: &'a mut T,
    /// Of w, `[T]`, zero before.
    pub(super) of_w: &'a mut [T],
}

impl<T: Real> Pass<T> for Reverse<'_, T> {
    #[inline(always)]
    fn states<P: Lanes<T>, const N: usize>(self, p: P, d: usize) {
        let Self {
            products,
            member,
            deficient,
            cotangents,
            of_table,
            of_b,
            of_w,
        } = self;
        let (matrices, stored) = (member.matrices() * d * d, products.stored * d);
        let widest = products.widest * d;
        let sums = 2 * member.w.len();
        let sizes = [
            matrices,
            matrices,
            stored,
            stored,
            widest,
            sums,
            d * d,
            3 * d * d,
        ];
        let mut memory = T::pool().take(sizes.iter().sum::<usize>() * T::LANES);
        let [
            matrices,
            of_matrices,
            stored,
            of_stored,
            of_group,
            of_terms,
            of_a,
            damped,
        ] = split(vectors_mut::<T, P>(&mut memory), sizes);
        let mut chunk = Chunk { matrices, stored };
        let zero = p.splat(T::default());
        // Of each term, over all states: Σ ṗ · t and Σ |t|.
        of_terms.fill(zero);
        let batch = member.batch;
        let penalty = p.splat(cotangents[batch * d]);
        let mut total_of_b = zero;
        for start in (0..batch).step_by(T::LANES) {
            chunk.fill(p, &member, products.roots.len(), d, start);
            let mut cotangent = [zero; N];
            let states = (batch - start).min(T::LANES);
            for (i, cotangent) in cotangent[..d].iter_mut().enumerate() {
                let mut numbers = [T::default(); 16];
                let from = cotangents[start * d + i..].iter().step_by(d);
                for (number, from) in numbers[..states].iter_mut().zip(from) {
                    *number = *from;
                }
                *cotangent = p.load(&numbers);
            }
            for group in &products.groups {
                for product in &products.products[group.products.clone()] {
                    if let Some(slot) = product.slot {
                        let parent: [P::V; N] = at(zero, chunk.stored, product.parent, d);
                        let value = apply(p, chunk.matrix(group.matrix, d), &parent, d);
                        chunk.stored[slot * d..][..d].copy_from_slice(&value[..d]);
                    }
                }
            }

            of_matrices.fill(zero);
            of_stored.fill(zero);
            for group in products.groups.iter().rev() {
                let matrix = chunk.matrix(group.matrix, d);
                let of_matrix = &mut of_matrices[group.matrix * d * d..][..d * d];
                let members = &products.products[group.products.clone()];
                // Small matrices stay in registers; for larger ones, cotangents of the products are
                // kept and a few rows are made at a time.
                let small = N <= 4;
                let mut sums = if small {
                    rows_at(zero, of_matrix, d)
                } else {
                    [[zero; N]; N]
                };
                for (product, kept) in members.iter().zip(of_group.chunks_exact_mut(d)) {
                    let parent: [P::V; N] = at(zero, chunk.stored, product.parent, d);
                    let (value, mut of_value): ([P::V; N], [P::V; N]) = match product.slot {
                        Some(slot) => (
                            at(zero, chunk.stored, slot, d),
                            at(zero, of_stored, slot, d),
                        ),
                        None => (apply(p, matrix, &parent, d), [zero; N]),
                    };
                    if let Some(term) = product.term {
                        let sums = &mut of_terms[2 * term..][..2];
                        let w = member.w[term];
                        of_term(p, w, penalty, &cotangent, &value, d, sums, &mut of_value);
                    }
                    let mut of_parent: [P::V; N] = at(zero, of_stored, product.parent, d);
                    for i in 0..d {
                        let row = &matrix[i * d..][..d];
                        for k in 0..d {
                            of_parent[k] = p.mul_add(row[k], of_value[i], of_parent[k]);
                            if small {
                                sums[i][k] = p.mul_add(of_value[i], parent[k], sums[i][k]);
                            }
                        }
                    }
                    of_stored[product.parent * d..][..d].copy_from_slice(&of_parent[..d]);
                    if !small {
                        kept.copy_from_slice(&of_value[..d]);
                    }
                }
                if small {
                    for (row, sums) in of_matrix.chunks_exact_mut(d).zip(&sums) {
                        row.copy_from_slice(&sums[..d]);
                    }
                } else {
                    outer::<T, P, N>(p, members, of_group, chunk.stored, of_matrix, d);
                }
            }
            for (vector, term) in products.roots.iter().enumerate() {
                let mut of_value: [P::V; N] = at(zero, of_stored, vector, d);
                if let Some(term) = *term {
                    let value = at(zero, chunk.stored, vector, d);
                    let sums = &mut of_terms[2 * term..][..2];
                    let w = member.w[term];
                    of_term(p, w, penalty, &cotangent, &value, d, sums, &mut of_value);
                }
                for (i, &of_value) in of_value[..d].iter().enumerate() {
                    let row = member.vector_mut(of_table, vector, i);
                    add_at(p, row, start, of_value);
                }
            }

            for matrix in 0..member.matrices() {
                let mut of_factor = &of_matrices[matrix * d * d..][..d * d];
                if matrix >= member.plain() {
                    let inverse = chunk.matrix(matrix, d);
                    let inverted = matrix - member.plain();
                    if member.damped() {
                        let (a, rest) = damped.split_at_mut(d * d);
                        let (gram, of_gram) = rest.split_at_mut(d * d);
                        for cell in 0..d * d {
                            a[cell] = load(p, member.cell(matrix, cell), start);
                            gram[cell] = load(p, member.gram(inverted, cell), start);
                        }
                        of_damped(p, [a, gram, inverse, of_factor], of_gram, of_a, d);
                        let twice_b = p.splat(member.b.plus(member.b));
                        for i in 0..d {
                            total_of_b = p.mul_add(twice_b, of_gram[i * d + i], total_of_b);
                        }
                        for (cell, &of_cell) in of_a.iter().enumerate() {
                            add_at(p, member.cell_mut(of_table, matrix, cell), start, of_cell);
                        }
                        continue;
                    }
                    of_inverse::<T, P, N>(p, inverse, of_factor, of_a, d);
                    for one in Deficient::of_chunk(deficient, inverted, start, T::LANES) {
                        correct(p, one, one.state - start, inverse, of_factor, of_a);
                    }
                    for i in 0..d {
                        total_of_b = p.add(total_of_b, of_a[i * d + i]);
                    }
                    of_factor = of_a;
                }
                for (cell, &of_cell) in of_factor.iter().enumerate() {
                    add_at(p, member.cell_mut(of_table, matrix, cell), start, of_cell);
                }
            }
        }
        *of_b = p.sum(total_of_b);
        let terms = products.products.iter().filter_map(|product| product.term);
        let terms = terms.chain(products.roots.iter().copied().flatten());
        let mut sizes = T::pool().take_zeroed(of_w.len());
        for term in terms {
            of_w[term] = p.sum(of_terms[2 * term]);
            sizes[term] = p.sum(of_terms[2 * term + 1]);
        }
        of_weights(p, penalty, member.w, &sizes, of_w);
    }
}

/// Adds w t to the prediction and |w t| to the sum of sizes.
#[inline(always)]
fn add_term<T: Real, P: Lanes<T>, const N: usize>(
    p: P,
    w: T,
    value: &[P::V; N],
    d: usize,
    prediction: &mut [P::V; N],
    sizes: &mut P::V,
) {
    let w = p.splat(w);
    let mut size = p.splat(T::default());
    for i in 0..d {
        prediction[i] = p.mul_add(w, value[i], prediction[i]);
        size = p.add(size, p.abs(value[i]));
    }
    *sizes = p.mul_add(p.abs(w), size, *sizes);
}

/// Adds what a term gives back: to the cotangent of its value, and to the two sums that make that
/// of its weight.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn of_term<T: Real, P: Lanes<T>, const N: usize>(
    p: P,
    w: T,
    penalty: P::V,
    cotangent: &[P::V; N],
    value: &[P::V; N],
    d: usize,
    sums: &mut [P::V],
    of_value: &mut [P::V; N],
) {
    let w = p.splat(w);
    let steep = p.mul(penalty, p.abs(w));
    let (mut of_w, mut size) = (sums[0], p.splat(T::default()));
    for i in 0..d {
        of_w = p.mul_add(cotangent[i], value[i], of_w);
        size = p.add(size, p.abs(value[i]));
        of_value[i] = p.mul_add(w, cotangent[i], of_value[i]);
        of_value[i] = p.mul_add(steep, p.sign(value[i]), of_value[i]);
    }
    sums[0] = of_w;
    sums[1] = p.add(sums[1], size);
}

/// The cotangent of A from that of P = pinv(A) where the rank is full: −Pᵀ Ṗ Pᵀ.
#[inline(always)]
fn of_inverse<T: Real, P: Lanes<T>, const N: usize>(
    p: P,
    inverse: &[P::V],
    of_inverse: &[P::V],
    of_a: &mut [P::V],
    d: usize,
) {
    let zero = p.splat(T::default());
    of_a.fill(zero);
    for k in 0..d {
        let mut row = [zero; N]; // of Ṗ Pᵀ
        for (j, entry) in row[..d].iter_mut().enumerate() {
            for l in 0..d {
                *entry = p.mul_add(of_inverse[k * d + l], inverse[j * d + l], *entry);
            }
        }
        for i in 0..d {
            let mut sum: [P::V; N] = at(zero, of_a, i, d);
            for j in 0..d {
                sum[j] = p.neg_mul_add(inverse[k * d + i], row[j], sum[j]);
            }
            of_a[i * d..][..d].copy_from_slice(&sum[..d]);
        }
    }
}

/// The cotangents of A and of N = AᵀA + b² I from that of P = N⁻¹ Aᵀ, with G = N⁻¹: Y = G Ṗ gives
/// −Y Pᵀ of N, and Yᵀ + A (Ṅ + Ṅᵀ) of A.
#[inline(always)]
fn of_damped<T: Real, P: Lanes<T>>(
    p: P,
    [a, gram, inverse, of_inverse]: [&[P::V]; 4],
    of_gram: &mut [P::V],
    of_a: &mut [P::V],
    d: usize,
) {
    let zero = p.splat(T::default());
    // Yᵀ, where the cotangent of A is to be.
    for i in 0..d {
        for j in 0..d {
            let mut sum = zero;
            for k in 0..d {
                sum = p.mul_add(gram[i * d + k], of_inverse[k * d + j], sum);
            }
            of_a[j * d + i] = sum;
        }
    }
    for i in 0..d {
        for j in 0..d {
            let mut sum = zero;
            for k in 0..d {
                sum = p.neg_mul_add(of_a[k * d + i], inverse[j * d + k], sum);
            }
            of_gram[i * d + j] = sum;
        }
    }
    for i in 0..d {
        for j in 0..d {
            let mut sum = of_a[i * d + j];
            for k in 0..d {
                let both = p.add(of_gram[k * d + j], of_gram[j * d + k]);
                sum = p.mul_add(a[i * d + k], both, sum);
            }
            of_a[i * d + j] = sum;
        }
    }
}

/// Adds in one lane what is missing of the cotangent of A where the rank is not full.
#[inline(always)]
fn correct<T: Real, P: Lanes<T>>(
    p: P,
    deficient: &Deficient,
    lane: usize,
    inverse: &[P::V],
    of_inverse: &[P::V],
    of_a: &mut [P::V],
) {
    let mut read = Vec::with_capacity(2 * of_a.len());
    for value in inverse.iter().chain(of_inverse) {
        read.push(p.numbers(value)[lane].to_f64());
    }
    let (inverse, of_inverse) = read.split_at(of_a.len());
    let missing = deficient.missing(inverse, of_inverse);
    for (of_a, missing) in of_a.iter_mut().zip(missing) {
        let mut numbers = [T::default(); 16];
        numbers[lane] = T::of(missing);
        *of_a = p.add(*of_a, p.load(&numbers));
    }
}

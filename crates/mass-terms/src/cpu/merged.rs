//! Σ_i w_i t_i for d = 1, where matrices are numbers and commute.
//!
//! A term is a word, which is a product of matrices in whatever order, times a vector. Terms that
//! are equal are merged: Σ_t w_t t = Σ c L V over the different pairs of a word L and a vector V
//! with c = Σ w_t, and Σ_t |w_t t| = Σ c̄ |L| |V| with c̄ = Σ |w_t|. The 146 terms of the released
//! mask are 98 pairs.

use std::{collections::BTreeMap, ops::Range};

use mass_lanes::{Kernel, Lanes, Real};

use super::{
    lanes::{add_at, blocks, load, of_weights, split, store, vectors_mut},
    member::Member,
};
use crate::plan::Factored;

/// How to evaluate the terms of a mask for d = 1.
#[derive(Debug)]
pub(crate) struct Merged {
    vectors: usize,
    matrices: usize,
    /// Words: the empty one, the matrices of the table, and these, each the product of an earlier
    /// word and of a matrix, given as a word.
    products: Vec<[usize; 2]>,
    /// The vectors of the pairs, word by word: a pair's number is its place here.
    vector_of: Vec<usize>,
    /// For each word, its pairs.
    of_word: Vec<Range<usize>>,
    /// For each vector, its pairs as (word, pair).
    of_vector: Vec<Vec<(usize, usize)>>,
    /// Each term that is on and its pair.
    terms: Vec<(usize, usize)>,
}

impl Merged {
    /// Of terms over a table of so many matrices and vectors.
    pub(super) fn new(terms: &[Factored], matrices: usize, vectors: usize) -> Self {
        // Words by their sorted matrices; every beginning of a word is a word.
        let mut words: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        words.insert(Vec::new(), 0);
        words.extend((0..matrices).map(|matrix| (vec![matrix], 1 + matrix)));
        let mut products = Vec::new();
        let mut pairs: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for term in terms {
            let mut sorted = term.matrices.clone();
            sorted.sort_unstable();
            for length in 2..=sorted.len() {
                if !words.contains_key(&sorted[..length]) {
                    let before = words[&sorted[..length - 1]];
                    words.insert(sorted[..length].to_vec(), 1 + matrices + products.len());
                    products.push([before, 1 + sorted[length - 1]]);
                }
            }
            let pair = (words[&sorted], term.vector);
            pairs.entry(pair).or_default().push(term.term);
        }
        let mut of_word = vec![0..0; words.len()];
        let mut of_vector = vec![Vec::new(); vectors];
        let (mut vector_of, mut merged) = (Vec::new(), Vec::new());
        for ((word, vector), terms) in pairs {
            let pair = vector_of.len();
            if of_word[word].is_empty() {
                of_word[word] = pair..pair;
            }
            of_word[word].end = pair + 1;
            of_vector[vector].push((word, pair));
            vector_of.push(vector);
            merged.extend(terms.into_iter().map(|term| (term, pair)));
        }
        Self {
            vectors,
            matrices,
            products,
            vector_of,
            of_word,
            of_vector,
            terms: merged,
        }
    }

    fn words(&self) -> usize {
        self.of_word.len()
    }

    fn pairs(&self) -> usize {
        self.vector_of.len()
    }

    /// c and c̄ of each pair.
    #[inline(always)]
    fn coefficients<T: Real, P: Lanes<T>>(&self, p: P, w: &[T], pairs: &mut [[T; 2]]) {
        let mut sizes = T::pool().take(w.len());
        for (sizes, w) in sizes.chunks_mut(T::LANES).zip(w.chunks(T::LANES)) {
            p.store(p.abs(p.load(w)), sizes);
        }
        pairs.fill([T::default(); 2]);
        for &(term, pair) in &self.terms {
            let [c, bar] = &mut pairs[pair];
            *c = c.plus(w[term]);
            *bar = bar.plus(sizes[term]);
        }
    }

    #[cfg(test)]
    pub(super) fn counts(&self) -> [usize; 2] {
        [self.words(), self.pairs()]
    }
}

/// What both passes hold of NB lane vectors of states.
struct Chunk<'a, V, const NB: usize> {
    words: &'a mut [[V; NB]],
    vectors: &'a mut [[V; NB]],
}

impl<V: Copy, const NB: usize> Chunk<'_, V, NB> {
    /// Reads the states from `start` on.
    ///
    /// Behind the last state vectors, matrices and inverses are 0, so that no sum over states feels
    /// what is there.
    #[inline(always)]
    fn fill<T: Real, P: Lanes<T, V = V>>(
        &mut self,
        p: P,
        merged: &Merged,
        member: &Member<T>,
        start: usize,
    ) {
        let at = |q: usize| start + q * T::LANES;
        for (vector, values) in self.vectors.iter_mut().enumerate() {
            let row = member.vector(vector, 0);
            for (q, value) in values.iter_mut().enumerate() {
                *value = load(p, row, at(q));
            }
        }
        let one = p.splat(T::of(1.0));
        let zero = p.splat(T::default());
        let b = p.splat(member.b);
        self.words[0] = [one; NB];
        for matrix in 0..merged.matrices {
            let row = member.cell(matrix, 0);
            for (q, value) in self.words[1 + matrix].iter_mut().enumerate() {
                let a = load(p, row, at(q));
                *value = if matrix < member.plain() {
                    a
                } else if member.damped() {
                    let size = p.mul_add(a, a, p.mul(b, b));
                    p.where_equal(size, zero, zero, p.div(a, size))
                } else {
                    let a = p.add(a, b);
                    let inverse = p.where_equal(a, zero, zero, p.div(one, a));
                    // With b, what is behind the last state need not be 0.
                    let valid = member.batch.saturating_sub(at(q)).min(T::LANES);
                    if valid == T::LANES {
                        inverse
                    } else {
                        p.load(&p.numbers(&inverse)[..valid])
                    }
                };
            }
        }
        for (i, &[before, matrix]) in merged.products.iter().enumerate() {
            let (before, matrix) = (self.words[before], self.words[matrix]);
            let word = &mut self.words[1 + merged.matrices + i];
            for q in 0..NB {
                word[q] = p.mul(before[q], matrix[q]);
            }
        }
    }
}

/// Σ over the pairs of a vector of c L and of c̄ |L|.
#[inline(always)]
fn of_vector<T: Real, P: Lanes<T>, const NB: usize>(
    p: P,
    pairs: &[(usize, usize)],
    words: &[[P::V; NB]],
    coefficients: &[[T; 2]],
) -> ([P::V; NB], [P::V; NB]) {
    let zero = p.splat(T::default());
    let (mut sum, mut size) = ([zero; NB], [zero; NB]);
    for &(word, pair) in pairs {
        let word = &words[word];
        let [c, bar] = coefficients[pair];
        let (c, bar) = (p.splat(c), p.splat(bar));
        for q in 0..NB {
            sum[q] = p.mul_add(word[q], c, sum[q]);
            size[q] = p.mul_add(p.abs(word[q]), bar, size[q]);
        }
    }
    (sum, size)
}

/// The forward pass of one member.
pub(super) struct Forward<'a, T> {
    pub(super) merged: &'a Merged,
    pub(super) member: Member<'a, T>,
    /// `[B + 1]`: the prediction and Σ |w t|.
    pub(super) out: &'a mut [T],
}

impl<T: Real> Kernel<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        if P::WIDE {
            self.chunks::<P, 4>(p);
        } else {
            self.chunks::<P, 2>(p);
        }
    }
}

impl<T: Real> Forward<'_, T> {
    #[inline(always)]
    fn chunks<P: Lanes<T>, const NB: usize>(self, p: P) {
        let Self {
            merged,
            member,
            out,
        } = self;
        let mut coefficients = T::pool().take(2 * merged.pairs());
        let coefficients: &mut [[T; 2]] = bytemuck::cast_slice_mut(&mut coefficients);
        merged.coefficients(p, member.w, coefficients);
        let mut memory = T::pool().take((merged.words() + merged.vectors) * NB * T::LANES);
        let (words, vectors) = vectors_mut::<T, P>(&mut memory).split_at_mut(merged.words() * NB);
        let mut chunk = Chunk::<P::V, NB> {
            words: blocks(words),
            vectors: blocks(vectors),
        };

        let zero = p.splat(T::default());
        let mut total = zero;
        for start in (0..member.batch).step_by(NB * T::LANES) {
            chunk.fill(p, merged, &member, start);
            let (mut prediction, mut sizes) = ([zero; NB], [zero; NB]);
            for (pairs, vector) in merged.of_vector.iter().zip(chunk.vectors.iter()) {
                let (sum, size) = of_vector(p, pairs, chunk.words, coefficients);
                for q in 0..NB {
                    prediction[q] = p.mul_add(vector[q], sum[q], prediction[q]);
                    sizes[q] = p.mul_add(p.abs(vector[q]), size[q], sizes[q]);
                }
            }
            for q in 0..NB {
                total = p.add(total, sizes[q]);
                store(
                    p,
                    &mut out[..member.batch],
                    start + q * T::LANES,
                    prediction[q],
                );
            }
        }
        out[member.batch] = p.sum(total);
    }
}

/// The reverse pass of one member.
pub(super) struct Reverse<'a, T> {
    pub(super) merged: &'a Merged,
    pub(super) member: Member<'a, T>,
    /// `[B + 1]`: the cotangents of the prediction and of Σ |w t|.
    pub(super) cotangents: &'a [T],
    /// Of the table, `[C, B]`, zero before.
    pub(super) of_table: &'a mut [T],
    /// Of b.
    pub(super) of_b: &'a mut T,
    /// Of w, `[T]`, zero before.
    pub(super) of_w: &'a mut [T],
}

impl<T: Real> Kernel<T> for Reverse<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) {
        if P::WIDE {
            self.chunks::<P, 4>(p);
        } else {
            self.chunks::<P, 2>(p);
        }
    }
}

impl<T: Real> Reverse<'_, T> {
    #[inline(always)]
    fn chunks<P: Lanes<T>, const NB: usize>(self, p: P) {
        let Self {
            merged,
            member,
            cotangents,
            of_table,
            of_b,
            of_w,
        } = self;
        let mut coefficients = T::pool().take(2 * merged.pairs());
        let coefficients: &mut [[T; 2]] = bytemuck::cast_slice_mut(&mut coefficients);
        merged.coefficients(p, member.w, coefficients);
        let words = merged.words() * NB;
        let sizes = [words, words, merged.vectors * NB, 2 * merged.pairs()];
        let mut memory = T::pool().take(sizes.iter().sum::<usize>() * T::LANES);
        let [words, of_words, vectors, sums] = split(vectors_mut::<T, P>(&mut memory), sizes);
        let mut chunk = Chunk::<P::V, NB> {
            words: blocks(words),
            vectors: blocks(vectors),
        };
        let of_words: &mut [[P::V; NB]] = blocks(of_words);
        // Of each pair, over all states: Σ ṗ L V and Σ |L| |V|.
        let sums: &mut [[P::V; 2]] = blocks(sums);
        let zero = p.splat(T::default());
        sums.fill([zero; 2]);

        let batch = member.batch;
        let penalty = p.splat(cotangents[batch]);
        let cotangents = &cotangents[..batch];
        let mut total_of_b = zero;
        for start in (0..batch).step_by(NB * T::LANES) {
            let at = |q: usize| start + q * T::LANES;
            chunk.fill(p, merged, &member, start);
            let mut cotangent = [zero; NB];
            for (q, cotangent) in cotangent.iter_mut().enumerate() {
                *cotangent = load(p, cotangents, at(q));
            }

            for (vector, pairs) in merged.of_vector.iter().enumerate() {
                let (sum, size) = of_vector(p, pairs, chunk.words, coefficients);
                let row = member.vector_mut(of_table, vector, 0);
                for q in 0..NB {
                    let sign = p.sign(chunk.vectors[vector][q]);
                    let of_size = p.mul(p.mul(penalty, sign), size[q]);
                    add_at(p, row, at(q), p.mul_add(cotangent[q], sum[q], of_size));
                }
            }

            for (word, pairs) in merged.of_word.iter().enumerate() {
                let value = &chunk.words[word];
                let (mut sum, mut size) = ([zero; NB], [zero; NB]);
                let (mut weighted, mut absolute) = ([zero; NB], [zero; NB]);
                for q in 0..NB {
                    weighted[q] = p.mul(cotangent[q], value[q]);
                    absolute[q] = p.abs(value[q]);
                }
                let pairs = merged.vector_of[pairs.clone()]
                    .iter()
                    .zip(&coefficients[pairs.clone()])
                    .zip(&mut sums[pairs.clone()]);
                for ((&vector, &[c, bar]), sums) in pairs {
                    let vector = &chunk.vectors[vector];
                    let (c, bar) = (p.splat(c), p.splat(bar));
                    let [mut of_c, mut of_bar] = *sums;
                    for q in 0..NB {
                        let length = p.abs(vector[q]);
                        sum[q] = p.mul_add(vector[q], c, sum[q]);
                        size[q] = p.mul_add(length, bar, size[q]);
                        of_c = p.mul_add(weighted[q], vector[q], of_c);
                        of_bar = p.mul_add(absolute[q], length, of_bar);
                    }
                    *sums = [of_c, of_bar];
                }
                for q in 0..NB {
                    let of_size = p.mul(p.mul(penalty, p.sign(value[q])), size[q]);
                    of_words[word][q] = p.mul_add(cotangent[q], sum[q], of_size);
                }
            }
            for (i, &[before, matrix]) in merged.products.iter().enumerate().rev() {
                let of_word = of_words[1 + merged.matrices + i];
                for (to, other) in [(before, matrix), (matrix, before)] {
                    for q in 0..NB {
                        let of_factor = &mut of_words[to][q];
                        *of_factor = p.mul_add(of_word[q], chunk.words[other][q], *of_factor);
                    }
                }
            }
            let mut chunk_of_b = [zero; NB];
            for matrix in 0..merged.matrices {
                let row = member.cell_mut(of_table, matrix, 0);
                for q in 0..NB {
                    let of_matrix = of_words[1 + matrix][q];
                    if matrix < member.plain() {
                        add_at(p, row, at(q), of_matrix);
                    } else if member.damped() {
                        // P = a D with D = 1/(a² + b²): dP/da = D − 2P², dP/db = −2 b P D.
                        let b = p.splat(member.b);
                        let inverse = chunk.words[1 + matrix][q];
                        let a = load(p, member.cell(matrix, 0), at(q));
                        let size = p.mul_add(a, a, p.mul(b, b));
                        let one = p.splat(T::of(1.0));
                        let of_size = p.where_equal(size, zero, zero, p.div(one, size));
                        let twice = p.add(inverse, inverse);
                        let slope = p.neg_mul_add(twice, inverse, of_size);
                        let by_b = p.neg_mul_add(twice, p.mul(b, of_size), zero);
                        chunk_of_b[q] = p.mul_add(by_b, of_matrix, chunk_of_b[q]);
                        add_at(p, row, at(q), p.mul(slope, of_matrix));
                    } else {
                        let inverse = chunk.words[1 + matrix][q];
                        let slope = p.neg_mul_add(inverse, inverse, zero);
                        let of_a = p.mul(slope, of_matrix);
                        chunk_of_b[q] = p.add(chunk_of_b[q], of_a);
                        add_at(p, row, at(q), of_a);
                    }
                }
            }
            for of_b in chunk_of_b {
                total_of_b = p.add(total_of_b, of_b);
            }
        }
        *of_b = p.sum(total_of_b);
        // The coefficients have done their work; now they are the sums.
        for (sums, pair) in sums.iter().zip(coefficients.iter_mut()) {
            *pair = sums.map(|sum| p.sum(sum));
        }
        let mut sizes = T::pool().take_zeroed(of_w.len());
        for &(term, pair) in &merged.terms {
            [of_w[term], sizes[term]] = coefficients[pair];
        }
        of_weights(p, penalty, member.w, &sizes, of_w);
    }
}

//! The weighted sum of terms as one operation with a reverse pass of its own, on the processor.
//!
//! `op` puts it behind Burn's autodiff; the rest knows nothing of Burn. The specification is
//! [`crate::term_sum_composed`].

mod inverses;
mod lanes;
mod merged;
mod op;
mod products;

use std::sync::Arc;

use mass_lanes::{Buffer, InstructionSet, Real, dispatch_on};
use rayon::prelude::*;

use inverses::Deficient;
use merged::Merged;
pub(crate) use op::{serves, term_sum};
use products::Products;

use crate::{
    Derivatives, Error, Matrix, Term, Vector,
    plan::{Plan, position},
};

/// How the terms of a mask are evaluated.
#[derive(Debug)]
pub(crate) struct Steps {
    merged: Merged,
    products: Products,
}

/// A term that is on, by the numbers of its factors.
struct Factored {
    /// Its index in the library.
    term: usize,
    /// Its matrices, outermost first.
    matrices: Vec<usize>,
    /// Its vector.
    vector: usize,
}

impl Steps {
    /// Of the terms that are on, over these vectors and matrices.
    pub(crate) fn new(active: &[(usize, &Term)], vectors: &[Vector], matrices: &[Matrix]) -> Self {
        let terms: Vec<Factored> = active
            .iter()
            .map(|(index, term)| Factored {
                term: *index,
                matrices: term
                    .matrices
                    .iter()
                    .map(|m| position(matrices, m))
                    .collect(),
                vector: position(vectors, &term.vector),
            })
            .collect();
        Self {
            merged: Merged::new(&terms, matrices.len(), vectors.len()),
            products: Products::new(&terms, vectors.len()),
        }
    }
}

/// One weighted sum: what it reads where, and how.
#[derive(Clone)]
struct Job {
    set: InstructionSet,
    plan: Arc<Plan>,
    members: usize,
    /// Channels of the table.
    channels: usize,
    batch: usize,
    dof: usize,
    /// The first channel of each vector.
    vectors: Vec<usize>,
    /// The channels of each matrix, plain ones first, row by row.
    cells: Vec<usize>,
}

/// What the forward pass keeps for the reverse pass.
#[derive(Debug)]
struct Kept<T: Real> {
    /// For d > 1, the pseudo-inverses of each member, `[E, inverted, d², B]`.
    inverses: Buffer<T>,
    /// Those of them that have not full rank, by state.
    deficient: Vec<Vec<Deficient>>,
}

/// What a pass reads of one member.
struct Member<'a, T> {
    job: &'a Job,
    /// `[C, B]`.
    table: &'a [T],
    /// `[inverted, d², B]`.
    inverses: &'a [T],
    b: T,
    /// `[T]`.
    w: &'a [T],
    batch: usize,
    dof: usize,
}

impl<T> Member<'_, T> {
    /// Component i of a vector, `[B]`.
    #[inline(always)]
    fn vector(&self, vector: usize, i: usize) -> &[T] {
        &self.table[(self.job.vectors[vector] + i) * self.batch..][..self.batch]
    }

    /// An entry of a matrix, not inverted, `[B]`.
    #[inline(always)]
    fn cell(&self, matrix: usize, cell: usize) -> &[T] {
        let channel = self.job.cells[matrix * self.dof * self.dof + cell];
        &self.table[channel * self.batch..][..self.batch]
    }

    /// An entry of a matrix, or of the pseudo-inverse of one of those behind the plain ones, `[B]`.
    #[inline(always)]
    fn factor(&self, matrix: usize, cell: usize) -> &[T] {
        match matrix.checked_sub(self.plain()) {
            None => self.cell(matrix, cell),
            Some(inverted) => {
                let row = inverted * self.dof * self.dof + cell;
                &self.inverses[row * self.batch..][..self.batch]
            }
        }
    }

    /// The same of the cotangents of the table.
    #[inline(always)]
    fn vector_mut<'b>(&self, of_table: &'b mut [T], vector: usize, i: usize) -> &'b mut [T] {
        &mut of_table[(self.job.vectors[vector] + i) * self.batch..][..self.batch]
    }

    /// The same of the cotangents of the table.
    #[inline(always)]
    fn cell_mut<'b>(&self, of_table: &'b mut [T], matrix: usize, cell: usize) -> &'b mut [T] {
        let channel = self.job.cells[matrix * self.dof * self.dof + cell];
        &mut of_table[channel * self.batch..][..self.batch]
    }

    /// How many of the matrices are not inverted.
    #[inline(always)]
    fn plain(&self) -> usize {
        self.job.plan.plain.len()
    }

    #[inline(always)]
    fn matrices(&self) -> usize {
        self.job.plan.plain.len() + self.job.plan.inverted.len()
    }
}

impl Job {
    fn new(set: InstructionSet, plan: Arc<Plan>, derivatives: &Derivatives) -> Result<Self, Error> {
        let [members, batch, dof] = derivatives.dims();
        let known = derivatives.channels();
        let vectors = plan.vectors.iter().map(|vector| known.vector(vector));
        let vectors = vectors.collect::<Result<_, _>>()?;
        let mut cells = Vec::new();
        for base in plan.plain.iter().chain(&plan.inverted) {
            cells.extend(known.matrix(base)?);
        }
        Ok(Self {
            set,
            members,
            channels: derivatives.table().dims()[1],
            batch,
            dof,
            vectors,
            cells,
            plan,
        })
    }

    /// Numbers of the pseudo-inverses of a member.
    fn inverses(&self) -> usize {
        match self.dof {
            1 => 0,
            d => self.plan.inverted.len() * d * d * self.batch,
        }
    }

    fn member<'a, T: Real>(
        &'a self,
        index: usize,
        table: &'a [T],
        b: &[T],
        w: &'a [T],
        inverses: &'a [T],
    ) -> Member<'a, T> {
        let (size, terms) = (self.channels * self.batch, w.len() / self.members);
        Member {
            job: self,
            table: &table[index * size..][..size],
            inverses,
            b: b[index],
            w: &w[index * terms..][..terms],
            batch: self.batch,
            dof: self.dof,
        }
    }

    /// The predictions, with Σ |w t| and zeros behind them, `[E, B + 1, d]`.
    fn forward<T: Real>(&self, table: &[T], b: &[T], w: &[T], epsilon: f64) -> (Vec<T>, Kept<T>) {
        let width = (self.batch + 1) * self.dof;
        let mut out = vec![T::default(); self.members * width];
        let mut kept = Kept {
            inverses: T::pool().take(self.members * self.inverses()),
            deficient: (0..self.members).map(|_| Vec::new()).collect(),
        };
        let mut inverses = parts(&mut kept.inverses, self.members).into_iter();
        let work: Vec<_> = out
            .chunks_exact_mut(width)
            .zip(&mut kept.deficient)
            .enumerate()
            .map(|(index, (out, deficient))| {
                (index, out, inverses.next().unwrap_or_default(), deficient)
            })
            .collect();
        each(work, |(index, out, inverted, deficient)| {
            if self.dof == 1 {
                let member = self.member(index, table, b, w, &[]);
                let merged = &self.plan.steps.merged;
                return dispatch_on(
                    self.set,
                    merged::Forward {
                        merged,
                        member,
                        out,
                    },
                );
            }
            if !inverted.is_empty() {
                let member = self.member(index, table, b, w, &[]);
                *deficient = inverses::inverses(self.set, &member, epsilon, inverted);
            }
            let member = self.member(index, table, b, w, inverted);
            let products = &self.plan.steps.products;
            let pass = products::Forward {
                products,
                member,
                out,
            };
            products::dispatch(self.set, self.dof, pass);
        });
        (out, kept)
    }

    /// The cotangents of the table, b and w from those of the output, `[E, B + 1, d]`.
    fn reverse<T: Real>(
        &self,
        table: &[T],
        b: &[T],
        w: &[T],
        kept: &Kept<T>,
        cotangents: &[T],
    ) -> [Vec<T>; 3] {
        let zeros = |like: &[T]| vec![T::default(); like.len()];
        let (mut of_table, mut of_b, mut of_w) = (zeros(table), zeros(b), zeros(w));
        let width = (self.batch + 1) * self.dof;
        let work: Vec<_> = of_table
            .chunks_exact_mut(table.len() / self.members)
            .zip(&mut of_b)
            .zip(of_w.chunks_exact_mut(w.len() / self.members))
            .enumerate()
            .collect();
        each(work, |(index, ((of_table, of_b), of_w))| {
            let cotangents = &cotangents[index * width..][..width];
            let inverses = &kept.inverses[index * self.inverses()..][..self.inverses()];
            let member = self.member(index, table, b, w, inverses);
            if self.dof == 1 {
                let merged = &self.plan.steps.merged;
                dispatch_on(
                    self.set,
                    merged::Reverse {
                        merged,
                        member,
                        cotangents,
                        of_table,
                        of_b,
                        of_w,
                    },
                );
            } else {
                let products = &self.plan.steps.products;
                let pass = products::Reverse {
                    products,
                    member,
                    deficient: &kept.deficient[index],
                    cotangents,
                    of_table,
                    of_b,
                    of_w,
                };
                products::dispatch(self.set, self.dof, pass);
            }
        });
        [of_table, of_b, of_w]
    }
}

/// Equal parts, one per member; of nothing, as many empty ones.
fn parts<T>(values: &mut [T], members: usize) -> Vec<&mut [T]> {
    match values.len() / members {
        0 => Vec::new(),
        size => values.chunks_exact_mut(size).collect(),
    }
}

/// Runs every member's work, on all threads of the current pool if there are several of both.
///
/// A member is always the work of one thread, so its numbers do not depend on how many there are.
fn each<W: Send>(work: Vec<W>, run: impl Fn(W) + Send + Sync) {
    if work.len() > 1 && rayon::current_num_threads() > 1 {
        work.into_par_iter().for_each(run);
    } else {
        work.into_iter().for_each(run);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Library, Mask};

    #[test]
    fn the_released_mask_is_98_pairs() {
        let library = Library::standard();
        let plan = library.plan(&Mask::released(&library));
        // Words: the empty one, 6 matrices, 21 products of two less 3 of a matrix and its inverse.
        assert_eq!(plan.steps.merged.counts(), [25, 98]);
    }
}

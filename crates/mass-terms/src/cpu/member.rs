//! What a pass reads of one member, by the numbers of vectors and matrices.

use mass_lanes::Real;

use crate::{Inverse, op::Job};

/// What a pass reads of one member.
pub(super) struct Member<'a, T> {
    pub(super) job: &'a Job,
    /// `[C, B]`.
    pub(super) table: &'a [T],
    /// `[inverted, d², B]`.
    pub(super) inverses: &'a [T],
    pub(super) b: T,
    /// `[T]`.
    pub(super) w: &'a [T],
    pub(super) batch: usize,
    pub(super) dof: usize,
}

impl<T> Member<'_, T> {
    /// Component i of a vector, `[B]`.
    #[inline(always)]
    pub(super) fn vector(&self, vector: usize, i: usize) -> &[T] {
        &self.table[(self.job.vectors[vector] + i) * self.batch..][..self.batch]
    }

    /// An entry of a matrix, not inverted, `[B]`.
    #[inline(always)]
    pub(super) fn cell(&self, matrix: usize, cell: usize) -> &[T] {
        let channel = self.job.cells[matrix * self.dof * self.dof + cell];
        &self.table[channel * self.batch..][..self.batch]
    }

    /// An entry of a matrix, or of the pseudo-inverse of one of those behind the plain ones, `[B]`.
    #[inline(always)]
    pub(super) fn factor(&self, matrix: usize, cell: usize) -> &[T] {
        match matrix.checked_sub(self.plain()) {
            None => self.cell(matrix, cell),
            Some(inverted) => {
                let row = inverted * self.dof * self.dof + cell;
                &self.inverses[row * self.batch..][..self.batch]
            }
        }
    }

    /// An entry of (AᵀA + b² I)⁻¹ of one of the damped inverses, `[B]`.
    #[inline(always)]
    pub(super) fn gram(&self, inverted: usize, cell: usize) -> &[T] {
        let all = self.job.plan.inverted.len();
        let row = (all + inverted) * self.dof * self.dof + cell;
        &self.inverses[row * self.batch..][..self.batch]
    }

    /// Whether inverses are damped.
    #[inline(always)]
    pub(super) fn damped(&self) -> bool {
        self.job.inverse == Inverse::Damped
    }

    /// The same of the cotangents of the table.
    #[inline(always)]
    pub(super) fn vector_mut<'b>(
        &self,
        of_table: &'b mut [T],
        vector: usize,
        i: usize,
    ) -> &'b mut [T] {
        &mut of_table[(self.job.vectors[vector] + i) * self.batch..][..self.batch]
    }

    /// The same of the cotangents of the table.
    #[inline(always)]
    pub(super) fn cell_mut<'b>(
        &self,
        of_table: &'b mut [T],
        matrix: usize,
        cell: usize,
    ) -> &'b mut [T] {
        let channel = self.job.cells[matrix * self.dof * self.dof + cell];
        &mut of_table[channel * self.batch..][..self.batch]
    }

    /// How many of the matrices are not inverted.
    #[inline(always)]
    pub(super) fn plain(&self) -> usize {
        self.job.plan.plain.len()
    }

    #[inline(always)]
    pub(super) fn matrices(&self) -> usize {
        self.job.plan.plain.len() + self.job.plan.inverted.len()
    }
}

impl<'a, T: Real> Member<'a, T> {
    /// Of one member of a job's arguments.
    pub(super) fn new(
        job: &'a Job,
        index: usize,
        table: &'a [T],
        b: &[T],
        w: &'a [T],
        inverses: &'a [T],
    ) -> Self {
        let (size, terms) = (job.channels * job.batch, w.len() / job.members);
        Self {
            job,
            table: &table[index * size..][..size],
            inverses,
            b: b[index],
            w: &w[index * terms..][..terms],
            batch: job.batch,
            dof: job.dof,
        }
    }
}

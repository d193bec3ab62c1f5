//! Both passes over an ensemble, on as many threads as the pool has.

use mass_lanes::{Buffer, Real, dispatch_on};
use rayon::prelude::*;

use super::{
    inverses::{self, Deficient},
    member::Member,
    merged, products,
    steps::Steps,
};
use crate::op::Job;

/// What the forward pass keeps for the reverse pass.
#[derive(Debug)]
pub(super) struct Kept<T: Real> {
    /// For d > 1, the pseudo-inverses of each member, `[E, inverted, d², B]`.
    inverses: Buffer<T>,
    /// Those of them that have not full rank, by state.
    deficient: Vec<Vec<Deficient>>,
}

/// The predictions, with Σ |w t| and zeros behind them, `[E, B + 1, d]`.
pub(super) fn forward<T: Real>(
    job: &Job,
    table: &[T],
    b: &[T],
    w: &[T],
    epsilon: f64,
) -> (Vec<T>, Kept<T>) {
    let steps = job.plan.prepared(Steps::new);
    let width = (job.batch + 1) * job.dof;
    let mut out = vec![T::default(); job.members * width];
    let mut kept = Kept {
        inverses: T::pool().take(job.members * job.inverses()),
        deficient: (0..job.members).map(|_| Vec::new()).collect(),
    };
    let mut inverses = parts(&mut kept.inverses, job.members).into_iter();
    let work: Vec<_> = out
        .chunks_exact_mut(width)
        .zip(&mut kept.deficient)
        .enumerate()
        .map(|(index, (out, deficient))| {
            (index, out, inverses.next().unwrap_or_default(), deficient)
        })
        .collect();
    each(work, |(index, out, inverted, deficient)| {
        if job.dof == 1 {
            let member = Member::new(job, index, table, b, w, &[]);
            let merged = &steps.merged;
            return dispatch_on(
                job.set,
                merged::Forward {
                    merged,
                    member,
                    out,
                },
            );
        }
        if !inverted.is_empty() {
            let member = Member::new(job, index, table, b, w, &[]);
            *deficient = inverses::inverses(job.set, &member, epsilon, inverted);
        }
        let member = Member::new(job, index, table, b, w, inverted);
        let products = &steps.products;
        let pass = products::Forward {
            products,
            member,
            out,
        };
        products::dispatch(job.set, job.dof, pass);
    });
    (out, kept)
}

/// The cotangents of the table, b and w from those of the output, `[E, B + 1, d]`.
pub(super) fn reverse<T: Real>(
    job: &Job,
    table: &[T],
    b: &[T],
    w: &[T],
    kept: &Kept<T>,
    cotangents: &[T],
) -> [Vec<T>; 3] {
    let zeros = |like: &[T]| vec![T::default(); like.len()];
    let (mut of_table, mut of_b, mut of_w) = (zeros(table), zeros(b), zeros(w));
    let steps = job.plan.prepared(Steps::new);
    let width = (job.batch + 1) * job.dof;
    let work: Vec<_> = of_table
        .chunks_exact_mut(table.len() / job.members)
        .zip(&mut of_b)
        .zip(of_w.chunks_exact_mut(w.len() / job.members))
        .enumerate()
        .collect();
    each(work, |(index, ((of_table, of_b), of_w))| {
        let cotangents = &cotangents[index * width..][..width];
        let inverses = &kept.inverses[index * job.inverses()..][..job.inverses()];
        let member = Member::new(job, index, table, b, w, inverses);
        if job.dof == 1 {
            let merged = &steps.merged;
            dispatch_on(
                job.set,
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
            let products = &steps.products;
            let pass = products::Reverse {
                products,
                member,
                deficient: &kept.deficient[index],
                cotangents,
                of_table,
                of_b,
                of_w,
            };
            products::dispatch(job.set, job.dof, pass);
        }
    });
    [of_table, of_b, of_w]
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

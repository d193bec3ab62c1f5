//! The fused sum behind Burn's autodiff, as an extension of the flex backend.

use std::{fmt, sync::Arc};

use burn::{
    backend::{
        Backend, Dispatch, Flex,
        autodiff::{
            Autodiff,
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        flex::FlexTensor,
        tensor::FloatTensor,
    },
    tensor::{DType, Element, Tensor},
};
use mass_jet::kernel::{Memory, numbers, tensor};
use mass_lanes::{InstructionSet, Real};

use super::{Job, Kept, products::MAX_DOF};
use crate::{Derivatives, Error, TermSum, plan::Plan};

/// Whether the operation exists for these tensors.
pub(crate) fn serves(derivatives: &Derivatives) -> bool {
    derivatives.dims()[2] <= MAX_DOF
        && matches!(derivatives.dtype(), DType::F32 | DType::F64)
        && mass_jet::has_kernels(&derivatives.device())
}

/// Σ_i w_i t_i and Σ |w_i t_i| as one operation; the arguments fit and a term is on.
pub(crate) fn term_sum(
    set: InstructionSet,
    plan: Arc<Plan>,
    derivatives: &Derivatives,
    b: Tensor<1>,
    w: Tensor<2>,
) -> Result<TermSum, Error> {
    let [e, batch, _] = derivatives.dims();
    let call = Call {
        job: Arc::new(Job::new(set, plan, derivatives)?),
        keep: None,
    };
    let out = Tensor::<3>::from_dispatch(Dispatch::term_sum(
        derivatives.table().clone().into_dispatch(),
        b.into_dispatch(),
        w.into_dispatch(),
        call,
    ));
    Ok(TermSum {
        prediction: out.clone().narrow(1, 0, batch),
        activation_l1: out.slice([0..e, batch..batch + 1, 0..1]).reshape([e]),
    })
}

/// A sum, and where its forward pass leaves what the reverse pass needs, if there is to be one.
#[derive(Clone)]
pub(crate) struct Call {
    job: Arc<Job>,
    keep: Option<Memory>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call of term_sum")
    }
}

/// Sums of terms on a backend that has them as one operation.
#[backend_extension(Autodiff, Flex)]
pub(crate) trait TermOps: Backend {
    /// From a table `[E, C, B]`, b `[E]` and w `[E, T]`: the prediction, with Σ |w t| and zeros
    /// behind it, `[E, B + 1, d]`.
    fn term_sum(
        table: FloatTensor<Self>,
        b: FloatTensor<Self>,
        w: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self>;

    /// The cotangents of the table, b and w from that of the output.
    fn term_sum_backward(
        table: FloatTensor<Self>,
        b: FloatTensor<Self>,
        w: FloatTensor<Self>,
        cotangents: FloatTensor<Self>,
        call: Call,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

fn sum_of<T: Real + Element>([table, b, w]: [FlexTensor; 3], call: Call) -> FlexTensor {
    let job = &call.job;
    let (out, kept) = job.forward::<T>(numbers(&table), numbers(&b), numbers(&w), T::EPSILON);
    if let Some(keep) = call.keep {
        keep.keep(kept);
    }
    tensor(out, &[job.members, job.batch + 1, job.dof])
}

fn cotangents_of<T: Real + Element>(
    [table, b, w, cotangents]: [FlexTensor; 4],
    call: &Call,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let job = &call.job;
    let kept = call
        .keep
        .as_ref()
        .expect("a reverse pass has a memory")
        .kept::<Kept<T>>();
    let (table, w) = (numbers(&table), numbers(&w));
    let [of_table, of_b, of_w] =
        job.reverse::<T>(table, numbers(&b), w, kept, numbers(&cotangents));
    let terms = w.len() / job.members;
    (
        tensor(of_table, &[job.members, job.channels, job.batch]),
        tensor(of_b, &[job.members]),
        tensor(of_w, &[job.members, terms]),
    )
}

impl TermOps for Flex {
    fn term_sum(table: FlexTensor, b: FlexTensor, w: FlexTensor, call: Call) -> FlexTensor {
        let inputs = [table, b, w].map(|input| input.to_contiguous());
        match inputs[0].dtype() {
            DType::F64 => sum_of::<f64>(inputs, call),
            _ => sum_of::<f32>(inputs, call),
        }
    }

    fn term_sum_backward(
        table: FlexTensor,
        b: FlexTensor,
        w: FlexTensor,
        cotangents: FlexTensor,
        call: Call,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let inputs = [table, b, w, cotangents].map(|input| input.to_contiguous());
        match inputs[0].dtype() {
            DType::F64 => cotangents_of::<f64>(inputs, &call),
            _ => cotangents_of::<f32>(inputs, &call),
        }
    }
}

/// The reverse pass as Burn's autodiff calls it.
#[derive(Debug)]
struct TermBackward;

/// What it needs of the forward pass.
#[derive(Debug, Clone)]
struct TermState<B: Backend> {
    table: FloatTensor<B>,
    b: FloatTensor<B>,
    w: FloatTensor<B>,
    call: Call,
}

impl<B: TermOps> Backward<B, 3> for TermBackward {
    type State = TermState<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let cotangents = gradients.consume::<B>(&ops.node);
        let TermState { table, b, w, call } = ops.state;
        let (table, b, w) = B::term_sum_backward(table, b, w, cotangents, call);
        for (parent, gradient) in ops.parents.into_iter().zip([table, b, w]) {
            if let Some(node) = parent {
                gradients.register::<B>(node.id, gradient);
            }
        }
    }
}

impl<B: TermOps, C: CheckpointStrategy> TermOps for Autodiff<B, C> {
    fn term_sum(
        table: FloatTensor<Self>,
        b: FloatTensor<Self>,
        w: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self> {
        let nodes = [table.node(), b.node(), w.node()];
        let (table, b, w) = (
            table.into_primitive(),
            b.into_primitive(),
            w.into_primitive(),
        );
        match TermBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let call = Call {
                    keep: Some(Memory::default()),
                    ..call
                };
                let out = B::term_sum(table.clone(), b.clone(), w.clone(), call.clone());
                prep.finish(TermState { table, b, w, call }, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::term_sum(table, b, w, call)),
        }
    }

    fn term_sum_backward(
        _table: FloatTensor<Self>,
        _b: FloatTensor<Self>,
        _w: FloatTensor<Self>,
        _cotangents: FloatTensor<Self>,
        _call: Call,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        // Burn differentiates once, and `TermBackward` calls the inner backend.
        unreachable!("a reverse pass is not differentiated again")
    }
}

//! The weighted sum of terms as one operation with a reverse pass of its own: what it takes and gives,
//! and its place in Burn's autodiff.
//!
//! It knows of no processor. A backend has the operation if it implements [`TermOps`], next to its
//! kernels (`cpu/`), and is listed where the trait is declared; [`serves`] says whether it takes a
//! call. The specification is [`crate::term_sum_composed`].

use std::{fmt, sync::Arc};

use burn::{
    backend::{
        Backend, Dispatch,
        autodiff::{
            Autodiff,
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::{DType, Tensor},
};
use mass_jet::kernel::Memory;
use mass_lanes::InstructionSet;

use crate::{Derivatives, Error, Inverse, InverseShift, plan::Plan};

/// The largest d of the operation; beyond it, terms are composed of Burn's operations.
pub(crate) const MAX_DOF: usize = 16;

/// Whether the operation exists for these tensors.
pub(crate) fn serves(derivatives: &Derivatives) -> bool {
    derivatives.dims()[2] <= MAX_DOF
        && matches!(derivatives.dtype(), DType::F32 | DType::F64)
        && mass_jet::has_kernels(&derivatives.device())
}

/// Σ_i w_i t_i `[E, B, d]` and Σ |w_i t_i| `[E]` as one operation; the arguments fit and a term is on.
///
/// Kernels of the processor run with the instructions of `set`.
pub(crate) fn term_sum(
    set: InstructionSet,
    plan: Arc<Plan>,
    derivatives: &Derivatives,
    shift: InverseShift<Tensor<1>>,
    w: Tensor<2>,
) -> Result<(Tensor<3>, Tensor<1>), Error> {
    let [e, batch, _] = derivatives.dims();
    let call = Call {
        job: Arc::new(Job::new(set, plan, derivatives, shift.inverse)?),
        keep: None,
    };
    let out = Tensor::<3>::from_dispatch(Dispatch::term_sum(
        derivatives.table().clone().into_dispatch(),
        shift.b.into_dispatch(),
        w.into_dispatch(),
        call,
    ));
    Ok((
        out.clone().narrow(1, 0, batch),
        out.slice([0..e, batch..batch + 1, 0..1]).reshape([e]),
    ))
}

/// One weighted sum: what it reads where, and how.
#[derive(Clone)]
pub(crate) struct Job {
    /// What kernels of the processor run with.
    pub(crate) set: InstructionSet,
    /// How inverses are read.
    pub(crate) inverse: Inverse,
    pub(crate) plan: Arc<Plan>,
    pub(crate) members: usize,
    /// Channels of the table.
    pub(crate) channels: usize,
    pub(crate) batch: usize,
    pub(crate) dof: usize,
    /// The first channel of each vector.
    pub(crate) vectors: Vec<usize>,
    /// The channels of each matrix, plain ones first, row by row.
    pub(crate) cells: Vec<usize>,
}

impl Job {
    fn new(
        set: InstructionSet,
        plan: Arc<Plan>,
        derivatives: &Derivatives,
        inverse: Inverse,
    ) -> Result<Self, Error> {
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
            inverse,
            members,
            channels: derivatives.table().dims()[1],
            batch,
            dof,
            vectors,
            cells,
            plan,
        })
    }

    /// Numbers of the inverses of a member, and of what their reverse pass needs besides.
    pub(crate) fn inverses(&self) -> usize {
        let kept = match self.inverse {
            Inverse::Shifted => 1,
            // (AᵀA + b² I)⁻¹ behind them.
            Inverse::Damped => 2,
        };
        match self.dof {
            1 => 0,
            d => kept * self.plan.inverted.len() * d * d * self.batch,
        }
    }
}

/// A sum, and where its forward pass leaves what the reverse pass needs, if there is to be one.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) job: Arc<Job>,
    pub(crate) keep: Option<Memory>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call of term_sum")
    }
}

/// Sums of terms on a backend that has them as one operation.
#[backend_extension(Autodiff, Flex: cfg(feature = "flex"))]
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

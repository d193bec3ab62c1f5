//! The jet as one operation with a reverse pass of its own: what it takes and gives, and its place in
//! Burn's autodiff.
//!
//! It knows of no processor. A backend has the operation if it implements [`JetOps`], next to its
//! kernels (`cpu/`), and is listed where the trait is declared; [`crate::has_kernels`] says of a device
//! whether its backend does.

use burn::{
    backend::{
        Backend, Dispatch, TensorMetadata,
        autodiff::{
            Autodiff,
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::{Slice, Tensor},
};

use crate::{memory::Memory, shape::Shape};

/// The packed jets `[E, rows, B]` of networks with parameters in rows `[E, P]` at states
/// `[E, B, n]`, differentiable in both.
pub(crate) fn packed_jet(parameters: Tensor<2>, states: Tensor<3>, shape: Shape) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::scalar_jet(
        parameters.into_dispatch(),
        states.into_dispatch(),
        shape,
        None,
    ))
}

/// Jets on a backend that has them as one operation.
#[backend_extension(Autodiff, Flex: cfg(feature = "flex"))]
pub(crate) trait JetOps: Backend {
    fn scalar_jet(
        parameters: FloatTensor<Self>,
        states: FloatTensor<Self>,
        shape: Shape,
        keep: Option<Memory>,
    ) -> FloatTensor<Self>;

    /// Cotangents of the parameters `[E, P]`; with those of the states behind them in each row,
    /// `[E, P + B n]`, if asked for.
    fn scalar_jet_backward(
        parameters: FloatTensor<Self>,
        states: FloatTensor<Self>,
        cotangents: FloatTensor<Self>,
        shape: Shape,
        keep: Memory,
        of_states: bool,
    ) -> FloatTensor<Self>;
}

/// The reverse pass as Burn's autodiff calls it.
#[derive(Debug)]
struct JetBackward;

/// What it needs of the forward pass.
#[derive(Debug, Clone)]
struct JetState<B: Backend> {
    parameters: FloatTensor<B>,
    states: FloatTensor<B>,
    shape: Shape,
    keep: Memory,
}

impl<B: JetOps> Backward<B, 2> for JetBackward {
    type State = JetState<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [parameters, states] = ops.parents;
        let cotangents = gradients.consume::<B>(&ops.node);
        let state = ops.state;
        let state_shape = state.states.shape();
        let count = state.shape.parameters();
        let rows = B::scalar_jet_backward(
            state.parameters,
            state.states,
            cotangents,
            state.shape,
            state.keep,
            states.is_some(),
        );
        let members = state_shape[0];
        let cut = |from: usize, to: usize| {
            B::float_slice(
                rows.clone(),
                &[
                    Slice::from(0..members as isize),
                    Slice::from(from as isize..to as isize),
                ],
            )
        };
        if let Some(node) = &states {
            let width = state_shape[1] * state_shape[2];
            let of_states = B::float_reshape(cut(count, count + width), state_shape);
            gradients.register::<B>(node.id, of_states);
        }
        if let Some(node) = &parameters {
            let of_parameters = match states {
                Some(_) => cut(0, count),
                None => rows,
            };
            gradients.register::<B>(node.id, of_parameters);
        }
    }
}

impl<B: JetOps, C: CheckpointStrategy> JetOps for Autodiff<B, C> {
    fn scalar_jet(
        parameters: FloatTensor<Self>,
        states: FloatTensor<Self>,
        shape: Shape,
        _keep: Option<Memory>,
    ) -> FloatTensor<Self> {
        let nodes = [parameters.node(), states.node()];
        match JetBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let keep = Memory::default();
                let state = JetState::<B> {
                    parameters: parameters.into_primitive(),
                    states: states.into_primitive(),
                    shape,
                    keep: keep.clone(),
                };
                let jet = B::scalar_jet(
                    state.parameters.clone(),
                    state.states.clone(),
                    shape,
                    Some(keep),
                );
                prep.finish(state, jet)
            }
            OpsKind::UnTracked(prep) => {
                let (parameters, states) = (parameters.into_primitive(), states.into_primitive());
                prep.finish(B::scalar_jet(parameters, states, shape, None))
            }
        }
    }

    fn scalar_jet_backward(
        _parameters: FloatTensor<Self>,
        _states: FloatTensor<Self>,
        _cotangents: FloatTensor<Self>,
        _shape: Shape,
        _keep: Memory,
        _of_states: bool,
    ) -> FloatTensor<Self> {
        // Burn differentiates once, and `JetBackward` calls the inner backend.
        unreachable!("a reverse pass is not differentiated again")
    }
}

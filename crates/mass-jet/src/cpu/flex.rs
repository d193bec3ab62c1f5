//! The kernels as the operation of Burn's flex backend.

use burn::{
    backend::{Flex, TensorMetadata, flex::FlexTensor},
    tensor::{DType, Element},
};
use mass_lanes::{InstructionSet, Real};

use super::{
    ensemble::{Kept, forward, reverse},
    tensors::{numbers, tensor},
};
use crate::{memory::Memory, op::JetOps, shape::Shape};

fn jet_of<T: Real + Element>(
    parameters: &FlexTensor,
    states: &FlexTensor,
    shape: Shape,
    keep: Option<Memory>,
) -> FlexTensor {
    let [members, batch] = [states.shape()[0], states.shape()[1]];
    let set = InstructionSet::current();
    let (jets, kept) = forward::<T>(
        set,
        shape,
        numbers(parameters),
        numbers(states),
        batch,
        keep.is_some(),
    );
    if let (Some(keep), Some(kept)) = (keep, kept) {
        keep.keep(kept);
    }
    tensor(jets, &[members, shape.rows(), batch])
}

fn cotangents_of<T: Real + Element>(
    parameters: &FlexTensor,
    states: &FlexTensor,
    cotangents: &FlexTensor,
    shape: Shape,
    keep: &Memory,
    of_states: bool,
) -> FlexTensor {
    let [members, batch] = [states.shape()[0], states.shape()[1]];
    let kept = keep.kept::<Kept<T>>();
    let rows = reverse::<T>(
        shape,
        numbers(parameters),
        numbers(states),
        batch,
        kept,
        numbers(cotangents),
        of_states,
    );
    let width = rows.len() / members;
    tensor(rows, &[members, width])
}

impl JetOps for Flex {
    fn scalar_jet(
        parameters: FlexTensor,
        states: FlexTensor,
        shape: Shape,
        keep: Option<Memory>,
    ) -> FlexTensor {
        let (parameters, states) = (parameters.to_contiguous(), states.to_contiguous());
        match parameters.dtype() {
            DType::F64 => jet_of::<f64>(&parameters, &states, shape, keep),
            _ => jet_of::<f32>(&parameters, &states, shape, keep),
        }
    }

    fn scalar_jet_backward(
        parameters: FlexTensor,
        states: FlexTensor,
        cotangents: FlexTensor,
        shape: Shape,
        keep: Memory,
        of_states: bool,
    ) -> FlexTensor {
        let (p, s) = (parameters.to_contiguous(), states.to_contiguous());
        let c = cotangents.to_contiguous();
        match p.dtype() {
            DType::F64 => cotangents_of::<f64>(&p, &s, &c, shape, &keep, of_states),
            _ => cotangents_of::<f32>(&p, &s, &c, shape, &keep, of_states),
        }
    }
}

//! The kernels as the operation of Burn's flex backend.

use burn::{
    backend::{Flex, flex::FlexTensor},
    tensor::{DType, Element},
};
use mass_jet::kernel::{numbers, tensor};
use mass_lanes::Real;

use super::passes::{Kept, forward, reverse};
use crate::op::{Call, TermOps};

fn sum_of<T: Real + Element>([table, b, w]: [FlexTensor; 3], call: Call) -> FlexTensor {
    let job = &call.job;
    let (out, kept) = forward::<T>(job, numbers(&table), numbers(&b), numbers(&w), T::EPSILON);
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
        reverse::<T>(job, table, numbers(&b), w, kept, numbers(&cotangents));
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
